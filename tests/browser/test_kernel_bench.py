"""The kernel bench as students use it: in a real JupyterLab, by mouse, by keyboard and from the next cell."""

import re
from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Locator, expect

from course_utils import load_picture
from course_utils.drawing import format_number

from .explorers import assert_legible, height, size_in, soon

EDGE = [[-1, 0, 2], [-3, 0, 4], [-1, 0.5, 1]]
HIDDEN = [[0, 1, 0], [0, -1, 0], [0, 0, 0]]
SETUP = "from course_utils import KernelBench, load_picture\npicture = load_picture('camera', size=64)"


class Bench:
    """What a reader of the page sees of one bench."""

    def __init__(self, root: Locator) -> None:
        self.root, self.page = root, root.page

    def weight(self, row: int, column: int) -> Locator:
        return self.root.get_by_label(f"weight in row {row}, column {column}")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def picture(self, part: str) -> Locator:
        return self.root.locator(f"[data-part={part}]")

    def weights(self) -> list[str]:
        return self.root.locator(".editable input").evaluate_all("all => all.map(one => one.value)")

    def text(self, name: str) -> str:
        return self.root.locator(f".{name}").text_content()

    def over(self, part: str, row: int, column: int) -> None:
        """Move the mouse to a pixel."""
        node = self.picture(part)
        box, rows = node.bounding_box(), node.locator("canvas").evaluate("canvas => canvas.height")
        side = box["height"] / rows
        self.page.mouse.move(box["x"] + (column + 0.5) * side, box["y"] + (row + 0.5) * side)

    def pixel(self, part: str, row: int, column: int) -> list[int]:
        canvas = self.picture(part).locator("canvas")
        read = "(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
        return canvas.evaluate(read, [column, row])


@pytest.fixture(scope="module")
def notebook(lab):
    """One notebook for all tests of this file; at the end its browser must not have complained of anything."""
    cells = [SETUP, f"bench = KernelBench(picture, {EDGE})\nbench", f"KernelBench(picture, target={HIDDEN})"]
    cells += [f"faint = KernelBench(0.02 * picture, target={HIDDEN})\nfaint"]
    notebook = lab.open(cells, width=830, height=1500)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def bench(notebook) -> Iterator[Bench]:
    """The first bench, on EDGE again."""
    notebook.run(1)
    notebook.page.mouse.move(5, 5)
    bench = Bench(notebook.output(1).locator(".kernel-bench"))
    expect(bench.root).to_be_visible()
    yield bench


def responses(kernel) -> torch.Tensor:
    picture = load_picture("camera", size=64).double()
    return F.conv2d(picture[None, None], torch.tensor(kernel, dtype=torch.float64)[None, None])[0, 0]


def test_hovering_reads_a_response_and_keys_move_on(bench):
    bench.over("picture", 20, 31)
    assert bench.text("reading") == f"row 20, column 31: response {format_number(responses(EDGE)[20, 31])}"
    bench.over("response", 61, 4)
    bench.picture("response").press("ArrowRight")
    assert bench.text("reading") == f"row 61, column 5: response {format_number(responses(EDGE)[61, 5])}"
    expect(bench.root.get_by_role("status")).to_contain_text(bench.text("reading"))


def test_typing_and_dragging_change_the_response_and_reach_python(bench, notebook):
    bench.over("response", 10, 10)
    bench.weight(0, 0).fill("1/2")
    assert bench.text("reading").endswith(format_number(responses([[0.5, 0, 2], *EDGE[1:]])[10, 10]))
    box = bench.weight(1, 1).bounding_box()
    bench.page.mouse.move(box["x"] + 9, box["y"] + 9)
    bench.page.mouse.down()
    bench.page.mouse.move(box["x"] + 9, box["y"] - 31, steps=5)
    bench.page.mouse.up()
    expect(bench.weight(1, 1)).to_have_value("0.5")
    soon(lambda: [round(w, 4) for w in notebook.value("bench.kernel.flatten().tolist()")][:5], [0.5, 0, 2, -3, 0.5])


def test_a_long_number_fits_its_cell(bench):
    bench.weight(0, 0).fill("-1.24e-12")
    bench.weight(0, 0).press("Enter")
    expect(bench.weight(0, 0)).to_have_value("−1.2e−12")
    assert bench.weight(0, 0).evaluate("field => field.scrollWidth <= field.clientWidth")


def test_flat_areas_answer_the_sum(bench):
    assert bench.text("flat-answer") == "sum 2.5: flat areas answer 2.5 × their brightness"
    bench.root.get_by_role("radio", name="flat").check(force=True)
    assert bench.text("reading").endswith("response 1.25")
    bench.weight(1, 2).fill("1.5")
    assert bench.text("flat-answer") == "sum 0: flat areas answer 0"
    assert bench.text("reading").endswith("response 0")
    assert bench.pixel("response", 5, 5) == [255, 255, 255]
    bench.root.get_by_role("radio", name="ramp →").check(force=True)
    assert bench.text("reading").endswith(f"response {format_number(2 * (2 + 1.5 + 1) + 0.5)}")


def test_buttons_presets_and_sizes(bench, notebook):
    bench.button("Flip").click()
    assert bench.weights() == ["1", "0.5", "−1", "4", "0", "−3", "2", "0", "−1"]
    bench.button("Transpose").click()
    assert bench.weights() == ["1", "4", "2", "0.5", "0", "0", "−1", "−3", "−1"]
    bench.button("Normalise").click()
    assert bench.weights()[:3] == ["0.4", "1.6", "0.8"]
    assert bench.text("flat-answer") == "sum 1: flat areas keep their brightness"
    bench.root.get_by_label("Preset").select_option("spots")
    bench.button("Normalise").click()
    expect(bench.root.locator("[role=alert]")).to_contain_text("The weights add up to 0, so no factor")
    bench.root.get_by_label("Size").select_option("5 × 5")
    assert len(bench.weights()) == 25 and bench.weights()[12] == "8"
    soon(lambda: notebook.value("list(bench.response.shape)"), [60, 60])
    expect(bench.picture("response")).to_have_attribute("aria-label", re.compile("Response, 60 rows|response, 60 rows"))
    bench.root.get_by_label("Preset").select_option("as at first")
    assert bench.weights()[:3] == ["−1", "0", "2"]


def test_what_is_no_number_is_refused_in_place(bench):
    for typed in ("", "abc", "NaN", "1,000"):
        bench.weight(2, 2).fill(typed)
        bench.weight(0, 0).focus()
        expect(bench.root.locator("[role=alert]")).to_contain_text("is not a number, so this weight stays 1")
        expect(bench.weight(2, 2)).to_have_value("1")


def test_colours_keep_their_scale(bench):
    largest = responses(EDGE).abs().max()
    scales = bench.root.locator(".scales")
    expect(scales).to_have_text(f"picture 0 to 1 · kernel ±4 · response ±{format_number(largest)}")
    bench.weight(1, 2).fill("40")
    expect(scales).to_contain_text("(cut off: up to")
    bench.button("Fit colours").click()
    expect(scales).not_to_contain_text("cut off")


def test_a_hidden_target_is_matched(notebook):
    bench = Bench(notebook.output(2).locator(".kernel-bench"))
    assert bench.weights() == ["0"] * 9
    expect(bench.root.get_by_label("Size")).to_be_disabled()
    off = format_number(responses(HIDDEN).abs().max())
    assert bench.text("match") == f"Largest difference from the wanted response: {off}."
    bench.weight(0, 1).fill("1")
    bench.weight(1, 1).fill("-1")
    assert bench.text("match") == "Matched: your response is the wanted one."
    assert bench.pixel("difference", 30, 30) == [255, 255, 255]


def test_a_faint_target_is_seen(notebook):
    bench = Bench(notebook.output(3).locator(".kernel-bench"))
    wanted = 0.02 * responses(HIDDEN)
    expect(bench.root.locator(".scales")).to_contain_text(f"response ±{format_number(wanted.abs().max())}")
    row, column = divmod(int(wanted.abs().argmax()), wanted.shape[1])
    for part in ("wanted", "difference"):
        assert min(bench.pixel(part, row, column)) < 60


def test_the_pictures_white_is_printed_and_stays(bench, notebook):
    scales = bench.root.locator(".scales")
    notebook.value("setattr(bench, 'picture', 5 * picture.clamp(0.2))")
    expect(scales).to_contain_text("picture 0 to 1 (cut off: up to ")
    bench.button("Fit colours").click()
    expect(scales).not_to_contain_text("cut off")
    assert max(bench.pixel("picture", 30, 30)) < 250
    bench.root.get_by_role("radio", name="ramp ↓").check(force=True)
    expect(scales).to_contain_text("ramp ↓ 0 to 63 · kernel")


def test_python_redraws(bench, notebook):
    bench.over("response", 7, 8)
    notebook.value("setattr(bench, 'kernel', [[0, 2]])")
    soon(lambda: bench.weights(), ["0", "2"])
    notebook.value("bench.picture.fill_(0.25).sum().item()")
    notebook.value("1")  # a change in place is noticed when the cell has run
    soon(lambda: bench.text("reading").endswith("response 0.5"), True)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_legible_and_no_higher_than_a_screen(bench, notebook, theme):
    notebook.set_theme(theme)
    try:
        assert_legible(bench.root, least=14)
        for number in (1, 2):
            assert height(notebook.output(number).locator(".kernel-bench")) <= 500
            notebook.screenshot(f"bench-{number}-{theme.split()[1].lower()}", notebook.output(number))
    finally:
        notebook.set_theme("JupyterLab Light")


def test_the_keyboard_reaches_everything(bench):
    bench.weight(0, 0).focus()
    stops = []
    for _ in range(7):
        bench.page.keyboard.press("Tab")
        stops.append(
            bench.page.evaluate(
                "(document.activeElement.ariaLabel ?? document.activeElement.closest('label, button').innerText)"
            )
            .split("\n")[0]
            .split(",")[0]
        )
    assert stops == ["Preset", "Size", "Normalise", "Flip", "Transpose", "picture", "response"]


def test_no_kernel_lies_under_the_picture_and_none_is_larger_than_it(lab):
    sizes = [(1, 5), (1, 9), (3, 7), (5, 9), (9, 9)]
    cells = [
        f"{SETUP}\nimport torch",
        *(f"KernelBench(picture, torch.ones({rows}, {columns}))" for rows, columns in sizes),
    ]
    cells += [
        "box = KernelBench(picture, torch.ones(5, 5))\nbox",
        "box.kernel = torch.ones(3, 3)",
        "box.picture = torch.rand(4, 4)",
    ]
    for width in (350, 900):
        notebook = lab.open(cells, width=width)
        notebook.run_all()
        for number in range(1, len(sizes) + 1):
            root = notebook.output(number).locator(".kernel-bench")
            expect(root).to_be_visible()
            weights, picture = (
                root.locator(name).first.bounding_box() for name in (".editable", "[data-part=picture]")
            )
            beside = weights["x"] + weights["width"] <= picture["x"]
            assert beside or weights["y"] + weights["height"] <= picture["y"]
        root = notebook.output(len(sizes) + 1).locator(".kernel-bench")
        root.get_by_label("Preset").select_option("as at first")
        expect(root.get_by_role("alert")).to_have_text(
            "A kernel of 5 × 5 does not fit into the picture, which is 4 × 4."
        )
        assert notebook.value("tuple(box.kernel.shape)") == (3, 3)
        assert notebook.messages == []
        notebook.close()


def test_the_four_pictures_of_a_target_stay_in_one_row(notebook):
    root = notebook.output(2).locator(".kernel-bench")
    tops = "root => [...root.querySelectorAll('.picture')].map((node) => node.getBoundingClientRect().top)"
    choice = "root => [...root.querySelectorAll('.choice label, .choice span')].map((node) => node.offsetHeight)"
    root.evaluate("root => { root.style.width = '300px' }")
    soon(lambda: len(set(root.evaluate(choice))), 1)  # words that wrap leave none half coloured
    for width in (560, 620, 690, 1000):
        assert size_in(root, width)[0] == 0
        root.evaluate("(root, width) => { root.style.width = `${width}px` }", width)
        soon(lambda: max(root.evaluate(tops)) - min(root.evaluate(tops)) < 25, True)  # a name may take two lines
    root.evaluate("root => { root.style.width = '' }")
