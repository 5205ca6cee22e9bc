"""How nbgrader's own commands log. Apart from `terminal`, as our own commands have no need of tornado."""

import copy
import logging
from typing import Any

from tornado.log import LogFormatter

from course_grading.terminal import in_lines


class LogLines(LogFormatter):
    """Names and messages of others in a log are text."""

    def format(self, record: logging.LogRecord) -> str:
        plain = copy.copy(record)
        plain.msg, plain.args = in_lines(record.getMessage()), ()
        return super().format(plain)

    def formatException(self, ei: Any) -> str:
        return in_lines(super().formatException(ei))
