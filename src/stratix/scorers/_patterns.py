"""JSON schema keywords that match patterns, bounded in time.

The `jsonschema` library matches with the standard library's `re`, which holds the interpreter's lock for as
long as a match takes: one pattern that backtracks for ever would stop every thread of the process. These
keywords match with the `regex` library instead, which lets other threads run and gives up in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex
from jsonschema import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

SECONDS = 1.0
"""The longest one match may take; a slower one raises TimeoutError."""


def bounded(kind: type[Validator]) -> type[Validator]:
    """Return a validator class whose pattern keywords are those of this file."""
    keywords = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    }
    bounded_kind: type[Validator] = extend(kind, keywords)  # type: ignore[no-untyped-call]  # the library states no types here
    return bounded_kind


def check(schema: Any) -> None:
    """Refuse what cannot be bounded: `unevaluatedProperties` beside `patternProperties`.

    Raises:
        ValueError: the schema has both.
    """
    found = set(_keywords(schema))
    if {"unevaluatedProperties", "patternProperties"} <= found:
        raise ValueError("unevaluatedProperties and patternProperties cannot be used in one schema here")


def _keywords(schema: Any) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield from part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _found(pattern: str, text: str) -> bool:
    return regex.search(pattern, text, timeout=SECONDS) is not None


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not _found(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for name, value in instance.items():
            if _found(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, subschema: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    patterns = schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in schema.get("properties", {}) or any(_found(pattern, name) for pattern in patterns):
            continue
        if validator.is_type(subschema, "object"):
            yield from validator.descend(value, subschema, path=name)
        elif not subschema:
            yield ValidationError(f"{name!r} is not one of the properties allowed")
