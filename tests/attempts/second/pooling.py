"""Lesson 5, pooling: the second bank."""

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
