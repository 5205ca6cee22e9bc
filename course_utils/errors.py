"""Errors for people: in a notebook they show their one sentence, never a traceback through our files."""

from collections.abc import Iterable
from difflib import get_close_matches

JUDGED = "COURSE_JUDGED"  # set where a hidden test follows each check in its cell, and runs whatever the check says


class CourseError(Exception):
    """Something the reader can put right; the message says how."""

    def _render_traceback_(self) -> list[str]:
        # IPython, from before 7.34 to now, asks an exception for this before it formats a traceback.
        return [str(self)]


class BadArgument(CourseError, ValueError, TypeError):
    """What a tool was given is not what it takes: for programs the error that Python's own tools raise."""


class Interrupted(KeyboardInterrupt):
    """Somebody stopped a check: Run All stops as well, and no traceback goes through our files."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class CheckFailed(CourseError):
    """An answer is not right yet. The card above the error says why."""


class NoAnswer(Exception):
    """A student's process gave no answer, or one that cannot be read: what it was asked for is not right."""


class TestBroken(CourseError):
    """A hidden test failed by its author's mistake, which costs nobody a mark; the message says where to mend it."""

    __test__ = False  # not a class of tests, whatever pytest makes of its name


def did_you_mean(name: str, *known: Iterable[str]) -> str:
    """The end of a sentence about a name that nothing has: " (did you mean 'x'?)", or the choice there is.

    Of several lists of names, all are compared and the first is what is offered where nothing is near.
    """
    names = [list(each) for each in known]
    if close := get_close_matches(name, [each for part in names for each in part], n=1, cutoff=0.5):
        return f" (did you mean '{close[0]}'?)"
    return f" (there are: {', '.join(names[0])})" if names and names[0] else ""
