"""`course why STUDENT LESSON [EXERCISE]`: why this mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course_grading.classroom.roster import folder_name, read_roster
from course_grading.classroom.standing import standing
from course_grading.terminal import console, foreign, tell
from course_utils.cards import LOOKS, points_text
from course_utils.errors import CourseError, did_you_mean

if TYPE_CHECKING:
    from course_grading.authoring.language import Lesson
    from course_grading.classroom.records import Answer, Work
    from course_grading.course import Course

WORDS = {"right": "right", "wrong": "wrong", "waiting": "not begun", "not run": "not tested"}


def why(
    student: Annotated[str, typer.Argument(help="As in submitted/STUDENT/, or a name in roster.csv.")],
    lesson: Annotated[str, typer.Argument(help="Such as 01_sliding_regions.")],
    exercise: Annotated[
        str | None,
        typer.Argument(help="This one alone, or a question in words, with what was handed in.", show_default="all"),
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Run the notebook again, with the same seeds, in the sandbox.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser, with the cards' pictures.")] = False,
) -> None:
    """Say why a student has this mark: of each exercise the verdict, the hint, the failing case and the seed."""
    from course_grading.authoring.language import load_lesson
    from course_grading.classroom.records import find_work, read_comments
    from course_grading.course import here

    course = here()
    declared = load_lesson(course.find_lesson(lesson), course.root)
    student = _meant(course, declared, student)
    work, notebook = find_work(course, declared, student)
    now = standing(course, declared.folder.name, [student])
    if exercise:
        _must_have(declared, work, exercise, replay)
    comments = dict(read_comments(course, declared.folder.name).get(student, ()))
    again: Mapping[str, Answer] = {}
    if replay:
        from course_grading.classroom.replay import replay as run_again

        tell("Running it again …")
        again = run_again(course, declared, work, notebook, exercise or "")
    chosen = [answer for name, answer in work.answers.items() if exercise in (None, name)]
    questions = [name for name in work.written if exercise in (None, name)]
    out = console()
    for line in _text(declared, work, chosen, again, exercise is not None):
        out.print(line, soft_wrap=True)
    if student in now.waiting:
        newer = f"This is of what was handed in before: `course grade {declared.name}` grades what is newer."
        out.print(f"\n{newer}", soft_wrap=True)
    elif now.outdated:
        changed = f"The lesson has changed since this was graded: `course grade {declared.name}` grades it again."
        out.print(f"\n{changed}", soft_wrap=True)
    for line in _in_words(work, questions, comments, exercise is not None):
        out.print(line, soft_wrap=True)
    if open_:
        from course_grading.classroom.pages import open_page

        open_page(_page(course, declared, work, chosen, again, questions, comments))


def _meant(course: Course, lesson: Lesson, student: str) -> str:
    """The folder of a student, who may be called by a name or another id of the course's roster.csv, too."""
    from course_grading.classroom.records import graded_notebooks

    path = course.root / "roster.csv"
    if student in graded_notebooks(course, lesson) or not path.is_file():
        return student
    roster = read_roster(path)
    known = roster.by_id(student) or roster.by_name(student)
    return folder_name(roster.one_of(student, "course why").id) if known else student


def _must_have(lesson: Lesson, work: Work, exercise: str, replay: bool) -> None:
    """Raise CourseError where a student's graded notebook has nothing of this name, or nothing of it to run again."""
    if exercise in work.written and replay:
        raise CourseError(f"{exercise} is answered in words: there is nothing to --replay.")
    if exercise in work.answers or exercise in work.written:
        return
    if exercise in lesson.exercises:
        raise CourseError(
            f"The graded notebook of '{work.student}' has no test of {exercise}: exercises.py has changed since then. "
            f"`course build {lesson.name}`, then `course grade {lesson.name}`."
        )
    near = did_you_mean(exercise, work.answers, work.written)
    raise CourseError(f"{lesson.folder.name} has no exercise '{exercise}'{near}.")


def _text(
    lesson: Lesson, work: Work, answers: list[Answer], again: Mapping[str, Answer], with_code: bool
) -> Iterator[str]:
    yield from _about(lesson, work)
    for answer in answers:
        yield ""
        yield f"{_icon(answer)} {headline(answer)}"
        told = [*notes(answer), *_replayed(answer, again)]
        if answer.outcome != "right" and answer.text:
            yield from ("  " + foreign(line) for line in answer.text.splitlines()[1:])  # its first is our headline
        yield from ("  " + foreign(line) for line in told)
        if with_code:
            yield "  Handed in:"
            yield from ("    " + foreign(line) for line in answer.source.splitlines())


def _in_words(work: Work, questions: list[str], comments: Mapping[str, str], with_text: bool) -> Iterator[str]:
    """The questions in words, with what a person gave for them and said of them."""
    for name in questions:
        yield ""
        yield marked(work, name)
        if name in comments:
            yield "  Comment:"
            yield from ("    " + foreign(line) for line in comments[name].splitlines())
        if with_text:
            yield "  Handed in:"
            yield from ("    " + foreign(line) for line in work.written[name].source.splitlines())


def marked(work: Work, question: str) -> str:
    """What a person gave for a question in words: "why_flip, in words: 2 of 3 points"."""
    mark = work.written[question]
    given = f"{mark.score:g} of {points_text(mark.points)}{', as it was left empty' if mark.empty else ''}"
    return f"{question}, in words: {'waits to be marked in Formgrader' if mark.waits else given}"


def _about(lesson: Lesson, work: Work) -> Iterator[str]:
    yield f"{foreign(work.student)}: {work.score:g} of {points_text(work.max_score)} in {lesson.folder.name}"
    if work.handed_in:
        yield f"Handed in {work.handed_in:%Y-%m-%d %H:%M} UTC."
    if work.penalty:
        yield f"Late: {points_text(work.penalty)} taken off."
    if work.seconds:
        ended = foreign(work.ended) or "came to its end"
        yield f"Its run took {work.seconds:.1f} s of processor time and {work.memory / 2**20:.0f} MB, and {ended}."
    yield from (foreign(problem) for problem in work.problems)


def headline(answer: Answer) -> str:
    """The verdict in one line: "corr2d: wrong, 0 of 4 points (kernel_flipped)"."""
    mistake = f" ({answer.mistake})" if answer.mistake else ""
    return f"{answer.exercise}: {WORDS[answer.outcome]}, {answer.score:g} of {points_text(answer.points)}{mistake}"


def notes(answer: Answer) -> Iterator[str]:
    """What the card does not say: where the mistake is another exercise's, what the hidden test found, its seed."""
    if answer.error:
        yield f"Nothing could be tested: {answer.error}"
    if answer.given:
        yield f"It follows from {' and '.join(answer.given)}: given a right one, this answer is right."
    elif answer.follows:
        yield f"It follows from {answer.follows}, which is not right and which it uses."
    seed = f"seed {answer.seed}" if answer.seed is not None else ""
    if seed and answer.outcome == "wrong":
        named = answer.judge.get("misconception")
        found = f"{answer.judge['outcome']}{f', {named}' if named else ''}"
        yield f"Hidden test: {found} ({seed}; --replay runs it again)."
    elif seed and answer.outcome == "right":
        yield f"Hidden test: right ({seed})."


def _replayed(answer: Answer, again: Mapping[str, Answer]) -> Iterator[str]:
    now = again.get(answer.exercise)
    if now is None:
        return
    same = (now.outcome, now.mistake, now.follows) == (answer.outcome, answer.mistake, answer.follows)
    with_seed = " with this seed" if answer.seed is not None else ""  # where no test came to a verdict, there is none
    if same:
        yield f"Run again{with_seed}: the same verdict."
    else:
        mistake = f" ({now.mistake})" if now.mistake else ""
        yield f"Run again{with_seed}, it is another verdict: {WORDS[now.outcome]}{mistake}. {now.error}".rstrip()


def _icon(answer: Answer) -> str:
    return LOOKS[answer.outcome][0] if answer.outcome in LOOKS else "–"


def _page(
    course: Course,
    lesson: Lesson,
    work: Work,
    answers: list[Answer],
    again: Mapping[str, Answer],
    questions: list[str],
    comments: Mapping[str, str],
) -> Path:
    from course_grading.classroom.pages import card_html, code, page, text, write_page

    first, *others = _about(lesson, work)
    parts = [f"<h1>{text(first)}</h1>", *(f'<div class="quiet">{text(line)}</div>' for line in others)]
    for answer in answers:
        told = [*notes(answer), *_replayed(answer, again)]
        card = card_html(answer.html) if answer.html and answer.outcome != "right" else ""
        about = "".join(f'<div class="small">{text(line)}</div>' for line in told)
        source = f"<details><summary>Handed in</summary>{code(answer.source)}</details>"
        parts.append(
            f'<section class="item"><h3>{_icon(answer)} {text(headline(answer))}</h3>{card}{about}{source}</section>'
        )
    for name in questions:
        comment = f'<div class="small">Comment:</div>{code(comments[name])}' if name in comments else ""
        source = f"<details><summary>Handed in</summary>{code(work.written[name].source)}</details>"
        parts.append(f'<section class="item"><h3>{text(marked(work, name))}</h3>{comment}{source}</section>')
    return write_page(course, f"{lesson.folder.name}/{work.student}.html", page(first, parts))
