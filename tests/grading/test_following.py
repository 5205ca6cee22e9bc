"""Marks that turn on more than an answer: a wrong function of one's own that it uses, a mistake in the hidden test."""

from io import StringIO
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.grading.command import show
from course_grading.grading.whole_class import ClassGrader
from course_utils.output import RECORD_TYPE
from tests.grading.courses import copy_course
from tests.grading.gradebooks import cell_scores


@pytest.mark.parametrize("earns", [False, True])
def test_a_right_use_of_a_wrong_function_earns_only_where_the_course_says_so(
    tmp_path: Path, empty_gradebook: Path, earns: bool
) -> None:
    lesson = load_lesson("sliding_regions")
    root = copy_course(tmp_path / "course", empty_gradebook, lesson=lesson.folder.name)
    flipped = {"corr2d": answer_source(lesson, "corr2d", "kernel_flipped")}
    uses_it = {"convolve2d": "def convolve2d(image, kernel):\n    return corr2d(image, torch.flip(kernel, (0, 1)))"}
    huge = {"corr2d": "def corr2d(x, kernel):\n    return torch.zeros(2000, 3000)"}
    for student, wrong in {"ann": flipped, "ben": huge}.items():
        place = root / "submitted" / student / lesson.folder.name / lesson.notebook.name
        place.parent.mkdir(parents=True)
        nbformat.write(filled_notebook(lesson, right_answers(lesson) | wrong | uses_it), place)
    course = Course(root, {"Execute": {"following_earns": earns}})
    rows = list(ClassGrader(course, ["sliding_regions"], jobs=2))
    assert [row.state for row in rows] == ["graded", "graded"]

    scores = cell_scores(root)["ann"]
    assert scores["check-corr2d"] == 0
    assert (scores["check-convolve2d"] > 0) is earns
    records = _records(nbformat.read(root / "autograded" / "ann" / lesson.folder.name / place.name, as_version=4))
    by_judge = [record for record in records["convolve2d"] if record["by"] == "judge"]
    assert len(by_judge) == 1, "the hidden test has run, though the visible check refused"
    assert by_judge[0]["given"] == ["corr2d"]
    assert by_judge[0]["follows"] == "corr2d"
    assert records["corr2d"][-1]["by"] == "judge"
    records = _records(nbformat.read(root / "autograded" / "ben" / lesson.folder.name / place.name, as_version=4))
    assert {record["follows"] for record in records["convolve2d"]} == {"corr2d"}, "its answers are too large to be sent"
    assert (cell_scores(root)["ben"]["check-convolve2d"] > 0) is earns


def _records(notebook: nbformat.NotebookNode) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if record := output.get("data", {}).get(RECORD_TYPE):
                found.setdefault(record["exercise"].rpartition(".")[2], []).append(record)
    return found


def test_a_mistake_in_a_hidden_test_costs_nobody_a_mark(tmp_path: Path, empty_gradebook: Path) -> None:
    lesson = load_lesson("sliding_regions")
    root = copy_course(tmp_path / "course", empty_gradebook, lesson=lesson.folder.name)
    exercises = root / "solutions" / lesson.folder.name / "exercises.py"
    good = exercises.read_text()
    # The name is looked up when inputs are drawn, long after the class was built: so a mistake gets past the build.
    exercises.write_text(good.replace("def shapes(rng):", "def shapes(rng):\n    yield {'image_shape': nowhere}\n"))
    for student, answers in {"ann": right_answers(lesson), "ben": {}}.items():
        place = root / "submitted" / student / lesson.folder.name / lesson.notebook.name
        place.parent.mkdir(parents=True)
        nbformat.write(filled_notebook(lesson, answers), place)
    rows = list(ClassGrader(Course(root), ["sliding_regions"], jobs=2))
    assert [row.state for row in rows] == ["graded", "graded"]
    (why,) = {why for row in rows for why in row.broken if "output-shape" in why}
    assert "The test 'check-output-shape' is broken: sliding_regions.output_shape cannot be tested: NameError" in why
    assert "(exercises.py, line " in why and "yield {'image_shape': nowhere})" in why
    assert [row.problems for row in rows] == [(), ()]
    scores = cell_scores(root)
    assert scores["ann"]["check-output-shape"] is None and scores["ann"]["check-corr2d"] > 0
    out = Console(file=StringIO(), width=300)
    show(rows, out)
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert text.count("The test 'check-output-shape' is broken") == 1 and "In 2 of 2 nothing is scored from it" in text
    assert "2 not scored in full, as a test is broken" in text

    exercises.write_text(good)
    rows = list(ClassGrader(Course(root), ["sliding_regions"], jobs=2))
    assert [(row.state, row.broken) for row in rows] == [("graded", ())] * 2
    assert all(cell_scores(root)["ann"].values()) and not any(cell_scores(root)["ben"].values())

    # An exercise is dropped after all that: what the others earned stays.
    before = cell_scores(root)["ann"]
    source = root / "solutions" / lesson.folder.name / lesson.notebook.name
    notebook = nbformat.read(source, as_version=4)
    gone = {"check-output-shape", "output-shape"}
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in gone]
    nbformat.write(notebook, source)
    rows = list(ClassGrader(Course(root), ["sliding_regions"], jobs=2))
    assert [(row.state, row.broken) for row in rows] == [("graded", ())] * 2
    assert cell_scores(root)["ann"] == {name: score for name, score in before.items() if name not in gone}
