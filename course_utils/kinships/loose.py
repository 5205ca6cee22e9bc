"""Looser relations: a part, something around, a factor that changes, another order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from course_utils.kinships.arrays import best_factor
from course_utils.kinships.pairs import Pair, bits_in, bits_of_each, differing, is_varied, same_numbers, wrong_arrays
from course_utils.kinships.relations import ENOUGH, Explain, Kinship, Relation, as_kinship, holds_in, mapped


def _corner(where: str, *, larger: bool) -> Explain:
    """The smaller of the two arrays stands in the other at its start, its end or its centre."""

    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if same_numbers(want, got):
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
        if not same_numbers(want if larger else want[inside], got[inside] if larger else got):
            return None
        return bits_in(small) if is_varied(small) else 0.0

    return explain


def _reduced(part: Callable[[np.ndarray], np.ndarray], *, least: int = 2) -> Explain:
    """A result with fewer axes or entries than what is expected, apart from axes of size 1."""

    def change(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
        if want.ndim < least or want.size == 0 or got.size > want.size:
            return None
        made = part(want)
        return made.reshape(got.shape) if made.size == got.size else made

    return mapped(change)


def _every(step: int, *, larger: bool) -> Explain:
    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if same_numbers(want, got):
            return 0.0
        small, large = (want, got) if larger else (got, want)
        if small.ndim != large.ndim or small.ndim < 2 or small.shape == large.shape:
            return None
        picked = large[..., ::step, ::step]
        if picked.shape != small.shape or not same_numbers(*((want, picked) if larger else (picked, got))):
            return None
        return bits_in(small) if is_varied(small) else 0.0

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
    factor = float(best_factor(want, got)) if want.any() else 1.0
    if abs(factor) < 1e-9 or not same_numbers(want * factor, got):
        return None
    told = bits_of_each(got[differing(want, got)])
    # One number gives the factor away, and where all are alike the others prove nothing.
    return float(told.sum() - told.max(initial=0)) if is_varied(np.abs(want[want != 0])) else 0.0


def _own_number(want: np.ndarray, got: np.ndarray) -> np.ndarray | None:
    if want.shape != got.shape or want.size < 3 or not is_varied(want):
        return None
    return want + (got - want).mean()


def _sorted(want: np.ndarray, got: np.ndarray) -> float | None:
    if same_numbers(want, got):
        return 0.0
    if want.shape != got.shape or not same_numbers(np.sort(want, axis=None), np.sort(got, axis=None)):
        return None
    return bits_in(want[differing(want, got)])


def _zeroed(*places: tuple[Any, ...]) -> Explain:
    """All right but for rows and columns that are still 0."""

    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        if want.ndim < 2 or want.size == 0:
            return 0.0 if same_numbers(want, got) else None
        made = want.copy()
        for place in places:
            made[place] = 0
        if not same_numbers(made, got):
            return None
        return min(bits_in(want[differing(made, want)]), bits_in(made[made != 0]))  # what is right must tell as well

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
    if want.shape != got.shape or not same_numbers(want, np.floor(got)):
        return None
    return bits_in(want[(want != 0) & differing(want, got)])


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
        mapped(_repeated),
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
        if holds_in(relation, pairs):
            # What is expected stands inside, so the rest is 0 where nothing else is different from 0.
            zero = all(np.count_nonzero(got) == np.count_nonzero(want) for want, got in wrong_arrays(pairs))
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
    known = [(want, got) for want, got in wrong_arrays(pairs) if want.shape == got.shape and want.any()]
    if len(known) < 2:
        return
    if is_varied(np.array([best_factor(want, got) for want, got in known])):
        yield Relation(
            "scaled in every case",
            "In every case your numbers are what is expected times one factor, but another factor each time. What is "
            "divided by, or not divided by, that depends on the sizes?",
            _own_factor,
            kinds=("tensor", "sequence"),
        )
    if is_varied(np.array([(got - want).mean() for want, got in known])):
        yield Relation(
            "a number added in every case",
            "In every case all your numbers are too large, or too small, by one amount, but another amount each time. "
            "What is added once to everything, and should it be?",
            mapped(_own_number, free=True),
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


def loose(pairs: Sequence[Pair]) -> Kinship | None:
    """The first of the looser relations that holds."""
    for relation in itertools.chain(
        PARTS, _around(pairs), _over_axes(pairs), _different_in_each(pairs), [IN_ANOTHER_ORDER]
    ):
        if holds_in(relation, pairs):
            return as_kinship(relation, pairs)
    return None
