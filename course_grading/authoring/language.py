"""How a lesson declares its exercises: one declaration serves the visible cases, the hidden tests and our own tests.

@exercise(examples=[...], inputs=images_and_kernels, forbidden=BY_HAND)
class corr2d:
    def right(x, kernel):                              # the reference; its signature is the exercise's
        return F.conv2d(x[None, None], kernel[None, None])[0, 0]

    def by_shifting(x, kernel): ...                    # every other function is right too

    class wrong:
        def kernel_flipped(x, kernel):                 # a wrong implementation that runs: a misconception
            \"\"\"The hint: it asks a question.\"\"\"
            return corr2d(x, kernel.flip(0, 1))

        class odd_only:                                # a misconception that is spelled in several ways
            \"\"\"Its one hint.\"\"\"
            def by_halves(x, kernel): ...
            def that_raises(x, kernel): ...

An answer that is no function is declared with `right = ...`, other right values beside it, and values in classes inside
`wrong`. Where many answers are right, `facts` say what is compared: see `fact`. CONTRIBUTING.md has recipes.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import math
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

from course_grading.places import find_lesson, lesson_folders, short_name
from course_utils import functions
from course_utils.checking import what_facts_say
from course_utils.errors import CourseError
from course_utils.guesses import alike
from course_utils.observe import Observation, Question, has_unplain, observe
from course_utils.specs import Case, Fact, Spec
from course_utils.storage import LARGEST_READABLE
from course_utils.values import File, Raised, Unplain, describe, plain, seal

# What an exercise that is written by hand may not call: convolution, correlation, pooling, padding, unfold and FFT.
BY_HAND = (
    *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "conv_tbc"),
    *("convolution", "_convolution", "_convolution_mode", "mkldnn_convolution", "thnn_conv2d"),
    *("convolution_overrideable", "slow_conv3d", "_slow_conv2d_forward", "_nnpack_spatial_convolution"),
    *("conv_depthwise3d", "_conv_depthwise2d", "slow_conv_transpose2d", "slow_conv_dilated2d"),
    *("convolution_backward", "conv1d_input", "conv2d_input", "conv1d_weight", "conv2d_weight"),
    *("convolve", "convolve1d", "convolve2d", "correlate", "correlate1d", "correlate2", "correlate2d"),
    *("fftconvolve", "oaconvolve", "lfilter", "upfirdn", "_correlateND", "_convolve2d", "matchTemplate"),
    *("filter", "filter2D", "sepFilter2D", "boxFilter", "box_blur", "GaussianBlur", "gaussian_blur"),
    *("uniform_filter", "uniform_filter1d", "gaussian_filter", "gaussian_filter1d", "generic_filter"),
    *("maximum_filter", "maximum_filter1d", "block_reduce"),
    *("avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d", "lp_pool2d"),
    *("max_pool1d_with_indices", "max_pool2d_with_indices", "max_pool3d_with_indices", "_max_pool2d", "_max_pool1d"),
    *("boolean_dispatch", "fractional_max_pool2d", "fractional_max_pool3d", "mkldnn_max_pool2d"),
    *("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "_adaptive_avg_pool2d"),
    *("_adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"),
    *("pad", "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d", "copyMakeBorder"),
    *("replication_pad1d", "replication_pad2d", "replication_pad3d", "_pad_circular", "_pad_enum", "pad_sequence"),
    *("unfold", "unfold_copy", "fold", "im2col", "col2im", "sliding_window_view", "view_as_windows"),
    *("fft", "fft2", "fftn", "rfft", "rfft2", "rfftn", "ifft", "ifft2", "ifftn", "irfft", "irfft2", "irfftn"),
    *("hfft", "ihfft", "_raw_fft", "c2c", "r2c", "c2r", "dft", "fft_hfft", "fft_ihfft", "stft", "istft"),
    *(f"fft_{name}" for name in ("fft", "fft2", "fftn", "rfft", "rfft2", "rfftn", "ifft", "ifft2", "ifftn")),
    *("fft_irfft", "fft_irfft2", "fft_irfftn", "_fft_r2c", "_fft_c2r", "_fft_c2c"),
)  # fmt: skip

TO_WRITE = "FIXME"  # how a hint begins that is still to be written, as `course report --name` does it
LIBRARIES = ("torch", "torchvision", "numpy", "PIL", "scipy", "math", "builtins")  # where such names are looked for

Arguments = Mapping[str, Any]
Inputs = Callable[[np.random.Generator], Iterator[Arguments]]


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that learners give, in each of its spellings, and the hint that helps them."""

    name: str
    spellings: Mapping[str, Any]  # name of the spelling → a function, or a value; the only one has the empty name
    hint: str

    def keyed(self) -> dict[str, Any]:
        """The spellings as a case's outcomes name them: "centred", "centred/that_raises"."""
        return {f"{self.name}/{key}" if key else self.name: answer for key, answer in self.spellings.items()}


@dataclass
class Exercise:
    """One exercise: the right answer (a reference function, or a value), inputs to try, and its misconceptions."""

    name: str
    answer: Any
    examples: Sequence[Arguments] = ({},)
    inputs: Inputs = lambda rng: iter([{}])
    forbidden: Sequence[str] = ()
    through: Sequence[str] = ()
    uses: Sequence[Exercise] = ()
    facts: Sequence[Fact] = ()
    tolerance: float | None = None
    raises: tuple[str, ...] = ()
    shown: bool = False  # a value's expected answer; a function's always is
    misconceptions: list[Misconception] = field(default_factory=list)
    alternatives: dict[str, Any] = field(default_factory=dict)

    @property
    def is_function(self) -> bool:
        return isinstance(self.answer, FunctionType)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.answer).parameters) if self.is_function else ()

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The arguments that have no default."""
        parameters = inspect.signature(self.answer).parameters.values() if self.is_function else ()
        return tuple(each.name for each in parameters if each.default is each.empty)

    @cached_property
    def objects(self) -> bool:
        """Whether the right answer gives what is no plain value, such as an nn.Module: then facts are seen in place."""
        return (
            self.is_function
            and bool(self.facts)
            and has_unplain(observe_with(self, self.answer, self.examples[0]).result)
        )

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.answer(*arguments, **keywords)

    def wrong_answers(self) -> Iterator[tuple[Misconception, str, Any]]:
        """Every spelling of every misconception, with its key."""
        for misconception in self.misconceptions:
            for key, answer in misconception.keyed().items():
                yield misconception, key, answer

    def visible_cases(self) -> list[Case]:
        """The readable cases that students get: reference and misconceptions run on the examples."""
        return [self.case(example) for example in self.examples]

    def fresh_cases(self, seed: int) -> Iterator[Case]:
        """The cases of a hidden test, drawn from a seed."""
        for arguments in self.inputs(np.random.default_rng(seed)):
            yield self.case(arguments)

    def case(self, arguments: Arguments) -> Case:
        outcomes = Outcomes(self, arguments)
        if not self.is_function:
            value = plain(self.answer)
            expected = self._comparable(self.said(value, {}) if self.facts else value)
            if self.facts or self.shown:
                return Case({}, expected, outcomes)
            try:
                return Case({}, seal(expected, self.tolerance), outcomes)
            except ValueError as error:
                raise CourseError(f"The right answer of {self.name} cannot be sealed: {error}") from error
        self.fit(arguments)
        seen = observe_with(self, self.answer, arguments)
        if seen.error and seen.error.type not in self.raises:
            raise CourseError(f"The reference of {self.name} raised {seen.error.type}: {seen.error.message}")
        if seen.error:
            return Case(arguments, Raised(seen.error.type), outcomes)
        expected = self.said(seen, arguments) if self.facts else seen.result
        return Case(arguments, self._comparable(expected), outcomes)

    def _comparable(self, expected: Any) -> Any:
        """What answers are compared with; CourseError where nothing can be compared with it."""
        for name, value in expected.items() if self.facts else [("", expected)]:
            if isinstance(value, Unplain) and self.facts and ": " in value.type_name:
                raise CourseError(f"The fact {name} stops at the right answer of {self.name}: {value.type_name}.")
            if not is_comparable(value):
                of_it = f"right answer of {self.name}"
                what = f"What the fact {name} says of the {of_it}" if name else f"The {of_it}"
                raise CourseError(
                    f"{what} is no plain value ({describe(value)}): let it be a number, a text, a tensor, or a list of "
                    "them."
                )
        return expected

    def said(self, seen: Any, arguments: Arguments) -> dict[str, Any]:
        """What the facts say of an observed answer, or of a value."""
        return what_facts_say(self.facts, seen if isinstance(seen, Observation) else Observation(seen), arguments)

    def spec(self, lesson: str, cases: Iterable[Case], points: float = 0, siblings: Sequence[str] = ()) -> Spec:
        return Spec(
            lesson=lesson,
            name=self.name,
            arguments=self.arguments,
            points=points,
            forbidden=tuple(self.forbidden),
            hints={wrong.name: wrong.hint for wrong in self.misconceptions},
            cases=tuple(cases),
            through=tuple(self.through),
            facts=tuple(self.facts),
            tolerance=self.tolerance,
            shown=self.is_function or self.shown or bool(self.facts),
            no_arguments=self.is_function and not self.arguments,
            objects=self.objects,
            siblings=tuple(siblings),
            uses={each.name: each.answer for each in self.uses},
        )

    def fit(self, arguments: Arguments) -> None:
        """Refuse inputs that the exercise cannot be called with, in a sentence for its author."""
        if not isinstance(arguments, Mapping):
            given = type(arguments).__name__
            raise CourseError(f"An input of {self.name} is a {given}: give a dict of its arguments, by their names.")
        unknown = [name for name in arguments if name not in self.arguments]
        missing = [name for name in self.required if name not in arguments]
        if unknown or missing or list(arguments) != [name for name in self.arguments if name in arguments]:
            raise CourseError(
                f"{self.name} takes ({', '.join(self.arguments)}), in this order, but an input has "
                f"({', '.join(arguments)})."
            )
        for name, value in arguments.items():
            if callable(value) and functions.name_of(value) is None:
                raise CourseError(
                    f"An input of {self.name} has a function as {name} that course_utils/functions.py does not know: "
                    "put it there, so that students' checks find it by its name."
                )
            if not callable(value) and not isinstance(value, File) and has_unplain(plain(value)):
                raise CourseError(f"An input of {self.name} has no plain value as {name}: {value!r}.")


def is_comparable(value: Any) -> bool:
    """Whether an answer can be compared with a plain value: None, dicts, and what is no plain value are none."""
    if isinstance(value, (list, tuple)):
        return all(item is None or is_comparable(item) for item in value)
    return value is not None and not isinstance(value, (dict, Unplain))


def observe_with(exercise: Exercise, answer: Callable, arguments: Arguments) -> Observation:
    """Observe an answer as a check does: arguments that follow one left out go by name."""
    given = [name in arguments for name in exercise.arguments]
    facts = {fact.name: fact.function for fact in exercise.facts}
    in_place = tuple(fact.name for fact in exercise.facts if fact.in_place)
    question = Question(facts=facts, in_place=in_place, positional=(*given, False).index(False))
    return observe(answer, arguments, question)


def exercise(
    body: type | None = None,
    /,
    *,
    examples: Sequence[Arguments] | None = None,
    inputs: Inputs | None = None,
    forbidden: Sequence[str] = (),
    through: Sequence[str] = (),
    uses: Sequence[Exercise] = (),
    facts: Sequence[Fact] = (),
    tolerance: float | None = None,
    raises: type[Exception] | tuple[type[Exception], ...] = (),
    shown: bool = False,
) -> Callable[[type], Exercise]:
    """Class decorator: declare an exercise.

    examples: readable inputs for the visible cases, each a dict of arguments in the order of the signature, in which
        arguments with defaults may be left out.
    inputs: a generator function that takes a NumPy random generator and yields inputs for the hidden test.
    forbidden, through: names of library functions that an answer may not call, or must call.
    uses: other exercises that the answer is likely to build on; a hidden test lends right ones where they are wrong.
    facts: what is compared instead of the answer, where many answers are right.
    tolerance: of floats, relative to the largest expected magnitude.
    raises: exceptions that are the right answer to some of the inputs.
    shown: of an answer that is no function: whether what is expected may be seen.
    """

    if body is not None:
        raise CourseError(f"{body.__name__} needs brackets: write @exercise(examples=…, inputs=…), or @exercise().")
    if isinstance(examples, Mapping):
        raise CourseError(f"The examples {describe(dict(examples))} are a dict: put it in a list, examples=[{{…}}].")
    tried = tuple(examples or ())  # a generator would be used up by the first who asks

    def declare(body: type) -> Exercise:
        _all_are(Exercise, body.__name__, "uses", uses)
        _all_are(Fact, body.__name__, "facts", facts)
        members = {name: value for name, value in vars(body).items() if not name.startswith("__")}
        wrong = members.pop("wrong", None)
        if "right" not in members:
            raise CourseError(f"{body.__name__} has no right answer: give it a function or a value named `right`.")
        answer = members.pop("right")
        if answer is None or answer is Ellipsis:
            raise CourseError(f"The right answer of {body.__name__} is {answer}, which stands for one not yet given.")
        if not isinstance(answer, FunctionType) and (
            callable(answer) or isinstance(answer, (staticmethod, classmethod))
        ):
            raise CourseError(
                f"The right answer of {body.__name__} is a {type(answer).__name__}: write it with `def`, so that its "
                "first line gives the arguments of the exercise."
            )
        _refuse_signature(body.__name__, answer)
        for name, value in members.items():
            if isinstance(value, type):
                raise CourseError(
                    f"{name} of {body.__name__} is a class, and no right answer: misconceptions stand in `class wrong`."
                )
            if isinstance(answer, FunctionType) and not callable(value):
                raise CourseError(f"{name} of {body.__name__} is no function, as right is: write it above the class.")
        if isinstance(answer, FunctionType) and (not tried or inputs is None):
            raise CourseError(f"{body.__name__} is a function: it needs `examples` and `inputs`.")
        if inputs is not None and not callable(inputs):
            raise CourseError(
                f"inputs of {body.__name__} is a {type(inputs).__name__}: give a generator function, which takes a "
                "random generator, and do not call it."
            )
        kinds = raises if isinstance(raises, tuple) else (raises,)
        if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
            raise CourseError(
                f"raises of {body.__name__} names no exception: write raises=ValueError, without quotes, or, for "
                "several, raises=(ValueError, TypeError)."
            )
        misconceptions = _misconceptions(body.__name__, wrong)
        _names_that_exist(body.__name__, "forbidden", forbidden)
        _names_that_exist(body.__name__, "through", through)
        for each in facts:
            if each.means is not None and each.means not in [known.name for known in misconceptions]:
                raise CourseError(
                    f"The fact {each.name} means {each.means}, which {body.__name__} does not declare: name one of its "
                    "misconceptions."
                )
        if tolerance is not None and not (_is_number(tolerance) and tolerance > 0):
            raise CourseError(f"{body.__name__} has the tolerance {tolerance!r}: give a number above 0, or none.")
        if isinstance(answer, FunctionType) and shown:
            raise CourseError(f"{body.__name__} is a function, of which `shown` says nothing: take it away.")
        of_functions = {"examples": examples, "inputs": inputs, "forbidden": forbidden, "through": through}
        for name, value in (of_functions | {"raises": raises}).items():
            if value and not isinstance(answer, FunctionType):
                raise CourseError(f"{body.__name__} is no function, of which {name} says nothing: take it away.")
        return Exercise(
            body.__name__,
            answer,
            tried or ({},),
            inputs or (lambda rng: iter([{}])),
            forbidden,
            through,
            uses,
            facts,
            tolerance,
            tuple(kind.__name__ for kind in kinds),
            shown,
            misconceptions,
            members,
        )

    return declare


def _refuse_signature(exercise_name: str, answer: Any) -> None:
    """Refuse a right answer that a check cannot call by the names of its arguments, or that gives nothing at once."""
    if not isinstance(answer, FunctionType):
        return
    later = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(is_kind(answer) for is_kind in later):
        raise CourseError(
            f"The right answer of {exercise_name} holds `yield` or is `async`, and so gives no result when it is "
            "called: let it return one, such as a list."
        )
    for each in inspect.signature(answer).parameters.values():
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            raise CourseError(f"The right answer of {exercise_name} takes {each}: give each argument a name.")


def _all_are(kind: type, exercise_name: str, setting: str, values: Sequence[Any]) -> None:
    """Refuse what is no sequence of declared facts or exercises."""
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, kind) for value in values):
        how = "declared with @fact" if kind is Fact else "declared above"
        raise CourseError(f"{setting} of {exercise_name} is to be a list of what is {how}, without quotes.")
    if twice := next((each.name for number, each in enumerate(values) if each in values[:number]), None):
        raise CourseError(f"{setting} of {exercise_name} holds {twice} twice.")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _names_that_exist(exercise_name: str, setting: str, names: Sequence[str]) -> None:
    """Refuse names that forbid or ask for nothing: a text in place of a tuple, and what no library has."""
    if isinstance(names, str):
        raise CourseError(f'{setting} of {exercise_name} is one text: write {setting}=("{names}",), with a comma.')
    for name in names:
        if not isinstance(name, str):
            raise CourseError(
                f'{setting} of {exercise_name} holds {name!r}: write names of functions, such as "conv2d".'
            )
        classes = (torch.Tensor, np.ndarray, nn.Module, torch.autograd.Variable._execution_engine)
        if name not in BY_HAND and not any(hasattr(each, name) for each in classes):
            libraries = [each for key, each in sys.modules.copy().items() if key.partition(".")[0] in LIBRARIES]
            if not any(name in vars(each) for each in libraries):
                raise CourseError(f"{setting} of {exercise_name} names {name}, which no library has: is it misspelled?")


def _misconceptions(exercise_name: str, wrong: type | None) -> list[Misconception]:
    found = []
    for name, value in vars(wrong).items() if wrong else ():
        if name.startswith("__"):
            continue
        hint = inspect.getdoc(value) if isinstance(value, (FunctionType, type)) else None
        if not hint and getattr(value, "__name__", "") == "<lambda>":
            raise CourseError(
                f"The misconception {name} of {exercise_name} is a lambda, which can have no hint: write it with `def`."
            )
        if not hint:
            raise CourseError(
                f"The misconception {name} of {exercise_name} has no hint: write it as its docstring, in plain quotes "
                "(for a wrong value, as the docstring of a class around it)."
            )
        spellings = {"": value}
        if isinstance(value, type):
            spellings = {key: item for key, item in vars(value).items() if not key.startswith("__")}
            if len(spellings) == 1:
                spellings = {"": next(iter(spellings.values()))}
        if not spellings:
            raise CourseError(f"The misconception {name} of {exercise_name} has a hint but no wrong answer.")
        found.append(Misconception(name, spellings, " ".join(hint.split())))
    return found


def fact(
    words: str,
    *,
    within: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    between: tuple[float, float] | None = None,
    means: str | None = None,
    in_place: bool = False,
    wanted: str | None = None,
) -> Callable[[Callable], Fact]:
    """Decorator: declare something to observe of an answer, where many answers are right.

    The function takes the answer and, by their names, any arguments of the exercise; it returns plain data: numbers,
    truth values, texts, small tensors, or lists of them. Students receive its source, so it gives nothing away and uses
    only its arguments, torch, F, nn, np, math, and other facts.

    words: what it is, as a sentence needs it: "its response to a flat area".
    within: how far it may be from what it says of the reference; or bounds: at_least, at_most, between.
    means: the misconception that it shows where it is the first to fail.
    in_place: whether it is seen in the student's own process, of the very result and arguments, between which gradients
        flow; of an argument that asks for gradients, too. All else is seen where students cannot reach, but of an
        object that is no plain value, such as a network.
    wanted: what is asked for, in words, where bounds are there to tell mistakes apart: "about 1".
    """
    if between is not None:
        if not isinstance(between, (tuple, list)) or len(between) != 2:
            raise CourseError(f"A fact is to lie between two bounds, and not {between!r}: write between=(2, 4).")
        at_least, at_most = between
    for setting, number in {"within": within, "at_least": at_least, "at_most": at_most}.items():
        if number is not None and not (_is_number(number) and (setting != "within" or number >= 0)):
            raise CourseError(
                f"{setting} of a fact is {number!r}: give a number{' from 0 on' * (setting == 'within')}."
            )
    if wanted is not None and at_least is at_most is None:
        raise CourseError(f"A fact without bounds says itself what is expected: take wanted={wanted!r} away.")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise CourseError(f"Nothing lies between {at_least} and {at_most}: give the bounds of a fact in order.")
    if not isinstance(words, str) or not words.strip():
        raise CourseError('A fact needs words that a student can read: @fact("its response to a flat area").')

    def declare(function: Callable) -> Fact:
        if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
            raise CourseError(f"The fact of “{words}” is no function with a name: write it with `def` below @fact(…).")
        return Fact(function.__name__, words, function, within, at_least, at_most, means, in_place or None, wanted)

    return declare


@dataclass(frozen=True)
class Guess:
    """A prediction that is noted, not graded: the truth, and the wrong beliefs that are worth a sentence."""

    name: str
    right: Any
    beliefs: Mapping[str, tuple[tuple[Any, ...], str]]  # name → the values that show it, and what to say
    within: float = 0  # how far from `right` it may come out: what a trained network gets right, for one

    def is_true(self, value: Any) -> bool:
        """Whether a guess says what is right, or a lesson came to it."""
        if alike(self.right, value):
            return True
        value = plain(value)
        value = value.item() if getattr(value, "ndim", None) == 0 else value
        return self.within > 0 and _is_number(value) and abs(self.right - value) <= self.within


def guess(body: type) -> Guess:
    """Class decorator: declare a guess by its `right` value and, in a class `wrong`, a class for each wrong belief.

    `within`, beside a number that is `right`, says how far from it another machine may come: training rounds otherwise.
    """
    beliefs = _misconceptions(body.__name__, vars(body).get("wrong"))
    for name in vars(body):
        if not name.startswith("__") and name not in ("right", "within", "wrong"):
            raise CourseError(
                f"The guess {body.__name__} has {name} beside `right`: one value is right, and wrong beliefs stand in "
                "`class wrong`."
            )
    if "right" not in vars(body):
        raise CourseError(f"The guess {body.__name__} has no right value: give it one named `right`.")
    right, within = vars(body)["right"], vars(body).get("within", 0)
    if not _is_number(within) or within < 0 or (within and not _is_number(right)):
        raise CourseError(f"within of the guess {body.__name__} is {within!r}: give a number, where right is one, too.")
    values = {each.name: (tuple(each.spellings.values()), each.hint) for each in beliefs}
    declared = Guess(body.__name__, right, values, within)
    for name, value in [
        ("right", right),
        *((each.name, value) for each in beliefs for value in each.spellings.values()),
    ]:
        if not is_comparable(plain(value)):
            raise CourseError(
                f"{name} of the guess {body.__name__} is no plain value ({describe(plain(value))}): give a number, a "
                "text, True or False, or a tuple of them."
            )
        if name != "right" and declared.is_true(value):
            raise CourseError(f"The belief {name} of the guess {body.__name__} is what is right: give a wrong value.")
    for one, other in combinations(beliefs, 2):
        if any(alike(a, b) for a in one.spellings.values() for b in other.spellings.values()):
            raise CourseError(
                f"{one.name} and {other.name} of the guess {body.__name__} have one value: the second is never told."
            )
    for each in beliefs:
        if each.hint.startswith(TO_WRITE):
            raise CourseError(f"What to say of {each.name}, of the guess {body.__name__}, is still to be written.")
    return declared


@dataclass(frozen=True)
class Explanation:
    """Our answer to an *explain* question, shown beside the student's own."""

    name: str
    text: str


_explanations: dict[str, list[Explanation]] = {}


def explanation(name: str, text: str) -> None:
    """Declare our own words for `explain("name", …)`."""
    if not isinstance(text, str) or not text.strip():
        raise CourseError(f"The explanation {name} has no words of ours: students read them beside their own.")
    module = sys._getframe(1).f_globals["__name__"]  # inspect.stack reads all modules, for seconds
    _explanations.setdefault(module, []).append(Explanation(name, " ".join(text.split())))


class Outcomes(dict):
    """What each spelling of each misconception gives, run when asked for: a right answer never asks."""

    def __init__(self, exercise: Exercise, arguments: Arguments) -> None:
        self._exercise, self._arguments = exercise, arguments
        self._waiting = {key: answer for _, key, answer in exercise.wrong_answers()}
        self._seen: dict[str, Observation] = {}
        super().__init__(dict.fromkeys(self._waiting))

    def __getitem__(self, key: str) -> Any:
        if key in self._waiting:
            self[key] = self._outcome(key)
            del self._waiting[key]
        return super().__getitem__(key)

    def seen(self, key: str) -> Observation:
        """What a spelling did when it was called for its outcome."""
        self[key]
        return self._seen[key]

    def _outcome(self, key: str) -> Any:
        exercise, answer = self._exercise, self._waiting[key]
        if not exercise.is_function:
            value = Unplain("function") if callable(answer) else plain(answer)
            return exercise.said(value, {}) if exercise.facts else value
        seen = self._seen[key] = observe_with(exercise, answer, self._arguments)
        if seen.error:
            return Raised(seen.error.type)
        return exercise.said(seen, self._arguments) if exercise.facts else seen.result


@dataclass(frozen=True)
class Lesson:
    """A folder of solutions/: its notebook, the exercises it declares, and what it says beside them."""

    folder: Path
    exercises: dict[str, Exercise]
    guesses: dict[str, Guess] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    module: ModuleType | None = None

    @property
    def name(self) -> str:
        return short_name(self.folder)

    @property
    def notebook(self) -> Path:
        return self.folder / f"{self.name}.ipynb"

    def spec(self, name: str, cases: Iterable[Case], points: float = 0) -> Spec:
        siblings = [other for other in self.exercises if other != name]
        return self.exercises[name].spec(self.name, cases, points, siblings)


def load_lesson(name: str, root: Path | None = None) -> Lesson:
    """Import a lesson's exercises.py and collect what it declares, in its order."""
    folders = {folder.name: folder for folder in lesson_folders(root)}
    folder = folders[find_lesson(name, folders)]
    path = folder / "exercises.py"
    if not path.is_file():
        raise CourseError(f"The lesson {folder.name} has no exercises.py: write one that declares its exercises.")
    module = _import(path)
    declared = {value.name: value for value in vars(module).values() if isinstance(value, Exercise)}
    guesses = {value.name: value for value in vars(module).values() if isinstance(value, Guess)}
    explanations: dict[str, str] = {}
    for each in _explanations.get(module.__name__, ()):
        if each.name in explanations:
            raise CourseError(f"{folder.name}/exercises.py explains {each.name} twice: keep one of them.")
        explanations[each.name] = each.text
    return Lesson(folder, declared, guesses, explanations, module)


def _import(path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location(f"exercises_of_{path.parent.name}", path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # inspect and dataclasses look modules up by name
    _explanations.pop(found.name, None)
    where = f"{path.parent.name}/{path.name}"
    try:
        _refuse_twice(path, where)
        found.loader.exec_module(module)
    except CourseError:
        raise
    except SyntaxError as error:
        raise CourseError(f"{where}, line {error.lineno}, is not valid Python: {error.msg}.") from error
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        at = f", line {lines[-1]}" if lines else ""
        raise CourseError(f"{where}{at}, does not run: {type(error).__name__}: {error}") from error
    return module


def _refuse_twice(path: Path, where: str) -> None:
    """Refuse a function or class whose name is given once more beside it, which would drop the first without a word."""
    for body in ast.walk(ast.parse(path.read_bytes())):
        if not isinstance(body, (ast.Module, ast.ClassDef)):
            continue
        lines: dict[str, int] = {}
        for node in body.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                if node.name in lines:
                    raise CourseError(
                        f"{where}, line {node.lineno}: {node.name} is declared a second time, after line "
                        f"{lines[node.name]}: give one of them another name."
                    )
                lines[node.name] = node.lineno


__all__ = ["BY_HAND", "LARGEST_READABLE", "Exercise", "Lesson", "exercise", "explanation", "fact", "guess"]
