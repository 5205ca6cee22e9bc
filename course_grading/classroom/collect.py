"""The `course collect` command: from what a learning platform gives for download to submitted/STUDENT/LESSON/."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from course_grading.classroom.archives import Entry, Refused, entries, whole
from course_grading.classroom.formats import Piece, attempt_of, recognise
from course_grading.classroom.roster import Roster, Student, read_roster
from course_grading.grading.times import STAMP, Records, noted
from course_grading.places import course_root, short_name
from course_grading.terminal import console, foreign
from course_utils.errors import CourseError, did_you_mean

if TYPE_CHECKING:
    from course_grading.course import Course

EARLIER = ".earlier"  # in submitted/: hand-ins that a newer one has replaced
NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
LONGEST = 60  # characters of a name in a table


def collect(
    lesson: Annotated[str, typer.Argument(help="The lesson that was handed in, such as kernels.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Zips, folders or notebooks, as the platform gave them.")
    ],
    roster: Annotated[
        Path | None, typer.Option(help="The class, as your platform exports it. [default: roster.csv, if there is one]")
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option(metavar="FILE=STUDENT", help="Whose a file is; may be given again.")
    ] = None,
) -> None:
    """Put what students handed in where `course grade` finds it, from a download of Canvas, Moodle, Gradescope, Google
    Drive or GitHub Classroom, or from folders.

    The newest attempt counts, and what a newer one replaces is kept in submitted/.earlier/. The same command with the
    next download of the same class adds what is new.
    """
    from course_grading.course import Course  # here, as nbgrader takes seconds to import

    out = console()
    here = Path.cwd()
    course = Course(here if (here / "nbgrader_config.py").is_file() else course_root())
    result = collected(course, lesson, files, roster, _placed(place or ()), out)
    _show(result, out)
    if result.unplaced:
        raise typer.Exit(1)


@dataclass
class HandIn:
    """What one student handed in for the lesson: the files to keep, by where they go."""

    files: dict[str, Entry]
    when: datetime | None
    attempt: int
    late: bool
    origin: str
    student: str = ""
    name: str = ""  # of the student, where the platform tells
    by_hand: bool = False


@dataclass
class Collected:
    """What became of a download."""

    lesson: str
    platforms: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)  # student → "new", "newer", "as before" or "older"
    late: list[str] = field(default_factory=list)
    unplaced: list[Refused] = field(default_factory=list)
    missing: list[Student] = field(default_factory=list)
    roster: Roster | None = None


def collected(
    course: Course,
    lesson: str,
    sources: Sequence[Path],
    roster: Path | None = None,
    placed: dict[str, str] | None = None,
    out: Any = None,
) -> Collected:
    """Put the hand-ins of some downloads into submitted/. Raises CourseError where a download cannot be read at all."""
    lesson = course.find_lesson(lesson)
    default = course.root / "roster.csv"
    known = read_roster(roster or default) if roster or default.is_file() else None
    result = Collected(lesson, roster=known)
    pieces: list[tuple[Piece, str]] = []
    used: set[str] = set()
    for source in sources:
        found, refused = entries(source)
        result.unplaced += refused
        opened: list[Entry] = []
        for each in whole(found):
            if isinstance(each, Refused):
                result.unplaced.append(each)
            else:
                opened.append(each)
        by_platform = recognise(opened, source)
        result.platforms.append(by_platform.platform)
        for piece in by_platform.pieces:
            pieces.append((piece, _by_hand(piece.entry, placed, used, known)))
        for entry in by_platform.nobodys:
            _place_nobodys(entry, _by_hand(entry, placed, used, known), known, pieces, result)
    if unused := set(placed or ()) - used:
        raise CourseError(f"No file of the download is called {sorted(unused)[0]}, which --place names.")
    hand_ins = list(_by_student(course, lesson, pieces, known, result))
    submitted = course.folder("submitted", "x", lesson).parents[1]
    submitted.mkdir(parents=True, exist_ok=True)
    records = Records(submitted)
    try:
        for hand_in in _with_progress(hand_ins, out):
            result.states[hand_in.student] = _put(course, lesson, hand_in, records, submitted)
            if hand_in.late:
                result.late.append(hand_in.student)
    finally:
        records.write()
    if known:
        result.missing = [each for each in known.students if not course.folder("submitted", each.id, lesson).is_dir()]
    return result


def _placed(options: Iterable[str]) -> dict[str, str]:
    """--place options: file → student."""
    chosen = {}
    for option in options:
        file, sign, student = option.rpartition("=")
        if not (sign and file.strip() and student.strip()):
            raise CourseError(
                f"--place wants FILE=STUDENT, such as --place \"kernels (2).ipynb=4321\", not '{option}'."
            )
        chosen[file.strip()] = student.strip()
    return chosen


def _by_hand(entry: Entry, placed: dict[str, str] | None, used: set[str], roster: Roster | None) -> str:
    """The student that --place gives this file to; empty where it gives it to nobody."""
    for file, student in (placed or {}).items():
        if file in (str(entry.path), entry.path.name, *(str(parent) for parent in entry.path.parents)):
            used.add(file)
            if roster is None:
                return student
            people = [each for each in [roster.by_id(student)] if each] or roster.by_name(student)
            if len(people) != 1:
                everybody = [key for each in roster.students for key in (each.id, each.name)]
                near = did_you_mean(student, everybody) if len(everybody) <= 20 else ""
                raise CourseError(f"--place names '{student}', who is not in the roster{near}.")
            return people[0].id
    return ""


def _place_nobodys(
    entry: Entry, student: str, roster: Roster | None, pieces: list[tuple[Piece, str]], result: Collected
) -> None:
    """Place a file that belongs to nobody by its platform's rules: by hand, or by a name of the roster in its own."""
    file = PurePosixPath(entry.path.name)
    attempt = attempt_of(file.name)[1]
    people = roster.named_in(str(entry.path)) if roster else []
    if student or len(people) == 1:
        pieces.append((Piece(entry, "", file, attempt=attempt, when=entry.when), student or people[0].id))
    elif _is_notebook(file):
        why = "whose it is cannot be said: neither its name nor its folder tells"
        if len(people) > 1:
            why = f"it may be of {' or of '.join(each.name for each in people[:3])}"
        result.unplaced.append(Refused(str(entry.path), why))


def _by_student(
    course: Course, lesson: str, pieces: Sequence[tuple[Piece, str]], roster: Roster | None, result: Collected
) -> Iterator[HandIn]:
    """The hand-ins: whose each is, and of several attempts the newest."""
    of_student: dict[str, list[Piece]] = {}
    names: dict[str, str] = {}
    for piece, by_hand in pieces:
        student, why = (by_hand, "") if by_hand else _whose(piece, roster)
        if why:
            if _is_notebook(piece.file):
                result.unplaced.append(Refused(str(piece.entry.path), why))
            continue
        of_student.setdefault(student, []).append(piece)
        names[student] = names.get(student) or piece.name
    chosen = {student for _, student in pieces if student}
    for student, theirs in of_student.items():
        if student in chosen:  # what is placed by hand counts, whatever else there is
            theirs = [piece for piece, by_hand in pieces if by_hand == student]
        hand_in, why = _newest(course, lesson, theirs)
        if hand_in is None:
            result.unplaced.append(Refused(str(theirs[0].entry.path), why))
        else:
            hand_in.student, hand_in.name, hand_in.by_hand = student, names[student], student in chosen
            yield hand_in


def _whose(piece: Piece, roster: Roster | None) -> tuple[str, str]:
    """The student's id, or why it cannot be told."""
    if roster is None:
        return _folder_name(piece.key), ""
    if student := roster.by_id(piece.key, *piece.ids):
        return _folder_name(student.id), ""
    people = roster.by_name(piece.name or piece.key)
    if len(people) == 1:
        return _folder_name(people[0].id), ""
    if people:
        return "", f"{len(people)} students are called {people[0].name}: say which one it is of"
    return "", f"{piece.name or piece.key} is not in the roster"


def _folder_name(key: str) -> str:
    """A student's id as the name of a folder: without what would lead elsewhere, hide it, or is too long for a disk."""
    name = "".join("-" if char in '/\\:*?"<>|' or not char.isprintable() else char for char in key).strip().lstrip(".")
    return name.encode()[:120].decode("utf-8", "ignore") or "nameless"


def _newest(course: Course, lesson: str, pieces: Sequence[Piece]) -> tuple[HandIn | None, str]:
    """The files of a student's newest attempt, or why there is none."""
    wanted = _notebooks_of(course, lesson)
    others = {name: other for other in course.lessons() if other != lesson for name in _notebooks_of(course, other)}
    chosen: dict[str, Piece] = {}
    elsewhere = ""
    for piece in sorted(pieces, key=lambda piece: (piece.attempt, piece.when or datetime.min.replace(tzinfo=UTC))):
        place = _place_in(course, lesson, piece.file)
        if place is None or place.name == STAMP:
            continue
        if _is_notebook(place):
            name = attempt_of(_as_notebook(place.name))[0]
            if (other := others.get(name.casefold())) and name.casefold() not in wanted:
                elsewhere = f"it is the notebook of {other}"
                continue
            place = place.with_name(wanted.get(name.casefold(), _as_notebook(place.name)))
            if place.name in wanted.values():
                place = PurePosixPath(place.name)  # wherever in a zip or a folder of theirs it lies
        chosen[str(place)] = piece
    notebooks = [place for place in chosen if place.endswith(".ipynb")]
    if not notebooks:
        return None, elsewhere or "there is no notebook in it"
    first = chosen[next((place for place in notebooks if place in wanted.values()), notebooks[-1])]
    files = {place: piece.entry for place, piece in chosen.items()}
    late = any(piece.late for piece in chosen.values())
    return HandIn(files, first.when, first.attempt, late, str(first.entry.path)), ""


def _place_in(course: Course, lesson: str, file: PurePosixPath) -> PurePosixPath | None:
    """Where a file goes below submitted/STUDENT/LESSON/; None for what lies in the folder of another lesson."""
    first, *below = file.parts
    if below and first in course.lessons():
        return PurePosixPath(*below) if first == lesson else None
    if any(part.startswith(".") for part in file.parts):
        return None
    return file


def _notebooks_of(course: Course, lesson: str) -> dict[str, str]:
    """The names of a lesson's notebooks, by themselves in small letters."""
    return {path.name.casefold(): path.name for path in course.folder("source", ".", lesson).glob("*.ipynb")}


def _is_notebook(file: PurePosixPath) -> bool:
    return file.name.lower().endswith(NOTEBOOK_ENDINGS)


def _as_notebook(name: str) -> str:
    """A notebook's name with the ending that it lost or got on its way."""
    ending = next(end for end in (".ipynb.txt", ".ipynb.json", ".ipynb", ".json") if name.lower().endswith(end))
    return name[: -len(ending)] + ".ipynb"


def _put(course: Course, lesson: str, hand_in: HandIn, records: Records, submitted: Path) -> str:
    """Put a hand-in into its place, whole or not at all; returns what became of it."""
    from course_grading.grading.handed_in import fingerprint  # here, as it imports nbgrader

    place = course.folder("submitted", hand_in.student, lesson)
    before = records.of(lesson, hand_in.student)
    if before and place.is_dir() and not hand_in.by_hand and _is_older(hand_in, before):
        return "older"
    staged = Path(mkdtemp(prefix=".collecting-", dir=submitted))
    try:
        folder = staged / "hand-in"
        for path, entry in hand_in.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(entry.read())
        if hand_in.when:
            (folder / STAMP).write_text(hand_in.when.strftime("%Y-%m-%d %H:%M:%S.%f UTC\n"))
        record = {"at": noted(hand_in.when), "attempt": hand_in.attempt, "late": hand_in.late, "file": hand_in.origin}
        records.note(lesson, hand_in.student, record | ({"name": hand_in.name} if hand_in.name else {}))
        if place.is_dir():
            if fingerprint(place) == fingerprint(folder):
                return "as before"
            kept = submitted / EARLIER / hand_in.student / lesson
            kept.mkdir(parents=True, exist_ok=True)
            os.rename(place, kept / str(1 + sum(1 for _ in kept.iterdir())))
            state = "newer"
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            state = "new"
        os.rename(folder, place)
        return state
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _is_older(hand_in: HandIn, before: dict[str, Any]) -> bool:
    """Whether something newer is there already."""
    when = datetime.fromisoformat(before["at"]) if before.get("at") else None
    if before.get("attempt", 0) != hand_in.attempt:
        return hand_in.attempt < before.get("attempt", 0)
    return bool(when and hand_in.when and hand_in.when < when)


def _with_progress(hand_ins: Sequence[HandIn], out: Any) -> Iterator[HandIn]:
    if out is None:
        yield from hand_ins
        return
    columns = (TextColumn("Collecting"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        yield from progress.track(hand_ins)


def _show(result: Collected, out: Any) -> None:
    """Print a row for each file that could not be placed, who is missing, and a summary."""
    if result.unplaced:
        table = Table("File", "Why it is not placed", box=None, header_style="bold", pad_edge=False)
        for each in sorted(result.unplaced, key=lambda each: each.path):
            table.add_row(foreign(each.path, LONGEST), foreign(each.why))
        out.print(table)
        out.print(f'Place one by hand: course collect {short_name(result.lesson)} FILE… --place "FILE=STUDENT"')
        out.print()
    if result.missing:
        names = ", ".join(foreign(each.name or each.id, LONGEST) for each in result.missing[:30])
        more = f" and {len(result.missing) - 30} more" if len(result.missing) > 30 else ""
        out.print(f"Nothing from {names}{more}.", soft_wrap=True)
    out.print(summary(result), soft_wrap=True)


def summary(result: Collected) -> str:
    """The last line: what was found, and what became of it."""
    counts = Counter(result.states.values())
    words = {
        "new": "new",
        "newer": "newer than before (the earlier is in submitted/.earlier)",
        "as before": "as before",
        "older": "older than what is here, and left out",
    }
    parts = [f"{counts[state]} {text}" for state, text in words.items() if counts[state]] or ["nothing to collect"]
    if result.late:
        parts.append(f"{len(result.late)} late by the platform's word")
    if result.unplaced:
        parts.append(f"{len(result.unplaced)} not placed")
    if result.roster:
        handed_in = len(result.roster.students) - len(result.missing)
        parts.append(f"{handed_in} of {len(result.roster.students)} of the roster have handed in")
    return f"{result.lesson}, {' and '.join(dict.fromkeys(result.platforms))}: {', '.join(parts)}."


__all__ = ["Collected", "collect", "collected", "summary"]
