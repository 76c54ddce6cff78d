"""Looking at what is waited for, though the server may be away for a while."""

from __future__ import annotations

from typing import TypeVar

from layerlens import _aio
from layerlens._errors import APIConnectionError, InternalServerError
from layerlens._waiting import Waiting

T = TypeVar("T")


async def look(waiting: Waiting, ask: _aio.Fetcher[float, T]) -> T:
    """Ask how something stands, again as long as the server is away that has answered before.

    Args:
        waiting: the timetable of the wait.
        ask: asks, given the seconds for which the server may hold its answer back.

    Returns:
        What `ask` returned.

    Raises:
        APIError: the server could not be asked, and is not waited for any longer.
    """
    while True:
        try:
            return await ask(waiting.hold())
        except (APIConnectionError, InternalServerError):
            pause = waiting.outage()
            if pause is None:
                raise
            await _aio.sleep(pause)
