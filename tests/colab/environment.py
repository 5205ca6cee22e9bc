"""A Python environment like Google Colab's, with the course not installed.

The slow part, Colab's old Jupyter packages, is installed once under .cache/. Torch and what it needs are not
installed again (they are gigabytes): they are linked from the environment that runs the tests. Each test then gets a
fresh, empty environment on top, so that what one test installs no other test sees.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What Colab had in 2026-08, as far as the course can notice.
COLAB = [
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "ipywidgets==7.7.1",
    "jupyter-client==7.4.9",
    "notebook==6.5.7",
    "anywidget==0.9.21",
]
LINKED = ["torch", "torchvision", "numpy", "pillow", "matplotlib"]

# The stub remembers in `calls` what was asked of it.
GOOGLE_COLAB = '''"""A stub of what Colab's notebooks can import."""

from . import output
'''
GOOGLE_COLAB_OUTPUT = '''"""A stub of google.colab.output."""

calls = []


class _widgets:
    """Anywidget asks it for the custom widget manager's address."""

    _installed_url = None


def enable_custom_widget_manager():
    calls.append("enable_custom_widget_manager")


def disable_custom_widget_manager():
    calls.append("disable_custom_widget_manager")
'''


@dataclass(frozen=True)
class Base:
    """The shared, read-only part: `packages` are Colab's own, `linked` holds torch and what it needs."""

    packages: Path
    linked: Path


class Colab:
    """One fresh environment like Colab's in `folder`; `python` is its interpreter."""

    def __init__(self, base: Base, folder: Path) -> None:
        venv.EnvBuilder(symlinks=True).create(folder)
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.packages = _site_packages(folder)
        # A .pth folder counts as outside of this environment, so that pip never touches what is in it.
        (self.packages / "_colab.pth").write_text(f"{base.packages}\n{base.linked}\nimport google.colab\n")
        stub = self.packages / "google" / "colab"
        stub.mkdir(parents=True)
        (stub / "__init__.py").write_text(GOOGLE_COLAB)
        (stub / "output.py").write_text(GOOGLE_COLAB_OUTPUT)
        spec = folder / "kernels" / "colab"
        spec.mkdir(parents=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Colab", "language": "python"}))

    def see(self, folder: Path) -> None:
        """Make what lies in `folder` importable, as if it were installed."""
        with (self.packages / "_colab.pth").open("a") as pth:
            pth.write(f"{folder}\n")

    def run(self, notebook: nbformat.NotebookNode, cwd: Path, timeout: int = 300) -> nbformat.NotebookNode:
        """Run all cells of `notebook` (changed in place) in `cwd`, on past errors; its widgets' state is kept in it."""
        self.run_in_turn([notebook], cwd, timeout)
        return notebook

    def run_in_turn(self, notebooks: Sequence[nbformat.NotebookNode], cwd: Path, timeout: int = 300) -> None:
        """As `run`, all in one kernel that forgets its names in between: to start one takes seconds of a processor."""
        kernels = KernelSpecManager(kernel_dirs=[str(self.folder / "kernels")], ensure_native_kernel=False)
        manager = AsyncKernelManager(kernel_name="colab", kernel_spec_manager=kernels)
        resources = {"metadata": {"path": str(cwd)}}
        for number, notebook in enumerate(notebooks, 1):
            client = NotebookClient(notebook, km=manager, resources=resources, allow_errors=True, timeout=timeout)
            client.owns_km = number == len(notebooks)  # the last ends the kernel
            if number > 1:
                notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            client.execute(env=self.environ())
            if number > 1:
                del notebook.cells[0]

    def execute(self, *arguments: str, cwd: Path | None = None) -> str:
        """What `python ARGUMENTS` prints here; raises CalledProcessError when it fails."""
        command = [str(self.python), *arguments]
        where = cwd or self.folder  # never a folder with the course in it
        return subprocess.run(command, cwd=where, env=self.environ(), check=True, capture_output=True, text=True).stdout

    def versions(self) -> dict[str, str]:
        """Name and version of every installed distribution."""
        code = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
        return json.loads(self.execute("-c", code))

    def environ(self) -> dict[str, str]:
        """This process's environment without what would lead Python back to the test's own environment."""
        ours = ("PYTHON", "VIRTUAL_ENV", "JUPYTER", "IPYTHON", "NBGRADER", "COURSE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "IPYTHONDIR": str(self.folder / "ipython"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def base(cache: Path) -> Base:
    """The shared part under `cache`, made when it is missing or no longer fits the environment that runs the tests."""
    linked = list(_closure(LINKED))
    facts = [sys.version, sys.prefix, *COLAB, *(f"{found.name} {found.version}" for found in linked)]
    stamp = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / "colab-env"
    result = Base(_site_packages(folder), folder / "linked")
    with (cache / "colab-env.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test workers, one builder
        made = folder / "made"
        if not made.is_file() or made.read_text() != stamp:
            shutil.rmtree(folder, ignore_errors=True)
            _build(folder, result, linked)
            made.write_text(stamp)
    return result


def _build(folder: Path, made: Base, linked: list[Distribution]) -> None:
    venv.EnvBuilder(symlinks=True).create(folder)
    made.linked.mkdir()
    for found in linked:
        for top in {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (made.linked / top).exists():
                (made.linked / top).symlink_to(found.locate_file(top))
    (made.packages / "_linked.pth").write_text(f"{made.linked}\n")
    # By our own pip, as the one that comes with Python takes twice as long. Of most, no file is ever imported.
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-compile", "pip", *COLAB], check=True)


def _closure(names: list[str]) -> Iterator[Distribution]:
    """The installed distributions called `names` and, once each, all that they require on this machine."""
    waiting, seen = [Requirement(name) for name in names], set()
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            found = distribution(wanted.name)
        except PackageNotFoundError:
            continue  # pip finds it missing and says so
        yield found
        for line in found.requires or ():
            needed = Requirement(line)
            extras = wanted.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)


def _site_packages(folder: Path) -> Path:
    return folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
