"""The language of declarations: each of its needs, tried on an exercise of the lesson table."""

import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from course_grading.authoring import File, exercise, explanation, fact, guess
from course_grading.authoring.language import Lesson
from course_utils import checking, functions
from course_utils.cards import card
from course_utils.checking import examine
from course_utils.errors import CourseError
from course_utils.observe import Question, observe
from course_utils.storage import from_json, to_json
from course_utils.values import Sealed, Sketch, difference
from tests.trying import refuse


def spec_of(*declared, seed=None):
    """The spec of the last of some exercises, in a lesson of its own: visible cases, or those of a seed."""
    from pathlib import Path

    lesson = Lesson(Path("01_toy"), {each.name: each for each in declared})
    last = declared[-1]
    return lesson.spec(last.name, last.visible_cases() if seed is None else last.fresh_cases(seed))


def one_input(**arguments):
    return {"examples": [arguments], "inputs": lambda rng: iter([arguments])}


# ── 1 Arguments left to their defaults, and large tensors ────────────────────────────────────────────────────────────


@exercise(
    examples=[{"n": 7, "k": 3}, {"n": 7, "k": 3, "stride": 2}, {"n": 9, "k": 3, "padding": 1, "dilation": 2}],
    inputs=lambda rng: iter([{"n": 10, "k": 4, "dilation": 3}]),
)
class output_size:
    def right(n, k, padding=0, stride=1, dilation=1):
        return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1

    class wrong:
        def total_padding(n, k, padding=0, stride=1, dilation=1):
            """Is padding counted on each side?"""
            return (n + padding - dilation * (k - 1) - 1) // stride + 1


def test_arguments_are_left_to_their_defaults_and_named_after_a_gap():
    for seed in (None, 1):
        assert examine(spec_of(output_size, seed=seed), output_size.answer).outcome == "right"
    without = examine(spec_of(output_size), lambda n, k, padding, stride, dilation: 5)
    assert (without.problem, without.trial.seen.error.type) == ("error", "TypeError")
    assert examine(spec_of(output_size), lambda n, k, p=0, s=1, d=1: 5).problem == "error"  # stride= goes by its name


def test_pictures_are_packed_shown_and_remembered_by_a_sketch():
    picture = torch.rand(64, 64)
    for value in (picture, (picture * 255).round() / 255, picture.t(), picture.long()):
        back = from_json(to_json(value))
        assert torch.equal(back, value) and back.dtype == value.dtype and back.stride() == value.stride()
    assert len(to_json((picture * 255).round() / 255)["packed"]) < 6000
    sketch = from_json(to_json(Sketch.of(picture)))
    assert difference(sketch, picture) is None
    assert difference(sketch, picture + 1) is not None and difference(sketch, picture[:32]) is not None

    @exercise(**one_input(x=picture))
    class brighter:
        def right(x):
            return x + 1

    html, _ = card(examine(spec_of(brighter), lambda x: x - 1))
    assert html.count("data:image/png") == 4


# ── 2 Any valid answer, by facts ─────────────────────────────────────────────────────────────────────────────────────

RAMP = torch.arange(6.0).repeat(6, 1)


@fact("its shape")
def shape(kernel):
    return list(kernel.shape)


@fact("its response to a flat area", within=1e-4)
def flat(kernel):
    return kernel.sum()


@fact("its response to a ramp", means="line_for_edge")
def answers_a_ramp(kernel):
    return bool((kernel * torch.arange(3.0)).sum().abs() > 1e-4)


@exercise(facts=[shape, flat, answers_a_ramp])
class edge_kernel:
    right = torch.tensor([[-1.0, 0, 1]] * 3)
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])

    class wrong:
        class line_for_edge:
            """What does it say of a ramp?"""

            value = torch.tensor([[-1.0, 2, -1]] * 3)


def test_any_valid_answer_is_right_and_a_fact_is_told_in_words():
    spec = spec_of(edge_kernel)
    assert examine(spec, -5 * edge_kernel.alternatives["sobel"]).outcome == "right"
    blur = examine(spec, torch.full((3, 3), 1 / 3))
    assert "Its response to a flat area: expected 0, yours 3." in blur.message
    assert examine(spec, torch.tensor([[-3.0, 6, -3]] * 3)).misconception == "line_for_edge"
    assert "Its shape: expected (3, 3), yours (2, 3)." in examine(spec, torch.ones(2, 3)).message
    assert "could not be found out" in examine(spec, "left").message


@fact("what it makes of 28 and then of 14")
def sizes(layers):
    found = [28]
    for k, padding, stride in layers:
        found.append((found[-1] + 2 * padding - k) // stride + 1)
    return found[1:]


@fact("its smallest kernel", at_least=3)
def smallest(layers):
    return min(k for k, padding, stride in layers)


@exercise(facts=[sizes, smallest])
class layers_28_14_7:
    right = ((3, 1, 2), (3, 1, 2))

    class wrong:
        class no_padding:
            """Does it divide?"""

            value = ((3, 0, 2), (3, 0, 2))


def test_bounds_are_told_and_lists_stand_for_tuples():
    spec = spec_of(layers_28_14_7)
    assert examine(spec, [[5, 2, 2], (4, 1, 2)]).outcome == "right"
    assert "at least 3, yours 2" in examine(spec, ((2, 0, 2), (2, 0, 2))).message
    assert examine(spec, ((3, 0, 2), (3, 0, 2))).misconception == "no_padding"


@fact("whether the maximum of the sum is the sum of the maxima")
def linear(pair):
    a, b = pair
    return torch.equal(F.max_pool2d(a + b, 2), F.max_pool2d(a, 2) + F.max_pool2d(b, 2))


@exercise(facts=[linear])
class not_linear:
    right = (torch.tensor([[[1.0, 0], [0, 0]]]), torch.tensor([[[0.0, 0], [0, 1]]]))

    class wrong:
        class the_same_twice:
            """Where is each one's maximum?"""

            value = (torch.ones(1, 2, 2), torch.ones(1, 2, 2))


@fact("its spread over the one asked for", between=(0.85, 1.15))
def spread(bank):
    return bank.std() / (2 / 75) ** 0.5


@exercise(facts=[spread])
class random_bank:
    right = torch.randn(3, 3, 5, 5, generator=torch.Generator().manual_seed(0)) * (2 / 75) ** 0.5

    class wrong:
        class no_fan_in:
            """How many numbers are added up?"""

            value = torch.randn(3, 3, 5, 5, generator=torch.Generator().manual_seed(0))


def test_pairs_and_random_tensors_are_judged_by_what_they_do():
    assert examine(spec_of(not_linear), ([[[3.0, 0], [0, 0]]], [[[0.0, 2], [0, 0]]])).outcome == "wrong"
    pair = (torch.tensor([[[5, 0], [0, 1]]]), torch.tensor([[[0, 0], [2, 0]]]))
    assert examine(spec_of(not_linear), pair).outcome == "right"
    assert examine(spec_of(random_bank), nn.init.kaiming_normal_(torch.empty(3, 3, 5, 5))).outcome == "right"
    assert "between 0.85 and 1.15" in examine(spec_of(random_bank), torch.randn(3, 3, 5, 5) * 0.3).message


# ── 3 A float tensor that is no function ─────────────────────────────────────────────────────────────────────────────


@exercise(tolerance=1e-3)
class sobel_x:
    right = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])

    class wrong:
        class sign_turned:
            """Which side is brighter?"""

            value = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])


def test_a_float_value_is_sealed_with_a_tolerance():
    spec = spec_of(sobel_x)
    (case,) = spec.cases
    assert isinstance(case.expected, Sealed) and from_json(to_json(case.expected)) == case.expected
    for right in (sobel_x.answer, sobel_x.answer + 1e-4, sobel_x.answer.long(), sobel_x.answer.tolist()):
        assert examine(spec, right).outcome == "right"
    assert examine(spec, sobel_x.answer + 0.02).outcome == "wrong"
    assert examine(spec, sobel_x.answer.t()).outcome == "wrong"
    assert examine(spec, -sobel_x.answer).misconception == "sign_turned"
    assert "The shape is (2, 3); (3, 3) is expected" not in card(examine(spec, sobel_x.answer[:2]))[0]
    assert "−2" not in card(examine(spec, torch.ones(3, 3)))[1]


# ── 4 Functions as arguments ─────────────────────────────────────────────────────────────────────────────────────────


@exercise(**one_input(pool=functions.max_pool_2, x=torch.arange(32.0).reshape(1, 4, 8)))
class shift_change:
    def right(pool, x):
        return float((pool(x.roll(1, 2)) - pool(x))[..., 1:-1].abs().max())


def test_functions_are_known_by_name_in_cases_and_on_cards():
    (case,) = spec_of(shift_change).cases
    assert from_json(to_json(case.arguments["pool"])) is functions.max_pool_2
    assert examine(spec_of(shift_change), lambda pool, x: shift_change(pool, x)).outcome == "right"
    assert "max_pool_2" in card(examine(spec_of(shift_change), lambda pool, x: -1.0))[1]


def test_an_unknown_function_gets_a_sentence():
    unknown = exercise(**one_input(pool=lambda x: x))(type("shift", (), {"right": lambda pool: 1}))
    with pytest.raises(CourseError, match=r"course_utils/functions\.py does not know"):
        unknown.visible_cases()


# ── 5 An exception that is the right answer, and files ───────────────────────────────────────────────────────────────


@exercise(
    examples=[
        {"prediction": torch.ones(2, 3), "target": torch.zeros(2, 3)},
        {"prediction": torch.ones(1, 3), "target": torch.zeros(2, 3)},
    ],
    inputs=lambda rng: iter([{"prediction": torch.ones(2), "target": torch.ones(3)}]),
    raises=ValueError,
)
class mse:
    def right(prediction, target):
        if prediction.shape != target.shape:
            raise ValueError("unequal shapes")
        return ((prediction - target) ** 2).mean()

    class wrong:
        def broadcast_silently(prediction, target):
            """Which shapes does it take?"""
            return ((prediction - target) ** 2).mean()


def test_an_exception_can_be_the_right_answer():
    def with_assert(prediction, target):
        assert prediction.shape == target.shape
        return ((prediction - target) ** 2).mean()

    assert examine(spec_of(mse), mse.answer).outcome == "right"
    assert examine(spec_of(mse, seed=1), mse.answer).outcome == "right"
    assert examine(spec_of(mse), mse.misconceptions[0].spellings[""]).misconception == "broadcast_silently"
    assert examine(spec_of(mse), with_assert).outcome == "wrong"


def png(mode):
    file = io.BytesIO()
    Image.new(mode, (3, 2), 1).save(file, "PNG")
    return File(f"{mode}.png", file.getvalue())


def test_a_file_is_given_as_a_path():
    @exercise(**one_input(path=png("P")))
    class load_rgb:
        def right(path):
            with Image.open(path) as file:
                return torch.from_numpy(np.asarray(file.convert("RGB")).copy()).permute(2, 0, 1) / 255

    assert examine(spec_of(load_rgb), load_rgb.answer).outcome == "right"
    assert "the file P.png" in card(examine(spec_of(load_rgb), lambda path: torch.ones(3, 2, 3)))[1]
    assert from_json(to_json(png("L"))) == png("L")


# ── 6 Objects ────────────────────────────────────────────────────────────────────────────────────────────────────────


@fact("the number of its parameters", at_most=5000)
def parameters(net):
    return sum(each.numel() for each in net.parameters())


@fact("the shape of its scores for two pictures")
def scores(net):
    return list(net(torch.zeros(2, 1, 8, 8)).shape)


@exercise(examples=[{}], inputs=lambda rng: iter([{}]), facts=[parameters, scores])
class make_cnn:
    def right():
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))


def test_a_module_is_judged_through_facts_and_no_raw_error_is_shown():
    spec = spec_of(make_cnn)
    assert spec.objects
    assert examine(spec, make_cnn.answer).outcome == "right"
    large = examine(spec, lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 500), nn.Linear(500, 10)))
    assert "The number of its parameters: expected at most 5000, yours" in large.message
    assert "could not be found out" in examine(spec, lambda: nn.Linear).message
    assert all(card(examine(spec, lambda: object())))


# ── 7 Must go through a library call ─────────────────────────────────────────────────────────────────────────────────


def test_an_answer_must_go_through_the_library_where_it_says_so():
    @exercise(**one_input(gray=torch.rand(5, 6), kernels=torch.rand(2, 3, 3)), through=("conv2d",))
    class filter_bank:
        def right(gray, kernels):
            return F.conv2d(gray[None, None], kernels[:, None])[0]

    def by_module(gray, kernels):
        layer = nn.Conv2d(1, 2, 3, bias=False)
        layer.weight.data = kernels[:, None]
        return layer(gray[None, None])[0]

    def by_hand(gray, kernels):
        windows = gray.unfold(0, 3, 1).unfold(1, 3, 1)
        return torch.einsum("ijkl,ckl->cij", windows, kernels)

    assert examine(spec_of(filter_bank), by_module).outcome == "right"
    verdict = examine(spec_of(filter_bank), by_hand)
    assert (verdict.outcome, verdict.problem) == ("wrong", "through")
    assert "conv2d" in verdict.message


# ── 8 What an answer uses ────────────────────────────────────────────────────────────────────────────────────────────


@exercise(**one_input(x=torch.arange(12.0).reshape(3, 4), kernel=torch.tensor([[1.0, 2], [3, 5]])))
class corr2d:
    def right(x, kernel):
        return F.conv2d(x[None, None], kernel[None, None])[0, 0]


@exercise(**one_input(x=torch.arange(12.0).reshape(3, 4), kernel=torch.tensor([[1.0, 2], [3, 5]])), uses=[corr2d])
class convolve2d:
    def right(x, kernel):
        return corr2d(x, kernel.flip(0, 1))

    class wrong:
        def kernel_not_flipped(x, kernel):
            """Is it turned?"""
            return corr2d(x, kernel)


STUDENT = """
import torch.nn.functional as F

def corr2d(x, kernel):
    return F.conv2d(x[None, None], kernel.flip(0, 1)[None, None])[0, 0]

def convolve2d(x, kernel):
    return corr2d(x, kernel.flip(0, 1))

def unbegun(x, kernel):
    # FIXME: write your own, in place of the next line.
    raise NotImplementedError

def mine(x, kernel):
    raise NotImplementedError("not yet")
"""


def test_an_answer_that_builds_on_a_wrong_one_is_told_to_mend_that_first_and_is_right_given_a_right_one():
    student = {}
    exec(STUDENT, student)
    spec = spec_of(corr2d, convolve2d)
    assert examine(spec, student["convolve2d"]).misconception == "kernel_not_flipped"  # nobody has checked corr2d yet
    checking.outcomes["toy.corr2d"] = "wrong"
    verdict = examine(spec, student["convolve2d"])
    assert (verdict.problem, verdict.misconception) == ("follows", None)
    assert "convolve2d uses your corr2d, which is not right yet: mend that first" in verdict.message
    trials = checking.tried(spec, student["convolve2d"], {"corr2d": corr2d.answer})
    assert not any(trial.failed for trial in trials)
    checking.outcomes["toy.corr2d"] = "right"
    assert examine(spec, student["convolve2d"]).misconception == "kernel_not_flipped"


def test_only_the_scaffolds_own_exception_waits(tmp_path):
    path = tmp_path / "student.py"  # as a notebook's cells have, the code has lines that can be looked up
    path.write_text(STUDENT)
    student = {}
    exec(compile(STUDENT, str(path), "exec"), student)
    spec = spec_of(corr2d, convolve2d)
    unbegun = student["unbegun"]
    unbegun.__name__ = "convolve2d"
    assert observe(unbegun, spec.cases[0].arguments).error.scaffold == "unbegun"
    assert examine(spec, student["mine"]).problem == "error"
    student["corr2d"] = student["unbegun"]
    student["unbegun"].__code__ = student["unbegun"].__code__.replace(co_name="corr2d")
    verdict = examine(spec, student["convolve2d"])
    assert "convolve2d uses your corr2d, which waits for you" in verdict.message


def test_lent_functions_take_the_place_of_ones_own_for_the_call_only():
    student = {}
    exec(STUDENT, student)
    before = student["corr2d"]
    arguments = {"x": torch.ones(3, 3), "kernel": torch.ones(2, 2)}
    seen = observe(student["convolve2d"], arguments, Question(lent={"corr2d": lambda x, kernel: 7}))
    assert seen.result == 7 and seen.used == ("corr2d",) and student["corr2d"] is before


# ── What `course build` refuses ──────────────────────────────────────────────────────────────────────────────────────


def declared(**members):
    wrong = type("wrong", (), members.pop("wrong", {}))
    options = members.pop("options", one_input(x=2))
    return exercise(**options)(type("double", (), {"wrong": wrong, **members}))


def hinted(function, hint="Is it?"):
    function.__doc__ = hint
    return function


def mute(x):
    return x


@fact("its size", at_most=1)
def narrow(answer):
    return abs(answer)


@exercise(**one_input(x=torch.ones(1, 1, 3, 3)))
class convolved:
    def right(x):
        return F.conv2d(x, x)


RIGHT = {"right": lambda x: 2 * x, "added": lambda x: x + x, "shifted": lambda x: x * 2.0}
WRONG = {f"plus_{n}": hinted(lambda x, n=n: 2 * x + n) for n in range(1, 5)}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: declared(**RIGHT, wrong=WRONG | {"also": hinted(lambda x: 2 * x + 1)}),
            "look alike|is taken for plus_1",
        ),
        (
            lambda: declared(**RIGHT, wrong=WRONG | {"none": hinted(lambda x: x + 2)}),
            "Nothing shows that none of double is wrong: add an example",
        ),
        (lambda: declared(right=RIGHT["right"], wrong=WRONG), "right answers besides the reference: 0"),
        (lambda: declared(**RIGHT), "has 0 misconceptions"),
        (lambda: declared(**RIGHT, half=lambda x: x / 2, wrong=WRONG), "half is declared a right answer"),
        (lambda: declared(**RIGHT, wrong=WRONG | {"mute": lambda x: x}), "mute of double is a lambda"),
        (lambda: declared(**RIGHT, wrong=WRONG | {"mute": mute}), "mute of double has no hint"),
        (lambda: exercise(type("double", (), RIGHT)), "double needs brackets: write @exercise"),
        (lambda: declared(**RIGHT, wrong=WRONG, options=one_input(x=2) | {"shown": True}), "of which `shown` says"),
        (lambda: declared(**RIGHT, wrong=WRONG, options=one_input(x=2) | {"facts": [narrow]}), "its own facts"),
        (
            lambda: declared(
                **RIGHT, wrong=WRONG, options=one_input(x=2) | {"forbidden": ("conv2d",), "uses": [convolved]}
            ),
            "double may not call conv2d, but `right` of convolved, which is lent to it, does",
        ),
        (lambda: declared(**RIGHT, wrong=WRONG | {"dull": hinted(lambda x: x, "No.")}), "asks nothing"),
        (lambda: declared(**RIGHT, wrong=WRONG | {"code": hinted(lambda x: x, "torch.add?")}), "contains code"),
        (lambda: declared(**RIGHT, wrong=WRONG, options=one_input(y=2)), r"takes \(x\), in this order"),
        (lambda: declared(**RIGHT, wrong=WRONG, options=one_input(x=object())), "no plain value as x"),
        (lambda: declared(wrong=WRONG), "no right answer"),
        (lambda: declared(**RIGHT, wrong=WRONG, options={}), "needs `examples` and `inputs`"),
        (lambda: fact("  ")(lambda x: x), "needs words"),
    ],
)
def test_a_bad_declaration_gets_a_sentence(make, words):
    from pathlib import Path

    with pytest.raises(CourseError, match=words):
        made = make()
        refuse(Lesson(Path("01_toy"), {"double": made}))


# ── Settings that would forbid, mean or try nothing ──────────────────────────────────────────────────────────────────


@fact("it", means="tpyo")
def mistyped(answer):
    return answer


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"forbidden": "conv2d"}, r'forbidden of v is one text: write forbidden=\("conv2d",\)'),
        ({"through": ("con2vd",)}, "through of v names con2vd, which no library has"),
        ({"facts": [mistyped]}, "The fact mistyped means tpyo, which v does not declare"),
        *(({"tolerance": number}, "a number above 0") for number in (0, -1, float("nan"), float("inf"), "1e-3")),
        ({"through": [torch.conv2d]}, "write names of functions"),
        ({"uses": ["corr2d"]}, "uses of v is to be a list of what is declared above"),
        ({"facts": [narrow, narrow]}, "facts of v holds narrow twice"),
        ({"examples": [{}]}, "v is no function, of which examples says nothing"),
        ({"forbidden": ("conv2d",)}, "v is no function, of which forbidden says nothing"),
        ({"facts": mistyped}, "facts of v is to be a list of what is declared with @fact"),
        ({"raises": "ValueError"}, "raises of v names no exception"),
        ({"inputs": [{}]}, "inputs of v is a list: give a generator function"),
    ],
)
def test_a_setting_that_would_do_nothing_is_refused(settings, words):
    class v:
        right = 1

    with pytest.raises(CourseError, match=words):
        exercise(**settings)(v)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"within": -1}, "within of a fact is -1: give a number from 0 on"),
        ({"at_least": "1"}, "at_least of a fact is '1': give a number"),
        ({"between": 4}, "between two bounds, and not 4"),
        ({"between": (4, 2)}, "Nothing lies between 4 and 2"),
        ({}, "“it” is no function with a name"),
    ],
)
def test_a_fact_that_says_nothing_is_refused(settings, words):
    with pytest.raises(CourseError, match=words):
        fact("it", **settings)(lambda answer: answer)


@fact("its sum")
def its_sum(answer):
    return answer.sum()


@fact("its all")
def its_all(answer):
    return {"all": answer}


WRONG_VALUE = {"off": type("off", (), {"__doc__": "Is it?", "value": 2})}


@pytest.mark.parametrize(
    ("right", "options", "words"),
    [
        (None, {}, "The right answer of double is None, which stands for one not yet given"),
        (staticmethod(lambda x: x), {}, "The right answer of double is a staticmethod: write it with `def`"),
        (torch.max, {}, "is a builtin_function_or_method: write it with `def`"),
        ({1, 2}, {}, r"no plain value \(a set, which has no order\)"),
        ({"a": 1}, {"shown": True}, r"no plain value \(a dict\)"),
        ("text", {"tolerance": 1e-3}, "cannot be sealed: Only finite numbers and tensors"),
        (torch.tensor([1.0, float("inf")]), {"tolerance": 1e-3}, "cannot be sealed: Only finite numbers"),
        (3, {"facts": [its_sum]}, "The fact its_sum stops at the right answer of double: AttributeError"),
        (3, {"facts": [its_all]}, r"What the fact its_all says of the right answer of double is no plain value"),
        (torch.ones(2), {"facts": [its_sum]}, "off of double is not known by its facts: of it, its_sum says Attr"),
        (2, {}, "Nothing shows that off of double is wrong: give a value, or a fact"),
    ],
)
def test_an_answer_with_which_nothing_can_be_compared_is_refused(right, options, words):
    from pathlib import Path

    with pytest.raises(CourseError, match=words):
        refuse(Lesson(Path("01_toy"), {"double": declared(right=right, wrong=WRONG_VALUE, options=options)}))


def test_guesses_and_explanations_that_teach_nothing_are_refused():
    def belief(value):
        return type("wrong", (), {"off": type("off", (), {"__doc__": "Hm.", "value": value})})

    assert guess(type("total", (), {"right": 3, "wrong": belief(4)})).right == 3
    with pytest.raises(CourseError, match="The belief off of the guess total is what is right"):
        guess(type("total", (), {"right": 3, "wrong": belief("3")}))
    with pytest.raises(CourseError, match=r"off of the guess total is no plain value \(a set"):
        guess(type("total", (), {"right": 3, "wrong": belief({1, 2})}))
    with pytest.raises(CourseError, match="The explanation why has no words of ours"):
        explanation("why", " ")


def test_examples_from_a_generator_are_kept():
    @exercise(examples=({"x": x} for x in (1, 2)), inputs=lambda rng: iter([{"x": 3}]))
    class same:
        def right(x):
            return x

    assert [len(same.visible_cases()) for _ in "ab"] == [2, 2]
