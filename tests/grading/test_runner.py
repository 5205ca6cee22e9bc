"""`course grade` around the execution of notebooks: what it writes, what it grades again, and what it survives."""

import errno
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import nbformat
import nbgrader.api
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.dbutil import write_alembic_ini

from course_grading.classroom.export import grades_of
from course_grading.classroom.records import read_marks
from course_grading.course import Course, GradingStopped, _configured
from course_grading.grading import gradebook
from course_grading.grading import whole_class as grader
from course_grading.grading.times import EXTENDED, NO_DUE_DATE, NOT_BELIEVED, UNREADABLE, Records
from course_grading.grading.whole_class import ClassGrader, Row
from course_grading.grading.worker import Outcome
from course_utils.errors import CourseError
from tests.grading import toy
from tests.grading.gradebooks import everything, points


class Here(Executor):
    """Runs each task at once in this process."""

    def submit(self, function: Callable, /, *arguments: object) -> Future:
        future: Future = Future()
        future.set_result(function(*arguments))
        return future


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path) -> Path:
    return toy.make_course(tmp_path / "course", empty_gradebook)


def grade(
    root: Path, *students: str, executor: Callable[[int], Executor] = lambda jobs: Here(), **options
) -> list[Row]:
    return list(ClassGrader(Course(root), [toy.LESSON], students, executor=executor, **options))


def states(rows: list[Row]) -> dict[str, str]:
    return {row.student: row.state for row in rows}


def forked(work: Callable[[], object]) -> int:
    """Do `work` in a process of its own; returns its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    return child


def grade_and_tell(root: Path, finished: Path) -> None:
    """Grade the class, and write down who was reported graded, at once."""
    with finished.open("a") as log:
        for row in ClassGrader(Course(root), [toy.LESSON], executor=lambda jobs: Here()):
            if row.state == "graded":
                log.write(f"{row.student}\n")
                log.flush()


def few(root: Path) -> None:
    """A class of five: all right, some right, none, late, and with a written answer."""
    toy.hand_in(root, "ann", toy.notebook("double", "square", "half"))
    toy.hand_in(root, "ben", toy.notebook("square"), timestamp_txt="2026-01-01 12:00:00 UTC")
    toy.hand_in(root, "cem", toy.notebook())
    toy.hand_in(root, "dan", toy.notebook("double", "half"), timestamp_txt="2026-03-01 12:00:00 CET", notes_txt="mine")
    toy.hand_in(root, "eva", toy.notebook("half", written="Because."))


def register(root: Path) -> None:
    """Enter the lesson in the gradebook, due in February."""
    with gradebook.Gradebook(Course(root)) as book:
        book.register(toy.LESSON)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.update_or_create_assignment(toy.LESSON, duedate="2026-02-01 00:00:00 UTC")


def without_times(path: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def test_gradebook_and_files_are_those_of_nbgrader_autograde(course: Path, tmp_path: Path) -> None:
    few(course)
    register(course)
    stock = Path(shutil.copytree(course, tmp_path / "stock"))

    grade(course)
    theirs = Course(stock)
    theirs.directory.assignment_id = toy.LESSON
    Autograde(coursedir=theirs.directory, config=theirs.config).start()

    assert everything(course) == everything(stock)
    assert points(course) == {"ann": 6, "ben": 2, "cem": 0, "dan": 4, "eva": 2}
    for path in sorted((stock / "autograded").rglob("*.*")):
        ours = course / path.relative_to(stock)
        if path.name == "exercises.py":
            assert not ours.exists(), "answers do not leave solutions/"
        else:
            assert ours.stat().st_mode == path.stat().st_mode, path
            read = without_times if path.suffix == ".ipynb" else Path.read_bytes
            assert read(ours) == read(path), path


def fines(root: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        return {row.student.id: row.late_submission_penalty for row in book.assignment_submissions(toy.LESSON)}


def test_what_is_due_changes_after_grading_and_so_do_the_grades(course: Path) -> None:
    few(course)
    register(course)
    grade(course)
    assert fines(course)["dan"] == 4
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.update_or_create_assignment(toy.LESSON, duedate="2026-05-01 00:00:00 UTC")
    assert {row.state for row in grade(course)} == {"graded"}
    assert fines(course)["dan"] == 0
    assert {row.state for row in grade(course)} == {"unchanged"}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.update_or_create_assignment(toy.LESSON, duedate="2026-02-01 00:00:00 UTC")
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_submission(toy.LESSON, "dan").extension = timedelta(days=60)
        book.db.commit()
    assert [row.student for row in grade(course) if row.state == "graded"] == ["dan"]
    assert fines(course)["dan"] == 0
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.LateSubmissionPlugin.penalty_method = "none"\n')
    _configured.cache_clear()
    assert {row.state for row in grade(course)} == {"graded"}


def test_a_students_own_timestamp_does_not_count(course: Path) -> None:
    few(course)
    register(course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("c.Repair.trust_timestamps = True", ""))
    _configured.cache_clear()
    rows = {row.student: row.problems for row in grade(course)}
    assert rows == {"ann": (), "ben": (NOT_BELIEVED,), "cem": (), "dan": (NOT_BELIEVED,), "eva": ()}
    assert set(fines(course).values()) == {0}
    # What was noted by the instructor's side does.
    records = Records(course / "submitted")
    records.note(toy.LESSON, "dan", {"at": "2026-03-01T11:00:00+00:00"})
    records.write()
    rows = {row.student: row for row in grade(course)}
    assert (rows["dan"].state, rows["dan"].problems, rows["ben"].state) == ("graded", (), "unchanged")
    assert fines(course)["dan"] == 4


def note(root: Path, student: str, **record: object) -> None:
    records = Records(root / "submitted")
    records.note(toy.LESSON, student, record)
    records.write()


def test_late_by_the_platforms_word_is_late_without_a_time(course: Path, tmp_path: Path) -> None:
    toy.hand_in(course, "dan", toy.notebook("double", "half"))
    note(course, "dan", at=None, late=True)
    assert [row.problems for row in grade(course)] == [(NO_DUE_DATE.format(whose="the platform's", lesson=toy.LESSON),)]
    assert fines(course)["dan"] == 0
    note(course, "dan", at=None, late=True, late_by_hand=True)
    assert "It was late by your word, but this lesson has no due date" in grade(course, force=True)[0].problems[0]
    note(course, "dan", at=None, late=True)
    register(course)
    assert [row.problems for row in grade(course)] == [()]
    assert fines(course)["dan"] == 4
    stock = Path(shutil.copytree(course, tmp_path / "stock"))
    theirs = Course(stock)
    theirs.directory.assignment_id = toy.LESSON
    theirs.config.Autograde.force = True
    Autograde(coursedir=theirs.directory, config=theirs.config).start()
    assert fines(stock)["dan"] == 4
    # A time before the due date is none where the instructor says that it was late.
    note(course, "dan", at="2026-01-01T00:00:00+00:00", late=True)
    grade(course)
    assert fines(course)["dan"] == 4
    note(course, "dan", at=None, late=False)
    grade(course)
    assert fines(course)["dan"] == 0, "the platform has changed its word"
    note(course, "dan", at=None, late=True)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_submission(toy.LESSON, "dan").extension = timedelta(days=60)
        book.db.commit()
    assert [row.problems for row in grade(course)] == [(EXTENDED,)]
    assert fines(course)["dan"] == 0
    note(course, "dan", at=None, late=True, late_by_hand=True)
    grade(course)
    assert fines(course)["dan"] == 4


@pytest.mark.parametrize(
    ("text", "fine", "remark"),
    [
        (b"\xef\xbb\xbf2026-03-01 12:00:00 UTC", 4, ()),
        (b"in March", 0, (UNREADABLE,)),
        (b"\xff\xfe", 0, (UNREADABLE,)),
        (b"", 0, (UNREADABLE,)),
    ],
)
def test_a_timestamp_that_is_trusted_is_read_or_said_to_be_none(
    course: Path, text: bytes, fine: float, remark: tuple[str, ...]
) -> None:
    folder = toy.hand_in(course, "dan", toy.notebook("double", "half"))
    register(course)
    (folder / "timestamp.txt").write_bytes(text)
    (row,) = grade(course)
    assert (row.problems, fines(course)["dan"]) == (remark, fine)


def written(root: Path, student: str) -> tuple[float | None, bool]:
    """The marks of the answer in words, and whether it waits for somebody to mark it."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        grade = book.find_grade("why", toy.NOTEBOOK, toy.LESSON, student)
        return grade.manual_score, grade.needs_manual_grade


def test_what_is_marked_by_hand_waits_again_only_where_its_words_changed(course: Path) -> None:
    for student in ("ann", "ben"):
        toy.hand_in(course, student, toy.notebook("half", written="Because."))
    grade(course)
    assert written(course, "ann") == (None, True)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for student in ("ann", "ben"):
            marked = book.find_grade("why", toy.NOTEBOOK, toy.LESSON, student)
            marked.manual_score, marked.needs_manual_grade = 2, False
        book.db.commit()
    toy.hand_in(course, "ann", toy.notebook("half", "double", written="Because."))
    toy.hand_in(course, "ben", toy.notebook("half", written="Because of that."))
    rows = {row.student: row for row in grade(course)}
    assert written(course, "ann") == (2, False) and not rows["ann"].to_read
    assert written(course, "ben") == (2, True) and rows["ben"].to_read
    assert points(course) == {"ann": 4, "ben": 2}
    assert {student: marks.waiting for student, marks in read_marks(Course(course), toy.LESSON).items()} == {
        "ann": (),
        "ben": ("why",),
    }


def test_what_was_marked_stays_marked_when_the_same_words_come_again_after_a_broken_file(course: Path) -> None:
    for student in ("ann", "ben"):
        toy.hand_in(course, student, toy.notebook("half", written="Because."))
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for student in ("ann", "ben"):
            marked = book.find_grade("why", toy.NOTEBOOK, toy.LESSON, student)
            marked.manual_score, marked.needs_manual_grade = 2, False
        book.db.commit()
    for cut in ('{"cells": [', '{"cells": [{'):
        for student in ("ann", "ben"):
            (course / "submitted" / student / toy.LESSON / "toy.ipynb").write_text(cut)
        assert {row.state for row in grade(course)} == {"not gradable"}
    assert {key: each.ungraded for key, each in grades_of(Course(course), toy.LESSON).items()} == {
        "ann": True,
        "ben": True,
    }, "what was given for the attempt before is no grade of this one"
    toy.hand_in(course, "ann", toy.notebook("half", "double", written="Because."))
    toy.hand_in(course, "ben", toy.notebook("half", written="Because of that."))
    rows = {row.student: row for row in grade(course)}
    assert written(course, "ann") == (2, False) and not rows["ann"].to_read
    assert written(course, "ben") == (2, True) and rows["ben"].to_read
    assert points(course) == {"ann": 4, "ben": 2}


def test_an_exercise_dropped_added_or_worth_more_keeps_all_other_marks(course: Path) -> None:
    toy.hand_in(course, "ann", toy.notebook("double", "half", written="Because."))
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        marked = book.find_grade("why", toy.NOTEBOOK, toy.LESSON, "ann")
        marked.manual_score, marked.needs_manual_grade = 3, False
        book.find_comment("half", toy.NOTEBOOK, toy.LESSON, "ann").manual_comment = "Neat."
        book.db.commit()
    source = course / "solutions" / toy.LESSON / f"{toy.NOTEBOOK}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in ("double", "t-double")]
    for cell in notebook.cells:
        if cell.id == "t-half":
            cell.metadata.nbgrader.points = 5
    nbformat.write(notebook, source)
    work = toy.notebook("half", written="Because.")
    work.cells = [cell for cell in work.cells if cell.id not in ("double", "t-double")]
    toy.hand_in(course, "ann", work)
    (row,) = grade(course)
    assert row.state == "graded", row.problems
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        (submission,) = book.assignment_submissions(toy.LESSON)
        assert (submission.score, submission.max_score) == (5 + 3, 2 + 5 + 3)
        assert book.find_comment("half", toy.NOTEBOOK, toy.LESSON, "ann").manual_comment == "Neat."


def test_overrides_are_those_of_one_course_alone(course: Path) -> None:
    before = Course(course).config.get("Execute", {}).get("sandbox", "as it is")
    assert Course(course, {"Execute": {"sandbox": "another"}}).config.Execute.sandbox == "another"
    assert Course(course).config.get("Execute", {}).get("sandbox", "as it is") == before


def test_late_submission_is_fined_as_configured(course: Path) -> None:
    few(course)
    register(course)
    grade(course)
    assert fines(course) == {"ann": 0, "ben": 0, "cem": 0, "dan": 4, "eva": 0}


def test_a_rerun_grades_what_is_new_or_changed_and_nothing_else(course: Path) -> None:
    few(course)
    assert set(states(grade(course)).values()) == {"graded"}
    assert set(states(grade(course)).values()) == {"unchanged"}

    toy.hand_in(course, "cem", toy.notebook("half"))
    toy.hand_in(course, "fay", toy.notebook("half"))
    changed = {student for student, state in states(grade(course)).items() if state == "graded"}
    assert changed == {"cem", "fay"}
    assert points(course) == {"ann": 6, "ben": 2, "cem": 2, "dan": 4, "eva": 2, "fay": 2}

    shutil.rmtree(course / "autograded" / "ann")
    tampered = course / "autograded" / "ben" / toy.LESSON / "toy.ipynb"
    tampered.chmod(0o644)
    tampered.write_text("half a noteb")
    assert {student for student, state in states(grade(course)).items() if state == "graded"} == {"ann", "ben"}

    (course / "solutions" / toy.LESSON / "exercises.py").write_text("SECRET = 'a better reference'\n")
    assert set(states(grade(course)).values()) == {"graded"}, "the tests are no longer the same"
    assert set(states(grade(course, force=True)).values()) == {"graded"}


def test_one_student_of_many(course: Path) -> None:
    few(course)
    assert states(grade(course, "ben", "eva")) == {"ben": "graded", "eva": "graded"}
    assert set(points(course)) == {"ben", "eva"}
    with pytest.raises(GradingStopped, match=r"'benn' handed in nothing for 01_toy \(did you mean 'ben'\?\)"):
        grade(course, "benn")


def test_points_given_by_hand_stay_and_are_pointed_out(course: Path) -> None:
    few(course)
    grade(course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for cell, given in (("why", 2.5), ("test_double", 1)):
            mark = book.find_grade(cell, toy.NOTEBOOK, toy.LESSON, "eva")
            mark.manual_score, mark.needs_manual_grade = given, False
        book.find_comment("why", toy.NOTEBOOK, toy.LESSON, "eva").manual_comment = "Nicely put."
        book.db.commit()
    (row,) = grade(course, "eva", force=True)
    assert row.problems == ("Kept the points given by hand for 'test_double': check that they still fit.",)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        submission = book.find_submission(toy.LESSON, "eva")
        assert (submission.score, submission.needs_manual_grade) == (2.5 + 1 + 2, True)
        assert book.find_comment("why", toy.NOTEBOOK, toy.LESSON, "eva").comment == "Nicely put."


def test_a_broken_resubmission_takes_the_place_of_what_was_graded(course: Path) -> None:
    few(course)
    grade(course)
    toy.hand_in(course, "ann", b"<html>Log in to see this file</html>")
    (row,) = grade(course, "ann")
    assert row.state == "not gradable"
    assert row.problems == ("'toy.ipynb' is not a notebook (line 1 is no JSON): ask for it again.",)
    assert not (course / "autograded" / "ann" / toy.LESSON).exists()
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        submission = book.find_submission(toy.LESSON, "ann")
        assert (submission.score, submission.needs_manual_grade) == (0, True)
    toy.hand_in(course, "ann", toy.notebook("double", "square", "half"))
    assert states(grade(course))["ann"] == "graded"
    assert points(course)["ann"] == 6


def test_links_out_of_a_submission_are_not_followed(course: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the instructor's")
    folder = toy.hand_in(course, "eve", toy.notebook("half"), mine_txt="hers")
    (folder / "secret.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "more").symlink_to(course / "solutions")
    os.mkfifo(folder / "pipe.txt")
    assert states(grade(course)) == {"eve": "graded"}
    assert {path.name for path in (course / "autograded" / "eve" / toy.LESSON).iterdir()} == {
        *("toy.ipynb", "mine.txt", "data.csv")
    }
    folder = toy.hand_in(course, "mal", b"")
    (folder / "toy.ipynb").unlink()
    (folder / "toy.ipynb").symlink_to(course / "solutions" / toy.LESSON / "toy.ipynb")
    (row,) = grade(course, "mal")
    assert row.problems == ("'toy.ipynb' is a link, not a file: ask for the notebook itself.",)


def test_a_whole_submission_that_is_a_link_is_not_followed(course: Path) -> None:
    (course / "submitted" / "mal").mkdir(parents=True)
    (course / "submitted" / "mal" / toy.LESSON).symlink_to(course / "solutions" / toy.LESSON)
    (row,) = grade(course)
    assert row.problems == ("The folder handed in is a link: put a real folder with the notebook in its place.",)


def test_folders_without_end_are_not_followed_to_it(course: Path) -> None:
    deepest = toy.hand_in(course, "mal", toy.notebook("half"), mine_txt="hers")
    chain = [deepest := deepest / "d" for _ in range(1200)]
    for folder in chain:
        folder.mkdir()
    try:
        assert states(grade(course)) == {"mal": "graded"}
        assert states(grade(course)) == {"mal": "unchanged"}
    finally:
        for folder in reversed(chain):
            folder.rmdir()


def test_a_folder_that_may_not_be_opened_is_named(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few(course)
    closed = course / "submitted" / "ben" / toy.LESSON / "closed"
    closed.mkdir()
    scandir = os.scandir

    def guarded(folder: object) -> object:
        if folder == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scandir(folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", guarded)
        rows = {row.student: row for row in grade(course)}
    assert rows["ben"].problems == (f"{closed} may not be opened: mend its permissions.",)
    assert rows["ann"].state == "graded"
    assert states(grade(course))["ben"] == "graded"


def test_a_class_of_nobody(course: Path) -> None:
    assert grade(course) == []
    (course / "submitted" / "ann").mkdir(parents=True)
    assert grade(course) == []


def elsewhere(jobs: int) -> Executor:
    """Processes that share nothing with this one, as on another machine."""
    return ProcessPoolExecutor(jobs, get_context("spawn"))


def test_workers_are_processes_by_default_and_any_executor_will_do(course: Path) -> None:
    few(course)
    ClassGrader(Course(course), [toy.LESSON])
    assert set(states(list(ClassGrader(Course(course), [toy.LESSON], jobs=2))).values()) == {"graded"}
    first = everything(course)
    for executor in (ThreadPoolExecutor, elsewhere):
        assert set(states(grade(course, executor=executor, force=True, jobs=1)).values()) == {"graded"}
        assert everything(course) == first


DEADLY = """
import os
from tests.grading.toy import InOneProcess as Base

class InOneProcess(Base):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["student"] in ("ben", "cem"):
            os._exit(7)
        return super().preprocess(nb, resources)
"""


def test_a_worker_that_dies_takes_nobody_else_with_it(tmp_path: Path, empty_gradebook: Path) -> None:
    course = toy.make_course(
        tmp_path, empty_gradebook, toy.CONFIG.replace("from tests.grading.toy import InOneProcess", DEADLY)
    )
    few(course)
    rows = list(ClassGrader(Course(course), [toy.LESSON], jobs=2))
    assert states(rows) == {
        student: "not gradable" if student in ("ben", "cem") else "graded" for student in states(rows)
    }
    assert len(rows) == 5
    assert points(course) == {"ann": 6, "ben": 0, "cem": 0, "dan": 4, "eva": 2}


def test_an_error_of_ours_is_told_and_kept_for_whoever_mends_it(tmp_path: Path, empty_gradebook: Path) -> None:
    fails = DEADLY.replace("os._exit(7)", "raise ValueError('no such luck')")
    course = toy.make_course(
        tmp_path, empty_gradebook, toy.CONFIG.replace("from tests.grading.toy import InOneProcess", fails)
    )
    few(course)
    rows = {row.student: row for row in grade(course)}
    assert rows["ben"].problems == (
        "The grader failed on it (ValueError: no such luck): report this, and grade it by hand.",
    )
    assert "Traceback" in (course / "autograded" / ".course-grade" / f"{toy.LESSON} ben.log").read_text()
    assert rows["ann"].state == "graded"


NO_KERNEL = """
from pathlib import Path
from course_grading.kernels.pool import KernelFailed
from tests.grading.toy import InOneProcess as Base

class InOneProcess(Base):
    def preprocess(self, nb, resources):
        failed = Path(__file__).with_name("failed")
        if not failed.exists() or ALWAYS:
            failed.touch()
            raise KernelFailed("the machine is full")
        return super().preprocess(nb, resources)
"""


@pytest.mark.parametrize("always", [False, True])
def test_where_kernels_do_not_start_all_is_started_again_once(
    tmp_path: Path, empty_gradebook: Path, always: bool
) -> None:
    fails = NO_KERNEL.replace("ALWAYS", str(always))
    course = toy.make_course(
        tmp_path, empty_gradebook, toy.CONFIG.replace("from tests.grading.toy import InOneProcess", fails)
    )
    few(course)
    if always:
        with pytest.raises(GradingStopped, match=r"No notebook can be run on this machine \(the machine is full\)"):
            grade(course)
        assert points(course) == {}
    else:
        assert set(states(grade(course)).values()) == {"graded"}
        assert points(course) == {"ann": 6, "ben": 2, "cem": 0, "dan": 4, "eva": 2}


def test_killed_at_twenty_moments_the_scores_are_those_of_an_undisturbed_run(course: Path, tmp_path: Path) -> None:
    size = 60
    for number in range(size):
        right = [name for bit, name in enumerate(toy.ANSWERS) if number >> bit & 1]
        toy.hand_in(course, f"s{number:03}", toy.notebook(*right))
    undisturbed = Path(shutil.copytree(course, tmp_path / "undisturbed"))
    began = time.monotonic()
    grade(undisturbed)
    whole_run = time.monotonic() - began

    moments = random.Random(20261122)
    finished = tmp_path / "finished.txt"
    for _ in range(20):
        child = forked(lambda: grade_and_tell(course, finished))
        time.sleep(moments.uniform(0, whole_run / 3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    rows = states(grade(course))
    done = finished.read_text().split() + [student for student, state in rows.items() if state == "graded"]

    assert everything(course) == everything(undisturbed)
    untold = {student: state for student, state in rows.items() if student not in done}  # killed before it was told
    assert set(untold.values()) <= {"unchanged"} and len(untold) <= 20, "everybody was graded"
    assert len(done) == len(set(done)), "nobody whose grading was reported finished was graded again"
    assert set(states(grade(course)).values()) == {"unchanged"}
    assert not list((course / "autograded" / ".course-grade").glob("run-*")), "what killed runs left is gone"


def test_ctrl_c_keeps_what_is_done_and_leaves_nothing_running(course: Path) -> None:
    for number in range(30):
        toy.hand_in(course, f"s{number:02}", toy.notebook("half"))
    class_grader = iter(ClassGrader(Course(course), [toy.LESSON], jobs=2))
    seen = [next(class_grader) for _ in range(5)]
    with pytest.raises(KeyboardInterrupt):
        class_grader.throw(KeyboardInterrupt)
    again = states(grade(course))
    assert all(again[row.student] == "unchanged" for row in seen)
    assert set(points(course).values()) == {2}


def test_ctrl_c_waits_until_a_result_is_in_its_place(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.hand_in(course, "ann", toy.notebook("half"))
    finish = grader._Run.finish

    def interrupted(run: grader._Run, outcome: Outcome) -> Row:
        signal.raise_signal(signal.SIGINT)
        return finish(run, outcome)

    monkeypatch.setattr(grader._Run, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade(course)
    monkeypatch.undo()
    assert states(grade(course)) == {"ann": "unchanged"}


def test_ctrl_c_leaves_a_new_gradebook_whole_and_of_the_version_that_alembic_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = nbgrader.api.get_alembic_version

    def interrupted() -> str:
        signal.raise_signal(signal.SIGINT)  # when the tables are there, and not their version
        return version()

    monkeypatch.setattr(nbgrader.api, "get_alembic_version", interrupted)
    (tmp_path / "nbgrader_config.py").touch()
    with pytest.raises(KeyboardInterrupt):
        gradebook.Gradebook(Course(tmp_path))
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as made:
        [[written]] = made.execute("SELECT version_num FROM alembic_version")
    command = [sys.executable, "-m", "alembic.config", "-c", "alembic.ini", "heads"]
    write_alembic_ini(str(tmp_path / "alembic.ini"))
    heads = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert heads.split()[0] == written


def test_ctrl_c_ends_the_wait_for_a_server_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"postgresql+psycopg://127.0.0.1:{silent.getsockname()[1]}/course"
        (tmp_path / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.CourseDirectory.course_id = 'toy'\nc.CourseDirectory.db_url = {url!r}\n"
        )
        code = "import sys, pathlib; from course_grading.course import Course\n"
        code += "from course_grading.grading.gradebook import Gradebook; Gradebook(Course(pathlib.Path(sys.argv[1])))"
        waiting = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        with silent.accept()[0]:
            time.sleep(0.5)  # until it waits for an answer
            waiting.send_signal(signal.SIGINT)
            said = waiting.communicate(timeout=60)[1]
    assert said.splitlines()[-1].startswith("KeyboardInterrupt")


def test_two_runs_do_not_meet(course: Path) -> None:
    few(course)
    workspace = Course(course).workspace
    ready, child_ready = os.pipe()

    def hold() -> None:
        with grader._alone_in(workspace):
            os.write(child_ready, b".")
            time.sleep(60)

    child = forked(hold)
    os.read(ready, 1)
    try:
        with pytest.raises(GradingStopped, match="Another `course grade` is at work in this folder"):
            grade(course)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert set(states(grade(course)).values()) == {"graded"}


def test_a_gradebook_that_another_program_holds_is_named(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few(course)
    register(course)
    monkeypatch.setattr(gradebook, "WAIT_FOR_LOCK", 50)
    with closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute("begin exclusive")
        with pytest.raises(GradingStopped, match=r"Another program holds gradebook\.db: close it"):
            grade(course)
    assert set(states(grade(course)).values()) == {"graded"}


def test_what_jupyterlab_keeps_beside_lessons_is_no_lesson(course: Path) -> None:
    kept = course / "solutions" / ".ipynb_checkpoints"
    kept.mkdir()
    (kept / "start_here-checkpoint.ipynb").write_text("{}")
    assert Course(course).lessons() == [toy.LESSON]


def test_of_very_many_notebooks_none_is_looked_into_and_few_are_named(course: Path) -> None:
    for number in range(60):
        toy.hand_in(course, "ann", b"{}", f"n{number:02}.ipynb")
    toy.hand_in(course, "ben", toy.notebook())
    for number in range(60):
        toy.hand_in(course, "ben", b"{}", f"n{number:02}.ipynb")
    rows = {row.student: row for row in grade(course)}
    assert rows["ann"].problems == ("60 notebooks were handed in, and none as 'toy.ipynb': ask for that one alone.",)
    assert rows["ben"].state == "graded"
    assert rows["ben"].problems == (
        "Graded 'toy.ipynb'; ignored 'n00.ipynb', 'n01.ipynb', 'n02.ipynb', 'n03.ipynb', 'n04.ipynb' and 55 more, "
        "handed in beside it.",
    )


def test_unknown_lessons_and_folders_are_named(course: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"There is no lesson '01_toi' \(did you mean '01_toy'\?\)\."):
        ClassGrader(Course(course), ["01_toi"])
    with pytest.raises(GradingStopped, match=r"There is no nbgrader_config\.py in .*: run this in the course's folder"):
        ClassGrader(Course(tmp_path), [toy.LESSON])


def test_the_grader_has_no_need_of_torch() -> None:
    """A worker's limit on memory leaves no room for it, and a hundred workers would each hold it."""
    modules = ", ".join(f"course_grading.grading.{name}" for name in ("whole_class", "plugins", "clean"))
    program = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
