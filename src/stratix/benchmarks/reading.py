"""From the files of a benchmark to its prompts, as the reader and the fields of its entry say."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from stratix.benchmarks import readers
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine
from stratix.catalogue import FieldMap, ReaderSpec


def read(spec: ReaderSpec, files: Sequence[Path]) -> Iterator[Prompt]:
    """Yield the prompts of a benchmark's files, in order; files that end in `.gz` are unpacked.

    Raises:
        BadBenchmarkFile: a file is not of the format, or a row lacks a field; the message says where.
        ValueError: there is no such reader.
    """
    rows = readers.load(spec.name)
    for path in files:
        number = 0
        try:
            with _open(path) as stream:
                for number, row in enumerate(rows(stream, **spec.options), start=1):
                    yield _prompt(spec.fields, row, number, path.name.partition(".")[0])
        except BadLine as error:
            raise BadBenchmarkFile(f"{path.name}, row {number}: {error}") from error
        except (BadBenchmarkFile, EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
            raise BadBenchmarkFile(f"{path.name}: {error}") from error


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _prompt(fields: FieldMap, row: Mapping[str, Any], number: int, stem: str) -> Prompt:
    own_id = str(_field(row, fields.id)) if fields.id else str(number)
    truth = _field(row, fields.truth)
    truth = truth if isinstance(truth, str) else json.dumps(truth, ensure_ascii=False)
    if fields.truth_after:
        _solution, mark, truth = truth.rpartition(fields.truth_after)
        if not mark:
            raise BadLine(f"`{fields.truth}` has no {fields.truth_after!r}")
        truth = truth.strip()
    return Prompt(
        id=f"{stem}/{own_id}" if fields.subset_from_file else own_id,
        input=_field(row, fields.input),
        truth=truth,
        subset=stem if fields.subset_from_file else str(_field(row, fields.subset)) if fields.subset else "",
        aliases=tuple(row.get(fields.aliases) or ()),
        choices=_choices(fields, row),
        metadata={name: _field(row, path) for name, path in fields.metadata.items()},
    )


def _choices(fields: FieldMap, row: Mapping[str, Any]) -> tuple[str, ...]:
    if fields.choices_pattern:
        return tuple(re.findall(fields.choices_pattern, str(_field(row, fields.input)), re.MULTILINE))
    return tuple(_field(row, fields.choices)) if fields.choices else ()


def _field(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or value.get(name) is None:
            present = ", ".join(f"`{field}`" for field in row) or "no field"
            raise BadLine(f"there is no `{path}`; the row has {present}")
        value = value[name]
    return value
