"""What all resources share."""

from __future__ import annotations

from typing import Any, Protocol

from layerlens._async._session import AsyncSession
from layerlens._protocol import Call
from layerlens.models import MAX_PAGE_SIZE, Evaluation


class AsyncResource:
    """A noun of the API.

    Args:
        client: the client it belongs to, handed on to the evaluations it returns.
        session: what it speaks through.
    """

    def __init__(self, client: Any, session: AsyncSession) -> None:
        self._client = client
        self._session = session

    def _bind(self, evaluation: Evaluation) -> Evaluation:
        """Give an evaluation the client that its methods speak through."""
        evaluation._client = self._client
        return evaluation

    async def _evaluation(self, call: Call[Evaluation]) -> Evaluation | None:
        """Make a call that is answered by an evaluation, None if the server says that there is none."""
        found = await self._session.send_or_none(call)
        return None if found is None else self._bind(found)


class Identified(Protocol):
    """Anything with an id: a model, a benchmark, an evaluation."""

    id: str


def id_of(thing: Identified | str) -> str:
    """Return the id of a thing, which may be given as its id.

    Raises:
        TypeError: it is neither, such as the None of something that was not found.
    """
    found = thing if isinstance(thing, str) else getattr(thing, "id", None)
    if not isinstance(found, str):
        raise TypeError(f"{thing!r} is neither an id nor a thing that has one: was it found?")
    return found


def check_page(page: int | None, page_size: int | None) -> None:
    """Check the number and the size of a page.

    Raises:
        ValueError: one is out of range.
    """
    if page is not None and page < 1:
        raise ValueError(f"page must be 1 or more, not {page}")
    if page_size is not None and not 1 <= page_size <= MAX_PAGE_SIZE:
        raise ValueError(f"page_size must be 1 to {MAX_PAGE_SIZE}, not {page_size}")
