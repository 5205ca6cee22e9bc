"""Real errors of the installed Python, PyTorch and NumPy, provoked here, and what learners read of them."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision import transforms

from course_utils.python_errors import cell_problem, in_words

X = torch.arange(16.0).reshape(4, 4)
NOTHING, THREE, LIST = None, 3, [1, 2]  # under names, so that the compiler does not see the mistakes
IMAGES, KERNELS = X[None, None], torch.ones(1, 1, 3, 3)


def two(a, b):
    return a + b


def store(target, index, value):
    target[index] = value


def recurse(n):
    return recurse(n)


def unbegun():
    raise NotImplementedError


class Hasty(torch.nn.Module):
    def __init__(self):
        self.layer = torch.nn.ReLU()


def unbound():
    total += 1  # noqa: F821
    return total


def leaf():
    return torch.ones(3, requires_grad=True)


# Each entry: what provokes the error, and words of the sentence.
ERRORS = {
    "sizes": (lambda: torch.ones(2, 3) * torch.ones(3, 2), "along axis 1 (counted from 0) one has 3 entries and"),
    "power": (lambda: 2.5 ^ THREE, "the sign ^ is no power"),
    "power of a tensor": (lambda: X ^ 2, "the sign ^ is no power"),
    "power, NumPy": (lambda: np.ones(2) ^ 2, "the sign ^ is no power"),
    "class for tool": (lambda: transforms.ToTensor(Image.new("RGB", (2, 2))), "ToTensor is a class: it makes a tool"),
    "picture for array": (lambda: torch.from_numpy(Image.new("RGB", (2, 2))), "got a picture of PIL's"),
    "path for picture": (lambda: transforms.functional.to_tensor("cat.png"), "what opens the file?"),
    "sizes, NumPy": (lambda: np.ones((2, 3)) * np.ones((3, 2)), "their shapes are (2,3) (3,2). Which"),
    "written patch": (
        lambda: store(X.clone(), np.s_[:2, :2], torch.ones(3, 3)),
        "of shape (3, 3) is to fill a place of",
    ),
    "written patch, NumPy": (lambda: store(np.ones((4, 4)), np.s_[:2, :2], np.ones((3, 3))), "a place of shape (2,2)"),
    "left standing": (lambda: unbegun(), "still stands in your function and stops it there"),
    "sum in place": (lambda: torch.ones(()).add_(torch.ones(3, 3)), "shape (3, 3) was to be added where only shape ()"),
    "layers too soon": (lambda: Hasty(), "Does its __init__ begin with super().__init__()?"),
    "list of layers": (lambda: torch.nn.Sequential([torch.nn.ReLU()]), "given a list where it takes layers"),
    "round of a tensor": (lambda: round(X), "Python's round does not take a tensor"),
    "pair for largest": (lambda: store(torch.ones(4, 2), 0, X.max(1)), "max along an axis gives two things"),
    "name for picture": (lambda: torch.from_numpy(np.array(["cat.png"])), "Is it the name of a file"),
    "expand": (lambda: torch.ones(2).expand(3), "of shape (2) is to fill a place of shape (3)"),
    "written number": (lambda: store(X.clone(), (0, 0), torch.ones(3, 3)), "One single place is to be filled"),
    "written number, NumPy": (lambda: store(np.ones((4, 4)), (0, 0), np.ones(3)), "One single place is to be filled"),
    "matrix product": (lambda: torch.ones(2, 3) @ torch.ones(2, 3), "yours are 2x3 and 2x3. @ is the matrix product"),
    "matrix product, NumPy": (lambda: np.ones((2, 3)) @ np.ones((2, 3)), "as many columns on the left"),
    "dot, NumPy": (lambda: np.dot(np.ones((2, 3)), np.ones((2, 3))), "as many columns on the left"),
    "matrix and vector": (lambda: torch.ones(2, 3) @ torch.ones(2), "as many columns on the left"),
    "batches of matrices": (lambda: torch.bmm(torch.ones(2, 2, 3), torch.ones(2, 2, 2)), "as many columns on the left"),
    "dot": (lambda: torch.dot(torch.ones(2), torch.ones(3)), "as many columns on the left"),
    "dot of matrices": (lambda: torch.dot(X, X), "made for vectors or for matrices"),
    "mm of vectors": (lambda: torch.mm(X[0], X[0]), "made for vectors or for matrices"),
    "stack": (lambda: torch.stack([X, X[:2]]), "number 0 has shape (4, 4), number 1 has (2, 4)"),
    "cat": (lambda: torch.cat([X, X[:, :2]]), "cannot be joined"),
    "cat of axes": (lambda: torch.cat([X[0], X]), "cannot be joined"),
    "reshape": (lambda: X.reshape(3, 5), "16 numbers cannot be laid out in the shape (3, 5)"),
    "reshape, NumPy": (lambda: X.numpy().reshape(3, 5), "16 numbers cannot be laid out in the shape (3,5)"),
    "view": (lambda: X.T.view(16), "Is there another way to give them a shape?"),
    "permute": (lambda: X.permute(0, 1, 2), "each of them must be named exactly once"),
    "transpose, NumPy": (lambda: X.numpy().transpose(0, 1, 2), "each of them must be named exactly once"),
    "ragged": (lambda: torch.tensor([[1], [1, 2]]), "not equally long: one has 1 entries, another 2"),
    "ragged, NumPy": (lambda: np.array([[1], [1, 2]]), "not equally long"),
    "negative step": (lambda: X[::-1], "cannot step backwards"),
    "index": (lambda: X[0, 9], "Index 9 points outside: along axis 1 (counted from 0) there are 4 entries"),
    "index, NumPy": (lambda: X.numpy()[5], "Index 5 points outside: along axis 0"),
    "index, list": (lambda: [1, 2][2], "points outside of the list:"),
    "index, tuple": (lambda: tuple(X.shape)[3], "fewer axes than are expected"),
    "index, write": (lambda: store([1], 1, 2), "points outside of the list:"),
    "patches on their side": (lambda: torch.linalg.lstsq(X[:2], X[:, :1]), "does one of them lie on its side"),
    "indices": (lambda: X[0, 0, 0], "this tensor has 2"),
    "indices, NumPy": (lambda: X.numpy()[0, 0, 0], "this array has 2"),
    "index of a number": (lambda: X.sum()[0], "one single number without any axis"),
    "length of a number": (lambda: len(X.sum()), "one single number without any axis"),
    "loop over a number": (lambda: list(X.sum()), "one single number without any axis"),
    "axis": (lambda: X.sum(2), "There is no axis 2 here"),
    "axis, NumPy": (lambda: X.numpy().sum(axis=2), "There is no axis 2 here"),
    "range of a tensor": (lambda: range(torch.ones(2)), "One single whole number is needed"),
    "range of a shape": (lambda: range((1, 2)), "One single whole number is needed"),
    "sides of floats": (lambda: torch.zeros(4 / 2, 6 / 2), "even 4 / 2: where does yours come from?"),
    "last side a float": (lambda: torch.zeros(2, 6 / 2), "even 4 / 2: where does yours come from?"),
    "range of a float": (lambda: range(4 / 2), "even 4 / 2: where does yours come from?"),
    "zeros of floats": (lambda: torch.zeros((2, 2.0)), "A whole number is needed here"),
    "zeros of floats, NumPy": (lambda: np.zeros((2.0, 2)), "A whole number is needed here"),
    "float index": (lambda: X[1.5], "A whole number is needed here"),
    "float tensor index": (lambda: X[torch.tensor(1.5)], "A whole number is needed here"),
    "float index, list": (lambda: LIST[THREE / 3], "A whole number is needed here"),
    "float slice": (lambda: X[: 4 / 2], "Only whole numbers and slices"),
    "float index, NumPy": (lambda: X.numpy()[1.5], "Only whole numbers and slices"),
    "two indices, list": (lambda: LIST[0, 1], "A list knows one index only"),
    "step of 0": (lambda: range(0, 5, 0), "The step of a range is 0"),
    "negative size": (lambda: torch.zeros(-1), "A size is negative"),
    "negative size, NumPy": (lambda: np.zeros(-1), "A size is negative"),
    "truth": (lambda: bool(X > 1), "and if, and, not or while can use only one"),
    "truth, NumPy": (lambda: bool(X.numpy() > 1), "Do you mean all of them, any of them, or one place?"),
    "float()": (lambda: float(X), "One single number is needed here"),
    "item": (lambda: X.item(), "One single number is needed here"),
    "float(), NumPy": (lambda: float(np.ones(3)), "One single number is needed here"),
    "tensor of tensors": (lambda: torch.tensor([X, X]), "One single number is needed here"),
    "None": (lambda: None.shape, "Something here is None"),
    "None + 1": (lambda: None + 1, "Something here is None"),
    "tensor * None": (lambda: X * None, "Something here is None"),
    "None[0]": (lambda: NOTHING[0], "Something here is None"),
    "None > 1": (lambda: None > 1, "Something here is None"),
    "tensor of None": (lambda: torch.tensor(None), "Something here is None"),
    "sqrt of None": (lambda: torch.sqrt(None), "Something here is None"),
    "shape − 1": (lambda: (4, 4) - 1, "cannot calculate with a whole tuple or list"),
    "shape + 1": (lambda: (4, 4) + 1, "cannot calculate with a whole tuple or list"),
    "1 − shape": (lambda: 1 - (4, 4), "cannot calculate with a whole tuple or list"),
    "shape * 1.5": (lambda: (4, 4) * 1.5, "cannot calculate with a whole tuple or list"),
    "shape < 3": (lambda: (4, 4) < 3, "cannot calculate with a whole tuple or list"),
    "max along an axis − 1": (lambda: X.max(dim=0) - 1, "so is what max gives with dim="),
    "divided by max along an axis": (lambda: X / X.max(dim=0), "so is what max gives with dim="),
    "divided by twice max along an axis": (lambda: X / (2 * X.max(dim=0)), "so is what max gives with dim="),
    "max along an axis < 1": (lambda: X.max(dim=0) < 1, "so is what max gives with dim="),
    "max along an axis, method": (lambda: X.max(dim=0).abs(), "so is what max gives with dim="),
    "sort + 1": (lambda: X.sort() + 1, "so is what max gives with dim="),
    "tuple.shape": (lambda: (1, 2).shape, "shape was asked of a tuple"),
    "int.shape": (lambda: (3).shape, "shape was asked of a whole number"),
    "write into a tuple": (lambda: store((1, 2), 0, 3), "its entries cannot be changed"),
    "list for a tensor": (lambda: torch.rot90([[1, 2]]), "rot90 wants a tensor, and got a list"),
    "float for a tensor": (lambda: torch.sqrt(4.0), "sqrt wants a tensor, and got a number"),
    "tensor for tensors": (lambda: torch.stack(X.unbind()[0]), "stack wants several tensors in a list or tuple"),
    "numbers for tensors": (lambda: torch.stack([1, 2]), "its entry 0 is a whole number"),
    "arrays for tensors": (lambda: F.conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))), "numpy.ndarray"),
    "missing argument": (lambda: two(1), "two was called without 'b'"),
    "missing arguments": (lambda: two(), "two was called without 'a' and 'b'"),
    "missing argument, torch": (lambda: torch.flip(X), 'flip was called without "dims"'),
    "too many arguments": (lambda: two(1, 2, 3), "two was called with 3 values, and takes 2"),
    "unknown argument": (lambda: two(1, c=2), "two has no argument called c"),
    "twice an argument": (lambda: two(1, a=2), "two got two values for a"),
    "int[0]": (lambda: THREE[0], "Square brackets pick an entry, but this is a whole number"),
    "size[0]": (lambda: X.size[0], "Square brackets pick an entry, but this is a function"),
    "shape(0)": (lambda: X.shape(0), "Round brackets behind a name call a function, but this is a shape"),
    "2(x)": (lambda: THREE(X), "Round brackets behind a name call a function, but this is a whole number"),
    "loop over an int": (lambda: list(3), "Several entries are needed here"),
    "length of an int": (lambda: len(3), "Several entries are needed here"),
    "unpack an int": (lambda: two(*[row for row, col in [3]]), "Several entries are needed here"),
    "unpack three": (lambda: [row for row, col in [(1, 2, 3)]], "There are 2 names left of the ="),
    "unpack one": (lambda: [row for row, col in [(1,)]], "but only 1 on its right"),
    "int + text": (lambda: 1 + "a", "+ does not work between a whole number and text"),
    "text + int": (lambda: "a" + 1, "Text and numbers cannot be added"),
    "unknown name": (lambda: kernal, "Python knows nothing called kernal. Is it spelled"),  # noqa: F821
    "true": (lambda: true, "Is True meant?"),  # noqa: F821
    "not imported": (lambda: plt, "was that cell run?"),  # noqa: F821
    "unbound name": (unbound, "total is read before it has a value"),
    "torch.convolve": (lambda: torch.convolve, "torch has nothing called convolve"),
    "tensor.astype": (lambda: X.astype(float), "That is NumPy's word: here, to does something like it"),
    "tensor.copy": (lambda: X.copy(), "That is NumPy's word: here, clone does something like it"),
    "array.unsqueeze": (lambda: X.numpy().unsqueeze(0), "That is PyTorch's word: here, reshape does something"),
    "array.clone": (lambda: X.numpy().clone(), "That is PyTorch's word: here, copy does something like it"),
    "tensor.shapes": (lambda: X.shapes, "Do you mean shape?"),
    "tensor.brightness": (lambda: X.brightness, "Is it spelled right"),
    "library": (lambda: __import__("torchvison"), "The library torchvison is not there"),
    "name of a library": (lambda: exec("from torch import conv9"), "torch has nothing called conv9"),
    "conv2d of an image": (lambda: F.conv2d(X, X), "and yours is (4, 4)"),
    "conv2d with a kernel": (lambda: F.conv2d(IMAGES, X), "What is the shape of your kernel?"),
    "conv2d with three axes": (lambda: F.conv2d(IMAGES, X[None]), "What is the shape of your kernel?"),
    "conv2d channels": (lambda: F.conv2d(torch.ones(1, 3, 4, 4), KERNELS), "for 1 input channels"),
    "conv2d bias": (lambda: F.conv2d(IMAGES, KERNELS, torch.ones(2)), "one bias for each of its 1 kernels"),
    "conv2d size": (lambda: F.conv2d(IMAGES, torch.ones(1, 1, 5, 5)), "The kernel (5 x 5) is larger than"),
    "pool size": (lambda: F.avg_pool2d(torch.ones(1, 1, 2, 2), 3), "The window is larger than the picture"),
    "reflect": (lambda: F.pad(X, (1, 1, 1, 1), mode="reflect"), "does not work for a tensor with 2 axes"),
    "long and float": (
        lambda: F.conv2d(IMAGES.long(), KERNELS),
        "Whole numbers and numbers with a decimal point",
    ),
    "double and float": (lambda: F.conv2d(IMAGES.double(), KERNELS), "What is the dtype of each of the two?"),
    "long @ float": (lambda: X.long() @ X, "What is the dtype of each of the two?"),
    "add floats to longs": (lambda: X.long().add_(1.5), "What is the dtype of each of the two?"),
    "mean of longs": (lambda: X.long().mean(), "holds whole numbers or True and False"),
    "std of longs": (lambda: X.long().std(), "holds whole numbers or True and False"),
    "gradient of longs": (lambda: torch.tensor([1], requires_grad=True), "holds whole numbers or True and False"),
    "bool − bool": (lambda: (X > 1) - (X > 2), "True and False cannot be subtracted"),
    "leaf": (lambda: leaf().add_(1), "changed in place while the recording runs"),
    "view of a leaf": (lambda: store(leaf(), 0, 1.0), "changed in place while the recording runs"),
    "numpy of gradients": (lambda: leaf().numpy(), "NumPy cannot do that"),
    "no gradients": (lambda: torch.ones(3).sum().backward(), "nothing on the way to this number keeps track"),
    "backward of many": (lambda: (leaf() * 2).backward(), "starts from one single number"),
    "backward twice": (lambda: [loss.backward() for loss in [(leaf() ** 2).sum()] * 2], "twice for one calculation"),
    "recursion": (lambda: recurse(1), "calls itself again and again"),
    "1 / 0": (lambda: 1 / 0, "divided by 0"),
    "1 % 0": (lambda: 1 % 0, "divided by 0"),
    "tensor // 0": (lambda: torch.arange(3) // 0, "divided by 0"),
    "key": (lambda: {}["sobel"], "The dict has no entry 'sobel'"),
    "file": (lambda: Path("no_such_picture.png").read_bytes(), "There is no file no_such_picture.png"),
    "memory": (lambda: np.ones(10**15), "more memory than there is"),
    "memory, torch": (lambda: torch.ones(10**15), "more memory than there is"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_real_error_is_told_in_words(name):
    provoke, words = ERRORS[name]
    with pytest.raises(Exception) as caught:
        provoke()
    told = in_words(type(caught.value).__name__, str(caught.value)[:500], "return a @ b")
    assert told is not None, str(caught.value)
    assert words in told
    assert told.endswith("?")
    assert "{" not in told and len(told.split()) <= 60


def test_what_is_not_known_is_left_to_python():
    assert in_words("ValueError", "the flux capacitor is cold") is None
    assert in_words("AssertionError", "") is None
    assert in_words("KeyError", "a{b}", "x[{}]") == "The dict has no entry a{b}. Which keys does it have?"


def test_words_of_the_learner_are_taken_literally():
    told = in_words("NameError", "name 'product' is not defined", "")
    assert told.startswith("Python knows nothing called product.")


def test_the_line_tells_a_matrix_product():
    message = "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"
    assert "@ is the matrix product" in in_words("RuntimeError", message, "a @ b")
    assert "@" not in in_words("RuntimeError", message, "torch.mm(a, b)")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(x):\n\u00a0\u00a0\u00a0\u00a0return x", "character 1 of line 2 is a no-break space"),
        ("def f(x):\n    return\u00a0x", "character 11 of line 2 is a no-break space"),
        ("x = 1\na\u200b = 1", "character 2 of line 2 is a zero-width space"),
        ("x = “a”", "a curly quotation mark"),
        ("a − 1", "is a minus sign of printed text; Python wants the hyphen, - (U+2212)"),
        ("a × b", "is a times sign"),
        ("def f(x)\n    return x", "in line 1, a colon is missing"),
        ("for i in range(3)\n    pass", "in line 1, a colon is missing"),
        ("def f(x):\nreturn x", "in line 2, nothing is indented below the function definition of line 1"),
        ("if True:\n", "nothing is indented below the 'if' statement of line 1"),
        ("x = 1\n  y = 2", "in line 2, the line is indented further"),
        ("def f():\n    x = 1\n  return x", "in line 3, the line starts neither"),
        ("def f():\n\tx = 1\n        y = 2", "tabs and spaces are mixed"),
        ("x = (1", "the bracket ( is opened and never closed"),
        ("x = 1)", "the bracket ) closes something that was never opened"),
        ("f(1]", "the bracket ( is closed by ]"),
        ("x = 'abc", "a text in quotes is opened and never closed"),
        ("if x = 1:\n    pass", "a single = stands where something is compared"),
        ("x = [1 2]", "Is a comma or a * missing?"),
        ("return 3", "return stands outside of a function"),
        ("break", "break stands outside of a loop"),
        ("continue", "continue stands outside of a loop"),
        ("print 3", "print needs round brackets"),
        ("x = 3x", "a number is written in a way"),
        ("f(a=1, 2)", "a value without a name"),
        ("x = 1\nx = 1 +", "Python does not understand line 2 (“x = 1 +”)"),
        ("def f(:\n    pass", "Python does not understand line 1 (“def f(:”). Is a bracket"),
        ("x\0 = 1", "a null byte"),
    ],
)
def test_why_a_cell_cannot_run(source, words):
    told = cell_problem(source)
    assert told.startswith("This cell cannot run: ")
    assert words in told
    with pytest.raises((SyntaxError, ValueError)):
        compile(source, "<cell>", "exec")


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "",
        "%matplotlib inline\nx = 1",
        "!ls\nfiles = !ls",
        "x?\n??x",
        "%%time\nx = 1",
        "await x",
        "    x = 1\n    y = 2",  # IPython takes a cell that is indented as a whole
        'x = "1\u00a02"  # a no-break space in a text is fine',
        "'\\d'",
        "raise ValueError",
    ],
)
def test_what_runs_has_no_problem(source):
    assert cell_problem(source) is None


def test_deep_nesting_is_a_problem_and_no_crash():
    assert cell_problem("(" * 1000 + ")" * 1000).startswith("This cell cannot run")
