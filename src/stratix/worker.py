"""The worker process that `stratix up` starts: `python -m stratix.worker INDEX`."""

from __future__ import annotations

import sys

from stratix import logs
from stratix.app import executor_id, run_worker
from stratix.settings import Settings

if __name__ == "__main__":
    found = Settings()
    name = executor_id(found, int(sys.argv[1]))
    logs.begin(found, worker=name)
    run_worker(found, name, leave_with_parent=True)
