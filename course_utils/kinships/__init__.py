"""Kinships: how a wrong answer is related to the right one, where no declared misconception explains it.

`kinship` looks at every case at once and names the one relation that holds in all of them: "transposed", "scaled",
"shifted". A relation must explain enough to be no coincidence; where nothing does, it says nothing.

To add a relation: a `Relation` with a name, a hint (what was seen, then a question, at most 60 words, no solution) and
`explain(want, got)`, in arrays.py or loose.py, in the list where its equals are. The first relation that holds is the
one told; {shapes} in a hint becomes what shape, or how many entries, came back and what is expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.kinships.answers import (
    another_kind,
    argument_ignored,
    argument_itself,
    other_exercise,
    same_everywhere,
)
from course_utils.kinships.arrays import exact
from course_utils.kinships.loose import loose
from course_utils.kinships.pairs import Pair, equal_values, read_pair
from course_utils.kinships.relations import Kinship
from course_utils.values import Raised, Sealed, Unplain


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
        read = [read_pair(expected, actual, tolerance) for expected, actual in pairs]
        failing = [pair for pair in read if not pair.right]
        if not failing:
            return None
        if printed.strip() and all(pair.actual is None for pair in failing):
            return PRINTED
        if any(pair.actual is None or isinstance(pair.actual, (Raised, Unplain)) for pair in failing):
            return None
        return (
            other_exercise(read, others or ())
            or argument_itself(read, arguments or ())
            or same_everywhere(read)
            or another_kind(read)
            or exact(read)
            or argument_ignored(read, arguments or ())
            or loose(read)
            or _in_one_part(read)
        )


PRINTED = Kinship(
    "printed",
    "Your function prints its result, but gives None to whoever calls it. What is on the screen cannot be added to "
    "anything. Which line would hand the result over?",
)


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
    wrong = [i for i in range(size) if any(not equal_values(pair.expected[i], pair.actual[i]) for pair in pairs)]
    if len(wrong) > 1 and all(equal_values(pair.expected, pair.actual[::-1]) for pair in pairs):
        return Kinship(
            "parts in reverse order",
            "You give all that is expected, but in reverse order. Which of the results comes first?",
        )
    if len(wrong) != 1:
        return None
    found = kinship([(pair.expected[wrong[0]], pair.actual[wrong[0]]) for pair in pairs])
    return found and Kinship(found.name, f"Look at part {wrong[0] + 1} of your result. {found.hint}")
