"""nbgrader's gradebook, opened once, read once a lesson and written by one process.

Beside nbgrader's tables it holds two of ours: which source a lesson was registered from, and of each student what was
graded, from which source, and the hash of the result. They change in the same transaction as the scores, so whatever
happens to the grader, a record never promises more than there is.
"""

import copy
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from nbgrader import api
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session

from course_grading.course import Course, GradingStopped
from course_grading.grading.handed_in import fingerprint
from course_grading.grading.snapshot import (
    GradedCell,
    Lesson,
    LessonNotebook,
    SolutionCell,
    SourceCell,
    SubmittedLesson,
    SubmittedNotebook,
    new_submission,
)
from course_grading.kernels.inside.confine import die_with
from course_grading.terminal import without_interrupts

WAIT_FOR_LOCK = 60_000  # milliseconds; Formgrader holds the gradebook for moments only
PATIENCE = 120.0  # seconds to wait for a database's server that is gone

P = ParamSpec("P")
R = TypeVar("R")

_students, _submissions = api.Student.__table__, api.SubmittedAssignment.__table__
_notebooks, _grades, _comments = api.SubmittedNotebook.__table__, api.Grade.__table__, api.Comment.__table__
_ours = MetaData()
_sources = Table("course_source", _ours, Column("lesson", String, primary_key=True), Column("source", String))
_records = Table(
    "course_grade",
    _ours,
    Column("lesson", String, primary_key=True),
    Column("student", String, primary_key=True),
    Column("submission_id", String),  # nbgrader's row that the scores are in
    Column("submitted", String),  # fingerprint of what was handed in
    Column("source", String),  # fingerprint of the lesson
    Column("result", String),  # fingerprint of the autograded folder
    Column("problems", Text),  # JSON list of sentences
    Column("graded_at", String),
)


@dataclass(frozen=True)
class Record:
    """What is known of a finished grading."""

    submitted: str
    source: str
    result: str
    problems: tuple[str, ...] = ()


def _waits_out_outages(method: "Callable[Concatenate[Gradebook, P], R]") -> "Callable[Concatenate[Gradebook, P], R]":
    """A method that does its work again where the database's server was away for a while; all of them may be repeated.
    After `PATIENCE` seconds, GradingStopped."""

    @wraps(method)
    def run(self: "Gradebook", *args: P.args, **keywords: P.kwargs) -> R:
        until = time.monotonic() + PATIENCE
        with _plain_errors(self.course):
            while True:
                try:
                    return method(self, *args, **keywords)
                except (OperationalError, InterfaceError):
                    if self._is_sqlite:
                        raise
                    self._wait_for_server(until)

    return run


class Gradebook:
    """The course's gradebook. Use it as a context manager, in one process."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._ids: dict[str, _Ids] = {}
        self._excludes = False
        if not course.directory.db_url.startswith("sqlite") and not course.directory.course_id:
            raise GradingStopped(
                "A gradebook on a database server needs a course with a name: set c.CourseDirectory.course_id in "
                "nbgrader_config.py."
            )
        # Ctrl-C waits until a new one is whole; but for a server that does not answer it is to be heard.
        whole = without_interrupts() if course.directory.db_url.startswith("sqlite") else nullcontext()
        with _plain_errors(course):
            with whole:
                self._nbgrader = api.Gradebook(course.directory.db_url, course.directory.course_id)
            _ours.create_all(self._nbgrader.engine)
            self._is_sqlite = self._nbgrader.engine.dialect.name == "sqlite"
            self._connection = self._connected()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(SQLAlchemyError):  # a server that is gone by now has all that was saved
            self._connection.close()
            self._nbgrader.close()

    def exclude_others(self) -> None:
        """From now on no other run may grade this course; on a server, wherever that run is. GradingStopped where one
        does already. (In a file, the lock of the course's folder is enough.)"""
        if self._nbgrader.engine.dialect.name != "postgresql":
            return
        name = f"course grade {self.course.directory.course_id}"
        key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
        with _plain_errors(self.course):
            # It lasts as long as the connection: a grader that is killed leaves nothing locked.
            free = self._connection.scalar(select(func.pg_try_advisory_lock(key)))
            self._connection.commit()
        if not free:
            raise GradingStopped(
                "Another `course grade` is at work on this gradebook, perhaps elsewhere: wait for it or stop it."
            )
        self._excludes = True

    def _connected(self) -> Connection:
        connection = self._nbgrader.engine.connect()
        if self._is_sqlite:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {WAIT_FOR_LOCK}")
            connection.commit()
        return connection

    def _wait_for_server(self, until: float) -> None:
        while True:
            try:
                return self._connect_again()
            except (OperationalError, InterfaceError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def _connect_again(self) -> None:
        with suppress(SQLAlchemyError):
            self._connection.invalidate()
            self._connection.close()
        self._nbgrader.engine.dispose()
        self._connection = self._connected()
        if self._excludes:
            self.exclude_others()

    @_waits_out_outages
    def register(self, name: str, processes: Executor | None = None) -> tuple[Lesson, str]:
        """The lesson, and the fingerprint of its source; brings the gradebook up to date with solutions/ first, in one
        of these processes or of its own: it takes torch, which this one need not import."""
        source = source_of(self.course, name)
        known = self._connection.scalar(select(_sources.c.source).where(_sources.c.lesson == name))
        self._connection.rollback()
        if known != source or not self._nbgrader_knows(name):
            self._connection.rollback()
            with nullcontext(processes) if processes else _a_process() as executor:
                executor.submit(enter, self.course, name).result()
            with self._transaction() as connection:
                connection.execute(delete(_sources).where(_sources.c.lesson == name))
                connection.execute(insert(_sources).values(lesson=name, source=source))
        return self._read_lesson(name, source), source

    @_waits_out_outages
    def records(self, lesson: str) -> dict[str, Record]:
        """What is graded already, by student; only records whose scores nbgrader still has."""
        rows = self._connection.execute(
            select(_records)
            .join(_submissions, _submissions.c.id == _records.c.submission_id)
            .where(_records.c.lesson == lesson)
        ).all()
        self._connection.rollback()
        return {
            row.student: Record(row.submitted, row.source, row.result, tuple(json.loads(row.problems))) for row in rows
        }

    @_waits_out_outages
    def extensions(self, lesson: str) -> dict[str, timedelta]:
        """The students who have more time for a lesson, and how much."""
        of_lesson = _is(_submissions, assignment_id=self._ids[lesson].assignment)
        rows = self._connection.execute(select(_submissions.c.student_id, _submissions.c.extension).where(*of_lesson))
        found = {row.student_id: row.extension for row in rows if row.extension}
        self._connection.rollback()
        return found

    @_waits_out_outages
    def submission(self, lesson: Lesson, student: str, when: datetime | None) -> SubmittedLesson:
        """A student's submission before it is graded again: its time, where `when` does not tell it, and what a person
        gave it."""
        submission = new_submission(lesson, student)
        ids = self._ids[lesson.name]
        known = self._connection.execute(
            select(_submissions).where(*_is(_submissions, assignment_id=ids.assignment, student_id=student))
        ).one_or_none()
        if known:
            submission.timestamp = known.timestamp
            if lesson.duedate and known.extension:
                submission.duedate = lesson.duedate + known.extension
            given = select(_notebooks.c.notebook_id, _grades).join(_notebooks, _notebooks.c.id == _grades.c.notebook_id)
            for row in self._connection.execute(given.where(_notebooks.c.assignment_id == known.id)):
                notebook, cell = ids.names[row.notebook_id], ids.names[row.cell_id]
                grade = submission.notebooks[notebook].grades[cell]
                grade.manual_score, grade.extra_credit = row.manual_score, row.extra_credit
                grade.marked = row.manual_score is not None and not row.needs_manual_grade
        self._connection.rollback()
        submission.timestamp = when or submission.timestamp
        return submission

    @_waits_out_outages
    def save(self, lesson: str, submission: SubmittedLesson, record: Record | None) -> None:
        """Write a student's scores, and the record of how they came to be, in one transaction.

        Without a record the submission could not be graded: it is entered without scores, for a person to see to.
        """
        ids, student = self._ids[lesson], submission.student
        with self._transaction() as connection:
            if connection.scalar(select(_students.c.id).where(_students.c.id == student)) is None:
                connection.execute(insert(_students).values(id=student))
            this = _is(_submissions, assignment_id=ids.assignment, student_id=student)
            submission_id = connection.scalar(select(_submissions.c.id).where(*this))
            if submission_id is None:
                submission_id = api.new_uuid()
                row = dict(id=submission_id, assignment_id=ids.assignment, student_id=student)
                connection.execute(insert(_submissions).values(**row))
            connection.execute(update(_submissions).where(*this).values(timestamp=submission.timestamp))
            for notebook in submission.notebooks.values():
                _save_notebook(connection, ids, submission_id, notebook)
            connection.execute(delete(_records).where(*_is(_records, lesson=lesson, student=student)))
            if record:
                connection.execute(
                    insert(_records).values(
                        lesson=lesson,
                        student=student,
                        submission_id=submission_id,
                        submitted=record.submitted,
                        source=record.source,
                        result=record.result,
                        problems=json.dumps(record.problems),
                        graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
                    )
                )

    def _nbgrader_knows(self, name: str) -> bool:
        with self._session() as session:
            notebooks = select(api.Notebook.id).join(api.Assignment).where(api.Assignment.name == name)
            return session.scalar(notebooks.limit(1)) is not None

    def _read_lesson(self, name: str, version: str) -> Lesson:
        with self._session() as session:
            assignment = session.scalars(select(api.Assignment).where(api.Assignment.name == name)).one()
            self._ids[name] = _read_ids(assignment)
            notebooks = tuple(_read_notebook(notebook) for notebook in assignment.notebooks)
            return Lesson(name, version, assignment.duedate, notebooks)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self._nbgrader.engine, future=True) as session:
            yield session

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        self._connection.rollback()
        with self._connection.begin():
            yield self._connection


def source_of(course: Course, lesson: str) -> str:
    """Fingerprint of a lesson's source as it is now, with which the `source` of a record of this version begins."""
    return fingerprint(course.folder("source", ".", lesson), [".ipynb_checkpoints", "__pycache__", "*.pyc"])


def is_begun(course: Course) -> bool:
    """Whether there is a gradebook: to open one that is not there makes it."""
    with _plain_errors(course):
        url = make_url(course.directory.db_url)
    return not (url.drivername.startswith("sqlite") and url.database) or Path(url.database).is_file()


@contextmanager
def reading(course: Course) -> Iterator[api.Gradebook]:
    """nbgrader's gradebook, to read in. Raises GradingStopped where it cannot be read."""
    with _plain_errors(course), api.Gradebook(course.directory.db_url, course.directory.course_id) as book:
        yield book


def _a_process() -> Executor:
    context = get_context("fork" if sys.platform == "linux" else None)
    return ProcessPoolExecutor(1, context, initializer=die_with, initargs=(os.getpid(),))


def enter(course: Course, name: str) -> None:
    """Enter a lesson in the gradebook, as `nbgrader generate_assignment` does, without trying or releasing anything."""
    steps = GenerateAssignment(config=course.config).preprocessors
    last = next(
        (i for i, step in enumerate(steps) if step is SaveCells or str(step).endswith(".SaveCells")), len(steps)
    )
    config = copy.deepcopy(course.config)
    config.GenerateAssignment.preprocessors = steps[: last + 1]
    config.TrySolution.enabled = False
    with TemporaryDirectory() as elsewhere:
        directory = CourseDirectory(config=config, root=course.directory.root)
        directory.assignment_id, directory.release_directory = name, str(Path(elsewhere) / "released")
        try:
            GenerateAssignment(coursedir=directory, config=config).start()
        except (Exception, SystemExit):
            raise GradingStopped(
                f"The source of {name} cannot be used for grading: run `nbgrader generate_assignment {name}` to see "
                "what is wrong with it."
            ) from None


def _save_notebook(connection: Connection, ids: "_Ids", submission_id: str, notebook: SubmittedNotebook) -> None:
    # The rows that nbgrader.api.Gradebook.add_submission makes, and the fields that SaveAutoGrades sets.
    source_id, this = ids.notebooks[notebook.name], {"assignment_id": submission_id}
    this["notebook_id"] = source_id
    notebook_id = connection.scalar(select(_notebooks.c.id).where(*_is(_notebooks, **this)))
    if notebook_id is None:
        notebook_id = api.new_uuid()
        connection.execute(insert(_notebooks).values(id=notebook_id, **this))
    penalty = notebook.late_submission_penalty
    connection.execute(update(_notebooks).where(_notebooks.c.id == notebook_id).values(late_submission_penalty=penalty))
    grades = {
        ids.cells[notebook.name, grade.name, True]: dict(
            auto_score=grade.auto_score, needs_manual_grade=grade.needs_manual_grade
        )
        for grade in notebook.grades.values()
    }
    comments = {
        ids.cells[notebook.name, comment.name, False]: dict(auto_comment=comment.auto_comment)
        for comment in notebook.comments.values()
    }
    for table, values in ((_grades, grades), (_comments, comments)):
        known = set(connection.scalars(select(table.c.cell_id).where(table.c.notebook_id == notebook_id)))
        new = [dict(notebook_id=notebook_id, cell_id=cell, **row) for cell, row in values.items() if cell not in known]
        old = [dict(cell=cell, **row) for cell, row in values.items() if cell in known]
        if new:
            connection.execute(insert(table), new)
        if old:
            this_cell = (table.c.notebook_id == notebook_id, table.c.cell_id == bindparam("cell"))
            connection.execute(update(table).where(*this_cell), old)


def _is(table: Table, **values: str) -> list[Any]:
    return [table.c[name] == value for name, value in values.items()]


@dataclass(frozen=True)
class _Ids:
    """nbgrader's ids of a lesson: of the assignment, its notebooks by name, and its cells by notebook, name and
    whether they have a grade (else a comment); `names` is the way back."""

    assignment: str
    notebooks: dict[str, str]
    cells: dict[tuple[str, str, bool], str]
    names: dict[str, str]


def _read_ids(assignment: api.Assignment) -> _Ids:
    cells = {}
    for notebook in assignment.notebooks:
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            cells[notebook.name, cell.name, True] = cell.id
        for cell in (*notebook.solution_cells, *notebook.task_cells):
            cells[notebook.name, cell.name, False] = cell.id
    notebooks = {notebook.name: notebook.id for notebook in assignment.notebooks}
    names = {id: name for name, id in notebooks.items()} | {id: name for (_, name, _), id in cells.items()}
    return _Ids(assignment.id, notebooks, cells, names)


def _read_notebook(notebook: api.Notebook) -> LessonNotebook:
    def graded(cells: list[Any], cell_type: str | None = None) -> tuple[GradedCell, ...]:
        return tuple(GradedCell(cell.name, cell.max_score, cell_type or cell.cell_type) for cell in cells)

    return LessonNotebook(
        notebook.name,
        notebook.kernelspec,
        source_cells=tuple(
            SourceCell(cell.name, cell.cell_type, cell.locked, cell.source, cell.checksum)
            for cell in notebook.source_cells
        ),
        grade_cells=graded(notebook.grade_cells),
        solution_cells=tuple(SolutionCell(cell.name) for cell in notebook.solution_cells),
        task_cells=graded(notebook.task_cells, "markdown"),
    )


@contextmanager
def _plain_errors(course: Course) -> Iterator[None]:
    url = course.directory.db_url
    in_file = url.startswith("sqlite")
    try:
        yield
    except (ImportError, NoSuchModuleError) as error:
        raise GradingStopped(
            f"The driver of the gradebook's database is missing ({error}): install the extra [postgres] "
            "(pip install --editable '.[postgres]'), and begin c.CourseDirectory.db_url with postgresql+psycopg://."
        ) from None
    except ArgumentError:
        raise GradingStopped(
            "c.CourseDirectory.db_url in nbgrader_config.py is no database's address: write sqlite:///gradebook.db or "
            "postgresql+psycopg://USER@HOST/DATABASE."
        ) from None
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        reason = str(error.orig).strip()
        if in_file and "locked" in reason:
            raise GradingStopped(
                "Another program holds gradebook.db: close it (Formgrader, a database viewer) and run this again; "
                "what is graded is kept."
            ) from None
        if any(said in reason for said in ("no such column", "no such table", "does not exist\nLINE")):
            raise GradingStopped(
                "gradebook.db is of another version of nbgrader: keep a copy of it, then run `nbgrader db upgrade`."
            ) from None
        if not in_file:
            place, first = make_url(url).render_as_string(hide_password=True), reason.splitlines()[0]
            raise GradingStopped(
                f"The gradebook's database, {place}, does not work ({first}): see whether its server runs and lets you "
                "in, then run this again; what is graded is kept."
            ) from None
        raise GradingStopped(
            f"gradebook.db cannot be read or written ({reason}): see to its folder, then run this again."
        ) from None
