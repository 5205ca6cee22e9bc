"""What instructors run: the `course` command and plug-ins for nbgrader. Never given to students."""

from course_grading.judge import judge

__all__ = ["judge"]
