"""What a class report counts, from the records of a class; no HTML and no files here.

figures = count(lesson, works)
"""

from __future__ import annotations

import ast
import contextlib
import json
import math
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from course_grading.authoring.language import Guess, Lesson
from course_grading.classroom.records import Answer, Work, Written
from course_utils.digests import digest
from course_utils.errors import CourseError
from course_utils.guesses import alike

STATES = {  # what an answer is counted as, in the order of a bar
    "right": "right",
    "named": "a mistake with a name",
    "unnamed": "wrong, without a name",
    "follows": "follows from another exercise",
    "waiting": "not begun",
    "untested": "its test did not run",
}
FEW = 5  # answers: with fewer, a share says nothing
BROKEN = 0.1  # of those who began: fewer right ones than this make a test doubtful
TWINS = 3  # answers begun: with fewer, equal notebooks are no wonder
LONGEST_LINE = 100
LONGEST_SOURCE = 20_000  # characters of an answer that are looked at


@dataclass
class Mistake:
    """A mistake of one exercise, and whose it is. `digest` is set where no misconception explains it."""

    exercise: str
    name: str
    answers: list[tuple[str, Answer]] = field(default_factory=list)  # student, answer
    digest: str = ""
    following: Counter[str] = field(default_factory=Counter)  # exercises that went wrong for these students by it
    lines: tuple[str, ...] = ()  # of a typical answer
    declared: str = ""  # the misconception that gives the same, where one has been declared since
    raises: str = ""  # the exception that is all they gave: by it no misconception can be recognised

    @property
    def group(self) -> str:
        """What `course report --name` calls it."""
        return f"{self.exercise}-{self.digest[:6]}"

    @property
    def weight(self) -> int:
        return len(self.answers) + self.following.total()


@dataclass
class Guessed:
    """What a class guessed: how many were right, and each wrong value with how many said it and the belief behind."""

    guess: Guess
    right: int = 0
    wrong: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.right + sum(number for _, number, _ in self.wrong)


@dataclass
class Figures:
    """All that a report says of one lesson."""

    lesson: Lesson
    works: Sequence[Work]
    states: dict[str, Counter[str]]  # exercise → state → how many
    mistakes: list[Mistake]  # those with a name, the most frequent first
    groups: list[Mistake]  # those that no misconception explains, by equal output
    guesses: list[Guessed]
    sentences: dict[str, list[tuple[str, str]]]  # explanation → (student, what they wrote)
    written: dict[str, list[Written]]  # question in words → its marks
    doubts: list[tuple[str, str]]  # exercise whose test may be broken, and why
    twins: list[list[str]]  # students with identical answers
    stopped: Counter[str]  # the last exercise that was begun, of those who did not begin all

    @cached_property
    def shares(self) -> list[float]:
        """Each one's share of the points, from 0 to 1."""
        return [work.score / work.max_score if work.max_score else 0.0 for work in self.works]

    @property
    def mean(self) -> float:
        return sum(self.shares) / len(self.shares) if self.shares else 0.0

    @property
    def left_out(self) -> str:
        """What the shares leave out, as a part of a sentence; empty where they are final."""
        number = sum(work.waits for work in self.works)
        have = f"{number} of {len(self.works)} {'has' if number == 1 else 'have'}"
        until = "0 points, or those of before, until then"
        return f"{have} answers in words that wait to be marked: {until}" if number else ""

    @property
    def frequent(self) -> int:
        """How many must have a mistake so that it is worth the time of all."""
        return max(2, math.ceil(0.03 * len(self.works)))


def count(lesson: Lesson, works: Sequence[Work]) -> Figures:
    """The figures of a class."""
    states = {
        name: Counter(work.answers[name].state for work in works if name in work.answers) for name in lesson.exercises
    }
    mistakes, groups = _mistakes(lesson, works)
    return Figures(
        lesson,
        works,
        states,
        mistakes,
        groups,
        [_guessed(guess, works) for guess in lesson.guesses.values()],
        _sentences(lesson, works),
        _written(works),
        list(_doubts(lesson, works, states)),
        _twins(works),
        Counter(stop for work in works if (stop := _stopped_at(work))),
    )


def bins(shares: Iterable[float], number: int = 10) -> list[int]:
    """How many shares lie in each of `number` equal parts of 0 … 1; full marks are in the last."""
    counts = Counter(min(number - 1, int(share * number + 1e-9)) for share in shares)
    return [counts[index] for index in range(number)]


def _mistakes(lesson: Lesson, works: Sequence[Work]) -> tuple[list[Mistake], list[Mistake]]:
    named: dict[tuple[str, str], Mistake] = {}
    groups: dict[tuple[str, str], Mistake] = {}
    for work in works:
        for name, answer in work.answers.items():
            if answer.state not in ("named", "unnamed"):
                continue
            mine = []
            if answer.mistake:
                mine.append(named.setdefault((name, answer.mistake), Mistake(name, answer.mistake)))
            if answer.digest:
                label = answer.mistake or "not named"
                group = Mistake(name, label, digest=answer.digest, raises=answer.raises)
                mine.append(groups.setdefault((name, answer.digest), group))
            for mistake in mine:
                mistake.answers.append((work.student, answer))
                mistake.following.update(
                    other for other in work.answers if other != name and _root(work, other) == name
                )
    for mistake in (*named.values(), *groups.values()):
        mistake.lines = typical_lines(
            [answer.source for _, answer in mistake.answers],
            [
                work.answers[mistake.exercise].source
                for work in works
                if mistake.exercise in work.answers and work.answers[mistake.exercise].outcome == "right"
            ],
        )
    known: dict[str, dict[str, str]] = {}
    for mistake in groups.values():
        if mistake.exercise not in known:
            known[mistake.exercise] = digests_of(lesson, mistake.exercise)
        mistake.declared = known[mistake.exercise].get(mistake.digest, "")
    return _most_first(named.values()), _most_first(groups.values())


def _root(work: Work, exercise: str) -> str:
    """The exercise where an answer's trouble starts: itself, or what it follows from, however far back."""
    seen: list[str] = []
    while exercise in work.answers and work.answers[exercise].state == "follows" and exercise not in seen:
        seen.append(exercise)
        exercise = work.answers[exercise].follows
    return exercise


def _most_first(mistakes: Iterable[Mistake]) -> list[Mistake]:
    return sorted(mistakes, key=lambda mistake: (-mistake.weight, mistake.exercise, mistake.name))


def digests_of(lesson: Lesson, exercise: str) -> dict[str, str]:
    """What each misconception of an exercise gives on its visible cases: digest → name. A stub gives nothing yet."""
    declared = lesson.exercises[exercise]
    try:
        cases = declared.visible_cases()
        return {digest(case.wrong[key] for case in cases): wrong.name for wrong, key, _ in declared.wrong_answers()}
    except CourseError:
        return {}


def typical_lines(sources: Sequence[str], right: Sequence[str], number: int = 2) -> tuple[str, ...]:
    """The lines that tell these answers from right ones, as they stand in one of them. What is not in most of them is
    one student's own, and nobody's to show."""
    among = Counter(line for source in sources for line in set(_lines(source)))
    elsewhere = Counter(line for source in right for line in set(_lines(source)))

    def telling(line: str) -> float:
        return among[line] / len(sources) - elsewhere[line] / max(1, len(right))

    best: list[str] = []
    for source in sources:
        shared = [line for line in dict.fromkeys(_lines(source)) if 2 * among[line] > len(sources)]
        chosen = sorted(shared, key=telling, reverse=True)[:number]
        if sum(map(telling, chosen)) > sum(map(telling, best)) or not best:
            best = [line for line in shared if line in chosen]
    return tuple(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in best)


def _lines(source: str) -> list[str]:
    """Lines of code that do something: no comments, docstrings, headers and imports."""
    source = source[:LONGEST_SOURCE]
    with warnings.catch_warnings(), contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        warnings.simplefilter("ignore")
        source = ast.unparse(_without_docstrings(ast.parse(source)))
    skipped = ("#", "def ", "import ", "from ", "@", "class ", '"""')
    return [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith(skipped)]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _guessed(guess: Guess, works: Sequence[Work]) -> Guessed:
    result = Guessed(guess)
    wrong: Counter[str] = Counter()
    beliefs: dict[str, str] = {}
    for work in works:
        if guess.name not in work.guesses:
            continue
        value = _plain(work.guesses[guess.name]["value"])
        if guess.is_true(value):
            result.right += 1
            continue
        said = in_words(value)
        wrong[said] += 1
        beliefs[said] = next(
            (name for name, (values, _) in guess.beliefs.items() if any(alike(known, value) for known in values)), ""
        )
    result.wrong = [(said, number, beliefs[said]) for said, number in wrong.most_common()]
    return result


def _plain(data: Any, depth: int = 0) -> Any:
    """A guess as a record keeps it, which may hold anything, as numbers, texts and sequences of them."""
    if isinstance(data, dict):
        sequence = data.get("tuple", data.get("tensor"))
        return _plain(sequence, depth + 1) if sequence is not None else "something else"
    if isinstance(data, list) and depth < 5 and len(data) <= 100:
        return tuple(_plain(item, depth + 1) for item in data)
    return data if isinstance(data, (bool, int, float, str)) else "something else"


def in_words(value: Any) -> str:
    """A guess in a few characters: words in small letters, so that equal ones are counted together."""
    if isinstance(value, str):
        return " ".join(value.casefold().split())[:60] or "nothing"
    if hasattr(value, "tolist"):
        value = value.tolist()
    return json.dumps(value, default=str)[:60]


def _sentences(lesson: Lesson, works: Sequence[Work]) -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(work.student, work.sentences[name]) for work in works if name in work.sentences]
        for name in lesson.explanations
    }


def _written(works: Sequence[Work]) -> dict[str, list[Written]]:
    names = dict.fromkeys(name for work in works for name in work.written)
    return {name: [work.written[name] for work in works if name in work.written] for name in names}


def _doubts(lesson: Lesson, works: Sequence[Work], states: Mapping[str, Counter[str]]) -> Iterable[tuple[str, str]]:
    for name in lesson.exercises:
        counted = states[name]
        begun = counted.total() - counted["waiting"] - counted["follows"] - counted["untested"]
        answers = [work.answers[name] for work in works if name in work.answers]
        of_its_own = [each for each in answers if each.state in ("right", "named", "unnamed")]
        hidden = sum(
            each.check.get("outcome") == "right" and each.judge.get("outcome") == "wrong" for each in of_its_own
        )
        if begun >= FEW and counted["right"] < BROKEN * begun:
            yield name, f"{counted['right']} of {begun} who began it are right"
        if begun >= FEW and hidden >= 0.3 * begun:
            yield name, f"{hidden} of {begun} pass the visible check and fail the hidden test"
        if counted["untested"] >= max(2, 0.2 * len(answers)):
            yield name, f"in {counted['untested']} of {len(answers)} notebooks its test came to no verdict"


def _twins(works: Sequence[Work]) -> list[list[str]]:
    """Students whose answers, all of them, are one and the same but for layout and comments."""
    alike: dict[str, list[str]] = {}
    for work in works:
        sources = {name: each.source for name, each in work.answers.items() if each.outcome != "waiting"}
        begun = {name: _lines(source) for name, source in sources.items() if len(source) <= LONGEST_SOURCE}
        if len(begun) >= TWINS and len(begun) == len(sources) and all(begun.values()):  # all of it is known
            alike.setdefault(json.dumps(begun), []).append(work.student)
    return [students for students in alike.values() if len(students) > 1]


def _stopped_at(work: Work) -> str:
    """The last exercise that was begun, where those after it were not; empty where all were, or none."""
    begun = [answer.outcome != "waiting" for answer in work.answers.values()]
    if not any(begun) or begun[-1]:
        return ""
    return list(work.answers)[len(begun) - 1 - begun[::-1].index(True)]
