"""Lessons made side by side, each step in a process that is forked from the one that kernels are forked from.

    with Makers(root, 2) as makers:
        for name, files in makers.make(["01_sliding_regions"], scratch, tried=True):    # path → new file
            ...

What lessons import is there at once in those processes; the command's own has no need of torch.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from course_grading.authoring.fresh_kernels import build_on, forks
from course_grading.authoring.freshness import are_declarations_tried, remember_declarations
from course_grading.places import short_name
from course_utils.errors import CourseError

STEPS = "course_grading.authoring.lesson_files"  # where what these processes do is


def start(jobs: int) -> tuple[Executor, Executor]:
    """So many processes, and as many threads that wait for them, one for each lesson in hand."""
    return ProcessPoolExecutor(jobs, forks, initializer=build_on), ThreadPoolExecutor(jobs)


class Makers:
    """Who makes lessons: processes that end with this."""

    def __init__(self, root: Path, jobs: int) -> None:
        self._root = root
        self.processes, self._threads = start(jobs)
        self._in_hand: list[str] = []
        self._notes = Lock()

    def __enter__(self) -> Makers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:  # nobody waits for the others any more
            for process in multiprocessing.active_children():
                process.kill()
        self.processes.shutdown(cancel_futures=True)
        self._threads.shutdown(cancel_futures=True)

    def make(self, names: list[str], scratch: Path, *, tried: bool) -> Iterator[tuple[str, dict[str, Path]]]:
        """Each lesson with its files as soon as they are made, below `scratch`: path below `root` → new file.

        Raises CourseError for the first thing that would mislead a student; where lessons are to be `tried`, in hidden
        tests, too.
        """
        # The later lessons train networks: they begin first, or the last of them would be made by one process alone.
        return _finished({self._threads.submit(self._make, name, scratch / name, tried): name for name in names[::-1]})

    @contextmanager
    def told(self) -> Iterator[None]:
        """Where a process comes to its end, which ends them all, say so: whose answers were being tried is known."""
        try:
            yield
        except BrokenProcessPool:
            raise CourseError(
                f"While answers of {' and '.join(self._in_hand)} were tried, the process that did it came to its end. "
                "Does one of them end Python, or take more memory than there is?"
            ) from None

    def _make(self, name: str, scratch: Path, tried: bool) -> dict[str, Path]:
        self._in_hand.append(name)
        scratch.mkdir()
        with self.told():
            trials = self._do("begin", name, tried).result()
            if not (tried and are_declarations_tried(self._root, name)):
                # What is wrong there would mislead in what follows, or never end.
                for trial in [self._do("problem", name, *trial) for trial in trials]:
                    if problem := trial.result():
                        raise CourseError(problem)
            if tried:
                with self._notes:
                    remember_declarations(self._root, name)
            files = self._do("make_lesson", name, scratch, tried).result()
        self._in_hand.remove(name)
        return files

    def _do(self, step: str, *arguments: Any) -> Future[Any]:
        return self.processes.submit(_step, step, self._root, *arguments)


def _finished(made: dict[Future[dict[str, Path]], str]) -> Iterator[tuple[str, dict[str, Path]]]:
    for each in as_completed(made):
        name = made[each]
        try:
            files = each.result()
        except CourseError as error:
            if short_name(name) in str(error):
                raise
            raise CourseError(f"{name}: {error}") from error
        yield name, files


def _step(step: str, *arguments: Any) -> Any:
    return getattr(import_module(STEPS), step)(*arguments)
