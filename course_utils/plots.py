"""`show_plot`: a matplotlib figure on the page, with a text for readers who cannot see it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

from course_utils.errors import CourseError
from course_utils.output import publish


def show_plot(figure: Any, alt: str) -> None:
    """Show a matplotlib figure once, white in any theme, and close it. `alt` says in words what is to be seen.

    Raises CourseError where `figure` is no matplotlib figure or `alt` is empty.
    """
    from matplotlib import pyplot  # takes a second to import
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure):
        raise CourseError("show_plot takes a matplotlib figure: figure, axes = plt.subplots() makes one.")
    if not str(alt).strip():
        raise CourseError("show_plot wants alt, a text that says what the plot shows, for who cannot see it.")
    file = io.BytesIO()
    try:
        figure.savefig(file, format="png", dpi=96, bbox_inches="tight", facecolor="white")
    except ValueError as error:  # of formulas between dollar signs
        raise CourseError(f"matplotlib cannot draw this figure: {str(error).strip().splitlines()[-1]}") from None
    finally:
        pyplot.close(figure)
    data = base64.b64encode(file.getvalue()).decode()
    publish(f'<img src="data:image/png;base64,{data}" alt="{escape(str(alt))}" style="max-width:100%">', str(alt))
