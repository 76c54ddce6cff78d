"""The worker process that `stratix up` starts: `python -m stratix.worker INDEX`."""

from __future__ import annotations

import logging
import sys

from stratix.app import executor_id, run_worker
from stratix.settings import Settings


def log_to_stderr(settings: Settings) -> None:
    """Have this process log as much as the settings say."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # It would write every prompt and answer into the log.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)


if __name__ == "__main__":
    found = Settings()
    log_to_stderr(found)
    run_worker(found, executor_id(found, int(sys.argv[1])), leave_with_parent=True)
