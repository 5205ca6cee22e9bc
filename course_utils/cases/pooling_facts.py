# ruff: noqa: F401
"""What the checks of pooling observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def kind_of_pair(pair):
    if isinstance(pair, (torch.Tensor, np.ndarray)):
        return "a pair" if pair.ndim and len(pair) == 2 else "one tensor"
    return "a pair" if isinstance(pair, (list, tuple)) and len(pair) == 2 else "no pair"


def shapes_of_pair(pair):
    return " and ".join(str(tuple(torch.as_tensor(x).shape)) for x in pair)


def finite_pair(pair):
    return all(bool(torch.as_tensor(x).isfinite().all()) for x in pair)


def gap(pair):
    if [tuple(torch.as_tensor(x).shape) for x in pair] != [(1, 2, 2)] * 2:
        return 0
    a, b = (torch.as_tensor(x).double() for x in pair)
    return a.max() + b.max() - (a + b).max()
