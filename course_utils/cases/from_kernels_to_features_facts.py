# ruff: noqa: F401
"""What the checks of from_kernels_to_features observe of an answer. Made by `course build`, never by hand."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_utils import functions


def is_module(net):
    return isinstance(net, nn.Module)


def channels_in(net):
    return next((each.in_channels for each in net.modules() if isinstance(each, nn.Conv2d)), 1) if is_module(net) else 0


def linear_over_maps(net):
    if not is_module(net) or channels_in(net) != 1:
        return "not seen"
    axes = []
    layers = [each for each in net.modules() if isinstance(each, nn.Linear)]
    hooks = [each.register_forward_pre_hook(lambda _, given: axes.append(given[0].ndim)) for each in layers]
    try:
        net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8))
    except Exception:
        return bool(axes) and axes[-1] > 2
    finally:
        for hook in hooks:
            hook.remove()
    return False


def channels_differ(net):
    if not is_module(net) or channels_in(net) != 1 or linear_over_maps(net):
        return "not seen"
    apart = []

    def look(layer, given):
        wanted, axis = (layer.in_features, -1) if isinstance(layer, nn.Linear) else (layer.in_channels, 1)
        apart.append(given[0].shape[axis] != wanted)

    layers = [each for each in net.modules() if isinstance(each, (nn.Conv2d, nn.Linear))]
    hooks = [each.register_forward_pre_hook(look) for each in layers]
    pooled = any(isinstance(each, nn.AdaptiveAvgPool2d) for each in net.modules())
    try:
        net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8))
    except Exception:
        return pooled and bool(apart) and apart[-1]
    finally:
        for hook in hooks:
            hook.remove()
    return False


def scores_shape(net):
    if not is_module(net) or channels_in(net) != 1:
        return "not seen"
    try:
        return list(net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8)).shape)
    except Exception as error:
        return f"an error ({str(error)[:150] or type(error).__name__})"


def scores_of_larger(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    try:
        return list(net(torch.linspace(0, 1, 432).reshape(3, 1, 12, 12)).shape)
    except Exception:
        return "an error"


def probabilities(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    scores = net(torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    adding_up = [each.sum(1) - 1 for each in (scores, scores.exp())]  # softmax, and its logarithm
    return any(bool((apart.abs() < 1e-4).all()) for apart in adding_up)


def squeezed(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    scores = net(1000 * torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    return bool(scores.min() >= 0 and scores.max() <= 1)


def batch_matters(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    pictures = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return bool((net(pictures)[:2] - net(pictures[:2])).abs().max() > 1e-4)


def parameters(net):
    return sum(each.numel() for each in net.parameters()) if scores_shape(net) == [2, 10] else "not seen"


def strided(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    return any(max(each.stride) > 1 for each in net.modules() if isinstance(each, nn.Conv2d))


def bends(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    a, b = torch.rand(2, 1, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 50
    apart = net(a + b) - net(a) - net(b) + net(torch.zeros_like(a))
    return bool(apart.abs().max() > 1e-3 * net(a + b).abs().max())


def apart(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    given, taken = [], []

    def seen(layer, arguments, result):
        taken.append(arguments[0].clone())
        given.append(result.clone())  # a rectifier may work in place

    hooks = [each.register_forward_hook(seen) for each in net.modules() if isinstance(each, nn.Conv2d)]
    net(torch.linspace(0, 1, 64).reshape(1, 1, 8, 8))
    for hook in hooks:
        hook.remove()
    return not any(torch.equal(one, two) for one in given for two in taken)


def pools_by_largest(net):
    return is_module(net) and any(isinstance(each, nn.AdaptiveMaxPool2d) for each in net.modules())


def learns(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    F.cross_entropy(net.train()(torch.rand(6, 1, 8, 8)), torch.arange(6)).backward()
    return all(each.grad is not None for each in net.parameters())


def shape_of_labels(result):
    return list(torch.as_tensor(result).shape)


def whole_labels(result, images):
    if shape_of_labels(result) != [len(images)]:
        return "not seen"
    labels = torch.as_tensor(result).double()
    return bool((labels == labels.round()).all())


def range_of_labels(result, images):
    if whole_labels(result, images) is not True:
        return "not seen"
    labels = torch.as_tensor(result)
    return [int(labels.min()), int(labels.max())] if images.shape[1] == 8 and len(labels.unique()) > 5 else [0, 9]


def above_chance(result, images):
    if whole_labels(result, images) is not True:
        return "not seen"
    return 100 * functions.share_named_rightly(result, images) if images.shape[1] == 8 else 100


def accuracy(result, images):
    return above_chance(result, images)
