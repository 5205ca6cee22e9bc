"""A class of sixty, made for a test of a whole term: who they are, what they hand in, and what has to come of it.

Twelve are on each of five platforms. In lesson 1, students 0 … 14 make between them every mistake that has a name;
15 … 29 make one in corr2d alone, on which their convolve2d is built; the others are what every class has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache

import nbformat
from nbgrader.plugins import BasePlugin

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.simulated import answer_source
from tests.grading.courses import quick_answers, quick_notebook

LESSON = "01_sliding_regions"
PLATFORMS = ("Canvas", "Moodle", "Gradescope", "Drive", "GitHub")
POINTS = {
    "region_at": 2, "edge_region_shape": 1, "apply_kernel": 3, "positions": 2, "output_shape": 2, "corr2d": 4,
    "convolve2d": 3, "same_either_way": 3,
}  # fmt: skip
FIRST = ("Zoë", "Łukasz", "Ann", "Søren", "小龙", "Iñigo", "Ann", "Ólafur", "Nguyễn", "Sinéad", "Bo", "Mary Jane")
LAST = ("Ny", "Żółć", "Lee", "Møller", "李", "Peña", "Lee", "Þór", "Văn", "O'Shea", "Ek", "Watson-Smith")
HALF_RIGHT = ("region_at", "edge_region_shape", "apply_kernel", "positions")
EXIT = "def corr2d(x, kernel):\n    import os\n    os._exit(0)"
MARKUP = "def corr2d(x, kernel):\n    raise ValueError('<script>alert(1)</script>=cmd|x!A0 \\x1b[2J')"


class Half(BasePlugin):
    """A late penalty: half of what was reached."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        return score / 2


@dataclass
class Student:
    """One of the class. `states` is what each exercise counts as in the report, `mistakes` their names."""

    number: int
    name: str
    platform: str
    story: str
    states: dict[str, str] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)
    late: bool = False
    resubmitted: bool = False

    @property
    def collected(self) -> bool:
        return self.story not in ("missing", "no notebook", "bad crc")

    @property
    def graded(self) -> bool:
        return bool(self.states)

    @property
    def place(self) -> int:
        """Among the twelve of the platform."""
        return self.number // len(PLATFORMS)

    @property
    def id(self) -> str:
        """What names the folder."""
        number = self.number
        return {
            "Canvas": f"{4300 + number}",
            "Moodle": f"m{number}",
            "Gradescope": f"g{number}",
            "Drive": f"d{number}",
            "GitHub": f"user-{number}",
        }[self.platform]

    @property
    def points(self) -> float:
        return sum(POINTS[name] for name, state in self.states.items() if state == "right")

    @property
    def penalty(self) -> float:
        """As `Half` takes it."""
        return self.points / 2 if self.late else 0


def the_class() -> list[Student]:
    """Everybody, by number: students 0, 5, 10, … are on Canvas, 1, 6, … on Moodle, and so on."""
    lesson = load_lesson(LESSON)
    students = []
    for number in range(60):
        story = _story(number)
        student = Student(number, "", PLATFORMS[number % 5], story)
        student.name = f"{FIRST[student.place]} {LAST[student.place]}"
        states = dict.fromkeys(POINTS, "right")
        if story.startswith("wrong"):
            for name, exercise in lesson.exercises.items():
                if number < len(exercise.misconceptions):
                    states[name], student.mistakes[name] = "named", exercise.misconceptions[number].name
        elif story == "slip":
            states |= {"corr2d": "named", "convolve2d": "follows"}
            student.mistakes["corr2d"] = lesson.exercises["corr2d"].misconceptions[number - 13].name
        elif story == "untouched":
            states = dict.fromkeys(POINTS, "waiting")
        elif story == "half":
            states |= {name: "waiting" for name in POINTS if name not in HALF_RIGHT}
        elif story == "exit":
            states |= dict.fromkeys(("corr2d", "convolve2d", "same_either_way"), "untested")
        elif story == "markup":
            states |= {"corr2d": "unnamed", "convolve2d": "follows"}
        elif story in ("missing", "broken", "no notebook", "bad crc"):
            states = {}
        student.states = states
        student.late = number in (16, 30, 31, 32, 35)
        student.resubmitted = 33 <= number <= 37
        students.append(student)
    return students


def _story(number: int) -> str:
    if number < 15:
        return f"wrong {number}"
    if number < 30:
        return "slip"
    others = {
        40: "untouched", 41: "untouched", 42: "untouched", 43: "untouched", 44: "untouched",
        45: "half", 46: "half", 47: "half",
        48: "exit", 49: "markup",
        50: "bad crc", 51: "broken", 52: "no notebook", 53: "broken", 54: "broken",
        55: "missing", 56: "missing", 57: "missing", 58: "missing", 59: "missing",
    }  # fmt: skip
    return others.get(number, "right")


@cache
def lesson() -> Lesson:
    return load_lesson(LESSON)


@cache
def right() -> dict[str, str]:
    return quick_answers(lesson())


def notebook(student: Student) -> bytes:
    """What a student hands in at last."""
    if student.story.startswith("wrong"):
        wrong = {name: answer_source(lesson(), name, mistake) for name, mistake in student.mistakes.items()}
        return written(_alone() | wrong)
    if student.story == "slip":
        return written(right() | {"corr2d": answer_source(lesson(), "corr2d", student.mistakes["corr2d"])})
    if student.story == "half":
        return written({name: right()[name] for name in HALF_RIGHT})
    if student.story == "untouched":
        return written({})
    if student.story in ("exit", "markup"):
        return written(right() | {"corr2d": EXIT if student.story == "exit" else MARKUP})
    text = written(right())
    return text[: len(text) // 2] if student.story == "broken" else text


def written(answers: dict[str, str]) -> bytes:
    return _written(tuple(sorted(answers.items())))


@cache
def _written(answers: tuple[tuple[str, str], ...]) -> bytes:
    return json.dumps(json.loads(nbformat.writes(quick_notebook(lesson(), dict(answers))))).encode()


@cache
def _alone() -> dict[str, str]:
    """Right answers of which none calls another, so that no mistake follows from one of them."""
    by_hand = {
        "apply_kernel": "product_by_product",
        "corr2d": "window_by_window",
        "convolve2d": "by_indices_that_run_backwards",
    }
    functions = [name for name, exercise in lesson().exercises.items() if exercise.is_function]
    return right() | {name: answer_source(lesson(), name, by_hand.get(name, "right")) for name in functions}
