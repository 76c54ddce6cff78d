"""The summary of a real evaluation: named by the platform, shown by the client and the command line."""

from __future__ import annotations

import json
import os
import signal
import time

import psutil
import pytest
from click.testing import CliRunner
from tests.summary.planted import PATTERN, WEAK, answers
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from stratix.cli.main import cli

ROWS = answers(5, 400)
REPLIES = {text.prompt: text.answer for *_, text in ROWS}
SENTENCES = (
    "1. The subset “{weak}” drags the accuracy of {accuracy:.1%} down.",
    "- It would be right in 99.9% of all cases with more training.",
    "It answered {right} of the 400 prompts right.",
    "Twelve answers were lost.",
    "See https://example.org for more.",
    "Of its answers 0.0% are not valid.",
)


@pytest.fixture
def said():
    return []


@pytest.fixture
def provider(said):
    def script(asked: str, _times: int) -> Reply:
        if "<findings" in asked:
            return Reply("\n".join(said))
        return Reply(REPLIES[asked])

    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database):
    with Platform(
        tmp_path, provider.base_url, platform_database, STRATIX_ANALYST_MODEL="acme/analyst"
    ) as platform:
        yield platform


def summed_up(client, evaluation, seconds=30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = client.evaluations.get_by_id(evaluation.id)
        if found.summary or found.summary_error:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no summary within {seconds:g} s")


def test_a_real_evaluation_is_summed_up_and_an_analyst_is_checked(client, platform, provider, said, tmp_path):
    path = tmp_path / "stories.jsonl"
    lines = [
        {"input": text.prompt, "truth": text.truth, "subset": asked.subset} for _, asked, _, text in ROWS
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    made = client.benchmarks.create_custom(
        name="Stories", description="Things lost.", file_path=path, custom_scorers=["includes"]
    )
    benchmark, model = client.benchmarks.get_by_id(made.benchmark_id), client.models.get_by_key("gpt-4o")

    # The analyst there should be is not: the summary's own words stand.
    evaluation = client.evaluations.create(model, benchmark)
    evaluation = client.evaluations.wait_for_completion(evaluation, interval_seconds=0.1, timeout_seconds=60)
    assert evaluation.is_success
    evaluation = summed_up(client, evaluation)
    summary = evaluation.summary
    assert summary is not None, evaluation.summary_error
    performance = summary.model.performance
    assert "no model with the key" in performance["analyst"]["failed"]
    assert performance["accuracy"] == evaluation.accuracy
    assert performance["outcomes"] == evaluation.outcomes
    assert any(WEAK in sentence for sentence in summary.performance_details.challenges)
    pattern = sum(text.answer.startswith(PATTERN[:20]) for *_, text in ROWS)
    assert any(f" in {pattern} of " in mode for mode in summary.error_analysis.common_failure_modes)
    assert (summary.dataset.total_size, summary.dataset.test_size) == (400, 400)
    assert summary.goal == "Stories: Things lost."
    own = summary.analysis_summary.key_takeaways

    variables = {**platform.environment, "COLUMNS": "120"}
    arguments = ["evaluate", "get", evaluation.id]
    shown = CliRunner().invoke(cli, [*arguments, "--summary"], env=variables, prog_name="stratix").output
    assert "Key takeaways" in shown
    assert "Challenges" in shown
    assert f"“{WEAK}”" in shown
    assert "Key takeaways" in CliRunner().invoke(cli, arguments, env=variables, prog_name="stratix").output

    # A worker that is killed at the end: the next one finds what is due. The analyst is there now.
    right = evaluation.outcomes["correct"]
    said += [line.format(weak=WEAK, accuracy=evaluation.accuracy, right=right) for line in SENTENCES]
    client.models.create_custom(
        name="Analyst", key="acme/analyst", description="", api_url=provider.url, max_tokens=500
    )
    evaluation = client.evaluations.create(model, benchmark)
    evaluation = client.evaluations.wait_for_completion(evaluation, interval_seconds=0.1, timeout_seconds=60)
    for process in psutil.Process(platform.process.pid).children():
        if "stratix.worker" in " ".join(process.cmdline()):
            os.kill(process.pid, signal.SIGKILL)
    evaluation = summed_up(client, evaluation, 60.0)
    summary = evaluation.summary
    analyst = summary.model.performance["analyst"]
    assert (analyst["used"], analyst["sentences"], analyst["dropped"]) == (True, 6, 3)
    assert (analyst["tokens_input"], analyst["tokens_output"]) == (10, 2)
    assert summary.analysis_summary.key_takeaways == [
        own[0],
        f"The subset “{WEAK}” drags the accuracy of {evaluation.accuracy:.1%} down.",
        f"It answered {right} of the 400 prompts right.",
        "Of its answers 0.0% are not valid.",
    ]
