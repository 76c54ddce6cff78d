"""What can be chosen for evaluations and custom benchmarks on a server."""

from __future__ import annotations

from pydantic import Field

from ._base import WireModel


class MetricOption(WireModel):
    """A metric that can be measured of answers.

    Attributes:
        name: by which it is chosen.
        description: how it is measured and what its numbers mean.
        judged: True if a judge model grades it.
        problem: why this server cannot measure it and what to do about it; "" if it can.
    """

    name: str
    description: str
    judged: bool = False
    problem: str = ""


class Options(WireModel):
    """Answer to `GET /options`.

    Attributes:
        metrics: what can be measured of answers besides being right.
        scorers: names of the scorers.
        formats: names of the formats that custom benchmarks are read from.
        concurrency: prompts asked at a time where an evaluation says nothing.
    """

    metrics: list[MetricOption] = Field(default_factory=list)
    scorers: list[str] = Field(default_factory=list)
    formats: list[str] = Field(default_factory=list)
    concurrency: int
