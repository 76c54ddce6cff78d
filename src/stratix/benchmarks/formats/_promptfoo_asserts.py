"""promptfoo's assertions as our scorers: one where one does it, else one regular expression for all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import regex

from stratix.benchmarks.formats import _jinja
from stratix.benchmarks.inputs import truth_of
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, type_name

_FIELDS = {"type", "value", "metric", "weight"}
_TEXT = {
    "equals",
    "contains",
    "icontains",
    "contains-any",
    "icontains-any",
    "contains-all",
    "icontains-all",
    "starts-with",
    "regex",
}
_JSON = {"is-json", "contains-json"}
_LENIENT = "is-json: JSON in a fenced block or after a word of prose is accepted too"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the answers to a test are judged.

    Attributes:
        key: names the kind; tests of one key have one scorer.
        scorer: its name.
        options: its options.
        truth: what an answer is compared with.
        aliases: what else is accepted.
        metadata: what the scorer needs besides.
    """

    key: str
    scorer: str
    options: dict[str, Any]
    truth: str
    aliases: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def judgement(asserts: list[Any], variables: Mapping[str, Any], findings: list[str]) -> Judgement:
    """Return the judgement that a test's assertions mean: all of them must hold.

    Args:
        asserts: as the file has them.
        variables: of the test, which fill the assertions' values.
        findings: gets a line for what differs from promptfoo.

    Raises:
        BadLine: there is none, or one that no scorer here does.
    """
    if not asserts:
        raise BadLine("has no `assert`, so there is nothing to judge an answer by")
    checks = [_check(one, variables) for one in asserts]
    if len(checks) == 1 and (single := _single(*checks[0], findings)):
        return single
    if names := [kind for kind, _ in checks if kind in _JSON]:
        raise BadLine(f"`{names[0]}` stands beside other assertions, which no scorer here judges together")
    return _pattern(r"\A" + "".join(_lookahead(kind, value) for kind, value in checks) + r"(?s:.*)")


def _check(given: Any, variables: Mapping[str, Any]) -> tuple[str, Any]:
    """Return an assertion's type and its value, filled."""
    if not isinstance(given, dict):
        raise BadLine(f"an assertion must be an object, not {type_name(given)}")
    kind = str(given.get("type"))
    base = kind.removeprefix("not-")
    if base not in _TEXT | _JSON or (base in _JSON and base != kind):
        raise BadLine(f"the assertion `{kind}` is not supported")
    if unknown := [name for name in given if name not in _FIELDS]:
        raise BadLine(f"`{unknown[0]}` of the assertion `{kind}` is not supported")
    if given.get("weight", 1) != 1:
        raise BadLine(f"`weight` of the assertion `{kind}` is not supported: all must hold")
    value = _filled(given.get("value"), variables)
    if isinstance(value, str) and value.startswith("file://"):
        raise BadLine(f"the value of `{kind}` is read from a file; write it out")
    if base in _JSON:
        return kind, value
    if base.endswith(("-any", "-all")):
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed:
            raise BadLine(f"the value of `{kind}` must be a list")
        return kind, [truth_of(one).strip() for one in listed]
    if value is None or isinstance(value, dict | list):
        raise BadLine(f"the value of `{kind}` must be a text, not {type_name(value)}")
    return kind, truth_of(value)


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(one, variables) for one in value]
    if isinstance(value, str) and "{" in value and ("{{" in value or "{%" in value):
        try:
            return _jinja.rendered(_jinja.compiled(value, "value"), variables, "value")
        except BadBenchmarkFile as error:
            raise BadLine(str(error)) from error
    return value


def _single(kind: str, value: Any, findings: list[str]) -> Judgement | None:
    """Return the judgement of one assertion that a scorer does by itself."""
    match kind:
        case "equals":
            options = {"ignore_case": False, "ignore_punctuation": "none"}
            return Judgement(kind, "exact", options, value)
        case "regex":
            return _pattern(value)
        case "contains" | "icontains" | "contains-any" | "icontains-any":
            options = {"ignore_case": kind.startswith("i"), "whole_words": False}
            first, *others = value if isinstance(value, list) else [value]
            key = kind.removesuffix("-any")
            return Judgement(key, "includes", options, first, tuple(others))
        case "is-json" | "contains-json":
            if kind == "is-json" and _LENIENT not in findings:
                findings.append(_LENIENT)
            return _json(value)
    return None


def _pattern(pattern: str) -> Judgement:
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise BadLine(f"the regular expression cannot be read: {error}") from error
    return Judgement("pattern", "regex", {"ignore_case": False}, pattern)


def _json(value: Any) -> Judgement:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise BadLine(f"the JSON schema is not JSON: {error}") from error
    if value is not None and not isinstance(value, dict):
        raise BadLine(f"a JSON schema must be an object, not {type_name(value)}")
    schema = value or {}
    return Judgement(
        "json", "json_schema", {}, json.dumps(schema, ensure_ascii=False), metadata={"schema": schema}
    )


def _lookahead(kind: str, value: Any) -> str:
    """Return what matches at the start of an answer for which an assertion holds."""
    base = kind.removeprefix("not-")
    case = "(?i:{})" if base.startswith("icontains") else "{}"
    parts = [case.format(regex.escape(one)) for one in (value if isinstance(value, list) else [value])]
    if base == "equals":
        found = [rf"{parts[0]}\s*\Z"]
    elif base == "starts-with":
        found = [parts[0]]
    elif base == "regex":
        found = [rf"(?s:.*?)(?:{value})"]
    elif base.endswith("-all"):
        found = [rf"(?s:.*?){part}" for part in parts]
    else:
        found = [rf"(?s:.*?)(?:{'|'.join(parts)})"]
    if kind == base:
        return "".join(f"(?={one})" for one in found)
    # Not to contain all of them is to lack one.
    return f"(?!{''.join(f'(?={one})' for one in found)})"
