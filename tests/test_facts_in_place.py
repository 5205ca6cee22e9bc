"""Facts that are seen in place: gradients flow between the very answer and the very arguments."""

import numpy as np
import pytest
import torch

from course_grading.authoring import exercise, fact
from course_utils.checking import examine, report
from course_utils.storage import from_json, to_json


@fact("its value")
def value(result):
    return float(result)


@fact("the slope at its first entry", in_place=True)
def slope(result, x):
    if not getattr(result, "requires_grad", False):
        return "none"
    (gradient,) = torch.autograd.grad(result, x)
    return float(gradient[0])


def points(rng: np.random.Generator):
    yield {"x": torch.tensor(rng.random(3), requires_grad=True)}


@exercise(examples=[{"x": torch.tensor([1.0, 2.0], requires_grad=True)}], inputs=points, facts=[value, slope])
class squares:
    def right(x):
        return (x**2).sum()

    class wrong:
        def cut(x):
            """Where did the gradients go?"""
            return (x**2).sum().detach()


@pytest.fixture
def spec():
    return squares.spec("toy", [squares.case(squares.examples[0]), *squares.fresh_cases(1)])


def test_an_answer_with_gradients_is_right_and_one_without_is_named(spec):
    assert examine(spec, lambda x: x @ x).outcome == "right"
    assert examine(spec, lambda x: (x**2).sum().item()).misconception == "cut"
    assert examine(spec, lambda x: 2 * (x**2).sum()).outcome == "wrong"


def test_the_fact_must_be_seen_where_the_answer_was_made(spec):
    def elsewhere(x):
        """Stands for an answer whose process says nothing of its facts."""
        return torch.tensor(float((x**2).sum()))

    assert "slope at its first entry: expected 2, yours none" in examine(spec, elsewhere).message


def test_stored_cases_keep_that_an_argument_is_followed():
    tensor = torch.tensor([[1.0, 2.0]], requires_grad=True)
    back = from_json(to_json(tensor))
    assert back.requires_grad and back.is_leaf
    assert torch.equal(back, tensor)
    assert not from_json(to_json(tensor.detach())).requires_grad


def test_a_card_shows_arguments_with_gradients_and_no_warning(spec, capsys):
    report(examine(spec, lambda x: torch.tensor(2 * float((x**2).sum()))))
    seen = capsys.readouterr()
    assert "squares: not yet" in seen.out
    assert seen.err == ""
