"""The banks of what beginners hand in: nothing right is refused, nothing wrong accepted, most mistakes are named."""

import warnings
from dataclasses import dataclass

import pytest
import torch

from course_utils.checking import examine
from course_utils.specs import find_spec
from course_utils.verdicts import Verdict
from tests.attempts import Attempt, attempts
from tests.lessons import LESSONS, refused

NAMED = 0.85  # of the mistakes that the catalogue lists
SEEDS = (11, 12)


@dataclass
class Judged:
    """What the visible check says of an attempt, and whether each hidden test refuses it."""

    attempt: Attempt
    check: Verdict
    refused: list[bool]


@pytest.fixture(scope="module", params=[(bank, folder) for bank in ("", "second.") for folder in LESSONS], ids="".join)
def judged(request):
    """Every attempt of a bank at a lesson's exercises."""
    bank, folder = request.param
    lesson = LESSONS[folder]
    hidden = {
        name: [lesson.spec(name, exercise.fresh_cases(seed)) for seed in (SEEDS[:1] if bank else SEEDS)]
        for name, exercise in lesson.exercises.items()
    }
    found = []
    torch.manual_seed(0)  # an answer that draws a picture would be caught in most runs, and not in all
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beginners' code warns
        for each in attempts(f"{bank}{lesson.name}"):
            if each.exercise in lesson.exercises:
                check = examine(find_spec(f"{lesson.name}.{each.exercise}"), each.answer)
                found.append(Judged(each, check, [refused(spec, each.answer) for spec in hidden[each.exercise]]))
    return found


def test_the_bank_covers_the_lesson(judged):
    assert len(judged) >= 50


def test_no_right_answer_is_refused(judged):
    refused = [
        f"{each.attempt.exercise}, {each.attempt.answer}: {each.check.message} {each.refused}"
        for each in judged
        if each.attempt.right and (each.check.outcome != "right" or any(each.refused))
    ]
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_no_right_network_is_refused_for_the_weights_it_happens_to_begin_with(seed):
    torch.manual_seed(seed)
    for each in attempts("second.from_kernels_to_features"):
        if each.exercise == "make_cnn" and each.right:
            assert examine(find_spec("make_cnn"), each.answer).outcome == "right", each.answer


def test_no_wrong_answer_is_accepted(judged):
    accepted = [
        f"{each.attempt.exercise}: {each.attempt.mistake} ({each.check.outcome}, {each.refused})"
        for each in judged
        if not (each.attempt.right or each.attempt.forbidden)
        and (each.check.outcome == "right" or not all(each.refused))
    ]
    assert not accepted, "\n".join(accepted)


def test_most_mistakes_of_the_catalogue_are_named(judged):
    listed = [each for each in judged if each.attempt.listed]
    unnamed = [f"{each.attempt.exercise}: {each.attempt.mistake}" for each in listed if not each.check.misconception]
    assert len(unnamed) <= (1 - NAMED) * len(listed), "\n".join(unnamed)


def test_no_mistake_goes_by_another_name(judged):
    others = [
        f"{each.attempt.exercise}: {each.attempt.name} is called {each.check.misconception}"
        for each in judged
        if each.attempt.name and each.check.misconception not in (None, each.attempt.name)
    ]
    assert not others, "\n".join(others)
