"""The matrix view without a browser: what it takes and refuses, what it holds, and what its picture keeps to itself."""

import xml.etree.ElementTree as ET

import pytest
import torch
import torch.nn.functional as F

from course_utils import MatrixView

X = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
KERNEL = [[2, 3], [0, -1]]


@pytest.fixture
def view():
    return MatrixView(X, KERNEL)


def test_the_response_is_conv2ds():
    source = torch.Generator().manual_seed(3)
    for _ in range(20):
        height, width = (int(size) for size in torch.randint(1, 17, (2,), generator=source))
        rows, columns = (int(torch.randint(1, most + 1, (), generator=source)) for most in (height, width))
        x, kernel = torch.randn(height, width, generator=source), torch.randn(rows, columns, generator=source)
        expected = F.conv2d(x[None, None], kernel[None, None])[0, 0]
        assert torch.allclose(MatrixView(x, kernel).response, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((X, torch.ones(4, 2)), ValueError, "kernel is 4 × 2 and does not fit .* 3 × 4: .* at most 3 rows and 4 col"),
        ((torch.zeros(17, 3), KERNEL), ValueError, r"x is 17 × 3, too large .* such as x\[:16, :3\]"),
        (([[1, float("nan")]], [[1]]), ValueError, "x holds nan in row 0, column 1"),
        ((X, "blur"), TypeError, "kernel is no grid of real numbers but a str"),
        ((X, KERNEL, torch.ones(3, 4)), ValueError, "grad_output is 3 × 4, but the response is 2 × 3: pass one number"),
        ((X, KERNEL, [1, 2, 3]), ValueError, r"grad_output has the shape \(3,\)"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, error, sentence):
    *grids, gradient = [*arguments, None][:3]
    with pytest.raises(error, match=sentence) as caught:
        MatrixView(*grids, grad_output=gradient)
    assert str(caught.value).endswith(".")


def test_what_is_refused_later_leaves_the_last_state(view):
    for name, bad in [("kernel", torch.ones(4, 4)), ("x", [[1]]), ("grad_output", [[1]]), ("kernel", [[float("inf")]])]:
        with pytest.raises(ValueError, match="pass"):
            setattr(view, name, bad)
    assert view.kernel.tolist() == KERNEL and view.x.tolist() == X and view.grad_output is None


def test_positions_stay_inside_and_a_gradient_that_no_longer_fits_goes(view):
    view.row, view.column, view.pixel_row, view.pixel_column = 9, 9, 9, -9
    view.grad_output = torch.ones(2, 3)
    assert (view.row, view.column, view.pixel_row, view.pixel_column) == (1, 2, 2, 0)
    view.kernel = torch.ones(3, 3)
    assert (view.row, view.column, view.grad_output) == (0, 1, None)


def test_what_the_browser_sends_is_found_here(view):
    view.set_state({"transposed": True, "row": 1, "column": 1, "pixel_row": 2, "pixel_column": 2})
    view.set_state({"kernel": [[1, 0], [0, 0.5]], "grad_output": [[1, 1, 1], [1, 1, 1]]})
    assert (view.transposed, view.row, view.column, view.pixel_row, view.pixel_column) == (True, 1, 1, 2, 2)
    assert torch.equal(view.kernel, torch.tensor([[1, 0], [0, 0.5]])) and torch.equal(
        view.grad_output, torch.ones(2, 3)
    )
    assert view.get_state()["grad_output"] == [[1, 1, 1], [1, 1, 1]]
    view.set_state({"grad_output": None})
    assert view.grad_output is None and view.get_state()["grad_output"] is None


def test_a_change_in_place_is_noticed(shell):
    view = MatrixView(X, KERNEL)
    shell.push({"view": view})
    shell.run_cell("view.kernel[0, 0] = 5")
    assert view.get_state()["kernel"] == [[5, 3], [0, -1]]


def test_the_picture_answers_nothing_unless_it_is_asked(view):
    view.transposed = True
    still = view.static()
    told = still.svg + still.text + repr(view)
    assert not any(secret in told for secret in ("2 × 3", "6 × 12", "6 × 4", "T[", "im2col", ">18<", ">22<", ">26<"))
    assert not {"18", "22", "26"} & set(still.text.split())  # they stand in the response
    assert "Which row of the matrix makes the same number?" in still.svg and "image  3 × 4" in still.svg
    asked = view.static(response=True)
    assert "response  2 × 3" in asked.svg and "Row 0 of the matrix makes the framed number" in asked.svg
    ET.fromstring(still.svg)


def test_a_gradient_that_will_not_fit_goes_before_the_browser_has_what_it_does_not_fit(monkeypatch):
    view, sent = MatrixView(X, KERNEL, grad_output=torch.ones(2, 3)), []
    monkeypatch.setattr(MatrixView, "notify_change", lambda self, change: sent.append(change.name))
    view.x = torch.ones(5, 5)
    assert sent[:2] == ["grad_output", "x"]
