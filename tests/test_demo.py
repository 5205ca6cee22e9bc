"""`make demo`: full marks for right answers, fewer and a name for each wrong kind, a kind word for broken files."""

import io

import pytest
from rich.console import Console

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.demo import Result, full_score, grade_class, simulated_class, table


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load_lesson("sliding_regions")


@pytest.fixture(scope="module")
def results(lesson: Lesson, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    graded = grade_class(lesson, list(simulated_class(lesson)), tmp_path_factory.mktemp("demo"))
    return {result.hand_in.student: result for result in graded}


def test_right_answers_get_full_marks(results: dict[str, Result], lesson: Lesson) -> None:
    for student in ("ada", "alan", "grace"):
        assert (results[student].score, results[student].named) == (full_score(lesson), ())


def test_an_untouched_notebook_gets_zero(results: dict[str, Result]) -> None:
    assert (results["untouched"].score, results["untouched"].named) == (0, ())


def test_each_wrong_kind_gets_less_and_is_named(results: dict[str, Result], lesson: Lesson) -> None:
    wrong = [result for result in results.values() if result.hand_in.named]
    assert len(wrong) == len(lesson.exercises)
    for result in wrong:
        assert 0 < result.score < full_score(lesson)
        assert result.hand_in.named in result.named


def test_broken_ones_are_told_kindly_and_cost_the_others_nothing(results: dict[str, Result], lesson: Lesson) -> None:
    assert 0 < results["broken1"].score < full_score(lesson)  # a syntax error costs its own exercise only
    for student in ("broken2", "broken3"):
        assert results[student].score is None
        (remark,) = results[student].remarks
        assert "sliding_regions.ipynb" in remark and "Traceback" not in remark


def test_the_table_shows_them_all(results: dict[str, Result], lesson: Lesson) -> None:
    printed = io.StringIO()
    Console(file=printed, width=160).print(table(lesson, list(results.values())))
    lines = printed.getvalue().splitlines()
    for student, result in results.items():
        (line,) = [line for line in lines if f" {student} " in line]
        assert all(name in line for name in result.named[:1])
