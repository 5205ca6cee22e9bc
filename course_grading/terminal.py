"""The instructor's terminal, and text of others on it: names, messages, file names. Foreign text is text, everywhere.

    out = console()
    out.print(f"{foreign(student)} handed in nothing.")

What prints a name, or words that come from a student's file, puts it through `foreign`; what prints at all does it by
`console`, `tell` or `complain`. Both work on a terminal that knows ASCII alone.
"""

import signal
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

# Control characters, invisible marks (of direction, joiners, tags), halves of pairs, private and unknown characters,
# separators of lines: what moves the cursor, hides, turns round or breaks what stands beside it.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LINE_BREAKS = frozenset("\n\t")
MOST_NAMES = 30  # of students, in a line


def foreign(text: object, longest: int | None = None) -> str:
    r"""Text of somebody else's as one line in which all can be seen: an escape sequence is `\x1b[2J`, a byte of a name
    that is not UTF-8 `\xe9`, a line break `\n`. What is longer than `longest` characters is cut in its middle."""
    return shortened(_seen(str(text), frozenset()), longest)


def shortened(text: str, longest: int | None) -> str:
    """The text, or its beginning and its end with … between where it is longer than `longest` characters."""
    if longest is None or len(text) <= longest:
        return text
    head = longest * 2 // 3
    return f"{text[:head]}…{text[len(text) - (longest - head - 1) :]}"


def listed(names: Sequence[str]) -> str:
    """Names of students in a line, with how many more there are; of those as in "Lee, Ann" each can be told."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    between = "; " if any("," in name for name in names) else ", "
    return between.join(foreign(name, 40) for name in names[:MOST_NAMES]) + more


def console(**options: Any) -> Console:
    """Rich's console for the instructor, on which a string is never markup, an emoji's code or a control sequence."""
    never_stop_on_a_character()
    return _Console(**({"markup": False, "emoji": False, "highlight": False} | options))


def tell(sentence: object) -> None:
    """Print a sentence that may hold names of files."""
    never_stop_on_a_character()
    print(in_lines(sentence))


def complain(sentence: object) -> None:
    """Print an error's sentence, which may hold foreign text, to stderr."""
    never_stop_on_a_character()
    print(in_lines(sentence), file=sys.stderr)


def in_lines(text: object) -> str:
    """Foreign text as `foreign` shows it, but that its line breaks stay."""
    return _seen(str(text), LINE_BREAKS)


def never_stop_on_a_character() -> None:
    r"""From now on a character that the terminal does not know is printed as its code, such as \u2713."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _seen(text: str, kept: frozenset[str]) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in kept else _code(char) for char in text)


def _code(char: str) -> str:
    if unicodedata.category(char) not in UNSEEN:
        return char  # a space of another width
    if "\udc80" <= char <= "\udcff":  # how Python reads a byte of a file's name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


class _Console(Console):
    """Whatever string comes to be printed, in a sentence or in a table's cell, comes through here."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(in_lines(text), **options)


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended, whichever thread the system tells of it. For the main thread alone, in
    which signals arrive."""
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed:
            raise KeyboardInterrupt


@contextmanager
def unheard() -> Iterator[None]:
    """Processes that are started meanwhile do not hear Ctrl-C: it is for the command alone, which hears it after."""
    with without_interrupts():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # which processes inherit
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
