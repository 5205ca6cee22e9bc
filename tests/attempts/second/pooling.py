"""Lesson 5, pooling: the second bank."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

# ---- avg_pool_weight


@attempt("avg_pool_weight", name="one_over_the_side")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = torch.ones(k, k) / k
    return w


@attempt("avg_pool_weight", name="not_normalised")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c, :, :] = 1 / k * k
    return w


@attempt("avg_pool_weight", name="channels_mixed")
def avg_pool_weight(channels, k):
    return torch.ones(channels, channels, k, k) / k**2


@attempt("avg_pool_weight", name="grouped_shape")
def avg_pool_weight(channels, k):
    return torch.full((channels, 1, k, k), 1 / (k * k))


@attempt("avg_pool_weight", name="channels_mixed")
def avg_pool_weight(channels, k):
    return torch.full((channels, channels, k, k), 1 / (channels * k * k))


@attempt("avg_pool_weight", name="first_channel_only")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    w[0][0] = 1 / k**2
    return w


@attempt("avg_pool_weight", name="another_kernels_size")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 0.25
    return w


@attempt("avg_pool_weight", right=True)
def avg_pool_weight(channels, k):
    return torch.einsum("ab,ij->abij", torch.eye(channels), torch.full((k, k), k**-2.0))


# ---- avg_pool_as_conv


@attempt("avg_pool_as_conv", name="stride_omitted")
def avg_pool_as_conv(x, k):
    c = x.shape[0]
    w = torch.zeros(c, c, k, k)
    for i in range(c):
        w[i, i] = 1 / k**2
    return F.conv2d(x.unsqueeze(0), w).squeeze(0)


@attempt("avg_pool_as_conv", name="stride_always_two")
def avg_pool_as_conv(x, k):
    c = x.shape[0]
    w = torch.full((c, 1, k, k), 1 / k**2)
    return F.conv2d(x[None], w, stride=2, groups=c)[0]


@attempt("avg_pool_as_conv", name="batch_axis_kept")
def avg_pool_as_conv(x, k):
    c = x.shape[0]
    w = torch.full((c, 1, k, k), 1 / k**2)
    return F.conv2d(x[None], w, stride=k, groups=c)


@attempt("avg_pool_as_conv", name="zero_border_kept")
def avg_pool_as_conv(x, k):
    c = x.shape[0]
    w = torch.full((c, 1, k, k), 1 / k**2)
    return F.conv2d(x[None], w, stride=k, groups=c, padding=k // 2)[0]


@attempt("avg_pool_as_conv", name="channels_mixed")
def avg_pool_as_conv(x, k):
    c = x.shape[0]
    w = torch.ones(c, c, k, k) / (c * k * k)
    return F.conv2d(x[None], w, stride=k)[0]


@attempt("avg_pool_as_conv", name="one_over_the_side")
def avg_pool_as_conv(x, k):
    out = []
    for ch in x:
        out.append(F.conv2d(ch[None, None], torch.ones(1, 1, k, k) / k, stride=k)[0, 0])
    return torch.stack(out)


@attempt("avg_pool_as_conv", right=True)
def avg_pool_as_conv(x, k):
    return F.conv2d(x[:, None], torch.full((1, 1, k, k), 1.0), stride=(k, k))[:, 0] / (k * k)


# ---- mended_pool


@attempt("mended_pool", name="as_found")
def mended_pool(x):
    w = torch.zeros(len(x), len(x), 2, 2)
    for c in range(len(x)):
        w[c, c] = 1 / 4
    p = F.conv2d(x[None], w, stride=2)[0]
    p = p - p.min()
    return p / p.max()


@attempt("mended_pool", name="another_kernels_size")
def mended_pool(x):
    w = torch.zeros(len(x), len(x), 2, 2)
    for c in range(len(x)):
        w[c, c] = 1 / 25
    return F.conv2d(x[None], w, stride=2)[0]


@attempt("mended_pool", name="one_over_the_side")
def mended_pool(x):
    return (x[:, 0:-1:2, 0:-1:2] + x[:, 1::2, 0:-1:2] + x[:, 0:-1:2, 1::2] + x[:, 1::2, 1::2]) / 2


@attempt("mended_pool", name="other_window")
def mended_pool(x):
    return F.avg_pool2d(x, 5)


@attempt("mended_pool", name="max_not_mean")
def mended_pool(x):
    return F.max_pool2d(x, kernel_size=2, stride=2)


@attempt("mended_pool", right=True)
def mended_pool(x):
    C, H, W = x.shape
    y = x[:, : H // 2 * 2, : W // 2 * 2]
    return y.reshape(C, H // 2, 2, W // 2, 2).mean((2, 4))


# ---- global_average_pool


@attempt("global_average_pool", name="everything_averaged")
def global_average_pool(x):
    total = 0
    count = 0
    for value in x.flatten():
        total += value
        count += 1
    return total / count


@attempt("global_average_pool", name="channels_averaged")
def global_average_pool(x):
    return x.mean(axis=0)


@attempt("global_average_pool", name="axes_kept")
def global_average_pool(x):
    return F.adaptive_avg_pool2d(x, 1)


@attempt("global_average_pool", name="one_axis_only")
def global_average_pool(x):
    return x.mean(dim=2)


@attempt("global_average_pool", name="sum_not_mean")
def global_average_pool(x):
    return torch.stack([c.sum() for c in x])


@attempt("global_average_pool", name="square_only")
def global_average_pool(x):
    n = x.shape[1]
    return x.sum((1, 2)) / n**2


@attempt("global_average_pool", right=True)
def global_average_pool(x):
    return [float(np.average(c)) for c in np.asarray(x)]


# ---- corner_of_ones


attempt_value("corner_of_ones", 1, name="zeros_not_counted")


attempt_value("corner_of_ones", 4, name="sum_not_mean")


# ---- max_pool2d


@attempt("max_pool2d", name="zero_for_minus_infinity")
def max_pool2d(x, k, stride=None, padding=0):
    if stride is None:
        stride = k
    C, H, W = x.shape
    p = torch.zeros(C, H + 2 * padding, W + 2 * padding)
    p[:, padding : padding + H, padding : padding + W] = x
    oh, ow = (H + 2 * padding - k) // stride + 1, (W + 2 * padding - k) // stride + 1
    out = torch.zeros(C, oh, ow)
    for c in range(C):
        for i in range(oh):
            for j in range(ow):
                out[c, i, j] = p[c, i * stride : i * stride + k, j * stride : j * stride + k].max()
    return out


@attempt("max_pool2d", name="stride_one")
def max_pool2d(x, k, stride=None, padding=0):
    stride = stride or 1
    C, H, W = x.shape
    p = torch.full((C, H + 2 * padding, W + 2 * padding), float("-inf"))
    p[:, padding : padding + H, padding : padding + W] = x
    oh, ow = (H + 2 * padding - k) // stride + 1, (W + 2 * padding - k) // stride + 1
    out = torch.zeros(C, oh, ow)
    for i in range(oh):
        for j in range(ow):
            out[:, i, j] = p[:, i * stride : i * stride + k, j * stride : j * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", name="default_not_handled")
def max_pool2d(x, k, stride=None, padding=0):
    C, H, W = x.shape
    p = torch.full((C, H + 2 * padding, W + 2 * padding), float("-inf"))
    p[:, padding : padding + H, padding : padding + W] = x
    rows = []
    for i in range(0, H + 2 * padding - k + 1, stride):
        rows.append(
            torch.stack([p[:, i : i + k, j : j + k].amax((1, 2)) for j in range(0, W + 2 * padding - k + 1, stride)], 1)
        )
    return torch.stack(rows, 1)


@attempt("max_pool2d", name="channels_mixed")
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    p = torch.full((C, H + 2 * padding, W + 2 * padding), float("-inf"))
    p[:, padding : padding + H, padding : padding + W] = x
    oh, ow = (H + 2 * padding - k) // stride + 1, (W + 2 * padding - k) // stride + 1
    out = torch.zeros(C, oh, ow)
    for i in range(oh):
        for j in range(ow):
            out[:, i, j] = p[:, i * stride : i * stride + k, j * stride : j * stride + k].max()
    return out


@attempt("max_pool2d", name="stride_only_in_size")
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    p = torch.full((C, H + 2 * padding, W + 2 * padding), float("-inf"))
    p[:, padding : padding + H, padding : padding + W] = x
    oh, ow = (H + 2 * padding - k) // stride + 1, (W + 2 * padding - k) // stride + 1
    out = torch.zeros(C, oh, ow)
    for i in range(oh):
        for j in range(ow):
            out[:, i, j] = p[:, i : i + k, j : j + k].amax((1, 2))
    return out


@attempt("max_pool2d", name="padding_omitted")
def max_pool2d(x, k, stride=None, padding=0):
    if not stride:
        stride = k
    w = x.unfold(1, k, stride).unfold(2, k, stride)
    return w.amax((3, 4))


@attempt("max_pool2d", name="mean_not_max")
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    p = torch.zeros(C, H + 2 * padding, W + 2 * padding)
    p[:, padding : padding + H, padding : padding + W] = x
    return p.unfold(1, k, stride).unfold(2, k, stride).mean((3, 4))


@attempt("max_pool2d", name="last_missed")
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    p = torch.full((C, H + 2 * padding, W + 2 * padding), float("-inf"))
    p[:, padding : padding + H, padding : padding + W] = x
    rows = []
    for i in range(0, p.shape[1] - k, stride):
        rows.append([p[:, i : i + k, j : j + k].amax((1, 2)) for j in range(0, p.shape[2] - k, stride)])
    return torch.stack([torch.stack(r, 1) for r in rows], 1)


@attempt("max_pool2d", name="places_not_maxima")
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    p = torch.full((C, H + 2 * padding, W + 2 * padding), float("-inf"))
    p[:, padding : padding + H, padding : padding + W] = x
    w = p.unfold(1, k, stride).unfold(2, k, stride)
    return w.reshape(*w.shape[:3], -1).max(-1).indices


@attempt("max_pool2d", right=True)
def max_pool2d(x, k, stride=None, padding=0):
    stride = stride or k
    C, H, W = x.shape
    oh, ow = (H + 2 * padding - k) // stride + 1, (W + 2 * padding - k) // stride + 1
    return torch.stack(
        [
            torch.tensor(
                [
                    [
                        ch[
                            max(i * stride - padding, 0) : i * stride - padding + k,
                            max(j * stride - padding, 0) : j * stride - padding + k,
                        ]
                        .max()
                        .item()
                        for j in range(ow)
                    ]
                    for i in range(oh)
                ]
            )
            for ch in x
        ]
    )


# ---- not_linear


attempt_value("not_linear", (torch.tensor([[[1.0, 0], [0, 0]]]), torch.tensor([[[2.0, 0], [0, 0]]])), name="same_place")


attempt_value(
    "not_linear", (torch.tensor([[1.0, 0], [0, 0]]), torch.tensor([[0, 0], [0, 1.0]])), name="channel_axis_missing"
)


attempt_value("not_linear", ([[1, 0], [0, 0]], [[0, 0], [0, 1]]), name="channel_axis_missing")


attempt_value("not_linear", [torch.tensor([[[5, -5], [0, 0]]]), torch.tensor([[[-5, 5], [0, 0]]])], right=True)


# ---- shift_change


@attempt("shift_change", name="rolled_back")
def shift_change(pool, x):
    moved = torch.roll(x, 1, dims=2)
    back = torch.roll(pool(moved), -1, dims=2)
    return (back - pool(x)).abs()[:, :, 1:-1].max()


@attempt("shift_change", name="borders_kept")
def shift_change(pool, x):
    difference = pool(torch.roll(x, 1, -1)) - pool(x)
    return float(difference.abs().max())


@attempt("shift_change", name="absolute_value_forgotten")
def shift_change(pool, x):
    d = pool(x.roll(1, 2)) - pool(x)
    d = d[:, :, 1:-1]
    return max(d.flatten().tolist())


@attempt("shift_change", name="mean_not_max")
def shift_change(pool, x):
    d = torch.abs(pool(x.roll(1, 2)) - pool(x))
    return d[..., 1:-1].mean().item()


@attempt("shift_change", name="rows_and_columns_swapped")
def shift_change(pool, x):
    d = torch.abs(pool(torch.roll(x, 1, 1)) - pool(x))
    return d[:, 1:-1, :].max()


@attempt("shift_change", name="rolled_to_the_left")
def shift_change(pool, x):
    d = torch.abs(pool(torch.cat([x[:, :, 1:], x[:, :, :1]], 2)) - pool(x))
    return d[:, :, 1:-1].max()


@attempt("shift_change", name="moved_after_pooling")
def shift_change(pool, x):
    y = pool(x)
    return (torch.roll(y, 1, 2) - y)[:, :, 1:-1].abs().max()


@attempt("shift_change", name="not_reduced")
def shift_change(pool, x):
    y = pool(x)
    return (pool(torch.roll(x, 1, 2)) - y)[:, :, 1:-1].abs()


@attempt("shift_change", right=True)
def shift_change(pool, x):
    a, b = np.asarray(pool(x)), np.asarray(pool(torch.from_numpy(np.roll(x.numpy(), 1, axis=2))))
    return max(abs(a[..., c] - b[..., c]).max() for c in range(1, a.shape[-1] - 1))


@attempt("shift_change", mistake="none of the catalogue")
def shift_change(pool, x):
    return (pool(torch.roll(x, 2, 2)) - pool(x))[:, :, 1:-1].abs().max()


# ---- a third day


@attempt("avg_pool_weight", mistake="a plain identity kernel on the diagonal")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c, k // 2, k // 2] = 1
    return w


@attempt("avg_pool_weight", name="fractions_cut_off")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k, dtype=torch.int64)
    for c in range(channels):
        w[c, c] = 1 / k**2
    return w


@attempt("avg_pool_weight", name="first_channel_only")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / (k * k)
        return w


@attempt("avg_pool_weight", name="diagonal_of_the_kernel")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for i in range(k):
        w[:, :, i, i] = 1 / k**2
    return w


@attempt("avg_pool_weight", name="not_normalised")
def avg_pool_weight(channels, k):
    w = torch.eye(channels).reshape(channels, channels, 1, 1)
    return w.repeat(1, 1, k, k)


@attempt("avg_pool_weight", mistake="divided by the channels as well, on the diagonal")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / (k**2 * channels)
    return w


@attempt("avg_pool_weight", mistake="2k for k squared")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / (2 * k)
    return w


@attempt("avg_pool_weight", name="channels_mixed")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    w[:, :] = 1 / k**2
    return w


@attempt("avg_pool_weight", mistake="random weights, as a fresh layer has")
def avg_pool_weight(channels, k):
    return torch.nn.Conv2d(channels, channels, k).weight.detach()


@attempt("avg_pool_weight", mistake="x ^ 2 for a square")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / (k ^ 2)
    return w


@attempt("avg_pool_as_conv", name="batch_axis_kept")
def avg_pool_as_conv(x, k):
    w = torch.zeros(len(x), len(x), k, k)
    for c in range(len(x)):
        w[c, c] = 1 / k**2
    return F.conv2d(x.unsqueeze(0), w, stride=k)


@attempt("avg_pool_as_conv", name="stride_omitted")
def avg_pool_as_conv(x, k):
    w = torch.full((len(x), 1, k, k), 1 / k**2)
    return F.conv2d(x, w, groups=len(x))


@attempt("avg_pool_as_conv", mistake="groups given, weight for pairs of channels")
def avg_pool_as_conv(x, k):
    w = torch.zeros(len(x), len(x), k, k)
    for c in range(len(x)):
        w[c, c] = 1 / k**2
    return F.conv2d(x, w, stride=k, groups=len(x))


@attempt("avg_pool_as_conv", name="channels_averaged")
def avg_pool_as_conv(x, k):
    w = torch.ones(1, x.shape[0], k, k) / (x.shape[0] * k * k)
    return F.conv2d(x[None], w, stride=k)[0]


@attempt("avg_pool_as_conv", mistake="padding of same size")
def avg_pool_as_conv(x, k):
    w = torch.zeros(len(x), len(x), k, k)
    for c in range(len(x)):
        w[c, c] = 1 / k**2
    return F.conv2d(x[None], w, stride=k, padding=k // 2)[0]


@attempt("avg_pool_as_conv", name="one_over_the_side")
def avg_pool_as_conv(x, k):
    w = torch.full((1, 1, k, k), 1 / k)
    return F.conv2d(x[:, None], w, stride=k)[:, 0]


@attempt("avg_pool_as_conv", name="first_channel_only")
def avg_pool_as_conv(x, k):
    w = torch.full((1, 1, k, k), 1 / k**2)
    return F.conv2d(x[:1], w, stride=k)


@attempt("avg_pool_as_conv", name="not_normalised")
def avg_pool_as_conv(x, k):
    return F.conv2d(x[:, None], torch.ones(1, 1, k, k), stride=k)[:, 0]


@attempt("avg_pool_as_conv", mistake="the library's pooling", forbidden=True)
def avg_pool_as_conv(x, k):
    return F.avg_pool2d(x[None], k)[0]


@attempt("avg_pool_as_conv", mistake="an axis of channels left after each was taken alone")
def avg_pool_as_conv(x, k):
    return F.conv2d(x[:, None], torch.full((1, 1, k, k), 1 / k**2), stride=k)


@attempt("mended_pool", name="another_kernels_size")
def mended_pool(x):
    w = torch.zeros(len(x), len(x), 2, 2)
    for c in range(len(x)):
        w[c, c] = 1 / 25
    return F.conv2d(x[None], w, stride=2)[0]


@attempt("mended_pool", name="as_found")
def mended_pool(x):
    w = torch.zeros(len(x), len(x), 2, 2)
    for c in range(len(x)):
        w[c, c] = 1 / 4
    y = F.conv2d(x[None], w, stride=2)[0]
    return (y - y.min()) / (y.max() - y.min())


@attempt("mended_pool", name="stride_omitted")
def mended_pool(x):
    return F.avg_pool2d(x, 2, stride=1)


@attempt("mended_pool", name="max_not_mean")
def mended_pool(x):
    return F.max_pool2d(x, 2)


@attempt("mended_pool", mistake="windows of three")
def mended_pool(x):
    return F.avg_pool2d(x, 3)


@attempt("mended_pool", name="every_second_pixel")
def mended_pool(x):
    return x[:, ::2, ::2]


@attempt("mended_pool", mistake="one row of windows averaged: two pixels")
def mended_pool(x):
    return (x[:, :-1:2] + x[:, 1::2]) / 2


@attempt("mended_pool", name="channels_averaged")
def mended_pool(x):
    return F.avg_pool2d(x, 2).mean(dim=0)


@attempt("mended_pool", name="not_normalised")
def mended_pool(x):
    return F.avg_pool2d(x, 2) * 4


@attempt("mended_pool", mistake="multiplied by the ratio the wrong way")
def mended_pool(x):
    return F.avg_pool2d(x, 2) * 25 / 4


@attempt("global_average_pool", name="everything_averaged")
def global_average_pool(x):
    return torch.tensor([x.mean()] * len(x))


@attempt("global_average_pool", name="square_only")
def global_average_pool(x):
    return x.sum(dim=(1, 2)) / x.shape[2] ** 2


@attempt("global_average_pool", name="one_axis_only")
def global_average_pool(x):
    return x.mean(dim=-1)


@attempt("global_average_pool", name="channels_averaged")
def global_average_pool(x):
    return torch.mean(x, 0)


@attempt("global_average_pool", name="sum_not_mean")
def global_average_pool(x):
    return torch.stack([c.sum() for c in x])


@attempt("global_average_pool", name="axes_kept")
def global_average_pool(x):
    return F.adaptive_avg_pool2d(x, 1)


@attempt("global_average_pool", name="first_channel_only")
def global_average_pool(x):
    for channel in x:
        return channel.mean()


@attempt("global_average_pool", mistake="the median")
def global_average_pool(x):
    return x.flatten(1).median(1).values


@attempt("global_average_pool", mistake="pairs of row and column means")
def global_average_pool(x):
    return x.mean(1), x.mean(2)


@attempt("global_average_pool", name="max_not_mean")
def global_average_pool(x):
    return x.flatten(1).max(1).values


@attempt("global_average_pool", mistake="rounded down")
def global_average_pool(x):
    return [int(c.mean()) for c in x]


@attempt("global_average_pool", name="divided_by_channels")
def global_average_pool(x):
    c, h, w = x.shape
    return x.sum((1, 2)) / (c * h * w)


def _pool(x, k, stride=None, padding=0, fill=float("-inf"), best=torch.amax):
    stride = stride or k
    c, h, w = x.shape
    p = torch.full((c, h + 2 * padding, w + 2 * padding), float(fill))
    p[:, padding : padding + h, padding : padding + w] = x
    rows, cols = (h + 2 * padding - k) // stride + 1, (w + 2 * padding - k) // stride + 1
    out = torch.zeros(c, rows, cols)
    for i in range(rows):
        for j in range(cols):
            a, b = i * stride, j * stride
            out[:, i, j] = best(p[:, a : a + k, b : b + k], (1, 2))
    return out


@attempt("max_pool2d", name="zero_for_minus_infinity")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride, padding, fill=-1000)


@attempt("max_pool2d", mistake="a padding of -500")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride, padding, fill=-500)


@attempt("max_pool2d", name="zero_for_minus_infinity")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride, padding, fill=-9999)


@attempt("max_pool2d", mistake="returns within the loop over channels")
def max_pool2d(x, k, stride=None, padding=0):
    for channel in x:
        return _pool(channel[None], k, stride, padding)[0]


@attempt("max_pool2d", name="mean_not_max")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride, padding, fill=0, best=torch.mean)


@attempt("max_pool2d", name="stride_one")
def max_pool2d(x, k, stride=None, padding=0):
    if stride is None:
        stride = 1
    return _pool(x, k, stride, padding)


@attempt("max_pool2d", name="padding_omitted")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride)


@attempt("max_pool2d", name="stride_omitted")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, k, padding)


@attempt("max_pool2d", name="default_not_handled")
def max_pool2d(x, k, stride=None, padding=0):
    rows = (x.shape[1] + 2 * padding - k) // stride + 1
    return _pool(x, k, stride, padding)[:, :rows]


@attempt("max_pool2d", name="min_not_max")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride, padding, fill=float("inf"), best=torch.amin)


@attempt("max_pool2d", name="last_missed")
def max_pool2d(x, k, stride=None, padding=0):
    return _pool(x, k, stride, padding)[:, :-1, :-1]


@attempt("max_pool2d", mistake="last windows left at zero")
def max_pool2d(x, k, stride=None, padding=0):
    out = _pool(x, k, stride, padding)
    out[:, -1] = 0
    out[:, :, -1] = 0
    return out


@attempt("max_pool2d", name="square_only")
def max_pool2d(x, k, stride=None, padding=0):
    stride = stride or k
    c, h, w = x.shape
    p = torch.full((c, h + 2 * padding, w + 2 * padding), float("-inf"))
    p[:, padding : padding + h, padding : padding + w] = x
    n = (h + 2 * padding - k) // stride + 1
    out = torch.zeros(c, n, n)
    for i in range(n):
        for j in range(n):
            out[:, i, j] = p[:, i * stride : i * stride + k, j * stride : j * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="padding on the channels as well")
def max_pool2d(x, k, stride=None, padding=0):
    out = _pool(x, k, stride, padding)
    if padding:
        edge = torch.full_like(out[:1], float("-inf"))
        out = torch.cat([edge, out, edge])
    return out


@attempt("max_pool2d", name="rounded_up")
def max_pool2d(x, k, stride=None, padding=0):
    s = stride or k
    extra = [-(n + 2 * padding - k) % s for n in x.shape[1:]]
    bigger = torch.full((len(x), x.shape[1] + extra[0], x.shape[2] + extra[1]), float("-inf"))
    bigger[:, : x.shape[1], : x.shape[2]] = x
    return _pool(bigger, k, stride, padding)


@attempt("shift_change", name="rows_left_out")
def shift_change(pool, x):
    d = pool(torch.roll(x, 1, dims=2)) - pool(x)
    return d[:, 1:-1, 1:-1].abs().max()


@attempt("shift_change", name="absolute_value_forgotten")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, 2)) - pool(x))[:, :, 1:-1].max().abs()


@attempt("shift_change", name="borders_kept")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, -1)) - pool(x)).abs().max().item()


@attempt("shift_change", name="rolled_back")
def shift_change(pool, x):
    moved = torch.roll(pool(torch.roll(x, 1, 2)), -1, 2)
    return (moved - pool(x))[..., 1:-1].abs().max()


@attempt("shift_change", mistake="maxima compared")
def shift_change(pool, x):
    a, b = pool(torch.roll(x, 1, 2))[..., 1:-1], pool(x)[..., 1:-1]
    return (a.max() - b.max()).abs()


@attempt("shift_change", name="mean_not_max")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, 2)) - pool(x))[..., 1:-1].abs().mean()


@attempt("shift_change", name="rows_and_columns_swapped")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, 1)) - pool(x))[:, :, 1:-1].abs().max()


@attempt("shift_change", name="channels_rolled")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, 0)) - pool(x))[:, :, 1:-1].abs().max()


@attempt("shift_change", mistake="the pools are put into the pools")
def shift_change(pool, x):
    return pool((torch.roll(x, 1, 2) - x).abs())[:, :, 1:-1].max()


@attempt("shift_change", name="not_reduced")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, 2)) - pool(x))[:, :, 1:-1].abs()


@attempt("shift_change", name="nothing_moved")
def shift_change(pool, x):
    torch.roll(x, 1, 2)
    return (pool(x) - pool(x))[:, :, 1:-1].abs().max()


@attempt("shift_change", mistake="border columns cut before pooling")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, 2)[:, :, 1:-1]) - pool(x[:, :, 1:-1])).abs().max()


@attempt("shift_change", mistake="a fixed pooling")
def shift_change(pool, x):
    return (F.max_pool2d(torch.roll(x, 1, 2), 2) - F.max_pool2d(x, 2))[:, :, 1:-1].abs().max()


# ---- what a bank of 30 November found, which nobody had seen


def _padded_with(value, x, k, stride, padding):
    stride = k if stride is None else stride
    channels, height, width = x.shape
    room = torch.full((channels, height + 2 * padding, width + 2 * padding), value)
    room[:, padding : padding + height, padding : padding + width] = x
    rows, cols = (room.shape[1] - k) // stride + 1, (room.shape[2] - k) // stride + 1
    out = torch.zeros(channels, rows, cols)
    for i in range(rows):
        for j in range(cols):
            out[:, i, j] = room[:, i * stride : i * stride + k, j * stride : j * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", name="zero_for_minus_infinity")
def max_pool2d(x, k, stride=None, padding=0):
    return _padded_with(-1e9, x, k, stride, padding)


@attempt("max_pool2d", mistake="−123,456 around the picture")
def max_pool2d(x, k, stride=None, padding=0):
    return _padded_with(-123456.0, x, k, stride, padding)


@attempt("max_pool2d", name="zero_for_minus_infinity")
def max_pool2d(x, k, stride=None, padding=0):
    return _padded_with(float(x[0].min()), x, k, stride, padding)


@attempt("max_pool2d", right=True)
def max_pool2d(x, k, stride=None, padding=0):
    return _padded_with(float(x.min()), x, k, stride, padding)  # which never wins against the pixels beside it


@attempt("shift_change", name="all_in_one_row")
def shift_change(pool, x):
    return torch.abs(pool(torch.roll(x, 1)) - pool(x))[:, :, 1:-1].max()


@attempt("shift_change", name="zeros_come_in")
def shift_change(pool, x):
    moved = torch.zeros_like(x)
    moved[:, :, 1:] = x[:, :, :-1]
    return (pool(moved) - pool(x))[:, :, 1:-1].abs().max()


attempt_value("corner_of_ones", Fraction(4, 9), right=True)
attempt_value("corner_of_ones", Decimal("0.444"), right=True)
attempt_value("corner_of_ones", 0.33, name="pixels_miscounted")
faint = torch.tensor([[[0.0005, 0], [0, 0]]])
attempt_value("not_linear", (faint, faint.flip(2)), right=True)
attempt_value("not_linear", "max", mistake="no pair")
attempt_value("not_linear", np.stack([np.eye(2)[None], np.eye(2)[None, ::-1]]), right=True)
