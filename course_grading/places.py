"""Where the course and its lessons are. No torch is needed to find them."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from course_utils.errors import CourseError, did_you_mean

LESSON = re.compile(r"(?:(?P<number>\d\d)_)?(?P<short>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)")  # how lessons are named


def course_root() -> Path:
    """The course's folder: $COURSE_ROOT, or the folder above this package that holds nbgrader_config.py."""
    named = os.environ.get("COURSE_ROOT")
    for folder in [Path(named)] if named else Path(__file__).resolve().parents:
        if (folder / "nbgrader_config.py").exists():
            return folder
    raise CourseError("The course's folder was not found: set COURSE_ROOT to the folder that holds nbgrader_config.py.")


def short_name(folder: str | Path) -> str:
    """'sliding_regions' for the folder 01_sliding_regions."""
    return Path(folder).name.partition("_")[2]


def lesson_folders(root: Path | None = None) -> list[Path]:
    """The folders of all lessons under solutions/, in order."""
    inside = ((root or course_root()) / "solutions").iterdir()
    return sorted(path for path in inside if path.name[:1].isdigit() and path.is_dir())


def find_lesson(name: str, folders: Iterable[str]) -> str:
    """The name of a lesson's folder, from '01_sliding_regions', 'sliding_regions', '01' or '1', in letters of any case.

    Raises CourseError, with the nearest names, where there is no such lesson, and where two have that number.
    """
    names = list(folders)
    number = name.zfill(2) if re.fullmatch("[0-9]{1,2}", name) else None
    named = [known for known in names if name in (known, short_name(known))]
    numbered = [known for known in names if number == known.partition("_")[0]]
    alike = [known for known in names if name.casefold() in (known.casefold(), short_name(known).casefold())]
    found = named or numbered or alike
    if len(found) > 1 and number:
        raise CourseError(f"{' and '.join(found)} both have the number {number}: say which by its name.")
    if found:
        return found[0]
    raise CourseError(
        f"There is no lesson '{name}'{did_you_mean(name, names, [short_name(known) for known in names])}."
    )
