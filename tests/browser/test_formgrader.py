"""Formgrader's buttons on the course as it is: release a lesson, grade what was handed in, in the sandbox."""

import shutil
import sys

import nbformat
import pytest
from playwright.sync_api import expect

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import filled_notebook, right_answers
from tests.browser.conftest import ARTEFACTS, PATIENCE, server
from tests.conftest import ROOT

LESSON = load_lesson("sliding_regions", ROOT)
NAME = LESSON.folder.name


@pytest.fixture
def formgrader(browser, empty_gradebook, tmp_path, monkeypatch):
    """A page with Formgrader on a copy of the course, and the address of its pages."""
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    shutil.copytree(LESSON.folder, tmp_path / "solutions" / NAME)
    for student, answers in {"ada": right_answers(LESSON), "bob": {}}.items():
        handed_in = tmp_path / "submitted" / student / NAME / LESSON.notebook.name
        handed_in.parent.mkdir(parents=True)
        nbformat.write(filled_notebook(LESSON, answers), handed_in)
    command = [sys.executable, "-m", "jupyter", "server"]  # as users start it, not by `starting`
    with server(command, "ServerApp", tmp_path, {}) as (url, token):
        context = browser.new_context(viewport={"width": 1200, "height": 700})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{url}/formgrader?token={token}")
        yield page, url
        context.close()


def test_formgrader_releases_and_grades(formgrader):
    page, url = formgrader
    expect.set_options(timeout=PATIENCE)
    row = page.locator("tr", has_text=NAME)
    row.locator(".assign a").click()
    expect(page.locator(".modal.in")).to_contain_text("Successfully")
    page.goto(f"{url}/formgrader/manage_submissions/{NAME}")
    for student, score in {"ada": "20 / 20", "bob": "0 / 20"}.items():
        row = page.locator("tr", has_text=student)
        row.locator(".autograde a").click()
        expect(page.locator(".modal.in")).to_contain_text(f"Successfully autograded '{NAME}' for student '{student}'")
        page.locator(".modal.in").get_by_role("button", name="OK").click()
        expect(page.locator(".modal.in")).to_have_count(0)
        expect(page.locator("tr", has_text=student)).to_contain_text(score)
    page.screenshot(path=ARTEFACTS / "formgrader.png")
