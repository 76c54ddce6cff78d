"""How much an endpoint is sent at once and a minute, whose turn it is, and when it is left alone."""

from __future__ import annotations

from stratix.runner.limits.limiter import Limiter
from stratix.runner.limits.line import Line, Refused, Unwanted
from stratix.runner.limits.rate import Rate
from stratix.runner.limits.sharing import Sharing

__all__ = ["Limiter", "Line", "Rate", "Refused", "Sharing", "Unwanted"]
