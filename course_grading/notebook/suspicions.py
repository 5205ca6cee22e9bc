"""Code that could forge what a student's process says of its own work: a person should read it.

That process alone can say how an answer came about that is to be written by hand, and what facts say of an object that
lives there, such as a network. An honest answer has no need of the means: modules outside a course on images, names
with a leading underscore, code made of text. Where one is used and such an answer earned its marks, the line is shown;
nobody loses a mark by it.
"""

import ast
import contextlib
import re
import time
from collections.abc import Iterator
from functools import cache, lru_cache

from nbformat import NotebookNode

from course_grading.kernels.inside.imports import MODULES
from course_grading.notebook.released import Blueprint
from course_utils.output import RECORD_TYPE

# fmt: off
INSIDE = {"cards", "cells", "checking", "observe", "specs", "values", "verdicts", "kinships"}  # of course_utils
OF_DATA = {"cells", "values"}  # … whose names data have, too, as in `marks.values()`
OF_COURSE = {f"course_utils.{name}" for name in OF_DATA}
MEANS = {
    # of torch: ways to its operators, and to code that Python does not run
    "ops", "jit", "library", "compile", "fx", "export", "classes", "package", "hub", "multiprocessing", "cpp_extension",
    # of Python, IPython and NumPy
    "setprofile", "settrace", "modules", "meta_path", "path_hooks", "path_importer_cache", "attrgetter",
    "methodcaller", "ctypeslib", "f2py", "get_type_hints", "get_field", "singledispatch", "singledispatchmethod",
    "measure", "rundocs", "allow_pickle", "weights_only", "read_pickle", "unsafe_eval", "get_ipython",
    "InteractiveShell", "run_cell", "embed",
    # modules that others have imported, and so hold as torch.importlib does
    "import_module", "importlib", "ctypes", "builtins", "gc", "inspect", "threading", "subprocess", "pickle", "marshal",
    "runpy", "asyncio", "socket", "atexit", "traceback", "pydoc", "benchmark", "collect_env",
    # of torch: what works in a process of its own
    "num_workers",
    # of the system
    "fork", "forkpty", "posix_spawn", "posix_spawnp", "popen", "system", "getoutput", "getstatusoutput",
    *(f"exec{how}" for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
    *(f"spawn{how}" for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
}
WITH_TEXT = {"eval", "query"}  # methods of pandas and Pillow that run a text; that of a network takes none
BUILT_IN = {
    "exec", "eval", "compile", "__import__", "globals", "locals", "vars", "getattr", "setattr", "delattr", "breakpoint",
    "get_ipython",
}
SAFE = {"allow_pickle": False, "weights_only": True, "num_workers": 0}  # also given by **{"allow_pickle": True}
SEEDED = {f"torch.backends.cudnn.{name}" for name in ("allow_tf32", "benchmark", "deterministic", "enabled")}
STARS = {"course_utils", "math", "cmath", "numpy", "torch.nn"}  # whose `import *` gives none of the means
LIES = {  # of a class: what an object says of itself, where facts ask for it
    *("parameters", "named_parameters", "modules", "named_modules", "children", "named_children", "state_dict"),
    *("register_forward_hook", "register_forward_pre_hook", "__getattribute__", "__class__", "__instancecheck__"),
    *("__torch_function__", "__torch_dispatch__", "__array_function__"),
}
PLAIN_UNDERSCORES = {"__init__", "__name__", "__version__", "__doc__", "__len__", "__file__", "_"}
# Of IPython, as notebooks on Colab are full of it:
MAGICS = {  # that run nothing of the student's
    "matplotlib", "precision", "who", "whos", "cd", "pwd", "autoreload", "reset", "pinfo", "pinfo2",
}
# fmt: on
OF_SYSTEM = {"pip", "ls"}  # which give the rest of their line to the system's shell
OF_CODE = {"time", "timeit", "capture", "config"}  # whose arguments, and cell, are code
FIRST_WORD = re.compile(r"([A-Za-z]\w*)(?![\w.=])(?!\s*[-+*/%&|^<>@]?=)")  # of a line that assigns nothing to it
EXTENSIONS = {"autoreload", "tensorboard", "google.colab.data_table"}
OPTIONS = re.compile(r"(?:-{1,2}[\w-]++\s*+(?:\d++\s++)?)*+")
COMMANDS = re.compile(r"\s*(?:pip3?|ls|pwd|apt|apt-get|mkdir|unzip|nvidia-smi)\b[^;&|`$()\n]*")
ASKED = ("system", "getoutput", "run_line_magic", "run_cell_magic")  # of IPython, by its own translation
TRANSLATED = re.compile(rf"get_ipython\(\)\.(?P<method>{'|'.join(ASKED)})(?P<arguments>\(.*\))$")
STREAMS = ("stdout", "stderr")
SO_FAR = {  # what the process says of its own → what is known of the answer
    "by hand": "right, and by hand so far as its run shows",
    "facts": "right so far as its own run shows",
}
LONGEST, MOST = 90, 3  # characters of a line that is shown, and lines
LONGEST_READ, MOST_MAGICS = 20_000, 50  # characters of a cell, and lines in it that may be magics, to be read at all
LONGEST_READING = 10  # seconds of a processor, after which the rest of a notebook is not read


def right_by_own_word(notebook: NotebookNode) -> dict[str, str]:
    """The exercises that a graded notebook's tests found right as far as the student's process says, and what of them
    it alone can say."""
    found = {}
    for cell in notebook.cells:
        outputs = cell.get("outputs", ()) if cell.metadata.get("nbgrader", {}).get("grade") else ()
        passed = all(output.get("output_type") != "error" for output in outputs)
        for record in (output.get("data", {}).get(RECORD_TYPE) or {} for output in outputs):
            earned = record.get("outcome") == "right" or (record.get("given") and passed)  # as `following_earns` says
            says = record.get("own_word")
            if record.get("by") == "judge" and earned and says:
                found[record["exercise"].rpartition(".")[2]] = says
    return found


@lru_cache(maxsize=1024)  # many answers of a class are the same, letter by letter
def suspicious_lines(source: str, modules: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The lines of a cell that use what no honest answer needs, in order; the first of one that is nested too deeply,
    or too long, to be read. `modules`: names under which other cells import something."""
    magics = sum("!" in line or "%" in line or line.lstrip().startswith("?") for line in source.splitlines())
    if len(source) <= LONGEST_READ and (magics <= MOST_MAGICS or _tree(source)):
        with contextlib.suppress(RecursionError):
            return _lines(source, modules)
    return (_shown(source.strip()[:LONGEST]),)


def _lines(source: str, modules: frozenset[str]) -> tuple[str, ...]:
    if _is_automagic(source):
        source = f"%{source.strip()}"
    tree = _tree(source)
    if tree is None:  # a magic will do
        source = _in_python(source)
        tree = _tree(source)
    if tree is None:  # it does not run either
        return ()
    lines, found = re.split(r"\r\n?|\n", source), {}  # as Python counts them
    modules |= _module_names(tree)
    harmless = set(_harmless(tree))
    for node in ast.walk(tree):
        if node in harmless:
            continue
        if any(_is_means(word) for word in _words(node)) or _replaces(node, modules):
            number = node.lineno - 1  # type: ignore[attr-defined] # a node with words has a line
            found[number] = _shown(_as_typed(lines[number]))
    return tuple(found[number] for number in sorted(found))


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError):
        return None


def _is_automagic(source: str) -> bool:
    """Whether a cell of one line is a magic for IPython although it has no %: `run helper.py`."""
    word = FIRST_WORD.match(source.strip())
    return word is not None and len(source.strip().splitlines()) == 1 and word[1] in _magics()


@cache
def _magics() -> frozenset[str]:
    """The names of IPython's own, and of the system's commands that it knows."""
    from IPython.core import magics  # here, as few cells ask for it
    from IPython.core.alias import default_aliases
    from IPython.core.magic import Magics

    found = (getattr(magics, name) for name in dir(magics) if name.endswith("Magics"))
    own = (each for each in found if isinstance(each, type) and issubclass(each, Magics))
    names = (name for each in own for name in getattr(each, "magics", {}).get("line", ()))
    return frozenset([*names, *(name for name, _ in default_aliases())])


def _in_python(source: str) -> str:
    """A cell as IPython runs it: `%time f()` is get_ipython().run_line_magic("time", "f()")."""
    from IPython.core.inputtransformer2 import TransformerManager  # most cells are Python, and have no need of it

    try:
        return TransformerManager().transform_cell(source)
    except RecursionError:
        raise
    except Exception:  # an IndexError for a text in three quotes that does not end, and who knows what else
        return source


def _as_typed(line: str) -> str:
    """A line that IPython translated, as it was written, or nearly."""
    asked = TRANSLATED.search(line)
    if not asked:
        return line
    try:
        given = ast.literal_eval(asked["arguments"])
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it was written so
        return line
    words = given if isinstance(given, tuple) else (given,)
    sign = {"system": "!", "getoutput": "!", "run_line_magic": "%", "run_cell_magic": "%%"}[asked["method"]]
    return f"{line[: asked.start()]}{sign}{' '.join(map(str, words)).strip()}"


def _is_plain(magic: ast.Call) -> bool:
    """Whether something that is asked of IPython runs no code of the student's but such as is not suspicious."""
    given = [each.value for each in magic.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if len(given) != len(magic.args) or not given or magic.keywords:
        return False
    first, line, *cell = [*given, ""] if len(given) == 1 else given
    if getattr(magic.func, "attr", "") in ("system", "getoutput"):
        return len(given) == 1 and COMMANDS.fullmatch(first) is not None
    if first == "load_ext":
        return line.strip() in EXTENSIONS
    if first in OF_CODE:
        code = [OPTIONS.sub("", f"{line.strip()} ", count=1).strip() if first != "capture" else "", *cell]
        return all((_tree(each) or _tree(_in_python(each))) and not suspicious_lines(each) for each in code)
    if first in OF_SYSTEM:
        return COMMANDS.fullmatch(f"{first} {line}") is not None
    return first in MAGICS


def _harmless(tree: ast.Module) -> Iterator[ast.AST]:
    """What only looks like the means above: `net.modules()`, `re.compile(…)`, getattr of a name that is plain, and
    magics that are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) in SEEDED:
            yield node  # set for the same numbers each time
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if node.func.attr == "modules" or (of_re and node.func.attr == "compile"):
                yield node.func
            if node.func.attr == "observe":  # of a slider
                yield node.func
            asked = node.func.value
            if node.func.attr in ASKED and ast.unparse(asked) == "get_ipython()" and _is_plain(node):
                yield from (node.func, *ast.walk(asked))
        elif isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
            if isinstance(name, str) and not _is_means(name):
                yield node.func


def _words(node: ast.AST) -> Iterator[str]:
    """What a node names of the means above; an import gives all that it imports."""
    if isinstance(node, ast.Attribute):
        yield node.attr
        if node.attr in INSIDE - OF_DATA or _dotted(node) in OF_COURSE:
            yield "exec"
        if node.attr in LIES and isinstance(node.ctx, ast.Store):
            yield "exec"
    elif isinstance(node, ast.ClassDef):
        yield from ["exec"] if node.bases and LIES & _defined_in(node) else []
    elif isinstance(node, ast.Name):
        yield from ["exec"] if node.id in BUILT_IN else []
    elif isinstance(node, ast.Constant):
        yield from ["exec"] if isinstance(node.value, str) and node.value in SAFE else []
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        with_text = node.func.attr in WITH_TEXT and (node.args or node.keywords)
        with_pickle = node.func.attr == "load" and len(node.args) > 2  # np.load(file, None, True)
        yield from ["exec"] if with_text or with_pickle else []
    elif isinstance(node, ast.keyword) and node.arg in SAFE:
        yield from ["exec"] if not (isinstance(node.value, ast.Constant) and node.value.value == SAFE[node.arg]) else []
    elif isinstance(node, ast.MatchClass):
        yield from node.kwd_attrs
    elif isinstance(node, ast.Import):
        for each in node.names:
            yield from _imported(each.name)
    elif isinstance(node, ast.ImportFrom):
        yield from _imported(f"{'.' * node.level}{node.module or ''}")
        for each in node.names:
            yield from _imported(f"{node.module}.{each.name}")
            if each.name == "*" and node.module not in STARS:
                yield "exec"


def _defined_in(node: ast.ClassDef) -> set[str]:
    """What a class defines or assigns in its body."""
    targets = [target for each in node.body if isinstance(each, ast.Assign) for target in each.targets]
    methods = {each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return methods | {target.id for target in targets if isinstance(target, ast.Name)}


def _imported(name: str) -> Iterator[str]:
    first, *rest = name.split(".")
    yield from (["exec"] if first not in MODULES else rest)
    if first == "course_utils" and INSIDE & set(rest):
        yield "exec"


def _is_means(word: str) -> bool:
    return word in MEANS or word == "exec" or (word.startswith("_") and word not in PLAIN_UNDERSCORES)


def _module_names(tree: ast.Module) -> frozenset[str]:
    """The names under which a cell imports something."""
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return frozenset((each.asname or each.name).partition(".")[0] for node in imports for each in node.names)


@lru_cache(maxsize=1024)
def _imports_of(source: str) -> frozenset[str]:
    """As `_module_names`, of a cell that may be no Python; what is too long is shown, and so need not be known."""
    tree = _tree(source) if "import" in source and len(source) <= LONGEST_READ else None
    try:
        return _module_names(tree) if tree else frozenset()
    except RecursionError:
        return frozenset()


def _replaces(node: ast.AST, modules: frozenset[str]) -> bool:
    """Whether a node puts something of its own in a module's place: `F.conv2d = mine`, `for F.conv2d in [mine]`."""
    if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
        return False
    root = _dotted(node).partition(".")[0]
    return root in {*modules, "torch", "np", "F"} and not (root == "sys" and node.attr in STREAMS)


def _dotted(node: ast.AST) -> str:
    """A name with its attributes, such as "torch.nn"; empty for those of anything but a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _shown(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def to_read(notebook: NotebookNode, blueprint: Blueprint) -> str:
    """A sentence on what a person should read in a graded notebook, with the lines; empty where there is nothing."""
    answers = right_by_own_word(notebook)
    if not answers:
        return ""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    modules = frozenset(name for cell in code for name in _imports_of(cell.source))
    begun, found = time.process_time(), []
    for cell in (each for each in code if not blueprint.is_given(each)):
        if time.process_time() - begun > LONGEST_READING:
            found.append("… (the rest took too long to read)")
            break
        found += suspicious_lines(cell.source, modules)
    lines = list(dict.fromkeys(found))
    if not lines:
        return ""
    more = f" and {len(lines) - MOST} more" if len(lines) > MOST else ""
    shown = "; ".join(f"“{line}”" for line in lines[:MOST])
    told = []
    for says, sentence in SO_FAR.items():
        names = [name for name, word in answers.items() if word == says]
        if names:
            told.append(f"{' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}: {sentence}")
    return f"{'; '.join(told)}. Read what else could do the work: {shown}{more}."
