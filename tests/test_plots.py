"""Plots: matplotlib's figures on the page, with a text, once."""

import base64
import re

import pytest

from course_utils import plots, show_plot
from course_utils.errors import CourseError


@pytest.fixture
def published(monkeypatch):
    """The HTML of what was shown, in order."""
    shown = []
    monkeypatch.setattr(plots, "publish", lambda html, text: shown.append(html))
    return shown


@pytest.fixture
def figure():
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2], [3, 4])
    return figure


def test_a_figure_is_a_picture_with_its_text(figure, published):
    show_plot(figure, "a line that climbs from 3 to 4 & on")
    (html,) = published
    picture = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    assert picture.startswith(b"\x89PNG")
    assert 'alt="a line that climbs from 3 to 4 &amp; on"' in html


def test_it_is_shown_once_and_closed(published):
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    figure, _ = pyplot.subplots()
    show_plot(figure, "nothing yet")
    assert not pyplot.fignum_exists(figure.number)
    assert len(published) == 1


@pytest.mark.parametrize(("shown", "alt", "words"), [([1, 2], "a line", "matplotlib figure"), (None, "", "figure")])
def test_what_is_no_figure_gets_a_sentence(shown, alt, words):
    with pytest.raises(CourseError, match=words):
        show_plot(shown, alt)


def test_a_figure_without_words_is_refused(figure):
    with pytest.raises(CourseError, match="alt"):
        show_plot(figure, " ")


def test_what_is_no_figure_or_cannot_be_drawn_is_a_sentence():
    from matplotlib import pyplot as plt

    with pytest.raises(CourseError, match="show_plot takes a matplotlib figure"):
        show_plot(plt, "The module, and no figure.")
    figure, axes = plt.subplots()
    axes.set_title("$\\frac{1}{$")
    with pytest.raises(CourseError, match="matplotlib cannot draw this figure"):
        show_plot(figure, "A formula that is none.")
    assert not plt.fignum_exists(figure.number)
