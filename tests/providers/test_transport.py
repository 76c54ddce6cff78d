"""The HTTP client against endpoints that say each byte themselves."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stratix.providers import transport
from stratix.providers.transport import BadAnswer, Client, TooLarge

LARGEST = 2**20
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Endpoint:
    """Sends what it is told, one text for each request, and keeps what it was sent."""

    def __init__(self, replies: list[bytes], *, close: bool = False, pause: float = 0.0) -> None:
        self.replies = replies
        self.close = close
        self.pause = pause
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        size = 1 if self.pause else 2**16
        while self.replies:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            self.requests.append(head + await reader.readexactly(length))
            reply = self.replies.pop(0)
            for at in range(0, len(reply), size):
                writer.write(reply[at : at + size])
                await writer.drain()
                await asyncio.sleep(self.pause)
            if self.close:
                return
        await reader.read()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve connections; yields the port, and in the end waits until all of them are closed."""
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    await asyncio.wait_for(asyncio.gather(*running), 5)
    await asyncio.sleep(0)


@asynccontextmanager
async def served(
    *replies: bytes, tls: ssl.SSLContext | None = None, timeout: float = 5.0, **options: float
) -> AsyncIterator[tuple[Client, Endpoint]]:
    endpoint = Endpoint(list(replies), **options)
    async with listening(endpoint.serve, tls) as port:
        client = Client(
            f"http{'s' if tls else ''}://127.0.0.1:{port}/v1?a=b", {"x-one": "1"}, timeout, LARGEST
        )
        try:
            yield client, endpoint
        finally:
            await client.close()


async def test_a_request_says_what_it_must_and_connections_are_used_again():
    async with served(OK, OK, OK) as (client, endpoint):
        for _ in range(3):
            answer = await client.post(b'{"a": "%d %s"}')
        assert (answer.status, answer.body) == (200, b"ok")
    assert endpoint.connections == 1
    head, _, body = endpoint.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1?a=b HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"x-one: 1" in head
    assert body == b'{"a": "%d %s"}'


ANSWERS: dict[str, tuple[bytes, int, bytes]] = {
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        200,
        b"abcde",
    ),
    "no body": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "an interim answer first": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
    "gzip": (
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s"
        % (len(gzip.compress(b"x" * 999, mtime=0)), gzip.compress(b"x" * 999, mtime=0)),
        200,
        b"x" * 999,
    ),
    "a redirect": (
        b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n",
        307,
        b"",
    ),
}


@pytest.mark.parametrize("pause", [0.0, 0.0001])
@pytest.mark.parametrize("name", ANSWERS)
async def test_answers_are_read_whole_or_byte_by_byte(name, pause):
    sent, status, body = ANSWERS[name]
    async with served(sent, OK, pause=pause) as (client, endpoint):
        answer = await client.post(b"{}")
        assert (answer.status, answer.body) == (status, body)
        assert (await client.post(b"{}")).body == b"ok"
    assert endpoint.connections == 1


async def test_an_answer_may_last_as_long_as_its_connection():
    async with served(b"HTTP/1.1 200 OK\r\n\r\nuntil the end", OK, close=True) as (client, endpoint):
        assert (await client.post(b"{}")).body == b"until the end"
        assert (await client.post(b"{}")).body == b"ok"
    assert endpoint.connections == 2


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", OK.replace(b"1.1", b"1.0")],
)
async def test_a_connection_that_will_be_closed_is_not_used_again(said):
    async with served(said, OK) as (client, endpoint):
        await client.post(b"{}")
        await client.post(b"{}")
    assert endpoint.connections == 2


async def test_what_nobody_asked_for_is_no_answer_to_the_next_request():
    false = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfalse"
    async with served(OK + false, OK) as (client, endpoint):
        assert (await client.post(b"{}")).body == b"ok"
        await asyncio.sleep(0.05)
        assert (await client.post(b"{}")).body == b"ok"
    assert endpoint.connections == 2


async def test_a_connection_closed_while_idle_is_replaced_without_an_error():
    async with served(OK, OK, close=True) as (client, endpoint):
        await client.post(b"{}")
        await asyncio.sleep(0.05)
        await client.post(b"{}")
    assert endpoint.connections == 2


BROKEN = {
    "cut off": b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nshort",
    "cut off in chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nshort",
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!",
    "a bad chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nbytes",
    "not asked for": b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nok",
    "no gzip": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nok",
    "half a gzip": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 15\r\n\r\n"
    + gzip.compress(b"whole", mtime=0)[:15],
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_is_an_error_and_the_next_request_works(name):
    async with served(BROKEN[name], OK, close=True) as (client, _):
        with pytest.raises(BadAnswer):
            await client.post(b"{}")
        assert (await client.post(b"{}")).body == b"ok"


async def test_a_dropped_connection_is_an_error_and_nothing_is_sent_twice():
    async with served(b"", OK, close=True) as (client, endpoint):
        with pytest.raises(ConnectionError):
            await client.post(b"{}")
        assert len(endpoint.requests) == 1


def _bomb() -> bytes:
    packed = gzip.compress(b"\x00" * (LARGEST + 1))
    return b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s" % (
        len(packed),
        packed,
    )


HUGE: dict[str, Callable[[], bytes]] = {
    "a body": lambda: b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % 2**40 + b"x" * (3 * LARGEST),
    "a little too much": lambda: (
        b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (LARGEST + 1) + b"x" * (LARGEST + 1)
    ),
    "a head": lambda: b"HTTP/1.1 200 OK\r\nx: " + b"x" * (2 * LARGEST),
    "heads": lambda: b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * LARGEST,
    "interim answers": lambda: b"HTTP/1.1 102 Processing\r\n\r\n" * (LARGEST // 10),
    "what was packed": _bomb,
}


@pytest.mark.parametrize("name", HUGE)
async def test_what_is_huge_is_not_read(name):
    async with served(HUGE[name]()) as (client, _):
        with pytest.raises(TooLarge):
            await client.post(b"{}")


async def test_time_is_over_when_it_is_over_however_busy_the_endpoint_is():
    loop = asyncio.get_running_loop()
    async with served(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 5000, pause=0.01, timeout=0.3) as (client, _):
        started = loop.time()
        with pytest.raises(TimeoutError):
            await client.post(b"{}")
        assert loop.time() - started < 2


async def test_a_cancelled_request_gives_up_its_connection():
    async with served(OK, OK, pause=0.05) as (client, endpoint):
        request = asyncio.create_task(client.post(b"{}"))
        while not endpoint.requests:
            await asyncio.sleep(0.01)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert (await client.post(b"{}")).body == b"ok"
        assert endpoint.connections == 2


async def test_many_requests_at_once_get_their_own_answers():
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(int(head.partition(b"content-length: ")[2]))
            await asyncio.sleep(hash(body) % 7 / 1000)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))

    async with listening(echo) as port:
        client = Client(f"http://127.0.0.1:{port}/", {}, 5.0, LARGEST)
        sent = [b"%d" % number for number in range(200)]
        answers = await asyncio.gather(*map(client.post, sent))
        assert [answer.body for answer in answers] == sent
        await client.close()


async def test_connections_nobody_uses_are_closed(monkeypatch):
    monkeypatch.setattr(transport, "_IDLE_SECONDS", 0.05)
    async with served(OK, OK) as (client, endpoint):
        await client.post(b"{}")
        await asyncio.sleep(0.2)
        assert not client._open
        await client.post(b"{}")
    assert endpoint.connections == 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, which nobody trusts yet."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_https_works_with_a_certificate_that_is_trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with served(OK, OK, tls=_server_side(certificate)) as (client, endpoint):
        await client.post(b"{}")
        assert (await client.post(b"{}")).body == b"ok"
    assert endpoint.connections == 1


async def test_https_refuses_a_certificate_that_is_not(certificate):
    async with served(OK, tls=_server_side(certificate)) as (client, endpoint):
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.post(b"{}")
    assert endpoint.requests == []


@pytest.mark.parametrize("url", ["", "ftp://example.org/", "http://", "//example.org/", "http://[::1/"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match=r"URL|IPv6"):
        Client(url, {}, 1.0, LARGEST)


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\x00", "schlüssel"])
def test_a_header_cannot_smuggle_another(value):
    with pytest.raises(ValueError, match="character"):
        Client("http://127.0.0.1/", {"authorization": value}, 1.0, LARGEST)


def test_the_head_of_a_request():
    head = transport._head_of("/v1 ü%20/x", "a=1&b= ", "::1", 8080, {"x-rate": "50%"}) % 7
    assert head.startswith(b"POST /v1%20%C3%BC%20/x?a=1&b=%20 HTTP/1.1\r\nhost: [::1]:8080\r\n")
    assert b"x-rate: 50%\r\n" in head
    assert head.endswith(b"content-length: 7\r\n\r\n")
