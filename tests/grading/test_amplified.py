"""What is small when it is handed in and large once it is read, shown or copied: limits count what is kept."""

import json
import os
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from course_grading.course import Course
from course_grading.files import COPIED, that_fit
from course_grading.grading.whole_class import ClassGrader
from course_grading.kernels.pool import Limits, Pool, Settings
from course_grading.notebook.execute import KEPT_FACTOR, execute
from course_grading.notebook.outputs import CUT, Kept, Outputs
from course_grading.notebook.released import Blueprint, BlueprintCell
from tests.grading import toy
from tests.grading.courses import ONE_LESSON

FORGED = """
import numpy as np
from course_grading.kernels.inside import codec
codec.Encoder._array = lambda self, array: {"array": "f8", "shape": [2_000_000_000], "blob": self._blob(np.zeros(0))}
value = np.zeros(1)
"""


def shown_by(*events: tuple[str, dict], limit: int = 1 << 20) -> list[NotebookNode]:
    outputs = Outputs({}, Kept(limit))
    for kind, content in events:
        outputs.add(kind, content)
    return outputs.list


def display(text: str, kind: str = "display_data") -> tuple[str, dict]:
    return kind, {"data": {"text/html": text}, "transient": {"display_id": "one"}}


def test_an_update_counts_in_each_place_where_it_shows() -> None:
    shown = shown_by(*[display("x")] * 400, display("y" * 100_000, "update_display_data"))
    assert len(json.dumps(shown)) < 1 << 20 and shown[-1].text == CUT
    shown = shown_by(*[display("x")] * 4, display("y" * 100_000, "update_display_data"))
    assert [len(output.data["text/html"]) for output in shown] == [100_000] * 4


@pytest.mark.parametrize(
    "event",
    [
        ("stream", {"name": "stdout", "text": ""}),
        ("display_data", {"data": {}}),
        ("error", {"ename": "E", "evalue": "", "traceback": ["x"] * 100}),
        ("display_data", {"data": {"application/json": [[]] * 1000}}),
    ],
    ids=["streams", "displays", "errors", "JSON"],
)
def test_many_outputs_of_nothing_are_something(event: tuple[str, dict]) -> None:
    shown = shown_by(*[event, ("display_data", {"data": {}})] * 10_000)
    assert len(json.dumps(shown, indent=1)) < 2 << 20


def test_a_notebook_keeps_no_more_than_its_limit() -> None:
    update = "from IPython.display import *\nfor _ in range(400): display(HTML(''), display_id='one')\n"
    cells = [new_code_cell(update), new_code_cell("update_display(HTML('x' * 100_000), display_id='one')")]
    test = BlueprintCell("t", "code", "value.sum()", "", grade=True, solution=False, locked=True, task=False, points=1)
    judged = new_code_cell(test.source, metadata={"nbgrader": test.metadata})
    notebook = new_notebook(cells=[*cells, new_code_cell(FORGED), judged])
    limits = Limits(output=200_000, tests=256 << 20)
    with Pool(Settings(lessons=ONE_LESSON, limits=limits)) as pool:
        execute(notebook, Blueprint((test,), answers=("value",)), pool)
    assert len(json.dumps(notebook)) < KEPT_FACTOR * limits.output
    (error,) = judged.outputs  # a shape that is not of the bytes that came
    assert "cannot be read" in error.evalue or "no longer answers" in error.evalue, error


def test_a_test_that_meets_its_memory_limit_fails_with_a_sentence() -> None:
    source = "import torch\ntorch.ones(value, dtype=torch.uint8)"
    test = BlueprintCell("t", "code", source, "", grade=True, solution=False, locked=True, task=False, points=1)
    judged = [new_code_cell(source, metadata={"nbgrader": test.metadata}) for _ in range(2)]
    notebook = new_notebook(cells=[new_code_cell("value = 3 << 30"), judged[0], new_code_cell("value = 3"), judged[1]])
    with Pool(Settings(lessons=ONE_LESSON)) as pool:
        problems = execute(notebook, Blueprint((test,), answers=("value",)), pool)
    assert [problem.kind for problem in problems] == ["memory"], problems
    assert "takes more memory than a test may use" in problems[0].text
    assert "error" not in {output.output_type for output in judged[1].outputs}


def test_files_count_by_the_size_that_they_claim(
    tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = toy.make_course(tmp_path, empty_gradebook)
    monkeypatch.chdir(root)
    for student in ("ann", "ben"):
        toy.hand_in(root, student, toy.notebook("double"))
    folder = root / "submitted" / "ann" / toy.LESSON
    (folder / "a.txt").write_text("a")
    with open(folder / "big.bin", "wb") as file:
        os.truncate(file.fileno(), 3 << 30)  # no byte of it is on the disk
    rows = {row.student: row for row in ClassGrader(Course(root), [toy.LESSON], jobs=2)}
    assert {row.state for row in rows.values()} == {"graded"}
    assert rows["ann"].problems == (
        "Left out 'big.bin' (3072 MB): of what is handed in beside a notebook, 256 MB and 2000 files are kept.",
    )
    assert rows["ben"].problems == ()
    graded = root / "autograded" / "ann" / toy.LESSON
    assert (graded / "a.txt").exists() and not (graded / "big.bin").exists()
    assert sum(path.stat().st_size for path in that_fit(folder)[0]) < COPIED
