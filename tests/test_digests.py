"""Digests of wrong answers: one for equal outputs, whatever they are made of; different ones for different outputs."""

import itertools

import numpy as np
import pytest
import torch

from course_grading.authoring.language import load_lesson
from course_utils.checking import examine
from course_utils.digests import digest
from course_utils.specs import find_spec
from course_utils.values import Raised, Unplain

X = torch.tensor([[0.1, 0.2], [0.3, 7.77]])


@pytest.mark.parametrize(
    "same",
    [
        [X, X.double(), X.numpy(), X.tolist(), X * (1 + 1e-7), X.t().contiguous().t()],
        [3, 3.0, torch.tensor(3), np.int64(3)],
        [(1, 2), [1, 2], torch.tensor([1, 2])],
        [torch.tensor([0.0, 1.0]), torch.tensor([-0.0, 1.0]), torch.tensor([1e-9, 1.0])],
        [torch.tensor([float("nan"), 1]), np.array([np.nan, 1.0])],
    ],
)
def test_equal_outputs_have_one_digest(same):
    assert len({digest([value]) for value in same}) == 1


def test_unequal_outputs_have_different_digests():
    values = [X, X.t(), X[:1], -X, X * 1.01, 3, 4, True, "3", None, Raised("IndexError"), Raised("TypeError")]
    values += [Unplain("set"), [], (1, "a"), {"ends": 3}, {"ends": 4}, torch.tensor([True, False])]
    digests = [digest([value]) for value in values]
    assert len(set(digests)) == len(values)
    assert digest([3, 4]) != digest([4, 3])


def test_a_check_keeps_the_digest_of_what_it_cannot_name_and_of_nothing_else():
    spec = find_spec("corr2d")
    right = load_lesson("sliding_regions").exercises["corr2d"]

    def nine_more(x, kernel):
        return right(x, kernel) + 9

    def nine_more_in_numpy(x, kernel):
        return (right(x, kernel).double() + 9).numpy()

    def flipped(x, kernel):
        return right(x, kernel.flip(0, 1))

    one, other, named, fine = (examine(spec, each) for each in (nine_more, nine_more_in_numpy, flipped, right))
    assert one.record["digest"] == other.record["digest"]
    assert "digest" not in named.record and named.misconception
    assert "digest" not in fine.record


def test_answers_that_raise_in_every_case_are_grouped_by_what_the_exception_says():
    spec = find_spec("corr2d")

    def unpacks(x, kernel):
        rows, _, _ = x.shape
        return rows

    def unpacks_too(x, kernel):
        height, _, _ = x.shape
        return height

    def converts(x, kernel):
        return int("nothing")

    def raises_once(x, kernel):
        return x if x.shape[0] > 4 else int("nothing")

    one, same, other, once = (examine(spec, each).record for each in (unpacks, unpacks_too, converts, raises_once))
    assert one["digest"] == same["digest"] != other["digest"], "all are a ValueError"
    assert one["raises"] == other["raises"] == "ValueError"
    assert "raises" not in once


def test_misconceptions_that_a_check_tells_apart_have_different_digests():
    exercise = load_lesson("sliding_regions").exercises["corr2d"]
    cases = exercise.visible_cases()
    digests = {key: digest(case.wrong[key] for case in cases) for _, key, _ in exercise.wrong_answers()}
    for one, other in itertools.combinations(digests, 2):
        if one.partition("/")[0] != other.partition("/")[0]:
            assert digests[one] != digests[other]
