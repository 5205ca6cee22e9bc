"""Checks know every declared answer on a processor with other instructions, too: there sums are rounded otherwise."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import torch

from course_utils import checking
from course_utils.specs import find_spec
from tests.conftest import EXERCISES, ROOT

FEWER = {"MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default"}


def misjudged() -> Iterator[str]:
    """Declared answers that the cases students get do not know for what they are."""
    for _, exercise in EXERCISES.values():
        spec = find_spec(exercise.name)
        numbers = replace(spec, forbidden=(), through=(), siblings=())  # who is wrong is not asked how
        for key, answer in exercise.alternatives.items():
            if (verdict := checking.examine(spec, answer)).outcome != "right":
                yield f"{key} of {exercise.name} is refused: {verdict.message}"
        for wrong, key, answer in exercise.wrong_answers():
            if (verdict := checking.examine(numbers, answer)).misconception != wrong.name:
                yield f"{key} of {exercise.name} is taken for {verdict.misconception or verdict.outcome}"


def test_every_declared_answer_is_known_where_sums_are_rounded_otherwise() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_other_processors"],
        cwd=ROOT,
        env=os.environ | FEWER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


if __name__ == "__main__":
    torch.set_num_threads(1)
    for line in misjudged():
        print(line)
