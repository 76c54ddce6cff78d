"""Say how long an evaluation would take, by how fast its model has answered before, or that it is not known.

Everything is a range. Its ends are what the measurements leave open: whether the endpoint answers more at a
time when asked more at a time, how long reading a token takes beside writing one, and by how much the mean
of so many answers differs from that of so many others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from stratix.storage.database import Record

_AS_GOOD = 1.2
_FULL = 0.8
_NORMAL = 1.96
_LEAST_SPREAD = 1.1
"""No two runs are alike: what else a machine or a network does swings by a tenth at the least."""
_ENDS = 1.0
"""Seconds of a run that its beginning and its end may have taken, in which nothing was on its way."""


class Range(NamedTuple):
    """A positive number that is not known exactly: least, likely, most."""

    low: float
    likely: float
    high: float

    def times(self, other: Range) -> Range:
        """Return the product."""
        return Range(self.low * other.low, self.likely * other.likely, self.high * other.high)

    def at_least(self, least: float) -> Range:
        """Return it with nothing below a number."""
        return Range(*(max(least, end) for end in self))


def between(one: float, other: float) -> Range:
    """Return the range between two numbers, whose geometric mean is as likely as any."""
    return Range(min(one, other), math.sqrt(one * other), max(one, other))


@dataclass(frozen=True, slots=True)
class Answers:
    """What is to be answered.

    Attributes:
        calls: how many answers.
        at_once: calls at a time, as wished.
        tokens_input: tokens of a prompt.
        tokens_output: tokens of an answer.
        tokens_most: the most it may have, where no model was measured on this benchmark; else None.
    """

    calls: int
    at_once: int
    tokens_input: float
    tokens_output: float
    tokens_most: float | None


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model was in an evaluation that has ended.

    Attributes:
        answers: that came.
        seconds: that they took, pauses not counted.
        at_once: calls that were on their way, on the average.
        wished: calls at a time that it was to have.
        tokens_input: tokens of a prompt; 0 where the endpoint reported none.
        tokens_output: tokens of an answer, likewise.
        is_same: whether it was the same benchmark with as many worked examples.
    """

    answers: int
    seconds: float
    at_once: float
    wished: float
    tokens_input: float
    tokens_output: float
    is_same: bool

    def without_ends(self) -> Speed:
        """Return the same with the least time that its answers can have taken."""
        seconds = max(self.seconds - _ENDS, self.seconds * min(1.0, self.at_once / self.wished))
        return replace(self, seconds=seconds, at_once=self.at_once * self.seconds / seconds)


def speed(row: Record, wished: int, *, is_same: bool) -> Speed | None:
    """Return how fast an ended evaluation was; None if that cannot be told, as where answers were cached.

    Args:
        row: of `storage.history.runs`.
        wished: calls at a time, where it names none itself.
        is_same: see `Speed`.
    """
    answers = row.done - row.outcomes.get("failed", 0)
    seconds = (row.finished_at or 0) - (row.started_at or 0) - row.idle_seconds
    if answers < 1 or seconds <= 0 or int((row.spent or {}).get("cached", 0)):
        return None
    # Little's law: what is on its way is what comes a second, times how long each is on its way.
    at_once = max(1.0, answers * row.average_duration / 1000 / seconds)
    tokens = row.tokens or {}
    return Speed(
        answers=answers,
        seconds=seconds,
        at_once=at_once,
        wished=min(row.concurrency or wished, row.total or answers),
        tokens_input=(tokens.get("input") or 0) / answers,
        tokens_output=(tokens.get("output") or 0) / answers,
        is_same=is_same,
    )


def is_of(row: Record, address: str | None) -> bool:
    """Tell whether the evaluation of such a row asked the endpoint at an address; None is any."""
    if address is None:
        return True
    asked = urlsplit(row.endpoint or "")
    return (asked.netloc, asked.path) == (urlsplit(address).netloc, urlsplit(address).path)


def expected(speeds: Sequence[Speed], wanted: Answers) -> tuple[Range | None, str]:
    """Return the seconds that answers would take, and in words what that goes by.

    Args:
        speeds: of the same model.
        wanted: what is to be answered.

    Returns:
        None if it cannot be told.
    """
    same = [one for one in speeds if one.is_same]
    usable = same or [one for one in speeds if one.tokens_output]
    if not usable:
        if speeds:
            return None, "the endpoint reports no tokens, and the model was not measured on this benchmark"
        return None, "the project has no evaluation of this model that has ended"
    at_once = min(wanted.at_once, wanted.calls)
    places = [_places(one, at_once) for one in usable]
    # Those that were run with about as many calls at a time say most.
    clearest = min(part.high / part.low for part in places)
    chosen = [
        (one, part)
        for one, part in zip(usable, places, strict=True)
        if part.high / part.low <= clearest * _AS_GOOD
    ]
    found = [(one, part.times(_length(one, wanted))) for one, part in chosen]
    answers = sum(one.answers for one, _ in found)
    likely = math.exp(sum(one.answers * math.log(part.likely) for one, part in found) / answers)
    each = Range(min(part.low for _, part in found), likely, max(part.high for _, part in found))
    # The length of answers varies about as much as its mean; of the logarithm of a mean that leaves so much.
    spread = max(_LEAST_SPREAD, math.exp(_NORMAL * math.sqrt(1 / answers + 1 / wanted.calls)))
    calls = wanted.calls
    low, seconds, high = each.times(Range(calls / spread, calls, calls * spread))
    return Range(low, seconds, high + _ENDS), _words([one for one, _ in found], answers)


def _places(one: Speed, at_once: int) -> Range:
    """Return seconds from one answer to the next, if so many were asked for at a time."""
    whole, least = _places_of(one, at_once), _places_of(one.without_ends(), at_once)
    low, high = min(whole.low, least.low), max(whole.high, least.high)
    return Range(low, math.sqrt(whole.likely * least.likely), high)


def _places_of(one: Speed, at_once: int) -> Range:
    gap = one.seconds / one.answers
    if at_once > one.at_once:
        # Where more were wished for, the endpoint or its limits let no more through.
        is_bounded = one.at_once < _FULL * one.wished
        return Range(gap, gap, gap) if is_bounded else between(gap, gap * one.at_once / at_once)
    # With fewer places, an endpoint that was not at its end gives less; one that was may give as much.
    return between(gap * one.at_once / at_once, gap)


def _length(one: Speed, wanted: Answers) -> Range:
    """Return how much longer an answer takes there than it did here."""
    if one.is_same:
        return Range(1.0, 1.0, 1.0)
    likely, here = wanted.tokens_output, one.tokens_input + one.tokens_output

    def than_here(written: float) -> Range:
        # A token takes no longer to read than to write, and no less than nothing.
        return between(written / one.tokens_output, (wanted.tokens_input + written) / here)

    if wanted.tokens_most is None:
        return than_here(likely)
    least = than_here(min(likely, one.tokens_output)).low
    return Range(least, than_here(likely).likely, than_here(wanted.tokens_most).high)


def _words(used: Sequence[Speed], answers: int) -> str:
    seconds = sum(one.seconds for one in used)
    at_once = sum(one.at_once * one.seconds for one in used) / seconds
    where = "on this benchmark" if used[0].is_same else "on other benchmarks, by the length of answers"
    tokens = sum(one.tokens_output * one.answers for one in used)
    written = f" and {_number(tokens / seconds)} tokens" if tokens else ""
    evaluations = "1 evaluation" if len(used) == 1 else f"{len(used)} evaluations"
    pace = (
        f"{_number(answers / seconds)} answers{written} a second with {_number(at_once)} calls on their way"
    )
    return f"as measured in {evaluations} of this model {where}: {pace}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
