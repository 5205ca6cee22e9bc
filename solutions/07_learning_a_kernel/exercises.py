"""Lesson 7, learning a kernel: the right answers, the inputs to try them on, and what learners get wrong.

A kernel is learned by plain gradient descent from a picture and what a filter made of it. Runs are judged by their
kernel and losses after a few exact steps, and by what they reach on fresh pictures.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.transforms import GaussianBlur
from torchvision.transforms.functional import gaussian_blur

from course_grading.authoring import exercise, explanation, fact, guess
from course_grading.authoring.inputs import whole
from course_utils import functions, load_picture

X = torch.tensor(
    [
        [0, 1, 0, 2, 7, 9, 4],
        [1, 0, 2, 6, 9, 8, 5],
        [0, 2, 5, 9, 8, 3, 1],
        [3, 6, 9, 7, 2, 0, 2],
        [6, 9, 8, 2, 0, 1, 6],
        [8, 7, 3, 1, 1, 0, 7],
    ],
    dtype=torch.float32,
)
SMALL = X[:5] / 10  # brightness from 0 to 0.9
TARGET = torch.tensor(
    [
        [1, 0, -2, 3, 1, 0, 2],
        [0, 2, 1, -1, 0, 3, 1],
        [2, -3, 0, 1, 4, -1, 0],
        [1, 1, -2, 0, 2, 1, -3],
        [0, 4, 1, -1, 0, 2, 1],
    ],
    dtype=torch.float32,
)
UNEVEN = torch.cat([TARGET.flip(1) / 2, X[:2] / 4])  # (7, 7)


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def noise(rng, height, width, spread=1.0):
    """A (height, width) picture of independent normal numbers around zero."""
    return torch.tensor(rng.normal(0, spread, (height, width)), dtype=torch.float32)


def texture(rng, height, width):
    """A bright picture with some structure, in [0, 1]: noise, a little blurred, on a gentle slope."""
    fine = F.avg_pool2d(noise(rng, height + 1, width + 1)[None], 2, stride=1)[0]
    slope = torch.linspace(-0.05, 0.05, width) * float(rng.choice([-1, 1]))
    return (0.55 + 0.12 * fine + slope).clamp(0, 1)


def _learnable(tensor):
    """A copy that asks for gradients."""
    return tensor.clone().requires_grad_()


def pictures(rng):
    for height, width in [(4, 4), (4, 9), (11, 5), (8, 12)]:
        yield {"image": torch.tensor(rng.random((height, width)), dtype=torch.float32)}
    yield {"image": texture(rng, 16, 12).t()}


def predictions_and_targets(rng):
    """Pairs of equal shape, and pairs that broadcasting would let through."""
    for shape in [(4, 5), (3, 4, 2), (1, 1, 5, 4), (6,), (2, 3, 3, 2)]:
        yield {"prediction": _learnable(whole(rng, *shape) / 4), "target": whole(rng, *shape) / 4}
    for one, other in [
        ((1, 1, 4, 5), (1, 3, 4, 5)),
        ((1, 3, 4, 5), (1, 1, 4, 5)),
        ((4, 5), (1, 4, 5)),
        ((5, 1), (5,)),
        ((3, 4), (4, 3)),
        ((2, 3), (1, 3)),
    ]:
        yield {"prediction": _learnable(whole(rng, *one)), "target": whole(rng, *other)}


def functions_and_points(rng):
    """Smooth functions of tensors of several shapes, with large steps, which tell one-sided differences apart."""
    many = [
        functions.weighted_cubes,
        functions.products_of_neighbours,
        functions.column_sums_squared,
        functions.weighted_cubes,
    ]
    for f, shape in zip(many, [(4,), (2, 3), (3, 4), (3, 3)], strict=True):
        yield {"f": f, "w": whole(rng, *shape, low=-2, high=2) + 0.5, "eps": 0.5}
    yield {"f": functions.products_of_neighbours, "w": whole(rng, 5, low=-4, high=5) + 0.25}
    yield {"f": functions.column_sums_squared, "w": noise(rng, 3, 2)}


def pictures_to_train_on(rng):
    """Small pictures with a target that no kernel fits exactly, for a few steps at a stable rate."""
    for (height, width), size, steps in [((9, 12), 3, 6), ((12, 10), 5, 4), ((7, 14), 1, 5), ((14, 9), 7, 3)]:
        x, target = noise(rng, height, width) + 0.3, noise(rng, height, width) + 0.2
        yield {"x": x, "target": target, "kernel_size": size, "steps": steps, "lr": float(rng.choice([0.1, 0.05]))}
    x, target = noise(rng, 8, 9) + 0.3, noise(rng, 8, 9) + 0.2
    yield {"x": x, "target": target, "kernel_size": 1, "steps": 60, "lr": 0.2}  # and the last steps change nothing
    x = texture(rng, 12, 14)
    yield {"x": x, "target": high_pass_target(x) * 5, "kernel_size": 3, "steps": 8, "lr": 0.2}


def solvable_pictures(rng):
    """Pictures whose patches determine a kernel."""
    for (height, width), size in [((9, 12), 3), ((13, 10), 5), ((8, 7), 1), ((12, 16), 3)]:
        yield {"x": noise(rng, height, width) + 0.3, "target": noise(rng, height, width) + 0.2, "kernel_size": size}
    x = texture(rng, 20, 24)
    yield {"x": x, "target": high_pass_target(x), "kernel_size": 3}


def bright_and_dark_pictures(rng):
    """A photograph as it is, lighter, and in other units; noise around zero."""
    for k in (3, 5):
        size = int(rng.integers(32, 41))
        photograph = load_picture("camera", size=size).rot90(int(rng.integers(0, 4)))
        yield {"x": photograph, "k": k}
        yield {"x": 0.5 + photograph / 2, "k": k}
        yield {"x": photograph * 255, "k": k}
        yield {"x": photograph - photograph.mean(), "k": k}
    dark = photograph / 10
    row, column = rng.integers(2, 20, size=2)
    dark[row : row + 4, column : column + 4] = 1
    yield {"x": dark, "k": 3}
    yield {"x": photograph, "k": 7}
    yield {"x": noise(rng, 24, 30), "k": int(rng.integers(2, 6))}
    yield {"x": torch.tensor(rng.random((24, 30)), dtype=torch.float32), "k": 4}


def textures_to_learn_from(rng):
    for height, width in [(24, 30), (30, 22)]:
        yield {"image": texture(rng, height, width), "kernel_size": 3, "steps": LEARNING_STEPS}
    yield {"image": texture(rng, 26, 28), "kernel_size": 3, "steps": 1}
    yield {"image": texture(rng, 25, 27), "kernel_size": 5, "steps": 1}


LEARNING_STEPS = 100


def orderly_pictures(rng):
    """Small whole numbers: constant, a ramp, products, a checkerboard, stripes, a dot, noise, a step."""
    height, width = int(rng.integers(8, 11)), int(rng.integers(11, 14))
    rows, columns = torch.arange(height)[:, None], torch.arange(width)[None]
    many = [
        torch.full((height, width), int(rng.integers(1, 9))),
        rows * int(rng.integers(1, 4)) + columns * int(rng.integers(1, 4)),
        (rows + 1) * (columns + 1),
        (rows + columns) % 2 * int(rng.integers(1, 9)),
        torch.tensor(rng.integers(1, 9, 3))[columns % 3].expand(height, width),
        (columns >= int(rng.integers(5, 7))).long().expand(height, width),
        columns**2 + 0 * rows,
        torch.zeros(height, width),
    ]
    dot = torch.zeros(height, width)
    dot[4, 5] = 7
    for picture in [*many, dot]:
        yield {"x": picture.float(), "k": int(rng.integers(2, 5))}
    for k in (3, 4):
        yield {"x": whole(rng, height, width), "k": k}


# ── What the right and the wrong answers share ───────────────────────────────────────────────────────────────────────


def slide(x, kernel):
    """The valid response of a (k, k) kernel."""
    return F.conv2d(x[None, None], kernel[None, None])[0, 0]


def crop(target, kernel_size):
    """The part of an image-sized target that a valid kernel reaches."""
    margin = kernel_size // 2
    return target[margin : target.shape[0] - margin, margin : target.shape[1] - margin]


def patches(x, k):
    """im2col: one row for each position, one column for each weight."""
    return F.unfold(x[None, None], k)[0].t()


def descend(x, target, kernel_size, steps, lr, *, respond=slide, loss=F.mse_loss, start=0.0, sign=-1, forget=True):
    """Gradient descent by hand, each part of which a wrong answer may replace."""
    target = crop(target, kernel_size) if respond is slide else target
    kernel = torch.zeros(kernel_size, kernel_size) + start
    kernel.requires_grad_()
    losses = []
    for _ in range(steps):
        now = loss(respond(x, kernel), target)
        now.backward()
        with torch.no_grad():
            kernel += sign * lr * kernel.grad
        if forget:
            kernel.grad = None
        losses.append(now.item())
    return kernel.detach(), losses


def with_optimizer(x, target, kernel_size, steps, optimizer, **options):
    """The same with one of PyTorch's optimizers."""
    kernel = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    optimizer, losses = optimizer([kernel], **options), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(slide(x, kernel), crop(target, kernel_size))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return kernel.detach(), losses


# ── high_pass_target ─────────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[{"image": SMALL}, {"image": (X[:4, 1:] / 10)}, {"image": X.t() / 9}],
    inputs=pictures,
)
class high_pass_target:
    def right(image):
        return image - gaussian_blur(image[None], 7, 4.0)[0]

    def as_transform(image):
        return image - GaussianBlur(7, sigma=4.0)(image.unsqueeze(0)).squeeze(0)

    def by_hand(image):
        distances = torch.arange(-3.0, 4)
        weights = torch.exp(-(distances**2) / 32)
        kernel = torch.outer(weights, weights) / weights.sum() ** 2
        return image - slide(F.pad(image[None, None], (3, 3, 3, 3), mode="reflect")[0, 0], kernel)

    def in_numpy(image):
        weights = np.exp(-(np.arange(-3, 4) ** 2) / 32)
        weights /= weights.sum()
        padded = np.pad(image.numpy().astype(np.float64), 3, mode="reflect")
        height, width = image.shape
        down = sum(w * padded[i : i + height] for i, w in enumerate(weights))
        return image.numpy() - sum(w * down[:, j : j + width] for j, w in enumerate(weights))

    class wrong:
        def blur_returned(image):
            """This is the blurred picture itself: what is left when the detail is taken out. The target is the detail.
            What do you get when you take the blurred picture away from the sharp one?"""
            return gaussian_blur(image[None], 7, 4.0)[0]

        def sign_turned(image):
            """The detail is there, but with its sign turned: what is brighter than its surroundings came out negative.
            Which of the two pictures is to be taken away from which?"""
            return gaussian_blur(image[None], 7, 4.0)[0] - image

        class sigma_left_at_default:
            """The blur is too narrow. When nobody tells it, torchvision works the spread out from the kernel's size.
            Which second number does this target ask for, and did the blur hear of it?"""

            def omitted(image):
                return image - gaussian_blur(image[None], 7)[0]

            def one(image):
                return image - gaussian_blur(image[None], 7, 1.0)[0]

        class border_mismatch:
            """In the middle your numbers are right, near the rim they are not. What does your blur take for the pixels
            that lie outside of the picture: zeros, the last pixel again, or the picture mirrored, as asked?"""

            def zeros(image):
                return image - slide(F.pad(image, (3, 3, 3, 3)), _gaussian())

            def repeated(image):
                return image - slide(F.pad(image[None], (3, 3, 3, 3), mode="replicate")[0], _gaussian())

        class side_and_sigma_mixed_up:
            """This is another Gaussian blur. Two numbers describe one: the side of its kernel, and its spread,
            sigma. Which of them is 7 here, and which is 4?"""

            def sigma_of_seven(image):
                return image - gaussian_blur(image[None], 7, 7.0)[0]

            def five_pixels(image):
                return image - gaussian_blur(image[None], 5, 4.0)[0]

            def five_pixels_and_sigma_of_seven(image):
                return image - gaussian_blur(image[None], 5, 7.0)[0]

            def three_pixels(image):
                return image - gaussian_blur(image[None], 3, 4.0)[0]

        class box_for_gaussian:
            """You blur with a box: all 49 pixels count the same. In a Gaussian the near ones count more than the far
            ones. Which blur does the target ask for?"""

            def pooled(image):
                return image - F.avg_pool2d(F.pad(image[None], (3, 3, 3, 3), mode="reflect"), 7, stride=1)[0]

            def nearly(image):
                return image - gaussian_blur(image[None], 7, 1000.0)[0]

        class channel_axis_kept:
            """The numbers are right, but there is an axis too many. torchvision wanted a channel axis, and you gave it
            one. Who takes it away again?"""

            def in_front(image):
                return image[None] - gaussian_blur(image[None], 7, 4.0)

            def twice(image):
                return image[None, None] - gaussian_blur(image[None, None], 7, 4.0)

        class negatives_cut_off:
            """The negative half of the detail is gone. A pixel darker than its surroundings has negative detail. Is
            there a clamp or a maximum on the way, and does a target need to look like a picture?"""

            def clamped(image):
                return (image - gaussian_blur(image[None], 7, 4.0)[0]).clamp(0, 1)

        def sign_lost(image):
            """All of your detail is positive. A pixel darker than its surroundings has negative detail; in yours it
            looks just like a brighter one. Where does the sign get lost?"""
            return (image - gaussian_blur(image[None], 7, 4.0)[0]).abs()

        def detail_added(image):
            """This is the picture with its detail added once more: a sharpened picture. The target is the detail
            alone. Which of its parts is one picture too many?"""
            return 2 * image - gaussian_blur(image[None], 7, 4.0)[0]

        def grey_added(image):
            """All your numbers are larger by the same amount: a grey was added, as if to show the detail as a picture.
            Where the picture is flat there is no detail. Which number should stand there?"""
            return 0.5 + image - gaussian_blur(image[None], 7, 4.0)[0]


def _gaussian():
    weights = torch.exp(-(torch.arange(-3.0, 4) ** 2) / 32)
    return torch.outer(weights, weights) / weights.sum() ** 2


# ── mse ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@fact("its value")
def value(result):
    try:
        numbers = torch.as_tensor(result).detach().reshape(-1).tolist()
    except (TypeError, ValueError, RuntimeError):
        return "no number"
    return numbers[0] if len(numbers) == 1 else numbers


@fact("the gradient that flows back to the prediction", in_place=True)
def gradient(result, prediction):
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return "none"
    try:
        (slopes,) = torch.autograd.grad(result.sum(), prediction, allow_unused=True)
    except RuntimeError:  # the way back was walked before, and is gone
        return "none"
    return "none" if slopes is None else slopes.reshape(-1).tolist()


@exercise(
    examples=[
        {"prediction": _learnable(TARGET[:2, :3]), "target": X[:2, :3]},
        {"prediction": _learnable(X[0] / 4), "target": X[1] / 4},
        {"prediction": _learnable(X[None, None, :2, :3]), "target": X[:6, :3].reshape(1, 3, 2, 3)},
        {"prediction": _learnable(X[:3, :1]), "target": X[0, :3]},
        {"prediction": _learnable(X[None, :2, :2]), "target": TARGET[None, :2, :2]},
    ],
    inputs=predictions_and_targets,
    raises=ValueError,
    facts=[value, gradient],
)
class mse:
    def right(prediction, target):
        if prediction.shape != target.shape:
            raise ValueError(f"prediction {tuple(prediction.shape)} and target {tuple(target.shape)} differ in shape")
        return ((prediction - target) ** 2).mean()

    def with_the_library(prediction, target):
        if list(prediction.shape) != list(target.shape):
            raise ValueError("the shapes differ")
        return F.mse_loss(prediction, target)

    def as_dot_product(prediction, target):
        if prediction.size() != target.size():
            raise ValueError
        error = (prediction - target).reshape(-1)
        return error @ error / error.numel()

    class wrong:
        class broadcast_silently:
            """Two shapes that differ went through without a word. When one of them has a 1, PyTorch repeats that tensor
            until the shapes match, and compares pixels with pixels they have nothing to do with. Your loss should
            refuse that with a ValueError. When is the moment to look at the shapes?"""

            def no_look(prediction, target):
                return ((prediction - target) ** 2).mean()

            def only_the_axes_counted(prediction, target):
                if prediction.ndim != target.ndim:
                    raise ValueError("the shapes differ")
                return ((prediction - target) ** 2).mean()

            def only_the_picture_sides(prediction, target):
                if prediction.shape[-2:] != target.shape[-2:]:
                    raise ValueError("the shapes differ")
                return ((prediction - target) ** 2).mean()

        class entries_counted_only:
            """You refuse tensors with different numbers of entries. But (3, 1) and (3,) have three each, (3, 4) and
            (4, 3) twelve, and they are different shapes all the same. What should be equal, axis by axis?"""

            def and_reshaped(prediction, target):
                if prediction.numel() != target.numel():
                    raise ValueError("the sizes differ")
                return ((prediction.reshape(-1) - target.reshape(-1)) ** 2).mean()

            def as_they_are(prediction, target):
                if prediction.numel() != target.numel():
                    raise ValueError("the sizes differ")
                return ((prediction - target) ** 2).mean()

        class another_error_raised:
            """You refuse shapes that differ, but not with a ValueError. Code that uses your loss can only wait for the
            error that was agreed. Which name follows raise, and does an assert raise it?"""

            def assertion(prediction, target):
                assert prediction.shape == target.shape
                return ((prediction - target) ** 2).mean()

            def runtime_error(prediction, target):
                if prediction.shape != target.shape:
                    raise RuntimeError("the shapes differ")
                return ((prediction - target) ** 2).mean()

        class error_returned:
            """For shapes that differ you give something back, or print, and the program goes on as if nothing had
            happened. Which statement stops a function so that its caller cannot overlook it?"""

            def as_value(prediction, target):
                if prediction.shape != target.shape:
                    return ValueError("the shapes differ")
                return ((prediction - target) ** 2).mean()

            def as_none(prediction, target):
                return ((prediction - target) ** 2).mean() if prediction.shape == target.shape else None

        class sum_not_mean:
            """You add the squares up. The mean is asked for, so that a large picture does not have a larger loss (and
            need a smaller learning rate) than a small one. By which number should the sum be divided?"""

            def summed(prediction, target):
                _same_shape(prediction, target)
                return ((prediction - target) ** 2).sum()

            def by_library(prediction, target):
                _same_shape(prediction, target)
                return F.mse_loss(prediction, target, reduction="sum")

        def mean_before_square(prediction, target):
            """You average first and square afterwards. Errors of +1 and −1 then cancel, and the loss is zero for a bad
            prediction. Which of the two has to come first: the square or the mean?"""
            _same_shape(prediction, target)
            return (prediction - target).mean() ** 2

        class absolute_error:
            """This is the mean of the absolute errors. It measures the error as well, but the squared error is asked
            for: its slope goes to zero at the optimum, and its optimum has a formula. What is to be done with each
            difference before the mean?"""

            def by_abs(prediction, target):
                _same_shape(prediction, target)
                return (prediction - target).abs().mean()

            def by_library(prediction, target):
                _same_shape(prediction, target)
                return F.l1_loss(prediction, target)

        def square_root_taken(prediction, target):
            """This is the root of the mean squared error. It has the unit of a brightness, which is pleasant to read,
            but the exercise asks for the mean of the squares. Which last operation is too many?"""
            _same_shape(prediction, target)
            return ((prediction - target) ** 2).mean().sqrt()

        def halved(prediction, target):
            """Your loss is half of the mean squared error. Some books put a ½ in front, so that no 2 appears in the
            gradient. Is there a factor in this exercise?"""
            _same_shape(prediction, target)
            return ((prediction - target) ** 2).mean() / 2

        def products_not_added(prediction, target):
            """These are the squared errors, one for each pixel. A loss is one number. What turns them into one?"""
            _same_shape(prediction, target)
            return (prediction - target) ** 2

        class one_axis_averaged:
            """Several numbers come out: you average along one axis and leave the others. A loss is one number for the
            whole picture. Which axes is the mean to run over?"""

            def first(prediction, target):
                _same_shape(prediction, target)
                return ((prediction - target) ** 2).mean(0)

            def last(prediction, target):
                _same_shape(prediction, target)
                return ((prediction - target) ** 2).mean(-1)

        def raised_where_equal(prediction, target):
            """It is the other way round: shapes that are equal are refused, and different ones go through. In which of
            the two cases should the error come?"""
            if prediction.shape == target.shape:
                raise ValueError("the shapes differ")
            return ((prediction - target) ** 2).mean()

        class gradients_cut:
            """The number is right, but it has forgotten where it came from: no gradient flows back through it. A plain
            Python number, a detached tensor and a NumPy array all lose the trail. Which call of yours cuts it?"""

            def by_item(prediction, target):
                _same_shape(prediction, target)
                return ((prediction - target) ** 2).mean().item()

            def by_detach(prediction, target):
                _same_shape(prediction, target)
                return ((prediction - target) ** 2).mean().detach()

            def by_numpy(prediction, target):
                _same_shape(prediction, target)
                return float(((prediction.detach().numpy() - target.detach().numpy()) ** 2).mean())


def _same_shape(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")


# ── numerical_gradient ───────────────────────────────────────────────────────────────────────────────────────────────


def nudge(f, w, eps, difference):
    """One entry of `difference(up, down, middle)` for each entry of w, each nudged alone."""
    result = torch.zeros(w.shape, dtype=torch.float64)
    for index in np.ndindex(*w.shape):
        step = torch.zeros_like(w)
        step[index] = eps
        result[index] = float(difference(f(w + step), f(w - step), f(w)))
    return result


@exercise(
    examples=[
        {"f": functions.weighted_cubes, "w": torch.tensor([2.0, -1, 3]), "eps": 0.5},
        {"f": functions.column_sums_squared, "w": torch.tensor([[1.0, 2, 0], [3, -1, 4]]), "eps": 0.25},
        {"f": functions.products_of_neighbours, "w": torch.tensor([[1.0, 3], [-2, 4]]), "eps": 0.5},
        {"f": functions.weighted_cubes, "w": torch.tensor([[1.0, -2, 2]]) / 3},
    ],
    inputs=functions_and_points,
    tolerance=5e-3,
)
class numerical_gradient:
    def right(f, w, eps=1e-3):
        return nudge(f, w, eps, lambda up, down, _: (up - down) / (2 * eps))

    def weight_by_weight(f, w, eps=1e-3):
        w, result = w.clone(), torch.zeros_like(w)
        flat, slopes = w.view(-1), result.view(-1)
        for i in range(flat.numel()):
            before = flat[i].item()
            flat[i] = before + eps
            up = f(w)
            flat[i] = before - eps
            down = f(w)
            flat[i] = before
            slopes[i] = (up - down) / (2 * eps)
        return result

    def along_unit_vectors(f, w, eps=1e-3):
        units = torch.eye(w.numel(), dtype=w.dtype).reshape(-1, *w.shape)
        return torch.stack([(f(w + eps * u) - f(w - eps * u)) / eps / 2 for u in units]).reshape(w.shape)

    def in_numpy(f, w, eps=1e-3):
        w = w.numpy().astype(np.float64)
        result = np.zeros(w.shape)
        for index in np.ndindex(*w.shape):
            step = np.zeros(w.shape)
            step[index] = eps
            result[index] = (f(torch.tensor(w + step)) - f(torch.tensor(w - step))) / (2 * eps)
        return result

    class wrong:
        class one_sided:
            """You nudge each weight to one side only. On a curve, the way uphill and the way downhill differ, and one
            side alone is off by half the bend times eps. Central differences look in both directions. How far apart are
            the two points then?"""

            def forwards(f, w, eps=1e-3):
                return nudge(f, w, eps, lambda up, down, middle: (up - middle) / eps)

            def backwards(f, w, eps=1e-3):
                return nudge(f, w, eps, lambda up, down, middle: (middle - down) / eps)

        class divided_by_one_step:
            """All your slopes are twice too steep. From one nudge below to one nudge above, how far does the weight
            travel?"""

            def by_eps(f, w, eps=1e-3):
                return nudge(f, w, eps, lambda up, down, _: (up - down) / eps)

            def precedence(f, w, eps=1e-3):
                return nudge(f, w, eps, lambda up, down, _: (up - down) / 2 * 2 / eps)

        def multiplied_back(f, w, eps=1e-3):
            """You divide by 2 and multiply by eps. Without brackets, Python works through a division and a
            multiplication from left to right. What should stand below the fraction bar as a whole?"""
            return nudge(f, w, eps, lambda up, down, _: (up - down) / 2 * eps)

        def not_divided(f, w, eps=1e-3):
            """These are differences: by how much f changes between the two nudges. A slope is a change for each unit
            of way. By what is the difference still to be divided?"""
            return nudge(f, w, eps, lambda up, down, _: up - down)

        def sign_turned(f, w, eps=1e-3):
            """Every slope has the wrong sign. If f grows when a weight grows, its gradient there is positive. Which of
            the two values is taken away from which?"""
            return nudge(f, w, eps, lambda up, down, _: (down - up) / (2 * eps))

        class all_nudged_at_once:
            """This is the slope for all the weights together: they were nudged at once, or their slopes added up. A
            gradient has one entry for each weight. Which weights should keep still while one is nudged?"""

            def one_number(f, w, eps=1e-3):
                return (f(w + eps) - f(w - eps)) / (2 * eps)

            def everywhere_the_same(f, w, eps=1e-3):
                return torch.zeros_like(w) + (f(w + eps) - f(w - eps)) / (2 * eps)

        class nudge_left_in:
            """The first slope is right, the later ones drift: a weight that was nudged is still nudged when its
            neighbour's turn comes. What has to happen to it in between? (And is it the caller's own tensor?)"""

            def upwards(f, w, eps=1e-3):
                w, result = w.clone(), torch.zeros_like(w)
                for index in np.ndindex(*w.shape):
                    w[index] += eps
                    up = f(w)
                    w[index] -= 2 * eps
                    result[index] = (up - f(w)) / (2 * eps)
                return result

            def in_two_copies(f, w, eps=1e-3):
                up, down, result = w.clone(), w.clone(), torch.zeros_like(w)
                for index in np.ndindex(*w.shape):
                    up[index] += eps
                    down[index] -= eps
                    result[index] = (f(up) - f(down)) / (2 * eps)
                return result

            def both_added(f, w, eps=1e-3):
                w, result = w.clone(), torch.zeros_like(w)
                for index in np.ndindex(*w.shape):
                    w[index] -= eps
                    down = f(w)
                    w[index] += 2 * eps
                    result[index] = (f(w) - down) / (2 * eps)
                return result

        class eps_ignored:
            """Your slopes do not depend on the eps that was given: either you take a step of your own, or autograd
            finds them without any. With a large eps central differences come out otherwise. Where should the caller's
            number come in?"""

            def a_thousandth(f, w, eps=1e-3):
                return nudge(f, w, 1e-3, lambda up, down, _: (up - down) / 2e-3)

            def by_autograd(f, w, eps=1e-3):
                w = w.clone().requires_grad_()
                return torch.autograd.grad(f(w), w)[0]

        def flattened(f, w, eps=1e-3):
            """The slopes are right, but they stand in one line. Each belongs to a weight. Which shape should the
            gradient have?"""
            return nudge(f, w, eps, lambda up, down, _: (up - down) / (2 * eps)).reshape(-1)

        class first_row_only:
            """The first slopes are there, and all the others are zero: nobody went to see them. How many weights are
            there in all, and does your loop come to all of them before the function ends?"""

            def row(f, w, eps=1e-3):
                result = torch.zeros_like(w)
                result.view(-1)[: w.shape[-1]] = numerical_gradient(f, w, eps).reshape(-1)[: w.shape[-1]]
                return result

            def as_many_as_rows(f, w, eps=1e-3):
                result = torch.zeros_like(w)
                result.view(-1)[: len(w)] = numerical_gradient(f, w, eps).reshape(-1)[: len(w)]
                return result

            def slope(f, w, eps=1e-3):
                result = torch.zeros_like(w)
                result.view(-1)[0] = numerical_gradient(f, w, eps).reshape(-1)[0]
                return result

        def sign_lost(f, w, eps=1e-3):
            """All your slopes are positive, also where f falls. A slope says which way is up. Where does its sign get
            lost?"""
            return numerical_gradient(f, w, eps).abs()

        class square_only:
            """Your loops expect a square: two axes, of one length. The weights may have any shape, (3,) or
            (2, 3). How can one loop visit all entries of any tensor?"""

            def two_loops(f, w, eps=1e-3):
                result = torch.zeros(len(w), len(w))
                for i in range(len(w)):
                    for j in range(len(w)):
                        step = torch.zeros_like(w)
                        step[i, j] = eps
                        result[i, j] = (f(w + step) - f(w - step)) / (2 * eps)
                return result

            def two_loops_by_shape(f, w, eps=1e-3):
                result = torch.zeros_like(w)
                for i in range(w.shape[0]):
                    for j in range(w.shape[1]):
                        step = torch.zeros_like(w)
                        step[i, j] = eps
                        result[i, j] = (f(w + step) - f(w - step)) / (2 * eps)
                return result

        def rows_nudged(f, w, eps=1e-3):
            """You nudge whole rows: with one index, a table of weights gives a row of them. How do you reach a single
            weight, whatever the number of axes?"""
            result = torch.zeros_like(w)
            for i in range(len(w)):
                step = torch.zeros_like(w)
                step[i] = eps
                result[i] = (f(w + step) - f(w - step)) / (2 * eps)
            return result


# ── train_kernel ─────────────────────────────────────────────────────────────────────────────────────────────────────


@fact("what it returns")
def parts(result):
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return "no pair of kernel and losses"
    if torch.as_tensor(result[0]).ndim < 2:
        return "a pair, but the kernel does not come first"
    return "a pair"


@fact("the shape of its kernel")
def shape(result):
    return list(torch.as_tensor(result[0]).shape)


@fact("how many losses it returns")
def count(result):
    return torch.as_tensor(result[-1]).numel()


@fact("whether its first loss can be that of a kernel of zeros", means="started_elsewhere")
def from_zeros(result, target, kernel_size):
    first, m = torch.as_tensor(result[-1], dtype=torch.float64).reshape(-1)[0].item(), kernel_size // 2
    inside = target[m : target.shape[0] - m, m : target.shape[1] - m].double()
    levels = [f(t) for t in (inside, target.double()) for f in ((lambda t: t**2), torch.abs)]
    known = [
        level * share
        for values in levels
        for level in (values.mean().item(), values.sum().item())
        for share in (1, 0.5)
    ]
    return any(abs(level - first) <= 1e-4 * (1 + level) for level in known)


@fact("whether its kernel still asks for gradients", in_place=True)
def kernel_followed(result):
    return bool(getattr(result[0], "requires_grad", False))


@fact("whether its losses still hang on their graphs", in_place=True)
def losses_followed(result):
    losses = result[-1] if isinstance(result[-1], (tuple, list)) else [result[-1]]
    return any(getattr(loss, "requires_grad", False) for loss in losses)


@fact("whether its list of losses holds tensors", in_place=True, means="tensors_for_floats")
def losses_are_tensors(result):
    return isinstance(result[-1], (tuple, list)) and any(isinstance(loss, torch.Tensor) for loss in result[-1])


@fact("its losses, one before each step", within=1e-4)
def losses(result):
    return torch.as_tensor(result[-1], dtype=torch.float64).reshape(-1).tolist()


@fact("its kernel", within=1e-4)
def kernel(result):
    return torch.as_tensor(result[0], dtype=torch.float64)


@exercise(
    examples=[
        {"x": X[:5] / 3, "target": TARGET.flip(0) / 3, "kernel_size": 3, "steps": 4, "lr": 0.02},
        {"x": UNEVEN, "target": UNEVEN.flip(1).t() + 0.25, "kernel_size": 5, "steps": 3, "lr": 0.01},
        {"x": SMALL, "target": TARGET, "kernel_size": 1, "steps": 2, "lr": 0.5},
    ],
    inputs=pictures_to_train_on,
    facts=[parts, shape, count, from_zeros, kernel_followed, losses_followed, losses_are_tensors, losses, kernel],
)
class train_kernel:
    def right(x, target, kernel_size, steps, lr):  # by formula, as many answers train and it takes a twentieth
        rows, wanted = patches(x, kernel_size).double(), crop(target, kernel_size).reshape(-1).double()
        weights, losses = torch.zeros(kernel_size**2, dtype=torch.float64), []
        for _ in range(steps):
            error = rows @ weights - wanted
            losses.append((error @ error / len(error)).item())
            weights = weights - lr * 2 * rows.t() @ error / len(error)
        return weights.reshape(kernel_size, kernel_size).float(), losses

    def by_hand(x, target, kernel_size, steps, lr):
        return descend(x, target, kernel_size, steps, lr)

    def with_layer_and_optimizer(x, target, kernel_size, steps, lr):
        layer = nn.Conv2d(1, 1, kernel_size, bias=False)
        nn.init.zeros_(layer.weight)
        optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
        losses = []
        for _ in range(steps):
            loss = F.mse_loss(layer(x[None, None])[0, 0], crop(target, kernel_size))
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return layer.weight.detach()[0, 0], losses

    def with_autograd_grad(x, target, kernel_size, steps, lr):
        weights = torch.zeros(1, 1, kernel_size, kernel_size, requires_grad=True)
        losses = []
        for _ in range(steps):
            loss = mse(F.conv2d(x[None, None], weights), crop(target, kernel_size)[None, None])
            (gradient,) = torch.autograd.grad(loss, weights)
            weights = (weights - lr * gradient).detach().requires_grad_()
            losses.append(loss.item())
        return weights.detach()[0, 0], losses

    class wrong:
        class gradients_kept:
            """From the second step on your kernel runs away faster than it should: backward adds to the gradient that
            is already there. What has to happen to the old gradient before the next one is worked out?"""

            def by_hand(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, forget=False)

            def zeroed_once(x, target, kernel_size, steps, lr):
                kernel = torch.zeros(kernel_size, kernel_size, requires_grad=True)
                optimizer, losses = torch.optim.SGD([kernel], lr=lr), []
                optimizer.zero_grad()
                for _ in range(steps):
                    loss = F.mse_loss(slide(x, kernel), crop(target, kernel_size))
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.item())
                return kernel.detach(), losses

        class uphill:
            """The loss grows with every step. The gradient points to where the loss grows fastest. Which way should a
            step go?"""

            def by_hand(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, sign=+1)

            def maximised(x, target, kernel_size, steps, lr):
                return with_optimizer(x, target, kernel_size, steps, torch.optim.SGD, lr=lr, maximize=True)

        class graph_kept:
            """The losses have the right values, but each is still a tensor that holds on to all the work that led to
            it, for every step: on a long run the memory fills. How do you take just the number out of it?"""

            def as_it_is(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel, [torch.tensor(loss, requires_grad=True) for loss in losses]

            def cloned(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel, list(torch.tensor(losses, requires_grad=True).clone())

        class tensors_for_floats:
            """The losses have the right values, but each is a tensor with one number. Plain Python floats are asked
            for. Which method gives the number in a tensor?"""

            def detached(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel, [torch.tensor(loss) for loss in losses]

        class kernel_kept_attached:
            """Kernel and losses are right, but the kernel you hand back still asks for gradients, so that whoever
            uses it goes on recording. Training is over. What takes a tensor out of the recording?"""

            def with_gradient(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel.requires_grad_(), losses

            def as_parameter(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return nn.Parameter(kernel), losses

        class sum_not_mean:
            """Your losses are larger than asked by the number of pixels, and so are your steps: you add the squared
            errors up. With the sum, the right learning rate depends on the size of the picture. Which loss does the
            exercise name?"""

            def summed(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, loss=lambda p, t: ((p - t) ** 2).sum())

            def by_library(x, target, kernel_size, steps, lr):
                add_up = nn.MSELoss(reduction="sum")
                return descend(x, target, kernel_size, steps, lr, loss=add_up)

        class border_mismatch:
            """Response and target do not lie on each other. A valid kernel starts inside the picture: its first
            number belongs to the pixel under the kernel's centre. Which pixel of the target is that, and how much of
            the target is left over on each side?"""

            def zeros_around(x, target, kernel_size, steps, lr):
                def respond(x, kernel):
                    return F.conv2d(x[None, None], kernel[None, None], padding="same")[0, 0]

                return descend(x, target, kernel_size, steps, lr, respond=respond)

            def from_the_corner(x, target, kernel_size, steps, lr):
                margin = kernel_size // 2
                moved = target.roll((margin, margin), (0, 1))
                return descend(x, moved, kernel_size, steps, lr)

            def from_the_end(x, target, kernel_size, steps, lr):
                margin = kernel_size // 2
                moved = target.roll((-margin, -margin), (0, 1))
                return descend(x, moved, kernel_size, steps, lr)

            def mirrored_around(x, target, kernel_size, steps, lr):
                def respond(x, kernel):
                    margin = kernel_size // 2
                    padded = F.pad(x[None, None], (margin,) * 4, mode="reflect")
                    return F.conv2d(padded, kernel[None, None])[0, 0]

                return descend(x, target, kernel_size, steps, lr, respond=respond)

        class target_not_cropped:
            """Response and target differ in shape, so they cannot be compared. The response is smaller: the kernel's
            centre cannot reach the rim of the picture. How far is the centre of a 5×5 kernel from its edge, and what
            is to be cut off the target on each side?"""

            def nothing_cut(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, loss=lambda p, _: ((p - target) ** 2).mean())

            def one_cut_whatever_the_kernel(x, target, kernel_size, steps, lr):
                return descend(
                    x, target, kernel_size, steps, lr, loss=lambda p, _: ((p - target[1:-1, 1:-1]) ** 2).mean()
                )

            def nothing_cut_with_mse(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, loss=lambda p, _: mse(p, target))

        class broadcast_silently:
            """Your prediction and your target differ in shape, and the loss compares every row with every other one:
            an axis of length 1 was repeated. Print both shapes before the loss. Are they the same, axis by axis?"""

            def row_against_column(x, target, kernel_size, steps, lr):
                def loss(p, t):
                    return ((p.reshape(1, -1) - t.reshape(-1, 1)) ** 2).mean()

                return descend(x, target, kernel_size, steps, lr, loss=loss)

            def axis_in_the_middle(x, target, kernel_size, steps, lr):
                return descend(
                    x, target, kernel_size, steps, lr, loss=lambda p, t: ((p[None] - t[:, None]) ** 2).mean()
                )

        class picture_and_target_swapped:
            """Your kernel turns the target into the picture. Which of the two does the kernel get to see, and which
            should its response look like?"""

            def exchanged(x, target, kernel_size, steps, lr):
                return train_kernel(target, x, kernel_size, steps, lr)

        def mean_subtracted(x, target, kernel_size, steps, lr):
            """You take the mean away inside of the loop's function. That is a good idea for a caller to have; this
            function should train on the picture that it is given. Where is x changed?"""
            return train_kernel(x - x.mean(), target, kernel_size, steps, lr)

        class kernel_flipped:
            """Your losses are right, and your kernel is turned by 180°: you train a true convolution, which turns its
            kernel before it slides. This course's kernels slide as they are. Where in your code is it turned?"""

            def trained_turned(x, target, kernel_size, steps, lr):
                def respond(x, kernel):
                    return crop(
                        F.conv2d(x[None, None], kernel.flip(0, 1)[None, None], padding="same")[0, 0], kernel_size
                    )

                middle = crop(target, kernel_size)
                return descend(x, middle, kernel_size, steps, lr, respond=respond)

            def returned_turned(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel.flip(0, 1), losses

        def kernel_transposed(x, target, kernel_size, steps, lr):
            """Your kernel has its rows and columns swapped. When you arrange the weights as a square, which of them
            should lie side by side: those of one row, or those of one column?"""
            kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
            return kernel.t(), losses

        class started_elsewhere:
            """Your first loss is not that of a kernel of zeros. Either you start somewhere else, at ones or at random
            as a fresh layer does, or what you note is not the mean of the squared differences: its root, a sum, a
            rounded number. Which of the two, the start or the loss?"""

            def at_ones(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, start=1.0)

            def at_the_mean(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, start=1 / kernel_size**2)

            def at_random(x, target, kernel_size, steps, lr):
                start = torch.randn(kernel_size, kernel_size, generator=torch.Generator().manual_seed(0))
                return descend(x, target, kernel_size, steps, lr, start=start)

        class bias_learned:
            """There is one parameter too many: your layer learns a bias as well, a number that is added to every
            response. The exercise asks for a kernel alone. Which option of the layer turns it off?"""

            def by_layer(x, target, kernel_size, steps, lr):
                layer = nn.Conv2d(1, 1, kernel_size)
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
                optimizer, losses = torch.optim.SGD(layer.parameters(), lr=lr), []
                for _ in range(steps):
                    optimizer.zero_grad()
                    loss = F.mse_loss(layer(x[None, None])[0, 0], crop(target, kernel_size))
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.item())
                return layer.weight.detach()[0, 0], losses

        class loss_after_step:
            """Each loss of yours belongs to the kernel after its step: the first, that of the kernel of zeros, is
            missing from your list. When in the loop is the loss to be noted?"""

            def worked_out_again(x, target, kernel_size, steps, lr):
                losses = train_kernel(x, target, kernel_size, steps + 1, lr)[1]
                return train_kernel(x, target, kernel_size, steps, lr)[0], losses[1:]

        class last_loss_only:
            """You hand back one loss. A curve needs them all: one for each step. Where does your list grow?"""

            def as_number(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel, losses[-1]

            def as_list(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel, losses[-1:]

        class one_too_many:
            """There is one loss more than there were steps: that of the finished kernel came along. For how many
            kernels is a loss noted before a step?"""

            def at_the_end(x, target, kernel_size, steps, lr):
                kernel = train_kernel(x, target, kernel_size, steps, lr)[0]
                return kernel, train_kernel(x, target, kernel_size, steps + 1, lr)[1]

            def a_step_more(x, target, kernel_size, steps, lr):
                return train_kernel(x, target, kernel_size, steps + 1, lr)

        def one_lost(x, target, kernel_size, steps, lr):
            """One step is missing. How often does your loop run when steps is 1?"""
            return train_kernel(x, target, kernel_size, steps - 1, lr)

        class losses_first:
            """You give the losses first and the kernel second. The one who calls expects them in the order that the
            exercise names. Which comes first?"""

            def swapped(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return losses, kernel

        class losses_forgotten:
            """You hand back the kernel alone. The exercise asks for two things. What is the second?"""

            def kernel_alone(x, target, kernel_size, steps, lr):
                return train_kernel(x, target, kernel_size, steps, lr)[0]

        class four_axes_kept:
            """Your kernel has the four axes that the library wanted: (1, 1, k, k). Outside it is a (k, k) grid like
            any other kernel of this course. Which axes can go?"""

            def conv_weight(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel[None, None], losses

            def two_of_them(x, target, kernel_size, steps, lr):
                kernel, losses = train_kernel(x, target, kernel_size, steps, lr)
                return kernel[None], losses

        class never_stepped:
            """All your losses are the same, and the kernel is still zero: no gradient is worked out for it, or nobody
            takes a step. Which line works gradients out, which one changes the kernel, and is it the one that the loss
            sees?"""

            def no_step(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, 0.0)

        class rate_ignored:
            """Your steps are not as long as the learning rate that was given: a number of your own stands in its
            place. Where does lr come in?"""

            def a_hundredth(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, 1e-2 if lr != 1e-2 else 1e-3)

            def a_tenth(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, 0.1 if lr != 0.1 else 0.2)

        class another_optimizer:
            """Your steps are not those of plain gradient descent: another optimizer, or momentum, is at work. They are
            often faster, but here every step should be the learning rate times the gradient. Which optimizer, with
            which options, does just that?"""

            def adam(x, target, kernel_size, steps, lr):
                return with_optimizer(x, target, kernel_size, steps, torch.optim.Adam, lr=lr)

            def momentum(x, target, kernel_size, steps, lr):
                return with_optimizer(x, target, kernel_size, steps, torch.optim.SGD, lr=lr, momentum=0.9)

            def adamw(x, target, kernel_size, steps, lr):
                return with_optimizer(x, target, kernel_size, steps, torch.optim.AdamW, lr=lr)

        class absolute_error:
            """Your losses are means of absolute errors. This loop goes downhill on the mean *squared* error. Which
            loss of yours, or of the library, is that?"""

            def by_library(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, loss=F.l1_loss)

        def size_ignored(x, target, kernel_size, steps, lr):
            """Your kernel is 3×3, whatever size is asked for. Where does kernel_size come in?"""
            return train_kernel(x, target, 3, steps, lr)

        class halved:
            """Your steps are half as long as they should be. The slope of a square is twice the error times what it was
            made of; some books put a ½ in front of the loss to be rid of the 2. Is there a ½ in this exercise?"""

            def in_the_loss(x, target, kernel_size, steps, lr):
                return descend(x, target, kernel_size, steps, lr, loss=lambda p, t: F.mse_loss(p, t) / 2)

            def in_the_slope(x, target, kernel_size, steps, lr):
                return train_kernel(x, target, kernel_size, steps, lr / 2)


# ── least_squares_kernel ─────────────────────────────────────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"x": X[:5], "target": TARGET, "kernel_size": 3},
        {"x": X, "target": 10 - X.flip(0).roll(1, 1), "kernel_size": 3},
        {"x": X[:5] / 3 - 1, "target": TARGET / 3, "kernel_size": 1},
    ],
    inputs=solvable_pictures,
    tolerance=1e-3,
)
class least_squares_kernel:
    def right(x, target, kernel_size):
        rows, wanted = patches(x, kernel_size).double(), crop(target, kernel_size).reshape(-1, 1).double()
        return torch.linalg.lstsq(rows, wanted).solution.reshape(kernel_size, kernel_size)

    def by_normal_equations(x, target, kernel_size):
        rows, wanted = patches(x, kernel_size).double(), crop(target, kernel_size).reshape(-1).double()
        return torch.linalg.solve(rows.t() @ rows, rows.t() @ wanted).reshape(kernel_size, kernel_size).float()

    def in_numpy(x, target, kernel_size):
        image, k = x.numpy(), kernel_size
        height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
        rows = [image[i : i + k, j : j + k].ravel() for i in range(height) for j in range(width)]
        margin = (k - 1) // 2
        wanted = target.numpy()[margin : margin + height, margin : margin + width].ravel()
        return np.linalg.lstsq(np.array(rows), wanted, rcond=None)[0].reshape(k, k)

    def one_newton_step(x, target, kernel_size):
        loss = lambda w: F.mse_loss(slide(x.double(), w), crop(target.double(), kernel_size))  # noqa: E731
        zero = torch.zeros(kernel_size, kernel_size, dtype=torch.float64)
        gradient = torch.autograd.functional.jacobian(loss, zero).reshape(-1)
        bend = torch.autograd.functional.hessian(loss, zero).reshape(kernel_size**2, kernel_size**2)
        return -torch.linalg.solve(bend, gradient).reshape(kernel_size, kernel_size)

    class wrong:
        class border_mismatch:
            """Patches and target do not belong together: each patch is paired with another pixel than the one under
            its centre, or with pixels that no patch is centred on. How many positions does a valid kernel have, and
            which pixels of the target lie under its centre?"""

            def from_the_corner(x, target, kernel_size):
                margin = kernel_size // 2
                return least_squares_kernel(x, target.roll((margin, margin), (0, 1)), kernel_size)

            def from_the_end(x, target, kernel_size):
                margin = kernel_size // 2
                return least_squares_kernel(x, target.roll((-margin, -margin), (0, 1)), kernel_size)

            def zeros_around(x, target, kernel_size):
                margin = kernel_size // 2
                padded = F.pad(x, (margin,) * 4), F.pad(target, (margin,) * 4)
                return least_squares_kernel(*padded, kernel_size)

            def mirrored_around(x, target, kernel_size):
                margin = kernel_size // 2
                around = F.pad(x[None], (margin,) * 4, mode="reflect")[0]
                return least_squares_kernel(around, F.pad(target, (margin,) * 4), kernel_size)

        class target_not_cropped:
            """There are more target pixels than patches: the target is still as large as the image. How many positions
            does a valid kernel have, and which pixels of the target belong to them?"""

            def whole_target(x, target, kernel_size):
                solution = torch.linalg.lstsq(patches(x, kernel_size), target.reshape(-1, 1)).solution
                return solution.reshape(kernel_size, kernel_size)

            def in_the_normal_equations(x, target, kernel_size):
                rows = patches(x, kernel_size).double()
                right_side = rows.t() @ target.reshape(-1).double()
                return torch.linalg.solve(rows.t() @ rows, right_side).reshape(kernel_size, kernel_size)

        class kernel_flipped:
            """Your kernel is turned by 180°: the one that a true convolution needs. The patches meet the weights as
            they lie. Is anything flipped on the way?"""

            def turned(x, target, kernel_size):
                return least_squares_kernel(x, target, kernel_size).flip(0, 1)

        class kernel_transposed:
            """The weights are right, but rows and columns of the kernel are swapped. In which order did the pixels of
            a patch become one row of the matrix?"""

            def swapped(x, target, kernel_size):
                return least_squares_kernel(x, target, kernel_size).t()

        class flattened:
            """These are the right weights, in one line or one column. A kernel is a square. Which shape should the
            k² numbers take?"""

            def line(x, target, kernel_size):
                return least_squares_kernel(x, target, kernel_size).reshape(-1)

            def column(x, target, kernel_size):
                return least_squares_kernel(x, target, kernel_size).reshape(-1, 1)

        class correlation_not_solved:
            """You multiply the patches with the target, which says how much each pixel goes along with it, but not
            which weight it deserves: neighbouring pixels go along with each other as well. You have the
            right-hand side of the equation that holds at the optimum. What stands on its left?"""

            def right_side(x, target, kernel_size):
                rows, wanted = patches(x, kernel_size), crop(target, kernel_size).reshape(-1)
                return (rows.t() @ wanted).reshape(kernel_size, kernel_size)

            def averaged(x, target, kernel_size):
                rows, wanted = patches(x, kernel_size), crop(target, kernel_size).reshape(-1)
                return (rows.t() @ wanted / len(rows)).reshape(kernel_size, kernel_size)

            def over_energy(x, target, kernel_size):
                rows, wanted = patches(x, kernel_size), crop(target, kernel_size).reshape(-1)
                return (rows.t() @ wanted / (rows**2).sum(0)).reshape(kernel_size, kernel_size)

        def bias_learned(x, target, kernel_size):
            """A constant was fitted as well: a column of ones gives the kernel an offset to lean on. This kernel has no
            bias. What is in your matrix besides the patches?"""
            rows, wanted = patches(x, kernel_size), crop(target, kernel_size).reshape(-1, 1)
            rows = torch.cat([rows, torch.ones(len(rows), 1)], dim=1).double()
            return torch.linalg.lstsq(rows, wanted.double()).solution[:-1].reshape(kernel_size, kernel_size)

        def mean_subtracted(x, target, kernel_size):
            """You take the picture's mean away before you cut the patches. A caller may well do that; this function
            answers for the picture that it is given. Where is x changed?"""
            return least_squares_kernel(x - x.mean(), target, kernel_size)

        class gradient_descent_used:
            """Your kernel has not arrived: it looks like a training run that was stopped. This exercise is about the
            place where every such run is heading, and there is a way to go there in one step. Which equation holds
            where the gradient is zero?"""

            def a_hundred_steps(x, target, kernel_size):
                rate = 1 / (patches(x, kernel_size) ** 2).sum(1).mean().item()
                return train_kernel(x, target, kernel_size, 100, rate)[0]

            def small_steps(x, target, kernel_size):
                return train_kernel(x, target, kernel_size, 200, 1e-3)[0]

        class picture_and_target_swapped:
            """Your kernel turns the target into the picture. Which of the two are the patches cut from, and which
            should the response look like?"""

            def exchanged(x, target, kernel_size):
                return least_squares_kernel(target, x, kernel_size)

        def size_ignored(x, target, kernel_size):
            """Your kernel is 3×3, whatever size is asked for. Where does kernel_size come in?"""
            return least_squares_kernel(x, target, 3)

        class ridge_added:
            """Something pulls your weights towards zero: a number was added to the diagonal, which keeps a solver
            happy and moves the optimum. The patches here determine the kernel by themselves. What is the optimum of
            the loss alone?"""

            def one(x, target, kernel_size):
                rows, wanted = patches(x, kernel_size), crop(target, kernel_size).reshape(-1)
                matrix = rows.t() @ rows + torch.eye(kernel_size**2)
                return torch.linalg.solve(matrix, rows.t() @ wanted).reshape(kernel_size, kernel_size)

            def one_for_each_patch(x, target, kernel_size):
                rows, wanted = patches(x, kernel_size), crop(target, kernel_size).reshape(-1)
                matrix = rows.t() @ rows / len(rows) + torch.eye(kernel_size**2)
                return torch.linalg.solve(matrix, rows.t() @ wanted / len(rows)).reshape(kernel_size, kernel_size)


# ── good_rate ────────────────────────────────────────────────────────────────────────────────────────────────────────


@fact("whether it is above zero", means="sign_turned")
def above_zero(rate):
    return bool(torch.as_tensor(rate) > 0)


@fact("its share of the largest rate that is stable there", at_most=1, means="diverges")
def share_of_the_limit(rate, x, k):
    columns = F.unfold(x[None, None].double(), k)[0]
    steepest = torch.linalg.eigvalsh(columns @ columns.t())[-1] / columns.shape[1]
    return round(float(rate) * float(steepest), 4)


@fact("its share of the largest stable rate, on a photograph", at_least=1 / 3, means="too_timid")
def share_on_a_photograph(rate, x, k):
    if x.min() < 0:  # no photograph: its mean was taken away
        return 1.0
    columns = F.unfold(x[None, None].double(), k)[0]
    steepest = torch.linalg.eigvalsh(columns @ columns.t())[-1] / columns.shape[1]
    return float(rate) * float(steepest)


CAMERA = load_picture("camera", size=32)
DARK = CAMERA / 10
DARK[4:8, 5:9] = 1


@exercise(
    examples=[
        {"x": CAMERA, "k": 3},
        {"x": CAMERA, "k": 5},
        {"x": CAMERA * 255, "k": 3},
        {"x": (0.5 + CAMERA / 2).t(), "k": 4},
        {"x": CAMERA - CAMERA.mean(), "k": 3},
        {"x": CAMERA, "k": 7},
        {"x": DARK, "k": 3},  # with a bright spot
    ],
    inputs=bright_and_dark_pictures,
    facts=[above_zero, share_of_the_limit, share_on_a_photograph],
)
class good_rate:
    def right(x, k):
        return 1 / (patches(x, k) ** 2).sum(1).mean().item()

    def by_the_rule(x, k):
        return 1 / (k * k * (x**2).mean())

    def by_eigenvalue(x, k):
        columns = patches(x, k).double()
        return 1 / torch.linalg.eigvalsh(columns.t() @ columns / len(columns))[-1].item()

    def half_of_the_limit(x, k):
        columns = patches(x, k).double().numpy()
        return len(columns) / np.linalg.svd(columns, compute_uv=False)[0] ** 2 / 2

    class wrong:
        class twice_the_limit:
            """Your rate is about twice the largest stable one. The loss bends by at most 2·k²·mean(x²), and a rate of
            2 over the bend is the very limit. What does that leave above the fraction bar?"""

            def two_above(x, k):
                return 2 / (k * k * (x**2).mean())

            def by_patches(x, k):
                return 2 * len(patches(x, k)) / (patches(x, k) ** 2).sum()

            def by_eigenvalue(x, k):
                columns = patches(x, k).double()
                return 2 / torch.linalg.eigvalsh(columns.t() @ columns / len(columns))[-1].item()

        def sign_turned(x, k):
            """Your rate is not above zero. The loop already takes the gradient away from the kernel, which goes
            downhill; what would a step of a negative length do?"""
            return -1 / (k * k * (x**2).mean())

        def caret_for_power(x, k):
            """In Python the sign ^ is no power: 5 ^ 2 is 7. Which sign stands for “to the power of”?"""
            return 1 / ((k ^ 2) * (x**2).mean())

        class pixels_summed:
            """Your rate is far too small. The loss is a mean over the pixels, so a picture twice as large does not bend
            it more. Did a sum take the place of a mean?"""

            def of_squares(x, k):
                return 1 / (k * k * (x**2).sum())

            def no_kernel(x, k):
                return 1 / (x**2).sum()

        class kernel_side_not_squared:
            """With a larger kernel your rate becomes too large. A bright picture pushes on every weight at once. How
            many weights does a kernel of side k have?"""

            def once(x, k):
                return 1 / (k * (x**2).mean())

            def left_out(x, k):
                return 1 / (x**2).mean()

        class brightness_not_squared:
            """Multiply the picture by 255 and your rate is no longer stable. The gradient carries the picture
            twice: in the response, and when the error is laid back on the patch. Which power of brightness decides?"""

            def mean(x, k):
                return 1 / (k * k * x.abs().mean())

            def left_out(x, k):
                return 1 / (k * k)

        class mean_before_square:
            """You take the mean first and square it afterwards. For a picture whose mean was taken away that is
            nothing, and your rate becomes endless. Which of the two comes first in the mean of the squares?"""

            def of_the_picture(x, k):
                return 1 / (k * k * x.mean() ** 2)

            def with_twice_the_step(x, k):
                return 2 / (k * x.mean()) ** 2

        class spread_not_energy:
            """You measure how far the pixels lie from their mean. But the kernel sees the picture as it is, with its
            mean, and a bright flat picture has no spread at all. What is the mean of the squares themselves?"""

            def variance(x, k):
                return 1 / (k * k * x.var())

            def deviation(x, k):
                return 1 / (k * k * x.std())

        class one_rate_for_all:
            """The same number for each picture: it is too large for a bright one and too small for a dark one. What in
            the picture decides how long a step may be?"""

            def a_hundredth(x, k):
                return 1e-2

            def a_tenth(x, k):
                return 0.1

            def a_thousandth(x, k):
                return 1e-3

            def four_tenths(x, k):
                return 0.4

            def one(x, k):
                return 1.0

            def of_the_cat(x, k):
                return 3.6

        class diverges:
            """At this rate the run on the picture below flies off: each step lands higher on the other side of the
            valley. A brighter picture, even if only a few pixels are bright, and a larger kernel both make the valley
            steeper. Which power of the brightness, and how many weights, does your rate reckon with?"""

            def smallest_eigenvalue(x, k):
                columns = patches(x, k).double()
                return 1 / torch.linalg.eigvalsh(columns.t() @ columns / len(columns))[0].item()

            def root_of_the_rule(x, k):
                return 1 / (k * (x**2).mean().sqrt())

            def ten_times(x, k):
                return 10 / (k * k * (x**2).mean())

            def median(x, k):
                return 1 / (k * k * (x**2).median())

            def always_25_weights(x, k):
                return 1 / (25 * (x**2).mean())

        class too_timid:
            """Your rate is stable, but a run at it creeps: on a photograph it could be more than three times as large.
            What makes yours so small: another power of the brightness, a safety margin on top of one that is there
            already, or a largest rate that you allow?"""

            def a_tenth(x, k):
                return 0.1 / (k * k * (x**2).mean())

            def divided_then_multiplied(x, k):
                return 1 / k**2 * (x**2).mean()

            def fourth_power(x, k):
                return 1 / (k**4 * (x**2).mean())

            def one_at_most(x, k):
                return min(1.0, float(1 / (k * k * (x**2).mean())))

        class upside_down:
            """The brighter the picture, the larger your rate. It should be the other way round: a bright picture makes
            a steep valley. What belongs below the fraction bar?"""

            def energy(x, k):
                return k * k * (x**2).mean()

        class brightest_pixel_for_all:
            """Safe, but slow: you count each pixel as if it were as bright as the brightest. How bright are they on
            the whole?"""

            def largest(x, k):
                return 0.5 / (k * k * (x**2).max())

            def largest_of_all(x, k):
                return 1 / (k * k * (x**2).max())


# ── learn_high_pass ──────────────────────────────────────────────────────────────────────────────────────────────────


@fact("whether its kernel has a side of 3, where another was asked for", means="three_only")
def three_by_three(kernel, kernel_size):
    if isinstance(kernel, tuple) or kernel_size == 3:
        return False
    return list(torch.as_tensor(kernel).shape) == [3, 3]


@fact("the shape of its kernel")
def learned_shape(kernel):
    return "a pair" if isinstance(kernel, tuple) else list(torch.as_tensor(kernel).shape)


# Right answers, whose loss is within 5 % of the smallest, differ from the best response by less; wrong ones by 0.04.
@fact("its response to the picture minus its mean", within=0.012)
def response_without_the_mean(kernel, image, kernel_size, steps):
    if steps == 1:
        return "not asked after one step"
    if isinstance(kernel, tuple) or torch.as_tensor(kernel).numel() != kernel_size**2:
        return "none: this is no kernel of that size"
    weights = torch.as_tensor(kernel).double().reshape(1, 1, kernel_size, kernel_size)
    if not bool(weights.isfinite().all()):
        return "none: it flew off"
    return F.conv2d((image.double() - image.double().mean())[None, None], weights)[0, 0]


# The first step from zeros moves all the weights the same way, at any rate; later ones, and the optimum, do not.
@fact(
    "how far its weights, after a single step from zeros, have one sign (1: all of them)",
    at_least=0.75,
    means="steps_ignored",
    wanted="nearly 1",
)
def alike_after_one_step(kernel, steps):
    if steps > 1 or isinstance(kernel, tuple) or torch.as_tensor(kernel).numel() > 9:
        return 1.0
    weights = torch.as_tensor(kernel).double()
    return float(weights.sum().abs() / weights.abs().sum().clamp(min=1e-12))


# At any rate near the right one, each mistake leaves a response of its own kind; right ones never come near a bound.
@fact("what its response is like")
def kind_of_response(kernel, image, kernel_size, steps):
    """Seen by how its weights add up, how like the picture the response is, and how strong beside it."""
    usual = "that of no mistake we know"
    if steps == 1 or isinstance(kernel, tuple) or torch.as_tensor(kernel).numel() != kernel_size**2:
        return usual
    weights = torch.as_tensor(kernel).double().reshape(-1)
    if not 0 < float(weights.abs().max()) < 100:
        return usual
    picture, edge = image.double() - image.double().mean(), kernel_size // 2
    patches = F.unfold(picture[None, None], kernel_size)[0].t()
    middle, bright = (each.double()[edge:-edge, edge:-edge].reshape(-1) for each in (picture, image))
    response, brightest = patches @ weights, patches @ torch.linalg.lstsq(patches, bright[:, None]).solution[:, 0]
    for back in (middle, brightest):
        if ((response - back) ** 2).sum() < 0.02 * (back**2).sum():
            return "the picture"
    strength, likeness = response.std() / middle.std(), torch.corrcoef(torch.stack([response, middle]))[0, 1]
    one_sign = weights.sum() / weights.abs().sum()
    if strength < 0.3 and likeness > 0.5 and one_sign.abs() < 0.06:
        return "weak, and nothing in a flat area"
    if 0.17 < strength < 0.5 and likeness > 0.9 and one_sign > 0.8:
        return "weak, and blurred"
    if strength < 0.5 and likeness > 0.82 and 0.08 < one_sign < 0.4:
        return "weak"
    return usual


@fact("whether it gives the picture back", means="trained_on_itself")
def gives_the_picture_back(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "the picture"


@fact("whether it has learned little but to give nothing in a flat area", means="mean_not_subtracted")
def learned_flat_areas_alone(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "weak, and nothing in a flat area"


@fact("whether its response is weak and blurred, as after a few steps", means="rate_of_the_bright_picture")
def hardly_begun(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "weak, and blurred"


@fact("whether its response is of the right form and too weak", means="contrast_stretched")
def too_weak(kernel, image, kernel_size, steps):
    return kind_of_response(kernel, image, kernel_size, steps) == "weak"


def _textures():
    rng = np.random.default_rng(7)
    runs = [(18, 20, 3, LEARNING_STEPS), (24, 20, 3, 1), (9, 10, 5, 1)]
    return [{"image": texture(rng, *size), "kernel_size": k, "steps": steps} for *size, k, steps in runs]


@exercise(
    examples=_textures(),
    inputs=textures_to_learn_from,
    facts=[
        *(three_by_three, learned_shape, gives_the_picture_back, learned_flat_areas_alone, hardly_begun, too_weak),
        *(response_without_the_mean, alike_after_one_step, kind_of_response),
    ],
    uses=[train_kernel, high_pass_target, good_rate],
)
class learn_high_pass:
    def right(image, kernel_size, steps):
        x = image - image.mean()
        return train_kernel(x, high_pass_target(image), kernel_size, steps, good_rate(x, kernel_size))[0]

    def target_of_the_centred(image, kernel_size, steps):
        image = image - image.mean()
        return train_kernel(image, high_pass_target(image), kernel_size, steps, good_rate(image, kernel_size))[0]

    def with_a_layer(image, kernel_size, steps):
        x, target = image - image.mean(), crop(high_pass_target(image), kernel_size)
        layer = nn.Conv2d(1, 1, kernel_size, bias=False)
        nn.init.zeros_(layer.weight)
        optimizer = torch.optim.SGD(layer.parameters(), lr=0.5 / kernel_size**2 / x.var().item(), momentum=0.9)
        for _ in range(steps):
            optimizer.zero_grad()
            F.mse_loss(layer(x[None, None])[0, 0], target).backward()
            optimizer.step()
        return layer.weight.detach()[0, 0]

    class wrong:
        class mean_not_subtracted:
            """After these steps the loss is still far from the smallest: the kernel learns from the bright picture as
            it is. What all pixels share makes the valley so steep in one direction that the rate must be tiny, and in
            all others the run creeps. What could you take away from the picture before you train?"""

            def raw(image, kernel_size, steps):
                return train_kernel(image, high_pass_target(image), kernel_size, steps, good_rate(image, kernel_size))[
                    0
                ]

            def from_the_target(image, kernel_size, steps):
                target = high_pass_target(image)
                return train_kernel(image, target - target.mean(), kernel_size, steps, good_rate(image, kernel_size))[0]

        class rate_of_the_bright_picture:
            """You train on the picture without its mean, but at the rate of the picture with it, which has to be far
            smaller. Which picture does the kernel see, and which one should the rate be for?"""

            def of_the_image(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), kernel_size, steps, good_rate(image, kernel_size))[0]

        class one_rate_for_all:
            """The run ends long before it arrives, or flies off: the rate does not fit the picture. You have a
            function that finds one. On which picture should it look?"""

            def a_hundredth(image, kernel_size, steps):
                return train_kernel(image - image.mean(), high_pass_target(image), kernel_size, steps, 1e-2)[0]

            def a_tenth(image, kernel_size, steps):
                return train_kernel(image - image.mean(), high_pass_target(image), kernel_size, steps, 0.1)[0]

            def far_too_large(image, kernel_size, steps):
                return train_kernel(image - image.mean(), high_pass_target(image), kernel_size, steps, 1000.0)[0]

        class contrast_stretched:
            """You divide by the spread as well. The picture then has another contrast than its target, and the kernel
            comes out too weak by that factor on the picture that it is for. Is it the mean or the contrast that
            slows the training down?"""

            def standardised(image, kernel_size, steps):
                x = (image - image.mean()) / image.std()
                return train_kernel(x, high_pass_target(image), kernel_size, steps, good_rate(x, kernel_size))[0]

            def both(image, kernel_size, steps):
                x = (image - image.mean()) / (image.max() - image.min())
                return train_kernel(x, high_pass_target(image), kernel_size, steps, good_rate(x, kernel_size))[0]

        class three_only:
            """For kernels of side 3 you are right. Where does `kernel_size` come in?"""

            def always(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), 3, steps, good_rate(x, 3))[0]

        class losses_returned_too:
            """train_kernel gives a pair: the kernel and its losses. Here the kernel alone is asked for. What do you
            do with the second part?"""

            def pair(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), kernel_size, steps, good_rate(x, kernel_size))

            def losses(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), kernel_size, steps, good_rate(x, kernel_size))[1]

        class trained_on_itself:
            """The kernel learns to give the picture back: its target is the picture, not the detail in it. What should
            the response look like?"""

            def image(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, x, kernel_size, steps, good_rate(x, kernel_size))[0]

            def with_its_mean(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, image, kernel_size, steps, good_rate(x, kernel_size))[0]

        class steps_ignored:
            """Asked for a single step, your kernel is not where one step leads: your run takes a number of steps of its
            own, or you went to the optimum without any. Where does `steps` come in?"""

            def ten(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), kernel_size, 10, good_rate(x, kernel_size))[0]

            def a_hundred(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), kernel_size, 100, good_rate(x, kernel_size))[0]

            def three_hundred(image, kernel_size, steps):
                x = image - image.mean()
                return train_kernel(x, high_pass_target(image), kernel_size, 300, good_rate(x, kernel_size))[0]

            def solved(image, kernel_size, steps):
                return least_squares_kernel(image - image.mean(), high_pass_target(image), kernel_size)


# ── rank_of_patches ──────────────────────────────────────────────────────────────────────────────────────────────────

ROWS, COLUMNS = torch.arange(6.0)[:, None], torch.arange(7.0)[None]


@exercise(
    examples=[
        {"x": torch.full((5, 6), 3.0), "k": 2},
        {"x": torch.zeros(4, 5), "k": 2},
        {"x": ROWS + 2 * COLUMNS, "k": 3},
        {"x": (ROWS + COLUMNS) % 2 * 5, "k": 2},
        {"x": (COLUMNS >= 3).float().expand(6, 7).clone(), "k": 3},
        {"x": X, "k": 2},
        {"x": X, "k": 3},
        {"x": X[:4, :5], "k": 3},
    ],
    inputs=orderly_pictures,
)
class rank_of_patches:
    def right(x, k):
        return int(torch.linalg.matrix_rank(patches(x, k).double()))

    def in_numpy(x, k):
        image = x.numpy().astype(np.float64)
        height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
        return np.linalg.matrix_rank([image[i : i + k, j : j + k].ravel() for i in range(height) for j in range(width)])

    def by_singular_values(x, k):
        values = torch.linalg.svdvals(patches(x, k).double())
        return (values > 1e-9 * values[0].clamp(min=1)).sum().item()

    def by_elimination(x, k):
        rows = {tuple(map(int, row)) for row in patches(x, k).tolist()}
        prime, rank = 2**31 - 1, 0
        rows = [list(row) for row in rows]
        for column in range(k * k):
            pivot = next((row for row in rows if row[column] % prime), None)
            if pivot is None:
                continue
            rows.remove(pivot)
            rank += 1
            inverse = pow(pivot[column], -1, prime)
            rows = [[(a - row[column] * inverse * b) % prime for a, b in zip(row, pivot, strict=True)] for row in rows]
        return rank

    class wrong:
        class rank_of_the_picture:
            """This is the rank of the picture as a matrix of rows and columns. The question is about its patches: each
            patch is one equation for the weights. Which matrix has one row for each patch?"""

            def of_x(x, k):
                return int(torch.linalg.matrix_rank(x.double()))

            def at_most_k(x, k):
                return min(int(torch.linalg.matrix_rank(x.double())), k * k)

        class different_patches_counted:
            """You count the patches that differ. Two patches may differ and still say the same: one may be twice the
            other, or the sum of two others. How many of the equations are independent?"""

            def unique(x, k):
                return len(torch.unique(patches(x, k), dim=0))

            def at_most_k_squared(x, k):
                return min(len(torch.unique(patches(x, k), dim=0)), k * k)

        class one_patch_only:
            """This is the rank of a patch as a small square of its own. The question is about all patches together:
            each is one row of a matrix. What is its shape?"""

            def the_first(x, k):
                return int(torch.linalg.matrix_rank(x[:k, :k].double()))

            def the_largest(x, k):
                rows = patches(x, k).double().reshape(-1, k, k)
                return int(torch.linalg.matrix_rank(rows).max())

        def first_row_only(x, k):
            """You look at the patches of the first row of positions and no others. How far down can a patch start?"""
            return int(torch.linalg.matrix_rank(patches(x[:k], k).double()))

        def patches_counted(x, k):
            """This is how many patches there are. Each is an equation, but many may say the same. How many say
            something new?"""
            return len(patches(x, k))

        class full_rank_assumed:
            """Your answer depends on the sizes alone. On a constant picture all patches are the same. How many weights
            can a single equation, written again and again, pin down?"""

            def weights(x, k):
                return k * k

            def the_smaller_side(x, k):
                return min(patches(x, k).shape)

        class mean_subtracted:
            """You take the mean away before you count. A constant picture then has nothing left, although it does say
            one thing about the kernel: the sum of its weights. What is in the patches as they are?"""

            def of_the_picture(x, k):
                return int(torch.linalg.matrix_rank(patches(x - x.mean(), k).double(), tol=1e-4))

            def of_each_weight(x, k):
                rows = patches(x, k).double()
                return int(torch.linalg.matrix_rank(rows - rows.mean(0), tol=1e-6))

        class patches_side_by_side:
            """You use patches that do not overlap, side by side like tiles. A kernel slides by one pixel, and every
            position gives an equation. How many positions are there?"""

            def stride_k(x, k):
                return int(torch.linalg.matrix_rank(F.unfold(x[None, None], k, stride=k)[0].double()))

        class border_mismatch:
            """There are patches with zeros in them that the picture does not have: the border was padded. Which
            positions does a valid kernel have?"""

            def zeros_around(x, k):
                return int(torch.linalg.matrix_rank(F.unfold(x[None, None], k, padding=k // 2)[0].double()))

            def one_around(x, k):
                return int(torch.linalg.matrix_rank(F.unfold(x[None, None], k, padding=1)[0].double()))

        class missing_counted:
            """This is how many weights stay free: k² minus the rank. It is the number that matters in the end, but the
            rank is asked for. How many weights do the patches pin down?"""

            def free_weights(x, k):
                return k * k - rank_of_patches(x, k)

        class determined_or_not:
            """You answer whether the kernel is determined. The rank says more: how many of the k² weights (or
            combinations of them) are. Which number do you compare with k²?"""

            def as_bool(x, k):
                return rank_of_patches(x, k) == k * k


# ── Guesses and explanations ─────────────────────────────────────────────────────────────────────────────────────────


@guess
class after_2000_steps:
    right = "worse"

    class wrong:
        class better:
            """Two thousand steps sound like a lot. But a step is as long as its learning rate makes it, and the run has
            to walk all the way from where it began."""

            value, spelled_short = "better", "good"

        class same:
            """It started far above, came down fast, and then it crept. Nothing made it stop just there."""

            value, in_words = "the same", "same"


@guess
class shape_of_difference:
    right = (1, 3, 4, 5)

    class wrong:
        class error_expected:
            """An error would have been kind. But an axis of length 1 may be repeated as often as it takes."""

            value, in_short, raised = "an error", "error", "RuntimeError"

        class first_shape_kept:
            """PyTorch does not cut the larger one down. It repeats the smaller one."""

            value = (1, 1, 4, 5)

        class shapes_added:
            """The channels are not stacked: each of the three meets a copy of the one."""

            value = (1, 4, 4, 5)


@guess
class slope_of_a_square:
    right = 6

    class wrong:
        class function_value:
            """That is f itself at 3. The slope tells how fast it changes there."""

            value = 9

        class one_sided:
            """That is the slope from 3 to 3.5 alone. On the other side the curve is flatter."""

            value = 6.5

        class not_divided:
            """Between the two nudges lies a way of 1: half before, half behind."""

            value, twice = 12, 3


@guess
class smaller_nudge:
    right = "larger"

    class wrong:
        class always_better:
            """On paper a smaller nudge is never worse. But float32 keeps about seven digits, and the two losses are so
            nearly alike that hardly a digit of their difference survives."""

            value, as_smaller = "smaller", "less"


@guess
class positive_weights:
    right = 1

    class wrong:
        class none:
            """The pixel itself has to come in with a plus: the detail is the pixel minus its surroundings."""

            value = 0

        class all_positive:
            """Weights that are all positive blur. This target is what a blur leaves out."""

            value = 9

        class half:
            """The target is half positive, half negative. Its kernel need not be: one large plus, and small minuses."""

            value, five = 4, 5


@guess
class reaches_zero:
    right = False

    class wrong:
        class enough_steps:
            """More steps help only down to the optimum. The target was made by 49 weights; nine cannot do the same."""

            value = True


@guess
class twice_as_bright:
    right = "a quarter"

    class wrong:
        class halved:
            """The picture comes in twice: in the response, and again when the error is laid back on the patches."""

            value, number = "half", 0.5

        class unchanged:
            """A brighter picture gives larger responses, errors and gradients: the valley gets steeper."""

            value, in_short = "the same", "same"

        class doubled:
            """A brighter picture makes the valley steeper, and on a steep slope one takes shorter steps."""

            value, number = "double", 2


@guess
class times_fewer_steps:
    right = 15

    class wrong:
        class no_difference:
            """The target does not change when a constant is taken from the picture. The way to it does."""

            value = 1

        class twice:
            """It is far more. The mean is by far the strongest thing in the picture, and it alone sets the rate."""

            value, three = 2, 3


@guess
class rank_of_a_constant:
    right = 1

    class wrong:
        class nothing_learned:
            """Not quite nothing: every patch says what the sum of the nine weights should be."""

            value = 0

        class all_of_them:
            """All the patches are the same, so there is one equation, written many times."""

            value = 9


@guess
class better_teacher:
    right = "noise"

    class wrong:
        class same_loss_same_kernel:
            """The loss only says how well a kernel does on its own picture. What hardly occurs there costs nothing."""

            value, in_short = "the same", "same"

        class a_real_picture:
            """In a photograph neighbouring pixels are nearly the same, so it can hardly tell their weights apart. Noise
            contains everything equally."""

            value, named = "cat", "the cat"


explanation(
    "why_not_zero",
    """The target has three channels that differ a little, and the prediction has one, which cannot be all three at
    once. The best it can do is their mean; how far they lie from it, 4 % of the lazy kernel's loss, stays for ever.
    (Nor can a 3×3 kernel do all that a 7×7 blur did: see 7.6.)""",
)
explanation(
    "why_the_limit",
    """In the steepest direction a step that is too long lands on the other side of the valley, higher than before, and
    the next one higher still. Twice the mean of the squared pixels, times k², says how steep that can be at most.""",
)
explanation(
    "why_the_mean",
    """All pixels of a bright picture share its mean, so changing all weights together changes the response far more
    than anything else: that one direction is steep and sets the rate, and in all the others the run has to creep.
    The target loses nothing: its kernel sums to zero and does not answer to a constant.""",
)
explanation(
    "why_noise_teaches",
    """The loss sees an error of the kernel only through the picture. Fine patterns hardly occur in the cat, so weights
    that answer them wrongly cost next to nothing. Noise has every pattern in equal measure, so every error costs.""",
)
explanation(
    "why_worse_than_nothing",
    """It began at random weights, which answer a bright picture brightly, far above the loss of zeros, and at its rate
    it had no time to come down. (Another draw may end a little below.) The rate first: then even the random start comes
    down. After that the border: with zeros around the picture no kernel gets much below half of the loss of zeros.""",
)
