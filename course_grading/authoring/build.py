"""`course build`: turn the lessons' sources into what students get, or check that what they get is fresh."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from course_grading.authoring import making
from course_grading.authoring.delivery import delivered
from course_grading.authoring.fresh_kernels import warm_up
from course_grading.authoring.freshness import is_fresh, remember
from course_grading.authoring.making import Makers
from course_grading.authoring.start_page import START, start_page
from course_grading.kernels.pool import modules_of
from course_grading.places import LESSON, course_root, find_lesson, lesson_folders, short_name
from course_grading.terminal import tell
from course_utils.errors import CourseError


class Stale(CourseError):
    """What is released is not what solutions/ makes."""


def build(
    lesson: Annotated[
        str | None, typer.Argument(help="One lesson, such as 01_sliding_regions.", show_default="all")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail if the released files are stale.")
    ] = False,
) -> None:
    """Make the students' notebooks and visible cases from solutions/, and record the lessons in the gradebook.

    A lesson is not made and tried again where nothing has changed that it is made from.
    """
    root = course_root()
    every = folders = lesson_folders(root)
    _refuse_other_names(every)
    _refuse_one_short_name(every)
    if lesson:
        chosen = find_lesson(lesson, [folder.name for folder in folders])
        folders = [folder for folder in folders if folder.name == chosen]
    stale: list[str] = []
    done: list[str] = []
    to_build = [folder.name for folder in folders if check or not is_fresh(root, folder.name, tried=True)]
    try:
        if to_build:  # while that process imports what lessons use, this one imports nbgrader
            warm_up_for(every)
        from course_grading.course import Course
        from course_grading.grading.gradebook import Gradebook
        from course_grading.grading.whole_class import cores

        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            makers = stack.enter_context(Makers(root, cores()))
            made = makers.make(to_build, scratch, tried=not check)
            book = None if check else stack.enter_context(Gradebook(Course(root)))
            unchanged: dict[str, dict[str, Path]] = {each.name: {} for each in folders if each.name not in to_build}
            for name, built in chain(unchanged.items(), made):
                _refuse_taken_names(name, built, root, every)
                if book:
                    with makers.told():
                        book.register(name, makers.processes if to_build else None)
                stale += delivered(name, built, root, check)
                done.append(name)
    except BaseException as stop:
        for name in () if check else done:  # what is in its place is not tried again
            remember(root, name, tried=True)
        if not isinstance(stop, KeyboardInterrupt):
            raise
        tell("Stopped. What is told above is in its place; the same command makes the rest.")
        raise typer.Exit(130) from None
    if (root / "solutions" / START).is_file():
        with tempfile.TemporaryDirectory() as elsewhere:
            page = Path(elsewhere) / START
            page.write_text(start_page(root), encoding="utf-8")
            stale += delivered("the first page", {f"notebooks/{START}": page}, root, check)
    left = _left_over(root, every)
    if left and check:
        raise CourseError(f"Of no lesson any more: {', '.join(left)}. Delete what nobody needs of it.")
    for path in left:
        tell(f"{path} is of no lesson any more. Delete it, unless it holds somebody's work.")
    if stale:
        raise Stale(f"Stale: {', '.join(sorted(stale))}. Run `course build` and commit what it changes.")
    for folder in folders:
        remember(root, folder.name, tried=not check)
    if check:
        tell(f"{len(folders)} lesson{'s' if len(folders) != 1 else ''}: released notebooks and cases are fresh.")


def warm_up_for(lessons: list[Path]) -> None:
    """Start the process that kernels and trials of these lessons are forked from."""
    warm_up([*modules_of(lessons), making.STEPS, "course_grading.authoring.judging"])


def _refuse_other_names(folders: list[Path]) -> None:
    """Links, files of cases and commands rely on the names that `course new` gives."""
    for folder in folders:
        if not (found := LESSON.fullmatch(folder.name)) or not found["number"]:
            raise CourseError(
                f"solutions/{folder.name} is not named as lessons are: take two digits, _, and small letters, digits "
                "or _, such as 09_edges for a notebook edges.ipynb."
            )


def _refuse_one_short_name(folders: list[Path]) -> None:
    """Cases are known by a lesson's name without its number: two lessons of one name would overwrite each other's."""
    known: dict[str, str] = {}
    for folder in folders:
        if (other := known.setdefault(short_name(folder), folder.name)) != folder.name:
            raise CourseError(f"{other} and {folder.name} differ in their number alone: give one of them another name.")


def _refuse_taken_names(lesson: str, built: dict[str, Path], root: Path, folders: list[Path]) -> None:
    """`check("name", …)` finds an exercise by its name in all lessons, and so do guesses and explanations: of two of
    one name, the first is taken."""
    cases = f"course_utils/cases/{short_name(lesson)}.json"
    ours = json.loads(built[cases].read_text("utf-8")) if cases in built else {}
    for other in (folder.name for folder in folders if ours and folder.name != lesson):
        file = root / "course_utils" / "cases" / f"{short_name(other)}.json"
        theirs = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        for kind, what in {"exercises": "an exercise", "guesses": "a guess", "explanations": "an explanation"}.items():
            if taken := sorted({*ours.get(kind, ())} & {*theirs.get(kind, ())}):
                raise CourseError(
                    f"{lesson} and {other} both have {what} {taken[0]}: give one of them another name. (Where "
                    f"you took it out of {other}, first run `course build {other}`.)"
                )


def _left_over(root: Path, folders: list[Path]) -> list[str]:
    """Cases and released folders below `root` that no lesson makes any more."""
    names = {folder.name for folder in folders}
    made = (*root.glob("course_utils/cases/*.json"), *root.glob("course_utils/cases/*_facts.py"))
    cases = [path for path in made if are_of_others(path, names)]
    released = [path for path in root.glob("notebooks/[0-9]*") if path.is_dir() and path.name not in names]
    return [path.relative_to(root).as_posix() for path in sorted((*cases, *released))]


def are_of_others(cases: Path, lessons: Collection[str]) -> bool:
    """Whether a file of cases or facts is of another lesson than these, or of one that is no more."""
    return {short_name(lesson) for lesson in lessons}.isdisjoint({cases.stem, cases.stem.removesuffix("_facts")})
