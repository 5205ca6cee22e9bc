"""Hand-ins made by the course itself, for the demo and for tests: a released notebook with chosen answers filled in.

lesson = load_lesson("sliding_regions")
filled_notebook(lesson)                                                  # untouched
filled_notebook(lesson, right_answers(lesson))                           # full marks
filled_notebook(lesson, {"corr2d": answer_source(lesson, "corr2d", "kernel_flipped")})
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping

import nbformat

from course_grading.authoring.language import Lesson
from course_grading.notebook.checked import exercises_in
from course_utils.cells import names_in
from course_utils.errors import CourseError


def filled_notebook(lesson: Lesson, answers: Mapping[str, str] | None = None) -> nbformat.NotebookNode:
    """The released notebook of `lesson` with `answers`, exercise → source code, in place of its FIXME cells."""
    released = lesson.folder.parents[1] / "notebooks" / lesson.folder.name / lesson.notebook.name
    if not released.is_file():
        raise CourseError(f"{released} is missing: run `course build {lesson.folder.name}` first.")
    return filled_in(lesson, nbformat.read(released, as_version=4), answers or {})


def filled_in(lesson: Lesson, notebook: nbformat.NotebookNode, answers: Mapping[str, str]) -> nbformat.NotebookNode:
    """`notebook`, a student's copy of the lesson, with `answers` in place of its FIXME cells; changed in place.

    Who answers anything has also filled in the cells that no check looks at, such as the one that trains a network.
    """
    cells = solution_cells(lesson, notebook)
    written: dict[str, list[str]] = {}
    for exercise, code in answers.items():
        if exercise not in cells:
            raise CourseError(f"This notebook has no cell for an answer to '{exercise}': it has {', '.join(cells)}.")
        written.setdefault(cells[exercise].id, []).append(code)
    checked = {cell.id for cell in cells.values()}
    if answers:
        written |= {each: [code] for each, code in _solutions(lesson).items() if each not in checked}
    for cell in notebook.cells:
        if cell.id in written:
            cell.source = "\n\n\n".join(dict.fromkeys(written[cell.id]))
    return notebook


def right_answers(lesson: Lesson) -> dict[str, str]:
    """The author's own solutions: exercise → source code of its solution cell."""
    source, solutions = nbformat.read(lesson.notebook, as_version=4), _solutions(lesson)
    return {exercise: solutions[cell.id] for exercise, cell in solution_cells(lesson, source).items()}


def _solutions(lesson: Lesson) -> dict[str, str]:
    """The author's solution cells: id → source code without nbgrader's markers."""
    markers = ("### BEGIN SOLUTION", "### END SOLUTION")
    return {
        cell.id: "\n".join(line for line in cell.source.splitlines() if line.strip() not in markers)
        for cell in nbformat.read(lesson.notebook, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def answer_source(lesson: Lesson, exercise: str, name: str) -> str:
    """Code for the exercise's FIXME cell that answers as exercises.py declares it under `name`: a right answer, a
    misconception ("centred"), or one of its spellings ("centred/that_raises")."""
    tree = ast.parse((lesson.folder / "exercises.py").read_text(encoding="utf-8"))
    body = next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == exercise), None)
    chosen = _declared(body, name) if body else None
    if chosen is None:
        raise CourseError(f"{lesson.folder.name}/exercises.py declares no answer '{name}' to {exercise}.")
    needed = list(_needed(tree, chosen))
    if isinstance(chosen, ast.expr):
        result = ast.unparse(chosen)
    else:
        needed.append(_plain(chosen))
        result = chosen.name
    text = textwrap.indent("\n".join(ast.unparse(node) for node in needed), "    ")
    return f"def _{exercise}():\n{text}\n    return {result}\n\n\n{exercise} = _{exercise}()"


def solution_cells(lesson: Lesson, notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """For each exercise of `lesson` that `notebook` checks: the cell that last binds its name before its check, or
    else the solution cell that comes last before it."""
    cells: dict[str, nbformat.NotebookNode] = {}
    binding: dict[str, nbformat.NotebookNode] = {}
    latest = None
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade") and not role.get("solution"):
            checked = [name for name in exercises_in(cell.source, lesson.name) if name in lesson.exercises]
            cells |= {name: found for name in checked if (found := binding.get(name, latest)) is not None}
        elif cell.cell_type == "code":
            binding |= dict.fromkeys(names_in(cell.source), cell)
            latest = cell if role.get("solution") else latest
    return cells


Answer = ast.FunctionDef | ast.expr


def _declared(body: ast.ClassDef, name: str) -> Answer | None:
    """The answer that a class declares under this name, itself or in its class `wrong`; of spellings, the first."""
    members = _members(body)
    wrong = members.pop("wrong", None)
    if isinstance(wrong, ast.ClassDef):
        members |= _members(wrong)
    misconception, _, spelling = name.partition("/")
    found = members.get(misconception)
    if isinstance(found, ast.ClassDef):
        spellings = _members(found)
        found = spellings.get(spelling) if spelling else next(iter(spellings.values()), None)
    return found if isinstance(found, Answer) else None


def _members(body: ast.ClassDef) -> dict[str, ast.ClassDef | Answer]:
    """What a class body binds: functions, classes, and the expressions of assignments."""
    found: dict[str, ast.ClassDef | Answer] = {}
    for node in body.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def _plain(node: ast.stmt) -> ast.stmt:
    """A function without its hint and decorators; of an exercise, its right answer under the exercise's name."""
    if isinstance(node, ast.ClassDef) and "right" in (members := _members(node)):
        right = members["right"]
        if isinstance(right, ast.FunctionDef):
            return ast.FunctionDef(node.name, right.args, right.body, [], right.returns, lineno=node.lineno)
        if isinstance(right, ast.expr):
            return ast.Assign([ast.Name(node.name, ast.Store())], right, lineno=node.lineno)
    if not isinstance(node, ast.FunctionDef):
        return node
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return ast.FunctionDef(node.name, node.args, body or [ast.Pass()], [], node.returns, lineno=node.lineno)


def _needed(tree: ast.Module, chosen: ast.AST) -> Iterator[ast.stmt]:
    """The statements of exercises.py that bind what `chosen` uses, directly or through others, in their order."""
    binders = {name: node for node in tree.body for name in _bound(node)}
    needed: list[ast.stmt] = []
    waiting = [chosen]
    while waiting:
        used = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)}
        for name in used & binders.keys():
            if binders[name] not in needed:
                needed.append(binders[name])
                waiting.append(_plain(binders[name]))
    return (_plain(node) for node in tree.body if node in needed)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        if not (getattr(node, "module", "") or "").startswith("course_grading"):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        yield from (
            part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        )
