"""The `course` command: what an instructor runs."""

import sys
from importlib import import_module

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS = {
    "build": "course_grading.build",
    "bundle": "course_grading.bundle",
    "grade": "course_grading.grade",
    "doctor": "course_grading.doctor",
}


class OnDemand(TyperGroup):
    """Commands by name; each is the function of that name in its module, imported when wanted: torch takes seconds."""

    def list_commands(self, context: typer.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: typer.Context, name: str) -> TyperCommand | None:
        if name not in COMMANDS:
            return None
        command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        command.command(name)(getattr(import_module(COMMANDS[name]), name))
        return get_command(command)


app = typer.Typer(
    cls=OnDemand,
    name="course",
    help="Build, hand out and grade the convolution course. Run it in the course's folder.\n\n"
    "A term with it: write lessons in solutions/ and `build` them; `bundle` the student version and publish it; "
    "collect notebooks as submitted/STUDENT/LESSON/; ask the `doctor` whether this machine can grade them safely; "
    "`grade` them; and give feedback with `nbgrader generate_feedback LESSON`.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _course() -> None:
    pass


def main() -> None:
    """Run the command; an error for people is printed as its sentence."""
    try:
        app()
    except Exception as error:
        from course_utils.errors import CourseError

        if not isinstance(error, CourseError):
            raise
        print(f"course: {error}", file=sys.stderr)
        sys.exit(1)
