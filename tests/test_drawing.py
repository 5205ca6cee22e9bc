"""The drawing helpers: short numbers, honest colours, text that can always be read."""

import base64
import random
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch

from course_utils import cards, drawing, guesses

SVG = "{http://www.w3.org/2000/svg}"


def labels(document: str) -> list[str]:
    return [node.text for node in ET.fromstring(document).iter(f"{SVG}text")]


def fills(document: str) -> list[str]:
    return [node.get("fill") for node in ET.fromstring(document).iter(f"{SVG}rect")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), (-0.0, "0"), (3, "3"), (-2, "−2"), (1.5, "1.5"), (1 / 3, "0.333"), (-1 / 9, "−0.111"),
        (1.125, "1.13"), (-1.125, "−1.13"), (12.345, "12.3"), (999.96, "1000"), (99999, "99999"), (125000, "1.3e5"),
        (0.0493, "0.049"), (-0.00399, "−0.004"),
        (100000, "1e5"), (-2.5e-5, "−2.5e−5"), (3.0000001, "3"), (5e-324, "4.9e−324"), (float("nan"), "nan"),
        (float("inf"), "∞"), (-float("inf"), "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_short(value, shown):
    assert drawing.format_number(value) == shown


def test_numbers_keep_three_digits():
    source = random.Random(3)
    for _ in range(2000):
        value = source.uniform(-1, 1) * 10 ** source.randint(-9, 9)
        shown = float(drawing.format_number(value).replace("−", "-"))
        assert shown == pytest.approx(value, rel=0.06)
        assert len(drawing.format_number(value)) <= 8


def test_signed_colours_are_centred_on_zero():
    assert drawing.color(0, 5, signed=True) == "#ffffff"
    assert drawing.color(5, 5, signed=True) == drawing.color(50, 5, signed=True) == drawing.color(np.inf, 5, True)
    low, high = drawing.color(-2, 5, signed=True), drawing.color(2, 5, signed=True)
    assert int(low[5:], 16) > int(low[1:3], 16) and int(high[1:3], 16) > int(high[5:], 16)  # blue, orange


def test_grey_colours_grow_with_the_value():
    grey = [drawing.color(value, 9, signed=False) for value in range(10)]
    assert grey == sorted(set(grey)) and grey[-1] == "#ffffff"


@pytest.mark.parametrize("signed", [True, False])
def test_text_is_legible_on_every_cell(signed):
    for value in np.linspace(-1, 1, 501):
        fill = drawing.color(value, 1, signed)
        assert drawing.contrast(fill, drawing.text_color(fill)) >= 4.5


@pytest.mark.parametrize("colour", [guesses.COLOUR, *(colour for _, _, colour in cards.LOOKS.values())])
def test_icons_are_legible_and_their_chips_stand_out_in_both_themes(colour):
    assert drawing.contrast(colour, "#ffffff") >= 4.5  # the icon on its chip
    assert min(drawing.contrast(colour, page) for page in ("#ffffff", "#111111")) >= 3  # the chip on the page


def test_labels_stand_on_white():
    assert drawing.contrast(drawing.QUIET, "#ffffff") >= 4.5
    for labelled in (drawing.number_grid_svg([[1]], indices=True), drawing.number_grid_svg(np.zeros((0, 3)))):
        ground = next(ET.fromstring(labelled).iter(f"{SVG}rect"))
        assert ground.get("fill") == "#ffffff" and ground.get("x") == "0"
    assert fills(drawing.number_grid_svg([[1]], signed=True)) == ["#b04d08"]  # no labels, no ground


@pytest.mark.parametrize(
    "values", [[[1, -2], [0.5, 0]], np.array([[1, -2], [0.5, 0]]), torch.tensor([[1, -2], [0.5, 0]])]
)
def test_lists_arrays_and_tensors_look_the_same(values):
    document = drawing.number_grid_svg(values, scale=2, title="Two by two")
    assert labels(document) == ["1", "−2", "0.5", "0"]
    assert document == drawing.number_grid_svg([[1, -2], [0.5, 0]], scale=2, title="Two by two")


def test_alt_text_tells_the_numbers():
    root = ET.fromstring(drawing.number_grid_svg([[1, -2], [0.5, 0]], title='Your "answer" <3'))
    assert root.get("role") == "img" and root.get("aria-label") == 'Your "answer" <3'
    assert root.find(f"{SVG}title").text == 'Your "answer" <3'
    assert root.find(f"{SVG}desc").text == "1, −2; 0.5, 0"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([[1.0, -2.5], [1 / 3, 123456.0]], "    1   −2.5\n0.333  1.2e5"),
        ([True, False, True], "1  0  1"),
        (7, "7"),
        ([], ""),
    ],
)
def test_as_text_numbers_stand_in_columns(values, text):
    assert drawing.table_text(torch.tensor(values)) == text


def test_as_html_it_is_an_image_with_the_numbers_as_its_alt_text():
    html = drawing.number_grid_html([[1, -2]], title='Your "x"', scale=2, cell=30)
    assert html.startswith('<img src="data:image/svg+xml;base64,')
    assert html.endswith("""alt='Your "x": 1, −2'>""")
    picture = base64.b64decode(html.split("base64,")[1].split('"')[0]).decode()
    assert picture == drawing.number_grid_svg([[1, -2]], title='Your "x"', scale=2, cell=30)


def test_the_scale_is_shared_when_it_is_given():
    alone, shared = drawing.number_grid_svg([[1]], signed=True), drawing.number_grid_svg([[1]], signed=True, scale=4)
    assert fills(alone) == ["#b04d08"] and fills(shared) != fills(alone)
    assert drawing.largest([[1, -7]], [[3]]) == 7 and drawing.largest([[0]], [[np.nan, np.inf]]) == 1


@pytest.mark.parametrize("highlight", [(1, 0), [(1, 0)], [1, 0], np.array([1, 0]), [np.array([1, 0])]])
def test_highlights_one_cell_or_several(highlight):
    plain, marked = (drawing.number_grid_svg([[1, 2], [3, 4]], highlight=marks) for marks in ((), highlight))
    assert fills(marked).count("none") == 2 and "none" not in fills(plain)  # a white line and a black one
    frame = next(node for node in ET.fromstring(marked).iter(f"{SVG}rect") if node.get("fill") == "none")
    assert (frame.get("x"), frame.get("y")) == ("2", "36")


def test_cells_that_fill_a_rectangle_get_one_outline():
    grid = np.zeros((4, 4))
    frames = [fills(drawing.number_grid_svg(grid, highlight=cells)).count("none") // 2 for cells in (
        [(1, 1), (1, 2), (2, 1), (2, 2)], [(0, 0), (1, 1)], [(0, 3), (0, 2)], [(0, 0), (0, 1), (1, 0)],
    )]  # fmt: skip
    assert frames == [1, 2, 1, 3]


def test_draws_one_axis_none_and_nothing():
    assert labels(drawing.number_grid_svg([1, 2, 3], indices=True, highlight=(1,))) == ["1", "2", "3", "0", "1", "2"]
    assert labels(drawing.number_grid_svg(torch.tensor(5))) == ["5"]
    assert labels(drawing.number_grid_svg(np.zeros((0, 3)))) == ["no numbers: 0 × 3"]
    assert labels(drawing.number_grid_svg([[np.nan, np.inf]])) == ["nan", "∞"]


def test_requires_grad_bool_and_integers_are_drawn():
    assert labels(drawing.number_grid_svg(torch.ones(1, 2, requires_grad=True))) == ["1", "1"]
    assert labels(drawing.number_grid_svg(torch.tensor([[True, False]]))) == ["1", "0"]
    assert labels(drawing.number_grid_svg(torch.tensor([[7]], dtype=torch.uint8))) == ["7"]


@pytest.mark.parametrize("values", ["words", ["3"], [[1], [1, 2]], [None], object()])
def test_what_is_no_grid_is_named(values):
    with pytest.raises(TypeError, match="A grid of numbers is drawn from"):
        drawing.number_grid_svg(values)
    with pytest.raises(ValueError, match=r"this one has the shape \(1, 1, 1\)"):
        drawing.number_grid_svg([[[1]]])


def test_importing_draws_in_nothing_heavy():
    heavy = ("matplotlib", "IPython", "ipywidgets", "anywidget")
    code = f"import sys, course_utils.drawing; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
