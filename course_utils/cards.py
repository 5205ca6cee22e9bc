"""Draw a verdict: an HTML card in notebooks, clean text elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import torch

from course_utils import functions
from course_utils.drawing import largest, number_grid_html, scale_text
from course_utils.output import RECORD_TYPE, heading_html, publish
from course_utils.values import File, Raised, Unplain, as_array, describe, number_text
from course_utils.verdicts import Trial, Verdict

LOOKS = {
    "right": ("✓", "right", "#2a7f62"),
    "waiting": ("○", "waits for you", "#767676"),
    "wrong": ("✗", "not yet", "#b04d08"),
}
LARGEST_GRID = 16  # cells a side; larger arrays are shown as pictures
MOST_GRIDS = 12  # of one value with channels; of more there are the first `FEW`
FEW = 3
SOME_ROWS = 8  # of a table that is longer
# How names begin of what is on the signed scale, kernels and what comes of them; pictures are grey.
SIGNED = ("kernel", "weight", "grad", "bias", "response", "target", "prediction")
SIGNED_ANSWERS = ("kernel", "weight", "bank", "blur", "sobel", "features")  # what their exercises' names hold

Panel = tuple[str, str, str]  # label, HTML and text of a picture


def show(verdict: Verdict) -> None:
    """Display the card and the record in a notebook; print the text elsewhere."""
    html, text = card(verdict)
    publish(html, text, **{RECORD_TYPE: verdict.record})


def card(verdict: Verdict) -> tuple[str, str]:
    """The card as HTML, and as text for terminals and for readers of saved notebooks without HTML."""
    panels = list(_panels(verdict))
    return _html(verdict, panels), _text(verdict, panels)


def _html(verdict: Verdict, panels: Sequence[Panel]) -> str:
    """The card with inline styles, legible on light and on dark pages."""
    icon, word, color = LOOKS[verdict.outcome]
    points = f" · {points_text(verdict.spec.points)}" if verdict.outcome == "right" else ""
    body = f"<div>{_code_names(verdict.message, verdict)}</div>"
    if verdict.hint:
        body += f'<div style="margin-top:6px"><b>Think about it.</b> {escape(verdict.hint)}</div>'
    figures = "".join(
        f'<figure style="margin:8px 18px 0 0"><figcaption style="font-size:12px">{escape(label)}</figcaption>'
        f"{picture}</figure>"
        for label, picture, _ in panels
    )
    if figures:
        body += f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start">{figures}</div>'
    return (
        f'<div style="border-left:4px solid {color};padding:4px 12px;margin:4px 0;max-width:60em;line-height:1.45">'
        f"{heading_html(icon, f'{verdict.spec.name}: {word}{points}', color)}{body}</div>"
    )


def _text(verdict: Verdict, panels: Sequence[Panel]) -> str:
    icon, word, _ = LOOKS[verdict.outcome]
    points = f" ({points_text(verdict.spec.points)})" if verdict.outcome == "right" else ""
    lines = [f"{icon} {verdict.spec.name}: {word}{points}", verdict.message]
    if verdict.hint:
        lines.append(f"Think about it. {verdict.hint}")
    lines += [f"{label}:\n{text}" for label, _, text in panels]
    return "\n".join(lines)


def _panels(verdict: Verdict) -> Iterator[Panel]:
    """The pictures of the failing case: arguments, expected, yours, difference."""
    trial, spec = verdict.trial, verdict.spec
    if trial is None:
        return
    place = _place(trial.case.arguments)
    for name, value in trial.case.arguments.items():
        outlined = {"highlight": place} if name == "x" and place else {}
        yield from _drawn(name, value, signed=_is_signed(name), **outlined)
    if verdict.problem == "mutated":
        for name, value in trial.seen.changed.items():
            yield from _drawn(f"{name}, after your function ran", value, signed=_is_signed(name))
        return
    expected, yours = trial.case.expected, trial.seen.result
    if not spec.shown:
        yield from _drawn("yours", yours)  # an answer that is not shown, so that it can be found
        return
    arrays = [name for name, value in trial.case.arguments.items() if _numbers(value) is not None]
    of_kernel = any(_is_signed(name) for name in arrays if name != "response")
    signed = of_kernel or any(word in spec.name for word in SIGNED_ANSWERS) or None
    if spec.facts:
        if not trial.seen.error:
            yield from _drawn("yours", yours, signed=signed)
        return
    shared = _shared(trial, signed)
    yield from _drawn("expected", expected, **shared)
    if trial.seen.error:
        return
    yield from _drawn("yours", yours, **shared)
    want, got = _numbers(expected), _numbers(yours)
    if want is not None and got is not None and want.shape == got.shape and want.ndim:
        with np.errstate(invalid="ignore"):
            apart = got.astype(np.float64) - want
        yield from _drawn("difference (yours − expected)", apart, signed=True, highlight=shared.get("highlight", ()))


def _is_signed(name: str) -> bool | None:
    """Whether an argument is on the signed scale; None where its numbers say it, as those of pictures do."""
    return name.startswith(SIGNED) or name == "w" or None


def _place(arguments: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The region of x that the arguments name, as its cells: what the answer is about."""
    row, col = arguments.get("row"), arguments.get("col")
    if not isinstance(row, int) or not isinstance(col, int):
        return []
    shape = getattr(arguments.get("kernel"), "shape", (arguments.get("height", 1), arguments.get("width", 1)))
    if len(shape) != 2 or not all(isinstance(side, int) for side in shape):
        return []
    return [(row + i, col + j) for i in range(shape[0]) for j in range(shape[1])]


def _shared(trial: Trial, signed: bool | None) -> dict[str, Any]:
    """One scale for what is expected and what came, and the first difference to frame."""
    want, got = _numbers(trial.case.expected), _numbers(trial.seen.result)
    if want is None or got is None or not trial.difference or not want.ndim:
        return {}
    finite = np.abs(np.concatenate([want.ravel(), got.ravel()]).astype(np.float64))
    finite = finite[np.isfinite(finite)]
    signed = signed or bool((want < 0).any() or (got < 0).any())
    shared: dict[str, Any] = {"scale": float(finite.max(initial=0)), "signed": signed}
    if len(trial.difference.index) == want.ndim > 1:
        shared["highlight"] = trial.difference.index
    return shared


def _drawn(label: str, value: Any, **options: Any) -> Iterator[Panel]:
    """A value as panels: a grid of numbers, a picture, a grid for each channel, or words."""
    array = _numbers(value)
    if array is not None and array.ndim in (1, 2) and max(array.shape) <= LARGEST_GRID:
        yield label, _grid(label, array, 30, **options), _grid_text(array)
    elif array is not None and array.ndim == 2 and array.shape[1] <= LARGEST_GRID:
        yield from _some_rows(label, array, **options)
    elif (array is not None and array.ndim == 2) or _is_colour(array):
        yield label, *_picture(label, array, options)
    elif array is not None and array.ndim in (3, 4) and max(array.shape[-2:]) <= LARGEST_GRID:
        yield from _channels(label, array, **options)
    elif isinstance(value, (list, tuple)) and len(value) <= FEW and any(_numbers(item) is not None for item in value):
        for number, item in enumerate(value):
            yield from _drawn(f"{label}[{number}]", item, signed=options.get("signed"))
    else:
        words = _words(value)
        yield label, f"<code>{escape(words)}</code>", words


def _grid(
    label: str, array: np.ndarray, cell: int, scale: float | None = None, signed: bool | None = None, **options: Any
) -> str:
    """A grid of numbers, and below it the scale of its colours."""
    scale = largest(array) if scale is None else scale
    signed = bool((array < 0).any()) if signed is None else signed
    picture = number_grid_html(array, title=label, cell=cell, scale=scale, signed=signed, **options)
    return f'{picture}<div style="font-size:11px">{scale_text(scale, signed)}</div>'


def _some_rows(label: str, array: np.ndarray, highlight: Any = (), **options: Any) -> Iterator[Panel]:
    """Of a table with many rows those around the first difference."""
    differs = highlight if isinstance(highlight, tuple) and len(highlight) == 2 else None
    first = max(0, min(differs[0] - 1, len(array) - SOME_ROWS)) if differs else 0
    within: dict[str, Any] = {"highlight": (differs[0] - first, differs[1])} if differs else {}
    which = f"{label}, rows {first} to {first + SOME_ROWS - 1} of {len(array)}"
    some = array[first : first + SOME_ROWS]
    yield which, _grid(which, some, 30, **within, **options), _grid_text(some)


def _channels(label: str, array: np.ndarray, highlight: Any = (), **options: Any) -> Iterator[Panel]:
    """A grid for each channel; of very many only the first, or those from the first difference on."""
    parts = list(np.ndindex(array.shape[:-2]))
    framing = isinstance(highlight, tuple) and len(highlight) == array.ndim
    differs = parts.index(highlight[:-2]) if framing else 0
    first, most = (0, MOST_GRIDS) if len(parts) <= MOST_GRIDS else (min(differs, len(parts) - FEW), FEW)
    for index in parts[first : first + most]:
        which = f"{label}[{', '.join(map(str, index))}]"
        framed: dict[str, Any] = (
            {"highlight": tuple(highlight[-2:])} if len(highlight) == array.ndim and parts[differs] == index else {}
        )
        yield which, _grid(which, array[index], 26, **framed, **options), _grid_text(array[index])
    if len(parts) > most:
        more = f"… and {len(parts) - most} more"
        yield label, f"<code>{more}</code>", more


def _is_colour(array: np.ndarray | None) -> bool:
    """Whether an array is a colour picture: three channels, in [0, 1], too large for grids of numbers."""
    if array is None or array.ndim != 3 or array.shape[0] != 3 or max(array.shape[1:]) <= LARGEST_GRID:
        return False
    return bool(np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1)


def _picture(label: str, array: np.ndarray | None, options: Mapping[str, Any]) -> tuple[str, str]:
    """A large array as a picture, and its words."""
    from course_utils.pictures import figure  # Pillow is wanted for pictures only

    if array is None or not np.isfinite(array).all():
        words = f"{label}: not all of its numbers are finite"
        return f"<code>{escape(words)}</code>", words
    top, signed = options.get("scale"), options.get("signed")
    return figure("", array.astype(np.float64), label, top or None, signed, None)


def _numbers(value: Any) -> np.ndarray | None:
    """The value as an array that can be drawn, or None."""
    if isinstance(value, (torch.Tensor, np.ndarray)) or (isinstance(value, list) and value and _is_rows(value)):
        array = as_array(value)
        return array if array is not None and array.size and array.dtype.kind in "biuf" and array.ndim else None
    return None


def _is_rows(value: list) -> bool:
    return all(isinstance(row, list) for row in value)


def _grid_text(array: np.ndarray) -> str:
    """Rows of numbers, as a person writes them, in columns."""
    rows = [[number_text(number) for number in row] for row in np.atleast_2d(array)]
    width = max(len(text) for row in rows for text in row)
    return "\n".join(" ".join(text.rjust(width) for text in row) for row in rows)


def _words(value: Any) -> str:
    if isinstance(value, Raised):
        return value.type_name
    if callable(value):
        return functions.name_of(value) or "a function"
    if isinstance(value, File):
        return f"the file {value.name}"
    if isinstance(value, (bool, int, float, np.generic, str)):
        return number_text(value) if not isinstance(value, complex) else str(value)
    if isinstance(value, Unplain):
        return describe(value)
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return number_text(value.item()) if value.ndim == 0 and not _is_complex(value) else describe(value)
    if isinstance(value, (list, tuple)) and any(isinstance(item, (torch.Tensor, np.ndarray)) for item in value):
        return ", ".join(describe(item) for item in value)
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]} … ({len(value)} in all)"


def _is_complex(value: Any) -> bool:
    return value.is_complex() if isinstance(value, torch.Tensor) else value.dtype.kind == "c"


def _code_names(message: str, verdict: Verdict) -> str:
    """The message as HTML with the exercise's name set as code."""
    name = escape(verdict.spec.name)
    return escape(message).replace(name, f"<code>{name}</code>", 1)


def points_text(points: float) -> str:
    """'1 point', '2.5 points'."""
    return f"{points:g} point{'' if points == 1 else 's'}"
