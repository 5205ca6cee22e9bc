"""Lesson 1, sliding regions: the right answers, the inputs to try them on, and what learners get wrong.

Each misconception is a wrong implementation that runs; its docstring is the hint its author will read.
"""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from course_grading.authoring import BY_HAND, exercise, explanation, guess
from course_grading.authoring.inputs import drawn_image, drawn_kernel, image_sizes, images_and_kernels, whole

X = torch.tensor(
    [
        [0, 1, 0, 2, 7, 9],
        [1, 0, 2, 6, 9, 8],
        [0, 2, 5, 9, 8, 3],
        [3, 6, 9, 7, 2, 0],
        [6, 9, 8, 2, 0, 1],
        [8, 7, 3, 1, 1, 0],
    ],
    dtype=torch.float32,
)
KERNEL = torch.tensor([[1, 0, 2], [0, 3, 0], [-1, 0, 0]], dtype=torch.float32)
EVEN = torch.tensor([[1, -1], [0, 2]], dtype=torch.float32)
WIDE = torch.tensor([[1, 2, -1, 3], [0, -2, 1, 1]], dtype=torch.float32)
TALL = torch.tensor([[2], [-1], [3]], dtype=torch.float32)
FRACTIONS = torch.tensor([[0.5, 0.25, -1], [0, 1.5, 0.25]])
ONE_WEIGHT = torch.tensor([[3.0]])


def places_in_images(rng):
    """An image, a place in it and a size that fits there."""
    for (height, width), (rows, columns) in image_sizes(rng):
        row, col = int(rng.integers(0, height - rows + 1)), int(rng.integers(0, width - columns + 1))
        yield {"x": drawn_image(rng, height, width), "row": row, "col": col, "height": rows, "width": columns}
    yield {"x": drawn_image(rng, 7, 9), "row": 3, "col": 1, "height": 3, "width": 3}
    yield {"x": drawn_image(rng, 7, 9) / 8, "row": 4, "col": 7, "height": 3, "width": 2}
    yield {"x": drawn_image(rng, 6, 5) * 40 - 180, "row": 2, "col": 1, "height": 1, "width": 4}


def places_and_kernels(rng):
    for place in places_in_images(rng):
        kernel = drawn_kernel(rng, place.pop("height"), place.pop("width"))
        yield {**place, "kernel": kernel}
    yield {"x": drawn_image(rng, 5, 6), "row": 1, "col": 2, "kernel": drawn_kernel(rng, 2, 3) / 8 + 1 / 64}
    yield {"x": drawn_image(rng, 5, 6) * 40, "row": 2, "col": 1, "kernel": whole(rng, 3, 2, low=1)}


def shapes(rng):
    for image_shape, kernel_shape in image_sizes(rng):
        yield {"image_shape": image_shape, "kernel_shape": kernel_shape}


def kernels_to_turn(rng):
    """Kernels with each symmetry a learner may mistake for the one that counts."""
    for _ in range(2):
        any_kernel = drawn_kernel(rng, 3, 3)
        yield from ({"kernel": kernel} for kernel in [any_kernel, any_kernel + any_kernel.t()])
        yield {"kernel": any_kernel + any_kernel.rot90(2)}
        yield {"kernel": any_kernel + any_kernel.fliplr()}
        yield {"kernel": any_kernel + any_kernel.flipud()}
        yield {"kernel": sum(any_kernel.rot90(quarters) for quarters in range(4))}
    half = drawn_kernel(rng, 2, 3)
    yield {"kernel": torch.cat([half, half.rot90(2)])}
    yield {"kernel": drawn_kernel(rng, 2, 4)}
    yield {"kernel": whole(rng, 1, 1, low=-9)}
    square = drawn_kernel(rng, 2, 2)
    yield {"kernel": square + square.rot90(2)}
    palindrome = whole(rng, 1, 3, low=1, high=9)
    yield {"kernel": palindrome + palindrome.flip(1)}
    middle = drawn_kernel(rng, 3, 3)
    mirrored = middle + middle.fliplr()
    yield {"kernel": mirrored + mirrored.flipud()}
    yield {"kernel": middle - middle.rot90(2)}
    yield {"kernel": middle + middle.fliplr() + 1}
    yield from nearly_symmetric(rng)


@exercise(
    examples=[
        {"x": X, "row": 1, "col": 2, "height": 3, "width": 3},
        {"x": X, "row": 0, "col": 0, "height": 2, "width": 4},
        {"x": X, "row": 3, "col": 1, "height": 2, "width": 5},
        {"x": X[:4].t() / 3, "row": 4, "col": 0, "height": 2, "width": 1},
        {"x": X - 5, "row": 4, "col": 1, "height": 1, "width": 4},
    ],
    inputs=places_in_images,
)
class region_at:
    def right(x, row, col, height, width):
        return x[row : row + height, col : col + width]

    def with_narrow(x, row, col, height, width):
        return x.narrow(0, row, height).narrow(1, col, width)

    def pixel_by_pixel(x, row, col, height, width):
        return [[x[row + i, col + j].item() for j in range(width)] for i in range(height)]

    def with_numpy_indices(x, row, col, height, width):
        return x.numpy()[np.ix_(range(row, row + height), range(col, col + width))]

    class wrong:
        class counted_from_one:
            """Your region begins one row higher and one column further left than asked for. Rows and columns are
            counted from 0: what is the index of the picture's first row?"""

            def by_index(x, row, col, height, width):
                rows, columns = (torch.arange(first - 1, first - 1 + n) for first, n in ((row, height), (col, width)))
                return x[rows][:, columns]

            def by_slices(x, row, col, height, width):
                return x[row - 1 : row - 1 + height, col - 1 : col - 1 + width]

        def axis_cut_twice(x, row, col, height, width):
            """Your second pair of square brackets cuts rows again: x[a:b] is a picture, too, and its first axis are
            rows. How do you name both axes in one pair of brackets?"""
            return x[row : row + height][col : col + width]

        def stops_at_the_size(x, row, col, height, width):
            """Your slices stop at height and width themselves. A slice a:b stops just before index b, counted from the
            image's corner. If a region starts at row 1 and is 3 rows high, which index comes right after its last
            row?"""
            return x[row:height, col:width]

        def one_short(x, row, col, height, width):
            """One row and one column are missing at the end. Python's slice a:b leaves b itself out. How many entries
            does 0:3 have, and what does that say about where your slices should stop?"""
            return x[row : row + height - 1, col : col + width - 1]

        def one_too_many(x, row, col, height, width):
            """Your region has one row and one column more than asked for (unless the image ends there). Is the index
            after the colon part of a slice?"""
            return x[row : row + height + 1, col : col + width + 1]

        class rows_and_columns_swapped:
            """This is the region at the mirrored place: row and column have changed roles. In x[a, b], which of the two
            counts downwards, and which counts to the right?"""

            def at_the_mirrored_place(x, row, col, height, width):
                return x[col : col + height, row : row + width]

            def sides_too(x, row, col, height, width):
                return x[col : col + width, row : row + height]

        def sides_swapped(x, row, col, height, width):
            """The place is right, but the region lies on its side. Which of height and width belongs to the rows?"""
            return x[row : row + width, col : col + height]

        def square_only(x, row, col, height, width):
            """Square regions come out right, others do not. Do both of your slices use their own size, or does one size
            serve for both?"""
            return x[row : row + height, col : col + height]

        class centred:
            """Your region has (row, col) in its middle. In this course (row, col) is the region's top-left corner.
            Which pixel of the picture should be the first entry of the result?"""

            def all_round(x, row, col, height, width):
                rows = torch.arange(row - height // 2, row - height // 2 + height) % x.shape[0]
                columns = torch.arange(col - width // 2, col - width // 2 + width) % x.shape[1]
                return x[rows][:, columns]

            def by_slices(x, row, col, height, width):
                up, left = height // 2, width // 2
                return x[row - up : row + up + 1, col - left : col + left + 1]


@exercise()
class edge_region_shape:
    right = (3, 2)

    class wrong:
        class as_asked:
            """Three columns starting at column 4 would be the columns 4, 5 and 6. The last column of a 6×6 image has
            index 5. Does slicing invent the missing one, or leave it out?"""

            value = (3, 3)

        class sides_swapped:
            """A shape names rows first, then columns. Which of the two runs out of pixels here?"""

            value = (2, 3)

        class counted_from_one:
            """Columns are counted from 0, so the last one has index 5. Which columns are left from column 4 on?"""

            value = (3, 1)

        class nothing_left:
            """It is natural to expect nothing, or an error, but slicing is forgiving: it returns the part that exists.
            How much of the region does exist?"""

            nothing = (0, 0)
            an_error = "error"
            its_name = "IndexError"


@exercise(
    examples=[
        {"x": X, "row": 1, "col": 2, "kernel": KERNEL},
        {"x": X, "row": 3, "col": 0, "kernel": KERNEL},
        {"x": X, "row": 0, "col": 3, "kernel": EVEN},
        {"x": X, "row": 4, "col": 4, "kernel": EVEN},
        {"x": X, "row": 2, "col": 1, "kernel": WIDE},
        {"x": X.t() / 3 - 1, "row": 3, "col": 4, "kernel": FRACTIONS[:, :2] / 3},
        {"x": X * 40, "row": 2, "col": 5, "kernel": ONE_WEIGHT},
    ],
    inputs=places_and_kernels,
    uses=[region_at],
    forbidden=BY_HAND,
)
class apply_kernel:
    def right(x, row, col, kernel):
        patch = region_at(x, row, col, *kernel.shape)
        return F.conv2d(patch[None, None], kernel[None, None]).item()

    def with_einsum(x, row, col, kernel):
        return torch.einsum("ij,ij->", region_at(x, row, col, *kernel.shape), kernel)

    def product_by_product(x, row, col, kernel):
        total = 0.0
        for i, j in product(*map(range, kernel.shape)):
            total += x[row + i, col + j].item() * kernel[i, j].item()
        return total

    def as_dot_product(x, row, col, kernel):
        return region_at(x, row, col, *kernel.shape).reshape(-1) @ kernel.reshape(-1)

    class wrong:
        class sums_multiplied:
            """You add up the kernel, or both, before anything is multiplied. Each pixel of the patch meets the one
            weight that lies on it. In which order do the multiplying and the adding come?"""

            def both(x, row, col, kernel):
                return x[row : row + kernel.shape[0], col : col + kernel.shape[1]].sum() * kernel.sum()

            def kernel_only(x, row, col, kernel):
                return x[row : row + kernel.shape[0], col : col + kernel.shape[1]] * kernel.sum()

        def mean_not_sum(x, row, col, kernel):
            """You divide by the number of products: that is their mean. The answer is asked for as a sum. What would
            the mean do to a kernel whose weights already add up to 1?"""
            return (region_at(x, row, col, *kernel.shape) * kernel).mean()

        class matrix_product:
            """The sign @ (and matmul) multiplies rows by columns, as matrices do. Here each pixel meets exactly one
            weight: the one that lies on it. Which operator multiplies two grids entry by entry?"""

            def as_it_is(x, row, col, kernel):
                return (region_at(x, row, col, *kernel.shape) @ kernel).sum()

            def sizes_made_to_fit(x, row, col, kernel):
                return (region_at(x, row, col, *kernel.shape) @ kernel.t()).sum()

        def kernel_flipped(x, row, col, kernel):
            """Your number is that of the kernel turned upside down and left to right. Here the kernel is laid on the
            patch as it is. Which weight belongs to the patch's top-left pixel?"""
            return (region_at(x, row, col, *kernel.shape) * kernel.flip(0, 1)).sum()

        def kernel_transposed(x, row, col, kernel):
            """Your number is that of the transposed kernel: its rows have become columns. If i counts rows and j
            columns, in which order do they index the kernel, and in which order the patch?"""
            return (region_at(x, row, col, *kernel.shape) * kernel.t()).sum()

        def products_not_added(x, row, col, kernel):
            """These are the products, one for each pixel of the patch, and they are right. The answer is one number.
            What is still to be done with them?"""
            return region_at(x, row, col, *kernel.shape) * kernel

        def patch_summed_alone(x, row, col, kernel):
            """You have added up the patch, but no weight has touched it. Where does the kernel come in?"""
            return region_at(x, row, col, *kernel.shape).sum()

        def rows_and_columns_swapped(x, row, col, kernel):
            """The products are those of another patch: the one whose row and column are swapped. In x[a, b], which of
            the two counts downwards?"""
            height, width = kernel.shape
            return (x[col : col + height, row : row + width] * kernel).sum()

        def fractions_cut_off(x, row, col, kernel):
            """The fraction of your sum is lost. Does int(), // or an integer tensor stand on the way to your answer?
            Where would 2.75 become 2?"""
            return int((region_at(x, row, col, *kernel.shape) * kernel).sum())

        class square_only:
            """Square kernels come out right, others do not. Somewhere one side of the kernel stands where the other is
            meant. Which of the two does kernel.shape name first?"""

            def that_raises(x, row, col, kernel):
                return (region_at(x, row, col, kernel.shape[0], kernel.shape[0]) * kernel).sum()

            def in_loops(x, row, col, kernel):
                side = len(kernel)
                return sum(x[row + i, col + j] * kernel[i, j] for i, j in product(range(side), range(side)))

            def by_width(x, row, col, kernel):
                return (region_at(x, row, col, kernel.shape[1], kernel.shape[1]) * kernel).sum()

        class three_by_three_only:
            """Kernels of 3×3 come out right, others do not: the number 3 is written into your code. Where can the size
            of this kernel be read off instead?"""

            def that_raises(x, row, col, kernel):
                return (x[row : row + 3, col : col + 3] * kernel).sum()

            def in_loops(x, row, col, kernel):
                return sum(x[row + i, col + j] * kernel[i, j] for i, j in product(range(3), range(3)))

        class last_weights_missed:
            """Some weights never meet a pixel: those of the kernel's last row, at least. How many values does range(3 −
            1) give? And does your function come back before its loops have come to their end?"""

            def loops_too_short(x, row, col, kernel):
                height, width = kernel.shape
                return (region_at(x, row, col, height - 1, width - 1) * kernel[:-1, :-1]).sum()

            def after_the_first_row(x, row, col, kernel):
                return (region_at(x, row, col, 1, kernel.shape[1]) * kernel[:1]).sum()

            def after_the_first_product(x, row, col, kernel):
                return x[row, col] * kernel[0, 0]

        class sign_lost:
            """Your numbers are never below zero. A response may well be negative: then the pixels under negative
            weights weigh more. What in your code takes the sign away?"""

            def absolute(x, row, col, kernel):
                return (region_at(x, row, col, *kernel.shape) * kernel).sum().abs()

            def cut_at_zero(x, row, col, kernel):
                return (region_at(x, row, col, *kernel.shape) * kernel).sum().clamp(min=0)


@exercise(
    examples=[
        {"image_shape": (4, 5), "kernel_shape": (3, 3)},
        {"image_shape": (3, 3), "kernel_shape": (2, 2)},
        {"image_shape": (3, 6), "kernel_shape": (2, 4)},
        {"image_shape": (3, 4), "kernel_shape": (3, 4)},
        {"image_shape": (2, 4), "kernel_shape": (1, 1)},
        {"image_shape": (5, 4), "kernel_shape": (2, 3)},
    ],
    inputs=shapes,
)
class positions:
    def right(image_shape, kernel_shape):
        rows, columns = (n - k + 1 for n, k in zip(image_shape, kernel_shape, strict=True))
        return list(product(range(rows), range(columns)))

    def with_two_loops(image_shape, kernel_shape):
        places = []
        for row in range(image_shape[0]):
            for col in range(image_shape[1]):
                if row + kernel_shape[0] <= image_shape[0] and col + kernel_shape[1] <= image_shape[1]:
                    places.append([row, col])
        return places

    def by_division(image_shape, kernel_shape):
        columns = image_shape[1] - kernel_shape[1] + 1
        count = columns * (image_shape[0] - kernel_shape[0] + 1)
        return [divmod(n, columns) for n in range(count)]

    def from_a_mask(image_shape, kernel_shape):
        mask = torch.zeros(tuple(image_shape))
        mask[: image_shape[0] - kernel_shape[0] + 1, : image_shape[1] - kernel_shape[1] + 1] = 1
        return [tuple(place) for place in mask.nonzero().tolist()]

    class wrong:
        def paired_not_crossed(image_shape, kernel_shape):
            """You pair the first row with the first column, the second with the second, and so on. A kernel stops at
            every column of each row. How many positions are there in a grid of 3 rows and 4 columns?"""
            return list(zip(*(range(n - k + 1) for n, k in zip(image_shape, kernel_shape, strict=True)), strict=False))

        class last_missed:
            """The last row or the last column of positions is missing. Lay a kernel as large as the image on it: how
            many positions are there then, and how many does your formula give?"""

            def both(image_shape, kernel_shape):
                return list(product(range(image_shape[0] - kernel_shape[0]), range(image_shape[1] - kernel_shape[1])))

            def column_only(image_shape, kernel_shape):
                return list(
                    product(range(image_shape[0] - kernel_shape[0] + 1), range(image_shape[1] - kernel_shape[1]))
                )

            def row_only(image_shape, kernel_shape):
                return list(
                    product(range(image_shape[0] - kernel_shape[0]), range(image_shape[1] - kernel_shape[1] + 1))
                )

        def left_too_early(image_shape, kernel_shape):
            """Only the positions of the first row are there. Either the line that hands back your list stands inside
            the outer loop, or a counter of columns is never set back to 0. Which of the two?"""
            return list(product([0], range(image_shape[1] - kernel_shape[1] + 1)))

        def counted_from_one(image_shape, kernel_shape):
            """Your places begin at (1, 1). Rows and columns are counted from 0: at which place does the kernel lie in
            the picture's top-left corner?"""
            return [(row + 1, col + 1) for row, col in positions(image_shape, kernel_shape)]

        def three_by_three_only(image_shape, kernel_shape):
            """Kernels of 3×3 come out right, others do not: their size is written into your code. Where can the size of
            this kernel be read off instead?"""
            return list(product(range(image_shape[0] - 2), range(image_shape[1] - 2)))

        def column_by_column(image_shape, kernel_shape):
            """All your positions are right, but their order runs down the columns. Row by row means that the column
            changes fastest. Which of your two loops is the inner one?"""
            return sorted(positions(image_shape, kernel_shape), key=lambda place: place[::-1])

        def every_pixel(image_shape, kernel_shape):
            """You list every pixel of the image. Put the kernel's top-left corner on the last pixel: does the whole
            kernel still lie on the image?"""
            return list(product(range(image_shape[0]), range(image_shape[1])))

        class rows_and_columns_swapped:
            """Rows and columns have changed roles: in each pair, or where you read the shapes. A shape says rows first,
            and a place is (row, column), as in x[row, column]. What should be the second entry of your list?"""

            def in_each_pair(image_shape, kernel_shape):
                return [(col, row) for row, col in positions(image_shape, kernel_shape)]

            def in_the_shapes(image_shape, kernel_shape):
                return positions(image_shape[::-1], kernel_shape[::-1])

        class square_only:
            """For squares your list is right. Which sides limit the rows, and which limit the columns? One of them
            seems to serve for both."""

            def of_the_kernel(image_shape, kernel_shape):
                height = kernel_shape[0]
                return list(product(range(image_shape[0] - height + 1), range(max(0, image_shape[1] - height + 1))))

            def of_the_kernel_by_width(image_shape, kernel_shape):
                width = kernel_shape[1]
                return list(product(range(max(0, image_shape[0] - width + 1)), range(image_shape[1] - width + 1)))

            def of_the_result(image_shape, kernel_shape):
                rows = range(image_shape[0] - kernel_shape[0] + 1)
                return list(product(rows, rows))

        class centred:
            """These are the places of the kernel's centre. The course names a position by the kernel's top-left corner,
            so that even sizes work as well. Where is that corner first?"""

            def all_of_them(image_shape, kernel_shape):
                down, right = (k // 2 for k in kernel_shape)
                return [(row + down, col + right) for row, col in positions(image_shape, kernel_shape)]

            def as_for_odd_sizes(image_shape, kernel_shape):
                sides = zip(image_shape, kernel_shape, strict=True)
                return list(product(*(range(k // 2, n - k // 2) for n, k in sides)))


@exercise(
    examples=[
        {"image_shape": (6, 6), "kernel_shape": (3, 3)},
        {"image_shape": (6, 8), "kernel_shape": (2, 2)},
        {"image_shape": (5, 9), "kernel_shape": (4, 3)},
        {"image_shape": (4, 7), "kernel_shape": (4, 7)},
        {"image_shape": (4, 2), "kernel_shape": (1, 1)},
    ],
    inputs=shapes,
)
class output_shape:
    def right(image_shape, kernel_shape):
        return tuple(n - k + 1 for n, k in zip(image_shape, kernel_shape, strict=True))

    def from_the_last_position(image_shape, kernel_shape):
        last_row, last_col = positions(image_shape, kernel_shape)[-1]
        return [last_row + 1, last_col + 1]

    def as_torch_size(image_shape, kernel_shape):
        return torch.zeros(tuple(image_shape))[kernel_shape[0] - 1 :, kernel_shape[1] - 1 :].shape

    def by_counting(image_shape, kernel_shape):
        fits = [sum(start + k <= n for start in range(n)) for n, k in zip(image_shape, kernel_shape, strict=True)]
        return fits[0], torch.tensor(fits[1])

    class wrong:
        def one_lost(image_shape, kernel_shape):
            """One row and one column are missing. The kernel can move n − k steps, but how many places does it visit,
            counting the one where it starts?"""
            return image_shape[0] - kernel_shape[0], image_shape[1] - kernel_shape[1]

        def same_as_image(image_shape, kernel_shape):
            """This is the image's own shape. Near the right edge the kernel would hang over the side. At how many
            columns does it still fit?"""
            return tuple(image_shape)

        class sides_swapped:
            """Rows and columns have changed roles, in the result or in the kernel's shape: a shape says rows first.
            Which of your numbers counts rows?"""

            def of_the_result(image_shape, kernel_shape):
                return output_shape(image_shape, kernel_shape)[::-1]

            def of_the_kernel(image_shape, kernel_shape):
                return tuple(n - k + 1 for n, k in zip(image_shape, kernel_shape[::-1], strict=True))

        def square_only(image_shape, kernel_shape):
            """For square kernels this is right. Which side of the kernel takes away rows, and which takes away
            columns?"""
            return tuple(n - kernel_shape[0] + 1 for n in image_shape)

        def three_by_three_only(image_shape, kernel_shape):
            """Kernels of 3×3 come out right, others do not: their size is written into your code. Which of the two
            arguments has not been asked?"""
            return image_shape[0] - 2, image_shape[1] - 2

        def odd_only(image_shape, kernel_shape):
            """Kernels of odd size come out right, even ones do not. Halving k drops a half when k is even. Can you
            count the positions without halving anything?"""
            return tuple(n - 2 * (k // 2) for n, k in zip(image_shape, kernel_shape, strict=True))

        def how_many(image_shape, kernel_shape):
            """That is how many positions there are. The shape of the result tells how they are arranged. How many of
            them stand side by side in one row?"""
            rows, columns = output_shape(image_shape, kernel_shape)
            return rows * columns


PICTURES_AND_KERNELS = [
    {"x": X, "kernel": KERNEL},
    {"x": X[:4], "kernel": EVEN},
    {"x": X[:, 1:], "kernel": WIDE},
    {"x": X[:, :4].t() / 3 - 1, "kernel": TALL},
    {"x": X[:3, :4], "kernel": FRACTIONS / 3},
    {"x": X[:2, :3], "kernel": FRACTIONS * 4},
    {"x": X[1:2], "kernel": KERNEL[:1]},
    {"x": X[:2, 3:] * 40, "kernel": ONE_WEIGHT},
]


def slide(x, kernel, measure):
    """`measure(patch)` at every position where a kernel of this shape fits."""
    rows, columns = output_shape(x.shape, kernel.shape)
    values = [measure(region_at(x, row, col, *kernel.shape)) for row, col in product(range(rows), range(columns))]
    return torch.stack(values).reshape(rows, columns)


def inside_zeros(x, response, corner):
    """The response on zeros of the image's size, from this corner on."""
    result = torch.zeros(x.shape)
    (up, left), (rows, columns) = corner, response.shape
    result[up : up + rows, left : left + columns] = response
    return result


@exercise(
    examples=PICTURES_AND_KERNELS,
    inputs=images_and_kernels,
    forbidden=BY_HAND,
    uses=[region_at, apply_kernel, positions, output_shape],
)
class corr2d:
    def right(x, kernel):
        return F.conv2d(x[None, None], kernel[None, None])[0, 0]

    def window_by_window(x, kernel):
        return slide(x, kernel, lambda patch: (patch * kernel).sum())

    def weight_by_weight(x, kernel):
        rows, columns = output_shape(x.shape, kernel.shape)
        result = torch.zeros(rows, columns, dtype=torch.float64)
        for i, j in product(*map(range, kernel.shape)):
            result += kernel[i, j] * x[i : i + rows, j : j + columns]
        return result

    def as_one_matrix_product(x, kernel):
        rows, columns = output_shape(x.shape, kernel.shape)
        patches = [region_at(x, row, col, *kernel.shape).reshape(-1) for row, col in positions(x.shape, kernel.shape)]
        return (torch.stack(patches) @ kernel.reshape(-1)).reshape(rows, columns).numpy()

    def in_pure_python(x, kernel):
        x, kernel = x.tolist(), kernel.tolist()
        height, width = len(kernel), len(kernel[0])
        return [
            [
                sum(x[r + i][c + j] * kernel[i][j] for i in range(height) for j in range(width))
                for c in range(len(x[0]) - width + 1)
            ]
            for r in range(len(x) - height + 1)
        ]

    class wrong:
        class left_too_early:
            """Your function comes back with the first number, or the first row, alone: the rest was never reached. How
            far is the line that hands back the result indented, and how often does the loop come round?"""

            def first_number_in_place(x, kernel):
                result = torch.zeros_like(corr2d(x, kernel))
                result[0, 0] = corr2d(x, kernel)[0, 0]
                return result

            def first_number_alone(x, kernel):
                return corr2d(x, kernel)[0, 0]

            def first_row_in_place(x, kernel):
                result = torch.zeros_like(corr2d(x, kernel))
                result[0] = corr2d(x, kernel)[0]
                return result

        class kernel_flipped:
            """Your result is the one for a kernel that was turned or mirrored. Cross-correlation lays the kernel on the
            image as it is. Which weight meets the top-left pixel of each region in your code?"""

            def turned(x, kernel):
                return corr2d(x, kernel.flip(0, 1))

            def upside_down(x, kernel):
                return corr2d(x, kernel.flip(0))

            def left_to_right(x, kernel):
                return corr2d(x, kernel.flip(1))

        class kernel_transposed:
            """Your result is the one for the transposed kernel. If i counts rows and j columns, in which order do they
            index the kernel, and in which order the region?"""

            def in_each_window(x, kernel):
                return slide(x, kernel, lambda patch: (patch * kernel.t()).sum())

            def before(x, kernel):
                return corr2d(x, kernel.t())

            def by_its_indices(x, kernel):
                side = range(min(kernel.shape))
                return slide(x, kernel, lambda patch: sum(patch[i, j] * kernel[j, i] for i, j in product(side, side)))

        class matrix_product:
            """You take a matrix product (@, matmul or dot). Here each pixel meets exactly one weight: the one that lies
            on it. Which operator multiplies entry by entry?"""

            def in_each_window(x, kernel):
                return slide(x, kernel, lambda patch: (patch @ kernel).sum())

            def sizes_made_to_fit(x, kernel):
                return slide(x, kernel, lambda patch: (patch @ kernel.t()).sum())

        def mean_not_sum(x, kernel):
            """Every number is too small by the same factor: the number of weights. Does your code average somewhere,
            where the exercise asks for a sum?"""
            return corr2d(x, kernel) / kernel.numel()

        def last_missed(x, kernel):
            """Your result lacks its last row and its last column. Slide a kernel as large as the image over it: how
            often does your loop run, and how often should it?"""
            return corr2d(x, kernel)[:-1, :-1]

        class last_left_at_zero:
            """The shape is right, but the last row, the last column or both are still zero: no window ever got there.
            What is the last value that each of your two loops takes?"""

            def both(x, kernel):
                result = corr2d(x, kernel).clone()
                result[-1], result[:, -1] = 0, 0
                return result

            def row_only(x, kernel):
                result = corr2d(x, kernel).clone()
                result[-1] = 0
                return result

            def column_only(x, kernel):
                result = corr2d(x, kernel).clone()
                result[:, -1] = 0
                return result

        class sign_lost:
            """Your numbers are never below zero. A response may well be negative: then the pixels under negative
            weights weigh more. What in your code takes the sign away?"""

            def absolute(x, kernel):
                return corr2d(x, kernel).abs()

            def cut_at_zero(x, kernel):
                return corr2d(x, kernel).clamp(min=0)

        def result_transposed(x, kernel):
            """All the numbers are right, but rows and columns of the result are swapped. When you store the value for
            (row, col), which index comes first?"""
            return corr2d(x, kernel).t()

        class square_only:
            """Square kernels come out right, others do not. Somewhere one side of the kernel stands where the other is
            meant. Which of the two does kernel.shape name first?"""

            def cut_to_a_square(x, kernel):
                height = kernel.shape[0]
                weights = torch.zeros(height, height)
                weights[:, : min(height, kernel.shape[1])] = kernel[:, :height]
                return slide(x, weights, lambda patch: (patch * weights).sum())

            def that_raises(x, kernel):
                side = torch.zeros(kernel.shape[0], kernel.shape[0])
                return slide(x, side, lambda patch: (patch * kernel).sum())

            def that_raises_by_width(x, kernel):
                side = torch.zeros(kernel.shape[1], kernel.shape[1])
                return slide(x, side, lambda patch: (patch * kernel).sum())

        class odd_only:
            """Odd sizes work, even ones do not. A region from −k // 2 to +k // 2 around a centre always has an odd
            size. What changes if you start from the top-left corner instead?"""

            def by_halves(x, kernel):
                (height, width), (up, left) = x.shape, (k // 2 for k in kernel.shape)
                centres = product(range(up, height - up), range(left, width - left))
                values = [(x[r - up : r + up + 1, c - left : c + left + 1] * kernel).sum() for r, c in centres]
                return torch.stack(values).reshape(height - 2 * up, width - 2 * left)

            def by_halves_rounded_down(x, kernel):
                (height, width), (up, left) = x.shape, ((k - 1) // 2 for k in kernel.shape)
                odd = kernel[: 2 * up + 1, : 2 * left + 1]
                centres = product(range(up, height - up), range(left, width - left))
                values = [(x[r - up : r + up + 1, c - left : c + left + 1] * odd).sum() for r, c in centres]
                return torch.stack(values).reshape(height - 2 * up, width - 2 * left)

        class zero_border_kept:
            """Your result is as large as the image, with zeros that no window computed. “Valid” keeps only the
            positions where the whole kernel lies on the image. How large is the result then?"""

            def around(x, kernel):
                return inside_zeros(x, corr2d(x, kernel), [(k - 1) // 2 for k in kernel.shape])

            def around_rounded_up(x, kernel):
                return inside_zeros(x, corr2d(x, kernel), [k // 2 for k in kernel.shape])

            def at_the_end(x, kernel):
                return inside_zeros(x, corr2d(x, kernel), [0, 0])

        class wraps_around:
            """Your windows run off one side of the image and come back on the other: in Python the index −1 means the
            last entry. Which positions keep the whole kernel on the image?"""

            def by_rolling(x, kernel):
                up, left = (k // 2 for k in kernel.shape)
                result = torch.zeros(x.shape)
                for i, j in product(*map(range, kernel.shape)):
                    result += kernel[i, j] * x.roll((up - i, left - j), (0, 1))
                return result

            def by_negative_indices(x, kernel):
                rows, columns = output_shape(x.shape, kernel.shape)
                up, left = (k // 2 for k in kernel.shape)
                result = torch.zeros(rows, columns)
                for i, j in product(*map(range, kernel.shape)):
                    result += kernel[i, j] * x.roll((up - i, left - j), (0, 1))[:rows, :columns]
                return result

        def fractions_cut_off(x, kernel):
            """The fractions are gone: every number was cut down to an integer. Which type has the tensor that you write
            your results into? A print of its dtype will tell."""
            return corr2d(x, kernel).long()

        def last_weights_missed(x, kernel):
            """The shape is right, but the last row and the last column of the kernel never meet a pixel. How many
            values does range(3 − 1) give, and how many rows has a kernel that is 3 high?"""
            used = kernel.clone()
            used[-1], used[:, -1] = 0, 0
            return corr2d(x, used)

        def rows_and_columns_swapped(x, kernel):
            """The numbers belong to other places: while sliding, row and column have changed roles. In x[a, b], which
            of the two counts downwards?"""
            rows, columns = output_shape(x.shape, kernel.shape)
            result = torch.zeros(rows, columns)
            for row, col in product(range(rows), range(columns)):
                result[row, col] = (region_at(x, col, row, *kernel.shape) * kernel).sum()
            return result

        class square_images_only:
            """Square images come out right, others do not. Somewhere the number of rows of the image stands where its
            columns are meant. Which of the two does x.shape name first?"""

            def by_rows(x, kernel):
                side = x.shape[0]
                rows, columns = side - kernel.shape[0] + 1, side - kernel.shape[1] + 1
                values = [
                    (region_at(x, row, col, *kernel.shape) * kernel).sum()
                    for row, col in product(range(rows), range(columns))
                ]
                return torch.stack(values).reshape(rows, columns)

            def by_columns(x, kernel):
                side = x.shape[1]
                rows, columns = side - kernel.shape[0] + 1, side - kernel.shape[1] + 1
                values = [
                    (region_at(x, row, col, *kernel.shape) * kernel).sum()
                    for row, col in product(range(rows), range(columns))
                ]
                return torch.stack(values).reshape(rows, columns)


@exercise(
    examples=PICTURES_AND_KERNELS,
    inputs=images_and_kernels,
    forbidden=BY_HAND,
    uses=[corr2d, region_at, apply_kernel, positions, output_shape],
)
class convolve2d:
    def right(x, kernel):
        return F.conv2d(x[None, None], kernel[None, None].flip(2, 3))[0, 0]

    def turned_then_slid(x, kernel):
        turned = kernel.rot90(2)
        return slide(x, turned, lambda patch: (patch * turned).sum())

    def by_indices_that_run_backwards(x, kernel):
        rows, columns = output_shape(x.shape, kernel.shape)
        height, width = kernel.shape
        result = torch.zeros(rows, columns)
        for row, col, i, j in product(range(rows), range(columns), range(height), range(width)):
            result[row, col] += kernel[i, j] * x[row + height - 1 - i, col + width - 1 - j]
        return result

    def by_scattering(x, kernel):
        """Every pixel paints the kernel around itself; the valid part is what all of the kernel reached."""
        (height, width), (rows, columns) = x.shape, kernel.shape
        painted = torch.zeros(height + rows - 1, width + columns - 1)
        for row, col in product(range(height), range(width)):
            painted[row : row + rows, col : col + columns] += x[row, col] * kernel
        return painted[rows - 1 : height, columns - 1 : width]

    class wrong:
        def kernel_not_flipped(x, kernel):
            """This is cross-correlation: the kernel was laid on as it is. (Or it was turned twice, which is the same.)
            What must happen to the kernel first, so that sliding it gives a true convolution?"""
            return corr2d(x, kernel)

        def flipped_top_to_bottom_only(x, kernel):
            """The kernel was mirrored from top to bottom, but not from left to right. A turn by 180° moves the top-left
            weight into which corner?"""
            return corr2d(x, kernel.flip(0))

        def flipped_left_to_right_only(x, kernel):
            """The kernel was mirrored from left to right, but not from top to bottom. A turn by 180° moves the top-left
            weight into which corner?"""
            return corr2d(x, kernel.flip(1))

        class kernel_transposed:
            """The kernel was mirrored on a diagonal, so that its rows have become columns. A turn by 180° takes the
            top-left weight to the bottom right and leaves rows as rows. Where in your code do the two change places?"""

            def in_each_window(x, kernel):
                return slide(x, kernel, lambda patch: (patch * kernel.t()).sum())

            def before(x, kernel):
                return corr2d(x, kernel.t())

            def and_turned(x, kernel):
                return corr2d(x, kernel.t().flip(0, 1))

        class quarter_turn:
            """The kernel was turned by a quarter, 90°. How many quarter turns make the top-left weight the bottom-right
            one?"""

            def to_the_left(x, kernel):
                return corr2d(x, kernel.rot90())

            def to_the_right(x, kernel):
                return corr2d(x, kernel.rot90(-1))

        def image_turned(x, kernel):
            """The numbers are there, but the whole result stands on its head: the image was turned instead of the
            kernel. Which of the two should keep its place?"""
            return corr2d(x.flip(0, 1), kernel)

        def full_size(x, kernel):
            """Your result is larger than the image: it includes places where the kernel hangs over the edge (“full”).
            Here only the positions count where all of the kernel lies on the image. Which are those?"""
            height, width = kernel.shape
            return F.conv2d(x[None, None], kernel[None, None].flip(2, 3), padding=(height - 1, width - 1))[0, 0]

        class zero_border_kept:
            """Your result is as large as the image, with zeros that no window computed. “Valid” keeps only the
            positions where the whole kernel lies on the image. How large is the result then?"""

            def around(x, kernel):
                return inside_zeros(x, convolve2d(x, kernel), [k // 2 for k in kernel.shape])

            def at_the_end(x, kernel):
                return inside_zeros(x, convolve2d(x, kernel), [0, 0])

        class square_only:
            """Square kernels come out right, others do not. Somewhere one side of the kernel stands where the other is
            meant. Which of the two does kernel.shape name first?"""

            def that_raises(x, kernel):
                side = torch.zeros(kernel.shape[0], kernel.shape[0])
                return slide(x, side, lambda patch: (patch * kernel.flip(0, 1)).sum())

            def that_raises_by_width(x, kernel):
                side = torch.zeros(kernel.shape[1], kernel.shape[1])
                return slide(x, side, lambda patch: (patch * kernel.flip(0, 1)).sum())

        def last_missed(x, kernel):
            """The kernel is turned as it should be, but your result lacks its last row and its last column. Slide a
            kernel as large as the image over it: how often does your loop run, and how often should it?"""
            return convolve2d(x, kernel)[:-1, :-1]

        class last_left_at_zero:
            """The shape is right, but the last row, the last column or both are still zero: no window ever got there.
            What is the last value that each of your two loops takes?"""

            def both(x, kernel):
                result = convolve2d(x, kernel).clone()
                result[-1], result[:, -1] = 0, 0
                return result

            def row_only(x, kernel):
                result = convolve2d(x, kernel).clone()
                result[-1] = 0
                return result

        class sign_lost:
            """Your numbers are never below zero. A response may well be negative: then the pixels under negative
            weights weigh more. What in your code takes the sign away?"""

            def absolute(x, kernel):
                return convolve2d(x, kernel).abs()

            def cut_at_zero(x, kernel):
                return convolve2d(x, kernel).clamp(min=0)

        def mean_not_sum(x, kernel):
            """The kernel is turned as it should be, but every number is too small by the number of weights. Does your
            code average somewhere, where the exercise asks for a sum?"""
            return convolve2d(x, kernel) / kernel.numel()


# Kernels that only a look at every weight tells from symmetric ones: only halves, the rim, sums, or one picture agree.
NEARLY = [
    torch.tensor([[1, 2, 3], [4, 5, 6], [3, 2, 1]]),
    torch.tensor([[1, 4, 3], [2, 5, 2], [3, 6, 1]]),
    torch.tensor([[3, 1, 2], [1, 2, 3], [2, 3, 1]]),
    torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [8, 9, 6, 5], [4, 3, 2, 1]]),
]


def nearly_symmetric(rng):
    """NEARLY, hidden in kernels of whole numbers; and symmetric kernels with one pair of weights unlike."""
    for kernel in NEARLY:
        hidden = whole(rng, *kernel.shape, low=-3, high=4)
        yield {"kernel": int(rng.integers(1, 4)) * kernel + hidden + hidden.rot90(2)}
    for height, width in ((3, 3), (2, 3), (4, 4), (1, 4), (5, 1), (3, 4)):
        half = whole(rng, height, width, low=-3, high=4)
        symmetric = half + half.rot90(2)
        yield {"kernel": symmetric}
        row, col = divmod(int(rng.integers(0, height * width // 2)), width)
        unlike = symmetric.clone()
        unlike[row, col] = 7 + unlike[row, col].abs()
        yield {"kernel": unlike}
        unlike = symmetric.clone()
        unlike[row, col], unlike[-1 - row, -1 - col] = 5, -5
        yield {"kernel": unlike}


@exercise(
    examples=[
        {"kernel": KERNEL},
        {"kernel": torch.tensor([[0, 1, 0], [1, -4, 1], [0, 1, 0]])},
        {"kernel": torch.tensor([[1, 2], [3, 4]])},
        {"kernel": torch.tensor([[1, 2], [2, 1]])},
        {"kernel": torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])},
        {"kernel": torch.tensor([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])},
        {"kernel": torch.tensor([[0, 1, 3], [1, 5, 2], [3, 2, 0]])},
        {"kernel": torch.tensor([[3, 1, 2], [2, 1, 3]])},
        {"kernel": torch.tensor([[1, 4, 2], [3, 5, 3], [2, 4, 1]])},
        {"kernel": torch.tensor([[1, 2, 1]])},
        {"kernel": torch.tensor([[1, 2, 3]])},
        {"kernel": torch.tensor([[1], [2], [1]])},
        {"kernel": torch.tensor([[1], [2], [3]])},
        {"kernel": torch.tensor([[2, 2], [2, 2]])},
        {"kernel": torch.tensor([[-3]])},
        *({"kernel": kernel} for kernel in NEARLY),
    ],
    inputs=kernels_to_turn,
)
class same_either_way:
    def right(kernel):
        return torch.equal(kernel, kernel.flip(0, 1))

    def pair_by_pair(kernel):
        height, width = kernel.shape
        pairs = product(range(height), range(width))
        return all(kernel[i, j] == kernel[height - 1 - i, width - 1 - j] for i, j in pairs)

    def read_backwards(kernel):
        weights = kernel.reshape(-1)
        return (weights == weights.flip(0)).all()

    def tried_on_an_impulse(kernel):
        height, width = kernel.shape
        impulse = torch.zeros(2 * height - 1, 2 * width - 1)
        impulse[height - 1, width - 1] = 1
        return torch.allclose(corr2d(impulse, kernel.float()), convolve2d(impulse, kernel.float()))

    class wrong:
        def mirrored_left_to_right(kernel):
            """You compare the kernel with its left-to-right mirror image. Convolution turns it by 180°, which mirrors
            both ways at once. Can a kernel survive the turn without surviving each mirror?"""
            return torch.equal(kernel, kernel.flip(1))

        def mirrored_top_to_bottom(kernel):
            """You compare the kernel with its top-to-bottom mirror image. Convolution turns it by 180°, which mirrors
            both ways at once. Can a kernel survive the turn without surviving each mirror?"""
            return torch.equal(kernel, kernel.flip(0))

        class mirrored_on_the_diagonal:
            """You ask whether the kernel equals its transpose. Transposing leaves the top-left weight in its corner.
            Where does a turn by 180° take it?"""

            def where_it_is_square(kernel):
                return kernel.shape == kernel.t().shape and torch.equal(kernel, kernel.t())

            def that_raises(kernel):
                return bool((kernel == kernel.t()).all())

        def quarter_turn(kernel):
            """You ask whether the kernel is the same after a quarter turn, by 90°. Convolution turns it by two of them.
            Turn 1 2 / 2 1 on paper, once and once more: what do you see?"""
            return torch.equal(kernel, kernel.rot90())

        def both_mirrors_wanted(kernel):
            """You ask for too much: that each mirror image alone equals the kernel. Convolution does both mirrors at
            once. Try the 2×2 kernel 1 2 / 2 1 on paper: what does a turn by 180° make of it?"""
            return torch.equal(kernel, kernel.flip(0)) and torch.equal(kernel, kernel.flip(1))

        def one_mirror_enough(kernel):
            """You say yes as soon as one of the two mirror images equals the kernel. A turn by 180° is both mirrors,
            one after the other. Which kernels does a mirror from left to right leave alone, and not the one from top to
            bottom?"""
            return torch.equal(kernel, kernel.flip(0)) or torch.equal(kernel, kernel.flip(1))

        def opposite_too(kernel):
            """You also say yes where the turned kernel is the kernel with all its signs changed. Then the two responses
            have their colours changed: are they the same response?"""
            return torch.equal(kernel, kernel.flip(0, 1)) or torch.equal(kernel, -kernel.flip(0, 1))

        class compared_by_sums:
            """You compare sums or sorted weights, try one picture, or look at nothing. Different kernels can have the
            same sums, of all weights or of each row and column, and can agree on one picture by chance. Which weights
            must be equal for every picture?"""

            def of_all(kernel):
                return bool(kernel.sum() == kernel.flip(0, 1).sum())

            def of_rows_and_columns(kernel):
                turned = kernel.flip(0, 1)
                return all(torch.equal(kernel.sum(axis), turned.sum(axis)) for axis in (0, 1))

            def on_a_picture_that_counts(kernel):
                picture = torch.arange(48.0).reshape(6, 8)[: kernel.shape[0] + 1, : kernel.shape[1] + 1]
                return torch.equal(corr2d(picture, kernel.float()), convolve2d(picture, kernel.float()))

        def answer_inverted(kernel):
            """You say yes where the kernel changes and no where it stays. The question is for which kernels both ways
            give the same: which of your comparisons, or which “not”, turns the answer round?"""
            return not torch.equal(kernel, kernel.flip(0, 1))

        def any_for_all(kernel):
            """You say yes as soon as one weight agrees with the one in its place after the turn. The one in the middle
            always does. How many of them have to agree?"""
            return bool((kernel == kernel.flip(0, 1)).any())

        def shape_for_weights(kernel):
            """You say yes to every square kernel. A turn by 180° keeps the shape of any kernel; it moves the weights.
            Where in your code are the weights compared?"""
            return kernel.shape[0] == kernel.shape[1]

        class never_the_same:
            """You say no to every kernel, or to all but those whose weights are all alike. If you compare with ==, is
            the answer one True or False, or a whole grid of them? And do the weights 1 2 / 2 1 change when they are
            turned by 180°?"""

            def to_every_kernel(kernel):
                return False

            def all_weights_alike(kernel):
                return bool((kernel == kernel[0, 0]).all())

        def square_only(kernel):
            """You say no to every kernel that is not square. Turn the row 1 2 1 by 180° on paper: does it change?"""
            return kernel.shape[0] == kernel.shape[1] and torch.equal(kernel, kernel.flip(0, 1))

        def odd_only(kernel):
            """You say no to every kernel with an even side. A turn by 180° needs no weight in the middle: what does it
            make of 1 2 / 2 1?"""
            return all(k % 2 == 1 for k in kernel.shape) and torch.equal(kernel, kernel.flip(0, 1))

        class part_compared:
            """You compare only a part of the kernel with its turned self: some rows, some columns, or the rim. A
            difference may hide in the rest. Which weights has your code never looked at?"""

            def half_the_rows(kernel):
                half = (kernel.shape[0]) // 2
                return torch.equal(kernel[:half], kernel.flip(0, 1)[:half])

            def half_the_columns(kernel):
                half = (kernel.shape[1]) // 2
                return torch.equal(kernel[:, :half], kernel.flip(0, 1)[:, :half])

            def a_quarter(kernel):
                height, width = ((k + 1) // 2 for k in kernel.shape)
                return torch.equal(kernel[:height, :width], kernel.flip(0, 1)[:height, :width])

            def the_rim(kernel):
                inner = torch.zeros(kernel.shape, dtype=torch.bool)
                inner[1:-1, 1:-1] = True
                return torch.equal(kernel[~inner], kernel.flip(0, 1)[~inner])

            def first_and_last_row(kernel):
                return torch.equal(kernel[0], kernel[-1].flip(0))

            def the_corners(kernel):
                turned = kernel.flip(0, 1)
                return bool(kernel[0, 0] == turned[0, 0] and kernel[0, -1] == turned[0, -1])


@guess
class four_pixels:
    right = [[2, 6], [5, 9]]

    class wrong:
        class rows_and_columns_swapped:
            """The row always comes first: row 1, column 2 is one step down and two to the right."""

            value = [[2, 5], [6, 9]]

        class counted_from_one:
            """Rows and columns are counted from 0, so row 1 is the second row."""

            value = [[1, 0], [0, 2]]

        class flattened:
            """The four numbers are right; a region keeps its rows, so they stand two by two."""

            value = [2, 6, 5, 9]


@guess
class product_sum:
    right = 38

    class wrong:
        class mean_not_sum:
            """That is the mean of the nine products; here they are only added up."""

            rounded, rounded_less, exact = 4.2, 4.22, 38 / 9

        class sign_dropped:
            """One weight is −1: its product is taken away, not added."""

            value = 56

        class patch_summed_alone:
            """That is the sum of the nine pixels alone: each has to meet its weight first."""

            value = 57


@guess
class flat_bright:
    right = 0

    class wrong:
        class brightness_answered:
            """This kernel does not answer to brightness: what its right column adds, its left column takes away."""

            nine_pixels, three_pixels, six_pixels, one_pixel, one_squared = 72, 24, 48, 8, 64

        class sign_dropped:
            """Right minus left, three times: is there any difference under this kernel?"""

            value = -24


@guess
class positions_of_3x3:
    right = 16

    class wrong:
        class one_lost:
            """The kernel can move 3 steps, and the place where it starts counts as well: 4 places a side."""

            value = 9

        class same_as_image:
            """There are 36 pixels, but near the right and the lower edge the kernel would stick out."""

            value = 36

        class tiled:
            """Laid side by side there are four. But the kernel slides by one pixel, so its places overlap."""

            value = 4

        class one_too_many:
            """Corners in rows 0 to 3 and columns 0 to 3: that is 4 a side."""

            value = 25


@guess
class coat_edge:
    right = "orange"

    class wrong:
        class sign_turned:
            """It gets brighter to the right here, and the right column has the weights +1: bright minus dark is
            positive. The man's back, where it gets darker, is blue."""

            value = "blue"


@guess
class impulse_correlated:
    right = "turned"

    class wrong:
        class kernel_not_flipped:
            """The upper left number belongs to the kernel's first position, and there its last weight, at the lower
            right, lies on the 1."""

            value = "kernel"

        class ones:
            """At each position another weight lies on the 1, so the nine weights come out, not nine ones."""

            value = "ones"


explanation(
    "weights_without_pixels",
    """Only six pixels are left there, so three of the nine weights have nothing to multiply, and torch refuses a (3, 2)
    tensor times a (3, 3) one. But slicing gave no error and no warning: it leaves out what does not exist. So a region
    of the wrong shape may travel far before anything complains.""",
)
explanation(
    "smaller_response",
    """Where the kernel would stick out of the picture there is no place for it. A kernel that is k wide has n − k + 1
    places on n columns, so k − 1 are missing.""",
)
explanation(
    "colours_swapped",
    """Turned by 180°, left_to_right is its own negative: what was subtracted is now added. So every number keeps its
    size and changes its sign.""",
)
explanation(
    "sum_of_impulses",
    """Each pixel stamps the kernel, as strongly as it is bright, and the response is the sum of all the stamps. So who
    knows a kernel's answer to one impulse knows its answer to every picture.""",
)
