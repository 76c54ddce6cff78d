"""Hints that a model has seen a benchmark, or that two benchmarks share prompts."""

from __future__ import annotations

from typing import Literal

from ._base import WireModel


class ContaminationHint(WireModel):
    """An answer with a long run of words that the model was not shown.

    Attributes:
        result_id: the result.
        prompt_id: the prompt's id.
        epoch: which repetition of the prompt it is, from 1.
        kind: `truth`: the words are the gold answer's; `next_prompt`: they are those of the prompt that
            follows in the benchmark.
        words: how many words in a row are the same.
        is_whole: whether they are all of the gold answer or the following prompt.
        text: the words, without case and punctuation; the beginning of them.
    """

    result_id: str
    prompt_id: str
    epoch: int
    kind: Literal["truth", "next_prompt"]
    words: int
    is_whole: bool
    text: str


class ContaminationReport(WireModel):
    """Answer to `GET /evaluations/{id}/contamination`.

    Attributes:
        evaluation_id: the evaluation.
        words: the shortest run shared with a gold answer that is a hint.
        next_words: the shortest run shared with the following prompt that is one.
        answers: answers of the evaluation.
        compared: answers long enough to hold such a run, with a text long enough to compare them with.
        is_complete: whether all answers were looked at, not the first ones of very many alone.
        count: answers with a hint.
        hints: the longest runs.
        meaning: what this says and what it does not.
    """

    evaluation_id: str
    words: int
    next_words: int
    answers: int
    compared: int
    is_complete: bool
    count: int
    hints: list[ContaminationHint]
    meaning: str


class BenchmarkOverlap(WireModel):
    """Prompts that two benchmarks share, but for case, punctuation and blanks.

    Attributes:
        benchmark_id_1: a benchmark.
        benchmark_key_1: its key.
        prompts_1: prompts it has.
        benchmark_id_2: another one.
        benchmark_key_2: its key.
        prompts_2: prompts it has.
        shared: prompts of the first that are in the second too.
        prompt_id_1: id of one of them in the first.
        prompt_id_2: its id in the second.
        example: its text; the beginning of it.
    """

    benchmark_id_1: str
    benchmark_key_1: str
    prompts_1: int
    benchmark_id_2: str
    benchmark_key_2: str
    prompts_2: int
    shared: int
    prompt_id_1: str
    prompt_id_2: str
    example: str


class OverlapReport(WireModel):
    """Answer to `GET /contamination/benchmarks`.

    Attributes:
        benchmarks: keys of the installed benchmarks that were compared.
        words: prompts with fewer words were left out, for they may be alike by chance.
        overlaps: pairs that share prompts, those that share most first.
        meaning: what this says and what it does not.
    """

    benchmarks: list[str]
    words: int
    overlaps: list[BenchmarkOverlap]
    meaning: str
