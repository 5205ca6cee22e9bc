"""Tests, solutions, the gradebook, other submissions and the environment are read and shown, wherever they may be."""

import os
import pathlib

print(dict(os.environ))
for root in ("@COURSE@", "@PACKAGE@", "/work", "/root", "/home", "/tmp", "/var", "/srv", "/mnt", "/opt", "/run"):
    for path in pathlib.Path(root).rglob("*"):
        if (
            path.suffix in (".py", ".ipynb", ".db", ".json", ".txt", "")
            and ".venv" not in path.parts
            and path.is_file()
        ):
            try:
                text = path.read_bytes()
            except OSError:
                continue
            if b"@CANARY@"[:6] in text:
                print(path, text[:2000])
print(os.path.exists("@COURSE@/gradebook.db"), os.path.exists("@COURSE@/submitted"), os.listdir("/"))
