"""Pictures: find them, load them, and show them on honest scales, with alt text."""

from __future__ import annotations

import base64
import difflib
import io
import warnings
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from course_utils.drawing import SIGNED, number_grid_html
from course_utils.errors import CourseError
from course_utils.output import publish
from course_utils.values import number_text, plain

PACKAGE = Path(__file__).parent
FOLDERS = (PACKAGE.parent / "data", PACKAGE / "data")  # the course's folder, or the installed package
FORMATS = (".png", ".jpg", ".jpeg")
MOST_PIXELS = 50_000_000  # of a picture to load: what phones take fits, and so does its tensor in memory
SHOWN_SIDE = 240  # pixels on the page; smaller pictures are enlarged without smoothing


def find_picture(name: str | Path) -> Path:
    """The path of a picture of the course by its name ("camera"), or of your own file."""
    own = Path(name)
    if own.is_file():
        return own
    known = {path.stem: path for folder in FOLDERS if folder.is_dir() for path in sorted(folder.iterdir())}
    known = {stem: path for stem, path in known.items() if path.suffix in FORMATS}
    if str(name) in known:
        return known[str(name)]
    near = difflib.get_close_matches(own.stem, known, n=1) if own.stem else []
    guess = f" Did you mean '{near[0]}'?" if near else ""
    raise CourseError(f"There is no picture '{name}'.{guess} The course has: {', '.join(known)}.")


def load_picture(name: str | Path, size: int | None = None, color: bool = False) -> torch.Tensor:
    """A picture as a float32 tensor in [0, 1]: (H, W), grey and as bright as it looks, or (3, H, W) with `color`.

    `name` is a picture of the course ("camera") or your own file ("my_dog.jpg"). With `size`, it is first shrunk so
    that its longer side has that many pixels. Transparency is dropped; of an animation the first picture is taken.
    Raises CourseError for what cannot be read.
    """
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1):
        raise CourseError(f"size is the longer side in pixels, a whole number from 1 on; you gave {size!r}.")
    picture = _read_picture(find_picture(name)).convert("RGB" if color else "L")
    if size is not None:
        picture.thumbnail((size, size), Image.Resampling.BOX)
    values = torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255)
    return values.permute(2, 0, 1).contiguous() if color else values


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


def show(pictures: Any, *, title: str = "", alt: str = "", scale: float | None = None) -> None:
    """Show one picture, or several side by side from a dict of title → picture.

    A picture is (H, W), or (3, H, W) in [0, 1] for colour. Nothing is stretched in silence: values in [0, 1] are shown
    as they are; larger ones from 0 to the largest; a picture with negative values in blue, white at exactly zero, and
    orange. `scale` sets the largest magnitude for all; the caption always says which it is. `alt` replaces the text
    for readers who cannot see the picture.
    """
    named = dict(pictures) if isinstance(pictures, Mapping) else {title: pictures}
    figures = [_figure(str(name), picture, alt, scale) for name, picture in named.items()]
    _display_row([html for html, _ in figures], "; ".join(text for _, text in figures))


def show_numbers(grids: Any, *, title: str = "", scale: float | None = None, highlight: Any = ()) -> None:
    """Show small grids of numbers on coloured cells: one, or several side by side from a dict of title → grid.

    `scale` is the magnitude that gets the full colour, for all alike; `highlight` outlines one cell or a list of them.
    """
    named = dict(grids) if isinstance(grids, Mapping) else {title: grids}
    arrays = {name: _array(name, grid, (1, 2)) for name, grid in named.items()}
    figures = [
        _captioned(str(name), number_grid_html(array, scale=scale, title=str(name), highlight=highlight, cell=32))
        for name, array in arrays.items()
    ]
    _display_row(figures, "\n".join(f"{name}:\n{array}" for name, array in arrays.items()))


def _figure(title: str, picture: Any, alt: str, scale: float | None) -> tuple[str, str]:
    """One picture as an HTML figure, and its alt text."""
    array = _array(title, picture, (2, 3))
    if array.ndim == 3:
        if array.shape[0] != 3:
            raise CourseError(f"A colour picture is (3, H, W); this one is {array.shape}.")
        pixels, legend = np.moveaxis(np.clip(array, 0, 1), 0, 2) * 255, "red, green, blue from 0 to 1"
        if array.min() < 0 or array.max() > 1:
            legend += f"; values from {number_text(array.min())} to {number_text(array.max())} were cut off there"
    elif array.min() < 0:
        top = scale or float(np.abs(array).max())
        pixels, legend = _signed_colors(array / top), f"blue −{number_text(top)}, white 0, orange {number_text(top)}"
    else:
        top = scale or max(1.0, float(array.max()))
        pixels, legend = np.clip(array / top, 0, 1) * 255, f"black 0, white {number_text(top)}"
    height, width = array.shape[-2:]
    text = alt or f"{title or 'picture'}, {height}×{width} pixels, {legend}"
    file = io.BytesIO()
    Image.fromarray(np.rint(pixels).astype(np.uint8)).save(file, "PNG")
    factor = SHOWN_SIDE / max(height, width)
    crisp = "image-rendering:pixelated;" if factor > 1 else ""
    image = (
        f'<img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}" alt="{escape(text)}" '
        f'style="{crisp}width:{width * factor:.0f}px;height:{height * factor:.0f}px">'
    )
    return _captioned(title, f'{image}<div style="font-size:11px;opacity:.75">{escape(legend)}</div>'), text


def _signed_colors(values: np.ndarray) -> np.ndarray:
    """Colours (H, W, 3) from 0 to 255 of values in [−1, 1], on the same zero-centred palette as number grids."""
    stops = np.linspace(-1, 1, len(SIGNED))
    return np.stack([np.interp(values, stops, channel) for channel in np.array(SIGNED, dtype=float).T], axis=-1)


def _array(title: str, value: Any, axes: tuple[int, ...]) -> np.ndarray:
    value = plain(value)
    array = value.float().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    what = f"'{title}'" if title else "This"
    if array.dtype.kind not in "biuf" or array.ndim not in axes or array.size == 0:
        raise CourseError(f"{what} cannot be shown: pass a tensor with {' or '.join(map(str, axes))} axes.")
    if not np.isfinite(array).all():
        raise CourseError(f"{what} cannot be shown: it holds values that are not finite (nan or inf).")
    return array


def _captioned(title: str, picture: str) -> str:
    caption = f'<figcaption style="font-size:13px">{escape(title)}</figcaption>' if title else ""
    return f'<figure style="margin:4px 18px 4px 0">{caption}{picture}</figure>'


def _display_row(figures: list[str], text: str) -> None:
    html = f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start">{"".join(figures)}</div>'
    publish(html, text)
