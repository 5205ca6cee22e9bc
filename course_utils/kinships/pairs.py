"""One case of an exercise: what is expected and what came back, read as numbers and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.values import Raised, Sealed, Unplain, as_array, difference

LARGEST = 2**20  # elements of one answer: larger ones are not looked at
LARGEST_LIST = 64 * 64  # entries of a list, which takes far longer to read than a tensor
SAMPLE = 256  # elements of an array above 64×64 that are compared before all are


@dataclass(frozen=True, eq=False)
class Pair:
    """One case: both values, whether the answer is right, and both as float64 arrays where they are numbers."""

    expected: Any
    actual: Any
    right: bool
    want: np.ndarray | None
    got: np.ndarray | None

    @property
    def kind(self) -> str:
        if isinstance(self.expected, (torch.Tensor, np.ndarray)):
            return "tensor"
        return "sequence" if isinstance(self.expected, (list, tuple)) else "number"


def read_pair(expected: Any, actual: Any, tolerance: float | None) -> Pair:
    """What is expected and what came, each also as numbers where it is made of them."""
    if any(isinstance(value, (Raised, Unplain)) for value in (expected, actual)):
        right = type(expected) is type(actual) and expected == actual
        return Pair(expected, actual, right, None, None)
    return Pair(expected, actual, equal_values(expected, actual, tolerance), numbers_of(expected), numbers_of(actual))


def numbers_of(value: Any) -> np.ndarray | None:
    """The value as a float64 array where it is made of real numbers that are few enough to look at."""
    if isinstance(value, bool) or count_entries(value) > LARGEST_LIST:
        return None
    array = np.empty(0) if isinstance(value, (list, tuple)) and not value else array_of(value)
    if array is None or array.dtype.kind not in "iuf" or array.size > LARGEST:
        return None
    return array.astype(np.float64)


def array_of(value: Any) -> np.ndarray | None:
    """The value as NumPy holds it; None where NumPy has no such dtype."""
    try:
        return as_array(value.resolve_conj().resolve_neg() if isinstance(value, torch.Tensor) else value)
    except (RuntimeError, TypeError, ValueError, OverflowError):  # dtypes that NumPy does not know
        return None


def count_entries(value: Any) -> int:
    """How many entries nested lists hold, counted no further than is too many."""
    if not isinstance(value, (list, tuple)):
        return 0
    count = len(value)
    for item in value[:LARGEST_LIST]:
        count += count_entries(item)
        if count > LARGEST_LIST:
            break
    return count


def wrong_arrays(pairs: Sequence[Pair]) -> list[tuple[np.ndarray, np.ndarray]]:
    """What is expected and what came, in the cases that are wrong and made of numbers."""
    return [(p.want, p.got) for p in pairs if not p.right and p.want is not None and p.got is not None]


def same_numbers(want: np.ndarray, got: np.ndarray) -> bool:
    """Whether two arrays agree as `difference` sees it. A coarse look, at a sample of large ones, settles most."""
    if want.shape != got.shape:
        return False
    if want.size == 0:
        return True
    one, two = want, got
    if want.size > LARGEST_LIST:
        at = np.unravel_index(np.linspace(0, want.size - 1, SAMPLE).astype(int), want.shape)
        one, two = want[at], got[at]
    if (np.abs(one - two) > 1e-4 * max(1.0, np.abs(got).max())).any():
        return False
    return difference(torch.from_numpy(np.array(want, order="C")), got) is None


def bits_in(numbers: np.ndarray) -> float:
    """How unlikely it is to meet these numbers by chance: little for small integers, 8 for a fraction."""
    return float(bits_of_each(numbers).sum())


def bits_of_each(numbers: np.ndarray) -> np.ndarray:
    return np.where(numbers == np.rint(numbers), np.minimum(np.log2(2 + np.abs(numbers)), 8), 8)


def differing(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Where two arrays of one shape differ by more than rounding."""
    return np.abs(first - second) > 1e-5 * max(1e-12, np.abs(first).max(initial=0), np.abs(second).max(initial=0))


def is_varied(numbers: np.ndarray) -> bool:
    """Whether an array holds at least two different numbers."""
    return numbers.size > 1 and bool(differing(numbers, np.full_like(numbers, numbers.flat[0])).any())


def equal_values(expected: Any, actual: Any, tolerance: float | None = None) -> bool:
    """Whether `difference` finds none; also for values that no answer is compared with: False where they cannot be."""
    if any(isinstance(value, (Raised, Unplain, Sealed, dict)) for value in (expected, actual)):
        return False
    try:
        return difference(_as_expected(expected), actual, tolerance) is None
    except (RuntimeError, TypeError, ValueError, OverflowError, AttributeError, MemoryError):
        return False


def _as_expected(value: Any) -> Any:
    """A learner's array in the form in which expected values come."""
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "iuf":
        return torch.from_numpy(np.ascontiguousarray(value.astype(np.float64)))
    return value.item() if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 else value


def value_bits(value: Any) -> float:
    """The bits of a value that may be no array: one where it is not made of numbers."""
    numbers = numbers_of(value)
    return 1.0 if numbers is None else bits_in(numbers)
