"""Warm kernels: what they are like for a student's code, what they keep it from, and what crosses to the tests."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_grading.kernels.inside import confine
from course_grading.kernels.inside.zygote import REHEARSALS
from course_grading.kernels.pool import KernelFailed, Limits, Pool, Settings, Warm
from course_grading.notebook.execute import execute
from course_grading.notebook.released import Blueprint
from course_grading.places import course_root
from course_utils.output import RECORD_TYPE
from tests.grading.courses import ONE_LESSON
from tests.grading.users import GRADERS, as_grader

TRY = """
def attempt(function):
    try:
        return function()
    except BaseException as error:
        return type(error).__name__
"""

CONFINED = {
    "who": """
import os
print(os.getpid(), os.getuid(), os.getcwd(), [name for name in os.listdir('/proc') if name.isdigit()])
""",
    "rights": """
kept = ('Cap', 'NoNewPrivs', 'Seccomp:')
print([int(line.split()[1], 16) for line in open('/proc/self/status') if line.startswith(kept)])
""",
    "memory": """
import torch
print(attempt(lambda: torch.ones(700 << 20, dtype=torch.uint8)))
print(torch.ones(100 << 20).shape)
""",
    "shared memory": "import mmap; print(attempt(lambda: mmap.mmap(-1, 700 << 20)))",
    "memory without owner": "import os; print(attempt(lambda: os.memfd_create('x')))",
    "disk": """
written = {}
for folder in ('.', '/tmp', '/dev/shm'):
    with open(f'{folder}/big', 'wb') as file:
        try:
            for number in range(200): file.write(bytes(1 << 20)), file.flush()
        except OSError: written[folder] = number
print(sum(written.values()) <= 64, len(written))
""",
    "processes": """
import os, signal
children = []
try:
    while len(children) < 500:
        child = os.fork()
        if not child: signal.pause()
        children.append(child)
except OSError as error: print(error.errno, len(children) < 64)
""",
    "descriptors": """
import os
kept = []
print(attempt(lambda: [kept.append(os.open('/dev/null', 0)) for _ in range(5000)]), len(kept) < 256)
""",
    "network": """
import socket
for address in ('127.0.0.1', '127.0.0.2'):
    print(attempt(lambda: socket.create_connection((address, 80), 1)) in ('OSError', 'ConnectionRefusedError'))
print(attempt(lambda: socket.socket(40, 1)), socket.if_nameindex())
""",
    "namespaces": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print([libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000)])
print(libc.mount(b'none', b'/tmp', b'tmpfs', 0, b''), libc.ptrace(16, 1, 0, 0), attempt(lambda: os.setuid(0)))
""",
    "files": """
import os, pathlib
course, package = pathlib.Path('@COURSE@'), pathlib.Path('@PACKAGE@')
hidden = ('solutions', 'submitted', 'gradebook.db', 'tests', '.git', 'nbgrader_config.py')
print([name for name in hidden if (course / name).exists()])
print(sorted(path.name for path in (package / 'course_grading').iterdir() if path.name != '__pycache__'))
places = ['/', '/usr', '/etc', '/dev', '/home', '/root', '/var', '/run', '/proc', course, package / 'course_utils']
print([place for place in places if attempt(lambda: open(f'{place}/new', 'w').close()) is None])
""",
}

ORDINARY = {
    "display": """
from IPython.display import HTML, clear_output, display
print('gone'); clear_output(); handle = display(HTML('<b>one</b>'), display_id=True); handle.update(HTML('<b>two</b>'))
1 + 1
""",
    "await": "import asyncio\nawait asyncio.sleep(0)\nasyncio.get_running_loop().is_running()",
    "programs": "!echo from the shell\nimport os; os.system('echo from below')",
    "magic": "%%timeit -n 1 -r 1\npass",
    "magics": "words = !echo shell\nfound = %sx echo magic\nfor word in (words, found):\n    print(word)",
    "automagic": "pwd",
    "python": "\n\nx = 7\nprint(x\n%4, '%pwd', 'a\\n!b')  # is it?",
    "escapes": "'\\d'",
    "input": "name = input('Who? ')",
    "widget": "import ipywidgets; ipywidgets.IntSlider(3)",
    "error": "def f():\n    return 1 / 0\nf()",
    "exit": "raise SystemExit('enough')",
    "syntax": "for for",
    "surrogate": "print('\\ud800 x')\n1",
    "random": "import random, numpy; print(random.random(), numpy.random.rand())",
    "numbers": """
import datetime, faulthandler, numpy as np, subprocess, sys
from IPython.display import JSON, display
display(JSON({'n': np.int64(3), 'f': np.float32(2), 'large': 2**70, 'when': datetime.datetime(2026, 1, 2)}))
subprocess.run(['echo', 'from a program'], stdout=sys.stdout)
faulthandler.enable()
""",
    "own files": """
from pathlib import Path
for name in ('mine', 'seaborn', 'statistics'):
    Path(f'{name}.py').write_text('MINE = True')
import mine, statistics
print(mine.MINE, hasattr(statistics, 'MINE'))
import seaborn
""",
    "random again": "import random, numpy; print(random.random(), numpy.random.rand())",
}


def probe(grader: str, notebooks: dict[str, list[str]], tests: dict[str, str] | None = None, **options: Any) -> dict:
    request = {"sandbox": True, "seconds": 20, "lessons": ONE_LESSON, "notebooks": notebooks, "tests": tests or {}}
    environment = {**os.environ, "HOME": "/tmp", "COURSE_ROOT": str(course_root())}
    done = subprocess.run(
        [*as_grader(grader), sys.executable, "-m", "tests.grading.probe"],
        input=json.dumps(request | options),
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_turn() -> dict[str, list[str]]:
    """What is tried by either grader: a cell each."""
    notebooks = {name: [source] for name, source in ORDINARY.items()}
    for name, source in CONFINED.items():
        source = source.replace("@COURSE@", str(course_root())).replace("@PACKAGE@", str(Path(__file__).parents[2]))
        notebooks[name] = [TRY + source]
    return notebooks


@pytest.fixture(scope="module")
def by_user() -> dict[str, dict]:
    """All that an ordinary user's sandbox is tried with, in one run: to warm up takes longer than all the rest."""
    patient = in_turn()
    assert not patient.keys() & SLOW.keys()
    return probe("ordinary user", patient | SLOW, TESTS, seconds=2, longer=dict.fromkeys(patient, 20))


@pytest.fixture(scope="module", params=GRADERS)
def shown(request: pytest.FixtureRequest) -> dict[str, list[dict]]:
    """What each cell showed in a sandbox that root has started, and in one that an ordinary user has."""
    results = probe("root", in_turn()) if request.param == "root" else request.getfixturevalue("by_user")
    return {name: results[name]["outputs"][0] for name in in_turn()}


def said(outputs: list[dict]) -> str:
    return "".join(output.get("text", "") for output in outputs if output.get("name") == "stdout")


def lines(outputs: list[dict]) -> list[str]:
    return said(outputs).splitlines() or [str(outputs)]


def test_a_kernel_is_alone_and_nobody(shown: dict[str, list[dict]]) -> None:
    assert lines(shown["who"]) == ["1 65534 /home/student ['1']"]
    assert lines(shown["rights"]) == ["[0, 0, 0, 0, 0, 1, 2]"]
    assert lines(shown["namespaces"]) == ["[-1, -1, -1, -1]", "-1 -1 OSError"]


def test_memory_disk_processes_and_files_are_limited(shown: dict[str, list[dict]]) -> None:
    assert lines(shown["memory"]) == ["RuntimeError", "torch.Size([104857600])"]
    assert lines(shown["shared memory"]) == ["OSError"]
    assert lines(shown["memory without owner"]) == ["PermissionError"]
    assert lines(shown["disk"]) == ["True 3"]
    assert lines(shown["processes"]) == ["11 True"]
    assert lines(shown["descriptors"]) == ["OSError True"]


def test_there_is_no_network(shown: dict[str, list[dict]]) -> None:
    assert lines(shown["network"]) == ["True", "True", "OSError [(1, 'lo')]"]


def test_nothing_of_the_instructor_is_in_sight_and_nothing_can_be_written(shown: dict[str, list[dict]]) -> None:
    assert lines(shown["files"]) == ["[]", "['__init__.py', 'kernels']", "[]"]


def test_a_warm_kernel_behaves_as_any_other(shown: dict[str, list[dict]]) -> None:
    display, result = shown["display"]
    assert display["data"]["text/html"] == "<b>two</b>"
    assert result["data"]["text/plain"] == "2"
    assert shown["await"][-1]["data"]["text/plain"] == "True"
    assert "from the shell" in said(shown["programs"]) and "from below" in said(shown["programs"])
    assert "loop each" in said(shown["magic"])
    assert lines(shown["magics"]) == ["['shell']", "['magic']"]
    assert shown["automagic"][-1]["data"]["text/plain"] == "'/home/student'"
    assert lines(shown["python"]) == ["3 %pwd a", "!b"]
    assert str(shown["escapes"]).count("SyntaxWarning") + str(shown["escapes"]).count("DeprecationWarning") <= 1
    assert "IntSlider(value=3)" in shown["widget"][0]["data"]["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in shown["widget"][0]["data"]
    assert said(shown["surrogate"]) == "? x\n"
    assert [output["output_type"] for output in shown["numbers"]] == ["display_data", "stream"]
    json, program = shown["numbers"]
    assert json["data"]["application/json"] | {"when": ""} == {"n": 3, "f": 2.0, "large": str(2**70), "when": ""}
    assert said([program]) == "from a program\n"
    assert said(shown["random"]) != said(shown["random again"])


def test_a_file_of_the_students_own_answers_to_no_name_that_is_not_read(shown: dict[str, list[dict]]) -> None:
    assert said(shown["own files"]) == "True False\n"
    assert shown["own files"][-1]["evalue"] == "No module named 'seaborn'"


def test_errors_are_shown_as_in_any_notebook(shown: dict[str, list[dict]]) -> None:
    assert [shown[name][0]["ename"] for name in ("input", "error", "exit", "syntax")] == [
        *("StdinNotImplementedError", "ZeroDivisionError", "SystemExit", "SyntaxError")
    ]
    assert any("return 1 / 0" in line for line in shown["error"][0]["traceback"])


def errors(shown: dict) -> list[str | None]:
    return [next((o["ename"] for o in outputs if o["output_type"] == "error"), None) for outputs in shown["outputs"]]


def test_the_rehearsal_in_the_warm_process_does_what_it_is_for() -> None:
    shown = probe("ordinary user", {"rehearsal": [code for _, code in REHEARSALS]}, lessons=())["rehearsal"]
    assert errors(shown) == ["ZeroDivisionError", None, None, None, "CheckFailed", *[None] * 6]
    assert RECORD_TYPE in shown["outputs"][4][0]["data"]


SLOW = {
    "one slow cell": ["while True: pass", "print('still here')"],
    "slow and deaf": [
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "print('not here')",
    ],
    "slow answer": ["def f(x):\n    while True: pass", "call", "f = abs", "call"],
    "import and deaf": [
        "import nowhere_at_all\nimport signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "print('not here')",
        "call",
    ],
    "told at length": [*(f"a{n} = 1\n# {'語' * 20_000}" for n in range(75)), "f = abs", "call"],
    "an import of ours": ["near = abs", "near", "f = abs", "call"],
    "crash": ["print('so far')", "import os; os.abort()", "print('not here')", "call"],
    "values": [
        "import torch, numpy as np\nclass T(torch.Tensor): pass\nf = abs\n"
        "value = {'t': torch.arange(6).reshape(2, 3).t(), 'n': np.float32([1]), 'b': (True, None, 2**80, 'x')}",
        "exact",
        "value = torch.ones(2).as_subclass(T)",
        "plain",
        "value = (n for n in ())",
        "plain",
    ],
    "functions": ["def f(function, x):\n    return function(x) + 1", "lend"],
    "noise": [
        "import sys, warnings\n"
        "def f(x):\n    print('seen'); print('4.0', file=sys.stderr); warnings.warn('w'); return abs(x)",
        "call",
    ],
    "unknown": ["pass", "call"],
    "checked": ["def f(image, kernel):\n    return image", "check", "f = abs", "call"],
    "observed": [
        "def helper(number):\n    return number\n\ndef f(pool, letter, picture):\n    picture += 1\n    print('here')\n"
        "    with open(letter, 'rb') as file:\n        return helper(pool(picture).item()), list(file.read())",
        "observe",
    ],
}
TESTS = {
    "call": "import sys, warnings\nwarnings.warn('mine'); print('careful', file=sys.stderr)\nassert f(-2) == 2",
    "near": "assert near(-2) == 2",
    "exact": "assert value['t'].dtype == torch.int64 and value['t'].tolist() == [[0, 3], [1, 4], [2, 5]]\n"
    "assert type(value['n']) is np.ndarray and value['n'].dtype == np.float32\n"
    "assert value['b'] == (True, None, 2**80, 'x')",
    "plain": "assert type(value) is torch.Tensor, type(value).__name__",
    "lend": "assert f(lambda x: 2 * x, torch.ones(2)).tolist() == [3, 3]",
    "observe": """
from course_utils import functions
from course_utils.observe import Question, observe
from course_utils.values import File

arguments = {"pool": functions.max_pool_2, "path": File("letter.txt", b"ab"), "x": torch.ones(1, 2, 2)}
seen = observe(f, arguments, Question(own=("helper",), lent={"helper": lambda number: number * 3}))
assert seen.result == (6.0, [97, 98]), seen
assert seen.used == ("helper",) and seen.printed == "here\\n"
assert seen.changed["x"].tolist() == [[[2, 2], [2, 2]]]
assert observe(f, arguments, Question(positional=1)).error.type == "TypeError"  # x= goes by its name
""",
    "check": "from course_utils.checking import check; check('corr2d', f)",
}


@pytest.fixture(scope="module", params=[True, False], ids=["sandbox", "no sandbox"])
def slow(request: pytest.FixtureRequest) -> dict[str, dict]:
    if request.param:
        return request.getfixturevalue("by_user")
    return probe("ordinary user", SLOW, TESTS, sandbox=False, seconds=2)


def test_a_check_that_no_hidden_test_follows_fails_its_own_cell_and_no_later_one(slow: dict[str, dict]) -> None:
    assert errors(slow["checked"]) == [None, "CheckFailed", None, None]


def test_a_slow_cell_is_interrupted_and_the_rest_runs(slow: dict[str, dict]) -> None:
    assert errors(slow["one slow cell"]) == ["KeyboardInterrupt", None]
    assert said(slow["one slow cell"]["outputs"][1]) == "still here\n"
    assert errors(slow["slow answer"]) == [None, "CellTimeoutError", None, None]


def test_a_course_may_lie_in_a_folder_with_a_space(monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = ("/tmp/my\\040course", "/tmp/my\\040course/data", "/tmp/\u3000é", "/usr")
    text = "\n".join(f"36 35 98:0 / {point} rw,noatime - ext4 /dev/root rw" for point in mounts)
    monkeypatch.setattr(confine.Path, "read_bytes", lambda path: text.encode())
    assert confine._mounts_in("/tmp") == ["/tmp/my course", "/tmp/\u3000é"]


def test_a_kernel_that_cannot_be_confined_runs_nothing() -> None:
    with Pool(Settings(lessons=ONE_LESSON, limits=Limits(disk=-1))) as pool:
        notebook = new_notebook(cells=[new_code_cell("1 + 1")])
        with pytest.raises(KernelFailed, match=r"did not start: The kernel could not be confined: .* mount on /home"):
            execute(notebook, Blueprint(()), pool)
    assert not notebook.cells[0].outputs


@pytest.mark.parametrize("side", ["student", "trusted"])
def test_a_warm_process_that_nobody_heard_leaves_no_folder(side: str, tmp_path: Path) -> None:
    """A grader that is killed before it reads that a process is ready resets the connection instead of closing it."""
    warm = Warm(side, Settings(sandbox=False, lessons=ONE_LESSON), course_root(), None, str(tmp_path / "scratch"))
    assert select.select([warm._control], [], [], 60)[0] and (tmp_path / "scratch").is_dir()
    warm._control.close()
    assert warm._process.wait(20) == 0, warm.last_words()
    warm.close()
    assert not (tmp_path / "scratch").exists()


def test_a_kernel_that_does_not_stop_is_ended(slow: dict[str, dict]) -> None:
    assert errors(slow["slow and deaf"])[-1] == "NotRun"
    assert slow["slow and deaf"]["problems"][-1][0] == "stopped"


def test_what_is_left_of_a_cell_after_a_failed_import_has_its_time_too(slow: dict[str, dict]) -> None:
    assert errors(slow["import and deaf"]) == ["ModuleNotFoundError", "NotRun", "NotRun"]
    assert [kind for kind, _ in slow["import and deaf"]["problems"]] == ["import", "timeout", "stopped"]


def test_however_much_the_tests_could_be_told_they_run(slow: dict[str, dict]) -> None:
    assert set(errors(slow["told at length"])) == {None}


def test_nothing_of_a_students_stands_for_an_import_of_ours_that_failed(slow: dict[str, dict]) -> None:
    assert errors(slow["an import of ours"]) == [None, "NameError", None, None]


def test_after_a_crash_no_test_passes(slow: dict[str, dict]) -> None:
    assert errors(slow["crash"]) == [None, "KernelDied", "NotRun", "NotRun"]
    assert "crashed (signal" in slow["crash"]["problems"][0][1]


def test_values_cross_as_plain_data(slow: dict[str, dict]) -> None:
    assert errors(slow["values"]) == [None, None, None, None, None, "AssertionError"]


def test_functions_of_a_test_may_be_arguments(slow: dict[str, dict]) -> None:
    assert errors(slow["functions"]) == [None, None]


def test_what_an_answer_does_besides_is_observed_across_the_boundary(slow: dict[str, dict]) -> None:
    assert errors(slow["observed"]) == [None, None], slow["observed"]["outputs"][1]


def test_noise_in_a_test_costs_nothing_and_is_not_kept(slow: dict[str, dict]) -> None:
    assert slow["noise"]["outputs"][1] == []


def test_an_answer_that_is_not_there_is_none(slow: dict[str, dict]) -> None:
    assert errors(slow["unknown"]) == [None, "TypeError"]
