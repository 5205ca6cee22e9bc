"""`course build`: turn the lessons' sources into what students get, or check that what they get is fresh."""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import dis
import filecmp
import inspect
import json
import logging
import math
import multiprocessing
import os
import runpy
import shutil
import tempfile
import textwrap
from collections.abc import Collection, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from types import CodeType
from typing import Annotated, Any

import nbformat
import torch
import typer
from nbgrader.apps import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from course_grading.authoring.fresh_kernels import warm_up
from course_grading.authoring.freshness import is_fresh, remember
from course_grading.authoring.language import Exercise, Guess, Lesson, load_lesson
from course_grading.authoring.limits import in_time
from course_grading.authoring.new import NAME
from course_grading.authoring.page import refuse_page
from course_grading.authoring.rules import SEEDS, refuse
from course_grading.authoring.start_page import START, start_page
from course_grading.course import Course
from course_grading.environ import environ
from course_grading.grading.gradebook import enter
from course_grading.kernels.inside.confine import die_with
from course_grading.kernels.pool import modules_of
from course_grading.notebook.checked import checked_in
from course_grading.notebook.released import is_written
from course_grading.places import course_root, find_lesson, lesson_folders, short_name
from course_grading.terminal import tell, unheard
from course_grading.workspace import rescue
from course_utils.errors import CourseError
from course_utils.specs import Fact
from course_utils.storage import LARGEST_READABLE, from_json, to_json
from course_utils.values import Raised, Sketch

LARGEST_CASES = 300_000  # characters of a lesson's visible cases; students load them with the first check


def build(
    lesson: Annotated[str | None, typer.Argument(help="One lesson, such as 01_sliding_regions. [default: all]")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail if the released files are stale.")
    ] = False,
) -> None:
    """Make the students' notebooks and visible cases from solutions/, and record the lessons in the gradebook.

    A lesson is not made and tried again where nothing has changed that it is made from.
    """
    root = course_root()
    every = folders = lesson_folders(root)
    _refuse_other_names(every)
    _refuse_one_short_name(every)
    if lesson:
        chosen = find_lesson(lesson, [folder.name for folder in folders])
        folders = [folder for folder in folders if folder.name == chosen]
    stale: list[str] = []
    done: list[str] = []
    to_build = [folder.name for folder in folders if check or not is_fresh(root, folder.name, tried=True)]
    try:
        with tempfile.TemporaryDirectory() as scratch, closing(_built(root, to_build, Path(scratch), not check)) as new:
            for name in (folder.name for folder in folders):
                try:
                    built = next(new) if name in to_build else {}
                except CourseError as error:
                    if short_name(name) in str(error):
                        raise
                    raise CourseError(f"{name}: {error}") from error
                _refuse_taken_names(name, built, root, every)
                if not check:
                    enter(Course(root), name)
                stale += _delivered(name, built, root, check)
                done.append(name)
    except BaseException as stop:
        for name in () if check else done:  # what is in its place is not tried again
            remember(root, name, tried=True)
        if not isinstance(stop, KeyboardInterrupt):
            raise
        tell("Stopped. What is told above is in its place; the same command makes the rest.")
        raise typer.Exit(130) from None
    if (root / "solutions" / START).is_file():
        with tempfile.TemporaryDirectory() as scratch:
            page = Path(scratch) / START
            page.write_text(start_page(root), encoding="utf-8")
            stale += _delivered("the first page", {f"notebooks/{START}": page}, root, check)
    left = _left_over(root, every)
    if left and check:
        raise CourseError(f"Of no lesson any more: {', '.join(left)}. Delete what nobody needs of it.")
    for path in left:
        tell(f"{path} is of no lesson any more. Delete it, unless it holds somebody's work.")
    if stale:
        raise CourseError(f"Stale: {', '.join(stale)}. Run `course build` and commit what it changes.")
    for folder in folders:
        remember(root, folder.name, tried=not check)
    if check:
        tell(f"{len(folders)} lesson{'s' if len(folders) != 1 else ''}: released notebooks and cases are fresh.")


def _refuse_other_names(folders: list[Path]) -> None:
    """Links, files of cases and commands rely on the names that `course new` gives."""
    for folder in folders:
        if not (found := NAME.fullmatch(folder.name)) or not found["number"]:
            raise CourseError(
                f"solutions/{folder.name} is not named as lessons are: take two digits, _, and small letters, digits "
                "or _, such as 09_edges for a notebook edges.ipynb."
            )


def _refuse_one_short_name(folders: list[Path]) -> None:
    """Cases are known by a lesson's name without its number: two lessons of one name would overwrite each other's."""
    known: dict[str, str] = {}
    for folder in folders:
        if (other := known.setdefault(short_name(folder), folder.name)) != folder.name:
            raise CourseError(f"{other} and {folder.name} differ in their number alone: give one of them another name.")


def _refuse_taken_names(lesson: str, built: dict[str, Path], root: Path, folders: list[Path]) -> None:
    """`check("name", …)` finds an exercise by its name in all lessons, and so do guesses and explanations: of two of
    one name, the first is taken."""
    cases = f"course_utils/cases/{short_name(lesson)}.json"
    ours = json.loads(built[cases].read_text("utf-8")) if cases in built else {}
    for other in (folder.name for folder in folders if ours and folder.name != lesson):
        file = root / "course_utils" / "cases" / f"{short_name(other)}.json"
        theirs = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        for kind, what in {"exercises": "an exercise", "guesses": "a guess", "explanations": "an explanation"}.items():
            if taken := sorted({*ours.get(kind, ())} & {*theirs.get(kind, ())}):
                raise CourseError(
                    f"{lesson} and {other} both have {what} {taken[0]}: give one of them another name. (Where "
                    f"you took it out of {other}, first run `course build {other}`.)"
                )


def _left_over(root: Path, folders: list[Path]) -> list[str]:
    """Cases and released folders below `root` that no lesson makes any more."""
    names = {folder.name for folder in folders}
    made = (*root.glob("course_utils/cases/*.json"), *root.glob("course_utils/cases/*_facts.py"))
    cases = [path for path in made if are_of_others(path, names)]
    released = [path for path in root.glob("notebooks/[0-9]*") if path.is_dir() and path.name not in names]
    return [path.relative_to(root).as_posix() for path in sorted((*cases, *released))]


def are_of_others(cases: Path, lessons: Collection[str]) -> bool:
    """Whether a file of cases or facts is of another lesson than these, or of one that is no more."""
    return {short_name(lesson) for lesson in lessons}.isdisjoint({cases.stem, cases.stem.removesuffix("_facts")})


def _delivered(what: str, built: dict[str, Path], root: Path, check: bool) -> list[str]:
    """Put what was built in its place and say what changed; to `check`, only return what is stale."""
    changed = [name for name, file in built.items() if not _same(file, root / name)]
    if check:
        return changed
    for name in changed:
        if name.endswith(".ipynb") and (kept := rescue(root / name, root)):
            tell(f"Somebody has worked in {name}. It is kept as {kept.relative_to(root)}.")
        _replace(built[name], root / name)
    tell(f"{what}: {', '.join(changed) if changed else 'nothing has changed'}")
    return []


def _built(root: Path, names: list[str], scratch: Path, tried: bool) -> Generator[dict[str, Path], None, None]:
    """Each lesson, built in a folder of its own below `scratch`, side by side."""
    folders = [scratch / name for name in names]
    for folder in folders:
        folder.mkdir()
    if len(names) < 2:
        for name, folder in zip(names, folders, strict=True):
            yield build_lesson(root, name, folder, tried=tried)
        return
    spawned = multiprocessing.get_context("spawn")
    jobs = min(len(names), os.cpu_count() or 1)
    with ProcessPoolExecutor(jobs, spawned, initializer=die_with, initargs=(os.getpid(),)) as workers:
        with unheard():
            building = [
                workers.submit(build_lesson, root, name, folder, tried=tried)
                for name, folder in zip(names, folders, strict=True)
            ]
        try:
            for lesson in building:
                yield lesson.result()
        except BaseException:  # nobody waits for the others any more
            for worker in multiprocessing.active_children():
                worker.kill()
            raise


def build_lesson(root: Path, name: str, scratch: Path, *, tried: bool = True) -> dict[str, Path]:
    """Build one lesson into a scratch folder: path below `root` → new file.

    Where it is to be `tried`, hidden tests are drawn and the author's own notebook is run; neither changes what is
    released.
    """
    warm_up([*modules_of(lesson_folders(root)), "course_grading.authoring.judging"])
    torch.set_num_threads(1)  # sums in the same order on every machine
    with in_time(f"{name}/exercises.py"):
        lesson = load_lesson(name, root)
    notebook = _read_notebook(lesson)
    refuse_page(lesson, notebook)
    points = _checked_points(lesson, notebook)
    refuse(lesson, SEEDS if tried else ())
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
    page = f"{lesson.folder.name}/{lesson.notebook.name}"  # alone: what lies beside it may hold answers
    return files | {f"notebooks/{page}": released / page}


def cases_text(lesson: Lesson, points: dict[str, float], written: dict[str, float] | None = None) -> str:
    """The visible cases of a lesson as JSON text, one case a line, so that a change shows in a diff; with the points of
    its exercises and of its questions in words."""
    exercises = ",\n".join(
        f"  {json.dumps(name)}: {_exercise_text(exercise, points[name])}" for name, exercise in lesson.exercises.items()
    )
    parts = [f' "lesson": {json.dumps(lesson.name)}', f' "exercises": {{\n{exercises}\n }}']
    if lesson.guesses:
        guesses = ",\n".join(f"  {json.dumps(name)}: {_beliefs(guess)}" for name, guess in lesson.guesses.items())
        parts.append(f' "guesses": {{\n{guesses}\n }}')
    if lesson.explanations:
        ours = (f"  {json.dumps(name)}: {_json(text)}" for name, text in lesson.explanations.items())
        parts.append(' "explanations": {\n' + ",\n".join(ours) + "\n }")
    if written:
        parts.append(f' "written": {_json(written)}')
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    if len(text) > LARGEST_CASES:
        raise CourseError(
            f"The visible cases of {lesson.name} take {len(text) // 1000} KB; {LARGEST_CASES // 1000} are allowed. "
            f"Most is in {_largest(text)}: use fewer or smaller examples there."
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
    sizes = {name: len(json.dumps(entry)) for name, entry in json.loads(text)["exercises"].items()}
    return max(sizes, key=lambda name: sizes[name])


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
    try:
        return nbformat.read(lesson.notebook, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise CourseError(f"{lesson.notebook.name} cannot be read as a notebook: {error}") from error


def _checked_points(lesson: Lesson, notebook: nbformat.NotebookNode) -> dict[str, float]:
    """The points of each exercise, from its test cell; refuses a lesson whose notebook and declarations disagree."""
    points: dict[str, float] = {}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if not settings.get("grade") or settings.get("solution"):
            continue
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
        if twice := [each for each in judged if each in points]:
            raise CourseError(f"{lesson.notebook.name} has two test cells for {twice[0]}: keep one of them.")
        points |= dict.fromkeys(judged, settings.points / len(judged))
    missing, unknown = set(lesson.exercises) - set(points), set(points) - set(lesson.exercises)
    if missing:
        raise CourseError(f"{lesson.notebook.name} has no test cell for {', '.join(sorted(missing))}.")
    if unknown:
        raise CourseError(
            f"{lesson.notebook.name} tests {', '.join(sorted(unknown))}, which exercises.py does not declare."
        )
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


def _same(new: Path, old: Path) -> bool:
    """Whether a file is as it was; in cases, numbers may differ as much as another processor makes them differ."""
    if not old.is_file():
        return False
    if filecmp.cmp(new, old, shallow=False):
        return True
    if new.suffix != ".json":
        return False
    return _alike(json.loads(new.read_text("utf-8")), json.loads(old.read_text("utf-8")))


def _alike(new: Any, old: Any) -> bool:
    if isinstance(new, dict) and isinstance(old, dict):
        if new.keys() == old.keys() and "packed" in new:
            one, other = from_json(new), from_json(old)
            return one.dtype == other.dtype and one.shape == other.shape and torch.allclose(one, other, 1e-4, 1e-6)
        return list(new) == list(old) and all(_alike(new[key], old[key]) for key in new)
    if isinstance(new, list) and isinstance(old, list):
        return len(new) == len(old) and all(map(_alike, new, old))
    if isinstance(new, float) or isinstance(old, float):
        numbers = isinstance(new, (int, float)) and isinstance(old, (int, float))
        return numbers and (math.isclose(new, old, rel_tol=1e-4, abs_tol=1e-6) or (new != new and old != old))
    return type(new) is type(old) and new == old


def _replace(new: Path, old: Path) -> None:
    """Put a new file in the place of an old one, whole or not at all."""
    try:
        old.parent.mkdir(parents=True, exist_ok=True)
        beside = old.with_name(f".{old.name}.new")
        shutil.copyfile(new, beside)
        beside.replace(old)
    except OSError as error:
        raise CourseError(f"Cannot write {old}: {error.strerror}. Nothing there was changed.") from error
