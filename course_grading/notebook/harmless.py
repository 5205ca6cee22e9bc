"""Nothing of a student's may run in a browser: what a graded notebook shows is cleaned by nh3, a sanitiser.

    make_harmless(notebook)                 # before autograded/ is written, and again before a page is made of it
    clean_html(html)

Tests' outputs take the same way: a card is made of plain elements and of pictures that it carries itself. A picture
that a page would fetch is not shown, for that would tell who reads it, and ask our own server for things.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import nh3
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

# What cards, stills, tables and prose are made of. Never: scripts, styles, forms, frames, objects, SVG and MathML in
# the page itself (as a picture, SVG is shown and does nothing).
TAGS = (nh3.ALLOWED_TAGS | {"figure", "figcaption", "details", "summary", "div", "span", "pre", "code", "img"}) - {
    "map", "area",
}  # fmt: skip
DROPPED_WHOLE = {"script", "style", "iframe", "object", "template", "noscript", "svg", "math", "title", "textarea"}
ATTRIBUTES = {"*": {"style", "title", "lang", "dir"}, "img": {"src", "alt", "width", "height"}, "a": {"href"}} | {
    tag: {"colspan", "rowspan", "align", "scope"} for tag in ("td", "th")
}
CLASSES = {name for name in STANDARD_TYPES.values() if name} | {"highlight", "anchor-link", "dataframe"}
PROPERTIES = {
    "color", "background", "background-color", "font-size", "font-weight", "font-style", "font-family", "line-height",
    "text-align", "text-decoration", "vertical-align", "white-space", "margin", "margin-top", "margin-right",
    "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
    "border", "border-left", "border-right", "border-top", "border-bottom", "border-color", "border-radius",
    "border-collapse", "border-spacing", "display", "flex", "flex-wrap", "flex-direction", "align-items",
    "justify-content", "gap", "width", "height", "max-width", "max-height", "min-width", "min-height", "overflow",
    "overflow-x", "overflow-y", "image-rendering", "opacity",
}  # fmt: skip
# In a style: what fetches, what is written so that it cannot be read, and what moves over the page around it.
LOUD_STYLE = re.compile(r"url|image-set|expression|src|[\\@]|:\s*-|\s-\.?\d", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)

BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
ATTACHED = PICTURES | {"image/svg+xml"}
OURS = "application/vnd.convolution-course."  # what checks and guesses record: data that no browser shows
LOUD_LATEX = re.compile(r"\\(href|url|require|style|class|cssId|html\w*|data|includegraphics|\w*def|let|\w*command)\b")

QUIET_TAG = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|sub|sup|code|kbd|pre|p|br|hr|ul|ol|li|h[1-6]|table|thead|tbody|tr|td|th"
    r"|blockquote|details|summary)\s{0,2}/?>|<https?://[^\s<>\"'`]*>",
    re.IGNORECASE,
)
TAG = re.compile(r"<(?=[A-Za-z/!?])")
COLOURS, MOST_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]"), 1000
OFTEN_SEEN = 30_000  # characters, below which what was cleaned is remembered
NAME = re.compile(r"[A-Za-z0-9_.\-]+")


def clean_html(html: str) -> str:
    """HTML in which nothing runs, is fetched, or lies over the page."""
    return _clean_again(html) if len(html) < OFTEN_SEEN else _CLEANER.clean(html)


@lru_cache(maxsize=512)
def _clean_again(html: str) -> str:
    """What cells of the lesson show is the same in most notebooks of a class."""
    return _CLEANER.clean(html)


def quiet_markdown(source: str) -> str:
    """Markdown, as somebody wrote it, in which no tag is a tag but plain ones without attributes: a space after its
    `<` makes text of a tag in every reader of Markdown and of HTML, and changes next to nothing in code."""
    return TAG.sub(lambda found: "<" if QUIET_TAG.match(source, found.start()) else "< ", source)


def make_harmless(notebook: NotebookNode, is_ours: Callable[[NotebookNode], bool] = lambda cell: False) -> None:
    """Clean all that a notebook shows, in place. The text of cells that `is_ours` names is left as it is."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            cell.outputs = [_quiet_output(output) for output in cell.outputs]
            continue
        if "attachments" in cell:
            cell.attachments = _quiet_attachments(cell.attachments)
        if not is_ours(cell):
            cell.source = quiet_markdown(cell.source)
        if cell.cell_type == "raw":
            cell.metadata["raw_mimetype"] = "text/plain"


def quiet_names(notebook: NotebookNode) -> None:
    """Take names from cells that nbgrader would not give them; pages are made of these without a further look."""
    for number, cell in enumerate(notebook.cells):
        marks = cell.metadata.get("nbgrader")
        if marks is not None and not (isinstance(marks, dict) and NAME.fullmatch(str(marks.get("grade_id", "")))):
            del cell.metadata["nbgrader"]
        if not NAME.fullmatch(str(cell.get("id", "x"))):
            cell.id = f"cell-{number}"
    language = notebook.metadata.get("language_info")
    if language is not None and language != {"name": "python"}:
        notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("title", None)


def _quiet_output(output: NotebookNode) -> NotebookNode:
    if output.output_type not in ("display_data", "execute_result"):
        for part in ("text", "evalue"):
            if isinstance(output.get(part), str):
                output[part] = _plain_where_gaudy(output[part])
        if isinstance(output.get("traceback"), list):
            lines = [line for line in output.traceback if isinstance(line, str)]
            whole = "\n".join(lines)
            output.traceback = lines if (plain := _plain_where_gaudy(whole)) == whole else [plain]
        return output
    data = NotebookNode()
    for kind, content in output.get("data", {}).items():
        if (quiet := _quiet(kind, content)) is not None:
            data.setdefault(*quiet)
    if not data and output.get("data"):
        data["text/plain"] = "(Not shown: this would have run in your browser.)"
    output.data, output.metadata = data, _sizes(output.get("metadata"))
    return output


def _plain_where_gaudy(text: str) -> str:
    """Text that changes its colour thousands of times, without colours: nbconvert takes minutes for them."""
    return COLOURS.sub("", text).replace("\x1b", "") if text.count("\x1b") > MOST_COLOURS else text


def _quiet(kind: str, content: Any) -> tuple[str, Any] | None:
    """What is shown in the place of one entry of a mime bundle: its type and its content; None if nothing."""
    if kind.startswith(OURS) or kind == "application/json":
        return kind, content
    text = "".join(content) if isinstance(content, list) and all(isinstance(one, str) for one in content) else content
    if not isinstance(text, str):
        return None
    if kind == "text/plain":
        return kind, _plain_where_gaudy(text)
    if kind == "text/html":
        return kind, clean_html(text)
    if kind == "text/markdown":
        return kind, quiet_markdown(text)
    if kind == "text/latex":
        return None if LOUD_LATEX.search(text) else (kind, text)
    if kind == "image/svg+xml":  # as a picture, in which no script runs
        data = b64encode(text.encode()).decode()
        return "text/html", f'<img src="data:image/svg+xml;base64,{data}" alt="A drawing">'
    return (kind, text) if kind in PICTURES and BASE64.fullmatch(text) else None


def _sizes(metadata: Any) -> NotebookNode:
    """Of an output's metadata the width and height of pictures, if they are numbers."""
    kept = NotebookNode()
    for kind in PICTURES:
        sizes = metadata.get(kind) if isinstance(metadata, dict) else None
        if isinstance(sizes, dict):
            numbers = {name: sizes[name] for name in ("width", "height") if isinstance(sizes.get(name), (int, float))}
            kept[kind] = NotebookNode(numbers)
    return kept


def _quiet_attachments(attachments: Any) -> NotebookNode:
    kept = NotebookNode()
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        pictures = {kind: data for kind, data in bundle.items() if kind in ATTACHED} if isinstance(bundle, dict) else {}
        if pictures and all(isinstance(data, str) and BASE64.fullmatch(data) for data in pictures.values()):
            kept[name] = NotebookNode(pictures)
    return kept


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return None if LOUD_STYLE.search(value) else value
    if attribute == "src":
        return value if PICTURE.fullmatch(value) else None
    if attribute == "href":
        return value if LINK.match(value) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=DROPPED_WHOLE,
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto", "data"},
    allowed_classes={tag: CLASSES for tag in ("span", "div", "pre", "code", "a", "table")},
    filter_style_properties=PROPERTIES,
)
