"""The banks of what beginners hand in: nothing right is refused, nothing wrong accepted, most mistakes are named."""

import warnings

import pytest

from course_utils.checking import examine
from course_utils.specs import find_spec
from tests.attempts import attempts
from tests.conftest import LESSONS

NAMED = 0.85  # of the mistakes that the catalogue lists
SEEDS = (11, 12)


def verdicts(lesson, attempt):
    exercise = lesson.exercises[attempt.exercise]
    specs = [find_spec(f"{lesson.name}.{exercise.name}")]
    specs += [lesson.spec(exercise.name, exercise.fresh_cases(seed)) for seed in SEEDS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beginners' code warns
        return [examine(spec, attempt.answer) for spec in specs]


@pytest.fixture(scope="module", params=LESSONS.values(), ids=LESSONS.keys())
def judged(request):
    """Every attempt at a lesson's exercises, with its verdicts: the visible check's, then those of hidden tests."""
    lesson = request.param
    return [(each, verdicts(lesson, each)) for each in attempts(lesson.name) if each.exercise in lesson.exercises]


def test_the_bank_covers_the_lesson(judged):
    assert len(judged) >= 60


def test_no_right_answer_is_refused(judged):
    refused = [
        f"{each.exercise}, {each.answer}: {found.message}"
        for each, verdict in judged
        for found in verdict
        if each.right and found.outcome != "right"
    ]
    assert not refused, "\n".join(refused)


def test_no_wrong_answer_is_accepted(judged):
    accepted = [
        f"{each.exercise}: {each.mistake} ({', '.join(found.outcome for found in verdict)})"
        for each, verdict in judged
        if not each.right and not each.forbidden and any(found.outcome == "right" for found in verdict)
    ]
    assert not accepted, "\n".join(accepted)


def test_most_mistakes_of_the_catalogue_are_named(judged):
    listed = [(each, verdict[0]) for each, verdict in judged if each.listed]
    unnamed = [f"{each.exercise}: {each.mistake}" for each, verdict in listed if not verdict.misconception]
    assert len(unnamed) <= (1 - NAMED) * len(listed), "\n".join(unnamed)
