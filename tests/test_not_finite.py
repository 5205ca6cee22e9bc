"""NaN and infinity: compared as other numbers are, where they are expected and where they are given."""

import numpy as np
import pytest
import torch

from course_utils.observe import observe
from course_utils.values import difference

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (INF, 3.0),
        (INF, -INF),
        (NAN, 3.0),
        (torch.tensor([1.0, INF]), torch.tensor([1.0, 3.0])),
        (torch.tensor([1.5, INF]), torch.tensor([7.0, INF])),
        (torch.tensor([1.5, NAN]), torch.tensor([1.6, NAN])),
    ],
)
@pytest.mark.parametrize("tolerance", [None, 1e-3])
def test_beside_infinity_not_every_number_is_right(expected, given, tolerance):
    assert difference(expected, given, tolerance) is not None
    assert difference(expected, expected, tolerance) is None


def test_counts_beyond_every_float_are_compared_exactly():
    assert difference(10**400, 10**400) is None and difference((10**400,), (10**400,), 1e-3) is None
    assert difference(10**400, 10**400 + 1) is not None


def test_beside_nan_another_order_of_summation_is_as_right_as_elsewhere():
    assert difference(torch.tensor([1.5, NAN]), torch.tensor([1.5000001, NAN])) is None


@pytest.mark.parametrize(
    "given",
    [
        NAN,
        torch.tensor([1.0, NAN]),
        np.array([1.0, NAN]),
        [torch.ones(2, 2), (NAN, 1)],
        {"x": torch.tensor([NAN, 1.0])},
        torch.nn.Parameter(torch.tensor([NAN, 2.0])),
    ],
    ids=str,
)
def test_an_argument_that_holds_nan_is_not_changed_by_who_looks_at_it(given):
    assert observe(lambda x: 1, {"x": given}).changed == {}


@pytest.mark.parametrize("given", [torch.tensor([1.0, NAN]), [torch.ones(2), torch.ones(2)], [1, NAN]], ids=str)
def test_an_argument_that_holds_nan_is_seen_to_change(given):
    def change(x):
        x[0] = np.ones(2) if isinstance(x, list) else 5

    assert "x" in observe(change, {"x": given}).changed
