"""A course in a folder of its own, in which every trick of the bank is one student's submission."""

import copy
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from course_grading.course import Course
from course_grading.environ import environ
from course_grading.grading.gradebook import enter
from course_grading.places import course_root
from tests.grading.courses import only_answers
from tests.grading.hostile import notebooks

LESSON, NOTEBOOK = "01_sliding_regions", "sliding_regions.ipynb"
HONEST = ("region-at", "edge-region-shape", "apply-kernel")  # 2 + 1 + 3 points
EARNED = 6.0
CELL_SECONDS = 5  # of processor time, in which what floods, grows and hoards comes to its own end
CANARY = "canary-7f3a"  # stands in everything that a submission must not see
EMPTY = "n" * 250
# How a student may be named, and what the grader is told of it.
ODD_NAMES = {
    "[x]": "",
    "[final]": "",
    ":smile:": "",
    "\x1b[2J\u202ename": "control characters",
    "two\nlines": "control characters",
    "Ren\udce9": "not in UTF-8",
    "a\\b": "backslash",
    "...x": "begin with a dot",
    EMPTY: "is empty",
}
CELLS = sorted(Path(__file__).with_name("cells").glob("*.py"))
CHANGES: dict[str, Callable] = {
    name: function
    for name, function in vars(notebooks).items()
    if inspect.isfunction(function) and function.__module__ == notebooks.__name__ and not name.startswith("_")
}


def tricks() -> dict[str, float]:
    """Every trick with the points that its honest part is worth."""
    earned = {
        path.stem: float((re.findall(r"^# earns (\d+)", path.read_text(), re.M) or [EARNED])[0]) for path in CELLS
    }
    return earned | dict.fromkeys(CHANGES, EARNED)


def told() -> list[str]:
    """The tricks that an instructor is told to read."""
    return [path.stem for path in CELLS if "\n# is read\n" in path.read_text()]


def make_course(root: Path) -> None:
    """Make the course in `root`, its gradebook included: the lesson with canaries in it."""
    source = course_root()
    for name in ("nbgrader_config.py", "data", "notebooks"):
        copy_any = shutil.copytree if (source / name).is_dir() else shutil.copy
        copy_any(source / name, root / name)
    with open(root / "nbgrader_config.py", "a") as file:
        file.write(f"\nc.Execute.timeout = {CELL_SECONDS}\n")
    shutil.copytree(source / "solutions" / LESSON, root / "solutions" / LESSON)
    exercises = root / "solutions" / LESSON / "exercises.py"
    exercises.write_text(exercises.read_text() + f"\nSECRET = '{CANARY}-solutions'\n")
    lesson = nbformat.read(root / "solutions" / LESSON / NOTEBOOK, as_version=4)
    for cell in lesson.cells:
        cell.source = cell.source.replace("### BEGIN HIDDEN TESTS", f"### BEGIN HIDDEN TESTS\n# {CANARY}-tests")
    nbformat.write(lesson, root / "solutions" / LESSON / NOTEBOOK)
    with environ(COURSE_ROOT=str(root)):
        enter(Course(root), LESSON)  # as `nbgrader generate_assignment` does, which also runs all of it


def hand_in(root: Path, replacements: dict[str, str]) -> None:
    """Hand in a victim's right submission and the bank."""
    lesson = nbformat.read(root / "solutions" / LESSON / NOTEBOOK, as_version=4)
    victim = copy.deepcopy(lesson)
    victim.cells.append(new_code_cell(f"mine = '{CANARY}-victim'"))
    _hand_in(root, "victim", victim)
    half = _half(lesson)
    for path in CELLS:
        text = path.read_text()
        for old, new in replacements.items():
            text = text.replace(old, new)
        _hand_in(root, path.stem, _with_cell(half, text))
    for name, change in CHANGES.items():
        notebook = copy.deepcopy(half)
        folder = _folder(root, name)
        change(notebook, folder, root)
        nbformat.write(notebook, folder / NOTEBOOK)
    own = _folder(root, "notebook_that_is_a_link")
    (own / NOTEBOOK).symlink_to(root / "submitted" / "victim" / LESSON / NOTEBOOK)


def hand_in_under_odd_names(root: Path) -> None:
    """The half-right notebook of the bank, by students of every odd name."""
    lesson = nbformat.read(root / "solutions" / LESSON / NOTEBOOK, as_version=4)
    for name in ODD_NAMES:
        _hand_in(root, name, _half(lesson))
    (root / "submitted" / EMPTY / LESSON / NOTEBOOK).write_text("")


def run(root: Path, before: list[str], command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `nbgrader` or `course` in the course, as the grader whose command prefix `before` is."""
    words = [*before, sys.executable, str(Path(sys.prefix, "bin", command)), *arguments]
    environment = {**os.environ, "COURSE_ROOT": str(root), "HOME": str(root), "GRADERS_SECRET": f"{CANARY}-environment"}
    environment |= {"JUPYTER_CONFIG_DIR": str(root / ".jupyter"), "JUPYTER_DATA_DIR": str(root / ".jupyter-data")}
    return subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, timeout=600, check=False)


def _half(lesson: NotebookNode) -> NotebookNode:
    """Three right answers; the others are left to the trick."""
    half = only_answers(copy.deepcopy(lesson))
    for cell in half.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("solution") and data["grade_id"] not in HONEST:
            cell.source = "# my answer is in another cell"
        cell.source = cell.source.partition("### BEGIN HIDDEN TESTS")[0].rstrip()
    return half


def _with_cell(half: NotebookNode, text: str) -> NotebookNode:
    notebook = copy.deepcopy(half)
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "positions")
    notebook.cells.insert(place, new_code_cell(text))
    return notebook


def _folder(root: Path, student: str) -> Path:
    folder = root / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    return folder


def _hand_in(root: Path, student: str, notebook: NotebookNode) -> None:
    nbformat.write(notebook, _folder(root, student) / NOTEBOOK)
