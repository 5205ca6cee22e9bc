"""What is known to be fresh, so that nobody builds a lesson only to see that it is: a fingerprint of each lesson's
source and release, and of all that building depends on, noted when a build or a check has found them in agreement."""

import json
import sys
from contextlib import suppress
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from course_grading.authoring.start_page import START
from course_grading.files import regular_files
from course_grading.places import short_name

NOTES = ".cache/course-build.json"  # git-ignored
LEFT_OUT = ["__pycache__", "*.pyc", ".*"]
BUILDERS = ("torch", "torchvision", "numpy", "nbgrader", "nbformat")


def is_fresh(root: Path, lesson: str, *, tried: bool = False) -> bool:
    """Whether a lesson was found fresh, or was even tried, in the state that it is in now."""
    notes, state = _notes(root), _state(root, lesson)
    return notes.get(_tried(lesson)) == state or (not tried and notes.get(lesson) == state)


def remember(root: Path, lesson: str, *, tried: bool = False) -> None:
    """Note that a lesson is fresh, and whether it was tried."""
    _note(root, _tried(lesson) if tried else lesson, _state(root, lesson))


def are_declarations_tried(root: Path, lesson: str) -> bool:
    """Whether what a lesson declares was tried as it is now, whatever has become of its notebook."""
    return _notes(root).get(_declared(lesson)) == _declarations(root, lesson)


def remember_declarations(root: Path, lesson: str) -> None:
    """Note that what a lesson declares misleads nobody."""
    _note(root, _declared(lesson), _declarations(root, lesson))


def _note(root: Path, what: str, state: str) -> None:
    """Where that cannot be written, the next one builds to see it."""
    with suppress(OSError):
        (root / NOTES).parent.mkdir(exist_ok=True)
        (root / NOTES).write_text(json.dumps(_notes(root) | {what: state}, indent=1) + "\n", encoding="utf-8")


def _declared(lesson: str) -> str:
    return f"{lesson}, declared"


def _tried(lesson: str) -> str:
    return f"{lesson}, tried"


def _notes(root: Path) -> dict[str, str]:
    try:
        found = json.loads((root / NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _state(root: Path, lesson: str) -> str:
    cases = root / "course_utils" / "cases"
    paths = [root / "nbgrader_config.py", *sorted(cases.glob(f"{short_name(lesson)}*"))]
    paths += [root / name / START for name in ("solutions", "notebooks")]
    return _digest(root, paths, [root / "solutions" / lesson, root / "notebooks" / lesson])


def _declarations(root: Path, lesson: str) -> str:
    return _digest(root, sorted((root / "solutions" / lesson).rglob("*.py")), [])


def _digest(root: Path, paths: list[Path], folders: list[Path]) -> str:
    """A digest of these, and of what every build depends on."""
    ours = Path(__file__).parents[2]
    for folder in (*folders, root / "data", *(ours / name for name in ("course_grading", "course_utils"))):
        if folder.is_dir():
            paths = paths + [path for path in regular_files(folder, LEFT_OUT) if path.parent.name != "cases"]
    digest = blake2b(repr((sys.version, [_version(name) for name in BUILDERS])).encode(), digest_size=16)
    for path in paths:
        if path.is_file():
            name = path.relative_to(root if path.is_relative_to(root) else ours)  # a copy of the course is as fresh
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
