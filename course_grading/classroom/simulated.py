"""Hand-ins made by the course itself, for the demo and for tests: a released notebook with chosen answers filled in.

lesson = load_lesson("sliding_regions")
filled_notebook(lesson)                                                  # untouched
filled_notebook(lesson, right_answers(lesson))                           # full marks
filled_notebook(lesson, {"corr2d": answer_source(lesson, "corr2d", "flipped")})
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping

import nbformat

from course_grading.authoring.language import Lesson
from course_utils.errors import CourseError


def filled_notebook(lesson: Lesson, answers: Mapping[str, str] | None = None) -> nbformat.NotebookNode:
    """The released notebook of `lesson` with `answers`, exercise → source code, in place of its FIXME cells."""
    released = lesson.folder.parents[1] / "notebooks" / lesson.folder.name / lesson.notebook.name
    if not released.is_file():
        raise CourseError(f"{released} is missing: run `course build {lesson.folder.name}` first.")
    return filled_in(lesson, nbformat.read(released, as_version=4), answers or {})


def filled_in(lesson: Lesson, notebook: nbformat.NotebookNode, answers: Mapping[str, str]) -> nbformat.NotebookNode:
    """`notebook`, a student's copy of the lesson, with `answers` in place of its FIXME cells; changed in place."""
    cells = solution_cells(lesson, notebook)
    written: dict[str, list[str]] = {}
    for exercise, code in answers.items():
        if exercise not in cells:
            raise CourseError(f"This notebook has no cell for an answer to '{exercise}': it has {', '.join(cells)}.")
        written.setdefault(cells[exercise].id, []).append(code)
    for cell in notebook.cells:
        if cell.id in written:
            cell.source = "\n\n\n".join(dict.fromkeys(written[cell.id]))
    return notebook


def right_answers(lesson: Lesson) -> dict[str, str]:
    """The author's own solutions: exercise → source code of its solution cell."""
    source = nbformat.read(lesson.notebook, as_version=4)
    markers = ("### BEGIN SOLUTION", "### END SOLUTION")
    return {
        exercise: "\n".join(line for line in cell.source.splitlines() if line.strip() not in markers)
        for exercise, cell in solution_cells(lesson, source).items()
    }


def answer_source(lesson: Lesson, exercise: str, name: str) -> str:
    """Code for the exercise's FIXME cell that answers with the misconception or alternative `name` of exercises.py."""
    tree = ast.parse((lesson.folder / "exercises.py").read_text(encoding="utf-8"))
    chosen = next((node for part in tree.body if (node := _declared_by(part, exercise, name))), None)
    if chosen is None:
        raise CourseError(f"{lesson.folder.name}/exercises.py declares no answer '{name}' to {exercise}.")
    needed = list(_needed(tree, chosen))
    if isinstance(chosen, ast.expr):
        result = ast.unparse(chosen)
    else:
        needed.append(_plain(chosen))
        result = name
    body = textwrap.indent("\n".join(ast.unparse(node) for node in needed), "    ")
    return f"def _{exercise}():\n{body}\n    return {result}\n\n\n{exercise} = _{exercise}()"


def solution_cells(lesson: Lesson, notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """For each exercise of `lesson` that `notebook` checks: the solution cell that comes last before its check."""
    cells, latest = {}, None
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("solution"):
            latest = cell
        elif role.get("grade"):
            cells |= {name: latest for name in lesson.exercises if f'check("{name}"' in cell.source}
    return cells


def _declared_by(node: ast.stmt, exercise: str, name: str) -> ast.FunctionDef | ast.expr | None:
    """The wrong or alternative answer `name` if this statement declares it for `exercise`."""
    if isinstance(node, ast.FunctionDef) and node.name == name:
        marks = {ast.unparse(mark) for mark in node.decorator_list}
        return node if marks & {f"{exercise}.misconception", f"{exercise}.also_right"} else None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called, arguments = ast.unparse(node.value.func), node.value.args
        if called == f"{exercise}.wrong" and ast.literal_eval(arguments[0]) == name:
            return arguments[1]
    return None


def _plain(node: ast.stmt) -> ast.stmt:
    """A function without the decorators that declare it and without its hint."""
    if not isinstance(node, ast.FunctionDef):
        return node
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return ast.FunctionDef(node.name, node.args, body or [ast.Pass()], [], node.returns, lineno=node.lineno)


def _needed(tree: ast.Module, chosen: ast.AST) -> Iterator[ast.stmt]:
    """The statements of exercises.py that bind what `chosen` uses, directly or through others, in their order."""
    binders: dict[str, ast.stmt] = {}
    for node in tree.body:
        for name in _bound(node):
            declares = isinstance(node, ast.FunctionDef) and any(
                ast.unparse(mark).endswith((".misconception", ".also_right")) for mark in node.decorator_list
            )
            if not declares or name not in binders:  # two exercises may name their misconceptions alike
                binders[name] = node
    needed, waiting = [], [chosen]
    while waiting:
        used = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)}
        for name in used & binders.keys():
            if binders[name] not in needed and binders[name] is not chosen:
                needed.append(binders[name])
                waiting.append(_plain(binders[name]))
    return (_plain(node) for node in tree.body if node in needed)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        if getattr(node, "module", "") != "course_grading.authoring.language":
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        yield from (
            part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        )
