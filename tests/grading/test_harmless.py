"""What a student's notebook shows is harmless in a browser: in the graded notebook, and in any page made of one."""

import re
import time
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from course_grading.course import Course
from course_grading.grading.pages import markdown2html, policy
from course_grading.notebook.harmless import clean_html, make_harmless, quiet_markdown
from course_utils.cards import card
from course_utils.checking import examine
from course_utils.specs import find_spec
from tests.conftest import ROOT
from tests.grading.hostile import shows

OF_THE_TEMPLATE = {"id", "input", "button"}  # Formgrader's own: comments and points
RUNS = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "button",
    "base",
    "meta",
    "link",
    "style",
    "svg",
    "math",
}


class Page(HTMLParser):
    """What in an HTML text a browser would run or fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.found += [tag] if tag in RUNS else []
        self.found += [name for name in values if name.startswith("on") or name in ("id", "srcdoc", "data-link")]
        fetched, link = values.get("src", ""), values.get("href", "")
        self.found += [fetched] if fetched and not fetched.startswith("data:image/") else []
        self.found += [link] if link and not re.match(r"https?://|#", link) else []


@pytest.mark.parametrize("name", shows.HTML)
def test_html_keeps_nothing_that_runs(name: str) -> None:
    assert Page(clean_html(shows.HTML[name])).found == []
    assert clean_html(clean_html(shows.HTML[name])) == clean_html(shows.HTML[name])


@pytest.mark.parametrize("name", shows.HTML)
def test_markdown_keeps_no_tag_that_runs(name: str) -> None:
    assert Page(quiet_markdown(shows.HTML[name])).found == []


def test_markdown_keeps_what_people_write() -> None:
    for text in (
        "a < b and 1<2",
        "x <br> <b>y</b>",
        "<https://example.org/a?b=1>",
        "`if (a << 2)`",
        "![a](attachment:b)",
    ):
        assert quiet_markdown(text) == text


@pytest.mark.parametrize("name", shows.BUNDLES)
def test_no_output_keeps_what_runs(name: str) -> None:
    notebook = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", data=shows.BUNDLES[name])])])
    make_harmless(notebook)
    (output,) = notebook.cells[0].outputs
    kinds = {"text/plain", "text/html", "text/markdown", "image/png"}
    assert output.data and set(output.data) <= kinds
    for html in (output.data.get("text/html", ""), output.data.get("text/markdown", "")):
        assert Page(html).found == []
    assert 'onerror="' not in output.data.get("image/png", "")


@pytest.mark.parametrize("name", shows.HONEST)
def test_honest_output_still_shows(name: str) -> None:
    data = shows.HONEST[name]
    notebook = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", data=data)])])
    make_harmless(notebook)
    shown = notebook.cells[0].outputs[0].data
    if name == "drawing":
        assert shown["text/html"].startswith('<img src="data:image/svg+xml;base64,')
    else:
        assert shown == data


def test_text_of_a_few_colours_keeps_them_and_of_thousands_none() -> None:
    few, many = "\x1b[1mx\x1b[0m" * 20, "\x1b[1mx\x1b[0m" * 5000
    shown = [
        new_output("stream", text=few),
        new_output("stream", text=many),
        new_output("execute_result", {"text/plain": many}),
        new_output("error", ename="E", evalue=many, traceback=["\x1b[1mx\x1b[0m"] * 5000),
    ]
    notebook = new_notebook(cells=[new_code_cell(outputs=shown)])
    make_harmless(notebook)
    stream, other, result, error = notebook.cells[0].outputs
    assert stream.text == few and other.text == result.data["text/plain"] == error.evalue == "x" * 5000
    assert error.traceback == ["\n".join("x" * 5000)]


@pytest.mark.parametrize(
    "text", ["\\begin{a}" * 60_000, "\\\\[" * 5000, "$" * 19_000, f"a{' ' * 8000}b", "\\\\(x" * 4000]
)
def test_text_that_would_take_minutes_is_shown_as_it_was_written(text: str) -> None:
    begun = time.process_time()
    templates = Environment()
    templates.filters["markdown"] = markdown2html
    page = templates.from_string("{{ text | markdown }}").render(text=text)
    assert page.startswith("<pre>")
    assert time.process_time() - begun < 5


def test_a_card_of_ours_stays_as_it_is() -> None:
    """Texts, styles and pictures of a card with a failing case are the same after cleaning."""
    html, _ = card(examine(find_spec("sliding_regions.corr2d"), lambda x, kernel: x * 2))
    assert "data:image/svg+xml" in html and "display:flex" in html
    assert Essence(clean_html(html)).seen == Essence(html).seen


class Essence(HTMLParser):
    """What a reader sees of a text in HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, sorted((name, (value or "").replace(" ", "").strip(";")) for name, value in attributes)))

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """A notebook that was graded by other means as Formgrader's page and as feedback."""
    notebook = new_notebook(cells=shows.graded_by_another_path())
    notebook.metadata |= {
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"</script><script>": {}}}},
        "language_info": {"name": "python", "pygments_lexer": '"><script>'},
        "title": "</title><script>pwned()</script>",
    }
    evil = "<img src=x onerror=pwned()>"
    resources = {"base_url": "", "index": 0, "total": 1, "student": evil, "notebook_path": f'"{evil}', "last_name": ""}
    resources |= {"submission_id": "s1", "notebook_id": "n", "assignment_id": "a", "first_name": ""}
    resources |= {"nbgrader": {"notebook": "n", "score": 1, "max_score": 2, "late_penalty": 0}}
    config = Course(ROOT).config
    made = {}
    for template in ("formgrade", "feedback"):
        options = Config(config, HTMLExporter=Config(config.HTMLExporter, template_name=template))
        options.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        css = Path(handlers.static_path, "node_modules", "bootstrap", "dist", "css")
        options.HTMLExporter.extra_template_paths = [str(css)]
        exporter = HTMLExporter(config=options)
        exporter.register_preprocessor("nbconvert.preprocessors.CSSHTMLHeaderPreprocessor", enabled=True)
        made[template], _ = exporter.from_notebook_node(notebook, resources | {"metadata": {"name": "n"}})
    return made


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_a_page_holds_nothing_of_a_students_that_runs(pages: dict[str, str], template: str) -> None:
    head, _, body = pages[template].partition('id="notebook-container"')
    assert body and "honest card" in body and "honest table" in body and "<strong>honest</strong>" in body
    assert body.count("data:image/svg+xml;base64") >= 1 and f"base64,{shows.TINY}" in body
    found = [one for one in Page(body).found if one not in OF_THE_TEMPLATE]
    assert found == []
    assert "onerror=pwned" not in re.sub(r"&lt;.*?&gt;", "", head)
    assert "Content-Security-Policy" in head and "'unsafe-inline'" not in head
    assert head.index("Content-Security-Policy") < head.index("<body")


def test_the_policy_knows_every_script_in_the_body_of_formgraders_page(pages: dict[str, str]) -> None:
    body = pages["formgrade"].partition("<body")[2]
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", body, re.DOTALL) + re.findall(r'onclick="([^"]*)"', body)
    assert len(scripts) == 3
    for script in scripts:
        assert b64encode(sha256(script.encode()).digest()).decode() in policy()
