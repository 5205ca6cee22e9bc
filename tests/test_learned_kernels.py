"""Lesson 7's learn_high_pass: its mistakes have their names at any rate that is a right one."""

import pytest
import torch

from course_grading.authoring.language import load_lesson
from course_utils.checking import examine
from course_utils.specs import find_spec


@pytest.fixture(scope="module")
def lesson():
    return load_lesson("learning_a_kernel").module


def centred(image):
    return image - image.mean()


def spread(image):
    return centred(image) / image.std()


def given(image):
    return image


MISTAKES = {  # what is trained on, what the rate is for, what is wanted, and whether the side is always 3
    "": (centred, centred, "detail", False),
    "mean_not_subtracted": (given, given, "detail", False),
    "rate_of_the_bright_picture": (centred, given, "detail", False),
    "contrast_stretched": (spread, spread, "detail", False),
    "three_only": (centred, centred, "detail", True),
    "trained_on_itself": (centred, centred, "picture", False),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("factor", [1, 0.9, 0.6])
def test_a_mistake_has_its_name_at_any_good_rate(lesson, mistake, factor):
    seen, measured, wanted, three = MISTAKES[mistake]

    def learn_high_pass(image, kernel_size, steps):
        side = 3 if three else kernel_size
        rate = factor / (side**2 * (measured(image) ** 2).mean().item())
        target = lesson.high_pass_target(image) if wanted == "detail" else centred(image)
        return lesson.train_kernel(seen(image), torch.as_tensor(target), side, steps, rate)[0]

    verdict = examine(find_spec("learn_high_pass"), learn_high_pass)
    assert (verdict.misconception or "") == mistake
    assert (verdict.outcome == "right") == (not mistake)
