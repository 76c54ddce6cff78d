"""A platform on this machine: the one that runs already, or one that lives as long as this process does."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from layerlens import AuthenticationError, Stratix, StratixError
from layerlens._config import read_credentials
from stratix.cli._errors import Failure
from stratix.settings import Settings

START_SECONDS = 60.0
STOP_SECONDS = 8.0


def find_running() -> Stratix | None:
    """Return a client of the platform that runs on this machine; None if none does.

    It is the one that wrote the credentials file, and it must answer and take its key.
    """
    try:
        stored = read_credentials()
    except StratixError:  # Broken: the start of a platform writes it anew.
        return None
    if stored is None:
        return None
    health = stored.base_url.removesuffix("/api/v1") + "/healthz"
    try:
        if httpx.get(health, timeout=3.0, trust_env=False).status_code != httpx.codes.OK:
            return None
    except httpx.HTTPError:
        return None
    client = Stratix(api_key=stored.api_key, base_url=stored.base_url)
    try:
        client.get_organization()
    except AuthenticationError:
        client.close()
        return None
    return client


@contextmanager
def embedded(settings: Settings) -> Iterator[Stratix]:
    """Run `stratix up` as a child that stops when this process leaves the block, or dies.

    Args:
        settings: of the installation; its port is taken if it is free, else another.

    Yields:
        A client of it, once it is ready.

    Raises:
        Failure: it cannot start.
        OSError: the data folder cannot be used.
    """
    settings.prepare()
    log = log_of(settings)
    with log.open("wb") as errors:
        # In a session of its own: Ctrl-C is for this process, which then stops the child in good order.
        process = subprocess.Popen(
            (sys.executable, "-m", "stratix.cli.main", "up", "--leave-with-parent", "--format", "json"),
            env={**settings.child_environment(), "STRATIX_PORT": str(_port(settings))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        stored = read_credentials(_credentials_file(process, log))
        assert stored is not None, "a platform writes the credentials file before it is ready"
        with Stratix(api_key=stored.api_key, base_url=stored.base_url) as client:
            yield client
    finally:
        _stop(process)


def log_of(settings: Settings) -> Path:
    """Return the file that takes the messages of an embedded platform."""
    return settings.data_dir / "demo.log"


def _port(settings: Settings) -> int:
    """Return the port of the settings if it is free, else 0, which takes any that is."""
    try:
        with socket.create_server((settings.host, settings.port)):
            return settings.port
    except OSError:
        return 0


def _credentials_file(process: subprocess.Popen[bytes], log: Path) -> Path:
    """Wait until the platform says that it is ready; return where its credentials file lies."""
    assert process.stdout is not None
    alarm = threading.Timer(START_SECONDS, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    if not line:
        process.wait()
        words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        reason = words[-1].removeprefix("Error: ") if words else "it gave no reason."
        raise Failure(f"The platform did not start: {reason} Its messages are in {log}.")
    return Path(json.loads(line)["credentials_file"])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the child by closing its standard input, as this process's death would."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    process.kill()
    process.wait()
    process.stdout.close()
