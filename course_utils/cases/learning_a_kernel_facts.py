# ruff: noqa: F401
"""What the checks of learning_a_kernel observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def value(result):
    try:
        numbers = torch.as_tensor(result).detach().reshape(-1).tolist()
    except (TypeError, ValueError, RuntimeError):
        return "no number"
    return numbers[0] if len(numbers) == 1 else numbers


def gradient(result, prediction):
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return "none"
    try:
        (slopes,) = torch.autograd.grad(result.sum(), prediction, allow_unused=True)
    except RuntimeError:  # the way back was walked before, and is gone
        return "none"
    return "none" if slopes is None else slopes.reshape(-1).tolist()


def parts(result):
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return "no pair of kernel and losses"
    if torch.as_tensor(result[0]).ndim < 2:
        return "a pair, but the kernel does not come first"
    return "a pair"


def shape(result):
    return list(torch.as_tensor(result[0]).shape)


def count(result):
    return torch.as_tensor(result[-1]).numel()


def from_zeros(result, target, kernel_size):
    first, m = torch.as_tensor(result[-1], dtype=torch.float64).reshape(-1)[0].item(), kernel_size // 2
    inside = target[m : target.shape[0] - m, m : target.shape[1] - m].double()
    levels = [f(t) for t in (inside, target.double()) for f in ((lambda t: t**2), torch.abs)]
    known = [
        level * share
        for values in levels
        for level in (values.mean().item(), values.sum().item())
        for share in (1, 0.5)
    ]
    return any(abs(level - first) <= 1e-4 * (1 + level) for level in known)


def kernel_followed(result):
    return bool(getattr(result[0], "requires_grad", False))


def losses_followed(result):
    losses = result[-1] if isinstance(result[-1], (tuple, list)) else [result[-1]]
    return any(getattr(loss, "requires_grad", False) for loss in losses)


def losses_are_tensors(result):
    return isinstance(result[-1], (tuple, list)) and any(isinstance(loss, torch.Tensor) for loss in result[-1])


def losses(result):
    return torch.as_tensor(result[-1], dtype=torch.float64).reshape(-1).tolist()


def kernel(result):
    return torch.as_tensor(result[0], dtype=torch.float64)


def above_zero(rate):
    return bool(torch.as_tensor(rate) > 0)


def share_of_the_limit(rate, x, k):
    columns = F.unfold(x[None, None].double(), k)[0]
    steepest = torch.linalg.eigvalsh(columns @ columns.t())[-1] / columns.shape[1]
    return round(float(rate) * float(steepest), 4)


def share_on_a_photograph(rate, x, k):
    if x.min() < 0:  # no photograph: its mean was taken away
        return 1.0
    columns = F.unfold(x[None, None].double(), k)[0]
    steepest = torch.linalg.eigvalsh(columns @ columns.t())[-1] / columns.shape[1]
    return float(rate) * float(steepest)


def three_by_three(kernel, kernel_size):
    if isinstance(kernel, tuple) or kernel_size == 3:
        return False
    return list(torch.as_tensor(kernel).shape) == [3, 3]


def learned_shape(kernel):
    return "a pair" if isinstance(kernel, tuple) else list(torch.as_tensor(kernel).shape)


def gives_the_picture_back(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "the picture"


def learned_flat_areas_alone(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "weak, and nothing in a flat area"


def hardly_begun(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "weak, and blurred"


def too_weak(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "weak"


def response_without_the_mean(kernel, image, kernel_size, steps):
    if steps == 1:
        return "not asked after one step"
    if isinstance(kernel, tuple) or torch.as_tensor(kernel).numel() != kernel_size**2:
        return "none: this is no kernel of that size"
    weights = torch.as_tensor(kernel).double().reshape(1, 1, kernel_size, kernel_size)
    if not bool(weights.isfinite().all()):
        return "none: it flew off"
    return F.conv2d((image.double() - image.double().mean())[None, None], weights)[0, 0]


def alike_after_one_step(kernel, steps):
    if steps > 1 or isinstance(kernel, tuple) or torch.as_tensor(kernel).numel() > 9:
        return 1.0
    weights = torch.as_tensor(kernel).double()
    return float(weights.sum().abs() / weights.abs().sum().clamp(min=1e-12))


def kind_of_response(kernel, image, kernel_size, steps):
    """Seen by how its weights add up, how like the picture the response is, and how strong beside it."""
    usual = "that of no mistake we know"
    if steps == 1 or isinstance(kernel, tuple) or torch.as_tensor(kernel).numel() != kernel_size**2:
        return usual
    weights = torch.as_tensor(kernel).double().reshape(-1)
    if not 0 < float(weights.abs().max()) < 100:
        return usual
    picture, edge = image.double() - image.double().mean(), kernel_size // 2
    patches = F.unfold(picture[None, None], kernel_size)[0].t()
    middle, bright = (each.double()[edge:-edge, edge:-edge].reshape(-1) for each in (picture, image))
    response, brightest = patches @ weights, patches @ torch.linalg.lstsq(patches, bright[:, None]).solution[:, 0]
    for back in (middle, brightest):
        if ((response - back) ** 2).sum() < 0.02 * (back**2).sum():
            return "the picture"
    strength, likeness = response.std() / middle.std(), torch.corrcoef(torch.stack([response, middle]))[0, 1]
    one_sign = weights.sum() / weights.abs().sum()
    if strength < 0.3 and likeness > 0.5 and one_sign.abs() < 0.06:
        return "weak, and nothing in a flat area"
    if 0.17 < strength < 0.5 and likeness > 0.9 and one_sign > 0.8:
        return "weak, and blurred"
    if strength < 0.5 and likeness > 0.82 and 0.08 < one_sign < 0.4:
        return "weak"
    return usual
