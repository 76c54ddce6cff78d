"""Charts of one evaluation: what they say in words, what they draw, in both themes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from layerlens.models import Outcome
from stratix.charts import comparison, evaluation, render
from stratix.charts.comparison import Both, Interval
from stratix.charts.evaluation import Bin, Ended, Stretch
from stratix.charts.theme import DARK, LIGHT, THEMES, Theme

BINS = [Bin(0, 100, 3), Bin(100, 1000, 40), Bin(1000, 10_000, 0), Bin(10_000, 100_000, 1)]
STRETCHES = [Stretch(1, 9, 20, 0.9, 0.7, 0.97), Stretch(10, 4000, 21, 0.5, 0.31, 0.69)]
ENDED = [Ended("a <&> b", {"correct": 30, "incorrect": 9, "failed": 1}), Ended("other", {"truncated": 5})]
CELLS = (500, 30, 70, 100, "Old", "New")
PARTS = [Both("algebra", 0.5, 0.48, 100)]

CHARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "latency": lambda **kw: evaluation.latency(BINS, {"median": 250.0, "99%": 20_000.0}, **kw),
    "subsets": lambda **kw: evaluation.subsets([Interval("capitals", 0.5, 0.2, 0.8)], **kw),
    "length": lambda **kw: evaluation.length(STRETCHES, **kw),
    "outcomes": lambda **kw: evaluation.outcomes(ENDED, **kw),
    "cells": lambda **kw: comparison.cells(*CELLS, **kw),
    "scatter": lambda **kw: comparison.scatter(PARTS, "Old", "New", **kw),
}


def bars(drawn: str) -> list[tuple[float, float]]:
    """Return width and height of each bar, from left to right."""
    number = r"(-?[\d.]+)"
    path = rf'aria-roledescription="bar"[^>]*? d="M{number},{number}h{number}v{number}'
    found = sorted(tuple(map(float, one)) for one in re.findall(path, drawn))
    return [(width, height) for _, _, width, height in found]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("name", CHARTS)
def test_the_picture_stands_by_itself_and_has_the_themes_colours(name: str, theme: Theme) -> None:
    spec = CHARTS[name](theme=theme)
    drawn = render.svg(spec)
    picture = ET.fromstring(drawn)
    assert picture.get("aria-label") == spec["description"]
    assert not re.search(r"url\(\"?http|@import|<script|<image|href=", drawn)
    assert theme.background in drawn
    other = LIGHT if theme is DARK else DARK
    for colour in (other.background, other.ink, other.muted, other.grid):
        if colour not in (theme.background, theme.ink) and colour != "#ffffff":  # On dark bars text is white.
            assert colour not in drawn


def test_the_words_hold_every_figure() -> None:
    said = {name: str(chart()["description"]) for name, chart in CHARTS.items()}
    assert said["latency"] == (
        "Response time of 44 answers: median 250 ms; 99% 20 s. Answers by time: 0 ms to 100 ms: 3, "
        "100 ms to 1 s: 40, 10 s to 100 s: 1."
    )
    assert said["length"] == (
        "Score against prompt length. 1 to 9 characters, 20 prompts: 90.0 (70.0 to 97.0); "
        "10 to 4,000 characters, 21 prompts: 50.0 (31.0 to 69.0)."
    )
    assert said["outcomes"] == (
        "How the answers ended. a <&> b: 30 correct, 9 incorrect, 1 failed; other: 5 truncated."
    )
    assert said["subsets"] == "Accuracy by subset. capitals: 50.0 (20.0 to 80.0)."


def test_shares_are_drawn_to_scale_and_labelled() -> None:
    drawn = render.svg(CHARTS["outcomes"]())
    text = "".join(ET.fromstring(drawn).itertext())
    for shown in ("correct 75%", "22%", "truncated 100%", "correct", "truncated", "a <&> b"):
        assert shown in text
    # What takes hardly any room has no label, and what did not happen no place in the legend.
    assert "2%" not in text.replace("22%", "")
    assert "refused" not in text


def test_every_outcome_has_its_colour_in_every_theme() -> None:
    for theme in THEMES.values():
        assert set(theme.outcomes) == {outcome.value for outcome in Outcome}
        assert len(set(theme.outcomes.values())) == len(Outcome)


def test_neighbours_in_the_legend_can_be_told_apart_on_paper() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return (0.299 * red + 0.587 * green + 0.114 * blue) / 255

    found = [lightness(colour) for colour in THEMES["paper"].outcomes.values()]
    assert min(abs(one - two) for one, two in pairwise(found)) > 0.11


def test_one_time_for_all_answers_is_drawn_as_well() -> None:
    drawn = render.svg(evaluation.latency([Bin(0, 1e-9, 4)], {"median": 0.0}))
    assert len(bars(drawn)) == 1


def test_times_next_to_nothing_have_their_bar() -> None:
    found = bars(render.svg(CHARTS["latency"]()))
    assert len(found) == len(BINS)
    assert min(width for width, _ in found) > 10
    # Heights are as the counts, from the first bin on.
    assert [height > 0 for _, height in found] == [True, True, False, True]


def test_charts_below_each_other_keep_their_data() -> None:
    drawn = render.svg(comparison.stacked([chart() for chart in CHARTS.values()]))
    text = "".join(ET.fromstring(drawn).itertext())
    for shown in ("capitals", "10 to 4,000", "75%", "500 (71.4%)"):
        assert shown in text
