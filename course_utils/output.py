"""Show something: HTML in notebooks, clean text elsewhere."""

from __future__ import annotations

import sys
from typing import Any


def publish(html: str, text: str, **others: Any) -> None:
    """Display HTML with a text alternative, and other MIME types by name; print the text where there is no IPython."""
    ipython = sys.modules.get("IPython")  # a notebook has loaded it; a plain script need not
    if ipython is None or ipython.get_ipython() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": html, **others}, raw=True)
