"""What students import is what it is called, whichever module of ours was imported before."""

import subprocess
import sys

import course_utils
from course_utils import _HOMES


def test_no_module_hides_what_students_import():
    assert not [name for name, home in _HOMES.items() if home == name]


def test_names_are_right_where_their_modules_came_first():
    lines = [f"import course_utils.{home}" for home in sorted(set(_HOMES.values()))]
    lines += ["import course_utils, types"]
    lines += [
        f"assert not isinstance(course_utils.{name}, types.ModuleType), {name!r}" for name in course_utils.__all__
    ]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
