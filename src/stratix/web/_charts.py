"""The charts of a page: each by its name, with what it takes to draw it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from stratix.web._pages import Viewer

Chart = Callable[[Viewer], Awaitable[tuple[Any, ...]]]


class Charts(dict[str, Chart]):
    """Charts by name; each returns the function of `stratix.charts` that draws it, and its arguments."""

    def chart(self, name: str) -> Callable[[Chart], Chart]:
        """Return a decorator that adds a chart."""

        def add(chart: Chart) -> Chart:
            self[name] = chart
            return chart

        return add
