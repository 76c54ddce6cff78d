"""The pages, one noun a file; each has a `router`."""

from __future__ import annotations

from stratix.web.pages import (
    benchmark,
    benchmarks,
    charts,
    compare,
    evaluation,
    evaluations,
    home,
    leaderboard,
    login,
    model,
    models,
    new,
    results,
    settings,
    upload,
)

PAGES = (
    upload,
    benchmarks,
    benchmark,
    models,
    model,
    new,
    home,
    evaluations,
    evaluation,
    compare,
    charts,
    results,
    leaderboard,
    settings,
    login,
)
