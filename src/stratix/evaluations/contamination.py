"""Hints of contamination: answers that go by the truth word for word, and prompts that benchmarks share."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from layerlens.models import BenchmarkOverlap, ContaminationHint, ContaminationReport, OverlapReport
from stratix.analysis.contamination import shared_run, text_of, words
from stratix.evaluations.columns import Columns
from stratix.evaluations.reading_columns import Hashes
from stratix.storage import comparison
from stratix.storage.database import Record

NEXT_WORDS = 20
"""The shortest run shared with the following prompt that is a hint: chance does not bring even these."""

SHORTEST_PROMPT = 8
"""Prompts of fewer words may be alike by chance."""

_MOST_ANSWERS = 200_000
_SHOWN = 400

ANSWERS_MEANING = (
    "These are hints, not proofs. A long run of words that the prompt does not hold suggests that the model "
    "has seen them in training; it may also follow from the task, as with code, law or well-known "
    "quotations. And that there is no hint proves nothing: a model that has seen a benchmark need not repeat "
    "it word for word."
)
OVERLAPS_MEANING = (
    "The prompts are the same but for case, punctuation and blanks; options and truths are not compared. "
    "Scores on benchmarks that share prompts are not independent of each other, and a model tuned on one has "
    "seen part of the other. Prompts that were rephrased are not found."
)


class _Hint(NamedTuple):
    words: int
    epoch: int
    position: int
    kind: Literal["truth", "next_prompt"]
    is_whole: bool
    text: str


async def answers(columns: Columns, evaluation: Record, least: int, shown: int) -> ContaminationReport:
    """Look for answers that hold long runs of words of the truth or of the following prompt.

    Args:
        columns: to read from.
        evaluation: finished or not.
        least: shortest run of words shared with a truth that is a hint.
        shown: most hints to return.
    """
    compared = seen = count = 0
    longest: list[_Hint] = []
    shortest = 2 * min(least, NEXT_WORDS)  # A word and its blank take two characters at least.
    async for rows in comparison.long_answers(columns.database, evaluation.id, shortest):
        places = {row.position for row in rows}
        async with columns.database.read() as connection:
            around = await comparison.prompts_at(
                connection, evaluation.version_id, places | {place + 1 for place in places}
            )
        found, looked_at = await asyncio.to_thread(_look, rows, around, least)
        compared, count, seen = compared + looked_at, count + len(found), seen + len(rows)
        longest = heapq.nlargest(shown, [*longest, *found])
        if seen >= _MOST_ANSWERS:
            break
    ids = await _prompt_ids(columns, evaluation, [hint.position for hint in longest])
    return ContaminationReport(
        evaluation_id=evaluation.id,
        words=least,
        next_words=NEXT_WORDS,
        answers=evaluation.done,
        compared=compared,
        is_complete=seen < _MOST_ANSWERS,
        count=count,
        hints=[
            ContaminationHint(
                result_id=f"{evaluation.id}:{hint.epoch}:{hint.position}",
                prompt_id=ids[hint.position],
                epoch=hint.epoch + 1,
                kind=hint.kind,
                words=hint.words,
                is_whole=hint.is_whole,
                text=hint.text,
            )
            for hint in longest
        ],
        meaning=ANSWERS_MEANING,
    )


async def _prompt_ids(columns: Columns, evaluation: Record, positions: Sequence[int]) -> dict[int, str]:
    async with columns.database.read() as connection:
        found = await comparison.prompts_at(connection, evaluation.version_id, positions)
    return {position: row.prompt_id for position, row in found.items()}


def _look(rows: Sequence[Record], around: Mapping[int, Record], least: int) -> tuple[list[_Hint], int]:
    """Return the longest hint of each answer that has one, and how many answers could have one."""
    found, compared = [], 0
    for row in rows:
        prompt, following = around[row.position], around.get(row.position + 1)
        answer = words(row.answer)
        sources: list[tuple[Literal["truth", "next_prompt"], list[str], int]] = [
            ("truth", words(prompt.truth), least)
        ]
        if following is not None:
            sources.append(("next_prompt", words(text_of(following.input)), NEXT_WORDS))
        sources = [one for one in sources if min(len(one[1]), len(answer)) >= one[2]]
        if not sources:
            continue
        compared += 1
        given = words(text_of([prompt.input, prompt.choices]))
        hints = []
        for kind, source, shortest in sources:
            run = shared_run(answer, source, given, shortest)
            if run is not None:
                text = " ".join(answer[run.start : run.start + run.length])[:_SHOWN]
                whole = run.length == len(source)
                hints.append(_Hint(run.length, row.epoch, row.position, kind, whole, text))
        if hints:
            found.append(max(hints))
    return found, compared


async def overlaps(columns: Columns, versions: Sequence[tuple[str, str, Record]]) -> OverlapReport:
    """Look for prompts that installed benchmarks share.

    Args:
        columns: to read from.
        versions: id, key and installed version of each benchmark.
    """
    hashes = [await columns.texts(version.id, SHORTEST_PROMPT) for _, _, version in versions]
    pairs = await asyncio.to_thread(_shared, hashes)
    found = []
    for one, two, count, at_1, at_2 in sorted(pairs, key=lambda pair: -pair[2]):
        (id_1, key_1, version_1), (id_2, key_2, version_2) = versions[one], versions[two]
        async with columns.database.read() as connection:
            first = (await comparison.prompts_at(connection, version_1.id, [at_1]))[at_1]
            second = (await comparison.prompts_at(connection, version_2.id, [at_2]))[at_2]
        found.append(
            BenchmarkOverlap(
                benchmark_id_1=id_1,
                benchmark_key_1=key_1,
                prompts_1=version_1.prompt_count,
                benchmark_id_2=id_2,
                benchmark_key_2=key_2,
                prompts_2=version_2.prompt_count,
                shared=count,
                prompt_id_1=first.prompt_id,
                prompt_id_2=second.prompt_id,
                example=text_of(first.input)[:_SHOWN],
            )
        )
    return OverlapReport(
        benchmarks=[key for _, key, _ in versions],
        words=SHORTEST_PROMPT,
        overlaps=found,
        meaning=OVERLAPS_MEANING,
    )


def _shared(hashes: Sequence[Hashes]) -> list[tuple[int, int, int, int, int]]:
    """Return the pairs of columns that share hashes, how many of the first, and where the first one is."""
    known = [np.unique(column[column > 0]) for column in hashes]
    found = []
    for one, two in combinations(range(len(hashes)), 2):
        both = np.intersect1d(known[one], known[two], assume_unique=True)
        if both.size:
            inside = np.isin(hashes[one], both)
            at_1 = int(np.argmax(inside))
            at_2 = int(np.argmax(hashes[two] == hashes[one][at_1]))
            found.append((one, two, int(inside.sum()), at_1, at_2))
    return found
