"""The pages, one noun a file; each has a `router`."""

from __future__ import annotations

from stratix.web.pages import (
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
)

PAGES = (models, model, new, home, evaluations, evaluation, compare, charts, results, leaderboard, login)
