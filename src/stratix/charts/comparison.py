"""Charts of evaluations compared: differences with their intervals, cells, and subsets side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stratix.charts.theme import LIGHT, SHAPES, WIDTH, Spec, Theme, finished

_LETTERS = 24
"""Of a name beside another."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its interval, in a row of its own.

    Attributes:
        label: name of the row.
        value: the value, in shares: 0.031 is 3.1 points.
        low: lower end of its interval.
        high: upper end of its interval.
        sure: whether it is beyond chance; such a point is filled, any other hollow.
    """

    label: str
    value: float
    low: float
    high: float
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Both:
    """What two evaluations scored on the same part of a benchmark.

    Attributes:
        label: name of the part.
        first: mean score of the first, 0.0 to 1.0.
        second: mean score of the second.
        count: prompts of the part.
    """

    label: str
    first: float
    second: float
    count: int = 0


def differences(
    rows: Sequence[Interval], title: str, better: str, worse: str, *, theme: Theme = LIGHT
) -> Spec:
    """Return a chart of differences with their intervals around a line at 0.

    Args:
        rows: from top to bottom, values from -1.0 to 1.0.
        title: what it shows.
        better: who is better to the right of 0.
        worse: who is better to the left.
        theme: its colours.
    """
    said = "; ".join(
        f"{row.label}: {100 * row.value:+.1f} points ({100 * row.low:+.1f} to {100 * row.high:+.1f})"
        f"{', beyond chance' if row.sure else ''}"
        for row in rows
    )
    axis = [f"← {_brief(worse)} better · {_brief(better)} better →", "difference in points"]
    chart = _intervals(rows, axis, "+.0f", theme, zero=True)
    return finished(chart, title, f"{title}. {said}.", "95% intervals; filled: beyond chance", theme)


def intervals(
    rows: Sequence[Interval], title: str, axis: str = "accuracy in %", *, theme: Theme = LIGHT
) -> Spec:
    """Return a chart of values with their intervals, such as accuracies.

    Args:
        rows: from top to bottom, values from 0.0 to 1.0.
        title: what it shows.
        axis: what the values are.
        theme: its colours.
    """
    said = "; ".join(
        f"{row.label}: {100 * row.value:.1f} ({100 * row.low:.1f} to {100 * row.high:.1f})" for row in rows
    )
    chart = _intervals(rows, axis, ".0f", theme, zero=False)
    return finished(chart, title, f"{title}. {said}.", "95% intervals", theme)


def _brief(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"


def _intervals(
    rows: Sequence[Interval], axis: str | list[str], numbers: str, theme: Theme, *, zero: bool
) -> Any:
    import altair as alt  # It is slow to import, and few commands draw.

    values = [
        {**asdict(row), "value": 100 * row.value, "low": 100 * row.low, "high": 100 * row.high}
        for row in rows
    ]
    order = list(dict.fromkeys(row.label for row in rows))
    base = alt.Chart({"values": values}).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False))
    )
    position = alt.X(
        "low:Q", title=axis, scale=alt.Scale(zero=zero), axis=alt.Axis(format=numbers, tickCount=6)
    )
    bars = base.mark_rule(strokeWidth=2, color=theme.main).encode(x=position, x2="high:Q")
    points = base.mark_point(size=80, strokeWidth=2, color=theme.main, opacity=1).encode(
        x="value:Q",
        fill=alt.condition("datum.sure", alt.value(theme.main), alt.value(theme.background)),
    )
    layers = [bars, points]
    if zero:
        line = alt.Chart({"values": [{"at": 0}]}).mark_rule(color=theme.muted, strokeDash=[4, 3])
        layers.insert(0, line.encode(x="at:Q"))
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(26))


def cells(
    both_right: int,
    only_first: int,
    only_second: int,
    both_wrong: int,
    first: str,
    second: str,
    *,
    theme: Theme = LIGHT,
) -> Spec:
    """Return the four cells of two evaluations: how many prompts were right in which.

    Args:
        both_right: prompts right in both; likewise:
        only_first: in the first alone.
        only_second: in the second alone.
        both_wrong: in neither.
        first: name of the first evaluation.
        second: name of the second.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    total = max(1, both_right + only_first + only_second + both_wrong)
    rows = [
        {"first": one, "second": two, "share": count / total, "text": f"{count:,} ({count / total:.1%})"}
        for one, two, count in (
            ("right", "right", both_right),
            ("right", "wrong", only_first),
            ("wrong", "right", only_second),
            ("wrong", "wrong", both_wrong),
        )
    ]
    order = ["right", "wrong"]
    base = alt.Chart({"values": rows}).encode(
        x=alt.X("second:N", sort=order, title=second, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("first:N", sort=order, title=first),
    )
    shade = alt.Color(
        "share:Q",
        scale=alt.Scale(domain=[0, 1], range=[theme.background, theme.shade], interpolate="rgb"),
        legend=None,
    )
    boxes = base.mark_rect(stroke=theme.muted).encode(color=shade)
    counts = base.mark_text(fontSize=13, color=theme.ink).encode(text="text:N")
    chart = (boxes + counts).properties(width=260, height=130)
    said = (
        f"Of {total:,} prompts both got {both_right:,} right, {first} alone {only_first:,}, {second} alone "
        f"{only_second:,}, neither {both_wrong:,}."
    )
    return finished(chart, "Right and wrong in both", said, theme=theme)


def dots(
    rows: Sequence[Both],
    first: str,
    second: str,
    title: str = "Accuracy by subset",
    *,
    theme: Theme = LIGHT,
) -> Spec:
    """Return two dots a row, joined by a line: how far two evaluations are apart on each part.

    Args:
        rows: from top to bottom.
        first: name of the first evaluation.
        second: name of the second.
        title: what it shows.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    names = [first, second]
    values = [
        {
            "label": row.label,
            "who": who,
            "value": 100 * value,
            "first": 100 * row.first,
            "second": 100 * row.second,
        }
        for row in rows
        for who, value in zip(names, (row.first, row.second), strict=True)
    ]
    base = alt.Chart({"values": values}).encode(
        y=alt.Y("label:N", sort=[row.label for row in rows], title=None, axis=alt.Axis(ticks=False))
    )
    scale = alt.Scale(domain=[0, 100])
    lines = base.mark_rule(color=theme.muted).encode(
        x=alt.X("first:Q", title="accuracy in %", scale=scale), x2="second:Q"
    )
    points = base.mark_point(size=70, filled=True, opacity=1).encode(
        x=alt.X("value:Q", scale=scale),
        color=alt.Color("who:N", scale=alt.Scale(domain=names, range=list(theme.series[:2]))),
        shape=alt.Shape("who:N", scale=alt.Scale(domain=names, range=list(SHAPES[:2]))),
    )
    chart = (lines + points).properties(width=WIDTH, height=alt.Step(22))
    return finished(chart, title, f"{title}. {_said(rows, first, second)}.", theme=theme)


def scatter(
    rows: Sequence[Both],
    first: str,
    second: str,
    title: str = "Accuracy by subset",
    *,
    theme: Theme = LIGHT,
) -> Spec:
    """Return a point for each part of a benchmark: one evaluation across, the other up.

    Args:
        rows: the parts; a point is the larger, the more prompts its part has.
        first: name of the evaluation across.
        second: name of the one up; points above the line are better in it.
        title: what it shows.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    values = [{**asdict(row), "first": 100 * row.first, "second": 100 * row.second} for row in rows]
    scale = alt.Scale(domain=[0, 100])
    line = alt.Chart({"values": [{"at": 0}, {"at": 100}]}).mark_line(color=theme.muted, strokeDash=[4, 3])
    points = alt.Chart({"values": values}).mark_point(
        filled=True, color=theme.main, opacity=0.6, stroke=theme.ink
    )
    chart = alt.layer(
        line.encode(x=alt.X("at:Q", scale=scale), y=alt.Y("at:Q", scale=scale)),
        points.encode(
            x=alt.X("first:Q", title=f"{first}, accuracy in %", scale=scale),
            y=alt.Y("second:Q", title=f"{second}, accuracy in %", scale=scale),
            size=alt.Size("count:Q", legend=None, scale=alt.Scale(range=[30, 300])),
            tooltip=["label:N", "first:Q", "second:Q", "count:Q"],
        ),
    ).properties(width=320, height=320)
    return finished(
        chart, title, f"{title}. {_said(rows, first, second)}.", "above the line: better up", theme
    )


def _said(rows: Sequence[Both], first: str, second: str) -> str:
    return "; ".join(f"{row.label}: {first} {row.first:.1%}, {second} {row.second:.1%}" for row in rows)


def stacked(specs: Sequence[Spec]) -> Spec:
    """Return charts as one, each below the one before.

    Args:
        specs: as the functions of this room return them; at least one.
    """
    shared = {name: specs[0][name] for name in ("$schema", "config", "background")}
    apart_from = {*shared, "datasets"}
    own = [{name: value for name, value in spec.items() if name not in apart_from} for spec in specs]
    apart = dict.fromkeys(("color", "shape", "size"), "independent")
    return {
        **shared,
        "description": " ".join(spec["description"] for spec in specs),
        # A part finds its data by name at the top alone; the names are hashes of the data.
        "datasets": {name: rows for spec in specs for name, rows in spec.get("datasets", {}).items()},
        "vconcat": own,
        "spacing": 30,
        "resolve": {"scale": apart},
    }
