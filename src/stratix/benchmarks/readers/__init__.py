"""Readers: from the files of a benchmark to rows, and from rows to prompts; one file a format.

A reader is a file of this folder, or an entry point of the group `stratix.readers` in an installed
plugin, that yields the rows of one file in order. It knows the format alone: which field is the
question and which the truth stands in the catalogue entry.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any, cast

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine
from stratix.catalogue import FieldMap, ReaderSpec

__all__ = ["Reader", "load", "names", "read"]

Reader = Callable[..., Iterator[Mapping[str, Any]]]
"""`rows(stream, **options)`: the rows of one file, opened in binary mode and already unpacked."""

_GROUP = "stratix.readers"
_OWN = frozenset(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def names() -> tuple[str, ...]:
    """Return the names of all readers, those of plugins included, sorted."""
    return tuple(sorted(_OWN | {point.name for point in entry_points(group=_GROUP)}))


@cache
def load(name: str) -> Reader:
    """Return a reader by its name.

    Raises:
        ValueError: there is no reader of that name; the message lists those there are.
    """
    if name in _OWN:
        return cast(Reader, import_module(f"{__name__}.{name}").rows)
    for point in entry_points(group=_GROUP, name=name):
        return cast(Reader, point.load())
    raise ValueError(f"there is no reader {name!r}; there are: {', '.join(names())}")


def read(spec: ReaderSpec, files: Sequence[Path]) -> Iterator[Prompt]:
    """Yield the prompts of a benchmark's files, in order; files that end in `.gz` are unpacked.

    Raises:
        BadBenchmarkFile: a file is not of the format, or a row lacks a field; the message says where.
        ValueError: there is no such reader.
    """
    rows = load(spec.name)
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
        choices=tuple(_field(row, fields.choices)) if fields.choices else (),
        metadata={name: _field(row, path) for name, path in fields.metadata.items()},
    )


def _field(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or value.get(name) is None:
            present = ", ".join(f"`{field}`" for field in row)
            raise BadLine(f"there is no `{path}`; the row has {present}")
        value = value[name]
    return value
