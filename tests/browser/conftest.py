"""A real JupyterLab and a real browser for tests: `lab.open(...)` gives a notebook to run, look at and photograph."""

import ast
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page

from tests.conftest import ROOT

ARTEFACTS = ROOT / "artefacts"
PATIENCE = 120_000  # ms; a kernel that imports torch on a busy machine takes its time
# What is for developers alone, and what JupyterLab says of itself on a busy machine. Nothing else is overlooked.
NOISE = re.compile(
    r"debug: "  # nothing is wrong at this level; of ours, the linter lets nothing write to the console
    r"|warning: Plugin \S+ (is taking too long|\(with \d+ dependants?\) took \S+) to activate"  # a busy machine
    r"|warning: Item with index \d+ did not appear within"  # likewise, in a long notebook that runs
    r"|error: Could not restore the debugger state: Canceled future"  # of a kernel that was soon ended
)
# What JupyterLab itself would fetch or ask at its first start.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "docmanager-extension/plugin": {"autosave": False},
}


class Lab:
    """A JupyterLab server on a folder of its own, and a browser to look at it."""

    def __init__(self, url: str, token: str, folder: Path, settings: Path, browser: Browser) -> None:
        self.url, self.token, self.folder, self.settings, self.browser = url, token, folder, settings, browser
        self.idle: list[Page] = []  # windows with no notebook: to load JupyterLab takes 8 seconds of a processor

    def write(self, cells: Sequence[str]) -> Path:
        """Write code cells as a notebook into the server's folder and return its path."""
        path = self.folder / f"notebook-{secrets.token_hex(4)}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, path)
        return path

    def open(
        self,
        notebook: Path | Sequence[str],
        *,
        width: int = 1280,
        height: int = 1100,
        touch: bool = False,
        new: bool = False,
    ) -> "Notebook":
        """Open a notebook (a path inside `folder`, or the code of its cells) in a window that no other is open in.

        `new`: a window of its own, for what must be loaded afresh (saved or untrusted notebooks) and for long ones, of
        which a used window does not draw all cells. `touch`: likewise, and to be touched.
        """
        path = notebook if isinstance(notebook, Path) else self.write(notebook)
        tree = path.relative_to(self.folder).as_posix()
        own = touch or new
        if self.idle and not own:
            page = self.idle.pop()
            page.set_viewport_size({"width": width, "height": height})
            opened = Notebook(page, self.idle)
            opened.set_theme("JupyterLab Light")
            opened._command("docmanager:open", {"path": tree})
        else:
            context = self.browser.new_context(viewport={"width": width, "height": height}, has_touch=touch)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            opened = Notebook(page, None if own else self.idle)
            self._set("apputils-extension/themes", {"theme": "JupyterLab Light"})  # another may have left it dark
            workspace = secrets.token_hex(4)  # no memory of windows opened before
            page.goto(f"{self.url}/lab/workspaces/{workspace}/tree/{tree}?token={self.token}")
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets?.length")
        page.evaluate("window.jupyterapp.commands.execute('application:set-mode', {mode: 'single-document'})")
        page.evaluate("window.jupyterapp.shell.collapseLeft()")
        opened.wait_until_idle()
        return opened

    def _set(self, plugin: str, values: dict) -> None:
        path = self.settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


class Notebook:
    """A notebook open in JupyterLab. `page` is Playwright's; `messages` is what the browser's console complained of."""

    def __init__(self, page: Page, idle: list[Page] | None) -> None:
        self.page = page
        self.messages: list[str] = []
        self._idle = idle  # where to leave the window in the end
        page.on("console", self._note)
        page.on("pageerror", self._note_error)

    def run_all(self) -> None:
        """Run every cell and wait until the last is done."""
        self._command("notebook:run-all-cells")
        self.wait_until_idle()

    def run(self, index: int) -> None:
        """Run one cell and wait until it is done."""
        self.page.evaluate("i => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = i }", index)
        self._command("notebook:run-cell")
        self.wait_until_idle()

    def value(self, expression: str) -> Any:
        """Return an expression's value in the notebook's kernel, which must be made of literals."""
        shown = self.page.evaluate(
            """async (expression) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const asked = { code: '', silent: true, store_history: false, user_expressions: { value: expression } };
                const value = (await kernel.requestExecute(asked).done).content.user_expressions.value;
                if (value.status !== 'ok') throw new Error(value.evalue);
                return value.data['text/plain'];
            }""",
            f"repr(({expression}))",
        )
        return ast.literal_eval(ast.literal_eval(shown))

    def set_source(self, index: int, source: str) -> None:
        """Replace what stands in a cell."""
        self.page.evaluate(
            """([i, source]) =>
                window.jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.setSource(source)""",
            [index, source],
        )

    def set_theme(self, theme: str) -> None:
        """Change to "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate(
            """theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => null)""",
            theme,
        )
        self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)

    def save(self) -> None:
        """Save the notebook."""
        self._command("docmanager:save")

    def end_kernel(self) -> None:
        """End the kernel for good, as a timeout on a server does."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def wait_until_idle(self) -> None:
        """Wait until a kernel is there and has nothing to do."""
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
        )

    def cell(self, index: int) -> Locator:
        """Return the cell, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """Return the output area of a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def screenshot(self, name: str, of: Locator | None = None) -> Path:
        """Keep a picture of the page, or of a part of it, as artefacts/`name`.png."""
        path = ARTEFACTS / f"{name}.png"
        (of or self.page).screenshot(path=path, animations="disabled")
        return path

    def close(self) -> None:
        """End the kernel, and close the window or leave it to the next notebook."""
        self.page.evaluate(
            """async () => {
                const { sessionContext } = window.jupyterapp.shell.currentWidget;
                if (sessionContext.session) await sessionContext.shutdown();
            }"""
        )
        if self._idle is None:
            self.page.context.close()
            return
        self.page.mouse.move(0, 0)
        self.page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
        # Else an explorer without a style sheet of its own would have that of one before it.
        self.page.evaluate(
            """() => document.querySelectorAll('style').forEach(
                (style) => style.textContent.includes('.course-explorer') && style.remove())"""
        )
        self.page.remove_listener("console", self._note)
        self.page.remove_listener("pageerror", self._note_error)
        self._idle.append(self.page)

    def _command(self, name: str, arguments: dict[str, str] | None = None) -> None:
        execute = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(execute, [name, arguments or {}])

    def _note(self, message: ConsoleMessage) -> None:
        words = f"{message.type}: {message.text}"
        if not NOISE.match(words):
            self.messages.append(words)

    def _note_error(self, error: Error) -> None:
        self.messages.append(f"uncaught: {error}")


@pytest.fixture(scope="package")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with settings, folder and token of its own, ended by its process id."""
    ARTEFACTS.mkdir(exist_ok=True)
    home = tmp_path_factory.mktemp("lab")
    with lab_server(home) as (url, token):
        lab = Lab(url, token, home / "notebooks", home / "settings", browser)
        yield lab
        for page in lab.idle:
            page.context.close()


def lab_server(home: Path) -> contextlib.AbstractContextManager[tuple[str, str]]:
    """Run JupyterLab of this environment with its home in `home`; gives its address and its token."""
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    own = {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "PYTHONPATH": str(ROOT),  # for the class of kernels
    }
    options = [
        "--ServerApp.port_retries=0",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
        "--AsyncMappingKernelManager.kernel_manager_class=tests.browser.kernels.LabKernel",
    ]
    return server([*starting("jupyterlab.labapp"), *options], "ServerApp", home, own)


def starting(application: str) -> list[str]:
    """The command of a Jupyter application. Our package is imported first, without which nbformat takes seconds; with
    `-c`, kernels that are forked do not import the server's program."""
    return [sys.executable, "-c", f"import course_grading; from {application} import main; main()"]


@contextlib.contextmanager
def server(command: list[str], section: str, home: Path, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Run a Jupyter server on home/notebooks, with nothing of the user's; gives its address and its token."""
    (home / "notebooks").mkdir()
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {name: str(home / name.lower()) for name in folders} | environment
    port, token = _free_port(), secrets.token_hex(16)
    options = {"ip": "127.0.0.1", "port": port, "token": token, "root_dir": home / "notebooks"}
    if section == "NotebookApp":
        options["notebook_dir"] = options.pop("root_dir")
    command = [*command, "--no-browser", "--allow-root", *(f"--{section}.{name}={options[name]}" for name in options)]
    url = f"http://127.0.0.1:{port}"
    with open(home / "server.log", "w") as log:
        running = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            _wait_for(f"{url}/api/status?token={token}", running, home / "server.log")
            yield url, token
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    ends = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < ends and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}")
