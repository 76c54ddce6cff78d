"""The control law of the limiter, on clocks and dice of its own."""

from __future__ import annotations

import heapq
import random

import pytest

from stratix.runner.limits.level import Level


def run(level: Level, rounds: int, *, refused: float, seed: int = 1, seconds: float = 0.05) -> int:
    """Answer so many rounds of requests, a share of which is refused at random; returns the halvings."""
    dice, halvings = random.Random(seed), 0
    for number in range(rounds):
        now = number * seconds
        for left in range(int(level.places), 0, -1):
            if dice.random() < refused:
                before = level.halved_at
                level.refused(now + seconds, now, left, certain=False)
                halvings += level.halved_at != before
            else:
                level.answered(seconds, int(level.places))
    return halvings


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("most", [4, 32, 64, 256])
def test_random_refusals_do_not_add_up(most, share):
    level = Level(most)
    assert run(level, 20_000 // most, refused=share) == 0
    assert level.places == most


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
def test_an_endpoint_that_refuses_half_is_sent_less(share):
    level = Level(64)
    assert run(level, 20, refused=share) >= 3
    assert level.places <= 8


def serve(bears: int, most: int, seconds: float) -> tuple[float, float]:
    """Serve an endpoint that refuses at once what it cannot bear; returns share of refusals and of use.

    The first minute, in which the level comes down from the most, is left out.
    """
    level, now, in_flight, served, refusals = Level(most), 0.0, 0, 0, 0
    events: list[tuple[float, int, float, bool]] = []
    for number in range(400_000):
        while in_flight < level.room:
            borne = sum(event[3] for event in events) < bears
            heapq.heappush(events, (now + (1.0 if borne else 0.02), number, now, borne))
            in_flight += 1
            number += 1
        now, _, sent_at, borne = heapq.heappop(events)
        if now > seconds:
            break
        if borne:
            level.answered(1.0, in_flight)
            served += now > 60
        else:
            level.refused(now, sent_at, in_flight, certain=False)
            refusals += now > 60
        in_flight -= 1
    return refusals / (served + refusals), served / (bears * (seconds - 60))


@pytest.mark.parametrize("bears", [1, 3, 8, 40])
def test_it_uses_what_an_endpoint_bears_and_does_not_hammer_it(bears):
    refused, used = serve(bears, 64, 600.0)
    assert refused < 0.12
    assert used > 0.7


def test_it_comes_back_after_a_bad_time():
    level = Level(64)
    run(level, 8, refused=1.0)
    assert level.places <= 4
    run(level, 60, refused=0.0)
    assert level.places == 64


def test_it_starts_high_and_grows_beyond_by_doubling():
    level = Level(1024)
    assert level.places == 256
    run(level, 1, refused=0.0)
    assert level.places == 512


def test_it_does_not_grow_while_latency_rises():
    level = Level(64)
    run(level, 2, refused=0.0)
    run(level, 4, refused=1.0)
    for _ in range(30):
        level.answered(0.5, int(level.places))
    slow = level.places
    for _ in range(30):
        level.answered(0.5, int(level.places))
    assert level.places == slow < 32
    for _ in range(400):
        level.answered(0.05, int(level.places))
    assert level.places == 64


def test_what_is_not_used_does_not_grow():
    level = Level(64)
    run(level, 8, refused=1.0)
    low = level.places
    for _ in range(1000):
        level.answered(0.05, 1 if low >= 2 else 0)
    assert level.places == low


def test_only_what_was_sent_after_a_halving_counts_for_the_next():
    level = Level(64)
    for left in range(64, 0, -1):
        assert level.refused(1.0, 0.0, left, certain=False) or left > 60
    assert level.places == 32
    for left in range(32, 28, -1):
        level.refused(2.0, 1.5, left, certain=False)
    assert level.places == 16


def test_an_endpoint_that_says_so_is_believed_at_once():
    level = Level(64)
    run(level, 5, refused=0.0)
    assert level.refused(1.0, 0.9, 64, certain=True)
    assert level.places == 32
