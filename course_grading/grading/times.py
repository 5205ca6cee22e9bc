"""When something was handed in. What lies in the hand-in is the student's own word, a timestamp.txt too: what
`course collect` noted beside all hand-ins is the instructor's."""

import json
import os
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError

RECORDS = ".collected.json"  # in submitted/
STAMP = "timestamp.txt"  # in submitted/STUDENT/LESSON/, as nbgrader's exchange and zip_collect write it
NOT_BELIEVED = (
    f"Its {STAMP} may be the student's own, and does not count: take hand-ins with `course collect`, or say "
    "c.Repair.trust_timestamps = True in nbgrader_config.py where nbgrader's exchange wrote it."
)
UNREADABLE = f"Its {STAMP} is no time, so it counts as on time: see when it was handed in, and mend or delete the file."


class Records:
    """Where each hand-in came from and when it was handed in. Raises CourseError where the file is damaged."""

    def __init__(self, submitted: Path) -> None:
        self._path = submitted / RECORDS
        self._all = _read(self._path, _changed(self._path))

    def of(self, lesson: str, student: str) -> dict[str, Any] | None:
        return self._all.get(lesson, {}).get(student)

    def note(self, lesson: str, student: str, record: dict[str, Any]) -> None:
        self._all.setdefault(lesson, {})[student] = record

    def write(self) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_text(json.dumps(self._all, indent=1), encoding="utf-8")
        os.replace(new, self._path)


def handed_in_at(folder: Path, trust_stamps: bool = False) -> tuple[datetime | None, str]:
    """When submitted/STUDENT/LESSON/ was handed in, in UTC without a zone as nbgrader keeps it, and a remark for the
    instructor; None where it is not known. With `trust_stamps`, a timestamp.txt counts where nothing was noted."""
    from nbgrader.utils import parse_utc  # here, as `course collect` has no need of nbgrader's seconds

    record = Records(folder.parents[1]).of(folder.name, folder.parent.name)
    if record:
        return (parse_utc(record["at"]) if record.get("at") else None), ""
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
