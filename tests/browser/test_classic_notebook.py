"""The explorers on Colab's versions: IPython 7.34, ipywidgets 7.7.1, and the classic HTML widget manager."""

import ast
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from course_utils.drawing import contrast

from ..colab.environment import base
from .conftest import ARTEFACTS, PATIENCE, server
from .explorers import EXPLORERS, SETUP, STATE, soon

ROOT = Path(__file__).resolve().parents[2]
X, KERNEL = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -2]]
READY = "window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.widget_manager"
# The prompt's number comes with the kernel's reply; what the cell printed may come after it, over another socket.
DONE = """i => { const cell = Jupyter.notebook.get_cell(i);
    return /\\d/.test(cell.element.find('.input_prompt').text())
        && (Jupyter.notebook.kernel.get_callbacks_for_msg(cell.last_msg_id)?.iopub_done ?? true); }"""
SEEN = {name: explorer.seen for name, explorer in EXPLORERS.items()}
CELLS = [
    f"from course_utils import PatchMicroscope\nmicroscope = PatchMicroscope({X}, {KERNEL})\nmicroscope",
    "import IPython, ipywidgets\nprint(IPython.__version__, ipywidgets.__version__)",
    "m = microscope\nprint([m.kernel.tolist(), m.mode, m.row, m.column, m.response.tolist()])",
    "microscope.kernel = [[0.5]]",
    SETUP,
    *(f"{name} = {explorer.make}\n{name}" for name, explorer in EXPLORERS.items()),
    f"print({{name: (lambda box: eval(seen))(globals()[name]) for name, seen in {SEEN}.items()}})",
]


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory) -> Iterator[Page]:
    """A classic notebook with a microscope in its first cell, run."""
    home = tmp_path_factory.mktemp("classic")
    prefix = base(ROOT / ".cache").packages.parents[2]
    own = {"PYTHONPATH": str(ROOT), "JUPYTER_PATH": "", "JUPYTER_CONFIG_PATH": ""}
    with server([str(prefix / "bin" / "python"), "-m", "notebook"], "NotebookApp", home, own) as (url, token):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, home / "notebooks" / "classic.ipynb")
        page = browser.new_page(viewport={"width": 1100, "height": 1100})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{url}/notebooks/classic.ipynb?token={token}")
        page.wait_for_function(READY, timeout=PATIENCE)
        run(page, 1)  # the manager looks for widgets of before; when the kernel has answered this, it has answered that
        run(page, 0)
        page.wait_for_selector(".patch-microscope", timeout=PATIENCE)
        yield page
        # The manager of ipywidgets 7 says this of every widget that it draws before its cell's output is on the page.
        assert set(complaints) <= {"Host is not attached."}
        page.close()


def run(page: Page, index: int) -> str:
    """Run a cell, wait for the kernel, and return the text that the cell printed."""
    page.evaluate("i => { Jupyter.notebook.get_cell(i).clear_output(); Jupyter.notebook.execute_cells([i]) }", index)
    page.wait_for_function(DONE, arg=index, timeout=PATIENCE)
    return page.evaluate("i => Jupyter.notebook.get_cell(i).output_area.outputs.map(o => o.text ?? '').join('')", index)


def responses(page: Page) -> list[str]:
    return page.locator("[data-part=response] [role=gridcell] text").all_text_contents()


def test_these_are_colabs_versions(page):
    assert run(page, 1).split() == ["7.34.0", "7.7.1"]


def test_the_classic_manager_draws_and_python_hears_of_it(page):
    assert responses(page) == ["−9", "−10", "−12", "−13"]
    page.get_by_label("weight in row 0, column 0").fill("3")
    assert responses(page) == ["−7", "−6", "−4", "−3"]
    page.get_by_role("radio", name="convolution", exact=True).check(force=True)
    page.locator("[data-part=response]").press("ArrowDown")
    page.wait_for_timeout(500)  # values are sent when they are at rest
    kernel, response = [[3.0, 0.0], [0.0, -2.0]], [[13.0, 14.0], [16.0, 17.0]]
    assert ast.literal_eval(run(page, 2)) == [kernel, "convolution", 1, 0, response]
    assert responses(page) == ["13", "14", "16", "17"]
    page.locator(".patch-microscope").screenshot(path=ARTEFACTS / "microscope-classic.png")


def test_it_is_legible_in_colabs_dark_theme(page):
    page.evaluate("document.documentElement.setAttribute('theme', 'dark')")
    ink = "node => getComputedStyle(node).color.match(/\\d+/g).slice(0, 3).map(Number)"
    colours = [
        page.locator(f".patch-microscope {part}").first.evaluate(ink) for part in (".equation", ".hint", "button")
    ]
    page.evaluate("document.documentElement.removeAttribute('theme')")
    for red, green, blue in colours:
        assert contrast(f"#{red:02x}{green:02x}{blue:02x}", "#383838") >= 4.5


def test_python_redraws_and_the_picture_hides(page):
    run(page, 3)
    expect(page.locator("[data-part=response] [role=gridcell]")).to_have_count(9)
    assert responses(page) == ["0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5"]
    expect(page.locator("img[alt^='Patch microscope']")).to_be_hidden()


def test_every_other_explorer_draws_and_python_hears_of_it(page):
    first = CELLS.index(SETUP)
    for index in range(first, len(CELLS) - 1):
        run(page, index)
    roots = {name: page.locator(f".{name.replace('_', '-')}") for name in EXPLORERS}
    for name, explorer in EXPLORERS.items():
        roots[name].wait_for(timeout=PATIENCE)
        state = roots[name].evaluate(STATE)
        explorer.act(roots[name])
        soon(lambda name=name, state=state: roots[name].evaluate(STATE) != state, True)
    page.wait_for_timeout(500)  # values are sent when they are at rest
    told = ast.literal_eval(run(page, len(CELLS) - 1))
    assert told == {name: explorer.after for name, explorer in EXPLORERS.items()}
