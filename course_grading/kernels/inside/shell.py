"""An IPython kernel without sockets: cells come in, and what they show goes out, as messages on one `Channel`.

It is ipykernel's own kernel and shell, so display, widgets, magics, top-level await, `input()` and matplotlib behave
as in any notebook; only the transport differs, and with it go the threads, ports and files of a kernel that must be
fast to fork.
"""

import ast
import asyncio
import contextlib
import io
import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.compilerop import CachingCompiler
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from traitlets import Instance, Type
from traitlets.config import Config

from course_grading.kernels.inside.wire import Channel

FRAMES_SHOWN = 10  # at each end of a long traceback
NOTEBOOK_FACTOR = 8  # a notebook may show this many times what a cell may
SHOWN = {"stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"}


class WireSession(Session):
    """Sends what a cell shows to the grader instead of to a ZeroMQ socket."""

    def attach(self, channel: Channel, output_limit: int) -> None:
        self._channel = channel
        self._limit = output_limit
        self._owner = os.getpid()
        self._lock = threading.RLock()
        self.muted = False
        self.sent = self.sent_before = 0  # bytes by this cell, and by those before
        self.cell = 0  # number of the request that runs, by which the grader knows whose output it is

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> None:
        kind, content = (
            (msg_or_type["header"]["msg_type"], msg_or_type["content"])
            if isinstance(msg_or_type, dict)
            else (msg_or_type, content)
        )
        if kind not in SHOWN or self.muted or os.getpid() != self._owner:  # children of the cell do not speak for it
            return
        with self._lock:
            size = _size(content)
            if self.sent + size > self._limit or self.sent_before + self.sent > NOTEBOOK_FACTOR * self._limit:
                if self.sent <= self._limit:
                    self.sent = self._limit + 1
                    self.emit(
                        "stream",
                        {"name": "stdout", "text": "\n[This cell shows more than is kept: the rest is cut.]\n"},
                    )
                return
            self.sent += size
            self.emit(kind, content)

    def emit(self, kind: str, content: dict[str, Any]) -> None:
        message = {"event": kind, "id": self.cell}
        try:
            self._channel.send(message | {"content": content})
        except (TypeError, OverflowError):  # NumPy's numbers, a date, a number without end
            self._channel.send(message | {"content": _as_json(content)})


def _as_json(content: dict[str, Any]) -> Any:
    """What somebody shows, as jupyter_client would send it; whole numbers too large for a message become text."""
    text = json.dumps(content, default=json_default)
    return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 19 else digits)


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return sum(_size(item) for item in value)
    return 8


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a cell; gathers small writes, as ipykernel does."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, session: WireSession, name: str) -> None:
        self._session = session
        self.name = name
        self._text: list[str] = []
        self._size = 0
        self._since = 0.0
        self._gathering = threading.RLock()

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._gathering:
            if not self._text:
                self._since = time.monotonic()
            self._text.append(text)
            self._size += len(text)
            if self._size > 8192 or time.monotonic() - self._since > 0.2:
                self.flush()
        return len(text)

    def flush(self) -> None:
        with self._gathering:
            text, self._text, self._size = "".join(self._text), [], 0
        if text:
            self._session.send(None, "stream", {"name": self.name, "text": text})

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2  # what is written there is read after each cell

    def set_parent(self, parent: Any) -> None:
        """Called by ipykernel's shell; there is one cell at a time, so nothing needs to be remembered."""


class Transformers(TransformerManager):
    """IPython's, which turn magics into Python. What is Python already they leave as it is, and take long to do so."""

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        try:
            with warnings.catch_warnings(action="ignore"):  # they come when it is run
                ast.parse("".join(lines))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return super().do_token_transforms(lines)
        return lines


class Shell(ZMQInteractiveShell):
    """ipykernel's shell; `exit()` and event loops of windows have no meaning while grading."""

    input_transformer_manager = Instance(Transformers, ())

    def ask_exit(self) -> None:
        pass

    def enable_gui(self, gui: Any = None) -> None:
        self.active_eventloop = gui

    def should_run_async(self, raw_cell: str, **known: Any) -> bool:
        return _may_wait(raw_cell) and super().should_run_async(raw_cell, **known)

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        kind, error, trace = super()._get_exc_info(exc_tuple)
        _shorten(trace)
        return kind, error, trace


def _shorten(trace: TracebackType | None) -> None:
    """Cut the middle out of a long traceback: IPython takes 16 s to write down what an endless recursion leaves."""
    links = []
    while trace is not None:
        links.append(trace)
        trace = trace.tb_next
    if len(links) > 2 * FRAMES_SHOWN:
        links[FRAMES_SHOWN - 1].tb_next = links[-FRAMES_SHOWN]


class _Nowhere(Channel):
    """A channel for rehearsals."""

    def __init__(self) -> None:
        pass

    def send(self, *message: Any, **options: Any) -> None:
        pass


class Kernel(IPythonKernel):
    """Made once in the warm process, before any fork, so that a fork is ready at once."""

    # ipykernel names cells for a debugger, by a hash that takes 1 ms a cell.
    compiler_class = Type(CachingCompiler)  # type: ignore[assignment]

    if TYPE_CHECKING:  # what the traits of ipykernel's own class hold here
        session: WireSession
        shell: Any

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False  # it would start a thread, and threads do not survive a fork
        config.InteractiveShell.colors = "nocolor"
        super().__init__(session=WireSession(key=b""), shell_class=Shell, config=config)

    _low_level: "_LowLevelOutput | None" = None

    def wake(self, channel: Channel, output_limit: int) -> None:
        """Begin to work, in the fork."""
        self.session.attach(channel, output_limit)
        sys.stdout, sys.stderr = Stream(self.session, "stdout"), Stream(self.session, "stderr")
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._low_level = _LowLevelOutput()
        self._enable_pictures()

    def rehearse(self, cells: Iterable[str]) -> None:
        """Run a few cells of our own in the warm process, so that no fork has to do things for the first time.

        They are forgotten again.
        """
        streams = sys.stdout, sys.stderr
        self.session.attach(_Nowhere(), 1 << 30)
        sys.stdout, sys.stderr = Stream(self.session, "stdout"), Stream(self.session, "stderr")
        self.loop = asyncio.new_event_loop()
        self._enable_pictures()
        for code in cells:
            self.loop.run_until_complete(self.run_cell(code, 0))
        self.loop.close()
        self.shell.reset(new_session=True, aggressive=False)
        sys.stdout, sys.stderr = streams

    def _enable_pictures(self) -> None:
        if "matplotlib" in sys.modules:  # pyplot that is imported already shows no pictures until it is told to
            from matplotlib_inline.backend_inline import configure_inline_support

            configure_inline_support(self.shell, "inline")

    async def run_cell(self, code: str, number: int, cell_id: str | None = None) -> dict[str, Any]:
        """Run one cell, request `number`, as ipykernel does. Its outputs are sent as events; returns status and, for
        errors, ename, evalue and traceback."""
        shell, session = self.shell, self.session
        session.sent_before += session.sent
        session.sent, session.cell = 0, number
        shell.set_parent({"header": session.msg_header("execute_request")})
        self._forward_input(False)
        try:
            with interruptible():
                result = None
                if _may_wait(code):
                    result = await self._run_async(code, cell_id)
                if result is None:
                    result = shell.run_cell(code, store_history=True, cell_id=cell_id)
        except KeyboardInterrupt:  # between the cell's end and ours
            return {"status": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
        finally:
            self._restore_input()
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):  # the student may have put anything there
                    stream.flush()
            for name, text in self._low_level.read() if self._low_level else ():
                session.send(None, "stream", {"name": name, "text": text})
        error = result.error_before_exec if result.error_before_exec is not None else result.error_in_exec
        if error is None and not shell._last_traceback_during_displayhook:
            return {"status": "ok"}
        traceback = [line for line in shell._last_traceback or [] if isinstance(line, str)]
        return {"status": "error", "ename": type(error).__name__, "evalue": _text(error), "traceback": traceback}

    async def _run_async(self, code: str, cell_id: str | None) -> Any:
        """Run a cell in the event loop if it has to be; else return None, as IPython's `run_cell` does the rest."""
        try:
            transformed, failed = self.shell.transform_cell(code), None
        except Exception:
            transformed, failed = code, sys.exc_info()
        if not self.shell.should_run_async(code, transformed_cell=transformed, preprocessing_exc_tuple=failed):
            return None
        task = asyncio.ensure_future(
            self.shell.run_cell_async(
                code, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=failed, cell_id=cell_id
            )
        )
        self.loop.add_signal_handler(signal.SIGINT, task.cancel)
        try:
            result = await task
        finally:
            self.loop.remove_signal_handler(signal.SIGINT)
            self.shell.events.trigger("post_execute")
        self.shell.events.trigger("post_run_cell", result)
        return result


def _may_wait(code: str) -> bool:
    """Whether a cell holds the words without which it need not be compiled to see that nothing in it is awaited."""
    return "await" in code or "async" in code


def _text(value: Any) -> str:
    try:
        return str(value)[:10_000]
    except Exception:
        return ""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt what runs inside; outside it is ignored, so that a late one does no harm."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class _LowLevelOutput:
    """What programs and C code write to file descriptors 1 and 2, kept in files that are read after each cell."""

    LIMIT = 100_000

    def __init__(self) -> None:
        import tempfile

        self._files = []
        for name, number in (("stdout", 1), ("stderr", 2)):
            file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the kernel lives)
            os.dup2(file.fileno(), number)
            self._files.append((name, file.fileno(), file))

    def read(self) -> list[tuple[str, str]]:
        found = []
        for name, number, _file in self._files:
            with contextlib.suppress(OSError):  # a cell may have closed it
                if os.fstat(number).st_size:
                    found.append((name, os.pread(number, self.LIMIT, 0).decode("utf-8", "replace")))
                    os.ftruncate(number, 0)
                    os.lseek(number, 0, os.SEEK_SET)
        return found
