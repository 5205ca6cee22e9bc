"""Lesson 8's network: what may stand between two convolutions, and what its class may say of itself."""

import pytest
from torch import nn

from course_utils.checking import examine
from course_utils.specs import find_spec


def network(*between, widths=(8, 16)):
    first, second = widths
    return nn.Sequential(
        *(nn.Conv2d(1, first, 3, padding=1), *between),
        *(nn.Conv2d(first, second, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(second, 10)),
    )


@pytest.mark.parametrize(
    "between",
    [
        (),
        (nn.Identity(), nn.Dropout()),
        (nn.BatchNorm2d(8),),
        (nn.AvgPool2d(2),),
        (nn.AvgPool2d(3, 1, 1),),
        (nn.ZeroPad2d(1),),
        (nn.MaxPool2d(3, 1, 1),),
    ],
    ids=str,
)
def test_what_is_no_rectifier_is_named(between):
    seen = examine(find_spec("make_cnn"), lambda: network(*between))
    assert (seen.outcome, seen.misconception) == ("wrong", "rectifier_missing")


@pytest.mark.parametrize(
    "between",
    [
        *((each,) for each in (nn.ReLU(inplace=True), nn.LeakyReLU(0.3), nn.PReLU(), nn.ELU(), nn.GELU(), nn.SiLU())),
        *((each,) for each in (nn.ReLU6(), nn.Tanh(), nn.Sigmoid(), nn.Softplus(), nn.Hardtanh())),
        *((each, nn.ReLU()) for each in (nn.BatchNorm2d(8), nn.GroupNorm(2, 8), nn.InstanceNorm2d(8))),
        *((nn.ReLU(), each) for each in (nn.MaxPool2d(2), nn.AvgPool2d(2), nn.BatchNorm2d(8), nn.Dropout())),
        (nn.InstanceNorm2d(8), nn.Tanh(), nn.ZeroPad2d(1)),
    ],
    ids=str,
)
def test_rectifiers_of_all_kinds_are_seen_and_the_network_is_left_as_it_was(between):
    fact = next(each for each in find_spec("make_cnn").facts if each.name == "apart")
    net = network(*between).eval()
    assert fact.function(net) is True
    assert not net.training
    assert not any(each._forward_hooks for each in net.modules())


@pytest.mark.parametrize("method", ["parameters", "named_parameters"])
def test_a_class_that_hides_its_parameters_is_counted_all_the_same(method):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = network(nn.ReLU(), widths=(128, 512))

        def forward(self, images):
            return self.layers(images)

    def few(self, *given, **named):
        return list(getattr(nn.Module, method)(self, *given, **named))[-1:]

    setattr(Net, method, few)
    assert examine(find_spec("make_cnn"), Net).misconception == "too_many_parameters"
