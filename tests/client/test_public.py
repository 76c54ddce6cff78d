"""The public catalogue, read by the public client or through `client.public`."""

from __future__ import annotations

import pytest

from layerlens import AsyncPublicClient, PublicClient
from layerlens.models import CatalogueBenchmark, CatalogueModel

MODEL = {"id": "m-1", "key": "gpt-4o", "name": "GPT-4o", "cost_per_input_token": "0.0000025"}
BENCHMARK = {"id": "b-1", "key": "simpleqa", "name": "SimpleQA", "characteristics": ["short"]}


async def test_models_with_every_filter(run_public, server):
    facets = {"categories": ["moe"], "companies": ["OpenAI"], "regions": ["usa"], "licenses": ["mit"]}
    page = {"models": [MODEL], **facets, "sizes": ["sm"], "count": 1, "total_count": 41}
    server.on("GET", "/models", page)
    given = {
        "query": "gpt",
        "name": "GPT",
        "key": "4o",
        "ids": ["m-1", "m-2"],
        "categories": ["moe"],
        "companies": ["OpenAI"],
        "regions": ["usa"],
        "licenses": ["mit"],
        "sizes": ["sm", "md"],
        "sort_by": "released_at",
        "order": "asc",
        "page": 3,
        "page_size": 20,
        "include_deprecated": False,
    }
    found = await run_public(lambda c: c.models.get(**given))
    assert found.models == [CatalogueModel(**MODEL)]
    assert found.companies == ["OpenAI"]
    assert found.sizes == ["sm"]
    assert (found.pagination.page, found.pagination.total_pages, found.total_count) == (3, 3, 41)
    seen = server.last("GET", "/models")
    assert seen.query == {
        **{name: str(value) for name, value in given.items() if not isinstance(value, list | bool)},
        **{name: ",".join(value) for name, value in given.items() if isinstance(value, list)},
        "include_deprecated": "false",
    }
    assert seen.headers["x-api-key"] == "key-of-the-tests"
    # Nothing of the organisation is needed.
    assert server.asked("GET", "/organizations") == []


async def test_model_by_id_and_by_key(run_public, server):
    near = {**MODEL, "id": "m-2", "key": "gpt-4o-mini"}
    server.on("GET", "/models", {"models": [near, MODEL], "count": 2, "total_count": 2})
    assert (await run_public(lambda c: c.models.get_by_id("m-1"))).key == "gpt-4o"
    assert server.last("GET", "/models").query["ids"] == "m-1"
    assert (await run_public(lambda c: c.models.get_by_key("gpt-4o"))).id == "m-1"
    assert server.last("GET", "/models").query["key"] == "gpt-4o"
    assert await run_public(lambda c: c.models.get_by_id("m-9")) is None
    assert await run_public(lambda c: c.models.get_by_key("gpt")) is None


async def test_benchmarks_with_every_filter(run_public, server):
    page = {
        "datasets": [BENCHMARK],
        "categories": ["facts"],
        "languages": ["en"],
        "count": 1,
        "total_count": 1,
    }
    server.on("GET", "/datasets", page)
    found = await run_public(
        lambda c: c.benchmarks.get(
            query="q",
            name="n",
            key="k",
            ids=["b-1"],
            categories=["facts"],
            languages=["en"],
            sort_by="name",
            order="desc",
            page=1,
            page_size=5,
            include_deprecated=True,
        )
    )
    assert found.benchmarks == [CatalogueBenchmark(**BENCHMARK)]
    assert found.languages == ["en"]
    assert server.last("GET", "/datasets").query == {
        "query": "q",
        "name": "n",
        "key": "k",
        "ids": "b-1",
        "categories": "facts",
        "languages": "en",
        "sort_by": "name",
        "order": "desc",
        "page": "1",
        "page_size": "5",
        "include_deprecated": "true",
    }


async def test_benchmark_by_id_and_by_key_and_its_prompts(run_public, server):
    server.on("GET", "/datasets", {"datasets": [BENCHMARK], "count": 1, "total_count": 1})
    prompts = {"prompts": [{"id": "1", "input": "i", "truth": "t"}], "count": 1}
    server.on("GET", "/datasets/b-1/prompts", {"status": "success", "data": prompts})
    found = await run_public(lambda c: c.benchmarks.get_by_id("b-1"))
    assert (await run_public(lambda c: c.benchmarks.get_by_key("simpleqa"))).id == "b-1"
    assert await run_public(lambda c: c.benchmarks.get_by_key("simple")) is None
    assert await run_public(lambda c: c.benchmarks.get_by_id("b-9")) is None
    page = await run_public(lambda c: c.benchmarks.get_prompts(found))
    assert page.prompts == await run_public(lambda c: c.benchmarks.get_all_prompts(found))
    assert page.pagination.total_count == 1


async def test_evaluations_are_asked_for_without_an_organisation(run_public, server, evaluation):
    server.on("GET", "/evaluations", {"evaluations": [evaluation()], "total_count": 1})
    server.on("GET", "/evaluations/eval-1", evaluation())
    empty = {"evaluation_id": "eval-1", "results": [], "metrics": {"total_count": 0}}
    server.on("GET", "/results", empty)
    found = await run_public(lambda c: c.evaluations.get_many(unique=True))
    assert server.last("GET", "/evaluations").query == {"unique": "true"}
    one = found.evaluations[0]
    assert await run_public(lambda c: run_public.method(one, "get_all_results")()) == []
    assert (await run_public(lambda c: c.evaluations.wait_for_completion(one))).is_success


COMPARISON = {
    "results": [
        {
            "result_id_1": "r-1",
            "result_id_2": "r-2",
            "prompt": "p",
            "truth": "t",
            "result1": "t",
            "score1": 1.0,
            "result2": "u",
            "score2": 0.0,
        }
    ],
    "total_count": 201,
    "correct_count_1": 150,
    "total_results_1": 201,
    "correct_count_2": 140,
    "total_results_2": 200,
}


async def test_two_evaluations_are_compared(run_public, server):
    server.on("GET", "/results/comparison", COMPARISON)
    found = await run_public(
        lambda c: c.comparisons.compare(
            evaluation_id_1="a",
            evaluation_id_2="b",
            page=2,
            page_size=50,
            outcome_filter="comparison_fails",
            search="word",
        )
    )
    assert found.results[0].score1 == 1.0
    assert (found.correct_count_1, found.total_results_2) == (150, 200)
    assert (found.pagination.page, found.pagination.total_pages) == (2, 5)
    assert server.last("GET", "/results/comparison").query == {
        "evaluation_id_1": "a",
        "evaluation_id_2": "b",
        "page": "2",
        "page_size": "50",
        "outcome_filter": "comparison_fails",
        "search": "word",
    }


async def test_an_unknown_evaluation_compares_to_none(run_public):
    assert await run_public(lambda c: c.comparisons.compare(evaluation_id_1="a", evaluation_id_2="b")) is None


async def test_two_models_are_compared_by_their_latest_successes(run_public, server, evaluation):
    server.on("GET", "/results/comparison", COMPARISON)
    latest = {"m-1": [evaluation("a")], "m-2": [evaluation("b")], "m-3": []}
    server.on(
        "GET",
        "/evaluations",
        lambda seen: {"evaluations": latest[seen.query["models"]], "total_count": 1},
    )

    def compare(second):
        return run_public(
            lambda c: c.comparisons.compare_models(benchmark_id="b-1", model_id_1="m-1", model_id_2=second)
        )

    assert (await compare("m-2")).total_count == 201
    assert server.last("GET", "/evaluations").query == {
        "models": "m-2",
        "datasets": "b-1",
        "status": "success",
        "sort_by": "submitted_at",
        "order": "desc",
        "page_size": "1",
    }
    seen = server.last("GET", "/results/comparison").query
    assert (seen["evaluation_id_1"], seen["evaluation_id_2"]) == ("a", "b")
    assert await compare("m-3") is None


async def test_the_project_client_reads_the_catalogue_with_the_same_key(run, server):
    server.on("GET", "/models", {"models": [MODEL], "count": 1, "total_count": 1})
    server.on("GET", "/results/comparison", COMPARISON)
    assert isinstance(run.client.public, AsyncPublicClient if run.is_async else PublicClient)
    assert (await run(lambda c: c.public.models.get_by_key("gpt-4o"))).id == "m-1"
    assert server.last("GET", "/models").headers["x-api-key"] == "key-of-the-tests"
    assert await run(
        lambda c: c.public.comparisons.compare(evaluation_id_1="a", evaluation_id_2="b", page_size=500)
    )


@pytest.mark.parametrize("wrong", [{"page": -1}, {"page_size": 1000}])
async def test_pages_out_of_range_are_refused(run_public, server, wrong):
    for use in (
        lambda c: c.models.get(**wrong),
        lambda c: c.benchmarks.get(**wrong),
        lambda c: c.benchmarks.get_prompts("b-1", **wrong),
        lambda c: c.comparisons.compare(evaluation_id_1="a", evaluation_id_2="b", **wrong),
        lambda c: c.comparisons.compare_models(benchmark_id="b", model_id_1="a", model_id_2="b", **wrong),
    ):
        with pytest.raises(ValueError, match="must be"):
            await run_public(use)
    assert server.requests == []
