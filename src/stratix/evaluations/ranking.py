"""Leaderboards: the models of a benchmark ranked, with the places each may truly hold."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np

from layerlens.models import Leaderboard, LeaderboardEntry, MatrixRow, OtherRuns
from stratix.analysis.ranks import Rank, rank_means, rank_scores
from stratix.evaluations.by_prompt import Reduced, reduced, shared_reducer
from stratix.evaluations.columns import Columns, Firsts, Floats, Verdicts
from stratix.evaluations.figures import INVALID
from stratix.evaluations.reading_columns import asked
from stratix.storage.database import Record

_MOST_SCORES = 4_000_000
"""Scores that are ranked prompt by prompt, 8 bytes each; beyond, the means tell as well."""


async def leaderboard(
    columns: Columns, found: Sequence[Record], benchmark: tuple[str, str, str], limit: int | None
) -> Leaderboard:
    """Rank the models of a benchmark by their latest evaluations that asked the same prompts.

    Args:
        columns: to read from.
        found: as `storage.leaderboards.latest` returns them.
        benchmark: id, key and name.
        limit: rank the runs of so many prompts; None ranks the full ones.
    """
    head = dict(zip(("benchmark_id", "benchmark_key", "benchmark_name"), benchmark, strict=True))
    wanted = [row for row in found if _wanted(row, limit)]
    # The benchmark's own protocol, where there are runs of it.
    newest = max(wanted, key=lambda row: (row.shots is None, row.version_created_at), default=None)
    chosen = [] if newest is None else [row for row in wanted if _protocol(row) == _protocol(newest)]
    ids = {row.id for row in chosen}
    others = _others([row for row in found if row.id not in ids])
    if newest is None:
        return Leaderboard(**head, is_full=limit is None, entries=[], others=others, notes=[])
    prompts = asked(newest)
    group: Firsts | None = None
    by: Literal["prompts", "means"] = "prompts" if len(chosen) * prompts <= _MOST_SCORES else "means"
    if by == "prompts":
        how = shared_reducer(*chosen)
        table = [
            _by_prompt(await columns.verdicts(row), await reduced(columns, row, how), prompts)
            for row in chosen
        ]
        groups = await columns.groups(newest.version_id, newest.version_prompts)
        group = None if groups is None else groups[:prompts]
        ranking = await asyncio.to_thread(rank_scores, table, group)
    else:
        means = [row.accuracy for row in chosen]
        # The variance of scores from 0 to 1 is at most that of a yes or no with the same mean.
        errors = [max(mean * (1 - mean), 1 / prompts) ** 0.5 / prompts**0.5 for mean in means]
        ranking = rank_means(means, errors)
    entries = [_entry(row, rank) for row, rank in zip(chosen, ranking.ranks, strict=True)]
    return Leaderboard(
        **head,
        benchmark_version=newest.version,
        prompt_count=prompts,
        is_full=prompts == newest.version_prompts,
        shots=newest.shots,
        ranked_by=by,
        entries=sorted(entries, key=lambda entry: (entry.place, entry.model_name)),
        others=others,
        notes=_notes(chosen) + ([] if group is None else _grouped(group)),
    )


def _wanted(row: Record, limit: int | None) -> bool:
    prompts: int = row.version_prompts if limit is None else min(limit, row.version_prompts)
    return asked(row) == prompts


def _protocol(row: Record) -> tuple[str, int | None]:
    return row.version_id, row.shots


def _by_prompt(verdicts: Verdicts, by: Reduced | None, prompts: int) -> Floats:
    """Return what the epochs of each prompt come to, or their mean; NaN where there is no answer."""
    scores = np.full(prompts, np.nan)
    answers = verdicts.present.sum(axis=0)[:prompts]
    known = answers > 0
    means = verdicts.scores.sum(axis=0)[:prompts] / np.maximum(answers, 1)
    scores[: len(answers)][known] = (means if by is None else by.scores[:prompts])[known]
    return scores


def _entry(row: Record, rank: Rank) -> LeaderboardEntry:
    figures = row.aggregates or {}
    return LeaderboardEntry(
        place=rank.place,
        best=rank.best,
        worst=rank.worst,
        model_id=row.model_id,
        model_key=row.model_key,
        model_name=row.model_name,
        model_company=row.model_company,
        evaluation_id=row.id,
        submitted_at=int(row.submitted_at),
        accuracy=row.accuracy,
        accuracy_interval=figures.get("accuracy_interval"),
        epochs=row.epochs,
        invalid_share=sum(row.outcomes.get(name, 0) for name in INVALID) / row.done,
        cost=figures.get("cost"),
        average_duration=row.average_duration,
        judge_model_key=row.judge_model_key,
    )


def _others(rows: Sequence[Record]) -> list[OtherRuns]:
    counts = Counter(
        # The last is what is meant; the one before it sorts, as None does not.
        (row.version_created_at, row.version, asked(row), row.version_prompts, row.shots or 0, row.shots)
        for row in rows
    )
    return [
        OtherRuns(
            benchmark_version=version,
            prompt_count=prompts,
            is_full=prompts == all_,
            shots=shots,
            models=models,
        )
        for (_, version, prompts, all_, _, shots), models in sorted(
            counts.items(), key=lambda item: item[0][:5], reverse=True
        )
    ]


def _notes(rows: Sequence[Record]) -> list[str]:
    said = []
    if rows and rows[0].shots is not None:
        said.append(f"They were shown {rows[0].shots} worked examples, not as many as the benchmark's own.")
    if len({row.judge_model_key for row in rows}) > 1:
        said.append("Their answers were graded by different judges.")
    how = shared_reducer(*rows) if rows else "mean"
    if len({row.epochs for row in rows}) > 1:
        its = "; a prompt's score is its mean" if how == "mean" else ""
        said.append(f"Some asked each prompt more often than others{its}.")
    if any(row.epochs_reducer != how for row in rows):
        said.append("Some count more than the mean of a prompt's epochs; places go by the mean.")
    return said


def _grouped(group: Firsts) -> list[str]:
    groups = len(np.unique(group))
    if groups == len(group):
        return []
    return [
        f"Prompts that go together, such as questions on one passage, are not independent: the places are "
        f"clustered by the {groups:,} groups that the {len(group):,} prompts form."
    ]


def matrix(boards: Sequence[Leaderboard]) -> list[MatrixRow]:
    """Return every model of some leaderboards over all of them; what is missing stays missing."""
    names: dict[str, LeaderboardEntry] = {}
    cells: dict[str, dict[str, float]] = defaultdict(dict)
    for board in boards:
        for entry in board.entries:
            names.setdefault(entry.model_id, entry)
            cells[entry.model_id][board.benchmark_id] = entry.accuracy
    rows = [
        MatrixRow(
            model_id=model_id,
            model_key=names[model_id].model_key,
            model_name=names[model_id].model_name,
            accuracies=found,
            mean=sum(found.values()) / len(found) if len(found) == len(boards) else None,
        )
        for model_id, found in cells.items()
    ]
    return sorted(rows, key=lambda row: (-len(row.accuracies), -(row.mean or 0.0), row.model_name))
