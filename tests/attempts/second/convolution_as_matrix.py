"""Lesson 6, convolution as matrix: the second bank."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt

# ---- flat_index


@attempt("flat_index", name="column_order")
def flat_index(row, col, image_shape):
    height = image_shape[0]
    return col * height + row


@attempt("flat_index", name="square_only")
def flat_index(row, col, image_shape):
    return row * image_shape[0] + col


@attempt("flat_index", name="one_too_many")
def flat_index(row, col, image_shape):
    H, W = image_shape
    return row * W + (col + 1)


@attempt("flat_index", name="rows_and_columns_swapped")
def flat_index(row, col, image_shape):
    H, W = image_shape
    return col * W + row


@attempt("flat_index", right=True)
def flat_index(row, col, image_shape):
    return int(np.ravel_multi_index((row, col), tuple(image_shape)))


# ---- toeplitz_matrix


@attempt("toeplitz_matrix", name="kernel_flipped")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            empty = torch.zeros(H, W)
            for i in range(kH):
                for j in range(kW):
                    empty[r + i, c + j] = kernel[kH - 1 - i, kW - 1 - j]
            rows.append(empty.flatten())
    return torch.stack(rows)


@attempt("toeplitz_matrix", name="result_transposed")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    columns = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            e = torch.zeros(H, W)
            e[r : r + kH, c : c + kW] = kernel
            columns.append(e.reshape(-1))
    return torch.stack(columns, dim=1)


@attempt("toeplitz_matrix", name="column_order")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            e = torch.zeros(H, W)
            e[r : r + kH, c : c + kW] = kernel
            rows.append(e.t().reshape(-1))
    return torch.stack(rows)


@attempt("toeplitz_matrix", name="row_order")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows = []
    for c in range(W - kW + 1):
        for r in range(H - kH + 1):
            e = torch.zeros(H, W)
            e[r : r + kH, c : c + kW] = kernel
            rows.append(e.reshape(-1))
    return torch.stack(rows)


@attempt("toeplitz_matrix", name="picture_not_cleared")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    e = torch.zeros(H, W)
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            e[r : r + kH, c : c + kW] = kernel
            rows.append(e.reshape(-1).clone())
    return torch.stack(rows)


@attempt("toeplitz_matrix", name="weights_forgotten")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    T = torch.zeros((H - kH + 1) * (W - kW + 1), H * W)
    n = 0
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            for i in range(kH):
                for j in range(kW):
                    T[n, (r + i) * W + c + j] = 1
            n += 1
    return T


@attempt("toeplitz_matrix", name="kernel_in_one_run")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    flat = kernel.flatten()
    T = torch.zeros((H - kH + 1) * (W - kW + 1), H * W)
    n = 0
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            start = r * W + c
            T[n, start : start + len(flat)] = flat[: H * W - start]
            n += 1
    return T


@attempt("toeplitz_matrix", name="last_missed")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows = []
    for r in range(H - kH):
        for c in range(W - kW):
            e = torch.zeros(H, W)
            e[r : r + kH, c : c + kW] = kernel
            rows.append(e.reshape(-1))
    if not rows:
        return torch.zeros(0, H * W)
    return torch.stack(rows)


@attempt("toeplitz_matrix", name="square_only")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    k = kernel.shape[0]
    rows = []
    for r in range(H - k + 1):
        for c in range(W - k + 1):
            e = torch.zeros(H, W)
            e[r : r + k, c : c + k] = kernel
            rows.append(e.reshape(-1))
    return torch.stack(rows)


@attempt("toeplitz_matrix", right=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    eye = torch.eye(H * W).reshape(H * W, 1, H, W)
    return F.conv2d(eye, kernel[None, None].float()).reshape(H * W, -1).T


# ---- nonzero_fraction


@attempt("nonzero_fraction", name="zeros_counted")
def nonzero_fraction(kernel_shape, image_shape):
    kH, kW = kernel_shape
    H, W = image_shape
    return 1 - kH * kW / (H * W)


@attempt("nonzero_fraction", name="in_percent")
def nonzero_fraction(kernel_shape, image_shape):
    kH, kW = kernel_shape
    H, W = image_shape
    return 100 * kH * kW / H / W


@attempt("nonzero_fraction", name="divided_then_multiplied")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] * kernel_shape[1] / image_shape[0] * image_shape[1]


@attempt("nonzero_fraction", name="upside_down")
def nonzero_fraction(kernel_shape, image_shape):
    weights = kernel_shape[0] * kernel_shape[1]
    pixels = image_shape[0] * image_shape[1]
    return pixels / weights


# ---- count_multiplications_dense


@attempt("count_multiplications_dense", name="weights_only")
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return (H - kH + 1) * (W - kW + 1) * kH * kW


@attempt("count_multiplications_dense", name="padded_square_matrix")
def count_multiplications_dense(image_shape, kernel_shape):
    n = image_shape[0] * image_shape[1]
    return n**2


@attempt("count_multiplications_dense", name="last_missed")
def count_multiplications_dense(image_shape, kernel_shape):
    out = 1
    for n, k in zip(image_shape, kernel_shape):
        out *= n - k
    return out * image_shape[0] * image_shape[1]


# ---- im2col


@attempt("im2col", name="result_transposed")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    patches = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            patches.append(x[:, r : r + kH, c : c + kW].flatten())
    return torch.stack(patches).t()


@attempt("im2col", name="channel_order")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            row = []
            for i in range(kH):
                for j in range(kW):
                    for ch in range(C):
                        row.append(float(x[ch, r + i, c + j]))
            rows.append(row)
    return torch.tensor(rows)


@attempt("im2col", name="row_order")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    return torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for c in range(W - kW + 1) for r in range(H - kH + 1)])


@attempt("im2col", name="one_channel_only")
def im2col(x, kernel_shape):
    kH, kW = kernel_shape
    x = x[0]
    rows = []
    for r in range(x.shape[0] - kH + 1):
        for c in range(x.shape[1] - kW + 1):
            rows.append(x[r : r + kH, c : c + kW].reshape(-1))
    return torch.stack(rows)


@attempt("im2col", name="windows_do_not_overlap")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for r in range(0, H - kH + 1, kH):
        for c in range(0, W - kW + 1, kW):
            rows.append(x[:, r : r + kH, c : c + kW].reshape(-1))
    return torch.stack(rows)


@attempt("im2col", name="channels_below_each_other")
def im2col(x, kernel_shape):
    kH, kW = kernel_shape
    rows = []
    for channel in x:
        for r in range(channel.shape[0] - kH + 1):
            for c in range(channel.shape[1] - kW + 1):
                rows.append(channel[r : r + kH, c : c + kW].flatten())
    return torch.stack(rows)


@attempt("im2col", name="reshaped_not_permuted")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    win = x.unfold(1, kH, 1).unfold(2, kW, 1)
    return win.reshape((H - kH + 1) * (W - kW + 1), C * kH * kW)


@attempt("im2col", right=True)
def im2col(x, kernel_shape):
    kH, kW = kernel_shape
    C = x.shape[0]
    oh, ow = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    cols = [x[c, i : i + oh, j : j + ow].reshape(-1) for c in range(C) for i in range(kH) for j in range(kW)]
    return torch.stack(cols, 1)


# ---- conv_by_matmul


@attempt("conv_by_matmul", name="reshaped_not_permuted")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    p = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H) for c in range(W)])
    out = p @ weight.reshape(O, -1).t()
    return out.reshape(O, H, W)


@attempt("conv_by_matmul", name="weight_reshaped_not_permuted")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    p = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H) for c in range(W)])
    out = p @ weight.reshape(-1, O)
    return out.t().reshape(O, H, W)


@attempt("conv_by_matmul", name="channels_last")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    p = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H) for c in range(W)])
    return (p @ weight.reshape(O, -1).T).reshape(H, W, O)


@attempt("conv_by_matmul", name="result_not_reshaped")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    p = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H) for c in range(W)])
    return weight.reshape(O, -1) @ p.T


@attempt("conv_by_matmul", name="kernel_flipped")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    p = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H) for c in range(W)])
    return (weight.flip(2, 3).reshape(O, -1) @ p.T).reshape(O, H, W)


@attempt("conv_by_matmul", mistake="unfold, which this one may not use", forbidden=True)
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    win = x.unfold(1, kH, 1).unfold(2, kW, 1)
    H, W = win.shape[1:3]
    cols = win.permute(0, 3, 4, 1, 2).reshape(C * kH * kW, H * W)
    return (weight.flatten(1) @ cols).unflatten(1, (H, W))


# ---- convolve_full


@attempt("convolve_full", name="overwritten_not_added")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + kH, c : c + kW] = x[r, c] * kernel
    return out


@attempt("convolve_full", name="kernel_not_flipped")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    p = torch.zeros(H + 2 * kH - 2, W + 2 * kW - 2)
    p[kH - 1 : kH - 1 + H, kW - 1 : kW - 1 + W] = x
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (p[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("convolve_full", name="valid_not_full")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    k = kernel.flip(0, 1)
    out = torch.zeros(max(H - kH + 1, 0), max(W - kW + 1, 0))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve_full", name="padded_too_far")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    k = kernel.flip(0, 1)
    p = torch.zeros(H + 2 * kH, W + 2 * kW)
    p[kH : kH + H, kW : kW + W] = x
    out = torch.zeros(p.shape[0] - kH + 1, p.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (p[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve_full", name="flipped_left_to_right_only")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    k = kernel.flip(1)
    p = torch.zeros(H + 2 * kH - 2, W + 2 * kW - 2)
    p[kH - 1 : kH - 1 + H, kW - 1 : kW - 1 + W] = x
    return torch.stack(
        [torch.stack([(p[r : r + kH, c : c + kW] * k).sum() for c in range(W + kW - 1)]) for r in range(H + kH - 1)]
    )


@attempt("convolve_full", name="one_sided_padding")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            for i in range(kH):
                for j in range(kW):
                    if r + i < H and c + j < W:
                        out[r + i, c + j] += x[r, c] * kernel[i, j]
    return out


@attempt("convolve_full", right=True)
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(kH):
        for j in range(kW):
            out[i : i + H, j : j + W] += kernel[i, j] * x
    return out


# ---- input_gradient


@attempt("input_gradient", name="overwritten_not_added")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    dx = torch.zeros(oh + kH - 1, ow + kW - 1)
    for i in range(oh):
        for j in range(ow):
            dx[i : i + kH, j : j + kW] = grad_output[i][j] * kernel
    return dx


@attempt("input_gradient", name="kernel_not_flipped")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    p = torch.zeros(oh + 2 * (kH - 1), ow + 2 * (kW - 1))
    p[kH - 1 : kH - 1 + oh, kW - 1 : kW - 1 + ow] = grad_output
    rows = []
    for i in range(oh + kH - 1):
        rows.append(torch.stack([torch.sum(p[i : i + kH, j : j + kW] * kernel) for j in range(ow + kW - 1)]))
    return torch.stack(rows)


@attempt("input_gradient", name="kernel_transposed")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kernel = kernel.T
    kH, kW = kernel.shape
    dx = torch.zeros(oh + kH - 1, ow + kW - 1)
    for i in range(oh):
        for j in range(ow):
            dx[i : i + kH, j : j + kW] += grad_output[i, j] * kernel
    return dx


@attempt("input_gradient", name="sign_turned")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    dx = torch.zeros(oh + kH - 1, ow + kW - 1)
    for i in range(oh):
        for j in range(ow):
            dx[i : i + kH, j : j + kW] -= grad_output[i, j] * kernel
    return dx


@attempt("input_gradient", name="gradient_ignored")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    dx = torch.zeros(oh + kH - 1, ow + kW - 1)
    for i in range(oh):
        for j in range(ow):
            dx[i : i + kH, j : j + kW] += kernel
    return dx


@attempt("input_gradient", name="valid_not_full")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    k = kernel.flip(0).flip(1)
    out = torch.zeros(max(0, oh - kH + 1), max(0, ow - kW + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (grad_output[i : i + kH, j : j + kW] * k).sum()
    return out


@attempt("input_gradient", right=True)
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    dx = torch.zeros(oh + kH - 1, ow + kW - 1)
    for r in range(oh + kH - 1):
        for c in range(ow + kW - 1):
            for i in range(kH):
                for j in range(kW):
                    if 0 <= r - i < oh and 0 <= c - j < ow:
                        dx[r, c] += grad_output[r - i, c - j] * kernel[i, j]
    return dx


@attempt("input_gradient", mistake="none of the catalogue")
def input_gradient(grad_output, kernel):
    oh, ow = grad_output.shape
    kH, kW = kernel.shape
    dx = torch.ones(oh + kH - 1, ow + kW - 1)
    for i in range(oh):
        for j in range(ow):
            dx[i : i + kH, j : j + kW] += grad_output[i, j] * kernel
    return dx


# ---- a third day


@attempt("flat_index", name="square_only")
def flat_index(row, col, image_shape):
    height, width = image_shape
    return height * row + col


@attempt("flat_index", name="one_too_many")
def flat_index(row, col, image_shape):
    return row * image_shape[1] + (col + 1)


@attempt("flat_index", name="sizes_added")
def flat_index(row, col, image_shape):
    return row + col


@attempt("flat_index", mistake="the whole picture's size")
def flat_index(row, col, image_shape):
    return image_shape[0] * image_shape[1]


@attempt("flat_index", mistake="row times column")
def flat_index(row, col, image_shape):
    return row * col


@attempt("flat_index", mistake="counted from one in rows too")
def flat_index(row, col, image_shape):
    return (row - 1) * image_shape[1] + col


@attempt("flat_index", mistake="a tuple")
def flat_index(row, col, image_shape):
    return (row * image_shape[1], col)


@attempt("flat_index", name="column_order")
def flat_index(row, col, image_shape):
    rows, cols = image_shape
    return rows * col + row


@attempt("flat_index", mistake="multiplied by the width and one more")
def flat_index(row, col, image_shape):
    return row * (image_shape[1] + 1) + col


@attempt("flat_index", mistake="multiplied by the last index of a row")
def flat_index(row, col, image_shape):
    return row * (image_shape[1] - 1) + col


def _toeplitz(kernel, image_shape, place=None, out=None):
    (H, W), (h, w) = image_shape, kernel.shape
    rows, cols = H - h + 1, W - w + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(h):
                for j in range(w):
                    T[r * cols + c, (r + i) * W + c + j] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", name="kernel_flipped")
def toeplitz_matrix(kernel, image_shape):
    return _toeplitz(torch.rot90(kernel, 2), image_shape)


@attempt("toeplitz_matrix", name="counted_in_response_rows")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    rows, cols = H - h + 1, W - w + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(h):
                for j in range(w):
                    T[r * cols + c, (r + i) * cols + (c + j)] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", mistake="all rows in the same row: not counted on")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    rows, cols = H - h + 1, W - w + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(h):
                for j in range(w):
                    T[r + c, (r + i) * W + c + j] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", mistake="rows of the matrix counted by the picture's width")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    rows, cols = H - h + 1, W - w + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(h):
                for j in range(w):
                    T[r * W + c, (r + i) * W + c + j] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", name="row_order")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    lines = []
    for c in range(W - w + 1):
        for r in range(H - h + 1):
            picture = torch.zeros(H, W)
            picture[r : r + h, c : c + w] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", name="last_missed")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    lines = []
    for r in range(H - h):
        for c in range(W - w):
            picture = torch.zeros(H, W)
            picture[r : r + h, c : c + w] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", name="picture_not_cleared")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    lines, picture = [], torch.zeros(H, W)
    for r in range(H - h + 1):
        for c in range(W - w + 1):
            picture[r : r + h, c : c + w] = kernel
            lines.append(picture.flatten().clone())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="the same picture in every row: not cloned")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    lines, picture = [], torch.zeros(H, W)
    for r in range(H - h + 1):
        for c in range(W - w + 1):
            picture[:] = 0
            picture[r : r + h, c : c + w] = kernel
            lines.append(picture.reshape(-1))
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="lines put into one long row")
def toeplitz_matrix(kernel, image_shape):
    return torch.cat(list(_toeplitz(kernel, image_shape)))


@attempt("toeplitz_matrix", mistake="pictures kept as pictures")
def toeplitz_matrix(kernel, image_shape):
    return _toeplitz(kernel, image_shape).reshape(-1, *image_shape)


@attempt("toeplitz_matrix", name="result_transposed")
def toeplitz_matrix(kernel, image_shape):
    return torch.stack(list(_toeplitz(kernel, image_shape)), dim=1)


@attempt("toeplitz_matrix", name="kernel_in_one_run")
def toeplitz_matrix(kernel, image_shape):
    (H, W), (h, w) = image_shape, kernel.shape
    rows, cols = H - h + 1, W - w + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            flat = kernel.flatten()
            start = r * W + c
            end = min(start + len(flat), H * W)
            T[r * cols + c, start:end] = flat[: end - start]
    return T


@attempt("toeplitz_matrix", mistake="returns after the first row")
def toeplitz_matrix(kernel, image_shape):
    return _toeplitz(kernel, image_shape)[:1]


@attempt("nonzero_fraction", name="upside_down")
def nonzero_fraction(kernel_shape, image_shape):
    return image_shape[0] * image_shape[1] / (kernel_shape[0] * kernel_shape[1])


@attempt("nonzero_fraction", name="response_for_picture")
def nonzero_fraction(kernel_shape, image_shape):
    rows = image_shape[0] - kernel_shape[0] + 1
    cols = image_shape[1] - kernel_shape[1] + 1
    return kernel_shape[0] * kernel_shape[1] / (rows * cols)


@attempt("nonzero_fraction", name="divided_then_multiplied")
def nonzero_fraction(kernel_shape, image_shape):
    (h, w), (H, W) = kernel_shape, image_shape
    return h * w / H * W


@attempt("nonzero_fraction", mistake="sums for products")
def nonzero_fraction(kernel_shape, image_shape):
    return sum(kernel_shape) / sum(image_shape)


@attempt("nonzero_fraction", name="zeros_counted")
def nonzero_fraction(kernel_shape, image_shape):
    zeros = image_shape[0] * image_shape[1] - kernel_shape[0] * kernel_shape[1]
    return zeros / (image_shape[0] * image_shape[1])


@attempt("nonzero_fraction", name="fractions_cut_off")
def nonzero_fraction(kernel_shape, image_shape):
    return (kernel_shape[0] * kernel_shape[1]) // (image_shape[0] * image_shape[1])


@attempt("nonzero_fraction", mistake="weights over zeros")
def nonzero_fraction(kernel_shape, image_shape):
    n, k = image_shape[0] * image_shape[1], kernel_shape[0] * kernel_shape[1]
    return k / (n - k)


@attempt("nonzero_fraction", mistake="a share of the heights")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] / image_shape[0]


@attempt("nonzero_fraction", mistake="number of weights")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] * kernel_shape[1]


@attempt("nonzero_fraction", mistake="rounded to two places")
def nonzero_fraction(kernel_shape, image_shape):
    return round(kernel_shape[0] * kernel_shape[1] / (image_shape[0] * image_shape[1]), 2)


@attempt("count_multiplications_dense", name="rows_alone")
def count_multiplications_dense(image_shape, kernel_shape):
    return (image_shape[0] - kernel_shape[0] + 1) * (image_shape[1] - kernel_shape[1] + 1)


@attempt("count_multiplications_dense", name="weights_only")
def count_multiplications_dense(image_shape, kernel_shape):
    (H, W), (h, w) = image_shape, kernel_shape
    return (H - h + 1) * (W - w + 1) * h * w


@attempt("count_multiplications_dense", name="last_missed")
def count_multiplications_dense(image_shape, kernel_shape):
    (H, W), (h, w) = image_shape, kernel_shape
    return (H - h) * (W - w) * H * W


@attempt("count_multiplications_dense", name="padded_square_matrix")
def count_multiplications_dense(image_shape, kernel_shape):
    n = image_shape[0] * image_shape[1]
    return n * n


@attempt("count_multiplications_dense", mistake="one row of the matrix")
def count_multiplications_dense(image_shape, kernel_shape):
    return image_shape[0] * image_shape[1]


@attempt("count_multiplications_dense", mistake="kernel times picture")
def count_multiplications_dense(image_shape, kernel_shape):
    return image_shape[0] * image_shape[1] * kernel_shape[0] * kernel_shape[1]


@attempt("count_multiplications_dense", mistake="a float by division")
def count_multiplications_dense(image_shape, kernel_shape):
    (H, W), (h, w) = image_shape, kernel_shape
    return (H - h + 1) * (W - w + 1) * H * W / 2


@attempt("count_multiplications_dense", mistake="brackets forgotten")
def count_multiplications_dense(image_shape, kernel_shape):
    (H, W), (h, w) = image_shape, kernel_shape
    return H - h + 1 * W - w + 1 * H * W


@attempt("count_multiplications_dense", mistake="additions counted as well")
def count_multiplications_dense(image_shape, kernel_shape):
    (H, W), (h, w) = image_shape, kernel_shape
    return (H - h + 1) * (W - w + 1) * (2 * H * W - 1)


def _patches(x, kernel_shape):
    h, w = kernel_shape
    return [x[:, r : r + h, c : c + w] for r in range(x.shape[1] - h + 1) for c in range(x.shape[2] - w + 1)]


@attempt("im2col", mistake="patches kept as blocks")
def im2col(x, kernel_shape):
    return torch.stack(_patches(x, kernel_shape))


@attempt("im2col", mistake="patches kept as grids of channels")
def im2col(x, kernel_shape):
    return torch.stack([p.flatten(1) for p in _patches(x, kernel_shape)])


@attempt("im2col", name="channel_order")
def im2col(x, kernel_shape):
    return torch.stack([torch.stack([c.flatten() for c in p], dim=1).flatten() for p in _patches(x, kernel_shape)])


@attempt("im2col", name="column_order")
def im2col(x, kernel_shape):
    return torch.stack([p.transpose(1, 2).flatten() for p in _patches(x, kernel_shape)])


@attempt("im2col", name="result_transposed")
def im2col(x, kernel_shape):
    return torch.stack([p.flatten() for p in _patches(x, kernel_shape)], dim=1)


@attempt("im2col", name="one_channel_only")
def im2col(x, kernel_shape):
    return torch.stack([p[0].flatten() for p in _patches(x, kernel_shape)])


@attempt("im2col", mistake="channels added up")
def im2col(x, kernel_shape):
    return torch.stack([p.sum(0).flatten() for p in _patches(x, kernel_shape)])


@attempt("im2col", name="row_order")
def im2col(x, kernel_shape):
    h, w = kernel_shape
    out = []
    for c in range(x.shape[2] - w + 1):
        for r in range(x.shape[1] - h + 1):
            out.append(x[:, r : r + h, c : c + w].flatten())
    return torch.stack(out)


@attempt("im2col", mistake="one long row: cat")
def im2col(x, kernel_shape):
    return torch.cat([p.flatten() for p in _patches(x, kernel_shape)])


@attempt("im2col", name="windows_do_not_overlap")
def im2col(x, kernel_shape):
    h, w = kernel_shape
    out = []
    for r in range(0, x.shape[1] - h + 1, h):
        for c in range(0, x.shape[2] - w + 1, w):
            out.append(x[:, r : r + h, c : c + w].flatten())
    return torch.stack(out)


@attempt("im2col", name="last_missed")
def im2col(x, kernel_shape):
    h, w = kernel_shape
    out = []
    for r in range(x.shape[1] - h):
        for c in range(x.shape[2] - w):
            out.append(x[:, r : r + h, c : c + w].flatten())
    return torch.stack(out)


@attempt("im2col", mistake="returns within the loop")
def im2col(x, kernel_shape):
    out = []
    for patch in _patches(x, kernel_shape):
        out.append(patch.flatten())
        return torch.stack(out)


@attempt("im2col", name="sides_swapped")
def im2col(x, kernel_shape):
    w, h = kernel_shape
    return torch.stack([p.flatten() for p in _patches(x, (h, w))])


@attempt("im2col", name="channels_below_each_other")
def im2col(x, kernel_shape):
    out = []
    for channel in x:
        out += [p.flatten() for p in _patches(channel[None], kernel_shape)]
    return torch.stack(out)


@attempt("im2col", mistake="a row for each patch and channel")
def im2col(x, kernel_shape):
    out = []
    for patch in _patches(x, kernel_shape):
        for channel in patch:
            out.append(channel.flatten())
    return torch.stack(out)


def _cols(x, kernel_shape):
    return torch.stack([p.flatten() for p in _patches(x, kernel_shape)])


@attempt("conv_by_matmul", name="result_not_reshaped")
def conv_by_matmul(x, weight):
    return _cols(x, weight.shape[2:]) @ weight.flatten(1).T


@attempt("conv_by_matmul", name="reshaped_not_permuted")
def conv_by_matmul(x, weight):
    y = _cols(x, weight.shape[2:]) @ weight.flatten(1).T
    return y.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


@attempt("conv_by_matmul", name="channels_last")
def conv_by_matmul(x, weight):
    y = _cols(x, weight.shape[2:]) @ weight.flatten(1).T
    return y.reshape(x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1, len(weight))


@attempt("conv_by_matmul", name="sides_swapped")
def conv_by_matmul(x, weight):
    y = weight.flatten(1) @ _cols(x, weight.shape[2:]).T
    return y.reshape(len(weight), x.shape[2] - weight.shape[3] + 1, x.shape[1] - weight.shape[2] + 1)


@attempt("conv_by_matmul", name="weight_reshaped_not_permuted")
def conv_by_matmul(x, weight):
    y = _cols(x, weight.shape[2:]) @ weight.reshape(-1, len(weight))
    return y.T.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


@attempt("conv_by_matmul", mistake="a product entry by entry")
def conv_by_matmul(x, weight):
    y = _cols(x, weight.shape[2:]) * weight.flatten(1).T
    return y.T.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


@attempt("conv_by_matmul", mistake="weight not flattened")
def conv_by_matmul(x, weight):
    y = _cols(x, weight.shape[2:]) @ weight.T
    return y.T.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


@attempt("conv_by_matmul", mistake="flattened whole")
def conv_by_matmul(x, weight):
    y = _cols(x, weight.shape[2:]) @ weight.flatten()
    return y.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


@attempt("conv_by_matmul", mistake="not transposed: sizes that do not fit")
def conv_by_matmul(x, weight):
    return weight.flatten(1) @ _cols(x, weight.shape[2:])


@attempt("conv_by_matmul", name="square_only")
def conv_by_matmul(x, weight):
    y = weight.flatten(1) @ _cols(x, weight.shape[2:]).T
    n = x.shape[1] - weight.shape[2] + 1
    return y.reshape(len(weight), n, n)


@attempt("conv_by_matmul", name="square_only")
def conv_by_matmul(x, weight):
    y = weight.flatten(1) @ _cols(x, weight.shape[2:]).T
    n = math.isqrt(y.shape[1])
    return y.reshape(len(weight), n, n)


@attempt("conv_by_matmul", mistake="as large as the picture")
def conv_by_matmul(x, weight):
    y = weight.flatten(1) @ _cols(x, weight.shape[2:]).T
    return y.reshape(len(weight), x.shape[1], x.shape[2])


@attempt("conv_by_matmul", mistake="only the first kernel")
def conv_by_matmul(x, weight):
    y = weight[0].flatten() @ _cols(x, weight.shape[2:]).T
    return y.reshape(1, x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


@attempt("conv_by_matmul", mistake="transposed at the end")
def conv_by_matmul(x, weight):
    y = weight.flatten(1) @ _cols(x, weight.shape[2:]).T
    y = y.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)
    return y.transpose(1, 2)


@attempt("conv_by_matmul", name="kernel_flipped")
def conv_by_matmul(x, weight):
    y = weight.flatten(1).flip(1) @ _cols(x, weight.shape[2:]).T
    return y.reshape(len(weight), x.shape[1] - weight.shape[2] + 1, x.shape[2] - weight.shape[3] + 1)


def _slid(x, kernel, top, left, turned=True):
    h, w = kernel.shape
    k = torch.flip(kernel, (0, 1)) if turned else kernel
    p = torch.zeros(x.shape[0] + 2 * top, x.shape[1] + 2 * left)
    p[top : top + x.shape[0], left : left + x.shape[1]] = x
    out = torch.zeros(p.shape[0] - h + 1, p.shape[1] - w + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (p[r : r + h, c : c + w] * k).sum()
    return out


@attempt("convolve_full", name="kernel_not_flipped")
def convolve_full(x, kernel):
    return _slid(x, kernel, kernel.shape[0] - 1, kernel.shape[1] - 1, turned=False)


@attempt("convolve_full", name="valid_not_full")
def convolve_full(x, kernel):
    return _slid(x, kernel, 0, 0)


@attempt("convolve_full", name="padded_too_far")
def convolve_full(x, kernel):
    return _slid(x, kernel, *kernel.shape)


@attempt("convolve_full", name="same_as_image")
def convolve_full(x, kernel):
    return _slid(x, kernel, kernel.shape[0] // 2, kernel.shape[1] // 2)


@attempt("convolve_full", name="sides_swapped")
def convolve_full(x, kernel):
    return _slid(x, kernel, kernel.shape[1] - 1, kernel.shape[0] - 1)


@attempt("convolve_full", name="square_only")
def convolve_full(x, kernel):
    return _slid(x, kernel, kernel.shape[0] - 1, kernel.shape[0] - 1)


@attempt("convolve_full", name="overwritten_not_added")
def convolve_full(x, kernel):
    (H, W), (h, w) = x.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            for i in range(h):
                for j in range(w):
                    out[r + i, c + j] = x[r, c] * kernel[i, j]
    return out


@attempt("convolve_full", name="kernel_transposed")
def convolve_full(x, kernel):
    (H, W), (h, w) = x.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += x[r, c] * kernel.T
    return out


@attempt("convolve_full", mistake="turned and painted: full correlation", name="kernel_not_flipped")
def convolve_full(x, kernel):
    (H, W), (h, w) = x.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += x[r, c] * kernel.flip(0, 1)
    return out


@attempt("convolve_full", mistake="painted into the picture's own size")
def convolve_full(x, kernel):
    (H, W), (h, w) = x.shape, kernel.shape
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += x[r, c] * kernel
    return out


@attempt("convolve_full", mistake="padded by 2 whatever the kernel")
def convolve_full(x, kernel):
    return _slid(x, kernel, 2, 2)


@attempt("convolve_full", mistake="the weight is left out: boxes of pixels")
def convolve_full(x, kernel):
    return _slid(x, torch.ones_like(kernel), kernel.shape[0] - 1, kernel.shape[1] - 1)


@attempt("convolve_full", name="last_missed")
def convolve_full(x, kernel):
    (H, W), (h, w) = x.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H - 1):
        for c in range(W - 1):
            out[r : r + h, c : c + w] += x[r, c] * kernel
    return out


@attempt("convolve_full", mistake="windows of valid size on the padded picture: last ones at zero")
def convolve_full(x, kernel):
    out = _slid(x, kernel, kernel.shape[0] - 1, kernel.shape[1] - 1)
    out[-1] = 0
    out[:, -1] = 0
    return out


@attempt("input_gradient", name="kernel_not_flipped")
def input_gradient(grad_output, kernel):
    return _slid(grad_output, kernel, kernel.shape[0] - 1, kernel.shape[1] - 1, turned=False)


@attempt("input_gradient", name="valid_not_full")
def input_gradient(grad_output, kernel):
    return _slid(grad_output, kernel, 0, 0)


@attempt("input_gradient", name="same_as_image")
def input_gradient(grad_output, kernel):
    return _slid(grad_output, kernel, kernel.shape[0] // 2, kernel.shape[1] // 2)


@attempt("input_gradient", name="kernel_transposed")
def input_gradient(grad_output, kernel):
    (H, W), (h, w) = grad_output.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += grad_output[r, c] * kernel.T
    return out


@attempt("input_gradient", name="overwritten_not_added")
def input_gradient(grad_output, kernel):
    (H, W), (h, w) = grad_output.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] = grad_output[r, c] * kernel
    return out


@attempt("input_gradient", name="gradient_ignored")
def input_gradient(grad_output, kernel):
    (H, W), (h, w) = grad_output.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += kernel
    return out


@attempt("input_gradient", mistake="the weights left out")
def input_gradient(grad_output, kernel):
    (H, W), (h, w) = grad_output.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += grad_output[r, c]
    return out


@attempt("input_gradient", name="sign_turned")
def input_gradient(grad_output, kernel):
    return -_slid(grad_output, kernel, kernel.shape[0] - 1, kernel.shape[1] - 1)


@attempt("input_gradient", name="padded_too_far")
def input_gradient(grad_output, kernel):
    return _slid(grad_output, kernel, *kernel.shape)


@attempt("input_gradient", mistake="the matrix not transposed")
def input_gradient(grad_output, kernel):
    shape = (grad_output.shape[0] + kernel.shape[0] - 1, grad_output.shape[1] + kernel.shape[1] - 1)
    return (_toeplitz(kernel, shape) @ grad_output.flatten()).reshape(shape)


@attempt("input_gradient", name="flipped_one_way_only")
def input_gradient(grad_output, kernel):
    return _slid(grad_output, kernel.flip(1), kernel.shape[0] - 1, kernel.shape[1] - 1)


@attempt("input_gradient", mistake="the transposed product left as a line")
def input_gradient(grad_output, kernel):
    shape = (grad_output.shape[0] + kernel.shape[0] - 1, grad_output.shape[1] + kernel.shape[1] - 1)
    return _toeplitz(kernel, shape).T @ grad_output.flatten()


@attempt("input_gradient", mistake="autograd", forbidden=True)
def input_gradient(grad_output, kernel):
    x = torch.zeros(grad_output.shape[0] + kernel.shape[0] - 1, grad_output.shape[1] + kernel.shape[1] - 1)
    x.requires_grad_()
    y = (_toeplitz(kernel, x.shape) @ x.flatten()).reshape(grad_output.shape)
    y.backward(grad_output)
    return x.grad


@attempt("input_gradient", mistake="every pixel a mean of its windows", name="mean_not_sum")
def input_gradient(grad_output, kernel):
    (H, W), (h, w) = grad_output.shape, kernel.shape
    out = torch.zeros(H + h - 1, W + w - 1)
    count = torch.zeros_like(out)
    for r in range(H):
        for c in range(W):
            out[r : r + h, c : c + w] += grad_output[r, c] * kernel
            count[r : r + h, c : c + w] += 1
    return out / count


# ---- convolve_full, from a third reading


@attempt("convolve_full", name="pixels_forgotten", mistake="every pixel paints the kernel as it is")
def convolve_full(x, kernel):
    out = torch.zeros(x.shape[0] + kernel.shape[0] - 1, x.shape[1] + kernel.shape[1] - 1)
    for row in range(x.shape[0]):
        for col in range(x.shape[1]):
            out[row : row + kernel.shape[0], col : col + kernel.shape[1]] += kernel
    return out


# ---- what a bank of 30 November found, which nobody had seen


@attempt("toeplitz_matrix", name="picture_not_cleared")
def toeplitz_matrix(kernel, image_shape):
    (height, width), (kernel_height, kernel_width) = image_shape, kernel.shape
    lines, empty = [], torch.zeros(height, width)
    for row in range(height - kernel_height + 1):
        for col in range(width - kernel_width + 1):
            empty.zero_()
            empty[row : row + kernel_height, col : col + kernel_width] = kernel
            lines.append(empty.view(-1))
    return torch.stack(lines)


@attempt("convolve_full", name="first_weight_only")
def convolve_full(x, kernel):
    (height, width), (kernel_height, kernel_width) = x.shape, kernel.shape
    painted = torch.zeros(height + kernel_height - 1, width + kernel_width - 1)
    for row in range(height):
        for col in range(width):
            painted[row : row + kernel_height, col : col + kernel_width] += x[row, col] * kernel[0, 0]
    return painted


@attempt("input_gradient", name="same_as_image")
def input_gradient(grad_output, kernel):
    (height, width), (a, b) = grad_output.shape, kernel.shape
    gradient = torch.zeros(height, width)
    for i in range(height - a + 1):
        for j in range(width - b + 1):
            gradient[i : i + a, j : j + b] += kernel * grad_output[i, j]
    return gradient
