"""The report's figures as inline SVG: the page's own colours, so that they are legible in both schemes and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, BOTTOM, TOP = 560, 170, 34, 20


def histogram(counts: Sequence[int], words: str) -> str:
    """How many had which share of the points: a bar for each tenth. `words` says it for those who cannot see it."""
    most, step = max([*counts, 1]), WIDTH / len(counts)
    parts = []
    for index, number in enumerate(counts):
        height = (HEIGHT - BOTTOM - TOP) * number / most
        left, top = index * step + 3, HEIGHT - BOTTOM - height
        parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{step - 6:.1f}" height="{height:.1f}" rx="2"/>')
        if number:
            parts.append(_text(left + step / 2 - 3, top - 5, str(number)))
    line = HEIGHT - BOTTOM
    parts.append(f'<line x1="0" x2="{WIDTH}" y1="{line}" y2="{line}" stroke="var(--quiet)"/>')
    for index in range(len(counts) + 1):
        anchor = {0: "start", len(counts): "end"}.get(index, "middle")
        parts.append(_text(index * step, line + 16, f"{100 * index // len(counts)}", anchor))
    parts.append(_text(WIDTH / 2, HEIGHT - 3, "percent of the points"))
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}" '
        f'fill="var(--right)" font-size="12">{"".join(parts)}</svg>'
    )


def bar(counts: Mapping[str, int], words: str) -> str:
    """One bar that is divided as the counts are; each part is filled with the colour of its name."""
    total, left, parts = max(1, sum(counts.values())), 0.0, []
    for name, number in counts.items():
        if number:
            width = 200 * number / total
            parts.append(f'<rect x="{left:.2f}" width="{max(0.5, width - 1):.2f}" height="16" fill="var(--{name})"/>')
            left += width
    return (
        '<svg class="bar" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="var(--ink)">{escape(words)}</text>'
