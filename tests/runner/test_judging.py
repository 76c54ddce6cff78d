"""The judge model as the runner asks it: over real HTTP, within its limits, with its price."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from tests.runner.test_outcome import TARGET, completion
from tests.support.provider import Reply, ScriptedProvider

from stratix import catalogue, scorers
from stratix.benchmarks.base import Prompt
from stratix.providers.openai import OpenAIProvider
from stratix.runner.calls import Patience
from stratix.runner.endpoints import Model, Price
from stratix.runner.judging import judge_of, question
from stratix.runner.limits import Limiter
from stratix.runner.outcome import grade
from stratix.runner.request import ModelSettings
from stratix.scorers import JudgedScorer, JudgeError


@contextlib.asynccontextmanager
async def asking(script, price=None, concurrency=10, attempts=2, own_limit=None):
    """Yield a function that makes judges of a scripted endpoint, and the endpoint."""
    with ScriptedProvider(script) as endpoint:
        provider = OpenAIProvider(endpoint.url, "sk-judge", 10.0)
        settings = ModelSettings("judge", max_tokens=500, extra_payload={"seed": 1})
        model = Model(provider, Limiter(concurrency), settings, price)
        try:
            line = model.limiter.line(most=own_limit)
            yield lambda: judge_of(model, line, Patience(attempts)), endpoint
        finally:
            await provider.close()


async def test_a_judge_is_asked_like_any_model():
    async with asking(lambda *_: Reply("Verdict: A"), Price(1e-6, 1e-5)) as (judge, endpoint):
        asked = judge()
        assert await asked.ask("Right?", "", str.upper) == "VERDICT: A"
        body = endpoint.requests[0]
        assert body["messages"] == [{"role": "user", "content": "Right?"}]
        assert (body["model"], body["max_tokens"], body["temperature"], body["seed"]) == ("judge", 500, 0, 1)
        assert (asked.tokens_input, asked.tokens_output) == (10, 2)
        assert asked.cost == pytest.approx(10e-6 + 20e-6)


async def test_without_a_price_or_a_count_of_tokens_the_cost_is_unknown():
    async with asking(lambda *_: Reply("A")) as (judge, _):
        asked = judge()
        await asked.ask("Right?", "", str)
        assert asked.cost is None
    async with asking(lambda *_: Reply("A", usage={"total_tokens": 3}), Price(1e-6, 1e-6)) as (judge, _):
        asked = judge()
        await asked.ask("Right?", "", str)
        assert (asked.cost, asked.tokens_input) == (None, 0)


async def test_what_may_pass_is_tried_again_and_what_will_not_is_told():
    async with asking(lambda _, times: Reply("A", status=500 if times == 1 else 200)) as (judge, endpoint):
        assert await judge().ask("Right?", "", str) == "A"
        assert len(endpoint.requests) == 2
    async with asking(lambda *_: Reply("bad key sk-judge", status=401)) as (judge, endpoint):
        with pytest.raises(JudgeError, match=r"The judge did not answer: HTTP 401 .*bad key \*\*\*"):
            await judge().ask("Right?", "", str)
        assert len(endpoint.requests) == 1


async def test_a_reply_that_was_cut_off_is_known_as_such():
    async with asking(lambda *_: Reply("Verdict: A", finish_reason="length")) as (judge, _):
        asked = judge()
        with pytest.raises(JudgeError, match="the token limit cut it off"):
            await asked.ask("Right?", "Again.", str)
        assert [reply.cut_off for reply in asked.replies] == [True, True]


@pytest.mark.parametrize(("concurrency", "own_limit", "most"), [(3, None, 3), (10, 2, 2)])
async def test_judges_keep_to_their_limits(concurrency, own_limit, most):
    def script(*_):
        return Reply("A", delay=0.05)

    async with asking(script, concurrency=concurrency, own_limit=own_limit) as (judge, endpoint):
        await asyncio.gather(*(judge().ask(str(n), "", str) for n in range(12)))
        assert endpoint.most_in_flight == most


@pytest.mark.parametrize(
    "answer",
    [
        completion("Paris", finish_reason="length"),
        completion("", finish_reason="stop"),
        completion(refused=True),
    ],
)
async def test_what_is_no_whole_answer_is_not_paid_to_be_judged(answer):
    async with asking(lambda *_: Reply("Verdict: A")) as (judge, endpoint):
        outcome, score = await grade(answer, scorers.make("simpleqa_judge"), "Where?", TARGET, judge())
        assert outcome in {"truncated", "empty", "refused"}
        assert (score.value, score.grade) == (0.0, None)
        assert endpoint.requests == []


async def test_a_judged_scorer_that_breaks_costs_one_result_and_says_why():
    class Broken(JudgedScorer):
        name = "broken"

        async def score(self, answer, question, target, judge):
            raise RuntimeError("out of order")

    async with asking(lambda *_: Reply("A")) as (judge, _):
        outcome, score = await grade(completion(), Broken(), "Where?", TARGET, judge())
    assert (outcome, score.value, score.explanation) == ("scorer_error", 0.0, "RuntimeError: out of order")


MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where?"}]


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        (Prompt("1", "Where?", ""), "Where?"),
        (Prompt("1", "Where?", "", choices=("here", "there")), "Where?\nA. here\nB. there"),
        (Prompt("1", MESSAGES, ""), "system: Be brief.\n\nuser: Where?"),
        (Prompt("1", {"messages": MESSAGES, "stop": ["."]}, ""), "system: Be brief.\n\nuser: Where?"),
        (Prompt("1", {"place": "here"}, ""), '{"place":"here"}'),
        (
            Prompt("1", [{"role": "user", "content": [{"type": "text", "text": "Where?"}]}], ""),
            'user: [{"type":"text","text":"Where?"}]',
        ),
        (Prompt("1", [{"role": "assistant", "tool_calls": []}], ""), "assistant: null"),
    ],
)
def test_a_prompt_as_a_judge_reads_it(prompt, text):
    assert question(prompt) == text


def test_what_the_catalogue_has_judged_is_judged():
    found = [entry.task.judged_scorer for entry in catalogue.public_benchmarks() if entry.task.judged_scorer]
    assert found
    for spec in found:
        assert isinstance(scorers.make(spec.name, **spec.options), JudgedScorer)
