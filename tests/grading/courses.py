"""Copies of the course to grade in: as it is, or graded by nbgrader alone."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from course_grading.authoring.language import Lesson
from course_grading.classroom.simulated import filled_notebook, right_answers

ROOT = Path(__file__).resolve().parents[2]
ONE_LESSON = ("01_sliding_regions",)  # where any will do: kernels are warm for one in half the time
# Two cells of lesson 1 slide it over a picture: pixel by pixel, as its own solution does, that is half of a hand-in's
# processor time.
QUICK = """def corr2d(x, kernel):
    rows, cols = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    out = torch.zeros(rows, cols)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            out += kernel[i, j] * x[i : i + rows, j : j + cols]
    return out"""
SHOWS = re.compile("see-|microscope$")  # ids of cells of lesson 1
NBGRADER = "import course_grading; from nbgrader.apps.nbgraderapp import main; main()"  # with it nbformat imports soon
STOCK = """
from nbgrader.converters import Autograde

load_subconfig("course_config.py")
c = get_config()
c.Autograde.pre_convert_hook = None
for name in ("sanitize_preprocessors", "autograde_preprocessors"):
    setattr(c.Autograde, name, Autograde.class_traits()[name].default())
"""


def copy_course(to: Path, gradebook: Path | None = None, stock: bool = False, lesson: str = "*") -> Path:
    """A copy of the course without hand-ins, whose gradebook is a copy of `gradebook`; returns it. With `stock`, its
    hand-ins are graded by nbgrader's own preprocessors. A single `lesson`, where one will do, is warm much sooner."""
    shutil.copytree(ROOT / "data", to / "data")
    for name in ("solutions", "notebooks"):
        for folder in (ROOT / name).glob(lesson):
            if folder.is_dir():
                shutil.copytree(folder, to / name / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    if stock:
        shutil.copy(ROOT / "nbgrader_config.py", to / "course_config.py")
        (to / "nbgrader_config.py").write_text(STOCK)
    else:
        shutil.copy(ROOT / "nbgrader_config.py", to)
    if gradebook:
        shutil.copy(gradebook, to / "gradebook.db")
    return to


def quick_answers(lesson: Lesson) -> dict[str, str]:
    """Right answers to lesson 1, for tests in which any will do and many hand them in."""
    return right_answers(lesson) | {"corr2d": QUICK}


def quick_notebook(lesson: Lesson, answers: Mapping[str, str] | None = None) -> NotebookNode:
    """A hand-in of lesson 1 without what it only shows: a fifth of the processor time, where many are graded for other
    reasons."""
    return only_answers(filled_notebook(lesson, answers))


def only_answers(notebook: NotebookNode) -> NotebookNode:
    """Lesson 1's notebook without its cells that only show something; changed in place."""
    kept = [cell for cell in notebook.cells if not SHOWS.match(cell.id)]
    assert len(notebook.cells) - len(kept) > 10
    notebook.cells = kept
    return notebook


def copy_package(to: Path) -> None:
    """A copy of course_utils with the cases of those lessons that the course in `to` has."""
    shutil.copytree(ROOT / "course_utils", to / "course_utils", ignore=shutil.ignore_patterns("__pycache__"))
    lessons = {folder.name.partition("_")[2] for folder in (to / "solutions").iterdir()}
    for path in (to / "course_utils" / "cases").glob("*.*"):
        if path.stem.removesuffix("_facts") not in {*lessons, "__init__"}:
            path.unlink()


def nbgrader(root: Path, *arguments: str) -> None:
    """Run an nbgrader command in a course's folder, where its own tests find their references."""
    command = [sys.executable, "-c", NBGRADER, *arguments]
    environment = os.environ | {"COURSE_ROOT": str(root)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
