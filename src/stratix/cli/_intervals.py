"""Intervals as bars of characters, so that a terminal shows which of them reach over zero."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

WIDTH = 41


def span(bounds: Sequence[tuple[float, float]], *, around_zero: bool = True) -> tuple[float, float]:
    """Return the ends of a scale that holds some intervals.

    Args:
        bounds: lower and upper end of each; at least one.
        around_zero: reach as far below 0 as above it.
    """
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    if around_zero:
        reach = max(abs(low), abs(high)) or 1.0
        return -reach, reach
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def bar(
    low: float, value: float, high: float, ends: tuple[float, float], *, sure: bool = True, width: int = WIDTH
) -> Text:
    """Return an interval as characters: `├──●──┤`, with a line where the scale has its 0.

    Args:
        low: lower end of the interval.
        value: the value in it.
        high: upper end.
        ends: of the scale; see `span`.
        sure: whether the value is beyond chance: a full point, else a hollow one.
        width: characters.
    """
    start, stop = ends

    def place(number: float) -> int:
        return round((min(max(number, start), stop) - start) / (stop - start) * (width - 1))

    cells = [" "] * width
    if start < 0 < stop:
        cells[place(0.0)] = "│"
    first, last, at = place(low), place(high), place(value)
    for index in range(first, last + 1):
        cells[index] = "┼" if cells[index] == "│" else "─"
    if first < last:
        cells[first], cells[last] = "├", "┤"
    cells[at] = "●" if sure else "○"
    return Text("".join(cells), "bold" if sure else "")
