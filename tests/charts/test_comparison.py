"""Charts of comparisons: what they say in words, what they draw, and that they need no network."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from stratix.charts import comparison, render
from stratix.charts.comparison import Both, Interval

ROWS = [Interval("overall", 0.031, 0.012, 0.05), Interval("a <&> b", -0.02, -0.08, 0.04, sure=False)]
PARTS = [Both("algebra", 0.5, 0.48, 100), Both("geometry", 0.4, 0.5, 40)]


def charts() -> dict[str, dict[str, Any]]:
    made = {
        "differences": comparison.differences(ROWS, "New against old", "New", "Old"),
        "intervals": comparison.intervals(ROWS[:1], "Accuracy"),
        "cells": comparison.cells(500, 30, 70, 100, "Old", "New"),
        "dots": comparison.dots(PARTS, "Old", "New"),
        "scatter": comparison.scatter(PARTS, "Old", "New"),
    }
    return made | {"stacked": comparison.stacked(list(made.values()))}


SPECS = charts()


@pytest.mark.parametrize("name", SPECS)
def test_the_picture_stands_by_itself_and_has_words(name: str) -> None:
    drawn = render.svg(SPECS[name])
    picture = ET.fromstring(drawn)
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == SPECS[name]["description"]
    assert not re.search(r"url\(\"?http|@import|<script|<image|href=", drawn)


def test_the_words_hold_every_figure() -> None:
    assert SPECS["differences"]["description"] == (
        "New against old. overall: +3.1 points (+1.2 to +5.0), beyond chance; "
        "a <&> b: -2.0 points (-8.0 to +4.0)."
    )
    assert SPECS["cells"]["description"] == (
        "Of 700 prompts both got 500 right, Old alone 30, New alone 70, neither 100."
    )
    assert "geometry: Old 40.0%, New 50.0%" in SPECS["dots"]["description"]


def test_what_is_drawn_can_be_told_apart_without_colour() -> None:
    # What is beyond chance is filled, the other hollow; series have shapes of their own.
    drawn = render.svg(SPECS["differences"])
    fills = re.findall(r'aria-roledescription="point"[^>]*? fill="([^"]+)"', drawn)
    assert len(set(fills)) == 2, fills
    points = re.findall(r'aria-roledescription="point"[^>]*? d="([^"]+)"', render.svg(SPECS["dots"]))
    assert len(points) == 4
    assert len(set(points)) == 2


def test_the_values_are_in_the_picture() -> None:
    text = "".join(ET.fromstring(render.svg(SPECS["cells"])).itertext())
    for shown in ("500 (71.4%)", "30 (4.3%)", "70 (10.0%)", "100 (14.3%)"):
        assert shown in text


def test_naming_a_chart_imports_no_drawing() -> None:
    code = "import sys; import stratix.charts.comparison, stratix.charts.render; print(*sys.modules)"
    found = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert not {"altair", "vl_convert", "numpy"} & set(found.stdout.split())
