"""Accuracy against a price, with the frontier."""

from __future__ import annotations

import pytest

from stratix.charts.leaderboard import Offer, frontier, trade_off
from stratix.charts.render import svg
from stratix.charts.theme import DARK


def offer(label: str, price: float, accuracy: float) -> Offer:
    return Offer(label, price, accuracy, accuracy - 0.05, accuracy + 0.05)


def test_only_what_nothing_beats_is_on_the_frontier() -> None:
    rows = [offer("dear", 9, 0.8), offer("cheap", 1, 0.5), offer("worse", 2, 0.5), offer("best", 3, 0.8)]
    assert [row.label for row in frontier(rows)] == ["cheap", "best"]


def test_of_equal_prices_the_more_accurate_is_on_the_frontier() -> None:
    assert [row.label for row in frontier([offer("a", 1, 0.4), offer("b", 1, 0.6)])] == ["b"]


@pytest.mark.parametrize("prices", [(0.0, 0.0), (0.0, 1.0, 200.0), (0.01, 5.0), (1.0, 2.0), (3.0,)])
def test_every_model_is_drawn_whatever_it_costs(prices: tuple[float, ...]) -> None:
    rows = [offer(f"model {n}", price, 0.2 + n / 10) for n, price in enumerate(prices)]
    spec = trade_off(rows, "Ours", "dollars for 1,000 answers", theme=DARK)
    drawn = svg(spec)
    assert drawn.count("Dollars for 1,000 answers:") == len(rows)
    assert all(row.label in spec["description"] for row in rows)
    assert "NaN" not in drawn
