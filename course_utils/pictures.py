"""Pictures: find them, load them, and show them on honest scales, with alt text."""

from __future__ import annotations

import base64
import difflib
import functools
import io
import warnings
from collections.abc import Collection, Mapping
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageOps

from course_utils.drawing import CELL_LINE, SIGNED, format_number, largest, number_grid_html, places, table_text
from course_utils.errors import CourseError, did_you_mean
from course_utils.output import publish
from course_utils.values import describe, number_text, plain, said

PACKAGE = Path(__file__).parent
FOLDERS = (PACKAGE.parent / "data", PACKAGE / "data")  # the course's folder, or the installed package
FORMATS = (".png", ".jpg", ".jpeg")
MOST_PIXELS = 50_000_000  # of a picture to load: what phones take fits, and so does its tensor in memory
SHOWN_SIDE = 240  # pixels on the page; smaller pictures are enlarged without smoothing
NUMBER_SIDE = 32  # pixels of a cell with a number
MOST_SCALE = 1e300  # below what no float holds
MOST_NUMBERS = 40  # along each axis, which is more than anyone reads


def find_picture(name: str | Path) -> Path:
    """The path of a picture of the course by its name ("camera"), or of your own file.

    Raises CourseError where there is none.
    """
    if not isinstance(name, (str, Path)):
        raise CourseError(
            f"This is {describe(plain(name))}: pass a name, such as 'camera', or that of a file of yours."
        )
    own = Path(name)
    if own.is_file():
        return own
    if str(name) and own.is_dir():
        raise CourseError(f"'{name}' is a folder: pass the name of a picture in it.")
    if str(name).startswith(("http:", "https:")):
        raise CourseError("A picture in the internet has to be on your disk first: save it beside this notebook.")
    beside = own.parent.iterdir() if own.parent.is_dir() else ()
    for path in sorted(beside):  # the same name in other letters, or with its ending
        if own.name.casefold() in (path.name.casefold(), path.stem.casefold()) and path.is_file():
            raise CourseError(f"There is no picture '{name}'. Did you mean '{path}'?")
    known = {path.stem: path for folder in FOLDERS if folder.is_dir() for path in sorted(folder.iterdir())}
    known = {stem: path for stem, path in known.items() if path.suffix in FORMATS}
    if str(name) in known:
        return known[str(name)]
    near = difflib.get_close_matches(own.stem.casefold(), known, n=1) if own.stem else []
    guess = f" Did you mean '{near[0]}'?" if near else ""
    raise CourseError(f"There is no picture '{name}'.{guess} The course has: {', '.join(known)}.")


def load_picture(name: str | Path, size: int | None = None, color: bool = False) -> torch.Tensor:
    """A picture as a float32 tensor in [0, 1]: (H, W), grey and as bright as it looks, or (3, H, W) with `color`.

    `name` is a picture of the course ("camera") or your own file ("my_dog.jpg"). With `size`, it is first shrunk so
    that its longer side has that many pixels. Transparency is dropped; of an animation the first picture is taken.
    Raises CourseError for what cannot be read.
    """
    side = _as_list(size)  # NumPy's and torch's whole numbers, too
    if side is not None and (type(side) is not int or side < 1):
        raise CourseError(f"size is the longer side in pixels, a whole number from 1 on; you gave {said(size)}.")
    path = find_picture(name)
    read = _read_again(path, path.stat().st_mtime) if path.parent in FOLDERS else _read_picture(path)
    picture = read.convert("RGB" if color else "L")  # a copy
    if side is not None:
        picture.thumbnail((side, side), Image.Resampling.BOX)
    values = torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255)
    return values.permute(2, 0, 1).contiguous() if color else values


@functools.lru_cache(maxsize=4)
def _read_again(path: Path, changed: float) -> Image.Image:
    """A picture of the course's, which many cells load: decoded once for each time that its file has `changed`."""
    return _read_picture(path)


def _read_picture(path: Path) -> Image.Image:
    """The picture in a file, upright, with 8 bits a channel: in mode L or RGB."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata; of Pillow's own size limit, which is above ours
            with Image.open(path) as file:
                if file.width * file.height > MOST_PIXELS:  # known before anything is decoded
                    raise Image.DecompressionBombError
                return _eight_bits(ImageOps.exif_transpose(file))
    except Image.DecompressionBombError:
        most = f"{MOST_PIXELS // 10**6} million pixels"
        raise CourseError(f"'{path.name}' has more than {most}, too many to work with: save a smaller copy.") from None
    except Exception:  # a broken file makes Pillow raise nearly anything
        raise CourseError(
            f"'{path.name}' is broken, or of a kind that cannot be read: save it as PNG in another program."
        ) from None


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A picture of any mode as L or RGB."""
    if picture.mode.startswith("I"):  # 16 bits a pixel, which Pillow would cut to 255 instead of scaling
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("not 16 bits")
        return Image.fromarray(np.rint(values / 257).astype(np.uint8))
    if picture.mode == "F":
        raise ValueError("which number is white?")
    return picture.convert("L" if picture.mode in ("1", "L", "LA") else "RGB")


def show(
    pictures: Any,
    *,
    title: str = "",
    alt: Any = "",
    scale: Any = None,
    signed: bool | str | Collection[str] | None = None,
    region: Any = None,
) -> None:
    """Show one picture, or several side by side from a dict of title → picture.

    A picture is (H, W), or (3, H, W) in [0, 1] for colour. Nothing is stretched in silence: a picture is grey, black at
    zero and white at 1, or at its largest value where that is more; what is `signed` (kernels, products, responses) is
    blue below zero, white at exactly zero and orange above. The line below says the scale, and what it cuts off.

    signed: True or False for all, or the titles of those that are; by default a picture with negative values is.
    scale: the magnitude that gets the full colour. region: (row, col, height, width) to outline. alt: the text for
    readers who cannot see the picture. Each is one for all, or a dict of title → its own.
    """
    named = _named(pictures, title, signed, alt, scale, region)
    figures = []
    for name, picture in named.items():
        words = _own(alt, name)
        text, top = "" if words is None else str(words), _as_scale(_own(scale, name))
        figures.append(figure(name, picture, text, top, _is_signed(signed, name), _as_region(_own(region, name))))
    _display_row([html for html, _ in figures], "; ".join(text for _, text in figures))


def show_numbers(
    grids: Any,
    *,
    title: str = "",
    scale: Any = None,
    signed: bool | str | Collection[str] | None = None,
    region: Any = None,
    highlight: Any = (),
    indices: bool = False,
) -> None:
    """Show small grids of numbers on coloured cells: one, or several side by side from a dict of title → grid.

    `scale`, `signed` and `region` are as for `show`. highlight: one cell (row, col) or a list of them to outline.
    indices: whether to number rows and columns.
    """
    figures, texts = [], []
    for name, grid in _named(grids, title, signed, scale, region).items():
        array = _array(name, grid, (1, 2))
        if max(array.shape) > MOST_NUMBERS:
            raise CourseError(
                f"{_what(name)} has the shape {array.shape}, too large to read as numbers: pass a piece of at most "
                f"{MOST_NUMBERS} along each axis, or see it as a picture, with show."
            )
        own = _is_signed(signed, name)
        own = bool((array < 0).any()) if own is None else own
        top = _as_scale(_own(scale, name)) or largest(array)
        marks = [*_as_places(highlight), *_cells(_as_region(_own(region, name)))]
        options: dict[str, Any] = {"scale": top, "signed": own, "highlight": marks, "indices": indices}
        picture = number_grid_html(array, title=name, cell=NUMBER_SIDE, **options)
        wide = max(SHOWN_SIDE, NUMBER_SIDE * array.shape[-1])
        figures.append(_captioned(name, picture, _legend(array, top, own), wide))
        texts.append(f"{name}:\n{table_text(array)}")
    _display_row(figures, "\n".join(texts))


def _named(values: Any, title: Any, signed: Any, *options: Any) -> dict[str, Any]:
    """The pictures by their titles; a title that options name and no picture has is told."""
    if isinstance(values, (list, tuple)) and any(
        np.ndim(plain(value)) > 1 for value in values if hasattr(value, "ndim")
    ):
        raise CourseError("Several pictures are shown by their titles: pass a dict, such as {'one': a, 'other': b}.")
    named = (
        {str(name): value for name, value in values.items()} if isinstance(values, Mapping) else {str(title): values}
    )
    if not named:
        raise CourseError("There is nothing to show: the dict is empty.")
    titles = [str(each) for option in (signed, *options) if isinstance(option, Mapping) for each in option]
    if isinstance(signed, str):
        titles += [signed] if len(named) > 1 else []
    elif _are_titles(signed):
        titles += map(str, signed)
    for each in titles:
        if each not in named:
            raise CourseError(f"No picture here is called '{each}'{did_you_mean(each, named)}.")
    return named


def _own(option: Any, name: str) -> Any:
    """What an option says of one picture: itself where it is for all."""
    if isinstance(option, Mapping):
        return next((value for title, value in option.items() if str(title) == name), None)
    return option


def _are_titles(signed: Any) -> bool:
    return isinstance(signed, (list, set, tuple, frozenset, type({}.keys())))


def _is_signed(signed: Any, name: str) -> bool | None:
    if isinstance(signed, str):
        return True if name == signed else None
    if _are_titles(signed):
        return True if name in map(str, signed) else None
    own = plain(_own(signed, name))
    if own is None or (np.ndim(own) == 0 and own in (True, False)):
        return None if own is None else bool(own)
    raise CourseError(f"signed is {said(own)}: pass True or False, or the titles of the pictures that are.")


def _as_scale(scale: Any) -> float | None:
    """The scale as a number, whatever kind of number it was; None or 0, as of a picture of zeros, is its own."""
    value = _as_list(scale)
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST_SCALE:
        return float(value)
    raise CourseError(f"scale is {said(scale)}: pass the number above 0 that gets the full colour, such as 1.")


def _as_region(region: Any) -> tuple[int, ...] | None:
    """A region as four whole numbers."""
    numbers = _as_list(region)
    if numbers is None:
        return None
    if _are_whole(numbers) and len(numbers) == 4 and min(numbers[:2]) >= 0 and min(numbers[2:]) >= 1:
        return tuple(map(int, numbers))
    raise CourseError(f"region is {said(region)}: pass four whole numbers, (row, col, height, width).")


def _as_places(highlight: Any) -> list[tuple[int, int]]:
    """The cells to outline, of one index or a list of them."""
    cells = _as_list(highlight)
    if cells is None:
        return []
    if isinstance(cells, (list, tuple, set)) and (_are_whole(cells) or all(map(_are_whole, cells))):
        return places(list(cells))
    raise CourseError(f"highlight is {said(highlight)}: pass one cell (row, col), or a list of them.")


def _as_list(value: Any) -> Any:
    """A value with tensors and arrays, and those in it, as Python's numbers and lists."""
    value = plain(value) if not isinstance(value, (set, range)) else list(value)
    if isinstance(value, (list, tuple)):
        return [_as_list(item) for item in value]
    return value.tolist() if isinstance(value, (torch.Tensor, np.ndarray, np.generic)) else value


def _are_whole(values: Any) -> bool:
    return isinstance(values, (list, tuple)) and all(type(value) is int for value in values)


def figure(
    title: str, picture: Any, alt: str, scale: float | None, signed: bool | None, region: tuple[int, ...] | None
) -> tuple[str, str]:
    """One picture as an HTML figure, and its alt text."""
    array = _array(title, picture, (2, 3))
    if array.ndim == 3:
        if array.shape[0] != 3:
            raise CourseError(f"A colour picture is (3, H, W); this one is {array.shape}.")
        pixels, legend = np.moveaxis(np.clip(array, 0, 1), 0, 2) * 255, "red, green, blue from 0 to 1"
        if array.min() < -1e-6 or array.max() > 1 + 1e-6:  # a resized picture's rounding is none of the reader's
            legend += f"; values from {number_text(array.min())} to {number_text(array.max())} were cut off there"
    else:
        signed = bool(array.min() < 0) if signed is None else signed
        top = scale or (largest(array) if signed else max(1.0, float(array.max())))
        pixels = _signed_colors(array / top) if signed else np.clip(array / top, 0, 1) * 255
        legend = _legend(array, top, signed)
    height, width = array.shape[-2:]
    text = alt or f"{title or 'picture'}, {height}×{width} pixels, {legend}"
    factor = SHOWN_SIDE / max(height, width)
    image = Image.fromarray(np.rint(pixels).astype(np.uint8))
    if max(image.size) > 2 * SHOWN_SIDE and region is None:  # sharp on screens of two pixels for one, and no more
        image.thumbnail((2 * SHOWN_SIDE, 2 * SHOWN_SIDE), Image.Resampling.BOX)
    if region is not None:
        image = _outlined(image, factor, region)
        row, col, rows, columns = region
        text += f"; outlined: {rows}×{columns} pixels from row {row}, column {col} on"
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=3)  # half the time of 6, for a tenth more
    crisp = "image-rendering:pixelated;" if factor > 1 else ""
    html = (
        f'<img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}" alt="{escape(text)}" '
        f'style="{crisp}border:1px solid {CELL_LINE};width:{width * factor:.0f}px;height:{height * factor:.0f}px">'
    )
    return _captioned(title, html, legend), text


def _legend(array: np.ndarray, top: float, signed: bool) -> str:
    """What the colours mean, and how many values lie beyond them."""
    colours = f"blue {format_number(-top)}, white 0, orange {format_number(top)}"
    legend = colours if signed else f"black 0, white {format_number(top)}"
    cut = int(((np.abs(array) if signed else array) > top * (1 + 1e-6)).sum())  # float32 against the scale's float64
    dark = 0 if signed else int((array < 0).sum())
    if cut:
        legend += f"; {cut} value{'s' * (cut > 1)} beyond ({format_number(np.abs(array).max())} at most) cut off"
    return legend + (f"; {dark} below 0 cut off" if dark else "")


def _outlined(image: Image.Image, factor: float, region: tuple[int, ...]) -> Image.Image:
    """The picture in the size in which it is shown, with a frame that stands out on any colour around a region."""
    size = round(image.width * factor), round(image.height * factor)
    shown = image.resize(size, Image.Resampling.NEAREST if factor > 1 else Image.Resampling.BOX).convert("RGB")
    row, col, rows, columns = region
    left, top = factor * col, factor * row
    right, bottom = left + max(factor * columns, 3), top + max(factor * rows, 3)  # a frame that has an inside
    for apart, colour in ((2, "white"), (1, "black"), (0, "black"), (-1, "white")):
        corners = (left - apart, top - apart, right - 1 + apart, bottom - 1 + apart)
        ImageDraw.Draw(shown).rectangle([round(side) for side in corners], outline=colour)
    return shown


def _cells(region: tuple[int, ...] | None) -> list[tuple[int, int]]:
    if region is None:
        return []
    row, col, rows, columns = region
    return [(row + i, col + j) for i in range(rows) for j in range(columns)]


def _signed_colors(values: np.ndarray) -> np.ndarray:
    """Colours (H, W, 3) from 0 to 255 of values in [−1, 1], on the same zero-centred palette as number grids."""
    stops = np.linspace(-1, 1, len(SIGNED))
    return np.stack([np.interp(values, stops, channel) for channel in np.array(SIGNED, dtype=float).T], axis=-1)


def _array(title: str, value: Any, axes: tuple[int, ...]) -> np.ndarray:
    value = plain(value)
    what = _what(title)
    try:
        real = isinstance(value, torch.Tensor) and not value.is_complex()
        array = value.float().numpy() if real else np.asarray(value)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "biuf" or array.ndim not in axes or array.size == 0:
        raise CourseError(
            f"{what} cannot be shown: pass a tensor of real numbers with {' or '.join(map(str, axes))} axes."
        )
    if not np.isfinite(array).all():
        raise CourseError(f"{what} cannot be shown: it holds values that are not finite (nan or inf).")
    return array


def _what(title: str) -> str:
    return f"'{title}'" if title else "This"


def _captioned(title: str, picture: str, legend: str, wide: int = SHOWN_SIDE) -> str:
    """A figure whose words wrap where its picture ends, so that they push no other picture out of the row."""
    caption = f'<figcaption style="font-size:13px;max-width:{wide}px">{escape(title)}</figcaption>' if title else ""
    below = f'<div style="font-size:12px;max-width:{wide}px">{escape(legend)}</div>'
    return f'<figure style="margin:4px 18px 4px 0">{caption}{picture}{below}</figure>'


def _display_row(figures: list[str], text: str) -> None:
    publish(_row(figures), text)


def _row(parts: list[str]) -> str:
    """Parts beside each other; where they do not fit, an even number falls into halves: four never into 3 + 1."""
    half, odd = divmod(len(parts), 2)
    if half > 1 and not odd:
        parts = [_row(parts[:half]), _row(parts[half:])]
    return f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start">{"".join(parts)}</div>'
