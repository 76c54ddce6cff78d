"""A real platform for tests: `stratix up` as a process of its own, on a free port and an empty folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from layerlens import Stratix

API_KEY = "sk-stratix-a-key-for-the-tests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Platform:
    """Started with `with`; stopped as a user stops it, with SIGINT."""

    def __init__(self, folder: Path, provider_url: str, database_url: str = "", **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.credentials = folder / "credentials.json"
        self.environment = {
            **os.environ,
            "STRATIX_DATA_DIR": str(folder / "data"),
            "STRATIX_CREDENTIALS_FILE": str(self.credentials),
            "STRATIX_DATABASE_URL": database_url,
            "STRATIX_API_KEY": API_KEY,
            "OPENAI_BASE_URL": provider_url,
            "OPENAI_API_KEY": "sk-provider",
            **variables,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Platform:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = (sys.executable, "-m", "stratix.cli.main", "up", "--port", str(self.port))
        log = (self.folder / "up.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.address}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
            if self.process.poll() is not None:
                break
        raise AssertionError(f"stratix up did not get ready:\n{self.log()}")

    def stop(self, number: int = signal.SIGINT, timeout: float = 10) -> float:
        """Stop it; returns the seconds that took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout)
        return time.monotonic() - started

    def log(self) -> str:
        return (self.folder / "up.log").read_text(errors="replace")

    def client(self) -> Stratix:
        return Stratix(api_key=API_KEY, base_url=f"{self.address}/api/v1")
