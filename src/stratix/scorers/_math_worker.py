"""Compares formulas with math-verify: the script `_math.py` starts, not a module to import.

Runs in a process of its own, since a formula may take for ever and cannot be interrupted in a thread. A
line of standard input is a question as JSON, a line of standard output its answer. Ends with its input, or
when it has had nothing to do for ten minutes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
from dataclasses import replace
from typing import Any

IDLE = 600  # seconds
MEMORY = 4 << 30  # bytes; 9^{9^9} would take all there is


def limit_memory() -> None:
    """Take at most `MEMORY`, where the system can limit it."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def limit_time(*, idle: float = 0, computing: float = 0) -> None:
    """End the process after so many seconds by the clock or of its own work; 0 for no limit."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, idle)
        signal.setitimer(signal.ITIMER_PROF, computing)


def main() -> None:
    """Answer questions until there are no more."""
    limit_memory()
    logging.disable(logging.CRITICAL)  # it warns that nothing bounds its time; the one who asks does
    from math_verify import LatexExtractionConfig, parse, verify  # after the limit on memory

    plain = LatexExtractionConfig()
    # Taking units away takes the last h of "2 r^2 + 2 r h" for hours, so both readings are compared.
    exact = replace(plain, normalization_config=replace(plain.normalization_config, units=False))

    def read(formula: str) -> list[list[Any]]:
        found = [
            parse(f"${formula}$", [config], fallback_mode="no_fallback", parsing_timeout=None)
            for config in (exact, plain)
        ]
        if "!" in formula:  # a factorial is not evaluated
            found = [[*v, *(value.doit() for value in v if hasattr(value, "doit"))] for v in found]
        return found if any(found) else []

    def equal(truth: list[list[Any]], parsed: list[list[Any]]) -> bool:
        return any(
            verify(ours, theirs, allow_set_relation_comp=True, timeout_seconds=None)
            for ours, theirs in zip(truth, parsed, strict=True)
            if ours and theirs
        )

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        gold = [parsed for formula in question["gold"] if (parsed := read(formula))]
        for formulas in question["candidates"]:
            found = [(formula, parsed) for formula in formulas if (parsed := read(formula))]
            for formula, parsed in found:
                if any(equal(truth, parsed) for truth in gold):
                    return {"gold": True, "formula": formula, "equal": True}
            if found:
                return {"gold": bool(gold), "formula": found[0][0], "equal": False}
        return {"gold": bool(gold), "formula": None, "equal": False}

    def reply(message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    reply({"ready": True})
    limit_time(idle=IDLE)
    for line in sys.stdin:
        question = json.loads(line)
        limit_time(computing=question["seconds"])
        try:
            message = answer(question)
        except (Exception, RecursionError, MemoryError) as error:
            message = {"error": f"{type(error).__name__}: {error}"[:300]}
        reply(message)
        limit_time(idle=IDLE)


if __name__ == "__main__":
    main()
