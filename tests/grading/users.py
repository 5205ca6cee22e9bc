"""Who grades in a test: root and an ordinary user, whichever of them runs the tests.

Root becomes nobody. An ordinary user becomes root of a user namespace, as in a container that needs no root.
"""

import os
import sys
from pathlib import Path

GRADERS = ["root", "ordinary user"]
NOBODY = 65534
DROP = "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); os.execvp(sys.argv[1], sys.argv[1:])"
ROOTLESS = ["bwrap", "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL", "--dev-bind", "/", "/", "--"]


def as_grader(grader: str) -> list[str]:
    """What to put before a command so that this grader runs it."""
    if grader == "root":
        return [] if os.getuid() == 0 else ROOTLESS
    return _dropped() if os.getuid() == 0 else []


def give_to(grader: str, folder: Path) -> None:
    """Let this grader own a folder and all that is in it."""
    if grader == "root" or os.getuid() != 0:  # an ordinary user is the same outside of the namespace
        return
    for directory, _, names in os.walk(folder):
        for path in (directory, *(os.path.join(directory, name) for name in names)):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _dropped() -> list[str]:
    # Python may live in a home that only its owner may enter: cover that home, and show Python alone in it.
    command = ["bwrap", "--dev-bind", "/", "/"]
    for needed in dict.fromkeys(Path(place).resolve() for place in (sys.base_prefix, sys.prefix)):
        closed = [folder for folder in reversed(needed.parents) if not folder.stat().st_mode & 0o001]
        if closed:
            command += ["--tmpfs", str(closed[0])]
            inside = [folder for folder in reversed(needed.parents) if folder.is_relative_to(closed[0])][1:]
            command += [word for folder in inside for word in ("--dir", str(folder))]
            command += ["--ro-bind", str(needed), str(needed), "--chmod", "0755", str(closed[0])]
    return [*command, "--", sys.executable, "-c", DROP]
