"""What crosses the trust boundary: plain data keeps exact type, shape and dtype; forgeries are refused."""

import math
import socket
import struct
import time

import msgpack
import numpy as np
import pytest
import torch

from course_grading.kernels.inside.codec import Decoder, Encoder, Refused
from course_grading.kernels.inside.wire import Channel, WireError, WireTimeout
from course_utils.values import Unplain


def across(value: object, trusted: bool = False) -> object:
    encoder = Encoder()
    data = msgpack.unpackb(msgpack.packb(encoder.encode(value)), strict_map_key=False)
    return Decoder(encoder.blobs, trusted=trusted).decode(data)


VALUES = [
    *(None, True, 0, -(1 << 63), 1 << 80, 1.5, math.inf, "é", b"\xff", 1 + 2j, slice(1, None, -1)),
    *([], [1, [2.0, (3, "x")]], (), (1, 2), {1, 2}, frozenset("a"), {"a": (1,), 2: None, (3, 4): [5]}),
    *(torch.float32, torch.bool, torch.Size([2, 3]), np.float32(1.5), np.int8(-1), np.bool_(True), np.complex64(1j)),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values_keep_type_and_value(value: object) -> None:
    assert type(across(value)) is type(value)
    assert across(value) == value


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "bfloat16", "float32", "float64", "complex64"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3), (1, 1)])
def test_tensors_keep_dtype_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    tensor = (torch.rand(shape) * 3).to(getattr(torch, dtype))
    assert torch.equal(across(tensor), tensor)
    assert across(tensor).dtype == tensor.dtype and across(tensor).shape == tensor.shape


def test_a_students_function_gets_the_layout_that_the_test_gave() -> None:
    x = torch.arange(24.0).reshape(4, 6)
    for tensor in (x.t(), x[:, ::2], x[1:, 1:], x[0].expand(3, 6), x[:1, :1]):
        copy = across(tensor, trusted=True)
        assert torch.equal(copy, tensor) and copy.is_contiguous() == tensor.is_contiguous()
    with pytest.raises(RuntimeError):
        across(x.t(), trusted=True).view(-1)


@pytest.mark.parametrize(
    "array", [np.arange(6).reshape(2, 3).T, np.zeros((0, 2), "f2"), np.array(1.5), np.array([1], ">i4")]
)
def test_arrays_cross(array: np.ndarray) -> None:
    assert np.array_equal(across(array), array)
    assert across(array).dtype == array.dtype.newbyteorder("=") and across(array).shape == array.shape


def test_what_has_behaviour_of_its_own_does_not_cross() -> None:
    class Lie(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    for value in (Lie(), object(), (n for n in ()), torch.ones(2).as_subclass(type("T", (torch.Tensor,), {})), print):
        assert isinstance(across(value), Unplain)
    endless: list = []
    endless.append(endless)
    across(endless)


FORGERIES = [
    *(
        {},
        {"unknown": 1},
        {"reference": 0},
        {"int": "0x" + "f" * 5000},
        {"int": "yes"},
        {"file": ["x", 300_000_000]},
        {"file": [1, b""]},
        {"dict": [[[], 1]]},
    ),
    *({"tensor": "float32", "shape": [1 << 40, 1 << 40], "blob": 0}, {"tensor": "float32", "shape": [-1], "blob": 0}),
    *({"tensor": "qint8", "shape": [4], "blob": 0}, {"tensor": "float32", "shape": [4], "blob": 9}),
    *(
        {"array": "O", "shape": [1], "blob": 0},
        {"array": "(9,)f4", "shape": [1], "blob": 0},
        {"scalar": "O", "blob": 0},
    ),
    *({"set": [[1]]}, {"dtype": "__class__"}, {"complex": ["a", 1]}, {"dict": 1}, {"tuple": None}, {1: 2}),
]


SIXTEEN = {"tensor": "float32", "shape": [4], "blob": 0}
FORGERIES += [
    [SIXTEEN, SIXTEEN],  # the same bytes for many values
    {"array": "f4", "shape": [1 << 40], "blob": 0},
    {"tensor": "float32", "shape": [2], "blob": 0},
    {"tensor": "uint8", "shape": [2_000_000_000], "blob": 1},  # of no bytes
    {"tensor": "uint8", "shape": [0, 1 << 40], "blob": 1},  # whose sum would be large
    {"array": "f8", "shape": [1 << 40, 0], "blob": 1},
]


@pytest.mark.parametrize("data", FORGERIES, ids=str)
def test_forgeries_are_refused(data: object) -> None:
    with pytest.raises(Refused):
        Decoder([memoryview(bytes(16)), memoryview(b"")]).decode(data)


def test_strides_of_a_student_ask_for_no_memory() -> None:
    data = {"tensor": "float32", "shape": [2, 2], "strides": [1 << 40, 1], "blob": 0}
    assert Decoder([memoryview(bytes(16))]).decode(data).is_contiguous()


def test_truth_values_of_a_student_are_true_or_false() -> None:
    data = {"tensor": "bool", "shape": [2], "blob": 0}
    assert Decoder([memoryview(b"\x02\x00")]).decode(data).view(torch.uint8).tolist() == [1, 0]


def test_a_message_arrives_whole_or_not_at_all() -> None:
    ours, theirs = socket.socketpair()
    sender, receiver = Channel(ours), Channel(theirs)
    sender.send({"a": 1}, [b"xy", bytes(50_000)])
    header, blobs = receiver.receive()
    assert header == {"a": 1} and [len(blob) for blob in blobs] == [2, 50_000]
    with pytest.raises(WireTimeout):
        receiver.receive(time.monotonic() + 0.01)
    ours.close()
    with pytest.raises(WireError):
        receiver.receive()


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff" * 100,
        struct.pack("<IQ", 1 << 31, 0),
        struct.pack("<IQ", 1, 1 << 60),
        struct.pack("<IQ", 3, 0) + b"abc",
        struct.pack("<IQ", 4, 0) + msgpack.packb([1, [7]]) + b"\0",
    ],
)
def test_garbage_on_the_wire_is_an_error(raw: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(raw)
    ours.close()
    with pytest.raises(WireError):
        Channel(theirs).receive()


def test_that_gradients_are_asked_for_crosses_to_the_student_only() -> None:
    followed = torch.rand(2, 3).t().requires_grad_()
    assert across(followed, trusted=True).requires_grad
    assert not across(followed).requires_grad
    assert not across(followed.detach(), trusted=True).requires_grad
