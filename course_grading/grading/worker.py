"""Grading one submission: what a worker does, in whatever process or on whatever machine it runs."""

import contextlib
import gc
import json
import shutil
import signal
import stat
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4.rwbase import strip_transient
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.utils.importstring import import_item

from course_grading.course import NEVER_COPIED, Course
from course_grading.environ import environ
from course_grading.files import COPIED, MOST, regular_files, that_fit
from course_grading.grading.handed_in import Submission, Ungradable, find_notebook, fingerprint, known_by
from course_grading.grading.snapshot import Lesson, LessonNotebook, Snapshot, SubmittedLesson, opened
from course_grading.kernels.inside.confine import die_with, lift_memory_limit, limit_memory, memory_used
from course_grading.kernels.pool import KernelFailed
from course_grading.notebook.execute import BROKEN, BUSY, FAR
from course_grading.notebook.repair import Problem, problems_of

MEMORY = 2 << 30  # bytes that a worker may take on top of what it begins with
STUCK = 120  # seconds over a notebook's time limit after which its worker ends itself


@dataclass(frozen=True)
class Task:
    """One submission to grade. `before` is what the gradebook knows of it; results go into `folder`."""

    course: Course
    lesson: Lesson
    submission: Submission
    before: SubmittedLesson
    staging: Path  # stands for autograded/ until the results are whole

    @property
    def folder(self) -> Path:
        return staged_folder(self.course, self.staging, self.submission)


def staged_folder(course: Course, staging: Path, submission: Submission) -> Path:
    """Where the results of a submission are until they are whole."""
    return Path(course.directory.format_path(str(staging), submission.student, submission.lesson))


@dataclass(frozen=True)
class Outcome:
    """What came of a task: scores in `after` and files in the task's staging folder, or why there are none."""

    submission: Submission
    after: SubmittedLesson
    problems: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()  # tests that failed by our own mistake, which is not this submission's problem
    result: str = ""
    ungradable: str | None = None
    busy: bool = False  # it ran out of time by the clock while it waited for a processor
    no_kernel: str | None = None  # why no notebook at all can be run here: nothing is wrong with the submission
    details: str = field(default="", repr=False)  # of an error of ours, for whoever mends it


def grade_one(task: Task) -> Outcome:
    """Grade a submission. Whatever is wrong with it is told in the outcome; nothing is raised."""
    submission, scores = task.submission, task.before
    with _alarm(task.course):
        try:
            if submission.is_link:
                raise Ungradable("The folder handed in is a link: put a real folder with the notebook in its place.")
            problems = copy_files(task)
            for notebook in task.lesson.notebooks:
                problems += _grade_notebook(task, notebook, scores)
            told = tuple(problem.text for problem in problems if problem.kind != BROKEN)
            if not any(task.folder.glob("*.ipynb")):
                raise Ungradable(" ".join(told))
            make_read_only(task)
        except Ungradable as error:
            return Outcome(submission, scores, ungradable=str(error))
        except PermissionError as error:
            return Outcome(submission, scores, ungradable=f"{error.filename} may not be opened: mend its permissions.")
        except KernelFailed as error:
            return Outcome(submission, scores, no_kernel=str(error))
        except MemoryError:
            why = f"Grading it takes more than the {MEMORY >> 30} GB of memory that one hand-in may use: "
            return Outcome(submission, scores, ungradable=f"{why}ask for it again with its outputs cleared.")
        except Exception as error:
            return failed_on(submission, scores, error)
        broken = tuple(problem.text for problem in problems if problem.kind == BROKEN)
        busy = any(problem.kind == BUSY for problem in problems)
        return Outcome(submission, scores, told, broken, fingerprint(task.folder), busy=busy)


def failed_on(submission: Submission, scores: SubmittedLesson, error: Exception) -> Outcome:
    """The outcome where an error of ours, which is being handled, ended it."""
    why = f"The grader failed on it ({_first_line(error)}): report this, and grade it by hand."
    return Outcome(submission, scores, ungradable=why, details=traceback.format_exc())


def _grade_notebook(task: Task, notebook: LessonNotebook, scores: SubmittedLesson) -> list[Problem]:
    """Grade one notebook of the submission; its scores go into `scores`. Returns remarks for the instructor."""
    try:
        node, remarks, place = find_notebook(task.submission.folder, notebook.name, known_by(notebook.source_cells))
    except Ungradable as error:
        return [Problem("file", "", str(error))]
    with opened(Snapshot(task.lesson, scores)) as db_url:
        resources = {
            "unique_key": notebook.name,
            "output_files_dir": f"{notebook.name}_files",
            "output_extension": ".ipynb",
            "metadata": {"name": notebook.name, "path": str(task.folder)},
            "nbgrader": {
                "student": task.submission.student,
                "assignment": task.lesson.name,
                "notebook": notebook.name,
                "beside": str(place.relative_to(task.submission.folder)),
                "db_url": db_url,
            },
        }
        node = _preprocess(task, node, resources)
    (task.folder / f"{notebook.name}.ipynb").write_text(as_json(node), encoding="utf-8")
    return [*(Problem("file", "", remark) for remark in remarks), *problems_of(node)]


def as_json(notebook: NotebookNode) -> str:
    """A notebook as nbformat writes it, but in one line: indented, and by way of a copy, it takes four times as long,
    and it is programs that read what was graded."""
    nbformat.validate(notebook)
    return json.dumps(strip_transient(notebook), ensure_ascii=False, sort_keys=True) + "\n"


def _preprocess(task: Task, node: NotebookNode, resources: dict[str, Any]) -> NotebookNode:
    # The steps that nbgrader's Autograde is configured to take, without its reading and writing in between.
    directory = CourseDirectory(config=task.course.config, root=task.course.directory.root)
    directory.autograded_directory = str(task.staging)
    converter = Autograde(coursedir=directory, config=task.course.config)
    exporter = NotebookExporter(parent=converter, config=converter.config)
    with environ(NBGRADER_EXECUTION="autograde", COURSE_ROOT=str(task.course.root)):
        for step in (*converter.sanitize_preprocessors, *converter.autograde_preprocessors):
            make = import_item(step) if isinstance(step, str) else step
            node, resources = make(parent=exporter)(node, resources)
    return node


def copy_files(task: Task) -> list[Problem]:
    """What the notebook may open: the student's files, then the lesson's in their place. Returns remarks."""
    course = task.course
    ignore = [*course.directory.ignore, "*.ipynb"]
    task.folder.mkdir(parents=True)
    handed_in, too_much = that_fit(task.submission.folder, ignore)
    _copy(task.submission.folder, task.folder, handed_in)
    kept = Autograde(coursedir=course.directory, config=course.config).exclude_overwriting.get(task.lesson.name, [])
    source = course.folder("source", ".", task.lesson.name)
    _copy(source, task.folder, regular_files(source, [*ignore, *NEVER_COPIED, *kept]))
    return [Problem("file", "", _too_much(task, too_much))] if too_much else []


def _too_much(task: Task, paths: list[Path]) -> str:
    others = f" and {len(paths) - 1} others" if len(paths) > 1 else ""
    size = sum(path.stat().st_size for path in paths) >> 20
    return (
        f"Left out '{paths[0].relative_to(task.submission.folder)}'{others} ({size} MB): of what is handed in beside "
        f"a notebook, {COPIED >> 20} MB and {MOST} files are kept."
    )


def _copy(source: Path, destination: Path, paths: Iterable[Path]) -> None:
    for path in paths:
        target = destination / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o644)


def make_read_only(task: Task) -> None:
    """Close the results to changes."""
    # nbgrader's rule: graded work is read-only, unless instructors share a group.
    permissions = int(str(Autograde(coursedir=task.course.directory, config=task.course.config).permissions), 8)
    for path in regular_files(task.folder):
        path.chmod(permissions)
    if task.course.directory.groupshared:
        for folder in (task.folder, *(path for path in task.folder.rglob("*") if path.is_dir())):
            with contextlib.suppress(PermissionError):
                folder.chmod(folder.stat().st_mode | stat.S_ISGID | 0o770)


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip()}".splitlines()[0][:160]


_may_end_itself = False


def start_worker(parent: int) -> None:
    """Prepare a process that exists to grade: it leaves Ctrl-C to `parent`, a process id, and dies with it."""
    global _may_end_itself
    _may_end_itself = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # what is there by now stays; a look at it would copy the pages shared with `parent`
    die_with(parent)
    limit_memory(MEMORY, memory_used(), for_ever=False)


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    """Where a process that is not ours grades: as much memory as one of our own has, and no limit afterwards."""
    limit_memory(MEMORY, memory_used(), for_ever=False)
    try:
        yield
    finally:
        lift_memory_limit()


@contextlib.contextmanager
def _alarm(course: Course) -> Iterator[None]:
    """End this worker where grading neither ends nor can be interrupted; its parent starts another."""
    limit = FAR * course.config.get("Execute", {}).get("notebook_timeout", 0)
    if not (_may_end_itself and limit and hasattr(signal, "setitimer")):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, limit + STUCK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
