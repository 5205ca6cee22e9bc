"""The trusted side of the boundary: runs the instructor's test cells, and never a line of a student's code.

A name that a test needs and that is not the instructor's own is fetched from the student's process: plain data by
value, functions as `StudentFunction`, which calls across.
"""

import ast
import builtins
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from course_grading.kernels.inside.codec import Decoder, Encoder, Refused
from course_grading.kernels.inside.shell import Kernel, interruptible
from course_grading.kernels.inside.wire import Channel, WireError, WireTimeout
from course_utils import cells, checking, functions
from course_utils.errors import NoAnswer
from course_utils.observe import MOST_PRINTED, Observation, Question, StudentError
from course_utils.python_errors import in_words
from course_utils.specs import exercise_names, find_spec

TOO_LARGE = "to test this answer takes more memory than a test may use"
AT_ONCE = 16  # calls in one message
OUR_TEST = "judge("  # in a hidden test that `course build` puts in
VERDICTS = ("CheckFailed", "NoAnswer", "KeyboardInterrupt", "TestBroken")  # how such a test ends that is not broken


class Student:
    """The student's process, as the tests see it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last = 0
        self._broken = self._asking = False
        self._lent: list[Callable] = []  # functions among the arguments of the question that is being answered

    def encoder(self) -> "Encoder":
        """For values that go to the student. A function of ours stays here and is called back; theirs goes home."""
        self._lent = []
        return Encoder(self.lend)

    def lend(self, value: Any) -> Any:
        """How the student's side is told of a function: by its public name, as its own, or as one to call back."""
        if isinstance(value, StudentFunction):
            return {"yours": value._number}
        if not callable(value):
            return None
        if (name := functions.name_of(value)) is not None:
            return {"named": name}
        self._lent.append(value)
        return {"ours": len(self._lent) - 1}

    def ask(self, request: dict[str, Any], encoder: Encoder | None = None) -> tuple[dict[str, Any], Decoder]:
        """Send a request and wait for its answer; meanwhile, call functions that were lent with it.

        Raises NoAnswer; after garbage or a hang-up it always does.
        """
        if self._broken or self._asking:  # a lent function cannot ask: the student's side waits for its result
            raise NoAnswer("the student's code no longer answers")
        self._last += 1
        self._asking = True
        try:
            self._channel.send(request | {"id": self._last}, encoder.blobs if encoder else ())
            while True:
                reply, blobs = self._channel.receive()
                if reply["id"] != self._last:  # the late answer to a question that was given up
                    continue
                if "answer" in reply:
                    functions = self._function if request["op"] == "fetch" else None
                    return dict(reply["answer"]), Decoder(blobs, functions)
                self._call_back(reply, Decoder(blobs))
        except Exception as error:  # not KeyboardInterrupt, by which a question is given up
            self._broken = True
            raise NoAnswer("the student's code no longer answers") from error
        finally:
            self._asking = False

    def _call_back(self, question: dict[str, Any], decoder: Decoder) -> None:
        """The student's code calls a function that it was given as an argument."""
        encoder = Encoder()
        try:
            function = self._lent[question["function"]]
            given, keywords = decoder.decode(question["arguments"]), decoder.decode(question["keywords"])
            answer = {"result": encoder.encode(function(*given, **keywords))}
        except Exception as error:
            encoder, answer = Encoder(), {"error": [type(error).__name__, str(error)[:500]]}
        self._channel.send({"id": question["id"], "returned": answer}, encoder.blobs)

    def tell_outcomes(self, outcomes: Mapping[str, str]) -> None:
        """Say which checks have passed so far: no secret, and what the student's own notebook would know by itself."""
        with contextlib.suppress(WireError, WireTimeout):
            self._channel.send({"op": "outcomes", "outcomes": dict(outcomes)}, deadline=time.monotonic() + 1)

    def fetch(self, names: Sequence[str]) -> dict[str, Any]:
        """The values that these names have in the student's notebook; those that it does not define are left out."""
        answer, decoder = self.ask({"op": "fetch", "names": list(names)})
        try:
            values = answer.get("values", {})
            return {name: decoder.decode(values[name]) for name in names if name in values}
        except (Refused, TypeError, AttributeError) as error:
            raise NoAnswer("the student's code gave an answer that cannot be read") from error

    def _function(self, number: Any) -> "StudentFunction":
        if type(number) is not int:
            raise Refused("no function")
        return StudentFunction(self, number)


class StudentFunction:
    """A function of the student's. Calling it, or observing it, happens in the student's process."""

    __slots__ = ("_number", "_student")

    def __init__(self, student: Student, number: int) -> None:
        self._student = student
        self._number = number

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        encoder = self._student.encoder()
        request = {"op": "call", "function": self._number}
        request |= {"arguments": encoder.encode(list(arguments)), "keywords": encoder.encode(keywords)}
        answer, decoder = self._student.ask(request, encoder)
        try:
            error = _error(answer.get("error"))
            if error is None:
                return decoder.decode(answer["result"])
        except (Refused, TypeError, KeyError, ValueError) as problem:
            raise NoAnswer("the student's code gave an answer that cannot be read") from problem
        kind = getattr(builtins, error.type, None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            kind = RuntimeError
        raise kind(error.message)

    def __course_observe__(self, calls: Sequence[tuple[Mapping[str, Any], Question]]) -> Iterator[Observation]:
        for first in range(0, len(calls), AT_ONCE):
            yield from self._observed(calls[first : first + AT_ONCE])

    def _observed(self, calls: Sequence[tuple[Mapping[str, Any], Question]]) -> Iterator[Observation]:
        """What came of some calls, which are asked for at once: half of a test's time would go into messages."""
        encoder, question = self._student.encoder(), calls[0][1]
        request: dict[str, Any] = {"op": "observe", "function": self._number, "refused": list(question.refused)}
        refused = frozenset(question.refused)
        request |= {"watched": [name for name in question.watched if name not in refused]}
        request |= {"own": list(question.own), "lesson": question.lesson}
        request |= {"facts": list(question.facts), "in_place": list(question.in_place)}
        request |= {"calls": [[encoder.encode(dict(arguments)), each.positional] for arguments, each in calls]}
        request |= {"lent": {name: self._student.lend(right) for name, right in question.lent.items()}}
        answer, decoder = self._student.ask(request, encoder)
        try:
            answers = answer["seen"] if "seen" in answer else [answer] * len(calls)  # an error is that of every call
            seen = [self._observation(dict(each), decoder, question) for each in answers]
        except (Refused, TypeError, ValueError, AttributeError) as problem:
            raise NoAnswer("the student's code gave an answer that cannot be read") from problem
        waits = seen and seen[-1].error and seen[-1].error.scaffold  # after which nothing else is called
        if len(seen) != len(calls) and not (waits and len(seen) < len(calls)):
            raise NoAnswer("the student's code gave an answer that cannot be read")
        yield from seen

    def _observation(self, answer: dict[str, Any], decoder: Decoder, question: Question) -> Observation:
        return Observation(
            decoder.decode(answer.get("result")),
            _error(answer.get("error")),
            {str(name): decoder.decode(value) for name, value in answer.get("changed", {}).items()},
            tuple(str(name)[:100] for name in answer.get("called", ())),
            tuple(str(name)[:100] for name in answer.get("used", ())),
            str(answer.get("printed", ""))[:MOST_PRINTED],
            _facts(decoder.decode(answer.get("facts")), question),
        )

    def __repr__(self) -> str:
        return "<function of the submission>"


def _error(data: Any) -> StudentError | None:
    if data is None:
        return None
    kind, message, line, scaffold = (*data, "")[:4]
    return StudentError(str(kind)[:100], str(message)[:500], str(line)[:500], str(scaffold)[:100])


def _facts(data: Any, question: Question) -> dict[str, Any] | None:
    """What the facts said of a result in place: none but those asked for."""
    return {name: data[name] for name in question.facts if name in data} if isinstance(data, dict) else None


def names_needed(code: str) -> list[str]:
    """The names that a cell reads and that are neither built in nor only its own, in order of appearance."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # magics: IPython will say what is wrong with the rest
        return []
    read = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)]
    return [name for name in dict.fromkeys(read) if not hasattr(builtins, name)]


def _out_of_memory(reply: Mapping[str, Any]) -> bool:
    """Whether a test met this process's limit: NumPy and Python say it by their error's name, torch in its words."""
    told = reply["ename"] not in VERDICTS and "can't allocate memory" in reply["evalue"]  # not of the student's own
    return told or "MemoryError" in reply["ename"]


class TrustedSide:
    """Runs test cells for one notebook until the grader hangs up."""

    def __init__(self, kernel: Kernel, grader: Channel, student: Student) -> None:
        self._kernel = kernel
        self._grader = grader
        self._student = student
        self._answers: set[str] = set()
        self._missing: set[str] = set()  # names that an import of ours would have given, had it not failed

    def run(self) -> None:
        with contextlib.suppress(WireError):
            self._kernel.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        while True:
            request, _ = self._grader.receive()
            if request["op"] == "prepare":
                self._prepare(request["imports"], request["answers"])
                reply = {"status": "ok"}
            else:
                for source, error, message in request.get("ran", ()):
                    cells.remember(source, error, message)
                reply = await self._test(request["code"], request["id"])
            self._grader.send({"event": "done", "id": request["id"]} | reply)

    def _prepare(self, imports: str, answers: list[str]) -> None:
        """Run the instructor's imports; note which names are the student's to define, and which nobody may."""
        for line in imports.splitlines():
            try:
                exec(line, self._kernel.shell.user_ns)
            except Exception:  # told by the test that needs it
                self._missing |= set(cells.names_in(line))
        self._answers = set(answers)

    async def _test(self, code: str, number: int) -> dict[str, Any]:
        namespace = self._kernel.shell.user_ns
        ours = {*namespace, *self._missing} - self._answers  # which nothing of the student's may stand for
        wanted = [name for name in names_needed(code) if name not in ours]
        fetched: dict[str, Any] = {}
        if wanted:
            try:
                with interruptible():
                    fetched = self._student.fetch(wanted)
            except (NoAnswer, KeyboardInterrupt) as error:
                return {
                    "status": "error",
                    "ename": "NoAnswer",
                    "evalue": str(error) or "it took too long",
                    "traceback": [],
                }
        for name in wanted:
            namespace.pop(name, None)
        # An answer that is not there is an exercise not begun, which checks put more kindly than a NameError.
        fetched = {name: None for name in wanted if name in self._answers} | fetched
        namespace.update(fetched)
        try:
            reply = await self._kernel.run_cell(code, number)
            if reply["status"] == "error" and _out_of_memory(reply):
                return {**reply, "ename": "MemoryError", "evalue": TOO_LARGE, "traceback": []}
            if OUR_TEST in code and reply["status"] == "error" and reply["ename"] not in VERDICTS:
                reply = {**reply, "ename": "TestBroken", "evalue": f"{reply['ename']}: {reply['evalue']}"}
            if checking.failed and reply["status"] == "ok":  # a check whose cell had no hidden test for it
                reply = {"status": "error", "ename": "CheckFailed", "traceback": []}
                reply["evalue"] = next(iter(checking.failed.values()))
            return reply
        finally:
            checking.failed.clear()
            self._student.tell_outcomes(checking.outcomes)
            for name, value in fetched.items():  # fetched anew for the next test, unless this one gave it a new meaning
                if namespace.get(name) is value:
                    del namespace[name]


def main(kernel: Kernel, grader: Channel, student: Channel, output_limit: int) -> None:
    kernel.wake(grader, output_limit)
    TrustedSide(kernel, grader, Student(student)).run()


def rehearse(kernel: Kernel, lessons: Sequence[str]) -> None:
    """Load the lessons' declarations and draw hidden cases once, before any fork; forks then judge at once. `lessons`:
    short names."""
    with contextlib.suppress(Exception):  # a course without lessons of ours: its tests import what they need
        from course_grading.authoring.judging import _lesson, draw_ahead

        names: list[str] = []
        for short in lessons:
            with contextlib.suppress(Exception):
                for name in exercise_names(short):
                    find_spec(name)  # visible cases
                lesson = _lesson(short)
                names += [f"{lesson.name}.{name}" for name, each in lesson.exercises.items() if each.is_function][:2]
                for name in lesson.exercises:
                    with contextlib.suppress(Exception, BackwardPass), without_backward():
                        draw_ahead(f"{lesson.name}.{name}")
        judge = "from course_grading.authoring.judging import judge; judge({!r}, lambda *values: values[0])"
        kernel.rehearse([judge.format(name) for name in names])
        in_words("Error", "")  # compiles all its patterns


class BackwardPass(BaseException):
    """No Exception, which a reference may raise as its answer."""


@contextlib.contextmanager
def without_backward() -> Iterator[None]:
    """Stop at a backward pass: autograd refuses to work in a fork of who has made one."""

    class Refusing:
        def run_backward(self, *_: Any, **__: Any) -> None:
            raise BackwardPass

    variable = torch.autograd.Variable
    engine = variable._execution_engine
    variable._execution_engine = Refusing()  # type: ignore[assignment]
    try:
        yield
    finally:
        variable._execution_engine = engine
