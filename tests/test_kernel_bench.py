"""The kernel bench without a browser: what it takes, what it refuses, what it holds and what it leaves behind."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_utils import KernelBench

PICTURE = torch.rand(20, 24, generator=torch.Generator().manual_seed(1))
EDGE = [[-1, 0, 2], [-1, 0, 2], [-1, 0, 2]]


@pytest.fixture
def bench():
    return KernelBench(PICTURE, EDGE)


@pytest.mark.parametrize("seed", range(6))
def test_the_response_is_conv2ds(seed):
    source = torch.Generator().manual_seed(seed)
    height, width, rows, columns = (int(torch.randint(1, most, (), generator=source)) for most in (40, 40, 10, 10))
    picture = torch.randn(height + 9, width + 9, generator=source)
    kernel = torch.randn(rows, columns, generator=source)
    assert torch.allclose(
        KernelBench(picture, kernel).response, F.conv2d(picture[None, None], kernel[None, None])[0, 0], atol=1e-5
    )


def test_it_begins_with_the_identity():
    assert KernelBench(PICTURE).kernel.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert torch.equal(KernelBench(PICTURE).response, PICTURE[1:-1, 1:-1])
    assert KernelBench(torch.ones(2, 1)).kernel.tolist() == [[1], [0]]


def test_a_target_is_a_kernel_or_its_response():
    hidden = torch.tensor([[1.0, -2], [0, 1], [3, 0]])
    by_kernel = KernelBench(PICTURE, target=hidden)
    by_response = KernelBench(PICTURE, target=F.conv2d(PICTURE[None, None], hidden[None, None])[0, 0])
    assert hidden.tolist() not in by_kernel.get_state().values()
    for bench in (by_kernel, by_response):
        assert bench.kernel.tolist() == [[0, 0], [0, 0], [0, 0]]
        bench.kernel = hidden
        assert torch.allclose(bench.response, bench.wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((torch.zeros(3, 8, 8),), ValueError, r"picture has the shape \(3, 8, 8\).* such as picture\[0\]"),
        (
            (torch.zeros(300, 8),),
            ValueError,
            r"picture has the shape \(300, 8\), too large .* load_picture\(…, size=128",
        ),
        ((torch.full((4, 4), torch.nan),), ValueError, "picture holds nan in row 0, column 0: pass finite"),
        (("cat.png",), TypeError, "picture is no grid of real numbers but a str"),
        ((torch.zeros(0, 3),), ValueError, "picture is empty"),
        ((torch.zeros(4, 4), torch.ones(5, 3)), ValueError, "kernel is 5 × 3 and does not fit into the picture"),
        ((PICTURE, torch.ones(10, 10)), ValueError, "kernel is 10 × 10, too large"),
        ((PICTURE, "blur"), TypeError, "kernel is no grid"),
        ((PICTURE, torch.ones(3, 3), torch.ones(5, 5)), ValueError, "the one to match is 16 × 20: pass a kernel as"),
        ((PICTURE, None, torch.zeros(30, 30)), ValueError, "target is 30 × 30, which no kernel up to 9 × 9 makes"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        KernelBench(*arguments)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_bad_kernel_is_refused_and_the_last_one_stays(bench):
    for bad in (torch.ones(10, 10), [[float("inf")]], "blur"):
        with pytest.raises((ValueError, TypeError), match="pass"):
            bench.kernel = bad
    assert bench.kernel.tolist() == EDGE


def test_what_travels_and_what_comes_back(bench):
    state = bench.get_state()
    assert state["picture"]["shape"] == [20, 24] and state["kernel"] == EDGE and state["wanted"] is None
    assert np.array_equal(np.frombuffer(state["picture"]["data"], np.float32).reshape(20, 24), PICTURE.numpy())
    bench.set_state({"kernel": [[0.5]]})
    assert torch.equal(bench.response, PICTURE / 2)


def test_a_change_in_place_is_noticed(bench, shell):
    shell.push({"bench": bench})
    shell.run_cell("bench.kernel[0, 0] = 7\nbench.picture.zero_()")
    assert bench.get_state()["kernel"][0][0] == 7
    assert not any(bench.get_state()["picture"]["data"])


def test_the_picture_shows_no_response_unless_it_is_asked(bench):
    still = bench.static()
    root = ET.fromstring(still.svg)
    assert len(root.findall(".//{*}image")) == 1 and "response  " not in still.svg + still.text
    asked = bench.static(response=True)
    assert len(ET.fromstring(asked.svg).findall(".//{*}image")) == 2 and "response  18 × 22" in asked.svg
    assert KernelBench(PICTURE, EDGE).static().svg == still.svg
