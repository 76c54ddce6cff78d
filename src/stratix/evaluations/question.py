"""A prompt as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from stratix.benchmarks.template import letter


def question(asked: Any, choices: Sequence[str]) -> str:
    """Return what a prompt asks: messages one after the other, options lettered.

    Args:
        asked: the prompt's `input`: a text, messages, or any other JSON.
        choices: its options.
    """
    if isinstance(asked, dict):
        asked = asked.get("messages", asked)
    if isinstance(asked, list) and all(isinstance(message, dict) for message in asked):
        parts = [(message.get("role", ""), message.get("content")) for message in asked]
        if len(parts) == 1:
            return _plain(parts[0][1])
        return "\n\n".join(f"{role}: {_plain(content)}" for role, content in parts)
    options = [f"{letter(at)}. {text}" for at, text in enumerate(choices)]
    return "\n".join([_plain(asked), *options])


def _plain(content: Any) -> str:
    return content if isinstance(content, str) else orjson.dumps(content).decode()
