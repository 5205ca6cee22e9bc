"""Fixtures of all tests: every lesson of the course, found and not listed, so that lessons to come are tested too."""

import dataclasses
import gc
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from playwright.sync_api import Browser, sync_playwright

from course_grading.authoring.language import Exercise, Lesson, load_lesson
from course_grading.course import Course
from course_grading.grading.gradebook import Gradebook
from course_grading.places import lesson_folders
from course_utils import checking
from course_utils.specs import Spec

CHROMIUM_OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell: commands would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
LESSONS = {folder.name: load_lesson(folder.name, ROOT) for folder in lesson_folders(ROOT)}
EXERCISES = {
    f"{lesson.name}.{name}": (lesson, item) for lesson in LESSONS.values() for name, item in lesson.exercises.items()
}


def pytest_collection_finish() -> None:
    gc.freeze()  # torch and all tests stay: no collection, here or in a process forked from this one, looks at them


def refused(spec: Spec, answer: Callable) -> bool:
    """Whether a check refuses an answer. The first case alone is tried first: there most wrong ones fail already."""
    if spec.is_function:
        first = dataclasses.replace(spec, cases=tuple(spec.cases)[:1])
        if callable(answer) and any(trial.failed for trial in checking.tried(first, answer)):
            return True
    return checking.examine(spec, answer).outcome != "right"


@pytest.fixture(params=LESSONS.values(), ids=LESSONS.keys())
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """Every lesson in turn."""
    return request.param


@pytest.fixture(params=EXERCISES.values(), ids=EXERCISES.keys())
def lesson_and_exercise(request: pytest.FixtureRequest) -> tuple[Lesson, Exercise]:
    """Every exercise of every lesson in turn."""
    return request.param


@pytest.fixture(autouse=True)
def no_outcomes_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts as a new session does: nothing checked, nobody grading."""
    checking.outcomes.clear()
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A running IPython, as in a notebook's kernel."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without entries, to copy: making one takes nbgrader seconds."""
    root = tmp_path_factory.mktemp("empty")
    (root / "nbgrader_config.py").write_text("")
    with Gradebook(Course(root)):
        return root / "gradebook.db"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for all tests of a process, as Playwright cannot be started twice in one."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is missing: `make test` installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
