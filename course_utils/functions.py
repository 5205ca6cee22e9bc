"""Functions that exercises take as arguments, known by name: in stored cases, on cards, and to the hidden tests.

Every public function of this module may be an argument. Each is plain: tensors in, tensors or numbers out.
"""

from collections.abc import Callable
from types import FunctionType

import torch
import torch.nn.functional as F

from course_utils.digits import load_digits

_LEFT_TO_RIGHT = torch.tensor([[[[-1.0, 0, 1]] * 3]])
_UNEVEN = torch.tensor([[[[1.0, -2, 3], [2, 5, -1], [-1, 2, 4]]]])
_MIXED = torch.tensor([[[[3.0, 1, -2], [-4, 7, 1], [1, -3, 9]]]])


def max_pool_2(x: torch.Tensor) -> torch.Tensor:
    """2×2 max-pooling: (C, H, W) → (C, H/2, W/2)."""
    return F.max_pool2d(x, 2)


def max_pool_3(x: torch.Tensor) -> torch.Tensor:
    """3×3 max-pooling: (C, H, W) → (C, H/3, W/3)."""
    return F.max_pool2d(x, 3)


def avg_pool_3(x: torch.Tensor) -> torch.Tensor:
    """3×3 average pooling: (C, H, W) → (C, H/3, W/3)."""
    return F.avg_pool2d(x, 3)


def mean_of_3x3(x: torch.Tensor) -> torch.Tensor:
    """The mean of 3×3 pixels around each, with zeros beyond the edge: (C, H, W) → (C, H, W)."""
    return F.avg_pool2d(x, 3, 1, 1)


def subsample_2(x: torch.Tensor) -> torch.Tensor:
    """Every second row and column: (C, H, W) → (C, ⌈H/2⌉, ⌈W/2⌉)."""
    return x[:, ::2, ::2]


def blurred_pool_2(x: torch.Tensor) -> torch.Tensor:
    """Max over 2×2, then [1, 2, 1] blur, then every second: (C, H, W) → (C, ⌊H/2⌋ − 1, ⌊W/2⌋ − 1)."""
    taps = torch.tensor([1.0, 2, 1], dtype=x.dtype) / 4
    return F.conv2d(F.max_pool2d(x, 2, 1)[:, None], torch.outer(taps, taps)[None, None], stride=2)[:, 0]


def weighted_cubes(w: torch.Tensor) -> torch.Tensor:
    """The cubes of all entries, added up: the first once, the second twice, and so on. A 0-d tensor."""
    return (torch.arange(1, w.numel() + 1) * w.reshape(-1) ** 3).sum()


def products_of_neighbours(w: torch.Tensor) -> torch.Tensor:
    """Each entry times the next one, row by row, added up. A 0-d tensor."""
    flat = w.reshape(-1)
    return (flat[:-1] * flat[1:]).sum()


def column_sums_squared(w: torch.Tensor) -> torch.Tensor:
    """The squares of the sums of the columns of w, (rows, columns), added up: the first once, the second twice, …"""
    sums = w.sum(0)
    return (torch.arange(1, len(sums) + 1) * sums**2).sum()


def edges(x: torch.Tensor) -> torch.Tensor:
    """Rectified responses of each channel to a left-to-right edge kernel, valid: (C, H, W) → (C, H-2, W-2)."""
    return F.relu(F.conv2d(x[:, None], _LEFT_TO_RIGHT))[:, 0]


def edges_with_border(x: torch.Tensor) -> torch.Tensor:
    """The same with one pixel of zeros around the picture: (C, H, W) → (C, H, W)."""
    return F.relu(F.conv2d(x[:, None], _LEFT_TO_RIGHT, padding=1))[:, 0]


def edges_at_stride_2(x: torch.Tensor) -> torch.Tensor:
    """The same at every second place, each response repeated 2×2: (C, H, W) → (C, H, W), H and W even."""
    responses = F.relu(F.conv2d(x[:, None], _LEFT_TO_RIGHT, stride=2, padding=1))[:, 0]
    return responses.repeat_interleave(2, 1).repeat_interleave(2, 2)


def times_column(x: torch.Tensor) -> torch.Tensor:
    """Each pixel times the number of its column, so that places are not alike: (C, H, W) → (C, H, W)."""
    return x * torch.arange(x.shape[2])


def inner_times_column(x: torch.Tensor) -> torch.Tensor:
    """The same without the outermost rows and columns: (C, H, W) → (C, H-2, W-2)."""
    return times_column(x[:, 1:-1, 1:-1])


def without_row_means(x: torch.Tensor) -> torch.Tensor:
    """Each row less its own mean: (C, H, W) → (C, H, W)."""
    return x - x.mean(2, keepdim=True)


def layers_3_3(x: torch.Tensor) -> torch.Tensor:
    """Two layers of 3×3 kernels: (1, H, W) → (1, H-4, W-4)."""
    return F.conv2d(F.conv2d(x, _UNEVEN), _MIXED)


def faint_layers_3_3(x: torch.Tensor) -> torch.Tensor:
    """The same with all weights a hundred times smaller: (1, H, W) → (1, H-4, W-4)."""
    return layers_3_3(x) / 10_000


def layers_3_stride_2_then_3(x: torch.Tensor) -> torch.Tensor:
    """A layer of 3×3 kernels with stride 2, then one of 3×3: (1, H, W) → (1, H', W')."""
    return F.conv2d(F.conv2d(x, _UNEVEN, stride=2), _MIXED)


def layers_1_stride_2_then_3(x: torch.Tensor) -> torch.Tensor:
    """Every second pixel, then a layer of 3×3 kernels: (1, H, W) → (1, H', W')."""
    return F.conv2d(x[:, ::2, ::2], _MIXED)


def share_named_rightly(labels: torch.Tensor, images: torch.Tensor) -> float:
    """The share of labels that are those of these digits, (N, 8, 8), each known by the stored digit that is nearest."""
    parts = [load_digits("train"), load_digits("test")]
    stored, names = (torch.cat([part[each] for part in parts]) for each in (0, 1))
    nearest = torch.cdist(images.flatten(1), stored.flatten(1)).argmin(1)
    return float((torch.as_tensor(labels) == names[nearest]).float().mean())


_NAMED = {
    name: value
    for name, value in list(globals().items())
    if isinstance(value, FunctionType) and value.__module__ == __name__ and not name.startswith("_")
}


def named(name: str) -> Callable:
    """The function of this name. Raises KeyError where there is none."""
    return _NAMED[name]


def name_of(function: object) -> str | None:
    """The name of one of the functions above; None for any other object."""
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) and _NAMED.get(name) is function else None
