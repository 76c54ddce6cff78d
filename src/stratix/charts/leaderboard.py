"""Charts of many models: how accurate they are for what they cost, or for how long they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from stratix.charts.theme import LIGHT, WIDTH, Spec, Theme, finished

_WIDE = 20.0
_NEAR = 0.35


@dataclass(frozen=True, slots=True)
class Offer:
    """A model with its accuracy and its price, whatever is paid with.

    Attributes:
        label: name of the model.
        price: dollars or seconds, 0.0 or more.
        accuracy: 0.0 to 1.0.
        low: lower end of the accuracy's 95% interval.
        high: upper end.
    """

    label: str
    price: float
    accuracy: float
    low: float
    high: float


def frontier(rows: Sequence[Offer]) -> list[Offer]:
    """Return those that no other beats in one of price and accuracy without losing in the other.

    They come from the cheapest to the dearest, which is from the least to the most accurate.
    """
    found: list[Offer] = []
    for row in sorted(rows, key=lambda row: (row.price, -row.accuracy)):
        if not found or row.accuracy > found[-1].accuracy:
            found.append(row)
    return found


def trade_off(rows: Sequence[Offer], title: str, axis: str, *, theme: Theme = LIGHT) -> Spec:
    """Return a point for each model, price across and accuracy up, with the frontier as a line.

    Args:
        rows: at least one.
        title: what it shows.
        axis: what the price is.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    best = frontier(rows)
    prices = [row.price for row in rows]
    on_it = {row.label for row in best}
    values = [
        {
            **asdict(row),
            "accuracy": 100 * row.accuracy,
            "low": 100 * row.low,
            "high": 100 * row.high,
            "best": row.label in on_it,
            "interval": f"{100 * row.low:.1f} to {100 * row.high:.1f}",
        }
        for row in rows
    ]
    across = alt.X(
        "price:Q",
        title=axis,
        scale=_scale(prices),
        axis=alt.Axis(format="~g", tickCount=5),
    )
    height = alt.Scale(zero=False, padding=12)
    up = alt.Y("accuracy:Q", title="accuracy in %", scale=height)
    base = alt.Chart({"values": values}).encode(x=across)
    line = (
        alt.Chart({"values": [value for value in values if value["best"]]})
        .mark_line(color=theme.main, strokeWidth=1.5, interpolate="step-after", strokeDash=[5, 3])
        .encode(x=across, y=up)
    )
    whiskers = base.mark_rule(color=theme.muted, opacity=0.5).encode(
        y=alt.Y("low:Q", scale=height), y2="high:Q"
    )
    points = base.mark_point(size=90, strokeWidth=2, color=theme.main, opacity=1).encode(
        y=up,
        fill=alt.condition("datum.best", alt.value(theme.main), alt.value(theme.background)),
        tooltip=[
            alt.Tooltip("label:N", title="Model"),
            alt.Tooltip("accuracy:Q", title="Accuracy in %", format=".1f"),
            alt.Tooltip("interval:N", title="95% interval"),
            alt.Tooltip("price:Q", title=axis[:1].upper() + axis[1:], format=".3~g"),
        ],
    )
    sides: list[tuple[list[Offer], Literal["left", "right"], int]]
    near = {row.label for row in best if _place(row.price, prices) < _NEAR}
    sides = [
        ([row for row in best if row.label in near], "left", 7),
        ([row for row in best if row.label not in near], "right", -7),
    ]
    # To the left above a point there is room: the line comes from below. The cheapest would leave the chart.
    names = [
        alt.Chart({"values": [{**asdict(row), "accuracy": 100 * row.accuracy} for row in named]})
        .mark_text(align=align, baseline="bottom", dx=dx, dy=-4, fontSize=11, color=theme.ink, limit=170)
        .encode(x=across, y=up, text="label:N")
        for named, align, dx in sides
        if named
    ]
    chart = alt.layer(whiskers, line, points, *names).properties(width=WIDTH, height=300)
    said = "; ".join(f"{row.label}: {row.accuracy:.1%} at {row.price:.3g}" for row in rows)
    description = f"{title}. {axis}. {said}. On the frontier: {', '.join(row.label for row in best)}."
    subtitle = (
        "filled: no other is both cheaper and more accurate"
        if "dollars" in axis
        else ("filled: no other is both faster and more accurate")
    )
    return finished(chart, title, description, subtitle, theme)


def _place(price: float, prices: Sequence[float]) -> float:
    """Return about how far a price is to the right, 0.0 to 1.0 of all prices."""
    low, high = min(prices), max(prices)
    if low == high:
        return 0.0
    unit = min(one for one in prices if one > 0)
    if high / unit >= _WIDE:
        price, low, high = (math.log1p(one / unit) for one in (price, low, high))
    return (price - low) / (high - low)


def _scale(prices: Sequence[float]) -> Any:
    """Return a scale on which the cheap ones can be told apart too."""
    import altair as alt  # It is slow to import, and few commands draw.

    positive = [price for price in prices if price > 0]
    if not positive or max(positive) / min(positive) < _WIDE:
        return alt.Scale(zero=not positive, padding=16)
    if len(positive) == len(prices):
        return alt.Scale(type="log", nice=False, padding=16)
    return alt.Scale(type="symlog", constant=min(positive), nice=False, padding=16)
