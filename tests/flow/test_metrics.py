"""Metrics of whole evaluations: chosen by benchmark or evaluation, and told from what was not measured."""

from __future__ import annotations

import json
import os

import pytest
from tests.support import metric
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import UnprocessableEntityError
from stratix import metrics

KIND = "Thank you for asking. The answer is in the second book, and it is a short one."
RUDE = "Find it out by yourself, you stupid idiot."
ANSWERS = {"kind": KIND, "rude": RUDE, "number": "42", "nothing": "", "cut": "The answer is a"}


def reply(asked: str, _times: int) -> Reply:
    """Answer by the first word of the prompt."""
    kind = asked.split()[0]
    if kind == "broken":
        return Reply("no", status=400)
    return Reply(ANSWERS.get(kind, asked), finish_reason="length" if kind == "cut" else "stop")


@pytest.fixture
def provider():
    with ScriptedProvider(reply) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database):
    path = os.pathsep.join([str(metric.install(tmp_path / "plugin")), os.environ.get("PYTHONPATH", "")])
    with Platform(tmp_path, provider.base_url, platform_database, PYTHONPATH=path) as platform:
        yield platform


@pytest.fixture
def evaluate(client, tmp_path):
    def run(prompts, additional_metrics=None, on_progress=None, **options):
        path = tmp_path / "prompts.jsonl"
        path.write_text("\n".join(json.dumps({"input": prompt, "truth": "x"}) for prompt in prompts))
        made = client.benchmarks.create_custom(
            name="Metrics", description="", file_path=path, additional_metrics=additional_metrics
        )
        evaluation = client.evaluations.create(
            client.models.get_by_key("gpt-4o"), client.benchmarks.get_by_id(made.benchmark_id), **options
        )
        return client.evaluations.wait_for_completion(
            evaluation, interval_seconds=0.2, timeout_seconds=60, on_progress=on_progress
        )

    return run


def test_the_benchmark_chooses_and_every_answer_has_its_values(client, evaluate):
    evaluation = evaluate([*ANSWERS, "broken"], additional_metrics=["readability", "toxicity"])
    assert evaluation.is_success
    texts = [*ANSWERS.values(), ""]
    expected = {name: metrics.get(name).measure(texts) for name in ("readability", "toxicity")}
    results = client.results.get_all(evaluation=evaluation)
    for name, values in expected.items():
        assert [result.metrics[name] for result in results] == pytest.approx(values)
        there = [value for value in values if value is not None]
        measured = evaluation.measured[name]
        assert (measured.count, measured.mean) == (len(there), pytest.approx(sum(there) / len(there)))
        assert measured.how == metrics.load(name).how
    # "42" has no words to read and "" nothing at all, which is not the same as 0.
    assert [evaluation.measured[name].count for name in ("readability", "toxicity")] == [3, 4]
    assert evaluation.readability_score == evaluation.measured["readability"].mean
    assert evaluation.toxicity_score == evaluation.measured["toxicity"].mean
    assert evaluation.settings["metrics"]["toxicity"]["version"] == "1"


def test_the_evaluation_has_the_last_word(client, evaluate):
    none = evaluate(["kind"], additional_metrics=["toxicity"], metrics=[])
    assert none.measured == {}
    assert (none.readability_score, none.toxicity_score) == (0.0, 0.0)
    assert client.results.get_all(evaluation=none)[0].metrics == {}
    other = evaluate(["kind"], additional_metrics=["toxicity"], metrics=["readability", "readability"])
    assert list(other.measured) == ["readability"]
    assert list(client.results.get_all(evaluation=other)[0].metrics) == ["readability"]
    assert evaluate(["kind"]).measured == {}


def test_an_unknown_metric_is_refused_with_those_there_are(evaluate):
    with pytest.raises(
        UnprocessableEntityError, match=r"no metric 'charm'; there are: .*readability.*shouting"
    ):
        evaluate(["kind"], metrics=["readability", "charm"])


def test_a_metric_that_breaks_costs_its_values_and_nothing_else(platform, client, evaluate):
    # More than a batch, so that something comes after the crash.
    prompts = [f"HEY {n}" for n in range(150)] + ["die"] + [f"HEY {n}" for n in range(150, 400)]
    evaluation = evaluate(prompts, metrics=["shouting", "readability"])
    assert evaluation.is_success
    assert evaluation.outcomes == {"incorrect": 401}
    assert (evaluation.measured["shouting"].count, evaluation.measured["shouting"].mean) == (0, None)
    assert evaluation.measured["readability"].count == 401
    assert "the metric shouting is given up" in platform.log()
    # The next evaluation has it again.
    again = evaluate(["HEY YOU", "hey you", "raise"], metrics=["shouting"])
    assert (again.measured["shouting"].count, again.measured["shouting"].mean) == (2, 0.5)


def test_measuring_begins_when_the_last_answer_is_in(client, provider, evaluate):
    """So it cannot slow down a model call; and an answer is stored before it is measured."""
    provider.script = lambda asked, _: Reply("The winter was long.", delay=2.0 if asked == "slow" else 0.0)
    seen = []

    def look(evaluation):
        done = client.results.get_all(evaluation=evaluation)
        if not evaluation.is_finished and len(done) == 5:
            seen.append([result.metrics for result in done])

    evaluation = evaluate(["a", "b", "c", "d", "e", "slow"], metrics=["readability"], on_progress=look)
    assert seen
    assert all(found == [{}] * 5 for found in seen)
    results = client.results.get_all(evaluation=evaluation)
    assert [list(result.metrics) for result in results] == [["readability"]] * 6
