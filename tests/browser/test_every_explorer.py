"""What holds for every explorer: two do not disturb each other, a dead kernel stops no hand, a saved one is a picture.

tests/browser/test_classic_notebook.py does it on Colab's versions.
"""

import pytest
from playwright.sync_api import Locator, expect

from .explorers import EXPLORERS, MICROSCOPE, SETUP, STATE, assert_legible, size_in, soon

EVERY = {"patch_microscope": MICROSCOPE, **EXPLORERS}


@pytest.fixture(scope="module")
def notebook(lab):
    """Two of each explorer, made by the same cell twice, in two variables."""
    cells = [SETUP]
    for name, explorer in EVERY.items():
        cells += [f"{name} = {explorer.make}\n{name}", f"{name}_2 = {explorer.make}\n{name}_2"]
    notebook = lab.open(cells, width=900)
    notebook.run_all()
    yield notebook
    notebook.close()


def root(notebook, name: str, copy: int) -> Locator:
    return notebook.output(1 + 2 * list(EVERY).index(name) + copy).locator(f".{name.replace('_', '-')}")


def seen(notebook, name: str, copy: int) -> object:
    variable = name if copy == 0 else f"{name}_2"
    return notebook.value(f"(lambda box: {EVERY[name].seen})({variable})")


@pytest.mark.parametrize("name", EVERY)
def test_two_copies_do_not_disturb_each_other(notebook, name):
    explorer = EVERY[name]
    mine, other = root(notebook, name, 0), root(notebook, name, 1)
    expect(mine).to_be_visible()
    expect(other).to_be_visible()
    picture = notebook.output(1 + 2 * list(EVERY).index(name)).locator(f"img[alt^='{EVERY[name].title}']")
    expect(picture).to_be_attached()
    expect(picture).to_be_hidden()  # as long as the explorer is there
    assert (seen(notebook, name, 0), seen(notebook, name, 1)) == (explorer.before, explorer.before)
    state, others_state = mine.evaluate(STATE), other.evaluate(STATE)
    assert state == others_state
    explorer.act(mine)
    soon(lambda: seen(notebook, name, 0), explorer.after)
    assert mine.evaluate(STATE) != state
    assert seen(notebook, name, 1) == explorer.before
    assert other.evaluate(STATE) == others_state
    assert notebook.messages == []


# Sizes of all parts of an explorer, with its own style sheet as the last or the first of the page's.
SIZES = """(root, last) => {
    const isOurs = (sheet) => sheet.textContent.includes('.course-explorer');
    const sheets = [...document.querySelectorAll('style')].filter(isOurs);
    const own = sheets.filter((sheet) => sheet.textContent.includes(`.${root.classList[1]}`));
    const others = sheets.filter((sheet) => !own.includes(sheet));
    document.head.append(...(last ? [...others, ...own] : [...own, ...others.reverse()]));
    return [sheets.length, [...root.querySelectorAll('*')].map((node) => {
        const { width, height } = node.getBoundingClientRect();
        return `${node.tagName}.${node.getAttribute('class')} ${Math.round(width)} × ${Math.round(height)}`;
    })];
}"""


@pytest.mark.parametrize("name", EVERY)
def test_the_sheet_of_another_explorer_changes_nothing(notebook, name):
    mine = root(notebook, name, 0)
    expect(mine).to_be_visible()
    sheets, alone = mine.evaluate(SIZES, True)
    assert sheets >= len(EVERY)
    assert mine.evaluate(SIZES, False)[1] == alone


@pytest.mark.parametrize("name", EVERY)
def test_it_fits_into_a_narrow_page(notebook, name):
    for width in (350, 500, 700):
        assert size_in(root(notebook, name, 0), width)[0] == 0, width


# Of what shows data or a choice by its ground: the ground that it has and, of weights, should have; and how it prints.
GROUNDS = """root => [
    ...root.querySelectorAll('.editable input, .choice :checked + span, [aria-pressed=true], .step')
].map((node) => {
    const { backgroundColor, webkitPrintColorAdjust } = getComputedStyle(node);
    return [backgroundColor, node.style.backgroundColor || backgroundColor, webkitPrintColorAdjust];
})"""


@pytest.mark.parametrize("name", EVERY)
def test_forced_colours_and_print_leave_words_data_and_choices(notebook, name):
    mine = root(notebook, name, 0)
    notebook.page.emulate_media(forced_colors="active", color_scheme="dark")
    try:
        assert_legible(mine, least=3)
        for ground, own, prints in mine.evaluate(GROUNDS):
            assert ground == own != "rgb(0, 0, 0)" and prints == "exact"
        notebook.screenshot(f"forced-{name}", mine)
    finally:
        notebook.page.emulate_media(forced_colors="none", color_scheme="light")


@pytest.fixture(scope="module")
def reopened(lab, notebook):
    """The same notebook with its kernel ended, and then saved, closed and opened anew."""
    notebook.save()
    path = lab.folder / notebook.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    notebook.end_kernel()
    again = lab.open(path, width=900, new=True)
    yield again
    again.close()


@pytest.mark.parametrize("name", EVERY)
def test_a_saved_notebook_opened_anew_shows_a_picture_and_no_error(reopened, name):
    output = reopened.output(1 + 2 * list(EVERY).index(name))
    picture = output.locator(f"img[alt^='{EVERY[name].title}']")
    expect(picture).to_be_visible()
    least = 400 if name == "patch_microscope" else 100
    assert picture.evaluate("(image, least) => image.complete && image.naturalWidth > least", least)
    reopened.screenshot(f"reopened-{name}", output)
    expect(output).to_contain_text("Run the cell, and it comes alive")
    expect(output.get_by_text("Error displaying widget")).to_be_hidden()
    expect(output.get_by_text("Loading widget")).to_be_hidden()
    # JupyterLab itself complains that the widget of yesterday is gone.
    assert all("widget model not found" in message for message in reopened.messages)


@pytest.mark.parametrize("name", EVERY)
def test_one_that_comes_alive_leaves_the_picture_of_its_twin(reopened, name):
    index = 1 + 2 * list(EVERY).index(name)
    reopened.wait_until_idle()
    reopened.run(0)
    reopened.run(index)
    expect(root(reopened, name, 0)).to_be_visible()
    pictures = [reopened.output(index + copy).locator("img[alt]") for copy in (0, 1)]
    expect(pictures[0]).to_be_hidden()
    expect(pictures[1]).to_be_visible()


@pytest.mark.parametrize("name", EVERY)
def test_it_goes_on_without_a_kernel(reopened, notebook, name):
    other = root(notebook, name, 1)
    state = other.evaluate(STATE)
    EVERY[name].act(other)
    soon(lambda: other.evaluate(STATE) != state, True)
    # ipywidgets itself notes that it could not tell Python.
    assert all("Could not send widget sync message Error: Cannot send" in message for message in notebook.messages)
