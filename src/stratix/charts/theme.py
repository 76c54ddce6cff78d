"""How all charts look: told apart without colour, with a text that says what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#666666"
"""Colours that people with any kind of colour vision tell apart, and that differ in lightness.

Source: M. Okabe and K. Ito, "Color universal design", 2008.
"""

SERIES = (BLUE, ORANGE, GREEN, PURPLE, GREY)
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
"""The shape of each series, so that no chart needs its colours to be read."""

WIDTH = 460


def finished(chart: Any, title: str, description: str, subtitle: str = "") -> Spec:
    """Return a chart as a specification with the house's looks.

    Args:
        chart: of Altair.
        title: what it shows.
        description: all it says, in words, for those who cannot see it.
        subtitle: what else must be known to read it.
    """
    import altair as alt  # It is slow to import, and few commands draw.

    heading: Any = alt.TitleParams(title, subtitle=subtitle) if subtitle else title
    drawn: alt.Chart = (
        chart.properties(title=heading, description=description, background="white")
        .configure(font="sans-serif")
        .configure_title(anchor="start", fontSize=14, subtitleFontSize=11, subtitleColor=GREY, offset=10)
        .configure_axis(labelFontSize=11, titleFontSize=11, titleFontWeight="normal", gridColor="#e5e5e5")
        .configure_axisY(labelLimit=240)
        .configure_legend(labelFontSize=11, orient="bottom", title=None, labelLimit=300)
        .configure_view(stroke=None)
    )
    spec: Spec = drawn.to_dict()
    return spec
