"""scripts/system_packages.sh, with a make-believe system in front of it: nothing is really installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "system_packages.sh"


class System:
    """A PATH of a few commands; apt-get writes down how it was called and installs by making commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("env", "touch", "chmod", "sh"):
            (folder / name).symlink_to(shutil.which(name))
        self.command("id", "echo 0")

    def command(self, name: str, body: str) -> None:
        (self.folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.folder / name).chmod(0o755)

    def apt(self, works: bool = True) -> None:
        makes = f"touch {self.folder}/bwrap {self.folder}/chromium; chmod +x {self.folder}/bwrap {self.folder}/chromium"
        self.command("apt-get", f'echo "$*" >> {self.folder}/calls\n{makes if works else "exit 100"}')

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines() if (self.folder / "calls").exists() else []

    def run(self, *packages: str) -> subprocess.CompletedProcess:
        environ = {"PATH": str(self.folder)}
        return subprocess.run(["/bin/sh", SCRIPT, *packages], env=environ, capture_output=True, text=True)


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path / "bin")


def test_nothing_is_asked_where_nothing_is_missing(system: System) -> None:
    system.apt()
    for name in ("bwrap", "google-chrome", "python3"):
        system.command(name, "exit 0")
    ended = system.run("python3-venv", "bubblewrap", "chromium")
    assert (ended.returncode, ended.stdout, ended.stderr, system.calls) == (0, "", "", [])


def test_root_gets_what_is_missing(system: System) -> None:
    system.apt()
    system.command("bwrap", "exit 0")
    ended = system.run("bubblewrap", "chromium")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "Installing chromium from the system's packages.\n"
    assert system.calls == ["update -qq", "install -y -qq chromium"]


def test_a_user_who_may_use_sudo_gets_it_too(system: System) -> None:
    system.apt()
    system.command("id", "echo 1000")
    system.command("sudo", 'shift; "$@"')
    system.command("true", "exit 0")
    assert system.run("bubblewrap", "chromium").returncode == 0
    assert system.calls == ["update -qq", "install -y -qq bubblewrap chromium"]


@pytest.mark.parametrize("reason", ["no apt-get", "not permitted", "apt-get fails"])
def test_otherwise_one_sentence_says_what_to_install(system: System, reason: str) -> None:
    if reason != "no apt-get":
        system.apt(works=reason != "apt-get fails")
    if reason == "not permitted":
        system.command("id", "echo 1000")
        system.command("sudo", "exit 1")
    ended = system.run("bubblewrap", "chromium")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Please install bubblewrap chromium with your system's package manager "
        "(on Debian: apt-get install bubblewrap chromium), then try again."
    )
    assert not any(call.startswith("install") for call in system.calls)


def test_python_without_venv_is_noticed(system: System) -> None:
    system.command("python3", "exit 1")
    ended = system.run("python3-venv")
    assert ended.returncode == 1 and "apt-get install python3-venv" in ended.stderr
