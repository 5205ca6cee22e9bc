"""The matrix view: convolution as a matrix, and the way back as the same matrix read downwards."""

from typing import Any

import torch
import torch.nn.functional as F
from traitlets import Bool, Int, observe, validate

from course_utils.errors import BadArgument
from course_utils.explorers.explorer import Explorer, front_end, styles
from course_utils.explorers.grid import Grid, as_grid, check_fits, size_of
from course_utils.explorers.still import Panel, Still, row_of_panels


class MatrixView(Explorer):
    """See one number of a response, its row of the Toeplitz matrix T, its row of im2col and its patch together.

    Read downwards (`transposed`), a column of T takes the gradient with respect to the response back to one pixel.

    x: the image, (H, W) with at most 16 rows and columns; kernel: (kH, kW), at most as large as the image; grad_output:
    the gradient with respect to the response, (H − kH + 1, W − kW + 1), or None for the response itself, which is the
    gradient of half the sum of its squares. All may be tensors, arrays or nested lists of numbers.

    row, column: the number of the response whose row of T is lit; pixel_row, pixel_column: the pixel whose column of T
    is lit when `transposed`. Setting a trait redraws, and what is done in the browser is found in it; `response` is a
    float32 tensor. Raises BadArgument with what to pass instead.
    """

    _esm = front_end("matrix_view.js")
    _css = styles("explorer.css", "matrix_view.css")

    x = Grid(help="the image, (H, W)")
    kernel = Grid(help="the kernel, (kH, kW)")
    grad_output = Grid(
        allow_none=True,
        default_value=None,
        help="the gradient with respect to the response, (H − kH + 1, W − kW + 1); None: the response itself",
    )
    transposed = Bool(False).tag(sync=True)
    row = Int(0).tag(sync=True)
    column = Int(0).tag(sync=True)
    pixel_row = Int(0).tag(sync=True)
    pixel_column = Int(0).tag(sync=True)

    def __init__(self, x: Any, kernel: Any, *, grad_output: Any = None, transposed: bool = False) -> None:
        x, kernel = as_grid("x", x), as_grid("kernel", kernel)
        check_fits(x, kernel)
        if grad_output is not None:
            grad_output = as_grid("grad_output", grad_output)
            _check_gradient(x, kernel, grad_output)
        super().__init__(x=x, kernel=kernel, grad_output=grad_output, transposed=transposed)

    @property
    def response(self) -> torch.Tensor:
        """The response, (H − kH + 1, W − kW + 1): cross-correlation without padding."""
        # Summed in double precision, as the browser does.
        return F.conv2d(self.x.double()[None, None], self.kernel.double()[None, None])[0, 0].float()

    def static(self, response: bool = False) -> Still:
        """Return image and kernel as a still picture (SVG) with text beside it; the response only when asked for."""
        patch = (self.row, self.column, *self.kernel.shape)
        panels = [
            Panel(f"image  {size_of(self.x)}", self.x, bool((self.x < 0).any()), patch),
            Panel(f"kernel  {size_of(self.kernel)}", self.kernel),
        ]
        sentence = "The framed patch makes one number of the response. Which row of the matrix makes the same number?"
        if response:
            panels.append(
                Panel(f"response  {size_of(self.response)}", self.response, frame=(self.row, self.column, 1, 1))
            )
            index = self.row * self.response.shape[1] + self.column
            sentence = f"Row {index} of the matrix makes the framed number of the response."
        title = f"Matrix view. {sentence}"
        text = "\n".join([title, *(panel.text for panel in panels)])
        return Still(row_of_panels(panels, sentence, title, text), text, title)

    @validate("x", "kernel")
    def _fits(self, proposal: Any) -> torch.Tensor:
        grids = {"x": self.x, "kernel": self.kernel} | {proposal.trait.name: proposal.value}
        check_fits(**grids)
        if self.grad_output is not None and self.grad_output.shape != _shape_of_response(**grids):
            self.grad_output = None  # before x or kernel changes: the browser never has what does not fit together
        return proposal.value

    @validate("grad_output")
    def _fits_the_response(self, proposal: Any) -> torch.Tensor | None:
        if proposal.value is not None:
            _check_gradient(self.x, self.kernel, proposal.value)
        return proposal.value

    @validate("row", "column")
    def _inside_the_response(self, proposal: Any) -> int:
        axis = ("row", "column").index(proposal.trait.name)
        return min(max(proposal.value, 0), self.x.shape[axis] - self.kernel.shape[axis])

    @validate("pixel_row", "pixel_column")
    def _inside_the_image(self, proposal: Any) -> int:
        axis = ("pixel_row", "pixel_column").index(proposal.trait.name)
        return min(max(proposal.value, 0), self.x.shape[axis] - 1)

    @observe("x", "kernel")
    def _stay_inside(self, change: Any) -> None:
        for name in ("row", "column", "pixel_row", "pixel_column"):
            setattr(self, name, getattr(self, name))


def _shape_of_response(x: torch.Tensor, kernel: torch.Tensor) -> tuple[int, int]:
    return x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1


def _check_gradient(x: torch.Tensor, kernel: torch.Tensor, grad_output: torch.Tensor) -> None:
    rows, columns = _shape_of_response(x, kernel)
    if grad_output.shape != (rows, columns):
        raise BadArgument(
            f"grad_output is {size_of(grad_output)}, but the response is {rows} × {columns}: "
            f"pass one number for each number of the response."
        )
