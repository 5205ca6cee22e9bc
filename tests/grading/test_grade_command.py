"""What an instructor sees of `course grade` and `course doctor`."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from traitlets.config import Config
from typer.testing import CliRunner, Result

from course_grading import doctor
from course_grading.cli import app
from course_grading.course import Course
from course_grading.grading import whole_class
from course_grading.grading.command import show
from course_grading.grading.handed_in import Submission
from course_grading.grading.plugins import Execute
from course_grading.grading.whole_class import ClassGrader, Row
from course_grading.grading.worker import Outcome
from course_grading.kernels import pool
from course_grading.places import course_root
from course_grading.terminal import console
from tests.grading import toy
from tests.grading.leaks import make_feedback
from tests.grading.users import GRADERS, as_grader


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy course, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return toy.make_course(tmp_path, empty_gradebook)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_class_ends_in_a_table_of_problems_and_a_summary(course: Path) -> None:
    toy.hand_in(course, "ann", toy.notebook("double"))
    toy.hand_in(course, "ben", toy.notebook(written="Because."))
    toy.hand_in(course, "cem", b"")
    toy.hand_in(course, "dan", toy.notebook("half"), name="toy (1).ipynb")
    result = run("grade", toy.LESSON)
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "cem 01_toy not gradable 'toy.ipynb' is empty: ask for it again." in lines
    assert "dan 01_toy graded Graded 'toy (1).ipynb', the only notebook of this lesson." in lines
    assert lines[-1] == "3 graded, 1 with answers for you to grade in Formgrader, 1 not gradable."
    assert "ann" not in result.output, "no news is good news"
    assert result.exit_code == 1

    (course / "submitted" / "cem" / toy.LESSON / "toy.ipynb").unlink()
    toy.hand_in(course, "cem", toy.notebook())
    again = run("grade", toy.LESSON, "--jobs", "1")
    assert again.output.splitlines()[-1] == "1 graded, 3 graded before and unchanged."
    assert again.exit_code == 0
    assert run("grade", toy.LESSON, "--student", "ann", "--force").output.splitlines()[-1] == "1 graded."


MARKUP = {
    "[red]": "[red]",
    "[final]": "[final]",
    "\x1b[2Jann": r"\x1b[2Jann",
    "ann\u202e": r"ann\u202e",
    "two\nlines  graded": r"two\nlines",
    ":smile:": ":smile:",
}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_are_text_in_the_summary(course: Path, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MARKUP:
        (course / "submitted" / name / toy.LESSON / "[").mkdir(parents=True)
        toy.hand_in(course, name, b"", name="[/y] \x1b[1m.ipynb")  # a path that closes what was never open
    toy.hand_in(course, "ann", toy.notebook("double"))
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    rows = list(ClassGrader(Course(course), [toy.LESSON], jobs=1))
    show(rows, console(width=200))
    sys.stdout.flush()
    shown = raw.getvalue().decode(encoding)
    assert shown.splitlines()[-1] == "1 graded, 6 not gradable."
    assert "\x1b" not in shown and "\u202e" not in shown
    for name in MARKUP.values():
        assert sum(line.startswith(f"{name} ") for line in shown.splitlines()) == 1, shown


def test_one_name_never_ends_the_class(course: Path) -> None:
    """Names that a system, nbgrader or a gradebook cannot take cost nobody else a result, and each is told."""
    submitted = course / "submitted"
    toy.hand_in(course, "ann", toy.notebook("double"))
    toy.hand_in(course, "zoe", toy.notebook("square"))
    long, bracket = "x" * 250, "cem[1]"
    toy.hand_in(course, long, b"")
    toy.hand_in(course, bracket, toy.notebook("half"))
    for name in ("Ren\udce9", "a\\b", ".hidden", "...x", "two\nlines"):
        toy.hand_in(course, name, toy.notebook("double"))
    for folder in ("01_toy/swapped", "ben/01_TOY", "dan/toy"):
        (submitted / folder).mkdir(parents=True)
        (submitted / folder / "toy.ipynb").write_text(json.dumps(toy.notebook("double")))
    for file in ("eve/toy.ipynb", "toy.ipynb"):
        (submitted / file).parent.mkdir(exist_ok=True)
        (submitted / file).write_text("{}")
    (submitted / "fay").mkdir()
    (submitted / "fay" / toy.LESSON).write_text("my work")

    rows = list(ClassGrader(Course(course), [toy.LESSON], jobs=2))
    assert {row.student for row in rows if row.state == "graded"} == {"ann", "zoe", bracket}
    told = {row.student: " ".join(row.problems) for row in rows if row.state == "not gradable"}
    words = {
        long: "is empty",
        "Ren\udce9": "not in UTF-8",
        "a\\b": "backslash",
        ".hidden": "begin with a dot",
        "...x": "begin with a dot",
        "two\nlines": "control characters",
        "swapped": "the wrong way round: move it to swapped/01_toy.",
        "ben": "Its folder is named '01_TOY': rename it to '01_toy'.",
        "dan": "Its folder is named 'toy': rename it to '01_toy'.",
        "eve": "move it to eve/01_toy.",
        "toy.ipynb": "nobody knows whose it is",
        "fay": "is no folder",
    }
    assert set(told) == set(words)
    for student, word in words.items():
        assert word in told[student], (student, told[student])
    assert "passes over this name" in " ".join(next(row for row in rows if row.student == bracket).problems)
    assert set(make_feedback(course, toy.LESSON)) == {"ann", "zoe"}, "as the remark says of the third"

    result = run("grade", toy.LESSON)
    assert result.output.splitlines()[-1] == "0 graded, 3 graded before and unchanged, 12 not gradable."
    assert result.exit_code == 1
    assert r"Ren\xe9" in result.output
    only = run("grade", toy.LESSON, "--student", "ben")
    assert only.output.splitlines()[-1] == "0 graded, 1 not gradable."


@pytest.mark.parametrize("step", ["task", "put"])
def test_an_error_with_one_student_is_told_and_the_others_are_graded(
    course: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for student in ("ann", "ben", "cem"):
        toy.hand_in(course, student, toy.notebook("double"))
    right = getattr(whole_class._Run, step)

    def fails_on_ben(run: object, what: Submission | Outcome) -> object:
        if getattr(what, "submission", what).student == "ben":
            raise OSError(36, "File name too long", "\x1b[2J")
        return right(run, what)

    monkeypatch.setattr(whole_class._Run, step, fails_on_ben)
    rows = {row.student: row for row in ClassGrader(Course(course), [toy.LESSON], jobs=1)}
    assert {student: row.state for student, row in rows.items()} == {
        "ann": "graded",
        "ben": "not gradable",
        "cem": "graded",
    }
    assert "File name too long" in rows["ben"].problems[0] and "\x1b" not in rows["ben"].problems[0]


def test_nobody_has_handed_in(course: Path) -> None:
    result = run("grade", toy.LESSON)
    assert result.exit_code == 0
    assert result.output == (
        "Nobody has handed in anything for 01_toy: take a download by `course collect`, or put notebooks in "
        "submitted/STUDENT/LESSON/, and run this again.\n"
    )


def test_mistakes_get_a_sentence(course: Path) -> None:
    result = run("grade", "01_toys")
    assert (result.exit_code, result.output) == (2, "There is no lesson '01_toys' (did you mean '01_toy'?).\n")
    toy.hand_in(course, "ann", toy.notebook())
    (course / "solutions" / toy.LESSON / "toy.ipynb").write_text("{}")
    result = run("grade", toy.LESSON)
    assert result.exit_code == 2
    assert result.output == (
        "The source of 01_toy cannot be used for grading: run `nbgrader generate_assignment 01_toy` to see what is "
        "wrong with it.\n"
    )


def test_without_a_sandbox_nothing_is_graded_unless_the_risk_is_taken(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("InOneProcess, ", "'course_grading.grading.plugins.Execute', "))
    monkeypatch.setattr(pool, "sandbox_problem", lambda: "There is no sandbox here.")
    monkeypatch.setenv("COURSE_ROOT", str(course))
    toy.hand_in(course, "ann", toy.notebook("double"))
    result = run("grade", toy.LESSON)
    assert (result.exit_code, result.output) == (2, "There is no sandbox here.\n")
    assert not (course / "autograded" / "ann").exists()
    result = run("grade", toy.LESSON, "--no-sandbox")
    assert (result.exit_code, result.output) == (0, "1 graded.\n")


LOOKS = "import os, pathlib, tempfile\nprint(os.listdir(), os.listdir(pathlib.Path.home()))"
LEAVES = """
for path in ("double.py", tempfile.mkdtemp() + "/file", pathlib.Path.home() / "another"):
    open(path, "w").write("a student's")
"""


def test_without_a_sandbox_each_kernel_has_a_folder_of_its_own_and_nothing_of_it_stays(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("InOneProcess, ", "'course_grading.grading.plugins.Execute', "))
    monkeypatch.setenv("COURSE_ROOT", str(course))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    for student in ("ann", "ben"):
        what = toy.notebook("double")
        what.cells += [new_code_cell(LOOKS), new_code_cell(LEAVES)]
        toy.hand_in(course, student, what)
    assert run("grade", toy.LESSON, "--no-sandbox", "--jobs", "1").output.splitlines()[-1] == "2 graded."
    for student in ("ann", "ben"):
        graded = nbformat.read(course / "autograded" / student / toy.LESSON / "toy.ipynb", as_version=4)
        assert graded.cells[-2].outputs[0].text == "[] []\n", student
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("grader", GRADERS)
def test_doctor_tells_what_this_machine_can_do(grader: str) -> None:
    program = "from course_grading.cli import main; import sys; sys.argv = ['course', 'doctor']; main()"
    done = subprocess.run(
        [*as_grader(grader), sys.executable, "-c", program],
        cwd=course_root(),
        env={**os.environ, "COURSE_ROOT": str(course_root()), "HOME": "/tmp", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    result = done
    lines = result.stdout.splitlines()
    assert all(line[0] in "✓✗" and line.endswith(".") for line in lines), result.stdout
    told = dict(reversed(line.split(" ", 1)) for line in lines)
    assert told["Students' code has no network."] == "✓"
    assert told["It sees no solutions, gradebook or other submissions."] == "✓"
    assert any("at once" in line for line in lines)


def test_doctor_says_how_to_get_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(doctor, "memory", lambda: 1.0)
    result = run("doctor")
    assert result.exit_code == 1
    assert "✗ No browser: `make test` needs Chromium (on Debian or Ubuntu: apt-get install chromium)." in result.output
    assert "✗ The sandbox needs bubblewrap, which is not installed. " in result.output
    assert "so close other programs or give `course grade` a smaller --jobs." in result.output


@pytest.mark.parametrize(("rows", "said"), [(1, "1 graded.\n"), (0, "")])
def test_ctrl_c_ends_with_a_summary(course: Path, monkeypatch: pytest.MonkeyPatch, rows: int, said: str) -> None:
    toy.hand_in(course, "ann", toy.notebook("double"))
    toy.hand_in(course, "ben", toy.notebook("double"))
    all_rows = ClassGrader.__iter__

    def interrupted(class_grader: ClassGrader) -> Iterator[Row]:
        yield from islice(all_rows(class_grader), rows)
        raise KeyboardInterrupt

    monkeypatch.setattr(ClassGrader, "__iter__", interrupted)
    result = run("grade", toy.LESSON)
    assert (result.exit_code, result.output) == (130, f"{said}Stopped; run the same command to grade the rest.\n")


def test_doctor_tries_formgraders_pages_as_they_are_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = doctor._formgrader()
    assert finding.well and finding.text.startswith("Formgrader's pages keep no script")
    stock = SimpleNamespace(config=Config(Course(course_root()).config))
    for option in ("preprocessors", "filters", "sanitize_html"):
        del stock.config.HTMLExporter[option]
    monkeypatch.setattr(doctor, "Course", lambda root: stock)
    finding = doctor._formgrader()
    assert finding.needed and not finding.well and "c.HTMLExporter back into" in finding.text


def test_doctor_believes_the_expected_error_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = Execute(memory_limit=3 << 30, notebook_timeout=900)
    monkeypatch.setattr(doctor, "Execute", lambda config: configured)
    monkeypatch.setattr(doctor, "Pool", lambda settings: contextlib.nullcontext())
    monkeypatch.setattr(doctor, "_kept", lambda pool, cells: 10**9)
    monkeypatch.setattr(doctor, "_shares", lambda pool: (0.9, 0.05))
    monkeypatch.setattr(doctor, "_test_that_hoards", lambda pool, size: "MemoryError")
    monkeypatch.setattr(doctor, "_tried", lambda pool, code, times=None: ("7", "OSError" if "socket" in code else "X"))
    told = {finding.text: finding for finding in doctor._limits()}
    assert told["Students' code has no network."].well
    assert told["The process of the tests gets 1.0 GB of memory, then an error."].well
    (memory,) = [finding for text, finding in told.items() if text.startswith("A process of it can use up")]
    assert not memory.well and memory.needed and "ended with X, which is not how this limit ends" in memory.text
    assert any("another's kernel gets 5% of a processor, and 90% alone" in text for text in told)
    assert any(text.startswith("It left 954 MB") for text in told)


def test_grade_leaves_times_to_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Course] = []

    class Nobody(list):
        def __init__(self, course: Course, *rest: object, **options: object) -> None:
            seen.append(course)

    monkeypatch.setattr("course_grading.grading.whole_class.ClassGrader", Nobody)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.notebook_timeout = 900\n")
    monkeypatch.chdir(tmp_path)
    run("grade", "01_toy")
    run("grade", "01_toy", "--timeout", "7")
    assert [course.config.Execute.notebook_timeout for course in seen] == [900, 7]
