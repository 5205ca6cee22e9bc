"""Still pictures: what stands in an explorer's place where there is no JavaScript or no kernel."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

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
    def scale(self) -> str:
        """The colours' scale in words."""
        size = drawing.format_number(drawing.largest(self.values))
        return f"colours ±{size}" if self.signed else f"colours 0 to {size}"

    @property
    def text(self) -> str:
        """Name and numbers, row by row."""
        rows = [
            [drawing.format_number(value) for value in row] for row in drawing.as_rows(drawing.as_array(self.values))
        ]
        width = max(len(number) for row in rows for number in row)
        return "\n".join([f"{self.caption}:", *("  ".join(number.rjust(width) for number in row) for row in rows)])


def row_of_panels(panels: Sequence[Panel], sentence: str, title: str, description: str) -> str:
    """Return an SVG document: the panels side by side, each with name and scale, a sentence below; on white."""
    x, parts, bottom = 14.0, [], 0.0
    for panel in panels:
        rows, columns = drawing.as_rows(drawing.as_array(panel.values)).shape
        left, top = x + drawing.INDEX_ROOM, CAPTION + drawing.INDEX_ROOM + 6
        parts += [
            drawing.text(panel.caption, left, CAPTION - 4, 13, "#222222", anchor="start"),
            drawing.grid(panel.values, left, top, signed=panel.signed, cell=CELL, indices=True),
            drawing.text(panel.scale, left, top + rows * CELL + 12, 11, "#555555", anchor="start"),
        ]
        if panel.frame is not None:
            row, column, height, width = panel.frame
            parts.append(drawing.outline(left + column * CELL, top + row * CELL, width * CELL, height * CELL))
        x = left + max(columns * CELL, 110) + GAP
        bottom = max(bottom, top + rows * CELL + FOOT)
    width = max(x - GAP + 14, 320)
    lines = textwrap.wrap(sentence, int((width - 28) / (0.54 * 13)))
    height = bottom + 14 + 18 * len(lines)
    parts.insert(0, drawing.box(0.5, 0.5, width - 1, height - 1, "#ffffff", "#d0d0d0"))
    for number, line in enumerate(lines):
        parts.append(drawing.text(line, 14, bottom + 12 + 18 * number, 13, "#222222", anchor="start"))
    return drawing.svg("".join(parts), width, height, title, description)
