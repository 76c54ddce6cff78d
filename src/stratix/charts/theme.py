"""How all charts look: told apart without colour, with a text that says what they show."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import Any

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a chart.

    Attributes:
        background: behind everything.
        ink: of titles.
        muted: of axes, labels, and lines that only help.
        grid: of the lines in the background.
        shade: for the largest share; the smallest has the background's.
        series: of values, the first ones first; people with any kind of colour vision tell them apart, and
            they differ in lightness.
        outcomes: by outcome, in the order in which they are shown; the dashboard has the same.

    Source: M. Okabe and K. Ito, "Color universal design", 2008.
    """

    background: str
    ink: str
    muted: str
    grid: str
    shade: str
    series: tuple[str, ...]
    outcomes: dict[str, str]

    @property
    def main(self) -> str:
        """The colour of what stands alone."""
        return self.series[0]


def _outcomes(reasoning_exhausted: str, refused: str, failed: str, scorer_error: str) -> dict[str, str]:
    """Return the colours of outcomes, from right over wrong to what is no answer."""
    return {
        "correct": "#009e73",
        "partial": "#56b4e9",
        "incorrect": "#d55e00",
        "unparsed": "#e69f00",
        "truncated": "#cc79a7",
        "reasoning_exhausted": reasoning_exhausted,
        "refused": refused,
        "empty": "#a9b0bc",
        "failed": failed,
        "scorer_error": scorer_error,
    }


LIGHT = Theme(
    background="#ffffff",
    ink="#151a23",
    muted="#566070",
    grid="#e5e5e5",
    shade="#7fb8d9",
    series=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#666666"),
    outcomes=_outcomes("#8d4e85", "#0072b2", "#4d5665", "#14181f"),
)
DARK = Theme(
    background="#161a22",
    ink="#e7eaf0",
    muted="#a0a9b8",
    grid="#2a303c",
    shade="#0f5c8a",
    series=("#56b4e9", "#e69f00", "#35c79b", "#cc79a7", "#a0a9b8"),
    outcomes=_outcomes("#b077a8", "#3f9bd8", "#8b95a7", "#f3f4f6"),
)
PAPER = replace(
    LIGHT,
    outcomes={
        "correct": "#00573f",
        "partial": "#4fa3d6",
        "incorrect": "#f2a37a",
        "unparsed": "#f7d774",
        "truncated": "#a8557c",
        "reasoning_exhausted": "#4f2150",
        "refused": "#6fb1e0",
        "empty": "#e3e6ea",
        "failed": "#5b6472",
        "scorer_error": "#14181f",
    },
)
"""For what may be printed without colours: neighbours differ in lightness."""

THEMES = {"light": LIGHT, "dark": DARK, "paper": PAPER}

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
"""The shape of each series, so that no chart needs its colours to be read."""

WIDTH = 460
NARROW = 230
"""Pixels between the axes: on a page, and on the page of a telephone."""

_LETTERS = 64
"""Of a title, on a line."""


def finished(chart: Any, title: str, description: str, subtitle: str = "", theme: Theme = LIGHT) -> Spec:
    """Return a chart as a specification with the house's looks.

    Args:
        chart: of Altair.
        title: what it shows.
        description: all it says, in words, for those who cannot see it.
        subtitle: what else must be known to read it.
        theme: its colours.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    lines = textwrap.wrap(title, _LETTERS) or [""]
    heading: Any = alt.TitleParams(lines, subtitle=subtitle) if subtitle else lines
    drawn: alt.Chart = (
        chart.properties(title=heading, description=description, background=theme.background)
        .configure(font="sans-serif")
        .configure_title(
            anchor="start",
            fontSize=14,
            color=theme.ink,
            subtitleFontSize=11,
            subtitleColor=theme.muted,
            offset=10,
        )
        .configure_axis(
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            labelColor=theme.ink,
            titleColor=theme.muted,
            gridColor=theme.grid,
            domainColor=theme.muted,
            tickColor=theme.muted,
        )
        .configure_axisY(labelLimit=240)
        .configure_legend(labelFontSize=11, labelColor=theme.ink, orient="bottom", title=None, labelLimit=300)
        .configure_view(stroke=None)
    )
    spec: Spec = drawn.to_dict()
    return spec


def narrowed(spec: Spec) -> Spec:
    """Return a chart as it fits a narrow page: its text stays as large, what is drawn has less room.

    Args:
        spec: as `finished` returns it, as wide as all of them.
    """
    title = spec["title"]
    named = title if isinstance(title, dict) else {"text": title}
    config = spec["config"]
    return {
        **spec,
        "width": NARROW,
        "title": {
            **named,
            "text": _folded(named["text"], _LETTERS * NARROW // WIDTH + 6),
            "subtitle": _folded(named.get("subtitle", ""), _LETTERS * NARROW // WIDTH + 16),
        },
        "config": {
            **config,
            "axisX": {"labelOverlap": True},
            "axisY": {**config["axisY"], "labelLimit": 100},
            "legend": {**config["legend"], "direction": "vertical", "columns": 1},
        },
    }


def _folded(text: str | list[str], letters: int) -> list[str]:
    return textwrap.wrap(text if isinstance(text, str) else " ".join(text), letters)
