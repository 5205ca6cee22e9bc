"""What must not be in feedback: hidden tests, references, tracebacks through them, and folders of the instructor's."""

import ast
import re
import sys
from collections.abc import Iterable
from functools import cache, partial
from html import unescape
from pathlib import Path
from unittest.mock import patch

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from nbconvert.exporters import html, templateexporter
from nbgrader.converters import GenerateFeedback

from course_grading.course import Course
from tests.grading.courses import ROOT

WORDS = ("HIDDEN TESTS", "judge(", "course_grading", "exercises.py", "gradebook.db", ".course-grade", "solutions/")


class Unread(str):
    """A page that nbconvert does not read again to make its cells focusable, which takes as long as to make it."""

    def __new__(cls, page: str, features: str) -> "Unread":
        return super().__new__(cls, page)

    def select(self, selector: str) -> list:
        return []


class TemplatesInMemory(BytecodeCache):
    """Compiled templates, kept for all pages that this process makes; nbgrader's command compiles them for each."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


ENVIRONMENT = partial(templateexporter.Environment, bytecode_cache=TemplatesInMemory())


def make_feedback(root: Path, lesson: str, students: Iterable[str] = ("*",)) -> dict[str, Path]:
    """What `nbgrader generate_feedback LESSON` makes in a course, word for word: student → page. `students` are all, or
    those of these names."""
    course = Course(root)
    course.directory.assignment_id = lesson
    with patch.object(html, "BeautifulSoup", Unread), patch.object(templateexporter, "Environment", ENVIRONMENT):
        for student in students:
            course.directory.student_id = student
            GenerateFeedback(coursedir=course.directory, config=course.config).start()
    return {path.parent.parent.name: path for path in (root / "feedback").glob(f"*/{lesson}/*.html")}


def leaks(page: Path, root: Path, lesson: str) -> list[str]:
    """What a page of feedback tells that is not the student's: words, lines and folders of the instructor's."""
    written = page.read_text()
    plain = unescape(re.sub(r"<[^>]*>", "", written))  # code is coloured word by word
    own = "\n".join(map(_text, (root / "submitted" / page.parents[1].name / lesson).rglob("*.ipynb")))
    secrets = (*WORDS, *_folders(root), *_reference_lines(lesson))
    return [secret for secret in secrets if (secret in written or secret in plain) and secret not in own]


def _text(path: Path) -> str:
    """What is written in a file, in whatever state: of a notebook its strings as they are, without JSON's escapes."""
    raw = path.read_bytes()
    written = raw.decode("utf-16" if raw[:2] == b"\xff\xfe" else "utf-8-sig", "replace")
    return written + written.replace("\\n", "\n").replace('\\"', '"')


def _folders(root: Path) -> list[str]:
    return [f"{folder}/" for folder in (root, ROOT, Path.home(), Path(sys.prefix))]


@cache
def _reference_lines(lesson: str) -> list[str]:
    """Lines of the lesson's exercises.py that say how answers are computed or tested, long enough to be telling."""
    source = (ROOT / "solutions" / lesson / "exercises.py").read_text()
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    lines = {line.strip() for node in functions for line in ast.get_source_segment(source, node).splitlines()[1:]}
    hints = {line.strip() for node in functions for line in (ast.get_docstring(node) or "").splitlines()}
    return sorted(line for line in lines - hints if len(line) > 40 and not line.startswith(("'", '"', "#")))
