"""Nothing that students receive contains an answer: searched for in every file, tried with all that can be imported."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from course_grading.authoring.bundle import write_bundle
from course_grading.places import course_root
from tests import lessons

LESSONS = list(lessons.LESSONS.values())
# Words that only instructors' files hold.
MARKS = ["BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "course_grading", "judge(", "exercises.py", "also_right"]
REGION = re.compile(r"### BEGIN SOLUTION([\s\S]*?)### END SOLUTION")
# Runs in a process that sees the bundle's course_utils instead of ours: offers all that it finds to every hidden test.
TRY_EVERYTHING = """
import copy, dataclasses, importlib, json, os, pkgutil, sys
import course_utils
from course_grading.authoring.language import load_lesson
from course_grading.places import lesson_folders
from course_utils.checking import examine, tried
from course_utils.specs import case_files, exercise_names, read_spec
from course_utils.values import difference


RIGHT = "a declared right answer"


def looked_up(spec):
    # an answer that knows the visible cases by heart, and gives the last one's for all others
    def answer(*arguments):
        for case in spec.cases:
            same = zip(case.arguments.values(), arguments, strict=True)
            if all(difference(known, given) is None for known, given in same):
                break
        return case.expected
    return answer


def works(answer, case):
    try:
        answer(*copy.deepcopy(list(case.arguments.values())))
    except BaseException:
        return False
    return True


found = pkgutil.walk_packages(course_utils.__path__, "course_utils.")
things = {}
for module in [course_utils, *(importlib.import_module(info.name) for info in found)]:
    for name, value in vars(module).items():
        things[f"{module.__name__}.{name}"] = value
        if isinstance(value, type):
            things |= {f"{module.__name__}.{name}.{inner}": getattr(value, inner, None) for inner in vars(value)}
for spec in (read_spec(file.stem, name) for file in case_files() for name in exercise_names(file.stem)):
    things[f"the cases of {spec.full_name} by heart"] = looked_up(spec)
    for number, case in enumerate(spec.cases):
        things[f"case {number} of {spec.full_name}"] = case.expected
things = {id(value): (name, value) for name, value in things.items()}.values()  # many modules import the same
things = [each for each in things if not (isinstance(each[1], str) and len(each[1]) > 1000)]  # no answer: an explorer

earned, known = [], 0
for folder in lesson_folders():
    lesson = load_lesson(folder.name)
    for exercise in lesson.exercises.values():
        spec = lesson.spec(exercise.name, exercise.fresh_cases(seed=1))
        first = dataclasses.replace(spec, cases=tuple(spec.cases)[:1])  # what is wrong there need not be tried further
        right = [(RIGHT, value) for value in list(exercise.alternatives.values())[:1]]  # to see that it is found
        # Where the reference works unwatched, whatever does not is wrong, and need not be watched.
        unwatched = spec.is_function and works(exercise.answer, first.cases[0])
        for name, value in [*things, *right]:
            try:
                if unwatched and callable(value) and not works(value, first.cases[0]):
                    continue
                # Most fail: to find out by which mistake takes a check as long again.
                if spec.is_function and (not callable(value) or any(trial.failed for trial in tried(first, value))):
                    continue
                outcome = examine(spec, value).outcome
            except BaseException:
                continue
            if outcome == "right" and name == RIGHT:
                known += 1
            elif outcome == "right":
                earned.append(f"{name} answers {exercise.name}")
with open(sys.argv[1], "w") as found:
    json.dump({"file": course_utils.__file__, "tried": len(things), "earned": earned, "known": known}, found)
os._exit(0)  # among the things called was one that closes standard output
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "student"
    write_bundle(course_root(), out)
    return out


@pytest.fixture(scope="module")
def texts(bundle: Path) -> dict[str, str]:
    """Every text that students get, in the folder and in the zip; a notebook's cells with their line breaks."""
    found = {}
    for path in sorted(bundle.rglob("*")):
        if path.is_file():
            found[path.relative_to(bundle).as_posix()] = _text(path.read_bytes())
    with zipfile.ZipFile(bundle.with_name("student.zip")) as archive:
        found |= {f"zip:{name}": _text(archive.read(name)) for name in archive.namelist()}
    return found


def _text(content: bytes) -> str:
    text = content.decode("utf-8", errors="replace")
    try:
        cells = nbformat.reads(text, as_version=4).cells
    except Exception:
        return text
    return text + "\n".join(cell.source for cell in cells)


Secret = tuple[str, list[str]]  # where it stands, and its lines


def solutions() -> Iterator[Secret]:
    """What stands between BEGIN SOLUTION and END SOLUTION in all lessons' sources."""
    for lesson in LESSONS:
        for cell in nbformat.read(lesson.notebook, as_version=4).cells:
            inside = "\n".join(REGION.findall(cell.source))
            if inside:
                yield f"{lesson.name}: {cell.id}", [line.strip() for line in inside.splitlines() if line.strip()]


def declarations() -> Iterator[Secret]:
    """All functions in all exercises.py, without hints and facts, which students may read."""
    for lesson in LESSONS:
        source = (lesson.folder / "exercises.py").read_text(encoding="utf-8")
        rows = source.splitlines()
        functions = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.FunctionDef)]
        facts = {inner for fact in functions if _is_fact(fact) for inner in ast.walk(fact)}
        for function in functions:
            if function not in facts:
                body = function.body[1:] if ast.get_docstring(function) is not None else function.body
                written = [line for each in body for line in rows[each.lineno - 1 : each.end_lineno]]
                yield f"{lesson.name}: {function.name}", [line.strip() for line in written]


def given() -> str:
    """What the solution cells of all lessons hold outside their solutions: the author gives it to students."""
    kept = []
    for lesson in LESSONS:
        for cell in nbformat.read(lesson.notebook, as_version=4).cells:
            if "### BEGIN SOLUTION" in cell.source:
                kept += [REGION.sub("", cell.source)]
    return "\n".join(kept)


def leaks(secrets: list[Secret], texts: dict[str, str], longest_idiom: int) -> list[str]:
    """The secrets of which a text shows half of the telling lines, or more.

    A short line tells nothing, nor does one that two lessons write alike, such as `height, width = kernel.shape`, nor
    one that a cell gives to be finished.
    """
    lessons: dict[str, set[str]] = {}
    for where, lines in secrets:
        for line in lines:
            lessons.setdefault(line, set()).add(where.partition(":")[0])
    shells = given()
    telling = {line for line, where in lessons.items() if len(line) > longest_idiom and len(where) == 1}
    telling = {line for line in telling if line not in shells}
    found = []
    for name, text in texts.items():
        words = re.sub(r"[A-Za-z0-9+/=]{200,}", "", text)  # pictures hold no code
        shown = {line for line in telling if line in words}
        for where, lines in secrets:
            told = telling & set(lines)
            if told and 2 * len(told & shown) >= len(told):
                found.append(f"{name} shows {sorted(told & shown)} of {where}")
    return found


def _is_fact(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Call) and ast.unparse(each.func) == "fact" for each in function.decorator_list)


def test_there_is_something_to_keep_secret(texts: dict[str, str]) -> None:
    assert sum(len(lines) for _, lines in solutions()) >= len(LESSONS) * 5
    assert sum(len(lines) for _, lines in declarations()) >= len(LESSONS) * 50
    where, lines = next(secret for secret in solutions() if len(secret[1]) > 2)
    assert leaks([(where, lines)], {"a.py": "\n".join(lines)}, 8) != []


@pytest.mark.parametrize("mark", MARKS)
def test_no_mark_of_an_instructors_file(texts: dict[str, str], mark: str) -> None:
    assert [name for name, text in texts.items() if mark in text] == []


def test_no_solution(texts: dict[str, str]) -> None:
    assert leaks(list(solutions()), texts, 8) == []


def test_no_reference_or_misconception(texts: dict[str, str]) -> None:
    assert leaks(list(declarations()), texts, 20) == []


def test_no_file_of_an_instructor(texts: dict[str, str]) -> None:
    folders = {name.removeprefix("zip:convolution-course/").partition("/")[0] for name in texts if "/" in name}
    assert {folder for folder in folders if "." not in folder} == {"course_utils", "data", "notebooks"}


def test_nothing_importable_earns_a_mark(bundle: Path, tmp_path: Path) -> None:
    script, found = tmp_path / "try_everything.py", tmp_path / "found.json"
    script.write_text(TRY_EVERYTHING)
    subprocess.run(
        [sys.executable, script, found],
        cwd=tmp_path,
        env={"PYTHONPATH": str(bundle), "COURSE_ROOT": str(course_root()), "PATH": "", "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        input=b"",  # a pipe: Path.chmod is among what is called, and a number is a descriptor, of /dev/null for root
    )
    result = json.loads(found.read_text())
    assert Path(result["file"]).is_relative_to(bundle)
    assert result["tried"] > 50
    assert result["known"] == sum(bool(each.alternatives) for lesson in LESSONS for each in lesson.exercises.values())
    assert result["earned"] == []
