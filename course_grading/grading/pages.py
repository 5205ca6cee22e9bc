"""Pages that nbconvert makes of graded notebooks, for Formgrader and for feedback: nothing of a student's runs in them.

nbgrader_config.py names what is here for HTMLExporter. Whatever graded a notebook, and whenever, it is cleaned once
more on its way into a page; and the page's own policy forbids the browser to run any script but the page's.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.server_extensions.formgrader import handlers

from course_grading.notebook.harmless import clean_html, make_harmless, quiet_names

# Both of nbgrader's templates call this macro in the page's head: the policy holds for all that comes after it.
MATHJAX = """
{%- from 'nbconvert/templates/base/mathjax.html.j2' import mathjax as stock -%}
{%- macro mathjax() -%}
{%- set nonce = uuid4() -%}
<meta http-equiv="Content-Security-Policy" content="POLICY">
{{ stock() | replace('<script', '<script nonce="' ~ nonce ~ '"') }}
{%- endmacro -%}
"""
# MathJax evaluates its settings, Formgrader's scripts their templates: both have run, or are known by the nonce.
POLICY = (
    "script-src 'nonce-{{ nonce }}' 'strict-dynamic' 'unsafe-eval' 'unsafe-hashes' OWN; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'self'"
)


# What the reader of Markdown looks for from each to the end of the text: thousands take it minutes.
LONGEST_TEXT, MOST_SLOW = 20_000, 200  # characters, and such signs
SLOW = re.compile(r"\\begin\{|\\[(\[]|\$")
BLANKS = re.compile(r"[^\S\n]{1000}")


class Harmless(Preprocessor):
    """Cleans a graded notebook, and the names beside it, before HTMLExporter makes a page of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.enabled = True
        exporter: Any = self.parent
        exporter.extra_loaders = [DictLoader({"mathjax.html.j2": MATHJAX.replace("POLICY", policy())})]

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        make_harmless(nb)
        quiet_names(nb)
        for name in ("student", "first_name", "last_name", "notebook_path"):  # Formgrader's template takes them as HTML
            if isinstance(resources.get(name), str):
                resources[name] = escape(resources[name].encode("utf-8", "replace").decode())
        return nb, resources


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """nbconvert's filter of this name, and what it makes is cleaned. Text that breaks it, or would take it minutes, is
    shown as it was written."""
    attachments = context.get("cell", {}).get("attachments", {})
    try:
        if len(source) > LONGEST_TEXT or len(SLOW.findall(source)) > MOST_SLOW or BLANKS.search(source):
            raise ValueError
        html = MarkdownWithMath(renderer=_Renderer(escape=False, attachments=attachments)).render(source)
    except Exception:  # lists in lists in lists
        html = f"<pre>{escape(source)}</pre>"
    return clean_html(html)


class _Renderer(IPythonRenderer):
    def _embed_image_or_attachment(self, src: str) -> str:
        if src.startswith("attachment:") and src.removeprefix("attachment:") not in self.attachments:
            return ""  # its description stands there; nbconvert would give up the page
        return super()._embed_image_or_attachment(src)


@cache
def policy() -> str:
    """The policy of a page. The scripts that Formgrader's own template has in its body are named by their hashes."""
    template = Path(handlers.template_path, "formgrade", "formgrade_macros.html.j2").read_text(encoding="utf-8")
    body = template.partition("macro nav(")[2]
    own = re.findall(r"<script[^>]*>(.*?)</script>", body, re.DOTALL) + re.findall(r'onclick="([^"]*)"', body)
    hashes = (b64encode(sha256(script.encode()).digest()).decode() for script in own)
    return POLICY.replace("OWN", " ".join(f"'sha256-{one}'" for one in hashes))
