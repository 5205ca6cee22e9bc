"""Grading on a cluster and into a database server: the same results, and nothing lost whatever goes away meanwhile."""

import dataclasses
import errno
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

import course_utils
from course_grading.course import Course, GradingStopped
from course_grading.grading import cluster as cluster_module
from course_grading.grading import gradebook as gradebook_module
from course_grading.grading.cluster import Cluster, Parcel, code_key
from course_grading.grading.gradebook import Gradebook
from course_grading.grading.whole_class import ClassGrader, Row
from course_grading.grading.worker import Task, limited_memory
from tests.grading import toy
from tests.grading.courses import ROOT, copy_course
from tests.grading.gradebooks import GRADES, everything, points
from tests.grading.servers import Dask, Postgres, dask, free_port, postgres, rows

SCORES = """
    select submission.student_id, coalesce(sum(grade.auto_score), 0) from grade
    join submitted_notebook as notebook on notebook.id = grade.notebook_id
    join submitted_assignment as submission on submission.id = notebook.assignment_id group by 1
"""


@pytest.fixture(scope="module")
def registered(courses: Path) -> Path:
    """A gradebook in a file that knows the toy lesson: to enter it takes nbgrader seconds."""
    course = make_class(courses / "registered", students=0)
    with Gradebook(Course(course)) as book:
        book.register(toy.LESSON)
    return course / "gradebook.db"


@pytest.fixture(scope="module")
def server(courses: Path) -> Iterator[Postgres]:
    """A database server whose new databases know the toy lesson."""
    with postgres() as running:
        course = make_class(courses / "template", running.database("template0_"), students=0)
        with Gradebook(Course(course)) as book:
            book.register(toy.LESSON)
        running.template = "template0_"
        yield running


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where courses lie; no worker of the cluster can see it."""
    return tmp_path_factory.mktemp("courses")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, courses: Path) -> Iterator[Dask]:
    with dask(tmp_path_factory.mktemp("dask"), courses) as running:
        yield running


def make_class(
    root: Path, url: str | None = None, students: int = 12, slow: float = 0, gradebook: Path | None = None
) -> Path:
    """A toy course and its class, graded into the database at `url` or a copy of `gradebook`; its hand-ins take `slow`
    seconds each."""
    config = toy.CONFIG + (f"c.CourseDirectory.db_url = {url!r}\n" if url else "")
    config += 'c.CourseDirectory.course_id = "toy"\n'
    course = toy.make_course(root, gradebook, config)
    for number in range(students):
        handed_in = toy.notebook(*[name for bit, name in enumerate(toy.ANSWERS) if number >> bit & 1])
        handed_in.cells[1].source += f"\nimport time; time.sleep({slow})"
        toy.hand_in(course, f"s{number:02}", handed_in, notes_txt="my notes")
    return course


def grader(course: Path, cluster: Dask | None = None, **options) -> ClassGrader:
    opened = Course(course)
    executor = Cluster(cluster.address, opened, (toy.LESSON,)) if cluster else None
    return ClassGrader(opened, [toy.LESSON], jobs=2, executor=executor, **options)


def states(done: list[Row]) -> dict[str, str]:
    return {row.student: row.state for row in done}


def graded_files(course: Path) -> dict[str, bytes]:
    found = (course / "autograded").rglob("*")
    files = [path for path in found if path.is_file() and ".course-grade" not in path.parts]
    return {str(path.relative_to(course)): path.read_bytes() for path in files}


def test_a_cluster_and_a_server_give_what_one_machine_gives(
    courses: Path, cluster: Dask, server: Postgres, registered: Path
) -> None:
    url = server.database("same")
    here, there = make_class(courses / "here", gradebook=registered), make_class(courses / "there", url)
    for course in (here, there):
        toy.hand_in(course, "broken", b"no notebook")
        nowhere = course / "submitted" / "link" / toy.LESSON
        nowhere.mkdir(parents=True)
        (nowhere / "toy.ipynb").symlink_to("/etc/passwd")
    one, other = list(grader(here)), list(grader(there, cluster))
    assert sorted(one, key=str) == sorted(other, key=str)
    assert graded_files(here) == graded_files(there)
    by_database = [
        (student, *rest, int(read), late)
        for student, _, *rest, read, late in rows(url, GRADES.partition("order by")[0])
    ]
    by_file = [(student, *rest) for student, _, *rest in everything(here)["grades"]]
    assert sorted(by_database, key=str) == sorted(by_file, key=str)
    assert dict(rows(url, SCORES)) == points(here)
    again = states(list(grader(there, cluster)))
    assert {again[f"s{number:02}"] for number in range(12)} == {"unchanged"}


def test_the_lessons_files_go_to_each_worker_once(courses: Path, cluster: Dask, registered: Path) -> None:
    course = make_class(courses / "once", gradebook=registered)
    list(grader(course, cluster))
    places = set(cluster.folder.rglob(f"course-*/solutions/{toy.LESSON}/toy.ipynb"))
    list(grader(course, cluster, force=True))
    assert set(cluster.folder.rglob(f"course-*/solutions/{toy.LESSON}/toy.ipynb")) == places
    changed = course / "solutions" / toy.LESSON / "data.csv"
    changed.write_text("3,4\n")
    list(grader(course, cluster))
    assert (course / "autograded" / "s00" / toy.LESSON / "data.csv").read_text() == "3,4\n"
    assert len(set(cluster.folder.rglob(f"course-*/solutions/{toy.LESSON}/toy.ipynb")) - places) == 2


def test_a_worker_without_the_courses_pictures_has_another_version(tmp_path: Path, monkeypatch) -> None:
    ours = code_key()
    shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils", ignore=shutil.ignore_patterns("__pycache__"))
    with monkeypatch.context() as installed:
        installed.setattr(course_utils, "__file__", str(tmp_path / "course_utils" / "__init__.py"))
        code_key.cache_clear()
        without = code_key()
        shutil.copytree(ROOT / "data", tmp_path / "data")
        code_key.cache_clear()
        assert without != code_key() == ours
    code_key.cache_clear()


def interrupted(course: Path, cluster: Dask | None, after: int, what: Callable[[], object]) -> dict[str, str]:
    done = []
    for row in grader(course, cluster):
        done.append(row)
        if len(done) == after:
            what()
    return states(done)


def test_a_worker_that_is_lost_takes_nothing_with_it(courses: Path, cluster: Dask, registered: Path) -> None:
    course = make_class(courses / "worker", gradebook=registered, slow=0.2)

    def lose_one() -> None:
        cluster.workers[0].kill()
        cluster.workers[0].wait()
        cluster.workers[0] = cluster.start_worker()

    assert set(interrupted(course, cluster, 2, lose_one).values()) == {"graded"}
    assert len(points(course)) == 12


def test_a_scheduler_that_is_restarted_loses_nothing(courses: Path, cluster: Dask, registered: Path) -> None:
    course = make_class(courses / "scheduler", gradebook=registered, slow=0.2)
    found = interrupted(course, cluster, 3, cluster.restart_scheduler)
    assert len(found) == 12
    assert set(found.values()) == {"graded"}


def test_an_error_of_ours_with_one_hand_in_holds_up_nobody(
    courses: Path, cluster: Dask, registered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_class(courses / "errors", students=4, gradebook=registered)
    copied, packed = cluster_module.copy_files, cluster_module._packed

    def full(task: Task) -> list:
        if task.submission.student == "s01":
            raise OSError(errno.ENOSPC, "No space left on device", str(task.folder))
        return copied(task)

    def unreadable(task: Task, key: str) -> Parcel:
        parcel = packed(task, key)
        return dataclasses.replace(parcel, files={"a": None}) if task.submission.student == "s02" else parcel

    monkeypatch.setattr(cluster_module, "copy_files", full)
    monkeypatch.setattr(cluster_module, "_packed", unreadable)
    done = {row.student: row for row in grader(course, cluster)}
    assert states(list(done.values())) == {
        **dict.fromkeys(("s00", "s03"), "graded"),
        **dict.fromkeys(("s01", "s02"), "not gradable"),
    }
    assert "The grader failed on it (OSError: [Errno 28] No space left on device" in done["s01"].problems[0]
    assert "The grader failed on it (TypeError" in done["s02"].problems[0]


def test_a_cluster_on_which_nothing_can_be_run_is_a_sentence(
    courses: Path, cluster: Dask, registered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_class(courses / "nothing", students=3, gradebook=registered)
    packed = cluster_module._packed
    monkeypatch.setattr(cluster_module, "_packed", lambda task, key: Unreadable(packed(task, key)))
    with pytest.raises(GradingStopped, match=r"No notebook can be run .*\(on the cluster: \w+Error: .*\)"):
        list(grader(course, cluster))


class Unreadable:
    """What a worker cannot unpack."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel

    def __reduce__(self) -> tuple:
        return eval, ("(_ for _ in ()).throw(ImportError('not there'))",)


def test_what_never_comes_back_ends_the_run_and_a_rerun_grades_the_rest(
    courses: Path, tmp_path: Path, registered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("course_grading.grading.cluster.FIRST_ANSWER", 2)
    monkeypatch.setattr("course_grading.grading.whole_class.ASK_AGAIN", 1)
    course = make_class(courses / "lost", gradebook=registered, slow=0.2)

    def run_until_lost(cluster: Dask, lost: subprocess.Popen) -> tuple[int, str]:
        opened, done = Course(course), []
        executor = Cluster(cluster.address, opened, (toy.LESSON,), patience=2)
        with pytest.raises(GradingStopped) as stopped:
            for row in ClassGrader(opened, [toy.LESSON], jobs=1, executor=executor):
                done += [row] if row.state == "graded" else []
                lost.kill()
                lost.wait()
        return len(done), str(stopped.value)

    with dask(tmp_path / "dask", courses, workers=1) as one:
        before, said = run_until_lost(one, one.workers[0])
        assert "has no workers: start some" in said and "What is graded is kept" in said
        one.workers[0] = one.start_worker()
        after, said = run_until_lost(one, one.scheduler)
        assert "No Dask scheduler answers" in said
    assert len(points(course)) == before + after < 12
    found = states(list(grader(course)))
    assert list(found.values()).count("unchanged") == before + after
    assert len(points(course)) == 12


def test_a_server_that_is_away_for_a_while_is_waited_for(courses: Path, server: Postgres) -> None:
    url = server.database("away")
    course = make_class(courses / "away", url)

    def go_away() -> None:
        server.stop()
        threading.Timer(2, server.start).start()

    found = interrupted(course, None, 3, go_away)
    assert set(found.values()) == {"graded"}
    assert len(rows(url, SCORES)) == 12


def test_a_server_that_stays_away_ends_the_run_and_a_rerun_grades_the_rest(
    courses: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.database("gone")
    course = make_class(courses / "gone", url)
    monkeypatch.setattr(gradebook_module, "PATIENCE", 1)
    done: list[Row] = []
    with pytest.raises(GradingStopped, match=r"does not work .* what is graded is kept"):
        for row in grader(course):
            done.append(row)
            if len(done) == 4:
                server.stop()
    with pytest.raises(GradingStopped, match="see whether its server runs"):
        list(grader(course))
    server.start()
    found = states(list(grader(course)))
    assert [found[row.student] for row in done] == ["unchanged"] * 4
    assert sorted(found.values()).count("graded") == 8


def test_two_graders_exclude_each_other_in_the_database(courses: Path, server: Postgres) -> None:
    url = server.database("two")
    mine, theirs = make_class(courses / "mine", url, students=2), make_class(courses / "theirs", url, students=2)
    with Gradebook(Course(mine)) as book:
        book.exclude_others()
        with pytest.raises(GradingStopped, match=r"Another `course grade` is at work on this gradebook"):
            list(grader(theirs))
    assert set(states(list(grader(theirs))).values()) == {"graded"}


@pytest.mark.parametrize(
    "url, said",
    [
        (
            "postgresql+psycopg://course:secret@127.0.0.1:1/book",
            r"postgresql\+psycopg://course:\*\*\*@127.0.0.1:1/book",
        ),
        ("postgresql+asyncdriver://x@y/z", r"driver .* is missing .*\[postgres\]"),
        ("no address", "is no database's address"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(GradingStopped, match=said):
        list(grader(make_class(tmp_path / "course", url, students=1)))


def test_a_server_needs_a_course_with_a_name(tmp_path: Path) -> None:
    course = make_class(tmp_path / "course", "postgresql+psycopg://course@127.0.0.1:1/book", students=1)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('c.CourseDirectory.course_id = ""\n')
    with pytest.raises(GradingStopped, match=r"set c\.CourseDirectory\.course_id"):
        list(grader(course))


def test_a_missing_driver_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    course = make_class(tmp_path / "course", "postgresql+psycopg://course@127.0.0.1:1/book", students=1)
    with pytest.raises(GradingStopped, match=r"driver .* is missing .*\[postgres\]"):
        list(grader(course))


def test_no_dask_no_scheduler_no_worker_are_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, courses: Path
) -> None:
    course = Course(make_class(tmp_path / "course", students=1))
    monkeypatch.setattr("course_grading.grading.cluster.FIRST_ANSWER", 2)
    for address in (f"tcp://127.0.0.1:{free_port()}", "foo://bar"):
        with pytest.raises(GradingStopped, match=f"No Dask scheduler answers at {address}"):
            Cluster(address, course, (toy.LESSON,)).workers()
    with (
        dask(tmp_path / "dask", courses, workers=0) as empty,
        pytest.raises(GradingStopped, match=r"has no workers: start some"),
    ):
        Cluster(empty.address, course, (toy.LESSON,)).workers()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GradingStopped, match=r"extra \[cluster\]"):
        Cluster("tcp://127.0.0.1:1", course, (toy.LESSON,)).workers()


def test_on_a_worker_a_hand_in_has_as_much_memory_as_here():
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with limited_memory(), pytest.raises(MemoryError):
        bytearray(3 << 30)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_real_kernels_grade_on_a_worker(tmp_path: Path, courses: Path) -> None:
    course = copy_course(courses / "real", lesson="01_sliding_regions")
    handed_in = course / "submitted" / "ada" / "01_sliding_regions"
    handed_in.mkdir(parents=True)
    notebook = nbformat.read(course / "notebooks" / "01_sliding_regions" / "sliding_regions.ipynb", as_version=4)
    answer = next(cell for cell in notebook.cells if cell.id == "region-at")
    answer.source = "def region_at(x, row, col, height, width):\n    return x[row : row + height, col : col + width]"
    nbformat.write(notebook, handed_in / "sliding_regions.ipynb")
    opened = Course(course)
    with dask(tmp_path / "dask", courses, workers=1) as one:
        executor = Cluster(one.address, opened, ("01_sliding_regions",))
        done = list(ClassGrader(opened, ["01_sliding_regions"], jobs=1, executor=executor))
    assert [(row.state, row.problems) for row in done] == [("graded", ())]
    assert points(course) == {"ada": 2}
