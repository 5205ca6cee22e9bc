"""The kernel bench: change a kernel and see at once what it answers."""

from typing import Any

import torch
import torch.nn.functional as F
from traitlets import validate

from course_utils.errors import BadArgument
from course_utils.explorers.explorer import Explorer, front_end, styles
from course_utils.explorers.grid import Grid, Pixels, as_grid, as_pixels
from course_utils.explorers.still import Panel, PicturePanel, Still, row_of_panels

LARGEST_KERNEL = 9  # rows and columns


class KernelBench(Explorer):
    """Change a kernel's weights and see its response to a picture, to flat areas and to ramps.

    picture: (H, W), at most 256 × 256. kernel: (kH, kW), at most 9 × 9 and as large as the picture; the 3 × 3 identity
    where none is given. target: what to match, a kernel whose weights stay hidden, or the response that it gave,
    (H − kH + 1, W − kW + 1); the difference is shown, and the kernel keeps the size that the target asks for.

    `picture`, `kernel`, `response` and `wanted` (the response to match, or None) are float32 tensors. Setting `kernel`
    or `picture` redraws; what is typed or dragged in the browser is found in `kernel`. Raises BadArgument with
    what to pass instead.
    """

    _esm = front_end("kernel_bench.js")
    _css = styles("explorer.css", "kernel_bench.css")

    picture = Pixels(help="the picture, (H, W)")
    kernel = Grid(largest=LARGEST_KERNEL, help="the kernel, (kH, kW)")
    wanted = Pixels(
        allow_none=True, default_value=None, help="the response to match, (H − kH + 1, W − kW + 1), or None"
    )

    def __init__(self, picture: Any, kernel: Any = None, target: Any = None) -> None:
        picture = as_pixels("picture", picture)
        wanted = None if target is None else _wanted(picture, target)
        if kernel is not None:
            kernel = as_grid("kernel", kernel, LARGEST_KERNEL)
        elif wanted is None:
            kernel = _identity(min(3, picture.shape[0]), min(3, picture.shape[1]))
        else:
            kernel = torch.zeros(picture.shape[0] - wanted.shape[0] + 1, picture.shape[1] - wanted.shape[1] + 1)
        _check_fits(picture, kernel, wanted)
        super().__init__(picture=picture, kernel=kernel, wanted=wanted)

    @property
    def response(self) -> torch.Tensor:
        """The kernel's response to the picture, (H − kH + 1, W − kW + 1): cross-correlation without padding."""
        return _correlate(self.picture, self.kernel)

    def static(self, response: bool = False) -> Still:
        """Return picture and kernel as a still picture (SVG) with text beside it; the response only when asked for."""
        panels: list[Panel | PicturePanel] = [
            PicturePanel(f"picture  {_size(self.picture)}", self.picture),
            Panel(f"kernel  {_size(self.kernel)}", self.kernel),
        ]
        sentence = "Change a weight: what will the picture's response be?"
        if response:
            panels.append(PicturePanel(f"response  {_size(self.response)}", self.response, signed=True))
            sentence = "The kernel's response to the picture."
        title = f"Kernel bench. {sentence}"
        text = "\n".join([title, *(panel.text for panel in panels)])
        return Still(row_of_panels(panels, sentence, title, text), text, title)

    @validate("picture", "kernel", "wanted")
    def _fits(self, proposal: Any) -> torch.Tensor | None:
        held = {"picture": self.picture, "kernel": self.kernel, "wanted": self.wanted}
        _check_fits(**(held | {proposal.trait.name: proposal.value}))
        return proposal.value


def _correlate(picture: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    # Summed in double precision, as the browser does.
    return F.conv2d(picture.double()[None, None], kernel.double()[None, None])[0, 0].float()


def _identity(rows: int, columns: int) -> torch.Tensor:
    kernel = torch.zeros(rows, columns)
    kernel[(rows - 1) // 2, (columns - 1) // 2] = 1
    return kernel


def _wanted(picture: torch.Tensor, target: Any) -> torch.Tensor:
    """The response to match, made of a kernel or given as it is."""
    target = as_pixels("target", target)
    if max(target.shape) > LARGEST_KERNEL:
        if any(not 1 <= p - t + 1 <= LARGEST_KERNEL for p, t in zip(picture.shape, target.shape, strict=True)):
            raise BadArgument(
                f"target is {_size(target)}, which no kernel up to {LARGEST_KERNEL} × {LARGEST_KERNEL} makes of a "
                f"picture of {_size(picture)}: pass a kernel, or the response that it gave."
            )
        return target
    _check_fits(picture, target, None)
    return _correlate(picture, target)


def _check_fits(picture: torch.Tensor, kernel: torch.Tensor, wanted: torch.Tensor | None) -> None:
    if kernel.shape[0] > picture.shape[0] or kernel.shape[1] > picture.shape[1]:
        raise BadArgument(
            f"The kernel is {_size(kernel)} and does not fit into the picture, which is {_size(picture)}: "
            "pass a smaller kernel."
        )
    if wanted is None:
        return
    rows, columns = (p - k + 1 for p, k in zip(picture.shape, kernel.shape, strict=True))
    if wanted.shape != (rows, columns):
        raise BadArgument(
            f"A kernel of {_size(kernel)} gives a response of {rows} × {columns} to this picture, but the one to match "
            f"is {_size(wanted)}: pass a kernel as large as the target's."
        )


def _size(grid: torch.Tensor) -> str:
    return f"{grid.shape[0]} × {grid.shape[1]}"
