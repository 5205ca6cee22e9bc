"""What an instructor downloaded, as a list of files: a zip, a folder or a single file. Nothing is unpacked to disk.

A zip's names and sizes are a stranger's: nothing in it is written or even read before it is known to be harmless.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from course_grading.files import regular_files
from course_utils.errors import CourseError

MOST_ENTRIES = 50_000
LARGEST_FILE = 100 << 20  # bytes, unpacked
LARGEST_ARCHIVE = 8 << 30  # bytes, unpacked
OF_THE_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
OLDEST = 1981  # a zip that knows no date says 1980


@dataclass(frozen=True)
class Entry:
    """One file of a download: its path within it, and when it was last changed, in UTC, where that is known."""

    path: PurePosixPath
    size: int
    when: datetime | None
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Refused:
    """A file of a download that is not taken, and why, as the end of a sentence."""

    path: str
    why: str


def entries(source: Path) -> tuple[list[Entry], list[Refused]]:
    """The files of a zip or a folder, or the single file. Raises CourseError where it cannot be read, or is a trap."""
    if source.is_dir():
        found = [_of_folder(source, path) for path in regular_files(source, [".*"], depth=12)]
        return found, []
    if not source.is_file():
        raise CourseError(f"There is no file or folder {source}.")
    if not zipfile.is_zipfile(source):
        if source.suffix.lower() == ".zip":
            raise CourseError(f"{source} is no whole zip file: download it again.")
        return [_of_folder(source.parent, source)], []
    return _of_zip(_opened(source, str(source)), source.name)


def is_zip(entry: Entry) -> bool:
    return entry.path.suffix.lower() == ".zip"


def inside(entry: Entry) -> tuple[list[Entry], list[Refused]]:
    """The files of a zip that a student handed in. Raises CourseError as `entries` does."""
    found, refused = _of_zip(_opened(io.BytesIO(entry.read()), str(entry.path)), str(entry.path))
    return [Entry(entry.path / each.path, each.size, entry.when or each.when, each.read) for each in found], refused


def _of_folder(root: Path, path: Path) -> Entry:
    known = path.stat()
    when = datetime.fromtimestamp(known.st_mtime, UTC)
    return Entry(PurePosixPath(path.relative_to(root).as_posix()), known.st_size, when, path.read_bytes)


def _opened(file: Path | io.BytesIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CourseError(f"{name} is no whole zip file ({error}): ask for it, or download it, again.") from None


def _of_zip(archive: zipfile.ZipFile, name: str) -> tuple[list[Entry], list[Refused]]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_ENTRIES:
        raise CourseError(f"{name} holds {len(members)} files, more than the {MOST_ENTRIES} of any class: is it one?")
    if any(member.flag_bits & 1 for member in members):
        raise CourseError(f"{name} is encrypted: unpack it with its password, and give the folder instead.")
    if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
        raise CourseError(f"{name} would unpack to more than {LARGEST_ARCHIVE >> 30} GB: it is not opened.")
    found, refused = [], []
    for member in members:
        path = PurePosixPath(_name(member).replace("\\", "/"))
        if str(path).startswith(OF_THE_SYSTEM) or path.name in OF_THE_SYSTEM:
            continue
        if why := _trap(member, path):
            refused.append(Refused(str(path), why))
        else:
            found.append(Entry(path, member.file_size, _when(member), partial(_unpacked, archive, member)))
    return found, refused


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name; what does not say that it is UTF-8 may be UTF-8 all the same."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _trap(member: zipfile.ZipInfo, path: PurePosixPath) -> str:
    if path.is_absolute() or ".." in path.parts or path.parts[0].endswith(":"):
        return "leads out of its folder"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file"
    if member.file_size > LARGEST_FILE:
        return f"has {member.file_size >> 20} MB, more than {LARGEST_FILE >> 20}"
    return ""


def _when(member: zipfile.ZipInfo) -> datetime | None:
    """When it was last changed; a zip gives it in the local time of whoever made it, which is taken to be ours."""
    try:
        return datetime(*member.date_time).astimezone(UTC) if member.date_time[0] >= OLDEST else None
    except (ValueError, OverflowError, OSError):
        return None


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes, and no more than it may have, whatever it says of its size."""
    try:
        with archive.open(member) as file:
            data = file.read(LARGEST_FILE + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError, zlib.error) as error:
        raise CourseError(f"{member.filename} cannot be unpacked ({error}).") from None
    if len(data) > LARGEST_FILE:
        raise CourseError(f"{member.filename} unpacks to more than {LARGEST_FILE >> 20} MB.")
    return data


def whole(found: Iterator[Entry] | list[Entry]) -> Iterator[Entry | Refused]:
    """The files, and in place of each zip among them what is in it; a zip that cannot be opened is refused."""
    for entry in found:
        if not is_zip(entry):
            yield entry
            continue
        try:
            ours, refused = inside(entry)
        except CourseError as error:
            yield Refused(str(entry.path), f"cannot be opened: {error}")
            continue
        yield from ours
        yield from refused
