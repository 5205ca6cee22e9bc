"""What every lesson keeps to, told by `course build` in a sentence that says what to add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from course_grading.authoring.language import Exercise, Lesson, Misconception
from course_utils.checking import examine
from course_utils.errors import CourseError
from course_utils.specs import Case, Spec
from course_utils.storage import to_json
from course_utils.values import Raised, difference
from course_utils.verdicts import Verdict

ALSO_RIGHT = 2  # right answers besides the reference, for a function
MISCONCEPTIONS = 4  # for a function; a value has one at least
SEEDS = (1, 2, 3)  # of the hidden tests that are tried
LONGEST_HINT = 120  # words
TO_WRITE = "FIXME"  # how the hint of a stub begins, as `course report --name` writes one
CODE_IN_HINTS = ("return ", " = ", "for ... in", "F.", "torch.", ".flip(", ".sum(")


def refuse(lesson: Lesson, seeds: Iterable[int] = SEEDS) -> None:
    """Raise CourseError for the first thing in a lesson's declarations that would mislead a student: in its visible
    cases, and in those that hidden tests would draw from these seeds."""
    for exercise in lesson.exercises.values():
        for problem in (_few(exercise), _hints(exercise), _unlike(lesson, exercise)):
            if problem:
                raise CourseError(f"{lesson.folder.name}/exercises.py: {problem}")
    for exercise in lesson.exercises.values():
        for seed in seeds if exercise.is_function else ():
            if problem := _misled(lesson, exercise, seed):
                raise CourseError(f"{lesson.folder.name}/exercises.py, a hidden test of {exercise.name}: {problem}")


def _few(exercise: Exercise) -> str | None:
    name = exercise.name
    if not exercise.is_function:
        return None if exercise.misconceptions else f"{name} has no misconception: declare a wrong value with its hint."
    if len(exercise.alternatives) < ALSO_RIGHT:
        return (
            f"{name} has {len(exercise.alternatives)} right answers besides the reference; write {ALSO_RIGHT}, "
            "of really different kinds, so that its checks are known to accept them."
        )
    if len(exercise.misconceptions) < MISCONCEPTIONS:
        return f"{name} has {len(exercise.misconceptions)} misconceptions; declare {MISCONCEPTIONS} at least."
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
        code = next((sign for sign in CODE_IN_HINTS if sign in wrong.hint), None)
        if code:
            return f"{where} contains code (“{code.strip()}”): say it in words."
    return None


def _unlike(lesson: Lesson, exercise: Exercise) -> str | None:
    """Misconceptions must be told from the right answer and from each other by the visible cases."""
    cases = exercise.visible_cases()
    spec = lesson.spec(exercise.name, cases)
    if found := _misjudged(exercise, spec):
        wrong, key, verdict = found
        if wrong is None:
            return f"{key} is declared a right answer of {exercise.name}, but a check refuses it. {verdict.message}"
        if verdict.outcome == "right":
            return (
                f"The examples of {exercise.name} do not show that {key} is wrong: add one on which it differs from "
                "the right answer."
            )
        return (
            f"On the examples of {exercise.name}, {key} is taken for {verdict.misconception or 'something else'}: "
            "add an example that tells them apart."
        )
    for one, other in combinations([key for _, key, _ in exercise.wrong_answers()], 2):
        alike = one.partition("/")[0] != other.partition("/")[0]
        if alike and all(_same(exercise, case, one, other) for case in cases):
            return f"{one} and {other} look alike on the examples of {exercise.name}: add one that tells them apart."
    return None


def _misled(lesson: Lesson, exercise: Exercise, seed: int) -> str | None:
    """What is wrong with the hidden test that this seed would give."""
    try:
        cases, again = list(exercise.fresh_cases(seed)), list(exercise.fresh_cases(seed))
    except CourseError as error:
        return str(error)
    except Exception as error:
        return f"its inputs stop with {type(error).__name__}: {error}."
    if not cases:
        return "its inputs are none: let `inputs` yield some, each a dict of arguments."
    if _plain(cases) != _plain(again):
        return "its inputs are others each time: draw all that is random from the generator that `inputs` is given."
    spec = lesson.spec(exercise.name, cases)
    if found := _misjudged(exercise, spec):
        wrong, key, verdict = found
        if wrong is None:
            return f"{key} is declared a right answer, but is refused. {verdict.message}"
        if verdict.outcome == "right":
            return f"{key} passes it: let `inputs` always yield one on which it differs from the right answer."
        return (
            f"{key} is taken for {verdict.misconception or 'something else'}: let `inputs` always yield one that "
            "tells them apart."
        )
    return None


def _misjudged(exercise: Exercise, spec: Spec) -> tuple[Misconception | None, str, Verdict] | None:
    """The first right answer that these cases refuse, or the first misconception that they do not know by its name."""
    for key, answer in exercise.alternatives.items():
        if (verdict := examine(spec, answer)).outcome != "right":
            return None, key, verdict
    for wrong, key, answer in exercise.wrong_answers():
        if (verdict := examine(spec, answer)).misconception != wrong.name:
            return wrong, key, verdict
    return None


def _plain(cases: Sequence[Case]) -> list[dict[str, Any]]:
    return [{name: to_json(value) for name, value in case.arguments.items()} for case in cases]


def _same(exercise: Exercise, case: Case, one: str, other: str) -> bool:
    first, second = case.wrong[one], case.wrong[other]
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
