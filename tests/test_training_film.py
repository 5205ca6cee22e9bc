"""The training film without a browser: losses are PyTorch's; what it takes, refuses, holds and leaves behind."""

import math
import xml.etree.ElementTree as ET

import pytest
import torch
import torch.nn.functional as F

from course_utils import TrainingFilm

SOURCE = torch.Generator().manual_seed(3)
X, NOISE = torch.rand(20, 24, generator=SOURCE), torch.rand(20, 24, generator=SOURCE)
HIDDEN = torch.tensor([[0.0, 1, 2], [-1, 3, -2], [0.5, 0, -1]])


def train(x, target, kernel_size, steps, lr):
    """What PyTorch's own optimizer does: losses after 0, 1, … steps, and the last kernel."""
    margin = (kernel_size - 1) // 2
    wanted = target[margin : target.shape[0] - margin, margin : target.shape[1] - margin].double()
    kernel = torch.zeros(kernel_size, kernel_size, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([kernel], lr=lr)
    losses = []
    for step in range(steps + 1):
        optimizer.zero_grad()
        loss = F.mse_loss(F.conv2d(x.double()[None, None], kernel[None, None])[0, 0], wanted)
        losses.append(loss.item())
        if step < steps:
            loss.backward()
            optimizer.step()
    return losses, kernel.detach()


@pytest.fixture
def film():
    return TrainingFilm(X, NOISE, 3, lr=0.2, steps=50)


@pytest.mark.parametrize("seed", range(8))
def test_losses_and_kernels_are_those_of_sgd(seed):
    source = torch.Generator().manual_seed(seed)
    kernel_size = (1, 3, 5, 7)[seed % 4]
    height, width = (int(n) for n in torch.randint(kernel_size, 24, (2,), generator=source))
    x, target = (torch.randn(height, width, generator=source) for _ in range(2))
    limit = 2 / TrainingFilm(x, target, kernel_size).problem["steepest"]
    for part in (0.1, 0.9, 1.05):
        film = TrainingFilm(x, target, kernel_size, lr=part * limit, steps=60)
        losses, kernel = train(x, target, kernel_size, 60, part * limit)
        assert film.losses == pytest.approx(losses, rel=1e-6, abs=1e-12)
        film.step = 60
        assert torch.allclose(film.kernel, kernel.float(), rtol=1e-4, atol=1e-5)
        film.step = 0
        assert not film.kernel.any()


def test_the_limit_is_where_it_begins_to_diverge(film):
    limit = 2 / film.problem["steepest"]
    film.steps, film.lr = 2000, 0.999 * limit
    assert film.losses[-1] < film.losses[0]
    film.lr = 1.01 * limit
    assert film.losses[-1] > film.losses[0]


def test_the_optimum_is_that_of_least_squares():
    exact = F.pad(F.conv2d(X[None, None], HIDDEN[None, None]), (1, 1, 1, 1), value=9)[0, 0]
    film = TrainingFilm(X, exact, 3)  # the rim, which is wrong, is not compared
    assert torch.allclose(torch.tensor(film.problem["best"]), HIDDEN, atol=1e-4)
    assert film.problem["floor"] < 1e-10
    film = TrainingFilm(torch.ones(8, 8), torch.rand(8, 8, generator=SOURCE), 3)  # rank 1 of 9
    film.steps = film.step = 2000
    assert film.losses[-1] == pytest.approx(film.problem["floor"])
    assert torch.allclose(film.kernel, torch.tensor(film.problem["best"]), atol=1e-5)


def test_a_run_that_flies_off_ends_in_infinity_and_not_in_nan(film):
    film.lr, film.steps, film.step = 1e9, 300, 300
    losses = film.losses
    first = losses.index(math.inf)
    assert all(math.isfinite(loss) for loss in losses[:first]) and set(losses[first:]) == {math.inf}
    assert film.kernel.isfinite().all() and film.kernel.abs().max() > 1e15


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((X, NOISE[1:], 3), ValueError, "x is 20 × 24 and target is 19 × 24: pass a target as large as x"),
        ((X[None], NOISE, 3), ValueError, r"x has the shape \(1, 20, 24\), not \(H, W\)"),
        ((X, "cat", 3), TypeError, "target is no grid of real numbers"),
        ((X, torch.full((20, 24), torch.nan), 3), ValueError, "target holds nan"),
        ((X, NOISE, 4), ValueError, "kernel_size is 4: pass an odd number from 1 to 9"),
        ((X, NOISE, 11), ValueError, "kernel_size is 11"),
        ((X, NOISE, 3.0), TypeError, "kernel_size is 3.0: pass an odd whole number"),
        ((X[:4], NOISE[:4], 5), ValueError, "does not fit into x, which is 4 × 24"),
        ((torch.zeros(6, 6), torch.ones(6, 6), 3), ValueError, "x is 0 wherever the kernel reaches"),
        ((X, F.pad(torch.zeros(18, 22), (1, 1, 1, 1), value=1), 3), ValueError, "target is 0 wherever"),
        ((X, NOISE, 3, 0), ValueError, "lr is 0: pass a finite number above 0"),
        ((X, NOISE, 3, -0.1), ValueError, "lr is -0.1"),
        ((X, NOISE, 3, math.nan), ValueError, "lr is nan"),
        ((X, NOISE, 3, math.inf), ValueError, "lr is inf"),
        ((X, NOISE, 3, "fast"), TypeError, "lr is 'fast': pass a number above 0"),
        ((X, NOISE, 3, 0.1, 0), ValueError, "steps is 0: pass a whole number from 1 to 5000"),
        ((X, NOISE, 3, 0.1, 2.5), TypeError, "steps is 2.5"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        TrainingFilm(*arguments)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_bad_values_are_refused_and_the_last_ones_stay(film):
    before = dict(film.problem)
    for name, bad in {
        "lr": -1,
        "steps": 0,
        "x": torch.zeros(20, 24),
        "target": NOISE[1:],
        "kernel_size": 4,
    }.items():
        with pytest.raises(ValueError, match="pass"):
            setattr(film, name, bad)
    assert (film.lr, film.steps) == (0.2, 50)
    assert film.problem == before and torch.equal(film.x, X) and torch.equal(film.target, NOISE)


def test_another_kernel_size_is_another_problem(film):
    film.kernel_size = 5
    assert film.kernel.shape == (5, 5) and film.problem == TrainingFilm(X, film.target, 5).problem


def test_the_step_stays_inside_the_film(film):
    film.step = 99
    assert film.step == 50
    film.steps = 20
    assert film.step == 20
    film.set_state({"steps": 40, "step": 30, "lr": 0.3})
    assert (film.steps, film.step, film.lr) == (40, 30, 0.3)


def test_the_pictures_stay_in_python(film):
    state = film.get_state()
    assert "x" not in state and "target" not in state
    assert len(state["problem"]["gram"]) == 9 and len(state["problem"]["best"]) == 3
    assert all(math.isfinite(number) for row in state["problem"]["gram"] for number in row)


def test_another_picture_poses_another_problem(film, shell):
    film.x = X / 2
    assert film.problem == TrainingFilm(X / 2, NOISE, 3).problem
    shell.push({"film": film})
    shell.run_cell("film.x *= 2")
    assert film.problem == TrainingFilm(X, NOISE, 3).problem


def test_the_picture_shows_no_loss_and_no_kernel_unless_they_are_asked(film):
    film.step = 20
    still, asked = film.static(), film.static(response=True)
    assert len(ET.fromstring(still.svg).findall(".//{*}image")) == 2
    assert "kernel after" not in still.svg + still.text and "loss after" not in still.text
    assert "kernel after 20 steps" in asked.text and "the loss after 20 steps is" in asked.svg
    assert TrainingFilm(X, NOISE, 3, lr=0.2, steps=50).static().svg == still.svg
