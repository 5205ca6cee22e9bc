"""How learning platforms name what students handed in: each file of a download, with whose it is and which attempt.

Canvas       leeann_LATE_4321_987654_kernels-2.ipynb: name, late, the student's number, the attachment's, the file;
             of an anonymous assignment LATE_anon_x7Kq2_987654_kernels.ipynb
Moodle       Ann Lee_1327627_assignsubmission_file_/kernels.ipynb, or both in one name without a folder; where the
             marking is blind, Participant_1327627_assignsubmission_file_, in the language of the site
Gradescope   assignment_7_export/submission_12345/kernels.ipynb, and submission_metadata.yml, which says whose
GitHub       clones of GitHub Classroom: kernels-annlee/…, all of one beginning, each with a .git
folders      annlee/kernels.ipynb, or submitted/annlee/02_kernels/kernels.ipynb of another nbgrader
Drive        loose files, Google's "Copy of kernels.ipynb" and "kernels (2).ipynb": the name of a student may be in it
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from course_grading.classroom.archives import Entry
from course_utils.errors import CourseError

CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<id>anon(?:ymous)?_[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL | re.IGNORECASE
)
CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL)
METADATA = "submission_metadata.yml"
# What platforms and browsers add to the name of a file that is there already, and the attempt that it stands for.
AGAIN = re.compile(r"(?P<stem>.+?)(?:[ _]*\((?P<number>\d+)\)|-(?P<dashed>\d+))", re.DOTALL)
COPY_OF = re.compile(r"(?:copy of|kopie van|kopie von|copia di|copia de|copie de)\s+|\s*-\s*(?:copy|kopie)$", re.I)


@dataclass(frozen=True)
class Piece:
    """A file that somebody handed in. `key` is what the platform calls the student, a number or a name."""

    entry: Entry
    key: str
    file: PurePosixPath  # its path in the hand-in
    name: str = ""  # of the student, where the platform tells
    ids: tuple[str, ...] = ()  # by which a roster may know the student, where they are not the key
    attempt: int = 0  # in the file's name, which tells files of one download apart
    serial: int | None = None  # the platform's own number of the file: the later has the larger, in any download
    late: bool | None = None  # None where the platform does not say
    when: datetime | None = None  # it was handed in, by the platform's word
    anonymous: bool = False


@dataclass
class Sorted:
    """A download by its platform: its pieces, and the files that nobody can be said to have handed in."""

    platform: str
    pieces: list[Piece] = field(default_factory=list)
    nobodys: list[Entry] = field(default_factory=list)


def recognise(found: Sequence[Entry], source: Path | None = None) -> Sorted:
    """The platform that a download is from, by its files' names, and what is whose."""
    paths = [entry.path for entry in found]
    if metadata := next((entry for entry in found if entry.path.name == METADATA), None):
        return _gradescope(found, metadata)
    if any(MOODLE.fullmatch(part) for path in paths for part in path.parts):
        return _of_each("Moodle", found, _moodle)
    if any(of_canvas(path.parts[0]) for path in paths):
        return _of_each("Canvas", found, _canvas)
    if source is not None and (clones := _clones(source)):
        return _github(found, clones, source)
    if paths and all(len(path.parts) > 1 for path in paths if path.suffix == ".ipynb"):
        return _of_each("folders", found, _folders(paths))
    return Sorted("Drive", nobodys=list(found))


def attempt_of(file: str) -> tuple[str, int]:
    """A file's name without what platforms and browsers add to it, and the attempt that they mean by it.

    >>> attempt_of("Copy of kernels (2).ipynb"), attempt_of("kernels-3.ipynb"), attempt_of("kernels.ipynb")
    (('kernels.ipynb', 2), ('kernels.ipynb', 3), ('kernels.ipynb', 0))
    """
    path = PurePosixPath(file)
    stem, number = COPY_OF.sub("", path.stem).strip(), 0
    while again := AGAIN.fullmatch(stem):
        stem, number = again["stem"].strip(), max(number, int(again["number"] or again["dashed"]))
    return COPY_OF.sub("", stem).strip() + path.suffix, number


def _of_each(platform: str, found: Sequence[Entry], read: Any) -> Sorted:
    result = Sorted(platform)
    for entry in found:
        piece = read(entry)
        if piece is None:
            result.nobodys.append(entry)
        else:
            result.pieces.append(piece)
    return result


def of_canvas(name: str) -> re.Match[str] | None:
    """The parts of a file's name in a download of Canvas."""
    return CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)


def _canvas(entry: Entry) -> Piece | None:
    named = of_canvas(entry.path.parts[0])
    if not named:
        return None
    # Of a zip that a student handed in, the first part is the zip's name, and the rest is what lies in it.
    file = PurePosixPath(*entry.path.parts[1:]) if len(entry.path.parts) > 1 else PurePosixPath(named["file"])
    anonymous = named.re is CANVAS_ANONYMOUS
    name = "" if anonymous else named["name"]
    serial, late = int(named["attachment"]), bool(named["late"])
    return Piece(entry, named["id"], file, name, (), attempt_of(file.name)[1], serial, late, None, anonymous)


def _moodle(entry: Entry) -> Piece | None:
    for place, part in enumerate(entry.path.parts):
        if named := MOODLE.fullmatch(part):
            below = entry.path.parts[place + 1 :]
            if named["kind"] == "onlinetext":
                return None
            file = PurePosixPath(*below) if below else PurePosixPath(named["file"] or "")
            if not file.name:
                return None
            worksheet = f"Participant {named['id']}"  # in the grading worksheet; an ID number is another number
            attempt = attempt_of(file.name)[1]
            return Piece(entry, named["id"], file, named["name"], (worksheet,), attempt)
    return None


def _gradescope(found: Sequence[Entry], metadata: Entry) -> Sorted:
    result = Sorted("Gradescope")
    try:
        known = yaml.safe_load(metadata.read())
    except (yaml.YAMLError, ValueError, RecursionError, CourseError):
        known = None
    known = known if isinstance(known, dict) else {}
    root = metadata.path.parent
    for entry in found:
        if entry is metadata:
            continue
        below = entry.path.relative_to(root).parts if entry.path.is_relative_to(root) else entry.path.parts
        about = known.get(below[0]) if len(below) > 1 else None
        submitters = about.get(":submitters") if isinstance(about, dict) else None
        pieces = list(_submitted(entry, PurePosixPath(*below[1:]), about, submitters or ())) if about else []
        result.pieces += pieces
        if not pieces:
            result.nobodys.append(entry)
    return result


def _submitted(entry: Entry, file: PurePosixPath, about: dict, submitters: Collection[Any]) -> Iterator[Piece]:
    """What a group handed in is each of its members'."""
    for who in submitters:
        if isinstance(who, dict):
            name, email, sid = (str(who.get(f":{key}") or "") for key in ("name", "email", "sid"))
            if key := sid or email or name:
                attempt = attempt_of(file.name)[1]
                when = _time(about.get(":created_at"))
                yield Piece(entry, key, file, name, tuple(filter(None, (sid, email))), attempt, when=when)


def _time(value: Any) -> datetime | None:
    """A time of Gradescope's metadata, such as 2026-10-01 12:30:00.5 Z, which YAML may have read already."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)).replace(" Z", "Z").strip())
        except ValueError:
            return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _clones(source: Path) -> list[str]:
    if not source.is_dir():
        return []
    return [folder.name for folder in source.iterdir() if (folder / ".git").exists() and not folder.is_symlink()]


def _github(found: Sequence[Entry], clones: list[str], source: Path) -> Sorted:
    """Clones are called ASSIGNMENT-USER, and lie in ASSIGNMENT-submissions, or else all begin with the assignment."""
    shared = os.path.commonprefix(clones) if len(clones) > 1 else ""
    shared = shared[: shared.rfind("-") + 1]
    assignment = source.resolve().name.removesuffix("submissions")
    if len(assignment) > 1 and all(name.startswith(assignment) for name in clones):
        shared = assignment

    def read(entry: Entry) -> Piece | None:
        first, *below = entry.path.parts
        if first not in clones or not below:
            return None
        parts = first.split("-")  # a roster tells which of them are the user's name
        users = tuple("-".join(parts[begin:]) for begin in range(len(parts)))
        # What a commit says of its time is the student's word.
        return Piece(entry, first.removeprefix(shared) or first, PurePosixPath(*below), "", users)

    return _of_each("GitHub Classroom", found, read)


def _folders(paths: Sequence[PurePosixPath]) -> Any:
    """The first folder names the student, after what all have in common."""
    depth = 0
    notebooks = [path for path in paths if path.suffix == ".ipynb"]
    while len(notebooks) > 1 and all(len(path.parts) > depth + 2 for path in notebooks):
        if len({path.parts[: depth + 1] for path in notebooks}) > 1:
            break
        depth += 1

    def read(entry: Entry) -> Piece | None:
        below = entry.path.parts[depth:]
        if len(below) < 2:
            return None
        file = PurePosixPath(*below[1:])
        return Piece(entry, below[0], file, "", (), attempt_of(file.name)[1])

    return read
