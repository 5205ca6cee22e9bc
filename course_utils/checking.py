"""`check`: compare an answer with stored cases, name the learner's own mistake, and leave a record.

`examine` and `report` also serve hidden tests, which bring cases of their own making.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from course_utils import cards, cells
from course_utils.digests import digest
from course_utils.errors import JUDGED, CheckFailed, CourseError, Interrupted
from course_utils.kinships import kinship
from course_utils.observe import REFUSED, Observation, Question, StudentError, has_unplain, observe_each, see, unwrapped
from course_utils.python_errors import in_words
from course_utils.specs import Fact, Spec, exercise_names, find_exercise, find_spec, read_spec
from course_utils.values import Difference, Raised, Sealed, Unplain, as_array, describe, difference, is_close, plain
from course_utils.verdicts import Trial, Verdict

# Slips, whatever was meant: they stand for no other exception.
SLIPS = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "AttributeError", "TypeError"}
FIXME = "where it says FIXME, write your own"

outcomes: dict[str, str] = {}  # full name of each exercise checked in this session → its latest outcome
answers: dict[str, Any] = {}  # … → the answer that was checked
failed: dict[str, str] = {}  # … → why its check refused the answer, until the hidden test of its cell has run too


def check(name: str, answer: Any) -> None:
    """Check your answer to the exercise `name`: a card says whether it is right and, where it is not, what to look at.

    Where nbgrader runs the notebook, raises `CheckFailed` for an answer that is wrong or not begun.
    """
    spec = find_spec(name)
    try:
        verdict = examine(spec, answer)
        trouble = cells.trouble_with(spec.name)
    except KeyboardInterrupt:
        raise Interrupted(f"The check of {spec.name} was stopped. Does a loop in it never end?") from None
    if trouble and verdict.outcome != "right":
        verdict = _not_run(verdict, trouble)
    answers[spec.full_name] = answer
    report(verdict)


def _not_run(verdict: Verdict, trouble: str) -> Verdict:
    """The newest version of the answer never ran: that comes before anything else."""
    name = verdict.spec.name
    what = "" if verdict.outcome == "waiting" else f" What was checked is the {name} of before."
    return Verdict(verdict.spec, "wrong", f"The cell that defines {name} did not run. {trouble}{what}", "not run")


def examine(spec: Spec, answer: Any) -> Verdict:
    """Try an answer on every case of an exercise and say what is wrong with it, most telling fact first."""
    verdict = _examine_function(spec, answer) if spec.is_function else _examine_value(spec, answer)
    return verdict if verdict.outcome == "right" else _follows(verdict, answer)


def _examine_function(spec: Spec, answer: Any) -> Verdict:
    name = spec.name
    if answer is None:
        return Verdict(spec, "waiting", f"{name} waits for you: {FIXME}.")
    if not callable(answer):
        call = f"{name}({', '.join(spec.arguments)})"
        return Verdict(
            spec,
            "wrong",
            f"{name} is {describe(plain(answer))}, not a function. Was its name used again for something else? "
            f"Run the cell that defines {call} once more, then this one.",
            "kind",
        )
    trials = tried(spec, answer)
    refused = [trial for trial in trials if trial.seen.error and REFUSED in trial.seen.error.message]
    if refused:  # with the library at hand, it may show a mistake that is worth more words than its use
        trials = tried(spec, answer, refuse=False)
    for trial in trials:
        if trial.seen.error and trial.seen.error.scaffold == getattr(answer, "__name__", name):
            started = "still has a FIXME" if trial is not trials[0] else "waits for you"
            return Verdict(spec, "waiting", f"{name} {started}: {FIXME}.")
    verdict = verdict_on(spec, trials, answer)
    return verdict if verdict.outcome != "right" or not refused else _forbidden(spec, refused, answer)


def _examine_value(spec: Spec, answer: Any) -> Verdict:
    value = plain(answer)
    if value is None or (isinstance(value, Unplain) and value.type_name == "ellipsis"):
        return Verdict(spec, "waiting", f"{spec.name} waits for you: {FIXME}.")
    (case,) = spec.cases
    return verdict_on(spec, [_trial(spec, case, Observation(value))])


def tried(spec: Spec, answer: Callable, lent: dict[str, Callable] | None = None, *, refuse: bool = True) -> list[Trial]:
    """The answer, called for every case; `lent` functions take the place of the learner's own. Where it is graded, the
    library will `refuse` what is forbidden."""
    question = Question(
        watched=(*spec.forbidden, *spec.through),
        refused=spec.refused if refuse else (),
        own=spec.siblings,
        lent=lent or {},
        facts={fact.name: fact.function for fact in spec.facts if spec.objects or fact.in_place},
        in_place=tuple(fact.name for fact in spec.facts if fact.in_place),
        lesson=spec.lesson,
    )
    calls = []
    for case in spec.cases:
        given = [name in case.arguments for name in spec.arguments]
        calls.append((case.arguments, dataclasses.replace(question, positional=(*given, False).index(False))))
    trials = []
    for case, seen in zip(spec.cases, observe_each(answer, calls), strict=False):
        trials.append(_trial(spec, case, seen))
        if seen.error and seen.error.scaffold:
            break  # what waits for its author waits in every case
    return trials


def _trial(spec: Spec, case: Any, seen: Observation) -> Trial:
    if seen.error:
        expected_error = isinstance(case.expected, Raised) and case.expected.type_name == seen.error.type
        return Trial(case, seen, None if expected_error else Difference("error", ""), Raised(seen.error.type))
    said = what_facts_say(spec.facts, seen, case.arguments) if spec.facts else seen.result
    if isinstance(case.expected, Raised):
        return Trial(case, seen, difference(case.expected, seen.result), said)
    return Trial(case, seen, spec.difference(case.expected, said), said)


def what_facts_say(facts: Sequence[Fact], seen: Observation, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the facts say of an observed answer: some were seen in place, the others are seen of the plain result."""
    in_place = seen.facts or {}
    here = {fact.name: fact.function for fact in facts if fact.name not in in_place}
    said = {**see(here, seen.result, arguments), **in_place}
    return {fact.name: said[fact.name] for fact in facts}


def verdict_on(spec: Spec, trials: Sequence[Trial], answer: Any = None) -> Verdict:
    """What is to be said of an answer after these trials of it."""
    failing = next((trial for trial in trials if trial.failed), None)
    name = spec.name
    if failing:
        return _wrong(spec, trials, failing)
    changing = next((trial for trial in trials if trial.seen.changed), None)
    if changing:
        changed = " and ".join(changing.seen.changed)
        before = changing.case.arguments
        if all(difference(before[key], value) is None for key, value in changing.seen.changed.items() if key in before):
            message = (
                f"{name} gives the right answer, but it makes {changed}, which belongs to the caller, ask for "
                "gradients, and they gather there from call to call. Work on a copy."
            )
            return Verdict(spec, "wrong", message, "mutated", trial=changing)
        message = (
            f"{name} gives the right numbers, but it also changes {changed}, which belongs to the caller. "
            "Work on a copy, or write your results into a new tensor."
        )
        return Verdict(spec, "wrong", message, "mutated", trial=changing)
    called = dict.fromkeys(call for trial in trials for call in trial.seen.called)
    if any(call not in spec.through for call in called):
        return _forbidden(spec, trials, answer)
    missing = [call for call in spec.through if call not in called]
    if missing:
        message = (
            f"{name} gives the right numbers, but not by way of {' and '.join(missing)}. "
            "It is asked for by name: can one call of it do all the work?"
        )
        return Verdict(spec, "wrong", message, "through")
    return Verdict(spec, "right", f"{name} is right{f' in all {len(trials)} cases' if len(trials) > 1 else ''}.")


def _forbidden(spec: Spec, trials: Sequence[Trial], answer: Any) -> Verdict:
    called = [call for trial in trials for call in trial.seen.called if call not in spec.through]
    message = (
        f"{spec.name} gives the right numbers, but it lets {' and '.join(_as_written(called, answer))} do the work. "
        "This one is written by hand: slices and loops are all you need."
    )
    return Verdict(spec, "wrong", message, "forbidden")


def _as_written(called: Sequence[str], answer: Any) -> list[str]:
    """Of library functions that were called, some by others of them, those that the answer's code names; else the
    first."""
    names = list(dict.fromkeys(call.removeprefix("fft_").strip("_") for call in called))
    written = {name.replace("_", "").lower() for name in _names_in(answer)}
    return [name for name in names if name.replace("_", "").lower() in written] or names[:1]


def _names_in(function: Any) -> Sequence[str]:
    """The names that a function's code uses."""
    return getattr(getattr(unwrapped(function), "__code__", None), "co_names", ())


def _wrong(spec: Spec, trials: Sequence[Trial], failing: Trial) -> Verdict:
    where = _where(spec, trials, failing)
    misconception = _recognise(spec, trials, failing)
    if misconception:
        return Verdict(spec, "wrong", where, "misconception", misconception, failing)
    unnamed = _unnamed(trials)
    if failing.seen.error:
        error = failing.seen.error
        advice = _default_dropped(spec, failing) or in_words(error.type, error.message, error.line) or ""
        return Verdict(spec, "wrong", where, "error", trial=failing, advice=advice, details=unnamed)
    found = failing.difference
    problem = found.problem if found else None
    named_already = problem in ("integers", "raised")
    related = None if spec.facts or not spec.shown or named_already else _related(spec, trials)
    if related:
        details = {"kinship": related.name, **unnamed}
        return Verdict(spec, "wrong", where, "kinship", trial=failing, advice=related.hint, details=details)
    return Verdict(spec, "wrong", where, problem, trial=failing, details=unnamed)


def _unnamed(trials: Sequence[Trial]) -> dict[str, str]:
    """What a class report groups an answer by that it cannot name: what it gave in each case, or, where it raised in
    every one, with which words, as exceptions of one type have little in common."""
    errors = [trial.seen.error for trial in trials if trial.seen.error]
    if len(errors) < len(trials):
        return {"digest": digest(trial.said for trial in trials)}
    return {"digest": digest((error.type, error.message) for error in errors), "raises": errors[0].type}


def _default_dropped(spec: Spec, failing: Trial) -> str:
    """Where an argument that the call leaves out has lost its default in the function's first line: a hint."""
    error = failing.seen.error
    found = error and re.search(rf"\b{re.escape(spec.name)}\(\) missing \d+ required positional", error.message)
    if not error or not found:
        return ""
    named = [name for name in spec.arguments if f"'{name}'" in error.message and name not in failing.case.arguments]
    if not named:
        return ""
    defaults = " and ".join(f"{name}=…" for name in named)
    return (
        f"The first line of your function no longer says {defaults}: where a call leaves {' and '.join(named)} out, "
        f"as this one does, it needs a value there. What stood in the first line when you began?"
    )


def _related(spec: Spec, trials: Sequence[Trial]) -> Any:
    """The kinship between what is expected and what came, over all cases; none where some raised or came to nothing."""
    if any(trial.seen.error or isinstance(trial.case.expected, (Raised, Sealed)) for trial in trials):
        return None
    return kinship(
        [(trial.case.expected, trial.seen.result) for trial in trials],
        printed=trials[0].seen.printed,
        arguments=[trial.case.arguments for trial in trials],
        others=[_others(spec, trial) for trial in trials],
        tolerance=spec.tolerance,
    )


def _others(spec: Spec, trial: Trial) -> dict[str, Any]:
    """What other exercises of the lesson expect for the same arguments, so far as their stored cases have them."""
    expected = {}
    for name in _stored(spec.lesson):
        other = read_spec(spec.lesson, name)
        if name == spec.name or other.arguments != spec.arguments or other.facts:
            continue
        for case in other.cases:
            if _alike(case.arguments, trial.case.arguments):
                expected[name] = case.expected
    return expected


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return list(one) == list(other) and all(
        one[key] is other[key] or not difference(one[key], other[key]) for key in one if not callable(one[key])
    )


def _recognise(spec: Spec, trials: Sequence[Trial], failing: Trial) -> str | None:
    """The misconception that explains every outcome, or else the first failure, most of the others, and most of all."""
    telling = [failing, *(trial for trial in trials if trial is not failing)]  # where most are told apart comes first
    explaining = (key for key in failing.case.wrong if all(_gives(spec, trial, key) for trial in telling))
    raised = any(trial.seen.error for trial in trials)
    whole = _told_apart(trials, list(explaining)) if raised else list(islice(explaining, 1))  # of which one is told
    if whole:
        return whole[0].partition("/")[0]
    if spec.facts and isinstance(failing.case.expected, Mapping) and isinstance(failing.said, Mapping):
        fact = spec.failing_fact(failing.case.expected, failing.said)
        if fact is None or isinstance(failing.said.get(fact.name), Unplain) or _has_nan(failing.seen.result):
            return None
        return fact.means
    if failing.seen.error or isinstance(failing.case.expected, bool):
        return None  # an exception alone says too little, and so does a yes or no in most cases
    failures = [trial for trial in trials if trial.failed]
    explained: dict[str, int] = {}
    for key in failing.case.wrong:
        if not _gives(spec, failing, key):
            continue
        if any(not trial.failed and isinstance(trial.case.wrong[key], Raised) for trial in trials):
            continue  # it is right where that mistake ends in an error
        agreeing = [trial for trial in trials if _gives(spec, trial, key)]
        # Who makes this mistake would not have been right where it is wrong: most of all cases must agree, too.
        if 2 * len(agreeing) > len(trials):
            name, share = key.partition("/")[0], sum(trial.failed for trial in agreeing)
            explained[name] = max(explained.get(name, 0), share)
    best = max(explained, key=lambda name: explained[name], default=None)
    if best is None or 2 * explained[best] <= len(failures) or list(explained.values()).count(explained[best]) > 1:
        return None
    return best


def _has_nan(value: Any) -> bool:
    array = as_array(value)
    return array is not None and array.dtype.kind in "fc" and bool(np.isnan(array).any())


def _gives(spec: Spec, trial: Trial, spelling: str) -> bool:
    """Whether this spelling of a misconception has the outcome of a trial; one exception is as good as another."""
    wrong = trial.case.wrong[spelling]
    if isinstance(wrong, Raised) or trial.seen.error:
        return isinstance(wrong, Raised) and trial.seen.error is not None
    if has_unplain(wrong) or has_unplain(trial.said):
        return False
    if spec.facts:
        return _says_the_same(spec, wrong, trial.said)
    return is_close(wrong, trial.said, spec.tolerance)


def _told_apart(trials: Sequence[Trial], spellings: list[str]) -> list[str]:
    """Those spellings that a pattern of exceptions can tell: not where every case raises; and the same exceptions
    decide where several misconceptions raise in the same cases."""
    if all(trial.seen.error for trial in trials):
        return []

    def same_types(spelling: str) -> bool:
        raised = ((trial.case.wrong[spelling], trial.seen.error) for trial in trials if trial.seen.error)
        return all(error is not None and wrong.type_name == error.type for wrong, error in raised)

    exact = [spelling for spelling in spellings if same_types(spelling)]
    slipped = any(trial.seen.error.type in SLIPS for trial in trials if trial.seen.error)
    chosen = exact or ([] if slipped else spellings)
    return chosen if len({spelling.partition("/")[0] for spelling in chosen}) == 1 else []


def _says_the_same(spec: Spec, wrong: Any, said: Any) -> bool:
    if not isinstance(wrong, dict) or not isinstance(said, dict):
        return False
    return all(difference(wrong[fact.name], said.get(fact.name), 1e-4) is None for fact in spec.facts)


def _where(spec: Spec, trials: Sequence[Trial], failing: Trial) -> str:
    number = trials.index(failing) + 1
    count = len(list(spec.cases))
    which = f" in case {number} of {count}" if count > 1 else ""
    before = f" (before it, {'the first was' if number == 2 else f'{number - 1} were'} right)" if number > 1 else ""
    error = failing.seen.error
    if error:
        return f"{spec.name} stopped{which}{before}. {_error_sentence(error)}"
    if failing.seen.result is None and spec.is_function:
        branch = any(trial.seen.result is not None for trial in trials)
        way = "every way through the function" if branch else "the function"
        return f"{spec.name} gave None{which}. Does {way} end with a return line?"
    found = failing.difference
    assert found is not None
    if spec.facts and isinstance(failing.seen.result, Unplain) and failing.seen.facts is None:
        return f"{spec.name} is not right yet{which}: yours is {describe(failing.seen.result)}."
    if not spec.shown and found.problem not in ("kind", "fact", "shape"):
        return f"{spec.name} is not right yet."  # what is expected would give it away
    at = ""
    if len(found.index) == 2 and not isinstance(failing.case.expected, (list, tuple)):
        at = f", first at row {found.index[0]}, column {found.index[1]}"
    elif found.index:
        at = f", first at index {found.index[0] if len(found.index) == 1 else found.index}"
    return f"{spec.name} is not right yet{which}{at}. {found.message}"


def _error_sentence(error: StudentError) -> str:
    line = f" at the line “{error.line}”" if error.line else ""
    message = f": {error.message}" if error.message else ""
    return f"Your code raised {error.type}{line}{message.rstrip('.')}."


def _follows(verdict: Verdict, answer: Any) -> Verdict:
    """The verdict, or, where the answer calls a function of the learner's own that is not right, that one first."""
    spec = verdict.spec
    if verdict.outcome == "waiting" or not spec.siblings or not spec.is_function:
        return verdict
    trial = verdict.trial
    error = trial.seen.error if trial else None
    named, own = _names_in(answer), getattr(unwrapped(answer), "__globals__", {})  # a value is read, and not called
    known = [name for name in _stored(spec.lesson) if name in named and name in spec.siblings]
    values = [name for name in known if not read_spec(spec.lesson, name).is_function]
    used = [name for name in spec.siblings if trial and name in trial.seen.used] + values
    if error and error.scaffold and error.scaffold != spec.name:
        used = [error.scaffold, *used] if error.scaffold in spec.siblings else used
    for name in used:
        if spec.name in _names_in(own.get(name)):
            continue  # they call each other: neither is to be mended first
        state = "waiting" if error and error.scaffold == name else _state(spec.lesson, name, own)
        if state in ("waiting", "wrong"):
            how = "waits for you" if state == "waiting" else "is not right yet"
            message = f"{spec.name} uses your {name}, which {how}: mend that first, then check {spec.name} again."
            details = {**verdict.details, "follows": name}
            return Verdict(spec, verdict.outcome, message, "follows", details=details)
    return verdict


_looked_at: set[str] = set()  # functions that are just examined: some call each other in a circle


def _state(lesson: str, name: str, namespace: Mapping[str, Any]) -> str:
    """Whether the learner's own function is right, so far as a check has said or its cases can say."""
    known = outcomes.get(f"{lesson}.{name}")
    if known:
        return known
    if name not in namespace or name not in _stored(lesson) or name in _looked_at:
        return "unknown"
    _looked_at.add(name)
    try:
        return examine(read_spec(lesson, name), namespace[name]).outcome
    finally:
        _looked_at.discard(name)


def _stored(lesson: str) -> tuple[str, ...]:
    """The exercises of a lesson whose cases are stored."""
    try:
        return exercise_names(lesson)
    except OSError:  # a lesson that is not built yet
        return ()


def report(verdict: Verdict, *, graded: bool | None = None) -> None:
    """Show the card and its record.

    Where it is `graded`, which by default is when nbgrader runs the notebook, an answer that is wrong or waits raises
    `CheckFailed`; in a student's own session nothing is raised, so that Run All goes on.
    """
    outcomes[verdict.spec.full_name] = verdict.outcome
    cards.show(verdict)
    graded = "NBGRADER_EXECUTION" in os.environ if graded is None else graded
    if graded and verdict.outcome != "right":
        if JUDGED in os.environ and verdict.details.get("by") != "judge":
            failed[verdict.spec.full_name] = verdict.message
            return
        raise CheckFailed(verdict.message) from None


def done(name: str) -> bool:
    """Whether your answer to the exercise `name` was right at its last check; says so where it was not."""
    lesson, short = find_exercise(name)
    if outcomes.get(f"{lesson}.{short}") == "right":
        return True
    print(f"This comes to life when {short} is right.")
    return False


__all__ = ["CourseError", "check", "done", "examine", "outcomes", "report"]
