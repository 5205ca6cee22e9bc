# ruff: noqa: F401
"""What the checks of channels observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def weight_shape(weight):
    return tuple(torch.as_tensor(weight).shape)


def gray_of_orange(weight):
    numbers = torch.as_tensor(weight).flatten().double()
    return numbers[:3] @ torch.tensor([0.9, 0.6, 0.3], dtype=torch.float64)[: len(numbers)]


def gray_of_white(weight):
    return torch.as_tensor(weight).double().sum()


def gray_of_blue(weight):
    return torch.as_tensor(weight).flatten().double()[-1]


def bank_shape(bank):
    return tuple(torch.as_tensor(bank).shape)


def different_kernels(bank):
    return len(torch.unique(torch.as_tensor(bank).flatten(0, 1).flatten(1), dim=0))


def bank_mean(bank):
    return torch.as_tensor(bank).double().mean()


def bank_spread(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


def bank_tails(bank):
    bank = torch.as_tensor(bank).double()
    return (bank.abs() > 2 * bank.std()).double().mean()
