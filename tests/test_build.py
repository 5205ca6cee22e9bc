"""`course build`: what it writes, what it refuses, and that a refusal leaves everything as it was."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import numpy as np
import psutil
import pytest
import torch

from course_grading import places
from course_grading.authoring import build as build_module
from course_grading.authoring import delivery, lesson_files, making, rules
from course_grading.authoring.build import build
from course_grading.authoring.language import Exercise, Lesson, load_lesson
from course_grading.authoring.release import with_hidden_test
from course_grading.cli import _of_another_checkout, main
from course_grading.notebook.checked import checked_in
from course_utils.errors import CourseError
from course_utils.storage import to_json
from tests.conftest import ROOT
from tests.trying import here, made

LESSON = "01_sliding_regions"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of lesson 1 alone to write in, which `course` commands take for the course."""
    for name in (f"solutions/{LESSON}", f"notebooks/{LESSON}"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    cases = "course_utils/cases/sliding_regions.json"
    (tmp_path / cases).parent.mkdir(parents=True)
    shutil.copy(ROOT / cases, tmp_path / cases)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setattr(making, "start", here)
    monkeypatch.setattr(rules, "SEEDS", ())  # what is wrong here shows without hidden tests
    return tmp_path


def contents(course):
    return {
        path: path.read_bytes()
        for part in ("notebooks", "course_utils")
        for path in sorted((course / part).rglob("*.*"))
    }


def edit(course, change):
    path = course / "solutions" / LESSON / "sliding_regions.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change({cell.id: cell for cell in notebook.cells}, notebook)
    nbformat.write(notebook, path)


def refused(course, words):
    before = contents(course)
    with pytest.raises(CourseError) as refusal:
        build()
    assert words in str(refusal.value)
    assert "Traceback" not in str(refusal.value)
    assert contents(course) == before


def test_a_change_in_the_source_is_stale_until_it_is_built(course, capsys):
    build(check=True)
    edit(course, lambda cells, notebook: cells["regions"].update(source="## 1.1 A patch"))
    before = contents(course)
    with pytest.raises(CourseError, match="Stale: notebooks/01_sliding_regions/sliding_regions"):
        build(check=True)
    assert contents(course) == before
    answered = course / "notebooks" / LESSON / "sliding_regions.ipynb"
    answered.write_text(answered.read_text(encoding="utf-8").replace("raise NotImplementedError", "return 4"))
    answers = answered.read_bytes()
    build("sliding_regions")
    build(check=True)
    assert (course / "work" / LESSON / "sliding_regions.ipynb").read_bytes() == answers
    assert "Somebody has worked in" in capsys.readouterr().out
    assert (course / "gradebook.db").exists(), "a built lesson is in the gradebook, ready for nbgrader autograde"


def test_a_solution_that_leaves_no_fixme_is_refused(course):
    def change(cells, notebook):
        cell = cells["edge-region-shape"]
        cell.source = cell.source.replace("  # FIXME: (rows, columns), such as (1, 5)", "")

    edit(course, change)
    refused(course, "'edge-region-shape' has no FIXME")


def test_a_released_cell_that_is_not_python_is_refused(course):
    edit(course, lambda cells, notebook: cells["see-edge"].update(source="if done("))
    refused(course, "'see-edge' is not valid Python")


def test_a_solution_without_an_end_is_refused(course):
    edit(
        course, lambda cells, notebook: cells["corr2d"].update(source=cells["corr2d"].source.replace("### END", "###"))
    )
    refused(course, "The cell 'corr2d' has 1 BEGIN SOLUTION and 0 END SOLUTION")


def test_a_cell_that_fails_when_untouched_is_refused(course):
    edit(course, lambda cells, notebook: cells["see-edge"].update(source="region_at(x, 0, 0, 2, 2)"))
    refused(course, "stops at the cell 'see-edge' (NotImplementedError: )")


def test_an_exercise_without_its_test_cell_is_refused(course):
    edit(course, lambda cells, notebook: notebook.cells.remove(cells["check-corr2d"]))
    refused(course, "sliding_regions.ipynb has no test cell for corr2d")


def test_a_test_cell_that_checks_nothing_is_refused(course):
    edit(course, lambda cells, notebook: cells["check-corr2d"].update(source="corr2d(x, kernel)"))
    refused(course, "The test cell check-corr2d checks nothing")


def test_the_hidden_test_is_put_in_and_stays_hidden():
    assert with_hidden_test('check("corr2d", corr2d)', "sliding_regions") == (
        'check("corr2d", corr2d)\n### BEGIN HIDDEN TESTS\nfrom course_grading import judge\n\n'
        'judge("sliding_regions.corr2d", corr2d)\n### END HIDDEN TESTS'
    )
    assert with_hidden_test("print(1)", "sliding_regions") == "print(1)"
    for source in (
        'check("corr2d", corr2d)  # run this cell',
        "check(\n    'sliding_regions.corr2d',\n    corr2d,\n);",
        '# check("convolve2d", convolve2d)\ncheck("corr2d", corr2d)',
    ):
        assert '\njudge("sliding_regions.corr2d", corr2d)\n###' in with_hidden_test(source, "sliding_regions")
    assert checked_in('check("a", a); check("b", f(1, 2))', "x") == {"a": "a", "b": "f(1, 2)"}
    for source in ("check(name, corr2d)", 'check("corr2d", answer=corr2d)', 'check("corr2d")'):
        with pytest.raises(CourseError, match="Nothing says what check"):
            checked_in(source, "sliding_regions")


def test_two_test_cells_for_one_exercise_are_refused(course):
    edit(course, lambda cells, notebook: cells["check-convolve2d"].update(source='check("corr2d", corr2d)'))
    refused(course, "sliding_regions.ipynb has two test cells for corr2d")


def test_exercises_and_lessons_of_one_name_are_refused(course):
    cases = course / "course_utils" / "cases"
    (course / "solutions" / "02_other").mkdir()
    shutil.copy(cases / "sliding_regions.json", cases / "other.json")
    built = {"course_utils/cases/sliding_regions.json": cases / "sliding_regions.json"}
    with pytest.raises(CourseError, match="01_sliding_regions and 02_other both have an exercise apply_kernel"):
        build_module._refuse_taken_names(LESSON, built, course, places.lesson_folders(course))
    (cases / "other.json").write_text('{"exercises": {}, "guesses": {"region_shape": []}, "explanations": {}}')
    (cases / "sliding_regions.json").write_text('{"exercises": {}, "guesses": {"region_shape": []}}')
    with pytest.raises(CourseError, match="01_sliding_regions and 02_other both have a guess region_shape"):
        build_module._refuse_taken_names(LESSON, built, course, places.lesson_folders(course))
    for name in ("9_short", "03-dash", "03 space", "03_Upper", "03_with-dash"):
        (course / "solutions" / name).mkdir()
        refused(course, f"solutions/{name} is not named as lessons are")
        (course / "solutions" / name).rmdir()
    (course / "solutions" / "02_sliding_regions").mkdir()
    refused(course, "01_sliding_regions and 02_sliding_regions differ in their number alone")


def test_what_no_lesson_makes_any_more_is_told(course):
    cases = course / "course_utils" / "cases"
    (course / "notebooks" / "09_gone").mkdir()
    (cases / "gone.json").write_text("{}")
    (cases / "gone_facts.py").touch()
    left = ["course_utils/cases/gone.json", "course_utils/cases/gone_facts.py", "notebooks/09_gone"]
    assert build_module._left_over(course, places.lesson_folders(course)) == left


def test_facts_that_students_copies_would_not_know_are_refused(tmp_path):
    def declared(code, module):
        (tmp_path / module).write_text(code)
        namespace = {}
        exec(compile(code, str(tmp_path / module), "exec"), namespace)
        return [value for value in namespace.values() if isinstance(value, Exercise)]

    head = "from course_grading.authoring import exercise, fact\n"
    twice = "".join(
        f'@fact("it")\ndef it(answer):\n    return answer + {n}\n@exercise(facts=[it])\nclass e{n}:\n    right = 1\n'
        for n in (1, 2)
    )
    lesson = Lesson(tmp_path / "01_toy", {each.name: each for each in declared(head + twice, "twice.py")})
    with pytest.raises(CourseError, match="two facts of the name it"):
        lesson_files.facts_text(lesson)
    branch = 'SECRET = 3\n@fact("it")\ndef it(a):\n    return 1 if a == 1 else [SECRET for _ in "a"]\n'
    branch += "@exercise(facts=[it])\nclass e:\n    right = 1\n"
    lesson = Lesson(tmp_path / "01_toy", {each.name: each for each in declared(head + branch, "branch.py")})
    (tmp_path / "toy_facts.py").write_text(lesson_files.facts_text(lesson))
    with pytest.raises(CourseError, match="The fact it of e uses SECRET; but students get its source alone"):
        lesson_files._try_facts(lesson, tmp_path)
    for number, (before, first, last, said) in enumerate(
        [
            ("math = 3", "a", "a + math", "The fact it of e uses math, which is something else there"),
            (
                "math = 3",
                "a, n=math",
                "a + n",
                "The fact it stops at the right answer of e: TypeError.* That is so where students",
            ),
            (
                "torch = 3",
                "a, n=hasattr(torch, 'Size')",
                "a + n",
                "right answer of e does not satisfy its facts. It: expected 1",
            ),
            ("class T: pass", "a: T", "a", "The first line of a fact of toy says T; but students get"),
        ]
    ):
        code = f'{before}\n@fact("it")\ndef it({first}):\n    return {last}\n'
        code += "@exercise(facts=[it])\nclass e:\n    right = 1\n"
        lesson = Lesson(tmp_path / "01_toy", {each.name: each for each in declared(head + code, f"{number}.py")})
        (tmp_path / "toy_facts.py").write_text(lesson_files.facts_text(lesson))
        with pytest.raises(CourseError, match=said):
            lesson_files._try_facts(lesson, tmp_path)


@pytest.mark.parametrize("marks", [True, False])
def test_an_answer_that_would_be_released_is_refused(course, marks):
    def change(cells, notebook):
        cell = cells["region-at"]
        answer = cell.source.partition("### BEGIN SOLUTION")[2].partition("### END SOLUTION")[0].strip()
        head = cell.source.partition("    # ")[0].partition("    ### BEGIN")[0]
        cell.source = f"{head}    {answer}"
        if marks:
            cell.source += "\n    ### BEGIN SOLUTION\n    # FIXME\n    ### END SOLUTION"
        else:
            del cell.metadata["nbgrader"]

    edit(course, change)
    refused(course, "In the untouched notebook, sliding_regions.region_at does not wait for an answer: it is right.")


def test_a_lesson_folder_without_notebook_or_exercises_is_refused(course):
    (course / "solutions" / LESSON / "sliding_regions.ipynb").unlink()
    refused(course, "01_sliding_regions has no notebook: write sliding_regions.ipynb")
    (course / "solutions" / LESSON / "exercises.py").unlink()
    refused(course, "has no exercises.py")


def test_a_file_that_is_no_notebook_is_refused(course):
    (course / "solutions" / LESSON / "sliding_regions.ipynb").write_text("not JSON")
    refused(course, "cannot be read as a notebook")


def test_an_unknown_lesson_is_refused_with_those_there_are():
    with pytest.raises(CourseError, match=r"There is no lesson 'nowhere' \(there are: 01_sliding_regions"):
        load_lesson("nowhere", ROOT)


@pytest.mark.parametrize("name", ["03_pooling", "pooling", "03", "3", "03_Pooling", "POOLING"])
def test_a_lesson_goes_by_its_folder_its_name_or_its_number(name):
    assert places.find_lesson(name, ["01_regions", "03_pooling", "hw_x"]) == "03_pooling"


def test_a_number_that_two_lessons_have_is_none_of_theirs():
    with pytest.raises(CourseError, match=r"^04_channels and 04_extra both have the number 04: say which"):
        places.find_lesson("4", ["04_channels", "04_extra"])


@pytest.mark.parametrize("name", ["", "0", "4", "003", "³", "hw", "03_", "_pooling"])
def test_what_is_no_lessons_name_finds_none(name):
    with pytest.raises(CourseError, match="There is no lesson"):
        places.find_lesson(name, ["01_regions", "03_pooling", "hw_x"])


def test_a_folder_that_cannot_be_written_is_refused(course):
    edit(course, lambda cells, notebook: cells["regions"].update(source="## 1.1 A patch"))
    shutil.rmtree(course / "notebooks")
    (course / "notebooks").write_text("in the way")
    with pytest.raises(CourseError, match=r"Cannot write .*notebooks"):
        build()
    assert (course / "notebooks").read_text() == "in the way"


def test_outside_a_course_a_command_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    with pytest.raises(CourseError, match="set COURSE_ROOT"):
        places.course_root()


def test_building_one_lesson_touches_no_gradebook_when_it_only_checks(course, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    for name in ("helpers.py", "exercises.py.bak", "answers.md"):
        (course / "solutions" / LESSON / name).write_text("the reference")

    def run_by_the_author(cells, notebook):
        notebook.metadata.widgets = {"state": "secret"}
        cells["corr2d"].metadata.execution = {"when": "secret"}

    edit(course, run_by_the_author)
    built = made(course, LESSON, scratch, tried=False)
    assert "secret" not in built[f"notebooks/{LESSON}/sliding_regions.ipynb"].read_text()
    assert set(built) == {
        "course_utils/cases/sliding_regions.json",
        "notebooks/01_sliding_regions/sliding_regions.ipynb",
    }
    assert not (course / "gradebook.db").exists()


def test_the_command_prints_one_sentence_and_help_for_a_new_instructor(course):
    command = [sys.executable, "-c", "from course_grading.cli import main; main()"]
    wrong = subprocess.run([*command, "build", "nowhere"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("course: There is no lesson 'nowhere' (there are: ")
    assert len(wrong.stderr.splitlines()) == 1
    help_text = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    assert "build" in help_text and "bundle" in help_text


def test_ctrl_c_ends_all_that_it_started_in_one_sentence(course):
    shutil.copytree(ROOT / "solutions" / "05_pooling", course / "solutions" / "05_pooling")
    building = subprocess.Popen(
        [sys.executable, "-c", "from course_grading.cli import main; main()", "build"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # as in a terminal of its own, where all of them would hear it
    )
    builder = psutil.Process(building.pid)
    # The process that others are forked from, Python's tracker of what they share, and the first that were forked.
    while len(started := builder.children(recursive=True)) < 4:
        assert building.poll() is None
        time.sleep(0.05)
    os.killpg(building.pid, signal.SIGINT)
    said, _ = building.communicate()
    assert said == "Stopped. What is told above is in its place; the same command makes the rest.\n"
    assert building.returncode == 130
    assert not psutil.wait_procs(started, timeout=20)[1]
    assert not (course / "notebooks" / "05_pooling").exists()


def test_numbers_that_another_processor_rounds_otherwise_are_not_stale(tmp_path):
    def written(name, data):
        (tmp_path / name).write_text(json.dumps(data))
        return tmp_path / name

    picture = torch.rand(20, 20)
    old = written("old.json", {"cases": [0.1234567, 3, "a", to_json(picture)]})
    assert delivery._is_same(written("new.json", {"cases": [0.1234568, 3, "a", to_json(picture + 1e-7)]}), old)
    for changed in ([0.1235, 3, "a"], [0.1234567, 4, "a"], [0.1234567, 3, "b"], [0.1234567, 3]):
        assert not delivery._is_same(written("new.json", {"cases": [*changed, to_json(picture)]}), old)
    assert not delivery._is_same(written("new.json", {"cases": [0.1234567, 3, "a", to_json(picture + 0.1)]}), old)


def test_what_is_drawn_at_random_does_not_hang_on_what_was_made_before(course):
    source = course / "solutions" / LESSON / "exercises.py"
    drawn = "            def drawn(x, row, col, height, width):\n                import random\n\n"
    drawn += "                return torch.rand(1) + float(np.random.rand()) + random.random()\n\n"
    first = "            def by_index(x, row, col, height, width):"
    code = source.read_text().replace(first, drawn + first, 1)
    source.write_text(code.replace("import torch\n", "import numpy as np\nimport torch\n", 1))
    lesson_files._loaded.cache_clear()
    points = dict.fromkeys(lesson_files._loaded(course, LESSON).exercises, 1)

    texts = []
    for _ in range(2):
        texts.append(lesson_files.cases_text(lesson_files._as_at_first(course, LESSON), points))
        torch.rand(3), np.random.rand(3), random.random()
    assert "counted_from_one/drawn" in texts[0]
    assert texts[0] == texts[1]


def test_every_command_means_the_course_in_the_working_folder(tmp_path, monkeypatch, capsys):
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.environ", {name: value for name, value in os.environ.items() if name != "COURSE_ROOT"})
    monkeypatch.setattr("sys.argv", ["course", "build", "--check"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0 and "0 lessons" in capsys.readouterr().out


def test_a_command_of_another_checkout_says_so(tmp_path):
    assert _of_another_checkout(ROOT) == _of_another_checkout(ROOT / "tests") == ""
    (tmp_path / "course_grading").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    assert f"its code runs, not that of {tmp_path}" in _of_another_checkout(tmp_path)
