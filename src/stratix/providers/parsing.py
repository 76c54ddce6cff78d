"""Read a chat completions response, whatever the endpoint made of it."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_THINK = re.compile(r"\s*<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)", re.DOTALL)
_SHOWN = 300


class BadBody(ValueError):
    """The response is not a chat completion; the message says what it is instead."""


def load(raw: bytes) -> Any:
    """Parse JSON, lone surrogates and invalid UTF-8 included (they become U+FFFD).

    Raises:
        BadBody: it is not JSON.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:  # The standard library accepts escapes such as "\ud800", which orjson does not.
        return json.loads(clean(raw.decode("utf-8", "replace")))
    except ValueError:
        raise BadBody(f"The endpoint's answer is not JSON: {excerpt(raw)}") from None


def clean(text: str) -> str:
    """Replace what no database can store: NUL and lone surrogates become U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def excerpt(raw: bytes | str) -> str:
    """Return the beginning of a text on one line, for an error message."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    line = " ".join(text[: 4 * _SHOWN].split())
    return f"{line[:_SHOWN]}..." if len(line) > _SHOWN else line or "(empty)"


def error_message(payload: Any, fallback: str) -> str:
    """Return the endpoint's own words from an error body."""
    if isinstance(payload, dict):
        error = payload.get("error", payload)
        if isinstance(error, str) and error:
            return excerpt(error)
        if isinstance(error, dict):
            for name in ("message", "detail", "msg"):
                if isinstance(error.get(name), str) and error[name]:
                    return excerpt(error[name])
    return excerpt(fallback)


def message_of(payload: Any) -> tuple[dict[str, Any], str | None]:
    """Return the first choice's message and finish reason.

    Raises:
        BadBody: there is none.
    """
    choices = payload.get("choices") if isinstance(payload, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise BadBody(f"The endpoint's answer has no choices: {excerpt(json.dumps(payload))}")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise BadBody(f"The endpoint's answer has no message: {excerpt(json.dumps(payload))}")
    reason = choices[0].get("finish_reason")
    return message, reason if isinstance(reason, str) else None


def text_of(message: dict[str, Any]) -> tuple[str, str]:
    """Return answer and reasoning of a message.

    Content may be a string, null, or a list of parts; reasoning may stand in a field of its own, in
    parts of type `thinking`, or in a leading <think> block, closed or cut off.
    """
    content, reasoning = message.get("content"), message.get("reasoning_content") or message.get("reasoning")
    thoughts = [reasoning] if isinstance(reasoning, str) else []
    if isinstance(content, list):
        texts = []
        for part in content:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict) and part.get("type") == "thinking":
                thoughts.append(_part_text(part.get("thinking")))
            elif isinstance(part, dict):
                texts.append(_part_text(part.get("text")))
        content = "".join(texts)
    text = content if isinstance(content, str) else ""
    if found := _THINK.match(text):
        thoughts.append(found[1])
        text = text[found.end() :]
    return clean(text), clean("\n".join(thoughts))


def _part_text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_part_text(part.get("text") if isinstance(part, dict) else part) for part in value)
    return value if isinstance(value, str) else ""


def usage_of(payload: dict[str, Any]) -> tuple[int | None, int | None, int | None]:
    """Return tokens in, out and of reasoning; None for what is not reported."""
    usage = payload.get("usage")
    if not isinstance(usage, dict):
        return None, None, None
    details = usage.get("completion_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(reasoning)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
