"""From a specification to a picture, without a browser and without a network."""

from __future__ import annotations

from html import escape

from stratix.charts.theme import Spec


def svg(spec: Spec) -> str:
    """Return a chart as an SVG that stands by itself: it loads nothing, and says in words what it shows.

    Args:
        spec: of Vega-Lite, with its data inside; its `description` becomes the picture's text.

    Raises:
        ValueError: the specification is none, or cannot be drawn.
    """
    import vl_convert  # It brings a JavaScript engine, which only drawing pays for.

    drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    if not drawn.startswith("<svg "):
        raise ValueError(f"the chart could not be drawn: {drawn[:200]}")
    return f'<svg role="img" aria-label="{escape(spec.get("description", ""))}" {drawn.removeprefix("<svg ")}'
