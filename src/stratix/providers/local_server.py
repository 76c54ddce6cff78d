"""The process of the local model: `python -m stratix.providers.local_server WEIGHTS SLOTS`.

Prints the address it listens on, then serves until its standard input ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import xllamacpp

_CONTEXT = 2048


def main(model: str, slots: int) -> None:
    """Serve a model file on a free loopback port.

    Args:
        model: path of a GGUF file.
        slots: answers generated side by side; each has a context of its own.
    """
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {Path(model).stem}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.verbosity = -1
    params.n_parallel = slots
    params.n_ctx = _CONTEXT * slots
    # One core stays free: threads of the engine spin while they wait for each other, so a core that
    # is shared with anything else slows all of them down many times over.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 1) - 1)
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()
    # The engine's threads do not end by themselves, and there is nothing to save.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
