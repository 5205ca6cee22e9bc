"""What an instructor downloaded, as a list of files: a zip, a folder or a single file. Nothing is unpacked to disk.

A zip's names and sizes are a stranger's: nothing in it is written or even read before it is known to be harmless. Its
dates are nobody's word on when something was handed in: Canvas and Moodle put in the moment of the download, Drive that
of the last change, and unpacking anything; so they are not read at all.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from course_grading.files import regular_files
from course_utils.errors import CourseError

MOST_ENTRIES = 50_000
LARGEST_FILE = 100 << 20  # bytes, unpacked
LARGEST_ARCHIVE = 2 << 30  # bytes, unpacked: all files of a zip, and all that is in the zips in it
MOST_TIMES = 200  # what a file may be larger than packed: text shrinks to a tenth, a bomb to a thousandth
SMALL = 4 << 20  # bytes that are harmless, however well they were packed
LONGEST_NAME, LONGEST_PATH = 255, 1000  # bytes that a disk takes
OF_THE_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Entry:
    """One file of a download: its path within it, its size, and what reads it or raises CourseError."""

    path: PurePosixPath
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Refused:
    """A file of a download that is not taken, and why, as the end of a sentence."""

    path: str
    why: str


def entries(source: Path) -> tuple[list[Entry], list[Refused]]:
    """The files of a zip or a folder, or the single file. Raises CourseError where it cannot be read, or is a trap."""
    if source.is_dir():
        try:
            found, large = _sorted_out([_of_folder(source, path) for path in regular_files(source, [".*"], depth=12)])
            return found, large + [Refused(path.as_posix(), "is a link, not a file") for path in _links(source)]
        except OSError as error:
            raise CourseError(f"{error.filename} cannot be read ({error.strerror}): give yourself the right.") from None
    if not source.is_file():
        raise CourseError(f"There is no file or folder {source}.")
    if not zipfile.is_zipfile(source):
        if source.suffix.lower() == ".zip":
            raise CourseError(f"{source} is no whole zip file: download it again.")
        return _sorted_out([_of_folder(source.parent, source)])
    return _of_zip(_opened(source, str(source)), source.name)


def whole(found: Sequence[Entry]) -> Iterator[Entry | Refused]:
    """The files, and in place of each zip among them what is in it; a zip that cannot be opened is refused."""
    left = LARGEST_ARCHIVE
    for entry in found:
        if entry.path.suffix.lower() != ".zip":
            yield entry
            continue
        try:
            ours, refused = _within(entry)
        except CourseError as error:
            yield Refused(str(entry.path), f"cannot be opened: {error}")
            continue
        left -= sum(each.size for each in ours)
        if left < 0:
            yield Refused(str(entry.path), f"all zips in it would unpack to more than {LARGEST_ARCHIVE >> 30} GB")
            continue
        for place, each in enumerate(ours):
            yield Entry(entry.path / each.path, each.size, partial(_read_within, entry, place))
        yield from (Refused(str(entry.path / each.path), each.why) for each in refused)


@lru_cache(maxsize=1)  # a student's files are read one after the other, and the zips of a class are too many to keep
def _within(entry: Entry) -> tuple[list[Entry], list[Refused]]:
    return _of_zip(_opened(io.BytesIO(entry.read()), entry.path.name), entry.path.name)


def _read_within(entry: Entry, place: int) -> bytes:
    return _within(entry)[0][place].read()


def _of_folder(root: Path, path: Path) -> Entry:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CourseError(f"it cannot be read ({error.strerror})") from None

    return Entry(PurePosixPath(path.relative_to(root).as_posix()), path.stat().st_size, read)


def _links(folder: Path) -> Iterator[Path]:
    """What is passed over in a folder as it is a link, by its path in there."""
    for directory, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            path = Path(directory, name)
            if path.is_symlink() and not name.startswith("."):
                yield path.relative_to(folder)


def _sorted_out(found: list[Entry]) -> tuple[list[Entry], list[Refused]]:
    """The files of a folder that are not too large, and the others."""
    large = [Refused(str(entry.path), _too_large(entry.size)) for entry in found if entry.size > LARGEST_FILE]
    return [entry for entry in found if entry.size <= LARGEST_FILE], large


def _opened(file: Path | io.BytesIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except Exception as error:  # zipfile has a kind of its own for each way in which a file can be broken
        raise CourseError(f"{name} is no whole zip file ({error}): ask for it, or download it, again.") from None


def _of_zip(archive: zipfile.ZipFile, name: str) -> tuple[list[Entry], list[Refused]]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_ENTRIES:
        raise CourseError(f"{name} holds {len(members)} files, more than the {MOST_ENTRIES} of any class: is it one?")
    if members and all(member.flag_bits & 1 for member in members):
        raise CourseError(f"{name} is encrypted: unpack it with its password, and give the folder instead.")
    if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
        raise CourseError(
            f"{name} would unpack to more than {LARGEST_ARCHIVE >> 30} GB, and is not opened: if it is your class, "
            "unpack it yourself, and give the folder instead."
        )
    found, refused = [], []
    for member in members:
        path = PurePosixPath(_name(member).replace("\\", "/"))
        if str(path).startswith(OF_THE_SYSTEM) or path.name in OF_THE_SYSTEM:
            continue
        if why := _trap(member, path):
            refused.append(Refused(str(path), why))
        else:
            found.append(Entry(path, member.file_size, partial(_unpacked, archive, member)))
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
    if not path.name:
        return "has no name"
    if path.is_absolute() or ".." in path.parts or path.parts[0].endswith(":"):
        return "leads out of its folder"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file"
    if max(len(part.encode()) for part in path.parts) > LONGEST_NAME or len(str(path).encode()) > LONGEST_PATH:
        return "has a longer name than a disk takes"
    if member.flag_bits & 1:
        return "is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that no platform uses"  # and that cannot be stopped at a size
    if member.file_size > LARGEST_FILE:
        return _too_large(member.file_size)
    if member.file_size > SMALL + MOST_TIMES * member.compress_size:
        return f"would unpack to {member.file_size // max(member.compress_size, 1)} times its size"
    return ""


def _too_large(size: int) -> str:
    return f"has {size >> 20} MB, more than {LARGEST_FILE >> 20}"


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes: no more of them than it has said, which was found to be little enough."""
    try:
        with archive.open(member) as file:
            return file.read(member.file_size + 1)
    except Exception as error:  # as when opening it: zipfile, zlib, bz2 and lzma each have kinds of their own
        raise CourseError(f"it cannot be unpacked ({error})") from None
