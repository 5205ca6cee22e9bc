"""Every exercise of every lesson: its checks know each mistake, and accept every right answer.

`course build --check`, which `make test` runs, sees that declarations keep the rules of authoring/rules.py.
"""

import pytest
import torch

from course_grading.authoring.language import Exercise, Lesson, observe_with
from course_utils.checking import examine
from course_utils.observe import observe
from course_utils.specs import Spec, find_spec
from course_utils.storage import from_json, to_json
from course_utils.values import Raised, difference

SEEDS = (3, 20261122)  # besides those that `course build` tries


def specs(lesson: Lesson, exercise: Exercise) -> list[Spec]:
    """The visible cases as students get them, and fresh ones as hidden tests draw them."""
    fresh = [lesson.spec(exercise.name, exercise.fresh_cases(seed)) for seed in SEEDS]
    return [find_spec(f"{lesson.name}.{exercise.name}"), *fresh]


def test_every_misconception_is_rejected_with_its_own_hint(each_exercise):
    lesson, exercise = each_exercise
    for spec in specs(lesson, exercise):
        for wrong, spelling, answer in exercise.wrong_answers():
            verdict = examine(spec, answer)
            assert (verdict.outcome, verdict.misconception) == ("wrong", wrong.name), spelling
            assert verdict.hint == wrong.hint


def test_every_right_answer_is_right(each_exercise):
    lesson, exercise = each_exercise
    for spec in specs(lesson, exercise):
        for name, answer in exercise.alternatives.items():
            verdict = examine(spec, answer)
            assert verdict.outcome == "right", f"{name}: {verdict.message}"


def test_a_seed_gives_the_same_inputs_each_time_and_another_seed_others(each_exercise):
    _, exercise = each_exercise

    def inputs(seed):
        return [{key: to_json(value) for key, value in case.arguments.items()} for case in exercise.fresh_cases(seed)]

    assert inputs(7) == inputs(7)
    assert not exercise.arguments or inputs(7) != inputs(8)


def test_the_reference_leaves_its_arguments_alone(each_exercise):
    _, exercise = each_exercise
    for case in exercise.fresh_cases(3) if exercise.is_function else ():
        assert not observe_with(exercise, exercise.answer, case.arguments).changed


def same(spec, one, other):
    return one == other if isinstance(one, Raised) else spec.difference(one, other) is None


def test_stored_cases_are_the_declared_ones(each_exercise):
    lesson, exercise = each_exercise
    stored = find_spec(f"{lesson.name}.{exercise.name}").cases
    spec = find_spec(f"{lesson.name}.{exercise.name}")
    for kept, made in zip(stored, exercise.visible_cases(), strict=True):
        assert same(spec, made.expected, kept.expected)
        for key, value in made.arguments.items():
            assert to_json(kept.arguments[key]) == to_json(value)
            if isinstance(value, torch.Tensor):
                assert kept.arguments[key].is_contiguous() == value.is_contiguous()


def test_a_lesson_knows_at_least_eleven_misconceptions(each_lesson):
    assert sum(len(exercise.misconceptions) for exercise in each_lesson.exercises.values()) >= 11


@pytest.mark.parametrize(
    "answer",
    [
        lambda y: y.double(),
        lambda y: y.half(),
        lambda y: y.bfloat16(),
        lambda y: y.int(),
        lambda y: y.to(torch.int8),
        lambda y: y.numpy(),
        lambda y: y.tolist(),
        lambda y: list(y),
        lambda y: torch.nn.Parameter(y),
        lambda y: y.t().contiguous().t(),
        lambda y: y.to_sparse(),
        lambda y: torch.complex(y, -y).conj().imag,
    ],
)
def test_a_right_tensor_is_right_in_any_form(answer):
    exact = torch.tensor([[1.0, -2.0], [3.0, 40.0]])
    assert difference(exact, observe(lambda: answer(exact), {}).result) is None
    assert difference(exact + 1, observe(lambda: answer(exact), {}).result) is not None


@pytest.mark.parametrize("answer", [lambda y: y.int(), lambda y: y.float(), lambda y: y.numpy(), lambda y: y.tolist()])
def test_a_mask_is_right_in_any_form(answer):
    mask = torch.tensor([[True, False], [False, True]])
    assert difference(mask, answer(mask)) is None
    assert difference(~mask, answer(mask)) is not None
    assert difference(torch.eye(2), mask) is not None, "where numbers are asked for, a mask is none"


def test_json_keeps_values_as_they_are():
    tensors = (torch.rand(3, 4), torch.rand(3, 4).t(), torch.rand(3, 2)[:, 0], torch.zeros(0, 3))
    for value in (*tensors, (1, 2.5), [True, "a"], Raised("E"), None):
        back = from_json(to_json(value))
        assert type(back) is type(value)
        if isinstance(value, torch.Tensor):
            assert torch.equal(back, value) and back.dtype == value.dtype and back.stride() == value.stride()
        else:
            assert back == value
