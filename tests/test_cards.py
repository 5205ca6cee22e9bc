"""What a card shows of a failing case: the numbers that its hint is about, and no more of them than one reads."""

import pytest
import torch

from course_grading.authoring.language import Exercise, exercise
from course_utils import cards
from course_utils.checking import examine


def panels(declared: Exercise, answer: object) -> list[tuple[str, str, str]]:
    verdict = examine(declared.spec("toy", declared.visible_cases()), answer)
    assert verdict.outcome == "wrong"
    return list(cards._panels(verdict))


def declared(right: object, *examples: dict, name: str = "made") -> Exercise:
    body = type(name, (), {"right": right})
    return exercise(examples=examples, inputs=lambda rng: iter(examples))(body)


def test_the_first_difference_is_framed_in_its_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    framed: dict[str, object] = {}
    monkeypatch.setattr(
        cards, "number_grid_html", lambda _, title, highlight=(), **options: framed.update({title: highlight}) or ""
    )
    wrong = torch.zeros(2, 3, 4)
    wrong[1, 0, 2] = 1
    panels(declared(lambda x: x, {"x": torch.zeros(2, 3, 4)}), lambda x: wrong)
    assert {title: place for title, place in framed.items() if place} == dict.fromkeys(
        ("expected[1]", "yours[1]", "difference (yours − expected)[1]"), (0, 2)
    )


@pytest.mark.parametrize(("shape", "shown"), [((12, 2, 2), 12), ((40, 2, 2), 3)])
def test_of_very_many_channels_there_are_those_of_the_difference(shape: tuple[int, ...], shown: int) -> None:
    right, wrong = torch.zeros(shape), torch.zeros(shape)
    wrong[-1, 1, 1] = 1
    drawn = panels(declared(lambda x: right, {"x": 1}), lambda x: wrong)
    labels = [label for label, _, _ in drawn if label.startswith("yours[")]
    assert len(labels) == shown and labels[-1] == f"yours[{shape[0] - 1}]"


def test_of_a_long_table_there_are_the_rows_of_the_difference() -> None:
    right, wrong = torch.zeros(450, 10), torch.zeros(450, 10)
    wrong[300, 2] = 1
    drawn = {label: text for label, _, text in panels(declared(lambda x: right, {"x": 1}), lambda x: wrong)}
    assert drawn["yours, rows 299 to 306 of 450"].splitlines()[1].split() == list("0010000000")


def test_tensors_in_a_tuple_are_shown() -> None:
    right = (torch.zeros(2, 2), [1.0, 0.5])
    drawn = panels(declared(lambda x: right, {"x": 1}), lambda x: (torch.ones(2, 2), [1.0, 0.5]))
    assert "1 1\n1 1" in [text for label, _, text in drawn if label == "yours[0]"]


ONES, SIGNED = torch.ones(2, 2), torch.tensor([[1.0, -2], [0, 0]])


@pytest.mark.parametrize(
    ("name", "arguments", "scales"),
    [
        ("corr2d", {"x": ONES, "kernel": ONES}, {"x": "0 to 1", "kernel": "±1", "expected": "±1", "yours": "±1"}),
        ("im2col", {"x": ONES, "kernel_size": 2}, {"x": "0 to 1", "expected": "0 to 1"}),
        ("max_pool2d", {"x": SIGNED}, {"x": "±2", "expected": "0 to 1"}),
        ("edge_features", {"images": ONES}, {"images": "0 to 1", "expected": "±1"}),
        ("avg_pool_weight", {"channels": 2}, {"expected": "±1", "yours": "±1"}),
        ("box_blur", {"size": 2}, {"expected": "±1"}),
        ("numerical_gradient", {"w": ONES}, {"w": "±1", "expected": "±1"}),
        ("signed_to_display", {"response": ONES}, {"response": "±1", "expected": "0 to 1"}),
    ],
)
def test_a_card_has_the_colours_of_the_lesson_and_says_their_scale(name: str, arguments: dict, scales: dict) -> None:
    right, wrong = (eval(f"lambda {', '.join(arguments)}: torch.{made}(2, 2)") for made in ("ones", "zeros"))
    drawn = {label: html for label, html, _ in panels(declared(right, arguments, name=name), wrong)}
    for label, scale in scales.items():
        assert f">colours {scale}<" in drawn[label], label
