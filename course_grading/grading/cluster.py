"""Grading on a Dask cluster, where one machine is outgrown: `course grade LESSON --cluster tcp://HOST:8786`.

Workers share no disk with the grader. The lessons' files go to each worker once, keyed by their fingerprint, and to
those that join later; a hand-in travels in its task and the graded notebooks in its result. The grader alone writes
autograded/ and the gradebook. A worker that is lost is Dask's to replace; where the scheduler is lost, the grader waits
for it and gives it again what was under way.
"""

import contextlib
import errno
import logging
import os
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from course_grading.course import Course, GradingStopped
from course_grading.files import contents, regular_files
from course_grading.grading.handed_in import LARGEST_NOTEBOOK, Submission, fingerprint
from course_grading.grading.snapshot import Lesson, SubmittedLesson
from course_grading.grading.worker import (
    Outcome,
    Task,
    copy_files,
    failed_on,
    grade_one,
    limited_memory,
    make_read_only,
)
from course_grading.kernels.pool import Pool

PATIENCE = 300.0  # seconds to wait for a scheduler, or for workers, that were there and are gone
FIRST_ANSWER = 10.0  # seconds in which a scheduler answers when grading starts
CONFIG = "nbgrader_config.py"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)  # a worker's trouble, not one hand-in's


class ClusterLost(BrokenExecutor):
    """The scheduler is gone, and with it what it knew: no hand-in is to blame."""


@dataclass(frozen=True)
class Parcel:
    """A task as it travels: what the worker needs beside the lessons' files."""

    files_key: str
    code: str  # fingerprint of the grader's own code
    overrides: Mapping[str, Mapping[str, Any]]
    lesson: Lesson
    student: str
    before: SubmittedLesson
    files: Mapping[str, bytes]
    too_large: Mapping[str, int]  # notebooks that nobody reads, and their sizes
    links: tuple[str, ...]  # their names; where they lead is nobody's business


@dataclass(frozen=True)
class Cluster:
    """The cluster at a scheduler's address; called with a number of workers it is an executor, as `ClassGrader` wants.

    Raises GradingStopped, with what to do, where Dask is not installed or nobody answers.
    """

    address: str
    course: Course
    lessons: tuple[str, ...]
    patience: float = PATIENCE

    def workers(self) -> int:
        """How many workers there are now; GradingStopped where there is none."""
        client = self._client(FIRST_ANSWER)
        try:
            client.wait_for_workers(1, timeout=FIRST_ANSWER)
            return len(client.nthreads())
        except TimeoutError:
            raise _no_workers(self.address) from None
        finally:
            client.close()

    def __call__(self, jobs: int) -> Executor:
        until = time.monotonic() + self.patience
        while True:
            try:
                return _ClusterExecutor(self, self._client(FIRST_ANSWER))
            except (GradingStopped, OSError, ClusterLost):
                if time.monotonic() > until:
                    raise
                time.sleep(1)

    def _client(self, timeout: float) -> Any:
        try:
            from distributed import Client
        except ImportError:
            raise GradingStopped(
                "Dask is not installed here: install the extra [cluster] (pip install --editable '.[cluster]')."
            ) from None
        for name in ("distributed", "tornado"):  # what is lost is told once, in a sentence
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions that differ a little
                return Client(self.address, timeout=timeout, set_as_default=False)
        except (OSError, ValueError, ImportError) as error:
            raise GradingStopped(
                f"No Dask scheduler answers at {self.address} ({str(error).splitlines()[0][:120]}): start one with "
                "`dask scheduler`, and workers with `dask worker ADDRESS`. What is graded is kept."
            ) from None


class _ClusterExecutor(Executor):
    def __init__(self, cluster: Cluster, client: Any) -> None:
        self._cluster, self._client = cluster, client
        self._futures: set[Any] = set()
        self._alone_since: float | None = None
        files = lesson_files(cluster.course, cluster.lessons)
        self._key = files_key(files)
        try:
            self._client.register_plugin(_plugin(self._key, files))
        except Exception as error:
            self.shutdown(wait=False)
            raise ClusterLost(f"The lessons could not be sent: {error}") from None

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Grade a task; `fn` is `grade_one`, which the worker calls."""
        (task,) = args
        outcome: Future = Future()
        if task.submission.is_link:
            outcome.set_result(fn(task))  # says so, and opens nothing
            return outcome
        try:
            parcel = _packed(task, self._key)
        except OSError as error:
            why = f"{error.filename} may not be opened: mend its permissions."
            outcome.set_result(Outcome(task.submission, task.before, ungradable=why))
            return outcome
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large graphs: a hand-in is as large as it is
            sent = self._client.submit(grade_parcel, parcel, pure=False, key=f"course-{os.urandom(8).hex()}")
        self._futures.add(sent)
        sent.add_done_callback(lambda done: self._take(done, task, outcome))
        return outcome

    def still_there(self) -> None:
        """Raise GradingStopped where no worker has been there for long."""
        try:
            workers = len(self._client.nthreads())
        except Exception:
            return  # the futures tell it
        if workers:
            self._alone_since = None
            return
        self._alone_since = self._alone_since or time.monotonic()
        if time.monotonic() - self._alone_since > self._cluster.patience:
            raise _no_workers(self._cluster.address)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures or not wait:
            with contextlib.suppress(Exception):
                self._client.cancel(list(self._futures), force=True)
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)

    def _take(self, sent: Any, task: Task, outcome: Future) -> None:
        self._futures.discard(sent)
        try:
            result, notebooks = sent.result()
        except BaseException as error:  # Dask's cancelled futures are no Exception
            _end_without(outcome, sent, task, error)
            return
        try:
            outcome.set_result(_unpacked(task, result, notebooks))
        except Exception as error:
            outcome.set_result(failed_on(task.submission, task.before, error))


def _end_without(outcome: Future, sent: Any, task: Task, error: BaseException) -> None:
    """What becomes of a task that gave nothing: its worker died, the cluster is gone, or no task can be run there."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        outcome.set_exception(BrokenExecutor("Workers died while grading it."))
    elif sent.status == "error":
        cause = error.__cause__ or error
        why = f"on the cluster: {type(cause).__name__}: {' '.join(str(cause).split())[:160]}"
        outcome.set_result(Outcome(task.submission, task.before, no_kernel=why))
    else:
        outcome.set_exception(ClusterLost(f"{type(error).__name__}: {error}"))


def _no_workers(address: str) -> GradingStopped:
    return GradingStopped(
        f"The scheduler at {address} has no workers: start some with `dask worker {address}`. What is graded is kept."
    )


def lesson_files(course: Course, lessons: tuple[str, ...]) -> dict[str, bytes]:
    """What a worker needs of the course's folder: its configuration, and source and release of the lessons."""
    root = course.root.resolve()
    paths = [root / CONFIG]
    for lesson in lessons:
        for step in ("source", "release"):
            folder = course.folder(step, ".", lesson)
            if folder.is_dir():
                paths += regular_files(folder.resolve(), ["__pycache__", "*.pyc", ".ipynb_checkpoints"])
    try:
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    except ValueError:
        raise GradingStopped(
            f"A cluster grades lessons that lie in the course's folder, {root}: name folders inside it in {CONFIG}."
        ) from None


def files_key(files: Mapping[str, bytes]) -> str:
    """Fingerprint of files: names and contents."""
    digest = blake2b(digest_size=8)
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@lru_cache
def code_key() -> str:
    """Fingerprint of the course's own code and pictures, which grader and workers must share."""
    import course_grading
    import course_utils

    folders = [Path(str(module.__file__)).parent for module in (course_grading, course_utils)]
    if (pictures := folders[1].parent / "data").is_dir():  # not where the course is no clone
        folders.append(pictures)
    return " ".join(fingerprint(folder, ["__pycache__", "*.pyc", ".*"]) for folder in folders)


def _plugin(key: str, files: dict[str, bytes]) -> Any:
    from distributed import WorkerPlugin

    class LessonFiles(WorkerPlugin):
        """Puts the lessons' files on a worker, on those that come later, too."""

        name = f"course-{key}"

        def setup(self, worker: Any) -> None:
            place_files(Path(worker.local_directory) / self.name, files)

    return LessonFiles()


def place_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, which is there afterwards whole or not at all."""
    if folder.is_dir():
        return
    with TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "new"
        _write(made, files)
        made.rename(folder)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _packed(task: Task, key: str) -> Parcel:
    folder = task.submission.folder
    files, too_large = contents(folder), {}
    for path in regular_files(folder, [".ipynb_checkpoints"]):
        if path.suffix == ".ipynb":
            name, size = str(path.relative_to(folder)), path.stat().st_size
            if size > LARGEST_NOTEBOOK:
                too_large[name] = size
            else:
                files[name] = path.read_bytes()
    links = tuple(entry.name for entry in os.scandir(folder) if entry.is_symlink())
    return Parcel(
        key,
        code_key(),
        task.course.overrides,
        task.lesson,
        task.submission.student,
        task.before,
        files,
        too_large,
        links,
    )


def _unpacked(task: Task, outcome: Outcome, notebooks: Mapping[str, bytes]) -> Outcome:
    """Put the results where `grade_one` would have put them, and tell of them as it would."""
    outcome = replace(outcome, submission=task.submission)
    if not notebooks:
        return outcome
    shutil.rmtree(task.folder, ignore_errors=True)  # of an attempt that was cut off
    copy_files(task)
    for name, content in notebooks.items():
        (task.folder / Path(name).name).write_bytes(content)
    make_read_only(task)
    return replace(outcome, result=fingerprint(task.folder))


_one_at_a_time = threading.Lock()  # grading sets environment variables; a worker may have several threads
_grading_in: Path | None = None


def grade_parcel(parcel: Parcel) -> tuple[Outcome, dict[str, bytes]]:
    """On a worker: the outcome and the graded notebooks of a parcel."""
    from distributed import get_worker

    worker = get_worker()
    nobody = Submission(parcel.student, parcel.lesson.name, Path())
    try:
        with _one_at_a_time:
            return _graded(parcel, Path(worker.local_directory) / f"course-{parcel.files_key}")
    except SystemExit as error:  # no sandbox; Dask would end the worker
        reason = str(error)
    except _Unfit as error:
        reason = str(error)
    except Exception as error:
        if not isinstance(error, OSError) or error.errno not in NO_ROOM:
            return failed_on(nobody, parcel.before, error), {}
        reason = f"{error.filename or 'its disk'}: {error.strerror}"
    return Outcome(nobody, parcel.before, no_kernel=f"on the worker {worker.address}: {reason}"), {}


class _Unfit(Exception):
    """Why a worker cannot grade anything."""


def _graded(parcel: Parcel, root: Path) -> tuple[Outcome, dict[str, bytes]]:
    global _grading_in
    if code_key() != parcel.code:
        raise _Unfit("it has another version of the course; install there what is installed here, and restart it")
    if not root.is_dir():
        raise _Unfit("the lessons' files did not arrive; see whether its disk is full")
    if _grading_in != root:  # warm kernels know the lessons they were started for
        Pool.end_current()
        _grading_in = root
    course = Course(root, parcel.overrides)
    folder = course.folder("submitted", parcel.student, parcel.lesson.name)  # where the plug-ins look for it
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory(dir=root.parent) as scratch:
        _write(folder, parcel.files)
        for name, size in parcel.too_large.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with open(folder / name, "wb") as sparse:
                sparse.truncate(size)
        for name in parcel.links:
            (folder / name).symlink_to(os.devnull)
        submission = Submission(parcel.student, parcel.lesson.name, folder)
        task = Task(course, parcel.lesson, submission, parcel.before, Path(scratch) / "autograded")
        with limited_memory():  # Dask's own limit ends the worker, and with it the others' turn
            outcome = grade_one(task)
        done = {path.name: path.read_bytes() for path in task.folder.glob("*.ipynb")} if outcome.result else {}
    shutil.rmtree(folder, ignore_errors=True)
    return outcome, done
