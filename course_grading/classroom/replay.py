"""Run one student's graded notebook again, each hidden test with the seed that its record keeps."""

from __future__ import annotations

import ast
import copy
import dataclasses
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_grading.authoring.language import Lesson
from course_grading.classroom.records import Answer, Marks, Work, answers_in, is_test
from course_grading.course import Course
from course_grading.grading.handed_in import Ungradable, find_notebook, known_by
from course_grading.grading.plugins import Execute, files_for
from course_grading.grading.whole_class import warm_kernels
from course_grading.notebook.checked import exercises_in
from course_grading.notebook.execute import Times, execute
from course_grading.notebook.released import Blueprint, read_blueprint


def replay(course: Course, lesson: Lesson, work: Work, notebook: NotebookNode, until: str = "") -> dict[str, Answer]:
    """The answers as they are judged now, in the sandbox, up to the test of the exercise `until`.

    Raises GradingStopped where no notebook can be run on this machine.
    """
    seeds = {f"{lesson.name}.{name}": seed for name, a in work.answers.items() if (seed := a.seed) is not None}
    name = lesson.folder.name
    blueprint = read_blueprint(course.directory.db_url, name, lesson.name, course.directory)
    cells = tuple(dataclasses.replace(cell, source=seeded(cell.source, seeds)) for cell in blueprint.cells)
    again = nbformat.from_dict(copy.deepcopy(notebook))
    again.cells = _up_to(again.cells, until, lesson.name)
    for cell in again.cells:
        if is_test(cell):
            cell.source = seeded(cell.source, seeds)
    step = Execute(config=course.config)
    names = {"student": work.student, "assignment": name, "notebook": lesson.name}
    names["beside"] = _beside(course.folder("submitted", work.student, name), lesson.name, blueprint)
    files = files_for(course.directory, names)
    with warm_kernels(course, [name]):
        times = Times(step.timeout, step.notebook_timeout)
        execute(again, dataclasses.replace(blueprint, cells=cells), step.pool(), times, files)
    return answers_in(lesson, again, Marks({}))


def _beside(folder: Path, name: str, blueprint: Blueprint) -> str:
    """The folder of a hand-in that its notebook lies in."""
    try:
        return str(find_notebook(folder, name, known_by(blueprint.cells))[2].relative_to(folder))
    except (Ungradable, OSError):  # it is no longer what was graded
        return "."


def seeded(source: str, seeds: Mapping[str, int]) -> str:
    """The code of a test cell in which each `judge("lesson.exercise", …)` is given its seed."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics: nothing of ours
        return source
    lines = source.splitlines(keepends=True)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _judged(node) in seeds]
    for call in sorted(calls, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0), reverse=True):
        row, column = (call.end_lineno or 1) - 1, (call.end_col_offset or 1) - 1  # of the closing parenthesis
        line = lines[row].encode()  # ast counts bytes
        lines[row] = (line[:column] + f", seed={seeds[_judged(call)]}".encode() + line[column:]).decode()
    return "".join(lines)


def _judged(call: ast.Call) -> str:
    """The exercise that a call of `judge` names, where it names no seed; else nothing."""
    function = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if function != "judge" or len(call.args) != 2 or any(word.arg == "seed" for word in call.keywords):
        return ""
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _up_to(cells: list[NotebookNode], exercise: str, lesson: str) -> list[NotebookNode]:
    for number, cell in enumerate(cells):
        if exercise and is_test(cell) and exercise in exercises_in(cell.source, lesson):
            return cells[: number + 1]
    return cells
