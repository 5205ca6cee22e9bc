"""Reading a gradebook in tests: everything that grading writes, comparable between two gradebooks."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

GRADES = """
    select submission.student_id, submission.timestamp, notebook.name, cell.name, cell.type, grade.auto_score,
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade, submitted.late_submission_penalty
    from grade join base_cell as cell on cell.id = grade.cell_id
    join submitted_notebook as submitted on submitted.id = grade.notebook_id
    join notebook on notebook.id = submitted.notebook_id
    join submitted_assignment as submission on submission.id = submitted.assignment_id
    order by 1, 3, 4
"""
COMMENTS = """
    select submission.student_id, notebook.name, cell.name, cell.type, comment.auto_comment, comment.manual_comment
    from comment join base_cell as cell on cell.id = comment.cell_id
    join submitted_notebook as submitted on submitted.id = comment.notebook_id
    join notebook on notebook.id = submitted.notebook_id
    join submitted_assignment as submission on submission.id = submitted.assignment_id
    order by 1, 2, 3
"""


def everything(root: Path) -> dict[str, list[tuple]]:
    """All that grading writes into nbgrader's tables, apart from random ids."""
    with closing(sqlite3.connect(root / "gradebook.db")) as book:
        return {
            "grades": book.execute(GRADES).fetchall(),
            "comments": book.execute(COMMENTS).fetchall(),
            "students": book.execute("select id, first_name, last_name from student order by 1").fetchall(),
        }


def points(root: Path) -> dict[str, float]:
    """Each student's points, as the autograder gave them; None counts as 0."""
    total: dict[str, float] = {}
    for student, _, _, _, _, score, *_ in everything(root)["grades"]:
        total[student] = total.get(student, 0) + (score or 0)
    return total


def cell_scores(root: Path, students: Collection[str] = ()) -> dict[str, dict[str, float | None]]:
    """Each student's automatic score of each cell."""
    scores: dict[str, dict[str, float | None]] = {}
    for student, _, _, cell, _, score, *_ in everything(root)["grades"]:
        if not students or student in students:
            scores.setdefault(student, {})[cell] = score
    return scores
