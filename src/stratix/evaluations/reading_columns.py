"""Reads evaluations and benchmarks out of the database as columns of numbers, all of them at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from stratix.analysis.contamination import text_of, words
from stratix.evaluations.question import question
from stratix.evaluations.stored_columns import Arrays, packed
from stratix.storage import comparison, exploring
from stratix.storage.database import Database, Record

Hashes = NDArray[np.uint64]

RESULTS = {
    "codes": np.uint8,
    "cached": np.bool_,
    "scores": np.float64,
    "latency": np.float64,
    "tokens": np.int32,
    "length": np.int32,
    "tokens_input": np.int32,
    "tokens_reasoning": np.int32,
}
"""The columns of an evaluation's results, 34 bytes each, one value for each epoch and position in this order:
place of the outcome in `Outcome`, from 1, 0 where there is no result; whether it came from the cache; score,
0.0 to 1.0; milliseconds; tokens written; characters of the answer; tokens read, and of reasoning. Tokens are
-1 where they are not known."""

GROUP_NAMES = ("group", "passage")
"""Metadata by which prompts go together, the first that a prompt has."""

_LARGEST = np.iinfo(np.int32).max


def asked(evaluation: Record) -> int:
    """Return how many prompts an evaluation was to ask; 0 while that is not known."""
    return (evaluation.total or 0) // int(evaluation.epochs)


async def results(database: Database, evaluation: Record) -> Arrays:
    """Return the columns of `RESULTS` of an evaluation's results."""
    width = asked(evaluation)
    found = {name: np.zeros(width * evaluation.epochs, kind) for name, kind in RESULTS.items()}
    for name in ("tokens", "tokens_input", "tokens_reasoning"):
        found[name][:] = -1
    async for epoch, texts in exploring.columns(database, evaluation):
        await asyncio.to_thread(_fill, found, epoch * width, texts)
    return found


def _fill(found: Arrays, offset: int, texts: Sequence[str]) -> None:
    positions, marks, *values = (
        np.fromstring(text, np.float64 if column in (2, 3) else np.int64, sep=",")
        for column, text in enumerate(texts)
    )
    at = positions + offset
    found["codes"][at], found["cached"][at] = np.divmod(marks, 2)
    for name, column in zip(list(RESULTS)[2:], values, strict=True):
        found[name][at] = column if column.dtype == np.float64 else np.minimum(column, _LARGEST)


async def containing(
    database: Database, evaluation: Record, text: str, *, in_prompts: bool
) -> NDArray[np.bool_]:
    """Return where results contain a text, by epoch and position; see `storage.comparison.containing`."""
    found = np.zeros((evaluation.epochs, asked(evaluation)), np.bool_)
    async for epoch, positions in comparison.containing(database, evaluation, text, in_prompts=in_prompts):
        found[epoch, _numbers(positions)] = True
    return found


async def subsets(database: Database, version_id: str) -> Arrays:
    """Return the subsets of a version: `names`, packed, and by position the `codes`, places among these."""
    async with database.read() as connection:
        parts = await comparison.subsets(connection, version_id)
    positions = [_numbers(text) for _, text in parts]
    codes = np.zeros(sum(map(len, positions)), np.int32)
    for code, at in enumerate(positions):
        codes[at] = code
    return {"codes": codes, "names": packed([name for name, _ in parts])}


async def identities(database: Database, version_id: str) -> Arrays:
    """Return two hashes of each prompt of a version: of its `contents`, and `whole`, with its id."""
    rows = comparison.prompt_columns(database, version_id, "prompt_id", "input", "truth", "choices")
    hashed = [pair async for pair in _hashed(rows)]
    contents, whole = (np.concatenate(part) for part in zip(*hashed, strict=True)) if hashed else _NONE
    return {"contents": contents, "whole": whole}


async def groups(database: Database, version_id: str, prompts: int) -> Arrays:
    """Return which prompts of a version go together, as `firsts`: by position, that of its group's first.

    Prompts go together whose metadata has the same `group`, or where that has none, the same `passage`. Where
    every prompt stands alone, `firsts` is empty.

    Args:
        database: to read from.
        version_id: of which version of a benchmark.
        prompts: how many it has.
    """
    rows = comparison.prompt_columns(database, version_id, "metadata", keeping=GROUP_NAMES)
    parts = [await asyncio.to_thread(_hash_groups, chunk) async for chunk in rows]
    at, hashes = (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else _NONE
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    if len(first) == len(at):
        return {"firsts": np.zeros(0, np.int32)}
    firsts = np.arange(prompts, dtype=np.int32)
    firsts[at] = at[first][group]
    return {"firsts": firsts}


async def lengths(database: Database, version_id: str) -> Arrays:
    """Return how many characters each prompt of a version has, as `lengths`."""
    # The database measures texts; others must be put together as a person reads them.
    parts = [_numbers(text).reshape(-1, 2) async for text in comparison.text_lengths(database, version_id)]
    rest = comparison.prompt_columns(database, version_id, "input", "choices", but_texts=True)
    parts += [await asyncio.to_thread(_measure, rows) async for rows in rest]
    pairs = np.concatenate(parts) if parts else np.zeros((0, 2), np.int64)
    found = np.zeros(int(pairs[:, 0].max(initial=-1)) + 1, np.int32)
    found[pairs[:, 0]] = pairs[:, 1]
    return {"lengths": found}


async def texts(database: Database, version_id: str, least: int) -> Arrays:
    """Return a hash of each prompt's words as `hashes`; 0 for prompts of fewer than `least`."""
    chunks = [
        await asyncio.to_thread(_hash_words, rows, least)
        async for rows in comparison.prompt_columns(database, version_id, "input")
    ]
    return {"hashes": np.concatenate(chunks) if chunks else np.zeros(0, np.uint64)}


_NONE = (np.zeros(0, np.uint64), np.zeros(0, np.uint64))


def _numbers(text: str) -> NDArray[np.int64]:
    """Return numbers that are joined by commas."""
    return np.fromstring(text, np.int64, sep=",")


async def _hashed(chunks: AsyncIterator[Sequence[Record]]) -> AsyncIterator[tuple[Hashes, Hashes]]:
    async for rows in chunks:
        yield await asyncio.to_thread(_hash_chunk, rows)


def _hash_chunk(rows: Sequence[Record]) -> tuple[Hashes, Hashes]:
    contents = [orjson.dumps([row.input, row.truth, row.choices]) for row in rows]
    wholes = (row.prompt_id.encode() + b"\0" + content for row, content in zip(rows, contents, strict=True))
    return _hashes(contents), _hashes(wholes)


def _hash_groups(rows: Sequence[Record]) -> tuple[NDArray[np.int64], Hashes]:
    found = [(position, group) for position, metadata in rows if (group := _group(metadata)) is not None]
    return np.array([position for position, _ in found], np.int64), _hashes(group for _, group in found)


def _group(metadata: Mapping[str, Any]) -> bytes | None:
    for name in GROUP_NAMES:
        if metadata.get(name) not in (None, "", [], {}):
            return orjson.dumps([name, metadata[name]], option=orjson.OPT_SORT_KEYS)
    return None


def _measure(rows: Sequence[Any]) -> NDArray[np.int64]:
    return np.array([(row.position, len(question(row.input, row.choices))) for row in rows], np.int64)


def _hash_words(rows: Sequence[Any], least: int) -> Hashes:
    texts = [words(text_of(row.input)) for row in rows]
    long = np.array([len(text) >= least for text in texts])
    return np.where(long, _hashes(" ".join(text).encode() for text in texts), np.uint64(0))


def _hashes(texts: Iterable[bytes]) -> Hashes:
    """Return the hashes of texts, 64 bits each: of a million, two collide once in 30 million times."""
    digests = b"".join(hashlib.blake2b(text, digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, np.uint64)
