"""`counted`: count the steps of a training loop with a bar on the page that goes when the loop ends."""

from __future__ import annotations

import time
from collections.abc import Iterator

from course_utils.errors import CourseError
from course_utils.output import in_notebook

FIRST_SHOWN_AFTER = 0.5  # seconds: short loops need no bar
REDRAWN_AFTER = 0.2
# JupyterLab keeps a line for an output that is empty.
GONE = (
    "<style>.jp-OutputArea-child:has(> .jp-OutputArea-output .course-bar-gone) { display: none; }</style>"
    '<i class="course-bar-gone"></i>'
)


def counted(steps: int) -> Iterator[int]:
    """Count like `range(steps)`; where that takes a while, a bar says how far it is. It leaves nothing on the page.

    Unlike bars of text, it is redrawn in its place: a saved notebook does not keep its hundred states. Raises
    CourseError where `steps` is no whole number.
    """
    if not hasattr(steps, "__index__") or isinstance(steps, bool):
        raise CourseError("counted takes how many steps to count, a whole number: for step in counted(100).")
    next_drawn = time.monotonic() + FIRST_SHOWN_AFTER
    bar = None
    try:
        for step in range(steps):
            yield step
            if time.monotonic() < next_drawn or not in_notebook():
                continue
            if bar is None:
                from IPython.display import DisplayHandle

                bar = DisplayHandle()
                bar.display(_bar(step + 1, steps), raw=True)
            else:
                bar.update(_bar(step + 1, steps), raw=True)
            next_drawn = time.monotonic() + REDRAWN_AFTER
    finally:
        if bar is not None:
            bar.update({"text/plain": "", "text/html": GONE}, raw=True)


def _bar(done: int, steps: int) -> dict[str, str]:
    text = f"{done:,} of {steps:,} steps"
    html = f'<progress value="{done}" max="{steps}" aria-label="{text}" style="width:240px"></progress> {text}'
    return {"text/plain": text, "text/html": html}
