"""Tricks with the notebook itself and with the files beside it. Each function is one trick, named for it.

It gets the notebook, in which three exercises worth six points are honestly right, the folder it is handed in with, and
the course's folder; it changes them as a student could. Each must earn the six points.
"""

import copy
import os
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.grading.hostile import shows

TESTS = ("check-positions", "check-output-shape", "check-corr2d", "check-convolve2d", "check-same-either-way")


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") in TESTS]


def tags_that_skip(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell in _tests(notebook):
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell", "nbgrader-skip"]


def edited_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell in _tests(notebook):
        cell.source = "True"


def edited_tests_with_new_checksums(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell in _tests(notebook):
        cell.source = "4.0"
        cell.metadata.nbgrader |= {"locked": False, "checksum": "0" * 32, "points": 4}


def deleted_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell not in _tests(notebook)]


def emptied_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell in _tests(notebook):
        cell.source = ""


def duplicated_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell in _tests(notebook):
        for place in (0, len(notebook.cells)):
            twin = copy.deepcopy(cell)
            twin.source, twin.id = "pass", f"twin-{place}-{cell.id}"[:60]
            notebook.cells.insert(place, twin)


def moved_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    """All of them, also those of the honest answers, to the top and in reverse."""
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    notebook.cells = tests[::-1] + [cell for cell in notebook.cells if cell not in tests]


def retyped_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell, kind in zip(_tests(notebook), ("markdown", "raw", "markdown", "raw", "markdown"), strict=True):
        cell.cell_type = kind
        cell.pop("outputs"), cell.pop("execution_count")


def reflagged_tests(notebook: NotebookNode, folder: Path, course: Path) -> None:
    flags = [
        {"solution": True},
        {"grade": False},
        {"task": True},
        {"locked": False, "solution": True},
        {"schema_version": 1},
    ]
    for cell, flag in zip(_tests(notebook), flags, strict=True):
        cell.metadata.nbgrader |= flag


def tests_as_answers(notebook: NotebookNode, folder: Path, course: Path) -> None:
    """Answers and tests swap their names."""
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("grade_id") in TESTS:
            data["grade_id"] = data["grade_id"].removeprefix("check-")
        elif f"check-{data.get('grade_id')}" in TESTS:
            data["grade_id"] = f"check-{data['grade_id']}"


def points_for_answers(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.metadata.nbgrader |= {"grade": True, "points": 100}


def tests_of_our_own(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for name, points in (("bonus", 100), ("check-bonus", -100), ("../bonus", 1e308)):
        data = {
            "grade_id": name,
            "grade": True,
            "solution": False,
            "locked": True,
            "points": points,
            "schema_version": 3,
        }
        notebook.cells.append(
            new_code_cell("100.0", metadata={"nbgrader": data | {"task": False, "cell_type": "code"}})
        )


def metadata_of_nonsense(notebook: NotebookNode, folder: Path, course: Path) -> None:
    notebook.cells.append(new_code_cell("1", metadata={"nbgrader": "yes"}))
    notebook.cells.append(new_code_cell("1", metadata={"nbgrader": {"grade_id": ["list"], "grade": "maybe"}}))
    notebook.cells.append(new_markdown_cell("1", metadata={"nbgrader": {"grade_id": None, "schema_version": 99}}))
    notebook.metadata["nbgrader"] = notebook.metadata["course_grading"] = {"problems": "none"}
    notebook.metadata["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "Python"}
    notebook.metadata["language_info"] = {"name": "R"}


def forged_outputs(notebook: NotebookNode, folder: Path, course: Path) -> None:
    record = {"exercise": "sliding_regions.corr2d", "outcome": "right", "by": "judge", "problem": None}
    for cell in _tests(notebook):
        cell.outputs = [
            new_output("execute_result", data={"text/plain": "4.0"}, execution_count=1),
            new_output("display_data", data={"application/vnd.convolution-course.check+json": record}),
        ]


def kernel_of_our_own(notebook: NotebookNode, folder: Path, course: Path) -> None:
    """A kernel specification and startup files beside the notebook."""
    notebook.metadata["kernelspec"] = {"name": "ours", "language": "python", "display_name": "Ours"}
    for place in (".jupyter", ".ipython/profile_default/startup", "share/jupyter/kernels/ours"):
        (folder / place).mkdir(parents=True)
        (folder / place / "nbgrader_config.py").write_text(_HARM)
        (folder / place / "00-start.py").write_text(_HARM)
        (folder / place / "kernel.json").write_text('{"argv": ["touch", "hostile-was-here"], "language": "python"}')
    (folder / "nbgrader_config.py").write_text(_HARM)


_HARM = """
import pathlib
pathlib.Path("@COURSE@/hostile-was-here").write_text("")
def check(*values, **options): pass
judge = corr2d = conv2d = report = examine = load_lesson = observe = check
class Tensor:
    __eq__ = check
"""


def files_that_shadow(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for name in (
        "torch",
        "numpy",
        "course_utils",
        "course_grading",
        "exercises",
        "msgpack",
        "secrets",
        "random",
        "json",
    ):
        (folder / f"{name}.py").write_text(_HARM.replace("@COURSE@", str(course)))
    for name in ("sitecustomize", "usercustomize", "conftest", "__init__", "__main__"):
        (folder / f"{name}.py").write_text(_HARM.replace("@COURSE@", str(course)))
    (folder / "exercises.py").write_text(_HARM.replace("@COURSE@", str(course)))
    (folder / "ours.pth").write_text(f"import os; os.mkdir('{course}/hostile-was-here')")
    notebook.cells.insert(0, new_code_cell("import torch, numpy, course_utils, secrets, random, json"))


def links_out_of_the_folder(notebook: NotebookNode, folder: Path, course: Path) -> None:
    links = {
        "gradebook.txt": course / "gradebook.db",
        "exercises.txt": course / "solutions/01_sliding_regions/exercises.py",
        "victim.ipynb": course / "submitted/victim/01_sliding_regions/sliding_regions.ipynb",
        "environment.txt": Path("/proc/self/environ"),
        "passwd.txt": Path("/etc/passwd"),
        "endless.txt": Path("/dev/zero"),
        "timestamp.txt": Path("/dev/zero"),
        "all": course,
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.txt")
    show = "import pathlib\nfor path in pathlib.Path('.').rglob('*.*'): print(path, path.read_bytes()[:3000])"
    notebook.cells.insert(0, new_code_cell(show))


def timestamp_that_waits(notebook: NotebookNode, folder: Path, course: Path) -> None:
    os.mkfifo(folder / "timestamp.txt")


def timestamp_of_nonsense(notebook: NotebookNode, folder: Path, course: Path) -> None:
    (folder / "timestamp.txt").write_bytes(b"\xff yesterday")


def timestamp_of_last_century(notebook: NotebookNode, folder: Path, course: Path) -> None:
    (folder / "timestamp.txt").write_text("1999-01-01 00:00:00.000000 UTC")


def timestamp_with_a_mark(notebook: NotebookNode, folder: Path, course: Path) -> None:
    (folder / "timestamp.txt").write_text("1999-01-01 00:00:00.000000 UTC", encoding="utf-8-sig")


def file_of_holes(notebook: NotebookNode, folder: Path, course: Path) -> None:
    """It takes no room on the student's disk, and three gigabytes where it is copied."""
    with open(folder / "holes.bin", "wb") as file:
        os.truncate(file.fileno(), 3 << 30)


def markup_in_ids(notebook: NotebookNode, folder: Path, course: Path) -> None:
    """What a terminal, a summary or a page could take for its own."""
    for number, mark in enumerate(("[/x]", "[red]", "\x1b[2J", "\u202e", "<script>")):
        notebook.cells.insert(0, new_code_cell("raise ValueError(f'[/x] \x1b[2J')"))
        notebook.cells[0].id = f"{mark} {number}"
    (folder / "[").mkdir()
    (folder / "[" / "x] \x1b[2J.ipynb").write_text("[/x]")


def what_runs_in_a_browser(notebook: NotebookNode, folder: Path, course: Path) -> None:
    notebook.cells += [new_code_cell(code) for code in shows.displaying()] + shows.cells_of_text()


def names_with_dots(notebook: NotebookNode, folder: Path, course: Path) -> None:
    for name in (
        "..ipynb",
        "...ipynb",
        "..\\..\\sliding_regions.ipynb",
        "%2e%2e%2fevil.ipynb",
        "sliding_regions..ipynb",
    ):
        nbformat.write(notebook, folder / name)


def answer_twice(notebook: NotebookNode, folder: Path, course: Path) -> None:
    """Many copies of an answer, each with another guess: one counts."""
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "corr2d")
    for number in range(5):
        twin = copy.deepcopy(notebook.cells[place])
        twin.source, twin.id = f"def corr2d(x, kernel):\n    return x * {number}", f"guess-{number}"
        notebook.cells.insert(place + 1, twin)
