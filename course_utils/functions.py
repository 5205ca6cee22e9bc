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


def avg_pool_2(x: torch.Tensor) -> torch.Tensor:
    """2×2 average pooling: (C, H, W) → (C, H/2, W/2)."""
    return F.avg_pool2d(x, 2)


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
