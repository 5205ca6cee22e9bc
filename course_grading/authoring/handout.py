"""What goes out with the student version: which lessons, by the calendar, where it opens, the check after a push."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from course_grading.places import find_lesson, lesson_folders, short_name
from course_utils.errors import CourseError

_INSTALL = "pip install --editable '.[lab]'"


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


def codespaces_link(owner: str, name: str, ref: str = "") -> str:
    """Where GitHub opens a repository in the container of its devcontainer.json: its default branch, or `ref`."""
    return f"https://codespaces.new/{owner}/{name}{f'/tree/{ref}' if ref else ''}?quickstart=1"


def devcontainer(name: str) -> str:
    """devcontainer.json: VS Code, Codespaces and others open the folder with everything installed."""
    about = {
        "name": name,
        "image": "python:3.12",
        "postCreateCommand": _INSTALL,
        "customizations": {
            "vscode": {
                "extensions": ["ms-python.python", "ms-toolsai.jupyter"],
                # The image has Debian's Python, too, in /usr/bin, which knows nothing of the course.
                "settings": {"python.defaultInterpreterPath": "/usr/local/bin/python"},
            }
        },
    }
    return json.dumps(about, indent=4) + "\n"


def checks_workflow(notebooks: Sequence[str]) -> str:
    """A workflow of GitHub's: after each push a step for each notebook, red until all of its exercises are right."""
    steps = "".join(
        f"""\
      - name: {Path(notebook).stem}
        if: ${{{{ !cancelled() && steps.install.outcome == 'success' }}}}
        run: python -m course_utils {notebook}
        timeout-minutes: 20
"""
        for notebook in notebooks
    )
    return f"""\
# Students see how far they are; grades come from the instructor's own run with hidden tests.
name: Checks
on: [push, workflow_dispatch]
permissions:
  contents: read
jobs:
  checks:
    runs-on: ubuntu-latest
    if: ${{{{ !github.event.repository.is_template }}}}
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - id: install
        run: {_INSTALL}
{steps}"""


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
