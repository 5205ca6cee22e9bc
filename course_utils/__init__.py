"""What students import: pictures, checks, progress and explorers. It knows no answer."""

from importlib import import_module
from typing import Any

from course_utils.checking import check, done
from course_utils.pictures import find_picture, load_picture, show, show_numbers
from course_utils.progress import progress

__all__ = ["check", "done", "find_picture", "load_picture", "progress", "show", "show_numbers"]

# Explorers come with widgets, which take long to import: only who asks for one waits.
_EXPLORERS = {"PatchMicroscope": "patch_microscope"}


def __getattr__(name: str) -> Any:
    if name not in _EXPLORERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.explorers.{_EXPLORERS[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_EXPLORERS])
