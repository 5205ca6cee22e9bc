"""Honest submissions earn what stock `nbgrader autograde` gives them, cell by cell.

Stock nbgrader takes seconds for each, so of every lesson one stands for all, in which every second answer is wrong and
the others are right: which score an answer gets is the checks' business, and theirs are the same.
"""

import json
import shutil
from itertools import cycle
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import Autograde

from course_grading.authoring.build import warm_up_for
from course_grading.authoring.fresh_kernels import FreshKernel
from course_grading.authoring.language import Lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.environ import environ
from course_grading.grading.whole_class import ClassGrader, Row
from course_grading.places import lesson_folders
from course_utils.output import RECORD_TYPE
from tests.grading.courses import ROOT, copy_course
from tests.grading.gradebooks import cell_scores
from tests.lessons import LESSONS

# (lesson, cell) → why stock's score is not the right one
DIFFERENCES: dict[tuple[str, str], str] = {}


def hand_in(root: Path, lesson: Lesson) -> None:
    for student, sources in {"right": right_answers(lesson), "untouched": {}, "mixed": mixed(lesson)}.items():
        folder = root / "submitted" / student / lesson.folder.name
        folder.mkdir(parents=True)
        (folder / lesson.notebook.name).write_text(json.dumps(filled_notebook(lesson, sources)))


def mixed(lesson: Lesson) -> dict[str, str]:
    """Every second exercise answered wrongly, as its lesson declares; the others in another right way."""
    answers = right_answers(lesson)
    for (name, exercise), wrong in zip(lesson.exercises.items(), cycle([True, False])):
        declared = [each.name for each in exercise.misconceptions] if wrong else list(exercise.alternatives)
        if name in answers and declared:
            answers[name] = answer_source(lesson, name, declared[-1])
    return answers


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> tuple[Path, list[Row]]:
    """Hand-ins of all lessons, graded by us in one run."""
    root = copy_course(tmp_path_factory.mktemp("course") / "ours", empty_gradebook)
    for lesson in LESSONS.values():
        hand_in(root, lesson)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(root))
        return root, list(ClassGrader(Course(root), list(LESSONS), jobs=2))


def test_honest_submissions_earn_what_stock_nbgrader_gives(
    each_lesson: Lesson, graded: tuple[Path, list[Row]], tmp_path: Path
) -> None:
    ours, rows = graded
    name = each_lesson.folder.name
    mine = [row for row in rows if row.lesson == name]
    assert [row.state for row in mine] == ["graded"] * 3
    assert {problem for row in mine for problem in row.problems} == set()

    stock = copy_course(tmp_path / "stock", ours / "gradebook.db", stock=True, lesson=name)
    shutil.copytree(ours / "submitted" / "mixed" / name, stock / "submitted" / "mixed" / name)
    autograde(stock, name)
    scores, theirs = cells_of(ours, each_lesson), cells_of(stock, each_lesson)
    different = {
        (name, cell): (scores["mixed"][cell], points)
        for cell, points in theirs["mixed"].items()
        if scores["mixed"][cell] != points
    }
    assert set(different) == set(DIFFERENCES), different
    assert all(scores["right"].values()) and not any(scores["untouched"].values())
    assert any(scores["mixed"].values()) and not all(scores["mixed"].values())


def autograde(root: Path, lesson: str) -> None:
    """What `nbgrader autograde LESSON` does, in this process and with kernels that are forked where all is imported: to
    start that command anew takes seconds, and so does each of its kernels."""
    warm_up_for(lesson_folders(ROOT))
    course = Course(root, {"Execute": {"kernel_manager_class": FreshKernel}})
    course.directory.assignment_id = lesson
    with environ(COURSE_ROOT=str(root)):  # where the lesson's own tests find their references
        Autograde(coursedir=course.directory, config=course.config).start()


def cells_of(root: Path, lesson: Lesson) -> dict[str, dict[str, float | None]]:
    cells = {cell.metadata.nbgrader.grade_id for cell in graded_cells(lesson)}
    return {student: {c: s for c, s in found.items() if c in cells} for student, found in cell_scores(root).items()}


def graded_cells(lesson: Lesson) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(lesson.notebook, as_version=4).cells
    return [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]


def test_a_right_notebook_leaves_nothing_but_right_records(each_lesson: Lesson, graded: tuple[Path, list[Row]]) -> None:
    place = graded[0] / "autograded" / "right" / each_lesson.folder.name / each_lesson.notebook.name
    outputs = [o for cell in nbformat.read(place, as_version=4).cells for o in cell.get("outputs", ())]
    records = [o.data[RECORD_TYPE] for o in outputs if RECORD_TYPE in o.get("data", {})]
    assert {record["exercise"].partition(".")[2] for record in records} == set(each_lesson.exercises)
    assert {record["outcome"] for record in records} == {"right"}
    assert not [o for o in outputs if o.output_type == "error"]
