"""Simulations that hold the statistics to what they promise: coverage, false alarms and power."""

from __future__ import annotations

from stratix.analysis.selftest.alarms import ALARMS
from stratix.analysis.selftest.claim import RUNS, Claim, Finding, check
from stratix.analysis.selftest.coverage import COVERAGE

__all__ = ["CLAIMS", "RUNS", "Claim", "Finding", "check"]

CLAIMS: tuple[Claim, ...] = (*COVERAGE, *ALARMS)
"""All that is promised; each is checked by simulation, see `check`."""
