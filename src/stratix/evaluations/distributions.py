"""How the answers of an evaluation are distributed: latency, lengths, tokens, outcomes by subset."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

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
from stratix.evaluations.columns import Columns, Integers, Lengths, Subsets, asked
from stratix.storage import benchmarks, comparison
from stratix.storage.database import Record

_FAILED = list(Outcome).index(Outcome.FAILED) + 1


@dataclass(frozen=True, slots=True)
class _Measured:
    """The results of an evaluation, one value each: 29 bytes a result."""

    position: NDArray[np.int32]
    outcome: NDArray[np.uint8]
    score: NDArray[np.float32]
    milliseconds: NDArray[np.float32]
    characters: NDArray[np.int32]
    tokens: NDArray[np.int32]

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Where an answer came."""
        answered: NDArray[np.bool_] = self.outcome != _FAILED
        return answered


@dataclass(frozen=True, slots=True)
class _Kept:
    figures: EvaluationFigures

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes, about."""
        return 20_000 + 1_000 * len(self.figures.outcomes_by_subset)


async def figures(columns: Columns, evaluation: Record) -> EvaluationFigures:
    """Return how the answers of an evaluation are distributed, over those that are in.

    What a finished one came to is kept. It is worked out from some 30 bytes a result; texts are measured in
    the database.

    Args:
        columns: to read from.
        evaluation: finished or not.
    """
    if evaluation.version_id is None:
        return EvaluationFigures(evaluation_id=evaluation.id, count=0)
    async with columns.database.read() as connection:
        version = await benchmarks.get_version(connection, evaluation.version_id)
    subsets = await columns.subsets(version.id) if version.subsets else None
    lengths = await columns.lengths(version.id)

    async def work_out() -> _Kept:
        measured = await _read(columns, evaluation)
        if measured is None:
            return _Kept(EvaluationFigures(evaluation_id=evaluation.id, count=0))
        return _Kept(await asyncio.to_thread(_figures, evaluation, measured, lengths, subsets))

    return (await columns.of_one("distributions", evaluation, work_out)).figures


async def _read(columns: Columns, evaluation: Record) -> _Measured | None:
    parts = []
    async for _, text in comparison.measurements(columns.database, evaluation):
        parts.append(await asyncio.to_thread(_parsed, text))
    if not parts:
        return None
    return _Measured(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _parsed(text: str) -> tuple[NDArray[np.generic], ...]:
    rows = np.fromstring(text, np.int64, sep=",").reshape(-1, 8).T
    return (
        rows[0].astype(np.int32),
        rows[1].astype(np.uint8),
        (rows[2] / 1e6).astype(np.float32),
        (rows[3] / 1e3).astype(np.float32),
        rows[4].astype(np.int32),
        np.ascontiguousarray(np.minimum(rows[5:], np.iinfo(np.int32).max).T.astype(np.int32)),
    )


def _figures(
    evaluation: Record, measured: _Measured, lengths: Lengths, subsets: Subsets | None
) -> EvaluationFigures:
    answered = measured.answered
    positions = measured.position
    several = positions[answered] if evaluation.epochs > 1 else None
    prompts, scores = _by_prompt(positions, measured.score, asked(evaluation))
    return EvaluationFigures(
        evaluation_id=evaluation.id,
        count=len(positions),
        latency_ms=_distribution(measured.milliseconds[answered]),
        tokens_input=_tokens(measured.tokens[:, 0]),
        tokens_output=_tokens(measured.tokens[:, 1]),
        tokens_reasoning=_tokens(measured.tokens[:, 2]),
        by_prompt_length=_parts(by_length(lengths[prompts], scores)),
        by_answer_length=_parts(by_length(measured.characters[answered], measured.score[answered], several)),
        outcomes_by_subset=[] if subsets is None else _subsets(subsets, positions, measured.outcome),
    )


def _by_prompt(
    positions: NDArray[np.int32], scores: NDArray[np.float32], prompts: int
) -> tuple[Integers, NDArray[np.float64]]:
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


def _subsets(
    subsets: Subsets, positions: NDArray[np.int32], outcomes: NDArray[np.uint8]
) -> list[SubsetOutcomes]:
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
