"""A class of sixty on five platforms, from the downloads to the exported marks, every figure of it; twice over."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from course_grading.classroom.export import grades_of
from course_grading.classroom.figures import Figures, count
from course_grading.classroom.records import read_class
from course_grading.classroom.report_page import presence
from course_grading.cli import app
from course_grading.course import Course
from tests.classroom.downloads import download, roster, table
from tests.classroom.sixty import LESSON, PLATFORMS, POINTS, Student, lesson, the_class
from tests.grading.courses import copy_course
from tests.grading.gradebooks import everything

SAID_LATE = ("m16", "m31")  # by the instructor: Moodle's zip does not say
PENALTY = '\nc.AssignLatePenalties.plugin_class = "tests.classroom.sixty.Half"\n'
PLACED = {"Ann Lee - sliding_regions.ipynb": "d13", "Ann Lee - sliding_regions (1).ipynb": "d33"}


@dataclass
class Term:
    """A course whose class has come to its marks, and what each command said."""

    root: Path
    students: list[Student]
    said: dict[str, str] = field(default_factory=dict)

    def run(self, step: str, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == code, f"{arguments}: {result.output}{result.exception}"
        self.said[step] = result.output
        return result.output

    def on(self, platform: str) -> list[Student]:
        return [each for each in self.students if each.platform == platform]

    def last(self, step: str) -> str:
        return self.said[step].splitlines()[-1]

    @property
    def graded(self) -> list[Student]:
        return [each for each in self.students if each.graded]


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Iterator[Term]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("term")
        term = Term(copy_course(folder / "course", empty_gradebook, lesson=LESSON), the_class())
        config = term.root / "nbgrader_config.py"
        config.write_text(config.read_text() + PENALTY)
        patch.chdir(term.root)
        patch.setenv("COLUMNS", "250")
        with Gradebook(f"sqlite:///{term.root}/gradebook.db") as book:
            book.update_or_create_assignment(LESSON, duedate="2026-10-10 00:00:00 UTC")
        for platform in PLATFORMS:
            students = term.on(platform)
            roster(folder, platform, students)
            for last in (False, True):
                files = download(folder / platform / ("last" if last else "first"), platform, students, last)
                collect(term, platform, files, f"{platform} {'last' if last else 'first'}")
        names = [[each.id, each.name] for each in term.students]
        table(term.root / "roster.csv", [["id", "name"], *names])
        term.run("grade", "grade", LESSON, "--jobs", "2", code=1)
        make_the_rest(term, "")
        yield term


def collect(term: Term, platform: str, files: Path, step: str) -> None:
    options = ["--roster", str(term.root.parent / f"{platform}.csv")]
    options += [f"--place={file}={student}" for file, student in PLACED.items() if platform == "Drive"]
    options += [f"--late={student}" for student in SAID_LATE if platform == "Moodle" and "last" in step]
    refused = platform in ("Canvas", "Gradescope")
    term.run(step, "collect", LESSON, str(files), *options, code=1 if refused else 0)


def make_the_rest(term: Term, again: str) -> None:
    term.run(f"report{again}", "report", LESSON)
    term.run(f"feedback{again}", "feedback", LESSON, "--zip", "--jobs", "2")
    term.run(f"export{again}", "export", LESSON)
    for platform in ("Canvas", "Moodle", "Gradescope"):
        into = ["--into", str(term.root.parent / f"{platform}.csv"), "--out", f"exports/{platform}.csv"]
        term.run(f"export {platform}{again}", "export", LESSON, *into)


@pytest.fixture(scope="module")
def figures(term: Term) -> Figures:
    return count(lesson(), read_class(Course(term.root), lesson()))


def test_collect(term: Term) -> None:
    here = {path.parent.name for path in (term.root / "submitted").glob(f"*/{LESSON}")}
    assert here == {each.id for each in term.students if each.collected} and len(here) == 53
    once = "newer than before (the earlier is in submitted/.earlier)"
    timeless = "without a word on when, which count as on time (--late says otherwise)"
    assert {platform: term.last(f"{platform} last") for platform in PLATFORMS} == {
        "Canvas": f"{LESSON}, Canvas: 1 {once}, 9 as before, 2 late, 4 not placed, "
        "10 of 12 of the roster have handed in.",
        "Moodle": f"{LESSON}, Moodle: 1 {once}, 10 as before, 2 late, 9 {timeless}, "
        "11 of 12 of the roster have handed in.",
        "Gradescope": f"{LESSON}, Gradescope: 1 {once}, 9 as before, 1 not placed, "
        "10 of 12 of the roster have handed in.",
        "Drive": f"{LESSON}, Drive: 1 {once}, 10 as before, 11 {timeless}, 11 of 12 of the roster have handed in.",
        "GitHub": f"{LESSON}, GitHub Classroom: 1 {once}, 10 as before, 11 {timeless}, "
        "11 of 12 of the roster have handed in.",
    }
    rows = [" ".join(line.split()) for line in term.said["Canvas last"].splitlines()]
    assert any("../../evil.ipynb: leads out of its folder" in row for row in rows)
    assert any(re.search(r"bomb_4998_1\S*: would unpack to \d+ times its size", row) for row in rows)
    assert any("nobody is not in the roster" in row for row in rows)
    assert any("_4350_" in row and "it cannot be unpacked (" in row for row in rows)
    assert "Nothing from Mary Jane Watson-Smith." in rows, "what Bo Ek handed in cannot be unpacked"
    assert "there is no notebook in it" in term.said["Gradescope last"]
    assert sorted(path.parents[1].name for path in (term.root / "submitted" / ".earlier").glob("*/*/1")) == sorted(
        each.id for each in term.students if each.resubmitted
    )


def test_grade_and_late_penalties(term: Term) -> None:
    assert term.last("grade") == "50 graded, 3 not gradable."
    marks = grades_of(Course(term.root), LESSON)
    found = {student: (each.points, each.penalty, each.final) for student, each in marks.items() if not each.ungraded}
    assert found == {each.id: (each.points, each.penalty, each.points - each.penalty) for each in term.graded}
    assert [each.id for each in term.graded if found[each.id][1]] == ["m16", "4330", "m31", "g32", "4335"]
    assert {student: marks[student].handed_in for student in ("4330", "m31", "g32", "g37", "4300")} == {
        "4330": "late",
        "m31": "late",
        "g32": "2026-10-20 12:30:00",
        "g37": "2026-10-05 12:30:00",
        "4300": "",
    }


def test_every_answer_is_known_for_what_it_is(term: Term) -> None:
    works = {work.student: work for work in read_class(Course(term.root), lesson())}
    assert {student: {name: each.state for name, each in work.answers.items()} for student, work in works.items()} == {
        each.id: each.states for each in term.graded
    }
    named = {
        student: {each.exercise: each.mistake for each in work.answers.values() if each.mistake}
        for student, work in works.items()
    }
    assert named == {each.id: each.mistakes for each in term.graded}
    every = {(name, wrong.name) for name, each in lesson().exercises.items() for wrong in each.misconceptions}
    assert len(every) == 88 and every == {pair for mistakes in named.values() for pair in mistakes.items()}


@pytest.mark.parametrize("number", [0, 14, 20, 31, 40, 46, 48, 49])
def test_why(term: Term, number: int) -> None:
    student = term.students[number]
    said = term.run(f"why {number}", "why", student.id, LESSON)
    left = student.points - student.penalty
    assert said.startswith(f"{student.id}: {left:g} of 20 points in {LESSON}\n")
    assert ("Late: " in said) == student.late
    words = {"right": "right", "waiting": "not begun", "untested": "not tested"}
    for name, state in student.states.items():
        points = f"{POINTS[name] if state == 'right' else 0} of {POINTS[name]} point{'s' if POINTS[name] > 1 else ''}"
        mistake = f" ({student.mistakes[name]})" if name in student.mistakes else ""
        assert f" {name}: {words.get(state, 'wrong')}, {points}{mistake}\n" in said
    assert "\x1b" not in said


def test_report(term: Term, figures: Figures) -> None:
    there = presence(Course(term.root), figures)
    assert (there.handed_in, there.of) == (53, 60)
    assert there.ungraded == ("d53", "m51", "user-54")
    assert there.missing == tuple(sorted(each.id for each in term.students if not each.collected))
    assert {name: dict(states) for name, states in figures.states.items()} == {
        name: dict(Counter(each.states[name] for each in term.graded)) for name in POINTS
    }
    assert dict(figures.states["corr2d"]) == {"right": 10, "named": 30, "unnamed": 1, "waiting": 8, "untested": 1}
    mistakes = {(each.exercise, each.name): len(each.answers) for each in figures.mistakes}
    assert mistakes == Counter(pair for each in term.graded for pair in each.mistakes.items())
    follow = {each.name: each.following.total() for each in figures.mistakes if each.exercise == "corr2d"}
    slipped = {each.mistakes["corr2d"] for each in term.students if each.story == "slip"}
    assert follow == {name: int(name in slipped) for name in follow} and len(slipped) == 15
    shares = sum((each.points - each.penalty) / 20 for each in term.graded) / 50
    assert figures.mean == pytest.approx(shares)
    assert [sorted(twins) for twins in figures.twins] == [
        sorted(each.id for each in term.graded if each.story == "right"),
        sorted(each.id for each in term.graded if each.story == "half"),
    ]
    assert figures.stopped == {"positions": 3}
    assert f"{LESSON}: 50 graded, {figures.mean:.0%} of the points on average; most frequent: " in term.said["report"]
    page = (term.root / "reports" / "sliding_regions.html").read_text("utf-8")
    assert "<script" not in page and not [each.name for each in term.students if each.name in page]


def test_feedback(term: Term) -> None:
    assert "Feedback: 50 pages made." in term.said["feedback"]
    assert "10 as Canvas takes them, 10 as Moodle takes them, 30 by student" in term.said["feedback"]
    pages = list((term.root / "feedback").glob("*/*/*.html"))
    assert sorted(page.parents[1].name for page in pages) == sorted(each.id for each in term.graded)
    with zipfile.ZipFile(term.root / "exports" / f"{LESSON}_feedback.zip") as archive:
        names = set(archive.namelist())
    assert len(names) == 50
    assert "nyzoë_4300_9000_sliding_regions_feedback.html" in names
    assert "þórólafur_LATE_4335_9535_sliding_regions_feedback.html" in names
    assert "Ann Lee_7031_assignsubmission_file_/sliding_regions_feedback.html" in names


def test_export(term: Term) -> None:
    final = {each.id: f"{each.points - each.penalty:g}" for each in term.graded}
    assert {row["id"]: row["grade"] for row in read(term.root / "exports" / f"{LESSON}.csv")} == final
    ungraded = "3 that could not be graded and get no mark (d53, m51, user-54)"
    assert f"50 grades, {ungraded}.\n" in term.said["export"]
    columns = {
        "Canvas": ("ID", "Sliding regions (777)"),
        "Moodle": ("ID-Nummer", "Bewertung"),
        "Gradescope": ("SID", "sliding regions"),
    }
    for platform, (key, grade) in columns.items():
        found = {row[key]: row[grade] for row in read(term.root / "exports" / f"{platform}.csv")}
        for each in term.on(platform):
            assert found[each.id] == final.get(each.id, ""), each
    assert len(read(term.root / "exports" / "Canvas.csv")) == 14, "with the points possible and the test student"
    assert (
        "10 grades in the column 'Sliding regions (777)', "
        "1 who handed in what cannot be used, and get no mark (Ek, Bo), "
        "1 of Canvas.csv without a grade (Watson-Smith, Mary Jane), 40 graded who" in term.said["export Canvas"]
    )
    assert "10 grades, 2 of Moodle.csv without a grade (Bo Ek, Mary Jane Watson-Smith)" in term.said["export Moodle"]


def test_all_of_it_once_more_changes_nothing(term: Term) -> None:
    before = state(term.root)
    for platform in PLATFORMS:
        files = term.root.parent / platform / "last"
        collect(term, platform, next(files.iterdir()), f"{platform} last again")
        late = term.last(f"{platform} last again")
        assert re.search(r": 1[01] as before, ", late) and "new" not in late, late
    old = term.root.parent / "Canvas" / "first"
    collect(term, "Canvas", next(old.iterdir()), "Canvas first again")
    assert ": 9 as before, 1 older than what is here, and left out, 2 late" in term.last("Canvas first again")
    term.run("grade again", "grade", LESSON, code=1)
    assert term.last("grade again") == "0 graded, 50 graded before and unchanged, 3 not gradable."
    make_the_rest(term, " again")
    assert "Feedback: 0 pages made, 50 unchanged." in term.said["feedback again"]
    for step in ("report", "export", "export Canvas", "export Moodle", "export Gradescope"):
        assert term.said[f"{step} again"] == term.said[step]
    assert state(term.root) == before


def state(root: Path) -> dict[str, object]:
    folders = ("submitted", "autograded", "feedback", "reports", "exports")
    files = [
        path for folder in folders for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".zip"
    ]
    return {"gradebook": everything(root)} | {str(path): path.read_bytes() for path in files}


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
