"""What instructors run: the `course` command and plug-ins for nbgrader. Never given to students."""

from typing import Any

__all__ = ["judge"]


def __getattr__(name: str) -> Any:
    if name == "judge":  # on demand: the process that grades a class needs no torch
        from course_grading.authoring.judging import judge

        return judge
    raise AttributeError(f"module 'course_grading' has no attribute {name!r}")
