"""Lesson 6, convolution as a matrix."""

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt

# ---- toeplitz_matrix


@attempt("toeplitz_matrix", right=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows, cols = H - kH + 1, W - kW + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(kH):
                for j in range(kW):
                    T[r * cols + c, (r + i) * W + c + j] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", right=True)
def toeplitz_matrix(kernel, image_shape):
    # lay the kernel into an empty picture, then flatten that
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", right=True)
def toeplitz_matrix(kernel, image_shape):
    # one column for each pixel: the response to a picture with a 1 only there
    H, W = image_shape
    impulses = torch.eye(H * W).reshape(H * W, 1, H, W)
    return F.conv2d(impulses, kernel[None, None].float()).reshape(H * W, -1).T


@attempt("toeplitz_matrix", mistake="column by column instead of row by row", listed=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows, cols = H - kH + 1, W - kW + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(kH):
                for j in range(kW):
                    T[c * rows + r, (c + j) * H + r + i] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", mistake="outputs in column order, pixels in row order", listed=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for c in range(W - kW + 1):
        for r in range(H - kH + 1):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="pixels in column order, outputs in row order", listed=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = kernel
            lines.append(picture.T.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="transposed matrix: one column for each output", listed=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines, dim=1)


@attempt("toeplitz_matrix", mistake="square padded matrix: one row for each pixel", listed=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    T = torch.zeros(H * W, H * W)
    for r in range(H):
        for c in range(W):
            for i in range(kH):
                for j in range(kW):
                    rr, cc = r + i - kH // 2, c + j - kW // 2
                    if 0 <= rr < H and 0 <= cc < W:
                        T[r * W + c, rr * W + cc] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", mistake="kernel turned by 180 degrees", listed=True)
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = kernel.flip(0, 1)
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="width of the output used for the width of the picture")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    rows, cols = H - kH + 1, W - kW + 1
    T = torch.zeros(rows * cols, H * W)
    for r in range(rows):
        for c in range(cols):
            for i in range(kH):
                for j in range(kW):
                    T[r * cols + c, (r + i) * cols + c + j] = kernel[i, j]
    return T


@attempt("toeplitz_matrix", mistake="each row one further than the last: wraps over the picture's edge")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    n = (H - kH + 1) * (W - kW + 1)
    first = torch.zeros(H, W)
    first[:kH, :kW] = kernel
    return torch.stack([torch.roll(first.flatten(), s) for s in range(n)])


@attempt("toeplitz_matrix", mistake="kernel flat in one run, without the gaps of the picture's rows")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    T = torch.zeros((H - kH + 1) * (W - kW + 1), H * W)
    for n in range(T.shape[0]):
        r, c = divmod(n, W - kW + 1)
        start = r * W + c
        T[n, start : start + kH * kW] = kernel.flatten()
    return T


@attempt("toeplitz_matrix", mistake="square only: height used for both")
def toeplitz_matrix(kernel, image_shape):
    n = image_shape[0]
    k = kernel.shape[0]
    lines = []
    for r in range(n - k + 1):
        for c in range(n - k + 1):
            picture = torch.zeros(n, n)
            picture[r : r + k, c : c + k] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="last row and column of positions missed")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for r in range(H - kH):
        for c in range(W - kW):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = kernel
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="ones where the kernel lies, not its weights")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            picture = torch.zeros(H, W)
            picture[r : r + kH, c : c + kW] = 1
            lines.append(picture.flatten())
    return torch.stack(lines)


@attempt("toeplitz_matrix", mistake="the same picture filled again and again: never emptied")
def toeplitz_matrix(kernel, image_shape):
    H, W = image_shape
    kH, kW = kernel.shape
    lines = []
    picture = torch.zeros(H, W)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            picture[r : r + kH, c : c + kW] = kernel
            lines.append(picture.flatten().clone())
    return torch.stack(lines)


# ---- im2col


@attempt("im2col", right=True)
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            rows.append(x[:, r : r + kH, c : c + kW].reshape(-1))
    return torch.stack(rows)


@attempt("im2col", right=True)
def im2col(x, kernel_shape):
    a = np.array(x)
    kH, kW = kernel_shape
    C, H, W = a.shape
    h, w = H - kH + 1, W - kW + 1
    out = np.zeros((h * w, C * kH * kW))
    column = 0
    for n in range(C):
        for i in range(kH):
            for j in range(kW):
                out[:, column] = a[n, i : i + h, j : j + w].flatten()
                column += 1
    return out


@attempt("im2col", right=True)
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    places = [(r, c) for r in range(H - kH + 1) for c in range(W - kW + 1)]
    return [[x[n, r + i, c + j].item() for n in range(C) for i in range(kH) for j in range(kW)] for r, c in places]


@attempt("im2col", mistake="transposed, as F.unfold has it", listed=True)
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = [x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H - kH + 1) for c in range(W - kW + 1)]
    return torch.stack(rows, dim=1)


@attempt("im2col", mistake="channel order: pixel by pixel, channels innermost", listed=True)
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            rows.append(x[:, r : r + kH, c : c + kW].permute(1, 2, 0).reshape(-1))
    return torch.stack(rows)


@attempt("im2col", mistake="columns before rows inside a patch", listed=True)
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            rows.append(x[:, r : r + kH, c : c + kW].transpose(1, 2).reshape(-1))
    return torch.stack(rows)


@attempt("im2col", mistake="positions column by column", listed=True)
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for c in range(W - kW + 1):
        for r in range(H - kH + 1):
            rows.append(x[:, r : r + kH, c : c + kW].reshape(-1))
    return torch.stack(rows)


@attempt("im2col", mistake="patches kept as grids, not flattened")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    return torch.stack([x[:, r : r + kH, c : c + kW] for r in range(H - kH + 1) for c in range(W - kW + 1)])


@attempt("im2col", mistake="tiles that do not overlap")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for r in range(0, H - kH + 1, kH):
        for c in range(0, W - kW + 1, kW):
            rows.append(x[:, r : r + kH, c : c + kW].reshape(-1))
    return torch.stack(rows)


@attempt("im2col", mistake="first channel only")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    return torch.stack([x[0, r : r + kH, c : c + kW].flatten() for r in range(H - kH + 1) for c in range(W - kW + 1)])


@attempt("im2col", mistake="a row for each channel and place: channels not side by side")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    rows = []
    for n in range(C):
        for r in range(H - kH + 1):
            for c in range(W - kW + 1):
                rows.append(x[n, r : r + kH, c : c + kW].reshape(-1))
    return torch.stack(rows)


@attempt("im2col", mistake="kernel's rows and columns swapped")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kW, kH = kernel_shape
    return torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H - kH + 1) for c in range(W - kW + 1)])


@attempt("im2col", mistake="last row and column of positions missed")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    return torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(H - kH) for c in range(W - kW)])


@attempt("im2col", mistake="columns stacked, then reshaped to the shape: scrambled")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    h, w = H - kH + 1, W - kW + 1
    shifted = torch.stack(
        [x[n, i : i + h, j : j + w].flatten() for n in range(C) for i in range(kH) for j in range(kW)]
    )
    return shifted.reshape(h * w, C * kH * kW)


@attempt("im2col", mistake="view of a patch that is not in one piece: torch refuses")
def im2col(x, kernel_shape):
    C, H, W = x.shape
    kH, kW = kernel_shape
    return torch.stack([x[:, r : r + kH, c : c + kW].view(-1) for r in range(H - kH + 1) for c in range(W - kW + 1)])


@attempt("im2col", mistake="library unfold where by hand was asked", forbidden=True)
def im2col(x, kernel_shape):
    return F.unfold(x[None].float(), tuple(kernel_shape))[0].T


# ---- conv_by_matmul


@attempt("conv_by_matmul", right=True)
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (patches @ weight.reshape(O, -1).T).T.reshape(O, h, w)


@attempt("conv_by_matmul", right=True)
def conv_by_matmul(x, weight):
    a, k = np.array(x, dtype=float), np.array(weight, dtype=float)
    O, C, kH, kW = k.shape
    h, w = a.shape[1] - kH + 1, a.shape[2] - kW + 1
    columns = np.empty((C, kH, kW, h, w))
    for i in range(kH):
        for j in range(kW):
            columns[:, i, j] = a[:, i : i + h, j : j + w]
    return (k.reshape(O, -1) @ columns.reshape(C * kH * kW, -1)).reshape(O, h, w)


@attempt("conv_by_matmul", mistake="reshaped without turning: places and channels scrambled")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (patches @ weight.reshape(O, -1).T).reshape(O, h, w)


@attempt("conv_by_matmul", mistake="weight reshaped to (C kH kW, out) instead of turned")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (patches @ weight.reshape(-1, O)).T.reshape(O, h, w)


@attempt("conv_by_matmul", mistake="channel order of patches differs from the weight's", listed=True)
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack(
        [x[:, r : r + kH, c : c + kW].permute(1, 2, 0).reshape(-1) for r in range(h) for c in range(w)]
    )
    return (weight.reshape(O, -1) @ patches.T).reshape(O, h, w)


@attempt("conv_by_matmul", mistake="kernel turned by 180 degrees", listed=True)
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (weight.flip(2, 3).reshape(O, -1) @ patches.T).reshape(O, h, w)


@attempt("conv_by_matmul", mistake="everything turned: channels reversed as well")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (weight.reshape(O, -1).flip(1) @ patches.T).reshape(O, h, w)


@attempt("conv_by_matmul", mistake="flat: places in a row, not in a grid")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return weight.reshape(O, -1) @ patches.T


@attempt("conv_by_matmul", mistake="output channels last")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (patches @ weight.reshape(O, -1).T).reshape(h, w, O)


@attempt("conv_by_matmul", mistake="grid's rows and columns swapped at the end")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return (weight.reshape(O, -1) @ patches.T).reshape(O, w, h)


@attempt("conv_by_matmul", mistake="square pictures: one side for both")
def conv_by_matmul(x, weight):
    O, C, k, _ = weight.shape
    n = x.shape[1] - k + 1
    patches = torch.stack([x[:, r : r + k, c : c + k].reshape(-1) for r in range(n) for c in range(n)])
    return (weight.reshape(O, -1) @ patches.T).reshape(O, n, n)


@attempt("conv_by_matmul", mistake="* for @: products, no sums")
def conv_by_matmul(x, weight):
    O, C, kH, kW = weight.shape
    h, w = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    patches = torch.stack([x[:, r : r + kH, c : c + kW].reshape(-1) for r in range(h) for c in range(w)])
    return torch.stack([patches * k for k in weight.reshape(O, -1)])


@attempt("conv_by_matmul", mistake="library convolution where by hand was asked", forbidden=True)
def conv_by_matmul(x, weight):
    return F.conv2d(x[None], weight)[0]


# ---- nonzero_fraction


@attempt("nonzero_fraction", right=True)
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] * kernel_shape[1] / (image_shape[0] * image_shape[1])


@attempt("nonzero_fraction", right=True)
def nonzero_fraction(kernel_shape, image_shape):
    (kH, kW), (H, W) = kernel_shape, image_shape
    outputs = (H - kH + 1) * (W - kW + 1)
    return np.float64(outputs * kH * kW) / (outputs * H * W)


@attempt("nonzero_fraction", mistake="precedence: divides by the height, then times the width")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] * kernel_shape[1] / image_shape[0] * image_shape[1]


@attempt("nonzero_fraction", mistake="whole division: 0")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] * kernel_shape[1] // (image_shape[0] * image_shape[1])


@attempt("nonzero_fraction", mistake="fraction of zeros, not of what is not zero")
def nonzero_fraction(kernel_shape, image_shape):
    return 1 - kernel_shape[0] * kernel_shape[1] / (image_shape[0] * image_shape[1])


@attempt("nonzero_fraction", mistake="upside down")
def nonzero_fraction(kernel_shape, image_shape):
    return (image_shape[0] * image_shape[1]) / (kernel_shape[0] * kernel_shape[1])


@attempt("nonzero_fraction", mistake="divided by the outputs, not by the pixels")
def nonzero_fraction(kernel_shape, image_shape):
    outputs = (image_shape[0] - kernel_shape[0] + 1) * (image_shape[1] - kernel_shape[1] + 1)
    return kernel_shape[0] * kernel_shape[1] / outputs


@attempt("nonzero_fraction", mistake="in percent")
def nonzero_fraction(kernel_shape, image_shape):
    return 100 * kernel_shape[0] * kernel_shape[1] / (image_shape[0] * image_shape[1])


@attempt("nonzero_fraction", mistake="divided by the square of the pixels: a square matrix imagined, one row counted")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] * kernel_shape[1] / (image_shape[0] * image_shape[1]) ** 2


@attempt("nonzero_fraction", mistake="square only: heights squared")
def nonzero_fraction(kernel_shape, image_shape):
    return kernel_shape[0] ** 2 / image_shape[0] ** 2


# ---- count_multiplications_dense


@attempt("count_multiplications_dense", right=True)
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return (H - kH + 1) * (W - kW + 1) * H * W


@attempt("count_multiplications_dense", right=True)
def count_multiplications_dense(image_shape, kernel_shape):
    pixels = outputs = 1
    for n, k in zip(image_shape, kernel_shape, strict=True):
        pixels *= n
        outputs *= n - k + 1
    return pixels * outputs


@attempt("count_multiplications_dense", mistake="kernel's weights counted: that is the sliding, not the matrix")
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return (H - kH + 1) * (W - kW + 1) * kH * kW


@attempt("count_multiplications_dense", mistake="square matrix: one row for each pixel", listed=True)
def count_multiplications_dense(image_shape, kernel_shape):
    return (image_shape[0] * image_shape[1]) ** 2


@attempt("count_multiplications_dense", mistake="+1 lost")
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return (H - kH) * (W - kW) * H * W


@attempt("count_multiplications_dense", mistake="times kernel size as well")
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return (H - kH + 1) * (W - kW + 1) * H * W * kH * kW


@attempt("count_multiplications_dense", mistake="outputs and pixels added, not multiplied")
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return (H - kH + 1) * (W - kW + 1) + H * W


@attempt("count_multiplications_dense", mistake="arguments the wrong way round")
def count_multiplications_dense(image_shape, kernel_shape):
    H, W = kernel_shape
    kH, kW = image_shape
    return abs(H - kH + 1) * abs(W - kW + 1) * H * W


# ---- convolve_full


@attempt("convolve_full", right=True)
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(H):
        for j in range(W):
            out[i : i + kH, j : j + kW] += x[i, j] * kernel
    return out


@attempt("convolve_full", right=True)
def convolve_full(x, kernel):
    # the kernel's weights stamp the picture instead: convolution does not mind which is which
    a, k = np.array(x, dtype=float), np.array(kernel, dtype=float)
    out = np.zeros((a.shape[0] + k.shape[0] - 1, a.shape[1] + k.shape[1] - 1))
    for (i, j), weight in np.ndenumerate(k):
        out[i : i + a.shape[0], j : j + a.shape[1]] += weight * a
    return out


@attempt("convolve_full", right=True)
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * kH - 2, W + 2 * kW - 2)
    big[kH - 1 : kH - 1 + H, kW - 1 : kW - 1 + W] = x
    turned = torch.rot90(kernel, 2)
    rows = [[(big[r : r + kH, c : c + kW] * turned).sum().item() for c in range(W + kW - 1)] for r in range(H + kH - 1)]
    return rows


@attempt("convolve_full", mistake="no flip: cross-correlation", listed=True)
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * kH - 2, W + 2 * kW - 2)
    big[kH - 1 : kH - 1 + H, kW - 1 : kW - 1 + W] = x
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("convolve_full", mistake="kernel flipped twice: stamped, but turned", listed=True)
def convolve_full(x, kernel):
    kernel = kernel.flip(0, 1)
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(H):
        for j in range(W):
            out[i : i + kH, j : j + kW] += x[i, j] * kernel
    return out


@attempt("convolve_full", mistake="= for +=: overlaps are lost", listed=True)
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(H):
        for j in range(W):
            out[i : i + kH, j : j + kW] = x[i, j] * kernel
    return out


@attempt("convolve_full", mistake="transposed instead of turned", listed=True)
def convolve_full(x, kernel):
    kernel = kernel.T
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(H):
        for j in range(W):
            out[i : i + kH, j : j + kW] += x[i, j] * kernel
    return out


@attempt("convolve_full", mistake="valid: only where the kernel fits")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    turned = kernel.flip(0, 1)
    out = torch.zeros(H - kH + 1, W - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * turned).sum()
    return out


@attempt("convolve_full", mistake="same: as large as the picture")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(H):
        for j in range(W):
            out[i : i + kH, j : j + kW] += x[i, j] * kernel
    return out[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W]


@attempt("convolve_full", mistake="one row and column too many: the -1 lost")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH, W + kW)
    for i in range(H):
        for j in range(W):
            out[i : i + kH, j : j + kW] += x[i, j] * kernel
    return out


@attempt("convolve_full", mistake="padded by half the kernel only")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * (kH // 2), W + 2 * (kW // 2))
    big[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W] = x
    turned = kernel.flip(0, 1)
    out = torch.zeros(big.shape[0] - kH + 1, big.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (big[r : r + kH, c : c + kW] * turned).sum()
    return out


@attempt("convolve_full", mistake="padding of height and width swapped")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + 2 * (kW - 1), W + 2 * (kH - 1))
    big[kW - 1 : kW - 1 + H, kH - 1 : kH - 1 + W] = x
    turned = kernel.flip(0, 1)
    out = torch.zeros(big.shape[0] - kH + 1, big.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (big[r : r + kH, c : c + kW] * turned).sum()
    return out


@attempt("convolve_full", mistake="last pixel row and column never stamp")
def convolve_full(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for i in range(H - 1):
        for j in range(W - 1):
            out[i : i + kH, j : j + kW] += x[i, j] * kernel
    return out


@attempt("convolve_full", mistake="library convolution where by hand was asked", forbidden=True)
def convolve_full(x, kernel):
    kH, kW = kernel.shape
    return F.conv2d(x[None, None].float(), kernel.flip(0, 1)[None, None].float(), padding=(kH - 1, kW - 1))[0, 0]


@attempt("convolve_full", mistake="library's transposed convolution where by hand was asked", forbidden=True)
def convolve_full(x, kernel):
    return F.conv_transpose2d(x[None, None].float(), kernel[None, None].float())[0, 0]


# ---- input_gradient


@attempt("input_gradient", right=True)
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] += grad_output[r, c] * kernel
    return grad


@attempt("input_gradient", right=True)
def input_gradient(grad_output, kernel):
    # by the matrix: transposed, times the gradient
    h, w = grad_output.shape
    kH, kW = kernel.shape
    H, W = h + kH - 1, w + kW - 1
    T = torch.zeros(h, w, H, W)
    for r in range(h):
        for c in range(w):
            T[r, c, r : r + kH, c : c + kW] = kernel
    return (T.reshape(h * w, H * W).T @ grad_output.reshape(-1).float()).reshape(H, W)


@attempt("input_gradient", right=True)
def input_gradient(grad_output, kernel):
    g, k = np.array(grad_output, dtype=float), np.array(kernel, dtype=float)
    H, W = g.shape[0] + k.shape[0] - 1, g.shape[1] + k.shape[1] - 1
    out = np.zeros((H, W))
    for p in range(H):
        for q in range(W):
            for i in range(k.shape[0]):
                for j in range(k.shape[1]):
                    if 0 <= p - i < g.shape[0] and 0 <= q - j < g.shape[1]:
                        out[p, q] += g[p - i, q - j] * k[i, j]
    return out


@attempt("input_gradient", mistake="= for +=: only the last window counts where they overlap", listed=True)
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] = grad_output[r, c] * kernel
    return grad


@attempt("input_gradient", mistake="no flip: the forward pass on the padded gradient", listed=True)
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    big = torch.zeros(h + 2 * kH - 2, w + 2 * kW - 2)
    big[kH - 1 : kH - 1 + h, kW - 1 : kW - 1 + w] = grad_output
    out = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("input_gradient", mistake="transposed instead of turned", listed=True)
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    k = kernel.T
    kH, kW = k.shape
    big = torch.zeros(h + 2 * kH - 2, w + 2 * kW - 2)
    big[kH - 1 : kH - 1 + h, kW - 1 : kW - 1 + w] = grad_output
    out = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (big[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("input_gradient", mistake="stamped with the turned kernel: flipped once too often", listed=True)
def input_gradient(grad_output, kernel):
    kernel = torch.flip(kernel, (0, 1))
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] += grad_output[r, c] * kernel
    return grad


@attempt("input_gradient", mistake="valid correlation of the gradient: smaller, not larger")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    out = torch.zeros(max(h - kH + 1, 0), max(w - kW + 1, 0))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (grad_output[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("input_gradient", mistake="as large as the gradient: the picture's last rows and columns lost")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] += grad_output[r, c] * kernel
    return grad[:h, :w]


@attempt("input_gradient", mistake="gradient taken to be 1 everywhere: coverage by the weights")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] += kernel
    return grad


@attempt("input_gradient", mistake="uphill and downhill mixed up: sign")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] -= grad_output[r, c] * kernel
    return grad


@attempt("input_gradient", mistake="mean over the windows that overlap, not sum")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h + kH - 1, w + kW - 1)
    count = torch.zeros_like(grad)
    for r in range(h):
        for c in range(w):
            grad[r : r + kH, c : c + kW] += grad_output[r, c] * kernel
            count[r : r + kH, c : c + kW] += 1
    return grad / count


@attempt("input_gradient", mistake="windows side by side: stepped by the kernel's size, no overlap")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    kH, kW = kernel.shape
    grad = torch.zeros(h * kH, w * kW)
    for r in range(h):
        for c in range(w):
            grad[r * kH : r * kH + kH, c * kW : c * kW + kW] += grad_output[r, c] * kernel
    return grad


@attempt("input_gradient", mistake="square kernels only")
def input_gradient(grad_output, kernel):
    h, w = grad_output.shape
    k = kernel.shape[0]
    grad = torch.zeros(h + k - 1, w + k - 1)
    for r in range(h):
        for c in range(w):
            grad[r : r + k, c : c + k] += grad_output[r, c] * kernel
    return grad


@attempt("input_gradient", mistake="autograd where by hand was asked", forbidden=True)
def input_gradient(grad_output, kernel):
    kH, kW = kernel.shape
    x = torch.zeros(1, 1, grad_output.shape[0] + kH - 1, grad_output.shape[1] + kW - 1, requires_grad=True)
    F.conv2d(x, kernel[None, None].float()).backward(grad_output[None, None].float())
    return x.grad[0, 0]
