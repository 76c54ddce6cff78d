"""The composition root: puts the rooms together into the two kinds of process there are."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import hashlib
import importlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvloop
from fastapi import FastAPI

from stratix.settings import Settings
from stratix.storage.database import Database, is_unavailable
from stratix.storage.migrate import migrate
from stratix.storage.vault import Vault

log = logging.getLogger(__name__)

LOST = 75
"""The exit code of a worker whose work others have: it may be started again at once."""

DRAIN_SECONDS = 3.5
"""How long a worker that was told to stop waits for answers that are on their way."""

LEAVING_SECONDS = 30.0
"""How long it then waits at the most for a database that is away, to store what came."""


_ARENA_MAX = -8  # M_ARENA_MAX in malloc.h.


def open_vault(settings: Settings) -> Vault:
    """Return what encrypts this installation's secrets.

    Raises:
        ValueError: the configured secret key is too short.
    """
    return Vault.open(settings.secret_key.get_secret_value(), settings.data_dir)


def build_api(settings: Settings, database: Database, stopping: Callable[[], bool]) -> FastAPI:
    """Return the API and the dashboard over a migrated database.

    Args:
        settings: of the installation.
        database: migrated.
        stopping: tells whether the server shuts down, so that nobody is kept waiting then.
    """
    # A worker has no use for it, and it takes a third of a second to import.
    from stratix.api import create_app
    from stratix.web import add_dashboard

    vault = open_vault(settings)
    app: FastAPI = create_app(database, vault, settings, stopping=stopping)
    add_dashboard(app, database, vault, settings)
    return app


async def warm_up(app: FastAPI, settings: Settings) -> None:
    """Do at once what the first request and the first pages would wait for; call it when the server is ready.

    Args:
        app: as `build_api` returned it.
        settings: of the installation.
    """
    # The server has these by now; workers have no use for them.
    import httpx

    from stratix.evaluations.preparing import has_columns

    # To find no route there, the framework builds all of them, which it leaves until then.
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://warm-up") as client:
        await client.get("/api/v1/-")
    await asyncio.to_thread(app.state.dashboard.renderer.compile)
    if has_columns(settings.data_dir):  # The library of numbers is not for servers that have none to look at.
        for name in ("comparing", "side_by_side", "ranking", "distributions", "selecting"):
            await asyncio.to_thread(importlib.import_module, f"stratix.evaluations.{name}")


def run_worker(
    settings: Settings,
    worker_id: str,
    drain_seconds: float = DRAIN_SECONDS,
    *,
    leave_with_parent: bool = False,
) -> None:
    """Run evaluations until SIGTERM or SIGINT; answers that are on their way are stored first.

    A second signal ends it at once, unless it leaves with its parent, which sends its own.

    Args:
        settings: of the installation.
        worker_id: unique among the workers alive; one that starts again under its id takes up the work
            it had begun.
        drain_seconds: how long it waits for the answers on their way.
        leave_with_parent: stop when standard input ends, as it does when the parent process dies.
    """
    share_one_heap()
    uvloop.run(_work_and_leave(settings, worker_id, drain_seconds, leave_with_parent))


async def _work_and_leave(
    settings: Settings, worker_id: str, drain_seconds: float, leave_with_parent: bool
) -> None:
    await _work(settings, worker_id, drain_seconds, leave_with_parent)
    # Tasks and threads of the queue may still wait for work that must stay unfinished, to be taken up
    # again. Were they cancelled, they would go on to tidy up in a database that is closed.
    sys.stdout.flush()
    os._exit(0)


async def _work(settings: Settings, worker_id: str, drain_seconds: float, leave_with_parent: bool) -> None:
    gc.disable()  # What is made until the worker takes work stays.
    # The API process has no use for most of these.
    from stratix.evaluations.deleting import Deleter
    from stratix.evaluations.rescoring import Rescorer
    from stratix.evaluations.summarizing import Summarizer
    from stratix.queue import Presence, Queue
    from stratix.runner import Runner
    from stratix.runner.analyst import Analyst
    from stratix.runner.calls import Patience
    from stratix.runner.generating import Generator
    from stratix.runner.trying import Tryer

    settings.prepare()
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stop, not leave_with_parent)
    if leave_with_parent:
        threading.Thread(target=_wait_for_parent, args=(loop, stop), daemon=True).start()
    database = Database(settings.database)
    await migrate(database)
    presence = Presence(database, worker_id, lambda: os._exit(LOST))
    await presence.start()
    name = presence.worker.id
    log.info("worker %s has joined %s", name, database)
    runner = Runner(database, open_vault(settings), settings, name, presence.ready)
    queue = Queue(database, settings.queue_database, runner, presence)
    patience = Patience(settings.max_attempts, settings.prompt_timeout)
    rescorer = Rescorer(database, name, runner.endpoints, patience)
    analyst = Analyst(runner.endpoints, settings.analyst_model) if settings.analyst_model else None
    tryer = Tryer(database, name, runner.endpoints)
    generator = Generator(database, name, runner.endpoints, runner.cache, patience, settings.concurrency)
    summarizer = Summarizer(database, settings.data_dir, analyst, runner.tracing.ended)
    deleter = Deleter(database, settings.data_dir, rows=False)
    await runner.start()
    await queue.start()
    await rescorer.start()
    await summarizer.start()
    await tryer.start()
    await generator.start()
    deleter.wake()
    keep_what_is_there()
    log.info("worker %s takes work", name)
    await stop.wait()
    log.info("worker %s stops: it takes no more work and waits for the answers on their way", name)
    try:
        async with asyncio.timeout(drain_seconds + LEAVING_SECONDS):
            await queue.stop()
            await rescorer.stop()
            await summarizer.stop()
            await tryer.stop()
            await deleter.stop()
            await asyncio.gather(generator.stop(drain_seconds), runner.drain(drain_seconds))
            await runner.close()
            await presence.stop()
            await database.close()
    except Exception as error:  # A database that is gone for good must not keep a process nobody needs.
        gone = is_unavailable(error) or isinstance(error, TimeoutError)
        log.error("worker %s leaves without having stored all that came: %s", name, error, exc_info=not gone)
    else:
        log.info("worker %s has left", name)


def share_one_heap() -> None:
    """Have all threads of this process take memory from one heap; call it before there are any.

    The C library (glibc) would give each its own, of which there are eight for each core, and what one
    thread frees the others cannot have: with a thread for each connection to SQLite memory grew by a third
    over 100,000 prompts. The variable MALLOC_ARENA_MAX decides where it is set.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with contextlib.suppress(AttributeError, OSError):  # Another C library.
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def keep_what_is_there() -> None:
    """Spare the collector of garbage what a process made as it started, which takes it 0.1 s at each turn.

    Requests and answers leave little garbage behind that it must look for, so it may take its time.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def _stop(stop: asyncio.Event, may_hurry: bool) -> None:
    if stop.is_set() and may_hurry:
        log.warning("told to stop twice; answers on their way are lost")
        os._exit(1)
    stop.set()


def _wait_for_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # Not through its buffer, whose lock would outlive a crash.
        pass
    loop.call_soon_threadsafe(stop.set)


def executor_id(settings: Settings, index: int) -> str:
    """Return a name for a worker that is unique among all machines and survives its restart."""
    place = f"{socket.gethostname()}:{settings.data_dir.resolve()}"
    return f"{hashlib.sha256(place.encode()).hexdigest()[:12]}-{index}"
