"""A process that draws charts, one after another, until its input ends: `python -m stratix.charts`.

Drawing takes a JavaScript engine with its memory, and holds the interpreter while it works; a server that
answers others meanwhile leaves it to this process.
"""

from __future__ import annotations

import pickle
import sys

from stratix.charts.drawing import LENGTH, draw


def main() -> None:
    """Answer each order with `(True, bytes)`, or `(False, what went wrong)`."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # So that nothing a library prints is taken for an answer.
    while head := source.read(LENGTH.size):
        order = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301  # the server's own words
        try:
            answer = pickle.dumps((True, draw(order)))
        except Exception as error:  # A chart that cannot be drawn must not end those that can.
            answer = pickle.dumps((False, f"{type(error).__name__}: {error}"))
        sink.write(LENGTH.pack(len(answer)) + answer)
        sink.flush()


if __name__ == "__main__":
    main()
