"""The `course` command: what an instructor runs."""

import typer

from course_grading.bundle import bundle

app = typer.Typer(
    name="course",
    help="Build, hand out and grade the convolution course. Run it in the course's folder.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


app.command()(bundle)


@app.callback()
def main() -> None:
    pass
