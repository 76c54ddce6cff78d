"""Columns that are kept in files say what the database says, or are made anew."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from tests.server.test_exploring import ALL, EPOCHS, PROMPTS, WIDTH, add, rows_of

from stratix.evaluations import distributions, retry, stored_columns
from stratix.evaluations.columns import Columns
from stratix.evaluations.reading_columns import RESULTS
from stratix.evaluations.stored_columns import Key, StoredColumns, packed, unpacked
from stratix.storage import evaluations
from stratix.storage.database import Database, Record

T = TypeVar("T")
CODES = {"correct": 1, "incorrect": 2, "partial": 3, "unparsed": 4, "truncated": 5, "reasoning_exhausted": 6}


class Looking:
    """An evaluation, and looks at it by processes that start anew each time."""

    def __init__(self, us: Any, evaluation_id: str, folder: Path) -> None:
        self._us = us
        self.id = evaluation_id
        self.folder = folder

    def look(self, ask: Callable[[Columns, Record], Awaitable[T]], large: int = 1) -> T:
        """Return what columns say to a process that has nothing in memory."""

        async def work(connection: Any) -> T:
            row = await evaluations.get(connection, self.id)
            assert row is not None
            database = Database(self._us.server.database_url)
            try:
                return await ask(Columns(database, self.folder, large=large), row)
            finally:
                await database.close()

        found: T = self._us.server.write(work)
        return found

    def results(self) -> dict[str, list[Any]]:
        """Return all columns."""

        async def ask(columns: Columns, row: Record) -> dict[str, list[Any]]:
            found = await columns.results(row, *RESULTS)
            return {name: found[name].tolist() for name in RESULTS}

        return self.look(ask)

    def change(self, work: Callable[[Any, Record], Awaitable[object]]) -> None:
        """Change the evaluation in the database."""

        async def run(connection: Any) -> None:
            row = await evaluations.get(connection, self.id)
            assert row is not None
            await work(connection, row)

        self._us.server.write(run)

    @property
    def file(self) -> Path:
        """The one file of the results."""
        (found,) = self.folder.glob("results.*")
        return found


@pytest.fixture
def looking(us: Any, tmp_path: Path) -> Looking:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS), epochs=EPOCHS)["id"]
    add(us, found, ALL, end=True)
    return Looking(us, found, tmp_path / "columns")


def expected(evaluation_id: str) -> dict[str, list[Any]]:
    rows = rows_of(evaluation_id, ALL)
    return {
        "codes": [CODES[row["outcome"]] for row in rows],
        "cached": [row["cached"] for row in rows],
        "scores": [row["score"] for row in rows],
        "latency": [row["duration_ms"] for row in rows],
        "tokens": [-1 if row["tokens_output"] is None else row["tokens_output"] for row in rows],
        "length": [len(row["answer"]) for row in rows],
        "tokens_input": [-1] * len(rows),
        "tokens_reasoning": [-1] * len(rows),
    }


async def changed_scores(connection: Any, row: Record) -> None:
    await connection.exec_driver_sql(f"UPDATE results SET score = 0.25 WHERE evaluation_id = '{row.id}'")


def test_a_file_says_what_the_database_says_to_the_last_digit(looking: Looking) -> None:
    assert looking.results() == expected(looking.id)
    looking.change(changed_scores)  # Behind everybody's back, to see where the next answer comes from.
    assert looking.results() == expected(looking.id)
    looking.file.unlink()
    assert looking.results() == {**expected(looking.id), "scores": [0.25] * len(ALL)}


def test_figures_and_what_prompts_are_come_from_files_too(looking: Looking) -> None:
    async def ask(columns: Columns, row: Record) -> list[Any]:
        subsets, identities = await columns.subsets(row.version_id), await columns.identities(row.version_id)
        return [
            (await distributions.figures(columns, row)).model_dump(),
            (subsets.names, subsets.codes.tolist()),
            (identities.contents.tolist(), identities.whole.tolist()),
            (await columns.lengths(row.version_id)).tolist(),
            (await columns.texts(row.version_id, 2)).tolist(),
            (await columns.verdicts(row)).scores.tolist(),
        ]

    first = looking.look(ask)
    kinds = {path.name.split(".")[0] for path in looking.folder.iterdir()}
    assert kinds == {"results", "distributions", "subsets", "identities", "lengths", "texts-2"}
    looking.change(changed_scores)
    assert looking.look(ask) == first
    assert np.shape(first[-1]) == (EPOCHS, WIDTH)


def torn(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    at = content.index(b"scores.npy") + 150  # Among the scores.
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


@pytest.mark.parametrize("spoil", [torn, flipped, lambda _: b"", lambda _: b"no archive"])
def test_a_file_that_is_broken_is_made_anew(looking: Looking, spoil: Callable[[bytes], bytes]) -> None:
    looking.results()
    looking.file.write_bytes(spoil(looking.file.read_bytes()))
    assert looking.results() == expected(looking.id)
    looking.change(changed_scores)
    assert looking.results() == expected(looking.id)


def test_another_format_is_not_read(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    looking.results()
    before = looking.file
    looking.change(changed_scores)
    monkeypatch.setattr(stored_columns, "FORMAT", stored_columns.FORMAT + 1)
    assert looking.results()["scores"] == [0.25] * len(ALL)
    assert looking.file != before


async def shown(connection: Any, row: Record) -> None:
    await changed_scores(connection, row)
    values = {"shown_scoring_id": "scor_another"}
    assert await evaluations.move(connection, row.id, expected=[row.status], values=values)


async def again(connection: Any, row: Record) -> None:
    await changed_scores(connection, row)
    assert await retry(connection, row, ["incorrect"])
    values = {"status": "success", "done": 3}
    assert await evaluations.move(connection, row.id, expected=["in-progress", "pending"], values=values)


@pytest.mark.parametrize("change", [shown, again])
def test_what_has_changed_is_read_again(
    looking: Looking, change: Callable[[Any, Record], Awaitable[object]]
) -> None:
    looking.results()
    before = looking.file
    looking.change(change)
    scores = looking.results()["scores"]
    assert set(scores) <= {0.0, 0.25}
    assert 0.25 in scores
    assert looking.file != before  # And the one from before is gone.


def test_what_changes_while_it_is_read_is_not_kept(looking: Looking) -> None:
    async def ask(columns: Columns, row: Record) -> list[float]:
        async def load() -> dict[str, Any]:
            async with columns.database.write() as connection:
                await shown(connection, row)
            return {"scores": np.zeros(3)}

        found = await columns.of_evaluation("results", row, load, "scores")
        return list(found["scores"].tolist())

    async def outside(connection: Any) -> Record | None:
        return await evaluations.get(connection, looking.id)

    row = looking._us.server.write(outside)

    async def run() -> list[float]:
        database = Database(looking._us.server.database_url)
        try:
            return await ask(Columns(database, looking.folder, large=1), row)
        finally:
            await database.close()

    assert asyncio.run(run()) == [0.0] * 3
    assert not list(looking.folder.glob("*"))


def test_what_runs_or_is_small_is_not_kept(us: Any, looking: Looking) -> None:
    async def ask(columns: Columns, row: Record) -> int:
        return len((await columns.results(row, "codes"))["codes"])

    assert looking.look(ask, large=len(ALL) + 1) == len(ALL)
    running = us.evaluation(dataset_id=us.benchmark(PROMPTS), epochs=EPOCHS)["id"]
    add(us, running, ALL[:5])
    assert Looking(us, running, looking.folder).look(ask) == len(ALL)
    assert not looking.folder.exists()


@pytest.fixture
def names() -> Iterator[Key]:
    return (Key("kind", f"eval_{number}", (0, 7, "own")) for number in range(9))


def test_files_together_take_no_more_than_they_may(tmp_path: Path, names: Iterator[Key]) -> None:
    kept, keys = StoredColumns(tmp_path, most_bytes=30_000), [next(names) for _ in range(4)]
    for age, key in enumerate(keys[:3]):
        kept.save(key, {"a": np.zeros(1_000)})
        os.utime(tmp_path / key.file, (1_000 + age, 1_000 + age))
    assert kept.load(keys[0], ["a"]) is not None  # So it is the latest that was used.
    kept.save(keys[3], {"a": np.zeros(1_000)})
    assert [kept.load(key, ["a"]) is not None for key in keys] == [True, False, True, True]


def test_a_column_that_is_not_in_a_file_and_an_object_that_numpy_would_pickle(
    tmp_path: Path, names: Iterator[Key]
) -> None:
    kept, key = StoredColumns(tmp_path), next(names)
    kept.save(key, {"a": packed({"plain": ["values", 1]})})
    found = kept.load(key, ["a"])
    assert found is not None
    assert unpacked(found["a"]) == {"plain": ["values", 1]}
    assert kept.load(key, ["b"]) is None
    with (tmp_path / key.file).open("wb") as file:
        np.savez(file, a=np.array([{}], object))
    assert kept.load(key, ["a"]) is None
