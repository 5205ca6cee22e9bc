"""What no explorer takes: one sentence says so, and no traceback goes through our files."""

from typing import Any

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from course_utils import ChannelStack, MatrixView, PatchMicroscope, SizeDial, TrainingFilm
from course_utils.errors import BadArgument, CourseError
from course_utils.explorers.explorer import _notice_changes_in_place

X, KERNEL = torch.rand(6, 6, generator=torch.Generator().manual_seed(1)), torch.ones(3, 3)


def microscope() -> PatchMicroscope:
    return PatchMicroscope(X, KERNEL)


def film() -> TrainingFilm:
    return TrainingFilm(X, X, 3)


@pytest.mark.parametrize(
    ("make", "name", "bad", "sentence"),
    [
        (microscope, "row", "a", "row is 'a': pass a whole number."),
        (microscope, "row", 1.5, "row is 1.5: pass a whole number."),
        (microscope, "mode", "x", 'mode is \'x\': pass "correlation" or "convolution".'),
        (lambda: SizeDial(7, 3), "n", "8", "n is '8': pass a whole number."),
        (microscope, "row", 2.0, "row is 2.0: pass a whole number."),
        (microscope, "row", True, "row is True: pass a whole number."),
        (microscope, "mode", X, 'mode is a tensor of shape (6, 6): pass "correlation" or "convolution".'),
        (lambda: SizeDial(7, 3), "n", X, "n is a tensor of shape (6, 6): pass a whole number."),
        (film, "lr", "x", "lr is 'x': pass a number."),
        (film, "steps", 2.5, "steps is 2.5: pass a whole number."),
        (lambda: ChannelStack(X[None], KERNEL[None, None]), "off", 0, "off is 0: pass a tuple, such as (0,)."),
        (lambda: MatrixView(X, KERNEL), "transposed", "yes", "transposed is 'yes': pass True or False."),
    ],
)
def test_what_a_trait_does_not_take_is_told_in_one_sentence(make: Any, name: str, bad: Any, sentence: str) -> None:
    explorer = make()
    before = getattr(explorer, name)
    with pytest.raises(CourseError) as refused:
        setattr(explorer, name, bad)
    assert str(refused.value) == sentence and isinstance(refused.value, (ValueError, TypeError))
    assert getattr(explorer, name) == before


def test_what_would_change_nothing_is_told_in_one_sentence() -> None:
    dial = SizeDial(7, 3)
    for name, sentence in {
        "strides": r"SizeDial has nothing called strides to set \(did you mean 'stride'\?\)\.$",
        "size": r"size follows from the rest: what can be set is dilation, k, n, padding, stride\.$",
        "still": r"still follows from the rest: what can be set is dilation, ",
    }.items():
        with pytest.raises(BadArgument, match=sentence):
            setattr(dial, name, 2)
    learning = film()
    with pytest.raises(
        BadArgument, match=r"^problem follows from the rest: what can be set is lr, step, steps, target"
    ):
        learning.problem = {}
    assert learning.kernel_size == 3


def test_what_an_explorer_is_made_of_is_told_in_one_sentence() -> None:
    for make in (
        lambda: PatchMicroscope(X, KERNEL, row="a"),  # type: ignore[arg-type]
        lambda: PatchMicroscope(X, KERNEL, mode="blur"),
        lambda: PatchMicroscope("photo.png", KERNEL),
        lambda: PatchMicroscope(X.to("meta"), KERNEL),
        lambda: PatchMicroscope([[torch.tensor(1.0, device="meta")]], [[1]]),
        lambda: SizeDial(torch.tensor(7, device="meta"), 3),  # type: ignore[arg-type]
        lambda: SizeDial(7.0, 3),  # type: ignore[arg-type]
        lambda: SizeDial(torch.tensor([7, 7]), 3),  # type: ignore[arg-type]
        lambda: SizeDial(torch.tensor(7.9), 3),  # type: ignore[arg-type]
        lambda: TrainingFilm(X, X, torch.tensor(3.5)),  # type: ignore[arg-type]
        lambda: TrainingFilm(X, X, 3, torch.ones(2)),  # type: ignore[arg-type]
        lambda: TrainingFilm(X, X, 3, 10**400),
        lambda: SizeDial(X, 3),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadArgument, match=r"^[^\n]*: pass [^\n]*\.$"):
            make()


def test_a_notebook_shows_the_sentence_alone(shell: InteractiveShell, capsys: pytest.CaptureFixture) -> None:
    shell.run_cell("from course_utils import SizeDial\nSizeDial(7, '3')")
    assert capsys.readouterr().out.strip() == "k is '3': pass a whole number from 1 on."


def test_numbers_of_every_kind_are_taken() -> None:
    assert torch.equal(PatchMicroscope(X.to_sparse(), KERNEL).x, X)
    assert PatchMicroscope([[torch.tensor(1.0, requires_grad=True)]], [[1]]).x.tolist() == [[1]]
    dial, learning = SizeDial(7, 3), film()
    dial.n, learning.lr = np.int64(8), torch.tensor(0.5)  # type: ignore[assignment]
    assert dial.n == 8 and learning.lr == 0.5


def test_a_kernel_that_wants_gradients_is_noticed_as_any_other(capsys: pytest.CaptureFixture) -> None:
    explorer = microscope()
    explorer.kernel.requires_grad_()
    with torch.no_grad():
        explorer.kernel[0, 0] = 7
    _notice_changes_in_place()
    assert explorer.kernel[0, 0] == 7 and explorer.response.shape == (4, 4)
    assert capsys.readouterr().out == ""
