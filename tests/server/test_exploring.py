"""Looking through results: every filter, order, page and neighbour, alike on both databases."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerlens.models import Outcome, ResultList, ResultNeighbours
from stratix.evaluations import finish, start
from stratix.storage import benchmarks, comparison, evaluations, results
from stratix.storage.database import Database
from stratix.storage.text_index import TextIndexes

WIDTH, EPOCHS = 30, 2
TEXTS = (
    "plain",
    "ÄRGER in der STRASSE",
    'he said "yes"\nand left',
    "C:\\new\\table",
    "100% of ΟΔΟΣ",
    "ПРИВЕТ",
)
PROMPTS = [
    {"input": f"{number}: {TEXTS[number % 6]}", "truth": f"t{number}", "subset": f"part {number % 3}"}
    for number in range(WIDTH)
]
OUTCOMES = [outcome.value for outcome in Outcome]
ORDERS = {
    "subset": lambda row: int(row["subset"][-1]),
    "outcome": lambda row: OUTCOMES.index(row["outcome"]),
    "score": lambda row: row["score"],
    "tokens": lambda row: -1 if row["tokens_output"] is None else row["tokens_output"],
    "latency": lambda row: seconds(row),
    "length": lambda row: len(row["result"]),
    "position": lambda _: 0,
}


def seconds(row: dict[str, Any]) -> float:
    return float(row["duration"][2:-1])


def rows_of(evaluation_id: str, places: list[tuple[int, int]]) -> list[dict[str, Any]]:
    chance = random.Random(7)
    made = []
    for epoch, position in itertools.product(range(EPOCHS), range(WIDTH)):
        outcome = chance.choice(OUTCOMES[:6])
        made.append(
            {
                "evaluation_id": evaluation_id,
                "epoch": epoch,
                "position": position,
                "outcome": outcome,
                "score": {"correct": 1.0, "partial": chance.choice((0.1, 1 / 3))}.get(outcome, 0.0),
                "answer": f"{'long ' * chance.randrange(4)}answer {position}, {epoch}",
                "explanation": "",
                "duration_ms": chance.choice((250.0, 1500.5, 1500.25)),
                "attempts": 1,
                "tokens_output": chance.choice((None, 0, 3, 12)),
                "cached": chance.random() < 0.3,
                "metrics": {},
                "created_at": time.time(),
            }
        )
    return [row for row in made if (row["epoch"], row["position"]) in places]


def add(us: Any, evaluation_id: str, places: list[tuple[int, int]], *, end: bool = False) -> None:
    """Store results behind the server's back, as a worker does."""

    async def work(connection: Any) -> None:
        database = Database(us.server.database_url)
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        if row.status == "pending":
            version = await benchmarks.latest_version(connection, row.benchmark_id)
            assert version is not None
            assert await start(
                connection, row, version_id=version.id, total=WIDTH * EPOCHS, settings={}, seconds=60
            )
        await results.add(connection, database, evaluation_id, rows_of(evaluation_id, places))
        await database.close()
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        if end:
            assert await finish(connection, row)

    us.server.write(work)


ALL = list(itertools.product(range(EPOCHS), range(WIDTH)))


@pytest.fixture
def finished(us: Any) -> str:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS), epochs=EPOCHS)["id"]
    add(us, found, ALL, end=True)
    return str(found)


def listed(us: Any, evaluation_id: str, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = us.get("/results", evaluation_id=evaluation_id, **query)["results"]
    return rows


def walked(us: Any, evaluation_id: str, side: str = "next", **query: Any) -> list[str]:
    """Walk from cursor to cursor, and return the ids of all results."""
    ids: list[str] = []
    while True:
        page = ResultList.model_validate(us.get("/results", evaluation_id=evaluation_id, **query))
        found = [row.result_id or "" for row in page.results]
        ids = [*ids, *found] if side == "next" else [*found, *ids]
        cursor = page.next_cursor if side == "next" else page.previous_cursor
        if cursor is None:
            return ids
        query["cursor"] = cursor


FILTERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = [
    ({}, lambda row: True),
    ({"outcome": "incorrect"}, lambda row: row["outcome"] == "incorrect"),
    ({"outcome": "incorrect,partial"}, lambda row: row["outcome"] in {"incorrect", "partial"}),
    ({"subset": "part 1"}, lambda row: row["subset"] == "part 1"),
    ({"subset": "none such"}, lambda row: False),
    (
        {"subset": "part 1", "outcome": "correct"},
        lambda row: row["subset"] == "part 1" and row["outcome"] == "correct",
    ),
    ({"min_score": 0.1, "max_score": 0.5}, lambda row: 0.1 <= row["score"] <= 0.5),
    ({"max_tokens": 3}, lambda row: row["tokens_output"] in {0, 3}),
    ({"min_latency": 1.50025, "max_latency": 1.5003}, lambda row: seconds(row) == 1.50025),
    ({"epoch": 2}, lambda row: row["epoch"] == 2),
    ({"cached": "true"}, lambda row: row["cached"]),
    ({"search": "ärger"}, lambda row: "ÄRGER" in row["prompt"]),
    ({"search": '"YES"\nand'}, lambda row: "yes" in row["prompt"]),
    ({"search": "100%"}, lambda row: "100%" in row["prompt"]),
    ({"search": "T17"}, lambda row: row["truth"] == "t17"),
    ({"search": "Answer 4,"}, lambda row: "answer 4," in row["result"]),
    ({"search": "οδοσ", "epoch": 1}, lambda row: "ΟΔΟΣ" in row["prompt"] and row["epoch"] == 1),
]


def test_every_filter_finds_what_fits(us: Any, finished: str) -> None:
    every = listed(us, finished)
    assert len(every) == WIDTH * EPOCHS
    for query, fits in FILTERS:
        wanted = [row["result_id"] for row in every if fits(row)]
        page = us.get("/results", evaluation_id=finished, **query)
        assert ([row["result_id"] for row in page["results"]], query) == (wanted, query)
        assert (page["metrics"]["total_count"], page["first"]) == (len(wanted), 0)
        assert walked(us, finished, page_size=4, **query) == wanted


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_order_is_walked_both_ways(us: Any, finished: str, order: str) -> None:
    every = listed(us, finished)
    for name, key in ORDERS.items():
        # Of equal ones the earlier comes first in both directions; the position itself has no equals.
        wanted = sorted(every, key=key, reverse=order == "desc")
        if (name, order) == ("position", "desc"):
            wanted = every[::-1]
        ids = [row["result_id"] for row in wanted]
        query = {"sort_by": name, "order": order, "page_size": 7}
        assert (walked(us, finished, **query), name) == (ids, name)
        numbered = [
            row["result_id"] for page in range(1, 10) for row in listed(us, finished, page=page, **query)
        ]
        assert (numbered, name) == (ids, name)
        last = us.get("/results", evaluation_id=finished, page=9, **query)
        assert last["next_cursor"] is None
        back = walked(us, finished, "previous", cursor=last["previous_cursor"], **query)
        assert (back, name) == (ids[:56], name)


@pytest.mark.parametrize(
    "query",
    [{}, {"outcome": "incorrect,partial"}, {"subset": "part 2"}, {"sort_by": "latency", "order": "desc"}],
)
def test_neighbours_are_those_of_the_list(us: Any, finished: str, query: dict[str, str]) -> None:
    ids = [row["result_id"] for row in listed(us, finished, **query)]
    for at in (0, 1, len(ids) // 2, len(ids) - 1):
        found = ResultNeighbours.model_validate(us.get(f"/results/{ids[at]}/neighbours", **query))
        assert found.previous == (ids[at - 1] if at else None)
        assert found.next == (ids[at + 1] if at + 1 < len(ids) else None)
        assert found.total_count == len(ids)
        assert found.first in (at, None)


@pytest.mark.parametrize("query", [{}, {"sort_by": "latency"}, {"outcome": "correct"}, {"subset": "part 0"}])
def test_no_page_skips_or_doubles_a_result_while_others_arrive(us: Any, query: dict[str, str]) -> None:
    evaluation_id = us.evaluation(dataset_id=us.benchmark(PROMPTS), epochs=EPOCHS)["id"]
    places = ALL.copy()
    random.Random(1).shuffle(places)
    add(us, evaluation_id, places[:20])
    there = {row["result_id"] for row in listed(us, evaluation_id, **query)}
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for step in range(30):
        page = us.get("/results", evaluation_id=evaluation_id, page_size=3, **query, **cursor)
        seen += [row["result_id"] for row in page["results"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        add(us, evaluation_id, places[20 + step * 2 : 22 + step * 2])
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_other_answers_are_of_the_same_prompt_and_project(us: Any, them: Any) -> None:
    benchmark = us.benchmark(PROMPTS)
    ids = [us.evaluation(dataset_id=benchmark, epochs=EPOCHS)["id"] for _ in range(3)]
    for evaluation_id in ids:
        add(us, evaluation_id, ALL[:40])
    other = us.evaluation(dataset_id=us.benchmark(PROMPTS), epochs=EPOCHS)["id"]
    add(us, other, ALL)
    found = us.get(f"/results/{ids[0]}:1:4/others")["others"]
    assert {row["result_id"] for row in found} == {f"{each}:1:4" for each in ids[1:]}
    assert {row["result"] for row in found} == {us.get(f"/results/{ids[0]}:1:4")["result"]}
    assert us.get(f"/results/{ids[0]}:1:20/others")["others"] == []
    for path in ("", "/neighbours", "/others"):
        assert them.http.get(f"/results/{ids[0]}:0:0{path}").status_code == 404
    assert them.http.get("/results", params={"evaluation_id": ids[0], "search": "a"}).status_code == 404


def test_what_does_not_fit_is_named(us: Any, finished: str) -> None:
    cursor = us.get("/results", evaluation_id=finished, page_size=5)["next_cursor"]
    wrong = {
        "outcome": "wrong",
        "min_score": "2",
        "sort_by": "cost",
        "cursor": "bm9uZQ",
        "search": "x" * 8001,
        "epoch": "0",
    }
    for name, value in wrong.items():
        answer = us.http.get("/results", params={"evaluation_id": finished, name: value})
        assert answer.status_code == 422
        assert answer.json()["error"]["message"].startswith(f"{name}: ")
    query = {"evaluation_id": finished, "cursor": cursor, "sort_by": "latency"}
    assert "another order" in us.http.get("/results", params=query).json()["error"]["message"]
    for text in (
        "W10",
        "e30",
        "bnVsbA",
        "WyJhZnRlciIsInBvc2l0aW9uIiwiYXNjIiwiTmFOIiwwLDBd",
        "\u00e9",
        "=",
        "A" * 999,
    ):
        assert us.http.get("/results", params={**query, "cursor": text}).status_code == 422


def test_texts_are_cut_on_request(us: Any, finished: str) -> None:
    row = listed(us, finished, max_text=5)[2]
    assert (row["prompt"], row["truth"]) == ("2: he", "t2") or row["prompt"] == "2: he"[:5]
    assert row["result"] == listed(us, finished)[2]["result"][:5]


SEARCHED = [
    *(
        "ärger",
        "ÄRGER in",
        '"YES"\nand',
        "new\\t",
        "100%",
        "οδοσ",
        "ОДНО",
        "привет",
        "answer 1",
        "t1",
        "r 2, 1",
    ),
    *(
        "user",
        "role",
        '"hi"',
        "hi\n",
        "\\n",
        "nowhere",
        "plainT",
        '" OR plain : "',
        "*",
        "a*b",
        "ab",
        "NEAR(a b)",
    ),
]


@pytest.mark.parametrize("kind", ["text", "messages"])
def test_an_index_finds_what_a_scan_finds(us: Any, tmp_path: Path, kind: str) -> None:
    said = [[{"role": "user", "content": f'"HI"\n{row["input"]}'}] for row in PROMPTS]
    rows = [{**row, "input": text} for row, text in zip(PROMPTS, said, strict=True)]
    given = PROMPTS if kind == "text" else rows
    benchmark = us.benchmark(given, **({} if kind == "text" else {"input_type": "messages"}))
    evaluation_id = us.evaluation(dataset_id=benchmark, epochs=EPOCHS)["id"]
    add(us, evaluation_id, ALL, end=True)

    async def work(connection: Any) -> None:
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        database = Database(us.server.database_url)
        indexes = TextIndexes(database, tmp_path / "search", least=1)
        assert await indexes.find(row, "answer") is None
        await indexes.made()
        assert sorted(await indexes.find(row, "answer") or []) == list(range(WIDTH * EPOCHS))
        for text in SEARCHED:
            scanned = []
            async for epoch, positions in comparison.containing(database, row, text, in_prompts=True):
                scanned += [epoch * WIDTH + int(position) for position in positions.split(",")]
            found = await indexes.find(row, text)
            assert (text, found if found is None else sorted(found)) == (
                text,
                sorted(scanned) if len(text) > 2 else None,
            )
        (file,) = (tmp_path / "search").iterdir()
        file.write_bytes(b"no database")
        assert await indexes.find(row, "answer") is None
        assert await indexes.find(row, "answer") is None
        await indexes.made()
        assert len(await indexes.find(row, "answer") or []) == WIDTH * EPOCHS
        await database.close()

    us.server.write(work)
