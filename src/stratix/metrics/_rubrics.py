"""Metrics that a judge model grades by a rubric: one data file each, in the folder `rubrics`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

_FOLDER = Path(__file__).parent / "rubrics"


class RubricMetric(BaseModel):
    """A metric of an answer that takes a judge; it is measured when an evaluation has one.

    Attributes:
        name: the key by which it is chosen; equal to its file's name.
        version: raised whenever a value could change; pinned with every evaluation.
        how: how it is measured and what its numbers mean, for a person.
        rubric: what the judge is told.
        lowest: the grade that becomes 0.0.
        highest: the grade that becomes 1.0.
        reference: whether the judge sees the gold answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    version: str
    how: str = Field(min_length=1)
    rubric: str = Field(min_length=1)
    lowest: int
    highest: int
    reference: bool


@cache
def rubric_metrics() -> Mapping[str, RubricMetric]:
    """Return the metrics that take a judge by their names, sorted; read once and kept.

    Raises:
        ValueError: a file is not TOML, or not a valid metric.
    """
    found: dict[str, RubricMetric] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        try:
            metric = RubricMetric.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
            if metric.name != path.stem:
                raise ValueError(f"its name is {metric.name}, which must be the file's")
        except ValueError as error:
            raise ValueError(f"{path.name} is not a valid metric: {error}") from error
        found[metric.name] = metric
    return MappingProxyType(found)
