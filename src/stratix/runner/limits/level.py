"""How many requests an endpoint bears at once, found out by asking it."""

from __future__ import annotations

import math

_START = 256
"""So many at once are tried at first, where so many are allowed."""

_ENOUGH = 4.0
_GOOD_NAME = -3.0
_ANSWER = 0.4
_REFUSALS_BORNE = 0.1
_LATENCY_BORNE = 2.0
_KNEE = 0.9
_REGAIN = 0.25
_CAUTION, _DOUBLINGS = 64, 4.0


class Level:
    """Additive increase, multiplicative decrease, told by answers and refusals.

    It halves when the endpoint as a whole refuses, once for each round trip: what was sent before the last
    halving does not count. That is told by a running sum in which a refusal weighs 1 and an answer -0.4:
    single refusals among answers, of whatever cause, never add up, while a run of them does within four,
    or seven where the endpoint has been answering. With fewer in flight than that, it is enough that all
    of them are refused. Until there is an answer, the places that refusals left stay empty.

    It grows with every answer, as long as it is used to the full, latency holds and few are refused: by one
    until it was refused first (which doubles it each round trip); then by a quarter up to nine tenths of
    where that was, and one less; from there by a sixty-fourth, and twice as much for each 64 answers since
    it was halved.

    Args:
        most: the level it never passes.

    Attributes:
        places: requests in flight at once that the endpoint is thought to bear.
        halved_at: when it was halved last, by the caller's clock.

    Sources: D.-M. Chiu, R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance
    in Computer Networks", Computer Networks and ISDN Systems 17, 1989; V. Jacobson, "Congestion Avoidance
    and Control", SIGCOMM 1988 (slow start); E. S. Page, "Continuous Inspection Schemes", Biometrika 41,
    1954 (the running sum).
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.places = float(min(most, _START))
        self._evidence = 0.0
        self.halved_at = -math.inf
        self._refused_at = math.inf
        self._well = 0
        self._refused_share = 0.0
        self._latency = 0.0
        self._usual_latency = math.inf

    @property
    def room(self) -> int:
        """Requests that may be in flight now."""
        return max(1, int(self.places) - (0 if self._well else math.ceil(self._evidence)))

    def answered(self, seconds: float, in_flight: int) -> None:
        """Note an answer.

        Args:
            seconds: how long it took.
            in_flight: requests in flight, this one included.
        """
        self._evidence = max(_GOOD_NAME, self._evidence - _ANSWER)
        self._well += 1
        self._refused_share -= self._refused_share / 32
        self._latency = self._latency + (seconds - self._latency) / 16 if self._latency else seconds
        # Falls at once, and forgets slowly that it was ever better.
        if self._latency < self._usual_latency:
            self._usual_latency = self._latency
        else:
            self._usual_latency += (self._latency - self._usual_latency) / 100
        if (
            self.places < self.most
            and in_flight + 1 > self.places
            and self._refused_share <= _REFUSALS_BORNE
            and self._latency <= _LATENCY_BORNE * self._usual_latency
        ):
            self._grow()

    def _grow(self) -> None:
        if self._refused_at == math.inf:
            step = 1.0
        elif self.places < min(_KNEE * self._refused_at, self._refused_at - 1):
            step = _REGAIN
        else:
            step = min(_REGAIN, 2 ** min(self._well / _CAUTION, _DOUBLINGS) / _CAUTION)
        self.places = min(float(self.most), self.places + step)

    def refused(self, now: float, sent_at: float, in_flight: int, *, certain: bool) -> bool:
        """Note a refusal, and tell whether the endpoint as a whole refuses.

        Args:
            now: the moment, by the clock that `sent_at` is by.
            sent_at: when the request was sent.
            in_flight: requests in flight, this one included.
            certain: True if the endpoint said that it means everybody.
        """
        self._refused_share += (1 - self._refused_share) / 32
        if sent_at <= self.halved_at:
            return True  # Sent into what is known already.
        self._evidence += 1
        if not certain and self._evidence < min(_ENOUGH, in_flight):
            return False
        # What was not used was not refused.
        used = min(self.places, in_flight + max(0.0, self._evidence - 1))
        self._evidence = 0.0
        self.halved_at = now
        self._well = 0
        self._refused_at = used
        self.places = max(1.0, used / 2)
        return True
