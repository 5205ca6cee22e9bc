"""`progress`: what is done in this notebook, drawn, with points, in the notebook's order."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from course_utils.cards import LOOKS, points_text
from course_utils.checking import outcomes
from course_utils.guesses import asked, explained, noted
from course_utils.output import chip_html, publish
from course_utils.specs import points_of, written_points


def progress() -> None:
    """Show which exercises of this notebook are right, which are not yet, and which wait, with their points.

    It counts what ran since the notebook's Python started; run the notebook from the top to count all.
    """
    begun = {name.rpartition(".")[0] for name in (*outcomes, *noted, *explained)}
    points = {(lesson, name): worth for lesson in sorted(begun) for name, worth in points_of(lesson).items()}
    if not begun:
        text = "No check has run yet. Run the notebook from the top, then this cell again."
        publish(f"<div>{text}</div>", text)
        return
    states = {key: outcomes.get(".".join(key), "waiting") for key in points}
    earned = sum(points[key] for key, state in states.items() if state == "right")
    total = sum(points.values())
    done = sum(state == "right" for state in states.values())
    headline = f"{done} of {len(states)} exercises are right: {earned:g} of {points_text(total)}."
    notes = [note for note in (_written(begun), _ungraded(begun)) if note]
    lines = [
        headline,
        *notes,
        *(f"{LOOKS[state][0]} {key[1]} ({points_text(points[key])})" for key, state in states.items()),
    ]
    chips = "".join(
        f'<span style="border:1.5px solid {LOOKS[state][2]};border-radius:12px;padding:1px 10px 1px 2px;'
        f'margin:3px 6px 3px 0;white-space:nowrap" title="{escape(key[1])}: {LOOKS[state][1]}">'
        f"{chip_html(LOOKS[state][0], LOOKS[state][2])}"
        f"<code>{escape(key[1])}</code> {points_text(points[key])}</span>"
        for key, state in states.items()
    )
    share = 100 * earned / total if total else 0
    bar = (
        '<div style="border:1px solid #767676;border-radius:4px;height:12px;max-width:480px;margin:6px 0" '
        f'role="img" aria-label="{escape(headline)}">'
        f'<div style="background:{LOOKS["right"][2]};border-radius:3px;height:12px;width:{share:.0f}%"></div></div>'
    )
    chips = f'<div style="display:flex;flex-wrap:wrap;max-width:60em">{chips}</div>'
    below = "".join(f"<div>{escape(note)}</div>" for note in notes)
    publish(f"<div><b>{headline}</b>{bar}{chips}{below}</div>", "\n".join(lines))


def _written(lessons: set[str]) -> str:
    """The questions in words, which a person marks, or nothing where there are none."""
    points = {name: worth for lesson in sorted(lessons) for name, worth in written_points(lesson).items()}
    if not points:
        return ""
    return f"Your instructor reads what you write for {', '.join(points)}: {points_text(sum(points.values()))} more."


def _ungraded(lessons: set[str]) -> str:
    """How many guesses and explanations of these lessons are there, or nothing where they ask for none."""

    def count(names: Iterable[str]) -> int:
        return sum(name.rpartition(".")[0] in lessons for name in names)

    guesses, explanations = count(asked().guesses), count(asked().explanations)
    parts = [f"{count(noted)} of {guesses} guesses noted"] if guesses else []
    parts += [f"{count(explained)} of {explanations} explanations written"] if explanations else []
    return f"Not graded: {', '.join(parts)}." if parts else ""
