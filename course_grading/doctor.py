"""`course doctor`: what this machine can do for the course, found out by trying, in sentences."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from course_grading.course import Course
from course_grading.grading.plugins import Execute
from course_grading.grading.whole_class import cores, default_jobs
from course_grading.kernels.cgroups import Groups
from course_grading.kernels.pool import KernelFailed, Pool, Settings
from course_grading.kernels.sandbox import sandbox_problem
from course_grading.notebook.execute import Times, execute
from course_grading.notebook.released import Blueprint
from course_grading.places import course_root
from course_grading.terminal import console, foreign

WARM, EACH = 1.5, 0.3  # GB: the warm processes together, and each notebook that is graded at once

# What a student's code could try, and what it means if that fails, as it should, and if it works.
PROBES = {
    "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))": (
        "Students' code has no network.",
        "Students' code can reach the network.",
    ),
    "open('/usr/course-doctor', 'w')": (
        "It cannot write outside its own folder.",
        "It can write to this machine's files.",
    ),
    "import os\nos.listdir({course!r} + '/solutions')": (
        "It sees no solutions, gradebook or other submissions.",
        "It can read solutions, the gradebook and other submissions.",
    ),
    "hoard = bytearray({memory} + 2**30)": (
        "It gets {memory_gb:.1f} GB of memory, then an error.",
        "It can use up this machine's memory.",
    ),
    "import os, time\nfor _ in range({processes}):\n    os.fork() or time.sleep(9) or os._exit(0)": (
        "It may start {processes} processes and no more.",
        "It can start processes without end.",
    ),
    "with open('big', 'wb') as file:\n    for _ in range({disk} // 2**20 + 64):\n        file.write(bytes(2**20))": (
        "It may fill {disk_mb} MB of a disk of its own, in memory.",
        "It can fill this machine's disk.",
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing found out: whether all is well, and a sentence that says what to do if not."""

    well: bool
    text: str


def doctor() -> None:
    """Say what this machine can do: sandbox and limits for students' code, browser, cores, memory."""
    out = console(soft_wrap=True)
    signs = ("ok", "no") if out.options.ascii_only else ("✓", "✗")
    for finding in findings():
        sign, style = (signs[0], "green") if finding.well else (signs[1], "yellow")
        out.print(sign, style=style, end=" ")
        out.print(foreign(finding.text))


def findings() -> Iterator[Finding]:
    """Everything that is found out, in turn; starting the sandbox takes some seconds."""
    yield _size()
    yield _browser()
    yield _disk()
    if problem := sandbox_problem():
        yield Finding(False, problem)
        return
    yield Finding(True, f"Students' code runs in a sandbox: bubblewrap, as {'root' if os.getuid() == 0 else 'you'}.")
    try:
        yield from _limits()
    except KernelFailed as error:
        yield Finding(False, f"Yet notebooks cannot be run in it ({error}): report this sentence.")
    yield _groups()


def _size() -> Finding:
    jobs = default_jobs()
    needed, there = WARM + EACH * jobs, memory()
    if there is None:
        return Finding(True, f"{cores()} cores: `course grade` grades {jobs} notebooks at once.")
    size = f"{cores()} cores and {there:.1f} GB of free memory"
    if there < needed:
        return Finding(
            False,
            f"{size}: grading {jobs} notebooks at once takes about {needed:.1f} GB, so close other programs or give "
            "`course grade` a smaller --jobs.",
        )
    return Finding(True, f"{size}: `course grade` grades {jobs} notebooks at once.")


def memory() -> float | None:
    """GB that this machine has free, or its container still allows; None where that cannot be told."""
    free = []
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free += [int(line.split()[1]) / 2**20 for line in lines if line.startswith("MemAvailable")]
        limit, used = (Path("/sys/fs/cgroup", name).read_text() for name in ("memory.max", "memory.current"))
        free.append((int(limit) - int(used)) / 2**30)
    except (OSError, ValueError):  # no such files, or "max"
        pass
    return min(free, default=None)


def _browser() -> Finding:
    if shutil.which("chromium") or shutil.which("google-chrome"):
        return Finding(True, "A browser for the tests of notebooks in JupyterLab.")
    return Finding(False, "No browser: `make test` needs Chromium (on Debian or Ubuntu: apt-get install chromium).")


def _disk() -> Finding:
    free = shutil.disk_usage(course_root()).free / 2**30
    if free < 1:
        return Finding(False, f"Only {free:.1f} GB of disk are free here: a class of 100 may need 1, so make room.")
    return Finding(True, f"{free:.0f} GB of disk are free in the course's folder.")


def _limits() -> Iterator[Finding]:
    configured = Execute(config=Course(course_root()).config)  # what `course grade` will obey
    limits = configured.limits()
    values = {
        "course": str(course_root()),
        "memory": limits.memory,
        "memory_gb": limits.memory / 2**30,
        "processes": limits.processes,
        "disk": limits.disk,
        "disk_mb": limits.disk >> 20,
    }
    with Pool(Settings(limits=limits)) as pool:
        for code, (held, broken) in PROBES.items():
            holds = _holds(pool, code.format(**values))
            text = held.format(**values) if holds else f"{broken} Grade on another machine, or only whom you trust."
            yield Finding(holds, text)
    seconds = f"{configured.timeout} s a cell and {configured.notebook_timeout} s a notebook"
    yield Finding(True, f"Its time is limited to {seconds}, and what a cell shows to {limits.output / 2**20:.1f} MB.")


def _holds(pool: Pool, code: str) -> bool:
    """Whether this code fails in a student's kernel, or ends it."""
    notebook = new_notebook(cells=[new_code_cell(code)])
    problems = execute(notebook, Blueprint(()), pool, Times(cell=15, notebook=15))
    return bool(problems) or any(output.output_type == "error" for output in notebook.cells[0].outputs)


def _groups() -> Finding:
    if {"memory", "pids"} <= Groups().kinds:
        return Finding(True, "Control groups stop even memory that belongs to no process.")
    return Finding(
        False,
        "Control groups cannot be made here: code that means harm may take more memory than its share, by ways that "
        "honest code hardly uses. If you expect that, grade as root or in a container that allows control groups.",
    )
