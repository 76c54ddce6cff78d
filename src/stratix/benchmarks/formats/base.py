"""What a format is handed, and what it makes of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any

from layerlens.models import ColumnMapping
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.inputs import InputType
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, check_storable

BY_CONTENT, BY_SUFFIX = 2, 1
"""How sure a format is that a file is its own: it has looked inside, or the name says so."""

MAX_ROWS = 1_000_000
MAX_CELL = 4 * 1024**2
"""Characters that a text of a row may have."""

_SHOWN_PROBLEMS = 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class File:
    """An uploaded file.

    Attributes:
        name: its name, without folders.
        content: its bytes.
    """

    name: str
    content: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        """The ending of its name, lowercase, with the dot."""
        return PurePath(self.name).suffix.lower()

    @cached_property
    def text(self) -> str:
        """Its text.

        Raises:
            BadBenchmarkFile: it is not UTF-8.
        """
        try:
            return self.content.removeprefix(_BOM).decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadBenchmarkFile(
                f"{self.name} is not UTF-8 (byte {error.start + 1}): save it as UTF-8"
            ) from error

    @cached_property
    def json(self) -> Any:
        """The JSON document it holds.

        Raises:
            BadBenchmarkFile: it holds none.
        """
        try:
            return json.loads(self.text)
        except RecursionError as error:
            raise BadBenchmarkFile(f"{self.name} is not JSON: nested too deeply") from error
        except BadBenchmarkFile:
            raise
        except ValueError as error:
            raise BadBenchmarkFile(f"{self.name} is not JSON: {error}") from error

    @cached_property
    def first_row(self) -> dict[str, Any]:
        """The first object of its JSONL lines or JSON list; empty if there is none."""
        if self.suffix == ".json":
            rows: Any = self.json
        else:
            rows = []
            for line in self.content.removeprefix(_BOM).splitlines()[:20]:
                try:
                    rows = [json.loads(line)]
                except (ValueError, RecursionError):
                    continue
                break
        return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}


@dataclass(frozen=True, slots=True)
class Request:
    """What the user says about the file.

    Attributes:
        input_type: what each input is; None for text.
        mapping: which column is what; None to find out.
        template: the user's own template; None for the file's or the default.
        scorer_chosen: True if the user names the scorer, so that the file need not.
        sample: rows of a table to look at; None for all.
    """

    input_type: InputType | None = None
    mapping: ColumnMapping | None = None
    template: str | None = None
    scorer_chosen: bool = False
    sample: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A benchmark as a file describes it.

    Attributes:
        prompts: its rows, in order; consumed once, and bad rows are reported at the end.
        task: the settings the file states, as fields of a `Task`; what is not stated is left out.
        findings: what a person should know of how the file was understood, filled up while rows are read.
        columns: the names of its columns, for a mapping; empty where it has none.
    """

    prompts: Iterable[Prompt]
    task: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()


def prompts_of(
    rows: Iterable[tuple[int, Any]], to_prompt: Callable[[int, Any], Prompt], noun: str, empty: str
) -> Iterator[Prompt]:
    """Yield the prompts of numbered rows, and report the bad ones once all are read.

    Keep nothing of a file before the iterator has ended.

    Args:
        rows: number and row, or number and the `BadLine` that it is.
        to_prompt: makes a prompt of a row; raises `BadLine`.
        noun: what a row is called: line, row, sample, test.
        empty: the message if there is no row at all.

    Raises:
        BadBenchmarkFile: rows are bad, there are none or too many.
    """
    problems: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    bad = good = 0
    for number, row in rows:
        try:
            if isinstance(row, BadLine):
                raise row
            prompt = to_prompt(number, row)
            if (first := seen.setdefault(prompt.id, number)) != number:
                raise BadLine(f"the id {prompt.id!r} is that of {noun} {first} already")
        except BadLine as error:
            bad += 1
            if len(problems) < _SHOWN_PROBLEMS:
                problems.append((number, str(error)))
        else:
            good += 1
            if good > MAX_ROWS:
                raise BadBenchmarkFile(f"The file has more than {MAX_ROWS:,} {noun}s: split it.")
            yield prompt
    if bad:
        summary = f"{bad} of {bad + good} {noun}s cannot be used; nothing was kept."
        raise BadBenchmarkFile(summary, problems, bad - len(problems), noun)
    if not good:
        raise BadBenchmarkFile(empty)


def checked(row: Any) -> Any:
    """Return a row whose values can all be stored.

    Raises:
        BadLine: one cannot, or is too long.
    """
    check_storable(row)
    values: Iterable[Any] = row.values() if isinstance(row, dict) else row if isinstance(row, list) else [row]
    for value in values:
        if isinstance(value, str) and len(value) > MAX_CELL:
            raise BadLine(f"a text has {len(value):,} characters; at most {MAX_CELL:,} are allowed")
    return row


def no_mapping(request: Request, name: str) -> None:
    """Refuse a mapping of columns for a format that says itself what is what.

    Raises:
        BadBenchmarkFile: there is one.
    """
    if request.mapping is not None:
        raise BadBenchmarkFile(
            f"A file of the format {name} says itself what is what: leave the mapping out."
        )


def no_data(data: Sequence[File], name: str) -> None:
    """Refuse further files for a format that is one file.

    Raises:
        BadBenchmarkFile: there are some.
    """
    if data:
        raise BadBenchmarkFile(
            f"A file of the format {name} has no data files beside it: leave {data[0].name} out."
        )


def unknown_fields(row: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Return the names of fields that are set and not known, in order."""
    return [str(name) for name in row if name not in set(known)]
