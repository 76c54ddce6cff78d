"""Statistics on results: pure functions, no I/O."""

from __future__ import annotations

from stratix.analysis.pass_at_k import pass_at_k

__all__ = ["pass_at_k"]
