"""The one door to a learner's code: call it on copies, and note all that a check needs to know."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import linecache
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import torch

from course_utils.values import File, Unplain, joined, plain

LIBRARIES = {"torch", "torchvision", "numpy", "scipy", "skimage", "cv2", "PIL"}
MOST_PRINTED = 500  # characters
REFUSED = "is not at hand here: this answer is to be written by hand"  # the end of the message of what is refused


@dataclass(frozen=True)
class StudentError:
    """An exception of the learner's code: its type, its message, the line of theirs that raised it, if known, and
    the name of the function that still holds the scaffold, if it was the scaffold that raised it."""

    type: str
    message: str
    line: str = ""
    scaffold: str = ""


@dataclass(frozen=True)
class Observation:
    """What one call did: its plain result or its error, and what it did besides."""

    result: Any = None
    error: StudentError | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)  # arguments that it changed: name → what they are now
    called: tuple[str, ...] = ()  # watched library functions that it called
    used: tuple[str, ...] = ()  # functions of the learner's own, among those asked about, that it called
    printed: str = ""
    facts: Mapping[str, Any] | None = None  # what was seen of the result in place, before it became plain


@dataclass(frozen=True)
class Question:
    """What to note of a call, besides what comes back."""

    watched: tuple[str, ...] = ()  # names of library functions whose calls are noted, however they are reached
    refused: tuple[str, ...] = ()  # those of them that do no work meanwhile where an answer is graded
    own: tuple[str, ...] = ()  # names of functions that the learner may have defined and used
    lent: Mapping[str, Callable] = field(default_factory=dict)  # functions to use in place of the learner's own
    facts: Mapping[str, Callable] = field(default_factory=dict)  # what to see of a result that is no plain value
    in_place: tuple[str, ...] = ()  # those of the facts to see in place even where the result is plain
    lesson: str = ""  # whose facts they are
    positional: int | None = None  # how many arguments go by position; the others by name


ASK_NOTHING = Question()


def observe_each(function: Callable, calls: Sequence[tuple[Mapping[str, Any], Question]]) -> Iterator[Observation]:
    """As `observe`, for some calls with questions that differ in `positional` alone; each is made when it is asked for.

    An object that stands for a function elsewhere answers for itself through `__course_observe__`.
    """
    elsewhere = getattr(type(function), "__course_observe__", None)
    if elsewhere is not None:
        yield from elsewhere(function, calls)
        return
    for arguments, question in calls:
        yield observe(function, arguments, question)


def observe(function: Callable, arguments: Mapping[str, Any], question: Question = ASK_NOTHING) -> Observation:
    """Call `function` with copies of `arguments`, in order, and say what came of it. Never raises an `Exception`."""
    if hasattr(type(function), "__course_observe__"):
        return next(observe_each(function, [(arguments, question)]))
    result, error, facts = None, None, None
    printed = io.StringIO()
    with contextlib.ExitStack() as stack:
        given = {name: _handed_over(value, stack) for name, value in arguments.items()}
        by_position, by_name = _passed(function, given, question.positional)
        used = stack.enter_context(_own_functions(function, question.own, question.lent))
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # a card says what is wrong, and says it once
        with _watching(question.watched) as called:  # innermost, as it slows whatever runs in it
            try:
                result = function(*by_position, **by_name)
            except (Exception, SystemExit) as exception:
                error = _told(exception, function)
        changed = {name: plain(given[name]) for name, value in arguments.items() if not _unchanged(value, given[name])}
    seen = plain(result)
    wanted = question.facts if has_unplain(seen) else {name: question.facts[name] for name in question.in_place}
    if wanted and error is None:
        facts = see(wanted, result, given, in_place=True)
    return Observation(
        seen,
        error,
        changed,
        tuple(dict.fromkeys(called)),
        tuple(dict.fromkeys(used)),
        printed.getvalue()[:MOST_PRINTED],
        facts,
    )


def see(
    facts: Mapping[str, Callable], answer: Any, arguments: Mapping[str, Any], *, in_place: bool = False
) -> dict[str, Any]:
    """What each fact says of an answer, as plain data; a fact that cannot be seen is `Unplain`, with the reason.

    Facts get copies, in which a list of tensors is one tensor; but `in_place` the very answer and arguments, between
    which gradients flow.
    """
    answer = answer if in_place else joined(answer)
    handed = (lambda value: value) if in_place else copy_of
    seen: dict[str, Any] = {}
    for name, fact in facts.items():
        wanted = fact.__code__.co_varnames[1 : fact.__code__.co_argcount]
        defaults = fact.__defaults__ or ()
        passed = {key: handed(arguments[key]) for key in wanted if key in arguments}
        missing = [key for key in wanted[: len(wanted) - len(defaults)] if key not in passed]
        try:
            if missing:
                raise TypeError(f"no {missing[0]} to look at")
            with contextlib.redirect_stdout(io.StringIO()):
                seen[name] = plain(fact(handed(answer), **passed))
        except Exception as error:
            seen[name] = Unplain(f"{type(error).__name__}: {error}"[:200])
    return seen


def has_unplain(value: Any) -> bool:
    """Whether something in a plain value stands for what is none."""
    if isinstance(value, (list, tuple)):
        return any(has_unplain(item) for item in value)
    if isinstance(value, dict):
        return any(has_unplain(item) for pair in value.items() for item in pair)
    return isinstance(value, Unplain)


def copy_of(value: Any) -> Any:
    """A copy that shares nothing with the value; an object that cannot be copied is handed on as it is."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    if type(value) in (list, tuple):  # a hundredth of the time that copy.deepcopy takes for tensors in it
        return type(value)(map(copy_of, value))
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def _handed_over(value: Any, stack: contextlib.ExitStack) -> Any:
    """What the function gets: a copy, or, for a file, the path of one."""
    if not isinstance(value, File):
        return value.clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)
    path = Path(stack.enter_context(tempfile.TemporaryDirectory()), value.name)
    path.write_bytes(value.data)
    return str(path)


def _passed(function: Any, given: Mapping[str, Any], positional: int | None) -> tuple[list[Any], dict[str, Any]]:
    """The arguments that go by position, and those that go by name: also what the learner takes by name alone."""
    code = getattr(unwrapped(function), "__code__", None)
    own = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount] if isinstance(code, CodeType) else ()
    named = {*own, *(() if positional is None else list(given)[positional:])}
    return [given[name] for name in given if name not in named], {name: given[name] for name in given if name in named}


def unwrapped(function: Any) -> Any:
    """The function that somebody wrote below decorators such as `torch.no_grad()`."""
    try:
        return inspect.unwrap(function)
    except Exception:  # it wraps itself, or whatever else somebody has made of it
        return function


@contextmanager
def _own_functions(function: Callable, own: Sequence[str], lent: Mapping[str, Callable]) -> Iterator[list[str]]:
    """Collect which functions of the learner's own are called; put those that are lent in their place meanwhile."""
    used: list[str] = []
    namespace = getattr(unwrapped(function), "__globals__", {})
    before = {name: namespace[name] for name in (*own, *lent) if isinstance(namespace.get(name), FunctionType)}

    def noted(name: str, original: Callable) -> Callable:
        def call(*arguments: Any, **keywords: Any) -> Any:
            used.append(name)
            return original(*arguments, **keywords)

        return call

    try:
        for name, original in before.items():
            namespace[name] = noted(name, lent.get(name, original))
        yield used
    finally:
        namespace.update(before)


@contextmanager
def _watching(watched: Collection[str]) -> Iterator[list[str]]:
    """Collect the calls of watched library functions. A profile hook sees Python and C functions under any alias.

    Who removes the hook has something to hide: then that is what is collected.
    """
    called: list[str] = []
    if not watched:
        yield called
        return
    names = frozenset(watched)

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


def _unchanged(before: Any, after: Any) -> bool:
    return isinstance(before, File) or same(before, after)  # of a file, the answer got the path of a copy


def same(before: Any, after: Any) -> bool:
    """Whether two values are the same in kind, shape, dtype, every number, and whether they ask for gradients; NaN is
    the same as NaN."""
    if any(isinstance(before, kind) != isinstance(after, kind) for kind in (torch.Tensor, np.ndarray)):
        return False
    if isinstance(before, (torch.Tensor, np.ndarray)):
        if before.shape != after.shape or before.dtype != after.dtype:
            return False
        if isinstance(before, torch.Tensor) and before.requires_grad != after.requires_grad:
            return False  # gradients would gather in it from call to call
        equal: Any = torch.equal if isinstance(before, torch.Tensor) else np.array_equal
        if equal(before, after):  # one pass, where there is no NaN
            return True
        alike: Any = (before == after) | ((before != before) & (after != after))
        return bool(alike.all())
    if isinstance(before, (list, tuple)):
        return isinstance(after, (list, tuple)) and len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(same(before[key], after[key]) for key in before)
    return bool(before == after) or bool(before != before and after != after)


def _told(exception: BaseException, function: Callable) -> StudentError:
    """The exception in data: with the last line of the learner's own file or cell on the way to it."""
    frames = list(traceback.walk_tb(exception.__traceback__))[1:]  # the first frame is ours
    frames = [(frame, line) for frame, line in frames if frame.f_code.co_filename != __file__]
    code = getattr(unwrapped(function), "__code__", None)  # before it come a decorator's frames
    begins = next((place for place, (frame, _) in enumerate(frames) if frame.f_code is code), 0)
    frames = frames[begins:]
    line = scaffold = ""
    if frames:
        home = frames[0][0].f_code.co_filename
        own = [(frame, number) for frame, number in frames if frame.f_code.co_filename == home]
        line = linecache.getline(home, own[-1][1]).strip()
        frame, number = frames[-1]
        if isinstance(exception, NotImplementedError) and not exception.args:
            above = linecache.getline(frame.f_code.co_filename, number - 1)
            here = linecache.getline(frame.f_code.co_filename, number)
            if "FIXME" in above or not here:
                scaffold = frame.f_code.co_name
    return StudentError(_kind_of(exception, frames), _message_of(exception), line, scaffold)


def _message_of(exception: BaseException) -> str:
    try:
        return str(exception)[:500]
    except Exception:  # its class says it in a way of its own, which fails
        return ""


def _kind_of(exception: BaseException, frames: Sequence[tuple[Any, int]]) -> str:
    """The name of its class; of one that the learner has made, that of Python's own which it refines."""
    kind = type(exception)
    if frames and kind.__module__ == frames[0][0].f_globals.get("__name__"):
        kind = next(each for each in kind.__mro__ if each.__module__ == "builtins")
    return kind.__name__
