"""Scorings: the answers of an evaluation judged again, without asking the model again."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from ._base import WireModel
from .custom_benchmark import ScorerChoice
from .evaluation import EvaluationProgress, EvaluationStatus, SubsetScore
from .paging import Pagination


class RescoreCreate(WireModel):
    """Body of `POST /evaluations/{id}/rescore`.

    Attributes:
        scorer: judges every answer but those of `subset_scorers`; None leaves them to the benchmark's own
            scorers, in the versions of today.
        subset_scorers: judge the answers of the subsets they are named for.
        judge_model_id: the model that grades, for scorers that have one do so.
    """

    model_config = ConfigDict(extra="forbid")

    scorer: ScorerChoice | None = None
    subset_scorers: dict[str, ScorerChoice] = Field(default_factory=dict)
    judge_model_id: str | None = None


class PinnedScorer(WireModel):
    """A scorer that judged.

    Attributes:
        name: the scorer's name.
        options: the options it was given.
        version: which version of it; None until it began.
    """

    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    version: str | None = None


class Scoring(WireModel):
    """The answers of an evaluation judged again; its results stay as they are until it is applied.

    Attributes:
        id: unique identifier.
        evaluation_id: the evaluation.
        status: `pending`, `in-progress`, `success`, `failure` or `cancelled`; what follows `progress` is
            there with `success`.
        status_description: why it failed.
        created_at: when it was asked for (unix seconds).
        finished_at: when it ended (unix seconds).
        scorer: judged every answer but those of `subset_scorers`.
        subset_scorers: judged the answers of the subsets they are named for.
        judge_model_id: the model that graded; None where none did, likewise the next four.
        judge_model_key: its key.
        judge_tokens_input: tokens it has read, as far as its endpoint tells.
        judge_tokens_output: tokens it has written, likewise.
        judge_cost: dollars it has cost by list prices; None where its price is unknown as well.
        progress: answers to judge, and those judged; what was cut off, refused or never came is not
            among them and stays as it is.
        changed: how many results have another outcome or score than in the evaluation.
        transitions: how many of those went from which outcome to which: by the old one, then the new one.
        accuracy: mean score, 0.0 to 1.0; this and what follows are as in `Evaluation`.
        outcomes: how many results are of which `Outcome`.
        accuracy_interval: low and high end of the accuracy's 95% interval.
        accuracy_valid: accuracy over the valid answers alone.
        accuracy_low: lowest the accuracy can be, if every invalid answer were wrong.
        accuracy_high: highest the accuracy can be, if every invalid answer were right.
        subsets: how it did on each subset.
    """

    id: str
    evaluation_id: str
    status: EvaluationStatus
    status_description: str = ""
    created_at: float
    finished_at: float | None = None
    scorer: PinnedScorer
    subset_scorers: dict[str, PinnedScorer] = Field(default_factory=dict)
    judge_model_id: str | None = None
    judge_model_key: str | None = None
    judge_tokens_input: int | None = None
    judge_tokens_output: int | None = None
    judge_cost: float | None = None
    progress: EvaluationProgress
    changed: int | None = None
    transitions: dict[str, dict[str, int]] | None = None
    accuracy: float | None = None
    outcomes: dict[str, int] = Field(default_factory=dict)
    accuracy_interval: tuple[float, float] | None = None
    accuracy_valid: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    subsets: list[SubsetScore] = Field(default_factory=list)

    @property
    def is_success(self) -> bool:
        """True if it finished successfully."""
        return self.status is EvaluationStatus.SUCCESS

    @property
    def is_finished(self) -> bool:
        """True if it is over: success, failure or cancelled."""
        return self.status.is_finished


class Verdict(WireModel):
    """What a scorer said of an answer.

    Attributes:
        outcome: one of `Outcome`.
        score: 0.0 (wrong) to 1.0 (right).
        extracted: what was compared with the truth.
        explanation: one line on why.
    """

    outcome: str
    score: float
    extracted: str | None = None
    explanation: str = ""


class ChangedResult(WireModel):
    """A result whose verdict a scoring changes.

    Attributes:
        result_id: the result's id.
        epoch: which repetition of the prompt it is, from 1.
        subset: the part of the benchmark the prompt belongs to; "" where there are none.
        prompt: the prompt as text.
        truth: the gold answer.
        result: the model's answer.
        old: the evaluation's verdict.
        new: the scoring's.
    """

    result_id: str
    epoch: int
    subset: str = ""
    prompt: str
    truth: str
    result: str
    old: Verdict
    new: Verdict


class ScoringList(WireModel):
    """Answer to `GET /evaluations/{id}/scorings`: a page of an evaluation's scorings."""

    scorings: list[Scoring]
    total_count: int


class ScoringsResponse(WireModel):
    """A page of an evaluation's scorings.

    Attributes:
        scorings: the scorings of this page, the latest first.
        pagination: where the page stands.
    """

    scorings: list[Scoring]
    pagination: Pagination


class ScoringChangeList(WireModel):
    """Answer to `GET /evaluations/{id}/scorings/{scoring_id}/changes`: a page of changed results."""

    changes: list[ChangedResult]
    total_count: int


class ScoringChangesResponse(WireModel):
    """A page of the results whose verdict a scoring changes.

    Attributes:
        changes: the changed results of this page, in the order of the evaluation's results.
        pagination: where the page stands.
    """

    changes: list[ChangedResult]
    pagination: Pagination
