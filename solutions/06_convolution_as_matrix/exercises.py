"""Lesson 6, convolution as a matrix: the right answers, the inputs to try them on, and what learners get wrong."""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from course_grading.authoring import BY_HAND, exercise, explanation, guess
from course_grading.authoring.inputs import drawn_image, drawn_kernel, image_sizes, images_and_kernels, whole

NO_AUTOGRAD = ("backward", "grad", "run_backward", "vjp", "jacobian", "conv2d_input", "convolution_backward")

KERNEL = torch.tensor([[1, 0, 2], [0, 3, 0], [-1, 0, 0]], dtype=torch.float32)
EVEN = torch.tensor([[1, -1], [3, 2]], dtype=torch.float32)
WIDE = torch.tensor([[4, 2, -1], [1, -2, 3]], dtype=torch.float32)
TALL = torch.tensor([[2, 5], [-1, 1], [3, -2]], dtype=torch.float32)
COLUMN = torch.tensor([[2], [-1], [3]], dtype=torch.float32)
ROW = torch.tensor([[1, -2, 4]], dtype=torch.float32)
X = torch.tensor([[0, 2, 5, 9, 8], [3, 6, 9, 7, 2], [6, 9, 8, 2, 0], [8, 7, 3, 1, 4]], dtype=torch.float32)
TWO = torch.stack([X[:3, :4], 10 + torch.arange(12.0).reshape(3, 4)])
THREE = torch.stack([X.t()[:, :3], X.t()[:, 1:].flip(0), 20 + torch.arange(15.0).reshape(5, 3)])


def valid(x, kernel):
    return F.conv2d(x[None, None], kernel[None, None])[0, 0]


def sizes(image_shape, kernel_shape):
    return tuple(n - k + 1 for n, k in zip(image_shape, kernel_shape, strict=True))


def flip(kernel):
    return kernel.flip(0, 1)


# ------------------------------------------------------------------------------------------------ one place for a pixel


@guess
class flat_place:
    right = 9

    class wrong:
        class column_order:
            """That counts down the columns. Row-major counts along the first row, then along the second, …"""

            value = 5

        class counted_from_one:
            """That is its number if you count from 1. Places are counted from 0."""

            value = 10


def places(rng):
    for height, width in [(4, 6), (7, 3), (5, 5), (1, 8), (9, 2)]:
        height, width = height + int(rng.integers(0, 3)), width + int(rng.integers(0, 3))
        yield {
            "row": int(rng.integers(0, height)),
            "col": int(rng.integers(0, width)),
            "image_shape": (height, width),
        }
    height, width = 2 + int(rng.integers(0, 4)), 7 + int(rng.integers(0, 5))
    yield {"row": height - 1, "col": width - 1, "image_shape": (height, width)}
    yield {"row": width - 1, "col": 1, "image_shape": (width, height)}


@exercise(
    examples=[
        {"row": 0, "col": 4, "image_shape": (4, 5)},
        {"row": 1, "col": 0, "image_shape": (4, 5)},
        {"row": 2, "col": 1, "image_shape": (3, 7)},
        {"row": 5, "col": 2, "image_shape": (6, 3)},
        {"row": 3, "col": 0, "image_shape": (5, 1)},
    ],
    inputs=places,
)
class flat_index:
    def right(row, col, image_shape):
        return row * image_shape[1] + col

    def looked_up(row, col, image_shape):
        height, width = image_shape
        return torch.arange(height * width).reshape(height, width)[row, col]

    def with_numpy(row, col, image_shape):
        return np.ravel_multi_index((row, col), image_shape)

    def counted_one_by_one(row, col, image_shape):
        return list(product(range(image_shape[0]), range(image_shape[1]))).index((row, col))

    class wrong:
        def column_order(row, col, image_shape):
            """You number the pixels down the columns: first all of column 0, then column 1. reshape(-1) reads row by
            row. How many pixels has it read before it comes to row 1?"""
            return col * image_shape[0] + row

        def square_only(row, col, image_shape):
            """In a square picture this is right. Each row that lies above takes as many places as it has pixels. Is
            that the picture's height or its width?"""
            return row * image_shape[0] + col

        def rows_and_columns_swapped(row, col, image_shape):
            """Row and column have changed roles: the column is multiplied, the row added. Move one pixel to the right:
            by how much should your number grow?"""
            return col * image_shape[1] + row

        def one_too_many(row, col, image_shape):
            """Your numbers are one too large: they count from 1. What is the place of the very first pixel, at row 0,
            column 0?"""
            return row * image_shape[1] + col + 1

        def sizes_added(row, col, image_shape):
            """You add row and column. But going down by one row means passing a whole row of pixels. How many pixels is
            that?"""
            return row + col


# -------------------------------------------------------------------------------------------------- the Toeplitz matrix


@guess
class matrix_shape:
    right = (100, 144)

    class wrong:
        class picture_sized:
            """That many rows would give a response as large as the picture. A 3×3 kernel fits at fewer places."""

            value = (144, 144)

        class result_transposed:
            """The other way round: one row for each number of the response, one column for each pixel."""

            value = (144, 100)

        class picture_alone:
            """That is the picture's shape. The matrix has a row for each number of the response, and in each row a
            weight for each pixel."""

            value = (12, 12)


def kernels_for_shapes(rng):
    for image_shape, kernel_shape in image_sizes(rng):
        yield {"kernel": drawn_kernel(rng, *kernel_shape), "image_shape": image_shape}
    yield {"kernel": drawn_kernel(rng, 2, 3) / 8, "image_shape": (4 + int(rng.integers(0, 3)), 6)}
    yield {"kernel": drawn_kernel(rng, 3, 2).t(), "image_shape": (5, 4 + int(rng.integers(0, 3)))}


def matrix_by_rows(kernel, image_shape, row_of):
    """A matrix whose row for each position is the flattened picture that `row_of(row, col)` paints."""
    rows, columns = sizes(image_shape, kernel.shape)
    return torch.stack([row_of(row, col).reshape(-1) for row, col in product(range(rows), range(columns))])


def in_one_picture(kernel, image_shape, *, add, clear=False):
    """What paints a row's picture over those before it, each one cleared at most at the first column."""
    picture = torch.zeros(image_shape)

    def row_of(row, col):
        if clear and col == 0:
            picture.zero_()
        under = picture[row : row + kernel.shape[0], col : col + kernel.shape[1]]
        under.copy_(under + kernel if add else kernel)
        return picture.clone()

    return row_of


def wrapped(kernel, image_shape, start_of):
    """A matrix of rows into which the weights are written from a flat place on, one after another modulo its length."""
    (height, width), (rows, columns) = image_shape, sizes(image_shape, kernel.shape)
    matrix = torch.zeros(rows * columns, height * width)
    for n in range(rows * columns):
        for (i, j), weight in np.ndenumerate(kernel.numpy()):
            matrix[n, (start_of(n, columns) + i * width + j) % (height * width)] = float(weight)
    return matrix


@exercise(
    examples=[
        {"kernel": EVEN, "image_shape": (3, 4)},
        {"kernel": WIDE, "image_shape": (4, 4)},
        {"kernel": COLUMN, "image_shape": (4, 3)},
        {"kernel": TALL, "image_shape": (3, 5)},
        {"kernel": KERNEL.t() / 3, "image_shape": (3, 3)},
    ],
    inputs=kernels_for_shapes,
    uses=[flat_index],
)
class toeplitz_matrix:
    def right(kernel, image_shape):  # by hand, since it is lent to answers that are
        (kh, kw), (rows, columns) = kernel.shape, sizes(image_shape, kernel.shape)
        matrix = torch.zeros(rows, columns, *image_shape)
        for row, col in product(range(rows), range(columns)):
            matrix[row, col, row : row + kh, col : col + kw] = kernel
        return matrix.reshape(rows * columns, -1)

    def each_pixel_on_its_own(kernel, image_shape):
        pixels = torch.eye(image_shape[0] * image_shape[1]).reshape(-1, 1, *image_shape)
        return F.conv2d(pixels, kernel[None, None].contiguous()).flatten(1).t()

    def in_lists(kernel, image_shape):
        (height, width), (kh, kw), weights = image_shape, kernel.shape, kernel.tolist()
        matrix = []
        for row, col in product(range(height - kh + 1), range(width - kw + 1)):
            line = [0.0] * (height * width)
            for i, j in product(range(kh), range(kw)):
                line[flat_index(row + i, col + j, image_shape)] = weights[i][j]
            matrix.append(line)
        return matrix

    def weight_by_weight(kernel, image_shape):
        (height, width), (rows, columns) = image_shape, sizes(image_shape, kernel.shape)
        matrix = np.zeros((rows * columns, height * width))
        corners = (np.arange(rows)[:, None] * width + np.arange(columns)).ravel()
        for (i, j), weight in np.ndenumerate(kernel.numpy()):
            matrix[np.arange(rows * columns), corners + i * width + j] = weight
        return matrix

    class wrong:
        def kernel_flipped(kernel, image_shape):
            """Your matrix holds the kernel turned by 180°: its product is the true convolution. Here it should
            correlate. Which weight meets the first pixel in the first row of your matrix?"""
            return toeplitz_matrix(flip(kernel), image_shape)

        class kernel_transposed:
            """The weights are laid down transposed. The kernel's first row lies side by side in the picture, its second
            row one picture row lower. Which weight of yours lies below the kernel's first one?"""

            def in_place(kernel, image_shape):
                def row_of(row, col):
                    line = torch.zeros(image_shape)
                    for i, j in product(*map(range, kernel.shape)):
                        if row + j < image_shape[0] and col + i < image_shape[1]:
                            line[row + j, col + i] = kernel[i, j]
                    return line

                return matrix_by_rows(kernel, image_shape, row_of)

            def by_index(kernel, image_shape):
                def row_of(row, col):
                    line = torch.zeros(image_shape)
                    for i, j in product(*map(range, kernel.shape)):
                        line[row + i, col + j] = kernel[j, i]
                    return line

                return matrix_by_rows(kernel, image_shape, row_of)

            def by_flat_index(kernel, image_shape):
                matrix = wrapped(kernel, image_shape, lambda n, columns: 0) * 0
                rows, columns = sizes(image_shape, kernel.shape)
                for row, col in product(range(rows), range(columns)):
                    for i, j in product(*map(range, kernel.shape)):
                        matrix[row * columns + col, (row + j) * image_shape[1] + col + i] = kernel[i, j]
                return matrix

        def row_order(kernel, image_shape):
            """Every row of your matrix is there, but their order runs down the columns of the response. The response is
            read row by row, too. Which of your two loops over positions is the inner one?"""
            rows, columns = sizes(image_shape, kernel.shape)
            return toeplitz_matrix(kernel, image_shape).reshape(rows, columns, -1).transpose(0, 1).flatten(0, 1)

        def column_order(kernel, image_shape):
            """The columns of your matrix number the pixels down the picture's columns. But x.reshape(-1) goes row by
            row. In which column of the matrix does the pixel at row 0, column 1 belong?"""
            return toeplitz_matrix(kernel, image_shape).reshape(-1, *image_shape).transpose(1, 2).flatten(1)

        def column_by_column(kernel, image_shape):
            """You go down the columns throughout: over the positions, and over the pixels. That is a right matrix for a
            picture read column by column. But x.reshape(-1) reads it row by row. What is the second pixel it reads?"""
            rows, columns = sizes(image_shape, kernel.shape)
            whole_ = toeplitz_matrix(kernel, image_shape).reshape(rows, columns, *image_shape)
            return whole_.permute(1, 0, 3, 2).reshape(rows * columns, -1)

        class square_only:
            """For squares this is right. A picture of H rows and W columns, a kernel of kH rows and kW columns: one of
            the sides serves twice in your code. Where do you say height and mean width?"""

            def one_side_for_both(kernel, image_shape):
                side, k = image_shape[0], kernel.shape[0]
                lines = []
                for row, col in product(range(side - k + 1), range(side - k + 1)):
                    picture = torch.zeros(side, side)
                    picture[row : row + k, col : col + k] = kernel
                    lines.append(picture.reshape(-1))
                return torch.stack(lines)

            def kernel_side(kernel, image_shape):
                (height, width), k = image_shape, kernel.shape[0]
                lines = []
                for row, col in product(range(height - k + 1), range(width - k + 1)):
                    picture = torch.zeros(height, width)
                    picture[row : row + k, col : col + k] = kernel
                    lines.append(picture.reshape(-1))
                return torch.stack(lines)

            def picture(kernel, image_shape):
                height, (rows, columns) = image_shape[0], sizes(image_shape, kernel.shape)
                matrix = torch.zeros(rows * columns, image_shape[0] * image_shape[1])
                for row, col in product(range(rows), range(columns)):
                    for i, j in product(*map(range, kernel.shape)):
                        matrix[row * columns + col, (row + i) * height + col + j] = kernel[i, j]
                return matrix

        def result_transposed(kernel, image_shape):
            """This is the transposed matrix: one row for each pixel. (You will meet it again in 6.7.) In T @ x the
            matrix has as many columns as x has pixels. How many rows should it have?"""
            return toeplitz_matrix(kernel, image_shape).t()

        class padded_square_matrix:
            """Your matrix is square: one row for each pixel, as if the response were as large as the picture. “Valid”
            keeps only the places where all of the kernel fits. How many are these?"""

            def centred(kernel, image_shape):
                (up, left), (kh, kw) = ((k // 2 for k in kernel.shape), kernel.shape)
                pixels = torch.eye(image_shape[0] * image_shape[1]).reshape(-1, 1, *image_shape)
                padded = F.pad(pixels, (left, kw - 1 - left, up, kh - 1 - up))
                return F.conv2d(padded, kernel[None, None].contiguous()).flatten(1).t()

            def cut_off_at_the_border(kernel, image_shape):
                pixels = torch.eye(image_shape[0] * image_shape[1]).reshape(-1, 1, *image_shape)
                padded = F.pad(pixels, (0, kernel.shape[1] - 1, 0, kernel.shape[0] - 1))
                return F.conv2d(padded, kernel[None, None].contiguous()).flatten(1).t()

            def wrapping_around(kernel, image_shape):
                first = torch.zeros(image_shape)
                first[: kernel.shape[0], : kernel.shape[1]] = kernel
                return torch.stack([first.reshape(-1).roll(n) for n in range(first.numel())])

            def wrapping_around_each_side(kernel, image_shape):
                first = torch.zeros(image_shape)
                first[: kernel.shape[0], : kernel.shape[1]] = kernel
                places = product(*map(range, image_shape))
                return torch.stack([first.roll(place, (0, 1)).reshape(-1) for place in places])

        def wraps_around(kernel, image_shape):
            """Each of your rows is the one before it, moved on by one. That is right as long as the kernel moves to the
            right. Behind the last place of a row it would run off the picture and come back on the left. How far must
            it jump there, to begin the next row?"""
            return wrapped(kernel, image_shape, lambda n, columns: n)

        def kernel_in_one_run(kernel, image_shape):
            """All the weights stand side by side in your rows. In the picture the kernel's second row lies below its
            first: how many pixels of the flattened picture lie between the two?"""

            def row_of(row, col):
                line = torch.zeros(image_shape[0] * image_shape[1])
                start = row * image_shape[1] + col
                weights = kernel.reshape(-1)[: len(line) - start]
                line[start : start + len(weights)] = weights
                return line

            return matrix_by_rows(kernel, image_shape, row_of)

        class last_missed:
            """The last positions are missing: your loops stop one row and one column early. Take a kernel as large as
            the picture: how often does each loop run, and how often should it?"""

            def left_at_zero(kernel, image_shape):
                rows, columns = sizes(image_shape, kernel.shape)
                matrix = toeplitz_matrix(kernel, image_shape).clone().reshape(rows, columns, -1)
                matrix[-1], matrix[:, -1] = 0, 0
                return matrix.flatten(0, 1)

            def left_out(kernel, image_shape):
                rows, columns = sizes(image_shape, kernel.shape)
                return (
                    toeplitz_matrix(kernel, image_shape)
                    .reshape(rows, columns, -1)[:-1, :-1]
                    .reshape(-1, image_shape[0] * image_shape[1])
                )

        def weights_forgotten(kernel, image_shape):
            """Your matrix has a 1 wherever a weight should stand. The places are right. What are the pixels there to be
            multiplied by?"""
            return toeplitz_matrix(torch.ones_like(kernel), image_shape)

        class picture_not_cleared:
            """Your rows share one picture: weights of earlier positions are still in it, or all rows show what was
            written last. With what should each row begin, and is it a tensor of its own?"""

            def written_over(kernel, image_shape):
                return matrix_by_rows(kernel, image_shape, in_one_picture(kernel, image_shape, add=False))

            def added_to(kernel, image_shape):
                return matrix_by_rows(kernel, image_shape, in_one_picture(kernel, image_shape, add=True))

            def cleared_at_each_row(kernel, image_shape):
                row_of = in_one_picture(kernel, image_shape, add=False, clear=True)
                return matrix_by_rows(kernel, image_shape, row_of)

            def added_to_and_cleared_at_each_row(kernel, image_shape):
                row_of = in_one_picture(kernel, image_shape, add=True, clear=True)
                return matrix_by_rows(kernel, image_shape, row_of)

            def all_are_the_last(kernel, image_shape):
                matrix = toeplitz_matrix(kernel, image_shape)
                return matrix[-1].expand_as(matrix)

        def counted_in_response_rows(kernel, image_shape):
            """You count the pixels as if the picture's rows were as long as the response's. Which of the two widths
            tells how far the pixel below is in x.reshape(-1)?"""
            rows, columns = sizes(image_shape, kernel.shape)
            matrix = torch.zeros(rows * columns, image_shape[0] * image_shape[1])
            for row, col in product(range(rows), range(columns)):
                for i, j in product(*map(range, kernel.shape)):
                    matrix[row * columns + col, (row + i) * columns + col + j] = kernel[i, j]
            return matrix


explanation(
    "why_stripes",
    """Each row of the matrix is an empty picture in one row, with the kernel laid on it. The kernel's three rows lie
    one picture row apart, so twelve columns: three stripes. One place to the right moves them all by one column. But at
    the end of a row of the response the kernel jumps to the next row of the picture, three columns further on: there
    they break off.""",
)

explanation(
    "why_few_numbers",
    """Only nine. The matrix has 14,400 entries, but each row holds the same nine weights, and zeros that are fixed: the
    weights are shared by all places. A layer that connects every pixel with every output would have to learn each of
    the 14,400.""",
)


# -------------------------------------------------------------------------------------------------------- what it costs


@guess
class matrix_gigabytes:
    right = 273

    class wrong:
        class picture_bytes:
            """That is about what the picture takes. The matrix has a whole picture in each of its 260,100 rows."""

            value = 0.001
            rounded = 0


def two_shapes(rng):
    for image_shape, kernel_shape in image_sizes(rng):
        yield {"image_shape": image_shape, "kernel_shape": kernel_shape}
    yield {"image_shape": (64 + int(rng.integers(0, 9)), 48), "kernel_shape": (5, 3)}


def kernel_shape_first(rng):
    for shapes in two_shapes(rng):
        yield {"kernel_shape": shapes["kernel_shape"], "image_shape": shapes["image_shape"]}


@exercise(
    examples=[
        {"kernel_shape": (2, 2), "image_shape": (4, 5)},
        {"kernel_shape": (3, 1), "image_shape": (6, 4)},
        {"kernel_shape": (2, 3), "image_shape": (5, 8)},
        {"kernel_shape": (3, 3), "image_shape": (20, 10)},
    ],
    inputs=kernel_shape_first,
)
class nonzero_fraction:
    def right(kernel_shape, image_shape):
        return kernel_shape[0] * kernel_shape[1] / (image_shape[0] * image_shape[1])

    def counted_in_a_matrix(kernel_shape, image_shape):
        return (toeplitz_matrix(torch.ones(kernel_shape), image_shape) != 0).float().mean()

    def side_by_side(kernel_shape, image_shape):
        return float(np.prod(np.array(kernel_shape) / np.array(image_shape)))

    class wrong:
        def zeros_counted(kernel_shape, image_shape):
            """That is the share of the zeros. In one row of the matrix, how many entries hold a weight, and how many
            entries are there?"""
            return 1 - nonzero_fraction(kernel_shape, image_shape)

        def response_for_picture(kernel_shape, image_shape):
            """You divide by the number of positions. That is how many rows the matrix has. How many entries are there
            in one of these rows?"""
            rows, columns = sizes(image_shape, kernel_shape)
            return kernel_shape[0] * kernel_shape[1] / (rows * columns)

        def divided_then_multiplied(kernel_shape, image_shape):
            """Python works from left to right: you divide by the picture's height and then multiply by its width. What
            should be worked out first, and how do you say so to Python?"""
            return kernel_shape[0] * kernel_shape[1] / image_shape[0] * image_shape[1]

        def in_percent(kernel_shape, image_shape):
            """That is in percent. Asked for is the plain fraction: which number stands for one half, and which for all
            of it?"""
            return 100 * nonzero_fraction(kernel_shape, image_shape)

        def padded_square_matrix(kernel_shape, image_shape):
            """You count the weights of one row, but divide by the entries of a whole square matrix. How many entries
            are there in that one row?"""
            return nonzero_fraction(kernel_shape, image_shape) / (image_shape[0] * image_shape[1])

        def upside_down(kernel_shape, image_shape):
            """Your fraction stands on its head: a share of a whole is never more than 1. Which of the two numbers is
            the whole?"""
            return 1 / nonzero_fraction(kernel_shape, image_shape)

        class counted_not_shared:
            """That is how many entries are not zero, in one row or in all of them. Asked for is their share. Of how
            many entries?"""

            def in_all_rows(kernel_shape, image_shape):
                rows, columns = sizes(image_shape, kernel_shape)
                return kernel_shape[0] * kernel_shape[1] * rows * columns

            def in_one_row(kernel_shape, image_shape):
                return kernel_shape[0] * kernel_shape[1]

        def sizes_added(kernel_shape, image_shape):
            """You add height and width. A grid of 3 rows and 5 columns has more than 8 entries: how many?"""
            return sum(kernel_shape) / sum(image_shape)

        class square_only:
            """For squares this is right. Height times width, for the kernel as for the picture: which side serves twice
            in your formula?"""

            def both(kernel_shape, image_shape):
                return (kernel_shape[0] / image_shape[0]) ** 2

            def kernel(kernel_shape, image_shape):
                return kernel_shape[0] ** 2 / (image_shape[0] * image_shape[1])

            def kernel_width(kernel_shape, image_shape):
                return kernel_shape[1] ** 2 / (image_shape[0] * image_shape[1])

            def picture(kernel_shape, image_shape):
                return kernel_shape[0] * kernel_shape[1] / image_shape[0] ** 2

        def fractions_cut_off(kernel_shape, image_shape):
            """The fraction has been cut off. What do // and int() do to a number between 0 and 1?"""
            return int(nonzero_fraction(kernel_shape, image_shape))


@exercise(
    examples=[
        {"image_shape": (4, 5), "kernel_shape": (2, 2)},
        {"image_shape": (6, 4), "kernel_shape": (3, 1)},
        {"image_shape": (5, 8), "kernel_shape": (2, 3)},
    ],
    inputs=two_shapes,  # none so large that who builds the matrix to count it needs gigabytes
)
class count_multiplications_dense:
    def right(image_shape, kernel_shape):
        rows, columns = sizes(image_shape, kernel_shape)
        return rows * columns * image_shape[0] * image_shape[1]

    def entries_of_the_matrix(image_shape, kernel_shape):
        return toeplitz_matrix(torch.ones(kernel_shape), image_shape).numel()

    def in_numpy(image_shape, kernel_shape):
        image, kernel = np.array(image_shape), np.array(kernel_shape)
        return np.prod(image - kernel + 1) * np.prod(image)

    class wrong:
        def weights_only(image_shape, kernel_shape):
            """That is what sliding the kernel costs: only the weights are multiplied. A dense product does not know
            which entries are zero. With how many numbers does it multiply in one row of the matrix?"""
            rows, columns = sizes(image_shape, kernel_shape)
            return rows * columns * kernel_shape[0] * kernel_shape[1]

        def padded_square_matrix(image_shape, kernel_shape):
            """You count a square matrix, with a row for each pixel. The kernel fits at fewer places than there are
            pixels. How many rows has the matrix really?"""
            return (image_shape[0] * image_shape[1]) ** 2

        def last_missed(image_shape, kernel_shape):
            """You count too few positions: n − k steps, but one more place. How many rows has the matrix for a kernel
            as large as the picture?"""
            rows, columns = sizes(image_shape, kernel_shape)
            return (rows - 1) * (columns - 1) * image_shape[0] * image_shape[1]

        def rows_alone(image_shape, kernel_shape):
            """That is how many numbers the response has. How many multiplications does the matrix product need for each
            of them?"""
            rows, columns = sizes(image_shape, kernel_shape)
            return rows * columns

        def one_position(image_shape, kernel_shape):
            """That is what one number of the response costs: one row of the matrix. How many rows has it?"""
            return image_shape[0] * image_shape[1]

        def weights_for_positions(image_shape, kernel_shape):
            """You take the number of weights for the number of rows. The matrix has one row for each place where the
            kernel fits. How many are these?"""
            return image_shape[0] * image_shape[1] * kernel_shape[0] * kernel_shape[1]

        def kernel_counted_twice(image_shape, kernel_shape):
            """The kernel's weights are already entries of the matrix: they are among the pixels of its rows. Why
            multiply by the kernel's size once more?"""
            return count_multiplications_dense(image_shape, kernel_shape) * kernel_shape[0] * kernel_shape[1]

        def sizes_added(image_shape, kernel_shape):
            """You add the number of rows and the number of columns of the matrix. How many entries has a table of 3
            rows and 5 columns?"""
            rows, columns = sizes(image_shape, kernel_shape)
            return rows * columns + image_shape[0] * image_shape[1]

        class arguments_swapped:
            """Picture and kernel have changed roles. This function gets the picture's shape first, nonzero_fraction
            gets it last. In which order do you unpack them here?"""

            def signed(image_shape, kernel_shape):
                rows, columns = sizes(kernel_shape, image_shape)
                return rows * columns * kernel_shape[0] * kernel_shape[1]

            def without_sign(image_shape, kernel_shape):
                rows, columns = sizes(kernel_shape, image_shape)
                return abs(rows) * abs(columns) * kernel_shape[0] * kernel_shape[1]

        class square_only:
            """For squares this is right. Which side of the kernel takes away rows of the response, and which takes away
            columns? And how many pixels has the picture?"""

            def kernel(image_shape, kernel_shape):
                rows, columns = (n - kernel_shape[0] + 1 for n in image_shape)
                return rows * columns * image_shape[0] * image_shape[1]

            def everything(image_shape, kernel_shape):
                rows, height = image_shape[0] - kernel_shape[0] + 1, image_shape[0]
                return rows**2 * height**2

            def picture(image_shape, kernel_shape):
                rows, columns = sizes(image_shape, kernel_shape)
                return rows * columns * image_shape[0] ** 2

            def height_everywhere(image_shape, kernel_shape):
                rows, columns = (image_shape[0] - k + 1 for k in kernel_shape)
                return rows * columns * image_shape[0] ** 2


# --------------------------------------------------------------------------------------------------------------- im2col


@guess
class copies_of_a_pixel:
    right = 9

    class wrong:
        class kept_once:
            """Each region that contains the pixel has a copy of it, and regions overlap."""

            value = 1

        class one_side:
            """It is in 3 regions along each axis; together that makes 3 · 3."""

            values = 3
            added = 6


def volumes(rng):
    """Pictures of several channels and the sides of a kernel that fits there."""
    for number, (image_shape, kernel_shape) in enumerate(image_sizes(rng)):
        channels = (2, 3, 1, 4, 2, 3, 2, 2, 3)[number % 9]
        x = whole(rng, channels, *image_shape)
        yield {
            "x": x if number % 2 else whole(rng, channels, *image_shape[::-1]).transpose(1, 2),
            "kernel": kernel_shape,
        }
    yield {"x": torch.tensor(rng.random((3, 5, 6)), dtype=torch.float32), "kernel": (2, 3)}


def volumes_and_kernel_shapes(rng):
    for drawn in volumes(rng):
        yield {"x": drawn["x"], "kernel_shape": drawn["kernel"]}


def patches_of(x, kernel_shape, arranged):
    """A row for each position, row by row: what `arranged(patch)` makes of the patch there, (C, kH, kW)."""
    (kh, kw), (rows, columns) = kernel_shape, sizes(x.shape[1:], kernel_shape)
    places_ = product(range(rows), range(columns))
    return torch.stack([arranged(x[:, row : row + kh, col : col + kw]) for row, col in places_])


@exercise(
    examples=[
        {"x": X[None, :3, :4], "kernel_shape": (2, 2)},
        {"x": TWO, "kernel_shape": (2, 3)},
        {"x": THREE, "kernel_shape": (2, 2)},
        {"x": TWO, "kernel_shape": (2, 1)},
        {"x": TWO / 3, "kernel_shape": (3, 4)},
    ],
    inputs=volumes_and_kernel_shapes,
    forbidden=BY_HAND,
)
class im2col:
    def right(x, kernel_shape):  # by hand, since it is lent to answers that are
        return patches_of(x, kernel_shape, lambda patch: patch.reshape(-1))

    def column_by_column(x, kernel_shape):
        rows, columns = sizes(x.shape[1:], kernel_shape)
        found = []
        for c, i, j in product(range(x.shape[0]), *map(range, kernel_shape)):
            found.append(x[c, i : i + rows, j : j + columns].reshape(-1))
        return torch.stack(found, dim=1).numpy()

    def by_index(x, kernel_shape):
        rows, columns = sizes(x.shape[1:], kernel_shape)
        r = torch.arange(rows)[:, None] + torch.arange(kernel_shape[0])
        c = torch.arange(columns)[:, None] + torch.arange(kernel_shape[1])
        return x[:, r[:, None, :, None], c[None, :, None, :]].permute(1, 2, 0, 3, 4).flatten(2).flatten(0, 1)

    def in_lists(x, kernel_shape):
        (kh, kw), (rows, columns), values = kernel_shape, sizes(x.shape[1:], kernel_shape), x.tolist()
        return [
            [values[c][row + i][col + j] for c in range(len(values)) for i in range(kh) for j in range(kw)]
            for row in range(rows)
            for col in range(columns)
        ]

    class wrong:
        def result_transposed(x, kernel_shape):
            """Your patches stand in columns, which is how PyTorch stores them. Here each patch is a row, one for each
            number of the response. How do you exchange the rows and columns of a matrix?"""
            return im2col(x, kernel_shape).t()

        def channel_order(x, kernel_shape):
            """The numbers of each patch are right, but their order is not: you go from pixel to pixel and list all its
            channels. Here all of channel 0 comes first, then all of channel 1. Which axis comes first in a patch?"""
            return patches_of(x, kernel_shape, lambda patch: patch.permute(1, 2, 0).reshape(-1))

        def column_order(x, kernel_shape):
            """Inside each patch you read down the columns. The kernel's weights are read row by row, and each must meet
            its own pixel. Which of row and column should change faster?"""
            return patches_of(x, kernel_shape, lambda patch: patch.transpose(1, 2).reshape(-1))

        def row_order(x, kernel_shape):
            """All your patches are right, but their order runs down the columns of the response. Row by row means that
            the column changes fastest. Which of your two loops over positions is the inner one?"""
            rows, columns = sizes(x.shape[1:], kernel_shape)
            return im2col(x, kernel_shape).reshape(rows, columns, -1).transpose(0, 1).flatten(0, 1)

        class reshaped_not_permuted:
            """The shape is right, but numbers of different patches share a row. reshape pours numbers from one form
            into another in the order in which they lie; it never exchanges axes. Which axes have to change places
            before you reshape?"""

            def whole_matrix(x, kernel_shape):
                columns = im2col(x, kernel_shape).t()
                return columns.reshape(columns.shape[1], columns.shape[0])

            def channel_by_channel(x, kernel_shape):
                each = torch.stack([im2col(channel[None], kernel_shape) for channel in x])
                return each.reshape(each.shape[1], -1)

        def windows_do_not_overlap(x, kernel_shape):
            """Your windows lie side by side, like tiles: each begins where the one before it ends. The kernel moves on
            by one pixel at a time. How many places does it visit in one row?"""
            kh, kw = kernel_shape
            return F.unfold(x[None].contiguous(), kernel_shape, stride=(kh, kw))[0].t()

        class last_missed:
            """The last row and the last column of positions are missing. Take a kernel as large as the picture: how
            often does each loop run, and how often should it?"""

            def left_out(x, kernel_shape):
                rows, columns = sizes(x.shape[1:], kernel_shape)
                found = im2col(x, kernel_shape)
                return found.reshape(rows, columns, -1)[:-1, :-1].reshape(-1, found.shape[1])

            def left_at_zero(x, kernel_shape):
                rows, columns = sizes(x.shape[1:], kernel_shape)
                found = im2col(x, kernel_shape).clone().reshape(rows, columns, -1)
                found[-1], found[:, -1] = 0, 0
                return found.flatten(0, 1)

            def that_raises(x, kernel_shape):
                (rows, columns), (kh, kw) = sizes(x.shape[1:], kernel_shape), kernel_shape
                places_ = product(range(rows - 1), range(columns - 1))
                return torch.stack([x[:, r : r + kh, c : c + kw].reshape(-1) for r, c in places_])

        class square_only:
            """Square kernels come out right, others do not. Which of the two sides does kernel_shape name first? One of
            them seems to serve for both."""

            def height(x, kernel_shape):
                return F.unfold(x[None].contiguous(), (kernel_shape[0], min(kernel_shape[0], x.shape[2])))[0].t()

            def width(x, kernel_shape):
                return F.unfold(x[None].contiguous(), (min(kernel_shape[1], x.shape[1]), kernel_shape[1]))[0].t()

            def that_raises(x, kernel_shape):
                return F.unfold(x[None].contiguous(), kernel_shape[0])[0].t()

            def width_that_raises(x, kernel_shape):
                return F.unfold(x[None].contiguous(), kernel_shape[1])[0].t()

        class sides_swapped:
            """Your patches lie on their side: as high as they should be wide. Which of the two numbers of kernel_shape
            counts rows?"""

            def cut_off(x, kernel_shape):
                kh, kw = min(kernel_shape[1], x.shape[1]), min(kernel_shape[0], x.shape[2])
                return F.unfold(x[None].contiguous(), (kh, kw))[0].t()

            def that_raises(x, kernel_shape):
                return F.unfold(x[None].contiguous(), kernel_shape[::-1])[0].t()

        def one_channel_only(x, kernel_shape):
            """Only channel 0 is in your patches. A patch goes through all the channels: how many numbers are there
            under a kernel of kH × kW in a picture of C channels?"""
            return im2col(x[:1], kernel_shape)

        def channels_summed(x, kernel_shape):
            """You add up the channels before a patch becomes a row. Each channel has its own weights to meet, so all
            its numbers must still be there. How many numbers of a picture with C channels lie under the kernel?"""
            return im2col(x.sum(0, keepdim=True), kernel_shape)

        def channels_below_each_other(x, kernel_shape):
            """You put the channels below each other: a block of rows for each. Then a patch is spread over C rows. One
            row should hold all that one number of the response is made of: what is that?"""
            return torch.cat([im2col(channel[None], kernel_shape) for channel in x])


explanation(
    "why_copies",
    """The copies turn scattered windows into one plain matrix, and products of plain matrices are what computers are
    best at: all the numbers lie in a row in memory, and decades of work went into that one operation.""",
)


def layers(rng):
    """Pictures of several channels and weights for them, with C_in ≠ C_out."""
    for number, drawn in enumerate(volumes(rng)):
        x, (kh, kw) = drawn["x"], drawn["kernel"]
        c_out = (3, 2, 4, 1, 5)[number % 5]
        weight = torch.stack([torch.stack([drawn_kernel(rng, kh, kw) for _ in x]) for _ in range(c_out)])
        yield {"x": x, "weight": weight + whole(rng, c_out, len(x), 1, 1)}
    x = torch.tensor(rng.random((2, 6, 5)), dtype=torch.float32)
    yield {"x": x, "weight": torch.tensor(rng.standard_normal((3, 2, 3, 2)), dtype=torch.float32)}


def as_layer(x, weight):
    return F.conv2d(x[None], weight)[0]


WEIGHT = torch.stack(
    [torch.stack([EVEN, EVEN.t() - 2]), torch.stack([2 - EVEN, EVEN.flip(0)]), torch.stack([EVEN] * 2)]
)
WIDE_WEIGHT = torch.stack([WIDE, WIDE + 1, WIDE.flip(1)])[None] * torch.tensor([1, -2]).reshape(2, 1, 1, 1)


@exercise(
    examples=[
        {"x": TWO, "weight": WEIGHT},
        {"x": THREE, "weight": WIDE_WEIGHT},
        {"x": TWO[:1, :, 1:], "weight": WEIGHT[:2, :1]},
        {"x": TWO[:, :2, :3] / 3, "weight": torch.stack([WIDE, WIDE.flip(0)])[None] / 3},
    ],
    inputs=layers,
    forbidden=BY_HAND,
    uses=[im2col],
)
class conv_by_matmul:
    def right(x, weight):
        return F.conv2d(x[None], weight)[0]

    def patches_times_weights(x, weight):
        product_ = im2col(x, weight.shape[2:]) @ weight.flatten(1).t()
        return product_.t().reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

    def weights_times_columns(x, weight):
        product_ = weight.flatten(1).numpy() @ im2col(x, weight.shape[2:]).numpy().T
        return product_.reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

    def with_einsum(x, weight):
        rows, columns = sizes(x.shape[1:], weight.shape[2:])
        patches = im2col(x, weight.shape[2:]).reshape(rows, columns, *weight.shape[1:])
        return torch.einsum("rscij,ocij->ors", patches, weight)

    def one_kernel_at_a_time(x, weight):
        patches, shape = im2col(x, weight.shape[2:]), sizes(x.shape[1:], weight.shape[2:])
        return [(patches @ each.reshape(-1)).reshape(shape).tolist() for each in weight]

    class wrong:
        class reshaped_not_permuted:
            """The shape is right, but numbers of different output channels are mixed. Your product has one axis for
            positions and one for output channels; reshape keeps the order in which numbers lie and never exchanges
            axes. Which of the two should come first before you reshape?"""

            def result(x, weight):
                product_ = im2col(x, weight.shape[2:]) @ weight.flatten(1).t()
                return product_.reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

        class weight_reshaped_not_permuted:
            """Your weights are poured into a matrix whose columns mix several filters: reshape keeps the order in which
            the numbers lie. One filter should stand in one column. What do you get if each filter is a row first, and
            what is then still to be done?"""

            def result_permuted(x, weight):
                product_ = im2col(x, weight.shape[2:]) @ weight.reshape(-1, len(weight))
                return product_.t().reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

            def both(x, weight):
                product_ = im2col(x, weight.shape[2:]) @ weight.reshape(-1, len(weight))
                return product_.reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

        def weight_axes_swapped(x, weight):
            """The axes of weight have changed places: it is (C_out, C_in, kH, kW). Which of its axes must meet the
            channels of x?"""
            swapped = weight.transpose(0, 1).reshape(len(weight), -1)
            product_ = swapped @ im2col(x, weight.shape[2:]).t()
            return product_.reshape(len(weight), *sizes(x.shape[1:], weight.shape[2:]))

        class kernel_flipped:
            """Your kernels are turned. In deep learning's convolution, which is a correlation, the first weight meets
            the first pixel of the patch. Does anything in your code reverse the weights, or the patches?"""

            def each(x, weight):
                return as_layer(x, weight.flip(2, 3))

            def with_its_channels(x, weight):
                return as_layer(x, weight.flip(1, 2, 3))

        def kernel_transposed(x, weight):
            """The weights and the pixels of a patch are read in different orders: one row by row, the other column by
            column. Does each weight meet its own pixel?"""
            product_ = weight.transpose(2, 3).flatten(1) @ im2col(x, weight.shape[2:]).t()
            return product_.reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

        class channel_order:
            """Weights and patches list their numbers in different orders: one from channel to channel, the other from
            pixel to pixel. Both have to go by channel, row, column. Do you reorder axes in one of the two?"""

            def weights_by_pixel(x, weight):
                product_ = weight.permute(0, 2, 3, 1).flatten(1) @ im2col(x, weight.shape[2:]).t()
                return product_.reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

            def patches_by_pixel(x, weight):
                patches = patches_of(x, weight.shape[2:], lambda patch: patch.permute(1, 2, 0).reshape(-1))
                return (weight.flatten(1) @ patches.t()).reshape(-1, *sizes(x.shape[1:], weight.shape[2:]))

        def one_channel_only(x, weight):
            """Only channel 0 of the picture counts in your result. A filter of this layer has weights for every input
            channel. How long is it as one row of numbers?"""
            return as_layer(x[:1], weight[:, :1])

        class square_only:
            """Square kernels and pictures come out right, others do not. Height and width of the response each come
            from their own side of x and of the kernel. Which side serves twice, or stands in the other's place?"""

            def kernel(x, weight):
                k = weight.shape[2]
                n, m = x.shape[1] - k + 1, x.shape[2] - k + 1
                patches = [x[:, r : r + k, c : c + k].reshape(-1) for r in range(n) for c in range(m)]
                return (weight.flatten(1) @ torch.stack(patches).t()).reshape(-1, n, m)

            def everything(x, weight):
                k = weight.shape[2]
                n = x.shape[1] - k + 1
                patches = [x[:, r : r + k, c : c + k].reshape(-1) for r in range(n) for c in range(n)]
                return (weight.flatten(1) @ torch.stack(patches).t()).reshape(-1, n, n)

            def at_the_end(x, weight):
                side = x.shape[1] - weight.shape[2] + 1
                return (weight.flatten(1) @ im2col(x, weight.shape[2:]).t()).reshape(-1, side, side)

            def by_the_root(x, weight):
                product_ = weight.flatten(1) @ im2col(x, weight.shape[2:]).t()
                side = int(product_.shape[1] ** 0.5)
                return product_.reshape(-1, side, side)

        def products_not_added(x, weight):
            """These are the single products. One number of the response is the sum of all the products of a patch and a
            kernel. Which operator multiplies matrices, and adds up on the way?"""
            patches = im2col(x, weight.shape[2:])
            return torch.stack([patches * kernel for kernel in weight.flatten(1)])

        class channels_last:
            """The numbers are right, but the output channels are the last axis of your result. The course, like
            PyTorch, has them first. Which of the product's two axes should come first?"""

            def as_pictures(x, weight):
                return as_layer(x, weight).permute(1, 2, 0)

        class result_not_reshaped:
            """Your numbers are right, but they are still a matrix: output channels by positions. The response of each
            kernel is a picture. How high and how wide is it?"""

            def positions_first(x, weight):
                return as_layer(x, weight).flatten(1).t()

            def channels_first(x, weight):
                return as_layer(x, weight).flatten(1)

        def sides_swapped(x, weight):
            """Height and width of the result have changed places, so its rows break at the wrong number. From which
            sides of x and of the kernel do you compute the number of rows?"""
            rows, columns = sizes(x.shape[1:], weight.shape[2:])
            return as_layer(x, weight).reshape(-1, columns, rows)

        def channels_not_summed(x, weight):
            """You keep the input channels apart. One number of the response is the sum over all of them. How many
            numbers long are the two rows that meet in your product?"""
            return torch.stack([F.conv2d(x[:, None], kernel[:, None], groups=1)[:, 0] for kernel in weight])


# ------------------------------------------------------------------------------------------------------------- the race


@guess
class faster_at_32:
    right = "Toeplitz"

    class wrong:
        class fewest_multiplications:
            """The loop multiplies 114 times less often. But each turn of a Python loop costs microseconds, in which a
            library does thousands of multiplications."""

            value = "loop"


explanation(
    "steepest_line",
    """The Toeplitz matrix. Twice the side means 4 times as many rows, each 4 times as long: 16 times the work and the
    memory, where all the others do 4 times the work. The loop is slow because of Python, and only by a factor; the
    matrix grows out of hand because of what it does.""",
)


# ------------------------------------------------------------------------------------------------------------ all of it


@guess
class full_shape:
    right = (5, 7)

    class wrong:
        class same_as_image:
            """Pixels at the rim are met by weights that hang over the edge. These places count as well."""

            value = (4, 5)

        class valid_not_full:
            """That is valid: only where all of the kernel lies inside. Full is everywhere it touches."""

            value = (3, 3)

        class sizes_added:
            """Nearly: at the first place they share one row and one column, so both sides are one less than the sum."""

            value = (6, 8)

        class padded_too_far:
            """That takes a border as large as the kernel itself. At the outermost place the kernel should still touch
            one pixel."""

            value = (7, 9)

        class border_not_taken_off:
            """That is the picture with its border. The kernel slides inside of that, which takes off one row less than
            the kernel has, and one column less."""

            value = (6, 9)


def full(x, kernel):
    kh, kw = kernel.shape
    return F.conv2d(x[None, None], flip(kernel)[None, None], padding=(kh - 1, kw - 1))[0, 0]


def padded_correlation(x, kernel, top, bottom, left, right):
    return valid(F.pad(x[None, None], (left, right, top, bottom))[0, 0], kernel)


def painted(x, kernel, *, weights=None, add=True, last=0):
    """Every pixel paints the kernel, times its value, into the result."""
    weights = kernel if weights is None else weights
    (height, width), (kh, kw) = x.shape, kernel.shape
    result = torch.zeros(height + kh - 1, width + kw - 1)
    for row, col in product(range(height - last), range(width - last)):
        stamp = x[row, col] * weights
        result[row : row + kh, col : col + kw] = stamp + (result[row : row + kh, col : col + kw] if add else 0)
    return result


def transposed_in_place(x, kernel):
    """Painted with rows and columns of the kernel swapped, as far as that lies on the right size."""
    (height, width), (kh, kw) = x.shape, kernel.shape
    result = torch.zeros(height + kh - 1, width + kw - 1)
    for (row, col), value in np.ndenumerate(x.numpy()):
        for i, j in product(range(kw), range(kh)):
            if row + i < result.shape[0] and col + j < result.shape[1]:
                result[row + i, col + j] += float(value) * kernel[j, i]
    return result


def one_side_painted(x, kernel):
    """Painted as if the kernel were as wide as it is high; raises where it is not."""
    k = kernel.shape[0]
    result = torch.zeros(x.shape[0] + k - 1, x.shape[1] + k - 1)
    for (row, col), value in np.ndenumerate(x.numpy()):
        result[row : row + k, col : col + k] += float(value) * kernel
    return result


def room_left(x, kernel):
    return F.pad(full(x, kernel), (0, 1, 0, 1))


def too_far(x, kernel):
    kh, kw = kernel.shape
    return padded_correlation(x, flip(kernel), kh, kh, kw, kw)


def same_size(x, kernel):
    (kh, kw), whole_ = kernel.shape, full(x, kernel)
    return whole_[kh // 2 : kh // 2 + x.shape[0], kw // 2 : kw // 2 + x.shape[1]]


def padded_by_half(x, kernel):
    up, left = (k // 2 for k in kernel.shape)
    return padded_correlation(x, flip(kernel), up, up, left, left)


def before_only(x, kernel):
    kh, kw = kernel.shape
    return padded_correlation(x, flip(kernel), kh - 1, 0, kw - 1, 0)


def after_only(x, kernel):
    kh, kw = kernel.shape
    return padded_correlation(x, flip(kernel), 0, kh - 1, 0, kw - 1)


def padded_squarely(x, kernel, side):
    border = kernel.shape[side] - 1
    return padded_correlation(x, flip(kernel), border, border, border, border)


def padding_swapped(x, kernel):
    kh, kw = kernel.shape
    return padded_correlation(x, flip(kernel), kw - 1, kw - 1, kh - 1, kh - 1)


PAINTED = [
    {"x": X[:3, :4], "kernel": EVEN},
    {"x": X[:2, :3], "kernel": WIDE},
    {"x": X[1:, :3], "kernel": TALL},
    {"x": X[:4, :3].t(), "kernel": KERNEL.t() / 3},
    {"x": X[:3, 1:4] / 3 - 1, "kernel": ROW},
]


def more_pictures_and_kernels(rng):
    yield from images_and_kernels(rng)
    yield {"x": drawn_image(rng, 3, 4), "kernel": drawn_kernel(rng, 3, 2).t()}


@exercise(examples=PAINTED, inputs=more_pictures_and_kernels, forbidden=BY_HAND)
class convolve_full:
    def right(x, kernel):  # by hand, since it is lent to answers that are
        return painted(x, kernel)

    def every_weight_moves_the_picture(x, kernel):
        (height, width), (kh, kw) = x.shape, kernel.shape
        result = np.zeros((height + kh - 1, width + kw - 1))
        for i, j in product(range(kh), range(kw)):
            result[i : i + height, j : j + width] += kernel[i, j].item() * x.numpy()
        return result

    def slid_over_a_border(x, kernel):
        (height, width), (kh, kw) = x.shape, kernel.shape
        border = torch.zeros(height + 2 * (kh - 1), width + 2 * (kw - 1))
        border[kh - 1 : kh - 1 + height, kw - 1 : kw - 1 + width] = x
        rows, columns = sizes(border.shape, kernel.shape)
        turned = kernel.rot90(2)
        return [[(border[r : r + kh, c : c + kw] * turned).sum().item() for c in range(columns)] for r in range(rows)]

    def by_the_transposed_matrix(x, kernel):
        shape = tuple(n + k - 1 for n, k in zip(x.shape, kernel.shape, strict=True))
        return (toeplitz_matrix(kernel, shape).t() @ x.reshape(-1)).reshape(shape)

    class wrong:
        class kernel_not_flipped:
            """A lone 1 comes out as the kernel turned by 180°: this is full cross-correlation. In a true convolution it
            comes out as the kernel is. Do you turn a kernel that you paint, or slide one that you did not turn?"""

            def slid(x, kernel):
                return full(x, flip(kernel))

            def turned_and_painted(x, kernel):
                return painted(x, flip(kernel))

        class kernel_transposed:
            """The kernel is transposed, not turned: its top-left weight stays in its corner. What would a lone 1 paint,
            and what should it paint?"""

            def painted_in_place(x, kernel):
                return transposed_in_place(x, kernel)

            def painted(x, kernel):
                return full(x, kernel.t())

            def slid(x, kernel):
                return full(x, flip(kernel.t()))

            def that_raises(x, kernel):
                kh, kw = kernel.shape
                result = torch.zeros(x.shape[0] + kh - 1, x.shape[1] + kw - 1)
                for (row, col), value in np.ndenumerate(x.numpy()):
                    result[row : row + kh, col : col + kw] += float(value) * kernel.t()
                return result

        def flipped_top_to_bottom_only(x, kernel):
            """The kernel comes out mirrored in one direction. A kernel that is painted needs no mirror at all; one that
            slides needs both. Which of the two do you do, and how often is yours mirrored?"""
            return full(x, kernel.flip(1))

        def flipped_left_to_right_only(x, kernel):
            """The kernel comes out mirrored in one direction. A kernel that is painted needs no mirror at all; one that
            slides needs both. Which of the two do you do, and how often is yours mirrored?"""
            return full(x, kernel.flip(0))

        def overwritten_not_added(x, kernel):
            """Where two painted kernels overlap, the later one has wiped out the earlier one. What do their shares have
            to become where they meet?"""
            return painted(x, kernel, add=False)

        class valid_not_full:
            """Your result is smaller than the picture: only the places where all of the kernel lies inside (“valid”).
            Full counts every place where at least one weight meets a pixel. How far can the kernel hang out?"""

            def convolved(x, kernel):
                return valid(x, flip(kernel))

            def correlated(x, kernel):
                return valid(x, kernel)

        class same_as_image:
            """Your result is about as large as the picture (“same”). Full goes further: the kernel may hang out until
            only one of its weights still meets a pixel. How many rows of border does that take on each side?"""

            def centred(x, kernel):
                return same_size(x, kernel)

            def padded_by_half(x, kernel):
                return padded_by_half(x, kernel)

        class padded_too_far:
            """Your result is too large: it ends in rows and columns of zeros, where the kernel touches no pixel at all.
            At the outermost place one weight meets one pixel. How far does the kernel hang out there?"""

            def by_the_kernel(x, kernel):
                return too_far(x, kernel)

            def room_left(x, kernel):
                return room_left(x, kernel)

        class one_sided_padding:
            """Your result is as large as the picture: the kernel hangs out on one side only, or what it paints beyond
            the other is cut off. Full lets it hang out everywhere. By how many rows is the result larger?"""

            def before(x, kernel):
                return before_only(x, kernel)

            def after(x, kernel):
                return after_only(x, kernel)

        class square_only:
            """Square kernels come out right, others do not: one side of the kernel stands for both, or the two have
            changed places. Which side counts rows, and which counts columns?"""

            def height(x, kernel):
                return padded_squarely(x, kernel, 0)

            def width(x, kernel):
                return padded_squarely(x, kernel, 1)

            def that_raises(x, kernel):
                return one_side_painted(x, kernel)

        class pixels_forgotten:
            """The kernel is painted at every pixel, equally strong: no pixel's value has multiplied it. How strongly
            does a dark pixel paint, and how strongly a bright one?"""

            def as_it_is(x, kernel):
                return painted(torch.ones_like(x), kernel)

            def added(x, kernel):
                (height, width), (kh, kw) = x.shape, kernel.shape
                result = torch.zeros(height + kh - 1, width + kw - 1)
                for row, column in product(range(height), range(width)):
                    result[row : row + kh, column : column + kw] += x[row, column] + kernel
                return result

        def weights_forgotten(x, kernel):
            """Every pixel paints itself, as often as the kernel is large: the places are right, but no weight has
            touched the pixels. Where do the kernel's numbers come in?"""
            return full(x, torch.ones_like(kernel))

        def first_weight_only(x, kernel):
            """Every pixel paints itself times one weight, the kernel's first. Each place under the kernel has a weight
            of its own. Which index of yours picks one out?"""
            return full(x, torch.full_like(kernel, kernel[0, 0].item()))

        def sides_swapped(x, kernel):
            """Your borders have changed places: the kernel's width decides how much is added above and below. Which
            side of the kernel hangs out at the top?"""
            return padding_swapped(x, kernel)

        def last_missed(x, kernel):
            """The picture's last row and last column paint nothing. Which is the last value that each of your loops
            takes?"""
            return painted(x, kernel, last=1)


# --------------------------------------------------------------------------------------------------------- the way back


@guess
class coverage_row:
    right = (1, 2, 3, 3, 2, 1)

    class wrong:
        class same_everywhere:
            """A column of T has as many ones as there are windows that contain this pixel, and the corner lies in only
            one."""

            nine = (9, 9, 9, 9, 9, 9)
            three = (3, 3, 3, 3, 3, 3)
            one = (1, 1, 1, 1, 1, 1)

        class response_sized:
            """That row is as long as the response. T.t() @ ones has a number for each pixel."""

            value = (9, 9, 9, 9)


GRADIENTS = [
    {"grad_output": X[:2, :3], "kernel": EVEN},
    {"grad_output": X[1:3, 1:3], "kernel": WIDE},
    {"grad_output": X[:3, :3] - 4, "kernel": TALL},
    {"grad_output": X[:4, :2].t() - 3, "kernel": KERNEL.t() / 3},
    {"grad_output": X[:3, 1:2] / 3, "kernel": COLUMN},
]


def gradients(rng):
    for drawn in more_pictures_and_kernels(rng):
        yield {"grad_output": drawn["x"] - 4, "kernel": drawn["kernel"]}
    yield {"grad_output": whole(rng, 1, 1, low=1), "kernel": drawn_kernel(rng, 2, 3)}


@exercise(
    examples=GRADIENTS,
    inputs=gradients,
    forbidden=(*BY_HAND, *NO_AUTOGRAD),
    uses=[convolve_full, toeplitz_matrix],
)
class input_gradient:
    def right(grad_output, kernel):
        return F.conv_transpose2d(grad_output[None, None], kernel[None, None])[0, 0]

    def that_very_operation(grad_output, kernel):
        return convolve_full(grad_output, kernel)

    def by_the_transposed_matrix(grad_output, kernel):
        shape = tuple(n + k - 1 for n, k in zip(grad_output.shape, kernel.shape, strict=True))
        return (toeplitz_matrix(kernel, shape).t() @ grad_output.reshape(-1)).reshape(shape)

    def window_by_window(grad_output, kernel):
        (rows, columns), (kh, kw) = grad_output.shape, kernel.shape
        gradient = np.zeros((rows + kh - 1, columns + kw - 1))
        for (row, col), value in np.ndenumerate(grad_output.numpy()):
            gradient[row : row + kh, col : col + kw] += float(value) * kernel.numpy()
        return gradient

    def asked_pixel_by_pixel(grad_output, kernel):
        (rows, columns), (kh, kw) = grad_output.shape, kernel.shape
        g, k = grad_output.tolist(), kernel.tolist()
        return [
            [
                sum(
                    g[row - i][col - j] * k[i][j]
                    for i in range(kh)
                    for j in range(kw)
                    if 0 <= row - i < rows and 0 <= col - j < columns
                )
                for col in range(columns + kw - 1)
            ]
            for row in range(rows + kh - 1)
        ]

    class wrong:
        class kernel_not_flipped:
            """A lone 1 in grad_output comes out as the kernel turned by 180°; it should come out as the kernel is, for
            each weight sends the gradient back to the pixel that it took forwards. Do you turn a kernel that you paint,
            or slide one that you did not turn?"""

            def slid(grad_output, kernel):
                return full(grad_output, flip(kernel))

        class kernel_transposed:
            """The kernel is transposed, not turned. It is the big matrix that is transposed on the way back; what
            happens to the small kernel then? Look at one column of T, from its top to its bottom: in which order do the
            weights come?"""

            def painted_in_place(grad_output, kernel):
                return transposed_in_place(grad_output, kernel)

            def painted(grad_output, kernel):
                return full(grad_output, kernel.t())

            def slid(grad_output, kernel):
                return full(grad_output, flip(kernel.t()))

            def that_raises(grad_output, kernel):
                kh, kw = kernel.shape
                result = torch.zeros(grad_output.shape[0] + kh - 1, grad_output.shape[1] + kw - 1)
                for (row, col), value in np.ndenumerate(grad_output.numpy()):
                    result[row : row + kh, col : col + kw] += float(value) * kernel.t()
                return result

        class flipped_one_way_only:
            """The kernel comes out mirrored in one direction. A kernel that is painted needs no mirror at all; one that
            slides needs both. Which of the two do you do, and how often is yours mirrored?"""

            def top_to_bottom(grad_output, kernel):
                return full(grad_output, kernel.flip(1))

            def left_to_right(grad_output, kernel):
                return full(grad_output, kernel.flip(0))

        def overwritten_not_added(grad_output, kernel):
            """Windows overlap, so a pixel takes part in several numbers of the response. Your gradient keeps only what
            the last of them says. How do the shares of all of them become one number?"""
            return painted(grad_output, kernel, add=False)

        class valid_not_full:
            """Your result is smaller than grad_output. The gradient belongs to the picture that went in, which was
            larger than the response. How large is it for a response of h rows and a kernel of kH rows?"""

            def convolved(grad_output, kernel):
                kh, kw = (min(n, k) for n, k in zip(grad_output.shape, kernel.shape, strict=True))
                return valid(grad_output, flip(kernel)[:kh, :kw])

            def correlated_that_raises(grad_output, kernel):
                return valid(grad_output, kernel)

            def convolved_that_raises(grad_output, kernel):
                return valid(grad_output, flip(kernel))

        class same_as_image:
            """Your result has the size of grad_output. The gradient has a number for each pixel of the picture that
            went in, and the response is smaller than that picture. By how much?"""

            def centred(grad_output, kernel):
                return same_size(grad_output, kernel)

            def padded_by_half(grad_output, kernel):
                return padded_by_half(grad_output, kernel)

            def before(grad_output, kernel):
                return before_only(grad_output, kernel)

            def after(grad_output, kernel):
                return after_only(grad_output, kernel)

            def taken_for_the_picture(grad_output, kernel):
                (height, width), (kh, kw) = grad_output.shape, kernel.shape
                gradient = torch.zeros(height, width)
                for row, col in product(range(height - kh + 1), range(width - kw + 1)):
                    gradient[row : row + kh, col : col + kw] += grad_output[row, col] * kernel
                return gradient

        class padded_too_far:
            """Your result is too large: it ends in rows and columns of zeros. Every pixel of the picture that went in
            is in one window at least. How much larger than the response was that picture?"""

            def by_the_kernel(grad_output, kernel):
                return too_far(grad_output, kernel)

            def room_left(grad_output, kernel):
                return room_left(grad_output, kernel)

        def sign_turned(grad_output, kernel):
            """The sign is turned everywhere. A gradient says by how much the loss grows when a pixel grows; the step
            downhill comes later. Where does your minus come from?"""
            return -full(grad_output, kernel)

        def mean_not_sum(grad_output, kernel):
            """You divide by the number of windows that a pixel is in. A small change of the pixel changes all of them
            at once. Does the loss then change by their mean, or by all of it together?"""
            return full(grad_output, kernel) / full(torch.ones_like(grad_output), torch.ones_like(kernel))

        def windows_do_not_overlap(grad_output, kernel):
            """You lay the painted kernels side by side, like tiles. The windows of the forward pass moved on by one
            pixel at a time. Where does the window of the response's second number begin?"""
            return torch.kron(grad_output.contiguous(), kernel.contiguous())

        class square_only:
            """Square kernels come out right, others do not: one side of the kernel stands for both, or the two have
            changed places. Which side of the kernel makes the picture higher than the response?"""

            def height(grad_output, kernel):
                return padded_squarely(grad_output, kernel, 0)

            def width(grad_output, kernel):
                return padded_squarely(grad_output, kernel, 1)

            def that_raises(grad_output, kernel):
                return one_side_painted(grad_output, kernel)

        def weights_forgotten(grad_output, kernel):
            """You add up the gradients of all the windows that a pixel is in, but no weight has touched them. By how
            much does the response grow when a pixel grows by 1?"""
            return full(grad_output, torch.ones_like(kernel))

        def gradient_ignored(grad_output, kernel):
            """Your answer does not depend on the numbers in grad_output: it is the gradient of the plain sum of the
            response. What does a number in grad_output say about its place in the response?"""
            return full(torch.ones_like(grad_output), kernel)


@guess
class operation_back:
    right = "full convolution"

    class wrong:
        class kernel_not_flipped:
            """A weight that took a pixel to a place higher up takes the share back down: every step is reversed, so the
            kernel lies there turned."""

            value = "full correlation"
            whatever_size = "correlation"

        class valid_not_full:
            """The kernel is turned, true. But valid would be smaller still, and the picture was larger than its
            response."""

            value = "valid convolution"
            in_short = "convolution"


explanation(
    "why_turned",
    """Forwards, weight (i, j) takes a pixel to the response i rows higher and j columns further to the left. On the way
    back each share goes down by i and to the right by j, the opposite way. Opposite steps for all weights: that is the
    kernel turned by 180°, slid over the gradient.""",
)
