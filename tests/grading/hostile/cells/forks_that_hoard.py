"""Ten processes of 150 MB: each is within its limit, all together are not."""

import os
import time

for _ in range(10):
    if os.fork() == 0:
        hoard = b"x" * (150 << 20)
        time.sleep(60)
        os._exit(0)
time.sleep(5)
