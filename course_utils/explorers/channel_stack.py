"""The channel stack: what each input channel adds to an output, and what groups take away."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from traitlets import Int, Tuple, validate

from course_utils.errors import BadArgument
from course_utils.explorers.explorer import Explorer, front_end, styles
from course_utils.explorers.grid import Pixels, as_pixels, count, is_whole
from course_utils.explorers.still import Panel, PicturePanel, Still, row_of_panels
from course_utils.values import said

MOST_CHANNELS = 6
MOST_OUTPUTS = 16
LARGEST_PICTURE = 128  # rows and columns
LARGEST_KERNEL = 9
LARGEST_NUMBERS = 6  # rows and columns that the still picture shows as numbers


class ChannelStack(Explorer):
    """See the share of each input channel in one output, switch channels off, and split the layer into groups.

    x: (C, H, W), up to 6 channels of 128 × 128. weight: (C_out, C, kH, kW), up to 16 outputs with kernels of 9 × 9.
    bias: (C_out,), or None for a layer without.

    `output` is the output that is shown, `off` the channels that are switched off, such as (0, 2), and `groups` a
    number that divides C and C_out; both become smaller where another weight leaves them no room. Setting any of these,
    or `x`, `weight` and `bias`, redraws; what is switched in the browser is found in them. `shares` (C, H', W'),
    `response` (H', W'), `grouped_weight` (C_out, C/groups, kH, kW) and `parameters` follow from them. Raises
    BadArgument with what to pass instead.
    """

    _esm = front_end("channel_stack.js")
    _css = styles("explorer.css", "channel_stack.css")

    x = Pixels(axes=3, largest=LARGEST_PICTURE, help="the picture, (C, H, W)")
    weight = Pixels(axes=4, largest=MOST_OUTPUTS, help="the filters, (C_out, C, kH, kW)")
    bias = Pixels(axes=1, largest=MOST_OUTPUTS, allow_none=True, default_value=None, help="(C_out,), or None")
    output = Int(0, help="the output that is shown").tag(sync=True)
    groups = Int(1, help="how many groups the layer is split into").tag(sync=True)
    off = Tuple(help="the channels that are switched off").tag(sync=True)

    def __init__(self, x: Any, weight: Any, bias: Any = None) -> None:
        x = as_pixels("x", x, 3, LARGEST_PICTURE)
        weight = as_pixels("weight", weight, 4, MOST_OUTPUTS)
        bias = None if bias is None else as_pixels("bias", bias, 1, MOST_OUTPUTS)
        _check_layer(x, weight, bias)
        super().__init__(x=x, weight=weight, bias=bias)

    @property
    def shares(self) -> torch.Tensor:
        """What each channel adds to the output, (C, H', W'): zeros where it is switched off or in another group."""
        # Summed in double precision, as the browser does.
        kernels = self.weight[self.output].double()[:, None]
        shares = F.conv2d(self.x.double()[None], kernels, groups=len(self.x))[0].float()
        for channel in range(len(self.x)):
            if channel in self.off or channel not in self._seen(self.output):
                shares[channel] = 0
        return shares

    @property
    def response(self) -> torch.Tensor:
        """The output, (H', W'): the sum of the shares, and its bias."""
        bias = 0 if self.bias is None else self.bias[self.output]
        return self.shares.sum(0) + bias

    @property
    def grouped_weight(self) -> torch.Tensor:
        """The kernels that the groups leave, (C_out, C/groups, kH, kW), as `F.conv2d` takes them."""
        return torch.stack([filters[list(self._seen(output))] for output, filters in enumerate(self.weight)])

    @property
    def parameters(self) -> int:
        """How many numbers the layer learns with these groups."""
        return self.weight.numel() // self.groups + (0 if self.bias is None else len(self.bias))

    def static(self, response: bool = False) -> Still:
        """Return the channels and the output's kernels as a still picture (SVG); shares and output only if asked."""
        channels = range(len(self.x))
        panels = [_panel(f"channel {c}", self.x[c], bool((self.x < 0).any())) for c in channels]
        panels += [_panel(f"weight[{self.output}, {c}]", self.weight[self.output, c]) for c in channels]
        sentence = f"Each channel meets its own kernel of output {self.output}. What does each of them add?"
        if response:
            panels += [_panel(f"share of channel {c}", self.shares[c]) for c in channels]
            panels.append(_panel(f"output {self.output}", self.response))
            sentence = f"The shares of the channels, and output {self.output}, with groups={self.groups}."
        title = f"Channel stack. {sentence}"
        text = "\n".join([title, *(panel.text for panel in panels)])
        return Still(row_of_panels(panels, sentence, title, text, wrap=len(channels)), text, title)

    def _seen(self, output: int) -> range:
        """The channels in the output's group."""
        outputs, channels = self.weight.shape[:2]
        width = channels // self.groups
        first = output // (outputs // self.groups) * width
        return range(first, first + width)

    @validate("x", "weight", "bias")
    def _fits(self, proposal: Any) -> torch.Tensor | None:
        held = {"x": self.x, "weight": self.weight, "bias": self.bias}
        _check_layer(**(held | {proposal.trait.name: proposal.value}))
        if proposal.trait.name == "weight":  # what is chosen follows first: the browser never has what does not fit
            outputs, channels = proposal.value.shape[:2]
            self.output = min(self.output, outputs - 1)
            self.groups = math.gcd(self.groups, channels, outputs)
        return proposal.value

    @validate("output")
    def _is_there(self, proposal: Any) -> int:
        if not 0 <= proposal.value < len(self.weight):
            raise BadArgument(f"There is no output {proposal.value}: pass a number from 0 to {len(self.weight) - 1}.")
        return proposal.value

    @validate("groups")
    def _split_evenly(self, proposal: Any) -> int:
        outputs, channels = self.weight.shape[:2]
        if proposal.value < 1 or channels % proposal.value or outputs % proposal.value:
            common = math.gcd(channels, outputs)
            even = [str(groups) for groups in range(1, common + 1) if common % groups == 0]
            raise BadArgument(
                f"{proposal.value} groups do not split {count(channels, 'channel')} and {count(outputs, 'output')} "
                f"evenly: pass {' or '.join(even)}."
            )
        return proposal.value

    @validate("off")
    def _are_channels(self, proposal: Any) -> tuple[int, ...]:
        for channel in proposal.value:
            if not is_whole(channel) or channel not in range(len(self.x)):
                raise BadArgument(
                    f"off holds {said(channel)}: pass the numbers of channels, from 0 to {len(self.x) - 1}, "
                    "such as (0,)."
                )
        return tuple(sorted({int(channel) for channel in proposal.value}))


def _check_layer(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
    channels, (outputs, seen), kernel = len(x), weight.shape[:2], weight.shape[2:]
    if channels > MOST_CHANNELS:
        raise BadArgument(
            f"x has {channels} channels, too many to see side by side: "
            f"pass at most {MOST_CHANNELS}, such as x[:{MOST_CHANNELS}] with weight[:, :{MOST_CHANNELS}]."
        )
    if seen != channels:
        raise BadArgument(
            f"x has {count(channels, 'channel')} and weight has kernels for {seen}: "
            f"pass a weight (C_out, {channels}, kH, kW)."
        )
    if max(kernel) > LARGEST_KERNEL:
        raise BadArgument(
            f"The kernels are {_size(kernel)}: pass kernels of at most {LARGEST_KERNEL} × {LARGEST_KERNEL}."
        )
    if kernel[0] > x.shape[1] or kernel[1] > x.shape[2]:
        raise BadArgument(
            f"The kernels are {_size(kernel)} and do not fit into x, whose channels are {_size(x.shape[1:])}: "
            "pass smaller kernels."
        )
    if bias is not None and len(bias) != outputs:
        raise BadArgument(
            f"weight has {count(outputs, 'output')} and bias has {count(len(bias), 'number')}: "
            "pass one for each output."
        )


def _panel(caption: str, values: torch.Tensor, signed: bool = True) -> Panel | PicturePanel:
    if max(values.shape) <= LARGEST_NUMBERS:
        return Panel(caption, values, signed)
    return PicturePanel(caption, values, signed, side=128)


def _size(shape: Any) -> str:
    return f"{shape[0]} × {shape[1]}"
