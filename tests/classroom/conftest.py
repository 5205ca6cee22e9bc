from pathlib import Path

import pytest

from course_grading.course import Course
from course_grading.grading.whole_class import Row
from tests.classroom.small_class import make_class


@pytest.fixture(scope="session")
def small_class(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> tuple[Course, list[Row]]:
    """A graded class of twelve; see small_class.py. Tests leave it as it is, or copy it."""
    return make_class(tmp_path_factory.mktemp("class") / "course", empty_gradebook)
