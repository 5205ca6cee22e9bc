"""Guesses and explanations: noted, never judged before their time, compared kindly, and never in the way."""

import json

import numpy as np
import pytest
import torch
from IPython.utils.capture import capture_output

from course_utils import compare, drawing, explain, guess, guesses, progress, specs
from course_utils.errors import CourseError
from course_utils.guesses import GUESS_TYPE
from course_utils.storage import to_json

BELIEF = "That would be the mean."


@pytest.fixture(autouse=True)
def lesson(tmp_path, monkeypatch):
    """A lesson with one guess of each kind, in cases of its own."""
    words = {"values": [to_json("blue")], "text": "Blue is negative."}
    cases = {
        "lesson": "toy",
        "exercises": {},
        "guesses": {
            "total": [{"values": [4.2, 4], "text": BELIEF}],
            "colour": [words],
            "shape": [{"values": [to_json((3, 3))], "text": "Slicing invents nothing."}],
            "free": [],
        },
        "explanations": {"why": "Because <b>every</b> pixel counts."},
    }
    (tmp_path / "toy.json").write_text(json.dumps(cases), encoding="utf-8")
    (tmp_path / "without.json").write_text('{"lesson": "without", "exercises": {}}', encoding="utf-8")
    monkeypatch.setenv("COURSE_CASES", str(tmp_path))
    for memory in (guesses.noted, guesses.explained):
        memory.clear()
    guesses.asked.cache_clear()
    specs.forget()
    yield
    guesses.asked.cache_clear()
    specs.forget()


def said(act, *arguments):
    """What a call displays: its text, its HTML and its record."""
    with capture_output() as seen:
        act(*arguments)
    assert not seen.stderr
    (output,) = seen.outputs
    return output.data["text/plain"], output.data["text/html"], output.data[GUESS_TYPE]


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("nothing", [None, ...])
def test_what_is_no_guess_yet_waits(nothing):
    text, html, record = said(guess, "total", nothing)
    assert "where it says FIXME, write your own" in text and "waits for you" in html
    assert record == {"guess": "toy.total", "event": "waiting"}
    text, _, record = said(compare, "total", 38)
    assert "It is 38." in text and record == {"guess": "toy.total", "event": "compared", "truth": 38}


@pytest.mark.usefixtures("shell")
def test_a_guess_is_noted_without_a_judgement():
    right, wrong = said(guess, "total", 38), said(guess, "total", 4)
    assert right[0].replace("38", "4") == wrong[0] and "4 is noted" in wrong[0]
    assert wrong[2] == {"guess": "toy.total", "event": "guessed", "value": 4}


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    ("name", "value", "truth", "sentence"),
    [
        ("total", 38, 38, "You said 38, and it is."),
        ("total", 38, torch.tensor(38.0), "You said 38, and it is."),
        ("total", np.float32(38), 38.0, "You said 38, and it is."),
        ("total", 40, torch.tensor(38.0), "You said 40, it is 38."),
        ("total", 4.2, 38, f"You said 4.2, it is 38. {BELIEF}"),
        ("total", torch.tensor(4), 38, f"You said 4, it is 38. {BELIEF}"),
        ("total", "many", 38, "You said “many”, it is 38."),
        ("total", -1, -2, "You said −1, it is −2."),
        ("colour", " Orange ", "orange", "You said “ Orange ”, and it is."),
        ("colour", "BLUE", "orange", "You said “BLUE”, it is “orange”. Blue is negative."),
        ("shape", [3, 2], torch.Size([3, 2]), "You said [3, 2], and it is."),
        ("shape", (3, 3), (3, 2), "You said (3, 3), it is (3, 2). Slicing invents nothing."),
        ("free", [[1, 2], [3, 4]], torch.tensor([[1.0, 2], [3, 4]]), "You said [[1, 2], [3, 4]], and it is."),
        ("free", np.array([1, 2]), [1, 3], "You said [1, 2], it is [1, 3]."),
        ("free", True, torch.tensor(True), "You said True, and it is."),
        ("free", [True, False], torch.tensor([True, True]), "You said [True, False], it is [True, True]."),
        ("free", torch.tensor([True]), np.array([True]), "You said [True], and it is."),
        ("free", ("orange", "Blue"), ["orange", "blue"], "You said (“orange”, “Blue”), and it is."),
        ("total", "38", 38, "You said “38”, and it is."),
        ("free", "(3, 2)", torch.Size([3, 2]), "You said “(3, 2)”, and it is."),
        ("free", "True", True, "You said “True”, and it is."),
        ("free", 2 / 3, 0.6667, "You said 0.6667, and it is."),
        ("free", "toeplitz", "Toeplitz", "You said “toeplitz”, and it is."),
        ("free", "im2col", "Toeplitz", "You said “im2col”, it is “Toeplitz”."),
        ("free", torch.zeros(9, 9), torch.zeros(3, 3), "You said a tensor of shape (9, 9), it is [[0, 0, 0],"),
        ("free", {"a": 1}, 3, "You said a dict, it is 3."),
        ("free", 1j, 3, "You said the number 1j, it is 3."),
    ],
)
def test_a_guess_is_compared_leniently_and_a_belief_is_named(name, value, truth, sentence):
    said(guess, name, value)
    text, _, record = said(compare, name, truth)
    assert sentence in text
    assert record["right"] == ("and it is" in sentence)
    assert ("belief" in record) == (len(sentence.split(". ")) > 1)
    json.dumps(record)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("untouched", ["FIXME: a sentence of your own.", "", "  \n", None])
def test_an_untouched_explanation_waits_and_shows_nothing_of_ours(untouched):
    text, html, record = said(explain, "why", untouched)
    assert "where it says FIXME, write your own" in text
    assert "pixel counts" not in text + html
    assert record == {"explanation": "toy.why", "event": "waiting"}


@pytest.mark.usefixtures("shell")
def test_an_explanation_opens_ours_beside_it_and_both_are_escaped():
    _, html, record = said(explain, "toy.why", "  The <script>edges</script> go.\nThat is all. ")
    assert "The &lt;script&gt;edges&lt;/script&gt; go.\nThat is all." in html
    assert "Because &lt;b&gt;every&lt;/b&gt; pixel counts." in html
    assert record["text"] == "The <script>edges</script> go.\nThat is all."


@pytest.mark.parametrize(("act", "name"), [(guess, "totl"), (compare, "Total"), (explain, "wy"), (guess, 3)])
def test_a_wrong_name_gets_a_sentence_and_never_stops_a_student(act, name, shell, monkeypatch):
    with capture_output() as seen:
        act(name, "x")
    assert "There is no" in seen.outputs[0].data["text/plain"]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")  # authors find it in their tests
    near = {"totl": "total", "Total": "total", "wy": "why", 3: ""}[name]
    with pytest.raises(CourseError, match=rf"did you mean '{near}'" if near else r"There is no guess called '3'\."):
        act(name, "x")


@pytest.mark.usefixtures("shell")
def test_progress_counts_what_is_noted():
    def shown():
        with capture_output() as seen:
            progress()
        return seen.outputs[0].data["text/plain"]

    guess("total", 3)
    assert "1 of 4 guesses noted, 0 of 1 explanations written" in shown()
    guess("total", None)
    guess("colour", "blue")
    guess("shape", (1, 2))
    explain("why", "Because.")
    assert "2 of 4 guesses noted, 1 of 1 explanations written" in shown()


def test_cards_are_legible():
    assert drawing.contrast(guesses.COLOUR, "#ffffff") >= 4.5


def test_names_are_one_in_the_whole_course(monkeypatch):
    monkeypatch.undo()
    guesses.asked.cache_clear()
    asked = guesses.asked()
    names = [name.rpartition(".")[2] for name in [*asked.guesses, *asked.explanations]]
    assert len(names) == len(set(names))


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**400, 10**5000, -(10**20)], ids=["nan", "inf", "400", "5000", "below"]
)
def test_a_number_beyond_all_bounds_stops_nothing_and_is_kept_as_words(value):
    for act, argument in ((guess, value), (compare, 3)):
        _, _, record = said(act, "free", argument)
        assert isinstance(record["value"], str)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("value", [{1, 2}, range(3), print, ValueError])
def test_what_is_no_guess_is_named(value):
    assert "Write a number, a word, True or False, or a tuple of them." in said(guess, "free", value)[0]
