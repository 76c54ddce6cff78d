"""Having a benchmark generated from documents: what is asked for, and how it stands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ._base import WireModel
from ._rules import longest
from .custom_benchmark import BenchmarkDescription, BenchmarkName

DOCUMENT_SUFFIXES = (".txt", ".pdf", ".html", ".docx", ".csv", ".json", ".jsonl", ".parquet")
"""What the files of a benchmark that is generated may end in."""

GenerationStatus = Literal["generating", "paused", "ready", "failed"]


class SmartBenchmarkCreate(WireModel):
    """Body of `POST .../smart-benchmarks`: prompts are generated from documents, in the background.

    Attributes:
        name: 1 to 64 characters.
        description: at most 280 characters.
        system_prompt: what kind of prompts to generate.
        files: keys of uploaded .txt, .pdf, .html, .docx, .csv, .json, .jsonl or .parquet files.
        metrics: what is measured besides being right.
        model_id: the model that writes the prompts; None for the server's.
        prompts_per_passage: how many it may write about each passage, 1 to 20; None is 3.
        max_passages: how many passages it is asked about at most, 1 to 5,000; None is 500.
        cache: False to have it asked again what it was asked before.
    """

    name: BenchmarkName
    description: BenchmarkDescription = ""
    system_prompt: Annotated[str, AfterValidator(longest(20_000))]
    files: list[str] = Field(min_length=1, max_length=20)
    metrics: list[str] | None = None
    model_id: str | None = None
    prompts_per_passage: int | None = Field(None, ge=1, le=20)
    max_passages: int | None = Field(None, ge=1, le=5000)
    cache: bool = True


class BenchmarkGeneration(WireModel):
    """How the generation of a benchmark from documents stands.

    Attributes:
        model_id: the model that writes the prompts.
        model_key: its key.
        instructions: what kind of prompts was asked for.
        prompts_per_passage: how many it may write about each passage.
        total: passages it is asked about; None until the documents are read.
        done: passages it was asked about so far.
        prompts: prompts there are so far, each question once.
        duplicates: prompts that asked the same as another one.
        barren: passages that held nothing to ask about.
        unreadable: passages for which what the model wrote could not be read.
        failed: passages about which the model did not answer.
        tokens_input: tokens it has read, as far as its endpoint tells.
        tokens_output: tokens it has written, likewise.
        cost: dollars that were spent, by list prices; None where a price is not known.
        findings: what a person should know of how the prompts came about.
        created_at: when it was asked for (unix seconds).
        finished_at: when it ended; None until then.
    """

    model_id: str
    model_key: str
    instructions: str
    prompts_per_passage: int
    total: int | None = None
    done: int = 0
    prompts: int = 0
    duplicates: int = 0
    barren: int = 0
    unreadable: int = 0
    failed: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    cost: float | None = None
    findings: list[str] = Field(default_factory=list)
    created_at: float
    finished_at: float | None = None
