"""Fresh kernels in a moment: each is forked from a process that has imported what the lessons use, and nothing more.

    warm_up(["torch", "matplotlib.pyplot"])      # returns at once; the imports go on meanwhile
    client = NotebookClient(notebook, kernel_manager_class=FreshKernel)

The process is the standard library's fork server; the kernel is ipykernel's own, in a namespace as empty as any.
Other work may be forked from it, too, by way of `forks`; it begins with `collect_again`.
"""

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from threading import Thread
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from course_grading.authoring.limits import MEMORY
from course_grading.environ import environ
from course_grading.kernels.inside.confine import limit_memory, memory_used
from course_grading.kernels.inside.zygote import reseed
from course_grading.terminal import unheard

KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel")
FIRST = "course_grading.authoring.no_garbage_collection"  # and the package that it is in, which makes nbformat quick
INLINE = "module://matplotlib_inline.backend_inline"  # where a kernel's figures go; matplotlib reads it once
forks = multiprocessing.get_context("forkserver")


def warm_up(modules: Iterable[str]) -> None:
    """Start the process that kernels are forked from, unless it runs already."""
    forks.set_forkserver_preload([FIRST, *KERNEL, *modules])
    resource_tracker.ensure_running()  # first, as it lets Ctrl-C through again
    with environ(MPLBACKEND=INLINE), unheard():
        forkserver.ensure_running()


class FreshKernel(AsyncKernelManager):
    """A kernel manager whose kernel is forked, and dies with the process that asked for it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.provisioner = _Forked(kernel_id="", kernel_spec=self.kernel_spec, parent=self)


class _Forked(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **about: Any) -> KernelConnectionInfo:
        """`cmd` would start ipykernel in another Python: its arguments are taken, from the connection file on."""
        cwd = about.get("cwd") or Path.cwd()
        arguments = cmd[cmd.index("-f") :]
        process = forks.Process(target=_be_kernel, args=(arguments, dict(about["env"]), str(cwd)))
        process.start()
        self.process = _Process(process)  # type: ignore[assignment]  # has of a Popen what is used
        self.pid = self.pgid = process.pid
        self.cwd = cwd
        return self.connection_info


class _Process:
    """A forked process, as jupyter_client wants to hold it: like a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self._process = process

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self._process.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _be_kernel(arguments: list[str], env: dict[str, str], cwd: str) -> None:
    collect_again()
    die_with_builder()
    os.setsid()  # what it starts can be killed with it
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # by which nbclient stops a cell
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    import torch
    from ipykernel.kernelapp import IPKernelApp

    torch.set_num_threads(1)  # as where answers are graded; lessons run side by side
    reseed(trusted_side=False)
    IPKernelApp.launch_instance(arguments)


def build_on() -> None:
    """Begin a process that makes lessons for the one that it was asked by: it ends with that one, takes no memory
    without end, and forks its kernels from the same fork server. Python's documentation says that children do; up to
    3.13 a line is missing for that."""
    collect_again()
    die_with_builder()
    limit_memory(MEMORY, memory_used(), for_ever=False)
    if sys.version_info < (3, 14):  # since then a child may not: it starts a server that imports all anew
        forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]


def collect_again() -> None:
    """Look for garbage in what this fork makes, and never in what was imported before it."""
    gc.freeze()
    gc.enable()


def die_with_builder() -> None:
    """End this forked process when who asked for it ends: fork servers outlive who started them for as long as a
    process of theirs runs."""
    builder = multiprocessing.parent_process()
    assert builder is not None

    def wait_for_its_end() -> None:
        builder.join()
        os._exit(1)

    Thread(target=wait_for_its_end, daemon=True).start()
