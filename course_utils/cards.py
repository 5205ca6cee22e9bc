"""Draw a verdict: an HTML card in notebooks, clean text elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import numpy as np
import torch

from course_utils.checking import RECORD_TYPE, Verdict
from course_utils.drawing import number_grid_html
from course_utils.output import publish
from course_utils.values import Raised, Unplain, as_array, describe, number_text

LOOKS = {
    "right": ("✓", "right", "#2a7f62"),
    "waiting": ("○", "waits for you", "#767676"),
    "wrong": ("✗", "not yet", "#b04d08"),
}
LARGEST_GRID = 16  # cells a side; larger arrays are described in words

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
        f'<div style="color:{color};font-weight:bold">{icon} {escape(verdict.spec.name)}: {word}{points}</div>'
        f"{body}</div>"
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
    trial = verdict.trial
    if trial is None:
        return
    for name, value in trial.case.arguments.items():
        yield name, *_draw(value, name)
    if verdict.problem == "mutated":
        return
    expected, yours = trial.case.expected, trial.seen.result
    if not trial.case.arguments:
        yield "yours", *_draw(yours, "yours")  # a prediction: its answer is not shown, so that it can be found
        return
    want, got = _grid(expected), _grid(yours)
    shared: dict[str, Any] = {}
    if want is not None and got is not None and trial.difference:
        finite = np.abs(np.concatenate([want.ravel(), got.ravel()]))
        finite = finite[np.isfinite(finite)]
        signed = bool((want < 0).any() or (got < 0).any())
        shared = {"scale": float(finite.max(initial=0)), "signed": signed}
        if len(trial.difference.index) == want.ndim:
            shared["highlight"] = trial.difference.index
    yield "expected", *_draw(expected, "expected", **shared)
    if trial.seen.error:
        return
    yield "yours", *_draw(yours, "yours", **shared)
    if shared and want.shape == got.shape:
        with np.errstate(invalid="ignore"):
            apart = torch.from_numpy(got.astype(np.float64) - want)
        yield (
            "difference (yours − expected)",
            *_draw(apart, "difference", signed=True, highlight=shared.get("highlight", ())),
        )


def _draw(value: Any, title: str, **options: Any) -> tuple[str, str]:
    """A value as HTML and as text: a grid of numbers where it is one, words otherwise."""
    grid = _grid(value)
    if grid is None:
        words = _words(value)
        return f"<code>{escape(words)}</code>", words
    with np.printoptions(precision=4, suppress=True, linewidth=120):
        return number_grid_html(grid, title=title, cell=30, **options), str(grid)


def _grid(value: Any) -> np.ndarray | None:
    """The value as an array that can be drawn: one or two axes, few enough cells."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        array = as_array(value)
    elif isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        try:
            array = np.asarray(value)
        except ValueError:
            return None
    else:
        return None
    drawable = array.ndim in (1, 2) and array.size and max(array.shape) <= LARGEST_GRID and array.dtype.kind in "iuf"
    return array if drawable else None


def _words(value: Any) -> str:
    if isinstance(value, Raised):
        return value.type_name
    if isinstance(value, (bool, int, float, np.generic, str)):
        return number_text(value) if not isinstance(value, complex) else str(value)
    if isinstance(value, Unplain):
        return describe(value)
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return number_text(value.item()) if value.ndim == 0 and not value.dtype.is_complex else describe(value)
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]} … ({len(value)} in all)"


def _code_names(message: str, verdict: Verdict) -> str:
    """The message as HTML with the exercise's name set as code."""
    name = escape(verdict.spec.name)
    return escape(message).replace(name, f"<code>{name}</code>", 1)


def points_text(points: float) -> str:
    """'1 point', '2.5 points'."""
    return f"{points:g} point{'' if points == 1 else 's'}"
