"""Writing lessons: declare exercises, build what students get, judge answers, bundle the student version."""

from course_grading.authoring.language import BY_HAND, exercise, explanation, fact, guess
from course_utils.values import File

__all__ = ["BY_HAND", "File", "exercise", "explanation", "fact", "guess"]
