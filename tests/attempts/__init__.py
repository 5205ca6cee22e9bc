"""What beginners hand in: a bank of wrong (and of unusual but right) answers for each lesson.

The banks were written from the course's design and from mistakes found in public code, before any hint was tuned to
them: they show what the checks name, what they merely refuse, and what they refuse wrongly. One module a lesson:

    @attempt("corr2d", mistake="kernel turned by 180 degrees", listed=True)
    def corr2d(x, kernel): ...

    attempt_value("edge_region_shape", (2, 3), mistake="rows left out instead of columns")

`attempts("sliding_regions")` gives the bank of a lesson. To add to one, write down what a student really did.
"""

import importlib
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Attempt:
    """One answer: a function, or a value where the exercise asks for one."""

    bank: str  # the module it is written in
    exercise: str
    answer: object
    mistake: str  # what a teacher would say, in plain words; "" where the answer is right
    name: str  # the catalogue's name of the mistake, where the bank knows it
    listed: bool  # the design or the evidence names this mistake for this lesson
    forbidden: bool  # the numbers are right: what is wrong is how they were made

    @property
    def right(self):
        return not self.mistake


BANK = []


def attempt(exercise, *, mistake="", name="", right=False, listed=False, forbidden=False):
    """Decorate a function to enter it in the bank of the module that it is written in."""
    bank = sys._getframe(1).f_globals["__name__"]

    def enter(function):
        _enter(bank, exercise, function, mistake, name, right, listed, forbidden)
        return function

    return enter


def attempt_value(exercise, value, *, mistake="", name="", right=False, listed=False):
    """Enter a value in the bank of the module that calls."""
    _enter(sys._getframe(1).f_globals["__name__"], exercise, value, mistake, name, right, listed, False)


def _enter(bank, exercise, answer, mistake, name, right, listed, forbidden):
    if bool(mistake or name) == right:
        raise ValueError(f"an attempt at {exercise} is either right or has a mistake")
    BANK.append(Attempt(bank, exercise, answer, mistake or name, name, listed or bool(name), forbidden))


def attempts(lesson):
    """Return the list of all attempts of a bank, such as "sliding_regions" or "second.sliding_regions"."""
    bank = f"{__name__}.{lesson}"
    importlib.import_module(bank)
    return [entry for entry in BANK if entry.bank == bank]
