"""Who grades in a test: whoever runs the tests, and, where that is root, also an ordinary user."""

import os
import sys
from pathlib import Path

NOBODY = 65534
DROP = "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); os.execvp(sys.argv[1], sys.argv[1:])"

# Root can become anybody, but nobody can become root: as an ordinary user, that half needs another run of the tests.
GRADERS = ["root", "ordinary user"] if os.getuid() == 0 else ["ordinary user"]


def as_grader(grader: str) -> list[str]:
    """What to put before a command so that this grader runs it."""
    if grader == "root" or os.getuid() != 0:
        return []
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


def give_to(grader: str, folder: Path) -> None:
    """Let this grader own a folder and all that is in it."""
    if grader == "root" or os.getuid() != 0:
        return
    for directory, _, names in os.walk(folder):
        for path in (directory, *(os.path.join(directory, name) for name in names)):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
