"""OpenAI Evals: JSONL of `input`, a chat message list or text, and `ideal`, the accepted answers.

Source: the samples of github.com/openai/evals.
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
)
from stratix.benchmarks.formats.json import rows_of
from stratix.benchmarks.formats.jsonl import lines_of
from stratix.benchmarks.inputs import input_of, truth_of
from stratix.benchmarks.lines import BadLine, type_name
from stratix.benchmarks.rows import numbered

SUFFIXES = (".jsonl", ".json")
ISOLATED = False

_UNNAMED = (
    "the samples do not say which class scores them; `exact` compares the whole answer. Choose `includes` "
    "for the class Includes, `json_match` for JsonMatch"
)


def recognise(file: File) -> int:
    """Take files whose first row has `ideal`."""
    return BY_CONTENT if {"input", "ideal"} <= file.first_row.keys() else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of the samples."""
    no_data(data, "openai-evals")
    no_mapping(request, "openai-evals")
    listed = file.suffix == ".json"
    rows = numbered(rows_of(file)) if listed else lines_of(file.content.splitlines())
    empty = 'The file holds no samples. It needs one object a line: {"input": [...], "ideal": "..."}'
    return Draft(
        prompts_of(rows, _prompt, "sample" if listed else "line", empty),
        {"scorer": {"name": "exact"}},
        [] if request.scorer_chosen else [_UNNAMED],
    )


def _prompt(number: int, row: dict[str, Any]) -> Prompt:
    checked(row)
    for name in ("input", "ideal"):
        if row.get(name) in (None, []):
            raise BadLine(f"`{name}` is missing or empty")
    given = row["input"]
    if not isinstance(given, str | list):
        raise BadLine(f"`input` must be a message list or a text, not {type_name(given)}")
    ideal = row["ideal"] if isinstance(row["ideal"], list) else [row["ideal"]]
    truth, *aliases = dict.fromkeys(map(truth_of, ideal))
    metadata = {name: value for name, value in row.items() if name not in {"input", "ideal"}}
    given = input_of(given, None if isinstance(given, str) else "messages")
    return Prompt(str(number), given, truth, aliases=tuple(aliases), metadata=metadata)
