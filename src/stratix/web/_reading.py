"""What was sent to a model and what came back, taken apart for reading."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

_THINK = re.compile(r"\s*<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)", re.DOTALL)
_CONTENT = re.compile(r'"(?:content|text)"\s*:\s*"((?:[^"\\]|\\.)*)')
_ROLES = ("system", "developer", "user", "assistant", "tool")


class Message(NamedTuple):
    """A message of a chat.

    Attributes:
        role: who speaks.
        text: what is said; what is no text as JSON.
    """

    role: str
    text: str


def messages(request: str | None, prompt: str) -> list[Message]:
    """Return the messages of a request as it was sent; without one the prompt as what the user says.

    Args:
        request: the body, JSON as text.
        prompt: the prompt as the benchmark has it: text, or the JSON of messages.
    """
    sent = _json(request)
    found = sent.get("messages") if isinstance(sent, dict) else None
    if not isinstance(found, list):
        found = _json(prompt) if prompt.startswith("[") else None
    if isinstance(found, list) and found and all(isinstance(each, dict) for each in found):
        return [Message(_role(each.get("role")), _text(each.get("content"))) for each in found]
    return [Message("user", prompt)]


def reasoning(response: str | None) -> str:
    """Return what the model thought aloud before its answer; "" where that is not known."""
    answer = _json(response)
    try:
        message = answer["choices"][0]["message"]
        content = message.get("content")
    except (TypeError, KeyError, IndexError, AttributeError):
        return ""
    own = message.get("reasoning_content") or message.get("reasoning")
    thoughts = [own] if isinstance(own, str) else []
    if isinstance(content, list):
        thoughts += [
            _text(part.get("thinking"))
            for part in content
            if isinstance(part, dict) and part.get("type") == "thinking"
        ]
    elif isinstance(content, str) and (block := _THINK.match(content)):
        thoughts.append(block[1])
    return "\n\n".join(thoughts).strip()


def gist(prompt: str) -> str:
    """Return what a prompt says, in brief: of messages, whose JSON may be cut short, their texts."""
    if not prompt.startswith(("[{", "{")):
        return prompt
    return " … ".join(_unescaped(part) for part in _CONTENT.findall(prompt)) or prompt


def pretty(text: str | None) -> str:
    """Return JSON with its parts indented; what is no JSON as it is."""
    value = _json(text)
    if value is None:
        return text or ""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _json(text: str | None) -> Any:
    try:
        return orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None


def _role(value: Any) -> str:
    return value if value in _ROLES else "other"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_text(part.get("text", part) if isinstance(part, dict) else part) for part in value)
    return "" if value is None else orjson.dumps(value).decode()


def _unescaped(part: str) -> str:
    found = _json(f'"{part}"')
    return found if isinstance(found, str) else part
