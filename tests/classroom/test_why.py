"""`course why`: each student's verdicts, what they follow from, and the same verdict when it is run again."""

import dataclasses
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output
from typer.testing import CliRunner

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom import pages, records
from course_grading.classroom.records import Work, Written, find_work, read_class
from course_grading.classroom.replay import _beside, seeded
from course_grading.classroom.simulated import filled_notebook
from course_grading.classroom.why import _replayed, notes, why
from course_grading.cli import app
from course_grading.course import Course
from course_grading.grading.headed import Head
from course_grading.grading.whole_class import ClassGrader
from course_grading.notebook.released import Blueprint, BlueprintCell
from course_utils.errors import CourseError
from tests.grading import toy

LESSON = "01_sliding_regions"


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load_lesson("sliding_regions")


@pytest.fixture
def course(small_class, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(small_class[0].root)
    return small_class[0]


@pytest.fixture(scope="module")
def works(small_class, lesson: Lesson) -> dict[str, Work]:
    return {work.student: work for work in read_class(small_class[0], lesson)}


def test_scores_and_states_of_everyone(works: dict[str, Work]) -> None:
    assert list(works) == ["ada", "alan", "bob", "carl", "dora", "eve", "finn", "gil", "hana", "ivo", "kim"]
    assert {name: work.score for name, work in works.items()} == {
        **{"ada": 20, "alan": 13, "bob": 13, "carl": 13, "dora": 13, "eve": 8},
        **{"finn": 0, "gil": 5, "hana": 5, "ivo": 13, "kim": 13},
    }
    assert {work.max_score for work in works.values()} == {20}
    states = {name: {key: answer.state for key, answer in work.answers.items()} for name, work in works.items()}
    assert set(states["ada"].values()) == {"right"} and set(states["finn"].values()) == {"waiting"}
    wrong = {key: state for key, state in states["alan"].items() if state != "right"}
    assert wrong == {"corr2d": "named", "convolve2d": "follows"}
    assert (states["kim"]["corr2d"], states["kim"]["convolve2d"]) == ("unnamed", "follows")


def test_what_a_record_says(works: dict[str, Work]) -> None:
    bob, ivo = works["bob"].answers, works["ivo"].answers
    assert bob["corr2d"].misconception == bob["corr2d"].mistake == "kernel_flipped"
    assert bob["convolve2d"].given == ("corr2d",)
    assert all(isinstance(answer.seed, int) for answer in bob.values())
    assert works["eve"].answers["corr2d"].follows == "region_at"
    assert works["carl"].answers["corr2d"].digest == works["dora"].answers["corr2d"].digest != ""
    assert works["carl"].answers["corr2d"].digest != works["kim"].answers["corr2d"].digest
    assert ivo["corr2d"].mistake == "its code did not run" and "is opened and never closed" in ivo["corr2d"].text
    assert ivo["convolve2d"].follows == "corr2d"
    assert works["ada"].guesses["product_sum"]["value"] == 38
    assert works["eve"].guesses["positions_of_3x3"]["value"] == 36
    assert works["ada"].sentences["smaller_response"] == "In the words of ada: smaller_response."
    assert not works["finn"].begun and works["gil"].begun


def test_a_student_cannot_write_a_verdict(small_class, lesson: Lesson, tmp_path: Path) -> None:
    course = small_class[0]
    shutil.copytree(course.root, tmp_path / "course")
    graded = tmp_path / "course" / "autograded" / "finn" / LESSON / "sliding_regions.ipynb"
    notebook = json.loads(graded.read_text())
    forged = {"exercise": "sliding_regions.corr2d", "outcome": "right", "by": "judge", "seed": 1}
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<b>✓</b>"}}
    output["data"]["application/vnd.convolution-course.check+json"] = forged
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["outputs"] = [output]
    graded.chmod(0o644)
    graded.write_text(json.dumps(notebook))
    work, _ = find_work(Course(tmp_path / "course"), lesson, "finn")
    assert work.answers["corr2d"].outcome == "waiting"


def test_why_tells_verdict_hint_case_and_seed(course: Course, works, capsys) -> None:
    why("bob", "sliding_regions")
    shown = capsys.readouterr().out
    assert "bob: 13 of 20 points in 01_sliding_regions" in shown
    assert "✗ corr2d: wrong, 0 of 4 points (kernel_flipped)" in shown
    assert "Which weight meets the top-left pixel" in shown
    assert " 8 21 38 39" in shown  # the failing case as on the card
    assert "It follows from corr2d: given a right one, this answer is right." in shown
    assert f"seed {works['bob'].answers['corr2d'].seed}" in shown
    assert "Handed in:" not in shown


def test_why_of_one_exercise_shows_the_code_as_text(course: Course, capsys) -> None:
    why("kim", LESSON, "corr2d")
    shown = capsys.readouterr().out
    assert "raise ValueError" in shown and "region_at" not in shown
    assert "\x1b" not in shown and r"\x1b[2J" in shown


def test_replay_gives_the_same_verdict(course: Course, capsys) -> None:
    why("carl", LESSON, "corr2d", replay=True)
    assert "Run again with this seed: the same verdict." in capsys.readouterr().out


def test_replay_finds_what_lies_beside_a_notebook_in_a_folder(tmp_path: Path, lesson: Lesson) -> None:
    blueprint = Blueprint((BlueprintCell("corr2d", "code", "", "", False, True, False, False, 0),))
    assert _beside(tmp_path, lesson.name, blueprint) == ".", "nothing is there any more"
    (tmp_path / "work").mkdir()
    nbformat.write(filled_notebook(lesson, {}), tmp_path / "work" / lesson.notebook.name)
    assert _beside(tmp_path, lesson.name, blueprint) == "work"


@pytest.fixture
def in_words(works: dict[str, Work], monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the lesson had a question in words, and ada's notebook, graded earlier, no exercise corr2d."""
    written = {"why<": Written(2, 3, waits=False, source="Because\x1b[2J\nof <b>it</b>"), "how": Written(0, 1, True)}
    answers = {name: answer for name, answer in works["ada"].answers.items() if name != "corr2d"}
    work = dataclasses.replace(works["ada"], answers=answers, written=written)
    monkeypatch.setattr(records, "find_work", lambda *_: (work, None))
    monkeypatch.setattr(records, "read_comments", lambda *_: {"ada": [("why<", "Well\nput <i>\x1b[2J")]})


def test_why_of_a_question_in_words(course: Course, in_words, monkeypatch, capsys) -> None:
    monkeypatch.setattr(pages.webbrowser, "open", lambda _: None)
    why("ada", LESSON)
    shown = capsys.readouterr().out
    assert "why<, in words: 2 of 3 points\n  Comment:\n    Well\n" in shown and "Because" not in shown
    assert "how, in words: waits to be marked in Formgrader" in shown
    why("ada", LESSON, "why<", open_=True)
    shown = capsys.readouterr().out
    assert "region_at" not in shown and "how" not in shown and "\x1b" not in shown
    assert "  Handed in:\n    Because\\x1b[2J\n    of <b>it</b>" in shown
    page = (course.root / "reports" / LESSON / "ada.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;it" in page and "&lt;i&gt;" in page and "\x1b" not in page
    with pytest.raises(CourseError, match="is answered in words: there is nothing to --replay"):
        why("ada", LESSON, "why<", replay=True)
    with pytest.raises(CourseError, match=r"has no exercise 'howw' .did you mean 'how'"):
        why("ada", LESSON, "howw")


def test_an_exercise_that_was_not_there_when_it_was_graded_is_told(course: Course, in_words) -> None:
    with pytest.raises(CourseError, match=r"has no test of corr2d: exercises\.py has changed since then"):
        why("ada", LESSON, "corr2d")


def test_without_a_verdict_there_was_no_seed(works: dict[str, Work]) -> None:
    stopped = dataclasses.replace(works["ada"].answers["corr2d"], outcome="not run", judge={})
    assert list(_replayed(stopped, {"corr2d": stopped})) == ["Run again: the same verdict."]


@pytest.mark.parametrize(
    "name, words, told",
    [
        ("CellTimeoutError", "the answer took longer than 3 s", "the answer took longer than 3 s"),
        ("NotRun", "the kernel was killed", "the kernel was killed"),
        ("MemoryError", "no more", "MemoryError: no more"),
    ],
)
def test_why_nothing_was_tested_is_told_in_words(small_class, lesson: Lesson, name: str, words: str, told: str) -> None:
    notebook = find_work(small_class[0], lesson, "ada")[1]
    (cell,) = [each for each in notebook.cells if 'check("corr2d"' in each.source]
    cell.outputs = [new_output("error", ename=name, evalue=words, traceback=[])]
    answer = records.answers_in(lesson, notebook, records.Marks({}))["corr2d"]
    assert list(notes(answer)) == [f"Nothing could be tested: {told}"]
    for source in (cell.source, cell.source.replace('"', "'")):
        cell.metadata.nbgrader["score"], cell.source, notebook.cells = 0, source, [cell]
        assert Head().preprocess(notebook, {})[0].cells[0].source.endswith(f"not tested, 0 of 4 points. {told}")


def test_a_name_that_begins_with_a_dash_is_no_option(course: Course, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = CliRunner().invoke(app, ["why", "-dash", LESSON]).output
    assert "No such option: -d. A name that begins with a dash goes behind all options, after --" in said
    assert "'-dash' handed in nothing" in str(CliRunner().invoke(app, ["why", "--", "-dash", LESSON]).exception)
    assert "dash" not in CliRunner().invoke(app, ["why", "--reply", "ada", LESSON]).output


def test_the_page_runs_nothing(course: Course, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    opened: list[str] = []
    monkeypatch.setattr(pages.webbrowser, "open", opened.append)
    for student in ("ivo", "kim"):
        why(student, LESSON, open_=True)
        path = course.root / "reports" / LESSON / f"{student}.html"
        page = path.read_text(encoding="utf-8")
        assert opened.pop() == path.resolve().as_uri()
        assert path.stat().st_mode & 0o077 == 0
        assert "<script" not in page and "<img src=x" not in page and "\x1b" not in page
        assert "default-src 'none'" in page
        assert "&lt;script&gt;" in page  # as text it is there


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("zoe", LESSON), "'zoe' handed in nothing for 01_sliding_regions"),
        (("jo", LESSON), "or could not be: `course grade sliding_regions --student jo` grades it, or says why not."),
        (("ada", "sliding"), "There is no lesson 'sliding' (did you mean"),
        (("ada", LESSON, "cor2d"), "has no exercise 'cor2d' (did you mean 'corr2d'?)"),
    ],
)
def test_what_is_not_there_is_a_sentence(course: Course, arguments, sentence) -> None:
    with pytest.raises(CourseError) as caught:
        why(*arguments)
    assert sentence in str(caught.value)


def test_seeds_go_into_judge_and_nowhere_else() -> None:
    source = (
        'check("a", a)\nfrom x import judge\njudge("l.é", [é(1), "(é)"])\njudge("l.b", b); judge("l.c", c, seed=3)\n'
    )
    assert seeded(source, {"l.é": 7, "l.b": 8, "l.c": 9}) == (
        'check("a", a)\nfrom x import judge\njudge("l.é", [é(1), "(é)"], seed=7)\njudge("l.b", b, seed=8); '
        'judge("l.c", c, seed=3)\n'
    )
    assert seeded("%magic", {"l.b": 8}) == "%magic"


def test_a_name_of_the_roster_and_what_is_newer(tmp_path: Path, empty_gradebook: Path, monkeypatch) -> None:
    root = toy.make_course(tmp_path, empty_gradebook)
    monkeypatch.chdir(root)
    (root / "roster.csv").write_text("id,name,email\n7,Ann Lee,\n8,Ann Lee,\n9,Ben Öz,ben@x.org\n")
    toy.hand_in(root, "9", toy.notebook("half"))
    list(ClassGrader(Course(root), [toy.LESSON], jobs=1))
    assert CliRunner().invoke(app, ["why", "ben oz", "toy"]).output.startswith("9: 2 of 9 points")
    assert CliRunner().invoke(app, ["why", "ben@x.org", "toy"]).output.startswith("9: 2 of 9 points")
    two = "course why names 'Ann Lee', and 2 are called so: say which, 7 or 8."
    assert str(CliRunner().invoke(app, ["why", "Ann Lee", "toy"]).exception) == two
    assert "'7' handed in nothing" in str(CliRunner().invoke(app, ["why", "7", "toy"]).exception)
    (root / "solutions" / toy.LESSON / "exercises.py").write_text("SECRET = 'another'\n")
    assert "The lesson has changed since this was graded" in CliRunner().invoke(app, ["why", "9", "toy"]).output
    toy.hand_in(root, "9", toy.notebook("double"))
    told = "This is of what was handed in before: `course grade toy` grades what is newer."
    assert told in CliRunner().invoke(app, ["why", "9", "toy"]).output
    assert (
        "1 handed in since the last grading (`course grade toy` grades them)."
        in CliRunner().invoke(app, ["report", "toy"]).output
    )
