"""What was measured, beside what is wanted."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the second table, for a person to read."""

    what: str
    target: str
    measured: str
