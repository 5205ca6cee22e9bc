"""Where the course is. Apart from the rest, so that a process that only grades need not import torch."""

import os
from pathlib import Path


def course_root() -> Path:
    """The course's folder: $COURSE_ROOT, or the folder above this package that holds nbgrader_config.py."""
    named = os.environ.get("COURSE_ROOT")
    for folder in [Path(named)] if named else Path(__file__).resolve().parents:
        if (folder / "nbgrader_config.py").exists():
            return folder
    from course_utils.errors import CourseError

    raise CourseError("The course's folder was not found: set COURSE_ROOT to the folder that holds nbgrader_config.py.")
