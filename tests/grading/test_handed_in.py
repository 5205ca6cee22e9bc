"""Which notebook of a hand-in is the lesson's."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from course_grading.course import Course, GradingStopped
from course_grading.grading.handed_in import Ungradable, find_notebook, find_submissions, known_by
from course_grading.grading.snapshot import SourceCell
from tests.grading import toy

KNOWN = known_by(
    SourceCell(cell.metadata.nbgrader.grade_id, cell.cell_type, cell.metadata.nbgrader.locked, cell.source, "")
    for cell in toy.source_notebook().cells
    if "nbgrader" in cell.metadata
)


def found(folder: Path, **files: NotebookNode) -> tuple[str, list[str]]:
    for name, notebook in files.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    notebook, remarks, _ = find_notebook(folder, toy.NOTEBOOK, KNOWN)
    return "".join(cell.source for cell in notebook.cells), remarks


def stripped(notebook: NotebookNode) -> NotebookNode:
    """As Colab saves it: no ids, and none of nbgrader's metadata."""
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"colab": {}})
        cell.pop("id")
    return notebook


def another() -> NotebookNode:
    """The notebook of another lesson, with an answer that has the name of one of this."""
    notebook = toy.notebook("double")
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] += "-of-another"
        cell.source = cell.source.replace("(4)", "(5)")
    return notebook


def test_a_lesson_is_known_by_its_tests_where_nbgraders_names_are_gone(tmp_path: Path) -> None:
    source, remarks = found(tmp_path, **{"Copy+of+toy": stripped(toy.notebook("double")), "another": another()})
    assert "return 2 * x" in source
    assert remarks == ["Graded 'Copy+of+toy.ipynb', the only notebook of this lesson."]
    one_test = stripped(toy.notebook("half"))
    one_test.cells = [cell for cell in one_test.cells if "assert" not in cell.source or "half" in cell.source]
    assert "return x / 2" in found(tmp_path, toy=one_test)[0]


def test_another_lessons_notebook_under_this_ones_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Ungradable, match=r"'toy\.ipynb' is the notebook of another lesson: ask for the right file"):
        found(tmp_path, toy=another())
    assert "return x / 2" in found(tmp_path, mine=toy.notebook("half"))[0], "the right one lies beside it"
    with pytest.raises(Ungradable, match=r"'toy\.ipynb' is another notebook, but 'mine\.ipynb', 'yours"):
        found(tmp_path, yours=toy.notebook("double"))
    odd = another()
    odd.cells[-1].metadata["nbgrader"]["grade_id"] = ["a", {}]
    (tmp_path / "mine.ipynb").unlink()
    (tmp_path / "yours.ipynb").unlink()
    with pytest.raises(Ungradable, match="is the notebook of another lesson"):
        found(tmp_path, toy=odd)


def test_answers_in_a_notebook_of_ones_own_count_under_the_right_name(tmp_path: Path) -> None:
    own = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def double(x):\n    return 2 * x")])
    assert found(tmp_path, toy=own) == ("def double(x):\n    return 2 * x", [])


def test_students_are_told_apart_wherever_the_course_lies(tmp_path: Path) -> None:
    root = tmp_path / "STUDENTS" / "a STUDENT b"
    root.mkdir(parents=True)
    toy.make_course(root)
    for student in ("ann", "ben"):
        toy.hand_in(root, student, toy.notebook("half"))
    assert [each.student for each in find_submissions(Course(root), toy.LESSON)] == ["ann", "ben"]


@pytest.mark.parametrize("name", ["teach [WS26]", "what?", "a*b"])
def test_a_folder_in_which_nbgrader_would_find_nothing_is_a_sentence(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    root.mkdir()
    toy.make_course(root)
    with pytest.raises(GradingStopped, match=r"nbgrader takes \[, \*, and \? for patterns"):
        find_submissions(Course(root), toy.LESSON)
