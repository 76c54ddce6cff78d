"""Charts as Vega-Lite specifications: pure functions from plain data, shared by pages, reports and commands.

Each function returns a specification as a dictionary, its data and its description inside; `render.svg` draws
it. Nothing here reads or fetches anything.
"""

from __future__ import annotations
