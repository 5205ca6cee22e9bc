"""An answer that is right but for a wrong function of the student's own: what it earns, and what its record says."""

from pathlib import Path

import nbformat
import pytest

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader
from course_utils.verdicts import RECORD_TYPE
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
    work = filled_notebook(lesson, right_answers(lesson) | flipped | uses_it)
    place = root / "submitted" / "ann" / lesson.folder.name / lesson.notebook.name
    place.parent.mkdir(parents=True)
    nbformat.write(work, place)
    course = Course(root, {"Execute": {"following_earns": earns}})
    rows = list(ClassGrader(course, ["sliding_regions"], jobs=1))
    assert [row.state for row in rows] == ["graded"]

    scores = cell_scores(root)["ann"]
    assert scores["check-corr2d"] == 0
    assert (scores["check-convolve2d"] > 0) is earns
    records = _records(nbformat.read(root / "autograded" / "ann" / lesson.folder.name / place.name, as_version=4))
    by_judge = [record for record in records["convolve2d"] if record["by"] == "judge"]
    assert len(by_judge) == 1, "the hidden test has run, though the visible check refused"
    assert by_judge[0]["given"] == ["corr2d"]
    assert by_judge[0]["follows"] == "corr2d"
    assert records["corr2d"][-1]["by"] == "judge"


def _records(notebook: nbformat.NotebookNode) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if record := output.get("data", {}).get(RECORD_TYPE):
                found.setdefault(record["exercise"].rpartition(".")[2], []).append(record)
    return found
