"""The queue: the only room that knows the workflow engine."""

from __future__ import annotations

from stratix.queue.engine import Queue

__all__ = ["Queue"]
