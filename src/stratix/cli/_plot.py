"""Charts written to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stratix.charts.comparison import stacked
from stratix.charts.render import svg
from stratix.charts.theme import Spec
from stratix.cli._errors import Failure
from stratix.cli._output import note


def write_svg(path: Path, specs: Sequence[Spec]) -> None:
    """Write charts to one SVG file, each below the one before.

    Args:
        path: the file; one that is there is replaced.
        specs: of the charts.

    Raises:
        Failure: there is nothing to draw, or the file cannot be written.
    """
    if not specs:
        raise Failure("There is nothing to draw.")
    try:
        path.write_text(svg(stacked(specs)), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} could not be written: {error.strerror or error}.") from error
    note(f"The charts are in {path}")
