"""The composition root: puts the rooms together into the two kinds of process there are."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvloop
from fastapi import FastAPI

from stratix.settings import Settings
from stratix.storage.database import Database
from stratix.storage.migrate import migrate
from stratix.storage.vault import Vault

DRAIN_SECONDS = 3.5
"""How long a worker that was told to stop waits for answers that are on their way."""


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


def run_worker(settings: Settings, index: int = 0, *, leave_with_parent: bool = False) -> None:
    """Run evaluations until SIGTERM or SIGINT; answers that are on their way are stored first.

    Args:
        settings: of the installation.
        index: tells the workers of one data folder apart; a restarted worker keeps its index, and
            with it the work it had begun.
        leave_with_parent: stop when standard input ends, as it does when the parent process dies.
    """
    uvloop.run(_work(settings, index, leave_with_parent))
    # Threads of the queue may still wait for work that must stay unfinished, to be taken up again.
    sys.stdout.flush()
    os._exit(0)


async def _work(settings: Settings, index: int, leave_with_parent: bool) -> None:
    # The API process has no use for these.
    from stratix.evaluations.rescoring import Rescorer
    from stratix.queue import Queue
    from stratix.runner import Runner

    settings.prepare()
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if leave_with_parent:
        threading.Thread(target=_wait_for_parent, args=(loop, stop), daemon=True).start()
    database = Database(settings.database)
    await migrate(database)
    runner = Runner(database, open_vault(settings), settings)
    name = executor_id(settings, index)
    queue, rescorer = Queue(database, settings.queue_database, runner, name), Rescorer(database, name)
    await queue.start()
    await rescorer.start()
    await stop.wait()
    await queue.stop()
    await rescorer.stop()
    await runner.drain(DRAIN_SECONDS)
    await runner.close()
    await database.close()


def _wait_for_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # Not through its buffer, whose lock would outlive a crash.
        pass
    loop.call_soon_threadsafe(stop.set)


def executor_id(settings: Settings, index: int) -> str:
    """Return a name for a worker that is unique among all machines and survives its restart."""
    place = f"{socket.gethostname()}:{settings.data_dir.resolve()}"
    return f"{hashlib.sha256(place.encode()).hexdigest()[:12]}-{index}"
