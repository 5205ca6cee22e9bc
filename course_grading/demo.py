"""`make demo`: a small simulated class hands in a lesson, nbgrader grades it, and a table shows who got what and why.

All of it happens in a temporary copy of the course, with a gradebook of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from rich.console import Console
from rich.table import Table

from course_grading.exercises import Lesson, course_root, load_lesson
from course_grading.submissions import answer_source, right_answers, submission
from course_utils.checking import RECORD_TYPE


@dataclass(frozen=True)
class HandIn:
    """What one simulated student hands in. `named` is the misconception that grading is to find, if there is one."""

    student: str
    story: str
    text: str
    named: str = ""


@dataclass(frozen=True)
class Result:
    """How one hand-in was graded: the score is None where nothing could be graded; `named` are the misconceptions."""

    hand_in: HandIn
    score: float | None
    named: tuple[str, ...] = ()


def simulated_class(lesson: Lesson) -> Iterator[HandIn]:
    """Right in two ways, wrong in one way for each exercise, untouched, and broken in three ways."""
    right = right_answers(lesson)
    other = {
        name: answer_source(lesson, name, next(iter(declared.alternatives)))
        for name, declared in lesson.exercises.items()
        if declared.alternatives
    }
    yield HandIn("ada", "everything right", _text(lesson, right))
    yield HandIn("alan", "right in other ways", _text(lesson, right | other))
    for number, (name, declared) in enumerate(lesson.exercises.items()):
        wrong = declared.misconceptions[number % len(declared.misconceptions)].name
        answers = right | {name: answer_source(lesson, name, wrong)}
        yield HandIn(f"wrong-{name}", f"{name}: {wrong}", _text(lesson, answers), f"{name}: {wrong}")
    yield HandIn("untouched", "nothing filled in", _text(lesson, {}))
    last = list(lesson.exercises)[-1]
    yield HandIn("no-python", f"a syntax error in {last}", _text(lesson, right | {last: f"def {last}(:"}))
    yield HandIn("cut-off", "half of the file", _text(lesson, right)[: len(_text(lesson, right)) // 2])
    yield HandIn("empty", "an empty file", "")


def grade_class(lesson: Lesson, hand_ins: list[HandIn], folder: Path) -> list[Result]:
    """Grade `hand_ins` in a copy of the course in `folder`, with nbgrader and its gradebook there."""
    root = lesson.folder.parents[1]
    shutil.copy(root / "nbgrader_config.py", folder)
    shutil.copytree(lesson.folder, folder / "solutions" / lesson.folder.name)
    for hand_in in hand_ins:
        handed_in = folder / "submitted" / hand_in.student / lesson.folder.name / lesson.notebook.name
        handed_in.parent.mkdir(parents=True)
        handed_in.write_text(hand_in.text, encoding="utf-8")
    _course(folder, "build", lesson.folder.name)
    _course(folder, "grade", lesson.folder.name)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return [_result(gradebook, lesson, hand_in, folder) for hand_in in hand_ins]


def table(lesson: Lesson, results: list[Result], full: float) -> Table:
    """The class at a glance."""
    shown = Table(title=f"{lesson.folder.name}: a simulated class, graded by nbgrader")
    shown.add_column("student")
    shown.add_column("handed in")
    shown.add_column(f"score of {full:g}", justify="right")
    shown.add_column("misconceptions named by the hidden tests")
    for result in results:
        score = "not graded" if result.score is None else f"{result.score:g}"
        shown.add_row(result.hand_in.student, result.hand_in.story, score, "\n".join(result.named) or "—")
    return shown


def main() -> None:
    """Grade the simulated class of lesson 1 and print the table."""
    lesson = load_lesson("sliding_regions", course_root())
    with tempfile.TemporaryDirectory() as folder:
        results = grade_class(lesson, list(simulated_class(lesson)), Path(folder))
    Console().print(table(lesson, results, full_score(lesson)))


def full_score(lesson: Lesson) -> float:
    """The points of all test cells of the lesson's source."""
    source = nbformat.read(lesson.notebook, as_version=4)
    return sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in source.cells)


def _text(lesson: Lesson, answers: dict[str, str]) -> str:
    return nbformat.writes(submission(lesson, answers))


def _course(folder: Path, *arguments: str) -> None:
    """Run the `course` command in the copy of the course."""
    environ = os.environ | {"COURSE_ROOT": str(folder)}
    subprocess.run([Path(sys.executable).with_name("course"), *arguments], cwd=folder, env=environ)


def _result(gradebook: Gradebook, lesson: Lesson, hand_in: HandIn, folder: Path) -> Result:
    graded = folder / "autograded" / hand_in.student / lesson.folder.name / lesson.notebook.name
    try:
        handed_in = gradebook.find_submission(lesson.folder.name, hand_in.student)
    except MissingEntry:
        return Result(hand_in, None)
    if not graded.is_file():
        return Result(hand_in, None)
    records = [
        output.data[RECORD_TYPE]
        for cell in nbformat.read(graded, as_version=4).cells
        for output in cell.get("outputs", [])
        if RECORD_TYPE in output.get("data", {})
    ]
    named = [
        f"{record['exercise'].partition('.')[2]}: {record['misconception']}"
        for record in records
        if record["misconception"]
    ]
    return Result(hand_in, handed_in.score, tuple(dict.fromkeys(named)))


if __name__ == "__main__":
    main()
