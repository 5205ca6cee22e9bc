"""Times `course grade` against stock `nbgrader autograde` on the same submissions of lesson 1, start-up included.

    python -m benchmarks.autograde                       # 120 submissions, a worker a core; stock takes 12 minutes
    python -m benchmarks.autograde --submissions 24      # a quick look
    python -m benchmarks.autograde --growth              # 10, 100 and 1,000 submissions with `course grade` alone

It asserts that both give the same scores, and prints seconds and CPU seconds a notebook for both and, last, `ratio: N`:
stock's seconds over the mean of `course grade` before and after it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.grading.gradebook import Gradebook
from tests.grading.courses import ROOT, copy_course, nbgrader
from tests.grading.gradebooks import cell_scores

LESSON = "01_sliding_regions"


@dataclass(frozen=True)
class Measured:
    """What a run took. Seconds and CPU seconds; megabytes of the grader's process and of its largest worker."""

    notebooks: int
    seconds: float
    cpu: float
    grader: float = 0
    worker: float = 0

    def __str__(self) -> str:
        each = f"{self.seconds / self.notebooks:6.3f} s, {self.cpu / self.notebooks:6.3f} CPU s a notebook"
        memory = f"; grader {self.grader:.0f} MB, largest worker {self.worker:.0f} MB" if self.grader else ""
        return f"{self.notebooks:5} notebooks in {self.seconds:7.1f} s: {each}{memory}"


def main() -> None:
    options = arguments()
    lesson = load_lesson(LESSON, ROOT)
    with tempfile.TemporaryDirectory() as folder:
        if options.growth:
            for size in options.growth:
                print(
                    f"course grade    {course_grade(hand_in(Path(folder, str(size)), lesson, size), options)}",
                    flush=True,
                )
            return
        own = own_work(lesson)
        print(f"The lesson's own work, in a process that is warm: {own:.3f} CPU s a notebook")
        first, second = (hand_in(Path(folder, name), lesson, options.submissions) for name in ("first", "second"))
        stock = hand_in(Path(folder, "stock"), lesson, options.submissions, stock=True)
        # Before and after, as the speed of many a machine changes within the minutes that stock takes.
        before = course_grade(first, options)
        print(f"course grade        {before}", flush=True)
        slow = measured([sys.executable, "-m", "nbgrader", "autograde", LESSON], stock, options.submissions)
        print(f"nbgrader autograde  {slow}", flush=True)
        after = course_grade(second, options)
        print(f"course grade        {after}")
        assert cell_scores(first) == cell_scores(second) == cell_scores(stock), "the scores differ"
        over = (before.cpu + after.cpu) / 2 / options.submissions - own
        print(f"The same scores for all {options.submissions}; course grade takes {over:.3f} CPU s over own work")
        print(f"ratio: {2 * slow.seconds / (before.seconds + after.seconds):.1f}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=120, help="how many; default 120")
    parser.add_argument("--jobs", type=int, help="workers of course grade; default: its own")
    parser.add_argument("--no-sandbox", action="store_true", help="course grade without its sandbox")
    parser.add_argument(
        "--growth", type=int, nargs="*", metavar="N", help="only course grade, with so many; default 10 100 1000"
    )
    options = parser.parse_args()
    if options.growth == []:
        options.growth = [10, 100, 1000]
    return options


def hand_in(root: Path, lesson: Lesson, size: int, stock: bool = False) -> Path:
    """A course folder with hand-ins of every kind in turn: right, untouched, each wrong way, other right ways."""
    copy_course(root, stock=stock)
    texts = [json.dumps(filled_notebook(lesson, answers)) for answers in kinds(lesson)[:size]]
    for number, text in enumerate(islice(cycle(texts), size)):
        folder = root / "submitted" / f"student{number:04}" / LESSON
        folder.mkdir(parents=True)
        (folder / lesson.notebook.name).write_text(text)
    if stock:
        nbgrader(root, "generate_assignment", LESSON, "--force")
    else:
        with Gradebook(Course(root)) as book:
            book.register(LESSON)
    return root


def kinds(lesson: Lesson) -> list[dict[str, str]]:
    """The answers of every kind of hand-in, from the exercise's name to its source."""
    right = right_answers(lesson)
    found = [right, {}]
    for name, exercise in lesson.exercises.items():
        others = (*(wrong.name for wrong in exercise.misconceptions), *exercise.alternatives)
        found += [right | {name: answer_source(lesson, name, other)} for other in others]
    return found


def course_grade(root: Path, options: argparse.Namespace) -> Measured:
    command = [str(Path(sys.executable).parent / "course"), "grade", LESSON]
    command += ["--jobs", str(options.jobs)] if options.jobs else []
    command += ["--no-sandbox"] if options.no_sandbox else []
    size = len(list((root / "submitted").iterdir()))
    return measured(command, root, size)


def measured(command: Sequence[str], root: Path, notebooks: int) -> Measured:
    """Run a command in a course's folder, and watch what it takes."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryFile() as log:
        environment = os.environ | {"COURSE_ROOT": str(root)}
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        grader = worker = 0.0
        while process.poll() is None:
            grader = max(grader, peak_memory(process.pid))
            worker = max([worker, *(peak_memory(child) for child in forks(process.pid))])
            time.sleep(0.25)
        seconds = time.perf_counter() - began
        log.seek(0)
        assert process.returncode == 0, log.read().decode()[-3000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(notebooks, seconds, cpu, grader, worker)


def peak_memory(process: int) -> float:
    """The most memory that a process has held, in MB; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)


def forks(process: int) -> list[int]:
    """The children of a process that run the same program."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [int(child) for child in children if Path(f"/proc/{child}/cmdline").read_bytes() == command]
    except OSError:
        return []


OWN_WORK = """
import json, sys, time
import torch, torchvision, nbformat
from IPython.core.interactiveshell import InteractiveShell
import course_grading, course_utils
from course_grading.authoring.release import with_hidden_test
source = nbformat.read(sys.argv[1], as_version=4)
for cell in source.cells:
    if cell.metadata.get("nbgrader", {}).get("grade"):
        cell.source = with_hidden_test(cell.source, sys.argv[2])
times = []
for _ in range(6):
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    began = time.process_time()
    for cell in source.cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source)
    times.append(time.process_time() - began)
print("\\n" + json.dumps(min(times)), end="")
"""


def own_work(lesson: Lesson) -> float:
    """CPU seconds that the author's notebook takes where everything is imported: its cells, checks and hidden tests."""
    done = subprocess.run(
        [sys.executable, "-c", OWN_WORK, str(lesson.notebook), lesson.name],
        env=os.environ | {"COURSE_ROOT": str(ROOT), "NBGRADER_EXECUTION": "autograde", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
