"""A process of its own under limits, for reading files of others, so that a hostile one harms nobody.

A Parquet file of a few bytes can unpack to terabytes, YAML to a billion laughs, and a template can count for
ever. The process has so much memory, so much time, none of our secrets, and writes so much.
"""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

_MEMORY = 2 * 1024**3
_WRITTEN = 128 * 1024**2
_CPU_SECONDS = 60
_SECONDS = 120
_TOO_MUCH = 3  # exit code
_SHOWN = 2000  # characters of what it said
# Libraries that reserve memory for each processor would use up the limit on a large machine.
_FRUGAL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_KEPT_VARIABLES = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TMPDIR",
)

LIMITS = f"{_MEMORY // 1024**2:,} MB of memory, {_CPU_SECONDS} s and {_WRITTEN // 1024**2} MB"
"""What the process may take, in words; the last is what it may write."""


class TooMuch(Exception):
    """The process took more memory or time than it may, or wrote more."""


def run(module: str, folder: Path) -> None:
    """Run a module of ours in a limited process, handed a folder to read from and write to.

    Args:
        module: its name; it calls `main`.
        folder: what it works on.

    Raises:
        TooMuch: it was stopped by a limit.
        RuntimeError: it failed for no fault of the file's.
    """
    environment = {name: value for name, value in os.environ.items() if name in _KEPT_VARIABLES} | _FRUGAL
    try:
        done = subprocess.run(  # noqa: S603  # our own module, and no shell
            [sys.executable, "-P", "-m", module, str(folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("%s was stopped after %d s", module, _SECONDS)
        raise TooMuch from None
    said = done.stderr.decode(errors="replace")
    if done.returncode == _TOO_MUCH or done.returncode < 0:  # killed, as a rule by a limit
        log.warning("%s ended with %d: %s", module, done.returncode, said[-_SHOWN:] or "it said nothing")
        raise TooMuch
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{said}")


def main(work: Callable[[Path], None]) -> None:
    """Do the work of such a process, under its limits, on the folder that it was handed."""
    _limit()
    try:
        work(Path(sys.argv[1]))
    except MemoryError:
        sys.exit(_TOO_MUCH)
    except OSError as error:
        if error.errno == errno.EFBIG:
            sys.exit(_TOO_MUCH)
        raise
    # What is written is written. Libraries that still have threads may abort the process in its own end.
    os._exit(0)


def _limit() -> None:
    """Bound the memory, time and output of this process, where the system can."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_WRITTEN, _WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
