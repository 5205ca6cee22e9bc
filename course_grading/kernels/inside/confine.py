"""What a freshly forked kernel gives up before it meets a student's code: sight of other processes, the network,
rights, and more than its share of memory, processes and disk."""

import contextlib
import ctypes
import os
import re
import resource
import signal
from pathlib import Path
from typing import Any

from course_grading.kernels.inside.seccomp import forbid_system_calls

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 1, 4, 38, 24

HOME = "/home/student"  # in the sandbox; a private tmpfs of each kernel
UNPRIVILEGED = 65534  # "nobody" everywhere; students never run as the kernel's uid 0, whom process limits do not bind
OUT_OF_MEMORY = 71  # how a kernel ends that met its limit outside of a cell


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def fork_into_new_pid_namespace() -> int:
    """Like `os.fork`; the child is process 1 of its own namespace: it sees no other process, and when it ends
    everything that it started ends with it."""
    libc = _libc()
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _check(libc.unshare(_CLONE_NEWPID), "unshare pid namespace")
        pid = os.fork()
        if pid:  # later forks must start from our own namespace again
            _check(libc.setns(own, _CLONE_NEWPID), "return to the own pid namespace")
    finally:
        os.close(own)
    return pid


def confine(limits: dict[str, Any]) -> None:
    """Lock this process, fresh from `fork_into_new_pid_namespace` in bubblewrap, into a sandbox of its own.

    `limits`: memory (bytes on top of what is used already), processes, disk (bytes of the private tmpfs), files.
    Raises OSError if any part of it cannot be had: a kernel must never start half confined.
    """
    libc = _libc()
    used = memory_used()
    _check(
        libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS),
        "unshare namespaces",
    )
    _mount(libc, None, "/", None, _MS_REC | _MS_PRIVATE)
    # Root becomes "nobody" where there is one; an ordinary user, root of a namespace without others, is nobody outside.
    others = _is_mapped(UNPRIVILEGED)
    uid, gid = (UNPRIVILEGED, UNPRIVILEGED) if others else (os.getuid(), os.getgid())
    options = f"size={limits['disk']},nr_inodes=20000,mode=700"
    _mount(libc, "tmpfs", HOME, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    kept = {place: os.open(place, os.O_PATH) for place in _mounts_in("/tmp")}
    for name, place in (("tmp", "/tmp"), ("shm", "/dev/shm")):  # one tmpfs and so one limit for all that can be written
        folder = Path(HOME, f".{name}")
        folder.mkdir(mode=0o700)
        _mount(libc, str(folder), place, None, _MS_BIND)
    for place, descriptor in kept.items():  # a course, or its Python, that lives in /tmp is still needed there
        os.makedirs(place)
        _mount(libc, f"/proc/self/fd/{descriptor}", place, None, _MS_BIND | _MS_REC)
        os.close(descriptor)
    for name in (".tmp", ".shm"):
        os.chown(Path(HOME, name), uid, gid)
    os.chown(HOME, uid, gid)
    if Path("/dev/pts").is_dir():  # terminals of its own: students' kernels share bubblewrap's /dev
        _mount(libc, "devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    try:
        _mount(libc, "proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    except OSError:  # some containers forbid a new /proc; then none at all, rather than one that shows siblings
        _mount(libc, "tmpfs", "/proc", "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=4096,mode=555")
    with contextlib.suppress(OSError):  # the first to go when memory runs out, and never the warm process
        Path("/proc/self/oom_score_adj").write_text("1000")

    if others:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    # A user namespace of its own makes the limit on processes count this kernel's alone.
    # Else /proc/self belongs to root and the maps cannot be written.
    _check(libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")
    _check(libc.unshare(_CLONE_NEWUSER), "unshare user namespace")
    if Path("/proc/self/setgroups").exists():
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED} {gid} 1")
        with contextlib.suppress(OSError):  # less of the system's kernel to attack
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
    limit(limits, used)
    _drop_capabilities(libc)
    forbid_system_calls(libc)
    os.chdir(HOME)


def _is_mapped(uid: int) -> bool:
    """Whether this user namespace has such a user and group."""
    maps = (Path(f"/proc/self/{kind}_map").read_text().splitlines() for kind in ("uid", "gid"))
    spans = [[[int(word) for word in line.split()] for line in lines] for lines in maps]
    return all(any(first <= uid < first + count for first, _, count in each) for each in spans)


def _mounts_in(folder: str) -> list[str]:
    """The mount points below a folder that are not below one another: what bubblewrap shows of the system there."""
    lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    escaped = {line.split(b" ")[4] for line in lines}  # a space in a name is \\040
    points = {os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), name)) for name in escaped}
    below = sorted(point for point in points if point.startswith(f"{folder}/"))
    return [point for point in below if not any(point.startswith(f"{other}/") for other in below)]


def memory_used() -> tuple[int, int]:
    """Bytes of data and of address space that this process has now; (0, 0) where that cannot be read."""
    with contextlib.suppress(OSError):
        sizes = [int(word) * resource.getpagesize() for word in Path("/proc/self/statm").read_text().split()]
        return sizes[5], sizes[0]
    return 0, 0


def limit(limits: dict[str, Any], used: tuple[int, int]) -> None:
    """Set the limits that need no namespaces; they bind on every platform that has them, with or without a sandbox."""
    limit_memory(limits["memory"], used)
    for name, value in (
        ("RLIMIT_NPROC", limits["processes"]),
        ("RLIMIT_FSIZE", limits["disk"]),
        ("RLIMIT_NOFILE", limits["files"]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_MSGQUEUE", 1 << 16),
    ):
        if value is not None:
            _set(name, value)


def limit_memory(memory: int, used: tuple[int, int], for_ever: bool = True) -> None:
    """Let this process take so many bytes on top of what it uses; not `for_ever`: what it starts may lift the limit."""
    for name, size in zip(("RLIMIT_DATA", "RLIMIT_AS"), used, strict=True):  # shared memory goes round RLIMIT_DATA
        if size:
            _set(name, size + memory, for_ever)


def lift_memory_limit() -> None:
    """Undo `limit_memory`, where it was not for ever."""
    for name in ("RLIMIT_DATA", "RLIMIT_AS"):
        if kind := getattr(resource, name, None):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (hard, hard))


def _set(name: str, value: int, for_ever: bool = True) -> None:
    kind = getattr(resource, name, None)
    if kind is None:
        return
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some of them
        resource.setrlimit(kind, (value, value if for_ever else hard))


def die_with(parent: int) -> None:
    """End this process when its parent does, a process id, and at once if it has already. Where no pid namespace does
    it (Linux only)."""
    with contextlib.suppress(AttributeError, OSError):
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _mount(libc: Any, source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    def text(value: str | None) -> bytes | None:
        return None if value is None else value.encode()

    _check(
        libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(options)), f"mount on {target}"
    )


def _drop_capabilities(libc: Any) -> None:
    for capability in range(64):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(libc.capset(header, (ctypes.c_uint32 * 6)()), "drop capabilities")
