"""Put a submitted notebook back into the shape in which it was released, keeping all that the student wrote.

    problems = repair(notebook, blueprint)

Test cells come from the gradebook alone; code of the student's in their place runs before them, as a cell of its own.
Answers are found by their name; of several copies of one answer that counts which Run All leaves before its test.
Every other cell of the student's stays where it is, without any nbgrader metadata or tags. What was put right is said
in words, for the instructor's summary and in the notebook.
"""

import ast
import re
from dataclasses import asdict, dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_raw_cell

from course_grading.notebook.released import Blueprint, BlueprintCell
from course_utils.cells import names_in

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")  # that may be pasted into a text
KEY = "course_grading"  # in the notebook's metadata: {"problems": [{"kind", "cell", "text"}, …]}


@dataclass(frozen=True)
class Problem:
    """Something about a submission that the instructor may want to know. `kind` is for machines, `text` for people."""

    kind: str
    cell: str
    text: str


def note(notebook: NotebookNode, problems: list[Problem]) -> None:
    """Add problems to those that the notebook's metadata lists."""
    kept = notebook.metadata.get(KEY, {})
    told = [*kept.get("problems", []), *(asdict(problem) for problem in problems)]
    notebook.metadata[KEY] = {**kept, "problems": told}


def note_run(notebook: NotebookNode, seconds: float, memory: int, ended: str) -> None:
    """Note in a notebook's metadata what its run took: processor time, bytes at most, and why it ended early, if it
    did."""
    run = {"seconds": round(seconds, 2), "memory": memory, "ended": ended}
    notebook.metadata[KEY] = {**notebook.metadata.get(KEY, {}), "run": run}


def run_of(notebook: NotebookNode) -> dict[str, Any]:
    """What `note_run` noted; empty where nothing was."""
    return dict(notebook.metadata.get(KEY, {}).get("run", {}))


def problems_of(notebook: NotebookNode) -> list[Problem]:
    """The problems that grading has noted in a notebook of ours, such as one in autograded/."""
    return [Problem(**problem) for problem in notebook.metadata.get(KEY, {}).get("problems", [])]


def repair(notebook: NotebookNode, blueprint: Blueprint) -> list[Problem]:
    """Repair a submission (nbformat 4) in place; see the module. Its outputs are cleared. Returns what was put
    right."""
    problems: list[Problem] = []
    cells = _answers_and_plain_cells(notebook, blueprint, problems)
    cells = _restore_fixed_cells(cells, blueprint, problems)
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    _unique_ids(cells)
    notebook.cells = cells
    language = {"name": "python"}
    notebook.metadata = NotebookNode({"kernelspec": blueprint.kernelspec or _PYTHON, "language_info": language})
    note(notebook, problems)
    return problems


_PYTHON = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def _answers_and_plain_cells(
    notebook: NotebookNode, blueprint: Blueprint, problems: list[Problem]
) -> list[NotebookNode]:
    """The submission's cells with one cell per answer and clean metadata; tests keep an empty place for now."""
    copies: dict[str, list[NotebookNode]] = {}
    for cell in notebook.cells:
        copies.setdefault(_claimed_name(cell), []).append(cell)
    order = {id(cell): place for place, cell in enumerate(notebook.cells)}
    tests = blueprint.tests_of_answers
    chosen = {}
    for name, cells in copies.items():
        known, test = blueprint.by_name.get(name), copies.get(tests.get(name, ""))
        until = order[id(test[-1])] if test else len(order)
        chosen[name] = _last_filled_in(cells, known, [cell for cell in cells if order[id(cell)] < until])
    result = []
    for cell in notebook.cells:
        name = _claimed_name(cell)
        known = blueprint.by_name.get(name)
        if known is None:
            result.append(_with_pictures(_cell(cell.cell_type, _source(cell)), cell))
        elif cell is chosen[name]:
            if known.is_test:
                result += _typed_into_test(cell, known, blueprint, problems)
            made = _cell(known.cell_type, _source(cell) if known.is_answer else known.source, known)
            result.append(_with_pictures(made, cell) if known.is_answer else made)
        elif known.is_answer:
            what = f"'{name}' is there more than once; what was graded is what Run All leaves before its check."
            if not any(problem.kind == "duplicate" and problem.cell == name for problem in problems):
                problems.append(Problem("duplicate", name, what))
            if known.cell_type == "code" and _is_filled_in(cell, known):
                result.append(_cell("code", _source(cell)))  # it runs where it stands, as in Run All
            else:
                result += _set_aside(cell, name)
        elif known.is_test:
            result += _typed_into_test(cell, known, blueprint, problems)
            problems.append(Problem("duplicate", name, f"The test '{name}' is there more than once; it is run once."))
    return result


def _is_filled_in(cell: NotebookNode, known: BlueprintCell) -> bool:
    text = _source(cell).strip()
    return bool(text) and text != known.source.strip()


def _last_filled_in(
    cells: list[NotebookNode], known: BlueprintCell | None, before_test: list[NotebookNode]
) -> NotebookNode:
    """Of the copies of an answer, the one that counts in Run All: the last that is filled in before its test."""
    if known is not None and known.is_test:
        return cells[-1]  # its last word is what Run All leaves
    if known is None or not known.is_answer:
        return cells[0]
    filled_in = [cell for cell in cells if _is_filled_in(cell, known)]
    in_time = [cell for cell in filled_in if any(cell is each for each in before_test)]
    return (in_time or filled_in or cells[:1])[-1]


def _typed_into_test(
    cell: NotebookNode, known: BlueprintCell, blueprint: Blueprint, problems: list[Problem]
) -> list[NotebookNode]:
    """Code of the student's that stands in a test cell, typed there or merged with it: it runs before the test."""
    ours = {line.strip() for line in known.source.splitlines()}
    theirs = [line for line in _source(cell).splitlines() if line.strip() not in ours]
    code = "\n".join(theirs).strip()
    if all(line.lstrip().startswith("#") or not line.strip() for line in theirs):
        return []
    answers = set(names_in(code)) & set(blueprint.answers)
    if not (answers or _is_python(code)):  # a line of ours was inside theirs: nothing to run is left
        return []
    if answers:
        what = (
            f"The test cell '{known.name}' held an answer, typed into it or merged with it: it was run before the test."
        )
        problems.append(Problem("merged", known.name, what))
    return [_cell("code", code)]


def _is_python(code: str) -> bool:
    try:
        return bool(ast.parse(code).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _with_pictures(made: NotebookNode, cell: NotebookNode) -> NotebookNode:
    """The cell with the pictures that the student pasted into its text."""
    attachments = cell.get("attachments")
    if made.cell_type == "markdown" and isinstance(attachments, dict):
        pictures = {
            name.encode("utf-8", "replace").decode(): {
                kind: data for kind, data in bundle.items() if kind in PICTURES and isinstance(data, str)
            }
            for name, bundle in attachments.items()
            if isinstance(bundle, dict)
        }
        made["attachments"] = NotebookNode({name: bundle for name, bundle in pictures.items() if bundle})
    return made


def _set_aside(cell: NotebookNode, name: str) -> list[NotebookNode]:
    text = f"**Not run:** the answer `{name}` is in this notebook more than once; this is a copy that was not graded."
    return [new_markdown_cell(text), new_raw_cell(_source(cell))]


def _restore_fixed_cells(
    cells: list[NotebookNode], blueprint: Blueprint, problems: list[Problem]
) -> list[NotebookNode]:
    """Bring back what is missing of the cells that students cannot change, and tests that were moved before their
    answer."""
    cells = list(cells)
    names = [_claimed_name(cell) for cell in cells]

    def place(known: BlueprintCell) -> int | None:
        return names.index(known.name) if known.name in names else None

    def insert(at: int, kind: str, known: BlueprintCell) -> None:
        cells.insert(at, _cell(kind, known.source, known))
        names.insert(at, known.name)

    group: list[BlueprintCell] = []  # the answers since the last test: what the next test is about
    previous = -1  # where the blueprint's last cell is
    for known in blueprint.cells:
        at = place(known)
        if not known.is_test:
            if known.is_answer:
                group.append(known)
            if at is None and (known.grade or known.task or (not known.is_answer and known.cell_type == "code")):
                at = previous + 1
                insert(at, known.cell_type, known)
                if known.grade or known.task:
                    problems.append(
                        Problem("missing", known.name, f"'{known.name}' was missing; it counts as unanswered.")
                    )
            previous = at if at is not None else previous
            continue
        places = [place(answer) for answer in group]
        lost = any(i is None for i in places)
        earliest = max((i for i in places if i is not None), default=previous) + 1
        if at is not None and at < earliest:
            problems.append(
                Problem("moved", known.name, f"The test '{known.name}' was moved before its answer; it is put back.")
            )
            del cells[at], names[at]
            insert(earliest - 1, "code", known)
        elif at is None:
            problems.append(Problem("missing", known.name, f"The test '{known.name}' was missing; it is put back."))
            # An answer that lost its metadata may be any plain cell: only at the end has it surely run.
            insert(len(cells) if lost else earliest, "code", known)
        if at is not None or not lost:
            previous = place(known) or 0
        group = []
    return cells


def _cell(cell_type: str, source: str, known: BlueprintCell | None = None) -> NotebookNode:
    # As nbformat's new_code_cell and its kin make it, but validated with the notebook instead of one by one, 1 ms each.
    kind = cell_type if cell_type in ("code", "markdown") else "raw"
    cell = NotebookNode(cell_type=kind, id="", metadata=NotebookNode(), source=source)
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
    if known is not None:
        cell.metadata["nbgrader"] = NotebookNode(known.metadata)
        if not known.is_answer:
            cell.metadata["deletable"] = cell.metadata["editable"] = False
    return cell


def _claimed_name(cell: NotebookNode) -> str:
    """The nbgrader name that a cell claims to have; '' if none. Nothing else of its metadata is believed."""
    metadata = cell.get("metadata")
    data = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = data.get("grade_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def _source(cell: NotebookNode) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _unique_ids(cells: list[NotebookNode]) -> None:
    seen: set[str] = set()
    for number, cell in enumerate(cells):  # not random: the same submission gives the same file
        name = _claimed_name(cell)
        cell.id = name if _CELL_ID.fullmatch(name) and name not in seen else f"cell-{number}"
        seen.add(cell.id)
