"""Hidden tests: the cases that a warm process draws ahead are those that their seeds draw."""

import json
import subprocess
import sys

import pytest
import torch

from course_grading.authoring import judging
from course_grading.kernels.inside.trusted import BackwardPass, without_backward
from course_utils import checking
from course_utils.checking import examine
from course_utils.specs import find_spec
from course_utils.values import difference, plain

NAME = "sliding_regions.corr2d"
BACKWARD = {
    "from_kernels_to_features.footprint",
    "from_kernels_to_features.make_cnn",
    "learning_a_kernel.mse",
}
AHEAD = """
import json, os, torch
from course_grading.authoring import judging
from course_grading.authoring.language import lesson_folders, load_lesson
from course_grading.kernels.inside import trusted

class Kernel:
    def rehearse(self, cells):
        pass

lessons = [load_lesson(folder.name) for folder in lesson_folders()]
trusted.rehearse(Kernel(), [lesson.name for lesson in lessons])
names = [f"{lesson.name}.{name}" for lesson in lessons for name in lesson.exercises]
child = os.fork()
if not child:
    torch.ones(1, requires_grad=True).sum().backward()
    os._exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({name: len(judging._ahead.get(name, ())) for name in names}), status, sep="\\n")
"""


@pytest.fixture
def ahead(monkeypatch):
    monkeypatch.setattr(judging, "_ahead", {})
    monkeypatch.setattr(checking, "outcomes", {})
    judging.draw_ahead(NAME)
    return judging._ahead[NAME]


def test_what_is_drawn_ahead_is_what_its_seed_draws(ahead):
    assert len(ahead) == judging.AHEAD
    for seed, spec in ahead.items():
        again = judging._spec(NAME, seed)
        assert len(spec.cases) == len(again.cases)
        for one, other in zip(spec.cases, again.cases, strict=True):
            assert not difference(one.expected, other.expected) and list(one.arguments) == list(other.arguments)
            assert all(not difference(value, other.arguments[name]) for name, value in one.arguments.items())


def test_a_hidden_test_takes_one_of_the_seeds_drawn_ahead_and_any_seed_that_it_is_given(ahead, monkeypatch):
    right = next(iter(judging._lesson("sliding_regions").exercises["corr2d"].alternatives.values()))
    records = []
    monkeypatch.setattr(judging, "publish", lambda html, text, **data: records.extend(data.values()))
    for _ in range(40):
        judging.judge(NAME, right)
    assert {record["seed"] for record in records} <= set(ahead) and len({record["seed"] for record in records}) > 1
    judging.judge(NAME, right, seed=7)
    assert records[-1]["seed"] == 7 and all(record["outcome"] == "right" for record in records)


@pytest.mark.parametrize(
    "body",
    [
        "return F.conv2d(image[None, None], flipped[None, None])[0, 0]",
        "image += 1\n    return corr2d(image - 1, flipped)",
    ],
)
def test_who_is_not_right_with_a_right_function_lent_does_not_follow_from_it(body, monkeypatch):
    monkeypatch.setattr(checking, "outcomes", {})
    names = {"F": torch.nn.functional, "torch": torch}
    code = f"def convolve2d(image, kernel):\n    flipped = kernel.flip((0, 1))\n    corr2d(image, kernel)\n    {body}"
    exec(f"def corr2d(x, kernel):\n    return x * 0\n\n{code}", names)
    verdict = judging.judged("sliding_regions.convolve2d", names["convolve2d"], 1)
    assert verdict.outcome == "wrong" and "given" not in verdict.record


@pytest.mark.parametrize("value", [range(3), {1}, (n for n in ())])
def test_a_graded_value_that_is_no_plain_one_is_told_as_in_the_notebook(value):
    for seed in (None, 1):
        spec = find_spec("kernels.zero_responses") if seed is None else judging._spec("kernels.zero_responses", seed)
        assert examine(spec, plain(value)).message == examine(spec, value).message
        assert {examine(spec, waits).outcome for waits in (None, ..., plain(...))} == {"waiting"}


def test_a_backward_pass_is_stopped_whatever_catches_exceptions():
    def answer():
        try:
            (2 * torch.ones(1, requires_grad=True)).sum().backward()
        except Exception:
            return "caught"

    with pytest.raises(BackwardPass), without_backward():
        answer()


def test_all_is_drawn_ahead_but_what_takes_a_backward_pass_and_forks_can_take_one():
    done = subprocess.run([sys.executable, "-c", AHEAD], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    drawn, status = done.stdout.splitlines()
    assert status == "0"
    counts = json.loads(drawn)
    assert {name for name, count in counts.items() if count != judging.AHEAD} == BACKWARD, counts
