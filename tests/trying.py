"""Trials of declared answers in the test's own process, where it may set limits and bring lessons of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from course_grading.authoring import lesson_files, rules
from course_grading.authoring.build import warm_up_for
from course_grading.authoring.language import Lesson
from course_grading.authoring.making import Makers
from course_grading.places import lesson_folders
from course_utils.errors import CourseError


def refuse(lesson: Lesson, seeds: Sequence[int] = rules.SEEDS) -> None:
    """Raise CourseError for the first thing in a lesson's declarations that would mislead a student."""
    rules.refuse_unfinished(lesson)
    for name, seed in rules.trials(lesson, seeds):
        if problem := rules.problem(lesson, name, seed):
            raise CourseError(problem)


class Here(Executor):
    """Runs what it is given at once."""

    def __init__(self) -> None:
        lesson_files._loaded.cache_clear()  # a process of its own would have loaded no lesson yet

    def submit(self, function: Callable, /, *arguments: Any, **keywords: Any) -> Future:
        future: Future = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except Exception as error:
            future.set_exception(error)
        return future


def here(jobs: int) -> tuple[Executor, Executor]:
    """In place of `making.start`."""
    return Here(), Here()


def made(root: Path, lesson: str, scratch: Path, *, tried: bool = True) -> dict[str, Path]:
    """The files of one lesson, made in a scratch folder: path below `root` → new file."""
    warm_up_for(lesson_folders(root))
    with Makers(root, 1) as makers:
        _, files = next(makers.make([lesson], scratch, tried=tried))
        return files
