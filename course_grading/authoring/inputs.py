"""Inputs that lessons share: generators that take a NumPy random generator, so that a seed gives them again."""

from collections.abc import Iterator
from typing import Any

import torch
from numpy.random import Generator

Shape = tuple[int, int]


def whole(rng: Generator, *shape: int, low: int = 0, high: int = 10) -> torch.Tensor:
    """A tensor of small integers from `low` up to, but not including, `high`, as floats."""
    return torch.tensor(rng.integers(low, high, size=shape), dtype=torch.float32)


def drawn_image(rng: Generator, height: int, width: int) -> torch.Tensor:
    """An image of small integers; every other one is a transposed view, which is not contiguous."""
    return whole(rng, height, width) if rng.random() < 0.5 else whole(rng, width, height).t()


def drawn_kernel(rng: Generator, height: int, width: int) -> torch.Tensor:
    """A kernel of small integers whose corners differ, so that turning it always shows."""
    kernel = whole(rng, height, width, low=-3, high=4)
    kernel[0, 0], kernel[-1, -1] = 4, -4
    if min(height, width) > 1:
        kernel[0, -1] = 5
    return kernel


def image_sizes(rng: Generator) -> Iterator[tuple[Shape, Shape]]:
    """Sizes that catch every habit: image wider and taller, kernel odd, even, not square, as large as the image."""
    more = lambda: int(rng.integers(1, 4))  # noqa: E731
    yield from [((4 + more(), 5 + more()), (3, 3)), ((7 + more(), 4 + more()), (3, 3))]
    yield from [
        ((5, 4 + more()), (2, 2)),
        ((4 + more(), 6), (2, 4)),
        ((6, 3 + more()), (3, 1)),
        ((4, 6 + more()), (1, 3)),
    ]
    yield from [((8, 5), (4, 3)), ((5, 7), (5, 7)), ((3, 3), (1, 1))]


def images_and_kernels(rng: Generator) -> Iterator[dict[str, Any]]:
    """An image and a kernel that fits on it, of small whole numbers, of fractions, and of large and negative ones."""
    for (height, width), (rows, columns) in image_sizes(rng):
        yield {"x": drawn_image(rng, height, width), "kernel": drawn_kernel(rng, rows, columns)}
    fractions = torch.tensor(rng.random((5, 6)), dtype=torch.float32)
    yield {"x": fractions, "kernel": drawn_kernel(rng, 3, 2) / 8 + 0.05}
    yield {"x": whole(rng, 6, 5), "kernel": drawn_kernel(rng, 3, 3) / 4 + 0.1}
    yield {"x": whole(rng, 5, 6, low=-255, high=256), "kernel": drawn_kernel(rng, 2, 3)}
