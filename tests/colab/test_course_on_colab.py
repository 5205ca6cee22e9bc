"""The published course on a Colab that has never heard of it: it arrives, works, and leaves what was there alone."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from course_grading.authoring.bundle import write_bundle
from course_grading.authoring.language import Lesson
from course_grading.authoring.page import first_cell
from course_grading.classroom.simulated import answer_source, filled_in, right_answers
from course_utils.output import RECORD_TYPE
from tests.lessons import LESSONS

from .environment import Base, Colab

ROOT = Path(__file__).resolve().parents[2]
LESSON_1 = LESSONS["01_sliding_regions"]


@dataclass(frozen=True)
class Arrived:
    """A Colab after its first notebook, whose first cell has fetched the course; what it had before and has after."""

    colab: Colab
    published: Path
    content: Path
    first: nbformat.NotebookNode  # lesson 1 with right answers
    before: dict[str, str]
    after: dict[str, str]

    def run(self, lesson: Lesson, answers: dict[str, str]) -> nbformat.NotebookNode:
        return self.colab.run(published_notebook(self.published, lesson, answers), self.content)


def published_notebook(folder: Path, lesson: Lesson, answers: dict[str, str]) -> nbformat.NotebookNode:
    """The notebook of `lesson` in the student version, with `answers` filled in."""
    path = folder / "notebooks" / lesson.folder.name / lesson.notebook.name
    return filled_in(lesson, nbformat.read(path, as_version=4), answers)


@pytest.fixture(scope="module")
def arrived(colab_base: Base, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arrived]:
    folder = tmp_path_factory.mktemp("web")
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        write_bundle(ROOT, folder / "course", f"http://127.0.0.1:{server.server_port}/course.zip")
        machine = tmp_path_factory.mktemp("machine")
        content = machine / "content"
        content.mkdir()
        colab = Colab(colab_base, machine / "colab")
        before = colab.versions()
        notebook = published_notebook(folder / "course", LESSON_1, right_answers(LESSON_1))
        first = colab.run(notebook, content)
        server.shutdown()
    yield Arrived(colab, folder / "course", content, first, before, colab.versions())


@pytest.fixture(scope="module")
def answered(arrived: Arrived) -> dict[str, nbformat.NotebookNode]:
    """All lessons with right answers: the first after it fetched the course, the others in a kernel of their own."""
    others = {
        lesson.name: published_notebook(arrived.published, lesson, right_answers(lesson))
        for lesson in LESSONS.values()
        if lesson.name != LESSON_1.name
    }
    arrived.colab.run_in_turn(list(others.values()), arrived.content)
    return {LESSON_1.name: arrived.first, **others}


def records(notebook: nbformat.NotebookNode) -> dict[str, dict]:
    """The latest record of each exercise that was checked."""
    found = [output.data[RECORD_TYPE] for output in outputs(notebook) if RECORD_TYPE in output.get("data", {})]
    return {record["exercise"].partition(".")[2]: record for record in found}


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def errors(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for output in outputs(notebook) if output.output_type == "error"]


def test_the_first_cell_fetches_the_course_without_a_word(arrived: Arrived) -> None:
    badge, fetch = arrived.first.cells[:2]
    assert "colab-badge" in badge.source
    assert fetch.execution_count == 1 and fetch.outputs == []
    assert "convolution-course" in arrived.after.keys() - arrived.before.keys()


def test_nothing_that_was_installed_has_changed(arrived: Arrived) -> None:
    arrived_with_it = arrived.after.items() - arrived.before.items()
    assert [name for name, _ in arrived_with_it] == ["convolution-course"]
    assert arrived.before.keys() <= arrived.after.keys()
    where = arrived.colab.execute("-c", "import torch; print(torch.__file__)")
    assert not Path(where).is_relative_to(arrived.colab.folder)
    assert "No broken requirements" in arrived.colab.execute("-m", "pip", "check")


def test_pictures_are_found_from_any_folder(arrived: Arrived, tmp_path: Path) -> None:
    code = "from course_utils import load_picture; print(load_picture('camera').shape)"
    assert arrived.colab.execute("-c", code, cwd=tmp_path) == "torch.Size([512, 512])\n"


def test_right_answers_earn_full_marks(answered: dict[str, nbformat.NotebookNode], each_lesson: Lesson) -> None:
    notebook = answered[each_lesson.name]
    assert errors(notebook) == []
    assert {name: record["outcome"] for name, record in records(notebook).items()} == dict.fromkeys(
        each_lesson.exercises, "right"
    )


def test_an_untouched_notebook_runs_through_and_waits(arrived: Arrived) -> None:
    notebook = arrived.run(LESSON_1, {})
    assert errors(notebook) == []
    assert {name: record["outcome"] for name, record in records(notebook).items()} == dict.fromkeys(
        LESSON_1.exercises, "waiting"
    )


def test_a_wrong_answer_gets_its_card_and_stops_nothing(arrived: Arrived) -> None:
    wrong = {name: declared.misconceptions[0].name for name, declared in LESSON_1.exercises.items()}
    notebook = arrived.run(LESSON_1, {name: answer_source(LESSON_1, name, mistake) for name, mistake in wrong.items()})
    assert {name: record["misconception"] for name, record in records(notebook).items()} == wrong
    assert errors(notebook) == []
    for cards in (cell.outputs for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")):
        assert any("text/html" in card.data for card in cards)


def test_without_an_address_one_sentence_says_whom_to_ask(colab: Colab, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(first_cell())])
    (error,) = errors(colab.run(notebook, tmp_path))
    assert (error.ename, error.evalue) == (
        "ImportError",
        "This copy does not know where the course is: open the one your instructor published.",
    )


def test_an_address_that_does_not_answer_is_named(colab: Colab, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(first_cell(f"{tmp_path}/gone.zip"))])
    (error,) = errors(colab.run(notebook, tmp_path))
    assert f"Could not fetch the course from {tmp_path}/gone.zip" in error.evalue
