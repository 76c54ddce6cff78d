"""By client and command line on a real platform; the model is asked nothing more."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.support.platform import API_KEY, Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import AsyncStratix, ConflictError, Stratix, UnprocessableEntityError
from layerlens.models import Evaluation, EvaluationStatus, Outcome, ScorerChoice
from stratix import scorers
from stratix.cli.main import cli

ROWS = [
    ("capitals", "France", "Paris", Reply("Paris")),
    ("capitals", "Italy", "Rome", Reply("That is Rome.")),
    ("capitals", "Spain", "Madrid", Reply("\x1b[31mLisbon")),
    ("sums", "999+1", "1000", Reply("It is 1,000.")),
    ("sums", "1+1", "2", Reply("3", finish_reason="length")),
    ("sums", "4+4", "8", Reply("no sums today", status=400)),
]
REPLIES = {prompt: reply for _, prompt, _, reply in ROWS}


@pytest.fixture(params=["sqlite", "postgres"])
def platform_database(request: pytest.FixtureRequest) -> str:
    """What STRATIX_DATABASE_URL is set to: nothing, or a fresh PostgreSQL database."""
    return request.getfixturevalue("new_postgres") if request.param == "postgres" else ""


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider(lambda asked, _times: REPLIES.get(asked) or Reply(asked)) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path: Path, provider: ScriptedProvider, platform_database: str) -> Iterator[Platform]:
    with Platform(tmp_path, provider.base_url, platform_database) as platform:
        yield platform


@pytest.fixture
def client(platform: Platform) -> Iterator[Stratix]:
    with platform.client() as client:
        yield client


def evaluate(client: Stratix, folder: Path, rows: list[dict[str, str]]) -> Evaluation:
    """Run an evaluation to its end."""
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    created = client.benchmarks.create_custom(name="Rows", description="", file_path=path)
    assert created is not None
    model, benchmark = (
        client.models.get_by_key("gpt-4o"),
        client.benchmarks.get_by_id(created.benchmark_id),
    )
    assert model is not None
    assert benchmark is not None
    evaluation = client.evaluations.create(model, benchmark)
    assert evaluation is not None
    return evaluation


def six(client: Stratix, folder: Path) -> Evaluation:
    rows = [{"subset": s, "input": p, "truth": t} for s, p, t, _ in ROWS]
    found = client.evaluations.wait_for_completion(evaluate(client, folder, rows), timeout_seconds=60)
    assert found is not None
    assert found.outcomes == {"correct": 1, "incorrect": 3, "truncated": 1, "failed": 1}
    return found


def test_by_the_client_and_the_model_is_asked_nothing(
    platform: Platform, client: Stratix, provider: ScriptedProvider, tmp_path: Path
) -> None:
    evaluation = six(client, tmp_path)
    calls, results = len(provider.requests), client.results.get_all(evaluation=evaluation)
    seen: list[Any] = []
    scoring = client.evaluations.rescore(evaluation, scorer="includes", on_progress=seen.append)
    assert scoring is not None
    assert scoring.is_success
    assert seen[-1] == scoring
    assert scoring.accuracy == 2 / 6
    assert scoring.transitions == {"incorrect": {"correct": 1}}
    page = client.evaluations.get_scoring_changes(scoring, page_size=5)
    assert page is not None
    (changed,) = page.changes
    assert (changed.prompt, changed.old.outcome, changed.new.outcome) == ("Italy", "incorrect", "correct")
    assert changed.result_id in {result.result_id for result in results}

    numeric = client.evaluations.rescore(
        evaluation.id, scorer="includes", subset_scorers={"sums": ScorerChoice(name="numeric")}
    )
    assert numeric is not None
    assert numeric.outcomes == {"correct": 3, "incorrect": 1, "truncated": 1, "failed": 1}
    listed = client.evaluations.get_scorings(evaluation)
    assert listed is not None
    assert [found.id for found in listed.scorings] == [numeric.id, scoring.id]
    assert client.evaluations.get_scoring(evaluation, scoring.id) == scoring

    assert len(provider.requests) == calls == 6
    assert client.results.get_all(evaluation=evaluation) == results
    again = client.evaluations.get_by_id(evaluation.id)
    assert again is not None
    # A summary comes a little after the end.
    later = {"summary", "summary_error"}
    assert again.model_dump(exclude=later) == evaluation.model_dump(exclude=later)

    with pytest.raises(ValueError, match="options need the scorer"):
        client.evaluations.rescore(evaluation, options={"a": 1})
    with pytest.raises(UnprocessableEntityError, match="there is no scorer 'includez'"):
        client.evaluations.rescore(evaluation, scorer="includez")
    assert client.evaluations.rescore("eval_unknown") is None
    assert client.evaluations.get_scorings("eval_unknown") is None
    assert client.evaluations.get_scoring(evaluation, "scor_unknown") is None


async def test_by_the_asynchronous_client(platform: Platform, client: Stratix, tmp_path: Path) -> None:
    evaluation = six(client, tmp_path)
    async with AsyncStratix(api_key=API_KEY, base_url=f"{platform.address}/api/v1") as asynchronous:
        queued = await asynchronous.evaluations.rescore(evaluation.id, scorer="includes", timeout_seconds=0)
        scoring = await asynchronous.evaluations.rescore(evaluation.id, scorer="includes")
        assert queued is not None
        assert scoring is not None
        assert scoring.is_success
        assert queued.id != scoring.id
        page = await asynchronous.evaluations.get_scoring_changes(scoring)
    assert page is not None
    assert [row.prompt for row in page.changes] == ["Italy"]


def test_by_the_command_line(
    platform: Platform, client: Stratix, provider: ScriptedProvider, tmp_path: Path
) -> None:
    evaluation = six(client, tmp_path)
    cleared = [name for name in os.environ if name.startswith(("STRATIX_", "LAYERLENS_"))]
    environment = {**dict.fromkeys(cleared), "STRATIX_CREDENTIALS_FILE": str(platform.credentials)}

    def stratix(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(cli, ["rescore", *arguments], env=environment, prog_name="stratix")
        assert result.exit_code == code, result.output
        return result

    shown = stratix(evaluation.id, "--scorer", "includes").stdout
    assert "4 answers" in shown
    assert "includes (version" in shown
    assert "accuracy 16.7% → 33.3%" in shown
    assert "1 correct" in shown
    assert "2 correct" in shown
    assert "That is Rome." in shown
    assert "\x1b" not in shown

    options = ("--scorer", "includes", "--option", "ignore_case=false", "--format", "json")
    found = json.loads(stratix(evaluation.id, *options).stdout)
    assert found["scoring"]["scorer"]["options"] == {"ignore_case": False}
    assert [row["prompt"] for row in found["changes"]] == ["Italy"]

    assert "No verdict changes." in stratix(evaluation.id).stdout
    assert json.loads(stratix(evaluation.id, "--limit", "0", "--format", "json").stdout)["changes"] == []
    assert "no scorer 'nothing'" in stratix(evaluation.id, "--scorer", "nothing", code=5).stderr
    assert "--option needs --scorer" in stratix(evaluation.id, "--option", "a=1", code=2).stderr
    assert "NAME=VALUE" in stratix(evaluation.id, "--scorer", "exact", "--option", "a", code=2).stderr
    stratix("eval_unknown", code=3)
    assert len(provider.requests) == 6


def test_what_was_asked_for_is_done_after_a_crash(
    platform: Platform, client: Stratix, provider: ScriptedProvider, tmp_path: Path
) -> None:
    evaluation = six(client, tmp_path)
    assert platform.process is not None
    asked = client.evaluations.rescore(evaluation, scorer="includes", timeout_seconds=0)
    assert asked is not None
    platform.process.send_signal(signal.SIGKILL)
    platform.process.wait(10)
    platform.start()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = client.evaluations.get_scoring(evaluation, asked.id)
        assert found is not None
        if found.is_finished:
            break
        time.sleep(0.1)
    assert found.is_success
    assert found.changed == 1
    assert len(provider.requests) == 6


@pytest.mark.parametrize("end", ["success", "cancelled", "timeout"])
def test_whatever_its_end_an_evaluation_says_what_made_it(
    tmp_path: Path, provider: ScriptedProvider, platform_database: str, end: str
) -> None:
    provider.script = lambda asked, _: Reply(f"[{asked}]", delay=30.0 if asked == "slow" else 0.0)
    rows = [{"input": text, "truth": text} for text in ("a", "b", "a" if end == "success" else "slow")]
    deadline = {"STRATIX_EVALUATION_TIMEOUT": "5"} if end == "timeout" else {}
    with (
        Platform(tmp_path, provider.base_url, platform_database, **deadline) as platform,
        platform.client() as client,
    ):
        evaluation = evaluate(client, tmp_path, rows)
        if end == "cancelled":
            while (latest := client.evaluations.get_by_id(evaluation.id)) and not latest.outcomes:
                time.sleep(0.02)
            with pytest.raises(ConflictError, match="is in-progress"):
                client.evaluations.rescore(evaluation)
            client.evaluations.cancel(evaluation)
        ended = client.evaluations.wait_for_completion(evaluation, timeout_seconds=30)
        assert ended is not None
        assert ended.status is EvaluationStatus(end)
        pinned = ended.settings
        assert pinned["task"]["template"] == "{input}"
        assert pinned["task"]["scorer"] == {"name": "exact", "options": {}}
        assert pinned["task"]["generation"]["temperature"] == 0
        assert pinned["scorers"] == {"exact": scorers.load("exact").version}
        assert pinned["benchmark_version"]
        assert (pinned["model"], pinned["epochs"], pinned["limit"]) == ("gpt-4o", 1, None)
        # What came before the end can be scored again.
        scoring = client.evaluations.rescore(ended, scorer="includes")
        assert scoring is not None
        assert scoring.outcomes == {Outcome.CORRECT: sum(ended.outcomes.values())}
        assert len(provider.requests) == 3
