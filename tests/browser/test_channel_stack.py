"""The channel stack as students use it: in a real JupyterLab, by mouse, by keyboard and from the next cell."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Locator, expect

from course_utils.drawing import format_number

from .explorers import assert_legible, height, size_in, soon

SETUP = """import torch
from course_utils import ChannelStack, load_picture
torch.manual_seed(1)
x = torch.randint(0, 7, (4, 4, 4)).float()
weight, bias = torch.randint(-2, 3, (4, 4, 2, 2)).float(), torch.tensor([10.0, -5, 0, 0.5])"""
SIX = "ChannelStack(torch.randint(0, 7, (6, 5, 5)).float(), torch.randn(4, 6, 3, 3), torch.randn(4))"
PICTURE = "ChannelStack(load_picture('coffee', size=64, color=True), torch.ones(2, 3, 3, 3) / 9)"


class Stack:
    """What a reader of the page sees of one stack."""

    def __init__(self, root: Locator) -> None:
        self.root, self.page = root, root.page

    def switch(self, channel: int) -> Locator:
        return self.root.get_by_role("checkbox", name=f"channel {channel}")

    def numbers(self, part: str) -> list[str]:
        return self.root.locator(f"[data-part={part}] [role=gridcell] text").evaluate_all(
            "all => all.map(one => one.textContent)"
        )

    def text(self, name: str) -> str:
        return self.root.locator(f".{name}").text_content()

    def over(self, part: str, row: int, column: int) -> None:
        """Move the mouse to a number of a grid of three columns."""
        cell = self.root.locator(f"[data-part={part}] [role=gridcell]").nth(3 * row + column)
        cell.hover(force=True)


@pytest.fixture(scope="module")
def notebook(lab):
    """One notebook for all tests of this file; at the end its browser must not have complained of anything."""
    notebook = lab.open([SETUP, "stack = ChannelStack(x, weight, bias)\nstack", PICTURE, SIX], width=830, height=1500)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def stack(notebook) -> Iterator[Stack]:
    """The first stack, new."""
    notebook.run(1)
    notebook.page.mouse.move(5, 5)
    stack = Stack(notebook.output(1).locator(".channel-stack"))
    expect(stack.root).to_be_visible()
    yield stack


@pytest.fixture(scope="module")
def layer(notebook):
    """x, weight and bias."""
    return [torch.tensor(notebook.value(f"{name}.tolist()")) for name in ("x", "weight", "bias")]


def shown(numbers: torch.Tensor) -> list[str]:
    return [format_number(number) for number in numbers.flatten().tolist()]


def test_a_channel_is_switched_off_and_its_share_leaves_the_sum(stack, notebook, layer):
    x, weight, _ = layer
    shares = F.conv2d(x[None], weight[0][:, None], groups=4)[0]
    assert [stack.numbers(f"share-{c}") for c in range(4)] == [shown(share) for share in shares]
    assert stack.numbers("sum") == shown(shares.sum(0)) and stack.numbers("response") == shown(shares.sum(0) + 10)
    scales = stack.text("scales")
    stack.switch(1).click()
    assert stack.numbers("share-1") == [""] * 9
    assert stack.numbers("sum") == shown(shares.sum(0) - shares[1])
    soon(lambda: notebook.value("stack.off"), (1,))
    stack.switch(1).press("Space")
    assert stack.numbers("share-1") == shown(shares[1]) and stack.text("scales") == scales
    for channel in range(4):
        stack.switch(channel).uncheck()
    assert stack.numbers("response") == ["10"] * 9
    soon(lambda: notebook.value("stack.response.unique().tolist()"), [10.0])


def test_groups_take_kernels_away(stack, notebook, layer):
    x, weight, bias = layer
    assert stack.text("cost").startswith("68 parameters4 · 4 · 2 · 2 weights + 4 biases")
    groups = stack.root.get_by_label("groups", exact=True)
    groups.press("ArrowRight")
    assert stack.text("cost").startswith("36 of 68 parameters")
    groups.press("ArrowRight")  # three do not divide four
    assert stack.text("cost").startswith("20 of 68 parameters")
    assert stack.text("cost").endswith("nn.Conv2d(4, 4, kernel_size=2, groups=4)")
    stack.root.get_by_label("output", exact=True).press("End")
    expected = F.conv2d(x[None], weight[range(4), range(4)][:, None], bias, groups=4)[0, 3]
    assert stack.numbers("response") == shown(expected)
    assert stack.root.locator(".name", has_text="no kernel").count() == 3
    expect(stack.switch(0)).to_be_disabled()
    soon(lambda: notebook.value("(stack.groups, stack.output, stack.parameters)"), (4, 3, 20))
    map_box = stack.root.locator(".map").bounding_box()
    stack.page.mouse.click(map_box["x"] + 40, map_box["y"] + 16 + 15 * 1.5)
    soon(lambda: notebook.value("stack.output"), 1)


@pytest.mark.parametrize(
    ("dial", "typed", "sentence"),
    [
        ("groups", "3", "3 groups do not split 4 channels and 4 outputs evenly: 1, 2 or 4 do. So groups stays 1."),
        ("groups", "", "“” is not a whole number. So groups stays 1."),
        ("groups", "NaN", "“NaN” is not a whole number. So groups stays 1."),
        ("output", "4", "Outputs go from 0 to 3. So output stays 0."),
        ("output", "1e99", "“1e99” is too large. So output stays 0."),
    ],
)
def test_a_bad_value_is_refused_in_place(stack, dial, typed, sentence):
    field = stack.root.get_by_label(f"{dial}, typed")
    field.fill(typed)
    field.press("Enter")
    expect(stack.root.get_by_role("alert")).to_have_text(sentence)
    expect(field).to_have_value(sentence[-2])
    field.fill(sentence[-2])
    field.press("Enter")


def test_hovering_and_keys_follow_one_number(stack, layer):
    x, weight, _ = layer
    shares = F.conv2d(x[None], weight[0][:, None], groups=4)[0]
    stack.over("share-2", 1, 2)
    assert stack.text("equation").startswith("row 1, column 2: ")
    assert stack.text("equation").endswith(f"+ 10 bias = {format_number(shares[:, 1, 2].sum().item() + 10)}")
    stack.root.locator("[data-part=response]").press("ArrowDown")
    stack.switch(3).press("Space")
    adds = [f"channel {c} adds {format_number(shares[c, 2, 2].item())}" for c in range(3)]
    total = shares[:3, 2, 2].sum().item()
    expect(stack.root.get_by_role("status")).to_have_text(
        f"Output 0, row 2, column 2: {', '.join(adds)}, channel 3 is off. "
        f"Sum {format_number(total)}, bias 10, response {format_number(total + 10)}. 68 parameters."
    )


def test_python_redraws(stack, notebook, layer):
    x, weight, _ = layer
    for name, value in {"output": 2, "groups": 2, "off": [3]}.items():
        notebook.value(f"setattr(stack, {name!r}, {value!r})")
    expected = F.conv2d(x[None, 2:3], weight[2:3, 2:3])[0, 0]
    soon(lambda: stack.numbers("response"), shown(expected))
    notebook.value("stack.bias.fill_(7).sum().item()")
    notebook.value("1")  # a change in place is noticed when the cell has run
    soon(lambda: stack.numbers("response"), shown(expected + 7))
    notebook.value("setattr(stack, 'bias', None)")
    soon(lambda: stack.root.locator("[data-part=sum]").count(), 0)
    assert stack.numbers("response") == shown(expected) and "bias=False" in stack.text("cost")


def test_the_keyboard_reaches_everything(stack):
    stack.root.get_by_label("output", exact=True).focus()
    stops = []
    for _ in range(12):
        name = "(document.activeElement.ariaLabel ?? document.activeElement.closest('label, button').innerText)"
        stops.append(stack.page.evaluate(name).split("\n")[0].split(",")[0])
        stack.page.keyboard.press("Tab")
    switches = [f"channel {c}" for c in range(4)]
    assert stops == ["output", "output", "groups", "groups", *switches, "response", "Row", "Column", "Pin"]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_legible_and_no_higher_than_a_screen(stack, notebook, theme):
    notebook.set_theme(theme)
    try:
        assert_legible(stack.root, least=100)
        for number in (1, 2):
            one = notebook.output(number).locator(".channel-stack")
            assert height(one) <= 500
            stage = one.locator(".stage")
            assert stage.evaluate("stage => stage.scrollWidth <= stage.clientWidth")
            notebook.screenshot(f"stack-{number}-{theme.split()[1].lower()}", notebook.output(number))
    finally:
        notebook.set_theme("JupyterLab Light")


@pytest.mark.parametrize("width", [350, 596, 700, 732, 868])
def test_it_fits_into_any_width(notebook, width):
    for number in (1, 2, 3):
        overflow, height = size_in(notebook.output(number).locator(".channel-stack"), width)
        assert overflow == 0, (number, width)
        assert height <= 500 or width < 700, (number, width)


def test_a_picture_is_shown_as_pixels_and_reads_as_well(notebook):
    picture = Stack(notebook.output(2).locator(".channel-stack"))
    picture.root.locator("[data-part=share-0]").hover()
    before = picture.text("equation")
    picture.switch(0).click()
    assert picture.text("equation") != before and picture.root.locator("s").count() == 1
    canvas = picture.root.locator("[data-part=share-0] canvas")
    read = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].every(one => one === 255)"
    assert canvas.evaluate(read)
