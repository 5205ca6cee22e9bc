"""Hand-ins made by the course itself: the answers asked for are in the cells where students write them."""

from pathlib import Path

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_grading.authoring.language import Lesson, load_lesson
from course_grading.classroom.records import Marks, answers_in
from course_grading.classroom.simulated import answer_source, filled_notebook, right_answers
from course_utils.errors import CourseError

EXERCISES = '''
import torch

from course_grading.authoring import exercise

FACTOR = 2


def scaled(x):
    return x * FACTOR


@exercise(examples=[{"x": torch.ones(2)}], inputs=lambda rng: iter([{"x": torch.ones(2)}]))
class double:
    def right(x):
        return scaled(x)

    def by_adding(x):
        return x + x

    class wrong:
        def off_by_one(x):
            """Is there one too many?"""
            return double(x) + 1

        class squared:
            """Which power?"""

            def by_power(x):
                return x**2

            def by_product(x):
                return x * x


@exercise(examples=[{"x": torch.ones(2)}], inputs=lambda rng: iter([{"x": torch.ones(2)}]))
class negate:
    def right(x):
        return -x

    class wrong:
        def off_by_one(x):
            """And here?"""
            return negate(x) + 1


@exercise()
class guess:
    right = 7

    class wrong:
        class a_tensor:
            """Is it one number?"""

            value = torch.full((2,), FACTOR)
'''


def cells(answers: dict[str, str]) -> list[nbformat.NotebookNode]:
    """A notebook's cells: for each exercise a solution cell and the cell that checks it."""
    made = [new_markdown_cell("# Toy")]
    for name, code in answers.items():
        made.append(new_code_cell(code, metadata={"nbgrader": {"solution": True, "grade": False}}))
        made.append(new_code_cell("print('yours to play with')"))
        made.append(
            new_code_cell(f'check("{name}", {name})', metadata={"nbgrader": {"solution": False, "grade": True}})
        )
    return made


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    solved = {name: f"### BEGIN SOLUTION\n{name} = 'mine'\n### END SOLUTION" for name in ("double", "negate", "guess")}
    for path, answers in {
        tmp_path / "solutions" / "01_toy" / "toy.ipynb": solved,
        tmp_path / "notebooks" / "01_toy" / "toy.ipynb": dict.fromkeys(solved, "FIXME"),
    }.items():
        path.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=cells(answers)), path)
    (tmp_path / "solutions" / "01_toy" / "exercises.py").write_text(EXERCISES)
    return load_lesson("toy", tmp_path)


def run(code: str, name: str):
    namespace = {}
    exec(code, namespace)
    return namespace[name]


def test_an_untouched_one_is_the_released_notebook(lesson: Lesson) -> None:
    sources = [cell.source for cell in filled_notebook(lesson).cells]
    assert sources == [cell.source for cell in cells(dict.fromkeys(lesson.exercises, "FIXME"))]


def test_answers_go_where_students_write_them(lesson: Lesson) -> None:
    made = filled_notebook(lesson, {"negate": "negate = 'yours'"})
    assert [cell.source for cell in made.cells if cell.metadata.get("nbgrader", {}).get("solution")] == [
        "FIXME",
        "negate = 'yours'",
        "FIXME",
    ]
    nbformat.validate(made)


def test_right_answers_are_the_authors(lesson: Lesson) -> None:
    assert right_answers(lesson) == {name: f"{name} = 'mine'" for name in ("double", "negate", "guess")}


@pytest.mark.parametrize(
    "call", ["check('double', double)", 'check("toy.double", double)', 'check(\n    "double", double)']
)
def test_a_test_is_known_however_it_names_its_exercise(lesson: Lesson, call: str) -> None:
    for folder in ("solutions", "notebooks"):
        path = lesson.folder.parents[1] / folder / "01_toy" / "toy.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = cell.source.replace('check("double", double)', call)
        nbformat.write(notebook, path)
    assert right_answers(lesson)["double"] == "double = 'mine'"
    handed_in = filled_notebook(lesson, {"double": "double = 'yours'"})
    for number, cell in enumerate(handed_in.cells):
        cell.metadata.get("nbgrader", {})["grade_id"] = str(number)
    found = answers_in(lesson, handed_in, Marks({}))
    assert list(found) == list(lesson.exercises) and found["double"].source == "double = 'yours'"


def test_wrong_and_alternative_answers_run_by_themselves(lesson: Lesson) -> None:
    x = torch.tensor([1.0, 2.0])
    assert run(answer_source(lesson, "double", "off_by_one"), "double")(x).tolist() == [3, 5]
    assert run(answer_source(lesson, "negate", "off_by_one"), "negate")(x).tolist() == [0, -1]
    assert run(answer_source(lesson, "double", "by_adding"), "double")(x).tolist() == [2, 4]
    assert run(answer_source(lesson, "double", "squared"), "double")(x).tolist() == [1, 4]
    assert "x * x" in answer_source(lesson, "double", "squared/by_product")
    assert run(answer_source(lesson, "guess", "a_tensor"), "guess").tolist() == [2, 2]


def test_they_carry_neither_hints_nor_declarations(lesson: Lesson) -> None:
    code = answer_source(lesson, "double", "off_by_one")
    assert "one too many" not in code
    assert "misconception" not in code and "course_grading" not in code


def test_what_is_not_there_is_named(lesson: Lesson) -> None:
    with pytest.raises(CourseError, match="no answer 'flipped' to double"):
        answer_source(lesson, "double", "flipped")
    with pytest.raises(CourseError, match="no cell for an answer to 'halve': it has double, negate, guess"):
        filled_notebook(lesson, {"halve": "..."})
    (lesson.folder.parents[1] / "notebooks" / "01_toy" / "toy.ipynb").unlink()
    with pytest.raises(CourseError, match="course build 01_toy"):
        filled_notebook(lesson)
