"""The one door to a learner's code: call it on copies, and note all that a check needs to know."""

from __future__ import annotations

import copy
import linecache
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.values import plain

LIBRARIES = {"torch", "torchvision", "numpy", "scipy", "skimage", "cv2", "PIL"}


@dataclass(frozen=True)
class StudentError:
    """An exception of the learner's code: its type, its message and the line of theirs that raised it, if known."""

    type: str
    message: str
    line: str = ""


@dataclass(frozen=True)
class Observation:
    """What one call did: its plain result or its error, arguments it changed, forbidden functions it called."""

    result: Any = None
    error: StudentError | None = None
    changed: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


def observe(function: Callable, arguments: Mapping[str, Any], forbidden: Sequence[str] = ()) -> Observation:
    """Call `function` with copies of `arguments`, in order, and say what came of it. Never raises an `Exception`.

    `forbidden` holds names of library functions, such as "conv2d", whose calls are noted, however they are reached.
    An object that stands for a function elsewhere answers for itself through `__course_observe__`.
    """
    elsewhere = getattr(type(function), "__course_observe__", None)
    if elsewhere is not None:
        return elsewhere(function, arguments, forbidden)
    given = {name: _copy(value) for name, value in arguments.items()}
    result, error = None, None
    with _watching(forbidden) as called:
        try:
            result = plain(function(*given.values()))
        except (Exception, SystemExit) as exception:
            error = StudentError(type(exception).__name__, str(exception)[:500], _line_of(exception))
    changed = tuple(name for name, value in arguments.items() if not _same(value, given[name]))
    return Observation(result, error, changed, tuple(dict.fromkeys(called)))


@contextmanager
def _watching(forbidden: Sequence[str]) -> Iterator[list[str]]:
    """Collect the calls of forbidden library functions. A profile hook sees Python and C functions under any alias.

    Who removes the hook has something to hide: then that is what is collected.
    """
    called: list[str] = []
    if not forbidden:
        yield called
        return
    names = frozenset(forbidden)

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "c_call":
            name = getattr(argument, "__name__", "")
            if name in names:
                called.append(name)
        elif event == "call" and frame.f_code.co_name in names:
            module = frame.f_globals.get("__name__", "")
            if isinstance(module, str) and module.split(".")[0] in LIBRARIES:
                called.append(frame.f_code.co_name)

    before, before_in_threads = sys.getprofile(), threading.getprofile()
    threading.setprofile(note)  # for threads that the function starts
    sys.setprofile(note)
    try:
        yield called
    finally:
        if sys.getprofile() is not note:
            called.append("setprofile")
        sys.setprofile(before)
        threading.setprofile(before_in_threads)


def _copy(value: Any) -> Any:
    return value.clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, torch.Tensor):
        return before.shape == after.shape and before.dtype == after.dtype and torch.equal(before, after)
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    return bool(before == after)


def _line_of(exception: BaseException) -> str:
    """The last line of the learner's own file or cell on the way to the exception."""
    trace = exception.__traceback__.tb_next  # the first frame is ours
    if trace is None:
        return ""
    home = trace.tb_frame.f_code.co_filename
    line = ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == home:
            line = linecache.getline(home, trace.tb_lineno).strip()
        trace = trace.tb_next
    return line
