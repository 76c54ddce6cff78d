"""promptfoo: a configuration of `prompts` and `tests`, in YAML or JSON.

Each prompt is asked for each test, and for each combination of a test's variables that are lists. Source: the
configuration reference of promptfoo.dev.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import PurePosixPath
from typing import Any

from stratix.benchmarks.base import Prompt
from stratix.benchmarks.formats import _jinja, _yaml
from stratix.benchmarks.formats._promptfoo_asserts import Judgement, judgement
from stratix.benchmarks.formats.base import (
    BY_CONTENT,
    MAX_ROWS,
    Draft,
    File,
    Request,
    checked,
    no_mapping,
    prompts_of,
    unknown_fields,
)
from stratix.benchmarks.inputs import MAX_SUBSET, input_of
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, type_name

SUFFIXES = (".yaml", ".yml", ".json")
ISOLATED = True

_READ = ("prompts", "tests", "defaultTest")
_WITHOUT_EFFECT = (
    "description",
    "providers",
    "targets",
    "outputPath",
    "sharing",
    "tags",
    "$schema",
    "metadata",
)
_OF_TEST = ("vars", "assert", "description", "metadata")


def recognise(file: File) -> int:
    """Take files with tests, and prompts to ask them by."""
    if file.suffix == ".json":
        return BY_CONTENT if isinstance(file.json, dict) and {"prompts", "tests"} <= file.json.keys() else 0
    return BY_CONTENT if re.search(r"^(tests|prompts|defaultTest)\s*:", file.text, re.M) else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a configuration; the scorer of a row is that of its subset."""
    no_mapping(request, "promptfoo")
    given = _yaml.document(file, core=True)
    if not isinstance(given, dict):
        raise BadBenchmarkFile(f"{file.name} must hold `prompts` and `tests`, not {type_name(given)}.")
    for name in unknown_fields(given, (*_READ, *_WITHOUT_EFFECT)):
        raise BadBenchmarkFile(f"{file.name} cannot be carried over: `{name}` is not supported; take it out.")
    files = {one.name: one for one in data}
    prompts = _prompts(given.get("prompts"), files)
    tests = _referred(given.get("tests"), files, "tests")
    if not isinstance(tests, list):
        raise BadBenchmarkFile(f"`tests` must be a list, not {type_name(tests)}.")
    default = given.get("defaultTest") or {}
    findings: list[str] = []
    if names := [name for name in ("providers", "targets") if given.get(name)]:
        findings.append(f"`{names[0]}` is left out: models are chosen when you evaluate")
    cases = list(_cases(tests, default, findings))
    kinds = dict.fromkeys(case.judged.key for _, case in cases if isinstance(case, _Case))
    subsets = _subsets(list(kinds), list(prompts), request.scorer_chosen)
    task: dict[str, Any] = {}
    if not request.scorer_chosen:
        judged = {case.judged.key: case.judged for _, case in cases if isinstance(case, _Case)}
        specs = {key: {"name": one.scorer, "options": one.options} for key, one in judged.items()}
        if specs:
            task["scorer"] = next(iter(specs.values()))
        if len(specs) > 1:
            task["subset_scorers"] = {name: specs[key] for (key, _), name in subsets.items()}
    rows = (
        (n, (c, label, t)) if isinstance(c, _Case) else (n, c)
        for n, c in cases
        for label, t in prompts.items()
    )
    return Draft(
        prompts_of(_once(rows), _maker(subsets, len(prompts)), "test", f"{file.name} has no tests."),
        task,
        findings,
    )


class _Case:
    """A test with one value for each of its variables."""

    def __init__(
        self, number: str, variables: Mapping[str, Any], judged: Judgement, metadata: Mapping[str, Any]
    ) -> None:
        self.number = number
        self.variables = variables
        self.judged = judged
        self.metadata = metadata


def _cases(
    tests: list[Any], default: Mapping[str, Any], findings: list[str]
) -> Iterator[tuple[int, _Case | BadLine]]:
    count = 0
    for number, test in enumerate(tests, start=1):
        try:
            if not isinstance(test, dict):
                raise BadLine(f"must be an object, not {type_name(test)}")
            for where, part in (("", test), ("`defaultTest`: ", default)):
                if unknown := unknown_fields(part, _OF_TEST):
                    raise BadLine(f"{where}`{unknown[0]}` is not supported; take it out")
            variables = {**(default.get("vars") or {}), **(test.get("vars") or {})}
            asserts = [*(default.get("assert") or []), *(test.get("assert") or [])]
            values = [value if isinstance(value, list) else [value] for value in variables.values()]
            for place, combination in enumerate(product(*values), start=1):
                count += 1
                if count > MAX_ROWS:
                    raise BadBenchmarkFile(f"The tests make more than {MAX_ROWS:,} prompts: split the file.")
                filled = dict(zip(variables, combination, strict=True))
                if files := [n for n, v in filled.items() if isinstance(v, str) and v.startswith("file://")]:
                    raise BadLine(f"the variable `{files[0]}` is read from a file; write it out")
                own = f"{number}.{place}" if any(len(value) > 1 for value in values) else str(number)
                metadata = {"vars": filled} | {n: test[n] for n in ("description", "metadata") if n in test}
                yield number, _Case(own, filled, judgement(asserts, filled, findings), metadata)
        except BadLine as error:
            yield number, error


def _once(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Leave out that a test is bad for the second prompt too."""
    told: set[int] = set()
    for number, row in rows:
        if isinstance(row, BadLine):
            if number in told:
                continue
            told.add(number)
        yield number, row


def _maker(subsets: Mapping[tuple[str, str], str], prompt_count: int) -> Callable[[int, Any], Prompt]:
    def prompt(_number: int, row: Any) -> Prompt:
        case, label, template = row
        text = _jinja.rendered(template, case.variables, f"prompt {label}")
        messages = _messages(text)
        own = f"{case.number}/{label}" if prompt_count > 1 else case.number
        judged = case.judged
        return Prompt(
            id=own[:256],
            input=input_of(text if messages is None else messages, None if messages is None else "messages"),
            truth=judged.truth,
            subset=subsets[judged.key, label],
            aliases=judged.aliases,
            metadata=checked({**case.metadata, **judged.metadata}),
        )

    return prompt


def _messages(text: str) -> list[Any] | None:
    """Return the chat messages that a prompt writes out as JSON; None if it is plain text."""
    if not text.lstrip().startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(one, dict) for one in found) else None


def _subsets(kinds: list[str], labels: list[str], one_scorer: bool) -> dict[tuple[str, str], str]:
    """Return the subset of each kind of judgement and prompt; "" where nothing is to be told apart."""
    several_kinds = len(kinds) > 1 and not one_scorer
    found = {}
    for kind in kinds:
        for label in labels:
            parts = [label] * (len(labels) > 1) + [kind] * several_kinds
            found[kind, label] = ": ".join(parts)[:MAX_SUBSET]
    return found


def _prompts(said: Any, files: Mapping[str, File]) -> dict[str, Any]:
    """Return the templates of the prompts by their labels."""
    listed = said if isinstance(said, list) else [said] if said else []
    found: dict[str, Any] = {}
    for number, one in enumerate(listed, start=1):
        label, text = f"prompt {number}", one
        if isinstance(one, dict):
            for name in unknown_fields(one, ("raw", "label", "id", "description")):
                raise BadBenchmarkFile(f"prompt {number} cannot be carried over: `{name}` is not supported.")
            label, text = str(one.get("label") or label), one.get("raw") or one.get("id")
        if isinstance(text, str) and text.startswith("file://"):
            file = _file(text, files, f"prompt {number}")
            if file.suffix not in {".txt", ".json"}:
                raise BadBenchmarkFile(
                    f"prompt {number} is {file.name}; a prompt is read from .txt or .json."
                )
            text = file.text
        if isinstance(text, list):
            text = json.dumps(text, ensure_ascii=False)
        if not isinstance(text, str) or not text.strip():
            raise BadBenchmarkFile(
                f"prompt {number} must be a text or a message list, not {type_name(text)}."
            )
        if label in found:
            raise BadBenchmarkFile(f"two prompts have the label {label!r}: rename one.")
        found[label] = _jinja.compiled(text, f"prompt {number}")
    if not found:
        raise BadBenchmarkFile("The file has no `prompts`: add the text that the tests' variables fill.")
    return found


def _referred(said: Any, files: Mapping[str, File], what: str) -> Any:
    if isinstance(said, str) and (
        said.startswith("file://") or "/" in said or said.endswith((".yaml", ".yml", ".json"))
    ):
        file = _file(said, files, f"`{what}`")
        if file.suffix == ".jsonl":
            return [json.loads(line) for line in file.text.splitlines() if line.strip()]
        return _yaml.document(file, core=True)
    return said


def _file(reference: str, files: Mapping[str, File], what: str) -> File:
    name = PurePosixPath(reference.removeprefix("file://")).name
    if name not in files:
        raise BadBenchmarkFile(f"{what} is the file {name}: give it along, by `data` (--data FILE).")
    return files[name]
