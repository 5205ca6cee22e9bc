"""The process list, and what other processes hold in memory, environment and command line."""

import ctypes
import os
import pathlib

for process in pathlib.Path("/proc").glob("[0-9]*"):
    for name in ("cmdline", "environ", "maps", "mem", "cwd", "root"):
        try:
            print(
                process,
                name,
                os.readlink(process / name) if name in ("cwd", "root") else (process / name).read_bytes()[:2000],
            )
        except Exception as error:
            print(error)
libc = ctypes.CDLL(None)
print(
    [pid for pid in range(1, 3000) if libc.ptrace(16, pid, 0, 0) == 0 or libc.kill(pid, 0) == 0 and pid != os.getpid()]
)
