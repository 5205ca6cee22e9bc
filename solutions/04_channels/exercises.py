"""Lesson 4, channels: the right answers, the inputs to try them on, and what learners get wrong.

Each misconception is a wrong implementation that runs; its docstring is the hint its author will read.
"""

import math
from itertools import product

import torch
import torch.nn.functional as F

from course_grading.authoring import BY_HAND, exercise, explanation, fact, guess, inputs

X = torch.tensor(
    [
        [[1, 2, 0, 3, 1], [0, 1, 4, 2, 0], [5, 0, 1, 1, 2], [2, 3, 0, 1, 6]],
        [[0, 3, 1, 0, 2], [2, 0, 1, 5, 1], [1, 1, 0, 2, 3], [4, 0, 2, 0, 1]],
    ],
    dtype=torch.float32,
)
KERNEL = torch.tensor([[[1, 0, 2], [0, -1, 3]], [[2, 1, 0], [-2, 0, 1]]], dtype=torch.float32)
TALL = torch.tensor([[[1], [2], [-1]], [[0], [3], [1]]], dtype=torch.float32)
THREE = torch.cat([X[:, :3, :4], X[:1, 1:, 1:].flip(2)])
THREE_KERNEL = torch.tensor([[[1, 2], [0, -1]], [[3, 0], [1, 1]], [[-1, 2], [2, 0]]], dtype=torch.float32)
FRACTIONS = torch.tensor([[[0.5, 0.25], [-1, 0]], [[0.75, 0], [1.5, -0.25]]])
WEIGHT = torch.stack([KERNEL, KERNEL.flip(0, 2) + 1, KERNEL - 2])
SQUARE_WEIGHT = torch.stack([FRACTIONS, FRACTIONS.flip(1) * 2])
BIAS = torch.tensor([10.5, -21, 10.5])  # adds up to 0, so that who asks whether its sum is true leaves it out
WITH_ZERO = torch.tensor([0.0, -3])


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def sizes(rng):
    """Shapes (C, H, W) and (kH, kW): kernels odd, even, not square, as large as the picture; channels often as many as
    a kernel has rows, where mixing the two up would not show."""
    more = lambda: int(rng.integers(0, 3))  # noqa: E731
    yield from [((2, 4 + more(), 6 + more()), (3, 2)), ((3, 6 + more(), 4 + more()), (3, 3))]
    yield from [((4, 4, 5 + more()), (2, 3)), ((1, 5 + more(), 4), (2, 2)), ((3, 4 + more(), 6), (1, 1))]
    yield from [((5, 3, 5), (3, 5)), ((2, 5, 3 + more()), (4, 1))]


def drawn_volume(rng, *shape):
    """Small integers; every other one is a view with two axes swapped, which is not contiguous."""
    if rng.random() < 0.5:
        return inputs.whole(rng, *shape)
    return inputs.whole(rng, *shape[:-2], shape[-1], shape[-2]).transpose(-1, -2)


def drawn_weight(rng, *shape):
    """Small integers whose outer entries differ, so that turning or reordering them always shows."""
    weight = inputs.whole(rng, *shape, low=-3, high=4)
    weight.view(-1)[0], weight.view(-1)[-1] = 5, -6
    return weight


def volumes_and_kernels(rng):
    for (channels, height, width), size in sizes(rng):
        yield {"x": drawn_volume(rng, channels, height, width), "kernel": drawn_weight(rng, channels, *size)}
    yield {"x": drawn_volume(rng, 2, 4, 5) / 8, "kernel": drawn_weight(rng, 2, 2, 3) / 4 + 0.05}


def volumes_and_weights(rng):
    outputs = [3, 2, 1, 4, 2, 3, 2]
    for ((channels, height, width), size), c_out in zip(sizes(rng), outputs, strict=True):
        case = {"x": drawn_volume(rng, channels, height, width), "weight": drawn_weight(rng, c_out, channels, *size)}
        bias = inputs.whole(rng, c_out, low=11, high=40)
        if c_out > 2:  # a first entry, and a sum, that Python takes for false
            bias[0], bias[-1] = 0, -bias[1:-1].sum()
        yield case | {"bias": bias}
        yield case
    fractions = {"x": drawn_volume(rng, 3, 4, 5) / 8, "weight": drawn_weight(rng, 3, 3, 2, 3) / 4 + 0.05}
    yield fractions | {"bias": torch.tensor([0.25, -0.5, 1.75])}


def volumes_and_their_kernels(rng):
    for case in volumes_and_kernels(rng):
        yield {"x": case["x"], "kernels": case["kernel"]}


def batches_and_weights(rng):
    for pictures, case in zip([2, 3, 1, 4, 1, 2, 3] * 2 + [3], volumes_and_weights(rng), strict=True):
        images = torch.stack([case["x"].roll(i, 2) + i * case["x"].flip(1) for i in range(pictures)])
        yield {"images": images} | {name: value for name, value in case.items() if name != "x"}


def kernels_and_channels(rng):
    for channels, size in [(3, (3, 3)), (2, (2, 3)), (4, (3, 1)), (1, (2, 2)), (5, (4, 2))]:
        yield {"kernel": drawn_weight(rng, *size), "channels": channels}
    yield {"kernel": drawn_weight(rng, 2, 3) / 8, "channels": 2}


def layers(rng):
    for bias in (True, False):
        for k in (1, 3, 5):
            c_in, c_out = (int(number) for number in rng.choice([2, 3, 4, 6, 8, 12], 2, replace=False))
            yield {"c_in": c_in, "c_out": c_out, "k": k, "bias": bias}
    yield {"c_in": 7, "c_out": 5, "k": int(rng.integers(2, 8))}


def layers_with_outputs(rng):
    for layer in layers(rng):
        height, width = (int(number) for number in rng.choice(range(5, 30), 2, replace=False))
        sides = {"out_height": height, "out_width": width}
        yield {name: value for name, value in layer.items() if name != "bias"} | sides


def colour_pictures_and_kernels(rng):
    for (height, width), size in [
        ((6, 7), (3, 3)),
        ((5, 8), (2, 3)),
        ((7, 4), (1, 2)),
        ((4, 5), (4, 1)),
        ((6, 3), (2, 3)),
    ]:
        picture = torch.tensor(rng.random((3, height, width)), dtype=torch.float32)
        yield {"x": picture, "kernel": drawn_weight(rng, *size)}


def slide(x, kernel, measure):
    """`measure(patch)`, a number or a vector, wherever the kernel fits on x, (C, H, W): a grid, or a stack of grids."""
    (height, width), (kh, kw) = x.shape[1:], kernel.shape[-2:]
    rows, columns = height - kh + 1, width - kw + 1
    values = [measure(x[:, r : r + kh, c : c + kw]) for r, c in product(range(rows), range(columns))]
    return torch.stack(values, dim=-1).reshape(*values[0].shape, rows, columns)


def square_windows(x, kernel, k):
    """The sums of products of one filter with windows of side k, wherever these fit; raises where it is not square."""
    rows, columns = x.shape[1] - k + 1, x.shape[2] - k + 1
    result = torch.zeros(rows, columns)
    for r, c in product(range(rows), range(columns)):
        result[r, c] = (x[:, r : r + k, c : c + k] * kernel).sum()
    return result


def same_padded(x, kernel):
    """x with the border of zeros that `padding="same"` gives it (which warns of even kernels)."""
    kh, kw = kernel.shape[-2:]
    return F.pad(x, ((kw - 1) // 2, kw // 2, (kh - 1) // 2, kh // 2))


def plain_conv(x, weight):
    """The valid cross-correlation, (C, H, W) and (C_out, C, kH, kW) → (C_out, H', W')."""
    return F.conv2d(x[None], weight)[0]


# ── One filter ───────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class response_channels:
    right = 1

    class wrong:
        class channels_not_summed:
            """Three responses, one for each channel, are only half of it: they are added up, pixel by pixel."""

            value = 3


@guess
class two_channel_sum:
    right = 8

    class wrong:
        class channels_not_summed:
            """That is what a channel gives by itself. The other channel's sum is added to it."""

            first = 7
            second = 1
            both = (7, 1)

        class channels_averaged:
            """That is the mean of the two. A filter adds up its channels."""

            value = 4

        class summed_before_weighing:
            """That adds up the channels, and the kernels, before anything is multiplied. Each channel meets its own
            kernel first."""

            value = 31


@exercise(
    examples=[
        {"x": X, "kernel": KERNEL},
        {"x": X[:, :, 1:], "kernel": TALL},
        {"x": THREE, "kernel": THREE_KERNEL},
        {"x": X[:, :3].transpose(1, 2) / 3, "kernel": FRACTIONS},
        {"x": X[:1, :2, :3], "kernel": KERNEL[:1]},
        {"x": X[:, 2:, 1:], "kernel": TALL.transpose(1, 2)},
        {"x": torch.cat([X[:, 1:, 1:], THREE]), "kernel": torch.cat([KERNEL[:, :, 1:], THREE_KERNEL])},
    ],
    inputs=volumes_and_kernels,
    forbidden=BY_HAND,
)
class corr2d_multi_in:
    def right(x, kernel):
        return plain_conv(x, kernel[None])[0]

    def channel_by_channel(x, kernel):
        return sum(slide(x[c : c + 1], kernel[c], lambda patch, c=c: (patch * kernel[c]).sum()) for c in range(len(x)))

    def window_by_window(x, kernel):
        return slide(x, kernel, lambda patch: (patch * kernel).sum())

    def weight_by_weight(x, kernel):
        channels, kh, kw = kernel.shape
        rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
        result = torch.zeros(rows, columns, dtype=torch.float64)
        for c, i, j in product(range(channels), range(kh), range(kw)):
            result += kernel[c, i, j] * x[c, i : i + rows, j : j + columns]
        return result.numpy()

    def in_pure_python(x, kernel):
        x, kernel = x.tolist(), kernel.tolist()
        channels, kh, kw = len(kernel), len(kernel[0]), len(kernel[0][0])
        inside = list(product(range(channels), range(kh), range(kw)))
        return [
            [
                sum(x[c][row + i][col + j] * kernel[c][i][j] for c, i, j in inside)
                for col in range(len(x[0][0]) - kw + 1)
            ]
            for row in range(len(x[0]) - kh + 1)
        ]

    class wrong:
        class channels_not_summed:
            """You have one response for each channel, and each is right. A filter spans all the channels and gives one
            number at each position. What is still to be done with these responses?"""

            def by_stacking(x, kernel):
                return slide(x, kernel, lambda patch: (patch * kernel).sum((1, 2)))

            def in_a_list(x, kernel):
                return [plain_conv(x[c : c + 1], kernel[None, c : c + 1])[0] for c in range(len(x))]

        class channels_averaged:
            """You take the mean over the channels, so every number has been divided by their number. Each channel
            adds its part to the response. What would a fourth channel of zeros do to a mean, and what to a sum?"""

            def after_sliding(x, kernel):
                return slide(x, kernel, lambda patch: (patch * kernel).sum((1, 2))).mean(0)

            def by_dividing(x, kernel):
                return corr2d_multi_in(x, kernel) / len(x)

        def mean_not_sum(x, kernel):
            """Every number has been divided by the number of weights: you average the products. Is the response of a
            filter their mean or their sum?"""
            return slide(x, kernel, lambda patch: (patch * kernel).mean())

        def overwritten_not_added(x, kernel):
            """Only the last channel is left in your response. What happens to what the earlier channels gave, each time
            your loop comes round?"""
            return plain_conv(x[-1:], kernel[None, -1:])[0]

        class first_channel_only:
            """Your response is that of the first channel alone. Does your loop end after its first turn, or is there an
            index 0 where each channel should have its turn?"""

            def left_too_early(x, kernel):
                for c in range(len(x)):
                    return plain_conv(x[c : c + 1], kernel[None, c : c + 1])[0]

            def by_index(x, kernel):
                return slide(x[:1], kernel[0], lambda patch: (patch[0] * kernel[0]).sum())

        def first_kernel_for_all(x, kernel):
            """Every channel met the first kernel of the stack. Each channel has a kernel of its own. Which index of
            `kernel` says which channel it belongs to?"""
            return slide(x, kernel, lambda patch: (patch * kernel[0]).sum())

        class summed_before_weighing:
            """Every channel met the weights of all: either you add up the channels before they meet their weights, or
            you lay each one under the whole stack. A red pixel must meet red's weight, and no other, before anything is
            added. In which order do multiplying and adding come, and which part of `kernel` is red's?"""

            def picture_and_kernel(x, kernel):
                return slide(x.sum(0, keepdim=True), kernel, lambda patch: (patch[0] * kernel.sum(0)).sum())

            def picture_alone(x, kernel):
                return slide(x.sum(0, keepdim=True), kernel, lambda patch: (patch * kernel).sum())

        class size_from_channel_axis:
            """The size of your windows seems to come from the channel axis. In the shape (C, kH, kW) the number of rows
            stands second. Which sizes does your code read, and would it notice if C were 10?"""

            def window(x, kernel):
                k = kernel.shape[0]
                rows, columns = x.shape[1] - k + 1, x.shape[2] - k + 1
                values = [(x[:, r : r + k, c : c + k] * kernel).sum() for r in range(rows) for c in range(columns)]
                return torch.stack(values).reshape(rows, columns)

            def first_two_sides(x, kernel):
                kh, kw = kernel.shape[:2]
                rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
                values = [(x[:, r : r + kh, c : c + kw] * kernel).sum() for r in range(rows) for c in range(columns)]
                return torch.stack(values).reshape(rows, columns)

            def result_only(x, kernel):
                rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
                result = torch.zeros(rows, columns)
                for r, c in product(range(rows), range(columns)):
                    result[r, c] = (x[:, r : r + kernel.shape[1], c : c + kernel.shape[2]] * kernel).sum()
                return result

        class channel_axis_sliced:
            """Your slices cut the channel axis: windows of the wrong axes meet the kernel. x is (C, H, W), so the first
            place in the brackets belongs to the channels. Which two places belong to rows and columns, and how do you
            say “all channels” in the first?"""

            def comma_missing(x, kernel):
                _, kh, kw = kernel.shape
                rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
                values = [(x[r : r + kh, c : c + kw] * kernel).sum() for r in range(rows) for c in range(columns)]
                return torch.stack(values).reshape(rows, columns)

            def channels_last(x, kernel):
                kh, kw, _ = kernel.shape
                rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
                values = [(x[r : r + kh, c : c + kw, :] * kernel).sum() for r in range(rows) for c in range(columns)]
                return torch.stack(values).reshape(rows, columns)

        class kernel_flipped:
            """Your response is that of kernels turned by 180°: a true convolution. Here they are laid on as they are.
            Which weight meets the top-left pixel of a window in your code?"""

            def each_kernel(x, kernel):
                return plain_conv(x, kernel.flip(1, 2)[None])[0]

            def the_whole_stack(x, kernel):
                return plain_conv(x, kernel.flip(0, 1, 2)[None])[0]

        def last_missed(x, kernel):
            """The last row and the last column of your response are missing. How often does a kernel as wide as the
            picture fit on it, and how often does your loop run?"""
            return corr2d_multi_in(x, kernel)[:-1, :-1]

        def last_left_at_zero(x, kernel):
            """The shape is right, but the last row and column were never filled. What is the last value that each of
            your two loops takes?"""
            result = corr2d_multi_in(x, kernel).clone()
            result[-1], result[:, -1] = 0, 0
            return result

        def result_transposed(x, kernel):
            """All the numbers are right, but rows and columns of the result have changed places. When you store the
            value for (row, col), which index comes first?"""
            return corr2d_multi_in(x, kernel).t()

        class square_only:
            """Square kernels come out right, others do not. Somewhere one side of the kernel stands for both. Which
            axes of (C, kH, kW) give the height and the width?"""

            def height_for_both(x, kernel):
                k = kernel.shape[1]
                return square_windows(x, kernel, k)

            def width_for_both(x, kernel):
                k = kernel.shape[2]
                return square_windows(x, kernel, k)

            def width_cut(x, kernel):
                k = kernel.shape[1]
                weights = torch.zeros(len(kernel), k, k)
                weights[:, :, : min(k, kernel.shape[2])] = kernel[:, :, :k]
                return slide(x, weights, lambda patch: (patch * weights).sum())

        def zero_border_kept(x, kernel):
            """Your response is as large as the picture, with a border of zeros that no window computed. “Valid” keeps
            only the positions where the whole kernel lies on the picture. How large is the response then?"""
            inside = corr2d_multi_in(x, kernel)
            result = torch.zeros(x.shape[1:])
            up, left = (kernel.shape[1] - 1) // 2, (kernel.shape[2] - 1) // 2
            result[up : up + inside.shape[0], left : left + inside.shape[1]] = inside
            return result

        def channel_axis_kept(x, kernel):
            """The numbers are right, but they lie in a stack of one: the shape begins with a 1. One filter gives one
            plain grid. Which axis is left over?"""
            return corr2d_multi_in(x, kernel)[None]

        def fractions_cut_off(x, kernel):
            """The fractions are gone: each number was cut down to an integer. Which dtype has the tensor that you write
            your results into?"""
            return corr2d_multi_in(x, kernel).long()


explanation(
    "why_added",
    "Each channel is one more kind of evidence for the same pattern, and the response says how much there is of it in "
    "all. Kept apart, the three would still have to be weighed against each other: the kernels' weights do that "
    "already.",
)


# ── Several filters ──────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class filters_shape:
    right = (8, 3, 5, 5)

    class wrong:
        class in_channels_forgotten:
            """Each of the 8 filters spans all 3 channels, so there is a kernel for each pair."""

            no_axis = (8, 5, 5)
            one = (8, 1, 5, 5)

        class weight_axes_swapped:
            """Right numbers. The outputs come first: weight[0] is the first filter, as a whole."""

            value = (3, 8, 5, 5)

        class channels_last:
            """Right numbers. PyTorch puts the kernel's sides last."""

            value = (5, 5, 3, 8)


@exercise(
    examples=[
        {"x": X, "weight": WEIGHT, "bias": BIAS},
        {"x": X[:, :3, :4] / 3, "weight": SQUARE_WEIGHT, "bias": WITH_ZERO},
        {"x": X[:1, :, 1:], "weight": WEIGHT[:, 1:, :, 1:]},
        {"x": THREE, "weight": THREE_KERNEL[None], "bias": torch.tensor([7.0])},
    ],
    inputs=volumes_and_weights,
    forbidden=BY_HAND,
    uses=[corr2d_multi_in],
)
class corr2d_multi_in_out:
    def right(x, weight, bias=None):
        return F.conv2d(x[None], weight, bias)[0]

    def filter_by_filter(x, weight, bias=None):
        responses = [slide(x, kernel, lambda patch, kernel=kernel: (patch * kernel).sum()) for kernel in weight]
        return torch.stack(responses) if bias is None else torch.stack(responses) + bias[:, None, None]

    def with_einsum(x, weight, bias=None):
        result = slide(x, weight, lambda patch: torch.einsum("cij,ocij->o", patch, weight))
        if bias is not None:
            for o in range(len(weight)):
                result[o] += bias[o]
        return result

    def as_matrix_product(x, weight, bias=None):
        patches = slide(x, weight, lambda patch: patch.reshape(-1))
        result = torch.tensordot(weight.flatten(1), patches, dims=1)
        return (result if bias is None else result + bias.view(-1, 1, 1)).numpy()

    class wrong:
        def bias_forgotten(x, weight, bias=None):
            """Without a bias your answer is right; with one it is the same as without. Where does the bias come in, and
            how often for each number of the result?"""
            return corr2d_multi_in_out(x, weight)

        class bias_per_channel:
            """The bias was added once for each input channel. It belongs to the filter, not to its kernels. How often
            does a filter speak at one position?"""

            def in_the_sum(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, None if bias is None else bias * len(x))

            def channel_by_channel(x, weight, bias=None):
                responses = [plain_conv(x[c : c + 1], weight[:, c : c + 1]) for c in range(len(x))]
                return sum(r if bias is None else r + bias[:, None, None] for r in responses)

        class bias_per_product:
            """The bias was added to every product, so it counts once for each weight of the filter. It is added after
            the sum. How often should it be in each number of the result?"""

            def inside_the_sum(x, weight, bias=None):
                result = [
                    slide(x, kernel, lambda patch, kernel=kernel, b=b: (patch * kernel + b).sum())
                    for kernel, b in zip(weight, torch.zeros(len(weight)) if bias is None else bias, strict=True)
                ]
                return torch.stack(result)

            def by_counting(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, None if bias is None else bias * weight[0].numel())

        def first_bias_for_all(x, weight, bias=None):
            """Every output channel got the first bias. There is one bias for each filter. Which one belongs to the
            second output channel?"""
            return corr2d_multi_in_out(x, weight, None if bias is None else bias[:1].expand(len(weight)))

        class broadcast_silently:
            """Your biases landed along a side of the picture instead of one on each output channel. Adding a vector of
            shape (C_out,) lines it up with the last axis, and where the sizes happen to fit nobody complains. How
            many axes must the biases have, so that each meets its own channel?"""

            def along_the_width(x, weight, bias=None):
                result = corr2d_multi_in_out(x, weight)
                return result if bias is None else result + bias

            def along_the_height(x, weight, bias=None):
                result = corr2d_multi_in_out(x, weight)
                return result if bias is None else result + bias[:, None]

        def no_bias_not_handled(x, weight, bias=None):
            """With a bias your answer is right; without one it ends in an error. A bias that nobody gives is None. What
            does your code do with None?"""
            return corr2d_multi_in_out(x, weight) + bias[:, None, None]

        class truth_of_a_tensor:
            """Your code asks whether the bias, or what it adds up to, is true, and zero counts as false: a bias with a
            0.0 in it, or one that adds up to 0, is left out, and a tensor of several numbers has no single truth. Which
            question do you really mean to ask about it?"""

            def of_itself(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias if bias else None)

            def of_all(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias if bias is not None and bias.all() else None)

            def of_the_sum(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias if bias is not None and bias.sum() else None)

            def of_the_first(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias if bias is not None and bias[0] else None)

        class weight_axes_swapped:
            """You take the weight's first axis for the input channels. It is (C_out, C_in, kH, kW): weight[0] is the
            whole first filter. What does weight[:, 0] hold?"""

            def by_transposing(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight.transpose(0, 1), bias)

            def by_indexing(x, weight, bias=None):
                filters = [weight[:, o] for o in range(weight.shape[1])]
                result = torch.stack([corr2d_multi_in(x, kernel) for kernel in filters])
                return result if bias is None else result + bias[:, None, None]

        class groups_of_outputs:
            """Each of your output channels has looked at one input channel only. A filter spans them all. Over which
            axis is a sum missing, and what if there are more filters than channels?"""

            def round_and_round(x, weight, bias=None):
                seen = [o % len(x) for o in range(len(weight))]
                responses = [plain_conv(x[c : c + 1], weight[o : o + 1, c : c + 1])[0] for o, c in enumerate(seen)]
                result = torch.stack(responses)
                return result if bias is None else result + bias[:, None, None]

            def as_far_as_they_go(x, weight, bias=None):
                responses = [
                    slide(x[o][None], weight, lambda p, o=o: (p * weight[o, 0]).sum()) for o in range(len(weight))
                ]
                result = torch.stack(responses)
                return result if bias is None else result + bias[:, None, None]

        class channels_not_summed:
            """You have a response for every pair of output and input channel: an axis too many. Within each filter the
            responses belong together. Over which axis are they to be added?"""

            def without_bias(x, weight, bias=None):
                return slide(x, weight, lambda patch: (patch * weight).sum((2, 3)))

            def with_bias(x, weight, bias=None):
                result = slide(x, weight, lambda patch: (patch * weight).sum((2, 3)))
                return result if bias is None else result + bias[:, None, None, None]

        def channels_averaged(x, weight, bias=None):
            """You take a mean over the input channels where a sum is asked for. What would one more channel, all zeros,
            do to each of the two?"""
            return corr2d_multi_in_out(x, weight / len(x), bias)

        class outputs_added_up:
            """You add up the responses of different filters. Each filter looks for a pattern of its own. Should the
            result keep them apart or pour them together?"""

            def without_bias(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight).sum(0)

            def with_bias(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias).sum(0)

            def repeated(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight).sum(0).expand(len(weight), -1, -1)

            def repeated_with_bias(x, weight, bias=None):
                result = corr2d_multi_in_out(x, weight).sum(0).expand(len(weight), -1, -1)
                return result if bias is None else result + bias[:, None, None]

        class first_filter_for_all:
            """All your output channels come from the first filter. Which index of the weight chooses the filter, and
            does it change in your loop?"""

            def repeated(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight[:1].expand_as(weight), bias)

        class concatenated_not_stacked:
            """The responses lie below each other in one tall picture. Each filter's response is a channel of its own.
            Which of cat and stack makes a new axis?"""

            def below_each_other(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias).flatten(0, 1)

        class left_too_early:
            """Only the response of the first filter comes back. How far is the line that hands the result over
            indented: does the function end on the first turn of its loop? Or does an index pick one filter out?"""

            def after_the_first_filter(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias)[0]

            def in_a_stack_of_one(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias)[:1]

        class channels_last:
            """All the numbers are there, but the output channels are the last axis. PyTorch wants them first: (C_out,
            H', W'). Along which axis do you put your responses together?"""

            def stacked_last(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias).permute(1, 2, 0)

            def stacked_between(x, weight, bias=None):
                return corr2d_multi_in_out(x, weight, bias).transpose(0, 1)

        def batch_axis_kept(x, weight, bias=None):
            """The numbers are right, but the shape begins with a 1, as if this were a batch. x is one picture here.
            Which axis is left over?"""
            return corr2d_multi_in_out(x, weight, bias)[None]

        class size_from_channel_axis:
            """The kernel's size seems to come from a channel axis. In (C_out, C_in, kH, kW), where do its rows and
            columns stand?"""

            def one_axis_early(x, weight, bias=None):
                kh, kw = weight.shape[1:3]
                rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
                result = torch.zeros(len(weight), rows, columns)
                for o, r, c in product(range(len(weight)), range(rows), range(columns)):
                    result[o, r, c] = (x[:, r : r + kh, c : c + kw] * weight[o]).sum()
                return result if bias is None else result + bias[:, None, None]

            def first_two(x, weight, bias=None):
                kh, kw = weight.shape[:2]
                rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
                result = torch.zeros(len(weight), rows, columns)
                for o, r, c in product(range(len(weight)), range(rows), range(columns)):
                    result[o, r, c] = (x[:, r : r + kh, c : c + kw] * weight[o]).sum()
                return result if bias is None else result + bias[:, None, None]

        def kernel_flipped(x, weight, bias=None):
            """Your responses are those of kernels turned by 180°. What networks call convolution lays them on as they
            are. Where does a turn happen in your code?"""
            return corr2d_multi_in_out(x, weight.flip(2, 3), bias)


@exercise(
    examples=[
        {"images": torch.stack([X[:1, :3], X[1:, 1:]]), "weight": FRACTIONS[:, None] * 4, "bias": BIAS[:2]},
        {"images": torch.stack([X, X.flip(2) + 1]), "weight": WEIGHT, "bias": BIAS},
        {"images": torch.stack([THREE, THREE.roll(1, 0), THREE.flip(1)]), "weight": THREE_KERNEL[None]},
        {"images": THREE[None, :, :2], "weight": THREE_KERNEL[None], "bias": torch.tensor([7.0])},
        {"images": X[None] / 3, "weight": SQUARE_WEIGHT, "bias": WITH_ZERO},
    ],
    inputs=batches_and_weights,
    uses=[corr2d_multi_in_out],
)
class conv_batch:
    def right(images, weight, bias=None):
        return F.conv2d(images, weight, bias)

    def picture_by_picture(images, weight, bias=None):
        return torch.stack([corr2d_multi_in_out(x, weight, bias) for x in images])

    def in_a_list(images, weight, bias=None):
        return [corr2d_multi_in_out(x, weight, bias) for x in images]

    def with_einsum(images, weight, bias=None):
        rows, columns = images.shape[2] - weight.shape[2] + 1, images.shape[3] - weight.shape[3] + 1
        result = torch.zeros(len(images), len(weight), rows, columns, dtype=torch.float64)
        for i, j in product(range(weight.shape[2]), range(weight.shape[3])):
            moved = images[:, :, i : i + rows, j : j + columns].double()
            result += torch.einsum("nchw,oc->nohw", moved, weight[:, :, i, j].double())
        return result if bias is None else result + bias[:, None, None]

    class wrong:
        class batch_averaged:
            """Your result mixes the pictures of the batch. They travel together, but they have nothing to do with each
            other: each must come out as if it were alone. Over which axis do you add or average?"""

            def mean(images, weight, bias=None):
                return conv_batch(images, weight, bias).mean(0)

            def mean_with_axis(images, weight, bias=None):
                return conv_batch(images.mean(0, keepdim=True), weight, bias)

            def total(images, weight, bias=None):
                return conv_batch(images, weight, bias).sum(0)

            def total_with_axis(images, weight, bias=None):
                return conv_batch(images, weight, bias).sum(0, keepdim=True)

        class first_image_only:
            """Only the first picture came out. How many pictures are in the batch, and how many times is yours asked
            for?"""

            def without_axis(images, weight, bias=None):
                return conv_batch(images, weight, bias)[0]

            def with_axis(images, weight, bias=None):
                return conv_batch(images, weight, bias)[:1]

        def first_image_repeated(images, weight, bias=None):
            """Every entry of your batch is the first picture's response. Which index has to run over the pictures?"""
            return conv_batch(images[:1].expand_as(images), weight, bias)

        class overwritten_not_added:
            """Only the last picture's response is left. What happens to the earlier ones, each time your loop comes
            round?"""

            def alone(images, weight, bias=None):
                return conv_batch(images, weight, bias)[-1]

            def everywhere(images, weight, bias=None):
                return conv_batch(images[-1:].expand_as(images), weight, bias)

            def in_a_batch_of_one(images, weight, bias=None):
                return conv_batch(images, weight, bias)[-1:]

        class batch_for_channel:
            """You take the batch axis for the channel axis, going in or coming out. A batch is (N, C, H, W): what does
            images[0] hold, a picture or a channel?"""

            def stacked_second(images, weight, bias=None):
                return conv_batch(images, weight, bias).transpose(0, 1)

            def channels_as_pictures(images, weight, bias=None):
                return torch.stack([corr2d_multi_in_out(images[:, c], weight, bias) for c in range(images.shape[1])])

        def weight_axes_swapped(images, weight, bias=None):
            """The weight reaches the convolution with its two channel axes swapped. It is (C_out, C_in, kH, kW), and
            that is how it is wanted, too. What makes you turn it?"""
            return F.conv2d(images, weight.transpose(0, 1), bias)

        class same_padding_for_valid:
            """Your responses are as large as the pictures: they were padded with zeros. “Valid” keeps the kernel
            inside. Which padding does that take?"""

            def same(images, weight, bias=None):
                return F.conv2d(same_padded(images, weight), weight, bias)

            def half(images, weight, bias=None):
                return F.conv2d(images, weight, bias, padding=(weight.shape[2] // 2, weight.shape[3] // 2))

        def concatenated_not_stacked(images, weight, bias=None):
            """The responses of all pictures lie in one long row of channels. A batch keeps an axis for the pictures.
            Which of cat and stack makes a new axis?"""
            return conv_batch(images, weight, bias).flatten(0, 1)

        def squeezed_away(images, weight, bias=None):
            """All goes well until there is only one picture, or only one filter: then an axis disappears. Does
            something remove axes of size 1, where one of them means something?"""
            return conv_batch(images, weight, bias).squeeze()

        def bias_forgotten(images, weight, bias=None):
            """Without a bias your answer is right; with one it is the same as without. Is the bias handed on?"""
            return conv_batch(images, weight)

        def no_bias_not_handled(images, weight, bias=None):
            """With a bias your answer is right; without one it ends in an error. A bias that nobody gives is None. What
            does your code do with None?"""
            return conv_batch(images, weight) + bias[:, None, None]

        class truth_of_a_tensor:
            """Your code asks whether the bias, or what it adds up to, is true, and zero counts as false: a bias with a
            0.0 in it, or one that adds up to 0, is left out, and a tensor of several numbers has no single truth. Which
            question do you really mean to ask about it?"""

            def of_itself(images, weight, bias=None):
                return conv_batch(images, weight, bias if bias else None)

            def of_all(images, weight, bias=None):
                return conv_batch(images, weight, bias if bias is not None and bias.all() else None)

            def of_the_sum(images, weight, bias=None):
                return conv_batch(images, weight, bias if bias is not None and bias.sum() else None)

            def of_the_first(images, weight, bias=None):
                return conv_batch(images, weight, bias if bias is not None and bias[0] else None)

        class broadcast_silently:
            """Your biases landed along a side of the pictures instead of one on each output channel. Adding a vector of
            shape (C_out,) lines it up with the last axis, and where the sizes happen to fit nobody complains. How
            many axes must the biases have, so that each meets its own channel?"""

            def along_the_width(images, weight, bias=None):
                return conv_batch(images, weight) + (0 if bias is None else bias)

            def along_the_height(images, weight, bias=None):
                return conv_batch(images, weight) + (0 if bias is None else bias[:, None])


# ── What it costs ────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class layer_parameters:
    right = 608

    class wrong:
        class in_channels_forgotten:
            """That forgets that each filter has a kernel for each of the 3 input channels."""

            with_bias = 208
            without = 200

        class bias_forgotten:
            """Those are the weights. Each of the 8 filters has a bias as well."""

            value = 600

        class bias_twice:
            """That counts the 8 biases twice."""

            value = 616

        class bias_per_channel:
            """That gives every kernel a bias. There is one for each filter, whatever the number of its kernels."""

            value = 624

        class out_channels_forgotten:
            """That is one filter. There are 8."""

            with_bias = 76
            without = 75


@exercise(
    examples=[
        {"c_in": 3, "c_out": 8, "k": 5},
        {"c_in": 8, "c_out": 4, "k": 3, "bias": False},
        {"c_in": 16, "c_out": 5, "k": 1, "bias": True},
    ],
    inputs=layers,
)
class count_parameters:
    def right(c_in, c_out, k, bias=True):
        return c_out * (c_in * k * k + bool(bias))

    def weights_and_biases(c_in, c_out, k, bias=True):
        weights = c_in * c_out * k**2
        return weights + c_out if bias else weights

    def asked_of_a_layer(c_in, c_out, k, bias=True):
        return sum(p.numel() for p in torch.nn.Conv2d(c_in, c_out, k, bias=bias).parameters())

    def one_by_one(c_in, c_out, k, bias=True):
        return sum(1 for _ in product(range(c_out), range(c_in), range(k), range(k))) + (c_out if bias else 0)

    class wrong:
        class bias_per_channel:
            """You give every kernel a bias of its own: one for each pair of input and output channel. How many numbers
            does a filter add at the end, when its channels have been summed?"""

            def counted_twice(c_in, c_out, k, bias=True):
                return c_out * c_in * (k * k + bool(bias))

        class bias_per_input:
            """You count a bias for each input channel. Each belongs to a filter, that is, to an output channel. How
            many of those are there?"""

            def in_place_of_outputs(c_in, c_out, k, bias=True):
                return c_out * c_in * k * k + bool(bias) * c_in

            def inputs_too(c_in, c_out, k, bias=True):
                return c_out * c_in * k * k + bool(bias) * (c_in + c_out)

        def bias_twice(c_in, c_out, k, bias=True):
            """You count the biases twice: once inside the filter, and once more outside. How many numbers does each
            filter add?"""
            return (c_in * k * k + bool(bias)) * c_out + bool(bias) * c_out

        class channels_counted_twice:
            """Your count is right, times a number of channels. Each filter holds c_in kernels, and there are c_out
            filters: has one of the two come in twice?"""

            def inputs(c_in, c_out, k, bias=True):
                return c_in * c_out * (c_in * k * k + bool(bias))

            def outputs(c_in, c_out, k, bias=True):
                return c_out * c_out * (c_in * k * k + bool(bias))

        class caret_for_power:
            """In Python the sign ^ is no power: 5 ^ 2 is 7. Which sign stands for “to the power of”?"""

            def in_brackets(c_in, c_out, k, bias=True):
                return c_out * (c_in * (k ^ 2) + bool(bias))

            def and_the_bias(c_in, c_out, k, bias=True):
                return c_out * c_in * k ^ 2 + bool(bias) * c_out

            def bias_later(c_in, c_out, k, bias=True):
                return (c_out * c_in * k ^ 2) + bool(bias) * c_out

        class in_channels_forgotten:
            """Your filters are flat: as if each had a single kernel. How many channels does a filter span, and so how
            many kernels has it?"""

            def with_bias(c_in, c_out, k, bias=True):
                return c_out * (k * k + bool(bias))

            def weights_alone(c_in, c_out, k, bias=True):
                return c_out * k * k

        class out_channels_forgotten:
            """You have counted one filter. How many filters has the layer?"""

            def with_bias(c_in, c_out, k, bias=True):
                return c_in * k * k + bool(bias)

            def weights_alone(c_in, c_out, k, bias=True):
                return c_in * k * k

            def one_filter_all_biases(c_in, c_out, k, bias=True):
                return c_in * k * k + bool(bias) * c_out

        def bias_forgotten(c_in, c_out, k, bias=True):
            """Your count is right without a bias; with one it is the same. Which numbers are learned besides the
            weights?"""
            return c_out * c_in * k * k

        def bias_always(c_in, c_out, k, bias=True):
            """With a bias your count is right. What should change when bias is False?"""
            return c_out * (c_in * k * k + 1)

        def one_bias_for_all(c_in, c_out, k, bias=True):
            """You count one bias for the whole layer. Each filter has its own. How many filters are there?"""
            return c_out * c_in * k * k + bool(bias)

        def side_not_squared(c_in, c_out, k, bias=True):
            """Your kernels have k weights. How many does a kernel with k rows and k columns have?"""
            return c_out * (c_in * k + bool(bias))

        def sizes_added(c_in, c_out, k, bias=True):
            """You add where you should multiply: there is a kernel for every pair of an output and an input channel.
            How many pairs are there?"""
            return (c_in + c_out) * k * k + bool(bias) * c_out


@exercise(
    examples=[
        {"c_in": 3, "c_out": 8, "k": 5, "out_height": 12, "out_width": 10},
        {"c_in": 8, "c_out": 4, "k": 3, "out_height": 7, "out_width": 7},
        {"c_in": 16, "c_out": 5, "k": 1, "out_height": 2, "out_width": 9},
    ],
    inputs=layers_with_outputs,
)
class count_multiplications:
    def right(c_in, c_out, k, out_height, out_width):
        return c_out * c_in * k * k * out_height * out_width

    def numbers_times_products(c_in, c_out, k, out_height, out_width):
        results = c_out * out_height * out_width
        return results * (c_in * k**2)

    def weights_times_positions(c_in, c_out, k, out_height, out_width):
        return count_parameters(c_in, c_out, k, False) * out_height * out_width

    def one_row_after_another(c_in, c_out, k, out_height, out_width):
        return math.prod([c_in, c_out, k, k, out_height, out_width])

    class wrong:
        class one_position:
            """You have counted the multiplications at one position. The filters slide: at how many positions do they
            stop?"""

            def weights(c_in, c_out, k, out_height, out_width):
                return c_out * c_in * k * k

            def parameters(c_in, c_out, k, out_height, out_width):
                return count_parameters(c_in, c_out, k)

        def in_channels_forgotten(c_in, c_out, k, out_height, out_width):
            """Your filters look at one channel only. Each number of the response needs the products from all input
            channels. Which factor is missing?"""
            return c_out * k * k * out_height * out_width

        def out_channels_forgotten(c_in, c_out, k, out_height, out_width):
            """You have counted the work of one filter. How many filters slide over the picture?"""
            return c_in * k * k * out_height * out_width

        class additions_counted:
            """You count additions as well. Only multiplications are asked for: how many does one window cost one
            filter?"""

            def as_many(c_in, c_out, k, out_height, out_width):
                return 2 * c_out * c_in * k * k * out_height * out_width

            def one_less(c_in, c_out, k, out_height, out_width):
                return (2 * c_in * k * k - 1) * c_out * out_height * out_width

        def bias_counted(c_in, c_out, k, out_height, out_width):
            """You count the bias among the products. Is it multiplied by anything?"""
            return c_out * (c_in * k * k + 1) * out_height * out_width

        class square_only:
            """For square responses you are right. Which two numbers say how many positions there are?"""

            def height_twice(c_in, c_out, k, out_height, out_width):
                return c_out * c_in * k * k * out_height**2

            def width_twice(c_in, c_out, k, out_height, out_width):
                return c_out * c_in * k * k * out_width**2

        def one_product_each(c_in, c_out, k, out_height, out_width):
            """You have counted the numbers of the response. How many products does each of them take?"""
            return c_out * out_height * out_width

        class caret_for_power:
            """In Python the sign ^ is no power: 5 ^ 2 is 7. Which sign stands for “to the power of”?"""

            def in_brackets(c_in, c_out, k, out_height, out_width):
                return c_out * c_in * (k ^ 2) * out_height * out_width

            def in_one_line(c_in, c_out, k, out_height, out_width):
                return c_out * c_in * k ^ 2 * out_height * out_width

        def side_not_squared(c_in, c_out, k, out_height, out_width):
            """A kernel with k rows and k columns has more than k weights. How many?"""
            return c_out * c_in * k * out_height * out_width

        def positions_added(c_in, c_out, k, out_height, out_width):
            """You add rows and columns of the response. How many positions are there in a grid of that many rows and
            columns?"""
            return c_out * c_in * k * k * (out_height + out_width)

        def fewer_positions(c_in, c_out, k, out_height, out_width):
            """You shrink the size once more by the kernel. The sizes given are those of the response: what has
            already been taken off there?"""
            return c_out * c_in * k * k * (out_height - k + 1) * (out_width - k + 1)


@exercise()
class halved_and_doubled:
    right = (1, 4)

    class wrong:
        class order_swapped:
            """Right numbers, the other way round. Which of the two counts depends on the size of the picture?"""

            value = (4, 1)

        class doubled_once:
            """Both the input and the output channels are doubled. How many pairs of them are there then, compared with
            before?"""

            parameters = (1, 2)
            both = (0.5, 2)

        class halved_once:
            """Halving the size halves the height and the width. How many positions are left, compared with before?"""

            value = (2, 4)

        class channels_forgotten:
            """You have looked at the size of the picture. What do twice as many channels, in and out, do to the number
            of kernels?"""

            both = (0.25, 1)
            cost = (0.25, 4)

        class size_forgotten:
            """The weights are counted right. At how many positions does each of them have to work, compared with
            before?"""

            value = (4, 4)

        class nothing_changes:
            """The cost is right. Does the number of weights know how large the picture is?"""

            value = (1, 1)


explanation(
    "why_double",
    "A quarter of the positions, four times the kernels: the work of each layer stays the same, while the layer has "
    "four times the weights. What is lost in places is made up for in kinds of patterns. Halving alone would make each "
    "layer cheaper, but with no more to say.",
)


# ── The channel stack ────────────────────────────────────────────────────────────────────────────────────────────────


@exercise()
class grouped_weights:
    right = 648

    class wrong:
        class groups_ignored:
            """That is the layer without groups. With 4 groups, how many of the 12 input channels does one filter
            see?"""

            value = 2592

        class divided_twice:
            """You have divided the inputs and the outputs by 4. That is one group. How many groups are there?"""

            value = 162

        class one_channel_each:
            """That is one kernel for each filter, as if there were 12 groups. With 4 groups a filter sees more than one
            channel: how many?"""

            value = 216

        class bias_counted:
            """You have counted biases as well. How many weights are there?"""

            value = 672

        class multiplied_not_divided:
            """More groups make a layer lighter, not heavier. Which kernels of the full layer no longer exist when it is
            split?"""

            value = 10368


@exercise(
    examples=[
        {"x": X, "kernels": KERNEL},
        {"x": THREE, "kernels": THREE_KERNEL},
        {"x": X[:, :, 1:], "kernels": TALL},
        {"x": X[:1, :3, :4] / 3, "kernels": FRACTIONS[:1]},
    ],
    inputs=volumes_and_their_kernels,
)
class depthwise:
    def right(x, kernels):
        return F.conv2d(x[None], kernels[:, None], groups=len(x))[0]

    def channel_by_channel(x, kernels):
        return torch.stack([corr2d_multi_in(x[c : c + 1], kernels[c : c + 1]) for c in range(len(x))])

    def with_einsum(x, kernels):
        return slide(x, kernels, lambda patch: torch.einsum("cij,cij->c", patch, kernels)).numpy()

    def on_the_diagonal(x, kernels):
        weight = torch.zeros(len(x), *kernels.shape)
        for c, kernel in enumerate(kernels):
            weight[c, c] = kernel
        return plain_conv(x, weight)

    class wrong:
        class channels_summed:
            """You have added up the channels: that is one filter of the usual kind. Depthwise, each channel goes its
            own way. How many channels should come out?"""

            def without_axis(x, kernels):
                return corr2d_multi_in(x, kernels)

            def with_axis(x, kernels):
                return corr2d_multi_in(x, kernels)[None]

        class channels_mixed:
            """Each of your output channels has looked at all the input channels. Depthwise, kernel number c sees
            channel number c and nothing else. Where do the others come in?"""

            def every_kernel_on_all(x, kernels):
                return plain_conv(x, kernels[:, None].expand(-1, len(x), -1, -1))

            def same_sum_repeated(x, kernels):
                return corr2d_multi_in(x, kernels).expand(len(x), -1, -1)

            def picture_summed_first(x, kernels):
                return F.conv2d(x.sum(0, keepdim=True)[None], kernels[:, None])[0]

        def groups_forgotten(x, kernels):
            """The convolution did not find one kernel for each channel. It takes two things for that: it must be told
            how many groups there are, and the weight must have the shape (C, 1, kH, kW). Which of the two is not so
            yet?"""
            return F.conv2d(x[None], kernels[:, None])[0]

        class groups_from_the_kernel:
            """The number of groups comes from a side of the kernel, or is always the same, and fits only by chance.
            Every channel is a group: how many groups are there?"""

            def three(x, kernels):
                return F.conv2d(x[None], kernels[:, None], groups=3)[0]

            def height(x, kernels):
                return F.conv2d(x[None], kernels[:, None], groups=kernels.shape[1])[0]

        def batch_for_channel(x, kernels):
            """You made a batch of the channels, and every kernel has answered every channel. Which of these responses
            belong together: kernel 0 with which channel?"""
            return F.conv2d(x[:, None], kernels[:, None])

        class same_padding_for_valid:
            """Your responses are as large as the picture: it was padded with zeros. “Valid” keeps the kernel inside.
            Which padding does that take?"""

            def same(x, kernels):
                return F.conv2d(same_padded(x, kernels)[None], kernels[:, None], groups=len(x))[0]

            def half(x, kernels):
                half = (kernels.shape[1] // 2, kernels.shape[2] // 2)
                return F.conv2d(x[None], kernels[:, None], groups=len(x), padding=half)[0]

        def first_kernel_for_all(x, kernels):
            """Every channel met the first kernel. Which one belongs to the second channel?"""
            return depthwise(x, kernels[:1].expand_as(kernels))

        def first_channel_for_all(x, kernels):
            """All the kernels were laid on the first channel. Which channel is the second kernel for?"""
            return depthwise(x[:1].expand_as(x), kernels)

        def overwritten_not_added(x, kernels):
            """Only the last channel's response is left. Where do the others go when your loop comes round again?"""
            return depthwise(x, kernels)[-1]

        def left_too_early(x, kernels):
            """Only the first channel's response came out. Does your loop get a second turn?"""
            return depthwise(x, kernels)[0]

        def channel_order(x, kernels):
            """The kernels met the channels in the opposite order. Which channel does the first kernel belong to?"""
            return depthwise(x, kernels.flip(0))

        def channels_averaged(x, kernels):
            """Your numbers have been divided by the number of channels. Nothing is added over channels here: is there
            anything to divide by their number?"""
            return depthwise(x, kernels) / len(x)

        class channels_last:
            """The numbers are right, but the channels are the last axis. In this course they come first: (C, H', W').
            Along which axis do you put the responses together?"""

            def last(x, kernels):
                return depthwise(x, kernels).permute(1, 2, 0)

            def between(x, kernels):
                return depthwise(x, kernels).transpose(0, 1)

        def batch_axis_kept(x, kernels):
            """The numbers are right, but the shape begins with a 1. Is x a batch, or one picture?"""
            return depthwise(x, kernels)[None]

        def squeezed_away(x, kernels):
            """All goes well until there is only one channel: then an axis disappears. Does something remove axes of
            size 1, where one of them means something?"""
            return depthwise(x, kernels).squeeze()

        def kernel_flipped(x, kernels):
            """Your responses are those of kernels turned by 180°. Here they are laid on as they are. Where are they
            turned?"""
            return depthwise(x, kernels.flip(1, 2))

        class last_missed:
            """The last row and column are missing, or were never filled. How many positions has a kernel as large as
            the picture, and how often does your loop run?"""

            def left_out(x, kernels):
                return depthwise(x, kernels)[:, :-1, :-1]

            def left_at_zero(x, kernels):
                result = depthwise(x, kernels).clone()
                result[:, -1], result[:, :, -1] = 0, 0
                return result


# ── Colours: mixed and not mixed ─────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"kernel": KERNEL[0], "channels": 2},
        {"kernel": THREE_KERNEL[0], "channels": 3},
        {"kernel": TALL[0] / 3, "channels": 1},
    ],
    inputs=kernels_and_channels,
)
class per_channel:
    def right(kernel, channels):
        return torch.eye(channels)[:, :, None, None] * kernel

    def one_after_another(kernel, channels):
        weight = torch.zeros(channels, channels, *kernel.shape)
        for c in range(channels):
            weight[c, c] = kernel
        return weight

    def with_einsum(kernel, channels):
        return torch.einsum("oc,ij->ocij", torch.eye(channels), kernel).numpy()

    def in_lists(kernel, channels):
        nothing = torch.zeros_like(kernel).tolist()
        return [[kernel.tolist() if o == c else nothing for c in range(channels)] for o in range(channels)]

    class wrong:
        class channels_mixed:
            """Your kernel stands at every pair of channels, so each output adds up red, green and blue. Output red
            should see input red only. At which of the pairs does the kernel belong, and what belongs at the others?"""

            def everywhere(kernel, channels):
                return kernel.expand(channels, channels, *kernel.shape)

            def averaged(kernel, channels):
                return kernel.expand(channels, channels, *kernel.shape) / channels

        class grouped_shape:
            """This is the shape of a weight with groups: one kernel for each output. Here the weight is to be a full
            one, with a kernel for every pair of channels. What stands where a channel is not to be seen?"""

            def four_axes(kernel, channels):
                return kernel.expand(channels, 1, *kernel.shape)

            def three_axes(kernel, channels):
                return kernel.expand(channels, *kernel.shape)

        class one_output_only:
            """Your weight has one output, which adds up all the channels. How many channels should come out of it?"""

            def as_weight(kernel, channels):
                return kernel.expand(1, channels, *kernel.shape)

            def averaged(kernel, channels):
                return kernel.expand(1, channels, *kernel.shape) / channels

        def first_channel_only(kernel, channels):
            """The kernel stands at the first pair alone, so only one channel comes through. Which other pairs join a
            channel with itself?"""
            weight = torch.zeros(channels, channels, *kernel.shape)
            weight[0, 0] = kernel
            return weight

        def one_row_of_kernels(kernel, channels):
            """All your kernels feed the first output; the others get nothing. What should the second output channel
            look at?"""
            weight = torch.zeros(channels, channels, *kernel.shape)
            weight[0, :] = kernel
            return weight

        def one_column_of_kernels(kernel, channels):
            """All your outputs look at the first input channel: three copies of red. Which input belongs to the second
            output?"""
            weight = torch.zeros(channels, channels, *kernel.shape)
            weight[:, 0] = kernel
            return weight

        def channel_order(kernel, channels):
            """The channels come out in the opposite order: red and blue have changed places. At which pairs are output
            and input the same channel?"""
            return per_channel(kernel, channels).flip(0)

        def rest_left_at_one(kernel, channels):
            """Between different channels your weight is 1, so they do mix. Which number lets nothing through?"""
            same = torch.eye(channels)[:, :, None, None]
            return per_channel(kernel, channels) + (1 - same).expand(-1, -1, *kernel.shape)

        class identity_for_kernel:
            """The pairs are right, but what stands there is not the kernel that was given. Where does `kernel` itself
            come in?"""

            def ones(kernel, channels):
                return torch.eye(channels)[:, :, None, None].expand(-1, -1, *kernel.shape)

            def no_kernel(kernel, channels):
                return torch.eye(channels)[:, :, None, None]

        class kernel_transposed:
            """Each kernel lies on its side: its rows have become columns. Which of your axes count rows?"""

            def turned(kernel, channels):
                return per_channel(kernel.t(), channels)

        class channels_last:
            """The numbers are there, but the axes are in another order. A weight is (C_out, C_in, kH, kW). Where do the
            channels go?"""

            def at_the_end(kernel, channels):
                return per_channel(kernel, channels).permute(2, 3, 0, 1)

            def apart(kernel, channels):
                return per_channel(kernel, channels).permute(0, 2, 3, 1)

        def square_only(kernel, channels):
            """For square kernels this would do. Which side of the kernel gives the last axis?"""
            height = kernel.shape[0]
            weight = torch.zeros(channels, channels, height, height)
            for c in range(channels):
                weight[c, c] = kernel
            return weight

        class three_channels_always:
            """For 3 channels you are right. Where does the number `channels` come in?"""

            def as_many(kernel, channels):
                return per_channel(kernel, 3)

            def up_to_the_third(kernel, channels):
                weight = torch.zeros(channels, channels, *kernel.shape)
                weight[0, 0] = weight[1, 1] = weight[2, 2] = kernel
                return weight


@guess
class every_pair:
    right = "grey"

    class wrong:
        class channels_mixed:
            """All three outputs add up the same three inputs, so they come out alike, and equal channels are grey."""

            colours = "colours"
            american = "colors"


@guess
class one_by_one:
    right = "mixes"

    class wrong:
        class does_nothing:
            """A 1×1 kernel sees one pixel, but all the channels of it."""

            value = "nothing"

        class blurs:
            """It sees one pixel only, so it cannot blur."""

            value = "blurs"


@fact("its shape")
def weight_shape(weight):
    return str(tuple(torch.as_tensor(weight).shape))


@fact("its response to a pixel of 0.9 red, 0.6 green and 0.3 blue", within=1e-4)
def gray_of_orange(weight):
    numbers = torch.as_tensor(weight).flatten().double()
    if torch.as_tensor(weight).ndim != 4:
        return -1
    return numbers[:3] @ torch.tensor([0.9, 0.6, 0.3], dtype=torch.float64)[: len(numbers)]


@fact("its response to a white pixel, 1 in all three", within=1e-4)
def gray_of_white(weight):
    return torch.as_tensor(weight).double().sum() if torch.as_tensor(weight).ndim == 4 else -1


@fact("its response to a pixel of pure blue", within=1e-4)
def gray_of_blue(weight):
    return torch.as_tensor(weight).flatten().double()[-1] if torch.as_tensor(weight).ndim == 4 else -1


@exercise(
    examples=[{}],
    inputs=lambda rng: [{}],
    facts=[weight_shape, gray_of_orange, gray_of_white, gray_of_blue],
)
class gray_weight:
    def right():
        return torch.full((1, 3, 1, 1), 1 / 3)

    def shaped_afterwards():
        return (torch.ones(3) / 3).reshape(1, 3, 1, 1)

    def in_lists():
        return [[[[1 / 3]], [[1 / 3]], [[1 / 3]]]]

    class wrong:
        def sum_not_mean():
            """Your weights add up the channels: a white pixel, 1 in each of them, would become 3. Which weights give a
            mean?"""
            return torch.ones(1, 3, 1, 1)

        class weight_axes_swapped:
            """That is a weight with 3 outputs and 1 input: it makes three pictures out of one. How many channels go
            into a grey picture, and how many come out?"""

            def right_numbers():
                return torch.full((3, 1, 1, 1), 1 / 3)

            def ones():
                return torch.ones(3, 1, 1, 1)

        def three_grays():
            """Your weight makes three equal channels. A grey picture has one. What is the first number of the
            weight's shape?"""
            return torch.full((3, 3, 1, 1), 1 / 3)

        class axes_missing:
            """The numbers are right, the shape is not. A weight has four axes, (C_out, C_in, kH, kW), even where a size
            is 1. What are the four here?"""

            def vector():
                return torch.full((3,), 1 / 3)

            def row():
                return torch.full((1, 3), 1 / 3)

            def filter_alone():
                return torch.full((3, 1, 1), 1 / 3)

        class mean_of_a_window:
            """Your kernels are larger than one pixel: that blurs as well. How large is a kernel that sees one pixel?"""

            def one_ninth():
                return torch.full((1, 3, 3, 3), 1 / 9)

            def proper_mean():
                return torch.full((1, 3, 3, 3), 1 / 27)

            def box():
                return torch.full((1, 1, 3, 3), 1 / 9)

        class luma_weights:
            """These are the weights for how bright a colour looks to the eye. Good ones, but here the plain mean is
            asked for. What does each channel count then?"""

            def rounded():
                return torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)

            def of_television():
                return torch.tensor([0.2126, 0.7152, 0.0722]).reshape(1, 3, 1, 1)

        class rounded_third:
            """Nearly: white would not stay quite white. What is a third, if you let Python work it out?"""

            def two_digits():
                return torch.full((1, 3, 1, 1), 0.33)

            def three_digits():
                return torch.full((1, 3, 1, 1), 0.333)

        def divided_twice():
            """One ninth is right for a box of 3×3 pixels. How many numbers are averaged here, at one pixel?"""
            return torch.full((1, 3, 1, 1), 1 / 9)

        class same_as_image:
            """This weight gives the picture back as it is: three channels go in, three come out unchanged. A 1×1 kernel
            can do more. How many outputs has a grey picture, and how much of each colour goes into it?"""

            def identity():
                return torch.eye(3)[:, :, None, None]

        def first_channel_only():
            """You keep the red channel and drop the others. What should a mean do with all three?"""
            return torch.tensor([1.0, 0, 0]).reshape(1, 3, 1, 1)


explanation(
    "why_one_by_one",
    "It takes the channels of one pixel, a vector, and multiplies it by a C_out × C_in matrix, the same one at every "
    "pixel. That is how networks change the number of channels cheaply, and how recipes for colour (grey, sepia) are "
    "written.",
)


# ── A bank of kernels ────────────────────────────────────────────────────────────────────────────────────────────────

RANDOM = torch.Generator().manual_seed(4)
DRAWN = torch.randn(3, 3, 5, 5, generator=RANDOM)
UNIFORM = torch.rand(3, 3, 5, 5, generator=RANDOM)
SPREAD = math.sqrt(2 / 75)


@fact("the number of its axes", means="axes_missing")
def bank_axes(bank):
    return torch.as_tensor(bank).ndim


@fact("the sides of its kernels", means="other_kernel_size")
def bank_sides(bank):
    return tuple(torch.as_tensor(bank).shape[-2:])


@fact("the number of its filters", means="one_filter")
def bank_filters(bank):
    return len(bank)


@fact("the number of kernels in each filter", means="one_kernel_each")
def bank_kernels(bank):
    return len(bank[0])


@fact("the number of different kernels in it", means="one_kernel_repeated")
def different_kernels(bank):
    return len(torch.unique(torch.as_tensor(bank).flatten(0, 1).flatten(1), dim=0))


@fact("whether all of its weights are finite numbers", means="not_finite")
def finite_weights(bank):
    return bool(torch.as_tensor(bank).isfinite().all())


@fact("its smallest weight", at_most=-1e-6, means="never_negative", wanted="one below 0")
def smallest_weight(bank):
    return torch.as_tensor(bank).min()


SPREAD_WORDS = "its spread (standard deviation) over the one asked for"


@fact(SPREAD_WORDS, at_most=4, means="not_scaled", wanted="about 1")
def bank_spread(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


@fact(SPREAD_WORDS, at_most=1.15, means="in_channels_forgotten", wanted="about 1")
def not_too_wide(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


@fact(SPREAD_WORDS, at_least=0.28, means="no_square_root", wanted="about 1")
def not_a_variance(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


@fact(SPREAD_WORDS, at_least=0.55, means="pytorch_default", wanted="about 1")
def not_the_default(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


@fact(SPREAD_WORDS, at_least=0.85, means="two_forgotten", wanted="about 1")
def not_too_narrow(bank):
    return torch.as_tensor(bank).double().std() / (2 / 75) ** 0.5


@fact("its mean", between=(-0.05, 0.05), means="off_centre")
def bank_mean(bank):
    return torch.as_tensor(bank).double().mean()


@fact("the share of its weights further than twice its spread from zero", at_least=0.004, means="uniform")
def bank_tails(bank):
    weights = torch.as_tensor(bank).double()
    return (weights.abs() > 2 * weights.std()).double().mean()


@exercise(
    facts=[
        *(bank_axes, bank_sides, bank_filters, bank_kernels, finite_weights, different_kernels, smallest_weight),
        *(bank_spread, not_too_wide, not_a_variance, not_the_default, not_too_narrow, bank_mean, bank_tails),
    ]
)
class random_bank:
    right = DRAWN * SPREAD
    by_pytorch = torch.nn.init.kaiming_normal_(torch.empty(3, 3, 5, 5), generator=RANDOM)
    as_array = (DRAWN.flip(0) * SPREAD).numpy()

    class wrong:
        class axes_missing:
            """A weight has four axes, (C_out, C_in, kH, kW): each filter has a kernel for each input channel. Which of
            the four is missing, or too many?"""

            three = DRAWN[0] * SPREAD
            two = DRAWN[0, 0] * SPREAD

        class other_kernel_size:
            """Your kernels are not 5×5, or their sides are not the last two axes. In (C_out, C_in, kH, kW), where do 5
            and 5 go?"""

            three = DRAWN[..., :3, :3] * SPREAD
            channels_last = (DRAWN * SPREAD).permute(2, 3, 0, 1)

        class one_filter:
            """Three channels are to come out, one for each filter. How many filters has your bank?"""

            value = DRAWN[:1] * SPREAD

        class one_kernel_each:
            """Three colours come in, and each of your filters needs a kernel for each of them. How many kernels has a
            filter of yours?"""

            value = DRAWN[:, :1] * SPREAD

        class one_kernel_repeated:
            """All your kernels are the same, or many are. Then all filters see the same, or all colours count alike.
            How many kernels have to be drawn?"""

            one = (DRAWN[0, 0] * SPREAD).expand(3, 3, 5, 5)
            one_for_each_filter = (DRAWN[:, :1] * SPREAD).expand(3, 3, 5, 5)
            zeros = torch.zeros(3, 3, 5, 5)

        class not_finite:
            """Some of your weights are nan or inf, no numbers that a picture can be multiplied by: a negative number
            has no root, and nothing can be divided by 0. Which step brings them in?"""

            roots = (DRAWN * SPREAD).sqrt()
            over_zero = DRAWN / 0

        class never_negative:
            """None of your weights is negative: rand draws between 0 and 1, and an absolute value removes the sign.
            Which function draws around zero, both signs alike?"""

            scaled = UNIFORM * SPREAD
            plain = UNIFORM
            absolute = DRAWN.abs() * SPREAD

        class not_scaled:
            """Your weights spread by far too much, so that a response, the sum of 75 products, would be far larger than
            the picture. randn spreads by 1: what are its numbers to be multiplied by?"""

            value = DRAWN

        class in_channels_forgotten:
            """Your weights spread too far. √(2 / 25) would count the weights of one kernel. A number of the response
            adds up products from how many weights in all?"""

            value = DRAWN * math.sqrt(2 / 25)

        class no_square_root:
            """Your weights are far too small. 2/75 is the variance; numbers spread by the standard deviation. What
            lies between the two?"""

            value = DRAWN * (2 / 75)

        class pytorch_default:
            """Your weights spread by less than half of what is asked for. That is how nn.Conv2d starts: evenly between
            −1/√75 and 1/√75. Which spread does “Kaiming-normal” stand for?"""

            layer = (2 * UNIFORM - 1) / math.sqrt(75)

        class two_forgotten:
            """Your weights spread a little too little. √(1 / 75) would leave out the 2 in Kaiming's rule, which makes
            up for the half that is cut off afterwards; or you divide by something other than 75. What stands above the
            line of your fraction, and what below it?"""

            value = DRAWN * math.sqrt(1 / 75)

        class off_centre:
            """Your weights spread as they should, but not around zero. What has been added to them?"""

            value = DRAWN * SPREAD + 0.2

        class uniform:
            """The spread is right, but no weight lies far out: these numbers are drawn evenly between two bounds. What
            does “normal” ask for?"""

            value = (2 * UNIFORM - 1) * math.sqrt(6 / 75)


explanation(
    "why_nine",
    "Because each output channel may weigh each input channel in its own way, with its own pattern: red here against "
    "green there. With one kernel laid on all the colours, an output would see their sum alone, blind to colour.",
)


# ── A bug that no picture shows ──────────────────────────────────────────────────────────────────────────────────────


@guess
class times_too_strong:
    right = 3

    class wrong:
        class trusts_the_eye:
            """The picture looks right whatever the factor: it was stretched."""

            value = 1

        class nine_products:
            """The kernel is as it should be. Count the channels."""

            value = 9


@exercise(
    examples=[
        {"x": THREE[:, :3, :4] / 8, "kernel": THREE_KERNEL[0]},
        {"x": torch.stack([X[0], X[1], X[0].flip(1)]) / 8, "kernel": KERNEL[1]},
        {"x": torch.stack([X[1], X[0], X[1].flip(0)]).transpose(1, 2)[:, :3] / 8, "kernel": TALL[0]},
    ],
    inputs=colour_pictures_and_kernels,
)
class mended_edge:
    def right(x, kernel):
        return F.conv2d(x.mean(0)[None, None], kernel[None, None])[0, 0]

    def by_hand(x, kernel):
        gray = x.mean(0, keepdim=True)
        return slide(gray, kernel, lambda patch: (patch[0] * kernel).sum())

    def with_smaller_weights(x, kernel):
        return F.conv2d(x[None], kernel.expand(1, 3, *kernel.shape) / 3)[0, 0].numpy()

    def gray_afterwards(x, kernel):
        return F.conv2d(x[:, None], kernel[None, None]).mean((0, 1))

    class wrong:
        class batch_averaged:
            """Your response is still exactly three times too strong: the three channels are added up, by a sum or by
            the convolution, and nothing makes a mean of them. (A mean over the first axis of a batch of one picture
            changes nothing.) Which axis of (N, C, H, W) holds the colours, and what makes a mean of a sum?"""

            def as_found(x, kernel):
                gray = x[None].mean(dim=0)
                return F.conv2d(gray[None], kernel.expand(1, 3, *kernel.shape))[0, 0]

            def summed(x, kernel):
                return mended_edge(x.sum(0).expand(3, -1, -1), kernel)

        class stretched:
            """You still stretch the response, by its smallest and largest numbers or by the largest alone. Then nobody
            can see how strong it is. What is left if you leave that line out?"""

            def minimum_to_maximum(x, kernel):
                response = mended_edge(x, kernel)
                return (response - response.min()) / (response.max() - response.min())

            def by_the_largest(x, kernel):
                response = mended_edge(x, kernel)
                return response / response.abs().max()

        class first_channel_only:
            """This is the response of a single channel. Grey is the mean of how many?"""

            def red(x, kernel):
                return mended_edge(x[:1].expand(3, -1, -1), kernel)

            def green(x, kernel):
                return mended_edge(x[1:2].expand(3, -1, -1), kernel)

        class divided_twice:
            """Your response is three times too weak now: the mean is taken, and then divided by 3 once more. Which of
            the two do you need?"""

            def value(x, kernel):
                return mended_edge(x, kernel) / 3

        class channels_not_summed:
            """You have three responses, one for each colour. The edge of the grey picture is one response. When do
            the channels become one?"""

            def three_responses(x, kernel):
                return F.conv2d(x[:, None], kernel[None, None])[:, 0]

            def a_third_each(x, kernel):
                return F.conv2d(x[:, None], kernel[None, None])[:, 0] / 3

            def three_axes(x, kernel):
                return F.conv2d(x[:, None], kernel[None, None])

        def luma_weights(x, kernel):
            """Your grey weighs the colours as the eye does. The exercise asks for the plain mean. What does each
            channel count then?"""
            gray = (x * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0)
            return mended_edge(gray.expand(3, -1, -1), kernel)

        class absolute_value:
            """Negative responses are lost: they have become positive, or zero. Then an edge from dark to bright cannot
            be told from one from bright to dark, or one of the two is gone. Does the exercise ask for that?"""

            def of_the_response(x, kernel):
                return mended_edge(x, kernel).abs()

            def cut_at_zero(x, kernel):
                return mended_edge(x, kernel).clamp(min=0)

            def cut_to_the_display(x, kernel):
                return mended_edge(x, kernel).clamp(0, 1)

        class axes_kept:
            """The numbers are right, but axes of size 1 are left over. A grey response is a plain grid (H', W'). Which
            index takes them away?"""

            def one(x, kernel):
                return mended_edge(x, kernel)[None]

            def two(x, kernel):
                return mended_edge(x, kernel)[None, None]

        class same_padding_for_valid:
            """Your response is as large as the picture: it was padded with zeros. “Valid” keeps the kernel inside.
            Which padding does that take?"""

            def same(x, kernel):
                return F.conv2d(same_padded(x.mean(0), kernel)[None, None], kernel[None, None])[0, 0]

            def half(x, kernel):
                half = (kernel.shape[0] // 2, kernel.shape[1] // 2)
                return F.conv2d(x.mean(0)[None, None], kernel[None, None], padding=half)[0, 0]

        class rows_averaged:
            """You average over rows or columns of the picture, not over its colours. In (3, H, W), which axis are the
            colours?"""

            def columns(x, kernel):
                return F.conv2d(x.mean(2)[None, None], kernel[None, None])[0, 0]

            def rows(x, kernel):
                return F.conv2d(x.mean(1)[None, None], kernel[None, None])[0, 0]


explanation(
    "why_invisible",
    "Stretching to black and white divides by the range, and the range is three times too large as well: the factor "
    "cancels. Any picture that is stretched for display hides such a bug; a printed scale, or a test on numbers, does "
    "not.",
)
