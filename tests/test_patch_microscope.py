"""The patch microscope without a browser: what it takes, what it refuses, what it holds and what it leaves behind."""

import base64
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from IPython.utils.capture import capture_output
from PIL import Image

from course_utils import PatchMicroscope

X = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0]]
KERNEL = [[1, 2], [0, -1]]
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def microscope():
    return PatchMicroscope(X, KERNEL)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda grid: grid, np.array, torch.tensor, lambda grid: torch.tensor(grid, dtype=torch.uint8).char(),
        lambda grid: tuple(map(tuple, grid)), lambda grid: torch.tensor(grid, dtype=torch.float64, requires_grad=True),
        lambda grid: torch.tensor(grid).T.contiguous().T, lambda grid: [np.array(row) for row in grid],
    ],
)  # fmt: skip
def test_takes_tensors_arrays_and_lists(wrap):
    microscope = PatchMicroscope(wrap(X), wrap(KERNEL))
    assert torch.equal(microscope.x, torch.tensor(X).float())
    assert torch.equal(microscope.kernel, torch.tensor(KERNEL).float())
    assert not microscope.x.requires_grad and microscope.response.dtype == torch.float32


def test_what_is_given_stays_the_callers():
    x = torch.ones(3, 3)
    microscope = PatchMicroscope(x, [[1]])
    x[0, 0] = 5
    assert microscope.x[0, 0] == 1


@pytest.mark.parametrize("mode", ["correlation", "convolution"])
@pytest.mark.parametrize("seed", range(8))
def test_the_response_is_conv2ds(mode, seed):
    source = torch.Generator().manual_seed(seed)
    height, width, rows, columns = (int(torch.randint(1, most + 1, (), generator=source)) for most in (16, 16, 6, 6))
    rows, columns = min(rows, height), min(columns, width)
    x = (
        torch.randn(height, width, generator=source)
        if seed % 2
        else torch.randint(-9, 10, (height, width), generator=source).float()
    )
    kernel = torch.randn(rows, columns, generator=source)
    applied = kernel.flip(0, 1) if mode == "convolution" else kernel
    response = PatchMicroscope(x, kernel, mode=mode).response
    assert response.shape == (height - rows + 1, width - columns + 1)
    assert torch.allclose(response, F.conv2d(x[None, None], applied[None, None])[0, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("x", "kernel", "error", "sentence"),
    [
        ([1, 2, 3], KERNEL, ValueError, r"x has the shape \(3,\), so it has no rows and columns: pass a tensor"),
        (5, KERNEL, ValueError, r"x has the shape \(\), so it has no rows"),
        (X, torch.zeros(1, 1, 2, 2), ValueError, r"kernel has the shape \(1, 1, 2, 2\).*such as kernel\[0, 0\]"),
        (torch.zeros(3, 8, 8), KERNEL, ValueError, r"looks like a colour image: pass one channel, such as x\[0\]"),
        (torch.zeros(8, 8, 3), KERNEL, ValueError, r"like a colour image: pass one channel, such as x\[:, :, 0\]"),
        (torch.zeros(1, 8, 8), KERNEL, ValueError, r"which has three axes: pass one channel, such as x\[0\]"),
        (torch.zeros(1, 1, 1, 1, 1), KERNEL, ValueError, "so it has no rows and columns"),
        (torch.zeros(200, 300), KERNEL, ValueError, r"x is 200 × 300, too large .* such as x\[:16, :16\]"),
        (torch.zeros(17, 3), KERNEL, ValueError, r"x is 17 × 3, too large .* such as x\[:16, :3\]"),
        (X, torch.ones(4, 2), ValueError, "kernel is 4 × 2 and does not fit .* 3 × 4: .* at most 3 rows and 4 col"),
        ([[1, float("nan")]], [[1]], ValueError, "x holds nan in row 0, column 1: pass finite numbers"),
        (X, [[float("inf")]], ValueError, "kernel holds inf in row 0, column 0"),
        ([[1e39]], [[1]], ValueError, "x holds inf in row 0, column 0"),
        ([[]], [[1]], ValueError, r"x is empty, its shape is \(1, 0\)"),
        (Image.new("RGB", (640, 480)), KERNEL, TypeError, "x is a picture of 480 × 640 pixels; the numbers"),
        ("photo.png", KERNEL, TypeError, "x is no grid of real numbers but a str"),
        (None, KERNEL, TypeError, "x is no grid of real numbers but a NoneType"),
        ([[1, 2], [3]], [[1]], TypeError, "but a list with rows of different lengths or entries that are no numbers"),
        ([["1"]], [[1]], TypeError, "entries that are no numbers"),
        (torch.zeros(2, 2, dtype=torch.complex64), [[1]], TypeError, "x is no grid of real numbers but a Tensor"),
    ],
)  # fmt: skip
def test_bad_arguments_get_a_sentence_that_says_what_to_pass(x, kernel, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        PatchMicroscope(x, kernel)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_bad_kernel_is_refused_and_the_last_one_stays(microscope):
    for bad in (torch.ones(4, 4), [[float("nan")]], torch.ones(2), "blur"):
        with pytest.raises((ValueError, TypeError), match="pass"):
            microscope.kernel = bad
    assert microscope.kernel.tolist() == KERNEL
    with pytest.raises(ValueError, match='pass "correlation" or "convolution"'):
        PatchMicroscope(X, KERNEL, mode="flip")


def test_a_larger_kernel_keeps_the_position_inside(microscope):
    microscope.row, microscope.column = 9, -3
    assert (microscope.row, microscope.column) == (1, 0)
    microscope.kernel = torch.ones(3, 4)
    assert (microscope.row, microscope.column) == (0, 0)


def test_the_front_end_gets_plain_numbers(microscope):
    state = microscope.get_state()
    assert state["x"] == X and state["kernel"] == KERNEL
    assert (state["mode"], state["row"], state["column"]) == ("correlation", 0, 0)
    assert "export default widget(PatchMicroscope)" in state["_esm"] and ".patch-microscope" in state["_css"]


def test_what_the_browser_sends_becomes_a_tensor(microscope):
    heard = []
    microscope.observe(lambda change: heard.append(change["new"].tolist()), "kernel")
    microscope.set_state({"kernel": [[0.5, 0], [0, 0]], "mode": "convolution", "row": 1})
    assert heard == [[[0.5, 0], [0, 0]]] and microscope.kernel.dtype == torch.float32
    assert torch.equal(microscope.response, torch.tensor(X).float()[1:, 1:] / 2)


def test_the_picture_is_self_contained_and_always_the_same(microscope):
    picture = microscope.static().svg
    assert picture == PatchMicroscope(np.array(X), torch.tensor(KERNEL)).static().svg
    root = ET.fromstring(picture)
    assert root.find("{*}title").text.startswith("Patch microscope. Row 0, column 0: the kernel lies on")
    assert not any(word in picture for word in ("class=", "style=", "href=", "<script", "<style", "url("))
    shown = [node.text for node in root.findall(".//{*}text")]
    assert {"image  3 × 4", "colours 0 to 4", "kernel  2 × 2", "colours ±2"} <= set(shown)


def test_the_picture_answers_nothing_unless_it_is_asked():
    microscope = PatchMicroscope([[10, 20, 30], [40, 50, 60]], [[2, 3]])
    told = [*"".join(microscope.static()._repr_mimebundle_().values()).split(), *repr(microscope).split()]
    assert "2 × 2" not in microscope.static().svg and not {"80", "130", "230", "280"} & set(told)
    asked = microscope.static(response=True)
    assert "row 0, column 0: 10·2 + 20·3 = 80" in asked.svg and "response  2 × 2" in asked.svg and "280" in asked.svg


def test_the_picture_follows_the_state(microscope):
    microscope.row, microscope.column, microscope.mode = 1, 1, "convolution"
    picture = microscope.static(response=True)
    assert "row 1, column 1: 1·(−1) + 2·0 + 3·2 + 4·1 = 9" in picture.svg and "rotated by 180°" in picture.svg
    assert repr(microscope).startswith("Patch microscope, convolution. Row 1, column 1: the kernel lies on")


def test_a_change_in_place_is_noticed_when_the_cell_has_run(shell):
    microscope = PatchMicroscope(X, KERNEL)
    heard = []
    microscope.observe(lambda change: heard.append(change["new"].tolist()), "kernel")
    shell.push({"microscope": microscope})
    shell.run_cell("microscope.kernel[1, 1] = 0; first = microscope.response")
    assert heard == [[[1, 2], [0, 0]]] and microscope.get_state()["kernel"] == [[1, 2], [0, 0]]
    assert torch.equal(shell.user_ns["first"], microscope.response)
    shell.run_cell("microscope.kernel.numpy()[0] = 5")
    assert heard[1:] == [[[5, 5], [0, 0]]]


def test_a_bad_change_in_place_is_refused(shell, capsys):
    microscope = PatchMicroscope(X, [[2]])
    shell.push({"microscope": microscope})
    shell.run_cell("microscope.kernel[0, 0] = float('nan')")
    assert "kernel holds nan in row 0, column 0" in capsys.readouterr().out
    assert microscope.kernel.tolist() == [[2]]


def test_rounded_numbers_are_not_called_equal():
    assert PatchMicroscope([[3]], [[1 / 3]])._sentence() == "row 0, column 0: 3·0.333 ≈ 1"
    assert PatchMicroscope([[1]], [[1 / 3]])._sentence() == "row 0, column 0: 1·0.333 ≈ 0.333"
    assert PatchMicroscope([[1]], [[0.5]])._sentence() == "row 0, column 0: 1·0.5 = 0.5"


def test_displayed_it_leaves_the_widget_and_a_picture(microscope, shell):
    with capture_output() as captured:
        shell.display_formatter.format(microscope)
    widget, picture = (output.data for output in captured.outputs)
    assert list(widget) == [VIEW] and widget[VIEW]["model_id"] == microscope.model_id
    assert set(picture) == {"text/html", "image/svg+xml", "text/plain"}
    assert microscope.get_state()["still"] in picture["text/html"]
    data = picture["text/html"].split("base64,")[1].split('"')[0]
    assert base64.b64decode(data).decode() == picture["image/svg+xml"]


def test_its_own_bundle_has_widget_picture_and_text(microscope):
    data, _ = microscope._repr_mimebundle_()
    assert set(data) == {VIEW, "text/html", "image/svg+xml", "text/plain"}
    assert data["text/plain"].startswith("Patch microscope, cross-correlation")


def test_course_utils_is_light_until_an_explorer_is_asked_for():
    heavy = ("anywidget", "ipywidgets", "IPython", "matplotlib")
    code = (
        f"import sys, course_utils; print([name for name in {heavy} if name in sys.modules]);"
        "from course_utils import PatchMicroscope;"
        "print('anywidget' in sys.modules, 'PatchMicroscope' in dir(course_utils))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).splitlines() == ["[]", "True True"]
    with pytest.raises(ImportError, match="PatchMikroscope"):
        from course_utils import PatchMikroscope  # noqa: F401
