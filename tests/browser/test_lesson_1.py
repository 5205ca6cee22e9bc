"""Lesson 1 as a student meets it: JupyterLab, the released notebook, cards that change, the Validate button."""

import shutil

import nbformat
import pytest
from playwright.sync_api import expect

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import answer_source, right_answers, solution_cells
from tests.conftest import ROOT

LESSON = load_lesson("sliding_regions", ROOT)
RELEASED = ROOT / "notebooks" / LESSON.folder.name / LESSON.notebook.name


@pytest.fixture
def opened(lab):
    """The released notebook, open in JupyterLab."""
    path = lab.folder / "lesson" / RELEASED.name
    path.parent.mkdir(exist_ok=True)
    shutil.copy(RELEASED, path)
    notebook = lab.open(path, height=1400, new=True)
    yield notebook
    notebook.close()


def cards(opened):
    """The text of the card below each check, by exercise."""
    outputs = {cell.id: opened.output(number) for number, cell in enumerate(nbformat.read(RELEASED, 4).cells)}
    return {name: outputs[f"check-{name.replace('_', '-')}"] for name in LESSON.exercises}


def answer(opened, answers):
    """Type answers into their FIXME cells."""
    notebook = nbformat.read(RELEASED, as_version=4)
    numbers = {cell.id: number for number, cell in enumerate(notebook.cells)}
    for name, cell in solution_cells(LESSON, notebook).items():
        if name in answers:
            opened.set_source(numbers[cell.id], answers[name])


def validate(opened):
    """Save, press Validate, and return the dialog."""
    opened.save()
    opened.page.get_by_role("button", name="Validate").first.click()
    dialog = opened.page.locator(".jp-Dialog")
    dialog.wait_for()
    return dialog


def photograph(opened, name):
    cards(opened)["corr2d"].scroll_into_view_if_needed()
    opened.screenshot(f"lesson-1-{name}")


def test_a_student_plays_lesson_1(opened):
    # Untouched: everything runs, every exercise waits, and Validate does not call that a success.
    opened.run_all()
    for card in cards(opened).values():
        expect(card).to_contain_text("waits for you")
    photograph(opened, "untouched")
    dialog = validate(opened)
    expect(dialog).to_contain_text("failed")
    opened.screenshot("lesson-1-untouched-validate")
    dialog.get_by_role("button").last.click()

    # One misconception: its card names it and shows the numbers, and Run All goes on.
    answer(opened, right_answers(LESSON) | {"corr2d": answer_source(LESSON, "corr2d", "kernel_flipped")})
    opened.run_all()
    wrong = cards(opened)["corr2d"]
    expect(wrong).to_contain_text("turned or mirrored")
    expect(wrong).to_contain_text("difference (yours − expected)")
    expect(wrong).not_to_contain_text("Traceback")
    expect(wrong.locator("figure img")).to_have_count(5)
    photograph(opened, "flipped")

    # All right: every card says so, the progress is complete, and Validate agrees.
    answer(opened, right_answers(LESSON))
    opened.run_all()
    for card in cards(opened).values():
        expect(card).to_contain_text("right")
    expect(opened.page.get_by_text("8 of 8 exercises are right: 20 of 20 points.").first).to_be_attached()
    photograph(opened, "right")
    dialog = validate(opened)
    expect(dialog).to_contain_text("Success")
    opened.screenshot("lesson-1-right-validate")
    dialog.get_by_role("button").last.click()
