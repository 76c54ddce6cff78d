"""`stratix leaderboard`: the models of a benchmark ranked, or of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from layerlens.models import Leaderboard, LeaderboardReport
from stratix.charts import comparison
from stratix.charts.theme import Spec
from stratix.cli._client import connect, find_benchmark
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._intervals import bar, span
from stratix.cli._output import Format, format_option, make_table, moment, plain, show
from stratix.cli._plot import write_svg
from stratix.cli._report import percent
from stratix.cli._spending import dollars

_BAR = 21
"""Characters of a bar."""


@click.command()
@click.argument("benchmarks", metavar="BENCHMARK [BENCHMARK ...]", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Rank the runs of so many prompts.  [default: the full runs]"
)
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write the accuracies to this SVG file."
)
@format_option
def leaderboard(benchmarks: Sequence[str], limit: int | None, plot: Path | None, output: Format) -> None:
    """Rank the models of a benchmark by their latest successful evaluations.

    With several benchmarks it shows all models over all of them; what was not evaluated stays empty.
    Only evaluations of the same prompts are ranked together: the same version, and full runs apart from
    limited ones.

    \b
    Example:
      stratix leaderboard gsm8k
      stratix leaderboard gsm8k simpleqa --limit 100
    """
    with connect() as client, arguments():
        chosen = [find_benchmark(client, name) for name in benchmarks]
        report = client.leaderboards.get(chosen, limit=limit)
    if report is None:
        raise Failure("One of these benchmarks is not there any more.", ExitCode.NOT_FOUND)
    show(output, report, lambda: rendered(report))
    if plot is not None:
        write_svg(plot, charts(report))


def rendered(report: LeaderboardReport) -> RenderableType:
    """Return leaderboards for people to read."""
    parts: list[RenderableType] = []
    for board in report.leaderboards:
        parts += _board(board)
    if len(report.leaderboards) > 1 and report.matrix:
        parts.append(_matrix(report))
    return Group(*parts)


def _board(board: Leaderboard) -> list[RenderableType]:
    if board.entries:
        which = "all" if board.is_full else "the first"
        about = f": {which} {board.prompt_count:,} prompts of version {plain(board.benchmark_version, 12)}"
    else:
        about = ": no successful evaluation of all prompts" if board.is_full else ": none of so many prompts"
    parts: list[RenderableType] = [Text.assemble((plain(board.benchmark_name, 80), "bold"), about)]
    if board.entries:
        parts.append(_table(board))
    parts += [Text(plain(said), "yellow") for said in board.notes]
    for run in board.others:
        about = (
            f"{run.models:,} of version {plain(run.benchmark_version, 12)} with {run.prompt_count:,} prompts"
        )
        more = "" if run.is_full else f": --limit {run.prompt_count}"
        parts.append(Text(f"not ranked with these: {about}{more}", "dim"))
    return parts


def _table(board: Leaderboard) -> Table:
    known = [entry.accuracy_interval for entry in board.entries if entry.accuracy_interval]
    ends = span(known, around_zero=False) if known else (0.0, 1.0)
    scale = f"{100 * ends[0]:.0f}%".ljust(_BAR // 2) + f"{100 * ends[1]:.0f}%".rjust(_BAR - _BAR // 2)
    # Columns that say something of at least one model.
    invalid = ["invalid"] if any(entry.invalid_share for entry in board.entries) else []
    cost = ["cost"] if any(entry.cost is not None for entry in board.entries) else []
    numbers = ["place", "accuracy", "95% interval", *invalid, *cost]
    columns = ("place", "may be", "model", scale, *numbers[1:], "")
    table = make_table(*columns, numbers=numbers, whole=[scale, "may be", ""])
    for entry in board.entries:
        low, high = entry.accuracy_interval or (entry.accuracy, entry.accuracy)
        marks = [f"{entry.epochs} epochs"] if entry.epochs > 1 else []
        marks += [f"judge {plain(entry.judge_model_key, 20)}"] if entry.judge_model_key else []
        spent = "" if entry.cost is None else dollars(entry.cost)
        table.add_row(
            f"{entry.place}",
            f"{entry.best}" if entry.best == entry.worst else f"{entry.best} to {entry.worst}",
            plain(entry.model_name or entry.model_key, 32),
            bar(low, entry.accuracy, high, ends, width=_BAR),
            percent(entry.accuracy),
            f"{100 * low:.1f} to {100 * high:.1f}",
            *([percent(entry.invalid_share)] if invalid else []),
            *([spent] if cost else []),
            ", ".join([*marks, moment(entry.submitted_at)[:10]]),
        )
    return table


def _matrix(report: LeaderboardReport) -> Table:
    names = [plain(board.benchmark_name, 20) for board in report.leaderboards]
    columns = [*names, "mean"]
    table = make_table("model", *columns, numbers=columns)
    for row in report.matrix:
        found = [row.accuracies.get(board.benchmark_id) for board in report.leaderboards]
        table.add_row(
            plain(row.model_name or row.model_key, 36),
            *("–" if value is None else percent(value) for value in found),
            "" if row.mean is None else percent(row.mean),
        )
    return table


def charts(report: LeaderboardReport) -> list[Spec]:
    """Return the accuracies of each leaderboard with their intervals, as charts."""
    return [
        comparison.intervals(
            [
                comparison.Interval(
                    f"{entry.place}. {entry.model_name or entry.model_key}",
                    entry.accuracy,
                    *(entry.accuracy_interval or (entry.accuracy, entry.accuracy)),
                )
                for entry in board.entries
            ],
            f"{board.benchmark_name}: {board.prompt_count:,} prompts",
        )
        for board in report.leaderboards
        if board.entries
    ]
