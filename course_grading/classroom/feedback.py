"""`course feedback LESSON`: what `nbgrader generate_feedback` gives, for a class at once, and what is done stays."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import multiprocessing
import os
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from course_grading.alarm import raising_after
from course_grading.classroom.standing import standing
from course_grading.files import replacing
from course_grading.terminal import console, foreign, listed
from course_utils.errors import CourseError, did_you_mean

if TYPE_CHECKING:
    from course_grading.course import Course

MARK = "\n<!-- course feedback {} -->\n"  # at the end of a page: of what it was made
LONGEST_PAGE = 120  # seconds to make one
HALVES = re.compile("[\ud800-\udfff]")
MADE_HERE = re.compile(MARK.format("[0-9a-f]+").encode() + rb"\Z")


def feedback(
    lesson: Annotated[str, typer.Argument(help="A lesson that is graded, such as 01_sliding_regions.")],
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be given again.")] = None,
    archive: Annotated[
        bool, typer.Option("--zip", help="Also a zip that Moodle and Canvas take back: exports/LESSON_feedback.zip.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Pages at once.", show_default="one a core")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make again what is made already.")] = False,
) -> None:
    """Make each student's feedback: their notebook with marks, comments, cards and hints, as feedback/STUDENT/LESSON/.

    A rerun makes only the pages whose notebook, marks or comments have changed.
    """
    from course_grading.course import here
    from course_grading.grading.whole_class import cores

    course = here()
    name = course.find_lesson(lesson)
    pages = list(_pages(course, name, student or ()))
    out = console()
    waiting = [page for page in pages if force or not page.is_made]
    failed: dict[str, str] = {}
    columns = (TextColumn("Feedback"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("", total=len(waiting))
        for page, problem in _made(course, waiting, jobs or cores()):
            progress.advance(task)
            if problem:
                failed[page.student] = problem
    for who, problem in sorted(failed.items()):
        out.print(f"{foreign(who, 60)}: {foreign(problem)}", style="red", soft_wrap=True)
    out.print(_summary(len(waiting) - len(failed), len(pages) - len(waiting), len(failed)))
    if unmarked := [page.student for page in pages if page.unmarked]:
        out.print(
            f"Of {listed(unmarked)}, answers that wait to be marked have 0 points on the page, or those of before: "
            "mark them in Formgrader, then run this again.",
            soft_wrap=True,
        )
    if gone := [] if student else _taken_away(course, pages):
        out.print(f"Taken away, as it is not graded any more: the page of {listed(gone)}.", soft_wrap=True)
    students = [page.student for page in pages]
    now = standing(course, name, students).of_graded(students)
    again = now.waiting
    for part in now.said():
        out.print(f"{part}.", soft_wrap=True)
    if archive:
        chosen = [page for page in pages if page.is_made and page.student not in (*again, *failed)]
        left_out = f" Left out, as a platform would put it beside the newer hand-in: {listed(again)}." if again else ""
        if failed:
            left_out += f" Left out, as their page could not be made: {listed(sorted(failed))}."
        out.print(f"{_zipped(course, name, chosen)}{left_out}", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Page:
    """One student's page: the graded notebook it is made of, where it goes, and a hash of all that is in it."""

    student: str
    lesson: str
    notebook: Path
    target: Path
    key: str
    unmarked: bool  # has answers that a person has still to mark

    @property
    def is_made(self) -> bool:
        mark = MARK.format(self.key).encode()
        try:
            with self.target.open("rb") as file:
                file.seek(-len(mark), os.SEEK_END)
                return file.read() == mark
        except OSError:
            return False


def _pages(course: Course, lesson: str, students: list[str] | tuple[str, ...]) -> Iterator[Page]:
    from course_grading.authoring.language import load_lesson
    from course_grading.classroom.records import graded_notebooks, read_comments, read_marks

    declared = load_lesson(lesson, course.root)
    found = graded_notebooks(course, declared)
    if not found:
        raise CourseError(f"Nothing of {lesson} is graded: run `course grade {declared.name}` first.")
    for student in students:
        if student not in found:
            raise CourseError(f"Nothing of '{student}' is graded in {lesson}{did_you_mean(student, list(found))}.")
    marks, comments = read_marks(course, lesson), read_comments(course, lesson)
    made_by = _made_by(course)
    for student in sorted(students or found):
        notebook = found[student]
        target = course.folder("feedback", student, lesson) / f"{notebook.stem}.html"
        about = [made_by, repr(marks.get(student)), repr(comments.get(student))]
        digest = hashlib.sha256(notebook.read_bytes() + "\0".join(about).encode("utf-8", "replace"))
        unmarked = student in marks and bool(marks[student].waiting)
        yield Page(student, lesson, notebook, target, digest.hexdigest()[:32], unmarked)


def _taken_away(course: Course, pages: list[Page]) -> list[str]:
    """Take away the pages that were made here of who is no longer graded; returns whose they were."""
    from course_grading.classroom.records import files_by_student

    graded, gone = {page.student for page in pages}, []
    for student, path in files_by_student(course, "feedback", pages[0].lesson, pages[0].target.name).items():
        if student not in graded and MADE_HERE.search(path.read_bytes()):
            path.unlink()
            with contextlib.suppress(OSError):  # there is something else in it
                path.parent.rmdir()
            gone.append(student)
    return gone


def _made_by(course: Course) -> str:
    """What makes a page, besides what it is made of: the configuration, and our part of it."""
    from course_grading.grading import feedback as hiding
    from course_grading.grading import headed, pages
    from course_grading.notebook import harmless, outputs
    from course_utils import cards

    config = [repr(course.config.get(name)) for name in ("GenerateFeedback", "HTMLExporter")]
    return "\0".join([*config, *map(inspect.getsource, (hiding, headed, pages, harmless, outputs, cards))])


def _made(course: Course, pages: list[Page], jobs: int) -> Iterator[tuple[Page, str]]:
    """Each page as it is done, and why it could not be made. Processes of this machine make them, side by side."""
    from course_grading.grading.whole_class import end_at_once, local_processes

    if not pages:
        return
    _exporter(course.root)  # once, before workers are forked: its templates take a second
    others = set(multiprocessing.active_children())
    executor = local_processes(min(jobs, len(pages)))
    try:
        running = {executor.submit(make, course, page): page for page in pages}
        for future in as_completed(running):
            error = future.exception()
            yield running[future], future.result() if error is None else f"its worker died ({error}): try again."
        executor.shutdown()
    except BaseException:  # Ctrl-C is for us alone
        end_at_once(executor, others)
        raise


def make(course: Course, page: Page) -> str:
    """Make one page, whole or not at all; returns why it could not be made, or nothing."""
    names = {"student": page.student, "assignment": page.lesson, "notebook": page.notebook.stem}
    resources: dict[str, Any] = {
        "unique_key": page.notebook.stem,
        "output_files_dir": f"{page.notebook.stem}_files",
        "nbgrader": {**names, "db_url": course.directory.db_url},
    }
    try:
        with raising_after(LONGEST_PAGE, _too_long), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an explorer, which a page shows as its still picture
            html, _ = _exporter(course.root).from_filename(str(page.notebook), resources=resources)
        page.target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(page.target) as beside:
            beside.write_text(html + MARK.format(page.key), encoding="utf-8")
    except Exception as error:  # one page never costs the others theirs
        return f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return ""


def _too_long() -> TimeoutError:
    return TimeoutError(f"it takes more than {LONGEST_PAGE} seconds: read the notebook itself, in autograded/")


@lru_cache(maxsize=1)
def _exporter(root: Path) -> Any:
    """nbgrader's own exporter of feedback, as the course in this folder configures it, with its preprocessors."""
    from nbgrader.converters import GenerateFeedback

    from course_grading.course import Course

    course = Course(root)
    converter = GenerateFeedback(coursedir=course.directory, config=course.config)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    for step in converter.preprocessors:
        exporter.register_preprocessor(step)
    exporter.environment.get_template(exporter.template_file)
    return exporter


def _summary(made: int, unchanged: int, failed: int) -> str:
    parts = [f"{made} page{'' if made == 1 else 's'} made"]
    parts += [f"{unchanged} unchanged"] if unchanged else []
    parts += [f"{failed} not made"] if failed else []
    return f"Feedback: {', '.join(parts)}."


def _zipped(course: Course, lesson: str, pages: list[Page]) -> str:
    """Write exports/LESSON_feedback.zip; returns a sentence about it."""
    from course_grading.grading.times import Records

    submitted = course.folder("submitted", "x", lesson).parents[1]
    records = Records(submitted)
    path = course.root / "exports" / f"{lesson}_feedback.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    platforms: Counter[str] = Counter()
    with replacing(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in sorted(pages, key=lambda page: _is_anothers(page, records.of(lesson, page.student) or {})):
            platform, name = name_in_zip(page, records.of(lesson, page.student) or {})
            if name in archive.NameToInfo:  # of a group, which has one hand-in
                platform, name = name_in_zip(page, {})
            platforms[platform] += 1
            archive.write(page.target, name)
    told = ", ".join(f"{number} as {platform} takes them" for platform, number in platforms.items() if platform)
    others = platforms[""]
    told += f"{', ' if told else ''}{others} by student, since no platform's name of them is known" if others else ""
    return f"{foreign(path)}: {told or 'no page'}."


def _is_anothers(page: Page, record: Mapping[str, Any]) -> bool:
    """Whether the name of a hand-in is that of another of the group, who comes first."""
    from course_grading.classroom.formats import number_in

    return bool(record.get("placed")) and number_in(record.get("file", ""), record.get("platform", "")) != page.student


def name_in_zip(page: Page, record: Mapping[str, Any]) -> tuple[str, str]:
    """The platform that a hand-in came from, and what it must be called in a zip so that it finds its student.

    Moodle looks for NAME_NUMBER_assignsubmission_file_ in a folder's name, Canvas for NAME_NUMBER_ATTACHMENT_ at the
    beginning of a file's, both as they were in its own download, which `course collect` has noted.
    """
    from course_grading.classroom.formats import MOODLE, of_canvas

    file = f"{page.notebook.stem}_feedback.html"
    parts = PurePosixPath(str(record.get("file") or "")).parts
    for part in parts:
        if named := MOODLE.fullmatch(part):
            name = named["name"].replace("_", " ")  # Moodle takes what follows the first _ for the number
            return "Moodle", _in_utf_8(f"{name}_{named['id']}_assignsubmission_file_/{file}")
    for part in parts if record.get("platform", "Canvas") == "Canvas" else ():
        if named := of_canvas(part):
            return "Canvas", _in_utf_8(f"{part[: named.start('file')]}{file}")
    return "", f"{page.student}/{file}"


def _in_utf_8(name: str) -> str:
    """A name whose bytes some tool has kept in another code, as a zip can have it; the platform goes by the number."""
    return HALVES.sub("-", name)
