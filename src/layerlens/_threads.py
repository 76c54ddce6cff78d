"""What the synchronous client needs of its runtime; the blocking twin of `_aio`."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx

from ._errors import StratixError

T = TypeVar("T")
Of = TypeVar("Of")

Fetcher = Callable[[Of], T]
"""What fetches something, such as the page of a number."""

IS_ASYNC = False
CHUNK_BYTES = 1 << 20

Lock = threading.Lock
sleep = time.sleep


class _LazyContext(ssl.SSLContext):
    """Loads the certificates with the first TLS connection: it takes a tenth of a command's time.

    Everything is then done by the context that httpx makes by itself.
    """

    _protocols: list[str]
    _made: ssl.SSLContext | None = None

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Note the protocols to offer."""
        self._protocols = list(alpn_protocols)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """Begin TLS on a socket."""
        return self._context().wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """Begin TLS within TLS, which a proxy may want."""
        return self._context().wrap_bio(*args, **options)

    def _context(self) -> ssl.SSLContext:
        if self._made is None:
            made = httpx.create_ssl_context()
            made.set_alpn_protocols(self._protocols)
            self._made = made
        return self._made


class Pool:
    """Connections, opened on first use, shared by a client and its copies."""

    def __init__(self) -> None:
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()
        self._closed = False

    def client(self) -> httpx.Client:
        """Return the HTTP client.

        Raises:
            StratixError: the pool was closed.
        """
        with self._lock:
            if self._closed:
                raise StratixError("This client was closed: make a new one.")
            if self._client is None:
                self._client = httpx.Client(verify=_LazyContext(ssl.PROTOCOL_TLS_CLIENT))
            return self._client

    def close(self) -> None:
        """Close all connections, for good."""
        with self._lock:
            self._closed = True
            if self._client is not None:
                self._client.close()


def gather(calls: Sequence[Callable[[], T]], limit: int) -> list[T]:
    """Make calls, at most `limit` at a time, and return what they returned, in their order.

    Raises:
        Exception: what the first failing call raised; the others are not begun.
    """
    if not calls:
        return []
    with ThreadPoolExecutor(min(limit, len(calls))) as threads:
        return list(threads.map(lambda call: call(), calls))


def notify(listener: Callable[[T], Any] | None, value: T) -> None:
    """Tell a listener."""
    if listener is not None:
        listener(value)


def chunks(path: Path) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def at_once(known: T | None, fetch: Callable[[], T]) -> T:
    """Return what a property needs, fetched if it is not known yet."""
    return fetch() if known is None else known
