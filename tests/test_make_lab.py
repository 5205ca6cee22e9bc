"""`make lab` really starts JupyterLab on the course, for this machine only."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict]:
    """What JupyterLab says of itself once `make lab` has started it: address, token, folder."""
    runtime = tmp_path / "runtime"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "JUPYTER"))}
    environ = {**kept, "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    command = ["make", "--old-file=.venv/installed", "lab", "LAB=--no-browser --port=0"]
    with (tmp_path / "log").open("w") as log:
        made = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + 180
        while not (found := list(runtime.glob("jpserver-*.json"))):
            assert made.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.1)
        yield json.loads(found[0].read_text())
    finally:
        os.killpg(made.pid, signal.SIGTERM)
        made.wait(30)


def test_it_opens_the_notebooks_in_the_courses_folder(server: dict) -> None:
    assert server["hostname"] in ("localhost", "127.0.0.1")
    assert Path(server["root_dir"]) == ROOT  # where Formgrader and Validate find nbgrader_config.py
    page = urllib.request.urlopen(f"{server['url']}lab?token={server['token']}", timeout=30)
    assert page.status == 200 and b"JupyterLab" in page.read()
    start = urllib.request.Request(f"{server['url']}?token={server['token']}")
    assert urllib.request.urlopen(start, timeout=30).url.split("?")[0].endswith("/lab/tree/notebooks")
