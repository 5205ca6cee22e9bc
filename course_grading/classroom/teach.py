"""The course learns from a class: a stub of a misconception for a group of wrong answers that none explains yet."""

from __future__ import annotations

import ast
import inspect
import keyword
from pathlib import Path

from course_grading.authoring.language import Exercise, Lesson
from course_grading.authoring.rules import TO_WRITE
from course_grading.classroom.figures import Figures, Mistake
from course_grading.files import replacing
from course_grading.terminal import foreign
from course_utils.errors import CourseError, did_you_mean

STEP = "    "


def find_group(figures: list[Figures], name: str) -> tuple[Lesson, Mistake]:
    """The group of this name; CourseError with those there are."""
    known = {group.group: (each.lesson, group) for each in figures for group in each.groups}
    if name not in known:
        raise CourseError(f"The report has no group '{name}'{did_you_mean(name, known) or ': none is without a name'}.")
    return known[name]


def teach(lesson: Lesson, group: Mistake, name: str = "") -> str:
    """Write the stub into the lesson's exercises.py; returns the misconception's name. No code of a student's goes
    into it: its author writes the wrong code and the hint, and `course build` refuses the lesson until then."""
    name = name or f"unnamed_{group.digest[:6]}"
    exercise = lesson.exercises[group.exercise]
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CourseError(f"'{name}' is no name for a misconception: write it as a Python name, such as border_kept.")
    if group.raises:
        raise CourseError(
            f"{group.group} stopped with {foreign(group.raises, 60)} in every case: a misconception is recognised by "
            "what it gives, and these answers give nothing. Their card shows the exception and its line."
        )
    if group.declared:
        raise CourseError(f"{group.group} is {group.declared} by now: grade again, and its card says so.")
    if name in (known.name for known in exercise.misconceptions):
        raise CourseError(f"{exercise.name} has a misconception called {name}: choose another name with --as.")
    path = lesson.folder / "exercises.py"
    source = path.read_text(encoding="utf-8")
    if _what(group) in source:
        raise CourseError(
            f"exercises.py has a stub for {group.group} already, in {exercise.name} where it says {group.digest}: "
            "write that one so that it gives the same, or take it out first."
        )
    _write(path, with_stub(source, exercise, name, f"{_what(group)}: `course report` tells when this gives the same."))
    return name


def with_stub(source: str, exercise: Exercise, name: str, about: str) -> str:
    """The source of exercises.py with a stub at the end of the exercise's class `wrong`."""
    body = next(
        node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == exercise.name
    )
    wrong = next((node for node in body.body if isinstance(node, ast.ClassDef) and node.name == "wrong"), None)
    lines = source.splitlines(keepends=True)
    end = (wrong or body).end_lineno or len(lines)
    stub = _function(exercise, name, about) if exercise.is_function else _value(name, about)
    head = [] if wrong else [f"{STEP}class wrong:\n"]
    new = ["\n", *head, *(f"{STEP * 2}{line}\n" if line else "\n" for line in stub)]
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    text = "".join([*lines[:end], *new, *lines[end:]])
    ast.parse(text)
    return text


def _function(exercise: Exercise, name: str, about: str) -> list[str]:
    return [
        f"def {name}{inspect.signature(exercise.answer)}:",
        f'{STEP}"""{TO_WRITE}: what was done, then a question."""',
        f"{STEP}# {about}",
        f"{STEP}raise NotImplementedError",
    ]


def _value(name: str, about: str) -> list[str]:
    return [
        f"class {name}:",
        f'{STEP}"""{TO_WRITE}: what was done, then a question."""',
        "",
        f"{STEP}# {about}",
        f"{STEP}value = None",
    ]


def _what(group: Mistake) -> str:
    """What a stub's comment says of its group, by which it is found again."""
    return f"The class's answers gave {group.digest} on the examples"


def _write(path: Path, text: str) -> None:
    try:
        with replacing(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"Cannot write {path}: {error.strerror}. Nothing there was changed.") from error
