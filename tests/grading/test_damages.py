"""Many random damages of a right notebook: each ends in a grade or in one true sentence, and what grading has no
use for costs nothing. The others of the class keep their scores."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from course_grading.authoring.language import load_lesson
from course_grading.course import Course
from course_grading.grading.whole_class import ClassGrader, Row
from tests.grading.courses import ROOT, copy_course, quick_answers, quick_notebook
from tests.grading.gradebooks import points

LESSON, NAME, FULL = "01_sliding_regions", "sliding_regions.ipynb", 20
HOW_MANY = 120
ODD: list[Any] = [None, 7, -1.5, "x", "", [], {}, [None], {"a": {}}, True, "\ud83d"]
NOT_NEEDED = ("id", "outputs", "execution_count", "metadata/tags", "metadata/scrolled", "attachments")
ODD_NAMES = (
    f"{NAME}.txt",
    "sliding_regions (1).ipynb",
    "Kopie von sliding_regions.ipynb",
    "SLIDING_REGIONS.IPYNB.JSON",
)


@dataclass
class Damage:
    """What was done to a notebook, in words, the files that came of it, and whether that may cost anything."""

    what: str
    files: dict[str, bytes]
    harmless: bool


def damages(right: dict[str, Any]) -> Iterator[Damage]:
    """Without end, the same ones each time."""
    draw = random.Random(20261128)
    kinds = (_field_of_notebook, _field_of_cell, _not_needed, _cells, _bytes, _name)
    while True:
        yield draw.choice(kinds)(copy.deepcopy(right), draw)


def _field_of_notebook(book: dict[str, Any], draw: random.Random) -> Damage:
    field = draw.choice(sorted(book))
    damage = _dropped_or_retyped(book, book, field, draw, harmless=field != "cells")
    return replace(damage, harmless=damage.harmless and book.get("nbformat") != 7)  # a format to come is told


def _field_of_cell(book: dict[str, Any], draw: random.Random) -> Damage:
    cell = draw.choice(book["cells"])
    return _dropped_or_retyped(book, cell, draw.choice(("cell_type", "metadata", "source")), draw, harmless=False)


def _not_needed(book: dict[str, Any], draw: random.Random) -> Damage:
    field, value = draw.choice(NOT_NEEDED), draw.choice(ODD)
    for cell in draw.sample(book["cells"], 5):
        inside = cell["metadata"] if "/" in field else cell
        inside[field.rpartition("/")[2]] = value
    return Damage(f"{field} is {value!r}", {NAME: _json(book)}, harmless=True)


def _dropped_or_retyped(book: dict, place: dict, field: str, draw: random.Random, harmless: bool) -> Damage:
    if draw.random() < 0.3:
        place.pop(field, None)
        return Damage(f"{field} is dropped", {NAME: _json(book)}, harmless)
    if draw.random() < 0.3:
        twice = _json(book).replace(b'"metadata": {', b'"metadata": 3, "metadata": {', 1)
        return Damage("metadata stands twice", {NAME: twice}, harmless=True)
    place[field] = draw.choice(ODD)
    return Damage(f"{field} is {place[field]!r}", {NAME: _json(book)}, harmless)


def _cells(book: dict[str, Any], draw: random.Random) -> Damage:
    cells, place = book["cells"], draw.randrange(len(book["cells"]) - 1)
    how = draw.choice(("cut", "moved", "doubled", "merged", "split", "of another kind"))
    if how == "cut":
        del cells[place]
    elif how == "moved":
        cells.insert(draw.randrange(len(cells)), cells.pop(place))
    elif how == "doubled":
        cells.insert(draw.randrange(len(cells)), copy.deepcopy(cells[place]))
    elif how == "merged":
        cells[place]["source"] = "".join(cells[place]["source"]) + "\n\n" + "".join(cells.pop(place + 1)["source"])
    elif how == "split":
        lines = "".join(cells[place]["source"]).splitlines(keepends=True)
        cells[place]["source"] = lines[: len(lines) // 2]
        cells.insert(place + 1, copy.deepcopy(cells[place]) | {"source": lines[len(lines) // 2 :]})
    else:
        cells[place]["cell_type"] = draw.choice(("raw", "markdown", "code", "Code", "heading"))
    return Damage(f"cell {place} is {how}", {NAME: _json(book)}, harmless=False)


def _bytes(book: dict[str, Any], draw: random.Random) -> Damage:
    data = bytearray(_json(book))
    how = draw.choice(("changed", "cut off", "inserted", "behind"))
    for _ in range(draw.choice((1, 5, 50))):
        at = draw.randrange(len(data))
        if how == "changed":
            data[at] = draw.randrange(256)
        elif how == "inserted":
            data[at:at] = draw.choice((b"\xff\xfe", b"{", b'"', b"\0", b"\xed\xa0\x80", b"9" * 5000))
    if how == "cut off":
        del data[draw.randrange(len(data)) :]
    if how == "behind":
        data += draw.choice((b"\0" * 512, b"\n{}", b"}", b"\x1a", b"<<<<<<< HEAD"))
    return Damage(f"bytes are {how}", {NAME: bytes(data)}, harmless=how == "behind")


def _name(book: dict[str, Any], draw: random.Random) -> Damage:
    name = draw.choice((*ODD_NAMES, f"my work/{NAME}", f"café – 作业/{NAME}"))
    beside = draw.choice(({}, {"notes.txt": b"mine"}, {"Untitled.ipynb": b'{"cells": []}'}, {".DS_Store": b"\0"}))
    return Damage(f"it is called {name}, beside {list(beside)}", {name: _json(book), **beside}, harmless=True)


def _json(book: dict[str, Any]) -> bytes:
    return json.dumps(book, indent=1).encode()


@pytest.fixture(scope="module")
def class_of_damages(
    tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path
) -> tuple[dict[str, Damage], dict[str, Row], dict[str, float]]:
    """All of them and two right notebooks, graded in one run: damages, rows and points by student."""
    root = copy_course(tmp_path_factory.mktemp("course") / "damaged", empty_gradebook, lesson=LESSON)
    lesson = load_lesson(LESSON, ROOT)
    right = json.loads(json.dumps(quick_notebook(lesson, quick_answers(lesson))))
    done = {f"d{number:03}": each for number, each in zip(range(HOW_MANY), damages(right), strict=False)}
    good = {f"good_{number}": Damage("nothing", {NAME: _json(right)}, harmless=True) for number in (1, 2)}
    for student, damage in {**done, **good}.items():
        for name, data in damage.files.items():
            path = root / "submitted" / student / LESSON / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(root))
        rows = list(ClassGrader(Course(root, {"Execute": {"timeout": 10}}), [LESSON]))
    return {**done, **good}, {row.student: row for row in rows}, points(root)


def test_every_damage_ends_in_a_grade_or_in_one_sentence(class_of_damages: Any) -> None:
    done, rows, earned = class_of_damages
    assert len(rows) == HOW_MANY + 2
    for student, damage in done.items():
        row = rows[student]
        assert not any("The grader failed" in problem for problem in row.problems), (damage.what, row.problems)
        assert not row.broken, (damage.what, row.broken)
        if row.state == "not gradable":
            (why,) = row.problems
            assert why.endswith(".") and "\n" not in why and len(why) < 300, (damage.what, why)
            assert earned[student] == 0
        else:
            assert 0 <= earned[student] <= FULL, damage.what
    assert 0.6 * HOW_MANY < sum(row.state == "graded" for row in rows.values()) < HOW_MANY, "damages of both kinds"


def test_what_grading_has_no_use_for_costs_nothing(class_of_damages: Any) -> None:
    done, rows, earned = class_of_damages
    harmed = {
        f"{student}: {damage.what}": (rows[student].problems, earned[student])
        for student, damage in done.items()
        if damage.harmless and earned[student] != FULL
    }
    assert not harmed
    assert earned["good_1"] == earned["good_2"] == FULL
