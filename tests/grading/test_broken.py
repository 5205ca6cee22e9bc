"""Nothing that is handed in breaks the class: the broken bank and nbgrader's own test notebooks are graded in one run,
with good notebooks around them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.course import Course
from course_grading.grading.gradebook import Gradebook
from course_grading.grading.whole_class import ClassGrader, Row
from tests.grading import nbgrader_fixtures as theirs
from tests.grading.broken import BANK, EVERYTHING, Broken, files_of, text
from tests.grading.courses import ROOT, copy_course, quick_answers, quick_notebook
from tests.grading.gradebooks import cell_scores
from tests.grading.leaks import leaks, make_feedback
from tests.grading.users import as_grader, give_to

LESSON = "01_sliding_regions"
TO_READ = "by hand so far as its run shows"  # a remark of which nobody loses marks
# Where no control group kills a kernel, its cell gets a MemoryError; and which limit comes first differs.
RACES = {"memory_without_end", "printing_without_end"}
EVERY = 30  # after so many broken ones comes a good one
TIMES = {"Execute": {"timeout": 3, "notebook_timeout": 120}}
GRADE = """
import json, os, sys
from pathlib import Path
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader
course = Course(Path(os.environ["COURSE_ROOT"]), json.loads(sys.argv[1]))
print(json.dumps([[row.student, row.state, *row.problems] for row in ClassGrader(course, sys.argv[2:], jobs=3)]))
"""


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load_lesson(LESSON, ROOT)


@pytest.fixture(scope="module")
def handed_in(lesson: Lesson, tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Path:
    """A course to which the bank is handed in, with perfect and untouched notebooks in between; to copy."""
    root = copy_course(tmp_path_factory.mktemp("course") / "handed_in", empty_gradebook, lesson=LESSON)
    answers = quick_answers(lesson)
    perfect = text(quick_notebook(lesson, answers)).encode()
    untouched = text(quick_notebook(lesson)).encode()
    for number, case in enumerate(BANK):
        hand_in(root, case.name, files_of(case, quick_notebook(lesson, answers)))
        if number % EVERY == 0:
            hand_in(root, f"good_{number}", {"sliding_regions.ipynb": perfect})
            hand_in(root, f"untouched_{number}", {"sliding_regions.ipynb": untouched})
    hand_in_nbgraders(root)
    return root


@pytest.fixture(scope="module")
def graded(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Graded"]:
    """The bank, graded in one run."""
    root = copy_of(handed_in, tmp_path_factory.mktemp("course"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(root))
        rows = list(ClassGrader(Course(root, TIMES), [LESSON, *theirs.SOURCES], jobs=3))
        yield Graded(root, rows)


def copy_of(handed_in: Path, folder: Path) -> Path:
    return Path(shutil.copytree(handed_in, folder / "broken"))


def hand_in_nbgraders(root: Path) -> None:
    """Register nbgrader's sources as lessons, as nbgrader itself would, and hand in its notebooks."""
    for lesson, source in theirs.SOURCES.items():
        (root / "solutions" / lesson).mkdir()
        shutil.copy(theirs.FILES / source, root / "solutions" / lesson / f"{theirs.NAME}.ipynb")
        shutil.copy(theirs.FILES / theirs.AUTOTESTS, root / "solutions" / lesson)
    stock = {"GenerateAssignment": {"preprocessors": GenerateAssignment.class_traits()["preprocessors"].default()}}
    stock |= {"ClearSolutions": {"code_stub": ClearSolutions.class_traits()["code_stub"].default()}}
    with Gradebook(Course(root, stock)) as book:
        for lesson in theirs.SOURCES:
            book.register(lesson)
    for path in theirs.notebooks():
        lesson, _ = theirs.EXPECTED[path.stem]
        hand_in(root, theirs.student(path), {f"{theirs.NAME}.ipynb": path.read_bytes()}, lesson)


class Graded:
    """What came of the run."""

    def __init__(self, root: Path, rows: list[Row]) -> None:
        self.root = root
        self.feedback = make_feedback(root, LESSON)
        self.rows = {row.student: row for row in rows}
        self.scores = cell_scores(root)

    @property
    def points(self) -> dict[str, float]:
        """Of each check of the lesson, taken from a perfect notebook."""
        return self.scores["good_0"]


def test_an_ordinary_user_grades_the_bank_as_root_does(graded: Graded, handed_in: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="broken-bank-"))  # pytest's own folders are closed to other users
    root = copy_of(handed_in, folder)
    left_out = {case.name for case in BANK[1::2] if "without_end" not in case.name}  # the others stand for all
    for name in left_out:
        shutil.rmtree(root / "submitted" / name)
    give_to("ordinary user", folder)
    done = subprocess.run(
        [*as_grader("ordinary user"), sys.executable, "-c", GRADE, json.dumps(TIMES), LESSON],
        env=os.environ | {"COURSE_ROOT": str(root), "HOME": "/tmp"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = {student: (state, problems) for student, state, *problems in json.loads(done.stdout)}
    expected = {
        student: (row.state, list(row.problems)) for student, row in graded.rows.items() if row.lesson == LESSON
    }
    assert rows.keys() == expected.keys() - left_out
    scores = cell_scores(root)
    assert {student: scores[student] for student in rows if scores[student] != graded.scores[student]} == {}
    told = rows.keys() - RACES
    assert {student: rows[student] for student in told if rows[student] != expected[student]} == {}
    (said,) = rows["printing_without_end"][1]
    assert "took longer than" in said or "used too much memory" in said or "showed too much" in said
    assert {student for student in RACES if rows[student][0] != expected[student][0]} == set()
    shutil.rmtree(folder)


def hand_in(root: Path, student: str, files: dict[str, bytes], lesson: str = LESSON) -> None:
    for name, content in files.items():
        path = root / "submitted" / student / lesson / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("case", BANK, ids=lambda case: case.name)
def test_broken_submission_gets_its_due(graded: Graded, case: Broken) -> None:
    row, scores = graded.rows[case.name], graded.scores[case.name]
    said = " ".join(row.problems)
    assert row.state == ("graded" if case.gradable else "not gradable"), said
    if not case.gradable:
        assert set(scores.values()) == {None}, "nobody can tell its points"
    elif case.loses == EVERYTHING:
        assert set(scores.values()) == {0}
    else:
        lost = {f"check-{name.replace('_', '-')}" for name in case.loses}
        assert scores == {name: 0 if name in lost else points for name, points in graded.points.items()}, said
    if case.says:
        assert any(words in said for words in case.says.split("|")), said
    else:
        assert not [problem for problem in row.problems if not case.loses and TO_READ not in problem]


@pytest.mark.parametrize("path", theirs.notebooks(), ids=theirs.student)
def test_notebook_of_nbgraders_tests_gets_its_due(graded: Graded, path: Path) -> None:
    _, scores = theirs.EXPECTED[path.stem]
    row = graded.rows[theirs.student(path)]
    assert row.state == "graded"
    if any("too much memory" in problem for problem in row.problems):
        scores = theirs.WHERE_MEMORY_ENDS_FIRST.get(path.stem, scores)
    assert graded.scores[row.student] == scores, row.problems


def test_every_notebook_of_nbgraders_tests_is_listed() -> None:
    assert {path.stem for path in theirs.notebooks()} == set(theirs.EXPECTED)


def test_an_answer_whose_cell_failed_is_told_so(graded: Graded) -> None:
    path = graded.root / "autograded" / "an_answer_whose_cell_failed" / LESSON / "sliding_regions.ipynb"
    test = next(
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "check-same-either-way"
    )
    shown = test.outputs[0].data["text/plain"]
    assert "The cell that defines same_either_way did not run. It ended with NameError" in shown


def test_an_answer_that_ran_below_a_failed_import_is_told_what_is_wrong_with_it(graded: Graded) -> None:
    student = "a_wrong_answer_below_an_import_that_is_not_there"
    path = graded.root / "autograded" / student / LESSON / "sliding_regions.ipynb"
    cells = {each.metadata.get("nbgrader", {}).get("grade_id"): each for each in nbformat.read(path, 4).cells}
    assert "did not run" not in str(cells["check-same-either-way"].outputs)


def test_good_notebooks_around_them_have_their_right_scores(graded: Graded, lesson: Lesson) -> None:
    good = [student for student in graded.rows if student.startswith("good_")]
    untouched = [student for student in graded.rows if student.startswith("untouched_")]
    assert len(good) == len(untouched) == (len(BANK) + EVERY - 1) // EVERY
    assert sum(graded.points.values()) == 20
    for student in good:
        assert graded.scores[student] == graded.points
        assert graded.rows[student].problems == ()
    for student in untouched:
        assert set(graded.scores[student].values()) == {0}
        assert graded.rows[student].problems == ()


def test_everybody_has_a_row_and_is_in_the_gradebook(graded: Graded) -> None:
    handed_in = {path.name for path in (graded.root / "submitted").iterdir()}
    assert set(graded.rows) == set(graded.scores) == handed_in
    assert len(BANK) >= 25
    autograded = {path.parent.name for path in (graded.root / "autograded").glob("[!.]*/*")}
    assert autograded == {student for student, row in graded.rows.items() if row.state == "graded"}


def test_what_the_instructor_reads_is_short_and_complete(graded: Graded) -> None:
    for row in graded.rows.values():
        for problem in row.problems:
            assert problem[0].isupper() or problem[0] == "'" or TO_READ in problem, problem
            assert problem.endswith("."), problem
            assert "\n" not in problem and "Traceback" not in problem and str(graded.root) not in problem, problem
            assert len(problem) < 220, problem


def test_feedback_tells_nothing_of_the_instructors(graded: Graded) -> None:
    told = {student: leaks(page, graded.root, LESSON) for student, page in graded.feedback.items()}
    assert {student for student, found in told.items() if found} == set(), told
    assert set(told) == {name for name, row in graded.rows.items() if (row.state, row.lesson) == ("graded", LESSON)}


def test_feedback_tells_the_student_what_is_theirs(graded: Graded) -> None:
    page = graded.feedback["good_0"].read_text()
    assert "(Score: 20.0 / 20.0)" in page
    assert "corr2d: right" in page
    page = graded.feedback["a_deleted_answer"].read_text()
    assert "(Score: 17.0 / 20.0)" in page
    page = graded.feedback["an_infinite_loop"].read_text()
    assert "took longer than 3 s" in page
