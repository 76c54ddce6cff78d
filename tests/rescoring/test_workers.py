"""Workers that stop, die or are upgraded while they score, and what the others notice of a big one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from sqlalchemy import update
from tests.rescoring.conftest import answered, ended, on, working

from stratix.scorers import Score, Scorer, Target
from stratix.storage import scorings
from stratix.storage.database import Database
from stratix.storage.tables import scorings as table

Register = Callable[[type[Scorer]], None]


class Counting(Scorer):
    """Takes its time, and counts how often it is asked about each answer."""

    name: ClassVar[str] = "counting"
    version: ClassVar[str] = "1"
    blocking: ClassVar[bool] = True
    asked: ClassVar[Counter[str]] = Counter()
    seconds: ClassVar[float] = 0.02

    def score(self, answer: str, target: Target) -> Score:
        """Judge every answer to be right."""
        self.asked[answer] += 1
        time.sleep(self.seconds)
        return Score.graded(1.0, answer)


@pytest.fixture
def counting(register: Register) -> type[Counting]:
    Counting.asked.clear()
    register(Counting)
    return Counting


def numbered(us: Any, count: int) -> str:
    return answered(us, [("", str(n), f"<{n}>", "incorrect") for n in range(count)])


def ask(us: Any, evaluation: str, scorer: str) -> dict[str, Any]:
    asked: dict[str, Any] = us.post(f"/evaluations/{evaluation}/rescore", {"scorer": {"name": scorer}})
    return asked


def until_under_way(us: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Wait until some answers are judged, and return the scoring."""
    path = f"/evaluations/{asked['evaluation_id']}/scorings/{asked['id']}"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found: dict[str, Any] = us.get(path)
        if found["progress"]["done"]:
            return found
        time.sleep(0.02)
    raise AssertionError("nothing was scored")


def test_a_stopped_worker_leaves_the_rest_to_the_next(us: Any, counting: type[Counting]) -> None:
    evaluation = numbered(us, 200)
    asked = ask(us, evaluation, "counting")
    with working(us.server, "first"):
        seen = until_under_way(us, asked)
        assert (seen["status"], seen["accuracy"], seen["changed"]) == ("in-progress", None, None)
    left = us.get(f"/evaluations/{evaluation}/scorings/{asked['id']}")
    assert left["status"] == "pending"
    assert 0 < left["progress"]["done"] < 200
    with working(us.server, "second"):
        found = ended(us, asked)
    assert (found["status"], found["changed"], found["progress"]["done"]) == ("success", 200, 200)
    # What was stored was not judged again: at most the page under way was.
    assert sum(counting.asked.values()) <= 220
    assert len(counting.asked) == 200


def test_what_another_version_has_begun_is_scored_anew(
    us: Any, counting: type[Counting], register: Register
) -> None:
    asked = ask(us, numbered(us, 100), "counting")
    with working(us.server, "first"):
        until_under_way(us, asked)

    class Newer(Counting):
        version: ClassVar[str] = "2"
        seconds: ClassVar[float] = 0.0
        asked: ClassVar[Counter[str]] = Counter()

    register(Newer)
    with working(us.server, "second"):
        found = ended(us, asked)
    assert (found["scorer"]["version"], found["changed"], found["progress"]["done"]) == ("2", 100, 100)
    assert len(Newer.asked) == 100


@pytest.mark.parametrize(
    ("worker", "silent", "taken"), [("dead", 10.0, False), ("dead", 400.0, True), ("back", 10.0, True)]
)
def test_a_worker_that_died_loses_its_scoring_after_a_while_or_when_it_is_back(
    us: Any, worker: str, silent: float, taken: bool
) -> None:
    asked = ask(us, numbered(us, 3), "includes")

    async def die(connection: Any, _: Database) -> None:
        values = {"status": "in-progress", "worker": worker, "heard_at": time.time() - silent}
        await connection.execute(update(table).where(table.c.id == asked["id"]).values(**values))

    on(us.server, die)
    with working(us.server, "back"):
        path = f"/evaluations/{asked['evaluation_id']}/scorings/{asked['id']}"
        found = us.get(path, wait=20 if taken else 1.0)
    assert found["status"] == ("success" if taken else "in-progress")


def test_a_worker_that_lost_its_scoring_writes_nothing_more(us: Any) -> None:
    asked = ask(us, numbered(us, 3), "includes")

    async def work(connection: Any, _: Database) -> tuple[bool, bool]:
        lost = await scorings.claim(connection, "first")
        while lost is not None and lost.id != asked["id"]:
            lost = await scorings.claim(connection, "first")
        assert lost is not None
        await connection.execute(update(table).where(table.c.id == lost.id).values(worker="second"))
        row = {"epoch": 0, "position": 0, "outcome": "correct", "score": 1.0, "extracted": None}
        added = await scorings.add(connection, lost, [{**row, "explanation": ""}])
        return added, await scorings.finish(connection, lost, status="failure")

    assert on(us.server, work) == (False, False)
    found = us.get(f"/evaluations/{asked['evaluation_id']}/scorings/{asked['id']}")
    assert (found["status"], found["progress"]["done"]) == ("in-progress", 0)


def test_a_scorer_that_is_gone_when_its_turn_comes_is_a_failure_that_says_so(
    us: Any, counting: type[Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(us, numbered(us, 3), "counting")
    monkeypatch.undo()
    with working(us.server):
        found = ended(us, asked)
    assert found["status"] == "failure"
    assert "there is no scorer 'counting'" in found["status_description"]
    assert found["accuracy"] is None


def test_five_thousand_answers_are_quick_and_hold_nobody_up(us: Any) -> None:
    evaluation = numbered(us, 5000)
    writes, over = 0, threading.Event()

    async def write() -> None:
        """Take the write lock again and again, as evaluations that run do."""
        nonlocal writes
        database = Database(us.server.database_url)
        while not over.is_set():
            async with database.write() as connection:
                await connection.execute(update(table).where(table.c.id == "none").values(worker="none"))
            writes += 1
            await asyncio.sleep(0.005)
        await database.close()

    writer = threading.Thread(target=lambda: asyncio.run(write()))
    with working(us.server):
        asked = ask(us, evaluation, "includes")
        until_under_way(us, asked)
        writer.start()
        started = time.monotonic()
        found = ended(us, asked)
        seconds = time.monotonic() - started
        over.set()
        writer.join(20)
    assert (found["changed"], found["accuracy"]) == (5000, 1.0)
    assert seconds < 20  # About one, on a machine that has nothing else to do.
    assert writes >= 10
