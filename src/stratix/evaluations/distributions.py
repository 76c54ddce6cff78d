"""How the answers of an evaluation are distributed: latency, lengths, tokens, outcomes by subset."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerlens.models import (
    Distribution,
    EvaluationFigures,
    HistogramBin,
    LengthBin,
    Outcome,
    SubsetOutcomes,
)
from stratix.analysis.distribution import Part, binned, by_length
from stratix.evaluations.columns import Columns, Floats, Integers, Lengths, Subsets
from stratix.evaluations.reading_columns import asked
from stratix.evaluations.stored_columns import Arrays, packed, unpacked
from stratix.storage import benchmarks
from stratix.storage.database import Record

_FAILED = list(Outcome).index(Outcome.FAILED) + 1
_NAMES = ("codes", "scores", "latency", "length", "tokens", "tokens_input", "tokens_reasoning")


async def figures(columns: Columns, evaluation: Record) -> EvaluationFigures:
    """Return how the answers of an evaluation are distributed, over those that are in.

    What a finished one came to is kept. Texts are measured in the database.

    Args:
        columns: to read from.
        evaluation: finished or not.
    """
    if evaluation.version_id is None:
        return EvaluationFigures(evaluation_id=evaluation.id, count=0)
    async with columns.database.read() as connection:
        version = await benchmarks.get_version(connection, evaluation.version_id)

    async def work_out() -> Arrays:
        subsets = await columns.subsets(version.id) if version.subsets else None
        lengths = await columns.lengths(version.id)
        found = await columns.results(evaluation, *_NAMES)
        return {"json": await asyncio.to_thread(_figures, evaluation, found, lengths, subsets)}

    kept = await columns.of_evaluation("distributions", evaluation, work_out, "json")
    return EvaluationFigures.model_validate(unpacked(kept["json"]))


def _figures(
    evaluation: Record, found: Arrays, lengths: Lengths, subsets: Subsets | None
) -> NDArray[np.uint8]:
    """Return the figures, packed; what is not there or came to nothing is left out of each."""
    codes = found["codes"]
    present = np.flatnonzero(codes)
    positions = present % max(1, asked(evaluation))
    answered = np.flatnonzero((codes > 0) & (codes != _FAILED))
    several = answered % asked(evaluation) if evaluation.epochs > 1 else None
    prompts, scores = _by_prompt(positions, found["scores"][present], asked(evaluation))
    made = EvaluationFigures(
        evaluation_id=evaluation.id,
        count=len(present),
        latency_ms=_distribution(found["latency"][answered]),
        tokens_input=_tokens(found["tokens_input"]),
        tokens_output=_tokens(found["tokens"]),
        tokens_reasoning=_tokens(found["tokens_reasoning"]),
        by_prompt_length=_parts(by_length(lengths[prompts], scores)),
        by_answer_length=_parts(by_length(found["length"][answered], found["scores"][answered], several)),
        outcomes_by_subset=[] if subsets is None else _subsets(subsets, positions, codes[present]),
    )
    return packed(made.model_dump(mode="json"))


def _by_prompt(positions: Integers, scores: Floats, prompts: int) -> tuple[Integers, Floats]:
    """Return the prompts that have results, and the mean score of each."""
    counts = np.bincount(positions, minlength=prompts)
    sums = np.bincount(positions, scores, minlength=prompts)
    present = np.flatnonzero(counts)
    return present, np.clip(sums[present] / counts[present], 0.0, 1.0)


def _tokens(counts: NDArray[np.int32]) -> Distribution | None:
    return _distribution(counts[counts >= 0], whole=True)


def _distribution(values: NDArray[np.generic], *, whole: bool = False) -> Distribution | None:
    if not len(values):
        return None
    found = binned(values, whole=whole)
    return Distribution(
        count=found.count,
        mean=found.mean,
        minimum=found.minimum,
        maximum=found.maximum,
        **{f"p{percent}": value for percent, value in found.percentiles.items()},
        bins=[
            HistogramBin(low=low, high=high, count=count)
            for low, high, count in zip(found.edges, found.edges[1:], found.counts, strict=False)
        ],
    )


def _parts(parts: Sequence[Part]) -> list[LengthBin]:
    return [
        LengthBin(
            low=part.low,
            high=part.high,
            count=part.count,
            accuracy=part.mean,
            accuracy_low=part.lower,
            accuracy_high=part.upper,
        )
        for part in parts
    ]


def _subsets(subsets: Subsets, positions: Integers, outcomes: NDArray[np.uint8]) -> list[SubsetOutcomes]:
    kinds = len(Outcome) + 1
    counts = np.bincount(subsets.codes[positions].astype(np.int64) * kinds + outcomes)
    table = np.pad(counts, (0, len(subsets.names) * kinds - len(counts))).reshape(-1, kinds)
    return [
        SubsetOutcomes(
            name=name,
            count=int(row.sum()),
            outcomes={kind.value: int(row[code]) for code, kind in enumerate(Outcome, start=1) if row[code]},
        )
        for name, row in zip(subsets.names, table, strict=True)
        if name and row.sum()
    ]
