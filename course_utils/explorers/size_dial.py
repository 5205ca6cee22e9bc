"""The size dial: how many windows fit, and which pixels they see."""

from typing import Any

import torch
import torch.nn.functional as F
from traitlets import Int, validate

from course_utils import drawing
from course_utils.errors import BadArgument
from course_utils.explorers.explorer import Explorer, front_end, styles
from course_utils.explorers.grid import is_whole
from course_utils.explorers.still import Still
from course_utils.values import said

MOST = {"n": 32, "k": 44, "padding": 6, "stride": 16, "dilation": 16}  # what is drawn
LEAST = {"n": 1, "k": 1, "padding": 0, "stride": 1, "dilation": 1}


class SizeDial(Explorer):
    """Turn input size, kernel size, padding, stride and dilation, and see which pixels each output sees.

    n: pixels of the input's one side; k: of the kernel's; padding: zeros on each side; stride; dilation: 1 is none.
    All are whole numbers; the kernel's span, dilation·(k − 1) + 1, must fit into n + 2·padding.

    Setting `n`, `k`, `padding`, `stride` or `dilation` redraws, and what is turned in the browser is found in them;
    `size` is the output's size. Raises BadArgument with what to pass instead.
    """

    _esm = front_end("size_dial.js")
    _css = styles("explorer.css", "size_dial.css")

    n = Int(7).tag(sync=True)
    k = Int(3).tag(sync=True)
    padding = Int(0).tag(sync=True)
    stride = Int(1).tag(sync=True)
    dilation = Int(1).tag(sync=True)

    def __init__(self, n: int, k: int, padding: int = 0, stride: int = 1, dilation: int = 1) -> None:
        numbers = {"n": n, "k": k, "padding": padding, "stride": stride, "dilation": dilation}
        for name, value in numbers.items():
            numbers[name] = _whole_number(name, value)
        _check_fits(**numbers)
        super().__init__(**numbers)

    @property
    def size(self) -> int:
        """The size of the output's one side, as PyTorch has it."""
        pixels, kernel = torch.empty(1, 1, self.n, device="meta"), torch.empty(1, 1, self.k, device="meta")
        return F.conv1d(pixels, kernel, padding=self.padding, stride=self.stride, dilation=self.dilation).shape[-1]

    def static(self, response: bool = False) -> Still:
        """Return the row of pixels with its first window as a still picture (SVG); the output only when asked for."""
        numbers = f"n = {self.n}, k = {self.k}, padding {self.padding}, stride {self.stride}, dilation {self.dilation}"
        question = f"{self.size} windows fit." if response else "The first window is framed. How many fit?"
        title = f"Size dial: {numbers}. {question}"
        return Still(_picture(self, f"{numbers}.", question, title), title, title)

    @validate("n", "k", "padding", "stride", "dilation")
    def _fits(self, proposal: Any) -> int:
        name = proposal.trait.name
        held = {"n": self.n, "k": self.k, "padding": self.padding, "stride": self.stride, "dilation": self.dilation}
        _check_fits(**(held | {name: _whole_number(name, proposal.value)}))
        return proposal.value


def _whole_number(name: str, value: Any) -> int:
    if not is_whole(value):
        raise BadArgument(f"{name} is {said(value)}: pass a whole number from {LEAST[name]} on.")
    value = int(value)
    if not LEAST[name] <= value <= MOST[name]:
        raise BadArgument(f"{name} is {value}: pass a whole number from {LEAST[name]} to {MOST[name]}.")
    return value


def _check_fits(n: int, k: int, padding: int, stride: int, dilation: int) -> None:
    span, room = dilation * (k - 1) + 1, n + 2 * padding
    if span > room:
        raise BadArgument(
            f"A kernel of {k} with dilation {dilation} spans {span} pixels and does not fit into {room}, which are "
            f"{n} and {padding} of padding on each side: pass a smaller k or dilation, or more padding."
        )


def _picture(dial: SizeDial, numbers: str, question: str, title: str) -> str:
    count = dial.n + 2 * dial.padding
    cell = min(34.0, 880 / count)
    parts = []
    for position in range(count):
        pixel = position - dial.padding
        inside = 0 <= pixel < dial.n
        x = 14 + position * cell
        parts.append(drawing.box(x, 34, cell, cell, "#e8e8e8" if inside else "#ffffff"))
        parts.append(
            drawing.text(str(pixel) if inside else "", x + cell / 2, 34 + cell / 2, min(13, 0.5 * cell), "#000000")
        )
    if dial.dilation == 1:
        parts.append(drawing.outline(14, 34, dial.k * cell, cell))
    else:
        parts += [drawing.outline(14 + tap * dial.dilation * cell, 34, cell, cell) for tap in range(dial.k)]
    width, height = max(28 + count * cell, 440), 34 + cell + 52
    ground = drawing.box(0.5, 0.5, width - 1, height - 1, "#ffffff", "#d0d0d0")
    words = [
        drawing.text("input", 14, 20, 13, "#222222", anchor="start"),
        drawing.text(numbers, 14, 34 + cell + 18, 13, "#222222", anchor="start"),
        drawing.text(question, 14, 34 + cell + 36, 13, "#222222", anchor="start"),
    ]
    return drawing.svg(ground + "".join(parts + words), width, height, title, title)
