"""What is to be written by hand: torch refuses to do it while an answer is graded, and no honest answer needs it to."""

import ast
import contextlib
import time
from collections.abc import Callable

import nbformat
import pytest
import torch
import torch.nn.functional as F

from course_grading.authoring import BY_HAND
from course_grading.authoring.judging import judged
from course_grading.kernels.inside.refusals import Refusals
from course_grading.notebook import suspicions
from course_grading.notebook.released import Blueprint
from course_grading.notebook.suspicions import suspicious_lines, to_read
from course_utils.checking import tried
from course_utils.observe import REFUSED, Question, observe
from course_utils.output import RECORD_TYPE
from course_utils.specs import find_spec
from tests.attempts import attempts
from tests.lessons import EXERCISES, LESSONS

FORBIDDEN = {key: exercise for key, (_, exercise) in EXERCISES.items() if exercise.forbidden}
X, KERNEL = torch.ones(1, 1, 6, 6), torch.ones(1, 1, 3, 3)
SIZES = ([1, 1], [0, 0], [1, 1])
WAYS = {
    "in Python": lambda: F.conv2d(X, KERNEL),
    "as a layer": lambda: torch.nn.Conv2d(1, 1, 3)(X),
    "under another name": lambda: torch._convolution(
        X, KERNEL, None, *SIZES, False, [0, 0], 1, False, False, False, False
    ),
    "an operator": lambda: torch.ops.aten.convolution(X, KERNEL, None, *SIZES, False, [0, 0], 1),
    "its own code": lambda: torch.ops.aten.convolution.default._op_dk(
        torch._C.DispatchKey.CompositeExplicitAutograd, X, KERNEL, None, *SIZES, False, [0, 0], 1
    ),
    "a relative": lambda: torch.ops.aten.convolution_backward(
        torch.ones(1, 1, 4, 4), X, KERNEL, None, *SIZES, False, [0, 0], 1, [True, True, False]
    ),
    "mapped": lambda: torch.vmap(lambda x: F.conv2d(x, KERNEL))(X[None]),
    "with gradients": lambda: F.conv2d(X.clone().requires_grad_(), KERNEL),
    "pooling": lambda: F.max_pool2d(X, 2),
    "pooling in one dimension": lambda: F.max_pool1d(X[0], 2),
    "average pooling": lambda: F.adaptive_avg_pool2d(X, 2),
    "padding": lambda: F.pad(X, (1, 1, 1, 1)),
    "padding with reflections": lambda: F.pad(X, (1, 1, 1, 1), mode="reflect"),
    "unfold": lambda: F.unfold(X, 2),
    "windows": lambda: X.unfold(2, 3, 1),
    "FFT": lambda: torch.fft.rfft2(X),
}


@pytest.fixture(scope="module")
def scripted() -> Callable:
    """TorchScript, which runs without Python."""

    class Layer(torch.nn.Module):
        def forward(self, x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
            return torch.conv2d(x, kernel)

    return torch.jit.script(Layer())


@contextlib.contextmanager
def refusing(names=BY_HAND):
    refusals = Refusals(names)
    try:
        yield refusals
    finally:
        refusals.close()


@pytest.mark.filterwarnings("ignore")
def test_torch_refuses_whatever_way_it_is_asked_and_works_again_after(scripted):
    ways = {**WAYS, "TorchScript": lambda: scripted(X, KERNEL)}
    with refusing() as refusals:
        for way, call in ways.items():
            with pytest.raises(Exception, match=REFUSED):
                call()
            assert refusals.called(), way
        torch.einsum("ij,jk->ik", KERNEL[0, 0], KERNEL[0, 0])
        assert refusals.called() == ()
        assert refusals.undone() == ()
        assert refusals.called() == ()
    for call in ways.values():
        call()


def test_refusals_that_were_undone_say_so():
    with refusing() as refusals:
        refusals.close()
        F.conv2d(X, KERNEL)
        assert refusals.undone() == ("torch.library",)


def right_answers(key):
    lesson, exercise = EXERCISES[key]
    bank = [each for each in attempts(lesson.name) if each.exercise == exercise.name and each.right]
    return [*exercise.alternatives.values(), *(each.answer for each in bank)]  # the reference may use the library


@pytest.mark.parametrize("key", FORBIDDEN)
def test_no_right_answer_needs_what_is_refused(key):
    spec = find_spec(key)
    with refusing(tuple(name for name in spec.forbidden if name not in spec.through)) as refusals:
        for answer in right_answers(key):
            assert not [trial.seen for trial in tried(spec, answer) if trial.failed]
        assert refusals.called() == ()


def test_every_answer_of_the_banks_that_uses_torch_is_refused():
    answers = [
        (f"{lesson.name}.{each.exercise}", each)
        for lesson in LESSONS.values()
        for bank in ("", "second.")
        for each in attempts(f"{bank}{lesson.name}")
        if each.forbidden and f"{lesson.name}.{each.exercise}" in FORBIDDEN
    ]
    assert answers
    for name, each in answers:
        spec = find_spec(name)
        with refusing(spec.forbidden) as refusals:
            seen = observe(each.answer, spec.cases[0].arguments, Question(watched=spec.forbidden))
            no_operator = "NumPy" in each.mistake or each.mistake == "autograd"  # the watch alone sees these
            assert refusals.called() or (no_operator and seen.called), (each.exercise, each.mistake)


HONEST = """
%matplotlib inline
%load_ext autoreload
%config InlineBackend.figure_format = "retina"
!pip install torch
files = !ls data
%time total = sum(range(10))
%timeit -n 10 -r3 sum(range(10))
net.eval()
os?
torch.backends.cudnn.benchmark = False
torch.backends.cudnn.deterministic = True
slider.observe(redraw, "value")
marks = {"a": 1}.values()
loader = DataLoader(digits, batch_size=64, num_workers=0)
import os, re, time, numpy as np, torch
import torch.nn.functional as F
from course_utils import check, functions, show_numbers
from tqdm import tqdm
words = re.compile("a")
layers = [each for each in torch.nn.Sequential().modules()]
name = getattr(words, "pattern")

def parameters(net):
    return sum(each.numel() for each in net.parameters())

class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return x

def corr2d(x, kernel):
    out = torch.zeros(x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1)
    out.stride = 1
    for _ in tqdm(range(3)):
        out[0, 0] = (x[:2, :2] * kernel).sum()
    assert torch.equal(out, F.conv2d(x[None, None], kernel[None, None])[0, 0]), torch.__version__
    return out
"""


def test_an_honest_notebook_is_not_suspicious():
    assert suspicious_lines(HONEST) == ()
    for lesson in LESSONS.values():
        source = (lesson.folder / "exercises.py").read_text()
        parts = [ast.get_source_segment(source, node) or "" for node in ast.parse(source).body]
        lines = [line for part in parts for line in suspicious_lines(part)]
        assert [line for line in lines if not line.startswith("from course_grading")] == [], lesson.name


@pytest.mark.parametrize(
    "line",
    [
        "import ctypes",
        "import threading as t",
        "from course_utils.observe import observe",
        "from course_utils import checking",
        "from course_grading.kernels.inside import student",
        "from torch import jit",
        "from torch._C import _nn",
        "f = torch.jit.script(f)",
        "f = torch.ops.aten.convolution",
        "f = corr2d.__globals__",
        "f = getattr(torch, name)",
        'f = getattr(torch, "_convolution")',
        'exec("import gc")',
        "F.conv2d = f",
        "torch.nn.functional.pad = f",
        "np.convolve = f",
        "s = sys.modules",
        "sys.setprofile(None)",
        "os.fork()",
        "%run helper.py",
        "!python helper.py",
        "get_ipython().run_line_magic('load_ext', 'Cython')",
        "match x:\n    case object(__globals__=g): pass",
        "%time import gc",
        "%time gc = __import__('gc')",
        "%timeit -n 1 -r 1 import gc",
        "%load_ext mymodule",
        "%config InlineBackend.figure_format = __import__('gc')",
        "files = !python helper.py",
        "!pip install torch; python helper.py",
        "!!python helper.py",
        "%%bash\npython helper.py",
        "%pip install torch; python helper.py",
        "%ls | python helper.py",
        ">>> import gc",
        "  import gc",
        "import timeit",
        'os.spawnlp(os.P_WAIT, "python", "python", "-c", code)',
        'os.execl("python", "python")',
        'pd.read_pickle("x.pkl")',
        'pd.eval("f()")',
        "typing.get_type_hints(f)",
        'string.Formatter().get_field("0.__globals__", (f,), {})',
        'np.testing.measure("f()")',
        "from IPython.utils.process import getoutput",
        "get_ipython().system(3)",
        "get_ipython().system()",
        "get_ipython().run_line_magic('time')\nimport gc",
        "get_ipython().run_line_magic(*names)",
        'find = torch.importlib.import_module("gc")',
        "f = F.importlib",
        "f = torch.ctypes",
        "f = course_utils.import_module",
        "f = torch.threading.Thread(target=f)",
        "from sys import *",
        "from os import *",
        "from matplotlib.pyplot import *",
        "F.conv2d, other = f, 0",
        "[torch.conv2d, other] = f, 0",
        "for F.conv2d in [f]: pass",
        "with f as F.conv2d: pass",
        "F.conv2d: object = f",
        "del F.conv2d",
        "f = course_utils.observe.Observation",
        "f = course_utils.values.plain",
        "torch.utils.benchmark.Timer('f()', 'import gc').timeit(1)",
        "from torch.utils.benchmark import Timer",
        "torch.utils.collect_env.run('python helper.py')",
        "np.load('x.npy', None, True)",
        "torch.load('x.pt', **{'weights_only': False})",
        "worker = iter(DataLoader(images, num_workers=1))",
        "loader.num_workers = 1",
        "net.parameters = lambda: []",
        "class Net(nn.Module):\n    def parameters(self, recurse=True): return []",
        "class Net(nn.Module):\n    parameters = property(f)",
        "class Lie(torch.Tensor):\n    def __torch_function__(*given): pass",
        "f = sys.path_importer_cache",
        "f = torch.backends.cudnn.torch.importlib",
        "torch.backends.cudnn.torch.conv2d = f",
    ],
)
def test_what_could_reach_the_library_unseen_is_shown(line):
    if line.startswith(("%%", " ", ">")):  # at the top of its cell
        assert len(suspicious_lines(f"{line}\n")) == 1
    else:
        assert len(suspicious_lines(f"import numpy as np\n{line}\nx = 1")) == 1


def test_what_is_nested_too_deeply_is_shown():
    assert len(suspicious_lines("%%time\n" * 5000)) == 1
    assert len(suspicious_lines("a" + ".b" * 3000 + ".system('ls')")) <= 1


@pytest.mark.parametrize(
    "cell",
    ["run helper.py", " run helper.py\n", "load_ext helper", "system (python)", "sx ls", "ls ; python helper.py"],
)
def test_a_magic_needs_no_sign(cell):
    assert len(suspicious_lines(cell)) == 1


@pytest.mark.parametrize(
    "cell", ["ls", "pip install torch", "time sum(range(10))", "run = 3", "history.append(1)", "x = ="]
)
def test_a_magic_without_a_sign_may_be_harmless(cell):
    assert suspicious_lines(cell) == ()


def test_what_other_cells_have_imported_may_not_be_replaced():
    assert len(suspicious_lines("functional.conv2d = f", frozenset({"functional"}))) == 1
    assert suspicious_lines("out.stride = 1", frozenset({"functional"})) == ()


@pytest.mark.parametrize(
    "cell", ["%time -" + "1" * 19_000 + "!", "x = !ls\n" * 500, "x = 1\n" * 50_000, "x = %s\n" * 400]
)
def test_nothing_takes_long_to_read(cell):
    begun = time.process_time()
    assert len(suspicious_lines(cell)) <= 1
    assert time.process_time() - begun < 5


def test_what_would_take_too_long_to_read_is_told(monkeypatch):
    monkeypatch.setattr(suspicions, "LONGEST_READING", -1)
    record = {"exercise": "sliding_regions.corr2d", "by": "judge", "outcome": "right", "own_word": "by hand"}
    made = nbformat.v4.new_code_cell("judge()", metadata={"nbgrader": {"grade": True, "grade_id": "t"}})
    made.outputs = [nbformat.v4.new_output("display_data", {RECORD_TYPE: record})]
    assert "“… (the rest took too long to read)”" in to_read(nbformat.v4.new_notebook(cells=[made]), Blueprint(()))


def test_what_ipython_cannot_read_does_not_run():
    assert suspicious_lines('    =%"""$') == ()
    assert suspicious_lines("x = 'a\x0cb'\rimport gc") == ("import gc",)


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 1", "%%capture", "x = !ls", "%matplotlib inline", "a?"])
def test_beside_a_magic_a_cell_is_read_as_any_other(magic):
    assert suspicious_lines(f"{magic}\nimport numpy as np\nx = 1\n") == ()
    (shown,) = suspicious_lines(f"{magic}\nimport numpy as np\nimport gc\n")
    assert "import gc" in shown or shown.startswith("%%")


def test_a_person_is_asked_to_read_only_what_earned_marks_and_was_not_handed_out():
    def cell(source, outcome=None, word="by hand", **more):
        made = nbformat.v4.new_code_cell(source)
        if outcome:
            made.metadata["nbgrader"] = {"grade": True, "grade_id": "t"}
            record = {"exercise": "sliding_regions.corr2d", "by": "judge", "outcome": outcome, "own_word": word, **more}
            made.outputs = [nbformat.v4.new_output("display_data", {RECORD_TYPE: record})]
        return made

    def told(outcome, word="by hand", **more):
        cells = [cell("import subprocess"), cell("import gc"), cell("judge(...)", outcome, word, **more)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        return to_read(notebook, Blueprint((), given=frozenset({"import subprocess"})))

    assert told("right") == (
        "corr2d: right, and by hand so far as its run shows. Read what else could do the work: “import gc”."
    )
    assert told("wrong") == told("right", "") == ""
    assert told("wrong", given=["positions"]) == told("right"), "where a right use of a wrong function earns"
    assert told("right", "facts") == (
        "corr2d: right so far as its own run shows. Read what else could do the work: “import gc”."
    )


def test_what_an_answer_alone_can_say_of_itself_is_in_its_record():
    assert judged("sliding_regions.corr2d", None, 1).record["own_word"] == "by hand"
    assert judged("from_kernels_to_features.make_cnn", None, 1).record["own_word"] == "facts"
    assert judged("sliding_regions.positions", None, 1).record["own_word"] == ""
