"""`stratix contamination`: hints that a model has seen a benchmark, or that benchmarks share prompts."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Group, RenderableType
from rich.text import Text

from layerlens.models import ContaminationReport, OverlapReport
from stratix.cli._client import connect, find_benchmark, known
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._output import Format, format_option, make_table, plain, show

_CELL = 80


@click.command()
@click.argument("names", metavar="[EVALUATION | BENCHMARK ...]", nargs=-1)
@click.option(
    "--benchmarks", "of_benchmarks", is_flag=True, help="Compare installed benchmarks: those named, or all."
)
@click.option(
    "--words",
    type=click.IntRange(20, 1000),
    default=50,
    show_default=True,
    help="Shortest run of a gold answer's words that is a hint.",
)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Most to show.")
@format_option
def contamination(names: Sequence[str], of_benchmarks: bool, words: int, limit: int, output: Format) -> None:
    """Look for hints that a model has seen the benchmark it was evaluated on.

    Such are answers that hold the gold answer, or the benchmark's following prompt, word for word at a length
    that chance does not bring. With --benchmarks: for prompts that installed benchmarks share.

    \b
    Example:
      stratix contamination ID
      stratix contamination --benchmarks
    """
    if of_benchmarks:
        _benchmarks(names, output)
        return
    if len(names) != 1:
        raise click.UsageError("Name one evaluation, or give --benchmarks.")
    with connect() as client, arguments():
        report = client.evaluations.get_contamination(names[0], words=words, limit=limit)
    if report is None:
        known(None, names[0])
        return
    show(output, report, lambda: _answers(report))


def _benchmarks(names: Sequence[str], output: Format) -> None:
    with connect() as client, arguments():
        chosen = [find_benchmark(client, name) for name in names] or None
        report = client.benchmarks.get_overlaps(chosen)
    if report is None:
        raise Failure("One of these benchmarks is not there any more.", ExitCode.NOT_FOUND)
    show(output, report, lambda: _overlaps(report))


def _answers(report: ContaminationReport) -> RenderableType:
    looked = f"{report.compared:,} of {report.answers:,} answers are long enough to tell"
    parts: list[RenderableType] = [
        Text.assemble((f"answers with a hint: {report.count:,}", "bold"), f"; {looked}")
    ]
    if not report.is_complete:
        parts.append(Text("Only the first of very many answers were looked at.", "yellow"))
    if report.hints:
        table = make_table(
            "result", "same as", "words", "text", numbers=["words"], whole=["result", "same as"]
        )
        for hint in report.hints:
            kind = "the truth" if hint.kind == "truth" else "the next prompt"
            table.add_row(
                plain(hint.result_id),
                f"{'all of ' if hint.is_whole else ''}{kind}",
                f"{hint.words:,}",
                plain(hint.text, _CELL),
            )
        parts.append(table)
    parts.append(Text(plain(report.meaning), "dim"))
    return Group(*parts)


def _overlaps(report: OverlapReport) -> RenderableType:
    count = f"pairs that share prompts: {len(report.overlaps):,}"
    parts: list[RenderableType] = [
        Text.assemble((count, "bold"), f"; {len(report.benchmarks):,} installed benchmarks compared")
    ]
    if report.overlaps:
        numbers = ("of", "shared", "of ")
        table = make_table("benchmark", "of", "shared", "of ", "benchmark", "such as", numbers=numbers)
        for pair in report.overlaps:
            table.add_row(
                plain(pair.benchmark_key_1, 32),
                f"{pair.prompts_1:,}",
                f"{pair.shared:,}",
                f"{pair.prompts_2:,}",
                plain(pair.benchmark_key_2, 32),
                plain(pair.example, _CELL),
            )
        parts.append(table)
    parts.append(Text(plain(report.meaning), "dim"))
    return Group(*parts)
