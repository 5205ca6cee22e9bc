"""Plain values: what answers are made of, and how they compare.

A plain value is None, a bool, number or string, a tensor or array of numbers, or a list, tuple or dict of plain values.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import torch

SEQUENCES = {"A tensor", "A tuple", "A list"}
_UNPLAIN_IN_WORDS = {
    "function": "a function (was it called, with parentheses?)",
    "builtin_function_or_method": "a function (was it called, with parentheses?)",
    "method": "a method (was it called, with parentheses?)",
    "type": "a class (was it called, with parentheses?)",
    "slice": "a slice, a rule for cutting (was the tensor cut with it?)",
    "range": "a range (a recipe for numbers: does list(…) help?)",
    "generator": "a generator (a recipe for values: does list(…) help?)",
    "zip": "a zip (a recipe for values: does list(…) help?)",
    "map": "a map (a recipe for values: does list(…) help?)",
    "set": "a set, which has no order",
    "ellipsis": "the placeholder …",
    "max": "the pair that max gives along an axis: the largest values, and their places (which is meant?)",
    "min": "the pair that min gives along an axis: the smallest values, and their places (which is meant?)",
    "ReLU": "a layer ReLU (a layer is made first, nn.ReLU(), and called then)",
    "deeply nested list": "lists nested very deeply",
    "large int": "a whole number too large to show",
}
LARGEST_BITS = 4096  # of a whole number; Python writes none of more than 4,300 digits
DEEPEST = 8  # lists inside lists: deeper ones are no answer to anything


@dataclass(frozen=True)
class Unplain:
    """Stands for a result that is no plain value, so that a check can name what it was."""

    type_name: str

    def __repr__(self) -> str:
        return f"<{self.type_name}>"  # in a list that a card shows


@dataclass(frozen=True)
class Raised:
    """Stands for the outcome of a call that raised an exception of this type."""

    type_name: str


@dataclass(frozen=True)
class Sealed:
    """Stands for an answer that is not shown: enough to recognise it, not enough to read it.

    A float tensor is sealed in steps: its numbers divided by `step`, moved by `offset`, and rounded.
    """

    kind: str  # in words: "A number", "A tuple"
    digest: str
    step: float = 0.0
    offset: float = 0.0
    shape: tuple[int, ...] | None = None
    entries: str = ""  # of a list whose entries are of one kind: "strings", "truth values" or "numbers"


@dataclass(frozen=True)
class Sketch:
    """Stands for a large tensor that is only to be recognised: its shape, and its numbers at some places."""

    shape: tuple[int, ...]
    values: torch.Tensor

    @classmethod
    def of(cls, tensor: torch.Tensor) -> Sketch:
        return cls(tuple(tensor.shape), tensor.reshape(-1)[_sketched(tensor.numel())].clone())


@dataclass(frozen=True)
class File:
    """An argument that is a file: the answer gets the path of one with these contents."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Difference:
    """Where two values part: the kind of problem, one sentence, and the first differing index where there is one."""

    problem: str  # "kind", "shape", "dtype", "integers", "value" or "raised"
    message: str
    index: tuple[int, ...] = ()


def plain(value: Any, depth: int = 0) -> Any:
    """The value with subclasses, gradients and devices taken off; `Unplain` for what cannot be compared."""
    if value is None or type(value) in (bool, float, complex, str, Unplain):  # the last from the student's side
        return value
    if type(value) is int:
        return value if value.bit_length() <= LARGEST_BITS else Unplain("large int")
    if isinstance(value, torch.Tensor):
        return _plain_tensor(value)
    if isinstance(value, np.str_):
        return str.__str__(value)
    if isinstance(value, np.generic):
        return value if value.dtype.kind in "biufc" else Unplain(type(value).__name__)
    if isinstance(value, np.ndarray):
        array = np.ndarray.view(value, np.ndarray)
        if array.dtype.kind == "U":
            return array.tolist()
        return array if array.dtype.kind in "biufc" else Unplain(f"NumPy array of {array.dtype}")
    if depth > DEEPEST:
        return Unplain("deeply nested list")
    if type(value).__module__ == "torch.return_types" and type(value).__name__ in _UNPLAIN_IN_WORDS:
        return Unplain(type(value).__name__)
    if isinstance(value, dict):
        return {plain(key, depth + 1): plain(item, depth + 1) for key, item in dict.items(value)}
    if isinstance(value, (list, tuple)):
        items = [plain(item, depth + 1) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, int):  # a subclass may answer for itself
        return plain(int.__int__(value))
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if type(value) in (Fraction, Decimal):  # a subclass may answer for itself
        return _as_float(value)
    return Unplain(type(value).__name__)


def _plain_tensor(value: torch.Tensor) -> torch.Tensor | Unplain:
    try:
        with torch._C.DisableTorchFunctionSubclass():  # a subclass may answer for itself
            tensor = value.detach().cpu()
            tensor = tensor if tensor.layout == torch.strided else tensor.to_dense()
            tensor = tensor.as_subclass(torch.Tensor).resolve_conj().resolve_neg()  # else NumPy refuses it
            as_array(tensor)
            return tensor
    except (TypeError, RuntimeError, NotImplementedError):  # of 8 bits, quantised, without numbers
        return Unplain(f"tensor of {str(value.dtype).removeprefix('torch.')}")


def _as_float(value: Fraction | Decimal) -> float | Unplain:
    try:
        return float(value)
    except (OverflowError, ValueError):  # too large, or Decimal("sNaN")
        return Unplain(type(value).__name__)


def said(value: Any) -> str:
    """A value as a sentence quotes it: as Python writes it where that is short, else its kind."""
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else describe(value)


def describe(value: Any) -> str:
    """The kind of a value in words, as a sentence needs it: 'a tensor of shape (4, 4)'."""
    if isinstance(value, torch.Tensor):
        kind = "" if value.is_floating_point() else f" of {str(value.dtype).removeprefix('torch.')}"
        return f"a number (a 0-d tensor{kind})" if value.ndim == 0 else f"a tensor{kind} of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}"
    if isinstance(value, (bool, np.bool_)):
        return f"the truth value {bool(value)}"
    if isinstance(value, (int, float, complex, np.generic)):
        return f"the number {value}"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (list, tuple)):
        array = as_array(value)
        if array is not None and array.ndim > 1:
            return f"nested lists of shape {array.shape}"
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return "a dict"
    if isinstance(value, Unplain):
        return _UNPLAIN_IN_WORDS.get(value.type_name, f"something of the type {value.type_name}")
    if isinstance(value, Raised):
        return f"a {value.type_name}"
    return repr(value)


def seal(value: Any, tolerance: float | None = None) -> Sealed:
    """Seal a value that must not be read: a truth value, string or number, or a sequence or tensor of them, exactly;
    or, with a tolerance relative to its largest magnitude, a tensor or number of floats.

    Raises ValueError where no grid of steps keeps clear of all the numbers.
    """
    if tolerance is None:
        digest = hashlib.sha256(_canonical(value).encode()).hexdigest()
        if _kind(value) not in SEQUENCES:
            return Sealed(_kind(value), digest)
        return Sealed(_kind(value), digest, shape=_form(value), entries=_entries(value))
    array = as_array(value)
    if array is None or not np.isfinite(array).all():
        raise ValueError("Only finite numbers and tensors of them are sealed with a tolerance.")
    step = 4 * tolerance * float(np.abs(array).max(initial=0) or 1)
    for offset in np.linspace(0, 0.95, 20):  # a number within tolerance of a right one must round as that does
        steps = array.astype(np.float64) / step + offset
        if (np.abs(steps - np.rint(steps)) <= 0.25).all():
            return _sealed_in_steps(value, step, float(offset))
    raise ValueError("This tensor cannot be sealed with its tolerance: show it, or judge it by facts.")


def _sealed_in_steps(value: Any, step: float, offset: float) -> Sealed:
    array = as_array(value)
    if array is None or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return Sealed(_kind(value), "", step, offset)
    steps = np.rint(array.astype(np.float64) / step + offset) + 0.0
    digest = hashlib.sha256(f"{array.shape}{steps.ravel().tolist()}".encode()).hexdigest()
    return Sealed(_kind(value), digest, step, offset, array.shape)


def difference(expected: Any, actual: Any, tolerance: float | None = None) -> Difference | None:
    """The first difference between an expected plain value and an answer, or None where the answer is right.

    Any float or integer dtype is accepted, but where bytes are expected, only bytes; NumPy arrays and nested lists
    stand for tensors, lists for tuples, and 0-d tensors for numbers. Floats may differ by `tolerance` of the largest
    expected magnitude; by default as much as another order of summation makes them differ, and whole numbers not at
    all.
    """
    if type(expected) in (int, bool, str) and type(actual) is type(expected) and expected == actual:
        return None  # where most comparisons end
    if isinstance(expected, Sealed):
        return _sealed_difference(expected, actual)
    if isinstance(expected, Sketch):
        return _sketch_difference(expected, actual, tolerance)
    if isinstance(expected, Raised):
        return Difference("raised", f"A {expected.type_name} is expected here; yours is {describe(actual)}.")
    if isinstance(expected, torch.Tensor):
        return _tensor_difference(expected, actual, tolerance)
    if isinstance(expected, (list, tuple)):
        return _sequence_difference(expected, actual, tolerance)
    if isinstance(expected, dict):
        raise TypeError("An expected answer cannot be a dict.")
    return _scalar_difference(expected, actual, tolerance)


def _sealed_difference(expected: Sealed, actual: Any) -> Difference | None:
    if isinstance(actual, Sealed):
        given = actual
    else:
        given = _sealed_in_steps(actual, expected.step, expected.offset) if expected.step else seal(actual)
    if given.digest == expected.digest:
        return None
    if given.kind != expected.kind and not {given.kind, expected.kind} <= SEQUENCES:
        return Difference("kind", f"{expected.kind} is expected; yours is {describe(actual)}.")
    if expected.shape is not None and given.shape is not None and given.shape != expected.shape:
        if expected.step:
            return Difference("shape", f"Yours has the shape {given.shape}; another is expected.")
        if given.shape and expected.shape and given.shape[1:] == expected.shape[1:]:
            entries = "1 entry" if given.shape[0] == 1 else f"{given.shape[0]} entries"
            return Difference("shape", f"Yours has {entries}; another number of them is expected.")
        inside = {1: "plain numbers or words", 2: "lists, each with its own entries"}.get(len(expected.shape), "lists")
        return Difference("shape", f"{expected.kind} of {inside} is expected; yours is {describe(actual)}.")
    if expected.shape is not None and given.shape is None:
        if expected.shape == ():
            return Difference("kind", f"A finite number is expected; yours is {describe(actual)}.")
        return Difference("kind", "Numbers are expected, a finite one at each place; yours holds something else.")
    if expected.entries and given.entries != expected.entries:
        got = given.entries or "of several kinds"
        return Difference("kind", f"Its entries are to be {_ENTRIES[expected.entries]}; yours are {got}.")
    if expected.entries == "strings" and seal(_in_small_letters(actual)).digest == expected.digest:
        return Difference("kind", "The words and their order are right: write them in small letters, without spaces.")
    return Difference("value", "Another answer is expected.")


_ENTRIES = {"strings": "strings, in quotes", "truth values": "truth values, True or False", "numbers": "numbers"}


def _entries(value: Any) -> str:
    """The one kind of what is in a value, however deep; "" where there are several or none."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        return {"A string": "strings", "True or False": "truth values", "A number": "numbers"}.get(_kind(value), "")
    kinds = {_entries(item) for item in value}
    return kinds.pop() if len(kinds) == 1 else ""


def _form(value: Any) -> tuple[int, ...]:
    """How many entries a value has, and each of them, so far as all have as many."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return tuple(value.shape)
    if not isinstance(value, (list, tuple)):
        return ()
    inside = {_form(item) for item in value}
    return (len(value), *(inside.pop() if len(inside) == 1 else ()))


def _in_small_letters(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_in_small_letters(item) for item in value]
    return value.strip().lower() if isinstance(value, str) else value


def _sketched(count: int) -> torch.Tensor:
    return torch.linspace(0, count - 1, min(count, 128)).long()


def _sketch_difference(expected: Sketch, actual: Any, tolerance: float | None) -> Difference | None:
    array = as_array(actual)
    if array is None or array.shape != expected.shape or array.dtype.kind not in "biuf":
        return Difference("shape", "It is of another shape.")
    numbers = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64)).reshape(-1)
    return _tensor_difference(expected.values, numbers[_sketched(numbers.numel())], tolerance)


def _kind(value: Any) -> str:
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim > 0:
        return "A tensor"
    if isinstance(value, (list, tuple)):
        return f"A {type(value).__name__}"
    canonical = _canonical(value)
    if canonical in ("true", "false"):
        return "True or False"
    return {'"': "A string", "?": "Something else"}.get(canonical[0], "A number")


def _canonical(value: Any) -> str:
    """A text that is the same for all accepted forms of one exact value: 3, 3.0 and tensor(3); (3, 2) and [3, 2]."""
    if isinstance(value, (torch.Tensor, np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return f"[{','.join(_canonical(item) for item in value)}]"
    if isinstance(value, (bool, str)):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return f"{int(value):x}" if value == value // 1 else repr(value)  # decimals of a huge integer have a limit
    return f"?{value!r}"


def is_close(expected: Any, actual: Any, tolerance: float | None = None) -> bool:
    """Whether an answer has the expected numbers, be their dtype what it may: `difference`, without its words."""
    if isinstance(expected, torch.Tensor):
        array = _numbers_for(expected, actual)
        if array is None or array.shape != tuple(expected.shape):
            return False
        return bool(_close(_wanted(expected), array, _coarse(actual), tolerance).all())
    found = difference(expected, actual, tolerance)
    return found is None or found.problem == "dtype"


def _numbers_for(expected: torch.Tensor, actual: Any) -> np.ndarray | None:
    """An answer as an array that can be compared with a tensor."""
    array = as_array(actual)
    if array is not None and array.dtype.kind == "b" and expected.dtype == torch.bool:
        array = array.astype(np.uint8)  # a mask
    return array if array is not None and array.dtype.kind in "iuf" else None


def _wanted(expected: torch.Tensor) -> np.ndarray:
    array = as_array(expected)
    assert array is not None
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _tensor_difference(expected: torch.Tensor, actual: Any, tolerance: float | None) -> Difference | None:
    array = _numbers_for(expected, actual)
    if array is None:
        return Difference("kind", f"{_wanted_kind(expected, actual)} is expected; yours is {describe(actual)}.")
    if array.shape != tuple(expected.shape):
        wanted = tuple(expected.shape) if expected.ndim else "a number by itself"
        return Difference("shape", f"The shape is {array.shape}; {wanted} is expected.")
    want = _wanted(expected)
    wrong = ~_close(want, array, _coarse(actual), tolerance)
    if not wrong.any():
        if expected.dtype == torch.uint8 and array.dtype != np.uint8:  # who asks for bytes asks for their dtype
            return Difference("dtype", f"The numbers are right, but their dtype is {array.dtype}; uint8 is expected.")
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    if array.dtype.kind in "iu" and any((f(want) == array).all() for f in (np.trunc, np.floor, np.rint)):
        cut = f"{number_text(want[index])} became {number_text(array[index])}"
        return Difference("integers", f"The fractions are gone: {cut}.", index)
    if expected.dtype == torch.bool and np.isin(array, (0, 1)).all():
        return Difference("value", f"{bool(want[index])} is expected; yours is {bool(array[index])}.", index)
    return Difference("value", _expected_but(want[index], array[index]), index)


def _wanted_kind(expected: torch.Tensor, actual: Any) -> str:
    if not expected.ndim:
        return "A number"
    truths = isinstance(actual, torch.Tensor) and actual.dtype == torch.bool
    return f"A tensor{' of numbers' if truths else ''} of shape {tuple(expected.shape)}"


def _sequence_difference(expected: list | tuple, actual: Any, tolerance: float | None) -> Difference | None:
    kind = type(expected).__name__
    if isinstance(actual, (torch.Tensor, np.ndarray)) and actual.ndim > 0:
        if actual.ndim > 1 and expected and not any(isinstance(want, (list, tuple, torch.Tensor)) for want in expected):
            return Difference("kind", f"A {kind} of {len(expected)} is expected; yours is {describe(actual)}.")
        actual = actual.tolist()
    if not isinstance(actual, (list, tuple)):
        return Difference("kind", f"A {kind} is expected; yours is {describe(actual)}.")
    for i, (want, got) in enumerate(zip(expected, actual, strict=False)):
        found = difference(want, got, tolerance)
        if found and isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)):
            return Difference("value", f"{tuple(want)} is expected; yours is {tuple(got)}.", (i,))
        if found:
            return Difference(found.problem, found.message, (i,))
    if len(expected) != len(actual):
        return Difference("shape", f"{len(expected)} entries are expected; yours has {len(actual)}.")
    return None


def _scalar_difference(expected: Any, actual: Any, tolerance: float | None) -> Difference | None:
    coarse = _coarse(actual)
    if isinstance(actual, (torch.Tensor, np.ndarray, np.generic)) and actual.ndim == 0:
        actual = actual.item()
    if isinstance(expected, bool):
        alike = isinstance(actual, bool)
    elif isinstance(expected, (int, float)):
        alike = isinstance(actual, (int, float)) and not isinstance(actual, bool)
        if alike and abs(actual) > 1e300:
            actual = float("inf") if actual > 0 else float("-inf")
    else:
        alike = type(actual) is type(expected)
    if not alike:
        kinds = {bool: "True or False", int: "A number", float: "A number", str: "A string"}
        return Difference(
            "kind", f"{kinds.get(type(expected), repr(expected))} is expected; yours is {describe(actual)}."
        )
    if isinstance(expected, (bool, str)):
        right = expected == actual
    elif isinstance(expected, int) and tolerance is None:
        right = expected == actual  # counts are exact
    else:
        right = bool(
            _close(np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64), coarse, tolerance)
        )
        if not right and isinstance(actual, int) and actual in (int(expected), round(expected)):
            return Difference("integers", f"The fraction is gone: {number_text(expected)} became {actual}.")
    return None if right else Difference("value", _expected_but(expected, actual))


def _coarse(value: Any) -> float:
    """Half a unit in the last place, relative, of a dtype coarser than float32: what rounding to it alone may cost."""
    if isinstance(value, torch.Tensor) and value.dtype in (torch.float16, torch.bfloat16):
        return torch.finfo(value.dtype).eps / 2
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype == np.float16:
        return float(np.finfo(np.float16).eps) / 2
    return 0.0


def _close(want: np.ndarray, got: np.ndarray, coarse: float, tolerance: float | None) -> np.ndarray:
    """Elementwise: near enough for another order of summation; all but exact where the expected values are integers."""
    got = got.astype(np.float64)
    exact = want == got
    if exact.all():
        return exact
    finite = np.isfinite(want)
    known = want if finite.all() else want[finite]
    magnitude = np.abs(known).max(initial=0)
    allowed: Any
    if tolerance is not None:
        allowed = tolerance * (magnitude or 1)
    elif (known == np.rint(known)).all():
        allowed = 8 * np.finfo(np.float32).eps * np.maximum(1, np.abs(want))
    else:
        allowed = 1e-5 * magnitude
    if coarse:
        allowed = allowed + coarse * np.abs(want)
    with np.errstate(invalid="ignore"):
        near = np.abs(want - got) <= allowed
    return near if known is want else finite & near | exact | (np.isnan(want) & np.isnan(got))


def as_array(value: Any) -> np.ndarray | None:
    """Tensor, array, number or nested list as one array of numbers, or None."""
    if isinstance(value, torch.Tensor):
        # NumPy has no bfloat16
        value = value.detach()
        return value.float().numpy() if value.dtype == torch.bfloat16 else value.numpy()
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (bool, int, float, complex, np.generic)):
        try:
            array = np.asarray(value)
        except OverflowError:
            return None
        return array if array.dtype != object else None
    if isinstance(value, (list, tuple)) and value:
        parts = [part for part in map(as_array, value) if part is not None]
        if len(parts) == len(value) and len({part.shape for part in parts}) == 1:
            return np.stack(parts)
    return None


def joined(value: Any) -> Any:
    """A list of tensors or arrays of one shape, however deep, as one tensor; anything else as it is."""
    array = as_array(value) if isinstance(value, (list, tuple)) and _holds_tensors(value) else None
    return value if array is None else torch.from_numpy(array)


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_tensors, value))
    return isinstance(value, (torch.Tensor, np.ndarray))


def as_floats(value: Any, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Whatever a check takes for a tensor, as a tensor of `dtype`: a tensor, a NumPy array, (nested) lists of them.

    Raises TypeError where it holds no numbers, or its rows are not equally long.
    """
    array = as_array(plain(value))
    if array is None:
        raise TypeError(f"This is {describe(plain(value))}, which cannot become one tensor of numbers.")
    return torch.tensor(array, dtype=dtype)


def number_text(value: Any, digits: int = 4) -> str:
    """A number as a person writes it: up to `digits` significant digits, whole numbers whole, with a true minus."""
    if isinstance(value, (str, bool, np.bool_)):
        return repr(value) if isinstance(value, str) else str(bool(value))
    if isinstance(value, (complex, np.complexfloating)):
        return str(value)
    try:
        number = float(value)
    except OverflowError:
        return "a number too large for a float"
    text = str(int(number)) if number.is_integer() and abs(number) < 1e7 else f"{number:.{digits}g}"
    return text.replace("-", "−")


def _expected_but(want: Any, got: Any) -> str:
    """'3 is expected; yours is 4.', with as many digits as it takes to tell the two apart."""
    for digits in (4, 6, 9, 17):
        texts = number_text(want, digits), number_text(got, digits)
        if texts[0] != texts[1]:
            break
    return f"{texts[0]} is expected; yours is {texts[1]}."
