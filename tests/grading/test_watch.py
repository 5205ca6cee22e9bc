"""What one student's processes use is theirs together: memory, processors and time, as root and as an ordinary user."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from course_grading.grading import whole_class
from course_grading.grading.handed_in import Submission
from course_grading.grading.worker import Outcome
from course_grading.kernels.watch import Watch
from tests.grading.test_kernels import errors, probe, said
from tests.grading.users import GRADERS

MANY = """
import os, time
children = []
for _ in range(10):
    children.append(os.fork())
    if not children[-1]:
        hoard = b'x' * (150 << 20)
        time.sleep(60)
        os._exit(0)
for _ in range(150):
    time.sleep(0.2)
    children = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
    if len(children) <= 4: break
print('alive', len(children))
"""
NOTEBOOKS = {
    "ten of 150 MB": [MANY],
    "four that share": [
        "hoard = b'x' * (300 << 20)\nimport os, time\nfor _ in range(4):\n"
        "    os.fork() or time.sleep(5) or os._exit(0)\ntime.sleep(5)\nprint('all well')"
    ],
    "asleep": ["import time\ntime.sleep(6)\nprint('awake')"],
    "at work": ["while True: pass", "print('next')"],
    "for ever asleep": ["import time\ntime.sleep(60)"],
    "children at work": [
        "import os\nfor _ in range(3):\n    if not os.fork():\n        while True: pass\nimport time; time.sleep(60)"
    ],
    "terminals": ["import os; own = os.openpty(); print(sorted(os.listdir('/dev/pts')))"],
    "terminals again": ["import os; own = os.openpty(); print(sorted(os.listdir('/dev/pts')))"],
}


@pytest.fixture(scope="module", params=GRADERS)
def shown(request: pytest.FixtureRequest) -> dict:
    hoarders = {"ten of 150 MB": 20, "four that share": 20}  # new pages are slow on some machines
    waiting = ["four that share", "asleep", "for ever asleep"]
    return probe(request.param, NOTEBOOKS, seconds=2, longer=hoarders, waiting=waiting)


def text(shown: dict, name: str) -> str:
    return said(shown[name]["outputs"][0])


def test_the_memory_of_many_processes_is_counted_together(shown: dict) -> None:
    """Limit: 600 MB. Where control groups count, the system ends those that are too many."""
    outputs, problems = shown["ten of 150 MB"]["outputs"][0], shown["ten of 150 MB"]["problems"]
    died = any("used too much memory" in text for _, text in problems)
    assert died or int(said(outputs).split()[-1]) <= 4, (outputs, problems)


def test_what_processes_share_counts_once(shown: dict) -> None:
    assert text(shown, "four that share") == "all well\n", shown["four that share"]


def test_time_is_processor_time_and_the_clock_a_far_net(shown: dict) -> None:
    assert text(shown, "asleep") == "awake\n"
    assert errors(shown["at work"]) == ["KeyboardInterrupt", None]
    assert "2 s of processor time" in shown["at work"]["problems"][0][1]
    assert "longer than 8 s" in shown["for ever asleep"]["problems"][0][1]
    assert [kind for kind, _ in shown["for ever asleep"]["problems"]] == ["timeout"], "it did not wait for a processor"
    assert "2 s of processor time" in shown["children at work"]["problems"][0][1]


def test_what_a_run_took_is_recorded(shown: dict) -> None:
    assert 2 <= shown["at work"]["run"]["seconds"] < 6
    assert shown["asleep"]["run"]["seconds"] < 2
    assert shown["four that share"]["run"]["memory"] > 200 << 20  # what is shared with the warm process is not its own
    assert shown["asleep"]["run"]["ended"] == ""


def test_kernels_share_no_terminals(shown: dict) -> None:
    assert text(shown, "terminals") == text(shown, "terminals again") == "['0', 'ptmx']\n"


def test_what_computes_side_by_side_weighs_as_one() -> None:
    code = "import os\nfor _ in range(5): os.fork()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as busy:
        try:
            watch = Watch(busy.pid)
            end = time.monotonic() + 30
            while time.monotonic() < end and os.getpriority(os.PRIO_PROCESS, busy.pid) < 14:
                time.sleep(0.2)
                watch.look()
            assert os.getpriority(os.PRIO_PROCESS, busy.pid) >= 14  # 1.25 ** 15 is 28
            assert watch.seconds > 0
        finally:
            os.killpg(busy.pid, signal.SIGKILL)


class Busy(Executor):
    """Grades at once; the first time, whoever is not alone has no time."""

    def __init__(self) -> None:
        self.graded: list[str] = []

    def submit(self, grade: Any, task: Any) -> "Future[Outcome]":  # type: ignore[override]
        student = task.submission.student
        late = student != "ann" and student not in self.graded
        self.graded.append(student)
        future: Future[Outcome] = Future()
        future.set_result(Outcome(task.submission, task.before, busy=late))
        return future


def test_who_ran_out_of_time_on_a_busy_machine_is_graded_again_alone(tmp_path: Path) -> None:
    tasks = [
        SimpleNamespace(submission=Submission(name, "01", tmp_path), folder=tmp_path / name, before=None)
        for name in ("ann", "ben", "cy")
    ]
    executor = Busy()
    outcomes = list(whole_class._outcomes(iter(tasks), lambda jobs: executor, 2))  # type: ignore[arg-type]
    assert sorted((outcome.submission.student, outcome.busy) for outcome in outcomes) == [
        *(("ann", False), ("ben", False), ("cy", False))
    ]
    assert sorted(executor.graded[:3]) == ["ann", "ben", "cy"] and sorted(executor.graded[3:]) == ["ben", "cy"]
