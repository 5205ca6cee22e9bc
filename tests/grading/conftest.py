from pathlib import Path

import pytest

from course_grading.course import Course
from course_grading.grading.gradebook import Gradebook


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without entries, to copy: making one takes nbgrader seconds."""
    root = tmp_path_factory.mktemp("empty")
    (root / "nbgrader_config.py").write_text("")
    with Gradebook(Course(root)):
        return root / "gradebook.db"
