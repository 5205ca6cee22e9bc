"""What a learner meets: the card, the one line, the record, and a sentence for everything odd."""

import dataclasses
import linecache
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


def defined(source, name, **names):
    """What a learner's cell defines under a name, with the names of other cells beside it."""
    space = {"__name__": "__main__", "torch": torch, "F": F, **names}
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    exec(compile(source, "<cell>", "exec"), space)
    return space[name]


def test_a_decorator_hides_nothing_of_the_learners_code():
    source = """
def output_shape(n, k):
    return n - k

@torch.no_grad()
def corr2d(x, kernel):
    out = torch.zeros(output_shape(x.shape[0], kernel.shape[0]), output_shape(x.shape[1], kernel.shape[1]))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return out
"""
    spec = find_spec("sliding_regions.corr2d")
    plain, decorated = (
        examine(spec, defined(text, "corr2d")) for text in (source.replace("@torch.no_grad()", ""), source)
    )
    assert (decorated.problem, decorated.message) == (plain.problem, plain.message)
    slip = defined("@torch.no_grad()\ndef predict(images):\n    return nett(images)\n", "predict")
    message = examine(find_spec("from_kernels_to_features.predict"), slip).message
    assert "at the line “return nett(images)”" in message
    mine = """
class Mine(ValueError):
    pass

@torch.enable_grad()
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise Mine("no")
    return ((prediction - target) ** 2).mean()
"""
    assert examine(find_spec("learning_a_kernel.mse"), defined(mine, "mse")).outcome == "right"


def test_what_is_taken_by_name_alone_is_given_by_name():
    def by_name(x, kernel, *, stride=1, padding=0):
        return F.conv2d(F.pad(x, [padding] * 4)[None, None], kernel[None, None], stride=stride)[0, 0]

    def all_by_name(*, x, kernel, stride=1, padding=0):
        return by_name(x, kernel, stride=stride, padding=padding)

    spec = dataclasses.replace(find_spec("corr2d_strided"), forbidden=())
    assert [examine(spec, answer).outcome for answer in (by_name, all_by_name, torch.no_grad()(by_name))] == [
        "right"
    ] * 3


def test_what_wraps_itself_is_called_as_it_is():
    def scale(x, by):
        return x * by

    scale.__wrapped__ = scale
    assert examine(SPEC, scale).outcome == "right"


def test_functions_that_call_each_other_are_told_so_at_once():
    source = """
def corr2d(x, kernel):
    return convolve2d(x, kernel.flip(0, 1))

def convolve2d(x, kernel):
    return corr2d(x, kernel.flip(0, 1))
"""
    verdict = examine(find_spec("sliding_regions.corr2d"), defined(source, "corr2d"))
    assert verdict.problem == "error" and "RecursionError" in verdict.message
    assert "two call each other" in verdict.advice


def test_a_misspelled_name_is_no_other_mistake():
    source = """
def max_pool2d(x, k, stride=None, padding=0):
    if stride is None:
        stride = kernel_size
    return F.max_pool2d(x, k, stride, padding)
"""
    verdict = examine(find_spec("pooling.max_pool2d"), defined(source, "max_pool2d"))
    assert verdict.misconception is None and "Is it spelled differently elsewhere" in verdict.advice


def test_a_fraction_for_an_index_is_no_other_mistake():
    def every_window(x, kernel, stride=1, padding=0):
        full = F.conv2d(F.pad(x, [padding] * 4)[None, None], kernel[None, None])[0, 0]
        return full if stride == 1 else full[:: stride / 1, :: stride / 1]

    verdict = examine(find_spec("corr2d_strided"), every_window)
    assert (verdict.problem, verdict.misconception) == ("error", None)


def test_who_is_right_where_a_mistake_ends_in_an_error_did_not_make_it():
    one, two, three, four = (Case({"x": X, "by": by}, X * by, {}) for by in (1, 2, 3, 4))
    for case in (two, three, four):
        case.wrong["added"] = X + case.arguments["by"]
    one.wrong["added"] = Raised("ValueError")
    spec = dataclasses.replace(SPEC, cases=(two, three, four, one))
    assert examine(spec, lambda x, by: x + by if by > 1 else x).misconception is None
    one.wrong["added"] = X
    assert examine(spec, lambda x, by: x + by if by > 1 else x).misconception == "added"


class Half(float):
    def __float__(self):
        raise ValueError


class Silent(Exception):
    def __str__(self):
        return None


@pytest.mark.parametrize(
    "value",
    [
        10**5000,
        -(10**5000),
        [10**5000, 1],
        {"a": 10**5000},
        torch.zeros(3, 3, device="meta"),
        torch.zeros(3, 3).to(torch.float8_e4m3fn),
        torch.zeros(3, 3).to(torch.complex32),
        torch.quantize_per_tensor(torch.zeros(3, 3), 1.0, 0, torch.quint8),
        torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]),
        Half(1.0),
        [((r, c) for c in range(2)) for r in range(2)],
    ],
    ids=["large", "small", "list", "dict", "meta", "float8", "complex32", "quantised", "nested", "float", "generators"],
)
@pytest.mark.filterwarnings("ignore")
def test_whatever_comes_back_gets_a_card(value):
    for name in ("sliding_regions.positions", "kernels.identity_kernel", "channels.count_parameters"):
        verdict = examine(find_spec(name), lambda *_, value=value, **__: value)
        html, text = card(verdict)
        assert verdict.outcome == "wrong" and "Unplain" not in html + text and verdict.record


def test_an_error_that_cannot_say_what_it_is_gets_a_card():
    def fails(x, by):
        raise Silent

    assert examine(SPEC, fails).message == "scale stopped. Your code raised Exception at the line “raise Silent”."


def test_words_from_numpy_are_words():
    names = list(np.array(["replicate", "circular", "zeros", "reflect"]))
    assert "string" not in examine(find_spec("stride_and_padding.padding_modes"), names).message


def test_of_a_list_of_pairs_the_number_of_them_is_told():
    message = examine(find_spec("stride_and_padding.layer_shapes"), [(9, 12), (6, 9)]).message
    assert "2 entries" in message, message


def test_no_mistake_is_named_after_a_number_that_is_none():
    verdict = examine(find_spec("stride_and_padding.stripe_weights"), [float("nan")] * 3)
    assert verdict.outcome == "wrong" and verdict.misconception is None
