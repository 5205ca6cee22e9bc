"""The course's folder as nbgrader sees it: its configuration and where its files are."""

import glob
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from nbgrader import api
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from traitlets.config import Config

from course_grading.places import course_root, find_lesson
from course_utils.errors import CourseError

RECORDS_FOLDER = ".course-grade"  # inside autograded/; hidden from nbgrader's globs
GRADING = ("Execute", "Repair", "Autograde", "AssignLatePenalties", "LateSubmissionPlugin")  # sections of the config
NEVER_COPIED = ("*.ipynb", "exercises.py")  # of a lesson's source folder: answers stay where they are


def _alembic_version() -> str:
    """The version of nbgrader's tables, as `alembic heads` says it."""
    from alembic.script import ScriptDirectory  # here: only a new gradebook needs it

    (head,) = ScriptDirectory(ALEMBIC_DIR).get_heads()
    return head


api.get_alembic_version = _alembic_version  # nbgrader's own starts that command, which takes 5 s and hears Ctrl-C


class GradingStopped(CourseError):
    """Why nothing can be graded, and what to do, in one sentence for the instructor."""


@dataclass(frozen=True)
class Course:
    """A course folder; small and picklable, so that a worker anywhere can open it again.

    `overrides` are traits that win over nbgrader_config.py, e.g. ``{"Execute": {"timeout": 10}}``.
    """

    root: Path
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def config(self) -> Config:
        """nbgrader's configuration: the user's, the course's, then the overrides."""
        if not (self.root / "nbgrader_config.py").is_file():
            raise GradingStopped(f"There is no nbgrader_config.py in {self.root}: run this in the course's folder.")
        config = Config()
        config.merge(deepcopy(_configured(self.root)))  # else overrides would get into what all share
        config.merge(Config({name: Config(dict(traits)) for name, traits in self.overrides.items()}))
        return config

    @cached_property
    def directory(self) -> CourseDirectory:
        if glob.escape(str(self.root)) != str(self.root):
            raise GradingStopped(
                f"nbgrader takes [, *, and ? for patterns, and so finds nothing in {self.root}: rename the folder."
            )
        return CourseDirectory(config=self.config, root=str(self.root))

    def __reduce__(self) -> tuple[Any, ...]:
        return Course, (self.root, self.overrides)  # what is worked out from them is worked out again

    def folder(self, step: str, student: str, lesson: str) -> Path:
        """Where nbgrader keeps one step (source, submitted, autograded …) of one student's lesson."""
        return Path(self.directory.format_path(getattr(self.directory, f"{step}_directory"), student, lesson))

    @property
    def trusts_timestamps(self) -> bool:
        """Whether a timestamp.txt in a hand-in counts."""
        return bool(self.config.get("Repair", {}).get("trust_timestamps", False))

    def terms(self, *of_submission: object) -> str:
        """Fingerprint of what a grade depends on beside the lesson and the hand-in: what is configured of grading,
        limits and late penalties, and what is given, such as the due date."""
        said = [repr(each) for each in of_submission]
        for section in GRADING:
            traits = self.config.get(section, {})
            said += [f"{section}.{name} {_repeatable(traits[name])}" for name in sorted(traits)]
        return blake2b("\n".join(said).encode(), digest_size=8).hexdigest()

    def lessons(self) -> list[str]:
        """Names of the lessons that have a source notebook."""
        found = self.folder("source", ".", "x").parent.glob("*/*.ipynb")
        return sorted(
            {path.parent.name for path in found if not path.parent.name.startswith(".")}
        )  # .ipynb_checkpoints

    def find_lesson(self, name: str) -> str:
        """The name of a lesson's folder from its name or its number; CourseError where there is none."""
        return find_lesson(name, self.lessons())

    @cached_property
    def workspace(self) -> Path:
        """Folder for half-done work, on the same disk as autograded/, so that a rename puts results in place."""
        return Path(self.directory.root, self.directory.autograded_directory, RECORDS_FOLDER)


def _repeatable(value: object) -> str:
    """What a trait is set to, as the next process says it too: a function or a class by its name."""
    if isinstance(value, (list, tuple)):
        return str([_repeatable(each) for each in value])
    return str(getattr(value, "__qualname__", None) or repr(value))


def here() -> Course:
    """The course in the working directory; where there is none, the one that this code belongs to."""
    folder = Path.cwd()
    return Course(folder if (folder / "nbgrader_config.py").is_file() else course_root())


@lru_cache
def _configured(root: Path) -> Config:
    class App(NbGrader):
        """nbgrader's own way to find its configuration, from the course's folder instead of the working directory."""

        load_cwd_config = False

        @property
        def config_file_paths(self) -> list[str]:
            return [str(root), *super().config_file_paths]

    app = App()
    app.load_config_file()
    return app.config
