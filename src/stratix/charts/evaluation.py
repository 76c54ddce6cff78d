"""Charts of one evaluation: latency, accuracy by subset, score against length, outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stratix.charts.comparison import Interval, intervals
from stratix.charts.theme import LIGHT, WIDTH, Spec, Theme, finished

_LABELLED, _NAMED = 0.07, 0.25
"""Shares that have room for a number, and for a name as well."""


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie between two.

    Attributes:
        low: lower edge.
        high: upper edge.
        count: values between them.
    """

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """The mean score of what is about as long.

    Attributes:
        low: least length, in characters.
        high: greatest length.
        count: prompts or answers.
        value: mean score, 0.0 to 1.0.
        lower: lower end of its interval.
        upper: upper end.
    """

    low: int
    high: int
    count: int
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How the answers to one part of a benchmark ended.

    Attributes:
        label: name of the part.
        outcomes: how many answers ended how, by outcome.
    """

    label: str
    outcomes: Mapping[str, int]


def latency(
    bins: Sequence[Bin],
    percentiles: Mapping[str, float],
    title: str = "Response time",
    *,
    theme: Theme = LIGHT,
) -> Spec:
    """Return a histogram of response times on a logarithmic scale, with percentiles marked.

    Args:
        bins: in milliseconds, from the shortest time.
        percentiles: in milliseconds, by the name to show, such as `median`.
        title: what it shows.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    total = sum(one.count for one in bins)
    floor = _floor(bins)
    values = [
        {"low": max(one.low, floor) / 1000, "high": max(one.high, floor) / 1000, "count": one.count}
        for one in bins
    ]
    scale = alt.Scale(type="log", nice=False)
    axis = alt.Axis(title="seconds, on a logarithmic scale", format="~g", tickCount=6, grid=False)
    bars = (
        alt.Chart({"values": values})
        .mark_bar(color=theme.main, stroke=theme.background, strokeWidth=1)
        .encode(
            x=alt.X("low:Q", scale=scale, axis=axis),
            x2="high:Q",
            y=alt.Y(
                "count:Q",
                title="answers",
                scale=alt.Scale(domainMin=0),
                axis=alt.Axis(format=",d", tickMinStep=1),
            ),
            y2=alt.datum(0),
        )
    )
    marks = [{"at": max(value, floor) / 1000} for value in percentiles.values()]
    rules = alt.Chart({"values": marks}).mark_rule(color=theme.ink, strokeDash=[4, 3])
    lines = rules.encode(x=alt.X("at:Q", scale=scale))
    chart = alt.layer(bars, lines).properties(width=WIDTH, height=180)
    said = "; ".join(f"{name} {_seconds(value)}" for name, value in percentiles.items())
    parts = ", ".join(
        f"{_seconds(one.low)} to {_seconds(one.high)}: {one.count:,}" for one in bins if one.count
    )
    description = f"{title} of {total:,} answers: {said}. Answers by time: {parts}."
    return finished(chart, title, description, f"dashed, from the left: {said}", theme)


def subsets(rows: Sequence[Interval], title: str = "Accuracy by subset", *, theme: Theme = LIGHT) -> Spec:
    """Return the accuracy of each subset with its interval; see `comparison.intervals`."""
    return intervals(rows, title, theme=theme)


def length(
    stretches: Sequence[Stretch],
    title: str = "Score against prompt length",
    of: str = "prompts",
    *,
    theme: Theme = LIGHT,
) -> Spec:
    """Return the mean score by length, from the shortest to the longest, with intervals.

    Args:
        stretches: from the shortest.
        title: what it shows.
        of: what is that long.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    values = [
        {
            "label": _span(one.low, one.high),
            "value": 100 * one.value,
            "lower": 100 * one.lower,
            "upper": 100 * one.upper,
        }
        for one in stretches
    ]
    order = [_span(one.low, one.high) for one in stretches]
    base = alt.Chart({"values": values}).encode(
        x=alt.X("label:N", sort=order, title=f"characters of the {of}", axis=alt.Axis(labelAngle=-40))
    )
    scale = alt.Scale(domain=[0, 100])
    bars = base.mark_rule(strokeWidth=2, color=theme.main).encode(
        y=alt.Y("lower:Q", title="mean score in %", scale=scale), y2="upper:Q"
    )
    points = base.mark_point(size=80, filled=True, color=theme.main, opacity=1).encode(y="value:Q")
    chart = (bars + points).properties(width=WIDTH, height=200)
    said = "; ".join(
        f"{_span(one.low, one.high)} characters, {one.count:,} {of}: {100 * one.value:.1f} "
        f"({100 * one.lower:.1f} to {100 * one.upper:.1f})"
        for one in stretches
    )
    return finished(
        chart, title, f"{title}. {said}.", f"95% intervals; each part has about as many {of}", theme
    )


def outcomes(rows: Sequence[Ended], title: str = "How the answers ended", *, theme: Theme = LIGHT) -> Spec:
    """Return a bar for each part of a benchmark, parted by how its answers ended.

    Shares that have room for it are labelled, so the chart can be read without colours.

    Args:
        rows: from top to bottom.
        title: what it shows.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    known = [name for name in theme.outcomes if any(row.outcomes.get(name) for row in rows)]
    values: list[dict[str, Any]] = []
    for row in rows:
        total, start = max(1, sum(row.outcomes.values())), 0.0
        for name in known:
            share = row.outcomes.get(name, 0) / total
            if share:
                values.append(
                    {
                        "label": row.label,
                        "outcome": name.replace("_", " "),
                        "start": 100 * start,
                        "end": 100 * (start + share),
                        "middle": 100 * (start + share / 2),
                        "text": _label(name, share),
                        "ink": "#000000" if _is_light(theme.outcomes[name]) else "#ffffff",
                    }
                )
            start += share
    base = alt.Chart({"values": values}).encode(
        y=alt.Y(
            "label:N", sort=[row.label for row in rows], title=None, axis=alt.Axis(ticks=False, domain=False)
        )
    )
    names = [name.replace("_", " ") for name in known]
    colour = alt.Color(
        "outcome:N",
        scale=alt.Scale(domain=names, range=[theme.outcomes[name] for name in known]),
        legend=alt.Legend(columns=5, symbolType="square"),
    )
    across = alt.X("start:Q", title="share of the answers in %", scale=alt.Scale(domain=[0, 100]))
    bars = base.mark_bar(stroke=theme.background, strokeWidth=1.5, height=18).encode(
        x=across, x2="end:Q", color=colour
    )
    texts = base.mark_text(fontSize=10).encode(
        x="middle:Q", text="text:N", color=alt.Color("ink:N", scale=None)
    )
    chart = (
        alt.layer(bars, texts).resolve_scale(color="independent").properties(width=WIDTH, height=alt.Step(24))
    )
    said = "; ".join(
        f"{row.label}: "
        + ", ".join(
            f"{row.outcomes[name]:,} {name.replace('_', ' ')}" for name in known if row.outcomes.get(name)
        )
        for row in rows
    )
    return finished(chart, title, f"{title}. {said}.", "from left to right as in the legend", theme)


def _floor(bins: Sequence[Bin]) -> float:
    """Return the least time that is drawn, in milliseconds: a logarithmic scale has no place for 0."""
    edges = [edge for one in bins for edge in (one.low, one.high)]
    least = min((edge for edge in edges if edge > 0), default=1.0)
    return least / 2 if min(edges, default=0.0) <= 0 else least


def _seconds(milliseconds: float) -> str:
    if milliseconds < 1000:
        return f"{milliseconds:.3g} ms"
    return f"{milliseconds / 1000:,.3g} s" if milliseconds < 1_000_000 else f"{milliseconds / 1000:,.0f} s"


def _span(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _label(outcome: str, share: float) -> str:
    if share < _LABELLED:
        return ""
    name = f"{outcome.replace('_', ' ')} " if share >= _NAMED else ""
    return f"{name}{100 * share:.0f}%"


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140
