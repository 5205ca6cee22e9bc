"""What grading left of one class: of each student the answers with their verdicts, guesses, sentences and scores.

    works = read_class(course, lesson)

Verdicts are read from test cells alone, whose outputs come from our own process. What a student's own cells show
(guesses, explanations) and all text in them is foreign: data to count, and text to escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import api
from sqlalchemy import select
from sqlalchemy.orm import Session

from course_grading.authoring.language import Lesson
from course_grading.classroom.simulated import solution_cells
from course_grading.course import Course
from course_grading.grading.gradebook import reading
from course_grading.notebook.checked import exercises_in
from course_grading.notebook.execute import is_broken
from course_grading.notebook.outputs import how_it_ended
from course_grading.notebook.released import is_written
from course_grading.notebook.repair import problems_of, run_of
from course_utils.errors import CourseError, did_you_mean
from course_utils.guesses import GUESS_TYPE, LONGEST_KEPT
from course_utils.output import RECORD_TYPE

NAMED_PROBLEMS = {  # mistakes that need no misconception to have a name
    "mutated": "changes its arguments",
    "forbidden": "lets a library function do the work",
    "through": "does not go through the library call asked for",
    "integers": "loses the fractions",
    "dtype": "right numbers in another dtype",
    "not run": "its code did not run",
    "raised": "does not raise the exception asked for",
}
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise. `outcome` is "right", "wrong", "waiting" or "not run": there is no verdict."""

    exercise: str
    outcome: str
    check: Mapping[str, Any] = field(default_factory=dict)  # the visible check's record
    judge: Mapping[str, Any] = field(default_factory=dict)  # the hidden test's
    html: str = ""  # of the card, not cleaned
    text: str = ""
    error: str = ""  # why there is no verdict
    cause: str = ""  # the exercise that is to blame, where the check's record could not know
    source: str = ""  # what the student wrote
    points: float = 0.0  # of the test cell, which may test other exercises too
    score: float = 0.0

    @property
    def seed(self) -> int | None:
        """What the hidden test's inputs were drawn from."""
        return self.judge.get("seed")

    @property
    def follows(self) -> str:
        """The exercise that is to blame: this answer calls the student's own, which is not right."""
        return str(self.judge.get("follows") or self.check.get("follows") or self.cause)

    @property
    def given(self) -> tuple[str, ...]:
        """The right functions with which, lent, this answer is right."""
        return tuple(self.judge.get("given") or ())

    @property
    def misconception(self) -> str:
        return str(self._said("misconception") or "")

    @property
    def kinship(self) -> str:
        return str(self._said("kinship") or "")

    @property
    def digest(self) -> str:
        """Of what it gave on the visible cases, where no misconception explains it."""
        return str(self.check.get("digest") or "") if not self.misconception else ""

    @property
    def raises(self) -> str:
        """The exception that stopped it in every visible case; empty where some gave a result."""
        return str(self.check.get("raises") or "")

    @property
    def mistake(self) -> str:
        """The name of its mistake; empty where it has none or nobody has named it."""
        if self.outcome != "wrong" or self.follows:
            return ""
        return self.misconception or NAMED_PROBLEMS.get(str(self._said("problem")), "") or self.kinship

    @property
    def state(self) -> str:
        """What a class report counts it as: "right", "named", "unnamed", "follows", "waiting" or "untested"."""
        if self.outcome != "wrong":
            return "untested" if self.outcome == "not run" else self.outcome
        if self.follows:
            return "follows"
        return "named" if self.mistake else "unnamed"

    def _said(self, key: str) -> Any:
        """What the visible check says of a wrong answer, else the hidden test."""
        refused = self.check if self.check.get("outcome") == "wrong" else self.judge
        return refused.get(key) or self.judge.get(key)


@dataclass(frozen=True)
class Written:
    """The marks of one question in words."""

    score: float
    points: float
    waits: bool  # for a person to mark it
    empty: bool = False  # nothing was written, which is 0 points without a person
    source: str = ""  # what the student wrote


@dataclass(frozen=True)
class Work:
    """What grading left of one student's lesson."""

    student: str
    answers: Mapping[str, Answer]
    guesses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by name: the newest record
    sentences: Mapping[str, str] = field(default_factory=dict)  # explanations in the student's own words
    written: Mapping[str, Written] = field(default_factory=dict)  # questions in words that a person marks
    problems: tuple[str, ...] = ()  # what was repaired, stopped, …
    score: float = 0.0
    max_score: float = 0.0
    penalty: float = 0.0  # points taken off for being late
    handed_in: datetime | None = None  # UTC
    seconds: float = 0.0  # of processor time that its run took
    memory: int = 0  # bytes that its processes took at most
    ended: str = ""  # why its run ended early; empty where it came to its end

    @property
    def waits(self) -> bool:
        """Whether an answer in words waits to be marked, so that the score is still without it."""
        return any(mark.waits for mark in self.written.values())

    @property
    def begun(self) -> bool:
        return any(answer.outcome != "waiting" for answer in self.answers.values())


@dataclass(frozen=True)
class Marks:
    """What the gradebook holds of one student's lesson: cell → (score, points)."""

    cells: Mapping[str, tuple[float, float]]
    penalty: float = 0.0
    handed_in: datetime | None = None
    waiting: tuple[str, ...] = ()  # cells that a person has to mark, in order: feedback is made anew where it changes
    given: tuple[str, ...] = ()  # cells that a person gave points, in order

    @property
    def score(self) -> float:
        return max(0.0, sum(score for score, _ in self.cells.values()) - self.penalty)

    @property
    def max_score(self) -> float:
        return sum(points for _, points in self.cells.values())


def read_class(course: Course, lesson: Lesson) -> list[Work]:
    """All graded work of a lesson, by student."""
    marks = read_marks(course, lesson.folder.name)
    return [
        read_work(lesson, student, read_json(path), marks.get(student, Marks({})))
        for student, path in graded_notebooks(course, lesson).items()
    ]


def graded_notebooks(course: Course, lesson: Lesson) -> dict[str, Path]:
    """The lesson's notebook in autograded/, by student."""
    return files_by_student(course, "autograded", lesson.folder.name, lesson.notebook.name)


def files_by_student(course: Course, step: str, lesson: str, name: str) -> dict[str, Path]:
    """The files of a name in one of nbgrader's steps of a lesson, such as "feedback": student → path, in order."""
    pattern = course.folder(step, "*", lesson) / name
    place = course.folder(step, "\0", lesson).parts.index("\0")  # where the path has the student
    root = Path(course.directory.root)
    found = (path for path in root.glob(str(pattern.relative_to(root))) if path.is_file())
    return {path.parts[place]: path for path in sorted(found)}


def find_work(course: Course, lesson: Lesson, student: str) -> tuple[Work, NotebookNode]:
    """One student's work and graded notebook; CourseError where there is none."""
    known = graded_notebooks(course, lesson)
    if student not in known:
        if course.folder("submitted", student, lesson.folder.name).is_dir():
            raise CourseError(
                f"'{student}' is not graded in {lesson.folder.name}, or could not be: `course grade {lesson.name} "
                f"--student {student}` grades it, or says why not."
            )
        raise CourseError(
            f"'{student}' handed in nothing for {lesson.folder.name}{did_you_mean(student, list(known))}."
        )
    notebook = read_json(known[student])
    marks = read_marks(course, lesson.folder.name).get(student, Marks({}))
    return read_work(lesson, student, notebook, marks), notebook


def read_json(path: Path) -> NotebookNode:
    """A notebook that grading wrote, and so is valid already."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def read_work(lesson: Lesson, student: str, notebook: NotebookNode, marks: Marks) -> Work:
    """A student's work from their graded notebook."""
    answers = answers_in(lesson, notebook, marks)
    guesses, sentences = _foreign_records(lesson, notebook)
    run = run_of(notebook)
    return Work(
        student,
        answers,
        guesses,
        sentences,
        _written(notebook, marks),
        tuple(problem.text for problem in problems_of(notebook)),
        marks.score,
        marks.max_score,
        marks.penalty,
        marks.handed_in,
        run.get("seconds", 0.0),
        run.get("memory", 0),
        run.get("ended", ""),
    )


def _written(notebook: NotebookNode, marks: Marks) -> dict[str, Written]:
    sources = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in notebook.cells if is_written(cell)}
    seen = (*marks.waiting, *marks.given)
    return {
        name: Written(*marks.cells[name], name in marks.waiting, name not in seen, source)
        for name, source in sources.items()
        if name in marks.cells
    }


def answers_in(lesson: Lesson, notebook: NotebookNode, marks: Marks) -> dict[str, Answer]:
    """Exercise → its answer, in the lesson's order."""
    solutions = solution_cells(lesson, notebook)
    tests = {name: cell for cell in filter(is_test, notebook.cells) for name in exercises_in(cell.source, lesson.name)}
    found: dict[str, Answer] = {}
    for name in lesson.exercises:
        if name not in tests:
            continue
        answer = _answer(f"{lesson.name}.{name}", tests[name], marks)
        if name in solutions:
            answer = replace(answer, source=solutions[name].source)
        found[name] = answer
    absent = [name for name, answer in found.items() if answer.check.get("problem") == "not run"]
    return {name: _with_cause(answer, absent) for name, answer in found.items()}


def _with_cause(answer: Answer, absent: list[str]) -> Answer:
    """A wrong answer that calls what never ran follows from that."""
    calls = [name for name in absent if name != answer.exercise and re.search(rf"\b{name}\b", answer.source)]
    return replace(answer, cause=calls[0]) if calls and answer.state == "unnamed" else answer


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell of a graded notebook ran in our own process: repair leaves these marks on no other."""
    role = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(role.get("grade")) and not role.get("solution")


def _answer(full_name: str, cell: NotebookNode, marks: Marks) -> Answer:
    check: Mapping[str, Any] = NOTHING
    judge: Mapping[str, Any] = NOTHING
    html = text = error = ""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            error = how_it_ended(output)
        data = output.get("data", NOTHING)
        record = data.get(RECORD_TYPE, NOTHING)
        if record.get("exercise") != full_name:
            continue
        check, judge = (check, record) if record.get("by") == "judge" else (record, judge)
        if data.get("text/html"):  # a hidden test that only keeps its record has none
            html, text = data["text/html"], data.get("text/plain", "")
    score, points = marks.cells.get(cell.metadata["nbgrader"]["grade_id"], (0.0, 0.0))
    outcome = "not run" if is_broken(cell) else _outcome(check, judge)
    return Answer(
        exercise=full_name.partition(".")[2],
        outcome=outcome,
        check=check,
        judge=judge,
        html=html,
        text=text,
        error=error if outcome == "not run" else "",
        points=points,
        score=score,
    )


def _outcome(check: Mapping[str, Any], judge: Mapping[str, Any]) -> str:
    """The visible check's outcome where it refused, else the hidden test's."""
    said = [str(record["outcome"]) for record in (check, judge) if record]
    return next((outcome for outcome in said if outcome != "right"), said[0] if said else "not run")


def _foreign_records(lesson: Lesson, notebook: NotebookNode) -> tuple[dict[str, Mapping[str, Any]], dict[str, str]]:
    """Guesses and explanations that the lesson asks for, from the student's own cells: who knows what is in them."""
    guesses: dict[str, Mapping[str, Any]] = {}
    sentences: dict[str, str] = {}
    for record in _published(cell for cell in notebook.cells if not is_test(cell)):
        kind = "guess" if "guess" in record else "explanation"
        name = str(record.get(kind)).rpartition(".")[2]
        if kind == "guess" and name in lesson.guesses and record.get("event") in ("guessed", "compared", "waiting"):
            guesses[name] = {**guesses.get(name, {}), **record}
        elif kind == "explanation" and name in lesson.explanations and isinstance(record.get("text"), str):
            sentences[name] = record["text"][:LONGEST_KEPT]
    return {name: record for name, record in guesses.items() if "value" in record}, sentences


def _published(cells: Iterable[NotebookNode]) -> Iterator[Mapping[str, Any]]:
    for cell in cells:
        for output in cell.get("outputs", ()):
            record = output.get("data", NOTHING).get(GUESS_TYPE)
            if isinstance(record, dict):
                yield record


def read_marks(course: Course, lesson: str) -> dict[str, Marks]:
    """What the gradebook holds of a lesson, by student; nothing where it knows none."""
    with reading(course) as book, Session(book.engine) as session:
        submitted, notebook = api.SubmittedAssignment, api.SubmittedNotebook
        of_lesson = (
            select(submitted.id, submitted.student_id, submitted.timestamp)
            .join(api.Assignment, api.Assignment.id == submitted.assignment_id)
            .where(api.Assignment.name == lesson)
        )
        students = {row.id: row for row in session.execute(of_lesson)}
        notebooks = {
            row.id: row
            for row in session.execute(
                select(notebook.id, notebook.assignment_id, notebook.late_submission_penalty).where(
                    notebook.assignment_id.in_(of_lesson.with_only_columns(submitted.id))
                )
            )
        }
        cells: dict[str, dict[str, tuple[float, float]]] = {row.student_id: {} for row in students.values()}
        grade, cell = api.Grade, api.BaseCell
        waiting: dict[str, set[str]] = {student: set() for student in cells}
        given: dict[str, set[str]] = {student: set() for student in cells}
        columns = (grade.score, grade.max_score, grade.needs_manual_grade, grade.manual_score)
        rows = select(grade.notebook_id, cell.name, *columns).join(cell, cell.id == grade.cell_id)
        for row in session.execute(rows.where(grade.notebook_id.in_(list(notebooks)))):
            student = students[notebooks[row.notebook_id].assignment_id].student_id
            cells[student][row.name] = (float(row.score or 0), float(row.max_score or 0))
            waiting[student] |= {row.name} if row.needs_manual_grade else set()
            given[student] |= {row.name} if row.manual_score is not None else set()
    penalties: dict[str, float] = {}
    for row in notebooks.values():
        student = students[row.assignment_id].student_id
        penalties[student] = penalties.get(student, 0.0) + float(row.late_submission_penalty or 0)
    return {
        row.student_id: Marks(
            dict(sorted(cells[row.student_id].items())),
            penalties.get(row.student_id, 0.0),
            row.timestamp,
            tuple(sorted(waiting[row.student_id])),
            tuple(sorted(given[row.student_id])),
        )
        for row in students.values()
    }


def read_comments(course: Course, lesson: str) -> dict[str, list[tuple[str, str]]]:
    """What graders wrote, by student: the name of the cell and the comment."""
    submitted, notebook, comment = api.SubmittedAssignment, api.SubmittedNotebook, api.Comment
    wanted = (
        select(submitted.student_id, api.BaseCell.name, comment.comment)
        .join(notebook, notebook.assignment_id == submitted.id)
        .join(comment, comment.notebook_id == notebook.id)
        .join(api.BaseCell, api.BaseCell.id == comment.cell_id)
        .join(api.Assignment, api.Assignment.id == submitted.assignment_id)
        .where(api.Assignment.name == lesson)
        .order_by(api.BaseCell.name)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    with reading(course) as book, Session(book.engine) as session:
        for student, cell, words in session.execute(wanted):
            if words:
                found.setdefault(student, []).append((cell, words))
    return found
