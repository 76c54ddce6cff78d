"""Evaluations as columns of numbers, kept in memory: what comparing a million results works on."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from layerlens.models import Outcome
from stratix.analysis.contamination import text_of, words
from stratix.evaluations.figures import INVALID
from stratix.evaluations.lifecycle import FINISHED
from stratix.evaluations.question import question
from stratix.storage import comparison
from stratix.storage.database import Database, Record

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Lengths = NDArray[np.int32]

_CODES = {outcome.value: code for code, outcome in enumerate(Outcome, start=1)}
_CORRECT = _CODES["correct"]
_INVALID = [_CODES[outcome] for outcome in INVALID]

_BUDGET = 64 * 2**20


class Sized(Protocol):
    """Whatever knows the memory it takes."""

    @property
    def nbytes(self) -> int:
        """In bytes."""


T = TypeVar("T", bound=Sized)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts of an evaluation, a row for each epoch and a column for each position.

    Attributes:
        codes: of the outcome; 0 where there is no result.
        scores: 0.0 to 1.0; 0.0 where there is no result.
    """

    codes: NDArray[np.uint8]
    scores: Floats

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        return self.codes.nbytes + self.scores.nbytes

    @property
    def present(self) -> Bools:
        """Where there is a result."""
        return self.codes > 0

    @property
    def right(self) -> Bools:
        """Where the outcome is `correct`."""
        right: Bools = self.codes == _CORRECT
        return right

    @property
    def invalid(self) -> Bools:
        """Where the outcome says nothing about whether the model knew the answer."""
        return np.isin(self.codes, _INVALID)


@dataclass(frozen=True, slots=True)
class Subsets:
    """The subset of each prompt of a version.

    Attributes:
        names: of the subsets, in the benchmark's order.
        codes: by position, the subset's place among the names.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        return self.codes.nbytes


@dataclass(frozen=True, slots=True)
class Identities:
    """What makes each prompt of a version the same as one of another version, by position.

    Attributes:
        contents: hash of input, truth and choices.
        whole: hash of these and the prompt's id.
    """

    contents: Hashes
    whole: Hashes

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        return self.contents.nbytes + self.whole.nbytes


class Columns:
    """Reads columns and keeps the latest used ones, as far as they cannot change any more.

    Args:
        database: to read from.
        budget: bytes of memory to keep at the most.
    """

    def __init__(self, database: Database, budget: int = _BUDGET) -> None:
        self.database = database
        self._budget = budget
        self._kept: OrderedDict[Hashable, Sized] = OrderedDict()
        self._loading = asyncio.Lock()

    async def verdicts(self, evaluation: Record) -> Verdicts:
        """Return the verdicts of an evaluation, finished or not."""
        return await self._get(_key("verdicts", evaluation), lambda: self._load_verdicts(evaluation))

    async def containing(self, evaluation: Record, text: str, *, in_prompts: bool) -> Bools:
        """Return where the results of an evaluation contain a text; see `storage.comparison.containing`."""
        return await self._get(
            _key("containing", evaluation, text, in_prompts),
            lambda: self._load_containing(evaluation, text, in_prompts),
        )

    async def subsets(self, version_id: str) -> Subsets:
        """Return the subsets of a version's prompts."""
        return await self._get(("subsets", version_id), lambda: self._load_subsets(version_id))

    async def identities(self, version_id: str) -> Identities:
        """Return the identities of a version's prompts."""
        return await self._get(("identities", version_id), lambda: self._load_identities(version_id))

    async def texts(self, version_id: str, least: int) -> Hashes:
        """Return the hash of each prompt's words, by position; 0 for prompts of fewer than `least` words."""
        return await self._get(("texts", version_id, least), lambda: self._load_texts(version_id, least))

    async def lengths(self, version_id: str) -> Lengths:
        """Return how many characters each prompt of a version has, as a person reads it."""
        return await self._get(("lengths", version_id), lambda: self._load_lengths(version_id))

    async def of_one(self, kind: Hashable, evaluation: Record, load: Callable[[], Awaitable[T]]) -> T:
        """Return what is read of an evaluation; it may not ask for columns itself."""
        return await self._get(_key(kind, evaluation), load)

    async def of_both(
        self, kind: Hashable, first: Record, second: Record, work_out: Callable[[], Awaitable[T]]
    ) -> T:
        """Return what is worked out from two evaluations; it may not ask for columns itself."""
        keys = _key(kind, first), _key(kind, second)
        return await self._get(None if None in keys else keys, work_out)

    async def _get(self, key: Hashable | None, load: Callable[[], Awaitable[T]]) -> T:
        """Return what is kept under a key, loading it first if need be; None keeps nothing."""
        if key not in self._kept:
            async with self._loading:  # One at a time: each may take as much memory again.
                if key not in self._kept:
                    loaded = await load()
                    if key is None:
                        return loaded
                    self._kept[key] = loaded
        self._kept.move_to_end(key)
        found: Any = self._kept[key]
        while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > self._budget:
            self._kept.popitem(last=False)
        return found  # type: ignore[no-any-return]

    async def _load_verdicts(self, evaluation: Record) -> Verdicts:
        shape = (evaluation.epochs, asked(evaluation))
        found = Verdicts(np.zeros(shape, np.uint8), np.zeros(shape))
        is_graded = False
        async for epoch, text in comparison.verdicts(self.database, evaluation):
            position, verdict = np.divmod(_numbers(text), 64)
            found.codes[epoch, position], score = np.divmod(verdict, 4)
            found.scores[epoch, position] = score
            is_graded |= bool((score == 2).any())
        if is_graded:
            async for rows in comparison.graded(self.database, evaluation.id):
                epochs, positions, scores = zip(*rows, strict=True)
                found.scores[list(epochs), list(positions)] = scores
        return found

    async def _load_containing(self, evaluation: Record, text: str, in_prompts: bool) -> Bools:
        found = np.zeros((evaluation.epochs, asked(evaluation)), np.bool_)
        places = comparison.containing(self.database, evaluation, text, in_prompts=in_prompts)
        async for epoch, positions in places:
            found[epoch, _numbers(positions)] = True
        return found

    async def _load_subsets(self, version_id: str) -> Subsets:
        async with self.database.read() as connection:
            parts = await comparison.subsets(connection, version_id)
        positions = [_numbers(text) for _, text in parts]
        codes = np.zeros(sum(map(len, positions)), np.int32)
        for code, at in enumerate(positions):
            codes[at] = code
        return Subsets(tuple(name for name, _ in parts), codes)

    async def _load_identities(self, version_id: str) -> Identities:
        rows = comparison.prompt_columns(self.database, version_id, "prompt_id", "input", "truth", "choices")
        hashed = [pair async for pair in _hashed(rows)]
        contents, whole = (np.concatenate(part) for part in zip(*hashed, strict=True)) if hashed else _NONE
        return Identities(contents, whole)

    async def _load_lengths(self, version_id: str) -> Lengths:
        # The database measures texts; others must be put together as a person reads them.
        parts = [
            _numbers(text).reshape(-1, 2) async for text in comparison.text_lengths(self.database, version_id)
        ]
        rest = comparison.prompt_columns(self.database, version_id, "input", "choices", but_texts=True)
        parts += [await asyncio.to_thread(_measure, rows) async for rows in rest]
        pairs = np.concatenate(parts) if parts else np.zeros((0, 2), np.int64)
        lengths = np.zeros(int(pairs[:, 0].max(initial=-1)) + 1, np.int32)
        lengths[pairs[:, 0]] = pairs[:, 1]
        return lengths

    async def _load_texts(self, version_id: str, least: int) -> Hashes:
        chunks = [
            await asyncio.to_thread(_hash_words, rows, least)
            async for rows in comparison.prompt_columns(self.database, version_id, "input")
        ]
        return np.concatenate(chunks) if chunks else np.zeros(0, np.uint64)


_NONE = (np.zeros(0, np.uint64), np.zeros(0, np.uint64))


def _key(kind: Hashable, evaluation: Record, *more: Hashable) -> Hashable | None:
    """Return what the results of an evaluation are kept under; None while they may change."""
    if evaluation.status not in FINISHED:
        return None
    # A scoring that is put into effect changes the verdicts of the same results.
    shown = evaluation.shown_scoring_id
    return kind, evaluation.id, evaluation.generation, evaluation.done, shown, *more


def asked(evaluation: Record) -> int:
    """Return how many prompts an evaluation was to ask; 0 while that is not known."""
    return (evaluation.total or 0) // int(evaluation.epochs)


def _numbers(text: str) -> Integers:
    """Return numbers that are joined by commas."""
    return np.fromstring(text, np.int64, sep=",")


async def _hashed(chunks: AsyncIterator[Sequence[Record]]) -> AsyncIterator[tuple[Hashes, Hashes]]:
    async for rows in chunks:
        yield await asyncio.to_thread(_hash_chunk, rows)


def _hash_chunk(rows: Sequence[Record]) -> tuple[Hashes, Hashes]:
    contents = [orjson.dumps([row.input, row.truth, row.choices]) for row in rows]
    wholes = (row.prompt_id.encode() + b"\0" + content for row, content in zip(rows, contents, strict=True))
    return hashes(contents), hashes(wholes)


def _measure(rows: Sequence[Record]) -> Integers:
    return np.array([(row.position, len(question(row.input, row.choices))) for row in rows], np.int64)


def _hash_words(rows: Sequence[Record], least: int) -> Hashes:
    texts = [words(text_of(row.input)) for row in rows]
    long = np.array([len(text) >= least for text in texts])
    return np.where(long, hashes(" ".join(text).encode() for text in texts), np.uint64(0))


def hashes(texts: Iterable[bytes]) -> Hashes:
    """Return the hashes of texts, 64 bits each: of a million, two collide once in 30 million times."""
    digests = b"".join(hashlib.blake2b(text, digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, np.uint64)
