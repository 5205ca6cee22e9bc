"""Reads and writes every terminal, where another student's kernel could be listening."""

import glob
import os

for name in [*glob.glob("/dev/pts/*"), "/dev/tty", "/dev/ptmx", "/dev/console"]:
    try:
        terminal = os.open(name, os.O_RDWR | os.O_NONBLOCK)
        os.write(terminal, b"hostile-was-here\n")
        print(name, os.read(terminal, 1000))
    except OSError as error:
        print(name, error)
