"""Running code nobody has read: in a process without network, files or privileges, and with limits."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

_JAIL = Path(__file__).with_name("_jail.py")


class SandboxUnavailable(RuntimeError):
    """This machine cannot isolate a program; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use.

    Attributes:
        seconds: wall time; the CPU time of each process is limited to the same, rounded up.
        memory: address space of each process in bytes.
        processes: processes and threads at a time.
        file_bytes: size of each file it writes; all of them together may have four times as much.
        open_files: open files of each process.
    """

    seconds: float = 10.0
    memory: int = 1 << 30
    processes: int = 16
    file_bytes: int = 16 << 20
    open_files: int = 64


@dataclass(frozen=True, slots=True)
class Run:
    """How a program ended.

    Attributes:
        passed: it ran to its end without an exception.
        reason: why it did not pass; "" if it did.
        compiled: False if no candidate was Python.
        candidate: the index of the candidate that ran.
    """

    passed: bool
    reason: str
    compiled: bool = True
    candidate: int = 0


def run(candidates: Sequence[str], rest: str, limits: Limits, *, allow_unisolated: bool = False) -> Run:
    """Run the first of several programs that compiles, and then the rest in the same module.

    The program sees the standard library and an empty directory, no other file, no network, no environment
    and no other process, and has no privileges; whatever it started is killed when it ends. This holds
    accidents and mischief, not an attack on the kernel.

    Args:
        candidates: readings of the program, the likeliest first.
        rest: what runs after it, such as its tests.
        limits: what it may use.
        allow_unisolated: where the kernel permits no namespaces, run with the limits alone.

    Raises:
        SandboxUnavailable: the kernel permits no namespaces, and `allow_unisolated` is not set.
    """
    result = _start(candidates, rest, limits, isolate=True)
    if result["outcome"] == "unavailable" and allow_unisolated:
        result = _start(candidates, rest, limits, isolate=False)
    if result["outcome"] == "unavailable":
        raise SandboxUnavailable(
            f"Programs cannot be isolated here ({result['reason']}). Run Stratix on Linux 5.12 or newer "
            "where user namespaces are permitted, or set STRATIX_ALLOW_UNISOLATED_CODE=1 to run them with "
            "limits alone."
        )
    outcome, reason = result["outcome"], result["reason"]
    return Run(outcome == "passed", reason, outcome != "uncompiled", result["candidate"])


def _start(candidates: Sequence[str], rest: str, limits: Limits, *, isolate: bool) -> dict[str, Any]:
    if isolate and not sys.platform.startswith("linux"):
        return {"outcome": "unavailable", "reason": f"{sys.platform} has no namespaces", "candidate": 0}
    with tempfile.TemporaryDirectory(prefix="stratix-") as root, tempfile.TemporaryFile() as output:
        job = {
            "candidates": list(candidates),
            "rest": rest,
            "isolate": isolate,
            "root": root,
            "seconds": ceil(limits.seconds) + 2,
            "limits": {
                "CPU": ceil(limits.seconds),
                "AS": limits.memory,
                "NPROC": limits.processes,
                "FSIZE": limits.file_bytes,
                "NOFILE": limits.open_files,
                "CORE": 0,
            },
        }
        process = subprocess.Popen(  # noqa: S603  # runs our own file
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(_JAIL)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"HOME": "/work", "PATH": "/usr/bin:/bin"},
            start_new_session=True,
        )
        try:
            _, errors = process.communicate(json.dumps(job).encode(), timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            return {"outcome": "failed", "reason": f"stopped after {limits.seconds:g} s", "candidate": 0}
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.communicate()
        output.seek(0)
        line = output.readline(10_000)
    if not line:
        raise RuntimeError(f"the sandbox broke down: {errors.decode(errors='replace')[-500:]}")
    result: dict[str, Any] = json.loads(line)
    return result
