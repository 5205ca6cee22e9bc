"""The interpreter crashes while a test waits for an answer."""

import ctypes


def positions(image_shape, kernel_shape):
    ctypes.string_at(0)
