"""Kernels that are forked from a process that has imported much: each is as empty, and as much its own, as any."""

import gc
import multiprocessing
import subprocess
import sys
import time

import psutil
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from course_grading.authoring.fresh_kernels import FreshKernel, warm_up
from course_grading.authoring.making import start

QUIET = ["--log-level=CRITICAL"]


@pytest.fixture(scope="module", autouse=True)
def warm():
    warm_up(["torch"])


def printed(*sources, **settings):
    """What each cell printed, run in a kernel of their own."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_manager_class=FreshKernel, extra_arguments=QUIET, **settings).execute()
    return [cell.outputs[0].get("text", cell.outputs[0].get("data")) if cell.outputs else "" for cell in notebook.cells]


def test_its_namespace_is_empty_and_what_it_needs_is_there_at_once():
    empty, warm = printed(
        "print([name for name in dir() if name in ('torch', 'np', 'plt')])",
        "import sys; print('torch' in sys.modules)",
    )
    assert (empty, warm) == ("[]\n", "True\n")


def test_garbage_is_collected_in_what_is_forked():
    assert printed("import gc; print(gc.isenabled(), gc.get_freeze_count() > 0)") == ["True True\n"]
    processes, threads = start(1)
    with processes, threads:
        assert processes.submit(gc.isenabled).result()


def test_what_one_does_another_does_not_see():
    draws = "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.initial_seed())"
    first, second = (printed("import math; math.pi = 3", draws)[1].split() for _ in range(2))
    assert printed("import math; print(math.pi > 3)") == ["True\n"]
    assert first[0] != second[0] and first[1] != second[1]
    assert first[2] == second[2], "torch begins with the same seed in every process"


def test_it_works_in_the_folder_and_with_the_environment_of_now(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_TRY", "yes")
    monkeypatch.delenv("HOME")
    source = "import os; print(os.getcwd(), os.environ['COURSE_TRY'], 'HOME' in os.environ)"
    assert printed(source, resources={"metadata": {"path": str(tmp_path)}}) == [f"{tmp_path} yes False\n"]


def test_its_figures_are_pictures():
    (shown,) = printed("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert "image/png" in shown


def test_one_that_dies_or_hangs_is_told_and_leaves_nothing():
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(DeadKernelError):
        printed("import os; os._exit(3)")
    with pytest.raises(TimeoutError):
        printed("while True: pass", timeout=1)
    assert not [each for each in set(psutil.Process().children(recursive=True)) - before if each.is_running()]
    assert not multiprocessing.active_children()


BUILDS = """
import sys
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from course_grading.authoring.fresh_kernels import FreshKernel, warm_up

if __name__ == "__main__":
    warm_up([])
    source = f"import os, pathlib, time; pathlib.Path({sys.argv[1]!r}).write_text(str(os.getpid())); time.sleep(60)"
    NotebookClient(
        new_notebook(cells=[new_code_cell(source)]),
        kernel_manager_class=FreshKernel,
        extra_arguments=["--log-level=CRITICAL"],
    ).execute()
"""


def test_all_end_when_who_builds_is_killed(tmp_path):
    script, note = tmp_path / "builds.py", tmp_path / "pid"
    script.write_text(BUILDS)
    builder = subprocess.Popen([sys.executable, str(script), str(note)])
    while not (note.is_file() and note.read_text()):
        assert builder.poll() is None
        time.sleep(0.05)
    started = [each for each in (psutil.Process(int(note.read_text())), *psutil.Process(builder.pid).children())]
    assert len(started) >= 2, "the kernel, and what it was forked from"
    builder.kill()
    builder.wait()
    assert not psutil.wait_procs(started, timeout=20)[1]
