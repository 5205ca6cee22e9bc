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


def test_of_copies_that_counts_which_run_all_leaves_before_the_test(blueprint: Blueprint) -> None:
    mended = notebook("double")
    at = place(mended, "double")
    draft, later, empty = (copy.deepcopy(mended.cells[at]) for _ in range(3))
    draft.source, later.source = "def double(x):\n    return 0", "def double(x):\n    return 1"
    empty.source = blueprint.by_name["double"].source
    mended.cells.insert(at, draft)
    mended.cells += [later, empty]
    (problem,) = repair(mended, blueprint)
    assert problem.kind == "duplicate"
    code = [cell.source for cell in mended.cells if cell.cell_type == "code"]
    test = code.index(blueprint.by_name["test_double"].source)
    assert code.index(draft.source) < code.index("def double(x):\n    return 2 * x") < test < code.index(later.source)
    assert mended.cells[place(mended, "double")].source == "def double(x):\n    return 2 * x"
    assert names(mended.cells)[-2:] == ["markdown", "raw"], "a copy that nobody filled in is not run"
    assert "more than once" in mended.cells[-2].source


@pytest.mark.parametrize("merged", [False, True])
def test_an_answer_in_the_test_cell_runs_before_the_test(blueprint: Blueprint, merged: bool) -> None:
    mended = notebook("square")
    test = mended.cells[place(mended, "test_double")]
    answer = "def double(x):\n    return x + x"
    test.source = f"{answer}\n\n{test.source}" if merged else answer
    if merged:
        del mended.cells[place(mended, "double")]
    problems = repair(mended, blueprint)
    assert [problem.kind for problem in problems] == ["merged"]
    code = [cell.source for cell in mended.cells if cell.cell_type == "code"]
    at = code.index(blueprint.by_name["test_double"].source)
    assert code[at - 1] == answer
    nbformat.validate(mended)


def test_what_stands_in_a_test_cell_and_is_no_code_is_nothing_to_run(blueprint: Blueprint) -> None:
    mended = notebook("double")
    test = mended.cells[place(mended, "test_double")]
    count = len(mended.cells)
    test.source = f"# mine\nif True:\n    {test.source}"
    assert repair(mended, blueprint) == []
    assert len(mended.cells) == count


def test_pictures_pasted_into_a_text_stay_and_nothing_else_of_an_attachment_does(blueprint: Blueprint) -> None:
    mended = notebook()
    why = mended.cells[place(mended, "why")]
    why.source = "![me](attachment:me.png)"
    why["attachments"] = {"me.png": {"image/png": "iVBO", "text/html": "<script>"}, "x": 3, "y": {"image/png": [1]}}
    why.attachments["half \ud83d.png"] = {"image/png": "iVBO"}
    repair(mended, blueprint)
    pictures = {name: {"image/png": "iVBO"} for name in ("me.png", "half ?.png")}
    assert mended.cells[place(mended, "why")].attachments == pictures
    nbformat.validate(mended)


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
