"""A database with much in it, made through the platform's own storage."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import insert

from stratix.storage import benchmarks, evaluations, results, tables, tenants
from stratix.storage.database import Database
from stratix.storage.identifiers import new_id
from stratix.storage.migrate import migrate

_MODELS, _BENCHMARKS = 100, 50
_CHUNK = 5_000


async def fill(database_url: str, api_key: str, prompts: int, epochs: int, others: int) -> str:
    """Make one evaluation of so many prompts and epochs, and so many others without results.

    Args:
        database_url: of an empty database.
        api_key: opens it.
        prompts: of the evaluation that is returned.
        epochs: of the same; it has `prompts * epochs` results.
        others: evaluations besides, of 100 models on 50 benchmarks.

    Returns:
        The id of the evaluation that has results.
    """
    database = Database(database_url)
    await migrate(database)
    async with database.write() as connection:
        await tenants.bootstrap(connection, api_key)
        caller = await tenants.find_caller(connection, tenants.hash_api_key(api_key))
        assert caller is not None
        owner = {"organization_id": caller.organization_id, "project_id": caller.project_ids[0]}
        version = await benchmarks.add_version(
            connection,
            database,
            benchmark_id="bm_0",
            version="1",
            task={},
            rows=map(_prompt, range(prompts)),
            source="the benchmarks of Stratix",
        )
        row = await evaluations.create(
            connection,
            **{
                **owner,
                **_evaluation(0),
                "version_id": version.id,
                "epochs": epochs,
                "total": prompts * epochs,
            },
        )
        await evaluations.move(
            connection,
            row.id,
            expected=("pending",),
            values={"status": "success", "finished_at": time.time()},
        )
    places = ((epoch, position) for epoch in range(epochs) for position in range(prompts))
    while chunk := [_result(row.id, *place) for place in islice(places, _CHUNK)]:
        async with database.write() as connection:
            await results.add(connection, database, row.id, chunk)
    await _add_others(database, owner, others)
    await database.close()
    return str(row.id)


async def _add_others(database: Database, owner: dict[str, str], count: int) -> None:
    chance, now = random.Random(0), time.time()  # The same at each run.
    rows: Iterator[dict[str, Any]] = (
        {
            "id": new_id("eval"),
            **owner,
            **_evaluation(chance.randrange(_MODELS), chance.randrange(_BENCHMARKS)),
            "status": chance.choice(("success", "success", "success", "failure", "cancelled")),
            "submitted_at": now - number,
            "finished_at": now,
            "accuracy": chance.random(),
            "average_duration": chance.randrange(10_000),
            "generation": 1,
            "enqueued_generation": 1,
            "outcomes": {"correct": 500, "incorrect": 500},
            "aggregates": {"accuracy_interval": [0.4, 0.6], "subsets": [_subset(n) for n in range(20)]},
            "total": 1000,
            "done": 1000,
        }
        for number in range(1, count + 1)
    )
    while chunk := list(islice(rows, _CHUNK)):
        async with database.write() as connection:
            await connection.execute(insert(tables.evaluations), chunk)


def _subset(number: int) -> dict[str, Any]:
    return {"name": f"subset {number}", "accuracy": 0.5, "results": 50, "outcomes": {"correct": 25}}


def _evaluation(model: int, benchmark: int = 0) -> dict[str, Any]:
    return {
        "model_id": f"model_{model}",
        "model_key": f"model-{model}",
        "model_name": f"Model {model}",
        "model_company": "A company",
        "is_custom_model": False,
        "benchmark_id": f"bm_{benchmark}",
        "benchmark_key": f"benchmark-{benchmark}",
        "benchmark_name": f"Benchmark {benchmark}",
        "is_custom_benchmark": True,
    }


def _prompt(number: int) -> dict[str, Any]:
    return {
        "prompt_id": f"prompt-{number}",
        "subset": f"subset {number % 20}",
        "input": f"A train leaves at {number} and takes an hour for each of {number % 7} stations. " * 3,
        "truth": str(number),
        "aliases": [],
        "choices": [],
        "metadata": {},
    }


def _result(evaluation_id: str, epoch: int, position: int) -> dict[str, Any]:
    right = (epoch + position) % 3 > 0
    return {
        "evaluation_id": evaluation_id,
        "epoch": epoch,
        "position": position,
        "outcome": "correct" if right else "incorrect",
        "score": float(right),
        "answer": f"It takes a while, so the answer is {position}.",
        "extracted": str(position),
        "explanation": "equals the truth" if right else "differs from the truth",
        "finish_reason": "stop",
        "duration_ms": 51.5,
        "attempts": 1,
        "tokens_input": 60,
        "tokens_output": 12,
        "cost": 0.00012,
        "metrics": {},
        "created_at": 1.7e9,
        "request": '{"model": "m", "messages": [{"role": "user", "content": "..."}]}',
        "response": '{"choices": [{"message": {"role": "assistant", "content": "..."}}]}' * 3,
    }
