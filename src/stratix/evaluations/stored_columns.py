"""Columns of numbers in files, so that what cannot change any more is read from the database once.

A file may be deleted at any time: whatever is missing, torn or of another format is read anew.
"""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

FORMAT = 1
"""Raised whenever what is in a file, or how it is worked out, changes."""

_MOST_BYTES = 2 * 2**30

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """What columns are kept under; two that are not equal never share a file.

    Attributes:
        kind: what the columns say.
        owner: the id of what they say it of.
        state: whatever may change of that, and them with it.
    """

    kind: str
    owner: str
    state: tuple[str | int, ...] = ()

    @property
    def family(self) -> str:
        """How the names of its files begin, of whichever state and format."""
        return f"{self.kind}.{self.owner}."

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.family + ".".join((*map(str, self.state), f"v{FORMAT}", "npz"))


class StoredColumns:
    """The files of a folder: uncompressed archives of arrays, each with its checksum.

    Args:
        folder: made when there is something to keep.
        most_bytes: of all files together; beyond, those go that were used longest ago.
    """

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def load(self, key: Key, names: Iterable[str]) -> Arrays | None:
        """Return columns by name; None where they are not there whole."""
        path = self._folder / key.file
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                found = {name: archive[name] for name in names}
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("the file %s is broken and is made anew: %s", path, error)
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        return found

    def save(self, key: Key, arrays: Arrays) -> None:
        """Keep columns, in the place of those of other states of their owner; a full disk keeps none."""
        path = self._folder / key.file
        draft = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with draft.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
                file.flush()
                os.fsync(file.fileno())  # A name must not outlive a power cut that its content did not.
            draft.replace(path)
            self._tidy(key)
        except OSError as error:
            _log.warning("the columns %s are not kept: %s", path.name, error)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def _tidy(self, key: Key) -> None:
        """Remove what is outdated, and what was used longest ago where all together are too large."""
        for other in self._folder.glob(f"{key.family}*.npz"):
            if other.name != key.file:
                other.unlink(missing_ok=True)
        used = sorted(self._folder.glob("*.npz"), key=lambda each: each.stat().st_mtime, reverse=True)
        size = 0
        for each in used:
            size += each.stat().st_size
            if size > self._most_bytes and each.name != key.file:
                each.unlink(missing_ok=True)


def packed(value: Any) -> NDArray[np.uint8]:
    """Return a plain value as bytes of JSON, to be kept beside numbers."""
    return np.frombuffer(orjson.dumps(value), np.uint8)


def unpacked(array: NDArray[np.uint8]) -> Any:
    """Return the value of bytes of JSON; see `packed`."""
    return orjson.loads(array.tobytes())
