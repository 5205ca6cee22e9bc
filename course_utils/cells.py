"""Which cells of the notebook failed to run, so that a check can say so instead of judging what was there before."""

from __future__ import annotations

import re
import symtable
import sys
from typing import Any

KEEPS_NOTHING = re.compile(r"\s*(%%(?:timeit|writefile|file|bash|sh|script|html|markdown|latex|javascript|svg))\b")
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


def names_in(source: str) -> list[str]:
    """The names that a cell gives a meaning to; where Python cannot read it, those that it seems to at its left
    margin."""
    try:
        symbols = symtable.symtable(source, "", "exec").get_symbols()
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a magic will do
        return _names_at_the_margin(source)
    return [symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()]


def _names_at_the_margin(source: str) -> list[str]:
    names = re.findall(r"^(?:async +)?(?:def|class)\s+(\w+)|^(\w+(?:[ \t]*,[ \t]*\w+)*)\s*=[^=]", source, re.MULTILINE)
    imported = re.findall(r"^from\s+\S+\s+import\s+\(?([\w\s,]+)", source, re.MULTILINE)
    imported = [words[-1] for each in imported for words in map(str.split, each.partition("\n")[0].split(",")) if words]
    return [name.strip() for kind, values in names for name in (kind or values).split(",")] + imported


def remember(source: str, error: str = "", message: str = "") -> None:
    """After a cell has run: note for the names that it would have defined with which error it ended; forget them, if
    it ended well."""
    magic = KEEPS_NOTHING.match(source)
    for name in names_in(source):
        if magic:
            _failed[name] = f"{magic[1]} at its top keeps nothing of what a cell defines: take it away."
        elif error:
            _failed[name] = _sentence(error, message, source)
        else:
            _failed.pop(name, None)


def _note(result: Any) -> None:
    source = getattr(getattr(result, "info", None), "raw_cell", None) or ""
    error = result.error_before_exec or result.error_in_exec
    if isinstance(error, SyntaxError):
        remember(source, "SyntaxError", f"line {error.lineno}: {error.msg}")
    elif error is not None:
        remember(source, type(error).__name__, str(error))
    else:
        remember(source)


def _sentence(error: str, message: str, source: str) -> str:
    from course_utils.python_errors import cell_problem  # not before it is needed: the grader has no use for torch

    message = message[:200].rstrip(".")
    if error == "StdinNotImplementedError":
        return "It asks with input(), and when it is graded nobody answers: write the value in its place."
    if error in ("SyntaxError", "IndentationError", "TabError"):
        return cell_problem(source) or f"Python cannot read it, {message}."
    return f"It ended with {error}: {message}."
