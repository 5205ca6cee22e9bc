"""Values that cross the trust boundary, as a header and raw blobs; never pickles, never objects with behaviour.

`encode` keeps exact type, shape and dtype of plain data. `decode` believes nothing: what it builds are built-in
types, tensors and arrays of exactly the size of the bytes that came.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course_utils.values import File, Unplain

DEEPEST = 60
WIDEST_EMPTY = 1 << 22  # numbers that a shape without any might have, its zeros left out
_TENSOR_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128),
    )
}
_NAMES = {dtype: name for name, dtype in _TENSOR_DTYPES.items()}
_ATOMS = (bool, int, float, str, bytes)


class Refused(ValueError):
    """Data from the other side that no honest encoder would have written."""


class Encoder:
    """Turns values into msgpack data, collecting the bytes of tensors and arrays in `blobs`.

    `reference` may turn what is no plain data into a reference (for functions); whatever it declines becomes `Unplain`.
    """

    def __init__(self, reference: Callable[[Any], Any] | None = None) -> None:
        self.blobs: list[memoryview] = []
        self._reference = reference or (lambda value: None)

    def encode(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        if value is None or kind in (bool, float, str, bytes):
            return value
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 63 else {"int": hex(value)}
        if depth > DEEPEST:
            return {"unplain": "deeply nested value"}
        if kind is torch.Tensor and value.layout == torch.strided:
            return self._tensor(value)
        if kind is np.ndarray and value.dtype.kind in "biufc":
            return self._array(value)
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            return {"scalar": str(value.dtype), "blob": self._blob(np.asarray(value))}
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        if kind in (tuple, set, frozenset, torch.Size):
            return {kind.__name__: [self.encode(item, depth + 1) for item in value]}
        if kind is dict:
            return {"dict": [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in value.items()]}
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is slice:
            return {"slice": [self.encode(part, depth + 1) for part in (value.start, value.stop, value.step)]}
        if kind is torch.dtype:
            return {"dtype": str(value).removeprefix("torch.")}
        if kind is File:
            return {"file": [value.name, value.data]}
        if kind is Unplain:
            return {"unplain": str(value.type_name)[:200]}
        reference = self._reference(value)
        return {"unplain": kind.__name__[:200]} if reference is None else {"reference": reference}

    def _blob(self, array: np.ndarray) -> int:
        self.blobs.append(memoryview(array.tobytes()))
        return len(self.blobs) - 1

    def _tensor(self, tensor: torch.Tensor) -> Any:
        followed = tensor.requires_grad
        tensor = tensor.detach().resolve_conj().resolve_neg().cpu()
        dtype = _NAMES.get(tensor.dtype)
        if dtype is None:
            return {"unplain": f"tensor of {tensor.dtype}".replace("torch.", "")[:200]}
        # NumPy has no bfloat16.
        raw = tensor.contiguous().view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        data: dict[str, Any] = {"tensor": dtype, "shape": list(tensor.shape), "blob": self._blob(raw.numpy())}
        if followed:
            data["followed"] = True
        return data if tensor.is_contiguous() else data | {"strides": list(tensor.stride())}

    def _array(self, array: np.ndarray) -> Any:
        data: dict[str, Any] = {"array": array.dtype.newbyteorder("=").str, "shape": list(array.shape)}
        data["blob"] = self._blob(array.astype(array.dtype.newbyteorder("="), copy=False))
        if not array.flags.c_contiguous and array.flags.f_contiguous:
            data["fortran"] = True
        return data


class Decoder:
    """Builds values from what an `Encoder` wrote at the other end. Raises `Refused` on anything else.

    `reference` builds what stands for a function here; without it no functions are taken. Strides, which could ask
    for memory that was never sent, are honoured only with `trusted`.
    """

    def __init__(
        self, blobs: Sequence[memoryview], reference: Callable[[Any], Any] | None = None, trusted: bool = False
    ) -> None:
        self._blobs: list[memoryview | None] = list(blobs)
        self.reference = reference
        self._trusted = trusted

    def decode(self, data: Any) -> Any:
        try:
            return self._decode(data, 0)
        except Refused:
            raise
        except Exception as error:  # whatever a forged header makes torch or NumPy say
            raise Refused("the data could not be read") from error

    def _decode(self, data: Any, depth: int) -> Any:
        if data is None or type(data) in _ATOMS:
            return data
        if depth > DEEPEST + 2:
            raise Refused("too deep")
        if type(data) is list:
            return [self._decode(item, depth + 1) for item in data]
        if type(data) is not dict or not data:
            raise Refused("no value")
        kind, content = next(iter(data.items()))
        if kind == "tensor":
            return self._tensor(data)
        if kind == "array":
            return self._array(data)
        if kind == "scalar":
            return np.frombuffer(self._blob(data["blob"]), dtype=_safe_dtype(content))[0]
        if kind in ("tuple", "set", "frozenset", "Size"):
            items = [self._decode(item, depth + 1) for item in content]
            return {"tuple": tuple, "set": set, "frozenset": frozenset, "Size": torch.Size}[kind](items)
        if kind == "dict":
            return {self._decode(k, depth + 1): self._decode(v, depth + 1) for k, v in content}
        if kind == "int":
            if len(content) > 4000:
                raise Refused("an integer is too long")
            return int(content, 16)
        if kind == "complex":
            return complex(float(content[0]), float(content[1]))
        if kind == "slice":
            return slice(*(self._decode(part, depth + 1) for part in content))
        if kind == "dtype":
            return _TENSOR_DTYPES[content]
        if kind == "file":
            if [type(part) for part in content] != [str, bytes]:  # bytes(300) would make so many
                raise Refused("no file")
            return File(Path(content[0]).name, content[1])
        if kind == "unplain":
            return Unplain(str(content)[:200])
        if kind == "reference" and self.reference is not None:
            return self.reference(content)
        raise Refused("an unknown kind of value")

    def _blob(self, number: int) -> memoryview:
        """A blob, once: one that stood for many values would be copied for each."""
        blob, self._blobs[number] = self._blobs[number], None
        if blob is None:
            raise Refused("bytes that are used already")
        return blob

    def _tensor(self, data: dict) -> torch.Tensor:
        dtype, blob = _TENSOR_DTYPES[data["tensor"]], self._blob(data["blob"])
        shape = _shape(data["shape"], dtype.itemsize, len(blob))
        if len(blob) == 0:
            return torch.empty(shape, dtype=dtype)
        raw = torch.frombuffer(bytearray(blob), dtype=torch.uint8)
        tensor = (raw != 0 if dtype == torch.bool else raw.view(dtype)).reshape(shape)
        if self._trusted and "strides" in data:
            tensor = _with_strides(tensor, data["strides"])
        return tensor.requires_grad_() if self._trusted and "followed" in data else tensor

    def _array(self, data: dict) -> np.ndarray:
        dtype, blob = _safe_dtype(data["array"]), self._blob(data["blob"])
        shape = _shape(data["shape"], dtype.itemsize, len(blob))
        array = np.frombuffer(bytearray(blob), dtype=np.uint8 if dtype.kind == "b" else dtype)
        array = (array != 0 if dtype.kind == "b" else array).reshape(shape)
        return np.asfortranarray(array) if data.get("fortran") else array


def _safe_dtype(name: str) -> np.dtype:
    dtype = np.dtype(name)
    if dtype.kind not in "biufc" or dtype.shape:
        raise Refused("no dtype of numbers")
    return dtype


def _shape(shape: Any, itemsize: int, size: int) -> list[int]:
    """A shape of exactly so many bytes. One of none may not span more than others could: a sum over it would."""
    if type(shape) is not list or len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise Refused("no shape")
    if math.prod(shape) * itemsize != size:
        raise Refused("a shape that is not of the bytes that came")
    if size == 0 and math.prod(max(n, 1) for n in shape) > WIDEST_EMPTY:
        raise Refused("a shape that is too wide")
    return shape


def _with_strides(tensor: torch.Tensor, strides: list[int]) -> torch.Tensor:
    """A copy laid out as it was at the other end, so that `.view` fails for the student where it should."""
    spread = [n if stride else min(n, 1) for n, stride in zip(tensor.shape, strides, strict=True)]
    laid_out = torch.empty_strided(spread, strides, dtype=tensor.dtype)
    laid_out.copy_(tensor[tuple(slice(n) for n in spread)])
    return laid_out.expand(tensor.shape)
