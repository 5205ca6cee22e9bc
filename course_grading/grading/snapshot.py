"""A gradebook in memory: what nbgrader's preprocessors read and write while one notebook is graded.

Opening nbgrader's database costs more than all the rest of grading a notebook, and preprocessors open it again and
again; many writers also lock each other out. So a worker gives them this instead: `Gradebook(url)` of a snapshot's url
is the snapshot. The runner, the only one to write the real gradebook, takes the result from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import get_ident
from typing import Any

from nbgrader import api


@dataclass(frozen=True)
class SourceCell:
    """A cell of the lesson as the instructor wrote it, hidden tests included."""

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str


@dataclass(frozen=True)
class GradedCell:
    """A cell that earns points: a test, a written answer or a task."""

    name: str
    max_score: float
    cell_type: str


@dataclass(frozen=True)
class SolutionCell:
    """A cell that students fill in."""

    name: str


@dataclass(frozen=True)
class LessonNotebook:
    """One notebook of a lesson, as the gradebook knows it."""

    name: str
    kernelspec: str | None
    source_cells: tuple[SourceCell, ...]
    grade_cells: tuple[GradedCell, ...]
    solution_cells: tuple[SolutionCell, ...]
    task_cells: tuple[GradedCell, ...]

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in (*self.grade_cells, *self.task_cells))


@dataclass(frozen=True)
class Lesson:
    """An assignment of the gradebook with its notebooks; `version` is another when its source is."""

    name: str
    version: str
    duedate: datetime | None
    notebooks: tuple[LessonNotebook, ...]


@dataclass
class Grade:
    """A student's grade for one cell; what a person gave (`manual_score`, `extra_credit`) is never changed here."""

    name: str
    auto_score: float | None = None
    manual_score: float | None = None
    extra_credit: float | None = None
    needs_manual_grade: bool = True
    marked: bool = False  # a person has given points before, and nothing was left to do

    @property
    def score(self) -> float:
        given = self.auto_score if self.manual_score is None else self.manual_score
        return 0.0 if given is None else given + (self.extra_credit or 0.0)


@dataclass
class Comment:
    """What the grader (`auto_comment`) says about one cell."""

    name: str
    auto_comment: str | None = None


@dataclass
class SubmittedNotebook:
    """A student's notebook: a grade and a comment for each cell that has one."""

    name: str
    grades: dict[str, Grade] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    late_submission_penalty: float | None = None

    @property
    def score(self) -> float:
        return sum(grade.score for grade in self.grades.values())


@dataclass
class SubmittedLesson:
    """A student's submission."""

    student: str
    timestamp: datetime | None = None
    duedate: datetime | None = None  # the student's own, extension included
    notebooks: dict[str, SubmittedNotebook] = field(default_factory=dict)

    @property
    def total_seconds_late(self) -> float:
        if self.timestamp is None or self.duedate is None:
            return 0
        return max(timedelta(), self.timestamp - self.duedate).total_seconds()


def new_submission(lesson: Lesson, student: str) -> SubmittedLesson:
    """A submission that nothing is known of yet."""
    notebooks = {}
    for notebook in lesson.notebooks:
        graded: list[Any] = [*notebook.grade_cells, *notebook.task_cells]
        answered: list[Any] = [*notebook.solution_cells, *notebook.task_cells]
        notebooks[notebook.name] = SubmittedNotebook(
            notebook.name,
            grades={cell.name: Grade(cell.name) for cell in graded},
            comments={cell.name: Comment(cell.name) for cell in answered},
        )
    return SubmittedLesson(student, duedate=lesson.duedate, notebooks=notebooks)


class Snapshot:
    """What of `nbgrader.api.Gradebook` preprocessors use, for one student's submission of one lesson."""

    def __init__(self, lesson: Lesson, submission: SubmittedLesson) -> None:
        self.lesson, self.submission = lesson, submission
        self.db = self  # `gradebook.db.commit()`

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def commit(self) -> None:
        pass

    def close(self) -> None:
        pass

    def find_assignment(self, name: str) -> Lesson:
        return self.lesson

    def find_notebook(self, name: str, assignment: str) -> LessonNotebook:
        return _named(name, self.lesson.notebooks)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        return _named(name, self.find_notebook(notebook, assignment).source_cells)

    def find_grade_cell(self, name: str, notebook: str, assignment: str) -> GradedCell:
        return _named(name, self.find_notebook(notebook, assignment).grade_cells)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> GradedCell:
        found = self.find_notebook(notebook, assignment)
        return _named(name, (*found.grade_cells, *found.task_cells))

    def find_solution_cell(self, name: str, notebook: str, assignment: str) -> SolutionCell:
        return _named(name, self.find_notebook(notebook, assignment).solution_cells)

    def find_task_cell(self, name: str, notebook: str, assignment: str) -> GradedCell:
        return _named(name, self.find_notebook(notebook, assignment).task_cells)

    def find_submission(self, assignment: str, student: str) -> SubmittedLesson:
        return self.submission

    def find_submission_notebook(self, notebook: str, assignment: str, student: str) -> SubmittedNotebook:
        return _named(notebook, self.submission.notebooks.values())

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Grade:
        return _named(grade_cell, self.find_submission_notebook(notebook, assignment, student).grades.values())

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Comment:
        return _named(solution_cell, self.find_submission_notebook(notebook, assignment, student).comments.values())


def _named(name: str, things: Any) -> Any:
    for thing in things:
        if thing.name == name:
            return thing
    raise api.MissingEntry(f"The gradebook has no '{name}'.")


SCHEME = "snapshot:"
_open: dict[str, Snapshot] = {}


@contextmanager
def opened(snapshot: Snapshot) -> Iterator[str]:
    """The url under which `Gradebook(url)` is this snapshot, while the block runs in this thread.

    It is the same for every submission of a lesson, so that what is worked out from the lesson can be kept under it.
    """
    url = f"{SCHEME}{snapshot.lesson.version}:{get_ident()}"
    _open[url] = snapshot
    api.Gradebook.__new__ = _gradebook  # once is enough, again does no harm
    try:
        yield url
    finally:
        del _open[url]


def _gradebook(cls: type, db_url: str = "", *arguments: Any, **options: Any) -> Any:
    return _open[db_url] if db_url in _open else object.__new__(cls)
