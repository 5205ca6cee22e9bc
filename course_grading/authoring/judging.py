"""`judge`: the hidden test. The same engine as the student's `check`, on fresh inputs and the live reference."""

from __future__ import annotations

import dataclasses
import functools
import os
import secrets
import traceback
from typing import Any

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.environ import FOLLOWING_EARNS
from course_utils import checking
from course_utils.checking import examine, report, tried, verdict_on
from course_utils.errors import CheckFailed, CourseError, NoAnswer, TestBroken, did_you_mean
from course_utils.output import RECORD_TYPE, publish
from course_utils.specs import Spec
from course_utils.verdicts import Trial, Verdict

ENOUGH = 3  # cases with lent functions that tell what an answer follows from
AHEAD = 4  # secret seeds of an exercise for which a warm process draws the cases

_ahead: dict[str, dict[int, Spec]] = {}  # exercise → seed → its hidden test


def judge(name: str, answer: Any, seed: int | None = None) -> None:
    """Test an answer to the exercise "lesson.exercise" on fresh inputs; raises `CheckFailed` where it earns no marks.

    The seed is secret, one of those whose cases are drawn ahead or a new one, and kept in the record, right or wrong;
    give it to replay a failing case. An answer that the visible check of the same cell refused earns none, unless uses
    of a wrong function earn. Whatever else goes wrong is the author's mistake, and `TestBroken`.
    """
    refused = checking.failed.pop(name, None)
    seed = _secret_seed(name) if seed is None else seed
    try:
        verdict = judged(name, answer, seed)
    except NoAnswer:
        raise
    except Exception as error:
        raise TestBroken(f"{name} cannot be tested: {_told(error)}.") from None
    follows = bool(verdict.details.get("given")) and FOLLOWING_EARNS in os.environ
    if verdict.outcome != "right" and not follows and refused is None:
        report(verdict, graded=True)
    publish("", f"{verdict.spec.name}: {verdict.outcome}", **{RECORD_TYPE: verdict.record})
    if refused is not None and not follows:
        raise CheckFailed(refused) from None


def judged(name: str, answer: Any, seed: int) -> Verdict:
    """The verdict of a hidden test with this seed.

    Where the answer builds on another exercise that is not right, it is tried once more with a right one lent in its
    place; the record's `given` then names what was lent.
    """
    spec = _ahead.get(name, {}).get(seed) or _spec(name, seed)
    verdict = examine(spec, answer)
    details = {**verdict.details, "by": "judge", "seed": seed, "own_word": _own_word(spec)}
    details.pop("digest", None)  # of inputs that nobody else's answer has met
    if verdict.outcome == "wrong" and (lent := _right_with_lent(spec, answer, verdict.trial)):
        details["given"] = list(lent)
    return dataclasses.replace(verdict, details=details)


def _own_word(spec: Spec) -> str:
    """What of an answer its own process alone can say; see notebook/suspicions.py."""
    if spec.refused:
        return "by hand"
    return "facts" if spec.objects or any(fact.in_place for fact in spec.facts) else ""


def draw_ahead(name: str) -> None:
    """Draw the cases of an exercise for a few secret seeds: each process forked from this one would draw its own."""
    for _ in range(AHEAD):
        seed = secrets.randbits(32)
        _ahead.setdefault(name, {})[seed] = _spec(name, seed)


def _secret_seed(name: str) -> int:
    return secrets.choice(list(_ahead[name])) if name in _ahead else secrets.randbits(32)


def _spec(name: str, seed: int) -> Spec:
    lesson_name, _, exercise_name = name.partition(".")
    lesson = _lesson(lesson_name)
    exercise = lesson.exercises.get(exercise_name)
    if exercise is None:
        near = did_you_mean(exercise_name, lesson.exercises)
        raise CourseError(f"{lesson_name} declares no exercise '{exercise_name}'{near}.")
    return lesson.spec(exercise_name, exercise.fresh_cases(seed))


def _right_with_lent(spec: Spec, answer: Any, failing: Trial | None) -> tuple[str, ...]:
    """The exercises that the answer calls and that, lent right, make it right; empty where they do not."""
    lent = {
        name: right for name, right in spec.uses.items() if checking.outcomes.get(f"{spec.lesson}.{name}") != "right"
    }
    if not lent or not callable(answer) or (failing and not set(lent) & set(failing.seen.used)):
        return ()
    # A lent function is called across processes, for each position of a loop: a few cases tell what follows from what.
    cases = spec.cases if FOLLOWING_EARNS in os.environ else spec.cases[:ENOUGH]
    spec = dataclasses.replace(spec, cases=cases)
    trials = tried(spec, answer, lent)
    if verdict_on(spec, trials, answer).outcome != "right":
        return ()
    return tuple(name for name in lent if any(name in trial.seen.used for trial in trials))


def _told(error: Exception) -> str:
    """An exception by its message and by the last line of exercises.py that it came through."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith("exercises.py")]
    where = f" (exercises.py, line {lines[-1].lineno}: {lines[-1].line})" if lines else ""
    return f"{type(error).__name__}: {str(error).rstrip('.')}{where}"


@functools.cache
def _lesson(name: str) -> Lesson:
    return load_lesson(name)
