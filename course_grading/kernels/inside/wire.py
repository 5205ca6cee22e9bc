"""Messages over a socket pair: a small header in msgpack and large blobs raw beside it.

Whoever sits at the other end may be a student's code, so every length is checked before anything is read into memory.
"""

import select
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

import msgpack

Blob = bytes | bytearray | memoryview

HEADER_LIMIT = 4 << 20  # a header of 4 MB unpacks to at most some 250 MB of Python objects
BLOBS_LIMIT = 256 << 20
_PREFIX = struct.Struct("<IQ")  # bytes of header, bytes of all blobs


class WireError(Exception):
    """The other end is gone or sends what is no message. Nothing more can be read from this channel."""


class WireTimeout(Exception):
    """No complete message came in time; the channel is still good."""


class Channel:
    """One end of a connection that carries (header, blobs) messages both ways.

    A header is anything msgpack knows; blobs are bytes. A `deadline` is a `time.monotonic()` instant; None waits for
    ever.
    """

    def __init__(self, sock: socket.socket, header_limit: int = HEADER_LIMIT, blobs_limit: int = BLOBS_LIMIT) -> None:
        self._sock = sock
        self._sock.setblocking(False)
        self._header_limit = header_limit
        self._blobs_limit = blobs_limit
        self._buffer = bytearray()
        self.received = 0  # bytes so far, for limits on floods

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    @property
    def pending(self) -> bool:
        """True if bytes of a next message were already read, so that polling the socket would miss them."""
        return bool(self._buffer)

    def send(self, header: Any, blobs: Sequence[Blob] = (), deadline: float | None = None) -> None:
        """Send one message. Raises WireError if the other end is gone, WireTimeout if it does not read in time."""
        views = [memoryview(blob).cast("B") for blob in blobs]
        packed = msgpack.packb([header, [view.nbytes for view in views]], use_bin_type=True, unicode_errors="replace")
        if len(packed) > self._header_limit or sum(view.nbytes for view in views) > self._blobs_limit:
            raise ValueError("the message is too large to send")
        prefix = _PREFIX.pack(len(packed), sum(view.nbytes for view in views))
        self._send_all([memoryview(prefix + packed), *(view for view in views if view.nbytes)], deadline)

    def receive(self, deadline: float | None = None) -> tuple[Any, list[memoryview]]:
        """The next message. Raises WireError on end of file and on garbage, WireTimeout when the deadline passes."""
        self._fill(_PREFIX.size, deadline)
        header_size, blobs_size = _PREFIX.unpack_from(self._buffer)
        if header_size > self._header_limit or blobs_size > self._blobs_limit:
            raise WireError("a message is larger than allowed")
        total = _PREFIX.size + header_size + blobs_size
        self._fill(total, deadline)
        frame = memoryview(bytes(memoryview(self._buffer)[_PREFIX.size : total]))
        del self._buffer[:total]
        try:
            header, sizes = msgpack.unpackb(frame[:header_size], strict_map_key=False, unicode_errors="replace")
            if sum(sizes) != blobs_size or any(type(size) is not int or size < 0 for size in sizes):
                raise ValueError("blob sizes do not add up")
        except Exception as error:  # whatever msgpack makes of garbage
            raise WireError("a message could not be read") from error
        blobs, start = [], header_size
        for size in sizes:
            blobs.append(frame[start : start + size])
            start += size
        return header, blobs

    def _fill(self, size: int, deadline: float | None) -> None:
        while len(self._buffer) < size:
            try:
                chunk = self._sock.recv(max(65536, min(size - len(self._buffer), 1 << 20)))
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise WireError("the connection broke") from error
            if not chunk:
                raise WireError("the connection was closed")
            self.received += len(chunk)
            self._buffer += chunk

    def _send_all(self, parts: list[memoryview], deadline: float | None) -> None:
        while parts:
            try:
                sent = self._sock.sendmsg(parts[:64])
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
                continue
            except OSError as error:
                raise WireError("the connection broke") from error
            while parts and sent >= parts[0].nbytes:
                sent -= parts.pop(0).nbytes
            if sent:
                parts[0] = parts[0][sent:]

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self._sock, event)
        if deadline is None:
            poll.poll()
        elif (left := deadline - time.monotonic()) <= 0 or not poll.poll(left * 1000):
            raise WireTimeout
