"""Evaluations whose results are stored behind a server's back, as a worker would."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from stratix.evaluations import cancel, finish, start
from stratix.storage import benchmarks, evaluations, results
from stratix.storage.database import Database

OUTCOMES = {"+": "correct", "-": "incorrect", "~": "partial", "x": "failed", "t": "truncated"}


def store(
    us: Any,
    evaluation_id: str,
    marks: str,
    *,
    scores: Sequence[float] | None = None,
    answers: Sequence[str] | None = None,
    version_id: str | None = None,
    settings: dict[str, Any] | None = None,
    total: int | None = None,
) -> None:
    """Store the results of an evaluation, and end it.

    Args:
        us: the tenant.
        evaluation_id: pending.
        marks: a character of `OUTCOMES` for each answer, by epoch, then prompt; a blank has none.
        scores: of each mark; None goes by the outcome, `partial` being half.
        answers: of each mark.
        version_id: of the benchmark; None is the latest.
        settings: that it was pinned to.
        total: answers it was to have; None is as many as there are marks.
    """

    async def work(connection: Any) -> None:
        database = Database(us.server.database_url)
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        latest = await benchmarks.latest_version(connection, row.benchmark_id)
        assert latest is not None
        wanted = total or len(marks)
        chosen = version_id or latest.id
        assert await start(
            connection, row, version_id=chosen, total=wanted, settings=settings or {}, seconds=60
        )
        rows = []
        for place, mark in enumerate(marks):
            if mark == " ":
                continue
            epoch, position = divmod(place, wanted // row.epochs)
            own = {"correct": 1.0, "partial": 0.5}.get(OUTCOMES[mark], 0.0)
            rows.append(
                {
                    "evaluation_id": evaluation_id,
                    "epoch": epoch,
                    "position": position,
                    "outcome": OUTCOMES[mark],
                    "score": own if scores is None else scores[place],
                    "answer": f"answer {place}" if answers is None else answers[place],
                    "explanation": f"why {place}",
                    "duration_ms": 1000.0,
                    "attempts": 1,
                    "metrics": {},
                    "created_at": time.time(),
                }
            )
        await results.add(connection, database, evaluation_id, rows)
        await database.close()
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        if row.done == wanted:
            assert await finish(connection, row)
        else:
            assert await cancel(connection, row)

    us.server.write(work)


def evaluated(us: Any, benchmark_id: str, marks: str, **options: Any) -> str:
    """Start an evaluation, store its results, and return its id; see `store`.

    `model_id`, `limit`, `epochs` and `epochs_reducer` are the evaluation's, all else is for `store`.
    """
    names = ("model_id", "limit", "epochs", "epochs_reducer")
    own = {name: options.pop(name) for name in names if name in options}
    found = us.evaluation(dataset_id=benchmark_id, **own)
    store(us, found["id"], marks, **options)
    return str(found["id"])
