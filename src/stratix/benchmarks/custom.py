"""Custom benchmarks: an uploaded JSONL file to prompts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from stratix.benchmarks.base import Prompt, PromptInput
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, parse_object, type_name

__all__ = ["BadBenchmarkFile", "InputType", "parse"]

InputType = Literal["messages", "json_payload"]

_SHOWN_PROBLEMS = 20
_MAX_SUBSET = 256
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_BOM = b"\xef\xbb\xbf"


def parse(lines: Iterable[bytes], input_type: InputType | None = None) -> Iterator[Prompt]:
    """Yield the prompts of a custom benchmark; a prompt's id is the number of its line.

    Prompts come while the file is read, and bad lines are reported once all of it is: keep nothing of
    a file before the iterator has ended. Blank lines are skipped; equal lines are prompts each.

    Args:
        lines: the file, opened in binary mode, or its lines.
        input_type: what `input` must be: None for text, "messages" for a chat message list,
            "json_payload" for an object.

    Raises:
        BadBenchmarkFile: lines are bad, or there is none at all.
    """
    problems: list[tuple[int, str]] = []
    bad = good = 0
    for number, line in enumerate(lines, start=1):
        line = line.removeprefix(_BOM) if number == 1 else line
        if not line.strip():
            continue
        try:
            prompt = _prompt(number, parse_object(line), input_type)
        except BadLine as error:
            bad += 1
            if len(problems) < _SHOWN_PROBLEMS:
                problems.append((number, str(error)))
        else:
            good += 1
            yield prompt
    if bad:
        summary = f"{bad} of {bad + good} lines cannot be used; nothing was kept."
        raise BadBenchmarkFile(summary, problems, bad - len(problems))
    if not good:
        raise BadBenchmarkFile(
            'The file holds no prompts. It needs one JSON object a line: {"input": "...", "truth": "..."}'
        )


def _prompt(number: int, row: dict[str, Any], input_type: InputType | None) -> Prompt:
    for name in ("input", "truth"):
        if row.get(name) is None:
            present = ", ".join(f"`{field}`" for field in row) or "no field at all"
            raise BadLine(f"`{name}` is missing (the line has {present})")
    check = {None: _text_input, "messages": _messages_input, "json_payload": _object_input}[input_type]
    return Prompt(str(number), check(row["input"]), _truth(row["truth"]), _subset(row.get("subset")))


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


def _truth(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if not isinstance(value, str):
        raise BadLine(f"`truth` must be a string, a number or a boolean, not {type_name(value)}")
    if not value.strip():
        raise BadLine("`truth` is empty")
    return value


def _subset(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise BadLine(f"`subset` must be a string, not {type_name(value)}")
    if len(str(value)) > _MAX_SUBSET:
        raise BadLine(f"`subset` has {len(str(value))} characters; at most {_MAX_SUBSET} are allowed")
    return str(value)
