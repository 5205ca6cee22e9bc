"""`guess`, `compare` and `explain`: what students expect before they see, and say in their own words after. Not graded.

A lesson's cases tell which guesses and explanations it has, the wrong beliefs that are known, and our explanations.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import torch

from course_utils.errors import CourseError, did_you_mean
from course_utils.output import heading_html, in_notebook, publish
from course_utils.specs import case_files, lesson_data
from course_utils.storage import from_json, to_json
from course_utils.values import Unplain, describe, difference, number_text, plain

GUESS_TYPE = "application/vnd.convolution-course.guess+json"
LARGEST_SHOWN = 64  # numbers of a guess that are shown and recorded; more are described in words
LONGEST_KEPT = 4000  # letters of an explanation that are recorded
LARGEST_COUNT = 2**53  # whole numbers up to it are exact wherever a record is read
COLOUR = "#4a6785"


@dataclass(frozen=True)
class Asked:
    """All guesses and explanations that lessons declare, by full name such as "sliding_regions.product_sum"."""

    guesses: Mapping[str, list[dict[str, Any]]]  # the known wrong beliefs: {"values": [...], "text": "…"}
    explanations: Mapping[str, str]  # ours


noted: dict[str, Any] = {}  # full name of each guess noted in this session → its value
explained: dict[str, str] = {}  # full name of each explanation given in this session → the student's words


def guess(name: str, value: Any) -> None:
    """Note your guess, to which `compare` comes back: a number, a word, True or False, or a tuple of them. Not graded.

    While `value` is None, a line says that the guess waits for you.
    """
    full_name = _find(name, asked().guesses, "guess")
    if full_name is None:
        return
    unfit = (
        value is not None and value is not Ellipsis and not isinstance(value, int) and isinstance(plain(value), Unplain)
    )
    if value is None or value is Ellipsis or unfit:
        noted.pop(full_name, None)
        text = "Your guess waits for you: where it says FIXME, write your own. A wrong one costs nothing."
        if unfit:
            text = f"Your guess is {describe(plain(value))}. Write a number, a word, True or False, or a tuple of them."
        _publish(full_name, "your guess", text, {"event": "waiting"})
        return
    value = plain(value)
    noted[full_name] = value
    text = f"{_said(value)} is noted. The lesson comes back to it; until then you may change it."
    _publish(full_name, "your guess", text, {"event": "guessed", "value": kept(value)})


def compare(name: str, truth: Any) -> None:
    """Put your guess beside what is true, and name a wrong belief where your guess shows one."""
    full_name = _find(name, asked().guesses, "guess")
    if full_name is None:
        return
    truth = plain(truth)
    record: dict[str, Any] = {"event": "compared", "truth": kept(truth)}
    if full_name not in noted:
        _publish(full_name, "your guess", f"It is {_said(truth)}. You had not noted a guess.", record)
        return
    value = noted[full_name]
    record |= {"value": kept(value), "right": alike(truth, value)}
    if record["right"]:
        _publish(full_name, "your guess", f"You said {_said(value)}, and it is.", record)
        return
    text = f"You said {_said(value)}, it is {_said(truth)}."
    for belief in asked().guesses[full_name]:
        if any(alike(from_json(known), value) for known in belief["values"]):
            text += f" {belief['text']}"
            record["belief"] = belief.get("name", belief["text"])
            break
    _publish(full_name, "your guess", text, record)


def explain(name: str, text: str) -> None:
    """Say it in a sentence of your own; then ours opens beside it. Both can be right. No one grades it."""
    full_name = _find(name, asked().explanations, "explanation")
    if full_name is None:
        return
    words = text.strip() if isinstance(text, str) else ""
    if not words or words.startswith("FIXME"):
        explained.pop(full_name, None)
        waiting = "Your sentence waits for you: where it says FIXME, write your own. Then ours opens beside it."
        _publish(full_name, "your words", waiting, {"event": "waiting"})
        return
    explained[full_name] = words
    ours = asked().explanations[full_name]
    columns = "".join(
        f'<div style="flex:1 1 18em"><div style="font-size:12px">{whose}</div>'
        f'<div style="white-space:pre-line">{escape(said)}</div></div>'
        for whose, said in (("Yours", words), ("Ours", ours))
    )
    record = {"event": "explained", "text": words[:LONGEST_KEPT]}
    beside = f'<div style="display:flex;flex-wrap:wrap;gap:4px 24px">{columns}</div>'
    _publish(full_name, "your words", f"Yours: {words}\nOurs: {ours}", record, beside)


@functools.cache
def asked() -> Asked:
    """What the lessons' cases say of guesses and explanations."""
    guesses: dict[str, list[dict[str, Any]]] = {}
    explanations: dict[str, str] = {}
    for file in case_files():
        lesson = lesson_data(file.stem)
        guesses |= {f"{file.stem}.{name}": beliefs for name, beliefs in lesson.get("guesses", {}).items()}
        explanations |= {f"{file.stem}.{name}": ours for name, ours in lesson.get("explanations", {}).items()}
    return Asked(guesses, explanations)


def _find(name: str, known: Mapping[str, Any], what: str) -> str | None:
    """The full name of a guess or an explanation. A wrong name stops an author's run, but never a student's."""
    for full_name in known:
        if isinstance(name, str) and name in (full_name, full_name.rpartition(".")[2]):
            return full_name
    names = [full_name.rpartition(".")[2] for full_name in known]
    sentence = f"There is no {what} called '{name}'{did_you_mean(str(name), [], names)}."
    if not in_notebook() or "NBGRADER_EXECUTION" in os.environ:
        raise CourseError(sentence)
    publish(f"<div>{escape(sentence)}</div>", sentence)
    return None


def _publish(full_name: str, whose: str, text: str, record: dict[str, Any], body: str = "") -> None:
    name = full_name.rpartition(".")[2]
    icon = "○" if record["event"] == "waiting" else "✎"
    html = (
        f'<div style="border-left:4px solid {COLOUR};padding:4px 12px;margin:4px 0;max-width:60em;line-height:1.45">'
        f"{heading_html(icon, f'{name}: {whose}', COLOUR)}{body or f'<div>{escape(text)}</div>'}</div>"
    )
    kind = "explanation" if whose == "your words" else "guess"
    publish(html, f"{icon} {name}: {whose}\n{text}", **{GUESS_TYPE: {kind: full_name, **record}})


def alike(truth: Any, value: Any) -> bool:
    """Whether a guess says what is true, whatever forms the two have: what reads alike, such as "38", is alike."""
    if _read(truth) == _read(value):
        return True
    try:
        return difference(_comparable(truth), _comparable(value)) is None
    except (TypeError, OverflowError, ValueError):  # a dict, or a number beyond all bounds: nothing that a truth can be
        return False


def _read(value: Any) -> str:
    return " ".join((value if isinstance(value, str) else _said(plain(value))).casefold().split())


def _comparable(value: Any) -> Any:
    """A plain value as `difference` wants it: numbers as Python's, words in small letters."""
    value = plain(value)
    if isinstance(value, (torch.Tensor, np.ndarray, np.generic)):
        boolean = value.dtype in (torch.bool, np.dtype(bool))
        if value.ndim == 0 or boolean:
            return value.tolist()
        return value if isinstance(value, torch.Tensor) else torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, (list, tuple)):
        return type(value)(_comparable(item) for item in value)
    return " ".join(value.casefold().split()) if isinstance(value, str) else value


def _said(value: Any) -> str:
    """A value in words: 40, (3, 2), “orange”."""
    if isinstance(value, (torch.Tensor, np.ndarray, np.generic)):
        return _said(value.tolist()) if _count(value) <= LARGEST_SHOWN else describe(value)
    if isinstance(value, str):
        return f"“{value}”" if len(value) <= 200 else f"“{value[:200]} …”"
    if isinstance(value, int) and abs(value) > LARGEST_COUNT:
        return describe(Unplain("large int"))
    if isinstance(value, (list, tuple)):
        if _count(value) > LARGEST_SHOWN:
            return describe(value)
        inside = ", ".join(_said(item) for item in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    return number_text(value) if isinstance(value, (bool, int, float)) else describe(value)


def kept(value: Any) -> Any:
    """A value as the record keeps it."""
    if isinstance(value, str):
        return value[:LONGEST_KEPT]
    if isinstance(value, (bool, int, float)):  # a record is JSON, which knows neither infinity nor endless digits
        return value if -LARGEST_COUNT <= value <= LARGEST_COUNT else _said(value)
    small = isinstance(value, (list, tuple, torch.Tensor, np.ndarray, np.generic)) and _count(value) <= LARGEST_SHOWN
    return to_json(value) if small else _said(value)


def _count(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, (np.ndarray, np.generic)):
        return value.size
    return sum(_count(item) for item in value) if isinstance(value, (list, tuple)) else 1
