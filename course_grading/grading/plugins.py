"""nbgrader's plug-ins: `Repair` sanitises a submission, `Execute` runs it. nbgrader_config.py puts them into
Autograde's lists, so that `course grade`, `nbgrader autograde` and Formgrader's button all grade in the same way."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader import preprocessors as stock
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import base
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Integer

from course_grading.files import contents, that_fit
from course_grading.grading.snapshot import SCHEME
from course_grading.grading.times import Due, handed_in_at
from course_grading.kernels.pool import Limits, Pool, Settings
from course_grading.kernels.sandbox import SandboxMissing
from course_grading.notebook.execute import Times, execute, is_broken
from course_grading.notebook.released import Blueprint, read_blueprint
from course_grading.notebook.repair import Problem, note, repair
from course_grading.notebook.suspicions import to_read

IDLE = 600  # seconds after which warm processes end that Formgrader's button has started

_blueprints: dict[tuple[str, str, str], Blueprint] = {}  # as Repair read them for the notebook that Execute runs next


class Repair(NbGraderPreprocessor):
    """Restores a submission from the gradebook; replaces all of nbgrader's sanitising preprocessors."""

    trust_timestamps = Bool(
        False, help="Believe timestamp.txt, as nbgrader's exchange and zip_collect write it; a student could forge one."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        # No sandbox, no grading: say so before anything is written.
        Execute(parent=self.parent).pool(_folder(self, resources, "autograded"))
        key = _key(resources)
        if not (key in _blueprints and key[0].startswith(SCHEME)):  # a snapshot's lesson does not change
            _blueprints[key] = _read(self, resources)
        blueprint = _blueprints[key]
        handed_in = _folder(self, resources, "submitted")
        notebook = handed_in / f"{resources['nbgrader']['notebook']}.ipynb" if handed_in else None
        is_link = notebook is not None and notebook.is_symlink()
        if is_link:
            nb.cells = []  # it may lead to another student's work
        problems = repair(nb, blueprint)
        if is_link:
            link = Problem("link", "", "The notebook is a link to another file, which is not opened.")
            note(nb, [link])
            problems.append(link)
        for problem in problems:
            self.log.warning("%s", problem.text)
        return nb, resources


class Execute(NbGraderPreprocessor):
    """Runs a repaired notebook: students' cells in a sandbox, test cells in a trusted process."""

    sandbox = Bool(True, help="Confine students' code; without, it runs with your rights.").tag(config=True)
    timeout = Integer(30, help="Seconds of processor time that one cell may take.").tag(config=True)
    notebook_timeout = Integer(300, help="Seconds of processor time that a whole notebook may take.").tag(config=True)
    memory_limit = Integer(Limits.memory, help="Bytes that one student's code may allocate.").tag(config=True)
    output_limit = Integer(Limits.output, help="Bytes that one cell may show; the rest is cut.").tag(config=True)

    following_earns = Bool(
        False, help="An answer that is right but for a wrong function of the student's own earns its marks."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        pool = self.pool(_folder(self, resources, "autograded"))
        blueprint = _blueprints.get(_key(resources)) or _read(self, resources)
        times = Times(self.timeout, self.notebook_timeout)
        problems = execute(nb, blueprint, pool, times, files_for(_coursedir(self), resources["nbgrader"]))
        if unseen := to_read(nb, blueprint):
            problems.append(Problem("review", "", unseen))
        for problem in problems:
            self.log.warning("%s", problem.text)
        note(nb, problems)
        return nb, resources

    def limits(self) -> Limits:
        """What one student's code may use, as configured."""
        return Limits(memory=self.memory_limit, output=self.output_limit)

    def pool(self, results: Path | None = None, lessons: Sequence[str] = ()) -> Pool:
        """The pool of warm processes, started if need be, for these lessons or all. Ends the program with a sentence
        where there can be no sandbox."""
        limits = self.limits()
        try:
            return Pool.current(Settings(self.sandbox, self.following_earns, tuple(lessons), IDLE, limits))
        except SandboxMissing as error:
            # nbgrader has made the folder of this student's results by now: an empty one would count as graded.
            if results and results.is_dir() and not any(results.glob("*.ipynb")):
                shutil.rmtree(results)
            raise SystemExit(str(error)) from None


class SaveAutoGrades(stock.SaveAutoGrades):
    """nbgrader's own, but a test that is broken scores nothing: its points wait for the test to be mended."""

    def _add_score(self, cell: Any, resources: dict) -> None:
        super()._add_score(cell, resources)
        if is_broken(cell):
            names = resources["nbgrader"]
            place = names["notebook"], names["assignment"], names["student"]
            grade = self.gradebook.find_grade(cell.metadata.nbgrader["grade_id"], *place)
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


def files_for(coursedir: CourseDirectory | None, names: dict[str, str]) -> dict[str, bytes]:
    """The files that a student's kernel works beside: their own, and over them what was handed out with the lesson.

    Never the folder of solutions, nor autograded/, where nbgrader copies all of that folder. `names` holds the student,
    the assignment, the notebook and, as `beside`, the folder of the hand-in that the notebook lies in.
    """
    if coursedir is None:
        return {}
    own, released = (
        Path(coursedir.format_path(directory, student, names["assignment"]))
        for directory, student in (
            (coursedir.submitted_directory, names["student"]),
            (coursedir.release_directory, "."),
        )
    )
    itself = [f"{names['notebook']}.ipynb*"]
    others = contents(own, itself)  # `%run helper.ipynb` finds its file
    if names.get("beside", ".") != ".":
        others |= contents(own / names["beside"], itself)
    return others | (contents(released, ["*.ipynb"]) if released.is_dir() else {})


def open_regular_files_only(assignment: str, student: str, notebooks: list[str]) -> None:
    """Autograde's hook before it reads and copies a submission's files: from now on it opens regular files only.

    nbgrader follows links, and so would copy, and hand back as feedback, whatever file of the instructor's a link in a
    submission leads to; a link to /dev/zero would fill the disk, a pipe would hold it up, and a timestamp that is none
    would end the run.
    """
    base.find_all_files = _find_all_files
    CourseDirectory.get_existing_timestamp = lambda directory, folder: handed_in_at(
        Path(folder),
        lambda: _due(directory, Path(folder).name, Path(folder).parent.name),
        bool(directory.config.Repair.get("trust_timestamps", False)),
    )[0]


def _due(directory: CourseDirectory, lesson: str, student: str) -> Due:
    date = None
    with Gradebook(directory.db_url, directory.course_id) as book:
        try:
            date = book.find_assignment(lesson).duedate
            return Due(date, book.find_submission(lesson, student).extension)
        except MissingEntry:
            return Due(date)


def _find_all_files(folder: str, exclude: list[str] | None = None) -> list[str]:
    return [str(path) for path in that_fit(Path(folder), exclude or ())[0]] if Path(folder).is_dir() else []


def _coursedir(preprocessor: NbGraderPreprocessor) -> CourseDirectory | None:
    converter = getattr(preprocessor.parent, "parent", None)  # our parent is the exporter, whose parent is Autograde
    return getattr(converter, "coursedir", None)


def _folder(preprocessor: NbGraderPreprocessor, resources: dict, kind: str) -> Path | None:
    """submitted/STUDENT/ASSIGNMENT or autograded/STUDENT/ASSIGNMENT."""
    coursedir, names = _coursedir(preprocessor), resources["nbgrader"]
    if coursedir is None:
        return None
    directory = getattr(coursedir, f"{kind}_directory")
    return Path(coursedir.format_path(directory, names["student"], names["assignment"]))


def _key(resources: dict) -> tuple[str, str, str]:
    names = resources["nbgrader"]
    return names["db_url"], names["assignment"], names["notebook"]


def _read(preprocessor: NbGraderPreprocessor, resources: dict) -> Blueprint:
    return read_blueprint(*_key(resources), _coursedir(preprocessor))
