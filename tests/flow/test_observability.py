"""What a running platform shows of itself: metrics, logs and traces of one evaluation."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import Evaluation

SECRET = "sk-provider-of-the-test"
PROMPTS = 12


def script(asked: str, times: int) -> Reply:
    if asked == "prompt 0" and times == 1:
        return Reply("slow down", status=429, headers={"retry-after": "0.1"})
    if asked == "prompt 1":
        return Reply(f"no, {SECRET} is wrong", status=400)
    return Reply(asked)


@pytest.fixture(scope="module")
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider) -> Iterator[Platform]:
    variables = {
        "STRATIX_LOG_FORMAT": "json",
        "STRATIX_LOG_LEVEL": "info",
        "OPENAI_API_KEY": SECRET,
    }
    with Platform(tmp_path_factory.mktemp("seen"), provider.base_url, **variables) as platform:
        yield platform


@pytest.fixture(scope="module")
def evaluation(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """An evaluation that has ended: one prompt asked twice, one without an answer."""
    file = tmp_path_factory.mktemp("prompts") / "prompts.jsonl"
    texts = [f"prompt {number}" for number in range(PROMPTS)]
    file.write_text("\n".join(json.dumps({"input": text, "truth": text}) for text in texts))
    with platform.client() as client:
        created = client.benchmarks.create_custom(name="Echo", description="echo", file_path=file)
        benchmark = client.benchmarks.get_by_id(created.benchmark_id)
        started = client.evaluations.create(client.models.get_by_key("gpt-4o-mini"), benchmark)
        found = client.evaluations.wait_for_completion(started, timeout_seconds=60)
        assert found is not None
        assert found.outcomes == {"correct": PROMPTS - 1, "failed": 1}
        return found


def metrics(platform: Platform) -> dict[str, float]:
    text = httpx.get(f"{platform.address}/metrics", trust_env=False).text
    return {
        ",".join([sample.name, *(value for _, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_add_up(platform: Platform, evaluation: Evaluation) -> None:
    deadline = time.monotonic() + 20
    while "stratix_slices_total" not in (found := metrics(platform)) or not found["stratix_slices_total"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.3)
    assert found["stratix_model_calls_total,ok,openai"] == PROMPTS - 1
    assert found["stratix_model_calls_total,429,openai"] == 1
    assert found["stratix_model_calls_total,400,openai"] == 1
    assert found["stratix_model_retries_total,openai"] == 1
    assert found["stratix_results_total,gpt-4o-mini,correct,openai"] == PROMPTS - 1
    assert found["stratix_results_total,gpt-4o-mini,failed,openai"] == 1
    assert found["stratix_tokens_total,input,gpt-4o-mini,openai"] == 10 * (PROMPTS - 1)
    assert evaluation.cost is not None
    assert found["stratix_cost_usd_total,gpt-4o-mini,openai"] == pytest.approx(evaluation.cost)
    assert found["stratix_model_call_seconds_count,openai"] == PROMPTS + 1
    assert found["stratix_evaluations,success"] == 1
    assert found["stratix_workers"] == 1
    assert found["stratix_calls_in_flight,openai"] == 0


def log_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def test_each_line_of_work_says_whose_it_is(platform: Platform, evaluation: Evaluation) -> None:
    lines = log_lines(platform.folder / "up.log")
    about = [line for line in lines if line.get("evaluation") == evaluation.id]
    assert about
    begun = next(line for line in about if line["message"] == f"prompts 0 to {PROMPTS} begin")
    assert begun["slice"] == f"0-{PROMPTS}"
    assert begun["worker"]
    assert begun["level"] == "info"
    assert {line.get("worker") for line in about} == {begun["worker"]}


def test_secrets_are_not_in_the_log(platform: Platform, evaluation: Evaluation) -> None:
    assert evaluation.is_finished
    text = platform.log()
    assert SECRET not in text
    assert platform.environment["STRATIX_API_KEY"] not in text
