"""YAML without its tags: data alone, whatever a file asks to be made or run."""

from __future__ import annotations

import datetime
from typing import Any

import yaml

from stratix.benchmarks.formats.base import File
from stratix.benchmarks.lines import BadBenchmarkFile


def document(file: File) -> Any:
    """Return the document of a YAML or JSON file, as JSON's types.

    Raises:
        BadBenchmarkFile: it is not YAML, or has a tag, which would name code.
    """
    if file.suffix == ".json":
        return file.json
    try:
        return _plain(yaml.load(file.text, Loader=yaml.CSafeLoader))
    except yaml.constructor.ConstructorError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        tag = str(error.problem).rpartition("tag ")[2].strip("'\"")
        raise BadBenchmarkFile(
            f"{file.name} cannot be carried over: {where}the tag {tag} names code, which is not run. Write "
            "out what it stands for."
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadBenchmarkFile(f"{file.name} is not YAML: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
