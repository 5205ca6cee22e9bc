"""`course export`: the grades of a class in the tables that learning platforms import."""

import csv
import io
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner, Result

from course_grading.classroom.export import Grade, _defused, _write, filled_in
from course_grading.classroom.roster import read_table
from course_grading.cli import app
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader
from course_utils.errors import CourseError
from tests.classroom.test_collect import CANVAS_ROSTER, GERMAN, MOODLE_ROSTER, work, zipped
from tests.grading import toy

GRADESCOPE = """First Name,Last Name,SID,Email,Sections,toy,toy - Max Points,toy - Submission Time
Ann,Lee,4321,ann@x.org,,,18,
Ben,Öz,9999,ben@x.org,,,18,
"""


@pytest.fixture
def graded(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class that was collected from Canvas and graded, one of them late."""
    root = tmp_path / "course"
    root.mkdir()
    monkeypatch.chdir(root)
    toy.make_course(root, empty_gradebook)
    (root / "roster.csv").write_text(CANVAS_ROSTER)
    files = {
        "leeann_4321_1001_toy.ipynb": work("double", "half"),
        "zolclukasz_LATE_4322_1002_toy.ipynb": work("half"),
        "leeann_4323_1003_toy.ipynb": work("double", "square", "half"),
    }
    assert CliRunner().invoke(app, ["collect", "toy", str(zipped(root / "canvas.zip", files))]).exit_code == 0
    assert len(list(ClassGrader(Course(root), ["toy"], jobs=1))) == 3
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        late = book.find_submission(toy.LESSON, "4322")
        for notebook in late.notebooks:
            notebook.late_submission_penalty = 1.5
        book.db.commit()
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", "toy", *arguments])


def table(root: Path, name: str = "exports/01_toy.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((root / name).read_text("utf-8"))))


def test_canvas_gets_its_own_columns_and_rows_back(graded: Path) -> None:
    exported = graded / "grades.csv"
    exported.write_text(CANVAS_ROSTER.replace("李, 小龙", '=HYPERLINK(""x"")'), encoding="utf-8-sig")
    said = run("--into", str(exported)).output
    assert said.endswith(
        "01_toy.csv: 3 grades in the column '01 toy (777)', 1 of grades.csv without a grade (=HYPERLINK(\"x\")).\n"
    ), said
    rows = table(graded)
    assert list(rows[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01 toy (777)"]
    assert rows[0]["Student"].strip() == "Points Possible" and rows[0]["01 toy (777)"] == "9"
    points = {row["ID"]: row["01 toy (777)"] for row in rows[1:]}
    assert points == {"4321": "4", "4322": "0.5", "4323": "6", "4324": "", "9": ""}
    assert rows[1]["Student"] == "Lee, Ann" and rows[4]["Student"].startswith("'=HYPERLINK")
    assert (
        "3 grades in the column '01 toy (777)', 1 zeros for who handed in nothing (=HYPERLINK(\"x\"))."
        in run("--into", str(exported), "--zeros").output
    )
    assert {row["ID"]: row["01 toy (777)"] for row in table(graded)}["4324"] == "0"


def test_moodles_worksheet_and_gradescopes_table(graded: Path) -> None:
    worksheet = graded / "worksheet.csv"
    text = (
        MOODLE_ROSTER.replace("m1", "4321").replace("m2", "4322").replace("Status,Grade", "Status,Grade,Maximum Grade")
    )
    worksheet.write_text(text.replace(",,\n", ",,,18\n"))
    said = run("--into", str(worksheet), "--out", "moodle.csv").output
    assert (
        "2 grades, 1 of worksheet.csv without a grade (Ann Lee), 1 graded who are not in worksheet.csv (4323)" in said
    )
    assert "points out of 9, where the platform has 18 (--scale converts)" in said
    assert [row["Grade"] for row in table(graded, "moodle.csv")] == ["4", "0.5", ""]
    assert run("--into", str(worksheet), "--out", "moodle.csv", "--scale").exit_code == 0
    assert [row["Grade"] for row in table(graded, "moodle.csv")] == ["8", "1", ""]

    scope = graded / "gradescope.csv"
    scope.write_text(GRADESCOPE)
    assert run("--into", str(scope), "--out", "scope.csv").exit_code == 0
    assert [row["toy"] for row in table(graded, "scope.csv")] == ["4", ""]
    assert list(table(graded, "scope.csv")[0]) == GRADESCOPE.splitlines()[0].split(",")


def test_a_plain_table_and_what_is_missing(graded: Path) -> None:
    assert run().exit_code == 0
    rows = {row["id"]: row for row in table(graded)}
    assert (rows["4322"]["points"], rows["4322"]["late penalty"], rows["4322"]["grade"]) == ("2", "1.5", "0.5")
    assert rows["4321"]["out of"] == "9"
    assert [rows[key]["handed in (UTC)"] for key in ("4321", "4322")] == ["", "late"], "Canvas does not say when"
    other = graded / "other.csv"
    other.write_text("Student,ID,SIS Login ID,Essay (5)\nAnn,4321,a,\n")
    assert "Which column is 01_toy? Say so with --column; the assignments are: 'Essay (5)'." in str(
        run("--into", str(other)).exception
    )
    assert run("--into", str(other), "--column", "Essay").exit_code == 0
    assert table(graded)[0]["Essay (5)"] == "4"
    plain = graded / "plain.csv"
    plain.write_text("id,name\n4321,Ann\n")
    assert "is no table of Canvas (SIS Login ID), Moodle (Identifier) or Gradescope (SID)" in str(
        run("--into", str(plain)).exception
    )


def test_nothing_is_graded(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    toy.make_course(tmp_path, empty_gradebook)
    assert str(run().exception) == "Nothing of 01_toy is graded: run `course grade toy` first."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_in_any_encoding_and_in_german(graded: Path, encoding: str) -> None:
    worksheet = graded / "bewertungen.csv"
    text = GERMAN.replace("m1", "4321").replace("m2", "4322").replace("Łukasz Żółć", "Jürgen")
    worksheet.write_bytes(text.replace(",", ";").replace('"9;00"', "9,00").encode(encoding))
    said = run("--into", str(worksheet)).output
    assert ": 2 grades, 1 graded who are not in bewertungen.csv (4323)." in said
    rows = table(graded)
    assert [row["Bewertung"] for row in rows] == ["4", "0.5"]
    assert [row["Vollständiger Name"] for row in rows] == ["Ann Lee", "Jürgen"]


@pytest.mark.parametrize("cell", ["=1+1", "\n=x", " \t@x", "\r\n-x", "\ufeff+x", "\u200b=x", "＝x", "\x00=x", "\xa0=x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert _defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1", "+1,5", "a=b", "Lee, Ann", "", "x@y.org"])
def test_what_is_no_formula_stays(cell: str) -> None:
    assert _defused(cell) == cell


def test_nobody_who_waits_for_a_grade_gets_a_zero(graded: Path) -> None:
    again = {"leeann_4321_1011_toy-1.ipynb": work("half", "square"), "li_4324_1012_toy.ipynb": work("double")}
    placing = ("--place", "li_4324_1012_toy.ipynb=4324")
    path = str(zipped(graded / "again.zip", again))
    assert CliRunner().invoke(app, ["collect", "toy", path, *placing]).exit_code == 0
    exported = graded / "grades.csv"
    exported.write_text(CANVAS_ROSTER.replace("S2,lzolc,A,", "S2,lzolc,A,EX"), encoding="utf-8")
    said = run("--into", str(exported), "--zeros").output
    assert "2 handed in since the last grading (4321, 4324; `course grade toy` grades them)." in said
    assert "1 excused there, and left so" in said
    points = {row["ID"]: row["01 toy (777)"] for row in table(graded)[1:]}
    assert points == {"4321": "", "4322": "EX", "4323": "6", "4324": "", "9": ""}, "the old attempt's mark is none"
    assert "1 grades in the column '01 toy (777)', 0 zeros for who handed in nothing, 1 excused" in said
    assert "2 grades, 2 handed in since the last grading" in run().output
    assert {row["id"] for row in table(graded)} == {"4322", "4323"}


def test_whose_a_row_is_where_numbers_meet(graded: Path) -> None:
    exported = graded / "grades.csv"
    exported.write_text(
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,toy (7)\nNo,Zoe,5000,4323,z,\nLee,Ann,4323,S,a,\n"
    )
    assert run("--into", str(exported)).exit_code == 0
    assert [row["toy (7)"] for row in table(graded)] == ["", "6"]
    assert "Which column is 01_toy?" in str(run("--into", str(exported), "--column", "SIS Login ID").exception)
    assert "does not say out of how many points" in str(run("--into", str(exported), "--scale").exception)
    assert "cannot be written (Is a directory)" in str(run("--out", str(graded / "solutions")).exception)
    assert not list(graded.glob("*.new"))


def test_moodles_numbers_are_found_in_a_worksheet_that_knows_other_ids(
    tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    toy.make_course(tmp_path, empty_gradebook)
    name = "{}_{}_assignsubmission_file_/toy.ipynb"
    files = {name.format("Ann Lee", 77): work("half"), name.format("Ben Oz", 78): work("half", "double")}
    assert CliRunner().invoke(app, ["collect", "toy", str(zipped(tmp_path / "moodle.zip", files))]).exit_code == 0
    assert len(list(ClassGrader(Course(tmp_path), ["toy"], jobs=1))) == 2
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Grade,Feedback comments\n"
        "Participant 77,Ann Lee,a@x,,-2 for style\nParticipant 78,=Ben,b@x,,\n"
    )
    assert run("--into", str(worksheet), "--zeros").output.endswith(": 2 grades, 0 zeros for who handed in nothing.\n")
    rows = table(tmp_path)
    assert [row["Grade"] for row in rows] == ["2", "4"]
    assert [row["Feedback comments"] for row in rows] == ["-2 for style", ""], "an instructor's own words stay"
    assert rows[1]["Full name"] == "'=Ben"


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy course, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return toy.make_course(tmp_path, empty_gradebook)


MOODLE = "{}_{}_assignsubmission_file_/toy.ipynb"
NUMBERS = """Identifier,Full name,ID number,Email address,Grade
Participant 1077,Ann Lee,00123,ann@x.org,
Participant 1078,Ben Oz,1079,ben@x.org,
Participant 1079,Cem Ay,1077,cem@x.org,
"""


def collect(root: Path, files: dict[str, bytes], *options: str) -> Result:
    result = CliRunner().invoke(app, ["collect", "toy", str(zipped(root / "download.zip", files)), *options])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def grade(root: Path) -> None:
    list(ClassGrader(Course(root), ["toy"], jobs=1))


def marks(root: Path, by: str = "Full name", column: str = "Grade") -> dict[str, str]:
    return {row[by]: row[column] for row in table(root)}


def test_moodles_numbers_are_nobodys_id_numbers(course: Path) -> None:
    collect(
        course, {MOODLE.format("Ann Lee", 1077): work("half"), MOODLE.format("Ben Oz", 1078): work("half", "double")}
    )
    grade(course)
    worksheet = course / "mo.csv"
    worksheet.write_text(NUMBERS)
    assert run("--into", str(worksheet)).output.endswith(": 2 grades, 1 of mo.csv without a grade (Cem Ay).\n")
    assert marks(course) == {"Ann Lee": "2", "Ben Oz": "4", "Cem Ay": ""}
    worksheet.write_text(NUMBERS.replace("Participant 1077", "Participant 2077"))
    said = run("--into", str(worksheet)).output
    assert "1 grades, 2 of mo.csv without a grade (Ann Lee, Cem Ay), 1 graded who are not in mo.csv (1077)" in said


def test_rows_are_found_by_what_collect_noted_and_by_the_roster(course: Path) -> None:
    (course / "roster.csv").write_text("id number,full name,email\n00123,Ann Lee,ann@x.org\n00124,Ben Oz,ben@x.org\n")
    collect(course, {MOODLE.format("Ann Lee", 77): work("half"), MOODLE.format("Ben Oz", 78): work("double", "half")})
    grade(course)
    worksheet = course / "worksheet.csv"
    worksheet.write_text("Identifier,Full name,Grade\nParticipant 77,A. Lee,\nParticipant 78,B. Oz,\n")
    assert run("--into", str(worksheet)).output.endswith(": 2 grades.\n")
    assert marks(course) == {"A. Lee": "2", "B. Oz": "4"}
    worksheet.write_text("Identifier,Full name,Email address,Grade\nParticipant 1,A. Lee,ann@x.org,\n")
    assert run("--into", str(worksheet)).exit_code == 0
    assert marks(course) == {"A. Lee": "2"}


def test_a_file_that_was_placed_by_hand_says_nothing_of_whose_the_mark_is(course: Path) -> None:
    (course / "roster.csv").write_text("id number,full name\n00123,Ann Lee\n00124,Ben Oz\n")
    file = MOODLE.format("Ann Lee", 77)
    collect(course, {file: work("half")}, "--place", f"{file}=00124")
    grade(course)
    worksheet = course / "worksheet.csv"
    worksheet.write_text("Identifier,Full name,Grade\nParticipant 77,Ann Lee,\n")
    run("--into", str(worksheet))
    assert marks(course) == {"Ann Lee": ""}, "it is the mark of Ben, who worked with her"


def test_whose_folders_are_gone_is_exported_no_more(course: Path) -> None:
    files = {MOODLE.format("Ann Lee", 1077): work("half"), MOODLE.format("Ben Oz", 1078): work("double", "half")}
    collect(course, files)
    grade(course)
    (course / "roster.csv").write_text("id number,full name\n00123,Ann Lee\n1078,Cem Ay\n00124,Ben Oz\n")
    assert "until you take submitted/1077 and autograded/1077 away" in collect(course, files).output
    grade(course)
    worksheet = course / "mo.csv"
    worksheet.write_text(NUMBERS)
    run("--into", str(worksheet))
    assert marks(course) == {"Ann Lee": "2", "Ben Oz": "4", "Cem Ay": ""}, "though they are there twice"
    for step in ("submitted", "autograded"):
        for ghost in ("1077", "1078"):
            shutil.rmtree(course / step / ghost)
    gone = "2 of the gradebook passed over, of whom there is no folder any more (1077, 1078)."
    assert run().output.endswith(f": 2 grades, {gone}\n")
    assert {row["id"] for row in table(course)} == {"00123", "00124"}
    assert gone in run("--into", str(worksheet)).output
    assert marks(course) == {"Ann Lee": "2", "Ben Oz": "4", "Cem Ay": ""}


def test_no_zero_for_who_handed_in_what_cannot_be_used(course: Path) -> None:
    (course / "roster.csv").write_text(CANVAS_ROSTER)
    collect(course, {"leeann_4321_1001_toy.ipynb": work("half"), "zolclukasz_4322_1002_work.7z": b"7z"})
    grade(course)
    exported = course / "grades.csv"
    exported.write_text(CANVAS_ROSTER)
    said = run("--into", str(exported), "--zeros").output
    assert "2 zeros for who handed in nothing (Lee, Ann; 李, 小龙)" in said
    assert "1 who handed in what cannot be used, and get no mark (Żółć, Łukasz)" in said
    assert marks(course, "ID", "01 toy (777)") == {"": "9", "4321": "2", "4322": "", "4323": "0", "4324": "0", "9": ""}


def test_marks_by_another_version_of_the_lesson_are_told(course: Path) -> None:
    for student in ("ann", "ben"):
        toy.hand_in(course, student, toy.notebook("half"))
    grade(course)
    assert "another version" not in run().output
    (course / "solutions" / toy.LESSON / "exercises.py").write_text("SECRET = 'another'\n")
    list(ClassGrader(Course(course), ["toy"], ["ann"], jobs=1))
    told = "1 graded by another version of the lesson than it has now (ben; `course grade toy` grades them again)"
    assert f"2 grades, {told}" in run().output
    with closing(sqlite3.connect(course / "gradebook.db")) as book, book:
        book.execute("update course_grade set source = ''")
    assert "another version" not in run().output, "of a broken test, grading has told"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "The table table.csv is empty: export it again."),
        (b"PK\x03\x04\x14\0", "The table table.csv is no text but a spreadsheet's own file: save it as CSV"),
        (bytes(range(256)), "The table table.csv is no text but a spreadsheet's own file: save it as CSV"),
        (b"Naam;Cijfer\nAnn;7\n", "table.csv is no table of Canvas (SIS Login ID), Moodle (Identifier) or Gradescope"),
    ],
)
def test_what_is_no_table(course: Path, table: bytes, said: str) -> None:
    (course / "table.csv").write_bytes(table)
    with pytest.raises(CourseError) as error:
        filled_in(Path("table.csv"), {}, toy.LESSON)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_a_table_that_says_its_delimiter_or_not_its_encoding(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "table.csv"
    for first in ("", "sep=;\n", '"sep=;"\r\n'):
        path.write_bytes((first + "Identifier;Full name;Grade\nParticipant 7;Lee, Ann;\n").encode(codec))
        assert read_table(path)[0] == ["Identifier", "Full name", "Grade"]


def test_two_rows_with_one_id(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Student,ID,SIS Login ID,toy (7)\nAnn,4321,a,\nBen,4321,b,\n")
    grades = {"4321": Grade("4321", "", 1, 0, 9, "", False, False)}
    with pytest.raises(CourseError, match="Two rows of the table have the id 4321, Ann and Ben: give each one of"):
        filled_in(path, grades, toy.LESSON)


def test_nothing_is_left_of_a_table_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(CourseError, match=r"cannot be written \(No space left on device\)"):
        _write(tmp_path / "exports" / "toy.csv", "text")
    assert not list((tmp_path / "exports").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="cannot be written"):
        _write(tmp_path / "file" / "toy.csv", "text")


def test_no_gradebook_is_made_where_nothing_is_graded_and_a_locked_one_is_a_sentence(course: Path) -> None:
    book = course / "gradebook.db"
    aside = book.rename(course / "aside.db")
    assert str(run().exception) == "Nothing of 01_toy is graded: run `course grade toy` first."
    assert not book.exists()
    aside.rename(book)
    with closing(sqlite3.connect(book)) as other:
        other.execute("begin exclusive")
        assert str(run().exception).startswith("Another program holds gradebook.db: close it")


def test_no_zero_for_who_handed_in_what_nobody_could_be_said_to_have(course: Path) -> None:
    roster = CANVAS_ROSTER.replace("Lee, Ann", "Poe, Cyd", 1)
    (course / "roster.csv").write_text(roster)
    late = roster + '"Oz, Ben",4325,S5,boz,A,\n'
    files = {"poecyd_4321_1001_toy.ipynb": work("half"), "ozben_4325_1002_toy.ipynb": work("double")}
    assert "Oz, Ben" not in collect(course, files).output and "4325" not in (
        path.name for path in (course / "submitted").iterdir()
    )
    grade(course)
    exported = course / "grades.csv"
    exported.write_text(late)
    assert "1 who handed in what cannot be used, and get no mark (Oz, Ben)" in run(
        "--into", str(exported), "--zeros"
    ).output.replace("\n", " ")
    assert marks(course, "ID", "01 toy (777)")["4325"] == ""

    # Once the roster has them, what was noted of nobody is theirs.
    (course / "roster.csv").write_text(late.replace(",ID,", ",Canvas number,"))
    collect(course, files)
    grade(course)
    said = run("--into", str(exported), "--zeros").output
    assert "2 grades" in said and "cannot be used" not in said, said
    assert marks(course, "ID", "01 toy (777)")["4325"] == "2"


def test_neither_of_two_of_one_name_gets_a_zero(course: Path) -> None:
    (course / "roster.csv").write_text(MOODLE_ROSTER)
    files = {
        "Ann Lee_177_assignsubmission_file_/toy.ipynb": work("half"),
        "Łukasz Żółć_178_assignsubmission_file_/toy.ipynb": work("double"),
    }
    assert "2 students are called Ann Lee" in collect(course, files).output
    grade(course)
    exported = course / "mo.csv"
    exported.write_text(MOODLE_ROSTER)
    assert "2 who handed in what cannot be used, and get no mark (Ann Lee, Ann Lee)" in run(
        "--into", str(exported), "--zeros"
    ).output.replace("\n", " ")
    assert [row["Grade"] for row in table(course)] == ["", "2", ""]


def test_no_zeros_where_nobody_who_is_graded_is_in_the_table(graded: Path) -> None:
    other = graded / "other.csv"
    other.write_text("Student,ID,SIS Login ID,01 toy (777)\nOne,1,one,\nTwo,2,two,\n")
    assert str(run("--into", str(other), "--zeros").exception).startswith("Nobody who is graded is in ")
    assert not (graded / "exports").exists()
    assert "0 grades" in run("--into", str(other)).output


def test_a_column_of_a_lesson_whose_name_holds_this_ones_is_none_of_it(graded: Path) -> None:
    longer = graded / "solutions" / "02_from_toy_to_tool"
    longer.mkdir()
    (longer / "from_toy_to_tool.ipynb").write_bytes(work())
    other = graded / "other.csv"
    other.write_text("Student,ID,SIS Login ID,From toy to tool (7),Lab 1 (6)\nAnn,4321,a,,\n")
    assert str(run("--into", str(other)).exception).startswith("Which column is 01_toy? Say so with --column;")
    other.write_text("Student,ID,SIS Login ID,From toy to tool (7),Toy 1 (6)\nAnn,4321,a,,\n")
    assert "1 grades in the column 'Toy 1 (6)'" in run("--into", str(other)).output


def test_a_row_that_an_editor_has_cut_short_is_filled_up(graded: Path) -> None:
    exported = graded / "grades.csv"
    exported.write_text(CANVAS_ROSTER.replace("Points Possible,,,,,9", "Points Possible"), encoding="utf-8")
    assert run("--into", str(exported)).exit_code == 0
    assert [row["01 toy (777)"] for row in table(graded)] == ["", "4", "0.5", "6", "", ""]
