"""The patch microscope as students use it: in a real JupyterLab, by mouse, by keyboard and from the next cell."""

import random
import re
from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import expect

from course_utils.drawing import format_number

from .explorers import Microscope, assert_legible, height, soon

X = [
    [0, 0, 0, 0, 0, 0],
    [0, 1, 2, 3, 0, 0],
    [0, 3, 9, 3, 0, 0],
    [0, 3, 4, 5, 0, 0],
    [0, 0, 0, 5, 0, 0],
    [7, 0, 0, 0, 0, 1],
]
KERNEL = [[1, 0, -1], [2, 0, -3], [1, 4, -1]]
SETUP = (
    f"import torch\nfrom course_utils import PatchMicroscope\nx = torch.tensor({X})\nkernel = torch.tensor({KERNEL})"
)


@pytest.fixture(scope="module")
def notebook(lab):
    """One notebook for all tests of this file; at the end its browser must not have complained of anything."""
    cells = [SETUP, "microscope = PatchMicroscope(x, kernel)\nmicroscope", "other = PatchMicroscope(x, kernel)\nother"]
    notebook = lab.open(cells, width=1100, height=1500)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def scope(notebook) -> Iterator[Microscope]:
    """A fresh microscope on X and KERNEL: the cell is run again."""
    notebook.page.mouse.move(5, 5)
    notebook.run(1)
    microscope = Microscope(notebook.output(1).locator(".patch-microscope"))
    expect(microscope.root).to_be_visible()
    yield microscope


def correlation(x, kernel) -> torch.Tensor:
    x, kernel = (torch.as_tensor(values, dtype=torch.float64)[None, None] for values in (x, kernel))
    return F.conv2d(x, kernel)[0, 0]


def convolution(x, kernel) -> torch.Tensor:
    return correlation(x, torch.as_tensor(kernel).flip(0, 1))


def texts(values) -> list[str]:
    return [format_number(value) for value in torch.as_tensor(values).flatten().tolist()]


def test_shows_image_products_sum_and_response(scope):
    assert scope.numbers("image") == texts(X)
    assert scope.numbers("response") == texts(correlation(X, KERNEL))
    assert scope.numbers("product") == texts(torch.tensor(X)[:3, :3] * torch.tensor(KERNEL))
    assert scope.sum == texts(correlation(X, KERNEL))[0]
    assert scope.equation.startswith("row 0, column 0: 0·1 + 0·0 + 0·(−1) + 0·2 + 1·0 + 2·(−3)")


def test_hovering_the_image_moves_the_patch_under_the_mouse(scope, notebook):
    scope.over(scope.image, 1, 2)  # the pixel is the patch's top-left corner
    assert scope.position == (1, 2)
    assert scope.sum == texts(correlation(X, KERNEL)[1, 2])[0]
    expect(scope.response).to_have_attribute("aria-activedescendant", re.compile("-1-2$"))
    scope.over(scope.image, 0, 5)  # at the border it stays inside
    assert scope.position == (0, 3)
    soon(lambda: notebook.value("(microscope.row, microscope.column)"), (0, 3))


def test_hovering_the_response_moves_the_patch_that_made_it(scope):
    scope.over(scope.response, 3, 1)
    assert scope.position == (3, 1)
    patch = torch.tensor(X)[3:6, 1:4] * torch.tensor(KERNEL)
    assert scope.numbers("product") == texts(patch)


def test_a_click_pins_and_another_lets_go(scope):
    scope.click(scope.response, 2, 2)
    expect(scope.button("Pin")).to_have_attribute("aria-pressed", "true")
    scope.over(scope.image, 1, 1)
    assert scope.position == (2, 2)
    scope.click(scope.response, 1, 1)
    expect(scope.button("Pin")).to_have_attribute("aria-pressed", "false")
    scope.over(scope.response, 0, 2)
    assert scope.position == (0, 2)


def test_dragging_moves_and_drops(scope):
    scope.click(scope.image, 1, 1)
    scope.over(scope.image, 1, 1)
    scope.page.mouse.down()
    scope.over(scope.image, 2, 3)
    assert scope.position == (2, 3)
    scope.page.mouse.up()
    scope.over(scope.image, 1, 1)
    assert scope.position == (2, 3)  # it stays where it was dropped


def test_arrow_keys_move_and_are_spoken(scope, notebook):
    scope.image.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        scope.page.keyboard.press(key)
    assert scope.position == (1, 1)
    expect(scope.root.get_by_role("status")).to_have_text(scope.equation)
    for key, position in [
        ("End", (1, 3)),
        ("Home", (1, 0)),
        ("PageDown", (3, 0)),
        ("Control+End", (3, 3)),
        ("ArrowDown", (3, 3)),
    ]:
        scope.page.keyboard.press(key)
        assert scope.position == position
    scope.page.keyboard.press("Escape")
    expect(scope.button("Pin")).to_have_attribute("aria-pressed", "false")
    scope.page.keyboard.press("Enter")
    expect(scope.button("Pin")).to_have_attribute("aria-pressed", "true")
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 3  # JupyterLab took no key for a command


def test_the_keyboard_reaches_everything(scope):
    scope.image.focus()
    stops = []
    for _ in range(11):
        scope.page.keyboard.press("Tab")
        stops.append(
            scope.page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.closest('label, button').innerText"
            )
        )
    assert [stop.split("\n")[0] for stop in stops] == [
        "Response, 4 rows, 4 columns", "weight in row 0, column 0",
        "Back", "Play", "Step", "Speed", "Film", "cross-correlation", "Row", "Column", "Pin",
    ]  # fmt: skip


def test_sliders_move(scope):
    scope.slider("Row").fill("3")
    scope.slider("Column").press("ArrowRight")
    assert scope.position == (3, 1)
    assert scope.slider("Film").get_attribute("aria-valuetext") == "row 3, column 1, 9 of 9 products"


def test_typing_a_weight_changes_everything_and_reaches_python(scope, notebook):
    scope.weight(1, 2).fill("−2,5")
    changed = [KERNEL[0], [2, 0, -2.5], KERNEL[2]]
    assert scope.numbers("response") == texts(correlation(X, changed))
    soon(lambda: notebook.value("microscope.kernel.tolist()"), changed)
    assert notebook.value("microscope.response.tolist()") == correlation(X, changed).tolist()


def test_colours_keep_their_scale_until_the_reader_asks(scope):
    scales, fit = scope.root.locator(".scales"), scope.button("Fit colours")
    fill = lambda: scope.response.locator("rect.cell").first.get_attribute("fill")  # noqa: E731
    begun = "image 0 to 9 · kernel ±4 · products ±36 · response ±44"
    expect(scales).to_have_text(begun)
    expect(fit).to_be_disabled()
    before = fill()
    scope.weight(2, 1).fill("8")
    expect(scales).to_contain_text(
        "kernel ±4 (cut off: up to 8) · products ±36 (cut off: up to 72) · response ±44 (cut"
    )
    scope.weight(2, 1).fill("0")
    changed = correlation(X, [*KERNEL[:2], [1, 0, -1]]).abs().max()
    expect(fit).to_be_enabled()
    scope.weight(2, 1).fill("4")
    expect(scales).to_have_text(begun)
    assert fill() == before
    scope.weight(2, 1).fill("0")
    fit.click()
    expect(scales).to_have_text(f"image 0 to 9 · kernel ±3 · products ±27 · response ±{changed:.0f}")
    expect(fit).to_be_disabled()


def test_a_weight_is_dragged_or_stepped(scope, notebook):
    box = scope.weight(0, 0).bounding_box()
    mouse, keyboard = scope.page.mouse, scope.page.keyboard
    mouse.move(box["x"] + 10, box["y"] + 10)
    mouse.down()
    mouse.move(box["x"] + 10, box["y"] - 30, steps=4)
    mouse.up()
    expect(scope.weight(0, 0)).to_have_value("1.5")
    keyboard.press("Shift+ArrowDown")
    keyboard.press("Control+Shift+ArrowUp")
    expect(scope.weight(0, 0)).to_have_value("2.4")
    mouse.move(box["x"] + 10, box["y"] + 60)
    expect(scope.weight(0, 0)).to_have_value("2.4")
    soon(lambda: round(notebook.value("microscope.kernel[0, 0].item()"), 4), 2.4)


def test_typing_keeps_up_with_each_key(scope):
    scope.weight(0, 1).click()
    scope.page.keyboard.type("1/3")
    scope.page.keyboard.press("Enter")
    expect(scope.weight(0, 1)).to_have_value("0.333")
    changed = [[1, 1 / 3, -1], *KERNEL[1:]]
    assert scope.numbers("response") == texts(correlation(X, changed))
    scope.page.keyboard.press("ArrowDown")
    scope.page.keyboard.press("ArrowRight")
    expect(scope.weight(1, 2)).to_be_focused()


@pytest.mark.parametrize("typed", ["abc", "", "1/0", "1,000", "2x", "--1", "nan", "Infinity"])
def test_what_is_no_number_is_refused_in_place(scope, typed):
    field = scope.weight(0, 0)
    field.fill(typed)
    expect(field).to_have_attribute("aria-invalid", "true")
    assert scope.numbers("response") == texts(correlation(X, KERNEL))
    scope.weight(1, 1).focus()
    expect(field).to_have_value("1")
    expect(scope.root.locator("[role=alert]")).to_contain_text("is not a number, so this weight stays 1")
    field.fill("5")
    expect(scope.root.locator("[role=alert]")).to_be_empty()


def test_what_is_too_large_is_said_and_escape_takes_back_what_was_typed(scope, notebook):
    field = scope.weight(0, 2)
    field.fill("1e39")
    scope.weight(1, 1).focus()
    expect(scope.root.locator("[role=alert]")).to_contain_text("“1e39” is too large, so this weight stays −1")
    field.focus()
    scope.page.keyboard.type("7")
    soon(lambda: notebook.value("microscope.kernel[0, 2].item()"), 7.0)
    scope.page.keyboard.type("5")
    scope.page.keyboard.press("Escape")
    expect(field).to_have_value("−1")
    assert scope.numbers("response") == texts(correlation(X, KERNEL))
    soon(lambda: notebook.value("microscope.kernel[0, 2].item()"), -1.0)


def test_convolution_turns_the_kernel(scope, notebook):
    before = scope.weight(0, 0).bounding_box()
    scope.choose("convolution")
    assert scope.numbers("response") == texts(convolution(X, KERNEL))
    soon(lambda: notebook.value("microscope.mode"), "convolution")
    opposite = lambda: scope.weight(2, 2).bounding_box()  # noqa: E731
    soon(lambda: [round(opposite()[side]) for side in "xy"], [round(before[side]) for side in "xy"])
    assert scope.numbers("product")[0] == texts([X[0][0] * KERNEL[2][2]])[0]
    scope.weight(2, 2).focus()
    scope.page.keyboard.press("ArrowRight")  # as the eye sees it
    expect(scope.weight(2, 1)).to_be_focused()
    scope.choose("cross-correlation")
    assert scope.numbers("response") == texts(correlation(X, KERNEL))


def test_step_shows_the_products_one_by_one(scope):
    scope.slider("Speed").fill("1")
    scope.button("Step").click()
    assert scope.position == (0, 1)
    assert scope.numbers("response")[1:] == [""] * 15  # not computed yet
    soon(lambda: "so far" in scope.equation and scope.numbers("product").count("") in (5, 6, 7), True)
    scope.slider("Speed").fill("5")
    soon(lambda: scope.numbers("response")[1], texts(correlation(X, KERNEL))[1])
    expect(scope.button("Play")).to_be_visible()
    scope.button("Back").click()
    assert scope.position == (0, 0)
    assert scope.numbers("response")[1:] == [""] * 15


def test_play_fills_the_response_and_pause_holds_it(scope):
    scope.slider("Speed").fill("3")
    scope.button("Play").click()
    soon(lambda: scope.position >= (0, 2), True)
    scope.over(scope.image, 0, 0)  # hovering does not disturb the film
    scope.button("Pause").click()
    held = scope.position, scope.numbers("response"), scope.equation
    scope.page.wait_for_timeout(400)
    assert (scope.position, scope.numbers("response"), scope.equation) == held
    index = held[0][0] * 4 + held[0][1]
    assert [number for number in held[1] if number] == texts(correlation(X, KERNEL))[: len([n for n in held[1] if n])]
    assert len([number for number in held[1] if number]) in (index, index + 1)
    scope.slider("Speed").fill("5")
    scope.button("Play").click()
    soon(lambda: scope.numbers("response"), texts(correlation(X, KERNEL)))
    expect(scope.button("Play")).to_be_visible()  # it ends at the end
    assert scope.position == (3, 3)


def test_scrubbing_goes_through_every_product(scope):
    products = texts(torch.tensor(X)[0:3, 1:4] * torch.tensor(KERNEL))
    for count in range(10):
        scope.slider("Film").fill(str(10 + count))
        assert scope.position == (0, 1)
        assert scope.numbers("product") == products[:count] + [""] * (9 - count)
    assert scope.slider("Film").get_attribute("aria-valuetext") == "row 0, column 1, 9 of 9 products"
    scope.slider("Film").press("ArrowLeft")
    assert scope.equation.endswith("so far")
    scope.image.press("ArrowDown")  # away from the film all is shown again
    assert scope.numbers("response") == texts(correlation(X, KERNEL))


def test_the_sum_flies_into_its_cell(scope):
    scope.slider("Speed").fill("1")
    scope.slider("Film").fill("8")  # all products of the first position but one
    scope.button("Play").click()
    chip = scope.root.locator(".chip")
    expect(chip).to_be_visible()
    start = chip.bounding_box()
    soon(lambda: (chip.bounding_box() or start)["x"] > start["x"] + 100, True)
    scope.button("Pause").click()


def test_reduced_motion_shows_results_without_flight(scope, notebook):
    notebook.page.emulate_media(reduced_motion="reduce")
    try:
        scope.button("Step").click()
        assert scope.numbers("response")[:3] == [*texts(correlation(X, KERNEL))[:2], ""]
        assert not scope.root.locator(".chip").is_visible()
        scope.choose("convolution")
        assert scope.root.locator(".kernel").evaluate("node => getComputedStyle(node).transitionDuration") == "0s"
    finally:
        notebook.page.emulate_media(reduced_motion="no-preference")


def test_python_redraws(scope, notebook):
    notebook.value("setattr(microscope, 'kernel', torch.tensor([[0.5, 1], [0, -1]]))")
    soon(lambda: scope.numbers("response"), texts(correlation(X, [[0.5, 1], [0, -1]])))
    notebook.value("setattr(microscope, 'x', [[1, 2, 3], [4, 5, 6], [7, 8, 10]])")
    soon(lambda: scope.numbers("image"), texts([1, 2, 3, 4, 5, 6, 7, 8, 10]))
    notebook.value("setattr(microscope, 'mode', 'convolution')")
    soon(lambda: scope.numbers("response"), texts(convolution([[1, 2, 3], [4, 5, 6], [7, 8, 10]], [[0.5, 1], [0, -1]])))
    notebook.value("setattr(microscope, 'row', 1)")
    soon(lambda: scope.position, (1, 0))
    notebook.value("setattr(microscope, 'mode', 'correlation')")
    notebook.value("microscope.kernel.zero_().tolist()")  # in place, which is noticed when the next cell has run
    notebook.value("1")
    soon(lambda: set(scope.numbers("response")), {"0"})


def test_numbers_equal_conv2d(scope, notebook):
    source = random.Random(5)
    for _ in range(25):
        height, width = source.randint(1, 9), source.randint(1, 9)
        rows, columns = source.randint(1, min(height, 5)), source.randint(1, min(width, 5))
        whole = source.random() < 0.5
        draw = (lambda: source.randint(-9, 9)) if whole else (lambda: round(source.uniform(-2, 2), 3))
        x = [[draw() for _ in range(width)] for _ in range(height)]
        kernel = [[draw() for _ in range(columns)] for _ in range(rows)]
        mode = source.choice(["correlation", "convolution"])
        notebook.value("setattr(microscope, 'kernel', [[0]])")  # fits any image
        notebook.value(
            f"[setattr(microscope, n, v) for n, v in [('x', {x}), ('kernel', {kernel}), ('mode', {mode!r})]]"
        )
        x, kernel = torch.tensor(x, dtype=torch.float32).double(), torch.tensor(kernel, dtype=torch.float32).double()
        expected = (convolution if mode == "convolution" else correlation)(x, kernel)
        soon(lambda: len(scope.numbers("response")), expected.numel())
        soon(lambda: close(scope.numbers("response"), expected), True)  # noqa: B023
        in_python = torch.tensor(notebook.value("microscope.response.tolist()"))
        assert torch.allclose(in_python, expected.float(), rtol=1e-5, atol=1e-6)


def close(shown: list[str], expected: torch.Tensor) -> bool:
    """Whether numbers as shown are the expected ones: to all digits shown, up to the order of summation."""
    numbers = [float(text.replace("−", "-")) for text in shown]
    return all(
        text == format_number(value) or abs(number - value) <= 0.006 * abs(value) + 1e-6
        for text, number, value in zip(shown, numbers, expected.flatten().tolist(), strict=True)
    )


def test_two_microscopes_do_not_disturb_each_other(scope, notebook):
    other = Microscope(notebook.output(2).locator(".patch-microscope"))
    before = other.numbers("response"), other.position
    scope.weight(0, 0).fill("7")
    scope.over(scope.response, 2, 1)
    scope.choose("convolution")
    assert (other.numbers("response"), other.position) == before
    assert notebook.value("other.mode, other.kernel[0, 0].item()") == ("correlation", 1.0)
    other.over(other.response, 3, 3)
    assert scope.position == (2, 1)


def test_running_the_cell_again_gives_one_fresh_microscope(scope, notebook):
    scope.weight(0, 0).fill("7")
    notebook.run(1)
    fresh = Microscope(notebook.output(1).locator(".patch-microscope"))
    expect(fresh.root).to_have_count(1)
    assert fresh.numbers("response") == texts(correlation(X, KERNEL))


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_all_is_legible_in_both_themes(scope, notebook, theme):
    notebook.set_theme(theme)
    try:
        assert_legible(scope.root, least=80)
        notebook.screenshot(f"microscope-{theme.split()[1].lower()}", notebook.output(1))
    finally:
        notebook.set_theme("JupyterLab Light")


@pytest.mark.parametrize("width", [600, 700, 1100])
def test_fits_the_width(scope, notebook, width):
    page = notebook.page
    inner = lambda: scope.root.bounding_box()["width"]  # noqa: E731
    page.set_viewport_size({"width": width + 190, "height": 1500})
    try:
        soon(lambda: abs(inner() - width) < 60, True)
        stage = scope.root.locator(".stage")
        soon(lambda: stage.evaluate("node => node.scrollWidth <= node.clientWidth"), True)
        assert width < 700 or height(scope.root) <= 500
        assert float(scope.image.locator("[role=gridcell] text").first.get_attribute("font-size")) >= 10
        notebook.screenshot(f"microscope-{width}", notebook.output(1))
    finally:
        page.set_viewport_size({"width": 1100, "height": 1500})


def test_goes_on_without_a_kernel(scope, notebook):  # the last of this file
    notebook.end_kernel()
    scope.over(scope.response, 2, 3)
    assert scope.position == (2, 3)
    scope.weight(1, 1).fill("4")
    scope.choose("convolution")
    assert scope.numbers("response") == texts(convolution(X, [KERNEL[0], [2, 4, -3], KERNEL[2]]))
    notebook.page.wait_for_timeout(500)
    # ipywidgets itself notes that it could not tell Python.
    assert all("Could not send widget sync message Error: Cannot send" in message for message in notebook.messages)
    notebook.messages.clear()
    notebook.screenshot("microscope-dead-kernel")
