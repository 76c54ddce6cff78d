"""Have answers graded by an evaluation's judge model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.template import letter
from stratix.benchmarks.tokens import VERDICT
from stratix.providers.base import Completion, ProviderError
from stratix.runner.calls import Patience, Unwanted, ask
from stratix.runner.endpoints import Model
from stratix.runner.limits import Line
from stratix.runner.outcome import LENGTH_REASONS
from stratix.runner.request import compose
from stratix.scorers import Judge, JudgeError, JudgeReply

Asked = tuple[Completion | ProviderError, int]
Through = Callable[[Mapping[str, Any], Callable[[], Awaitable[Asked]]], Awaitable[tuple[*Asked, bool]]]
"""Takes a request and what asks the endpoint, and may answer from elsewhere; says whether it did."""


def judge_of(model: Model, line: Line, patience: Patience, through: Through | None = None) -> Judge:
    """Return a judge for one answer: a model that is asked like any other.

    An answer that is there has been paid for, so it is judged even if its evaluation is paused or this
    process is told to stop meanwhile.

    Args:
        model: the judge model.
        line: where the evaluation's answers wait for it.
        patience: when to give up on one reply.
        through: where a reply may come from instead; it costs nothing then.
    """

    async def complete(messages: Sequence[dict[str, str]]) -> JudgeReply:
        body = compose(model.settings, messages, VERDICT)

        async def call() -> Asked:
            return await ask(model.provider, body, line, patience, lambda: True)

        try:
            answer, _, cached = await through(body, call) if through else (*await call(), False)
        except Unwanted:  # The line closes only when the key is refused.
            raise JudgeError("The judge is not asked any more: its endpoint refuses the key.") from None
        if isinstance(answer, ProviderError):
            raise JudgeError(f"The judge did not answer: {answer.message}")
        cost = model.price.of(answer.tokens_input, answer.tokens_output) if model.price else None
        cost = 0.0 if cached else cost
        cut_off = answer.finish_reason in LENGTH_REASONS
        return JudgeReply(answer.text, answer.tokens_input, answer.tokens_output, cost, cut_off)

    return Judge(complete)


def question(prompt: Prompt) -> str:
    """Return what a prompt asks as text for a judge: its options lettered, its messages with their roles."""
    asked = prompt.input.get("messages", prompt.input) if isinstance(prompt.input, dict) else prompt.input
    if isinstance(asked, str):
        options = [f"{letter(at)}. {text}" for at, text in enumerate(prompt.choices)]
        return "\n".join([asked, *options])
    if isinstance(asked, list):
        return "\n\n".join(f"{message.get('role', '')}: {_text(message.get('content'))}" for message in asked)
    return _text(asked)


def _text(content: Any) -> str:
    return content if isinstance(content, str) else orjson.dumps(content).decode()
