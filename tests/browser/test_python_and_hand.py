"""What Python sets and what a hand does meanwhile: neither undoes the other, in one view or in two."""

import time

import pytest
from playwright.sync_api import Locator, expect

from .explorers import soon

SETUP = """import time, torch
from ipywidgets import VBox, jslink
from course_utils import KernelBench, MatrixView, PatchMicroscope, SizeDial, TrainingFilm
x, kernel = torch.arange(64.0).reshape(8, 8) % 7, [[1, 0, -1], [2, 0, -2], [1, 0, -1]]"""
MICROSCOPES = """one, other = PatchMicroscope(x, kernel), PatchMicroscope(x, kernel)
links = [jslink((one, name), (other, name)) for name in ("row", "column")]
VBox([one, other])"""
AGAIN = "one"
DIAL = "dial = SizeDial(10, 3)\ndial"
VIEW = """view = MatrixView(torch.ones(4, 4), torch.ones(2, 2), grad_output=torch.ones(3, 3), transposed=True)
view"""
BENCH = "bench = KernelBench(x, [[1, 2, 3]])\nbench"
FILM = "film = TrainingFilm(x, x.roll(1, 0), 3, steps=2000)\nfilm"
REST = 600  # ms, after which what was to be sent has been sent


@pytest.fixture(scope="module")
def notebook(lab):
    notebook = lab.open([SETUP, MICROSCOPES, AGAIN, DIAL, VIEW, BENCH, FILM], width=1100, height=1500)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


def root(notebook, index: int, number: int = 0) -> Locator:
    root = notebook.output(index).locator(".course-explorer").nth(number)
    expect(root).to_be_visible()
    return root


def place(microscope: Locator) -> str:
    return microscope.locator(".equation").text_content().split(":")[0]


def places(notebook) -> tuple:
    return notebook.value("(one.row, one.column, other.row, other.column)")


def test_what_python_sets_stays(notebook):
    notebook.value("[setattr(one, *pair) for pair in (('row', 2), ('column', 3))]")
    notebook.page.wait_for_timeout(REST)
    assert places(notebook) == (2, 3, 2, 3) and place(root(notebook, 1)) == "row 2, column 3"
    notebook.value("[(setattr(one, 'row', i), time.sleep(0.05)) for i in range(6)]")
    notebook.page.wait_for_timeout(REST)
    assert places(notebook) == (5, 3, 5, 3)


def test_linked_microscopes_and_two_views_follow_one_hand(notebook):
    mine, linked, again = root(notebook, 1), root(notebook, 1, 1), root(notebook, 2)
    cell = mine.locator("[data-part=response] [role=gridcell] rect")
    for index in (0, 7, 14, 21, 28, 33):
        cell.nth(index).hover(force=True)
        notebook.page.wait_for_timeout(130)
    notebook.page.wait_for_timeout(REST)
    assert [place(each) for each in (mine, linked, again)] == ["row 5, column 3"] * 3
    assert places(notebook) == (5, 3, 5, 3)


def test_a_film_gives_way_to_python_and_ends_where_its_length_ends(notebook):
    mine = root(notebook, 1)
    play = mine.get_by_role("button", name="Play", exact=True)
    mine.get_by_role("slider", name="Speed").fill("5")
    play.click()
    soon(lambda: place(mine) not in ("row 0, column 0", "row 5, column 3"), True)
    notebook.value("setattr(one, 'row', 4)")
    expect(play).to_be_visible()
    notebook.page.wait_for_timeout(REST)
    assert notebook.value("one.row") == 4 and place(mine) == f"row 4, column {notebook.value('one.column')}"
    play.click()
    expect(mine.get_by_role("button", name="Pause")).to_be_visible()
    notebook.value("setattr(one, 'x', x[:4, :4])")
    expect(play).to_be_visible()
    expect(mine.locator(".slider:has(.film) .value")).to_contain_text("of 4")
    number = int(mine.locator(".slider:has(.film) .value").text_content().split()[0])
    assert number <= 4 and notebook.value("one.row <= 1 and one.column <= 1")


def test_only_what_was_turned_is_sent(notebook):
    dial = root(notebook, 3)
    dial.get_by_role("slider", name="s, stride").press("ArrowRight")
    notebook.value("setattr(dial, 'n', 20)")  # before the stride has gone
    soon(lambda: notebook.value("(dial.n, dial.stride)"), (20, 2))
    notebook.page.wait_for_timeout(REST)
    assert notebook.value("(dial.n, dial.stride)") == (20, 2)
    view = root(notebook, 4)
    view.locator("[data-part=response]").press("End")
    notebook.value("setattr(view, 'row', 2)")
    notebook.page.wait_for_timeout(REST)
    assert notebook.value("(view.row, view.pixel_column)") == (2, 3)
    root(notebook, 6)
    notebook.value("setattr(film, 'step', 1500)")
    notebook.value("setattr(film, 'steps', 100)")  # which takes the step along …
    notebook.value("setattr(film, 'step', 7)")
    notebook.page.wait_for_timeout(REST)
    assert notebook.value("film.step") == 7  # … and the browser does not bring it back


def test_another_picture_of_the_matrix_view_takes_its_gradient_along(notebook):
    view = root(notebook, 4)
    notebook.value("setattr(view, 'x', torch.ones(5, 5))")
    expect(view.locator("[data-part=picture] [role=gridcell]")).to_have_count(25)
    assert notebook.messages == []


def test_a_letter_typed_into_jupyterlabs_own_fields_is_no_command(notebook):
    view = root(notebook, 4)
    view.scroll_into_view_if_needed()
    view.locator("[data-part=picture]").hover()
    notebook.page.evaluate("window.jupyterapp.commands.execute('apputils:activate-command-palette').then(() => null)")
    field = notebook.page.locator(".lm-CommandPalette input")
    for kind in ("", "number", "search"):
        field.evaluate("(field, kind) => kind && field.setAttribute('type', kind)", kind)
        field.press("t")
    typed = field.input_value()
    notebook.page.keyboard.press("Escape")
    assert notebook.value("view.transposed") is True
    assert "t" in typed
    view.get_by_role("radio", name="T @ x").focus()
    notebook.page.keyboard.press("t")
    soon(lambda: notebook.value("view.transposed"), False)


def test_a_redraw_leaves_page_and_focus(notebook):
    bench = root(notebook, 5)
    transpose = bench.get_by_role("button", name="Transpose")
    transpose.press("Enter")
    expect(bench.locator(".editable input")).to_have_count(3)
    expect(transpose).to_be_focused()
    size = bench.get_by_label("Size")
    size.focus()
    size.select_option("3 × 3")
    expect(bench.locator(".editable input")).to_have_count(9)
    expect(size).to_be_focused()
    bench.get_by_label("Preset").select_option("bump")
    notebook.value("setattr(bench, 'kernel', torch.eye(3))")
    expect(bench.get_by_label("Preset")).to_have_value("")
    bench.get_by_label("weight in row 0, column 0").focus()
    # The reader has gone elsewhere in the notebook.
    first = notebook.cell(0)
    scroller = notebook.page.locator(".jp-WindowedPanel-outer")
    scroller.evaluate("node => { node.scrollTop = 0 }")
    expect(first).to_be_in_viewport()
    time.sleep(0.3)
    before = scroller.evaluate("node => node.scrollTop")
    notebook.value("setattr(bench, 'kernel', torch.ones(2, 2))")
    soon(lambda: bench.locator(".editable input").count(), 4)
    assert scroller.evaluate("node => node.scrollTop") == before
    expect(bench.get_by_label("weight in row 0, column 0")).to_be_focused()
