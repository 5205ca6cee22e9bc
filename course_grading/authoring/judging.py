"""`judge`: the hidden test. The same engine as the student's `check`, on fresh inputs and the live reference."""

from __future__ import annotations

import dataclasses
import functools
import secrets
from typing import Any

from course_grading.authoring.language import Lesson, load_lesson
from course_utils.checking import examine, report
from course_utils.errors import CourseError


def judge(name: str, answer: Any, seed: int | None = None) -> None:
    """Test an answer to the exercise "lesson.exercise" on fresh inputs; raises `CheckFailed` where it earns no marks.

    The seed is drawn afresh each time and kept in the record; give it to replay a failing case.
    """
    lesson_name, _, exercise_name = name.partition(".")
    exercise = _lesson(lesson_name).exercises.get(exercise_name)
    if exercise is None:
        raise CourseError(f"{lesson_name} declares no exercise '{exercise_name}'.")
    seed = secrets.randbits(32) if seed is None else seed
    spec = exercise.spec(_lesson(lesson_name).name, exercise.fresh_cases(seed))
    verdict = dataclasses.replace(examine(spec, answer), details={"by": "judge", "seed": seed})
    if verdict.outcome != "right":
        report(verdict, graded=True)


@functools.cache
def _lesson(name: str) -> Lesson:
    return load_lesson(name)
