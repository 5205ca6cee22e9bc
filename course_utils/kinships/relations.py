"""What a relation is, in how many cases it holds, and how much that proves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.kinships.pairs import Pair, bits_of_each, differing, same_numbers

ENOUGH = 7.0  # bits that a relation must explain before it is believed


@dataclass(frozen=True)
class Kinship:
    """A relation between what is expected and what came back: its name, and a hint for the learner."""

    name: str
    hint: str


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


def mapped(change: Callable[[np.ndarray, np.ndarray], np.ndarray | None], *, free: bool = False) -> Explain:
    """Explains by what `change(want, got)` makes of what is expected; None there where it does not apply.

    Only entries that the change changes count, all where it changes the shape.
    `free`: one number of the change was taken from the answer, so that the most telling entry proves nothing.
    """

    def explain(want: np.ndarray, got: np.ndarray) -> float | None:
        made = change(want, got)
        if made is None:
            return 0.0 if same_numbers(want, got) else None
        if not same_numbers(made, got):
            return None
        told = bits_of_each(made if made.shape != want.shape else made[differing(made, want)])
        return float(told.sum() - (told.max(initial=0) if free else 0))

    return explain


def holds_in(relation: Relation, pairs: Sequence[Pair]) -> bool:
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


def as_kinship(relation: Relation, pairs: Sequence[Pair], aside: str = "") -> Kinship:
    """The relation told to the learner, with the shapes of the first case that is wrong."""
    pair = next(pair for pair in pairs if not pair.right)
    return Kinship(relation.name, relation.hint.replace("{shapes}", _shapes(pair)) + aside)


def _shapes(pair: Pair) -> str:
    """'yours has shape (2, 3), and (3, 3) is expected', or how many entries where a list is expected."""
    want, got = pair.want, pair.got
    if want is None or got is None:
        return "yours has another shape"
    if pair.kind == "sequence" and want.ndim and got.ndim:
        if len(got) == len(want) and got.ndim == want.ndim == 2:
            return f"each of yours has length {got.shape[1]}, and length {want.shape[1]} is expected"
        return f"yours has length {len(got)}, and length {len(want)} is expected"
    has = f"has shape {got.shape}" if got.ndim else "is a single number"
    return f"yours {has}, and {want.shape if want.ndim else 'a single number'} is expected"
