"""What the processes of one notebook use, as the system counts it: processor time, memory, how long they waited.

    watch = Watch(pid, memory=1 << 30, group=None)
    watch.look()        # now and then; True when its processes together hold too much memory
    watch.seconds       # of processor time so far, of all of them

Where there are no control groups for it, processes of one student that compute side by side are made so nice that
together they weigh as much as one.
"""

import contextlib
import math
import os
import time
from pathlib import Path

from course_grading.kernels.cgroups import Group

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_WEIGHT = math.log(1.25)  # Linux gives a process of the next niceness so much less


class Watch:
    """A kernel and all that it starts. `memory` is the limit of all of them together, on top of what the kernel has
    now; None: there is none, or a control group has it."""

    def __init__(
        self, pid: int | None, memory: int | None = None, group: Group | None = None, shared: bool = True
    ) -> None:
        self._pid = pid
        self._group = group
        self._shares = shared and not (group and group.weighs)
        self._memory = memory
        self._began = time.monotonic()
        self._before = _private(pid) if pid else 0
        self._nice: dict[int, int] = {}
        self.seconds = 0.0
        self.waited = 0.0  # seconds that its first thread was ready to compute and had no processor
        self.peak = 0  # bytes

    def look(self) -> bool:
        """Bring the numbers up to date; True if its processes hold more memory than they may."""
        if self._pid is None or not Path("/proc/self/stat").exists():  # no Linux: the clock is all there is
            self.seconds = time.monotonic() - self._began
            return False
        tasks = _descendants(self._pid)
        self._count_time(tasks)
        if self._shares:
            self._share(tasks)
        peak = self._group.memory() if self._group else None
        if peak is None:
            return self._count_memory(tasks)
        self.peak = max(self.peak, peak)
        return False

    def _count_time(self, pids: list[int]) -> None:
        used = self._group.seconds() if self._group else None
        if used is None:
            used = sum(sum(map(int, words[11:15])) for words in map(_stat, pids) if words) / _TICKS
        self.seconds = max(self.seconds, used)  # what a process used that is gone unseen is not seen
        with contextlib.suppress(OSError, ValueError, IndexError):
            self.waited = int(Path(f"/proc/{self._pid}/schedstat").read_text().split()[1]) / 1e9

    def _count_memory(self, pids: list[int]) -> bool:
        most = math.inf if self._memory is None or len(pids) < 2 else self._before + self._memory
        held = sum(map(_private, pids))  # pages that they share count in each: never too little
        if held > most:
            held = sum(map(_own_share, pids))
        self.peak = max(self.peak, held - self._before)
        return held > most

    def _share(self, pids: list[int]) -> None:
        """Make what computes side by side as nice as together weighs one."""
        busy = [task for pid in pids for task in _threads(pid) if (_stat(task) or ["S"])[0] == "R"]
        if len(busy) < 3:
            return
        nice = min(19, math.ceil(math.log(len(busy)) / _WEIGHT))
        for task in busy:
            if self._nice.get(task, 0) < nice:
                self._nice[task] = nice
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, task, nice)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def _threads(pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def _descendants(pid: int) -> list[int]:
    """A process and all below it. In its namespace, what loses its parent becomes a child of the first."""
    found, queue = [pid], [pid]
    while queue:
        process = queue.pop()
        for thread in _threads(process):
            with contextlib.suppress(OSError):
                children = list(map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split()))
                found += children
                queue += children
    return found


def _private(pid: int) -> int:
    """Bytes of memory of a process that are no file's, whoever shares them."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _own_share(pid: int) -> int:
    """The same, with what is shared divided by those who share it; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except PermissionError:
        return _private(pid)
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
