"""Evaluations with a judge model over real HTTP, with every figure worked out by hand.

Ten questions; what the model answers and what the judge says of it, in order of its tries:

    1 to 4   correct, the fourth only at the judge's second try
    5, 6     incorrect
    7, 8     not attempted
    9        the judge never says what can be read
    10       the model's endpoint refuses the request

So 4 of 10 are correct, 6 were attempted, 2 were not. The judge was asked 8 + 1 + 2 = 11 times.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import UnprocessableEntityError
from layerlens.models import EvaluationStatus

SAID = {
    "1": ["It agrees.\nVerdict: A"],
    "2": ["Verdict: A"],
    "3": ['{"verdict": "A", "reasoning": "It\\u0000 agrees.\\ud800"}'],  # No database can store that.
    "4": ["I would say that it is right.", "Verdict: A"],
    "5": ["It says otherwise.\nVerdict: B"],
    "6": ["**Verdict:** B"],
    "7": ["It does not know.\nVerdict: C"],
    "8": ["Verdict: C"],
    "9": ["Hard to say.", "Very hard to say."],
}
JUDGE_USAGE = {"prompt_tokens": 300, "completion_tokens": 20}
SIMPLEQA = Path(__file__).parents[2] / "../shared/data/simpleqa"


def part(asked: str, name: str) -> str:
    """Return what stands between the tags of that name in a request to the judge; "" if there are none."""
    found = re.search(rf"<{name}>\n(.*?)\n</{name}>", asked, re.DOTALL)
    return found[1] if found else ""


def script(asked: str, times: int) -> Reply:
    if not (question := part(asked, "question")):
        return Reply("no", status=400) if asked == "10" else Reply(f"answer to {asked}")
    if rubric := part(asked, "rubric"):
        kind = "hallucination" if "made up" in rubric else "ethics"
        return Reply(GRADES[kind][question], usage=JUDGE_USAGE)
    assert part(asked, "answer") == f"answer to {question}"
    said = SAID[question]
    return Reply(said[1 if "could not be read" in asked else 0], usage=JUDGE_USAGE)


GRADES = {
    "ethics": {"1": "Grade: 4", "2": "Grade: 4", "3": "It is rude.\nGrade: 2"},
    "hallucination": {"1": "Grade: 0", "2": "Grade: 2", "3": "some of it"},
}


@pytest.fixture
def provider():
    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database):
    with Platform(tmp_path, provider.base_url, platform_database, STRATIX_MAX_ATTEMPTS="2") as platform:
        yield platform


def make_benchmark(client, folder: Path, questions: int, **options):
    path = folder / "questions.jsonl"
    rows = [{"input": str(n), "truth": f"truth of {n}"} for n in range(1, questions + 1)]
    path.write_text("\n".join(map(json.dumps, rows)))
    created = client.benchmarks.create_custom(name="Ten", description="by hand", file_path=path, **options)
    return client.benchmarks.get_by_id(created.benchmark_id)


def finished(client, evaluation):
    return client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)


def test_three_way_grading_is_what_a_pencil_says(platform, client, provider, tmp_path):
    benchmark = make_benchmark(client, tmp_path, 10, custom_scorers=["simpleqa_judge"])
    model, judge = client.models.get_by_key("gpt-4o"), client.models.get_by_key("gpt-4o-mini")
    with pytest.raises(UnprocessableEntityError, match="simpleqa_judge.*name the judge"):
        client.evaluations.create(model, benchmark)
    evaluation = finished(client, client.evaluations.create(model, benchmark, judge=judge))

    assert evaluation.status is EvaluationStatus.SUCCESS
    assert (evaluation.judge_model_id, evaluation.judge_model_key) == (judge.id, "gpt-4o-mini")
    assert evaluation.outcomes == {"correct": 4, "incorrect": 4, "scorer_error": 1, "failed": 1}
    assert evaluation.accuracy == 4 / 10
    assert evaluation.accuracy_valid == 4 / 8
    assert (evaluation.accuracy_low, evaluation.accuracy_high) == (4 / 10, 6 / 10)
    assert evaluation.judged.grades == {"correct": 4, "incorrect": 2, "not_attempted": 2}
    assert evaluation.judged.not_attempted == 2 / 10
    assert evaluation.judged.correct_given_attempted == 4 / 6
    assert evaluation.judged.f_score == pytest.approx(0.5)  # of 0.4 and 0.667
    assert "1 scorer failed" in evaluation.status_description
    assert "cannot be read, twice" in evaluation.status_description

    # Nine answers of 10 and 2 tokens, eleven replies of 300 and 20; the lists say 2.50 and 10.00 dollars for
    # a million tokens of gpt-4o, 0.15 and 0.60 for gpt-4o-mini.
    tokens = evaluation.tokens
    assert (tokens.input, tokens.output, tokens.judge_input, tokens.judge_output) == (90, 18, 3300, 220)
    assert evaluation.judge_cost == pytest.approx(0.000495 + 0.000132)
    assert evaluation.cost == pytest.approx(0.000225 + 0.000180 + 0.000495 + 0.000132)
    assert evaluation.settings["judge"]["model"] == "gpt-4o-mini"
    assert evaluation.settings["scorers"] == {"simpleqa_judge": "1"}

    judged = [request for request in provider.requests if request["model"] == "gpt-4o-mini"]
    assert len(judged) == 11
    assert all(request["temperature"] == 0 for request in judged)
    results = {r.prompt: r for r in client.results.get_all(evaluation=evaluation)}
    assert [results[n].grade for n in ("1", "4", "6", "8")] == [
        "correct", "correct", "incorrect", "not_attempted"
    ]  # fmt: skip
    assert (results["7"].outcome, results["7"].score) == ("incorrect", 0.0)
    assert results["7"].explanation == "It does not know."
    assert results["3"].explanation == "It\ufffd agrees.\ufffd"
    assert (results["4"].judge_tokens_input, results["4"].judge_tokens_output) == (600, 40)
    assert results["1"].cost == pytest.approx(0.000025 + 0.000020 + 0.000045 + 0.000012)
    assert results["1"].judge_cost == pytest.approx(0.000045 + 0.000012)
    broken = results["9"]
    assert (broken.outcome, broken.score, broken.grade) == ("scorer_error", 0.0, None)
    assert broken.result == "answer to 9"
    assert "Very hard to say." in broken.error
    assert broken.judge_cost == pytest.approx(2 * (0.000045 + 0.000012))
    assert (results["10"].cost, results["10"].judge_cost) == (0.0, 0.0)
    whole = client.results.get_one(broken.result_id)
    assert whole.judge_replies == SAID["9"]


def test_a_judge_that_is_down_costs_no_answer_and_the_evaluation_ends(platform, client, provider, tmp_path):
    benchmark = make_benchmark(client, tmp_path, 3, custom_scorers=["rubric"])
    created = client.models.create_custom(
        name="Judge", key="judge", description="down", api_url="http://127.0.0.1:9/v1/chat", max_tokens=100
    )
    judge = client.models.get_by_id(created.model_id)
    evaluation = finished(
        client, client.evaluations.create(client.models.get_by_key("gpt-4o"), benchmark, judge=judge)
    )
    assert evaluation.status is EvaluationStatus.FAILURE
    assert evaluation.outcomes == {"scorer_error": 3}
    assert "None of the 3 answers could be scored" in evaluation.status_description
    assert "The judge did not answer" in evaluation.status_description
    assert evaluation.judged is None
    assert (evaluation.tokens.input, evaluation.tokens.judge_input) == (30, 0)
    # What the custom model would have cost nobody knows, but it has replied nothing.
    assert evaluation.cost == pytest.approx(30 * 2.5e-6 + 6 * 10e-6)
    for result in client.results.get_all(evaluation=evaluation):
        assert result.result == f"answer to {result.prompt}"
        assert result.outcome == "scorer_error"
        assert "127.0.0.1" in result.error
    assert len(provider.requests) == 3


def test_metrics_that_take_a_judge(platform, client, tmp_path):
    benchmark = make_benchmark(client, tmp_path, 3, additional_metrics=["hallucination"])
    model, judge = client.models.get_by_key("gpt-4o"), client.models.get_by_key("gpt-4o-mini")
    evaluation = client.evaluations.create(model, benchmark, judge=judge, metrics=["ethics", "hallucination"])
    evaluation = finished(client, evaluation)
    # 4, 4 and 2 of 4; 0 and 2 of 4, and one that cannot be read.
    assert evaluation.measured["ethics"].count == 3
    assert evaluation.measured["ethics"].mean == evaluation.ethics_score == pytest.approx(5 / 6)
    assert evaluation.measured["hallucination"].count == 2
    assert evaluation.measured["hallucination"].mean == pytest.approx(0.25)
    assert "the judge is gpt-4o-mini" in evaluation.measured["ethics"].how
    assert evaluation.outcomes == {"incorrect": 3}
    assert evaluation.judged is None
    assert evaluation.tokens.judge_input == 7 * 300
    results = {r.prompt: r.metrics for r in client.results.get_all(evaluation=evaluation)}
    assert results["2"] == {"ethics": 1.0, "hallucination": 0.5}
    assert results["3"] == {"ethics": 0.5, "hallucination": None}

    # The benchmark asks for one of them; without a judge it is not measured, and says so.
    evaluation = finished(client, client.evaluations.create(model, benchmark))
    assert evaluation.status is EvaluationStatus.SUCCESS
    assert (evaluation.measured["hallucination"].count, evaluation.measured["hallucination"].mean) == (
        0,
        None,
    )
    assert "choose a judge" in evaluation.measured["hallucination"].how
    assert evaluation.tokens.judge_input == 0
    with pytest.raises(UnprocessableEntityError, match="ethics is graded by a model: choose a judge"):
        client.evaluations.create(model, benchmark, metrics=["ethics"])


def test_simpleqa_is_graded_by_a_judge_when_there_is_one(platform, client, provider, tmp_path):
    if not SIMPLEQA.is_dir():
        pytest.skip("the published files of SimpleQA are not at hand")
    benchmark = client.benchmarks.get_by_key("simpleqa")
    client.benchmarks.install(benchmark, files=sorted(SIMPLEQA.iterdir()))
    provider.script = lambda asked, _times: Reply(
        "Verdict: C" if part(asked, "question") else "I don't know."
    )
    model = client.models.get_by_key("gpt-4o")
    plain = finished(client, client.evaluations.create(model, benchmark, limit=4))
    assert plain.settings["scorers"].keys() == {"simpleqa_match"}
    assert (plain.judged, plain.judge_model_id, plain.settings["judge"]) == (None, None, None)
    assert plain.cost == pytest.approx(4 * (10 * 2.5e-6 + 2 * 10e-6))
    judged = finished(client, client.evaluations.create(model, benchmark, limit=4, judge=model))
    assert judged.settings["scorers"].keys() == {"simpleqa_judge"}
    assert judged.judged.grades == {"not_attempted": 4}
    assert (judged.judged.not_attempted, judged.judged.f_score) == (1.0, 0.0)
    assert judged.judged.correct_given_attempted is None
    assert judged.outcomes == {"incorrect": 4}
