"""What a summary is made from: an evaluation's own data, gathered row by row in bounded memory."""

from __future__ import annotations

import hashlib
import heapq
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stratix.analysis.summary import kinds, patterns

NOT_ASKED = frozenset({"failed", "scorer_error"})
"""Outcomes that say nothing about the model: its endpoint, or the scorer, broke."""

VALID = frozenset({"correct", "incorrect", "partial"})
"""Outcomes of answers that came whole and could be scored."""

# Of right answers, which are there to be compared with, and of wrong ones.
_KEPT_TEXTS = {True: 1500, False: 3000}
_KEPT_CHARACTERS = 1_500_000
LONGEST = 6000
"""Characters of a prompt, a truth or an answer that are kept at most."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name with its description, such as a metric."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class About:
    """What was evaluated, and how.

    Attributes:
        model: name of the model.
        benchmark: name of the benchmark.
        description: what the benchmark says of itself; "" if nothing.
        categories: kinds of task by the catalogue; empty for custom benchmarks.
        characteristics: remarks of the catalogue.
        metric: what the benchmark's number is called, such as `accuracy`.
        scorers: scorers with what they do, one sentence each.
        measured: other metrics of the answers with how they were measured.
        size: prompts the benchmark has.
        subsets: number of the benchmark's subsets.
        worked_examples: worked examples that come before questions.
        epochs: how often each prompt was asked.
        reducer: how the epochs of a prompt become one score.
        max_tokens: the most tokens an answer could have.
        status: `success`, `failure`, `timeout` or `cancelled`.
        total: answers there should be, prompts times epochs.
        threshold: share of invalid answers, 0.0 to 1.0, above which the summary warns.
        language: ISO 639-1 code of the prompts; "" where it is not known.
        judge: key of the model that graded answers; "" for none.
    """

    model: str
    benchmark: str
    description: str = ""
    categories: Sequence[str] = ()
    characteristics: Sequence[str] = ()
    metric: str = "accuracy"
    scorers: Sequence[Named] = ()
    measured: Sequence[Named] = ()
    size: int = 0
    subsets: int = 0
    worked_examples: int = 0
    epochs: int = 1
    reducer: str = "mean"
    max_tokens: int = 1024
    status: str = "success"
    total: int = 0
    threshold: float = 0.05
    language: str = ""
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt in figures.

    Attributes:
        subset: the part of the benchmark it belongs to.
        length: characters of its text.
        kind: what kind of answer is expected, one of `kinds.KINDS`.
        truth_length: characters of the expected answer.
    """

    subset: str
    length: int
    kind: str
    truth_length: int


@dataclass(frozen=True, slots=True)
class Scored:
    """The results of one prompt, added up over its epochs.

    Attributes:
        answers: results that say something about the model.
        score: sum of their scores.
        valid: valid answers among them.
        valid_score: sum of the scores of those.
        length: sum of the lengths of those in characters.
        cut_off: answers cut off by the token limit.
        right: results that are entirely right.
    """

    answers: int = 0
    score: float = 0.0
    valid: int = 0
    valid_score: float = 0.0
    length: int = 0
    cut_off: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """One answer with its prompt, to be read.

    Attributes:
        position: of its prompt.
        epoch: which time it was asked, from 0.
        prompt: what was asked.
        truth: what was expected.
        answer: what came.
        extracted: what was compared with the truth; None if nothing was found.
        outcome: one of the ten.
        explanation: why, or the error.
        subset: of the prompt.
    """

    position: int
    epoch: int
    prompt: str
    truth: str
    answer: str
    extracted: str | None
    outcome: str
    explanation: str
    subset: str

    @property
    def is_right(self) -> bool:
        """True for an answer that is entirely right."""
        return self.outcome == "correct"


@dataclass(slots=True)
class Facts:
    """Everything the summary of an evaluation is made from; feed it by `add`, prompts and results at once.

    Attributes:
        about: what was evaluated.
        figures: the evaluation's own figures: `accuracy`, `accuracy_interval`, `outcomes`, `tokens`, ...
        seed: of the sample of texts; the evaluation's id.
        prompts: the prompts by position.
        scored: their results by position.
        durations: response times in ms of the answers that came.
        errors: the commonest errors with their counts.
        examples: the first answers of each outcome that is no valid answer, in full.
        read: answers whose text was read.
        loops: answers cut off by the token limit that repeat themselves.
        picks: how often each option was picked, and how often it was the right one.
    """

    about: About
    figures: Mapping[str, Any]
    seed: str
    prompts: dict[int, Asked] = field(default_factory=dict)
    scored: dict[int, Scored] = field(default_factory=dict)
    durations: array[float] = field(default_factory=lambda: array("d"))
    errors: Sequence[tuple[str, int]] = ()
    examples: dict[str, Text] = field(default_factory=dict)
    read: int = 0
    loops: int = 0
    picks: dict[str, list[int]] = field(default_factory=dict)
    _alike: dict[Any, Any] = field(default_factory=dict)
    _sizes: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    _kept: dict[bool, list[tuple[int, int, int, Text]]] = field(default_factory=lambda: {True: [], False: []})

    @property
    def right(self) -> list[Text]:
        """A seeded sample of the texts of right answers, clipped."""
        return self._sample(True)

    @property
    def wrong(self) -> list[Text]:
        """Likewise of wrong ones, and of those nothing could be read from."""
        return self._sample(False)

    @property
    def wrong_of(self) -> str:
        """What the wrong answers that were read are to be called: all of them, or a sample."""
        outcomes = self.figures.get("outcomes") or {}
        unreadable = outcomes.get("unparsed", 0)
        name = "wrong or unreadable answer" if unreadable else "wrong answer"
        every = outcomes.get("incorrect", 0) + unreadable
        return name if len(self._kept[False]) >= every else f"sampled {name}"

    @property
    def of_them(self) -> str:
        """How to go on about answers of an outcome, all of which were read or a sample."""
        return (
            "of them" if self.read >= sum((self.figures.get("outcomes") or {}).values()) else "of those read"
        )

    def _sample(self, right: bool) -> list[Text]:
        # In the order of the prompts, whatever order they came in.
        return [entry[-1] for entry in sorted(self._kept[right], key=lambda entry: entry[1:3])]

    def add(self, position: int, asked: Asked, result: Any, text: Text | None) -> None:
        """Take one result.

        Args:
            position: of its prompt.
            asked: the prompt in figures.
            result: has `outcome, score, length, duration_ms`.
            text: the answer to be read; None where it is not among the sample.
        """
        # Of many prompts most are alike in figures, so each figure is kept once.
        self.prompts.setdefault(position, self._alike.setdefault(asked, asked))
        scored = _added(self.scored.get(position, _NOTHING), result)
        self.scored[position] = self._alike.setdefault(scored, scored)
        if result.outcome != "failed":
            self.durations.append(result.duration_ms)
        if text is not None:
            self._read(text, asked)

    def _read(self, text: Text, asked: Asked) -> None:
        self.read += 1
        if text.outcome not in VALID and text.outcome not in self.examples:
            self.examples[text.outcome] = text
        self.loops += text.outcome == "truncated" and patterns.is_loop(text.answer)
        if text.outcome == "partial" or text.outcome not in {*VALID, "unparsed"}:
            return
        if asked.kind == "option" and text.extracted and kinds.kind(text.extracted, ()) == "option":
            self.picks.setdefault(kinds.option(text.extracted), [0, 0])[0] += 1
            self.picks.setdefault(kinds.option(text.truth), [0, 0])[1] += 1
        self._keep(text, text.is_right)

    def _keep(self, text: Text, right: bool) -> None:
        """Keep a seeded sample of a bounded number of texts, whatever order they come in."""
        place = f"{self.seed}:{text.epoch}:{text.position}".encode()
        rank = int.from_bytes(hashlib.blake2b(place, digest_size=8).digest())
        heap, clipped = self._kept[right], _clipped(text)
        heapq.heappush(heap, (rank, text.position, text.epoch, clipped))
        self._sizes[right] += len(clipped.answer) + len(clipped.prompt)
        while len(heap) > _KEPT_TEXTS[right] or self._sizes[right] > _KEPT_CHARACTERS:
            dropped = heapq.heappop(heap)[-1]
            self._sizes[right] -= len(dropped.answer) + len(dropped.prompt)


_NOTHING = Scored()


def _added(scored: Scored, result: Any) -> Scored:
    """Return the results of a prompt with one more added."""
    counts, valid = result.outcome not in NOT_ASKED, result.outcome in VALID
    return Scored(
        scored.answers + counts,
        scored.score + (result.score if counts else 0.0),
        scored.valid + valid,
        scored.valid_score + (result.score if valid else 0.0),
        scored.length + (result.length if valid else 0),
        scored.cut_off + (result.outcome in {"truncated", "reasoning_exhausted"}),
        scored.right + (result.outcome == "correct"),
    )


def _clipped(text: Text) -> Text:
    cut = {name: getattr(text, name)[:LONGEST] for name in ("prompt", "truth", "answer")}
    return replace(text, **cut)
