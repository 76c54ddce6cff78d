"""HTTP only: one router a noun, auth, errors, paging, OpenAPI."""

from __future__ import annotations

from stratix.api._application import create_app
from stratix.api._context import Context

__all__ = ["Context", "create_app"]
