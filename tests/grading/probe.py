"""Runs cells in warm kernels and prints what they show, as JSON: python -m tests.grading.probe < request.json

A program of its own, so that a test can start it as another user. The request: {"sandbox", "lessons", "seconds",
"longer": {name: seconds}, "notebooks": {name: [cell, …]}, "tests": {name: source}, "waiting": [name, …]}; kernels are
warm for "lessons", cells of the notebooks in "longer" may take longer than others, a cell that is named in "tests" runs
as a test, and the notebooks in "waiting" run side by side, before the others.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from nbformat.v4 import new_code_cell, new_notebook

from course_grading.kernels.pool import Limits, Pool, Settings
from course_grading.notebook.execute import Times, execute
from course_grading.notebook.released import Blueprint, BlueprintCell
from course_grading.notebook.repair import run_of


def main() -> None:
    request = json.load(sys.stdin)
    tests = [
        BlueprintCell(name, "code", source, "", grade=True, solution=False, locked=True, task=False, points=1)
        for name, source in request.get("tests", {}).items()
    ]
    blueprint = Blueprint(
        tuple(tests),
        imports="import torch\nimport numpy as np\nfrom nowhere_at_all import near",
        answers=("f", "value"),
    )
    limits = Limits(memory=600 << 20, disk=64 << 20)
    with Pool(Settings(request["sandbox"], lessons=tuple(request["lessons"]), limits=limits)) as pool:

        def run(name: str) -> dict:
            cells = []
            for source in request["notebooks"][name]:
                known = blueprint.by_name.get(source)
                cell = new_code_cell(known.source if known else source)
                if known:
                    cell.metadata["nbgrader"] = known.metadata
                cells.append(cell)
            notebook = new_notebook(cells=cells)
            seconds = request.get("longer", {}).get(name, request["seconds"])
            problems = execute(notebook, blueprint, pool, Times(cell=seconds, notebook=60))
            return {
                "outputs": [[dict(output) for output in cell.outputs] for cell in notebook.cells],
                "problems": [[problem.kind, problem.text] for problem in problems],
                "run": run_of(notebook),
            }

        waiting = request.get("waiting", [])
        with ThreadPoolExecutor() as threads:
            shown = dict(zip(waiting, threads.map(run, waiting), strict=True))
        shown |= {name: run(name) for name in request["notebooks"] if name not in shown}
        shown["limits by group"] = sorted(pool.groups.kinds)
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    main()
