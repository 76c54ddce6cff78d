"""`stratix benchmarks create-smart`, `watch`, `cancel`, `resume`: a benchmark written from documents."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from layerlens import Stratix
from layerlens.models import AdditionalMetric, Benchmark, CustomBenchmark
from stratix.cli._client import connect, find_benchmark, find_model
from stratix.cli._errors import Failure, arguments
from stratix.cli._output import Format, command, format_option, make_card, plain, show, stderr, waiting
from stratix.cli._spending import dollars
from stratix.cli.create_benchmark import text_of

_LOOK_SECONDS, _LINE_SECONDS = 1.0, 5.0


@click.command("create-smart")
@click.option("--name", required=True, help="At most 64 characters.")
@click.option("--description", default="", help="At most 280 characters.")
@click.option(
    "--file",
    "file_paths",
    required=True,
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=".txt, .pdf, .html, .docx, .csv, .json, .jsonl or .parquet; may be given several times.",
)
@click.option("--system-prompt", required=True, help="What kind of prompts to generate; @FILE reads it.")
@click.option("--model", help="Key or id of the model that writes them.  [default: the server's]")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    type=click.Choice(get_args(AdditionalMetric)),
    help="Measured besides being right; may be given several times.",
)
@click.option("--per-passage", type=click.IntRange(1, 20), help="Prompts about a passage.  [default: 3]")
@click.option("--max-passages", type=click.IntRange(1, 5000), help="Passages at most.  [default: 500]")
@click.option("--no-cache", is_flag=True, help="Ask again what was asked before.")
@click.option("--watch", "watched", is_flag=True, help="Wait until it is ready, and show how far it is.")
@format_option
def create_smart(
    name: str,
    description: str,
    file_paths: tuple[Path, ...],
    system_prompt: str,
    model: str | None,
    metrics: Any,
    per_passage: int | None,
    max_passages: int | None,
    no_cache: bool,
    watched: bool,
    output: Format,
) -> None:
    """Have a model write a benchmark from documents.

    The documents are cut into passages, and the model is asked for questions about each, in the background.

    \b
    Example:
      stratix benchmarks create-smart --name "Handbook" --file handbook.pdf --model gpt-4o \\
        --system-prompt "Ask what a new colleague must know." --watch
    """
    with connect() as client:
        chosen = find_model(client, model) if model is not None else None
        with arguments():
            created = client.benchmarks.create_smart(
                name=name,
                description=description,
                system_prompt=text_of(system_prompt) or "",
                file_paths=file_paths,
                metrics=metrics or None,
                model=chosen,
                prompts_per_passage=per_passage,
                max_passages=max_passages,
                cache=not no_cache,
            )
        made = client.benchmarks.get_by_id(created.benchmark_id)
        if not isinstance(made, CustomBenchmark):
            raise Failure(f"The benchmark {created.benchmark_id} is gone already.")
        _show(output, _followed(client, made) if watched else made)


@click.command()
@click.argument("benchmark")
@format_option
def watch(benchmark: str, output: Format) -> None:
    """Wait until a benchmark that is generated is ready, and show how far it is.

    BENCHMARK is its key or id. The exit code is 1 if it fails.

    \b
    Example:
      stratix benchmarks watch handbook
    """
    with connect() as client:
        found = _generated(find_benchmark(client, benchmark))
        _show(output, _followed(client, found))


@click.command()
@click.argument("benchmark")
@format_option
def cancel(benchmark: str, output: Format) -> None:
    """End the generation of a benchmark.

    BENCHMARK is its key or id. What was written so far stays for `resume`.

    \b
    Example:
      stratix benchmarks cancel handbook
    """
    _change(benchmark, output, lambda client, found: client.benchmarks.cancel_generation(found))


@click.command()
@click.argument("benchmark")
@format_option
def resume(benchmark: str, output: Format) -> None:
    """Go on with a generation that failed, was cancelled or is paused.

    BENCHMARK is its key or id. Passages about which there are prompts are not asked about again.

    \b
    Example:
      stratix benchmarks resume handbook
    """
    _change(benchmark, output, lambda client, found: client.benchmarks.resume_generation(found))


def _change(
    benchmark: str, output: Format, change: Callable[[Stratix, Benchmark], CustomBenchmark | None]
) -> None:
    with connect() as client:
        found = _generated(find_benchmark(client, benchmark))
        changed = change(client, found)
    rows = _rows(changed or found)
    show(output, changed or found, lambda: make_card(rows))


def _generated(found: Benchmark) -> CustomBenchmark:
    if not isinstance(found, CustomBenchmark) or found.generation is None:
        raise Failure(f"{found.key} is not generated from documents: there is nothing to wait for.")
    return found


def _followed(client: Stratix, benchmark: CustomBenchmark) -> CustomBenchmark:
    """Wait for the end, and say how far it is: all the time on a terminal, else now and then."""
    spoken_at, said = 0.0, ""
    rest = 0.0 if stderr().is_terminal else _LINE_SECONDS
    with waiting(f"Generating {benchmark.name}") as say:

        def tell(latest: CustomBenchmark) -> None:
            nonlocal spoken_at, said
            line = _line(latest)
            if line != said and time.monotonic() - spoken_at >= rest:
                say(line)
                spoken_at, said = time.monotonic(), line

        found = client.benchmarks.wait_for_completion(benchmark, _LOOK_SECONDS, on_progress=tell)
    return found or benchmark


def _line(benchmark: CustomBenchmark) -> str:
    told = benchmark.generation
    if told is None or told.total is None:
        return f"{benchmark.name}: its files are being read"
    if benchmark.status == "paused":
        return f"{benchmark.name}: {benchmark.status_description}"
    return f"{benchmark.name}: {told.done:,} of {told.total:,} passages, {told.prompts:,} prompts"


def _show(output: Format, benchmark: CustomBenchmark) -> None:
    rows = _rows(benchmark)
    show(output, benchmark, lambda: make_card(rows))
    if benchmark.status == "failed":
        raise click.exceptions.Exit(1)


def _rows(benchmark: CustomBenchmark) -> list[tuple[str, object]]:
    told = benchmark.generation
    rows: list[tuple[str, object]] = [
        ("benchmark", benchmark.key),
        ("id", benchmark.id),
        ("status", benchmark.status),
    ]
    if benchmark.status_description:
        rows.append(("why", plain(benchmark.status_description)))
    if told is not None and told.total is not None:
        rows.append(("passages", f"{told.done:,} of {told.total:,}"))
        rows.append(("tokens", f"{told.tokens_input:,} in, {told.tokens_output:,} out"))
        rows.append(("cost", "" if told.cost is None else dollars(told.cost)))
        rows += [("finding", plain(finding)) for finding in told.findings]
    rows.append(("prompts", f"{benchmark.prompt_count:,}"))
    following = {
        "ready": f"evaluate run --model MODEL --benchmark {benchmark.key} --watch",
        "failed": f"benchmarks resume {benchmark.key}",
    }
    rows.append(
        ("next", f"{command()} {following.get(benchmark.status, f'benchmarks watch {benchmark.key}')}")
    )
    return rows
