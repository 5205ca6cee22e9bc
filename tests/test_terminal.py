"""Foreign text on an instructor's terminal is text: no markup, no command to the terminal, no row of its own."""

import ast
import errno
import io
import os
import subprocess
import sys

import click
import pytest
from rich.table import Table
from rich.text import Text

from course_grading import cli
from course_grading.cli import COMMANDS, OnDemand
from course_grading.terminal import complain, console, foreign, tell


@pytest.mark.parametrize(
    ("name", "seen"),
    {
        "ann": "ann",
        "Zoë 李 o'Neil-Łuk": "Zoë 李 o'Neil-Łuk",
        "[/x][final]:smile:": "[/x][final]:smile:",
        "a\\b": "a\\b",
        "\x1b[2Jann": r"\x1b[2Jann",
        "ann\nben  graded": r"ann\nben  graded",
        "a\r\tb\u2028c\x85d": r"a\r\tb\u2028c\x85d",
        "\u202egnp.exe\u2066": r"\u202egnp.exe\u2066",
        "zero\u200bwidth\ufeff": r"zero\u200bwidth\ufeff",
        "Ren\udce9": r"Ren\xe9",
        "half \ud83d": r"half \ud83d",
        "tag\U000e0041 private\ue000": r"tag\U000e0041 private\ue000",
        "no\u00a0break": "no\u00a0break",
    }.items(),
)
def test_all_of_a_name_is_seen_on_one_line(name: str, seen: str) -> None:
    assert foreign(name) == seen
    assert len(foreign(name).splitlines()) == 1


def test_long_text_keeps_its_ends() -> None:
    assert foreign("a" * 200 + "z" * 50, 20) == "a" * 13 + "…" + "z" * 6
    assert foreign("a" * 20, 20) == "a" * 20


def printed(*renderables: object, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    out = console(file=io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace"), width=100)
    out.print(*renderables)
    out.file.flush()
    return raw.getvalue().decode(encoding)


def test_a_string_is_text_even_where_nobody_thought_of_foreign() -> None:
    trick = "[/x] [red]\x1b[2J\u202e :smile:"
    table = Table("Student")
    table.add_row(trick)
    for shown in (printed(trick), printed(table), printed("it is", trick)):
        assert r"[/x] [red]\x1b[2J\u202e :smile:" in shown
        assert "\x1b" not in shown and "\u202e" not in shown


def test_sentences_keep_their_lines_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    tell("one\ntwo \x1b[2J")
    complain("three \u202e")
    assert capsys.readouterr() == ("one\ntwo \\x1b[2J\n", "three \\u202e\n")


@pytest.mark.parametrize("command", [["--help"], ["grade", "--help"], ["grade", "[/x]\x1bé"], ["nonsense\x1b[2J…"]])
def test_a_terminal_of_ascii_gets_no_traceback(command: list[str], tmp_path: object) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "1"}
    code = "from course_grading.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command], env=environment, cwd=str(tmp_path), capture_output=True, check=False
    )
    assert done.returncode == (0 if "--help" in command else 2), done.stderr
    text = done.stdout + done.stderr
    assert text and b"Traceback" not in text and b"UnicodeEncodeError" not in text
    assert text.isascii() and b"\x1b" not in text


@pytest.mark.parametrize(("file", "told"), [("exports/a\x1b[2J.csv", "exports/a\\x1b[2J.csv: "), (None, "")])
def test_a_full_disk_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str | None, told: str
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file)

    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert capsys.readouterr().err == (
        f"course: {told}No space left on device. See to the permissions and to the room on the disk, and run this "
        "again.\n"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_all_that_is_written(name: str) -> None:
    """Help is read as markup: words in brackets, unless escaped, are taken for a style and go."""
    with click.Context(OnDemand(name), info_name="course") as context:
        command = OnDemand(name).make_context(name, ["--help"], parent=context, resilient_parsing=True).command
    assert command.help
    for each in (command, *command.params):
        written = each.help or ""
        assert Text.from_markup(written).plain == written, written


def test_every_command_prints_by_these_functions() -> None:
    """None of our modules makes a console of its own, prints markup, or prints a string past `foreign`."""
    from tests.conftest import ROOT

    for path in (ROOT / "course_grading").rglob("*.py"):
        if path.name != "terminal.py" and "inside" not in path.parts:
            calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            called = {ast.unparse(call) for call in calls} & {"print", "Console", "rich.print", "rich.console.Console"}
            assert not called, f"{path}: use tell, complain or a console of terminal.py"


def test_what_nbgrader_logs_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from nbgrader.apps import NbGrader

    from tests.conftest import ROOT

    monkeypatch.chdir(ROOT)
    app = NbGrader()
    app.load_config_file()
    (handler,) = app.log.handlers
    try:
        raise ValueError("\x1b[2J of a student's")
    except ValueError:
        record = app.log.makeRecord("x", 30, "f", 1, "Autograding %s", ("\x1b]0;owned\x07\u202ename",), sys.exc_info())
    line = handler.format(record)
    assert "\x1b]" not in line and "\x1b[2J" not in line and "\x07" not in line and "\u202e" not in line
    assert r"Autograding \x1b]0;owned\x07\u202ename" in line and r"\x1b[2J of a student's" in line


PRESSED = """
import os, signal, subprocess, sys, threading, time
from course_grading.terminal import unheard

end = threading.Event()
for _ in range(int(sys.argv[1])):  # threads that the system may tell of Ctrl-C instead of the main one
    threading.Thread(target=end.wait, daemon=True).start()
signal.signal(signal.SIGINT, before := signal.default_int_handler)
try:
    with unheard():
        blocked = "import signal; print('blocked', signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
        subprocess.run([sys.executable, "-c", blocked])
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)  # until whichever thread it is has been told
        print("went on")
except KeyboardInterrupt:
    print("heard", signal.getsignal(signal.SIGINT) is before)
"""


@pytest.mark.parametrize("threads", [0, 1])
def test_ctrl_c_while_processes_are_started_is_heard_afterwards_and_by_us_alone(threads: int) -> None:
    done = subprocess.run([sys.executable, "-uc", PRESSED, str(threads)], capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines(), done.stderr) == (["blocked True", "went on", "heard True"], "")


def test_nobody_waits_for_torch_or_nbgrader_to_read_the_help_of_a_command() -> None:
    modules = [module for name, (module, _) in COMMANDS.items() if name not in ("why", "doctor")]  # which begin by them
    code = (
        f"import sys, importlib\nfor name in {modules}:\n    importlib.import_module(name)\n"
        "    print([name, *(each for each in ('torch', 'nbgrader', 'sqlalchemy') if each in sys.modules)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [ast.literal_eval(line) for line in done.stdout.splitlines()] == [[module] for module in modules]
