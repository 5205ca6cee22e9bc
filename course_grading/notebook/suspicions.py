"""Code that could let a library do unseen what is to be written by hand: a person should read it.

What a student's process says of its own work can be forged by code that reaches into it. An honest answer has no need
of the means: modules outside a course on images, names with a leading underscore, code made of text. Where one is
used and such an answer earned its marks, the line is shown; nobody loses a mark by it.
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from nbformat import NotebookNode

from course_grading.notebook.released import Blueprint
from course_utils.output import RECORD_TYPE

# fmt: off
MODULES = {  # that a notebook on images may import
    "IPython", "PIL", "__future__", "abc", "anywidget", "base64", "cmath", "collections", "contextlib", "copy",
    "course_utils", "cv2", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "glob", "google",
    "io", "ipywidgets", "itertools", "json", "math", "matplotlib", "mpl_toolkits", "numbers", "numpy", "operator", "os",
    "pandas", "pathlib", "platform", "plotly", "pprint", "random", "re", "requests", "scipy", "seaborn", "shutil",
    "skimage", "sklearn", "statistics", "string", "sys", "tempfile", "textwrap", "time", "timeit", "torch",
    "torchvision", "tqdm", "typing", "urllib", "warnings",
}
INSIDE = {"cards", "cells", "checking", "observe", "specs", "values", "verdicts", "kinships"}  # of course_utils
MEANS = {
    # of torch: ways to its operators, and to code that Python does not run
    "ops", "jit", "library", "compile", "fx", "export", "classes", "package", "hub", "multiprocessing", "cpp_extension",
    # of Python, IPython and NumPy
    "setprofile", "settrace", "modules", "meta_path", "path_hooks", "attrgetter", "methodcaller", "ctypeslib", "f2py",
    "fork", "forkpty", "posix_spawn", "popen", "system", "execv", "execve", "execvp", "get_ipython",
    "allow_pickle", "weights_only",
}
BUILT_IN = {
    "exec", "eval", "compile", "__import__", "globals", "locals", "vars", "getattr", "setattr", "delattr", "breakpoint",
    "get_ipython",
}
PLAIN_UNDERSCORES = {"__init__", "__name__", "__version__", "__doc__", "__len__", "__file__", "_"}
# fmt: on
MAGICS = re.compile(  # that run nothing of the student's, as a notebook on Colab is full of
    r"\s*%%?(matplotlib|time|timeit|capture|config|precision|who|whos|pip|cd|pwd|ls|load_ext|autoreload|reset)\b"
    r"|!\s*(pip3?|ls|pwd|apt|apt-get|mkdir|unzip|nvidia-smi)\b"
)
STREAMS = ("stdout", "stderr")
LONGEST, MOST = 90, 3  # characters of a line that is shown, and lines


def right_by_hand(notebook: NotebookNode) -> list[str]:
    """The exercises that may not use the library and that a graded notebook's tests found right."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()) if cell.metadata.get("nbgrader", {}).get("grade") else ():
            record = output.get("data", {}).get(RECORD_TYPE) or {}
            if record.get("by") == "judge" and record.get("outcome") == "right" and record.get("by_hand"):
                found.append(record["exercise"].rpartition(".")[2])
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1024)  # many answers of a class are the same, letter by letter
def suspicious_lines(source: str) -> tuple[str, ...]:
    """The lines of a cell that use what no honest answer needs, in order."""
    lines = source.splitlines()
    found = {
        number for number, line in enumerate(lines) if line.lstrip().startswith(("%", "!")) and not MAGICS.match(line)
    }
    python = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)
    try:
        tree = ast.parse(python)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it does not run either
        return tuple(_shown(lines[number]) for number in sorted(found))
    modules = _module_names(tree)
    harmless = set(_harmless(tree))
    for node in ast.walk(tree):
        if node in harmless:
            continue
        if any(_is_means(word) for word in _words(node)) or _replaces(node, modules):
            found.add(node.lineno - 1)  # type: ignore[attr-defined] # a node with words has a line
    return tuple(_shown(lines[number]) for number in sorted(found))


def _harmless(tree: ast.Module) -> Iterator[ast.AST]:
    """What only looks like the means above: `net.modules()`, `re.compile(…)`, and getattr of a name that is plain."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if node.func.attr == "modules" or (of_re and node.func.attr == "compile"):
                yield node.func
        elif isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
            if isinstance(name, str) and not _is_means(name):
                yield node.func


def _words(node: ast.AST) -> Iterator[str]:
    """What a node names of the means above; an import gives all that it imports."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name) and node.id in BUILT_IN:
        yield "exec"
    elif isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "weights_only"):
        yield node.arg
    elif isinstance(node, ast.MatchClass):
        yield from node.kwd_attrs
    elif isinstance(node, ast.Import):
        for each in node.names:
            yield from _imported(each.name)
    elif isinstance(node, ast.ImportFrom):
        yield from _imported(f"{'.' * node.level}{node.module or ''}")
        for each in node.names:
            yield from _imported(f"{node.module}.{each.name}")


def _imported(name: str) -> Iterator[str]:
    first, *rest = name.split(".")
    yield from (["exec"] if first not in MODULES else rest)
    if first == "course_utils" and INSIDE & set(rest):
        yield "exec"


def _is_means(word: str) -> bool:
    return word in MEANS or word == "exec" or (word.startswith("_") and word not in PLAIN_UNDERSCORES)


def _module_names(tree: ast.Module) -> set[str]:
    """The names under which a cell imports something."""
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {(each.asname or each.name).partition(".")[0] for node in imports for each in node.names}


def _replaces(node: ast.AST, modules: set[str]) -> bool:
    """Whether a statement puts something of its own in a module's place: `F.conv2d = mine`."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    modules = modules | {"torch", "np", "F"}
    for target in targets:
        root = target
        while isinstance(root, ast.Attribute):
            root = root.value
        if (
            isinstance(target, ast.Attribute)
            and isinstance(root, ast.Name)
            and root.id in {*modules, "torch", "np", "F"}
            and not (root.id == "sys" and target.attr in STREAMS)
        ):
            return True
    return False


def _shown(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def to_read(notebook: NotebookNode, blueprint: Blueprint) -> str:
    """A sentence on what a person should read in a graded notebook, with the lines; empty where there is nothing."""
    answers = right_by_hand(notebook)
    if not answers:
        return ""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and not blueprint.is_given(cell)]
    lines = list(dict.fromkeys(line for cell in cells for line in suspicious_lines(cell.source)))
    if not lines:
        return ""
    more = f" and {len(lines) - MOST} more" if len(lines) > MOST else ""
    shown = "; ".join(f"“{line}”" for line in lines[:MOST])
    named = " and ".join(filter(None, [", ".join(answers[:-1]), answers[-1]]))
    return f"{named}: right, and by hand so far as its run shows. Read what else could do the work: {shown}{more}."
