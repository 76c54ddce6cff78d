"""Custom benchmarks over HTTP: made whole or not at all, and read page by page."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from layerlens.models import (
    AnyBenchmark,
    BenchmarkList,
    CreatedBenchmark,
    CustomBenchmark,
    DataEnvelope,
    ImportProgress,
    PromptList,
    StatusEnvelope,
)
from stratix.catalogue import public_benchmarks
from stratix.storage.tables import benchmark_versions, custom_benchmarks, prompts, uploads

ROWS = [
    {"input": "Capital of France?", "truth": "Paris", "subset": "capitals"},
    {"input": "2 + 2 =", "truth": 4, "subset": "sums"},
    {"input": "capital of Ålånd? 100%_sure", "truth": "Mariehamn", "subset": "capitals"},
    {"input": "Opposite of hot?", "truth": "cold"},
]


def jsonl(rows: list[Any]) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def create(us: Any, file: str, /, **changed: Any) -> Any:
    body = {"name": "Mine", "description": "D", "file": file} | changed
    return us.http.post(f"{us.project}/custom-benchmarks", json=body)


def page(us: Any, benchmark_id: str, **query: Any) -> PromptList:
    answer = us.get(f"{us.project}/benchmarks/{benchmark_id}/prompts", **query)
    assert answer["status"] == "success"
    return StatusEnvelope[PromptList].model_validate(answer).data


def test_a_benchmark_is_made_of_a_file(us: Any) -> None:
    file = us.upload(jsonl(ROWS), "Capitals.jsonl")
    answer = create(us, file, name="My Capitals", additional_metrics=["readability", "readability"])
    created = StatusEnvelope[CreatedBenchmark].model_validate(answer.json()).data
    assert (created.organization_id, created.project_id) == (us.organization_id, us.project_id)
    raw = us.get(f"{us.project}/benchmarks/{created.benchmark_id}")
    found = DataEnvelope[AnyBenchmark].model_validate(raw).data
    assert isinstance(found, CustomBenchmark)
    assert (found.key, found.name, found.description) == ("my-capitals", "My Capitals", "D")
    assert (found.prompt_count, found.version_count, found.disabled) == (4, 1, False)
    assert (found.metrics, found.files) == (["readability"], ["Capitals.jsonl"])
    assert None not in raw["data"].values()
    listed = DataEnvelope[BenchmarkList].model_validate(us.get(f"{us.project}/benchmarks", type="custom"))
    assert listed.data.benchmarks == [found]


def test_the_file_goes_once_it_is_used(us: Any) -> None:
    file = us.upload(jsonl(ROWS))
    assert create(us, file).status_code == 200
    again = create(us, file)
    assert again.status_code == 422
    assert again.json()["error"]["message"].startswith("file: ")

    async def left(connection: Any) -> Any:
        return await connection.scalar(
            select(func.count()).select_from(uploads).where(uploads.c.project_id == us.project_id)
        )

    assert us.server.write(left) == 0


def test_a_bad_file_is_refused_line_by_line_and_nothing_stays(us: Any) -> None:
    file = us.upload(b'{"input": "a", "truth": "b"}\nnot json\n{"input": "c"}\n')

    async def counts(connection: Any) -> list[Any]:
        tables = (custom_benchmarks, benchmark_versions, prompts)
        return [await connection.scalar(select(func.count()).select_from(table)) for table in tables]

    before = us.server.write(counts)
    answer = create(us, file)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert [line["line"] for line in error["lines"]] == [2, 3]
    assert "truth" in error["lines"][1]["reason"]
    assert "line 2:" in error["message"]
    assert us.server.write(counts) == before


@pytest.mark.parametrize(
    ("input_type", "value"),
    [
        ("messages", [{"role": "user", "content": "Hi"}]),
        ("json_payload", {"messages": [{"role": "user", "content": "Hi"}], "temperature": 1}),
        ("text", "Hi"),
        (None, "Hi"),
    ],
)
def test_each_kind_of_input_comes_back_as_it_was(us: Any, input_type: str | None, value: Any) -> None:
    file = us.upload(jsonl([{"input": value, "truth": "Hello"}]))
    answer = create(us, file, input_type=input_type)
    (prompt,) = page(us, answer.json()["data"]["benchmark_id"]).prompts
    assert (prompt.input, prompt.truth) == (value, "Hello")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "n" * 65}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"description": "d" * 281}, "description"),
        ({"additional_metrics": ["beauty"]}, "additional_metrics"),
        ({"input_type": "pictures"}, "input_type"),
        ({"custom_scorers": ["no-such-scorer"]}, "custom_scorers"),
        ({"custom_scorers": ["exact", "includes"]}, "custom_scorers"),
        ({"file": "never-uploaded"}, "file"),
        ({"file": None}, "file"),
    ],
)
def test_a_field_out_of_its_limits_is_named(us: Any, changed: dict[str, Any], field: str) -> None:
    answer = create(us, us.upload(jsonl(ROWS)), **changed)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(field)
    assert us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"] == []


def test_a_file_of_another_kind_is_refused(us: Any) -> None:
    answer = create(us, us.upload(jsonl(ROWS), "prompts.txt"))
    assert answer.status_code == 422
    assert ".jsonl" in answer.json()["error"]["message"]


def test_a_named_scorer_is_pinned_with_the_version(us: Any) -> None:
    benchmark_id = create(us, us.upload(jsonl(ROWS)), custom_scorers=["includes"]).json()["data"][
        "benchmark_id"
    ]

    async def task(connection: Any) -> Any:
        query = select(benchmark_versions.c.task).where(benchmark_versions.c.benchmark_id == benchmark_id)
        return await connection.scalar(query)

    assert us.server.write(task)["scorer"]["name"] == "includes"


def test_keys_are_made_from_names_and_never_meet(us: Any) -> None:
    public = public_benchmarks()[0]
    names = ["Mine", "mine!", public.key, "???"]
    ids = [us.benchmark(name=name) for name in names]
    keys = [us.get(f"{us.project}/benchmarks/{one}")["data"]["key"] for one in ids]
    assert keys == ["mine", "mine-2", f"{public.key}-2", "benchmark"]


def test_prompts_come_in_pages_in_the_order_of_the_file(us: Any) -> None:
    rows = [{"input": f"question {n}", "truth": str(n)} for n in range(12)]
    benchmark_id = us.benchmark(rows)
    first, third = page(us, benchmark_id, page_size=5), page(us, benchmark_id, page=3, page_size=5)
    assert [prompt.truth for prompt in first.prompts] == ["0", "1", "2", "3", "4"]
    assert [prompt.truth for prompt in third.prompts] == ["10", "11"]
    assert first.count == third.count == 12
    assert page(us, benchmark_id, page=4, page_size=5).prompts == []
    last = page(us, benchmark_id, sort_by="id", sort_order="desc", page_size=1).prompts
    assert [prompt.truth for prompt in last] == ["11"]


@pytest.mark.parametrize(
    ("query", "truths"),
    [
        ({"search_value": "CAPITAL"}, ["Paris", "Mariehamn"]),
        ({"search": "input", "search_value": "100%_"}, ["Mariehamn"]),
        ({"search": "truth", "search_value": "4"}, ["4"]),
        ({"search": "id", "search_value": "2"}, ["4"]),
        ({"search": "truth", "search_value": "%"}, []),
        ({"sort_by": "truth"}, ["4", "Mariehamn", "Paris", "cold"]),
        (
            {"sort_by": "truth", "sort_order": "desc", "search": "truth", "search_value": "ar"},
            ["Paris", "Mariehamn"],
        ),
    ],
)
def test_prompts_are_searched_and_sorted(us: Any, query: dict[str, str], truths: list[str]) -> None:
    found = page(us, us.benchmark(ROWS), **query)
    shown = [prompt.truth for prompt in found.prompts]
    if query.get("sort_by") and "search" not in query:
        # Where capitals go depends on the collation of the database.
        assert sorted(shown) == sorted(truths)
        assert shown in (truths, sorted(truths, key=str.casefold))
    else:
        assert shown == truths
    assert found.count == len(truths)


@pytest.mark.parametrize("query", [{"search": "subset"}, {"sort_by": "x"}, {"sort_order": "up"}, {"page": 0}])
def test_a_bad_query_is_named(us: Any, query: dict[str, Any]) -> None:
    answer = us.http.get(f"{us.project}/benchmarks/{us.benchmark()}/prompts", params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(next(iter(query)))


def test_a_benchmark_is_made_in_the_background(us: Any, them: Any) -> None:
    path = f"{us.project}/custom-benchmarks"

    def ended(content: bytes) -> ImportProgress:
        begun = us.post(path, {"name": "Later", "file": us.upload(content), "wait": False})["data"]
        here = f"/custom-benchmarks/imports/{begun['import_id']}"
        assert them.http.get(f"{them.project}{here}").status_code == 404
        deadline = time.monotonic() + 20
        while (
            now := ImportProgress.model_validate(us.get(f"{us.project}{here}")["data"])
        ).status == "running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return now

    good = b'{"input": "1 + 1", "truth": "2"}'
    made = ended(good)
    assert made.created is not None
    assert (made.status, made.prompts_done) == ("done", 1)
    assert us.get(f"{us.project}/benchmarks/{made.created.benchmark_id}")["data"]["name"] == "Later"
    bad = ended(good + b'\n{"input": "1 + 2"}')
    assert (bad.status, bad.created, bad.more) == ("failed", None, 0)
    assert [(row.line, "`truth` is missing" in row.reason) for row in bad.lines] == [(2, True)]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "json", "object.json"])
def test_a_sample_of_a_large_file_is_looked_at(us: Any, kind: str) -> None:
    text = 'many "lines"\n' * 8
    if kind == "csv":
        quoted = text.replace('"', '""')
        content = "input,truth\n" + "".join(f'"{number} {quoted}",{number}\n' for number in range(12_000))
    else:
        rows = [json.dumps({"input": f"{number} {text}", "truth": number}) for number in range(12_000)]
        content = "\n".join(rows) if kind == "jsonl" else f"[{', '.join(rows)}]"
        content = f'{{"data": {content}}}' if kind == "object.json" else content
    key = us.upload(content.encode(), f"large.{kind}")
    body = {"name": "L", "file": key, "dry_run": True}
    found = us.post(f"{us.project}/custom-benchmarks", {**body, "sample": 50})["data"]
    assert (found["prompt_count"], found["is_sample"]) == (50, True)
    assert found["prompts"][2]["messages"][0]["content"].startswith("2 many")
    few = us.post(f"{us.project}/custom-benchmarks", {**body, "sample": 10_000})["data"]
    assert few["is_sample"]
    assert (kind == "object.json") == (few["prompt_count"] == 10_000)
    whole = us.post(f"{us.project}/custom-benchmarks", body)["data"]
    assert (whole["prompt_count"], whole["is_sample"]) == (12_000, False)


@pytest.mark.parametrize("wrong", ['{"input": "a" "truth": "b"}', '{"input": "a"}} ', "\xff"])
def test_what_is_wrong_at_the_beginning_of_a_large_list_shows_in_its_preview(us: Any, wrong: str) -> None:
    rows = ", ".join(['{"input": "1 + 1", "truth": "2"}'] * 40_000)
    key = us.upload(f'[{{"input": "0", "truth": "0"}}, {wrong}, {rows}]'.encode("latin-1"), "large.json")
    body = {"name": "L", "file": key, "dry_run": True, "sample": 50}
    response = us.http.post(f"{us.project}/custom-benchmarks", json=body)
    assert response.status_code == 422
    assert "large.json is not" in response.text
