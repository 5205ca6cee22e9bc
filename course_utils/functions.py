"""Functions that exercises take as arguments, known by name: in stored cases, on cards, and to the hidden tests.

Every public function of this module may be an argument. Each is plain: tensors in, tensors or numbers out.
"""

from collections.abc import Callable
from types import FunctionType

import torch
import torch.nn.functional as F


def max_pool_2(x: torch.Tensor) -> torch.Tensor:
    """2×2 max-pooling: (C, H, W) → (C, H/2, W/2)."""
    return F.max_pool2d(x, 2)


def max_pool_3(x: torch.Tensor) -> torch.Tensor:
    """3×3 max-pooling: (C, H, W) → (C, H/3, W/3)."""
    return F.max_pool2d(x, 3)


def avg_pool_3(x: torch.Tensor) -> torch.Tensor:
    """3×3 average pooling: (C, H, W) → (C, H/3, W/3)."""
    return F.avg_pool2d(x, 3)


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
