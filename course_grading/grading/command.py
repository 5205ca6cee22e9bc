"""The `course grade` command: what an instructor types and sees."""

import gc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from course_grading.places import course_root
from course_grading.terminal import console, foreign
from course_utils.errors import CourseError

if TYPE_CHECKING:
    from rich.console import Console

    from course_grading.grading.whole_class import ClassGrader, Row

LONGEST = 60  # characters of a name in the table; the middle of longer ones is left out


def grade(
    lessons: Annotated[list[str], typer.Argument(metavar="LESSON…", help="Lessons to grade, e.g. 01_sliding_regions.")],
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be given again.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Submissions at once.", show_default="one a core")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded already.")] = False,
    timeout: Annotated[
        int | None,
        typer.Option(
            min=1, help="Seconds for a whole notebook.", show_default="c.Execute.notebook_timeout of nbgrader_config.py"
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Grade on the Dask cluster whose scheduler is at tcp://HOST:8786."),
    ] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option("--no-sandbox", help="Run students' code without a sandbox: it can read and change your files."),
    ] = False,
) -> None:
    """Grade what students handed in (submitted/STUDENT/LESSON/), in parallel.

    On a cluster, --jobs are its workers by default; what they need travels to them, and they share no disk with you.

    Scores go to gradebook.db and graded notebooks to autograded/, as with `nbgrader autograde`. Stop it whenever you
    like: what is done is kept, and the same command grades the rest and whatever is newer.
    """
    gc.disable()  # what imports make stays: to look for garbage in it takes a quarter of a second
    from course_grading.course import Course  # here, as nbgrader takes seconds to import
    from course_grading.grading.cluster import Cluster
    from course_grading.grading.whole_class import ClassGrader

    gc.enable()
    out = console()
    try:
        here = Path.cwd()
        root = here if (here / "nbgrader_config.py").is_file() else course_root()
        wanted = {"notebook_timeout": timeout} if timeout else {}
        course = Course(root, {"Execute": wanted | ({"sandbox": False} if no_sandbox else {})})
        executor = None
        if cluster:
            executor = Cluster(cluster, course, tuple(course.find_lesson(lesson) for lesson in lessons))
            jobs = jobs or executor.workers()
        grader = ClassGrader(course, lessons, student or (), jobs=jobs, force=force, executor=executor)
        rows = _with_progress(grader, out)
    except CourseError as error:
        out.print(foreign(error), style="red", soft_wrap=True)
        raise typer.Exit(2) from None
    if any(row.state == "not gradable" or row.broken for row in rows):
        raise typer.Exit(1)


def _with_progress(grader: "ClassGrader", out: "Console") -> "list[Row]":
    rows: list[Row] = []
    columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
            task = progress.add_task("", total=len(grader))
            for row in grader:
                rows.append(row)
                progress.advance(task)
    except KeyboardInterrupt:
        if rows:
            show(rows, out)
        out.print("Stopped; run the same command to grade the rest.")
        raise typer.Exit(130) from None
    show(rows, out, grader.lessons)
    return rows


def show(rows: "list[Row]", out: "Console", lessons: Sequence[str] = ()) -> None:
    """Print a row for each problem, then how many came out how."""
    if not rows:
        out.print(
            f"Nobody has handed in anything for {' or '.join(lessons)}: take a download by `course collect`, or put "
            "notebooks in submitted/STUDENT/LESSON/, and run this again.",
            soft_wrap=True,
        )
        return
    troubled = sorted((row for row in rows if row.problems), key=lambda row: (row.state, row.lesson, row.student))
    if troubled:
        table = Table("Student", "Lesson", "Result", "What to know", box=None, header_style="bold", pad_edge=False)
        for row in troubled:
            result = "not gradable" if row.state == "not gradable" else "graded"
            table.add_row(foreign(row.student, LONGEST), row.lesson, result, foreign(" ".join(row.problems)))
        out.print(table)
        out.print()
    for (lesson, why), count in Counter((row.lesson, why) for row in rows for why in set(row.broken)).items():
        out.print(
            f"{lesson}: {foreign(why)} In {count} of {len(rows)} nothing is scored from it: mend it, then grade again.",
            style="bold red",
            soft_wrap=True,
        )
    out.print(summary(rows))


def summary(rows: "list[Row]") -> str:
    """The last line: how many submissions came out how."""
    counts = Counter(row.state for row in rows)
    parts = [f"{counts['graded']} graded"]
    if counts["unchanged"]:
        parts.append(f"{counts['unchanged']} graded before and unchanged")
    if to_read := sum(row.to_read for row in rows):
        parts.append(f"{to_read} with answers for you to grade in Formgrader")
    if broken := sum(bool(row.broken) for row in rows):
        parts.append(f"{broken} not scored in full, as a test is broken")
    if counts["not gradable"]:
        parts.append(f"{counts['not gradable']} not gradable")
    return ", ".join(parts) + "."
