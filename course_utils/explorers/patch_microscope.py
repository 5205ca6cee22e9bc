"""The patch microscope: see one number of a convolution come about."""

from typing import Any

import torch
import torch.nn.functional as F
from traitlets import Enum, Int, observe, validate

from course_utils import drawing
from course_utils.explorers.explorer import Explorer, front_end, styles
from course_utils.explorers.grid import Grid, as_grid, check_fits, size_of
from course_utils.explorers.still import Panel, Still, row_of_panels


class PatchMicroscope(Explorer):
    """Slide a kernel over a small image and watch the products, their sum, and the response.

    x: the image, (H, W) with at most 16 rows and columns; kernel: (kH, kW), at most as large as the image. Both may
    be tensors, arrays or nested lists of numbers. mode: "correlation" (what deep learning calls convolution) or
    "convolution" (the kernel turned by 180°). row, column: where the patch's top-left corner starts.

    `x`, `kernel` and `response` are float32 tensors. Setting `kernel`, `x`, `mode`, `row` or `column` redraws, and
    what is typed and moved in the browser is found here. Raises BadArgument with what to pass instead.
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
        check_fits(x, kernel)
        super().__init__(x=x, kernel=kernel, mode=mode, row=row, column=column)

    @property
    def response(self) -> torch.Tensor:
        """The response, (H − kH + 1, W − kW + 1): the sum of products at every place where the kernel fits."""
        # Summed in double precision, as the browser does.
        image, kernel = self.x.double()[None, None], self._applied().double()[None, None]
        return F.conv2d(image, kernel)[0, 0].float()

    def static(self, response: bool = False) -> Still:
        """Return the present state as a still picture (SVG), with the numbers as text beside it.

        Without `response` it shows the image, the patch's place and the kernel, and answers nothing.
        """
        height, width = self.kernel.shape
        place = f"Row {self.row}, column {self.column}"
        turned = ", rotated by 180°" if self.mode == "convolution" else ""
        panels = [
            Panel(
                f"image  {size_of(self.x)}", self.x, bool((self.x < 0).any()), (self.row, self.column, height, width)
            ),
            Panel(f"kernel  {size_of(self.kernel)}{turned}", self._applied()),
        ]
        sentence = f"{place}: the kernel lies on the framed patch. What is the sum of the products?"
        if response:
            sentence = self._sentence()
            panels += [
                Panel("products", self._patch() * self._applied()),
                Panel(f"response  {size_of(self.response)}", self.response, frame=(self.row, self.column, 1, 1)),
            ]
        operation = "convolution" if self.mode == "convolution" else "cross-correlation"
        text = "\n".join([f"Patch microscope, {operation}. {sentence}", *(panel.text for panel in panels)])
        title = f"Patch microscope. {sentence}"
        return Still(row_of_panels(panels, sentence, title, text), text, title)

    def _applied(self) -> torch.Tensor:
        return self.kernel.flip(0, 1) if self.mode == "convolution" else self.kernel

    def _patch(self) -> torch.Tensor:
        height, width = self.kernel.shape
        return self.x[self.row : self.row + height, self.column : self.column + width]

    def _sentence(self) -> str:
        """What the live text in the browser says, such as "row 2, column 1: 3·1 + 0·0 = 3"."""
        pixels, weights = self._patch().flatten().tolist(), self._applied().flatten().tolist()
        products = [pixel * weight for pixel, weight in zip(pixels, weights, strict=True)]
        terms = [_factors(pixel, weight) for pixel, weight in zip(pixels, weights, strict=True)]
        if len(terms) > 9:
            terms = [*terms[:3], "…", terms[-1]]
        total = sum(products)
        exact = all(_is_shown_exactly(factor, abs(factor)) for factor in pixels + weights)
        equals = "=" if exact and _is_shown_exactly(total, max(map(abs, products))) else "≈"
        shown = drawing.format_number(total)
        return f"row {self.row}, column {self.column}: {' + '.join(terms)} {equals} {shown}"

    @validate("x", "kernel")
    def _fits(self, proposal: Any) -> torch.Tensor:
        grids = {"x": self.x, "kernel": self.kernel, proposal.trait.name: proposal.value}
        check_fits(grids["x"], grids["kernel"])
        return proposal.value

    @validate("row", "column")
    def _inside(self, proposal: Any) -> int:
        axis = ("row", "column").index(proposal.trait.name)
        return min(max(proposal.value, 0), self.x.shape[axis] - self.kernel.shape[axis])

    @observe("x", "kernel")
    def _stay_inside(self, change: Any) -> None:
        self.row, self.column = self.row, self.column


def _factors(pixel: float, weight: float) -> str:
    shown = (drawing.format_number(factor) for factor in (pixel, weight))
    return "·".join(f"({number})" if number.startswith("−") else number for number in shown)


def _is_shown_exactly(value: float, size: float) -> bool:
    """Whether a number looks like what it is, up to float32's precision at a size."""
    return abs(float(drawing.format_number(value).replace("−", "-")) - value) <= 1e-6 * size
