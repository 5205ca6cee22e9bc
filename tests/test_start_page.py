"""The students' first page: committed as it is generated, with links that lead somewhere."""

import re

import nbformat
import pytest

from course_grading.authoring.start_page import START, linked_to_colab, start_page
from course_utils.errors import CourseError
from tests.conftest import ROOT
from tests.lessons import LESSONS

LINK = re.compile(r"\]\(([^)]+\.ipynb)\)")


def test_the_released_page_is_fresh():
    assert (ROOT / "notebooks" / START).read_text(encoding="utf-8") == start_page(ROOT)


def test_it_links_every_lesson_and_only_what_is_there():
    links = LINK.findall(start_page(ROOT))
    assert links == [f"{name}/{lesson.notebook.name}" for name, lesson in LESSONS.items()]
    assert all((ROOT / "notebooks" / link).is_file() for link in links)


def test_outputs_go_and_lessons_to_come_have_no_link(tmp_path):
    (tmp_path / "solutions" / "01_a").mkdir(parents=True)
    (tmp_path / "solutions" / "01_a" / "a.ipynb").touch()
    ran = nbformat.v4.new_code_cell("1 + 1", execution_count=3, outputs=[nbformat.v4.new_output("stream", text="2")])
    words = nbformat.v4.new_markdown_cell("[A](01_a/a.ipynb), [B](02_b/b.ipynb), [data](../data/SOURCES.md)")
    nbformat.write(nbformat.v4.new_notebook(cells=[words, ran]), tmp_path / "solutions" / START)
    page = nbformat.reads(start_page(tmp_path), as_version=4)
    assert page.cells[0].source == "[A](01_a/a.ipynb), B, [data](../data/SOURCES.md)"
    assert not page.cells[1].outputs and page.cells[1].execution_count is None
    published = nbformat.reads(linked_to_colab(start_page(tmp_path), "https://example.org/{}".format), as_version=4)
    link = "[A](01_a/a.ipynb) ([in Colab](https://example.org/01_a/a.ipynb))"
    assert published.cells[0].source == f"{link}, B, [data](../data/SOURCES.md)"


def test_a_page_that_cannot_be_read_gets_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="first page"):
        start_page(tmp_path)
