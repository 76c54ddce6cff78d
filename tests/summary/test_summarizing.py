"""Summaries are made of whatever ended, found again after a kill, and given up when they break."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event
from tests.summary.planted import WEAK, Row, answers, row

from layerlens.models import EvaluationSummary
from stratix.evaluations import preparing
from stratix.evaluations.summarizing import Summarizer
from stratix.storage import benchmarks, evaluations, results, summaries
from stratix.storage.database import Database, Record
from stratix.storage.tables import organizations, projects, prompts

ROWS = answers(1, 60)


@pytest.fixture
async def project(database: Database) -> dict[str, str]:
    async with database.write() as connection:
        made = {"name": "o", "created_at": 0.0}
        await connection.execute(organizations.insert().values(id="org", **made))
        await connection.execute(projects.insert().values(id="proj", organization_id="org", **made))
    return {"organization_id": "org", "project_id": "proj"}


async def ended(database: Database, project: dict[str, str], rows: list[Row], **changed: Any) -> str:
    """Store a finished evaluation with these answers and return its id."""
    async with database.write() as connection:
        version = await benchmarks.add_version(
            connection,
            database,
            benchmark_id="bench",
            version=f"{len(rows)} {time.time()}",
            task={"scorer": {"name": "includes"}},
            rows=[
                {"prompt_id": str(at), "subset": asked.subset, "input": text.prompt, "truth": text.truth}
                | {"aliases": [], "choices": [], "metadata": {}}
                for at, asked, _, text in rows
            ],
            source="a test",
        )
        evaluation = await evaluations.create(
            connection,
            **project,
            **{f"model_{name}": "Planted" for name in ("id", "key", "name", "company")},
            **{f"benchmark_{name}": "Stories" for name in ("id", "key", "name")},
            is_custom_model=True,
            is_custom_benchmark=True,
        )
        stored = [
            {
                "evaluation_id": evaluation.id,
                "epoch": 0,
                "position": at,
                "outcome": result.outcome,
                "score": result.score,
                "answer": text.answer,
                "extracted": text.extracted,
                "explanation": "",
                "duration_ms": 5.0,
                "attempts": 1,
                "metrics": {},
                "created_at": 0.0,
            }
            for at, _, result, text in rows
        ]
        await results.add(connection, database, evaluation.id, stored)
        right = sum(result.score for _, _, result, _ in rows) / max(len(rows), 1)
        values = {"status": "success", "version_id": version.id, "total": len(rows), "accuracy": right}
        values |= {"finished_at": time.time(), **changed}
        await evaluations.move(connection, evaluation.id, expected=["pending"], values=values)
    return str(evaluation.id)


@asynccontextmanager
async def working(database: Database, folder: Path) -> AsyncIterator[Summarizer]:
    summarizer = Summarizer(database, folder)
    await summarizer.start()
    try:
        yield summarizer
    finally:
        await summarizer.stop()


async def settled(database: Database, evaluation_id: str, seconds: float = 40.0) -> Record:
    """Wait until an evaluation has its summary, or none for good."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = await look(database, evaluation_id)
        if found.summary_generation == found.generation:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"no summary within {seconds:g} s: {found.summary_error}")


async def look(database: Database, evaluation_id: str) -> Record:
    async with database.read() as connection:
        found = await evaluations.get(connection, evaluation_id)
    assert found is not None
    return found


async def test_whatever_has_ended_gets_one_if_there_is_enough(
    database: Database, project: dict[str, str], tmp_path: Path
) -> None:
    whole = await ended(database, project, ROWS)
    cut_short = await ended(database, project, ROWS, status="timeout", total=100)
    too_short = await ended(database, project, ROWS[:9], status="cancelled", total=100)
    never_begun = await ended(database, project, [], status="failure")
    running = await ended(database, project, ROWS, status="in-progress", finished_at=None)
    async with working(database, tmp_path):
        found = {name: await settled(database, name) for name in (whole, cut_short, too_short, never_begun)}
    summary = EvaluationSummary.model_validate(found[whole].summary)
    assert summary.name == "Planted on Stories"
    assert summary.model is not None
    assert summary.model.performance["prompts"] == len(ROWS)
    short = found[cut_short].summary["analysis_summary"]["key_takeaways"]
    assert "timed out after 60 of 100 answers" in short[1]
    for name, answered in ((too_short, 9), (never_begun, 0)):
        assert (found[name].summary, found[name].summary_error) == (
            None,
            f"There are too few answers to sum up: {answered}.",
        )
    assert (await look(database, running)).summary_generation is None


async def test_one_that_breaks_is_tried_three_times_and_says_why(
    database: Database, project: dict[str, str], tmp_path: Path
) -> None:
    broken, whole = await ended(database, project, ROWS), await ended(database, project, ROWS)
    version = (await look(database, broken)).version_id
    async with database.write() as connection:
        await connection.execute(
            delete(prompts).where(prompts.c.version_id == version, prompts.c.position == 7)
        )
    async with working(database, tmp_path):
        found = await settled(database, broken)
        assert (await settled(database, whole)).summary is not None
    assert found.summary is None
    assert found.summary_error == "The summary could not be made: KeyError: 7"


async def test_a_process_that_is_killed_costs_an_attempt_alone(
    database: Database, project: dict[str, str], tmp_path: Path
) -> None:
    async with working(database, tmp_path) as summarizer:
        first = await ended(database, project, ROWS)
        await settled(database, first)
        process = summarizer._process._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        second = await ended(database, project, ROWS)
        assert (await settled(database, second)).summary is not None


async def test_what_a_killed_worker_had_in_hand_is_found_again(
    database: Database, project: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "LEASE_SECONDS", 0.5)
    lost = await ended(database, project, ROWS)
    async with database.write() as connection:
        claimed = await summaries.claim(connection)
        assert claimed is not None
        assert await summaries.claim(connection) is None
    async with working(database, tmp_path):
        found = await settled(database, lost)
    assert found.summary is not None
    async with database.write() as connection:
        assert not await summaries.store(connection, claimed, {"late": True})
    assert (await look(database, lost)).summary == found.summary


async def test_one_that_took_its_worker_down_each_time_is_given_up(
    database: Database, project: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = await ended(database, project, ROWS)
    monkeypatch.setattr(summaries, "LEASE_SECONDS", -1.0)
    async with database.write() as connection:
        for _ in range(summaries.MOST_ATTEMPTS):
            assert await summaries.claim(connection) is not None
    async with working(database, tmp_path):
        found = await settled(database, deadly)
    assert found.summary_error == "The summary was begun three times and never finished."


async def test_a_new_end_has_a_summary_of_its_own(
    database: Database, project: dict[str, str], tmp_path: Path
) -> None:
    again = await ended(database, project, ROWS)
    async with working(database, tmp_path):
        first = await settled(database, again)
        async with database.write() as connection:
            await evaluations.move(
                connection, again, expected=["success"], values={"generation": 3, "accuracy": 0.25}
            )
        second = await settled(database, again)
    accuracies = [row.summary["model"]["performance"]["accuracy"] for row in (first, second)]
    assert accuracies[0] != 0.25
    assert accuracies[1] == 0.25


async def test_a_summary_that_comes_too_late_is_dropped_and_holds_up_nobody(
    database: Database, project: dict[str, str]
) -> None:
    again = await ended(database, project, ROWS)
    async with database.write() as connection:
        claimed = await summaries.claim(connection)
        assert claimed is not None
        await evaluations.move(connection, again, expected=["success"], values={"generation": 3})
        assert not await summaries.is_due(connection)
        assert not await summaries.store(connection, claimed, {"late": True})
        assert not await summaries.fail(connection, claimed, "It has moved on.")
        assert await summaries.is_due(connection)
    assert (await look(database, again)).summary is None


async def test_of_two_workers_one_makes_them_and_the_other_takes_over(
    database: Database, project: dict[str, str], tmp_path: Path
) -> None:
    async with working(database, tmp_path) as first, working(database, tmp_path) as second:
        await settled(database, await ended(database, project, ROWS))
        assert (first._process.is_running, second._process.is_running) == (True, False)
        await first.stop()
        assert (await settled(database, await ended(database, project, ROWS))).summary is not None


async def test_looking_for_work_reads_nothing_but_what_is_due(new_sqlite: str) -> None:
    database, seen = Database(new_sqlite), list[str]()

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    async with database.read() as connection:
        await summaries.is_due(connection)
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[-1]}", (0.0, 1, 0))
        assert "ix_evaluations_summary_due" in str(plan.all())
    await database.close()


async def test_hostile_texts_stay_texts(database: Database, project: dict[str, str], tmp_path: Path) -> None:
    nasty = [
        "\x1b[31m{red}",
        "‮evil‬",
        "'; DROP TABLE results; --",
        "<script>alert(1)</script>",
        "%s {0} %(x)s",
        "💥" * 5000,
    ]
    rows = []
    for at in range(120):
        text = nasty[at % len(nasty)]
        outcome = ["incorrect", "correct", "unparsed", "truncated"][at % 4]
        rows.append(row(at, f"{text}?", text, f"{text} " * 40, outcome, subset=text[:200]))
    found_id = await ended(database, project, rows)
    async with working(database, tmp_path):
        found = await settled(database, found_id)
    assert found.summary is not None, found.summary_error
    EvaluationSummary.model_validate(found.summary)
    assert not any(character in str(found.summary) for character in "\x00\x1b‮‬")
    assert WEAK not in str(found.summary)


async def test_what_the_first_look_at_a_large_one_needs_is_there_before_it(
    database: Database, project: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "LARGE", len(ROWS))
    large, small = await ended(database, project, ROWS), await ended(database, project, ROWS[:-1])
    folder, deadline = tmp_path / "columns", time.monotonic() + 40
    async with working(database, tmp_path):
        await settled(database, large)
        await settled(database, small)
        while not list(folder.glob("distributions.*.npz")) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
    kept = {tuple(path.name.split(".")[:2]) for path in folder.glob("*.npz")}
    assert {("results", large), ("distributions", large)} <= kept
    assert small not in {owner for _, owner in kept}
