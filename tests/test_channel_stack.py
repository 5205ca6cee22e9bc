"""The channel stack without a browser: its numbers, what it takes, what it refuses and what it leaves behind."""

import re
import xml.etree.ElementTree as ET

import pytest
import torch
import torch.nn.functional as F

from course_utils import ChannelStack

source = torch.Generator().manual_seed(3)
X, WEIGHT, BIAS = (torch.randn(shape, generator=source) for shape in ((4, 5, 6), (6, 4, 2, 3), (6,)))


@pytest.fixture
def stack():
    return ChannelStack(X, WEIGHT, BIAS)


@pytest.mark.parametrize("seed", range(8))
def test_the_numbers_are_conv2ds_in_groups(seed):
    source = torch.Generator().manual_seed(seed)

    def whole(low, high):
        return int(torch.randint(low, high + 1, (), generator=source))

    groups = whole(1, 3)
    channels, outputs = groups * whole(1, 2), groups * whole(1, 4)
    x = torch.randn(channels, whole(5, 30), whole(5, 30), generator=source)
    weight = torch.randn(outputs, channels, whole(1, 5), whole(1, 5), generator=source)
    bias = torch.randn(outputs, generator=source) if seed % 3 else None
    stack = ChannelStack(x, weight, bias)
    stack.groups = groups
    off = whole(0, channels - 1)
    layer = torch.nn.Conv2d(channels, outputs, tuple(weight.shape[2:]), groups=groups, bias=bias is not None)
    assert stack.parameters == sum(numbers.numel() for numbers in layer.parameters())
    assert stack.grouped_weight.shape == layer.weight.shape
    for output in range(outputs):
        stack.output, stack.off = output, ()
        expected = F.conv2d(x[None], stack.grouped_weight, bias, groups=groups)[0, output]
        assert torch.allclose(stack.response, expected, atol=1e-4)
        stack.off = (off,)
        dark = x.clone()
        dark[off] = 0
        expected = F.conv2d(dark[None], stack.grouped_weight, bias, groups=groups)[0, output]
        assert torch.allclose(stack.response, expected, atol=1e-4)
        assert not stack.shares[off].any()


def test_with_one_group_it_is_the_whole_layer(stack):
    stack.output = 5
    assert torch.equal(stack.grouped_weight, WEIGHT)
    assert torch.allclose(stack.response, F.conv2d(X[None], WEIGHT, BIAS)[0, 5], atol=1e-5)
    for channel in range(4):
        alone = F.conv2d(X[None, channel : channel + 1], WEIGHT[5:, channel : channel + 1])[0, 0]
        assert torch.allclose(stack.shares[channel], alone, atol=1e-5)


def test_two_groups_see_half_of_the_channels_each(stack):
    stack.groups = 2
    assert torch.equal(stack.grouped_weight, torch.cat([WEIGHT[:3, :2], WEIGHT[3:, 2:]]))
    assert not stack.shares[2:].any() and stack.shares[:2].any(dim=(1, 2)).all()


def test_all_off_leaves_the_bias(stack):
    stack.off = [3, 0, 1, 2, 0]
    assert stack.off == (0, 1, 2, 3)
    assert torch.equal(stack.response, torch.full((4, 4), BIAS[0].item()))


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((X[0], WEIGHT), ValueError, r"x has the shape \(5, 6\), not \(C, H, W\): pass"),
        ((X, WEIGHT[0]), ValueError, r"weight has the shape \(4, 2, 3\), not \(C_out, C_in, kH, kW\): pass"),
        ((X[:3], WEIGHT), ValueError, r"x has 3 channels and weight has kernels for 4: pass a weight \(C_out, 3, kH"),
        ((X, torch.zeros(17, 4, 2, 3)), ValueError, r"pass at most 16 along each axis, such as weight\[:16, :, :, :\]"),
        ((X, WEIGHT, BIAS[:1]), ValueError, "weight has 6 outputs and bias has 1 number: pass one for each output"),
        ((X, WEIGHT, BIAS[:4]), ValueError, "weight has 6 outputs and bias has 4 numbers: pass one for each output"),
        ((X, WEIGHT, BIAS[:, None]), ValueError, r"bias has the shape \(6, 1\), not \(C_out,\): pass a tensor with 1"),
        ((torch.zeros(7, 5, 6), WEIGHT), ValueError, r"x has 7 channels, too many .* x\[:6\] with weight\[:, :6\]"),
        ((torch.zeros(4, 200, 6), WEIGHT), ValueError, r"too large to answer at once.* size=128"),
        ((X, torch.zeros(2, 4, 6, 3)), ValueError, "The kernels are 6 × 3 and do not fit into x.* 5 × 6: pass smaller"),
        ((torch.zeros(4, 20, 20), torch.zeros(2, 4, 10, 3)), ValueError, "The kernels are 10 × 3: pass kernels of at"),
        ((X * torch.inf, WEIGHT), ValueError, "x holds .* pass finite numbers"),
        (("cat.png", WEIGHT), TypeError, "x is no grid of real numbers but a str"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        ChannelStack(*arguments)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("groups", 3, "3 groups do not split 4 channels and 6 outputs evenly: pass 1 or 2"),
        ("groups", 0, "0 groups do not split"),
        ("output", 6, "There is no output 6: pass a number from 0 to 5"),
        ("off", (torch.tensor([0, 1]),), r"off holds tensor\(\[0, 1\]\): pass the numbers of channels"),
        ("off", (True,), "off holds True: pass the numbers of channels"),
        ("off", (4,), r"off holds 4: pass the numbers of channels, from 0 to 3"),
        ("weight", torch.zeros(6, 3, 2, 2), "weight has kernels for 3"),
        ("weight", torch.zeros(3, 4, 2, 3), "weight has 3 outputs and bias has 6"),
        ("bias", torch.zeros(2), "bias has 2 numbers"),
    ],
)
def test_a_bad_value_is_refused_and_the_last_one_stays(stack, name, value, sentence):
    stack.groups = 2
    before = getattr(stack, name)
    with pytest.raises(ValueError, match=sentence):
        setattr(stack, name, value)
    assert getattr(stack, name) is before


def test_output_and_groups_follow_a_smaller_weight():
    stack = ChannelStack(X, WEIGHT)
    stack.groups, stack.output = 2, 5
    stack.weight = WEIGHT[:3]
    assert (stack.output, stack.groups) == (2, 1)
    assert torch.allclose(stack.response, F.conv2d(X[None], WEIGHT[:3])[0, 2], atol=1e-5)


def test_what_travels_and_what_comes_back(stack):
    state = stack.get_state()
    assert state["x"]["shape"] == [4, 5, 6] and state["weight"]["shape"] == [6, 4, 2, 3]
    assert state["bias"]["shape"] == [6] and ChannelStack(X, WEIGHT).get_state()["bias"] is None
    stack.set_state({"off": [1], "groups": 2, "output": 4})
    assert (stack.off, stack.groups, stack.output) == ((1,), 2, 4)


def test_a_change_in_place_is_noticed(stack, shell):
    shell.push({"stack": stack})
    shell.run_cell("stack.bias[0] = 100\nstack.x.zero_()")
    assert not any(stack.get_state()["x"]["data"])
    assert torch.equal(stack.response, torch.full((4, 4), 100.0))


def test_the_picture_shows_no_response_unless_it_is_asked():
    x = torch.tensor([[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]])
    stack = ChannelStack(x, torch.tensor([[[[10.0]], [[100]]], [[[0]], [[1]]]]), torch.tensor([2000.0, 3]))
    numbers = {node.text for node in ET.fromstring(stack.static().svg).iter("{http://www.w3.org/2000/svg}text")}
    assert {"1", "8", "10", "100"} <= numbers
    told = stack.static().text + stack.static().title + " ".join(numbers)
    assert not re.search(r"510|2510|2000|parameter|share", told)
    asked = stack.static(response=True)
    assert "2510" in asked.svg and "510" not in stack.static().svg


def test_a_large_picture_is_shown_as_pixels():
    still = ChannelStack(torch.rand(3, 20, 30), torch.ones(2, 3, 3, 3)).static()
    assert len(ET.fromstring(still.svg).findall(".//{*}image")) == 3
    assert "channel 2: values from" in still.text
