"""Spending: budgets, what an evaluation would take, and cached answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ._base import WireModel


class Budget(WireModel):
    """What an evaluation, a project or an API key may spend, and what it has spent.

    Attributes:
        owner_id: id of the evaluation, the project or the API key.
        kind: which of these it is.
        name: its name.
        usd: the cap in US dollars; None for none.
        tokens: the cap in tokens, read and written by model and judge; None for none.
        spent_usd: dollars spent since `since`, by list prices.
        spent_tokens: tokens spent since then.
        reserved_usd: dollars set aside at the moment for calls on their way and for the next ones.
        reserved_tokens: tokens set aside likewise.
        assumed_calls: calls counted at the most they can cost, since the endpoint reported no usage or gave
            no answer; a process that died counts as one.
        since: since when spending is counted (unix seconds); None while it is not.
    """

    owner_id: str
    kind: Literal["evaluation", "project", "key"]
    name: str = ""
    usd: float | None = None
    tokens: int | None = None
    spent_usd: float = 0.0
    spent_tokens: int = 0
    reserved_usd: float = 0.0
    reserved_tokens: int = 0
    assumed_calls: int = 0
    since: float | None = None


class BudgetList(WireModel):
    """The budgets of an organisation's projects and API keys, with and without a cap."""

    budgets: list[Budget]


class BudgetUpdate(WireModel):
    """Body of `PATCH /budgets/{owner_id}`: changes what is given, leaves what is not.

    Attributes:
        usd: the cap in US dollars; null takes it away.
        tokens: the cap in tokens; null takes it away.
        reset: True counts spending anew from now on; for projects and keys.
    """

    usd: float | None = Field(None, gt=0, le=1_000_000)
    tokens: int | None = Field(None, ge=1, le=10**15)
    reset: bool = False


class BudgetUpdated(WireModel):
    """Answer to a change of a budget.

    Attributes:
        budget: as it is now.
        resumed: ids of the evaluations that were paused at its cap and go on now.
    """

    budget: Budget
    resumed: list[str] = Field(default_factory=list)


JudgeUse = Literal["needed", "possible", "no"]


class EvaluationEstimate(WireModel):
    """What an evaluation would take; nobody was asked for it.

    Attributes:
        model_id: the model.
        model_key: its key.
        benchmark_id: the benchmark (`dataset_id` on the wire).
        benchmark_key: its key.
        prompts: prompts to ask.
        epochs: how often each.
        tokens_input: tokens read by the model, as expected.
        tokens_output: tokens written by the model, as expected.
        tokens_input_most: tokens read at the most.
        tokens_output_most: tokens written at the most.
        judge_tokens_input: tokens read by the judge, as expected; 0 without one.
        judge_tokens_output: tokens written by the judge, as expected.
        judge_tokens_input_most: tokens read by the judge at the most.
        judge_tokens_output_most: tokens written by the judge at the most.
        cost: US dollars as expected, by list prices; None where one is unknown.
        cost_most: US dollars at the most, every call made once.
        seconds: how long it would take, by how fast the model answered in the project before; None where
            that was not measured.
        seconds_low: the least that it takes, as far as can be told; it can be known where `seconds` is not.
        seconds_high: the most that it takes, as far as can be told.
        approximate: True if the prompts themselves were not at hand.
        method: how tokens and time were estimated, in words.
        notes: what else to know, in words.
        judge: whether a model that grades the answers is `needed`, `possible` or, `no`, changes nothing.
    """

    model_id: str
    model_key: str
    benchmark_id: str = Field(alias="dataset_id")
    benchmark_key: str
    prompts: int
    epochs: int
    tokens_input: int
    tokens_output: int
    tokens_input_most: int
    tokens_output_most: int
    judge_tokens_input: int = 0
    judge_tokens_output: int = 0
    judge_tokens_input_most: int = 0
    judge_tokens_output_most: int = 0
    cost: float | None = None
    cost_most: float | None = None
    seconds: float | None = None
    seconds_low: float | None = None
    seconds_high: float | None = None
    approximate: bool = False
    method: str = ""
    notes: list[str] = Field(default_factory=list)
    judge: JudgeUse = "no"


class CachedModel(WireModel):
    """The cached answers of one model.

    Attributes:
        model_id: the model.
        model_key: its key; "" where it is not known any more.
        answers: how many there are.
        oldest_at: when the oldest came (unix seconds).
        newest_at: when the newest came (unix seconds).
    """

    model_id: str
    model_key: str = ""
    answers: int
    oldest_at: float
    newest_at: float


class CachedModelList(WireModel):
    """The cached answers of a project, by model."""

    models: list[CachedModel]


class CacheCleared(WireModel):
    """How many cached answers were removed."""

    removed: int
