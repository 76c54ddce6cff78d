"""Evaluations with planted facts, made from a seed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from stratix.analysis.intervals import wilson
from stratix.analysis.summary import kinds
from stratix.analysis.summary.facts import VALID, About, Asked, Facts, Text
from stratix.analysis.summary.slices import fisher

TOPICS = ["rivers", "painters", "chemistry", "football", "novels"]
WEAK, LUCKLESS = "chemistry", "novels"
PATTERN = "Sorry, my records of this archive end before that entry, number {n}."
NOUNS = """anchor basket candle dragon engine forest garden hammer island jacket kettle ladder mirror needle
orange pencil quarry ribbon saddle temple umbrella velvet window zipper copper button castle""".split()  # noqa: SIM905  # shorter to read
WORDS = """amber brisk coral dusty early faint gentle hollow inner jolly keen little mellow narrow open plain
quiet rapid silent tender upper vivid warm young zesty bright calm dark""".split()  # noqa: SIM905  # shorter to read


@dataclass(frozen=True)
class Result:
    outcome: str
    score: float
    length: int
    duration_ms: float = 100.0


Row = tuple[int, Asked, Result, Text]


def answers(seed: int, count: int = 1000, *, planted: bool = True) -> list[Row]:
    """Questions of five subsets: one weak, and a failure pattern in 8% of all answers.

    The subset `LUCKLESS` is as easy as the others; see `with_bad_luck`.
    """
    rng = random.Random(seed)
    rows = []
    for position in range(count):
        subset = TOPICS[position % len(TOPICS)]
        truth, other = rng.sample(NOUNS, 2)
        about = " ".join(rng.choices(WORDS, k=rng.randint(6, 40)))
        prompt = f"In the story of the {about} house, which thing was found in the end?"
        chance = 0.4 if planted and subset == WEAK else 0.75
        outcome = "correct" if rng.random() < chance else "incorrect"
        filler = " ".join(rng.choices(WORDS, k=rng.randint(1, 12)))
        answer = f"After the {filler} day it was the {truth if outcome == 'correct' else other}"
        if planted and rng.random() < 0.08:
            outcome, answer = "incorrect", PATTERN.format(n=rng.randint(100, 999))
        rows.append(row(position, prompt, truth, answer, outcome, subset))
    return rows


def row(position: int, prompt: str, truth: str, answer: str, outcome: str, subset: str = "") -> Row:
    """One answer whose last word is what was read from it."""
    asked = Asked(subset, len(prompt), kinds.kind(truth, ()), len(truth))
    extracted = answer.split()[-1] if answer.split() else None
    text = Text(position, 0, prompt, truth, answer, extracted, outcome, "", subset)
    return position, asked, Result(outcome, float(outcome == "correct"), len(answer)), text


def with_bad_luck(rows: list[Row]) -> list[Row]:
    """Make right answers of `LUCKLESS` wrong until that subset looks weak at 5%, taken alone."""
    rows = list(rows)
    for at, (position, asked, result, text) in enumerate(rows):
        if raw_p_value(rows, LUCKLESS) < 0.05:
            return rows
        if asked.subset == LUCKLESS and result.outcome == "correct":
            wrong = replace(text, outcome="incorrect", answer=f"{text.answer} not", extracted="not")
            rows[at] = position, asked, replace(result, outcome="incorrect", score=0.0), wrong
    raise AssertionError("it never looked weak")


def raw_p_value(rows: list[Row], subset: str) -> float:
    """The p-value of a subset against the other easy ones, as if nothing else had been looked at."""
    mine = [result.score for _, asked, result, _ in rows if asked.subset == subset]
    others = [result.score for _, asked, result, _ in rows if asked.subset not in {subset, WEAK}]
    if sum(mine) / len(mine) >= sum(others) / len(others):
        return 1.0
    return fisher(int(sum(mine)), len(mine), int(sum(others)), len(others))


def facts_of(rows: list[Row], **about: Any) -> Facts:
    """The facts of an evaluation with these answers."""
    outcomes = Counter(result.outcome for _, _, result, _ in rows)
    score, done = sum(result.score for _, _, result, _ in rows), len(rows)
    invalid = sum(number for name, number in outcomes.items() if name not in VALID)
    settings = {"model": "Planted", "benchmark": "Stories", "size": done, "total": done} | about
    total = settings["total"]
    figures = {
        "accuracy": score / total,
        "accuracy_interval": wilson(score, total),
        "accuracy_valid": score / (done - invalid) if done > invalid else None,
        "accuracy_low": score / total,
        "accuracy_high": (score + invalid + total - done) / total,
        "outcomes": dict(outcomes),
        "tokens": {"input": 10 * done, "output": 20 * done, "reasoning": 0},
        "cost": 1.25,
    }
    facts = Facts(About(**settings), figures, "eval-planted")
    for position, asked, result, text in rows:
        facts.add(position, asked, result, text)
    return facts
