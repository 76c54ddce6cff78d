"""Making a custom benchmark of a file: what is asked for, and what comes back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, field_validator

from ._base import WireModel
from ._rules import longest

AdditionalMetric = Literal["readability", "toxicity", "hallucination"]
InputType = Literal["text", "messages", "json_payload"]

BenchmarkName = Annotated[str, AfterValidator(longest(64, least=1))]
BenchmarkDescription = Annotated[str, AfterValidator(longest(280))]

BENCHMARK_SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".yaml", ".yml")
"""What the file of a custom benchmark may end in."""


class ColumnMapping(WireModel):
    """Which column of a file is what; a dot reaches into an inner object (`answers.text`).

    Attributes:
        input: the question.
        truth: the gold answer; of a list the first is the truth, and the others are accepted too.
        subset: the part of the benchmark a row belongs to.
        id: the row's own id, unique in the file.
        choices: the options: a column with a list of them, or one column for each.
        aliases: other accepted answers: a column with a list of them, or one column for each.
        metadata: what to keep besides, for the template and the scorer: columns, or names to keep them
            under and their columns.
    """

    model_config = ConfigDict(extra="forbid")

    input: str | None = None
    truth: str | None = None
    subset: str | None = None
    id: str | None = None
    choices: str | list[str] | None = None
    aliases: str | list[str] | None = None
    metadata: list[str] | dict[str, str] | None = None


class ScorerChoice(WireModel):
    """A scorer by its name, with its options.

    Attributes:
        name: which one (`id` is understood too).
        options: its options; what is not named has its default.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(validation_alias=AliasChoices("name", "id"))
    options: dict[str, Any] = Field(default_factory=dict)


class CustomBenchmarkCreate(WireModel):
    """Body of `POST .../custom-benchmarks`.

    Attributes:
        name: 1 to 64 characters.
        description: at most 280 characters.
        file: key of an uploaded file; JSONL with `input`, `truth` and, if wanted, `subset` on each line,
            or one of the other formats.
        additional_metrics: what is measured besides being right.
        custom_scorers: the scorer that judges the answers, in place of the default: its name, or name and
            options.
        input_type: what `input` is on each line; text where it is None.
        task: the fuller form: `template`, `system`, `scorer` (`name`, `options`), `subset_scorers`,
            `generation` (`max_tokens`, `temperature`, `stop`); the file or the default says the rest.
        mapping: which column is what; None finds out where there is no doubt.
        format: what kind of file it is; None finds out.
        data: keys of uploaded files that the file refers to.
        dry_run: read and check it all, show the first prompts, and make nothing.
        sample: in a dry run of a file of more than 1 MB, rows to look at; None looks at all.
        wait: False to have it made in the background; `GET .../custom-benchmarks/imports/{id}` tells how far
            it is.
    """

    name: BenchmarkName
    description: BenchmarkDescription = ""
    file: str
    additional_metrics: list[AdditionalMetric] | None = None
    custom_scorers: list[str | ScorerChoice] | None = None
    input_type: InputType | None = None
    task: dict[str, Any] | None = None
    mapping: ColumnMapping | None = None
    format: str | None = None
    data: list[str] | None = None
    dry_run: bool = False
    sample: Annotated[int, Field(ge=1, le=10_000)] | None = None
    wait: bool = True

    @field_validator("custom_scorers", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Take one scorer for a list of one."""
        return [value] if isinstance(value, str | ScorerChoice | dict) else value


class CreatedBenchmark(WireModel):
    """Answer to the creation of a benchmark.

    Attributes:
        organization_id: the organisation it belongs to.
        project_id: the project it was added to.
        benchmark_id: its new id.
        findings: how the file was understood, and what to look at before its numbers are trusted.
    """

    organization_id: str
    project_id: str
    benchmark_id: str
    findings: list[str] = Field(default_factory=list)


class BadRow(WireModel):
    """A row of a file that cannot be used.

    Attributes:
        line: its number, from 1.
        reason: why.
    """

    line: int
    reason: str


class ImportProgress(WireModel):
    """How far a custom benchmark is that is made in the background.

    Attributes:
        import_id: of this import.
        status: `running`, `done` or `failed`.
        prompts_done: rows that were read, or stored.
        prompts_total: prompts to store; None while they are being read.
        error: why it failed; nothing was made then, and the file is still there.
        lines: the first rows that cannot be used.
        more: how many more there are.
        created: what was made; None before the end.
    """

    import_id: str
    status: Literal["running", "done", "failed"]
    prompts_done: int = 0
    prompts_total: int | None = None
    error: str = ""
    lines: list[BadRow] = Field(default_factory=list)
    more: int = 0
    created: CreatedBenchmark | None = None


class PromptPreview(WireModel):
    """One row of a file as a model would be asked it.

    Attributes:
        id: of the prompt.
        messages: what the model is sent.
        truth: the gold answer.
        aliases: other accepted answers.
        subset: the part it belongs to.
        scorer: the scorer that would judge the answer.
    """

    id: str
    messages: list[dict[str, Any]]
    truth: str
    aliases: list[str] = Field(default_factory=list)
    subset: str = ""
    scorer: str = ""


class BenchmarkPreview(WireModel):
    """Answer to the creation of a benchmark with `dry_run`: nothing was made.

    Attributes:
        format: what kind of file it is.
        prompt_count: prompts it has, or that were looked at.
        is_sample: whether only the first rows of the file were looked at.
        task: the settings it would be run with.
        findings: how the file was understood, and what to look at before its numbers are trusted.
        prompts: the first three.
        columns: the names of the file's columns, for a mapping; empty where it has none.
    """

    format: str
    prompt_count: int
    is_sample: bool = False
    task: dict[str, Any]
    findings: list[str] = Field(default_factory=list)
    prompts: list[PromptPreview]
    columns: list[str] = Field(default_factory=list)
