"""Every answer is accounted for: a scripted endpoint, and the shares it must lead to, by hand.

Of 200 prompts the endpoint cuts off 60 (30%), refuses 10 (5%), answers nothing to 10 (5%) and fails
on 10 (5%). Of the 110 that are left it gets 77 right and 33 wrong. So

    accuracy as reported         77 / 200 = 0.385
    over valid answers only      77 / 110 = 0.7
    had the 90 others been wrong 77 / 200 = 0.385
    had they been right         167 / 200 = 0.835
    invalid                      90 / 200 = 45.0%
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter

import pytest
from click.testing import CliRunner
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from stratix.cli.main import cli
from stratix.storage import evaluations, exploring, results
from stratix.storage.database import Database

KINDS = (
    ["truncated"] * 60
    + ["refused"] * 10
    + ["empty"] * 10
    + ["failed"] * 10
    + ["correct"] * 77
    + ["incorrect"] * 33
)
SHARES = {"truncated": 60, "refused": 10, "empty": 10, "failed": 10, "correct": 77, "incorrect": 33}
INVALID = ("truncated", "refused", "empty", "failed")


def kinds() -> list[str]:
    """What becomes of each prompt, mixed, so that no slice or batch has one kind alone."""
    mixed = list(KINDS)
    random.Random(7).shuffle(mixed)
    return mixed


def reply(number: int, kind: str) -> Reply:
    """Return one of the forms that a kind of answer takes at real endpoints."""
    odd = number % 2 == 1
    match kind:
        case "truncated":  # What is there already looks right; its end is not known all the same.
            return Reply(str(number) if odd else "", finish_reason="length")
        case "refused":
            if odd:
                return Reply(None, message={"refusal": "I'm sorry, I can't help with that."})
            return Reply("", finish_reason="content_filter")
        case "empty":
            return Reply("" if odd else " \n")
        case "failed":
            return Reply("overloaded", status=503) if odd else Reply("no such thing", status=400)
        case "correct":
            return Reply(str(number))
    return Reply(str(number + 1))


@pytest.fixture
def platform(tmp_path, platform_database):
    by_prompt = {f"Say {n}": (n, kind) for n, kind in enumerate(kinds())}
    with (
        ScriptedProvider(lambda asked, _times: reply(*by_prompt[asked])) as provider,
        Platform(tmp_path, provider.base_url, platform_database, STRATIX_MAX_ATTEMPTS="2") as platform,
    ):
        yield platform


@pytest.fixture
def create(client, tmp_path):
    """Evaluate the 200 prompts to the end."""
    path = tmp_path / "two hundred.jsonl"
    path.write_text("\n".join(json.dumps({"input": f"Say {n}", "truth": str(n)}) for n in range(200)))
    made = client.benchmarks.create_custom(name="Shares", description="by hand", file_path=path)
    benchmark = client.benchmarks.get_by_id(made.benchmark_id)

    def evaluate(**options):
        model = client.models.get_by_key("gpt-4o")
        evaluation = client.evaluations.create(model=model, benchmark=benchmark, **options)
        return client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)

    return evaluate


async def test_the_shares_are_exactly_those_of_the_endpoint(platform, client, create, platform_database):
    evaluation = create()

    # On the record, and in the rows it was counted from.
    database = Database(platform_database or f"sqlite:///{platform.folder / 'data' / 'stratix.db'}")
    async with database.read() as connection:
        row = await evaluations.get(connection, evaluation.id)
        places, _ = await results.places(connection, row, 0, 500)
        rows = await exploring.rows_at(connection, row, places)
    await database.close()
    assert row.outcomes == SHARES
    assert (row.done, row.total, row.status) == (200, 200, "success")
    assert [r.outcome for r in rows] == kinds()

    # In the API.
    assert evaluation.outcomes == SHARES
    assert evaluation.failed_prompt_count == 10
    assert evaluation.accuracy == 0.385
    assert evaluation.accuracy_valid == 0.7
    assert (evaluation.accuracy_low, evaluation.accuracy_high) == (0.385, 0.835)
    listed = client.results.get_all(evaluation=evaluation)
    assert Counter(r.outcome for r in listed) == SHARES
    assert [r.prompt for r in listed] == [f"Say {n}" for n in range(200)]
    assert sum(r.score for r in listed) == 77
    assert all(r.score == 0.0 for r in listed if r.outcome in INVALID)
    assert {r.attempts for r in listed if r.outcome == "failed"} == {1, 2}
    assert all(r.error for r in listed if r.outcome == "failed")
    page = client.results.get(evaluation=evaluation, page_size=1)
    assert page.pagination.total_count == 200

    # Above the threshold of 5%, and said.
    said = evaluation.status_description
    assert said.startswith(
        "45.0% of the answers are not valid (60 cut off by the token limit, 10 refused, 10 empty, "
        "10 no response)"
    )
    assert "overloaded" in said
    assert "no such thing" in said

    # In the command line.
    variables = {
        "STRATIX_CREDENTIALS_FILE": str(platform.credentials),
        "LAYERLENS_STRATIX_API_KEY": None,
        "LAYERLENS_STRATIX_BASE_URL": None,
    }
    shown = CliRunner().invoke(cli, ["evaluate", "get", evaluation.id], env=variables)
    assert shown.exit_code == 0, shown.output
    for words in ("77 correct", "33 incorrect", "60 truncated", "10 refused", "10 empty", "10 failed"):
        assert words in shown.stdout
    for words in ("accuracy 38.5%", "bounds 38.5% to 83.5%", "45.0% of the answers are not valid"):
        assert words in shown.stdout
    for outcome, count in SHARES.items():
        options = ["--outcome", outcome, "--limit", "500", "--format", "json"]
        found = CliRunner().invoke(cli, ["results", "show", evaluation.id, *options], env=variables)
        assert found.exit_code == 0, found.output
        data = json.loads(found.stdout)
        assert (data["total_count"], len(data["results"])) == (count, count)
        assert {r["outcome"] for r in data["results"]} == {outcome}


def test_the_threshold_decides_whether_it_is_said(platform, create):
    assert create(invalid_threshold=0.45).status_description == ""  # At it is not above it.
    above = create(invalid_threshold=0.449)
    assert above.status_description.startswith("45.0% of the answers are not valid")
    assert above.is_success
    assert above.settings["invalid_threshold"] == 0.449


def test_the_summary_says_it_too(client, create):
    ended, deadline = create(), time.monotonic() + 60
    while not (ended.summary or ended.summary_error) and time.monotonic() < deadline:
        time.sleep(0.2)
        ended = client.evaluations.get_by_id(ended.id)
    assert ended.summary, ended.summary_error
    [said] = [text for text in ended.summary.analysis_summary.key_takeaways if "threshold" in text]
    assert "90 of 200 answers (45.0%)" in said
    for words in ("60 cut off", "10 refused", "10 empty", "10 never given"):
        assert words in said
    assert "above the threshold of 5.0%" in said
    assert "the number would be 83.5%" in said
