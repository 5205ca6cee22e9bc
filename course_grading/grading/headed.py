"""The head of a student's feedback: each exercise by its name with its points, what was found, and the hint."""

import re
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from course_grading.notebook.checked import exercises_in
from course_grading.notebook.outputs import how_it_ended
from course_grading.notebook.released import is_written
from course_utils.cards import LOOKS, points_text
from course_utils.output import RECORD_TYPE

HINT = "Think about it. "
MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&-])")  # what Markdown would take for more than a character


class Head(NbGraderPreprocessor):
    """Puts a first cell into a graded notebook, after GetGrades and HideInstructorsPart, for `generate_feedback`."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        lines = [line for cell in nb.cells for line in _told(cell)]
        lines += [f"- – **{_link(name)}**: {state}" for name, state in _unmarked(nb, resources)]
        if lines:
            nb.cells.insert(0, new_markdown_cell("\n".join(["### What the checks say", "", *lines]), id="head"))
        return nb, resources


def _told(cell: NotebookNode) -> Iterator[str]:
    """An entry of a Markdown list for each exercise that a test cell has a record of."""
    if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
        return
    marks = cell.metadata.nbgrader
    told: dict[str, tuple[str, str]] = {}  # exercise → outcome and advice
    for output in cell.outputs:
        data = output.get("data", {})
        record = data.get(RECORD_TYPE, {})
        name = str(record.get("exercise", ""))
        if name and told.get(name, ("right", ""))[0] == "right":  # what the visible check refused comes first
            told[name] = (str(record.get("outcome")), _advice(str(data.get("text/plain", ""))))
    ended = [how_it_ended(output) for output in cell.outputs if output.output_type == "error"]
    said = {name.rpartition(".")[2] for name in told}
    for name in exercises_in(cell.source):  # what no check or test came to say is where most was lost
        if name.rpartition(".")[2] not in said:
            told[name] = ("not run", (ended or [""])[0])
    for name, (outcome, advice) in told.items():
        score = f"{marks.get('score') or 0:g} of {points_text(float(marks.get('points') or 0))}"
        icon, words, _ = LOOKS.get(outcome, ("–", "not tested", ""))
        title = _link(name.rpartition(".")[2], marks.grade_id)
        advice = f" {plain(advice)}" if advice and outcome in ("wrong", "not run") else ""
        yield f"- {icon} **{title}**: {words}, {score}.{advice}"


def _unmarked(nb: NotebookNode, resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The questions in words that a person has still to mark: the page shows 0 points for them, or those of before."""
    names = [cell.metadata.nbgrader.grade_id for cell in nb.cells if is_written(cell)]
    if not names:
        return
    about = resources["nbgrader"]
    with Gradebook(about["db_url"]) as book:
        notebook = book.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
        waiting = {grade.name: grade.manual_score for grade in notebook.grades if grade.needs_manual_grade}
    for name in names:
        if name in waiting:
            new = waiting[name] is None
            yield name, f"{'not marked yet' if new else 'changed since it was marked'}, its points are still to come."


def _advice(card: str) -> str:
    """The hint of a card, as text; where it has none, its message."""
    lines = card.splitlines()
    hints = [line.removeprefix(HINT) for line in lines if line.startswith(HINT)]
    return (hints or lines[1:2] or [""])[0]


def _link(name: str, cell: str = "") -> str:
    """A name that leads to its cell, which is called the same or otherwise."""
    return f"[{plain(name)}](#{cell or name})"


def plain(words: str) -> str:
    """Text as Markdown that shows it as it is."""
    return MARKUP.sub(r"\\\1", " ".join(words.split()))
