"""What goes out lesson by lesson: the calendar, one file for a learning platform, and the check after a push."""

import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
import yaml

from course_grading.authoring import bundle as bundle_module
from course_grading.authoring import lesson_files, making, rules
from course_grading.authoring.build import build
from course_grading.authoring.bundle import bundle, bundle_files, write_lesson_archive
from course_grading.authoring.freshness import is_fresh, remember
from course_grading.authoring.handout import checks_workflow, read_day, released_lessons
from course_utils.errors import CourseError
from tests.conftest import ROOT
from tests.grading.courses import copy_package
from tests.trying import here

FIRST, SECOND = "01_sliding_regions", "02_kernels"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first two lessons, in a course of their own, the second of which has to wait."""
    root = tmp_path / "course"
    for name in (FIRST, SECOND):
        for part in ("solutions", "notebooks"):
            shutil.copytree(ROOT / part / name, root / part / name, ignore=shutil.ignore_patterns("__pycache__"))
    copy_package(root)
    shutil.copytree(ROOT / "data", root / "data")
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    for part in ("solutions", "notebooks"):
        shutil.copy(ROOT / part / "start_here.ipynb", root / part)
    calendar = f"[tool.course.release]\n{SECOND} = 2026-10-05\n"
    (root / "pyproject.toml").write_text((root / "pyproject.toml").read_text("utf-8") + calendar, encoding="utf-8")
    monkeypatch.setenv("COURSE_ROOT", str(root))
    monkeypatch.setattr(making, "start", here)
    monkeypatch.setattr(rules, "problem", lambda *trial: None)  # what lessons declare is tried elsewhere
    return root


def test_the_calendar_says_what_goes_out(course: Path) -> None:
    settings = {"release": {SECOND: date(2026, 10, 5)}}
    assert released_lessons(course, settings, date(2026, 10, 4)) == [FIRST]
    assert released_lessons(course, settings, date(2026, 10, 5)) == [FIRST, SECOND]
    assert released_lessons(course, {}, date(2026, 10, 4), ["kernels"]) == [SECOND]
    for table, wanted, said in [
        ({SECOND: date(2026, 10, 5)}, [SECOND], "is released on 2026-10-05"),
        ({SECOND: "2026-10-05"}, [], "gives 02_kernels no date"),
        ({"03_colours": date(2026, 10, 5)}, [], "no lesson '03_colours'"),
        ({FIRST: date(2027, 1, 1), SECOND: date(2027, 1, 1)}, [], "No lesson is released by"),
    ]:
        with pytest.raises(CourseError, match=said):
            released_lessons(course, {"release": table}, date(2026, 10, 4), wanted)
    with pytest.raises(CourseError, match=r"release under \[tool.course\] in pyproject.toml is no table"):
        released_lessons(course, {"release": "2026-10-05"}, date(2026, 10, 4))
    with pytest.raises(CourseError, match="is no date"):
        read_day("tomorrow")


@pytest.mark.parametrize(
    "written",
    [f"{FIRST} = 2026-10-1", f"{FIRST} = 05.10.2026", "address = git+https://github.com/you/course", "[tool.course]"],
)
def test_what_is_no_toml_gets_a_sentence(course: Path, written: str) -> None:
    with (course / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"{written}\n")
    with pytest.raises(CourseError, match=r"pyproject.toml cannot be read: .*a day without, as 2026-10-01"):
        bundle(course / "out")


def test_a_lesson_that_waits_leaves_nothing_in_the_bundle(course: Path) -> None:
    files = bundle_files(course, "", [FIRST])
    assert f"notebooks/{FIRST}/sliding_regions.ipynb" in files
    assert not any(name.startswith(f"notebooks/{SECOND}") or "cases/kernels" in name for name in files)
    assert f"({SECOND}/" not in files["notebooks/start_here.ipynb"].decode()
    assert f"({FIRST}/" in files["notebooks/start_here.ipynb"].decode()


def test_one_file_for_a_learning_platform(course: Path, tmp_path: Path) -> None:
    archive, text = write_lesson_archive(course, tmp_path / "out", FIRST, "git+https://github.com/ada/course@v2")
    with zipfile.ZipFile(archive) as packed:
        names = {name.partition("/")[2] for name in packed.namelist()}
    assert {f"notebooks/{FIRST}/sliding_regions.ipynb", "README.md", ".devcontainer/devcontainer.json"} <= names
    assert "course_utils/cases/sliding_regions.json" in names and "course_utils/cases/kernels.json" not in names
    assert text == archive.with_suffix(".txt").read_text()
    assert text.startswith("1 · Sliding regions\n")
    assert f"/github/ada/course/blob/v2/notebooks/{FIRST}/sliding_regions.ipynb" in text
    assert "/v2/gh/ada/course/v2?labpath=" in text
    archive.write_bytes(b"mine")
    with pytest.raises(CourseError, match="no bundle of this course"):
        write_lesson_archive(course, tmp_path / "out", FIRST)


def test_what_is_known_to_be_fresh_is_not_built(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    remember(course, FIRST)
    assert is_fresh(course, FIRST)
    built: list[str] = []
    monkeypatch.setattr(bundle_module, "build", lambda name, check: built.append(name))
    bundle(tmp_path / "out", date="2026-10-01")
    assert built == []
    assert f"Not yet released: {SECOND}." in capsys.readouterr().out
    notebook = course / "notebooks" / FIRST / "sliding_regions.ipynb"
    notebook.write_text(notebook.read_text("utf-8") + "\n", encoding="utf-8")
    bundle(tmp_path / "out", date="2026-10-01")
    assert built == [FIRST]


def test_a_check_that_succeeds_is_noted(course: Path) -> None:
    assert not is_fresh(course, FIRST)
    build(FIRST)
    assert is_fresh(course, FIRST)
    (course / "solutions" / FIRST / "exercises.py").open("a").write("\n# another line\n")
    assert not is_fresh(course, FIRST)


def test_a_lesson_that_was_tried_as_it_is_now_is_not_tried_again(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    made: list[str] = []
    monkeypatch.setattr(lesson_files, "make_lesson", lambda root, name, *_: made.append(name) or {})
    remember(course, FIRST)
    build(FIRST)
    assert made == [FIRST], "a check does not try hidden tests and the author's own answers"
    build(FIRST)
    assert made == [FIRST]
    assert capsys.readouterr().out.count(f"{FIRST}: nothing has changed\n") == 2
    build(FIRST, check=True)
    assert made == [FIRST, FIRST], "whoever asks for a check gets one"


def test_where_the_notebook_alone_has_changed_declared_answers_are_not_tried_again(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(rules, "problem", lambda lesson, name, seed: tried.append(name))
    build(FIRST)
    assert "corr2d" in tried
    tried.clear()
    source = course / "solutions" / FIRST / "sliding_regions.ipynb"
    source.write_text(source.read_text("utf-8").replace("# 1 ·", "# 1 · The"), encoding="utf-8")
    build(FIRST)
    assert not tried and f"notebooks/{FIRST}/sliding_regions.ipynb" in capsys.readouterr().out
    build(FIRST, check=True)
    assert tried, "whoever asks for a check gets one"
    tried.clear()
    (course / "solutions" / FIRST / "exercises.py").open("a").write("\n# another line\n")
    build(FIRST)
    assert tried


def test_the_workflow_checks_each_notebook_whatever_the_others_say(course: Path) -> None:
    text = checks_workflow([f"notebooks/{name}.ipynb" for name in ("1/one", "2/two")])
    *_, install, one, two = yaml.safe_load(text)["jobs"]["checks"]["steps"]
    assert install["id"] == "install"
    assert [step["run"] for step in (one, two)] == [
        "python -m course_utils notebooks/1/one.ipynb",
        "python -m course_utils notebooks/2/two.ipynb",
    ]
    # Without `!cancelled()`, GitHub skips what follows a step that failed.
    assert one["if"] == two["if"] == "${{ !cancelled() && steps.install.outcome == 'success' }}"
    assert "classroom" not in text, "GitHub Classroom is no more, and its actions with it"
