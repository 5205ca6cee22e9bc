"""`python -m course_utils LESSON.ipynb`: run a notebook from the top and say how each of its exercises came out.

It ends with 0 where all are right, 1 where some are not yet, 2 where the notebook cannot be run: so it is also what
GitHub runs after a push. It knows the visible checks alone; what a hidden test will say, it cannot.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError

CELL_SECONDS = 600
MARK = "outcomes of this course: "
ASK = f"""
import builtins as _builtins
import json as _json
from course_utils.checking import outcomes as _outcomes
from course_utils.specs import points_of as _points_of
_all = {{}}
for _lesson in sorted({{_name.rpartition(".")[0] for _name in _outcomes}}):
    for _name, _points in _points_of(_lesson).items():
        _all[_name] = [_outcomes.get(_lesson + "." + _name, "waiting"), _points]
_builtins.print({MARK!r} + _json.dumps(_all))
"""
WORDS = {"right": "✓ right", "wrong": "✗ not yet", "waiting": "… waits for you"}


def main(arguments: Sequence[str]) -> int:
    """Check the notebooks named on the command line; returns the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print("Usage: python -m course_utils LESSON.ipynb …")
        return 0 if arguments else 2
    code = 0
    for name in arguments:
        try:
            found, stopped = outcomes_of(Path(name))
        except CourseError as error:
            print(f"{name}: {error}", file=sys.stderr)
            code = 2
            continue
        print(f"{name}:")
        for exercise, (state, points) in found.items():
            print(f"  {WORDS.get(state, state)}: {exercise} ({points:g} point{'s' if points != 1 else ''})")
        for sentence in stopped:
            print(f"  {sentence}")
        right = sum(state == "right" for state, _ in found.values())
        print(f"  {right} of {len(found)} exercises are right.")
        code = max(code, int(right < len(found)))
    return code


def outcomes_of(path: Path) -> tuple[dict[str, tuple[str, float]], list[str]]:
    """Each exercise's outcome ("right", "wrong", "waiting") and points, and a sentence for each cell that failed.

    Raises CourseError where the notebook cannot be run or checks nothing.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
    except ImportError:
        raise CourseError(
            "To run notebooks, nbclient and ipykernel are needed: pip install nbclient ipykernel."
        ) from None
    try:
        notebook = nbformat.read(path, as_version=4)
    except OSError as error:
        raise CourseError(f"It cannot be opened: {error.strerror}.") from None
    except Exception:
        raise CourseError("It is not a notebook: save it again from JupyterLab or Colab.") from None
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",  # this Python, by whatever name the notebook's author calls theirs
        allow_errors=True,
        resources={"metadata": {"path": str(path.resolve().parent)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    except CellTimeoutError:
        raise CourseError(f"A cell takes more than {CELL_SECONDS} seconds: does a loop end?") from None
    except DeadKernelError:
        raise CourseError("The notebook's Python died, most likely of too little memory.") from None
    said = _text(notebook.cells[-1]).rpartition(MARK)[2]
    try:
        found = {name: (str(state), float(points)) for name, (state, points) in json.loads(said).items()}
    except ValueError:
        found = {}
    if not found:
        raise CourseError("No check of the course has run in it: leave first cells and check cells as they are.")
    return found, [sentence for cell in notebook.cells[:-1] for sentence in _failure(cell)]


def _text(cell: Any) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def _failure(cell: Any) -> list[str]:
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            first = next((line for line in cell.source.splitlines() if line.strip()), "")
            return [f"The cell that begins with “{first.strip()[:60]}” failed: {output.ename}: {output.evalue[:200]}"]
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
