"""The explorers on Colab's versions; tests/browser/test_classic_notebook.py draws them there."""

from pathlib import Path

import nbformat

from .environment import Colab

ROOT = Path(__file__).resolve().parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"
X, KERNEL = [[1, 2], [3, 4]], [[0.5]]
CODE = f"""import IPython, ipywidgets, google.colab.output
from course_utils import PatchMicroscope
microscope = PatchMicroscope({X}, {KERNEL})
print(IPython.__version__, ipywidgets.__version__, google.colab.output.calls)
microscope"""


def test_the_model_state_is_what_the_front_end_needs(colab: Colab, tmp_path: Path) -> None:
    colab.see(ROOT)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    colab.run(notebook, tmp_path)
    widget, picture = (output.data for output in notebook.cells[0].outputs[1:])
    model = widget[VIEW]["model_id"]
    state = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"][model]
    assert (state["model_name"], state["model_module"]) == ("AnyModel", "anywidget")
    assert state["state"]["x"] == X and state["state"]["kernel"] == KERNEL and state["state"]["mode"] == "correlation"
    assert "export default widget(PatchMicroscope)" in state["state"]["_esm"] and state["state"]["_css"]
    assert {"text/html", "image/svg+xml", "text/plain"} == set(picture)
    assert notebook.cells[0].outputs[0].text.split() == ["7.34.0", "7.7.1", "['enable_custom_widget_manager']"]
