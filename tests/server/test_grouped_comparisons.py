"""Comparisons of prompts that go together, such as the questions on one passage; worked out by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.server.test_comparisons import compare, second_version
from tests.support.stored import evaluated

from stratix.evaluations.columns import Columns
from stratix.storage import benchmarks
from stratix.storage.database import Database

MAPPING = {"input": "question", "truth": "answer", "subset": "topic", "metadata": {"passage": "text"}}
EIGHT = [
    {"question": f"{n} + 1 =", "answer": str(n + 1), "topic": "ab"[n // 4], "text": f"passage {n // 2}"}
    for n in range(8)
]


def latest_version(us: Any, benchmark_id: str) -> str:
    """Return the id of the latest version of a benchmark."""

    async def work(connection: Any) -> str:
        version = await benchmarks.latest_version(connection, benchmark_id)
        assert version is not None
        return str(version.id)

    return str(us.server.write(work))


@pytest.fixture
def eight(us: Any) -> str:
    return str(us.benchmark(EIGHT, mapping=MAPPING))


def test_questions_on_one_passage_are_not_independent(us: Any, eight: str) -> None:
    first = evaluated(us, eight, "--------", model_id=us.model(name="Old"))
    second = evaluated(us, eight, "+++-+---", model_id=us.model(name="New"))
    (pair,) = compare(us, first, second).pairs
    found = pair.overall
    assert found is not None
    assert (found.prompts, found.groups, found.test, found.difference) == (8, 4, "clustered t", 0.5)
    # Right are 2, 1, 1 and 0 of 2. Without one passage the mean is 1/3, 1/2, 1/2 or 2/3: the jackknife's
    # variance is 2 / 36, and t = 2.12 with 3 degrees of freedom. Each by itself, four of four: p = 0.06.
    assert found.standard_error == pytest.approx(18**-0.5)
    assert found.p_value == pytest.approx(0.1240, abs=1e-4)
    assert (found.low, found.high) == (pytest.approx(0.5 - 3.182446 * 18**-0.5, abs=1e-6), 1.0)
    assert pair.conclusion.startswith("Old and New cannot be told apart over 8 prompts in 4 groups: ")
    assert "such prompts would be needed" in pair.conclusion
    assert any("clustered by the 4 groups that the 8 prompts form" in note for note in pair.notes)
    # Cells count prompts all the same.
    assert found.cells.only_second == 4
    # In a subset, two passages: means of 1/2 and 1 without one, variance 2 / 16; t = 2.12 with 1 degree.
    of_a, of_b = pair.subsets
    assert (of_a.groups, of_b.groups) == (2, 2)
    assert of_a.p_value == pytest.approx(0.2805, abs=1e-4)


def test_a_group_that_is_named_comes_before_the_passage(us: Any, eight: str) -> None:
    rows = [
        {"prompt_id": str(n), "input": f"{n}", "truth": "x", "metadata": {"passage": "one", **more}}
        for n, more in enumerate([{"group": "p"}, {"group": "p"}, {"group": "q"}, {"group": ""}, {}, {}])
    ]
    version = second_version(us, eight, rows)
    first, second = (evaluated(us, eight, marks, version_id=version) for marks in ("+-+-+-", "++++++"))
    (pair,) = compare(us, first, second).pairs
    assert pair.overall is not None
    assert pair.overall.groups == 3  # p, q, and the passage of those that name no group.


def test_prompts_that_all_stand_alone_are_compared_as_ever(us: Any) -> None:
    alone = us.benchmark([{**row, "text": row["question"]} for row in EIGHT], mapping=MAPPING)
    first, second = evaluated(us, alone, "--------"), evaluated(us, alone, "+++-+---")
    (pair,) = compare(us, first, second).pairs
    assert pair.overall is not None
    assert (pair.overall.test, pair.overall.groups) == ("mcnemar mid-p", None)
    assert not any("clustered" in note for note in pair.notes)


def test_a_limited_run_in_which_no_two_go_together_has_no_groups(us: Any, eight: str) -> None:
    whole, limited = evaluated(us, eight, "++++++++"), evaluated(us, eight, "-", limit=1)
    (pair,) = compare(us, whole, limited).pairs
    assert pair.overall is not None
    assert (pair.overall.test, pair.overall.groups) == ("mcnemar mid-p", None)


def test_groups_of_large_benchmarks_are_kept_in_a_file(us: Any, eight: str, tmp_path: Path) -> None:
    rows = [{"prompt_id": f"{n}", "input": f"{n}", "truth": "x"} for n in range(3)]
    plain = second_version(us, eight, rows)
    grouped = latest_version(us, us.benchmark(EIGHT, mapping=MAPPING, name="Other"))

    async def look() -> list[list[int] | None]:
        database = Database(us.server.database_url)
        try:
            columns = Columns(database, tmp_path, large=3)
            found = [await columns.groups(grouped, 8), await columns.groups(plain, 3)]
            # Another process reads the files alone.
            files = Columns(Database("sqlite+aiosqlite:///nowhere/none.db"), tmp_path, large=3)
            found += [await files.groups(grouped, 8), await files.groups(plain, 3)]
        finally:
            await database.close()
        return [one if one is None else one.tolist() for one in found]

    assert asyncio.run(look()) == [[0, 0, 2, 2, 4, 4, 6, 6], None] * 2
    assert len(list(tmp_path.glob("groups.*"))) == 2
