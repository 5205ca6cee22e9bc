"""nbgrader's plug-in that cleans a notebook which was run, before autograded/ is written."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course_grading.notebook.harmless import make_harmless


class Clean(NbGraderPreprocessor):
    """Makes harmless what a notebook shows. It comes after Repair, so that cells' nbgrader metadata are ours."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        make_harmless(nb, _is_ours)
        return nb, resources


def _is_ours(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader")
    return bool(marks) and not (marks.get("solution") or marks.get("task"))
