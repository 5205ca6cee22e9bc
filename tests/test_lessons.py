"""Every lesson as notebooks: the released one runs through, untouched or wrong, and all is clean.

What right and untouched ones earn is seen where they are graded, in tests/grading/test_same_scores.py; that right ones
run in fresh kernels, in tests/colab/.
"""

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator

import nbformat
import pytest
from nbgrader import utils

from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.kernels.pool import Pool, Settings
from course_grading.notebook.execute import Times, execute
from course_grading.notebook.released import Blueprint
from course_utils.checking import examine
from course_utils.output import RECORD_TYPE
from course_utils.specs import find_spec
from tests.conftest import ROOT


def released_path(lesson):
    return ROOT / "notebooks" / lesson.folder.name / lesson.notebook.name


def read(path):
    return nbformat.read(path, as_version=4)


def graded_cells(notebook):
    return [cell for cell in notebook.cells if utils.is_grade(cell)]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings()) as pool:
        yield pool


def played(lesson, answers, pool, first=""):
    """The released notebook with these answers, after a student's Run All; `first` runs before it."""
    notebook = filled_notebook(lesson, answers)
    nobody_grades = "import os; del os.environ['NBGRADER_EXECUTION']\n"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(nobody_grades + first))
    problems = execute(notebook, Blueprint(()), pool, Times(cell=120, notebook=300))
    assert not problems
    return notebook


def latest_records(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]
    records = [output.data[RECORD_TYPE] for output in outputs if RECORD_TYPE in output.data]
    return {record["exercise"].partition(".")[2]: record for record in records}


def errors(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output for output in outputs if output.output_type == "error"]


def test_an_untouched_notebook_runs_through_and_every_exercise_waits(each_lesson, pool):
    notebook = played(each_lesson, {}, pool)
    assert errors(notebook) == []
    outcomes = {name: record["outcome"] for name, record in latest_records(notebook).items()}
    assert outcomes == dict.fromkeys(each_lesson.exercises, "waiting")


def test_a_wrong_answer_gets_its_card_and_stops_nothing(each_lesson, pool):
    wrong = {name: declared.misconceptions[0].name for name, declared in each_lesson.exercises.items()}
    answers = {name: answer_source(each_lesson, name, mistake) for name, mistake in wrong.items()}
    notebook = played(each_lesson, answers, pool)
    assert {name: record["misconception"] for name, record in latest_records(notebook).items()} == wrong
    assert errors(notebook) == []
    for cell in graded_cells(notebook):
        assert any("text/html" in output.get("data", {}) for output in cell.outputs)


def giving(form, function, at_work=[]):  # noqa: B006  one list for all, as they call each other
    """`function`, whose tensors become lists of rows, lists of numbers or arrays, as `form` says, for whoever is not
    itself such a function."""
    import functools  # here, as its source runs in a notebook, too

    import torch

    def formed(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(formed, value))
        if not hasattr(value, "tolist"):
            return value
        tensor = torch.as_tensor(value).detach()
        return (
            list(tensor) if form == "rows" and tensor.dim() else tensor.numpy() if form == "array" else value.tolist()
        )

    @functools.wraps(function)
    def outer(*arguments, **keywords):
        at_work.append(function)
        try:
            value = function(*arguments, **keywords)
        finally:
            at_work.pop()
        return value if at_work else formed(value)

    return outer


def test_cells_that_show_answers_take_lists_and_arrays_for_tensors_where_checks_do(each_lesson, pool):
    answers = right_answers(each_lesson)
    for name, exercise in each_lesson.exercises.items():
        spec = find_spec(f"{each_lesson.name}.{name}")
        right = next(iter(exercise.alternatives.values()), None)  # the reference may use what a learner may not
        first = dataclasses.replace(spec, cases=tuple(spec.cases)[:1])
        for form in ("rows", "numbers", "array") if spec.is_function else ():
            if examine(first, giving(form, right)).outcome == "right":
                answers[name] += f"\n{name} = giving({form!r}, {name})"
                break
    notebook = played(each_lesson, answers, pool, inspect.getsource(giving))
    assert errors(notebook) == []
    assert {record["outcome"] for record in latest_records(notebook).values()} == {"right"}


def test_sources_and_released_notebooks_are_clean(each_lesson):
    for path in (each_lesson.notebook, released_path(each_lesson)):
        text = path.read_text(encoding="utf-8")
        notebook = read(path)
        nbformat.validate(notebook)
        assert text == nbformat.writes(notebook) + "\n", f"{path.name} is not in nbformat's own form"
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        for cell in notebook.cells:
            assert re.fullmatch(r"[a-z0-9-]+", cell.id), "cell ids are words that an author chose, so that they stay"
            if cell.cell_type == "code":
                assert cell.execution_count is None
                ast.parse(cell.source)


def test_outputs_are_stripped_but_for_static_pictures_of_explorers(each_lesson):
    assert not [cell for cell in read(each_lesson.notebook).cells if cell.get("outputs")]
    for cell in read(released_path(each_lesson)).cells:
        explorer = "explorer" in cell.metadata.get("tags", [])
        assert bool(cell.get("outputs")) == explorer
        for output in cell.get("outputs", []):
            assert set(output.data) == {"text/html", "image/svg+xml", "text/plain"}
            assert "<title>" in output.data["image/svg+xml"]


def test_nothing_hidden_is_released(each_lesson):
    text = released_path(each_lesson).read_text(encoding="utf-8")
    for word in ("SOLUTION", "HIDDEN", "judge", "course_grading"):
        assert word not in text


def test_every_exercise_has_its_test_cell_and_a_fixme(each_lesson):
    notebook = read(released_path(each_lesson))
    text = "\n".join(cell.source for cell in graded_cells(notebook))
    assert all(f'check("{name}", {name})' in text for name in each_lesson.exercises)
    assert all("FIXME" in cell.source for cell in notebook.cells if utils.is_solution(cell))
