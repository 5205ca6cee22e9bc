"""`course new`: a lesson to start from, which `course build` accepts as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import nbformat
import typer
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_grading.authoring.page import first_cell
from course_grading.authoring.start_page import START, add_lesson
from course_grading.places import LESSON, course_root, lesson_folders, short_name
from course_grading.terminal import tell
from course_utils.errors import CourseError

EXERCISES = '''\
"""{title}: the right answers, the inputs to try them on, and what learners get wrong.

Each misconception is a wrong implementation that runs; its docstring is the hint its author will read.
"""

import torch

from course_grading.authoring import exercise
from course_grading.authoring.inputs import drawn_image


def images(rng):
    """Pictures of several sizes, for the hidden test: the same for the same `rng`."""
    for height, width in [(2, 3), (4, 4), (5, 3)]:
        yield {{"x": drawn_image(rng, height, width) + 1}}  # nowhere black, or the largest alone would be right


@exercise(
    examples=[
        {{"x": torch.tensor([[2.0, 5.0], [9.0, 3.0]])}},
        {{"x": torch.tensor([[4.0, 1.0, 6.0], [2.0, 8.0, 7.0]]).t()}},  # a view that is not contiguous, as in images
    ],
    inputs=images,
)
class contrast:
    def right(x):
        return x.max() - x.min()

    def by_sorting(x):
        in_order = x.flatten().sort().values
        return in_order[-1] - in_order[0]

    def pixel_by_pixel(x):
        values = [float(value) for row in x for value in row]
        return max(values) - min(values)

    class wrong:
        def largest_only(x):
            """You give the brightest pixel alone. What would contrast be in a picture that is bright everywhere?"""
            return x.max()

        def wrong_way_round(x):
            """The size is right and the sign is not. Which of the two do you take away from the other?"""
            return x.min() - x.max()

        def first_row_only(x):
            """Only the first row counts in yours. Where else in the picture may the extremes lie?"""
            return x[0].max() - x[0].min()

        def corners_only(x):
            """You compare the last pixel with the first. Are those always the brightest and the darkest?"""
            return x[-1, -1] - x[0, 0]
'''


def new(
    lesson: Annotated[str, typer.Argument(help="Its name, such as edges or 09_edges: small letters, digits and _.")],
) -> None:
    """Start a lesson: a folder in solutions/ with a notebook and exercises.py, one exercise in them, ready to build."""
    root = course_root()
    folder = root / "solutions" / folder_name(lesson, [each.name for each in lesson_folders(root)])
    write_lesson(folder)
    name = folder.name
    if add_lesson(root, name, title_of(name)):
        linked = f"Students' first page, solutions/{START}, has a row for it: say there what they will have done."
    else:
        linked = f"For a link on a first page, write [{title_of(name)}]({name}/{short_name(name)}.ipynb) there."
    tell(
        f"Wrote solutions/{name}/{short_name(name)}.ipynb and solutions/{name}/exercises.py, with one exercise to "
        f"replace by yours.\n{linked}\nNext: `course build {name}` tries it and makes what students get."
    )


def folder_name(lesson: str, there: list[str]) -> str:
    """The new lesson's folder, with the next number where `lesson` has none. CourseError where it cannot be."""
    found = LESSON.fullmatch(lesson)
    if not found:
        raise CourseError(
            f"'{lesson}' cannot be a lesson's name: take small letters, digits and _, such as edges or 09_edges."
        )
    short = found["short"]
    for known in there:
        if short_name(known) == short:
            raise CourseError(f"There is a lesson {known} already: choose another name, or edit solutions/{known}.")
        if found["number"] and known.startswith(f"{found['number']}_"):
            raise CourseError(f"Lesson {found['number']} is {known}: choose another number, or leave it out.")
    numbers = [int(known[:2]) for known in there if LESSON.fullmatch(known)]
    number = found["number"] or f"{max(numbers, default=0) + 1:02}"
    return f"{number}_{short}"


def title_of(name: str) -> str:
    """ "Edges" for 09_edges."""
    return short_name(name).replace("_", " ").capitalize()


def write_lesson(folder: Path) -> None:
    """Write a lesson's notebook and declarations into a new folder."""
    try:
        folder.mkdir(parents=True)
        exercises = EXERCISES.format(title=f"Lesson {int(folder.name[:2])}, {title_of(folder.name).lower()}")
        (folder / "exercises.py").write_text(exercises, encoding="utf-8")
        notebook = nbformat.writes(starting_notebook(folder.name))
        (folder / f"{short_name(folder)}.ipynb").write_text(f"{notebook}\n", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"Cannot write {folder}: {error.strerror}. See to its permissions.") from error


def starting_notebook(name: str) -> nbformat.NotebookNode:
    """A notebook in a lesson's rhythm: opening, tools, one exercise with its check, and where the student is."""
    cells = [
        new_code_cell(first_cell(), id="first-cell", metadata={"jupyter": {"source_hidden": True}}),
        new_markdown_cell(f"# {int(name[:2])} · {title_of(name)}", id="title"),
        new_markdown_cell(
            "What you will have at the end of this lesson, in one picture; and in two sentences, why it is worth it.",
            id="opening",
        ),
        new_code_cell(
            "# @title The tools of this lesson\nimport torch\n\nfrom course_utils import check, done, progress, "
            "show_numbers",
            id="imports",
            metadata={"tags": ["see"]},
        ),
        new_code_cell('x = torch.tensor([[2.0, 5.0], [9.0, 3.0]])\nshow_numbers({"x": x})', id="x"),
        new_markdown_cell(
            "**Do.** Write `contrast`: by how much is the brightest pixel brighter than the darkest?\n\n"
            "*2 points, about 5 minutes.*",
            id="do-contrast",
        ),
        new_code_cell(
            'def contrast(x):\n    """Return one number: the largest value of x, (H, W), minus the smallest."""\n'
            "    # find:    the two that count\n    # compare: how far apart are they?\n    ### BEGIN SOLUTION\n"
            "    return x.max() - x.min()\n    ### END SOLUTION",
            id="contrast",
            metadata=_marks("contrast", solution=True),
        ),
        new_code_cell(
            'check("contrast", contrast)',
            id="check-contrast",
            metadata=_marks("check-contrast", grade=True, locked=True, points=2),
        ),
        new_code_cell(
            'if done("contrast"):\n    print(float(contrast(x)))', id="see-contrast", metadata={"tags": ["see"]}
        ),
        new_markdown_cell("## Where you are", id="closing"),
        new_code_cell("progress()", id="progress"),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _marks(name: str, **roles: Any) -> dict[str, Any]:
    marks = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": marks | roles}
