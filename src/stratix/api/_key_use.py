"""Keeps when API keys are used, without making anybody wait for it."""

from __future__ import annotations

import asyncio
import logging
import time

from stratix.storage import keys
from stratix.storage.database import Database
from stratix.storage.tenants import Caller

_log = logging.getLogger(__name__)


class KeyUse:
    """Writes down, beside the work, that keys are used; once a minute for each.

    Args:
        database: where the keys are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writes: set[asyncio.Task[None]] = set()

    def note(self, caller: Caller) -> None:
        """Take note that a caller's key is used now."""
        if caller.key_id is None or time.time() - (caller.last_used_at or 0.0) < keys.USED_SECONDS:
            return
        write = asyncio.create_task(self._write(caller.key_id))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _write(self, key_id: str) -> None:
        try:
            async with self._database.write() as connection:
                await keys.touch(connection, key_id)
        except Exception as error:  # The call that used the key is none the worse for it.
            _log.warning("when the key %s was used could not be kept: %s", key_id, type(error).__name__)
