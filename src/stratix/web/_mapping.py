"""What was said of an uploaded file, and the request to the API that makes a benchmark of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import ImmutableMultiDict

SINGLE = {"input": "Question", "truth": "Truth", "subset": "Subset", "id": "Id"}
"""What one column can be."""

SEVERAL = {"choices": "Choices", "aliases": "Other right answers", "metadata": "Kept besides"}
"""What one column or several can be."""

_TEXTS = (
    "file",
    "filename",
    "name",
    "description",
    "format",
    "input_type",
    "template",
    "system",
    "scorer",
    "scorer_options",
    "max_tokens",
    "temperature",
)


_SAMPLE = 200
"""Rows of a large file that are looked at for a preview."""


class BadOptions(Exception):
    """The scorer's options are not a JSON object; the message says so."""


@dataclass(frozen=True, slots=True)
class Described:
    """What was said of a file.

    Attributes:
        texts: by field, those that were filled in.
        lists: columns, and the metrics, by field.
    """

    texts: Mapping[str, str]
    lists: Mapping[str, list[str]]

    @classmethod
    def read(cls, given: ImmutableMultiDict[str, Any]) -> Described:
        """Read an address or a form."""
        names = (*_TEXTS, *(f"map_{name}" for name in SINGLE))
        texts = {name: str(given[name]) for name in names if str(given.get(name, "")).strip()}
        several = (*(f"map_{name}" for name in SEVERAL), "metric")
        lists = {name: [str(value) for value in given.getlist(name) if value] for name in several}
        return cls(texts, {name: values for name, values in lists.items() if values})

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields of a form that says the same."""
        return list(self.texts.items()) + [
            (name, value) for name, values in self.lists.items() for value in values
        ]

    def body(self, *, dry_run: bool) -> dict[str, Any]:
        """Return the body of the request.

        Args:
            dry_run: True to make nothing.

        Raises:
            BadOptions: the scorer's options cannot be understood.
        """
        texts = self.texts
        body: dict[str, Any] = {
            "name": texts.get("name", "Preview" if dry_run else ""),
            "description": texts.get("description", ""),
            "file": texts["file"],
            "dry_run": dry_run,
        }
        # Of a large file the first rows will do for a look; all are read when it is made.
        body |= {"sample": _SAMPLE} if dry_run else {"wait": False}
        body |= {name: texts[name] for name in ("format", "input_type") if name in texts}
        mapping: dict[str, Any] = {name: texts[f"map_{name}"] for name in SINGLE if f"map_{name}" in texts}
        for name in SEVERAL:
            if columns := self.lists.get(f"map_{name}"):
                # One column holds a list of them; several hold one each.
                mapping[name] = columns[0] if len(columns) == 1 and name != "metadata" else columns
        if mapping:
            body["mapping"] = mapping
        if "metric" in self.lists:
            body["additional_metrics"] = self.lists["metric"]
        if "scorer" in texts:
            body["custom_scorers"] = [{"name": texts["scorer"], "options": self._options()}]
        generation = {name: texts[name] for name in ("max_tokens", "temperature") if name in texts}
        task: dict[str, Any] = {name: texts[name] for name in ("template", "system") if name in texts}
        if generation:
            task["generation"] = generation
        if task:
            body["task"] = task
        return body

    def _options(self) -> dict[str, Any]:
        text = self.texts.get("scorer_options", "{}")
        try:
            found = json.loads(text)
        except ValueError as error:
            raise BadOptions(f"The scorer's options are not JSON: {error}") from None
        if not isinstance(found, dict):
            raise BadOptions('The scorer\'s options are no JSON object such as {"pattern": "\\\\d+"}')
        return found
