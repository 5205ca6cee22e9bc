"""What a released notebook consists of, as the gradebook and the instructor's notebook say. Nothing here comes from a
submission."""

import ast
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory


@dataclass(frozen=True)
class BlueprintCell:
    """One cell that nbgrader knows. `source` has the hidden tests in; for an answer it is what students were given."""

    name: str
    cell_type: str
    source: str
    checksum: str
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float = 0.0

    @property
    def is_test(self) -> bool:
        """Marks come from running it: it runs in the trusted process, from the gradebook's source."""
        return self.grade and not self.solution and self.cell_type == "code"

    @property
    def is_answer(self) -> bool:
        """The student writes it."""
        return self.solution or self.task

    @property
    def metadata(self) -> dict[str, Any]:
        data = {
            "grade_id": self.name,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
        }
        data |= {"checksum": self.checksum, "cell_type": self.cell_type, "schema_version": 3}
        return data | {"points": self.points} if self.grade or self.task else data


@dataclass(frozen=True)
class Blueprint:
    """A released notebook: its cells in order, the imports its tests rely on, and the names that students are to
    define."""

    cells: tuple[BlueprintCell, ...]
    kernelspec: dict[str, Any] = field(default_factory=dict)
    imports: str = ""
    answers: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()  # sources of code cells that are handed out ready to run

    @cached_property
    def by_name(self) -> dict[str, BlueprintCell]:
        return {cell.name: cell for cell in self.cells}

    @cached_property
    def tests_of_answers(self) -> dict[str, str]:
        """Each answer's name, and the name of the test that comes next after it."""
        found: dict[str, str] = {}
        waiting: list[str] = []
        for cell in self.cells:
            if cell.is_test:
                found |= dict.fromkeys(waiting, cell.name)
                waiting = []
            elif cell.is_answer:
                waiting.append(cell.name)
        return found

    def is_test(self, cell: Any) -> bool:
        """True if this notebook cell is, by name and source, one of the gradebook's tests."""
        known = self.by_name.get((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))
        return known is not None and known.is_test and cell.source == known.source

    def is_given(self, cell: Any) -> bool:
        """True if this code cell of a repaired notebook is a test, or as it was handed out."""
        return self.is_test(cell) or cell.source.strip() in self.given


def read_blueprint(
    db_url: str,
    assignment: str,
    notebook: str,
    coursedir: CourseDirectory | None = None,
    gradebook: Gradebook | None = None,
) -> Blueprint:
    """The blueprint of a notebook from the gradebook, and from the instructor's notebook in `coursedir` where it is
    there.

    Raises nbgrader's MissingEntry if the gradebook does not know the notebook.
    """
    if gradebook is None:
        with Gradebook(db_url) as opened:
            return read_blueprint(db_url, assignment, notebook, coursedir, opened)
    found = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: float(cell.max_score) for cell in found.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in found.task_cells}
    solutions = {cell.name for cell in found.solution_cells}
    cells = [
        BlueprintCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            checksum=cell.checksum or "",
            grade=cell.name in graded,
            solution=cell.name in solutions,
            locked=bool(cell.locked),
            task=cell.name in tasks,
            points=graded.get(cell.name, tasks.get(cell.name, 0.0)),
        )
        for cell in found.source_cells
    ]
    kernelspec = json.loads(found.kernelspec) if found.kernelspec else {}
    original, *released = _instructors_notebooks(assignment, notebook, coursedir) or [None]
    sources = [(cell.source, cell.is_answer, cell.is_test) for cell in cells if cell.cell_type == "code"]
    if original is not None:
        order = {_name(cell): i for i, cell in enumerate(original.cells)}
        cells.sort(key=lambda cell: order.get(cell.name, len(order)))
        code = [cell for cell in original.cells if cell.cell_type == "code"]
        sources = [(cell.source, *_roles(cell)) for cell in code]
    imports = "\n".join(dict.fromkeys(line for source, _, _ in sources for line in _imports(source)))
    answers = [name for source, is_answer, is_test in sources if is_answer for name in _bound(source)]
    # As students get it, a cell may have a title.
    sources += [(cell.source, *_roles(cell)) for each in released for cell in each.cells if cell.cell_type == "code"]
    given = frozenset(source.strip() for source, is_answer, is_test in sources if not (is_answer or is_test))
    return Blueprint(tuple(cells), kernelspec, imports, tuple(dict.fromkeys(answers)), given)


def _instructors_notebooks(assignment: str, notebook: str, coursedir: CourseDirectory | None) -> list[Any]:
    """The source notebook and the released one, which of them there are: the order of cells, and cells that the
    gradebook does not keep."""
    if coursedir is None:
        return []
    folders = (coursedir.source_directory, coursedir.release_directory)
    paths = [Path(coursedir.format_path(folder, ".", assignment), f"{notebook}.ipynb") for folder in folders]
    return [nbformat.read(path, as_version=4) for path in paths if path.is_file()]


def is_written(cell: Any) -> bool:
    """Whether a person marks this cell: a question in words, or a task."""
    role = cell.metadata.get("nbgrader", {})
    return bool(role.get("task") or (role.get("grade") and role.get("solution")))


def _name(cell: Any) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _roles(cell: Any) -> tuple[bool, bool]:
    data = cell.metadata.get("nbgrader", {})
    return bool(data.get("solution")), bool(data.get("grade")) and not data.get("solution")


def _tree(source: str) -> ast.Module:
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _imports(source: str) -> list[str]:
    """The import statements of a cell, also those inside `if` and `try`, one per line."""
    found = []
    statements = list(_tree(source).body)
    while statements:
        statement = statements.pop(0)
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            found.append(ast.unparse(statement))
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            for part in ("body", "orelse", "finalbody"):
                statements += getattr(statement, part, [])
    return found


def _bound(source: str) -> list[str]:
    """The names that a cell defines at its top level, other than by import."""
    names = []
    for statement in _tree(source).body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(statement.name)
        elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
            stores = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            names += [node.id for node in stores if isinstance(node.ctx, ast.Store)]
    return names
