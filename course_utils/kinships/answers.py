"""Kinships that need more than one case, the arguments, or more than numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.kinships.pairs import (
    LARGEST_LIST,
    Pair,
    array_of,
    bits_in,
    count_entries,
    equal_values,
    numbers_of,
    same_numbers,
    value_bits,
    wrong_arrays,
)
from course_utils.kinships.relations import ENOUGH, Kinship, Relation, as_kinship
from course_utils.values import difference


def other_exercise(pairs: Sequence[Pair], others: Sequence[Mapping[str, Any]]) -> Kinship | None:
    """What another exercise asks for."""
    if len(others) != len(pairs):
        return None
    for name in dict.fromkeys(name for other in others for name in other):
        known = [(other[name], pair) for other, pair in zip(others, pairs, strict=True) if name in other]
        wrong = [value for value, pair in known if not pair.right]
        if len(wrong) < sum(not pair.right for pair in pairs) or sum(map(value_bits, wrong)) < ENOUGH:
            continue
        if all(equal_values(value, pair.actual) for value, pair in known):
            return Kinship(
                "another exercise's answer",
                f"What you give is right for {name}, but another thing is asked for here. In what do the two differ?",
            )
    return None


def argument_itself(pairs: Sequence[Pair], arguments: Sequence[Mapping[str, Any]]) -> Kinship | None:
    """An argument that comes back as it came in."""
    if len(arguments) != len(pairs) or not arguments:
        return None
    for name in arguments[0]:
        if not all(name in given for given in arguments):
            continue
        told = 0.0
        for given, pair in zip(arguments, pairs, strict=True):
            argument = numbers_of(given[name])
            if argument is None or pair.got is None or not same_numbers(argument, pair.got):
                break
            told += 0 if pair.right else bits_in(argument)
        else:
            if told >= ENOUGH:
                return Kinship(
                    "the argument itself",
                    f"What comes back is {name} itself, just as it came in. Is the result of your work the thing that "
                    "you give back, or does it get lost on the way?",
                )
    return None


def argument_ignored(pairs: Sequence[Pair], arguments: Sequence[Mapping[str, Any]]) -> Kinship | None:
    """Cases that differ in one argument only, whose answers are the same though they should not be."""
    if len(arguments) != len(pairs):
        return None
    seen: dict[str, float] = {}
    used: set[str] = set()
    for (i, one), (j, two) in itertools.islice(itertools.combinations(enumerate(arguments), 2), 200):
        changed = [name for name in dict.fromkeys([*one, *two]) if not _argument_equal(one, two, name)]
        if len(changed) != 1 or equal_values(pairs[i].expected, pairs[j].expected):
            continue
        if equal_values(pairs[i].actual, pairs[j].actual):
            seen[changed[0]] = seen.get(changed[0], 0) + value_bits(pairs[j].actual)
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
    return equal_values(one[name], two[name])


def same_everywhere(pairs: Sequence[Pair]) -> Kinship | None:
    """Answers that do not depend on the case: not a number, nothing written, one answer for all."""
    failing = [pair for pair in pairs if not pair.right]
    arrays = wrong_arrays(pairs)
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
                "Some of your numbers are inf or −inf, which stand for “beyond every number”. They appear where "
                "something is divided by 0 or grows without end, and where your own code puts them and nothing takes "
                "their place. Which could it be here?",
            )
        if all(got.size == 0 and want.size > 0 for want, got in arrays):
            return as_kinship(EMPTY, pairs)
        everywhere = [pair.got for pair in pairs if pair.got is not None]
        written = len(everywhere) < len(pairs) or any(got.any() for got in everywhere)
        if not written and all(got.size > 1 for _, got in arrays):
            return Kinship(
                "only zeros",
                "Every number of yours is 0. Is the line that writes a result ever reached, does it write into what "
                "you give back, and is what it writes ever something else than 0?",
            )
    first = pairs[0]
    if len(pairs) < 3 and (len(pairs) < 2 or value_bits(first.actual) < ENOUGH):
        return None
    if all(equal_values(first.expected, pair.expected) for pair in pairs[1:]):
        return None
    if all(equal_values(first.actual, pair.actual) for pair in pairs[1:]):
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


def another_kind(pairs: Sequence[Pair]) -> Kinship | None:
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
        if all(_holds_at(pair, i) for pair in failing) and sum(value_bits(p.expected) for p in failing) >= ENOUGH:
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
    if count_entries(array) <= LARGEST_LIST:
        array = array_of(array)
    if not isinstance(array, np.ndarray) or array.dtype.kind != "b" or pair.want is None:
        return False
    return array.size > 0 and same_numbers(pair.want, array.astype(np.float64))


def _is_complex_of(pair: Pair) -> bool:
    array = array_of(pair.actual) if count_entries(pair.actual) <= LARGEST_LIST else None
    if array is None or array.dtype.kind != "c" or pair.want is None:
        return False
    small = np.abs(array.imag).max(initial=0) <= 1e-5 * max(1e-12, np.abs(array.real).max(initial=0))
    return bool(small) and same_numbers(pair.want, array.real.astype(np.float64))


def _holds_at(pair: Pair, i: int) -> bool:
    """Whether entry i of the answer alone is what is expected."""
    if not isinstance(pair.actual, (list, tuple)) or not 2 <= len(pair.actual) <= 8 or i >= len(pair.actual):
        return False
    return equal_values(pair.expected, pair.actual[i])
