"""Right answers, changed in one place: what is wrong on many inputs is refused by every check, visible and hidden."""

import contextlib
import random
import signal
import time
import warnings
from collections.abc import Iterator

from course_grading.authoring.language import observe_with
from course_utils.observe import has_unplain
from course_utils.specs import find_spec
from course_utils.values import Raised
from tests.lessons import refused
from tests.mutants import mutants

SEEDS = (1, 2, 3)  # of hidden tests, each of which must refuse
DRAWS = range(100, 108)  # seeds of the many inputs on which a survivor is compared with the reference
MANY = 0.1  # share of those inputs on which a mutant that survives may be wrong
SECONDS = 2  # for one exercise; where its answers take longer, a fixed choice of mutants is tried


class Slow(BaseException):
    """A mutant that does not end; nothing that takes an exception for an answer stops it."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)  # again, where the mutant itself catches all
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def refused_in_time(spec, answer) -> bool:
    try:
        with at_most(1):
            return refused(spec, answer)
    except Slow:
        return True


def share_wrong(exercise, spec, answer) -> float:
    """On how many of many inputs an answer is wrong."""
    wrong = total = 0
    for seed in DRAWS:
        for case in exercise.fresh_cases(seed):
            seen = observe_with(exercise, answer, case.arguments)
            total += 1
            if seen.error or isinstance(case.expected, Raised):
                wrong += not (seen.error and case.expected == Raised(seen.error.type))
            else:
                said = exercise.said(seen, case.arguments) if exercise.facts else seen.result
                wrong += has_unplain(said) or spec.difference(case.expected, said) is not None
    return wrong / total


def test_no_mutant_of_a_right_answer_survives(each_exercise, record_property):
    lesson, exercise = each_exercise
    if not exercise.is_function:
        return
    checks = [find_spec(f"{lesson.name}.{exercise.name}")]
    checks += [lesson.spec(exercise.name, exercise.fresh_cases(seed)) for seed in SEEDS]
    candidates = [
        (f"{name}: {change}", mutant)
        for name, answer in {"right": exercise.answer, **exercise.alternatives}.items()
        for change, mutant in mutants(answer)
    ]
    random.Random(exercise.name).shuffle(candidates)
    survivors, tried, wrong, until = [], 0, 0, time.monotonic() + SECONDS
    for change, mutant in candidates:
        if time.monotonic() > until:
            break
        tried += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            passes = [not refused_in_time(spec, mutant) for spec in checks]
            wrong += not all(passes)
            if any(passes) and (share := share_wrong(exercise, checks[0], mutant)) > MANY:
                names = ["the visible check", *(f"seed {seed}" for seed in SEEDS)]
                where = ", ".join(name for name, passed in zip(names, passes, strict=True) if passed)
                survivors.append(f"{change} (wrong on {share:.0%}, passes {where})")
    record_property("mutants", f"{exercise.name}: {len(candidates)} made, {tried} tried, {wrong} refused")
    assert not survivors, "\n".join(survivors)
