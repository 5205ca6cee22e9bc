"""All explorers on a tablet: fingers do what the mouse does, the page stays where it is, and all can be hit."""

import time

import pytest
from playwright.sync_api import Locator, expect

from .explorers import EXPLORERS, SETUP, soon

LEAST = 36  # pixels, of what is to be hit with a finger
MICROSCOPE = "PatchMicroscope([[1, 2, 3, 4], [5, 6, 7, 8], [2, 4, 6, 8], [1, 3, 5, 7]], [[1, 0], [0, -2]])"
MAKES = {"patch_microscope": MICROSCOPE, **{name: explorer.make for name, explorer in EXPLORERS.items()}}
# Where a finger goes: a part, from where to where on it, in parts of its width and height; and what Python sees then.
DRAGS = {
    "patch_microscope": ("response", (0.25, 0.25), (0.85, 0.85), "(box.row, box.column)", (2, 2)),
    "matrix_view": ("response", (0.4, 0.4), (0.85, 0.85), "(box.row, box.column)", (1, 1)),
    "training_film": ("chart", (0.4, 0.5), (0.999, 0.6), "box.step", 50),
}


class Finger:
    """One finger on a page."""

    def __init__(self, root: Locator) -> None:
        self.page = root.page
        self.session = self.page.context.new_cdp_session(self.page)

    def drag(self, x: float, y: float, to_x: float, to_y: float) -> None:
        self._send("touchStart", x, y)
        for part in range(1, 9):
            self._send("touchMove", x + (to_x - x) * part / 8, y + (to_y - y) * part / 8)
            time.sleep(0.02)
        self._send("touchEnd")

    def _send(self, kind: str, *place: float) -> None:
        points = [dict(zip("xy", place, strict=True))] if place else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.fixture(scope="module")
def notebook(lab):
    """Each explorer, on a tablet; at the end its browser must not have complained of anything."""
    cells = [SETUP, *(f"{name} = {make}\n{name}" for name, make in MAKES.items())]
    notebook = lab.open(cells, width=820, height=1180, touch=True)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def root(notebook, request) -> Locator:
    """The explorer that a test's `name` names, new, in the middle of a page that could scroll both ways."""
    index = 1 + list(MAKES).index(request.getfixturevalue("name"))
    notebook.run(index)
    root = notebook.output(index).locator(".course-explorer")
    expect(root).to_be_visible()
    root.evaluate("root => root.scrollIntoView({ block: 'center' })")
    return root


def scrolled(root: Locator) -> list[float]:
    """Where the page is: by how much all around the explorer is scrolled."""
    return root.evaluate(
        """root => { const all = []; for (let node = root; node; node = node.parentElement)
            all.push(node.scrollTop, node.scrollLeft); return all; }"""
    )


def across(part: Locator, start: tuple[float, float], end: tuple[float, float]) -> list[float]:
    box = part.bounding_box()
    return [box[corner] + share * box[side] for place in (start, end) for corner, side, share in
            zip(("x", "y"), ("width", "height"), place, strict=True)]  # fmt: skip


@pytest.mark.parametrize("name", DRAGS)
def test_a_finger_drags_the_place_and_not_the_page(notebook, root, name):
    part, start, end, seen, after = DRAGS[name]
    before = scrolled(root)
    Finger(root).drag(*across(root.locator(f"[data-part={part}]"), start, end))
    soon(lambda: notebook.value(f"(lambda box: {seen})({name})"), after)
    assert scrolled(root) == before


@pytest.mark.parametrize("name", ["patch_microscope", "kernel_bench", "matrix_view"])
def test_a_finger_drags_a_weight_and_calls_no_keyboard(notebook, root, name):
    weight = root.get_by_label("weight in row 0, column 1", exact=True)
    before = scrolled(root)
    x, y, *_ = across(weight, (0.5, 0.5), (0.5, 0.5))
    value = float(weight.input_value())
    Finger(root).drag(x, y, x, y - 80)
    soon(lambda: round(notebook.value(f"{name}.kernel[0, 1].item()"), 3), value + 1)
    assert scrolled(root) == before
    assert weight.evaluate("field => field !== document.activeElement")
    weight.tap()
    expect(weight).to_be_focused()  # now to be typed


@pytest.mark.parametrize(
    ("name", "part", "words"),
    [
        ("patch_microscope", "response", "equation"),
        ("kernel_bench", "response", "reading"),
        ("size_dial", "outputs", "reading"),
        ("size_dial", "inputs", "reading"),
        ("channel_stack", "response", "equation"),
        ("channel_stack", "x-0", "equation"),
        ("matrix_view", "picture", "equation"),
        ("matrix_view", "matrix", "equation"),
    ],
)
def test_a_tap_says_what_pointing_says(root, name, part, words):
    said, part = root.locator(f".{words}"), root.locator(f"[data-part={part}]")
    before = said.text_content()
    x, y, *_ = across(part, (0.8, 0.7), (0, 0))
    root.page.touchscreen.tap(x, y)
    soon(lambda: said.text_content() != before, True)


# Of all that is to be hit: what it is called, and the smaller side of it or of its label.
SMALL = """(root, least) => [...root.querySelectorAll('button, select, input')].map((node) => {
    const { width, height } = (node.closest('label') ?? node).getBoundingClientRect();
    const enough = node.closest('.editable') ? 22 : least; // weights are dragged as well
    return [node.ariaLabel ?? node.closest('label')?.textContent ?? node.textContent, Math.min(width, height), enough];
}).filter(([_, side, enough]) => side < enough)"""


@pytest.mark.parametrize("name", MAKES)
def test_all_can_be_hit_with_a_finger(root, name):
    assert root.evaluate("() => matchMedia('(pointer: coarse)').matches")
    assert root.evaluate(SMALL, LEAST) == []
    root.screenshot(path=f"artefacts/touch-{name}.png")
