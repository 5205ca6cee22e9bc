"""A student's notebook that tries to run something in the instructor's browser: Formgrader, feedback and JupyterLab."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page

from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader
from tests.browser.conftest import ARTEFACTS, PATIENCE, Lab, server, starting
from tests.conftest import ROOT
from tests.grading import toy
from tests.grading.hostile import shows
from tests.grading.leaks import make_feedback

SOURCE = """
load_subconfig("course_config.py")
c = get_config()
c.CourseDirectory.root = {root!r}
"""
BY_US, BY_OTHERS = "graded", "by_another_path"
LEFT_BY_SCRIPTS = """() => {
    const inside = document.querySelector('#notebook-container') || document.querySelector('.jp-Notebook');
    const all = [...inside.querySelectorAll('*')];
    const odd = all.filter(one => ['SCRIPT', 'IFRAME', 'OBJECT', 'FORM', 'BASE', 'META', 'VIDEO'].includes(one.tagName)
        && !(one.type || '').startsWith('math/'));
    const handlers = all.flatMap(one => [...one.attributes]).filter(one => one.name.startsWith('on'));
    return {pwned: window.pwned || [], odd: odd.map(one => one.outerHTML), handlers: handlers.map(one => one.value)};
}"""
NOTHING = {"pwned": [], "odd": [], "handlers": []}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lesson of the toy's, run by our kernels: one notebook graded by us, one as if graded by other means."""
    root = tmp_path_factory.mktemp("pages")
    toy.make_course(root)
    shutil.copy(ROOT / "nbgrader_config.py", root / "course_config.py")
    (root / "nbgrader_config.py").write_text(SOURCE.format(root=str(root)))
    handed_in = toy.notebook("double")
    handed_in.cells += [new_code_cell(code) for code in shows.displaying()] + shows.cells_of_text()
    for student in (BY_US, BY_OTHERS):
        toy.hand_in(root, student, handed_in)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(root))
        rows = list(ClassGrader(Course(root), [toy.LESSON], jobs=1))
        assert [row.state for row in rows] == ["graded", "graded"], rows
        other = root / "autograded" / BY_OTHERS / toy.LESSON / "toy.ipynb"
        graded = nbformat.read(other, as_version=4)
        graded.cells += shows.graded_by_another_path()
        other.chmod(0o644)
        other.write_text(nbformat.writes(new_notebook(cells=graded.cells, metadata=graded.metadata)))
        make_feedback(root, toy.LESSON)
    return root


@pytest.fixture(scope="module")
def looked_at(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    context.close()


def look(page: Page) -> None:
    """Nothing ran, nothing was asked for, and what is honest is there to see."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)  # for what a script would do late
    assert page.evaluate(LEFT_BY_SCRIPTS) == NOTHING
    wrong = [url for url in page.asked if "hostile.example" in url or "pwned" in url or url.endswith(("/x", "/read"))]
    assert wrong == []
    assert page.get_by_text("honest table").count() >= 1
    card = page.get_by_alt_text("honest card").first
    assert card.evaluate("image => image.complete && image.naturalWidth > 0")
    drawing = page.get_by_alt_text("A drawing").last
    assert drawing.evaluate("image => image.complete && image.naturalWidth > 0")


@pytest.mark.parametrize("student", [BY_US, BY_OTHERS])
def test_feedback(course: Path, looked_at: Page, student: str) -> None:
    (path,) = (course / "feedback" / student / toy.LESSON).glob("*.html")
    looked_at.goto(path.as_uri())
    look(looked_at)


def test_formgrader(course: Path, looked_at: Page) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        ids = {each.student.id: each.id for each in gradebook.notebook_submissions(toy.NOTEBOOK, toy.LESSON)}
    with server(starting("jupyter_server.serverapp"), "ServerApp", course, {}) as (url, token):
        looked_at.goto(f"{url}/formgrader?token={token}")
        for student in (BY_US, BY_OTHERS):
            looked_at.goto(f"{url}/formgrader/submissions/{ids[student]}/")
            look(looked_at)
            looked_at.screenshot(path=ARTEFACTS / f"formgrader_{student}.png", full_page=True)
        looked_at.locator("span.name-hidden").click()  # the page's own scripts do their work
        assert looked_at.locator("a.name-shown").inner_text().strip() == BY_OTHERS
        box = looked_at.locator("input.score").first
        box.fill("1")
        box.blur()
        looked_at.locator(".save-icon.score-saved").first.wait_for(state="visible")


def test_a_script_that_no_sanitiser_saw_does_not_run(
    course: Path, looked_at: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's policy alone holds: feedback made with cleaning switched off, scripts and all."""
    monkeypatch.setattr("course_grading.grading.pages.make_harmless", lambda notebook: None)
    for module in ("grading.pages", "notebook.harmless"):
        monkeypatch.setattr(f"course_grading.{module}.clean_html", lambda html: html)
    monkeypatch.setenv("COURSE_ROOT", str(course))
    shutil.rmtree(course / "feedback" / BY_OTHERS)
    path = make_feedback(course, toy.LESSON)[BY_OTHERS]
    html = re.sub(r'<meta[^>]*http-equiv="refresh"[^>]*>', "", path.read_text())  # it would lead away from the test
    without = re.sub(r'<meta[^>]*"Content-Security-Policy"[^>]*>', "", html)
    ran = {}
    for name, page in {"with": html, "without": without}.items():
        (course / f"{name}.html").write_text(page)
        looked_at.goto((course / f"{name}.html").as_uri())
        looked_at.wait_for_load_state("load")
        looked_at.wait_for_timeout(300)
        ran[name] = set(looked_at.evaluate("window.pwned || []"))
    assert ran["with"] == set()
    assert {"script", "onerror"} <= ran["without"], "else this test proves nothing"


def test_jupyterlab(course: Path, lab: Lab) -> None:
    for student in (BY_US, BY_OTHERS):
        path = lab.folder / f"{student}.ipynb"
        shutil.copy(course / "autograded" / student / toy.LESSON / "toy.ipynb", path)
    lab._set("notebook-extension/tracker", {"windowingMode": "none"})  # all cells are drawn, seen or not
    opened = lab.open(lab.folder / f"{BY_US}.ipynb", height=4000, new=True)
    opened.page.wait_for_timeout(500)
    assert opened.page.evaluate(LEFT_BY_SCRIPTS) == NOTHING
    assert opened.page.get_by_alt_text("honest card").count() >= 1
    opened.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:trust'); }")  # asks, and waits
    dialog = opened.page.get_by_role("button", name="Trust")
    dialog.last.click()  # what an instructor may do, and nothing runs even then
    opened.page.wait_for_timeout(500)
    assert opened.page.evaluate(LEFT_BY_SCRIPTS) == NOTHING
    opened.close()
    lab._set("notebook-extension/tracker", {})
