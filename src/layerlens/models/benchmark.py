"""Benchmarks: the public ones, an organisation's custom ones, and the catalogue's entries."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Discriminator, Field, Tag

from ._base import WireModel
from .model import _kind
from .paging import Pagination
from .smart_benchmark import BenchmarkGeneration, GenerationStatus


class Benchmark(WireModel):
    """A benchmark that a model can be evaluated on.

    Attributes:
        id: unique identifier.
        key: unique short name, such as `simpleqa`.
        name: what people call it.
        description: what it measures.
        prompt_count: prompts it has (0 if unknown).
    """

    id: str
    key: str
    name: str
    description: str = ""
    prompt_count: int = 0


class PublishedScores(WireModel):
    """Scores of several models that somebody published, measured by one protocol.

    Attributes:
        source: where they were published.
        protocol: how they were measured; it may differ from how the benchmark is put here.
        metric: what each score is.
        scores: 0.0 to 1.0 by the model's name.
    """

    source: str
    protocol: str
    metric: str = ""
    scores: dict[str, float] = Field(default_factory=dict)


class SubsetSize(WireModel):
    """A part of a benchmark.

    Attributes:
        name: of the part.
        count: prompts it has (0 if unknown).
    """

    name: str
    count: int = 0


class Installation(WireModel):
    """The version of a benchmark that new evaluations use.

    Attributes:
        version: hash over its prompts and settings.
        prompt_count: prompts it has.
        installed_at: when it was installed (unix seconds).
        source: where it was had from, in words.
        template: what becomes of a prompt.
        system: the system message; "" for none.
        scorer: what judges the answers.
        scorer_options: with which options.
        max_tokens: most tokens of an answer.
        temperature: what it is asked with.
    """

    version: str
    prompt_count: int
    installed_at: float
    source: str = ""
    template: str = ""
    system: str = ""
    scorer: str = ""
    scorer_options: dict[str, Any] = Field(default_factory=dict)
    max_tokens: int = 0
    temperature: float = 0.0


class FewShot(WireModel):
    """Worked examples that may come before each question.

    Attributes:
        shots: how many do, unless an evaluation says.
        standard: how many published protocols show.
        most: how many there are at the most; in the installed version, if it is installed.
        origin: where they come from and how they are chosen.
    """

    shots: int = 0
    standard: list[int] = Field(default_factory=list)
    most: int = 0
    origin: str = ""


class PublicBenchmark(Benchmark):
    """A benchmark of the public catalogue, as a project lists it.

    Attributes:
        description: what it measures (`full_description` on the wire).
        language: the language of its prompts.
        categories: what it is about.
        deprecated: True if it should not be chosen any more.
        licence: of its data.
        citation: the publication to cite.
        homepage: where its makers present it.
        scorer: what judges the answers.
        metric: what its number is called.
        metrics: what is measured of its answers besides, unless an evaluation says.
        few_shot: the worked examples that may come before its questions; None if there are none.
        published: scores that others measured.
        characteristics: what its prompts are like.
        sources: where its data comes from.
        installed: True if its prompts are here.
        subsets: its parts; their prompts are counted once it is installed.
        installation: the version that evaluations use; None while it is not installed.
    """

    description: str = Field(
        "",
        validation_alias=AliasChoices("full_description", "description"),
        serialization_alias="full_description",
    )
    language: str = ""
    categories: list[str] = Field(default_factory=list)
    deprecated: bool = False
    licence: str = ""
    citation: str = ""
    homepage: str = ""
    scorer: str = ""
    metric: str = ""
    metrics: list[str] = Field(default_factory=list)
    few_shot: FewShot | None = None
    published: list[PublishedScores] = Field(default_factory=list)
    characteristics: list[str] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list)
    installed: bool = False
    subsets: list[SubsetSize] = Field(default_factory=list)
    installation: Installation | None = None


class CustomBenchmark(Benchmark):
    """A benchmark that an organisation made from files of its own.

    Attributes:
        organization_id: the organisation it belongs to.
        system_prompt: what the model is told before each prompt; of a generated one, what kind of prompts
            were asked for.
        version_count: versions there are.
        regex_pattern: how the answer is extracted, where a pattern does it.
        llm_judge_model_id: the judging model, where one does it.
        custom_instructions: what the judge is told besides.
        scoring_metric: how answers are scored.
        metrics: additional metrics that are measured.
        files: keys of the uploaded files it was made from.
        disabled: True once it was deleted.
        installed: True if its prompts are here, which is so but for one that is being generated.
        subsets: as a public benchmark's, and so are:
        installation: the version that evaluations use.
        status: `generating`, `paused` or `failed` for one that is generated from documents and cannot be
            used yet, or at all.
        status_description: why that is so.
        generation: how its generation stands, or went; None where nobody asked for one.
    """

    organization_id: str
    system_prompt: str | None = None
    version_count: int = 1
    regex_pattern: str | None = None
    llm_judge_model_id: str | None = None
    custom_instructions: str | None = None
    scoring_metric: str | None = None
    metrics: list[str] = Field(default_factory=list)
    files: list[str] = Field(default_factory=list)
    disabled: bool = False
    installed: bool = True
    subsets: list[SubsetSize] = Field(default_factory=list)
    installation: Installation | None = None
    status: GenerationStatus = "ready"
    status_description: str = ""
    generation: BenchmarkGeneration | None = None

    @property
    def is_ready(self) -> bool:
        """True if it can be evaluated on."""
        return self.status == "ready"

    @property
    def is_finished(self) -> bool:
        """True if nothing is done about it any more: it is ready, or could not be generated."""
        return self.status in {"ready", "failed"}


class CatalogueBenchmark(Benchmark):
    """A benchmark of the public catalogue with all that is known of it; None is unknown.

    Attributes:
        created_at: when it entered the catalogue (unix seconds).
        language: the language of its prompts.
        categories: what it is about.
        characteristics: what its prompts are like.
        deprecated: True if it should not be chosen any more.
        is_public: True if everyone may use it.
    """

    created_at: int | None = None
    language: str | None = None
    categories: list[str] = Field(default_factory=list)
    characteristics: list[str] = Field(default_factory=list)
    deprecated: bool = False
    is_public: bool = True


AnyBenchmark = Annotated[
    Annotated[CustomBenchmark, Tag("custom")] | Annotated[PublicBenchmark, Tag("public")],
    Discriminator(_kind),
]
"""A benchmark as the wire carries it; `organization_id` tells which kind it is."""


class BenchmarkList(WireModel):
    """The benchmarks of a project (`datasets` on the wire)."""

    benchmarks: list[AnyBenchmark] = Field(alias="datasets")


class CatalogueBenchmarkList(WireModel):
    """A page of the public catalogue's benchmarks, with the values that filters can take.

    Attributes:
        benchmarks: the benchmarks of this page (`datasets` on the wire).
        categories: categories to filter by.
        languages: languages to filter by.
        count: benchmarks on this page.
        total_count: benchmarks on all pages.
    """

    benchmarks: list[CatalogueBenchmark] = Field(alias="datasets")
    categories: list[str] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    count: int = 0
    total_count: int = 0


class CatalogueBenchmarksResponse(CatalogueBenchmarkList):
    """A page of the public catalogue's benchmarks, with where it stands among the pages."""

    pagination: Pagination


class Prompt(WireModel):
    """One row of a benchmark.

    Attributes:
        id: unique within the benchmark.
        input: the question as text, a chat message list, or a JSON object.
        truth: the gold answer.
    """

    id: str
    input: str | list[dict[str, Any]] | dict[str, Any]
    truth: str


class PromptList(WireModel):
    """A page of a benchmark's prompts; `count` is the number on all pages."""

    prompts: list[Prompt]
    count: int


class PromptsResponse(WireModel):
    """A page of a benchmark's prompts.

    Attributes:
        prompts: the prompts of this page, in order.
        pagination: where the page stands.
    """

    prompts: list[Prompt]
    pagination: Pagination


class BenchmarkInstall(WireModel):
    """Body of `POST .../benchmarks/{id}/install`.

    Attributes:
        files: keys of uploaded files to import from; None fetches from the catalogue's sources.
        wait: False to have it done in the background; `GET .../install` tells how far it is.
    """

    files: list[str] | None = None
    wait: bool = True


class InstallProgress(WireModel):
    """How far an installation is.

    Attributes:
        benchmark_id: the benchmark's id.
        status: `none` where nobody has started one, `running`, `done` or `failed`.
        bytes_done: bytes had of the file at hand.
        bytes_total: bytes it has; None where that is not known.
        error: why it failed.
    """

    benchmark_id: str
    status: Literal["none", "running", "done", "failed"]
    bytes_done: int = 0
    bytes_total: int | None = None
    error: str = ""


class InstalledBenchmark(WireModel):
    """Answer to an installation.

    Attributes:
        benchmark_id: the benchmark's id.
        version: the version that is installed now.
        prompt_count: prompts it has.
    """

    benchmark_id: str
    version: str | int
    prompt_count: int
