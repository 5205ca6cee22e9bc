"""What a check found, and the record of it that a class report counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course_utils.observe import Observation
from course_utils.specs import Case, Spec
from course_utils.values import Difference


@dataclass(frozen=True, eq=False)
class Trial:
    """One case, what the learner's code did with it, and how that differs from what is expected."""

    case: Case
    seen: Observation
    difference: Difference | None
    said: Any = None  # what is compared: the result, or what the facts say of it

    @property
    def failed(self) -> bool:
        return self.difference is not None


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a check found: `outcome` is "right", "waiting" or "wrong"; the rest says why, in words for the learner.

    `problem` is "misconception", "kinship", "follows" (from another exercise), "error", "mutated", "forbidden",
    "through", "fact", or the kind of the first difference.
    """

    spec: Spec
    outcome: str
    message: str
    problem: str | None = None
    misconception: str | None = None
    trial: Trial | None = None
    advice: str = ""  # a hint that no misconception gives: of a kinship, or what an error means
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        return self.spec.hints[self.misconception] if self.misconception else self.advice

    @property
    def record(self) -> dict[str, Any]:
        """The machine-readable record that a class report counts."""
        return {
            "exercise": self.spec.full_name,
            "outcome": self.outcome,
            "problem": self.problem,
            "misconception": self.misconception,
            "by": "check",
            "seed": None,
        } | dict(self.details)
