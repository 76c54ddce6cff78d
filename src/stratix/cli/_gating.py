"""A gate's verdict from what the server has of an evaluation and its baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import click

from layerlens import Stratix
from layerlens.models import Evaluation, Outcome, PairedComparison
from stratix.analysis.gate import Check, Verdict, at_most, max_drop, min_accuracy, overall
from stratix.analysis.summary.wording import exact_money, signed
from stratix.cli._client import find_evaluation
from stratix.cli._errors import ExitCode, Failure
from stratix.cli._output import command

EXIT_CODES = {"go": 0, "no-go": 1, "undecided": 2}
"""The exit code of each verdict."""

_VALID = {Outcome.CORRECT, Outcome.INCORRECT, Outcome.PARTIAL}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gate asks for; None asks nothing.

    Attributes:
        baseline: id of the evaluation that `max_drop` compares with.
        min_accuracy: least accuracy, 0.0 to 1.0.
        max_drop: largest drop below the baseline, 0.0 to 1.0.
        max_invalid: largest share of answers that are not valid, 0.0 to 1.0.
        max_cost: most it may cost, in US dollars.
        on_undecided: what an undecided gate comes to: a name of `EXIT_CODES`.
    """

    baseline: str | None = None
    min_accuracy: float | None = None
    max_drop: float | None = None
    max_invalid: float | None = None
    max_cost: float | None = None
    on_undecided: str = "undecided"

    OPTIONS: ClassVar = ("baseline", "min_accuracy", "max_drop", "max_invalid", "max_cost", "on_undecided")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Limits:
        """Return the limits among a command's options.

        Raises:
            UsageError: there is none, or a baseline goes without a largest drop, or the other way round.
        """
        limits = cls(**{name: options[name] for name in cls.OPTIONS})
        if (limits.baseline is None) != (limits.max_drop is None):
            raise click.UsageError("--baseline and --max-drop go together: name both, or neither.")
        asked = (limits.min_accuracy, limits.max_drop, limits.max_invalid, limits.max_cost)
        if all(one is None for one in asked):
            raise click.UsageError(
                "Say what to ask for: --min-accuracy, --max-drop, --max-invalid or --max-cost."
            )
        return limits

    def check_baseline(self, client: Stratix) -> None:
        """See that the baseline can be compared with, before anything is spent.

        Raises:
            Failure: it is not there, or did not end in success.
        """
        if self.baseline is not None:
            _ended(find_evaluation(client, self.baseline), "baseline")


@dataclass(frozen=True, slots=True)
class Judged:
    """A gate's verdict and what it rests on.

    Attributes:
        evaluation: that was judged.
        baseline: that it was compared with; None for none.
        checks: the conditions.
        on_undecided: what an undecided gate comes to.
        notes: what to mind about the comparison.
    """

    evaluation: Evaluation
    baseline: Evaluation | None
    checks: list[Check]
    on_undecided: str = "undecided"
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """What the data shows."""
        return overall(self.checks)

    @property
    def exit_code(self) -> int:
        """The exit code, with what an undecided gate comes to."""
        verdict = self.verdict
        return EXIT_CODES[self.on_undecided if verdict is Verdict.UNDECIDED else verdict.value]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "verdict": self.verdict.value,
            "on_undecided": self.on_undecided,
            "exit_code": self.exit_code,
            "checks": [{**asdict(check), "says": says(check)} for check in self.checks],
            "notes": self.notes,
            "evaluation": _brief(self.evaluation),
            "baseline": self.baseline and _brief(self.baseline),
        }


def judge(client: Stratix, evaluation: Evaluation, limits: Limits) -> Judged:
    """Judge an evaluation.

    Raises:
        Failure: there can be no verdict: an evaluation has not ended in success, or a figure is missing.
        APIError: the server could not be asked, or refused to compare.
    """
    _ended(evaluation, "evaluation")
    checks, notes, baseline = [], [], None
    if limits.min_accuracy is not None:
        checks.append(_accuracy(evaluation, limits.min_accuracy))
    if limits.baseline is not None and limits.max_drop is not None:
        baseline = find_evaluation(client, limits.baseline)
        _ended(baseline, "baseline")
        pair = _compared(client, baseline, evaluation)
        notes = pair.notes
        checks.append(_drop(pair, limits.max_drop))
    if limits.max_invalid is not None:
        checks.append(at_most("max-invalid", invalid_share(evaluation), limits.max_invalid))
    if limits.max_cost is not None:
        if evaluation.cost is None:
            raise _no_verdict(
                "What the evaluation cost is not known, since the price of a model is not: leave out "
                "--max-cost, or state the prices of a custom model."
            )
        checks.append(at_most("max-cost", evaluation.cost, limits.max_cost))
    return Judged(evaluation, baseline, checks, limits.on_undecided, notes)


def invalid_share(evaluation: Evaluation) -> float:
    """Return the share of an evaluation's answers that are not valid, 0.0 to 1.0."""
    total = sum(evaluation.outcomes.values())
    valid = sum(evaluation.outcomes.get(outcome, 0) for outcome in _VALID)
    return (total - valid) / total if total else 0.0


def says(check: Check) -> str:
    """Return what came of a condition, in a sentence."""
    if check.name == "max-cost":
        return f"cost {exact_money(check.value)}, at most {exact_money(check.bar)} allowed"
    if check.name == "max-invalid":
        return f"{check.value:.1%} of the answers are not valid, at most {check.bar:.1%} allowed"
    assert check.low is not None
    assert check.high is not None
    if check.name == "max-drop":
        text = (
            f"{signed(check.value)} points against the baseline (95% interval {signed(check.low)} to "
            f"{signed(check.high)}) over {check.prompts:,} prompts, at least {signed(check.bar)} wanted"
        )
    else:
        text = (
            f"accuracy {check.value:.1%} (95% interval {check.low:.1%} to {check.high:.1%}) over "
            f"{check.prompts:,} prompts, at least {check.bar:.1%} wanted"
        )
    if check.verdict is not Verdict.UNDECIDED:
        return text
    if check.prompts_needed is None:
        return f"{text}; too close to the bar to be told from it by any number of prompts"
    return f"{text}; too few prompts to tell: if it stays like this, about {check.prompts_needed:,} would"


def _accuracy(evaluation: Evaluation, bar: float) -> Check:
    if evaluation.accuracy_interval is None:
        raise _no_verdict("The server does not tell the interval of the accuracy: is it an older version?")
    low, high = evaluation.accuracy_interval
    graded = evaluation.epochs > 1 or evaluation.outcomes.get(Outcome.PARTIAL, 0) > 0
    prompts = sum(evaluation.outcomes.values()) // evaluation.epochs
    return min_accuracy(evaluation.accuracy, low, high, prompts, bar, right_or_wrong=not graded)


def _compared(client: Stratix, baseline: Evaluation, evaluation: Evaluation) -> PairedComparison:
    report = client.evaluations.compare(baseline, evaluation)
    if report is None:
        raise Failure("The evaluation or its baseline is not there any more.", ExitCode.NOT_FOUND)
    return report.pairs[0]


def _drop(pair: PairedComparison, most: float) -> Check:
    found = pair.overall
    if found is None:
        raise _no_verdict("The evaluation and its baseline share no prompt: there is nothing to compare.")
    return max_drop(found.difference, found.low, found.high, found.prompts, most)


def _ended(evaluation: Evaluation, what: str) -> None:
    if not evaluation.is_finished:
        raise _no_verdict(
            f"The {what} {evaluation.id} is {evaluation.status}: judge it once it has ended. Follow it with "
            f"{command()} evaluate get {evaluation.id} --watch"
        )
    if not evaluation.is_success:
        why = f": {evaluation.status_description}" if evaluation.status_description else "."
        raise _no_verdict(
            f"The {what} {evaluation.id} ended as {evaluation.status}, so there is nothing to judge{why}"
        )


def _no_verdict(message: str) -> Failure:
    return Failure(message, ExitCode.NO_VERDICT)


def _brief(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "id": evaluation.id,
        "model": evaluation.model_key or evaluation.model_id,
        "benchmark": evaluation.benchmark_key or evaluation.benchmark_id,
        "accuracy": evaluation.accuracy,
        "accuracy_interval": evaluation.accuracy_interval,
        "outcomes": evaluation.outcomes,
        "cost": evaluation.cost,
    }
