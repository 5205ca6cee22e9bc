"""Fixtures of all tests. xdist's controller reads this file too and needs no torch: what imports torch is imported
where it is used."""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import course_grading  # noqa: F401  before anything imports nbformat, which is then quick

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from playwright.sync_api import Browser
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

CHROMIUM_OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell: commands would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


SHARING = ("tests/browser/", "tests/classroom/", "tests/colab/")  # folders whose files share what takes long to make


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """With `--dist loadfile`, a worker runs not only a whole file but, of those folders, a whole folder."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LoadFolderScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((folder for folder in SHARING if nodeid.startswith(folder)), super()._split_scope(nodeid))

    return LoadFolderScheduling(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks for `each_lesson` or `each_exercise` is run for every one of the course in turn. These are no fixtures
    with parameters, as those would load the lessons with this file."""
    if not {"each_lesson", "each_exercise"} & set(metafunc.fixturenames):
        return
    from tests.lessons import EXERCISES, LESSONS

    for name, found in {"each_lesson": LESSONS, "each_exercise": EXERCISES}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found.values(), ids=found.keys())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Torch and all tests stay: no garbage collection looks at them, here or in a process forked from this one."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
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
