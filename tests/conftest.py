"""Fixtures of all tests. The process that deals them out to the workers reads this too, and needs no torch for it: what
imports that is imported where it is used."""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import course_grading  # noqa: F401  first of all that imports nbformat, which then takes a moment

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from playwright.sync_api import Browser

CHROMIUM_OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
gc.disable()  # until all tests are imported, which stay
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell: commands would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks for `each_lesson` or `lesson_and_exercise` is run for every one of the course in turn."""
    from tests.lessons import EXERCISES, LESSONS

    for name, found in {"each_lesson": LESSONS, "lesson_and_exercise": EXERCISES}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found.values(), ids=found.keys())


def pytest_collection_finish() -> None:
    gc.freeze()  # torch and all tests stay: no collection, here or in a process forked from this one, looks at them
    gc.enable()


@pytest.fixture(autouse=True)
def no_outcomes_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts as a new session does: nothing checked, nobody grading."""
    from course_utils import checking

    checking.outcomes.clear()
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A running IPython, as in a notebook's kernel."""
    from IPython.core.interactiveshell import InteractiveShell

    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without entries, to copy: making one takes nbgrader seconds."""
    from course_grading.course import Course
    from course_grading.grading.gradebook import Gradebook

    root = tmp_path_factory.mktemp("empty")
    (root / "nbgrader_config.py").write_text("")
    with Gradebook(Course(root)):
        return root / "gradebook.db"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for all tests of a process, as Playwright cannot be started twice in one."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is missing: `make test` installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
