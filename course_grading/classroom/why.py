"""`course why STUDENT LESSON [EXERCISE]`: why this mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course_grading.terminal import console, foreign, tell
from course_utils.cards import LOOKS, points_text
from course_utils.errors import CourseError, did_you_mean

if TYPE_CHECKING:
    from course_grading.authoring.language import Lesson
    from course_grading.classroom.records import Answer, Work
    from course_grading.course import Course

WORDS = {"right": "right", "wrong": "wrong", "waiting": "not begun", "not run": "not tested"}


def why(
    student: Annotated[str, typer.Argument(help="As in submitted/STUDENT/.")],
    lesson: Annotated[str, typer.Argument(help="Such as 01_sliding_regions.")],
    exercise: Annotated[str | None, typer.Argument(help="This one alone, with the code. [default: all]")] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Run the notebook again, with the same seeds, in the sandbox.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser, with the cards' pictures.")] = False,
) -> None:
    """Say why a student has this mark: of each exercise the verdict, the hint, the failing case and the seed."""
    from course_grading.authoring.language import load_lesson
    from course_grading.classroom.records import find_work
    from course_grading.course import here

    course = here()
    declared = load_lesson(course.find_lesson(lesson), course.root)
    if exercise and exercise not in declared.exercises:
        raise CourseError(
            f"{declared.folder.name} has no exercise '{exercise}'{did_you_mean(exercise, declared.exercises)}."
        )
    work, notebook = find_work(course, declared, student)
    again: Mapping[str, Answer] = {}
    if replay:
        from course_grading.classroom.replay import replay as run_again

        tell("Running it again …")
        again = run_again(course, declared, work, notebook, exercise or "")
    chosen = [answer for name, answer in work.answers.items() if exercise in (None, name)]
    out = console()
    for line in _text(declared, work, chosen, again, exercise is not None):
        out.print(line, soft_wrap=True)
    if open_:
        from course_grading.classroom.pages import open_page

        open_page(_page(course, declared, work, chosen, again))


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
    if not with_code and work.written:
        yield ""
        yield from in_words(work)


def in_words(work: Work) -> Iterator[str]:
    """The questions in words, with what a person gave for them."""
    for name, mark in work.written.items():
        given = f"{mark.score:g} of {points_text(mark.points)}{', as it was left empty' if mark.empty else ''}"
        yield f"{name}, in words: {'waits to be marked in Formgrader' if mark.waits else given}"


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
    if same:
        yield "Run again with this seed: the same verdict."
    else:
        mistake = f" ({now.mistake})" if now.mistake else ""
        yield f"Run again with this seed, it is another verdict: {WORDS[now.outcome]}{mistake}. {now.error}".rstrip()


def _icon(answer: Answer) -> str:
    return LOOKS[answer.outcome][0] if answer.outcome in LOOKS else "–"


def _page(course: Course, lesson: Lesson, work: Work, answers: list[Answer], again: Mapping[str, Answer]) -> Path:
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
    if len(answers) == len(work.answers):
        parts += [f'<div class="item">{text(line)}</div>' for line in in_words(work)]
    return write_page(course, f"{lesson.folder.name}/{work.student}.html", page(first, parts))
