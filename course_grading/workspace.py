"""work/: the copy of the lessons that `make lab` opens, so that nothing ever overwrites anybody's answers."""

import json
import os
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_grading.files import replacing
from course_grading.places import course_root
from course_grading.terminal import complain, tell
from course_utils.errors import CourseError

WORK = "work"  # git-ignored
MAKE_ROOM = "Make room for it there, then try again."


def fill(root: Path) -> list[Path]:
    """Copy to work/ what notebooks/ has and work/ has not yet; return the new files. What is there is never touched."""
    released, new = root / "notebooks", []
    for source in sorted(path for path in released.rglob("*") if path.is_file()):
        name = source.relative_to(released)
        if any(part.startswith(".") for part in name.parts) or os.path.lexists(root / WORK / name):
            continue
        copy_whole(source, root / WORK / name, MAKE_ROOM)
        new.append(root / WORK / name)
    return new


def rescue(notebook: Path, root: Path) -> Path | None:
    """Before a notebook in notebooks/ is replaced: where somebody has worked in it, keep it in work/; return where."""
    if not _worked_in(notebook):
        return None
    wanted = root / WORK / notebook.relative_to(root / "notebooks")
    copy, number = wanted, 1
    while os.path.lexists(copy):
        if copy.is_file() and copy.read_bytes() == notebook.read_bytes():
            return copy
        number += 1
        copy = wanted.with_stem(f"{wanted.stem}_{number}")
    copy_whole(notebook, copy, MAKE_ROOM)
    return copy


def sign(notebook: NotebookNode) -> None:
    """Note in a notebook what it says as it is released, so that whatever somebody adds to it is seen."""
    notebook.metadata["course"] = {"released": _digest(notebook)}


def _digest(notebook: NotebookNode) -> str:
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    return sha256(json.dumps(cells).encode()).hexdigest()[:16]


def _worked_in(path: Path) -> bool:
    """Whether a notebook was run, or is not what was released."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return path.is_file()  # it is no notebook any more, but it may be somebody's
    if notebook.metadata.get("course", {}).get("released") != _digest(notebook):
        return True
    return any(cell.get("execution_count") for cell in notebook.cells)


def copy_whole(source: Path, target: Path, advice: str) -> None:
    """Copy a file whole or not at all. Raises CourseError, which ends with the `advice`, where it cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as beside:
            shutil.copyfile(source, beside)
    except OSError as error:
        raise CourseError(f"Cannot write {target}: {error.strerror}. {advice}") from error


def main() -> None:
    """Fill work/ and say what is new."""
    try:
        root = course_root()
        new = fill(root)
    except CourseError as error:
        complain(error)
        sys.exit(1)
    for path in new:
        tell(f"New: {path.relative_to(root)}")
    tell(f"Your lessons are in {WORK}/. What you write there is yours: nothing here ever overwrites it.")


if __name__ == "__main__":
    main()
