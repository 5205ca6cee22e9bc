"""The training film as students use it: in a real JupyterLab, by mouse, by keyboard and from the next cell."""

import re
from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import Locator, expect

from course_utils import TrainingFilm, load_picture
from course_utils.drawing import format_number

from .explorers import assert_legible, height, soon

SETUP = "from course_utils import TrainingFilm, load_picture\nx = load_picture('grass', size=64)"
FILM = "film = TrainingFilm(x, x - x.roll(3, 1), 5, lr=0.02, steps=2000)\nfilm"
SECOND = "TrainingFilm(x - x.mean(), x - x.roll(3, 1), 3)"
EXACT = "TrainingFilm(x, x - x.roll(1, 1), 3, steps=50)"  # a kernel of this size does it


class Film:
    """What a reader of the page sees of one film."""

    def __init__(self, root: Locator) -> None:
        self.root, self.page = root, root.page
        self.rate = root.locator(".track input")
        self.typed = root.get_by_label("Learning rate, typed")
        self.chart = root.locator("[data-part=chart]")

    def text(self, name: str) -> str:
        return self.root.locator(f".{name}").text_content()

    @property
    def reading(self) -> str:
        return self.root.locator(".named:has(.curve) .size").text_content()

    def kernel(self) -> list[str]:
        return self.root.locator("[data-part=kernel] [role=gridcell]").all_text_contents()

    def drag_over_the_curve(self, start: float, end: float) -> None:
        """Drag from one part of the film's length to another."""
        box = self.chart.locator(".ground").bounding_box()
        places = [(box["x"] + part * box["width"], box["y"] + 40) for part in (start, end)]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        self.page.mouse.move(*places[1], steps=4)
        self.page.mouse.up()


@pytest.fixture(scope="module")
def notebook(lab):
    """One notebook for all tests of this file; at the end its browser must not have complained of anything."""
    notebook = lab.open([SETUP, FILM, SECOND, EXACT], width=830, height=1300)
    notebook.run_all()
    yield notebook
    assert notebook.messages == []
    notebook.close()


@pytest.fixture
def film(notebook) -> Iterator[Film]:
    """The first film, as at first again."""
    notebook.run(1)
    film = Film(notebook.output(1).locator(".training-film"))
    expect(film.root).to_be_visible()
    yield film


def same_film() -> TrainingFilm:
    x = load_picture("grass", size=64)
    return TrainingFilm(x, x - x.roll(3, 1), 5, lr=0.02, steps=2000)


def test_dragging_over_the_curve_scrubs_and_keys_go_on(film, notebook):
    assert film.reading.startswith("step 0: ") and set(film.kernel()) == {"0"}
    film.drag_over_the_curve(0.1, 0.25)
    dragged = int(film.chart.get_attribute("aria-valuenow"))
    assert 490 <= dragged <= 510  # a pixel is five steps wide
    film.chart.press("ArrowRight")
    soon(lambda: notebook.value("film.step"), dragged + 1)
    here = same_film()
    here.step = dragged + 1
    assert film.reading.startswith(f"step {here.step}: {format_number(here.losses[here.step])}, ")
    kernel = torch.tensor([float(number.replace("−", "-")) for number in film.kernel()])
    assert torch.allclose(kernel, here.kernel.flatten(), atol=0.01)
    expect(film.root.get_by_role("status")).to_contain_text(f"Loss at step {here.step}")
    film.chart.press("End")
    expect(film.chart).to_have_attribute("aria-valuetext", re.compile("^step 2000, loss "))


def test_the_curve_bends_up_where_the_rate_crosses_its_limit(film, notebook):
    mark, thumb = film.root.locator(".limit").bounding_box(), film.rate.bounding_box()
    at = thumb["y"] + thumb["height"] / 2
    film.page.mouse.move(thumb["x"] + thumb["width"] / 2, at)
    film.page.mouse.down()
    film.page.mouse.move(mark["x"] + mark["width"] / 2 - 8, at, steps=3)
    assert film.text("verdict").endswith("to the other side, but nearer.")
    ends = film.root.locator(".curve").evaluate("curve => curve.getPointAtLength(curve.getTotalLength()).y")
    film.page.mouse.move(mark["x"] + mark["width"] / 2 + 8, at, steps=3)
    film.page.mouse.up()
    assert film.text("verdict").startswith("It diverges: at step ")
    bent = film.root.locator(".curve").evaluate("curve => curve.getPointAtLength(curve.getTotalLength()).y")
    assert bent < 0 < 100 < ends
    soon(lambda: notebook.value("film.lr > 2 / film.problem['steepest']"), True)
    expect(film.root.get_by_role("status")).to_contain_text("It diverges")
    film.rate.press("Home")
    assert "0.01 × 2/λmax" in film.text("slider:has(.track)")


def test_where_least_squares_leaves_nothing_the_loss_itself_is_told(notebook):
    verdict = Film(notebook.output(3).locator(".training-film")).text("verdict")
    assert re.match(r"With least squares nothing is left; after 50 steps the loss is 0\.\d+\. In", verdict), verdict


def test_what_is_no_rate_is_refused_in_place(film, notebook):
    for typed in ("", "fast", "NaN", "1,000"):
        film.typed.fill(typed)
        film.typed.press("Enter")
        expect(film.root.locator("[role=alert]")).to_contain_text("is not a number. So the learning rate stays 0.02.")
        expect(film.typed).to_have_value("0.02")
    film.typed.fill("1e99")
    film.typed.press("Enter")
    expect(film.root.locator("[role=alert]")).to_have_text("“1e99” is too large. So the learning rate stays 0.02.")
    for typed in ("0", "-0.1"):
        film.typed.fill(typed)
        film.typed.press("Enter")
        expect(film.root.locator("[role=alert]")).to_contain_text("is not above 0: such a step would not go downhill")
    film.typed.fill("0,03")
    film.typed.press("Enter")
    expect(film.root.locator("[role=alert]")).to_have_text("")
    soon(lambda: notebook.value("film.lr"), 0.03)


def test_it_plays_and_shows_what_is_still_to_go(film):
    film.root.get_by_role("button", name="Play").click()
    soon(lambda: film.reading.startswith("step 0:"), False)
    film.root.get_by_role("button", name="Pause").click()
    film.chart.press("Home")
    film.root.get_by_role("radio", name="least squares").check(force=True)
    best = film.kernel()
    film.root.get_by_role("radio", name="still to go").check(force=True)
    assert film.kernel() == best and set(best) != {"0"}


def test_python_sets_rate_length_and_step(film, notebook):
    film.root.get_by_label("Steps").select_option("300")
    soon(lambda: notebook.value("(film.steps, len(film.losses))"), (300, 301))
    notebook.value("[setattr(film, 'step', 120), setattr(film, 'lr', 0.01), setattr(film, 'steps', 77)]")
    soon(lambda: film.reading.split(":")[0], "step 77")
    expect(film.typed).to_have_value("0.01")
    expect(film.root.get_by_label("Steps")).to_have_value("77")
    notebook.value("setattr(film, 'x', 2 * x)")
    limit = notebook.value("2 / film.problem['steepest']")
    soon(lambda: film.text("limit"), f"2/λmax = {format_number(limit)}")


def test_the_kernels_name_does_not_push_the_curve_away(film):
    film.root.get_by_label("Steps").select_option("2000")
    film.root.get_by_role("slider", name="Step, on the loss curve").press("End")
    film.root.get_by_role("radio", name="still to go").check(force=True)
    kernel, curve = (film.root.locator(".named").nth(place).bounding_box() for place in (0, 1))
    assert kernel["y"] == curve["y"]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_legible_and_no_higher_than_a_screen(film, notebook, theme):
    notebook.set_theme(theme)
    try:
        film.root.locator("input.film").fill("117")  # no dragging: a new theme moves the page about for a while
        expect(film.chart).to_have_attribute("aria-valuenow", "117")
        film.rate.fill("262")
        assert_legible(film.root, least=40)
        for number in (1, 2):
            assert height(notebook.output(number).locator(".training-film")) <= 500
            notebook.screenshot(f"film-{number}-{theme.split()[1].lower()}", notebook.output(number))
    finally:
        notebook.set_theme("JupyterLab Light")


def test_no_label_of_the_chart_is_cut_off(film):
    film.root.evaluate("root => { root.style.width = '390px' }")
    right = "(node) => node.getBoundingClientRect().right"
    stage, labels = film.root.locator(".stage"), film.chart.locator(".index")
    soon(lambda: stage.evaluate("stage => stage.clientWidth < 400 && stage.scrollWidth === stage.clientWidth"), True)
    assert labels.last.text_content() == "2000"
    soon(lambda: labels.last.evaluate(right) <= stage.evaluate(right), True)
    film.root.evaluate("root => { root.style.width = '' }")


def test_the_keyboard_reaches_everything(film):
    film.rate.focus()
    stops = []
    for _ in range(8):
        film.page.keyboard.press("Tab")
        stops.append(
            film.page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.closest('label, button').innerText"
            )
            .split("\n")[0]
            .split(",")[0]
        )
    assert stops == ["Learning rate", "Steps", "Step", "Back", "Play", "Step", "Speed", "Film"]


def test_a_film_that_is_taken_off_the_page_plays_no_more(lab):
    notebook = lab.open([SETUP, FILM], width=830)
    notebook.run_all()
    root = notebook.output(1).locator(".training-film")
    root.get_by_role("button", name="Play", exact=True).click()
    reading = Film(root).reading
    soon(lambda: Film(root).reading != reading, True)
    notebook.output(1).evaluate("node => (window.gone = node.querySelector('.training-film .curve').parentNode)")
    notebook.run(1)
    expect(root).to_be_visible()
    before = notebook.page.evaluate("gone.innerHTML")
    notebook.page.wait_for_timeout(300)
    assert notebook.page.evaluate("gone.innerHTML") == before
    notebook.close()
