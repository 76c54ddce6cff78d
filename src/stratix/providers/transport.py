"""A lean HTTP/1.1 client for one address: posts bodies, returns whole answers, keeps connections.

A general client spends several times the CPU on a request that everything else here does. This one
knows what a model endpoint needs and no more: no redirects, no cookies, no streaming. Parsing is
left to llhttp (through httptools), connecting to happy eyeballs, encryption to the event loop.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple, cast
from urllib.parse import quote, urlsplit

import aiohappyeyeballs
import httptools

_CONNECT_SECONDS = 30.0
_IDLE_SECONDS = 30.0
_RESOLVED_SECONDS = 10.0
_HAPPY_EYEBALLS_SECONDS = 0.25
_LARGEST_HEAD = 2**20


class BadAnswer(Exception):
    """What came is not an HTTP answer, or not a whole one; the message says what it is."""


class TooLarge(Exception):
    """The answer is larger than it may be."""


class Answer(NamedTuple):
    """An HTTP answer; the names of its headers are in lower case, and each has its first value."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Connections to one address, opened as they are needed and used again.

    How many are open at once is for the caller to limit. A request is never sent twice: if a connection
    that was kept turns out to be closed, the caller is told, for the endpoint may have begun to work.

    Args:
        url: where requests are posted; `http` or `https`.
        headers: sent with every request.
        timeout: seconds from the request to the last byte of its answer.
        largest: the most bytes an answer's body may have.

    Raises:
        ValueError: the URL is none, or a header holds what no header can.
    """

    def __init__(self, url: str, headers: Mapping[str, str], timeout: float, largest: int) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address is no http or https URL")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = (
            parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
        )
        self._port = parts.port or (443 if self._tls else 80)
        self._head = _head_of(parts.path, parts.query, self._host, parts.port, headers)
        self._timeout = timeout
        self._largest = largest
        self._open: set[_Connection] = set()
        self._idle: deque[_Connection] = deque()  # The one used last is at the right.
        self._sweeping: asyncio.TimerHandle | None = None
        self._addresses: deque[aiohappyeyeballs.AddrInfoType] = deque()
        self._resolved_at = 0.0
        self._resolving = asyncio.Lock()

    async def post(self, body: bytes) -> Answer:
        """Send a body and return the answer, whatever its status.

        Raises:
            TimeoutError: it did not come in time.
            OSError: there is no connection, or it broke.
            BadAnswer: what came is no answer.
            TooLarge: the answer is larger than allowed.
        """
        async with asyncio.timeout(self._timeout):
            connection = self._kept() or await self._connect()
            try:
                return await connection.ask(self._head % len(body) + body)
            finally:
                self._keep(connection)

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    def _keep(self, connection: _Connection) -> None:
        if not connection.reusable:
            connection.drop()
            return
        connection.idle_since = time.monotonic()
        self._idle.append(connection)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what nobody has used for a while."""
        over = time.monotonic() - _IDLE_SECONDS
        while self._idle and self._idle[0].idle_since <= over:
            self._idle.popleft().drop()
        self._sweeping = None
        if self._idle:
            left = self._idle[0].idle_since - over
            self._sweeping = asyncio.get_running_loop().call_later(left, self._sweep)

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_SECONDS):
            try:
                opened = await aiohappyeyeballs.start_connection(
                    await self._resolve(), happy_eyeballs_delay=_HAPPY_EYEBALLS_SECONDS
                )
            except OSError:
                self._addresses.clear()  # They may have moved.
                raise
            try:
                # So that a network that forgets silent connections keeps those of slow answers.
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._open, self._largest),
                    sock=opened,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
            except BaseException:
                opened.close()
                raise
        return connection

    async def _resolve(self) -> list[aiohappyeyeballs.AddrInfoType]:
        async with self._resolving:
            if not self._addresses or time.monotonic() - self._resolved_at > _RESOLVED_SECONDS:
                found = await asyncio.get_running_loop().getaddrinfo(
                    self._host, self._port, type=socket.SOCK_STREAM
                )
                self._addresses, self._resolved_at = deque(found), time.monotonic()
            if len({address[0] for address in self._addresses}) == 1:
                self._addresses.rotate(1)  # Equals take turns; between families the order is a preference.
            return list(self._addresses)

    async def close(self) -> None:
        """Close every connection; requests in flight end with an OSError."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        self._idle.clear()
        for connection in list(self._open):
            connection.drop()
        for _ in range(3):  # The event loop closes them in its next round, and then tells who waits.
            await asyncio.sleep(0)


def _head_of(path: str, query: str, host: str, port: int | None, headers: Mapping[str, str]) -> bytes:
    """Return the head of a request with a place for the length of its body.

    Raises:
        ValueError: a header holds what no header can.
    """
    safe = "/%:@!$&'()*+,;=~-._?"
    target = quote(path or "/", safe) + (f"?{quote(query, safe)}" if query else "")
    name = f"[{host}]" if ":" in host else host
    lines = {"host": f"{name}:{port}" if port else name, "accept-encoding": "gzip", **headers}
    for header, value in lines.items():
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"the header {header} holds a character that no header can")
    text = f"POST {target} HTTP/1.1\r\n" + "".join(
        f"{header}: {value}\r\n" for header, value in lines.items()
    )
    return text.replace("%", "%%").encode("ascii") + b"content-length: %d\r\n\r\n"


class _Connection(asyncio.Protocol):
    """One connection, on which one request at a time is answered; also what its parser calls."""

    def __init__(self, register: set[_Connection], largest: int) -> None:
        self._register = register
        self._largest = largest
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self.reusable = False
        self.idle_since = 0.0
        self._begin()

    def _begin(self) -> None:
        self._received = 0
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._status = 0

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer; afterwards `reusable` says whether another may follow."""
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self.reusable = False
        if self._transport.is_closing():
            raise ConnectionResetError("the endpoint closed the connection")
        self._transport.write(request)
        return await waiting

    def drop(self) -> None:
        """Close the connection at once."""
        self.reusable = False
        self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not derived from it.
        self._register.add(self)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and fail on what no endpoint should send."""
        if self._waiting is None or self._waiting.done():
            self.drop()  # Nobody asked for it, so it must not be taken for the next request's answer.
            return
        self._received += len(data)
        if self._received > self._largest + _LARGEST_HEAD or (
            self._received > _LARGEST_HEAD and not self._status
        ):
            self._fail(TooLarge())
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(BadAnswer(f"not an HTTP answer ({error})"))

    def connection_lost(self, error: Exception | None) -> None:
        """End an answer that lasts as long as its connection; fail any other."""
        self._register.discard(self)
        self.reusable = False
        if self._status and error is None and self._lasts_until_the_end():
            self._complete()
        elif self._status:
            self._fail(BadAnswer("the connection was closed within the answer"))
        else:
            self._fail(error or ConnectionResetError("the connection was closed before an answer came"))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Take the status; from here on a body comes."""
        self._status = self._parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        """Keep a part of the body."""
        self._body.append(data)

    def on_message_complete(self) -> None:
        """Hand over the answer, unless it is but a sign that one will come."""
        if self._status < 200:
            received = self._received
            self._begin()
            self._received = received
        elif self._waiting is None or self._waiting.done():
            self.drop()  # A second answer to one request.
        else:
            self.reusable = self._parser.should_keep_alive() and not self._transport.is_closing()
            self._complete()

    def on_message_begin(self) -> None:
        """Refuse what follows an answer without having been asked for."""
        if self._waiting is None or self._waiting.done():
            self.drop()

    def _lasts_until_the_end(self) -> bool:
        return "content-length" not in self._headers and "transfer-encoding" not in self._headers

    def _complete(self) -> None:
        try:
            body = self._decoded(b"".join(self._body))
        except (BadAnswer, TooLarge) as error:
            self._fail(error)
            return
        answer = Answer(self._status, self._headers, body)
        self._begin()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _decoded(self, body: bytes) -> bytes:
        encoding = self._headers.get("content-encoding", "identity").lower()
        if encoding in {"identity", ""}:
            if len(body) > self._largest:
                raise TooLarge
            return body
        if encoding not in {"gzip", "x-gzip"}:
            raise BadAnswer(f"the answer is encoded as {encoding[:40]!r}, which was not asked for")
        inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            whole = inflater.decompress(body, self._largest + 1)
        except zlib.error as error:
            raise BadAnswer(f"the answer cannot be decompressed ({error})") from None
        if len(whole) > self._largest:
            raise TooLarge
        if not inflater.eof:
            raise BadAnswer("the compressed answer is cut off")
        return whole

    def _fail(self, error: Exception) -> None:
        self.reusable = False
        self._begin()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self._transport.abort()
