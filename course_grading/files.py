"""Files in a folder that somebody else has filled: only what is safe to open, whatever else lies there; and files of
ours, written whole or not at all."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DEEPEST = 20  # folders in folders; Python's own tools give up at some hundreds
VISIBLE = 64 << 20  # bytes, all together, that a kernel gets to see of a folder
MOST = 2000  # files
NAMES = 1 << 20  # bytes, of all their names
COPIED = 256 << 20  # bytes, all together, that are kept of what is handed in beside a notebook


def regular_files(folder: Path, ignore: Collection[str] = (), depth: int = DEEPEST) -> Iterator[Path]:
    """Real files in a folder and below, sorted; links, pipes, names in `ignore` (globs), and what lies deeper than
    anybody's work are left out. Raises OSError where a folder cannot be read."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if any(path.match(pattern) for pattern in ignore):
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth > 1:
                yield from regular_files(path, ignore, depth - 1)
        elif entry.is_file(follow_symlinks=False):
            yield path


def that_fit(folder: Path, ignore: Collection[str] = ()) -> tuple[list[Path], list[Path]]:
    """The regular files that are kept of a folder, and those that are too many or too large, by the size that they
    claim: what a file lacks on the disk, its copy has."""
    kept: list[Path] = []
    others: list[Path] = []
    left = COPIED
    for path in regular_files(folder, ignore):
        size = path.stat().st_size
        fits = size <= left and len(kept) < MOST
        (kept if fits else others).append(path)
        left -= size if fits else 0
    return kept, others


def contents(folder: Path, hidden: Collection[str] = ()) -> dict[str, bytes]:
    """The files of a folder by relative name, as far as a kernel gets to see them: nothing hidden, none of the names in
    `hidden` (globs), and no more than is reasonable."""
    found: dict[str, bytes] = {}
    left, left_for_names = VISIBLE, NAMES
    for path in regular_files(folder, [".*", *hidden]):
        size, name = path.stat().st_size, str(path.relative_to(folder))
        if size <= left and len(os.fsencode(name)) <= left_for_names and len(found) < MOST:
            found[name] = path.read_bytes()
            left, left_for_names = left - size, left_for_names - len(os.fsencode(name))
    return found


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file to write in the place of another, which it takes once it is whole; where it does not come to that, the
    other stays, and nothing is left of the new one."""
    new = target.with_name(f".{target.name}.new")
    try:
        yield new
        os.replace(new, target)
    except BaseException:
        with suppress(OSError):  # on a disk that cannot be written to, it is not there
            new.unlink()
        raise
