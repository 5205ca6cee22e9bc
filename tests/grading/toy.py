"""A small course for tests of the runner: a lesson without torch, run without kernels.

Its nbgrader_config.py puts `InOneProcess` in the place of nbgrader's Execute: cells run by `exec` in the grader. All
other steps are nbgrader's. So a class of hundreds is graded in seconds, and a test may kill the grader at any moment.
"""

import json
import shutil
import sys
import traceback
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.preprocessors import NbGraderPreprocessor

LESSON, NOTEBOOK = "01_toy", "toy"
ANSWERS = {"double": "2 * x", "square": "x * x", "half": "x / 2"}
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CONFIG = """
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, SaveAutoGrades
from tests.grading.toy import InOneProcess

c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.Autograde.autograde_preprocessors = [
    InOneProcess, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata,
]
c.LateSubmissionPlugin.penalty_method = "zero"
c.Repair.trust_timestamps = True
c.GenerateAssignment.preprocessors = [
    "course_grading.authoring.release.SaveCells" if step.__name__ == "SaveCells" else step
    for step in GenerateAssignment.class_traits()["preprocessors"].default()
]
"""


class InOneProcess(NbGraderPreprocessor):
    """Runs code cells by `exec`, here and now."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names: dict[str, object] = {}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = []
                try:
                    exec(cell.source, names)
                except Exception as error:
                    what = type(error).__name__
                    cell.outputs = [
                        new_output("error", ename=what, evalue=str(error), traceback=[traceback.format_exc(limit=0)])
                    ]
        return nb, resources


def make_course(root: Path, gradebook: Path | None = None, config: str = CONFIG) -> Path:
    """A course folder with the toy lesson's source, and a copy of `gradebook`; returns it."""
    folder = root / "solutions" / LESSON
    folder.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(config)
    if gradebook:
        shutil.copyfile(gradebook, root / "gradebook.db")
    (folder / "exercises.py").write_text("SECRET = 'reference'\n")
    (folder / "data.csv").write_text("1,2\n")
    nbformat.write(source_notebook(), folder / f"{NOTEBOOK}.ipynb")
    return root


def source_notebook() -> NotebookNode:
    """Three functions of 2 points each with a hidden test, and a written answer of 3 points."""
    cells = [new_markdown_cell("# Toy", id="title"), new_code_cell("import math", id="imports")]
    for name, answer in ANSWERS.items():
        body = f"def {name}(x):\n    ### BEGIN SOLUTION\n    return {answer}\n    ### END SOLUTION"
        cells.append(new_code_cell(body, id=name, metadata=_marks(name, solution=True)))
        seen, hidden = (f"assert {name}({x}) == {eval(answer, {'x': x})}" for x in (4, 6))
        test = f"{seen}\n### BEGIN HIDDEN TESTS\n{hidden}  # SECRET\n### END HIDDEN TESTS"
        cells.append(
            new_code_cell(test, id=f"t-{name}", metadata=_marks(f"test_{name}", grade=True, locked=True, points=2))
        )
    cells.append(new_markdown_cell("Why?", id="why", metadata=_marks("why", grade=True, solution=True, points=3)))
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def notebook(*right: str, written: str = "YOUR ANSWER HERE") -> NotebookNode:
    """What a student hands in who got the functions in `right` right, left the others alone, and wrote `written`."""
    released = source_notebook()
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in ANSWERS:
            body = f"return {ANSWERS[name]}" if name in right else "raise NotImplementedError"
            cell.source = f"def {name}(x):\n    {body}"
        elif name == "why":
            cell.source = written
        cell.source = cell.source.partition("### BEGIN HIDDEN")[0].strip()
    return released


def hand_in(
    root: Path, student: str, what: NotebookNode | bytes, name: str = f"{NOTEBOOK}.ipynb", **files: str
) -> Path:
    """Put a notebook, and other files, in a student's submission; returns its folder."""
    folder = root / "submitted" / student / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    content = what if isinstance(what, bytes) else json.dumps(what).encode()
    (folder / name).write_bytes(content)
    for other, text in files.items():
        (folder / other.replace("_txt", ".txt")).write_text(text)
    return folder


def _marks(name: str, **roles: object) -> dict:
    marks = {"grade_id": name, "grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": marks | roles}


if __name__ == "__main__":  # a course to try commands on: python -m tests.grading.toy FOLDER STUDENTS
    course = make_course(Path(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        hand_in(course, f"s{number:04}", notebook(*[name for bit, name in enumerate(ANSWERS) if number >> bit & 1]))
