"""`course new`: what it writes builds as it stands, and an author's slips get a sentence."""

import json
import shutil
import signal
from pathlib import Path

import nbformat
import pytest
import torch
from IPython.utils.capture import capture_output

from course_grading.authoring import limits, making
from course_grading.authoring.language import load_lesson
from course_grading.authoring.new import folder_name, new
from course_grading.authoring.rules import KINDS
from course_grading.authoring.start_page import start_page
from course_utils import check, progress, specs
from course_utils.errors import CourseError
from tests.conftest import ROOT
from tests.trying import here, made, refuse

LESSON = "04_edge_finding"
IN_PROCESSES = making.start


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of three empty lessons, in which a fourth was started."""
    for name in ("01_one", "02_two", "03_three"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "start_here.ipynb", tmp_path / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setattr(making, "start", here)
    new("edge_finding")
    return tmp_path


def test_a_new_lesson_builds_as_it_stands(course: Path) -> None:
    scratch = course / "scratch"
    scratch.mkdir()
    built = made(course, LESSON, scratch)
    released = nbformat.read(built[f"notebooks/{LESSON}/edge_finding.ipynb"], as_version=4)
    cells = {cell.id: cell.source for cell in released.cells}
    assert "FIXME" in cells["contrast"]
    assert "max() - x.min()" not in str(released)
    assert cells["check-contrast"] == 'check("contrast", contrast)'
    assert cells["title"] == "# 4 · Edge finding"
    assert built["course_utils/cases/edge_finding.json"].is_file()
    assert "[Edge finding](04_edge_finding/edge_finding.ipynb) | what you will have done |" in start_page(course)


@pytest.mark.parametrize(
    "name, said",
    [
        ("Edges!", "small letters, digits and _"),
        ("../edges", "small letters, digits and _"),
        ("09_", "small letters, digits and _"),
        ("one", "There is a lesson 01_one already"),
        ("02_edges", "Lesson 02 is 02_two"),
    ],
)
def test_names_that_cannot_be(name: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        folder_name(name, ["01_one", "02_two"])


def test_a_name_without_a_number_gets_the_next() -> None:
    assert folder_name("edges", ["01_one", "07_two"]) == "08_edges"
    assert folder_name("09_edges", ["01_one"]) == "09_edges"
    assert folder_name("edges", []) == "01_edges"
    assert folder_name("edges", ["01_one", "9_short", "1 more"]) == "02_edges"


SLIPS = {
    "not Python": (
        "class contrast:",
        "class contrast",
        r"exercises.py, line [0-9]+, is not valid Python",
    ),
    "a typo": ("import torch\n", "import torhc\n", "line 6, does not run: ModuleNotFoundError"),
    "a name that is not there": ("drawn_image\n", "drawn_image\n\nSIZES + 1\n", "line 11, does not run: NameError"),
    "no hint": (
        '"""You give the brightest pixel alone. What would contrast be in a picture that is bright everywhere?"""',
        "",
        "misconception largest_only of contrast has no hint",
    ),
    "a typo in the reference": (
        "return x.max() - x.min()\n\n    def by",
        "return x.maxx()\n\n    def by",
        "AttributeError",
    ),
    "another argument": (
        '{"x": torch.tensor([[2',
        '{"y": torch.tensor([[2',
        "in this order, but an input has",
    ),
    "an input's name": (
        'yield {"x": drawn_image(rng',
        'yield {"y": drawn_image(rng',
        r"a hidden test of contrast: contrast takes \(x\), in this order, but an input has \(y\)",
    ),
    "inputs that stop": (
        "drawn_image(rng, height, width) +",
        "drawn_image(rng, height) +",
        "inputs stop with TypeError",
    ),
    "no inputs": ("in [(2, 3), (4, 4), (5, 3)]", "in []", "its inputs are none"),
    "inputs of another chance": (
        "drawn_image(rng, height, width) +",
        "torch.rand(height, width) +",
        "its inputs are others each time",
    ),
    "inputs below zero, and no example": (
        "drawn_image(rng, height, width) + 1}",
        "drawn_image(rng, height, width) - 20}",
        "x has numbers below zero here and in no example",
    ),
    "inputs of one row, and no example": (
        "[(2, 3), (4, 4), (5, 3)]",
        "[(2, 3), (4, 4), (1, 3)]",
        "x has a side of 1 here and in no example",
    ),
    "inputs of fractions, and no example": (
        "drawn_image(rng, height, width) + 1}",
        "drawn_image(rng, height, width) / 7 + 1}",
        "x has fractions here and in no example",
    ),
    "inputs that are no rows in memory, and no example": (
        "[2.0, 8.0, 7.0]]).t()}",
        "[2.0, 8.0, 7.0]])}",
        "x is not contiguous here and in no example",
    ),
    "inputs that a mistake passes": (
        "drawn_image(rng, height, width) + 1}",
        "rng.integers(2, 9) * torch.arange(height * width).reshape(height, width)}",
        "largest_only passes it",
    ),
    "inputs that never end": (
        "for height, width in [(2, 3), (4, 4), (5, 3)]:",
        "for height, width in iter(lambda: (3, 4), 0):",
        "inputs are more than 1000",
    ),
    "inputs that are no dict": (
        'yield {"x": drawn_image(rng, height, width) + 1}',
        "yield (1,)",
        "An input of contrast is a tuple: give a dict",
    ),
    "inputs that are called": (
        "inputs=images",
        "inputs=images(0)",
        "inputs of contrast is a generator: give a generator function",
    ),
    "an example that is no dict": (
        '{"x": torch.tensor([[2.0, 5.0], [9.0, 3.0]])}',
        "torch.ones(2, 2)",
        "An input of contrast is a Tensor",
    ),
    "a misconception that always raises": (
        "            return x.max()\n",
        "            return x.maxx()\n",
        "largest_only of contrast raises AttributeError in every case at the line “return x.maxx",
    ),
    "a misconception that always raises in hidden tests": (
        "            return x.max()\n",
        "            return x.max() if x.shape in [(2, 2), (2, 3)] and x.sum() in (19, 28) else x.maxx()\n",
        "hidden test of contrast: largest_only raises AttributeError in every case",
    ),
    "a misconception that gives nothing": (
        "            return x.max()\n",
        "            x.max()\n",
        "largest_only of contrast gives None in every example: let it return something",
    ),
    "a reference that gives a dict": (
        "        return x.max() - x.min()\n\n    def by",
        "        return {1: x}\n\n    def by",
        r"The right answer of contrast is no plain value \(a dict\)",
    ),
    "a reference that gives nothing": (
        "        return x.max() - x.min()\n\n    def by",
        "        x.max() - x.min()\n\n    def by",
        r"no plain value \(None\)",
    ),
    "a reference that is a class": (
        "    def right(x):\n",
        "    class right:\n      def f(x):\n",
        "The right answer of contrast is a type: write it with `def`",
    ),
    "a module that exits": (
        "import torch\n",
        "import torch\nraise SystemExit(1)\n",
        "line 7, does not run: SystemExit",
    ),
    "chance in the reference": (
        "return x.max() - x.min()\n\n    def by",
        "return x.max() - x.min() + torch.rand(())\n\n    def by",
        "What is right of contrast is something else each time",
    ),
    "a misconception that hangs on rounding": (
        "            return x.max()\n",
        "            v = torch.linspace(0, 1, 1600).reshape(1, 1, 40, 40)\n"
        "            sums, exact = (torch.conv2d(a, a[..., :9, :9]) for a in (v, v.double()))\n"
        "            return x.max() + (sums - exact).sign().sum()\n",
        "What largest_only of contrast gives in example 1 hangs on how sums are rounded",
    ),
    "examples drawn at random": (
        "torch.tensor([[2.0, 5.0], [9.0, 3.0]])",
        "torch.rand(2, 2)",
        "contrast has other examples each time it is read: write out",
    ),
    "one misconception twice": (
        "        def corners_only(x):",
        "        def first_row_only(x):",
        r"line \d+: first_row_only is declared a second time, after line \d+: give one of them another name",
    ),
    "examples that are a dict": (
        "    examples=[\n        {",
        "    examples={1: 2} or [\n        {",
        "put it in a list",
    ),
    "an argument that no example gives": (
        "    def right(x):",
        "    def right(x, step=1):",
        "No example of contrast gives step",
    ),
    "arguments without names": ("    def right(x):", "    def right(*x):", r"takes \*x: give each argument a name"),
    "a reference that waits": ("    def right(x):", "    async def right(x):", "holds `yield` or is `async`"),
    "an exception that never comes": (
        "    inputs=images,",
        "    inputs=images,\n    raises=ValueError,",
        "contrast may raise ValueError, but does so in no example",
    ),
    "another class": ("    class wrong:", "    class Wrong:", "Wrong of contrast is a class.* stand in `class wrong`"),
    "a constant in the class": (
        "    def right(x)",
        "    SIZE = 3\n\n    def right(x)",
        "SIZE of contrast is no function, as right is",
    ),
    "no right answer": ("def right(x)", "def rigth(x)", "contrast has no right answer"),
    "no exercise": ("@exercise(", "def _unused(**k):\n    return lambda c: c\n\n\n@_unused(", "does not declare"),
}


LOOP = "while True:\n{0}    pass\n"
ENDLESS = {
    "a misconception": ("    return x.max()\n", f"    {LOOP.format(12 * ' ')}", r"contrast.wrong.largest_only \(line"),
    "a right answer": ("return max(values) - min(values)\n", LOOP.format(8 * " "), r"contrast.pixel_by_pixel \(line"),
    "inputs": (
        "    for height",
        f"    {LOOP.format(4 * ' ')}    for height",
        r"hidden test of contrast: images \(line",
    ),
    "the module": ("import torch\n", LOOP.format(""), r"exercises.py \(line"),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_never_ends_is_named(course: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.5)
    right, endless, said = ENDLESS[what]
    slipped(course, right, endless)
    refused(course, f"{said} [0-9]+\\) has not come to an end in 0.5 seconds")
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL and signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_an_answer_that_ends_python_is_told(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "start", IN_PROCESSES)
    slipped(course, "return x.max() - x.min()", "__import__('os')._exit(3)")
    refused(course, "While answers of 04_edge_finding were tried, the process that did it came to its end")


def test_an_answer_that_takes_memory_without_end_is_told(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "start", IN_PROCESSES)
    slipped(course, "            return x.max()\n", "            return len(bytearray(3 << 30))\n")
    refused(course, "largest_only of contrast raises MemoryError in every case at the line “return len")


def test_nan_and_infinity_in_inputs_are_as_good_as_other_numbers(course: Path) -> None:
    infinite = '{"x": torch.tensor([[float("inf"), 5.0], [9.0, 3.0]])}'
    slipped(course, '{"x": torch.tensor([[2.0, 5.0], [9.0, 3.0]])}', infinite)
    slipped(
        course,
        ":\n        yield",
        ':\n        yield {"x": torch.tensor([[1, float("nan")], [2, float("nan")]])}\n        yield',
    )
    slipped(
        course,
        "values = [float(value) for row in x for value in row]",
        "values = [value for row in x for value in row]",
    )
    slipped(course, "return max(values) - min(values)", "return torch.stack(values).max() - torch.stack(values).min()")
    refuse(load_lesson(LESSON, course), (1,))


def slipped(course: Path, right: str, wrong: str) -> None:
    path = course / "solutions" / LESSON / "exercises.py"
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")


def test_a_question_in_words_counts_in_progress(course: Path, monkeypatch: pytest.MonkeyPatch, shell) -> None:
    path = course / "solutions" / LESSON / "edge_finding.ipynb"
    notebook = nbformat.read(path, as_version=4)
    marks = {"grade": True, "grade_id": "why", "locked": False, "schema_version": 3, "solution": True, "task": False}
    question = nbformat.v4.new_markdown_cell("Because it is.", id="why", metadata={"nbgrader": marks | {"points": 3}})
    notebook.cells.insert(-2, question)
    nbformat.write(notebook, path)
    scratch = course / "scratch"
    scratch.mkdir()
    built = made(course, LESSON, scratch)
    monkeypatch.setenv("COURSE_CASES", str(built["course_utils/cases/edge_finding.json"].parent))
    specs.forget()
    try:
        with capture_output() as seen:
            check("contrast", lambda x: x.max() - x.min())
            progress()
    finally:
        specs.forget()
    said = seen.outputs[-1].data["text/plain"].splitlines()
    assert said[:2] == [
        "1 of 1 exercises are right: 2 of 2 points.",
        "Your instructor reads what you write for why: 3 points more.",
    ]


def test_an_author_whose_own_answer_is_wrong(course: Path) -> None:
    path = course / "solutions" / LESSON / "edge_finding.ipynb"
    text = path.read_text("utf-8")
    path.write_text(text.replace("return x.max() - x.min()", "return x.max()"), encoding="utf-8")
    refused(
        course, "Your own answer earns no marks in the test cell 'check-contrast': CheckFailed: contrast is not right"
    )


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_in_exercises(course: Path, slip: str) -> None:
    right, wrong, said = SLIPS[slip]
    slipped(course, right, wrong)
    refused(course, said)


def test_two_decimals_are_not_many() -> None:
    many = KINDS["has numbers of more than two decimals"]
    assert many(torch.tensor([0.5, 1 / 3])) and not many(torch.tensor([0.25, -1.17, 3]))


IN_THE_NOTEBOOK = {
    "no BEGIN SOLUTION": (
        "contrast",
        "    ### BEGIN SOLUTION\n",
        "",
        "'contrast' has 0 BEGIN SOLUTION and 1 END SOLUTION",
    ),
    "no END SOLUTION": ("contrast", "\n    ### END SOLUTION", "", "'contrast' has 1 BEGIN SOLUTION and 0 END SOLUTION"),
    "a typo in the check": (
        "check-contrast",
        '"contrast"',
        '"contrats"',
        r"check-contrast checks contrats, which exercises.py does not declare \(did you mean 'contrast'\?\)\.",
    ),
    "a picture beside it": (
        "title",
        "# ",
        "![edges](edges.png)\n# ",
        "shows the file edges.png, which students do not",
    ),
    "a solution that stays": (
        "x",
        "x = ",
        "### BEGIN SOLUTION\n### END SOLUTION\nx = ",
        "The cell 'x' holds a solution, and is no answer: choose Autograded answer",
    ),
    "a check of nothing": ("check-contrast", "check(", "chekc(", "checks nothing"),
    "a cell that is no Python": ("x", "x = ", "x == = ", "not valid Python"),
    "a cell that fails": (
        "x",
        "torch.tensor",
        "torch.tenser",
        "With your own answers, the notebook stops at the cell 'x': AttributeError",
    ),
}


@pytest.mark.parametrize("slip", IN_THE_NOTEBOOK)
def test_slips_in_the_notebook(course: Path, slip: str) -> None:
    where, right, wrong, said = IN_THE_NOTEBOOK[slip]
    path = course / "solutions" / LESSON / "edge_finding.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == where)
    assert right in cell.source
    cell.source = cell.source.replace(right, wrong)
    nbformat.write(notebook, path)
    refused(course, said)


IN_ITS_FILE = {
    "no object": (lambda written: [], "cannot be read as a notebook"),
    "a cell without its text": (lambda written: written["cells"][1].pop("source"), "'source' is a required property"),
    "one id twice": (lambda written: written["cells"][1].update(id="contrast"), "Two cells have the id 'contrast'"),
    "an id with an umlaut": (
        lambda written: written["cells"][1].update(id="größe"),
        "id of the cell 'größe' is not as",
    ),
    "tags that are no list": (
        lambda written: next(cell for cell in written["cells"] if cell["id"] == "x")["metadata"].update(tags="see"),
        "metadata.tags of the cell 'x' is not as the notebook format has it: 'see' is not of type 'array'",
    ),
    "a test without its metadata": (
        lambda written: next(c for c in written["cells"] if c["id"] == "check-contrast")["metadata"].pop("nbgrader"),
        "the cell check-contrast checks contrast, and is no test cell: choose Autograded tests",
    ),
    "an ID with an umlaut": (
        lambda written: next(c for c in written["cells"] if c["id"] == "x")["metadata"].update(
            nbgrader={"grade_id": "größe", "locked": True, "schema_version": 3}
        ),
        "The ID 'größe' has letters that nbgrader does not take",
    ),
    "metadata of long ago": (
        lambda written: next(c for c in written["cells"] if c["id"] == "contrast")["metadata"]["nbgrader"].update(
            schema_version=1
        ),
        "The cell 'contrast' has nbgrader's metadata of version 1, and 3 is wanted",
    ),
}


@pytest.mark.parametrize("slip", IN_ITS_FILE)
def test_slips_in_the_notebooks_file(course: Path, slip: str) -> None:
    change, said = IN_ITS_FILE[slip]
    path = course / "solutions" / LESSON / "edge_finding.ipynb"
    written = json.loads(path.read_text("utf-8"))
    changed = change(written)
    path.write_text(json.dumps([] if changed == [] else written), encoding="utf-8")
    refused(course, said)


def test_a_name_in_any_letters_is_found(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared, page = (course / "solutions" / LESSON / name for name in ("exercises.py", "edge_finding.ipynb"))
    declared.write_text(declared.read_text("utf-8").replace("contrast", "größe"), encoding="utf-8")
    notebook = nbformat.read(page, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("contrast", "größe")
    nbformat.write(notebook, page)
    scratch = course / "scratch"
    scratch.mkdir()
    files = made(course, LESSON, scratch)
    monkeypatch.setenv("COURSE_CASES", str(files["course_utils/cases/edge_finding.json"].parent))
    assert specs.find_exercise("größe") == ("edge_finding", "größe")
    specs.forget()


def refused(course: Path, said: str) -> None:
    scratch = course / "scratch"
    scratch.mkdir()
    with pytest.raises(CourseError, match=said) as refusal:
        made(course, LESSON, scratch)
    assert "Traceback" not in str(refusal.value)
