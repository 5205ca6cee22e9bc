"""The broken bank: hand-ins as they come in from real classes, each by the function that breaks a perfect one.

`@broken` says what should become of it: the checks that earn nothing (all others earn full points), or that it cannot
be graded; and words that the instructor should read about it (none: nothing should be said).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

NAME = "sliding_regions.ipynb"
Files = dict[str, bytes]
EVERYTHING = frozenset({"everything"})
LAST = "same_either_way"  # no other answer uses it, so that breaking it costs its own points alone


@dataclass(frozen=True)
class Broken:
    """One kind of broken submission and its due."""

    name: str
    make: Callable[[NotebookNode], Files | NotebookNode]
    loses: frozenset[str]
    gradable: bool
    says: str


BANK: list[Broken] = []


def broken(loses: str = "", says: str = "", gradable: bool = True) -> Callable[[Callable], Callable]:
    """Add the decorated function to the bank. `loses`: names of checks, or "everything"."""

    def add(make: Callable[[NotebookNode], Files | NotebookNode]) -> Callable:
        BANK.append(Broken(make.__name__, make, frozenset(loses.split()), gradable, says))
        return make

    return add


def not_gradable(says: str) -> Callable[[Callable], Callable]:
    """Add the decorated function to the bank: what it makes cannot be graded, and `says` is in the reason."""
    return broken("everything", says, gradable=False)


def files_of(case: Broken, perfect: NotebookNode) -> Files:
    """What the student hands in; `perfect` is broken in the course of it."""
    made = case.make(perfect)
    return {NAME: text(made).encode()} if isinstance(made, NotebookNode) else made


def text(notebook: NotebookNode) -> str:
    return json.dumps(notebook, indent=1)


def cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(found for found in notebook.cells if found.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def insert_after(notebook: NotebookNode, grade_id: str, *cells: NotebookNode) -> None:
    at = notebook.cells.index(cell(notebook, grade_id)) + 1
    notebook.cells[at:at] = cells


def answer(notebook: NotebookNode, source: str, exercise: str = LAST) -> NotebookNode:
    """The notebook with another answer to one exercise."""
    cell(notebook, exercise.replace("_", "-")).source = source
    return notebook


def inside(notebook: NotebookNode, *lines: str) -> NotebookNode:
    """The notebook with a body that does `lines` when the last answer is called, after which it is right."""
    right = cell(notebook, "same-either-way").source
    body = "\n".join(f"    {line}" for line in lines)
    wrapped = f"{right}\n\n_right = same_either_way\n\ndef same_either_way(kernel):\n{body}\n    return _right(kernel)"
    return answer(notebook, wrapped)


# Files that are no notebook


@not_gradable("is cut off at its end")
def truncated(notebook: NotebookNode) -> Files:
    return {NAME: text(notebook)[:-3000].encode()}


@not_gradable("is empty")
def empty(notebook: NotebookNode) -> Files:
    return {NAME: b""}


@not_gradable("is empty")
def only_zero_bytes(notebook: NotebookNode) -> Files:  # what a full disk leaves
    return {NAME: bytes(4096)}


@not_gradable("is not a notebook (line 1 is no JSON)")
def a_web_page(notebook: NotebookNode) -> Files:
    return {NAME: b"<!DOCTYPE html><html><body>Please log in to download this file.</body></html>"}


@not_gradable("is not a notebook")
def json_that_is_a_list(notebook: NotebookNode) -> Files:
    return {NAME: b"[1, 2, 3]"}


@not_gradable("is not a notebook")
def json_that_is_settings(notebook: NotebookNode) -> Files:
    return {NAME: b'{"theme": "dark", "cells": 3, "nbformat": "new"}'}


@not_gradable("is not a notebook")
def json_nested_without_end(notebook: NotebookNode) -> Files:
    return {NAME: b"[" * 200_000}


@not_gradable("has no cells")
def cells_that_are_no_cells(notebook: NotebookNode) -> Files:
    return {NAME: json.dumps(dict(notebook) | {"cells": ["print(1)", None, 7]}).encode()}


@not_gradable("is in notebook format 5, newer than")
def a_format_of_the_future(notebook: NotebookNode) -> Files:
    return {NAME: json.dumps(dict(notebook) | {"nbformat": 5}).encode()}


@not_gradable("is not text in UTF-8")
def another_encoding(notebook: NotebookNode) -> Files:
    notebook.cells.append(new_markdown_cell("Größe, été"))
    return {NAME: json.dumps(notebook, ensure_ascii=False).encode("latin-1", "replace")}


@not_gradable("No notebook was handed in, but 'report.txt': ask for 'sliding_regions.ipynb'.")
def no_notebook(notebook: NotebookNode) -> Files:
    return {"report.txt": b"My solution is in the e-mail."}


@not_gradable("No notebook was handed in")
def nothing_but_a_checkpoint(notebook: NotebookNode) -> Files:
    return {f".ipynb_checkpoints/{NAME}": text(notebook).encode()}


@not_gradable("holds none of its exercises: ask for the right file")
def the_notebook_of_another_course(notebook: NotebookNode) -> Files:
    other = nbformat.v4.new_notebook(cells=[new_code_cell("1 + 1")])
    return {"homework.ipynb": text(other).encode()}


@not_gradable("keep the one to grade and delete the rest")
def several_versions(notebook: NotebookNode) -> Files:
    first = text(notebook).encode()
    return {"draft.ipynb": first, "final.ipynb": text(answer(notebook, "")).encode()}


# Files that are notebooks all the same


@broken(says="Graded 'sliding_regions (1).ipynb', the only notebook of this lesson.")
def renamed_by_the_browser(notebook: NotebookNode) -> Files:
    return {"sliding_regions (1).ipynb": text(notebook).encode()}


@broken(says="Graded 'ann/sliding_regions.ipynb', the only notebook of this lesson.")
def in_a_folder_of_its_own(notebook: NotebookNode) -> Files:
    return {f"ann/{NAME}": text(notebook).encode(), "readme.txt": b"see the folder"}


@broken(says="Graded 'src/sliding_regions.ipynb', the only notebook of this lesson.")
def in_a_folder_with_files_of_its_own(notebook: NotebookNode) -> Files:
    right = cell(notebook, "same-either-way").source
    answer(notebook, "assert open('note.txt').read() == 'mine'\nfrom mine import same_either_way")
    beside = {"src/mine.py": f"import torch\n{right}".encode(), "src/note.txt": b"mine", "note.txt": b"another"}
    return {f"src/{NAME}": text(notebook).encode(), **beside}


@broken(says="ignored 'old.ipynb', handed in beside it")
def with_another_notebook_beside_it(notebook: NotebookNode) -> Files:
    return {NAME: text(notebook).encode(), "old.ipynb": b"{}"}


@broken()
def byte_order_mark(notebook: NotebookNode) -> Files:
    return {NAME: text(notebook).encode("utf-8-sig")}


@broken()
def utf_16(notebook: NotebookNode) -> Files:
    return {NAME: text(notebook).encode("utf-16")}


@broken()
def nbformat_3(notebook: NotebookNode) -> Files:
    old = nbformat.convert(notebook, 3)
    return {NAME: json.dumps(old).encode()}


@broken()
def a_minor_format_of_the_future(notebook: NotebookNode) -> NotebookNode:
    notebook.nbformat_minor = 99
    notebook.metadata["from_the_future"] = {"rich": True}
    for found in notebook.cells:
        found["future_field"] = 1
    return notebook


@broken()
def lines_as_a_list_and_fields_left_out(notebook: NotebookNode) -> Files:
    raw = json.loads(text(notebook))
    for found in raw["cells"]:
        found["source"] = found["source"].splitlines(keepends=True)
        found.pop("id", None)
        found.pop("outputs", None)
        found.pop("execution_count", None)
    raw.pop("nbformat_minor")
    return {NAME: json.dumps(raw).encode()}


@broken()
def a_huge_output_in_the_file(notebook: NotebookNode) -> NotebookNode:
    flood = new_output("stream", name="stdout", text="very long\n" * 2_000_000)
    cell(notebook, "corr2d").outputs = [flood]
    return notebook


@broken()
def outputs_that_are_no_outputs(notebook: NotebookNode) -> Files:
    raw = json.loads(text(notebook))
    for found in raw["cells"]:
        if found["cell_type"] == "code":
            found |= {"outputs": ["?", {"output_type": "dream"}], "execution_count": "many"}
    return {NAME: json.dumps(raw).encode()}


# Cells in disorder


@broken()
def duplicate_cell_ids(notebook: NotebookNode) -> NotebookNode:
    for found in notebook.cells:
        found.id = "same"
    return notebook


@broken(says="The test 'check-corr2d' is there more than once; it is run once.")
def duplicate_grade_ids(notebook: NotebookNode) -> NotebookNode:
    insert_after(notebook, "check-corr2d", cell(notebook, "check-corr2d").copy())
    return notebook


@broken(says="'corr2d' is there more than once; what was graded is what Run All leaves before its check.")
def a_copy_of_an_answer_left_empty(notebook: NotebookNode) -> NotebookNode:
    copy = new_code_cell("", metadata=cell(notebook, "corr2d").metadata)
    insert_after(notebook, "corr2d", copy)
    return notebook


@broken(says="'corr2d' is there more than once; what was graded is what Run All leaves before its check.")
def an_empty_answer_before_its_copy(notebook: NotebookNode) -> NotebookNode:
    filled = cell(notebook, "corr2d")
    copy = new_code_cell(filled.source, metadata=filled.metadata)
    insert_after(notebook, "corr2d", copy)
    filled.source = ""
    return notebook


@broken(LAST)
def a_deleted_answer(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.remove(cell(notebook, "same-either-way"))
    return notebook


@broken(LAST)
def an_emptied_answer(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "")


@broken(says="The test 'check-corr2d' was missing; it is put back.")
def a_deleted_test(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.remove(cell(notebook, "check-corr2d"))
    return notebook


@broken()
def an_emptied_test(notebook: NotebookNode) -> NotebookNode:
    cell(notebook, "check-corr2d").source = ""
    return notebook


@broken()
def an_answer_turned_into_text(notebook: NotebookNode) -> NotebookNode:
    return _retyped(notebook, "corr2d", "markdown")


@broken()
def a_test_turned_into_text(notebook: NotebookNode) -> NotebookNode:
    return _retyped(notebook, "check-corr2d", "raw")


def _retyped(notebook: NotebookNode, grade_id: str, cell_type: str) -> NotebookNode:
    found = cell(notebook, grade_id)
    found.cell_type = cell_type
    found.pop("outputs", None)
    found.pop("execution_count", None)
    return notebook


@broken(says="was missing; it is put back")
def all_metadata_lost(notebook: NotebookNode) -> NotebookNode:  # Colab drops what it does not know, some editors all
    for found in notebook.cells:
        found.metadata = NotebookNode()
    return notebook


@broken()
def metadata_that_is_no_metadata(notebook: NotebookNode) -> Files:
    raw = json.loads(text(notebook))
    for found in raw["cells"][:4]:
        found["metadata"] = None
    raw["metadata"] = {"kernelspec": None, "language_info": 3, "nbgrader": []}
    return {NAME: json.dumps(raw).encode()}


@broken()
def nbgrader_metadata_of_nonsense(notebook: NotebookNode) -> NotebookNode:
    cell(notebook, "corr2d").metadata.nbgrader |= {"grade": "yes", "points": "many", "schema_version": 99}
    cell(notebook, "check-corr2d").metadata.nbgrader |= {"points": -5, "schema_version": 0, "locked": None}
    notebook.cells[1].metadata["nbgrader"] = {"grade": True, "points": 1000}
    notebook.cells[3].metadata["nbgrader"] = "none"
    return notebook


@broken()
def a_kernel_that_is_not_here(notebook: NotebookNode) -> NotebookNode:
    notebook.metadata["kernelspec"] = {"name": "my-conda-env", "display_name": "deep-learning", "language": "python"}
    return notebook


@broken()
def another_language(notebook: NotebookNode) -> NotebookNode:
    notebook.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook.metadata["language_info"] = {"name": "R"}
    return notebook


# Code that misbehaves, by mistake


@broken(LAST)
def a_syntax_error(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "def same_either_way(kernel)\n    return True")


@broken(LAST, says="took longer than")
def an_infinite_loop(notebook: NotebookNode) -> NotebookNode:
    return inside(notebook, "while True:", "    pass")


@broken(LAST)
def infinite_recursion(notebook: NotebookNode) -> NotebookNode:
    return inside(notebook, "return same_either_way(kernel)")


@broken(LAST, says="took longer than")
def a_loop_that_ignores_interrupts(notebook: NotebookNode) -> NotebookNode:
    body = ("while True:", "    try:", "        while True: pass", "    except BaseException:", "        pass")
    return inside(notebook, *body)


@broken(LAST)
def memory_without_end(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))")


@broken(LAST)
def a_tensor_too_large(notebook: NotebookNode) -> NotebookNode:
    return inside(notebook, "torch.ones(10**7, 10**6)")


@broken()
def processes_without_end(notebook: NotebookNode) -> NotebookNode:
    lines = (
        "import subprocess",
        "try:",
        "    crowd = [subprocess.Popen(['sleep', '60']) for _ in range(500)]",
        "except OSError:",
        "    pass",
    )
    notebook.cells.append(new_code_cell("\n".join(lines)))
    return notebook


@broken()
def a_file_without_end(notebook: NotebookNode) -> NotebookNode:
    lines = (
        "try:",
        "    with open('big', 'wb') as file:",
        "        for _ in range(10_000):",
        "            file.write(bytes(10**7))",
        "except OSError:",
        "    pass",
    )
    insert_after(notebook, "check-corr2d", new_code_cell("\n".join(lines)))
    return notebook


@broken(says="took longer than|used too much memory|showed too much")  # whichever limit it meets first
def printing_without_end(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.append(new_code_cell("while True:\n    print('never ending ' * 1000)"))
    return notebook


@broken()
def one_display_in_many_places(notebook: NotebookNode) -> NotebookNode:
    lines = ["from IPython.display import HTML, display, update_display"]
    lines += ["for _ in range(400):\n    display(HTML('x'), display_id='one')"]
    lines += ["update_display(HTML('x' * 1_000_000), display_id='one')"]
    notebook.cells.append(new_code_cell("\n".join(lines)))
    return notebook


@not_gradable(says="has 300000 cells, more than 5000")
def cells_of_nothing(notebook: NotebookNode) -> Files:
    return {NAME: b'{"cells": [' + b"{}," * 299_999 + b"{}]}"}


@not_gradable(says="holds too much to read: ask for it again with its outputs cleared")
def lists_of_nothing(notebook: NotebookNode) -> Files:
    return {NAME: b'{"cells": [], "metadata": [' + b"[]," * 3_000_000 + b"[]]}"}


@broken()
def much_printing(notebook: NotebookNode) -> NotebookNode:
    return inside(notebook, "print('called\\n' * 20_000)")


@broken()
def warnings_and_logging(notebook: NotebookNode) -> NotebookNode:
    return inside(
        notebook,
        "import logging, sys, warnings",
        "warnings.warn('this function is slow')",
        "logging.warning('called with %s', kernel)",
        "print('called', file=sys.stderr)",
    )


@broken(LAST)
def asking_for_input(notebook: NotebookNode) -> NotebookNode:
    return inside(notebook, "return input('Is it the same? ') == 'yes'")


@broken()
def an_odd_matplotlib_backend(notebook: NotebookNode) -> NotebookNode:
    show = "import matplotlib\nimport matplotlib.pyplot as plt\nmatplotlib.use('TkAgg')\nplt.plot([1, 2])\nplt.show()"
    insert_after(notebook, "check-positions", new_code_cell(show), new_code_cell("%matplotlib notebook\nplt.show()"))
    return notebook


@broken()
def widgets(notebook: NotebookNode) -> NotebookNode:
    play = "import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\ndisplay(slider)\nslider.value = 5"
    insert_after(notebook, "check-positions", new_code_cell(play))
    return notebook


@broken()
def magics_and_shell_commands(notebook: NotebookNode) -> NotebookNode:
    magics = ("%pip --version", "!nothing-of-that-name", "%%bash\nfalse", "%load_ext nothing", "%time 1")
    insert_after(notebook, "check-positions", *(new_code_cell(line) for line in magics))
    return notebook


@broken()
def a_file_that_is_not_there(notebook: NotebookNode) -> NotebookNode:
    insert_after(notebook, "check-positions", new_code_cell("open('/home/me/Downloads/kernel.txt').read()"))
    return notebook


@broken()
def errors_in_cells_of_ones_own(notebook: NotebookNode) -> NotebookNode:
    insert_after(notebook, "check-positions", new_code_cell("1 / 0"), new_code_cell("raise KeyboardInterrupt"))
    return notebook


@broken()
def names_reused_after_their_check(notebook: NotebookNode) -> NotebookNode:
    insert_after(notebook, "check-same-either-way", new_code_cell("corr2d = None\ncheck = print\ntorch = 1"))
    return notebook


# What a person would have graded


@broken(says="'corr2d' is there more than once; what was graded is what Run All leaves before its check.")
def a_wrong_draft_above_the_right_copy(notebook: NotebookNode) -> NotebookNode:
    right = cell(notebook, "corr2d")
    insert_after(notebook, "corr2d", new_code_cell(right.source, metadata=right.metadata))
    right.source = "def corr2d(x, kernel):\n    return x"
    return notebook


@broken(says="The test cell 'check-same-either-way' held an answer, typed into it or merged with it")
def an_answer_typed_into_the_check(notebook: NotebookNode) -> NotebookNode:
    test, right = cell(notebook, "check-same-either-way"), cell(notebook, "same-either-way").source
    test.source = f"{right}\n{test.source}"
    return answer(notebook, "# see below")


@broken(says="An import failed: No module named 'tensorflow'. The rest of its cell was run.")
def an_import_that_is_not_there(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.insert(0, new_code_cell("import math, tensorflow as tf\nimport tensorflow.keras\nsides = 2"))
    return inside(notebook, "assert sides == 2 and math.pi > 3")


@broken(says="An import failed: No module named 'tensorflow'. The rest of its cell was run.")
def an_import_that_is_not_there_among_magics(notebook: NotebookNode) -> NotebookNode:
    source = "%matplotlib inline\nimport math; import tensorflow as tf; half = 1\n!true\nsides = 2  # é"
    notebook.cells.insert(0, new_code_cell(source))
    return inside(notebook, "assert sides == 2 and half == 1 and math.pi > 3")


@broken(LAST, says="An import failed: No module named 'mine'. The rest of its cell was run.")
def an_answer_in_a_module_that_is_not_there(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "from mine import same_either_way")


@broken(says="An import failed: No module named 'mine'. The rest of its cell was run.")
def an_answer_written_after_its_import_failed(notebook: NotebookNode) -> NotebookNode:
    failed = new_code_cell("from mine import same_either_way")
    notebook.cells.insert(notebook.cells.index(cell(notebook, "same-either-way")), failed)
    return notebook


@broken(LAST, says="A cell asks with input(), which nobody answers here: it ended there.")
def an_answer_that_asks_somebody(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "n = int(input('size? '))\n\ndef same_either_way(kernel):\n    return True")


@broken(LAST)
def an_answer_that_is_timed_and_not_kept(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, f"%%timeit -n1 -r1\n{cell(notebook, 'same-either-way').source}")


@broken(says="An import failed: No module named 'tensorflow'. The rest of its cell was not run.")
def a_helper_whose_import_is_not_there(notebook: NotebookNode) -> Files:
    notebook.cells.insert(0, new_code_cell("if True:\n    import helper"))
    return {NAME: text(notebook).encode(), "helper.py": b"import tensorflow"}


@broken(LAST, says="An import failed: No module named 'tensorflow'. The rest of its cell was run.")
def a_wrong_answer_below_an_import_that_is_not_there(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "import tensorflow\n\ndef same_either_way(kernel):\n    return 7")


@broken(says="'corr2d' is there more than once; what was graded is what Run All leaves before its check.")
def a_wrong_draft_and_its_check_above_right_copies(notebook: NotebookNode) -> NotebookNode:
    right, test = cell(notebook, "corr2d"), cell(notebook, "check-corr2d")
    copies = [new_code_cell(each.source, metadata=each.metadata) for each in (right, test)]
    insert_after(notebook, "check-corr2d", *copies)
    right.source = "def corr2d(x, kernel):\n    return x"
    return notebook


@broken()
def imports_that_colab_has(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.insert(0, new_code_cell("import matplotlib.pyplot as plt\nimport pandas as pd\nimport tqdm"))
    return inside(notebook, "pd.Series([1, 2]).mean()")


@broken(LAST)
def an_answer_whose_cell_failed(notebook: NotebookNode) -> NotebookNode:
    return answer(notebook, "nothing_of_this_name\n\ndef same_either_way(kernel):\n    return True")


@broken()
def a_picture_pasted_into_a_text(notebook: NotebookNode) -> NotebookNode:
    picture = new_markdown_cell("![cat](attachment:cat.png)")
    picture["attachments"] = {"cat.png": {"image/png": "iVBORw0KGgo="}}
    notebook.cells.insert(2, picture)
    return notebook


# What grading has no use for, and what comes of mail, phones and editors


@broken()
def metadata_that_is_out_of_order(notebook: NotebookNode) -> Files:
    raw = json.loads(text(notebook))
    raw["metadata"] = {"kernelspec": {"name": "python3"}, "language_info": {"version": 3}, "widgets": [1]}
    for number, found in enumerate(raw["cells"]):
        found["id"] = f"cell {number} of mine" if number % 2 else 7
        found["metadata"]["tags"] = ["a", "a", 3]
        found["metadata"]["jupyter"] = "yes"
    return {NAME: json.dumps(raw).encode()}


@broken()
def a_format_that_is_no_number(notebook: NotebookNode) -> Files:
    return {NAME: json.dumps(dict(notebook) | {"nbformat": "4"}).encode()}


@broken()
def no_format(notebook: NotebookNode) -> Files:
    return {NAME: json.dumps({"cells": notebook.cells}).encode()}


@broken()
def a_repeated_cell_id_of_every_cell(notebook: NotebookNode) -> Files:
    raw = json.loads(text(notebook))
    for found in raw["cells"]:
        found["id"] = "x"
    return {NAME: json.dumps(raw).encode()}


@broken(says="Graded 'sliding_regions.ipynb.txt', the only notebook of this lesson.")
def named_as_text(notebook: NotebookNode) -> Files:
    return {f"{NAME}.txt": text(notebook).encode()}


@broken(says="Graded 'sliding_regions.ipynb.json', the only notebook of this lesson.")
def named_as_json(notebook: NotebookNode) -> Files:
    return {f"{NAME}.json": text(notebook).encode()}


@broken(says="Graded 'sliding_regions.json', the only notebook of this lesson.")
def renamed_to_json(notebook: NotebookNode) -> Files:
    return {"sliding_regions.json": text(notebook).encode()}


@broken(says="goes on after its end: the notebook before that was graded.")
def a_whole_notebook_with_something_behind_it(notebook: NotebookNode) -> Files:
    return {NAME: (text(notebook) + "\n<<<<<<< HEAD\n{}").encode()}


@broken()
def half_an_emoji(notebook: NotebookNode) -> Files:
    notebook.cells.insert(2, new_code_cell("print('@@')"))
    return {NAME: text(notebook).replace("@@", "\\ud83d").encode()}


@broken()
def a_cell_of_five_megabytes(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.insert(2, new_code_cell(f"data = '{'x' * (5 << 20)}'"))
    return notebook


@broken()
def a_number_of_five_thousand_digits(notebook: NotebookNode) -> Files:
    raw = text(notebook).replace('"nbformat_minor": 5', f'"nbformat_minor": {"9" * 5000}')
    return {NAME: raw.encode()}


@broken()
def a_number_of_five_thousand_digits_in_a_cell(notebook: NotebookNode) -> NotebookNode:
    notebook.cells.insert(2, new_code_cell(f"large = {'9' * 5000}"))
    return notebook


@broken(says="ignored 'helper.ipynb', handed in beside it.")
def a_notebook_that_runs_another(notebook: NotebookNode) -> Files:
    helper = nbformat.v4.new_notebook(cells=[new_code_cell("sides = 2")])
    notebook.cells.insert(2, new_code_cell("%run helper.ipynb"))
    return {NAME: text(inside(notebook, "assert sides == 2")).encode(), "helper.ipynb": text(helper).encode()}
