"""Times `course build`: all lessons, tried as if none had been before, one alone, and all with nothing changed.

    python -m benchmarks.build                           # about two minutes

Seconds and CPU seconds of the command and of all that it starts. Last, `ratio: N`: the seconds of as many lessons
built one after the other by those of all side by side.
"""

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course_grading.places import lesson_folders
from tests.grading.courses import ROOT, copy_course, copy_package

PR_SET_CHILD_SUBREAPER = 36
SINGLE = "03_stride_and_padding"


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what a command leaves is counted with it
    lessons = len(lesson_folders(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        root = copy_course(Path(folder))
        copy_package(root)
        all_new, _ = measured(root, "all lessons")
        measured(root, "again, nothing changed")
        (root / ".cache" / "course-build.json").unlink()
        one, _ = measured(root, SINGLE, SINGLE)
        print(f"{all_new / lessons:.1f} s a lesson. ratio: {lessons * one / all_new:.1f}")


def measured(root: Path, what: str, *arguments: str) -> tuple[float, float]:
    """Seconds and CPU seconds of `course build` in a course's folder."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [str(Path(sys.executable).parent / "course"), "build", *arguments]
    subprocess.run(command, cwd=root, env=os.environ | {"COURSE_ROOT": str(root)}, check=True, capture_output=True)
    seconds = time.perf_counter() - began
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass  # nothing is left
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what:30} {seconds:6.1f} s, {cpu:6.1f} CPU s", flush=True)
    return seconds, cpu


if __name__ == "__main__":
    main()
