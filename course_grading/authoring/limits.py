"""What an author wrote comes to an end, or `course build` says what does not."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from course_grading.alarm import raising_after
from course_utils.errors import CourseError

SECONDS = 60.0  # for one answer to all cases of one test, or for drawing them
MOST_INPUTS = 1000  # of one hidden test
MEMORY = 2 << 30  # bytes that what an author wrote may take on top of what its process begins with


class _Late(BaseException):
    """Time is up; nothing that takes an exception for an answer stops it."""


@contextmanager
def in_time(what: str) -> Iterator[None]:
    """Raise CourseError where the body takes longer than `SECONDS`, naming the author's function that was running then,
    or else `what`. For the main thread alone, in which signals arrive."""
    try:
        with raising_after(SECONDS, _Late):
            yield
    except _Late as late:
        raise CourseError(
            f"{_running(late) or what} has not come to an end in {SECONDS:g} seconds. Does a loop in it never end, or "
            "are the inputs too large?"
        ) from None


def _running(late: _Late) -> str:
    """What of exercises.py was running: "contrast.wrong.largest_only (line 44)"; "" where nothing of it was."""
    for frame, line in traceback.walk_tb(late.__traceback__):
        if frame.f_code.co_filename.endswith("exercises.py"):
            name = frame.f_code.co_qualname
            return f"{'exercises.py' if name == '<module>' else name} (line {line})"
    return ""
