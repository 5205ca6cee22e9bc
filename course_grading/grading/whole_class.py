"""`course grade`: a whole class in parallel, where no submission affects another and nothing finished is lost."""

import json
import multiprocessing
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from nbgrader.converters import Autograde
from sqlalchemy.exc import OperationalError, StatementError

from course_grading.course import Course, GradingStopped
from course_grading.environ import environ
from course_grading.grading.cluster import Cluster, ClusterLost
from course_grading.grading.gradebook import Gradebook, Record
from course_grading.grading.handed_in import (
    Submission,
    find_submissions,
    fingerprint,
    fingerprint_of,
    left_out,
    without_feedback,
)
from course_grading.grading.snapshot import Lesson, SubmittedLesson, new_submission
from course_grading.grading.times import Due, handed_in_at, was_collected
from course_grading.grading.worker import Outcome, Task, grade_one, staged_folder, start_worker
from course_grading.kernels.pool import KernelFailed
from course_grading.terminal import foreign, shortened, without_interrupts
from course_utils.errors import did_you_mean

try:
    import fcntl
except ImportError:  # Windows: two runs at once are not noticed there
    fcntl = None  # type: ignore[assignment]

ASK_AGAIN = 5  # seconds without an outcome after which a cluster is asked for its workers


LONGEST_NAME = 200  # bytes


@dataclass(frozen=True)
class Row:
    """What became of one submission: `state` is "graded", "unchanged" (graded before) or "not gradable"."""

    lesson: str
    student: str
    state: str
    problems: tuple[str, ...] = ()
    to_read: bool = False  # has answers that a person grades
    broken: tuple[str, ...] = ()  # tests that failed by the course's own mistake: nothing is scored from them


class ClassGrader:
    """Grades the submissions of some lessons of a course; iterate over it for a row each, as they are done.

    `executor` makes a `concurrent.futures` executor for a number of workers. By default they are processes on this
    machine; where one machine is outgrown, a `Cluster` makes one whose workers share no disk with this machine.
    """

    def __init__(
        self,
        course: Course,
        lessons: Sequence[str],
        students: Sequence[str] = (),
        *,
        jobs: int | None = None,
        force: bool = False,
        executor: Callable[[int], Executor] | None = None,
    ) -> None:
        lessons = [course.find_lesson(lesson) for lesson in lessons]
        self.course, self.lessons, self.force = course, lessons, force
        self.jobs = jobs or cores()
        self.executor = executor or local_processes
        self.left_out = [row for lesson in lessons for row in _left_out(course, lesson, students)]
        self.submissions = [found for lesson in lessons for found in _chosen(course, lesson, students, self.left_out)]
        self.elsewhere = isinstance(executor, Cluster)  # then this machine has no need of kernels

    def __len__(self) -> int:
        return len(self.submissions) + len(self.left_out)

    def __iter__(self) -> Iterator[Row]:
        yield from self.left_out
        if not self.submissions:
            return
        before: deque[Row] = deque()  # graded in an earlier run
        with _alone_in(self.course.workspace) as staging, Gradebook(self.course) as book, ExitStack() as warm:
            book.exclude_others()
            run = _Run(self.course, book, staging, self.force)

            def tasks() -> Iterator[Task]:
                for submission in self.submissions:
                    task = run.begin(submission)
                    if isinstance(task, Task):
                        yield task
                    else:
                        before.append(task)

            def workers(jobs: int) -> Executor:
                warm.close()  # of workers that died, if any
                if not self.elsewhere:
                    warm.enter_context(warm_kernels(self.course, self.lessons))
                return self.executor(jobs)

            for outcome in _outcomes(tasks(), workers, self.jobs):
                with without_interrupts():
                    row = run.finish(outcome)
                yield row
                while before:
                    yield before.popleft()
        yield from before


@dataclass(frozen=True)
class _Started:
    """What is known of a submission when its grading starts."""

    submitted: str  # fingerprint of what was handed in
    terms: str  # of all else that its grade depends on
    remarks: tuple[str, ...]


class _Run:
    """One run over a class: turns submissions into tasks, and outcomes into results that last."""

    def __init__(self, course: Course, book: Gradebook, staging: Path, force: bool) -> None:
        self.course, self.book, self.staging, self.force = course, book, staging, force
        self._lessons: dict[str, tuple[Lesson, str]] = {}
        self._records: dict[str, dict[str, Record]] = {}
        self._extensions: dict[str, dict[str, timedelta]] = {}
        self._started: dict[Submission, _Started] = {}

    def begin(self, submission: Submission) -> Task | Row:
        """As `task`; what goes wrong with one student's is told in a row, and the others are graded."""
        try:
            return self.task(submission)
        except (OSError, ValueError, StatementError) as error:
            return _failed(submission, error)

    def finish(self, outcome: Outcome) -> Row:
        """As `put`; what goes wrong with one student's is told in a row, and the others are graded."""
        try:
            return self.put(outcome)
        except (OSError, ValueError, StatementError) as error:
            return _failed(outcome.submission, error)

    def task(self, submission: Submission) -> Task | Row:
        """The task of grading a submission, or its row where it is graded already."""
        name = submission.lesson
        if name not in self._lessons:
            self._lessons[name] = self.book.register(name)
            self._records[name] = self.book.records(name)
            self._extensions[name] = self.book.extensions(name)
        lesson, source = self._lessons[name]
        due = Due(lesson.duedate, self._extensions[name].get(submission.student))
        when, remark = handed_in_at(submission.folder, lambda: due, self.course.trusts_timestamps)
        terms = f"{source} {self.course.terms(due.date, due.extension, when)}"
        # Taken before grading: what changes meanwhile is graded again next time.
        submitted = fingerprint_of(submission)
        self._started[submission] = _Started(submitted, terms, (remark,) if remark else ())
        record = self._records[name].get(submission.student)
        if record and not self.force and (record.submitted, record.source) == (submitted, terms):
            place = self._place(submission)
            if place.is_dir() and fingerprint(place) == record.result:
                return Row(name, submission.student, "unchanged", record.problems)
        before = self.book.submission(lesson, submission.student, when)
        if was_collected(submission.folder):
            before.timestamp = when  # who is no longer late loses the time after which they were
        return Task(self.course, lesson, submission, before, self.staging)

    def put(self, outcome: Outcome) -> Row:
        """Put an outcome where it belongs: first scores and record, then files; a rerun trusts both or none."""
        submission = outcome.submission
        lesson, _ = self._lessons[submission.lesson]
        started = self._started.pop(submission)
        staged, place = staged_folder(self.course, self.staging, submission), self._place(submission)
        before = self.course.workspace / "before" / submission.student / submission.lesson  # an attempt was broken
        if outcome.ungradable:
            empty = new_submission(lesson, submission.student)
            empty.timestamp = outcome.after.timestamp
            for name, notebook in empty.notebooks.items():
                for grade in notebook.grades.values():
                    grade.needs_manual_grade = not outcome.after.notebooks[name].grades[grade.name].marked
            self.book.save(submission.lesson, empty, None)
            if place.is_dir():
                _replace(before, place, self.staging)
            _log(self.course, outcome)
            return Row(submission.lesson, submission.student, "not gradable", (outcome.ungradable,))
        unscored = [] if outcome.broken else _unscored(lesson, outcome.after)
        remark = without_feedback(submission.student)
        problems = (*started.remarks, *outcome.problems, *unscored, *filter(None, [remark]))
        terms = "" if outcome.broken else started.terms  # what a broken test could not score is graded again next time
        record = Record(started.submitted, terms, outcome.result, problems)
        _keep_marked(lesson, outcome.after, place if place.is_dir() else before, staged)
        self.book.save(submission.lesson, outcome.after, record)
        _replace(place, staged, self.staging)
        _replace(before, None, self.staging)
        to_read = not outcome.broken and _to_read(outcome.after)
        return Row(submission.lesson, submission.student, "graded", problems, to_read, outcome.broken)

    def _place(self, submission: Submission) -> Path:
        return self.course.folder("autograded", submission.student, submission.lesson)


def cores() -> int:
    """How many processors this process may use. So many submissions are graded at once: each keeps one busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_processes(jobs: int) -> Executor:
    """Worker processes on this machine; they die with this one."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=start_worker, initargs=(os.getpid(),))


def _left_out(course: Course, lesson: str, students: Sequence[str]) -> list[Row]:
    return [
        Row(lesson, student, "not gradable", (foreign(why),))
        for student, why in left_out(course, lesson)
        if not students or student in students
    ]


def _failed(submission: Submission, error: Exception) -> Row:
    if isinstance(error, OperationalError):
        raise error  # the gradebook cannot be read: that is nobody's hand-in
    what = foreign(str(error), 120) or type(error).__name__
    why = f"The grader failed on it ({what}): report this, and grade it by hand."
    return Row(submission.lesson, submission.student, "not gradable", (why,))


def _chosen(course: Course, lesson: str, students: Sequence[str], left_out: Sequence[Row]) -> list[Submission]:
    known = {row.student for row in left_out}
    found = {submission.student: submission for submission in find_submissions(course, lesson)}
    for student in students:
        if student not in found and student not in known:
            raise GradingStopped(f"'{student}' handed in nothing for {lesson}{did_you_mean(student, list(found))}.")
    return [found[student] for student in students or found if student in found]


def _outcomes(tasks: Iterator[Task], make_executor: Callable[[int], Executor], jobs: int) -> Iterator[Outcome]:
    """Outcomes in the order they are done. A worker that dies takes nobody's result with it: what was in the hands of
    workers is graded again, one by one, and only what makes a worker die alone is given up. Who ran out of time while
    the machine was busy is graded again alone, too. Where a whole cluster is lost, nothing is suspected, and all that
    was under way is given out again."""
    others = set(multiprocessing.active_children())
    executor: Executor | None = None
    running: dict[Future[Outcome], Task] = {}
    suspects: deque[Task] = deque()
    lost: deque[Task] = deque()  # with a cluster
    again: set[Submission] = set()  # all that were ever suspects
    try:
        while True:
            try:
                while len(running) < 2 * jobs and not any(task.submission in again for task in running.values()):
                    if suspects and running:
                        break
                    task = suspects.popleft() if suspects else lost.popleft() if lost else next(tasks, None)
                    if task is None:
                        break
                    executor = executor or make_executor(jobs)
                    running[_submitted(executor, task)] = task
                if not running:
                    break
                done = _next_done(running, executor)
                for future in done:
                    outcome = future.result()
                    if outcome.no_kernel and outcome.submission in again:
                        raise _no_kernels(outcome.no_kernel)
                    if outcome.no_kernel:
                        raise BrokenExecutor  # kernels may start again if all is started again
                    task = running.pop(future)
                    if outcome.busy and task.submission not in again:
                        shutil.rmtree(task.folder, ignore_errors=True)  # it counts once it was graded alone
                        again.add(task.submission)
                        suspects.append(task)
                        continue
                    yield outcome
            except ClusterLost:
                for task in running.values():
                    shutil.rmtree(task.folder, ignore_errors=True)
                    (suspects if task.submission in again else lost).append(task)
                running.clear()
                end_at_once(executor, others)
                executor = None
            except BrokenExecutor:
                for task in running.values():
                    shutil.rmtree(task.folder, ignore_errors=True)
                    if task.submission in again:
                        yield _worker_died(task)
                    else:
                        again.add(task.submission)
                        suspects.append(task)
                running.clear()
                end_at_once(executor, others)
                executor = None
        if executor:
            executor.shutdown()
    except BaseException:
        end_at_once(executor, others)
        raise


def _next_done(running: Collection[Future[Outcome]], executor: Executor | None) -> set[Future[Outcome]]:
    """Wait for some that are done; a cluster is asked now and then whether it still has workers."""
    ask = getattr(executor, "still_there", None)
    while True:
        done, _ = wait(running, timeout=ASK_AGAIN if ask else None, return_when=FIRST_COMPLETED)
        if done:
            return done
        if ask:
            ask()


def _submitted(executor: Executor, task: Task) -> "Future[Outcome]":
    try:
        return executor.submit(grade_one, task)
    except BrokenExecutor as error:  # it is told where results are, so that the task is not lost
        future: Future[Outcome] = Future()
        future.set_exception(error)
        return future


def end_at_once(executor: Executor | None, others: set[Any]) -> None:
    """End an executor at once, with the processes that it started."""
    if executor:
        executor.shutdown(wait=False, cancel_futures=True)
    for worker in set(multiprocessing.active_children()) - others:
        worker.kill()
        worker.join()


@contextmanager
def warm_kernels(course: Course, lessons: Sequence[str]) -> Iterator[None]:
    """Start what the configured preprocessors share over all notebooks of these lessons, before workers are forked; end
    it after."""
    from traitlets.utils.importstring import import_item  # not before it is known that there is work

    steps = Autograde(coursedir=course.directory, config=course.config).autograde_preprocessors
    classes = [import_item(step) if isinstance(step, str) else step for step in steps]
    # Hidden tests find their references through COURSE_ROOT.
    with ExitStack() as stack, environ(COURSE_ROOT=str(course.root)):
        try:
            for step in classes:
                if hasattr(step, "pool"):
                    stack.enter_context(step(config=course.config).pool(lessons=lessons))
        except SystemExit as error:  # what ends `nbgrader autograde` with a sentence
            raise GradingStopped(str(error)) from None
        except KernelFailed as error:
            raise _no_kernels(str(error)) from None
        yield


def _no_kernels(why: str) -> GradingStopped:
    return GradingStopped(
        f"No notebook can be run on this machine ({why}): `course doctor` tells what it lacks. What is graded is kept."
    )


def _worker_died(task: Task) -> Outcome:
    why = "The grader's process died while grading it, most likely of too little memory: grade it alone, with --jobs 1."
    return Outcome(task.submission, task.before, ungradable=why)


def _unscored(lesson: Lesson, graded: SubmittedLesson) -> list[str]:
    """Remarks on test cells that need a person, which tests do not when all is well."""
    remarks = []
    for notebook in lesson.notebooks:
        typed: list[Any] = [*notebook.solution_cells, *notebook.task_cells]
        answers = {cell.name for cell in typed}
        grades = [grade for name, grade in graded.notebooks[notebook.name].grades.items() if name not in answers]
        for grade in grades:
            if grade.manual_score is not None:
                remarks.append(f"Kept the points given by hand for '{grade.name}': check that they still fit.")
            elif grade.auto_score is None:
                remarks.append(f"Test '{grade.name}' has no result: give its points in Formgrader.")
    return remarks


def _keep_marked(lesson: Lesson, graded: SubmittedLesson, before: Path, now: Path) -> None:
    """Take an answer in words out of the queue of those to mark where it was marked, and its words have not changed."""
    for notebook in lesson.notebooks:
        grades = graded.notebooks[notebook.name].grades.values()
        in_words = {cell.name for cells in (notebook.solution_cells, notebook.task_cells) for cell in cells}
        marked = [grade for grade in grades if grade.name in in_words and grade.marked and grade.needs_manual_grade]
        if not marked:
            continue
        old, new = (_sources(folder / f"{notebook.name}.ipynb") for folder in (before, now))
        for grade in marked:
            grade.needs_manual_grade = old.get(grade.name) != new.get(grade.name)


def _sources(path: Path) -> dict[str, str]:
    """The text of each graded cell of a notebook of ours, by name."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return {}
    named = ((cell.get("metadata", {}).get("nbgrader", {}).get("grade_id"), cell) for cell in cells)
    return {name: "".join(cell["source"]) for name, cell in named if name}


def _to_read(graded: SubmittedLesson) -> bool:
    return any(grade.needs_manual_grade for notebook in graded.notebooks.values() for grade in notebook.grades.values())


def _replace(place: Path, new: Path | None, trash: Path) -> None:
    """Put a folder in the place of another, or of none."""
    if place.exists():
        os.rename(place, Path(mkdtemp(dir=trash)) / "old")
    if new:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.rename(new, place)


def _log(course: Course, outcome: Outcome) -> None:
    """Keep the details of an error of ours. A name may have the 255 bytes that a file's may have as a whole."""
    name = f"{outcome.submission.lesson} {outcome.submission.student}"
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f"{shortened(name, 40)} {blake2b(os.fsencode(name), digest_size=8).hexdigest()}"
    log = course.workspace / f"{name}.log"
    if outcome.details:
        log.write_text(outcome.details, encoding="utf-8", errors="backslashreplace")
    else:
        log.unlink(missing_ok=True)


@contextmanager
def _alone_in(workspace: Path) -> Iterator[Path]:
    """A fresh folder for half-done work; clears what a killed run left. One run at a time in a course."""
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        lock = open(workspace / "lock", "a+")  # noqa: SIM115 - open as long as we hold it
    except OSError as error:
        raise GradingStopped(
            f"{workspace.parent} cannot be written to ({error.strerror}): see to its permissions."
        ) from None
    with lock:
        try:
            if fcntl:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GradingStopped("Another `course grade` is at work in this folder: wait for it or stop it.") from None
        for left in workspace.glob("run-*"):
            shutil.rmtree(left, ignore_errors=True)
        staging = Path(mkdtemp(prefix="run-", dir=workspace))
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)
