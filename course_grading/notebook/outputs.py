"""Cell outputs from what a kernel says it shows. What comes from a student's side is made harmless before it is
kept."""

from typing import Any

from nbformat import NotebookNode

OVERHEAD = 200  # bytes that an output takes in the file and in memory, whatever it shows
ATOM = 40  # bytes of a number, a list, …: as JSON, each may have a line of its own
CUT = "\n[This notebook shows more than is kept: the rest is cut.]\n"

ENDED_BY_US = ("NotRun", "CellTimeoutError", "NoAnswer", "CheckFailed", "TestBroken")  # whose words say all


def how_it_ended(error: NotebookNode) -> str:
    """An error output in words: of how we end a cell the sentence alone, of any other exception its name, too."""
    return str(error.evalue) if error.ename in ENDED_BY_US and error.evalue else f"{error.ename}: {error.evalue}"


class Kept:
    """Bytes of outputs that a notebook may still keep: what one display shows in many places counts in each."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.told = False  # that something is cut

    @property
    def is_full(self) -> bool:
        return self._left < 0

    def take(self, size: int) -> bool:
        """Whether so much may be kept; nothing more may once something could not."""
        self._left -= size
        return not self.is_full


class Outputs:
    """Gathers the events of one cell, with displays that update and outputs that are cleared, as a notebook would."""

    def __init__(self, displays: dict[str, list[NotebookNode]], kept: Kept, trusted: bool = False) -> None:
        self.list: list[NotebookNode] = []
        self._kept = kept
        self._displays = displays  # by display id, over the whole notebook
        self._trusted = trusted
        self._clear_next = False

    def add(self, kind: str, content: Any) -> None:
        """Take in one event; whatever is no proper output is dropped, and whatever is more than may be kept."""
        if not isinstance(content, dict):
            return
        places = self._displays.get(self._display_id(content), []) if kind == "update_display_data" else []
        times = len(places) if kind == "update_display_data" else 1
        # What is full measures no more of a flood.
        if kind != "clear_output" and (
            self._kept.is_full or not self._kept.take(times * (OVERHEAD + size_of(content)))
        ):
            if not self._kept.told:
                self._kept.told = True
                self.list.append(_output("stream", name="stdout", text=CUT))
            return
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_next = True
            else:
                self.list.clear()
            return
        if kind == "update_display_data":
            for output in places:
                output.data, output.metadata = _bundle(content.get("data")), NotebookNode()
            return
        if self._clear_next:
            self.list.clear()
            self._clear_next = False
        if kind == "stream":
            self._stream(content)
        elif kind in ("display_data", "execute_result"):
            output = _output(kind, data=_bundle(content.get("data")), metadata=NotebookNode())
            if kind == "execute_result":
                output.execution_count = None
            self.list.append(output)
            if display_id := self._display_id(content):
                self._displays.setdefault(display_id, []).append(output)
        elif kind == "error":
            self.error(content.get("ename"), content.get("evalue"), content.get("traceback"))

    def _stream(self, content: dict[str, Any]) -> None:
        name, text = content.get("name"), _text(content.get("text"))
        if name not in ("stdout", "stderr") or (self._trusted and name == "stderr"):
            return  # nbgrader gives zero for any stderr in a test, and a mere warning must not cost a mark
        if self.list and self.list[-1].output_type == "stream" and self.list[-1].name == name:
            self.list[-1].text += text
        else:
            self.list.append(_output("stream", name=name, text=text))

    def error(self, ename: Any, evalue: Any, traceback: Any = ()) -> None:
        """An error output. For a test it is one line: a traceback would show hidden tests and the instructor's
        files."""
        ename, evalue = _text(ename) or "Error", _text(evalue)
        lines = (
            [_text(line) for line in traceback if isinstance(line, str)] if isinstance(traceback, (list, tuple)) else []
        )
        if (self._trusted and len(lines) != 1) or not lines:
            lines = [f"{ename}: {evalue}" if evalue else ename]
        self.list.append(_output("error", ename=ename, evalue=evalue, traceback=lines))

    def has_error(self, ename: str) -> bool:
        return any(output.output_type == "error" and output.ename == ename for output in self.list)

    @staticmethod
    def _display_id(content: dict[str, Any]) -> str:
        transient = content.get("transient")
        return _text(transient.get("display_id")) if isinstance(transient, dict) else ""


def size_of(value: Any) -> int:
    """Bytes that this takes in a notebook, or a little more."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace"))
    if isinstance(value, dict):
        return ATOM + sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ATOM + sum(size_of(item) for item in value)
    return ATOM


def _output(kind: str, **content: Any) -> NotebookNode:
    # As nbformat's new_output makes it, but validated with the notebook instead of one by one, 1 ms each.
    return NotebookNode(output_type=kind, **content)


def _text(value: Any) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _bundle(data: Any) -> NotebookNode:
    """A mime bundle of nothing but text, and of JSON where the type says JSON."""
    if not isinstance(data, dict):
        return NotebookNode()
    kept = NotebookNode()
    for kind, value in data.items():
        if isinstance(kind, str) and (isinstance(value, str) or kind.endswith("json")):
            kept[_text(kind)] = _json(value)
    return kept


def _json(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and abs(value) < float("inf")):
        return value
    if depth < 20 and isinstance(value, list):
        return [_json(item, depth + 1) for item in value]
    if depth < 20 and isinstance(value, dict):
        return {_text(key): _json(item, depth + 1) for key, item in value.items() if isinstance(key, str)}
    return None
