"""What every lesson keeps to, told by `course build` in a sentence that says what to add."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations, islice
from typing import Any, TypeGuard

import numpy as np
import torch

from course_grading.authoring.language import TO_WRITE, Arguments, Exercise, Lesson, Misconception, Outcomes
from course_grading.authoring.limits import MOST_INPUTS, in_time
from course_utils.checking import examine
from course_utils.errors import CourseError
from course_utils.observe import Observation, Question, has_unplain, observe, same
from course_utils.specs import Case, Spec
from course_utils.values import Raised, Unplain, describe, difference, plain
from course_utils.verdicts import Verdict

ALSO_RIGHT = 2  # right answers besides the reference, for a function
MISCONCEPTIONS = 4  # for a function; a value has one at least
SEEDS = (1, 2)  # of the hidden tests that are tried; tests/test_exercises.py tries two more
LONGEST_HINT, LONGEST_WORD = 120, 60  # words, and letters of one
KINDS: dict[str, Callable[[Any], bool]] = {  # of a tensor, or a shape, that a habit may overlook
    "has numbers below zero": lambda value: _is_tensor(value) and bool((value < 0).any()),
    "has fractions": lambda value: _is_tensor(value) and _rounds(value, 0),
    "has numbers of more than two decimals": lambda value: _is_tensor(value) and _rounds(value, 2),
    "is not contiguous": lambda value: _is_tensor(value) and not value.is_contiguous(),
    "has a side of 1": lambda value: 1 in (value.shape if _is_tensor(value) else value if _is_shape(value) else ()),
}
CODE_IN_HINTS = re.compile(r"return |\s=\s|for \.\.\. in|\bF\.|torch\.|\.(?:flip|sum|mean|max|min)\(")


def trials(lesson: Lesson, seeds: Sequence[int] = SEEDS) -> list[tuple[str, int | None]]:
    """What is to be tried of a lesson, in the order in which it is told: each exercise's visible cases, and then the
    hidden tests that these seeds give."""
    functions = [name for name, exercise in lesson.exercises.items() if exercise.is_function]
    return [(name, None) for name in lesson.exercises] + [(name, seed) for name in functions for seed in seeds]


def problem(lesson: Lesson, name: str, seed: int | None) -> str | None:
    """The first thing in the declaration of an exercise that would mislead a student: in its visible cases or, where
    there is a seed, in its hidden test. What is seen without a trial, `refuse_unfinished` has refused before."""
    exercise = lesson.exercises[name]
    try:
        found = _unlike(lesson, exercise) if seed is None else _misled(lesson, exercise, seed)
    except CourseError as error:
        found = str(error)
    where = "" if seed is None else f", a hidden test of {name}"
    return f"{lesson.folder.name}/exercises.py{where}: {found}" if found else None


def refuse_unfinished(lesson: Lesson) -> None:
    """Raise CourseError with all that is seen without a trial, so that an author need not build for each."""
    found = [_few(exercise) or _hints(exercise) for exercise in lesson.exercises.values()]
    if any(found):
        raise CourseError(f"{lesson.folder.name}/exercises.py: {' '.join(filter(None, found))}")


def _few(exercise: Exercise) -> str | None:
    name = exercise.name
    if not exercise.is_function:
        return None if exercise.misconceptions else f"{name} has no misconception: declare a wrong value with its hint."
    if len(exercise.alternatives) < ALSO_RIGHT:
        return (
            f"Of {name}, right answers besides the reference: {len(exercise.alternatives)}. Write {ALSO_RIGHT}, "
            "of really different kinds, so that its checks are known to accept them."
        )
    if len(exercise.misconceptions) < MISCONCEPTIONS:
        return f"{name} has {len(exercise.misconceptions)} misconceptions; declare {MISCONCEPTIONS} at least."
    for example in exercise.examples:
        exercise.fit(example)
    given = {key for example in exercise.examples for key in example}
    if left_out := [key for key in exercise.arguments if key not in given]:
        return (
            f"No example of {name} gives {left_out[0]}: add one where it is not its default, or an answer that passes "
            "it over is taken for right."
        )
    for other in (each for each in exercise.uses if each.is_function):
        question = Question(watched=tuple(call for call in exercise.forbidden if call not in other.forbidden))
        if called := observe(other.answer, other.examples[0], question).called:
            return (
                f"{name} may not call {called[0]}, but `right` of {other.name}, which is lent to it, does: write that "
                "by hand, or forbid it there, too."
            )
    return None


def _hints(exercise: Exercise) -> str | None:
    for wrong in exercise.misconceptions:
        where = f"The hint of {wrong.name} in {exercise.name}"
        if wrong.hint.startswith(TO_WRITE):
            return f"{where} is still to be written, and so is its code: say what was done, and ask a question."
        if len(wrong.hint.split()) > LONGEST_HINT:
            return f"{where} has {len(wrong.hint.split())} words; {LONGEST_HINT} at most are read."
        if "?" not in wrong.hint:
            return f"{where} asks nothing: end it with the question that helps."
        if code := CODE_IN_HINTS.search(wrong.hint):
            return f"{where} contains code (“{code[0].strip()}”): say it in words."
        if max(map(len, wrong.hint.split())) > LONGEST_WORD:
            return f"{where} has a word of more than {LONGEST_WORD} letters."
    return None


def _unlike(lesson: Lesson, exercise: Exercise) -> str | None:
    """Misconceptions must be told from the right answer and from each other by the visible cases, on any processor."""
    with in_time(exercise.name):
        cases = exercise.visible_cases()
        spec = lesson.spec(exercise.name, cases)
    with in_time(exercise.name), _rounded_otherwise():
        again = exercise.visible_cases()
    if exercise.raises and not any(isinstance(case.expected, Raised) for case in cases):
        return f"{exercise.name} may raise {' or '.join(exercise.raises)}, but does so in no example: add one."
    for case, second in zip(cases, again, strict=True):
        if not isinstance(case.expected, Raised) and (own := spec.difference(case.expected, case.expected)):
            return f"The right answer of {exercise.name} does not keep to its own facts. {own.message}"
        if not isinstance(case.expected, Raised) and spec.difference(case.expected, second.expected):
            return (
                f"What is right of {exercise.name} is something else each time: let nothing in it be drawn at random, "
                "or hang on how sums are rounded."
            )
    differs, apart = "add an example on which it differs from the right answer", "add an example that tells them apart"
    if not exercise.is_function:
        differs, apart = (
            "give a value, or a fact, by which it is not right",
            "give values, or facts, that tell them apart",
        )
    for _, key, _ in exercise.wrong_answers() if exercise.is_function else ():
        with in_time(f"{key} of {exercise.name}"):
            nothing = _gives_nothing(cases, key)
        if nothing:
            return (
                f"{key} of {exercise.name} gives None in every example: let it return something. (Who forgets to is "
                "told so without a declaration.)"
            )
    if found := misjudged(exercise, spec, once=True):
        wrong, key, verdict = found
        if wrong is None:
            return f"{key} is declared a right answer of {exercise.name}, but a check refuses it. {verdict.message}"
        if verdict.outcome == "right":
            return f"Nothing shows that {key} of {exercise.name} is wrong: {differs}."
        if unknowable := _unknowable(cases, key, verdict):
            return f"{key} of {exercise.name} {unknowable}"
        taken = f"{key} of {exercise.name} is taken for {verdict.misconception or 'something else'}"
        return f"{taken}: {apart}."
    for number, (case, second) in enumerate(zip(cases, again, strict=True), start=1):
        for key in case.wrong:
            with in_time(f"{key} of {exercise.name}"), _rounded_otherwise():
                found = second.wrong[key]
            if not _same(exercise, case.wrong[key], found):
                return (
                    f"What {key} of {exercise.name} gives in example {number} hangs on how sums are rounded, which "
                    "differs from processor to processor (or is drawn at random): let nothing that it divides by, or "
                    "whose sign it takes, be zero there but for rounding."
                )
    for one, other in combinations([key for _, key, _ in exercise.wrong_answers()], 2):
        alike = one.partition("/")[0] != other.partition("/")[0]
        if alike and all(_same(exercise, case.wrong[one], case.wrong[other]) for case in cases):
            return f"{one} and {other} of {exercise.name} look alike: {apart}."
    return None


def refuse_chance(lesson: Lesson, again: Lesson) -> None:
    """Raise CourseError where the same lesson, imported twice, declares two things: it would never be fresh."""
    for name, exercise in lesson.exercises.items():
        if not same(_given(exercise), _given(again.exercises[name])):
            what = "other examples" if exercise.is_function else "another right answer"
            raise CourseError(
                f"{lesson.folder.name}/exercises.py: {name} has {what} each time it is read: write out what is "
                "drawn at random, or draw it from a generator with a seed."
            )


def _given(exercise: Exercise) -> list[Any]:
    """What a declaration gives without being called; functions are told from each other later."""
    if not exercise.is_function:
        return [plain(exercise.answer)]
    return [{key: callable(value) or value for key, value in example.items()} for example in exercise.examples]


def _gives_nothing(cases: Sequence[Case], key: str) -> bool:
    return all(each.result is None and not each.error for each in _observed(cases, key))


def _misled(lesson: Lesson, exercise: Exercise, seed: int) -> str | None:
    """What is wrong with the hidden test that this seed would give."""
    try:
        with in_time("its `inputs`"):
            drawn = list(islice(exercise.inputs(np.random.default_rng(seed)), MOST_INPUTS + 1))
            if len(drawn) > MOST_INPUTS:
                return f"its inputs are more than {MOST_INPUTS}: does a loop in `inputs` never end?"
            for arguments in drawn:
                exercise.fit(arguments)
        with in_time(exercise.name):
            cases = list(exercise.fresh_cases(seed))
    except CourseError:
        raise
    except Exception as error:
        return f"its inputs stop with {type(error).__name__}: {error}."
    if not cases:
        return "its inputs are none: let `inputs` yield some, each a dict of arguments."
    given = [dict(arguments) for arguments in drawn]
    if not same([dict(case.arguments) for case in cases], given):
        return "its inputs are others each time: draw all that is random from the generator that `inputs` is given."
    if same(given, [dict(example) for example in exercise.examples]):
        return None  # its visible cases, which are tried
    if unseen := _only_hidden(exercise, drawn):
        return unseen
    spec = lesson.spec(exercise.name, cases)
    if found := misjudged(exercise, spec, once=True):
        wrong, key, verdict = found
        if wrong is None:
            return f"{key} is declared a right answer, but is refused. {verdict.message}"
        if verdict.outcome == "right":
            return f"{key} passes it: let `inputs` always yield one on which it differs from the right answer."
        if unknowable := _unknowable(cases, key, verdict):
            return f"{key} {unknowable}"
        return (
            f"{key} is taken for {verdict.misconception or 'something else'}: let `inputs` always yield one that "
            "tells them apart."
        )
    return None


def _is_tensor(value: Any) -> TypeGuard[torch.Tensor]:
    return isinstance(value, torch.Tensor)


def _is_shape(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(side, int) for side in value)


def _rounds(tensor: torch.Tensor, decimals: int) -> bool:
    """Whether so many decimals do not give all of the numbers."""
    exact = tensor.double()
    return bool(((exact - exact.round(decimals=decimals)).abs() > 1e-5).any())


def _only_hidden(exercise: Exercise, drawn: Sequence[Arguments]) -> str | None:
    """What a learner could stumble over in the hidden tests alone, and would not learn from any check."""
    for name in exercise.arguments:
        shown = [example[name] for example in exercise.examples if name in example]
        hidden = [arguments[name] for arguments in drawn if name in arguments]
        for kind, holds in KINDS.items():
            if any(map(holds, hidden)) and not any(map(holds, shown)):
                return f"{name} {kind} here and in no example: let an example have that, too."
    return None


def misjudged(exercise: Exercise, spec: Spec, *, once: bool) -> tuple[Misconception | None, str, Verdict] | None:
    """The first right answer that these cases refuse, or the first misconception that they do not know by its name. A
    wrong answer that is called `once` is judged by what it gave when its outcomes were drawn."""
    for key, answer in exercise.alternatives.items():
        with in_time(f"{key} of {exercise.name}"):
            verdict = examine(spec, answer)
        if verdict.outcome != "right":
            return None, key, verdict
    numbers = replace(spec, forbidden=(), through=(), siblings=())  # who is wrong is not asked how, or by whose help
    for wrong, key, answer in exercise.wrong_answers():
        with in_time(f"{key} of {exercise.name}"):
            verdict = examine(numbers, _seen(spec, key) if once and exercise.is_function else answer)
        if verdict.misconception != wrong.name:
            return wrong, key, verdict
    return None


class _Seen:
    """Stands for an answer that was called on every case before."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        self._observations = observations

    def __call__(self) -> None:
        raise AssertionError("It was called before.")

    def __course_observe__(self, calls: Any) -> Iterator[Observation]:
        yield from self._observations


def _seen(spec: Spec, key: str) -> _Seen:
    return _Seen(_observed(spec.cases, key))


def _observed(cases: Sequence[Case], key: str) -> list[Observation]:
    """What a spelling did in each case when its outcomes were drawn."""
    return [case.wrong.seen(key) for case in cases if isinstance(case.wrong, Outcomes)]


def _unknowable(cases: Sequence[Case], key: str, verdict: Verdict) -> str | None:
    """Why no case can know a misconception by what it does: it may be a slip in its code, or in a fact's."""
    said = [case.wrong[key] for case in cases]
    error = verdict.trial.seen.error if verdict.trial else None
    if error and all(isinstance(outcome, Raised) for outcome in said):
        where = f" at the line “{error.line}”" if error.line else ""
        return (
            f"raises {error.type} in every case{where} ({error.message}): mend it, or let it give a wrong answer in "
            "some case, since exceptions alone tell no mistake from another."
        )
    parts = [part for outcome in said for part in (outcome.items() if isinstance(outcome, dict) else [("", outcome)])]
    if parts and all(has_unplain(value) for _, value in parts):
        fact, value = parts[0]
        if fact:
            reason = value.type_name if isinstance(value, Unplain) else describe(value)
            return f"is not known by its facts: of it, {fact} says {reason}. Let one of them give plain data."
        return f"is no plain value ({describe(value)}): let it be a number, a text, a tensor, or a list of them."
    return None


@contextmanager
def _rounded_otherwise() -> Iterator[None]:
    """Convolutions by other code of the library, which adds up in another order, as that for another processor does."""
    before = torch.backends.mkldnn.enabled  # a property of the module
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
    try:
        yield
    finally:
        torch.backends.mkldnn.enabled = before


def _same(exercise: Exercise, first: Any, second: Any) -> bool:
    if isinstance(first, Raised) or isinstance(second, Raised):
        return first == second
    return _alike(first, second, exercise.tolerance)


def _alike(first: Any, second: Any, tolerance: float | None) -> bool:
    if isinstance(first, dict) and isinstance(second, dict):
        return all(_alike(first[name], second[name], tolerance) for name in first)
    try:
        return difference(first, second, tolerance) is None
    except TypeError:  # no plain values
        return type(first) is type(second) and first == second
