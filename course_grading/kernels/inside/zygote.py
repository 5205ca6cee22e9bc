"""The warm process: imports everything once, then forks a ready kernel for each request.

    python -m course_grading.kernels.inside.zygote CONTROL_FD SETTINGS_JSON

Requests come as one datagram each over an inherited SOCK_SEQPACKET pair (there is no path that a student's code could
open), with three descriptors: the grader's channel, the channel between student and tests, and a reply socket. The
answer on the reply socket is a pidfd, by which the grader interrupts, kills and sees death across pid namespaces;
when the kernel has ended, its exit status follows. The warm process itself never runs a line of a notebook, and ends
when the last grader closes its end.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import select
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_grading.kernels.inside.confine import lift_memory_limit

REQUEST_LIMIT = 4096
ANSWER_LIMIT = 64 << 20  # bytes of one answer, or of the arguments of one call
FEW = 8  # kernels, for which large pages save less time than it takes to make them
_MADV_COLLAPSE = 25  # since Linux 6.1; an older one answers EINVAL, and nothing changes
# What a kernel may do for the first time, where the module named beside it is there. A wrong answer is among it, as a
# card with a failing case takes most to draw. No backward pass: autograd refuses to work in a fork of who has made one.
REHEARSALS = (
    ("torch", "1 / 0"),
    ("course_utils", "import course_utils; [getattr(course_utils, name) for name in dir(course_utils)]"),
    ("torch", "import torch; print(torch.arange(6.0).reshape(2, 3)); torch.ones(2) @ torch.ones(2)"),
    ("course_utils", "from course_utils import show_numbers; show_numbers(torch.arange(6.0).reshape(2, 3))"),
    (
        "course_utils",
        "from course_utils.specs import *; from course_utils.checking import check; "
        "check(exercise_names(case_files()[0].stem)[0], lambda *values: values[0])",
    ),
    ("course_utils", "from course_utils import *; show(load_picture('camera', size=64))"),
    ("torch", "await __import__('asyncio').sleep(0)"),
    ("torch", "layer = torch.nn.Conv2d(1, 1, 3); layer(torch.ones(1, 1, 4, 4))"),
    ("torch._dynamo", "torch.optim.SGD(layer.parameters(), lr=1).step()"),
    ("matplotlib.pyplot", "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"),
    ("torchvision", "import torchvision.transforms.functional as T; T.gaussian_blur(torch.ones(1, 8, 8), 3)"),
)


@dataclass
class Fork:
    """What a new kernel inherits: its request and its two channels."""

    request: dict[str, Any]
    grader: socket.socket
    other: socket.socket


class Zygote:
    def __init__(self, control: socket.socket, confined: bool, idle: int | None) -> None:
        self._control = control
        self._idle = idle  # seconds without a request after which to end
        self._confined = confined
        self._replies: dict[int, socket.socket] = {}  # by pid, until the kernel ends
        self._forks = 0

    def run(self) -> Fork | None:
        """Serve until the graders hang up (None), or until this is a fork that should become a kernel."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then hangs up
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(wake_read, select.POLLIN)
        while True:
            events = poll.poll(self._idle and self._idle * 1000)
            if not events and not self._replies:
                return None
            for number, _ in events:
                if number == wake_read:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                    self._reap()
                    continue
                try:
                    data, fds, _, _ = socket.recv_fds(self._control, REQUEST_LIMIT, 3)
                except ConnectionResetError:  # of a grader that was killed before it read that we are ready
                    return None
                if not data:
                    return None
                fork = self._fork(json.loads(data), [socket.socket(fileno=fd) for fd in fds])
                if fork is not None:
                    return fork

    def end_kernels(self) -> None:
        """Kill every kernel, and what runs in its group; none writes any more when this returns."""
        for pid in self._replies:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _fork(self, request: dict[str, Any], sockets: list[socket.socket]) -> Fork | None:
        grader, other, reply = sockets
        if self._forks == FEW:
            _join_heap_pages()
        self._forks += 1
        if self._confined:
            from course_grading.kernels.inside.confine import fork_into_new_pid_namespace as fork
        else:
            from os import fork
        pid = fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (self._control, reply, *self._replies.values()):
                each.detach()
            return Fork(request, *_keep_only(grader, other))
        grader.close()
        other.close()
        self._replies[pid] = reply
        with contextlib.suppress(OSError):  # a grader that is gone needs no answer
            if hasattr(os, "pidfd_open"):
                pidfd = os.pidfd_open(pid)
                socket.send_fds(reply, [json.dumps({"pid": pid}).encode()], [pidfd])
                os.close(pidfd)
            else:
                reply.send(json.dumps({"pid": pid}).encode())
        return None

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            reply = self._replies.pop(pid, None)
            if reply is not None:
                with contextlib.suppress(OSError):
                    reply.send(json.dumps({"status": os.waitstatus_to_exitcode(status)}).encode())
                reply.close()


def _keep_only(*sockets: socket.socket) -> tuple[socket.socket, ...]:
    """Move these sockets to descriptors 3, 4, … and close all others: a kernel holds no way to anything else."""
    high = [os.dup2(sock.detach(), 100 + i) for i, sock in enumerate(sockets)]
    kept = [os.dup2(number, 3 + i, inheritable=False) for i, number in enumerate(high)]
    os.closerange(3 + len(kept), os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 1 << 16 else 1 << 16)
    return tuple(socket.socket(fileno=number) for number in kept)


def reseed(trusted_side: bool) -> None:
    """Forks share the parent's random state; a new process has its own.

    torch starts every process with the same seed, and students' code finds it so; tests had better not be foreseeable.
    """
    import numpy as np
    import torch

    random.seed()
    np.random.seed(int.from_bytes(os.urandom(4), "little"))
    if trusted_side:
        torch.seed()


def _warm_up(modules: list[str]) -> None:
    """Import what lessons use, and do once what would otherwise be done on first use in every fork."""
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import torch

    torch.set_num_threads(1)  # several notebooks run side by side, and thread pools do not survive a fork
    torch.zeros(1).add(1).sum().item()
    reseed(trusted_side=True)  # for what it imports the first time


def _join_heap_pages() -> None:
    """Put what C and C++ have allocated into large pages, where the system can: for the greater part torch's tables of
    operators, a third of the memory, to which forks hardly write. A fork then copies, and takes down, far fewer entries
    for them.

    Not where Python keeps its small objects: every fork writes there at once, and so would take each page apart again.
    """
    large = 2 << 20
    with contextlib.suppress(OSError):
        libc = ctypes.CDLL(None)
        for line in Path("/proc/self/maps").read_bytes().splitlines():
            if line.endswith(b"[heap]"):
                first, last = (int(place, 16) for place in line.split()[0].split(b"-"))
                for place in range(-(-first // large) * large, last - large + 1, large):
                    if libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(large), _MADV_COLLAPSE):
                        return  # it is not known here, or no such page is free


def _die_unready(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
    os._exit(70)


def main() -> None:
    settings = json.loads(sys.argv[2])
    if not settings["scratch"]:
        return serve(settings)
    warm = os.getpid()
    os.makedirs(settings["scratch"], 0o700, exist_ok=True)  # here, so that a grader that is killed before leaves none
    try:
        serve(settings)
    finally:
        if os.getpid() == warm:
            shutil.rmtree(settings["scratch"], ignore_errors=True)


def serve(settings: dict[str, Any]) -> None:
    """Warm up, then fork kernels until the graders hang up. In a fork: be that kernel, and end the process with it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    lift_memory_limit()  # of a worker that started us: kernels have their own
    gc.disable()  # what imports make stays
    sys.modules["debugpy"] = None  # type: ignore[assignment] # ipykernel would import it in every kernel, for nothing
    _warm_up(settings["modules"])
    gc.freeze()  # collections, of which each cell that is forgotten asks for one, then look only at what comes after
    warm = os.getpid()
    from course_grading.kernels.inside import student, trusted
    from course_grading.kernels.inside.confine import OUT_OF_MEMORY, confine, die_with, limit, limit_memory, memory_used
    from course_grading.kernels.inside.shell import Kernel
    from course_grading.kernels.inside.wire import Channel
    from course_utils import checking

    kernel = Kernel()
    del sys.modules["debugpy"]
    kernel.rehearse(code for module, code in REHEARSALS if module in sys.modules)
    if settings["side"] == "trusted":
        trusted.rehearse(kernel, settings["lessons"])
    else:
        student.rehearse()
    checking.outcomes.clear()
    checking.failed.clear()
    gc.collect()
    gc.enable()
    gc.freeze()  # so that collections in a fork do not touch, and so copy, the pages shared with this process
    with contextlib.suppress(OSError):  # who started us may be gone by now, which `run` sees
        control.send(b"ready")
    zygote = Zygote(control, settings["confined"], settings["idle"])
    fork = zygote.run()
    if fork is None:
        zygote.end_kernels()
        return

    limits = fork.request["limits"]
    trusted_side = settings["side"] == "trusted"
    try:
        if settings["confined"]:
            confine(limits)
        else:
            die_with(warm)
            os.chdir(fork.request["folder"])
            if not trusted_side:
                os.environ["HOME"] = fork.request["folder"]  # one's own, as in the sandbox
                os.setpgid(0, 0)  # what it starts can be killed with it
                # The limit on processes counts all of one's user where there is no namespace: none then.
                limit(limits | {"processes": None}, memory_used())
            else:
                limit_memory(limits["tests"], memory_used())
    except Exception as error:
        _die_unready(f"The kernel could not be confined: {error}")
    reseed(trusted_side)
    run = trusted.main if trusted_side else student.main
    try:
        run(kernel, Channel(fork.grader), Channel(fork.other, blobs_limit=ANSWER_LIMIT), limits["output"])
    except MemoryError:  # where no control group ends it first
        os._exit(OUT_OF_MEMORY)
    os._exit(0)


if __name__ == "__main__":
    main()
    os._exit(0)
