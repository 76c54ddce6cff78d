"""JSON match: the fields of the answer's JSON have the values of the truth."""

from __future__ import annotations

import json
import math
from typing import Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from stratix.scorers._json import NoJson, find_json
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_ABSENT = object()


@dataclass(frozen=True, kw_only=True, config=STRICT)
class JsonMatch(Scorer):
    """The share of the truth's fields that the JSON in the answer has with the same value.

    The truth is JSON. If it is an object, its fields are compared one by one, an absent one being
    wrong; any other value is compared as a whole. Numbers are compared by value (1 equals 1.0), texts as they
    stand unless `ignore_case`, arrays in order, objects whatever the order of their fields. An answer
    without JSON is unparsed. Source: the field match of common extraction benchmarks; the definition is ours.

    Attributes:
        fields: the fields that count, dots leading into inner objects ("address.city"); None for all
            outermost fields of the truth.
        extra_fields: whether the answer may have further outermost fields; where not, any makes it wrong.
        ignore_case: compare texts in any case and without white space at their ends.
        tolerance: the absolute difference at which numbers are still equal.
    """

    name: ClassVar[str] = "json_match"

    fields: tuple[str, ...] | None = None
    extra_fields: bool = True
    ignore_case: bool = False
    tolerance: float = Field(default=0.0, ge=0)

    def score(self, answer: str, target: Target) -> Score:
        """Compare the answer's JSON with each accepted one and keep the best value.

        Raises:
            ValueError: an accepted answer is not JSON, or lacks a field that counts.
        """
        try:
            value = find_json(answer)
        except NoJson as error:
            return Score.unparsed(str(error))
        extracted = json.dumps(value, ensure_ascii=False)
        scores = [self._compare(value, _parse(accepted)) for accepted in target.accepted]
        share, wrong = max(scores, key=lambda score: score[0])
        return Score.graded(share, extracted, f"wrong: {', '.join(wrong)}" if wrong else "every field agrees")

    def _compare(self, value: Any, truth: Any) -> tuple[float, list[str]]:
        """Return the share of fields that agree and the names of those that do not."""
        if not isinstance(truth, dict):
            return (1.0, []) if self._same(value, truth) else (0.0, ["the value"])
        fields = list(truth) if self.fields is None else list(self.fields)
        wanted = {field: truth[field] if self.fields is None else _at(truth, field) for field in fields}
        if missing := [field for field, gold in wanted.items() if gold is _ABSENT]:
            raise ValueError(f"the truth has no field {', '.join(missing)}")
        if not isinstance(value, dict):
            return 0.0, fields or ["the value"]
        if not self.extra_fields and (extra := sorted(value.keys() - truth.keys())):
            return 0.0, extra
        found = {
            field: value.get(field, _ABSENT) if self.fields is None else _at(value, field) for field in fields
        }
        wrong = [field for field in fields if not self._same(found[field], wanted[field])]
        return (1.0 - len(wrong) / len(fields) if fields else 1.0), wrong

    def _same(self, value: Any, gold: Any) -> bool:
        if isinstance(gold, bool) or isinstance(value, bool):
            return value is gold
        if isinstance(gold, int | float) and isinstance(value, int | float):
            return math.isclose(value, gold, rel_tol=0.0, abs_tol=self.tolerance)
        if isinstance(gold, str) and isinstance(value, str) and self.ignore_case:
            return value.strip().casefold() == gold.strip().casefold()
        if isinstance(gold, list) and isinstance(value, list):
            return len(gold) == len(value) and all(map(self._same, value, gold))
        if isinstance(gold, dict) and isinstance(value, dict):
            return gold.keys() == value.keys() and all(self._same(value[key], gold[key]) for key in gold)
        return bool(type(value) is type(gold) and value == gold)


def _parse(truth: str) -> Any:
    try:
        return json.loads(truth)
    except ValueError as error:
        raise ValueError(f"the truth is not JSON: {error}") from error


def _at(value: Any, path: str) -> Any:
    """Return what a dotted path leads to; _ABSENT if nothing."""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return _ABSENT
        value = value[name]
    return value
