"""Servers of a test's own on loopback: a Dask scheduler with workers, and PostgreSQL."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = 65534  # nobody: PostgreSQL refuses to run as root


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Postgres:
    """A PostgreSQL server with its data in a folder; it may be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.template = "template1"  # what a new database is a copy of
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(shutil.which("initdb") or "").parent]
        self._bin = found[-1]
        if os.getuid() == 0:
            os.chown(folder, ORDINARY, ORDINARY)
        self._run("initdb", "-D", str(folder / "data"), "-U", "course", "-A", "trust", "--no-sync", "-E", "UTF8")

    def _run(self, command: str, *arguments: str) -> None:
        user = {"user": ORDINARY, "group": ORDINARY, "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run(
            [self._bin / command, *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            **user,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        log = self.folder / "log"
        self._run("pg_ctl", "start", "-w", "-D", str(self.folder / "data"), "-o", options, "-l", str(log))

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate", "-w", "-D", str(self.folder / "data"))

    def database(self, name: str) -> str:
        """Make an empty database; returns its address as c.CourseDirectory.db_url takes it."""
        with psycopg.connect(f"postgresql://course@{self.address}/postgres", autocommit=True) as connection:
            connection.execute(f"create database {name} template {self.template}")
        return f"postgresql+psycopg://course@{self.address}/{name}"


def rows(url: str, query: str) -> list[tuple]:
    """What a database at such an address answers."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def postgres() -> Iterator[Postgres]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # pytest's own are closed to other users
        server = Postgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            with suppress(AssertionError):
                server.stop()


class Dask:
    """A scheduler and its workers, each a process that may be killed and started. Workers cannot see `hidden`."""

    def __init__(self, folder: Path, hidden: Path) -> None:
        self.folder, self.hidden, self.port = folder, hidden, free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}
        self._environment.pop("COURSE_ROOT", None)
        self.scheduler: subprocess.Popen | None = None
        self.workers: list[subprocess.Popen] = []
        folder.mkdir(parents=True, exist_ok=True)

    def _start(self, *arguments: str) -> subprocess.Popen:
        alone = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--tmpfs", str(self.hidden), "--"]
        command = [*alone, sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:], "--no-dashboard"]
        with open(self.folder / "log", "a") as log:
            return subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=log, stderr=log)

    def start_scheduler(self) -> None:
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text())

    def restart_scheduler(self) -> None:
        """A new scheduler at the same address, which knows nothing; workers that have ended are replaced."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()
        self.start_scheduler()
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers = [self.start_worker() for _ in self.workers]

    def start_worker(self) -> subprocess.Popen:
        worker = self._start(
            *("dask_worker", self.address, "--nthreads", "1", "--no-nanny"),
            *("--memory-limit", "0", "--local-directory", str(self.folder)),
        )
        return worker

    def stop(self) -> None:
        for process in [*self.workers, self.scheduler]:
            if process is not None:
                process.kill()
                process.wait()


@contextmanager
def dask(folder: Path, hidden: Path, workers: int = 2) -> Iterator[Dask]:
    cluster = Dask(folder, hidden)
    try:
        cluster.start_scheduler()
        cluster.workers = [cluster.start_worker() for _ in range(workers)]
        yield cluster
    finally:
        cluster.stop()
