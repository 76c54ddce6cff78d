"""Evaluations with worked examples, from the command line to the endpoint."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import UnprocessableEntityError
from stratix.cli.main import cli

TASK = "snarks"
QUESTIONS = [{"input": f"Which is sarcastic? {n}", "target": "(A)"} for n in range(4)]
WORKED = "canary\n-----\nPick one.\n\n" + "\n\n".join(
    f"Q: Example {n}?\nA: Let's think step by step.\nIt is {n}. So the answer is (B)." for n in range(3)
)


@pytest.fixture(scope="module")
def provider():
    with ScriptedProvider(lambda asked, times: Reply("Answer: (A)")) as provider:
        yield provider


@pytest.fixture(scope="module")
def platform(tmp_path_factory, provider):
    with Platform(tmp_path_factory.mktemp("few shot"), provider.base_url) as platform:
        yield platform


@pytest.fixture
def bbh(client, platform):
    folder = platform.folder / "files"
    folder.mkdir(exist_ok=True)
    (folder / f"{TASK}.json").write_text(json.dumps({"examples": QUESTIONS}))
    (folder / f"{TASK}.txt").write_text(WORKED)
    found = client.benchmarks.get_by_key("bbh")
    client.benchmarks.install(found, files=sorted(folder.iterdir()))
    return client.benchmarks.get_by_key("bbh")


@pytest.fixture
def run(client, bbh, provider):
    def run(**options):
        provider.requests.clear()
        model = client.models.get_by_key("gpt-4o")
        evaluation = client.evaluations.create(model=model, benchmark=bbh, **options)
        return client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)

    return run


def test_the_endpoint_is_shown_as_many_as_are_wanted(run, provider, client):
    ended = run(shots=2)
    assert (ended.status.value, ended.accuracy, ended.shots) == ("success", 1.0, 2)
    assert len(provider.requests) == len(QUESTIONS)
    for request in provider.requests:
        roles = [message["role"] for message in request["messages"]]
        assert roles == ["user", "assistant", "user", "assistant", "user"]
        texts = [message["content"] for message in request["messages"]]
        assert texts[0].startswith("Example 0?\n\nThink step by step.")
        assert texts[1] == "Let's think step by step.\nIt is 0.\n\nAnswer: (B)"
        assert texts[3] == "Let's think step by step.\nIt is 1.\n\nAnswer: (B)"
        assert texts[4].startswith("Which is sarcastic?")
    task = ended.settings["task"]
    assert task["shots"] == 2
    assert [example["input"] for example in task["examples"][TASK]] == ["Example 0?", "Example 1?"]
    [first, *_] = client.results.get_all(evaluation=ended)
    shown = client.results.get_one(first.result_id)
    assert "Example 1?" in shown.request


def test_the_usual_number_is_none_and_is_pinned_as_such(run, provider):
    for ended in (run(), run(shots=0)):
        assert [len(request["messages"]) for request in provider.requests] == [1] * len(QUESTIONS)
        assert (ended.shots, ended.settings["task"]["shots"]) == (0, 0)
        assert ended.settings["task"]["examples"] == {}


def test_more_than_there_are_is_refused(run, bbh):
    assert (bbh.few_shot.standard, bbh.few_shot.most, bbh.few_shot.shots) == ([3], 3, 0)
    assert "by the makers of the benchmark" in bbh.few_shot.origin
    with pytest.raises(UnprocessableEntityError, match="BIG-Bench Hard has 3 worked examples: ask for 3"):
        run(shots=4)


def test_benchmarks_without_any_say_so(client):
    model, boolq = client.models.get_by_key("gpt-4o"), client.benchmarks.get_by_key("boolq")
    assert boolq.few_shot is None
    with pytest.raises(UnprocessableEntityError, match="BoolQ has no worked examples"):
        client.evaluations.create(model=model, benchmark=boolq, shots=1)


def test_they_are_estimated_compared_and_ranked_by_themselves(run, client, bbh):
    model = client.models.get_by_key("gpt-4o")
    [plain] = client.evaluations.estimate(model, bbh, shots=0)
    [shown] = client.evaluations.estimate(model, bbh, shots=3)
    assert shown.tokens_input_most > 2 * plain.tokens_input_most
    zero, three = run(shots=0), run(shots=3)
    notes = client.evaluations.compare(zero, three).pairs[0].notes
    assert "They were shown 0 and 3 worked examples before each question." in notes
    [board] = client.leaderboards.get(bbh).leaderboards
    assert (board.shots, [entry.evaluation_id for entry in board.entries]) == (None, [zero.id])
    assert {other.shots for other in board.others} >= {3}


def test_the_command_line_takes_and_tells_the_number(platform, bbh, provider):
    variables = {
        "STRATIX_CREDENTIALS_FILE": str(platform.credentials),
        "LAYERLENS_STRATIX_API_KEY": None,
        "LAYERLENS_STRATIX_BASE_URL": None,
    }
    words = ["evaluate", "run", "--model", "gpt-4o", "--benchmark", "bbh", "--shots", "3"]
    shown = CliRunner().invoke(cli, [*words, "--watch"], env=variables)
    assert shown.exit_code == 0, shown.output
    assert "3 worked examples before each question" in shown.stdout
    refused = CliRunner().invoke(cli, [*words[:-1], "9"], env=variables)
    assert refused.exit_code != 0
    assert "ask for 3 at the most" in refused.output
    listed = CliRunner().invoke(cli, ["benchmarks", "get", "bbh"], env=variables)
    assert "worked examples" in listed.stdout
    assert "0 unless said, standard 3, at the most 3" in listed.stdout
