"""Errors for people: in a notebook they show their one sentence, never a traceback through our files."""


class CourseError(Exception):
    """Something the reader can put right; the message says how."""

    def _render_traceback_(self) -> list[str]:
        # IPython, from before 7.34 to now, asks an exception for this before it formats a traceback.
        return [str(self)]


class CheckFailed(CourseError):
    """An answer is not right yet. The card above the error says why."""
