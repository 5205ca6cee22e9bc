"""Whether marks are of what is handed in, and by the lesson, as both are now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_grading.places import short_name
from course_grading.terminal import listed

if TYPE_CHECKING:
    from course_grading.course import Course


@dataclass(frozen=True)
class Standing:
    """Of a lesson: who has handed in and has no grade, or one for what they had handed in before; and of the others who
    was graded by another version of the lesson than it has now."""

    lesson: str
    waiting: list[str]
    outdated: list[str]

    def of_graded(self, graded: Collection[str]) -> Standing:
        """The same of those with a grade alone."""
        return Standing(self.lesson, [student for student in self.waiting if student in graded], self.outdated)

    def said(self, names: bool = True) -> list[str]:
        """What to say of it, as parts of a sentence."""
        grade = f"`course grade {short_name(self.lesson)}` grades them"
        told = {
            "handed in since the last grading": (self.waiting, grade),
            "graded by another version of the lesson than it has now": (self.outdated, f"{grade} again"),
        }
        return [
            f"{len(who)} {what} ({f'{listed(who)}; ' if names else ''}{how})"
            for what, (who, how) in told.items()
            if who
        ]


def standing(course: Course, lesson: str, graded: Collection[str]) -> Standing:
    """How the marks of the students that are `graded` stand, in the lesson of this whole name."""
    from course_grading.grading.gradebook import Gradebook, source_of
    from course_grading.grading.handed_in import find_submissions, fingerprint_of

    with Gradebook(course) as book:
        records = book.records(lesson)  # none where nbgrader itself has graded, or what could not be
    waiting = [
        each.student
        for each in find_submissions(course, lesson)
        if each.student not in graded
        or (each.student in records and records[each.student].submitted != fingerprint_of(each))
    ]
    now = source_of(course, lesson)
    sources = {key: records[key].source for key in graded if key in records and key not in waiting}
    # A source is empty where a test was broken, which grading has told.
    by_another = (key for key, source in sources.items() if source and not source.startswith(now))
    return Standing(lesson, waiting, sorted(by_another))
