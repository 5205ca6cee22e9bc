"""`course feedback`: what nbgrader gives, headed by exercises and hints, made once, and named as platforms want it."""

import inspect
import json
import multiprocessing
import re
import shutil
import sqlite3
import time
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import nbformat
import pytest
import typer
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from course_grading.classroom import feedback as command
from course_grading.classroom.feedback import feedback
from course_grading.cli import app
from course_grading.course import Course
from course_grading.grading import pages as grading_pages
from course_grading.grading.headed import Head
from course_grading.grading.times import Records
from course_grading.grading.whole_class import ClassGrader
from course_grading.notebook import harmless, outputs
from course_utils import cards
from course_utils.errors import CourseError
from tests.classroom.test_collect import zipped
from tests.grading import toy
from tests.grading.courses import nbgrader

LESSON = "01_sliding_regions"


@pytest.fixture(scope="module")
def root(small_class, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the class's course, with what `course collect` would have noted of two platforms' downloads."""
    root = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(small_class[0].root, root)
    files = {
        "ada": "Ada L_77_assignsubmission_file_/sliding_regions.ipynb",
        "bob": "Zoë_A_78_assignsubmission_file_sliding_regions.ipynb",
        "carl": "downs/Carl C_79_assignsubmission_file/deep/er/sliding_regions.ipynb",
        "dora": "doradora_LATE_4321_987654_sliding_regions-2.ipynb",
        "eve": "submissions/eve_4322_987655_work.zip/sliding_regions.ipynb",
        "ivo": "ivo/lab_1_2_sliding_regions.ipynb",
        "kim": "submission_12/sliding_regions.ipynb",
    }
    records = {LESSON: {student: {"at": None, "file": file} for student, file in files.items()}}
    records[LESSON]["ivo"]["platform"] = "folders"
    (root / "submitted" / ".collected.json").write_text(json.dumps(records))
    return root


@pytest.fixture
def course(root: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(root)
    return Course(root)


@pytest.fixture(scope="module")
def made(root: Path) -> dict[str, str]:
    """The pages of everyone, by student."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        feedback(LESSON, archive=True, jobs=2)
    return {page.parents[1].name: page.read_text() for page in (root / "feedback").glob("*/*/*.html")}


def test_everyone_who_is_graded_has_a_page(made: dict[str, str]) -> None:
    assert sorted(made) == ["ada", "alan", "bob", "carl", "dora", "eve", "finn", "gil", "hana", "ivo", "kim"]


def test_a_page_is_headed_by_exercises_and_hints(made: dict[str, str]) -> None:
    head = made["bob"].partition("What the checks say")[2].partition("importlib")[0]
    text = " ".join(re.sub(r"<[^>]*>", "", head).split())
    assert "✓ region_at: right, 2 of 2 points." in text
    assert "✗ corr2d: not yet, 0 of 4 points. Your result is the one for a kernel that was turned" in text
    assert "convolve2d: not yet, 0 of 3 points. convolve2d uses your corr2d, which is not right yet" in text
    assert 'href="#check-corr2d"' in head and 'name="check-corr2d"' in made["bob"]
    assert "○ corr2d: waits for you, 0 of 4 points." in re.sub(r"<[^>]*>", "", made["finn"])


def test_nothing_of_the_instructors_and_nothing_that_runs(made: dict[str, str]) -> None:
    for student, page in made.items():
        assert "HIDDEN TESTS" not in page and "judge(" not in page, student
        assert "<script>alert" not in page and "<img src=x" not in page, student
    assert "&lt;script&gt;alert(1)" in made["kim"].partition("What the checks say")[2][:6000]


def test_it_is_what_nbgrader_gives(root: Path, made: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "course", ignore=shutil.ignore_patterns("feedback", "exports"))
    nbgrader(tmp_path / "course", "generate_feedback", LESSON, "--student", "bob")
    theirs = (tmp_path / "course" / "feedback" / "bob" / LESSON / "sliding_regions.html").read_text()
    ours = made["bob"].partition("\n<!-- course feedback")[0]

    def steady(page: str) -> str:
        return re.sub(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", "", page).strip()

    assert steady(ours) == steady(theirs)


def test_a_rerun_makes_only_what_has_changed(course: Course, made: dict[str, str], monkeypatch, capsys) -> None:
    remade: list[str] = []
    make = command._made

    def noted(course, pages, jobs):
        remade.extend(page.student for page in pages)
        return make(course, pages, 1)

    monkeypatch.setattr(command, "_made", noted)
    feedback(LESSON)
    assert remade == [] and "0 pages made, 11 unchanged" in capsys.readouterr().out

    of = (
        "where notebook_id in (select n.id from submitted_notebook n join submitted_assignment a "
        "on n.assignment_id = a.id where a.student_id = ?)"
    )
    with sqlite3.connect(course.root / "gradebook.db") as book:  # a grader writes a comment, and gives a point
        book.execute(f"update comment set manual_comment = 'Well tried.' {of}", ["gil"])
        book.execute(f"update grade set manual_score = 1 {of}", ["hana"])
    (course.root / "feedback" / "finn" / LESSON / "sliding_regions.html").write_text("cut o")
    feedback(LESSON)
    assert remade == ["finn", "gil", "hana"]
    assert "Well tried." in (course.root / "feedback" / "gil" / LESSON / "sliding_regions.html").read_text()
    feedback(LESSON, student=["ada"], force=True)
    assert remade == ["finn", "gil", "hana", "ada"]


def test_pages_are_made_again_where_what_makes_them_has_changed(
    course: Course, made: dict[str, str], monkeypatch
) -> None:
    before = command._made_by(course)
    for module in (grading_pages, harmless, outputs, cards):
        with monkeypatch.context() as patch:
            patch.setattr(
                inspect, "getsource", lambda each, own=inspect.getsource, m=module: own(each) + "#" * (each is m)
            )
            assert command._made_by(course) != before, module


def test_the_zip_is_named_as_platforms_take_it_back(root: Path, made: dict[str, str]) -> None:
    with zipfile.ZipFile(root / "exports" / f"{LESSON}_feedback.zip") as archive:
        names = set(archive.namelist())
        assert archive.read("gil/sliding_regions_feedback.html").decode() == made["gil"]
    file = "sliding_regions_feedback.html"
    assert names == {
        f"Ada L_77_assignsubmission_file_/{file}",
        f"Zoë A_78_assignsubmission_file_/{file}",
        f"Carl C_79_assignsubmission_file_/{file}",
        f"doradora_LATE_4321_987654_{file}",
        f"eve_4322_987655_{file}",
        *(f"{student}/{file}" for student in ("alan", "finn", "gil", "hana", "ivo", "kim")),
    }


def test_one_page_that_cannot_be_made_costs_no_other(course: Course, made: dict[str, str], capsys) -> None:
    broken = course.root / "autograded" / "alan" / LESSON / "sliding_regions.ipynb"
    kept = broken.read_bytes()
    broken.chmod(0o644)
    broken.write_bytes(b"{")
    try:
        with pytest.raises(typer.Exit):
            feedback(LESSON, student=["alan", "ada"], force=True)
    finally:
        broken.write_bytes(kept)
    shown = capsys.readouterr().out
    assert "alan: " in shown and "1 page made, 1 not made" in shown


EMPTY = "YOUR ANSWER HERE"


def headed(root: Path, student: str) -> str:
    """The head of a page of the toy course."""
    notebook = nbformat.read(root / "autograded" / student / toy.LESSON / "toy.ipynb", as_version=4)
    about = {
        "student": student,
        "assignment": toy.LESSON,
        "notebook": "toy",
        "db_url": f"sqlite:///{root}/gradebook.db",
    }
    return Head().preprocess(notebook, {"nbgrader": about})[0].cells[0].source


def test_answers_that_nobody_has_marked_and_pages_of_who_is_no_longer_graded_are_told(
    tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    root = toy.make_course(tmp_path / "course", empty_gradebook)
    monkeypatch.chdir(root)
    for student, words in (("ann", "Because."), ("ben", "So."), ("cem", EMPTY)):
        toy.hand_in(root, student, toy.notebook("half", written=words))
    grader = ClassGrader(Course(root), [toy.LESSON], jobs=1)
    assert [row.state for row in grader] == ["graded"] * 3
    feedback("toy", jobs=1)
    told = "Of ann, ben, answers that wait to be marked have 0 points on the page, or those of before: mark"
    assert told in capsys.readouterr().out
    pages = {student: root / "feedback" / student / toy.LESSON / "toy.html" for student in ("ann", "ben", "cem")}
    heads = {student: headed(root, student) for student in pages}
    assert "- – **[why](#why)**: not marked yet, its points are still to come." in heads["ann"] == heads["ben"]
    assert "still to come" not in heads["cem"], "left empty, it is 0 points"

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        marked = book.find_grade("why", toy.NOTEBOOK, toy.LESSON, "ann")
        marked.manual_score = 2
        book.db.commit()
        assert "- – **[why](#why)**: changed since it was marked, its points" in headed(root, "ann")
        marked.needs_manual_grade = False
        book.db.commit()
    (root / "submitted" / "ben" / toy.LESSON / "toy.ipynb").write_text("{")
    assert {row.student: row.state for row in ClassGrader(Course(root), [toy.LESSON], jobs=1)}["ben"] == "not gradable"
    feedback("toy", student=["ann"], jobs=1)
    assert pages["ben"].is_file()
    feedback("toy", jobs=1)
    shown = capsys.readouterr().out
    assert "Taken away, as it is not graded any more: the page of ben." in shown and "wait to be marked" not in shown
    assert not pages["ben"].exists() and "still to come" not in headed(root, "ann")


def test_who_is_not_graded_is_a_sentence(course: Course) -> None:
    with pytest.raises(CourseError, match="Nothing of 'jo' is graded"):
        feedback(LESSON, student=["jo"])


@pytest.fixture
def toys(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy course, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return toy.make_course(tmp_path, empty_gradebook)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def in_zip(root: Path) -> set[str]:
    with zipfile.ZipFile(root / "exports" / f"{toy.LESSON}_feedback.zip") as archive:
        return set(archive.namelist())


@pytest.mark.filterwarnings("error:Duplicate name")
def test_each_member_of_a_group_has_a_page(toys: Path) -> None:
    file = "agroup_4416_1001_toy.ipynb"
    download = str(zipped(toys / "canvas.zip", {file: json.dumps(toy.notebook("half")).encode()}))
    run("collect", "toy", download, "--place", f"{file}=4416", "--place", f"{file}=1000")
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    assert "1 as Canvas takes them, 1 by student, since" in run("feedback", "toy", "--zip", "--jobs", "1")
    assert in_zip(toys) == {"agroup_4416_1001_toy_feedback.html", "1000/toy_feedback.html"}


def test_nobody_gets_the_page_of_what_they_handed_in_before(toys: Path) -> None:
    name = "leeann_1_{}_toy.ipynb"
    for serial, right in ((1001, "half"), (1002, "double")):
        files = {name.format(serial): json.dumps(toy.notebook(right)).encode()}
        files["ozben_2_1000_toy.ipynb"] = json.dumps(toy.notebook("half")).encode()
        run("collect", "toy", str(zipped(toys / "canvas.zip", files)))
        if right == "half":
            list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    said = run("feedback", "toy", "--zip", "--jobs", "1")
    assert "1 handed in since the last grading (1; `course grade toy` grades them)." in said
    assert "Left out, as a platform would put it beside the newer hand-in: 1." in said
    assert in_zip(toys) == {"ozben_2_1000_toy_feedback.html"}
    (toys / "solutions" / toy.LESSON / "exercises.py").write_text("SECRET = 'another'\n")
    assert "1 graded by another version of the lesson than it has now (2;" in run("feedback", "toy", "--jobs", "1")


def test_a_page_of_before_is_not_given_out_where_its_new_one_could_not_be_made(toys: Path, monkeypatch) -> None:
    for student in ("ann", "ben"):
        toy.hand_in(toys, student, toy.notebook("half"))
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    run("feedback", "toy", "--jobs", "1")
    failing = [
        (page, "No space left" * (page.student == "ann")) for page in command._pages(Course(toys), toy.LESSON, [])
    ]
    monkeypatch.setattr(command, "_made", lambda *_: iter(failing))
    said = CliRunner().invoke(app, ["feedback", "toy", "--zip", "--force"]).output
    assert "Left out, as their page could not be made: ann." in said
    assert in_zip(toys) == {"ben/toy_feedback.html"}


def test_a_page_without_end_is_told_and_the_others_are_made(toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for student in ("ann", "ben"):
        toy.hand_in(toys, student, toy.notebook("half"))
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))

    class Endless:
        def from_filename(self, name: str, **_: object) -> tuple[str, dict]:
            while "/ann/" in name:
                with suppress(ValueError):
                    int("no")
            return "a page", {}

    monkeypatch.setattr(command, "LONGEST_PAGE", 1)
    monkeypatch.setattr(command, "_exporter", lambda _: Endless())
    said = CliRunner().invoke(app, ["feedback", "toy", "--jobs", "1"]).output
    assert "ann: TimeoutError: it takes more than 1 seconds: read the notebook itself, in autograded/" in said
    assert "1 page made, 1 not made" in said.replace("Feedback: ", "")


def test_ctrl_c_ends_the_pages_that_are_being_made(toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.hand_in(toys, "ann", toy.notebook("half"))
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    monkeypatch.setattr(command, "make", _never_made)
    monkeypatch.setattr(command, "as_completed", _interrupted)
    others = set(multiprocessing.active_children())
    with pytest.raises(KeyboardInterrupt):
        list(command._made(Course(toys), list(command._pages(Course(toys), toy.LESSON, [])), 1))
    assert set(multiprocessing.active_children()) <= others


def _never_made(*_: object) -> str:
    time.sleep(600)
    return ""


def _interrupted(_: object) -> None:
    raise KeyboardInterrupt


def test_a_name_that_is_not_in_utf_8_has_its_place_in_the_zip(toys: Path) -> None:
    toy.hand_in(toys, "77", toy.notebook("half"))
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    records = Records(toys / "submitted")
    origin = "M\udcfcller Ann_77_assignsubmission_file_/toy.ipynb"
    records.note(toy.LESSON, "77", {"file": origin, "platform": "Moodle", "at": None, "late": None})
    records.write()
    assert "1 as Moodle takes them" in run("feedback", "toy", "--zip", "--jobs", "1")
    assert in_zip(toys) == {"M-ller Ann_77_assignsubmission_file_/toy_feedback.html"}


def test_nothing_is_left_of_a_page_that_cannot_be_written(toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path | zipfile.ZipFile, *_: object, **__: object) -> int:
        if isinstance(file, Path):
            file.touch()
        raise OSError(28, "No space left on device")

    toy.hand_in(toys, "ann", toy.notebook("half"))
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    (page,) = command._pages(Course(toys), toy.LESSON, [])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert command.make(Course(toys), page) == "OSError: [Errno 28] No space left on device"
        page.target.touch()
        patch.setattr(zipfile.ZipFile, "write", full)
        with pytest.raises(OSError, match="No space left"):
            command._zipped(Course(toys), toy.LESSON, [page])
    assert [path.name for path in page.target.parent.iterdir()] == ["toy.html"]
    assert not list((toys / "exports").iterdir())


def test_a_locked_gradebook_is_a_sentence(toys: Path) -> None:
    toy.hand_in(toys, "ann", toy.notebook("half"))
    list(ClassGrader(Course(toys), [toy.LESSON], jobs=1))
    with closing(sqlite3.connect(toys / "gradebook.db")) as other:
        other.execute("begin exclusive")
        for arguments in (["feedback", "toy"], ["report", "toy"], ["why", "ann", "toy"]):
            said = str(CliRunner().invoke(app, arguments).exception)
            assert said.startswith("Another program holds gradebook.db: close it"), arguments
