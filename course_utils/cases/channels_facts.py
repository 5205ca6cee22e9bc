# ruff: noqa: F401
"""What the checks of channels observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def weight_shape(weight):
    return str(tuple(torch.as_tensor(weight).shape))


def gray_of_orange(weight):
    numbers = torch.as_tensor(weight).flatten().double()
    if torch.as_tensor(weight).ndim != 4:
        return -1
    return numbers[:3] @ torch.tensor([0.9, 0.6, 0.3], dtype=torch.float64)[: len(numbers)]


def gray_of_white(weight):
    return torch.as_tensor(weight).double().sum() if torch.as_tensor(weight).ndim == 4 else -1


def gray_of_blue(weight):
    return torch.as_tensor(weight).flatten().double()[-1] if torch.as_tensor(weight).ndim == 4 else -1


def bank_axes(bank):
    return torch.as_tensor(bank).ndim


def bank_sides(bank):
    return tuple(torch.as_tensor(bank).shape[-2:])


def bank_filters(bank):
    return len(bank)


def bank_kernels(bank):
    return len(bank[0])


def finite_weights(bank):
    return bool(torch.as_tensor(bank).isfinite().all())


def different_kernels(bank):
    return len(torch.unique(torch.as_tensor(bank).flatten(0, 1).flatten(1), dim=0))


def smallest_weight(bank):
    return torch.as_tensor(bank).min()


def bank_spread(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


def not_too_wide(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


def not_a_variance(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


def not_the_default(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


def not_too_narrow(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


def bank_mean(bank):
    return torch.as_tensor(bank).double().mean()


def bank_tails(bank):
    weights = torch.as_tensor(bank).double()
    return (weights.abs() > 2 * weights.std()).double().mean()
