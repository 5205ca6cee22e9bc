"""Which modules a notebook on images may import, and that it gets none of these names from the student's own files.

Code that imports them is nothing that a person should read (course_grading/notebook/suspicions.py); a file beside the
notebook, or one that a cell writes, would otherwise answer to the name and do anything unread.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

# fmt: off
MODULES = {
    "IPython", "PIL", "__future__", "abc", "anywidget", "base64", "cmath", "collections", "contextlib", "copy",
    "course_utils", "cv2", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "glob", "google",
    "io", "ipywidgets", "itertools", "json", "math", "matplotlib", "mpl_toolkits", "numbers", "numpy", "operator", "os",
    "pandas", "pathlib", "platform", "plotly", "pprint", "random", "re", "requests", "scipy", "seaborn", "shutil",
    "skimage", "sklearn", "statistics", "string", "sys", "tempfile", "textwrap", "time", "torch", "torchvision", "tqdm",
    "typing", "urllib", "warnings",
}
# fmt: on


class FromOurs(MetaPathFinder):
    """Finds those modules where this Python has them, and nowhere else."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = list(places)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if path is not None or name not in MODULES:
            return None
        for finder in sys.meta_path:  # built in, frozen, and what an editable install has
            if finder not in (self, PathFinder) and (found := finder.find_spec(name, None, target)):
                return found
        if found := PathFinder.find_spec(name, self._places, target):
            return found
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def from_ours_alone() -> None:
    """From now on imports of these modules pass the student's files by."""
    sys.meta_path.insert(0, FromOurs(sys.path))
