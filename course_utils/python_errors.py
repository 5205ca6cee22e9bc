"""Errors of Python, PyTorch and NumPy in words for somebody who has never met a tensor.

To add one: a pattern of the message and a sentence or two that say what happened and end in what to look at. {names}
are the pattern's groups. The first pattern that fits is told; tests/test_python_errors.py provokes each real error.
"""

from __future__ import annotations

import ast
import difflib
import re
import warnings

import numpy as np
import torch
from IPython.core.inputtransformer2 import TransformerManager

# Python's type names as a person says them, in "is …"
KINDS = {
    "NoneType": "None",
    "tuple": "a tuple",
    "list": "a list",
    "dict": "a dict",
    "set": "a set",
    "int": "a whole number",
    "float": "a number",
    "bool": "True or False",
    "str": "text",
    "function": "a function",
    "builtin_function_or_method": "a function",
    "method": "a function",
    "Tensor": "a tensor",
    "torch.Size": "a shape",
    "numpy.ndarray": "a NumPy array",
    "ndarray": "a NumPy array",
    "Image": "a picture of PIL's",
    "generator": "a generator",
    "range": "a range",
    "module": "a module",
}

# How NumPy's and Python's names are called in PyTorch, and the other way round.
IN_TORCH = {"astype": "to", "copy": "clone", "add": "stack", "append": "cat", "transpose": "permute"}
IN_NUMPY = {
    "unsqueeze": "reshape",
    "clone": "copy",
    "permute": "transpose",
    "numel": "size",
    "view": "reshape",
    "float": "astype",
    "long": "astype",
    "int": "astype",
    "to": "astype",
    "item": "item",
    "detach": "copy",
}

NONE = (
    "Something here is None, Python's word for “nothing”. Which step, or which of your functions, gives nothing back?"
)
NOT_WHOLE = (
    "A whole number is needed here, to count or to point at a place, and a number with a decimal point came. "
    "A division by / always gives one, even 4 / 2: where does yours come from?"
)
FLOATS_AND_INTS = (
    "Whole numbers and numbers with a decimal point (PyTorch calls them Long and Float, or Double where they are extra "
    "precise) are mixed in a step that wants one kind only. What is the dtype of each of the two?"
)
GRADIENT_NUMPY = (
    "This tensor keeps track of gradients, and NumPy cannot do that. Which tensor is it, and are its gradients still "
    "needed when you take out the numbers?"
)
TUPLE = r"'(?:tuple|list|torch\.return_types\.\w+)'"  # the last is what max, min, sort … give of an axis
ONE_NUMBER = (
    "One single number is needed here, but this tensor or array holds several. Which one of them is meant, or should "
    "they be summed up first?"
)
TRUTH = (
    "A question such as x > 1 was asked of a whole tensor or array: there is one answer for each number, and if, and, "
    "not or while can use only one. Do you mean all of them, any of them, or one place?"
)
TOO_MANY_INDICES = (
    "There are more indices in the square brackets than there are axes: this {kind} has {axes}. "
    "What is its shape at this place?"
)
RAGGED = (
    "The rows are not equally long, or hold something else than plain numbers, so they do not fill a rectangle. "
    "How long is each of them?"
)

# Pattern of "Type: message" → sentences.
SENTENCES: tuple[tuple[str, str], ...] = (
    # Sizes
    (
        r"The size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\) at non-singleton dim\w* "
        r"(?P<axis>\d+)",
        "Two tensors of different sizes meet number by number: along axis {axis} (counted from 0) one has {a} entries "
        "and the other {b}. What is the shape of each, and which did you expect?",
    ),
    (
        r"operands could not be broadcast together with shapes (?P<shapes>\([\d,() ]*\))",
        "Two NumPy arrays of different sizes meet number by number: their shapes are {shapes}. Which shape did you "
        "expect of each?",
    ),
    (
        r"The expanded size of the tensor \((?P<room>\d+)\) must match the existing size \((?P<given>\d+)\).*"
        r"Target sizes: \[(?P<target>[\d, ]*)\]\.\s+Tensor sizes: \[(?P<source>[\d, ]*)\]",
        "A tensor of shape ({source}) is to fill a place of shape ({target}), and does not fit. Which of the two is "
        "not as you expected?",
    ),
    (
        r"could not broadcast input array from shape (?P<source>\([\d,]*\)) into shape (?P<target>\([\d,]*\))",
        "An array of shape {source} is to fill a place of shape {target}, and does not fit. Which of the two is not as "
        "you expected?",
    ),
    (
        r"expand\(.*\{\[(?P<source>[\d, ]+)\]\}, size=\[\]\)",
        "One single place is to be filled, but what you write there is a tensor of shape ({source}). Which number "
        "belongs there, or should the tensor's numbers be summed up first?",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((?P<a>\d+x\d+) and (?P<b>\d+x\d+)\)",
        "A matrix product needs as many columns on the left as there are rows on the right; yours are {a} and {b}. "
        "{product}",
    ),
    (
        r"matmul: .*mismatch.*\(size (?P<b>\d+) is different from (?P<a>\d+)\)|"
        r"shapes .* not aligned: (?P<a2>\d+) \(dim \d+\) != (?P<b2>\d+)|"
        r"size mismatch, got input|Expected size for first two dimensions of batch2|inconsistent tensor size",
        "The two sides of a matrix product do not fit: it needs as many columns on the left as there are rows on the "
        "right. {product}",
    ),
    (
        r"stack expects each tensor to be equal size, but got \[(?P<a>[\d, ]*)\] at entry 0 and \[(?P<b>[\d, ]*)\] at "
        r"entry (?P<i>\d+)",
        "Only tensors of one shape can be stacked: number 0 has shape ({a}), number {i} has ({b}). Which of the two is "
        "not as you expected?",
    ),
    (
        r"Sizes of tensors must match except in dimension|Tensors must have same number of dimensions",
        "These tensors cannot be joined: apart from the axis along which they are joined, their shapes must be the "
        "same. What is the shape of each?",
    ),
    (
        r"shape '\[(?P<shape>[-\d, ]+)\]' is invalid for input of size (?P<n>\d+)",
        "{n} numbers cannot be laid out in the shape ({shape}): multiply its entries and compare. Which of the two is "
        "not as you expected?",
    ),
    (
        r"cannot reshape array of size (?P<n>\d+) into shape (?P<shape>\([-\d,]+\))",
        "{n} numbers cannot be laid out in the shape {shape}: multiply its entries and compare. Which of the two is "
        "not as you expected?",
    ),
    (
        r"expected sequence of length (?P<a>\d+) at dim \d+ \(got (?P<b>\d+)\)",
        "The rows are not equally long: one has {a} entries, another {b}. Where do the two get their lengths?",
    ),
    (r"setting an array element with a sequence\. The requested array has an inhomogeneous shape", RAGGED),
    (
        r"setting an array element with a sequence",
        "One single place is to be filled, but what you write there holds several numbers. Which one belongs there, or "
        "should they be summed up first?",
    ),
    (
        r"1D tensors expected|self must be a matrix|mat2 must be a matrix|vector \+ matrix",
        "This product is made for vectors or for matrices, and got something with more or fewer axes. What is the "
        "shape of each side?",
    ),
    (
        r"view size is not compatible",
        "view needs the numbers to lie in memory in the order in which they are read, and after a transpose or a slice "
        "they do not. Is there another way to give them a shape?",
    ),
    (
        r"does not match the length of the desired ordering of dim|axes don't match array",
        "To reorder axes, each of them must be named exactly once. How many axes are there, and how many do you name?",
    ),
    # Positions
    (
        r"step must be (?:greater than zero|positive)",
        "PyTorch cannot step backwards through a tensor: a slice such as [::-1] works for lists and NumPy arrays only. "
        "Which function turns a tensor round?",
    ),
    (
        r"index (?P<i>-?\d+) is out of bounds for (?:dimension|axis) (?P<axis>\d+) with size (?P<n>\d+)",
        "Index {i} points outside: along axis {axis} (counted from 0) there are {n} entries, and counting starts at 0. "
        "At which position do your loop or your slice begin, and at which do they end?",
    ),
    (
        r"linalg.lstsq: input.size\(-2\) should match other.size\(-2\)",
        "The two parts of this least-squares problem do not fit: there must be as many rows in the matrix as there are "
        "numbers on the right-hand side, one for each equation. What are both shapes, and does one of them lie on its "
        "side?",
    ),
    (
        r"tuple index out of range",
        "The index points outside of a tuple, which is most often a shape: a tensor has fewer axes than are "
        "expected. How many axes has yours at this line, and how many does the function that is called there want?",
    ),
    (
        r"list(?: assignment)? index out of range",
        "The index points outside of the list: counting starts at 0, so the last index is one less than the "
        "length. How long is it here, and which index do you ask for?",
    ),
    (r"too many indices for tensor of dimension (?P<axes>\d+)", TOO_MANY_INDICES.replace("{kind}", "tensor")),
    (r"too many indices for array: array is (?P<axes>\d+)-dim", TOO_MANY_INDICES.replace("{kind}", "array")),
    (
        r"invalid index of a 0-dim tensor|(?:len\(\) of|iteration over) a 0-d tensor",
        "This tensor is one single number without any axis, so there is nothing to pick from it or to count in it. "
        "Which step made one number of it?",
    ),
    (
        r"Dimension out of range \(expected to be in range of \[.*\], but got (?P<axis>-?\d+)\)|"
        r"axis (?P<axis2>-?\d+) is out of bounds for array",
        "There is no axis {axis} here: axes are counted from 0, and the tensor or array has fewer than that. "
        "What is its shape at this place?",
    ),
    (
        r"only integer tensors of a single element can be converted to an index|"
        r"only integer scalar arrays can be converted to a scalar index|"
        r"'(?P<kind>tuple|list|Tensor|numpy.ndarray)' object cannot be interpreted as an integer",
        "One single whole number is needed here, to count or to point at a place, and something else came: several "
        "numbers at once, or one with a decimal point. What does it hold, and which entry do you mean?",
    ),
    (
        r"'float' object cannot be interpreted as an integer|\(got float\)|must be integers or slices, not float|"
        r"tensors used as indices must be|must be tuple of ints, ?but got float",
        NOT_WHOLE,
    ),
    (
        r"slice indices must be integers|only integers, slices",
        "Only whole numbers and slices can stand in square brackets, and something else came: often a number with a "
        "decimal point, which each division by / gives, even 4 / 2. What is the index here?",
    ),
    (
        r"list indices must be integers or slices, not tuple",
        "A list knows one index only; [row, column] is for tensors and arrays. How do you get at a row of a list of "
        "lists, and then at an entry of that row?",
    ),
    (
        r"range\(\) arg 3 must not be zero",
        "The step of a range is 0, so it would never move on. Where does the step get its number?",
    ),
    (
        r"[Dd]imension size must be non-negative|negative dimensions are not allowed|Trying to create tensor with "
        r"negative dimension",
        "A size is negative: nothing can have fewer than 0 rows or columns. What is subtracted from what to get it?",
    ),
    # One number, yes or no
    (
        r"Boolean value of Tensor with (?:more than one|no) value|truth value of an (?:array with more|empty array)",
        TRUTH,
    ),
    (
        r"only one element tensors can be converted|only (?:0-dimensional|length-1|size-1) arrays can be converted|"
        r"a Tensor with \d+ elements cannot be converted to Scalar",
        ONE_NUMBER,
    ),
    # Kinds of things
    (
        r"^AttributeError: 'NoneType'|'NoneType' object|'NoneType' and|and 'NoneType'|not NoneType|got NoneType|"
        r"dtype of NoneType|not \"NoneType\"",
        NONE,
    ),
    (
        rf"can't multiply sequence by non-int|unsupported operand type\(s\) for \S+ {TUPLE}|"
        rf"unsupported operand type\(s\) for .* and {TUPLE}|can only concatenate (?:tuple|list)|"
        rf"not supported between instances of {TUPLE}|not supported between .* and {TUPLE}|"
        r"'torch\.return_types\.\w+' object has no attribute",
        "You cannot calculate with a whole tuple or list, only with the numbers in it. A shape is such a tuple, "
        "(rows, columns), and so is what max gives with dim=, (values, places): which of its entries do you need?",
    ),
    (
        r"'(?P<kind>tuple|list|int|float|bool)' object has no attribute '(?P<name>\w+)'",
        "{name} was asked of {kind}, which has nothing called that. Is a tensor meant here, and where did {kind} come "
        "in?",
    ),
    (
        r"'(?P<kind>tuple|torch.Size|str)' object does not support item assignment",
        "This is {kind}, and its entries cannot be changed. Should it be a list or a tensor, or do you want a new one?",
    ),
    (
        r"(?P<what>\w+)\(\): argument '\w+' \(position \d+\) must be Tensor, not (?P<kind>[\w.]+)",
        "{what} wants a tensor, and got {kind}. Where does it come from?",
    ),
    (
        r"(?P<what>\w+)\(\): argument '\w+' \(position \d+\) must be tuple of Tensors, not (?P<kind>[\w.]+)",
        "{what} wants several tensors in a list or tuple, and got {kind}. What belongs into the list?",
    ),
    (
        r"expected Tensor as element (?P<i>\d+) in argument \d+, but got (?P<kind>[\w.]+)",
        "A list of tensors is wanted, but its entry {i} is {kind}. What do you put into the list?",
    ),
    (
        r"(?P<what>\w+)\(\) received an invalid combination of arguments - got \((?P<got>[^()]*)\)",
        "{what} cannot do anything with what is in its round brackets: the kinds are ({got}). Which of them should be "
        "a tensor, and which a plain number?",
    ),
    (
        r"(?P<what>\w+)\.__init__\(\) takes 1 positional argument but \d+ were given",
        "{what} is a class: it makes a tool, and what the tool is to work on comes in a second pair of round brackets. "
        "What belongs into the first, and what into the second?",
    ),
    (
        r"expected np.ndarray \(got (?P<kind>\w+)\)",
        "from_numpy wants a NumPy array, and got {kind}. What makes an array of a picture or a list first?",
    ),
    (
        r"pic should be (?:PIL Image or ndarray|Tensor or ndarray)\. Got <class '(?P<kind>[\w.]+)'>",
        "A picture is wanted here, and {kind} came. A file's name is no picture yet: what opens the file?",
    ),
    (
        r"\b(?P<what>\w+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (?P<names>.+)",
        "{what} was called without {names}. Which values does it need, and which did you put into its round brackets?",
    ),
    (
        # what torch says of fractions for sides: torch.zeros(2.0, 3.0)
        r"\b(?:zeros|ones|empty|rand|randn)\(\)(?: takes 1 positional argument but \d were given"
        r"|: argument 'size' .*float)",
        NOT_WHOLE,
    ),
    (
        r"\b(?P<what>\w+)\(\) takes (?:from \d+ to )?(?P<n>\d+|no) (?:positional )?arguments? but (?P<m>\d+) "
        r"(?:was|were) given",
        "{what} was called with {m} values, and takes {n}. Which of those in the round brackets belong there?",
    ),
    (
        r"\b(?P<what>\w+)\(\) got an unexpected keyword argument '(?P<name>\w+)'",
        "{what} has no argument called {name}. What are its arguments called where it is defined?",
    ),
    (
        r"\b(?P<what>\w+)\(\) got multiple values for argument '(?P<name>\w+)'",
        "{what} got two values for {name}: one by its place and one by its name. Which of the two is meant?",
    ),
    (
        r"'(?P<kind>[\w.]+)' object is not subscriptable",
        "Square brackets pick an entry, but this is {kind}, which has none. Are round brackets meant, or another "
        "variable?",
    ),
    (
        r"'(?P<kind>[\w.]+)' object is not callable",
        "Round brackets behind a name call a function, but this is {kind}. Are square brackets meant, is a * missing, "
        "or was the name of a function used for something else?",
    ),
    (
        r"'(?P<kind>[\w.]+)' object is not iterable|object of type '(?P<kind2>[\w.]+)' has no len\(\)|"
        r"cannot unpack non-iterable (?P<kind3>\w+) object",
        "Several entries are needed here, to loop over, to count or to unpack, but this is {kind}. "
        "Is a range missing, or is another variable meant?",
    ),
    (
        r"too many values to unpack \(expected (?P<n>\d+)",
        "There are {n} names left of the =, but more values on its right. How many entries does the right-hand side "
        "have, and is it a shape with more axes than you expected?",
    ),
    (
        r"not enough values to unpack \(expected (?:at least )?(?P<n>\d+), got (?P<m>\d+)\)",
        "There are {n} names left of the =, but only {m} on its right. How many entries does the right-hand side have, "
        "and is it a shape with fewer axes than you expected?",
    ),
    (
        r"unsupported operand type\(s\) for \^=?: |bitwise_xor.* not (?:supported|implemented)",
        "In Python the sign ^ is no power. Which sign stands for “to the power of”?",
    ),
    (
        r"unsupported operand type\(s\) for (?P<op>\S+): '(?P<kind>[\w.]+)' and '(?P<kind2>[\w.]+)'",
        "{op} does not work between {kind} and {kind2}. Which of the two is not what you expected?",
    ),
    (
        r"can only concatenate str",
        "Text and numbers cannot be added. Which of the two is text, and should it be?",
    ),
    # Names
    (
        r"^NameError: name '(?P<name>\w+)' is not defined",
        "Python knows nothing called {name}. {where}",
    ),
    (
        r"^UnboundLocalError: .*?variable '(?P<name>\w+)'",
        "{name} is read before it has a value in this function. Where should it get its first value: before the loop, "
        "or in a branch that was not taken?",
    ),
    (
        r"^AttributeError: module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'",
        "{module} has nothing called {name}. Is it spelled differently, or does it live in another library?",
    ),
    (
        r"'Tensor' object has no attribute '(?P<torch>\w+)'",
        "A tensor has nothing called {torch}. {instead}",
    ),
    (
        r"'numpy\.ndarray' object has no attribute '(?P<numpy>\w+)'",
        "A NumPy array has nothing called {numpy}. {instead}",
    ),
    (
        r"^ModuleNotFoundError: No module named '(?P<name>[\w.]+)'",
        "The library {name} is not there. Is its name spelled right, and does this exercise need it?",
    ),
    (
        r"^ImportError: cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
        "{module} has nothing called {name}. Is it spelled differently, or does it live in another library?",
    ),
    (
        r"torch\.nn\.modules\.\w+\.(?P<name>\w+) is not a Module subclass",
        "nn.{name} is the class; a layer of it is made by calling it, nn.{name}(). Where are its parentheses missing?",
    ),
    (
        r"torch\.(?:nn\.functional|_VariableFunctionsClass)\.(?P<name>\w+) is not a Module subclass",
        "{name} is a function; nn.Sequential takes layers. Which layer of nn does the same?",
    ),
    (
        r"Expected reduction dim to be specified for input\.numel\(\) == 0",
        "Nothing is left to take the largest or smallest of: a slice before it is empty. Along which axis does it cut, "
        "and how long is that axis?",
    ),
    (
        r"kernel_size should have odd and positive integers",
        "The side of that blur's kernel must be odd, so that it has a middle. Of the numbers that you gave, which is "
        "the side and which the spread?",
    ),
    # Convolution
    (
        r"Expected 3D \(unbatched\) or 4D \(batched\) input to conv2d, but got input of size: \[(?P<size>[\d, ]*)\]",
        "F.conv2d wants pictures of shape (pictures, channels, rows, columns), and yours is ({size}). Which axes are "
        "missing, or too many?",
    ),
    (
        r"expected stride to be a single integer value or a list of \d+ values? to match|"
        r"weight should have at least three dimensions",
        "F.conv2d counts axes: its kernels have shape (kernels, channels, rows, columns), and its pictures (pictures, "
        "channels, rows, columns). What is the shape of your kernel?",
    ),
    (
        r"Given groups=\d+, weight of size \[(?P<weight>[\d, ]+)\], expected input\[(?P<size>[\d, ]+)\] to have "
        r"(?P<want>\d+) channels, but got (?P<got>\d+) channels",
        "The kernels of shape ({weight}) are made for {want} input channels, but the picture of shape ({size}) has "
        "{got}. Which axis counts the channels in each of the two?",
    ),
    (
        r"Given weight of size \[(?P<weight>[\d, ]+)\], expected bias to be 1-dimensional with (?P<n>\d+) elements?, "
        r"but got bias of size \[(?P<size>[\d, ]*)\]",
        "F.conv2d wants one bias for each of its {n} kernels, and got shape ({size}). Which argument stands in third "
        "place?",
    ),
    (
        r"input size per channel: \((?P<size>[\dx -]+)\)\. Kernel size: \((?P<kernel>[\dx -]+)\)\. "
        r"Kernel size can't be greater",
        "The kernel ({kernel}) is larger than the picture ({size}), border included, so it fits nowhere. Are the two "
        "swapped, or do the axes stand in another order?",
    ),
    (
        r"Output size is too small",
        "The window is larger than the picture, so nothing would be left. What are the sizes of the two, and is "
        "a channel axis taken for rows?",
    ),
    (
        r"Padding size (?P<n>\d+) is not supported for (?P<axes>\d+)D input",
        "This kind of padding does not work for a tensor with {axes} axes: all but zeros wants a channel axis in "
        "front. What is the tensor's shape?",
    ),
    # Numbers and gradients
    (
        r"expected scalar type|to have the same dtype|to have same dtype|Input type .* and (?:weight|bias) type|"
        r"should be the same$|result type \w+ can't be cast to the desired output type",
        FLOATS_AND_INTS,
    ),
    (
        r"could not infer output dtype|must be either a floating point|only support floating point|"
        r"Only Tensors of floating point",
        "This works for numbers with a decimal point (floats) only, and the tensor holds whole numbers or True and "
        "False. What is its dtype, and where did it get it?",
    ),
    (
        r"the `-` operator, with (?:a|two) bool tensors?",
        "True and False cannot be subtracted. Which of the two is a comparison's result, and are numbers meant?",
    ),
    (
        r"leaf Variable that requires grad is being used in an in-place operation",
        "This tensor's gradients are being recorded, and it is changed in place while the recording runs. Is the "
        "change a step of your calculation, or one that should not be recorded?",
    ),
    (r"Can't call numpy\(\) on Tensor that requires grad", GRADIENT_NUMPY),
    (
        r"element 0 of tensors does not require grad",
        "backward was called, but nothing on the way to this number keeps track of gradients. Which tensor should, and "
        "was it told so before the calculation?",
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        "backward starts from one single number, the loss, and this tensor holds several. How do they become one?",
    ),
    (
        r"Trying to backward through the graph a second time",
        "backward was called twice for one calculation, which is forgotten after the first time. Should the "
        "calculation be done anew in each step?",
    ),
    # Python
    (
        r"^RecursionError",
        "A function calls itself again and again without end, or two call each other. Does it use its own name where "
        "another function is meant, or is there no case in which it stops?",
    ),
    (
        r"^NotImplementedError: ?$",
        "The line “raise NotImplementedError”, which kept the place of your answer, still stands in your function and "
        "stops it there. Is it still needed?",
    ),
    (
        r"cannot assign (?:module|parameters?) before Module\.__init__\(\) call",
        "A class of layers has to be set up before it can hold any. Does its __init__ begin with super().__init__()?",
    ),
    (
        r"(?P<kind>[\w.]+) is not a Module subclass",
        "A network was given {kind} where it takes layers. Were the layers to be handed over one by one, with a * "
        "before the list?",
    ),
    (
        r"type (?P<kind>\w+) doesn't define __(?P<name>\w+)__ method",
        "Python's {name} does not take {kind}. Which method of a tensor does the same, or should it become a number "
        "first?",
    ),
    (
        r"can't assign a torch\.return_types\.(?P<name>\w+) to a torch",
        "{name} along an axis gives two things, the values and their places, and both were put where one fits. Which "
        "of them is meant?",
    ),
    (
        r"can't convert np\.ndarray of type numpy\.(?:str_|object_)",
        "This array holds text, or a mixture, and no numbers. Is it the name of a file instead of what is in it, or "
        "are its rows not equally long?",
    ),
    (
        r"output with shape \[(?P<one>[\d, ]*)\] doesn't match the broadcast shape \[(?P<other>[\d, ]*)\]",
        "A result of shape ({other}) was to be added where only shape ({one}) fits. Does something still have to be "
        "summed first?",
    ),
    (
        r"ZeroDivisionError",
        "Something is divided by 0. What stands behind the / , // or %, and in which case is it 0?",
    ),
    (
        r"^KeyError: (?P<name>.+)",
        "The dict has no entry {name}. Which keys does it have?",
    ),
    (
        r"^FileNotFoundError.*: '(?P<name>[^']+)'",
        "There is no file {name}. Is its name spelled right, and in which folder does the notebook look?",
    ),
    (
        r"^MemoryError|can't allocate memory|Unable to allocate",
        "This would take more memory than there is. Which shape grew so large, and did you expect it?",
    ),
)

# Names that the first cell of a lesson imports, and constants of Python that other languages write differently.
IMPORTED = {"torch", "torchvision", "np", "F", "nn", "plt", "Image"}
CONSTANTS = {"true": "True", "false": "False", "none": "None", "null": "None"}


def in_words(error_type: str, message: str, line: str = "") -> str | None:
    """An error in one or two sentences that end in what to look at; None where none of ours fits.

    `line` is the line of the learner's code that raised it, where it is known.
    """
    text = f"{error_type}: {message}"[:2000]
    for pattern, sentences in SENTENCES:
        found = re.search(pattern, text, re.DOTALL)
        if found:
            return sentences.format_map(_words(found.groupdict(), line))
    return None


def _words(groups: dict[str, str | None], line: str) -> dict[str, str]:
    """The groups of a pattern, kinds in words; of alternatives such as kind and kind2, the one that was found."""
    words: dict[str, str] = {}
    for key, value in groups.items():
        if value is not None:
            words.setdefault(key, value)
            words.setdefault(key.rstrip("23"), value)
    for key in words:
        if key.startswith("kind"):
            words[key] = KINDS.get(words[key], f"a {words[key]}")
    words["product"] = _product(line)
    words["where"] = _where(words.get("name", ""))
    words["instead"] = _instead(words)
    return words


def _product(line: str) -> str:
    if "@" in line:
        return "@ is the matrix product: is it meant here, or a product number by number?"
    return "Is a matrix product meant here, or a product number by number?"


def _where(name: str) -> str:
    if name in CONSTANTS:
        return f"Is {CONSTANTS[name]} meant?"
    if name in IMPORTED:
        return "It is imported in the first code cell of the notebook: was that cell run?"
    return "Is it spelled differently elsewhere, or was the cell that defines it not run yet?"


def _instead(words: dict[str, str]) -> str:
    """What a name of NumPy's is called in PyTorch, or the other way round, or which name is nearly the same."""
    ours: type
    other: type
    if "torch" in words:
        ours, other, library, twins = torch.Tensor, np.ndarray, "NumPy", IN_TORCH
    elif "numpy" in words:
        ours, other, library, twins = np.ndarray, torch.Tensor, "PyTorch", IN_NUMPY
    else:
        return ""
    name = words["torch"] if "torch" in words else words["numpy"]
    twin = twins.get(name)
    if hasattr(other, name):
        what = f": here, {twin} does something like it" if twin and hasattr(ours, twin) else ""
        return f"That is {library}'s word{what}. Which of the two libraries does your variable come from?"
    near = difflib.get_close_matches(name, [key for key in dir(ours) if not key.startswith("_")], n=1, cutoff=0.75)
    return f"Do you mean {near[0]}?" if near else "Is it spelled right, and is it something that every tensor has?"


INVISIBLE = {
    "\u00a0": "a no-break space (it looks like a space, and often comes with copied text)",
    "\u200b": "a zero-width space, which cannot be seen",
    "\ufeff": "a byte-order mark, which cannot be seen",
    "\u2007": "a figure space (it looks like a space)",
    "\u202f": "a narrow no-break space (it looks like a space)",
    "\u2003": "an em space (it looks like a space)",
    "\u2009": "a thin space (it looks like a space)",
    "\u3000": "an ideographic space (it looks like a space)",
    "\u2060": "a word joiner, which cannot be seen",
    "\u00ad": "a soft hyphen, which cannot be seen",
}
LOOKALIKES = {
    "“": 'a curly quotation mark; Python wants a straight one, "',
    "”": 'a curly quotation mark; Python wants a straight one, "',
    "„": 'a curly quotation mark; Python wants a straight one, "',
    "‘": "a curly quotation mark; Python wants a straight one, '",
    "’": "a curly quotation mark; Python wants a straight one, '",
    "−": "a minus sign of printed text; Python wants the hyphen, -",
    "–": "a dash; Python wants the hyphen, -",
    "×": "a times sign; Python wants a star, *",
    "·": "a times dot; Python wants a star, *",
    "÷": "a division sign; Python wants a slash, /",
    "…": "three dots in one character; Python wants three single ones",
    "²": "a raised 2; Python writes powers with two stars, **",
    "≤": "a sign that Python writes as two, <=",
    "≥": "a sign that Python writes as two, >=",
    "≠": "a sign that Python writes as two, !=",
}

SYNTAX: tuple[tuple[str, str], ...] = (
    (r"expected ':'", "a colon is missing at the end of the line that begins a block"),
    (
        r"expected an indented block after (?P<what>.+?) on line (?P<at>\d+)",
        "nothing is indented below the {what} of line {at}. What belongs inside it?",
    ),
    (r"unexpected indent", "the line is indented further than the one above it, for no reason. Does it belong there?"),
    (
        r"unindent does not match",
        "the line starts neither where the block above begins nor where one further out does. Are its spaces as many?",
    ),
    (r"inconsistent use of tabs", "tabs and spaces are mixed at the beginning of the line. Spaces alone will do"),
    (
        r"'(?P<bracket>[(\[{])' was never closed",
        "the bracket {bracket} is opened and never closed. Where should it end?",
    ),
    (r"unmatched '(?P<bracket>[)\]}])'", "the bracket {bracket} closes something that was never opened"),
    (
        r"closing parenthesis '(?P<a>.)' does not match opening parenthesis '(?P<b>.)'",
        "the bracket {b} is closed by {a}. Which of the two is meant?",
    ),
    (
        r"unterminated (?:triple-quoted )?(?:f-)?string|EOL while scanning",
        "a text in quotes is opened and never closed",
    ),
    (
        r"Maybe you meant '==' or ':='|cannot assign to .* here\. Maybe you meant '=='",
        "a single = stands where something is compared. One = gives a name a value: what does Python use to compare?",
    ),
    (r"cannot assign to", "what stands left of the = is not a name or a place that can get a value"),
    (
        r"[Pp]erhaps you forgot a comma|forgot a comma",
        "two things stand side by side with nothing between them. Is a comma or a * missing?",
    ),
    (r"'return' outside function", "return stands outside of a function. Is the line indented as far as the others?"),
    (
        r"'(?P<word>break|continue)' outside loop|'(?P<word2>continue)' not properly in loop",
        "{word} stands outside of a loop. Is the line indented far enough?",
    ),
    (
        r"invalid decimal literal|leading zeros",
        "a number is written in a way that Python does not know. Do letters or a * stand wrong beside it?",
    ),
    (r"Missing parentheses in call to 'print'", "print needs round brackets around what it prints"),
    (r"unexpected character after line continuation", "a backslash \\ stands in the middle of the line"),
    (
        r"positional argument follows keyword argument",
        "a value without a name stands behind one with a name, in a call",
    ),
    (r"unexpected EOF|was never closed", "the cell ends in the middle of something. Which bracket or block is open?"),
)


def cell_problem(source: str) -> str | None:
    """Why a cell's source cannot run, in one sentence with the line number; None where it can.

    Magics and commands for the shell, such as %matplotlib or !ls, are taken as IPython takes them.
    """
    try:
        python = TransformerManager().transform_cell(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which do not stop a cell
            compile(python, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return _syntax_in_words(error, source)
    return None


def _syntax_in_words(error: Exception, source: str) -> str:
    message = getattr(error, "msg", None) or str(error)
    number = getattr(error, "lineno", None) or 1
    lines = source.split("\n")
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if "\0" in source:
        return "This cell cannot run: it holds a character of no meaning (a null byte). Type the line anew."
    if re.search(r"invalid (?:non-printable )?character", message) or "indent" in message:
        named = INVISIBLE | (LOOKALIKES if "character" in message else {})
        wanted = re.search(r"character.*\(?U\+([0-9A-F]{4,6})", message)
        for at, sign in enumerate(line):
            if sign in named and (wanted is None or ord(sign) == int(wanted[1], 16)):
                code = f"U+{ord(sign):04X}"
                todo = "Delete it and type it anew" if sign in INVISIBLE else "Type it anew"
                return f"This cell cannot run: character {at + 1} of line {number} is {named[sign]} ({code}). {todo}."
    for pattern, words in SYNTAX:
        found = re.search(pattern, message)
        if found:
            groups = {key.rstrip("2"): value for key, value in found.groupdict().items() if value is not None}
            said = words.format_map(groups) if groups else words
            return f"This cell cannot run: in line {number}, {said}{'' if said.endswith('?') else '.'}"
    shown = f" (“{line.strip()[:60]}”)" if line.strip() else ""
    return (
        f"This cell cannot run: Python does not understand line {number}{shown}. "
        f"Is a bracket, a quotation mark or a colon missing there{' or in the line above' if number > 1 else ''}?"
    )
