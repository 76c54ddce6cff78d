"""YAML without its tags: data alone, whatever a file asks to be made or run."""

from __future__ import annotations

import datetime
import re
from typing import Any

import yaml

from stratix.benchmarks.formats.base import File
from stratix.benchmarks.lines import BadBenchmarkFile

_MAX_NODES = 2_000_000


class _Core(yaml.CSafeLoader):
    """Reads YAML 1.2, as JavaScript does: `yes` is a word, and `1:30` no number of seconds."""


_Core.yaml_implicit_resolvers = {}
for _kind, _pattern, _starts in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})$"), [*_starts])


def document(file: File, *, core: bool = False) -> Any:
    """Return the document of a YAML or JSON file, as JSON's types.

    Args:
        file: of either kind.
        core: True for YAML 1.2, False for 1.1, which Python tools write.

    Raises:
        BadBenchmarkFile: it is not YAML, or has a tag, which would name code.
    """
    if file.suffix == ".json":
        return file.json
    try:
        return _Copy(file).of(yaml.load(file.text, Loader=_Core if core else yaml.CSafeLoader))  # noqa: S506  # both are safe
    except yaml.constructor.ConstructorError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        tag = str(error.problem).rpartition("tag ")[2].strip("'\"")
        raise BadBenchmarkFile(
            f"{file.name} cannot be carried over: {where}the tag {tag} names code, which is not run. Write "
            "out what it stands for."
        ) from error
    except BadBenchmarkFile:
        raise
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadBenchmarkFile(f"{file.name} is not YAML: {error}") from error


class _Copy:
    """Copies a document into JSON's types; what refers to one part many times has an end."""

    def __init__(self, file: File) -> None:
        self._name = file.name
        self._left = _MAX_NODES

    def of(self, value: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise BadBenchmarkFile(f"{self._name} unfolds to more than {_MAX_NODES:,} values: split it.")
        if isinstance(value, dict):
            return {str(name): self.of(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.of(part) for part in value]
        return value.isoformat() if isinstance(value, datetime.date) else value
