"""The guide for instructors: its commands run as they stand, one after the other, in a course with a small class."""

import csv
import re
import shlex
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_grading.cli import COMMANDS, app
from tests.conftest import ROOT
from tests.grading.courses import copy_course, copy_package

GUIDE = ROOT / "docs" / "instructors.md"
LESSON = "01_sliding_regions"


def commands() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def small_class(course: Path) -> None:
    """A download from Canvas: Ada has all right, Bo flips his kernel, Cem has not begun."""
    lesson = load_lesson(LESSON, ROOT)
    right = right_answers(lesson)
    flipped = right | {"corr2d": answer_source(lesson, "corr2d", "kernel_flipped")}
    (course / "downloads").mkdir()
    with zipfile.ZipFile(course / "downloads" / "submissions.zip", "w") as download:
        for name, number, answers in [("lovelaceada", 41, right), ("bobo", 42, flipped), ("cemcem", 43, {})]:
            notebook = nbformat.writes(filled_notebook(lesson, answers))
            download.writestr(f"{name}_{number}_{1000 + number}_sliding_regions.ipynb", notebook)


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = copy_course(tmp_path / "course", lesson=LESSON)
    copy_package(course)
    shutil.copy(ROOT / "pyproject.toml", course)
    small_class(course)
    monkeypatch.chdir(course)
    monkeypatch.setenv("COURSE_ROOT", str(course))
    monkeypatch.setenv("COLUMNS", "200")
    ran = commands()
    for command in ran:
        program, *arguments = shlex.split(command)
        assert program == "course"
        done = CliRunner().invoke(app, arguments)  # in this process: each would take seconds to import torch
        assert done.exit_code == 0, f"{command}\n{done.output[-3000:]}\n{done.exception!r}"
    assert {shlex.split(command)[1] for command in ran} == set(COMMANDS) - {"doctor"}
    assert (tmp_path / "handouts" / f"{LESSON}.zip").is_file()
    assert (tmp_path / "student" / "notebooks" / "02_edges" / "edges.ipynb").is_file()
    with (course / "exports" / f"{LESSON}.csv").open(encoding="utf-8") as table:
        marks = {row["id"]: float(row["points"]) for row in csv.DictReader(table)}
    assert marks["41"] == 20
    assert 0 < marks["42"] < 20
    assert marks["43"] == 0
