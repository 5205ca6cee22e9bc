"""What every explorer shares: its front end from plain modules, its still picture, and traits that hold tensors."""

import hashlib
import operator
import re
import weakref
from pathlib import Path
from typing import Any

import anywidget
from IPython import get_ipython
from IPython.display import display
from traitlets import Bool, Enum, Float, Int, TraitError, TraitType, Tuple, Unicode, default

from course_utils.errors import BadArgument, did_you_mean
from course_utils.explorers.grid import TensorTrait, is_whole
from course_utils.explorers.still import Still
from course_utils.values import said

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:class|const|function) )", re.MULTILINE)
DEFAULT = "export default widget("
LEFT_OVER = re.compile(rf"^\s*(?:import\b|export\b(?!{re.escape(DEFAULT.removeprefix('export'))})).*", re.MULTILINE)
DECLARED = re.compile(r"^(?:class|const|let|function) (\w+)", re.MULTILINE)


def front_end(name: str) -> str:
    """Return the module static/`name` and those that it imports as one module's text, which is what anywidget takes.

    The files are ordinary ES modules. Joined, they share one scope, so no two may declare the same name. Raises
    ValueError where they do, and where an import or an export would be left in.
    """
    texts: dict[str, str] = {}

    def add(name: str) -> None:
        source = (STATIC / name).read_text(encoding="utf-8")
        for imported in IMPORT.findall(source):
            if imported not in texts:
                add(imported)
        texts[name] = EXPORT.sub("", IMPORT.sub("", source))

    add(name)
    homes: dict[str, str] = {}
    for file, text in texts.items():
        if left := LEFT_OVER.search(text):
            raise ValueError(
                f'{file} cannot be joined, because of the line "{left[0].strip()}": import as in '
                f'`import {{ a, b }} from "./file.js";`, export a class, a const or a function where it is declared, '
                f"and end the explorer's own file with `{DEFAULT}Name);`."
            )
        for declared in DECLARED.findall(text):
            if declared in homes:
                raise ValueError(f"{homes[declared]} and {file} both declare `{declared}`: rename one.")
            homes[declared] = file
    if DEFAULT not in texts[name]:
        raise ValueError(f"{name} is no explorer: it lacks `{DEFAULT}Name);` as its last line.")
    return "\n".join(f"// {file}\n{text}" for file, text in texts.items())


def styles(*names: str) -> str:
    """Return the style sheets static/`names` as one text."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class Explorer(anywidget.AnyWidget):
    """An anywidget that leaves a readable picture wherever the widget itself cannot be shown.

    Displayed, it leaves two outputs: the widget, and after it a still picture that the living widget hides. A saved
    notebook that is opened anew has no widget, and there the picture shows.

    What is changed in place in one of its tensors (`explorer.kernel[0, 0] = 1`) is noticed when the cell has run.
    """

    still = Unicode(read_only=True, help="the HTML class of the picture to hide").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        _alive.add(self)
        shell = get_ipython()
        if shell is not None and _notice_changes_in_place not in shell.events.callbacks["post_execute"]:
            shell.events.register("post_execute", _notice_changes_in_place)

    def __setattr__(self, name: str, value: Any) -> None:
        trait = self.traits().get(name)
        if (trait is None and not name.startswith("_")) or (trait is not None and trait.read_only):
            self._check_settable(name)
        try:
            super().__setattr__(name, value if trait is None else _as_number(trait, value))
        except BadArgument:
            raise
        except (TraitError, ValueError, OverflowError):  # some comparisons with tensors are none
            raise BadArgument(f"{name} is {said(value)}: pass {_wanted(trait)}.") from None

    def _check_settable(self, name: str) -> None:
        """Refuse what would be set and change nothing: a name that nothing has, and what follows from the rest."""
        found = getattr(type(self), name, None)
        own = {name: trait for name, trait in self.traits().items() if name not in Explorer.class_traits()}
        settable = [name for name, trait in own.items() if name[0] != "_" and not trait.read_only]
        if found is None:
            raise BadArgument(f"{type(self).__name__} has nothing called {name} to set{did_you_mean(name, settable)}.")
        if (isinstance(found, property) and found.fset is None) or getattr(found, "read_only", False):
            raise BadArgument(f"{name} follows from the rest: what can be set is {', '.join(settable)}.")

    def static(self) -> Still:
        """Return the picture of the present state. It must not answer what a lesson may ask: no responses."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.static().text

    @default("still")
    def _name_still(self) -> str:
        # From the content, not by chance: a notebook run twice has the same outputs.
        return "course-still-" + hashlib.sha256(self.static().svg.encode()).hexdigest()[:12]

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        return data | self.static()._repr_mimebundle_(), metadata

    def _ipython_display_(self) -> None:
        data, metadata = super()._repr_mimebundle_()  # type: ignore[misc]
        del data["text/plain"]  # the picture has a better one
        display(data, metadata=metadata, raw=True)
        picture = self.static()
        picture.note, picture.name = "This is a picture. Run the cell, and it comes alive.", self.still
        display(picture)


def _as_number(trait: TraitType, value: Any) -> Any:
    """A number of NumPy's or of torch's as Python's, which is what a trait takes."""
    if isinstance(trait, Int) and value is not None:
        if not is_whole(value):
            raise TraitError("no whole number, as 2.0 is none for PyTorch")
        return operator.index(value)
    if isinstance(trait, Float) and not isinstance(value, bool | int | float | str):
        try:
            return float(value)
        except (TypeError, ValueError, RuntimeError):
            return value
    return value


def _wanted(trait: TraitType | None) -> str:
    if isinstance(trait, Enum):
        return " or ".join(f'"{value}"' for value in trait.values or ())
    kinds = {Int: "a whole number", Float: "a number", Bool: "True or False", Tuple: "a tuple, such as (0,)"}
    return next((words for kind, words in kinds.items() if isinstance(trait, kind)), "a value of another kind")


_alive: weakref.WeakSet[Explorer] = weakref.WeakSet()


def _notice_changes_in_place() -> None:
    for explorer in list(_alive):
        for trait in explorer.traits().values():
            if isinstance(trait, TensorTrait):
                try:
                    trait.notice(explorer)
                except BadArgument as refused:
                    print(f"{refused} The explorer keeps what it had.")
