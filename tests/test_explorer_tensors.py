"""What observers of an explorer's tensors are told: each change once, whatever they do with it."""

import copy
import pickle

import pytest
import torch
import traitlets

from course_utils import ChannelStack, KernelBench
from course_utils.explorers.explorer import _notice_changes_in_place

X, KERNEL = torch.arange(64.0).reshape(8, 8) % 7, torch.ones(3, 3)


@pytest.fixture
def pair():
    return KernelBench(X, KERNEL), KernelBench(X, 2 * KERNEL)


def test_an_equal_tensor_tells_nobody_and_another_is_told_as_a_tensor(pair):
    heard = []
    pair[0].observe(lambda change: heard.append((change.old, change.new)), "kernel")
    pair[0].kernel = KERNEL.tolist()
    assert heard == []
    pair[0].kernel = torch.eye(3)
    [(old, new)] = heard
    assert torch.equal(old, KERNEL) and (new == torch.eye(3)).all() and type(new + 1) is torch.Tensor
    assert repr(new) == repr(torch.eye(3)) and type(pair[0].kernel) is torch.Tensor
    for copied in (copy.deepcopy(new), copy.copy(new), pickle.loads(pickle.dumps(new))):
        assert type(copied) is torch.Tensor and torch.equal(copied, torch.eye(3))


def test_two_explorers_are_linked(pair):
    one, other = pair
    link = traitlets.link((one, "kernel"), (other, "kernel"))
    one.kernel = torch.eye(3)
    assert torch.equal(other.kernel, torch.eye(3))
    other.kernel = 3 * torch.eye(3)
    assert torch.equal(one.kernel, 3 * torch.eye(3))
    link.unlink()
    for mine, its in ((one, other), (other, one)):
        mine.observe(lambda change, its=its: setattr(its, "kernel", change.new), "kernel")
    one.kernel = KERNEL
    assert torch.equal(other.kernel, KERNEL)
    stacks = [ChannelStack(X[None], KERNEL[None, None], bias) for bias in (None, [1.0])]
    traitlets.link((stacks[0], "bias"), (stacks[1], "bias"))
    stacks[1].bias = [2.0]
    assert stacks[0].bias.tolist() == [2]
    stacks[0].bias = None
    assert stacks[1].bias is None


def test_an_observer_that_raises_is_not_called_again_by_later_cells(pair):
    def complain(change):
        raise RuntimeError("mine")

    pair[0].observe(complain, "kernel")
    with pytest.raises(RuntimeError, match="mine"):
        pair[0].kernel = torch.eye(3)
    _notice_changes_in_place()  # which would raise
    pair[0].kernel[0, 0] = 5
    with pytest.raises(RuntimeError, match="mine"):
        _notice_changes_in_place()
    _notice_changes_in_place()
    assert pair[0].kernel[0, 0] == 5
