"""What students get to see of their graded notebook: all of their own work, nothing of the instructor's."""

import re
import site
import sys
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from course_grading.places import course_root

PLACE = "…"  # stands for a folder of the instructor's
SAME_EVERYWHERE = {Path("/"), Path("/usr"), Path("/usr/local")}  # they tell nothing


class HideInstructorsPart(NbGraderPreprocessor):
    """Takes hidden tests, tracebacks through them and this machine's folders out of a notebook for `generate_feedback`.

    Test cells keep what they showed: the check's card with its hint and the failing input, and one line of error.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            is_test = is_grade(cell) and not is_solution(cell)
            if is_test:
                cell.source = self._visible(cell)
            for output in cell.outputs:
                if is_test and output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}" if output.evalue else output.ename]
                _hide_folders(output)
        return nb, resources

    def _visible(self, cell: NotebookNode) -> str:
        """The test as students got it."""
        copy = NotebookNode(cell_type="code", source=cell.source, metadata={}, outputs=[])
        clear = ClearHiddenTests(parent=self)
        try:
            clear._remove_hidden_test_region(copy)
        except RuntimeError:  # a region without end: nobody can say what of it is hidden
            return ""
        return copy.source


def _hide_folders(output: NotebookNode) -> None:
    for field in ("text", "evalue"):
        if field in output:
            output[field] = without_folders(output[field])
    if "traceback" in output:
        output.traceback = [without_folders(line) for line in output.traceback]
    for kind, content in output.get("data", {}).items():
        if isinstance(content, str) and not kind.startswith("image/"):
            output.data[kind] = without_folders(content)


def without_folders(text: str) -> str:
    """The text with this machine's folders (of Python, the course and whoever grades) made unrecognisable."""
    return _folders(course_root()).sub(PLACE, text)


@cache
def _folders(root: Path) -> re.Pattern[str]:
    ours = [root, Path(__file__).parents[2], Path.home(), Path(sys.prefix), Path(sys.base_prefix)]
    ours += map(Path, (*site.getsitepackages(), site.getusersitepackages()))
    names = {str(path) for folder in ours for path in (folder, folder.resolve()) if path not in SAME_EVERYWHERE}
    return re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
