"""The HTML of a class report, lesson by lesson: foreign text is escaped, cards are cleaned, nobody is named unasked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbgrader.api import Gradebook

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.drawn import bar, histogram
from course_grading.classroom.figures import STATES, Figures, Mistake, bins, in_words
from course_grading.classroom.pages import card_html, code, lines, text
from course_grading.classroom.records import Work, graded_notebooks, read_class
from course_grading.classroom.roster import folder_name, read_roster
from course_grading.course import Course
from course_grading.grading.handed_in import find_submissions
from course_utils.cards import card
from course_utils.checking import examine

TALKED_ABOUT = 6  # mistakes that get their picture
ON_PAPER = 3  # of them that are printed
MOST_SENTENCES = 12  # of an explanation that are open; the others unfold
LONGEST_SENTENCE = 400
STYLE = """
.top { display: flex; flex-wrap: wrap; gap: 12px 36px; align-items: flex-end; margin: 12px 0; }
.numbers { display: grid; grid-template-columns: auto auto; gap: 12px 36px; flex: 1; }
.number { font-size: 2rem; line-height: 1.1; font-weight: 600; } .histogram { width: 560px; max-width: 100%; }
.bar { width: 100%; min-width: 120px; height: 16px; display: block; margin-top: 4px; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
.legend span { margin-right: 1.2em; white-space: nowrap; } .shown img { max-width: 100%; }
.names { font-size: .875rem; color: var(--quiet); } th, td.n, td:first-child code { white-space: nowrap; }
@media screen { h1:not(:first-child) { margin-top: 72px; } }
@media print {
  .screen { display: none; } h1:not(:first-child), .talk { break-before: page; } h2 { margin: 10px 0 4px; }
  .number { font-size: 1.3rem; } .histogram { width: 320px; } td, th { padding: 1px 8px 1px 0; font-size: 9pt; }
  section.item { padding: 4px 10px; margin-bottom: 6px; } h3 { margin: 0; font-size: 10.5pt; }
  .shown { font-size: 7.5pt; max-height: 190px; overflow: hidden; margin: 2px 0; }
  .shown code, code, pre { font-size: 7.5pt; } pre { padding: 1px 8px; margin: 2px 0; }
  .shown img { max-height: 64px; width: auto; } .shown figure { margin: 2px 10px 0 0 !important; }
}
"""


@dataclass(frozen=True)
class Presence:
    """How many handed in, of how many, and who could not be graded."""

    handed_in: int
    of: int
    ungraded: tuple[str, ...]
    missing: tuple[str, ...]


def presence(course: Course, figures: Figures) -> Presence:
    """Who handed in, by submitted/ and by the roster, or else by whom the gradebook knows."""
    here = {submission.student for submission in find_submissions(course, figures.lesson.folder.name)}
    graded = {work.student for work in figures.works}
    roster = course.root / "roster.csv"
    if roster.is_file():
        everyone = {folder_name(student.id) for student in read_roster(roster).students}
    else:
        with Gradebook(course.directory.db_url, course.directory.course_id) as book:
            everyone = {student.id for student in book.students}
    everyone |= here | graded
    missing = tuple(sorted(everyone - here - graded))
    return Presence(len(here | graded), len(everyone), tuple(sorted(here - graded)), missing)


def lesson_parts(course: Course, figures: Figures, names: bool) -> Iterator[str]:
    """The HTML of one lesson's report."""
    there = presence(course, figures)
    yield f"<h1>{text(figures.lesson.folder.name)}</h1>"
    yield from _top(figures, there, names)
    yield from _since(course, figures)
    yield from _exercises(figures, names)
    yield from _doubts(figures)
    yield from _written(figures)
    yield from _guesses(figures)
    yield from _twins(figures, names)
    yield from _talk(figures, names)
    yield from _groups(figures, names)
    yield from _sentences(figures, names)


def _top(figures: Figures, there: Presence, names: bool) -> Iterator[str]:
    counts = bins(figures.shares)
    spoken = ", ".join(
        f"{number} with {10 * index} to {10 * index + 10} percent" for index, number in enumerate(counts) if number
    )
    full = sum(share >= 1 - 1e-9 for share in figures.shares)
    numbers = [
        (f"{there.handed_in} of {there.of}", "handed in"),
        (str(len(figures.works)), "graded"),
        (f"{figures.mean:.0%}", "of the points on average"),
        (str(full), "with full marks"),
    ]
    shown = "".join(f'<div><div class="number">{number}</div>{words}</div>' for number, words in numbers)
    drawn = histogram(counts, f"How the scores lie: {spoken}.")
    yield f'<div class="top"><div class="numbers">{shown}</div>{drawn}</div>'
    if figures.left_out:
        yield f"<p><b>These scores are not final</b>: {figures.left_out}.</p>"
    if there.ungraded:
        who = f": {_listed(there.ungraded)}" if names else ""
        yield f"<p>{len(there.ungraded)} could not be graded{who}. <code>course grade</code> says why.</p>"
    if names and there.missing:
        yield f'<p class="names">Nothing from {_listed(there.missing)}.</p>'


def _since(course: Course, figures: Figures) -> Iterator[str]:
    """What has changed since the lesson before, among those who handed in both."""
    before = _lesson_before(course, figures.lesson)
    if before is None:
        return
    lesson, works = before
    share = {work.student: work.score / work.max_score for work in works if work.max_score}
    now = {work.student: work.score / work.max_score for work in figures.works if work.max_score}
    both = sorted(share.keys() & now.keys())
    mean = sum(now[student] for student in both) / len(both) if both else 0
    earlier = sum(share[student] for student in both) / len(both) if both else 0
    words = f"Since {text(lesson.folder.name)}: {len(figures.works)} graded instead of {len(works)}"
    if both:
        words += f"; the {len(both)} who handed in both have {mean:.0%} of the points instead of {earlier:.0%}"
    again = _again(figures, works)
    if again:
        words += f". Still there: {', '.join(again)}"
    yield f"<p>{words}.</p>"


def _lesson_before(course: Course, lesson: Lesson) -> tuple[Lesson, list[Work]] | None:
    names = course.lessons()
    for name in reversed(names[: names.index(lesson.folder.name)]):
        earlier = load_lesson(name, course.root)
        if graded_notebooks(course, earlier):
            return earlier, read_class(course, earlier)
    return None


def _again(figures: Figures, before: Sequence[Work]) -> list[str]:
    """Misconceptions, which have one name in the whole course, that were there before and still are."""

    def students(works: Sequence[Work]) -> Counter[str]:
        return Counter(
            name for work in works for name in {each.misconception for each in work.answers.values()} if name
        )

    then, now = students(before), students(figures.works)
    shared = [name for name, number in now.most_common() if number >= figures.frequent and then[name]]
    return [f"{text(name)} ({then[name]} before, {now[name]} now)" for name in shared]


def _exercises(figures: Figures, names: bool) -> Iterator[str]:
    keys = "".join(
        f'<span><i class="key" style="background:var(--{state})"></i>{words}</span>' for state, words in STATES.items()
    )
    head = "".join(
        f'<th class="n">{words}</th>' for words in ("right", "named", "unnamed", "follows", "not begun", "untested")
    )
    rows = []
    tested = {name: counted for name, counted in figures.states.items() if counted}
    for name, counted in tested.items():
        counts = {state: counted[state] for state in STATES}
        spoken = f"{name}: " + ", ".join(f"{number} {STATES[state]}" for state, number in counts.items() if number)
        cells = "".join(f'<td class="n">{number or ""}</td>' for number in counts.values())
        rows.append(f"<tr><td><code>{text(name)}</code></td><td>{bar(counts, spoken)}</td>{cells}</tr>")
        if names and (who := _by_state(figures, name)):
            rows.append(f'<tr><td></td><td colspan="7" class="names">{who}</td></tr>')
    yield "<h2>Exercise by exercise</h2>"
    yield f'<p class="legend small">{keys}</p>'
    yield f'<table><tr><th>exercise</th><th style="width:30%"></th>{head}</tr>{"".join(rows)}</table>'
    if absent := [f"<code>{text(name)}</code>" for name in figures.states if name not in tested]:
        lesson = text(figures.lesson.name)
        yield (
            f"<p>No graded notebook has a test of {', '.join(absent)}: exercises.py has changed since then. "
            f"<code>course build {lesson}</code>, then <code>course grade {lesson}</code>.</p>"
        )
    if figures.stopped:
        where = ", ".join(f"<code>{text(name)}</code> ({number})" for name, number in figures.stopped.most_common(4))
        yield f"<p>The last exercise begun, of those who did not begin all: {where}.</p>"


def _written(figures: Figures) -> Iterator[str]:
    """The questions in words: what a person gave, what was left empty, and what waits."""
    for name, marks in figures.written.items():
        marked = [each.score for each in marks if not (each.waits or each.empty)]
        mean = f", {sum(marked) / len(marked):.1f} of {marks[0].points:g} points on average" if marked else ""
        empty, waits = sum(each.empty for each in marks), sum(each.waits for each in marks)
        left = f"; {empty} left empty" if empty else ""
        queue = f"; {waits} wait{'s' if waits == 1 else ''} in Formgrader" if waits else ""
        yield f"<p>In words, <code>{text(name)}</code>: {len(marked)} marked{mean}{left}{queue}.</p>"


def _by_state(figures: Figures, exercise: str) -> str:
    """Who has not begun an exercise, has it wrong for a reason that nobody knows, or got no verdict at all."""
    parts = []
    for state in ("unnamed", "waiting", "untested"):
        answers = [(work.student, work.answers.get(exercise)) for work in figures.works]
        students = [student for student, answer in answers if answer is not None and answer.state == state]
        if students:
            parts.append(f"{STATES[state]}: {_listed(students)}")
    return "; ".join(parts)


def _doubts(figures: Figures) -> Iterator[str]:
    for name, why in figures.doubts:
        yield (
            f'<p><b style="color:var(--untested)">Is the test of <code>{text(name)}</code> broken?</b> {text(why)}.</p>'
        )


def _talk(figures: Figures, names: bool) -> Iterator[str]:
    """The frequent mistakes: what others lost by them is counted here, at the root."""
    frequent = [mistake for mistake in figures.mistakes if len(mistake.answers) >= figures.frequent]
    yield '<h2 class="talk">What to talk about</h2>'
    if not frequent:
        yield f"<p>No mistake with a name was made by {figures.frequent} or more.</p>"
    for number, mistake in enumerate(frequent[:TALKED_ABOUT]):
        yield _mistake(figures, mistake, names, "item" if number < ON_PAPER else "item screen")
    rest = [mistake for mistake in figures.mistakes if mistake not in frequent[:TALKED_ABOUT]]
    if rest:
        listed = ", ".join(
            f"{text(each.name)} in <code>{text(each.exercise)}</code> ({len(each.answers)})" for each in rest
        )
        yield f'<p class="small">{"Others" if frequent else "Less often"}: {listed}.</p>'


def _mistake(figures: Figures, mistake: Mistake, names: bool, kind: str, title: str = "", pictured: bool = True) -> str:
    title = title or f"{text(mistake.name)} in <code>{text(mistake.exercise)}</code>"
    others = ", ".join(f"<code>{text(name)}</code> ({number})" for name, number in mistake.following.items())
    also = f'<div class="small">By it alone went wrong as well: {others}.</div>' if others else ""
    typical = ""
    if mistake.lines:
        typical = '<div class="small quiet">A typical answer:</div>' + code("\n".join(mistake.lines))
    who = _who(mistake) if names else ""
    picture = _picture(figures, mistake) if pictured else ""
    head = f"<h3>{title}: {len(mistake.answers)} of {len(figures.works)}</h3>"
    return f'<section class="{kind}">{head}{picture}{typical}{also}{who}</section>'


def _picture(figures: Figures, mistake: Mistake) -> str:
    """The card of a mistake: of a misconception our own, made now; else one that a student got."""
    exercise = figures.lesson.exercises[mistake.exercise]
    for wrong, _, answer in exercise.wrong_answers():
        if wrong.name == mistake.name:
            verdict = examine(figures.lesson.spec(exercise.name, exercise.visible_cases()), answer)
            if verdict.misconception == mistake.name:
                return card_html(card(verdict)[0])
    return next((card_html(answer.html) for _, answer in mistake.answers if answer.html), "")


def _who(mistake: Mistake) -> str:
    answers = "".join(f"<div>{text(student)}</div>{code(answer.source)}" for student, answer in mistake.answers[:3])
    students = _listed([student for student, _ in mistake.answers])
    folded = f'<details class="screen"><summary>What they wrote</summary>{answers}</details>'
    return f'<div class="names">{students}</div>{folded}'


def _groups(figures: Figures, names: bool) -> Iterator[str]:
    """Wrong answers that no misconception explains, by equal output."""
    groups = [group for group in figures.groups if len(group.answers) >= 2]
    alone = len(figures.groups) - len(groups)
    if not figures.groups:
        return
    yield '<div class="screen"><h2>What no misconception explains</h2>'
    naming = ""
    if not all(group.raises for group in figures.groups):
        command = f"<code>course report {text(figures.lesson.name)} --name GROUP</code>"
        naming = f" {command} makes a misconception of one that gave something."
    yield f"<p>Answers that gave the same are one group.{naming}</p>"
    for group in groups:
        label = "" if group.name == "not named" else f" ({text(group.name)})"
        pictured = not label  # a kinship's card is above
        if group.raises:
            label = f" ({text(group.raises, 60)} in every case)"
        yield _mistake(figures, group, names, "item", f"<code>{text(group.group)}</code>{label}", pictured)
        if group.declared:
            yield f"<p><code>{text(group.declared)}</code> gives the same: grade again, and its card says so.</p>"
    if alone:
        yield f"<p>{alone} more answer{'s' if alone > 1 else ''}, each with an output of its own.</p>"
    yield "</div>"


def _guesses(figures: Figures) -> Iterator[str]:
    asked = [each for each in figures.guesses if each.count]
    if not asked:
        return

    rows = []
    for each in asked:
        said = ", ".join(_said(*wrong) for wrong in each.wrong[:5])
        rows.append(
            f"<tr><td><code>{text(each.guess.name)}</code></td><td>{text(in_words(each.guess.right))}</td>"
            f'<td class="n">{each.right} of {each.count}</td><td>{said}</td></tr>'
        )
    yield "<h2>What they guessed</h2>"
    head = '<tr><th>guess</th><th>it is</th><th class="n">right</th><th>others said</th></tr>'
    yield f"<table>{head}{''.join(rows)}</table>"


def _said(words: str, number: int, belief: str) -> str:
    return f"{text(words)} ({number}{f': {text(belief)}' if belief else ''})"


def _sentences(figures: Figures, names: bool) -> Iterator[str]:
    written = {name: said for name, said in figures.sentences.items() if said}
    if not written:
        return
    yield '<div class="screen"><h2>In their own words</h2>'
    for name, said in written.items():
        quotes = [
            f"<blockquote>{lines(words[:LONGEST_SENTENCE])}{'…' if len(words) > LONGEST_SENTENCE else ''}"
            f"{f' <span class=names>{text(student)}</span>' if names else ''}</blockquote>"
            for student, words in said
        ]
        more = "".join(quotes[MOST_SENTENCES:])
        folded = f"<details><summary>{len(quotes) - MOST_SENTENCES} more</summary>{more}</details>" if more else ""
        yield (
            f'<section class="item"><h3><code>{text(name)}</code></h3>'
            f'<p class="small quiet">Ours: {text(figures.lesson.explanations[name])}</p>'
            f"{''.join(quotes[:MOST_SENTENCES])}{folded}</section>"
        )
    yield "</div>"


def _twins(figures: Figures, names: bool) -> Iterator[str]:
    if not figures.twins:
        return
    groups = "; ".join(_listed(twins) if names else f"{len(twins)} notebooks" for twins in figures.twins)
    yield "<h2>Identical notebooks</h2>"
    yield f"<p>All answers alike but for layout and comments: {groups}.</p>"


def _listed(students: Sequence[str]) -> str:
    return ", ".join(text(student, 60) for student in students)
