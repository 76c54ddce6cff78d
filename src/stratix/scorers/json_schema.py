"""JSON schema: the answer is JSON of the form asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from jsonschema import SchemaError
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from pydantic.dataclasses import dataclass
from referencing import Registry

from stratix.scorers import _patterns
from stratix.scorers._json import NoJson, find_json
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target


@dataclass(frozen=True, kw_only=True, config=STRICT)
class JsonSchema(Scorer):
    """Right if the JSON in the answer is valid under a JSON schema.

    The schema is the option, or `metadata["schema"]` of the row, or the truth. The JSON may be the whole
    answer, a fenced block, or stand in prose; an answer without any is unparsed. References to other
    documents are not fetched, and a pattern may take a second on a text. Source: JSON Schema
    (json-schema.org), by the `jsonschema` library; the draft is the one `$schema` names, else 2020-12.

    Attributes:
        schema: the schema; None to take that of the row.
    """

    name: ClassVar[str] = "json_schema"
    blocking: ClassVar[bool] = True
    parallel: ClassVar[bool] = True

    schema: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.schema is not None:
            _validator(self.schema)

    def score(self, answer: str, target: Target) -> Score:
        """Validate the answer's JSON.

        Raises:
            TimeoutError: a pattern of the schema took too long on this answer.
            ValueError: the row's schema is not a JSON schema.
        """
        validator = _validator(self.schema if self.schema is not None else _schema_of(target))
        try:
            value = find_json(answer)
        except NoJson as error:
            return Score.unparsed(str(error))
        extracted = json.dumps(value, ensure_ascii=False)
        problem = best_match(validator.iter_errors(value))
        if problem is None:
            return Score.graded(1.0, extracted, "valid under the schema")
        return Score.graded(0.0, extracted, f"{problem.json_path}: {problem.message}")


def _schema_of(target: Target) -> dict[str, Any]:
    if "schema" in target.metadata:
        schema = target.metadata["schema"]
    else:
        try:
            schema = json.loads(target.truth)
        except ValueError as error:
            raise ValueError(f"the truth is not a JSON schema: {error}") from error
    if not isinstance(schema, Mapping):
        raise ValueError("a JSON schema is an object")
    return dict(schema)


def _validator(schema: dict[str, Any]) -> Validator:
    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"not a JSON schema: {error.message}") from error
    _patterns.check(schema)
    return _patterns.bounded(kind)(schema, registry=Registry())
