"""Comparing evaluations and ranking models through either client."""

from __future__ import annotations

import pytest

from layerlens import ConflictError

DIFFERENCE = {
    "prompts": 10,
    "mean_1": 0.6,
    "mean_2": 0.9,
    "difference": 0.3,
    "low": -0.07,
    "high": 0.59,
    "p_value": 0.02,
    "p_adjusted": 0.04,
    "test": "mcnemar mid-p",
    "cells": {"both_right": 6, "only_first": 0, "only_second": 3, "both_wrong": 1},
    "higher_1": 0,
    "higher_2": 3,
    "invalid_1": 0,
    "invalid_2": 1,
}
EVALUATION = {"model_id": "m", "status": "success", "submitted_at": 1, "accuracy": 0.5, "prompt_count": 10}
REPORT = {
    "benchmark_id": "b-1",
    "benchmark_key": "sums",
    "benchmark_name": "Sums",
    "evaluations": [{"id": "a", **EVALUATION}, {"id": "b", **EVALUATION}],
    "against": "first",
    "pairs": [
        {
            "evaluation_id_1": "a",
            "evaluation_id_2": "b",
            "overall": DIFFERENCE,
            "unmatched_1": 0,
            "unmatched_2": 2,
            "matched_by": "identity",
            "subsets": [{"name": "x", **DIFFERENCE, "p_adjusted": 0.2}],
            "conclusion": "B is better.",
            "notes": ["Mind this."],
        }
    ],
}
ROW = {
    "result_id_1": "a:0:1",
    "result_id_2": "b:0:1",
    "prompt": "p",
    "truth": "t",
    "result1": "t",
    "score1": 1.0,
    "result2": "u",
    "score2": 0.0,
    "prompt_id": "2",
    "epoch": 1,
    "verdict1": {"outcome": "correct", "score": 1.0},
    "verdict2": {"outcome": "incorrect", "score": 0.0},
}


async def test_evaluations_are_compared(run, server, evaluation):
    server.on("GET", "/comparisons", REPORT)
    server.on("GET", "/evaluations/a", evaluation("a"))
    first = await run(lambda c: c.evaluations.get_by_id("a"))
    report = await run(lambda c: c.evaluations.compare(first, "b", "c", against="all"))
    assert server.last("GET", "/comparisons").query == {"evaluations": "a,b,c", "against": "all"}
    (pair,) = report.pairs
    assert pair.overall.cells.only_second == 3
    assert pair.overall.is_beyond_chance
    assert not pair.subsets[0].is_beyond_chance
    assert (pair.subsets[0].name, pair.conclusion, pair.notes) == ("x", "B is better.", ["Mind this."])


async def test_disagreements_come_in_pages(run, server):
    server.on("GET", "/comparisons/disagreements", {"disagreements": [ROW], "total_count": 11})
    found = await run(
        lambda c: c.evaluations.get_disagreements("a", "b", page=2, page_size=10, subset="x", search="word")
    )
    assert server.last("GET", "/comparisons/disagreements").query == {
        "evaluations": "a,b",
        "page": "2",
        "page_size": "10",
        "subset": "x",
        "search": "word",
    }
    assert (found.pagination.total_pages, found.pagination.total_count) == (2, 11)
    assert (found.disagreements[0].verdict2.outcome, found.disagreements[0].result2) == ("incorrect", "u")


async def test_what_is_not_there_is_none_and_the_rest_is_raised(run, server, reply):
    assert await run(lambda c: c.evaluations.compare("a", "b")) is None
    assert await run(lambda c: c.evaluations.get_disagreements("a", "b")) is None
    server.on("GET", "/comparisons", reply(409, {"error": {"message": "It runs still."}}))
    with pytest.raises(ConflictError, match="It runs still"):
        await run(lambda c: c.evaluations.compare("a", "b"))
    with pytest.raises(TypeError, match="was it found"):
        await run(lambda c: c.evaluations.compare("a", None))


FIGURES = {
    "evaluation_id": "a",
    "count": 3,
    "by_prompt_length": [
        {"low": 1, "high": 9, "count": 3, "accuracy": 0.5, "accuracy_low": 0.2, "accuracy_high": 0.8}
    ],
    "outcomes_by_subset": [{"name": "x", "count": 3, "outcomes": {"correct": 2, "failed": 1}}],
}


async def test_figures_are_what_charts_are_drawn_from(run, server):
    server.on("GET", "/evaluations/a/figures", FIGURES)
    found = await run(lambda c: c.evaluations.get_figures("a"))
    assert found.by_prompt_length[0].accuracy_high == 0.8
    assert found.outcomes_by_subset[0].outcomes == {"correct": 2, "failed": 1}
    assert found.latency_ms is None
    assert await run(lambda c: c.evaluations.get_figures("b")) is None


async def test_public_evaluations_are_compared_too(run_public, server):
    server.on("GET", "/comparisons", REPORT)
    assert (await run_public(lambda c: c.evaluations.compare("a", "b"))).benchmark_key == "sums"


BOARD = {
    "leaderboards": [
        {
            "benchmark_id": "b-1",
            "benchmark_key": "sums",
            "benchmark_name": "Sums",
            "benchmark_version": "v",
            "prompt_count": 10,
            "entries": [
                {
                    "place": 1,
                    "best": 1,
                    "worst": 2,
                    "model_id": "m-1",
                    "evaluation_id": "a",
                    "submitted_at": 1,
                    "accuracy": 0.9,
                    "accuracy_interval": [0.8, 0.95],
                }
            ],
            "others": [],
            "notes": [],
        }
    ],
    "matrix": [{"model_id": "m-1", "accuracies": {"b-1": 0.9}, "mean": 0.9}],
}


async def test_a_leaderboard_is_of_the_project(run, server):
    server.on("GET", "/leaderboards", BOARD)
    found = await run(lambda c: c.leaderboards.get("b-1", limit=10))
    assert server.last("GET", "/leaderboards").query == {
        "benchmarks": "b-1",
        "limit": "10",
        "organization_id": "org-1",
        "project_id": "proj-1",
    }
    assert found.leaderboards[0].entries[0].worst == 2
    assert found.matrix[0].mean == 0.9


async def test_a_public_leaderboard_is_of_everyones(run_public, server):
    server.on("GET", "/leaderboards", BOARD)
    await run_public(lambda c: c.leaderboards.get(["b-1", "b-2"]))
    assert server.last("GET", "/leaderboards").query == {"benchmarks": "b-1,b-2"}
    server.on("GET", "/leaderboards", {"leaderboards": [], "matrix": []})
    assert (await run_public(lambda c: c.leaderboards.get("b-1"))).matrix == []


async def test_hints_of_contamination_come_with_what_they_mean(run, server):
    hint = {"result_id": "a:0:1", "prompt_id": "2", "epoch": 1, "kind": "truth", "words": 60}
    report = {"evaluation_id": "a", "words": 50, "next_words": 20, "answers": 9, "compared": 3}
    report |= {"is_complete": True, "count": 1, "hints": [{**hint, "is_whole": True, "text": "t"}]}
    server.on("GET", "/evaluations/a/contamination", {**report, "meaning": "Hints."})
    found = await run(lambda c: c.evaluations.get_contamination("a", words=40, limit=5))
    assert server.last("GET", "/evaluations/a/contamination").query == {"words": "40", "limit": "5"}
    assert (found.hints[0].kind, found.hints[0].words, found.meaning) == ("truth", 60, "Hints.")
    assert await run(lambda c: c.evaluations.get_contamination("b")) is None


async def test_overlaps_of_benchmarks(run, server):
    answer = {"benchmarks": ["a", "b"], "words": 8, "overlaps": [], "meaning": "None."}
    server.on("GET", "/contamination/benchmarks", answer)
    assert (await run(lambda c: c.benchmarks.get_overlaps())).benchmarks == ["a", "b"]
    assert server.last("GET", "/contamination/benchmarks").query == {}
    await run(lambda c: c.benchmarks.get_overlaps(["b-1", "b-2"]))
    assert server.last("GET", "/contamination/benchmarks").query == {"benchmarks": "b-1,b-2"}
