"""From the files of a benchmark to its prompts, as the reader and the fields of its entry say."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from stratix.benchmarks import readers
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine
from stratix.benchmarks.template import letter
from stratix.catalogue import FieldMap, ReaderSpec


def read(spec: ReaderSpec, files: Sequence[Path]) -> Iterator[Prompt]:
    """Yield the prompts of a benchmark's files, in order; files that end in `.gz` are unpacked.

    Raises:
        BadBenchmarkFile: a file is not of the format, or a row lacks a field; the message says where.
        ValueError: there is no such reader.
    """
    rows = readers.load(spec.name)
    for path in files:
        number, seen = 0, set[str]()
        try:
            with _open(path) as stream:
                for number, row in enumerate(rows(stream, **spec.options), start=1):
                    if _wanted(spec.fields, row, seen):
                        yield _prompt(spec.fields, row, number, path.name.partition(".")[0])
        except BadLine as error:
            raise BadBenchmarkFile(f"{path.name}, row {number}: {error}") from error
        except (BadBenchmarkFile, EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
            raise BadBenchmarkFile(f"{path.name}: {error}") from error


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _wanted(fields: FieldMap, row: Mapping[str, Any], seen: set[str]) -> bool:
    for path, wanted in fields.where.items():
        if _field(row, path) not in (wanted if isinstance(wanted, tuple) else (wanted,)):
            return False
    if fields.once:
        mark = _text(_field(row, fields.once))
        if mark in seen:
            return False
        seen.add(mark)
    return True


def _prompt(fields: FieldMap, row: Mapping[str, Any], number: int, stem: str) -> Prompt:
    own_id = _text(_field(row, fields.id)) if fields.id else str(number)
    metadata = {name: _kept(row, path) for name, path in fields.metadata.items()}
    question = _field(row, fields.input)
    if fields.input_pattern:
        found = re.fullmatch(fields.input_pattern, _text(question), re.DOTALL)
        if not found:
            raise BadLine(f"`{fields.input}` does not match {fields.input_pattern!r}")
        metadata |= found.groupdict("")
        question = metadata.pop("input")
    choices = _choices(fields, row)
    truth, aliases = _truth(fields, row, choices)
    if fields.shuffled:
        choices, truth = _shuffled(choices, truth, _text(question))
    return Prompt(
        id=f"{stem}/{own_id}" if fields.subset_from_file else own_id,
        input=question,
        truth=truth,
        subset=stem
        if fields.subset_from_file
        else _text(_field(row, fields.subset))
        if fields.subset
        else "",
        aliases=aliases,
        choices=choices,
        metadata=metadata,
    )


def _truth(fields: FieldMap, row: Mapping[str, Any], choices: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the gold answer, a letter where there are choices to point at, and the other accepted ones."""
    others = tuple(_field(row, fields.aliases, None) or ()) if fields.aliases else ()
    if not fields.truth:
        return "", others
    found = _field(row, fields.truth)
    if fields.truth_form == "list":
        if not isinstance(found, list) or not found:
            raise BadLine(f"`{fields.truth}` is not a list of answers")
        # An answer of several parts is written as one.
        answers = [", ".join(map(_text, one)) if isinstance(one, list) else _text(one) for one in found]
        found, *rest = dict.fromkeys(answers)
        others = (*rest, *others)
    if fields.truth_form in ("choice", "index", "number", "label", "marks"):
        return _pointed(fields, row, found, choices), others
    truth = _text(found)
    if fields.truth_form == "boxed":
        truth = " ".join(_boxed(truth, fields.truth).split())
    if fields.truth_after:
        _solution, mark, truth = truth.rpartition(fields.truth_after)
        if not mark:
            raise BadLine(f"`{fields.truth}` has no {fields.truth_after!r}")
        truth = truth.strip()
    return fields.words.get(truth, truth), tuple(alias for alias in others if alias != truth)


def _pointed(fields: FieldMap, row: Mapping[str, Any], found: Any, choices: tuple[str, ...]) -> str:
    """Return the letter of the choice that a truth points at."""
    try:
        if fields.truth_form == "choice":
            wanted = _text(found[0] if isinstance(found, list) else found).strip()
            index = [choice.strip() for choice in choices].index(wanted)
        elif fields.truth_form == "label":
            index = list(_field(row, fields.labels)).index(found)
        elif fields.truth_form == "marks":
            index = list(found).index(1)
        else:
            index = int(found) - (fields.truth_form == "number")
    except ValueError:
        index = -1
    if not 0 <= index < len(choices):
        raise BadLine(f"`{fields.truth}` is {found!r}, which is none of the {len(choices)} choices")
    return letter(index)


def _boxed(solution: str, name: str) -> str:
    """Return what stands in the last `boxed` command, whose braces are balanced."""
    _, mark, rest = solution.rpartition("\\boxed")
    if mark and not rest.startswith("{"):  # \boxed 5
        return rest.split("$")[0].strip()
    depth = 0
    for place, character in enumerate(rest if mark else ""):
        depth += (character == "{") - (character == "}")
        if not depth:
            return rest[1:place]
    raise BadLine(f"`{name}` has no \\boxed answer")


def _choices(fields: FieldMap, row: Mapping[str, Any]) -> tuple[str, ...]:
    if isinstance(fields.choices, tuple):
        return tuple(map(_text, _flat(_field(row, name) for name in fields.choices)))
    if fields.choices_pattern:
        text = _text(_field(row, fields.choices or fields.input))
        return tuple(re.findall(fields.choices_pattern, text, re.MULTILINE))
    return tuple(_field(row, fields.choices)) if fields.choices else ()


def _shuffled(choices: tuple[str, ...], truth: str, question: str) -> tuple[tuple[str, ...], str]:
    """Return the choices in an order that depends on the question alone, and the truth's letter in it."""

    def rank(index: int) -> bytes:
        return hashlib.sha256(f"{question}\n{index}\n{choices[index]}".encode()).digest()

    order = sorted(range(len(choices)), key=rank)
    right = next(place for place, index in enumerate(order) if letter(index) == truth)
    return tuple(choices[index] for index in order), letter(right)


def _kept(row: Mapping[str, Any], path: str | tuple[str, ...]) -> Any:
    if isinstance(path, str):
        return _field(row, path)
    return "\n".join(_text(line) for line in _flat(_field(row, name) for name in path) if line)


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


_REQUIRED = object()


def _field(row: Mapping[str, Any], path: str, default: Any = _REQUIRED) -> Any:
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or value.get(name) is None:
            if default is not _REQUIRED:
                return default
            present = ", ".join(f"`{field}`" for field in row) or "no field"
            raise BadLine(f"there is no `{path}`; the row has {present}")
        value = value[name]
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
