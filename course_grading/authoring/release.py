"""Our steps of `nbgrader generate_assignment`: small classes, one job each, listed in nbgrader_config.py."""

from __future__ import annotations

import ast
import copy
import os
import tempfile
from collections.abc import Iterator
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader import preprocessors, utils
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor

from course_grading.authoring.fresh_kernels import FreshKernel
from course_grading.authoring.language import Lesson, load_lesson
from course_grading.authoring.page import cell_name
from course_grading.environ import environ
from course_grading.notebook.checked import checked_in
from course_grading.workspace import sign
from course_utils.errors import CourseError
from course_utils.guesses import GUESS_TYPE
from course_utils.output import RECORD_TYPE
from course_utils.storage import from_json

FIXME = "FIXME"
CELL_SECONDS = 120
OURS = "course_grading"


def with_hidden_test(source: str, lesson: str) -> str:
    """The source of a test cell with the hidden test of each exercise that it checks: fresh inputs, judged."""
    checked = checked_in(source, lesson)
    if not checked or "HIDDEN TESTS" in source:
        return source
    judged = "\n".join(f'judge("{lesson}.{name}", {answer})' for name, answer in checked.items())
    return f"{source}\n### BEGIN HIDDEN TESTS\nfrom course_grading import judge\n\n{judged}\n### END HIDDEN TESTS"


class SaveCells(preprocessors.SaveCells):
    """nbgrader's own, but exercises may come and go after students have handed in: what was graded for one that is
    dropped goes with it, and all other scores and comments stay."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        try:
            known = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        except MissingEntry:
            known = None
        if known is not None and known.submissions:
            for kind in ("grade", "solution", "task", "source"):
                wanted = getattr(self, f"new_{kind}_cells")
                for cell in [cell for cell in getattr(known, f"{kind}_cells") if cell.name not in wanted]:
                    for given in (*getattr(cell, "grades", ()), *getattr(cell, "comments", ())):
                        self.gradebook.db.delete(given)
                    self.gradebook.db.delete(cell)
                self.gradebook.db.commit()
                add = getattr(self.gradebook, f"update_or_create_{kind}_cell")
                for name, about in wanted.items():
                    add(name, self.notebook_id, self.assignment_id, **about)
        super()._create_notebook(nb)


class AddHiddenTests(NbGraderPreprocessor):
    """Give each test cell its hidden test, so that an author writes `check("name", name)` alone."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        lesson = resources["nbgrader"]["notebook"]
        for cell in nb.cells:
            if utils.is_grade(cell) and not utils.is_solution(cell) and cell.cell_type == "code":
                cell.source = with_hidden_test(cell.source, lesson)
        return nb, resources


class TrySolution(NbGraderPreprocessor):
    """Run the author's own notebook as it will be graded: an answer of theirs that earns no marks, or a cell that fails
    with it, stops the release."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type == "code":
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                raise CourseError(
                    f"The cell '{cell_name(cell, index)}' is not valid Python (line {error.lineno}: {error.msg})."
                ) from error
        return cell, resources

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        super().preprocess(nb, resources)  # what can be seen without running comes first
        with environ(NBGRADER_EXECUTION="autograde"):
            played, stopped = _run(nb)
        if stopped is not None:
            index, error = stopped
            name = cell_name(nb.cells[index], index)
            if utils.is_grade(nb.cells[index]):
                what = f"Your own answer earns no marks in the test cell '{name}'"
            else:
                what = f"With your own answers, the notebook stops at the cell '{name}'"
            raise CourseError(f"{what}: {error}")
        _refuse_other_truths(played, load_lesson(resources["nbgrader"]["assignment"]))
        return nb, resources


class ForgetRun(NbGraderPreprocessor):
    """Forget what the author's own run left beside the outputs: the state of widgets, and when each cell ran."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nb.metadata.pop("widgets", None)
        for cell in nb.cells:
            cell.metadata.pop("execution", None)
        return nb, resources


class FoldSeeCells(NbGraderPreprocessor):
    """Fold the code of `see` cells in JupyterLab and on Colab: students see prose, their own code, and pictures."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if "see" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.metadata["cellView"] = "form"
            if not cell.source.startswith("# @title"):
                cell.source = f"# @title See\n{cell.source}"
        return cell, resources


class ClearSolutions(preprocessors.ClearSolutions):
    """Take the solutions out. Inside a function, a FIXME that raises takes their place.

    A solution at the top level of a cell leaves nothing: the line above it says FIXME, so that Run All goes on.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        marks = [cell.source.count(mark) for mark in (self.begin_solution_delimeter, self.end_solution_delimeter)]
        if cell.cell_type == "code" and utils.is_solution(cell) and (0 in marks or marks[0] != marks[1]):
            name = cell.metadata.nbgrader.grade_id
            raise CourseError(
                f"The solution cell '{name}' does not say where its solution is: put ### BEGIN SOLUTION above it and "
                "### END SOLUTION below it."
            )
        return super().preprocess_cell(cell, resources, index)

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        replaced = super()._replace_solution_region(cell, language)
        if cell.cell_type == "code":
            stub = self.code_stub[language]  # an indented one has spaces after each line break, so it stays
            cell.source = f"\n{cell.source}".replace(f"\n{stub}", "").removeprefix("\n")
        return replaced


class CheckReleased(NbGraderPreprocessor):
    """Refuse to release a cell that is not valid Python, or a solution cell that does not say FIXME."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type != "code":
            return cell, resources
        name = cell_name(cell, index)
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            raise CourseError(
                f"The released cell '{name}' is not valid Python (line {error.lineno}: {error.msg}). "
                "Look at the lines around its BEGIN SOLUTION and END SOLUTION."
            ) from error
        if OURS in cell.source:
            raise CourseError(f"The released cell '{name}' names {OURS}, which students do not have: take it out.")
        if utils.is_solution(cell) and FIXME not in cell.source:
            raise CourseError(
                f"The released cell '{name}' has no FIXME: write the solution between BEGIN SOLUTION and END SOLUTION "
                "inside a function, or write a line such as 'answer = None  # FIXME' above it."
            )
        return cell, resources


class KeepExplorerPictures(NbGraderPreprocessor):
    """Run the released notebook and keep the static pictures of `explorer` cells, so that none is blank on GitHub.

    It also proves that Run All on an untouched notebook ends, and that each exercise in it waits: the first cell that
    fails, or that holds an answer, stops the release.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        grading = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith("NBGRADER_")}
        try:
            played, stopped = _run(nb)
        finally:
            os.environ.update(grading)
        if stopped is not None:
            index, error = stopped
            raise CourseError(
                f"Run All on the untouched notebook stops at the cell '{cell_name(nb.cells[index], index)}' ({error}). "
                'Where it needs an answer, begin it with `if done("…"):`; otherwise mend it.'
            )
        for record in _records(played, RECORD_TYPE):
            if record["outcome"] != "waiting":
                raise CourseError(
                    f"In the untouched notebook, {record['exercise']} does not wait for an answer: it is "
                    f"{record['outcome']}. Give the cell that defines it nbgrader's metadata as a solution cell, "
                    "and let all of the answer stand between ### BEGIN SOLUTION and ### END SOLUTION."
                )
        for index, (cell, run) in enumerate(zip(nb.cells, played.cells, strict=True)):
            if "explorer" in cell.metadata.get("tags", []):
                cell.outputs = [picture for output in run.outputs for picture in _pictures(output)]
                if not cell.outputs:
                    raise CourseError(
                        f"The cell '{cell_name(cell, index)}' is tagged explorer and shows no still picture in the "
                        "untouched notebook: let an explorer be its last line, or take the tag away."
                    )
        return nb, resources


class Sign(NbGraderPreprocessor):
    """Sign the notebook, after which nothing in it changes any more."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        sign(nb)
        return nb, resources


def _refuse_other_truths(played: NotebookNode, lesson: Lesson) -> None:
    """Refuse a notebook, as its author ran it, that compares a guess with what exercises.py does not call right."""
    for record in _records(played, GUESS_TYPE):
        name = record.get("guess", "").removeprefix(f"{lesson.name}.")
        if "truth" not in record or name not in lesson.guesses:
            continue
        right, truth = lesson.guesses[name].right, from_json(record["truth"])
        if not lesson.guesses[name].is_true(truth):
            raise CourseError(
                f"The guess {name} is compared with {truth!r}, but exercises.py says that {right!r} is right: mend "
                "the one or the other."
            )


def _records(played: NotebookNode, kind: str) -> Iterator[dict[str, Any]]:
    """The records of one kind that the cells of a notebook left in their outputs."""
    for output in (output for cell in played.cells for output in cell.get("outputs", ())):
        if kind in output.get("data", {}):
            yield output["data"][kind]


def _run(nb: NotebookNode) -> tuple[NotebookNode, tuple[int, str] | None]:
    """A copy of a notebook that has been run, and the place of the cell that failed, if any, with what it said."""
    played = copy.deepcopy(nb)
    quiet = ["--log-level=CRITICAL"]  # a kernel tells the terminal how to connect to it
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(
            played,
            kernel_manager_class=FreshKernel,
            timeout=CELL_SECONDS,
            resources=resources,
            extra_arguments=quiet,
        )
        try:
            client.execute()
        except CellExecutionError as error:
            code = [(index, cell) for index, cell in enumerate(played.cells) if cell.cell_type == "code"]
            failed = next(index for index, cell in code if utils.has_failed(cell))
            return played, (failed, f"{error.ename}: {error.evalue}")
        except (CellTimeoutError, DeadKernelError) as error:
            running = [index for index, cell in enumerate(played.cells) if cell.get("execution_count") is not None]
            return played, (running[-1], str(error).strip().partition("\n")[0])
    return played, None


def _pictures(output: NotebookNode) -> list[NotebookNode]:
    """The picture of an output, if it has one, as an output of its own."""
    found = output.get("data", {})
    if "image/svg+xml" not in found:
        return []
    # JupyterLab shows SVG of notebooks that it trusts alone; as HTML the same picture shows at once.
    data = {kind: found[kind] for kind in ("text/html", "image/svg+xml", "text/plain") if kind in found}
    return [NotebookNode(output_type="display_data", data=NotebookNode(data), metadata=NotebookNode())]
