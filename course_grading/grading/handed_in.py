"""What students handed in: finding it, telling whether it changed, and reading it whatever state it is in."""

import fnmatch
import glob
import json
import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

import nbformat
from nbformat import NotebookNode

from course_grading.course import Course
from course_grading.files import regular_files
from course_grading.places import short_name
from course_utils.errors import CourseError

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as the notebook format has it
ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")  # of notebooks, and what mail, phones and browsers make of them
MOST_CELLS = 5000
MOST_NOTEBOOKS = 50  # in one hand-in, that are looked into
MOST_LISTED = 5  # files that a sentence names
MOST_SIGNS = 5_000_000  # braces, brackets, commas and colons: what they divide takes some 50 bytes of memory each
LARGEST_NOTEBOOK = 100 * 2**20  # bytes; nbgrader's own limit on what it collects
HASHED_WHOLE = 8 * 2**20  # bytes; of larger files the size and the time of change say whether they changed
NOBODY = "\0"  # stands for a student in a path, where no name of a folder can have it
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?(### END HIDDEN TESTS|\Z)", re.DOTALL)  # in our tests alone
FEW = 2  # given tests by which a notebook is known that has lost nbgrader's names, as one may be in two lessons; more
# names than these, and none of the lesson's, are of another


class Ungradable(CourseError):
    """Why a submission cannot be graded, and what to do, in the instructor's words."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one lesson: a folder."""

    student: str
    lesson: str
    folder: Path

    @property
    def is_link(self) -> bool:
        """Whether it leads somewhere else, to what the student may not have."""
        return self.folder.is_symlink() or self.folder.parent.is_symlink()


def find_submissions(course: Course, lesson: str) -> list[Submission]:
    """Everything handed in for a lesson that can be graded under its student's name, by student."""
    return [each for each in _folders(course, lesson) if not unfit(each.student)]


def _folders(course: Course, lesson: str) -> list[Submission]:
    where = str(course.folder("submitted", NOBODY, lesson))
    pattern = re.escape(where).replace(re.escape(NOBODY), "([^/]+)")
    places = glob.glob(glob.escape(where).replace(NOBODY, "*"), include_hidden=True)
    matches = [(re.fullmatch(pattern, place, re.DOTALL), place) for place in places]
    found = [(match[1], place) for match, place in matches if match and os.path.isdir(place)]
    return [Submission(student, lesson, Path(place)) for student, place in sorted(found)]


def unfit(student: str) -> str:
    """Why nothing can be graded under this name, and what to do; empty where it can."""
    if not _is_text(student):
        return "The name of its folder is not in UTF-8: rename the folder."
    if "\\" in student:
        return "nbgrader takes the backslash in this name for a folder: rename the folder without it."
    if student.startswith("."):
        return "nbgrader passes over names that begin with a dot: rename the folder without it."
    if any(unicodedata.category(char) == "Cc" for char in student):
        return "There are control characters in this name: rename the folder without them."
    return ""


def without_feedback(student: str) -> str:
    """A remark where nbgrader's later steps pass over a name; else empty."""
    if fnmatch.fnmatchcase(student, student):
        return ""
    return (
        "`nbgrader generate_feedback` passes over this name, for it takes [ and ] for a pattern: "
        "rename the folder and grade again."
    )


def left_out(course: Course, lesson: str) -> list[tuple[str, str]]:
    """What lies in submitted/ for this lesson and is not graded: whose it is, and a sentence on why, and what to do."""
    found = [(each.student, unfit(each.student)) for each in _folders(course, lesson) if unfit(each.student)]
    submitted = course.folder("submitted", "STUDENT", lesson).parent.parent
    if course.folder("submitted", "STUDENT", lesson) != submitted / "STUDENT" / lesson or not submitted.is_dir():
        return found  # a course whose folders are laid out in a way of its own
    notebooks = {path.name for path in course.folder("source", ".", lesson).glob("*.ipynb")}
    for name in _names(submitted):
        folder = submitted / name
        if _means(name, lesson):
            found += [
                (student, f"It is in submitted/{name}/{student}, the wrong way round: move it to {student}/{lesson}.")
                for student in _names(folder)
                if (folder / student).is_dir() and student != lesson and not student.startswith(".")
            ]
        for inside in _names(folder):
            if inside == lesson and not (folder / inside).is_dir():
                found.append((name, f"submitted/{name}/{lesson} is no folder: make one, with the notebook in it."))
            elif inside != lesson and _means(inside, lesson) and not _means(name, lesson):
                found.append((name, f"Its folder is named '{inside}': rename it to '{lesson}'."))
            elif inside in notebooks and not _means(name, lesson):
                found.append((name, f"'{inside}' lies beside the folders of lessons: move it to {name}/{lesson}."))
        if name in notebooks:
            found.append(
                (name, f"It lies in submitted/ itself, so nobody knows whose it is: move it to STUDENT/{lesson}.")
            )
    return found


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:  # a file, or a folder that may not be read
        return []


def _means(name: str, lesson: str) -> bool:
    """Whether a folder of this name is meant for the lesson: in other letters' case, with other signs in between."""
    plain, *wanted = (re.sub(r"[\W_]+", "", each.casefold()) for each in (name, lesson, short_name(lesson)))
    return bool(plain) and plain in wanted


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def fingerprint(folder: Path, ignore: Collection[str] = (), largest: int = HASHED_WHOLE) -> str:
    """Hash of the names and contents of all regular files in a folder; changes when any of them does. Of files of more
    than `largest` bytes, the time of the last change stands for what is in them."""
    digest = blake2b(digest_size=16)
    for path in regular_files(folder, ignore):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)}\0{size}\0".encode("utf-8", "surrogateescape"))
        digest.update(path.read_bytes() if size <= largest else str(path.stat().st_mtime_ns).encode())
    return digest.hexdigest()


def fingerprint_of(submission: Submission) -> str:
    """Of what was handed in; empty where that cannot be read, which grading it will tell."""
    try:
        return "" if submission.is_link else fingerprint(submission.folder)
    except OSError:
        return ""


class Given(Protocol):
    """A cell of a lesson that nbgrader knows."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def locked(self) -> bool: ...


def known_by(cells: Iterable[Given]) -> dict[str, str]:
    """What a lesson's notebook is known by, whatever it is called: nbgrader's names of its cells, and the source of
    each that students are given to run, or nothing."""
    return {cell.name: HIDDEN.sub("", cell.source).strip() if cell.locked else "" for cell in cells}


def belongs(notebook: NotebookNode, known: Mapping[str, str], few: int = FEW) -> bool:
    """Whether a notebook has a cell of the lesson's by nbgrader's name, or, as editors drop those, a `few` of its
    given ones, word by word."""
    if not known.keys().isdisjoint(_cell_names(notebook)):
        return True
    given = set(known.values()) - {""}
    found = given & {cell.source.strip() for cell in notebook.cells}
    return bool(found) and len(found) >= min(few, len(given))


def _cell_names(notebook: NotebookNode) -> set[str]:
    """nbgrader's names of its cells."""
    marks = (cell.metadata.get("nbgrader") for cell in notebook.cells)
    return {str(each["grade_id"]) for each in marks if isinstance(each, dict) and each.get("grade_id")}


def find_notebook(folder: Path, name: str, known: Mapping[str, str]) -> tuple[NotebookNode, list[str], Path]:
    """The notebook handed in as `name`, remarks for the instructor, and the folder that it lies in.

    A file of another name is taken where it is the only one with this lesson's cells (see `known_by`), since browsers
    and learning platforms rename downloads. One of the right name need have none, as its answers may stand in a
    notebook of the student's own, but not those of another lesson. Raises Ungradable where there is none, or a choice.
    """
    expected = f"{name}.ipynb"
    files = list(regular_files(folder, [".ipynb_checkpoints"]))
    notebooks = [path for path in files if path.name.lower().endswith(ENDINGS)]
    notebooks = notebooks or [path for path in files if path.name.lower().endswith(".json")]
    others = [path for path in notebooks if path.name != expected or path.parent != folder]
    if is_there := len(others) < len(notebooks):
        remarks = [f"Graded '{expected}'; ignored {_listed(others, folder)}, handed in beside it."] if others else []
        notebook, more = read_notebook(folder / expected)
        if len(_cell_names(notebook)) <= FEW or belongs(notebook, known, few=1):
            return notebook, [*remarks, *more], folder
        if not others:
            raise Ungradable(f"'{expected}' is the notebook of another lesson: ask for the right file.")
    if (folder / expected).is_symlink():
        raise Ungradable(f"'{expected}' is a link, not a file: ask for the notebook itself.")
    if not others:
        what = f", but {_listed(files, folder)}" if files else ""
        raise Ungradable(f"No notebook was handed in{what}: ask for '{expected}'.")
    if len(others) > MOST_NOTEBOOKS:
        raise Ungradable(f"{len(others)} notebooks were handed in, and none as '{expected}': ask for that one alone.")
    candidates = [path for path in others if _is_of_lesson(path, known)]
    absent = f"'{expected}' is another notebook" if is_there else f"There is no '{expected}'"
    if not candidates:
        if len(others) == 1 and not is_there:
            read_notebook(others[0])  # says what is wrong with the file, if anything is
        raise Ungradable(
            f"{absent}, and {_listed(others, folder)} holds none of its exercises: ask for the right file."
        )
    if len(candidates) > 1 and len({blake2b(path.read_bytes()).digest() for path in candidates}) > 1:
        raise Ungradable(f"{absent}, but {_listed(candidates, folder)}: keep the one to grade and delete the rest.")
    notebook, remarks = read_notebook(candidates[0])
    told = f"Graded {_listed(candidates[:1], folder)}, the only notebook of this lesson."
    return notebook, [told, *remarks], candidates[0].parent


def read_notebook(path: Path) -> tuple[NotebookNode, list[str]]:
    """A student's notebook in the current format, without outputs, and remarks. Raises Ungradable with what is wrong
    with it.

    What grading has no use for, such as metadata, is left out, whatever state it is in.
    """
    size = path.stat().st_size
    if size > LARGEST_NOTEBOOK:
        raise Ungradable(
            f"'{path.name}' has {size / 2**20:.0f} MB, more than {LARGEST_NOTEBOOK // 2**20}: "
            "ask for it again with its outputs cleared."
        )
    return parsed(path.read_bytes(), path.name)


def parsed(raw: bytes, name: str) -> tuple[NotebookNode, list[str]]:
    """As `read_notebook`, of what is in a file."""
    if not raw.strip(b"\0 \r\n\t"):
        raise Ungradable(f"'{name}' is empty: ask for it again.")
    try:
        written = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Ungradable(f"'{name}' is not text in UTF-8: ask for the notebook itself, not a converted copy.") from None
    written = written.strip("\0 \r\n\t")
    if sum(map(written.count, "{[,:")) > MOST_SIGNS:  # before it is read, as `{},{},…` takes 100 times its size
        raise Ungradable(f"'{name}' holds too much to read: ask for it again with its outputs cleared.")
    try:
        content, end = json.JSONDecoder(parse_int=_whole_number).raw_decode(written)
    except json.JSONDecodeError as error:
        cut = written.startswith("{") and not written.endswith("}")
        what = "is cut off at its end" if cut else f"is not a notebook (line {error.lineno} is no JSON)"
        raise Ungradable(f"'{name}' {what}: ask for it again.") from None
    except RecursionError:
        raise Ungradable(f"'{name}' is not a notebook: ask for it again.") from None
    more = f"'{name}' goes on after its end: the notebook before that was graded."
    return _as_notebook(content, name), [] if end == len(written) else [more]


def _whole_number(digits: str) -> int:
    """A number in the JSON; one without end stands nowhere that matters."""
    return int(digits) if len(digits) <= 18 else 0


def _as_notebook(content: Any, name: str) -> NotebookNode:
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise Ungradable(f"'{name}' is not a notebook: ask for it again.")
    version = content.get("nbformat")  # where it is out of order, the cells say enough
    if isinstance(version, int) and version > nbformat.current_nbformat:
        raise Ungradable(
            f"'{name}' is in notebook format {version}, newer than this nbgrader knows ({nbformat.current_nbformat}): "
            "ask for it saved from JupyterLab or Colab."
        )
    if "cells" in content:
        cells = content["cells"]
    else:  # as IPython wrote notebooks before 2015
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", ()) if isinstance(cell, dict)]
        cells = [{"source": cell.get("input", ""), **cell} for cell in cells]
    if len(cells) > MOST_CELLS:
        raise Ungradable(
            f"'{name}' has {len(cells)} cells, more than {MOST_CELLS}: ask for the notebook of the lesson."
        )
    seen: set[str] = set()
    kept = [_cell(cell, number, seen) for number, cell in enumerate(cells) if isinstance(cell, dict)]
    if not kept:
        raise Ungradable(f"'{name}' has no cells: ask for it again.")
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=kept)


def _cell(content: dict[str, Any], number: int, seen: set[str]) -> NotebookNode:
    """A cell with what grading looks at: its kind, its text, nbgrader's mark, and the pictures pasted into a text."""
    kind = str(content.get("cell_type")).lower()
    known = content.get("id")
    fit = isinstance(known, str) and CELL_ID.fullmatch(known) is not None and known not in seen
    own = str(known) if fit else f"cell-{number}-of-{len(seen)}"
    seen.add(own)
    source = content.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else "" if source is None else str(source)
    cell = NotebookNode(
        cell_type=kind if kind in ("code", "markdown") else "raw",
        id=own,
        metadata=NotebookNode(),
        source=source.encode("utf-8", "replace").decode(),  # half an emoji becomes a question mark
    )
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
    metadata = content.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict):
        cell.metadata["nbgrader"] = NotebookNode({str(key): value for key, value in marks.items()})
    if kind == "markdown" and isinstance(content.get("attachments"), dict):
        cell["attachments"] = content["attachments"]
    return cell


def _is_of_lesson(path: Path, known: Mapping[str, str]) -> bool:
    try:
        return belongs(read_notebook(path)[0], known)
    except Ungradable:
        return False


def _listed(paths: list[Path], folder: Path) -> str:
    more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
    return ", ".join(f"'{path.relative_to(folder)}'" for path in paths[:MOST_LISTED]) + more
