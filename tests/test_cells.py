"""What a check says where the cell that should define an answer did not run, or kept nothing."""

from collections.abc import Iterator

import pytest

from course_utils import cells

ANSWER = "def corr2d(x, kernel):\n    return x"


@pytest.fixture(autouse=True)
def nothing_failed() -> Iterator[None]:
    cells._failed.clear()
    yield
    cells._failed.clear()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (ANSWER, ["corr2d"]),
        ("corr2d = None\nx == 3", ["corr2d"]),
        ("from mine import corr2d", ["corr2d"]),
        ("from mine import a, b as corr2d  # mine", ["a", "corr2d"]),
        ("from mine import (corr2d)", ["corr2d"]),
        ("    from mine import a\nimport torch", []),
        ("sobel_x, sobel_y = kernels()", ["sobel_x", "sobel_y"]),
        ("sobel_x, sobel_y = tensor([1 2])", ["sobel_x", "sobel_y"]),
        ("rate: float = 0.1", ["rate"]),
        ("class Net:\n    size = 3", ["Net"]),
        ("class Net\n    size = 3", ["Net"]),
        ("async def f():\n    inner = 1", ["f"]),
        ("for each in kernels:\n    best = each", ["each", "best"]),
        ("[kernel for kernel in kernels]", []),
        ("%matplotlib inline\nmean, edge = 1, 2", ["mean", "edge"]),
    ],
)
def test_the_names_that_a_cell_would_define(source: str, names: list[str]) -> None:
    assert cells.names_in(source) == names


def test_why_a_cell_left_nothing() -> None:
    cells.remember(f"n = input()\n{ANSWER}", "StdinNotImplementedError", "raw_input was called, but …")
    assert cells.trouble_with("corr2d").startswith("It asks with input(), and when it is graded nobody answers")
    cells.remember(ANSWER)
    assert cells.trouble_with("corr2d") == ""
    cells.remember("from mine import corr2d", "ModuleNotFoundError", "No module named 'mine'")
    assert cells.trouble_with("corr2d") == "It ended with ModuleNotFoundError: No module named 'mine'."
    for magic in ("%%timeit -n1", "%%writefile mine.py"):
        cells.remember(f"{magic}\n{ANSWER}")
        assert cells.trouble_with("corr2d").startswith(f"{magic.split()[0]} at its top keeps nothing")
    for magic in ("%%time", "%%capture"):
        cells.remember(f"{magic}\n{ANSWER}")
        assert cells.trouble_with("corr2d") == ""
