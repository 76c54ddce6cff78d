"""The public catalogue over HTTP, and installing what it lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layerlens.models import (
    CatalogueBenchmarkList,
    CatalogueModelList,
    InstalledBenchmark,
    PromptList,
    StatusEnvelope,
)
from stratix.catalogue import public_benchmark_by_key, public_benchmarks, public_models

DATA = Path(__file__).parents[3] / "shared" / "data"
LIVE = [model for model in public_models() if not model.deprecated]


def models(us: Any, **query: Any) -> CatalogueModelList:
    return CatalogueModelList.model_validate(us.get("/models", **query))


def datasets(us: Any, **query: Any) -> CatalogueBenchmarkList:
    return CatalogueBenchmarkList.model_validate(us.get("/datasets", **query))


def test_every_public_model_is_there_with_the_filters_values(us: Any) -> None:
    found = models(us, page_size=500)
    assert {model.id for model in found.models} == {model.id for model in LIVE}
    assert found.count == found.total_count == len(LIVE)
    assert set(found.companies) == {model.company for model in LIVE}
    assert set(found.regions) == {model.region for model in LIVE}
    assert set(found.licenses) == {model.license for model in LIVE}
    assert set(found.sizes) <= {"size-sm", "size-md", "size-lg", "size-xl"}
    assert {"open-source", "closed-source", "moe", *found.sizes} <= set(found.categories)
    everything = models(us, page_size=500, include_deprecated="true")
    assert everything.total_count == len(public_models())
    raw = us.get("/models", page_size=500)["models"]
    assert not any(None in model.values() for model in raw)


def test_models_are_found_and_paged(us: Any) -> None:
    assert models(us, name="gpt-4o").models[0].key == "gpt-4o"
    assert {model.company for model in models(us, query="OPENAI", page_size=500).models} >= {"OpenAI"}
    ids = [LIVE[1].id, LIVE[0].id]
    assert {model.id for model in models(us, ids=",".join(ids)).models} == set(ids)
    page = models(us, page=2, page_size=7)
    assert (page.count, page.total_count) == (7, len(LIVE))
    assert page.models == models(us, page_size=500).models[7:14]
    assert models(us, page=1000).count == 0
    small = {model.id for model in LIVE if model.size == "size-sm"}
    assert {model.id for model in models(us, sizes="size-sm", page_size=500).models} == small
    assert {model.id for model in models(us, categories="size-sm", page_size=500).models} == small


@pytest.mark.parametrize(
    "field",
    ["name", "created_at", "released_at", "architecture_type", "context_length", "license", "region"],
)
def test_models_are_sorted_with_the_unknown_last(us: Any, field: str) -> None:
    # When a model entered the catalogue is not recorded: its release stands for it.
    shown = "released_at" if field == "created_at" else field
    for order in ("asc", "desc"):
        values = [
            getattr(model, shown) for model in models(us, sort_by=field, order=order, page_size=500).models
        ]
        known = [value.casefold() if isinstance(value, str) else value for value in values if value]
        assert known == sorted(known, reverse=order == "desc")
        assert not any(values[len(known) :])


def test_every_public_benchmark_is_there(us: Any) -> None:
    live = [entry for entry in public_benchmarks() if not entry.deprecated]
    found = datasets(us)
    assert {entry.id for entry in found.benchmarks} == {entry.id for entry in live}
    assert found.total_count == found.count == len(live)
    assert set(found.languages) == {entry.language for entry in live}
    assert set(found.categories) == {category for entry in live for category in entry.categories}
    simple = datasets(us, name="simpleQA").benchmarks[0]
    assert (simple.key, simple.is_public) == ("simpleqa", True)
    assert simple.description
    assert simple.prompt_count > 0
    names = [entry.name for entry in datasets(us, sort_by="name", order="desc").benchmarks]
    assert names == sorted(names, key=str.casefold, reverse=True)
    assert datasets(us, languages="xx").benchmarks == []
    assert [entry.key for entry in datasets(us, ids=simple.id).benchmarks] == ["simpleqa"]


@pytest.mark.parametrize("query", [{"sort_by": "price"}, {"order": "up"}, {"page_size": 501}])
def test_a_bad_query_is_named(us: Any, query: dict[str, Any]) -> None:
    answer = us.http.get("/models", params=query)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(next(iter(query)))


def test_a_benchmark_is_installed_from_its_own_source_and_read(us: Any) -> None:
    entry = public_benchmark_by_key("first-steps")
    assert entry is not None
    answer = us.post(f"{us.project}/benchmarks/{entry.id}/install", {})
    installed = StatusEnvelope[InstalledBenchmark].model_validate(answer).data
    assert (installed.benchmark_id, installed.prompt_count) == (entry.id, entry.prompt_count)
    again = us.http.post(f"{us.project}/benchmarks/{entry.id}/install")
    assert again.json()["data"] == answer["data"]
    paths = [f"/datasets/{entry.id}/prompts", f"{us.project}/benchmarks/{entry.id}/prompts"]
    for path in paths:
        page = StatusEnvelope[PromptList].model_validate(us.get(path, page_size=3)).data
        assert (len(page.prompts), page.count) == (3, entry.prompt_count)


def test_a_benchmark_is_installed_from_an_uploaded_file(us: Any) -> None:
    path = DATA / "gsm8k" / "test.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    entry = public_benchmark_by_key("gsm8k")
    assert entry is not None
    file = us.upload(path.read_bytes(), path.name)
    answer = us.post(f"{us.project}/benchmarks/{entry.id}/install", {"files": [file]})
    assert InstalledBenchmark.model_validate(answer["data"]).prompt_count == entry.prompt_count
    assert us.get(f"/datasets/{entry.id}/prompts", page_size=1)["data"]["count"] == entry.prompt_count
    # The bytes are used up.
    again = us.http.post(f"{us.project}/benchmarks/{entry.id}/install", json={"files": [file]})
    assert again.status_code == 422


def test_a_file_that_is_not_the_benchmarks_is_refused_in_words(us: Any) -> None:
    entry = public_benchmark_by_key("musr")
    assert entry is not None
    before = us.http.get(f"/datasets/{entry.id}/prompts")
    assert before.status_code == 409
    assert "stratix benchmarks install musr" in before.json()["error"]["message"]
    file = us.upload(b'{"question": "x", "answer": "y"}', "unheard-of.jsonl")
    answer = us.http.post(f"{us.project}/benchmarks/{entry.id}/install", json={"files": [file]})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["message"].startswith("unheard-of.jsonl has none of the files")
    missing = us.http.post(f"{us.project}/benchmarks/{entry.id}/install", json={"files": ["never-sent"]})
    assert missing.status_code == 422
    assert "never-sent" in missing.json()["error"]["message"]


def test_a_custom_benchmark_is_not_to_be_installed(us: Any) -> None:
    answer = us.http.post(f"{us.project}/benchmarks/{us.benchmark()}/install", json={})
    assert answer.status_code == 422
    assert us.http.post(f"{us.project}/benchmarks/none/install", json={}).status_code == 404
