"""Sixty processes that compute for nothing, so that other students' kernels may starve."""

import os

for _ in range(59):
    if os.fork() == 0:
        break
while True:
    pass
