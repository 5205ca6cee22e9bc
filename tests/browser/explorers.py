"""What the tests of all explorers ask of a page."""

import re
import time
from collections.abc import Callable
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


def parse(colour: str) -> list[float]:
    if colour.startswith("#"):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)] + [1]
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    return numbers + [1] * (4 - len(numbers))


def over(front: list[float], back: list[float]) -> list[float]:
    return [f * front[3] + b * (1 - front[3]) for f, b in zip(front[:3], back[:3], strict=True)] + [1]


def as_hex(colour: list[float]) -> str:
    return "#" + "".join(f"{round(channel):02x}" for channel in colour[:3])
