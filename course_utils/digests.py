"""A short digest of what an answer gave on an exercise's cases: the class report groups by it what nobody has named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from course_utils.values import Raised, Unplain, as_array

STEP = 0.00137  # of the largest magnitude: coarser than any order of summation, and no grid that numbers fall between
OFFSET = 0.29
LARGEST = 1_000_000  # numbers; of a larger answer the shape says enough
LENGTH = 12  # hexadecimal digits


def digest(outcomes: Iterable[Any]) -> str:
    """The digest of plain outcomes, one for each case in order; `Raised` stands for an exception. Answers that differ
    in dtype or in the order of summation alone have the same one."""
    text = "\n".join(_canonical(outcome) for outcome in outcomes)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:LENGTH]


def _canonical(value: Any) -> str:
    if isinstance(value, Raised):
        return f"raised {value.type_name}"
    if isinstance(value, Unplain):
        return f"a {value.type_name}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_canonical(said)}" for name, said in value.items()) + "}"
    array = None if isinstance(value, bool) else as_array(value)
    if array is not None and array.dtype.kind in "biuf" and (array.ndim or array.dtype.kind != "b"):
        return f"{array.shape} {_steps(array) if array.size <= LARGEST else ''}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_canonical, value)) + "]"
    return repr(value)


def _steps(array: np.ndarray) -> str:
    """Hash of an array's numbers in steps."""
    numbers = array.astype(np.float64)
    largest = np.abs(numbers[np.isfinite(numbers)]).max(initial=0)
    scale = np.floor(np.log(largest) / STEP + OFFSET) if largest else 0.0  # itself in steps, of 0.14 %
    steps = np.floor(numbers / (STEP * np.exp(scale * STEP)) + OFFSET) + 0.0
    return hashlib.sha256(np.append(steps, scale).tobytes()).hexdigest()
