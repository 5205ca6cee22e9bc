"""The student's side of the trust boundary: runs the student's cells, and answers what the tests ask about their names.

Everything here runs in the student's own process and may be tampered with by the student's code; nothing it says is
believed further than plain data can be.
"""

import asyncio
import builtins
import contextlib
import io
import select
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from course_grading.kernels.inside.codec import Decoder, Encoder
from course_grading.kernels.inside.imports import from_ours_alone
from course_grading.kernels.inside.refusals import Refusals, operators
from course_grading.kernels.inside.shell import Kernel, interruptible
from course_grading.kernels.inside.wire import Channel, WireError
from course_utils import checking, functions
from course_utils.guesses import asked
from course_utils.observe import REFUSED, Question, observe
from course_utils.specs import case_files, fact_functions, find_exercise, lesson_data
from course_utils.values import plain

TOO_LARGE = ["ValueError", "the answer is too large", ""]


class LentFunction:
    """A function that a test gives as an argument; calling it happens in the trusted process."""

    def __init__(self, tests: Channel, number: int, question: int) -> None:
        self._tests, self._number, self._question = tests, number, question

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        encoder = Encoder()
        request = {"id": self._question, "function": self._number}
        request |= {"arguments": encoder.encode(plain(list(arguments))), "keywords": encoder.encode(plain(keywords))}
        self._tests.send(request, encoder.blobs)
        reply, blobs = self._tests.receive()
        answer = reply["returned"]
        if "error" in answer:
            kind, message = answer["error"]
            kind = getattr(builtins, kind, RuntimeError)
            raise (kind if issubclass(kind, Exception) else RuntimeError)(message)
        return Decoder(blobs, trusted=True).decode(answer["result"])

    def __deepcopy__(self, memory: Any) -> "LentFunction":
        return self


class StudentSide:
    """Answers the grader (cells) and the trusted process (names and calls) until the grader hangs up."""

    def __init__(self, kernel: Kernel, grader: Channel, tests: Channel) -> None:
        self._kernel = kernel
        self._grader = grader
        self._tests = tests
        self._functions: list[Callable] = []
        self._refusals: Refusals | None = None

    def run(self) -> None:
        loop = self._kernel.loop
        with contextlib.suppress(WireError):
            loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        while True:
            channel = await self._next()
            await (self._answer_grader() if channel is self._grader else self._answer_tests())

    async def _next(self) -> Channel:
        """The channel that has something for us; what the tests say comes before the next cell.

        Tasks that the student's cells have left in the event loop run meanwhile.
        """
        channels = self._tests, self._grader
        while True:
            waiting = [channel for channel in channels if channel.pending]
            # Tests ask many questions in a row: for 2 ms a plain wait is cheaper than the event loop's.
            waiting = waiting or select.select(channels, [], [], 0.002)[0]
            if waiting:
                return waiting[0]
            await self._something()

    async def _something(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        for channel in (self._tests, self._grader):
            loop.add_reader(channel.fileno(), ready.set)
        await ready.wait()
        for channel in (self._tests, self._grader):
            loop.remove_reader(channel.fileno())

    async def _answer_grader(self) -> None:
        request, blobs = self._grader.receive()
        self._refuse(())
        reply = {"status": "ok"}
        if request["op"] == "files":
            _unpack(request["files"], blobs)
        elif request["op"] == "execute":
            reply = await self._kernel.run_cell(bytes(blobs[0]).decode(), request["id"], request["cell"])
        self._grader.send({"event": "done", "id": request["id"]} | reply)

    async def _answer_tests(self) -> None:
        try:
            request, blobs = self._tests.receive()
        except WireError:  # the trusted process ended; the rest of the notebook may still run
            self._tests.close()
            raise
        self._refuse(request.get("refused", ()))
        if request["op"] == "outcomes":  # cells of the lesson show more once an exercise is right
            checking.outcomes.update(request["outcomes"])
            return
        encoder = Encoder(self._refer)
        try:
            with self._silence(), interruptible():
                answer = self._do(request, Decoder(blobs, trusted=True), encoder)
        except KeyboardInterrupt:
            encoder = Encoder()
            answer = {"error": ["TimeoutError", "it took too long", ""]}
        except Exception as error:
            encoder = Encoder()
            answer = {"error": [type(error).__name__, str(error)[:500], ""]}
        try:
            self._tests.send({"id": request["id"], "answer": answer}, encoder.blobs)
        except ValueError:
            seen = [each | {"result": None, "changed": {}, "facts": None} for each in answer.get("seen", ())]
            for each in seen:  # what a call used, too, tells what its answer follows from
                each["error"] = each["error"] or TOO_LARGE
            answer = {"seen": seen} if seen else {"error": TOO_LARGE}
            self._tests.send({"id": request["id"], "answer": answer})

    def _do(self, request: dict[str, Any], decoder: Decoder, encoder: Encoder) -> dict[str, Any]:
        if request["op"] == "fetch":
            namespace = self._kernel.shell.user_ns
            found = {name: namespace[name] for name in request["names"] if name in namespace}
            return {"values": {name: encoder.encode(self._plain(value)) for name, value in found.items()}}
        function = self._functions[request["function"]]
        decoder.reference = lambda data: self._function(data, request["id"])
        if request["op"] == "call":
            arguments = decoder.decode(request["arguments"])
            keywords = decoder.decode(request["keywords"])
            return {"result": encoder.encode(self._plain(function(*arguments, **keywords)))}
        question = Question(
            watched=(*request["watched"], *request["refused"]),
            own=tuple(request["own"]),
            lent={name: self._function(data, request["id"]) for name, data in request["lent"].items()},
            facts=fact_functions(request["lesson"], request["facts"]),
            in_place=tuple(request["in_place"]),
        )
        seen = []
        for arguments, positional in request["calls"]:
            here = replace(question, positional=positional)
            seen.append(self._observed(function, decoder.decode(arguments), here, encoder))
            if (error := seen[-1]["error"]) and error[3]:
                break  # what waits for its author waits in every case
        if self._refusals and seen:  # asked once for all calls, as an operator that raises takes 0.2 ms
            seen[-1]["called"] += self._refusals.undone()
        return {"seen": seen}

    def _observed(
        self, function: Callable, arguments: dict[str, Any], question: Question, encoder: Encoder
    ) -> dict[str, Any]:
        seen = observe(function, arguments, question)
        error, called = seen.error, seen.called
        if self._refusals:
            refused = self._refusals.called()
            called = called or refused  # by what name it was called in Python, if the watch has seen it
            if error and refused:  # TorchScript says it at the end of a long story
                error = replace(error, message=f"{called[0]} {REFUSED}")
        return {
            "result": encoder.encode(seen.result),
            "error": error and [error.type, error.message, error.line, error.scaffold],
            "changed": {name: encoder.encode(value) for name, value in seen.changed.items()},
            "called": list(called),
            "used": list(seen.used),
            "printed": seen.printed,
            "facts": encoder.encode(seen.facts),
        }

    def _refuse(self, names: Sequence[str]) -> None:
        """From now on torch refuses these; they stay refused over all questions of a test, as it takes some 5 ms."""
        if self._refusals and self._refusals.names != tuple(names):
            self._refusals.close()
            self._refusals = None
        if names and not self._refusals:
            self._refusals = Refusals(names)

    def _plain(self, value: Any) -> Any:
        return value if callable(value) or type(value) in (set, frozenset, slice, bytes) else plain(value)

    def _function(self, data: dict[str, Any], question: int) -> Callable:
        """A function among the arguments: one of the student's own, or one of the tests' that is called across."""
        if "yours" in data:
            return self._functions[data["yours"]]
        if "named" in data:
            return functions.named(data["named"])
        return LentFunction(self._tests, data["ours"], question)

    def _refer(self, value: Any) -> int | None:
        if not callable(value):
            return None
        self._functions.append(value)
        return len(self._functions) - 1

    @contextlib.contextmanager
    def _silence(self) -> Iterator[None]:
        """What the student's code shows while a test calls it is not the test's output."""
        self._kernel.session.muted = True
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                yield
        finally:
            self._kernel.session.muted = False


def _unpack(names: list[str], blobs: list[memoryview]) -> None:
    """Write the submission's own files into the working folder; one that finds no place there is left out."""
    for name, blob in zip(names, blobs, strict=True):
        path = Path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(blob)


def rehearse() -> None:
    """Read once, before any fork, what the lessons ask, and the operators that exercises written by hand refuse."""
    asked()
    for file in case_files():
        for name, exercise in lesson_data(file.stem)["exercises"].items():
            find_exercise(name)
            names = [name for name in exercise["forbidden"] if name not in exercise.get("through", ())]
            if names:
                operators(tuple(names))


def main(kernel: Kernel, grader: Channel, tests: Channel, output_limit: int) -> None:
    kernel.wake(grader, output_limit)
    from_ours_alone()
    sys.path.insert(0, "")  # as in any notebook, other modules beside it can be imported
    StudentSide(kernel, grader, tests).run()
