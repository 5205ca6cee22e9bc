"""Checks know every declared answer on a processor with other instructions, too: there sums are rounded otherwise."""

import os
import subprocess
import sys

import torch

from course_grading.authoring.rules import misjudged
from course_utils.specs import find_spec
from tests.conftest import ROOT
from tests.lessons import EXERCISES

FEWER = {"MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default"}


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


if __name__ == "__main__":  # from the cases that students get
    torch.set_num_threads(1)
    for name, (_, exercise) in EXERCISES.items():
        if found := misjudged(exercise, find_spec(name), once=False):
            _, key, verdict = found
            print(f"{key} of {name} is taken for {verdict.misconception or verdict.outcome}")
