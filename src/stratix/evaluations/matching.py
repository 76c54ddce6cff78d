"""Which prompt of one evaluation is which of another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from stratix.evaluations.columns import Columns, Identities, Integers
from stratix.evaluations.reading_columns import Hashes, asked
from stratix.storage.database import Record


@dataclass(frozen=True, slots=True)
class Matching:
    """Prompts that two evaluations both may have asked, in the order of the first.

    Attributes:
        first: their positions in the first evaluation's version of the benchmark.
        second: their positions in the second's.
        in_place: whether these are the first so many of both, in their order.
    """

    first: Integers
    second: Integers
    in_place: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        return self.first.nbytes + self.second.nbytes


async def match(columns: Columns, first: Record, second: Record) -> Matching:
    """Match the prompts of two evaluations of one benchmark.

    Of one version, a prompt's position says which it is. Of two versions, prompts are the same when id,
    input, truth and choices are; of those that are left, when input, truth and choices are, for ids may be
    no more than line numbers. A prompt whose text was changed is another prompt.

    Args:
        columns: to read from.
        first: an evaluation.
        second: another one.
    """
    asked_1, asked_2 = asked(first), asked(second)
    if first.version_id == second.version_id or not (asked_1 and asked_2):
        both = np.arange(min(asked_1, asked_2))
        return Matching(both, both, in_place=True)
    ours, theirs = await columns.identities(first.version_id), await columns.identities(second.version_id)
    return await columns.of_both(
        "matching", first, second, lambda: asyncio.to_thread(_by_identity, ours, theirs, asked_1, asked_2)
    )


def _by_identity(ours: Identities, theirs: Identities, asked_1: int, asked_2: int) -> Matching:
    at_1, at_2 = _same(ours.whole[:asked_1], theirs.whole[:asked_2])
    left_1 = np.setdiff1d(np.arange(asked_1), at_1, assume_unique=True)
    left_2 = np.setdiff1d(np.arange(asked_2), at_2, assume_unique=True)
    more_1, more_2 = _same(ours.contents[left_1], theirs.contents[left_2])
    at_1, at_2 = np.concatenate([at_1, left_1[more_1]]), np.concatenate([at_2, left_2[more_2]])
    order = np.argsort(at_1)
    return Matching(at_1[order], at_2[order])


def _same(ours: Hashes, theirs: Hashes) -> tuple[Integers, Integers]:
    """Return where the same hashes are; of several that are equal, the first one counts."""
    _, at_1, at_2 = np.intersect1d(ours, theirs, return_indices=True)
    return at_1, at_2
