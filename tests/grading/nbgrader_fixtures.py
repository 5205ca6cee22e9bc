"""Every notebook in nbgrader's own tests, as a submission: to which lesson it is handed in, and what it should earn.

They are read from the installed package; a notebook that is new there, or gone, makes the test fail.
"""

import re
from pathlib import Path

import nbgrader.tests

FILES = Path(nbgrader.tests.__file__).parent
NAME = "p1"
Scores = dict[str, float | None]  # None: a person grades it

SOURCES = {  # lesson → its source
    "ps": "apps/files/submitted-unchanged.ipynb",
    "squares": "apps/files/test.ipynb",
    "tasks": "preprocessors/files/test_taskcell.ipynb",
    "hidden": "apps/files/test-hidden-tests.ipynb",
    "timeout": "apps/files/timeout.ipynb",
    "autotest-simple": "apps/files/autotest-simple.ipynb",
    "autotest-hashed": "apps/files/autotest-hashed.ipynb",
    "autotest-hidden": "apps/files/autotest-hidden.ipynb",
    "autotest-multi": "apps/files/autotest-multi.ipynb",
}
AUTOTESTS = "apps/files/autotests.yml"

# "ps": `foo` is a test that anything passes, `bar` needs a == 1; a written answer and a piece of code are for people.
UNTOUCHED = {"foo": 1, "bar": 0, "baz": 0, "quux": 0}
ANSWERED = {"foo": 1, "bar": 1, "baz": None, "quux": None}
# "squares": all right, but for the last test: it deletes `squares` and expects sum_of_squares to fail then. Tests here
# cannot take names away from the student's code, which runs in another process; by stock nbgrader it earns its 0.5.
SOLVED = {
    "correct_squares": 1,
    "squares_invalid_input": 1,
    "correct_sum_of_squares": 0.5,
    "sum_of_squares_uses_squares": 0,
    "sum_of_squares_equation": None,
    "sum_of_squares_application": None,
}
# The answers are there and run; that they are answers is lost, so that what a person should read is not found.
WITHOUT_METADATA = SOLVED | {
    "squares_invalid_input": 0,
    "sum_of_squares_equation": 0,
    "sum_of_squares_application": 0,
}
UNSOLVED = {name: None if points is None else 0 for name, points in SOLVED.items()}

EXPECTED: dict[str, tuple[str, Scores]] = {
    "test": ("squares", SOLVED),
    "test-with-output": ("squares", SOLVED),
    "test-v0": ("squares", SOLVED),  # stock: the schema is too old, and the whole class stops
    "test-v1": ("squares", SOLVED),
    "test-v2": ("squares", SOLVED),
    "test-v0-invalid": ("squares", SOLVED | {"sum_of_squares_application": 0}),  # this answer has no name
    "test-no-metadata": ("squares", WITHOUT_METADATA),
    "test-no-metadata-autotest": ("squares", WITHOUT_METADATA),
    "test_taskcell": ("tasks", UNSOLVED | {"task1": None}),
    "task": ("tasks", {name: 0 for name in SOLVED} | {"task1": None}),
    "test-hidden-tests": (
        "hidden",
        {
            "correct_squares": 0,
            "squares_invalid_input": 1,
            "correct_sum_of_squares": 0,
            "sum_of_squares_uses_squares": 0,  # as above
        },
    ),
    "timeout": ("timeout", {"correct_squares": 1}),  # it sleeps, which takes no processor time
    "submitted-unchanged": ("ps", UNTOUCHED),
    "submitted-changed": ("ps", ANSWERED),
    "submitted-cheat-attempt": ("ps", ANSWERED | {"bar": 0}),
    "submitted-cheat-attempt-alternative": ("ps", ANSWERED | {"bar": 0}),
    "submitted-grade-cell-changed": ("ps", UNTOUCHED),
    "submitted-grade-cell-type-changed": ("ps", UNTOUCHED),
    "submitted-answer-cell-type-changed": ("ps", UNTOUCHED),
    "submitted-locked-cell-changed": ("ps", UNTOUCHED),
    "autotest-simple": ("autotest-simple", {"test_simple": 1}),
    "autotest-simple-changed": ("autotest-simple", {"test_simple": 1}),
    "autotest-simple-unchanged": ("autotest-simple", {"test_simple": 0}),
    "autotest-hashed": ("autotest-hashed", {"test_hashed": 1}),
    "autotest-hashed-changed": ("autotest-hashed", {"test_hashed": 1}),
    "autotest-hashed-unchanged": ("autotest-hashed", {"test_hashed": 0}),
    "autotest-hidden": ("autotest-hidden", {"test_hidden": 1}),
    "autotest-hidden-changed-right": ("autotest-hidden", {"test_hidden": 1}),
    "autotest-hidden-changed-wrong": ("autotest-hidden", {"test_hidden": 0}),
    "autotest-hidden-unchanged": ("autotest-hidden", {"test_hidden": 0}),
    "autotest-multi": (
        "autotest-multi",
        {"test_multi": 1, "cell-f2803ba7c42d03ab": 1, "cell-693350420ec62f1b": 1, "cell-13479eb0e5fff152": 1},
    ),
    "autotest-multi-changed": (  # a dict in another order, which this test counts as wrong
        "autotest-multi",
        {"test_multi": 1, "cell-f2803ba7c42d03ab": 1, "cell-693350420ec62f1b": 0, "cell-13479eb0e5fff152": 1},
    ),
    "autotest-multi-unchanged": (
        "autotest-multi",
        {"test_multi": 0, "cell-f2803ba7c42d03ab": 0, "cell-693350420ec62f1b": 0, "cell-13479eb0e5fff152": 0},
    ),
}
# These have nothing of any lesson: handed in for "ps" they are unanswered, whatever else they do.
FOREIGN = (
    *("infinite-loop", "infinite-loop-with-output", "infinite-recursion", "side-effects", "long-output", "header"),
    *("open_relative_file", "validating-environment-variable", "validation-zero-points", "too-new", "old-schema"),
    *("bad-markdown-cell-1", "bad-markdown-cell-2", "blank-grade-id", "blank-points", "cell-type-changed", "blank"),
    *("duplicate-grade-ids", "manually-graded-code-cell", "no-cell-type", "warning-pattern", "empty"),
)
EXPECTED |= {name: ("ps", UNTOUCHED) for name in FOREIGN}
# Its list grows without end: on a fast machine it meets the limit on memory before the one on time, and nothing after
# that is run.
WHERE_MEMORY_ENDS_FIRST: dict[str, Scores] = {"infinite-loop-with-output": {"foo": 0, "bar": 0, "baz": 0, "quux": 0}}


def student(path: Path) -> str:
    """The name under which a fixture is handed in; several folders have one of the same name."""
    return re.sub(r"\W+", "_", f"{path.parent.parent.name} {path.stem}")


def notebooks() -> list[Path]:
    return sorted(FILES.glob("*/files/*.ipynb"))
