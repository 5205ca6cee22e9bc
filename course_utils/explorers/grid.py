"""Traits that hold tensors: a small grid of numbers, and the values of a picture."""

import operator
from typing import Any

import numpy as np
import torch
from traitlets import TraitType

from course_utils.errors import BadArgument
from course_utils.values import plain


class Told(torch.Tensor):
    """The tensor that observers are told: `!=` says whether the whole differs, which `traitlets.link` asks."""

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment] # its results are plain
    __hash__ = torch.Tensor.__hash__

    def __ne__(self, other: Any) -> bool:  # type: ignore[override]
        return not _are_equal(self, other)

    def __repr__(self) -> str:  # type: ignore[override]
        return repr(self.as_subclass(torch.Tensor))

    def __deepcopy__(self, memo: Any) -> torch.Tensor:
        return self.clone()

    def __reduce_ex__(self, protocol: Any) -> Any:  # a file that is saved holds a plain tensor
        return self.as_subclass(torch.Tensor).__reduce_ex__(protocol)


class TensorTrait(TraitType):
    """A trait whose value is a float32 tensor of the explorer's own; observers are told when its numbers change."""

    name: str  # traitlets gives it when the class is made

    def set(self, owner: Any, value: Any) -> None:
        kept = self._validate(owner, value)
        owner._trait_values[self.name] = kept
        as_set = vars(owner).setdefault("_as_set", {})
        before = as_set.get(self.name, self.default_value)
        # Before anybody is told: an observer may raise.
        as_set[self.name] = None if kept is None else kept.detach().clone()
        if not _are_equal(before, kept):
            owner._notify_trait(self.name, before, None if kept is None else kept.as_subclass(Told))

    def notice(self, owner: Any) -> None:
        """Take what was changed in place, as in `owner.kernel[0, 0] = 1`, as if it had been set; or refuse it so."""
        now, before = getattr(owner, self.name), vars(owner)["_as_set"][self.name]
        if now is None or torch.equal(now, before):
            return
        changed = now.detach().clone()
        with torch.no_grad():  # it may want gradients since
            now.copy_(before)  # the value before the change, which the new one is compared with and stays if refused
        setattr(owner, self.name, changed)


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    return one is other


class Grid(TensorTrait):
    """A trait that holds a small (rows, columns) float32 tensor and travels as nested lists.

    Tensors, arrays and nested lists of numbers are taken; anything else is refused with a sentence.
    """

    info_text = "a small grid of numbers"

    def __init__(self, largest: int = 16, **options: Any) -> None:
        self.largest = largest
        super().__init__(**options)
        self.tag(
            sync=True,
            to_json=lambda grid, widget: None if grid is None else grid.tolist(),
            from_json=lambda lists, widget: lists,
        )

    def validate(self, owner: Any, value: Any) -> torch.Tensor:
        return as_grid(self.name, value, self.largest)


class Pixels(TensorTrait):
    """A trait that holds a float32 tensor with `axes` axes, at most `largest` in each, and travels as bytes.

    In the browser it is {shape, data}; `pixels` of static/numbers.js makes {shape, values} of it, a Float32Array.
    """

    info_text = "the values of a picture"

    def __init__(self, axes: int = 2, largest: int = 256, **options: Any) -> None:
        self.axes, self.largest = axes, largest
        super().__init__(**options)
        self.tag(sync=True, to_json=lambda x, widget: None if x is None else _as_bytes(x))

    def validate(self, owner: Any, value: Any) -> torch.Tensor:
        return as_pixels(self.name, value, self.axes, self.largest)


def _as_bytes(x: torch.Tensor) -> dict[str, Any]:
    return {"shape": list(x.shape), "data": x.detach().numpy().tobytes()}


def as_pixels(name: str, value: Any, axes: int = 2, largest: int = 256) -> torch.Tensor:
    """Return `value` as a contiguous float32 tensor of its own with `axes` axes, each from 1 to `largest` long.

    Raises BadArgument where it is not made of numbers, and where the axes or the numbers do not fit.
    """
    wanted = {1: "(C_out,)", 2: "(H, W)", 3: "(C, H, W)", 4: "(C_out, C_in, kH, kW)"}[axes]
    array = _numbers(name, value, f"pass a tensor or an array {wanted}")
    shape = tuple(array.shape)
    if array.ndim != axes:
        count = "1 axis" if axes == 1 else f"{axes} axes"
        few = f", such as {name}[0]" if array.ndim == axes + 1 else ""
        raise BadArgument(f"{name} has the shape {shape}, not {wanted}: pass a tensor with {count}{few}.")
    if 0 in shape:
        raise BadArgument(f"{name} is empty, its shape is {shape}: pass a tensor {wanted} with numbers in it.")
    if max(shape) > largest:
        piece = f"{name}[{', '.join(f':{largest}' if size > largest else ':' for size in shape)}]"
        few = "load_picture(…, size=128) or a piece of it" if axes in (2, 3) else piece
        raise BadArgument(
            f"{name} has the shape {shape}, too large to answer at once: pass at most {largest} along each axis, such "
            f"as {few}."
        )
    return _finite(name, array)


def as_grid(name: str, value: Any, largest: int = 16) -> torch.Tensor:
    """Return `value` as a float32 tensor (rows, columns) of its own.

    Raises BadArgument where it is not made of numbers, and where it is no small grid of finite ones.
    """
    example = f"pass a tensor, an array or nested lists with rows and columns, such as {name} = [[1, 2], [3, 4]]"
    if hasattr(value, "getbands"):  # a picture of Pillow
        width, height = value.size
        raise BadArgument(
            f"{name} is a picture of {height} × {width} pixels; the numbers of a small grid can be shown: {example}."
        )
    array = _numbers(name, value, example)
    shape = tuple(array.shape)
    if array.ndim in (3, 4):
        raise BadArgument(f"{name} has the shape {shape}, {_one_channel(name, shape)}")
    if array.ndim != 2:
        raise BadArgument(f"{name} has the shape {shape}, so it has no rows and columns: {example}.")
    rows, columns = shape
    if 0 in shape:
        raise BadArgument(f"{name} is empty, its shape is {shape}: {example}.")
    if max(shape) > largest:
        piece = f"{name}[:{min(rows, largest)}, :{min(columns, largest)}]"
        raise BadArgument(
            f"{name} is {rows} × {columns}, too large to show as numbers: "
            f"pass a piece of at most {largest} × {largest}, such as {piece}."
        )
    return _finite(name, array)


def _numbers(name: str, value: Any, example: str) -> np.ndarray:
    array: np.ndarray
    if isinstance(value, torch.Tensor) and value.is_meta:
        raise BadArgument(f"{name} is on the device meta, so it holds no numbers: {example}.")
    if isinstance(value, torch.Tensor):
        tensor = plain(value).resolve_conj().resolve_neg()
        array = tensor.double().numpy() if not tensor.is_complex() else np.asarray(None)
    else:
        try:
            array = np.asarray(plain(value) if isinstance(value, list | tuple) else value)
        except (ValueError, TypeError, RuntimeError):  # rows of different lengths, tensors without numbers
            array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        of = " with rows of different lengths or entries that are no numbers" if isinstance(value, list | tuple) else ""
        raise BadArgument(f"{name} is no grid of real numbers but a {type(value).__name__}{of}: {example}.")
    return array


def _finite(name: str, array: np.ndarray) -> torch.Tensor:
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        where = f"row {place[0]}, column {place[1]}" if len(place) == 2 else f"place {place}"
        raise BadArgument(f"{name} holds {array[place]} in {where}: pass finite numbers, up to about 3e38.")
    return torch.from_numpy(array.copy())


def _one_channel(name: str, shape: tuple[int, ...]) -> str:
    if len(shape) == 4:
        return f"which is a batch of images: pass one channel of one image, such as {name}[0, 0]."
    if shape[-1] in (3, 4) and shape[0] not in (1, 3):
        return f"which looks like a colour image: pass one channel, such as {name}[:, :, 0]."
    looks = "which looks like a colour image: pass" if shape[0] in (3, 4) else "which has three axes: pass"
    return f"{looks} one channel, such as {name}[0]."


def check_fits(x: torch.Tensor, kernel: torch.Tensor) -> None:
    """Raise BadArgument where the kernel is larger than the image."""
    if kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]:
        raise BadArgument(
            f"The kernel is {size_of(kernel)} and does not fit into the image, which is {size_of(x)}: "
            f"pass a kernel with at most {count(x.shape[0], 'row')} and {count(x.shape[1], 'column')}."
        )


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, of Python's, NumPy's or torch's."""
    try:
        operator.index(value)  # of a tensor of other numbers, this raises as well
    except (TypeError, RuntimeError):
        return False
    return not isinstance(value, bool)


def size_of(grid: torch.Tensor) -> str:
    """Return "rows × columns"."""
    return f"{grid.shape[0]} × {grid.shape[1]}"


def count(number: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number} {noun}{'s' * (number != 1)}"
