"""What instructors run: the `course` command and plug-ins for nbgrader. Never given to students."""

import sys
from typing import Any

# jsonschema, which nbformat imports, would build a grammar of internet addresses for a second; no notebook needs it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__all__ = ["judge"]


def __getattr__(name: str) -> Any:
    if name == "judge":  # on demand: the process that grades a class needs no torch
        from course_grading.authoring.judging import judge

        return judge
    raise AttributeError(f"module 'course_grading' has no attribute {name!r}")
