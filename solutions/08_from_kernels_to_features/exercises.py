"""Lesson 8, from kernels to features: the right answers, the inputs to try them on, and what learners get wrong.

Networks are judged by facts, so that any that does what is asked for is right; labels by how many are right on digits
that were held out, a little darker and noisier each time.
"""

from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

from course_grading.authoring import exercise, explanation, fact, guess
from course_grading.authoring.inputs import whole
from course_utils import functions, load_digits

LEFT = torch.tensor([[-1.0, 0, 1]] * 3)
DIAGONAL = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
EDGES = torch.stack([LEFT, LEFT.t(), DIAGONAL, DIAGONAL.flip(0)])


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def digit_like(rng):
    """Images of whole and of broken numbers, more of them and fewer than there are kernels."""
    for count in (1, 3, 6):
        yield {"images": whole(rng, count, 8, 8)}
    yield {"images": torch.tensor(rng.random((2, 8, 8)), dtype=torch.float32)}
    yield {"images": whole(rng, 5, 8, 8).transpose(1, 2) / 16}


def lists_of_layers(rng):
    yield from ({"layers": layers} for layers in ([], [(4, 3)], [(1, 2), (1, 2), (2, 1)]))
    for count in (2, 3, 4, 6):
        kernels, strides = rng.integers(1, 6, size=count), rng.integers(1, 4, size=count)
        kernels[0], strides[0], kernels[-1] = rng.integers(3, 6), 2 + count % 2, 3  # a jump, and layers that see it
        yield {"layers": [(int(k), int(s)) for k, s in zip(kernels, strides, strict=True)]}
    yield {"layers": [(3, 1), (int(rng.integers(2, 5)), 3), (5, 2), (2, 2)]}


def peaks(x, shift, offset, columns):
    """Large pixels where `times_column` puts its error inside the compared columns, just outside, and beyond them: in
    the last channel, near the bottom, for answers that look at the first ones only.

    offset: the column of x that a function sees as its column 0; columns: how many it has.
    """
    margin = abs(shift) + 4
    first, last = margin, columns - margin - 1
    for place, value in [(first, 30), (last, 40), (first - 1, 60), (last + 1, 50)]:
        x[-1, -2, place - shift + offset] = value
    return x


def shifted(rng):
    """Functions for which it holds, and for which it does not, shifted to either side."""
    for shift in (1, -2, 3):
        width = 2 * (abs(shift) + 4) + 4 + int(rng.integers(0, 3))
        yield {"f": functions.times_column, "x": peaks(whole(rng, 2, 4, width), shift, 0, width), "shift": shift}
        x = peaks(whole(rng, 1, 5, width + 2), -shift, 1, width)
        yield {"f": functions.inner_times_column, "x": x, "shift": -shift}
    for f in (functions.edges, functions.edges_with_border, functions.without_row_means):
        yield {"f": f, "x": whole(rng, 2, 5, 18), "shift": int(rng.integers(1, 4))}
    for shift in (1, 2, -3):
        yield {"f": functions.edges_at_stride_2, "x": whole(rng, 1, 6, 20), "shift": shift}


def looked_at(rng):
    """Functions that see different regions, and places of their results that see each border of a picture."""
    layers = [functions.layers_3_3, functions.layers_3_stride_2_then_3, functions.layers_1_stride_2_then_3]
    layers.append(functions.faint_layers_3_3)
    for number, f in enumerate(layers):
        x = whole(rng, 1, 12 + int(rng.integers(0, 2)), 15 + int(rng.integers(0, 2)), low=1)
        yield {"f": f, "x": x, "row": f(x).shape[1] - 1, "col": number % 2}
        x = x.transpose(1, 2).contiguous()
        yield {"f": f, "x": x, "row": number % 2, "col": f(x).shape[2] - 1}


def held_out(rng):
    """The digits that were held out, a little darker, with a little noise; and some with a wide margin."""
    images, _ = load_digits("test")
    noise = torch.tensor(rng.normal(0, 0.02, images.shape), dtype=torch.float32)
    images = images[rng.permutation(len(images))]  # whoever hands out the stored labels has not looked at them
    yield {"images": (images * float(rng.uniform(0.93, 1)) + noise).clamp(0, 1)}
    yield {"images": F.pad(images[rng.integers(0, len(images), size=4)], (2, 2, 2, 2))}


def responses(images, kernels=EDGES):
    return F.conv2d(images[:, None], kernels[:, None])


SMALL = torch.zeros(2, 8, 8)
SMALL[0, 2:7, 3], SMALL[0, 2, 3:6] = 9, 4
SMALL[1, 1:4, 2:6], SMALL[1, 5, 1] = 5, 7


@exercise(
    examples=[{"images": SMALL[:1]}, {"images": SMALL.transpose(1, 2)}, {"images": SMALL[[1, 0, 1]] / 3}],
    inputs=digit_like,
)
class edge_features:
    def right(images):
        return F.relu(responses(images))

    def with_clamp_one_image_at_a_time(images):
        return torch.stack([F.conv2d(image[None], EDGES[:, None]).clamp(min=0) for image in images])

    def weight_by_weight(images):
        features = torch.zeros(len(images), 4, 6, 6)
        for i in range(3):
            for j in range(3):
                features += images[:, None, i : i + 6, j : j + 6] * EDGES[None, :, i, j, None, None]
        return torch.where(features > 0, features, 0)

    def with_einsum_in_numpy(images):
        windows = images.unfold(1, 3, 1).unfold(2, 3, 1)
        features = torch.einsum("nrcij,kij->nkrc", windows, EDGES).numpy()
        return features * (features > 0)

    class wrong:
        class not_rectified:
            """Your features are the responses as they are, negative ones included. A rectified response keeps what is
            above zero and puts zero for the rest. At which point of your code do the blue numbers go, and is it after
            the sliding?"""

            def as_they_are(images):
                return responses(images)

            def rectified_before(images):
                return responses(F.relu(images))

        def absolute_response(images):
            """You turned the negative responses into positive ones. Then a step from dark to bright and one from bright
            to dark give the same feature. The rectifier keeps only one of the two: what does it put where the response
            is below zero?"""
            return responses(images).abs()

        class kernel_flipped:
            """Your features answer the opposite steps: from bright to dark. Either the kernels were turned by 180°,
            which is true convolution and not cross-correlation, or you kept what is below zero instead of what is
            above. Which of the two happens in your code?"""

            def turned(images):
                return F.relu(responses(images, EDGES.flip(1, 2)))

            def other_half(images):
                return F.relu(-responses(images))

        def kernel_transposed(images):
            """Your kernels have their rows for columns: the first answers steps from top to bottom, and the second
            steps from left to right. In which order do your indices name a kernel's rows and columns?"""
            return F.relu(responses(images, EDGES.transpose(1, 2)))

        class batch_for_channel:
            """Images, kernels and channels have changed places. N images with one channel each go in as (N, 1, 8, 8),
            and their features come out as (N, 4, 6, 6). Where does your code put the 1, and what does axis 0 of your
            result count?"""

            def permuted(images):
                return F.relu(responses(images)).transpose(0, 1)

            def one_kernel_at_a_time(images):
                return torch.stack([F.relu(responses(images, kernel[None])[:, 0]) for kernel in EDGES])

            def images_as_one_picture(images):
                return F.relu(F.conv2d(images[None], EDGES[:, None]))

            def images_as_channels(images):
                return F.relu(F.conv2d(images[None], EDGES[:, None].expand(4, len(images), 3, 3)))

        class same_as_image:
            """Your features are as large as the image: the border was padded, and features there come partly from
            pixels that do not exist. “Valid” keeps only the places where a whole kernel fits. How many are there along
            a side of 8?"""

            def padded(images):
                return F.relu(F.conv2d(images[:, None], EDGES[:, None], padding=1))

            def zero_border_kept(images):
                return F.pad(F.relu(responses(images)), (1, 1, 1, 1))

        def channel_order(images):
            """The four kernels answer in another order than they stand in `edges`. Does something turn them, or your
            features, round?"""
            return F.relu(responses(images, EDGES.flip(0)))

        def channels_summed(images):
            """Your four responses were added up into one. Each kernel keeps a map of its own here. Which axis of your
            result should have the size 4?"""
            return F.relu(responses(images)).sum(1)

        class rectified_after_the_sum:
            """Your four responses, or the kernels, were added up before they were rectified, so that they cancel each
            other. Each kernel keeps a map of its own here. Which axis of your result should have the size 4?"""

            def one_map(images):
                return F.relu(responses(images).sum(1))

            def axis_kept(images):
                return F.relu(responses(images).sum(1, keepdim=True))

        def flattened(images):
            """The numbers are right and in the right order, but they stand in one long row for each image. A classifier
            will want them so; here they still lie on a grid for each kernel. Which shape does the exercise ask for?"""
            return F.relu(responses(images)).flatten(1)

        class cut_at_one:
            """Your features end at 1: stronger responses were cut off, or you only ask whether a response is above
            zero. The rectifier has a floor, but does it have a ceiling?"""

            def clamped(images):
                return responses(images).clamp(0, 1)

            def compared(images):
                return (responses(images) > 0).float()


FIRST = torch.tensor(
    [
        [2, 0, 1, 5, 3, 8, 1, 0, 4, 2, 7, 1, 3, 6, 2, 5],
        [1, 4, 0, 2, 9, 3, 5, 1, 0, 6, 2, 4, 8, 1, 0, 3],
        [0, 3, 7, 1, 2, 6, 0, 4, 9, 1, 3, 5, 2, 7, 4, 1],
        [5, 1, 2, 8, 0, 4, 3, 2, 6, 0, 1, 9, 5, 2, 3, 7],
    ],
    dtype=torch.float32,
)[None]


def pair(f, x, shift):
    """What is compared: f of the shifted picture, and f of the picture, shifted."""
    return f(x.roll(shift, 2)), f(x).roll(shift, 2)


def within(difference, margin):
    return difference[..., margin : difference.shape[-1] - margin]


@exercise(
    examples=[
        {"f": functions.edges, "x": FIRST, "shift": 1},
        {"f": functions.times_column, "x": peaks(torch.cat([FIRST, FIRST.flip(1)]), 1, 0, 16), "shift": 1},
        {
            "f": functions.inner_times_column,
            "x": peaks(torch.cat([FIRST, FIRST.flip(2)[..., :4]], 2), -2, 1, 18),
            "shift": -2,
        },
        {"f": functions.edges_at_stride_2, "x": FIRST, "shift": 1},
        {"f": functions.edges_at_stride_2, "x": FIRST, "shift": 2},
        {"f": functions.without_row_means, "x": FIRST, "shift": 3},
        {"f": functions.times_column, "x": FIRST, "shift": -1},
    ],
    inputs=shifted,
    tolerance=1e-4,
)
class equivariance_error:
    def right(f, x, shift):
        a, b = pair(f, x, shift)
        return within((a - b).abs(), abs(shift) + 4).max().item()

    def with_numpy(f, x, shift):
        a, b = (each.numpy() for each in pair(f, x, shift))
        margin = abs(shift) + 4
        return abs(a - b)[:, :, margin : b.shape[2] - margin].max()

    def by_indices_that_wrap(f, x, shift):
        def moved(t):
            width = t.shape[-1]
            return t[..., [(col - shift) % width for col in range(width)]]

        a, b = f(moved(x)), moved(f(x))
        columns = range(abs(shift) + 4, a.shape[-1] - abs(shift) - 4)
        return max(float((a[..., col] - b[..., col]).abs().max()) for col in columns)

    def with_slices_put_together(f, x, shift):
        def moved(t):
            return torch.cat([t[..., -shift:], t[..., :-shift]], -1)

        margin = abs(shift) + 4
        return torch.linalg.norm((f(moved(x)) - moved(f(x)))[..., margin:-margin].flatten(), ord=float("inf"))

    class wrong:
        class invariance_for_equivariance:
            """You compare the response to the moved picture with the response to the picture where it was. That asks
            for invariance: no change at all. Equivariance says that the response moves along. What is to be done with
            the second response before the two are compared?"""

            def not_moved(f, x, shift):
                return within((f(x.roll(shift, 2)) - f(x)).abs(), abs(shift) + 4).max()

        class rolled_back:
            """The second picture moved the other way: the responses are compared as if the picture had been rolled
            back. Both sides of the comparison move by the same shift, in the same direction. Which sign does each of
            your two rolls have?"""

            def other_way(f, x, shift):
                return within((f(x.roll(shift, 2)) - f(x).roll(-shift, 2)).abs(), abs(shift) + 4).max()

            def picture_other_way(f, x, shift):
                return within((f(x.roll(-shift, 2)) - f(x).roll(shift, 2)).abs(), abs(shift) + 4).max()

        class border_compared:
            """You compare every column. At the two sides the picture was rolled in from the other side, so differences
            there say nothing about the function. Which columns does the exercise leave out on each side?"""

            def all_columns(f, x, shift):
                a, b = pair(f, x, shift)
                return (a - b).abs().max()

        class margin_too_small:
            """You leave out too few columns at the sides: the margin is the size of the shift and 4 more. Is one of the
            two missing in yours?"""

            def shift_alone(f, x, shift):
                a, b = pair(f, x, shift)
                return within((a - b).abs(), abs(shift)).max()

            def four_alone(f, x, shift):
                a, b = pair(f, x, shift)
                return within((a - b).abs(), 4).max()

        class sign_of_the_shift_kept:
            """For shifts to the right you are right. A shift to the left is a negative number: it rolls to the left,
            and leaves out as many columns as one to the right. In which of the two places, roll or margin, does the
            sign of yours not fit?"""

            def rolled_to_the_right(f, x, shift):
                a, b = pair(f, x, abs(shift))
                return within((a - b).abs(), abs(shift) + 4).max()

            def signed(f, x, shift):
                a, b = pair(f, x, shift)
                return within((a - b).abs(), max(0, shift + 4)).max()

            def left_as_it_comes(f, x, shift):
                a, b = pair(f, x, shift)
                return (a - b).abs()[..., shift + 4 : a.shape[-1] - shift - 4].max()

        def one_side_only(f, x, shift):
            """You leave out columns on the left only. A rolled picture is torn at both sides. Where should your columns
            end?"""
            a, b = pair(f, x, shift)
            return (a - b).abs()[..., abs(shift) + 4 :].max()

        class margin_too_large:
            """You leave out more columns at the sides than asked, and what happens in them escapes you. The margin is
            the size of the shift and 4 more. What does yours add to that?"""

            def five_more(f, x, shift):
                a, b = pair(f, x, shift)
                return within((a - b).abs(), abs(shift) + 5).max()

        class first_channel_only:
            """You look at the first channel only. The largest difference may lie in any of them. Which index of yours
            names a channel?"""

            def by_index(f, x, shift):
                a, b = pair(f, x, shift)
                return within((a - b).abs()[0], abs(shift) + 4).max()

        def one_too_many(f, x, shift):
            """You compare one column too many on the right. The last one to be compared is W′ − m − 1; a slice stops
            just before the index after the colon. Which index should that be?"""
            a, b = pair(f, x, shift)
            margin = abs(shift) + 4
            return (a - b).abs()[..., margin : a.shape[-1] - margin + 1].max()

        def last_missed(f, x, shift):
            """Your comparison stops one column early. The last one to be compared is W′ − m − 1, and a slice leaves out
            the index after the colon. Which index should stand there?"""
            a, b = pair(f, x, shift)
            margin = abs(shift) + 4
            return (a - b).abs()[..., margin : a.shape[-1] - margin - 1].max()

        def width_of_the_picture(f, x, shift):
            """You count the columns of x. A response may be narrower than the picture, and it is the response's columns
            that you compare. Which width tells where they end?"""
            a, b = pair(f, x, shift)
            margin = abs(shift) + 4
            return (a - b).abs()[..., margin : x.shape[-1] - margin].max()

        class rows_and_columns_swapped:
            """You move the picture up or down. A tensor (C, H, W) has its columns on its last axis: which number does
            that axis have, counted from 0, or from the end?"""

            def rows_rolled(f, x, shift):
                a, b = f(x.roll(shift, 1)), f(x).roll(shift, 1)
                return within((a - b).abs(), abs(shift) + 4).max()

        class both_moved_before:
            """Your answer is always 0. Either both pictures move before the function sees them, or neither moves at all
            (an axis of size 1 looks the same after every roll). On which side of the function does each of your two
            rolls stand, and along which axis?"""

            def same_twice(f, x, shift):
                return (f(x.roll(shift, 2)) - f(x.roll(shift, 2))).abs().max()

            def channels_rolled(f, x, shift):
                return (f(x.roll(shift, 0)) - f(x).roll(shift, 0)).abs().max()

        def rows_run_together(f, x, shift):
            """Your roll has no axis: it treats the whole picture as one long row, and what leaves a row on the right
            enters the next row on the left. Which axis should move?"""
            a, b = f(x.roll(shift)), f(x).roll(shift)
            return within((a - b).abs(), abs(shift) + 4).max()

        class absolute_missed:
            """You take the largest difference with its sign, so that large negative ones do not count. How far two
            numbers are apart has no sign: what is missing before you take the largest?"""

            def largest(f, x, shift):
                a, b = pair(f, x, shift)
                return within(a - b, abs(shift) + 4).max()

            def too_late(f, x, shift):
                a, b = pair(f, x, shift)
                return within(a - b, abs(shift) + 4).max().abs()

            def other_order(f, x, shift):
                a, b = pair(f, x, shift)
                return within(b - a, abs(shift) + 4).max()

        def mean_not_largest(f, x, shift):
            """This is the mean difference: many columns where all is well hide the one where it is not. Which number
            tells of the worst place?"""
            a, b = pair(f, x, shift)
            return within((a - b).abs(), abs(shift) + 4).mean()

        def sum_not_largest(f, x, shift):
            """This is the sum of all differences; it grows with the picture. Which number tells of the worst place?"""
            a, b = pair(f, x, shift)
            return within((a - b).abs(), abs(shift) + 4).sum()

        def squared(f, x, shift):
            """Your number is the square of the largest difference, as if it were a loss. Here the difference itself is
            asked for: what would undo the square?"""
            a, b = pair(f, x, shift)
            return within((a - b) ** 2, abs(shift) + 4).max()

        def yes_or_no(f, x, shift):
            """You answer whether the two agree. The exercise asks by how much they do not: one number, zero where they
            agree. Which of your steps has that number?"""
            a, b = pair(f, x, shift)
            return torch.allclose(within(a, abs(shift) + 4), within(b, abs(shift) + 4))


def walked(layers):
    """The field of view after each layer, from the first on."""
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@exercise(
    examples=[
        {"layers": [(3, 1)]},
        {"layers": [(3, 1), (3, 1)]},
        {"layers": [(3, 2), (3, 1)]},
        {"layers": [(1, 2), (3, 1)]},
        {"layers": [(5, 2), (2, 3), (3, 2), (4, 1)]},
        {"layers": []},
        {"layers": [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]},
    ],
    inputs=lists_of_layers,
)
class receptive_field:
    def right(layers):
        return walked(layers)

    def backwards(layers):
        field = 1
        for kernel, stride in reversed(layers):
            field = (field - 1) * stride + kernel
        return field

    def by_the_pixels_it_spans(layers):
        seen = {0}
        for kernel, stride in layers[::-1]:
            seen = {place * stride + step for place in seen for step in range(kernel)}
        return max(seen) - min(seen) + 1

    def as_one_sum(layers):
        strides = torch.tensor([1, *(stride for _, stride in layers)])
        return 1 + sum((kernel - 1) * strides[: number + 1].prod() for number, (kernel, _) in enumerate(layers))

    class wrong:
        class sizes_added:
            """You add up the kernels' sizes. Two layers of 3×3 see 5 pixels, not 6: neighbouring windows overlap. How
            many new pixels does a second layer add?"""

            def plainly(layers):
                return sum(kernel for kernel, _ in layers)

            def from_one(layers):
                return 1 + sum(kernel for kernel, _ in layers)

        def jump_forgotten(layers):
            """Without strides you are right. After a layer with stride 2, neighbouring numbers stand 2 pixels of the
            picture apart, and everything that later layers look at is spread out. How far apart are the numbers that
            the second layer sees?"""
            return 1 + sum(kernel - 1 for kernel, _ in layers)

        class poolings_left_out:
            """You treat poolings, 2×2 with stride 2, otherwise than other layers. They look at a window and take steps
            like any of them. What does a pooling add to the field, and what does it do to the jump?"""

            def altogether(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    if kernel == stride > 1:
                        continue
                    field += (kernel - 1) * jump
                    jump *= stride
                return field

            def but_for_their_jump(layers):
                return walked([(1, stride) if kernel == stride > 1 else (kernel, stride) for kernel, stride in layers])

        class jump_started_anew:
            """A layer without steps puts your jump back to 1. Pixels that stand far apart after the strides so far stay
            as far apart. By what should a stride of 1 multiply the jump?"""

            def after_a_stride_of_one(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field += (kernel - 1) * jump
                    jump = jump * stride if stride > 1 else 1
                return field

        class run_forwards:
            """You used the rule that walks from the last layer back to the picture, but you walk from the first layer
            on. Multiplying by the stride what came before it spreads the wrong layers. Which layers does a stride
            spread: those before it or those after it?"""

            def backward_rule(layers):
                field = 1
                for kernel, stride in layers:
                    field = (field - 1) * stride + kernel
                return field

            def jump_from_the_end(layers):
                return walked(layers[::-1])

        class stride_too_early:
            """Your strides spread the very layer that has them. A layer with stride 2 looks at its own input without
            any gaps; the gaps are between its answers. From which layer on does a stride count?"""

            def jump_first(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    jump *= stride
                    field += (kernel - 1) * jump
                return field

            def own_stride(layers):
                return 1 + sum((kernel - 1) * stride for kernel, stride in layers)

        class jump_not_multiplied:
            """With one stride you are right, with several you are not. Every second of every third number: how far
            apart are those in the picture? What do two strides in a row do to each other?"""

            def last_stride(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field, jump = field + (kernel - 1) * jump, stride
                return field

            def strides_added(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field, jump = field + (kernel - 1) * jump, jump + stride - 1
                return field

            def strides_really_added(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field, jump = field + (kernel - 1) * jump, jump + stride
                return field

        class whole_kernel_added:
            """Each layer adds its whole kernel to what is seen. One of its weights lies on what was seen already: how
            many new steps does a kernel of 3 take beyond it?"""

            def from_one(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field, jump = field + kernel * jump, jump * stride
                return field

            def from_zero(layers):
                field, jump = 0, 1
                for kernel, stride in layers:
                    field, jump = field + kernel * jump, jump * stride
                return field

        class one_lost:
            """You are one short everywhere. Before any layer, a number sees one pixel: itself. With which number does
            your sum begin?"""

            def from_zero(layers):
                return walked(layers) - 1

        class one_layer_missed:
            """One of your layers does not count, the first or the last. Put a print into the loop: over how many layers
            does it run, and with which does it begin?"""

            def the_last(layers):
                return walked(layers[:-1])

            def the_first(layers):
                return walked(layers[1:])

        class first_layer_only:
            """You answer after the first layer. A function ends at its first “return”. How far to the right does yours
            stand: inside the loop, or below it?"""

            def ended_in_the_loop(layers):
                return walked(layers[:1])

        class jump_not_field:
            """This is how far apart neighbours are behind all layers: the product of the strides. The field is the
            other of the two numbers that you keep. Which of them grows by the kernels?"""

            def product_of_strides(layers):
                jump = 1
                for _, stride in layers:
                    jump *= stride
                return jump

        class sizes_multiplied:
            """You multiply the kernels' sizes. Windows of neighbours overlap, so two layers of 3×3 see 5 pixels and not
            9. How many new pixels does a second layer add on each side?"""

            def product_of_sizes(layers):
                product = 1
                for kernel, _ in layers:
                    product *= kernel
                return product

        class kernel_and_stride_swapped:
            """You take each pair the other way round. The first number of a pair is the kernel's size, the second the
            stride. In which order do you unpack them?"""

            def swapped(layers):
                return walked([(stride, kernel) for kernel, stride in layers])

        class holes_not_counted:
            """You count the pixels that are looked at. A stride may leave gaps between them; the receptive field is the
            side of the whole region, gaps included. How far is it from the first pixel to the last?"""

            def pixels(layers):
                seen = {0}
                for kernel, stride in layers[::-1]:
                    seen = {place * stride + step for place in seen for step in range(kernel)}
                return len(seen)

        class area_not_side:
            """That is how many pixels the region has. The exercise asks for one side of it. What is the side of a
            square of that many pixels?"""

            def squared(layers):
                return walked(layers) ** 2

        class empty_is_zero:
            """With layers you are right. Without any, the answer is the pixel itself. How many pixels does it see?"""

            def nothing(layers):
                return walked(layers) if layers else 0

            def that_raises(layers):
                layers[0]
                return walked(layers)


def slope(f, x, row, col):
    """The gradient of one number of the result with respect to the picture: (H, W)."""
    x = x.clone().requires_grad_()
    f(x)[0, row, col].backward()
    return x.grad[0]


SEEN = torch.arange(1.0, 100).reshape(1, 9, 11) % 7 + 1


@exercise(
    examples=[
        {"f": functions.layers_3_3, "x": SEEN, "row": 1, "col": 3},
        {"f": functions.layers_3_3, "x": SEEN, "row": 4, "col": 0},
        {"f": functions.layers_3_stride_2_then_3, "x": SEEN, "row": 0, "col": 2},
        {"f": functions.layers_1_stride_2_then_3, "x": SEEN, "row": 2, "col": 1},
        {"f": functions.faint_layers_3_3, "x": SEEN, "row": 2, "col": 4},
    ],
    inputs=looked_at,
)
class footprint:
    def right(f, x, row, col):
        return slope(f, x, row, col) != 0

    def with_autograd(f, x, row, col):
        picture = x.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(f(picture)[0, row, col], picture)
        return (gradient.abs() > 0)[0].int()

    def by_poking_each_pixel(f, x, row, col):
        before = f(x)[0, row, col]
        seen = [[False] * x.shape[2] for _ in range(x.shape[1])]
        for i in range(x.shape[1]):
            for j in range(x.shape[2]):
                poked = x.clone()
                poked[0, i, j] += 1
                seen[i][j] = bool(f(poked)[0, row, col] != before)
        return seen

    def with_jacobian(f, x, row, col):
        return torch.autograd.functional.jacobian(lambda each: f(each)[0, row, col], x)[0].numpy() != 0

    class wrong:
        class all_outputs:
            """This is the footprint of the whole response: all that any of its numbers looks at. Only one number is
            asked for, the one at (row, col). Which of them do you call backward on?"""

            def summed(f, x, row, col):
                x = x.clone().requires_grad_()
                f(x).sum().backward()
                return x.grad[0] != 0

        class rows_and_columns_swapped:
            """You looked from another place: the one whose row and column are swapped. In f(x)[0, a, b], which of the
            two counts downwards?"""

            def of_the_result(f, x, row, col):
                return slope(f, x, col, row) != 0

        class result_transposed:
            """The region is right, but it lies on its side: the rows of your mask are columns. Which axis of the
            gradient counts rows?"""

            def turned(f, x, row, col):
                return (slope(f, x, row, col) != 0).t()

        class positive_only:
            """Pixels with a negative slope are missing: making those brighter makes the number smaller, so it does look
            at them. Which slopes mean that a pixel is not looked at?"""

            def above_zero(f, x, row, col):
                return slope(f, x, row, col) > 0

        class gradient_itself:
            """This is the gradient, or its size, and it is right. The exercise asks which pixels are looked at at all:
            True or False. What does the gradient say where a pixel does not matter?"""

            def as_it_is(f, x, row, col):
                return slope(f, x, row, col)

            def without_sign(f, x, row, col):
                return slope(f, x, row, col).abs()

        class small_slopes_missed:
            """A pixel counts for you only if its slope is large enough, and small slopes are dropped. However small it
            is, a slope says that the pixel is looked at. Which slope alone says that it is not?"""

            def above_a_tenth(f, x, row, col):
                return slope(f, x, row, col).abs() > 0.1

            def above_a_hundredth(f, x, row, col):
                return slope(f, x, row, col).abs() > 0.01

        class channel_axis_kept:
            """Your mask is right but has an axis too many in front, the channel of the picture. Which shape does the
            exercise ask for?"""

            def with_three_axes(f, x, row, col):
                return (slope(f, x, row, col) != 0)[None]

        class size_by_formula:
            """This is a whole box of pixels: put where row and col say, as if one step in the response were one pixel
            of the picture, or drawn round all that is looked at, as if there were no gaps. What does the gradient say
            of each single pixel?"""

            def five_at_the_corner(f, x, row, col):
                seen = torch.zeros(x.shape[1:], dtype=torch.bool)
                seen[row : row + 5, col : col + 5] = True
                seen[row, col] = False
                return seen

            def filled(f, x, row, col):
                rows, columns = (slope(f, x, row, col) != 0).nonzero().t()
                seen = torch.zeros(x.shape[1:], dtype=torch.bool)
                seen[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
                return seen

        class response_not_gradient:
            """You ask where a number is not zero, but of the picture or of its response. That says what is bright, not
            what is looked at. Which tensor holds, for each pixel, what a change of it would do?"""

            def of_the_response(f, x, row, col):
                return f(x)[0] != 0

            def of_the_picture(f, x, row, col):
                return x[0] != 0

        class inside_out:
            """Your mask is inside out: it marks the pixels that are not looked at. What is the slope of a pixel that
            does not matter, and which pixels should come out True?"""

            def where_zero(f, x, row, col):
                return slope(f, x, row, col) == 0


@fact("whether it is a network, an nn.Module", means="not_a_module")
def is_module(net):
    return isinstance(net, nn.Module)


@fact("how many channels its first convolution takes", means="three_channels_in")
def channels_in(net):
    if not is_module(net):
        return 0
    taken = [each.in_channels for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d)]
    return taken[0] if taken and not {0, 1} & set(taken) else 1  # in whatever order; a lazy one has none yet


@fact("whether a linear layer stops at maps, with height and width still there", means="flatten_forgotten")
def linear_over_maps(net):
    if not is_module(net) or channels_in(net) != 1:
        return "not seen"
    axes = []
    layers = [each for each in nn.Module.modules(net) if isinstance(each, nn.Linear)]
    hooks = [each.register_forward_pre_hook(lambda _, given: axes.append(given[0].ndim)) for each in layers]
    try:
        net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8))
    except Exception:
        return bool(axes) and axes[-1] > 2
    finally:
        for hook in hooks:
            hook.remove()
    return False


@fact("whether a layer waits for another number of channels than it is given", means="channels_do_not_meet")
def channels_differ(net):
    if not is_module(net) or channels_in(net) != 1 or linear_over_maps(net):
        return "not seen"
    apart = []

    def look(layer, given):
        wanted, axis = (layer.in_features, -1) if isinstance(layer, nn.Linear) else (layer.in_channels, 1)
        apart.append(given[0].shape[axis] != wanted)

    layers = [each for each in nn.Module.modules(net) if isinstance(each, (nn.Conv2d, nn.Linear))]
    hooks = [each.register_forward_pre_hook(look) for each in layers]
    pooled = any(isinstance(each, nn.AdaptiveAvgPool2d) for each in nn.Module.modules(net))
    try:
        net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8))
    except Exception:
        return pooled and bool(apart) and apart[-1]
    finally:
        for hook in hooks:
            hook.remove()
    return False


# Most others ask it first: a network is asked once.
@fact("the shape of its scores for two pictures of 8×8")
def scores_shape(net):
    if not is_module(net) or channels_in(net) != 1:
        return "not seen"
    if not hasattr(net, "shape_seen"):
        try:
            net.shape_seen = list(net.eval()(torch.linspace(0, 1, 128).reshape(2, 1, 8, 8)).shape)
        except Exception as error:
            net.shape_seen = f"an error ({str(error)[:150] or type(error).__name__})"
    return net.shape_seen


@fact("the shape of its scores for three pictures of 12×12", means="flattened_not_pooled")
def scores_of_larger(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    try:
        return list(net(torch.linspace(0, 1, 432).reshape(3, 1, 12, 12)).shape)
    except Exception:
        return "an error"


@fact("whether its scores are probabilities, or their logarithms", means="softmax_in_model")
def probabilities(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    scores = net(torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    adding_up = [each.sum(1) - 1 for each in (scores, scores.exp())]  # softmax, and its logarithm
    return any(bool((apart.abs() < 1e-4).all()) for apart in adding_up)


@fact("whether all of its scores are squeezed between 0 and 1", means="squeezed")
def squeezed(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    scores = net(1000 * torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    return bool(scores.min() >= 0 and scores.max() <= 1)


# Others read it; it is asked once of a network, as it takes some fifty pictures.
@fact("what its scores are made of")
def made_of(net):
    """What the network makes of maps that stand in for those of its last convolution before the pooling."""
    modules = nn.Module.modules(net) if scores_shape(net) == [2, 10] else []
    layers = [each for each in modules if isinstance(each, nn.Conv2d)]
    if not layers or hasattr(net, "ends_in"):
        return getattr(net, "ends_in", "not seen")
    seen, stand_in, drawn = [], {}, torch.Generator().manual_seed(0)

    def look(layer, given, result):
        seen.append((layer, result))
        return stand_in.get(layer, result)

    def scores(side, maps=None):
        if maps is not None:
            stand_in[last] = maps
        return net(torch.linspace(0, 1, side**2).reshape(1, 1, side, side))

    def alike(one, other):
        return torch.allclose(one, other, rtol=1e-3, atol=1e-5)

    def end():
        nothing = scores(48, empty)
        draws = [3 * torch.rand(empty.shape, generator=drawn) for _ in range(20)]
        draws = [each * torch.rand(1, empty.shape[1], 1, 1, generator=drawn) for each in draws]
        first, block = scores(48, draws[0]), max(1, empty.shape[2] // 3)
        corner, inside, far, single = (empty.clone() for _ in range(4))
        far[:, :, 2 * block : 3 * block, 2 * block : 3 * block] = 3
        corner[:, :, :block, :block], inside[:, :, block : 2 * block, block : 2 * block], single[:, :, 0, 0] = 3, 3, 3
        unmoved, *moved = (scores(48, maps) - nothing for maps in (corner, inside, far))
        if alike(first, nothing):
            return "the mean of each map"  # it begins with weights of zero, and says nothing
        largest = max(each.abs().max() for each in (unmoved, *moved))
        if max((each - unmoved).abs().max() for each in moved) > 0.5 * largest:
            return "single places of its maps"
        if block > 1 and alike(scores(48, single), scores(48, corner)) and not alike(unmoved, 0 * unmoved):
            return "the largest number of each map"
        if empty.shape[1] > 1 and alike(scores(48, draws[0].flip(1)), first):
            return "all maps together"
        more, fewer = scores(48, empty + 1) - nothing, scores(8, small + 1) - scores(8, small)
        if alike(more, fewer * empty[0, 0].numel() / small[0, 0].numel()) and not alike(more, fewer):
            return "sums that grow with the picture"
        linear = layers[-1] is not last or any(isinstance(each, nn.Linear) for each in nn.Module.modules(net))
        if (
            linear
            and alike(first + scores(48, -draws[0]), 2 * nothing)
            and alike(scores(48, 2 * draws[0]) - nothing, 2 * (first - nothing))
        ):
            return "maps that are not rectified"
        if all(scores(48, sign * each).min() >= 0 for each in draws for sign in (1, -1)):
            return "numbers that are cut at zero"
        return "the mean of each map"

    hooks = [layer.register_forward_hook(look) for layer in layers]
    net.ends_in = "single places of its maps"  # where it does not take a larger picture
    try:
        with torch.no_grad():
            scores(48)
            net.ends_in = "the mean of each map"  # where it is a network of another kind, that cannot be looked at so
            wide = [layer for layer, maps in seen if maps.shape[-1] > 1]
            last = wide[-1] if wide else layers[-1]
            empty = next(0 * maps for layer, maps in seen[::-1] if layer is last)
            seen.clear()
            scores(8)
            small = next(0 * maps for layer, maps in seen if layer is last)
            net.ends_in = end()
    except Exception:
        return net.ends_in
    finally:
        for hook in hooks:
            hook.remove()
    return net.ends_in


@fact("whether it pools by the largest number of each map", means="max_not_mean")
def pools_by_largest(net):
    return made_of(net) == "the largest number of each map"


@fact("whether it matters where in a map something stands", means="places_matter")
def places_matter(net):
    return made_of(net) == "single places of its maps"


@fact("whether all maps become one number", means="channels_averaged")
def one_number(net):
    return made_of(net) == "all maps together"


@fact("whether its pooling adds up, so that larger pictures get larger scores", means="sum_not_mean")
def adds_up(net):
    return made_of(net) == "sums that grow with the picture"


@fact("whether its last maps come to the pooling without a rectifier", means="rectifier_missing")
def last_not_rectified(net):
    return made_of(net) == "maps that are not rectified"


@fact("whether none of its scores is ever below zero", means="scores_rectified")
def never_below_zero(net):
    return made_of(net) == "numbers that are cut at zero"


# Without a linear layer, a convolution stands for it, and one more is allowed.
@fact("how many convolutions it has, as layers nn.Conv2d", between=(2, 3), means="other_number")
def convolutions(net):
    if scores_shape(net) != [2, 10]:
        return 2
    layers = [each for each in nn.Module.modules(net) if isinstance(each, (nn.Conv2d, nn.Linear))]
    among = [each for each in layers if isinstance(each, nn.Conv2d)]
    scored = len(among) == len(layers) and any(each.out_channels == 10 for each in among)
    return len(among) - (scored and len(among) > 3)


@fact("whether its first convolution has a stride", means="strided_too_early")
def strided_at_first(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    layers = [each for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d)]
    return any(max(each.stride) > 1 for each in layers if each.in_channels == 1)


@fact("whether it is a new one each time that make_cnn is called", means="same_network_again")
def is_new(net):
    if not is_module(net):
        return "not seen"
    new = not hasattr(net, "seen_by_a_check")
    net.seen_by_a_check = True
    return new


@fact("whether a picture's scores depend on the other pictures of its batch", means="batch_mixed")
def batch_matters(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    pictures = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return bool((net(pictures)[:2] - net(pictures[:2])).abs().max() > 1e-4)


@fact("how many parameters it has", at_most=5000, means="too_many_parameters")
def parameters(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    return sum(each.numel() for _, each in nn.Module.named_parameters(net))  # whatever its class says it has


@fact("whether one of its convolutions has a stride of 2", means="stride_omitted")
def strided(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    return any(2 in each.stride for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d))


@fact("whether something in it is not linear", means="no_rectifier")
def bends(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    a, b = torch.randn(2, 8, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 50  # of both signs
    apart = net(a + b) - net(a) - net(b) + net(torch.zeros_like(a))
    return bool(apart.abs().max() > 1e-3 * net(a + b).abs().max())


# Each map holds one number all over: means, largest numbers, zeros around them, and normalisations add up; rectifiers
# do not.
@fact("whether a rectifier stands between each convolution and the next", means="rectifier_missing")
def apart(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    layers = [each for each in nn.Module.modules(net) if isinstance(each, nn.Conv2d)]

    def taken(times):
        """What its convolutions take when each gives so many times certain maps, of both signs."""
        found, drawn = [], torch.Generator().manual_seed(0)

        def seen(layer, arguments, result):
            found.append(arguments[0].clone())
            maps = 3 * torch.randn(*result.shape[:2], 1, 1, generator=drawn)
            return (times * maps).expand(result.shape).to(result.dtype, copy=True)  # one may work in place

        hooks = [each.register_forward_hook(seen) for each in layers]
        try:
            with torch.no_grad():
                net(torch.linspace(0, 1, 64).reshape(1, 1, 8, 8))
        finally:
            for hook in hooks:
                hook.remove()
        return found

    for nothing, once, twice, less in zip(*(taken(times) for times in (0, 1, -2, -1)), strict=False):
        counts = not torch.allclose(once, nothing, rtol=0, atol=1e-2)
        if counts and torch.allclose(once + twice, less + nothing, rtol=0, atol=1e-4):
            return False
    return True


@fact("whether all of its parameters learn")
def learns(net):
    if scores_shape(net) != [2, 10]:
        return "not seen"
    F.cross_entropy(net.train()(torch.rand(6, 1, 8, 8)), torch.arange(6)).backward()
    return all(each.grad is not None for _, each in nn.Module.named_parameters(net))


NET_FACTS = [
    *(is_module, channels_in, linear_over_maps, channels_differ, scores_shape, scores_of_larger, probabilities),
    *(squeezed, batch_matters, parameters, convolutions, strided, strided_at_first, bends, apart, pools_by_largest),
    *(places_matter, one_number, adds_up, last_not_rectified, never_below_zero, made_of, learns, is_new),
]


def body(*, stride=2, widths=(8, 16, 24), rectifier=nn.ReLU):
    """The convolutions of our network, each followed by a rectifier."""
    first, second, third = widths
    return [
        *(nn.Conv2d(1, first, 3, padding=1), rectifier()),
        *(nn.Conv2d(first, second, 3, stride=stride, padding=1), rectifier()),
        *(nn.Conv2d(second, third, 3), rectifier()),
    ]


def head(width=24):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10)]


class TwoStrides(nn.Module):
    """Also right: written as a class, with two strides, and a mean for the pooling."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.third = nn.Conv2d(16, 20, 3, stride=2, padding=1)
        self.scores = nn.Linear(20, 10)

    def forward(self, images):
        maps = self.third(self.second(self.first(images).relu()).relu()).relu()
        return self.scores(maps.mean((2, 3)))


class Ending(nn.Module):
    """Our convolutions with another end."""

    def __init__(self, pool, scores, after):
        super().__init__()
        self.layers, self.scores = nn.Sequential(*body()), scores
        self.pool, self.after = pool, after

    def forward(self, images):
        return self.after(self.scores(self.pool(self.layers(images))))


def ending(pool, scores=None, after=lambda scores: scores):
    return Ending(pool, scores or nn.Linear(24, 10), after)


@cache
def kept_network():
    net = nn.Sequential(*body(), *head())
    net.seen_by_a_check = True  # as a student's is from the second call on
    return net


@exercise(examples=[{}, {}], inputs=lambda rng: iter([{}, {}]), facts=NET_FACTS)  # a new network each time
class make_cnn:
    def right():
        return nn.Sequential(*body(), *head())

    def as_a_class():
        return TwoStrides()

    def scored_before_it_is_pooled():
        return nn.Sequential(
            *(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
            *(nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.LeakyReLU()),
            *(nn.Conv2d(16, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        )

    def normalised_by_picture():
        return nn.Sequential(
            *(nn.Conv2d(1, 8, 3, padding=1), nn.InstanceNorm2d(8), nn.Tanh(), nn.MaxPool2d(3, 1, 1)),
            *(nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.GroupNorm(2, 16), nn.ReLU(inplace=True)),
            *head(16),
        )

    class wrong:
        class softmax_in_model:
            """Your scores are probabilities, which add up to 1 in each row, or their logarithms. The loss,
            cross_entropy, takes the softmax itself; a second one before it squeezes every score between 0 and 1, and
            the loss can no longer come near zero. Which last step of your network should be left to the loss?"""

            def as_a_layer():
                return nn.Sequential(*body(), *head(), nn.Softmax(dim=1))

            def last_axis():
                return nn.Sequential(*body(widths=(8, 16, 16)), *head(16), nn.Softmax(-1))

            def logarithms():
                return nn.Sequential(*body(), *head(), nn.LogSoftmax(1))

        class flattened_not_pooled:
            """Your network takes 8×8 pictures only: its last layer counts on a map of one certain size. Global average
            pooling leaves one number for each channel, whatever the size of the maps. Where do your maps still have
            height and width when the last layer reads them?"""

            def linear_over_the_map():
                return nn.Sequential(*body(widths=(8, 16, 8)), nn.Flatten(), nn.Linear(8 * 2 * 2, 10))

            def pooled_by_a_fixed_size():
                return nn.Sequential(*body(widths=(8, 8, 24)), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 10))

        class too_many_parameters:
            """Everything fits, but there are more than 5,000 parameters. A convolution has outputs · (inputs · k² + 1)
            of them. Which of your layers has the most, and could it do with fewer channels?"""

            def wide():
                return nn.Sequential(*body(widths=(16, 32, 64)), *head(64))

            def a_large_head():
                return nn.Sequential(*body(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(384, 10))

        class stride_omitted:
            """None of your convolutions, as layers nn.Conv2d, has a stride of 2. A pooling makes maps smaller, too, but
            a convolution is asked to do it here. Which of its arguments makes it skip places?"""

            def all_at_one():
                return nn.Sequential(*body(stride=1), *head())

            def pooled_instead():
                return nn.Sequential(*body(stride=1, widths=(8, 16, 20)), nn.MaxPool2d(2), *head(20))

        class no_rectifier:
            """Nothing in your network is other than linear. Several linear maps in a row are one linear map: all your
            layers together can do no more than a single one. What stood between response and feature at the beginning
            of this lesson?"""

            def convolutions_only():
                return nn.Sequential(*body(rectifier=nn.Identity), *head())

        class rectifier_missing:
            """One of your convolutions hands on what it gives without a rectifier, to the next one or to the pooling at
            the end. Two convolutions in a row are one convolution with a larger kernel, also with a mean or a
            normalisation between them. What stands behind each of the others?"""

            def after_the_third():
                return nn.Sequential(*body()[:-1], *head())

            def before_and_not_behind():
                return nn.Sequential(nn.ReLU(), *body()[:3], nn.Conv2d(16, 24, 3), *head())

            def after_the_second():
                first, ramp, second, _, *rest = body()
                return nn.Sequential(first, ramp, second, *rest, *head())

            def after_the_first():
                first, _, *rest = body(rectifier=lambda: nn.ReLU(inplace=True))
                return nn.Sequential(first, *rest, *head())

            def normalised_instead():
                first, _, *rest = body()
                return nn.Sequential(first, nn.BatchNorm2d(8), *rest, *head())

            def averaged_instead():
                first, _, *rest = body(widths=(8, 16, 20))
                return nn.Sequential(first, nn.AvgPool2d(3, 1, 1), *rest, *head(20))

            def largest_instead():
                first, _, *rest = body(widths=(8, 16, 20))
                return nn.Sequential(first, nn.MaxPool2d(3, 1, 1), *rest, *head(20))

            def framed_instead():
                first, ramp, second, _, *rest = body()
                return nn.Sequential(first, ramp, second, nn.ZeroPad2d(1), *rest, *head())

        class three_channels_in:
            """Your first layer waits for pictures with more than one channel. The digits are grey: (N, 1, H, W). Which
            argument of the first convolution says so?"""

            def for_colour():
                return nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), *head(8))

        class map_kept:
            """Your network gives maps of scores, with height and width still there. Ten scores for a picture is a shape
            of two axes. What takes the two axes of size 1 away after the pooling?"""

            def not_flattened():
                return nn.Sequential(*body(widths=(8, 16, 10)), nn.AdaptiveAvgPool2d(1))

            def not_pooled():
                return nn.Sequential(*body(widths=(8, 16, 10)))

        class channels_do_not_meet:
            """Two layers do not fit: one gives another number of channels than the next one waits for. The first two
            numbers of a convolution are the channels that come in and those that go out. Which numbers have to be
            the same from layer to layer, down to the linear one?"""

            def last_is_not_24():
                return nn.Sequential(*body(widths=(8, 16, 16)), *head(24))

            def one_channel_in():
                return nn.Sequential(*body()[:2], nn.Conv2d(1, 24, 3, stride=2), nn.ReLU(), *head())

        class flatten_forgotten:
            """Your linear layer is given maps, with height and width still there, if only of size 1. It wants one row
            of numbers for each picture: one for each channel. Which step makes one number of each map, and which one
            takes the two axes away?"""

            def after_pooling():
                return nn.Sequential(*body(), nn.AdaptiveAvgPool2d(1), nn.Linear(24, 10))

        class squeezed:
            """All your scores lie between 0 and 1: a sigmoid at the end, perhaps. Then no score can rise far above the
            others, and the loss, which takes the softmax itself, stays high. The scores are wanted as they are: which
            last step is too many?"""

            def by_sigmoid():
                return nn.Sequential(*body(), *head(), nn.Sigmoid())

        class max_not_mean:
            """You pool with the largest number of each map. What was asked for is global average pooling, which tells
            how much of a feature there is. Which of PyTorch's two adaptive poolings does that?"""

            def largest():
                return nn.Sequential(*body(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(24, 10))

            def by_amax():
                return ending(lambda maps: maps.amax((2, 3)))

            def by_pooling():
                return ending(lambda maps: F.max_pool2d(maps, maps.shape[2:]).flatten(1))

        class places_matter:
            """It matters to your scores where in a map something stands: the pooling at the end leaves more than one
            number of each map, or looks at a part of it only, at least of larger pictures. Over how many places does a
            *global* average run?"""

            def two_by_two():
                layers = (nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))
                return nn.Sequential(*body(widths=(8, 16, 16)), *layers)

            def window_of_four():
                layers = (nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 24, 3, stride=2, padding=1), nn.ReLU())
                return nn.Sequential(*layers, nn.AvgPool2d(4), nn.Flatten(), nn.Linear(24, 10))

            def middle():
                return ending(lambda maps: maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2])

        class channels_averaged:
            """All your maps become one number, from which ten scores are made. Then nobody can know *which* feature was
            seen. Global pooling goes over rows and columns: which axes are these, and which one should stay?"""

            def over_all():
                return ending(lambda maps: maps.mean((1, 2, 3))[:, None], nn.Linear(1, 10))

        class sum_not_mean:
            """Your pooling adds up, so that a larger picture of the same digit gets larger scores. What makes an
            average of a sum?"""

            def over_places():
                return ending(lambda maps: maps.sum((2, 3)))

        class other_number:
            """Your network does not have two or three convolutions that it knows of. Layers in a plain Python list are
            hidden from it, and so is what is called as a function, without a layer. How many layers nn.Conv2d does it
            keep?"""

            def four():
                first = (nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
                then = (nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU())
                return nn.Sequential(*first, *then, *head(16))

            def one():
                return nn.Sequential(nn.Conv2d(1, 24, 3, stride=2), nn.ReLU(), *head())

        class strided_too_early:
            """Your first convolution takes steps. What it leaves out, no later layer has ever seen: on 8×8 pixels that
            is too much. Which of the others can take them?"""

            def first_only():
                first = (nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU())
                return nn.Sequential(*first, *body(stride=1)[2:4], nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(), *head())

            def first_and_second():
                first = (nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU())
                return nn.Sequential(*first, *body()[2:4], nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(), *head())

        class scores_rectified:
            """None of your scores is ever below zero: a rectifier, or something like it, stands behind them. The loss
            wants to push scores down as well as up. Which last step is too many?"""

            def by_relu():
                return nn.Sequential(*body(), *head(), nn.ReLU())

            def softmax_times_ten():
                return ending(lambda maps: maps.mean((2, 3)), after=lambda scores: 10 * scores.softmax(1))

        class same_network_again:
            """Each call gives the same network, with all that it has learned before. A new one, untrained, is asked
            for. Where is yours made: inside the function, or once, outside of it?"""

            def kept():
                return kept_network()

        class batch_mixed:
            """The scores of one picture change with the other pictures beside it. Axis 0 of a batch counts pictures,
            and no step should mix them. Which of yours works along axis 0?"""

            def softmax_over_pictures():
                return nn.Sequential(*body(), *head(), nn.Softmax(0))

        class not_a_module:
            """What comes back is no network yet: a list of layers, perhaps, or a class that was not called, or nothing
            at all. A network can be called with pictures, and an optimiser finds its parameters. Which container of
            PyTorch runs layers one after another?"""

            def layers_in_a_list():
                return [*body(), *head()]

            def class_not_called():
                return TwoStrides

        class one_score:
            """Your network gives another number of scores than ten. Each digit from 0 to 9 has a score of its own; the
            largest tells the label. What should the last layer's number of outputs be?"""

            def one():
                return nn.Sequential(*body(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 1))

            def nine():
                return nn.Sequential(*body(), *head()[:2], nn.Linear(24, 9))

            def as_many_as_channels():
                return nn.Sequential(*body(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


@exercise(tolerance=1e-3)
class softmax_floor:
    right = 1.4612

    class wrong:
        class zero:
            """Zero would be reached if the right digit could get all the probability. After the second softmax, how
            large can it get, when the first one gives 1 to the right digit and 0 to the nine others?"""

            exactly = 0.0
            whole = 0

        class all_alike:
            """This is log 10, the loss of a network that gives all ten digits the same probability. The best network
            has unequal ones: what does softmax make of one 1 and nine 0s?"""

            log_10 = 2.3026

        class probability_not_loss:
            """This is the probability that the right digit gets. The loss is minus its natural logarithm. What does
            that give?"""

            share = 0.2320

        class sign_turned:
            """This is the logarithm of the probability, which is below zero. The loss is minus that. Which sign does it
            have?"""

            negative = -1.4612

        class other_logarithm:
            """The probability is right, but its logarithm is of another base. Softmax is made of powers of e: which
            logarithm undoes those?"""

            base_10 = 0.6346
            base_2 = 2.1080

        class ten_others:
            """You have counted ten other digits. How many are there besides the right one?"""

            of_eleven = 1.5430


@fact("the shape of its answer")
def shape_of_labels(result):
    return list(torch.as_tensor(result).shape)


@fact("whether each answer is a whole number", means="score_for_label")
def whole_labels(result, images):
    if shape_of_labels(result) != [len(images)]:
        return "not seen"
    labels = torch.as_tensor(result).double()
    return bool((labels == labels.round()).all())


@fact("its largest answer", at_most=10, means="score_for_label", wanted="a label, 9 at most")
def largest_answer(result, images):
    return float(torch.as_tensor(result).double().max()) if whole_labels(result, images) is True else 0


@fact("its smallest and its largest label", means="counted_from_one")
def range_of_labels(result, images):
    if whole_labels(result, images) is not True:
        return "not seen"
    labels = torch.as_tensor(result)
    return [int(labels.min()), int(labels.max())] if images.shape[1] == 8 and len(labels.unique()) > 5 else [0, 9]


@fact("how many of 100 digits it names rightly, against guessing", at_least=30, means="untrained")
def above_chance(result, images):
    if whole_labels(result, images) is not True:
        return "not seen"
    return 100 * functions.share_named_rightly(result, images) if images.shape[1] == 8 else 100


@fact("how many of 100 digits it names rightly", at_least=95, means="trained_too_little")
def accuracy(result, images):
    return above_chance(result, images)


def closeness(images):
    """Scores, (N, 10): how near each image comes to the digits of each label that were learned from."""
    known, labels = load_digits("train")
    margin = (images.shape[1] - 8) // 2
    images = images[:, margin : margin + 8, margin : margin + 8]
    distances = torch.cdist(images.flatten(1), known.flatten(1))
    return torch.stack([-distances[:, labels == digit].min(1).values for digit in range(10)], 1)


def trained(net, epochs=15):
    """The network after learning from the training digits."""
    images, labels = load_digits("train")
    optimizer = torch.optim.AdamW(net.parameters())
    steps = epochs * -(-len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-2, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(net(images[chosen][:, None]), labels[chosen]).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


@cache
def our_network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return trained(make_cnn())


@cache
def linear_weights():
    """The least-squares weights from edge features to one score for each digit."""
    images, labels = load_digits("train")
    return torch.linalg.lstsq(
        F.pad(edge_features(images).flatten(1), (0, 1), value=1), F.one_hot(labels).float()
    ).solution


@exercise(
    examples=[{"images": load_digits("test")[0].flip(0)}, {"images": F.pad(load_digits("test")[0][:3], (2, 2, 2, 2))}],
    inputs=held_out,
    facts=[shape_of_labels, whole_labels, largest_answer, range_of_labels, above_chance, accuracy],
)
class predict:
    def right(images):
        return closeness(images).argmax(1)

    def by_our_network(images):
        net = our_network()
        with torch.no_grad():
            return net(images[:, None]).argmax(dim=1)

    def one_by_one_in_a_list(images):
        net = our_network()
        return [int(net(image[None, None]).max(1).indices) for image in images]

    def in_numpy_by_softmax(images):
        return our_network()(images.unsqueeze(1)).softmax(1).detach().numpy().argmax(axis=1)

    class wrong:
        class scores_not_labels:
            """You give ten numbers for each image: its scores, perhaps. The label is one number, the place of the
            largest score. Which function tells where in a row the largest number stands?"""

            def as_they_are(images):
                return closeness(images)

            def probabilities(images):
                return closeness(images).softmax(1)

        class batch_for_channel:
            """You got ten answers, one for each label: you looked for the best picture of each digit. You want the best
            digit of each picture. Along which axis of the scores, (N, 10), should the largest be found?"""

            def over_pictures(images):
                return closeness(images).argmax(0)

        class score_for_label:
            """This is the largest score itself. The label is the place where it stands. Which function gives the place
            instead of the value?"""

            def largest(images):
                return closeness(images).max(1).values

            def best_probability(images):
                return closeness(images).softmax(1).amax(1)

        class counted_from_one:
            """Your labels run from 1 to 10. The ten scores stand at the places 0 to 9, and place 0 is the digit 0. Do
            you add something to the place?"""

            def plus_one(images):
                return closeness(images).argmax(1) + 1

        class untrained:
            """No better than guessing: a network with random weights does this, or one that always says the same. Was
            the network that you ask the one that was trained, does it see these pictures as they are, and is it the
            largest score whose place you give?"""

            def random_weights(images):
                return (closeness(images).argmax(1) * 7 + torch.arange(len(images))) % 10

            def always_the_same(images):
                return torch.full((len(images),), 3)

        class labels_by_heart:
            """Your labels come in the order of the stored ones, whatever pictures are given. Where do `images` come
            in?"""

            def stored_labels(images):
                labels = load_digits("test")[1]
                return torch.cat([labels] * (1 + len(images) // len(labels)))[: len(images)]

        class trained_too_little:
            """Your labels are better than guessing, but too many are wrong. Did the network learn from all the training
            digits, 40 times, does it see these pictures as they are, and do you look for the largest among the scores
            of one picture? If so, look at its layers: is one of them very narrow?"""

            def of_moved_pictures(images):
                return closeness(images.roll(1, 2)).argmax(1)

        class places_counted_on:
            """For pictures of 8×8 your labels are right, but larger ones do not fit: whoever answers has a weight for
            each place. Your network of 8.6 takes both, and is what should answer. Is it the one that you ask, and are
            its pictures still pictures, (N, 1, H, W), when it gets them?"""

            def linear_classifier(images):
                return (edge_features(images).flatten(1) @ linear_weights()[:-1] + linear_weights()[-1]).argmax(1)

            def nearest_pixels(images):
                return closeness(images.reshape(-1, 8, 8)).argmax(1)

        class one_number_for_all:
            """You got one number for the whole batch: a place counted through all its scores, or the answer to its
            first image alone. Each image has its own row in the scores, (N, 10). Along which axis is its largest?"""

            def over_everything(images):
                return closeness(images).argmax()


# ── Guesses and explanations ─────────────────────────────────────────────────────────────────────────────────────────


@guess
class random_kernels:
    right = "edges"

    class wrong:
        class design_is_everything:
            """It is easy to give the kernels the credit. The rectifier was there in both: it makes features that a
            linear classifier cannot make from pixels by itself."""

            value = "pixels"


@guess
class right_after_a_move:
    right = 48
    within = 5

    class wrong:
        class invariance_for_equivariance:
            """The features moved along with the digit, so they are still all there. But the classifier has a weight for
            each place, and they arrived at the weights of other places."""

            value = 100
            values = 99
            near = 98
            nearer = 97
            about = 96
            almost = 95
            most = 90


@guess
class stride_at_shift_2:
    right = True

    class wrong:
        class never_again:
            """A stride of 2 keeps every second place. Moved by 2, the same places are kept again; only shifts that are
            no multiple of the stride fall between them."""

            value = False


@guess
class vgg_field:
    right = 212

    class wrong:
        class sizes_added:
            """That is all kernels added up. The poolings' strides spread what later layers see."""

            value = 49

        class jump_forgotten:
            """That would be so without strides. Each pooling doubles the steps of every layer after it."""

            value = 32
            without_poolings = 27

        class last_pooling_forgotten:
            """That is the field before the last pooling, which looks at two numbers that lie 16 pixels apart."""

            value = 196

        class whole_picture:
            """That is the whole picture. Behind the last pooling a number sees nearly all of it; only the fully
            connected layers after it see everything."""

            value = 224


explanation(
    "why_the_rectifier",
    """Mostly the rectifier: with all digits edges win one or two points over pixels, without it nothing, and random
    kernels keep most of the gain. (With 200 digits nobody wins.) A response is a weighted sum of pixels, and a linear
    classifier takes weighted sums of responses: both together are weighted sums of pixels, which it could have taken at
    once. The rectifier is the step that is not linear: what comes after it is new.""",
)
explanation(
    "why_lost",
    """It names about half of them wrongly. The features moved along with the digit, one column to the right. The
    classifier has its own weight for each
    feature at each place, so every feature met the weight of its neighbour. That features move along keeps what was
    seen; that a later step does not care where is another thing.""",
)
explanation(
    "why_stride_breaks",
    """A stride of 2 looks at columns 0, 2, 4, … only. When the picture moves by one, others come to lie there, so the
    layer sees numbers it had left out before. Moved by 2, it sees the same numbers again, one place further on.""",
)
explanation(
    "why_not_sobel",
    """Nothing asked for edges: the kernels are whatever lowered the loss, together with the layers after them. Some
    came out as edges in some direction, others as blobs or spots; and another start gives others that do as well.""",
)
