"""The digits of lesson 8: loaded in two parts that share none, and looked up again when they have changed a little."""

import numpy as np
import pytest
import torch

from course_utils import functions, load_digits
from course_utils.errors import CourseError
from course_utils.pictures import FOLDERS


def test_two_parts_of_pictures_with_ink_one_on_paper_zero():
    for part, count in (("train", 1347), ("test", 450)):
        images, labels = load_digits(part)
        assert images.shape == (count, 8, 8) and images.dtype == torch.float32
        assert (images.min(), images.max()) == (0, 1)
        assert labels.shape == (count,) and labels.dtype == torch.int64
        assert labels.bincount().min() > count / 12  # each of the ten digits has its share


def test_no_test_digit_is_among_those_to_learn_from():
    (known, _), (held_out, _) = load_digits("train"), load_digits("test")
    assert torch.cdist(held_out.flatten(1), known.flatten(1)).min() > 0.2


def test_another_part_gets_a_sentence():
    with pytest.raises(CourseError, match='"train" or "test"'):
        load_digits("validation")


def test_the_stored_file_is_small():
    (file,) = [folder / "digits.npz" for folder in FOLDERS if (folder / "digits.npz").is_file()]
    assert file.stat().st_size < 60_000


def test_labels_are_counted_on_digits_that_are_darker_and_noisy():
    images, labels = load_digits("test")
    noise = torch.tensor(np.random.default_rng(0).normal(0, 0.03, images.shape), dtype=torch.float32)
    changed = (0.9 * images + noise).clamp(0, 1)
    assert functions.share_named_rightly(labels, changed) == 1
    assert functions.share_named_rightly((labels + 1) % 10, changed) == 0
    assert functions.share_named_rightly(labels.where(torch.arange(450) % 2 == 0, 10), changed) == 0.5
