# ruff: noqa: F401
"""What the checks of stride_and_padding observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def numbers_of_each(layers):
    return [len(layer) if isinstance(layer, (list, tuple)) or getattr(layer, "ndim", 0) else 1 for layer in layers]


def words_among_them(layers):
    return sum(isinstance(number, (str, bool)) for layer in layers for number in layer)


def broken_numbers(layers):
    return sum(number != int(number) for layer in layers for number in layer)


def possible_layers(layers):
    return all(k >= 1 and padding >= 0 and stride >= 1 for k, padding, stride in layers)


def after_one(layers):
    k, padding, stride = map(int, layers[0])
    return F.conv2d(torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, k, k), padding=padding, stride=stride).shape[-1]


def after_two(layers):
    x = torch.zeros(1, 1, 28, 28)
    for layer in layers:
        k, padding, stride = map(int, layer)
        x = F.conv2d(x, torch.zeros(1, 1, k, k), padding=padding, stride=stride)
    return x.shape[-1]


def smallest_kernel(layers):
    return min(k for k, padding, stride in layers)


def weight_count(weights):
    return len(weights)


def smallest_weight(weights):
    return float(min(weights))


def answer_to_flat(weights):
    return float(sum(weights))


def middle_not_too_heavy(weights):
    return float(weights[1])


def middle_not_too_light(weights):
    return float(weights[1])


def stripes_left(weights):
    stripes = torch.tensor([0.0, 1.0] * 6)
    answer = F.conv1d(stripes[None, None], torch.tensor([[[float(w) for w in weights]]]))
    return float(answer.max() - answer.min())
