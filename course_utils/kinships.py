"""Kinships: how a wrong answer is related to the right one, where no declared misconception explains it.

`kinship` looks at every case at once and names the one relation that holds in all of them: "transposed", "scaled",
"shifted". A relation must explain enough to be no coincidence; where nothing does, it says nothing.

To add a relation: a `Relation` with a name, a hint (what was seen, then a question, at most 60 words, no solution) and
`explain(want, got)`, in the list where its equals are. The first relation that holds is the one told; {shapes} in a
hint becomes what shape, or how many entries, came back and what is expected.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.values import Raised, Sealed, Unplain, as_array, difference, number_text

LARGEST = 2**20  # elements of one answer: larger ones are not looked at
LARGEST_LIST = 64 * 64  # entries of a list, which takes far longer to read than a tensor
SAMPLE = 256  # elements of an array above 64×64 that are compared before all are
ENOUGH = 7.0  # bits that a relation must explain before it is believed


@dataclass(frozen=True)
class Kinship:
    """A relation between what is expected and what came back: its name, and a hint for the learner."""

    name: str
    hint: str


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


# Bits explained by a relation in one case, or None where the case refutes it.
Explain = Callable[[np.ndarray, np.ndarray], "float | None"]


@dataclass(frozen=True)
class Relation:
    """`explain` says how much of one case the relation explains, in bits; `enough` how much it takes in all."""

    name: str
    hint: str
    explain: Explain
    enough: float = ENOUGH
    kinds: tuple[str, ...] = ("tensor", "sequence", "number")


def kinship(
    pairs: Sequence[tuple[Any, Any]],
    *,
    printed: str = "",
    arguments: Sequence[Mapping[str, Any]] | None = None,
    others: Sequence[Mapping[str, Any]] | None = None,
    tolerance: float | None = None,
) -> Kinship | None:
    """The relation between the expected and the actual plain value that holds in every one of `pairs`, or None.

    `printed` is what the learner's function printed. `arguments` and `others` have one entry a pair: the arguments by
    name, and what other exercises expect for these arguments, by exercise. `tolerance` is that of `difference`, for
    what counts as right. Sealed answers stay secret. Never raises.
    """
    with np.errstate(all="ignore"):
        if any(isinstance(value, (Sealed, dict)) for pair in pairs for value in pair):
            return None
        read = [_read(expected, actual, tolerance) for expected, actual in pairs]
        failing = [pair for pair in read if not pair.right]
        if not failing:
            return None
        if printed.strip() and all(pair.actual is None for pair in failing):
            return PRINTED
        if any(pair.actual is None or isinstance(pair.actual, (Raised, Unplain)) for pair in failing):
            return None
        return (
            _other_exercise(read, others or ())
            or _argument_itself(read, arguments or ())
            or _same_everywhere(read)
            or _another_kind(read)
            or _exact(read)
            or _argument_ignored(read, arguments or ())
            or _loose(read)
            or _in_one_part(read)
        )


PRINTED = Kinship(
    "printed",
    "Your function prints its result, but gives None to whoever calls it. What is on the screen cannot be added to "
    "anything. Which line would hand the result over?",
)


# --- Reading and comparing -------------------------------------------------------------------------------------------


def _read(expected: Any, actual: Any, tolerance: float | None) -> Pair:
    if any(isinstance(value, (Raised, Unplain)) for value in (expected, actual)):
        right = type(expected) is type(actual) and expected == actual
        return Pair(expected, actual, right, None, None)
    return Pair(expected, actual, _equal(expected, actual, tolerance), _numbers(expected), _numbers(actual))


def _numbers(value: Any) -> np.ndarray | None:
    """The value as a float64 array where it is made of real numbers that are few enough to look at."""
    if isinstance(value, bool) or _entries(value) > LARGEST_LIST:
        return None
    array = np.empty(0) if isinstance(value, (list, tuple)) and not value else _array(value)
    if array is None or array.dtype.kind not in "iuf" or array.size > LARGEST:
        return None
    return array.astype(np.float64)


def _array(value: Any) -> np.ndarray | None:
    try:
        return as_array(value.resolve_conj().resolve_neg() if isinstance(value, torch.Tensor) else value)
    except (RuntimeError, TypeError, ValueError, OverflowError):  # dtypes that NumPy does not know
        return None


def _entries(value: Any) -> int:
    """How many entries nested lists hold, counted no further than is too many."""
    if not isinstance(value, (list, tuple)):
        return 0
    count = len(value)
    for item in value[:LARGEST_LIST]:
        count += _entries(item)
        if count > LARGEST_LIST:
            break
    return count


def _wrong_arrays(pairs: Sequence[Pair]) -> list[tuple[np.ndarray, np.ndarray]]:
    """What is expected and what came, in the cases that are wrong and made of numbers."""
    return [(p.want, p.got) for p in pairs if not p.right and p.want is not None and p.got is not None]


def _same(want: np.ndarray, got: np.ndarray) -> bool:
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


def _bits(numbers: np.ndarray) -> float:
    """How unlikely it is to meet these numbers by chance: little for small integers, 8 for a fraction."""
    return float(_bits_of_each(numbers).sum())


def _bits_of_each(numbers: np.ndarray) -> np.ndarray:
    return np.where(numbers == np.rint(numbers), np.minimum(np.log2(2 + np.abs(numbers)), 8), 8)


def _differing(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Where two arrays of one shape differ by more than rounding."""
    return np.abs(first - second) > 1e-5 * max(1e-12, np.abs(first).max(initial=0), np.abs(second).max(initial=0))


def _varied(numbers: np.ndarray) -> bool:
    """Whether an array holds at least two different numbers."""
    return numbers.size > 1 and bool(_differing(numbers, np.full_like(numbers, numbers.flat[0])).any())


def _mapped(change: Callable[[np.ndarray, np.ndarray], np.ndarray | None], *, free: bool = False) -> Explain:
    """Explains by what `change(want, got)` makes of what is expected; None there where it does not apply.

    Only entries that the change changes count, all where it changes the shape.
    `free`: one number of the change was taken from the answer, so that the most telling entry proves nothing.
    """

    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        made = change(want, got)
        if made is None:
            return 0.0 if _same(want, got) else None
        if not _same(made, got):
            return None
        told = _bits_of_each(made if made.shape != want.shape else made[_differing(made, want)])
        return float(told.sum() - (told.max(initial=0) if free else 0))

    return explain


def _holds(relation: Relation, pairs: Sequence[Pair]) -> bool:
    """Whether the relation is refuted by no case, right ones included, and explains enough of the wrong ones."""
    total = 0.0
    for pair in sorted(pairs, key=lambda pair: pair.right):  # the wrong ones refute soonest
        if pair.want is None or pair.got is None or pair.kind not in relation.kinds:
            return False
        explained = relation.explain(pair.want, pair.got)
        if explained is None:
            return False
        total += 0 if pair.right else explained
    return total >= relation.enough


def _told(relation: Relation, pairs: Sequence[Pair], aside: str = "") -> Kinship:
    pair = next(pair for pair in pairs if not pair.right)
    return Kinship(relation.name, relation.hint.replace("{shapes}", _shapes(pair)) + aside)


def _shapes(pair: Pair) -> str:
    """'yours has shape (2, 3), and (3, 3) is expected', or how many entries where a list is expected."""
    want, got = pair.want, pair.got
    if want is None or got is None:
        return "yours has another shape"
    if pair.kind == "sequence" and want.ndim and got.ndim:
        return f"yours has length {len(got)}, and length {len(want)} is expected"
    has = f"has shape {got.shape}" if got.ndim else "is a single number"
    return f"yours {has}, and {want.shape if want.ndim else 'a single number'} is expected"


# --- Relations that need more than one case or more than numbers ------------------------------------------------------


def _equal(expected: Any, actual: Any, tolerance: float | None = None) -> bool:
    """Whether `difference` finds none; also for values that no answer is compared with: False where they cannot be."""
    if any(isinstance(value, (Raised, Unplain, Sealed, dict)) for value in (expected, actual)):
        return False
    try:
        return difference(_as_expected(expected), actual, tolerance) is None
    except (RuntimeError, TypeError, ValueError, OverflowError, AttributeError):
        return False


def _as_expected(value: Any) -> Any:
    """A learner's array in the form in which expected values come."""
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "iuf":
        return torch.from_numpy(np.ascontiguousarray(value.astype(np.float64)))
    return value.item() if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 else value


def _value_bits(value: Any) -> float:
    numbers = _numbers(value)
    return 1.0 if numbers is None else _bits(numbers)


def _other_exercise(pairs: Sequence[Pair], others: Sequence[Mapping[str, Any]]) -> Kinship | None:
    if len(others) != len(pairs):
        return None
    for name in dict.fromkeys(name for other in others for name in other):
        known = [(other[name], pair) for other, pair in zip(others, pairs, strict=True) if name in other]
        wrong = [value for value, pair in known if not pair.right]
        if len(wrong) < sum(not pair.right for pair in pairs) or sum(map(_value_bits, wrong)) < ENOUGH:
            continue
        if all(_equal(value, pair.actual) for value, pair in known):
            return Kinship(
                "another exercise's answer",
                f"What you give is right for {name}, but another thing is asked for here. In what do the two differ?",
            )
    return None


def _argument_itself(pairs: Sequence[Pair], arguments: Sequence[Mapping[str, Any]]) -> Kinship | None:
    if len(arguments) != len(pairs) or not arguments:
        return None
    for name in arguments[0]:
        if not all(name in given for given in arguments):
            continue
        told = 0.0
        for given, pair in zip(arguments, pairs, strict=True):
            argument = _numbers(given[name])
            if argument is None or pair.got is None or not _same(argument, pair.got):
                break
            told += 0 if pair.right else _bits(argument)
        else:
            if told >= ENOUGH:
                return Kinship(
                    "the argument itself",
                    f"What comes back is {name} itself, just as it came in. Is the result of your work the thing that "
                    "you give back, or does it get lost on the way?",
                )
    return None


def _argument_ignored(pairs: Sequence[Pair], arguments: Sequence[Mapping[str, Any]]) -> Kinship | None:
    """Cases that differ in one argument only, whose answers are the same though they should not be."""
    if len(arguments) != len(pairs):
        return None
    seen: dict[str, float] = {}
    used: set[str] = set()
    for (i, one), (j, two) in itertools.islice(itertools.combinations(enumerate(arguments), 2), 200):
        changed = [name for name in dict.fromkeys([*one, *two]) if not _argument_equal(one, two, name)]
        if len(changed) != 1 or _equal(pairs[i].expected, pairs[j].expected):
            continue
        if _equal(pairs[i].actual, pairs[j].actual):
            seen[changed[0]] = seen.get(changed[0], 0) + _value_bits(pairs[j].actual)
        else:
            used.add(changed[0])
    for name, bits in seen.items():
        if name not in used and bits >= 2:  # two answers that agree by chance are rarer than that
            return Kinship(
                "an argument ignored",
                f"Some cases differ in {name} only, and other results are expected for them; yours are the same. "
                f"Where does your code use {name}?",
            )
    return None


def _argument_equal(one: Mapping[str, Any], two: Mapping[str, Any], name: str) -> bool:
    if name not in one or name not in two:
        return False
    if callable(one[name]) or callable(two[name]):
        return one[name] is two[name]
    return _equal(one[name], two[name])


def _same_everywhere(pairs: Sequence[Pair]) -> Kinship | None:
    """Answers that do not depend on the case: not a number, nothing written, one answer for all."""
    failing = [pair for pair in pairs if not pair.right]
    arrays = _wrong_arrays(pairs)
    if len(arrays) == len(failing):
        if all(np.isnan(got).any() and not np.isnan(want).any() for want, got in arrays):
            return Kinship(
                "not a number",
                "Some of your numbers are nan, which means “not a number”. It appears where 0 is divided by 0, where "
                "the root of a negative number is taken, or where memory is read before it is written. Which could it "
                "be here?",
            )
        if all(np.isinf(got).any() and np.isfinite(want).all() for want, got in arrays):
            return Kinship(
                "infinite",
                "Some of your numbers are inf, which stands for “infinitely large”. It appears where something is "
                "divided by 0, or grows without end. Which could it be here?",
            )
        if all(got.size == 0 and want.size > 0 for want, got in arrays):
            return _told(EMPTY, pairs)
        everywhere = [pair.got for pair in pairs if pair.got is not None]
        written = len(everywhere) < len(pairs) or any(got.any() for got in everywhere)
        if not written and all(got.size > 1 for _, got in arrays):
            return Kinship(
                "only zeros",
                "Every number of yours is 0. Is the line that writes a result ever reached, does it write into what "
                "you give back, and is what it writes ever something else than 0?",
            )
    first = pairs[0]
    if len(pairs) < 3 and (len(pairs) < 2 or _value_bits(first.actual) < ENOUGH):
        return None
    if all(_equal(first.expected, pair.expected) for pair in pairs[1:]):
        return None
    if all(_equal(first.actual, pair.actual) for pair in pairs[1:]):
        return Kinship(
            "always the same",
            f"Yours is the same in all {len(pairs)} cases, although they differ. What in your code depends on the "
            "arguments?",
        )
    return None


EMPTY = Relation(
    "empty",
    "Yours is empty: {shapes}. Where does a range or a slice end before it begins?",
    lambda want, got: None,
)


def _another_kind(pairs: Sequence[Pair]) -> Kinship | None:
    """Right values in the wrong wrapping."""
    failing = [pair for pair in pairs if not pair.right]
    if all(isinstance(pair.actual, str) and _is_text_of(pair.expected, pair.actual) for pair in failing):
        return Kinship(
            "text",
            "Yours reads like the answer, but it is text, letters and digits in a string, with which nobody can "
            "calculate. What turned it into a string?",
        )
    if all(isinstance(pair.expected, bool) for pair in pairs):
        return _another_truth(pairs, failing)
    if all(_is_truths_of(pair) for pair in failing):
        return Kinship(
            "truth values",
            "Yours holds True and False where the numbers 1 and 0 are expected. What does a comparison give, and what "
            "is asked for?",
        )
    if all(_is_complex_of(pair) for pair in failing):
        return Kinship(
            "complex numbers",
            "The numbers are right, but yours are complex: each has an imaginary part, which is 0. Which step brought "
            "that in?",
        )
    for i in range(8):
        if all(_holds_at(pair, i) for pair in failing) and sum(_value_bits(p.expected) for p in failing) >= ENOUGH:
            return Kinship(
                "one of several results",
                f"You give several things back; number {i + 1} of them is what is expected. Which of them does the "
                "caller want?",
            )
    return None


def _another_truth(pairs: Sequence[Pair], failing: Sequence[Pair]) -> Kinship | None:
    opposite = all(isinstance(pair.actual, (bool, np.bool_)) and pair.actual != pair.expected for pair in pairs)
    if opposite and len(pairs) >= 4 and {pair.expected for pair in failing} == {True, False}:
        return Kinship(
            "the opposite",
            "You say True where False is expected, and False where True is expected, in every case. "
            "What exactly do you compare, and which answer do you give when it is so?",
        )
    if all(pair.got is not None and pair.got.size == 1 and pair.got.item() == pair.expected for pair in failing):
        return Kinship(
            "numbers for truth values",
            "Yours is a number, 1 or 0, where True or False is expected. Which question is answered by yes or no here?",
        )
    return None


def _is_text_of(expected: Any, actual: str) -> bool:
    if isinstance(expected, str):
        return False
    text = actual.strip()
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        try:
            return difference(expected, float(text)) is None
        except ValueError:
            return False
    return text == str(expected) or (isinstance(expected, (list, tuple)) and text[1:-1] == str(expected)[1:-1] != "")


def _is_truths_of(pair: Pair) -> bool:
    array = pair.actual
    if _entries(array) <= LARGEST_LIST:
        array = _array(array)
    if not isinstance(array, np.ndarray) or array.dtype.kind != "b" or pair.want is None:
        return False
    return array.size > 0 and _same(pair.want, array.astype(np.float64))


def _is_complex_of(pair: Pair) -> bool:
    array = _array(pair.actual) if _entries(pair.actual) <= LARGEST_LIST else None
    if array is None or array.dtype.kind != "c" or pair.want is None:
        return False
    small = np.abs(array.imag).max(initial=0) <= 1e-5 * max(1e-12, np.abs(array.real).max(initial=0))
    return bool(small) and _same(pair.want, array.real.astype(np.float64))


def _holds_at(pair: Pair, i: int) -> bool:
    """Whether entry i of the answer alone is what is expected."""
    if not isinstance(pair.actual, (list, tuple)) or not 2 <= len(pair.actual) <= 8 or i >= len(pair.actual):
        return False
    return _equal(pair.expected, pair.actual[i])


# --- Relations between two arrays -------------------------------------------------------------------------------------


def _last_two(change: Callable[[np.ndarray], np.ndarray]) -> Explain:
    """A move of rows and columns, which are the last two axes."""
    return _mapped(lambda want, got: change(want) if want.ndim >= 2 else None)


def _each(change: Callable[[np.ndarray], np.ndarray]) -> Explain:
    """A change of every number for itself."""
    return _mapped(lambda want, got: change(want))


def _axes_of_one(more: bool) -> Explain:
    def change(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
        bare = [tuple(n for n in array.shape if n != 1) for array in (want, got)]
        if bare[0] != bare[1] or want.ndim == got.ndim or (got.ndim > want.ndim) != more:
            return None
        return want.reshape(got.shape)

    return _mapped(change)


SAME_ORDER = (
    Relation(
        "in brackets",
        "The number is right, but it comes wrapped: {shapes}. How do you get at the one entry inside?",
        _mapped(lambda want, got: want.reshape(got.shape) if want.ndim == 0 < got.ndim and got.size == 1 else None),
        enough=4,
        kinds=("number",),
    ),
    Relation(
        "one list too many",
        "The right entries, but wrapped in one list or tuple too many: {shapes}. Which brackets are that?",
        _axes_of_one(more=True),
        enough=4,
        kinds=("sequence",),
    ),
    Relation(
        "an axis of size 1 left over",
        "The numbers are right, but the shape has an axis too many: {shapes}. Which step "
        "brought in the axis of size 1, and which takes it away again?",
        _axes_of_one(more=True),
        enough=4,
    ),
    Relation(
        "an axis of size 1 missing",
        "The numbers are right, but the shape lacks an axis of size 1: {shapes}. Which axes "
        "does the next step count on?",
        _axes_of_one(more=False),
        enough=4,
        kinds=("tensor",),
    ),
    Relation(
        "flattened",
        "All the right numbers, row by row, but in one long line: {shapes}. Which "
        "shape do the rows and columns of the result have?",
        _mapped(lambda want, got: want.reshape(-1) if want.ndim >= 2 and got.ndim == 1 else None),
    ),
    Relation(
        "flattened by columns",
        "All the right numbers, but in one long line and column by column: {shapes}. "
        "Which of your loops is the outer one?",
        _mapped(
            lambda want, got: want.swapaxes(-1, -2).reshape(-1) if want.ndim >= 2 and got.ndim == 1 else None,
        ),
        kinds=("tensor",),
    ),
    Relation(
        "reshaped",
        "The right numbers in the right order, but cut into rows of another length: {shapes}. "
        "How many rows and columns should there be?",
        _mapped(
            lambda want, got: want.reshape(got.shape) if want.size == got.size and want.shape != got.shape else None
        ),
        kinds=("tensor",),
    ),
)

SEQUENCES = (
    Relation(
        "swapped",
        "Both numbers are right, but they stand the other way round. Which comes first, what belongs to the rows or "
        "what belongs to the columns?",
        _mapped(lambda want, got: want[::-1] if want.shape == (2,) else None),
        enough=4,
        kinds=("sequence",),
    ),
    Relation(
        "pairs swapped",
        "The right pairs, but each the other way round. Which comes first in a pair, the row or the column?",
        _mapped(lambda want, got: want[:, ::-1] if want.ndim == 2 and want.shape[1] == 2 else None),
        kinds=("sequence",),
    ),
    Relation(
        "column by column",
        "All the right pairs, but listed column by column where they are expected row by row. Which of your loops is "
        "the outer one, and so changes more slowly?",
        _mapped(
            lambda want, got: want[np.lexsort((want[:, 0], want[:, 1]))] if want.ndim == 2 == want.shape[1] else None
        ),
        kinds=("sequence",),
    ),
    Relation(
        "backwards",
        "The right entries in reverse order: your last one is expected first. In which direction do you count?",
        _mapped(lambda want, got: want[::-1] if want.ndim else None),
        kinds=("sequence",),
    ),
)

MOVED = (
    Relation(
        "transposed",
        "Your result is what is expected with rows and columns swapped. Which index counts the rows, and which the "
        "columns, where you read and where you write?",
        _last_two(lambda want: want.swapaxes(-1, -2)),
        kinds=("tensor",),
    ),
    Relation(
        "upside down",
        "Your result is what is expected turned upside down: its first row is your last. In which direction do the "
        "rows count?",
        _last_two(lambda want: np.flip(want, -2)),
        kinds=("tensor",),
    ),
    Relation(
        "mirrored left to right",
        "Your result is what is expected seen in a mirror: left and right are swapped. In which direction do the "
        "columns count?",
        _last_two(lambda want: np.flip(want, -1)),
        kinds=("tensor",),
    ),
    Relation(
        "backwards",
        "Your result is what is expected in reverse order. In which direction do you count?",
        _mapped(lambda want, got: want[::-1] if want.ndim == 1 else None),
        kinds=("tensor",),
    ),
    Relation(
        "turned by 180°",
        "Your result is what is expected turned by half a turn: the first number comes last. Is something flipped here "
        "that should stay, or left as it is where a flip is asked for?",
        _last_two(lambda want: np.flip(want, (-2, -1))),
        kinds=("tensor",),
    ),
    Relation(
        "turned by 90° to the left",
        "Your result is what is expected after a quarter turn to the left. Which index counts the rows, and in which "
        "direction?",
        _last_two(lambda want: np.rot90(want, 1, (-2, -1))),
        kinds=("tensor",),
    ),
    Relation(
        "turned by 90° to the right",
        "Your result is what is expected after a quarter turn to the right. Which index counts the columns, and in "
        "which direction?",
        _last_two(lambda want: np.rot90(want, -1, (-2, -1))),
        kinds=("tensor",),
    ),
    Relation(
        "channels last",
        "The numbers are right, but the axes stand in another order: {shapes}. Where "
        "does this course put the channels, and where do picture files put them?",
        _mapped(lambda want, got: np.moveaxis(want, -3, -1) if want.ndim >= 3 else None),
        kinds=("tensor",),
    ),
    Relation(
        "channels in reverse order",
        "The channels are right, but in reverse order: your last one is expected first. In which order do red, green "
        "and blue come?",
        _mapped(lambda want, got: np.flip(want, -3) if want.ndim >= 3 else None),
        kinds=("tensor",),
    ),
    Relation(
        "first two axes swapped",
        "The numbers are right, but the first two axes are swapped: {shapes}. "
        "What does the first axis count, and what the second?",
        _mapped(lambda want, got: want.swapaxes(0, 1) if want.ndim >= 3 else None),
        kinds=("tensor",),
    ),
)

CHANGED = (
    Relation(
        "negated",
        "Every number has the other sign: what is expected positive is negative in yours. Which of two things is "
        "subtracted from which?",
        _each(lambda want: -want),
    ),
    Relation(
        "absolute value",
        "The numbers are right but for their sign: where negative ones are expected, yours are positive. Which step "
        "takes the minus away, and should it?",
        _each(np.abs),
    ),
    Relation(
        "negative numbers became 0",
        "Where negative numbers are expected, yours are 0; the others are right. Which step cuts off everything below "
        "0, and should it?",
        _each(lambda want: np.maximum(want, 0)),
        enough=4,
    ),
    Relation(
        "cut to 0 … 1",
        "Numbers below 0 became 0 and numbers above 1 became 1 in yours; the others are right. Which step cuts them "
        "off, and should it?",
        _each(lambda want: np.clip(want, 0, 1)),
        enough=4,
    ),
    Relation(
        "fraction cut off",
        "The whole part of every number is right, but what comes after the point is gone. Which dtype do your numbers "
        "have, or which division leaves only whole numbers?",
        _each(np.trunc),
    ),
    Relation(
        "rounded down",
        "Every number is rounded down to a whole one. Which division or which step leaves only whole numbers?",
        _each(np.floor),
    ),
    Relation(
        "rounded",
        "Every number is rounded to the nearest whole one. Which step rounds, and should it?",
        _each(np.rint),
    ),
    Relation(
        "started again at 256",
        "Numbers below 0 or above 255 came out at the other end, as if counting started again, as in dtype uint8. "
        "Which step makes whole numbers of yours, and what should be done before it?",
        _each(lambda want: np.mod(np.trunc(want), 256)),
    ),
    Relation(
        "one minus it",
        "Every number is 1 minus what is expected: what should be dark is bright. Which of the two ends means 0 here?",
        _each(lambda want: 1 - want),
    ),
    Relation(
        "squared",
        "Every number is the square of what is expected. Which step is still to come at the end, or which one is done "
        "twice?",
        _each(np.square),
    ),
    Relation(
        "square root",
        "Every number is the square root of what is expected. Is a root asked for here?",
        _each(np.sqrt),
    ),
    Relation(
        "stretched to 0 … 1",
        "Yours is what is expected, but shifted and stretched so that its smallest number is 0 and its largest 1. "
        "Should the numbers be rescaled here?",
        _mapped(lambda want, got: (want - want.min()) / np.ptp(want) if want.size > 2 and _varied(want) else None),
    ),
    Relation(
        "made to sum to 1",
        "Yours is what is expected divided by its sum, so that all its numbers together give 1. Is that asked for "
        "here?",
        _mapped(lambda want, got: want / want.sum() if want.size > 2 and abs(want.sum()) > 1e-9 else None),
    ),
)


def _exact(pairs: Sequence[Pair]) -> Kinship | None:
    """The first relation that says exactly what the answer is, with another that looks the same here."""
    for relation in (*SAME_ORDER, *SEQUENCES):
        if _holds(relation, pairs):
            return _told(relation, pairs)
    one_to_one = [relation for relation in (*CHANGED[:1], *MOVED, *CHANGED[1:]) if _holds(relation, pairs)]
    if one_to_one:
        moved = [relation for relation in one_to_one[1:] if relation in MOVED]  # the others imply one another
        aside = f" (Here “{moved[0].name}” would look the same.)" if moved else ""
        return _told(one_to_one[0], pairs, aside)
    for relation in itertools.chain(_fitted(pairs), _permutations(pairs), _shifts()):
        if _holds(relation, pairs):
            return _told(relation, pairs)
    return None


def _fitted(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """One factor, or one number added, in every case: read off the first wrong case that tells."""
    wrong = _wrong_arrays(pairs)
    if not wrong or any(not np.isfinite(got).all() for _, got in wrong) or any(a.shape != b.shape for a, b in wrong):
        return
    numbers = np.concatenate([want.ravel() for want, _ in wrong])
    first_want, first_got = wrong[0]
    apart = _read_off((first_got - first_want).mean()) if first_want.size else 0.0
    if apart in (1, -1):
        yield _added(apart, enough=5)  # one more or one less is so common that little proves it
    sized = np.abs(numbers[numbers != 0])
    telling = next(((want, got) for want, got in wrong if want.any()), None)
    if telling is not None and _varied(sized):
        factor = _read_off(_factor(*telling))
        spent = float(_bits_of_each(telling[1]).max())  # one number was needed to read the factor off
        if factor not in (0, 1, -1):
            yield Relation(
                "scaled",
                f"Every number is {_times(factor)} what is expected. {_scale_question(factor)}",
                _mapped(lambda want, got: want * factor),
                ENOUGH + spent,
            )
    if _varied(numbers) and apart not in (0, 1, -1):
        yield _added(apart, ENOUGH + float(_bits_of_each(first_got).max(initial=0)))


def _factor(want: np.ndarray, got: np.ndarray) -> np.floating:
    """The one number by which `want` is multiplied to come nearest to `got`."""
    largest = np.abs(want).max(initial=0)
    want = want / largest if largest else want  # squares of huge numbers overflow
    return (want * got).sum() / np.square(want).sum() / largest


def _read_off(measured: Any) -> float:
    """A measured number, or the round one that it stands for; 0 where it is none or too small to mean anything."""
    number = float(measured)
    if not 1e-9 < abs(number) < 1e300:
        return 0.0
    for exact in (round(number), 1 / round(1 / number) if abs(number) < 1 else 0, round(number, 4)):
        if exact and abs(exact - number) < 2e-5 * abs(number):
            return float(exact)
    return number


def _added(apart: float, enough: float) -> Relation:
    if abs(apart) == 1:
        name, amount = "off by one", "one"
        question = "Where do you count from, and does the last one count? Is a + 1 or − 1 missing, or one too many?"
    else:
        name, amount = "a number added", number_text(abs(apart))
        question = "What is added that should not be, or added more than once, or left out?"
    more = "more" if apart > 0 else "less"
    return Relation(
        name,
        f"Every number is {amount} {more} than what is expected. {question}",
        _mapped(lambda want, got: want + apart),
        enough,
    )


def _times(factor: float) -> str:
    words = {2: "twice", 0.5: "half", 1 / 3: "a third of", 0.25: "a quarter of"}
    if factor in words:
        return words[factor]
    if abs(factor) < 1 and abs(1 / factor - round(1 / factor)) < 1e-6:
        return f"{'minus ' if factor < 0 else ''}1/{abs(round(1 / factor))} of"
    return f"{number_text(factor)} times"


def _scale_question(factor: float) -> str:
    if round(abs(factor), 4) == 255 or round(abs(1 / factor), 4) == 255:
        return "In which range are the numbers of a picture expected, 0 to 1 or 0 to 255?"
    if abs(factor) > 1:
        return "Is something counted more than once, or a division left out?"
    return "Is something divided that should not be, or divided by too much, or left out of a sum?"


def _permutations(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """Other orders of three or four axes."""
    want = next((pair.want for pair in pairs if not pair.right), None)
    if want is None or want.ndim not in (3, 4):
        return
    for axes in itertools.permutations(range(want.ndim)):

        def permute(want: np.ndarray, got: np.ndarray, axes: tuple[int, ...] = axes) -> np.ndarray | None:
            return want.transpose(axes) if want.ndim == len(axes) else None

        yield Relation(
            "axes in another order",
            "The numbers are right, but the axes stand in another order: {shapes}. "
            "What does each axis count, and which comes first?",
            _mapped(permute),
            kinds=("tensor",),
        )


def _shifts() -> Iterator[Relation]:
    rows, columns = {1: "one row up", -1: "one row down"}, {1: "one column to the left", -1: "one column to the right"}
    for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
        way = " and ".join(words[by] for words, by in ((rows, down), (columns, right)) if by)
        yield Relation(
            "shifted",
            f"The right numbers, but moved {way}. Where does the first number come from, and where should it "
            "come from?",
            _shifted(down, right),
            enough=ENOUGH + 3,  # one of eight is likelier to fit by chance
            kinds=("tensor",),
        )


def _shifted(down: int, right: int) -> Explain:
    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if want.shape != got.shape or want.ndim < (2 if down else 1):
            return None
        read: list[Any] = [...]
        write: list[Any] = [...]
        for by in (down, right) if want.ndim > 1 else (right,):
            read.append(slice(max(by, 0), None if by >= 0 else by))
            write.append(slice(max(-by, 0), None if by <= 0 else -by))
        moved, stayed, found = want[tuple(read)], want[tuple(write)], got[tuple(write)]
        if moved.size == 0:
            return 0.0 if _same(want, got) else None
        return _bits(moved[_differing(moved, stayed)]) if _same(moved, found) else None

    return explain


# --- Looser relations: a part, something around, a factor that changes, another order ---------------------------------


def _corner(where: str, *, larger: bool) -> Explain:
    """The smaller of the two arrays stands in the other at its start, its end or its centre."""

    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if _same(want, got):
            return 0.0
        small, large = (want, got) if larger else (got, want)
        if small.size == 0 < large.size:
            return None if larger else 0.0  # an end that is missing may be all there was
        if small.ndim != large.ndim or small.ndim == 0 or small.shape == large.shape:
            return None
        spare = [n - k for n, k in zip(large.shape, small.shape, strict=True)]
        if min(spare) < 0 or large.size == 0:
            return None
        starts: list[int] = {
            "start": [0] * len(spare),
            "end": spare,
            "centre": [n // 2 for n in spare],
            "late centre": [(n + 1) // 2 for n in spare],  # of an odd border the larger part comes first
        }[where]
        inside = tuple(slice(at, at + n) for at, n in zip(starts, small.shape, strict=True))
        if not _same(want if larger else want[inside], got[inside] if larger else got):
            return None
        return _bits(small) if _varied(small) else 0.0

    return explain


def _reduced(part: Callable[[np.ndarray], np.ndarray], *, least: int = 2) -> Explain:
    """A result with fewer axes or entries than what is expected, apart from axes of size 1."""

    def change(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
        if want.ndim < least or want.size == 0 or got.size > want.size:
            return None
        made = part(want)
        return made.reshape(got.shape) if made.size == got.size else made

    return _mapped(change)


def _every(step: int, *, larger: bool) -> Explain:
    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if _same(want, got):
            return 0.0
        small, large = (want, got) if larger else (got, want)
        if small.ndim != large.ndim or small.ndim < 2 or small.shape == large.shape:
            return None
        picked = large[..., ::step, ::step]
        if picked.shape != small.shape or not _same(*((want, picked) if larger else (picked, got))):
            return None
        return _bits(small) if _varied(small) else 0.0

    return explain


def _repeated(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
    if got.ndim != want.ndim + 1 or want.ndim == 0:
        return None
    if got.shape[1:] == want.shape and got.shape[0] > 1:
        return np.broadcast_to(want, got.shape)
    if got.shape[:-1] == want.shape and got.shape[-1] > 1:
        return np.broadcast_to(want[..., None], got.shape)
    return None


def _own_factor(want: np.ndarray, got: np.ndarray) -> float | None:
    if want.shape != got.shape or not np.isfinite(want).all() or not np.isfinite(got).all():
        return None
    factor = float(_factor(want, got)) if want.any() else 1.0
    if abs(factor) < 1e-9 or not _same(want * factor, got):
        return None
    told = _bits_of_each(got[_differing(want, got)])
    # One number gives the factor away, and where all are alike the others prove nothing.
    return float(told.sum() - told.max(initial=0)) if _varied(np.abs(want[want != 0])) else 0.0


def _own_number(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
    if want.shape != got.shape or want.size < 3 or not _varied(want):
        return None
    return want + (got - want).mean()


def _sorted(want: np.ndarray, got: np.ndarray) -> float | None:
    if _same(want, got):
        return 0.0
    if want.shape != got.shape or not _same(np.sort(want, axis=None), np.sort(got, axis=None)):
        return None
    return _bits(want[_differing(want, got)])


def _zeroed(*places: tuple[Any, ...]) -> Explain:
    """All right but for rows and columns that are still 0."""

    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if want.ndim < 2 or want.size == 0:
            return 0.0 if _same(want, got) else None
        made = want.copy()
        for place in places:
            made[place] = 0
        if not _same(made, got):
            return None
        return min(_bits(want[_differing(made, want)]), _bits(made[made != 0]))  # what is right must tell as well

    return explain


LAST_ROW, LAST_COLUMN = (..., -1, slice(None)), (..., slice(None), -1)
FIRST_ROW, FIRST_COLUMN = (..., 0, slice(None)), (..., slice(None), 0)

UNWRITTEN = tuple(
    Relation(
        f"{name} left at 0",
        f"All is right but {name}, where yours is 0. Is that place ever written to? How far does your counting go?",
        _zeroed(*places),
        kinds=("tensor",),
    )
    for name, places in (
        ("the last row", [LAST_ROW]),
        ("the last column", [LAST_COLUMN]),
        ("the last row and column", [LAST_ROW, LAST_COLUMN]),
        ("the first row", [FIRST_ROW]),
        ("the first column", [FIRST_COLUMN]),
        ("the first row and column", [FIRST_ROW, FIRST_COLUMN]),
        ("the rim", [FIRST_ROW, FIRST_COLUMN, LAST_ROW, LAST_COLUMN]),
    )
)


def _fraction_left(want: np.ndarray, got: np.ndarray) -> float | None:
    if want.shape != got.shape or not _same(want, np.floor(got)):
        return None
    return _bits(want[(want != 0) & _differing(want, got)])


PARTS = (
    *UNWRITTEN,
    Relation(
        "fraction left over",
        "The whole part of every number is right, but yours have something after the point where whole numbers are "
        "expected. What becomes of a part that is not a whole one?",
        _fraction_left,
        enough=5,
        kinds=("number", "sequence"),
    ),
    Relation(
        "only the first number",
        "Yours is the first number of what is expected, and no more: {shapes}. Does your function "
        "give its result back before the work is done?",
        _reduced(lambda want: want.reshape(-1)[:1], least=1),
    ),
    Relation(
        "only the last number",
        "Yours is the last number of what is expected, and no more: {shapes}. Does each new result "
        "replace the one before?",
        _reduced(lambda want: want.reshape(-1)[-1:], least=1),
    ),
    Relation(
        "only the first part",
        "Yours is the first part of what is expected, and no more: {shapes}. Does your "
        "function give its result back before the work is done?",
        _reduced(lambda want: want[0]),
    ),
    Relation(
        "only the last part",
        "Yours is the last part of what is expected, and no more: {shapes}. Does each new part replace the one before?",
        _reduced(lambda want: want[-1]),
    ),
    Relation(
        "only the first column",
        "Yours is the first column of what is expected, and no more: {shapes}. Which loop ends too soon?",
        _reduced(lambda want: want[..., 0]),
        kinds=("tensor",),
    ),
    Relation(
        "every second one only",
        "Yours has only every second row and column of what is expected: {shapes}. What "
        "moves on by two where one is meant?",
        _every(2, larger=False),
        kinds=("tensor",),
    ),
    Relation(
        "stride left out",
        "The right numbers are there, in every second row and column of yours: {shapes}. "
        "What should make bigger steps?",
        _every(2, larger=True),
        kinds=("tensor",),
    ),
    Relation(
        "stride left out",
        "The right numbers are there, in every third row and column of yours: {shapes}. What should make bigger steps?",
        _every(3, larger=True),
        kinds=("tensor",),
    ),
    Relation(
        "the end is missing",
        "The numbers are right, but the last ones are missing: {shapes}. How many "
        "places are there, and at which does your counting stop?",
        _corner("start", larger=False),
    ),
    Relation(
        "the beginning is missing",
        "The numbers are right, but the first ones are missing: {shapes}. Where does your counting start?",
        _corner("end", larger=False),
    ),
    Relation(
        "the rim is missing",
        "The numbers are right, but those around the rim are missing: {shapes}. What happens at the edge?",
        _corner("centre", larger=False),
    ),
    Relation(
        "repeated",
        "Your result is right, but it is there several times: {shapes}. Which axis "
        "should not be there, and how did it come in?",
        _mapped(_repeated),
    ),
)


def _around(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """Right numbers inside a larger result; the hint says what stands around them."""
    for where, name, place in (
        ("start", "in the first corner of a larger one", "at the beginning (the top left) of"),
        ("centre", "inside a border", "in the middle of"),
        ("late centre", "inside a border", "in the middle of"),
        ("end", "in the last corner of a larger one", "at the end (the bottom right) of"),
    ):
        relation = Relation(name, "", _corner(where, larger=True))
        if _holds(relation, pairs):
            # What is expected stands inside, so the rest is 0 where nothing else is different from 0.
            zero = all(np.count_nonzero(got) == np.count_nonzero(want) for want, got in _wrong_arrays(pairs))
            rest = "zeros" if zero else "other numbers"
            yield Relation(
                name,
                f"The right numbers stand {place} yours, with {rest} beside them: {{shapes}}. "
                "How large should the result be, and why is yours larger?",
                relation.explain,
            )


def _over_axes(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """A sum, a mean or a maximum where all numbers are asked for."""
    want = next((pair.want for pair in pairs if not pair.right), None)
    if want is None or not 1 <= want.ndim <= 4:
        return
    axes: Iterable[int | None] = (None, *range(want.ndim)) if want.ndim > 1 else (None,)
    for axis in axes:
        for word, reduce in (("summed", np.sum), ("averaged", np.mean), ("maximum", np.max)):

            def part(want: np.ndarray, axis: int | None = axis, reduce: Callable = reduce) -> np.ndarray:
                if axis is not None and axis >= want.ndim:
                    return want
                return np.asarray(reduce(want, axis=axis))

            what = "all numbers" if axis is None else "one axis"
            seen = {"summed": "the sum", "averaged": "the mean", "maximum": "the largest"}[word]
            yield Relation(
                f"{word} over {what}",
                f"Yours is what is expected, but of {what} only {seen} is left: {{shapes}}. "
                "Which step brings the numbers together too early or once too often?",
                _reduced(part, least=1),
                kinds=("tensor",),
            )


def _different_in_each(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """A factor, or a number added, that is not the same in each of the wrong cases."""
    known = [(want, got) for want, got in _wrong_arrays(pairs) if want.shape == got.shape and want.any()]
    if len(known) < 2:
        return
    if _varied(np.array([_factor(want, got) for want, got in known])):
        yield Relation(
            "scaled in every case",
            "In every case your numbers are what is expected times one factor, but another factor each time. What is "
            "divided by, or not divided by, that depends on the sizes?",
            _own_factor,
            kinds=("tensor", "sequence"),
        )
    if _varied(np.array([(got - want).mean() for want, got in known])):
        yield Relation(
            "a number added in every case",
            "In every case all your numbers are too large, or too small, by one amount, but another amount each time. "
            "What is added once to everything, and should it be?",
            _mapped(_own_number, free=True),
            enough=2 * ENOUGH,
            kinds=("tensor", "sequence"),
        )


IN_ANOTHER_ORDER = Relation(
    "in another order",
    "All the right numbers are there, but not in their places. In which order do you go through them, and where do "
    "you write each?",
    _sorted,
    enough=2 * ENOUGH,
    kinds=("tensor", "sequence"),
)


def _loose(pairs: Sequence[Pair]) -> Kinship | None:
    for relation in itertools.chain(
        PARTS, _around(pairs), _over_axes(pairs), _different_in_each(pairs), [IN_ANOTHER_ORDER]
    ):
        if _holds(relation, pairs):
            return _told(relation, pairs)
    return None


def _in_one_part(pairs: Sequence[Pair]) -> Kinship | None:
    """The kinship of the one wrong part of a result with several parts, such as (kernel, losses)."""
    if any(pair.want is not None for pair in pairs):
        return None
    sizes = {len(pair.expected) if isinstance(pair.expected, (tuple, list)) else 0 for pair in pairs}
    if len(sizes) != 1 or not 2 <= max(sizes) <= 8:
        return None
    (size,) = sizes
    if not all(isinstance(pair.actual, (tuple, list)) and len(pair.actual) == size for pair in pairs):
        return None
    wrong = [i for i in range(size) if any(not _equal(pair.expected[i], pair.actual[i]) for pair in pairs)]
    if len(wrong) > 1 and all(_equal(pair.expected, pair.actual[::-1]) for pair in pairs):
        return Kinship(
            "parts in reverse order",
            "You give all that is expected, but in reverse order. Which of the results comes first?",
        )
    if len(wrong) != 1:
        return None
    found = kinship([(pair.expected[wrong[0]], pair.actual[wrong[0]]) for pair in pairs])
    return found and Kinship(found.name, f"Look at part {wrong[0] + 1} of your result. {found.hint}")
