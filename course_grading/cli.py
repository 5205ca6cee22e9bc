"""The `course` command: what an instructor runs."""

import atexit
import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from course_grading.terminal import complain, foreign, never_stop_on_a_character
from course_utils.errors import CourseError

# Each is the function of its name in its module, imported when it is wanted: nbgrader and torch take seconds.
COMMANDS = {
    "new": (
        "course_grading.authoring.new",
        "Start a lesson: a notebook and exercises.py in a folder, ready to build.",
    ),
    "build": ("course_grading.authoring.build", "Make what students get from solutions/, or check that it is fresh."),
    "bundle": ("course_grading.authoring.bundle", "Write the student version of the course, without any solution."),
    "collect": (
        "course_grading.classroom.collect",
        "Take what a learning platform gives for download into submitted/.",
    ),
    "grade": ("course_grading.grading.command", "Grade what students handed in, in parallel, in the sandbox."),
    "export": ("course_grading.classroom.export", "Write the grades as a table that a learning platform imports."),
    "why": ("course_grading.classroom.why", "Say why a student has this mark: verdicts, hints, failing cases, seeds."),
    "report": ("course_grading.classroom.report", "Write a page about a class: scores, mistakes, what to talk about."),
    "feedback": (
        "course_grading.classroom.feedback",
        "Make each student's feedback, also for Moodle and Canvas.",
    ),
    "doctor": ("course_grading.doctor", "Say what this machine can do: sandbox, limits, browser, cores, memory."),
}


class OnDemand(TyperCommand):
    """Stands for a command in the list of commands; becomes the real one when it is called."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        module, _ = COMMANDS[str(self.name)]
        command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        command.command(self.name)(getattr(import_module(module), str(self.name)))
        try:
            return get_command(command).make_context(info_name, args, *rest, **extra)
        except Exception as error:  # typer has click's exceptions under a name of its own
            option = getattr(error, "option_name", None)
            if option and not option.startswith("--"):  # no option is so short: it is the beginning of a name
                hint = ". A name that begins with a dash goes behind all options, after --"
                setattr(error, "message", f"{getattr(error, 'message', '')}{hint}")  # noqa: B010
            raise


class Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        return OnDemand(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None


app = typer.Typer(
    cls=Commands,
    name="course",
    help="Build, hand out and grade the convolution course. Run it in the course's folder.\n\n"
    "A term with it: write lessons in solutions/ and `build` them; `bundle` the student version and publish it; "
    "`collect` what students hand in; ask the `doctor` whether this machine can grade them safely; "
    "`grade` them; say `why`, `report` to the class, give `feedback`, and `export` the marks.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _course() -> None:
    never_stop_on_a_character()


def _of_another_checkout(here: Path) -> str:
    """A sentence where the working folder's course has code of its own, which is not what runs; else nothing."""
    ours = Path(__file__).resolve().parent
    for folder in (here, *here.parents):
        theirs = folder / ours.name
        if (folder / "nbgrader_config.py").is_file() and theirs.is_dir() and not theirs.samefile(ours):
            return (
                f"Careful: this is the command of {ours.parent}, and its code runs, not that of {folder}. "
                "`make` there gives it a .venv of its own."
            )
    return ""


def main() -> None:
    """Run the command; an error for people is printed as its sentence."""
    never_stop_on_a_character()  # help, too
    if (Path.cwd() / "nbgrader_config.py").is_file():  # build, new and bundle mean the course that grade means
        os.environ.setdefault("COURSE_ROOT", str(Path.cwd()))
    if careful := _of_another_checkout(Path.cwd()):
        complain(f"course: {careful}")
    atexit.register(gc.freeze)  # else Python looks through all that nbgrader imports once more, to find no garbage
    try:
        app()
    except CourseError as error:
        complain(f"course: {foreign(error)}")
        sys.exit(1)
    except OSError as error:
        if not error.strerror:
            raise
        where = f"{foreign(os.fsdecode(error.filename))}: " if error.filename else ""
        what = f"{where}{error.strerror}"  # who writes to a full disk is not told which file
        complain(f"course: {what}. See to the permissions and to the room on the disk, and run this again.")
        sys.exit(1)
