"""The pair of warm processes behind a grading run: one in the sandbox for students' kernels, one trusted for test
cells.

    with Pool(Settings()) as pool:          # about 5 s, once
        pair = pool.start_pair()            # about 20 ms, for each notebook
        ...
        pair.kill()

A pool that is open is `Pool.current()`, also in worker processes forked from this one: requests go over an inherited
socket, so all workers share the two warm processes.

There is no kernel provisioner of jupyter_client here, although that is the usual place for it: with ZeroMQ, a kernel
needs five sockets, four threads and a connection file before it may run a cell, and half as much time again for each
notebook. Kernels that talk over the one socket they inherit have none of that to attack, to clean up, or to wait for.
The kernels of JupyterLab are left alone.
"""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from course_grading.environ import FOLLOWING_EARNS
from course_grading.kernels.cgroups import Groups
from course_grading.kernels.inside.wire import Channel
from course_grading.kernels.sandbox import SandboxMissing, command, environment, of_warm_processes, sandbox_problem
from course_grading.kernels.watch import Watch
from course_grading.places import course_root, short_name
from course_utils.errors import JUDGED, CourseError

MODULES = (  # what every lesson imports in the end; those that are not installed are left out
    *("torch", "torch.nn.functional", "numpy", "PIL.Image", "PIL.PngImagePlugin", "ipywidgets", "anywidget"),
    *("course_utils", "course_utils.checking", "course_utils.cards", "course_utils.overview", "course_utils.pictures"),
)

RUNNER = "nbformat"  # `%run another.ipynb` of a student reads it with that

# A whole import line in a notebook's JSON: lines of prose begin with the same words now and then, and name no module.
IMPORT_LINE = re.compile(r'"\s*(?:from ([\w.]+) import |import ([\w.]+)(?: as \w+)?(?:\\n)?")')


def modules_of(lessons: Iterable[Path]) -> tuple[str, ...]:
    """What to import once: `MODULES`, and what the instructor's notebooks name in import lines. torchvision, for one,
    takes a second, and not every lesson uses it."""
    found = dict.fromkeys(MODULES)
    for path in (path for folder in lessons for path in sorted(folder.glob("*.ipynb"))):
        text = path.read_text("utf-8")
        words = [one or other for one, other in IMPORT_LINE.findall(text)]
        found |= dict.fromkeys(word for word in words if word.split(".")[0] != "course_grading")
        found |= dict.fromkeys(["torch._dynamo"] if "torch.optim." in text else [])  # what the first optimizer imports
    return tuple(found)


@dataclass(frozen=True)
class Limits:
    """What one student's kernel may use. Bytes, counts and seconds."""

    memory: int = 1 << 30  # on top of what the warm process uses; of all its processes together
    tests: int = 1 << 30  # memory of the trusted process, likewise
    processes: int = 64
    disk: int = 256 << 20  # a private file system in memory
    files: int = 256  # open at once
    output: int = 2 << 20  # shown by one cell; eight times that by a notebook


@dataclass(frozen=True)
class Settings:
    """How a pool is started. Without `sandbox` students' code runs with the rights of whoever grades."""

    sandbox: bool = True
    following_earns: bool = False  # an answer that is right but for a wrong function of the student's own earns marks
    # Any pool will do, whatever it rehearsed and however long it waits: these two make no difference between two.
    lessons: tuple[str, ...] = field(default=(), compare=False)  # folders of those to be graded, where that is known
    idle: int | None = field(default=None, compare=False)  # seconds without a notebook after which the processes end
    limits: Limits = field(default_factory=Limits)


class KernelFailed(CourseError):
    """Kernels cannot be started; the message, part of a sentence, says what is known."""


class Process:
    """A forked kernel, as the grader holds it."""

    def __init__(
        self,
        channel: Channel,
        reply: socket.socket,
        pidfd: int | None,
        group: int = 0,
        pid: int = 0,
        watch: Watch | None = None,
    ) -> None:
        self.channel = channel
        self.watch = watch or Watch(None)
        self._reply = reply
        self._pidfd = pidfd
        self._group = group  # where there is no sandbox: what the kernel starts is in its process group
        self._pid = pid  # where there are no pidfds

    @property
    def alive(self) -> bool:
        return not self.wait(0)

    def wait(self, seconds: float) -> bool:
        """Wait for the kernel to end; False if it did not in this time."""
        watched = self._reply if self._pidfd is None else self._pidfd
        return bool(select.select([watched], [], [], seconds)[0])

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End the kernel, and in the sandbox all that it started. Safe to call twice."""
        self._signal(signal.SIGKILL)
        if self._group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
        self.channel.close()

    def close(self) -> None:
        self.kill()
        self._reply.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
        self._pidfd, self._group, self._pid = None, 0, 0

    def status(self) -> int | None:
        """How a kernel that is dead ended: an exit code, or minus a signal's number. None if unknown."""
        self._reply.settimeout(1)
        with contextlib.suppress(OSError, ValueError, KeyError):
            return json.loads(self._reply.recv(200))["status"]
        return None

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, number)
            elif self._pid:
                os.kill(self._pid, number)


class Warm:
    """One warm process."""

    def __init__(self, side: str, settings: Settings, root: Path, groups: Groups | None, scratch: str) -> None:
        self.side = side
        self._settings = settings
        self._groups = groups
        self._confined = settings.sandbox and side == "student"
        package = Path(__file__).resolve().parents[1]
        self._control, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM
        )
        folders = [path for path in sorted(root.glob("solutions/*")) if path.name in (settings.lessons or [path.name])]
        configuration = {
            "side": side,
            "confined": self._confined,
            "modules": [*modules_of(folders), *([RUNNER] if side == "student" else [])],
            "lessons": [short_name(folder) for folder in folders],
            "idle": settings.idle,
            "scratch": None if self._confined else scratch,  # a folder that it makes, and takes away at its end
        }
        python = [
            sys.executable,
            "-P",
            "-m",
            "course_grading.kernels.inside.zygote",
            str(theirs.fileno()),
            json.dumps(configuration),
        ]
        if self._confined:
            arguments, env = [*command(root, package), *python], None
        else:
            inherited = {**os.environ, **of_warm_processes(), "COURSE_ROOT": str(root)}
            inherited["NBGRADER_EXECUTION"] = "autograde"
            tests = inherited | {JUDGED: "1"} | ({FOLLOWING_EARNS: "1"} if settings.following_earns else {})
            arguments, env = python, tests if side == "trusted" else environment(home=scratch)
            env["TMPDIR"] = scratch  # matplotlib and IPython leave folders there for who has no home to write to
        self._ready = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (read when something goes wrong)
        self._process = subprocess.Popen(
            arguments,
            env=env,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the grader
        )
        theirs.close()

    def wait_until_ready(self) -> None:
        self._control.settimeout(120)
        try:
            ready = self._control.recv(16) == b"ready"
        except OSError:
            ready = False
        self._control.settimeout(None)
        self._ready = ready
        if not ready:
            raise KernelFailed(f"the warm process for the {self.side} side did not start: {self.last_words()}")

    def last_words(self) -> str:
        """The last line that the process wrote on stderr, if any."""
        self._errors.seek(max(0, os.fstat(self._errors.fileno()).st_size - 2000))
        return self._errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2]

    def fork(self, other: socket.socket, folder: str) -> Process:
        """A new kernel with a channel of its own, and `other` as its channel to the other side. `folder`: where it
        works, but in the sandbox, whose kernels have a private one."""
        limits = self._settings.limits
        ours, theirs = socket.socketpair()
        reply, far = socket.socketpair()
        request = {"limits": asdict(limits), "folder": folder}
        try:
            socket.send_fds(
                self._control, [json.dumps(request).encode()], [theirs.fileno(), other.fileno(), far.fileno()]
            )
            far.close()
            reply.settimeout(30)
            data, fds, _, _ = socket.recv_fds(reply, 200, 1)
            if not data:
                raise OSError("no answer")
            pid = json.loads(data)["pid"]
        except (OSError, ValueError) as error:
            ours.close()
            reply.close()
            raise KernelFailed(f"a kernel could not be started ({error}): {self.last_words()}") from error
        finally:
            theirs.close()
            other.close()
        pidfd = fds[0] if fds else None
        limited, own_pid = None, _own_pid(pidfd) if pidfd is not None else pid
        if self._groups is not None and pidfd is not None:
            limited = self._groups.confine(own_pid, limits.memory, limits.processes)
        memory = limits.memory if self.side == "student" and not (limited and limited.limits_memory) else None
        watch = Watch(own_pid, memory, limited, shared=self.side == "student")
        group = pid if self.side == "student" and not self._confined else 0
        return Process(Channel(ours), reply, pidfd, group, pid if pidfd is None else 0, watch)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._control.close()  # at which the warm process ends, and its kernels with it
        try:
            self._process.wait(5 if self._ready else 0)  # before it is ready it does not listen
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()


def _own_pid(pidfd: int) -> int:
    """The process's number in our own namespace."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise KernelFailed("a kernel's process number is not known")


@dataclass
class Pair:
    """The two kernels of one notebook, and the folder that the student's has for itself."""

    student: Process
    trusted: Process
    folder: str | None = None

    def close(self) -> None:
        self.student.close()
        self.trusted.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class Pool:
    """Two warm processes; see the module. Raises SandboxMissing, with a sentence for the instructor, where there is
    no sandbox."""

    _current: ClassVar["Pool | None"] = None

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        if self.settings.sandbox and (problem := sandbox_problem()):
            raise SandboxMissing(problem)
        self._owner = os.getpid()
        self.groups = Groups()
        root = course_root().resolve()
        self._root = root
        self._scratch = os.path.join(tempfile.gettempdir(), f"course-{uuid4().hex}")  # the warm processes make it
        confined = self.groups if self.settings.sandbox else None
        self._warm = [
            Warm("student", self.settings, root, confined, self._scratch),
            Warm("trusted", self.settings, root, None, self._scratch),
        ]
        try:
            for warm in self._warm:
                warm.wait_until_ready()
        except BaseException:
            self.close()
            raise
        Pool._current = self

    @classmethod
    def current(cls, settings: Settings | None = None) -> "Pool":
        """The open pool of this process or of the one it was forked from; a new one if there is none or it is set up
        otherwise."""
        pool = cls._current
        if pool is not None and pool.alive and settings in (None, pool.settings):
            return pool
        if pool is not None:
            pool.close()
        return cls(settings)

    @classmethod
    def end_current(cls) -> None:
        """Close the open pool, if there is one: the next starts with what is in the course's folder then."""
        if cls._current is not None:
            cls._current.close()

    @property
    def alive(self) -> bool:
        """False once a warm process has ended, as it does when idle or killed. Only its owner can tell."""
        return os.getpid() != self._owner or all(warm.alive for warm in self._warm)

    def last_words(self) -> str:
        """What the warm processes last wrote on stderr."""
        return "; ".join(filter(None, (warm.last_words() for warm in self._warm)))

    def start_pair(self) -> Pair:
        """Kernels for one notebook."""
        left, right = socket.socketpair()
        # The sandbox gives each kernel a file system of its own; without it, at least a folder of its own.
        folder = None if self.settings.sandbox else tempfile.mkdtemp(dir=self._scratch)
        student = self._warm[0].fork(left, folder or "/")
        try:
            trusted = self._warm[1].fork(right, str(self._root))
        except BaseException:
            student.close()
            raise
        return Pair(student, trusted, folder)

    def close(self) -> None:
        """End both warm processes and every kernel."""
        if Pool._current is self:
            Pool._current = None
        if os.getpid() == self._owner:
            for warm in self._warm:
                warm.close()
            self.groups.clean_up(seconds=1)
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()
