"""A file server on a real port that can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What it serves by path, and how it fails.

    `cuts` are the bytes after which the next answers end too early; `statuses` those of the next
    answers; `requests` the path and Range header of each request, `authorizations` who asked.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    etag: str = '"one"'
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[FileServer]:
    """Serve until the block ends."""
    state = FileServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.requests.append((self.path, asked))
            state.authorizations.append(self.headers.get("Authorization"))
            body = state.files.get(self.path)
            status = state.statuses.pop(0) if state.statuses else 200 if body is not None else 404
            if status != 200 or body is None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = 0
            if asked and state.ranges and self.headers.get("If-Range") == state.etag:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            else:
                self.send_response(200)
            if state.etag:
                self.send_header("ETag", state.etag)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            stop = start + state.cuts.pop(0) if state.cuts else len(body)
            self.wfile.write(body[start:stop])
            if stop < len(body):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        state.address = f"http://127.0.0.1:{listening.server_port}/"
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        listening.shutdown()
        thread.join()
