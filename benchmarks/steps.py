"""Times each step of a term, as an instructor types it, at some sizes of class: lesson 1, as Canvas gives it.

    python -m benchmarks.steps                           # 30 and 300 hand-ins
    python -m benchmarks.steps --students 2400           # a quarter of an hour on two cores

Each command is a process of its own, start-up included. Hand-ins are of every kind in turn: right, untouched, each
wrong way, other right ways. Prints seconds for each step, and what lies on the disk at the end.
"""

import argparse
import json
import tempfile
import zipfile
from itertools import cycle, islice
from pathlib import Path

from benchmarks.autograde import LESSON, kinds
from benchmarks.term import megabytes, timed
from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.simulated import filled_notebook
from tests.grading.courses import ROOT, copy_course

STEPS = (
    ("collect", "submissions.zip"),
    ("collect, again", "submissions.zip"),
    ("grade",),
    ("grade, again",),
    ("report",),
    ("why, one student", "1007"),
    ("feedback", "--zip"),
    ("feedback, again", "--zip"),
    ("export",),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="*", default=[30, 300])
    for students in parser.parse_args().students:
        with tempfile.TemporaryDirectory() as folder:
            term(copy_course(Path(folder, "course")), load_lesson(LESSON, ROOT), students)


def term(root: Path, lesson: Lesson, students: int) -> None:
    texts = [json.dumps(filled_notebook(lesson, answers)) for answers in kinds(lesson)]
    with zipfile.ZipFile(root / "submissions.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(islice(cycle(texts), students)):
            archive.writestr(f"name{number}_{1000 + number}_{90000 + number}_{lesson.notebook.name}", text)
    print(f"{students} hand-ins of {LESSON}")
    for step, *more in STEPS:
        command = step.partition(",")[0]
        words = [more[0], LESSON] if command == "why" else [LESSON, *more]
        seconds, said = timed(root, command, *words)
        print(f"  {step:18} {seconds:8.1f} s   {said}", flush=True)
    sizes = {name: megabytes(root / name) for name in ("submitted", "autograded", "feedback", "reports", "exports")}
    sizes["gradebook"] = (root / "gradebook.db").stat().st_size / 1e6
    print("  " + ", ".join(f"{name} {size:.1f} MB" for name, size in sizes.items()))


if __name__ == "__main__":
    main()
