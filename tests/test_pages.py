"""Every lesson's page opens as all do and states points and minutes; what `course build` refuses in a page."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import is_grade, is_solution

from course_grading.authoring import release
from course_grading.authoring.language import Guess, Lesson, guess
from course_grading.authoring.new import starting_notebook
from course_grading.authoring.page import refuse_page
from course_utils.errors import CourseError
from course_utils.guesses import GUESS_TYPE
from tests.conftest import ROOT

EFFORT = re.compile(r"^\*([\d.]+) points?( each)?, about (\d+) minutes?\.\*$", re.MULTILINE)
PICTURE = re.compile(r"!\[[^]]*\]\([^)]*\)")
EXTRA = "### If you like"


@pytest.fixture
def cells(each_lesson):
    """The cells of the lesson's source."""
    return nbformat.read(each_lesson.notebook, as_version=4).cells


@pytest.fixture
def released(each_lesson):
    """The cells of the released notebook."""
    return nbformat.read(ROOT / "notebooks" / each_lesson.folder.name / each_lesson.notebook.name, as_version=4).cells


def minutes(cells):
    """The minutes that a beginner takes, as CONTRIBUTING.md reckons them; extras and a run to hand in are their own."""
    total, extra = 0.0, False
    for cell in cells:
        if cell.cell_type == "markdown":
            extra = EXTRA in cell.source or (extra and not cell.source.startswith("#"))
        if extra or cell.id == "first-cell":
            continue
        if cell.cell_type == "markdown":
            total += len(PICTURE.sub("", cell.source).split()) / 180
            total += sum(int(stated[3]) for stated in EFFORT.finditer(cell.source))
        elif "explorer" in cell.metadata.get("tags", []):
            total += 3
        elif guesses := len(re.findall(r"^guess\(", cell.source, re.MULTILINE)):
            total += guesses * 2 / 3
        elif cell.source.startswith("explain("):
            total += 1.5
        elif not is_grade(cell) and not is_solution(cell):
            total += 0.5
    return total


def test_it_opens_with_a_picture_of_where_it_ends(cells):
    first_exercise = next(number for number, cell in enumerate(cells) if is_solution(cell))
    opening = "\n".join(cell.source for cell in cells[:first_exercise] if cell.cell_type == "markdown")
    assert re.match(r"# \d · \w", opening)
    (alt,) = re.findall(r"!\[([^]]*)\]\(data:image/", opening)
    assert len(alt) > 60, "the alt text says in words what is seen"
    assert "Where it says `FIXME`, write your own." in opening or "where it says `FIXME`,\nwrite your own." in opening


def test_every_exercise_states_its_points_and_minutes(cells):
    points, each = None, ""
    for cell in cells:
        if stated := EFFORT.search(cell.source):
            points, each = float(stated[1]), stated[2]
        if is_grade(cell):
            assert points == cell.metadata.nbgrader.points, cell.id
            points = points if each else None


def test_it_takes_a_beginner_an_hour_to_an_hour_and_a_half(released):
    reckoned = minutes(released)
    assert 60 <= reckoned <= 90
    opening = next(cell.source for cell in released if "How it goes" in cell.source)
    (stated,) = re.findall(r"points, about (\d+)\s+minutes\.", opening)
    assert int(stated) == 5 * round(reckoned / 5), f"{reckoned:.0f} minutes by our reckoning"


def test_test_cells_hold_a_check_and_nothing_else(cells):
    for cell in filter(is_grade, cells):
        assert re.fullmatch(r'check\("(\w+)", \1\)', cell.source)


def test_a_kernel_is_a_grid_of_weights_and_never_jupyters(cells):
    words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown").casefold()
    assert "restart the kernel" not in words and "restart kernel" not in words


ASKED = {
    "guess": 'guess("total", None)  # FIXME: one number',
    "compare": 'if done("contrast"):\n    compare("total", 38)',
    "explain": 'explain("why", """FIXME: a sentence of your own.""")',
}
SLIPS = {
    "no first cell": (lambda cells: cells.pop(0), "does not begin with the cell that fetches the course"),
    "one ID twice": (lambda cells: marks(cells, grade_id="contrast"), "Two cells have the ID 'contrast'"),
    "no ID": (lambda cells: marks(cells, grade_id=""), "The cell 'check-contrast' has no ID"),
    "no points": (lambda cells: marks(cells, points=None), "'check-contrast' has no points: give a number"),
    "points in quotes": (lambda cells: marks(cells, points="2"), "'check-contrast' has the points '2': give"),
    "points below 0": (lambda cells: marks(cells, points=-2), "'check-contrast' has the points -2: give"),
    "a guess that nobody asks": (
        lambda cells: ask(cells, guess=""),
        'No cell asks the guess total: write guess("',
    ),
    "a guess that is filled in": (
        lambda cells: ask(cells, guess='guess("total", 5)  # FIXME'),
        "The cell 'guess' does not leave the guess total to its reader",
    ),
    "a guess without FIXME": (lambda cells: ask(cells, guess='guess("total", None)'), "does not leave the guess total"),
    "a guess that is not declared": (
        lambda cells: ask(cells, guess=ASKED["guess"].replace("total", "tally")),
        "The cell 'guess' asks the guess tally, which exercises.py does not declare",
    ),
    "a guess that nothing comes back to": (lambda cells: ask(cells, compare=""), "No cell after it comes back to the"),
    "an answer before its guess": (
        lambda cells: ask(cells, guess=f"{ASKED['compare']}\n{ASKED['guess']}", compare=""),
        "No cell after it comes back to the guess total",
    ),
    "an explanation that nobody asks": (lambda cells: ask(cells, explain=""), "No cell asks for the explanation why"),
    "an explanation that is filled in": (
        lambda cells: ask(cells, explain='explain("why", "Because.")'),
        "The cell 'explain' does not leave the explanation why to its reader",
    ),
    "an explanation that is not declared": (
        lambda cells: ask(cells, explain=ASKED["explain"].replace("why", "how")),
        "asks the explanation how, which exercises.py does not declare",
    ),
}


def marks(cells, **changed):
    next(cell for cell in cells if cell.id == "check-contrast").metadata.nbgrader.update(changed)


def ask(cells, **instead):
    for cell in cells:
        if cell.id in instead:
            cell.source = instead[cell.id]


@pytest.fixture
def started():
    """A lesson with one guess and one explanation, and its notebook."""
    notebook = starting_notebook("09_edges")
    notebook.cells += [new_code_cell(source, id=name) for name, source in ASKED.items()]
    return Lesson(Path("09_edges"), {}, {"total": Guess("total", 38, {})}, {"why": "ours"}), notebook


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_in_a_page(started, slip):
    lesson, notebook = started
    refuse_page(lesson, notebook)
    change, said = SLIPS[slip]
    change(notebook.cells)
    with pytest.raises(CourseError) as refusal:
        refuse_page(lesson, notebook)
    assert said in str(refusal.value) and str(refusal.value).startswith("09_edges/edges.ipynb: ")


def test_a_guess_that_is_compared_with_something_else_is_refused(started):
    lesson, notebook = started
    for truth, refused in ((38, False), ({"tensor": 38, "dtype": "int64"}, False), (40, True)):
        record = {"guess": "edges.total", "event": "compared", "truth": truth}
        notebook.cells[-2].outputs = [new_output("display_data", {GUESS_TYPE: record})]
        if not refused:
            release._refuse_other_truths(notebook, lesson)
            continue
        with pytest.raises(CourseError, match="The guess total is compared with 40, but exercises"):
            release._refuse_other_truths(notebook, lesson)


def test_what_a_network_gets_right_may_differ_from_machine_to_machine(started):
    lesson, notebook = started
    lesson = replace(lesson, guesses={"total": Guess("total", 48, {}, within=5)})
    for truth in (48, 47, 53, {"tensor": 43, "dtype": "int64"}):
        record = {"guess": "edges.total", "event": "compared", "truth": truth}
        notebook.cells[-2].outputs = [new_output("display_data", {GUESS_TYPE: record})]
        release._refuse_other_truths(notebook, lesson)
    for truth in (42, "48 or so", [48]):
        notebook.cells[-2].outputs[0].data[GUESS_TYPE]["truth"] = truth
        with pytest.raises(CourseError, match="says that 48 is right"):
            release._refuse_other_truths(notebook, lesson)


@pytest.mark.parametrize(
    ("right", "within", "believed", "said"),
    [
        (48, 5, 50, "is what is right"),
        (48, "5", 90, "within of the guess share is '5': give a number"),
        (48, -1, 90, "give a number"),
        ("edges", 5, "pixels", "where right is one, too"),
    ],
)
def test_slips_in_how_far_a_guess_may_be(right, within, believed, said):
    wrong = type("wrong", (), {"near": type("near", (), {"__doc__": "Is it?", "value": believed})})
    with pytest.raises(CourseError, match=said):
        guess(type("share", (), {"right": right, "within": within, "wrong": wrong}))


def test_what_students_would_not_have_or_see_is_refused(started, monkeypatch):
    _, notebook = started
    notebook.cells[-1].source = "from course_grading.authoring import exercise"
    with pytest.raises(CourseError, match="The released cell 'explain' names course_grading, which students do not"):
        release.CheckReleased().preprocess_cell(notebook.cells[-1], {}, 0)
    notebook.cells[-1].metadata["tags"] = ["explorer"]
    monkeypatch.setattr(release, "_run", lambda notebook: (notebook, None))
    with pytest.raises(CourseError, match="The cell 'explain' is tagged explorer and shows no still picture"):
        release.KeepExplorerPictures().preprocess(notebook, {})
    del notebook.cells[-1]["id"]  # as notebooks of before 2021 have none
    monkeypatch.setattr(release, "_run", lambda notebook: (notebook, (len(notebook.cells) - 1, "NameError: x")))
    with pytest.raises(CourseError, match=f"stops at the cell 'number {len(notebook.cells)}' .NameError: x"):
        release.KeepExplorerPictures().preprocess(notebook, {})
