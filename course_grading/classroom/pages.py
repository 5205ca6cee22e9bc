"""Self-contained HTML pages for the instructor: nothing in them runs, nothing is fetched, whoever wrote what they show.

page("Report", parts)       # parts: HTML of ours, with foreign text through `text` and cards through `card_html`
"""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Iterable
from html import escape
from pathlib import Path

from course_grading.course import Course
from course_grading.files import replacing
from course_grading.notebook.harmless import clean_html
from course_grading.terminal import LINE_BREAKS, foreign, tell
from course_utils.errors import CourseError

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
REPORTS = "reports"  # git-ignored: names and marks are nobody else's business
STYLE = """
:root { color-scheme: light dark; --ink: #1d2329; --quiet: #59636e; --page: #ffffff; --card: #f5f6f8; --line: #c9ced4;
  --right: #2a7f62; --named: #c25e12; --unnamed: #7d4fa3; --follows: #6d7f94; --waiting: #b9bec5;
  --untested: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --quiet: #a3acb6; --page: #15191d; --card: #1f252b; --line: #434b54;
    --right: #3d9f7c; --named: #d9772e; --unnamed: #a47bc9; --follows: #7f92a8; --waiting: #59616a;
    --untested: #ef6a62; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 72rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; margin: 0 0 4px; } h2 { font-size: 1.3rem; margin: 32px 0 8px; } h3 { margin: 0 0 6px; }
.quiet { color: var(--quiet); } .small { font-size: .875rem; }
code, pre { font: .875rem/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; margin: 6px 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 4px 10px 4px 0;
  vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.n, th.n { text-align: right; }
section.item { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px;
  margin: 0 0 14px; break-inside: avoid; }
.quiet + section.item { margin-top: 18px; }
.shown { background: #ffffff; color: #1d2329; border-radius: 6px; padding: 2px 8px; margin: 8px 0; overflow-x: auto; }
blockquote { margin: 6px 0; padding: 2px 12px; border-left: 3px solid var(--line); }
summary { cursor: pointer; } ul { padding-left: 1.2em; margin: 6px 0; }
@media print {
  :root { color-scheme: light; --ink: #000; --quiet: #444; --page: #fff; --card: #fff; --line: #999;
    --right: #2a7f62; --named: #c25e12; --unnamed: #7d4fa3; --follows: #6d7f94; --waiting: #b9bec5;
  --untested: #b3261e; }
  body { padding: 0; max-width: none; font-size: 10pt; line-height: 1.35; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def page(title: str, parts: Iterable[str], style: str = "") -> str:
    """A whole page from HTML of ours."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" '
        f'content="no-referrer">\n<title>{text(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n'
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def text(words: object, longest: int | None = None) -> str:
    """Foreign text as one line of HTML text."""
    return escape(foreign(words, longest))


def code(source: str) -> str:
    """Foreign code, or other text of several lines, as HTML."""
    return f"<pre>{lines(source)}</pre>"


def lines(words: str) -> str:
    """Foreign text with its line breaks, as HTML text."""
    return escape(_visible(words.replace("\r\n", "\n")))


def _visible(words: str) -> str:
    return words if words.isprintable() else "".join(c if c in LINE_BREAKS else foreign(c) for c in words)


def card_html(html: str) -> str:
    """A card as its reader saw it, cleaned, on the white ground that its pictures are made for."""
    return f'<div class="shown">{_visible(clean_html(html))}</div>'


def write_page(course: Course, name: str, html: str) -> Path:
    """Write a page below reports/, for the instructor's eyes alone; returns its path."""
    path = course.root / REPORTS / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with replacing(path) as beside, open(os.open(beside, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(html)
    except OSError as error:
        raise CourseError(f"Cannot write {path}: {error.strerror}. See to its folder, then try again.") from error
    return path


def open_page(path: Path) -> None:
    """Show a page in the instructor's browser; say where it is, in case there is none."""
    tell(f"Opening {path}")
    webbrowser.open(path.resolve().as_uri())
