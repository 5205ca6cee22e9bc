"""How learning platforms name what students handed in: each file of a download, with whose it is and which attempt.

Canvas       leeann_LATE_4321_987654_kernels-2.ipynb: name, late, the student's number, the attachment's, the file;
             of an anonymous assignment LATE_anon_x7Kq2_987654_kernels.ipynb
Moodle       Ann Lee_1327627_assignsubmission_file_/kernels.ipynb, or both in one name without a folder; where the
             marking is blind, Participant_1327627_assignsubmission_file_, in the language of the site
Gradescope   assignment_7_export/submission_12345/kernels.ipynb, and submission_metadata.yml, which says whose
GitHub       clones of GitHub Classroom: kernels-annlee/…, all of one beginning, each with a .git
folders      annlee/kernels.ipynb, or submitted/annlee/02_kernels/kernels.ipynb of another nbgrader
Drive        loose files, Google's "Copy of kernels.ipynb" and "kernels (2).ipynb": the name of a student may be in it

Whose a file is, only names that the platform gave may say: those at the level where a download's paths part, or above
it, and most of them. Deeper down, every name is a student's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from course_grading.classroom.archives import Entry, Refused
from course_utils.errors import CourseError

CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<id>anon(?:ymous)?_[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL | re.IGNORECASE
)
CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
CANVAS_TYPED = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?:text|link)\.html", re.DOTALL)
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL)
METADATA, SUBMISSION = "submission_metadata.yml", re.compile(r"submission_\d+(?:\.zip)?")
# What platforms and browsers add to the name of a file that is there already, and the attempt that it stands for.
AGAIN = re.compile(r"(?P<stem>.+?)(?:[ _]*\((?P<number>\d+)\)|-(?P<dashed>\d+))", re.DOTALL)
COPY_OF = re.compile(  # with + or _ for its spaces, as servers write them
    r"(?:copy[\s+_]+of|kopie[\s+_]+v[ao]n|copia[\s+_]+d[ei]|copie[\s+_]+de)[\s+_]+|[\s+_]*-[\s+_]*(?:copy|kopie)$", re.I
)


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
    submission: str = ""  # where one download has several of a student, and each is whole
    typed: bool = False  # a text or a link that was typed on the platform, and no file


@dataclass
class Sorted:
    """A download by its platform: its pieces, and the files that nobody can be said to have handed in."""

    platform: str
    pieces: list[Piece] = field(default_factory=list)
    nobodys: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)  # which nobody may open

    def entries(self) -> list[Entry]:
        return [*(piece.entry for piece in self.pieces), *self.nobodys]


def recognise(found: Sequence[Entry], source: Path | None = None, lessons: Collection[str] = ()) -> Sorted:
    """The platform that a download is from, by its files' names, and what is whose. `lessons`: folders of those names
    are no student's. Raises CourseError where Gradescope's metadata cannot be read."""
    shown = [entry for entry in found if not any(part.startswith(".") for part in entry.path.parts)]
    if metadata := _metadata(shown):
        return _gradescope(shown, metadata)
    paths = [entry.path for entry in shown]
    for level in reversed(range(_shared(paths) + 1)):
        names = {entry.path.parts[level] for entry in shown if len(entry.path.parts) > level}
        if _most(MOODLE.fullmatch(name) for name in names):
            return _of_each("Moodle", shown, partial(_moodle, level=level))
        if _most(of_canvas(name) or CANVAS_TYPED.fullmatch(name) for name in names):
            return _of_each("Canvas", shown, partial(_canvas, level=level))
        if clones := _clones(found, source, level):
            above = next((entry.path.parts[:level] for entry in shown if len(entry.path.parts) > level), ())
            return _github(shown, clones, level, above[-1] if above else source.resolve().name if source else "")
    notebooks = [path for path in paths if path.suffix == ".ipynb"] or paths
    if _most(len(path.parts) > 1 for path in notebooks) and not _lie_loose(notebooks, paths, lessons):
        return _of_each("folders", shown, _folders(notebooks, lessons))
    return Sorted("Drive", nobodys=shown)


def _lie_loose(notebooks: Sequence[PurePosixPath], paths: Sequence[PurePosixPath], lessons: Collection[str]) -> bool:
    """Whether several notebooks lie beside each other in the one folder that holds all, as Drive packs a folder: it is
    no student's, but of a student's hand-in for a lesson."""
    home = notebooks[0].parent
    together = len(notebooks) > 1 and all(path.parent == home for path in notebooks)
    return together and all(path.is_relative_to(home) for path in paths) and set(lessons).isdisjoint(home.parts[1:])


def _most(answers: Iterable[Any]) -> bool:
    """Whether more than half of them are true."""
    answers = list(map(bool, answers))
    return 2 * sum(answers) > len(answers)


def _shared(paths: Sequence[PurePosixPath]) -> int:
    """How many folders all files lie in, which whoever packed them has put around them."""
    return len(os.path.commonprefix([path.parent.parts for path in paths]))


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


def _of_each(platform: str, found: Sequence[Entry], read: Callable[[Entry], Piece | None]) -> Sorted:
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


def _canvas(entry: Entry, level: int) -> Piece | None:
    part, *below = entry.path.parts[level:] or ("",)
    if typed := CANVAS_TYPED.fullmatch(part):
        return Piece(entry, typed["id"], PurePosixPath(part), typed["name"], late=bool(typed["late"]), typed=True)
    named = of_canvas(part)
    if not named:
        return None
    # Of a zip that a student handed in, this part is the zip's name, and the rest is what lies in it.
    file = PurePosixPath(*below) if below else PurePosixPath(named["file"])
    anonymous = named.re is CANVAS_ANONYMOUS
    name = "" if anonymous else named["name"]
    serial, late = int(named["attachment"]), bool(named["late"])
    return Piece(entry, named["id"], file, name, (), attempt_of(file.name)[1], serial, late, None, anonymous)


def _moodle(entry: Entry, level: int) -> Piece | None:
    part, *below = entry.path.parts[level:] or ("",)
    named = MOODLE.fullmatch(part)
    if not named:
        return None
    file = PurePosixPath(*below) if below else PurePosixPath(named["file"] or "")
    if not file.name:
        return None
    worksheet = f"Participant {named['id']}"  # in the grading worksheet; an ID number is another number
    attempt, typed = attempt_of(file.name)[1], named["kind"] == "onlinetext"
    return Piece(entry, named["id"], file, named["name"], (worksheet,), attempt, typed=typed)


def of_refused(platform: str, path: str) -> Piece | None:
    """Whose a file is that may not be opened, where Canvas or Moodle say it in its name."""
    readers: dict[str, Callable[[Entry, int], Piece | None]] = {"Canvas": _canvas, "Moodle": _moodle}
    entry = Entry(PurePosixPath(path), 0, bytes)
    if read := readers.get(platform):
        return next((piece for level in range(len(entry.path.parts)) if (piece := read(entry, level))), None)
    return None


def number_in(file: str, platform: str) -> str:
    """The number by which Moodle or Canvas calls whoever handed in a file of a download of theirs; else nothing."""
    readers: dict[str, Callable[[str], re.Match[str] | None]] = {"Canvas": of_canvas, "Moodle": MOODLE.fullmatch}
    named = map(readers[platform], PurePosixPath(file).parts) if platform in readers else ()
    return next((match["id"] for match in named if match), "")


def _metadata(found: Sequence[Entry]) -> Entry | None:
    """Gradescope's own metadata: beside the folders of all submissions, and never in one of them."""
    for metadata in sorted((entry for entry in found if entry.path.name == METADATA), key=_depth):
        root = metadata.path.parent
        others = [entry.path for entry in found if entry is not metadata]
        if any(MOODLE.fullmatch(part) or of_canvas(part) for part in root.parts):
            continue
        below = [path.relative_to(root).parts for path in others if path.is_relative_to(root)]
        if len(below) == len(others) and _most(SUBMISSION.fullmatch(parts[0]) for parts in below):
            return metadata
    return None


def _depth(entry: Entry) -> int:
    return len(entry.path.parts)


def _gradescope(found: Sequence[Entry], metadata: Entry) -> Sorted:
    result = Sorted("Gradescope")
    try:
        known = yaml.load(metadata.read(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        assert isinstance(known, dict)
    except Exception:  # the reader has kinds of errors that it does not name
        raise CourseError(
            f"{metadata.path} cannot be read, without which nobody knows whose is what: download it again."
        ) from None
    root = metadata.path.parent
    for entry in found:
        if entry is metadata:
            continue
        below = entry.path.relative_to(root).parts if entry.path.is_relative_to(root) else entry.path.parts
        about = known.get(below[0].removesuffix(".zip"), known.get(below[0])) if len(below) > 1 else None
        pieces = list(_submitted(entry, below, about)) if isinstance(about, dict) else []
        result.pieces += pieces
        if not pieces:
            result.nobodys.append(entry)
    return result


def _submitted(entry: Entry, below: Sequence[str], about: dict) -> Iterator[Piece]:
    """What a group handed in is each of its members'."""
    file, submitters = PurePosixPath(*below[1:]), about.get(":submitters")
    for who in submitters if isinstance(submitters, list) else ():
        if isinstance(who, dict):
            name, email, sid = (_text(who.get(f":{key}")) for key in ("name", "email", "sid"))
            if key := sid or email or name:
                ids = tuple(filter(None, (sid, email)))
                when, attempt = _time(about.get(":created_at")), attempt_of(file.name)[1]
                yield Piece(entry, key, file, name, ids, attempt, when=when, submission=below[0])


def _text(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, float)) else ""


def _time(value: Any) -> datetime | None:
    """A time of Gradescope's metadata, such as 2026-10-01 12:30:00.5 Z, which YAML may have read already."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)).replace(" Z", "Z").strip())
        except ValueError:
            return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _clones(found: Sequence[Entry], source: Path | None, level: int) -> list[str]:
    """The folders at a level of the download that have a .git in them."""
    inside = {entry.path.parts[level] for entry in found if entry.path.parts[level + 1 : level + 2] == (".git",)}
    if source is None or not source.is_dir():
        return sorted(inside)
    folders = {PurePosixPath(*entry.path.parts[: level + 1]) for entry in found if len(entry.path.parts) > level + 1}
    return sorted(folder.name for folder in folders if (source / folder / ".git").exists())


def _github(found: Sequence[Entry], clones: list[str], level: int, above: str) -> Sorted:
    """Clones are called ASSIGNMENT-USER, and lie in ASSIGNMENT-submissions, or else all begin with the assignment."""
    shared = os.path.commonprefix(clones) if len(clones) > 1 else ""
    shared = shared[: shared.rfind("-") + 1]
    assignment = above.removesuffix("submissions")
    if len(assignment) > 1 and all(name.startswith(assignment) for name in clones):
        shared = assignment

    def read(entry: Entry) -> Piece | None:
        first, *below = entry.path.parts[level:] or ("",)
        if first not in clones or not below:
            return None
        parts, user = first.split("-"), first.removeprefix(shared) or first
        # A roster tells how much of the beginning is the user's name; less than what only this clone has, it is not.
        users = ["-".join(parts[begin:]) for begin in range(len(parts))]
        users = [each for each in users if len(each) >= len(user)] if shared else users
        # What a commit says of its time is the student's word.
        return Piece(entry, user, PurePosixPath(*below), "", tuple(users))

    return _of_each("GitHub Classroom", found, read)


def _folders(notebooks: Sequence[PurePosixPath], lessons: Collection[str]) -> Callable[[Entry], Piece | None]:
    """The first folder names the student, after what most have in common; a lesson's is in the folder of a student."""
    shared = _shared(notebooks)
    deeper = [path for path in notebooks if len(path.parts) > shared + 1]  # beside them may lie what was handed out
    counted = deeper if 2 * len(deeper) > len(notebooks) else notebooks
    paths = [path.parts for path in counted if len(path.parts) > 1]
    depth = 0
    while all(len(parts) > depth + 2 and parts[depth + 1] not in lessons for parts in paths):
        if len({parts[: depth + 1] for parts in paths}) > 1 or len(paths) < 2:
            break
        depth += 1

    def read(entry: Entry) -> Piece | None:
        below = entry.path.parts[depth:]
        if len(below) < 2:
            return None
        file = PurePosixPath(*below[1:])
        return Piece(entry, below[0], file, "", (), attempt_of(file.name)[1])

    return read
