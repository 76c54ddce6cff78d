"""`stratix compare`: which of several evaluations is better, by how much, and can it be chance?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from stratix.cli._client import connect
from stratix.cli._compared import charts, rendered
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._output import Format, command, format_option, note, show
from stratix.cli._plot import write_svg


@click.command()
@click.argument("evaluations", metavar="A B [C ...]", nargs=-1, required=True)
@click.option("--all", "every", is_flag=True, help="Compare every one with every other, not with the first.")
@click.option(
    "--rows",
    type=click.IntRange(0, 500),
    default=0,
    help="Show so many answers on which the first two differ.",
)
@click.option("--subset", help="Of these answers, those of one subset only.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the charts of the first two to this SVG file.",
)
@format_option
def compare(
    evaluations: Sequence[str],
    every: bool,
    rows: int,
    subset: str | None,
    plot: Path | None,
    output: Format,
) -> None:
    """Compare evaluations of one benchmark by the prompts that they share; A is the reference.

    Says which is better, by how much, and whether chance alone could bring the difference: subset by
    subset, corrected for the number of comparisons.

    \b
    Example:
      stratix compare ID_OF_OLD ID_OF_NEW --plot comparison.svg
      stratix compare ID_OF_OLD ID_OF_NEW --rows 20
    """
    if len(set(evaluations)) < max(2, len(evaluations)):
        raise click.UsageError("Name two different evaluations or more.")
    with connect() as client, arguments():
        report = client.evaluations.compare(
            evaluations[0], evaluations[1], *evaluations[2:], against="all" if every else "first"
        )
        if report is None:
            raise Failure(
                f"One of these evaluations is not there. All of them: {command()} evaluate list",
                ExitCode.NOT_FOUND,
            )
        pair = evaluations[:2]
        page = client.evaluations.get_disagreements(*pair, page_size=rows, subset=subset) if rows else None
    found = page.disagreements if page else []
    data = {"comparison": report, "disagreements": found} if rows else report
    show(output, data, lambda: rendered(report, found))
    if page and page.pagination.total_count > len(found):
        note(f"{len(found):,} of {page.pagination.total_count:,} answers on which they differ")
    if plot is not None:
        write_svg(plot, charts(report))
