# ruff: noqa: F401
"""What the checks of kernels observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def stack_shape(kernels):
    return tuple(torch.as_tensor(kernels).shape)


def both_signs(kernels):
    kernels = torch.as_tensor(kernels).flatten(1)
    return ((kernels.amin(1) < 0) & (kernels.amax(1) > 0)).tolist()


def flat(kernels):
    return torch.as_tensor(kernels).double().sum(dim=(1, 2)).tolist()


def left_and_top_in_place(kernels):
    kernels = torch.as_tensor(kernels)[:2].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    answers = (torch.stack([across, down], 1).abs() > 0.01 * kernels.abs().amax(dim=(1, 2))[:, None]).tolist()
    return answers != [[False, True], [True, False]]


def left_answers(kernels):
    kernel = torch.as_tensor(kernels)[0].double()
    return bool((kernel * torch.arange(3)).sum().abs() > 0.01 * kernel.abs().max())


def left_rows(kernels):
    return torch.as_tensor(kernels)[0].double().sum(dim=1).tolist()


def left_and_top_differ(kernels):
    return not torch.equal(torch.as_tensor(kernels)[0], torch.as_tensor(kernels)[1])


def top_answers(kernels):
    kernel = torch.as_tensor(kernels)[1].double()
    return bool((kernel * torch.arange(3)[:, None]).sum().abs() > 0.01 * kernel.abs().max())


def top_columns(kernels):
    return torch.as_tensor(kernels)[1].double().sum(dim=0).tolist()


def diagonals_answer(kernels):
    kernels = torch.as_tensor(kernels)[2:].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    return (across.abs() + down.abs() > 0.01 * kernels.abs().amax(dim=(1, 2))).tolist()


def diagonals_balanced(kernels):
    kernels = torch.as_tensor(kernels)[2:].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    return ((across.abs() - down.abs()).abs() < 1e-3 * kernels.abs().amax(dim=(1, 2))).tolist()


def diagonals_differ(kernels):
    kernels = torch.as_tensor(kernels)[2:].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    return bool((across * down).prod() < 0)
