"""The environment that the other tests here take for Colab."""

from pathlib import Path

import nbformat

from .environment import Colab

VERSIONS = """
import IPython, ipykernel, ipywidgets, os, sys, torch
print(IPython.__version__, ipykernel.__version__, ipywidgets.__version__, "google.colab" in sys.modules)
print(os.getcwd())
import course_utils
"""


def test_it_is_like_colab_and_has_no_course(colab: Colab, tmp_path: Path) -> None:
    cwd = tmp_path / "content"
    cwd.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(VERSIONS)])
    printed, error = colab.run(notebook, cwd).cells[0].outputs
    assert printed.text.splitlines() == ["7.34.0 6.17.1 7.7.1 True", str(cwd)]
    assert error.ename == "ModuleNotFoundError"
