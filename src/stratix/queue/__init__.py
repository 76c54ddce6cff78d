"""The queue: the only room that knows the workflow engine."""

from __future__ import annotations

from stratix.queue.engine import Queue
from stratix.queue.presence import Presence

__all__ = ["Presence", "Queue"]
