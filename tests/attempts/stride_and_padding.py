"""Lesson 3, stride and padding.

`padding_modes` and `layer_shapes` ask about pictures and layers that the lesson shows, so only answers that are wrong
whatever it shows are here.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

# ---- output_size


@attempt("output_size", right=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@attempt("output_size", right=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = dilation * (k - 1) + 1
    return len(range(0, n + 2 * padding - span + 1, stride))


@attempt("output_size", right=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return math.floor((n + 2 * padding - k - (k - 1) * (dilation - 1)) / stride) + 1


@attempt("output_size", mistake="rounded up instead of down", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return math.ceil((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1


@attempt("output_size", mistake="rounded up instead of down, by the trick with two minus signs", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return -(-(n + 2 * padding - dilation * (k - 1) - 1) // stride) + 1


@attempt("output_size", mistake="no floor: a fraction of a position", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1) / stride + 1


@attempt("output_size", mistake="rounded to the nearest, not down")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return round((n + 2 * padding - dilation * (k - 1) - 1) / stride + 1)


@attempt("output_size", mistake="padding counted in total, not per side", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + padding - dilation * (k - 1) - 1) // stride + 1


@attempt("output_size", mistake="+1 lost", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride


@attempt("output_size", mistake="+1 inside the division", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1 + 1) // stride


@attempt("output_size", mistake="+1 and +stride: one too many", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) + stride) // stride


@attempt("output_size", mistake="dilation ignored", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - k) // stride + 1


@attempt("output_size", mistake="dilation without the -1s: the kernel taken to span d k", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * k) // stride + 1


@attempt("output_size", mistake="dilation counted from 0", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - (dilation + 1) * (k - 1) - 1) // stride + 1


@attempt("output_size", mistake="stride omitted", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return n + 2 * padding - dilation * (k - 1)


@attempt("output_size", mistake="padding omitted")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n - dilation * (k - 1) - 1) // stride + 1


@attempt("output_size", mistake="padding subtracted")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n - 2 * padding - dilation * (k - 1) - 1) // stride + 1


@attempt("output_size", mistake="divides the picture's size only: n // stride, as for same padding")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return n // stride


@attempt("output_size", mistake="same believed to hold: the size never changes", listed=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    return n


@attempt("output_size", mistake="precedence: only the 1 divided by the stride")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return n + 2 * padding - dilation * (k - 1) - 1 // stride + 1


@attempt("output_size", mistake="a pair, not a number")
def output_size(n, k, padding=0, stride=1, dilation=1):
    m = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    return (m, m)


@attempt("output_size", mistake="insists that the stride divides, and refuses otherwise")
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = n + 2 * padding - dilation * (k - 1) - 1
    if span % stride != 0:
        raise ValueError("stride does not fit")
    return span // stride + 1


# ---- pad2d


@attempt("pad2d", right=True)
def pad2d(x, padding):
    h, w = x.shape
    out = torch.zeros(h + 2 * padding, w + 2 * padding, dtype=x.dtype)
    out[padding : padding + h, padding : padding + w] = x
    return out


@attempt("pad2d", right=True)
def pad2d(x, padding):
    side = torch.zeros(x.shape[0], padding)
    x = torch.cat([side, x, side], dim=1)
    lid = torch.zeros(padding, x.shape[1])
    return torch.cat([lid, x, lid])


@attempt("pad2d", right=True)
def pad2d(x, padding):
    rows, p = x.tolist(), padding
    width = len(rows[0]) + 2 * p
    zeros = [[0.0] * width for _ in range(p)]
    return zeros + [[0.0] * p + row + [0.0] * p for row in rows] + [[0.0] * width for _ in range(p)]


@attempt("pad2d", mistake="one side only: bottom and right", listed=True)
def pad2d(x, padding):
    out = torch.zeros(x.shape[0] + padding, x.shape[1] + padding)
    out[: x.shape[0], : x.shape[1]] = x
    return out


@attempt("pad2d", mistake="one side only: top and left", listed=True)
def pad2d(x, padding):
    out = torch.zeros(x.shape[0] + padding, x.shape[1] + padding)
    out[padding:, padding:] = x
    return out


@attempt("pad2d", mistake="room for both sides, but the picture at the top left", listed=True)
def pad2d(x, padding):
    out = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
    out[: x.shape[0], : x.shape[1]] = x
    return out


@attempt("pad2d", mistake="columns only")
def pad2d(x, padding):
    side = torch.zeros(x.shape[0], padding)
    return torch.cat([side, x, side], dim=1)


@attempt("pad2d", mistake="padding in total, half on each side", listed=True)
def pad2d(x, padding):
    p = padding // 2
    out = torch.zeros(x.shape[0] + padding, x.shape[1] + padding)
    out[p : p + x.shape[0], p : p + x.shape[1]] = x
    return out


@attempt("pad2d", mistake="negative stop: x[p:-p] is empty when padding is 0")
def pad2d(x, padding):
    out = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
    out[padding:-padding, padding:-padding] = x
    return out


@attempt("pad2d", mistake="always one pixel, whatever the padding")
def pad2d(x, padding):
    out = torch.zeros(x.shape[0] + 2, x.shape[1] + 2)
    out[1:-1, 1:-1] = x
    return out


@attempt("pad2d", mistake="the border repeated, not zeros")
def pad2d(x, padding):
    r = torch.arange(-padding, x.shape[0] + padding).clamp(0, x.shape[0] - 1)
    c = torch.arange(-padding, x.shape[1] + padding).clamp(0, x.shape[1] - 1)
    return x[r][:, c]


@attempt("pad2d", mistake="wrapped around, not zeros")
def pad2d(x, padding):
    r = torch.arange(-padding, x.shape[0] + padding) % x.shape[0]
    c = torch.arange(-padding, x.shape[1] + padding) % x.shape[1]
    return x[r][:, c]


@attempt("pad2d", mistake="ones, not zeros")
def pad2d(x, padding):
    out = torch.ones(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
    out[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x
    return out


@attempt("pad2d", mistake="the picture's own border set to zero: the size does not grow")
def pad2d(x, padding):
    out = torch.zeros_like(x)
    h, w = x.shape
    out[padding : h - padding, padding : w - padding] = x[padding : h - padding, padding : w - padding]
    return out


@attempt("pad2d", mistake="square only: height used for both")
def pad2d(x, padding):
    n = x.shape[0]
    out = torch.zeros(n + 2 * padding, n + 2 * padding)
    out[padding : padding + n, padding : padding + n] = x
    return out


@attempt("pad2d", mistake="library padding where by hand was asked", forbidden=True)
def pad2d(x, padding):
    return F.pad(x, (padding, padding, padding, padding))


@attempt("pad2d", mistake="NumPy's padding where by hand was asked", forbidden=True)
def pad2d(x, padding):
    return np.pad(x, padding)


# ---- padding_modes, layer_shapes

attempt_value("padding_modes", ["zeros", "zeros", "zeros", "zeros"], mistake="the same for all four")
attempt_value("padding_modes", ["zeros", "reflect", "replicate"], mistake="one left out")
attempt_value("padding_modes", ["constant", "mirror", "edge", "wrap"], mistake="names of another library")
attempt_value("padding_modes", "zeros, reflect, replicate, circular", mistake="one string, not a list of four")
attempt_value("padding_modes", [1, 2, 3, 4], mistake="numbers, not names")
attempt_value("padding_modes", ["zeros", "zeros", "reflect", "reflect"], mistake="two of the four never named")
attempt_value("layer_shapes", "the same", mistake="a sentence, not shapes")
attempt_value("layer_shapes", [], mistake="nothing named")

# ---- same_padding


@attempt("same_padding", right=True)
def same_padding(k):
    return (k - 1) // 2, k // 2


@attempt("same_padding", right=True)
def same_padding(k):
    before = (k - 1) // 2
    return [before, k - 1 - before]


@attempt("same_padding", right=True)
def same_padding(k):
    half, extra = divmod(k - 1, 2)
    return (half, half + extra)


@attempt("same_padding", mistake="the extra one before", listed=True)
def same_padding(k):
    return (k // 2, (k - 1) // 2)


@attempt("same_padding", mistake="k // 2 on both sides, one too many for even k", listed=True)
def same_padding(k):
    return (k // 2, k // 2)


@attempt("same_padding", mistake="(k - 1) // 2 on both sides, one too few for even k", listed=True)
def same_padding(k):
    return ((k - 1) // 2, (k - 1) // 2)


@attempt("same_padding", mistake="one side only", listed=True)
def same_padding(k):
    return (0, k - 1)


@attempt("same_padding", mistake="k - 1 on both sides: full")
def same_padding(k):
    return (k - 1, k - 1)


@attempt("same_padding", mistake="half a pixel")
def same_padding(k):
    return ((k - 1) / 2, (k - 1) / 2)


@attempt("same_padding", mistake="one number, in total")
def same_padding(k):
    return k - 1


@attempt("same_padding", mistake="k // 2 as one number", listed=True)
def same_padding(k):
    return k // 2


@attempt("same_padding", mistake="k in total, not k - 1")
def same_padding(k):
    return (k // 2, k - k // 2)


@attempt("same_padding", mistake="always one on each side, as for 3")
def same_padding(k):
    return (1, 1)


# ---- corr2d_same


@attempt("corr2d_same", right=True)
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[(kH - 1) // 2 : (kH - 1) // 2 + H, (kW - 1) // 2 : (kW - 1) // 2 + W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", right=True)
def corr2d_same(x, kernel, bias=0):
    # no padding at all: what lies outside is left out of the sum
    H, W = x.shape
    kH, kW = kernel.shape
    out = np.full((H, W), float(bias))
    for r in range(H):
        for c in range(W):
            for i in range(kH):
                for j in range(kW):
                    rr, cc = r + i - (kH - 1) // 2, c + j - (kW - 1) // 2
                    if 0 <= rr < H and 0 <= cc < W:
                        out[r, c] += float(x[rr, cc]) * float(kernel[i, j])
    return out


@attempt("corr2d_same", mistake="bias ignored")
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[(kH - 1) // 2 : (kH - 1) // 2 + H, (kW - 1) // 2 : (kW - 1) // 2 + W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_same", mistake="bias added to every product")
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[(kH - 1) // 2 : (kH - 1) // 2 + H, (kW - 1) // 2 : (kW - 1) // 2 + W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel + bias).sum()
    return out


@attempt("corr2d_same", mistake="the extra row and column before, not after", listed=True)
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", mistake="k // 2 on all sides: one row and column too many for even kernels", listed=True)
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * (kH // 2), W + 2 * (kW // 2))
    big[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W] = x
    rows, cols = big.shape[0] - kH + 1, big.shape[1] - kW + 1
    return torch.tensor(
        [[float((big[r : r + kH, c : c + kW] * kernel).sum()) + bias for c in range(cols)] for r in range(rows)]
    )


@attempt("corr2d_same", mistake="one-sided padding: all after", listed=True)
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[:H, :W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", mistake="padded copy made, the original used", listed=True)
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[(kH - 1) // 2 : (kH - 1) // 2 + H, (kW - 1) // 2 : (kW - 1) // 2 + W] = x
    out = torch.zeros(H - kH + 1, W - kW + 1)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", mistake="valid response laid into zeros: the border is not computed")
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H, W)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r + (kH - 1) // 2, c + (kW - 1) // 2] = (x[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", mistake="wraps around at the border: negative indices and modulo")
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H, W) + bias
    for r in range(H):
        for c in range(W):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[(r + i - (kH - 1) // 2) % H, (c + j - (kW - 1) // 2) % W] * kernel[i, j]
    return out


@attempt("corr2d_same", mistake="kernel turned by 180 degrees")
def corr2d_same(x, kernel, bias=0):
    kernel = kernel.flip(0, 1)
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[(kH - 1) // 2 : (kH - 1) // 2 + H, (kW - 1) // 2 : (kW - 1) // 2 + W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", mistake="padding by 1 whatever the kernel")
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2, W + 2)
    big[1:-1, 1:-1] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum() + bias
    return out


@attempt("corr2d_same", mistake="bias added to the padded picture instead of the response")
def corr2d_same(x, kernel, bias=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[(kH - 1) // 2 : (kH - 1) // 2 + H, (kW - 1) // 2 : (kW - 1) // 2 + W] = x
    big += bias
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_same", mistake="library convolution where by hand was asked", forbidden=True)
def corr2d_same(x, kernel, bias=0):
    return F.conv2d(x[None, None], kernel[None, None], padding="same")[0, 0] + bias


# ---- corr2d_strided


@attempt("corr2d_strided", right=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - kH) // stride + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            top, left = r * stride, c * stride
            out[r, c] = (big[top : top + kH, left : left + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", right=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    # everything first, then every stride-th
    H, W = x.shape
    kH, kW = kernel.shape
    big = np.zeros((H + 2 * padding, W + 2 * padding))
    big[padding : padding + H, padding : padding + W] = x
    rows, cols = big.shape[0] - kH + 1, big.shape[1] - kW + 1
    dense = sum(float(kernel[i, j]) * big[i : i + rows, j : j + cols] for i in range(kH) for j in range(kW))
    return dense[::stride, ::stride]


@attempt("corr2d_strided", right=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    result = []
    for top in range(-padding, H + padding - kH + 1, stride):
        row = []
        for left in range(-padding, W + padding - kW + 1, stride):
            total = 0.0
            for i in range(kH):
                for j in range(kW):
                    if 0 <= top + i < H and 0 <= left + j < W:
                        total += x[top + i, left + j].item() * kernel[i, j].item()
            row.append(total)
        result.append(row)
    return torch.tensor(result)


@attempt("corr2d_strided", mistake="stride only in the output's size: the window moves by 1", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - kH) // stride + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for i in range(rows):
        for j in range(cols):
            out[i, j] = (big[i : i + kH, j : j + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="stride omitted", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    out = torch.zeros(big.shape[0] - kH + 1, big.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="stride used twice: strided range, then times stride again", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - kH) // stride + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(0, rows, stride):
        for c in range(0, cols, stride):
            out[r, c] = (big[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="stride used twice: strided response thinned out once more", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = []
    for top in range(0, big.shape[0] - kH + 1, stride):
        rows.append([(big[top : top + kH, c : c + kW] * kernel).sum() for c in range(0, big.shape[1] - kW + 1, stride)])
    return torch.tensor(rows)[::stride, ::stride]


@attempt("corr2d_strided", mistake="strided range used as the index of the result")
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    out = torch.zeros((H + 2 * padding - kH) // stride + 1, (W + 2 * padding - kW) // stride + 1)
    for r in range(0, big.shape[0] - kH + 1, stride):
        for c in range(0, big.shape[1] - kW + 1, stride):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="padding omitted")
def corr2d_strided(x, kernel, stride=1, padding=0):
    kH, kW = kernel.shape
    rows = (x.shape[0] - kH) // stride + 1
    cols = (x.shape[1] - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (x[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="padding in the size only: the padded picture is never used", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    rows = (H + 2 * padding - kH) // stride + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            patch = x[r * stride : r * stride + kH, c * stride : c * stride + kW]
            out[r, c] = (patch * kernel[: patch.shape[0], : patch.shape[1]]).sum()
    return out


@attempt("corr2d_strided", mistake="one-sided padding", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[:H, :W] = x
    rows = (H + 2 * padding - kH) // stride + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (big[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="total padding instead of padding per side", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    p = padding // 2
    big = torch.zeros(H + padding, W + padding)
    big[p : p + H, p : p + W] = x
    rows = (H + padding - kH) // stride + 1
    cols = (W + padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (big[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="size rounded up: the last window hangs over", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = math.ceil((H + 2 * padding - kH) / stride) + 1
    cols = math.ceil((W + 2 * padding - kW) / stride) + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (big[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="+1 lost: last row and column missed", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - kH) // stride
    cols = (W + 2 * padding - kW) // stride
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (big[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="the picture is thinned out before the kernel slides")
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    small = big[::stride, ::stride]
    out = torch.zeros(max(small.shape[0] - kH + 1, 0), max(small.shape[1] - kW + 1, 0))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (small[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="float size: range refuses", listed=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    kH, kW = kernel.shape
    rows = (x.shape[0] + 2 * padding - kH) / stride + 1
    cols = (x.shape[1] + 2 * padding - kW) / stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (x[r * stride : r * stride + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="kernel turned by 180 degrees")
def corr2d_strided(x, kernel, stride=1, padding=0):
    k = kernel.flip(0, 1)
    H, W = x.shape
    kH, kW = k.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = (H + 2 * padding - kH) // stride + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (big[r * stride : r * stride + kH, c * stride : c * stride + kW] * k).sum()
    return out


@attempt("corr2d_strided", mistake="stride along the columns only")
def corr2d_strided(x, kernel, stride=1, padding=0):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * padding, W + 2 * padding)
    big[padding : padding + H, padding : padding + W] = x
    rows = H + 2 * padding - kH + 1
    cols = (W + 2 * padding - kW) // stride + 1
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols):
            out[r, c] = (big[r : r + kH, c * stride : c * stride + kW] * kernel).sum()
    return out


# ---- coverage


@attempt("coverage", right=True)
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH + 1, stride):
        for left in range(0, W + 2 * p - kW + 1, stride):
            count[top : top + kH, left : left + kW] += 1
    return count[p : p + H, p : p + W]


@attempt("coverage", right=True)
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    def along(n, k):
        starts = range(-padding, n + padding - k + 1, stride)
        return [sum(s <= i < s + k for s in starts) for i in range(n)]

    return np.outer(along(image_shape[0], kernel_shape[0]), along(image_shape[1], kernel_shape[1]))


@attempt("coverage", mistake="the border is counted as well")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH + 1, stride):
        for left in range(0, W + 2 * p - kW + 1, stride):
            count[top : top + kH, left : left + kW] += 1
    return count


@attempt("coverage", mistake="= where += was meant: covered or not")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH + 1, stride):
        for left in range(0, W + 2 * p - kW + 1, stride):
            count[top : top + kH, left : left + kW] = 1
    return count[p : p + H, p : p + W]


@attempt("coverage", mistake="every pixel believed to be used equally often")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    return torch.full(tuple(image_shape), kernel_shape[0] * kernel_shape[1])


@attempt("coverage", mistake="only the top-left corner of each window counted")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH + 1, stride):
        for left in range(0, W + 2 * p - kW + 1, stride):
            count[top, left] += 1
    return count[p : p + H, p : p + W]


@attempt("coverage", mistake="stride omitted", listed=True)
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(H + 2 * p - kH + 1):
        for left in range(W + 2 * p - kW + 1):
            count[top : top + kH, left : left + kW] += 1
    return count[p : p + H, p : p + W]


@attempt("coverage", mistake="padding omitted")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW) = image_shape, kernel_shape
    count = torch.zeros(H, W)
    for top in range(0, H - kH + 1, stride):
        for left in range(0, W - kW + 1, stride):
            count[top : top + kH, left : left + kW] += 1
    return count


@attempt("coverage", mistake="last window missed: +1 lost", listed=True)
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH, stride):
        for left in range(0, W + 2 * p - kW, stride):
            count[top : top + kH, left : left + kW] += 1
    return count[p : p + H, p : p + W]


@attempt("coverage", mistake="windows that hang over the edge counted: rounded up", listed=True)
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p, stride):
        for left in range(0, W + 2 * p, stride):
            count[top : top + kH, left : left + kW] += 1
    return count[p : p + H, p : p + W]


@attempt("coverage", mistake="the number of windows, not a picture")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    return ((H + 2 * p - kH) // stride + 1) * ((W + 2 * p - kW) // stride + 1)


@attempt("coverage", mistake="kernel's rows and columns swapped")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kW, kH), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH + 1, stride):
        for left in range(0, W + 2 * p - kW + 1, stride):
            count[top : top + kH, left : left + kW] += 1
    return count[p : p + H, p : p + W]


@attempt("coverage", mistake="normalised: a share, not how many")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    (H, W), (kH, kW), p = image_shape, kernel_shape, padding
    count = torch.zeros(H + 2 * p, W + 2 * p)
    for top in range(0, H + 2 * p - kH + 1, stride):
        for left in range(0, W + 2 * p - kW + 1, stride):
            count[top : top + kH, left : left + kW] += 1
    return (count / count.max())[p : p + H, p : p + W]


# ---- dilate_kernel


@attempt("dilate_kernel", right=True)
def dilate_kernel(kernel, dilation):
    h, w = kernel.shape
    out = torch.zeros(dilation * (h - 1) + 1, dilation * (w - 1) + 1, dtype=kernel.dtype)
    out[::dilation, ::dilation] = kernel
    return out


@attempt("dilate_kernel", right=True)
def dilate_kernel(kernel, dilation):
    hole = torch.zeros(dilation, dilation)
    hole[0, 0] = 1
    big = torch.kron(kernel.float().contiguous(), hole)
    return big[: big.shape[0] - dilation + 1, : big.shape[1] - dilation + 1]


@attempt("dilate_kernel", right=True)
def dilate_kernel(kernel, dilation):
    h, w = (dilation * (n - 1) + 1 for n in kernel.shape)
    return [
        [0.0 if r % dilation or c % dilation else float(kernel[r // dilation, c // dilation]) for c in range(w)]
        for r in range(h)
    ]


@attempt("dilate_kernel", mistake="without the -1s: trailing rows and columns of zeros", listed=True)
def dilate_kernel(kernel, dilation):
    h, w = kernel.shape
    out = torch.zeros(dilation * h, dilation * w)
    out[::dilation, ::dilation] = kernel
    return out


@attempt("dilate_kernel", mistake="dilation counted from 0: one hole too many", listed=True)
def dilate_kernel(kernel, dilation):
    d = dilation + 1
    h, w = kernel.shape
    out = torch.zeros(d * (h - 1) + 1, d * (w - 1) + 1)
    out[::d, ::d] = kernel
    return out


@attempt("dilate_kernel", mistake="weights repeated, not holes between them")
def dilate_kernel(kernel, dilation):
    return kernel.repeat_interleave(dilation, 0).repeat_interleave(dilation, 1)


@attempt("dilate_kernel", mistake="zeros around the kernel, not inside")
def dilate_kernel(kernel, dilation):
    h, w = kernel.shape
    out = torch.zeros(dilation * (h - 1) + 1, dilation * (w - 1) + 1)
    out[:h, :w] = kernel
    return out


@attempt("dilate_kernel", mistake="weights multiplied by the dilation")
def dilate_kernel(kernel, dilation):
    return kernel * dilation


@attempt("dilate_kernel", mistake="rows spread, columns not")
def dilate_kernel(kernel, dilation):
    h, w = kernel.shape
    out = torch.zeros(dilation * (h - 1) + 1, w)
    out[::dilation] = kernel
    return out


@attempt("dilate_kernel", mistake="thinned out instead of spread")
def dilate_kernel(kernel, dilation):
    return kernel[::dilation, ::dilation]


@attempt("dilate_kernel", mistake="square only: height used for both")
def dilate_kernel(kernel, dilation):
    k = kernel.shape[0]
    out = torch.zeros(dilation * (k - 1) + 1, dilation * (k - 1) + 1)
    out[::dilation, ::dilation] = kernel
    return out


@attempt("dilate_kernel", mistake="always one hole, as for dilation 2")
def dilate_kernel(kernel, dilation):
    h, w = kernel.shape
    out = torch.zeros(2 * h - 1, 2 * w - 1)
    out[::2, ::2] = kernel
    return out


# ---- downsample


@attempt("downsample", right=True)
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(big, 3, stride=1)[0, 0, ::stride, ::stride]


@attempt("downsample", right=True)
def downsample(x, stride):
    a = np.pad(np.array(x, dtype=float), 1, mode="edge")
    H, W = x.shape
    blurred = sum(a[i : i + H, j : j + W] for i in range(3) for j in range(3)) / 9
    return blurred[::stride, ::stride]


@attempt("downsample", right=True)
def downsample(x, stride):
    H, W = x.shape
    rows = []
    for r in range(0, H, stride):
        row = []
        for c in range(0, W, stride):
            nine = [
                x[min(max(r + i, 0), H - 1), min(max(c + j, 0), W - 1)].item() for i in (-1, 0, 1) for j in (-1, 0, 1)
            ]
            row.append(sum(nine) / 9)
        rows.append(row)
    return torch.tensor(rows)


@attempt("downsample", mistake="no blur: every stride-th pixel", listed=True)
def downsample(x, stride):
    return x[::stride, ::stride]


@attempt("downsample", mistake="subsampled before the blur", listed=True)
def downsample(x, stride):
    x = x[::stride, ::stride]
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(big, 3, stride=1)[0, 0]


@attempt("downsample", mistake="zeros averaged in at the border", listed=True)
def downsample(x, stride):
    return F.avg_pool2d(x[None, None], 3, stride=1, padding=1)[0, 0, ::stride, ::stride]


@attempt("downsample", mistake="border pixels left out of the mean instead of repeated", listed=True)
def downsample(x, stride):
    return F.avg_pool2d(x[None, None], 3, stride, padding=1, count_include_pad=False)[0, 0]


@attempt("downsample", mistake="border mirrored instead of repeated")
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="reflect")
    return F.avg_pool2d(big, 3, stride=1)[0, 0, ::stride, ::stride]


@attempt("downsample", mistake="border wrapped around instead of repeated")
def downsample(x, stride):
    total = 0
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            total = total + torch.roll(x, (i, j), (0, 1))
    return (total / 9)[::stride, ::stride]


@attempt("downsample", mistake="no border: starts at pixel 1, comes out too small")
def downsample(x, stride):
    return F.avg_pool2d(x[None, None], 3, stride)[0, 0]


@attempt("downsample", mistake="mean of stride by stride blocks, not of 3 by 3")
def downsample(x, stride):
    return F.avg_pool2d(x[None, None], stride)[0, 0]


@attempt("downsample", mistake="sum, not mean, of the nine")
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.conv2d(big, torch.ones(1, 1, 3, 3), stride=stride)[0, 0]


@attempt("downsample", mistake="blurred but not thinned out: stride omitted", listed=True)
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(big, 3, stride=1)[0, 0]


@attempt("downsample", mistake="starts at row and column 1")
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(big, 3, stride=1)[0, 0, 1::stride, 1::stride]


@attempt("downsample", mistake="stride used twice", listed=True)
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(big, 3, stride=stride)[0, 0, ::stride, ::stride]


@attempt("downsample", mistake="replicate padding of a plain grid: torch's error about dimensions")
def downsample(x, stride):
    big = F.pad(x, (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(big[None, None], 3, stride=stride)[0, 0]


# ---- layers_28_14_7

attempt_value("layers_28_14_7", [(3, 1, 2), (3, 1, 2)], right=True)
attempt_value("layers_28_14_7", ((5, 2, 2), (4, 1, 2)), right=True)
attempt_value("layers_28_14_7", [(15, 0, 1), (8, 0, 1)], right=True)
attempt_value("layers_28_14_7", [[4, 1, 2], [7, 3, 2]], right=True)
attempt_value("layers_28_14_7", [(3, 0, 2), (3, 0, 2)], mistake="padding left out: 28, 13, 6")
attempt_value("layers_28_14_7", [(2, 0, 2), (2, 0, 2)], mistake="kernels of side 2, at least 3 was asked")
attempt_value("layers_28_14_7", [(3, 2, 1), (3, 2, 1)], mistake="padding and stride swapped")
attempt_value("layers_28_14_7", [(3, 1, 1), (3, 1, 1)], mistake="stride 1: the size stays")
attempt_value("layers_28_14_7", [(5, 1, 2), (5, 1, 2)], mistake="one pixel of padding for a side of 5: 28, 13, 6")
attempt_value("layers_28_14_7", [(3, 2, 2), (3, 2, 2)], mistake="padding counted in total: 28, 15, 9", listed=True)
attempt_value("layers_28_14_7", [(3, 1, 2)], mistake="one layer, where two were asked")
attempt_value("layers_28_14_7", [(3, 1, 2), (3, 1, 4)], mistake="second layer down to 4")
attempt_value("layers_28_14_7", [(3, 1), (3, 1)], mistake="pairs, the stride left out")
attempt_value("layers_28_14_7", (3, 1, 2), mistake="one triple, not two")
attempt_value("layers_28_14_7", [14, 7], mistake="the sizes, not the layers")
attempt_value("layers_28_14_7", [(3, 0.5, 2), (3, 0.5, 2)], mistake="half a pixel of padding")


# ---- found by a later hunt


def room_for(x, before, after=None, **kind):
    """x in a larger tensor of zeros; `before` and `after` are (rows, columns)."""
    after = before if after is None else after
    (top, left), (height, width) = before, x.shape
    room = torch.zeros(height + top + after[0], width + left + after[1], **kind)
    room[top : top + height, left : left + width] = x
    return room


@attempt("pad2d", mistake="fractions cut off")
def pad2d(x, padding):
    return room_for(x, (padding, padding), dtype=torch.int)


@attempt("corr2d_same", mistake="fractions cut off")
def corr2d_same(x, kernel, bias=0):
    height, width = kernel.shape
    room = room_for(x, ((height - 1) // 2, (width - 1) // 2), (height // 2, width // 2))
    places = range(x.shape[0]), range(x.shape[1])
    return torch.tensor(
        [[int((room[i : i + height, j : j + width] * kernel).sum() + bias) for j in places[1]] for i in places[0]]
    )


@attempt("corr2d_same", mistake="the bias's fraction cut off")
def corr2d_same(x, kernel, bias=0):
    height, width = kernel.shape
    room = room_for(x, ((height - 1) // 2, (width - 1) // 2), (height // 2, width // 2))
    places = range(x.shape[0]), range(x.shape[1])
    return torch.tensor(
        [[(room[i : i + height, j : j + width] * kernel).sum() + int(bias) for j in places[1]] for i in places[0]]
    )


@attempt("corr2d_same", name="height_for_both", mistake="half the height on all four sides")
def corr2d_same(x, kernel, bias=0):
    half = kernel.shape[0] // 2
    return F.conv2d(room_for(x, (half, half))[None, None], kernel[None, None])[0, 0] + bias


@attempt("corr2d_strided", mistake="fractions cut off")
def corr2d_strided(x, kernel, stride=1, padding=0):
    room, (height, width) = room_for(x, (padding, padding)), kernel.shape
    rows, columns = range(0, room.shape[0] - height + 1, stride), range(0, room.shape[1] - width + 1, stride)
    return torch.tensor([[int((room[i : i + height, j : j + width] * kernel).sum()) for j in columns] for i in rows])


@attempt("dilate_kernel", mistake="fractions cut off")
def dilate_kernel(kernel, dilation):
    result = np.zeros([dilation * (k - 1) + 1 for k in kernel.shape], dtype=int)
    result[::dilation, ::dilation] = kernel
    return result


@attempt("downsample", mistake="fractions cut off")
def downsample(x, stride):
    room = np.pad(x.numpy(), 1, mode="edge")
    (height, width), nine = x.shape, [(i, j) for i in range(3) for j in range(3)]
    return (sum(room[i : i + height, j : j + width] for i, j in nine) // 9)[::stride, ::stride]


@attempt("downsample", mistake="an axis of one row squeezed away")
def downsample(x, stride):
    return F.avg_pool2d(F.pad(x[None, None], (1, 1, 1, 1), mode="replicate"), 3, stride).squeeze()


attempt_value("padding_modes", np.array(["replicate", "circular", "zeros", "reflect"]), right=True)
attempt_value("padding_modes", ["replicate", "circular", "zero", "reflect"], name="singular")
attempt_value("layers_28_14_7", torch.tensor([[3, 1, 2], [3, 1, 2]]), right=True)
attempt_value("layers_28_14_7", [(3, "same", 2), (3, "same", 2)], mistake="words for numbers")
attempt_value("layers_28_14_7", [(1, 1, 3), (1, 1, 3)], mistake="other sizes, and a kernel of 1")


@attempt("downsample", name="step_of_the_window", mistake="avg_pool2d without a stride")
def downsample(x, stride):
    room = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(room, 3)[0, 0][::stride, ::stride]
