"""`course report`: every figure of a class of twelve, the page's safety, and what the course learns from the class."""

import dataclasses
import re
import shutil
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.figures import Figures, bins, count, typical_lines
from course_grading.classroom.records import Answer, Work, Written, read_class
from course_grading.classroom.report import report, summary
from course_grading.classroom.report_page import lesson_parts, presence
from course_grading.classroom.teach import teach, with_stub
from course_grading.course import Course
from course_utils.errors import CourseError
from tests.trying import refuse

LESSON = "01_sliding_regions"


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load_lesson("sliding_regions")


@pytest.fixture(scope="module")
def figures(small_class, lesson: Lesson) -> Figures:
    return count(lesson, read_class(small_class[0], lesson))


@pytest.fixture
def course(small_class, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(small_class[0].root)
    return small_class[0]


def page(course: Course, *options: str, **more: bool) -> str:
    report([LESSON], *options, **more)
    name = "sliding_regions_with_names" if more.get("names") else "sliding_regions"
    return (course.root / "reports" / f"{name}.html").read_text(encoding="utf-8")


def test_who_handed_in(course: Course, figures: Figures) -> None:
    there = presence(course, figures)
    assert (there.handed_in, there.of, there.ungraded, there.missing) == (12, 12, ("jo",), ())


def test_who_is_missing_is_told_by_the_roster(small_class, figures: Figures, tmp_path: Path) -> None:
    shutil.copytree(small_class[0].root, tmp_path / "course")
    (tmp_path / "course" / "roster.csv").write_text("id,name\nada,Ada L\nzoe,Zoë Z\nyan,Yan Y\n")
    there = presence(Course(tmp_path / "course"), figures)
    assert (there.handed_in, there.of, there.missing) == (12, 14, ("yan", "zoe"))


def test_scores(figures: Figures) -> None:
    assert bins(figures.shares) == [1, 0, 2, 0, 1, 0, 6, 0, 0, 1]
    assert figures.mean == pytest.approx((20 + 6 * 13 + 8 + 2 * 5) / 20 / 11)


def test_exercise_by_exercise(figures: Figures) -> None:
    states = {name: dict(counted) for name, counted in figures.states.items()}
    assert states["region_at"] == {"right": 9, "named": 1, "waiting": 1}
    assert states["apply_kernel"] == {"right": 7, "follows": 1, "waiting": 3}
    assert states["corr2d"] == {"right": 1, "named": 7, "unnamed": 1, "follows": 1, "waiting": 1}
    assert states["convolve2d"] == {"right": 1, "follows": 7, "waiting": 3}
    assert figures.stopped == {"corr2d": 2}


def test_a_mistake_is_counted_at_its_root_alone(figures: Figures) -> None:
    found = {(each.exercise, each.name): (len(each.answers), dict(each.following)) for each in figures.mistakes}
    assert found == {
        ("corr2d", "kernel_flipped"): (2, {"convolve2d": 2}),
        ("corr2d", "a number added"): (2, {"convolve2d": 2}),
        ("corr2d", "only zeros"): (2, {}),
        ("corr2d", "its code did not run"): (1, {"convolve2d": 1}),
        ("region_at", "centred"): (1, {"apply_kernel": 1, "corr2d": 1, "convolve2d": 1}),
    }


def test_what_no_misconception_explains_is_grouped_by_equal_output(figures: Figures) -> None:
    groups = [sorted(student for student, _ in group.answers) for group in figures.groups]
    assert sorted(groups) == [["carl", "dora"], ["gil", "hana"], ["kim"]]


def test_guesses_against_truth(figures: Figures) -> None:
    guesses = {each.guess.name: each for each in figures.guesses}
    assert (guesses["product_sum"].right, guesses["product_sum"].wrong) == (2, [("4.2", 1, "mean_not_sum")])
    assert guesses["positions_of_3x3"].wrong == [("36", 1, "same_as_image")]
    assert (guesses["four_pixels"].right, guesses["four_pixels"].count) == (1, 1)
    assert guesses["impulse_correlated"].count == 1


def test_identical_notebooks_and_sentences(figures: Figures) -> None:
    assert figures.twins == [["gil", "hana"]]
    assert [student for student, _ in figures.sentences["smaller_response"]] == ["ada", "ivo"]
    assert figures.doubts == [], "one in nine is right: hard, but no broken test"


def test_a_test_that_fails_for_all_is_doubted(lesson: Lesson) -> None:
    wrong, right = {"outcome": "wrong"}, {"outcome": "right"}
    works = [
        Work(
            f"s{number}",
            {
                "corr2d": Answer("corr2d", "wrong", check=wrong, judge=wrong),
                "region_at": Answer("region_at", "wrong" if number < 3 else "right", check=right, judge=wrong),
                "positions": Answer("positions", "right", check=right, judge=right),
            },
        )
        for number in range(6)
    ]
    doubted = Counter(name for name, _ in count(lesson, works).doubts)
    assert doubted == {"corr2d": 1, "region_at": 1}
    assert count(lesson, works[:4]).doubts == [], "four say nothing"


def test_typical_lines_are_those_that_right_answers_do_not_have() -> None:
    right = ["def f(x):\n    rows = x.shape[0]\n    return x[:rows].sum()"] * 3
    wrong = [
        'def f(x):\n    """Mean."""\n    rows = x.shape[0]\n    # it\n    total = x[:rows].mean()\n    return total',
        "def f(x):\n    rows = x.shape[0]\n    total = x[:rows].mean()\n    return total",
        "def f(x:\n  broken",
    ]
    assert typical_lines(wrong, right) == ("total = x[:rows].mean()", "return total")


def test_no_line_of_one_student_alone_is_shown_to_the_class() -> None:
    same = "def f(x):\n    return x"
    own = "author = 'Bob Smith, bob@uni.edu'"
    assert typical_lines([same, same, f"{own}\n{same}"], []) == ("return x",)
    assert typical_lines([f"{own}\n{same}", "def f(x):\n    return x + 0"], []) == ()


def test_what_cannot_be_found_or_read_is_nobodys_twin(lesson: Lesson) -> None:
    def handed_in(student: str, source: str) -> Work:
        names = list(lesson.exercises)
        return Work(student, {name: Answer(name, "wrong", source=source) for name in names})

    for source in ("", "def corr2d(x, kernel:"):
        works = [handed_in("ann", source), handed_in("ben", source)]
        twins = count(lesson, works).twins
        assert twins == [], source


def test_a_test_is_not_doubted_for_what_follows_from_another(lesson: Lesson) -> None:
    right, wrong = {"outcome": "right"}, {"outcome": "wrong"}
    following = Answer("convolve2d", "wrong", check=right, judge={**wrong, "follows": "corr2d"})
    good = Answer("convolve2d", "right", check=right, judge=right)
    works = [Work(f"s{number}", {"convolve2d": following if number < 6 else good}) for number in range(14)]
    assert [name for name, _ in count(lesson, works).doubts if name == "convolve2d"] == []


def test_the_page_names_nobody_and_runs_nothing(course: Course, figures: Figures) -> None:
    shown = page(course)
    for work in figures.works:
        assert not re.search(rf"\b{work.student}\b", re.sub(r"In the words of \w+", "", shown)), work.student
    assert "<script" not in shown and "<img src=x" not in shown and "\x1b" not in shown
    assert "&lt;script&gt;" in shown and "default-src 'none'" in shown
    assert not re.search(r'(?:src|href)="(?!data:image/)', shown), "it is self-contained"
    assert "12 of 12" in shown and "Which weight meets the top-left pixel" in shown
    assert "All answers alike but for layout and comments: 2 notebooks." in shown
    assert shown.count("By it alone went wrong as well") >= 2


def test_questions_in_words_are_counted_marked_or_waiting(course: Course, figures: Figures) -> None:
    assert figures.written == {}
    marks = [Written(2, 3, waits=False), Written(1, 3, waits=False), Written(0, 3, waits=True)]
    marks += [Written(0, 3, waits=False, empty=True)] * 2
    works = [dataclasses.replace(work, written={"why": mark}) for work, mark in zip(figures.works, marks, strict=False)]
    some = dataclasses.replace(figures, works=works, written={"why<": marks})
    shown = "".join(lesson_parts(course, some, names=False))
    words = "2 marked, 1.5 of 3 points on average; 2 left empty; 1 waits in Formgrader."
    assert f"In words, <code>why&lt;</code>: {words}" in shown
    told = "1 of 5 has answers in words that wait to be marked: 0 points, or those of before, until then"
    assert f"<b>These scores are not final</b>: {told}." in shown and f"on average ({told});" in summary(some)
    assert "not final" not in "".join(lesson_parts(course, figures, names=False))


def test_an_exercise_that_was_not_there_when_it_was_graded_is_told(course: Course, figures: Figures) -> None:
    states = {**figures.states, "later<": Counter()}
    shown = "".join(lesson_parts(course, dataclasses.replace(figures, states=states), names=True))
    assert "No graded notebook has a test of <code>later&lt;</code>: exercises.py has changed since then." in shown
    assert "<td><code>later" not in shown


def test_with_names_it_is_another_page(course: Course) -> None:
    shown = page(course, names=True)
    assert "gil, hana" in shown and "1 could not be graded: jo" in shown and "alan, bob" in shown


def test_with_names_it_says_whose_test_did_not_run(course: Course, figures: Figures) -> None:
    stopped = {"corr2d": Answer("corr2d", "not run")}
    works = [dataclasses.replace(work, answers=work.answers | stopped) for work in figures.works[:2]]
    shown = "".join(lesson_parts(course, count(figures.lesson, works), names=True))
    assert "its test did not run: ada, alan" in shown


def test_the_change_since_the_last_lesson(small_class, figures: Figures, monkeypatch, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(small_class[0].root, root)
    shutil.copytree(root / "solutions" / LESSON, root / "solutions" / "02_again")
    for folder in (root / "solutions" / "02_again").glob("*.ipynb"):
        folder.rename(folder.with_name("again.ipynb"))
    for student in ("ada", "alan", "bob"):
        place = root / "autograded" / student / "02_again" / "again.ipynb"
        place.parent.mkdir()
        source = root / "autograded" / student / LESSON / "sliding_regions.ipynb"
        text = source.read_text().replace("sliding_regions.", "again.")
        place.write_text(text)
    assert nbformat.read(place, as_version=4)
    monkeypatch.chdir(root)
    report(["02_again"])
    shown = (root / "reports" / "again.html").read_text()
    assert "Since 01_sliding_regions: 3 graded instead of 11" in shown
    assert "kernel_flipped (2 before, 2 now)" in shown


def test_a_lesson_that_nobody_handed_in_is_a_sentence(small_class, monkeypatch, tmp_path: Path) -> None:
    course = small_class[0]
    for name in ("solutions", "notebooks"):
        shutil.copytree(course.root / name, tmp_path / name)
    for name in ("nbgrader_config.py", "gradebook.db"):
        shutil.copy(course.root / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="run `course grade sliding_regions` first"):
        report([LESSON])


def test_the_course_learns_a_misconception(small_class, figures: Figures, monkeypatch, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(small_class[0].root, root)
    monkeypatch.chdir(root)
    (group,) = [each for each in figures.groups if "carl" in dict(each.answers)]
    report([LESSON], name=group.group, as_="nine_more")
    path = root / "solutions" / LESSON / "exercises.py"
    stub = path.read_text()
    assert "+ 9" not in stub, "no student's code is copied"
    assert max(map(len, stub.splitlines())) <= 120
    with pytest.raises(CourseError, match="nine_more in corr2d is still to be written"):
        refuse(load_lesson("sliding_regions", root))
    with pytest.raises(CourseError, match="choose another name"):
        report([LESSON], name=group.group, as_="nine_more")
    with pytest.raises(CourseError, match=r"has a stub for corr2d-.* already"):
        report([LESSON], name=group.group, as_="nine_too_many")
    assert path.read_text() == stub

    hint = '"""Every number is nine more than it should be. What do you add once the products are added up?"""'
    written = re.sub(r'"""FIXME.*?"""\n.*\n', hint + "\n", stub)
    path.write_text(written.replace("raise NotImplementedError", "return corr2d(x, kernel) + 9"))
    learnt = load_lesson("sliding_regions", root)
    refuse(learnt)
    again = count(learnt, figures.works)
    assert [each.declared for each in again.groups if each.group == group.group] == ["nine_more"]
    with pytest.raises(CourseError, match="is nine_more by now"):
        teach(learnt, next(each for each in again.groups if each.declared))


def test_of_an_exception_alone_no_misconception_is_made(course: Course, figures: Figures) -> None:
    (group,) = [each for each in figures.groups if "kim" in dict(each.answers)]
    with pytest.raises(CourseError, match=f"{group.group} stopped with ValueError in every case"):
        report([LESSON], name=group.group)
    two = dataclasses.replace(group, answers=group.answers * 2)
    shown = "".join(lesson_parts(course, dataclasses.replace(figures, groups=[two]), names=False))
    assert f"<code>{group.group}</code> (ValueError in every case): 2 of 11" in shown
    assert "--name GROUP" not in shown and "--name GROUP" in page(course)


def test_a_name_without_a_group_is_a_sentence(course: Course) -> None:
    with pytest.raises(CourseError, match="--as is the name of what --name GROUP makes"):
        report([LESSON], as_="border_kept")


@pytest.mark.parametrize("name", ["corr2d-nothing", "<b>"])
def test_a_group_that_is_not_there_is_a_sentence(course: Course, name: str) -> None:
    with pytest.raises(CourseError, match="has no group"):
        report([LESSON], name=name)


def test_a_misconception_of_a_value_is_a_class(lesson: Lesson, figures: Figures, tmp_path: Path) -> None:
    source = (lesson.folder / "exercises.py").read_text()
    text = with_stub(source, lesson.exercises["edge_region_shape"], "new", "Two answers gave it.")
    assert 'class new:\n            """FIXME' in text
    assert (
        text.replace(text[text.index("        class new") - 1 : text.index("            value = None") + 25], "")
        == source
    )
