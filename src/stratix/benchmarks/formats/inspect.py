"""Inspect: samples of `input`, `target`, `choices`, `id` and `metadata`, as JSONL or a JSON list.

Source: the class `Sample` of Inspect (UK AI Security Institute, inspect.aisi.org.uk).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.formats.base import (
    BY_CONTENT,
    Draft,
    File,
    Request,
    checked,
    no_data,
    no_mapping,
    prompts_of,
    unknown_fields,
)
from stratix.benchmarks.formats.json import rows_of
from stratix.benchmarks.formats.jsonl import lines_of
from stratix.benchmarks.inputs import id_of, input_of, truth_of
from stratix.benchmarks.lines import BadLine, type_name
from stratix.benchmarks.rows import MULTIPLE_CHOICE, numbered
from stratix.benchmarks.template import letter

SUFFIXES = (".jsonl", ".json")
ISOLATED = False

_FIELDS = ("input", "target", "choices", "id", "metadata", "sandbox", "files", "setup")
_UNNAMED = (
    "the samples do not name their scorer; `exact` compares the whole answer. Choose `includes` for "
    "Inspect's includes(), `numeric` for match(numeric=True)"
)


def recognise(file: File) -> int:
    """Take files whose first row has `input` and `target`, and no other fields than samples have."""
    row = file.first_row
    return BY_CONTENT if {"input", "target"} <= row.keys() and not unknown_fields(row, _FIELDS) else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of the samples; all of them have choices, or none has."""
    no_data(data, "inspect")
    no_mapping(request, "inspect")
    listed = file.suffix == ".json"
    rows = numbered(rows_of(file)) if listed else lines_of(file.content.splitlines())
    empty = 'The file holds no samples. It needs one object a line: {"input": "...", "target": "..."}'
    chosen = bool(file.first_row.get("choices"))

    def prompt(number: int, row: dict[str, Any]) -> Prompt:
        if bool(row.get("choices")) != chosen:
            has, other = ("no", "has") if chosen else ("", "has none")
            raise BadLine(
                f"has {has} `choices` while the first sample {other}: split the file".replace("  ", " ")
            )
        return _prompt(number, row)

    task: dict[str, Any] = {"scorer": {"name": "choice" if chosen else "exact"}}
    if chosen:
        task["template"] = MULTIPLE_CHOICE
    findings = [] if chosen or request.scorer_chosen else [_UNNAMED]
    return Draft(prompts_of(rows, prompt, "sample" if listed else "line", empty), task, findings)


def _prompt(number: int, row: dict[str, Any]) -> Prompt:
    checked(row)
    if unknown := unknown_fields(row, _FIELDS):
        raise BadLine(f"`{unknown[0]}` is no field of a sample")
    for name in ("sandbox", "files", "setup"):
        if row.get(name):
            raise BadLine(f"`{name}` sets up a sandbox for an agent, which cannot be carried over")
    for name in ("input", "target"):
        if row.get(name) in (None, []):
            raise BadLine(f"`{name}` is missing or empty")
    given = row["input"]
    choices = row.get("choices") or []
    targets = row["target"] if isinstance(row["target"], list) else [row["target"]]
    truth, *aliases = dict.fromkeys(map(truth_of, targets))
    if choices:
        if not isinstance(choices, list) or len(choices) < 2:
            raise BadLine(f"`choices` must be a list of at least two options, not {type_name(choices)}")
        if isinstance(given, list):
            raise BadLine(
                "has `choices` beside a message list, which would not show them: write `input` as text"
            )
        if aliases:
            raise BadLine("asks for several options at once, which no scorer here judges: give one `target`")
        truth = _letter(truth, len(choices))
    metadata = row.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise BadLine(f"`metadata` must be an object, not {type_name(metadata)}")
    return Prompt(
        id=str(number) if row.get("id") is None else id_of(row["id"]),
        input=input_of(given, "messages" if isinstance(given, list) else None),
        truth=truth,
        aliases=tuple(aliases),
        choices=tuple(map(truth_of, choices)),
        metadata=metadata,
    )


def _letter(target: str, count: int) -> str:
    letters = [letter(index) for index in range(count)]
    if target.strip().upper() not in letters:
        raise BadLine(
            f"`target` is {target[:80]!r}; with `choices` it is a letter, {letters[0]} to {letters[-1]}"
        )
    return target.strip().upper()
