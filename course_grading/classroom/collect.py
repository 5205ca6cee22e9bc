"""The `course collect` command: from what a learning platform gives for download to submitted/STUDENT/LESSON/."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from course_grading.classroom.archives import LARGEST_FILE, Entry, Refused, entries, whole
from course_grading.classroom.formats import Piece, Sorted, attempt_of, number_in, of_refused, recognise
from course_grading.classroom.roster import Roster, Student, folder_name, read_roster, words
from course_grading.grading.times import STAMP, Records, alone_in, noted
from course_grading.places import short_name
from course_grading.terminal import console, foreign, listed
from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_grading.course import Course

EARLIER = ".earlier"  # in submitted/: hand-ins that a newer one has replaced
NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")
PACKED = (".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".crdownload", ".part")  # what nobody here can open
ARCHIVES = (".zip", *PACKED[:-2])  # a zip here is one in a zip
WITH_FOLDERS = ("folders", "GitHub Classroom", "Gradescope")  # beside whose folders anything may lie
OF_COPIES = frozenset(["copy", "of", "kopie", "von", "van", "copia", "di", "de", "copie", "ipynb", "final"])
STAYS = ("as before", "older", "edited")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
LONGEST = 60  # characters of a name in a list
MOST_TOLD = 30  # files that do not count
LARGEST_HAND_IN = 200 << 20  # bytes, unpacked: all that one student handed in
OF_A_NAME = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EILSEQ)


def collect(
    lesson: Annotated[str, typer.Argument(help="The lesson that was handed in, such as kernels.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Zips, folders or notebooks, as the platform gave them.")
    ],
    roster: Annotated[
        Path | None,
        typer.Option(help="The class, as your platform exports it.", show_default="roster.csv, if there is one"),
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option(metavar="FILE=STUDENT", help="Whose a file is; may be given again.")
    ] = None,
    late: Annotated[
        list[str] | None, typer.Option(metavar="STUDENT", help="Who was late, by your word; may be given again.")
    ] = None,
) -> None:
    """Put what students handed in where `course grade` finds it, from a download of Canvas, Moodle, Gradescope, Google
    Drive or GitHub Classroom, or from folders.

    The newest attempt counts, and what a newer one replaces is kept in submitted/.earlier/. The same command with the
    next download of the same class adds what is new.
    """
    from course_grading.course import here  # not above, as nbgrader takes seconds to import

    out = console()
    course = here()
    result = collected(course, lesson, files, roster, _placed(place or ()), out, late or ())
    _show(result, out)
    if result.unplaced:
        raise typer.Exit(1)


@dataclass
class HandIn:
    """What one student handed in for the lesson: the files to keep, by where they go."""

    files: dict[str, Entry]
    when: datetime | None
    serial: int | None
    late: bool | None
    origin: str
    platform: str
    student: str = ""
    number: str = ""  # what the student's folder would be called without a roster
    late_by_hand: bool = False
    name: str = ""  # of the student, where the platform tells
    by_hand: bool = False


@dataclass
class Collected:
    """What became of a download."""

    lesson: str
    platforms: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)  # student → "new", "newer", "as before", "older" or "edited"
    late: list[str] = field(default_factory=list)
    timeless: list[str] = field(default_factory=list)  # of whom nobody says when they handed in
    anonymous: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)  # ids that cannot name a folder → the folder
    moved: dict[str, str] = field(default_factory=dict)  # folders of before there was a roster → that of its id
    twice: dict[str, str] = field(default_factory=dict)  # … which could not be moved, as both are in use
    unplaced: list[Refused] = field(default_factory=list)
    unusable: dict[str, dict[str, Any]] = field(default_factory=dict)  # student → what to note of such a hand-in
    passed_over: list[tuple[str, str]] = field(default_factory=list)  # of two files of a student: what counts, what not
    missing: list[Student] = field(default_factory=list)
    roster: Roster | None = None


def collected(
    course: Course,
    lesson: str,
    sources: Sequence[Path],
    roster: Path | None = None,
    placed: Mapping[str, Sequence[str]] | None = None,
    out: Any = None,
    late: Iterable[str] = (),
) -> Collected:
    """Put the hand-ins of some downloads into submitted/. Raises CourseError where a download cannot be read at all."""
    lesson = course.find_lesson(lesson)
    default = course.root / "roster.csv"
    known = read_roster(roster or default) if roster or default.is_file() else None
    result = Collected(lesson, roster=known)
    downloads = [_read(course, source, result) for source in _in_order(sources)]
    by_hand = _placed_by_hand([entry for download in downloads for entry in download.entries()], placed or {}, known)
    hand_ins = [
        hand_in for download in downloads for hand_in in _by_student(course, lesson, download, by_hand, known, result)
    ]
    _mark_late(hand_ins, late, known)
    submitted = course.folder("submitted", "x", lesson).parents[1]
    try:
        submitted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{submitted} cannot be a folder of hand-ins: {error.strerror}.") from None
    with alone_in(submitted):
        records = Records(submitted)
        try:
            if known:
                _under_one_id(course, lesson, known, hand_ins, records, result)
            for hand_in in _with_progress(hand_ins, out):
                _take(course, lesson, hand_in, records, submitted, result)
            _forget_unusable(lesson, hand_ins, records)
            for student, record in result.unusable.items():
                if not course.folder("submitted", student, lesson).is_dir():
                    records.note(lesson, student, record)
        finally:
            records.write()
    if known and not result.anonymous:
        here = (course.folder("submitted", folder_name(each.id), lesson) for each in known.students)
        result.missing = [each for each, folder in zip(known.students, here, strict=True) if not folder.is_dir()]
    return result


def _in_order(sources: Sequence[Path]) -> list[Path]:
    """Downloads from the oldest to the newest: as they are given, but "x (1).zip", which shells put first, after
    "x.zip"."""
    stems = [attempt_of(source.name)[0] for source in sources]
    return sorted(sources, key=lambda source: (stems.index(attempt_of(source.name)[0]), attempt_of(source.name)[1]))


def _read(course: Course, source: Path, result: Collected) -> Sorted:
    """A download, sorted by its platform's rules."""
    found, refused = entries(source)
    opened = list(whole(found))
    refused += [each for each in opened if isinstance(each, Refused)]
    result.unplaced += refused
    download = recognise([each for each in opened if isinstance(each, Entry)], source, course.lessons())
    download.refused = refused
    result.platforms.append(download.platform)
    return download


def _under_one_id(
    course: Course, lesson: str, roster: Roster, hand_ins: Sequence[HandIn], records: Records, result: Collected
) -> None:
    """Who handed in when there was no roster is called by the platform's number, and by another id where the roster was
    another: their folder gets the roster's id, so that nobody is two students. What is graded under the old name stays,
    and is told."""
    ids = {folder_name(each.id): [folder_name(key) for key in each.ids] for each in roster.students}
    known_by = [
        (hand_in, number)
        for hand_in in hand_ins
        for number in dict.fromkeys([hand_in.number, *ids.get(hand_in.student, ())])
    ]
    for hand_in, number in known_by:
        own = hand_in.student
        record, place = records.of(lesson, number), course.folder("submitted", number, lesson)
        if number == own or number in ids or hand_in.by_hand or not record or not place.is_dir():
            continue
        if (record.get("platform"), record.get("name", "")) != (hand_in.platform, hand_in.name):
            continue  # another's, whom another platform calls by this number
        target = course.folder("submitted", own, lesson)
        if target.exists() or course.folder("autograded", number, lesson).is_dir():
            result.twice[number] = own
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(place, target)
        with contextlib.suppress(OSError):  # there are other lessons in it
            place.parent.rmdir()
        records.move(lesson, number, own)
        result.moved[number] = own


def _take(course: Course, lesson: str, hand_in: HandIn, records: Records, submitted: Path, result: Collected) -> None:
    """Put a hand-in into its place; where that cannot be, its row says why, and the others are taken."""
    try:
        state = _put(course, lesson, hand_in, records, submitted, result.unplaced)
    except CourseError as error:
        _refuse(hand_in, str(error), result)
        return
    except OSError as error:
        if error.errno not in OF_A_NAME:  # a full disk is nothing that one student has done
            raise
        _refuse(hand_in, f"its name is none for a file ({error.strerror})", result)
        return
    earlier = result.states.get(hand_in.student)  # out of an older download of the same command
    for told in (result.late, result.timeless):
        if hand_in.student in told:
            told.remove(hand_in.student)
    result.states[hand_in.student] = earlier if earlier == "new" or (earlier and state in STAYS) else state
    record = records.of(lesson, hand_in.student) or {}
    if record.get("late"):
        result.late.append(hand_in.student)
    elif record.get("late") is None and not record.get("at"):
        result.timeless.append(hand_in.student)


def _refuse(hand_in: HandIn, why: str, result: Collected) -> None:
    """Say why a hand-in cannot be taken, and keep in mind that there is one: who has handed in something gets no 0."""
    result.unplaced.append(Refused(hand_in.origin, why))
    result.unusable[hand_in.student] = _record(hand_in, {}, same=False) | {"unusable": why}


def _forget_unusable(lesson: str, hand_ins: Sequence[HandIn], records: Records) -> None:
    """What could not be said to be anybody's, and has its place by now, is noted of nobody else any more."""
    owners = {(each.platform, known): each.student for each in hand_ins for known in (each.number, each.origin)}
    unusable = {student: record for student, record in records.all_of(lesson).items() if record.get("unusable")}
    for student, record in unusable.items():
        platform, file = record.get("platform", ""), record.get("file", "")
        known = {owners.get((platform, each), student) for each in (student, file, number_in(file, platform))}
        if known != {student}:
            records.forget(lesson, student)


def _mark_late(hand_ins: Sequence[HandIn], late: Iterable[str], roster: Roster | None) -> None:
    of_student: dict[str, list[HandIn]] = {}
    for hand_in in hand_ins:
        of_student.setdefault(hand_in.student, []).append(hand_in)
    for student in late:
        name = folder_name(roster.one_of(student, "--late").id if roster else student)
        if name not in of_student:
            raise CourseError(f"--late names '{student}', of whom nothing is in the download.")
        for hand_in in of_student[name]:
            hand_in.late_by_hand = True


def _placed(options: Iterable[str]) -> dict[str, list[str]]:
    """--place options: file → students."""
    chosen: dict[str, list[str]] = {}
    for option in options:
        file, sign, student = option.rpartition("=")
        if not (sign and file.strip() and student.strip()):
            raise CourseError(
                f"--place wants FILE=STUDENT, such as --place \"kernels (2).ipynb=4321\", not '{option}'."
            )
        chosen.setdefault(file.strip(), []).append(student.strip())
    return chosen


def _placed_by_hand(
    found: Sequence[Entry], placed: Mapping[str, Sequence[str]], roster: Roster | None
) -> dict[Entry, list[str]]:
    """The students that --place gives files to. A file is named by its path, by a folder that it lies in, or by its
    name where no other has it."""
    by_hand: dict[Entry, list[str]] = {}
    for file, students in placed.items():
        meant = [entry for entry in found if PurePosixPath(file) in (entry.path, *entry.path.parents)]
        meant = meant or [entry for entry in found if entry.path.name == file]
        if not meant:
            raise CourseError(f"No file of the download is called {file}, which --place names.")
        if len({entry.path for entry in meant}) > 1 and all(entry.path.name == file for entry in meant):
            raise CourseError(
                f"--place names {file}, and {len(meant)} files are called so: say which, with its folder, such as "
                f'--place "{meant[0].path}={students[0]}".'
            )
        names = [folder_name(roster.one_of(each, "--place").id if roster else each) for each in students]
        for entry in meant:
            by_hand.setdefault(entry, []).extend(names)
    return by_hand


def _by_name(
    download: Sorted,
    by_hand: Mapping[Entry, Sequence[str]],
    roster: Roster | None,
    besides: Iterable[str],
    result: Collected,
) -> Iterator[tuple[Piece, str]]:
    """Files that are nobody's by their platform's rules: placed by hand, or by a name of the roster in their own."""
    besides = list(besides)
    for entry in download.nobodys:
        file = PurePosixPath(entry.path.name)
        piece = Piece(entry, "", file, attempt=attempt_of(file.name)[1])
        people = roster.named_in(str(entry.path), besides) if roster else []
        if entry in by_hand:
            yield from ((piece, student) for student in by_hand[entry])
        elif len(people) == 1:
            yield piece, folder_name(people[0].id)
        elif is_notebook(piece):
            why = "whose it is cannot be said: neither its name nor its folder tells"
            if len(people) > 1:
                why = f"it may be of {' or of '.join(each.name for each in people[:3])}"
            for each in people:
                result.unusable.setdefault(folder_name(each.id), _unusable(str(entry.path), download.platform, why))
            result.unplaced.append(Refused(str(entry.path), why))
        elif download.platform not in WITH_FOLDERS or file.name.lower().endswith(PACKED):
            result.unplaced.append(Refused(str(entry.path), "is no notebook, no zip, and nobody's by its name"))


def _by_student(
    course: Course,
    lesson: str,
    download: Sorted,
    by_hand: Mapping[Entry, Sequence[str]],
    roster: Roster | None,
    result: Collected,
) -> Iterator[HandIn]:
    """The hand-ins of a download: whose each is, and of several the oldest first."""
    pieces = [(piece, student) for piece in download.pieces for student in by_hand.get(piece.entry, [""])]
    names = [name for each in course.lessons() for name in (each, *_notebooks_of(course, each))]
    besides = {word for name in names for word in words(name)} | OF_COPIES
    pieces += _by_name(download, by_hand, roster, besides, result)
    of_student: dict[str, list[Piece]] = {}
    named: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for piece, chosen in pieces:
        key, why = (chosen, "") if chosen else _whose(piece, roster)
        if why:
            if is_notebook(piece):
                result.unplaced.append(Refused(str(piece.entry.path), why))
                people = roster.by_name(piece.name or piece.key) if roster else []
                for whose in (piece.key, *(each.id for each in people)):
                    said = _unusable(str(piece.entry.path), download.platform, why, name=piece.name)
                    result.unusable.setdefault(folder_name(whose), said)
            continue
        student = chosen or folder_name(key)
        if student != unicodedata.normalize("NFC", chosen or key):
            result.renamed[key] = student
        if piece.anonymous and not chosen and student not in of_student:
            result.anonymous.append(student)
        of_student.setdefault(student, []).append(piece)
        named[student] = named.get(student) or piece.name
        numbers[student] = folder_name(piece.key)
    chosen_ones = {student for students in by_hand.values() for student in students}
    for student, theirs in of_student.items():
        if student in chosen_ones:  # what is placed by hand counts, whatever else there is
            theirs = [piece for piece in theirs if student in by_hand.get(piece.entry, ())]
        for whole_one in _submissions(theirs):
            hand_in, why = _hand_in(course, lesson, whole_one, result)
            hand_in.student, hand_in.name, hand_in.by_hand = student, named[student], student in chosen_ones
            hand_in.platform, hand_in.number = download.platform, numbers[student]
            if why:
                _refuse(hand_in, why, result)
            else:
                yield hand_in
    for each in download.refused:
        if its := of_refused(download.platform, each.path):
            key, why = _whose(its, roster)
            if not why and folder_name(key) not in of_student:
                said = _unusable(each.path, download.platform, each.why, name=its.name, late=its.late)
                result.unusable[folder_name(key)] = said


def _unusable(file: str, platform: str, why: str, **more: Any) -> dict[str, Any]:
    """What to note of a hand-in that has no place, so that nobody who may have handed it in gets a 0."""
    return {"file": file, "platform": platform, **more, "unusable": why}


def _submissions(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """A student's files by the submission that they belong to, the oldest first."""
    by_submission: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_submission.setdefault(piece.submission, []).append(piece)
    return sorted(by_submission.values(), key=lambda each: max(piece.when or LONG_AGO for piece in each))


def _whose(piece: Piece, roster: Roster | None) -> tuple[str, str]:
    """The student's id, or why it cannot be told."""
    if roster is None or piece.anonymous:  # whom the platform does not name, no roster can
        return piece.key, ""
    people = roster.by_name(piece.name or piece.key)
    if student := roster.by_id(*(piece.ids or [piece.key])):
        if piece.name and len(people) == 1 and people[0] is not student:
            return "", f"its number is {student.name}'s in the roster, and its name is {people[0].name}'s"
        return student.id, ""
    if len(people) == 1:
        return people[0].id, ""
    if people:
        return "", f"{len(people)} students are called {people[0].name}: say which one it is of"
    return "", f"{piece.name or piece.key} is not in the roster"


def _hand_in(course: Course, lesson: str, pieces: Sequence[Piece], result: Collected) -> tuple[HandIn, str]:
    """What counts of a student's files, and why it cannot be used, if so."""
    wanted = _notebooks_of(course, lesson)
    others = {name: other for other in course.lessons() if other != lesson for name in _notebooks_of(course, other)}
    candidates: dict[str, list[tuple[Piece, PurePosixPath]]] = {}
    elsewhere = packed = ""
    for piece in pieces:
        place = None if piece.typed else _place_in(course, lesson, piece.file)
        if place is None or place.name == STAMP:
            continue
        lies = place.parent
        if is_notebook(piece):
            name = attempt_of(_as_notebook(place.name))[0]
            if (other := others.get(name.casefold())) and name.casefold() not in wanted:
                elsewhere = f"it is the notebook of {other}"
                continue
            place = place.with_name(wanted.get(name.casefold(), _as_notebook(place.name)))
            if place.name in wanted.values():
                place = PurePosixPath(place.name)  # wherever in a zip or a folder of theirs it lies
        elif place.name.lower().endswith(ARCHIVES):
            packed = f"the archive {place.name} is not opened here: unpack it and give the notebook"
        candidates.setdefault(str(place), []).append((piece, lies))
    _under_one_name(course, lesson, wanted.values(), candidates)
    chosen: dict[str, Piece] = {}
    homes: list[PurePosixPath] = []  # where in their folders the notebooks of the lesson lie
    for path, several in candidates.items():
        piece, lies = several[0] if len(several) == 1 else _best(course, lesson, path, several)
        chosen[path] = piece
        if path in wanted.values():
            homes.append(lies)
            result.passed_over += _passed_over(course, lesson, path, piece, [each for each, _ in several])
    for home in homes:  # what lies beside a notebook stays beside it
        for path in [each for each in chosen if each not in wanted.values() and home.parts]:
            if PurePosixPath(path).is_relative_to(home):
                chosen.setdefault(str(PurePosixPath(path).relative_to(home)), chosen.pop(path))
    for path in list(chosen):
        for folder in map(str, PurePosixPath(path).parents):
            if path in chosen and folder in chosen:
                out = folder if path.endswith(".ipynb") and not folder.endswith(".ipynb") else path
                refused = Refused(str(chosen.pop(out).entry.path), "is both a file and a folder in this hand-in")
                result.unplaced.append(refused)
    notebooks = [place for place in chosen if place.endswith(".ipynb")]
    best = [*(place for place in notebooks if place in wanted.values()), *reversed(notebooks)]
    first = chosen[best[0]] if best else pieces[0]
    files = {place: piece.entry for place, piece in chosen.items()}
    serial = max((piece.serial for piece in chosen.values() if piece.serial is not None), default=None)
    said = [piece.late for piece in chosen.values() or pieces if piece.late is not None]
    hand_in = HandIn(files, first.when, serial, any(said) if said else None, str(first.entry.path), "")
    if not notebooks:
        return hand_in, elsewhere or packed or "there is no notebook in it"
    if (size := sum(entry.size for entry in files.values())) > LARGEST_HAND_IN:
        return hand_in, f"has {size >> 20} MB in all its files, more than the {LARGEST_HAND_IN >> 20} of a hand-in"
    return hand_in, ""


def _under_one_name(
    course: Course, lesson: str, names: Collection[str], candidates: dict[str, list[tuple[Piece, PurePosixPath]]]
) -> None:
    """Where a student gives several notebooks of the lesson, whatever they are called, they are copies of one; the only
    one keeps the name that it has."""
    from course_grading.grading.handed_in import MOST_NOTEBOOKS  # here, as it imports nbgrader

    for name in names:
        others = [path for path in candidates if path.endswith(".ipynb") and path not in names]
        if not 1 < len(others) + (name in candidates) <= MOST_NOTEBOOKS:
            continue
        known = _known_by(course.folder("source", ".", lesson) / name)
        copies = [path for path in others if any(_is_of(piece.entry, known) for piece, _ in candidates[path])]
        if len(copies) + (name in candidates) > 1:
            for path in copies:
                candidates.setdefault(name, []).extend(candidates.pop(path))


def _known_by(source: Path) -> dict[str, str]:
    """What a copy of a lesson's notebook is known by; nothing where its source cannot be read."""
    from course_grading.grading.handed_in import known_by  # here, as they import nbgrader
    from course_grading.grading.snapshot import SourceCell

    try:
        cells = json.loads(source.read_bytes())["cells"]
        marked = [(cell, cell["metadata"]["nbgrader"]) for cell in cells if "nbgrader" in cell["metadata"]]
        return known_by(
            SourceCell(marks["grade_id"], cell["cell_type"], marks["locked"], "".join(cell["source"]), "")
            for cell, marks in marked
        )
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _is_of(entry: Entry, known: Mapping[str, str]) -> bool:
    from course_grading.grading.handed_in import belongs, parsed

    try:
        return belongs(parsed(entry.read(), entry.path.name)[0], known)
    except CourseError:
        return False


def _best(
    course: Course, lesson: str, path: str, several: Sequence[tuple[Piece, PurePosixPath]]
) -> tuple[Piece, PurePosixPath]:
    """Which of some copies of a notebook counts: what is none of the lesson's counts least, then the template,
    untouched, then what is a notebook by its content alone; of the others the latest, what has the lesson's own name,
    and what lies further out."""
    known = _known_by(course.folder("source", ".", lesson) / path)

    def worth(copy: tuple[Piece, PurePosixPath]) -> tuple[bool, bool, bool, int, int, bool, int]:
        piece, _ = copy
        by_name, own = piece.file.suffix.lower() == ".ipynb", attempt_of(piece.file.name)[0] == PurePosixPath(path).name
        is_answered = not _is_template(course, lesson, path, piece.entry)
        later = (piece.serial or 0, piece.attempt)
        return _is_of(piece.entry, known), is_answered, by_name, *later, own, -len(piece.file.parts)

    return max(several, key=worth)


def _passed_over(
    course: Course, lesson: str, path: str, counts: Piece, several: Sequence[Piece]
) -> list[tuple[str, str]]:
    """Where several of a student's files are worked in, which counts, and which does not."""
    others = [piece for piece in several if piece is not counts and not _is_template(course, lesson, path, piece.entry)]
    return [(str(counts.entry.path), str(piece.entry.path)) for piece in others]


def _is_template(course: Course, lesson: str, path: str, entry: Entry) -> bool:
    """Whether a notebook's cells are those that were released: nobody has worked in it."""
    from course_grading.grading.handed_in import parsed  # here, as it imports nbgrader

    released = course.folder("release", ".", lesson) / path
    try:
        return released.is_file() and _cells(parsed(released.read_bytes(), path)) == _cells(parsed(entry.read(), path))
    except (CourseError, OSError):
        return False


def _cells(read: tuple[Any, list[str]]) -> list[str]:
    return [cell["source"].strip() for cell in read[0]["cells"]]


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


def is_notebook(piece: Piece) -> bool:
    """Whether a file is a notebook, by its name or, where a browser has called it something.json, by its content."""
    name = piece.file.name.lower()
    if name.endswith(NOTEBOOK_ENDINGS):
        return True
    try:
        return name.endswith(".json") and b'"nbformat"' in piece.entry.read()
    except CourseError:
        return False


def _as_notebook(name: str) -> str:
    """A notebook's name with the ending that it lost or got on its way."""
    ending = next(end for end in (".ipynb.txt", ".ipynb.json", ".ipynb", ".json") if name.lower().endswith(end))
    return name[: -len(ending)] + ".ipynb"


def _put(
    course: Course, lesson: str, hand_in: HandIn, records: Records, submitted: Path, unplaced: list[Refused]
) -> str:
    """Put a hand-in into its place, whole or not at all; returns what became of it. A file beside the notebooks that
    cannot be read is left out, with its reason."""
    place = course.folder("submitted", hand_in.student, lesson)
    before = (records.of(lesson, hand_in.student) or {}) if place.is_dir() else {}
    staged = Path(mkdtemp(prefix=".collecting-", dir=submitted))
    try:
        folder = staged / "hand-in"
        for path, entry in sorted(hand_in.files.items(), key=lambda item: str(item[1].path)):  # zip by zip
            try:
                data = entry.read()
            except CourseError as error:
                if path.endswith(".ipynb"):
                    raise
                unplaced.append(Refused(str(entry.path), str(error)))
                continue
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        kept, content = submitted / EARLIER / hand_in.student / lesson, _content(folder)
        as_collected = place.is_dir() and _content(place) == content
        edited = not as_collected and content in before.get("contents", ())[-1:]
        same = as_collected or edited
        order = 1 if hand_in.by_hand else _compared(hand_in, before)
        replaced = content in before.get("contents", ())
        replaced = replaced or (kept.is_dir() and any(_content(other) == content for other in kept.iterdir()))
        if place.is_dir() and not same and (order < 0 or (order == 0 and replaced)):
            return "older"  # where nothing says which is, it is the one that has been replaced before
        record = _record(hand_in, before, same)
        record["contents"] = [*(each for each in before.get("contents", ()) if each != content), content]
        if record["at"] and (not same or record["at"] != before.get("at")):
            text = f"{datetime.fromisoformat(record['at']):%Y-%m-%d %H:%M:%S.%f} UTC\n"
            ((place if same else folder) / STAMP).write_text(text)
        records.note(lesson, hand_in.student, record)
        if same:
            return "edited" if edited else "as before"
        state = "newer" if place.is_dir() else "new"
        if state == "newer":
            kept.mkdir(parents=True, exist_ok=True)
            numbers = [int(other.name) for other in kept.iterdir() if other.name.isdecimal()]
            os.rename(place, kept / str(1 + max(numbers, default=0)))
        place.parent.mkdir(parents=True, exist_ok=True)
        os.rename(folder, place)
        return state
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _content(folder: Path) -> str:
    """What tells whether two hand-ins are the same work: the time, which is ours, is not part of it, nor that of a
    file, which is new in each download."""
    from course_grading.grading.handed_in import fingerprint  # here, as it imports nbgrader

    return fingerprint(folder, [STAMP, ".ipynb_checkpoints"], LARGEST_FILE)


def _record(hand_in: HandIn, before: dict[str, Any], same: bool) -> dict[str, Any]:
    """What to note of a hand-in. The same work once more was handed in when it was first, and is as late as then,
    unless the platform has changed its word on this very file."""
    at, late, order = noted(hand_in.when), hand_in.late, _compared(hand_in, before)
    by_hand = hand_in.late_by_hand or (same and before.get("late_by_hand", False))
    if same:
        at = min(filter(None, (before.get("at"), at)), default=None)
        late = before.get("late") if late is None or order else late
    record: dict[str, Any] = {"at": at, "late": by_hand or late, "file": hand_in.origin, "platform": hand_in.platform}
    if same and order < 0:
        record |= {key: before[key] for key in ("file", "serial") if key in before}
    more = {"late_by_hand": by_hand, "serial": record.get("serial", hand_in.serial), "name": hand_in.name}
    more["placed"] = hand_in.by_hand  # then the file's name may be another's
    return record | {key: value for key, value in more.items() if value}


def _compared(hand_in: HandIn, before: dict[str, Any]) -> int:
    """Less than, or more than 0: older, or newer, than what is there; 0 where that cannot be told."""
    if before.get("platform") != hand_in.platform:
        return 0
    serial, at = before.get("serial"), before.get("at")
    if serial is not None and hand_in.serial is not None:
        return hand_in.serial - serial
    if at and hand_in.when:
        return (hand_in.when > datetime.fromisoformat(at)) - (hand_in.when < datetime.fromisoformat(at))
    return 0


def _with_progress(hand_ins: Sequence[HandIn], out: Any) -> Iterator[HandIn]:
    if out is None:
        yield from hand_ins
        return
    columns = (TextColumn("Collecting"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        yield from progress.track(hand_ins)


def _show(result: Collected, out: Any) -> None:
    """Print a row for each file that could not be placed, who is missing, and a summary."""
    for each in sorted(result.unplaced, key=lambda each: each.path):  # whole paths, as --place wants them
        out.print(f"{foreign(each.path)}: {foreign(each.why.rstrip('.'))}.", soft_wrap=True)
    if result.unplaced:
        out.print(f'Place one by hand: course collect {short_name(result.lesson)} FILE… --place "FILE=STUDENT"')
        out.print()
    for counts, other in result.passed_over[:MOST_TOLD]:
        out.print(f"{foreign(counts)} counts, and not {foreign(other)}.", soft_wrap=True)
    if len(result.passed_over) > MOST_TOLD:
        out.print(f"{len(result.passed_over) - MOST_TOLD} more files do not count, beside others of the same student.")
    if missing := [each for each in result.missing if folder_name(each.id) not in result.unusable]:
        names = ", ".join(foreign(each.name or each.id, LONGEST) for each in missing[:30])
        more = f" and {len(missing) - 30} more" if len(missing) > 30 else ""
        out.print(f"Nothing from {names}{more}.", soft_wrap=True)
    for key, student in result.renamed.items():
        out.print(f"'{foreign(key, LONGEST)}' cannot name a folder, and is '{foreign(student)}' here.", soft_wrap=True)
    for student, own in result.moved.items():
        out.print(f"'{foreign(student, LONGEST)}' is '{foreign(own, LONGEST)}' in the roster, and here from now on.")
    if edited := [student for student, state in result.states.items() if state == "edited"]:
        out.print(
            f"Changed here since it was collected, and left so: {listed(edited)}. To have what was handed in, delete "
            f"submitted/STUDENT/{result.lesson} and collect again.",
            soft_wrap=True,
        )
    for student, own in result.twice.items():
        out.print(
            f"'{foreign(student, LONGEST)}' is '{foreign(own, LONGEST)}' in the roster, and counts as another student "
            f"until you take submitted/{foreign(student)} and autograded/{foreign(student)} away.",
            soft_wrap=True,
        )
    out.print(summary(result), soft_wrap=True)


def summary(result: Collected) -> str:
    """The last line: what was found, and what became of it."""
    counts = Counter(result.states.values())
    words = {
        "new": "new",
        "newer": "newer than before (the earlier is in submitted/.earlier)",
        "as before": "as before",
        "older": "older than what is here, and left out",
        "edited": "changed here since, and left so",
    }
    parts = [f"{counts[state]} {text}" for state, text in words.items() if counts[state]] or ["nothing to collect"]
    if result.late:
        parts.append(f"{len(result.late)} late")
    if result.timeless:
        parts.append(f"{len(result.timeless)} without a word on when, which count as on time (--late says otherwise)")
    if result.unplaced:
        parts.append(f"{len(result.unplaced)} not placed")
    if result.anonymous:
        parts.append(f"{len(result.anonymous)} anonymous, so that nobody can say who is missing")
    elif result.roster:
        handed_in = len(result.roster.students) - len(result.missing)
        parts.append(f"{handed_in} of {len(result.roster.students)} of the roster have handed in")
    return f"{result.lesson}, {' and '.join(dict.fromkeys(result.platforms))}: {', '.join(parts)}."


__all__ = ["Collected", "collect", "collected", "summary"]
