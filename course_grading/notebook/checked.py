"""Which exercises a test cell checks, by its calls of `check`: one reading for who builds, grades and reports."""

import ast
from functools import lru_cache

from course_utils.errors import CourseError


def checked_in(source: str, lesson: str) -> dict[str, str]:
    """What a test cell checks, by its calls of `check`: the name of each exercise → the code of its answer.

    Raises CourseError for a call that does not name its exercise, and SyntaxError for what is no Python.
    """
    checked = {}
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in calls:
        if not isinstance(call.func, ast.Name) or call.func.id != "check":
            continue
        match call:
            case ast.Call(args=[ast.Constant(value=str(name)), answer], keywords=[]):
                checked[name.removeprefix(f"{lesson}.")] = ast.unparse(answer)
            case _:
                raise CourseError(
                    f"Nothing says what {ast.unparse(call)} judges: write the exercise's name as a text and then the "
                    'answer, check("name", name).'
                )
    return checked


@lru_cache(maxsize=1000)  # the notebooks of a class have the same tests
def exercises_in(source: str, lesson: str = "") -> tuple[str, ...]:
    """The exercises that a test cell checks, without the name of the `lesson` before theirs; none where that cannot be
    told."""
    try:
        return tuple(checked_in(source, lesson))
    except (SyntaxError, CourseError):
        return ()
