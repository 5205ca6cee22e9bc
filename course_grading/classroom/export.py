"""The `course export` command: the grades of a lesson, into the table that a learning platform exported and imports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course_grading.classroom.formats import number_in
from course_grading.classroom.roster import (
    FIRST,
    FULL_NAME,
    IDS,
    LAST,
    PARTICIPANT,
    Roster,
    columns_of,
    folder_name,
    is_no_student,
    read_roster,
    read_table,
)
from course_grading.classroom.standing import standing
from course_grading.files import replacing
from course_grading.grading.times import Records
from course_grading.places import short_name
from course_grading.terminal import console, foreign, listed
from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_grading.course import Course

FORMULA = re.compile(r"[\s\x00-\x1f\u200b\u200e\u200f\ufeff]*[=+\-@＝＋－＠]")  # what a spreadsheet would reckon out
NAMES = {*IDS, *FULL_NAME, *FIRST, *LAST}  # columns of what students may have chosen
EXCUSED = ("EX", "N/A")  # what Canvas has where a student need not hand in, or was not asked to
POINTS_POSSIBLE = "points possible"  # the row of a Canvas gradebook that holds them
# The first column of each platform's table that no other has, and where a grade goes; Canvas and Gradescope have a
# column for each assignment, named after it.
CANVAS, GRADESCOPE, MOODLE = "sis login id", "sid", "identifier"


@dataclass(frozen=True)
class Grade:
    """A student's points for a lesson, out of `most`, and the late penalty that comes off them."""

    student: str
    name: str
    points: float
    penalty: float
    most: float
    handed_in: str
    unread: bool  # has answers that a person still has to grade
    ungraded: bool  # could not be graded, which is no 0

    @property
    def final(self) -> float:
        return max(0.0, self.points - self.penalty)


@dataclass(frozen=True)
class Others:
    """Beside the grades: who waits for one, or has handed in what cannot be used, and gets no 0; and what else is known
    of whose a row is: the platforms' own numbers, as `course collect` noted them, and the course's roster.csv."""

    waiting: Collection[str] = ()
    unusable: Collection[str] = ()
    numbers: Mapping[tuple[str, str], str] = field(default_factory=dict)  # platform, number → the student's folder
    numbered: Collection[str] = ()  # whose folder is called by the number that Moodle gives everybody in an assignment
    roster: Roster | None = None
    lessons: Collection[str] = ()  # of the course


def export(
    lesson: Annotated[str, typer.Argument(help="The lesson, such as kernels.")],
    into: Annotated[
        Path | None,
        typer.Option(
            help="The table that Canvas, Moodle (grading worksheet) or Gradescope exported.", show_default="a plain one"
        ),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The assignment's column in it.", show_default="the one named after the lesson")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write.", show_default="exports/LESSON.csv")] = None,
    scale: Annotated[bool, typer.Option("--scale", help="Scale to the points that the platform knows.")] = False,
    zeros: Annotated[bool, typer.Option("--zeros", help="Write 0 for who handed in nothing.")] = False,
) -> None:
    """Write a lesson's grades as a table that your learning platform imports, late penalties taken off.

    Students are found by the ids in the table, those of roster.csv, and the platform's own, as `course collect` noted
    them.
    """
    from course_grading.course import here  # not above, as nbgrader takes seconds to import

    course = here()
    lesson = course.find_lesson(lesson)
    everyone = grades_of(course, lesson)
    there = [key for key in everyone if _has_folder(course, lesson, key)]
    now = standing(course, lesson, there)
    grades = {key: everyone[key] for key in there if key not in now.waiting}
    target = out or course.root / "exports" / f"{lesson}.csv"
    if into is None:
        text, said = _plain(grades), [f"{sum(not grade.ungraded for grade in grades.values())} grades"]
    else:
        others = _others(course, lesson, grades, now.waiting)
        text, said = filled_in(into, grades, lesson, column, scale=scale, zeros=zeros, others=others)
    said += now.said()
    if gone := [key for key in everyone if key not in there]:
        said.append(f"{len(gone)} of the gradebook passed over, of whom there is no folder any more ({listed(gone)})")
    if ungraded := [key for key, grade in grades.items() if grade.ungraded]:
        said.append(f"{len(ungraded)} that could not be graded and get no mark ({listed(ungraded)})")
    if unread := sum(grade.unread and not grade.ungraded for grade in grades.values()):
        said.append(f"{unread} with answers that nobody has graded yet")
    _write(target, text)
    console().print(f"{foreign(target)}: {', '.join(said)}.", soft_wrap=True)


def _write(target: Path, text: str) -> None:
    """Write a table, whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as new:
            new.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CourseError(f"{target} cannot be written ({error.strerror}): name another file with --out.") from None


def _has_folder(course: Course, lesson: str, student: str) -> bool:
    """Whether a student is known by more than the gradebook, which keeps whoever was ever graded."""
    return any(course.folder(step, student, lesson).is_dir() for step in ("submitted", "autograded"))


def _records(course: Course, lesson: str) -> Records:
    return Records(course.folder("submitted", "x", lesson).parents[1])


def _others(course: Course, lesson: str, graded: Collection[str], waiting: Collection[str]) -> Others:
    """What `course collect` and the roster know besides the grades."""
    noted = _records(course, lesson).all_of(lesson)
    unusable = [key for key, record in noted.items() if record.get("unusable") and key not in (*graded, *waiting)]
    called: dict[tuple[str, str], list[str]] = {}
    for student in (*graded, *waiting, *unusable):
        record = noted.get(student, {})
        platform = record.get("platform", "")
        if number := "" if record.get("placed") else number_in(record.get("file", ""), platform):
            called.setdefault((platform, number), []).append(student)
    # Who was collected before there was a roster, and again with it, is the one whose folder has the roster's id.
    own = {key: [each for each in students if each != key[1]] or students for key, students in called.items()}
    numbers = {key: students[0] for key, students in own.items() if len(students) == 1}
    numbered = [
        number for (platform, number), students in called.items() if platform == "Moodle" and number in students
    ]
    roster = course.root / "roster.csv"
    known = read_roster(roster) if roster.is_file() else None
    return Others(waiting, unusable, numbers, numbered, known, course.lessons())


def grades_of(course: Course, lesson: str) -> dict[str, Grade]:
    """What the gradebook has of a lesson, by student. Raises CourseError where nothing of it is graded."""
    from nbgrader.api import MissingEntry

    from course_grading.grading.gradebook import is_begun, reading

    nothing = CourseError(f"Nothing of {lesson} is graded: run `course grade {short_name(lesson)}` first.")
    if not is_begun(course):
        raise nothing
    records = _records(course, lesson)
    with reading(course) as book:
        try:
            submissions = book.assignment_submissions(lesson)
        except MissingEntry:
            submissions = []
        grades = {
            each.student.id: Grade(
                each.student.id,
                " ".join(filter(None, (each.student.first_name, each.student.last_name))),
                each.score,
                each.late_submission_penalty or 0.0,
                each.max_score,
                _when(each.timestamp, records.of(lesson, each.student.id) or {}),
                each.needs_manual_grade,
                not _is_graded(course, each, lesson),
            )
            for each in submissions
            if each.notebooks
        }
    if not grades:
        raise nothing
    return grades


def _is_graded(course: Course, submission: Any, lesson: str) -> bool:
    """Whether what is handed in has a score; what a person gave for an earlier attempt, before one that could not be
    graded, is none."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    if any(grade.auto_score is not None for grade in grades):
        return True
    given = any(grade.manual_score is not None for grade in grades)
    return given and course.folder("autograded", submission.student.id, lesson).is_dir()


def _when(timestamp: datetime | None, record: dict[str, Any]) -> str:
    if record.get("late") and not record.get("at"):
        return "late"  # its timestamp is the one after which it is
    return f"{timestamp:%Y-%m-%d %H:%M:%S}" if timestamp else ""


def filled_in(
    path: Path,
    grades: dict[str, Grade],
    lesson: str,
    column: str | None = None,
    *,
    scale: bool = False,
    zeros: bool = False,
    others: Others | None = None,
) -> tuple[str, list[str]]:
    """A platform's table with the grades in it, and what to say of it. Raises CourseError where it is none, or where
    the assignment's column cannot be told."""
    others = others or Others()
    rows = read_table(path)
    if not rows:
        raise CourseError(f"The table {path} is empty: export it again.")
    header = columns_of(rows)
    lessons = others.lessons
    if CANVAS in header:
        place = _column(rows[0], lesson, column, [name for name in rows[0] if name.rstrip().endswith(")")], lessons)
        wanted = ("student", "lastname", "firstname", "id", "sis user id", CANVAS, "section")
        kept = [header.index(name) for name in wanted if name in header]
    elif MOODLE in header:
        grade_column = rows[0][header.index("grade")] if "grade" in header else "Grade"
        own = [name for name, kind in zip(rows[0], header, strict=True) if kind not in NAMES]
        place = _column(rows[0], lesson, column or grade_column, own)
        kept = list(range(len(header)))
    elif GRADESCOPE in header:
        choice = [name for name in rows[0] if f"{name} - Max Points" in rows[0]]
        place = _column(rows[0], lesson, column, choice, lessons)
        kept = list(range(len(header)))
    else:
        raise CourseError(
            f"{path} is no table of Canvas (SIS Login ID), Moodle (Identifier) or Gradescope (SID): export it there."
        )
    kept += [place] if place not in kept else []
    in_column = "" if MOODLE in header else f" in the column '{foreign(rows[0][place], 60)}'"
    possible = _possible(rows, header, place)
    most = max((grade.most for grade in grades.values()), default=0)
    if scale and not possible:
        raise CourseError(f"{path} does not say out of how many points, to which --scale could scale: set them there.")
    factor = possible / most if scale and possible and most else 1.0
    found: set[str] = set()
    written = 0
    excused: list[str] = []
    unusable: list[str] = []
    without: list[str] = []
    zeroed: list[str] = []
    for row in rows[1:]:
        row += [""] * (len(header) - len(row))
    students = [row for row in rows[1:] if row[0].strip().casefold() != POINTS_POSSIBLE]
    for row, student in zip(students, _students_of(students, header, grades, others), strict=True):
        who, grade = _called(row, header), grades.get(student or "")
        found |= {student} if student else set()
        if row[place].strip().upper() in EXCUSED:
            excused.append(who)
        elif grade is not None and not grade.ungraded:
            written += 1
            row[place] = _number(grade.final * factor)
        elif student in others.unusable:
            unusable.append(who)
        elif who and not is_no_student(who):
            (zeroed if zeros and student is None else without).append(who)
            row[place] = "0" if zeros and student is None else row[place]
    if zeroed and grades and found.isdisjoint(grades):
        raise CourseError(
            f"Nobody who is graded is in {path}, so that it cannot be said who handed in nothing: write no --zeros, or "
            "give a roster.csv with the ids of both, and collect again."
        )
    said = [f"{written} grades{in_column}"]
    if zeros:
        said.append(f"{len(zeroed)} zeros for who handed in nothing{f' ({listed(zeroed)})' if zeroed else ''}")
    if unusable:
        said.append(f"{len(unusable)} who handed in what cannot be used, and get no mark ({listed(unusable)})")
    if excused:
        said.append(f"{len(excused)} excused there, and left so ({listed(excused)})")
    if without:
        said.append(f"{len(without)} of {path.name} without a grade ({listed(without)})")
    if rest := [grade.name or key for key, grade in grades.items() if key not in found and not grade.ungraded]:
        said.append(f"{len(rest)} graded who are not in {path.name} ({listed(rest)})")
    if possible and most and possible != most and not scale:
        said.append(f"points out of {_number(most)}, where the platform has {_number(possible)} (--scale converts)")
    names = [rows[0][index] for index in kept]
    strange = {index for index in kept if header[index] in NAMES}  # what else there is, an instructor has written
    cells = ([_defused(row[index]) if index in strange else row[index] for index in kept] for row in rows[1:])
    return _written([names, *cells]), said


def _called(row: Sequence[str], header: Sequence[str]) -> str:
    """What to call the student of a row; empty where it is none's."""
    cells = dict(zip(header, row, strict=False))
    first, last = (next((cells[name] for name in names if cells.get(name)), "") for names in (FIRST, LAST))
    names = (*(cells.get(name, "") for name in FULL_NAME), f"{first} {last}", *(cells.get(name, "") for name in IDS))
    return next(filter(None, map(str.strip, names)), "")


def _students_of(
    rows: Sequence[Sequence[str]], header: Sequence[str], grades: Collection[str], others: Others
) -> list[str | None]:
    """Whose each row is, of those who have handed in; nobody is two rows'. What the table's first column of ids says
    goes before what the others say, in which one's number may be another's. Raises CourseError where two students of
    the table have one id."""
    ours = {*grades, *others.waiting, *others.unusable}
    found: list[str | None] = [None] * len(rows)
    ids = [_ids_of(row, header, others) for row in rows]
    for rank in range(max(map(len, ids), default=0)):
        places: dict[str, int] = {}  # of this rank
        for place, keys in enumerate(ids):
            key = keys[rank]
            if key in places and _called(rows[place], header) != _called(rows[places[key]], header):
                two = " and ".join(foreign(_called(rows[each], header), 60) for each in (places[key], place))
                raise CourseError(f"Two rows of the table have the id {key}, {two}: give each one of their own.")
            if found[place] is None and key in ours and key not in found:
                found[place] = key
                places[key] = place
    return found


def _ids_of(row: Sequence[str], header: Sequence[str], others: Others) -> list[str]:
    """The folder that a row's student may have by each thing that is known of them, the surest first; empty where
    nothing is."""
    cells = [row[header.index(name)].strip() for name in IDS if name in header]
    direct = [folder_name(cell) if cell else "" for cell in cells]
    direct = [key if key not in others.numbered else "" for key in direct]  # an equal ID number is another's
    known = [others.roster.by_id(cell) if others.roster and cell else None for cell in cells]
    by_roster = [folder_name(student.id) if student else "" for student in known]
    number = PARTICIPANT.fullmatch(row[header.index(MOODLE)].strip()) if MOODLE in header else None
    by_number = others.numbers.get(("Moodle", number[1]), "") if number else ""
    if CANVAS in header and "id" in header:
        by_number = others.numbers.get(("Canvas", row[header.index("id")].strip()), "")
    return [*direct, *by_roster, by_number]


def _column(
    names: Sequence[str], lesson: str, wanted: str | None, choice: Sequence[str], lessons: Collection[str] = ()
) -> int:
    """The place of the assignment's column: the one that is asked for, or the only one named after the lesson, and not
    after another of the lessons, whose name may hold that of this one."""
    if wanted:
        found = [name for name in choice if name == wanted or name.rpartition(" (")[0] == wanted]
    else:
        words = _spoken(short_name(lesson))
        longer = [other for other in map(_spoken, map(short_name, lessons)) if words in other and words != other]
        named = [name for name in choice if words in _spoken(name)]
        found = [name for name in named if not any(other in _spoken(name) for other in longer)]
    if len(found) != 1:
        listed = ", ".join(f"'{foreign(name, 60)}'" for name in choice[:20]) or "none"
        raise CourseError(f"Which column is {lesson}? Say so with --column; the assignments are: {listed}.")
    return names.index(found[0])


def _spoken(name: str) -> str:
    return name.replace("_", " ").casefold()


def _possible(rows: Sequence[Sequence[str]], header: Sequence[str], place: int) -> float | None:
    """The points that the platform thinks possible."""
    cells: Iterator[str] = iter(())
    if MOODLE in header and "maximum grade" in header:
        cells = (row[header.index("maximum grade")] for row in rows[1:] if len(row) > header.index("maximum grade"))
    elif GRADESCOPE in header and f"{header[place]} - max points" in header:
        at = header.index(f"{header[place]} - max points")
        cells = (row[at] for row in rows[1:] if len(row) > at)
    else:
        of_canvas = (row for row in rows[1:] if row and row[0].strip().casefold() == POINTS_POSSIBLE)
        cells = (row[place] for row in of_canvas if len(row) > place)
    for cell in cells:
        try:
            return float(cell.replace(",", "."))
        except ValueError:
            continue
    return None


def _plain(grades: dict[str, Grade]) -> str:
    names = ["id", "name", "points", "late penalty", "grade", "out of", "handed in (UTC)"]
    rows = [
        [
            *(_defused(grade.student), _defused(grade.name), _number(grade.points), _number(grade.penalty)),
            *(_number(grade.final), _number(grade.most), grade.handed_in),
        ]
        for grade in sorted(grades.values(), key=lambda grade: grade.student)
        if not grade.ungraded
    ]
    return _written([names, *rows])


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay as they are."""
    try:
        float(cell.replace(",", "."))
        return cell
    except ValueError:
        return f"'{cell}" if FORMULA.match(cell) else cell


def _written(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


__all__ = ["export", "filled_in", "grades_of"]
