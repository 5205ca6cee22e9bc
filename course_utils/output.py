"""Show something: HTML in notebooks, clean text elsewhere."""

from __future__ import annotations

import sys
from html import escape
from typing import Any

RECORD_TYPE = "application/vnd.convolution-course.check+json"  # of what a check found, beside its card


def publish(html: str, text: str, **others: Any) -> None:
    """Display HTML with a text alternative, and other MIME types by name; print the text where there is no IPython."""
    if not in_notebook():
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": html, **others}, raw=True)


def in_notebook() -> bool:
    """Whether IPython runs this: a notebook has loaded it, a plain script need not."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def heading_html(icon: str, words: str, colour: str) -> str:
    """A card's heading: the icon on a chip of `colour`, the words in the page's own, legible on any page."""
    return f'<div style="font-weight:bold">{chip_html(icon, colour)}{escape(words)}</div>'


def chip_html(icon: str, colour: str) -> str:
    """An icon in white on `colour`, which must be dark enough for it, whatever the page's theme."""
    style = f"background:{colour};color:#ffffff;border-radius:9px;padding:0 6px;margin-right:6px;font-weight:bold"
    return f'<span style="{style}">{icon}</span>'
