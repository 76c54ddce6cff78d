"""The summary of an evaluation: what it measured and what it showed."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ._base import WireModel


class EvaluationMetric(WireModel):
    """A metric that was used."""

    name: str = ""
    description: str = ""


class EvaluationTaskType(WireModel):
    """A kind of task among the prompts."""

    name: str = ""
    description: str = ""


class EvaluationDataset(WireModel):
    """The benchmark in numbers.

    Attributes:
        total_size: prompts there are.
        training_size: prompts meant for training.
        test_size: prompts that were asked.
        characteristics: what they are like.
    """

    total_size: int = 0
    training_size: int = 0
    test_size: int = 0
    characteristics: list[str] = Field(default_factory=list)


class EvaluationModelInfo(WireModel):
    """The model and how it did; `performance` is any JSON."""

    model_name: str = ""
    performance: Any = None


class PerformanceDetails(WireModel):
    """What the model did well, and what it did not."""

    strengths: list[str] = Field(default_factory=list)
    challenges: list[str] = Field(default_factory=list)


class ErrorAnalysis(WireModel):
    """How the model failed, with an example."""

    common_failure_modes: list[str] = Field(default_factory=list)
    example: str = ""


class AnalysisSummary(WireModel):
    """What to take away."""

    key_takeaways: list[str] = Field(default_factory=list)


class EvaluationSummary(WireModel):
    """A rich analysis of a finished evaluation.

    Attributes:
        name: title.
        goal: what the evaluation was for.
        metrics: the metrics used.
        task_types: the kinds of task.
        dataset: the benchmark in numbers.
        model: the model and how it did.
        performance_details: strengths and challenges.
        error_analysis: how it failed.
        analysis_summary: what to take away.
    """

    name: str = ""
    goal: str = ""
    metrics: list[EvaluationMetric] = Field(default_factory=list)
    task_types: list[EvaluationTaskType] = Field(default_factory=list)
    dataset: EvaluationDataset | None = None
    model: EvaluationModelInfo | None = None
    performance_details: PerformanceDetails | None = None
    error_analysis: ErrorAnalysis | None = None
    analysis_summary: AnalysisSummary | None = None
