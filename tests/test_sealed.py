"""A prediction's answer travels sealed: it is recognised in every accepted form, and cannot be read."""

import json

import numpy as np
import pytest
import torch

from course_utils.storage import from_json, to_json
from course_utils.values import Sealed, difference, plain, seal


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ((3, 2), [[3, 2], (3.0, 2), torch.Size([3, 2]), np.array([3, 2]), torch.tensor([3.0, 2.0])]),
        (49, [49.0, np.int64(49), torch.tensor(49), np.float32(49)]),
        (0.25, [torch.tensor(0.25), np.float64(0.25)]),
        (True, [np.bool_(True), torch.tensor(True)]),
        ("zeros", ["zeros"]),
        (torch.tensor([[1, 0], [0, 1]]), [[[1, 0], [0, 1]], np.eye(2)]),
    ],
)
def test_every_accepted_form_opens_it(answer: object, accepted: list) -> None:
    kept = from_json(json.loads(json.dumps(to_json(seal(answer)))))
    assert [form for form in [answer, *accepted] if difference(kept, plain(form))] == []


@pytest.mark.parametrize(
    ("answer", "given", "problem"),
    [
        ((3, 2), (2, 3), "value"),
        ((3, 2), (3, 2, 1), "shape"),
        ((3, 2), 6, "kind"),
        ((3, 2), "(3, 2)", "kind"),
        (1, True, "kind"),
        (True, 1, "kind"),
        (49, 10**400, "value"),
        (49, float("nan"), "value"),
        ("zeros", "reflect", "value"),
        ("zeros", None, "kind"),
        (torch.eye(2), torch.ones(2, 2), "value"),
    ],
)
def test_nothing_else_does(answer: object, given: object, problem: str) -> None:
    found = difference(seal(answer), plain(given))
    assert found.problem == problem
    assert problem != "value" or found.message == "Another answer is expected."
    assert problem != "shape" or found.message == "Yours has 3 entries; another number of them is expected."


def test_what_is_kept_says_only_its_kind() -> None:
    kept = seal((3, 2))
    assert kept.kind == "A tuple"
    assert "3, 2" not in json.dumps(to_json(kept))
    assert difference(kept, Sealed(kept.kind, kept.digest)) is None
