"""`course build`: turn the lessons' sources into what students get, or check that what they get is fresh."""

from __future__ import annotations

import contextlib
import filecmp
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import nbformat
import typer
from nbgrader.apps import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from course_grading.authoring.language import Exercise, Lesson, load_lesson
from course_grading.environ import environ
from course_grading.places import course_root, find_lesson, lesson_folders
from course_utils.errors import CourseError
from course_utils.values import to_json


def build(
    lesson: Annotated[str | None, typer.Argument(help="One lesson, such as 01_sliding_regions. [default: all]")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail if the released files are stale.")
    ] = False,
) -> None:
    """Make the students' notebooks and visible cases from solutions/, and record the lessons in the gradebook."""
    root = course_root()
    folders = lesson_folders(root)
    if lesson:
        chosen = find_lesson(lesson, [folder.name for folder in folders])
        folders = [folder for folder in folders if folder.name == chosen]
    stale = []
    for folder in folders:
        with tempfile.TemporaryDirectory() as scratch:
            built = build_lesson(root, folder.name, Path(scratch), record=not check)
            changed = [name for name, file in built.items() if not _same(file, root / name)]
            if check:
                stale += changed
            else:
                for name in changed:
                    _replace(built[name], root / name)
                print(f"{folder.name}: {', '.join(changed) if changed else 'nothing has changed'}")
    if stale:
        raise CourseError(f"Stale: {', '.join(stale)}. Run `course build` and commit what it changes.")
    if check:
        print(f"{len(folders)} lesson{'s' if len(folders) != 1 else ''}: released notebooks and cases are fresh.")


def build_lesson(root: Path, name: str, scratch: Path, *, record: bool) -> dict[str, Path]:
    """Build one lesson into a scratch folder: path below `root` → new file. `record` it in the gradebook, or not."""
    lesson = load_lesson(name, root)
    points = _checked_points(lesson)
    cases = scratch / "cases" / f"{lesson.name}.json"
    cases.parent.mkdir()
    cases.write_text(cases_text(lesson, points), encoding="utf-8")
    released = scratch / "notebooks"
    with environ(COURSE_CASES=str(cases.parent)):  # the notebook is tried with the new cases, not with the old
        _generate_assignment(root, lesson, released, record)
    files = {f"course_utils/cases/{lesson.name}.json": cases}
    for file in sorted(path for path in (released / lesson.folder.name).rglob("*") if path.is_file()):
        files[f"notebooks/{file.relative_to(released).as_posix()}"] = file
    return files


def cases_text(lesson: Lesson, points: dict[str, float]) -> str:
    """The visible cases of a lesson as JSON text, one case a line, so that a change shows in a diff."""
    exercises = ",\n".join(
        f"  {json.dumps(name)}: {_exercise_text(exercise, points[name])}" for name, exercise in lesson.exercises.items()
    )
    return f'{{\n "lesson": {json.dumps(lesson.name)},\n "exercises": {{\n{exercises}\n }}\n}}\n'


def _exercise_text(exercise: Exercise, points: float) -> str:
    names = [wrong.name for wrong in exercise.misconceptions]
    about = {
        "arguments": exercise.arguments,
        "points": points,
        "forbidden": exercise.forbidden,
        "hints": {wrong.name: wrong.hint for wrong in exercise.misconceptions},
    }
    cases = [
        {
            "arguments": {key: to_json(value) for key, value in case.arguments.items()},
            "expected": to_json(case.expected),
            "wrong": {name: to_json(case.wrong[name]) for name in names},
        }
        for case in exercise.visible_cases()
    ]
    lines = [f'   "{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in about.items()]
    lines.append('   "cases": [\n    ' + ",\n    ".join(json.dumps(case) for case in cases) + "\n   ]")
    return "{\n" + ",\n".join(lines) + "\n  }"


def _checked_points(lesson: Lesson) -> dict[str, float]:
    """The points of each exercise, from its test cell; refuses a lesson whose notebook and declarations disagree."""
    if not lesson.notebook.is_file():
        raise CourseError(f"{lesson.folder.name} has no notebook: write {lesson.notebook.name} in that folder.")
    try:
        notebook = nbformat.read(lesson.notebook, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise CourseError(f"{lesson.notebook.name} cannot be read as a notebook: {error}") from error
    points = {}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        checked = re.findall(r'\bcheck\(\s*"([\w.]+)"', cell.source)
        judged = re.findall(rf'\bjudge\(\s*"{lesson.name}\.(\w+)"', cell.source)
        if not settings.get("grade") or settings.get("solution"):
            continue
        if not judged or judged != checked:
            raise CourseError(
                f'The test cell {settings.get("grade_id")} must hold both check("…") and, hidden, '
                f'judge("{lesson.name}.…") for the same exercise.'
            )
        points |= dict.fromkeys(judged, settings.get("points", 0) / len(judged))
    missing, unknown = set(lesson.exercises) - set(points), set(points) - set(lesson.exercises)
    if missing:
        raise CourseError(f"{lesson.notebook.name} has no test cell for {', '.join(sorted(missing))}.")
    if unknown:
        raise CourseError(
            f"{lesson.notebook.name} tests {', '.join(sorted(unknown))}, which exercises.py does not declare."
        )
    return points


def _generate_assignment(root: Path, lesson: Lesson, released: Path, record: bool) -> None:
    """nbgrader's own `generate_assignment`, writing to a folder of its own."""
    with _nbgrader_app(root) as app:
        if not record:
            app.config.SaveCells.enabled = False
        coursedir = CourseDirectory(
            parent=app, assignment_id=lesson.folder.name, release_directory=str(released), notebook_id=lesson.name
        )
        converter = _Generate(coursedir=coursedir, parent=app, no_database=not record)
        try:
            converter.start()
        except NbGraderException as error:
            raise converter.reason or error from None


class _Generate(GenerateAssignment):
    """Keeps the reason of a failure, which nbgrader would only log, with a traceback."""

    reason: CourseError | None = None

    def convert_single_notebook(self, notebook_filename: str) -> None:
        try:
            super().convert_single_notebook(notebook_filename)
        except CourseError as error:
            self.reason = error
            raise
        except Exception as error:
            name = Path(notebook_filename).name
            self.reason = CourseError(f"nbgrader could not release {name}: {str(error).strip()}")
            raise


@contextlib.contextmanager
def _nbgrader_app(root: Path) -> Iterator[NbGrader]:
    """An nbgrader application that has read the course's configuration, from within the course's folder."""
    before = Path.cwd()
    os.chdir(root)
    try:
        app = NbGrader()
        app.load_config_file()
        app.log.setLevel(logging.CRITICAL)  # what went wrong is told once, in one sentence
        yield app
    finally:
        os.chdir(before)


def _same(new: Path, old: Path) -> bool:
    return old.is_file() and filecmp.cmp(new, old, shallow=False)


def _replace(new: Path, old: Path) -> None:
    """Put a new file in the place of an old one, whole or not at all."""
    try:
        old.parent.mkdir(parents=True, exist_ok=True)
        beside = old.with_name(f".{old.name}.new")
        shutil.copyfile(new, beside)
        beside.replace(old)
    except OSError as error:
        raise CourseError(f"Cannot write {old}: {error.strerror}. Nothing there was changed.") from error
