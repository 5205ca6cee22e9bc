"""Times each lesson from a fresh kernel, start-up included: with everything right, and untouched.

    python -m benchmarks.lessons                         # all, about two minutes
    python -m benchmarks.lessons kernels pooling

A student's Run All should take at most 30 s with solutions and 10 s untouched, on two cores.
"""

import sys
import tempfile
import time

from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode

from course_grading.authoring.language import load_lesson
from course_grading.classroom.simulated import filled_notebook, right_answers
from course_grading.places import find_lesson, lesson_folders
from tests.grading.courses import ROOT


def main() -> None:
    names = [folder.name for folder in lesson_folders(ROOT)]
    for name in [find_lesson(word, names) for word in sys.argv[1:]] or names:
        lesson = load_lesson(name, ROOT)
        right, untouched = (seconds(filled_notebook(lesson, answers)) for answers in (right_answers(lesson), None))
        print(f"{name:30} right {right:5.1f} s, untouched {untouched:5.1f} s", flush=True)


def seconds(notebook: NotebookNode) -> float:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        ExecutePreprocessor(timeout=600).preprocess(notebook, {"metadata": {"path": folder}})
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
