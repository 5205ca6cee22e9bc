"""`course collect`: the same class out of the downloads of five platforms; and what is not taken, with its reason."""

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from course_grading.classroom import archives, collect
from course_grading.classroom.collect import collected
from course_grading.classroom.formats import attempt_of
from course_grading.classroom.roster import folder_name, read_roster
from course_grading.cli import app
from course_grading.course import Course
from course_grading.grading import handed_in
from course_grading.grading.times import Records
from course_utils.errors import CourseError
from tests.grading import toy

CANVAS_ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section,01 toy (777)
    Points Possible,,,,,9
"Lee, Ann",4321,S1,alee,A,
"Żółć, Łukasz",4322,S2,lzolc,A,
"Lee, Ann",4323,S3,alee2,B,
"李, 小龙",4324,S4,xli,B,
"Student, Test",9,,,,
"""
MOODLE_ROSTER = """Identifier,Full name,ID number,Email address,Status,Grade
Participant 77,Ann Lee,m1,ann@x.org,,
Participant 78,Łukasz Żółć,m2,lukasz@x.org,,
Participant 79,Ann Lee,m3,ann2@x.org,,
"""
TIMELESS = "without a word on when, which count as on time (--late says otherwise)"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy course, which is the working directory."""
    root = tmp_path / "course"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "250")
    return toy.make_course(root)


def work(*right: str) -> bytes:
    return json.dumps(toy.notebook(*right)).encode()


def zipped(path: Path, files: dict[str, bytes], downloaded: tuple[int, ...] = (2026, 10, 1, 12, 30, 0)) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, downloaded), data)
    return path


def placed(root: Path) -> dict[str, bytes]:
    """What lies in submitted/, by student."""
    found = (root / "submitted").glob(f"*/{toy.LESSON}/{toy.NOTEBOOK}.ipynb")
    return {path.parents[1].name: path.read_bytes() for path in found}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["collect", "toy", *arguments])


def last_line(result: Result) -> str:
    return result.output.splitlines()[-1]


def test_canvas(course: Path) -> None:
    (course / "roster.csv").write_text(CANVAS_ROSTER)
    first = {
        "leeann_4321_1001_toy.ipynb": work("double"),
        "zolclukasz_LATE_4322_1002_toy-2.ipynb": work("half"),
        "leeann_4323_1003_toy (1).ipynb": work("square"),
        "leeann_4323_1003_notes.txt": b"mine",
        "nobody_5555_1004_toy.ipynb": work(),
    }
    download = zipped(course / "submissions.zip", first)
    result = run(str(download))
    assert result.exit_code == 1
    assert placed(course) == {"4321": work("double"), "4322": work("half"), "4323": work("square")}
    assert (course / "submitted" / "4323" / toy.LESSON / "notes.txt").read_bytes() == b"mine"
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "nobody_5555_1004_toy.ipynb: nobody is not in the roster." in lines
    assert "Nothing from 小龙 李." in lines
    assert lines[-1] == ("01_toy, Canvas: 3 new, 1 late, 1 not placed, 3 of 4 of the roster have handed in.")
    assert not list((course / "submitted").rglob("timestamp.txt")), "Canvas does not say when"

    # The next download of the class: one attempt more, one file as before, one student more.
    again = {
        "leeann_4321_1001_toy.ipynb": work("double"),
        "zolclukasz_LATE_4322_1012_toy-3.ipynb": work("half", "double"),
        "lixiaolong_4324_1013_toy.ipynb": work("square"),
    }
    result = run(str(zipped(course / "more.zip", again)), "--place", "lixiaolong_4324_1013_toy.ipynb=4324")
    assert result.exit_code == 0, result.output
    assert last_line(result) == (
        "01_toy, Canvas: 1 new, 1 newer than before (the earlier is in submitted/.earlier), 1 as before, "
        "1 late, 4 of 4 of the roster have handed in."
    )
    assert placed(course)["4322"] == work("half", "double")
    (kept,) = (course / "submitted" / ".earlier").rglob("*.ipynb")
    assert kept.read_bytes() == work("half")

    # The first download once more changes nothing: what is older than what is here is left out.
    assert "1 as before, 1 older than what is here" not in last_line(result)
    before = placed(course)
    assert "1 older than what is here, and left out" in last_line(run(str(download)))
    assert placed(course) == before


@pytest.mark.parametrize("flat", [False, True])
def test_moodle(course: Path, flat: bool) -> None:
    roster = course / "worksheet.csv"
    roster.write_text(MOODLE_ROSTER, encoding="utf-8-sig")
    between = "" if flat else "/"
    files = {
        f"Ann Lee_77_assignsubmission_file_{between}toy.ipynb": work("double"),
        f"Łukasz Żółć_78_assignsubmission_file_{between}my_toy.ipynb": work("half"),
        f"Ann Lee_79_assignsubmission_file_{between}toy (2).ipynb": work("square"),
        "Ann Lee_77_assignsubmission_onlinetext_/onlinetext.html": b"<script>alert(1)</script>",
    }
    result = run(str(zipped(course / "moodle.zip", files)), "--roster", str(roster))
    assert result.exit_code == 0, result.output
    assert last_line(result) == f"01_toy, Moodle: 3 new, 3 {TIMELESS}, 3 of 3 of the roster have handed in."
    assert {key: data for key, data in placed(course).items()} == {"m1": work("double"), "m3": work("square")}
    assert (course / "submitted" / "m2" / toy.LESSON / "my_toy.ipynb").read_bytes() == work("half"), "its own name"


def test_gradescope_and_a_group(course: Path) -> None:
    metadata = """
submission_1:
  :submitters:
  - :name: Ann Lee
    :sid: '007'
    :email: ann@x.org
  - :name: Ben
    :email: ben@x.org
  :created_at: 2026-10-01 12:30:00.123456789 Z
submission_2:
  :submitters:
  - :name: !ruby/object:Evil {}
    :sid: x
"""
    files = {
        "assignment_5_export/submission_metadata.yml": metadata.partition("submission_2")[0].encode(),
        "assignment_5_export/submission_1/toy.ipynb": work("double"),
        "assignment_5_export/submission_1/pictures/cat.png": b"png",
        "assignment_5_export/submission_3/toy.ipynb": work(),
    }
    result = run(str(zipped(course / "gradescope.zip", files)))
    assert placed(course) == {"007": work("double"), "ben@x.org": work("double")}
    assert (course / "submitted" / "007" / toy.LESSON / "pictures" / "cat.png").is_file()
    stamp = (course / "submitted" / "ben@x.org" / toy.LESSON / "timestamp.txt").read_text()
    assert stamp == "2026-10-01 12:30:00.123456 UTC\n"
    assert last_line(result) == "01_toy, Gradescope: 2 new, 1 not placed."
    inside = _zip({"toy.ipynb": work("half"), "pictures/cat.png": b"png"})
    packed = {name: data for name, data in files.items() if "submission_1/" not in name}
    packed["assignment_5_export/submission_1.zip"] = inside
    run(str(zipped(course / "packed.zip", packed)))
    assert placed(course) == {"007": work("half"), "ben@x.org": work("half")}, "a submission may be a zip, not a folder"
    files["assignment_5_export/submission_metadata.yml"] = metadata.encode()
    assert run(str(zipped(course / "evil.zip", files))).exit_code == 1, "no object is made of what YAML says"


def test_google_drive_by_the_roster_and_by_hand(course: Path) -> None:
    (course / "roster.csv").write_text("id,name,email\nalee,Ann Lee,ann@x.org\nben,Ben Öz,ben@x.org\n")
    folder = course / "drive"
    folder.mkdir()
    names = ["Copy of toy.ipynb", "toy (2).ipynb - Ben Oz.ipynb", "Ann Lee - toy.ipynb"]
    for name, answer in zip(names, ("double", "half", "square"), strict=True):
        (folder / name).write_bytes(work(answer))
    result = run(str(folder))
    assert result.exit_code == 1
    assert "whose it is cannot be said" in result.output and "Copy of toy.ipynb" in result.output
    assert sorted(path.parents[1].name for path in (course / "submitted").glob("*/*/*.ipynb")) == ["alee", "ben"]
    result = run(str(folder), "--place", "Copy of toy.ipynb=Ben Öz")
    assert result.exit_code == 0, result.output
    assert placed(course)["ben"] == work("double")
    refused = run(str(folder), "--place", "Copy of toy.ipynb=Bob").exception
    assert str(refused).startswith("--place names 'Bob', who is not in the roster (there are: alee, Ann Lee, ben")
    unknown = run(str(folder), "--place", "no.ipynb=ben").exception
    assert str(unknown) == "No file of the download is called no.ipynb, which --place names."


def test_github_classroom_and_plain_folders(course: Path) -> None:
    clones = course / "clones"
    for user, answer in {"ann-lee": "double", "ben": "half"}.items():
        (clones / f"toy-{user}" / ".git").mkdir(parents=True)
        (clones / f"toy-{user}" / ".git" / "config").write_text("[core]\n\tsshCommand = touch /tmp/pwned\n")
        (clones / f"toy-{user}" / "toy.ipynb").write_bytes(work(answer))
    assert last_line(run(str(clones))) == f"01_toy, GitHub Classroom: 2 new, 2 {TIMELESS}."
    assert placed(course) == {"ann-lee": work("double"), "ben": work("half")}

    plain = course / "plain" / "all of them"
    for user in ("x1", "x2"):
        (plain / user / toy.LESSON).mkdir(parents=True)
        (plain / user / toy.LESSON / "toy.ipynb").write_bytes(work("square"))
        (plain / user / toy.LESSON / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    assert last_line(run(str(course / "plain"))) == f"01_toy, folders: 2 new, 2 {TIMELESS}."
    assert placed(course)["x2"] == work("square")
    stamp = course / "submitted" / "x1" / toy.LESSON / "timestamp.txt"
    assert not stamp.exists(), "what a student says of the time does not count"


def test_clones_of_users_whose_names_begin_alike_and_numbers_that_are_no_ids(course: Path) -> None:
    for folder, expected in (("toy-submissions", {"uni-1", "uni-2"}), ("clones", {"1", "2"})):
        for user in ("uni-1", "uni-2"):
            (course / folder / f"toy-{user}" / ".git").mkdir(parents=True)
            (course / folder / f"toy-{user}" / "toy.ipynb").write_bytes(work())
        run(str(course / folder))
        assert expected <= set(placed(course))
    shutil.rmtree(course / "submitted")
    (course / "roster.csv").write_text("github_username,name\nuni-1,Ann Lee\nuni-2,Ben Oz\n77,Cem Ay\n")
    run(str(course / "clones"))
    assert set(placed(course)) == {"uni-1", "uni-2"}
    run(str(zipped(course / "moodle.zip", {"Ann Lee_77_assignsubmission_file_/toy.ipynb": work("half")})))
    assert placed(course)["uni-1"] == work("half"), "77 is a number of Moodle's, not the id of Cem"


def test_without_a_roster_two_of_one_name_are_kept_apart(course: Path) -> None:
    files = {
        "Ann Lee_77_assignsubmission_file_/toy.ipynb": work("double"),
        "Ann Lee_79_assignsubmission_file_/toy.ipynb": work("half"),
    }
    assert run(str(zipped(course / "moodle.zip", files))).exit_code == 0
    assert set(placed(course)) == {"77", "79"}
    # With a roster that knows neither number, nobody can say which of the two it is.
    (course / "roster.csv").write_text("id,name\na,Ann Lee\nb,Ann Lee\n")
    result = run(str(course / "moodle.zip"))
    assert "2 students are called Ann Lee: say which one it is of" in result.output


def test_who_was_collected_before_there_was_a_roster_is_no_second_student(course: Course) -> None:
    name = "{}_{}_assignsubmission_file_/toy.ipynb"
    files = {name.format("Ann Lee", 77): work("double"), name.format("Ben Oz", 78): work("half")}
    run(str(zipped(course / "moodle.zip", files)))
    assert set(placed(course)) == {"77", "78"}
    (course / "autograded" / "78" / toy.LESSON).mkdir(parents=True)
    (course / "roster.csv").write_text("id,name\na,Ann Lee\nb,Ben Oz\n")
    files[name.format("Ann Lee", 77)] = work("double", "half")
    result = run(str(zipped(course / "later.zip", files)))
    assert "'77' is 'a' in the roster, and here from now on." in result.output
    assert placed(course) == {"a": work("double", "half"), "78": work("half"), "b": work("half")}
    assert not (course / "submitted" / "77").exists()
    twice = "'78' is 'b' in the roster, and counts as another student until you take submitted/78 and autograded/78"
    assert twice in result.output, "what is graded stays"
    assert last_line(result).startswith("01_toy, Moodle: 1 new, 1 newer than before")
    assert Records(course / "submitted").of(toy.LESSON, "a")["name"] == "Ann Lee"
    again = run(str(course / "later.zip"))
    assert "here from now on" not in again.output and last_line(again).startswith("01_toy, Moodle: 2 as before")


def test_a_namesake_of_another_download_keeps_their_folder(course: Course) -> None:
    name = "{}_{}_assignsubmission_file_/toy.ipynb"
    run(str(zipped(course / "moodle.zip", {name.format("Ann Lee", 77): work("double")})))
    (course / "roster.csv").write_text("id,name\na,Ann Lee\nc,Cem Ay\n")
    run(str(zipped(course / "other.zip", {name.format("Ann Lee", 99): work("half"), name.format("Cem Ay", 77): b"{}"})))
    assert placed(course) == {"77": work("double"), "a": work("half"), "c": b"{}"}


def test_a_zip_within_the_zip_and_another_lessons_notebook(course: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("my work/toy.ipynb", work("double"))
        archive.writestr("__MACOSX/my work/._toy.ipynb", b"")
    files = {"leeann_1_2_homework.zip": inner.getvalue(), "bob_2_3_broken.zip": b"PK\x03\x04 no zip"}
    result = run(str(zipped(course / "canvas.zip", files)))
    assert placed(course) == {"1": work("double")}
    assert "cannot be opened" in result.output


TRAPS = {
    "../../outside.ipynb": "leads out of its folder",
    "/tmp/outside.ipynb": "leads out of its folder",
    "..\\outside.ipynb": "leads out of its folder",
}


def test_what_leads_elsewhere_is_refused_with_its_reason(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(course / "traps.zip", dict.fromkeys(TRAPS, work()) | {"ann_1_2_toy.ipynb": work("half")})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("ben_2_3_toy.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    before = sorted(str(found) for found in course.parent.rglob("*"))
    result = run(str(path))
    assert result.output.count("leads out of its folder") == len(TRAPS)
    assert "is a link, not a file" in result.output
    assert placed(course) == {"1": work("half")}
    new = {str(found) for found in course.parent.rglob("*")} - set(before)
    assert all(name.startswith(str(course / "submitted")) for name in new)


def test_bombs_locks_and_crowds_get_a_sentence(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_FILE", 1 << 20)
    bomb = course / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann_1_2_toy.ipynb", bytes(2 << 20))
    assert "has 2 MB, more than 1" in run(str(bomb)).output

    liar = zipped(course / "liar.zip", {"ann_1_2_toy.ipynb": bytes(3 << 20)})
    data = liar.read_bytes()
    liar.write_bytes(data.replace((3 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    result = run(str(liar))
    assert result.exit_code != 0 and not placed(course)

    monkeypatch.setattr(archives, "MOST_ENTRIES", 10)
    crowd = zipped(course / "crowd.zip", {f"s{n}_{n}_1_toy.ipynb": b"{}" for n in range(11)})
    assert "holds 11 files, more than the 10 of any class" in str(run(str(crowd)).exception)

    locked = zipped(course / "locked.zip", {"ann_1_2_toy.ipynb": b"{}"})
    data = bytearray(locked.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(data)
    assert "is encrypted" in str(run(str(locked)).exception)
    assert "no whole zip file" in str(run(str(_file(course / "cut.zip", b"PK\x03\x04..."))).exception)
    assert "There is no file or folder" in str(run(str(course / "nothing.zip")).exception)
    assert not list((course / "submitted").glob(".collecting-*"))


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_failure_in_the_middle_leaves_nothing_half_done(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(course / "canvas.zip", {f"s{n}_{n}_1_toy.ipynb": work() for n in range(4)})
    rename, calls = os.rename, []

    def full(source: object, target: object) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        rename(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError):
        collected(Course(course), "toy", [path])
    assert len(placed(course)) == 2 and not list((course / "submitted").glob(".collecting-*"))
    result = collected(Course(course), "toy", [path])
    assert sorted(result.states.values()) == ["as before", "as before", "new", "new"]


def test_a_roster_needs_ids(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"has no column of ids"):
        read_roster(_file(tmp_path / "roster.csv", b"Naam;Cijfer\nAnn;7\n"))
    semicolons = read_roster(_file(tmp_path / "r.csv", "\ufeffVorname;Surname;ID number\nZoë;Ny;7\n".encode()))
    assert [(each.id, each.name) for each in semicolons.students] == [("7", "Ny")]
    latin = read_roster(_file(tmp_path / "l.csv", "id,name\n1,Zo\xeb\n".encode("latin-1")))
    assert latin.students[0].name == "Zoë"


def record(course: Path, student: str) -> dict:
    return Records(course / "submitted").of(toy.LESSON, student) or {}


def test_the_date_of_a_download_is_no_time_of_handing_in(course: Path) -> None:
    files = {"leeann_4321_1001_toy.ipynb": work("double"), "ozben_LATE_4322_1002_toy.ipynb": work("half")}
    assert last_line(run(str(zipped(course / "a.zip", files)))) == "01_toy, Canvas: 2 new, 1 late."
    first = {student: record(course, student) for student in ("4321", "4322")}
    assert [(each["at"], each["late"]) for each in first.values()] == [(None, False), (None, True)]
    later = zipped(course / "b.zip", files, (2026, 12, 24, 18, 0, 0))
    assert last_line(run(str(later))) == "01_toy, Canvas: 2 as before, 1 late."
    assert {student: record(course, student) for student in first} == first
    # The same work once more, after the deadline, is no later than it was; an extension on the very file counts.
    again = {"leeann_LATE_4321_1011_toy-2.ipynb": work("double"), "ozben_4322_1002_toy.ipynb": work("half")}
    assert last_line(run(str(zipped(course / "c.zip", again)))) == "01_toy, Canvas: 2 as before."
    # An unpacked folder's files are as old as the unpacking.
    unpacked = course / "unpacked" / "7"
    unpacked.mkdir(parents=True)
    (unpacked / "toy.ipynb").write_bytes(work())
    run(str(course / "unpacked"))
    assert record(course, "7")["at"] is None


def test_where_nothing_says_which_is_newer_what_was_replaced_is_older(course: Path) -> None:
    name = "Ann Lee_77_assignsubmission_file_/toy{}.ipynb"
    old = zipped(course / "old.zip", {name.format(" (1)"): work("half")})
    new = zipped(course / "new.zip", {name.format(""): work("double")})
    assert "1 new" in last_line(run(str(old)))
    assert "1 newer" in last_line(run(str(new))), "a number in a file's name says nothing across downloads"
    assert "1 older" in last_line(run(str(old)))
    assert placed(course) == {"77": work("double")}
    assert "1 as before" in last_line(run(str(new)))


def test_gradescope_keeps_the_earlier_time_of_the_same_work(course: Path) -> None:
    for name, when, state in (("a", "10-01", "new"), ("b", "11-30", "as before"), ("c", "09-01", "as before")):
        about = f"submission_1:\n  :submitters:\n  - :sid: s1\n  :created_at: 2026-{when} 12:00:00 Z\n"
        files = {"x/submission_metadata.yml": about.encode(), "x/submission_1/toy.ipynb": work("half")}
        assert last_line(run(str(zipped(course / f"{name}.zip", files)))) == f"01_toy, Gradescope: 1 {state}."
    assert record(course, "s1")["at"] == "2026-09-01T12:00:00+00:00"
    assert "2026-09-01 12:00" in (course / "submitted" / "s1" / toy.LESSON / "timestamp.txt").read_text()


def test_who_is_late_may_be_said_by_hand(course: Path) -> None:
    (course / "roster.csv").write_text("id,name\na,Ann Lee\nb,Ben Oz\n")
    for name in ("Ann Lee", "Ben Oz"):
        (course / "in" / name).mkdir(parents=True)
        (course / "in" / name / "toy.ipynb").write_bytes(work())
    assert ", 1 late, 1 without a word" in last_line(run(str(course / "in"), "--late", "Ann Lee"))
    assert ", 1 late, 1 without a word" in last_line(run(str(course / "in"))), "a rerun keeps the word"
    assert "--late names 'Zoe', who is not in the roster" in str(run(str(course / "in"), "--late", "Zoe").exception)


def test_what_cannot_be_read_or_named_is_a_row_and_the_others_are_collected(course: Path) -> None:
    files = {
        "ann_1_11_toy.ipynb": work("double"),
        "ben_2_12_toy.ipynb": work("half"),
        "cem_3_13_toy.ipynb": work("square"),
        "cem_3_14_notes.txt": b"these are the notes of cem",
        ".": work(),
        f"dan_4_15_{'x' * 300}.ipynb": work(),
        f"eve_5_16_{'x' * 240}.json": work("half"),
    }
    path = zipped(course / "canvas.zip", files)
    data = path.read_bytes()
    ben, cem = data.index(work("half")), data.index(b"these are the notes")
    path.write_bytes(data[:ben] + b"#" + data[ben + 1 :][: cem - ben - 1] + b"#" + data[cem + 1 :])
    result = run(str(path))
    assert result.exit_code == 1
    assert placed(course) == {"1": work("double"), "3": work("square")}
    rows = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "ben_2_12_toy.ipynb: it cannot be unpacked (Bad CRC-32 for file 'ben_2_12_toy.ipynb')." in rows
    assert any(row.startswith("cem_3_14_notes.txt: it cannot be unpacked (Bad CRC-32") for row in rows)
    assert ".: has no name." in rows
    assert any(row.startswith("dan_4_15") and row.endswith("has a longer name than a disk takes.") for row in rows)
    assert rows[-1] == "01_toy, Canvas: 3 new, 4 not placed."
    assert len(list((course / "submitted" / "5").rglob("*.ipynb"))) == 1


def test_a_file_and_a_folder_of_one_name(course: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for name in ("a", "a/b", "c", "c/mine.ipynb", "toy.ipynb"):
            archive.writestr(name, work("half") if name == "toy.ipynb" else b'{"cells": []}')
    result = run(str(zipped(course / "canvas.zip", {"ann_1_2_all.zip": inner.getvalue(), "ben_2_3_toy.ipynb": work()})))
    folder = course / "submitted" / "1" / toy.LESSON
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "a",
        "c/mine.ipynb",
        "toy.ipynb",
    ]
    assert result.output.count("is both a file and a folder in this hand-in") == 2
    assert set(placed(course)) == {"1", "2"}


def test_bombs_are_not_unpacked(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def packed(name: str, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
        with zipfile.ZipFile(course / name, "w", method) as archive:
            for file, data in files.items():
                archive.writestr(file, data)
        return course / name

    bomb = packed("bomb.zip", {"ann_1_2_toy.ipynb": bytes(9 << 20), "ben_2_3_toy.ipynb": work("half")})
    assert "would unpack to 1027 times its size" in run(str(bomb)).output
    assert placed(course) == {"2": work("half")}
    slow = packed("bz2.zip", {"ann_1_2_toy.ipynb": bytes(1 << 20)}, zipfile.ZIP_BZIP2)
    assert "is packed in a way that no platform uses" in run(str(slow)).output

    inner = packed("inner.zip", {"toy.ipynb": work("half"), "data.bin": bytes(1 << 20)}).read_bytes()
    class_of_three = packed("three.zip", {f"s{n}_{n}_1_all.zip": inner for n in range(5, 8)})
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", (5 << 20) // 2)
    assert "all zips in it would unpack to more than" in run(str(class_of_three)).output
    assert set(placed(course)) == {"2", "5", "6"}
    assert "would unpack to more than 0 GB, and is not opened: if it is your class" in str(
        run(str(packed("all.zip", {"ann_1_2_toy.ipynb": bytes(3 << 20)}))).exception
    )
    monkeypatch.setattr(collect, "LARGEST_HAND_IN", 1 << 20)
    result = run(str(packed("one.zip", {"s9_9_1_all.zip": inner})))
    assert "has 1 MB in all its files, more than the 1 of a hand-in" in result.output
    assert "9" not in placed(course) and not list((course / "submitted").glob(".collecting-*"))


def test_two_ids_never_share_a_folder(course: Path) -> None:
    for first, second in (("a:b", "a?b"), (".x", "x"), ("y" * 200, "y" * 201), ("a-b", "a:b"), ("a\u200b", "a\u200c")):
        assert folder_name(first) != folder_name(second)
    assert folder_name("Łukasz Żółć@x.org") == "Łukasz Żółć@x.org"
    (course / "roster.csv").write_text("id,name\na:b,Ann Lee\na?b,Ben Oz\n")
    for name, answer in (("Ann Lee", "double"), ("Ben Oz", "half")):
        (course / "in" / name).mkdir(parents=True)
        (course / "in" / name / "toy.ipynb").write_bytes(work(answer))
    result = run(str(course / "in"))
    assert placed(course) == {folder_name("a:b"): work("double"), folder_name("a?b"): work("half")}
    assert f"'a:b' cannot name a folder, and is '{folder_name('a:b')}' here." in result.output
    assert last_line(result).endswith("2 of 2 of the roster have handed in.")


def test_rosters_with_ids_of_two_students(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="have the id 1, Ann and Ben: give each one of their own"):
        read_roster(_file(tmp_path / "two.csv", b"id,name\n1,Ann\n1,Ben\n"))
    roster = read_roster(_file(tmp_path / "case.csv", b"id,name\nann,Ann\nAnn,Ben\n"))
    assert [roster.by_id(key).name if roster.by_id(key) else None for key in ("ann", "Ann", "ANN")] == [
        "Ann",
        "Ben",
        None,
    ]


GERMAN = """ID,Vollständiger Name,ID-Nummer,E-Mail-Adresse,Status,Bewertung,Bestwertung,\
Bewertung kann geändert werden,Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar
Teilnehmer/in77,Ann Lee,m1,ann@x.org,,,"9,00",Ja,,,
Teilnehmer/in78,Łukasz Żółć,m2,lukasz@x.org,,,"9,00",Ja,,,
"""


def test_moodle_in_german_and_with_blind_marking(course: Path) -> None:
    (course / "roster.csv").write_bytes(GERMAN.encode("utf-16"))
    files = {
        "Teilnehmer_77_assignsubmission_file_/toy.ipynb": work("double"),
        "Łukasz Żółć_78_assignsubmission_file_/toy.ipynb": work("half"),
    }
    assert run(str(zipped(course / "moodle.zip", files))).exit_code == 0
    assert placed(course) == {"m1": work("double"), "m2": work("half")}
    blind = "Identifier,Status,Grade,Last modified (grade)\nParticipant 77,,,\nParticipant 78,,,\n"
    roster = read_roster(_file(course / "blind.csv", blind.encode()))
    assert [each.id for each in roster.students] == ["77", "78"]
    files = {"Participant_77_assignsubmission_file_/toy.ipynb": work("square")}
    result = run(str(zipped(course / "blind.zip", files)), "--roster", str(course / "blind.csv"))
    assert placed(course)["77"] == work("square") and "1 of 2 of the roster" in last_line(result)
    plain = read_roster(_file(course / "plain.csv", b"id,name,grade\ns1,Ann,\ns2,Ben,\n"))
    assert [each.id for each in plain.students] == ["s1", "s2"]


def test_an_anonymous_assignment_of_canvas(course: Path) -> None:
    (course / "roster.csv").write_text(CANVAS_ROSTER)
    files = {"anon_x7Kq2_1001_toy.ipynb": work("double"), "LATE_anon_91abc_1002_toy-1.ipynb": work("half")}
    result = run(str(zipped(course / "canvas.zip", files)))
    assert result.exit_code == 0
    assert placed(course) == {"anon_x7Kq2": work("double"), "anon_91abc": work("half")}
    assert last_line(result) == ("01_toy, Canvas: 2 new, 1 late, 2 anonymous, so that nobody can say who is missing.")


EVIL = b"""{name}_77_assignsubmission_file_:
  :submitters:
  - :sid: m3
submission_1:
  :submitters:
  - :sid: m1
"""


def test_no_file_of_a_student_says_what_the_download_is_or_whose_anothers_is(course: Path) -> None:
    (course / "roster.csv").write_text("id,name\nm1,Ann Lee\nm2,Ben Oz\nm3,Eve Evil\n")
    answers = {"m1": work("double"), "m2": work("half"), "m3": work()}
    shapes: dict[str, dict[str, bytes]] = {
        "Moodle": {
            "Ann Lee_77_assignsubmission_file_/toy.ipynb": answers["m1"],
            "Ben Oz_78_assignsubmission_file_/toy.ipynb": answers["m2"],
            "Eve Evil_79_assignsubmission_file_/toy.ipynb": answers["m3"],
            "Eve Evil_79_assignsubmission_file_/submission_metadata.yml": EVIL,
        },
        "Canvas": {
            "leeann_1_1001_toy.ipynb": answers["m1"],
            "ozben_2_1002_toy.ipynb": answers["m2"],
            "evileve_3_1003_all.zip": _zip({"toy.ipynb": answers["m3"], "submission_metadata.yml": b"a: 1"}),
        },
        "Gradescope": {
            "x/submission_metadata.yml": b"".join(
                b"submission_%d:\n  :submitters:\n  - :sid: m%d\n" % (number, number) for number in (1, 2, 3)
            ),
            **{f"x/submission_{number}/toy.ipynb": answers[f"m{number}"] for number in (1, 2, 3)},
            "x/submission_1/submission_metadata.yml": EVIL,
        },
        "folders": {
            "m1/toy.ipynb": answers["m1"],
            "m2/toy.ipynb": answers["m2"],
            "m3/toy.ipynb": answers["m3"],
            "m3/Ann Lee_77_assignsubmission_file_/toy.ipynb": work("square"),
        },
    }
    for platform, files in shapes.items():
        shutil.rmtree(course / "submitted", ignore_errors=True)
        for path in (f"{platform}.zip", f"{platform}-packed-again.zip"):
            above = "all of it/" if "again" in path else ""
            packed = zipped(course / path, {above + name: data for name, data in files.items()})
            assert f"01_toy, {platform}: 3 " in last_line(run(str(packed))), platform
            assert placed(course) == answers, platform


def _zip(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_the_template_never_counts_before_answers(course: Path) -> None:
    released = course / "notebooks" / toy.LESSON
    released.mkdir(parents=True)
    (released / "toy.ipynb").write_bytes(work())
    best = work("double", "half")
    hand_ins = {
        "the whole course": {"work/toy.ipynb": best, "notebooks/01_toy/toy.ipynb": work()},
        "at the root": {"a copy/Copy of toy.ipynb": best, "notebooks/01_toy/toy.ipynb": work()},
        "downloaded twice": {"toy.ipynb": best, "toy (1).ipynb": work()},
        "its cases": {"toy.ipynb": best, "course_utils/cases/toy.json": b'{"cases": 1}', "labels.json": b"{}"},
        "saved as json": {"toy.json": best, "old/toy.ipynb": work()},
    }
    files = {f"{number}/{name}": data for number, each in enumerate(hand_ins.values()) for name, data in each.items()}
    result = run(str(zipped(course / "all.zip", files)))
    assert placed(course) == {str(number): best for number in range(len(hand_ins))}, result.output
    assert not list((course / "submitted").rglob("labels.ipynb"))
    both = {"5/a/toy.ipynb": work("double"), "5/b/toy (1).ipynb": work("half"), "6/toy.ipynb": work()}
    result = run(str(zipped(course / "both.zip", both)))
    assert "5/b/toy (1).ipynb counts, and not 5/a/toy.ipynb." in result.output


def test_what_lies_beside_a_notebook_stays_beside_it(course: Path) -> None:
    inner = _zip({"my work/toy.ipynb": work(), "my work/helper.py": b"", "my work/pictures/cat.png": b""})
    run(str(zipped(course / "canvas.zip", {"leeann_1_2_homework.zip": inner, "ozben_2_3_toy.ipynb": work()})))
    folder = course / "submitted" / "1" / toy.LESSON
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert files == ["helper.py", "pictures/cat.png", "toy.ipynb"]


def test_what_is_placed_by_hand_is_one_file_and_may_be_a_groups(course: Path) -> None:
    files = {f"{name}_{number}_assignsubmission_file_/toy.ipynb": work(answer) for name, number, answer in THREE}
    path = str(zipped(course / "moodle.zip", files))
    refused = str(run(path, "--place", "toy.ipynb=cem").exception)
    assert refused.startswith("--place names toy.ipynb, and 3 files are called so: say which, with its folder, such as")
    one = f"{THREE[0][0]}_77_assignsubmission_file_/toy.ipynb"
    result = run(path, "--place", f"{one}=cem", "--place", f"{one}=dan")
    assert result.exit_code == 0
    assert placed(course) == {"cem": work("double"), "dan": work("double"), "78": work("half"), "79": work("square")}
    (course / "roster.csv").write_text("id,name\n")
    (course / "roster.csv").write_text("id,name\nx,X Y\n")
    assert f"{one}: {THREE[0][0]} is not in the roster." in run(path).output, "a path is told whole, to be copied"


THREE = [("Maximiliane von Hohenlohe-Langenburg", 77, "double"), ("Ben Oz", 78, "half"), ("Cem Ay", 79, "square")]


def test_several_downloads_in_one_command_are_taken_one_after_the_other(course: Path) -> None:
    name = "leeann_1_{}_{}"
    old = zipped(course / "w.zip", {name.format(1001, "toy.ipynb"): work(), name.format(1001, "data.csv"): b"1"})
    new = zipped(course / "w (1).zip", {name.format(1002, "toy_final.ipynb"): work("half")})
    result = run(str(new), str(old))  # as a shell sorts them
    assert last_line(result) == "01_toy, Canvas: 1 new."
    folder = course / "submitted" / "1" / toy.LESSON
    assert [path.name for path in folder.iterdir()] == ["toy_final.ipynb"]
    assert len(list((course / "submitted" / ".earlier").rglob("toy.ipynb"))) == 1


def test_nobody_is_taken_for_somebody_of_a_similar_name(course: Path) -> None:
    people = "a,Ann Lee\nb,バリー\nc,राम\nd,-\ne,Kim\nf,Zoë Ny\n2026,Ben Oz\n"
    (course / "roster.csv").write_text(f"id,name\n{people}", encoding="utf-8")
    names = ["Ann Lee-Meyer", "ハリー", "मीरा", "Copy of", "Kim-Novak", "Screenshot 2026"]
    drive = course / "drive"
    drive.mkdir()
    for name in names:
        (drive / f"{name} toy.ipynb").write_bytes(work())
    (drive / "kernels-zoe-ny-toy.ipynb").write_bytes(work("half"))
    (drive / "toy-zoe-ny (2).ipynb").write_bytes(work("half"))
    result = run(str(drive))
    assert result.output.count("whose it is cannot be said") == len(names) + 1, result.output
    assert {path.name for path in (course / "submitted").iterdir() if path.is_dir()} == {"f"}
    (course / "roster.csv").write_text("id,name,login\n4321,Ben Oz,ben\n7,Ann Lee,ann\n")
    result = run(str(zipped(course / "canvas.zip", {"leeann_4321_1001_toy.ipynb": work()})))
    assert "its number is Ben Oz's in the roster, and its name is Ann Lee's." in result.output
    for user in ("zoe-lee", "lee"):
        (course / "toy-submissions" / f"toy-{user}" / ".git").mkdir(parents=True)
        (course / "toy-submissions" / f"toy-{user}" / "toy.ipynb").write_bytes(work())
    (course / "roster.csv").write_text("github_username,name\nlee,Ann Lee\n")
    assert "zoe-lee is not in the roster" in run(str(course / "toy-submissions")).output


def test_what_holds_no_notebook_is_told(course: Path) -> None:
    canvas = {"leeann_1_link.html": b"", "ozben_LATE_2_text.html": b"", "aycem_3_3_toy.ipynb": work()}
    result = run(str(zipped(course / "canvas.zip", canvas)))
    assert result.output.count(": there is no notebook in it.") == 2
    moodle = {"Ann Lee_77_assignsubmission_onlinetext_/onlinetext.html": b"", "Ben Oz_78_assignsubmission_file_/a": b""}
    assert run(str(zipped(course / "moodle.zip", moodle))).output.count(": there is no notebook in it.") == 2
    result = run(str(_file(course / "class.7z", b"7z")))
    assert result.exit_code == 1 and "class.7z: is no notebook, no zip, and nobody's by its name." in result.output
    (course / "in" / "ann").mkdir(parents=True)
    (course / "in" / "ann" / "toy.ipynb").write_bytes(work())
    (course / "in" / "ben").symlink_to(course / "in" / "ann")
    assert "ben: is a link, not a file." in run(str(course / "in")).output


@pytest.mark.parametrize("text", [b"a: !!bool x", b'a: !!int ""', b"a: [", b"\xff\xfe", b"- 1"])
def test_damaged_metadata_of_gradescope_gets_a_sentence(course: Path, text: bytes) -> None:
    files = {"x/submission_metadata.yml": text, "x/submission_1/toy.ipynb": work()}
    refused = run(str(zipped(course / "gradescope.zip", files))).exception
    assert str(refused).startswith("x/submission_metadata.yml cannot be read"), refused


def test_a_student_of_two_groups_and_a_gap_among_the_earlier(course: Path) -> None:
    about = "".join(
        f"submission_{number}:\n  :submitters:\n  - :sid: ann\n  :created_at: 2026-10-0{number} 12:00:00 Z\n"
        for number in (2, 1)
    )
    files = {
        "x/submission_metadata.yml": about.encode(),
        "x/submission_2/toy.ipynb": work("half"),
        "x/submission_1/toy.ipynb": work("double"),
        "x/submission_1/extra.csv": b"1",
    }
    run(str(zipped(course / "gradescope.zip", files)))
    folder = course / "submitted" / "ann" / toy.LESSON
    assert placed(course) == {"ann": work("half")} and not (folder / "extra.csv").exists()
    earlier = course / "submitted" / ".earlier" / "ann" / toy.LESSON
    (earlier / "1").rename(earlier / "2")
    assert "1 newer" in last_line(run(str(zipped(course / "more.zip", {"ann/toy.ipynb": work("square")}))))
    assert sorted(path.name for path in earlier.iterdir()) == ["2", "3"]


def test_a_large_notebook_of_another_download_is_the_same_by_its_contents(course: Path) -> None:
    from course_grading.grading.handed_in import HASHED_WHOLE

    def large(*right: str) -> bytes:
        return work(*right) + b" " * HASHED_WHOLE

    name = "Ann Lee_77_assignsubmission_file_/toy.ipynb"
    old = zipped(course / "old.zip", {name: large("half")})
    new = zipped(course / "new.zip", {name: large("double")})
    assert "1 new" in last_line(run(str(old)))
    assert "1 as before" in last_line(run(str(old)))
    assert "1 newer" in last_line(run(str(new)))
    assert "1 older" in last_line(run(str(old))), "it was replaced before"
    assert placed(course) == {"77": large("double")}


def test_of_all_notebooks_of_the_lesson_the_latest_worked_in_counts(course: Path) -> None:
    released = course / "notebooks" / toy.LESSON
    released.mkdir(parents=True)
    (released / "toy.ipynb").write_bytes(work())
    best, other = work("double", "half"), b'{"cells": [{"cell_type": "code", "source": "1", "metadata": {}}]}'
    files = {
        "leeann_1_1001_toy.ipynb": work(),
        "leeann_1_1002_toy_ann.ipynb": best,
        "ozben_2_1003_toy.ipynb": work("half"),
        "ozben_2_1004_toy_final.ipynb": best,
        "aycem_3_1005_toy.ipynb": best,
        "aycem_3_1006_toy_old.ipynb": work(),
        "eve_4_1007_toy.ipynb": best,
        "eve_4_1008_scratch.ipynb": other,
        "zoe_5_1009_my_toy.ipynb": best,
        "kim_6_1010_toy_kim.ipynb": best,
        "kim_6_1011_toy.ipynb": other,
    }
    result = run(str(zipped(course / "canvas.zip", files)))
    assert placed(course) == dict.fromkeys("12346", best), result.output
    assert "ozben_2_1004_toy_final.ipynb counts, and not ozben_2_1003_toy.ipynb." in result.output
    assert "kim_6_1010_toy_kim.ipynb counts, and not kim_6_1011_toy.ipynb." in result.output
    assert result.output.count("counts, and not") == 2, "an untouched template is nobody's work"
    names = {path.name for path in (course / "submitted").glob("[45]/*/*.ipynb")}
    assert names == {"toy.ipynb", "scratch.ipynb", "my_toy.ipynb"}
    moodle = "Dan Ny_78_assignsubmission_file_/{}"
    files = {moodle.format("toy_1.ipynb"): work(), moodle.format("sub/toy_2.ipynb"): best}
    run(str(zipped(course / "moodle.zip", files)))
    assert placed(course)["78"] == best


def test_what_was_changed_here_is_not_undone(course: Path) -> None:
    files = {"leeann_1_1001_toy.ipynb": work("half"), "leeann_1_1002_notes.ipynb": b'{"cells": []}'}
    download = zipped(course / "canvas.zip", files)
    run(str(download))
    (course / "submitted" / "1" / toy.LESSON / "notes.ipynb").unlink()
    for _ in range(2):
        result = run(str(download), "--late", "1")
        assert last_line(result) == "01_toy, Canvas: 1 changed here since, and left so, 1 late."
        assert (
            "Changed here since it was collected, and left so: 1. To have what was handed in, delete" in result.output
        )
    assert not (course / "submitted" / "1" / toy.LESSON / "notes.ipynb").exists()
    newer = zipped(course / "newer.zip", {"leeann_1_1011_toy-1.ipynb": work("double")})
    assert "1 newer" in last_line(run(str(newer)))
    assert "1 older" in last_line(run(str(download)))
    shutil.rmtree(course / "submitted" / "1" / toy.LESSON)
    assert "1 new" in last_line(run(str(download)))
    assert (course / "submitted" / "1" / toy.LESSON / "notes.ipynb").is_file()


def test_what_cannot_be_used_is_noted_until_something_can(course: Path) -> None:
    (course / "roster.csv").write_text(CANVAS_ROSTER)
    files = {
        "leeann_LATE_4321_1001_work.7z": b"7z",
        "zolclukasz_4322_1002_work.zip": _zip({"more.zip": _zip({"toy.ipynb": work()})}),
        "leeann_4323_1003_broken.zip": b"PK\x03\x04 no zip",
        "xiaolong_4324_1004_toy.ipynb": work(),
        "nobody_4999_1005_toy.py": b"",
    }
    result = run(str(zipped(course / "canvas.zip", files)))
    told = "the archive work.7z is not opened here: unpack it and give the notebook."
    assert "Nothing from" not in result.output
    assert told in result.output and "the archive more.zip is not opened here" in result.output
    noted = {student: record(course, student).get("unusable", "") for student in ("4321", "4322", "4323", "4999")}
    assert [bool(why) for why in noted.values()] == [True, True, True, False], noted
    assert record(course, "4321")["late"] and set(placed(course)) == {"4324"}
    run(str(zipped(course / "more.zip", {"leeann_4321_1011_toy.ipynb": work("half")})))
    assert "unusable" not in record(course, "4321")
    run(str(course / "canvas.zip"))
    assert "unusable" not in record(course, "4321"), "what can be used is there"


def test_names_as_servers_write_them_and_two_of_one_name(course: Path) -> None:
    for name in ("Copy+of+toy.ipynb", "Copy_of_toy (1).ipynb", "Kopie von toy.ipynb", "toy - Copy.ipynb"):
        assert attempt_of(name)[0] == "toy.ipynb", name
    (course / "roster.csv").write_text(CANVAS_ROSTER)
    download = str(zipped(course / "canvas.zip", {"leeann_4321_1001_toy.ipynb": work()}))
    said = "--late names 'Ann Lee', and 2 are called so: say which, 4321 or 4323."
    assert str(run(download, "--late", "Ann Lee").exception) == said


def test_a_folder_of_loose_notebooks_is_no_student(course: Path) -> None:
    names = ("Ann Lee", "Łukasz Żółć")
    files = {f"Toy assignment/{name} - toy.ipynb": work("half") for name in names}
    assert run(str(zipped(course / "drive.zip", files))).exit_code == 1
    assert not list((course / "submitted").glob("*/*/*.ipynb")), "without a roster nobody can say whose they are"
    (course / "roster.csv").write_text(MOODLE_ROSTER.replace("Participant 79,Ann Lee", "Participant 79,Bo Ek"))
    result = run(str(zipped(course / "drive.zip", files)))
    assert result.exit_code == 0, result.output
    assert {path.parents[1].name for path in (course / "submitted").glob("*/*/*.ipynb")} == {"m1", "m2"}


@pytest.mark.parametrize("around", ["handins/", "x/handins/", ""])
def test_the_handout_beside_the_students_folders_is_nobodys(course: Path, around: str) -> None:
    files = {f"{around}{name}/toy.ipynb": work("half") for name in ("annlee", "bo", "cyd")}
    result = run(str(zipped(course / "class.zip", files | {f"{around}toy.ipynb": work()})))
    assert set(placed(course)) == {"annlee", "bo", "cyd"}, result.output
    assert f"{around}toy.ipynb: whose it is cannot be said" in result.output


@pytest.mark.parametrize("path", ["submitted/annlee/01_toy/", "annlee/01_toy/"])
def test_one_students_folder_of_a_lesson_is_theirs_with_all_its_notebooks(course: Path, path: str) -> None:
    files = {f"{path}toy.ipynb": work("half"), f"{path}helpers.ipynb": work()}
    run(str(zipped(course / "class.zip", files)))
    assert placed(course) == {"annlee": work("half")}


def test_another_column_of_ids_makes_nobody_two_students(course: Path) -> None:
    files = {"leeann_4321_1001_toy.ipynb": work("half"), "ozben_4322_1002_toy.ipynb": work("double")}
    download = str(zipped(course / "canvas.zip", files))
    (course / "roster.csv").write_text("Name,Email\nAnn Lee,ann@x.org\nBen Oz,ben@x.org\n")
    run(download)
    assert set(placed(course)) == {"ann@x.org", "ben@x.org"}
    (course / "autograded" / "ben@x.org" / toy.LESSON).mkdir(parents=True)
    (course / "roster.csv").write_text("Name,ID,Email\nAnn Lee,4321,ann@x.org\nBen Oz,4322,ben@x.org\n")
    said = run(download).output
    assert "'ann@x.org' is '4321' in the roster, and here from now on." in said
    assert "'ben@x.org' is '4322' in the roster, and counts as another student until you take " in said
    assert set(placed(course)) == {"4321", "4322", "ben@x.org"}


def test_two_copies_of_which_one_is_too_much_to_read(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MOST_SIGNS", 2000)
    (course / "notebooks" / toy.LESSON).mkdir(parents=True)
    (course / "notebooks" / toy.LESSON / "toy.ipynb").write_bytes(work())
    large = json.dumps({"cells": [[] for _ in range(3000)], "nbformat": 4}).encode()
    read: list[int] = []
    loads = json.loads
    monkeypatch.setattr(json, "loads", lambda data, **how: read.append(len(data)) or loads(data, **how))
    files = {"leeann_4321_1001_toy.ipynb": work("half"), "leeann_4321_1002_toy-1.ipynb": large}
    run(str(zipped(course / "canvas.zip", files)))
    assert placed(course) == {"4321": work("half")} and len(large) not in read


def test_a_table_with_an_endless_line_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("x" * 200_000)
    with pytest.raises(CourseError, match=r"page\.csv is no table"):
        read_roster(tmp_path / "page.csv")
