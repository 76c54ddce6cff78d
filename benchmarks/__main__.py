"""Measure Stratix and print tables: `python -m benchmarks [--postgres] [NAME ...]`; all without a name."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from benchmarks import calls, large, reading, starting, views
from benchmarks.figure import Figure
from benchmarks.postgres import databases

OTHERS: dict[str, Callable[[str], list[Figure]]] = {
    "start": starting.measure,
    "large": large.measure,
    "reading": reading.measure,
    "views": views.measure,
}


def main(arguments: list[str]) -> None:
    """Run what is named and print what it took."""
    names = [name for name in arguments if name != "--postgres"]
    if unknown := set(names) - calls.SCENARIOS.keys() - OTHERS.keys():
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join([*calls.SCENARIOS, *OTHERS])}.")
    ran, figures = calls.empty_table(), Table("what", "at most, or at least", "measured", title="Targets")
    with databases(wanted="--postgres" in arguments) as new_database:
        for name, scenario in calls.SCENARIOS.items():
            if name in names or not names:
                calls.measure(scenario, new_database(), ran)
        for name, measure in OTHERS.items():
            if name in names or not names:
                for figure in measure(new_database()):
                    figures.add_row(*figure)
    console = Console(width=150)
    for table in (ran, figures):
        if table.row_count:
            console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
