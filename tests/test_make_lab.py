"""`make lab` starts JupyterLab on a copy of the lessons, for this machine only, and never touches anybody's answers."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import is_solution

from course_grading.workspace import fill, rescue
from course_utils import find_picture
from course_utils.errors import CourseError

ROOT = Path(__file__).parents[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def said_in(runtime: Path) -> dict | None:
    """What a server says of itself; None before all of it is written."""
    with contextlib.suppress(StopIteration, json.JSONDecodeError):
        return json.loads(next(runtime.glob("jpserver-*.json")).read_text())
    return None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict]:
    """What JupyterLab says of itself once `make lab` has started it: address, token, folder."""
    runtime = tmp_path / "runtime"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "JUPYTER"))}
    environ = {**kept, "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    command = ["make", "--old-file=.venv/installed", "lab", "LAB=--no-browser --port=0"]
    with (tmp_path / "log").open("w") as log:
        made = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + 180
        while not (about := said_in(runtime)):
            assert made.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.1)
        while not answers(about["port"]):  # it says so a moment before
            assert made.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.1)
        yield about
    finally:
        os.killpg(made.pid, signal.SIGTERM)
        made.wait(30)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with a released lesson, its first page, and what is not for students."""
    for name, text in {
        "start_here.ipynb": "start",
        "01_a/a.ipynb": "a",
        "01_a/.ipynb_checkpoints/a.ipynb": "old",
    }.items():
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def copied(course: Path) -> dict[str, str]:
    work = course / "work"
    return {path.relative_to(work).as_posix(): path.read_text() for path in work.rglob("*") if path.is_file()}


def test_new_lessons_are_added_and_nothing_of_a_student_is_overwritten(course: Path) -> None:
    assert [path.name for path in fill(course)] == ["a.ipynb", "start_here.ipynb"]
    assert copied(course) == {"start_here.ipynb": "start", "01_a/a.ipynb": "a"}
    (course / "work" / "01_a" / "a.ipynb").write_text("mine")
    (course / "work" / "01_a" / "cat.png").write_text("my cat")
    (course / "notebooks" / "01_a" / "a.ipynb").write_text("a, second edition")
    (course / "notebooks" / "02_b.ipynb").write_text("b")
    (course / "work" / "start_here.ipynb").unlink()
    (course / "work" / "start_here.ipynb").symlink_to("nowhere")
    assert [path.name for path in fill(course)] == ["02_b.ipynb"]
    (course / "work" / "start_here.ipynb").unlink()
    assert copied(course) == {"01_a/a.ipynb": "mine", "01_a/cat.png": "my cat", "02_b.ipynb": "b"}


def test_a_file_in_the_way_gets_a_sentence(course: Path) -> None:
    (course / "work").write_text("something else")
    with pytest.raises(CourseError, match=r"Cannot write .*work.*: Not a directory|Cannot write .*: File exists"):
        fill(course)
    (course / "nbgrader_config.py").touch()
    env = os.environ | {"COURSE_ROOT": str(course)}
    command = [sys.executable, "-m", "course_grading.workspace"]
    done = subprocess.run(command, env=env, cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("Cannot write ") and done.stderr.count("\n") == 1


def test_pictures_of_the_course_are_found_from_there(monkeypatch: pytest.MonkeyPatch, course: Path) -> None:
    fill(course)
    monkeypatch.chdir(course / "work" / "01_a")
    assert find_picture("camera").is_file()


@pytest.mark.parametrize(
    "worked", ["untouched", "answered", "guessed", "noted", "taken out", "run", "unsigned", "broken"]
)
def test_what_somebody_did_in_notebooks_is_kept_before_it_is_replaced(course: Path, worked: str) -> None:
    lesson = next((ROOT / "notebooks").glob("01_*/*.ipynb"))
    path = course / "notebooks" / "01_a" / "a.ipynb"
    notebook = nbformat.read(lesson, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if worked == "answered":
        next(cell for cell in code if is_solution(cell)).source = "def region_at(x, *place): return x"
    if worked == "guessed":
        cell = next(cell for cell in code if "guess(" in cell.source)
        cell.source = cell.source.replace("None)", "38)")
    if worked == "noted":
        notebook.cells.insert(2, nbformat.v4.new_markdown_cell("Two hours of notes"))
    if worked == "taken out":
        del notebook.cells[2]
    if worked == "unsigned":
        del notebook.metadata["course"]
    if worked == "run":
        code[3].execution_count = 4
    path.write_text("{" if worked == "broken" else nbformat.writes(notebook))
    if worked == "untouched":
        assert rescue(path, course) is None and not (course / "work").exists()
        return
    assert rescue(path, course) == rescue(path, course) == course / "work" / "01_a" / "a.ipynb"
    assert path.read_bytes() == (course / "work" / "01_a" / "a.ipynb").read_bytes()
    path.write_text("{ other work")
    assert rescue(path, course) == course / "work" / "01_a" / "a_2.ipynb"
    assert (course / "work" / "01_a" / "a_2.ipynb").read_text() == "{ other work"


def test_it_opens_a_copy_of_the_lessons_in_the_courses_folder(server: dict) -> None:
    assert server["hostname"] in ("localhost", "127.0.0.1")
    assert Path(server["root_dir"]) == ROOT  # where Formgrader and Validate find nbgrader_config.py
    page = urllib.request.urlopen(f"{server['url']}lab?token={server['token']}", timeout=30)
    assert page.status == 200 and b"JupyterLab" in page.read()
    start = urllib.request.Request(f"{server['url']}?token={server['token']}")
    assert urllib.request.urlopen(start, timeout=30).url.split("?")[0].endswith("/lab/tree/work/start_here.ipynb")
    work = ROOT / "work"
    for released in (ROOT / "notebooks").rglob("*.ipynb"):
        assert (work / released.relative_to(ROOT / "notebooks")).is_file()
