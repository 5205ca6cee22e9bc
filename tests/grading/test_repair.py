"""A submission is put back into the shape in which it was released, and all that the student wrote is kept."""

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.coursedir import CourseDirectory

from course_grading.notebook.released import Blueprint, read_blueprint
from course_grading.notebook.repair import problems_of, repair

from .hostile.bank import run
from .toy import LESSON, NOTEBOOK, hand_in, make_course, notebook

PLUG_INS = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.Autograde.sanitize_preprocessors = ["course_grading.grading.plugins.Repair"]
c.Autograde.autograde_preprocessors = [
    "course_grading.grading.plugins.Execute", "nbgrader.preprocessors.SaveAutoGrades"
]
"""


@pytest.fixture(scope="module")
def blueprint(empty_gradebook: Path, tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    """The toy lesson's, as nbgrader itself has put it into the gradebook."""
    root = make_course(tmp_path_factory.mktemp("repair"), empty_gradebook, PLUG_INS)
    done = run(root, [], "nbgrader", "generate_assignment", LESSON)
    assert done.returncode == 0, done.stderr
    folders = CourseDirectory(root=str(root), source_directory="solutions", release_directory="notebooks")
    return read_blueprint(f"sqlite:///{root}/gradebook.db", LESSON, NOTEBOOK, folders)


def names(cells: list[NotebookNode]) -> list[str]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id", cell.cell_type) for cell in cells]


def place(cells: NotebookNode, name: str) -> int:
    return names(cells.cells).index(name)


ORDER = ["code", "double", "test_double", "square", "test_square", "half", "test_half", "why"]


def test_the_blueprint_knows_order_imports_and_answers(blueprint: Blueprint) -> None:
    assert [cell.name for cell in blueprint.cells] == ORDER[1:]
    assert blueprint.imports == "import math"
    assert blueprint.answers == ("double", "square", "half")
    assert [cell.name for cell in blueprint.cells if cell.is_test] == ["test_double", "test_square", "test_half"]


def test_an_honest_notebook_only_gets_its_hidden_tests_back(blueprint: Blueprint) -> None:
    mended = notebook("double")
    before = {cell.metadata.nbgrader.grade_id: cell.source for cell in mended.cells if "nbgrader" in cell.metadata}
    assert repair(mended, blueprint) == []
    assert [name for name in names(mended.cells) if name != "markdown"] == ORDER
    for cell in mended.cells:
        known = blueprint.by_name.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if known and known.is_test:
            assert "SECRET" in cell.source and blueprint.is_test(cell)
        elif known:
            assert cell.source == before[known.name]


def _swap(nb: NotebookNode) -> None:
    nb.cells.insert(1, nb.cells.pop(place(nb, "test_half")))


def _delete(nb: NotebookNode) -> None:
    del nb.cells[place(nb, "test_square")]


def _lose_metadata(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata = {}


def _copy_answer(nb: NotebookNode) -> None:
    at = place(nb, "double")
    filled = copy.deepcopy(nb.cells[at])
    nb.cells[at].source = ""
    nb.cells.insert(at + 1, filled)


def _tag(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution"]


def _same_ids(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell["id"] = "same"


@pytest.mark.parametrize(
    ("harm", "kinds"),
    [
        (_swap, {"moved"}),
        (_delete, {"missing"}),
        (_lose_metadata, {"missing"}),
        (_copy_answer, {"duplicate"}),
        (_tag, set()),
        (_same_ids, set()),
    ],
)
def test_after_repair_every_test_follows_its_answer_and_is_the_gradebooks(
    blueprint: Blueprint, harm: Callable[[NotebookNode], None], kinds: set[str]
) -> None:
    mended = notebook("double", "square", "half")
    harm(mended)
    problems = repair(mended, blueprint)
    assert {problem.kind for problem in problems} == kinds
    assert problems_of(mended) == problems
    nbformat.validate(mended)
    assert len({cell.id for cell in mended.cells}) == len(mended.cells)
    for name in ("double", "square", "half"):
        code = [cell.source for cell in mended.cells if cell.cell_type == "code"]
        answer = next(i for i, source in enumerate(code) if f"def {name}(x):\n    return" in source)
        tests = [i for i, source in enumerate(code) if source == blueprint.by_name[f"test_{name}"].source]
        assert len(tests) == 1 and tests[0] > answer
    assert not any("tags" in cell.metadata for cell in mended.cells)


def test_a_copy_that_does_not_count_is_kept_and_said_not_to_be_run(blueprint: Blueprint) -> None:
    mended = notebook("double")
    twin = copy.deepcopy(mended.cells[place(mended, "double")])
    twin.source = "def double(x):\n    return 0"
    mended.cells.append(twin)
    repair(mended, blueprint)
    assert names(mended.cells)[-2:] == ["markdown", "raw"]
    assert "more than once" in mended.cells[-2].source and mended.cells[-1].source == twin.source


def test_nothing_at_all_can_be_repaired_too(blueprint: Blueprint) -> None:
    mended = new_notebook(cells=[new_code_cell("1", metadata={"nbgrader": {"grade_id": 7}})])
    repair(mended, blueprint)
    assert {"test_double", "test_square", "test_half", "why"} <= set(names(mended.cells))


def test_without_a_sandbox_grading_stops_with_one_sentence(empty_gradebook: Path, tmp_path: Path) -> None:
    root = make_course(tmp_path / "course", empty_gradebook, PLUG_INS)
    assert run(root, [], "nbgrader", "generate_assignment", LESSON).returncode == 0
    hand_in(root, "ada", notebook("double"))
    hand_in(root, "ben", notebook("double"))
    done = run(root, ["env", "PATH=/nowhere"], "nbgrader", "autograde", LESSON)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert (
        done.stderr.strip().splitlines()[-1].startswith("The sandbox needs bubblewrap, which is not installed. Install")
    )
    assert "--no-sandbox" in done.stderr
    assert not list(root.glob("autograded/*/*/*"))
