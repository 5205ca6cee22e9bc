"""Still pictures: what stands in an explorer's place where there is no JavaScript or no kernel."""

import io
import textwrap
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from course_utils import drawing

CELL, GAP, CAPTION, FOOT = 34, 36, 24, 22


class Still:
    """A picture that needs no JavaScript and no kernel: `svg` for the eye, `text` for everything else.

    title: the alt text; note: a line below the picture; name: an HTML class by which a front end finds it.
    """

    def __init__(self, svg: str, text: str, title: str, note: str = "", name: str = "") -> None:
        self.svg, self.text, self.title, self.note, self.name = svg, text, title, note, name

    def __repr__(self) -> str:
        return self.text

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        # As an <img>, because JupyterLab hides SVG of notebooks it does not trust, and web viewers mangle it.
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f'{self._style()}<div class="{self.name}">{drawing.image_html(self.svg, self.title)}{note}</div>'

    def _style(self) -> str:
        """Hide what JupyterLab writes above it in a notebook reopened: "Error displaying widget: model not found"."""
        if not self.name:
            return ""
        below = f".jp-OutputArea-child:has(+ .jp-OutputArea-child .{self.name})"
        return f"<style>{below} .jp-OutputArea-output:not(:has(*)) {{ display: none; }}</style>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "image/svg+xml": self.svg, "text/plain": self.text}


@dataclass
class Panel:
    """One grid of numbers in a still: `frame` is (row, column, height, width) of the piece that is outlined."""

    caption: str
    values: Any
    signed: bool = True
    frame: tuple[int, int, int, int] | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels, with room for the numbers of rows and columns."""
        rows, columns = drawing.as_rows(drawing.as_array(self.values)).shape
        return drawing.INDEX_ROOM + columns * CELL, drawing.INDEX_ROOM + rows * CELL

    @property
    def scale(self) -> str:
        """The colours' scale in words."""
        return drawing.scale_text(drawing.largest(self.values), self.signed)

    @property
    def text(self) -> str:
        """Name and numbers, row by row."""
        return f"{self.caption}:\n{drawing.table_text(self.values)}"

    def elements(self, x: float, y: float) -> str:
        """The SVG elements with the top-left corner at (x, y)."""
        x, y = x + drawing.INDEX_ROOM, y + drawing.INDEX_ROOM
        drawn = drawing.grid(self.values, x, y, signed=self.signed, cell=CELL, indices=True)
        if self.frame is None:
            return drawn
        row, column, height, width = self.frame
        return drawn + drawing.outline(x + column * CELL, y + row * CELL, width * CELL, height * CELL)


@dataclass
class PicturePanel:
    """A picture (H, W) in a still: grey, white at its largest value or at 1; or on the signed colours."""

    caption: str
    values: Any
    signed: bool = False
    side: float = 200

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels."""
        height, width = np.shape(self.values)
        factor = self.side / max(height, width)
        return width * factor, height * factor

    @property
    def scale(self) -> str:
        """The colours' scale in words."""
        top = drawing.format_number(self._top)
        return f"colours ±{top}" if self.signed else f"black 0, white {top}"

    @property
    def text(self) -> str:
        """Name and range."""
        values = np.asarray(self.values)
        low, high = (drawing.format_number(float(value)) for value in (values.min(), values.max()))
        return f"{self.caption}: values from {low} to {high}"

    @property
    def _top(self) -> float:
        largest = drawing.largest(self.values)
        return largest if self.signed else max(1.0, largest)

    def elements(self, x: float, y: float) -> str:
        """The SVG elements with the top-left corner at (x, y)."""
        width, height = self.size
        parts = np.asarray(self.values, dtype=np.float64) / self._top
        stops = np.array(drawing.SIGNED if self.signed else [(0, 0, 0), (255, 255, 255)], dtype=np.float64)
        places = np.linspace(-1 if self.signed else 0, 1, len(stops))
        colours = np.stack([np.interp(parts, places, channel) for channel in stops.T], axis=-1)
        file = io.BytesIO()
        Image.fromarray(np.rint(colours).astype(np.uint8)).save(file, "PNG")
        data = b64encode(file.getvalue()).decode()
        return (
            f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" image-rendering="pixelated" '
            f'href="data:image/png;base64,{data}"/>'
        )


def row_of_panels(
    panels: Sequence[Panel | PicturePanel], sentence: str, title: str, description: str, wrap: int | None = None
) -> str:
    """Return an SVG document: the panels side by side, each with name and scale, a sentence below; on white.

    wrap: how many stand in a row, and below each other in columns; all of them in one row where it is None.
    """
    widest = max(panel.size[0] for panel in panels) if wrap else 0
    x, top, parts, bottom, right = 14.0, CAPTION + 6.0, [], 0.0, 0.0
    for number, panel in enumerate(panels):
        if wrap and number and number % wrap == 0:
            x, top = 14.0, bottom + CAPTION + 6
        width, height = panel.size
        left = x + (drawing.INDEX_ROOM if isinstance(panel, Panel) else 0)
        parts += [
            drawing.text(panel.caption, left, top - 10, 13, "#222222", anchor="start"),
            panel.elements(x, top),
            drawing.text(panel.scale, left, top + height + 12, 11, "#555555", anchor="start"),
        ]
        x += max(width, widest, 128) + GAP
        right = max(right, x)
        bottom = max(bottom, top + height + FOOT)
    width = max(right - GAP + 14, 320)
    lines = textwrap.wrap(sentence, int((width - 28) / (0.54 * 13)))
    height = bottom + 14 + 18 * len(lines)
    parts.insert(0, drawing.box(0.5, 0.5, width - 1, height - 1, "#ffffff", "#d0d0d0"))
    for number, line in enumerate(lines):
        parts.append(drawing.text(line, 14, bottom + 12 + 18 * number, 13, "#222222", anchor="start"))
    return drawing.svg("".join(parts), width, height, title, description)
