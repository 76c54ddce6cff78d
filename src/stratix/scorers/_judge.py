"""Scorers that have a model grade the answer: what they are, and the model they are handed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from stratix.scorers._verdict import Unreadable
from stratix.scorers.base import Score, Target

T = TypeVar("T")

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class JudgeReply:
    """One answer of the judge model.

    Attributes:
        text: what it wrote, reasoning of its own removed.
        tokens_input: tokens it read, None where its endpoint reports none; likewise:
        tokens_output: tokens it wrote.
        cost: US dollars, None where its price is not known.
        cut_off: True if the token limit ended it, so that a verdict in it may not be its last word.
    """

    text: str
    tokens_input: int | None = None
    tokens_output: int | None = None
    cost: float | None = None
    cut_off: bool = False


Message = dict[str, str]
Complete = Callable[[Sequence[Message]], Awaitable[JudgeReply]]
"""Asks the judge model: chat messages in, its reply out; raises `JudgeError` when none comes."""


class JudgeError(Exception):
    """The judge gave no verdict: it did not answer, or what it wrote cannot be read; the message says."""


class Judge:
    """The judge model at work on one answer: asks it, and keeps what it replied.

    Args:
        complete: asks the model.

    Attributes:
        replies: all it has written, in order; what cannot be read has its tokens and its price too.
    """

    def __init__(self, complete: Complete) -> None:
        self._complete = complete
        self.replies: list[JudgeReply] = []

    async def ask(self, request: str, reminder: str, read: Callable[[str], T]) -> T:
        """Ask for a verdict, and once more when it cannot be read.

        Args:
            request: what to judge, and how.
            reminder: added to the request the second time: the form the verdict must have.
            read: takes the verdict from the reply, or raises `Unreadable`.

        Raises:
            JudgeError: no reply came, or two that cannot be read.
        """
        try:
            return await self._verdict(request, read)
        except Unreadable:
            pass
        try:
            return await self._verdict(f"{request}\n\n{reminder}", read)
        except Unreadable as error:
            words = " ".join(self.replies[-1].text.split())
            shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}..."
            reason = f"The judge's verdict cannot be read, twice: {error}. It wrote: {shown!r}"
            raise JudgeError(reason) from None

    async def _verdict(self, request: str, read: Callable[[str], T]) -> T:
        reply = await self._complete([{"role": "user", "content": request}])
        self.replies.append(reply)
        if reply.cut_off:
            raise Unreadable("the token limit cut it off")
        return read(reply.text)

    @property
    def tokens_input(self) -> int:
        """Tokens the judge has read, as far as its endpoint reported them."""
        return sum(reply.tokens_input or 0 for reply in self.replies)

    @property
    def tokens_output(self) -> int:
        """Tokens the judge has written, likewise."""
        return sum(reply.tokens_output or 0 for reply in self.replies)

    @property
    def cost(self) -> float | None:
        """US dollars for all replies; None where the price of one is not known."""
        costs = [reply.cost for reply in self.replies]
        return None if None in costs else sum(cost for cost in costs if cost is not None)


class JudgedScorer(ABC):
    """Has a model grade answers; made once for each evaluation, called once for each answer.

    Attributes:
        name: the key by which benchmarks choose it; equal to its file's name.
        version: raised whenever a verdict could change, so with every change of the judge's instructions.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"

    @abstractmethod
    async def score(self, answer: str, question: str, target: Target, judge: Judge) -> Score:
        """Have one answer graded.

        Args:
            answer: the model's text, as it came, reasoning already removed.
            question: what the model was asked, as text.
            target: what the answer is compared with.
            judge: the model that grades; it keeps the tokens and the cost of doing so.

        Returns:
            The score, with the judge's own verdict as its `grade` and its reasoning as its explanation.

        Raises:
            JudgeError: there is no verdict; recorded as the outcome `scorer_error`, never as 0.
        """


def section(name: str, text: str) -> str:
    """Return a text between tags that do not occur in it, so that it cannot pretend to end early."""
    tag = name
    while f"<{tag}>" in text or f"</{tag}>" in text:
        tag += "_"
    return f"<{tag}>\n{text}\n</{tag}>"
