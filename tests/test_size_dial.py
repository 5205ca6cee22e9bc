"""The size dial without a browser: its size is PyTorch's, and what does not fit is refused."""

import random
import xml.etree.ElementTree as ET

import pytest
import torch
from torch import nn

from course_utils import SizeDial


def test_the_size_is_pytorchs():
    source = random.Random(4)
    for _ in range(60):
        n, k, padding = source.randint(1, 32), source.randint(1, 7), source.randint(0, 6)
        stride, dilation = source.randint(1, 6), source.randint(1, 4)
        if dilation * (k - 1) + 1 > n + 2 * padding:
            with pytest.raises(ValueError, match=r"spans \d+ pixels and does not fit into \d+, .* pass a smaller k"):
                SizeDial(n, k, padding, stride, dilation)
        else:
            layer = nn.Conv2d(1, 1, k, stride=stride, padding=padding, dilation=dilation)
            assert SizeDial(n, k, padding, stride, dilation).size == layer(torch.zeros(1, 1, n, n)).shape[-1]


@pytest.mark.parametrize(
    ("numbers", "error", "sentence"),
    [
        ((7, 3, 0, 0), ValueError, "stride is 0: pass a whole number from 1 to 16"),
        ((7, 0), ValueError, "k is 0"),
        ((7, 3, -1), ValueError, "padding is -1: pass a whole number from 0 to 6"),
        ((40, 3), ValueError, "n is 40: pass a whole number from 1 to 32"),
        ((7.5, 3), TypeError, "n is 7.5: pass a whole number"),
        ((7, "3"), TypeError, "k is '3'"),
        ((7, 3, True), TypeError, "padding is True"),
        ((7, 3, 0, float("nan")), TypeError, "stride is nan"),
        ((7, 8), ValueError, "spans 8 pixels and does not fit into 7"),
    ],
)
def test_bad_numbers_get_a_sentence(numbers, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        SizeDial(*numbers)
    assert str(caught.value).endswith(".")


def test_a_bad_number_set_later_is_refused_and_the_last_one_stays():
    dial = SizeDial(torch.tensor(7), 3, stride=2)
    for name, bad in [("stride", 0), ("k", 9), ("n", 2), ("dilation", 4)]:
        with pytest.raises(ValueError, match="pass"):
            setattr(dial, name, bad)
    assert (dial.n, dial.k, dial.padding, dial.stride, dial.dilation) == (7, 3, 0, 2, 1) and dial.size == 3


def test_several_numbers_come_from_the_browser_at_once():
    dial = SizeDial(3, 3)
    dial.set_state({"n": 9, "k": 9, "padding": 0, "stride": 1, "dilation": 1})
    assert (dial.n, dial.k, dial.size) == (9, 9, 1)


def test_the_picture_does_not_tell_the_size_unless_it_is_asked():
    dial = SizeDial(28, 5, 2, 3)
    still = dial.static()
    assert "How many fit?" in still.svg and "10 windows fit." not in still.svg + still.text + repr(dial)
    assert "10 windows fit." in dial.static(response=True).svg
    ET.fromstring(still.svg)
