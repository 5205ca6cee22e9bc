"""What students import: pictures, checks, progress and explorers. It knows no answer."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_utils.checking import check, done
    from course_utils.counting import counted
    from course_utils.digits import load_digits
    from course_utils.explorers.channel_stack import ChannelStack
    from course_utils.explorers.kernel_bench import KernelBench
    from course_utils.explorers.matrix_view import MatrixView
    from course_utils.explorers.patch_microscope import PatchMicroscope
    from course_utils.explorers.size_dial import SizeDial
    from course_utils.explorers.training_film import TrainingFilm
    from course_utils.guesses import compare, explain, guess
    from course_utils.overview import progress
    from course_utils.pictures import find_picture, load_picture, show, show_numbers
    from course_utils.plots import show_plot
    from course_utils.values import as_floats

__all__ = [
    "ChannelStack",
    "KernelBench",
    "MatrixView",
    "PatchMicroscope",
    "SizeDial",
    "TrainingFilm",
    "as_floats",
    "check",
    "compare",
    "counted",
    "done",
    "explain",
    "find_picture",
    "guess",
    "load_digits",
    "load_picture",
    "progress",
    "show",
    "show_numbers",
    "show_plot",
]

# Each is imported when asked for: torch takes seconds, and explorers come with widgets.
_HOMES = {
    **dict.fromkeys(("check", "done"), "checking"),
    **dict.fromkeys(("compare", "explain", "guess"), "guesses"),
    **dict.fromkeys(("find_picture", "load_picture", "show", "show_numbers"), "pictures"),
    "as_floats": "values",
    "counted": "counting",
    "load_digits": "digits",
    "show_plot": "plots",
    "progress": "overview",  # no module is called as what it gives: a module that is imported first would hide it
    "ChannelStack": "explorers.channel_stack",
    "KernelBench": "explorers.kernel_bench",
    "MatrixView": "explorers.matrix_view",
    "PatchMicroscope": "explorers.patch_microscope",
    "SizeDial": "explorers.size_dial",
    "TrainingFilm": "explorers.training_film",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
