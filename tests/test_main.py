"""`python -m course_utils LESSON.ipynb`: what a student's push is told."""

import sys
from pathlib import Path

import nbformat
import pytest

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import filled_notebook, right_answers
from course_utils.__main__ import main
from tests.conftest import ROOT

LESSON = load_lesson("sliding_regions", ROOT)


def handed_in(folder: Path, *exercises: str) -> str:
    right = right_answers(LESSON)
    notebook = filled_notebook(LESSON, {name: right[name] for name in exercises or right})
    path = folder / "sliding_regions.ipynb"
    nbformat.write(notebook, path)
    return str(path)


def test_all_right_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main([handed_in(tmp_path)]) == 0
    assert "8 of 8 exercises are right." in capsys.readouterr().out


def test_some_right_ends_with_1_and_names_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """The notebook is of a kernel that is not here, and gives `print` another meaning: it is run with this Python."""
    name = handed_in(tmp_path, "region_at")
    notebook = nbformat.read(name, as_version=4)
    notebook.metadata.kernelspec = {"name": "my_env", "display_name": "my env", "language": "python"}
    notebook.cells.append(nbformat.v4.new_code_cell("print = 5"))
    nbformat.write(notebook, name)
    before = Path(name).read_bytes()
    assert main([name]) == 1
    said = capsys.readouterr().out
    assert "✓ right: region_at (2 points)" in said
    assert "… waits for you: corr2d (4 points)" in said
    assert "1 of 8 exercises are right." in said
    assert Path(name).read_bytes() == before


def test_what_cannot_be_run_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([]) == 2
    assert main([str(tmp_path / "none.ipynb")]) == 2
    assert "It cannot be opened" in capsys.readouterr().err
    (tmp_path / "text.ipynb").write_text("no notebook")
    assert main([str(tmp_path / "text.ipynb")]) == 2
    assert "not a notebook" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert main([str(tmp_path / "text.ipynb")]) == 2
    assert "pip install nbclient ipykernel" in capsys.readouterr().err
