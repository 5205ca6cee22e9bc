"""Processes that outlive the cell, try to leave the kernel's session, and wait to do harm later."""

import os
import subprocess
import sys

code = "import time, pathlib; time.sleep(20); pathlib.Path('@COURSE@/hostile-was-here').write_text('late')  # @SLEEPER@"
subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-c", code])
    os._exit(0)
