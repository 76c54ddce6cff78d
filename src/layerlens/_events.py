"""Server-sent events without I/O.

Format: WHATWG, "HTML Living Standard", section 9.2, Server-sent events.
"""

from __future__ import annotations

from typing import NamedTuple

MEDIA_TYPE = "text/event-stream"


class Event(NamedTuple):
    """One event: its name, and its data as sent."""

    name: str
    data: bytes


class EventReader:
    """Makes events of the bytes of a stream, however they are cut."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = "message"
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that are whole with these bytes."""
        # Not by `splitlines`, for which more than is meant here would end a line.
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        found = []
        for line in lines:
            line = line.removesuffix(b"\r")
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"event":
                self._name = value.decode(errors="replace")
            elif field == b"data":
                self._data.append(value)
            elif not line:
                if self._data:
                    found.append(Event(self._name, b"\n".join(self._data)))
                self._name, self._data = "message", []
        return found
