"""Grades the same class of lesson 1 by local processes and by a Dask cluster on this machine; scores must be equal.

    python -m benchmarks.cluster --students 12 --workers 2

The cluster's start is not counted, its workers' warming up is; both grade into a gradebook of their own.
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.term import hand_in
from course_grading.authoring.language import load_lesson
from course_grading.course import Course
from course_grading.grading.cluster import Cluster
from course_grading.grading.whole_class import ClassGrader
from tests.grading.courses import ROOT, copy_course
from tests.grading.gradebooks import points
from tests.grading.servers import dask

LESSON = "01_sliding_regions"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2, help="of the cluster, and local processes")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        courses = Path(folder, "courses")
        with dask(Path(folder, "dask"), courses_folder(courses), options.workers) as cluster:
            for where in ("local processes", "cluster"):
                root = copy_course(courses / where, lesson=LESSON)
                hand_in(root, load_lesson(LESSON, ROOT), options.students)
                course = Course(root)
                executor = Cluster(cluster.address, course, (LESSON,)) if where == "cluster" else None
                if executor:
                    executor.workers()
                began = time.perf_counter()
                rows = list(ClassGrader(course, [LESSON], jobs=options.workers, executor=executor))
                seconds = time.perf_counter() - began
                assert {row.state for row in rows} == {"graded"}
                found[where] = points(root)
                print(f"{where}: {len(rows)} in {seconds:.1f} s, {seconds / len(rows):.3f} s each", flush=True)
    assert found["cluster"] == found["local processes"]


def courses_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
