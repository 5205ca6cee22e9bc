"""Nothing earns marks but right answers: every trick of the bank, graded in one run by either command."""

import contextlib
import hashlib
import os
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from course_grading.course import RECORDS_FOLDER
from course_grading.places import course_root
from tests.grading.hostile import bank
from tests.grading.leaks import leaks, make_feedback
from tests.grading.users import GRADERS, as_grader, give_to

COMMANDS = {
    "root": ("nbgrader", "autograde", bank.LESSON),
    "ordinary user": ("course", "grade", bank.LESSON, "--jobs", "2"),
}
OTHER_LOOPBACK = "127.0.0.2"
LARGE = 64 << 20
SLEEPER, SOCKET = "hostile-sleeper-3b1", "hostile-socket-3b1"


@dataclass
class Graded:
    """What came of grading the bank."""

    grader: str
    root: Path
    log: str
    scores: dict[str, float]
    connections: list[object] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, released; to copy."""
    root = tmp_path_factory.mktemp("hostile")
    bank.make_course(root)
    return root


@pytest.fixture(scope="module", params=GRADERS)
def graded(request: pytest.FixtureRequest, course: Path) -> Iterator[Graded]:
    """The whole bank, graded as root by nbgrader's command, and as an ordinary user by ours."""
    grader = request.param
    before, command = as_grader(grader), COMMANDS[grader]
    root = Path(tempfile.mkdtemp(prefix="hostile-bank-"))  # pytest's own folders are closed to other users
    connections: list[object] = []
    shutil.copytree(course, root, dirs_exist_ok=True)
    with _listeners(root, connections) as port:
        words = {"@COURSE@": str(root), "@PACKAGE@": str(course_root()), "@ABSTRACT@": SOCKET, "@PORT@": str(port)}
        words |= {"@ADDRESS@": OTHER_LOOPBACK, "@SOCKET@": str(root / "socket"), "@SLEEPER@": SLEEPER}
        bank.hand_in(root, words)
        if command[0] == "course":  # stock nbgrader cannot take such names
            bank.hand_in_under_odd_names(root)
        give_to(grader, root)
        state = _state(root)
        done = bank.run(root, before, *command)
    changed = sorted(path for path, digest in _state(root).items() if state.get(path) != digest)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        scores = {each.student.id: each.score for each in gradebook.assignment_submissions(bank.LESSON)}
    yield Graded(grader, root, done.stdout + done.stderr, scores, connections, changed, _processes_with(SLEEPER))
    shutil.rmtree(root)


@pytest.mark.parametrize(("trick", "earned"), bank.tricks().items(), ids=bank.tricks().keys())
def test_a_trick_earns_what_its_honest_part_deserves(graded: Graded, trick: str, earned: float) -> None:
    assert graded.scores.get(trick) == earned, _errors(graded.root, trick)


def test_a_link_to_a_right_notebook_earns_nothing(graded: Graded) -> None:
    assert graded.scores["notebook_that_is_a_link"] == 0


def test_the_others_keep_their_marks_and_their_files(graded: Graded) -> None:
    assert graded.scores["victim"] == 20
    assert graded.changed == []
    strays = [path for path in graded.root.rglob("*") if "hostile-was-here" in path.name]
    strays += [
        folder / "hostile-was-here" for folder in map(Path, ("/", "/usr", "/etc", "/root", "/home", "/tmp", "/dev/shm"))
    ]
    assert [path for path in strays if path.exists()] == []


def test_no_submission_saw_what_it_must_not(graded: Graded) -> None:
    for path in graded.root.glob("autograded/*/*/**/*"):
        student = path.relative_to(graded.root).parts[1]
        if path.name != bank.NOTEBOOK:
            assert path.is_dir() or bank.CANARY.encode() not in path.read_bytes(), path
            continue
        for cell in nbformat.read(path, as_version=4).cells:
            shown = str(cell.get("outputs", ""))
            assert bank.CANARY not in shown, (student, shown[:3000])
            assert "root:x:0" not in shown, student
            assert RECORDS_FOLDER not in shown, student


def test_feedback_tells_nothing_of_the_instructors(graded: Graded) -> None:
    passed_over = {"notebook_that_is_a_link"}  # by nbgrader's own command
    made = set(graded.scores) if graded.grader == "root" else {"victim", "read_processes", *bank.told()}
    pages = make_feedback(graded.root, bank.LESSON, ["*"] if graded.grader == "root" else sorted(made))
    assert made - set(pages) <= passed_over
    told = {student: leaks(page, graded.root, bank.LESSON) for student, page in pages.items()}
    told["read_processes"] = [
        word for word in told["read_processes"] if word != "course_grading"
    ]  # its own command line
    told |= {student: [bank.CANARY] for student, page in pages.items() if bank.CANARY in page.read_text()}
    assert {student: words for student, words in told.items() if words and student != "victim"} == {}


def test_no_submission_reached_the_network(graded: Graded) -> None:
    assert graded.connections == []


@pytest.mark.parametrize("graded", ["ordinary user"], indirect=True)
@pytest.mark.parametrize(("name", "words"), bank.ODD_NAMES.items(), ids=ascii)
def test_an_odd_name_is_graded_or_told(graded: Graded, name: str, words: str) -> None:
    if words:
        assert name not in graded.scores or not graded.scores[name]
        assert words in " ".join(graded.log.split()), graded.log
    else:
        assert graded.scores[name] == bank.EARNED


def test_no_name_and_no_output_reaches_the_graders_terminal_as_more_than_text(graded: Graded) -> None:
    assert not {"\x1b", "\u202e", "\x07"} & set(graded.log)


def test_no_file_is_kept_that_is_large_once_it_is_copied(graded: Graded) -> None:
    for path in (graded.root / "autograded").rglob("*"):
        assert path.stat().st_size < LARGE, path


def test_nobody_sets_the_time_of_handing_in(graded: Graded) -> None:
    with Gradebook(f"sqlite:///{graded.root}/gradebook.db") as gradebook:
        for trick in ("timestamp_of_last_century", "timestamp_with_a_mark", "timestamp_of_nonsense"):
            assert gradebook.find_submission(bank.LESSON, trick).timestamp is None, trick


def test_what_a_notebook_shows_is_clean_where_it_is_kept(graded: Graded) -> None:
    path = graded.root / "autograded" / "what_runs_in_a_browser" / bank.LESSON / bank.NOTEBOOK
    html = [
        output.data.get(kind, "")
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", ())
        if output.output_type == "display_data"
        for kind in ("text/html", "text/markdown")
    ]
    assert any("honest card" in page for page in html)
    assert [page for page in html if re.search(r"<(script|img[^>]*onerror)", page)] == []


def test_no_process_of_a_submission_is_left(graded: Graded) -> None:
    assert graded.processes == []


def test_words_of_a_submission_are_no_markup(graded: Graded) -> None:
    notebook = nbformat.read(graded.root / "autograded/script_in_messages" / bank.LESSON / bank.NOTEBOOK, as_version=4)
    pages = [
        output.data.get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "data" in output
    ]
    assert any("alert" in page for page in pages)
    assert not any("<script>alert" in page or "<img src=x" in page for page in pages)


def test_the_grader_is_told_what_happened(graded: Graded) -> None:
    for trick, words in {
        "exit_in_cell": "made to exit",
        "segfault": "crashed (signal 11)",
        "endless_deaf": "did not stop when its time was up",
        "duplicated_tests": "is there more than once",
        "deleted_tests": "was missing; it is put back",
    }.items():
        path = graded.root / "autograded" / trick / bank.LESSON / bank.NOTEBOOK
        problems = nbformat.read(path, as_version=4).metadata["course_grading"]["problems"]
        assert any(words in problem["text"] for problem in problems), (trick, problems)


@pytest.mark.parametrize("trick", bank.told())
def test_what_could_do_the_work_unseen_is_shown_to_the_grader(graded: Graded, trick: str) -> None:
    path = graded.root / "autograded" / trick / bank.LESSON / bank.NOTEBOOK
    problems = nbformat.read(path, as_version=4).metadata["course_grading"]["problems"]
    (read,) = [problem["text"] for problem in problems if problem["kind"] == "review"]
    assert "right, and by hand so far as its run shows" in read


@contextlib.contextmanager
def _listeners(root: Path, heard: list[object]) -> Iterator[int]:
    """Listen on every kind of socket that the bank tries; what is heard is kept."""
    internet = socket.create_server(("127.0.0.1", 0))
    port = internet.getsockname()[1]
    another = socket.create_server((OTHER_LOOPBACK, port))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", port))
    with_path, without_path = (socket.socket(socket.AF_UNIX) for _ in range(2))
    with_path.bind(str(root / "socket"))
    (root / "socket").chmod(0o777)
    without_path.bind("\0" + SOCKET)
    sockets = [internet, another, datagrams, with_path, without_path]
    for each in (with_path, without_path):
        each.listen()

    def listen(each: socket.socket) -> None:
        with contextlib.suppress(OSError):
            heard.extend(filter(None, [each.recv(100) if each is datagrams else each.accept()]))  # b"" when shut down

    for each in sockets:
        threading.Thread(target=listen, args=[each], daemon=True).start()
    try:
        yield port
    finally:
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _state(root: Path) -> dict[str, str]:
    """A digest of everything that grading must leave alone."""
    kept = [root / "submitted", root / "solutions", root / "notebooks", root / "nbgrader_config.py"]
    kept += [course_root() / "course_utils", course_root() / "course_grading", course_root() / "solutions"]
    paths = [path for place in kept for path in ([place] if place.is_file() else place.rglob("*"))]
    files = [path for path in paths if not path.is_symlink() and path.is_file() and "__pycache__" not in path.parts]
    return {str(path): _digest(path) for path in files}


def _digest(path: Path) -> str:
    if (size := path.stat().st_size) > LARGE:  # a file of holes is large to read
        return f"{size} bytes"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _processes_with(word: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            if word in line and process.name != str(os.getpid()):
                found.append(line)
    return found


def _errors(root: Path, student: str) -> list[str]:
    path = root / "autograded" / student / bank.LESSON / bank.NOTEBOOK
    if not path.exists():
        return ["not graded"]
    notebook = nbformat.read(path, as_version=4)
    outputs = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", ())]
    return [f"{name}: {output.ename}: {output.evalue}" for name, output in outputs if output.output_type == "error"]
