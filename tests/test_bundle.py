"""`course bundle`: complete, installable, written whole or not at all, and over nothing that is not its own."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
import yaml
from packaging.specifiers import SpecifierSet

from course_grading.authoring.bundle import MANIFEST, colab_badge, write_bundle
from course_grading.authoring.freshness import NOTES
from course_grading.authoring.page import first_cell
from course_utils.errors import CourseError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with one small lesson, all that must stay at home beside what goes out."""
    root = tmp_path / "course"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(first_cell()), nbformat.v4.new_markdown_cell("# Blur")]
    )
    released = root / "notebooks" / "01_blur" / "blur.ipynb"
    for path, text in {
        released: nbformat.writes(notebook),
        released.with_name("gradebook.db"): "at home",
        root / "notebooks" / "old" / "old.ipynb": nbformat.writes(notebook),
        root / "solutions" / "01_blur" / "blur.ipynb": "at home",
        root / "solutions" / "01_blur" / "exercises.py": "at home",
        root / "data" / "SOURCES.md": "mine",
        root / "data" / ".hidden": "at home",
        root / "data" / "pictures" / "dot.txt": "a dot",
        root / "course_grading" / "__init__.py": "at home",
        root / "course_utils" / "__init__.py": "answer = 42\n",
        root / "course_utils" / "explorers" / "__init__.py": "",
        root / "course_utils" / "explorers" / "static" / "dial.js": "dial",
        root / "course_utils" / "explorers" / "static" / "deep" / "no.txt": "at home",
        root / "course_utils" / "cases" / "blur.json": "{}",
        root / "course_utils" / "__pycache__" / "x.py": "at home",
        root / "course_utils" / "notes.txt": "at home",
        root / "pyproject.toml": (ROOT / "pyproject.toml").read_text(),
        root / "nbgrader_config.py": "at home",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_students_need_and_nothing_else(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    write_bundle(course, out)
    found = contents(out)
    assert set(found) == {
        *(MANIFEST, "README.md", "environment.yml", "pyproject.toml", ".gitignore"),
        *(".devcontainer/devcontainer.json", ".github/workflows/checks.yml"),
        *("notebooks/01_blur/blur.ipynb", "data/SOURCES.md", "data/pictures/dot.txt"),
        *("course_utils/__init__.py", "course_utils/explorers/__init__.py"),
        *("course_utils/explorers/static/dial.js", "course_utils/cases/blur.json"),
    }
    assert not any(b"at home" in content for content in found.values())
    with zipfile.ZipFile(tmp_path / "student.zip") as archive:
        assert {name: archive.read(f"convolution-course/{name}") for name in found} == found
        assert len(archive.namelist()) == len(found)


def test_the_address_is_filled_in(course: Path, tmp_path: Path) -> None:
    out, address = tmp_path / "student", "git+https://github.com/ada/course@v2"
    write_bundle(course, out, address)
    badge, fetch, title = nbformat.read(out / "notebooks/01_blur/blur.ipynb", as_version=4).cells
    link = "https://colab.research.google.com/github/ada/course/blob/v2/notebooks/01_blur/blur.ipynb"
    assert f"({link})" in badge.source and f"({link})" in (out / "README.md").read_text()
    assert f'COURSE_ADDRESS = "{address}"' in fetch.source
    assert title.source == "# Blur"


@pytest.mark.parametrize(
    ("address", "ref"),
    [
        ("https://github.com/ada/course/archive/refs/heads/main.zip", "main"),
        ("https://github.com/ada/course/archive/v1.0.zip", "v1.0"),
        ("git+https://github.com/ada/course.git", "main"),
        ("git+https://github.com/ada/course.git@spring", "spring"),
    ],
)
def test_the_badge_opens_the_notebook_at_the_address(address: str, ref: str) -> None:
    assert f"/github/ada/course/blob/{ref}/notebooks/a/b.ipynb)" in colab_badge(address, "notebooks/a/b.ipynb")


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("git+https://github.com/ada/course", "ada/course?quickstart=1"),
        ("git+https://github.com/ada/course.git@spring/one", "ada/course/tree/spring/one?quickstart=1"),
        ("https://github.com/ada/course/archive/refs/heads/main.zip", "ada/course/tree/main?quickstart=1"),
        ("https://example.org/course.zip", None),
        ("", None),
    ],
)
def test_published_on_github_it_opens_in_codespaces(
    course: Path, tmp_path: Path, address: str, link: str | None
) -> None:
    write_bundle(course, tmp_path / "student", address)
    readme = (tmp_path / "student" / "README.md").read_text()
    badge = f"[![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/{link})"
    assert (badge in readme) == ("Codespaces" in readme) == (link is not None)


def test_binder_finds_the_lesson_and_all_that_it_needs(course: Path, tmp_path: Path) -> None:
    """repo2docker takes environment.yml and copies the whole folder; BinderHub opens the path in `labpath`."""
    out = tmp_path / "student"
    write_bundle(course, out, "git+https://github.com/ada/course@spring/one")
    found = re.search(
        r"\(https://mybinder\.org/v2/gh/ada/course/spring%2Fone\?labpath=([^)/]+)\)", (out / "README.md").read_text()
    )
    assert found is not None and (out / unquote(found[1])).is_file()
    needed = yaml.safe_load((out / "environment.yml").read_text())["dependencies"]
    assert {"pip": ["-e ."]} in needed and {"pytorch>=2.1", "jupyterlab>=4.2,<5", "ipykernel>=6.17"} <= {
        line for line in needed if isinstance(line, str)
    }
    # Any of these comes before the environment.yml of the folder itself, for repo2docker.
    assert not any((out / name).exists() for name in ("binder", ".binder", "Dockerfile"))


def test_the_container_installs_what_the_bundle_declares(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    write_bundle(course, out)
    about = json.loads((out / ".devcontainer" / "devcontainer.json").read_text())
    workflow = yaml.safe_load((out / ".github" / "workflows" / "checks.yml").read_text())
    (install,) = [step["run"] for step in workflow["jobs"]["checks"]["steps"] if step.get("id") == "install"]
    assert about["postCreateCommand"] == install == "pip install --editable '.[lab]'"
    project = tomllib.loads((out / "pyproject.toml").read_text())["project"]
    assert "lab" in project["optional-dependencies"]
    assert SpecifierSet(project["requires-python"]).contains(about["image"].removeprefix("python:"))


def test_elsewhere_than_github_the_badge_says_upload() -> None:
    assert "upload" in colab_badge("https://example.org/course.zip", "notebooks/a/b.ipynb")


def test_without_an_address_the_notebook_stays_as_it_is(course: Path, tmp_path: Path) -> None:
    write_bundle(course, tmp_path / "student")
    released = nbformat.read(course / "notebooks/01_blur/blur.ipynb", as_version=4)
    assert nbformat.read(tmp_path / "student/notebooks/01_blur/blur.ipynb", as_version=4) == released


@pytest.mark.parametrize(
    ("address", "behind"),
    [
        ("", ""),
        ("https://example.org/course.zip", ""),
        (
            "git+https://github.com/lab/course",
            " ([in Colab](https://colab.research.google.com/github/lab/course/blob/main/notebooks/01_blur/blur.ipynb))",
        ),
    ],
)
def test_the_first_page_leads_to_the_lessons(course: Path, tmp_path: Path, address: str, behind: str) -> None:
    """In Binder, in Codespaces and at home to those beside it, which is why the links stay relative on GitHub, too."""
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("1 [Blur](01_blur/blur.ipynb)")])
    nbformat.write(page, course / "notebooks" / "start_here.ipynb")
    write_bundle(course, tmp_path / "student", address)
    out = tmp_path / "student"
    assert "[the first page](notebooks/start_here.ipynb)" in (out / "README.md").read_text()
    published = nbformat.read(out / "notebooks" / "start_here.ipynb", 4)
    assert published.cells[0].source == f"1 [Blur](01_blur/blur.ipynb){behind}"


def test_its_dependencies_are_the_students_with_the_same_bounds(course: Path, tmp_path: Path) -> None:
    write_bundle(course, tmp_path / "student")
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    theirs = tomllib.loads((tmp_path / "student/pyproject.toml").read_text())["project"]
    for field in ("name", "version", "requires-python", "dependencies"):
        assert theirs[field] == ours[field]
    assert theirs["optional-dependencies"] == {"lab": ours["optional-dependencies"]["lab"]}
    lines = {
        environment: {line for line in yaml.safe_load(environment.read_text())["dependencies"] if isinstance(line, str)}
        for environment in (ROOT / "environment.yml", tmp_path / "student/environment.yml")
    }
    whole, student = lines.values()
    assert student < whole
    assert len(student) == len([*ours["dependencies"], *ours["optional-dependencies"]["lab"], "python", "pip"])


def test_a_former_bundle_is_replaced_and_its_git_stays(course: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    write_bundle(course, out)
    (out / ".git" / "objects").mkdir(parents=True)
    (out / ".git" / "HEAD").write_text("ref")
    (course / "data" / "pictures" / "dot.txt").unlink()
    write_bundle(course, out, "https://example.org/course.zip")
    assert (out / ".git" / "HEAD").read_text() == "ref"
    assert not (out / "data" / "pictures" / "dot.txt").exists()
    assert "https://example.org/course.zip" in (out / "notebooks/01_blur/blur.ipynb").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "student", "student.zip"]


def test_the_same_course_makes_the_same_zip(course: Path, tmp_path: Path) -> None:
    write_bundle(course, tmp_path / "one")
    write_bundle(course, tmp_path / "two")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("foreign", ["student/thesis.txt", "student/README.md", "student.zip", "student"])
def test_what_is_not_ours_is_kept(course: Path, tmp_path: Path, foreign: str) -> None:
    if foreign != "student":
        write_bundle(course, tmp_path / "student")
    (tmp_path / foreign).write_text("precious")
    before = contents(tmp_path)
    with pytest.raises(CourseError, match=r"move it away|choose another"):
        write_bundle(course, tmp_path / "student")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("out", ["course/pyproject.toml/student", "/proc/student"])
def test_an_unwritable_folder_is_one_sentence(course: Path, tmp_path: Path, out: str) -> None:
    before = contents(tmp_path)
    with pytest.raises(CourseError, match=r"Cannot write .*--out"):
        write_bundle(course, tmp_path / out)
    assert contents(tmp_path) == before


def test_a_failure_half_way_leaves_nothing(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(course, tmp_path / "student")
    before = contents(tmp_path)
    (course / "data" / "new.txt").write_text("new")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(CourseError, match="No space left on device"):
        write_bundle(course, tmp_path / "student")
    (course / "data" / "new.txt").unlink()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("address", ["--index-url", "/nowhere/course.zip", " https://example.org/x.zip"])
def test_an_address_that_pip_cannot_take_is_refused(course: Path, tmp_path: Path, address: str) -> None:
    with pytest.raises(CourseError, match="neither a web address"):
        write_bundle(course, tmp_path / "student", address)
    assert not (tmp_path / "student").exists()


def test_a_lesson_that_was_not_built_is_named(course: Path, tmp_path: Path) -> None:
    (course / "notebooks/01_blur/blur.ipynb").unlink()
    with pytest.raises(CourseError, match=r"notebooks/01_blur/blur.ipynb is missing.*course build"):
        write_bundle(course, tmp_path / "student")


def test_a_notebook_with_another_first_cell_is_refused(course: Path, tmp_path: Path) -> None:
    path = course / "notebooks/01_blur/blur.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = "print('mine')"
    path.write_text(json.dumps(notebook))
    with pytest.raises(CourseError, match="first cell"):
        write_bundle(course, tmp_path / "student")


def test_every_picture_names_its_origin_and_licence() -> None:
    """data/SOURCES.md: a table with a row for each file, | file | what it shows | origin | licence |."""
    lines = [line for line in (ROOT / "data" / "SOURCES.md").read_text().splitlines() if line.startswith("|")]
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    assert rows[0] == ["file", "what it shows", "origin", "licence"]
    assert all(len(row) == 4 and all(row) for row in rows)
    files = {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").rglob("*") if path.is_file()}
    assert {row[0] for row in rows[2:]} == files - {"SOURCES.md"}


def test_the_command_hands_out_what_the_sources_say(tmp_path: Path) -> None:
    root, out = tmp_path / "copy", tmp_path / "student"
    for name in ("solutions", "notebooks", "data", "course_utils"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    if (ROOT / NOTES).is_file():  # what `course build --check` has found fresh need not be built again
        (root / NOTES).parent.mkdir()
        shutil.copy(ROOT / NOTES, root / NOTES)
    for name in ("pyproject.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    command = [Path(sys.executable).with_name("course"), "bundle", "--out", out]
    environ = os.environ | {"COURSE_ROOT": str(root)}

    ended = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert f"Wrote {out} and {out}.zip." in ended.stdout and "No address is set" in ended.stdout

    worked_in = min((root / "notebooks").glob("*/*.ipynb"))  # the first lesson, which is built soonest
    worked_in.write_text(worked_in.read_text().replace("FIXME", "my answer"))
    before = contents(out)
    ended = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"course: Stale: {worked_in.relative_to(root)}.")
    assert "is kept in work/" in ended.stderr
    assert contents(out) == before
