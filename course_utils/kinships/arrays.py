"""Relations that say exactly what an answer is: in another order, moved, changed, scaled, shifted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from course_utils.kinships.pairs import Pair, bits_in, bits_of_each, differing, is_varied, same_numbers, wrong_arrays
from course_utils.kinships.relations import ENOUGH, Explain, Kinship, Relation, as_kinship, holds_in, mapped
from course_utils.values import number_text


def _last_two(change: Callable[[np.ndarray], np.ndarray]) -> Explain:
    """A move of rows and columns, which are the last two axes."""
    return mapped(lambda want, got: change(want) if want.ndim >= 2 else None)


def _each(change: Callable[[np.ndarray], np.ndarray]) -> Explain:
    """A change of every number for itself."""
    return mapped(lambda want, got: change(want))


def _axes_of_one(more: bool) -> Explain:
    def change(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
        bare = [tuple(n for n in array.shape if n != 1) for array in (want, got)]
        if bare[0] != bare[1] or want.ndim == got.ndim or (got.ndim > want.ndim) != more:
            return None
        return want.reshape(got.shape)

    return mapped(change)


SAME_ORDER = (
    Relation(
        "in brackets",
        "The number is right, but it comes wrapped: {shapes}. How do you get at the one entry inside?",
        mapped(lambda want, got: want.reshape(got.shape) if want.ndim == 0 < got.ndim and got.size == 1 else None),
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
        mapped(lambda want, got: want.reshape(-1) if want.ndim >= 2 and got.ndim == 1 else None),
    ),
    Relation(
        "flattened by columns",
        "All the right numbers, but in one long line and column by column: {shapes}. "
        "Which of your loops is the outer one?",
        mapped(
            lambda want, got: want.swapaxes(-1, -2).reshape(-1) if want.ndim >= 2 and got.ndim == 1 else None,
        ),
        kinds=("tensor",),
    ),
    Relation(
        "reshaped",
        "The right numbers in the right order, but cut into rows of another length: {shapes}. "
        "How many rows and columns should there be?",
        mapped(
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
        mapped(lambda want, got: want[::-1] if want.shape == (2,) else None),
        enough=4,
        kinds=("sequence",),
    ),
    Relation(
        "pairs swapped",
        "The right pairs, but each the other way round. Which comes first in a pair, the row or the column?",
        mapped(lambda want, got: want[:, ::-1] if want.ndim == 2 and want.shape[1] == 2 else None),
        kinds=("sequence",),
    ),
    Relation(
        "column by column",
        "All the right pairs, but listed column by column where they are expected row by row. Which of your loops is "
        "the outer one, and so changes more slowly?",
        mapped(
            lambda want, got: want[np.lexsort((want[:, 0], want[:, 1]))] if want.ndim == 2 == want.shape[1] else None
        ),
        kinds=("sequence",),
    ),
    Relation(
        "backwards",
        "The right entries in reverse order: your last one is expected first. In which direction do you count?",
        mapped(lambda want, got: want[::-1] if want.ndim else None),
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
        mapped(lambda want, got: want[::-1] if want.ndim == 1 else None),
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
        mapped(lambda want, got: np.moveaxis(want, -3, -1) if want.ndim >= 3 else None),
        kinds=("tensor",),
    ),
    Relation(
        "channels in reverse order",
        "All the pictures of your stack are right, but in reverse order: your last one is expected first. What does "
        "your code go through from its end, or in which order do red, green and blue come?",
        mapped(lambda want, got: np.flip(want, -3) if want.ndim >= 3 else None),
        kinds=("tensor",),
    ),
    Relation(
        "first two axes swapped",
        "The numbers are right, but the first two axes are swapped: {shapes}. "
        "What does the first axis count, and what the second?",
        mapped(lambda want, got: want.swapaxes(0, 1) if want.ndim >= 3 else None),
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
        mapped(lambda want, got: (want - want.min()) / np.ptp(want) if want.size > 2 and is_varied(want) else None),
    ),
    Relation(
        "made to sum to 1",
        "Yours is what is expected divided by its sum, so that all its numbers together give 1. Is that asked for "
        "here?",
        mapped(lambda want, got: want / want.sum() if want.size > 2 and abs(want.sum()) > 1e-9 else None),
    ),
)


def exact(pairs: Sequence[Pair]) -> Kinship | None:
    """The first relation that says exactly what the answer is, with another that looks the same here."""
    for relation in (*SAME_ORDER, *SEQUENCES):
        if holds_in(relation, pairs):
            return as_kinship(relation, pairs)
    one_to_one = [relation for relation in (*CHANGED[:1], *MOVED, *CHANGED[1:]) if holds_in(relation, pairs)]
    if one_to_one:
        moved = [relation for relation in one_to_one[1:] if relation in MOVED]  # the others imply one another
        aside = f" (Here “{moved[0].name}” would look the same.)" if moved else ""
        return as_kinship(one_to_one[0], pairs, aside)
    for relation in itertools.chain(_fitted(pairs), _permutations(pairs), _shifts()):
        if holds_in(relation, pairs):
            return as_kinship(relation, pairs)
    return None


def _fitted(pairs: Sequence[Pair]) -> Iterator[Relation]:
    """One factor, or one number added, in every case: read off the first wrong case that tells."""
    wrong = wrong_arrays(pairs)
    if not wrong or any(not np.isfinite(got).all() for _, got in wrong) or any(a.shape != b.shape for a, b in wrong):
        return
    numbers = np.concatenate([want.ravel() for want, _ in wrong])
    first_want, first_got = wrong[0]
    apart = _read_off((first_got - first_want).mean()) if first_want.size else 0.0
    if apart in (1, -1):
        yield _added(apart, enough=5)  # one more or one less is so common that little proves it
    sized = np.abs(numbers[numbers != 0])
    telling = next(((want, got) for want, got in wrong if want.any()), None)
    if telling is not None and is_varied(sized):
        factor = _read_off(best_factor(*telling))
        spent = float(bits_of_each(telling[1]).max())  # one number was needed to read the factor off
        if factor not in (0, 1, -1):
            yield Relation(
                "scaled",
                f"Every number is {_times(factor)} what is expected. {_scale_question(factor)}",
                mapped(lambda want, got: want * factor),
                ENOUGH + spent,
            )
    if is_varied(numbers) and apart not in (0, 1, -1):
        yield _added(apart, ENOUGH + float(bits_of_each(first_got).max(initial=0)))


def best_factor(want: np.ndarray, got: np.ndarray) -> np.floating:
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
        mapped(lambda want, got: want + apart),
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
            mapped(permute),
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
            return 0.0 if same_numbers(want, got) else None
        return bits_in(moved[differing(moved, stayed)]) if same_numbers(moved, found) else None

    return explain
