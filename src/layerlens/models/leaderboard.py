"""Leaderboards: models ranked by how they did on a benchmark, with how sure their places are."""

from __future__ import annotations

from typing import Literal

from ._base import WireModel


class LeaderboardEntry(WireModel):
    """A model on a leaderboard, by its latest successful evaluation.

    Attributes:
        place: by accuracy alone, from 1; models with the same share the better place.
        best: best place it may truly hold: 1 + the models that surely stand above it.
        worst: worst place it may truly hold; the places of all models lie within these at once, with 95%
            confidence.
        model_id: the model's id.
        model_key: the model's key.
        model_name: the model's name.
        model_company: who made the model; "" for a custom one.
        evaluation_id: the evaluation.
        submitted_at: when it was submitted (unix seconds).
        accuracy: mean score, 0.0 to 1.0.
        accuracy_interval: low and high end of the accuracy's 95% interval.
        epochs: how often each prompt was asked.
        invalid_share: share of answers that are not valid, 0.0 to 1.0; they count as wrong.
        cost: dollars it took, by list prices; None where one is unknown.
        average_duration: average time of an answer (milliseconds).
        judge_model_key: the key of the model that graded the answers; None where none did.
    """

    place: int
    best: int
    worst: int
    model_id: str
    model_key: str = ""
    model_name: str = ""
    model_company: str = ""
    evaluation_id: str
    submitted_at: int
    accuracy: float
    accuracy_interval: tuple[float, float] | None = None
    epochs: int = 1
    invalid_share: float = 0.0
    cost: float | None = None
    average_duration: int = 0
    judge_model_key: str | None = None


class OtherRuns(WireModel):
    """Evaluations that a leaderboard leaves out, since they asked other prompts.

    Attributes:
        benchmark_version: the version they ran.
        prompt_count: prompts they asked.
        is_full: whether those are all of the version's.
        shots: worked examples they were shown; None for the benchmark's own number.
        models: how many models have one.
    """

    benchmark_version: str
    prompt_count: int
    is_full: bool
    shots: int | None = None
    models: int


class Leaderboard(WireModel):
    """The models of one benchmark, all asked the same prompts.

    Attributes:
        benchmark_id: the benchmark.
        benchmark_key: its key.
        benchmark_name: its name.
        benchmark_version: the version that was run, the newest with such evaluations; None if there are none.
        prompt_count: prompts that each model was asked.
        is_full: whether those are all of the version's.
        shots: worked examples that each was shown; None for the benchmark's own number.
        ranked_by: `prompts`: each pair of models by the prompts that both answered; `means`: by their
            accuracies alone, where the scores are too many.
        entries: the models, the best first.
        others: evaluations of other versions, lengths or numbers of worked examples, which are not
            comparable with these.
        notes: what to mind.
    """

    benchmark_id: str
    benchmark_key: str
    benchmark_name: str
    benchmark_version: str | None = None
    prompt_count: int = 0
    is_full: bool = True
    shots: int | None = None
    ranked_by: Literal["prompts", "means"] = "prompts"
    entries: list[LeaderboardEntry]
    others: list[OtherRuns]
    notes: list[str]


class MatrixRow(WireModel):
    """A model over several benchmarks.

    Attributes:
        model_id: the model's id.
        model_key: the model's key.
        model_name: the model's name.
        accuracies: by benchmark id, 0.0 to 1.0; a benchmark without an evaluation of the model is not in it.
        mean: mean of the accuracies; None where one is missing, for what is missing is never made up.
    """

    model_id: str
    model_key: str = ""
    model_name: str = ""
    accuracies: dict[str, float]
    mean: float | None = None


class RankedBenchmark(WireModel):
    """A benchmark that models have succeeded on.

    Attributes:
        benchmark_id: its id.
        benchmark_name: its name.
        models: how many have.
    """

    benchmark_id: str
    benchmark_name: str
    models: int


class RankedBenchmarkList(WireModel):
    """Answer to `GET /leaderboards/benchmarks`.

    Attributes:
        benchmarks: those with the most models first.
    """

    benchmarks: list[RankedBenchmark]


class LeaderboardReport(WireModel):
    """Answer to `GET /leaderboards`.

    Attributes:
        leaderboards: one for each benchmark, in the order asked for.
        matrix: every model over all of them: those with an accuracy everywhere first, by their mean, then
            the others by the number they have.
    """

    leaderboards: list[Leaderboard]
    matrix: list[MatrixRow]
