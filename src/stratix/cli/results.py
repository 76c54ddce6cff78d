"""`stratix results`: show, export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from layerlens import IncompletePagesError, Stratix
from layerlens.models import MAX_PAGE_SIZE, Evaluation, Outcome, Result, ResultSort, SortOrder
from stratix.cli._client import connect, find_evaluation, known
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._export import export_format, writing
from stratix.cli._output import Format, command, format_option, note, show, stderr, write_json
from stratix.cli._report import result_table
from stratix.cli._result import result_card
from stratix.exporting import FORMATS, ExportFormat


@click.group()
def results() -> None:
    """Read the answers of an evaluation, or export them.

    \b
    Example:
      stratix results show ID --outcome incorrect
    """


@results.command("show")
@click.argument("evaluation_id", metavar="ID")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most to show.")
@click.option(
    "--outcome",
    "outcomes",
    type=click.Choice([outcome.value for outcome in Outcome]),
    multiple=True,
    help="Of this outcome only; may be given several times.",
)
@click.option("--subset", metavar="NAME", help="Of this subset only.")
@click.option("--search", metavar="TEXT", help="What prompt, answer or truth contains, in any case.")
@click.option("--sort-by", type=click.Choice(get_args(ResultSort)), help="What to sort by.")
@click.option("--order", type=click.Choice(get_args(SortOrder)), help="Lowest or highest first.")
@click.option("--result", "result_id", metavar="RESULT_ID", help="One result, with all that is kept of it.")
@format_option
def show_(
    evaluation_id: str,
    limit: int,
    outcomes: tuple[str, ...],
    result_id: str | None,
    output: Format,
    **view: Any,
) -> None:
    """Show the answers of an evaluation, also while it runs.

    With --result it shows one of them in full: the request as it was sent, the response as it came.

    \b
    Example:
      stratix results show ID --outcome incorrect --limit 50
      stratix results show ID --search "per cent" --sort-by latency --order desc
      stratix results show ID --result ID:0:17
    """
    if result_id is not None:
        given = {"outcome": outcomes or None, **view}
        for name in (name for name, value in given.items() if value is not None):
            option = name.replace("_", "-")
            raise click.UsageError(f"--{option} picks among results, but --result names one: leave one out.")
        _show_one(evaluation_id, result_id, output)
        return
    found: list[Result] = []
    total, cursor = 0, None
    with connect() as client, arguments():
        evaluation = find_evaluation(client, evaluation_id)
        while len(found) < limit:
            size = min(limit - len(found), MAX_PAGE_SIZE)
            page = client.results.get(
                evaluation=evaluation, page_size=size, outcome=outcomes or None, cursor=cursor, **view
            )
            if page is None:
                known(None, evaluation.id)
                return
            found += page.results
            total, cursor = page.pagination.total_count, page.next_cursor
            if cursor is None:
                break
    data = {"evaluation_id": evaluation.id, "total_count": total, "results": found}
    show(output, data, lambda: result_table(found))
    kind = f" that are {' or '.join(outcomes)}" if outcomes else ""
    note(f"{len(found):,} of {max(total, len(found)):,} results{kind}")


def _show_one(evaluation_id: str, result_id: str, output: Format) -> None:
    with connect() as client, arguments():
        evaluation = find_evaluation(client, evaluation_id)
        found = client.results.get_one(result_id)
    if found is None or found.evaluation_id != evaluation.id:
        raise Failure(
            f"There is no result {result_id!r} of this evaluation. Their ids: {command()} results show "
            f"{evaluation_id} --format json",
            ExitCode.NOT_FOUND,
        )
    show(output, found, lambda: result_card(found))


@results.command()
@click.argument("evaluation_id", metavar="ID")
@click.option(
    "--output",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; one that is there is replaced.",
)
@click.option(
    "--as", "kind", type=click.Choice(FORMATS), help="Its format.  [default: what the file's suffix says]"
)
@format_option
def export(evaluation_id: str, path: Path, kind: ExportFormat | None, output: Format) -> None:
    """Write all answers of an evaluation to a file: JSONL, CSV or Parquet.

    The file is there whole or not at all.

    \b
    Example:
      stratix results export ID --output answers.parquet
    """
    kind = kind or export_format(path)
    with connect() as client:
        evaluation = find_evaluation(client, evaluation_id)
        try:
            count = _export(client, evaluation, path, kind)
        except OSError as error:
            raise Failure(f"{path} could not be written: {error.strerror or error}.") from error
    if not evaluation.is_finished:
        note(f"The evaluation is {evaluation.status} still: these are the answers so far.")
    if output == "json":
        write_json({"evaluation_id": evaluation.id, "file": str(path), "format": kind, "count": count})
    else:
        click.echo(f"{count:,} results in {path}")


def _export(client: Stratix, evaluation: Evaluation, path: Path, kind: ExportFormat) -> int:
    console = stderr()
    progress = Progress(
        TextColumn("exporting"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    count = 0
    with progress, writing(path, kind) as write:
        task = progress.add_task("", total=sum(evaluation.outcomes.values()))
        for page in pages(client, evaluation, MAX_PAGE_SIZE):
            write(page)
            count += len(page)
            progress.update(task, completed=count)
    return count


def pages(client: Stratix, evaluation: Evaluation, page_size: int) -> Iterator[list[Result]]:
    """Yield the results of an evaluation page by page, in order, none twice.

    Args:
        client: of its server.
        evaluation: finished or running; of a running one come those there are, or more.
        page_size: 1 to 500.

    Raises:
        IncompletePagesError: the pages hold fewer results than the server says there are.
        APIError: the server could not be asked.
    """
    # New results of a running evaluation push others to later pages, where they come up again.
    seen: set[str | None] | None = None if evaluation.is_finished else set()
    number, count, least = 0, 0, None
    while True:
        number += 1
        page = client.results.get(evaluation=evaluation, page=number, page_size=page_size)
        if page is None:
            known(None, evaluation.id)
            return
        least = page.pagination.total_count if least is None else least
        rows = page.results
        if seen is not None:
            rows = [row for row in rows if row.result_id is None or row.result_id not in seen]
            seen.update(row.result_id for row in rows)
        count += len(rows)
        if rows:
            yield rows
        if not page.results or number * page_size >= page.pagination.total_count:
            break
    if count < least:
        raise IncompletePagesError(f"The server says there are {least} results, but gave {count}: try again.")
