"""Every lesson's page: it opens as all do, states points and minutes, and comes back to every guess and explanation."""

import re

import nbformat
import pytest
from nbgrader.utils import is_grade, is_solution

from tests.conftest import ROOT

WAITING = '"""FIXME: a sentence of your own."""'
EFFORT = re.compile(r"^\*([\d.]+) points?( each)?, about (\d+) minutes?\.\*$", re.MULTILINE)
PICTURE = re.compile(r"!\[[^]]*\]\([^)]*\)")
EXTRA = "### If you like"


@pytest.fixture
def cells(lesson):
    """The cells of the lesson's source."""
    return nbformat.read(lesson.notebook, as_version=4).cells


@pytest.fixture
def released(lesson):
    """The cells of the released notebook."""
    return nbformat.read(ROOT / "notebooks" / lesson.folder.name / lesson.notebook.name, as_version=4).cells


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


def code(cells):
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


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


def test_every_guess_waits_and_is_compared_later(lesson, cells):
    source = code(cells)
    asked = re.findall(r'^guess\("(\w+)", None\)  # FIXME: .', source, re.MULTILINE)
    assert set(asked) == set(lesson.guesses) == set(re.findall(r'\bcompare\(\s*"(\w+)"', source))
    assert len(asked) == len(re.findall(r"\bguess\(", source))
    for name in asked:
        assert re.search(rf'guess\("{name}"[\s\S]*compare\(\s*"{name}"', source), (
            f"{name} is compared before it is asked"
        )


def test_every_explanation_waits_for_the_students_words(lesson, cells):
    source = code(cells)
    assert re.findall(rf'^explain\("(\w+)", {WAITING}\)', source, re.MULTILINE) == re.findall(
        r'\bexplain\(\s*"(\w+)"', source
    )
    assert set(re.findall(r'\bexplain\(\s*"(\w+)"', source)) == set(lesson.explanations)


def test_a_kernel_is_a_grid_of_weights_and_never_jupyters(cells):
    words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown").casefold()
    assert "restart the kernel" not in words and "restart kernel" not in words
