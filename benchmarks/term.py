"""Grades a class's whole term on this machine in one run: N students × all lessons, right, wrong and untouched.

    python -m benchmarks.term --students 10              # a quick look
    python -m benchmarks.term --students 300             # 2,400 hand-ins

Prints seconds, memory, disk and the database's size at each tenth of the class, so that growth shows, then what the
same grading takes again where nothing has changed, and what the report on all lessons, feedback and export take.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import nbformat

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.simulated import filled_in, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader, cores
from course_grading.places import lesson_folders
from tests.grading.courses import ROOT, copy_course


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=10)
    parser.add_argument("--lessons", type=int, default=8, help="the first so many")
    parser.add_argument("--jobs", type=int, default=cores())
    options = parser.parse_args()
    names = [folder.name for folder in lesson_folders(ROOT)][: options.lessons]
    with tempfile.TemporaryDirectory() as folder:
        root = copy_course(Path(folder, "course"))
        for name in names:
            hand_in(root, load_lesson(name, ROOT), options.students)
        print(f"{options.students} students x {len(names)} lessons; handed in {megabytes(root / 'submitted'):.0f} MB")
        run(root, names, options.jobs)
        print("Again, nothing changed:")
        run(root, names, options.jobs)
        print(f"course report, all lessons: {timed(root, 'report', *names)[0]:.1f} s", flush=True)
        for command in ("feedback", "feedback", "export"):  # the second time nothing has changed
            for name in names:
                print(f"course {command} {name}: {timed(root, command, name)[0]:.1f} s", flush=True)


def hand_in(root: Path, lesson: Lesson, students: int) -> None:
    """Each student's notebook of a lesson: one of three has everything right, one half of it, one nothing."""
    right = right_answers(lesson)
    half = dict(islice(right.items(), len(right) // 2))
    texts = []
    for answers in (right, half, {}):
        texts.append(nbformat.writes(filled_in(lesson, filled_notebook(lesson), answers)))
    for number, text in enumerate(islice(cycle(texts), students)):
        place = root / "submitted" / f"student{number:06}" / lesson.folder.name
        place.mkdir(parents=True)
        (place / lesson.notebook.name).write_text(text, encoding="utf-8")


def run(root: Path, names: list[str], jobs: int) -> None:
    began, done = time.perf_counter(), 0
    grader = ClassGrader(Course(root), names, jobs=jobs)
    every = max(1, len(grader) // 10)
    for done, row in enumerate(grader, start=1):
        assert row.state != "not gradable", row
        if done % every == 0:
            report(root, done, time.perf_counter() - began)
    report(root, done, time.perf_counter() - began)


def timed(root: Path, *words: str) -> tuple[float, str]:
    """The seconds that one command of an instructor's takes, start-up included, and the last line that it printed."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(Path(sys.executable).parent / "course"), *words],
        cwd=root,
        env=os.environ | {"COURSE_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return time.perf_counter() - began, done.stdout.strip().splitlines()[-1]


def report(root: Path, done: int, seconds: float) -> None:
    grader = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    book = (root / "gradebook.db").stat().st_size / 1e6
    print(
        f"{done:6} graded in {seconds:8.1f} s ({seconds / max(done, 1):.3f} s each); grader {grader:.0f} MB, largest "
        f"ended child {children:.0f} MB; autograded/ {megabytes(root / 'autograded'):.0f} MB, gradebook {book:.1f} MB",
        flush=True,
    )


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
