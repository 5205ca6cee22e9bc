"""Run one repaired notebook: the student's cells in the sandbox, the tests in the trusted process.

    problems = execute(notebook, blueprint, pool, files=contents(folder))

Nothing that a notebook does raises from here, or takes longer than its time: it becomes outputs and problems.
"""

import ast
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from course_grading.kernels.inside.confine import OUT_OF_MEMORY
from course_grading.kernels.inside.wire import Channel, WireError, WireTimeout
from course_grading.kernels.pool import KernelFailed, Limits, Pair, Pool, Process
from course_grading.notebook.outputs import Kept, Outputs
from course_grading.notebook.released import Blueprint
from course_grading.notebook.repair import Problem, note_run
from course_utils.cells import names_in
from course_utils.errors import TestBroken

BROKEN = TestBroken.__name__  # how a test ends that failed by its author's mistake
LONGEST_TOLD = 20_000  # characters of a cell that the tests are told of
MOST_TOLD = 500_000  # characters of all cells since the last test
MISSING = re.compile(r"No module named '([\w.]+)'|cannot import name '(\w+)'")
MOST_IMPORTS = 10  # that fail in one cell
IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]", re.MULTILINE)
GRACE = 3.0  # seconds of processor time, and by the clock as many times more, that an interrupted kernel has to answer
FAR = 4  # how much longer things may take by the clock: on a busy machine a kernel waits for its turn
LOOK = 0.25  # seconds after which to look at what a kernel's processes use
STARVED = 0.1  # of the time by the clock: who waited that much for a processor was late through no fault of theirs
BUSY = "busy"  # the kind of problem that says so
KEPT_FACTOR = 10  # a notebook keeps this many times a cell's limit; a kernel shows 8 times at most, and overheads
FLOOD_FACTOR = 12  # a notebook that sends this many times a cell's limit goes round our own limits: its kernel is ended


@dataclass(frozen=True)
class Times:
    """Seconds of processor time that one cell may take, and the whole notebook; by the clock, `FAR` times as long."""

    cell: float = 30
    notebook: float = 300


def execute(
    notebook: NotebookNode,
    blueprint: Blueprint,
    pool: Pool,
    times: Times | None = None,
    files: Mapping[str, bytes] | None = None,
) -> list[Problem]:
    """Execute a notebook that `repair` has seen to, in place; returns what went wrong. Raises KernelFailed if its
    kernels do not start, which is never the notebook's fault."""
    times = times or Times()
    pair = pool.start_pair()
    try:
        return _Run(notebook, blueprint, pair, times, pool.settings.limits).run(dict(files or {}))
    except _NotStarted as error:
        raise KernelFailed(f"a kernel did not start: {pool.last_words() or error}") from error
    finally:
        pair.close()


def after_failed_import(source: str, message: str) -> tuple[list[str], str]:
    """The names that a cell's top-level import would have given, if it was one that failed with this message, and what
    is left to run of the cell; of an import of several modules, the others."""
    named = MISSING.search(message)
    try:
        statements = ast.parse(_without_magics(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], ""
    if not named:
        return [], ""
    missing = named[1] or named[2]
    for statement in statements:
        if isinstance(statement, ast.Import):
            bad = [each for each in statement.names if f"{missing}.".startswith(f"{each.name.partition('.')[0]}.")]
        elif isinstance(statement, ast.ImportFrom):
            module = (statement.module or "").partition(".")[0]
            whole = f"{missing}.".startswith(f"{module}.") and named[1]
            bad = [each for each in statement.names if whole or each.name == missing]
        else:
            continue
        if bad:
            kept = [each for each in statement.names if each not in bad]
            statement.names = kept
            rest = "\n".join([*([ast.unparse(statement)] if kept else []), _behind(source, statement)]).strip()
            return [each.asname or each.name.partition(".")[0] for each in bad], rest
    return [], ""


def _without_magics(source: str) -> str:
    """The source with IPython's lines as comments: those are no Python, and the places of all others stay."""
    return re.sub(r"^[%!](?!%)", "#", source, flags=re.MULTILINE)


def _behind(source: str, statement: ast.stmt) -> str:
    """What follows a statement, as it was written."""
    line, *rest = source.split("\n")[(statement.end_lineno or 1) - 1 :]
    same_line = line.encode()[statement.end_col_offset or 0 :].decode()
    return "\n".join([same_line.lstrip(" ;\t"), *rest])


def is_broken(cell: NotebookNode) -> bool:
    """Whether the test in this cell failed by a mistake of ours, so that nothing may be scored from it."""
    return any(output.get("ename") == BROKEN for output in cell.get("outputs", ()))


class _NotStarted(Exception):
    """A kernel ended, or said nothing, before anything of the student's ran in it."""


class _Run:
    def __init__(self, notebook: NotebookNode, blueprint: Blueprint, pair: Pair, times: Times, limits: Limits) -> None:
        self._notebook = notebook
        self._blueprint = blueprint
        self._student = pair.student
        self._trusted = pair.trusted
        self._times = times
        limit = self._limit = limits.output
        self._memory = limits.memory
        self._end = time.monotonic() + FAR * times.notebook
        self._cell_began = time.monotonic()
        self._until = float(times.notebook)  # the processor time at which this cell's is up
        self._waited = 0.0  # for a processor, before this cell
        self._next_look = 0.0
        self._too_much = ""  # what was too much of all its processes together
        self._displays: dict[str, list[NotebookNode]] = {}
        self._kept, self._kept_of_tests = Kept(KEPT_FACTOR * limit), Kept(KEPT_FACTOR * limit)
        self._ended = ""  # why nothing more is asked of the student's kernel
        self._number = 0
        self._ran: list[list[str]] = []  # since the last test, cells that define something: source, error, message
        self.problems: list[Problem] = []

    def run(self, files: dict[str, bytes]) -> list[Problem]:
        self._prepare(files)
        for cell in self._notebook.cells:
            if cell.cell_type != "code":
                continue
            is_test = self._blueprint.is_test(cell)
            displays, kept = ({}, self._kept_of_tests) if is_test else (self._displays, self._kept)
            outputs = Outputs(displays, kept, trusted=is_test)
            if self._stopped:
                outputs.error("NotRun", self._stopped)
            elif is_test:
                self._test(cell, outputs)
            elif cell.source.strip():
                self._cell(cell, outputs)
            cell.outputs = outputs.list
        self._student.watch.look()
        note_run(self._notebook, self._student.watch.seconds, self._student.watch.peak, self._ended)
        return self.problems

    def _prepare(self, files: dict[str, bytes]) -> None:
        """Put the submission's files in place and make the tests ready; no line of the student's has run by then."""
        request = {"op": "prepare", "imports": self._blueprint.imports, "answers": list(self._blueprint.answers)}
        deadline = time.monotonic() + 30 * FAR
        self._until = float("inf")
        try:
            self._trusted.channel.send({"id": 0} | request, deadline=deadline)
            wanted = {"op": "files", "id": 0, "files": list(files)}
            self._student.channel.send(wanted, list(files.values()), deadline)
            for process in (self._student, self._trusted):
                self._wait(process, 0, deadline, None)
        except (WireError, WireTimeout) as error:
            raise _NotStarted(str(error) or "it took too long") from error

    def _cell(self, cell: NotebookNode, outputs: Outputs) -> None:
        """Run a cell of the student's."""
        name = _name(cell)
        reply = self._executed(cell.source, cell.id, name, outputs)
        if reply is not None:
            if reply.get("status") == "error" and not outputs.has_error(str(reply.get("ename"))):
                outputs.error(reply.get("ename"), reply.get("evalue"), reply.get("traceback"))
            failed: list[list[str]] = []  # of its imports: source, error, message
            if reply.get("ename") in ("ModuleNotFoundError", "ImportError"):
                reply = self._after_import(cell.source, name, reply, outputs, failed)
            elif reply.get("ename") == "StdinNotImplementedError":
                self._problem("input", name, "A cell asks with input(), which nobody answers here: it ended there.")
            self._note_ran(cell.source, reply)
            self._ran += failed
        self._check_notebook_time(name)

    def _executed(self, source: str, cell: str, name: str, outputs: Outputs) -> dict | None:
        """How code of the student's ended; None where it was stopped or its kernel is gone, which is noted."""
        deadline = self._deadline()
        self._number += 1
        request = {"op": "execute", "id": self._number, "cell": cell}
        try:
            self._student.channel.send(request, [source.encode("utf-8", "replace")], deadline)
            return self._wait(self._student, self._number, deadline, outputs)
        except WireTimeout:
            allowed = self._allowed()
            ended = self._interrupt(self._student, outputs)
            outputs.error("CellTimeoutError", f"this cell took longer than {allowed} and was stopped")
            self._problem("timeout", name, f"A cell took longer than {allowed}.")
            if ended is None:
                self._stop(name, "a cell did not stop when its time was up")
        except WireError as error:
            self._lost(name, error)
            outputs.error("KernelDied", self._stopped)
        return None

    def _note_ran(self, source: str, reply: dict) -> None:
        """For the tests, which say of an answer that its cell did not run, and why."""
        if names_in(source[:LONGEST_TOLD]):
            failed = reply.get("status") == "error"
            error = (reply.get("ename"), reply.get("evalue")) if failed else ("", "")
            self._ran.append([source[:LONGEST_TOLD], *(str(text)[:300] for text in error)])

    def _after_import(self, source: str, name: str, reply: dict, outputs: Outputs, failed: list[list[str]]) -> dict:
        """An import that fails here ends its cell, as it would not have on the student's machine: run what is left.
        Returns how the cell ended; what it did not import goes into `failed`."""
        for number in range(MOST_IMPORTS):
            message = str(reply.get("evalue"))
            imports = IMPORT.search(source) and MISSING.search(message)  # not what a library says of a display
            names, source = after_failed_import(source, message)
            if imports and number == 0:
                what = "The rest of its cell was run." if names else "The rest of its cell was not run."
                self._problem("import", name, f"An import failed: {message[:100].rstrip('.')}. {what}")
            if not names:
                return reply
            defined = "\n".join(f"{each} = …" for each in names)
            failed.append([defined, str(reply.get("ename")), message[:300]])
            if not source:
                return {"status": "ok"}
            rest = self._executed(source, "rest", name, outputs)
            if rest is None:
                return reply
            reply = rest
            if reply.get("ename") not in ("ModuleNotFoundError", "ImportError"):
                return reply
        return reply

    def _test(self, cell: NotebookNode, outputs: Outputs) -> None:
        """Run a test. Only what the trusted process says counts; without its word the test has failed."""
        name = _name(cell)
        deadline = self._deadline()
        self._number += 1
        request = {"op": "test", "id": self._number, "code": cell.source, "ran": _newest(self._ran)}
        self._ran = []
        try:
            self._trusted.channel.send(request, deadline=deadline)
            reply = self._wait(self._trusted, self._number, deadline, outputs)
        except WireTimeout:
            allowed = self._allowed()
            self._problem("timeout", name, f"The test '{name}' took longer than {allowed}.")
            self._interrupt_test(name)
            outputs.error("CellTimeoutError", f"the answer took longer than {allowed}")
        except WireError:  # the instructor's own test crashed or was killed: nothing can be graded from here on
            self._stop(name, "the tests could not be run")
            self._problem("review", name, f"The test '{name}' ended unexpectedly; this notebook needs a look.")
            outputs.error("NotRun", self._stopped)
        else:
            if reply.get("status") != "ok" and not outputs.has_error(str(reply.get("ename"))):
                outputs.error(reply.get("ename"), reply.get("evalue"), reply.get("traceback"))
            if reply.get("ename") == "MemoryError":
                self._problem("memory", name, f"The test '{name}' failed: {reply.get('evalue')}.")
            if reply.get("ename") == BROKEN:
                self._problem(BROKEN, name, f"The test '{name}' is broken: {reply.get('evalue')}")
            if reply.get("ename") == "NoAnswer" and self._student.wait(0.2):
                self._lost(name, None)
        self._check_notebook_time(name)

    def _wait(self, process: Process, number: int, deadline: float, outputs: Outputs | None) -> dict:
        """Gather a cell's events until it is done. Raises WireTimeout, and WireError also for a flood."""
        channel: Channel = process.channel
        while True:
            try:
                message, _ = channel.receive(min(deadline, time.monotonic() + LOOK))
            except WireTimeout:
                if self._look() or time.monotonic() >= deadline:
                    raise
                continue
            if time.monotonic() >= self._next_look and self._look():
                raise WireTimeout
            if channel.received > FLOOD_FACTOR * self._limit:
                raise WireError("it showed too much")
            if not isinstance(message, dict) or message.get("id") != number:
                continue  # of an earlier cell
            event = message.get("event")
            if event == "done":
                return message
            if outputs is not None and isinstance(event, str):
                outputs.add(event, message.get("content"))

    def _look(self) -> bool:
        """Look at what the kernels use; True if this cell's processor time is up. Ends one that holds too much."""
        began = time.monotonic()
        if self._student.watch.look() and not self._too_much:
            size = f"{self._memory / 2**30:.1f} GB"
            self._too_much = f"its processes together used too much memory, more than {size}"
            self._student.kill()
        self._trusted.watch.look()
        self._next_look = time.monotonic() + max(LOOK, 10 * (time.monotonic() - began))
        return self._seconds() > self._until

    def _seconds(self) -> float:
        return self._student.watch.seconds + self._trusted.watch.seconds

    def _interrupt(self, process: Process, outputs: Outputs | None) -> dict | None:
        """Interrupt what runs; None if it did not stop, or the kernel is gone."""
        process.interrupt()
        self._until = self._seconds() + GRACE
        try:
            return self._wait(process, self._number, time.monotonic() + FAR * GRACE, outputs)
        except (WireError, WireTimeout):
            return None

    def _interrupt_test(self, name: str) -> None:
        """The student's function hangs, or (hardly) the test itself."""
        self._student.interrupt()
        if self._interrupt(self._trusted, None) is None:
            self._stop(name, "a test did not stop when its time was up")
            return
        self._number += 1
        try:
            self._until, deadline = self._seconds() + GRACE, time.monotonic() + FAR * GRACE
            self._student.channel.send({"op": "ping", "id": self._number}, deadline=deadline)
            self._wait(self._student, self._number, deadline, None)
        except (WireError, WireTimeout):
            self._stop(name, "the answer did not stop when its time was up")

    def _lost(self, name: str, error: WireError | None) -> None:
        """The student's kernel is gone: say how, as far as can be known."""
        status = self._student.status() if self._student.wait(0.5) else None
        if self._too_much:
            why = f"the kernel was ended because {self._too_much}"
        elif status is None:
            why = f"the kernel was ended because {error}" if error else "the kernel no longer answers"
        elif status in (-9, OUT_OF_MEMORY):
            why = "the kernel was killed, most likely because it used too much memory"
        elif status < 0:
            why = f"the kernel crashed (signal {-status})"
        else:
            why = "the kernel was made to exit"
        self._stop(name, why)

    def _stop(self, name: str, why: str) -> None:
        """Nothing more is asked of this notebook; what was earned so far stays."""
        self._student.kill()
        self._ended = why
        self._problem("stopped", name, f"{why[0].upper()}{why[1:]}; the rest was not run.")

    @property
    def _stopped(self) -> str:
        return f"{self._ended}; the cells after that were not run" if self._ended else ""

    def _deadline(self) -> float:
        """Begin to count the time of a cell; returns when it is up by the clock."""
        if time.monotonic() >= self._next_look:  # what the cell before it took since then, it may take less
            self._look()
        self._cell_began, self._waited = time.monotonic(), self._student.watch.waited
        self._until = min(self._seconds() + self._times.cell, self._times.notebook)
        return min(self._cell_began + FAR * self._times.cell, self._end)

    def _allowed(self) -> str:
        """The time that is up, in words; notes where the machine was too busy for what happened to count."""
        if self._seconds() >= self._times.notebook:
            return f"the notebook's {self._times.notebook:g} s of processor time"
        if self._seconds() >= self._until:
            return f"{self._times.cell:g} s of processor time"
        elapsed = time.monotonic() - self._cell_began
        starved = self._student.watch.waited - self._waited > STARVED * elapsed
        if starved and all(problem.kind != BUSY for problem in self.problems):
            self._problem(BUSY, "", "The machine was busy while it ran.")
        return f"{FAR * self._times.cell:g} s" if time.monotonic() < self._end else "the notebook's time"

    def _check_notebook_time(self, name: str) -> None:
        if self._stopped:
            return
        if self._seconds() >= self._times.notebook:
            self._stop(name, f"the notebook took longer than {self._times.notebook:g} s of processor time")
        elif time.monotonic() >= self._end:
            self._stop(name, f"the notebook took longer than {FAR * self._times.notebook:g} s")

    def _problem(self, kind: str, cell: str, text: str) -> None:
        self.problems.append(Problem(kind, cell, text))


def _newest(ran: list[list[str]]) -> list[list[str]]:
    """Of what ran, the newest that goes into one message."""
    left, first = MOST_TOLD, len(ran)
    while first and (left := left - sum(map(len, ran[first - 1]))) >= 0:
        first -= 1
    return ran[first:]


def _name(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.id
