"""What every explorer shares: its front end from plain modules, its still picture, and traits that hold tensors."""

import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import torch
from IPython.display import display
from traitlets import TraitType, Unicode, default

from course_utils import drawing

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:class|const|function) )", re.MULTILINE)


def front_end(name: str) -> str:
    """Return the module static/`name` and those that it imports as one module's text, which is what anywidget takes.

    The files are ordinary ES modules. Joined, they share one scope, so no two may declare the same name; a browser
    refuses a module in which two do.
    """
    texts: dict[str, str] = {}

    def add(name: str) -> None:
        source = (STATIC / name).read_text(encoding="utf-8")
        for imported in IMPORT.findall(source):
            if imported not in texts:
                add(imported)
        texts[name] = f"// {name}\n" + EXPORT.sub("", IMPORT.sub("", source))

    add(name)
    return "\n".join(texts.values())


def styles(*names: str) -> str:
    """Return the style sheets static/`names` as one text."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


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
        return f'<div class="{self.name}">{drawing.image_html(self.svg, self.title)}{note}</div>'

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "image/svg+xml": self.svg, "text/plain": self.text}


class Explorer(anywidget.AnyWidget):
    """An anywidget that leaves a readable picture wherever the widget itself cannot be shown.

    Displayed, it leaves two outputs: the widget, and after it a still picture that the living widget hides. A saved
    notebook that is opened anew has no widget, and there the picture shows.
    """

    still = Unicode(help="the HTML class of the picture to hide").tag(sync=True)

    def static(self) -> Still:
        """Return the picture of the present state."""
        raise NotImplementedError

    @default("still")
    def _name_still(self) -> str:
        # From the content, not by chance: a notebook run twice has the same outputs.
        return "course-still-" + hashlib.sha256(self.static().svg.encode()).hexdigest()[:12]

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**options)
        return data | self.static()._repr_mimebundle_(), metadata

    def _ipython_display_(self) -> None:
        data, metadata = super()._repr_mimebundle_()
        del data["text/plain"]  # the picture has a better one
        display(data, metadata=metadata, raw=True)
        picture = self.static()
        picture.note, picture.name = "This is a picture. Run the cell, and it comes alive.", self.still
        display(picture)


class Grid(TraitType):
    """A trait that holds a small (rows, columns) float32 tensor and travels as nested lists.

    Tensors, arrays and nested lists of numbers are taken; anything else is refused with a sentence.
    """

    info_text = "a small grid of numbers"

    def __init__(self, largest: int = 16, **options: Any) -> None:
        self.largest = largest
        super().__init__(**options)
        self.tag(sync=True, to_json=lambda grid, widget: grid.tolist(), from_json=lambda lists, widget: lists)

    def validate(self, owner: Any, value: Any) -> torch.Tensor:
        return as_grid(self.name, value, self.largest)


def as_grid(name: str, value: Any, largest: int = 16) -> torch.Tensor:
    """Return `value` as a float32 tensor (rows, columns) of its own.

    Raises TypeError where it is not made of numbers and ValueError where it is no small grid of finite ones.
    """
    example = f"pass a tensor, an array or nested lists with rows and columns, such as {name} = [[1, 2], [3, 4]]"
    if hasattr(value, "getbands"):  # a picture of Pillow
        width, height = value.size
        raise TypeError(
            f"{name} is a picture of {height} × {width} pixels; the numbers of a small grid can be shown: {example}."
        )
    if isinstance(value, torch.Tensor):
        array = value.detach().cpu().resolve_conj().resolve_neg()
        array = array.double().numpy() if not array.is_complex() else np.asarray(None)
    else:
        try:
            array = np.asarray(value)
        except (ValueError, TypeError):  # rows of different lengths
            array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        of = " with rows of different lengths or entries that are no numbers" if isinstance(value, list | tuple) else ""
        raise TypeError(f"{name} is no grid of real numbers but a {type(value).__name__}{of}: {example}.")
    shape = tuple(array.shape)
    if array.ndim in (3, 4):
        raise ValueError(f"{name} has the shape {shape}, {_one_channel(name, shape)}")
    if array.ndim != 2:
        raise ValueError(f"{name} has the shape {shape}, so it has no rows and columns: {example}.")
    rows, columns = shape
    if 0 in shape:
        raise ValueError(f"{name} is empty, its shape is {shape}: {example}.")
    if max(shape) > largest:
        piece = f"{name}[:{min(rows, largest)}, :{min(columns, largest)}]"
        raise ValueError(
            f"{name} is {rows} × {columns}, too large to show as numbers: "
            f"pass a piece of at most {largest} × {largest}, such as {piece}."
        )
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} holds {array[row, column]} in row {row}, column {column}: pass finite numbers, up to about 3e38."
        )
    return torch.from_numpy(array.copy())


def _one_channel(name: str, shape: tuple[int, ...]) -> str:
    if len(shape) == 4:
        return f"which is a batch of images: pass one channel of one image, such as {name}[0, 0]."
    if shape[-1] in (3, 4) and shape[0] not in (1, 3):
        return f"which looks like a colour image: pass one channel, such as {name}[:, :, 0]."
    looks = "which looks like a colour image: pass" if shape[0] in (3, 4) else "which has three axes: pass"
    return f"{looks} one channel, such as {name}[0]."
