"""Which cells of the notebook failed to run, so that a check can say so instead of judging what was there before."""

from __future__ import annotations

import re
import sys
from typing import Any

from course_utils.python_errors import cell_problem

_failed: dict[str, str] = {}  # name that a cell would have defined → why the cell did not run, in a sentence


def trouble_with(name: str) -> str:
    """Why the latest cell that defines `name` did not run; empty where it did."""
    return _failed.get(name, "")


def watch() -> None:
    """Note from now on which cells fail, where there is a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and _note not in shell.events.callbacks.get("post_run_cell", ()):
        shell.events.register("post_run_cell", _note)


def _note(result: Any) -> None:
    """After each cell: remember the names that it would have defined, if it failed; forget them, if it ran."""
    source = getattr(getattr(result, "info", None), "raw_cell", None) or ""
    names = re.findall(r"^(?:def\s+(\w+)\s*\(|(\w+)\s*=[^=])", source, re.MULTILINE)
    error = result.error_before_exec or result.error_in_exec
    for name in (function or value for function, value in names):
        if error is None:
            _failed.pop(name, None)
        else:
            _failed[name] = _sentence(error, source)


def _sentence(error: BaseException, source: str) -> str:
    if isinstance(error, SyntaxError):
        return cell_problem(source) or f"Python cannot read its line {error.lineno}: {error.msg}."
    return f"It ended with {type(error).__name__}: {str(error)[:200].rstrip('.')}."
