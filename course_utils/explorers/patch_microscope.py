"""The patch microscope: see one number of a convolution come about."""

from typing import Any

import torch
import torch.nn.functional as F
from traitlets import Enum, Int, observe, validate

from course_utils import drawing
from course_utils.explorers.explorer import Explorer, Grid, Still, as_grid, front_end, styles

CELL, PRODUCT_HEIGHT, GAP, CAPTION, INDEX = 34, 40, 36, 24, 18


class PatchMicroscope(Explorer):
    """Slide a kernel over a small image and watch the products, their sum, and the response.

    x: the image, (H, W) with at most 16 rows and columns; kernel: (kH, kW), at most as large as the image. Both may
    be tensors, arrays or nested lists of numbers. mode: "correlation" (what deep learning calls convolution) or
    "convolution" (the kernel turned by 180°). row, column: where the patch's top-left corner starts.

    `x`, `kernel` and `response` are float32 tensors. Setting `kernel`, `x`, `mode`, `row` or `column` redraws, and
    what is typed and moved in the browser is found here. Raises ValueError or TypeError with what to pass instead.
    """

    _esm = front_end("patch_microscope.js")
    _css = styles("explorer.css", "patch_microscope.css")

    x = Grid(help="the image, (H, W)")
    kernel = Grid(help="the kernel as given, (kH, kW); it is not turned here, whatever the mode")
    mode = Enum(["correlation", "convolution"], default_value="correlation").tag(sync=True)
    row = Int(0).tag(sync=True)
    column = Int(0).tag(sync=True)

    def __init__(self, x: Any, kernel: Any, *, mode: str = "correlation", row: int = 0, column: int = 0) -> None:
        x, kernel = as_grid("x", x), as_grid("kernel", kernel)
        _check_fits(x, kernel)
        _check_mode(mode)
        super().__init__(x=x, kernel=kernel, mode=mode, row=row, column=column)

    @property
    def response(self) -> torch.Tensor:
        """The response, (H − kH + 1, W − kW + 1): the sum of products at every place where the kernel fits."""
        # Summed in double precision, as the browser does.
        image, kernel = self.x.double()[None, None], self._applied().double()[None, None]
        return F.conv2d(image, kernel)[0, 0].float()

    def static(self) -> Still:
        """Return the present state as a still picture (SVG), with the numbers as text beside it."""
        return Still(_picture(self), _text(self), f"Patch microscope. {self._sentence()}")

    def __repr__(self) -> str:
        return _text(self)

    def _applied(self) -> torch.Tensor:
        return self.kernel.flip(0, 1) if self.mode == "convolution" else self.kernel

    def _patch(self) -> torch.Tensor:
        height, width = self.kernel.shape
        return self.x[self.row : self.row + height, self.column : self.column + width]

    def _sentence(self) -> str:
        """What the live text in the browser says, such as "row 2, column 1: 3·1 + 0·0 = 3"."""
        pairs = zip(self._patch().flatten().tolist(), self._applied().flatten().tolist(), strict=True)
        terms = [_factors(pixel, weight) for pixel, weight in pairs]
        if len(terms) > 9:
            terms = [*terms[:3], "…", terms[-1]]
        total = float((self._patch().double() * self._applied().double()).sum())
        shown = drawing.format_number(total)
        exact = abs(float(shown.replace("−", "-")) - total) <= 1e-6 * max(1, abs(total))
        return f"row {self.row}, column {self.column}: {' + '.join(terms)} {'=' if exact else '≈'} {shown}"

    @validate("x", "kernel")
    def _fits(self, proposal: Any) -> torch.Tensor:
        grids = {"x": self.x, "kernel": self.kernel, proposal.trait.name: proposal.value}
        _check_fits(grids["x"], grids["kernel"])
        return proposal.value

    @validate("row", "column")
    def _inside(self, proposal: Any) -> int:
        axis = ("row", "column").index(proposal.trait.name)
        return min(max(proposal.value, 0), self.x.shape[axis] - self.kernel.shape[axis])

    @observe("x", "kernel")
    def _stay_inside(self, change: Any) -> None:
        self.row, self.column = self.row, self.column


def _check_fits(x: torch.Tensor, kernel: torch.Tensor) -> None:
    if kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]:
        raise ValueError(
            f"The kernel is {_size(kernel)} and does not fit into the image, which is {_size(x)}: "
            f"pass a kernel with at most {_count(x.shape[0], 'row')} and {_count(x.shape[1], 'column')}."
        )


def _check_mode(mode: str) -> None:
    if mode not in ("correlation", "convolution"):
        raise ValueError(f'mode is {mode!r}: pass "correlation" or "convolution".')


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _size(grid: torch.Tensor) -> str:
    return f"{grid.shape[0]} × {grid.shape[1]}"


def _factors(pixel: float, weight: float) -> str:
    shown = drawing.format_number(weight)
    return f"{drawing.format_number(pixel)}·{f'({shown})' if weight < 0 else shown}"


def _text(microscope: PatchMicroscope) -> str:
    """Return the state as plain text: where no picture can be shown, this is."""
    response = [[drawing.format_number(value) for value in row] for row in microscope.response.tolist()]
    width = max(len(number) for row in response for number in row)
    operation = "convolution" if microscope.mode == "convolution" else "cross-correlation"
    return "\n".join(
        [
            f"Patch microscope, {operation}: image {_size(microscope.x)}, kernel {_size(microscope.kernel)}.",
            microscope._sentence(),
            f"Response, {_size(microscope.response)}:",
            *("  ".join(number.rjust(width) for number in row) for row in response),
        ]
    )


def _picture(microscope: PatchMicroscope) -> str:
    """Return the state as SVG: image, kernel above products above their sum, response; on a white ground."""
    x, kernel, response = microscope.x, microscope._applied(), microscope.response
    row, column = microscope.row, microscope.column
    (rows, columns), products = kernel.shape, microscope._patch() * kernel
    factors = [
        _factors(*pair) for pair in zip(microscope._patch().flatten().tolist(), kernel.flatten().tolist(), strict=True)
    ]
    product_width = min(max(62, 5.5 * max(map(len, factors)) + 6), 100)
    middle_width = max(columns * product_width, columns * CELL, 90)
    image_x, top = 14 + INDEX, CAPTION + INDEX + 6
    middle_x = image_x + x.shape[1] * CELL + GAP
    response_x = middle_x + middle_width + GAP + INDEX
    kernel_x, kernel_y = middle_x + (middle_width - columns * CELL) / 2, CAPTION + 6
    products_x, products_y = (
        middle_x + (middle_width - columns * product_width) / 2,
        kernel_y + rows * CELL + CAPTION + 8,
    )
    sum_x, sum_y = middle_x + middle_width / 2 - 36, products_y + rows * PRODUCT_HEIGHT + 28
    width = response_x + response.shape[1] * CELL + 14
    height = max(top + x.shape[0] * CELL, sum_y + CELL, top + response.shape[0] * CELL) + 40
    product_scale, response_scale = drawing.largest(x) * drawing.largest(kernel), drawing.largest(response)
    turned = "rotated by 180°" if microscope.mode == "convolution" else _size(kernel)
    sentence = microscope._sentence()

    def caption(words: str, x: float, y: float) -> str:
        return drawing.text(words, x, y - 10, 13, "#222222", anchor="start")

    parts = [
        drawing.box(0.5, 0.5, width - 1, height - 1, "#ffffff", "#d0d0d0"),
        caption(f"image  {_size(x)}", image_x, top - INDEX),
        drawing.grid(x, image_x, top, scale=drawing.largest(x), cell=CELL, indices=True),
        drawing.outline(image_x + column * CELL, top + row * CELL, columns * CELL, rows * CELL),
        caption(f"kernel  {turned}", kernel_x, kernel_y),
        drawing.grid(kernel, kernel_x, kernel_y, scale=drawing.largest(kernel), signed=True, cell=CELL),
        caption("products", products_x, products_y),
        *_products(factors, products, products_x, products_y, product_width, product_scale),
        drawing.text("sum", sum_x + 36, sum_y - 12, 13, "#222222"),
        drawing.number_cell(float(products.sum()), sum_x, sum_y, 72, CELL, scale=response_scale, signed=True),
        caption(f"response  {_size(response)}", response_x, top - INDEX),
        drawing.grid(
            response,
            response_x,
            top,
            scale=response_scale,
            signed=True,
            cell=CELL,
            indices=True,
            highlight=(row, column),
        ),
        drawing.text(sentence, 14, height - 18, _fitting(sentence, width - 28), "#222222", anchor="start"),
    ]
    return drawing.svg("".join(parts), width, height, f"Patch microscope. {sentence}", _text(microscope))


def _products(factors: list[str], products: torch.Tensor, x: float, y: float, width: float, scale: float) -> list[str]:
    parts = []
    for index, (words, value) in enumerate(zip(factors, products.flatten().tolist(), strict=True)):
        row, column = divmod(index, products.shape[1])
        left, top = x + column * width, y + row * PRODUCT_HEIGHT
        ink = drawing.text_color(drawing.color(value, scale, True))
        parts.append(
            drawing.number_cell(value, left, top, width, PRODUCT_HEIGHT, scale=scale, signed=True, middle=0.64)
        )
        parts.append(drawing.text(words, left + width / 2, top + 10, _fitting(words, width - 4, 10.5), ink))
    return parts


def _fitting(words: str, width: float, size: float = 13) -> float:
    return min(size, width / (0.54 * len(words)))
