"""Searching in texts, with the same answer from every database."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ColumnElement, String, and_, cast, or_


def contains(text: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Return the condition that a text contains a value, in any case."""
    return text.icontains(value, autoescape=True)


def as_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a JSON column as text: a string as what it says, all else as its JSON."""
    text: ColumnElement[str] = column[()].as_string()
    return text


def json_contains(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """Return the condition that a JSON column contains a value, in any case.

    The strings inside messages and objects are searched as JSON writes them, so there the value is looked
    for in that form too.
    """
    text, escaped = as_text(column), orjson.dumps(value).decode()[1:-1]
    if escaped == value:
        return contains(text, value)
    inside = and_(cast(column, String).not_like('"%'), contains(text, escaped))
    return or_(contains(text, value), inside)
