"""Language Model Evaluation Harness: a task's YAML with the data files it names.

Its templates are rendered, row by row, into the text the model is sent. Source: the task guide of
github.com/EleutherAI/lm-evaluation-harness.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.formats import _jinja, _yaml
from stratix.benchmarks.formats._lm_eval_settings import Shots, settings
from stratix.benchmarks.formats.base import (
    BY_CONTENT,
    Draft,
    File,
    Request,
    checked,
    no_mapping,
    prompts_of,
)
from stratix.benchmarks.formats.json import rows_of as json_rows
from stratix.benchmarks.formats.jsonl import lines_of
from stratix.benchmarks.formats.parquet import rows_of as parquet_rows
from stratix.benchmarks.inputs import input_of, truth_of
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, type_name
from stratix.benchmarks.rows import MULTIPLE_CHOICE, Rows, numbered
from stratix.benchmarks.template import letter

SUFFIXES = (".yaml", ".yml", ".json")
ISOLATED = True

_LETTERS = [[letter(index) for index in range(count)] for count in range(2, 27)]
_EVALUATED = ("test_split", "validation_split")


def recognise(file: File) -> int:
    """Take YAML with a field that only the harness has."""
    if file.suffix == ".json":
        return BY_CONTENT if isinstance(file.json, dict) and "doc_to_text" in file.json else 0
    return BY_CONTENT if re.search(r"^(doc_to_text|doc_to_target|output_type)\s*:", file.text, re.M) else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a task and its data."""
    no_mapping(request, "lm-eval")
    given = _yaml.document(file)
    if not isinstance(given, dict):
        raise BadBenchmarkFile(f"{file.name} must hold the fields of a task, not {type_name(given)}.")
    findings: list[str] = []
    task, shots = settings(given, request, findings)
    make = _Maker(given, shots)
    rows = _rows_of(_data_of(given, data, findings))
    if make.choices is not None:
        if not make.lettered:
            task["template"] = MULTIPLE_CHOICE
        findings.append(
            "the harness compares the likelihoods of the options; here the model is asked for the letter of "
            "one, so the numbers are not comparable"
        )
    return Draft(prompts_of(rows, make.prompt, "row", "The data file holds no rows."), task, findings)


class _Maker:
    """Makes prompts of rows by a task's templates."""

    def __init__(self, given: Mapping[str, Any], shots: Shots) -> None:
        self.text = _field(given, "doc_to_text")
        self.target = _field(given, "doc_to_target")
        self.choices = _field(given, "doc_to_choice") if given.get("doc_to_choice") is not None else None
        # Options that are mere letters are written out in the question.
        self.lettered = given.get("doc_to_choice") in _LETTERS
        if given.get("output_type") == "multiple_choice" and self.choices is None:
            raise BadBenchmarkFile("`output_type: multiple_choice` needs `doc_to_choice`.")
        self.prefix = str(given.get("description") or "")
        for number, example in enumerate(shots.samples, start=1):
            try:
                shown = self._choices(example)
                answer = self._target(example, shown)
                text = str(self.text(example))
            except BadLine as error:
                raise BadBenchmarkFile(f"sample {number} of `fewshot_config`: {error}") from error
            answers = answer if isinstance(answer, list) else [answer]
            self.prefix += f"{text}{shots.target_delimiter}{answers[0]}{shots.delimiter}"

    def prompt(self, number: int, row: dict[str, Any]) -> Prompt:
        """Return the prompt of a row."""
        choices = self._choices(row)
        target = self._target(row, choices)
        targets = [truth_of(one) for one in (target if isinstance(target, list) else [target])]
        if not targets:
            raise BadLine("`doc_to_target` gives an empty list: there is no truth")
        if choices:
            if unknown := [one for one in targets if one not in choices]:
                raise BadLine(f"`doc_to_target` gives {unknown[0][:80]!r}, which is none of the options")
            targets = [letter(choices.index(one)) for one in targets]
        return Prompt(
            id=str(number),
            input=input_of(f"{self.prefix}{self.text(row)}", None),
            truth=targets[0].strip(),
            aliases=tuple(one.strip() for one in targets[1:]),
            choices=() if self.lettered else tuple(choices),
            metadata=checked(row),
        )

    def _choices(self, row: Mapping[str, Any]) -> list[str]:
        if self.choices is None:
            return []
        found = self.choices(row)
        found = list(found.values()) if isinstance(found, dict) else _literal(found)
        if not isinstance(found, list) or len(found) < 2:
            raise BadLine(f"`doc_to_choice` must give a list of at least two options, not {type_name(found)}")
        return [truth_of(one) for one in found]

    def _target(self, row: Mapping[str, Any], choices: list[str]) -> Any:
        """Return the right answer or answers, the texts of options where there are some."""
        found = self.target(row)
        if isinstance(found, str) and (
            found.strip().startswith("[") or (choices and found.strip().isdigit())
        ):
            found = _literal(found.strip())
        if isinstance(found, list):
            return [_option(one, choices) for one in found]
        return _option(found, choices)


def _option(value: Any, choices: list[str]) -> Any:
    """Return the option that an index from 0 means, else the value."""
    if choices and isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < len(choices):
            raise BadLine(
                f"`doc_to_target` gives {value}, but there are {len(choices)} options, which count from 0"
            )
        return choices[value]
    return value


def _field(given: Mapping[str, Any], name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what a field makes of a row: the column it names, what its template renders to, or itself."""
    said = given.get(name)
    if said is None:
        raise BadBenchmarkFile(f"`{name}` is missing.")
    if not isinstance(said, str):
        return lambda _row: said
    template = _jinja.compiled(said, name)
    return lambda row: row[said] if said in row else _jinja.rendered(template, row, name)


def _literal(text: Any) -> Any:
    """Return the list or number that a rendered text writes out, else the text."""
    if not isinstance(text, str):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return text


def _data_of(given: Mapping[str, Any], data: Sequence[File], findings: list[str]) -> File:
    """Return the file of the split that is evaluated."""
    named = (given.get("dataset_kwargs") or {}).get("data_files")
    split = next((given[name] for name in _EVALUATED if given.get(name)), "test")
    if isinstance(named, dict):
        if split not in named:
            raise BadBenchmarkFile(
                f"`data_files` has no split {split!r}: it has {', '.join(map(str, named))}."
            )
        named = named[split]
    listed = [named] if isinstance(named, str) else named or []
    names = [PurePosixPath(str(one)).name for one in listed]
    if len(names) > 1:
        raise BadBenchmarkFile(f"the split {split!r} is {len(names)} files: join them to one.")
    if not data:
        raise BadBenchmarkFile(
            f"The task's data is not in its YAML: give {names[0] if names else f'the split {split!r}'} "
            "along, by `data` (--data FILE)."
        )
    if not names:
        if len(data) > 1:
            raise BadBenchmarkFile(f"Give one data file, that of the split {split!r}.")
        source = given.get("dataset_path") or "the data set"
        findings.append(f"{source} is not fetched: the rows are those of {data[0].name}")
        return data[0]
    for file in data:
        if file.name == names[0]:
            return file
    raise BadBenchmarkFile(
        f"The task's data is {names[0]}; given was {', '.join(file.name for file in data)}."
    )


def _rows_of(file: File) -> Rows:
    if file.suffix == ".jsonl":
        return lines_of(file.content.splitlines())
    if file.suffix == ".json":
        # Hugging Face's JSON loader reads both forms.
        lines = file.content.lstrip()[:1] == b"{" and file.content.strip().count(b"\n") > 0
        return lines_of(file.content.splitlines()) if lines else numbered(json_rows(file))
    if file.suffix == ".parquet":
        return numbered(parquet_rows(file))
    raise BadBenchmarkFile(f"{file.name}: data is read from .jsonl, .json and .parquet files.")
