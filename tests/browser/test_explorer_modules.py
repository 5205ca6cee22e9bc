"""The explorers' shared modules, loaded by a browser as the ES modules that they are, against Python and PyTorch."""

import math
import random

import pytest
import torch
import torch.nn.functional as F

from course_utils import PatchMicroscope, TrainingFilm, drawing
from course_utils.explorers.explorer import STATIC

ADDRESS = "http://modules.test/"  # never resolved: the page's requests are answered from the folder


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.route(f"{ADDRESS}*.js", lambda route: route.fulfill(path=STATIC / route.request.url.rsplit("/", 1)[1]))
    page.route(ADDRESS, lambda route: route.fulfill(body="<title>modules</title>", content_type="text/html"))
    page.goto(ADDRESS)
    yield page
    page.close()


def call(page, module: str, function: str, calls: list) -> list:
    """Call a module's function with each list of arguments."""
    return page.evaluate(
        """async ([module, name, calls]) => {
            const exported = await import(`./${module}`);
            return calls.map((values) => exported[name](...values));
        }""",
        [module, function, calls],
    )


def numbers(count: int = 1500) -> list[float]:
    source = random.Random(2)
    spread = [source.uniform(-1, 1) * 10 ** source.randint(-8, 8) for _ in range(count)]
    ties = [n / 2**k for n in range(-40, 41) for k in range(8)]
    return [
        *spread,
        *ties,
        99_999.5,
        99_999.4,
        100_000,
        0.001,
        0.000999,
        0.0999,
        0.09996,
        999.96,
        9.995,
        math.inf,
        -math.inf,
    ]


def test_numbers_read_alike_in_both_languages(page):
    values = numbers()
    assert call(page, "numbers.js", "formatNumber", [[v] for v in values]) == [drawing.format_number(v) for v in values]


@pytest.mark.parametrize("signed", [True, False])
def test_colours_are_alike_in_both_languages(page, signed):
    values = [n / 100 for n in range(-150, 151)]
    fills = call(page, "numbers.js", "color", [[v, 1, signed] for v in values])
    assert fills == [drawing.color(v, 1, signed) for v in values]
    assert call(page, "numbers.js", "textColor", [[f] for f in fills]) == [drawing.text_color(f) for f in fills]


def test_what_is_typed_becomes_a_number_or_nothing(page):
    good = {
        "3": 3,
        " -2 ": -2,
        "−2": -2,
        "+4": 4,
        ".5": 0.5,
        "2.": 2,
        "0,25": 0.25,
        "1/4": 0.25,
        "-1 / 2": -0.5,
        "1e-3": 1e-3,
        "−2e−5": -2e-5,
        "−1/−2": 0.5,
        "0,125": 0.125,
        "2,5": 2.5,
        "1e39": math.inf,
        "-1e99": -math.inf,
    }
    bad = [
        "",
        " ",
        "-",
        "abc",
        "1/0",
        "0/0",
        "1//2",
        "1,000",
        "-12,500",
        "1,000/3",
        "1,000,000",
        "0x10",
        "1 2",
        "NaN",
        "Infinity",
        "1e",
        "½",
        "--1",
    ]
    assert call(page, "numbers.js", "parseNumber", [[typed] for typed in good]) == pytest.approx(list(good.values()))
    assert call(page, "numbers.js", "parseNumber", [[typed] for typed in bad]) == [None] * len(bad)


def test_rounded_numbers_are_not_called_equal(page):
    cases = {
        (1, 1 / 3): "1·0.333 ≈ 0.333",
        (3, 1 / 3): "3·0.333 ≈ 1",
        (1, 1.234e-8): "1·1.2e−8 ≈ 1.2e−8",
        (2, 0.1): "2·0.1 = 0.2",
        (2, 1e-8): "2·1e−8 = 2e−8",
    }
    products = [[[{"pixel": pixel, "weight": weight, "value": pixel * weight}]] for pixel, weight in cases]
    assert call(page, "convolution.js", "equation", products) == list(cases.values())
    for (pixel, weight), sentence in cases.items():
        assert PatchMicroscope([[pixel]], [[weight]])._sentence() == f"row 0, column 0: {sentence}"


def test_only_rounding_makes_a_sum_of_weights_whole(page):
    kernels = {"0": [[1e5, -1e5]], "1": [[1e5, -99_999]], "1.001": [[1, 0.001]]}
    thirds = torch.full((3, 3), 1 / 9).tolist()
    sums = call(page, "kernel_bench.js", "sumOf", [[kernel] for kernel in [*kernels.values(), thirds]])
    assert sums == [0, 1, 1.001, 1]


def test_zeros_beside_small_numbers_do_not_count_as_one(page):
    arrays = [[[0, 0], [0.03, -0.04]], [[0.02], [0]], [[0], [0]], [[-3, 2]]]
    assert call(page, "numbers.js", "largestOf", arrays) == [0.04, 0.02, 1, 3]


def test_correlate_is_conv2d(page):
    source = torch.Generator().manual_seed(7)
    cases = []
    for case in range(120):
        height, width = (int(size) for size in torch.randint(1, 17, (2,), generator=source))
        rows, columns = (
            int(torch.randint(1, height + 1, (), generator=source)),
            int(torch.randint(1, width + 1, (), generator=source)),
        )
        shapes = ((height, width), (rows, columns))
        if case % 2:
            pair = [torch.randn(shape, generator=source, dtype=torch.float64) for shape in shapes]
        else:
            pair = [torch.randint(-9, 10, shape, generator=source).double() for shape in shapes]
        cases.append(pair)
    answers = call(page, "convolution.js", "correlate", [[x.tolist(), kernel.tolist()] for x, kernel in cases])
    for (x, kernel), answer in zip(cases, answers, strict=True):
        expected = F.conv2d(x[None, None], kernel[None, None])[0, 0]
        assert torch.allclose(torch.tensor(answer, dtype=torch.float64), expected, rtol=1e-12, atol=1e-12)
    turned = call(page, "convolution.js", "rotated", [[kernel.tolist()] for _, kernel in cases])
    assert turned == [kernel.flip(0, 1).tolist() for _, kernel in cases]


def test_correlate_pixels_is_conv2d(page):
    source = torch.Generator().manual_seed(8)
    cases = []
    for _ in range(30):
        rows, columns, more, further = (int(size) for size in torch.randint(1, 10, (4,), generator=source))
        picture = torch.randn(rows + 5 * more, columns + 5 * further, generator=source, dtype=torch.float64)
        cases.append((picture, torch.randn(rows, columns, generator=source, dtype=torch.float64)))
    given = [[{"shape": list(x.shape), "values": x.flatten().tolist()}, kernel.tolist()] for x, kernel in cases]
    answers = page.evaluate(
        """async (calls) => {
            const { correlatePixels } = await import("./convolution.js");
            return calls.map((call) => [...correlatePixels(...call).values]);
        }""",
        given,
    )
    for (x, kernel), answer in zip(cases, answers, strict=True):
        expected = F.conv2d(x[None, None], kernel[None, None])[0, 0]
        assert torch.allclose(torch.tensor(answer, dtype=torch.float64).reshape(expected.shape), expected)


def test_the_matrices_are_pytorchs(page):
    source = torch.Generator().manual_seed(10)
    cases = []
    for case in range(60):
        height, width = (int(size) for size in torch.randint(1, 10, (2,), generator=source))
        rows, columns = (int(torch.randint(1, most + 1, (), generator=source)) for most in (height, width))
        x, kernel = (torch.randn(shape, generator=source).double() for shape in ((height, width), (rows, columns)))
        if case % 2:
            x, kernel = (5 * x).round(), (5 * kernel).round()
        gradient = torch.randn(height - rows + 1, width - columns + 1, generator=source, dtype=torch.float64)
        cases.append((x, kernel, gradient))
    shaped = [[kernel.tolist(), list(x.shape)] for x, kernel, _ in cases]
    toeplitz = call(page, "matrix_view.js", "toeplitz", shaped)
    patches = call(page, "matrix_view.js", "im2col", [[x.tolist(), list(kernel.shape)] for x, kernel, _ in cases])
    back = call(page, "matrix_view.js", "inputGradient", [[g.tolist(), kernel.tolist()] for _, kernel, g in cases])
    for (x, kernel, gradient), matrix, rows, pixels in zip(cases, toeplitz, patches, back, strict=True):
        x.requires_grad_()
        response = F.conv2d(x[None, None], kernel[None, None])[0, 0]
        # A column of the matrix is the response to a picture in which that one pixel is 1.
        pictures = torch.eye(x.numel(), dtype=torch.float64).reshape(-1, 1, *x.shape)
        assert matrix == F.conv2d(pictures, kernel[None, None]).reshape(x.numel(), -1).T.tolist()
        assert rows == F.unfold(x[None, None], kernel.shape)[0].T.tolist()
        response.backward(gradient)
        assert torch.allclose(torch.tensor(pixels, dtype=torch.float64), x.grad, rtol=1e-12, atol=1e-12)


def test_descend_is_plain_gradient_descent(page):
    source = torch.Generator().manual_seed(9)
    for kernel_size in (1, 3, 5):
        x, target = (torch.randn(20, 14, generator=source) for _ in range(2))
        film = TrainingFilm(x, target, kernel_size)
        for part in (0.1, 0.9, 1.05, 1e6):  # the last grows beyond any number
            film.steps, film.lr = 150, part * 2 / film.problem["steepest"]
            losses, last = page.evaluate(
                """async ([problem, lr, steps]) => {
                    const { losses, ways } = (await import("./training_film.js")).descend(problem, lr, steps);
                    const best = problem.best.flat();
                    return [[...losses], [...ways.slice(-best.length)].map((way, i) => way + best[i])];
                }""",
                [film.problem, film.lr, film.steps],
            )
            film.step = 150
            assert losses == pytest.approx(film.losses, rel=1e-6)
            assert part < 2 or max(map(abs, last)) < 3.4e38  # which Python's float32 can hold as well
            assert part > 2 or last == pytest.approx(film.kernel.flatten().tolist(), rel=1e-4, abs=1e-6)


def test_log_ticks_are_round_and_inside(page):
    ticks = call(page, "training_film.js", "logTicks", [[0.0015, 0.18], [3e-7, 0.06]])
    assert ticks == [[0.002, 0.005, 0.01, 0.02, 0.05, 0.1], [1e-6, 1e-5, 1e-4, 0.001, 0.01]]


def test_any_shape_has_room_in_any_width(page):
    for width in (600, 800, 1100):
        for image, kernel in [
            ((6, 6), (3, 3)),
            ((16, 16), (16, 16)),
            ((1, 16), (1, 2)),
            ((16, 1), (3, 1)),
            ((12, 12), (5, 5)),
        ]:
            response = [image[0] - kernel[0] + 1, image[1] - kernel[1] + 1]
            shapes = {"image": image, "kernel": kernel, "response": response}
            product = min(60, max(30, (width - 26) // kernel[1]))
            [place] = call(page, "patch_microscope.js", "arrange", [[width, shapes, product]])
            assert place["width"] <= width, (width, image, kernel, place["name"])
            assert place["image"]["cell"] >= 24 and place["response"]["cell"] >= 24
