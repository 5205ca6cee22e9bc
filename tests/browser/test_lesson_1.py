"""Lesson 1 as a student meets it: JupyterLab, the released notebook, cards that change, the Validate button."""

import shutil

import nbformat
import pytest
from playwright.sync_api import Error, expect

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import answer_source, right_answers, solution_cells
from tests.conftest import ROOT

from .explorers import Microscope, soon

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


def position_under_mouse(microscope, row, column):
    """Where it stands with the mouse on a place of the response; None while the long page moves that out of sight."""
    try:
        microscope.over(microscope.response, row, column)
    except Error:
        return None
    return microscope.position


def explore(opened, output):
    """Use the first explorer by mouse and by keyboard, in both themes."""
    microscope = Microscope(output.locator(".patch-microscope"))
    expect(microscope.root).to_be_visible()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        opened.set_theme(theme)
        soon(lambda: position_under_mouse(microscope, 2, 0), (2, 0))
        microscope.image.focus()
        opened.page.keyboard.press("ArrowRight")
        assert microscope.position == (2, 1)
        opened.page.keyboard.press("Escape")
        opened.page.mouse.move(5, 5)
        opened.screenshot(f"microscope-lesson-{theme.split()[1].lower()}")


def test_a_student_plays_lesson_1(opened):
    # Nobody has run or trusted it yet, and still its explorer is not blank.
    cells = nbformat.read(RELEASED, as_version=4).cells
    place = next(number for number, cell in enumerate(cells) if "explorer" in cell.metadata.get("tags", []))
    picture = opened.output(place).locator("img[alt^='Patch microscope']")
    expect(picture).to_be_visible()
    assert opened.messages == []

    # Untouched: everything runs, every exercise waits, and Validate does not call that a success.
    opened.run_all()
    explore(opened, opened.output(place))
    expect(picture).to_be_hidden()
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
