"""What a learner meets: the card, the one line, the record, and a sentence for everything odd."""

import subprocess
import sys
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from IPython.utils.capture import capture_output

from course_utils import as_floats, check, done, progress
from course_utils.cards import card
from course_utils.checking import examine
from course_utils.errors import CheckFailed, CourseError
from course_utils.output import RECORD_TYPE
from course_utils.specs import Case, Fact, Spec, find_spec
from course_utils.values import Raised

X = torch.arange(12.0).reshape(3, 4)
DOUBLE = Case({"x": X, "by": 2}, X * 2, {"added": X + 2, "halved": X / 2})
SPEC = Spec(
    "toy", "scale", ("x", "by"), 2, ("conv2d", "pad"), {"added": "Is it a sum?", "halved": "Which way?"}, (DOUBLE,)
)


def problem(answer):
    verdict = examine(SPEC, answer)
    return verdict.outcome, verdict.problem, verdict.message


def test_right_wrong_and_waiting():
    def waits(x, by):
        # FIXME: write your own, in place of the next line.
        raise NotImplementedError

    assert examine(SPEC, lambda x, by: x * by).outcome == "right"
    assert examine(SPEC, lambda x, by: x + by).misconception == "added"
    assert examine(SPEC, waits).outcome == "waiting"
    assert examine(SPEC, None).outcome == "waiting"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda x, by: x * by + (x == 6), "value", "first at row 1, column 2. 12 is expected; yours is 13"),
        (lambda x, by: (x * by)[:2], "kinship", "The shape is (2, 4); (3, 4) is expected"),
        (lambda x, by: None, "kind", "Does the function end with a return line?"),
        (lambda x, by: (row for row in x), "kind", "yours is a generator"),
        (lambda x, by: "many", "kind", "yours is a string"),
        (lambda x, by: x > by, "kind", "A tensor of numbers of shape (3, 4) is expected; yours is a tensor of bool"),
        (lambda x, by: x * by * 1j, "kind", "complex"),
        (lambda x, by: [[1, 2], [3]], "kind", "A tensor of shape (3, 4) is expected"),
        (lambda x: x, "error", "raised TypeError"),
        (lambda x, by: x[7], "error", "raised IndexError"),
        (lambda x, by: sys.exit(), "error", "raised SystemExit"),
        (lambda x, by: x.mul_(by), "mutated", "it also changes x"),
        (lambda x, by: x.requires_grad_() * by, "mutated", "it makes x, which belongs"),
        (lambda x, by: F.pad(x, (1, 1))[:, 1:-1] * by, "forbidden", "lets pad do the work"),
        (lambda x, by: torch.from_numpy(np.pad(x.numpy(), 1)[1:-1, 1:-1]) * by, "forbidden", "lets pad do the work"),
        (lambda x, by: torch.nn.Conv2d(1, 1, 1)(x[None])[0] * 0 + x * by, "forbidden", "lets conv2d do the work. This"),
        (torch.ones(2), "kind", "not a function"),
    ],
)
def test_each_kind_of_mistake_has_its_own_plain_message(answer, kind, words):
    outcome, found, message = problem(answer)
    assert (outcome, found) == ("wrong", kind)
    assert words in message


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("zero_responses", [0, 1, 1, 0], "truth values, True or False; yours are numbers"),
        ("padding_modes", ["Replicate", "circular", "Zeros ", "reflect"], "in small letters"),
        ("sobel_x", [["-1", "0", "1"]] * 3, "Numbers are expected"),
        (
            "layer_shapes",
            [9, 12, 6, 9, 4, 6],
            "A list of lists, each with its own entries is expected; yours is a list",
        ),
        ("padding_modes", ["zeros"], "Yours has 1 entry; another number of them is expected"),
        ("edge_region_shape", torch.ones(3, 2), "A tuple of plain numbers or words is expected; yours is a tensor"),
        ("corner_of_ones", float("inf"), "A finite number is expected; yours is the number inf"),
        ("sobel_x", torch.ones(1, 1, 3, 3), "the shape (1, 1, 3, 3); another"),
        ("random_bank", torch.nn.Conv2d(3, 3, 5), "yours is something of the type Conv2d"),
        ("edge_kernels", {"left": X}, "Is all in it of the kind that is asked for"),
    ],
)
def test_what_is_not_shown_still_says_which_form_is_asked_for(name, answer, words):
    verdict = examine(find_spec(name), answer)
    assert verdict.outcome == "wrong" and words in verdict.message


def test_a_way_through_without_return_is_told_from_a_function_without_one():
    spec = Spec("toy", "sign", ("n",), 1, (), {}, (Case({"n": 1}, 1, {}), Case({"n": -1}, -1, {})))
    assert "Does every way through the function end" in examine(spec, lambda n: 1 if n > 0 else None).message
    assert "Does the function end" in examine(spec, lambda n: None).message


def test_a_default_that_is_gone_from_the_first_line_is_named():
    spec = Spec("toy", "add", ("n", "bias"), 1, (), {}, (Case({"n": 1}, 1, {}),))

    def add(n, bias):
        return n + bias

    assert "no longer says bias=…" in examine(spec, add).hint


@pytest.mark.parametrize(("sobel_x", "how"), [(None, "waits for you"), (torch.ones(3, 3), "is not right yet")])
def test_an_answer_that_reads_a_wrong_value_is_told_to_mend_that_first(sobel_x, how):
    namespace = {"sobel_x": sobel_x}
    reading = compile("def gradient_magnitude(gray):\n    return gray * sobel_x", "<cell>", "exec")
    exec(reading, namespace)
    verdict = examine(find_spec("gradient_magnitude"), namespace["gradient_magnitude"])
    assert f"uses your sobel_x, which {how}" in verdict.message


@pytest.mark.parametrize(
    "value",
    [X.double(), X.int().numpy(), X.tolist(), list(X), [[each for each in row] for row in X], torch.nn.Parameter(X)],
)
def test_whatever_a_check_takes_becomes_floats_for_the_cells_that_show_it(value):
    assert as_floats(value).dtype == torch.float32 and torch.equal(as_floats(value), X)


def test_what_is_no_tensor_of_numbers_is_refused_with_its_kind():
    with pytest.raises(TypeError, match="This is a list of 2, which cannot become"):
        as_floats([[1], [1, 2]])


def test_an_alias_of_a_forbidden_function_is_seen_and_ones_own_name_is_not():
    hidden = {"f": F.conv2d}

    def sly(x, by):
        return hidden["f"](x[None, None], torch.full((1, 1, 1, 1), float(by)))[0, 0]

    def pad(x):
        return x

    assert problem(sly)[1] == "forbidden"
    assert problem(lambda x, by: pad(x) * by)[0] == "right"


def test_a_forbidden_function_is_seen_in_a_thread_and_a_watch_that_is_put_off_is_noticed():
    def in_a_thread(x, by):
        thread = threading.Thread(target=lambda: F.pad(x, (1, 1)))
        thread.start()
        thread.join()
        return x * by

    def unwatched(x, by):
        sys.setprofile(None)
        return x * by

    assert "lets pad do the work" in problem(in_a_thread)[2]
    assert "lets setprofile do the work" in problem(unwatched)[2]
    assert sys.getprofile() is None and threading.getprofile() is None


def test_fractions_and_decimals_are_numbers_and_a_kind_of_an_error_is_that_error():
    third = Spec("toy", "third", (), 1, (), {}, (Case({}, 1 / 3, {}),))
    assert examine(third, Fraction(1, 3)).outcome == "right"
    assert examine(third, Decimal(1) / 3).outcome == "right"
    assert examine(third, Decimal("Infinity")).outcome == "wrong"
    assert examine(third, Decimal("sNaN")).problem == "kind"

    class Mine(ValueError):
        pass

    def refuses(x):
        raise Mine("no")

    case = Case({"x": 1}, Raised("ValueError"), {})
    assert examine(Spec("toy", "refuse", ("x",), 1, (), {}, (case,)), refuses).outcome == "right"


def test_a_fact_asks_for_what_is_wanted_and_answers_yes_or_no():
    spread = Fact("spread", "its spread", lambda a: a, at_most=4, wanted="about 1")
    assert spread.difference(1, 6).message == "Its spread: expected about 1, yours 6."
    ends = Fact("ends", "whether it ends", lambda a: a)
    assert ends.difference(True, False).message == "Whether it ends: expected yes, yours no."
    assert ends.difference([True, True], [True, False]).message.endswith("expected (yes, yes), yours (yes, no).")
    shape = Fact("shape", "its shape", lambda a: a)
    assert shape.difference([450], []).message == "Its shape: expected (450,), yours ()."


def test_fractions_lost_to_an_integer_type_are_named():
    halves = Case({"x": X}, X / 2, {})
    verdict = examine(Spec("toy", "halve", ("x",), 1, (), {}, (halves,)), lambda x: (x / 2).long())
    assert verdict.problem == "integers"
    assert "0.5 became 0" in verdict.message


def test_where_bytes_are_expected_other_dtypes_are_named_and_a_wrong_number_comes_first():
    picture = torch.tensor([[0.0, 0.6, 1.0]])
    case = Case({"x": picture}, (picture * 255).round().byte(), {"truncated": (picture * 254).byte()})
    spec = Spec("toy", "to_bytes", ("x",), 1, (), {"truncated": "Rounded?"}, (case,))
    assert examine(spec, lambda x: (x * 255).round().byte().numpy()).outcome == "right"
    verdict = examine(spec, lambda x: (x * 255).round())
    assert verdict.problem == "dtype"
    assert "float32; uint8 is expected" in verdict.message
    assert examine(spec, lambda x: (x * 254).floor()).misconception == "truncated"


def test_a_function_that_begins_well_and_meets_a_fixme_still_waits():
    def half_done(x, by):
        if by > 2:
            # FIXME: write your own, in place of the next line.
            raise NotImplementedError
        return x * by

    cases = (DOUBLE, Case({"x": X, "by": 3}, X * 3, {"added": X + 3, "halved": X / 3}))
    verdict = examine(Spec("toy", "scale", ("x", "by"), 2, (), SPEC.hints, cases), half_done)
    assert verdict.outcome == "waiting"
    assert "still has a FIXME" in verdict.message


def test_a_hint_needs_most_failures_on_its_side():
    cases = tuple(Case({"x": X, "by": n}, X * n, {"added": X + n, "halved": X / n}) for n in (2, 3, 4, 5))
    spec = Spec("toy", "scale", ("x", "by"), 2, (), SPEC.hints, cases)
    assert examine(spec, lambda x, by: x + by if by < 5 else x).misconception == "added"
    assert examine(spec, lambda x, by: x + by if by < 3 else x).misconception is None


def test_the_card_shows_numbers_with_one_scale_and_the_first_difference():
    html, _ = card(examine(SPEC, lambda x, by: x + by))
    for label in ("x", "by", "expected", "yours", "difference (yours − expected)", "Is it a sum?"):
        assert label in html
    assert html.count("<img") == 4
    assert "<script" not in html and "http://" not in html.replace("http://www.w3.org/2000/svg", "")


def test_what_a_learner_writes_cannot_become_markup():
    def answer(x, by):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in card(examine(SPEC, answer))[0]


def test_cards_survive_any_answer():
    answers = [
        float("nan"),
        float("inf"),
        10**400,
        X.to(torch.complex64),
        torch.zeros(0, 3),
        np.array(["a"]),
        {1: 2},
        [],
        X[0, 0],
    ]
    answers += [
        torch.rand(40, 50),
        torch.rand(2, 3, 4),
        torch.full((3, 4), float("nan")),
        np.float16(3),
        [[[]]],
        object(),
    ]
    for answer in answers:
        verdict = examine(SPEC, lambda x, by, answer=answer: answer)
        assert verdict.outcome == "wrong"
        assert all(card(verdict))


def test_nearest_names_are_offered_for_an_unknown_one():
    with pytest.raises(CourseError, match=r"There is no exercise called 'cor2d' \(did you mean 'corr2d'\?\)"):
        check("cor2d", None)
    with pytest.raises(CourseError, match="name in quotes"):
        check(print, "corr2d")


def test_a_prediction_does_not_give_its_answer_away():
    verdict = examine(find_spec("edge_region_shape"), (3, 3))
    assert verdict.misconception == "as_asked"
    assert "(3, 2)" not in "".join(card(verdict))
    assert "(3, 2)" not in card(examine(find_spec("edge_region_shape"), "large"))[1]


def test_outside_a_notebook_a_check_prints_clean_text(capsys):
    check("edge_region_shape", (3, 2))
    assert capsys.readouterr().out == "✓ edge_region_shape: right (1 point)\nedge_region_shape is right.\n"
    check("edge_region_shape", (2, 3))
    assert capsys.readouterr().out.startswith("✗ edge_region_shape: not yet\nedge_region_shape is not right yet.\n")


@pytest.mark.parametrize("grading", [False, True])
def test_in_a_notebook_a_failed_check_shows_a_card_and_stops_nothing_but_nbgrader(shell, monkeypatch, grading):
    if grading:
        monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shell.run_cell("from course_utils import check")
    with capture_output() as seen:
        result = shell.run_cell('check("edge_region_shape", (3, 3))')
    (card,) = seen.outputs
    assert card.data[RECORD_TYPE] == {
        "exercise": "sliding_regions.edge_region_shape",
        "outcome": "wrong",
        "problem": "misconception",
        "misconception": "as_asked",
        "by": "check",
        "seed": None,
    }
    assert "text/html" in card.data
    assert isinstance(result.error_in_exec, CheckFailed) == grading
    assert seen.stdout.strip() == ("edge_region_shape is not right yet." if grading else "")
    assert "Traceback" not in seen.stdout + seen.stderr


def test_an_exercise_that_waits_is_no_error_for_a_student_and_no_mark_for_nbgrader(monkeypatch, capsys):
    check("edge_region_shape", None)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(CheckFailed):
        check("edge_region_shape", None)


def test_done_follows_the_latest_check(capsys):
    assert not done("edge_region_shape")
    assert "comes to life when edge_region_shape is right" in capsys.readouterr().out
    check("edge_region_shape", (3, 2))
    assert done("edge_region_shape")


def test_progress_counts_points_of_this_notebook(shell):
    with capture_output() as seen:
        progress()
        check("edge_region_shape", [3, 2])
        progress()
    before, _, after = (output.data["text/plain"] for output in seen.outputs)
    assert "No check has run yet" in before
    assert after.startswith("1 of 8 exercises are right: 1 of 20 points.")


def test_importing_course_utils_loads_no_notebook_software():
    heavy = {"IPython", "ipywidgets", "anywidget", "matplotlib", "nbgrader", "jupyterlab", "course_grading"}
    code = f"import sys, course_utils; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
