"""Evaluations of one benchmark compared: difference, interval, chance, cells, subset by subset."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
from stratix.analysis.paired import paired
from stratix.evaluations import wording
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
        scores_1: mean score over the epochs of the first; likewise of the second, and so on.
        right_1: whether more than half of the answers are correct.
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
    subsets = await columns.subsets(version.id) if version is not None and version.subsets else None
    groups = None if version is None else await columns.groups(version.id, version.prompt_count)
    return await columns.of_both(
        "parts", first, second, lambda: asyncio.to_thread(_difference, matching, verdicts, subsets, groups)
    )


def _difference(
    matching: Matching, verdicts: tuple[Verdicts, Verdicts], subsets: Subsets | None, groups: Firsts | None
) -> Parts:
    pairs = pair(matching, *verdicts, subsets, groups)
    if not len(pairs.scores_1):
        return Parts(None, [])
    overall = PairedDifference(**_compare(pairs))
    if subsets is None or pairs.subset is None:
        return Parts(overall, [])
    # In the order of the subsets each of them is a slice. Small numbers are sorted in one go.
    order = np.argsort(pairs.subset.astype(np.min_scalar_type(len(subsets.names))), kind="stable")
    ordered, found = pairs.at(order), []
    starts = np.searchsorted(pairs.subset[order], np.arange(len(subsets.names) + 1)).tolist()
    for name, start, end in zip(subsets.names, starts, starts[1:], strict=False):
        if name and start < end:
            found.append(SubsetDifference(name=name, **_compare(ordered.at(slice(start, end)))))
    for subset, p in zip(found, holm([subset.p_value for subset in found]), strict=True):
        subset.p_adjusted = p
    return Parts(overall, found)


def pair(
    matching: Matching,
    ours: Verdicts,
    theirs: Verdicts,
    subsets: Subsets | None,
    groups: Firsts | None,
) -> Pairs:
    """Return the matched prompts that both evaluations have an answer to."""
    at: list[Integers | slice] = [matching.first, matching.second]
    if matching.in_place:  # Nothing has to be put in another order, which takes as long as all else.
        at = [slice(len(matching.first))] * 2
    first, second = _by_prompt(ours, at[0]), _by_prompt(theirs, at[1])
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


def _by_prompt(verdicts: Verdicts, at: Integers | slice) -> _Prompts:
    """Bring the epochs of each prompt together."""
    if len(verdicts.codes) == 1:
        one = verdicts.present[0, at]
        return _Prompts(verdicts.scores[0, at], verdicts.right[0, at], verdicts.invalid[0, at], one)
    answers = verdicts.present[:, at].sum(axis=0)
    divisor = np.maximum(answers, 1)
    return _Prompts(
        score=verdicts.scores[:, at].sum(axis=0) / divisor,
        right=verdicts.right[:, at].sum(axis=0) * 2 > answers,
        invalid=verdicts.invalid[:, at].sum(axis=0) > 0,
        answered=answers > 0,
    )


def _compare(pairs: Pairs) -> dict[str, Any]:
    # The second less the first: above 0, what is compared is better than the reference.
    found = paired(pairs.scores_2, pairs.scores_1, pairs.group)
    right_1, right_2 = pairs.right_1, pairs.right_2
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
            both_right=int((right_1 & right_2).sum()),
            only_first=int((right_1 & ~right_2).sum()),
            only_second=int((~right_1 & right_2).sum()),
            both_wrong=int((~right_1 & ~right_2).sum()),
        ),
        "higher_1": int((pairs.scores_1 > pairs.scores_2).sum()),
        "higher_2": int((pairs.scores_2 > pairs.scores_1).sum()),
        "invalid_1": int(pairs.invalid_1.sum()),
        "invalid_2": int(pairs.invalid_2.sum()),
    }
