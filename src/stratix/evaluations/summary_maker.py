"""The process that makes summaries: `python -m stratix.evaluations.summary_maker`.

Reads one JSON object a line: `{"database": URL, "evaluation": ID}`, answered by one line, `{"summary": ...}`
or `{"error": TEXT}`; with `"columns": FOLDER` in it, columns and figures are kept there instead; or `{}`,
which has it import what it needs ahead of time. It ends with its input, and so with whoever started it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import orjson

_NICENESS = 5


def main() -> None:
    """Answer until the input ends, at a low priority and with standard output kept for answers."""
    os.nice(_NICENESS)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # What libraries print must not get among the answers.
        for line in sys.stdin.buffer:
            answers.write(orjson.dumps(_answer(orjson.loads(line))) + b"\n")
            answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    if "columns" in request:
        return _prepare(request)
    # Imported once the first line is there, so that the parent is never kept waiting for a start that fails.
    from stratix.analysis.summary import clusters
    from stratix.analysis.summary.compose import summarize
    from stratix.evaluations.gathering import gather
    from stratix.storage.database import Database

    if not request:
        clusters.warm_up()
        return {}

    async def facts() -> Any:
        database = Database(request["database"])
        try:
            return await gather(database, request["evaluation"])
        finally:
            await database.close()

    try:
        return {"summary": summarize(asyncio.run(facts()))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _prepare(request: dict[str, Any]) -> dict[str, Any]:
    from stratix.evaluations.preparing import prepare
    from stratix.storage.database import Database

    async def work() -> None:
        database = Database(request["database"])
        try:
            await prepare(database, Path(request["columns"]), request["evaluation"])
        finally:
            await database.close()

    try:
        asyncio.run(work())
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {}


if __name__ == "__main__":
    main()
