"""What the tests of all explorers ask of a page."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator

from course_utils.drawing import contrast


def soon(read: Callable[[], Any], value: Any) -> None:
    """Wait until `read()` gives `value`."""
    ends = time.monotonic() + 15
    while (found := read()) != value and time.monotonic() < ends:
        time.sleep(0.05)
    assert found == value


# Pairs of ground and ink: of words, of numbers on cells, of weights.
COLOURS = """root => {
    const notebook = getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor;
    const isChosen = (node) => node.previousElementSibling?.matches('[type=radio]:checked');
    const isPressed = (node) => node.ariaPressed === 'true' || isChosen(node);
    const groundOf = (node) => (isPressed(node) ? getComputedStyle(node).backgroundColor : notebook);
    const inkOf = (node) => getComputedStyle(node)[node.ownerSVGElement ? 'fill' : 'color'];
    const all = (selector) => [...root.querySelectorAll(selector)];
    const words = all('.caption, .size, .index, .equation, .hint, .legend, button, label > span')
        .map((node) => [groundOf(node), inkOf(node)]);
    const fill = (node) => node.getAttribute('fill');
    const cells = all('.cell[fill^="#"]').map((cell) => [fill(cell), fill(cell.nextSibling)]);
    const weights = all('.kernel input').map((field) => [field.style.backgroundColor, field.style.color]);
    return [...words, ...cells, ...weights];
}"""


def assert_legible(root: Locator, least: int) -> None:
    """Check the contrast of all words and numbers in an explorer, of which there must be some."""
    colours = root.evaluate(COLOURS)
    ground = parse(colours[0][0])
    assert len(colours) >= least
    for back, front in colours:
        back = over(parse(back), ground)
        assert contrast(as_hex(back), as_hex(over(parse(front), back))) >= 4.0, (back, front)


def height(root: Locator) -> float:
    """An explorer's height in pixels. JupyterLab takes a cell off the page for a moment now and then."""
    found: list[float] = []

    def seen() -> bool:
        found.extend(box["height"] for box in [root.bounding_box()] if box)
        return bool(found)

    soon(seen, True)
    return found[0]


def size_in(root: Locator, width: int) -> tuple[int, int]:
    """Give an explorer's stage a width in pixels; returns by how much its content is wider, and the whole's height."""
    root.scroll_into_view_if_needed()  # what is out of sight is not told of its size
    overflow, height = root.evaluate(
        """async (root, width) => {
            root.style.width = `${width + 4}px`;
            for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
            const over = (node) => node.scrollWidth - node.clientWidth;
            const size = [Math.max(over(root), over(root.querySelector('.stage'))), root.offsetHeight];
            root.style.width = '';
            return size;
        }""",
        width,
    )
    return overflow, height


def parse(colour: str) -> list[float]:
    if colour.startswith("#"):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)] + [1]
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    return numbers + [1] * (4 - len(numbers))


def over(front: list[float], back: list[float]) -> list[float]:
    return [f * front[3] + b * (1 - front[3]) for f, b in zip(front[:3], back[:3], strict=True)] + [1]


def as_hex(colour: list[float]) -> str:
    return "#" + "".join(f"{round(channel):02x}" for channel in colour[:3])


class Microscope:
    """What a reader of the page sees of one microscope."""

    def __init__(self, root: Locator) -> None:
        self.root, self.page = root, root.page
        self.image, self.response = (root.locator(f"[data-part={name}]") for name in ("image", "response"))

    def over(self, grid: Locator, row: int, column: int) -> None:
        """Move the mouse to a cell."""
        self._cell(grid, row, column).hover(force=True)

    def click(self, grid: Locator, row: int, column: int) -> None:
        self._cell(grid, row, column).click(force=True)

    def weight(self, row: int, column: int) -> Locator:
        return self.root.get_by_label(f"weight in row {row}, column {column}")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def slider(self, name: str) -> Locator:
        return self.root.get_by_role("slider", name=name)

    def choose(self, operation: str) -> None:
        self.root.get_by_role("radio", name=operation).check(force=True)

    def numbers(self, part: str) -> list[str]:
        """The texts of the image's, the response's or the products' cells, row by row."""
        if part == "product":
            return self.root.locator("[data-part=product] text:first-of-type").all_text_contents()
        return self.root.locator(f"[data-part={part}] [role=gridcell] text").all_text_contents()

    @property
    def sum(self) -> str:
        return self.root.locator("[data-part=sum] text").text_content()

    @property
    def equation(self) -> str:
        return self.root.locator(".equation").text_content()

    @property
    def position(self) -> tuple[int, int]:
        row, column = re.match(r"row (\d+), column (\d+)", self.equation).groups()
        return int(row), int(column)

    def _cell(self, grid: Locator, row: int, column: int) -> Locator:
        return grid.locator("[role=row]").nth(row).locator("[role=gridcell] rect").nth(column)


SETUP = """import torch
from course_utils import ChannelStack, KernelBench, MatrixView, PatchMicroscope, SizeDial, TrainingFilm
from course_utils import load_picture
torch.manual_seed(1)
picture = load_picture('camera', size=24)
x, weight = torch.randint(0, 7, (2, 4, 4)).float(), torch.randint(-2, 3, (2, 2, 2, 2)).float()"""


def type_into(label: str, text: str, number: int = 0) -> Callable[[Locator], None]:
    def act(root: Locator) -> None:
        root.get_by_label(label, exact=True).nth(number).fill(text)
        root.get_by_label(label, exact=True).nth(number).press("Enter")

    return act


@dataclass(frozen=True)
class Explorer:
    """How to make one (in Python), what a hand does to it, and what Python sees of it before and after."""

    make: str
    title: str  # how its picture's description begins
    act: Callable[[Locator], None]
    seen: str  # an expression about the explorer `box`
    before: object
    after: object


# Every explorer but the patch microscope.
EXPLORERS = {
    "kernel_bench": Explorer(
        "KernelBench(picture, [[0, 1], [2, 3]])",
        "Kernel bench",
        type_into("weight in row 0, column 0", "7"),
        "box.kernel[0, 0].item()",
        0.0,
        7.0,
    ),
    "size_dial": Explorer(
        "SizeDial(10, 3, stride=2)", "Size dial", type_into("s, stride, typed", "3"), "box.stride", 2, 3
    ),
    "channel_stack": Explorer(
        "ChannelStack(x, weight)",
        "Channel stack",
        lambda root: root.get_by_role("checkbox", name="channel 1").uncheck(force=True),
        "sorted(box.off)",
        [],
        [1],
    ),
    "matrix_view": Explorer(
        "MatrixView([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -2]])",
        "Matrix view",
        type_into("weight in row 0, column 0", "7"),
        "box.kernel[0, 0].item()",
        1.0,
        7.0,
    ),
    "training_film": Explorer(
        "TrainingFilm(picture, picture.roll(1, 0), 3, lr=0.02, steps=50)",
        "Training film",
        type_into("Learning rate, typed", "0.01"),
        "box.lr",
        0.02,
        0.01,
    ),
}

MICROSCOPE = Explorer(
    "PatchMicroscope(torch.arange(36).reshape(6, 6), [[1, 0, -1], [2, 0, -3], [1, 4, -1]], row=1, column=2)",
    "Patch microscope. Row 1, column 2:",
    type_into("weight in row 0, column 0", "7"),
    "box.kernel[0, 0].item()",
    1.0,
    7.0,
)

# The page's state, with the values of its fields.
STATE = """root => root.textContent + JSON.stringify([...root.querySelectorAll('input')].map(i => [i.value, i.checked]))
    + JSON.stringify([...root.querySelectorAll('canvas')].map(canvas => canvas.toDataURL()))"""
