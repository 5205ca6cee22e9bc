"""Writing lessons: declare exercises, build what students get, judge answers, bundle the student version."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_grading.authoring.language import BY_HAND, exercise, explanation, fact, guess
    from course_utils.values import File

__all__ = ["BY_HAND", "File", "exercise", "explanation", "fact", "guess"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # on demand: `course build` begins before it has imported torch
        return getattr(import_module("course_grading.authoring.language"), name)
    raise AttributeError(f"module 'course_grading.authoring' has no attribute {name!r}")
