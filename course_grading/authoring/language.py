"""How a lesson declares its exercises: one declaration serves the visible cases, the hidden tests and our own tests.

@exercise(examples=[...], inputs=images_and_kernels, forbidden=BY_HAND)
def corr2d(x, kernel):
    return F.conv2d(x[None, None], kernel[None, None])[0, 0]    # the reference

@corr2d.misconception
def flipped(x, kernel):
    \"\"\"The hint: it asks a question.\"\"\"
    return corr2d(x, kernel.flip(0, 1))                         # a wrong implementation that runs

@corr2d.also_right
def by_shifting(x, kernel): ...                                 # another right one, for tests
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from course_grading.places import find_lesson, lesson_folders, short_name
from course_utils.checking import Case, Spec
from course_utils.errors import CourseError
from course_utils.observe import observe
from course_utils.values import Raised, seal

# What an exercise that is written by hand may not call: convolution, correlation, pooling, padding, unfold and FFT.
BY_HAND = (
    *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "convolution"),
    *("convolve", "convolve1d", "convolve2d", "correlate", "correlate1d", "correlate2d", "fftconvolve", "oaconvolve"),
    *("filter2D", "sepFilter2D", "uniform_filter", "gaussian_filter", "gaussian_blur", "generic_filter"),
    *(
        "avg_pool1d",
        "avg_pool2d",
        "max_pool1d",
        "max_pool2d",
        "lp_pool2d",
        "adaptive_avg_pool2d",
        "adaptive_max_pool2d",
    ),
    *("pad", "unfold", "fold", "im2col", "col2im", "sliding_window_view"),
    *(
        "fft",
        "fft2",
        "fftn",
        "rfft",
        "rfft2",
        "rfftn",
        "fft_fft",
        "fft_fft2",
        "fft_fftn",
        "fft_rfft",
        "fft_rfft2",
        "fft_rfftn",
    ),
)

Arguments = Mapping[str, Any]
Inputs = Callable[[np.random.Generator], Iterator[Arguments]]


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that learners give, and the hint that helps them. `answer` is a function, or a value."""

    name: str
    answer: Any
    hint: str


@dataclass
class Exercise:
    """One exercise: the right answer (a reference function, or a value), inputs to try, and its misconceptions."""

    name: str
    answer: Any
    examples: Sequence[Arguments] = ({},)
    inputs: Inputs = lambda rng: iter([{}])
    forbidden: Sequence[str] = ()
    misconceptions: list[Misconception] = field(default_factory=list)
    alternatives: dict[str, Any] = field(default_factory=dict)

    @property
    def is_function(self) -> bool:
        return callable(self.answer)

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.answer).parameters) if self.is_function else ()

    def __call__(self, *arguments: Any) -> Any:
        return self.answer(*arguments)

    def misconception(self, answer: Callable) -> Callable:
        """Decorator: a wrong implementation; its name is the misconception's, its docstring the hint."""
        self.misconceptions.append(Misconception(answer.__name__, answer, " ".join(inspect.getdoc(answer).split())))
        return answer

    def wrong(self, name: str, answer: Any, hint: str) -> None:
        """Declare a wrong value, where the answer is a value."""
        self.misconceptions.append(Misconception(name, answer, hint))

    def also_right(self, answer: Callable) -> Callable:
        """Decorator: a different correct implementation, which our own tests hand in."""
        self.alternatives[answer.__name__] = answer
        return answer

    def visible_cases(self) -> list[Case]:
        """The readable cases that students get: reference and misconceptions run on the examples."""
        return [self.case(example) for example in self.examples]

    def fresh_cases(self, seed: int) -> Iterator[Case]:
        """The cases of a hidden test, drawn from a seed."""
        for arguments in self.inputs(np.random.default_rng(seed)):
            yield self.case(arguments)

    def case(self, arguments: Arguments) -> Case:
        if not self.is_function:
            return Case({}, seal(self.answer), {wrong.name: wrong.answer for wrong in self.misconceptions})
        if tuple(arguments) != self.arguments:
            raise CourseError(f"{self.name} takes {self.arguments}, but an input has {tuple(arguments)}.")
        expected = observe(self.answer, arguments)
        if expected.error:
            raise CourseError(f"The reference of {self.name} raised {expected.error.type}: {expected.error.message}")
        return Case(arguments, expected.result, _Outcomes(self.misconceptions, arguments))

    def spec(self, lesson: str, cases: Iterable[Case], points: float = 0) -> Spec:
        hints = {wrong.name: wrong.hint for wrong in self.misconceptions}
        return Spec(lesson, self.name, self.arguments, points, tuple(self.forbidden), hints, tuple(cases))


def exercise(*, examples: Sequence[Arguments], inputs: Inputs, forbidden: Sequence[str] = ()) -> Callable:
    """Decorator: declare an exercise whose reference is the decorated function."""

    def declare(reference: Callable) -> Exercise:
        return Exercise(reference.__name__, reference, examples, inputs, forbidden)

    return declare


def prediction(name: str, answer: Any) -> Exercise:
    """Declare an exercise whose answer is a value."""
    return Exercise(name, answer)


class _Outcomes(dict):
    """What each misconception gives, run when asked for: a right answer never asks."""

    def __init__(self, misconceptions: Iterable[Misconception], arguments: Arguments) -> None:
        super().__init__()
        self._answers = {wrong.name: wrong.answer for wrong in misconceptions}
        self._arguments = arguments

    def __missing__(self, name: str) -> Any:
        seen = observe(self._answers[name], self._arguments)
        self[name] = Raised(seen.error.type) if seen.error else seen.result
        return self[name]


@dataclass(frozen=True)
class Lesson:
    """A folder of solutions/: its notebook and the exercises it declares."""

    folder: Path
    exercises: dict[str, Exercise]

    @property
    def name(self) -> str:
        return short_name(self.folder)

    @property
    def notebook(self) -> Path:
        return self.folder / f"{self.name}.ipynb"


def load_lesson(name: str, root: Path | None = None) -> Lesson:
    """Import a lesson's exercises.py and collect what it declares, in its order."""
    folders = {folder.name: folder for folder in lesson_folders(root)}
    folder = folders[find_lesson(name, folders)]
    path = folder / "exercises.py"
    if not path.is_file():
        raise CourseError(f"The lesson {folder.name} has no exercises.py: write one that declares its exercises.")
    module = _import(path)
    declared = {value.name: value for value in vars(module).values() if isinstance(value, Exercise)}
    return Lesson(folder, declared)


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"exercises_of_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # inspect and dataclasses look modules up by name
    spec.loader.exec_module(module)
    return module
