"""When something was handed in. What lies in the hand-in is the student's own word, a timestamp.txt too: what
`course collect` noted beside all hand-ins is the instructor's."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from course_grading.files import replacing
from course_utils.errors import CourseError

try:
    import fcntl
except ImportError:  # Windows: two at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

RECORDS = ".collected.json"  # in submitted/
STAMP = "timestamp.txt"  # in submitted/STUDENT/LESSON/, as nbgrader's exchange and zip_collect write it
NOT_BELIEVED = (
    f"Its {STAMP} may be the student's own, and does not count: take hand-ins with `course collect`, or say "
    "c.Repair.trust_timestamps = True in nbgrader_config.py where nbgrader's exchange wrote it."
)
NO_DUE_DATE = (
    "It was late by {whose} word, but this lesson has no due date, without which nothing is taken off: set one, "
    "`nbgrader db assignment add {lesson} --duedate=…`, and grade again."
)
EXTENDED = (
    "It was late by the platform's word, which does not know of the extension that you gave: it counts as on time. "
    "Nobody says when it was handed in."
)
A_SECOND = timedelta(seconds=1)
UNREADABLE = f"Its {STAMP} is no time, so it counts as on time: see when it was handed in, and mend or delete the file."


class Records:
    """Where each hand-in came from and when it was handed in. Raises CourseError where the file is damaged."""

    def __init__(self, submitted: Path) -> None:
        self._path = submitted / RECORDS
        self._all = _read(self._path, _changed(self._path))

    def of(self, lesson: str, student: str) -> dict[str, Any] | None:
        return self.all_of(lesson).get(student)

    def all_of(self, lesson: str) -> dict[str, dict[str, Any]]:
        """By student."""
        return self._all.get(lesson, {})

    def note(self, lesson: str, student: str, record: dict[str, Any]) -> None:
        self._all.setdefault(lesson, {})[student] = record

    def move(self, lesson: str, student: str, other: str) -> None:
        """What is noted of a student is another's, who is the same person."""
        self._all[lesson][other] = self._all[lesson].pop(student)

    def forget(self, lesson: str, student: str) -> None:
        del self._all[lesson][student]

    def write(self) -> None:
        with replacing(self._path) as new:
            new.write_text(json.dumps(self._all, indent=1), encoding="utf-8")


@contextmanager
def alone_in(submitted: Path) -> Iterator[None]:
    """One `course collect` at a time reads and writes the records; another waits."""
    with open(submitted / f"{RECORDS}.lock", "a") as lock:
        if fcntl:
            fcntl.lockf(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Due:
    """When a student's work was due, in UTC without a zone, and the extension that is on top of it."""

    date: datetime | None
    extension: timedelta | None = None


def handed_in_at(folder: Path, due: Callable[[], Due], trust_stamps: bool = False) -> tuple[datetime | None, str]:
    """When submitted/STUDENT/LESSON/ was handed in, in UTC without a zone as nbgrader keeps it, and a remark for the
    instructor; None where it is not known. What was late by the platform's word counts as at least a second late. With
    `trust_stamps`, a timestamp.txt counts where nothing was noted."""
    from nbgrader.utils import parse_utc  # here, as `course collect` has no need of nbgrader's seconds

    record = Records(folder.parents[1]).of(folder.name, folder.parent.name)
    if record:
        when = parse_utc(record["at"]) if record.get("at") else None
        return _late(when, due(), record, folder.name) if record.get("late") else (when, "")
    path = folder / STAMP
    if path.is_symlink() or not path.is_file():
        return None, UNREADABLE if os.path.lexists(path) else ""
    if not trust_stamps:
        return None, NOT_BELIEVED
    try:
        with path.open("rb") as file:
            text = file.read(100).decode("utf-8-sig").strip()
        return (parse_utc(text), "") if text else (None, UNREADABLE)
    except (OSError, ValueError, OverflowError):
        return None, UNREADABLE


def was_collected(folder: Path) -> bool:
    """Whether what is noted of submitted/STUDENT/LESSON/ is all that is known of its time."""
    return Records(folder.parents[1]).of(folder.name, folder.parent.name) is not None


def _late(when: datetime | None, due: Due, record: dict[str, Any], lesson: str) -> tuple[datetime | None, str]:
    """The time of what somebody says was late: the penalty is reckoned from it."""
    if due.date is None:
        whose = "your" if record.get("late_by_hand") else "the platform's"
        return when, NO_DUE_DATE.format(whose=whose, lesson=lesson)
    if due.extension and not record.get("late_by_hand"):
        return when, "" if when else EXTENDED
    least = due.date + (due.extension or timedelta()) + A_SECOND
    return (max(when, least) if when else least), ""


def noted(when: datetime | None) -> str | None:
    """A time as `Records` keep it."""
    return when.astimezone(UTC).isoformat() if when else None


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _read(path: Path, _: int) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict):
            return found
    except FileNotFoundError:
        return {}
    except ValueError:
        pass
    raise CourseError(f"{path} is damaged: move it away, and collect again.")
