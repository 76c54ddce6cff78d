"""Evaluations of one benchmark compared: difference, interval, chance, cells, subset by subset."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlens.models import (
    Against,
    ComparedEvaluation,
    ComparisonReport,
    FourCells,
    PairedComparison,
    PairedDifference,
    SubsetDifference,
)
from stratix.analysis.multiple import holm
from stratix.analysis.paired import Cells, Paired, paired, paired_cells
from stratix.evaluations import wording
from stratix.evaluations.by_prompt import Reduced, reduced, shared_reducer
from stratix.evaluations.columns import Bools, Columns, Firsts, Floats, Integers, Subsets, Verdicts
from stratix.evaluations.matching import Matching, match
from stratix.evaluations.reading_columns import asked
from stratix.storage import benchmarks
from stratix.storage.database import Record


@dataclass(frozen=True, slots=True)
class Parts:
    """What comes of two evaluations compared.

    Attributes:
        overall: over all prompts; None if they share none.
        subsets: subset by subset.
    """

    overall: PairedDifference | None
    subsets: list[SubsetDifference]

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes, about."""
        return 2_000 * (1 + len(self.subsets))


@dataclass(frozen=True, slots=True)
class Pairs:
    """The prompts that two evaluations both have answers to, one value each.

    Attributes:
        scores_1: what the epochs of the first come to, see `by_prompt`; likewise of the second, and so on.
        right_1: whether more than half of the answers that count are correct.
        invalid_1: whether one of the answers is not valid.
        subset: place of the prompt's subset among their names; None where the benchmark has none.
        group: which prompts go together have the same; None where each stands alone.
    """

    scores_1: Floats
    scores_2: Floats
    right_1: Bools
    right_2: Bools
    invalid_1: Bools
    invalid_2: Bools
    subset: NDArray[np.int32] | None
    group: NDArray[np.int32] | None

    def at(self, places: Bools | NDArray[np.intp] | slice) -> Pairs:
        """Return those of some prompts."""
        return Pairs(
            self.scores_1[places],
            self.scores_2[places],
            self.right_1[places],
            self.right_2[places],
            self.invalid_1[places],
            self.invalid_2[places],
            None if self.subset is None else self.subset[places],
            None if self.group is None else self.group[places],
        )


async def report(columns: Columns, compared: Sequence[Record], against: Against) -> ComparisonReport:
    """Compare evaluations of one benchmark.

    Args:
        columns: to read from.
        compared: two or more evaluations that have ended.
        against: `first` compares every other one with the first, `all` every one with every other.
    """
    chosen = list(combinations(compared, 2)) if against == "all" else [(compared[0], x) for x in compared[1:]]
    async with columns.database.read() as connection:
        versions = {
            one.version_id: await benchmarks.get_version(connection, one.version_id)
            for one in compared
            if one.version_id is not None
        }
    parts = [await _parts(columns, first, second, versions.get(first.version_id)) for first, second in chosen]
    # Every pair is a question asked of the same data.
    corrected = iter(holm([part.overall.p_value for part in parts if part.overall]))
    pairs = []
    for (first, second), part in zip(chosen, parts, strict=True):
        overall = part.overall and part.overall.model_copy(update={"p_adjusted": next(corrected)})
        matched = overall.prompts if overall else 0
        ran = {first.version_id, second.version_id} - {None}
        unmatched = asked(first) - matched, asked(second) - matched
        more = wording.needed(overall)
        pairs.append(
            PairedComparison(
                evaluation_id_1=first.id,
                evaluation_id_2=second.id,
                overall=overall,
                unmatched_1=unmatched[0],
                unmatched_2=unmatched[1],
                matched_by="position" if len(ran) < 2 else "identity",
                reducer=shared_reducer(first, second),
                subsets=part.subsets,
                prompts_needed=more,
                conclusion=wording.conclusion(first, second, overall, more, len(chosen)),
                notes=wording.notes(first, second, overall, unmatched),
            )
        )
    return ComparisonReport(
        benchmark_id=compared[0].benchmark_id,
        benchmark_key=compared[0].benchmark_key,
        benchmark_name=compared[0].benchmark_name,
        evaluations=[_brief(one, versions.get(one.version_id)) for one in compared],
        against=against,
        pairs=pairs,
    )


def _brief(one: Record, version: Record | None) -> ComparedEvaluation:
    return ComparedEvaluation(
        id=one.id,
        model_id=one.model_id,
        model_key=one.model_key,
        model_name=one.model_name,
        status=one.status,
        submitted_at=int(one.submitted_at),
        accuracy=one.accuracy,
        prompt_count=asked(one),
        limit=one.limit,
        epochs=one.epochs,
        benchmark_version=version and version.version,
    )


async def _parts(columns: Columns, first: Record, second: Record, version: Record | None) -> Parts:
    matching = await match(columns, first, second)
    verdicts = await columns.verdicts(first), await columns.verdicts(second)
    how = shared_reducer(first, second)
    by = await reduced(columns, first, how), await reduced(columns, second, how)
    subsets = await columns.subsets(version.id) if version is not None and version.subsets else None
    groups = None if version is None else await columns.groups(version.id, version.prompt_count)
    return await columns.of_both(
        "parts",
        first,
        second,
        lambda: asyncio.to_thread(_difference, matching, verdicts, by, subsets, groups),
    )


def _difference(
    matching: Matching,
    verdicts: tuple[Verdicts, Verdicts],
    by: tuple[Reduced | None, Reduced | None],
    subsets: Subsets | None,
    groups: Firsts | None,
) -> Parts:
    pairs = pair(matching, verdicts, by, subsets, groups)
    if not len(pairs.scores_1):
        return Parts(None, [])
    marks, found = _marks(pairs), paired(pairs.scores_2, pairs.scores_1, pairs.group)
    overall = PairedDifference(**_said(found, np.bincount(marks, minlength=_MARKS)))
    if subsets is None or pairs.subset is None:
        return Parts(overall, [])
    counts = np.bincount(pairs.subset * _MARKS + marks, minlength=len(subsets.names) * _MARKS)
    counts = counts.reshape(-1, _MARKS)
    alone = found.cells is not None and pairs.group is None
    inside = _from_cells(counts) if alone else _from_scores(pairs, len(subsets.names))
    parts = [
        SubsetDifference(name=subsets.names[code], **_said(each, counts[code]))
        for code, each in inside
        if subsets.names[code]
    ]
    for subset, p in zip(parts, holm([subset.p_value for subset in parts]), strict=True):
        subset.p_adjusted = p
    return Parts(overall, parts)


def _from_cells(counts: Integers) -> Iterator[tuple[int, Paired]]:
    """Compare each subset that has prompts by the counts of its marks: scores of 0 and 1 say no more."""
    only_1, only_2 = counts @ _HAS[_HIGHER_1], counts @ _HAS[_HIGHER_2]
    both = counts @ _HAS[_FULL_1] - only_1
    neither = counts.sum(axis=1) - both - only_1 - only_2
    # As everywhere, the second less the first.
    for code, cells in enumerate(np.stack([both, only_2, only_1, neither], axis=1).tolist()):
        if any(cells):
            yield code, paired_cells(Cells(*cells))


def _from_scores(pairs: Pairs, subsets: int) -> Iterator[tuple[int, Paired]]:
    """Compare each subset that has prompts by its scores."""
    assert pairs.subset is not None
    # In the order of the subsets each of them is a slice. Small numbers are sorted in one go.
    order = np.argsort(pairs.subset.astype(np.min_scalar_type(subsets)), kind="stable")
    first, second = pairs.scores_1[order], pairs.scores_2[order]
    group = None if pairs.group is None else pairs.group[order]
    ends = np.cumsum(np.bincount(pairs.subset, minlength=subsets)).tolist()
    for code, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        if start < end:
            at = slice(start, end)
            yield code, paired(second[at], first[at], None if group is None else group[at])


def pair(
    matching: Matching,
    verdicts: tuple[Verdicts, Verdicts],
    by: tuple[Reduced | None, Reduced | None],
    subsets: Subsets | None,
    groups: Firsts | None,
) -> Pairs:
    """Return the matched prompts that both evaluations have an answer to."""
    at: list[Integers | slice] = [matching.first, matching.second]
    if matching.in_place:  # Nothing has to be put in another order, which takes as long as all else.
        at = [slice(len(matching.first))] * 2
    first, second = (_by_prompt(*one) for one in zip(verdicts, by, at, strict=True))
    both = first.answered & second.answered
    found = Pairs(
        first.score,
        second.score,
        first.right,
        second.right,
        first.invalid,
        second.invalid,
        None if subsets is None else subsets.codes[at[0]],
        None if groups is None else groups[at[0]],
    )
    return found if both.all() else found.at(both)


@dataclass(frozen=True, slots=True)
class _Prompts:
    score: Floats
    right: Bools
    invalid: Bools
    answered: Bools


def _by_prompt(verdicts: Verdicts, by: Reduced | None, at: Integers | slice) -> _Prompts:
    """Bring the epochs of each prompt together."""
    if len(verdicts.codes) == 1:
        one = verdicts.present[0, at]
        return _Prompts(verdicts.scores[0, at], verdicts.right[0, at], verdicts.invalid[0, at], one)
    answers = verdicts.present[:, at].sum(axis=0)
    divisor = np.maximum(answers, 1)
    return _Prompts(
        score=by.scores[at] if by else verdicts.scores[:, at].sum(axis=0) / divisor,
        right=by.right[at] if by else verdicts.right[:, at].sum(axis=0) * 2 > answers,
        invalid=verdicts.invalid[:, at].sum(axis=0) > 0,
        answered=answers > 0,
    )


_RIGHT_1, _RIGHT_2, _INVALID_1, _INVALID_2, _HIGHER_1, _HIGHER_2, _FULL_1 = range(7)
_MARKS = 2**7
_HAS = np.arange(_MARKS) >> np.arange(7)[:, None] & 1
"""Whether each of the numbers below `_MARKS` has a bit, by bit."""


def _marks(pairs: Pairs) -> NDArray[np.uint8]:
    """Return what holds of each prompt as bits of a number: counting these counts everything at once."""
    holds = (
        *(pairs.right_1, pairs.right_2, pairs.invalid_1, pairs.invalid_2),
        *(pairs.scores_1 > pairs.scores_2, pairs.scores_2 > pairs.scores_1, pairs.scores_1 == 1.0),
    )
    marks = np.zeros(len(pairs.scores_1), np.uint8)
    for bit, where in enumerate(holds):
        marks |= where.view(np.uint8) << np.uint8(bit)
    return marks


def _said(found: Paired, counts: Integers) -> dict[str, Any]:
    """Return what is said of prompts: what was found of their scores, and how many have which marks."""
    # The second less the first: above 0, what is compared is better than the reference.
    right_1, right_2 = _HAS[_RIGHT_1], _HAS[_RIGHT_2]
    return {
        "prompts": found.count,
        "mean_1": found.mean_b,
        "mean_2": found.mean_a,
        "difference": found.difference,
        "low": found.lower,
        "high": found.upper,
        "standard_error": found.standard_error,
        "groups": found.groups if found.test == "clustered t" else None,
        "p_value": found.p_value,
        "p_adjusted": found.p_value,
        "test": found.test,
        "cells": FourCells(
            both_right=int(counts @ (right_1 & right_2)),
            only_first=int(counts @ (right_1 & ~right_2)),
            only_second=int(counts @ (~right_1 & right_2)),
            both_wrong=int(counts @ (1 - (right_1 | right_2))),
        ),
        "higher_1": int(counts @ _HAS[_HIGHER_1]),
        "higher_2": int(counts @ _HAS[_HIGHER_2]),
        "invalid_1": int(counts @ _HAS[_INVALID_1]),
        "invalid_2": int(counts @ _HAS[_INVALID_2]),
    }
