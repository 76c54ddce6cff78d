"""HTTP only: one router a noun, auth, errors, paging, OpenAPI."""

from __future__ import annotations

from stratix.api._application import BASE_PATH, create_app
from stratix.api._context import Context

__all__ = ["BASE_PATH", "Context", "create_app"]
