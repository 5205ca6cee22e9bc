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
    if not is_module(net):
        return 0
    taken = [each.in_channels for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d)]
    return taken[0] if taken and not {0, 1} & set(taken) else 1  # in whatever order; a lazy one has none yet


def linear_over_maps(net):
    if not is_module(net) or channels_in(net) != 1:
        return "not seen"
    axes = []
    layers = [each for each in nn.Module.modules(net) if isinstance(each, nn.Linear)]
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

    layers = [each for each in nn.Module.modules(net) if isinstance(each, (nn.Conv2d, nn.Linear))]
    hooks = [each.register_forward_pre_hook(look) for each in layers]
    pooled = any(isinstance(each, nn.AdaptiveAvgPool2d) for each in nn.Module.modules(net))
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
    if not hasattr(net, "shape_seen"):
        try:
            net.shape_seen = list(net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8)).shape)
        except Exception as error:
            net.shape_seen = f"an error ({str(error)[:150] or type(error).__name__})"
    return net.shape_seen


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
    if scores_shape(net) != [2, 10]:
        return "not seen"
    return sum(each.numel() for _, each in nn.Module.named_parameters(net))  # whatever its class says it has


def convolutions(net):
    if scores_shape(net) != [2, 10]:
        return 2
    layers = [each for each in nn.Module.modules(net) if isinstance(each, (nn.Conv2d, nn.Linear))]
    among = [each for each in layers if isinstance(each, nn.Conv2d)]
    scored = len(among) == len(layers) and any(each.out_channels == 10 for each in among)
    return len(among) - (scored and len(among) > 3)


def strided(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    return any(2 in each.stride for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d))


def strided_at_first(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    layers = [each for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d)]
    return any(max(each.stride) > 1 for each in layers if each.in_channels == 1)


def bends(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    a, b = torch.randn(2, 8, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 50  # of both signs
    apart = net(a + b) - net(a) - net(b) + net(torch.zeros_like(a))
    return bool(apart.abs().max() > 1e-3 * net(a + b).abs().max())


def apart(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    layers = [each for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d)]

    def taken(times):
        """What its convolutions take when each gives so many times certain maps, of both signs."""
        found, drawn = [], torch.Generator().manual_seed(0)

        def seen(layer, arguments, result):
            found.append(arguments[0].clone())
            maps = 3 * torch.randn(*result.shape[:2], 1, 1, generator=drawn)
            return (times * maps).expand(result.shape).to(result.dtype, copy=True)  # one may work in place

        hooks = [each.register_forward_hook(seen) for each in layers]
        try:
            with torch.no_grad():
                net(torch.linspace(0, 1, 64).reshape(1, 1, 8, 8))
        finally:
            for hook in hooks:
                hook.remove()
        return found

    for nothing, once, twice, less in zip(*(taken(times) for times in (0, 1, -2, -1)), strict=False):
        counts = not torch.allclose(once, nothing, rtol=0, atol=1e-2)
        if counts and torch.allclose(once + twice, less + nothing, rtol=0, atol=1e-4):
            return False
    return True


def pools_by_largest(net):
    return made_of(net) == "the largest number of each map"


def places_matter(net):
    return made_of(net) == "single places of its maps"


def one_number(net):
    return made_of(net) == "all maps together"


def adds_up(net):
    return made_of(net) == "sums that grow with the picture"


def last_not_rectified(net):
    return made_of(net) == "maps that are not rectified"


def never_below_zero(net):
    return made_of(net) == "numbers that are cut at zero"


def made_of(net):
    """What the network makes of maps that stand in for those of its last convolution before the pooling."""
    modules = nn.Module.modules(net) if scores_shape(net) == [2, 10] else []
    layers = [each for each in modules if isinstance(each, nn.Conv2d)]
    if not layers or hasattr(net, "ends_in"):
        return getattr(net, "ends_in", "not seen")
    seen, stand_in, drawn = [], {}, torch.Generator().manual_seed(0)

    def look(layer, given, result):
        seen.append((layer, result))
        return stand_in.get(layer, result)

    def scores(side, maps=None):
        if maps is not None:
            stand_in[last] = maps
        return net(torch.linspace(0, 1, side**2).reshape(1, 1, side, side))

    def alike(one, other):
        return torch.allclose(one, other, rtol=1e-3, atol=1e-5)

    def end():
        nothing = scores(48, empty)
        draws = [3 * torch.rand(empty.shape, generator=drawn) for _ in range(20)]
        draws = [each * torch.rand(1, empty.shape[1], 1, 1, generator=drawn) for each in draws]
        first, block = scores(48, draws[0]), max(1, empty.shape[2] // 3)
        corner, inside, far, single = (empty.clone() for _ in range(4))
        far[:, :, 2 * block : 3 * block, 2 * block : 3 * block] = 3
        corner[:, :, :block, :block], inside[:, :, block : 2 * block, block : 2 * block], single[:, :, 0, 0] = 3, 3, 3
        unmoved, *moved = (scores(48, maps) - nothing for maps in (corner, inside, far))
        if alike(first, nothing):
            return "the mean of each map"  # it begins with weights of zero, and says nothing
        largest = max(each.abs().max() for each in (unmoved, *moved))
        if max((each - unmoved).abs().max() for each in moved) > 0.5 * largest:
            return "single places of its maps"
        if block > 1 and alike(scores(48, single), scores(48, corner)) and not alike(unmoved, 0 * unmoved):
            return "the largest number of each map"
        if empty.shape[1] > 1 and alike(scores(48, draws[0].flip(1)), first):
            return "all maps together"
        more, fewer = scores(48, empty + 1) - nothing, scores(8, small + 1) - scores(8, small)
        if alike(more, fewer * empty[0, 0].numel() / small[0, 0].numel()) and not alike(more, fewer):
            return "sums that grow with the picture"
        linear = layers[-1] is not last or any(isinstance(each, nn.Linear) for each in nn.Module.modules(net))
        if (
            linear
            and alike(first + scores(48, -draws[0]), 2 * nothing)
            and alike(scores(48, 2 * draws[0]) - nothing, 2 * (first - nothing))
        ):
            return "maps that are not rectified"
        if all(scores(48, sign * each).min() >= 0 for each in draws for sign in (1, -1)):
            return "numbers that are cut at zero"
        return "the mean of each map"

    hooks = [layer.register_forward_hook(look) for layer in layers]
    net.ends_in = "single places of its maps"  # where it does not take a larger picture
    try:
        with torch.no_grad():
            scores(48)
            net.ends_in = "the mean of each map"  # where it is a network of another kind, that cannot be looked at so
            wide = [layer for layer, maps in seen if maps.shape[-1] > 1]
            last = wide[-1] if wide else layers[-1]
            empty = next(0 * maps for layer, maps in seen[::-1] if layer is last)
            seen.clear()
            scores(8)
            small = next(0 * maps for layer, maps in seen if layer is last)
            net.ends_in = end()
    except Exception:
        return net.ends_in
    finally:
        for hook in hooks:
            hook.remove()
    return net.ends_in


def learns(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    F.cross_entropy(net.train()(torch.rand(6, 1, 8, 8)), torch.arange(6)).backward()
    return all(each.grad is not None for _, each in nn.Module.named_parameters(net))


def is_new(net):
    if not is_module(net):
        return "not seen"
    new = not hasattr(net, "seen_by_a_check")
    net.seen_by_a_check = True
    return new


def shape_of_labels(result):
    return list(torch.as_tensor(result).shape)


def whole_labels(result, images):
    if shape_of_labels(result) != [len(images)]:
        return "not seen"
    labels = torch.as_tensor(result).double()
    return bool((labels == labels.round()).all())


def largest_answer(result, images):
    return float(torch.as_tensor(result).double().max()) if whole_labels(result, images) is True else 0


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
