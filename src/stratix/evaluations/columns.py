"""Evaluations as columns of numbers, in memory and in files: what a million results are looked at by."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from layerlens.models import Outcome
from stratix.evaluations import reading_columns as reading
from stratix.evaluations.deleting import Gone
from stratix.evaluations.figures import INVALID
from stratix.evaluations.lifecycle import FINISHED
from stratix.evaluations.preparing import LARGE
from stratix.evaluations.reading_columns import Hashes, asked
from stratix.evaluations.stored_columns import Arrays, Key, StoredColumns, unpacked
from stratix.storage import evaluations
from stratix.storage.database import Database, Record
from stratix.storage.text_index import Readiness, TextIndexes

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Lengths = NDArray[np.int32]
Firsts = NDArray[np.int32]

_CODES = {outcome.value: code for code, outcome in enumerate(Outcome, start=1)}
_CORRECT = _CODES["correct"]
_IS_INVALID = np.isin(np.arange(256), [_CODES[outcome] for outcome in INVALID])

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
        invalid: Bools = _IS_INVALID[self.codes]
        return invalid


@dataclass(frozen=True, slots=True)
class Subsets:
    """The subset of each prompt of a version.

    Attributes:
        names: of the subsets, in the benchmark's order.
        codes: by position, the subset's place among the names.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Identities:
    """What makes each prompt of a version the same as one of another version, by position.

    Attributes:
        contents: hash of input, truth and choices.
        whole: hash of these and the prompt's id.
    """

    contents: Hashes
    whole: Hashes


class Columns:
    """Reads columns and keeps the latest used ones, as far as they cannot change any more.

    Args:
        database: to read from.
        files: folder of those that outlast the process; None keeps them in memory alone.
        budget: bytes of memory to keep at the most.
        large: from how many rows on they are kept in files.
        indexes: of the texts of evaluations that have finished; without, texts are scanned.
    """

    def __init__(
        self,
        database: Database,
        files: Path | None = None,
        *,
        budget: int = _BUDGET,
        large: int = LARGE,
        indexes: TextIndexes | None = None,
    ) -> None:
        self.database = database
        self._files = None if files is None else StoredColumns(files)
        self._budget = budget
        self._large = large
        self._indexes = indexes
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._loading = asyncio.Lock()
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def results(self, evaluation: Record, *names: str) -> Arrays:
        """Return columns of an evaluation's results, finished or not; see `reading_columns.RESULTS`."""
        return await self.of_evaluation(
            "results", evaluation, lambda: self._alone(reading.results, evaluation), *names
        )

    async def verdicts(self, evaluation: Record) -> Verdicts:
        """Return the verdicts of an evaluation, finished or not."""
        found = await self.results(evaluation, "codes", "scores")
        shape = (evaluation.epochs, asked(evaluation))
        return Verdicts(found["codes"].reshape(shape), found["scores"].reshape(shape))

    async def of_evaluation(
        self, kind: str, evaluation: Record, load: Callable[[], Awaitable[Arrays]], *names: str
    ) -> Arrays:
        """Return what is read of an evaluation's results; of a large one it is kept in a file.

        Args:
            kind: of what is read.
            evaluation: finished or not; nothing is kept while it may change.
            load: reads or works out all of its columns.
            *names: the columns that are wanted.

        Raises:
            Gone: it was deleted meanwhile.
        """
        key = _file_key(kind, evaluation)
        if key is None:
            return await load()

        async def is_current() -> bool:
            async with self.database.read() as connection:
                row = await evaluations.get(connection, evaluation.id)
            if row is None:
                raise Gone(evaluation.id)
            return _file_key(kind, row) == key

        return await self._columns(key, load, names, evaluation.done >= self._large, is_current)

    async def containing(self, evaluation: Record, text: str, *, in_prompts: bool) -> Bools:
        """Return where the results of an evaluation contain a text, by epoch and position, in any case.

        Args:
            evaluation: finished or not.
            text: what to look for in the answers.
            in_prompts: look in prompts and truths too; an index does so in any case.
        """
        if self._indexes is not None and evaluation.status in FINISHED:
            places = await self._indexes.find(evaluation, text)
            if places is not None:
                found = np.zeros(asked(evaluation) * evaluation.epochs, np.bool_)
                found[places] = True
                return found.reshape(evaluation.epochs, -1)
        return await self._get(
            _key("containing", evaluation, text, in_prompts),
            lambda: reading.containing(self.database, evaluation, text, in_prompts=in_prompts),
        )

    def readiness(self, evaluation: Record, text: str) -> Readiness:
        """Return how a search would be answered, and have an index made that would be of use."""
        if self._indexes is not None and evaluation.status in FINISHED:
            return self._indexes.readiness(evaluation, text)
        return Readiness("scanning", 0, evaluation.done)

    async def subsets(self, version_id: str) -> Subsets:
        """Return the subsets of a version's prompts."""
        key = Key("subsets", version_id)
        found = await self._columns(key, lambda: self._alone(reading.subsets, version_id), ("names", "codes"))
        return Subsets(tuple(unpacked(found["names"])), found["codes"])

    async def groups(self, version_id: str, prompts: int) -> Firsts | None:
        """Return which prompts of a version go together: by position, that of the first of its group.

        Args:
            version_id: of which version of a benchmark.
            prompts: how many it has.

        Returns:
            The positions; None where every prompt stands alone.
        """
        found = await self._columns(
            Key("groups", version_id),
            lambda: self._alone(reading.groups, version_id, prompts),
            ("firsts",),
            prompts >= self._large,
        )
        firsts: Firsts = found["firsts"]
        return firsts if len(firsts) else None

    async def identities(self, version_id: str) -> Identities:
        """Return the identities of a version's prompts."""
        key = Key("identities", version_id)
        names = ("contents", "whole")
        found = await self._columns(key, lambda: self._alone(reading.identities, version_id), names)
        return Identities(found["contents"], found["whole"])

    async def texts(self, version_id: str, least: int) -> Hashes:
        """Return the hash of each prompt's words, by position; 0 for prompts of fewer than `least` words."""
        key = Key(f"texts-{least}", version_id)
        found = await self._columns(key, lambda: self._alone(reading.texts, version_id, least), ("hashes",))
        texts: Hashes = found["hashes"]
        return texts

    async def lengths(self, version_id: str) -> Lengths:
        """Return how many characters each prompt of a version has, as a person reads it."""
        key = Key("lengths", version_id)
        found = await self._columns(key, lambda: self._alone(reading.lengths, version_id), ("lengths",))
        lengths: Lengths = found["lengths"]
        return lengths

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
        found: T = self._kept[key]
        self._used(key)
        return found

    async def _columns(
        self,
        key: Key,
        load: Callable[[], Awaitable[Arrays]],
        names: Sequence[str],
        is_large: bool | None = None,
        is_current: Callable[[], Awaitable[bool]] | None = None,
    ) -> Arrays:
        """Return columns from memory, or else from their file, or else from the database.

        Args:
            key: what they are kept under.
            load: reads all of them.
            names: those that are wanted.
            is_large: whether they are kept in a file; None: if the last of them is long.
            is_current: whether the key still holds, after reading; None if it cannot change.
        """
        found = await self._at_hand(key, names)
        if found is None:
            turn = self._turns.setdefault(key, asyncio.Lock())
            async with turn:
                found = await self._at_hand(key, names)
                if found is None:
                    found = await load()
                    if is_current is not None and not await is_current():
                        return found
                    if is_large is None:
                        is_large = len(found[names[-1]]) >= self._large
                    if self._files is not None and is_large:
                        await asyncio.to_thread(self._files.save, key, found)
        for name, column in found.items():
            self._kept[key, name] = column
            self._used((key, name))
        return found

    async def _alone(self, read: Callable[..., Awaitable[Arrays]], *arguments: Any) -> Arrays:
        async with self._loading:  # One at a time: each may take as much memory again.
            return await read(self.database, *arguments)

    async def _at_hand(self, key: Key, names: Sequence[str]) -> Arrays | None:
        """Return columns as far as nothing of the database is needed for them."""
        kept: dict[str, Any] = {name: self._kept[key, name] for name in names if (key, name) in self._kept}
        missing = [name for name in names if name not in kept]
        if not missing:
            return kept
        loaded = None
        if self._files is not None:
            loaded = await asyncio.to_thread(self._files.load, key, missing)
        return None if loaded is None else {**kept, **loaded}

    def _used(self, key: Hashable) -> None:
        """Note that something was used, and let go of what was used longest ago."""
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > self._budget:
            self._kept.popitem(last=False)


def _file_key(kind: str, evaluation: Record) -> Key | None:
    """Return what the results of an evaluation are kept under; None while they may change."""
    if evaluation.status not in FINISHED:
        return None
    # A scoring that is put into effect changes the verdicts of the same results.
    shown = evaluation.shown_scoring_id or "own"
    return Key(kind, evaluation.id, (evaluation.generation, evaluation.done, shown))


def _key(kind: Hashable, evaluation: Record, *more: Hashable) -> Hashable | None:
    """Return what is kept in memory alone of an evaluation is kept under; None while it may change."""
    key = _file_key("", evaluation)
    return None if key is None else (kind, key, *more)
