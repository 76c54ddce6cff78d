"""The answers of two evaluations side by side, a page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stratix.evaluations.columns import Bools, Columns, Integers, Verdicts
from stratix.evaluations.matching import Matching, match
from stratix.evaluations.reading_columns import asked
from stratix.storage import comparison
from stratix.storage.database import Record

Filter = Literal["all", "both_succeed", "both_fail", "reference_fails", "comparison_fails", "disagree"]


_RIGHT = {
    "both_succeed": (True, True),
    "both_fail": (False, False),
    "reference_fails": (False, True),
    "comparison_fails": (True, False),
}
"""Which of the two is right, by filter."""


class Compared(NamedTuple):
    """Two results of one prompt, in the same epoch.

    Attributes:
        prompt: its row in the first evaluation's version of the benchmark.
        first: the result of the first evaluation.
        second: the result of the second.
    """

    prompt: Record
    first: Record
    second: Record


async def page(
    columns: Columns,
    first: Record,
    second: Record,
    *,
    number: int,
    size: int,
    chosen: Filter = "all",
    search: str = "",
    subset: str | None = None,
) -> tuple[list[Compared], int]:
    """Return one page of two evaluations' results, and how many there are on all pages.

    Args:
        columns: to read from.
        first: the reference.
        second: what is compared with it.
        number: of the page, from 1.
        size: rows a page.
        chosen: `both_succeed`, `both_fail`, `reference_fails` (only the second is right),
            `comparison_fails` (only the first is), `disagree` (their scores differ), or `all`. Right is the
            outcome `correct` alone.
        search: text that prompt, truth or one of the answers must contain, any case.
        subset: only prompts of this subset.
    """
    skip = (number - 1) * size
    if chosen == "all" and not search and subset is None and _filled(first, second):
        # Every place is there, so what is on a page is known without reading anything.
        width = min(asked(first), asked(second))
        total = width * min(first.epochs, second.epochs)
        places = [divmod(place, width) for place in range(skip, min(skip + size, total))]
        return await _rows(columns, first, second, [(*place, place[1]) for place in places]), total
    found = await _places(columns, first, second, chosen, search, subset)
    part: list[list[int]] = found[:, skip : skip + size].tolist()
    return await _rows(columns, first, second, list(zip(*part, strict=True))), found.shape[1]


async def _places(
    columns: Columns, first: Record, second: Record, chosen: Filter, search: str, subset: str | None
) -> NDArray[np.int32]:
    """Return epoch, position in the first and position in the second of all rows that fit."""
    matching = await match(columns, first, second)
    ours, theirs = await columns.verdicts(first), await columns.verdicts(second)
    masks = []
    if search:
        masks.append((await columns.containing(first, search, in_prompts=True), matching.first))
        masks.append((await columns.containing(second, search, in_prompts=False), matching.second))
    if subset is not None:
        subsets = await columns.subsets(first.version_id)
        code = subsets.names.index(subset) if subset in subsets.names else -1
        wanted = subsets.codes[matching.first] == code
        matching = Matching(matching.first[wanted], matching.second[wanted])
        masks = [(found, at[wanted]) for found, at in masks]
    return await columns.of_both(
        ("places", chosen, search, subset),
        first,
        second,
        lambda: asyncio.to_thread(_choose, matching, ours, theirs, chosen, masks),
    )


def _filled(first: Record, second: Record) -> bool:
    """Tell whether both evaluations have every result of the same prompts."""
    same = first.version_id is not None and first.version_id == second.version_id
    return same and all(one.total and one.done == one.total for one in (first, second))


def _choose(
    matching: Matching,
    ours: Verdicts,
    theirs: Verdicts,
    chosen: Filter,
    found_in: Sequence[tuple[Bools, Integers]],
) -> NDArray[np.int32]:
    epochs = min(ours.codes.shape[0], theirs.codes.shape[0])
    at_1, at_2 = matching.first, matching.second
    mask = ours.present[:epochs, at_1] & theirs.present[:epochs, at_2]
    if chosen == "disagree":
        mask &= ours.scores[:epochs, at_1] != theirs.scores[:epochs, at_2]
    elif chosen != "all":
        first, second = _RIGHT[chosen]
        mask &= (ours.right[:epochs, at_1] == first) & (theirs.right[:epochs, at_2] == second)
    if found_in:
        mask &= np.logical_or.reduce([found[:epochs, at] for found, at in found_in])
    epoch, place = np.nonzero(mask)
    return np.stack([epoch, at_1[place], at_2[place]]).astype(np.int32)


async def _rows(
    columns: Columns, first: Record, second: Record, places: Sequence[tuple[int, int, int]]
) -> list[Compared]:
    if not places:
        return []
    async with columns.database.read() as connection:
        asked_ = await comparison.prompts_at(connection, first.version_id, (one for _, one, _ in places))
        ours = await comparison.answers(connection, first.id, ((epoch, one) for epoch, one, _ in places))
        theirs = await comparison.answers(connection, second.id, ((epoch, two) for epoch, _, two in places))
    return [
        Compared(asked_[one], ours[epoch, one], theirs[epoch, two])
        for epoch, one, two in places
        if (epoch, one) in ours and (epoch, two) in theirs
    ]
