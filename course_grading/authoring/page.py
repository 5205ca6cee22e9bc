"""What every lesson's notebook keeps to, told by `course build` in a sentence that says what to write."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_grading.authoring.language import Lesson

OWN_NAME = re.compile(r"[a-zA-Z0-9_-]+")  # nbgrader's rule
SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
LOCAL_PICTURE = re.compile(
    r"""!\[[^\]]*\]\((?!\w+:)(?P<at>[^)\s]+)[^)]*\)|<img\b[^>]*\bsrc=["']?(?!\w+:)(?P<in>[^"'\s>]+)""", re.IGNORECASE
)

_FIRST_CELL = Template("""\
# On Colab this cell fetches the course. Where the course is installed, it does nothing.
import importlib.util
import subprocess
import sys

COURSE_ADDRESS = $address

if importlib.util.find_spec("course_utils") is None:
    if not COURSE_ADDRESS:
        raise ImportError("This copy does not know where the course is: open the one your instructor published.")
    if subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", COURSE_ADDRESS]).returncode:
        raise ImportError(f"Could not fetch the course from {COURSE_ADDRESS}. Are you online? Then try again.")
    importlib.invalidate_caches()""")


def first_cell(address: str = "") -> str:
    """The text with which every notebook begins: it installs the course from `address` where it is missing.

    In the course's own notebooks the address is empty; `course bundle` fills it in.
    """
    return _FIRST_CELL.substitute(address=json.dumps(address))


def refuse_page(lesson: Lesson, notebook: NotebookNode) -> None:
    """Raise CourseError for the first thing in a lesson's own notebook that would mislead a student or its author."""
    for problem in (
        _beginning(notebook),
        _marks(notebook),
        _solutions(notebook),
        _pictures(notebook),
        _guesses(lesson, notebook),
        _explanations(lesson, notebook),
    ):
        if problem:
            raise CourseError(f"{lesson.folder.name}/{lesson.notebook.name}: {problem}")


def cell_name(cell: NotebookNode, index: int) -> str:
    """How a sentence names a cell: by the ID that its author gave it, or by its place."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or f"number {index + 1}"


def _beginning(notebook: NotebookNode) -> str | None:
    if notebook.cells and notebook.cells[0].source == first_cell():
        return None
    return "It does not begin with the cell that fetches the course: copy the first cell of another lesson."


def _marks(notebook: NotebookNode) -> str | None:
    """IDs and points, which nbgrader would refuse without a cell's name."""
    from nbgrader.nbgraderformat import SCHEMA_VERSION  # here: nbgrader takes seconds, and others want the first cell

    known = set()
    for index, cell in enumerate(notebook.cells):
        role = cell.metadata.get("nbgrader", {})
        if not any(role.get(each) for each in ("grade", "solution", "locked", "task")):
            continue
        name, points = role.get("grade_id"), role.get("points")
        if not name or name in known:
            what = f"Two cells have the ID '{name}'" if name else f"The cell '{cell_name(cell, index)}' has no ID"
            return f"{what}: give each its own in the Create Assignment panel."
        if not OWN_NAME.fullmatch(str(name)):
            return f"The ID '{name}' has letters that nbgrader does not take: write it with a to z, 0 to 9, - and _."
        if (version := role.get("schema_version")) != SCHEMA_VERSION:
            return (
                f"The cell '{name}' has nbgrader's metadata of version {version}, and {SCHEMA_VERSION} is wanted: "
                "choose once more what it is in the Create Assignment panel."
            )
        known.add(name)
        given = isinstance(points, (int, float)) and not isinstance(points, bool) and 0 <= points < math.inf
        if (role.get("grade") or role.get("task")) and not given:
            said = "no points" if points is None else f"the points {points!r}"
            return f"The cell '{name}' has {said}: give a number from 0 on in the Create Assignment panel."
    return None


def _solutions(notebook: NotebookNode) -> str | None:
    """Solutions that nbgrader would refuse to take out, or leave in, without a cell's name."""
    for index, cell in enumerate(notebook.cells):
        name = cell_name(cell, index)
        begun, ended = (sum(mark in line for line in cell.source.splitlines()) for mark in SOLUTION)
        if begun != ended:
            return f"The cell '{name}' has {begun} BEGIN SOLUTION and {ended} END SOLUTION: each needs the other."
        if begun and not cell.metadata.get("nbgrader", {}).get("solution"):
            return (
                f"The cell '{name}' holds a solution, and is no answer: choose Autograded answer for it in the Create "
                "Assignment panel."
            )
    return None


def _pictures(notebook: NotebookNode) -> str | None:
    """Pictures that lie beside the notebook, which goes to students alone."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and (file := LOCAL_PICTURE.search(cell.source)):
            return (
                f"The cell '{cell_name(cell, index)}' shows the file {file['at'] or file['in']}, which students do not "
                "get: paste the picture into the cell."
            )
    return None


@dataclass(frozen=True)
class _Call:
    """A call of `guess`, `compare` or `explain` in a cell."""

    name: str
    cell: str
    place: tuple[int, int]  # of the cell, and of the line in it
    value: Any  # of its second argument, where that is written out; else ...
    fixme: bool  # whether its lines say FIXME


def _calls(function: str, lesson: Lesson, notebook: NotebookNode) -> Iterator[_Call]:
    for index, cell in enumerate(notebook.cells):
        for node in ast.walk(_tree(cell)):
            match node:
                case ast.Call(func=ast.Name(id=f), args=[ast.Constant(value=str(name)), second]) if f == function:
                    lines = cell.source.splitlines()[node.lineno - 1 : node.end_lineno]
                    value = second.value if isinstance(second, ast.Constant) else ...
                    name = name.removeprefix(f"{lesson.name}.")
                    place = (index, node.lineno)
                    yield _Call(name, cell_name(cell, index), place, value, "FIXME" in "\n".join(lines))


def _tree(cell: NotebookNode) -> ast.Module:
    """The cell as Python; nothing where it is none, which is told where it is run."""
    try:
        return ast.parse(cell.source if cell.cell_type == "code" else "")
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _guesses(lesson: Lesson, notebook: NotebookNode) -> str | None:
    asked = {call.name: call for call in _calls("guess", lesson, notebook)}
    compared = {call.name: call for call in _calls("compare", lesson, notebook)}
    if problem := _undeclared("guess", lesson.guesses, asked | compared):
        return problem
    for name in lesson.guesses:
        how = f'write guess("{name}", None)  # FIXME: and what to write there.'
        if name not in asked:
            return f"No cell asks the guess {name}: {how}"
        call = asked[name]
        if call.value is not None or not call.fixme:
            return f"The cell '{call.cell}' does not leave the guess {name} to its reader: {how}"
        if name not in compared or compared[name].place < call.place:
            return f'No cell after it comes back to the guess {name}: write compare("{name}", …) with what is true.'
    return None


def _explanations(lesson: Lesson, notebook: NotebookNode) -> str | None:
    asked = {call.name: call for call in _calls("explain", lesson, notebook)}
    if problem := _undeclared("explanation", lesson.explanations, asked):
        return problem
    for name in lesson.explanations:
        how = f'write explain("{name}", """FIXME: a sentence of your own.""").'
        if name not in asked:
            return f"No cell asks for the explanation {name}: {how}"
        if not str(asked[name].value).lstrip().startswith("FIXME"):
            return f"The cell '{asked[name].cell}' does not leave the explanation {name} to its reader: {how}"
    return None


def _undeclared(what: str, declared: Mapping[str, Any], asked: Mapping[str, _Call]) -> str | None:
    for name, call in asked.items():
        if name not in declared:
            return f"The cell '{call.cell}' asks the {what} {name}, which exercises.py does not declare."
    return None
