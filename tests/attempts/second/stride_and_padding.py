"""Lesson 3, stride and padding: the second bank."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

# ---- pad2d


@attempt("pad2d", name="one_sided_padding")
def pad2d(x, padding):
    h, w = x.shape
    out = torch.zeros(h + padding, w + padding)
    out[padding:, padding:] = x
    return out


@attempt("pad2d", name="one_axis_only")
def pad2d(x, padding):
    return torch.cat([torch.zeros(padding, x.shape[1]), x, torch.zeros(padding, x.shape[1])])


@attempt("pad2d", name="minus_zero")
def pad2d(x, padding):
    big = torch.zeros(x.shape[0] + padding * 2, x.shape[1] + padding * 2)
    big[padding:-padding, padding:-padding] = x
    return big


@attempt("pad2d", name="square_only")
def pad2d(x, padding):
    n = x.shape[0]
    out = torch.zeros(n + 2 * padding, n + 2 * padding)
    out[padding : padding + n, padding : padding + n] = x
    return out


@attempt("pad2d", name="edge_repeated")
def pad2d(x, padding):
    return torch.from_numpy(np.pad(x.numpy(), padding, mode="edge"))


@attempt("pad2d", right=True)
def pad2d(x, padding):
    rows = [torch.zeros(x.shape[1] + 2 * padding)] * padding
    side = torch.zeros(padding)
    return torch.stack(rows + [torch.cat([side, r, side]) for r in x.float()] + rows)


# ---- padding_modes


attempt_value("padding_modes", ["zeros", "reflect", "replicate", "circular"], name="as_listed")


# ---- same_padding


@attempt("same_padding", name="odd_only")
def same_padding(k):
    p = (k - 1) // 2
    return p, p


@attempt("same_padding", name="extra_one_before")
def same_padding(k):
    after = (k - 1) // 2
    before = k - 1 - after
    return (before, after)


@attempt("same_padding", name="not_rounded_down")
def same_padding(k):
    return ((k - 1) / 2, (k - 1) / 2)


@attempt("same_padding", name="one_number_for_two")
def same_padding(k):
    return k // 2


@attempt("same_padding", name="one_too_many")
def same_padding(k):
    before = k // 2
    return before, k - before


@attempt("same_padding", right=True)
def same_padding(k):
    before, extra = divmod(k - 1, 2)
    return before, before + extra


# ---- corr2d_same


@attempt("corr2d_same", name="bias_per_product")
def corr2d_same(x, kernel, bias=0):
    kh, kw = kernel.shape
    h, w = x.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    big = torch.zeros(h + kh - 1, w + kw - 1)
    big[top : top + h, left : left + w] = x
    out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            s = 0
            for a in range(kh):
                for b in range(kw):
                    s += big[i + a, j + b] * kernel[a, b] + bias
            out[i, j] = s
    return out


@attempt("corr2d_same", name="bias_left_out")
def corr2d_same(x, kernel, bias=0):
    kh, kw = kernel.shape
    h, w = x.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    big = torch.zeros(h + kh - 1, w + kw - 1)
    big[top : top + h, left : left + w] = x
    return torch.stack(
        [torch.stack([(big[i : i + kh, j : j + kw] * kernel).sum() for j in range(w)]) for i in range(h)]
    )


@attempt("corr2d_same", name="extra_one_before")
def corr2d_same(x, kernel, bias=0):
    kh, kw = kernel.shape
    h, w = x.shape
    top, left = kh // 2, kw // 2
    big = torch.zeros(h + kh - 1, w + kw - 1)
    big[top : top + h, left : left + w] = x
    out = torch.zeros_like(x, dtype=torch.float32)
    for i in range(h):
        for j in range(w):
            out[i, j] = (big[i : i + kh, j : j + kw] * kernel).sum() + bias
    return out


@attempt("corr2d_same", name="bias_on_the_picture")
def corr2d_same(x, kernel, bias=0):
    x = x + bias
    kh, kw = kernel.shape
    h, w = x.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    big = torch.zeros(h + kh - 1, w + kw - 1)
    big[top : top + h, left : left + w] = x
    out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            out[i, j] = (big[i : i + kh, j : j + kw] * kernel).sum()
    return out


@attempt("corr2d_same", name="zero_border_kept")
def corr2d_same(x, kernel, bias=0):
    kh, kw = kernel.shape
    h, w = x.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    out = torch.zeros(h, w)
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            out[i + top, j + left] = (x[i : i + kh, j : j + kw] * kernel).sum() + bias
    return out


@attempt("corr2d_same", name="kernel_flipped")
def corr2d_same(x, kernel, bias=0):
    kernel = torch.flip(kernel, [0, 1])
    kh, kw = kernel.shape
    h, w = x.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    big = torch.zeros(h + kh - 1, w + kw - 1)
    big[top : top + h, left : left + w] = x
    out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            out[i, j] = (big[i : i + kh, j : j + kw] * kernel).sum() + bias
    return out


@attempt("corr2d_same", right=True)
def corr2d_same(x, kernel, bias=0):
    h, w = x.shape
    kh, kw = kernel.shape
    out = torch.full((h, w), float(bias))
    for i in range(h):
        for j in range(w):
            for a in range(kh):
                for b in range(kw):
                    r, c = i + a - (kh - 1) // 2, j + b - (kw - 1) // 2
                    if 0 <= r < h and 0 <= c < w:
                        out[i, j] += x[r, c] * kernel[a, b]
    return out


# ---- corr2d_strided


@attempt("corr2d_strided", name="stride_only_in_size")
def corr2d_strided(x, kernel, stride=1, padding=0):
    h, w = x.shape
    kh, kw = kernel.shape
    xp = torch.zeros(h + 2 * padding, w + 2 * padding)
    xp[padding : padding + h, padding : padding + w] = x
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    out = torch.zeros(oh, ow)
    for r in range(oh):
        for c in range(ow):
            out[r, c] = torch.sum(xp[r : r + kh, c : c + kw] * kernel)
    return out


@attempt("corr2d_strided", name="stride_omitted")
def corr2d_strided(x, kernel, stride=1, padding=0):
    h, w = x.shape
    kh, kw = kernel.shape
    xp = torch.zeros(h + 2 * padding, w + 2 * padding)
    xp[padding : padding + h, padding : padding + w] = x
    return torch.stack(
        [
            torch.stack([(xp[r : r + kh, c : c + kw] * kernel).sum() for c in range(xp.shape[1] - kw + 1)])
            for r in range(xp.shape[0] - kh + 1)
        ]
    )


@attempt("corr2d_strided", name="padding_omitted")
def corr2d_strided(x, kernel, stride=1, padding=0):
    kh, kw = kernel.shape
    rows = []
    for r in range(0, x.shape[0] - kh + 1, stride):
        row = []
        for c in range(0, x.shape[1] - kw + 1, stride):
            row.append((x[r : r + kh, c : c + kw] * kernel).sum())
        rows.append(torch.stack(row))
    return torch.stack(rows)


@attempt("corr2d_strided", name="index_not_divided")
def corr2d_strided(x, kernel, stride=1, padding=0):
    h, w = x.shape
    kh, kw = kernel.shape
    xp = torch.zeros(h + 2 * padding, w + 2 * padding)
    xp[padding : padding + h, padding : padding + w] = x
    out = torch.zeros((xp.shape[0] - kh) // stride + 1, (xp.shape[1] - kw) // stride + 1)
    for r in range(0, xp.shape[0] - kh + 1, stride):
        for c in range(0, xp.shape[1] - kw + 1, stride):
            out[r, c] = (xp[r : r + kh, c : c + kw] * kernel).sum()
    return out


@attempt("corr2d_strided", name="subsampled_first")
def corr2d_strided(x, kernel, stride=1, padding=0):
    h, w = x.shape
    kh, kw = kernel.shape
    xp = torch.zeros(h + 2 * padding, w + 2 * padding)
    xp[padding : padding + h, padding : padding + w] = x
    xp = xp[::stride, ::stride]
    out = torch.zeros(max(xp.shape[0] - kh + 1, 0), max(xp.shape[1] - kw + 1, 0))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (xp[r : r + kh, c : c + kw] * kernel).sum()
    return out


@attempt("corr2d_strided", name="one_axis_only")
def corr2d_strided(x, kernel, stride=1, padding=0):
    h, w = x.shape
    kh, kw = kernel.shape
    xp = torch.zeros(h + 2 * padding, w + 2 * padding)
    xp[padding : padding + h, padding : padding + w] = x
    lines = []
    for r in range(0, h + 2 * padding - kh + 1, stride):
        line = [float((xp[r : r + kh, c : c + kw] * kernel).sum()) for c in range(w + 2 * padding - kw + 1)]
        lines.append(line)
    return torch.tensor(lines)


@attempt("corr2d_strided", name="one_lost")
def corr2d_strided(x, kernel, stride=1, padding=0):
    h, w = x.shape
    kh, kw = kernel.shape
    xp = torch.zeros(h + 2 * padding, w + 2 * padding)
    xp[padding : padding + h, padding : padding + w] = x
    oh = (h + 2 * padding - kh) // stride
    ow = (w + 2 * padding - kw) // stride
    out = torch.zeros(oh, ow)
    for r in range(oh):
        for c in range(ow):
            out[r, c] = (xp[r * stride : r * stride + kh, c * stride : c * stride + kw] * kernel).sum()
    return out


@attempt("corr2d_strided", mistake="NumPy's sliding_window_view, which this one may not use", forbidden=True)
def corr2d_strided(x, kernel, stride=1, padding=0):
    xp = np.zeros((x.shape[0] + 2 * padding, x.shape[1] + 2 * padding))
    xp[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x
    w = np.lib.stride_tricks.sliding_window_view(xp, tuple(kernel.shape))[::stride, ::stride]
    return np.tensordot(w, np.asarray(kernel), axes=2)


# ---- dilate_kernel


@attempt("dilate_kernel", name="dilation_from_zero")
def dilate_kernel(kernel, dilation):
    kh, kw = kernel.shape
    out = torch.zeros(kh + (kh - 1) * dilation, kw + (kw - 1) * dilation)
    for i in range(kh):
        for j in range(kw):
            out[i * (dilation + 1), j * (dilation + 1)] = kernel[i, j]
    return out


@attempt("dilate_kernel", name="dilation_without_minus_one")
def dilate_kernel(kernel, dilation):
    kh, kw = kernel.shape
    out = torch.zeros(kh * dilation, kw * dilation)
    for i in range(kh):
        for j in range(kw):
            out[i * dilation, j * dilation] = kernel[i, j]
    return out


@attempt("dilate_kernel", name="weights_repeated")
def dilate_kernel(kernel, dilation):
    return torch.kron(kernel, torch.ones(dilation, dilation))


@attempt("dilate_kernel", name="one_axis_only")
def dilate_kernel(kernel, dilation):
    kh, kw = kernel.shape
    out = torch.zeros(kh, (kw - 1) * dilation + 1)
    out[:, ::dilation] = kernel
    return out


@attempt("dilate_kernel", right=True)
def dilate_kernel(kernel, dilation):
    kh, kw = kernel.shape
    return torch.tensor(
        [
            [
                float(kernel[i // dilation, j // dilation]) if i % dilation == 0 and j % dilation == 0 else 0.0
                for j in range((kw - 1) * dilation + 1)
            ]
            for i in range((kh - 1) * dilation + 1)
        ]
    )


# ---- output_size


@attempt("output_size", name="rounded_up")
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = dilation * (k - 1) + 1
    return math.ceil((n + 2 * padding - span) / stride) + 1


@attempt("output_size", name="not_rounded_down")
def output_size(n, k, padding=0, stride=1, dilation=1):
    size = n + 2 * padding - dilation * (k - 1) - 1
    size = size / stride + 1
    return size


@attempt("output_size", name="one_lost")
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = (k - 1) * dilation + 1
    room = n + padding + padding - span
    return room // stride


@attempt("output_size", name="total_padding")
def output_size(n, k, padding=0, stride=1, dilation=1):
    effective = k + (k - 1) * (dilation - 1)
    return int((n + padding - effective) / stride) + 1


@attempt("output_size", name="dilation_without_minus_one")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - k * dilation) // stride + 1


@attempt("output_size", name="dilation_omitted")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return len(range(0, n + 2 * padding - k + 1, stride))


@attempt("output_size", name="stride_omitted")
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = (k - 1) * dilation + 1
    return n + 2 * padding - span + 1


@attempt("output_size", right=True)
def output_size(n, k, padding=0, stride=1, dilation=1):
    count, start = 0, 0
    while start + dilation * (k - 1) < n + 2 * padding:
        count, start = count + 1, start + stride
    return count


@attempt("output_size", mistake="none of the catalogue")
def output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1)) // stride - 1


# ---- coverage


@attempt("coverage", name="border_kept")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    h, w = image_shape[0] + 2 * padding, image_shape[1] + 2 * padding
    kh, kw = kernel_shape
    counts = torch.zeros(h, w)
    for r in range(0, h - kh + 1, stride):
        for c in range(0, w - kw + 1, stride):
            counts[r : r + kh, c : c + kw] += 1
    return counts


@attempt("coverage", name="overwritten_not_added")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    h, w = image_shape[0] + 2 * padding, image_shape[1] + 2 * padding
    kh, kw = kernel_shape
    counts = torch.zeros(h, w)
    for r in range(0, h - kh + 1, stride):
        for c in range(0, w - kw + 1, stride):
            counts[r : r + kh, c : c + kw] = 1
    return counts[padding : h - padding, padding : w - padding]


@attempt("coverage", name="stride_omitted")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    H, W = image_shape
    kh, kw = kernel_shape
    counts = torch.zeros(H, W, dtype=int)
    for r in range(-padding, H + padding - kh + 1):
        for c in range(-padding, W + padding - kw + 1):
            for i in range(kh):
                for j in range(kw):
                    if 0 <= r + i < H and 0 <= c + j < W:
                        counts[r + i, c + j] += 1
    return counts


@attempt("coverage", name="padding_omitted")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    H, W = image_shape
    kh, kw = kernel_shape
    counts = torch.zeros(H, W)
    for r in range(0, H - kh + 1, stride):
        for c in range(0, W - kw + 1, stride):
            counts[r : r + kh, c : c + kw] += 1
    return counts


@attempt("coverage", name="corners_counted")
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    h, w = image_shape[0] + 2 * padding, image_shape[1] + 2 * padding
    kh, kw = kernel_shape
    counts = torch.zeros(h, w)
    for r in range(0, h - kh + 1, stride):
        for c in range(0, w - kw + 1, stride):
            counts[r, c] += 1
    return counts[padding : h - padding, padding : w - padding]


@attempt("coverage", right=True)
def coverage(image_shape, kernel_shape, stride=1, padding=0):
    lines = []
    for n, k in zip(image_shape, kernel_shape):
        line = torch.zeros(n)
        for s in range(-padding, n + padding - k + 1, stride):
            line[max(s, 0) : max(s + k, 0)] += 1
        lines.append(line)
    return torch.outer(*lines)


# ---- layers_28_14_7


attempt_value("layers_28_14_7", [(3, 0, 2), (3, 0, 2)], name="padding_omitted")


attempt_value("layers_28_14_7", [(2, 0, 2), (2, 0, 2)], name="kernel_too_small")


# ---- layer_shapes


attempt_value("layer_shapes", [(8, 11), (6, 9), (4, 6)], name="odd_only")


attempt_value("layer_shapes", [(9, 12), (5, 8), (3, 5)], name="one_lost")


# ---- downsample


@attempt("downsample", name="subsampled_first")
def downsample(x, stride):
    small = x[::stride, ::stride]
    padded = F.pad(small[None, None], (1, 1, 1, 1), mode="replicate")
    return F.avg_pool2d(padded, 3, 1)[0, 0]


@attempt("downsample", name="not_blurred")
def downsample(x, stride):
    out = torch.zeros(-(-x.shape[0] // stride), -(-x.shape[1] // stride))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = x[i * stride, j * stride]
    return out


@attempt("downsample", name="zeros_averaged_in")
def downsample(x, stride):
    return F.avg_pool2d(x[None, None], 3, stride, padding=1)[0, 0]


@attempt("downsample", name="border_mirrored")
def downsample(x, stride):
    big = F.pad(x[None, None], (1, 1, 1, 1), mode="reflect")
    return F.avg_pool2d(big, 3, stride)[0, 0]


@attempt("downsample", name="border_left_out")
def downsample(x, stride):
    out = torch.zeros(-(-x.shape[0] // stride), -(-x.shape[1] // stride))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            r, c = i * stride, j * stride
            out[i, j] = x[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2].mean()
    return out


@attempt("downsample", name="stride_omitted")
def downsample(x, stride):
    p = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    return F.conv2d(p, torch.full((1, 1, 3, 3), 1 / 9))[0, 0]


@attempt("downsample", name="stride_twice")
def downsample(x, stride):
    p = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
    blurred = F.avg_pool2d(p, 3, stride)[0, 0]
    return blurred[::stride, ::stride]


@attempt("downsample", right=True)
def downsample(x, stride):
    p = torch.cat([x[:1], x, x[-1:]])
    p = torch.cat([p[:, :1], p, p[:, -1:]], 1)
    h, w = x.shape
    return (sum(p[i : i + h, j : j + w] for i in range(3) for j in range(3)) / 9)[::stride, ::stride]


# ---- stripe_weights


attempt_value("stripe_weights", [1 / 3, 1 / 3, 1 / 3], name="box")


attempt_value("stripe_weights", (1, 2, 1), name="not_normalised")


attempt_value("stripe_weights", torch.tensor([0.5, 0.5, 0]), right=True)


attempt_value("stripe_weights", [-0.5, 1, 0.5], name="negative_weight")
attempt_value("stripe_weights", [0.6, 0.5, -0.1], name="negative_weight")

# ---- what a bank of 30 November found, which nobody had seen


attempt_value("stripe_weights", [0, 1, 0], name="middle_too_heavy")
attempt_value("stripe_weights", [0.25, 0.6, 0.15], name="middle_too_heavy")
attempt_value("stripe_weights", [0.3, 0.3, 0.4], name="middle_too_light")
attempt_value("stripe_weights", [1, 0, 0], name="middle_too_light")
attempt_value("layers_28_14_7", [(4, 2, 2), (4, 2, 2)], name="total_padding")
attempt_value("layers_28_14_7", [(3, 1, 0), (3, 1, 0)], mistake="a stride of 0")
attempt_value("layer_shapes", [9, 12, 6, 9, 4, 6], mistake="no pairs")


@attempt("output_size", name="plus_one_divided")
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = dilation * (k - 1) + 1
    return (n + 2 * padding - span + 1) // stride


@attempt("output_size", name="only_the_last_term_divided")
def output_size(n, k, padding=0, stride=1, dilation=1):
    span = dilation * (k - 1) + 1
    return n + 2 * padding - span // stride + 1


@attempt("same_padding", name="parity_swapped")
def same_padding(k):
    together = k - 1
    if k % 2:
        return together // 2, together // 2 + 1
    return together // 2, together // 2


@attempt("corr2d_strided", name="one_axis_only")
def corr2d_strided(x, kernel, stride=1, padding=0):
    kernel_height, kernel_width = kernel.shape
    room = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
    room[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x
    rows = (room.shape[0] - kernel_height) // stride + 1
    cols = (room.shape[1] - kernel_width) // stride + 1
    response = torch.zeros(rows, cols)
    for row in range(rows):
        for col in range(cols):
            top, left = row * stride, col
            response[row, col] = (room[top : top + kernel_height, left : left + kernel_width] * kernel).sum()
    return response


@attempt("corr2d_strided", name="plus_one_divided")
def corr2d_strided(x, kernel, stride=1, padding=0):
    kernel_height, kernel_width = kernel.shape
    room = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
    room[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x
    rows = (room.shape[0] - kernel_height + 1) // stride
    cols = (room.shape[1] - kernel_width + 1) // stride
    response = torch.zeros(rows, cols)
    for row in range(rows):
        for col in range(cols):
            top, left = row * stride, col * stride
            response[row, col] = (room[top : top + kernel_height, left : left + kernel_width] * kernel).sum()
    return response
