"""`stratix benchmarks`: list, get, install, verify, and the commands that make new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from layerlens.models import Benchmark, CustomBenchmark, PublicBenchmark
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
from stratix.cli.create_benchmark import create
from stratix.cli.smart_benchmark import cancel, create_smart, resume, watch


@click.group()
def benchmarks() -> None:
    """Look at benchmarks, install public ones, and make your own.

    \b
    Example:
      stratix benchmarks install gsm8k
    """


for generated in (create_smart, watch, cancel, resume):
    benchmarks.add_command(generated)
benchmarks.add_command(create)


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
@click.argument("benchmark")
@format_option
def verify(benchmark: str, output: Format) -> None:
    """Check that an installed benchmark is what it says, and that its scorer can score it.

    BENCHMARK is its key or id. Looked at are its hash, its count, duplicates, empty truths, truths that its
    own scorer does not accept, and answers given away in the prompt. The exit code is 1 where there is a
    problem.

    \b
    Example:
      stratix benchmarks verify first-steps
    """
    with connect() as client:
        found = find_benchmark(client, benchmark)
        with waiting(f"Verifying {found.name}"):
            report = client.benchmarks.verify(found)

    def table() -> RenderableType:
        rows = make_table(
            "check", "status", "prompts", "found", numbers=["prompts"], whole=["check", "status"]
        )
        for finding in report.findings:
            lines = [finding.message, *finding.examples]
            rows.add_row(
                plain(finding.check),
                plain(finding.status),
                f"{finding.count:,}" if finding.count else "",
                "\n".join(plain(line, 160) for line in lines),
            )
        if report.truth_accuracy is not None:
            rows.add_row("accuracy of truths", "", "", f"{report.truth_accuracy:.3f}")
        if report.shuffled_accuracy is not None:
            rows.add_row("accuracy of others' truths", "", "", f"{report.shuffled_accuracy:.3f}, by chance")
        return rows

    show(output, report, table)
    if not report.passed:
        raise click.exceptions.Exit(1)


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
    apart = {"published", "few_shot", "subsets", "installation", "generation"}
    listed = benchmark.model_dump(mode="json", exclude=apart).items()
    kind = "custom" if isinstance(benchmark, CustomBenchmark) else "public"
    card: list[tuple[str, object]] = [
        ("type", kind),
        *((name.replace("_", " "), ", ".join(v) if isinstance(v, list) else v) for name, v in listed),
    ]
    if isinstance(benchmark, PublicBenchmark | CustomBenchmark):
        sizes = [f"{part.name} {part.count or ''}".strip() for part in benchmark.subsets]
        card.append(("subsets", ", ".join(sizes)))
        if there := benchmark.installation:
            card += [("version", there.version), ("from", there.source), ("template", there.template)]
    if isinstance(benchmark, PublicBenchmark):
        if few := benchmark.few_shot:
            standard = ", ".join(map(str, few.standard))
            said = f"{few.shots} unless said, standard {standard}, at the most {few.most}: {few.origin}"
            card.append(("worked examples", said))
        for found in benchmark.published:
            scores = ", ".join(f"{model} {score:.3f}" for model, score in found.scores.items())
            card.append(("published", f"{scores} ({found.metric}; {found.protocol}; {found.source})"))
    return card
