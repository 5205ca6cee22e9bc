"""The sandbox of student code: bubblewrap's command line, and whether this machine can run it.

Inside there is a read-only system, Python, `course_utils` and the course's data; no network, no home, no solutions,
no gradebook, no submissions. Each kernel confines itself further when it is forked (`inside/confine.py`).
"""

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

from course_grading.kernels.inside.confine import HOME
from course_utils.errors import CourseError

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
CONFIGURATION = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives", "fonts", "mime.types")
_CAP_SYS_ADMIN = 21
GET_ONE = (
    "Install bubblewrap (on Debian or Ubuntu: 'apt-get install bubblewrap'; on Windows: inside WSL2) and allow user "
    "namespaces, or let students' code run with your rights: --no-sandbox (for nbgrader: --Execute.sandbox=False)."
)


class SandboxMissing(CourseError):
    """Student code cannot be confined on this machine; the message says why and how to change that."""


def sandbox_problem() -> str | None:
    """Why students' code cannot be confined here, in one sentence that says what to do; None if it can."""
    if sys.platform != "linux":
        return f"The sandbox needs Linux with bubblewrap, and this is {sys.platform}. {GET_ONE}"
    if not shutil.which("bwrap"):
        return f"The sandbox needs bubblewrap, which is not installed. {GET_ONE}"
    # What a kernel does in its fork: a process namespace of its own with its own /proc, without network.
    probe = [*_command(), "--ro-bind", "/", "/", "--proc", "/proc", "unshare", "--pid", "--net", "--fork", "true"]
    done = subprocess.run(probe, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split())[:300]
        return f"bubblewrap is installed but may not make namespaces here ({said}). {GET_ONE}"
    return None


def command(root: Path, package: Path) -> list[str]:
    """The bubblewrap command line in front of the warm process of students' kernels.

    `root` is the course's folder, which is hidden but for the environment, course_utils and data; `package` is the
    folder of course_grading, of which only `kernels/inside` shows.
    """
    arguments = _command()
    for folder in SYSTEM:
        if Path(folder).is_symlink():
            arguments += ["--symlink", os.readlink(folder), folder]
        elif Path(folder).is_dir():
            arguments += ["--ro-bind", folder, folder]
    for name in CONFIGURATION:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    arguments += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--dir", HOME]
    for python in _python_folders():
        arguments += [*_parents(python), "--ro-bind", str(python), str(python)]
    # Whatever was bound above, the course itself is hidden, and then shown in parts.
    hidden = [root] if package.is_relative_to(root) else [root, package]
    for path in hidden:
        arguments += [*_parents(path), "--tmpfs", str(path)]
    shown = [folder for folder in _python_folders() if folder.is_relative_to(root) and folder != root]
    shown += [package.parent / "course_utils", package.parent / "data", root / "data", package / "__init__.py"]
    shown += [package / "kernels" / "__init__.py", package / "kernels" / "inside"]
    for path in shown:
        if path.exists():
            arguments += [*_parents(path), "--ro-bind", str(path), str(path)]
    for name, value in environment().items():
        arguments += ["--setenv", name, value]
    for place in (*hidden, "/dev", "/"):
        arguments += ["--remount-ro", str(place)]
    return [*arguments, "--chdir", HOME]


def _parents(path: Path) -> list[str]:
    """Make the folders above a mount point open to all; bubblewrap would make them its own user's alone."""
    return [word for parent in reversed(path.parents) if parent != Path("/") for word in ("--dir", str(parent))]


def environment(home: str = HOME) -> dict[str, str]:
    """The whole environment of a student's kernel. NBGRADER_EXECUTION is what nbgrader itself sets."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NBGRADER_EXECUTION": "autograde",
        **of_warm_processes(),
    }


def of_warm_processes() -> dict[str, str]:
    """One thread per kernel: several run side by side, and a pool of threads does not survive the fork."""
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def _command() -> list[str]:
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--as-pid-1"]
    command += ["--new-session", "--clearenv"]
    # Kernels make namespaces and mounts of their own before they give up these rights and meet a student's code.
    # CAP_SETFCAP: without it Linux lets no namespace inside map root.
    command += ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETFCAP"]
    if _may_administer():  # root sets up the mounts, and each kernel becomes "nobody"
        return [*command, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_CHOWN"]
    # As root of a user namespace, for else bubblewrap nests a second one, in which no process namespaces can be made.
    return [*command, "--unshare-user", "--uid", "0", "--gid", "0"]


def _may_administer() -> bool:
    """Whether this process has the rights of root, which root in a container often has not."""
    status = Path("/proc/self/status").read_text()
    rights = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff"))
    return os.getuid() == 0 and bool(rights >> _CAP_SYS_ADMIN & 1)


def _python_folders() -> list[Path]:
    """Where Python and its packages live, even in a home that others may not enter."""
    places = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *site.getsitepackages()]
    if site.ENABLE_USER_SITE and Path(site.getusersitepackages()).is_dir():
        places.append(site.getusersitepackages())
    folders: list[Path] = []
    for place in sorted({Path(place) for place in places} | {Path(place).resolve() for place in places}):
        covered = any(place.is_relative_to(other) for other in (*folders, *map(Path, SYSTEM)))
        if place.is_dir() and not covered:
            folders.append(place)
    return folders
