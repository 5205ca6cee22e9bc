"""Every lesson as notebooks: the source earns full marks, the released one runs through and earns none."""

import ast
import copy
import re

import nbformat
from nbclient import NotebookClient
from nbgrader import utils

from course_grading.authoring.bundle import first_cell
from course_grading.authoring.release import with_hidden_test
from course_utils.verdicts import RECORD_TYPE
from tests.conftest import ROOT


def released_path(lesson):
    return ROOT / "notebooks" / lesson.folder.name / lesson.notebook.name


def read(path):
    return nbformat.read(path, as_version=4)


def source_with_hidden_tests(lesson):
    """The author's notebook as nbgrader keeps it: `course build` puts the hidden tests in."""
    notebook = read(lesson.notebook)
    for cell in graded_cells(notebook):
        cell.source = with_hidden_test(cell.source, lesson.name)
    return notebook


def graded_cells(notebook):
    return [cell for cell in notebook.cells if utils.is_grade(cell)]


def played(notebook, folder, monkeypatch, *, grading):
    """The notebook after a run from top to bottom in a new kernel, as nbgrader runs it or as a student does."""
    if grading:
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    notebook = copy.deepcopy(notebook)
    quiet = ["--log-level=ERROR"]
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, allow_errors=grading, resources=resources, extra_arguments=quiet).execute()
    return notebook


def score(notebook):
    return sum(utils.determine_grade(cell)[0] for cell in graded_cells(notebook))


def records(notebook):
    outputs = [output for cell in graded_cells(notebook) for output in cell.outputs if "data" in output]
    return [output.data[RECORD_TYPE] for output in outputs if RECORD_TYPE in output.data]


def test_the_source_earns_full_marks(lesson, tmp_path, monkeypatch):
    notebook = played(source_with_hidden_tests(lesson), tmp_path, monkeypatch, grading=True)
    points = sum(cell.metadata.nbgrader.points for cell in graded_cells(notebook))
    assert score(notebook) == points > 0
    assert {record["outcome"] for record in records(notebook)} == {"right"}
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and utils.has_failed(cell)]


def test_an_untouched_notebook_runs_through_and_every_exercise_waits(lesson, tmp_path, monkeypatch):
    notebook = played(read(released_path(lesson)), tmp_path, monkeypatch, grading=False)
    assert [record["outcome"] for record in records(notebook)] == ["waiting"] * len(lesson.exercises)


def test_an_untouched_notebook_earns_nothing(lesson, tmp_path, monkeypatch):
    notebook = read(released_path(lesson))
    hidden = {cell.metadata.nbgrader.grade_id: cell.source for cell in graded_cells(source_with_hidden_tests(lesson))}
    for cell in graded_cells(notebook):
        cell.source = hidden[cell.metadata.nbgrader.grade_id]
    assert score(played(notebook, tmp_path, monkeypatch, grading=True)) == 0


def test_sources_and_released_notebooks_are_clean(lesson):
    for path in (lesson.notebook, released_path(lesson)):
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


def test_outputs_are_stripped_but_for_static_pictures_of_explorers(lesson):
    assert not [cell for cell in read(lesson.notebook).cells if cell.get("outputs")]
    for cell in read(released_path(lesson)).cells:
        explorer = "explorer" in cell.metadata.get("tags", [])
        assert bool(cell.get("outputs")) == explorer
        for output in cell.get("outputs", []):
            assert set(output.data) == {"text/html", "image/svg+xml", "text/plain"}
            assert "<title>" in output.data["image/svg+xml"]


def test_every_notebook_begins_with_the_cell_that_fetches_the_course(lesson):
    assert read(lesson.notebook).cells[0].source == read(released_path(lesson)).cells[0].source == first_cell()


def test_nothing_hidden_is_released(lesson):
    text = released_path(lesson).read_text(encoding="utf-8")
    for word in ("SOLUTION", "HIDDEN", "judge", "course_grading"):
        assert word not in text


def test_every_exercise_has_its_test_cell_and_a_fixme(lesson):
    notebook = read(released_path(lesson))
    text = "\n".join(cell.source for cell in graded_cells(notebook))
    assert all(f'check("{name}", {name})' in text for name in lesson.exercises)
    assert all("FIXME" in cell.source for cell in notebook.cells if utils.is_solution(cell))
