"""Comparisons of two evaluations, prompt by prompt."""

from __future__ import annotations

from typing import Literal

from ._base import WireModel
from .paging import Pagination

OutcomeFilter = Literal["all", "both_succeed", "both_fail", "reference_fails", "comparison_fails"]


class ComparedResult(WireModel):
    """What two evaluations answered to one prompt; None where one has no result for it.

    Attributes:
        result_id_1: id of the first evaluation's result.
        result_id_2: id of the second evaluation's result.
        prompt: the prompt as text.
        truth: the gold answer.
        result1: the first answer.
        score1: its score, 0.0 to 1.0.
        result2: the second answer.
        score2: its score, 0.0 to 1.0.
    """

    result_id_1: str | None = None
    result_id_2: str | None = None
    prompt: str
    truth: str
    result1: str | None = None
    score1: float | None = None
    result2: str | None = None
    score2: float | None = None


class Comparison(WireModel):
    """A page of the comparison of two evaluations; the first is the reference.

    Attributes:
        results: the prompts of this page with both answers.
        total_count: prompts on all pages, after filtering.
        correct_count_1: right answers of the first evaluation.
        total_results_1: results of the first evaluation.
        correct_count_2: right answers of the second evaluation.
        total_results_2: results of the second evaluation.
    """

    results: list[ComparedResult]
    total_count: int
    correct_count_1: int
    total_results_1: int
    correct_count_2: int
    total_results_2: int


class ComparisonResponse(Comparison):
    """A page of a comparison, with where it stands among the pages."""

    pagination: Pagination
