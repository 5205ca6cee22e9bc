"""A trait that holds a small grid of numbers as a tensor."""

from typing import Any

import numpy as np
import torch
from traitlets import TraitType


class Grid(TraitType):
    """A trait that holds a small (rows, columns) float32 tensor and travels as nested lists.

    Tensors, arrays and nested lists of numbers are taken; anything else is refused with a sentence.
    """

    info_text = "a small grid of numbers"

    def __init__(self, largest: int = 16, **options: Any) -> None:
        self.largest = largest
        super().__init__(**options)
        self.tag(sync=True, to_json=lambda grid, widget: grid.tolist(), from_json=lambda lists, widget: lists)

    def validate(self, owner: Any, value: Any) -> torch.Tensor:
        return as_grid(self.name, value, self.largest)

    def set(self, owner: Any, value: Any) -> None:
        super().set(owner, value)
        vars(owner).setdefault("_as_set", {})[self.name] = getattr(owner, self.name).clone()

    def notice(self, owner: Any) -> None:
        """Take what was changed in place, as in `owner.kernel[0, 0] = 1`, as if it had been set; or refuse it so."""
        now, before = getattr(owner, self.name), vars(owner)["_as_set"][self.name]
        if torch.equal(now, before):
            return
        changed = now.clone()
        now.copy_(before)  # the value before the change, which the new one is compared with and stays if refused
        setattr(owner, self.name, changed)


def as_grid(name: str, value: Any, largest: int = 16) -> torch.Tensor:
    """Return `value` as a float32 tensor (rows, columns) of its own.

    Raises TypeError where it is not made of numbers and ValueError where it is no small grid of finite ones.
    """
    example = f"pass a tensor, an array or nested lists with rows and columns, such as {name} = [[1, 2], [3, 4]]"
    if hasattr(value, "getbands"):  # a picture of Pillow
        width, height = value.size
        raise TypeError(
            f"{name} is a picture of {height} × {width} pixels; the numbers of a small grid can be shown: {example}."
        )
    if isinstance(value, torch.Tensor):
        array = value.detach().cpu().resolve_conj().resolve_neg()
        array = array.double().numpy() if not array.is_complex() else np.asarray(None)
    else:
        try:
            array = np.asarray(value)
        except (ValueError, TypeError):  # rows of different lengths
            array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        of = " with rows of different lengths or entries that are no numbers" if isinstance(value, list | tuple) else ""
        raise TypeError(f"{name} is no grid of real numbers but a {type(value).__name__}{of}: {example}.")
    shape = tuple(array.shape)
    if array.ndim in (3, 4):
        raise ValueError(f"{name} has the shape {shape}, {_one_channel(name, shape)}")
    if array.ndim != 2:
        raise ValueError(f"{name} has the shape {shape}, so it has no rows and columns: {example}.")
    rows, columns = shape
    if 0 in shape:
        raise ValueError(f"{name} is empty, its shape is {shape}: {example}.")
    if max(shape) > largest:
        piece = f"{name}[:{min(rows, largest)}, :{min(columns, largest)}]"
        raise ValueError(
            f"{name} is {rows} × {columns}, too large to show as numbers: "
            f"pass a piece of at most {largest} × {largest}, such as {piece}."
        )
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} holds {array[row, column]} in row {row}, column {column}: pass finite numbers, up to about 3e38."
        )
    return torch.from_numpy(array.copy())


def _one_channel(name: str, shape: tuple[int, ...]) -> str:
    if len(shape) == 4:
        return f"which is a batch of images: pass one channel of one image, such as {name}[0, 0]."
    if shape[-1] in (3, 4) and shape[0] not in (1, 3):
        return f"which looks like a colour image: pass one channel, such as {name}[:, :, 0]."
    looks = "which looks like a colour image: pass" if shape[0] in (3, 4) else "which has three axes: pass"
    return f"{looks} one channel, such as {name}[0]."
