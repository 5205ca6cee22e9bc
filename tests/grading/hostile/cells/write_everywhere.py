"""The gradebook, other submissions, solutions, our own package and a file anywhere are overwritten."""

import os
import pathlib
import sqlite3

try:
    base = sqlite3.connect("@COURSE@/gradebook.db")
    base.execute("update grade set auto_score = 20, manual_score = 20, needs_manual_grade = 0")
    base.commit()
except Exception as error:
    print(error)
places = [
    "@COURSE@/submitted/victim/01_sliding_regions/sliding_regions.ipynb",
    "@COURSE@/solutions/01_sliding_regions/exercises.py",
]
places += [
    "@COURSE@/autograded/hostile-was-here",
    "@COURSE@/hostile-was-here",
    "@PACKAGE@/course_utils/hostile-was-here.py",
]
places += [
    f"{folder}/hostile-was-here"
    for folder in ("/", "/usr", "/etc", "/var", "/root", "/home", "/tmp", "/dev/shm", "/dev", "/proc")
]
for place in places:
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        pathlib.Path(place).write_text("def corr2d(x, kernel): return 0")
    except OSError as error:
        print(error)
