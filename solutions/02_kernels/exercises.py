"""Lesson 2, kernels: pictures to tensors and back, kernels that blur, answer edges and sharpen, and honest pictures.

Each misconception is a wrong answer that runs; its docstring is the hint its author will read.
"""

import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.transforms import functional as TF
from torchvision.utils import save_image

from course_grading.authoring import File, exercise, explanation, fact, guess
from course_grading.authoring.inputs import whole


def grid(text):
    """A grid of numbers, written as it looks: rows are parted by a slash."""
    return torch.tensor([[float(number) for number in row.split()] for row in text.split("/")])


def grids(*texts):
    return torch.stack([grid(text) for text in texts])


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def picture_file(array, mode="RGB", suffix="png"):
    """A file of that mode from (H, W, channels) whole numbers in 0 … 255; of grey modes the first channel counts."""
    picture = Image.fromarray(np.asarray(array, dtype=np.uint8)[..., :3].copy())
    if mode in ("L", "1"):
        picture = picture.getchannel(0).convert(mode)
    elif mode == "P":
        picture = picture.quantize(8)
    elif mode in ("LA", "RGBA"):
        picture = (picture.getchannel(0) if mode == "LA" else picture).convert(mode)
        picture.putalpha(Image.fromarray(np.asarray(array, dtype=np.uint8)[..., 3].copy()))
    else:
        picture = picture.convert(mode)
    file = io.BytesIO()
    # Not compressed, so that the bytes do not depend on the library that compresses.
    picture.save(file, "TIFF" if suffix == "tif" else "PNG", **({} if suffix == "tif" else {"compress_level": 0}))
    return File(f"picture.{suffix}", file.getvalue())


def files(rng):
    """A file of each mode: wide, tall, of one row."""
    for mode in ("RGB", "RGB", "L", "1", "LA", "P", "RGBA", "CMYK"):
        height, width = int(rng.integers(2, 6)), int(rng.integers(6, 9))
        if rng.random() < 0.5:
            height, width = width, height
        array = rng.integers(1, 255, (height, width, 4))
        array[0, 0, :3] = (200, 20, 90)
        yield {"path": picture_file(array, mode, "tif" if mode == "CMYK" else "png")}
    yield {"path": picture_file(rng.integers(60, 180, (1, 7, 4)))}


def colours(rng):
    for height, width in ((3, 5), (6, 2), (3, 3), (1, 4)):
        yield {"image": whole(rng, 3, height, width)}
    yield {"image": whole(rng, 4, 3, 5).permute(1, 2, 0)}
    yield {"image": torch.tensor(rng.random((3, 5, 4)), dtype=torch.float32)}


def levels(rng, *shape, low=-80, high=340):
    """Brightness on and between the 256 levels, never half way, some of it below 0 and above 1."""
    level = rng.integers(low, high, shape) + rng.choice([-0.3, 0.0, 0.2, 0.4], shape)
    return torch.tensor(level / 255, dtype=torch.float32)


def pictures_to_store(rng):
    for shape in ((3, 2, 5), (3, 6, 4), (4, 7), (5, 3), (3, 3, 3), (3, 3)):
        yield {"image": levels(rng, *shape)}
    yield {"image": levels(rng, 3, 5, 2, low=60, high=200)}
    yield {"image": levels(rng, 2, 6, low=20, high=210)}
    yield {"image": levels(rng, 4, 3, 5).permute(1, 2, 0)}
    yield {"image": levels(rng, 3, 4, low=-900, high=1900)}


def odd_sizes(rng):
    yield from ({"size": size} for size in (1, 3, 5, 7, 9 + 2 * int(rng.integers(0, 4))))


def sizes_and_sigmas(rng):
    for size in (1, 3, 5, 7, 9 + 2 * int(rng.integers(0, 3))):
        yield {"size": size, "sigma": round(float(rng.uniform(0.6, 2.5)), 2)}
    yield {"size": 5, "sigma": round(float(rng.uniform(3, 6)), 2)}
    yield {"size": 7, "sigma": 2}


def grays(rng):
    for height, width in ((5, 7), (8, 4), (3, 3), (3, 6)):
        yield {"gray": whole(rng, height, width)}
    yield {"gray": whole(rng, 6, 5).t()}
    fractions = torch.tensor(rng.random((8, 9)), dtype=torch.float32)
    fractions[:5, :5] = 0.5  # a flat area answers exactly 0
    yield {"gray": fractions}


def amounts(rng):
    yield from ({"amount": amount} for amount in (0, 1, 2, round(float(rng.uniform(0.2, 0.9)), 2), 9))
    yield {"amount": round(float(rng.uniform(1.5, 6)), 2)}


def responses(rng):
    yield {"response": whole(rng, 4, 5, low=-9, high=4)}
    yield {"response": whole(rng, 3, 6, low=-3, high=12)}
    yield {"response": torch.zeros(3, 4)}
    yield {"response": whole(rng, 2, 3, low=1, high=8)}
    yield {"response": -whole(rng, 3, 2, low=1, high=8)}
    yield {"response": torch.tensor([[0.0, 0.002, -0.001]])}
    yield {"response": whole(rng, 2, 4, low=1, high=9) * torch.tensor([-1e-4, 1e-4, 1e-4, -1e-4])}
    yield {"response": whole(rng, 3, 4, 2, low=-9, high=9) * torch.tensor([1.0, 3, 0])[:, None, None]}
    yield {"response": whole(rng, 5, low=-9, high=3)}
    yield {"response": torch.tensor(rng.normal(size=(2, 3, 4)), dtype=torch.float32)}


def grays_and_kernels(rng):
    for count, height, width in ((2, 5, 7), (4, 8, 4), (3, 3, 3), (5, 4, 6)):
        kernels = whole(rng, count, 3, 3, low=-3, high=4)
        kernels[:, 0, 0], kernels[:, 0, 2], kernels[:, 2, 2] = 4, 5, -4
        yield {"gray": whole(rng, height, width), "kernels": kernels}
    yield {"gray": whole(rng, 6, 5).t(), "kernels": whole(rng, 1, 3, 3, low=-3, high=0)}
    yield {
        "gray": torch.tensor(rng.random((5, 6)), dtype=torch.float32),
        "kernels": torch.tensor(rng.normal(size=(3, 3, 3)), dtype=torch.float32),
    }


# ── load_rgb ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PIXELS = np.array(
    [
        [[255, 0, 51, 255], [102, 204, 0, 255], [10, 20, 30, 102]],
        [[0, 51, 255, 255], [204, 204, 204, 51], [153, 51, 102, 255]],
    ]
)


@guess
class picture_shape:
    right = (3, 300, 451)

    class wrong:
        class channels_last:
            """That is the order of PIL and NumPy, colours last. PyTorch puts the colours first."""

            value = (300, 451, 3)

        class sides_swapped:
            """PIL says width × height. A tensor counts rows before columns: its height comes before its width."""

            value = (3, 451, 300)
            in_pil_s_order = (451, 300, 3)


@exercise(
    examples=[
        {"path": picture_file(PIXELS)},
        {"path": picture_file(PIXELS.transpose(1, 0, 2), "L")},
        {"path": picture_file(PIXELS[:, 1:], "RGBA")},
        {"path": picture_file(PIXELS[:1], "P")},
    ],
    inputs=files,
)
class load_rgb:
    def right(path):
        array = np.array(Image.open(path).convert("RGB"))
        return torch.from_numpy(array).permute(2, 0, 1) / 255

    def by_torchvision(path):
        return TF.to_tensor(Image.open(path).convert("RGB"))

    def band_by_band(path):
        bands = Image.open(path).convert("RGB").split()
        return torch.stack([torch.tensor(np.asarray(band) / 255, dtype=torch.float32) for band in bands])

    def pixel_by_pixel(path):
        picture = Image.open(path).convert("RGB")
        width, height = picture.size
        pixel = picture.load()
        return [[[pixel[col, row][c] / 255 for col in range(width)] for row in range(height)] for c in range(3)]

    class wrong:
        class still_255:
            """Your numbers run from 0 to 255: a file keeps each colour as a byte. In this course black is 0 and white
            is 1. What do you have to do to every number, and when does the tensor have to hold fractions for that?"""

            def as_bytes(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)

            def as_floats(path):
                return torch.tensor(np.array(Image.open(path).convert("RGB")), dtype=torch.float32).permute(2, 0, 1)

        class channels_last:
            """The colours are on the last axis, (H, W, 3): so do PIL and NumPy keep them. PyTorch wants them first.
            Which method of a tensor puts its axes in another order, and which order do you need?"""

            def in_one(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))) / 255

            def still_bytes(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB")))

        class rows_and_columns_swapped:
            """The colours are first, but rows and columns have changed places: the picture lies on its side. Turning
            all axes around does that. Where does each of the three axes (row, column, colour) have to go?"""

            def by_permute(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 1, 0) / 255

            def by_transpose(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).transpose(0, 2) / 255

        class permuted_the_other_way:
            """Your axes come out as (column, colour, row). permute takes, for each place of the result, the number of
            the old axis that goes there. Which of the axes row 0, column 1 and colour 2 should stand first?"""

            def by_permute(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(1, 2, 0) / 255

            def by_moving(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).movedim(0, -1) / 255

        class reshaped_not_permuted:
            """The shape is right and the picture is scrambled: reshape keeps the numbers in their order and only breaks
            the rows elsewhere, so that red, green and blue of neighbours get mixed. Which method moves whole axes
            instead?"""

            def by_reshape(path):
                array = np.array(Image.open(path).convert("RGB"))
                return torch.from_numpy(array.reshape(3, *array.shape[:2]) / 255).float()

            def by_view(path):
                array = torch.from_numpy(np.array(Image.open(path).convert("RGB")))
                return array.view(3, array.shape[0], array.shape[1]) / 255

        class mode_kept:
            """It works for some modes only. A grey file has one number a pixel, a palette file has numbers of colours,
            and one with transparency has four channels. Which method of a PIL picture makes an RGB picture of them all,
            and where does it have to stand?"""

            def by_permute(path):
                return torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1) / 255

            def by_torchvision(path):
                return TF.to_tensor(Image.open(path))

            def stacked_by_hand(path):
                image = torch.tensor(np.array(Image.open(path)) / 255)
                if image.ndim == 2:
                    image = torch.stack([image, image, image], dim=-1)
                return image[:, :, :3].permute(2, 0, 1)

            def channels_cut(path):
                return (torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1) / 255)[:3]

        class alpha_kept:
            """There are four channels. The fourth is alpha, how opaque each pixel is, which is no colour. Which mode
            did you convert to, and which one has only red, green and blue?"""

            def by_permute(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGBA"))).permute(2, 0, 1) / 255

        class colour_lost:
            """Red, green and blue are the same everywhere: you made the picture grey on the way. That comes later, in
            an exercise of its own. Which letters did you give to convert?"""

            def stacked(path):
                gray = torch.from_numpy(np.array(Image.open(path).convert("L"))) / 255
                return torch.stack([gray, gray, gray])

            def twice_converted(path):
                array = np.array(Image.open(path).convert("L").convert("RGB"))
                return torch.from_numpy(array).permute(2, 0, 1) / 255

            def one_channel(path):
                return torch.from_numpy(np.array(Image.open(path).convert("L")))[None] / 255

        class scaled_by_256:
            """White comes out a little below 1. A byte has 256 different values, but which is the largest of them? That
            one should become 1."""

            def over_256(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1) / 256

        class stretched:
            """You divided by this picture's own largest number (or stretched it from its smallest to its largest). Then
            every picture's brightest spot is white, even at night. Which number stands for white in any file of
            bytes?"""

            def by_the_largest(path):
                image = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float()
                return image / image.max()

            def from_smallest_to_largest(path):
                image = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float()
                return (image - image.min()) / (image.max() - image.min())

        class fractions_cut_off:
            """Nearly everything is black: only 0 and 1 came out. Two slashes divide and drop everything after the
            point, and so does a dtype of whole numbers. Which of your steps drops the fractions?"""

            def by_floor(path):
                return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1) // 255

            def by_integers(path):
                image = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)
                return (image / 255).to(torch.uint8)

        class red_and_blue_swapped:
            """Red and blue have changed places. OpenCV keeps its pictures that way (BGR), PIL does not. Is there
            anything left to turn around?"""

            def flipped(path):
                return (
                    torch.from_numpy(np.array(Image.open(path).convert("RGB"))[..., ::-1].copy()).permute(2, 0, 1) / 255
                )


# ── to_gray ──────────────────────────────────────────────────────────────────────────────────────────────────────────

COLOURS = grids("6 0 3 / 9 9 0", "0 6 3 / 9 3 0", "0 0 6 / 9 0 3")


@guess
class pure_green:
    right = 0.3

    class wrong:
        class weighted_like_the_eye:
            """That is about what green counts for the eye, and what PIL's own grey gives. Ours is the plain mean."""

            value = 0.53
            rounded = 0.5
            exactly = 0.5283

        class brightest_channel:
            """The brightest channel alone would give that. The mean counts the two zeros as well."""

            value = 0.9

        class the_mean_of_two:
            """There are three channels to take the mean of."""

            value = 0.45


@exercise(
    examples=[
        {"image": COLOURS},
        {"image": torch.tensor([[[0.9, 0.2]], [[0.3, 0.4]], [[0.6, 0.0]]])},
        {"image": torch.arange(27.0).reshape(3, 3, 3).permute(1, 2, 0) % 7 / 6},
    ],
    inputs=colours,
)
class to_gray:
    def right(image):
        return image.mean(dim=0)

    def channel_by_channel(image):
        red, green, blue = image
        return (red + green + blue) / 3

    def by_einsum(image):
        return torch.einsum("chw,c->hw", image, torch.full((3,), 1 / 3))

    def in_numpy(image):
        return np.mean(image.numpy(), axis=0)

    def pixel_by_pixel(image):
        _, height, width = image.shape
        return [[float(image[:, row, col].sum()) / 3 for col in range(width)] for row in range(height)]

    class wrong:
        class weighted_like_the_eye:
            """You weighted the colours as the eye does: green most, blue least. Many programs do so. Here the three
            colours count alike, because later lessons take grey as the simplest of mixtures. What is the plain mean of
            three numbers?"""

            def by_hand(image):
                return 0.299 * image[0] + 0.587 * image[1] + 0.114 * image[2]

            def for_screens(image):
                return 0.2126 * image[0] + 0.7152 * image[1] + 0.0722 * image[2]

            def with_scikit_image_s(image):
                return 0.2125 * image[0] + 0.7154 * image[1] + 0.0721 * image[2]

            def by_torchvision(image):
                return TF.rgb_to_grayscale(image)[0]

        class sum_not_mean:
            """You added the three colours: white, which is 1 in each of them, becomes 3. What is left to do so that
            white stays 1?"""

            def by_sum(image):
                return image.sum(dim=0)

            def by_plus(image):
                return image[0] + image[1] + image[2]

        class last_only_divided:
            """Only the last channel was divided by 3: a division comes before a sum, as in arithmetic at school. What
            do you put around the sum?"""

            def by_precedence(image):
                return image[0] + image[1] + image[2] / 3

            def into_the_first(image):
                return image[0] / 3 + image[1] + image[2]

        class channels_last:
            """Your mean runs along the last axis, as if the colours were there. What are the three axes of this tensor,
            in order, and which one should disappear?"""

            def by_minus_one(image):
                return image.mean(dim=-1)

            def by_index(image):
                return (image[..., 0] + image[..., 1] + image[..., 2]) / 3

        class rows_averaged:
            """You averaged along axis 1, which goes down the picture: one number for each column is left of it. Axes
            are counted from 0. Which one holds the colours?"""

            def by_mean(image):
                return image.mean(dim=1)

        class everything_averaged:
            """You got one number, the mean of everything. There should be one number for each pixel. What tells mean
            along which axis to go?"""

            def in_one(image):
                return image.mean()

            def same_everywhere(image):
                return torch.full(image.shape[1:], float(image.mean()))

        class batch_averaged:
            """All three colours are still there. You put a new axis in front and averaged along that one, which has one
            entry only: nothing happens. Which axis holds the colours now?"""

            def a_new_axis(image):
                return image[None].mean(dim=0)

        class axis_kept:
            """The numbers are right, but an axis of length 1 is left where the colours were. A grey picture here is (H,
            W). Is there anything in your line that keeps the axis?"""

            def kept(image):
                return image.mean(dim=0, keepdim=True)

            def added(image):
                return image.mean(dim=0)[None]

            def three_times(image):
                return image.mean(dim=0).expand(3, *image.shape[1:])

        class one_channel_only:
            """You kept one colour and dropped the others. A red apple would be bright in one of these pictures and
            black in the other two. How can all three have a say?"""

            def red(image):
                return image[0]

            def green(image):
                return image[1]

            def blue(image):
                return image[2]

        class brightest_channel:
            """You took one of the three numbers of each pixel, the largest or the one in the middle, or the middle
            between largest and smallest. Those are greys too, but which one uses all three numbers alike?"""

            def largest(image):
                return image.amax(dim=0)

            def in_the_middle(image):
                return image.median(dim=0).values

            def lightness(image):
                return (image.amax(dim=0) + image.amin(dim=0)) / 2

        class fractions_cut_off:
            """Whole numbers come out where fractions belong. Did you divide with two slashes, or turn the picture into
            integers on the way?"""

            def by_floor(image):
                return (image[0] + image[1] + image[2]) // 3

            def by_integers(image):
                return image.sum(dim=0).int() // 3


# ── to_uint8 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class byte_of_300:
    right = 44

    class wrong:
        class cut:
            """A sensible thing to do, and not what happens: nothing is cut, the count starts again at 0 after 255."""

            value = 255

        class one_lost:
            """Nearly: after 255 comes 0, so 256 becomes 0, not 1."""

            value = 45

        class kept:
            """A byte has no room for it: its largest number is 255."""

            value = 300


def bytes_of(image):
    """The right bytes, axes as they are; the wrong answers below share it."""
    return (image.clamp(0, 1) * 255).round().to(torch.uint8)


def colours_last(image):
    return image.permute(1, 2, 0) if image.ndim == 3 else image


@exercise(
    examples=[
        {"image": torch.tensor([[-0.2, 0.6, 1.2, 0.4]])},
        {"image": torch.tensor([[0.0, 0.123], [1.0, 0.5019], [0.8, 0.0071]])},
        {"image": torch.tensor([[0.6, 5.2, -2.4]])},
        {
            "image": torch.tensor(
                [
                    [[1.0, 0.2, 0.0], [0.4, 0.6, 0.12]],
                    [[0.0, 0.0, 0.8], [1.1, 0.6, 0.0]],
                    [[0.2, 1.0, 0.4], [0.0, -0.1, 0.6]],
                ]
            ).transpose(1, 2)
        },
    ],
    inputs=pictures_to_store,
)
class to_uint8:
    def right(image):
        image = (image.clamp(0, 1) * 255).round().to(torch.uint8)
        return image.permute(1, 2, 0) if image.ndim == 3 else image

    def in_numpy(image):
        array = np.rint(np.clip(image.numpy(), 0, 1) * 255).astype(np.uint8)
        return np.moveaxis(array, 0, -1) if array.ndim == 3 else array

    def half_added(image):
        image = (image * 255 + 0.5).clamp(0, 255).to(torch.uint8)
        return torch.stack(tuple(image), dim=-1) if image.dim() == 3 else image

    def as_torchvision_saves(image):
        file = io.BytesIO()
        save_image(image[None] if image.ndim == 2 else image, file, format="png")
        saved = np.array(Image.open(file))
        return saved if image.ndim == 3 else saved[..., 0]

    class wrong:
        class wrapped_uint8:
            """Numbers that do not fit into a byte wrap around: 306 starts again at 0 and shows 50, and −3 shows 253. So
            what is a little too bright turns nearly black. What has to happen to numbers outside [0, 1] before they
            become bytes?"""

            def rounded(image):
                return colours_last((image * 255).round().to(torch.int64).to(torch.uint8))

            def not_rounded_either(image):
                return colours_last((image * 255).to(torch.int64).to(torch.uint8))

            def in_place(image):
                return (image * 255).to(torch.int64).to(torch.uint8)

            def cut_from_below_only(image):
                return colours_last((image.clamp(min=0) * 255).round().to(torch.int64).to(torch.uint8))

            def cut_from_above_only(image):
                return colours_last((image.clamp(max=1) * 255).round().to(torch.int64).to(torch.uint8))

        class truncated:
            """About half of your numbers are one too small. Turning a fraction into a byte drops everything after the
            point: 152.99 becomes 152. What should happen to it first?"""

            def by_conversion(image):
                return colours_last((image.clamp(0, 1) * 255).to(torch.uint8))

            def by_floor(image):
                return colours_last((image.clamp(0, 1) * 255).floor().to(torch.uint8))

        class rounded_up:
            """Many of your numbers are one too large: every fraction went up to the next whole number. 31.01 lies
            nearer to 31 than to 32. Which function goes to the nearest one?"""

            def by_ceil(image):
                return colours_last((image.clamp(0, 1) * 255).ceil().to(torch.uint8))

        class rounded_too_early:
            """Only 0 and 255 are left, black and white: you rounded while the numbers still lay between 0 and 1. Which
            step has to come before the rounding?"""

            def before_scaling(image):
                return colours_last((image.clamp(0, 1).round() * 255).to(torch.uint8))

        class channels_left_first:
            """The numbers are right, but the colours are still on the first axis. PIL wants (H, W, 3), the other way
            round than PyTorch. Which order of axes 0, 1 and 2 is that?"""

            def left(image):
                return bytes_of(image)

        class reshaped_not_permuted:
            """The shape is right and the colours are scrambled: reshape does not move axes, it only breaks the same row
            of numbers elsewhere. Which method moves whole axes?"""

            def by_reshape(image):
                return bytes_of(image).reshape(*image.shape[1:], 3) if image.ndim == 3 else bytes_of(image)

        class rows_and_columns_swapped:
            """The colours are last, but rows and columns have changed places. Of the three axes (colour, row, column),
            which has to come first, second, third? And a grey picture should keep its axes as they are."""

            def by_permute(image):
                return bytes_of(image).permute(2, 1, 0) if image.ndim == 3 else bytes_of(image)

            def by_transpose(image):
                return bytes_of(image).transpose(0, -1)

        class colour_only:
            """A colour picture works, a grey one does not: it has two axes only, and no colours to move. How can your
            function tell the two apart?"""

            def by_permute(image):
                return bytes_of(image).permute(1, 2, 0)

            def by_moveaxis(image):
                return bytes_of(image).movedim(0, -1)

        class stretched:
            """You stretched the picture from its own smallest to its own largest number. Black and white then mean
            something else in every picture, and 0.5 is no longer in the middle. What should happen to numbers outside
            [0, 1], and to those inside?"""

            def from_smallest_to_largest(image):
                return bytes_of(colours_last((image - image.min()) / (image.max() - image.min())))

            def by_the_largest(image):
                return bytes_of(colours_last(image / image.max()))

            def by_the_largest_magnitude(image):
                return bytes_of(colours_last(image / image.abs().max()))

        class scaled_by_256:
            """Some numbers are one too large (or white has wrapped around to 0). There are 256 bytes, but the largest
            is not 256. By which number does 1 become the largest byte?"""

            def then_cut(image):
                return colours_last((image * 256).round().clamp(0, 255).to(torch.uint8))

            def then_truncated(image):
                return colours_last((image * 256).clamp(0, 255).to(torch.uint8))

            def and_wrapped(image):
                return colours_last((image.clamp(0, 1) * 256).round().to(torch.int64).to(torch.uint8))

        class cut_after_scaling:
            """Everything that is not black is 0 or 1: you multiplied by 255 first and then cut to [0, 1]. In which
            range do your numbers lie at the moment when you cut them?"""

            def rounded(image):
                return colours_last((image * 255).clamp(0, 1).round().to(torch.uint8))

        class not_scaled:
            """Only 0 and 1 come out. Your numbers were cut to [0, 1] and made into bytes as they were. Which byte
            should 1.0 become?"""

            def rounded(image):
                return colours_last(image.clamp(0, 1).round().to(torch.uint8))

            def truncated(image):
                return colours_last(image.clamp(0, 1).to(torch.uint8))

        class sign_dropped:
            """A number below 0 should be black; yours shines, because you took its absolute value first. Darker than
            black is still black: which operation does that?"""

            def of_absolute_values(image):
                return colours_last((image * 255).abs().round().to(torch.int64).to(torch.uint8))

            def of_absolute_values_truncated(image):
                return colours_last((image * 255).abs().to(torch.int64).to(torch.uint8))

            def by_abs(image):
                return bytes_of(colours_last(image.abs()))

        class not_bytes:
            """The numbers are right, but they are no bytes yet, and PIL would not take them. Rounding leaves floats,
            and int64 has room for far larger numbers. Which dtype has exactly the whole numbers from 0 to 255?"""

            def still_float(image):
                return colours_last((image.clamp(0, 1) * 255).round())

            def larger_integers(image):
                return colours_last((image.clamp(0, 1) * 255).round().to(torch.int64))

            def shorter_integers(image):
                return colours_last((image.clamp(0, 1) * 255).round().to(torch.int32))


# ── signed_to_display ────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class grey_of_the_sky:
    right = "light"

    class wrong:
        class zero_is_black:
            """Zero is no longer black once you stretch: black is the most negative response."""

            value = "black"

        class zero_near_black:
            """It would be, if the most positive responses were the strongest. In a bright spot the spot's own
            brightness counts −4 times."""

            value = "dark"

        class zero_in_the_middle:
            """It would be, if the most negative and the most positive response were equally strong. Here they are
            not."""

            value = "middle"

        class zero_is_white:
            """White is the most positive response."""

            value = "white"


@exercise(
    examples=[
        {"response": torch.tensor([[0.0, 2, -4], [1, -2, 0]])},
        {"response": torch.tensor([[0.1, 0, 0.4], [0.2, -0.1, 0]])},
        {"response": torch.zeros(4)},
        {"response": torch.tensor([[[0.0, 1], [-2, 0]], [[8, -6], [0, 4]]])},
        {"response": torch.tensor([[0.0002, -0.0004, 0.0001]])},
    ],
    inputs=responses,
)
class signed_to_display:
    def right(response):
        largest = response.abs().max()
        return 0.5 + response / (2 * largest) if largest > 0 else torch.full_like(response, 0.5)

    def in_numpy(response):
        array = response.numpy()
        return 0.5 + array / max(2 * np.abs(array).max(), 1e-30)

    def by_its_ends(response):
        top = max(float(response.max()), -float(response.min()))
        return (response + top) / (2 * top) if top else response + 0.5

    def nan_mended(response):
        return torch.nan_to_num(response / response.abs().max()).mul(0.5).add(0.5)

    class wrong:
        class stretched:
            """You stretched from the smallest to the largest response: min–max. Look where zero lands. It should be 0.5
            for every response; with yours it moves whenever the darkest and the brightest response are not equally far
            from zero. Which one number could you divide by, so that zero stays where it is?"""

            def plain(response):
                return (response - response.min()) / (response.max() - response.min())

            def guarded(response):
                spread = response.max() - response.min()
                return (response - response.min()) / spread if spread > 0 else torch.full_like(response, 0.5)

            def guarded_black(response):
                return (response - response.min()) / (response.max() - response.min()).clamp(min=1e-12)

        class negatives_cut:
            """Everything below zero has become 0 or 0.5: half of what the kernel found is gone. Why does a response
            have negative numbers, and should they look like zero?"""

            def to_black(response):
                return response.clamp(0, 1)

            def of_half(response):
                largest = response.abs().max()
                return 0.5 + response.clamp(min=0) / (2 * largest) if largest > 0 else torch.full_like(response, 0.5)

            def after_scaling(response):
                return (response / response.abs().max().clamp(min=1e-12)).clamp(min=0)

        class cut_not_scaled:
            """You moved zero to 0.5 and then cut off what is below 0 or above 1, so strong responses all look alike.
            They should be made smaller, all by one factor, until the strongest just fits. Which number do you divide
            by?"""

            def moved_and_cut(response):
                return (response + 0.5).clamp(0, 1)

            def halved_and_cut(response):
                return (response / 2 + 0.5).clamp(0, 1)

            def cut_at_one(response):
                return response.clamp(-1, 1) / 2 + 0.5

            def not_even_cut(response):
                return response + 0.5

        class bracket_forgotten:
            """Your fraction is not the one that you mean. Products and divisions are done from left to right, and
            before sums: without brackets the maximum multiplies, and with the wrong ones the 0.5 is divided, too. What
            should stand above the line, what below it, and what outside?"""

            def by_precedence(response):
                largest = response.abs().max()
                return 0.5 + response / 2 * largest

            def sum_first(response):
                largest = response.abs().max().clamp(min=1e-12)
                return (0.5 + response) / (2 * largest)

        class sign_dropped:
            """You took absolute values, so a response of −4 looks just like one of +4. How strong an edge is you can
            still see; which way it goes, you cannot. Where is the absolute value needed, and where not?"""

            def by_the_largest(response):
                return response.abs() / response.abs().max().clamp(min=1e-12)

            def from_the_middle(response):
                return 0.5 + response.abs() / (2 * response.abs().max().clamp(min=1e-12))

        class twice_too_strong:
            """Zero is at 0.5, and the strongest responses end up below 0 or above 1. From 0.5, how far is it to black,
            and how far to white?"""

            def guarded(response):
                return 0.5 + response / response.abs().max().clamp(min=1e-12)

            def not_guarded(response):
                return 0.5 + response / response.abs().max()

        class zero_not_moved:
            """Your zero is still 0, which is black, and negative numbers are still negative: no screen can show that.
            Which number has to be added so that zero is in the middle between black and white?"""

            def halved(response):
                return response / (2 * response.abs().max().clamp(min=1e-12))

            def whole(response):
                return response / response.abs().max().clamp(min=1e-12)

            def not_guarded(response):
                return response / response.abs().max()

            def not_guarded_halved(response):
                return response / (2 * response.abs().max())

        class sign_ignored_in_maximum:
            """You divided by the largest response. But the strongest one may be negative: then −4 counts for less than
            +2, and numbers fall out of [0, 1]. How do you find the largest distance from zero, on either side?"""

            def guarded(response):
                largest = response.max()
                return 0.5 + response / (2 * largest) if largest != 0 else torch.full_like(response, 0.5)

            def not_guarded(response):
                return 0.5 + response / (2 * response.max())

        class maximum_per_picture:
            """Each row, or each response of the stack, was divided by a maximum of its own. The weak one now looks as
            strong as the strong one. One maximum for all: over which axes does your maximum run?"""

            def over_two_axes(response):
                largest = response.abs().amax(dim=(-2, -1), keepdim=True).clamp(min=1e-30)
                return 0.5 + response / (2 * largest)

            def of_each_row(response):
                return 0.5 + response / (2 * response.abs().amax(dim=-1, keepdim=True).clamp(min=1e-30))

            def over_the_first(response):
                return 0.5 + response / (2 * response.abs().amax(dim=0, keepdim=True).clamp(min=1e-30))

        class divided_by_zero:
            """It works until the response is zero everywhere: then zero is divided by zero, and nan comes out, which is
            not a number. What should a picture of nothing look like, and how do you notice that you have one?"""

            def not_guarded(response):
                return 0.5 + response / (2 * response.abs().max())

        class blank_is_black:
            """You noticed that a response may be zero everywhere, which many forget. But you made it black (or white).
            Where is zero in all your other pictures?"""

            def zeros(response):
                largest = response.abs().max()
                return 0.5 + response / (2 * largest) if largest > 0 else torch.zeros_like(response)

            def as_it_is(response):
                largest = response.abs().max()
                return 0.5 + response / (2 * largest) if largest > 0 else response

            def ones(response):
                largest = response.abs().max()
                return 0.5 + response / (2 * largest) if largest > 0 else torch.ones_like(response)

        class mean_for_zero:
            """You put the mean response in the middle, not zero. A picture of a response should say where the kernel
            answers nothing. Is that where the response equals its mean?"""

            def by_the_largest(response):
                rest = response - response.mean()
                return 0.5 + rest / (2 * rest.abs().max().clamp(min=1e-12))

            def by_the_spread(response):
                return 0.5 + (response - response.mean()) / (2 * response.std().clamp(min=1e-12))


# ── identity_kernel, box_blur, gaussian_kernel ───────────────────────────────────────────────────────────────────────


@guess
class eye_on_flat:
    right = 1.2

    class wrong:
        class identity_matrix:
            """As a matrix it keeps every vector as it is. As a kernel it adds up the three pixels of a diagonal."""

            value = 0.4

        class mean_not_sum:
            """A kernel adds its products up and does not divide by their number."""

            value = 0.13
            less_rounded = 0.1333

        class ones_everywhere:
            """Nine ones would give that. Six of the weights are 0."""

            value = 3.6


@exercise(examples=[{"size": 3}, {"size": 5}, {"size": 1}], inputs=odd_sizes)
class identity_kernel:
    def right(size):
        kernel = torch.zeros(size, size)
        kernel[size // 2, size // 2] = 1
        return kernel

    def by_outer_product(size):
        line = (torch.arange(size) == (size - 1) / 2).float()
        return torch.outer(line, line)

    def as_lists(size):
        return [[int(row == col == size // 2) for col in range(size)] for row in range(size)]

    def by_torch_init(size):
        return torch.nn.init.dirac_(torch.empty(1, 1, size, size))[0, 0]

    class wrong:
        class identity_matrix:
            """You made the identity matrix, ones along the diagonal. That leaves a vector as it is when you multiply
            matrices. A kernel multiplies entry by entry and adds up: yours adds up the pixels of a diagonal. Of all the
            pixels under the kernel, which one do you want to keep?"""

            def by_eye(size):
                return torch.eye(size)

        class off_centre:
            """There is a single 1, but not in the middle. Each pixel would be replaced by a neighbour, and the picture
            would move. Which index is the middle one of 0, 1, 2, 3, 4?"""

            def in_the_corner(size):
                kernel = torch.zeros(size, size)
                kernel[0, 0] = 1
                return kernel

            def one_before(size):
                kernel = torch.zeros(size, size)
                kernel[size // 2 - 1, size // 2 - 1] = 1
                return kernel

            def one_later(size):
                kernel = torch.zeros(size, size)
                kernel[(size + 1) // 2, (size + 1) // 2] = 1
                return kernel

            def always_at_one(size):
                kernel = torch.zeros(size, size)
                kernel[1, 1] = 1
                return kernel

        class ones_everywhere:
            """All weights are 1: your kernel adds up all the pixels that it lies on. To keep one pixel as it is, how
            many weights should not be zero?"""

            def by_ones(size):
                return torch.ones(size, size)

        class cross_of_ones:
            """The whole middle row (or column, or both) is 1, so several pixels are added up. How do you set one single
            entry of a grid?"""

            def both(size):
                kernel = torch.zeros(size, size)
                kernel[size // 2] = 1
                kernel[:, size // 2] = 1
                return kernel

            def row(size):
                kernel = torch.zeros(size, size)
                kernel[size // 2] = 1
                return kernel

            def column(size):
                kernel = torch.zeros(size, size)
                kernel[:, size // 2] = 1
                return kernel

        class divided_by_count:
            """The 1 is in the middle, but you divided it by the number of weights, so the picture would get darker.
            Dividing is for a blur, which adds up many pixels. How many does this kernel add up?"""

            def by_all(size):
                return identity_kernel(size) / size**2

            def by_side(size):
                return identity_kernel(size) / size

        class one_axis_only:
            """You made one row of weights. A kernel is a grid: it has as many rows as columns here. Which shape should
            zeros get?"""

            def flat(size):
                kernel = torch.zeros(size)
                kernel[size // 2] = 1
                return kernel

            def as_one_row(size):
                kernel = torch.zeros(1, size)
                kernel[0, size // 2] = 1
                return kernel

        class size_ignored:
            """Your kernel is always 3×3. It should have the size that is asked for. Where is the middle of a kernel
            whose size you do not know beforehand?"""

            def always_three(size):
                return torch.tensor([[0, 0, 0], [0, 1, 0], [0, 0, 0]])


@exercise(examples=[{"size": 3}, {"size": 5}, {"size": 1}], inputs=odd_sizes)
class box_blur:
    def right(size):
        return torch.full((size, size), 1 / size**2)

    def ones_divided_by_their_sum(size):
        ones = np.ones((size, size))
        return ones / ones.sum()

    def as_lists(size):
        return [[1 / size / size] * size] * size

    def by_softmax(size):
        return torch.zeros(size * size).softmax(0).reshape(size, size)

    class wrong:
        def caret_for_power(size):
            """In Python the sign ^ is no power: 5 ^ 2 is 7. Which sign stands for “to the power of”?"""
            return torch.ones(size, size) / (size ^ 2)

        class not_normalised:
            """All weights are 1, so they add up to the number of pixels under the kernel: a flat area of 0.4 would come
            out as 3.6 under a 3×3 kernel. What do you divide a sum by to get a mean?"""

            def by_ones(size):
                return torch.ones(size, size)

        class divided_by_side:
            """Your weights add up to more than 1: you divided by the side of the kernel. How many pixels lie under a
            5×5 kernel?"""

            def by_size(size):
                return torch.ones(size, size) / size

            def by_twice_the_size(size):
                return torch.ones(size, size) / (2 * size)

        class always_nine:
            """Each weight is 1/9, whatever the size. That is right for 3×3 only. How many pixels lie under a 5×5
            kernel?"""

            def by_nine(size):
                return torch.ones(size, size) / 9

        class size_ignored:
            """Your kernel is always 3×3. It should have the size that is asked for: which numbers in your line depend
            on size?"""

            def always_three(size):
                return torch.ones(3, 3) / 9

        class centre_left_out:
            """The middle weight is 0, so each pixel is replaced by the mean of its neighbours alone. The pixel itself
            belongs to its own neighbourhood. How many weights are equal in a box blur?"""

            def neighbours_only(size):
                kernel = torch.full((size, size), 1 / max(size**2 - 1, 1))
                kernel[size // 2, size // 2] = 0
                return kernel

            def of_all(size):
                kernel = torch.full((size, size), 1 / size**2)
                kernel[size // 2, size // 2] = 0
                return kernel

        class fractions_cut_off:
            """All weights are 0 (only a 1×1 kernel survives). One divided by nine is a fraction, and whole numbers
            cannot hold it. Which division did you use, or of which kind is your tensor?"""

            def by_floor(size):
                return torch.ones(size, size) // size**2

            def by_integers(size):
                return torch.full((size, size), 1 // size**2)

        class one_axis_only:
            """You made one row of weights: it would blur from left to right only. A box is as high as it is wide. How
            many weights is that?"""

            def flat(size):
                return torch.full((size,), 1 / size)

            def as_one_row(size):
                return torch.full((1, size), 1 / size)

            def flat_over_all(size):
                return torch.full((size,), 1 / size**2)

        class identity_divided:
            """Only one weight (or one diagonal) is not zero. To blur, a pixel must be mixed with all its neighbours.
            Which weights should be equal?"""

            def centre(size):
                return identity_kernel(size) / size**2

            def diagonal(size):
                return torch.eye(size) / size


@guess
class star_under_a_box:
    right = "square"

    class wrong:
        class round_blur:
            """Blurs are often drawn round. But a tiny spot is nearly one pixel, and every weight of the box is the
            same."""

            value = "disc"
            as_a_word = "round"
            as_another = "circle"

        class cross_of_ones:
            """A cross would be the middle row and column only. All weights of a box count."""

            value = "cross"


def bell(size, sigma):
    """The weights before they are normalised; the wrong answers below share it."""
    line = torch.arange(size) - size // 2
    return torch.exp(-(line[:, None] ** 2 + line**2) / (2 * sigma**2))


def normalised(kernel):
    return kernel / kernel.sum()


@exercise(
    examples=[
        {"size": 3, "sigma": 1.0},
        {"size": 5, "sigma": 2.0},
        {"size": 5, "sigma": 0.8},
        {"size": 1, "sigma": 1.5},
    ],
    inputs=sizes_and_sigmas,
)
class gaussian_kernel:
    def right(size, sigma):
        distance = torch.arange(size) - size // 2
        weights = torch.exp(-(distance[:, None] ** 2 + distance**2) / (2 * sigma**2))
        return weights / weights.sum()

    def of_two_lines(size, sigma):
        line = np.exp(-0.5 * ((np.arange(size) - (size - 1) / 2) / sigma) ** 2)
        return np.outer(line, line) / line.sum() ** 2

    def weight_by_weight(size, sigma):
        half = size // 2
        kernel = [
            [math.exp(-(row**2 + col**2) / (2 * sigma**2)) for col in range(-half, half + 1)]
            for row in range(-half, half + 1)
        ]
        total = sum(map(sum, kernel))
        return [[weight / total for weight in row] for row in kernel]

    def an_impulse_blurred(size, sigma):
        impulse = torch.zeros(1, 3 * size, 3 * size)
        impulse[0, size + size // 2, size + size // 2] = 1
        return TF.gaussian_blur(impulse, [size, size], [float(sigma), float(sigma)])[
            0, size : 2 * size, size : 2 * size
        ]

    class wrong:
        class not_normalised:
            """The bell is right, but its weights add up to more than 1, so every picture would get brighter. What do
            you divide all weights by, so that they add up to exactly 1?"""

            def peak_of_one(size, sigma):
                return bell(size, sigma)

        class normalised_by_formula:
            """You divided by 2πσ², as in the formula for an endless, continuous bell. Yours is cut off and has only a
            few weights, so they do not quite add up to 1. Which number makes these weights add up to 1?"""

            def by_two_pi(size, sigma):
                return bell(size, sigma) / (2 * math.pi * sigma**2)

            def by_one_root(size, sigma):
                return bell(size, sigma) / (sigma * math.sqrt(2 * math.pi))

        class sigma_not_squared:
            """The bell has the wrong width (only a σ of 1 comes out right). In the formula, the distance is squared.
            What about σ?"""

            def plain(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / (2 * sigma)))

        class two_forgotten:
            """The bell has the wrong width: the 2 below the fraction is missing, or only it is below: without brackets,
            what stands behind / 2 multiplies again. What should all be below the fraction's line?"""

            def without(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / sigma**2))

            def divided_then_multiplied(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / 2 * sigma**2))

        class distance_not_squared:
            """Your weights fall off along straight flanks, with a tip in the middle: a tent, not a bell. What does the
            formula do with the distance before it divides?"""

            def straight(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2).sqrt() / (2 * sigma**2)))

            def along_the_axes(size, sigma):
                line = (torch.arange(size) - size // 2).abs()
                return normalised(torch.exp(-(line[:, None] + line) / (2 * sigma**2)))

        class squared_twice:
            """You squared r² + c² once more: your weights fall off too fast. The distances are squared already. Which
            of the steps of the formula is still to be done?"""

            def the_sum(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-((line[:, None] ** 2 + line**2) ** 2) / (2 * sigma**2)))

        class distances_added:
            """You added the distances across and down first and squared their sum. Squares are taken of each, then
            added: 3 across and 4 down are 5 away, not 7. Which of the two does the formula say?"""

            def then_squared(size, sigma):
                line = (torch.arange(size) - size // 2).abs()
                return normalised(torch.exp(-((line[:, None] + line) ** 2) / (2 * sigma**2)))

            def with_their_signs(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-((line[:, None] + line) ** 2) / (2 * sigma**2)))

        class bells_added:
            """You added a bell across and a bell down; that leaves a cross of large weights. The formula has one
            exponential of a sum, which is a product of two exponentials. How do a column and a row make a grid of
            products?"""

            def then_normalised(size, sigma):
                line = torch.exp(-((torch.arange(size) - size // 2) ** 2) / (2 * sigma**2))
                return normalised(line[:, None] + line)

            def normalised_before(size, sigma):
                line = torch.exp(-((torch.arange(size) - size // 2) ** 2) / (2 * sigma**2))
                line = line / line.sum()
                return line[:, None] + line

        class off_centre:
            """The largest weight is not in the middle (or not only there), so the picture would move as well as blur.
            Distances are counted from the centre: for size 5 they are −2, −1, 0, 1, 2. Which number do you subtract
            from 0, 1, 2, 3, 4 to get those?"""

            def from_the_corner(size, sigma):
                line = torch.arange(size)
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / (2 * sigma**2)))

            def by_half_a_pixel(size, sigma):
                line = torch.arange(size) - size / 2
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / (2 * sigma**2)))

            def by_one(size, sigma):
                line = torch.arange(size) - (size + 1) // 2
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / (2 * sigma**2)))

        class sign_turned:
            """Your weights grow with the distance: the corners count most. One sign decides whether exp grows or falls.
            Which way should it go?"""

            def growing(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp((line[:, None] ** 2 + line**2) / (2 * sigma**2)))

        class rows_normalised:
            """Every row (or column) of your kernel adds up to 1, so all of it adds up to size. Over how much of the
            kernel does your sum have to run?"""

            def each_row(size, sigma):
                return bell(size, sigma) / bell(size, sigma).sum(dim=1, keepdim=True)

            def each_column(size, sigma):
                return bell(size, sigma) / bell(size, sigma).sum(dim=0, keepdim=True)

        class one_axis_only:
            """Your weights change along one axis only (or there is only one row of them). The distance from the centre
            has two parts, across and down. How do both enter the formula?"""

            def across(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line**2) / (2 * sigma**2)).expand(size, size))

            def down(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line[:, None] ** 2) / (2 * sigma**2)).expand(size, size))

            def one_row(size, sigma):
                line = torch.arange(size) - size // 2
                return normalised(torch.exp(-(line**2) / (2 * sigma**2)))

        class scaled_to_one:
            """Your distances run from −1 to 1 whatever the size, as if the kernel's border were always one step away.
            Here they are counted in pixels. How far is the border of a 5×5 kernel from its centre?"""

            def by_linspace(size, sigma):
                line = torch.linspace(-1, 1, size) if size > 1 else torch.zeros(1)
                return normalised(torch.exp(-(line[:, None] ** 2 + line**2) / (2 * sigma**2)))

        class size_ignored:
            """Your kernel is always of one size, or its size follows from σ. Here size is given, and σ says how wide
            the bell in it is. Where does size enter your code?"""

            def always_three(size, sigma):
                return normalised(bell(3, sigma))

            def from_sigma(size, sigma):
                return normalised(bell(2 * round(3 * sigma) + 1, sigma))

        class sigma_ignored:
            """Your kernel is the same for every σ. A larger σ should make a wider bell. Where does sigma enter your
            formula?"""

            def always_one(size, sigma):
                return normalised(bell(size, 1))

            def from_the_size(size, sigma):
                return normalised(bell(size, 0.3 * ((size - 1) * 0.5 - 1) + 0.8))

            def a_third_of_the_size(size, sigma):
                return normalised(bell(size, size / 6))


# ── At the bench ─────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class centre_plus_one:
    right = 0.5

    class wrong:
        class nothing_happens:
            """Still an edge kernel, then? No: its weights add up to 1 now, and a flat area has all of them agree."""

            value = 0

        class ones_added:
            """The weight grew by 1, but it meets a pixel of 0.5."""

            value = 1


# ── edge_kernels ─────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class printed_diagonal:
    right = 0.6

    class wrong:
        class kernel_sums_to_zero:
            """It looks like an edge kernel. Add up its nine weights: three are 1, two are −1."""

            value = 0

        class sum_not_times_brightness:
            """That is the sum of its weights. Each of them meets a pixel of 0.6."""

            value = 1


@fact("the shape of the stack", means="not_four_grids")
def stack_shape(kernels):
    return tuple(torch.as_tensor(kernels).shape)


@fact("each kernel has negative weights as well as positive ones", means="no_negative_weights")
def both_signs(kernels):
    kernels = torch.as_tensor(kernels).flatten(1)
    return ((kernels.amin(1) < 0) & (kernels.amax(1) > 0)).tolist()


@fact("the four answers to a flat area of brightness 1", within=1e-4, means="kernel_sums_to_one")
def flat(kernels):
    return torch.as_tensor(kernels).double().sum(dim=(1, 2)).tolist()


@fact("left: the sum of each of its rows", within=1e-4, means="diagonals_first")
def left_rows(kernels):
    return torch.as_tensor(kernels)[0].double().sum(dim=1).tolist()


@fact("left answers across, top downwards, not each the other way", means="x_and_y_swapped")
def left_and_top_in_place(kernels):
    kernels = torch.as_tensor(kernels)[:2].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    answers = (torch.stack([across, down], 1).abs() > 0.01 * kernels.abs().amax(dim=(1, 2))[:, None]).tolist()
    return answers != [[False, True], [True, False]]


@fact("left: it answers a picture that gets brighter to the right", means="line_for_edge")
def left_answers(kernels):
    kernel = torch.as_tensor(kernels)[0].double()
    return bool((kernel * torch.arange(3)).sum().abs() > 0.01 * kernel.abs().max())


@fact("left and top: they are two different kernels", means="one_kernel_repeated")
def left_and_top_differ(kernels):
    return not torch.equal(torch.as_tensor(kernels)[0], torch.as_tensor(kernels)[1])


@fact("top: the sum of each of its columns", within=1e-4, means="diagonals_first")
def top_columns(kernels):
    return torch.as_tensor(kernels)[1].double().sum(dim=0).tolist()


@fact("top: it answers a picture that gets brighter downwards", means="line_for_edge")
def top_answers(kernels):
    kernel = torch.as_tensor(kernels)[1].double()
    return bool((kernel * torch.arange(3)[:, None]).sum().abs() > 0.01 * kernel.abs().max())


@fact("diagonals: each answers a picture that gets brighter to the right or downwards", means="line_for_edge")
def diagonals_answer(kernels):
    kernels = torch.as_tensor(kernels)[2:].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    return (across.abs() + down.abs() > 0.01 * kernels.abs().amax(dim=(1, 2))).tolist()


@fact(
    "diagonals: each answers brighter to the right and brighter downwards equally strongly",
    means="straight_for_diagonal",
)
def diagonals_balanced(kernels):
    kernels = torch.as_tensor(kernels)[2:].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    return ((across.abs() - down.abs()).abs() < 1e-3 * kernels.abs().amax(dim=(1, 2))).tolist()


@fact(
    "diagonals: their two answers have the same sign for one kernel, and opposite signs for the other",
    means="diagonal_twice",
)
def diagonals_differ(kernels):
    kernels = torch.as_tensor(kernels)[2:].double()
    across, down = (kernels * torch.arange(3)).sum(dim=(1, 2)), (kernels * torch.arange(3)[:, None]).sum(dim=(1, 2))
    return bool((across * down).prod() < 0)


LEFT = grid("-1 0 1 / -1 0 1 / -1 0 1")
FALLING = grid("-1 -1 0 / -1 0 1 / 0 1 1")  # dark in the upper left, bright in the lower right
RISING = FALLING.flip(0)
SOBEL = grid("-1 0 1 / -2 0 2 / -1 0 1")
LINE = grid("-1 2 -1 / -1 2 -1 / -1 2 -1")
LAPLACIAN = grid("0 1 0 / 1 -4 1 / 0 1 0")
DIAGONAL_LINE = grid("-1 -1 2 / -1 2 -1 / 2 -1 -1")
SUM_OF_ONE = grid("0 -1 1 / -1 1 0 / 1 0 0")


def straight_and(*diagonals):
    """Good kernels for left and top, and two others."""
    return torch.stack([LEFT, LEFT.t(), *diagonals])


@exercise(
    facts=[
        *(stack_shape, both_signs, flat, left_and_top_in_place, left_answers, left_rows, left_and_top_differ),
        *(top_answers, top_columns, diagonals_answer, diagonals_balanced, diagonals_differ),
    ]
)
class edge_kernels:
    right = straight_and(FALLING, RISING)
    like_sobel = torch.stack([SOBEL, SOBEL.t(), grid("-2 -1 0 / -1 0 1 / 0 1 2"), grid("0 1 2 / -1 0 1 / -2 -1 0")]) / 8
    the_other_sign_and_order = torch.stack([-LEFT, -5 * LEFT.t(), RISING, -0.1 * FALLING])
    of_two_weights = grids(
        *("0 0 0 / 0 -1 1 / 0 0 0", "0 -1 0 / 0 1 0 / 0 0 0", "0 0 0 / 0 -1 0 / 0 0 1", "0 0 0 / 0 -1 0 / 1 0 0")
    )

    class wrong:
        class line_for_edge:
            """These kernels answer a line, or a spot, brighter than both of its sides. An edge has two different sides:
            dark here, bright there. Which weights should be negative and which positive, so that one side is subtracted
            from the other?"""

            all_four = torch.stack([LINE, LINE.t(), DIAGONAL_LINE, DIAGONAL_LINE.flip(0)])
            diagonals = straight_and(DIAGONAL_LINE, DIAGONAL_LINE.flip(0))
            straight_ones = torch.stack([LINE, LINE.t(), FALLING, RISING])
            a_spot = torch.stack([LAPLACIAN] * 4)
            second_derivatives = grids(
                *(
                    "0 0 0 / 1 -2 1 / 0 0 0",
                    "0 1 0 / 0 -2 0 / 0 1 0",
                    "1 0 0 / 0 -2 0 / 0 0 1",
                    "0 0 1 / 0 -2 0 / 1 0 0",
                )
            )

        class kernel_sums_to_one:
            """The weights of some of your kernels do not add up to 0 (such diagonals are in print, with a sum of 1).
            Then a flat area answers too, and the response is mostly the picture itself, with a bit of an edge in it.
            What should a kernel for edges say where nothing changes?"""

            as_in_print = straight_and(SUM_OF_ONE, SUM_OF_ONE.flip(0))
            the_other_diagonal_first = straight_and(SUM_OF_ONE.flip(0), SUM_OF_ONE)
            a_ninth_each = straight_and(FALLING, RISING) + 1 / 9

        class no_negative_weights:
            """One of your kernels has no negative weights, or no positive ones, so it only adds up: along a line that
            is a blur, and nine zeros answer nothing. An edge is a difference between two sides. How does a kernel
            subtract?"""

            lines_of_ones = grids(
                *("0 1 0 / 0 1 0 / 0 1 0", "0 0 0 / 1 1 1 / 0 0 0", "1 0 0 / 0 1 0 / 0 0 1", "0 0 1 / 0 1 0 / 1 0 0")
            )
            sides_of_ones = grids(
                *("1 0 0 / 1 0 0 / 1 0 0", "1 1 1 / 0 0 0 / 0 0 0", "1 1 0 / 1 0 0 / 0 0 0", "0 1 1 / 0 0 1 / 0 0 0")
            )
            sides_and_lines = grids(
                *("1 0 0 / 1 0 0 / 1 0 0", "1 1 1 / 0 0 0 / 0 0 0", "1 0 0 / 0 1 0 / 0 0 1", "0 0 1 / 0 1 0 / 1 0 0")
            )

        class x_and_y_swapped:
            """Left and top have changed places. Your first kernel subtracts rows from each other, so it answers where
            brightness changes downwards. Which way does brightness change as you walk across a left edge?"""

            prewitt = torch.stack([LEFT.t(), LEFT, FALLING, RISING])
            like_sobel_and_negated = torch.stack([-SOBEL.t(), -SOBEL, RISING, FALLING])

        class diagonal_twice:
            """Both of your diagonal kernels are for the same diagonal. Transposing one, turning it by 180° or negating
            it changes at most its sign. How do you get from the falling diagonal to the rising one?"""

            transposed = straight_and(FALLING, FALLING.t())
            turned = straight_and(RISING, RISING.rot90(2))

        class straight_for_diagonal:
            """Of your last two kernels, one at least answers one direction more strongly than the other, or like the
            first two only across or only down. A diagonal kernel should answer both alike. In which two corners should
            its negative and its positive weights lie, and do they mirror each other on the diagonal?"""

            right_and_bottom = straight_and(-LEFT, -LEFT.t())
            like_sobel = straight_and(SOBEL, SOBEL.t())
            unequal = straight_and(grid("-1 -1 0 / -1 0 1 / 0 2 1"), RISING)

        class one_kernel_repeated:
            """Your second kernel is the same as your first. The first answers brightness that changes across. Which way
            does it change over a top edge, and how must the weights lie for that?"""

            four_times = torch.stack([LEFT] * 4)
            twice = torch.stack([LEFT, LEFT, FALLING, RISING])

        class diagonals_first:
            """One of your two straight kernels, left or top, answers brightness that changes the other way as well, as
            a diagonal one does. Left and top come first, then the diagonals. If brightness changes downwards only, each
            row under the kernel is flat: what must each row of left add up to?"""

            in_front = torch.stack([FALLING, RISING, LEFT, LEFT.t()])

        class not_four_grids:
            """Four grids of 3×3, one after the other along the first axis, have the shape (4, 3, 3). Yours have another
            shape. Is a kernel missing, is one written as a flat row, or do they lie along another axis?"""

            last = torch.stack([LEFT, LEFT.t(), FALLING, RISING], dim=2)
            in_the_middle = torch.stack([LEFT, LEFT.t(), FALLING, RISING], dim=1)
            below_each_other = torch.cat([LEFT, LEFT.t(), FALLING, RISING])
            flat_rows = straight_and(FALLING, RISING).reshape(4, 9)
            two_only = torch.stack([LEFT, LEFT.t()])


@guess
class line_on_a_slope:
    right = 0

    class wrong:
        class line_for_edge:
            """An edge kernel would: it takes one side from the other. This one takes both sides from the middle, which
            is just their mean."""

            value = 0.6
            two_steps = 0.2
            one_step = 0.1
            three_rows = 0.3


@exercise()
class zero_responses:
    right = [False, True, True, False]

    class wrong:
        class responses_for_zeros:
            """You have it exactly the other way round. Asked is which are zero everywhere. Did you say which ones
            answer?"""

            value = [True, False, False, True]

        class transpose_ignored:
            """The same for all four, as if transposing changed nothing. In which direction does X change, and which
            neighbours does [[1, −1]] subtract from each other?"""

            value = [False, False, False, False]
            all_zero = [True, True, True, True]

        class kernel_alone_decides:
            """In your answer only the kernel counts. But does X change downwards as well as across? Look at the
            pictures for which the kernel is the same and the picture is not."""

            value = [False, False, True, True]
            the_other_way = [True, True, False, False]

        class image_alone_decides:
            """In your answer only the picture counts. What does a kernel that subtracts downwards find in a picture
            whose rows are all alike?"""

            value = [False, True, False, True]
            the_other_way = [True, False, True, False]

        class one_missed:
            """You found one, but there is another that is zero everywhere. Picture and kernel play alike parts here:
            what happens when just one of the two is transposed, whichever it is?"""

            value = [False, True, False, False]
            the_other = [False, False, True, False]

        class numbers_for_truths:
            """You gave the numbers of two pairs. Asked is a list of four, one for each pair in order: is it zero
            everywhere, True or False?"""

            counted_from_one = [2, 3]
            counted_from_zero = [1, 2]

        class any_transpose_kills:
            """Nearly. What happens when picture and kernel are transposed? Turn your head by 90° and look at both."""

            value = [False, True, True, True]


# ── sobel_x, sobel_y, gradient_magnitude ─────────────────────────────────────────────────────────────────────────────


@exercise(tolerance=1e-4)
class sobel_x:
    right = SOBEL

    class wrong:
        class x_and_y_swapped:
            """This one subtracts rows from each other, so it answers brightness that changes downwards. x counts
            columns. In which direction should the weights change sign?"""

            downwards = SOBEL.t()
            upwards = -SOBEL.t()

        class sign_turned:
            """A good kernel, and many books print it like this. In this course brighter to the right is positive. Lay
            yours on a region that is dark on the left and bright on the right: which sign comes out?"""

            value = -SOBEL

        class divided_by_8:
            """Some libraries divide Sobel's weights by 8, so that a slope of 1 answers 1, or by 4, so that a step of 1
            does. Here the weights are the whole numbers of the text. Which are they?"""

            by_eight = SOBEL / 8
            by_four = SOBEL / 4

        class twos_forgotten:
            """All three rows count alike: that is Prewitt's kernel. Sobel's smooths a little, with the weights 1, 2, 1
            across the direction in which it subtracts. Which row lies nearest to the pixel in question?"""

            value = LEFT
            and_negated = -LEFT

        class scharr:
            """Those are Scharr's weights, 3 and 10, a later kernel that treats all directions more alike. Sobel's are
            smaller. Which are they?"""

            value = grid("-3 0 3 / -10 0 10 / -3 0 3")

        class no_negative_weights:
            """None of your weights is negative, so both sides are added up and a flat area answers. A kernel for edges
            subtracts one side from the other. Which side comes with a minus here?"""

            without_minus = SOBEL.abs()

        class one_sign_turned:
            """The sizes of your weights are right, but not all signs: one row subtracts the other way round, or one
            weight does. In every row, which side is subtracted from which?"""

            middle_row = SOBEL * grid("1 1 1 / -1 1 -1 / 1 1 1")
            first_row = SOBEL * grid("-1 1 -1 / 1 1 1 / 1 1 1")
            last_row = SOBEL * grid("1 1 1 / 1 1 1 / -1 1 -1")
            first_corner = SOBEL * grid("-1 1 1 / 1 1 1 / 1 1 1")
            second_corner = SOBEL * grid("1 1 -1 / 1 1 1 / 1 1 1")
            third_corner = SOBEL * grid("1 1 1 / 1 1 1 / -1 1 1")
            last_corner = SOBEL * grid("1 1 1 / 1 1 1 / 1 1 -1")

        class twos_at_the_corners:
            """The 2 is not where it belongs. The row through the middle lies nearest, so it should count double, not
            the rows above and below it. Where does the 2 go?"""

            above_and_below = torch.tensor([[-2.0, 0, 2], [-1, 0, 1], [-2, 0, 2]])
            in_the_middle = torch.tensor([[-1.0, 2, 1], [-1, 2, 1], [-1, 2, 1]])
            in_one_row = torch.tensor([[-1.0, -2, -1], [0, 0, 0], [-1, -2, -1]])


@exercise(tolerance=1e-4)
class sobel_y:
    right = SOBEL.t()

    class wrong:
        class x_and_y_swapped:
            """This one subtracts columns from each other, so it answers brightness that changes across. y counts rows.
            In which direction should the weights change sign?"""

            to_the_right = SOBEL
            to_the_left = -SOBEL

        class sign_turned:
            """A good kernel, and many books print it like this. Here rows are counted downwards, and brighter downwards
            is positive. Lay yours on a region that is dark above and bright below: which sign comes out?"""

            value = -SOBEL.t()

        class divided_by_8:
            """Some libraries divide Sobel's weights by 8, so that a slope of 1 answers 1, or by 4, so that a step of 1
            does. Here the weights are the whole numbers of the text. Which are they?"""

            by_eight = SOBEL.t() / 8
            by_four = SOBEL.t() / 4

        class twos_forgotten:
            """All three columns count alike: that is Prewitt's kernel. Sobel's counts 1, 2, 1 along the edge. Which
            column lies nearest to the pixel in question?"""

            value = LEFT.t()
            and_negated = -LEFT.t()

        class scharr:
            """Those are Scharr's weights, 3 and 10, a later kernel that treats all directions more alike. Sobel's are
            smaller. Which are they?"""

            value = grid("-3 -10 -3 / 0 0 0 / 3 10 3")

        class no_negative_weights:
            """None of your weights is negative, so both sides are added up and a flat area answers. A kernel for edges
            subtracts one side from the other. Which side comes with a minus here?"""

            without_minus = SOBEL.t().abs()

        class one_sign_turned:
            """The sizes of your weights are right, but not all signs: one column subtracts the other way round, or one
            weight does. In every column, which side is subtracted from which?"""

            middle_column = SOBEL.t() * grid("1 -1 1 / 1 1 1 / 1 -1 1")
            first_column = SOBEL.t() * grid("-1 1 1 / 1 1 1 / -1 1 1")
            last_column = SOBEL.t() * grid("1 1 -1 / 1 1 1 / 1 1 -1")
            first_corner = SOBEL.t() * grid("-1 1 1 / 1 1 1 / 1 1 1")
            second_corner = SOBEL.t() * grid("1 1 -1 / 1 1 1 / 1 1 1")
            third_corner = SOBEL.t() * grid("1 1 1 / 1 1 1 / -1 1 1")
            last_corner = SOBEL.t() * grid("1 1 1 / 1 1 1 / 1 1 -1")

        class twos_at_the_corners:
            """The 2 is not where it belongs. The column through the middle lies nearest, so it should count double, not
            those beside it. Where does the 2 go?"""

            beside = torch.tensor([[-2.0, -1, -2], [0, 0, 0], [2, 1, 2]])
            in_the_middle = torch.tensor([[-1.0, -1, -1], [2, 2, 2], [1, 1, 1]])


def slide(gray, kernel):
    """Valid cross-correlation by the library."""
    return F.conv2d(gray[None, None], kernel[None, None])[0, 0]


def slopes(gray):
    return slide(gray, SOBEL), slide(gray, SOBEL.t())


STEPS = grid("0 0 1 1 1 / 0 0 1 3 1 / 0 0 0 1 1 / 2 0 0 0 5")
SOFT = grid("0.5 0.5 0.5 0.5 / 0.5 0.5 0.5 0.5 / 0.5 0.5 0.5 0.7 / 0.5 0.5 0.4 0.7")


@guess
class three_and_four:
    right = 5

    class wrong:
        class absolute_sum:
            """7 is the way along the streets, 3 across and 4 down. Magnitude is the straight line."""

            value = 7

        class no_square_root:
            """9 + 16 is 25: the square of the magnitude."""

            value = 25

        class mean_not_sum:
            """That is the mean of the two. Slopes add up as the sides of a right triangle do."""

            value = 3.5


@exercise(examples=[{"gray": STEPS}, {"gray": STEPS.t()[:, :3]}, {"gray": SOFT / 3}], inputs=grays)
class gradient_magnitude:
    def right(gray):
        across, down = slide(gray, SOBEL), slide(gray, SOBEL.t())
        return (across**2 + down**2).sqrt()

    def in_one_call(gray):
        both = F.conv2d(gray[None], torch.stack([SOBEL, SOBEL.t()])[:, None])
        return both.norm(dim=0)

    def by_slices(gray):
        x = gray.numpy().astype(float)
        column, row = x[:-2] + 2 * x[1:-1] + x[2:], x[:, :-2] + 2 * x[:, 1:-1] + x[:, 2:]
        return np.hypot(column[:, 2:] - column[:, :-2], row[2:] - row[:-2])

    def place_by_place(gray):
        rows, cols = gray.shape[0] - 2, gray.shape[1] - 2
        result = torch.zeros(rows, cols)
        for row in range(rows):
            for col in range(cols):
                region = gray[row : row + 3, col : col + 3]
                result[row, col] = math.sqrt(
                    float((region * SOBEL).sum()) ** 2 + float((region * SOBEL.t()).sum()) ** 2
                )
        return result

    class wrong:
        class no_square_root:
            """You have the sum of the squares: a slope twice as steep answers four times as much. What undoes a
            square?"""

            def squares(gray):
                across, down = slopes(gray)
                return across**2 + down**2

        class not_squared:
            """You took the root of the two slopes as they are, not of their squares: 3 and 4 do not give 5, and what is
            below zero has no root. What does Pythagoras do to the two short sides first?"""

            def of_the_sum(gray):
                across, down = slopes(gray)
                return (across + down).sqrt()

            def of_the_sizes(gray):
                across, down = slopes(gray)
                return (across.abs() + down.abs()).sqrt()

        class absolute_sum:
            """You added the two absolute values. That is right where one of them is zero, and too large on every
            diagonal: 3 and 4 give 7. How long is the straight way, 3 across and 4 down?"""

            def by_abs(gray):
                across, down = slopes(gray)
                return across.abs() + down.abs()

            def two_roots(gray):
                across, down = slopes(gray)
                return (across**2).sqrt() + (down**2).sqrt()

        class one_direction_only:
            """Only one of the two slopes is in your answer, so edges in one direction are missing. How do the slope
            across and the slope down both get in?"""

            def across(gray):
                return slopes(gray)[0].abs()

            def down(gray):
                return slopes(gray)[1].abs()

            def across_with_sign(gray):
                return slopes(gray)[0]

            def across_twice(gray):
                return slopes(gray)[0].abs() * 2**0.5

            def down_twice(gray):
                return slopes(gray)[1].abs() * 2**0.5

        class signs_cancel:
            """Your two slopes can cancel each other: 3 and −3 give nothing, although there is an edge. What makes the
            sign of a slope not count, and how are the two results put together?"""

            def sum(gray):
                across, down = slopes(gray)
                return across + down

            def squared_afterwards(gray):
                across, down = slopes(gray)
                return ((across + down) ** 2).sqrt()

            def difference_of_squares(gray):
                across, down = slopes(gray)
                return (across**2 - down**2).abs().sqrt()

        class zero_border_kept:
            """Your result is as large as the picture: a border of zeros was put around it, and the step from the
            picture to that border shows up as an edge. Valid means that the kernel stays inside. How large is the
            response then?"""

            def padded(gray):
                padded = F.pad(gray, (1, 1, 1, 1))
                across, down = slopes(padded)
                return (across**2 + down**2).sqrt()

            def put_into_zeros(gray):
                across, down = slopes(gray)
                return F.pad((across**2 + down**2).sqrt(), (1, 1, 1, 1))

        class mean_not_sum:
            """You took the mean of the two squares, or of the two slopes. Pythagoras adds the squares and does not
            divide. How long is the straight way, 3 across and 4 down?"""

            def of_squares(gray):
                across, down = slopes(gray)
                return ((across**2 + down**2) / 2).sqrt()

            def of_magnitudes(gray):
                across, down = slopes(gray)
                return (across.abs() + down.abs()) / 2

        class larger_one_only:
            """Of the two slopes you kept the larger one. A diagonal edge, where both are equal, then looks weaker than
            it is. How do you put two slopes together so that both count?"""

            def by_maximum(gray):
                across, down = slopes(gray)
                return torch.maximum(across.abs(), down.abs())

        class divided_by_8:
            """Everything is 8 (or 4) times too small: Sobel's weights were divided. In this lesson they are whole
            numbers. What do sobel_x and sobel_y hold?"""

            def by_eight(gray):
                across, down = slopes(gray)
                return (across**2 + down**2).sqrt() / 8

            def by_four(gray):
                across, down = slopes(gray)
                return (across**2 + down**2).sqrt() / 4

        class twos_forgotten:
            """Your weights are Prewitt's, which count all three rows alike. Sobel's middle row counts double. Are your
            sobel_x and sobel_y right by now?"""

            def prewitt(gray):
                return (slide(gray, LEFT) ** 2 + slide(gray, LEFT.t()) ** 2).sqrt()

        class epsilon_added:
            """Your result is a little too large, most of all where it should be 0: you added a small number under the
            root. That has its use when a network learns; here a flat area should answer exactly 0. Can you do
            without?"""

            def a_hundredth(gray):
                across, down = slopes(gray)
                return (across**2 + down**2 + 1e-2).sqrt()

            def a_thousandth(gray):
                across, down = slopes(gray)
                return (across**2 + down**2 + 1e-3).sqrt()

            def a_millionth(gray):
                across, down = slopes(gray)
                return (across**2 + down**2 + 1e-6).sqrt()

            def smaller(gray):
                across, down = slopes(gray)
                return (across**2 + down**2 + 1e-8).sqrt()

        class stretched:
            """Your numbers were made to fit between 0 and 1: divided by the largest, or cut off. Then faint pictures
            cannot be told from sharp ones. Here the numbers themselves are asked for. Which step of yours is only for
            display?"""

            def by_the_largest(gray):
                across, down = slopes(gray)
                magnitude = (across**2 + down**2).sqrt()
                return magnitude / magnitude.max().clamp(min=1e-12)

            def from_smallest_to_largest(gray):
                across, down = slopes(gray)
                magnitude = (across**2 + down**2).sqrt()
                return (magnitude - magnitude.min()) / (magnitude.max() - magnitude.min()).clamp(min=1e-12)

            def cut_at_one(gray):
                across, down = slopes(gray)
                return (across**2 + down**2).sqrt().clamp(0, 1)


# ── sharpen_kernel ───────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class flat_after_sharpening:
    right = 0.5

    class wrong:
        class amount_times:
            """Three times the difference from the blur is added. In a flat area there is no difference."""

            value = 1.5
            on_top = 2
            cut = 1

        class kernel_sums_to_zero:
            """The details alone answer 0 there. But the picture itself is in the sum as well."""

            value = 0


BOX = torch.full((3, 3), 1 / 9)
CENTRE = grid("0 0 0 / 0 1 0 / 0 0 0")
NEIGHBOURS = grid("0 1 0 / 1 0 1 / 0 1 0")


@exercise(
    examples=[{"amount": 1}, {"amount": 3}, {"amount": 0.5}, {"amount": 0}],
    inputs=amounts,
    uses=[identity_kernel, box_blur],
)
class sharpen_kernel:
    def right(amount):
        return CENTRE + amount * (CENTRE - BOX)

    def weight_by_weight(amount):
        kernel = np.full((3, 3), -amount / 9)
        kernel[1, 1] = 1 + amount * 8 / 9
        return kernel

    def by_mixing(amount):
        return torch.lerp(BOX, CENTRE, 1.0 + amount)

    def as_lists(amount):
        return [[(1 + amount) * (row == col == 1) - amount / 9 for col in range(3)] for row in range(3)]

    class wrong:
        class kernel_sums_to_zero:
            """Your kernel gives the details alone: its weights add up to 0, and flat areas turn black. Sharpening adds
            the details to something. What is missing in the sum?"""

            def details_only(amount):
                return amount * (CENTRE - BOX)

        class sign_turned:
            """Your kernel blurs: the blur is added and the picture subtracted. What is left of a picture when you take
            its blur away, and which sign brings that out?"""

            def turned(amount):
                return CENTRE + amount * (BOX - CENTRE)

        class blur_added:
            """You added the blur where it should be taken away: the weights add up to more than 1, and the picture gets
            brighter, not sharper. What are the details: picture and blur together, or the difference between them?"""

            def to_the_picture(amount):
                return CENTRE + amount * (CENTRE + BOX)

            def alone(amount):
                return CENTRE + amount * BOX

        class amount_on_one_part_only:
            """The amount multiplies only one of the two, picture or blur, so the weights no longer add up to 1 and flat
            areas change their brightness. To what should the amount apply as a whole?"""

            def on_the_picture(amount):
                return CENTRE + amount * CENTRE - BOX

            def on_the_blur(amount):
                return CENTRE - amount * BOX

            def on_the_picture_once(amount):
                return amount * CENTRE - BOX

        class not_normalised:
            """Your blur is no mean: its nine weights add up to more than 1. So a flat area of 0.5 does not stay 0.5.
            Which weights does a 3×3 box blur have?"""

            def by_ones(amount):
                return CENTRE + amount * (CENTRE - torch.ones(3, 3))

            def by_side(amount):
                return CENTRE + amount * (CENTRE - torch.ones(3, 3) / 3)

            def eight_neighbours(amount):
                return CENTRE + amount * (9 * CENTRE - torch.ones(3, 3))

        class four_neighbours:
            """You know a famous sharpening kernel, with the four nearest neighbours. It is a good one. Here the details
            are what a 3×3 box blur takes away. How many neighbours does a box have?"""

            def classic(amount):
                return CENTRE + amount * (4 * CENTRE - NEIGHBOURS)

            def always_five(amount):
                return 5 * CENTRE - NEIGHBOURS

            def of_their_mean(amount):
                return CENTRE + amount * (CENTRE - NEIGHBOURS / 4)

        class amount_ignored:
            """Your kernel is the same for every amount. With amount 0 nothing should be sharpened at all. Where does
            amount enter your formula?"""

            def always_one(amount):
                return 2 * CENTRE - BOX

            def always_nine(amount):
                return 9 * CENTRE - (torch.ones(3, 3) - CENTRE)

        class centre_left_out:
            """Your blur leaves out the pixel itself: only its eight neighbours are taken away. A box blur counts all
            nine. How much does the middle weight change?"""

            def mean_of_eight(amount):
                return CENTRE + amount * (CENTRE - (torch.ones(3, 3) - CENTRE) / 8)

            def ninths_without_centre(amount):
                return CENTRE + amount * (CENTRE - (torch.ones(3, 3) - CENTRE) / 9)

        class identity_matrix:
            """You took ones along the diagonal for the kernel that keeps a picture as it is. Which single weight keeps
            a pixel?"""

            def by_eye(amount):
                return torch.eye(3) + amount * (torch.eye(3) - BOX)

        class normalised_again:
            """Your kernel was divided once more, so that it is too weak. Add up the weights before you divide: what is
            their sum already?"""

            def by_nine(amount):
                return (CENTRE + amount * (CENTRE - BOX)) / 9

            def by_the_largest(amount):
                kernel = CENTRE + amount * (CENTRE - BOX)
                return kernel / kernel.max()

            def by_one_more(amount):
                return (CENTRE + amount * (CENTRE - BOX)) / (1 + amount)


# ── filter_bank ──────────────────────────────────────────────────────────────────────────────────────────────────────


@guess
class bank_shape:
    right = (4, 510, 510)

    class wrong:
        class channels_last:
            """PyTorch puts the stack first: four responses, each a grid."""

            value = (510, 510, 4)

        class same_as_image:
            """A 3×3 kernel that stays inside has two places fewer than pixels along each axis."""

            value = (4, 512, 512)

        class kernels_summed:
            """Four kernels, four responses: they are not added up here."""

            value = (510, 510)

        class batch_kept:
            """That is what F.conv2d returns, with an axis for the pictures in front. The stack for this one picture is
            without it."""

            value = (1, 4, 510, 510)


PLAIN = grid("1 0 2 5 / 0 3 1 0 / 4 1 0 2 / 2 0 7 1 / 0 6 1 3")
THREE = grids("0 0 1 / 0 2 0 / -1 0 0", "1 2 1 / 0 0 0 / -1 -2 -1", "0 1 0 / 1 -4 3 / 0 0 0")


@exercise(
    examples=[
        {"gray": PLAIN, "kernels": THREE},
        {"gray": PLAIN[:4], "kernels": torch.cat([THREE[:2], THREE.flip(2)])},
        {"gray": PLAIN.t() / 3, "kernels": THREE[2:] / 3},
    ],
    inputs=grays_and_kernels,
    through=("conv2d",),
)
class filter_bank:
    def right(gray, kernels):
        return F.conv2d(gray[None, None], kernels[:, None])[0]

    def without_a_batch(gray, kernels):
        return F.conv2d(gray.unsqueeze(0), kernels.unsqueeze(1))

    def a_call_a_kernel(gray, kernels):
        return torch.stack([slide(gray, kernel) for kernel in kernels])

    def by_a_layer(gray, kernels):
        layer = torch.nn.Conv2d(1, len(kernels), 3, bias=False)
        layer.weight.data = kernels.reshape(-1, 1, 3, 3)
        return layer(gray.reshape(1, 1, *gray.shape)).squeeze(0).detach()

    def one_group_a_kernel(gray, kernels):
        return F.conv2d(gray.expand(len(kernels), -1, -1), kernels[:, None], groups=len(kernels))

    class wrong:
        class axis_kept:
            """The numbers are right, but an axis of length 1 is left over: conv2d answers for several pictures at once,
            and yours has one. How do you take the first entry of an axis?"""

            def the_batch(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])

            def the_channel(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0][:, None]

        class one_kernel_squeezed:
            """It works, except for a bank of one kernel: squeeze takes away every axis of length 1, that of the bank as
            well. Which one axis should go?"""

            def by_squeeze(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None]).squeeze()

        class weight_axes_swapped:
            """conv2d did not accept your axes, or took your kernels for the channels of one kernel. It wants its
            weights as (kernels, channels of the picture, rows, columns). A grey picture has one channel. Where does the
            axis of length 1 belong?"""

            def in_front(gray, kernels):
                return F.conv2d(gray[None, None], kernels[None])[0]

        class kernels_summed:
            """Your responses are added up to one. Each kernel should keep a response of its own. Does conv2d take your
            stack for several kernels, or for several channels of one?"""

            def afterwards(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0].sum(dim=0)

            def as_channels(gray, kernels):
                return F.conv2d(gray.expand(len(kernels), -1, -1)[None], kernels[None])[0]

            def summed_before(gray, kernels):
                return slide(gray, kernels.sum(dim=0))

        class kernels_averaged:
            """Your responses were averaged to one. An axis of length 1 is left over from the pictures, but the mean ran
            along the axis of the kernels. Which axis is which?"""

            def axis_one(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None]).mean(dim=1)

            def axis_zero(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0].mean(dim=0)

        class first_kernel_only:
            """Only one kernel's response is there. conv2d answers for all of them at once: which index keeps only the
            first?"""

            def of_the_result(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0, 0]

            def of_the_kernels(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:1, None])[0]

            def of_the_kernels_flat(gray, kernels):
                return slide(gray, kernels[0])

        class four_only:
            """You have four responses at most. The bank above had four kernels; another may have more. Which number in
            your code does not come from `kernels`?"""

            def of_the_kernels(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:4, None])[0]

        class zero_border_kept:
            """Your responses are as large as the picture: a border of zeros was put around it. Valid means that the
            kernels stay inside. Which argument adds the border?"""

            def padded(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None], padding=1)[0]

            def same(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None], padding="same")[0]

        class kernel_flipped:
            """Your kernels were turned by 180° before they slid. What PyTorch calls convolution does not turn them, and
            neither does this course. Is there anything left to flip?"""

            def by_flip(gray, kernels):
                return F.conv2d(gray[None, None], kernels.flip(1, 2)[:, None])[0]

            def all_axes(gray, kernels):
                return F.conv2d(gray[None, None], kernels.flip(0, 1, 2)[:, None])[0]

        class kernel_transposed:
            """Rows and columns of your kernels, or of the picture, have changed places. Only axes of length 1 have to
            be added; the others stay as they are. Which line of yours moves them?"""

            def by_transpose(gray, kernels):
                return F.conv2d(gray[None, None], kernels.transpose(1, 2)[:, None])[0]

        class channels_last:
            """The responses lie along the last axis. In PyTorch the stack comes first: (kernels, rows, columns). Which
            order of axes did conv2d give you by itself?"""

            def by_permute(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0].permute(1, 2, 0)

        class negatives_cut:
            """Nothing below zero is left: it was cut off, or made positive. Those are the edges that run the other way.
            Which step of yours does that, and is it for display only?"""

            def rectified(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0].relu()

            def absolute(gray, kernels):
                return F.conv2d(gray[None, None], kernels[:, None])[0].abs()


# ── Ours, beside the student's own sentences ─────────────────────────────────────────────────────────────────────────

explanation(
    "why_squares",
    """A tiny spot is an impulse, and an impulse brings out the kernel itself, turned by 180°: the box is a square, so
    every spot becomes one. A Gaussian's weights depend on the distance alone, so it has no corners to show.""",
)
explanation(
    "why_sky_grey",
    """Min–max fixes the darkest and the brightest response and lets zero fall where it may. A spot's centre answers
    strongly negative and its surroundings weakly positive, so zero, the empty sky's answer, ends up nearer to
    white.""",
)
explanation(
    "why_overshoot",
    """Beside an edge the blur is too dark on the bright side and too bright on the dark side. Adding the difference
    makes bright brighter than 1 and dark darker than 0: that is the halo, and that is what the bytes must cut.""",
)
