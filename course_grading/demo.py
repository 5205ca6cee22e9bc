"""`make demo`: a small simulated class hands in a lesson, `course grade` grades it, a table shows who got what and why.

All of it happens in a temporary copy of the course, with a gradebook of its own.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.progress import track
from rich.table import Table

from course_grading.authoring.bundle import student_notebooks
from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.simulated import answer_source, filled_in, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.environ import environ
from course_grading.grading.whole_class import ClassGrader, Row
from course_grading.places import lesson_folders
from course_grading.terminal import complain, console, foreign
from course_utils.errors import CourseError
from course_utils.output import RECORD_TYPE


@dataclass(frozen=True)
class HandIn:
    """What one simulated student hands in. `named` is the misconception that grading is to find, if there is one."""

    student: str
    story: str
    text: str
    named: str = ""


@dataclass(frozen=True)
class Result:
    """How one hand-in was graded: its score, None where nothing could be graded, and what the grader said about it."""

    hand_in: HandIn
    score: float | None
    named: tuple[str, ...]  # "exercise: misconception" of each wrong answer whose mistake was recognised
    remarks: tuple[str, ...]


def simulated_class(lesson: Lesson) -> Iterator[HandIn]:
    """Right in three ways, wrong in one way for each exercise, untouched, and broken in three ways."""
    right = right_answers(lesson)
    other = {
        name: answer_source(lesson, name, next(iter(declared.alternatives)))
        for name, declared in lesson.exercises.items()
        if declared.alternatives
    }
    yield HandIn("ada", "all right", _text(lesson, right))
    yield HandIn("grace", "all right, on Colab", _as_colab_saves(lesson, right))
    yield HandIn("alan", "all right, in other ways", _text(lesson, right | other))
    for number, (name, declared) in enumerate(lesson.exercises.items()):
        wrong = declared.misconceptions[number % len(declared.misconceptions)].name
        answers = right | {name: answer_source(lesson, name, wrong)}
        yield HandIn(f"wrong{number + 1}", f"{name}: {wrong}", _text(lesson, answers), f"{name}: {wrong}")
    yield HandIn("untouched", "nothing filled in", _text(lesson, {}))
    last = list(lesson.exercises)[-1]
    yield HandIn("broken1", f"{last}: a syntax error", _text(lesson, right | {last: f"def {last}(:"}))
    yield HandIn("broken2", "half of the file", _text(lesson, right)[: len(_text(lesson, right)) // 2])
    yield HandIn("broken3", "an empty file", "")


def grade_class(lesson: Lesson, hand_ins: list[HandIn], folder: Path) -> list[Result]:
    """Grade `hand_ins` in a copy of the course in `folder`, with a gradebook there."""
    shutil.copy(lesson.folder.parents[1] / "nbgrader_config.py", folder)
    shutil.copytree(lesson.folder, folder / "solutions" / lesson.folder.name)
    for hand_in in hand_ins:
        handed_in = folder / "submitted" / hand_in.student / lesson.folder.name / lesson.notebook.name
        handed_in.parent.mkdir(parents=True)
        handed_in.write_text(hand_in.text, encoding="utf-8")
    with environ(COURSE_ROOT=str(folder)):
        grader = ClassGrader(Course(folder), [lesson.folder.name])
        rows = {row.student: row for row in track(grader, "Grading", len(hand_ins), transient=True, console=console())}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return [_result(gradebook, lesson, hand_in, folder, rows[hand_in.student]) for hand_in in hand_ins]


def table(lesson: Lesson, results: list[Result]) -> Table:
    """The class at a glance."""
    shown = Table(
        title=f"A simulated class hands in {lesson.folder.name}",
        caption="On the right, by name: the misconceptions that the tests recognised.",
    )
    shown.add_column("student")
    shown.add_column("handed in")
    shown.add_column(f"of {full_score(lesson):g}", justify="right")
    shown.add_column("what grading found")
    for result in results:
        score = "–" if result.score is None else f"{result.score:g}"
        shown.add_row(result.hand_in.student, result.hand_in.story, score, "\n".join(result.named + result.remarks))
    return shown


def main() -> None:
    """Grade a simulated class in each lesson named on the command line (or "all"; by default lesson 1)."""
    names = sys.argv[1:] or ["sliding_regions"]
    out = console()
    try:
        if names == ["all"]:
            names = [folder.name for folder in lesson_folders()]
        for lesson in map(load_lesson, names):
            with tempfile.TemporaryDirectory() as folder:
                results = grade_class(lesson, list(simulated_class(lesson)), Path(folder))
            out.print(table(lesson, results))
    except CourseError as error:
        complain(f"demo: {foreign(error)}")
        sys.exit(1)


def full_score(lesson: Lesson) -> float:
    """The points of all test cells of the lesson's source."""
    source = nbformat.read(lesson.notebook, as_version=4)
    return sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in source.cells)


def _text(lesson: Lesson, answers: dict[str, str]) -> str:
    return nbformat.writes(filled_notebook(lesson, answers))


def _as_colab_saves(lesson: Lesson, answers: dict[str, str]) -> str:
    """The notebook of the student version, in the older format that Colab writes: an id in each cell's metadata."""
    published = student_notebooks(lesson.folder.parents[1], "https://example.org/course.zip")
    text = published[f"notebooks/{lesson.folder.name}/{lesson.notebook.name}"]
    notebook = json.loads(nbformat.writes(filled_in(lesson, nbformat.reads(text, as_version=4), answers)))
    for cell in notebook["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
    notebook["metadata"] |= {"colab": {"provenance": []}, "language_info": {"name": "python"}}
    return json.dumps(notebook | {"nbformat_minor": 0})


def _result(gradebook: Gradebook, lesson: Lesson, hand_in: HandIn, folder: Path, row: Row) -> Result:
    if row.state == "not gradable":
        return Result(hand_in, None, (), row.problems)
    score = gradebook.find_submission(lesson.folder.name, hand_in.student).score
    graded = folder / "autograded" / hand_in.student / lesson.folder.name / lesson.notebook.name
    records = [
        output.data[RECORD_TYPE]
        for cell in nbformat.read(graded, as_version=4).cells
        for output in cell.get("outputs", [])
        if RECORD_TYPE in output.get("data", {})
    ]
    mistakes = [record for record in records if record["outcome"] == "wrong"]
    wrong = {record["exercise"].partition(".")[2]: record["misconception"] for record in mistakes}
    named = tuple(f"{exercise}: {misconception}" for exercise, misconception in wrong.items() if misconception)
    others = ", ".join(exercise for exercise, misconception in wrong.items() if not misconception)
    return Result(hand_in, score, named, (*([f"also wrong: {others}"] if others else []), *row.problems))


if __name__ == "__main__":
    main()
