"""Grids of numbers on coloured cells, as SVG text: the same picture every time, in any viewer, with no style sheet.

Two palettes, both safe for colour-blind readers. *Signed*: blue is negative, white is exactly zero, orange is
positive. *Sequential*: black is zero and white is `scale`, as in a grey picture. The caller passes `scale`, so that
several grids can share one; nothing is stretched behind the reader's back.
"""

import math
from base64 import b64encode
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

# The same stops and rules are in explorers/static/drawing.js; a test compares the two.
SIGNED = [(33, 94, 158), (146, 190, 226), (255, 255, 255), (247, 178, 103), (176, 77, 8)]  # −scale … 0 … +scale
SEQUENTIAL = [(24, 24, 24), (255, 255, 255)]  # 0 … scale
NOT_A_NUMBER = "#d0d0d0"
CELL_LINE = "#9a9a9a"
QUIET = "#595959"  # labels, which have a white ground: no grey is legible on white and on a dark page alike
FONT = "font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\""
INDEX_ROOM = 18

Cell = tuple[int, ...]
_remembered = lru_cache(maxsize=4096)  # a picture has many cells, but few numbers, colours and places


def number_grid_svg(
    values: Any,
    *,
    scale: float | None = None,
    signed: bool | None = None,
    highlight: Cell | Sequence[Cell] = (),
    title: str = "",
    cell: int = 34,
    indices: bool = False,
) -> str:
    """Return an SVG document that shows each number of `values` on a coloured cell.

    values: tensor, array or nested list with 0, 1 or 2 axes; one axis is drawn as a row.
    scale: the magnitude that gets the full colour; by default the largest finite one in `values`.
    signed: zero-centred colours (True) or grey ones (False); by default signed when a value is negative.
    highlight: one index or a list of indices to outline, (row, col) each, or (col,) for one axis. Cells that fill a
        rectangle get one outline.
    title: what the grid is; it becomes the picture's alt text, followed by the numbers.
    cell: side of a cell in pixels; indices: whether to number rows and columns.
    """
    array = as_array(values)
    rows, columns = as_rows(array).shape
    left = top = INDEX_ROOM if indices else 2
    drawn = grid(array, left, top, scale=scale, signed=signed, highlight=highlight, cell=cell, indices=indices)
    title = title or f"Grid of numbers, {shape_text(array)}"
    width, height = left + max(columns * cell, 60) + 2, top + max(rows * cell, cell) + 2
    if indices or not array.size:
        drawn = box(0, 0, width, height, "#ffffff", "none") + drawn  # for labels beside the cells
    return svg(drawn, width, height, title, describe(array))


def number_grid_html(values: Any, *, title: str = "", **options: Any) -> str:
    """Return the picture of `number_grid_svg` as an HTML image whose alt text is the title and the numbers."""
    alt = ": ".join(filter(None, [title, describe(values)]))
    return image_html(number_grid_svg(values, title=title, **options), alt)


def grid(
    values: Any,
    x: float,
    y: float,
    *,
    scale: float | None = None,
    signed: bool | None = None,
    highlight: Cell | Sequence[Cell] = (),
    cell: float = 34,
    indices: bool = False,
) -> str:
    """Return the SVG elements of one grid whose top-left cell starts at (x, y), for a drawing with several of them."""
    array = as_array(values)
    numbers = as_rows(array)
    scale = largest(numbers) if scale is None else scale
    signed = bool((numbers < 0).any()) if signed is None else signed
    if numbers.size == 0:
        return text(f"no numbers: {shape_text(array)}", x, y + cell / 2, 12, anchor="start")
    known = numbers.tolist()  # Python's floats, which are quicker to look up than NumPy's
    labels = {format_number(value) for row in known for value in row}
    common = min((font_size(cell, label) for label in labels if len(label) <= 6), default=cell)
    parts = []
    for row, values_of_row in enumerate(known):
        for column, value in enumerate(values_of_row):
            left, top = x + column * cell, y + row * cell
            parts.append(number_cell(value, left, top, cell, cell, scale=scale, signed=signed, largest_font=common))
    if indices:
        rows, columns = numbers.shape
        parts += [text(str(column), x + (column + 0.5) * cell, y - 9, 10) for column in range(columns)]
        if array.ndim == 2:
            parts += [text(str(row), x - 9, y + (row + 0.5) * cell, 10) for row in range(rows)]
    for row, column, height, width in _frames(places(highlight)):
        place = x + column * cell, y + row * cell, width * cell, height * cell
        parts.append(outline(*place, inside=0, line=2))  # digits fill a cell nearly to its edge
    return "".join(parts)


def number_cell(
    value: float,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    scale: float,
    signed: bool,
    middle: float = 0.5,
    largest_font: float = 14.5,
) -> str:
    """Return one number on its coloured cell; `middle` says how far down the number stands, from 0 to 1."""
    fill, label = color(value, scale, signed), format_number(value)
    size = min(largest_font, font_size(width, label))
    return box(x, y, width, height, fill) + text(label, x + width / 2, y + middle * height, size, text_color(fill))


def svg(elements: str, width: float, height: float, title: str, description: str = "") -> str:
    """Return a self-contained SVG document around `elements`, with alt text."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} '
        f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{elements}</svg>"
    )


def image_html(document: str, alt: str) -> str:
    """Return an SVG document as an HTML image: notebooks show it whether they trust it or not, on every page."""
    data = b64encode(document.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt={quoteattr(alt)}>'


def box(x: float, y: float, width: float, height: float, fill: str, line: str = CELL_LINE) -> str:
    """Return one rectangle with a thin line around it."""
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
        f'fill="{fill}" stroke="{line}" stroke-width="0.75"/>'
    )


def outline(x: float, y: float, width: float, height: float, *, inside: float = 1, line: float = 2.5) -> str:
    """Return a frame that stands out on any colour: a black `line` between white ones, so far `inside` the edge."""
    left, top = _n(x + inside), _n(y + inside)
    shape = f'x="{left}" y="{top}" width="{_n(width - 2 * inside)}" height="{_n(height - 2 * inside)}" fill="none"'
    white, black = f'stroke="#ffffff" stroke-width="{_n(line + 2)}"', f'stroke="#000000" stroke-width="{_n(line)}"'
    return f"<rect {shape} {white}/><rect {shape} {black}/>"


def text(
    words: str, x: float, y: float, size: float, fill: str = QUIET, *, anchor: str = "middle", bold: bool = False
) -> str:
    """Return one line of text whose vertical middle is at `y`."""
    # dominant-baseline is missing in several SVG converters, so the baseline is placed by hand.
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y + 0.35 * size)}" {FONT} font-size="{_n(size)}"{weight} '
        f'fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>'
    )


@_remembered
def format_number(value: float) -> str:
    """Return a number as a reader wants it in a small cell: −2, 1.5, 0.333, 2e−5, 1.2e6, nan, ∞."""
    value = float(value)
    if math.isnan(value):
        return "nan"
    if value == 0:
        return "0"
    sign, size = ("−" if value < 0 else ""), abs(value)
    if math.isinf(size):
        return sign + "∞"
    if size == int(size) and size < 100_000:
        return f"{sign}{int(size)}"
    exponent = math.floor(math.log10(size))
    if size >= 99_999.5 or size < 0.001:
        mantissa, power = f"{_round(size, 1 - exponent):.1e}".split("e")
        return f"{sign}{mantissa.removesuffix('.0')}e{int(power)}".replace("-", "−")
    significant = 2 if size < 0.1 else 3
    plain = f"{_round(size, max(0, significant - 1 - exponent)):f}"
    return sign + (plain.rstrip("0").rstrip(".") if "." in plain else plain)


@_remembered
def color(value: float, scale: float, signed: bool) -> str:
    """Return the colour of `value` as #rrggbb; beyond `scale` it is the palette's last colour."""
    if math.isnan(value):
        return NOT_A_NUMBER
    part = value / scale if scale > 0 else math.copysign(1, value) * (value != 0)
    place = (min(1, max(-1, part)) + 1) / 2 if signed else min(1, max(0, part))
    stops = SIGNED if signed else SEQUENTIAL
    index = min(int(place * (len(stops) - 1)), len(stops) - 2)
    share = place * (len(stops) - 1) - index
    mixed = (math.floor(a + (b - a) * share + 0.5) for a, b in zip(stops[index], stops[index + 1], strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


@_remembered
def text_color(fill: str) -> str:
    """Return black or white, whichever is easier to read on `fill`: the contrast is always above 4.5 to 1."""
    return "#000000" if contrast(fill, "#000000") >= contrast(fill, "#ffffff") else "#ffffff"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two #rrggbb colours as WCAG defines it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def largest(*grids: Any) -> float:
    """Return the largest finite magnitude in all the grids, or 1 where there is none: the scale they can share."""
    sizes = (np.abs(array[np.isfinite(array)]) for array in map(as_array, grids))
    return max((float(size.max()) for size in sizes if size.size), default=0.0) or 1.0


def scale_text(scale: float, signed: bool) -> str:
    """Return the scale of a grid's colours in words: 'colours ±3', 'colours 0 to 9'."""
    return f"colours ±{format_number(scale)}" if signed else f"colours 0 to {format_number(scale)}"


def describe(values: Any) -> str:
    """Return the numbers as text, row by row, for readers who cannot see the picture."""
    return "; ".join(map(", ".join, _labels(values)))


def table_text(values: Any) -> str:
    """Return the numbers as text in lines and columns, as the picture has them: for pages without pictures."""
    rows = _labels(values)
    width = max((len(label) for row in rows for label in row), default=0)
    return "\n".join("  ".join(label.rjust(width) for label in row) for row in rows)


def _labels(values: Any) -> list[list[str]]:
    return [list(map(format_number, row)) for row in as_rows(as_array(values)).tolist()]


def as_array(values: Any) -> np.ndarray:
    """Return tensor, array or nested list as a float64 array with at most two axes.

    Raises ValueError where there are more axes, TypeError where the entries are not numbers.
    """
    if hasattr(values, "detach"):  # a tensor, recognised without importing torch
        values = values.detach().cpu().resolve_conj().double().numpy()
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise TypeError("A grid of numbers is drawn from a tensor, an array or nested lists of numbers.")
    if array.ndim > 2:
        raise ValueError(f"A grid of numbers has rows and columns; this one has the shape {tuple(array.shape)}.")
    return array.astype(np.float64)


def as_rows(array: np.ndarray) -> np.ndarray:
    """Return an array with at most two axes as rows and columns."""
    return array if array.ndim == 2 else array.reshape(1, -1)


def shape_text(array: np.ndarray) -> str:
    """Return the shape as a reader says it: '2 × 3', or '4 numbers'."""
    return f"{array.shape[0]} × {array.shape[1]}" if array.ndim == 2 else f"{array.size} numbers"


def places(highlight: Cell | Sequence[Cell]) -> list[tuple[int, int]]:
    """Return one index or several as a list of (row, column)."""
    cells: Iterable = [highlight] if len(highlight) and not hasattr(highlight[0], "__len__") else highlight
    return [tuple(int(i) for i in (0, *index)[-2:]) for index in cells]  # type: ignore[misc]


def _frames(cells: list[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Rectangles (row, col, height, width) around cells: one where they fill it, else one for each cell."""
    if not cells:
        return []
    rows, columns = zip(*cells, strict=True)
    height, width = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
    if len(set(cells)) == height * width:
        return [(min(rows), min(columns), height, width)]
    return [(row, column, 1, 1) for row, column in cells]


@_remembered
def font_size(cell: float, label: str) -> float:
    """Return the largest comfortable size at which a label fits into a cell."""
    ems = sum(0.3 if letter == "." else 0.58 for letter in label)  # Helvetica and its kin
    return min(0.42 * cell, 0.92 * cell / ems)


def _round(size: float, digits: int) -> Decimal:
    # Halves go up, as students learn and as JavaScript's toFixed does; Python's own formatting makes 1.125 into 1.12.
    return Decimal(size).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@_remembered
def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@_remembered
def _n(value: float) -> str:
    # + 0.0, as −0.0 and 0.0 are one to the memory: the text must not depend on which came first
    return f"{value + 0.0:.2f}".rstrip("0").rstrip(".")
