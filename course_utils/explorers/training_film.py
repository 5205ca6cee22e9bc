"""The training film: scrub through gradient descent, and drag the learning rate to where it diverges."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from traitlets import Dict, Float, Int, observe, validate

from course_utils import drawing
from course_utils.errors import BadArgument
from course_utils.explorers.explorer import Explorer, front_end, styles
from course_utils.explorers.grid import Pixels, as_pixels, is_whole
from course_utils.explorers.still import Panel, PicturePanel, Still, row_of_panels
from course_utils.values import said

LARGEST_KERNEL = 9  # rows and columns
LARGEST_PICTURE = 512
MOST_STEPS = 5000
LARGEST_LOSS = 3.4e38  # which float32 can hold; the kernel, about its square root, then as well


class TrainingFilm(Explorer):
    """Scrub through plain gradient descent on the mean squared error, and drag the learning rate.

    x, target: (H, W), at most 512 × 512. A kernel (kernel_size, kernel_size), kernel_size odd and at most 9, learns
    from zeros to turn x into target, compared where a valid kernel reaches. lr: the learning rate, above 0; a tenth of
    the largest stable one where none is given. steps: how long the film is, 1 to 5,000.

    Setting `lr`, `steps`, `kernel_size` or `step`, the place in the film from 0 to `steps`, redraws, and so does
    another `x` or `target` of the same size; what is dragged in the browser is found in them. `losses` are the losses
    after 0, 1, … `steps` steps, and `kernel` is the kernel after `step` of them, both those of `torch.optim.SGD`.
    Raises BadArgument with what to pass instead.
    """

    _esm = front_end("training_film.js")
    _css = styles("explorer.css", "training_film.css")

    x = Pixels(largest=LARGEST_PICTURE, help="the picture, (H, W)").tag(sync=False)
    target = Pixels(largest=LARGEST_PICTURE, help="what the kernel should make of it, (H, W)").tag(sync=False)
    problem = Dict(read_only=True, help="all that the browser needs to know of both: see _posed").tag(sync=True)
    lr = Float(1.0).tag(sync=True)
    steps = Int(300).tag(sync=True)
    step = Int(0).tag(sync=True)

    def __init__(self, x: Any, target: Any, kernel_size: int, lr: float | None = None, steps: int = 300) -> None:
        x, target = as_pixels("x", x, largest=LARGEST_PICTURE), as_pixels("target", target, largest=LARGEST_PICTURE)
        _check_kernel_size(kernel_size, x)
        problem = _posed(x, target, int(kernel_size))
        if lr is None:
            lr = float(f"{0.2 / problem['steepest']:.2g}")
        lr = _checked_rate(lr)
        self.set_trait("problem", problem)
        super().__init__(x=x, target=target, lr=lr, steps=_checked_steps(steps))

    @property
    def kernel_size(self) -> int:
        """The kernel's side."""
        return len(self.problem["best"])

    @kernel_size.setter
    def kernel_size(self, kernel_size: int) -> None:
        _check_kernel_size(kernel_size, self.x)
        self.set_trait("problem", _posed(self.x, self.target, int(kernel_size)))

    @property
    def losses(self) -> list[float]:
        """The mean squared errors after 0, 1, … `steps` steps; `inf` where one is too large for float32."""
        return [loss for loss, _ in self._descent(self.steps)]

    @property
    def kernel(self) -> torch.Tensor:
        """The kernel after `step` steps, (kernel_size, kernel_size), float32."""
        _, reached = self._descent(self.step)[-1]
        return reached.reshape(self.kernel_size, self.kernel_size).float()

    def static(self, response: bool = False) -> Still:
        """Return picture and target as a still picture (SVG); loss and kernel at the step only when asked for."""
        size = f"{self.x.shape[0]} × {self.x.shape[1]}"
        panels: list[Panel | PicturePanel] = [
            PicturePanel(f"x  {size}", self.x, bool((self.x < 0).any())),
            PicturePanel(f"target  {size}", self.target, bool((self.target < 0).any())),
        ]
        sentence = (
            f"A kernel of {self.kernel_size} × {self.kernel_size} learns to turn x into the target. "
            f"How does the loss fall at the learning rate {drawing.format_number(self.lr)}, and at others?"
        )
        if response:
            panels.append(Panel(f"kernel after {self.step} steps", self.kernel))
            loss = drawing.format_number(self.losses[self.step])
            sentence = (
                f"At the learning rate {drawing.format_number(self.lr)}, the loss after {self.step} steps is {loss}."
            )
        title = f"Training film. {sentence}"
        text = "\n".join([title, *(panel.text for panel in panels)])
        return Still(row_of_panels(panels, sentence, title, text), text, title)

    def _descent(self, steps: int) -> list[tuple[float, torch.Tensor]]:
        """Loss and weights after 0, 1, … `steps` steps, as static/training_film.js has them."""
        gram, best = (torch.tensor(self.problem[name], dtype=torch.float64) for name in ("gram", "best"))
        best, slope_of = best.flatten(), 2 * gram / self.problem["count"]
        weights, run = torch.zeros_like(best), []
        for _ in range(steps + 1):
            slope = slope_of @ (weights - best)
            loss = self.problem["floor"] + float((weights - best) @ slope) / 2
            is_number = loss <= LARGEST_LOSS
            run.append((loss if is_number else math.inf, weights))
            if is_number:
                weights = weights - self.lr * slope
        return run

    @validate("x", "target")
    def _pose(self, proposal: Any) -> torch.Tensor:
        pictures = {"x": self.x, "target": self.target, proposal.trait.name: proposal.value}
        self.set_trait("problem", _posed(**pictures, kernel_size=self.kernel_size))
        return proposal.value

    @validate("lr")
    def _is_positive(self, proposal: Any) -> float:
        return _checked_rate(proposal.value)

    @validate("steps")
    def _is_a_length(self, proposal: Any) -> int:
        return _checked_steps(proposal.value)

    @validate("step")
    def _inside(self, proposal: Any) -> int:
        return min(max(proposal.value, 0), self.steps)

    @observe("steps")
    def _stay_inside(self, change: Any) -> None:
        self.step = min(self.step, self.steps)


def _posed(x: torch.Tensor, target: torch.Tensor, kernel_size: int) -> dict[str, Any]:
    """The least-squares problem |A·w − b|²/N, with one row in A for each of the N patches.

    gram: AᵀA; best: the kernel with the smallest loss; floor: that loss; count: N; steepest: λmax of 2AᵀA/N, how much
    the loss bends in its steepest direction. Double precision, as plain lists and numbers.
    """
    if x.shape != target.shape:
        raise BadArgument(
            f"x is {_size(x)} and target is {_size(target)}: pass a target as large as x; the rim that a valid kernel "
            "does not reach is left out by itself."
        )
    rim = kernel_size // 2
    patches = F.unfold(x.double()[None, None], kernel_size)[0].T
    wanted = target.double()[rim : x.shape[0] - rim, rim : x.shape[1] - rim].flatten()
    for name, values in {"x": patches, "target": wanted}.items():
        if not values.any():
            raise BadArgument(
                f"{name} is 0 wherever the kernel reaches, so there is nothing to learn: pass another one."
            )
    best = torch.linalg.lstsq(patches, wanted[:, None], driver="gelsd").solution[:, 0]
    gram, count = patches.T @ patches, len(patches)
    return {
        "gram": gram.tolist(),
        "best": best.reshape(kernel_size, kernel_size).tolist(),
        "floor": float(((patches @ best - wanted) ** 2).mean()),
        "count": count,
        "steepest": float(2 * torch.linalg.eigvalsh(gram)[-1] / count),
    }


def _check_kernel_size(kernel_size: Any, x: torch.Tensor) -> None:
    if not is_whole(kernel_size):
        raise BadArgument(f"kernel_size is {said(kernel_size)}: pass an odd whole number, such as 3.")
    if kernel_size % 2 == 0 or not 1 <= kernel_size <= LARGEST_KERNEL:
        raise BadArgument(f"kernel_size is {kernel_size}: pass an odd number from 1 to {LARGEST_KERNEL}.")
    if kernel_size > min(x.shape):
        raise BadArgument(
            f"The kernel is {kernel_size} × {kernel_size} and does not fit into x, which is {_size(x)}: pass a smaller "
            "kernel_size."
        )


def _checked_rate(lr: Any) -> float:
    try:
        rate = float(lr)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise BadArgument(f"lr is {said(lr)}: pass a number above 0, such as 0.1.") from None
    if not (math.isfinite(rate) and rate > 0):
        raise BadArgument(f"lr is {rate:g}: pass a finite number above 0, such as 0.1.")
    return rate


def _checked_steps(steps: Any) -> int:
    if not is_whole(steps):
        raise BadArgument(f"steps is {said(steps)}: pass a whole number from 1 to {MOST_STEPS}.")
    if not 1 <= steps <= MOST_STEPS:
        raise BadArgument(f"steps is {steps}: pass a whole number from 1 to {MOST_STEPS}.")
    return int(steps)


def _size(picture: torch.Tensor) -> str:
    return f"{picture.shape[0]} × {picture.shape[1]}"
