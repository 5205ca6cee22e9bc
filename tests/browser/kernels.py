"""Kernels for the JupyterLab of tests, forked as those of `course build` are: torch is imported once a server.

How a kernel starts by itself is seen in test_classic_notebook.py and in tests/colab.
"""

import asyncio
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from course_grading.authoring.fresh_kernels import FreshKernel, forks, warm_up
from course_grading.kernels.pool import modules_of
from course_grading.places import lesson_folders


class LabKernel(FreshKernel, ServerKernelManager):
    """What JupyterLab starts for a notebook."""

    def __init__(self, **settings: Any) -> None:
        _warm_up()
        super().__init__(**settings)
        self.last_activity = datetime.now(UTC)  # which the server may be asked for before it has seen any

    async def start_kernel(self, *options: Any, **settings: Any) -> None:
        await asyncio.to_thread(_wait_until_warm)  # the server goes on meanwhile
        await super().start_kernel(*options, **settings)


@cache
def _warm_up() -> None:
    warm_up(modules_of(lesson_folders()))


@cache
def _wait_until_warm() -> None:
    first = forks.Process(target=int)
    first.start()
    first.join()
