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
from typing import Any

IDLE = 600  # seconds
MEMORY = 4 << 30  # bytes; 9^{9^9} would take all there is


def limit_memory() -> None:
    """Take at most `MEMORY`, where the system can limit it."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Answer questions until there are no more."""
    limit_memory()
    logging.disable(logging.CRITICAL)  # it warns that nothing bounds its time; the one who asks does
    from math_verify import LatexExtractionConfig, parse, verify  # after the limit on memory

    latex = [LatexExtractionConfig()]

    def read(formula: str) -> list[Any]:
        found = parse(f"${formula}$", latex, fallback_mode="no_fallback", parsing_timeout=None)
        factorials = [value.doit() for value in found if "!" in formula and hasattr(value, "doit")]
        return [*found, *factorials]

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        gold = [parsed for formula in question["gold"] if (parsed := read(formula))]
        for index, formulas in enumerate(question["candidates"]):
            found = [(formula, parsed) for formula in formulas if (parsed := read(formula))]
            for formula, parsed in found:
                if any(
                    verify(truth, parsed, allow_set_relation_comp=True, timeout_seconds=None)
                    for truth in gold
                ):
                    return {"gold": True, "candidate": index, "formula": formula, "equal": True}
            if found:
                return {"gold": bool(gold), "candidate": index, "formula": found[0][0], "equal": False}
        return {"gold": bool(gold), "candidate": None, "formula": None, "equal": False}

    def reply(message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    reply({"ready": True})
    alarm = getattr(signal, "alarm", lambda seconds: None)
    alarm(IDLE)
    for line in sys.stdin:
        alarm(0)
        try:
            message = answer(json.loads(line))
        except (Exception, RecursionError, MemoryError) as error:
            message = {"error": f"{type(error).__name__}: {error}"[:300]}
        reply(message)
        alarm(IDLE)


if __name__ == "__main__":
    main()
