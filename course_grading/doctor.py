"""`course doctor`: what this machine can do for the course, found out by trying, in sentences."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import typer
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_grading.course import Course
from course_grading.grading.plugins import Execute
from course_grading.grading.whole_class import cores, local_processes
from course_grading.grading.worker import MEMORY
from course_grading.kernels.cgroups import Groups
from course_grading.kernels.pool import KernelFailed, Pool, Settings
from course_grading.kernels.sandbox import sandbox_problem
from course_grading.notebook.execute import KEPT_FACTOR, Times, execute
from course_grading.notebook.released import Blueprint, BlueprintCell
from course_grading.places import course_root, lesson_folders
from course_grading.terminal import console, foreign

WARM, EACH = 1.5, 0.3  # GB: the warm processes together, and each notebook that is graded at once

HONEST_SHARE = 0.3  # of the processor time that a kernel had alone, which it must keep beside 60 processes of another's


@dataclass(frozen=True)
class Probe:
    """What a student's code could try: the errors with which it should fail, what to say where it does, with `shown`
    standing for what it printed, and where it does not."""

    code: str
    expected: tuple[str, ...]
    held: str
    broken: str


PROBES = (
    Probe(
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))",
        ("OSError",),
        "Students' code has no network.",
        "Students' code can reach the network.",
    ),
    Probe(
        "open('/usr/course-doctor', 'w')",
        ("OSError", "PermissionError"),
        "It cannot write outside its own folder.",
        "It can write to this machine's files.",
    ),
    Probe(
        "import os\nos.listdir({course!r} + '/solutions')",
        ("FileNotFoundError", "PermissionError"),
        "It sees no solutions, gradebook or other submissions.",
        "It can read solutions, the gradebook and other submissions.",
    ),
    Probe(
        "hoard = []\ntry:\n    while len(hoard) * 2**26 < 2 * {memory} + 2**30: hoard.append(bytes(2**26))\n"
        "finally: print(f'{{len(hoard) / 16:.1f}}')",
        ("MemoryError",),
        "Each of its processes gets {shown} GB of memory, then an error.",
        "A process of it can use up this machine's memory.",
    ),
    Probe(
        "import os, time\nchildren = []\nfor _ in range(6):\n    children.append(os.fork())\n"
        "    if not children[-1]:\n        hoard = b'x' * ({memory} * 2 // 5)\n        time.sleep(60)\n"
        "        os._exit(0)\nfor _ in range(100):  # pages come slowly on some machines\n    time.sleep(0.2)\n"
        "    children = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]\n"
        "    if len(children) < 4: raise MemoryError",
        ("KernelDied", "MemoryError"),  # all are ended at once, or by the system as many as are too many
        "All its processes together get {memory_gb:.1f} GB: of 2.4 times that, some were ended.",
        "Its processes together can use up this machine's memory.",
    ),
    Probe(
        "import os, time\ncount = 0\ntry:\n    while count < {processes}:\n        os.fork() or time.sleep(30) or "
        "os._exit(0)\n        count += 1\nfinally: print(count + 1)",
        ("BlockingIOError", "OSError"),
        "It gets {shown} processes, then an error.",
        "It can start processes without end.",
    ),
    Probe(
        "count = 0\nwith open('big', 'wb', 0) as file:\n    try:\n        while count < {disk} // 2**20 + 64:\n"
        "            file.write(bytes(2**20))\n            count += 1\n    finally: print(count)",
        ("OSError",),
        "It gets {shown} MB of a disk of its own, in memory, then an error.",
        "It can fill this machine's disk.",
    ),
)
FLOODS = (
    "for _ in range({output} // 500):\n    print('x' * 1000)",
    "from IPython.display import *\nfor _ in range(400): display(HTML('x'), display_id='one')",
    "update_display(HTML('x' * ({output} // 4)), display_id='one')",
)
SHOWN = "<b>honest</b><script>pwned()</script><img src=x onerror=pwned()>"
SPIN = "import os, time\nend = time.time() + 3.5\nfor _ in range(59):\n    if not os.fork():\n        break\n"
SPIN += "while time.time() < end: pass"
SHARE = "import time\nend, began = time.time() + 1, time.process_time()\nwhile time.time() < end: pass\n"
SHARE += "print(time.process_time() - began)"


@dataclass(frozen=True)
class Finding:
    """One thing found out: whether all is well, a sentence that says what to do if not, and whether it is needed to
    grade what strangers wrote."""

    well: bool
    text: str
    needed: bool = False


def doctor() -> None:
    """Try what this machine can do: sandbox and limits for students' code, browser, cores, memory. Its exit code is 0
    only where grading is safe here."""
    safe = True
    out = console(soft_wrap=True)
    signs = ("ok", "no") if out.options.ascii_only else ("✓", "✗")
    for finding in findings():
        sign, style = (signs[0], "green") if finding.well else (signs[1], "yellow")
        out.print(sign, style=style, end=" ")
        out.print(foreign(finding.text))
        safe &= finding.well or not finding.needed
    if not safe:
        raise typer.Exit(1)


def findings() -> Iterator[Finding]:
    """Everything that is found out, in turn; starting the sandbox takes some seconds."""
    yield _size()
    yield _browser()
    yield _disk()
    if problem := sandbox_problem():
        yield Finding(False, problem, needed=True)
        return
    yield Finding(True, f"Students' code runs in a sandbox: bubblewrap, as {'root' if os.getuid() == 0 else 'you'}.")
    try:
        yield from _limits()
    except KernelFailed as error:
        yield Finding(False, f"Yet notebooks cannot be run in it ({error}): report this sentence.", needed=True)
    yield _groups()
    yield _formgrader()


def _size() -> Finding:
    jobs = cores()  # one each
    needed, there = WARM + EACH * jobs, memory()
    if there is None:
        return Finding(True, f"{jobs} cores: `course grade` grades {jobs} notebooks at once.")
    size = f"{jobs} cores and {there:.1f} GB of free memory"
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
    values = {"course": str(course_root()), "memory": limits.memory, "memory_gb": limits.memory / 2**30}
    values |= {"processes": limits.processes, "disk": limits.disk, "output": limits.output}
    one = tuple(folder.name for folder in lesson_folders()[:1])  # kernels are warm for one lesson in half the time
    with Pool(Settings(lessons=one, limits=limits)) as pool:
        for probe in PROBES:
            shown, error = _tried(pool, probe.code.format(**values))
            yield _needed(error in probe.expected, probe.held.format(shown=shown, **values), probe.broken, error)
        kept = _kept(pool, [code.format(**values) for code in FLOODS]) / 2**20
        holds = kept * 2**20 <= 2 * KEPT_FACTOR * limits.output
        yield _needed(holds, f"What it shows is cut: of a flood, {kept:.1f} MB were kept.", f"It left {kept:.0f} MB.")
        for _ in range(3):  # any other program of this machine may take some of it meanwhile
            alone, beside = _shares(pool)
            if fair := beside > HONEST_SHARE * alone:
                break
        text = f"While one student's 60 processes compute, another's kernel gets {beside:.0%} of a processor"
        yield _needed(fair, f"{text} ({alone:.0%} alone).", f"{text}, and {alone:.0%} alone.")
        error = _test_that_hoards(pool, limits.tests)
        held = f"The process of the tests gets {limits.tests / 2**30:.1f} GB of memory, then an error."
        yield _needed(error == "MemoryError", held, "The process of the tests can use up this machine's memory.", error)
        began = time.monotonic()
        _, error = _tried(pool, "while True: pass", Times(cell=1, notebook=9))
        stopped = error in ("KeyboardInterrupt", "CellTimeoutError")
        held = f"A cell that was given 1 s of processor time was stopped after {time.monotonic() - began:.1f} s; "
        held += f"{configured.timeout} s a cell and {configured.notebook_timeout} s a notebook are configured."
        yield _needed(stopped, held, "A cell without end is not stopped.", error)
    with local_processes(1) as worker:
        error = worker.submit(_hoard, MEMORY + 2**28).result()
    held = f"A worker that reads what was handed in gets {MEMORY / 2**30:.0f} GB of memory, then an error."
    yield _needed(error == "MemoryError", held, "A worker can use up this machine's memory.", error)


def _needed(holds: bool, held: str, broken: str, error: str = "") -> Finding:
    if holds:
        return Finding(True, held, needed=True)
    how = f" It ended with {error}, which is not how this limit ends." if error else ""
    return Finding(False, f"{broken}{how} Grade on another machine, or only whom you trust.", needed=True)


def _tried(pool: Pool, code: str, times: Times | None = None) -> tuple[str, str]:
    """Run code in a student's kernel: the last word that it printed, and the name of the error that ended it, or ""."""
    notebook = new_notebook(cells=[new_code_cell(code)])
    execute(notebook, Blueprint(()), pool, times or Times(cell=30, notebook=30))
    outputs = notebook.cells[0].outputs
    said = "".join(output.get("text", "") for output in outputs).split()
    return said[-1] if said else "", _ended_with(notebook)


def _ended_with(notebook: nbformat.NotebookNode) -> str:
    """The name of the error that ended the notebook's only cell, or ""."""
    return next((output.ename for output in notebook.cells[0].outputs if output.output_type == "error"), "")


def _kept(pool: Pool, cells: list[str]) -> int:
    """Bytes of a notebook with these cells once it has run."""
    notebook = new_notebook(cells=[new_code_cell(code) for code in cells])
    execute(notebook, Blueprint(()), pool)
    return len(nbformat.writes(notebook))


def _shares(pool: Pool) -> tuple[float, float]:
    """The share of a processor that a kernel gets, alone and while another's processes compute without end."""
    alone = float(_tried(pool, SHARE)[0])
    with ThreadPoolExecutor(1) as threads:
        spinning = threads.submit(_tried, pool, SPIN)
        time.sleep(1)
        beside = float(_tried(pool, SHARE)[0])
        spinning.result()
    return alone, beside


def _test_that_hoards(pool: Pool, size: int) -> str:
    """The error with which a test ends that takes so many bytes and some more."""
    code = f"bytes({size} + 2**26)"
    test = BlueprintCell("t", "code", code, "", grade=True, solution=False, locked=True, task=False, points=1)
    notebook = new_notebook(cells=[new_code_cell(code, metadata={"nbgrader": test.metadata})])
    execute(notebook, Blueprint((test,)), pool)
    return _ended_with(notebook)


def _hoard(size: int) -> str:
    try:
        bytes(size)
    except MemoryError as error:
        return type(error).__name__
    return ""


def _formgrader() -> Finding:
    """Whether a page of Formgrader's, made as this course is configured, keeps anything of a student's that runs."""
    from nbconvert.exporters import HTMLExporter  # nbgrader's pages take a second to import
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config(Course(course_root()).config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    shown = [new_output("display_data", data={"text/html": SHOWN})]
    notebook = new_notebook(cells=[new_code_cell("1", outputs=shown), new_markdown_cell(SHOWN)])
    names = ("base_url", "student", "notebook_path", "first_name", "last_name", "submission_id", "notebook_id")
    resources: dict[str, Any] = dict.fromkeys((*names, "assignment_id"), "") | {"index": 0, "total": 1}
    resources |= {"nbgrader": {"notebook": "n", "score": 0, "max_score": 0, "late_penalty": 0}}
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources | {"metadata": {"name": "n"}})
    head, _, body = page.partition("<body")
    runs = re.search(r"<script[^>]*>pwned|<img[^>]*onerror", body)
    if body.count("<b>honest</b>") == 2 and not runs and "Content-Security-Policy" in head:
        text = "Formgrader's pages keep no script of a student's, and forbid the browser to run one."
        return Finding(True, text, needed=True)
    text = "Formgrader's pages could run a student's script in your browser: put the lines of c.HTMLExporter back into "
    return Finding(False, f"{text}nbgrader_config.py before you open it.", needed=True)


def _groups() -> Finding:
    kinds = Groups().kinds
    if {"memory", "pids", "cpu"} <= kinds:
        return Finding(True, "Control groups count each student's memory, processes and share of the processors.")
    return Finding(
        True,
        "Control groups cannot be made here, or not of all kinds: the grader counts each student's memory itself, each "
        "quarter of a second, and makes busy processes nice. As root, or in a container that allows them, the system "
        "does it at once.",
    )
