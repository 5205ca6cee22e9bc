"""The class of sixty as five platforms give it for download, twice: in the first some have not done their best yet."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tests.classroom.sixty import Student, notebook, written

STRANGERS = {  # what a platform's zip should not hold
    "../../evil.ipynb": b"{}",
    "bomb_4998_1_sliding_regions.ipynb": bytes(9 << 20),
    "nobody_4999_2_sliding_regions.ipynb": b"{}",
}


def table(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def roster(folder: Path, platform: str, students: Sequence[Student]) -> Path:
    """The table that a platform exports: who is in the class, and where marks go."""
    parts = [(each, *each.name.rsplit(" ", 1)) for each in students]
    path = folder / f"{platform}.csv"
    if platform == "Canvas":
        head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Sliding regions (777)"]
        rows = [[f"{last}, {first}", each.id, "", f"login{each.id}", "A", ""] for each, first, last in parts]
        return table(
            path, [head, ["    Points Possible", "", "", "", "", 20], *rows, ["Student, Test", 9, "", "t", "", ""]]
        )
    if platform == "Moodle":
        head = [
            "ID",
            "Vollständiger Name",
            "ID-Nummer",
            "Status",
            "Bewertung",
            "Bestwertung",
            "Zuletzt geändert (Bewertung)",
        ]
        rows = [[f"Teilnehmer/in{7000 + each.number}", each.name, each.id, "", "", 20, ""] for each in students]
        return table(path, [head, *rows], "utf-16")
    if platform == "Gradescope":
        head = ["First Name", "Last Name", "SID", "Email", "sliding regions", "sliding regions - Max Points"]
        return table(path, [head, *([first, last, each.id, "", "", 20] for each, first, last in parts)])
    if platform == "GitHub":
        return table(path, [["github_username", "name"], *([each.id, each.name] for each in students)])
    return table(path, [["id", "name"], *([each.id, each.name] for each in students)])


def download(folder: Path, platform: str, students: Sequence[Student], last: bool) -> Path:
    """What the platform gives; before the `last` download those who hand in again have handed in nothing of theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    works = {each.number: notebook(each) if last or not each.resubmitted else written({}) for each in students}
    works = {number: work for number, work in works.items() if students[number // 5].story != "missing"}
    return globals()[f"_{platform.lower()}"](folder, students, works, last)


def _canvas(folder: Path, students: Sequence[Student], works: dict[int, bytes], last: bool) -> Path:
    files = dict(STRANGERS)
    for each in students:
        if each.number in works:
            late = "_LATE" if each.late and (last or not each.resubmitted) else ""
            again = last and each.resubmitted
            name = "".join(char for char in "".join(reversed(each.name.rsplit(" ", 1))).lower() if char.isalnum())
            file = f"{9000 + each.number + 500 * again}_sliding_regions{'-1' if again else ''}.ipynb"
            files[f"{name}{late}_{each.id}_{file}"] = works[each.number]
    path = zipped(folder / "submissions.zip", files)
    broken = next(name for name in files if "_4350_" in name)
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(broken)
    data = bytearray(path.read_bytes())
    data[member.header_offset + 30 + len(broken.encode()) + member.compress_size // 2] ^= 0xFF
    path.write_bytes(data)
    return path


def _moodle(folder: Path, students: Sequence[Student], works: dict[int, bytes], last: bool) -> Path:
    names = {each.number: each.name for each in students}
    files = {
        f"{names[number]}_{7000 + number}_assignsubmission_file_/sliding_regions.ipynb": work
        for number, work in works.items()
    }
    return zipped(folder / "moodle.zip", files)


def _gradescope(folder: Path, students: Sequence[Student], works: dict[int, bytes], last: bool) -> Path:
    about, files = {}, {}
    for each in students:
        if each.number in works:
            day = "10-20" if each.late else "10-05" if last and each.resubmitted else "10-01"
            who = {":name": each.name, ":sid": each.id, ":email": f"{each.id}@x.org"}
            about[f"submission_{each.number}"] = {":submitters": [who], ":created_at": f"2026-{day} 12:30:00.5 Z"}
            file = "essay.pdf" if each.story == "no notebook" else "sliding_regions.ipynb"
            files[f"assignment_5_export/submission_{each.number}/{file}"] = works[each.number]
    metadata = json.dumps(about, ensure_ascii=False).encode()  # which is YAML, too
    return zipped(folder / "gradescope.zip", {"assignment_5_export/submission_metadata.yml": metadata, **files})


def _drive(folder: Path, students: Sequence[Student], works: dict[int, bytes], last: bool) -> Path:
    files: dict[str, bytes] = {}
    for each in students:
        if each.number in works:
            name = f"{each.name} - sliding_regions.ipynb"
            files[name.replace(".ipynb", " (1).ipynb") if name in files else name] = works[each.number]
    return zipped(folder / "drive.zip", files)


def _github(folder: Path, students: Sequence[Student], works: dict[int, bytes], last: bool) -> Path:
    for each in students:
        if each.number in works:
            clone = folder / "sliding-regions-submissions" / f"sliding-regions-{each.id}"
            (clone / ".git").mkdir(parents=True, exist_ok=True)
            (clone / ".git" / "config").write_text("[core]\n")
            place = clone / "notebooks" / "01_sliding_regions"
            place.mkdir(parents=True, exist_ok=True)
            (place / "sliding_regions.ipynb").write_bytes(works[each.number])
    return folder / "sliding-regions-submissions"
