"""Processes without end."""

import os
import time

try:
    while True:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
except OSError as error:
    print(error)
