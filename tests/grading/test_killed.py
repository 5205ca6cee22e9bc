"""`course grade` on lesson 1, sandbox and warm kernels included, killed again and again: nothing is lost or left."""

import ctypes
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import TextIO

import psutil
import pytest

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import answer_source
from course_grading.course import Course
from course_grading.grading.gradebook import Gradebook
from course_grading.kernels.cgroups import MOUNT, PREFIX
from tests.grading.courses import ROOT, copy_course, quick_answers, quick_notebook
from tests.grading.gradebooks import everything

LESSON = "01_sliding_regions"
SIZE = 18
EARLY, LATE = 2, 3  # kills while all is starting, and once results come in
of_other_tests: set[psutil.Process] = set()  # processes that earlier tests of this run have left to our own process


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Path:
    """Lesson 1 with a class that made every mistake; to copy."""
    root = copy_course(tmp_path_factory.mktemp("killed") / "course", empty_gradebook, lesson=LESSON)
    lesson = load_lesson(LESSON, ROOT)
    right = quick_answers(lesson)
    wrong = [(name, each.name) for name, exercise in lesson.exercises.items() for each in exercise.misconceptions]
    mistakes = [{name: answer_source(lesson, name, mistake)} for name, mistake in wrong[::3]]
    answers = [right, {}, *(right | mistake for mistake in mistakes)]
    for number, each in enumerate(islice(cycle(answers), SIZE)):
        place = root / "submitted" / f"s{number:03}" / LESSON
        place.mkdir(parents=True)
        (place / lesson.notebook.name).write_text(json.dumps(quick_notebook(lesson, each)))
    with Gradebook(Course(root)) as book:
        book.register(LESSON)
    return root


@pytest.fixture
def course(handed_in: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copytree(handed_in, Path(folder, "course")))


@pytest.fixture(autouse=True)
def parent_of_orphans() -> Iterator[None]:
    """What loses its parent becomes our child, so that nothing that lives on is overlooked."""
    set_subreaper = partial(ctypes.CDLL(None).prctl, 36)
    set_subreaper(1, 0, 0, 0)
    of_other_tests.update(psutil.Process().children(recursive=True))
    yield
    set_subreaper(0, 0, 0, 0)


def start(root: Path) -> subprocess.Popen:
    """`course grade` in the course's folder, as an instructor starts it, with a folder of its own for temporary
    files."""
    (root / "tmp").mkdir(exist_ok=True)
    with open(root / "tmp-said", "w") as said:  # a pipe would be held by whatever is left
        return _started(root, said)


def _started(root: Path, said: TextIO) -> subprocess.Popen:
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "course"), "grade", LESSON],
        cwd=root,
        env=os.environ | {"COURSE_ROOT": str(root), "TMPDIR": str(root / "tmp"), "COLUMNS": "200"},
        stdout=said,
        stderr=subprocess.STDOUT,
    )


def grade(root: Path) -> str:
    """Grade the whole class; returns the summary."""
    start(root).wait(timeout=300)
    return (root / "tmp-said").read_text().splitlines()[-1]


def graded_at(root: Path) -> dict[str, str]:
    """When each student was graded whose scores, record and files are all in place."""
    with closing(sqlite3.connect(root / "gradebook.db")) as book:
        try:
            records = book.execute("select student, graded_at from course_grade").fetchall()
        except sqlite3.OperationalError:  # no such table yet
            return {}
    return {student: when for student, when in records if (root / "autograded" / student / LESSON).is_dir()}


def killed(root: Path, seconds: float, results: int) -> set[int]:
    """Start grading and send SIGKILL to the grader, and only to it, so many seconds after so many more are graded.

    Returns the numbers of all processes that it had started, once they have ended.
    """
    goal = min(SIZE, len(graded_at(root)) + results)
    with start(root) as grader:
        while grader.poll() is None and len(graded_at(root)) < goal:
            time.sleep(0.05)
        time.sleep(seconds)
        assert grader.poll() is None, (root / "tmp-said").read_text()
        return kill(grader)


def kill(grader: subprocess.Popen) -> set[int]:
    """Send SIGKILL to a grader; returns its number and those of all that it had started, once they have ended."""
    started = psutil.Process(grader.pid).children(recursive=True)
    grader.kill()
    grader.wait()
    end = time.monotonic() + 20
    while left := set(psutil.Process().children(recursive=True)) - of_other_tests:  # also what started since we looked
        assert time.monotonic() < end, f"every process ends with the grader: {[each.cmdline() for each in left]}"
        psutil.wait_procs(left, timeout=0.2)
    return {grader.pid, *(process.pid for process in started)}


def test_killed_while_it_registers_a_lesson(course: Path) -> None:
    with closing(sqlite3.connect(course / "gradebook.db")) as book:
        book.execute("delete from course_source")
        book.commit()
    for seconds in (0, 0.2, 0.6):
        grader = start(course)
        while not psutil.Process(grader.pid).children() and grader.poll() is None:
            time.sleep(0.01)
        time.sleep(seconds)
        assert grader.poll() is None and not graded_at(course)
        kill(grader)


def test_killed_at_random_moments(course: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copytree(course, tmp_path / "undisturbed"))
    assert grade(undisturbed) == f"{SIZE} graded."

    moments = random.Random(20261122)
    plan = [(moments.uniform(0, 3), 0) for _ in range(EARLY)] + [(moments.uniform(0, 0.3), 1) for _ in range(LATE)]
    moments.shuffle(plan)
    first, pids = {}, set()
    for seconds, results in plan:
        pids |= killed(course, seconds, results)
        first = graded_at(course) | first
    assert LATE <= len(first) < SIZE, "kills came while results did"

    assert grade(course) == f"{SIZE - len(first)} graded, {len(first)} graded before and unchanged."
    assert everything(course) == everything(undisturbed)
    assert graded_at(course).items() >= first.items(), "what was finished is not graded again"
    assert grade(course) == f"0 graded, {SIZE} graded before and unchanged."

    assert not list((course / "autograded" / ".course-grade").glob("run-*"))
    assert not list((course / "tmp").iterdir())
    groups = {int(group.name.removeprefix(PREFIX).partition("-")[0]) for group in MOUNT.rglob(f"{PREFIX}*")}
    assert not groups & pids
