"""Comparisons of evaluations as statistics see them: by the prompts that both were asked."""

from __future__ import annotations

from typing import Literal

from ._base import WireModel
from .comparison import ComparedResult
from .evaluation import EvaluationStatus
from .paging import Pagination
from .scoring import Verdict

Against = Literal["first", "all"]


class ComparedEvaluation(WireModel):
    """An evaluation that is compared.

    Attributes:
        id: the evaluation's id.
        model_id: the model's id.
        model_key: the model's key.
        model_name: the model's name.
        status: how it ended.
        submitted_at: when it was submitted (unix seconds).
        accuracy: mean score over all its prompts, 0.0 to 1.0.
        prompt_count: prompts it was to ask.
        limit: the most prompts it was to ask; None: all.
        epochs: how often each was to be asked.
        benchmark_version: which version of the benchmark it ran; None if it never began.
    """

    id: str
    model_id: str
    model_key: str = ""
    model_name: str = ""
    status: EvaluationStatus
    submitted_at: int
    accuracy: float
    prompt_count: int
    limit: int | None = None
    epochs: int = 1
    benchmark_version: str | None = None


class FourCells(WireModel):
    """How many prompts were right in which of two evaluations.

    A prompt is right when more than half of its answers (one for each epoch) have the outcome `correct`; by
    majority, of those given most often; by pass@K, when more than half of the sets of K answers hold one.
    What is right in part counts as not right here, and so does an answer that is not valid.

    Attributes:
        both_right: right in both.
        only_first: right in the first alone.
        only_second: right in the second alone.
        both_wrong: right in neither.
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int


class PairedDifference(WireModel):
    """The difference of two evaluations over prompts that both were asked.

    Attributes:
        prompts: prompts compared; a prompt's score is what its epochs come to by the comparison's `reducer`.
        mean_1: mean score of the first over these prompts, 0.0 to 1.0.
        mean_2: mean score of the second.
        difference: `mean_2 - mean_1`; above 0 the second is better.
        low: lower end of its 95% interval.
        high: upper end of its 95% interval.
        standard_error: of the difference, by group where there are groups; None if there is but one prompt or
            group, or an older server did not tell it.
        groups: where several prompts go together, as questions on one passage do: how many groups there are,
            a prompt that stands alone being one of its own. Interval and p-value are clustered by them then;
            else None.
        p_value: how often chance alone brings a difference as large, 0.0 to 1.0, two-sided.
        p_adjusted: the same, corrected by Holm for the number of comparisons made with it.
        test: what gave the p-value: `mcnemar mid-p`, `permutation`, or where there are groups `clustered t`.
        cells: right and wrong in both.
        higher_1: prompts to which the first has the higher score.
        higher_2: prompts to which the second has.
        invalid_1: prompts to which the first has an answer that is not valid; such an answer scores 0.
        invalid_2: prompts to which the second has.
    """

    prompts: int
    mean_1: float
    mean_2: float
    difference: float
    low: float
    high: float
    standard_error: float | None = None
    groups: int | None = None
    p_value: float
    p_adjusted: float
    test: str
    cells: FourCells
    higher_1: int
    higher_2: int
    invalid_1: int
    invalid_2: int

    @property
    def is_beyond_chance(self) -> bool:
        """True if the corrected p-value is below 0.05."""
        return self.p_adjusted < 0.05


class SubsetDifference(PairedDifference):
    """The difference on one subset; `p_adjusted` is corrected for the number of subsets.

    Attributes:
        name: the subset.
    """

    name: str


class PairedComparison(WireModel):
    """Two evaluations compared; the first is the reference.

    Attributes:
        evaluation_id_1: the reference.
        evaluation_id_2: what is compared with it.
        overall: over all prompts that could be matched; None if there are none.
        unmatched_1: prompts of the first without a result of the second to compare it with.
        unmatched_2: prompts of the second without one of the first.
        matched_by: `position` for evaluations of the same version of the benchmark, else `identity`: by the
            prompts' id, input, truth and choices.
        reducer: how a prompt's epochs come to its score: as both evaluations do it (`mean`, `majority` or
            `pass@K`), or `mean` where they do it differently.
        subsets: subset by subset, in the benchmark's order; empty where it has none.
        prompts_needed: where they cannot be told apart, about how many prompts would show the difference that
            was seen, four times in five; None where they can, or where no difference was seen.
        conclusion: what it comes to, in plain words.
        notes: what to mind.
    """

    evaluation_id_1: str
    evaluation_id_2: str
    overall: PairedDifference | None
    unmatched_1: int
    unmatched_2: int
    matched_by: Literal["position", "identity"]
    reducer: str = "mean"
    subsets: list[SubsetDifference]
    prompts_needed: int | None = None
    conclusion: str
    notes: list[str]


class ComparisonReport(WireModel):
    """Evaluations of one benchmark, compared pair by pair.

    Attributes:
        benchmark_id: the benchmark (`dataset_id` elsewhere on the wire).
        benchmark_key: its key.
        benchmark_name: its name.
        evaluations: what is compared, in the order asked for.
        against: `first`: every other one with the first; `all`: every one with every other.
        pairs: the comparisons.
    """

    benchmark_id: str
    benchmark_key: str
    benchmark_name: str
    evaluations: list[ComparedEvaluation]
    against: Against
    pairs: list[PairedComparison]


class Disagreement(ComparedResult):
    """Two results of one prompt with different scores.

    Attributes:
        prompt_id: the prompt's id.
        subset: the part of the benchmark the prompt belongs to; "" where there are none.
        epoch: which repetition of the prompt it is, from 1.
        verdict1: what the scorer said of the first answer.
        verdict2: what it said of the second.
    """

    prompt_id: str
    subset: str = ""
    epoch: int
    verdict1: Verdict
    verdict2: Verdict


class DisagreementList(WireModel):
    """Answer to `GET /comparisons/disagreements`: a page of them."""

    disagreements: list[Disagreement]
    total_count: int


class DisagreementsResponse(WireModel):
    """A page of what two evaluations disagree on.

    Attributes:
        disagreements: those of this page, in the order of the first evaluation's results.
        pagination: where the page stands.
    """

    disagreements: list[Disagreement]
    pagination: Pagination
