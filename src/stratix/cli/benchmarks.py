"""`stratix benchmarks`: list, get, install, create."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
from rich.console import RenderableType

from layerlens.models import AdditionalMetric, Benchmark, CustomBenchmark, InputType, PublicBenchmark
from stratix.cli._client import connect, find_benchmark
from stratix.cli._errors import arguments
from stratix.cli._output import (
    Format,
    command,
    format_option,
    make_card,
    make_table,
    plain,
    show,
    waiting,
)


@click.group()
def benchmarks() -> None:
    """Look at benchmarks, install public ones, and make your own.

    \b
    Example:
      stratix benchmarks install gsm8k
    """


@benchmarks.command("list")
@click.option("--type", "kind", type=click.Choice(["public", "custom"]), help="One kind only.")
@click.option("--name", help="Part of the name.")
@click.option("--key", help="Part of the key.")
@click.option("--category", "categories", multiple=True, help="May be given several times.")
@click.option("--language", "languages", multiple=True, help="May be given several times.")
@format_option
def list_(
    kind: Any,
    name: str | None,
    key: str | None,
    categories: tuple[str, ...],
    languages: tuple[str, ...],
    output: Format,
) -> None:
    """List the project's benchmarks, custom ones first.

    \b
    Example:
      stratix benchmarks list --language en
    """
    with connect() as client:
        found = client.benchmarks.get(
            type=kind, name=name, key=key, categories=categories or None, languages=languages or None
        )

    def table() -> RenderableType:
        rows = make_table(
            "key", "name", "prompts", "language", "categories", numbers=["prompts"], whole=["key"]
        )
        for benchmark in found:
            public = benchmark if isinstance(benchmark, PublicBenchmark) else None
            rows.add_row(
                plain(benchmark.key),
                plain(benchmark.name),
                f"{benchmark.prompt_count:,}" if benchmark.prompt_count else "",
                plain(public.language) if public else "",
                plain(", ".join(public.categories)) if public else "(custom)",
            )
        return rows

    show(output, found, table)


@benchmarks.command()
@click.argument("benchmark")
@format_option
def get(benchmark: str, output: Format) -> None:
    """Show all that is known of a benchmark.

    BENCHMARK is its key or id.

    \b
    Example:
      stratix benchmarks get first-steps
    """
    with connect() as client:
        found = find_benchmark(client, benchmark)
    show(output, found, lambda: make_card(_card(found)))


@benchmarks.command()
@click.argument("benchmark")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE_OR_DIR",
    help="Import it from a file, or from the files of a folder, instead of fetching it.",
)
@format_option
def install(benchmark: str, source: Path | None, output: Format) -> None:
    """Install a public benchmark on the server.

    BENCHMARK is its key or id. The server fetches it from the sources of its catalogue, or imports it from
    files of yours.

    \b
    Examples:
      stratix benchmarks install gsm8k
      stratix benchmarks install simpleqa --from simple_qa_test_set.csv
    """
    files = _files(source)
    with connect() as client:
        found = find_benchmark(client, benchmark)
        with waiting(f"Installing {found.name}"), arguments():
            installed = client.benchmarks.install(found, files=files)
    show(
        output,
        installed,
        lambda: make_card(
            [
                ("installed", found.name),
                ("prompts", f"{installed.prompt_count:,}"),
                ("version", installed.version),
                ("next", f"{command()} evaluate run --model MODEL --benchmark {found.key} --watch"),
            ]
        ),
    )


@benchmarks.command()
@click.option("--name", required=True, help="At most 64 characters.")
@click.option("--description", default="", help="At most 280 characters.")
@click.option(
    "--file",
    "file_path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSONL, an object a line: input, truth and, if wanted, subset; at most 50 MB.",
)
@click.option(
    "--input-type", type=click.Choice(get_args(InputType)), help="What each input is.  [default: text]"
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    type=click.Choice(get_args(AdditionalMetric)),
    help="Measured besides being right; may be given several times.",
)
@click.option("--scorer", help="Judges the answers in place of the default.")
@format_option
def create(
    name: str,
    description: str,
    file_path: Path,
    input_type: Any,
    metrics: Any,
    scorer: str | None,
    output: Format,
) -> None:
    """Make a benchmark of your own from a JSONL file.

    \b
    Example:
      stratix benchmarks create --name "My questions" --file questions.jsonl
    """
    with connect() as client:
        with arguments():
            created = client.benchmarks.create_custom(
                name=name,
                description=description,
                file_path=file_path,
                input_type=input_type,
                additional_metrics=metrics or None,
                custom_scorers=[scorer] if scorer else None,
            )
        made = client.benchmarks.get_by_id(created.benchmark_id)
    key = made.key if made else created.benchmark_id
    show(
        output,
        made or created,
        lambda: make_card(
            [
                ("made", key),
                ("id", created.benchmark_id),
                ("prompts", made.prompt_count if made else ""),
                ("next", f"{command()} evaluate run --model MODEL --benchmark {key} --watch"),
            ]
        ),
    )


def _files(source: Path | None) -> list[Path] | None:
    """Return the files to import: the one, or those of the folder."""
    if source is None:
        return None
    if source.is_file():
        return [source]
    found = sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith("."))
    if not found:
        raise click.BadParameter(f"there are no files in {source}", param_hint="--from")
    return found


def _card(benchmark: Benchmark) -> list[tuple[str, object]]:
    """Return all fields of a benchmark under readable names."""
    listed = benchmark.model_dump(mode="json").items()
    kind = "custom" if isinstance(benchmark, CustomBenchmark) else "public"
    return [
        ("type", kind),
        *((name.replace("_", " "), ", ".join(v) if isinstance(v, list) else v) for name, v in listed),
    ]
