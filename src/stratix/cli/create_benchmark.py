"""`stratix benchmarks create`: a benchmark of your own, from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Group, RenderableType
from rich.text import Text

from layerlens import Stratix
from layerlens.models import AdditionalMetric, BenchmarkPreview, ColumnMapping, InputType
from stratix.cli._client import connect
from stratix.cli._errors import arguments
from stratix.cli._output import Format, command, format_option, make_card, make_table, note, plain, show

_LISTS = ("choices", "aliases", "metadata")
_SHOWN = 2000


@click.command()
@click.option("--name", help="At most 64 characters; needed unless you only preview.")
@click.option("--description", default="", help="At most 280 characters.")
@click.option(
    "--file",
    "file_path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSONL, an object a line (input, truth and, if wanted, subset), or another format; at most 50 MB.",
)
@click.option(
    "--file-format",
    help="csv, inspect, json, jsonl, lm-eval, openai-evals, parquet, promptfoo or tsv.  "
    "[default: told by suffix and content]",
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column is input, truth, subset, id, choices, aliases or metadata; several with commas.",
)
@click.option(
    "--data",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that the file refers to; may be given several times.",
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
@click.option(
    "--scorer-option",
    "scorer_options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the scorer, the value as JSON or text; may be given several times.",
)
@click.option("--template", help="The user message, with {input}, {choices} or a column; @FILE reads it.")
@click.option("--system", help="The system message; @FILE reads it.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Tokens an answer may have.  [default: 1024]")
@click.option("--temperature", type=click.FloatRange(0, 2), help="[default: 0]")
@click.option("--stop", multiple=True, help="Ends an answer; may be given several times.")
@click.option(
    "--preview", is_flag=True, help="Show the first prompts as a model would see them; make nothing."
)
@format_option
def create(
    name: str | None,
    description: str,
    file_path: Path,
    file_format: str | None,
    mapped: tuple[str, ...],
    data: tuple[Path, ...],
    input_type: Any,
    metrics: Any,
    scorer: str | None,
    scorer_options: tuple[str, ...],
    template: str | None,
    system: str | None,
    max_tokens: int | None,
    temperature: float | None,
    stop: tuple[str, ...],
    preview: bool,
    output: Format,
) -> None:
    """Make a benchmark of your own from a file.

    JSONL, JSON, CSV, TSV and Parquet are read, and evaluations of lm-evaluation-harness, OpenAI Evals,
    promptfoo and Inspect.

    \b
    Examples:
      stratix benchmarks create --name "My questions" --file questions.jsonl
      stratix benchmarks create --file quiz.csv --map input=question --map truth=answer --preview
      stratix benchmarks create --name "My task" --file task.yaml --data test.jsonl
    """
    generation = {"max_tokens": max_tokens, "temperature": temperature, "stop": list(stop) or None}
    task = {
        "template": text_of(template),
        "system": text_of(system),
        "generation": _present(generation) or None,
    }
    fields: dict[str, Any] = {
        "file_path": file_path,
        "format": file_format,
        "mapping": _mapping(mapped),
        "data_files": data or None,
        "input_type": input_type,
        "custom_scorers": _scorers(scorer, scorer_options),
        "task": _present(task) or None,
    }
    if not preview and name is None:
        raise click.UsageError("Missing option '--name'.")
    with connect() as client:
        if preview:
            with arguments():
                shown = client.benchmarks.preview_custom(**fields)
            show(output, shown, lambda: _preview(shown))
            return
        _make(client, output, {"name": name, "description": description, "metrics": metrics or None}, fields)


def _make(client: Stratix, output: Format, said: dict[str, Any], fields: dict[str, Any]) -> None:
    with arguments():
        created = client.benchmarks.create_custom(
            name=said["name"],
            description=said["description"],
            additional_metrics=said["metrics"],
            **fields,
        )
    made = client.benchmarks.get_by_id(created.benchmark_id)
    key = made.key if made else created.benchmark_id
    for finding in created.findings:
        note(finding)
    rows = [
        ("made", key),
        ("id", created.benchmark_id),
        ("prompts", made.prompt_count if made else ""),
        ("next", f"{command()} evaluate run --model MODEL --benchmark {key} --watch"),
    ]
    show(output, made or created, lambda: make_card(rows))


def _preview(shown: BenchmarkPreview) -> RenderableType:
    """Return the first prompts as a model would see them."""
    spec = shown.task["scorer"]
    card = make_card(
        [
            ("format", shown.format),
            ("prompts", f"{shown.prompt_count:,}"),
            ("scorer", f"{spec['name']} {json.dumps(spec['options']) if spec['options'] else ''}"),
            ("max tokens", shown.task["generation"]["max_tokens"]),
            *(("finding", finding) for finding in shown.findings),
        ]
    )
    parts: list[RenderableType] = [card]
    for prompt in shown.prompts:
        table = make_table("role", "content", whole=["role"])
        for message in prompt.messages:
            content = message.get("content")
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            table.add_row(plain(message.get("role")), _lines(text))
        truths = " | ".join([prompt.truth, *prompt.aliases])
        table.add_row(Text("truth", "bold"), plain(truths, _SHOWN))
        of = f" of {plain(prompt.subset)}" if prompt.subset else ""
        parts += [Text(f"prompt {plain(prompt.id)}{of}", "bold"), table]
    return Group(*parts)


def _lines(text: str) -> str:
    """Return a text with its lines and blanks as they are; nothing of it does anything to a terminal."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "\n".join(
        re.sub(r"[^ ]+", lambda word: plain(word[0]), line) for line in cut.expandtabs(4).splitlines()
    )


def _mapping(mapped: Sequence[str]) -> dict[str, Any] | None:
    """Return the mapping that `FIELD=COLUMN` options say."""
    found: dict[str, Any] = {}
    metadata: dict[str, str] = {}
    for one in mapped:
        field, mark, column = one.partition("=")
        if not mark or not column:
            raise click.BadParameter(f"{one!r} is not FIELD=COLUMN", param_hint="--map")
        if field.startswith("metadata."):
            metadata[field.removeprefix("metadata.")] = column
        elif field == "metadata":
            metadata |= {name: name for name in column.split(",")}
        elif field not in ColumnMapping.model_fields:
            fields = ", ".join(ColumnMapping.model_fields)
            raise click.BadParameter(f"{field!r} is no field; there are: {fields}", param_hint="--map")
        else:
            found[field] = column.split(",") if field in _LISTS else column
    if metadata:
        found["metadata"] = metadata
    return found or None


def _scorers(scorer: str | None, options: Sequence[str]) -> list[Any] | None:
    if scorer is None:
        if options:
            raise click.UsageError("--scorer-option needs --scorer.")
        return None
    found = {}
    for one in options:
        name, mark, value = one.partition("=")
        if not mark or not name:
            raise click.BadParameter(f"{one!r} is not NAME=VALUE", param_hint="--scorer-option")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return [{"name": scorer, "options": found} if found else scorer]


def text_of(said: str | None) -> str | None:
    """Return a text, or what the file holds that `@FILE` names."""
    if said is None or not said.startswith("@"):
        return said
    try:
        return Path(said[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{said[1:]} cannot be read: {error}") from None


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
