"""Ids of rows: a noun, then 20 random characters."""

from __future__ import annotations

import secrets

EVALUATION = "eval"
"""The noun that ids of evaluations begin with."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(noun: str) -> str:
    """Return a fresh id such as `eval_4k0w...`; 100 random bits, so that it cannot be guessed."""
    return f"{noun}_{''.join(secrets.choice(_ALPHABET) for _ in range(20))}"
