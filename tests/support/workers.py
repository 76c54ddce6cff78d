"""Worker processes of their own, `stratix worker`, beside a platform that has none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from tests.support.platform import Platform
from tests.support.provider import ScriptedProvider


class Worker:
    """A worker on the platform's database; its requests carry its name as their API key."""

    def __init__(self, platform: Platform, name: str) -> None:
        self.name = name
        self._log = platform.folder / f"worker-{name}.log"
        command = (sys.executable, "-m", "stratix.cli.main", "worker", "--drain", "10")
        with self._log.open("ab") as log:
            environment = {**platform.environment, "OPENAI_API_KEY": name}
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def send(self, number: int) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it and wait until it is dead."""
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        """Return all it has said."""
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()


def asked_by(provider: ScriptedProvider, worker: Worker) -> list[str]:
    """Return the prompts that a worker has asked, in order."""
    pairs = zip(list(provider.requests), list(provider.headers), strict=False)
    key = f"Bearer {worker.name}"
    return [body["messages"][-1]["content"] for body, headers in pairs if headers.get("Authorization") == key]


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)
