"""Honest submissions earn what stock `nbgrader autograde` gives them, cell by cell.

Each notebook answers every exercise in one of the ways its lesson declares, right or wrong. Stock nbgrader takes 6 to
15 s for each, so a few stand for all: which score an answer gets is the checks' business, and theirs are the same.
"""

import json
from itertools import zip_longest
from pathlib import Path

import pytest

from course_grading.authoring.language import Lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader
from tests.grading.courses import copy_course, nbgrader
from tests.grading.gradebooks import cell_scores

MIXED = 2  # notebooks of mixed answers a lesson

# (lesson, student, cell) → why stock's score is not the right one
DIFFERENCES: dict[tuple[str, str, str], str] = {}


def answers(lesson: Lesson) -> dict[str, dict[str, str]]:
    """Student → exercise → source: all right, nothing, and notebooks of declared answers, wrong and right in turn."""
    right = right_answers(lesson)
    declared = {
        name: [
            answer_source(lesson, name, other)
            for other in (*(wrong.name for wrong in exercise.misconceptions), *exercise.alternatives)
        ]
        for name, exercise in lesson.exercises.items()
        if name in right
    }
    mixed = list(zip_longest(*declared.values()))
    mixed = mixed[:: max(1, len(mixed) // MIXED)][:MIXED]
    return {"right": right, "untouched": {}} | {
        f"mixed_{number}": {name: source or right[name] for name, source in zip(declared, sources, strict=True)}
        for number, sources in enumerate(mixed)
    }


def test_honest_submissions_earn_what_stock_nbgrader_gives(
    lesson: Lesson, tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = lesson.folder.name
    ours = copy_course(tmp_path / "ours", empty_gradebook, lesson=name)
    stock = copy_course(tmp_path / "stock", empty_gradebook, stock=True, lesson=name)
    handed_in = answers(lesson)
    for student, sources in handed_in.items():
        for root in (ours, stock):
            folder = root / "submitted" / student / name
            folder.mkdir(parents=True)
            (folder / lesson.notebook.name).write_text(json.dumps(filled_notebook(lesson, sources)))

    monkeypatch.setenv("COURSE_ROOT", str(ours))
    rows = list(ClassGrader(Course(ours), [name], jobs=2))
    nbgrader(stock, "generate_assignment", name, "--force")
    nbgrader(stock, "autograde", name)

    assert {row.state for row in rows} == {"graded"}
    assert {problem for row in rows for problem in row.problems} == set()
    scores, theirs = cell_scores(ours), cell_scores(stock)
    assert set(theirs) == set(handed_in)
    different = {
        (name, student, cell): (scores[student][cell], points)
        for student in theirs
        for cell, points in theirs[student].items()
        if scores[student][cell] != points
    }
    assert set(different) == set(DIFFERENCES), different
    assert all(scores["right"].values()) and not any(scores["untouched"].values())
