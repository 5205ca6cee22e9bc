"""Plain values as JSON, for the stored cases: readable where they are small, packed where they are pictures."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import torch

from course_utils import functions
from course_utils.values import File, Raised, Sealed, Sketch, Unplain

LARGEST_READABLE = 256  # numbers of a tensor; a larger one is a picture, which nobody reads in JSON


def to_json(value: Any) -> Any:
    """A plain value as JSON data. Tensors keep dtype and shape; a non-contiguous one stays non-contiguous."""
    if callable(value) and (name := functions.name_of(value)):
        return {"function": name}
    if isinstance(value, File):
        return {"file": value.name, "bytes": base64.b64encode(value.data).decode()}
    if isinstance(value, Sketch):
        return {"sketch": list(value.shape), "values": to_json(value.values)}
    if isinstance(value, torch.Tensor) and value.requires_grad:
        return {"followed": to_json(value.detach())}
    if isinstance(value, torch.Tensor) and value.numel() > LARGEST_READABLE:
        return _packed(value)
    if isinstance(value, torch.Tensor):
        data = {"tensor": _numbers(value), "dtype": str(value.dtype).removeprefix("torch.")}
        if value.numel() == 0:
            return data | {"shape": list(value.shape)}  # nested lists cannot say (0, 3)
        return data if value.is_contiguous() else data | {"contiguous": False}
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, Sealed):
        sealed: dict[str, Any] = {"sealed": value.digest, "kind": value.kind}
        if value.step:
            sealed |= {"step": value.step, "offset": value.offset}
        if value.shape is not None:
            sealed["shape"] = value.shape
        if value.entries:
            sealed["entries"] = value.entries
        return sealed
    if isinstance(value, Raised):
        return {"raised": value.type_name}
    if isinstance(value, Unplain):
        return {"unplain": value.type_name}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return to_json(torch.from_numpy(np.ascontiguousarray(value)))
    return value


def from_json(data: Any) -> Any:
    """The plain value that `to_json` wrote."""
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "tensor" in data:
        tensor = torch.tensor(data["tensor"], dtype=getattr(torch, data["dtype"]))
        if "shape" in data:
            return tensor.reshape(data["shape"])
        return tensor if data.get("contiguous", True) else _laid_out_backwards(tensor)
    if "followed" in data:
        return from_json(data["followed"]).requires_grad_()
    if "tuple" in data:
        return tuple(from_json(item) for item in data["tuple"])
    if "sealed" in data:
        shape = tuple(data["shape"]) if "shape" in data else None
        step, offset = data.get("step", 0.0), data.get("offset", 0.0)
        return Sealed(data["kind"], data["sealed"], step, offset, shape, data.get("entries", ""))
    if "packed" in data:
        return _unpacked(data)
    if "function" in data:
        return functions.named(data["function"])
    if "file" in data:
        return File(data["file"], base64.b64decode(data["bytes"]))
    if "sketch" in data:
        return Sketch(tuple(data["sketch"]), from_json(data["values"]))
    return Raised(data["raised"]) if "raised" in data else Unplain(data["unplain"])


def _numbers(tensor: torch.Tensor) -> Any:
    """Nested lists of the shortest decimals that read back as the same numbers; whole floats as integers."""
    if tensor.ndim:
        return [_numbers(part) for part in tensor]
    number = tensor.item()
    if isinstance(number, float):
        number = float(str(np.float32(number))) if tensor.dtype == torch.float32 else number
        return int(number) if number.is_integer() else number
    return number


def _packed(tensor: torch.Tensor) -> dict[str, Any]:
    """A large tensor in few characters; a picture with 256 levels takes one byte a pixel before it is compressed."""
    levels = (tensor * 255).round() if tensor.is_floating_point() else tensor
    eight_bits = tensor.dtype == torch.float32 and torch.equal(levels.clamp(0, 255).to(torch.uint8) / 255, tensor)
    numbers = (levels.to(torch.uint8) if eight_bits else tensor.detach()).contiguous()
    data = {
        "packed": base64.b64encode(zlib.compress(numbers.view(torch.uint8).numpy().tobytes(), 9)).decode(),
        "dtype": "picture" if eight_bits else str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
    }
    return data if tensor.is_contiguous() else data | {"contiguous": False}


def _unpacked(data: dict[str, Any]) -> torch.Tensor:
    dtype = torch.uint8 if data["dtype"] == "picture" else getattr(torch, data["dtype"])
    numbers = torch.frombuffer(bytearray(zlib.decompress(base64.b64decode(data["packed"]))), dtype=dtype)
    tensor = (numbers / 255 if data["dtype"] == "picture" else numbers).reshape(data["shape"])
    return tensor if data.get("contiguous", True) else _laid_out_backwards(tensor)


def _laid_out_backwards(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers, not contiguous: as a transposed view has them, or one column that was cut out of several."""
    backwards = tuple(reversed(range(tensor.ndim)))
    view = tensor.permute(backwards).contiguous().permute(backwards)
    return torch.stack([tensor, tensor], -1)[..., 0] if view.is_contiguous() else view
