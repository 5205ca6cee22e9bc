"""The students' first page: solutions/start_here.ipynb, with links to the lessons that are there."""

import re
from collections.abc import Callable, Collection
from pathlib import Path

import nbformat

from course_grading.places import short_name
from course_grading.workspace import sign
from course_utils.errors import CourseError

START = "start_here.ipynb"
_LESSON = re.compile(r"\[([^]]+)\]\((\d\d_\w+/\w+\.ipynb)\)")


def start_page(root: Path) -> str:
    """The page as notebooks/ gets it, as text: no outputs, and no link to a lesson that has no source yet."""
    path = root / "solutions" / START
    try:
        page = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise CourseError(f"The students' first page, solutions/{START}, cannot be read: {error}") from error
    for cell in page.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    there = {f"{file.parent.name}/{file.name}" for file in (root / "solutions").glob("*/*.ipynb")}
    _link(page, lambda title, lesson: f"[{title}]({lesson})" if lesson in there else title)
    sign(page)
    return nbformat.writes(page) + "\n"


def linked_to_colab(page: str, address_of: Callable[[str], str]) -> str:
    """The page with a link to Colab behind each lesson's own, which leads nowhere there, and is right elsewhere."""
    notebook = nbformat.reads(page, as_version=4)
    _link(notebook, lambda title, lesson: f"[{title}]({lesson}) ([in Colab]({address_of(lesson)}))")
    return nbformat.writes(notebook) + "\n"


def linked_only_to(page: str, lessons: Collection[str]) -> str:
    """The page without links to other lessons than these, which are named by their folders."""
    notebook = nbformat.reads(page, as_version=4)
    _link(notebook, lambda title, lesson: f"[{title}]({lesson})" if lesson.partition("/")[0] in lessons else title)
    return nbformat.writes(notebook) + "\n"


def add_lesson(root: Path, name: str, title: str) -> bool:
    """Add a row for a new lesson to the table of the first page's source; False where there is none."""
    path = root / "solutions" / START
    if not path.is_file():
        return False
    page = nbformat.read(path, as_version=4)
    row = f"| {int(name[:2])} | [{title}]({name}/{short_name(name)}.ipynb) | what you will have done |"
    for cell in page.cells:
        lines = cell.source.splitlines()
        rows = [i for i, line in enumerate(lines) if line.startswith("|") and _LESSON.search(line)]
        if cell.cell_type == "markdown" and rows:
            cell.source = "\n".join([*lines[: rows[-1] + 1], row, *lines[rows[-1] + 1 :]])
            path.write_text(nbformat.writes(page) + "\n", encoding="utf-8")
            return True
    return False


def _link(page: nbformat.NotebookNode, link: Callable[[str, str], str]) -> None:
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = _LESSON.sub(lambda found: link(found[1], found[2]), cell.source)
