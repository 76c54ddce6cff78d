"""Deleted evaluations: gone for everybody at once, then from the database and the disk, whoever is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select
from tests.server.conftest import Running, running
from tests.server.test_evaluations import change
from tests.support.stored import store

from layerlens.models import Evaluation
from stratix import evaluations as lifecycle
from stratix.evaluations import reading_columns
from stratix.evaluations.deleting import Deleter
from stratix.evaluations.preparing import folder
from stratix.evaluations.stored_columns import Key, StoredColumns
from stratix.runner.writer import ResultWriter
from stratix.storage import deletions, evaluations, holds, scorings, tables, text_index
from stratix.storage.database import Database, Record
from stratix.storage.workers import join

HANGS_IN_THE_MIDDLE = """
import asyncio, sys
from stratix.storage import deletions
from stratix.storage.database import Database

async def main():
    database = Database(sys.argv[1])
    async with database.write() as connection:
        assert await deletions.remove_some(connection, database, 4)
    async with database.write() as connection:
        assert await deletions.remove_some(connection, database, 4)
        print("here", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def rows_left(server: Running, evaluation_id: str) -> dict[str, int]:
    """Count what the database has of an evaluation, by table."""

    async def work(connection: Any) -> dict[str, int]:
        found = {}
        for table in tables.metadata.sorted_tables:
            for name in ("evaluation_id", "owner_id"):
                if name in table.columns:
                    query = select(func.count()).where(table.c[name] == evaluation_id)
                    found[table.name] = int(await connection.scalar(query))
        own = select(func.count()).where(tables.evaluations.c.id == evaluation_id)
        found["evaluations"] = int(await connection.scalar(own))
        judged = select(func.count()).select_from(tables.scoring_rows.outerjoin(tables.scorings))
        found["scoring_rows"] = int(await connection.scalar(judged.where(tables.scorings.c.id.is_(None))))
        return {name: count for name, count in found.items() if count}

    return server.write(work)


def wait_until_gone(server: Running, evaluation_id: str) -> None:
    deadline = time.monotonic() + 60
    while left := rows_left(server, evaluation_id):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def finished(us: Any, **ids: str) -> str:
    """Return the id of an evaluation that shows the verdicts its five answers were given later."""
    ids.setdefault("dataset_id", us.benchmark([{"input": f"{n}?", "truth": "1"} for n in range(5)]))
    found = str(us.evaluation(budget_tokens=5, **ids)["id"])
    store(us, found, "+-+x-")

    async def judge(connection: Any) -> None:
        row = await evaluations.get(connection, found)
        assert row is not None
        scoring = await scorings.create(connection, row, {"name": "exact", "options": {}}, {})
        claimed = await scorings.claim(connection, "a worker")
        assert claimed is not None
        assert claimed.id == scoring.id
        verdict = {"outcome": "correct", "score": 1.0, "extracted": None, "explanation": ""}
        assert await scorings.begin(connection, claimed, {})
        judged = [{"epoch": 0, "position": number, **verdict} for number in range(5)]
        assert await scorings.add(connection, claimed, judged)
        assert await scorings.finish(connection, claimed, status="success")
        ended = await scorings.get(connection, found, scoring.id)
        assert await lifecycle.show(connection, row, ended)

    us.server.write(judge)
    return found


def refused(us: Any, evaluation_id: str, status: int, **headers: str) -> str:
    answer = us.http.delete(f"/evaluations/{evaluation_id}", headers=headers)
    assert answer.status_code == status, answer.text
    return str(answer.json()["error"]["message"])


def deleted(us: Any, evaluation_id: str, **headers: str) -> Any:
    answer = us.http.delete(f"/evaluations/{evaluation_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_what_has_not_ended_is_refused(us: Any, them: Any) -> None:
    found = us.evaluation()["id"]
    for step, status in (("pause", "paused"), ("resume", "pending")):
        us.post(f"/evaluations/{found}/{step}", None)
        assert refused(us, found, 409) == f"The evaluation is {status}: cancel it first, then delete it."
    us.post(f"/evaluations/{found}/cancel", None)
    assert "no evaluation" in refused(them, found, 404)
    change(us, found, is_public=True)  # All may read it, and its own organisation delete it.
    assert "no evaluation" in refused(them, found, 404)
    assert us.get(f"/evaluations/{found}")["status"] == "cancelled"
    assert deleted(us, found)["id"] == found
    assert them.http.get(f"/evaluations/{found}").status_code == 404


def test_it_is_gone_and_all_else_stays(us: Any) -> None:
    model, benchmark = us.model(), us.benchmark([{"input": f"{n}?", "truth": "1"} for n in range(5)])
    ids = {"model_id": model, "dataset_id": benchmark}
    stays, gone = finished(us, **ids), finished(us, **ids)
    us.http.patch(f"/budgets/{us.project_id}", json={"tokens": 700}).raise_for_status()

    def board() -> str:
        return str(us.get("/leaderboards", benchmarks=benchmark, project_id=us.project_id))

    assert (gone in board(), stays in board()) == (True, False)
    before = us.get(f"/evaluations/{stays}"), us.get("/results", evaluation_id=stays)
    (scoring,) = us.get(f"/evaluations/{gone}/scorings")["scorings"]
    (result, *_) = us.get("/results", evaluation_id=gone)["results"]

    answer = Evaluation.model_validate(deleted(us, gone, **{"Idempotency-Key": "once"}))
    assert (answer.id, answer.is_finished, answer.progress and answer.progress.done) == (gone, True, 5)

    listed = us.get("/evaluations", organization_id=us.organization_id)
    assert ([one["id"] for one in listed["evaluations"]], listed["total_count"]) == ([stays], 1)
    assert us.get("/storage")["data"]["rows"]["evaluations"] == 1
    for path, query in (
        (f"/evaluations/{gone}", {}),
        (f"/evaluations/{gone}/figures", {}),
        (f"/evaluations/{gone}/events", {}),
        (f"/evaluations/{gone}/scorings", {}),
        (f"/evaluations/{gone}/scorings/{scoring['id']}", {}),
        (f"/budgets/{gone}", {}),
        ("/results", {"evaluation_id": gone}),
        (f"/results/{result['result_id']}", {}),
        ("/comparisons", {"evaluations": f"{stays},{gone}"}),
        ("/results/comparison", {"evaluation_id_1": gone, "evaluation_id_2": stays}),
    ):
        found = us.http.get(path, params=query)
        assert found.status_code == 404, (path, found.text)
        assert found.json()["error"]["message"].startswith("There is no "), path
    assert (gone in board(), stays in board()) == (False, True)
    (kept, *_) = us.get("/results", evaluation_id=stays)["results"]
    assert us.get(f"/results/{kept['result_id']}/others")["others"] == []
    for step in ("retry", "rescore", "cancel"):
        assert us.http.post(f"/evaluations/{gone}/{step}").status_code == 404

    assert deleted(us, gone, **{"Idempotency-Key": "once"})["id"] == gone
    assert "no evaluation" in refused(us, gone, 404)
    wait_until_gone(us.server, gone)
    assert deleted(us, gone, **{"Idempotency-Key": "once"})["id"] == gone
    assert (us.get(f"/evaluations/{stays}"), us.get("/results", evaluation_id=stays)) == before
    assert us.get(f"/budgets/{us.project_id}")["data"]["tokens"] == 700


def test_answers_on_their_way_are_waited_for(us: Any) -> None:
    found = finished(us)

    async def hold(connection: Any) -> None:
        database = Database(us.server.database_url)
        await join(connection, database, "late", host="here", pid=1, version="1")
        row = await evaluations.get(connection, found)
        assert row is not None
        values = {"evaluation_id": found, "generation": row.generation, "worker": "late"}
        await connection.execute(database.insert(tables.holds).values(values))
        await database.close()

    us.server.write(hold)
    deleted(us, found)

    async def tries(connection: Any) -> bool:
        return await deletions.remove_some(connection, Database(us.server.database_url), 10)

    assert us.server.write(tries) is False
    assert rows_left(us.server, found)["results"] == 5
    us.server.write(lambda connection: holds.release_all(connection, "late"))
    wait_until_gone(us.server, found)


@pytest.fixture
def alone(database_url: str, tmp_path: Path) -> Callable[..., Any]:
    """Runs a server over a database of its own, as often as it is called."""
    return lambda: running(database_url, tmp_path)


def test_what_is_killed_in_the_middle_is_finished_after_the_next_start(
    alone: Callable[..., Any], database_url: str
) -> None:
    with alone() as server:
        us = server.tenant("Ours")
        gone, stays = finished(us), finished(us)
        us.http.close()

    async def delete(connection: Any) -> None:
        row = await evaluations.get(connection, gone)
        assert row is not None
        assert await lifecycle.delete(connection, row)

    server.write(delete)
    child = subprocess.Popen(
        (sys.executable, "-c", HANGS_IN_THE_MIDDLE, database_url), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert rows_left(server, gone)["results"] == 1
    with alone() as server:
        wait_until_gone(server, gone)
        assert rows_left(server, stays)["results"] == 5


async def test_files_go_with_it(us: Any, tmp_path: Path) -> None:
    gone, stays = finished(us), finished(us)
    columns, indexes = StoredColumns(folder(tmp_path)), text_index.folder(tmp_path)
    indexes.mkdir()
    for one in (gone, stays):
        for kind in ("results", "figures"):
            columns.save(Key(kind, one, (3, 5, "own")), {"codes": np.zeros(5)})
        (indexes / f"{one}-3-5.fts").write_bytes(b"made")
        (indexes / f"{one}-3-5.4711").write_bytes(b"a draft of a process that was killed")
    columns.save(Key("subsets", "bver_1"), {"codes": np.zeros(5)})
    deleted(us, gone)
    database = Database(us.server.database_url)
    deleter = Deleter(database, tmp_path, rows=False)
    deleter.wake()
    deadline = time.monotonic() + 60
    while any(gone in path.name for path in tmp_path.rglob("*")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    await deleter.stop()
    await database.close()
    assert len([path for path in tmp_path.rglob("*") if stays in path.name]) == 4
    assert len(list(folder(tmp_path).glob("subsets.*"))) == 1


def test_sqlite_becomes_smaller(lone_server: Running) -> None:
    us = lone_server.tenant("Ours")
    more = us.evaluation(epochs=40)["id"]
    store(us, more, "+" * 120, answers=["long" * 10_000] * 120)
    before = us.get("/storage")["data"]["database_bytes"]
    deleted(us, more)
    wait_until_gone(lone_server, more)
    deadline = time.monotonic() + 60
    while us.get("/storage")["data"]["database_bytes"] > before - 4_000_000:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    us.http.close()


def test_what_is_deleted_while_it_is_read_is_not_shown_in_part(
    us: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, read = finished(us), reading_columns.results

    async def read_as_it_goes(database: Database, evaluation: Record) -> Any:
        async with database.write() as connection:
            assert await lifecycle.delete(connection, evaluation)
        return await read(database, evaluation)

    monkeypatch.setattr(reading_columns, "results", read_as_it_goes)
    answer = us.http.get(f"/evaluations/{found}/figures")
    assert answer.status_code == 404
    assert found in answer.json()["error"]["message"]


async def test_a_late_answer_of_what_was_deleted_takes_no_others_with_it(us: Any) -> None:
    gone, stays = finished(us), finished(us)
    deleted(us, gone)
    wait_until_gone(us.server, gone)
    database = Database(us.server.database_url)
    writer = ResultWriter(database)
    for evaluation_id in (gone, stays):
        row = {"evaluation_id": evaluation_id, "epoch": 0, "position": 9, "outcome": "correct", "score": 1.0}
        rest = {"answer": "late", "explanation": "", "duration_ms": 1.0, "attempts": 1, "metrics": {}}
        writer.put({**row, **rest, "created_at": 1.0})
    await writer.flush()
    await writer.close()
    await database.close()
    assert rows_left(us.server, gone) == {}
    assert rows_left(us.server, stays)["results"] == 6
