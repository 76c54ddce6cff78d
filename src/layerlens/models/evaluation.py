"""Evaluations: a model, a benchmark, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from ._base import WireModel
from ._bound import BoundEvaluation
from .paging import Pagination
from .result import Outcome
from .summary import EvaluationSummary

EvaluationSort = Literal["submitted_at", "accuracy", "average_duration"]


class EvaluationStatus(StrEnum):
    """Where an evaluation stands."""

    PENDING = "pending"
    """Queued, not yet started."""
    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    """Stopped for now; it can go on."""
    SUCCESS = "success"
    FAILURE = "failure"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        """True for a status that an evaluation does not leave by itself."""
        return self in _FINISHED


_FINISHED = frozenset(
    {
        EvaluationStatus.SUCCESS,
        EvaluationStatus.FAILURE,
        EvaluationStatus.TIMEOUT,
        EvaluationStatus.CANCELLED,
    }
)


class EvaluationProgress(WireModel):
    """How far a running evaluation is.

    Attributes:
        total: answers to be had, epochs counted.
        done: answers that are in.
        per_second: answers a second of late.
        eta_seconds: seconds left at that speed; None while it is unknown.
    """

    total: int
    done: int
    per_second: float = 0.0
    eta_seconds: float | None = None


class EvaluationTokens(WireModel):
    """Tokens an evaluation has used.

    Attributes:
        input: tokens of prompts.
        output: tokens of answers.
        reasoning: tokens of reasoning, where the provider tells.
        judge_input: tokens that the judge read.
        judge_output: tokens that the judge wrote.
    """

    input: int = 0
    output: int = 0
    reasoning: int = 0
    judge_input: int = 0
    judge_output: int = 0


class JudgedFigures(WireModel):
    """What a judge's grades come to.

    Attributes:
        grades: how many answers got which grade.
        not_attempted: share of all answers that leave the question open, 0.0 to 1.0; None, like the next
            two, where the grades are not correct, incorrect and not attempted.
        correct_given_attempted: share of right ones among the answers that do not; None if all do.
        f_score: harmonic mean of that share and the share of right ones among all answers.
    """

    grades: dict[str, int]
    not_attempted: float | None = None
    correct_given_attempted: float | None = None
    f_score: float | None = None


class SubsetScore(WireModel):
    """How the model did on one subset of the benchmark.

    Attributes:
        name: the subset.
        count: answers in it.
        correct: right ones among them.
        accuracy: mean score, 0.0 to 1.0.
        low: lower end of its 95% interval.
        high: upper end of its 95% interval.
    """

    name: str
    count: int
    correct: int
    accuracy: float
    low: float | None = None
    high: float | None = None


class MetricMeasured(WireModel):
    """One metric over the answers of an evaluation.

    Attributes:
        how: how it was measured, and what its numbers mean; or why it was not.
        count: answers that have a value.
        mean: of those values, 0.0 to 1.0; None where no answer has one.
    """

    how: str
    count: int
    mean: float | None = None


class Evaluation(BoundEvaluation):
    """One run of a model on a benchmark.

    Attributes:
        id: unique identifier.
        status: where it stands.
        status_description: the status in words, such as the reason of a failure.
        submitted_at: when it was submitted (unix seconds).
        finished_at: when it finished (unix seconds, 0 until then).
        model_id: the model's id.
        model_name: the model's name.
        model_key: the model's key.
        model_company: who made the model.
        judge_model_id: the id of the model that graded the answers; None where none did.
        judge_model_key: the key of that model.
        benchmark_id: the benchmark's id (`dataset_id` on the wire).
        benchmark_name: the benchmark's name (`dataset_name` on the wire).
        benchmark_key: the benchmark's key.
        average_duration: average time of an answer (milliseconds).
        accuracy: mean score, 0.0 to 1.0.
        readability_score: mean readability, 0.0 where not measured.
        toxicity_score: mean toxicity, 0.0 where not measured.
        ethics_score: mean ethics score, 0.0 where not measured.
        measured: what was measured besides being right, by the metric's name; what is not in here was
            not measured, whatever the score of that name says. None where the server does not tell.
        failed_prompt_count: prompts that got no answer.
        epochs: how often each prompt is asked.
        epochs_reducer: how the scores of a prompt's epochs become one: `mean`, `majority` or `pass@K`.
        shots: worked examples before each question; None while that is not known yet.
        standard_error: of the accuracy, clustered by prompt; None where each prompt is asked once.
        deadline_seconds: how long it may run; None is as long as the server's setting says.
        retries: how often it was taken up again after its end.
        shown_scoring_id: the scoring whose verdicts it shows; None for those its results came with.
        queue_id: place of the evaluation in the queue's numbering.
        summary: a rich analysis, a second or two after the end; None until then.
        summary_error: why there is no summary, where one could not be made.
        progress: how far it is; None where the server does not tell.
        outcomes: how many results ended in which `Outcome`.
        accuracy_interval: low and high end of the accuracy's 95% interval.
        accuracy_valid: accuracy over the valid answers alone.
        accuracy_low: lowest the accuracy can be, if every invalid answer were wrong.
        accuracy_high: highest the accuracy can be, if every invalid answer were right.
        started_at: when the first prompt was asked (unix seconds).
        prompt_count: prompts the evaluation asks.
        tokens: tokens used, so far while it runs: by the answers that are stored. None before the first.
        cost: dollars spent on model and judge, likewise, by list prices; None where one is unknown.
        judge_cost: dollars of these spent on the judge; None where its price is unknown or there was none.
        judged: what the judge's grades come to; None where it gave none.
        priority: of evaluations that call one endpoint the lowest number goes first.
        budget_usd: the most it may spend in dollars; None for no cap of its own.
        budget_tokens: the most it may spend in tokens; None likewise.
        cache: True if answers that are there already are not asked for again.
        settings: everything the run was pinned to (any JSON).
        subsets: how it did on each subset.
    """

    id: str
    status: EvaluationStatus
    status_description: str = ""
    submitted_at: int
    finished_at: int
    model_id: str
    model_name: str = ""
    model_key: str = ""
    model_company: str = ""
    judge_model_id: str | None = None
    judge_model_key: str | None = None
    benchmark_id: str = Field(alias="dataset_id")
    benchmark_name: str = Field("", alias="dataset_name")
    benchmark_key: str = ""
    average_duration: int
    accuracy: float
    readability_score: float = 0.0
    toxicity_score: float = 0.0
    ethics_score: float = 0.0
    measured: dict[str, MetricMeasured] | None = None
    failed_prompt_count: int = 0
    epochs: int = 1
    epochs_reducer: str = "mean"
    shots: int | None = None
    standard_error: float | None = None
    deadline_seconds: float | None = None
    retries: int = 0
    shown_scoring_id: str | None = None
    queue_id: int = 0
    summary: EvaluationSummary | None = None
    summary_error: str | None = None
    progress: EvaluationProgress | None = None
    outcomes: dict[str, int] = Field(default_factory=dict)
    accuracy_interval: tuple[float, float] | None = None
    accuracy_valid: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    started_at: float | None = None
    prompt_count: int = 0
    tokens: EvaluationTokens | None = None
    cost: float | None = None
    judge_cost: float | None = None
    judged: JudgedFigures | None = None
    priority: int = 0
    budget_usd: float | None = None
    budget_tokens: int | None = None
    cache: bool = False
    settings: Any = None
    subsets: list[SubsetScore] = Field(default_factory=list)

    @property
    def is_success(self) -> bool:
        """True if it finished successfully."""
        return self.status is EvaluationStatus.SUCCESS

    @property
    def is_finished(self) -> bool:
        """True if it is over: success, failure, timeout or cancelled. A paused one is not."""
        return self.status.is_finished


class EvaluationCreate(WireModel):
    """One item of the body of `POST .../evaluations`, which is a list of them.

    Attributes:
        model_id: the model to evaluate.
        benchmark_id: the benchmark to evaluate it on (`dataset_id` on the wire).
        is_custom_model: True for a custom model.
        is_custom_benchmark: True for a custom benchmark (`is_custom_dataset` on the wire).
        limit: most prompts to ask; None asks all.
        epochs: how often each prompt is asked; None is the benchmark's own number.
        epochs_reducer: how the scores of a prompt's epochs become one: `mean`, `majority` (the score of
            the answer that came most often) or `pass@K` (the chance that one of K answers is right, K from 1
            to the epochs).
        shots: worked examples before each question, from 0; None is the benchmark's own number.
        deadline_seconds: how long it may run before it ends as `timeout`, without the time it is paused;
            None is the server's choice.
        concurrency: most prompts asked at a time; None is the server's choice.
        priority: -100 to 100; of evaluations that call one endpoint the lowest number goes first. None is 0.
        metrics: what is measured of the answers besides, such as `readability` and `toxicity`; [] is
            nothing, None what the benchmark says.
        invalid_threshold: share of invalid answers, 0.0 to 1.0, above which `status_description` says so;
            None is the server's choice.
        judge_model_id: the model that grades the answers, public or custom; None has none do it.
        budget_usd: the most it may spend in US dollars, judging included; it is paused there.
        budget_tokens: the most it may spend in tokens, read and written; it is paused there.
        cache: True to take answers that the project has had before, and keep new ones for later.
    """

    model_id: str
    benchmark_id: str = Field(alias="dataset_id")
    is_custom_model: bool = False
    is_custom_benchmark: bool = Field(False, alias="is_custom_dataset")
    limit: int | None = Field(None, ge=1)
    epochs: int | None = Field(None, ge=1)
    epochs_reducer: str = Field("mean", max_length=16)
    shots: int | None = Field(None, ge=0, le=1000)
    deadline_seconds: float | None = Field(None, gt=0, le=31_536_000)
    concurrency: int | None = Field(None, ge=1)
    priority: int | None = Field(None, ge=-100, le=100)
    metrics: list[str] | None = Field(None, max_length=20)
    invalid_threshold: float | None = Field(None, ge=0, le=1)
    judge_model_id: str | None = None
    budget_usd: float | None = Field(None, gt=0, le=1_000_000)
    budget_tokens: int | None = Field(None, ge=1, le=10**15)
    cache: bool = False


class RetryCreate(WireModel):
    """Body of `POST /evaluations/{id}/retry`.

    Attributes:
        outcomes: outcomes of the results to ask for again.
    """

    model_config = ConfigDict(extra="forbid")

    outcomes: list[Outcome] = Field([Outcome.FAILED], min_length=1, max_length=len(Outcome))


class EvaluationList(WireModel):
    """Answer to `GET /evaluations`: a page of evaluations."""

    evaluations: list[Evaluation]
    total_count: int


class EvaluationsResponse(WireModel):
    """A page of evaluations.

    Attributes:
        evaluations: the evaluations of this page, in order.
        pagination: where the page stands.
    """

    evaluations: list[Evaluation]
    pagination: Pagination
