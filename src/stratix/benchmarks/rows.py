"""From the rows of a table to prompts: the columns mapped, the options and the truth made one form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.columns import CONTRACT, Columns, choose
from stratix.benchmarks.formats.base import Draft, Request, checked, prompts_of
from stratix.benchmarks.inputs import InputType, id_of, input_of, subset_of, truth_of
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, type_name
from stratix.benchmarks.template import letter, placeholders

MULTIPLE_CHOICE = "{input}\n\n{choices}\n\nAnswer with the letter of the right option alone."
"""The template of questions whose options are a column of their own."""

_LOOKED_AT = 100  # rows whose columns are known before it is decided which is what

Rows = Iterable[tuple[int, Any]]


def draft_of(
    rows: Rows, request: Request, noun: str, columns: list[str] | None = None, *, clean: bool = False
) -> Draft:
    """Return the benchmark that a table's rows make.

    Args:
        rows: number and row, or number and the `BadLine` that it is.
        request: what the user says.
        noun: what a row is called, line or row.
        columns: the table's columns; None to take those of the first rows.
        clean: True if what cannot be stored was sorted out before.

    Raises:
        BadBenchmarkFile: it is not clear which column is what.
    """
    rows = islice(rows, request.sample)
    head = list(islice(rows, _LOOKED_AT))
    seen = dict.fromkeys(name for _, row in head if isinstance(row, dict) for name in row)
    names = columns if columns is not None else [str(name) for name in seen]
    findings: list[str] = []
    if _is_plain(names, request):
        chosen = CONTRACT
        if unused := [name for name in names if name not in {"input", "truth", "subset"}]:
            findings.append(f"columns not used: {', '.join(f'`{name}`' for name in unused[:40])}")
    else:
        try:
            chosen = choose(names, request.mapping, request.template, findings)
        except BadBenchmarkFile as error:
            error.columns = tuple(names)
            raise
    task: dict[str, Any] = {}
    if chosen.choices:
        task = {"template": MULTIPLE_CHOICE, "scorer": {"name": "choice"}}
    empty = f'The file holds no prompts. It needs one {noun} a prompt: {{"input": "...", "truth": "..."}}'
    make = _reader(chosen, request.input_type, noun)

    def safe(number: int, row: Any) -> Prompt:
        return make(number, checked(row))

    prompts = prompts_of(chain(head, rows), make if clean else safe, noun, empty)
    return Draft(prompts, task, findings, tuple(names))


def _is_plain(names: list[str], request: Request) -> bool:
    """Tell whether a table is of the plain form, or of no form that could be told: its rows say why then."""
    return (
        request.mapping is None
        and set(placeholders(request.template or "")) <= {"input", "subset"}
        and ({"input", "truth"} <= set(names) or not names or set(names) <= {"input", "truth", "subset"})
    )


def _reader(columns: Columns, input_type: InputType | None, noun: str) -> Callable[[int, Any], Prompt]:
    """Return what makes a prompt of a row."""
    if columns is CONTRACT:

        def plain(number: int, row: dict[str, Any]) -> Prompt:
            for name in ("input", "truth"):
                if row.get(name) is None:
                    raise _missing(name, row, noun)
            given = input_of(row["input"], input_type)
            return Prompt(str(number), given, truth_of(row["truth"]), subset_of(row.get("subset")))

        return plain

    def mapped(number: int, row: dict[str, Any]) -> Prompt:
        given = _needed(row, columns.input, noun)
        if input_type is None and isinstance(given, int | float):
            given = json.dumps(given)
        choices, labels = _choices(row, columns.choices, noun)
        truth = _needed(row, columns.truth, noun)
        # A text such as "[1, 2]" may be the answer itself, but not in a column of many.
        truth = _listed(truth) if columns.truth.lower() == "answers" else truth
        truths = _texts(truth, columns.truth, choices, labels)
        aliases = [
            text
            for column in columns.aliases
            if (value := _at(row, column)) not in (None, "")
            for text in _texts(_listed(value), column, choices, labels)
        ]
        metadata = {}
        for name, column in (columns.metadata or {}).items():
            if (value := _at(row, column)) is not None:
                metadata[name] = value
        return Prompt(
            id=id_of(_needed(row, columns.id, noun)) if columns.id else str(number),
            input=input_of(given, input_type),
            truth=truths[0],
            subset=subset_of(_at(row, columns.subset)) if columns.subset else "",
            aliases=tuple(dict.fromkeys([*truths[1:], *aliases])),
            choices=tuple(choices),
            metadata=metadata,
        )

    return mapped


def _at(row: Mapping[str, Any], path: str) -> Any:
    if path in row:
        return row[path]
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _needed(row: Mapping[str, Any], path: str, noun: str) -> Any:
    if (value := _at(row, path)) is None:
        raise _missing(path, row, noun)
    return value


def _missing(name: str, row: Mapping[str, Any], noun: str) -> BadLine:
    present = ", ".join(f"`{field}`" for field in row) or "no field at all"
    return BadLine(f"`{name}` is missing (the {noun} has {present})")


def _choices(row: Mapping[str, Any], columns: tuple[str, ...], noun: str) -> tuple[list[str], list[str]]:
    """Return the options of a row, and the labels it gives them itself."""
    if not columns:
        return [], []
    labels: list[str] = []
    if len(columns) > 1:
        found: Any = [value for column in columns if (value := _at(row, column)) not in (None, "")]
    else:
        found = _listed(_needed(row, columns[0], noun))
        if isinstance(found, dict) and isinstance(found.get("text"), list):  # as ARC has them
            labels, found = [str(label) for label in found.get("label") or ()], found["text"]
    if not isinstance(found, list) or len(found) < 2:
        raise BadLine(f"`{columns[0]}` must be a list of at least two options, not {type_name(found)}")
    texts = [truth_of(text) for text in found]
    return texts, labels if len(labels) == len(texts) else []


def _texts(value: Any, column: str, choices: list[str], labels: list[str]) -> list[str]:
    """Return the answers that a cell holds, those of multiple choice as letters."""
    if isinstance(value, dict) and isinstance(value.get("text"), list):  # as SQuAD has them
        value = value["text"]
    values = value if isinstance(value, list) else [value]
    if not values:
        raise BadLine(f"`{column}` is an empty list: there is no truth")
    return list(
        dict.fromkeys(_letter_of(one, choices, labels) if choices else truth_of(one) for one in values)
    )


def _letter_of(value: Any, choices: list[str], labels: list[str]) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and str(value) not in labels:
        if 0 <= value < len(choices):
            return letter(value)
        raise BadLine(f"the truth {value} is no index of the {len(choices)} options, which count from 0")
    text = truth_of(value)
    if text in labels:
        return letter(labels.index(text))
    if text in choices:
        return letter(choices.index(text))
    bare = text.strip().strip("().").upper()
    if bare in [letter(index) for index in range(len(choices))]:
        return bare
    raise BadLine(f"the truth {text[:80]!r} is neither the letter nor the text of an option")


def _listed(value: Any) -> Any:
    """Return the list or object that a cell of text holds as JSON, else the cell as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def numbered(rows: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Yield rows with their numbers from 1; what is no object is a bad row."""
    for number, row in enumerate(rows, start=1):
        yield number, row if isinstance(row, dict) else BadLine(f"not an object but {type_name(row)}")
