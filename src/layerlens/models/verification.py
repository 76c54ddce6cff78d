"""The verification of an installed benchmark: what was checked, and what was found."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ._base import WireModel

FindingStatus = Literal["ok", "note", "problem", "not checked"]


class VerificationFinding(WireModel):
    """What one check found.

    Attributes:
        check: its name.
        status: `ok`; `note`, worth knowing; `problem`; or `not checked`, with the reason in the message.
        count: how many prompts are concerned.
        message: one sentence on it.
        examples: up to five of the prompts, by id and why.
    """

    check: str
    status: FindingStatus
    count: int = 0
    message: str = ""
    examples: list[str] = Field(default_factory=list)


class BenchmarkVerification(WireModel):
    """Whether an installed benchmark is what it says, and whether its scorer can score it.

    Attributes:
        benchmark_id: the benchmark's id.
        version: the version that was looked at.
        prompt_count: prompts it has.
        passed: True if no check found a problem.
        truth_accuracy: mean score of the truths given as answers (0.0 to 1.0); None if none could be scored.
        shuffled_accuracy: mean score of the truths given as answers to other prompts, in a sample: what
            chance achieves; None if none could be scored.
        findings: one for each check.
    """

    benchmark_id: str
    version: str
    prompt_count: int
    passed: bool
    truth_accuracy: float | None = None
    shuffled_accuracy: float | None = None
    findings: list[VerificationFinding]


class BenchmarkVerify(WireModel):
    """Body of `POST .../benchmarks/{id}/verify`.

    Attributes:
        wait: False to have it done in the background; `GET .../verify` tells how far it is.
    """

    wait: bool = True


class VerificationProgress(WireModel):
    """How far a verification is.

    Attributes:
        benchmark_id: the benchmark's id.
        status: `none` where nobody has started one, `running`, `done` or `failed`.
        prompts_done: prompts that were looked at.
        prompts_total: prompts there are.
        error: why it failed.
        ended_at: when it ended, in seconds since 1970; None before.
        report: what it found; None before the end.
    """

    benchmark_id: str
    status: Literal["none", "running", "done", "failed"]
    prompts_done: int = 0
    prompts_total: int | None = None
    error: str = ""
    ended_at: float | None = None
    report: BenchmarkVerification | None = None
