"""Ids of public things: derived from their keys, the same in every installation."""

from __future__ import annotations

import uuid
from typing import Literal

_NAMESPACE = uuid.UUID("5a3e1f0c-6f0b-5c7e-9d61-0d6f2f6f7a11")


def stable_id(kind: Literal["model", "benchmark"], key: str) -> str:
    """Return the id of a public model or benchmark: a UUID that depends on its kind and key alone."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{key}"))
