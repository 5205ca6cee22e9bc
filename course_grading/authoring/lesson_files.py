"""The files of lessons: students' notebooks, visible cases and facts, made from their source."""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import dis
import functools
import inspect
import json
import logging
import os
import random
import runpy
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
import numpy as np
import torch
from nbgrader.apps import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from course_grading.authoring import rules
from course_grading.authoring.language import Exercise, Guess, Lesson, load_lesson
from course_grading.authoring.limits import in_time
from course_grading.authoring.page import cell_name, refuse_page
from course_grading.environ import environ
from course_grading.notebook.checked import checked_in, exercises_in
from course_grading.notebook.released import is_written
from course_utils.errors import CourseError, did_you_mean
from course_utils.specs import Fact
from course_utils.storage import LARGEST_READABLE, to_json
from course_utils.values import Raised, Sketch

LARGEST_CASES = 300_000  # characters of a lesson's visible cases; students load them with the first check


def begin(root: Path, name: str, tried: bool) -> list[tuple[str, int | None]]:
    """Refuse a lesson whose page or points are wrong, which is seen at once; return what is to be tried of it."""
    with in_time(f"{name}/exercises.py"):
        lesson = _loaded(root, name)
        if tried:
            rules.refuse_unfinished(lesson)
            rules.refuse_chance(lesson, load_lesson(name, root))
    notebook = _read_notebook(lesson)
    refuse_page(lesson, notebook)
    _checked_points(lesson, notebook)
    return rules.trials(lesson, rules.SEEDS if tried else ())


def problem(root: Path, name: str, exercise: str, seed: int | None) -> str | None:
    """What in an exercise of a lesson would mislead a student; see `rules.problem`."""
    return rules.problem(_as_at_first(root, name), exercise, seed)


def make_lesson(root: Path, name: str, scratch: Path, tried: bool) -> dict[str, Path]:
    """The files of a lesson, made below `scratch`: path below `root` → new file. Where it is to be `tried`, the
    author's own notebook is run, too, which does not change what is released."""
    lesson = _as_at_first(root, name)
    notebook = _read_notebook(lesson)
    points = _checked_points(lesson, notebook)
    cases = scratch / "cases"
    cases.mkdir()
    texts = {f"{lesson.name}.json": cases_text(lesson, points, _written(notebook))}
    if facts := facts_text(lesson):
        texts[f"{lesson.name}_facts.py"] = facts
    for file, text in texts.items():
        (cases / file).write_text(text, encoding="utf-8")
    _try_facts(lesson, cases)
    released = scratch / "notebooks"
    with environ(COURSE_CASES=str(cases), COURSE_ROOT=str(root)):  # tried with the new cases, not with the old
        _generate_assignment(root, lesson, released, tried)
    files = {f"course_utils/cases/{file}": cases / file for file in texts}
    page = f"{name}/{lesson.notebook.name}"  # alone: what lies beside it may hold answers
    return files | {f"notebooks/{page}": released / page}


def _as_at_first(root: Path, name: str) -> Lesson:
    """A lesson, where what its answers draw at random is the same in every process: which steps came before in it is
    chance, and a network that is drawn otherwise may have other facts."""
    lesson = _loaded(root, name)
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    return lesson


@functools.cache
def _loaded(root: Path, name: str) -> Lesson:
    torch.set_num_threads(1)  # a process a core; and sums in the same order on every machine
    os.environ["COURSE_ROOT"] = str(root)  # a process is as old as the one it is forked from
    return load_lesson(name, root)


def cases_text(lesson: Lesson, points: dict[str, float], written: dict[str, float] | None = None) -> str:
    """The visible cases of a lesson as JSON text, one case a line, so that a change shows in a diff; with the points of
    its exercises and of its questions in words."""
    exercises = ",\n".join(
        f"  {_json(name)}: {_exercise_text(exercise, points[name])}" for name, exercise in lesson.exercises.items()
    )
    parts = [f' "lesson": {json.dumps(lesson.name)}', f' "exercises": {{\n{exercises}\n }}']
    if lesson.guesses:
        guesses = ",\n".join(f"  {_json(name)}: {_beliefs(guess)}" for name, guess in lesson.guesses.items())
        parts.append(f' "guesses": {{\n{guesses}\n }}')
    if lesson.explanations:
        ours = (f"  {_json(name)}: {_json(text)}" for name, text in lesson.explanations.items())
        parts.append(' "explanations": {\n' + ",\n".join(ours) + "\n }")
    if written:
        parts.append(f' "written": {_json(written)}')
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    if len(text) > LARGEST_CASES:
        raise CourseError(
            f"The visible cases of {lesson.name} take {len(text) // 1000} KB; {LARGEST_CASES // 1000} are allowed. "
            f"Most is in {_largest(text)}."
        )
    return text


def _beliefs(guess: Guess) -> str:
    known = [
        {"name": name, "values": [to_json(value) for value in values], "text": text}
        for name, (values, text) in guess.beliefs.items()
    ]
    return _json(known)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def _largest(text: str) -> str:
    advice = {
        "exercises": "use fewer or smaller examples there",
        "guesses": "shorten what it says",
        "explanations": "shorten it",
    }
    data = json.loads(text)
    sizes = {(kind, name): len(json.dumps(entry)) for kind in advice for name, entry in data.get(kind, {}).items()}
    kind, name = max(sizes, key=lambda key: sizes[key])
    return f"{name}: {advice[kind]}"


def _exercise_text(exercise: Exercise, points: float) -> str:
    about: dict[str, Any] = {
        "arguments": exercise.arguments,
        "points": points,
        "forbidden": exercise.forbidden,
        "hints": {wrong.name: wrong.hint for wrong in exercise.misconceptions},
    }
    if exercise.through:
        about["through"] = exercise.through
    if exercise.facts:
        about["facts"] = [_fact_data(fact) for fact in exercise.facts]
    if exercise.tolerance is not None:
        about["tolerance"] = exercise.tolerance
    if not exercise.is_function and not exercise.facts and not exercise.shown:
        about["shown"] = False
    if exercise.is_function and not exercise.arguments:
        about["no_arguments"] = True
    if exercise.objects:
        about["objects"] = True
    cases = [
        {
            "arguments": {key: to_json(value) for key, value in case.arguments.items()},
            "expected": _outcome(case.expected),
            "wrong": {name: _outcome(case.wrong[name], to_recognise=True) for name in case.wrong},
        }
        for case in exercise.visible_cases()
    ]
    lines = [f'   "{key}": {_json(value)}' for key, value in about.items()]
    lines.append('   "cases": [\n    ' + ",\n    ".join(json.dumps(case) for case in cases) + "\n   ]")
    return "{\n" + ",\n".join(lines) + "\n  }"


def _fact_data(fact: Fact) -> dict[str, Any]:
    """All of a fact but its function, leaving out what it does not use."""
    said = {field.name: getattr(fact, field.name) for field in dataclasses.fields(fact) if field.name != "function"}
    return {key: value for key, value in said.items() if value is not None}


def _outcome(value: Any, to_recognise: bool = False) -> Any:
    """An outcome as JSON data; of a large tensor that is only to be recognised, a sketch."""
    if isinstance(value, dict):
        return {"facts": {name: to_json(said) for name, said in value.items()}}
    return to_json(_sketched(value) if to_recognise else value)


def _sketched(value: Any) -> Any:
    if isinstance(value, torch.Tensor) and value.numel() > LARGEST_READABLE:
        return Sketch.of(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_sketched(item) for item in value)
    return value


def facts_text(lesson: Lesson) -> str:
    """The lesson's facts as a module of their own, which students get beside its cases; empty where it has none."""
    facts: dict[str, Fact] = {}
    for fact in (fact for exercise in lesson.exercises.values() for fact in exercise.facts):
        if facts.setdefault(fact.name, fact).function is not fact.function:
            raise CourseError(
                f"{lesson.folder.name}/exercises.py has two facts of the name {fact.name}: students' checks would know "
                "the second alone. Give one of them another name."
            )
    if not facts:
        return ""
    sources = []
    for fact in facts.values():
        lines = textwrap.dedent(inspect.getsource(fact.function)).splitlines(keepends=True)
        first = next(i for i, line in enumerate(lines) if line.startswith("def "))
        sources.append("".join(lines[first:]).rstrip() + "\n")
    head = (
        f'"""What the checks of {lesson.name} observe of an answer. Made by `course build`, never by hand."""\n\n'
        "import math\n\nimport numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"
        "from course_utils import functions\n"
    )
    return "# ruff: noqa: F401\n" + head + "".join(f"\n\n{source}" for source in sources)


def _try_facts(lesson: Lesson, cases: Path) -> None:
    """Each fact must say of the right answer, from the students' copy of it, what it says here."""
    get = "students get its source alone, with torch, F, nn, np, math, functions and other facts"
    with environ(COURSE_CASES=str(cases)):
        try:
            module = runpy.run_path(str(file)) if (file := cases / f"{lesson.name}_facts.py").is_file() else {}
        except NameError as error:
            raise CourseError(f"The first line of a fact of {lesson.name} says {error.name}; but {get}.") from error
    for exercise in lesson.exercises.values():
        copies = [dataclasses.replace(fact, function=module[fact.name]) for fact in exercise.facts]
        for fact, copy in zip(exercise.facts, copies, strict=True):
            here = fact.function.__globals__
            for name in sorted(_globals_of(copy.function.__code__)):
                if name not in module and not hasattr(builtins, name):
                    raise CourseError(f"The fact {fact.name} of {exercise.name} uses {name}; but {get}.")
                there = module[name] if name in module else getattr(builtins, name)
                if name in here and not isinstance(here[name], Fact) and here[name] is not there:
                    raise CourseError(
                        f"The fact {fact.name} of {exercise.name} uses {name}, which is something else there: {get}."
                    )
        if not copies:
            continue
        theirs = dataclasses.replace(exercise, facts=copies)
        for example, case in zip(exercise.examples, exercise.visible_cases(), strict=True):
            if isinstance(case.expected, Raised):
                continue  # an exception is the right answer, and nothing to observe
            try:
                said = theirs.case(example).expected
            except CourseError as error:
                raise CourseError(f"{error} That is so where {get}.") from error
            if found := theirs.spec(lesson.name, [case]).difference(case.expected, said):
                raise CourseError(f"The right answer of {exercise.name} does not satisfy its facts. {found.message}")


def _globals_of(code: CodeType) -> set[str]:
    """The names that code looks up outside of itself, whichever branch it takes."""
    names = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_globals_of(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


def _read_notebook(lesson: Lesson) -> nbformat.NotebookNode:
    if not lesson.notebook.is_file():
        raise CourseError(f"{lesson.folder.name} has no notebook: write {lesson.notebook.name} in that folder.")
    where = f"{lesson.folder.name}/{lesson.notebook.name}"
    try:
        ids = [cell.get("id") for cell in json.loads(lesson.notebook.read_text("utf-8"))["cells"]]
        if twice := next((each for each in ids if each is not None and ids.count(each) > 1), None):
            raise CourseError(f"{where}: Two cells have the id '{twice}': give one of them another.")
        notebook = nbformat.read(lesson.notebook, as_version=4)
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise CourseError(f"{where}: {_misformed(notebook, error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{where} cannot be read as a notebook ({type(error).__name__}: {error}): save it anew in JupyterLab, or "
            "take its last version that could be."
        ) from error
    return notebook


def _misformed(notebook: nbformat.NotebookNode, error: nbformat.ValidationError) -> str:
    """What of a notebook is not as the format has it, in a sentence."""
    match list(error.absolute_path):
        case ["cells", int(index), *part]:
            what = (
                ".".join(map(str, part)) + " of " * bool(part) + f"the cell '{cell_name(notebook.cells[index], index)}'"
            )
        case part:
            what = ".".join(map(str, part)) or "something"
    return f"In it {what} is not as the notebook format has it: {error.message}."


def _checked_points(lesson: Lesson, notebook: nbformat.NotebookNode) -> dict[str, float]:
    """The points of each exercise, from its test cell; refuses a lesson whose notebook and declarations disagree."""
    points: dict[str, float] = {}
    tests = []
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if not settings.get("grade") or settings.get("solution"):
            continue
        tests.append(cell)
        name = settings.get("grade_id")
        try:
            judged = checked_in(cell.source, lesson.name)
        except SyntaxError as error:
            raise CourseError(
                f"{lesson.notebook.name}: the test cell {name} is not valid Python (line {error.lineno}: {error.msg})."
            ) from error
        except CourseError as error:
            raise CourseError(f"{lesson.notebook.name}, the test cell {name}: {error}") from error
        if not judged:
            raise CourseError(
                f'The test cell {name} checks nothing: write check("name", name) in it, for an '
                "exercise that exercises.py declares. The hidden test is put in by `course build`."
            )
        if unknown := [each for each in judged if each not in lesson.exercises]:
            raise CourseError(
                f"{lesson.notebook.name}: the test cell {name} checks {unknown[0]}, which exercises.py does not declare"
                f"{did_you_mean(unknown[0], lesson.exercises)}."
            )
        if twice := [each for each in judged if each in points]:
            raise CourseError(f"{lesson.notebook.name} has two test cells for {twice[0]}: keep one of them.")
        points |= dict.fromkeys(judged, settings.points / len(judged))
    missing = [name for name in lesson.exercises if name not in points]
    for index, cell in enumerate(notebook.cells):
        asked = exercises_in(cell.source, lesson.name) if cell.cell_type == "code" and cell not in tests else ()
        if unmarked := [name for name in missing if name in asked]:
            raise CourseError(
                f"{lesson.notebook.name}: the cell {cell_name(cell, index)} checks {unmarked[0]}, and is no test cell: "
                "choose Autograded tests for it in the Create Assignment panel."
            )
    if missing:
        raise CourseError(f"{lesson.notebook.name} has no test cell for {', '.join(missing)}.")
    return points


def _written(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """The questions in words, which a person marks, with their points."""
    roles = [cell.metadata.nbgrader for cell in notebook.cells if is_written(cell)]
    return {role.grade_id: role.get("points", 0) for role in roles}


def _generate_assignment(root: Path, lesson: Lesson, released: Path, tried: bool) -> None:
    """nbgrader's own `generate_assignment`, writing to a folder of its own and to no gradebook."""
    with _nbgrader_app(root) as app:
        app.config.SaveCells.enabled = False
        app.config.TrySolution.enabled = tried
        coursedir = CourseDirectory(
            parent=app, assignment_id=lesson.folder.name, release_directory=str(released), notebook_id=lesson.name
        )
        converter = _Generate(coursedir=coursedir, parent=app, no_database=True)
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
