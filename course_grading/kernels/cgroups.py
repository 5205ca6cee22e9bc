"""Limits of memory and processes, and fair shares of the processors, by control group, where this process may make
groups: usually as root, in a container or on a server.

They stop what resource limits cannot: memory that belongs to no process (memfd, tmpfs), and processes of the user root.
"""

import contextlib
import os
import secrets
import time
from pathlib import Path

PREFIX = "course-kernel-"
MOUNT = Path("/sys/fs/cgroup")
KINDS = {"memory", "pids", "cpu", "cpuacct"}
CONTROL = "cgroup.subtree_control"


class Group:
    """The group of one kernel: a folder for each kind."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self._folders = folders

    @property
    def weighs(self) -> bool:
        """Whether all processes in it together get the processors of one."""
        return "cpu" in self._folders

    def seconds(self) -> float | None:
        """Processor time that was used in it; None where that is not counted."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            return int((self._folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
        with contextlib.suppress(OSError, ValueError, KeyError, IndexError):
            return int((self._folders["memory"] / "cpu.stat").read_text().split()[1]) / 1e6
        return None

    def memory(self) -> int | None:
        """The most bytes that were ever used in it; None where that is not counted."""
        for name in ("memory.max_usage_in_bytes", "memory.peak"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                return int((self._folders["memory"] / name).read_text())
        return None

    @property
    def limits_memory(self) -> bool:
        return "memory" in self._folders


class Groups:
    """Makes one group per kernel under our own. `kinds` says what can be had here: limits of "memory" and "pids",
    fair shares of the processors ("cpu"), and a count of their time ("cpuacct")."""

    def __init__(self, mount: Path = MOUNT, own: Path = Path("/proc/self/cgroup")) -> None:
        self._parents: dict[str, Path] = {}
        self._version = 1
        with contextlib.suppress(OSError, ValueError):
            self._find(mount, [line.split(":", 2) for line in own.read_text().splitlines()])

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._parents)

    def _find(self, mount: Path, lines: list[list[str]]) -> None:
        for _, controllers, path in lines:
            for kind in KINDS.intersection(controllers.split(",")):
                folder = mount / kind / path.lstrip("/")
                if os.access(folder, os.W_OK):
                    self._parents[kind] = folder
            if controllers == "" and (mount / "cgroup.controllers").exists():
                folder = mount / path.lstrip("/")
                # A group that holds processes may not limit groups in it: then ours go beside it.
                if _limits(folder) or _made_to_limit(folder):
                    place = folder
                elif folder != mount and _limits(folder.parent):
                    place = folder.parent
                else:
                    continue
                if os.access(place, os.W_OK):
                    self._version = 2
                    self._parents |= dict.fromkeys(KINDS & _limited(place), place)

    def confine(self, pid: int, memory: int, processes: int) -> Group:
        """Put a process into a new group with these limits (bytes, count). `clean_up` removes it afterwards."""
        self.clean_up()
        folders = {}
        name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        for kind, parent in self._parents.items():
            folder = parent / name
            with contextlib.suppress(OSError):
                folder.mkdir(exist_ok=True)
                for file, value in self._limits(kind, memory, processes).items():
                    with contextlib.suppress(FileNotFoundError, PermissionError):  # kernels without swap accounting
                        (folder / file).write_text(str(value))
                (folder / "cgroup.procs").write_text(str(pid))
                folders[kind] = folder
        return Group(folders)

    def _limits(self, kind: str, memory: int, processes: int) -> dict[str, int]:
        if self._version == 2:
            return {"memory.max": memory, "memory.swap.max": 0, "memory.oom.group": 1, "pids.max": processes}
        if kind == "memory":
            return {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory}
        return {"pids.max": processes} if kind == "pids" else {}  # one share of the processors is what a group has

    def clean_up(self, seconds: float = 0) -> None:
        """Remove groups of kernels that have ended, also what graders that were killed have left.

        `seconds`: how long to wait for kernels of ours that are just ending.
        """
        end = time.monotonic() + seconds
        while self._remove() and time.monotonic() < end:
            time.sleep(0.02)

    def _remove(self) -> bool:
        """Remove what can be; True if groups of our own are left."""
        left = False
        for parent in set(self._parents.values()):
            for folder in parent.glob(f"{PREFIX}*"):
                grader = folder.name.removeprefix(PREFIX).partition("-")[0]
                if grader == str(os.getpid()) or not Path("/proc", grader).exists():
                    try:
                        folder.rmdir()
                    except OSError:  # busy as long as its kernel lives
                        left |= grader == str(os.getpid())
        return left


def _limits(folder: Path) -> bool:
    """Whether this group of version 2 limits memory and processes of the groups in it."""
    return {"memory", "pids"} <= _limited(folder)


def _limited(folder: Path) -> set[str]:
    with contextlib.suppress(OSError):
        return {word.lstrip("+") for word in (folder / CONTROL).read_text().split()}
    return set()


def _made_to_limit(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        (folder / CONTROL).write_text("+cpu")
    with contextlib.suppress(OSError):
        (folder / CONTROL).write_text("+memory +pids")
        return True
    return False
