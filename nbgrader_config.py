"""nbgrader finds the course here: its folders and our plug-ins. Every `nbgrader` command and Formgrader read it."""

import os
import sys
from pathlib import Path

from nbgrader import preprocessors as stock

c = get_config()  # noqa: F821

# For a new gradebook nbgrader's own programs start `alembic`, which lies beside our Python, active or not.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

c.CourseDirectory.course_id = "convolution"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "exercises.py"]

# What the student sees in place of a solution.
c.ClearSolutions.code_stub = {
    "python": "# FIXME: write your own, in place of the next line.\nraise NotImplementedError"
}

# Plug-ins of ours are named, not imported, so that commands which do not use them start fast.
c.GenerateAssignment.preprocessors = [
    "course_grading.authoring.release.AddHiddenTests",
    "course_grading.authoring.release.TrySolution",
    stock.IncludeHeaderFooter,
    stock.LockCells,
    "course_grading.authoring.release.ClearSolutions",
    stock.ClearOutput,
    "course_grading.authoring.release.ForgetRun",
    stock.CheckCellMetadata,
    stock.ComputeChecksums,
    "course_grading.authoring.release.SaveCells",
    stock.ClearHiddenTests,
    stock.ClearMarkScheme,
    stock.ComputeChecksums,
    stock.CheckCellMetadata,
    "course_grading.authoring.release.FoldSeeCells",
    "course_grading.authoring.release.CheckReleased",
    "course_grading.authoring.release.KeepExplorerPictures",
    "course_grading.authoring.release.Sign",
]

# Grading: students' cells run in a sandbox, tests in a process of ours, both forked from warm ones. Their limits are
# options: c.Execute.timeout, c.Execute.memory_limit, …
c.Autograde.pre_convert_hook = "course_grading.grading.plugins.open_regular_files_only"
c.Autograde.sanitize_preprocessors = ["course_grading.grading.plugins.Repair"]
c.Autograde.autograde_preprocessors = [
    "course_grading.grading.plugins.Execute",
    "course_grading.grading.clean.Clean",
    stock.LimitOutput,
    "course_grading.grading.plugins.SaveAutoGrades",
    stock.AssignLatePenalties,
]

# Nothing of a student's runs in the instructor's browser: Formgrader's pages and feedback are cleaned.
c.HTMLExporter.preprocessors = ["course_grading.grading.pages.Harmless"]
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "clean_html": "course_grading.notebook.harmless.clean_html",
    "markdown2html": "course_grading.grading.pages.markdown2html",
}

# What students get back: their work with the checks' cards, and nothing of the instructor's.
c.GenerateFeedback.preprocessors = [
    stock.GetGrades,
    "course_grading.grading.feedback.HideInstructorsPart",
    "course_grading.grading.headed.Head",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# Names and messages of others are text in what nbgrader logs, too: no escape sequence reaches the terminal.
c.Application.logging_config = {"formatters": {"console": {"class": "course_grading.logs.LogLines"}}}
