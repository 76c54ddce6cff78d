"""The runner: asks the model every prompt of a slice, scores the answers and stores them as they come."""

from __future__ import annotations

from stratix.runner.runner import Runner

__all__ = ["Runner"]
