"""Lesson 4, channels."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.attempts import attempt, attempt_value

# ---- corr2d_multi_in


@attempt("corr2d_multi_in", right=True)
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", right=True)
def corr2d_multi_in(x, kernel):
    def corr2d(x, kernel):
        h, w = kernel.shape
        rows, cols = x.shape[0] - h + 1, x.shape[1] - w + 1
        return sum(kernel[i, j] * x[i : i + rows, j : j + cols] for i in range(h) for j in range(w))

    return sum(corr2d(a, k) for a, k in zip(x, kernel, strict=True))


@attempt("corr2d_multi_in", right=True)
def corr2d_multi_in(x, kernel):
    a, k = np.array(x, dtype=float), np.array(kernel, dtype=float)
    rows, cols = a.shape[1] - k.shape[1] + 1, a.shape[2] - k.shape[2] + 1
    patches = np.array(
        [[a[:, r : r + k.shape[1], c : c + k.shape[2]].ravel() for c in range(cols)] for r in range(rows)]
    )
    return patches @ k.ravel()


@attempt("corr2d_multi_in", mistake="channels kept apart: not summed", listed=True)
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(C, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for n in range(C):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[n, r, c] = (x[n, r : r + kH, c : c + kW] * kernel[n]).sum()
    return out


@attempt("corr2d_multi_in", mistake="mean over the channels, not sum")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel).sum() / C
    return out


@attempt("corr2d_multi_in", mistake="first channel only: the kernel does not span the channels", listed=True)
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[0, r : r + kH, c : c + kW] * kernel[0]).sum()
    return out


@attempt("corr2d_multi_in", mistake="= where += was meant: last channel only")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for n in range(C):
        for r in range(out.shape[0]):
            for c in range(out.shape[1]):
                out[r, c] = (x[n, r : r + kH, c : c + kW] * kernel[n]).sum()
    return out


@attempt("corr2d_multi_in", mistake="the same kernel, the first, for every channel")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel[0]).sum()
    return out


@attempt("corr2d_multi_in", mistake="picture summed over channels first, then the kernel too")
def corr2d_multi_in(x, kernel):
    x, kernel = x.sum(0), kernel.sum(0)
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="k taken from the channel axis", listed=True)
def corr2d_multi_in(x, kernel):
    k = kernel.shape[0]
    h = x.shape[1] - k + 1
    w = x.shape[2] - k + 1
    out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            out[i, j] = torch.sum(x[:, i : i + k, j : j + k] * kernel)
    return out


@attempt("corr2d_multi_in", mistake="square kernels only")
def corr2d_multi_in(x, kernel):
    k = kernel.shape[-1]
    out = torch.zeros(x.shape[1] - k + 1, x.shape[2] - k + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[:, i : i + k, j : j + k] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="channels taken to be last")
def corr2d_multi_in(x, kernel):
    kH, kW, C = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW, :] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="kernel turned by 180 degrees")
def corr2d_multi_in(x, kernel):
    kernel = kernel.flip(1, 2)
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="turned in all three axes: the channels reversed as well")
def corr2d_multi_in(x, kernel):
    kernel = torch.flip(kernel, (0, 1, 2))
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="slices the channel axis: one comma missing")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="an axis of one channel kept")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(1, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[1]):
        for c in range(out.shape[2]):
            out[0, r, c] = (x[:, r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", mistake="library convolution where by hand was asked", forbidden=True)
def corr2d_multi_in(x, kernel):
    return F.conv2d(x[None], kernel[None])[0, 0]


# ---- corr2d_multi_in_out


@attempt("corr2d_multi_in_out", right=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
        if bias is not None:
            out[o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", right=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    rows, cols = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = 0
    for i in range(kH):
        for j in range(kW):
            out = out + torch.einsum("oc,chw->ohw", weight[:, :, i, j], x[:, i : i + rows, j : j + cols])
    return out if bias is None else out + bias.view(-1, 1, 1)


@attempt("corr2d_multi_in_out", right=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    rows, cols = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = [x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(rows) for c in range(cols)]
    out = weight.reshape(O, -1) @ torch.stack(patches, dim=1)
    if bias is not None:
        out = out + bias[:, None]
    return out.reshape(O, rows, cols)


@attempt("corr2d_multi_in_out", mistake="bias ignored")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
    return out


@attempt("corr2d_multi_in_out", mistake="bias added to every product", listed=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        b = 0 if bias is None else bias[o]
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o] + b).sum()
    return out


@attempt("corr2d_multi_in_out", mistake="bias added once for every input channel", listed=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for n in range(C):
            for r in range(out.shape[1]):
                for c in range(out.shape[2]):
                    out[o, r, c] += (x[n, r : r + kH, c : c + kW] * weight[o, n]).sum()
                    if bias is not None:
                        out[o, r, c] += bias[o]
    return out


@attempt("corr2d_multi_in_out", mistake="bias broadcast along the width, not the channels", listed=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
    if bias is not None:
        out = out + bias
    return out


@attempt("corr2d_multi_in_out", mistake="bias needed: None cannot be indexed")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum() + bias[o]
    return out


@attempt("corr2d_multi_in_out", mistake="truth of a tensor: `if bias` fails for more than one output channel")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
    if bias:
        out += bias[:, None, None]
    return out


@attempt("corr2d_multi_in_out", mistake="axes of weight swapped: (in, out) for (out, in)", listed=True)
def corr2d_multi_in_out(x, weight, bias=None):
    C, O, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for n in range(C):
            for r in range(out.shape[1]):
                for c in range(out.shape[2]):
                    out[o, r, c] += (x[n, r : r + kH, c : c + kW] * weight[n, o]).sum()
        if bias is not None:
            out[o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", mistake="one filter to one channel: filters do not span the channels", listed=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[o, r : r + kH, c : c + kW] * weight[o, 0]).sum()
        if bias is not None:
            out[o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", mistake="filters summed up as well: one output channel")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[0]):
            for c in range(out.shape[1]):
                out[r, c] += (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
        if bias is not None:
            out += bias[o]
    return out


@attempt("corr2d_multi_in_out", mistake="output channels last")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1, O)
    for o in range(O):
        for r in range(out.shape[0]):
            for c in range(out.shape[1]):
                out[r, c, o] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
        if bias is not None:
            out[:, :, o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", mistake="first bias for all output channels")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    out = torch.zeros(O, x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for o in range(O):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + kH, c : c + kW] * weight[o]).sum()
    if bias is not None:
        out += bias[0]
    return out


@attempt("corr2d_multi_in_out", mistake="library convolution where by hand was asked", forbidden=True)
def corr2d_multi_in_out(x, weight, bias=None):
    return F.conv2d(x.unsqueeze(0), weight, bias).squeeze(0)


# ---- conv_batch


@attempt("conv_batch", right=True)
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight, bias)


@attempt("conv_batch", right=True)
def conv_batch(images, weight, bias=None):
    N, C, H, W = images.shape
    O, C, kH, kW = weight.shape
    rows, cols = H - kH + 1, W - kW + 1
    out = torch.zeros(N, O, rows, cols)
    for i in range(kH):
        for j in range(kW):
            out += torch.einsum("nchw,oc->nohw", images[:, :, i : i + rows, j : j + cols], weight[:, :, i, j])
    if bias is not None:
        out += bias[None, :, None, None]
    return out


@attempt("conv_batch", right=True)
def conv_batch(images, weight, bias=None):
    results = []
    for image in images:
        results.append(F.conv2d(image, weight, bias))
    return torch.stack(results)


@attempt("conv_batch", mistake="batch mixed with channel: the pictures summed up", listed=True)
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight, bias).sum(dim=0)


@attempt("conv_batch", mistake="batch averaged", listed=True)
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight, bias).mean(dim=0, keepdim=True)


@attempt("conv_batch", mistake="first picture only")
def conv_batch(images, weight, bias=None):
    return F.conv2d(images[:1], weight, bias)


@attempt("conv_batch", mistake="bias forgotten")
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight)


@attempt("conv_batch", mistake="padded to the picture's size")
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight, bias, padding="same")


@attempt("conv_batch", mistake="batch and channel swapped", listed=True)
def conv_batch(images, weight, bias=None):
    return F.conv2d(images.transpose(0, 1), weight, bias)


@attempt("conv_batch", mistake="axes of weight swapped", listed=True)
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight.transpose(0, 1), bias)


@attempt("conv_batch", mistake="batch and channel of the result swapped", listed=True)
def conv_batch(images, weight, bias=None):
    return torch.stack(
        [F.conv2d(images, w[None]).squeeze(1) + (0 if bias is None else bias[i]) for i, w in enumerate(weight)]
    )


@attempt("conv_batch", mistake="pictures joined along the channels instead of stacked")
def conv_batch(images, weight, bias=None):
    return torch.cat([F.conv2d(image, weight, bias) for image in images])


@attempt("conv_batch", mistake="returns inside the loop: first picture only")
def conv_batch(images, weight, bias=None):
    results = []
    for image in images:
        results.append(F.conv2d(image, weight, bias))
        return torch.stack(results)


# ---- per_channel


@attempt("per_channel", right=True)
def per_channel(kernel, channels):
    w = torch.zeros(channels, channels, *kernel.shape)
    for c in range(channels):
        w[c, c] = kernel
    return w


@attempt("per_channel", right=True)
def per_channel(kernel, channels):
    return torch.einsum("ab,hw->abhw", torch.eye(channels), kernel.float())


@attempt("per_channel", right=True)
def per_channel(kernel, channels):
    return np.eye(channels)[:, :, None, None] * np.array(kernel)


@attempt("per_channel", mistake="the kernel everywhere: all channels are mixed")
def per_channel(kernel, channels):
    return kernel.expand(channels, channels, *kernel.shape)


@attempt("per_channel", mistake="the kernel everywhere, divided by the channels: still mixed")
def per_channel(kernel, channels):
    return kernel.repeat(channels, channels, 1, 1) / channels


@attempt("per_channel", mistake="one input channel: the weight for groups")
def per_channel(kernel, channels):
    return kernel.repeat(channels, 1, 1, 1)


@attempt("per_channel", mistake="one output channel: sums the channels")
def per_channel(kernel, channels):
    return kernel.repeat(1, channels, 1, 1)


@attempt("per_channel", mistake="diagonal only for the first channel")
def per_channel(kernel, channels):
    w = torch.zeros(channels, channels, *kernel.shape)
    w[0, 0] = kernel
    return w


@attempt("per_channel", mistake="whole first row of filters, not the diagonal")
def per_channel(kernel, channels):
    w = torch.zeros(channels, channels, *kernel.shape)
    w[0, :] = kernel
    return w


@attempt("per_channel", mistake="the other diagonal: the channels change places")
def per_channel(kernel, channels):
    w = torch.zeros(channels, channels, *kernel.shape)
    for c in range(channels):
        w[c, channels - 1 - c] = kernel
    return w


@attempt("per_channel", mistake="always three channels")
def per_channel(kernel, channels):
    w = torch.zeros(3, 3, *kernel.shape)
    for c in range(3):
        w[c, c] = kernel
    return w


@attempt("per_channel", mistake="square only: kernel's height used for both")
def per_channel(kernel, channels):
    k = kernel.shape[0]
    w = torch.zeros(channels, channels, k, k)
    for c in range(channels):
        w[c, c] = kernel
    return w


@attempt("per_channel", mistake="kernel axes first, channels last")
def per_channel(kernel, channels):
    return torch.einsum("ab,hw->hwab", torch.eye(channels), kernel.float())


# ---- gray_weight


@attempt("gray_weight", right=True)
def gray_weight():
    return torch.full((1, 3, 1, 1), 1 / 3)


@attempt("gray_weight", right=True)
def gray_weight():
    return [[[[1 / 3]], [[1 / 3]], [[1 / 3]]]]


@attempt("gray_weight", mistake="not divided: three times too bright")
def gray_weight():
    return torch.ones(1, 3, 1, 1)


@attempt("gray_weight", mistake="eye weights, not the plain mean")
def gray_weight():
    return torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)


@attempt("gray_weight", mistake="in and out swapped", listed=True)
def gray_weight():
    return torch.full((3, 1, 1, 1), 1 / 3)


@attempt("gray_weight", mistake="3x3: averages neighbours as well")
def gray_weight():
    return torch.full((1, 3, 3, 3), 1 / 27)


@attempt("gray_weight", mistake="three output channels")
def gray_weight():
    return torch.full((3, 3, 1, 1), 1 / 3)


@attempt("gray_weight", mistake="1/9, as for a 3x3 box")
def gray_weight():
    return torch.full((1, 3, 1, 1), 1 / 9)


@attempt("gray_weight", mistake="identity: believed that 1x1 does nothing", listed=True)
def gray_weight():
    return torch.eye(3).reshape(3, 3, 1, 1)


@attempt("gray_weight", mistake="a flat list of three weights")
def gray_weight():
    return torch.tensor([1 / 3, 1 / 3, 1 / 3])


@attempt("gray_weight", mistake="printed and not returned")
def gray_weight():
    print(torch.full((1, 3, 1, 1), 1 / 3))


# ---- random_bank

dice = torch.Generator().manual_seed(4)
attempt_value("random_bank", torch.randn(3, 3, 5, 5, generator=dice) * math.sqrt(2 / 75), right=True)
attempt_value("random_bank", nn.init.kaiming_normal_(torch.empty(3, 3, 5, 5), generator=dice), right=True)
attempt_value("random_bank", np.random.default_rng(4).normal(0, (2 / 75) ** 0.5, (3, 3, 5, 5)), right=True)
attempt_value("random_bank", torch.randn(3, 3, 5, 5, generator=dice), mistake="spread 1: not scaled")
attempt_value(
    "random_bank",
    torch.randn(3, 3, 5, 5, generator=dice).log() * math.sqrt(2 / 75),
    mistake="a logarithm of negative numbers: nan",
    listed=True,
)
attempt_value("random_bank", torch.rand(3, 3, 5, 5, generator=dice), mistake="uniform from 0 to 1: no negative weight")
attempt_value(
    "random_bank",
    (torch.rand(3, 3, 5, 5, generator=dice) - 0.5) * 2 / math.sqrt(75),
    mistake="nn.Conv2d's default",
    listed=True,
)
attempt_value(
    "random_bank", torch.randn(3, 3, 5, 5, generator=dice) * 2 / 75, mistake="variance taken for spread: no square root"
)
attempt_value(
    "random_bank",
    torch.randn(3, 3, 5, 5, generator=dice) * math.sqrt(2 / 25),
    mistake="fan-in without the channels",
    listed=True,
)
attempt_value("random_bank", torch.randn(3, 3, 5, 5, generator=dice) * math.sqrt(1 / 75), mistake="the 2 forgotten")
attempt_value(
    "random_bank",
    torch.randn(3, 5, 5, generator=dice) * math.sqrt(2 / 75),
    mistake="three kernels without input channels",
)
attempt_value("random_bank", torch.zeros(3, 3, 5, 5), mistake="all zero")
attempt_value(
    "random_bank",
    torch.randn(3, 3, 5, 5, generator=dice).abs() * math.sqrt(2 / 75),
    mistake="absolute values: the mean is not 0",
)
attempt_value(
    "random_bank",
    torch.randn(3, 3, 5, 5, generator=dice) * math.sqrt(2 / 75) + 0.2,
    mistake="shifted: the mean is not 0",
)
attempt_value(
    "random_bank",
    torch.randn(3, 3, 3, 3, generator=dice) * math.sqrt(2 / 27),
    mistake="3x3 kernels, where 5x5 were asked",
)

# ---- count_parameters


@attempt("count_parameters", right=True)
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * (c_in * k**2 + int(bias))


@attempt("count_parameters", right=True)
def count_parameters(c_in, c_out, k, bias=True):
    layer = nn.Conv2d(c_in, c_out, k, bias=bias)
    return sum(p.numel() for p in layer.parameters())


@attempt("count_parameters", mistake="bias for every kernel slice, so once per input channel", listed=True)
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * (k * k + (1 if bias else 0))


@attempt("count_parameters", mistake="bias counted twice", listed=True)
def count_parameters(c_in, c_out, k, bias=True):
    n = (c_in * k * k + 1) * c_out
    if bias:
        n += c_out
    return n


@attempt("count_parameters", mistake="input channels forgotten", listed=True)
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * k * k + (c_out if bias else 0)


@attempt("count_parameters", mistake="bias forgotten")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * k * k


@attempt("count_parameters", mistake="bias always counted")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * (c_in * k * k + 1)


@attempt("count_parameters", mistake="k not squared")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * (c_in * k + (1 if bias else 0))


@attempt("count_parameters", mistake="one bias for the whole layer")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * k * k + (1 if bias else 0)


@attempt("count_parameters", mistake="bias per input channel, not per output channel")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * k * k + (c_in if bias else 0)


@attempt("count_parameters", mistake="channels added, not multiplied")
def count_parameters(c_in, c_out, k, bias=True):
    return (c_in + c_out) * k * k + (c_out if bias else 0)


@attempt("count_parameters", mistake="channels counted twice", listed=True)
def count_parameters(c_in, c_out, k, bias=True):
    return c_in * c_out * (c_in * k * k + (1 if bias else 0))


@attempt("count_parameters", mistake="^ for **: that is another operator in Python")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * (c_in * (k ^ 2) + (1 if bias else 0))


# ---- count_multiplications


@attempt("count_multiplications", right=True)
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * c_out * k * k * out_height * out_width


@attempt("count_multiplications", right=True)
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return torch.ones(c_out, c_in, k, k).numel() * math.prod([out_height, out_width])


@attempt("count_multiplications", mistake="input channels forgotten", listed=True)
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_out * k * k * out_height * out_width


@attempt("count_multiplications", mistake="output channels forgotten")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * k * k * out_height * out_width


@attempt("count_multiplications", mistake="parameters, not multiplications: the places forgotten")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * c_out * k * k


@attempt("count_multiplications", mistake="outputs only: one multiplication for each")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_out * out_height * out_width


@attempt("count_multiplications", mistake="additions counted as well: twice as many")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return 2 * c_in * c_out * k * k * out_height * out_width


@attempt("count_multiplications", mistake="bias counted as a multiplication")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_out * (c_in * k * k + 1) * out_height * out_width


@attempt("count_multiplications", mistake="height used for width as well")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * c_out * k**2 * out_height**2


@attempt("count_multiplications", mistake="k not squared")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * c_out * k * out_height * out_width


@attempt("count_multiplications", mistake="size shrunk once more by the kernel")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * c_out * k * k * (out_height - k + 1) * (out_width - k + 1)


# ---- depthwise


@attempt("depthwise", right=True)
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=len(x))[0]


@attempt("depthwise", right=True)
def depthwise(x, kernels):
    return torch.stack([F.conv2d(a[None, None], k[None, None])[0, 0] for a, k in zip(x, kernels, strict=True)])


@attempt("depthwise", right=True)
def depthwise(x, kernels):
    kH, kW = kernels.shape[1:]
    rows, cols = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = np.zeros((len(x), rows, cols))
    for i in range(kH):
        for j in range(kW):
            out += np.array(x[:, i : i + rows, j : j + cols]) * np.array(kernels[:, i, j])[:, None, None]
    return out


@attempt("depthwise", mistake="channels summed up")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[None])[0, 0]


@attempt("depthwise", mistake="every kernel on every channel, then summed")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None].expand(-1, len(x), -1, -1))[0]


@attempt("depthwise", mistake="first kernel for all channels")
def depthwise(x, kernels):
    return torch.stack([F.conv2d(a[None, None], kernels[:1, None])[0, 0] for a in x])


@attempt("depthwise", mistake="groups of 1: torch's error about channels")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=1)[0]


@attempt("depthwise", mistake="groups taken from the kernel's height")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=kernels.shape[1])[0]


@attempt("depthwise", mistake="batch axis kept")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=x.shape[0])


@attempt("depthwise", mistake="broadcasting over channels: picture times kernel")
def depthwise(x, kernels):
    return x * kernels


@attempt("depthwise", mistake="padded to the picture's size")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=len(x), padding="same")[0]


@attempt("depthwise", mistake="channels and kernels in opposite order")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels.flip(0)[:, None], groups=len(x))[0]


@attempt("depthwise", mistake="the channels taken for a batch: every kernel answers every channel")
def depthwise(x, kernels):
    return F.conv2d(x[:, None], kernels[:, None])


# ---- mended_edge


@attempt("mended_edge", right=True)
def mended_edge(x, kernel):
    return F.conv2d(x.mean(0)[None, None], kernel[None, None])[0, 0]


@attempt("mended_edge", right=True)
def mended_edge(x, kernel):
    return F.conv2d(x[None], kernel.expand(1, 3, -1, -1) / 3)[0, 0]


@attempt("mended_edge", right=True)
def mended_edge(x, kernel):
    gray = (x[0] + x[1] + x[2]) / 3
    kH, kW = kernel.shape
    out = torch.zeros(gray.shape[0] - kH + 1, gray.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (gray[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("mended_edge", mistake="the bug as it was: batch axis averaged, three times too strong", listed=True)
def mended_edge(x, kernel):
    x = x[None].mean(dim=0)
    return F.conv2d(x[None], kernel.expand(1, 3, -1, -1))[0, 0]


@attempt("mended_edge", mistake="channels summed, three times too strong", listed=True)
def mended_edge(x, kernel):
    return F.conv2d(x.sum(0)[None, None], kernel[None, None])[0, 0]


@attempt("mended_edge", mistake="stretched to [0, 1], which hides the bug instead of mending it", listed=True)
def mended_edge(x, kernel):
    out = F.conv2d(x.mean(0)[None, None], kernel[None, None])[0, 0]
    return (out - out.min()) / (out.max() - out.min())


@attempt("mended_edge", mistake="divided by three twice")
def mended_edge(x, kernel):
    return F.conv2d(x.mean(0)[None, None], kernel[None, None])[0, 0] / 3


@attempt("mended_edge", mistake="width averaged, not the channels")
def mended_edge(x, kernel):
    return F.conv2d(x.mean(dim=-1)[None, None], kernel[None, None])[0, 0]


@attempt("mended_edge", mistake="first channel only")
def mended_edge(x, kernel):
    return F.conv2d(x[:1][None], kernel[None, None])[0, 0]


@attempt("mended_edge", mistake="absolute value taken")
def mended_edge(x, kernel):
    return F.conv2d(x.mean(0)[None, None], kernel[None, None])[0, 0].abs()


@attempt("mended_edge", mistake="padded to the picture's size")
def mended_edge(x, kernel):
    return F.conv2d(x.mean(0)[None, None], kernel[None, None], padding="same")[0, 0]


@attempt("mended_edge", mistake="an axis of one channel kept")
def mended_edge(x, kernel):
    return F.conv2d(x.mean(0, keepdim=True), kernel[None, None])


@attempt("mended_edge", mistake="three responses, one for each channel")
def mended_edge(x, kernel):
    return F.conv2d(x[None], kernel.repeat(3, 1, 1, 1) / 3, groups=3)[0]


# ---- found by a later hunt


@attempt("per_channel", mistake="fractions cut off")
def per_channel(kernel, channels):
    weight = torch.zeros(channels, channels, *kernel.shape, dtype=torch.int64)
    for c in range(channels):
        weight[c, c] = kernel
    return weight


@attempt("mended_edge", mistake="an axis of one row squeezed away")
def mended_edge(x, kernel):
    return F.conv2d(x.mean(0)[None, None], kernel[None, None]).squeeze()


@attempt("count_parameters", name="caret_for_power", mistake="^ for power, without brackets")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * k ^ 2 + c_out if bias else c_out * c_in * k ^ 2


@attempt("gray_weight", right=True)
def gray_weight():
    return [[torch.tensor([[1 / 3]]) for _ in range(3)]]


attempt_value(
    "random_bank",
    [torch.randn(3, 5, 5, generator=torch.Generator().manual_seed(n)) * (2 / 75) ** 0.5 for n in (1, 2, 3)],
    right=True,
)


@attempt("corr2d_multi_in", mistake="never more than three channels")
def corr2d_multi_in(x, kernel):
    x, kernel = x[:3], kernel[:3]
    kh, kw = kernel.shape[1:]
    response = torch.zeros(x.shape[1] - kh + 1, x.shape[2] - kw + 1)
    for row in range(response.shape[0]):
        for col in range(response.shape[1]):
            response[row, col] = (x[:, row : row + kh, col : col + kw] * kernel).sum()
    return response
