"""Environment variables: for a while, and the names of our own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

FOLLOWING_EARNS = "COURSE_FOLLOWING_EARNS"  # set where right uses of a wrong function of one's own earn marks


@contextmanager
def environ(**values: str) -> Iterator[None]:
    """Set environment variables, and put back what was there before. (nbgrader's `setenv` may not.)"""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
