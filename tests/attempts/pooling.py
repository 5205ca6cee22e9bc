"""Lesson 5, pooling."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

# ---- avg_pool_weight


@attempt("avg_pool_weight", right=True)
def avg_pool_weight(channels, k):
    return torch.eye(channels)[:, :, None, None].expand(channels, channels, k, k) / k**2


@attempt("avg_pool_weight", right=True)
def avg_pool_weight(channels, k):
    w = np.zeros((channels, channels, k, k))
    for c in range(channels):
        w[c, c, :, :] = 1.0 / (k * k)
    return w


@attempt("avg_pool_weight", right=True)
def avg_pool_weight(channels, k):
    return [[[[(i == o) / k**2 for _ in range(k)] for _ in range(k)] for i in range(channels)] for o in range(channels)]


@attempt("avg_pool_weight", mistake="1/k instead of 1/k squared", listed=True)
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / k
    return w


@attempt("avg_pool_weight", mistake="precedence: 1 / k * k is 1", listed=True)
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / k * k
    return w


@attempt("avg_pool_weight", mistake="1/25 whatever k", listed=True)
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 / 25
    return w


@attempt("avg_pool_weight", mistake="not divided: sums, not means")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1
    return w


@attempt("avg_pool_weight", mistake="channels mixed: the same weight everywhere", listed=True)
def avg_pool_weight(channels, k):
    return torch.ones(channels, channels, k, k) / k**2


@attempt("avg_pool_weight", mistake="channels averaged as well", listed=True)
def avg_pool_weight(channels, k):
    return torch.full((channels, channels, k, k), 1 / (channels * k * k))


@attempt("avg_pool_weight", mistake="one input channel: the weight for groups")
def avg_pool_weight(channels, k):
    return torch.full((channels, 1, k, k), 1 / k**2)


@attempt("avg_pool_weight", mistake="one output channel: channels summed", listed=True)
def avg_pool_weight(channels, k):
    return torch.full((1, channels, k, k), 1 / k**2)


@attempt("avg_pool_weight", mistake="identity in the grid, not in the channels")
def avg_pool_weight(channels, k):
    return torch.eye(k).expand(channels, channels, k, k) / k**2


@attempt("avg_pool_weight", mistake="whole division: all zeros")
def avg_pool_weight(channels, k):
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = 1 // k**2
    return w


@attempt("avg_pool_weight", mistake="one kernel, no channel axes")
def avg_pool_weight(channels, k):
    return torch.full((k, k), 1 / k**2)


# ---- avg_pool_as_conv


@attempt("avg_pool_as_conv", right=True)
def avg_pool_as_conv(x, k):
    C = x.shape[0]
    w = torch.zeros(C, C, k, k)
    w[range(C), range(C)] = 1 / k**2
    return F.conv2d(x[None], w, stride=k)[0]


@attempt("avg_pool_as_conv", right=True)
def avg_pool_as_conv(x, k):
    w = torch.full((x.size(0), 1, k, k), 1 / (k * k), dtype=x.dtype)
    return torch.nn.functional.conv2d(x.unsqueeze(0), w, stride=(k, k), groups=x.size(0)).squeeze(0)


@attempt("avg_pool_as_conv", right=True)
def avg_pool_as_conv(x, k):
    # every channel a picture of its own in the batch
    return F.conv2d(x[:, None], torch.ones(1, 1, k, k) / k**2, stride=k)[:, 0]


@attempt("avg_pool_as_conv", mistake="stride 1: stride forgotten", listed=True)
def avg_pool_as_conv(x, k):
    C = x.shape[0]
    w = torch.zeros(C, C, k, k)
    w[range(C), range(C)] = 1 / k**2
    return F.conv2d(x[None], w)[0]


@attempt("avg_pool_as_conv", mistake="1/k instead of 1/k squared", listed=True)
def avg_pool_as_conv(x, k):
    C = x.shape[0]
    w = torch.zeros(C, C, k, k)
    w[range(C), range(C)] = 1 / k
    return F.conv2d(x[None], w, stride=k)[0]


@attempt("avg_pool_as_conv", mistake="1/25 whatever k", listed=True)
def avg_pool_as_conv(x, k):
    w = torch.full((x.size(0), 1, k, k), 1 / 25)
    return F.conv2d(x[None], w, stride=k, groups=x.size(0))[0]


@attempt("avg_pool_as_conv", mistake="channels mixed", listed=True)
def avg_pool_as_conv(x, k):
    C = x.shape[0]
    return F.conv2d(x[None], torch.ones(C, C, k, k) / k**2, stride=k)[0]


@attempt("avg_pool_as_conv", mistake="channels averaged to one", listed=True)
def avg_pool_as_conv(x, k):
    C = x.shape[0]
    return F.conv2d(x[None], torch.ones(1, C, k, k) / (C * k**2), stride=k)[0]


@attempt("avg_pool_as_conv", mistake="rescaled to [0, 1]", listed=True)
def avg_pool_as_conv(x, k):
    out = F.conv2d(x[:, None], torch.ones(1, 1, k, k) / k**2, stride=k)[:, 0]
    return (out - out.min()) / (out.max() - out.min())


@attempt("avg_pool_as_conv", mistake="rescaled to the picture's own range", listed=True)
def avg_pool_as_conv(x, k):
    out = F.conv2d(x[:, None], torch.ones(1, 1, k, k), stride=k)[:, 0]
    return out / out.max() * x.max()


@attempt("avg_pool_as_conv", mistake="stride 2 whatever k")
def avg_pool_as_conv(x, k):
    return F.conv2d(x[:, None], torch.ones(1, 1, k, k) / k**2, stride=2)[:, 0]


@attempt("avg_pool_as_conv", mistake="padded, so that a window hangs over where k does not divide")
def avg_pool_as_conv(x, k):
    return F.conv2d(x[:, None], torch.ones(1, 1, k, k) / k**2, stride=k, padding=k // 2)[:, 0]


@attempt("avg_pool_as_conv", mistake="batch axis kept")
def avg_pool_as_conv(x, k):
    w = torch.full((x.size(0), 1, k, k), 1 / (k * k))
    return F.conv2d(x[None], w, stride=k, groups=x.size(0))


@attempt("avg_pool_as_conv", mistake="first channel only")
def avg_pool_as_conv(x, k):
    return F.conv2d(x[:1, None], torch.ones(1, 1, k, k) / k**2, stride=k)[:, 0]


@attempt("avg_pool_as_conv", mistake="library pooling where a convolution was asked", forbidden=True)
def avg_pool_as_conv(x, k):
    return F.avg_pool2d(x, k)


@attempt("avg_pool_as_conv", mistake="means of slices where a library convolution was asked", forbidden=True)
def avg_pool_as_conv(x, k):
    C, H, W = x.shape
    h, w = H // k, W // k
    return x[:, : h * k, : w * k].reshape(C, h, k, w, k).mean(dim=(2, 4))


# ---- mended_pool


@attempt("mended_pool", right=True)
def mended_pool(x):
    return F.avg_pool2d(x, 2)


@attempt("mended_pool", right=True)
def mended_pool(x):
    h, w = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    return (x[:, 0:h:2, 0:w:2] + x[:, 1:h:2, 0:w:2] + x[:, 0:h:2, 1:w:2] + x[:, 1:h:2, 1:w:2]) / 4


@attempt("mended_pool", right=True)
def mended_pool(x):
    return F.conv2d(x.unsqueeze(1), torch.full((1, 1, 2, 2), 0.25), stride=2).squeeze(1)


@attempt("mended_pool", mistake="the bug as it was: 1/25 in a 2x2 kernel", listed=True)
def mended_pool(x):
    return F.conv2d(x.unsqueeze(1), torch.ones(1, 1, 2, 2) / 25, stride=2).squeeze(1)


@attempt("mended_pool", mistake="1/25 still there, hidden by stretching", listed=True)
def mended_pool(x):
    out = F.conv2d(x.unsqueeze(1), torch.ones(1, 1, 2, 2) / 25, stride=2).squeeze(1)
    return (out - out.min()) / (out.max() - out.min())


@attempt("mended_pool", mistake="1/2 instead of 1/4", listed=True)
def mended_pool(x):
    return F.conv2d(x.unsqueeze(1), torch.ones(1, 1, 2, 2) / 2, stride=2).squeeze(1)


@attempt("mended_pool", mistake="5x5 kernel to match the 1/25")
def mended_pool(x):
    return F.conv2d(x.unsqueeze(1), torch.ones(1, 1, 5, 5) / 25, stride=2, padding=2).squeeze(1)


@attempt("mended_pool", mistake="max-pooling")
def mended_pool(x):
    return F.max_pool2d(x, 2)


@attempt("mended_pool", mistake="stride 1", listed=True)
def mended_pool(x):
    return F.avg_pool2d(x, 2, stride=1)


@attempt("mended_pool", mistake="channels mixed", listed=True)
def mended_pool(x):
    C = x.shape[0]
    return F.conv2d(x[None], torch.ones(C, C, 2, 2) / 4, stride=2)[0]


@attempt("mended_pool", mistake="every second pixel, no mean")
def mended_pool(x):
    return x[:, ::2, ::2]


@attempt("mended_pool", mistake="rounded up: a half window at the edge")
def mended_pool(x):
    return F.avg_pool2d(x, 2, ceil_mode=True)


@attempt("mended_pool", mistake="batch axis added")
def mended_pool(x):
    return F.avg_pool2d(x[None], 2)


# ---- global_average_pool


@attempt("global_average_pool", right=True)
def global_average_pool(x):
    return x.mean(dim=(1, 2))


@attempt("global_average_pool", right=True)
def global_average_pool(x):
    return [channel.sum().item() / (x.shape[1] * x.shape[2]) for channel in x]


@attempt("global_average_pool", right=True)
def global_average_pool(x):
    return F.adaptive_avg_pool2d(x, 1).flatten()


@attempt("global_average_pool", right=True)
def global_average_pool(x):
    return np.array(x).reshape(x.shape[0], -1).mean(axis=1)


@attempt("global_average_pool", mistake="everything averaged to one number")
def global_average_pool(x):
    return x.mean()


@attempt("global_average_pool", mistake="channels averaged, the picture kept", listed=True)
def global_average_pool(x):
    return x.mean(dim=0)


@attempt("global_average_pool", mistake="one axis averaged only")
def global_average_pool(x):
    return x.mean(dim=-1)


@attempt("global_average_pool", mistake="one number for each column: wrong axes averaged")
def global_average_pool(x):
    return x.mean(dim=(0, 1))


@attempt("global_average_pool", mistake="axes of length 1 kept")
def global_average_pool(x):
    return F.adaptive_avg_pool2d(x, 1)


@attempt("global_average_pool", mistake="sum, not mean")
def global_average_pool(x):
    return x.sum(dim=(1, 2))


@attempt("global_average_pool", mistake="largest, not mean")
def global_average_pool(x):
    return x.amax(dim=(1, 2))


@attempt("global_average_pool", mistake="divided by the height only")
def global_average_pool(x):
    return x.sum(dim=(1, 2)) / x.shape[1]


@attempt("global_average_pool", mistake="divided by the height squared: square pictures only")
def global_average_pool(x):
    return x.sum(dim=(1, 2)) / x.shape[1] ** 2


@attempt("global_average_pool", mistake="divided by the number of channels as well")
def global_average_pool(x):
    return x.sum(dim=(1, 2)) / x.numel()


# ---- not_linear

attempt_value("not_linear", (torch.tensor([[[1.0, 0], [0, 0]]]), torch.tensor([[[0.0, 1], [0, 0]]])), right=True)
attempt_value("not_linear", [torch.tensor([[[3.0, 1], [2, 0]]]), torch.tensor([[[-3.0, -1], [-2, 0]]])], right=True)
attempt_value("not_linear", (np.array([[[5, 1], [0, 0]]]), np.array([[[0, 0], [0, 2]]])), right=True)
attempt_value("not_linear", ([[[1, 2], [3, 4]]], [[[4, 3], [2, 1]]]), right=True)
attempt_value(
    "not_linear",
    (torch.tensor([[[1.0, 2], [3, 4]]]), torch.tensor([[[5.0, 6], [7, 8]]])),
    mistake="both largest at the same place: max is additive there",
)
attempt_value(
    "not_linear", (torch.ones(1, 2, 2), torch.ones(1, 2, 2) * 2), mistake="flat tensors: max is additive there"
)
attempt_value(
    "not_linear", (torch.zeros(1, 2, 2), torch.tensor([[[1.0, 0], [0, 0]]])), mistake="one is zero: nothing is shown"
)
attempt_value(
    "not_linear",
    (torch.tensor([[[1.0, 2], [3, 4]]]), -torch.ones(1, 2, 2)),
    mistake="a constant added: max just moves with it",
)
attempt_value(
    "not_linear",
    (torch.tensor([[[1.0, 2], [3, 4]]]), 2 * torch.tensor([[[1.0, 2], [3, 4]]])),
    mistake="a multiple of the first: max scales along",
)
attempt_value("not_linear", torch.tensor([[[1.0, 0], [0, 0]]]), mistake="one tensor, not a pair")
attempt_value(
    "not_linear", (torch.tensor([[1.0, 0], [0, 0]]), torch.tensor([[0.0, 1], [0, 0]])), mistake="no channel axis"
)
attempt_value("not_linear", (1.0, 2.0), mistake="numbers, not tensors")
attempt_value("not_linear", (torch.randn(1, 4, 4), torch.randn(1, 4, 4)), mistake="4x4, where 2x2 was asked")

# ---- max_pool2d


@attempt("max_pool2d", right=True)
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    big = torch.full((C, H + 2 * padding, W + 2 * padding), -math.inf)
    big[:, padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - k) // stride + 1
    cols = (W + 2 * padding - k) // stride + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * stride : r * stride + k, c * stride : c * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", right=True)
def max_pool2d(x, k, stride=None, padding=0):
    # no padding: slices that are cut off at the picture's edge
    s = stride or k
    result = []
    for channel in x.tolist():
        H, W = len(channel), len(channel[0])
        rows = []
        for top in range(-padding, H + padding - k + 1, s):
            row = []
            for left in range(-padding, W + padding - k + 1, s):
                row.append(max(max(line[max(left, 0) : left + k]) for line in channel[max(top, 0) : top + k]))
            rows.append(row)
        result.append(rows)
    return torch.tensor(result)


@attempt("max_pool2d", right=True)
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    a = np.array(x, dtype=float)
    C, H, W = a.shape
    big = np.full((C, H + 2 * padding, W + 2 * padding), -np.inf)
    big[:, padding : padding + H, padding : padding + W] = a
    rows, cols = big.shape[1] - k + 1, big.shape[2] - k + 1
    out = np.full((C, rows, cols), -np.inf)
    for i in range(k):
        for j in range(k):
            out = np.maximum(out, big[:, i : i + rows, j : j + cols])
    return out[:, ::s, ::s]


@attempt("max_pool2d", mistake="fractions cut off")
def max_pool2d(x, k, stride=None, padding=0):
    stride = stride or k
    p = torch.full((len(x), x.shape[1] + 2 * padding, x.shape[2] + 2 * padding), float("-inf"))
    p[:, padding : padding + x.shape[1], padding : padding + x.shape[2]] = x
    out = torch.zeros(len(x), (p.shape[1] - k) // stride + 1, (p.shape[2] - k) // stride + 1, dtype=torch.int)
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = p[:, i * stride : i * stride + k, j * stride : j * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="zeros instead of minus infinity in the padding", listed=True)
def max_pool2d(x, k, stride=None, padding=0):
    stride = k if stride is None else stride
    C, H, W = x.shape
    big = torch.zeros(C, H + 2 * padding, W + 2 * padding)
    big[:, padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - k) // stride + 1
    cols = (W + 2 * padding - k) // stride + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * stride : r * stride + k, c * stride : c * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="largest so far starts at 0: negative pictures come out 0", listed=True)
def max_pool2d(x, k, stride=None, padding=0):
    s = stride or k
    C, H, W = x.shape
    rows, cols = (H + 2 * padding - k) // s + 1, (W + 2 * padding - k) // s + 1
    out = torch.zeros(C, rows, cols)
    for n in range(C):
        for r in range(rows):
            for c in range(cols):
                best = 0
                for i in range(k):
                    for j in range(k):
                        rr, cc = r * s + i - padding, c * s + j - padding
                        if 0 <= rr < H and 0 <= cc < W and x[n, rr, cc] > best:
                            best = x[n, rr, cc]
                out[n, r, c] = best
    return out


@attempt("max_pool2d", mistake="stride 1 by default instead of k", listed=True)
def max_pool2d(x, k, stride=None, padding=0):
    s = 1 if stride is None else stride
    C, H, W = x.shape
    big = torch.full((C, H + 2 * padding, W + 2 * padding), -math.inf)
    big[:, padding : padding + H, padding : padding + W] = x
    rows, cols = (H + 2 * padding - k) // s + 1, (W + 2 * padding - k) // s + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * s : r * s + k, c * s : c * s + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="stride never filled in: None cannot divide")
def max_pool2d(x, k, stride=None, padding=0):
    C, H, W = x.shape
    out = torch.zeros(C, (H - k) // stride + 1, (W - k) // stride + 1)
    for r in range(out.shape[1]):
        for c in range(out.shape[2]):
            out[:, r, c] = x[:, r * stride : r * stride + k, c * stride : c * stride + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="stride ignored: always k")
def max_pool2d(x, k, stride=None, padding=0):
    C, H, W = x.shape
    big = torch.full((C, H + 2 * padding, W + 2 * padding), -math.inf)
    big[:, padding : padding + H, padding : padding + W] = x
    rows, cols = (H + 2 * padding - k) // k + 1, (W + 2 * padding - k) // k + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * k : r * k + k, c * k : c * k + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="stride only in the size, the window moves by 1")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    big = torch.full((C, H + 2 * padding, W + 2 * padding), -math.inf)
    big[:, padding : padding + H, padding : padding + W] = x
    rows, cols = (H + 2 * padding - k) // s + 1, (W + 2 * padding - k) // s + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r : r + k, c : c + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="padding ignored")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    out = torch.zeros(C, (H - k) // s + 1, (W - k) // s + 1)
    for r in range(out.shape[1]):
        for c in range(out.shape[2]):
            out[:, r, c] = x[:, r * s : r * s + k, c * s : c * s + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="largest over all channels: channels mixed", listed=True)
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    big = torch.full((C, H + 2 * padding, W + 2 * padding), -math.inf)
    big[:, padding : padding + H, padding : padding + W] = x
    rows, cols = (H + 2 * padding - k) // s + 1, (W + 2 * padding - k) // s + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * s : r * s + k, c * s : c * s + k].max()
    return out


@attempt("max_pool2d", mistake="mean, not largest")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    big = torch.zeros(C, H + 2 * padding, W + 2 * padding)
    big[:, padding : padding + H, padding : padding + W] = x
    rows, cols = (H + 2 * padding - k) // s + 1, (W + 2 * padding - k) // s + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * s : r * s + k, c * s : c * s + k].mean((1, 2))
    return out


@attempt("max_pool2d", mistake="largest absolute value")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    big = torch.zeros(C, H + 2 * padding, W + 2 * padding)
    big[:, padding : padding + H, padding : padding + W] = x.abs()
    rows, cols = (H + 2 * padding - k) // s + 1, (W + 2 * padding - k) // s + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * s : r * s + k, c * s : c * s + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="rounded up: a window hangs over the edge")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    big = torch.full((C, H + 2 * padding, W + 2 * padding), -math.inf)
    big[:, padding : padding + H, padding : padding + W] = x
    rows, cols = math.ceil((H + 2 * padding - k) / s) + 1, math.ceil((W + 2 * padding - k) / s) + 1
    out = torch.zeros(C, rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[:, r, c] = big[:, r * s : r * s + k, c * s : c * s + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="H // k rows, whatever stride and padding")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    out = torch.zeros(C, H // k, W // k)
    for r in range(H // k):
        for c in range(W // k):
            out[:, r, c] = x[:, r * s : r * s + k, c * s : c * s + k].amax((1, 2))
    return out


@attempt("max_pool2d", mistake="axes wrong: max over one axis gives values and places")
def max_pool2d(x, k, stride=None, padding=0):
    s = k if stride is None else stride
    C, H, W = x.shape
    out = torch.zeros(C, (H - k) // s + 1, (W - k) // s + 1)
    for r in range(out.shape[1]):
        for c in range(out.shape[2]):
            out[:, r, c] = x[:, r * s : r * s + k, c * s : c * s + k].max(dim=1).max(dim=1)
    return out


@attempt("max_pool2d", mistake="library pooling where by hand was asked", forbidden=True)
def max_pool2d(x, k, stride=None, padding=0):
    return F.max_pool2d(x, k, stride, padding)


# ---- shift_change


@attempt("shift_change", right=True)
def shift_change(pool, x):
    before = pool(x)
    after = pool(torch.roll(x, 1, dims=-1))
    return (after - before)[..., 1:-1].abs().max().item()


@attempt("shift_change", right=True)
def shift_change(pool, x):
    moved = torch.cat([x[:, :, -1:], x[:, :, :-1]], dim=2)
    a, b = pool(x), pool(moved)
    biggest = 0.0
    for column in range(1, a.shape[2] - 1):
        biggest = max(biggest, float((a[:, :, column] - b[:, :, column]).abs().max()))
    return biggest


@attempt("shift_change", right=True)
def shift_change(pool, x):
    d = np.array(pool(x)) - np.array(pool(x.roll(1, 2)))
    return np.abs(d[:, :, 1 : d.shape[2] - 1]).max()


@attempt("shift_change", mistake="the rolled result rolled back", listed=True)
def shift_change(pool, x):
    after = torch.roll(pool(torch.roll(x, 1, dims=-1)), -1, dims=-1)
    return (after - pool(x))[..., 1:-1].abs().max()


@attempt("shift_change", mistake="pooled first, then rolled")
def shift_change(pool, x):
    y = pool(x)
    return (torch.roll(y, 1, dims=-1) - y)[..., 1:-1].abs().max()


@attempt("shift_change", mistake="rolled along the height")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-2)) - pool(x))[..., 1:-1].abs().max()


@attempt("shift_change", mistake="rolled along the channels")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=0)) - pool(x))[..., 1:-1].abs().max()


@attempt("shift_change", mistake="rolled the other way")
def shift_change(pool, x):
    return (pool(torch.roll(x, -1, dims=-1)) - pool(x))[..., 1:-1].abs().max()


@attempt("shift_change", mistake="border columns counted")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-1)) - pool(x)).abs().max()


@attempt("shift_change", mistake="border rows left out as well")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-1)) - pool(x))[:, 1:-1, 1:-1].abs().max()


@attempt("shift_change", mistake="rows 1 to H'-2 for columns")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-1)) - pool(x))[:, 1:-1].abs().max()


@attempt("shift_change", mistake="mean, not largest")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-1)) - pool(x))[..., 1:-1].abs().mean()


@attempt("shift_change", mistake="no absolute value: only growth counts")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-1)) - pool(x))[..., 1:-1].max()


@attempt("shift_change", mistake="absolute value of the largest, not the largest absolute value")
def shift_change(pool, x):
    return abs((pool(torch.roll(x, 1, dims=-1)) - pool(x))[..., 1:-1].max())


@attempt("shift_change", mistake="the whole difference, not one number")
def shift_change(pool, x):
    return (pool(torch.roll(x, 1, dims=-1)) - pool(x))[..., 1:-1].abs()


@attempt("shift_change", mistake="compares the pictures, the pool is never used")
def shift_change(pool, x):
    return (torch.roll(x, 1, dims=-1) - x)[..., 1:-1].abs().max()


@attempt("shift_change", mistake="roll's result thrown away: nothing moved")
def shift_change(pool, x):
    moved = x.clone()
    moved.roll(1, -1)
    return (pool(moved) - pool(x))[..., 1:-1].abs().max()


@attempt("shift_change", mistake="two columns to the right: roll's arguments both 2", listed=True)
def shift_change(pool, x):
    moved = torch.roll(x, shifts=2, dims=2)
    return torch.max(torch.abs(pool(moved)[:, :, 1:-1] - pool(x)[:, :, 1:-1]))
