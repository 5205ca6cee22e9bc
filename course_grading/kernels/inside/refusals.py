"""While an answer runs that is to be written by hand, torch refuses what would do its work.

The watch of `course_utils.observe` sees calls from Python in its own thread. This sees what it cannot: operators that
torch.ops, TorchScript, a compiled function or a thread older than the watch reach, since all of torch goes through one
table. It stands in the student's process, where code that looks for it can undo it; what such code looks like,
course_grading/notebook/suspicions.py knows.
"""

import contextlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch

from course_utils.observe import REFUSED

KEYS = (  # where an operator may have code that a tensor of this machine reaches
    *("CPU", "MkldnnCPU", "QuantizedCPU", "SparseCPU", "SparseCsrCPU", "NestedTensorCPU"),
    *("CompositeImplicitAutograd", "CompositeImplicitAutogradNestedTensor"),
    *("CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional"),
)
RELATIVES = "_*(?:mkldnn_|quantized_|slow_|q)?(?:{})(?:_|$)"  # convolution_backward, qconv2d_pointwise, …
HARMLESS = "pack|_stride$|_(output_)?padding$|_dilation$|_groups$|_transpose$"  # of quantized layers
FORMATS = ("to_mkldnn",)  # in which frozen TorchScript convolves, past the table
_probe, _NOTHING = torch.conv2d, torch.zeros(1, 1, 1, 1)


class Refusals:
    """Operators of torch that raise instead of working, from now until `close`."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._called: list[str] = []
        self._libraries: dict[str, Any] = {}
        for operator, name, key in operators(self.names):
            namespace, _, rest = operator.partition("::")
            if namespace not in self._libraries:
                self._libraries[namespace] = torch._C._dispatch_library("IMPL", namespace, "", __file__, 0)
            self._libraries[namespace].impl(rest, key, self._refuse(name))

    def close(self) -> None:
        for library in self._libraries.values():
            library.reset()
        self._libraries.clear()

    def called(self) -> tuple[str, ...]:
        """The operators that were called since this was last asked."""
        called = tuple(dict.fromkeys(self._called))
        self._called.clear()
        return called

    def undone(self) -> tuple[str, ...]:
        """ "torch.library", by which it is done, where something no longer refuses."""
        before = len(self._called)
        if "conv2d" in self.names:
            with contextlib.suppress(Exception):
                _probe(_NOTHING, _NOTHING)
            if len(self._called) == before:
                return ("torch.library",)
        self._called.clear()
        return ()

    def _refuse(self, name: str) -> Callable:
        def refuse(*_: Any, **__: Any) -> None:
            self._called.append(name)
            raise RuntimeError(f"{name} {REFUSED}")

        return refuse


@lru_cache(maxsize=16)
def operators(names: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """The operators that these names and their relatives stand for: each with its plain name and a key of its code."""
    words = "|".join(map(re.escape, sorted((*names, *FORMATS), key=len, reverse=True)))
    relatives, harmless = re.compile(RELATIVES.format(words)), re.compile(HARMLESS)
    found = []
    for operator in torch._C._dispatch_get_all_op_names():
        name = operator.partition("::")[2].partition(".")[0]
        # torch.fft's own operators come down to _fft_c2c and its two like.
        if relatives.match(name) and not harmless.search(name) and not name.startswith("fft_"):
            found += [
                (operator, name, key) for key in KEYS if torch._C._dispatch_has_kernel_for_dispatch_key(operator, key)
            ]
    return tuple(found)
