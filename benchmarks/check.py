"""How much a student waits: importing course_utils after torch, and one check of each exercise with its right answer.

    python benchmarks/check.py [--runs N]

Prints the median import time over torch's own, the median time of a check, and, last, `ratio: N`: how many times longer
importing torch takes than importing course_utils on top of it.
"""

import argparse
import contextlib
import io
import statistics
import subprocess
import sys
import time

from course_grading.authoring.language import load_lesson
from course_grading.places import lesson_folders
from course_utils import check

IMPORTS = """
import time
start = time.perf_counter()
import torch
middle = time.perf_counter()
import course_utils
print(middle - start, time.perf_counter() - middle)
"""


def import_times() -> tuple[float, float]:
    """Seconds to import torch, and then course_utils, in a new process."""
    printed = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True).stdout
    return tuple(float(seconds) for seconds in printed.split())


def check_time(name: str, answer: object) -> float:
    """Seconds of one check of a right answer, card included."""
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        check(name, answer)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="imports and checks to take the median of")
    runs = parser.parse_args().runs
    for_torch, for_course = map(statistics.median, zip(*(import_times() for _ in range(runs)), strict=True))
    print(f"import: torch {for_torch:.2f} s, course_utils on top of it {for_course:.3f} s")
    times = {}
    for folder in lesson_folders():
        lesson = load_lesson(folder.name)
        for name, exercise in lesson.exercises.items():
            answers = list(exercise.alternatives.values()) or [exercise.answer]
            full_name = f"{lesson.name}.{name}"
            times[full_name] = statistics.median(
                check_time(full_name, answer) for answer in answers for _ in range(runs)
            )
            print(f"check {full_name}: {1000 * times[full_name]:.1f} ms")
    print(f"median check: {1000 * statistics.median(times.values()):.1f} ms")
    print(f"ratio: {for_torch / for_course:.0f}")


if __name__ == "__main__":
    main()
