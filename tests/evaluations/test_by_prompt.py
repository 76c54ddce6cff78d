"""Each prompt's score is what the pure functions make of its epochs, from columns as from the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evaluations.test_reducing import EPOCHS, answers, expected, store

from stratix.analysis.epochs import reduce
from stratix.evaluations.by_prompt import reduced
from stratix.evaluations.columns import Columns
from stratix.storage.database import Database


@pytest.mark.parametrize("how", ["majority", "pass@1", "pass@2", "pass@5"])
async def test_prompts_are_scored_as_by_the_pure_functions(
    database: Database, tmp_path: Path, how: str
) -> None:
    rows = answers(11, 90)
    rows[3] = [None] * EPOCHS
    async with database.write() as connection:
        evaluation = await store(connection, database, rows, how)
    found = await reduced(Columns(database, tmp_path), evaluation, how)
    assert found is not None
    assert found.scores.tolist() == pytest.approx([expected(how, epochs) for epochs in rows])
    # Right is `correct` alone, whatever the score.
    right = [[float(row is not None and row["outcome"] == "correct") for row in epochs] for epochs in rows]
    votes = [[row and row["extracted"] for row in epochs] for epochs in rows]
    shares = [reduce(how, *one) for one in zip(right, votes, strict=True)]
    assert found.right.tolist() == [share > 0.5 for share in shares]
    assert 0 < sum(found.right) < 90
    assert await reduced(Columns(database, tmp_path), evaluation, "mean") is None
