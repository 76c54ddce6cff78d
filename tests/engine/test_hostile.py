"""An endpoint that is sick in every way: each prompt ends in one outcome, and what can be answered is."""

from __future__ import annotations

import time
from collections import defaultdict

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import EvaluationStatus

PROMPTS = 300
LONGEST = 5_000_000
RETRY_AFTER = 1.0
# By the number of the prompt modulo 100: what meets it the first time, and passes.
PASSING = {
    **dict.fromkeys((0, 1, 2), Reply("slow down", status=429, headers={"retry-after": f"{RETRY_AFTER:g}"})),
    **dict.fromkeys((3, 4), Reply("slow down", status=429)),
    **dict.fromkeys((5, 6, 7), Reply("out of order", status=500)),
    **dict.fromkeys((8, 9), Reply(drop=True)),
    10: Reply(delay=60.0),
    11: Reply(body=b'{"choices": [{"message": {"content": "half an ans'),
    12: Reply(body=b"<html><body>busy</body></html>"),
}
# And what meets it every time.
LASTING = {
    13: Reply(None),
    14: Reply(body=b'{"choices": []}'),
    15: Reply("nul \x00, half a pair \ud800, and \udfff"),
    16: Reply(None, message={"refusal": "I will not."}),
    17: Reply("", finish_reason="length", message={"reasoning_content": "hm"}),
    18: Reply("on and on", finish_reason="length"),
}


@pytest.fixture
def times() -> defaultdict[int, list[float]]:
    """When each prompt was asked."""
    return defaultdict(list)


@pytest.fixture
def provider(times):
    def script(asked: str, count: int) -> Reply:
        number = int(asked)
        times[number].append(time.monotonic())
        if number == PROMPTS - 1:
            return Reply("x" * LONGEST)
        kind = number % 100
        if kind in LASTING:
            return LASTING[kind]
        return PASSING[kind] if kind in PASSING and count == 1 else Reply(asked, delay=0.01)

    with ScriptedProvider(script) as provider:
        yield provider


def test_every_prompt_ends_in_one_outcome(tmp_path, provider, times, platform_database, start):
    variables = {"STRATIX_MAX_ATTEMPTS": "4", "STRATIX_REQUEST_TIMEOUT": "2", "STRATIX_WORKERS": "2"}
    with (
        Platform(tmp_path, provider.base_url, platform_database, **variables) as platform,
        platform.client() as client,
    ):
        evaluation = client.evaluations.wait_for_completion(start(client, PROMPTS), timeout_seconds=90)
        assert evaluation.status is EvaluationStatus.SUCCESS, evaluation.status_description
        each = PROMPTS // 100
        assert evaluation.outcomes == {
            "correct": PROMPTS - 6 * each - 1,
            "empty": each,
            "failed": each,
            "incorrect": each + 1,
            "refused": each,
            "reasoning_exhausted": each,
            "truncated": each,
        }
        results = {int(r.prompt): r for r in client.results.get_all(evaluation=evaluation)}
    assert sorted(results) == list(range(PROMPTS))
    assert len(results[PROMPTS - 1].result) == LONGEST
    assert results[15].result == "nul \ufffd, half a pair \ufffd, and \ufffd"
    assert "choices" in results[14].error
    for number, asked in times.items():
        kind = number % 100
        assert len(asked) == results[number].attempts
        assert len(asked) <= (4 if kind == 14 else 2 if kind in PASSING else 1), number
        if kind in PASSING and PASSING[kind].headers:
            assert asked[1] - asked[0] >= RETRY_AFTER
