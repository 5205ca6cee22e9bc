"""A class of twelve, made for tests of what comes after grading: `STORIES` says who handed in what of lesson 1."""

import json
import re
from pathlib import Path

import nbformat

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader, Row
from tests.grading.courses import copy_course

LESSON = "sliding_regions"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \x1b[2J"
LOOPS = """def corr2d(x, kernel):
    height, width = kernel.shape
    out = torch.zeros(x.shape[0] - height + 1, x.shape[1] - width + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + height, j : j + width] * WEIGHTS).sum()
    return RESULT"""
FLIPPED = LOOPS.replace("WEIGHTS", "kernel.flip(0, 1)").replace("RESULT", "out")
NINE_MORE = (
    LOOPS.replace("WEIGHTS", "kernel").replace("RESULT", "out + 9"),
    "def corr2d(x, kernel):\n    rows, cols = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1\n"
    "    return torch.tensor([[(x[i:i + kernel.shape[0], j:j + kernel.shape[1]] * kernel).sum().item() + 9\n"
    "                          for j in range(cols)] for i in range(rows)])",
)
BY_CORR2D = "def convolve2d(image, kernel):\n    return corr2d(image, torch.flip(kernel, (0, 1)))"
SAME_CODE = "def corr2d(x, kernel):\n    return torch.zeros(3, 3)  # <b>bold</b> " + HOSTILE[:30]
STORIES = {
    "ada": "all right, every guess right, an explanation",
    "alan": "corr2d flips the kernel, and convolve2d is built on it",
    "bob": "corr2d flips the kernel",
    "carl": "corr2d gives nine too much",
    "dora": "corr2d gives nine too much, written otherwise",
    "eve": "region_at is centred; a wrong guess with a known belief",
    "finn": "untouched",
    "gil": "four answers, a mistake among them",
    "hana": "the same as gil",
    "ivo": "corr2d does not run; markup wherever a student may write",
    "jo": "half of a file",
    "kim": "corr2d raises, and its message holds markup",
}


def make_class(root: Path, gradebook: Path) -> tuple[Course, list[Row]]:
    """The class in a copy of the course, graded."""
    lesson = load_lesson(LESSON)
    copy_course(root, gradebook, lesson=lesson.folder.name)
    for student, text in hand_ins(lesson).items():
        place = root / "submitted" / student / lesson.folder.name / lesson.notebook.name
        place.parent.mkdir(parents=True)
        place.write_text(text, encoding="utf-8")
    course = Course(root)
    return course, list(ClassGrader(course, [LESSON], jobs=2))


def hand_ins(lesson: Lesson) -> dict[str, str]:
    """Student → the text of the notebook handed in."""
    right = right_answers(lesson)
    flipped = {"corr2d": FLIPPED}
    guesses = {name: repr(guess.right) for name, guess in lesson.guesses.items()}
    half = {name: right[name] for name in ("region_at", "edge_region_shape", "positions")} | {"corr2d": SAME_CODE}
    ours = {name: f"In the words of ada: {name}." for name in lesson.explanations}
    full = _notebook(lesson, right, guesses, ours)
    return {
        "ada": full,
        "alan": _notebook(lesson, right | flipped | {"convolve2d": BY_CORR2D}, {"product_sum": "38"}),
        "bob": _notebook(lesson, right | flipped, {"product_sum": "4.2"}),
        "carl": _notebook(lesson, right | {"corr2d": NINE_MORE[0]}),
        "dora": _notebook(lesson, right | {"corr2d": NINE_MORE[1]}),
        "eve": _notebook(
            lesson, right | {"region_at": answer_source(lesson, "region_at", "centred")}, {"positions_of_3x3": "36"}
        ),
        "finn": _notebook(lesson, {}),
        "gil": _notebook(lesson, half),
        "hana": _notebook(lesson, half),
        "ivo": _notebook(
            lesson,
            right | {"corr2d": f"def corr2d(x, kernel:\n    {HOSTILE!r}"},
            {"coat_edge": repr(HOSTILE)},
            {"smaller_response": HOSTILE},
        ),
        "jo": full[: len(full) // 2],
        "kim": _notebook(lesson, right | {"corr2d": f"def corr2d(x, kernel):\n    raise ValueError({HOSTILE!r})"}),
    }


def _notebook(
    lesson: Lesson,
    answers: dict[str, str],
    guesses: dict[str, str] | None = None,
    sentences: dict[str, str] | None = None,
) -> str:
    notebook = filled_notebook(lesson, answers)
    for cell in notebook.cells:
        for name, value in (guesses or {}).items():
            cell.source = cell.source.replace(f'guess("{name}", None)', f'guess("{name}", {value})')
        for name, words in (sentences or {}).items():
            pattern = rf'explain\("{name}", """.*?"""\)'
            cell.source = re.sub(
                pattern, lambda _, name=name, words=words: f"explain({name!r}, {words!r})", cell.source, flags=re.S
            )
    return json.dumps(json.loads(nbformat.writes(notebook)))
