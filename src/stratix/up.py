"""`stratix up`: the API and its workers as one tree of processes."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from layerlens._config import credentials_path, read_credentials
from layerlens._errors import StratixError
from stratix import logs
from stratix.app import (
    DRAIN_SECONDS,
    build_api,
    keep_what_is_there,
    open_vault,
    share_one_heap,
    warm_up,
)
from stratix.settings import Settings
from stratix.storage import tenants
from stratix.storage.database import Database
from stratix.storage.migrate import migrate

log = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
_FIRST_RESTART, _LONGEST_RESTART = 0.2, 10.0


class CannotStart(Exception):
    """The platform cannot start as things stand; the message says what to do about it."""


def up(settings: Settings, ready: Callable[[str], None]) -> None:
    """Run the platform until SIGINT or SIGTERM, then let what is in flight finish and stop within 5 s.

    Args:
        settings: of the installation; `port` 0 takes a free port.
        ready: called with the server's address once it answers.

    Raises:
        CannotStart: the port or the data folder is taken, or the database is not to be had.
    """
    share_one_heap()
    logs.begin(settings)
    settings.prepare()
    try:  # Before the workers start, each of which would stumble over it.
        open_vault(settings)
    except ValueError as error:
        raise CannotStart(f"{error}.") from error
    with _claim(settings.data_dir), _listen(settings.host, settings.port) as listener:
        asyncio.run(_run(settings, listener, ready))


@contextmanager
def _claim(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process tree: its workers' names must be unique."""
    with (data_dir / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CannotStart(
                f"Stratix runs in {data_dir} already (process {lock.read().strip()}). "
                "Stop it first, or choose another folder with --data-dir."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on {host} port {port}: {error.strerror or error}. "
            "Stop what uses it, or choose another with --port."
        ) from None
    # Inherited by every connection; the event loop sets it only where a socket names its protocol. Without it
    # the end of an answer waits 40 ms for the client to acknowledge the beginning.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _run(settings: Settings, listener: socket.socket, ready: Callable[[str], None]) -> None:
    address = _address(settings.host, listener.getsockname()[1])
    gc.disable()  # What is made until the server is ready stays.
    async with _workers(settings):
        try:
            database = Database(settings.database)
            await migrate(database)
        except Exception as error:
            # SQLAlchemy wraps what the driver says in a name of a class and an address to read.
            said = str(getattr(error, "orig", None) or error).strip()
            raise CannotStart(f"The database is not to be had: {said}") from error
        try:
            try:
                await _keep_credentials(settings, database, f"{address}/api/v1")
                app = build_api(settings, database, lambda: server.should_exit)
            except (
                ValueError,
                OSError,
            ) as error:  # A key that will not do, or a file that cannot be written.
                raise CannotStart(f"{error}.") from error
            config = uvicorn.Config(
                app,
                log_level=settings.log_level,
                log_config=None,
                access_log=False,
                loop="none",
                http="httptools",
                ws="none",
                timeout_graceful_shutdown=2,
                server_header=False,
            )
            server = _Server(config, lambda: ready(address), lambda: warm_up(app, settings))
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
            await server.serve(sockets=[listener])
        finally:
            await database.close()
    # Threads that read a hostile file, or match a pattern without end, must not hold the process.
    sys.stdout.flush()
    os._exit(0)


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens, and then has something done besides."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], then: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._then = then
        self._besides: asyncio.Task[None] | None = None
        self._told_to_stop = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: raised again at uvicorn's end, they would cut off the workers' stop."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, from the event loop; a second SIGINT at once."""
        super().handle_exit(sig, frame)
        self._told_to_stop.set()

    async def main_loop(self) -> None:
        """Keep the date that answers bear, once a second, until told to stop.

        Uvicorn's looks ten times a second whether it was, which is half of what an idle server costs.
        """
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._told_to_stop.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        keep_what_is_there()
        if self.started:
            self._ready()
            self._besides = asyncio.create_task(self._do_then())

    async def _do_then(self) -> None:
        try:
            await self._then()
        except Exception:
            log.exception("the server answers, but could not be warmed up")


def _address(host: str, port: int) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # compared with, not bound to
    return f"http://{reachable}:{port}"


async def _keep_credentials(settings: Settings, database: Database, base_url: str) -> None:
    """See that the credentials file opens this server, for the clients on this machine."""
    chosen = settings.api_key.get_secret_value()
    try:
        stored = read_credentials()
    except StratixError:  # Broken: it is written anew below.
        stored = None
    async with database.write() as connection:
        api_key = await tenants.bootstrap(connection, chosen) or chosen
        if not api_key and stored is not None:
            known = await tenants.find_caller(connection, tenants.hash_api_key(stored.api_key))
            api_key = stored.api_key if known else ""
        if not api_key:
            # Only hashes are stored, so a key that was lost cannot be shown again: make another.
            api_key = tenants.generate_api_key()
            await tenants.bootstrap(connection, api_key)
    write_credentials(base_url, api_key)


def write_credentials(base_url: str, api_key: str) -> None:
    """Write the file that clients on this machine read, for its owner's eyes alone."""
    path = credentials_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"base_url": base_url, "api_key": api_key}, file)
    draft.replace(path)


@asynccontextmanager
async def _workers(settings: Settings) -> AsyncIterator[None]:
    """Keep the worker processes running; a worker that dies is started again."""
    keepers = [asyncio.create_task(_keep_worker(settings, index)) for index in range(settings.workers)]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep_worker(settings: Settings, index: int) -> None:
    command = (sys.executable, "-m", "stratix.worker", str(index))
    delay = _FIRST_RESTART
    while True:
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *command, env=settings.child_environment(), stdin=asyncio.subprocess.PIPE
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
        log.error("worker %d ended with %d; starting it again", index, code)
        # One that dies at once, again and again, is given time; one that had worked is not.
        delay = _FIRST_RESTART if time.monotonic() - started > _LONGEST_RESTART else delay * 2
        await asyncio.sleep(min(delay, _LONGEST_RESTART))


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(DRAIN_SECONDS + 0.5):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
