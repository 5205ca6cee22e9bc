"""`course report LESSON…`: a page about a class, to read before the next lesson and to project in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track

from course_grading.terminal import console, foreign, tell
from course_utils.errors import CourseError

if TYPE_CHECKING:
    from course_grading.classroom.figures import Figures


def report(
    lessons: Annotated[list[str], typer.Argument(metavar="LESSON…", help="Lessons that are graded.")],
    names: Annotated[
        bool, typer.Option("--names", help="For you alone: with everyone's name, and a page of its own.")
    ] = False,
    name: Annotated[
        str | None, typer.Option(metavar="GROUP", help="Make a misconception of a group that has no name yet.")
    ] = None,
    as_: Annotated[str | None, typer.Option("--as", help="What --name calls it, such as border_kept.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
) -> None:
    """Write a page about a class: its scores, what it misunderstood, what it guessed, and what to talk about.

    Without --names nobody is named on it. `--name GROUP` writes a stub of a misconception into exercises.py.
    """
    from course_grading.authoring.language import load_lesson
    from course_grading.classroom.figures import count
    from course_grading.classroom.pages import open_page, page, write_page
    from course_grading.classroom.records import read_class
    from course_grading.classroom.report_page import STYLE, lesson_parts
    from course_grading.classroom.standing import standing
    from course_grading.course import here

    if as_ and not name:
        raise CourseError("--as is the name of what --name GROUP makes of a group: give both.")
    course = here()
    chosen = list(dict.fromkeys(course.find_lesson(lesson) for lesson in lessons))
    out = console()
    figures: list[Figures] = []
    graded: list[list[str]] = []
    for lesson in track(chosen, "Reading", console=out, transient=True, disable=not out.is_terminal):
        declared = load_lesson(lesson, course.root)
        works = read_class(course, declared)
        if not works:
            raise CourseError(f"Nothing of {lesson} is graded: run `course grade {declared.name}` first.")
        figures.append(count(declared, works))
        graded.append([work.student for work in works])
    if name:
        _teach(figures, name, as_ or "")
        return
    parts = [part for each in figures for part in lesson_parts(course, each, names)]
    title = f"{' and '.join(chosen)}: a class's report"
    file = f"{'_'.join(each.lesson.name for each in figures)[:100]}{'_with_names' if names else ''}.html"
    path = write_page(course, file, page(title, parts, STYLE))
    for lesson, each, students in zip(chosen, figures, graded, strict=True):
        now = standing(course, lesson, students).of_graded(students)
        tell("; ".join([summary(each).rstrip("."), *now.said(names)]) + ".")
    tell(f"The page: {path}")
    if open_:
        open_page(path)


def summary(figures: Figures) -> str:
    """What a terminal says of a report."""
    begin = f"{figures.lesson.folder.name}: {len(figures.works)} graded, {figures.mean:.0%} of the points on average"
    if figures.left_out:
        begin += f" ({figures.left_out})"
    if not figures.mistakes:
        return f"{begin}; no mistake with a name."
    first = figures.mistakes[0]
    return f"{begin}; most frequent: {foreign(first.name)} in {first.exercise} ({len(first.answers)})."


def _teach(figures: list[Figures], group: str, name: str) -> None:
    from course_grading.classroom.teach import find_group, teach

    lesson, found = find_group(figures, group)
    given = teach(lesson, found, name)
    tell(
        f"{lesson.folder.name}/exercises.py: {given} is in {found.exercise}, class wrong. Write its code and its hint, "
        f"then run `course build {lesson.name}`; `course report {lesson.name}` says when it gives what this group gave."
    )
