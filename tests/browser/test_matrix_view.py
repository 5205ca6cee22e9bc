"""The matrix view as students use it: in a real JupyterLab, by mouse, by keyboard and from the next cell."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Locator, expect

from course_utils.drawing import format_number

from .explorers import assert_legible, height, size_in, soon

X = [
    [3, 0, 1, 2, 7, 4],
    [1, 5, 8, 9, 3, 1],
    [2, 7, 2, 5, 1, 3],
    [0, 1, 3, 1, 7, 8],
    [4, 2, 1, 6, 2, 8],
    [2, 4, 5, 2, 3, 9],
]
KERNEL = [[-1, 0, 1], [-2, 0, 2], [3, 0, 0.5]]
SETUP = f"from course_utils import MatrixView, load_picture\nx, kernel = {X}, {KERNEL}"
SECOND = "other = MatrixView(load_picture('camera', size=96)[14:26, 26:38], kernel)\nother"
PLACE = "(view.row, view.column, view.pixel_row, view.pixel_column, view.transposed)"


class View:
    """What a reader of the page sees of one matrix view."""

    def __init__(self, root: Locator) -> None:
        self.root, self.page = root, root.page

    def part(self, name: str) -> Locator:
        return self.root.locator(f"[data-part={name}]")

    def numbers(self, name: str) -> list[str]:
        return self.part(name).get_by_role("gridcell").all_text_contents()

    def over(self, name: str, row: int, column: int) -> None:
        """Point at an entry of a matrix of 16 × 36 or 16 × 9, or at a cell of a grid."""
        cells = self.part(name).get_by_role("gridcell")
        if cells.count():
            return cells.nth(row * {36: 6, 16: 4}[cells.count()] + column).locator("rect").hover(force=True)
        box = self.part(name).bounding_box()
        width = {"matrix": 36, "im2col": 9}[name]
        self.page.mouse.move(
            box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box["height"] / 16
        )

    def lit(self, name: str) -> list[list[float]]:
        """The lit pieces of a matrix or strip: x, y, width and height in parts of the whole."""
        path = self.part(name).locator(".outline.narrow").get_attribute("d")
        box = self.part(name).bounding_box()
        pieces = [piece.replace("h", " ").replace("v", " ").split() for piece in path.replace("M", "").split("Z")[:-1]]
        sides = [box["width"], box["height"]] * 2
        return [[float(n) / side for n, side in zip(piece[:4], sides, strict=True)] for piece in pieces]

    @property
    def equation(self) -> str:
        return self.root.locator(".equation").text_content()

    @property
    def laid(self) -> str:
        return self.root.locator(".named:has([data-part=weights]) .size").text_content()


@pytest.fixture(scope="module")
def notebook(lab):
    """One notebook for all tests of this file; at the end its browser must not have complained of anything."""
    notebook = lab.open([SETUP, "view = MatrixView(x, kernel)\nview", SECOND], width=830, height=1400)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def view(notebook) -> Iterator[View]:
    """The first view, as at first again."""
    notebook.run(1)
    notebook.page.mouse.move(5, 5)
    view = View(notebook.output(1).locator(".matrix-view"))
    expect(view.root).to_be_visible()
    yield view


def laid_down(row: int, column: int) -> list[str]:
    """The kernel on an empty picture, as text."""
    picture = torch.zeros(6, 6)
    picture[row : row + 3, column : column + 3] = torch.tensor(KERNEL)
    return [format_number(value) for value in picture.flatten().tolist()]


@pytest.mark.parametrize(
    ("part", "row", "column"),
    [("response", 2, 1), ("picture", 2, 1), ("weights", 2, 1), ("matrix", 9, 30), ("im2col", 9, 4)],
)
def test_one_hover_lights_output_row_of_t_row_of_im2col_and_patch(view, notebook, part, row, column):
    view.over(part, row, column)
    assert view.laid == "T[9]" and view.numbers("weights") == laid_down(2, 1)
    assert view.lit("matrix") == [pytest.approx([0, 9 / 16, 1, 1 / 16])]
    assert view.lit("im2col") == [pytest.approx([0, 9 / 16, 1, 1 / 16])]
    assert view.lit("beside") == [pytest.approx([0, 9 / 16, 1, 1 / 16])]
    assert view.lit("above") == [pytest.approx([pixel / 36, 0, 3 / 36, 1]) for pixel in (13, 19, 25)]
    assert view.part("picture").get_attribute("aria-activedescendant").endswith("-2-1")
    assert view.equation == (
        "response[2, 1] = T[9] @ x = im2col[9] @ kernel = "
        "7·(−1) + 2·0 + 5·1 + 1·(−2) + 3·0 + 1·2 + 2·3 + 1·0 + 6·0.5 = 7"
    )
    soon(lambda: notebook.value(PLACE)[:2], (2, 1))


def test_t_turns_to_the_column_that_is_read_downwards(view, notebook):
    view.over("response", 2, 1)
    view.page.keyboard.press("t")  # the pointer is there, the focus is not
    assert view.laid == "T[:, 20]"  # the middle of the patch
    assert view.lit("matrix") == [pytest.approx([20 / 36, 0, 1 / 36, 1])]
    view.over("matrix", 3, 8)  # pixel row 1, column 2
    assert view.laid == "T[:, 8]"
    # It feeds the outputs of rows 0 and 1, columns 0 to 2, with the weights that lie on it: a turned kernel, cut off.
    column = [0, 0, 0, 0] * 4
    column[0:3], column[4:7] = [2, 0, -2], [1, 0, -1]
    assert view.numbers("weights") == [format_number(value) for value in column]
    assert len(view.lit("beside")) == 2 and len(view.lit("im2col")) == 6
    response = F.conv2d(torch.tensor(X).float()[None, None], torch.tensor(KERNEL)[None, None])
    gradient = F.conv_transpose2d(response, torch.tensor(KERNEL)[None, None])[0, 0]
    assert view.numbers("picture") == [format_number(value) for value in gradient.flatten().tolist()]
    assert view.equation.startswith("gradient[1, 2] = T[:, 8] @ g = ")
    assert view.equation.endswith(f"= {format_number(float(gradient[1, 2]))}")
    expect(view.root.locator("[role=status]")).to_contain_text("row 1, column 2, which feeds 6 outputs: column 8 of T")
    view.root.get_by_role("radio", name="ones").check()
    soon(lambda: notebook.value("view.grad_output is not None and view.grad_output.tolist()"), [[1.0] * 4] * 4)
    ones = F.conv_transpose2d(torch.ones(1, 1, 4, 4), torch.tensor(KERNEL)[None, None])[0, 0]
    assert view.numbers("picture") == [format_number(value) for value in ones.flatten().tolist()]
    soon(lambda: notebook.value(PLACE), (2, 1, 1, 2, True))
    view.page.keyboard.press("T")
    assert view.laid == "T[1]"  # an output that sees the pixel
    soon(lambda: notebook.value(PLACE), (0, 1, 1, 2, False))


def test_keys_do_it_all_and_letters_are_no_weights(view, notebook):
    view.part("response").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        view.page.keyboard.press(key)
    assert view.laid == "T[6]"
    view.page.keyboard.press("t")
    assert view.laid == "T[:, 15]" and view.part("response").evaluate("node => node === document.activeElement")
    view.page.keyboard.press("End")
    assert view.laid == "T[:, 17]"
    view.page.keyboard.press("t")
    weight = view.root.get_by_label("weight in row 0, column 0")
    weight.focus()
    view.page.keyboard.type("t")  # a letter in a field, not a command
    view.page.keyboard.press("Enter")
    expect(view.root.get_by_role("alert")).to_contain_text("“t” is not a number, so this weight stays −1.")
    assert view.laid == "T[7]"
    weight.fill("4")
    assert view.numbers("weights")[9] == "4"
    soon(lambda: notebook.value("view.kernel[0, 0].item()"), 4.0)


def test_python_sets_it_and_typing_elsewhere_does_not(view, notebook):
    notebook.value("[setattr(view, *pair) for pair in [('row', 3), ('column', 2), ('pixel_row', 5)]]")
    soon(lambda: view.laid, "T[14]")
    notebook.value("setattr(view, 'transposed', True)")
    soon(lambda: view.laid, "T[:, 30]")
    notebook.value("setattr(view, 'x', [[1, 2, 3], [4, 5, 6], [7, 8, 10]])")
    soon(lambda: view.numbers("weights"), ["3"])  # one output is left, which the pixel in the last row feeds
    notebook.cell(0).locator(".cm-content").click()
    view.part("picture").hover()
    view.page.keyboard.type("t")
    assert notebook.cell(0).locator(".cm-content").inner_text().count("t") == SETUP.count("t") + 1
    soon(lambda: notebook.value("view.transposed"), True)
    notebook.set_source(0, SETUP)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_legible_and_no_higher_than_a_screen(view, notebook, theme):
    notebook.set_theme(theme)
    try:
        for one, least in [(view, 90), (View(notebook.output(2).locator(".matrix-view")), 20)]:
            one.root.scroll_into_view_if_needed()
            for way in ("rows", "columns"):
                assert_legible(one.root, least=least)
                assert height(one.root) <= 500
                assert one.root.locator(".stage").evaluate("node => node.scrollWidth <= node.clientWidth")
                notebook.screenshot(f"matrix-{theme.split()[1].lower()}-{least}-{way}", one.root)
                one.part("response").focus()
                notebook.page.keyboard.press("t")
    finally:
        notebook.set_theme("JupyterLab Light")


def test_beside_a_sidebar_it_is_hardly_higher(view, notebook):
    for one in (view, View(notebook.output(2).locator(".matrix-view"))):
        for width in (490, 560, 610):
            overflow, height = size_in(one.root, width)
            assert overflow == 0 and height <= 600, width
