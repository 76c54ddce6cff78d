"""How the answers of an evaluation are distributed: what its charts are drawn from."""

from __future__ import annotations

from pydantic import Field

from ._base import WireModel


class HistogramBin(WireModel):
    """How many values lie between two.

    Attributes:
        low: from this value on.
        high: up to this value; the last bin holds it, every other one leaves it to the next.
        count: values in it.
    """

    low: float
    high: float
    count: int


class Distribution(WireModel):
    """Values of one kind, such as response times.

    Attributes:
        count: number of values.
        mean: their mean; the following are in the same unit.
        minimum: the smallest.
        p25: a quarter of the values is at most this; likewise the other percentiles:
        p50: the median.
        p75: three quarters.
        p90: nine tenths.
        p95: 95%.
        p99: 99%.
        maximum: the largest.
        bins: how many lie where, from the smallest to the largest, each bin about as many times as wide as
            the one before.
    """

    count: int
    mean: float
    minimum: float
    p25: float
    p50: float
    p75: float
    p90: float
    p95: float
    p99: float
    maximum: float
    bins: list[HistogramBin]


class LengthBin(WireModel):
    """The mean score of what is about as long; bins hold about as many each.

    Attributes:
        low: fewest characters in it.
        high: most characters in it.
        count: prompts in it, or answers.
        accuracy: mean score of these, 0.0 to 1.0.
        accuracy_low: lower end of its 95% interval.
        accuracy_high: upper end of its 95% interval.
    """

    low: int
    high: int
    count: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float


class SubsetOutcomes(WireModel):
    """How the answers to one subset ended.

    Attributes:
        name: the subset.
        count: answers to it.
        outcomes: how many of them ended in which `Outcome`.
    """

    name: str
    count: int
    outcomes: dict[str, int]


class EvaluationFigures(WireModel):
    """How the answers of an evaluation are distributed, over all that are in.

    Attributes:
        evaluation_id: the evaluation.
        count: answers that are in, epochs counted.
        latency_ms: response times in milliseconds of the prompts that got an answer; None if none did, and
            likewise:
        tokens_input: tokens that a prompt took, where the endpoint told.
        tokens_output: tokens of an answer, reasoning included.
        tokens_reasoning: tokens of reasoning.
        by_prompt_length: mean score of the prompts, from the shortest to the longest; of several epochs it is
            the mean, whatever the reducer.
        by_answer_length: mean score of the answers, from the shortest to the longest.
        outcomes_by_subset: in the benchmark's order; empty where it has no subsets.
    """

    evaluation_id: str
    count: int
    latency_ms: Distribution | None = None
    tokens_input: Distribution | None = None
    tokens_output: Distribution | None = None
    tokens_reasoning: Distribution | None = None
    by_prompt_length: list[LengthBin] = Field(default_factory=list)
    by_answer_length: list[LengthBin] = Field(default_factory=list)
    outcomes_by_subset: list[SubsetOutcomes] = Field(default_factory=list)
