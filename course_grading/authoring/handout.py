"""What goes out with the student version: which lessons, by the calendar, where it opens, GitHub Classroom's check."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from course_grading.places import find_lesson, lesson_folders, short_name
from course_utils.errors import CourseError


def released_lessons(root: Path, settings: Mapping[str, Any], day: date, wanted: Sequence[str] = ()) -> list[str]:
    """The lessons that students may have on a day, or those `wanted` of them.

    `settings` is [tool.course] of pyproject.toml, whose table `release` gives lessons a first day; a lesson that is not
    in it may always go out. CourseError where the calendar is wrong or a wanted lesson has to wait.
    """
    names = [folder.name for folder in lesson_folders(root)]
    calendar = _calendar(settings, names)
    waiting = {name: first for name, first in calendar.items() if first > day}
    chosen = [find_lesson(name, names) for name in wanted] or [name for name in names if name not in waiting]
    for name in chosen:
        if name in waiting:
            raise CourseError(
                f"{name} is released on {waiting[name]}, by the calendar in pyproject.toml: wait, change it there, or "
                f"give --date {waiting[name]}."
            )
    if not chosen:
        raise CourseError(f"No lesson is released by {day}: see the calendar, [tool.course.release] in pyproject.toml.")
    return chosen


def _calendar(settings: Mapping[str, Any], names: list[str]) -> dict[str, date]:
    found: dict[str, date] = {}
    table = settings.get("release", {})
    if not isinstance(table, Mapping):
        raise CourseError(
            "release under [tool.course] in pyproject.toml is no table: below [tool.course.release], write a line such "
            "as 01_sliding_regions = 2026-10-01 for each lesson."
        )
    for name, first in table.items():
        if isinstance(first, datetime) or not isinstance(first, date):
            raise CourseError(
                f"[tool.course.release] in pyproject.toml gives {name} no date: write {name} = 2026-10-01, unquoted."
            )
        found[find_lesson(name, names)] = first
    return found


def read_day(text: str | None) -> date:
    """A day as --date gives it, or today."""
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise CourseError(f"'{text}' is no date: write it as 2026-10-01.") from None


def binder_link(owner: str, name: str, ref: str, notebook: str) -> str:
    """Where Binder opens a notebook of a repository on GitHub."""
    return f"https://mybinder.org/v2/gh/{owner}/{name}/{ref.replace('/', '%2F')}?labpath={notebook.replace('/', '%2F')}"


def devcontainer(name: str) -> str:
    """devcontainer.json: VS Code, Codespaces and others open the folder with everything installed."""
    about = {
        "name": name,
        "image": "python:3.12",
        "postCreateCommand": "pip install --editable '.[lab]'",
        "customizations": {"vscode": {"extensions": ["ms-python.python", "ms-toolsai.jupyter"]}},
    }
    return json.dumps(about, indent=4) + "\n"


def classroom_workflow(notebooks: Sequence[str]) -> str:
    """GitHub Classroom's workflow: after each push, a visible check of each notebook that tells by its exit code."""
    steps, results = [], []
    for notebook in notebooks:
        short = Path(notebook).stem
        step = short.replace("_", "-")
        steps.append(
            f"""\
      - name: {short}
        id: {step}
        uses: classroom-resources/autograding-command-grader@v1
        with:
          test-name: {short}
          command: python -m course_utils {notebook}
          timeout: 20
          max-score: 1
"""
        )
        results.append((step, f'          {step.upper()}_RESULTS: "${{{{steps.{step}.outputs.result}}}}"\n'))
    return f"""\
# Students see how far they are; grades come from the instructor's own run with hidden tests.
name: Checks
on: [push, workflow_dispatch]
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install '.[lab]'
{"".join(steps)}\
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
{"".join(line for _, line in results)}\
        with:
          runners: {",".join(step for step, _ in results)}
"""


def text_to_paste(lesson: str, archive: str, where: Mapping[str, str]) -> str:
    """What an instructor writes beside the file on a learning platform. `where` it opens: name → link."""
    title = short_name(lesson).replace("_", " ").capitalize()
    links = "".join(f"Open it in {name}: {link}\n" for name, link in where.items())
    own = f"{'Or on' if links else 'On'} your own computer: unpack {archive} and follow its README.md.\n"
    return (
        f"{int(lesson[:2])} · {title}\n\n{links}{own}\n"
        "Where it says FIXME, write your own, run the check below, and read what it tells you.\n"
        f"Hand in the notebook itself, {short_name(lesson)}.ipynb, under that name, after a restart of the notebook's "
        "Python and a run of all cells.\n"
    )
