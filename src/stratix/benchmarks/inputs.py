"""What a prompt's fields may be: each is checked alone, and a bad one is refused in words."""

from __future__ import annotations

import json
from typing import Any, Literal

from stratix.benchmarks.base import PromptInput
from stratix.benchmarks.lines import BadLine, type_name

InputType = Literal["messages", "json_payload"]

MAX_ID = 256
MAX_SUBSET = 256
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def input_of(value: Any, input_type: InputType | None) -> PromptInput:
    """Return a value as a prompt's input.

    Args:
        value: of JSON's types.
        input_type: what it must be: None for text, "messages" for a chat message list, "json_payload"
            for an object.

    Raises:
        BadLine: it is something else, or empty.
    """
    return {None: _text_input, "messages": _messages_input, "json_payload": _object_input}[input_type](value)


def truth_of(value: Any) -> str:
    """Return a value as a gold answer; numbers and booleans become their JSON text.

    Raises:
        BadLine: it is empty, or no text, number or boolean.
    """
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if not isinstance(value, str):
        raise BadLine(f"`truth` must be a string, a number or a boolean, not {type_name(value)}")
    if not value.strip():
        raise BadLine("`truth` is empty")
    return value


def subset_of(value: Any) -> str:
    """Return a value as the name of a subset; None is "".

    Raises:
        BadLine: it is neither text nor a whole number, or too long.
    """
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise BadLine(f"`subset` must be a string, not {type_name(value)}")
    if len(str(value)) > MAX_SUBSET:
        raise BadLine(f"`subset` has {len(str(value))} characters; at most {MAX_SUBSET} are allowed")
    return str(value)


def id_of(value: Any) -> str:
    """Return a value as a prompt's id.

    Raises:
        BadLine: it is neither text nor a whole number, empty, or too long.
    """
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
        raise BadLine(f"`id` must be a text or a whole number, not {type_name(value)}")
    if len(str(value)) > MAX_ID:
        raise BadLine(f"`id` has {len(str(value))} characters; at most {MAX_ID} are allowed")
    return str(value)


def _text_input(value: Any) -> PromptInput:
    if not isinstance(value, str):
        wanted = "messages" if isinstance(value, list) else "json_payload" if isinstance(value, dict) else ""
        hint = f'; create the benchmark with input_type="{wanted}"' if wanted else ""
        raise BadLine(f"`input` must be a string, not {type_name(value)}{hint}")
    if not value.strip():
        raise BadLine("`input` is empty")
    return value


def _messages_input(value: Any) -> PromptInput:
    if not isinstance(value, list):
        raise BadLine(f"`input` must be a list of chat messages, not {type_name(value)}")
    if not value:
        raise BadLine("`input` is empty: it needs at least one message")
    for position, message in enumerate(value, start=1):
        where = f"message {position} of `input`"
        if not isinstance(message, dict):
            raise BadLine(f"{where} must be an object, not {type_name(message)}")
        if message.get("role") not in _ROLES:
            raise BadLine(f"{where} needs a `role`, one of {', '.join(_ROLES)}")
        content = message.get("content")
        if not isinstance(content, str | list) and not message.get("tool_calls"):
            raise BadLine(f"{where} needs `content`, a string or a list of parts, not {type_name(content)}")
    return value


def _object_input(value: Any) -> PromptInput:
    if not isinstance(value, dict):
        raise BadLine(f"`input` must be an object, not {type_name(value)}")
    if not value:
        raise BadLine("`input` is empty")
    if "messages" in value:
        _messages_input(value["messages"])
        if reserved := {"model", "stream"} & set(value):
            raise BadLine(f"`input` may not set {', '.join(sorted(reserved))}: the evaluation does")
    return value
