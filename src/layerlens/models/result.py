"""Results: one judged answer each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Literal, TypedDict

from pydantic import ConfigDict

from ._base import WireModel
from .paging import Pagination, SortOrder


class Outcome(StrEnum):
    """How one prompt of an evaluation ended."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    PARTIAL = "partial"
    UNPARSED = "unparsed"
    """An answer was there, but nothing to compare could be extracted from it."""
    TRUNCATED = "truncated"
    """The answer ran into the limit of tokens."""
    REASONING_EXHAUSTED = "reasoning_exhausted"
    """All tokens went into reasoning, none into an answer."""
    REFUSED = "refused"
    EMPTY = "empty"
    FAILED = "failed"
    """The model could not be asked; the result's `error` says why."""
    SCORER_ERROR = "scorer_error"
    """The answer could not be judged; the result's `error` says why."""


ResultSort = Literal["position", "subset", "outcome", "score", "tokens", "latency", "length"]
"""What results can be sorted by: `position` is the order of the benchmark, epoch by epoch, `tokens` those
that were written, `latency` the time until the answer was there, `length` the characters of the answer."""


class ResultView(TypedDict, total=False):
    """Which results of an evaluation are meant, and in what order; what is left out or None chooses all.

    Attributes:
        outcome: only results of this outcome, or of these.
        subset: only prompts of this subset.
        search: text that prompt, answer or truth contains, in any case.
        min_score: the least score, 0.0 to 1.0.
        max_score: the most.
        min_tokens: the least tokens written.
        max_tokens: the most.
        min_latency: the least seconds until the answer was there.
        max_latency: the most.
        epoch: only this repetition, from 1.
        cached: only answers that came from the cache, or only those that did not.
        sort_by: what to sort by; None is the order of the benchmark.
        order: `asc` or `desc`; None is `asc`.
    """

    outcome: Sequence[str] | str | None
    subset: str | None
    search: str | None
    min_score: float | None
    max_score: float | None
    min_tokens: int | None
    max_tokens: int | None
    min_latency: float | None
    max_latency: float | None
    epoch: int | None
    cached: bool | None
    sort_by: ResultSort | None
    order: SortOrder | None


class Result(WireModel):
    """One answer of the model and its score.

    Attributes:
        subset: the part of the benchmark the prompt belongs to; "" where there are none.
        prompt: the prompt as text.
        result: the model's answer.
        truth: the gold answer.
        duration: how long the answer took.
        score: 0.0 (wrong) to 1.0 (right).
        metrics: additional measures by name; None where one could not be taken.
        result_id: unique identifier; None from a server that has none.
        prompt_id: the benchmark's id of the prompt.
        epoch: which repetition of the prompt this is, from 1.
        outcome: one of `Outcome`.
        extracted: what was compared with the truth.
        explanation: one line on why it was scored so.
        error: why the prompt failed or could not be judged.
        finish_reason: why the model stopped, such as `stop` or `length`.
        tokens_input: tokens of the prompt.
        tokens_output: tokens of the answer.
        tokens_reasoning: tokens of the reasoning, where the provider tells.
        attempts: how often the model was asked until it answered.
        provider_request_id: the provider's own id of the call.
        grade: the judge's own verdict, such as `not_attempted` or `4`; None where no judge gave one. Its
            reasoning is the `explanation`.
        cost: dollars for the answer and its judging, by list prices; None where one is unknown.
        judge_cost: dollars of these for the judging; None where its price is unknown or there was none.
        judge_tokens_input: tokens the judge read.
        judge_tokens_output: tokens the judge wrote.
        cached: True if the answer came from the cache; it cost nothing then, and `duration` is that of the
            time it was given.
    """

    subset: str
    prompt: str
    result: str
    truth: str
    duration: timedelta
    score: float
    metrics: dict[str, float | None]
    result_id: str | None = None
    prompt_id: str | None = None
    epoch: int | None = None
    outcome: str | None = None
    extracted: str | None = None
    explanation: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    tokens_input: int | None = None
    tokens_output: int | None = None
    tokens_reasoning: int | None = None
    attempts: int | None = None
    provider_request_id: str | None = None
    grade: str | None = None
    cost: float | None = None
    judge_cost: float | None = None
    judge_tokens_input: int | None = None
    judge_tokens_output: int | None = None
    cached: bool = False


class ResultDetail(Result):
    """One result with all that is kept of it.

    Attributes:
        evaluation_id: the evaluation it belongs to.
        request: the body of the request exactly as it was sent, JSON as text; keys are never in it.
        response: the body of the response exactly as it came; None if none came.
        judge_replies: all that a judge wrote about it, in order; None where none was asked.
    """

    evaluation_id: str
    request: str | None = None
    response: str | None = None
    judge_replies: list[str] | None = None


class ResultMetrics(WireModel):
    """Counts over all results of an evaluation; may carry further fields.

    Attributes:
        total_count: results on all pages.
    """

    model_config = ConfigDict(extra="allow")

    total_count: int


class ResultList(WireModel):
    """Answer to `GET /results`: a page of an evaluation's results.

    Attributes:
        evaluation_id: the evaluation they belong to.
        results: the results of this page, in order.
        metrics: `total_count` is of the results that match the filters; further counts are of all.
        previous_cursor: gives the page that ends before this one; None where nothing is before it.
        next_cursor: gives the page that begins after this one; None where nothing comes after it.
        first: how many of the matching results come before this page; None where that is not known.
    """

    evaluation_id: str
    results: list[Result]
    metrics: ResultMetrics
    previous_cursor: str | None = None
    next_cursor: str | None = None
    first: int | None = None


class ResultsResponse(WireModel):
    """A page of an evaluation's results.

    Attributes:
        evaluation_id: the evaluation they belong to.
        results: the results of this page, in order.
        pagination: where the page stands; after a cursor only its counts mean something.
        previous_cursor: gives the page that ends before this one; None where nothing is before it.
        next_cursor: gives the page that begins after this one; None where nothing comes after it.
    """

    evaluation_id: str
    results: list[Result]
    pagination: Pagination
    previous_cursor: str | None = None
    next_cursor: str | None = None


class SearchReadiness(WireModel):
    """How a search among the results of an evaluation would be answered.

    Attributes:
        state: `ready`: at once, by an index; `making`: the index is being made, and until then a search reads
            every text; `scanning`: it reads every text, as few results need no index, running evaluations
            have none yet, and one or two characters are not found by it.
        done: results that are in the index so far.
        total: results there are.
    """

    state: Literal["ready", "making", "scanning"]
    done: int
    total: int


class ResultNeighbours(WireModel):
    """Answer to `GET /results/{result_id}/neighbours`: what is beside a result in a view.

    Attributes:
        previous: id of the result before it; None where it is the first.
        next: id of the result after it; None where it is the last.
        total_count: results in the view.
        first: how many of them come before it; None where that is not known.
    """

    previous: str | None = None
    next: str | None = None
    total_count: int
    first: int | None = None


class OtherAnswer(WireModel):
    """What another evaluation's model made of the same prompt.

    Attributes:
        result_id: of its result.
        evaluation_id: of the other evaluation.
        model_id: of its model.
        model_key: likewise.
        model_name: likewise.
        submitted_at: Unix time of that evaluation's creation, in seconds.
        epoch: which repetition of the prompt this is, from 1.
        outcome: one of `Outcome`.
        score: 0.0 to 1.0.
        result: the answer, its first 20,000 characters.
        extracted: what was compared with the truth.
        duration: how long the answer took.
        tokens_output: tokens of the answer.
    """

    result_id: str
    evaluation_id: str
    model_id: str
    model_key: str
    model_name: str
    submitted_at: int
    epoch: int
    outcome: str
    score: float
    result: str
    extracted: str | None = None
    duration: timedelta
    tokens_output: int | None = None


class OtherAnswers(WireModel):
    """Answer to `GET /results/{result_id}/others`."""

    others: list[OtherAnswer]
