"""The `course` command: what an instructor runs."""

import sys

import typer

from course_grading.build import build
from course_grading.bundle import bundle
from course_utils.errors import CourseError

app = typer.Typer(
    name="course",
    help="Build, hand out and grade the convolution course. Run it in the course's folder.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(build)
app.command()(bundle)


def main() -> None:
    """Run the command; an error for people is printed as its sentence."""
    try:
        app()
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        sys.exit(1)
