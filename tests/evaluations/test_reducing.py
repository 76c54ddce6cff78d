"""What the database makes of epochs is what the pure functions make of them."""

from __future__ import annotations

import random
import time
from statistics import fmean, stdev
from typing import Any

import pytest

from stratix.analysis.epochs import reduce
from stratix.evaluations.figures import INVALID
from stratix.evaluations.totalling import total_up
from stratix.storage import benchmarks, evaluations, results, tenants
from stratix.storage.database import Connection, Database, Record

EPOCHS = 5
SUBSETS = ("algebra", "words", "")
OUTCOMES = {"correct": 1.0, "incorrect": 0.0, "partial": 0.5, "unparsed": 0.0, "truncated": 0.0}


async def store(
    connection: Connection, database: Database, rows: list[list[dict[str, Any] | None]], reducer: str
) -> Record:
    """Store an evaluation whose prompts have these results, an inner list for the epochs of each."""
    api_key = await tenants.bootstrap(connection, "")
    assert api_key is not None
    caller = await tenants.find_caller(connection, tenants.hash_api_key(api_key))
    assert caller is not None
    version = await benchmarks.add_version(
        connection,
        database,
        benchmark_id="b",
        version="1",
        task={},
        rows=[
            {"prompt_id": str(n), "subset": SUBSETS[n % 3], "input": str(n), "truth": "t"}
            | {"aliases": [], "choices": [], "metadata": {}}
            for n in range(len(rows))
        ],
        source="a test",
    )
    made = await evaluations.create(
        connection,
        organization_id=caller.organization_id,
        project_id=next(iter(caller.project_ids)),
        model_id="m", model_key="m", model_name="M", model_company="", is_custom_model=True,
        benchmark_id="b", benchmark_key="b", benchmark_name="B", is_custom_benchmark=True,
        epochs=EPOCHS, epochs_reducer=reducer, version_id=version.id, total=len(rows) * EPOCHS,
    )  # fmt: skip
    common = {"evaluation_id": made.id, "answer": "a", "explanation": "", "duration_ms": 1.0, "attempts": 1}
    common |= {"metrics": {}, "created_at": time.time()}
    stored = [
        {**common, "position": position, "epoch": epoch, **row}
        for position, epochs in enumerate(rows)
        for epoch, row in enumerate(epochs)
        if row is not None
    ]
    for start in range(0, len(stored), 1000):
        await results.add(connection, database, made.id, stored[start : start + 1000])
    found = await evaluations.get(connection, made.id)
    assert found is not None
    return found


def answers(seed: int, prompts: int) -> list[list[dict[str, Any] | None]]:
    """Make answers up: some wrong, some unreadable, some missing, some that agree with each other."""
    draw = random.Random(seed)
    found: list[list[dict[str, Any] | None]] = []
    for _ in range(prompts):
        favourite = draw.choice(list(OUTCOMES))
        epochs: list[dict[str, Any] | None] = []
        for _ in range(EPOCHS):
            outcome = favourite if draw.random() < 0.6 else draw.choice(list(OUTCOMES))
            readable = outcome in ("correct", "incorrect", "partial")
            # Two wrong answers may be the same one, and a right one may be written in two ways.
            extracted = f"{outcome} {draw.randrange(2)}" if readable else None
            row = {"outcome": outcome, "score": OUTCOMES[outcome], "extracted": extracted, "grade": None}
            epochs.append(None if draw.random() < 0.05 else row)
        found.append(epochs)
    return found


def expected(how: str, epochs: list[dict[str, Any] | None], best: bool = False) -> float:
    """Return a prompt's score by the pure function; an epoch that is missing is one that is wrong."""
    scores = [
        (1.0 if best and (row is None or row["outcome"] in INVALID) else row["score"] if row else 0.0)
        for row in epochs
    ]
    return reduce(how, scores, [row and row["extracted"] for row in epochs])


@pytest.mark.parametrize("how", ["mean", "majority", "pass@1", "pass@2", "pass@5"])
async def test_the_figures_are_those_of_the_pure_functions(database: Database, how: str) -> None:
    rows = answers(7, 90)
    async with database.write() as connection:
        found = await total_up(connection, await store(connection, database, rows, how))
    scores = [expected(how, epochs) for epochs in rows]
    assert found.accuracy == pytest.approx(fmean(scores))
    assert found.standard_error == pytest.approx(stdev(scores) / len(scores) ** 0.5)
    low, high = found.accuracy_interval
    assert low < found.accuracy < high
    assert high - low == pytest.approx(2 * 1.96 * found.standard_error, rel=0.1)
    for subset in found.subsets:
        place = SUBSETS.index(subset.name)
        assert subset.accuracy == pytest.approx(fmean(scores[place::3])), subset
        assert subset.low < subset.accuracy < subset.high
    if how == "majority":
        assert (found.accuracy_low, found.accuracy_high) == (None, None)
    else:
        assert found.accuracy_low == pytest.approx(found.accuracy)
        assert found.accuracy_high == pytest.approx(fmean(expected(how, row, best=True) for row in rows))
    assert (found.accuracy_valid is None) == (how != "mean")


async def test_prompts_without_any_result_count_as_wrong(database: Database) -> None:
    rows = answers(8, 30)
    rows[3] = rows[4] = [None] * EPOCHS
    async with database.write() as connection:
        found = await total_up(connection, await store(connection, database, rows, "pass@2"))
    assert found.accuracy == pytest.approx(fmean(expected("pass@2", epochs) for epochs in rows))
    assert found.accuracy_high == pytest.approx(fmean(expected("pass@2", row, best=True) for row in rows))


async def test_prompts_that_are_all_right_have_an_interval_all_the_same(database: Database) -> None:
    right = {"outcome": "correct", "score": 1.0, "extracted": "x", "grade": None}
    async with database.write() as connection:
        row = await store(connection, database, [[right] * EPOCHS for _ in range(20)], "mean")
        found = await total_up(connection, row)
    assert (found.accuracy, found.standard_error) == (1.0, 0.0)
    # As of 20 answers, not of 100: those to one prompt may be alike because it is easy.
    assert found.accuracy_interval == (pytest.approx(0.8389, abs=1e-4), 1.0)


async def test_a_judge_that_extracts_nothing_votes_by_its_grades(database: Database) -> None:
    grades = ["5", "5", "5", "1", "1"]
    epochs = [{"outcome": "partial", "score": float(g) / 5, "extracted": None, "grade": g} for g in grades]
    async with database.write() as connection:
        found = await total_up(connection, await store(connection, database, [epochs], "majority"))
    assert found.accuracy == 1.0
    assert found.standard_error is None


async def test_ten_thousand_answers_take_no_time(database: Database) -> None:
    async with database.write() as connection:
        row = await store(connection, database, answers(9, 2000), "majority")
    seconds = []
    async with database.read() as connection:
        for _ in range(3):
            started = time.perf_counter()
            await total_up(connection, row)
            seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.3
