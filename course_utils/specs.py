"""What a check knows of an exercise: its cases and hints, as `course build` stored them, read when asked for."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.errors import CourseError, did_you_mean
from course_utils.storage import from_json
from course_utils.values import Difference, Unplain, as_array, describe, difference, number_text


@dataclass(frozen=True, eq=False)  # tensors have no one answer to ==
class Case:
    """One input, the right output, and what each misconception gives for it.

    Where an exercise is judged by facts, outputs are what the facts say: name of the fact → plain data.
    A misconception that is spelled in several ways has a key for each: "centred", "centred/that_raises".
    """

    arguments: Mapping[str, Any]
    expected: Any
    wrong: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Fact:
    """Something observed of an answer, where many answers are right: a function, its words, and what it should say.

    What it says is compared with what it says of a right answer, within a tolerance, or with bounds.
    """

    name: str
    words: str  # as a sentence needs them: "its response to a flat area"
    function: Callable[..., Any]
    within: float | None = None  # absolute
    at_least: float | None = None
    at_most: float | None = None
    means: str | None = None  # the misconception that it shows, where it is the first to fail
    in_place: bool | None = None  # seen where the answer was made, before gradients are taken off
    wanted: str | None = None  # what to ask for, in words, where its bounds would say more, or less, than is asked

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """What it says, for other facts that build on it."""
        return self.function(*arguments, **keywords)

    def difference(self, expected: Any, said: Any) -> Difference | None:
        """How what the fact says of an answer differs from what it should say, in words; None where it does not."""
        if isinstance(said, Unplain):
            return Difference(
                "fact",
                f"{_capital(self.words)}: this could not be found out of your answer. Is all in it of the kind that is "
                "asked for, and are its parts equally long?",
            )
        low, high = self.at_least, self.at_most
        if low is None and high is None:
            if not self._apart(expected, said):
                return None
            wanted, given = _in_words(expected), _in_words(said)
            place = ""
            if wanted == given and (farthest := _farthest(expected, said)):
                wanted, given, place = farthest
            return Difference("fact", f"{_capital(self.words)}: expected {wanted}, yours {given}{place}.")
        number = _number(said)
        if number is not None and (low is None or number >= low) and (high is None or number <= high):
            return None
        if self.wanted:
            wanted = self.wanted
        elif low is not None and high is not None:
            wanted = f"between {number_text(low)} and {number_text(high)}"
        else:
            wanted = f"at least {number_text(low)}" if low is not None else f"at most {number_text(high)}"
        return Difference("fact", f"{_capital(self.words)}: expected {wanted}, yours {_in_words(said)}.")

    def _apart(self, expected: Any, said: Any) -> bool:
        if self.within is None:
            return difference(expected, said) is not None
        one, other = as_numbers(expected), as_numbers(said)
        if one is None or other is None or len(one) != len(other):
            return difference(expected, said) is not None
        return not all(abs(a - b) <= self.within for a, b in zip(one, other, strict=True))


def as_numbers(value: Any) -> list[float] | None:
    """A number, or a sequence or tensor of numbers, as a flat list; None for anything else."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        parts = [as_numbers(item) for item in value]
        return None if any(part is None for part in parts) else [number for part in parts for number in part or []]
    if not isinstance(value, (int, float)):
        return None
    try:
        return [float(value)]
    except OverflowError:
        return [float("inf") if value > 0 else float("-inf")]


def _number(value: Any) -> float | None:
    numbers = as_numbers(value)
    return numbers[0] if numbers is not None and len(numbers) == 1 else None


def _in_words(value: Any) -> str:
    numbers = as_numbers(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or value is None:
        return str(value)
    if isinstance(value, (list, tuple)) and value and all(isinstance(each, bool) for each in value):
        return f"({', '.join(map(_in_words, value))})"
    if numbers is not None and len(numbers) <= 12:
        listed = ", ".join(number_text(number) for number in numbers)
        if isinstance(value, (list, tuple)):  # as Python writes it: (450,) and (2, 10)
            return f"({listed}{',' * (len(numbers) == 1)})"
        return listed if len(numbers) == 1 else f"({listed})"
    text = repr(value)
    return text if isinstance(value, (list, tuple)) and len(text) <= 120 else describe(value)


def _farthest(expected: Any, said: Any) -> tuple[str, str, str] | None:
    """Of two tensors of one shape, the numbers that differ most, and where they are; None for anything else."""
    one, other = as_array(expected), as_array(said)
    if one is None or other is None or one.shape != other.shape or not one.size:
        return None
    place = np.unravel_index(np.argmax(np.abs(np.subtract(one, other, dtype=float))), one.shape)
    row, *column = (int(index) for index in place[-2:])
    where = f", farthest at row {row}, column {column[0]}" if column else f", farthest at index {row}"
    return number_text(one[place]), number_text(other[place]), where


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, eq=False)
class Spec:
    """All that a check knows of an exercise. `arguments` is empty where the answer is a value, not a function."""

    lesson: str
    name: str
    arguments: tuple[str, ...]
    points: float
    forbidden: tuple[str, ...]
    hints: Mapping[str, str]
    cases: Sequence[Case]
    through: tuple[str, ...] = ()  # library functions that the answer must call
    facts: tuple[Fact, ...] = ()
    tolerance: float | None = None
    shown: bool = True  # whether a card may show what is expected
    no_arguments: bool = False  # whether it is a function all the same
    objects: bool = False  # whether answers are no plain values, so that facts are seen where they live
    siblings: tuple[str, ...] = ()  # the lesson's exercises, in order, on which this one may build
    uses: Mapping[str, Callable] = field(default_factory=dict)  # right answers to lend, known to hidden tests only

    @property
    def is_function(self) -> bool:
        return bool(self.arguments) or self.no_arguments

    @property
    def refused(self) -> tuple[str, ...]:
        """The library functions that may do no work in an answer: it is to be written by hand."""
        return tuple(name for name in self.forbidden if name not in self.through)

    @property
    def full_name(self) -> str:
        return f"{self.lesson}.{self.name}"

    def difference(self, expected: Any, actual: Any) -> Difference | None:
        """How an answer, or what its facts say, differs from what is expected; None where it does not."""
        if not self.facts or not isinstance(expected, Mapping):
            return difference(expected, actual, self.tolerance)
        for fact in self.facts:
            found = fact.difference(expected[fact.name], actual.get(fact.name))
            if found:
                return found
        return None

    def failing_fact(self, expected: Mapping[str, Any], said: Mapping[str, Any]) -> Fact | None:
        """The first fact that is not as expected."""
        return next((fact for fact in self.facts if fact.difference(expected[fact.name], said.get(fact.name))), None)


def find_spec(name: str) -> Spec:
    """The stored spec of an exercise, by its name or by "lesson.name"."""
    return read_spec(*find_exercise(name))


def find_exercise(name: str) -> tuple[str, str]:
    """The lesson and the name of an exercise, by its name or by "lesson.name"; none of its cases is read."""
    if not isinstance(name, str):
        raise CourseError('The first argument of check is the exercise\'s name in quotes: check("corr2d", corr2d).')
    return _find_exercise(name)


@functools.cache
def _find_exercise(name: str) -> tuple[str, str]:
    lesson, _, short = name.rpartition(".")
    for file in case_files():
        if lesson in ("", file.stem) and f'\n  "{short}": {{\n' in _text(file):
            return file.stem, short
    known = [exercise for file in case_files() for exercise in exercise_names(file.stem)]
    raise CourseError(f"There is no exercise called '{name}'{did_you_mean(short, known)}.")


def _cases() -> Path:
    """The folder of the stored cases: `course build` tries a lesson with new ones."""
    return Path(os.environ.get("COURSE_CASES") or Path(__file__).parent / "cases")


def case_files() -> list[Path]:
    """The stored cases, a file a lesson."""
    return sorted(_cases().glob("*.json"))


def exercise_names(lesson: str) -> tuple[str, ...]:
    """The names of a lesson's exercises, in the order of its notebook."""
    return tuple(_data(lesson)["exercises"])


def points_of(lesson: str) -> dict[str, float]:
    """Each exercise of a lesson, in order, with its points."""
    return {name: entry["points"] for name, entry in _data(lesson)["exercises"].items()}


def written_points(lesson: str) -> dict[str, float]:
    """A lesson's questions in words, which a person marks, with their points."""
    return dict(_data(lesson).get("written", {}))


def lesson_data(lesson: str) -> Mapping[str, Any]:
    """All that is stored of a lesson, as JSON data."""
    return _data(lesson)


@functools.cache
def read_spec(lesson: str, name: str) -> Spec:
    """The stored spec of one exercise; its tensors are made now."""
    return spec_from_json(_data(lesson), name, _fact_functions(lesson))


def spec_from_json(data: Mapping[str, Any], name: str, functions: Mapping[str, Callable]) -> Spec:
    """The spec of one exercise from the JSON data of its lesson, and the lesson's fact functions."""
    entry = data["exercises"][name]
    cases = tuple(
        Case(
            {key: from_json(value) for key, value in case["arguments"].items()},
            _outcome(case["expected"]),
            {key: _outcome(value) for key, value in case["wrong"].items()},
        )
        for case in entry["cases"]
    )
    return Spec(
        lesson=data["lesson"],
        name=name,
        arguments=tuple(entry["arguments"]),
        points=entry["points"],
        forbidden=tuple(entry["forbidden"]),
        hints=entry["hints"],
        cases=cases,
        through=tuple(entry.get("through", ())),
        facts=tuple(Fact(function=functions[fact["name"]], **fact) for fact in entry.get("facts", ())),
        tolerance=entry.get("tolerance"),
        shown=entry.get("shown", True),
        no_arguments=entry.get("no_arguments", False),
        objects=entry.get("objects", False),
        siblings=tuple(other for other in data["exercises"] if other != name),
    )


def _outcome(data: Any) -> Any:
    if isinstance(data, dict) and "facts" in data:
        return {name: from_json(value) for name, value in data["facts"].items()}
    return from_json(data)


@functools.cache
def _text(file: Path) -> str:
    return file.read_text("utf-8")


@functools.cache
def _data(lesson: str) -> Mapping[str, Any]:
    return json.loads(_text(_cases() / f"{lesson}.json"))


@functools.cache
def _fact_functions(lesson: str) -> dict[str, Callable]:
    """The lesson's fact functions, from the module that `course build` put beside its cases."""
    file = _cases() / f"{lesson}_facts.py"
    if not file.is_file():
        return {}
    found = util.spec_from_file_location(f"course_utils.cases.{lesson}_facts", file)
    if found is None or found.loader is None:
        return {}
    module = util.module_from_spec(found)
    found.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if callable(value)}


def fact_functions(lesson: str, names: Sequence[str]) -> dict[str, Callable]:
    """Those of a lesson's fact functions that are asked for."""
    return {name: _fact_functions(lesson)[name] for name in names}


def forget() -> None:
    """Read everything again: `course build` and tests put new cases in place."""
    for remembered in (read_spec, _find_exercise, _text, _data, _fact_functions):
        remembered.cache_clear()
