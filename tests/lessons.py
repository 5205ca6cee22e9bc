"""Every lesson and exercise of the course, found and not listed, so that lessons to come are tested too; and whether a
check refuses an answer. conftest.py runs what asks for `each_lesson` or `each_exercise` for every one of them."""

import dataclasses
from collections.abc import Callable

from course_grading.authoring.language import load_lesson
from course_grading.places import lesson_folders
from course_utils import checking
from course_utils.specs import Spec
from tests.conftest import ROOT

LESSONS = {folder.name: load_lesson(folder.name, ROOT) for folder in lesson_folders(ROOT)}
EXERCISES = {
    f"{lesson.name}.{name}": (lesson, item) for lesson in LESSONS.values() for name, item in lesson.exercises.items()
}


def refused(spec: Spec, answer: Callable) -> bool:
    """Whether a check refuses an answer. The first case alone is tried first: there most wrong ones fail already."""
    if spec.is_function:
        first = dataclasses.replace(spec, cases=tuple(spec.cases)[:1])
        if callable(answer) and any(trial.failed for trial in checking.tried(first, answer)):
            return True
    return checking.examine(spec, answer).outcome != "right"
