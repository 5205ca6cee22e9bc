"""`check`: compare an answer with stored cases, name the learner's own mistake, and leave a record.

`examine` and `report` also serve hidden tests, which bring cases of their own making.
"""

from __future__ import annotations

import difflib
import functools
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.errors import CheckFailed, CourseError
from course_utils.observe import Observation, StudentError, observe
from course_utils.values import Difference, Raised, Unplain, describe, difference, from_json, plain

# `course build` tries a notebook with cases that are not in place yet.
CASES = Path(os.environ.get("COURSE_CASES") or Path(__file__).parent / "cases")
RECORD_TYPE = "application/vnd.convolution-course.check+json"


@dataclass(frozen=True, eq=False)  # tensors have no one answer to ==
class Case:
    """One input, the right output, and what each misconception gives for it."""

    arguments: Mapping[str, Any]
    expected: Any
    wrong: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Spec:
    """All that a check knows of an exercise. `arguments` is empty where the answer is a value, not a function."""

    lesson: str
    name: str
    arguments: tuple[str, ...]
    points: float
    forbidden: tuple[str, ...]
    hints: Mapping[str, str]
    cases: Iterable[Case]

    @property
    def full_name(self) -> str:
        return f"{self.lesson}.{self.name}"


@dataclass(frozen=True, eq=False)
class Trial:
    """One case, what the learner's code did with it, and how that differs from what is expected."""

    case: Case
    seen: Observation
    difference: Difference | None


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a check found: `outcome` is "right", "waiting" or "wrong"; the rest says why, in words for the learner."""

    spec: Spec
    outcome: str
    message: str
    problem: str | None = None
    misconception: str | None = None
    trial: Trial | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        return self.spec.hints[self.misconception] if self.misconception else ""

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


outcomes: dict[str, str] = {}  # full name of each exercise checked in this session → its latest outcome


def check(name: str, answer: Any) -> None:
    """Check your answer to the exercise `name`: a card says whether it is right and, where it is not, what to look at.

    Raises `CheckFailed`, with one line and no traceback, where the answer is wrong. An exercise that you have not begun
    is not wrong: its card says that it waits for you.
    """
    report(examine(find_spec(name), answer))


def examine(spec: Spec, answer: Any) -> Verdict:
    """Try an answer on every case of an exercise and say what is wrong with it, most telling fact first."""
    if not spec.arguments:
        return _examine_value(spec, answer)
    name = spec.name
    if answer is None:
        return Verdict(spec, "waiting", f"{name} waits for you: replace the FIXME line by your code.")
    if not callable(answer):
        call = f"{name}({', '.join(spec.arguments)})"
        return Verdict(
            spec,
            "wrong",
            f"{name} is {describe(plain(answer))}, not a function. Was its name used again for something else? "
            f"Run the cell that defines {call} once more, then this one.",
            "kind",
        )
    trials = []
    for case in spec.cases:
        seen = observe(answer, case.arguments, spec.forbidden)
        if seen.error and seen.error.type == "NotImplementedError":
            started = "still has a FIXME" if trials else "waits for you"
            return Verdict(spec, "waiting", f"{name} {started}: replace the FIXME line by your code.")
        found = None if seen.error else difference(case.expected, seen.result)
        trials.append(Trial(case, seen, found))
    return _judge_trials(spec, trials)


def _examine_value(spec: Spec, answer: Any) -> Verdict:
    (case,) = spec.cases
    if answer is None or answer is Ellipsis:
        return Verdict(spec, "waiting", f"{spec.name} waits for you: write your answer where it says FIXME.")
    seen = Observation(Unplain("function") if callable(answer) else plain(answer))
    return _judge_trials(spec, [Trial(case, seen, difference(case.expected, seen.result))])


def _judge_trials(spec: Spec, trials: list[Trial]) -> Verdict:
    name = spec.name
    failing = next((trial for trial in trials if trial.seen.error or trial.difference), None)
    if failing:
        misconception = _recognise(spec.hints, trials, failing)
        if misconception:
            where = _where(spec, trials, failing)
            return Verdict(spec, "wrong", where, "misconception", misconception, failing)
        if failing.seen.error:
            return Verdict(spec, "wrong", _error_sentence(name, failing.seen.error), "error", trial=failing)
        return Verdict(spec, "wrong", _where(spec, trials, failing), failing.difference.problem, trial=failing)
    changing = next((trial for trial in trials if trial.seen.changed), None)
    if changing:
        changed = " and ".join(changing.seen.changed)
        message = (
            f"{name} gives the right numbers, but it also changes {changed}, which belongs to the caller. "
            "Work on a copy, or write your results into a new tensor."
        )
        return Verdict(spec, "wrong", message, "mutated", trial=changing)
    called = dict.fromkeys(call for trial in trials for call in trial.seen.called)
    if called:
        message = (
            f"{name} gives the right numbers, but it lets {' and '.join(called)} do the work. "
            "This one is written by hand: slices, loops and sums are all you need."
        )
        return Verdict(spec, "wrong", message, "forbidden")
    return Verdict(spec, "right", f"{name} is right{f' in all {len(trials)} cases' if len(trials) > 1 else ''}.")


def _recognise(hints: Iterable[str], trials: list[Trial], failing: Trial) -> str | None:
    """The misconception that explains every outcome, or else the first failure and most of the others."""

    def gives(trial: Trial, name: str) -> bool:
        wrong = trial.case.wrong[name]
        if isinstance(wrong, Raised):
            return trial.seen.error is not None and trial.seen.error.type == wrong.type_name
        return trial.seen.error is None and difference(wrong, trial.seen.result) is None

    for name in hints:
        if all(gives(trial, name) for trial in trials):
            return name
    if failing.seen.error:
        return None  # an exception alone says too little
    failures = [trial for trial in trials if trial.seen.error or trial.difference]
    explained = {name: sum(gives(trial, name) for trial in failures) for name in hints if gives(failing, name)}
    best = max(explained, key=explained.get, default=None)
    if best is None or 2 * explained[best] <= len(failures) or list(explained.values()).count(explained[best]) > 1:
        return None
    return best


def _where(spec: Spec, trials: list[Trial], failing: Trial) -> str:
    which = f" in case {trials.index(failing) + 1} of {len(trials)}" if len(trials) > 1 else ""
    if failing.seen.error:
        return f"{spec.name} stopped{which}. {_error_sentence(spec.name, failing.seen.error)}"
    if failing.seen.result is None:
        return f"{spec.name} gave None{which}. Does the function end with a return line?"
    found = failing.difference
    if not spec.arguments and found.problem != "kind":
        return f"{spec.name} is not right yet."  # a prediction: what is expected would give it away
    at = ""
    if len(found.index) == 2 and not isinstance(failing.case.expected, list):
        at = f", first at row {found.index[0]}, column {found.index[1]}"
    elif found.index:
        at = f", first at index {found.index[0] if len(found.index) == 1 else found.index}"
    return f"{spec.name} is not right yet{which}{at}. {found.message}"


def _error_sentence(name: str, error: StudentError) -> str:
    line = f" at the line “{error.line}”" if error.line else ""
    message = f": {error.message}" if error.message else ""
    return f"Your code in {name} raised {error.type}{line}{message.rstrip('.')}."


def report(verdict: Verdict, *, graded: bool | None = None) -> None:
    """Show the card and its record; raise `CheckFailed` where the answer is wrong.

    Where it is `graded`, which by default is when nbgrader runs the notebook, an answer that waits fails as well.
    """
    from course_utils import cards  # drawing waits until there is something to draw

    outcomes[verdict.spec.full_name] = verdict.outcome
    cards.show(verdict)
    graded = "NBGRADER_EXECUTION" in os.environ if graded is None else graded
    if verdict.outcome == "wrong" or (verdict.outcome == "waiting" and graded):
        raise CheckFailed(verdict.message) from None


def find_spec(name: str) -> Spec:
    """The stored spec of an exercise, by its name or by "lesson.name"."""
    if not isinstance(name, str):
        raise CourseError('The first argument of check is the exercise\'s name in quotes: check("corr2d", corr2d).')
    lesson, _, short = name.rpartition(".")
    for spec in all_specs():
        if spec.name == short and lesson in ("", spec.lesson):
            return spec
    near = difflib.get_close_matches(short, [spec.name for spec in all_specs()], n=3, cutoff=0.4)
    suggestion = f" Did you mean {' or '.join(near)}?" if near else ""
    raise CourseError(f"There is no exercise called '{name}'.{suggestion}")


@functools.cache
def all_specs() -> tuple[Spec, ...]:
    """The stored specs of every lesson, in the order of the lessons."""
    files = sorted(CASES.glob("*.json"))
    return tuple(spec for file in files for spec in read_specs(json.loads(file.read_text("utf-8"))))


def read_specs(data: Mapping[str, Any]) -> list[Spec]:
    """The specs of one lesson from the JSON data that `course build` wrote."""
    return [
        Spec(
            lesson=data["lesson"],
            name=name,
            arguments=tuple(entry["arguments"]),
            points=entry["points"],
            forbidden=tuple(entry["forbidden"]),
            hints=entry["hints"],
            cases=tuple(
                Case(
                    {key: from_json(value) for key, value in case["arguments"].items()},
                    from_json(case["expected"]),
                    {key: from_json(value) for key, value in case["wrong"].items()},
                )
                for case in entry["cases"]
            ),
        )
        for name, entry in data["exercises"].items()
    ]


def done(name: str) -> bool:
    """Whether your answer to the exercise `name` was right at its last check; says so where it was not."""
    spec = find_spec(name)
    if outcomes.get(spec.full_name) == "right":
        return True
    print(f"This comes to life when {spec.name} is right.")
    return False
