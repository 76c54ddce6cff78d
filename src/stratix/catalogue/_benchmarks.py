"""Public benchmarks: what each measures, where its data comes from, and how it is run and scored."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from stratix.catalogue._ids import stable_id
from stratix.catalogue._sources import ReaderSpec, Source
from stratix.catalogue._tasks import Task

_FOLDER = Path(__file__).parent / "benchmarks"


class PublishedScores(BaseModel):
    """Scores of several models that somebody published, measured by one protocol.

    Attributes:
        source: where they were published.
        protocol: how they were measured; compare it with the entry's own task before comparing numbers.
        metric: what each score is, such as `accuracy`.
        scores: 0.0 to 1.0 by the model's name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    protocol: str = Field(min_length=1)
    metric: str = "accuracy"
    scores: dict[str, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(min_length=2)


class FewShot(BaseModel):
    """Worked examples, which an evaluation may put before each question.

    Attributes:
        standard: how many of them published protocols show.
        most: how many there are for each question at the most; a source may have fewer.
        origin: where they come from and how they are chosen, for a person.
        reply: what the model is shown to have answered: a template with `{truth}`, `{input}` and the names
            of the examples' metadata; "" for "Answer: " and the truth.
        cut: a regular expression; what it matches in the metadata is left out of the reply.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: tuple[int, ...] = Field(min_length=1)
    most: int = Field(gt=0)
    origin: str = Field(min_length=1)
    reply: str = ""
    cut: str = ""

    @model_validator(mode="after")
    def _has_what_is_standard(self) -> FewShot:
        if not all(0 < number <= self.most for number in self.standard):
            raise ValueError("a standard number of worked examples is from 1 to `most`")
        return self


class BenchmarkEntry(BaseModel):
    """One public benchmark, as its file in `catalogue/benchmarks/` states it.

    Attributes:
        key: unique, lowercase; equal to the file's name.
        name: the name people use.
        full_description: what it measures, and what to mind when reading its number.
        language: ISO 639-1 code of the prompts; `mul` for several.
        categories: what it can be filtered by.
        characteristics: short remarks on how it is put and scored.
        prompt_count: how many prompts the complete benchmark has.
        subsets: names of its parts, in order; empty where there are none.
        licence: of the data, which may differ from the code's: an SPDX identifier, or what is known in words.
        citation: the publication to cite.
        homepage: where its makers present it.
        released: the day it was published.
        deprecated: True if its makers or the field have given it up.
        sources: where the data can be had, tried in order.
        reader: how its files are read, unless a source says otherwise.
        task: how it is put to a model and scored.
        few_shot: the worked examples that may come before its questions; None if there are none.
        metric: what its number is called and means, such as `accuracy`.
        metrics: what is measured of its answers besides, such as `readability`.
        published: scores that others measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=256)
    name: str = Field(min_length=1, max_length=256)
    full_description: str = Field(min_length=1)
    language: str = Field(pattern=r"^([a-z]{2}|mul)$")
    categories: tuple[str, ...] = Field(min_length=1)
    characteristics: tuple[str, ...] = ()
    prompt_count: int = Field(gt=0)
    subsets: tuple[str, ...] = ()
    licence: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    homepage: str = ""
    released: date
    deprecated: bool = False
    sources: tuple[Source, ...] = Field(min_length=1)
    reader: ReaderSpec
    task: Task
    few_shot: FewShot | None = None
    metric: str = "accuracy"
    metrics: tuple[str, ...] = ()
    published: tuple[PublishedScores, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy has no support for decorators above property
    @property
    def id(self) -> str:
        """The stable id, derived from the key."""
        return stable_id("benchmark", self.key)

    def reader_of(self, source: Source) -> ReaderSpec:
        """Return how the files of one of its sources are read."""
        return source.reader or self.reader

    @model_validator(mode="after")
    def _worked_examples_are_described(self) -> BenchmarkEntry:
        if self.few_shot is None and (self.task.shots or any(source.examples for source in self.sources)):
            raise ValueError("`few_shot` must say what its worked examples are")
        if self.few_shot is not None and self.task.shots > self.few_shot.most:
            raise ValueError("`shots` is more than the `most` worked examples")
        return self

    @model_validator(mode="after")
    def _subset_scorers_name_subsets(self) -> BenchmarkEntry:
        if unknown := set(self.task.subset_scorers) - set(self.subsets):
            raise ValueError(f"scorers for subsets that are not listed: {', '.join(sorted(unknown))}")
        return self


def load_benchmarks(folder: Path) -> Mapping[str, BenchmarkEntry]:
    """Read every benchmark file of a folder.

    Returns:
        The entries by key, sorted by key.

    Raises:
        ValueError: a file is not TOML, its entry is not valid, or its key is not the file's name.
    """
    entries: dict[str, BenchmarkEntry] = {}
    for path in sorted(folder.glob("*.toml"), key=lambda path: path.stem):
        try:
            entry = BenchmarkEntry.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
            if entry.key != path.stem:
                raise ValueError(f"its key is {entry.key}, which must be the file's name")
        except ValueError as error:
            raise ValueError(f"{path.name} is not a valid benchmark: {error}") from error
        entries[entry.key] = entry
    return MappingProxyType(entries)


@cache
def _public() -> tuple[Mapping[str, BenchmarkEntry], Mapping[str, BenchmarkEntry]]:
    by_key = load_benchmarks(_FOLDER)
    return by_key, MappingProxyType({entry.id: entry for entry in by_key.values()})


def public_benchmarks() -> tuple[BenchmarkEntry, ...]:
    """Return every public benchmark, sorted by key; read once and kept."""
    return tuple(_public()[0].values())


def public_benchmark(benchmark_id: str) -> BenchmarkEntry | None:
    """Return the public benchmark with this id; None if there is none."""
    return _public()[1].get(benchmark_id)


def public_benchmark_by_key(key: str) -> BenchmarkEntry | None:
    """Return the public benchmark with exactly this key; None if there is none."""
    return _public()[0].get(key)
