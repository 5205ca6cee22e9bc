"""What students handed in: finding it, telling whether it changed, and reading it whatever state it is in."""

import glob
import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize

from course_grading.course import Course
from course_grading.files import regular_files
from course_utils.errors import CourseError

LARGEST_NOTEBOOK = 100 * 2**20  # bytes; nbgrader's own limit on what it collects
HASHED_WHOLE = 8 * 2**20  # bytes; of larger files the size and the time of change say whether they changed


class Ungradable(CourseError):
    """Why a submission cannot be graded, and what to do, in the instructor's words."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one lesson: a folder."""

    student: str
    lesson: str
    folder: Path

    @property
    def is_link(self) -> bool:
        """Whether it leads somewhere else, to what the student may not have."""
        return self.folder.is_symlink() or self.folder.parent.is_symlink()


def find_submissions(course: Course, lesson: str) -> list[Submission]:
    """Everything handed in for a lesson, by student."""
    pattern = re.escape(str(course.folder("submitted", "STUDENT", lesson))).replace("STUDENT", "([^/\\\\]+)")
    places = glob.glob(str(course.folder("submitted", "*", glob.escape(lesson))))
    found = [(match[1], place) for place in places if (match := re.fullmatch(pattern, place)) and os.path.isdir(place)]
    return [Submission(student, lesson, Path(place)) for student, place in sorted(found)]


def fingerprint(folder: Path, ignore: Collection[str] = ()) -> str:
    """Hash of the names and contents of all regular files in a folder; changes when any of them does."""
    digest = blake2b(digest_size=16)
    for path in regular_files(folder, ignore):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)}\0{size}\0".encode("utf-8", "surrogateescape"))
        digest.update(path.read_bytes() if size <= HASHED_WHOLE else str(path.stat().st_mtime_ns).encode())
    return digest.hexdigest()


def find_notebook(folder: Path, name: str, cell_names: Collection[str]) -> tuple[NotebookNode, list[str]]:
    """The notebook handed in as `name`, and remarks for the instructor.

    A file of another name is taken where it is the only one with this lesson's cells, since browsers and learning
    platforms rename downloads. Raises Ungradable where there is none, or a choice.
    """
    expected = f"{name}.ipynb"
    notebooks = [path for path in regular_files(folder, [".ipynb_checkpoints"]) if path.suffix == ".ipynb"]
    others = [path for path in notebooks if path.name != expected or path.parent != folder]
    if len(others) < len(notebooks):
        remarks = [f"Graded '{expected}'; ignored {_listed(others, folder)}, handed in beside it."] if others else []
        return read_notebook(folder / expected), remarks
    if (folder / expected).is_symlink():
        raise Ungradable(f"'{expected}' is a link, not a file: ask for the notebook itself.")
    if not others:
        raise Ungradable(f"No notebook was handed in: ask for '{expected}'.")
    candidates = [path for path in others if _belongs(path, cell_names)]
    if not candidates:
        if len(others) == 1:
            read_notebook(others[0])  # says what is wrong with the file, if anything is
        raise Ungradable(
            f"There is no '{expected}', and {_listed(others, folder)} holds none of its exercises: "
            "ask for the right file."
        )
    if len(candidates) > 1 and len({path.read_bytes() for path in candidates}) > 1:
        raise Ungradable(
            f"There is no '{expected}' but {_listed(candidates, folder)}: keep the one to grade and delete the rest."
        )
    return read_notebook(candidates[0]), [
        f"Graded {_listed(candidates[:1], folder)}, the only notebook of this lesson."
    ]


def read_notebook(path: Path) -> NotebookNode:
    """A student's notebook in the current format, without outputs. Raises Ungradable with what is wrong with it."""
    size = path.stat().st_size
    if size > LARGEST_NOTEBOOK:
        raise Ungradable(
            f"'{path.name}' has {size / 2**20:.0f} MB, more than {LARGEST_NOTEBOOK // 2**20}: "
            "ask for it again with its outputs cleared."
        )
    raw = path.read_bytes()
    if not raw.strip(b"\0 \r\n\t"):
        raise Ungradable(f"'{path.name}' is empty: ask for it again.")
    try:
        written = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Ungradable(
            f"'{path.name}' is not text in UTF-8: ask for the notebook itself, not a converted copy."
        ) from None
    try:
        content = json.loads(written)
    except json.JSONDecodeError as error:
        cut = written.lstrip().startswith("{") and not written.rstrip().endswith("}")
        what = "is cut off at its end" if cut else f"is not a notebook (line {error.lineno} is no JSON)"
        raise Ungradable(f"'{path.name}' {what}: ask for it again.") from None
    except RecursionError:
        raise Ungradable(f"'{path.name}' is not a notebook: ask for it again.") from None
    return _as_notebook(content, path.name)


def _as_notebook(content: Any, name: str) -> NotebookNode:
    version = content.get("nbformat") if isinstance(content, dict) else None
    if not isinstance(version, int) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise Ungradable(f"'{name}' is not a notebook: ask for it again.")
    if version > nbformat.current_nbformat:
        raise Ungradable(
            f"'{name}' is in notebook format {version}, newer than this nbgrader knows ({nbformat.current_nbformat}): "
            "ask for it saved from JupyterLab or Colab."
        )
    _mend(content)
    try:
        parsed = nbformat.versions[version].to_notebook_json(content, minor=content["nbformat_minor"])
        notebook = nbformat.convert(parsed, nbformat.current_nbformat)
        if len({cell.get("id") for cell in notebook.cells} - {None}) < len(notebook.cells):
            _, notebook = normalize(notebook)  # gives ids where they are missing, and new ones to duplicates
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Ungradable(f"'{name}' is damaged ({first_line[:120]}): ask for it again.") from None
    return notebook


def _mend(content: dict[str, Any]) -> None:
    """Put right what editors get wrong and grading does not need, so that it is no reason to give up."""
    if not isinstance(content.get("nbformat_minor"), int):
        content["nbformat_minor"] = nbformat.current_nbformat_minor if "cells" in content else 0
    metadata = content.get("metadata")
    content["metadata"] = metadata if isinstance(metadata, dict) else {}
    for name in ("kernelspec", "language_info"):
        if not isinstance(content["metadata"].get(name), dict):
            content["metadata"].pop(name, None)
    for cell in content.get("cells", ()):
        if not isinstance(cell, dict):
            continue
        if cell.get("cell_type") == "code":  # outputs are made anew, and may be huge
            cell["outputs"], cell["execution_count"] = [], None
        if not isinstance(cell.get("metadata"), dict):
            cell["metadata"] = {}
        cell.setdefault("source", "")


def _belongs(path: Path, cell_names: Collection[str]) -> bool:
    try:
        cells = read_notebook(path).cells
    except Ungradable:
        return False
    found = (cell.metadata.get("nbgrader") for cell in cells)
    return any(isinstance(marks, dict) and marks.get("grade_id") in cell_names for marks in found)


def _listed(paths: list[Path], folder: Path) -> str:
    return ", ".join(f"'{path.relative_to(folder)}'" for path in paths)
