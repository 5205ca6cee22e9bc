"""Lesson 3, stride and padding: the right answers, the inputs to try them on, and what learners get wrong.

Each misconception is a wrong implementation that runs; its docstring is the hint its author will read.
"""

import math
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F

from course_grading.authoring import BY_HAND, exercise, explanation, fact, guess
from course_grading.authoring.inputs import drawn_image, drawn_kernel, images_and_kernels

X = torch.tensor(
    [
        [1, 0, 2, 5, 3, 7, 4],
        [0, 3, 1, 6, 8, 2, 9],
        [4, 1, 7, 0, 5, 3, 1],
        [2, 8, 0, 3, 1, 9, 6],
        [5, 2, 9, 4, 7, 0, 8],
    ],
    dtype=torch.float32,
)
KERNEL = torch.tensor([[1, 0, 2], [0, 3, 0], [-1, 0, 0]], dtype=torch.float32)
EVEN = torch.tensor([[1, -1], [0, 2]], dtype=torch.float32)
WIDE = torch.tensor([[1, 2, -1, 3], [0, -2, 1, 1]], dtype=torch.float32)
TALL = torch.tensor([[2], [-1], [3]], dtype=torch.float32)


# ── What several answers share ───────────────────────────────────────────────────────────────────────────────────────


def framed(x, top, bottom, left, right):
    """x with zeros on its four sides."""
    return F.pad(x, (left, right, top, bottom))


def edges_repeated(x, padding):
    """x with its outermost pixels repeated on all four sides."""
    return F.pad(x[None, None], (padding,) * 4, mode="replicate")[0, 0]


def valid(x, kernel, stride=1):
    """The valid cross-correlation at every stride-th place."""
    return F.conv2d(x[None, None], kernel[None, None], stride=stride)[0, 0]


def windows(x, kernel, tops, lefts):
    """The sum of products at each place; what hangs over the end counts as zero."""
    height, width = kernel.shape
    room = framed(x, 0, max(0, tops[-1] + height - x.shape[0]), 0, max(0, lefts[-1] + width - x.shape[1]))
    return torch.stack(
        [torch.stack([(room[t : t + height, c : c + width] * kernel).sum() for c in lefts]) for t in tops]
    )


def counted(image_shape, kernel_shape, tops, lefts):
    """How many of the windows at these places contain each pixel."""
    count = torch.zeros(image_shape)
    for top, left in product(tops, lefts):
        count[max(0, top) : max(0, top + kernel_shape[0]), max(0, left) : max(0, left + kernel_shape[1])] += 1
    return count


def from_the_border(image_shape, kernel_shape, stride, padding, sized):
    """How many windows contain each pixel, if there are as many of them as for the (padding, stride) of `sized`."""
    number = [output_size(n, k, *sized) for n, k in zip(image_shape, kernel_shape, strict=True)]
    places = [range(-padding, count * stride - padding, stride) for count in number]
    return counted(image_shape, kernel_shape, *places)


def starts(n, k, padding=0, stride=1):
    """The first pixels of the windows along one axis, counted from the picture's corner."""
    return range(-padding, n + padding - k + 1, stride)


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def pictures_to_pad(rng):
    for height, width, padding in [(3, 5, 1), (6, 2, 2), (4, 7, 3), (5, 4, 0), (1, 3, 4), (5, 5, 5)]:
        yield {"x": drawn_image(rng, height + int(rng.integers(0, 2)), width), "padding": padding}
    yield {"x": drawn_image(rng, 4, 4), "padding": 1}
    yield {"x": torch.tensor(rng.random((4, 3)), dtype=torch.float32) - 0.5, "padding": 2}


def kernel_sides(rng):
    yield from ({"k": k} for k in [1, 2, 3, 4, int(rng.integers(5, 9)), int(rng.integers(9, 40)), 10, 11])


def same_inputs(rng):
    for number, case in enumerate(images_and_kernels(rng)):
        yield case if number % 3 == 1 else {**case, "bias": int(rng.integers(1, 9)) * (-1) ** number}
    yield {"x": drawn_image(rng, 5, 6), "kernel": drawn_kernel(rng, 4, 3), "bias": 0.75}
    yield {"x": drawn_image(rng, 6, 8), "kernel": drawn_kernel(rng, 2, 6)}


def strided_inputs(rng):
    """Each stride leaves a remainder on some side; kernels are odd, even, not square, as large as the picture."""
    more = lambda: int(rng.integers(0, 3))  # noqa: E731
    for height, width, rows, columns, stride, padding in [
        (7, 10 + more(), 3, 3, 2, 0),
        (8, 11, 3, 3, 2, 0),
        (8, 9 + more(), 3, 3, 2, 1),
        (10, 7, 2, 4, 3, 1),
        (9, 12, 4, 2, 3, 2),
        (9 + more(), 8, 3, 1, 4, 0),
        (6, 9, 1, 3, 2, 0),
        (5, 7, 5, 7, 2, 0),
        (6, 5, 3, 2, 1, 1),
        (12, 10, 2, 2, 4, 0),
        (11, 8, 3, 3, 3, 2),
    ]:
        case = {"x": drawn_image(rng, height, width), "kernel": drawn_kernel(rng, rows, columns)}
        yield {**case, "stride": stride, "padding": padding}
    yield {"x": drawn_image(rng, 6, 8), "kernel": drawn_kernel(rng, 3, 2)}
    fractions = torch.tensor(rng.random((8, 10)), dtype=torch.float32)
    yield {"x": fractions, "kernel": drawn_kernel(rng, 3, 4) / 8 + 0.05, "stride": 2, "padding": 1}


def kernels_to_dilate(rng):
    for height, width, dilation in [(3, 3, 2), (2, 3, 3), (3, 1, 2), (1, 4, 3), (2, 2, 1), (4, 2, 4), (1, 1, 3)]:
        yield {"kernel": drawn_kernel(rng, height, width), "dilation": dilation}
    yield {"kernel": drawn_kernel(rng, 2, 3) / 8, "dilation": 2}


def sizes(rng):
    """For each stride, remainders from none to the largest; sizes in which a wrong sign or a missing 1 shows."""
    for stride, padding, dilation in product((1, 2, 3, 5), (0, 1, 3), (1, 2, 4)):
        k, steps = int(rng.integers(2, 6)), int(rng.integers(3, 8))
        n = dilation * (k - 1) + 1 + stride * steps + int(rng.integers(0, stride))
        yield {"n": n, "k": k, "padding": padding, "stride": stride, "dilation": dilation}
    yield {"n": 224, "k": 7, "padding": 3, "stride": 2}
    yield {"n": int(rng.integers(9, 99)), "k": 1}
    yield {"n": int(rng.integers(9, 99)), "k": 1, "stride": 3, "dilation": int(rng.integers(2, 5))}
    yield {"n": 7, "k": 7, "stride": int(rng.integers(2, 5))}


def covered_pictures(rng):
    for height, width, rows, columns, stride, padding in [
        (6, 7, 3, 3, 1, 0),
        (5, 8, 2, 3, 1, 1),
        (7, 10, 3, 2, 2, 0),
        (9, 6, 2, 4, 3, 1),
        (10, 8, 1, 3, 4, 0),
        (8, 11, 3, 3, 3, 2),
        (6, 9, 4, 4, 2, 3),
        (7, 5, 4, 3, 1, 2),
        (6, 8, 4, 4, 1, 3),
    ]:
        shapes = {"image_shape": (height + int(rng.integers(0, 2)), width), "kernel_shape": (rows, columns)}
        yield {**shapes, "stride": stride, "padding": padding}
    yield {"image_shape": (4, 6), "kernel_shape": (4, 2)}


def pictures_to_shrink(rng):
    for height, width, stride in [(7, 10, 2), (8, 8, 3), (6, 9, 4), (5, 7, 1), (9, 4, 2), (3, 11, 5), (2, 8, 2)]:
        yield {"x": drawn_image(rng, height, width + int(rng.integers(0, 2))), "stride": stride}
    yield {"x": torch.tensor(rng.random((9, 13)), dtype=torch.float32), "stride": 2}


# ── 3.1 A border ─────────────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"x": X[:2, :3], "padding": 1},
        {"x": X[1:4, :2], "padding": 2},
        {"x": X[:2, 2:4], "padding": 0},
        {"x": X[:3, 1:5].t() / 3 - 1, "padding": 3},
        {"x": X[2:4, 6:], "padding": 1},
    ],
    inputs=pictures_to_pad,
    forbidden=BY_HAND,
)
class pad2d:
    def right(x, padding):
        return framed(x, padding, padding, padding, padding)

    def by_writing_inside(x, padding):
        height, width = x.shape
        room = torch.zeros(height + 2 * padding, width + 2 * padding)
        room[padding : padding + height, padding : padding + width] = x
        return room

    def by_joining(x, padding):
        sides = torch.zeros(x.shape[0], padding)
        middle = torch.cat([sides, x, sides], dim=1)
        ends = torch.zeros(padding, middle.shape[1])
        return torch.cat([ends, middle, ends])

    def by_matrices(x, padding):
        down, right = (torch.eye(n, n + 2 * padding).roll(padding, 1) for n in x.shape)
        return down.t() @ x @ right

    def in_lists(x, padding):
        rows, nothing = x.tolist(), [0.0] * padding
        empty = [[0.0] * (x.shape[1] + 2 * padding)] * padding
        return empty + [nothing + row + nothing for row in rows] + empty

    def in_numpy(x, padding):
        room = np.zeros(np.array(x.shape) + 2 * padding)
        for (row, col), value in np.ndenumerate(x.numpy()):
            room[row + padding, col + padding] = value
        return room

    class wrong:
        class total_padding:
            """Your picture grows by the padding once on each axis, shared out between its two sides. In this course, as
            in PyTorch, padding counts each side by itself. By how many rows does a picture grow in all with padding
            2?"""

            def extra_after(x, padding):
                before = padding // 2
                return framed(x, before, padding - before, before, padding - before)

            def extra_before(x, padding):
                after = padding // 2
                return framed(x, padding - after, after, padding - after, after)

            def halves(x, padding):
                return framed(x, *[padding // 2] * 4)

        class one_sided_padding:
            """There are zeros on two sides only, so that your picture lies in a corner. How many rows and columns must
            the whole result have, and how many of the new ones come before the first pixel?"""

            def before_only(x, padding):
                return framed(x, padding, 0, padding, 0)

            def after_only(x, padding):
                return framed(x, 0, padding, 0, padding)

            def before_in_full_size(x, padding):
                return framed(x, 2 * padding, 0, 2 * padding, 0)

            def after_in_full_size(x, padding):
                return framed(x, 0, 2 * padding, 0, 2 * padding)

        class one_axis_only:
            """The zeros stand on one axis only: left and right, or top and bottom. Which two sides of the picture still
            end at its own pixels?"""

            def columns_only(x, padding):
                return framed(x, 0, 0, padding, padding)

            def rows_only(x, padding):
                return framed(x, padding, padding, 0, 0)

        class minus_zero:
            """Right wherever there is something to pad. With padding 0, a slice that should stop “minus padding” before
            the end stops at index 0 instead, because −0 is 0. Where else could the slice get its end from?"""

            def that_raises(x, padding):
                room = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
                room[padding:-padding, padding:-padding] = x
                return room

            def left_empty(x, padding):
                room = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
                if padding:
                    room[padding:-padding, padding:-padding] = x
                return room

        class end_of_slice:
            """The part that you write to must be just as large as x, and lie in the room. Either yours ends elsewhere
            than x does in the larger room, or `room` has become a name for something smaller. Which of the two?"""

            def left_out(x, padding):
                room = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding)
                room[padding:, padding:] = x
                return room

            def of_the_small_picture(x, padding):
                height, width = x.shape
                room = torch.zeros(height + 2 * padding, width + 2 * padding)
                room[padding:height, padding:width] = x
                return room

        class border_overwritten:
            """The picture has not grown: your zeros stand on its own outer pixels. Padding adds room around it. What
            should the shape of the result be?"""

            def kept_inside(x, padding):
                result, (height, width) = torch.zeros_like(x), x.shape
                inside = slice(padding, max(padding, height - padding)), slice(padding, max(padding, width - padding))
                result[inside] = x[inside]
                return result

            def side_by_side(x, padding):
                result = x.clone()
                result[:padding], result[:, :padding] = 0, 0
                result[-padding:], result[:, -padding:] = 0, 0
                return result

        class rows_and_columns_swapped:
            """Height and width have changed places somewhere: in the size of the result, or in the slice that you write
            to. In a shape, which comes first, the number of rows or that of columns?"""

            def in_the_size(x, padding):
                height, width = x.shape
                room = torch.zeros(width + 2 * padding, height + 2 * padding)
                room[padding : padding + height, padding : padding + width] = x
                return room

            def pixel_by_pixel(x, padding):
                height, width = x.shape
                room = torch.zeros(width + 2 * padding, height + 2 * padding)
                for row, col in product(range(height), range(width)):
                    room[row + padding, col + padding] = x[row, col]
                return room

            def written_across(x, padding):
                return framed(x, padding, padding, padding, padding).t()

        class square_only:
            """Square pictures come out right, others do not. Do rows and columns each get their own size?"""

            def by_height(x, padding):
                side = x.shape[0]
                room = torch.zeros(side + 2 * padding, side + 2 * padding)
                room[padding : padding + side, padding : padding + side] = x
                return room

            def by_width(x, padding):
                side = x.shape[1]
                room = torch.zeros(side + 2 * padding, side + 2 * padding)
                room[padding : padding + x.shape[0], padding : padding + side] = x
                return room

        class three_only:
            """Your picture begins one pixel from the corner, whatever the padding: right for padding 1 alone, which is
            what a 3×3 kernel often gets. Where does the argument come in?"""

            def border_of_one(x, padding):
                return framed(x, 1, 1, 1, 1)

            def in_full_size(x, padding):
                height, width = x.shape
                room = torch.zeros(height + 2 * padding, width + 2 * padding)
                room[1 : 1 + height, 1 : 1 + width] = x
                return room

        def wraps_around(x, padding):
            """Beyond the edge your picture comes back from its other side. That is a real way to pad, and you will meet
            it in a minute; here the border is asked for as zeros. Do your indices run past the picture?"""
            rows, columns = (torch.arange(-padding, n + padding) % n for n in x.shape)
            return x[rows][:, columns]

        def edge_repeated(x, padding):
            """Your border repeats the outermost pixels. That is a real way to pad, and you will meet it in a minute;
            here the border is asked for as zeros. What must stand in the corner of the result?"""
            return edges_repeated(x, padding)


# ── 3.2 Other borders ────────────────────────────────────────────────────────────────────────────────────────────────


@exercise()
class padding_modes:
    right = ["replicate", "circular", "zeros", "reflect"]  # figures.py draws them in this order

    class wrong:
        class reflect_for_replicate:
            """You have told zeros and circular apart; reflect and replicate have changed places. One of them repeats a
            single row of pixels outwards, so that it draws streaks; the other turns the picture back like a mirror. In
            which of the pictures do you see streaks?"""

            value = ["reflect", "circular", "zeros", "replicate"]

        class circular_for_reflect:
            """Reflect and circular have changed places. Follow the eye across the edge: does it come back as its own
            mirror image, or does the opposite side of the picture begin there?"""

            value = ["replicate", "reflect", "zeros", "circular"]

        class circular_for_replicate:
            """Circular and replicate have changed places. One of them draws streaks, the other starts the picture anew.
            Which picture shows streaks?"""

            value = ["circular", "replicate", "zeros", "reflect"]

        class all_three_moved:
            """Zeros you have found; the other three have moved round. Streaks, a mirror, or the opposite side: which of
            them do you see in the first picture?"""

            value = ["reflect", "replicate", "zeros", "circular"]
            other_way = ["circular", "reflect", "zeros", "replicate"]

        class as_listed:
            """That is the order in which the words were listed. Look for the black frame first: which picture has
            it?"""

            value = ["zeros", "reflect", "replicate", "circular"]

        class word_of_torch:
            """Your order is right, and “constant” is what the padding function says. What does the layer, nn.Conv2d,
            call a border of zeros? The lesson lists its four words."""

            value = ["replicate", "circular", "constant", "reflect"]

        class singular:
            """Your order is right; one word is misspelled. A border holds more than one zero: how does nn.Conv2d spell
            the word?"""

            value = ["replicate", "circular", "zero", "reflect"]


# ── 3.3 Same size ────────────────────────────────────────────────────────────────────────────────────────────────────


@exercise(examples=[{"k": 3}, {"k": 4}, {"k": 1}, {"k": 2}, {"k": 7}], inputs=kernel_sides)
class same_padding:
    def right(k):
        return (k - 1) // 2, k // 2

    def the_rest_after(k):
        before = (k - 1) // 2
        return [before, k - 1 - before]

    def dealt_out_in_turn(k):
        sides = [0, 0]
        for number in range(k - 1):
            sides[(number + 1) % 2] += 1
        return sides

    def by_cases(k):
        half = k // 2
        return (half, half) if k % 2 else (half - 1, half)

    class wrong:
        class odd_only:
            """For odd k your padding is right, for even k it is not. The size is kept only if both sides together make
            k − 1. How do you share 3 between two sides?"""

            def too_much(k):
                return k // 2, k // 2

            def too_little(k):
                return (k - 1) // 2, (k - 1) // 2

        def extra_one_before(k):
            """Together they make k − 1, so the size is kept. For even k one side gets one more: you give it to the side
            before, as some books do. PyTorch and TensorFlow, and this course, put it elsewhere. Where?"""
            return k // 2, (k - 1) // 2

        def total_padding(k):
            """k − 1 is what both sides have together: so much is lost without padding. How much of it belongs to each
            side?"""
            return k - 1, k - 1

        class one_number_for_two:
            """Your answer is one number. The exercise asks for two, before and after, because for even k they differ.
            How do you give back a pair?"""

            def total(k):
                return k - 1

            def half(k):
                return k // 2

            def half_rounded_down(k):
                return (k - 1) // 2

        def three_only(k):
            """Your padding is 1 on each side, whatever k is. That is right for 3. How much does a kernel of 7 need?"""
            return 1, 1

        class one_sided_padding:
            """All of it stands on one side: the size is kept, but the whole response moves by half a kernel. How do you
            share the padding so that the kernel's middle stays on its pixel?"""

            def after(k):
                return 0, k - 1

            def before(k):
                return k - 1, 0

        class one_too_many:
            """Your two numbers add up to k. Try a kernel of one weight: it loses nothing. How much must be added for
            it, and how much for k in general?"""

            def smaller_first(k):
                return k // 2, k - k // 2

            def larger_first(k):
                return k - k // 2, k // 2

        def parity_swapped(k):
            """You have the two cases the wrong way round: odd k get unequal sides, and even ones equal sides. For which
            k is k − 1 even, so that it can be shared out equally?"""
            return (k // 2, k // 2 + 1) if k % 2 else ((k - 1) // 2, (k - 1) // 2)

        def not_rounded_down(k):
            """For even k you pad by half pixels. A padding counts whole rows. Which of the two sides should get the
            smaller whole number?"""
            return (k - 1) / 2, (k - 1) / 2


@exercise(
    examples=[
        {"x": X[:3, :4], "kernel": KERNEL},
        {"x": X[:3, 2:6], "kernel": EVEN, "bias": 10},
        {"x": X[1:4, :5], "kernel": WIDE, "bias": -5},
        {"x": X[2:, :5].t() / 3 - 1, "kernel": TALL / 3, "bias": 0.5},
        {"x": X[:4, :3], "kernel": WIDE.t()},
    ],
    inputs=same_inputs,
    forbidden=BY_HAND,
    uses=[same_padding],
)
class corr2d_same:
    def right(x, kernel, bias=0):
        (top, bottom), (left, right) = map(same_padding, kernel.shape)
        return valid(framed(x, top, bottom, left, right), kernel) + bias

    def window_by_window(x, kernel, bias=0):
        (height, width), (rows, columns) = x.shape, kernel.shape
        room = torch.zeros(height + rows - 1, width + columns - 1)
        top, left = (rows - 1) // 2, (columns - 1) // 2
        room[top : top + height, left : left + width] = x
        result = torch.zeros(height, width)
        for row, col in product(range(height), range(width)):
            result[row, col] = (room[row : row + rows, col : col + columns] * kernel).sum() + bias
        return result

    def in_pure_python(x, kernel, bias=0):
        (height, width), (rows, columns) = x.shape, kernel.shape
        x, kernel = x.tolist(), kernel.tolist()
        result = [[bias] * width for _ in range(height)]
        for row, col, i, j in product(range(height), range(width), range(rows), range(columns)):
            down, right = row + i - (rows - 1) // 2, col + j - (columns - 1) // 2
            if 0 <= down < height and 0 <= right < width:
                result[row][col] += x[down][right] * kernel[i][j]
        return result

    def weight_by_weight(x, kernel, bias=0):
        (height, width), (rows, columns) = x.shape, kernel.shape
        room = np.zeros((height + rows - 1, width + columns - 1))
        room[(rows - 1) // 2 :, (columns - 1) // 2 :][:height, :width] = x
        shifted = [
            room[i : i + height, j : j + width] * kernel[i, j].item() for i in range(rows) for j in range(columns)
        ]
        return sum(shifted) + bias

    class wrong:
        class zero_border_kept:
            """The size is kept, but by adding zeros to the finished response: its rim was never computed. Should the
            zeros be added before the kernel slides, or after?"""

            def centred(x, kernel, bias=0):
                (top, bottom), (left, right) = map(same_padding, kernel.shape)
                return framed(valid(x, kernel) + bias, top, bottom, left, right)

            def bias_last(x, kernel, bias=0):
                (top, bottom), (left, right) = map(same_padding, kernel.shape)
                return framed(valid(x, kernel), top, bottom, left, right) + bias

            def at_the_corner(x, kernel, bias=0):
                inside = valid(x, kernel) + bias
                return framed(inside, 0, x.shape[0] - inside.shape[0], 0, x.shape[1] - inside.shape[1])

        class extra_one_before:
            """Odd sizes are right; for even ones your response is moved by one pixel, because the extra row or column
            stands before the picture. On which side does same_padding put it?"""

            def on_both_axes(x, kernel, bias=0):
                (bottom, top), (right, left) = map(same_padding, kernel.shape)
                return valid(framed(x, top, bottom, left, right), kernel) + bias

            def columns_only(x, kernel, bias=0):
                (top, bottom), (right, left) = map(same_padding, kernel.shape)
                return valid(framed(x, top, bottom, left, right), kernel) + bias

            def rows_only(x, kernel, bias=0):
                (bottom, top), (left, right) = map(same_padding, kernel.shape)
                return valid(framed(x, top, bottom, left, right), kernel) + bias

        class minus_zero:
            """Your answer is right wherever a side needs padding. For a side of 1 same_padding says 0, and a slice that
            should stop “minus 0” before the end stops at index 0 instead, because −0 is 0. Where else could the slice
            get its end from?"""

            def that_raises(x, kernel, bias=0):
                (top, bottom), (left, right) = map(same_padding, kernel.shape)
                room = torch.zeros(x.shape[0] + top + bottom, x.shape[1] + left + right)
                room[top:-bottom, left:-right] = x
                return valid(room, kernel) + bias

        class odd_only:
            """Where a side of the kernel is even, your response is one row or column too large or too small. Is the
            padding the same before and after the picture there? What does same_padding say for 4?"""

            def too_large(x, kernel, bias=0):
                up, left = (k // 2 for k in kernel.shape)
                return valid(framed(x, up, up, left, left), kernel) + bias

            def too_small(x, kernel, bias=0):
                up, left = ((k - 1) // 2 for k in kernel.shape)
                return valid(framed(x, up, up, left, left), kernel) + bias

            def that_raises(x, kernel, bias=0):
                up, left = ((k - 1) // 2 for k in kernel.shape)
                room = framed(x, up, up, left, left)
                result = torch.zeros(x.shape)
                for row, col in product(*map(range, x.shape)):
                    result[row, col] = (
                        room[row : row + kernel.shape[0], col : col + kernel.shape[1]] * kernel
                    ).sum() + bias
                return result

        class bias_per_product:
            """The bias came in once for each product instead of once for each sum. How often is it to be added to one
            number of the response?"""

            def inside_the_sum(x, kernel, bias=0):
                return corr2d_same(x, kernel) + bias * kernel.numel()

            def on_the_kernel(x, kernel, bias=0):
                return corr2d_same(x, kernel + bias)

        class bias_on_the_picture:
            """You add the bias to the picture before the kernel slides, so it gets multiplied by weights. It belongs to
            each finished sum. What would the response to a black picture be with bias 5?"""

            def before_padding(x, kernel, bias=0):
                return corr2d_same(x + bias, kernel)

            def after_padding(x, kernel, bias=0):
                (top, bottom), (left, right) = map(same_padding, kernel.shape)
                return valid(framed(x, top, bottom, left, right) + bias, kernel)

        def bias_left_out(x, kernel, bias=0):
            """Without a bias your response is right; where one is given, it makes no difference. Where does the bias
            come in?"""
            return corr2d_same(x, kernel)

        class rows_and_columns_swapped:
            """Square kernels are right. The kernel's height decides how many rows are missing, its width how many
            columns: have the two changed places in your padding?"""

            def in_the_padding(x, kernel, bias=0):
                (left, right), (top, bottom) = map(same_padding, kernel.shape)
                return valid(framed(x, top, bottom, left, right), kernel) + bias

            def that_raises(x, kernel, bias=0):
                (left, right), (top, bottom) = map(same_padding, kernel.shape)
                room = framed(x, top, bottom, left, right)
                result = torch.zeros(x.shape)
                for row, col in product(*map(range, x.shape)):
                    result[row, col] = (
                        room[row : row + kernel.shape[0], col : col + kernel.shape[1]] * kernel
                    ).sum() + bias
                return result

        class height_for_both:
            """Your padding comes from the kernel's height alone, the same on all four sides. Which side of the kernel
            says how many columns are missing, and what does same_padding say for a height of 4?"""

            def half_of_it(x, kernel, bias=0):
                half = kernel.shape[0] // 2
                return valid(framed(x, half, half, half, half), kernel) + bias

            def half_of_one_less(x, kernel, bias=0):
                half = (kernel.shape[0] - 1) // 2
                return valid(framed(x, half, half, half, half), kernel) + bias

            def before_alone(x, kernel, bias=0):
                before, _ = same_padding(kernel.shape[0])
                room, result = framed(x, before, before, before, before), torch.zeros(x.shape)
                for row, col in product(*map(range, x.shape)):
                    patch = room[row : row + kernel.shape[0], col : col + kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum() + bias
                return result

            def that_raises(x, kernel, bias=0):
                half = kernel.shape[0] // 2
                room, result = framed(x, half, half, half, half), torch.zeros(x.shape)
                for row, col in product(*map(range, x.shape)):
                    patch = room[row : row + kernel.shape[0], col : col + kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum() + bias
                return result

        class square_only:
            """Square kernels are right. Do rows and columns each get their padding from their own side of the kernel,
            or does one side serve for both?"""

            def by_height(x, kernel, bias=0):
                before, after = same_padding(kernel.shape[0])
                return valid(framed(x, before, after, before, after), kernel) + bias

            def by_width(x, kernel, bias=0):
                before, after = same_padding(kernel.shape[1])
                return valid(framed(x, before, after, before, after), kernel) + bias

        def kernel_flipped(x, kernel, bias=0):
            """This is the response to the kernel turned by 180°. Here, as in PyTorch, the kernel is laid on as it is.
            Which weight belongs to the top-left pixel of a patch?"""
            (top, bottom), (left, right) = map(same_padding, kernel.shape)
            return valid(framed(x, top, bottom, left, right), kernel.flip(0, 1)) + bias

        def wraps_around(x, kernel, bias=0):
            """At the rim your windows come back on the other side of the picture: the index −1 means the last entry,
            and roll goes round. What should lie beyond the edge here?"""
            result = torch.zeros(x.shape)
            for (i, j), weight in np.ndenumerate(kernel.numpy()):
                places = ((kernel.shape[0] - 1) // 2 - i, (kernel.shape[1] - 1) // 2 - j)
                result += float(weight) * x.roll(places, (0, 1))
            return result + bias

        class padded_copy_unused:
            """Your windows are cut from the picture without its padding, whether or not you made a padded copy. Which
            tensor should the kernel slide over?"""

            def that_raises(x, kernel, bias=0):
                result = torch.zeros(x.shape)
                for row, col in product(*map(range, x.shape)):
                    patch = x[row : row + kernel.shape[0], col : col + kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum() + bias
                return result

            def valid_size(x, kernel, bias=0):
                return valid(x, kernel) + bias

        class one_sided_padding:
            """The size is kept, but your picture lies in a corner of the padded one: all of the padding is on one side.
            The whole response is moved. Which two numbers does same_padding give for a kernel of 3?"""

            def after(x, kernel, bias=0):
                return valid(framed(x, 0, kernel.shape[0] - 1, 0, kernel.shape[1] - 1), kernel) + bias

            def before(x, kernel, bias=0):
                return valid(framed(x, kernel.shape[0] - 1, 0, kernel.shape[1] - 1, 0), kernel) + bias

        class three_only:
            """Right for 3×3 kernels: you pad by 1 on each side, whatever the kernel. How much does a side of 4 need,
            and a side of 1?"""

            def too_small_or_large(x, kernel, bias=0):
                return valid(framed(x, 1, 1, 1, 1), kernel) + bias

            def that_raises(x, kernel, bias=0):
                room, result = framed(x, 1, 1, 1, 1), torch.zeros(x.shape)
                for row, col in product(*map(range, x.shape)):
                    patch = room[row : row + kernel.shape[0], col : col + kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum() + bias
                return result

        def edge_repeated(x, kernel, bias=0):
            """Inside, your response is right; at the rim you have repeated the outermost pixels. Here the border is
            zeros. What do the windows in the corner hold then?"""
            (top, bottom), (left, right) = map(same_padding, kernel.shape)
            room = F.pad(x[None, None], (left, right, top, bottom), mode="replicate")[0, 0]
            return valid(room, kernel) + bias


# ── 3.4 Stride ───────────────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"x": X[:4, :4], "kernel": KERNEL},
        {"x": X[:, :6], "kernel": EVEN, "stride": 2},
        {"x": X[:3], "kernel": KERNEL, "stride": 3, "padding": 1},
        {"x": X.t(), "kernel": WIDE, "stride": 2, "padding": 2},
        {"x": X / 3, "kernel": TALL / 3, "stride": 3},
    ],
    inputs=strided_inputs,
    forbidden=BY_HAND,
    uses=[pad2d],
)
class corr2d_strided:
    def right(x, kernel, stride=1, padding=0):
        return valid(framed(x, padding, padding, padding, padding), kernel, stride)

    def window_by_window(x, kernel, stride=1, padding=0):
        (height, width), (rows, columns) = x.shape, kernel.shape
        room = torch.zeros(height + 2 * padding, width + 2 * padding)
        room[padding : padding + height, padding : padding + width] = x
        tops = range(0, height + 2 * padding - rows + 1, stride)
        lefts = range(0, width + 2 * padding - columns + 1, stride)
        sums = [[(room[t : t + rows, c : c + columns] * kernel).sum() for c in lefts] for t in tops]
        return torch.tensor(sums)

    def every_place_then_thinned(x, kernel, stride=1, padding=0):
        room = torch.zeros(x.shape[0] + 2 * padding, x.shape[1] + 2 * padding, dtype=torch.float64)
        room[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x
        rows, columns = room.shape[0] - kernel.shape[0] + 1, room.shape[1] - kernel.shape[1] + 1
        result = torch.zeros(rows, columns, dtype=torch.float64)
        for i, j in product(*map(range, kernel.shape)):
            result += kernel[i, j] * room[i : i + rows, j : j + columns]
        return result[::stride, ::stride]

    def in_pure_python(x, kernel, stride=1, padding=0):
        (height, width), (rows, columns) = x.shape, kernel.shape
        x, kernel = x.tolist(), kernel.tolist()

        def pixel(row, col):
            return x[row][col] if 0 <= row < height and 0 <= col < width else 0.0

        return [
            [
                sum(kernel[i][j] * pixel(top + i, left + j) for i in range(rows) for j in range(columns))
                for left in range(-padding, width + padding - columns + 1, stride)
            ]
            for top in range(-padding, height + padding - rows + 1, stride)
        ]

    def in_numpy(x, kernel, stride=1, padding=0):
        room = np.zeros(np.array(x.shape) + 2 * padding)
        room[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x.numpy()
        rows, columns = ((n - k) // stride + 1 for n, k in zip(room.shape, kernel.shape, strict=True))
        at = [
            np.add.outer(stride * np.arange(n), np.arange(k))
            for n, k in zip((rows, columns), kernel.shape, strict=True)
        ]
        return np.einsum("abij,ij->ab", room[at[0][:, None, :, None], at[1][None, :, None, :]], kernel.numpy())

    class wrong:
        class stride_omitted:
            """The kernel stops at every place: the stride has no effect on your result. Where should the second window
            of a row begin with stride 2?"""

            def everywhere(x, kernel, stride=1, padding=0):
                return valid(framed(x, padding, padding, padding, padding), kernel)

        class one_axis_only:
            """The stride acts on one axis only. In which direction does your kernel still stop at every place?"""

            def rows(x, kernel, stride=1, padding=0):
                return valid(framed(x, padding, padding, padding, padding), kernel, (stride, 1))

            def columns(x, kernel, stride=1, padding=0):
                return valid(framed(x, padding, padding, padding, padding), kernel, (1, stride))

            def rows_in_the_right_size(x, kernel, stride=1, padding=0):
                columns = corr2d_strided(x, kernel, stride, padding).shape[1]
                full = valid(framed(x, padding, padding, padding, padding), kernel)
                return full[::stride, :columns]

            def columns_in_the_right_size(x, kernel, stride=1, padding=0):
                rows = corr2d_strided(x, kernel, stride, padding).shape[0]
                full = valid(framed(x, padding, padding, padding, padding), kernel)
                return full[:rows, ::stride]

        class stride_only_in_size:
            """Your result has the right size, but its windows start only one pixel apart. At which row of the picture
            should the window for row 1 of the result start, with stride 2?"""

            def by_index(x, kernel, stride=1, padding=0):
                rows, columns = corr2d_strided(x, kernel, stride, padding).shape
                return valid(framed(x, padding, padding, padding, padding), kernel)[:rows, :columns]

        class stride_twice:
            """The stride was used twice, once in the steps of your loop and once more in the index, or on the finished
            result. With stride 2, does your second window start at row 2 or at row 4?"""

            def on_the_result(x, kernel, stride=1, padding=0):
                return corr2d_strided(x, kernel, stride, padding)[::stride, ::stride]

            def in_the_loop(x, kernel, stride=1, padding=0):
                full = corr2d_strided(x, kernel, stride, padding)
                result = torch.zeros(full.shape)
                result[::stride, ::stride] = full[::stride, ::stride]
                return result

            def that_raises(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                rows, columns = room.shape[0] - kernel.shape[0] + 1, room.shape[1] - kernel.shape[1] + 1
                result = torch.zeros(corr2d_strided(x, kernel, stride, padding).shape)
                for row, col in product(range(0, rows, stride), range(0, columns, stride)):
                    top, left = row * stride, col * stride
                    patch = room[top : top + kernel.shape[0], left : left + kernel.shape[1]]
                    result[row // stride, col // stride] = (patch * kernel).sum()
                return result

        class index_not_divided:
            """Your windows start at the right rows and columns, but their numbers are written to those same rows and
            columns of the result, which has fewer. Which row of the result belongs to the window that starts at row 4,
            with stride 2?"""

            def that_raises(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                result = torch.zeros(corr2d_strided(x, kernel, stride, padding).shape)
                rows, columns = room.shape[0] - kernel.shape[0] + 1, room.shape[1] - kernel.shape[1] + 1
                for row, col in product(range(0, rows, stride), range(0, columns, stride)):
                    result[row, col] = (room[row:, col:][: kernel.shape[0], : kernel.shape[1]] * kernel).sum()
                return result

            def with_holes(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                full, result = valid(room, kernel), torch.zeros(valid(room, kernel).shape)
                result[::stride, ::stride] = full[::stride, ::stride]
                return result

        class subsampled_first:
            """You thin out the picture first and then slide the kernel over what is left. The stride is a step between
            windows; inside a window all pixels are neighbours. Which columns does the first window of a 3×3 kernel
            see?"""

            def after_padding(x, kernel, stride=1, padding=0):
                thinned = framed(x, padding, padding, padding, padding)[::stride, ::stride]
                rows, columns = (max(0, n - k + 1) for n, k in zip(thinned.shape, kernel.shape, strict=True))
                return (
                    windows(thinned, kernel, range(rows), range(columns))
                    if rows and columns
                    else torch.zeros(rows, columns)
                )

            def that_raises(x, kernel, stride=1, padding=0):
                return valid(framed(x, padding, padding, padding, padding)[::stride, ::stride], kernel)

        class rounded_up:
            """Your result counts a last window that hangs over the end, where the stride does not divide. Only windows
            that fit count. What happens to the pixels behind the last one that does?"""

            def with_zeros(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                count = [math.ceil((n - k) / stride) + 1 for n, k in zip(room.shape, kernel.shape, strict=True)]
                return windows(room, kernel, *(range(0, n * stride, stride) for n in count))

            def last_left_at_zero(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                count = [math.ceil((n - k) / stride) + 1 for n, k in zip(room.shape, kernel.shape, strict=True)]
                result, inside = torch.zeros(count), valid(room, kernel, stride)
                result[: inside.shape[0], : inside.shape[1]] = inside
                return result

            def that_raises(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                count = [math.ceil((n - k) / stride) + 1 for n, k in zip(room.shape, kernel.shape, strict=True)]
                result = torch.zeros(count)
                for row, col in product(*map(range, count)):
                    top, left = row * stride, col * stride
                    patch = room[top : top + kernel.shape[0], left : left + kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum()
                return result

        class one_lost:
            """The last window of each row and column is missing. A window as large as the picture has one place. How
            many does your formula give for it?"""

            def no_plus_one(x, kernel, stride=1, padding=0):
                return corr2d_strided(x, kernel, stride, padding)[:-1, :-1]

            def range_too_short(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                return valid(room, kernel)[:-1, :-1][::stride, ::stride]

        def plus_one_divided(x, kernel, stride=1, padding=0):
            """Where the stride is more than 1 a window is missing at the end. The 1 comes in too early, so that it is
            divided, too: first count the steps, each as long as the stride. How many windows do that many steps
            give?"""
            room = framed(x, padding, padding, padding, padding)
            rows, columns = ((n - k + 1) // stride for n, k in zip(room.shape, kernel.shape, strict=True))
            return valid(room, kernel, stride)[:rows, :columns]

        class total_padding:
            """Your padding is shared out between the two sides. Here it counts for each side. How many rows of zeros
            lie above the picture with padding 2?"""

            def halves(x, kernel, stride=1, padding=0):
                before = padding // 2
                room = framed(x, before, padding - before, before, padding - before)
                return valid(room, kernel, stride)

            def halves_rounded_down(x, kernel, stride=1, padding=0):
                return valid(framed(x, *[padding // 2] * 4), kernel, stride)

        class one_sided_padding:
            """There is padding on two sides only: before the picture, or after it. On how many sides should it
            stand?"""

            def before(x, kernel, stride=1, padding=0):
                return valid(framed(x, padding, 0, padding, 0), kernel, stride)

            def after(x, kernel, stride=1, padding=0):
                return valid(framed(x, 0, padding, 0, padding), kernel, stride)

            def after_in_full_size(x, kernel, stride=1, padding=0):
                return valid(framed(x, 0, 2 * padding, 0, 2 * padding), kernel, stride)

        class padding_omitted:
            """Without padding your result is right; where padding is asked for, nothing changes. Which tensor should
            the windows be cut from?"""

            def everywhere(x, kernel, stride=1, padding=0):
                return valid(x, kernel, stride)

            def that_raises(x, kernel, stride=1, padding=0):
                result = torch.zeros(corr2d_strided(x, kernel, stride, padding).shape)
                for row, col in product(*map(range, result.shape)):
                    patch = x[row * stride :, col * stride :][: kernel.shape[0], : kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum()
                return result

        def kernel_flipped(x, kernel, stride=1, padding=0):
            """This is the response to the kernel turned by 180°. Here, as in PyTorch, the kernel is laid on as it is.
            Which weight belongs to the top-left pixel of a patch?"""
            return corr2d_strided(x, kernel.flip(0, 1), stride, padding)

        class windows_side_by_side:
            """Your windows never overlap: each starts where the last one ended, whatever the stride. How far apart do
            two windows start when the stride is 1?"""

            def by_their_size(x, kernel, stride=1, padding=0):
                return valid(framed(x, padding, padding, padding, padding), kernel, tuple(kernel.shape))

            def plus_the_stride(x, kernel, stride=1, padding=0):
                steps = tuple(k + stride for k in kernel.shape)
                return valid(framed(x, padding, padding, padding, padding), kernel, steps)

        class rows_and_columns_swapped:
            """Rows and columns have changed places: in the size of your result, or in the place where a window starts.
            In a shape, which of the two comes first?"""

            def in_the_place(x, kernel, stride=1, padding=0):
                room = framed(x, padding, padding, padding, padding)
                result = torch.zeros(corr2d_strided(x, kernel, stride, padding).shape)
                for row, col in product(*map(range, result.shape)):
                    patch = room[col * stride :, row * stride :][: kernel.shape[0], : kernel.shape[1]]
                    result[row, col] = (patch * kernel).sum()
                return result

            def in_the_result(x, kernel, stride=1, padding=0):
                return corr2d_strided(x, kernel, stride, padding).t()


# ── 3.5 Holes in the kernel ──────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"kernel": EVEN, "dilation": 2},
        {"kernel": WIDE, "dilation": 3},
        {"kernel": KERNEL, "dilation": 1},
        {"kernel": TALL / 3, "dilation": 2},
    ],
    inputs=kernels_to_dilate,
)
class dilate_kernel:
    def right(kernel, dilation):
        rows, columns = (dilation * (k - 1) + 1 for k in kernel.shape)
        result = torch.zeros(rows, columns)
        result[::dilation, ::dilation] = kernel
        return result

    def weight_by_weight(kernel, dilation):
        rows, columns = (dilation * (k - 1) + 1 for k in kernel.shape)
        result = [[0.0] * columns for _ in range(rows)]
        for i, j in product(*map(range, kernel.shape)):
            result[i * dilation][j * dilation] = kernel[i, j].item()
        return result

    def with_kron(kernel, dilation):
        hole = torch.zeros(dilation, dilation)
        hole[0, 0] = 1
        spread = torch.kron(kernel.contiguous(), hole)
        return spread[: spread.shape[0] - dilation + 1, : spread.shape[1] - dilation + 1]

    def in_numpy(kernel, dilation):
        result = kernel.numpy()
        for axis in (0, 1):
            gaps = np.repeat(np.arange(1, result.shape[axis]), dilation - 1)
            result = np.insert(result, gaps, 0, axis=axis)
        return result

    class wrong:
        def dilation_from_zero(kernel, dilation):
            """You leave as many holes between neighbours as the dilation says. But dilation 1 is the kernel as it is,
            without a hole: the weights stand 1 apart. How far apart do they stand with dilation 2, and how many holes
            is that?"""
            return dilate_kernel(kernel, dilation + 1)

        class dilation_without_minus_one:
            """Holes follow your last row and column as well, so that the kernel is too large. Holes belong between two
            weights. How many gaps are there between three weights in a row?"""

            def behind(kernel, dilation):
                return framed(dilate_kernel(kernel, dilation), 0, dilation - 1, 0, dilation - 1)

            def in_front(kernel, dilation):
                return framed(dilate_kernel(kernel, dilation), dilation - 1, 0, dilation - 1, 0)

        class weights_repeated:
            """The gaps are filled with copies of the weights: that enlarges the kernel like a picture. What should
            stand between two weights?"""

            def as_blocks(kernel, dilation):
                return kernel.repeat_interleave(dilation, 0).repeat_interleave(dilation, 1)

            def cut_to_size(kernel, dilation):
                rows, columns = dilate_kernel(kernel, dilation).shape
                return kernel.repeat_interleave(dilation, 0).repeat_interleave(dilation, 1)[:rows, :columns]

            def tiled(kernel, dilation):
                return kernel.repeat(dilation, dilation)

        class one_axis_only:
            """Holes stand between the columns or between the rows, not between both. In which direction are your
            weights still direct neighbours?"""

            def columns_only(kernel, dilation):
                result = torch.zeros(kernel.shape[0], dilation * (kernel.shape[1] - 1) + 1)
                result[:, ::dilation] = kernel
                return result

            def rows_only(kernel, dilation):
                result = torch.zeros(dilation * (kernel.shape[0] - 1) + 1, kernel.shape[1])
                result[::dilation] = kernel
                return result

        class holes_outside:
            """Your zeros lie around the kernel: that pads it, and its weights are still neighbours. Where should the
            holes be?"""

            def one_less_each_side(kernel, dilation):
                return framed(kernel, *[dilation - 1] * 4)

            def in_the_final_size(kernel, dilation):
                (rows, columns), size = kernel.shape, dilate_kernel(kernel, dilation).shape
                top, left = (size[0] - rows) // 2, (size[1] - columns) // 2
                return framed(kernel, top, size[0] - rows - top, left, size[1] - columns - left)

            def at_the_corner(kernel, dilation):
                (rows, columns), size = kernel.shape, dilate_kernel(kernel, dilation).shape
                return framed(kernel, 0, size[0] - rows, 0, size[1] - columns)

        def weights_multiplied(kernel, dilation):
            """You have multiplied the weights by the dilation. It moves them apart and leaves their values alone. How
            large is a 2×2 kernel with dilation 2?"""
            return kernel * dilation

        def thinned_out(kernel, dilation):
            """You keep every dilation-th weight: that takes weights away. Dilation puts holes between them and keeps
            all. Into which places of a larger, empty kernel do they go?"""
            return kernel[::dilation, ::dilation]

        class square_only:
            """Square kernels are right. Does each axis get its size from its own side of the kernel?"""

            def by_height(kernel, dilation):
                size = dilation * (kernel.shape[0] - 1) + 1
                result = torch.zeros(size, size)
                for i, j in product(*map(range, kernel.shape)):
                    result[i * dilation, j * dilation] = kernel[i, j]
                return result

            def by_width(kernel, dilation):
                size = dilation * (kernel.shape[1] - 1) + 1
                result = torch.zeros(size, size)
                for i, j in product(*map(range, kernel.shape)):
                    result[i * dilation, j * dilation] = kernel[i, j]
                return result

            def that_raises(kernel, dilation):
                size = dilation * (kernel.shape[0] - 1) + 1
                result = torch.zeros(size, size)
                result[::dilation, ::dilation] = kernel
                return result

            def sides_exchanged(kernel, dilation):
                height, width = (dilation * (side - 1) + 1 for side in kernel.shape)
                result = torch.zeros(width, height)
                result[::dilation, ::dilation] = kernel
                return result


# ── 3.6 The size formula ─────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"n": 7, "k": 3},
        {"n": 8, "k": 3, "stride": 2},
        {"n": 9, "k": 4, "padding": 1, "stride": 2},
        {"n": 12, "k": 5, "padding": 3},
        {"n": 13, "k": 3, "dilation": 3},
        {"n": 19, "k": 4, "padding": 2, "stride": 3, "dilation": 2},
        {"n": 5, "k": 5, "stride": 4},
        {"n": 9, "k": 1, "stride": 2, "dilation": 3},
    ],
    inputs=sizes,
)
class output_size:
    def right(n, k, padding=0, stride=1, dilation=1):
        return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1

    def by_counting(n, k, padding=0, stride=1, dilation=1):
        count, start = 0, -padding
        while start + dilation * (k - 1) < n + padding:
            count, start = count + 1, start + stride
        return count

    def from_a_range(n, k, padding=0, stride=1, dilation=1):
        return len(range(0, n + 2 * padding - dilation * (k - 1), stride))

    def asked_of_torch(n, k, padding=0, stride=1, dilation=1):
        return F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), None, stride, padding, dilation).numel()

    def with_floor(n, k, padding=0, stride=1, dilation=1):
        span = k + (k - 1) * (dilation - 1)
        return math.floor((n - span + 2 * padding) / stride + 1)

    class wrong:
        class rounded_up:
            """Where the stride does not divide, you count one window more. That window would hang over the end. Does a
            window count that only partly fits?"""

            def with_ceil(n, k, padding=0, stride=1, dilation=1):
                return math.ceil((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1

            def to_the_nearest(n, k, padding=0, stride=1, dilation=1):
                return int((n + 2 * padding - dilation * (k - 1) - 1) / stride + 0.5) + 1

            def with_round(n, k, padding=0, stride=1, dilation=1):
                return round((n + 2 * padding - dilation * (k - 1) - 1) / stride + 1)

        def not_rounded_down(n, k, padding=0, stride=1, dilation=1):
            """A number of windows is whole, yours sometimes has a fraction. The last window fits, or it does not. Which
            whole number is it then, the one below or the one above?"""
            return (n + 2 * padding - dilation * (k - 1) - 1) / stride + 1

        class one_lost:
            """You count the steps between windows; the windows are one more. A kernel as large as the picture takes no
            step. How many windows is that?"""

            def no_plus_one(n, k, padding=0, stride=1, dilation=1):
                return (n + 2 * padding - dilation * (k - 1) - 1) // stride

            def unless_it_divides(n, k, padding=0, stride=1, dilation=1):
                return math.ceil((n + 2 * padding - dilation * (k - 1) - 1) / stride)

        def plus_one_divided(n, k, padding=0, stride=1, dilation=1):
            """With stride 1 you are right. With more, the 1 comes in too early, so that it is divided, too: first count
            the steps, each as long as the stride. How many windows do that many steps give?"""
            return (n + 2 * padding - dilation * (k - 1)) // stride

        class one_too_many:
            """Your count is one too high, at least where the stride divides. Try it on a kernel as large as the
            picture, no padding: how many places has it, and how many do you get?"""

            def k_minus_one_only(n, k, padding=0, stride=1, dilation=1):
                return (n + 2 * padding - dilation * (k - 1)) // stride + 1

            def always(n, k, padding=0, stride=1, dilation=1):
                return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 2

        class total_padding:
            """Your padding is counted once. It is the number of rows on each side: how much larger does the picture
            become with padding 1?"""

            def once(n, k, padding=0, stride=1, dilation=1):
                return (n + padding - dilation * (k - 1) - 1) // stride + 1

            def halved(n, k, padding=0, stride=1, dilation=1):
                return (n + 2 * (padding // 2) - dilation * (k - 1) - 1) // stride + 1

        def dilation_without_minus_one(n, k, padding=0, stride=1, dilation=1):
            """With dilation 1 you are right. With more, your kernel is taken to span dilation times k pixels, as if a
            hole followed the last weight too. How many gaps are there between k weights?"""
            return (n + 2 * padding - dilation * k) // stride + 1

        class dilation_from_zero:
            """Your holes are counted from 0: dilation 1 already pulls the weights apart. Here dilation 1 is the
            ordinary kernel. How many pixels lie between two neighbouring weights with dilation 3?"""

            def one_more(n, k, padding=0, stride=1, dilation=1):
                return (n + 2 * padding - (dilation + 1) * (k - 1) - 1) // stride + 1

            def only_where_given(n, k, padding=0, stride=1, dilation=1):
                step = dilation + 1 if dilation > 1 else 1
                return (n + 2 * padding - step * (k - 1) - 1) // stride + 1

        def dilation_omitted(n, k, padding=0, stride=1, dilation=1):
            """With dilation 1 you are right; a larger one changes nothing. How many pixels does a kernel of 3 weights
            span when they stand 2 apart?"""
            return (n + 2 * padding - k) // stride + 1

        def padding_omitted(n, k, padding=0, stride=1, dilation=1):
            """Without padding you are right; where there is some, nothing changes. How long is the picture once it is
            padded?"""
            return max(0, n - dilation * (k - 1) - 1) // stride + 1

        def stride_omitted(n, k, padding=0, stride=1, dilation=1):
            """With stride 1 you are right; a larger one changes nothing. The kernel then visits every second place, or
            every third. How many is that?"""
            return n + 2 * padding - dilation * (k - 1)

        class padding_subtracted:
            """Your padding makes the picture smaller. It adds pixels, on both sides. With padding, does a kernel find
            more places or fewer?"""

            def on_both_sides(n, k, padding=0, stride=1, dilation=1):
                return (n - 2 * padding - dilation * (k - 1) - 1) // stride + 1

            def once(n, k, padding=0, stride=1, dilation=1):
                return (n - padding - dilation * (k - 1) - 1) // stride + 1

        class only_the_last_term_divided:
            """Division comes before subtraction, so that only the last part of your row is divided by the stride.
            Which part belongs together, and how do you tell Python so?"""

            def one(n, k, padding=0, stride=1, dilation=1):
                return n + 2 * padding - dilation * (k - 1) - 1 // stride + 1

            def span(n, k, padding=0, stride=1, dilation=1):
                return n + 2 * padding - (dilation * (k - 1) + 1) // stride + 1

            def weights(n, k, padding=0, stride=1, dilation=1):
                return n + 2 * padding - dilation * (k - 1) // stride + 1

        def error_expected(n, k, padding=0, stride=1, dilation=1):
            """You refuse sizes that the stride does not divide, as some books do. PyTorch computes the windows that fit
            and leaves the rest of the picture alone. How many fit?"""
            if (n + 2 * padding - dilation * (k - 1) - 1) % stride:
                raise ValueError("The stride does not fit.")
            return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1

        def subsampled_first(n, k, padding=0, stride=1, dilation=1):
            """You divide the picture's length by the stride and then let the kernel fit. But the stride is a step of
            the kernel, not of the pixels. Which length should be divided: the picture's, or the way the kernel can
            move?"""
            return (n + 2 * padding) // stride - dilation * (k - 1)

        class same_size_assumed:
            """That is the picture's own length, divided by the stride: right only where the padding makes up for what
            the kernel takes. Here the padding is what the argument says. With none, does a kernel of 3 keep the
            size?"""

            def divided(n, k, padding=0, stride=1, dilation=1):
                return -(-n // stride)

            def divided_down(n, k, padding=0, stride=1, dilation=1):
                return n // stride

            def undivided(n, k, padding=0, stride=1, dilation=1):
                return n


# ── 3.7 Who sees which pixel ─────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"image_shape": (4, 6), "kernel_shape": (3, 3)},
        {"image_shape": (5, 8), "kernel_shape": (3, 1), "stride": 3},
        {"image_shape": (5, 7), "kernel_shape": (2, 4), "stride": 2, "padding": 1},
        {"image_shape": (5, 4), "kernel_shape": (3, 3), "stride": 1, "padding": 1},
        {"image_shape": (6, 9), "kernel_shape": (5, 3), "stride": 3, "padding": 2},
        {"image_shape": (4, 5), "kernel_shape": (4, 5), "stride": 1, "padding": 3},
        {"image_shape": (2, 3), "kernel_shape": (17, 16), "stride": 1, "padding": 15},  # 256: more than a byte holds
    ],
    inputs=covered_pictures,
    uses=[output_size, pad2d],
)
class coverage:
    def right(image_shape, kernel_shape, stride=1, padding=0):
        places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
        return counted(image_shape, kernel_shape, *places)

    def with_a_border(image_shape, kernel_shape, stride=1, padding=0):
        height, width = image_shape
        count = np.zeros((height + 2 * padding, width + 2 * padding), dtype=int)
        for top in range(0, height + 2 * padding - kernel_shape[0] + 1, stride):
            for left in range(0, width + 2 * padding - kernel_shape[1] + 1, stride):
                count[top : top + kernel_shape[0], left : left + kernel_shape[1]] += 1
        return count[padding : padding + height, padding : padding + width]

    def axis_by_axis(image_shape, kernel_shape, stride=1, padding=0):
        along = []
        for n, k in zip(image_shape, kernel_shape, strict=True):
            along.append([sum(start <= i < start + k for start in starts(n, k, padding, stride)) for i in range(n)])
        return [[down * across for across in along[1]] for down in along[0]]

    def by_transposed_convolution(image_shape, kernel_shape, stride=1, padding=0):
        size = [output_size(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
        count = F.conv_transpose2d(torch.ones(1, 1, *size), torch.ones(1, 1, *kernel_shape), stride=stride)[0, 0]
        whole = torch.zeros([n + 2 * padding for n in image_shape])
        whole[: count.shape[0], : count.shape[1]] = count
        return whole[padding : padding + image_shape[0], padding : padding + image_shape[1]]

    def by_gradient(image_shape, kernel_shape, stride=1, padding=0):
        picture = torch.zeros(1, 1, *image_shape, requires_grad=True)
        F.conv2d(picture, torch.ones(1, 1, *kernel_shape), stride=stride, padding=padding).sum().backward()
        return picture.grad[0, 0]

    class wrong:
        class border_kept:
            """You count the border's pixels too: your result is as large as the padded picture. The answer has the
            picture's own shape. Which part of your count is the picture?"""

            def whole(image_shape, kernel_shape, stride=1, padding=0):
                shape = [n + 2 * padding for n in image_shape]
                return coverage(shape, kernel_shape, stride, 0)

            def border_alone_at_one_end(image_shape, kernel_shape, stride=1, padding=0):
                shape = [n + 2 * padding for n in image_shape]
                return coverage(shape, kernel_shape, stride, 0)[padding:, padding:]

        class stride_omitted:
            """You count a window at every place: the stride has no effect. Where does the second window start with
            stride 3?"""

            def everywhere(image_shape, kernel_shape, stride=1, padding=0):
                return coverage(image_shape, kernel_shape, 1, padding)

            def as_many_but_close(image_shape, kernel_shape, stride=1, padding=0):
                rows, columns = (
                    output_size(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)
                )
                return counted(
                    image_shape, kernel_shape, range(-padding, rows - padding), range(-padding, columns - padding)
                )

        def overwritten_not_added(image_shape, kernel_shape, stride=1, padding=0):
            """Your map says whether a window reaches a pixel, not how many do: each window writes over the one before.
            What must happen to a pixel's count each time a window passes?"""
            return (coverage(image_shape, kernel_shape, stride, padding) > 0).float()

        def padding_omitted(image_shape, kernel_shape, stride=1, padding=0):
            """Without padding you are right; where there is some, nothing changes. With padding 1, where does the first
            window start: on the picture's corner, or before it?"""
            return coverage(image_shape, kernel_shape, stride, 0)

        def padding_not_in_size(image_shape, kernel_shape, stride=1, padding=0):
            """Without padding you are right; with some, the last windows are missing. They slide over the padded
            picture. Which arguments does output_size need, to know of it?"""
            return from_the_border(image_shape, kernel_shape, stride, padding, (0, stride))

        def padding_and_stride_not_in_size(image_shape, kernel_shape, stride=1, padding=0):
            """With stride 1 and no padding you are right; otherwise your number of windows is not. Which arguments does
            output_size need besides the two sizes?"""
            return from_the_border(image_shape, kernel_shape, stride, padding, (0, 1))

        def arguments_exchanged(image_shape, kernel_shape, stride=1, padding=0):
            """You give output_size the stride where it takes the padding, and the padding where it takes the stride:
            without padding it divides by 0. What stands in its first line, and in which order?"""
            return from_the_border(image_shape, kernel_shape, stride, padding, (stride, padding))

        class one_sided_padding:
            """Your windows are as many as they should be, but the first starts on the picture's own corner, as if all
            of the padding stood at the end (or your count was cut out at the wrong place). With padding 1, which pixel
            of the picture does the first window's middle lie on?"""

            def in_the_places(image_shape, kernel_shape, stride=1, padding=0):
                rows, columns = (
                    output_size(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)
                )
                return counted(
                    image_shape, kernel_shape, range(0, rows * stride, stride), range(0, columns * stride, stride)
                )

            def half_the_padding(image_shape, kernel_shape, stride=1, padding=0):
                places = [range(0, n + padding - k + 1, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
                return counted(image_shape, kernel_shape, *places)

        class wraps_around:
            """Windows that start on the border have negative places in the picture, and Python counts those from the
            end: they were lost, or landed on the other side. How could all places be kept at 0 or above?"""

            def lost(image_shape, kernel_shape, stride=1, padding=0):
                count = torch.zeros(image_shape)
                places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
                for top, left in product(*places):
                    count[top : top + kernel_shape[0], left : left + kernel_shape[1]] += 1
                return count

            def on_the_other_side(image_shape, kernel_shape, stride=1, padding=0):
                count = torch.zeros(image_shape)
                places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
                for top, left in product(*places):
                    rows, columns = torch.arange(kernel_shape[0])[:, None] + top, torch.arange(kernel_shape[1]) + left
                    rows, columns = rows % image_shape[0], columns % image_shape[1]
                    count.index_put_((rows, columns), torch.tensor(1.0), accumulate=True)
                return count

            def that_raises(image_shape, kernel_shape, stride=1, padding=0):
                count = torch.zeros(image_shape)
                places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
                for top, left in product(*places):
                    rows, columns = torch.arange(kernel_shape[0])[:, None] + top, torch.arange(kernel_shape[1]) + left
                    count.index_put_((rows, columns), torch.tensor(1.0), accumulate=True)
                return count

        class corners_counted:
            """You mark only the pixel where each window starts. A window contains all the pixels that lie under the
            kernel. Which ones are they?"""

            def of_the_windows(image_shape, kernel_shape, stride=1, padding=0):
                places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
                return counted(image_shape, (1, 1), *places)

            def one_for_each_window(image_shape, kernel_shape, stride=1, padding=0):
                return torch.ones(
                    [output_size(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
                )

        class last_missed:
            """The windows of the last row and column are missing from your count. How many starting places does a
            kernel have that is as large as the picture?"""

            def by_the_range(image_shape, kernel_shape, stride=1, padding=0):
                places = [
                    range(-padding, n + padding - k, stride) for n, k in zip(image_shape, kernel_shape, strict=True)
                ]
                return counted(image_shape, kernel_shape, *places)

            def by_the_count(image_shape, kernel_shape, stride=1, padding=0):
                places = [starts(n, k, padding, stride)[:-1] for n, k in zip(image_shape, kernel_shape, strict=True)]
                return counted(image_shape, kernel_shape, *places)

        class rounded_up:
            """You count windows that hang over the end of the picture. Only those that output_size counts take place,
            once it is told the stride. Where does the last of them start?"""

            def one_more(image_shape, kernel_shape, stride=1, padding=0):
                places = [
                    range(-padding, n + padding - k + stride, stride)
                    for n, k in zip(image_shape, kernel_shape, strict=True)
                ]
                return counted(image_shape, kernel_shape, *places)

            def at_every_pixel(image_shape, kernel_shape, stride=1, padding=0):
                places = [range(-padding, n + padding, stride) for n in image_shape]
                return counted(image_shape, kernel_shape, *places)

        def rows_and_columns_swapped(image_shape, kernel_shape, stride=1, padding=0):
            """Square kernels are right. Kernels that are not square come out lying on their side: which of the two
            numbers of a shape belongs to the rows?"""
            places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape[::-1], strict=True)]
            return counted(image_shape, kernel_shape[::-1], *places)

        def painted_on_its_side(image_shape, kernel_shape, stride=1, padding=0):
            """Square kernels are right, and yours stop at the right places. But what you count there is a window that
            lies on its side: which of its two numbers belongs to the rows?"""
            places = [starts(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True)]
            return counted(image_shape, kernel_shape[::-1], *places)

        class all_pixels_alike:
            """You give every pixel the same number, as if each weight passed over it. The corner pixel meets only one
            weight without padding. Which weights can reach a pixel at the edge?"""

            def kernel_size(image_shape, kernel_shape, stride=1, padding=0):
                return torch.full(tuple(image_shape), float(kernel_shape[0] * kernel_shape[1]))

            def by_stride(image_shape, kernel_shape, stride=1, padding=0):
                return torch.full(tuple(image_shape), float(kernel_shape[0] * kernel_shape[1] / stride**2))

        def windows_counted(image_shape, kernel_shape, stride=1, padding=0):
            """That is the number of windows in all. The answer has a number for each pixel: how many of these windows
            contain it. What shape has it?"""
            rows, columns = (output_size(n, k, padding, stride) for n, k in zip(image_shape, kernel_shape, strict=True))
            return rows * columns

        def share_not_count(image_shape, kernel_shape, stride=1, padding=0):
            """Your numbers are shares of the largest count. The question is how many windows, in whole numbers. What
            did you divide by?"""
            count = coverage(image_shape, kernel_shape, stride, padding)
            return count / count.max()

        def sums_of_both_axes(image_shape, kernel_shape, stride=1, padding=0):
            """You add the counts of rows and columns. If 2 rows of windows hold a pixel and 3 columns of windows, in
            how many windows does it lie? Draw them."""
            along = [
                torch.tensor([sum(s <= i < s + k for s in starts(n, k, padding, stride)) for i in range(n)])
                for n, k in zip(image_shape, kernel_shape, strict=True)
            ]
            return along[0][:, None] + along[1]


# ── 3.8 Layers to a size ─────────────────────────────────────────────────────────────────────────────────────────────


@fact("how many numbers each layer has")
def numbers_of_each(layers):
    return [len(layer) if isinstance(layer, (list, tuple)) or getattr(layer, "ndim", 0) else 1 for layer in layers]


@fact("how many of the entries are no numbers")
def words_among_them(layers):
    return sum(isinstance(number, (str, bool)) for layer in layers for number in layer)


@fact("how many of the numbers are not whole", means="not_rounded_down")
def broken_numbers(layers):
    return sum(number != int(number) for layer in layers for number in layer)


@fact("the smallest kernel", at_least=3, means="kernel_too_small")
def smallest_kernel(layers):
    return min(k for k, padding, stride in layers)


@fact("whether every kernel and every stride is at least 1, and every padding at least 0")
def possible_layers(layers):
    return all(k >= 1 and padding >= 0 and stride >= 1 for k, padding, stride in layers)


@fact("the picture's side after the first layer")
def after_one(layers):
    k, padding, stride = map(int, layers[0])
    return F.conv2d(torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, k, k), padding=padding, stride=stride).shape[-1]


@fact("the picture's side after both layers")
def after_two(layers):
    x = torch.zeros(1, 1, 28, 28)
    for layer in layers:
        k, padding, stride = map(int, layer)
        x = F.conv2d(x, torch.zeros(1, 1, k, k), padding=padding, stride=stride)
    return x.shape[-1]


@exercise(
    facts=[*(numbers_of_each, words_among_them, broken_numbers, possible_layers, after_one, after_two, smallest_kernel)]
)
class layers_28_14_7:
    right = [(3, 1, 2), (3, 1, 2)]
    even_kernels = [(4, 1, 2), (4, 1, 2)]
    large_kernels = ((5, 2, 2), (7, 3, 2))
    without_stride = [[15, 0, 1], [8, 0, 1]]

    class wrong:
        class padding_omitted:
            """Stride 2 halves the size only if nothing is lost at the edges first. With too little padding for your
            kernel, fewer than 14 of 28 are left. How much padding makes up for what the kernel takes?"""

            value = [(3, 0, 2), (3, 0, 2)]
            too_little = [(5, 1, 2), (5, 1, 2)]
            none_for_five = [(5, 0, 2), (5, 0, 2)]
            none_for_four = [(4, 0, 2), (4, 0, 2)]
            one_for_seven = [(7, 1, 2), (7, 1, 2)]
            two_for_seven = [(7, 2, 2), (7, 2, 2)]

        class not_rounded_down:
            """A padding counts whole rows; half a row cannot be put on a side. With an odd kernel, stride 2 and whole
            numbers, what does the formula give, once it is rounded down?"""

            value = [(3, 0.5, 2), (3, 0.5, 2)]

        class stride_omitted:
            """Your layers keep the size at 28. Which of the three numbers makes the kernel leave out places?"""

            value = [(3, 1, 1), (3, 1, 1)]
            larger = [(5, 2, 1), (5, 2, 1)]

        class kernel_too_small:
            """The sizes are right, but windows of 1×1 or 2×2 at stride 2 never overlap. The exercise asks for k of at
            least 3. What must change in the padding if k becomes 3?"""

            value = [(2, 0, 2), (2, 0, 2)]
            single = [(1, 0, 2), (1, 0, 2)]

        class total_padding:
            """Your padding is the total of both sides; here the number counts for each. With 2 on each side, 28 becomes
            15. How much is it for each side?"""

            value = [(3, 2, 2), (3, 2, 2)]
            even = [(4, 2, 2), (4, 2, 2)]

        class padding_and_stride_swapped:
            """The three numbers stand in the order kernel, padding, stride. Read your triples in that order: which
            number is the stride?"""

            value = [(3, 2, 1), (3, 2, 1)]

        class one_layer_only:
            """This is one layer. Two are asked for, one after the other. What does the second one turn 14 into?"""

            value = [(3, 1, 2)]
            even = [(4, 1, 2)]
            five = [(5, 2, 2)]

        class stride_added_up:
            """Your first layer is right. The second starts from 14, not from 28: by how much does it still have to
            divide the size?"""

            value = [(3, 1, 2), (3, 1, 4)]
            even = [(4, 1, 2), (4, 1, 4)]
            five = [(5, 2, 2), (5, 2, 4)]

        class one_layer_for_both:
            """A stride of 4 goes from 28 to 7 at one leap. Two layers are asked for, with 14 in between. What does each
            of them have to do?"""

            value = [(3, 1, 4)]
            and_one_that_keeps = [(3, 1, 4), (3, 1, 1)]


@exercise()
class layer_shapes:
    right = [(9, 12), (6, 9), (4, 6)]

    class wrong:
        class rounded_up:
            """The first two are right. At stride 2 the last half window does not fit: which rows does it leave out?
            Work out (9 + 2 − 4) / 2 and round as your output_size does."""

            value = [(9, 12), (6, 9), (5, 6)]

        class one_lost:
            """A kernel of 4 has 6 places in a row of 9: at 0, 1, 2, 3, 4 and 5. Is the +1 missing in “valid”?"""

            value = [(9, 12), (5, 8), (4, 6)]
            in_both = [(9, 12), (5, 8), (3, 5)]

        class total_padding:
            """The first two are right. In the third, padding=1 counts for each side. How many columns has the padded
            picture?"""

            value = [(9, 12), (6, 9), (4, 5)]

        class padding_omitted:
            """The first two are right. The third layer has a padding of 1 as well as a stride of 2. How many columns
            does the kernel slide over?"""

            value = [(9, 12), (6, 9), (3, 5)]

        class not_rounded_down:
            """The first two are right. In the third you count half a row: a window fits, or it does not. Which whole
            number is it, the one below or the one above?"""

            value = [(9, 12), (6, 9), (4.5, 6)]

        class odd_only:
            """“same” keeps the size for even kernels too: PyTorch pads one more at the end. Which shape goes in?"""

            value = [(10, 13), (6, 9), (4, 6)]
            smaller = [(8, 11), (6, 9), (4, 6)]

        class sides_swapped:
            """A shape names the rows first, then the columns. Which of 9 and 12 counts the rows?"""

            value = [(12, 9), (9, 6), (6, 4)]

        class all_four_axes:
            """These are whole shapes, with the axes for pictures and channels. The sizes are right; the exercise asks
            for the last two numbers only. Which are they?"""

            value = [(1, 1, 9, 12), (1, 1, 6, 9), (1, 1, 4, 6)]


# ── 3.9 Stripes ──────────────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"x": X * 9, "stride": 2},
        {"x": X[:3, :6] * 9, "stride": 3},
        {"x": X.t() * 9, "stride": 4},
        {"x": X[:3, :4] * 7 / 3, "stride": 1},
    ],
    inputs=pictures_to_shrink,
)
class downsample:
    def right(x, stride):
        return F.avg_pool2d(edges_repeated(x, 1)[None, None], 3, stride)[0, 0]

    def by_indices(x, stride):
        height, width = x.shape
        result = torch.zeros(-(-height // stride), -(-width // stride))
        for row, col in product(range(0, height, stride), range(0, width, stride)):
            near = [
                x[min(max(row + i, 0), height - 1), min(max(col + j, 0), width - 1)]
                for i, j in product((-1, 0, 1), repeat=2)
            ]
            result[row // stride, col // stride] = sum(near) / 9
        return result

    def as_convolution(x, stride):
        room = F.pad(x[None, None], (1, 1, 1, 1), mode="replicate")
        return F.conv2d(room, torch.full((1, 1, 3, 3), 1 / 9), stride=stride)[0, 0]

    def rows_then_columns(x, stride):
        x = torch.cat([x[:1], x, x[-1:]])
        x = (x[:-2] + x[1:-1] + x[2:])[::stride]
        x = torch.cat([x[:, :1], x, x[:, -1:]], dim=1)
        return (x[:, :-2] + x[:, 1:-1] + x[:, 2:])[:, ::stride] / 9

    def in_numpy(x, stride):
        room = np.pad(x.numpy(), 1, mode="edge").astype(float)
        blurred = sum(room[i : i + x.shape[0], j : j + x.shape[1]] for i in range(3) for j in range(3)) / 9
        return blurred[::stride, ::stride]

    class wrong:
        class step_of_the_window:
            """Your window moves by its own width, three pixels, before anything is thinned out: that is what avg_pool2d
            does where no stride is given. By how much should the window move?"""

            def without_a_stride(x, stride):
                return F.avg_pool2d(edges_repeated(x, 1)[None, None], 3)[0, 0]

            def then_thinned_out(x, stride):
                return F.avg_pool2d(edges_repeated(x, 1)[None, None], 3)[0, 0][::stride, ::stride]

        class subsampled_first:
            """You thin the picture out and then take means of what is left. The pixels that were thrown away can no
            longer take part. Which of the two steps has to come first?"""

            def then_mean(x, stride):
                return F.avg_pool2d(edges_repeated(x[::stride, ::stride], 1)[None, None], 3, 1)[0, 0]

            def then_mean_with_zeros(x, stride):
                return F.avg_pool2d(x[::stride, ::stride][None, None], 3, 1, 1)[0, 0]

        class not_blurred:
            """You keep every stride-th pixel as it is; its neighbours are never looked at. Where does the 3×3 mean come
            in?"""

            def of_the_picture(x, stride):
                return x[::stride, ::stride]

            def of_the_room(x, stride):
                return edges_repeated(x, 1)[::stride, ::stride]

        def zeros_averaged_in(x, stride):
            """Inside, your numbers are right; along the border they are too dark, because zeros take part in the mean.
            What should lie beyond the edge here instead?"""
            return F.avg_pool2d(x[None, None], 3, stride, 1)[0, 0]

        def wraps_around(x, stride):
            """Along the border your means reach round to the other side of the picture: roll does that, and so does the
            index −1. What should lie beyond the edge here?"""
            return sum(x.roll((i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1))[::stride, ::stride] / 9

        def stride_twice(x, stride):
            """The stride was used twice: the means already stand `stride` apart, and then you thin them out once more.
            With stride 2, how far apart are your numbers now?"""
            return downsample(x, stride)[::stride, ::stride]

        def border_left_out(x, stride):
            """Inside, your numbers are right; along the border you take the mean of fewer than nine numbers, those that
            exist. The exercise repeats the outermost pixels first. How often does the corner pixel count in the
            corner's mean then?"""
            return F.avg_pool2d(x[None, None], 3, stride, 1, count_include_pad=False)[0, 0]

        def border_mirrored(x, stride):
            """Inside, your numbers are right; beyond the border you have mirrored the picture, so that its second row
            comes back. Which row should lie beyond the first one, if the outermost pixels are repeated?"""
            return F.avg_pool2d(F.pad(x[None, None], (1, 1, 1, 1), mode="reflect"), 3, stride)[0, 0]

        def border_cut_off(x, stride):
            """Your means start one pixel inside the picture, and your result may be too small. The first mean belongs
            to pixel (0, 0) itself. What has to be done so that its window fits?"""
            return F.avg_pool2d(x[None, None], 3, stride)[0, 0]

        class blocks_averaged:
            """You take the mean of whole blocks, as large as the stride. That is a good way to shrink a picture, but
            not the one asked for: here the window is always 3×3, and only the step changes. What is the step of your
            window?"""

            def without_the_rest(x, stride):
                return F.avg_pool2d(x[None, None], stride)[0, 0]

            def with_the_rest(x, stride):
                return F.avg_pool2d(x[None, None], stride, ceil_mode=True)[0, 0]

            def of_the_room(x, stride):
                return F.avg_pool2d(edges_repeated(x, 1)[None, None], stride)[0, 0]

        def padded_twice(x, stride):
            """The picture has a frame already when you take the means, and you ask for another one, of zeros: your
            result begins outside of the picture and may be too large. How many rings of pixels does a 3×3 window
            need?"""
            return F.avg_pool2d(edges_repeated(x, 1)[None, None], 3, stride, 1)[0, 0]

        def sum_not_mean(x, stride):
            """These are sums of nine numbers: a grey picture would come out nine times too bright. What turns a sum
            into a mean?"""
            return F.conv2d(edges_repeated(x, 1)[None, None], torch.ones(1, 1, 3, 3), stride=stride)[0, 0]

        def stride_omitted(x, stride):
            """The means are right, but you have kept all of them. Which rows and columns are to be kept?"""
            return downsample(x, 1)

        class not_rounded_up:
            """Your result is one row or column short where the stride does not divide: the rows 0, s, 2s, … go on as
            long as they exist. With 7 rows and stride 2, which is the last one?"""

            def whole_steps_only(x, stride):
                height, width = x.shape
                return downsample(x, stride)[: max(1, height // stride), : max(1, width // stride)]

            def range_too_short(x, stride):
                height, width = x.shape
                return downsample(x, 1)[: max(1, height - 1) : stride, : max(1, width - 1) : stride]

        class begins_late:
            """Your rows and columns start later than 0: at 1, or at the stride. Which pixel should the first number of
            the result stand for?"""

            def at_one(x, stride):
                return downsample(x, 1)[1::stride, 1::stride]

            def in_the_middle(x, stride):
                return downsample(x, 1)[stride // 2 :: stride, stride // 2 :: stride]

        class axes_kept:
            """The numbers are right, but axes of size 1 are left over in front: the library gives back a batch of
            pictures with channels. The result here is a plain grid. Which index takes them away?"""

            def both(x, stride):
                return downsample(x, stride)[None, None]

            def one(x, stride):
                return downsample(x, stride)[None]


@fact("the number of weights")
def weight_count(weights):
    return len(weights)


@fact("the smallest weight", at_least=0, means="negative_weight")
def smallest_weight(weights):
    return float(min(weights))


@fact("its answer to an area of ones", within=1e-4, means="not_normalised")
def answer_to_flat(weights):
    return float(sum(weights))


MIDDLE = "its answer in the middle of a bright stripe"


@fact(MIDDLE, at_most=0.5001, means="middle_too_heavy", wanted="0.5")
def middle_not_too_heavy(weights):
    return float(weights[1])


@fact(MIDDLE, at_least=0.4999, means="middle_too_light", wanted="0.5")
def middle_not_too_light(weights):
    return float(weights[1])


@fact("what is left of the stripes, from darkest to lightest", within=1e-4)
def stripes_left(weights):
    stripes = torch.tensor([0.0, 1.0] * 6)
    answer = F.conv1d(stripes[None, None], torch.tensor([[[float(w) for w in weights]]]))
    return float(answer.max() - answer.min())


@exercise(
    facts=[weight_count, smallest_weight, answer_to_flat, middle_not_too_heavy, middle_not_too_light, stripes_left]
)
class stripe_weights:
    right = [0.25, 0.5, 0.25]
    two_neighbours = [0.5, 0.5, 0]
    not_symmetric = torch.tensor([0.1, 0.5, 0.4])

    class wrong:
        class box:
            """That is the mean again: of any three neighbours two have one colour and one has the other, so the stripes
            stay. How heavy must the middle be so that both colours weigh the same?"""

            value = [1 / 3, 1 / 3, 1 / 3]
            rounded = [0.333, 0.333, 0.333]

        class not_normalised:
            """An area of ones does not stay at 1 under your weights: it comes out brighter or darker. What must the
            three weights add up to?"""

            value = [1, 2, 1]
            halves = [0.5, 1, 0.5]
            ones = [1, 1, 1]

        class negative_weight:
            """One of your weights is negative, so it takes away what it meets. A mean, also one that weighs, only adds
            up shares. Which three shares, none of them below 0, leave nothing of the stripes?"""

            neighbours = [-0.25, 0.5, 0.75]
            outer = [0.75, 0.5, -0.25]
            middle = [1, -1, 1]

        class middle_too_heavy:
            """The middle outweighs its two neighbours together, so that its own colour shows through. Of three
            neighbouring stripes, how much weight falls on each colour?"""

            value = [0.2, 0.6, 0.2]
            sixths = [1 / 6, 2 / 3, 1 / 6]
            tenths = [0.1, 0.8, 0.1]

        class middle_too_light:
            """The two neighbours together outweigh the middle, so the stripes stay, upside down. How much weight should
            fall on each colour?"""

            value = [0.3, 0.4, 0.3]
            half_and_half = [0.5, 0, 0.5]

        class kernel_sums_to_zero:
            """These weights add up to zero: an area of ones becomes black. A blur keeps the brightness. What must the
            three add up to?"""

            value = [-1, 2, -1]
            edge = [-1, 0, 1]
            quarters = [-0.25, 0.5, -0.25]


# ── Guesses ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class corner_of_ones:
    right = 4

    class wrong:
        class border_takes_no_part:
            """Nine products, yes; but five of them meet zeros of the border. The corner's window holds only a 2×2 piece
            of the picture."""

            value = 9

        class edge_for_corner:
            """6 stands along the edges, where three of the nine pixels are border. In a corner two of its sides are."""

            value = 6

        class one_pixel_counted:
            """The window holds more of the picture than its corner pixel: that pixel's three neighbours too."""

            value = 1


@guess
class span_with_holes:
    right = 5

    class wrong:
        class dilation_without_minus_one:
            """6 = 2 × 3 would count a hole behind the last weight too. There are holes only between neighbours: two
            gaps for three weights."""

            value = 6

        class dilation_from_zero:
            """Dilation 1 is the ordinary kernel, so dilation 2 leaves one hole between neighbours, not two."""

            value = 7

        class holes_not_counted:
            """Three weights have two gaps, with one hole in each; they count as well."""

            value = 3
            one_gap = 4

        class both_axes:
            """25 is the whole area, 5 by 5: the question is about one row."""

            value = 25


@guess
class columns_unread:
    right = 4

    class wrong:
        class only_at_the_end:
            """Three are lost at the end, but look between the windows too: a stride larger than the kernel jumps over
            one column."""

            value = 3

        class only_between:
            """One column lies between the two windows. Then look behind the last one: a third window would start at
            column 8, and does not fit."""

            value = 1

        class all_used:
            """Nothing sees to it that every pixel is used: what no window reaches is silently ignored."""

            value = 0

        class end_cut_short:
            """The second window ends at column 6. Count what lies behind it, up to column 9, and the column between the
            windows."""

            value = 2


@guess
class windows_on_a_pixel:
    right = (1, 9)

    class wrong:
        class all_pixels_alike:
            """The middle is right. But the corner lies in one window only: the one that starts there."""

            value = (9, 9)

        class padding_believed:
            """4 would be the corner's count with a padding of 1. Without it, only one window reaches the corner."""

            value = (4, 9)

        class one_window_each:
            """The windows overlap: each of a 3×3 kernel's nine weights passes over a pixel in the middle once."""

            value = (1, 1)

        class one_axis_counted:
            """3 windows hold it along one axis, and as many along the other: together 3 × 3."""

            value = (1, 3)


@guess
class same_with_stride:
    right = "error"

    class wrong:
        class half_size:
            """TensorFlow would give 6 by 6 here. In PyTorch “same” means that the size stays. With a stride that would
            take a border as wide as the picture itself, so PyTorch refuses."""

            value = "half"

        class kept_size:
            """That is what “same” says. But to keep 12 pixels at stride 2, PyTorch would have to add 14 zeros along
            each axis; it raises an error instead."""

            value = "same"


@guess
class stripes_at_stride_two:
    right = "black"

    class wrong:
        class averaged:
            """Nobody took a mean: every second column was kept as it was, the others were not looked at. The columns 0,
            2, 4, … are all black."""

            value = "grey"

        class kept_as_stripes:
            """The columns that are kept, 0, 2, 4, …, are all black: no white one is left to make a stripe."""

            value = "stripes"

        class odd_columns:
            """The first column that is kept is column 0, and it is black. Then column 2, which is black as well."""

            value = "white"


@guess
class stripes_after_mean:
    right = "upside down"

    class wrong:
        class gone:
            """A mean of three takes two of one colour and one of the other, so it is never the middle. What is left has
            changed colour: where black was, there is the lighter grey."""

            value = "gone"

        class weaker:
            """Weaker they are, but look which one is the lighter: a black pixel has two white neighbours, so its mean
            is 2/3."""

            value = "weaker"


# ── Explanations ──────────────────────────────────────────────────────────────────────────────────────────────────────


explanation(
    "why_a_border",
    """Each of them invents pixels that nobody photographed. Zeros put a dark edge around the picture, which an edge
    kernel then finds; a kernel for vertical edges sees that step only at the left and the right. Reflect and replicate
    go on without a jump; circular is right only where the left edge really meets the right one, as on a globe or a
    tile.""",
)

explanation(
    "why_one_two_one",
    """Across the stripes, black and white columns alternate. So the middle must weigh as much as its two neighbours
    together, as in [1, 2, 1]: then each colour gets half of the weight wherever the kernel stands. With [1, 1, 1] one
    colour gets two thirds.""",
)
