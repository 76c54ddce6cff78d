"""What a scorer is: an answer and its truth in, a score with its reason out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Verdict = Literal["correct", "incorrect", "partial", "unparsed"]


@dataclass(frozen=True, slots=True)
class Score:
    """One scorer's judgement of one answer.

    Attributes:
        value: 0.0 (wrong) to 1.0 (right).
        verdict: `correct` at 1.0, `incorrect` at 0.0, `partial` between, `unparsed` when an answer
            was there but nothing could be extracted from it (value 0.0).
        extracted: what was compared with the truth; None when nothing was found.
        explanation: one line on why, for a person; the judge's reasoning where a model graded it.
        grade: the judge's own word where a model graded it (`not_attempted`, `4`, ...); else None.
    """

    value: float
    verdict: Verdict
    extracted: str | None = None
    explanation: str = ""
    grade: str | None = None

    @classmethod
    def graded(
        cls, value: float, extracted: str | None, explanation: str = "", *, grade: str | None = None
    ) -> Score:
        """Return a score whose verdict follows from its value (0.0 to 1.0)."""
        verdict: Verdict = "correct" if value >= 1.0 else "incorrect" if value <= 0.0 else "partial"
        return cls(value, verdict, extracted, explanation, grade)

    @classmethod
    def unparsed(cls, explanation: str) -> Score:
        """Return the score of an answer in which nothing to compare was found."""
        return cls(0.0, "unparsed", None, explanation)


@dataclass(frozen=True, slots=True)
class Target:
    """What an answer is compared with.

    Attributes:
        truth: the gold answer as the benchmark states it.
        aliases: other accepted answers.
        choices: the texts of the options, in order, for multiple choice; else empty.
        metadata: whatever else the benchmark's row carries (unit tests, entry point, schema, ...).
    """

    truth: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every accepted answer, the truth first."""
        return (self.truth, *self.aliases)


class Scorer(ABC):
    """Judges answers; made once for each evaluation, called once for each answer.

    A scorer is pure: no I/O but what its method needs (code execution starts a sandboxed process),
    no state between calls, safe to call from several threads.

    Attributes:
        name: the key by which benchmarks choose it; equal to its file's name.
        version: raised whenever a verdict could change; pinned with every evaluation.
        blocking: True if a call may take over a millisecond, so the runner moves it off its loop.
        parallel: True if a blocking call works outside the interpreter's lock, so several at once gain time.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    blocking: ClassVar[bool] = False
    parallel: ClassVar[bool] = False

    @abstractmethod
    def score(self, answer: str, target: Target) -> Score:
        """Judge one answer.

        Args:
            answer: the model's text, as it came, reasoning already removed.
            target: what it is compared with.

        Raises:
            Exception: anything raised is recorded as the outcome `scorer_error`, never as 0.
        """
