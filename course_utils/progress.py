"""`progress`: what is done in this notebook, drawn, with points."""

from __future__ import annotations

from html import escape

from course_utils.cards import LOOKS, points_text
from course_utils.checking import all_specs, outcomes
from course_utils.output import publish


def progress() -> None:
    """Show which exercises of this notebook are right, which are not yet, and which wait, with their points.

    It counts the checks that ran since the kernel started; run the notebook from the top to count them all.
    """
    begun = {name.rpartition(".")[0] for name in outcomes}
    specs = [spec for spec in all_specs() if spec.lesson in begun]
    if not specs:
        text = "No check has run yet. Run the notebook from the top, then this cell again."
        publish(f"<div>{text}</div>", text)
        return
    states = {spec: outcomes.get(spec.full_name, "waiting") for spec in specs}
    earned = sum(spec.points for spec, state in states.items() if state == "right")
    total = sum(spec.points for spec in specs)
    done = sum(state == "right" for state in states.values())
    headline = f"{done} of {len(specs)} exercises are right: {earned:g} of {points_text(total)}."
    lines = [
        headline,
        *(f"{LOOKS[state][0]} {spec.name} ({points_text(spec.points)})" for spec, state in states.items()),
    ]
    chips = "".join(
        f'<span style="border:1.5px solid {LOOKS[state][2]};border-radius:12px;padding:1px 10px;margin:3px 6px 3px 0;'
        f'white-space:nowrap" title="{escape(spec.name)}: {LOOKS[state][1]}">'
        f'<span style="color:{LOOKS[state][2]};font-weight:bold">{LOOKS[state][0]}</span> '
        f"<code>{escape(spec.name)}</code> {points_text(spec.points)}</span>"
        for spec, state in states.items()
    )
    share = 100 * earned / total if total else 0
    bar = (
        '<div style="border:1px solid #767676;border-radius:4px;height:12px;max-width:480px;margin:6px 0" '
        f'role="img" aria-label="{escape(headline)}">'
        f'<div style="background:{LOOKS["right"][2]};border-radius:3px;height:12px;width:{share:.0f}%"></div></div>'
    )
    html = f'<div><b>{headline}</b>{bar}<div style="display:flex;flex-wrap:wrap;max-width:60em">{chips}</div></div>'
    publish(html, "\n".join(lines))
