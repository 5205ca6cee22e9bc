"""The class: a CSV as Canvas, Moodle or Gradescope export it, or any table with a column of ids and one of names."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course_utils.errors import CourseError

# Columns of ids. The first that is there names the folder: Moodle's "Participant 77" is another in each assignment.
IDS = (
    *("id", "student id", "sid", "username", "user name", "sis login id", "login", "github_username"),
    *("id number", "email address", "email", "sis user id", "integration id", "roster_identifier", "identifier"),
)
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
        self.students = list(students)
        self._by_id = {key.casefold(): each for each in self.students for key in each.ids}
        self._by_name: dict[frozenset[str], list[Student]] = {}
        for each in self.students:
            self._by_name.setdefault(words(each.name), []).append(each)

    def by_id(self, *ids: str) -> Student | None:
        return next((self._by_id[key.casefold()] for key in ids if key.casefold() in self._by_id), None)

    def by_name(self, name: str) -> list[Student]:
        """All of this name, in whatever order its parts are and with or without accents; Canvas writes it as one."""
        found = self._by_name.get(words(name), [])
        if not found and name:
            run = _run(name)
            found = [each for each in self.students if run in (_run(each.name), _run(" ".join(_turned(each.name))))]
        return found

    def named_in(self, text: str) -> list[Student]:
        """All whose whole name, or an id, is part of a text such as a file's name."""
        parts = words(text)
        return [
            each
            for each in self.students
            if words(each.name) <= parts or any(len(key) > 3 and words(key) <= parts for key in each.ids)
        ]


def words(name: str) -> frozenset[str]:
    """The words of a name without accents and case: "Lee, Ann" is "ann lee"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset(re.findall(r"\w+", plain.replace("_", " ")))


def _run(name: str) -> str:
    """The letters of a name alone, as Canvas runs them together: "leeann"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in plain if char.isalnum())


def _turned(name: str) -> list[str]:
    """Family name first."""
    *first, last = name.replace(",", " ").split() or [""]
    return [last, *first]


def read_roster(path: Path) -> Roster:
    """The class from a CSV. Raises CourseError with what is missing in it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_bytes().decode("cp1252", "replace")
    except OSError as error:
        raise CourseError(f"The roster {path} cannot be read ({error.strerror}).") from None
    rows = list(csv.DictReader(io.StringIO(text), dialect=_dialect(text)))
    columns = {name.strip().casefold(): name for name in (rows[0] if rows else {}) if name}
    if not any(name in columns for name in IDS):
        raise CourseError(
            f"The roster {path} has no column of ids (such as ID, SIS Login ID, ID number, Email address): "
            "export it from your platform again, or write a table with the columns id and name."
        )
    students = []
    for row in rows:
        ids = [row[columns[name]].strip() for name in IDS if name in columns and row[columns[name]]]
        first, last = (_first_of(row, columns, names) for names in (FIRST, LAST))
        name = _first_of(row, columns, FULL_NAME) or f"{first} {last}".strip()
        ids = [each for each in ids if each]
        if ids and not _is_no_student(name):
            students.append(
                Student(ids[0].removeprefix("Participant ").strip(), _in_order(name), tuple(dict.fromkeys(ids)))
            )
    if not students:
        raise CourseError(f"The roster {path} names nobody: export it from your platform again.")
    return Roster(students)


def _dialect(text: str) -> type[csv.Dialect] | csv.Dialect:
    try:
        return csv.Sniffer().sniff(text.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        return csv.excel


def _first_of(row: dict[str, str], columns: dict[str, str], names: Iterable[str]) -> str:
    return next((row[columns[name]].strip() for name in names if name in columns and row[columns[name]]), "")


def _is_no_student(name: str) -> bool:
    """Rows of Canvas's own: the points possible, and the student that teachers look through."""
    return name.strip() == "Points Possible" or name.strip() in ("Student, Test", "Test Student")


def _in_order(name: str) -> str:
    """First name first: Canvas writes "Lee, Ann"."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else name.strip()
