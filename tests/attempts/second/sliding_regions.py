"""Lesson 1, sliding regions: the second bank."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

# ---- region_at


@attempt("region_at", name="stops_at_the_size")
def region_at(x, row, col, height, width):
    part = x[row:height]
    part = part[:, col:width]
    return part


@attempt("region_at", name="sides_swapped")
def region_at(x, row, col, height, width):
    end_row = row + width
    end_col = col + height
    return x[row:end_row, col:end_col]


@attempt("region_at", name="one_too_many")
def region_at(x, row, col, height, width):
    rows = torch.arange(row, row + height + 1)
    cols = torch.arange(col, col + width + 1)
    rows = rows[rows < x.shape[0]]
    cols = cols[cols < x.shape[1]]
    return x[rows][:, cols]


@attempt("region_at", name="rows_and_columns_swapped")
def region_at(x, row, col, height, width):
    return x[col : col + width, row : row + height]


@attempt("region_at", name="one_short")
def region_at(x, row, col, height, width):
    lines = []
    for i in range(row, row + height - 1):
        lines.append(x[i, col : col + width - 1])
    if not lines:
        return torch.zeros(0, width - 1)
    return torch.stack(lines)


@attempt("region_at", mistake="none of the catalogue")
def region_at(x, row, col, height, width):
    return x[row : row + height][col : col + width]


@attempt("region_at", right=True)
def region_at(x, row, col, height, width):
    out = torch.zeros(height, width)
    for i in range(height):
        for j in range(width):
            out[i, j] = x[row + i, col + j]
    return out


@attempt("region_at", right=True)
def region_at(x, row, col, height, width):
    return x.narrow(0, row, height).narrow(1, col, width).clone()


# ---- edge_region_shape


attempt_value("edge_region_shape", (3, 3), name="as_asked")


attempt_value("edge_region_shape", [2, 3], name="sides_swapped")


# ---- apply_kernel


@attempt("apply_kernel", name="mean_not_sum")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    total = 0.0
    for a in range(kh):
        for b in range(kw):
            total = total + float(x[row + a, col + b] * kernel[a, b])
    return total / (kh * kw)


@attempt("apply_kernel", name="matrix_product")
def apply_kernel(x, row, col, kernel):
    h, w = kernel.shape
    region = x[row : row + h, col : col + w]
    return torch.matmul(region, kernel).sum()


@attempt("apply_kernel", name="kernel_flipped")
def apply_kernel(x, row, col, kernel):
    h, w = kernel.shape
    s = 0
    for i in range(h):
        for j in range(w):
            s += x[row + i, col + j] * kernel[-1 - i, -1 - j]
    return s


@attempt("apply_kernel", name="products_not_added")
def apply_kernel(x, row, col, kernel):
    result = x[row : row + kernel.shape[0], col : col + kernel.shape[1]]
    result = result * kernel
    return result


@attempt("apply_kernel", name="three_by_three_only")
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(3):
        for j in range(3):
            total += x[row + i][col + j] * kernel[i][j]
    return total


@attempt("apply_kernel", name="sign_lost")
def apply_kernel(x, row, col, kernel):
    h, w = kernel.shape
    return (x[row : row + h, col : col + w] * kernel).sum().abs()


@attempt("apply_kernel", name="last_weights_missed")
def apply_kernel(x, row, col, kernel):
    height, width = kernel.shape
    number = 0
    for i in range(height - 1):
        for j in range(width - 1):
            number += x[row + i, col + j] * kernel[i, j]
    return number


@attempt("apply_kernel", right=True)
def apply_kernel(x, row, col, kernel):
    h, w = kernel.shape
    return torch.dot(x[row : row + h, col : col + w].reshape(-1).float(), kernel.reshape(-1).float())


@attempt("apply_kernel", right=True)
def apply_kernel(x, row, col, kernel):
    return sum((a * b).item() for r, k in zip(x[row:], kernel) for a, b in zip(r[col:], k))


# ---- positions


@attempt("positions", name="last_missed")
def positions(image_shape, kernel_shape):
    places = []
    for r in range(0, image_shape[0] - kernel_shape[0]):
        for c in range(0, image_shape[1] - kernel_shape[1]):
            places.append((r, c))
    return places


@attempt("positions", name="column_by_column")
def positions(image_shape, kernel_shape):
    rows = image_shape[0] - kernel_shape[0] + 1
    cols = image_shape[1] - kernel_shape[1] + 1
    result = []
    for c in range(cols):
        for r in range(rows):
            result.append((r, c))
    return result


@attempt("positions", name="every_pixel")
def positions(image_shape, kernel_shape):
    h, w = image_shape
    out = []
    r = 0
    while r < h:
        c = 0
        while c < w:
            out.append((r, c))
            c += 1
        r += 1
    return out


@attempt("positions", name="rows_and_columns_swapped")
def positions(image_shape, kernel_shape):
    w, h = image_shape
    kw, kh = kernel_shape
    return [(r, c) for r in range(h - kh + 1) for c in range(w - kw + 1)]


@attempt("positions", mistake="none of the catalogue")
def positions(image_shape, kernel_shape):
    rows = image_shape[0] - kernel_shape[0] + 1
    cols = image_shape[1] - kernel_shape[1] + 1
    return [[(r, c) for c in range(cols)] for r in range(rows)]


@attempt("positions", right=True)
def positions(image_shape, kernel_shape):
    return list(itertools.product(*(range(n - k + 1) for n, k in zip(image_shape, kernel_shape))))


# ---- output_shape


@attempt("output_shape", name="one_lost")
def output_shape(image_shape, kernel_shape):
    shape = (image_shape[0] - kernel_shape[0], image_shape[1] - kernel_shape[1])
    return shape


@attempt("output_shape", name="odd_only")
def output_shape(image_shape, kernel_shape):
    rows = image_shape[0] - (kernel_shape[0] // 2) * 2
    cols = image_shape[1] - (kernel_shape[1] // 2) * 2
    return rows, cols


@attempt("output_shape", name="sides_swapped")
def output_shape(image_shape, kernel_shape):
    width = image_shape[1] - kernel_shape[1] + 1
    height = image_shape[0] - kernel_shape[0] + 1
    return (width, height)


@attempt("output_shape", name="how_many")
def output_shape(image_shape, kernel_shape):
    count = 0
    for r in range(image_shape[0] - kernel_shape[0] + 1):
        for c in range(image_shape[1] - kernel_shape[1] + 1):
            count += 1
    return count


@attempt("output_shape", mistake="none of the catalogue")
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] - kernel_shape[0] + 2, image_shape[1] - kernel_shape[1] + 2)


@attempt("output_shape", right=True)
def output_shape(image_shape, kernel_shape):
    return torch.empty(*image_shape).unfold(0, kernel_shape[0], 1).unfold(1, kernel_shape[1], 1).shape[:2]


# ---- corr2d


@attempt("corr2d", name="kernel_flipped")
def corr2d(x, kernel):
    h, w = kernel.shape
    out = torch.zeros(x.shape[0] - h + 1, x.shape[1] - w + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(h):
                for j in range(w):
                    out[r, c] += x[r + i, c + j] * kernel[h - i - 1, w - j - 1]
    return out


@attempt("corr2d", name="last_missed")
def corr2d(x, kernel):
    h, w = kernel.shape
    H, W = x.shape
    result = torch.zeros(H - h, W - w)
    for r in range(H - h):
        for c in range(W - w):
            result[r, c] = torch.sum(x[r : r + h, c : c + w] * kernel)
    return result


@attempt("corr2d", name="last_left_at_zero")
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    y = torch.zeros((H - kH + 1, W - kW + 1))
    i = 0
    while i < H - kH:
        j = 0
        while j < W - kW:
            y[i, j] = (x[i : i + kH, j : j + kW] * kernel).sum()
            j += 1
        i += 1
    return y


@attempt("corr2d", name="matrix_product")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    rows = []
    for r in range(x.shape[0] - kH + 1):
        row = []
        for c in range(x.shape[1] - kW + 1):
            row.append((x[r : r + kH, c : c + kW] @ kernel).sum())
        rows.append(torch.stack(row))
    return torch.stack(rows)


@attempt("corr2d", name="mean_not_sum")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = np.zeros((x.shape[0] - kH + 1, x.shape[1] - kW + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = np.mean(np.array(x[r : r + kH, c : c + kW]) * np.array(kernel))
    return out


@attempt("corr2d", name="zero_border_kept")
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros_like(x, dtype=torch.float32)
    ph, pw = kH // 2, kW // 2
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r + ph, c + pw] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", name="result_transposed")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    columns = []
    for c in range(x.shape[1] - kW + 1):
        column = []
        for r in range(x.shape[0] - kH + 1):
            column.append(float((x[r : r + kH, c : c + kW] * kernel).sum()))
        columns.append(column)
    return torch.tensor(columns)


@attempt("corr2d", name="fractions_cut_off")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    answer = [[0] * (x.shape[1] - kW + 1) for _ in range(x.shape[0] - kH + 1)]
    for r in range(len(answer)):
        for c in range(len(answer[0])):
            answer[r][c] = int((x[r : r + kH, c : c + kW] * kernel).sum())
    return torch.tensor(answer)


@attempt("corr2d", name="square_only")
def corr2d(x, kernel):
    k = kernel.shape[0]
    out = torch.zeros(x.shape[0] - k + 1, x.shape[1] - k + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + k, c : c + k] * kernel).sum()
    return out


@attempt("corr2d", name="square_images_only")
def corr2d(x, kernel):
    n = len(x)
    kH, kW = kernel.shape
    out = torch.zeros(n - kH + 1, n - kW + 1)
    for r in range(n - kH + 1):
        for c in range(n - kW + 1):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="none of the catalogue")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] + kernel).sum()
    return out


@attempt("corr2d", mistake="unfold, which this one may not use", forbidden=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    windows = x.float().unfold(0, kH, 1).unfold(1, kW, 1)
    return torch.einsum("rcij,ij->rc", windows, kernel.float())


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    oh, ow = x.shape[0] - kH + 1, x.shape[1] - kW + 1
    out = torch.zeros(oh, ow)
    for i in range(kH):
        for j in range(kW):
            out = out + x[i : i + oh, j : j + ow] * kernel[i, j]
    return out


@attempt("corr2d", mistake="NumPy's sliding_window_view, which this one may not use", forbidden=True)
def corr2d(x, kernel):
    a, k = np.asarray(x), np.asarray(kernel)
    views = np.lib.stride_tricks.sliding_window_view(a, k.shape)
    return (views * k).sum((2, 3))


# ---- convolve2d


@attempt("convolve2d", name="kernel_not_flipped")
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kH, j : j + kW] * kernel).sum()
    return out


@attempt("convolve2d", name="kernel_transposed")
def convolve2d(x, kernel):
    kernel = kernel.T
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kH, j : j + kW] * kernel).sum()
    return out


@attempt("convolve2d", name="quarter_turn")
def convolve2d(x, kernel):
    turned = torch.rot90(kernel)
    kH, kW = turned.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kH, j : j + kW] * turned).sum()
    return out


@attempt("convolve2d", name="flipped_top_to_bottom_only")
def convolve2d(x, kernel):
    rows = []
    for i in range(len(kernel)):
        rows.append(kernel[len(kernel) - 1 - i])
    turned = torch.stack(rows)
    kH, kW = turned.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kH, j : j + kW] * turned).sum()
    return out


@attempt("convolve2d", name="image_turned")
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    x = x.flip(0).flip(1)
    return torch.tensor(
        [
            [float((x[i : i + kH, j : j + kW] * kernel).sum()) for j in range(x.shape[1] - kW + 1)]
            for i in range(x.shape[0] - kH + 1)
        ]
    )


@attempt("convolve2d", mistake="none of the catalogue")
def convolve2d(x, kernel):
    kernel = kernel[::-1, ::-1]
    return corr2d(x, kernel)


@attempt("convolve2d", right=True)
def convolve2d(x, kernel):
    k = np.rot90(np.asarray(kernel), 2)
    kH, kW = k.shape
    x = np.asarray(x)
    return [
        [float((x[i : i + kH, j : j + kW] * k).sum()) for j in range(x.shape[1] - kW + 1)]
        for i in range(x.shape[0] - kH + 1)
    ]


# ---- same_either_way


@attempt("same_either_way", name="mirrored_left_to_right")
def same_either_way(kernel):
    rows, cols = kernel.shape
    for r in range(rows):
        for c in range(cols):
            if kernel[r, c] != kernel[r, cols - 1 - c]:
                return False
    return True


@attempt("same_either_way", name="mirrored_on_the_diagonal")
def same_either_way(kernel):
    if kernel.shape[0] != kernel.shape[1]:
        return False
    return bool((kernel == kernel.T).all())


@attempt("same_either_way", name="both_mirrors_wanted")
def same_either_way(kernel):
    up_down = torch.equal(kernel, kernel.flip(0))
    left_right = torch.equal(kernel, kernel.flip(1))
    return up_down and left_right


@attempt("same_either_way", name="part_compared")
def same_either_way(kernel):
    flat = kernel.flatten()
    return bool(flat[0] == flat[-1])


@attempt("same_either_way", name="compared_by_sums")
def same_either_way(kernel):
    turned = kernel.flip(0).flip(1)
    return bool(kernel.sum() == turned.sum())


@attempt("same_either_way", right=True)
def same_either_way(kernel):
    numbers = kernel.flatten().tolist()
    return numbers == list(reversed(numbers))


@attempt("same_either_way", mistake="none of the catalogue")
def same_either_way(kernel):
    return True


@attempt("region_at", name="counted_from_one")
def region_at(x, row, col, height, width):
    return x[row - 1 : row - 1 + height, col - 1 : col - 1 + width]


@attempt("apply_kernel", name="last_weights_missed")
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total += x[row + i, col + j] * kernel[i, j]
        return total


@attempt("apply_kernel", name="last_weights_missed")
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total += x[row + i, col + j] * kernel[i, j]
            return total


@attempt("same_either_way", name="never_the_same")
def same_either_way(kernel):
    return kernel.unique().numel() == 1
