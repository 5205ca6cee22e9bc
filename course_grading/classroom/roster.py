"""The class: a CSV as Canvas, Moodle or Gradescope export it, or any table with a column of ids and one of names."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from course_utils.errors import CourseError, did_you_mean

# Columns of ids. The first that is there names the folder: Moodle's "Participant 77" is another in each assignment.
IDS = (
    *("id", "student id", "sid", "username", "user name", "sis login id", "login", "github_username"),
    *("id number", "email address", "email", "sis user id", "integration id", "roster_identifier", "identifier"),
)
# Moodle writes its tables in the language of whoever exports them: these columns as its translators call them.
TRANSLATED = {
    "id number": "id-nummer, matrikelnummer, numéro d’identification, numéro d'identification, número de id, numero id,"
    "codice identificativo, número de identificação, número de identificación, numer id",
    "email address": "e-mail-adresse, e-mailadresse, e-mailadres, adresse de courriel, adresse e-mail, courriel,"
    "dirección de correo, dirección email, correo electrónico, indirizzo email, endereço de e-mail, endereço de email,"
    "adres e-mail, e-postadress, メールアドレス",
    "full name": "vollständiger name, nom complet, volledige naam, nombre completo, nome completo, nome,"
    "imię i nazwisko, fullständigt namn, 姓名, フルネーム",
    "first name": "vorname, prénom, voornaam, nombre, nome proprio, imię, förnamn",
    "last name": "nachname, nom, nom de famille, achternaam, apellido(s), apellidos, cognome, sobrenome,"
    "apelido, nazwisko, efternamn",
    "grade": "bewertung, note, cijfer, calificación, valutazione, nota, ocena, betyg, 成绩, 評点",
    "maximum grade": "bestwertung, beste bewertung, note maximale, maximale cijfer, maximumcijfer, calificación máxima,"
    "valutazione massima, voto massimo, nota máxima, maksymalna ocena, maxbetyg",
}
CANONICAL = {name.strip(): canonical for canonical, names in TRANSLATED.items() for name in names.split(",")}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods, and .xls, begin
SAID = re.compile(r'"?sep=(.)"?[ \t]*(?:\r?\n|\r|\Z)')  # a first line by which Excel is told the delimiter
PARTICIPANT = re.compile(r"\D*[^\W\d]\s*(\d+)")  # "Participant 77", in German "Teilnehmer/in77"
FULL_NAME = ("student", "full name", "name", "display name")
FIRST, LAST = ("first name", "firstname", "given name"), ("last name", "surname", "lastname", "family name")


@dataclass(frozen=True)
class Student:
    """One of the class: `id` names the folder; `ids` are all that a platform may call them by."""

    id: str
    name: str
    ids: tuple[str, ...]


class Roster:
    """The class, and who is meant by an id or a name."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = list({each.id: each for each in students}.values())
        self._by_id: dict[str, dict[str, Student]] = {}
        self._by_name: dict[frozenset[str], list[Student]] = {}
        for each in self.students:
            for key in each.ids:
                self._by_id.setdefault(_plain(key), {})[each.id] = each
            self._by_name.setdefault(words(each.name), []).append(each)

    def by_id(self, *ids: str) -> Student | None:
        """Whose one of these ids is; an id of two students is nobody's, unless it is written just so."""
        for key in ids:
            found = list(self._by_id.get(_plain(key), {}).values())
            if len(found) > 1:
                found = [each for each in found if key in each.ids]
            if len(found) == 1:
                return found[0]
        return None

    def by_name(self, name: str) -> list[Student]:
        """All of this name, in whatever order its parts are and with or without accents; Canvas writes it as one."""
        found = self._by_name.get(words(name), [])
        if not found and name:
            run = _run(name)
            found = [each for each in self.students if run in (_run(each.name), _run(" ".join(_turned(each.name))))]
        return found

    def one_of(self, student: str, option: str) -> Student:
        """Whom an instructor means by an id or a name. Raises CourseError where that is nobody, or more than one."""
        people = [each for each in [self.by_id(student)] if each] or self.by_name(student)
        if len(people) > 1:
            ids = " or ".join(each.id for each in people)
            raise CourseError(f"{option} names '{student}', and {len(people)} are called so: say which, {ids}.")
        if not people:
            everybody = [key for each in self.students for key in (each.id, each.name)]
            near = did_you_mean(student, everybody) if len(everybody) <= 20 else ""
            raise CourseError(f"{option} names '{student}', who is not in the roster{near}.")
        return people[0]

    def named_in(self, text: str, besides: Iterable[str] = ()) -> list[Student]:
        """All whose whole name, or an id, is part of a text such as a file's name. "Ann Lee-Meyer" is not Ann Lee; what
        may hang on a name are numbers and the words `besides`."""
        parts, free = words(text), frozenset(besides)
        joined = (char if _in_words(char) or char in "-'’" else " " for char in _without_accents(text))
        chunks = [words(chunk) for chunk in "".join(joined).split()]

        def is_in(name: frozenset[str]) -> bool:
            others = (chunk - name - free for chunk in chunks if chunk & name)
            return bool(name) and name <= parts and all(word.isdigit() for rest in others for word in rest)

        def is_told(key: str) -> bool:  # not a year, nor what is short enough to occur by chance
            return len(key) > 4 or (len(key) == 4 and not key.isdigit())

        return [
            each
            for each in self.students
            if is_in(words(each.name)) or any(is_told(key) and words(key) <= parts for key in each.ids)
        ]


def words(name: str) -> frozenset[str]:
    """The words of a name without accents and case: "Lee, Ann" is "ann lee"."""
    return frozenset("".join(char if _in_words(char) else " " for char in _without_accents(name)).split())


def _run(name: str) -> str:
    """The letters of a name alone, as Canvas runs them together: "leeann"."""
    return "".join(filter(_in_words, _without_accents(name)))


def _without_accents(name: str) -> str:
    """A name in small letters, without the marks on Latin and Greek letters; in other scripts marks are letters."""
    plain, kept = unicodedata.normalize("NFKD", name).casefold(), []
    accented = False
    for char in plain:
        if unicodedata.category(char).startswith("M") and accented:
            continue
        accented = unicodedata.name(char, "").startswith(("LATIN", "GREEK"))
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _in_words(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _plain(key: str) -> str:
    """An id as it is compared: macOS takes letters and their accents apart."""
    return unicodedata.normalize("NFC", key).casefold()


def _turned(name: str) -> list[str]:
    """Family name first."""
    *first, last = name.replace(",", " ").split() or [""]
    return [last, *first]


def folder_name(key: str) -> str:
    """A student's id as the name of a folder: without what would lead elsewhere, hide it, or is too long for a disk.
    What had to be changed ends in a hash, so that "a:b" and "a?b" have a folder each."""
    key = unicodedata.normalize("NFC", key)
    name = (
        "".join("-" if char in '/\\:*?"<>|[]' or not char.isprintable() else char for char in key).strip().lstrip(".")
    )
    name = name.encode("utf-8", "replace")[:120].decode("utf-8", "ignore")
    if name == key:
        return name
    return f"{name or 'nameless'}-{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=3).hexdigest()}"


def read_table(path: Path) -> list[list[str]]:
    """The rows of a CSV, whatever its delimiter and encoding are; none where it is empty. Raises CourseError where it
    cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"The table {path} cannot be read ({error.strerror}).") from None
    text = _decoded(data)
    if data.startswith(WORKBOOKS) or "\0" in text:
        raise CourseError(f"The table {path} is no text but a spreadsheet's own file: save it as CSV, and give that.")
    said = SAID.match(text)
    try:
        text, delimiter = (text[said.end() :], said[1]) if said else (text, _delimiter(text))
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise CourseError(f"{path} is no table ({error}): export it again as CSV.") from None


def _decoded(data: bytes) -> str:
    """Spreadsheets write UTF-16 with its mark, or the code page of Windows, where they do not write UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for codec, high in (("utf-16-le", data[1:400:2]), ("utf-16-be", data[:400:2])):
        if high.count(0) * 2 > len(high):  # most letters of a table are Latin ones
            return data.decode(codec, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def columns_of(rows: Sequence[Sequence[str]]) -> list[str]:
    """What the columns of a platform's table hold, in small letters and English, in whatever language it is written."""
    names = [name.strip().casefold() for name in rows[0]] if rows else []
    first = [row[0].strip() for row in rows[1:] if row]
    english = [CANONICAL.get(name, name) for name in names]
    # Moodle's grading worksheet is known by the numbers that it gives to everybody: in German their column is "ID".
    numbered = [PARTICIPANT.fullmatch(cell) for cell in first if cell]
    if "grade" in english and any("(" in name for name in names) and numbered and all(numbered):
        return ["identifier", *english[1:]]
    return names if any(name in IDS for name in names) else english


def read_roster(path: Path) -> Roster:
    """The class from a CSV. Raises CourseError with what is missing in it."""
    return roster_of(read_table(path), path)


def roster_of(rows: Sequence[Sequence[str]], path: Path) -> Roster:
    """The class from the rows of a table. Raises CourseError with what is missing in it."""
    names = columns_of(rows)
    if not any(name in IDS for name in names):
        raise CourseError(
            f"The roster {path} has no column of ids (such as ID, SIS Login ID, ID number, Email address): "
            "export it from your platform again, or write a table with the columns id and name."
        )
    students: dict[str, Student] = {}
    for cells in rows[1:]:
        row = {name: cell.strip() for name, cell in reversed(list(zip(names, cells, strict=False)))}
        ids = [row[name] for name in IDS if row.get(name)]
        if participant := PARTICIPANT.fullmatch(row.get("identifier", "")):
            ids.append(f"Participant {participant[1]}")  # as `formats` calls whom Moodle names by a number
        first, last = (_first_of(row, names) for names in (FIRST, LAST))
        name = _first_of(row, FULL_NAME) or f"{first} {last}".strip()
        if not ids or is_no_student(name):
            continue
        key = participant[1] if participant and ids[0] == row["identifier"] else ids[0]
        student = Student(key, _in_order(name), tuple(dict.fromkeys(ids)))
        if students.setdefault(key, student).name != student.name:
            raise CourseError(
                f"Two students of the roster {path} have the id {key}, {students[key].name} and {student.name}: "
                "give each one of their own, or take out that column."
            )
    if not students:
        raise CourseError(f"The roster {path} names nobody: export it from your platform again.")
    return Roster(students.values())


def _delimiter(text: str) -> str:
    """The one by which the first line has the most columns that platforms know; a comma may be part of a name there."""
    known = {*FULL_NAME, *FIRST, *LAST, *CANONICAL, *TRANSLATED, "identifier", "status", "section"}

    def columns(delimiter: str) -> tuple[int, int]:
        first = csv.reader(io.StringIO(text.partition("\n")[0], newline=""), delimiter=delimiter)
        names = [CANONICAL.get(name, name) for row in first for name in (cell.strip().casefold() for cell in row)]
        return sum(name in IDS for name in names), sum(name in known for name in names)

    return max(",;\t", key=columns)


def _first_of(row: dict[str, str], names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def is_no_student(name: str) -> bool:
    """Rows of Canvas's own: the points possible, and the student that teachers look through."""
    return name.strip().casefold() in ("points possible", "student, test", "test student")


def _in_order(name: str) -> str:
    """First name first: Canvas writes "Lee, Ann"."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else name.strip()
