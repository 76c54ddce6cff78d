"""The main job from end to end, with every figure worked out by hand.

Twelve prompts in three subsets. `*` marks what the scripted endpoint does not answer rightly:

    capitals   France Paris, Italy Rome, Spain *Lisbon, Peru Lima, Chad *HTTP 500 for ever
    sums       1+1 2, 2+2 4, 3+3 *7, 4+4 *HTTP 400
    animals    dog woof (slow), cat meow, cow *cut off by the token limit

So 7 of 12 are correct, 2 incorrect, 2 failed, 1 truncated.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import EvaluationStatus

SLOW = 0.6
ROWS = [
    ("capitals", "France", "Paris", Reply("Paris")),
    ("capitals", "Italy", "Rome", Reply("Rome")),
    ("capitals", "Spain", "Madrid", Reply("Lisbon")),
    ("capitals", "Peru", "Lima", Reply("Lima")),
    ("capitals", "Chad", "N'Djamena", Reply("out of order", status=500)),
    ("sums", "1+1", "2", Reply("2")),
    ("sums", "2+2", "4", Reply("4")),
    ("sums", "3+3", "6", Reply("7")),
    ("sums", "4+4", "8", Reply("no sums today", status=400)),
    ("animals", "dog", "woof", Reply("woof", delay=SLOW)),
    ("animals", "cat", "meow", Reply("meow")),
    ("animals", "cow", "moo", Reply("moo", finish_reason="length")),
]
REPLIES = {prompt: reply for _, prompt, _, reply in ROWS}


def benchmark_file(folder: Path) -> Path:
    path = folder / "twelve.jsonl"
    lines = [json.dumps({"subset": s, "input": p, "truth": t}) for s, p, t, _ in ROWS]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: REPLIES[asked]) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database):
    with Platform(tmp_path, provider.base_url, platform_database, STRATIX_MAX_ATTEMPTS="2") as platform:
        yield platform


def test_every_figure_is_what_a_pencil_says(platform, client, provider, tmp_path):
    benchmark = client.benchmarks.create_custom(
        name="Twelve", description="worked out by hand", file_path=benchmark_file(tmp_path)
    )
    assert benchmark is not None
    benchmark = client.benchmarks.get_by_id(benchmark.benchmark_id)
    model = client.models.get_by_key("gpt-4o")
    evaluation = client.evaluations.create(model=model, benchmark=benchmark)
    assert evaluation.status in (EvaluationStatus.PENDING, EvaluationStatus.IN_PROGRESS)
    seen = []
    evaluation = client.evaluations.wait_for_completion(
        evaluation, timeout_seconds=60, on_progress=seen.append
    )

    assert evaluation.status is EvaluationStatus.SUCCESS
    assert evaluation.is_success
    assert evaluation.outcomes == {"correct": 7, "incorrect": 2, "failed": 2, "truncated": 1}
    assert evaluation.accuracy == 7 / 12
    assert evaluation.accuracy_valid == 7 / 9
    assert (evaluation.accuracy_low, evaluation.accuracy_high) == (7 / 12, 10 / 12)
    assert evaluation.failed_prompt_count == 2
    assert "25.0%" in evaluation.status_description
    assert "no sums today" in evaluation.status_description
    assert evaluation.finished_at >= evaluation.submitted_at > 0
    assert evaluation.benchmark_name == "Twelve"
    assert evaluation.model_key == "gpt-4o"
    assert [(s.name, s.count, s.correct, s.accuracy) for s in evaluation.subsets] == [
        ("capitals", 5, 3, 3 / 5),
        ("sums", 4, 2, 2 / 4),
        ("animals", 3, 2, 2 / 3),
    ]
    assert (evaluation.tokens.input, evaluation.tokens.output) == (100, 20)
    assert evaluation.progress.done == evaluation.progress.total == 12
    assert seen[-1].is_finished

    # Ten answers came; the endpoint took 600 ms for one of them and next to nothing for the others.
    results = client.results.get_all(evaluation=evaluation)
    answered = [r.duration / timedelta(milliseconds=1) for r in results if r.outcome != "failed"]
    assert len(answered) == 10
    assert evaluation.average_duration == pytest.approx(sum(answered) / 10, abs=0.51)
    assert 60 <= evaluation.average_duration < 160

    # HTTP 500 may pass and was asked twice, as often as allowed; HTTP 400 will not, and was asked once.
    assert provider.asked["Chad"] == 2
    assert len(provider.requests) == 13
    assert all(request["temperature"] == 0 and request["model"] == "gpt-4o" for request in provider.requests)

    by_prompt = {r.prompt: r for r in results}
    assert [(r.subset, r.prompt, r.truth) for r in results] == [(s, p, t) for s, p, t, _ in ROWS]
    assert by_prompt["Spain"].result == "Lisbon"
    assert by_prompt["Spain"].score == 0.0
    assert by_prompt["Peru"].score == 1.0
    assert "no sums today" in by_prompt["4+4"].error
    assert by_prompt["4+4"].result == ""
    assert by_prompt["Chad"].attempts == 2
    assert by_prompt["cow"].outcome == "truncated"
    assert by_prompt["cow"].score == 0.0
    assert by_prompt["dog"].duration >= timedelta(seconds=SLOW)

    sizes = []
    for number in (1, 2, 3):
        page = client.results.get(evaluation=evaluation, page=number, page_size=5)
        sizes.append(len(page.results))
        assert (page.pagination.total_count, page.pagination.total_pages) == (12, 3)
        assert [r.prompt for r in page.results] == [p for _, p, _, _ in ROWS][5 * number - 5 : 5 * number]
    assert sizes == [5, 5, 2]
    assert client.results.get(evaluation=evaluation, page=4, page_size=5).results == []

    listed = client.evaluations.get_many(status=EvaluationStatus.SUCCESS, benchmark_ids=[benchmark.id])
    assert [found.id for found in listed.evaluations] == [evaluation.id]
    assert listed.pagination.total_count == 1

    assert platform.stop() < 5


def test_when_nothing_is_answered_the_evaluation_fails_with_the_reason(platform, client, provider, tmp_path):
    provider.script = lambda _asked, _times: Reply("Incorrect API key provided: sk-provider", status=401)
    created = client.benchmarks.create_custom(
        name="Twelve", description="nobody answers", file_path=benchmark_file(tmp_path)
    )
    evaluation = client.evaluations.create(
        model=client.models.get_by_key("gpt-4o"), benchmark=client.benchmarks.get_by_id(created.benchmark_id)
    )
    evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
    assert evaluation.status is EvaluationStatus.FAILURE
    assert evaluation.failed_prompt_count == 12
    assert evaluation.accuracy == 0.0
    assert evaluation.average_duration == 0
    assert "Incorrect API key" in evaluation.status_description
    results = evaluation.get_all_results()
    assert all("Incorrect API key" in result.error for result in results)
    # The key that the endpoint repeated is shown nowhere.
    assert "sk-provider" not in evaluation.status_description + "".join(r.error for r in results)
    assert len(provider.requests) == 12
