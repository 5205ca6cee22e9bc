"""The size dial as students use it: in a real JupyterLab, by mouse, by keyboard and from the next cell."""

import random
from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from .explorers import assert_legible, height, size_in, soon

NAMES = {"n": "n, input", "k": "k, kernel", "padding": "p, padding", "stride": "s, stride", "dilation": "d, dilation"}
SETUP = "from course_utils import SizeDial"


class DialOnPage:
    """What a reader of the page sees of one dial."""

    def __init__(self, root: Locator) -> None:
        self.root, self.page = root, root.page

    def slider(self, name: str) -> Locator:
        return self.root.get_by_role("slider", name=NAMES[name])

    def field(self, name: str) -> Locator:
        return self.root.get_by_label(f"{NAMES[name]}, typed")

    def cell(self, row: str, index: int) -> Locator:
        return self.root.locator(f"[data-part={row}] [role=gridcell]").nth(index)

    def over(self, row: str, index: int) -> None:
        self.cell(row, index).locator("rect").hover(force=True)

    def text(self, name: str) -> str:
        return self.root.locator(f".{name}").text_content()

    def having(self, row: str, kind: str) -> list[int]:
        """The numbers of the cells of a kind: linked, unreached, padding."""
        cells = self.root.locator(f"[data-part={row}] [role=gridcell]")
        has = cells.evaluate_all("(all, kind) => all.map((one) => one.classList.contains(kind))", kind)
        return [i for i, it in enumerate(has) if it]

    @property
    def size(self) -> int:
        return self.root.locator("[data-part=outputs] [role=gridcell]").count()

    @property
    def code(self) -> str:
        return self.root.get_by_label("the layer in PyTorch").text_content()


@pytest.fixture(scope="module")
def notebook(lab):
    """One notebook for all tests of this file; at the end its browser must not have complained of anything."""
    notebook = lab.open([SETUP, "dial = SizeDial(10, 3, padding=1, stride=4)\ndial"], width=830, height=1000)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def dial(notebook) -> Iterator[DialOnPage]:
    notebook.run(1)
    notebook.page.mouse.move(5, 5)
    dial = DialOnPage(notebook.output(1).locator(".size-dial"))
    expect(dial.root).to_be_visible()
    yield dial


def test_hovering_links_outputs_and_inputs_and_a_click_pins(dial):
    dial.over("outputs", 1)
    assert dial.having("inputs", "linked") == [4, 5, 6]  # counted with one of padding
    assert dial.text("reading") == "output 1 sees 3, 4, 5"
    dial.over("inputs", 9)
    assert dial.having("outputs", "linked") == [2] and dial.having("inputs", "linked") == []
    assert dial.text("reading") == "pixel 8 is seen by output 2"
    dial.over("inputs", 3)
    assert dial.text("reading") == "pixel 2 is seen by no output"
    dial.cell("outputs", 2).locator("rect").click(force=True)
    dial.over("inputs", 2)
    assert dial.text("reading") == "output 2 sees 7, 8, 9 (pinned)"
    dial.page.keyboard.press("ArrowLeft")
    assert dial.text("reading") == "output 1 sees 3, 4, 5 (pinned)"
    dial.page.keyboard.press("Escape")
    dial.over("inputs", 0)
    assert dial.text("reading") == "this padding is seen by output 0"


def test_what_no_window_reaches_is_hatched_while_the_dial_turns(dial, notebook):
    assert dial.having("inputs", "unreached") == [3, 7, 11]
    assert dial.text("floor") == "9/4 = 2 + 1/4 steps: ⌊ ⌋ throws 1/4 of a step away. Pixels 2, 6 are in no window."
    dial.slider("stride").press("ArrowLeft")
    assert dial.having("inputs", "unreached") == []
    assert dial.text("floor") == "3 steps, nothing thrown away. Every pixel is in some window."
    assert "= ⌊(10 + 2·1 − 1·(3 − 1) − 1)/3⌋ + 1 = ⌊9/3⌋ + 1 = 4" in dial.text("formula")
    expect(dial.root.locator("[role=status]").last).to_contain_text("Output size 4")
    dial.slider("dilation").press("ArrowRight")
    dial.over("outputs", 0)
    assert dial.having("inputs", "linked") == [0, 2, 4]
    soon(lambda: notebook.value("(dial.stride, dial.dilation, dial.size)"), (3, 2, 3))


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("stride", "0", "0 is less than 1. So s, stride stays 4."),
        ("stride", "", "“” is not a whole number."),
        ("padding", "abc", "“abc” is not a whole number. So p, padding stays 1."),
        ("n", "NaN", "“NaN” is not a whole number."),
        ("n", "1e99", "“1e99” is too large. So n, input stays 10."),
        ("n", "1,000", "“1,000” is not a whole number."),
        ("n", "2.5", "“2.5” is not a whole number."),
        ("n", "1000", "1000 is more than 32, the most that is drawn."),
        ("k", "13", "A kernel that spans 13 does not fit into 12 pixels with padding: nothing would be left. So k"),
        ("dilation", "6", "A kernel that spans 13 does not fit into 12"),
    ],
)
def test_what_cannot_be_is_refused_in_place(dial, name, typed, why):
    before = dial.field(name).input_value()
    dial.field(name).fill(typed)
    dial.field(name).press("Enter")
    expect(dial.root.get_by_role("alert")).to_contain_text(why)
    expect(dial.field(name)).to_have_value(before)
    assert dial.size == 3
    dial.field("k").fill("2")
    dial.field("k").press("Enter")
    expect(dial.root.get_by_role("alert")).to_be_empty()
    assert dial.code == "nn.Conv2d(1, 1, kernel_size=2, stride=4, padding=1)"


def test_the_line_of_code_gives_the_size_that_it_says(dial, notebook):
    source = random.Random(3)
    for _ in range(25):
        n, k, padding = source.randint(4, 32), source.randint(1, 4), source.randint(0, 6)
        stride, dilation = source.randint(1, 5), source.randint(1, 2)
        if dilation * (k - 1) + 1 > n + 2 * padding:
            continue
        numbers = f"dict(n={n}, k={k}, padding={padding}, stride={stride}, dilation={dilation})"
        notebook.value(f"dial.set_state({numbers}) or dial.send_state()")
        soon(lambda: [int(dial.field(name).input_value()) for name in NAMES], [n, k, padding, stride, dilation])
        assert dial.size == eval(dial.code, {"nn": nn})(torch.zeros(1, 1, n, n)).shape[-1]
        assert notebook.value("dial.size") == dial.size
        pixels = torch.zeros(n + 2 * padding)
        for output in range(dial.size):
            pixels[output * stride : output * stride + dilation * (k - 1) + 1 : dilation] += 1
        assert dial.having("inputs", "unreached") == (pixels == 0).nonzero().flatten().tolist()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_legible_and_no_higher_than_a_screen(dial, notebook, theme):
    notebook.set_theme(theme)
    try:
        assert_legible(dial.root, least=3)
        assert height(dial.root) <= 500
        dial.field("padding").fill("6")
        dial.field("padding").press("Enter")
        dial.field("n").fill("32")
        dial.field("n").press("Enter")
        stage = dial.root.locator(".stage")
        assert stage.evaluate("node => node.scrollWidth <= node.clientWidth")
        notebook.screenshot(f"dial-{theme.split()[1].lower()}", notebook.output(1))
    finally:
        notebook.set_theme("JupyterLab Light")


# Of the numbers in a row, how far each begins after the one before it ends.
GAPS = """row => {
    const boxes = [...row.querySelectorAll('.number')].map((one) => one.getBoundingClientRect()).filter((b) => b.width);
    return boxes.slice(1).map((box, i) => box.left - boxes[i].right);
}"""


def test_in_a_narrow_page_numbers_do_not_run_into_each_other(dial, notebook):
    notebook.value("[setattr(dial, name, value) for name, value in (('n', 32), ('padding', 6), ('stride', 1))]")
    soon(lambda: dial.size, 42)
    assert size_in(dial.root, 350)[0] == 0
    dial.root.evaluate("root => { root.style.width = '350px' }")
    width = "root => root.querySelector('[data-part=inputs]').getBoundingClientRect().width"  # it is being drawn anew
    soon(lambda: dial.root.evaluate(width) < 350, True)
    notebook.value("[setattr(dial, name, 2) for name in ('dilation', 'stride')]")
    expect(dial.root.get_by_label("the layer in PyTorch")).to_contain_text("stride=2, padding=6, dilation=2)")
    for wide in ("350px", ""):
        dial.root.evaluate("(root, wide) => { root.style.width = wide }", wide)
        fits = "node => node.scrollWidth <= node.clientWidth && node.closest('.line').scrollWidth <= innerWidth"
        assert dial.root.get_by_label("the layer in PyTorch").evaluate(fits)
    dial.root.evaluate("root => { root.style.width = '350px' }")
    notebook.value("[setattr(dial, name, 1) for name in ('dilation', 'stride')]")
    soon(lambda: dial.size, 42)
    for row in ("inputs", "outputs"):
        gaps = dial.root.locator(f"[data-part={row}]").evaluate(GAPS)
        assert len(gaps) >= 10 and min(gaps) > 0


def test_a_row_with_the_focus_says_where_the_reader_is(dial):
    row = dial.root.locator("[data-part=inputs]")
    expect(dial.cell("inputs", 0)).to_have_attribute("aria-label", "padding")
    row.focus()
    expect(row).to_have_attribute("aria-activedescendant", dial.cell("inputs", 0).get_attribute("id"))
    assert dial.text("reading") == "this padding is seen by output 0"
    row.press("ArrowRight")
    expect(row).to_have_attribute("aria-activedescendant", dial.cell("inputs", 1).get_attribute("id"))
    assert dial.text("reading") == "pixel 0 is seen by output 0 (pinned)"


def test_the_keyboard_reaches_everything(dial):
    dial.slider("n").focus()
    stops = []
    for _ in range(13):
        dial.page.keyboard.press("Tab")
        stops.append(dial.page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText"))
    assert stops[-4:] == [
        "Input, 10 pixels between 1 zero of padding on each side",
        "Output, 3 numbers",
        "the layer in PyTorch",
        "Copy",
    ]
