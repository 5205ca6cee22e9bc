"""Lesson 5, pooling: the right answers, the inputs to try them on, and what learners get wrong.

Each misconception is a wrong implementation that runs; its docstring is the hint its author will read.
"""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from course_grading.authoring import BY_HAND, exercise, explanation, fact, guess, inputs
from course_utils import functions

X = torch.tensor(
    [
        [[1, 5, 2, 0, 7, 3], [4, 2, 9, 1, 0, 6], [0, 3, 1, 8, 2, 2], [6, 1, 0, 4, 5, 9]],
        [[2, 0, 3, 3, 1, 8], [7, 4, 0, 5, 2, 1], [1, 9, 6, 2, 0, 4], [3, 0, 8, 1, 7, 5]],
    ],
    dtype=torch.float32,
)
BELOW_ZERO = torch.tensor([[[-4, -7, -1, -9], [-2, -5, -8, -3], [-6, -1, -4, -7], [-3, -9, -2, -5]]]).float()
LONG = torch.tensor(
    [
        [[1, 7, 0, 4, 4, 9, 2, 3, 8], [6, 2, 5, 1, 0, 3, 7, 4, 0], [0, 3, 3, 8, 1, 5, 2, 6, 1]],
        [[5, 3, 8, 19, 0, 6, 25, 2, 40], [2, 14, 1, 7, 21, 4, 0, 9, 3], [11, 0, 6, 2, 13, 28, 5, 1, 17]],
    ],
    dtype=torch.float32,
)


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def volume(rng, *shape, low=-9, high=10):
    """Small integers; every other one is a view with two axes swapped, which is not contiguous."""
    if rng.random() < 0.5:
        return inputs.whole(rng, *shape, low=low, high=high)
    return inputs.whole(rng, shape[0], shape[2], shape[1], low=low, high=high).transpose(1, 2)


def channels_and_sides(rng):
    for channels, k in [(2, 3), (3, 2), (1, 4), (4, 1), (int(rng.integers(2, 5)), int(rng.integers(5, 8)))]:
        yield {"channels": channels, "k": k}


def volumes_and_sides(rng):
    """Pictures that k divides, and pictures that it does not."""
    more = lambda: int(rng.integers(0, 3))  # noqa: E731
    for (channels, height, width), k in [
        ((2, 6, 8), 2),
        ((3, 7, 9), 3),
        ((2, 5, 7), 2),
        ((1, 9, 5), 4),
        ((4, 3, 4), 3),
    ]:
        yield {"x": volume(rng, channels, height + more(), width + more()), "k": k}
    yield {"x": torch.tensor(rng.random((3, 11, 10)), dtype=torch.float32), "k": 5}


def volumes(rng):
    for shape in [(2, 6, 8), (3, 5, 7), (1, 4, 9), (4, 2, 3), (5, 7, 2)]:
        yield {"x": volume(rng, *shape)}
    yield {"x": torch.tensor(rng.random((3, 6, 5)), dtype=torch.float32)}


def volumes_to_max_pool(rng):
    more = lambda: int(rng.integers(0, 3))  # noqa: E731
    yield {"x": volume(rng, 2, 6 + more(), 8 + more()), "k": 2}
    yield {"x": volume(rng, 3, 7, 8 + more()), "k": 3}
    yield {"x": volume(rng, 2, 5 + more(), 9), "k": 2, "stride": 3}
    yield {"x": volume(rng, 1, 6, 5 + more()), "k": 3, "stride": 1}
    yield {"x": volume(rng, 2, 5 + more(), 6, high=0), "k": 3, "stride": 2, "padding": 1}
    lower = volume(rng, 2, 6, 7 + more(), high=0).clone()
    lower[1] -= 50  # the smallest number of one channel is larger than any of the other
    yield {"x": lower, "k": 2, "padding": 1}
    yield {"x": volume(rng, 3, 5, 6 + more(), high=0), "k": 4, "stride": 1, "padding": 2}
    yield {"x": volume(rng, 1, 7 + more(), 5, high=-1) / 8, "k": 5, "stride": 2, "padding": 1}
    yield {"x": volume(rng, 4, 3, 3), "k": 1, "stride": 2}
    yield {"x": volume(rng, 2, 4, 5 + more(), high=0) * 1e12, "k": 2, "padding": 1}  # no fixed number is small enough


def pools_and_pictures(rng):
    """The last column is far brighter, and what comes round the border with it must not count. Each picture comes with
    its negative, so that the largest change is once a fall and once a rise; the last channel changes most."""
    pools = [functions.max_pool_2, functions.max_pool_3, functions.avg_pool_3, functions.subsample_2]
    shapes = [(2, 4, 8), (2, 6, 11), (1, 7, 10), (3, 5, 9), (2, 7, 12)]
    for pool, (channels, height, width) in zip([*pools, functions.blurred_pool_2], shapes, strict=True):
        x = volume(rng, channels, height, width).clone()
        x[-1] *= 3
        x[..., -1] = 90
        yield from [{"pool": pool, "x": x}, {"pool": pool, "x": -x}]
    yield {"pool": functions.avg_pool_3, "x": volume(rng, 2, 6, 17)}  # by two and by three pixels are not the same
    x = volume(rng, 2, 4, 7).clone()
    x[:, :, -1] = x[:, :, 3] = bright = torch.tensor([400.0, -400, 900, -900])
    x[:, :, 2] = x[:, :, 5] = (
        -2 * bright
    )  # so that the largest change is next to the border, where the last column has come in
    yield {"pool": functions.mean_of_3x3, "x": x}


def plain_conv(x, weight, stride=1):
    """The cross-correlation, (C, H, W) and (C_out, C, kH, kW) → (C_out, H', W')."""
    return F.conv2d(x[None], weight, stride=stride)[0]


def windows(x, k, stride, rows, columns, measure):
    """`measure(window)`, one number for each channel, of windows of side k: (C, rows, columns)."""
    starts = product(range(0, rows * stride, stride), range(0, columns * stride, stride))
    values = [measure(x[:, r : r + k, c : c + k].flatten(1)) for r, c in starts]
    return torch.stack(values, dim=-1).reshape(-1, rows, columns)


# ── Average pooling is a convolution ─────────────────────────────────────────────────────────────────────────────────


@guess
class pooled_shape:
    right = (3, 4, 5)

    class wrong:
        class channels_averaged:
            """Pooling looks at each channel by itself, so their number stays."""

            one = (1, 4, 5)
            none = (4, 5)

        class stride_omitted:
            """That is what a window gives that moves one pixel at a time. Pooling windows stand side by side."""

            value = (3, 7, 9)


@exercise(
    examples=[{"channels": 2, "k": 2}, {"channels": 3, "k": 3}, {"channels": 1, "k": 5}, {"channels": 2, "k": 1}],
    inputs=channels_and_sides,
)
class avg_pool_weight:
    def right(channels, k):
        return torch.eye(channels)[:, :, None, None].expand(-1, -1, k, k) / k**2

    def one_after_another(channels, k):
        weight = torch.zeros(channels, channels, k, k)
        for c in range(channels):
            weight[c, c] = 1 / (k * k)
        return weight

    def with_einsum(channels, k):
        return torch.einsum("oc,ij->ocij", torch.eye(channels), torch.full((k, k), 1 / k**2)).numpy()

    def in_lists(channels, k):
        return [
            [[[(o == c) / k / k for _ in range(k)] for _ in range(k)] for c in range(channels)] for o in range(channels)
        ]

    class wrong:
        class one_over_the_side:
            """Your weights are 1/k. Then a flat area of ones comes out as k. How many pixels lie in a window, and what
            do the weights of a mean add up to?"""

            def on_the_diagonal(channels, k):
                return avg_pool_weight(channels, k) * k

        class not_normalised:
            """Your weights are 1, so that the window is added up. (If you wrote 1 / k * k, Python divides first, then
            multiplies back.) By what is a sum divided to become a mean?"""

            def ones(channels, k):
                return avg_pool_weight(channels, k) * k * k

        class another_kernels_size:
            """One size comes out right, the others do not: a fixed number stands where the side of the window belongs.
            How does your 1/9, or 1/25, or 1/4 know how large the window is?"""

            def of_five(channels, k):
                return avg_pool_weight(channels, k) * k * k / 25

            def of_three(channels, k):
                return avg_pool_weight(channels, k) * k * k / 9

            def of_two(channels, k):
                return avg_pool_weight(channels, k) * k * k / 4

        class channels_mixed:
            """Your weight lets every channel into every output: red, green and blue would be mixed. Pooling keeps
            channels apart. Which of the kernels should be zero?"""

            def everywhere(channels, k):
                return torch.full((channels, channels, k, k), 1 / k**2)

            def averaged(channels, k):
                return torch.full((channels, channels, k, k), 1 / (channels * k**2))

        class grouped_shape:
            """That is the shape of a weight with groups. Here a kernel is wanted for every pair of channels. What do
            you put where two different channels meet?"""

            def four_axes(channels, k):
                return torch.full((channels, 1, k, k), 1 / k**2)

            def three_axes(channels, k):
                return torch.full((channels, k, k), 1 / k**2)

        class channels_averaged:
            """Your weight has one output: it would melt all the channels into one. How many channels come out of
            pooling?"""

            def mean(channels, k):
                return torch.full((1, channels, k, k), 1 / (channels * k**2))

            def total(channels, k):
                return torch.full((1, channels, k, k), 1 / k**2)

        class first_channel_only:
            """Only the first channel comes through. At which other places of the weight does an output meet its own
            input?"""

            def rest_at_zero(channels, k):
                weight = avg_pool_weight(channels, k).clone()
                weight[1:] = 0
                return weight

            def first_column(channels, k):
                weight = torch.zeros(channels, channels, k, k)
                weight[:, 0] = 1 / k**2
                return weight

        class diagonal_of_the_kernel:
            """You have put the diagonal into the kernels: most pixels of a window do not count. The diagonal that is
            meant runs through the channels. What should a single kernel look like?"""

            def everywhere(channels, k):
                return torch.eye(k).expand(channels, channels, k, k) / k**2

            def mean_of_diagonal(channels, k):
                return torch.eye(channels)[:, :, None, None] * torch.eye(k) / k

            def both_diagonals(channels, k):
                return torch.eye(channels)[:, :, None, None] * torch.eye(k) / k**2

        def one_kernel_alone(channels, k):
            """That is a single kernel, and a right one. A weight has four axes, (C_out, C_in, kH, kW). Which pairs of
            channels get this kernel, and what do the others get?"""
            return torch.full((k, k), 1 / k**2)

        def channel_order(channels, k):
            """Your outputs get the channels in the opposite order. Which input belongs to the first output?"""
            return avg_pool_weight(channels, k).flip(0)

        class fractions_cut_off:
            """Your weights are all 0, though a mean is made of fractions. Which division, or which dtype, cuts
            fractions off?"""

            def floor_division(channels, k):
                return torch.eye(channels)[:, :, None, None].expand(-1, -1, k, k) * (1 // k**2)


@exercise(
    examples=[
        {"x": X, "k": 2},
        {"x": X[:, :3], "k": 3},
        {"x": X[:, :, :5].transpose(1, 2) / 3 - 1, "k": 2},
        {"x": X[:1, :4, :5], "k": 4},
    ],
    inputs=volumes_and_sides,
    through=("conv2d",),
    uses=[avg_pool_weight],
    tolerance=1e-6,
)
class avg_pool_as_conv:
    def right(x, k):
        return F.conv2d(x[None], avg_pool_weight(len(x), k), stride=k)[0]

    def with_groups(x, k):
        return F.conv2d(x, torch.full((len(x), 1, k, k), 1 / k**2), stride=k, groups=len(x))

    def channels_as_pictures(x, k):
        return F.conv2d(x[:, None], torch.ones(1, 1, k, k), stride=k)[:, 0] / k**2

    def every_kth_of_all(x, k):
        return F.conv2d(x[None], avg_pool_weight(len(x), k))[0, :, ::k, ::k].numpy()

    class wrong:
        def stride_omitted(x, k):
            """Your window moves one pixel at a time, so the result is nearly as large as the picture. Pooling windows
            stand side by side. By how many pixels does each move?"""
            return plain_conv(x, avg_pool_weight(len(x), k))

        def stride_always_two(x, k):
            """If k is 2 you are right. By how many pixels does a window of side k move, if windows stand side by
            side?"""
            return plain_conv(x, avg_pool_weight(len(x), k), 2)

        def one_over_the_side(x, k):
            """Every number is too large by the factor k. How many pixels are averaged in a window?"""
            return plain_conv(x, avg_pool_weight(len(x), k) * k, k)

        def not_normalised(x, k):
            """Your windows are added up. (If you wrote 1 / k * k, Python divides first, then multiplies back.) What
            turns a sum into a mean?"""
            return plain_conv(x, avg_pool_weight(len(x), k) * k * k, k)

        class another_kernels_size:
            """For one size of window you would be right. A fixed number stands where the window's own size belongs.
            Which one?"""

            def of_five(x, k):
                return plain_conv(x, avg_pool_weight(len(x), k) * k * k / 25, k)

            def of_three(x, k):
                return plain_conv(x, avg_pool_weight(len(x), k) * k * k / 9, k)

            def of_two(x, k):
                return plain_conv(x, avg_pool_weight(len(x), k) * k * k / 4, k)

        class channels_mixed:
            """Each of your outputs contains all the channels. Pooling red should give red. Which kernels of the weight
            must be zero?"""

            def summed(x, k):
                return plain_conv(x, torch.full((len(x), len(x), k, k), 1 / k**2), k)

            def averaged(x, k):
                return plain_conv(x, torch.full((len(x), len(x), k, k), 1 / (len(x) * k**2)), k)

        class channels_averaged:
            """All the channels have become one. Does pooling change the number of channels?"""

            def mean(x, k):
                return plain_conv(x, torch.full((1, len(x), k, k), 1 / (len(x) * k**2)), k)

            def mean_without_axis(x, k):
                return plain_conv(x, torch.full((1, len(x), k, k), 1 / (len(x) * k**2)), k)[0]

            def total(x, k):
                return plain_conv(x, torch.full((1, len(x), k, k), 1 / k**2), k)

        class first_channel_only:
            """Only the first channel came out, or all came out alike. Which axis of x counts the channels?"""

            def alone(x, k):
                return plain_conv(x[:1], torch.full((1, 1, k, k), 1 / k**2), k)

            def repeated(x, k):
                return plain_conv(x[:1].expand_as(x), avg_pool_weight(len(x), k), k)

        def rounded_up(x, k):
            """Where k does not divide the size, you keep a last window that hangs over the edge. PyTorch's pooling
            leaves it out: how many whole windows fit?"""
            height, width = x.shape[1:]
            return plain_conv(F.pad(x, (0, -width % k, 0, -height % k)), avg_pool_weight(len(x), k), k)

        class zero_border_kept:
            """You pad the picture with zeros, which darkens its border. How much padding has plain pooling?"""

            def half(x, k):
                return plain_conv(F.pad(x, (k // 2,) * 4), avg_pool_weight(len(x), k), k)

            def one(x, k):
                return plain_conv(F.pad(x, (1,) * 4), avg_pool_weight(len(x), k), k)

        def batch_axis_kept(x, k):
            """The numbers are right, but the shape begins with a 1. You made a batch of one picture for the
            convolution. How do you take the picture out of it again?"""
            return plain_conv(x, avg_pool_weight(len(x), k), k)[None]

        class stretched:
            """You rescale the result. Its numbers are means of the picture's: what would a picture that is flat, 0.5
            everywhere, become under your rescaling?"""

            def minimum_to_maximum(x, k):
                pooled = plain_conv(x, avg_pool_weight(len(x), k), k)
                low, high = pooled.min(), pooled.max()
                return (pooled - low) / (high - low)

            def to_the_pictures_range(x, k):
                pooled = plain_conv(x, avg_pool_weight(len(x), k), k)
                return pooled / pooled.max() * x.max()

            def by_the_largest(x, k):
                pooled = plain_conv(x, avg_pool_weight(len(x), k), k)
                return pooled / pooled.abs().max()


explanation(
    "why_average_is_linear",
    "A mean is a sum of products: every pixel of the window times the same weight 1/k². A kernel of such weights, "
    "moved by k pixels at a time, computes it: average pooling is a convolution whose weights are fixed instead of "
    "learned.",
)


# ── A wrong constant that no picture shows ───────────────────────────────────────────────────────────────────────────


@guess
class brightness_ratio:
    right = 0.16

    class wrong:
        class looks_the_same:
            """They look the same only because both are stretched to fill the grey scale."""

            value = 1

        class upside_down:
            """It is the other way round: the numbers of `found_pool` are too small."""

            value = 6.25

        class one_weight_alone:
            """Four of these weights meet the four pixels of a window."""

            value = 0.04


@exercise(
    examples=[{"x": X}, {"x": X[:1, :3, :5]}, {"x": X[:, 1:].transpose(1, 2) / 3 - 1}],
    inputs=volumes,
)
class mended_pool:
    def right(x):
        return F.avg_pool2d(x, 2)

    def four_neighbours(x):
        height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
        x = x[:, :height, :width]
        return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4

    def by_reshaping(x):
        channels, rows, columns = len(x), x.shape[1] // 2, x.shape[2] // 2
        return x[:, : 2 * rows, : 2 * columns].reshape(channels, rows, 2, columns, 2).mean((2, 4)).numpy()

    def as_convolution(x):
        return F.conv2d(x[:, None], torch.full((1, 1, 2, 2), 0.25), stride=2)[:, 0]

    class wrong:
        class as_found:
            """The numbers are still stretched, so a wrong constant could hide behind them. Try your function on a
            picture that is 0.5 everywhere. What should come out, and what does?"""

            def nothing_changed(x):
                dark = mended_pool(x) * 4 / 25
                return (dark - dark.min()) / (dark.max() - dark.min())

            def each_channel(x):
                pooled = mended_pool(x)
                low, high = pooled.amin((1, 2), keepdim=True), pooled.amax((1, 2), keepdim=True)
                return (pooled - low) / (high - low)

            def by_the_largest(x):
                return mended_pool(x) / mended_pool(x).max()

        def another_kernels_size(x):
            """The stretching is gone, and now the fault can be seen: all numbers are 0.16 of what they should be. How
            many pixels lie in a window of 2×2?"""
            return mended_pool(x) * 4 / 25

        class other_window:
            """1/25 belongs to windows of 5×5, and you made the window fit the constant. The function promises 2×2.
            Which of the two is to be changed?"""

            def five_padded(x):
                return F.avg_pool2d(x, 5, 2, 2)[:, : x.shape[1] // 2, : x.shape[2] // 2]

            def five_padded_untouched(x):
                return F.avg_pool2d(x, 5, 2, 2)

        class every_second_pixel:
            """You keep one pixel of each window and drop three. A mean needs all four: where do the others come in?"""

            def to_the_end(x):
                return x[..., ::2, ::2]

            def of_whole_windows(x):
                return x[..., ::2, ::2][:, : x.shape[1] // 2, : x.shape[2] // 2]

        def not_normalised(x):
            """Your windows are added up, not averaged: a flat picture of 0.5 becomes 2. What do the weights of a mean
            add up to?"""
            return mended_pool(x) * 4

        def one_over_the_side(x):
            """Your numbers are twice too large: a weight of 1/2 for each of how many pixels?"""
            return mended_pool(x) * 2

        def stride_omitted(x):
            """Your window moves by one pixel, so the picture does not shrink to a half. By how many should it move?"""
            return F.avg_pool2d(x, 2, 1)

        class channels_averaged:
            """The channels have been mixed, or melted into one. The function you were given kept them apart. Which part
            of it did that?"""

            def mean(x):
                return mended_pool(x).mean(0)

            def mean_with_axis(x):
                return mended_pool(x).mean(0, keepdim=True)

            def summed(x):
                return mended_pool(x).sum(0, keepdim=True).expand(len(x), -1, -1)

        def batch_axis_kept(x):
            """The numbers are right, but the shape begins with a 1. The convolution wanted a batch. How do you take the
            picture out of it?"""
            return mended_pool(x)[None]

        def max_not_mean(x):
            """That is max-pooling. Which of the two does the function say it computes?"""
            return F.max_pool2d(x, (2, 2))

        def rounded_up(x):
            """Where the size is odd, you keep a window that hangs over the edge. How many whole windows fit?"""
            return F.avg_pool2d(x, 2, ceil_mode=True)


# ── One number a channel ─────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[{"x": X}, {"x": X[:1, :2, :3]}, {"x": torch.stack([X[0], X[1], X[0] / 3 - 1])[:, :2].transpose(1, 2)}],
    inputs=volumes,
)
class global_average_pool:
    def right(x):
        return x.mean((1, 2))

    def channel_by_channel(x):
        return [channel.mean().item() for channel in x]

    def as_one_large_window(x):
        return F.avg_pool2d(x, x.shape[1:])[:, 0, 0].numpy()

    def as_matrix_product(x):
        pixels = x.flatten(1)
        return pixels @ torch.full((pixels.shape[1],), 1 / pixels.shape[1])

    class wrong:
        def channels_averaged(x):
            """You average over the channels: that makes a grey picture. Global pooling keeps the channels and lets rows
            and columns go. Which axes are those?"""
            return x.mean(0)

        class everything_averaged:
            """One number came out for the whole picture. How many are asked for, if there is one for each channel?"""

            def number(x):
                return x.mean()

            def repeated(x):
                return x.mean().expand(len(x))

        def sum_not_mean(x):
            """You add up the pixels of each channel. Would the same picture, twice as large, then be brighter?"""
            return x.sum((1, 2))

        def max_not_mean(x):
            """Those are the brightest pixels. Which word of the name says what is to be done with all of them?"""
            return x.amax((1, 2))

        class axes_kept:
            """The numbers are right, but axes of size 1 are left over (PyTorch's own layer leaves them, too). Here one
            plain vector is asked for. What is its shape?"""

            def rows_and_columns(x):
                return x.mean((1, 2), keepdim=True)

            def batch(x):
                return x.mean((1, 2))[None]

            def last(x):
                return x.mean((1, 2))[:, None]

        class one_axis_only:
            """You have averaged along one axis; another is left. Over which two axes does the picture extend?"""

            def rows(x):
                return x.mean(1)

            def columns(x):
                return x.mean(2)

        class channels_averaged_too:
            """You average over the channels and one side of the picture. Which of the three axes should be left at the
            end?"""

            def for_each_column(x):
                return x.mean((0, 1))

            def for_each_row(x):
                return x.mean((0, 2))

        class square_only:
            """You divide by the wrong number of pixels, which shows as soon as the picture is not square. How many
            pixels has a picture of H rows and W columns?"""

            def by_the_height(x):
                return x.sum((1, 2)) / x.shape[1] ** 2

            def by_the_width(x):
                return x.sum((1, 2)) / x.shape[2] ** 2

            def by_one_height(x):
                return x.sum((1, 2)) / x.shape[1]

            def by_one_width(x):
                return x.sum((1, 2)) / x.shape[2]

        def divided_by_channels(x):
            """Your numbers are too small by the number of channels. Each channel is averaged by itself: over how many
            pixels?"""
            return x.sum((1, 2)) / x.numel()

        class first_channel_only:
            """Only the first channel was averaged. Which index has to run over the channels, and does your loop get a
            second turn?"""

            def rest_left_at_zero(x):
                return torch.cat([x[0].mean()[None], torch.zeros(len(x) - 1)])

            def repeated(x):
                return x[0].mean().expand(len(x))

            def alone(x):
                return x[0].mean()


# ── Max-pooling ──────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class corner_of_minus_threes:
    right = -3

    class wrong:
        class zero_for_minus_infinity:
            """Zero is larger than −3, so a border of zeros would win. Nothing may win that is not in the picture."""

            value = 0


def bordered(number):
    """Max-pooling with this number around the picture."""

    def pool(x, k, stride=None, padding=0):
        return F.max_pool2d(F.pad(x, (padding,) * 4, value=float(number)), k, stride)

    return pool


@exercise(
    examples=[
        {"x": X, "k": 2},
        {"x": X[:, :, :5], "k": 3, "stride": 1, "padding": 1},
        {"x": BELOW_ZERO, "k": 3, "stride": 2, "padding": 1},
        {"x": torch.cat([BELOW_ZERO[:, :3] + 3, BELOW_ZERO[:, 1:] - 20]), "k": 2, "padding": 1},
        {"x": X.transpose(1, 2) / 3 - 2, "k": 2, "stride": 3},
        {"x": BELOW_ZERO[:, :2] * 1e12, "k": 2, "padding": 1},
        {"x": X[:1], "k": 1, "stride": 2},
        {"x": BELOW_ZERO, "k": 4, "padding": 2},
    ],
    inputs=volumes_to_max_pool,
    forbidden=BY_HAND,
)
class max_pool2d:
    def right(x, k, stride=None, padding=0):
        return F.max_pool2d(x, k, stride, padding)

    def window_by_window(x, k, stride=None, padding=0):
        stride = k if stride is None else stride
        channels, height, width = x.shape
        padded = torch.full((channels, height + 2 * padding, width + 2 * padding), float("-inf"))
        padded[:, padding : padding + height, padding : padding + width] = x
        rows, columns = (height + 2 * padding - k) // stride + 1, (width + 2 * padding - k) // stride + 1
        return windows(padded, k, stride, rows, columns, lambda window: window.amax(1))

    def windows_cut_at_the_border(x, k, stride=None, padding=0):
        stride = stride or k
        rows, columns = (range(-padding, n + padding - k + 1, stride) for n in x.shape[1:])
        return [
            [[channel[max(r, 0) : r + k, max(c, 0) : c + k].max().item() for c in columns] for r in rows]
            for channel in x
        ]

    def offset_by_offset(x, k, stride=None, padding=0):
        stride = k if stride is None else stride
        rows, columns = ((n + 2 * padding - k) // stride + 1 for n in x.shape[1:])
        result = torch.full((len(x), rows, columns), float("-inf"), dtype=torch.float64)
        for c, row, col, i, j in product(range(len(x)), range(rows), range(columns), range(k), range(k)):
            r, s = row * stride + i - padding, col * stride + j - padding
            if 0 <= r < x.shape[1] and 0 <= s < x.shape[2]:
                result[c, row, col] = max(result[c, row, col], x[c, r, s])
        return result.numpy()

    class wrong:
        class zero_for_minus_infinity:
            """Where the picture is negative, your border wins with a number that is not in the window. Which number is
            smaller than any other, so that it never wins?"""

            def zeros(x, k, stride=None, padding=0):
                return F.max_pool2d(F.pad(x, (padding,) * 4), k, stride)

            def best_starts_at_zero(x, k, stride=None, padding=0):
                return F.max_pool2d(x, k, stride, padding).clamp(min=0)

            minus_one, minus_ten, minus_a_hundred = bordered(-1), bordered(-10), bordered(-100)
            minus_nines, minus_a_thousand, minus_more_nines = bordered(-999), bordered(-1000), bordered(-9999)
            minus_five_nines, minus_hundred_thousand = bordered(-99999), bordered(-1e5)
            minus_six_nines, minus_a_million = bordered(-999999), bordered(-1e6)
            minus_a_billion, minus_ten_billion = bordered(-1e9), bordered(-1e10)

            def smallest_of_the_first_channel(x, k, stride=None, padding=0):
                return F.max_pool2d(F.pad(x, (padding,) * 4, value=float(x[0].min())), k, stride)

        def stride_one(x, k, stride=None, padding=0):
            """When nobody gives a stride, your windows move by one pixel. Pooling windows stand side by side then: what
            does the stride become?"""
            return F.max_pool2d(x, k, stride or 1, padding)

        class stride_omitted:
            """Your windows do not move by the stride that was given. Where does `stride` come in: into the size, into
            the places, or nowhere yet?"""

            def always_k(x, k, stride=None, padding=0):
                return F.max_pool2d(x, k, k, padding)

            def always_one(x, k, stride=None, padding=0):
                return F.max_pool2d(x, k, 1, padding)

        class default_not_handled:
            """Without a stride your code ends in an error. A stride that nobody gives is None. What should it become,
            before anything is computed with it?"""

            def left_at_none(x, k, stride=None, padding=0):
                return F.max_pool2d(x, k, stride + 0, padding)

            def padding_left_out(x, k, stride=None, padding=0):
                return F.max_pool2d(x, k, stride + 0)

        class size_without_stride:
            """The size of your result does not know the stride: it counts windows side by side. If windows move by the
            stride that was given, how many fit?"""

            def whole_windows(x, k, stride=None, padding=0):
                step = k if stride is None else stride
                rows, columns = (n // k for n in x.shape[1:])
                return windows(x, k, step, rows, columns, lambda window: window.amax(1))

            def padded(x, k, stride=None, padding=0):
                step = k if stride is None else stride
                x = F.pad(x, (padding,) * 4, value=float("-inf"))
                rows, columns = (n // k for n in x.shape[1:])
                return windows(x, k, step, rows, columns, lambda window: window.amax(1))

        def stride_only_in_size(x, k, stride=None, padding=0):
            """The result has the right shape, but its windows stand one pixel apart. In which row of the picture does
            the window of the result's second row start?"""
            step = k if stride is None else stride
            padded = F.pad(x, (padding,) * 4, value=float("-inf"))
            rows, columns = ((n - k) // step + 1 for n in padded.shape[1:])
            return windows(padded, k, 1, rows, columns, lambda window: window.amax(1))

        class padding_not_in_size:
            """You count your windows from the picture without its border, or without taking a window's own width away.
            From which length should k be taken away, before the stride divides what is left?"""

            def by_the_stride(x, k, stride=None, padding=0):
                step = k if stride is None else stride
                padded = F.pad(x, (padding,) * 4, value=float("-inf"))
                rows, columns = (n // step for n in x.shape[1:])
                return windows(padded, k, step, rows, columns, lambda window: window.amax(1))

            def without_the_border(x, k, stride=None, padding=0):
                step = k if stride is None else stride
                padded = F.pad(x, (padding,) * 4, value=float("-inf"))
                rows, columns = ((n - k) // step + 1 for n in x.shape[1:])
                return windows(padded, k, step, rows, columns, lambda window: window.amax(1))

        def padding_omitted(x, k, stride=None, padding=0):
            """Your result is that of the picture without padding. By how much do rows and columns grow, on both sides
            together?"""
            return F.max_pool2d(x, k, stride)

        class one_sided_padding:
            """You pad two sides out of four. Above, below, left and right: which are missing?"""

            def after(x, k, stride=None, padding=0):
                return F.max_pool2d(F.pad(x, (0, padding, 0, padding), value=float("-inf")), k, stride)

            def before(x, k, stride=None, padding=0):
                return F.max_pool2d(F.pad(x, (padding, 0, padding, 0), value=float("-inf")), k, stride)

        class rounded_up:
            """Your last window hangs over the edge. Only whole windows count: when the stride does not divide what is
            left, what happens to the remainder?"""

            def partial_windows(x, k, stride=None, padding=0):
                step = k if stride is None else stride
                extra = [-(n + 2 * padding - k) % step for n in x.shape[1:]]
                padded = F.pad(x, (padding, padding + extra[1], padding, padding + extra[0]), value=float("-inf"))
                return F.max_pool2d(padded, k, step)

            def as_pytorch_can(x, k, stride=None, padding=0):
                return F.max_pool2d(x, k, stride, padding, ceil_mode=True)

        def last_missed(x, k, stride=None, padding=0):
            """The last row and the last column of windows are missing. If exactly one window fits, how many does your
            formula count?"""
            return F.max_pool2d(x, k, stride, padding)[:, :-1, :-1]

        class mean_not_max:
            """That is average pooling. What does “max” ask of each window?"""

            def with_zeros(x, k, stride=None, padding=0):
                return F.avg_pool2d(x, k, stride, padding)

            def own_pixels(x, k, stride=None, padding=0):
                return F.avg_pool2d(x, k, stride, padding, count_include_pad=False)

        class channels_mixed:
            """You take the maximum over the channels as well. Each channel is pooled by itself: how many maxima are
            there in one window?"""

            def one(x, k, stride=None, padding=0):
                return max_pool2d(x, k, stride, padding).amax(0)

            def kept(x, k, stride=None, padding=0):
                return max_pool2d(x, k, stride, padding).amax(0, keepdim=True)

            def repeated(x, k, stride=None, padding=0):
                return max_pool2d(x, k, stride, padding).amax(0).expand(len(x), -1, -1)

        class first_channel_only:
            """Only the first channel was pooled. Which index runs over the channels?"""

            def alone(x, k, stride=None, padding=0):
                return max_pool2d(x[:1], k, stride, padding)

            def without_axis(x, k, stride=None, padding=0):
                return max_pool2d(x[:1], k, stride, padding)[0]

            def repeated(x, k, stride=None, padding=0):
                return max_pool2d(x[:1].expand_as(x), k, stride, padding)

        def min_not_max(x, k, stride=None, padding=0):
            """Your result holds the smallest pixel of each window. Which one is asked for?"""
            return -F.max_pool2d(-x, k, stride, padding)

        def absolute_value(x, k, stride=None, padding=0):
            """You compare the pixels by their size without the sign: −9 wins over 4. Which of the two is larger?"""
            return F.max_pool2d(x.abs(), k, stride, padding)

        def sides_swapped(x, k, stride=None, padding=0):
            """Rows and columns of the result have changed places. When you store the value for (row, col), which index
            comes first?"""
            return max_pool2d(x, k, stride, padding).transpose(1, 2)

        class square_only:
            """For square pictures you would be right. Somewhere the height of the picture stands for its width, or the
            other way round. Which of H and W limits the columns?"""

            def rows_for_both(x, k, stride=None, padding=0):
                result = max_pool2d(x, k, stride, padding)
                side = result.shape[1]
                if side > result.shape[2]:
                    raise IndexError("the window lies outside the picture")
                return result[:, :, :side]

            def columns_for_both(x, k, stride=None, padding=0):
                result = max_pool2d(x, k, stride, padding)
                side = result.shape[2]
                if side > result.shape[1]:
                    raise IndexError("the window lies outside the picture")
                return result[:, :side]

        def places_not_maxima(x, k, stride=None, padding=0):
            """Those are the places of the maxima, as argmax gives them, not the maxima. Which function gives the
            largest value itself?"""
            step = k if stride is None else stride
            padded = F.pad(x, (padding,) * 4, value=float("-inf"))
            rows, columns = ((n - k) // step + 1 for n in padded.shape[1:])
            return windows(padded, k, step, rows, columns, lambda window: window.argmax(1).float())


@exercise(tolerance=5e-3)  # 0.44 will do
class corner_of_ones:
    right = 4 / 9

    class wrong:
        class zeros_not_counted:
            """That is the mean of the picture's own pixels. PyTorch counts the zeros of the border as well, unless it
            is told not to. Of how many pixels is the corner's window made, and how many of them are ones?"""

            value = 1.0

        class pixels_miscounted:
            """The window's centre lies on the corner pixel. How many of the nine pixels are then inside the picture: in
            how many rows, and in how many columns?"""

            six = 6 / 9
            six_rounded = 0.67
            five = 5 / 9
            five_rounded = 0.56
            three = 3 / 9
            three_rounded = 0.33
            eight = 8 / 9
            eight_rounded = 0.89

        class centre_alone:
            """That is one pixel of nine. The window's centre lies on the corner: which of its neighbours are in the
            picture?"""

            value = 1 / 9
            rounded = 0.11

        class sum_not_mean:
            """That is the sum of the window. What is it divided by?"""

            value = 4

        class window_wins_or_loses:
            """That is nothing at all: the zeros decided alone, or a division has dropped what comes after the point.
            Zeros only take part in an average. How many zeros and how many ones lie in the corner's window?"""

            value = 0

        class half_outside:
            """That would be right for a window that lies half outside. Count the rows and the columns of this one: how
            many of three are outside?"""

            half = 0.5
            quarter = 0.25


# ── Not a convolution ────────────────────────────────────────────────────────────────────────────────────────────────


@fact("what your answer is")
def kind_of_pair(pair):
    if isinstance(pair, (torch.Tensor, np.ndarray)):
        return "a pair" if pair.ndim and len(pair) == 2 else "one tensor"
    return "a pair" if isinstance(pair, (list, tuple)) and len(pair) == 2 else "no pair"


@fact("the shapes of the two")
def shapes_of_pair(pair):
    return " and ".join(str(tuple(torch.as_tensor(x).shape)) for x in pair)


@fact("whether all of their numbers are finite")
def finite_pair(pair):
    return all(bool(torch.as_tensor(x).isfinite().all()) for x in pair)


@fact("the gap maxpool(a) + maxpool(b) − maxpool(a + b)", at_least=1e-12, wanted="more than 0")
def gap(pair):
    if [tuple(torch.as_tensor(x).shape) for x in pair] != [(1, 2, 2)] * 2:
        return 0
    a, b = (torch.as_tensor(x).double() for x in pair)
    return a.max() + b.max() - (a + b).max()


@exercise(facts=[kind_of_pair, shapes_of_pair, finite_pair, gap])
class not_linear:
    right = (torch.tensor([[[1.0, 0], [0, 0]]]), torch.tensor([[[0.0, 0], [0, 1]]]))
    opposite = (torch.tensor([[[3.0, -1], [0, 2]]]), -torch.tensor([[[3.0, -1], [0, 2]]]))
    as_lists = ([[[1, 2], [3, 4]]], [[[4, 3], [2, 1]]])
    nearly = (torch.tensor([[[1, 2], [3, 4]]]), torch.tensor([[[5, 1], [5, 4]]]).numpy())

    class wrong:
        class same_place:
            """Your a and b have their largest pixel at the same place, so the two maxima meet and add up. Suppose a is
            brightest at the top left. Where would b have to be brightest for the maxima to miss each other?"""

            twice_the_same = (torch.tensor([[[1.0, 2], [3, 4]]]),) * 2
            ones = (torch.ones(1, 2, 2), torch.ones(1, 2, 2))
            with_zeros = (torch.tensor([[[1.0, 2], [3, 4]]]), torch.zeros(1, 2, 2))
            constant_added = (torch.tensor([[[1.0, 2], [3, 4]]]), -torch.ones(1, 2, 2))
            scaled = (torch.tensor([[[1.0, 2], [3, 4]]]), torch.tensor([[[2.0, 4], [6, 8]]]))

        class channel_axis_missing:
            """Your tensors have two axes. Pooling wants (C, H, W): a single channel is still an axis. What is the shape
            of a 2×2 picture with one channel?"""

            value = (torch.tensor([[1.0, 0], [0, 0]]), torch.tensor([[0.0, 0], [0, 1]]))

        class batch_axis_kept:
            """Your tensors have four axes, as in a batch. One picture is (C, H, W). Which axis is too many?"""

            value = (torch.tensor([[[[1.0, 0], [0, 0]]]]), torch.tensor([[[[0.0, 0], [0, 1]]]]))

        class other_size:
            """Your pictures are larger than asked for. One window is enough: what is the smallest picture that 2×2
            pooling can take?"""

            four = (torch.eye(4)[None], torch.eye(4).flip(0)[None])
            three = (torch.eye(3)[None], torch.eye(3).flip(0)[None])
            wide = (torch.eye(4)[None, :2], torch.eye(4)[None, 2:])

        class numbers_not_tensors:
            """Those are two numbers. Pooling takes pictures: which pictures of 2×2 pixels do you mean?"""

            value = (1.0, 2.0)

        class one_tensor:
            """That is one tensor. A counterexample to “the pool of a sum is the sum of the pools” needs two. Which?"""

            value = torch.tensor([[[1.0, 0], [0, 0]]])


explanation(
    "why_max_is_none",
    "A convolution is linear: what it gives for a sum of pictures is the sum of what it gives for each. The maximum "
    "of a sum can be smaller than the sum of the maxima, so no kernel whatsoever, and no stack of kernels, computes "
    "it.",
)


# ── A picture that moves ─────────────────────────────────────────────────────────────────────────────────────────────


@guess
class calmest_pool:
    right = "blurred"

    class wrong:
        class average:
            """The average is calm, but its window has a hard edge: what crosses it changes sides at once."""

            value = "average"

        class max_is_invariant:
            """It is often said that max-pooling does not mind small shifts. That holds only where the brightest pixel
            stays in its window."""

            value = "max"


@exercise(
    examples=[
        {"pool": functions.max_pool_2, "x": LONG[:1, :2, :8]},
        {"pool": functions.max_pool_2, "x": LONG},
        {"pool": functions.avg_pool_3, "x": LONG},
        {"pool": functions.avg_pool_3, "x": 9 - LONG.flip(1)},
        {"pool": functions.subsample_2, "x": torch.cat([LONG, LONG.flip(2) / 2], 1)},
        {"pool": functions.max_pool_3, "x": -LONG},
        {"pool": functions.blurred_pool_2, "x": torch.cat([LONG, LONG.flip(2) / 2], 1)},
        {"pool": functions.mean_of_3x3, "x": torch.cat([LONG[:, :2, :6], LONG[:, 2:, 3:]], 1) + 3},
    ],
    inputs=pools_and_pictures,
)
class shift_change:
    def right(pool, x):
        change = pool(torch.roll(x, 1, 2)) - pool(x)
        return change[:, :, 1:-1].abs().max()

    def column_by_column(pool, x):
        before, after = pool(x), pool(torch.cat([x[:, :, -1:], x[:, :, :-1]], dim=2))
        columns = range(1, before.shape[2] - 1)
        return max((after[:, :, j] - before[:, :, j]).abs().max().item() for j in columns)

    def with_numpy(pool, x):
        moved = torch.from_numpy(x.numpy().copy())
        moved[:, :, 1:] = x[:, :, :-1]
        moved[:, :, 0] = x[:, :, -1]
        return abs((pool(moved) - pool(x)).numpy()[..., 1:-1]).max()

    def up_and_down(pool, x):
        before, after = pool(x)[..., 1:-1], pool(x.roll(1, -1))[..., 1:-1]
        return torch.maximum((after - before).max(), (before - after).max()).item()

    class wrong:
        class rolled_back:
            """You move one of the results along with the picture before comparing. That asks whether the result moves
            with the picture; the question here is how much changes at one and the same place. Which of your two
            results has been rolled?"""

            def to_the_left(pool, x):
                return (pool(x.roll(1, 2)).roll(-1, 2) - pool(x))[:, :, 1:-1].abs().max()

            def the_other_to_the_right(pool, x):
                return (pool(x.roll(1, 2)) - pool(x).roll(1, 2))[:, :, 1:-1].abs().max()

        class moved_two_pixels:
            """Your picture moves by two columns. How much a result changes when its picture moves by *one* is asked
            for. Which argument of roll says how far?"""

            def to_the_right(pool, x):
                return (pool(x.roll(2, 2)) - pool(x))[:, :, 1:-1].abs().max()

        class borders_kept:
            """You count a border column. What leaves the picture on the right comes in again on the left, far from
            where it was: that is a trick of rolling, not of pooling. Which two columns of the result are to be left
            out?"""

            def both(pool, x):
                return (pool(x.roll(1, 2)) - pool(x)).abs().max()

            def last(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:].abs().max()

            def first(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, :-1].abs().max()

        class rows_left_out:
            """You leave out rows of the result. The picture moves along its width, so nothing comes in at the top or at
            the bottom. At which two sides does what leaves the picture come in again?"""

            def instead_of_columns(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, 1:-1].abs().max()

            def as_well(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, 1:-1, 1:-1].abs().max()

        class absolute_value_forgotten:
            """You miss the falls, or the rises: a fall is a change, too, but its difference is negative. How large is
            the change from 9 to 2?"""

            def after_minus_before(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].max()

            def before_minus_after(pool, x):
                return (pool(x) - pool(x.roll(1, 2)))[:, :, 1:-1].max()

        class mean_not_max:
            """You have the mean of the changes, or their sum. The largest single change is asked for. Which function
            finds it?"""

            def mean(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].abs().mean()

            def total(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].abs().sum()

            def mean_of_squares(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].square().mean()

        def squared_not_absolute(pool, x):
            """You square the changes and leave it at that: a change of 3 counts as 9. Which function takes the sign
            away and leaves the size?"""
            return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].square().max()

        class rows_and_columns_swapped:
            """The picture has moved down instead of to the right. In (C, H, W), which axis is W?"""

            def rolled_down(pool, x):
                return (pool(x.roll(1, 1)) - pool(x))[:, :, 1:-1].abs().max()

            def rolled_and_cut_down(pool, x):
                return (pool(x.roll(1, 1)) - pool(x))[:, 1:-1].abs().max()

        def nothing_moved(pool, x):
            """Your answer is 0 everywhere: both results are of the same picture. Rolling gives a new tensor and leaves
            the old one as it was. Which of the two do you pool?"""
            return (pool(x) - pool(x)).abs().max()

        def all_in_one_row(pool, x):
            """What leaves one row on the right comes in one row further down: without an axis, roll moves all pixels as
            if they lay in one long row. In (C, H, W), which axis is W?"""
            return (pool(x.roll(1)) - pool(x))[:, :, 1:-1].abs().max()

        def zeros_come_in(pool, x):
            """At the left you let zeros come in. The picture is to be rolled: what leaves it on the right comes in
            again on the left. Which function does that?"""
            return (pool(F.pad(x, (1, 0))[:, :, :-1]) - pool(x))[:, :, 1:-1].abs().max()

        def channels_rolled(pool, x):
            """You have rolled the channels: red has become green. In (C, H, W), which axis is W?"""
            return (pool(x.roll(1, 0)) - pool(x))[:, :, 1:-1].abs().max()

        def rolled_to_the_left(pool, x):
            """The picture has moved to the left: rolled by −1. Which way does +1 go?"""
            return (pool(x.roll(-1, 2)) - pool(x))[:, :, 1:-1].abs().max()

        def moved_after_pooling(pool, x):
            """You pool first and move the pooled picture: a step there is two pixels here. What should be moved by one
            pixel, the picture before pooling or the result?"""
            return (pool(x).roll(1, 2) - pool(x))[:, :, 1:-1].abs().max()

        def pool_forgotten(pool, x):
            """You compare the pictures themselves. Where does `pool` come in?"""
            return (x.roll(1, 2) - x)[:, :, 1:-1].abs().max()

        class one_too_many:
            """You leave out more columns than the two at the border. Which columns are 1 … W'−2, if they are counted
            from 0?"""

            def on_the_right(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-2].abs().max()

            def on_the_left(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 2:-1].abs().max()

        def first_channel_only(pool, x):
            """You look at the first channel only. Where is the largest change of them all?"""
            return (pool(x.roll(1, 2)) - pool(x))[0, :, 1:-1].abs().max()

        class not_reduced:
            """You have several changes: all of them, or the largest of each channel or row. One number is asked for,
            the largest of all. What is still to be done?"""

            def all_changes(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].abs()

            def one_a_channel(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].abs().amax((1, 2))

            def one_a_row(pool, x):
                return (pool(x.roll(1, 2)) - pool(x))[:, :, 1:-1].abs().amax(2)


explanation(
    "why_blur_helps",
    "Keeping every second number throws away what lies between: a bright pixel that moves in or out of what is kept "
    "changes everything. Blurred first, each pixel has a share in two neighbouring numbers, and moving it passes the "
    "share on.",
)


# ── A sky ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class bright_after_max:
    right = "larger"

    class wrong:
        class share_kept:
            """The share would stay only if bright pixels filled whole windows."""

            value = "same"

        class maximum_as_loss:
            """One bright pixel in a window is enough to make the whole window bright."""

            value = "smaller"


@guess
class bright_after_average:
    right = "smaller"

    class wrong:
        class share_kept:
            """The mean brightness stays the same. A small bright point among dark ones gives a dark mean."""

            value = "same"

        class average_as_maximum:
            """An average mixes each bright point with the dark around it."""

            value = "larger"


explanation(
    "which_sky",
    "It depends on what is counted. Max-pooling keeps every bright point and makes it as large as a window: good for "
    "“is there one?”, bad for “how bright, how large?”. The average keeps all the light, but spreads a small galaxy "
    "until it is lost in the dark.",
)
