"""All file descriptors are closed, or lead to nowhere."""

import os

os.closerange(0, 256)
for _ in range(8):
    os.open("/dev/null", os.O_RDWR)
