"""Lesson 6, convolution as matrix: the second bank."""

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
