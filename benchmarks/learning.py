"""How surely the runs of lessons 7 and 8 arrive.

    python -m benchmarks.learning

Prints the loss of lesson 7's learned kernel (5×5, 1,700 steps) over the least-squares loss, on ten cut-outs of 128×128
of each of three pictures; the share of held-out digits that lesson 8's network names rightly, and with the noise that
grading adds, over twenty seeds; and seconds for both. What the whole notebooks take, `benchmarks.lessons` says.
"""

import statistics
import time

import numpy as np
import torch
import torch.nn.functional as F

from course_grading.authoring.language import load_lesson
from course_utils import load_digits, load_picture

PICTURES = ("chelsea", "coffee", "grass")


def least_squares_ratio(picture: str, seed: int) -> tuple[float, float]:
    """The learned kernel's loss over the smallest possible one, and the seconds that learning took."""
    answers = load_lesson("learning_a_kernel").exercises
    whole = load_picture(picture, size=192)
    top, left = (int(np.random.default_rng(seed).integers(0, max(1, n - 127))) for n in whole.shape)
    image = whole[top : top + 128, left : left + 128]
    start = time.perf_counter()
    learned = answers["learn_high_pass"].answer(image, 5, 1700)
    seconds = time.perf_counter() - start
    x, target = image - image.mean(), answers["high_pass_target"].answer(image)
    best = answers["least_squares_kernel"].answer(x, target, 5)

    def loss(kernel: torch.Tensor) -> float:
        return F.mse_loss(F.conv2d(x[None, None], kernel[None, None].float())[0, 0], F.pad(target, (-2,) * 4)).item()

    return loss(learned) / loss(best), seconds


def digits_named_rightly(seed: int) -> tuple[float, float, float]:
    """Right of 100 held-out digits, the same as they are graded, and the seconds that training took."""
    lesson = load_lesson("from_kernels_to_features")
    assert lesson.module is not None
    torch.manual_seed(seed)
    start = time.perf_counter()
    net = lesson.module.trained(lesson.exercises["make_cnn"].answer(), epochs=40)
    seconds = time.perf_counter() - start
    images, labels = load_digits("test")
    graded = next(lesson.module.held_out(np.random.default_rng(seed)))["images"]
    with torch.no_grad():
        plain, noisy = (
            100 * (net(each[:, None]).argmax(1) == labels).float().mean().item() for each in (images, graded)
        )
    return plain, noisy, seconds


def summary(values: list[float]) -> str:
    return f"{min(values):.4g} to {max(values):.4g}, mean {statistics.mean(values):.4g}"


def main() -> None:
    torch.set_num_threads(1)
    for picture in PICTURES:
        ratios, seconds = zip(*(least_squares_ratio(picture, seed) for seed in range(10)), strict=True)
        print(f"{picture}: loss/least squares {summary(list(ratios))}; seconds {summary(list(seconds))}", flush=True)
    plain, noisy, seconds = zip(*(digits_named_rightly(seed) for seed in range(20)), strict=True)
    print(f"digits named rightly, of 100: {summary(list(plain))}; as graded {summary(list(noisy))}")
    print(f"seconds to train the network: {summary(list(seconds))}", flush=True)


if __name__ == "__main__":
    main()
