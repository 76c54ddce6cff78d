"""How many tokens a request may take: at the most for budgets, and most likely for estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from stratix.catalogue import Generation

BYTES_A_TOKEN = 3.7
"""UTF-8 bytes of text to a token: 4.3 on SimpleQA, 4.0 on GSM8K, 3.5 on BBH, 3.1 on HumanEval (SmolLM2)."""

VERDICT = Generation(max_tokens=2048, temperature=0.0)
"""How a judge is asked: enough for the reasoning wanted, whatever the benchmark allows its answers."""

VERDICTS_TRIED = 2
"""How often a judge is asked for a verdict that cannot be read."""

_INSTRUCTIONS = 8192
_BYTES_AN_ANSWER_TOKEN = 6
_A_MESSAGE = 4
# What a chat template adds besides the messages, such as a system message of the endpoint's own.
_TEMPLATE = 256
_ATTACHMENT = 16_384
_NO_LIMIT = 131_072


def most_tokens(body: Mapping[str, Any]) -> tuple[int, int]:
    """Return the most tokens a chat completions request can be charged for, read and written.

    No tokeniser makes more tokens of a text than it has UTF-8 bytes; the JSON around the texts
    stands for what the chat template puts around them. What is no text counts a flat sum.
    """
    read = len(orjson.dumps(body)) + _TEMPLATE + _ATTACHMENT * _attachments(body.get("messages", ()))
    limits = [body.get(name) for name in ("max_completion_tokens", "max_tokens")]
    known = [limit for limit in limits if isinstance(limit, int)]
    choices = body.get("n")
    return read, (max(known) if known else _NO_LIMIT) * (choices if isinstance(choices, int) else 1)


def most_for_verdict(shown: float, answer_tokens: int) -> float:
    """Return the most tokens a judge reads for a verdict, unless the answer has very long words.

    Args:
        shown: bytes of the question, the truth and the rubric.
        answer_tokens: the most tokens of the answer.
    """
    return _INSTRUCTIONS + shown + _BYTES_AN_ANSWER_TOKEN * answer_tokens


def likely_tokens(messages: Sequence[Mapping[str, Any]]) -> float:
    """Return about how many tokens chat messages are, by their bytes."""
    size = sum(len(_text(message.get("content"))) for message in messages)
    return size / BYTES_A_TOKEN + _A_MESSAGE * len(messages)


def _text(content: Any) -> bytes:
    return content.encode() if isinstance(content, str) else orjson.dumps(content)


def _attachments(messages: Any) -> int:
    contents = [message.get("content") for message in messages if isinstance(message, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return sum(isinstance(part, dict) and part.get("type") not in {None, "text"} for part in parts)
