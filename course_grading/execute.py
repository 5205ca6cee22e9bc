"""nbgrader's plug-ins: `Repair` sanitises a submission, `Execute` runs it. nbgrader_config.py puts them into
Autograde's lists, so that `course grade`, `nbgrader autograde` and Formgrader's button all grade in the same way."""

import shutil
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Integer

from course_grading.blueprint import Blueprint, read_blueprint
from course_grading.pool import Limits, Pool, Settings
from course_grading.repair import note, repair
from course_grading.run import Times, own_files, run
from course_grading.sandbox import SandboxMissing

_blueprints: dict[tuple[str, str, str], Blueprint] = {}  # as Repair read them for the notebook that Execute runs next


class Repair(NbGraderPreprocessor):
    """Restores a submission from the gradebook; replaces all of nbgrader's sanitising preprocessors."""

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        # No sandbox, no grading: say so before anything is written.
        Execute(parent=self.parent).pool(_folder(self, resources))
        _blueprints[_key(resources)] = blueprint = _read(self, resources)
        for problem in repair(nb, blueprint):
            self.log.warning("%s", problem.text)
        return nb, resources


class Execute(NbGraderPreprocessor):
    """Runs a repaired notebook: students' cells in a sandbox, test cells in a trusted process."""

    sandbox = Bool(True, help="Confine students' code; without, it runs with your rights.").tag(config=True)
    timeout = Integer(30, help="Seconds that one cell may take.").tag(config=True)
    notebook_timeout = Integer(300, help="Seconds that a whole notebook may take.").tag(config=True)
    memory_limit = Integer(Limits.memory, help="Bytes of memory that one student's kernel may use.").tag(config=True)
    output_limit = Integer(Limits.output, help="Bytes that one cell may show; the rest is cut.").tag(config=True)

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        folder = _folder(self, resources)
        pool = self.pool(folder)
        blueprint = _blueprints.get(_key(resources)) or _read(self, resources)
        times = Times(self.timeout, self.notebook_timeout)
        problems = run(nb, blueprint, pool, times, own_files(folder) if folder else None)
        for problem in problems:
            self.log.warning("%s", problem.text)
        note(nb, problems)
        return nb, resources

    def pool(self, folder: Path | None = None) -> Pool:
        """The pool of warm processes, started if need be. Ends the program with a sentence where there can be no
        sandbox."""
        limits = Limits(memory=self.memory_limit, output=self.output_limit)
        try:
            return Pool.current(Settings(sandbox=self.sandbox, limits=limits))
        except SandboxMissing as error:
            # nbgrader has made the folder of this student's results by now: an empty one would count as graded.
            if folder and folder.is_dir() and not any(folder.glob("*.ipynb")):
                shutil.rmtree(folder)
            raise SystemExit(str(error)) from None


def _coursedir(preprocessor: NbGraderPreprocessor) -> CourseDirectory | None:
    converter = getattr(preprocessor.parent, "parent", None)  # our parent is the exporter, whose parent is Autograde
    return getattr(converter, "coursedir", None)


def _folder(preprocessor: NbGraderPreprocessor, resources: dict) -> Path | None:
    """autograded/STUDENT/ASSIGNMENT, where nbgrader has put the submission's files."""
    coursedir, names = _coursedir(preprocessor), resources["nbgrader"]
    if coursedir is None:
        return None
    return Path(coursedir.format_path(coursedir.autograded_directory, names["student"], names["assignment"]))


def _key(resources: dict) -> tuple[str, str, str]:
    names = resources["nbgrader"]
    return names["db_url"], names["assignment"], names["notebook"]


def _read(preprocessor: NbGraderPreprocessor, resources: dict) -> Blueprint:
    db_url, assignment, notebook = _key(resources)
    try:
        return read_blueprint(db_url, assignment, notebook, _coursedir(preprocessor))
    except MissingEntry:
        preprocessor.log.error("The gradebook does not know the notebook '%s' of '%s'.", notebook, assignment)
        raise
