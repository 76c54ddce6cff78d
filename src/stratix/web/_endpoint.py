"""The form of a custom model, and the requests to the API that it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

_TEXTS = ("name", "key", "description")
_PRICES = {"input_price": "cost_per_input_token", "output_price": "cost_per_output_token"}
_NUMBERS = ("requests_per_minute", "tokens_per_minute")


class BadForm(Exception):
    """A field holds what cannot be understood.

    Attributes:
        fields: what is wrong, by name.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in fields.items()))
        self.fields = fields


def created(said: Mapping[str, str]) -> dict[str, Any]:
    """Return the body that creates a model.

    Raises:
        BadForm: a field cannot be understood.
    """
    body: dict[str, Any] = {name: said.get(name, "").strip() for name in _TEXTS}
    body |= {name: value for name, value in _common(said).items() if value is not None}
    if key := said.get("api_key", "").strip():
        body["api_key"] = key
    return body


def changed(said: Mapping[str, str]) -> dict[str, Any]:
    """Return the body that changes a model: prices and limits that were emptied are taken away.

    Raises:
        BadForm: a field cannot be understood.
    """
    body = _common(said)
    if body["extra_payload"] is None and "forget_payload" not in said:
        del body["extra_payload"]
    if key := said.get("api_key", "").strip():
        body["api_key"] = key
    elif "forget_key" in said:
        body["api_key"] = None
    return body


def shown_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what the API said of fields by their names in the form."""
    names = {theirs: ours for ours, theirs in _PRICES.items()}
    return {names.get(name, name): message for name, message in fields.items()}


def _common(said: Mapping[str, str]) -> dict[str, Any]:
    problems: dict[str, str] = {}
    body: dict[str, Any] = {
        "api_url": said.get("api_url", "").strip(),
        "max_tokens": said.get("max_tokens", "").strip(),
    }
    for name in _NUMBERS:
        body[name] = said.get(name, "").strip() or None
    for ours, theirs in _PRICES.items():
        try:
            text = said.get(ours, "").strip().removeprefix("$")
            body[theirs] = str(Decimal(text) / 1_000_000) if text else None
        except InvalidOperation:
            problems[ours] = "is no amount of US dollars, such as 0.15"
    try:
        text = said.get("extra_payload", "").strip()
        body["extra_payload"] = json.loads(text) if text else None
    except ValueError as error:
        problems["extra_payload"] = f"is not JSON: {error}"
    if problems:
        raise BadForm(problems)
    return body
