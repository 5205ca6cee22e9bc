"""The bank of what a student's notebook may try to run in somebody's browser, with the honest things beside it.

Every attempt calls `pwned(NAME)`, asks for a file of ours, or leaves an element that only a script can use.
"""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

CALL = "(window.pwned=window.pwned||[]).push('{0}');fetch('/api/contents/pwned-{0}',{{method:'PUT'}})"
TINY = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = f'<img src="data:image/png;base64,{TINY}" alt="{{}}">'


def _call(name: str) -> str:
    return CALL.format(name)


HTML = {
    "script": f"<script>{_call('script')}</script>",
    "script_in_svg": f"<svg><script>{_call('script_in_svg')}</script></svg>",
    "onerror": f'<img src=x onerror="{_call("onerror")}">',
    "onerror_upper": f'<IMG SRC=x OnErRoR="{_call("onerror_upper")}">',
    "svg_onload": f'<svg onload="{_call("svg_onload")}"></svg>',
    "details_ontoggle": f'<details open ontoggle="{_call("details_ontoggle")}">x</details>',
    "autofocus": f'<input autofocus onfocus="{_call("autofocus")}">',
    "video": f'<video><source onerror="{_call("video")}"></video>',
    "srcdoc": f'<iframe srcdoc="<script>parent.{_call("srcdoc")}</script>"></iframe>',
    "iframe_url": f'<iframe src="javascript:parent.{_call("iframe_url")}"></iframe>',
    "object": f'<object data="data:text/html,<script>{_call("object")}</script>"></object>',
    "link_javascript": f'<a href="javascript:{_call("link_javascript")}">open</a>',
    "link_entity": f'<a href="jav&#x09;ascript:{_call("link_entity")}">open</a>',
    "base": '<base href="https://hostile.example/">',
    "meta": '<meta http-equiv="refresh" content="0;url=https://hostile.example/">',
    "form": '<form action="/api/shutdown" method="post"><button>Next</button></form>',
    "import": "<style>@import 'https://hostile.example/x.css';</style>",
    "overlay": '<div style="position:fixed;inset:0;background:url(https://hostile.example/y)">over</div>',
    "beacon": '<img src="https://hostile.example/read.png"><img src="/api/contents/read">',
    "mutation": "<math><mtext><table><mglyph><style><!--</style>"
    f"<img title=\"--&gt;&lt;img src=1 onerror={_call('mutation')}&gt;\">",
    "clobber": '<div id="notebook" class="nbgrader_cell"><span class="mark-graded" data-link="x">y</span></div>',
    "half_open": f'<img src="x" onerror="{_call("half_open")}"',
}  # fmt: skip
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{_call("svg")}"><script>{_call("svg2")}</script></svg>'
WIDGET = {"model_id": "1", "version_major": 2, "version_minor": 0}
BUNDLES = {
    **{name: {"text/html": html} for name, html in HTML.items()},
    "javascript": {"application/javascript": _call("javascript")},
    "svg": {"image/svg+xml": SVG},
    "png_breaks_out": {"image/png": f'x" onerror="{_call("png_breaks_out")}'},
    "widget": {"application/vnd.jupyter.widget-view+json": WIDGET, "text/plain": "IntSlider(value=3)"},
    "markdown": {"text/markdown": f"{HTML['onerror']} [x](javascript:{_call('md_link')})"},
    "latex": {"text/latex": rf"$\href{{javascript:{_call('latex')}}}{{x}}$"},
    "plotly": {"application/vnd.plotly.v1+json": {"data": [], "layout": {"title": HTML["onerror"]}}},
}
HONEST = {
    "card": {"text/html": f'<div style="border-left:4px solid #2a7f62">{PICTURE.format("honest card")}</div>'},
    "picture": {"image/png": TINY, "text/plain": "<Figure>"},
    "drawing": {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'},
    "table": {"text/html": "<table><tbody><tr><td>honest table</td></tr></tbody></table>"},
}


def displaying() -> list[str]:
    """Code cells that show every bundle, hostile and honest."""
    return [f"from IPython.display import display\ndisplay({bundle!r}, raw=True)" for bundle in
            (*BUNDLES.values(), *HONEST.values())]  # fmt: skip


def cells_of_text() -> list[NotebookNode]:
    """Markdown and raw cells that try the same, and an honest one."""
    cells = [new_markdown_cell(html) for html in HTML.values()] + [new_raw_cell(html) for html in HTML.values()]
    link = new_markdown_cell(f"[x](javascript:{_call('cell_link')}) ![y](attachment:a.png)")
    link.attachments = {"a.png": {"image/svg+xml": SVG, "text/html": HTML["script"]}}
    return [*cells, link, new_markdown_cell("**honest** if a < b, <https://example.org>")]


def graded_by_another_path() -> list[NotebookNode]:
    """Cells as they stand in a notebook that was graded by other means, with outputs and odd metadata."""
    cells = [
        new_code_cell("1", outputs=[new_output("display_data", data=data)])
        for data in (*BUNDLES.values(), *HONEST.values())
    ]
    sized = new_output("display_data", data={"image/png": TINY}, metadata={"image/png": {"width": "1 onload=pwned"}})
    framed = new_output("display_data", data={"text/html": HTML["script"]}, metadata={"text/html": {"isolated": True}})
    cells.append(new_code_cell("2", outputs=[sized, framed], metadata={"tags": ['x" onclick="pwned()']}))
    name = f'"></a>{HTML["script"]}'
    marks = {"grade_id": name, "grade": True, "solution": True, "points": 1, "locked": False, "schema_version": 3}
    return [*cells, *cells_of_text(), new_markdown_cell("named", metadata={"nbgrader": marks})]
