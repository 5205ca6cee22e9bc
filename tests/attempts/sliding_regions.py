"""Lesson 1, sliding regions."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

# ---- region_at


@attempt("region_at", right=True)
def region_at(x, row, col, height, width):
    bottom = row + height
    right = col + width
    return x[row:bottom, col:right]


@attempt("region_at", right=True)
def region_at(x, row, col, height, width):
    result = []
    for i in range(height):
        line = []
        for j in range(width):
            line.append(x[row + i][col + j].item())
        result.append(line)
    return result


@attempt("region_at", right=True)
def region_at(x, row, col, height, width):
    return x.narrow(0, row, height).narrow(1, col, width).clone()


@attempt("region_at", right=True)
def region_at(x, row, col, height, width):
    return np.asarray(x)[np.ix_(range(row, row + height), range(col, col + width))]


@attempt("region_at", mistake="stops at height and width instead of row + height and col + width")
def region_at(x, row, col, height, width):
    return x[row:height, col:width]


@attempt("region_at", mistake="one row and one column too many: the stop of a slice is not included")
def region_at(x, row, col, height, width):
    return x[row : row + height + 1, col : col + width + 1]


@attempt("region_at", mistake="last row and last column missed", listed=True)
def region_at(x, row, col, height, width):
    return x[row : row + height - 1, col : col + width - 1]


@attempt("region_at", mistake="rows and columns swapped", listed=True)
def region_at(x, row, col, height, width):
    return x[col : col + width, row : row + height]


@attempt("region_at", mistake="column taken as x and row as y, but in the wrong places of the index", listed=True)
def region_at(x, row, col, height, width):
    return x[col : col + height, row : row + width]


@attempt("region_at", mistake="height and width swapped", listed=True)
def region_at(x, row, col, height, width):
    return x[row : row + width, col : col + height]


@attempt("region_at", mistake="square only: width ignored, height used twice", listed=True)
def region_at(x, row, col, height, width):
    return x[row : row + height, col : col + height]


@attempt("region_at", mistake="two slices one after the other both cut rows")
def region_at(x, row, col, height, width):
    return x[row : row + height][col : col + width]


@attempt("region_at", mistake="(row, col) taken as the centre of the region, not its top-left corner")
def region_at(x, row, col, height, width):
    top = row - height // 2
    left = col - width // 2
    return x[top : top + height, left : left + width]


@attempt("region_at", mistake="(row, col) taken as the centre, stopping at the picture's border")
def region_at(x, row, col, height, width):
    r0 = max(0, row - (height - 1) // 2)
    c0 = max(0, col - (width - 1) // 2)
    return x[r0 : row + height // 2 + 1, c0 : col + width // 2 + 1]


@attempt("region_at", mistake="(row, col) taken as the bottom-right corner")
def region_at(x, row, col, height, width):
    return x[row - height + 1 : row + 1, col - width + 1 : col + 1]


@attempt("region_at", mistake="rows and columns counted from 1")
def region_at(x, row, col, height, width):
    return x[row - 1 : row + height - 1, col - 1 : col + width - 1]


@attempt("region_at", mistake="only the rows are cut, the columns are not")
def region_at(x, row, col, height, width):
    return x[row : row + height]


@attempt("region_at", mistake="gives one pixel, not a region")
def region_at(x, row, col, height, width):
    return x[row, col]


@attempt("region_at", mistake="row and col ignored: always the top-left corner of the picture")
def region_at(x, row, col, height, width):
    return x[:height, :width]


@attempt("region_at", mistake="printed and not returned")
def region_at(x, row, col, height, width):
    print(x[row : row + height, col : col + width])


@attempt("region_at", mistake="right numbers in one flat list, not a region")
def region_at(x, row, col, height, width):
    numbers = []
    for r in range(row, row + height):
        for c in range(col, col + width):
            numbers.append(float(x[r, c]))
    return torch.tensor(numbers)


@attempt("region_at", mistake="commas for colons: picks single pixels")
def region_at(x, row, col, height, width):
    return x[row, row + height], x[col, col + width]


@attempt("region_at", mistake="the answer for the visible example only")
def region_at(x, row, col, height, width):
    return x[1:3, 2:4]


@attempt("region_at", mistake="region in the place where it was, zeros around it")
def region_at(x, row, col, height, width):
    mask = torch.zeros_like(x)
    mask[row : row + height, col : col + width] = 1
    return x * mask


@attempt("region_at", mistake="uses the notebook's own loop variable: name not defined")
def region_at(x, row, col, height, width):
    return x[row : row + h, col : col + w]


# ---- edge_region_shape

attempt_value("edge_region_shape", (3, 2), right=True)
attempt_value("edge_region_shape", [3, 2], right=True)
attempt_value("edge_region_shape", torch.Size([3, 2]), right=True)
attempt_value("edge_region_shape", (3, 3), mistake="believes that slicing always gives the size asked for")
attempt_value("edge_region_shape", (2, 3), mistake="rows and columns swapped", listed=True)
attempt_value("edge_region_shape", (2, 2), mistake="believes that both axes are cut off")
attempt_value("edge_region_shape", (3, 1), mistake="off by one: columns 4 and 5 are two")
attempt_value("edge_region_shape", "error", mistake="expects an error", listed=True)
attempt_value("edge_region_shape", "IndexError", mistake="expects an error", listed=True)
attempt_value("edge_region_shape", (3, 0), mistake="believes that a region that sticks out is empty")
attempt_value("edge_region_shape", (0, 0), mistake="believes that a region that sticks out is empty")
attempt_value("edge_region_shape", (0, 4), mistake="gives the corner, not the shape")
attempt_value("edge_region_shape", (3, 7), mistake="gives where the slices stop, not the shape")
attempt_value("edge_region_shape", 6, mistake="gives how many pixels, not the shape")
attempt_value("edge_region_shape", (6, 6), mistake="gives the shape of the whole picture")

# ---- apply_kernel


@attempt("apply_kernel", right=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[row : row + kh, col : col + kw] * kernel).sum().item()


@attempt("apply_kernel", right=True)
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(len(kernel)):
        for j in range(len(kernel[0])):
            total += float(x[row + i, col + j]) * float(kernel[i, j])
    return total


@attempt("apply_kernel", right=True)
def apply_kernel(x, row, col, kernel):
    patch = x[row : row + kernel.size(0), col : col + kernel.size(1)]
    return torch.dot(patch.reshape(-1).double(), kernel.reshape(-1).double())


@attempt("apply_kernel", right=True)
def apply_kernel(x, row, col, kernel):
    a, k = np.array(x, dtype=float), np.array(kernel, dtype=float)
    return np.sum(a[row : row + k.shape[0], col : col + k.shape[1]] * k)


@attempt("apply_kernel", mistake="matrix product instead of products entry by entry", listed=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[row : row + kh, col : col + kw] @ kernel).sum()


@attempt("apply_kernel", mistake="matrix product with the turned-over kernel, to make the sizes fit", listed=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    patch = x[row : row + kh, col : col + kw]
    return torch.matmul(patch, kernel.T).sum()


@attempt("apply_kernel", mistake="mean instead of sum", listed=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[row : row + kh, col : col + kw] * kernel).mean()


@attempt("apply_kernel", mistake="divided by the number of weights, a mean instead of a sum", listed=True)
def apply_kernel(x, row, col, kernel):
    total = 0.0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total += x[row + i, col + j] * kernel[i, j]
    return total / kernel.numel()


@attempt("apply_kernel", mistake="divided by the sum of the weights, as an average would be")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    s = kernel.sum()
    if s == 0:
        s = 1
    return (x[row : row + kh, col : col + kw] * kernel).sum() / s


@attempt("apply_kernel", mistake="kernel turned by 180 degrees", listed=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[row : row + kh, col : col + kw] * torch.flip(kernel, (0, 1))).sum()


@attempt("apply_kernel", mistake="always 3x3")
def apply_kernel(x, row, col, kernel):
    region = x[row : row + 3, col : col + 3]
    return (region * kernel).sum()


@attempt("apply_kernel", mistake="always 3x3, in loops")
def apply_kernel(x, row, col, kernel):
    result = 0
    for i in range(3):
        for j in range(3):
            result += x[row + i][col + j] * kernel[i][j]
    return result


@attempt("apply_kernel", mistake="square only: the height of the kernel used for its width", listed=True)
def apply_kernel(x, row, col, kernel):
    k = kernel.shape[0]
    return (x[row : row + k, col : col + k] * kernel).sum()


@attempt("apply_kernel", mistake="square only: loops over the height twice", listed=True)
def apply_kernel(x, row, col, kernel):
    n = len(kernel)
    out = 0
    for i in range(n):
        for j in range(n):
            out = out + x[row + i, col + j] * kernel[i, j]
    return out


@attempt("apply_kernel", mistake="row and column swapped", listed=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[col : col + kh, row : row + kw] * kernel).sum()


@attempt("apply_kernel", mistake="sums one axis only")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[row : row + kh, col : col + kw] * kernel).sum(dim=0)


@attempt("apply_kernel", mistake="products not added up")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return x[row : row + kh, col : col + kw] * kernel


@attempt("apply_kernel", mistake="sum of the patch times sum of the kernel, not sum of products")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return x[row : row + kh, col : col + kw].sum() * kernel.sum()


@attempt("apply_kernel", mistake="adds instead of multiplying")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return (x[row : row + kh, col : col + kw] + kernel).sum()


@attempt("apply_kernel", mistake="the kernel is forgotten: sum of the patch")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return x[row : row + kh, col : col + kw].sum()


@attempt("apply_kernel", mistake="(row, col) taken as the centre of the kernel")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    total = 0
    for i in range(kh):
        for j in range(kw):
            total += x[row + i - kh // 2, col + j - kw // 2] * kernel[i, j]
    return total


@attempt("apply_kernel", mistake="returns inside the loop: first product only")
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total += x[row + i, col + j] * kernel[i, j]
        return total


@attempt("apply_kernel", mistake="= where += was meant: last product only")
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total = x[row + i, col + j] * kernel[i, j]
    return total


@attempt("apply_kernel", mistake="last row and column of the kernel missed", listed=True)
def apply_kernel(x, row, col, kernel):
    total = 0
    for i in range(kernel.shape[0] - 1):
        for j in range(kernel.shape[1] - 1):
            total += x[row + i, col + j] * kernel[i, j]
    return total


@attempt("apply_kernel", mistake="result made whole, fractions lost", listed=True)
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return int((x[row : row + kh, col : col + kw] * kernel).sum())


@attempt("apply_kernel", mistake="changes the picture: the products are written into x")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    patch = x[row : row + kh, col : col + kw]
    patch *= kernel
    return patch.sum()


@attempt("apply_kernel", mistake="row and col ignored: kernel against the whole picture")
def apply_kernel(x, row, col, kernel):
    return (x * kernel).sum()


@attempt("apply_kernel", mistake="stop of the slice without the start")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    patch = x[row:kh, col:kw]
    return (patch * kernel).sum()


@attempt("apply_kernel", mistake="square root and squares: a distance, not a sum of products")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return ((x[row : row + kh, col : col + kw] * kernel) ** 2).sum() ** 0.5


@attempt("apply_kernel", mistake="absolute value of the sum: negative answers lose their sign")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    return abs((x[row : row + kh, col : col + kw] * kernel).sum())


@attempt("apply_kernel", mistake="negative answers cut off at zero")
def apply_kernel(x, row, col, kernel):
    kh, kw = kernel.shape
    value = float((x[row : row + kh, col : col + kw] * kernel).sum())
    return max(0, min(255, value))


# ---- positions


@attempt("positions", right=True)
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kh, kw = kernel_shape
    return list(itertools.product(range(H - kh + 1), range(W - kw + 1)))


@attempt("positions", right=True)
def positions(image_shape, kernel_shape):
    places = []
    r = 0
    while r + kernel_shape[0] <= image_shape[0]:
        c = 0
        while c + kernel_shape[1] <= image_shape[1]:
            places.append([r, c])
            c += 1
        r += 1
    return places


@attempt("positions", right=True)
def positions(image_shape, kernel_shape):
    rows, cols = (n - k + 1 for n, k in zip(image_shape, kernel_shape, strict=True))
    return [divmod(i, cols) for i in range(rows * cols)]


@attempt("positions", right=True)
def positions(image_shape, kernel_shape):
    every = [(r, c) for r in range(image_shape[0]) for c in range(image_shape[1])]
    return [(r, c) for r, c in every if r + kernel_shape[0] <= image_shape[0] and c + kernel_shape[1] <= image_shape[1]]


@attempt("positions", mistake="last row and last column of positions missed", listed=True)
def positions(image_shape, kernel_shape):
    return [(r, c) for r in range(image_shape[0] - kernel_shape[0]) for c in range(image_shape[1] - kernel_shape[1])]


@attempt("positions", mistake="last row and last column of positions missed: < for <=", listed=True)
def positions(image_shape, kernel_shape):
    result = []
    for r in range(image_shape[0]):
        for c in range(image_shape[1]):
            if r + kernel_shape[0] < image_shape[0] and c + kernel_shape[1] < image_shape[1]:
                result.append((r, c))
    return result


@attempt("positions", mistake="last column missed, rows right", listed=True)
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [(r, c) for r in range(H - kH + 1) for c in range(W - kW)]


@attempt("positions", mistake="one too many each way")
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    out = []
    for r in range(0, H - kH + 2):
        for c in range(0, W - kW + 2):
            out.append((r, c))
    return out


@attempt("positions", mistake="every pixel of the picture, also where the kernel sticks out")
def positions(image_shape, kernel_shape):
    return [(r, c) for r in range(image_shape[0]) for c in range(image_shape[1])]


@attempt("positions", mistake="column by column instead of row by row")
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [(r, c) for c in range(W - kW + 1) for r in range(H - kH + 1)]


@attempt("positions", mistake="(col, row) instead of (row, col)", listed=True)
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [(c, r) for r in range(H - kH + 1) for c in range(W - kW + 1)]


@attempt("positions", mistake="shape read as (width, height): rows and columns swapped", listed=True)
def positions(image_shape, kernel_shape):
    width, height = image_shape
    kw, kh = kernel_shape
    spots = []
    for row in range(height - kh + 1):
        for col in range(width - kw + 1):
            spots.append((row, col))
    return spots


@attempt("positions", mistake="square only: the number of rows used for columns", listed=True)
def positions(image_shape, kernel_shape):
    n = image_shape[0] - kernel_shape[0] + 1
    return [(i, j) for i in range(n) for j in range(n)]


@attempt("positions", mistake="kernel taken to be 3x3")
def positions(image_shape, kernel_shape):
    return [(i, j) for i in range(image_shape[0] - 2) for j in range(image_shape[1] - 2)]


@attempt("positions", mistake="the centre of the kernel, not its top-left corner")
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [(r, c) for r in range(kH // 2, H - kH // 2) for c in range(kW // 2, W - kW // 2)]


@attempt("positions", mistake="steps by the kernel's size: tiles that do not overlap")
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [(r, c) for r in range(0, H - kH + 1, kH) for c in range(0, W - kW + 1, kW)]


@attempt("positions", mistake="rows and columns zipped: the diagonal only")
def positions(image_shape, kernel_shape):
    rows = range(image_shape[0] - kernel_shape[0] + 1)
    cols = range(image_shape[1] - kernel_shape[1] + 1)
    return list(zip(rows, cols, strict=False))


@attempt("positions", mistake="a list of rows of positions, not one list")
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [[(r, c) for c in range(W - kW + 1)] for r in range(H - kH + 1)]


@attempt("positions", mistake="returns inside the loop: first row only")
def positions(image_shape, kernel_shape):
    result = []
    for r in range(image_shape[0] - kernel_shape[0] + 1):
        for c in range(image_shape[1] - kernel_shape[1] + 1):
            result.append((r, c))
        return result


@attempt("positions", mistake="counted from 1")
def positions(image_shape, kernel_shape):
    H, W = image_shape
    kH, kW = kernel_shape
    return [(r, c) for r in range(1, H - kH + 2) for c in range(1, W - kW + 2)]


@attempt("positions", mistake="how many positions, not which")
def positions(image_shape, kernel_shape):
    return (image_shape[0] - kernel_shape[0] + 1) * (image_shape[1] - kernel_shape[1] + 1)


@attempt("positions", mistake="shapes taken for pictures")
def positions(image_shape, kernel_shape):
    H, W = image_shape.shape
    kH, kW = kernel_shape.shape
    return [(r, c) for r in range(H - kH + 1) for c in range(W - kW + 1)]


@attempt("positions", mistake="range of a pair: forgot to take the shape apart")
def positions(image_shape, kernel_shape):
    return [(r, c) for r in range(image_shape) for c in range(kernel_shape)]


@attempt("positions", mistake="append of two numbers, not one pair")
def positions(image_shape, kernel_shape):
    result = []
    for r in range(image_shape[0] - kernel_shape[0] + 1):
        for c in range(image_shape[1] - kernel_shape[1] + 1):
            result.append(r)
            result.append(c)
    return result


# ---- output_shape


@attempt("output_shape", right=True)
def output_shape(image_shape, kernel_shape):
    return [image_shape[0] - kernel_shape[0] + 1, image_shape[1] - kernel_shape[1] + 1]


@attempt("output_shape", right=True)
def output_shape(image_shape, kernel_shape):
    return tuple(1 + a - b for a, b in zip(image_shape, kernel_shape, strict=True))


@attempt("output_shape", right=True)
def output_shape(image_shape, kernel_shape):
    rows = len([r for r in range(image_shape[0]) if r + kernel_shape[0] <= image_shape[0]])
    cols = len([c for c in range(image_shape[1]) if c + kernel_shape[1] <= image_shape[1]])
    return torch.Size([rows, cols])


@attempt("output_shape", right=True)
def output_shape(image_shape, kernel_shape):
    return torch.zeros(*image_shape)[kernel_shape[0] - 1 :, kernel_shape[1] - 1 :].shape


@attempt("output_shape", mistake="+1 lost: last row and column missed", listed=True)
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] - kernel_shape[0], image_shape[1] - kernel_shape[1])


@attempt("output_shape", mistake="-1 for +1")
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] - kernel_shape[0] - 1, image_shape[1] - kernel_shape[1] - 1)


@attempt("output_shape", mistake="columns before rows", listed=True)
def output_shape(image_shape, kernel_shape):
    return (image_shape[1] - kernel_shape[1] + 1, image_shape[0] - kernel_shape[0] + 1)


@attempt("output_shape", mistake="kernel's axes swapped", listed=True)
def output_shape(image_shape, kernel_shape):
    kw, kh = kernel_shape
    h, w = image_shape
    return (h - kh + 1, w - kw + 1)


@attempt("output_shape", mistake="always two smaller, as for a 3x3 kernel")
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] - 2, image_shape[1] - 2)


@attempt("output_shape", mistake="square only: kernel's height used for both", listed=True)
def output_shape(image_shape, kernel_shape):
    k = kernel_shape[0]
    return (image_shape[0] - k + 1, image_shape[1] - k + 1)


@attempt("output_shape", mistake="k // 2 off each side: right for odd kernels only", listed=True)
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] - 2 * (kernel_shape[0] // 2), image_shape[1] - 2 * (kernel_shape[1] // 2))


@attempt("output_shape", mistake="divides: how many tiles, not how many positions")
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] // kernel_shape[0], image_shape[1] // kernel_shape[1])


@attempt("output_shape", mistake="the number of positions, not the shape")
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] - kernel_shape[0] + 1) * (image_shape[1] - kernel_shape[1] + 1)


@attempt("output_shape", mistake="the picture's own shape")
def output_shape(image_shape, kernel_shape):
    return tuple(image_shape)


@attempt("output_shape", mistake="full instead of valid")
def output_shape(image_shape, kernel_shape):
    return (image_shape[0] + kernel_shape[0] - 1, image_shape[1] + kernel_shape[1] - 1)


@attempt("output_shape", mistake="subtracts one tuple from another: Python's error")
def output_shape(image_shape, kernel_shape):
    return image_shape - kernel_shape + 1


@attempt("output_shape", mistake="printed and not returned")
def output_shape(image_shape, kernel_shape):
    print((image_shape[0] - kernel_shape[0] + 1, image_shape[1] - kernel_shape[1] + 1))


@attempt("output_shape", mistake="last corner, not the number of corners")
def output_shape(image_shape, kernel_shape):
    last = [
        (r, c) for r in range(image_shape[0] - kernel_shape[0] + 1) for c in range(image_shape[1] - kernel_shape[1] + 1)
    ][-1]
    return last


@attempt("output_shape", mistake="all the positions, not the shape")
def output_shape(image_shape, kernel_shape):
    return [
        (r, c) for r in range(image_shape[0] - kernel_shape[0] + 1) for c in range(image_shape[1] - kernel_shape[1] + 1)
    ]


# ---- corr2d


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H - kH + 1, W - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    rows = x.shape[0] - kernel.shape[0] + 1
    cols = x.shape[1] - kernel.shape[1] + 1
    return sum(
        kernel[i, j] * x[i : i + rows, j : j + cols] for i in range(kernel.shape[0]) for j in range(kernel.shape[1])
    )


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    h, w = len(kernel), len(kernel[0])
    return [
        [
            sum(x[r + i][c + j].item() * kernel[i][j].item() for i in range(h) for j in range(w))
            for c in range(len(x[0]) - w + 1)
        ]
        for r in range(len(x) - h + 1)
    ]


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    a, k = np.asarray(x, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    rows, cols = a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1
    result = np.empty((rows, cols))
    for r, c in np.ndindex(rows, cols):
        result[r, c] = np.vdot(a[r : r + k.shape[0], c : c + k.shape[1]], k)
    return result


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    def region_at(x, row, col, height, width):
        return x[row : row + height, col : col + width]

    def apply_kernel(x, row, col, kernel):
        return (region_at(x, row, col, *kernel.shape) * kernel).sum()

    shape = (x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1)
    values = [apply_kernel(x, i // shape[1], i % shape[1], kernel) for i in range(shape[0] * shape[1])]
    return torch.stack(values).reshape(shape)


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    kh, kw = kernel.shape
    rows = torch.arange(x.shape[0] - kh + 1)[:, None] + torch.arange(kh)
    cols = torch.arange(x.shape[1] - kw + 1)[:, None] + torch.arange(kw)
    patches = x[rows[:, None, :, None], cols[None, :, None, :]]
    return torch.einsum("rcij,ij->rc", patches.float(), kernel.float())


@attempt("corr2d", right=True)
def corr2d(x, kernel):
    # every pixel gives its share to every output that it can reach
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H - kH + 1, W - kW + 1, dtype=torch.float64)
    for r in range(H):
        for c in range(W):
            for i in range(kH):
                for j in range(kW):
                    if 0 <= r - i < H - kH + 1 and 0 <= c - j < W - kW + 1:
                        out[r - i, c - j] += x[r, c] * kernel[i, j]
    return out


@attempt("corr2d", mistake="kernel turned by 180 degrees: true convolution", listed=True)
def corr2d(x, kernel):
    kernel = torch.flip(kernel, dims=(0, 1))
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H - kH + 1, W - kW + 1)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="kernel turned by 180 degrees by its indices", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[r + i, c + j] * kernel[kH - 1 - i, kW - 1 - j]
    return out


@attempt("corr2d", mistake="kernel upside down")
def corr2d(x, kernel):
    k = np.flipud(kernel.numpy())
    a = x.numpy()
    out = np.zeros((a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = np.sum(a[r : r + k.shape[0], c : c + k.shape[1]] * k)
    return out


@attempt("corr2d", mistake="kernel transposed", listed=True)
def corr2d(x, kernel):
    kernel = kernel.T
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = torch.sum(x[r : r + kH, c : c + kW] * kernel)
    return out


@attempt("corr2d", mistake="kernel transposed by its indices", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            s = 0
            for i in range(kH):
                for j in range(kW):
                    s += x[r + i, c + j] * kernel[j, i]
            out[r, c] = s
    return out


@attempt("corr2d", mistake="matrix product instead of products", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] @ kernel).sum()
    return out


@attempt("corr2d", mistake="np.dot, a matrix product, instead of products", listed=True)
def corr2d(x, kernel):
    x, kernel = np.array(x), np.array(kernel)
    m, n = kernel.shape
    y, w = x.shape
    new = np.zeros((y - m + 1, w - n + 1))
    for i in range(y - m + 1):
        for j in range(w - n + 1):
            new[i][j] = np.sum(np.dot(x[i : i + m, j : j + n], kernel))
    return new


@attempt("corr2d", mistake="mean instead of sum", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).mean()
    return out


@attempt("corr2d", mistake="last row and column missed", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH, x.shape[1] - kW)
    for r in range(x.shape[0] - kH):
        for c in range(x.shape[1] - kW):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="room made for all, but the last row and column never visited", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(x.shape[0] - kH):
        for c in range(x.shape[1] - kW):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="last row and column of the kernel missed", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH - 1):
                for j in range(kW - 1):
                    out[r, c] += x[r + i, c + j] * kernel[i, j]
    return out


@attempt("corr2d", mistake="picture's rows and columns swapped while sliding", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[c : c + kH, r : r + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="the result is transposed", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    columns = []
    for c in range(x.shape[1] - kW + 1):
        columns.append([(x[r : r + kH, c : c + kW] * kernel).sum() for r in range(x.shape[0] - kH + 1)])
    return torch.tensor(columns)


@attempt("corr2d", mistake="visited column by column, then put in row by row")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    values = []
    for c in range(x.shape[1] - kW + 1):
        for r in range(x.shape[0] - kH + 1):
            values.append((x[r : r + kH, c : c + kW] * kernel).sum())
    return torch.tensor(values).reshape(x.shape[0] - kH + 1, x.shape[1] - kW + 1)


@attempt("corr2d", mistake="square pictures only", listed=True)
def corr2d(x, kernel):
    n = x.shape[0]
    kH, kW = kernel.shape
    out = torch.zeros(n - kH + 1, n - kW + 1)
    for r in range(n - kH + 1):
        for c in range(n - kW + 1):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="square kernels only", listed=True)
def corr2d(x, kernel):
    H, W = x.shape
    k = kernel.shape[0]
    out = torch.zeros((H - k + 1, W - k + 1))
    for i in range(H - k + 1):
        for j in range(W - k + 1):
            out[i, j] = torch.sum(x[i : i + k, j : j + k] * kernel)
    return out


@attempt("corr2d", mistake="square kernels only, written as a chat assistant does for NumPy", listed=True)
def corr2d(x, kernel):
    image = np.array(x)
    kernel = np.array(kernel)
    image_h, image_w = image.shape
    kernel_size = kernel.shape[1]
    output = np.zeros((image_h - kernel_size + 1, image_w - kernel_size + 1))
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            region = image[i : i + kernel_size, j : j + kernel_size]
            output[i, j] = np.sum(region * kernel)
    return output


@attempt("corr2d", mistake="odd kernels only: k // 2 around a centre", listed=True)
def corr2d(x, kernel):
    h, w = x.shape
    rh, rw = kernel.shape[0] // 2, kernel.shape[1] // 2
    out = torch.zeros(h - 2 * rh, w - 2 * rw)
    for r in range(rh, h - rh):
        for c in range(rw, w - rw):
            out[r - rh, c - rw] = (x[r - rh : r + rh + 1, c - rw : c + rw + 1] * kernel).sum()
    return out


@attempt("corr2d", mistake="odd kernels only: (k - 1) // 2 around a centre, in index loops", listed=True)
def corr2d(x, kernel):
    h, w = x.shape
    a, b = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    out = torch.zeros(h - 2 * a, w - 2 * b)
    for r in range(a, h - a):
        for c in range(b, w - b):
            for i in range(-a, a + 1):
                for j in range(-b, b + 1):
                    out[r - a, c - b] += x[r + i, c + j] * kernel[i + a, j + b]
    return out


@attempt("corr2d", mistake="refuses even kernels", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    assert kH % 2 == 1 and kW % 2 == 1, "kernel must be odd"
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="zero border kept, the response centred in it", listed=True)
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H, W)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r + kH // 2, c + kW // 2] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="zero border kept, the response centred in it, (k - 1) // 2 for even kernels", listed=True)
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros_like(x)
    for r in range((kH - 1) // 2, H - kH // 2):
        for c in range((kW - 1) // 2, W - kW // 2):
            top, left = r - (kH - 1) // 2, c - (kW - 1) // 2
            out[r, c] = (x[top : top + kH, left : left + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="zero border kept, the response at the top left", listed=True)
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros_like(x)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="picture's own border kept: starts from a copy of x")
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = x.clone()
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r + kH // 2, c + kW // 2] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="response as large as the picture: pads with zeros by hand")
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    big = torch.zeros(H + kH - 1, W + kW - 1)
    big[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W] = x
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            out[r, c] = (big[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="slides beyond the edge, where slices come out too small")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape)
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="centre-indexed: negative indices wrap around to the other side", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[r + i - kH // 2, c + j - kW // 2] * kernel[i, j]
    return out


@attempt("corr2d", mistake="centre-indexed, wraps around by modulo", listed=True)
def corr2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H, W)
    for r in range(H):
        for c in range(W):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[(r + i - kH // 2) % H, (c + j - kW // 2) % W] * kernel[i, j]
    return out


@attempt("corr2d", mistake="result made whole: room of integers", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1, dtype=torch.int64)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="result made whole: each number through int()", listed=True)
def corr2d(x, kernel):
    kH, kW = kernel.shape
    rows = []
    for r in range(x.shape[0] - kH + 1):
        rows.append([int((x[r : r + kH, c : c + kW] * kernel).sum()) for c in range(x.shape[1] - kW + 1)])
    return torch.tensor(rows)


@attempt("corr2d", mistake="bytes: negative and large answers wrap around")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = np.zeros((x.shape[0] - kH + 1, x.shape[1] - kW + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out.astype(np.int64).astype(np.uint8)


@attempt("corr2d", mistake="clipped to what a picture can show: negatives become zero")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out.clamp(min=0)


@attempt("corr2d", mistake="a flat list, never made into rows")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = []
    for r in range(x.shape[0] - kH + 1):
        for c in range(x.shape[1] - kW + 1):
            out.append((x[r : r + kH, c : c + kW] * kernel).sum())
    return torch.tensor(out)


@attempt("corr2d", mistake="returns inside the outer loop: only the first row is filled")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
        return out


@attempt("corr2d", mistake="sum carried on from place to place: never set back to zero")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    total = 0
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    total += x[r + i, c + j] * kernel[i, j]
            out[r, c] = total
    return out


@attempt("corr2d", mistake="= where += was meant: last product only")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] = x[r + i, c + j] * kernel[i, j]
    return out


@attempt("corr2d", mistake="writes its answers into x while it still reads from it")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    for r in range(x.shape[0] - kH + 1):
        for c in range(x.shape[1] - kW + 1):
            x[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return x[: x.shape[0] - kH + 1, : x.shape[1] - kW + 1]


@attempt("corr2d", mistake="moves by the kernel's size: tiles, not every position")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(0, out.shape[0], kH):
        for c in range(0, out.shape[1], kW):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d", mistake="products of the whole picture with the kernel")
def corr2d(x, kernel):
    return x * kernel


@attempt("corr2d", mistake="picture @ kernel, believed to be correlation", listed=True)
def corr2d(x, kernel):
    return torch.matmul(x, kernel)


@attempt("corr2d", mistake="always 3x3")
def corr2d(x, kernel):
    H, W = x.shape
    out = torch.zeros(H - 2, W - 2)
    for r in range(H - 2):
        for c in range(W - 2):
            out[r, c] = (x[r : r + 3, c : c + 3] * kernel).sum()
    return out


@attempt("corr2d", mistake="one position too many: runs out of the picture")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(x.shape[0] - kH + 2):
        for c in range(x.shape[1] - kW + 2):
            out[r, c] = sum(x[r + i, c + j] * kernel[i, j] for i in range(kH) for j in range(kW))
    return out


@attempt("corr2d", mistake="divided by the sum of the weights: normalised although nobody asked")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    s = kernel.sum() if kernel.sum() != 0 else 1
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum() / s
    return out


@attempt("corr2d", mistake="rows of the kernel's sum left: sums one axis only")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum(axis=1)
    return out


@attempt("corr2d", mistake="printed and not returned")
def corr2d(x, kernel):
    kH, kW = kernel.shape
    for r in range(x.shape[0] - kH + 1):
        for c in range(x.shape[1] - kW + 1):
            print(r, c, (x[r : r + kH, c : c + kW] * kernel).sum())


@attempt("corr2d", mistake="library convolution where by hand was asked", forbidden=True)
def corr2d(x, kernel):
    return F.conv2d(x[None, None].float(), kernel[None, None].float())[0, 0]


@attempt("corr2d", mistake="library layer where by hand was asked", forbidden=True)
def corr2d(x, kernel):
    layer = torch.nn.Conv2d(1, 1, tuple(kernel.shape), bias=False)
    with torch.no_grad():
        layer.weight.copy_(kernel[None, None])
        return layer(x[None, None].float())[0, 0]


@attempt("corr2d", mistake="library unfold where by hand was asked", forbidden=True)
def corr2d(x, kernel):
    patches = x.float().unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (patches * kernel).sum((-1, -2))


# ---- convolve2d


@attempt("convolve2d", right=True)
def convolve2d(x, kernel):
    turned = torch.rot90(kernel, 2)
    kH, kW = turned.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * turned).sum()
    return out


@attempt("convolve2d", right=True)
def convolve2d(x, kernel):
    # as the mathematics books have it: every pixel stamps the kernel, and the whole of it is cropped
    H, W = x.shape
    kH, kW = kernel.shape
    full = torch.zeros(H + kH - 1, W + kW - 1, dtype=torch.float64)
    for r in range(H):
        for c in range(W):
            full[r : r + kH, c : c + kW] += x[r, c] * kernel
    return full[kH - 1 : H, kW - 1 : W]


@attempt("convolve2d", right=True)
def convolve2d(x, kernel):
    a = np.asarray(x, dtype=float)
    k = np.asarray(kernel, dtype=float)[::-1, ::-1]
    rows, cols = a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1
    return sum(k[i, j] * a[i : i + rows, j : j + cols] for i, j in np.ndindex(*k.shape))


@attempt("convolve2d", right=True)
def convolve2d(x, kernel):
    # turn the picture instead, correlate, and turn the answer back
    x = x.flip(0).flip(1)
    kH, kW = kernel.shape
    out = [
        [(x[r : r + kH, c : c + kW] * kernel).sum() for c in range(x.shape[1] - kW + 1)]
        for r in range(x.shape[0] - kH + 1)
    ]
    return torch.tensor(out).flip((0, 1))


@attempt("convolve2d", mistake="not turned: cross-correlation", listed=True)
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("convolve2d", mistake="turned twice, so not at all", listed=True)
def convolve2d(x, kernel):
    kernel = kernel.flip(0, 1)
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[r + i, c + j] * kernel[kH - i - 1, kW - j - 1]
    return out


@attempt("convolve2d", mistake="the result of flip thrown away: the kernel is not turned", listed=True)
def convolve2d(x, kernel):
    kernel.flip(0, 1)
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("convolve2d", mistake="upside down only")
def convolve2d(x, kernel):
    k = kernel.flip(0)
    kH, kW = k.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="left to right only")
def convolve2d(x, kernel):
    k = np.fliplr(np.array(kernel))
    a = np.array(x)
    kH, kW = k.shape
    out = np.zeros((a.shape[0] - kH + 1, a.shape[1] - kW + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (a[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="transposed instead of turned", listed=True)
def convolve2d(x, kernel):
    k = kernel.t()
    kH, kW = k.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="turned by 90 degrees only")
def convolve2d(x, kernel):
    k = torch.rot90(kernel)
    kH, kW = k.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="turned and transposed")
def convolve2d(x, kernel):
    k = torch.flip(kernel, [0, 1]).T
    kH, kW = k.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="the response turned, not the kernel")
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out.flip(0, 1)


@attempt("convolve2d", mistake="the picture turned, the response not turned back")
def convolve2d(x, kernel):
    x = torch.flip(x, (0, 1))
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("convolve2d", mistake="negative step in a tensor's slice: torch refuses")
def convolve2d(x, kernel):
    k = kernel[::-1, ::-1]
    kH, kW = k.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="kernel's index without the -1: one row and column wrong")
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[r + i, c + j] * kernel[-i, -j]
    return out


@attempt("convolve2d", mistake="kernel's index without the -1: runs out of the kernel")
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[r + i, c + j] * kernel[kH - i, kW - j]
    return out


@attempt("convolve2d", mistake="picture's index turned back instead: negative indices wrap around")
def convolve2d(x, kernel):
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kH):
                for j in range(kW):
                    out[r, c] += x[r - i, c - j] * kernel[i, j]
    return out


@attempt("convolve2d", mistake="the kernel is turned in place: the argument comes out changed")
def convolve2d(x, kernel):
    kernel[:] = kernel.flip(0, 1)
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("convolve2d", mistake="full: as large as any pixel meets any weight")
def convolve2d(x, kernel):
    H, W = x.shape
    kH, kW = kernel.shape
    out = torch.zeros(H + kH - 1, W + kW - 1)
    for r in range(H):
        for c in range(W):
            out[r : r + kH, c : c + kW] += x[r, c] * kernel
    return out


@attempt("convolve2d", mistake="zero border kept, the response centred in it", listed=True)
def convolve2d(x, kernel):
    k = kernel.flip(0, 1)
    H, W = x.shape
    kH, kW = k.shape
    out = torch.zeros(H, W)
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            out[r + kH // 2, c + kW // 2] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="same size: zeros padded around, as np.convolve(mode='same') would")
def convolve2d(x, kernel):
    flipped = np.flip(np.array(kernel))
    kh, kw = flipped.shape
    padded = np.pad(np.array(x), ((kh // 2, kh // 2), (kw // 2, kw // 2)))
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = np.sum(padded[i : i + kh, j : j + kw] * flipped)
    return out


@attempt("convolve2d", mistake="negated instead of turned")
def convolve2d(x, kernel):
    k = -kernel
    kH, kW = k.shape
    out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * k).sum()
    return out


@attempt("convolve2d", mistake="square kernels only: one k for both axes", listed=True)
def convolve2d(x, kernel):
    k = kernel.shape[0]
    turned = kernel.flip(0, 1)
    out = torch.zeros(x.shape[0] - k + 1, x.shape[1] - k + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + k, c : c + k] * turned).sum()
    return out


@attempt("convolve2d", mistake="turned, and last row and column missed", listed=True)
def convolve2d(x, kernel):
    turned = kernel.flip(0, 1)
    kH, kW = kernel.shape
    out = torch.zeros(x.shape[0] - kH, x.shape[1] - kW)
    for r in range(x.shape[0] - kH):
        for c in range(x.shape[1] - kW):
            out[r, c] = (x[r : r + kH, c : c + kW] * turned).sum()
    return out


@attempt("convolve2d", mistake="built on a corr2d that takes a mean", listed=True)
def convolve2d(x, kernel):
    def corr2d(x, kernel):
        kH, kW = kernel.shape
        out = torch.zeros(x.shape[0] - kH + 1, x.shape[1] - kW + 1)
        for r in range(out.shape[0]):
            for c in range(out.shape[1]):
                out[r, c] = (x[r : r + kH, c : c + kW] * kernel).mean()
        return out

    return corr2d(x, kernel.flip(0, 1))


@attempt("convolve2d", mistake="library convolution where by hand was asked", forbidden=True)
def convolve2d(x, kernel):
    return F.conv2d(x[None, None].float(), kernel.flip(0, 1)[None, None].float()).squeeze(0).squeeze(0)


@attempt("convolve2d", mistake="Fourier transform where by hand was asked", forbidden=True)
def convolve2d(x, kernel):
    (H, W), (kH, kW) = x.shape, kernel.shape
    spectrum = torch.fft.rfft2(x.double(), s=(H, W)) * torch.fft.rfft2(kernel.double(), s=(H, W))
    return torch.fft.irfft2(spectrum, s=(H, W))[kH - 1 :, kW - 1 :]


# ---- same_either_way


@attempt("same_either_way", right=True)
def same_either_way(kernel):
    return torch.equal(kernel, kernel.flip(0, 1))


@attempt("same_either_way", right=True)
def same_either_way(kernel):
    k = np.array(kernel)
    return (k == np.rot90(k, 2)).all()


@attempt("same_either_way", right=True)
def same_either_way(kernel):
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            if kernel[i, j] != kernel[-1 - i, -1 - j]:
                return False
    return True


@attempt("same_either_way", right=True)
def same_either_way(kernel):
    numbers = kernel.flatten().tolist()
    return numbers == numbers[::-1]


@attempt("same_either_way", right=True)
def same_either_way(kernel):
    return torch.all(kernel == torch.flip(kernel, dims=[0, 1]))


@attempt("same_either_way", mistake="transposed instead of turned: symmetric about the diagonal", listed=True)
def same_either_way(kernel):
    return torch.equal(kernel, kernel.T)


@attempt("same_either_way", mistake="transposed instead of turned, fails where the kernel is not square", listed=True)
def same_either_way(kernel):
    return bool((kernel == kernel.T).all())


@attempt("same_either_way", mistake="upside down only")
def same_either_way(kernel):
    return torch.equal(kernel, kernel.flip(0))


@attempt("same_either_way", mistake="left to right only")
def same_either_way(kernel):
    return torch.equal(kernel, torch.fliplr(kernel))


@attempt("same_either_way", mistake="asks for both mirror symmetries, which is too strict")
def same_either_way(kernel):
    return torch.equal(kernel, kernel.flip(0)) and torch.equal(kernel, kernel.flip(1))


@attempt("same_either_way", mistake="either mirror symmetry taken to be enough")
def same_either_way(kernel):
    return torch.equal(kernel, kernel.flip(0)) or torch.equal(kernel, kernel.flip(1))


@attempt("same_either_way", mistake="turned by 90 degrees only")
def same_either_way(kernel):
    return torch.equal(kernel, torch.rot90(kernel))


@attempt("same_either_way", mistake="only the first half of the rows compared", listed=True)
def same_either_way(kernel):
    h, w = kernel.shape
    for i in range(h // 2):
        for j in range(w):
            if kernel[i, j] != kernel[h - 1 - i, w - 1 - j]:
                return False
    return True


@attempt("same_either_way", mistake="only the first half of the columns compared", listed=True)
def same_either_way(kernel):
    h, w = kernel.shape
    return all(kernel[i, j] == kernel[h - 1 - i, w - 1 - j] for i in range(h) for j in range(w // 2))


@attempt("same_either_way", mistake="only the upper left quarter compared")
def same_either_way(kernel):
    h, w = kernel.shape
    return all(kernel[i, j] == kernel[-1 - i, -1 - j] for i in range((h + 1) // 2) for j in range((w + 1) // 2))


@attempt("same_either_way", mistake="only the rim compared", listed=True)
def same_either_way(kernel):
    t = kernel.flip(0, 1)
    return bool((kernel[0] == t[0]).all() and (kernel[:, 0] == t[:, 0]).all())


@attempt("same_either_way", mistake="only the four corners compared")
def same_either_way(kernel):
    return bool(kernel[0, 0] == kernel[-1, -1]) and bool(kernel[0, -1] == kernel[-1, 0])


@attempt("same_either_way", mistake="only the first row against the last", listed=True)
def same_either_way(kernel):
    return torch.equal(kernel[0], kernel[-1].flip(0))


@attempt("same_either_way", mistake="sums of rows and of columns compared", listed=True)
def same_either_way(kernel):
    rows, cols = kernel.sum(1), kernel.sum(0)
    return torch.equal(rows, rows.flip(0)) and torch.equal(cols, cols.flip(0))


@attempt("same_either_way", mistake="sums compared: always equal")
def same_either_way(kernel):
    return bool(kernel.sum() == kernel.flip(0, 1).sum())


@attempt("same_either_way", mistake="sorted weights compared: always equal")
def same_either_way(kernel):
    return sorted(kernel.flatten().tolist()) == sorted(kernel.flip(0, 1).flatten().tolist())


@attempt("same_either_way", mistake="any() for all(): one equal pair taken to be enough")
def same_either_way(kernel):
    return bool((kernel == kernel.flip(0, 1)).any())


@attempt("same_either_way", mistake="returns at the first pair: only the first compared")
def same_either_way(kernel):
    h, w = kernel.shape
    for i in range(h):
        for j in range(w):
            if kernel[i, j] == kernel[h - 1 - i, w - 1 - j]:
                return True
            else:
                return False


@attempt("same_either_way", mistake="a grid of True and False, not one")
def same_either_way(kernel):
    return kernel == kernel.flip(0, 1)


@attempt("same_either_way", mistake="truth of a whole grid: torch refuses")
def same_either_way(kernel):
    if kernel == kernel.flip(0, 1):
        return True
    return False


@attempt("same_either_way", mistake="the opposite answer")
def same_either_way(kernel):
    return not torch.equal(kernel, kernel.flip(0, 1))


@attempt("same_either_way", mistake="always True: believes that it never matters")
def same_either_way(kernel):
    return True


@attempt("same_either_way", mistake="always False")
def same_either_way(kernel):
    return False


@attempt("same_either_way", mistake="the same object? a flipped copy never is")
def same_either_way(kernel):
    return kernel is kernel.flip(0, 1)


@attempt("same_either_way", mistake="square kernels only: shape compared first", listed=True)
def same_either_way(kernel):
    if kernel.shape[0] != kernel.shape[1]:
        return False
    return torch.equal(kernel, kernel.flip(0, 1))


@attempt("same_either_way", mistake="odd kernels only: refuses even sizes", listed=True)
def same_either_way(kernel):
    h, w = kernel.shape
    if h % 2 == 0 or w % 2 == 0:
        return False
    return torch.equal(kernel, kernel.flip(0, 1))


@attempt("same_either_way", mistake="one picture tried, an arange, which hides differences", listed=True)
def same_either_way(kernel):
    kh, kw = kernel.shape
    x = torch.arange(1.0, (kh + 2) * (kw + 2) + 1).reshape(kh + 2, kw + 2)
    turned = kernel.flip(0, 1)
    for r in range(3):
        for c in range(3):
            patch = x[r : r + kh, c : c + kw]
            if (patch * kernel).sum() != (patch * turned).sum():
                return False
    return True


@attempt("same_either_way", mistake="one random picture tried, on which different kernels may agree", listed=True)
def same_either_way(kernel):
    x = torch.randint(0, 3, kernel.shape)
    return bool((x * kernel).sum() == (x * kernel.flip(0, 1)).sum())


@attempt("same_either_way", mistake="one flat picture tried: every kernel agrees on it")
def same_either_way(kernel):
    x = torch.ones(kernel.shape)
    return bool((x * kernel).sum() == (x * kernel.flip(0, 1)).sum())


@attempt("same_either_way", mistake="absolute values compared: opposite signs pass as equal")
def same_either_way(kernel):
    return torch.equal(kernel.abs(), kernel.flip(0, 1).abs())


@attempt("same_either_way", mistake="changes the kernel: turned in place, then compared with itself")
def same_either_way(kernel):
    before = kernel
    kernel[:] = kernel.flip(0, 1)
    return torch.equal(before, kernel)


# ---- found by a later hunt


@attempt("region_at", mistake="fractions cut off")
def region_at(x, row, col, height, width):
    return x[row : row + height, col : col + width].int()


@attempt("region_at", name="centred", mistake="(row, col) taken for the middle, with slices")
def region_at(x, row, col, height, width):
    return x[row - height // 2 : row + height // 2 + 1, col - width // 2 : col + width // 2 + 1]


@attempt("positions", name="centred", mistake="middles of odd kernels")
def positions(image_shape, kernel_shape):
    (rows, columns), (height, width) = image_shape, kernel_shape
    return [(r, c) for r in range(height // 2, rows - height // 2) for c in range(width // 2, columns - width // 2)]


@attempt("same_either_way", name="answer_inverted", mistake="True where the kernel changes")
def same_either_way(kernel):
    return not torch.equal(kernel, kernel.flip(0).flip(1))


@attempt("same_either_way", name="any_for_all", mistake="one equal weight is enough")
def same_either_way(kernel):
    return bool((kernel == kernel.flip(0).flip(1)).any())


@attempt("same_either_way", name="shape_for_weights", mistake="asks whether the kernel is square")
def same_either_way(kernel):
    return kernel.shape == kernel.T.shape


@attempt("region_at", name="axis_cut_twice", mistake="two pairs of brackets")
def region_at(x, row, col, height, width):
    return x[row : row + height][col : col + width]


@attempt("positions", name="paired_not_crossed", mistake="zip for product")
def positions(image_shape, kernel_shape):
    rows, columns = (range(n - k + 1) for n, k in zip(image_shape, kernel_shape, strict=True))
    return list(zip(rows, columns, strict=False))


@attempt("corr2d", name="left_too_early", mistake="return inside the inner loop")
def corr2d(x, kernel):
    height, width = kernel.shape
    result = torch.zeros(x.shape[0] - height + 1, x.shape[1] - width + 1)
    for row in range(result.shape[0]):
        for col in range(result.shape[1]):
            result[row, col] = (x[row : row + height, col : col + width] * kernel).sum()
            return result


@attempt("apply_kernel", name="sums_multiplied", mistake="both added up first")
def apply_kernel(x, row, col, kernel):
    return x[row : row + kernel.shape[0], col : col + kernel.shape[1]].sum() * kernel.sum()
