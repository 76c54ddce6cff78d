"""What a report file is made from: evaluations, their figures and their comparisons, fetched once."""

from __future__ import annotations

import shlex
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from layerlens import Stratix
from layerlens.models import ComparisonReport, Evaluation, EvaluationFigures
from stratix.cli._client import find_evaluation, known
from stratix.cli._errors import ExitCode, Failure

_PATIENCE, _POLL = 15.0, 0.5


@dataclass(frozen=True, slots=True)
class Reported:
    """An evaluation in a report.

    Attributes:
        evaluation: that has ended, with its summary if there is one.
        figures: how its answers are distributed.
        command: how to run it again.
    """

    evaluation: Evaluation
    figures: EvaluationFigures
    command: str


@dataclass(frozen=True, slots=True)
class ReportData:
    """All that is in a report.

    Attributes:
        reported: the evaluations, in the order asked for.
        comparisons: of those of each benchmark that has several.
        version: of the platform that wrote the report.
        written: when (UTC).
    """

    reported: list[Reported]
    comparisons: list[ComparisonReport]
    version: str
    written: datetime

    @property
    def title(self) -> str:
        """What it is about."""
        ones = [one.evaluation for one in self.reported]
        benchmarks = dict.fromkeys(benchmark_of(one) for one in ones)
        if len(ones) == 1:
            return f"{model_of(ones[0])} on {benchmark_of(ones[0])}"
        return f"{len(ones)} evaluations on {', '.join(benchmarks)}"

    def as_json(self) -> dict[str, Any]:
        """Return it all as plain values."""
        return {
            "title": self.title,
            "written": self.written.isoformat(),
            "stratix_version": self.version,
            "evaluations": [
                {"evaluation": one.evaluation, "figures": one.figures, "command": one.command}
                for one in self.reported
            ],
            "comparisons": self.comparisons,
        }


def gather(client: Stratix, ids: Sequence[str], version: str) -> ReportData:
    """Fetch what a report is made from.

    Raises:
        Failure: an evaluation is not there, or has not ended.
        APIError: the server could not be asked.
    """
    reported = []
    for evaluation_id in dict.fromkeys(ids):
        evaluation = find_evaluation(client, evaluation_id)
        if not evaluation.is_finished:
            raise Failure(
                f"Evaluation {evaluation.id} is {evaluation.status}: report on it once it has ended."
            )
        evaluation = _with_summary(client, evaluation)
        figures = client.evaluations.get_figures(evaluation)
        if figures is None:
            raise Failure(f"Evaluation {evaluation.id} is not there any more.", ExitCode.NOT_FOUND)
        reported.append(Reported(evaluation, figures, command_of(evaluation)))
    by_benchmark: dict[str, list[str]] = defaultdict(list)
    for one in reported:
        by_benchmark[one.evaluation.benchmark_id].append(one.evaluation.id)
    comparisons = [client.evaluations.compare(*same) for same in by_benchmark.values() if len(same) > 1]
    found = [comparison for comparison in comparisons if comparison is not None]
    return ReportData(reported, found, version, datetime.now(UTC))


def command_of(evaluation: Evaluation) -> str:
    """Return the command that runs an evaluation again, by the settings it was pinned to."""
    settings = evaluation.settings if isinstance(evaluation.settings, dict) else {}
    words = ["stratix", "evaluate", "run", "--model", evaluation.model_key or evaluation.model_id]
    words += ["--benchmark", evaluation.benchmark_key or evaluation.benchmark_id]
    if evaluation.judge_model_id:
        words += ["--judge", evaluation.judge_model_key or evaluation.judge_model_id]
    if settings.get("limit"):
        words += ["--limit", str(settings["limit"])]
    if evaluation.epochs > 1:
        words += ["--epochs", str(evaluation.epochs), "--reducer", evaluation.epochs_reducer]
    for metric in settings.get("metrics") or ():
        words += ["--metric", str(metric)]
    return shlex.join(words)


def model_of(evaluation: Evaluation) -> str:
    """Return the name of an evaluation's model."""
    return evaluation.model_name or evaluation.model_key or evaluation.model_id


def benchmark_of(evaluation: Evaluation) -> str:
    """Return the name of an evaluation's benchmark."""
    return evaluation.benchmark_name or evaluation.benchmark_key or evaluation.benchmark_id


def _with_summary(client: Stratix, evaluation: Evaluation) -> Evaluation:
    """Wait a little for a summary, which is ready a moment after the end; a report can do without."""
    deadline = time.monotonic() + _PATIENCE if evaluation.outcomes else 0.0
    while evaluation.summary is None and evaluation.summary_error is None and time.monotonic() < deadline:
        time.sleep(_POLL)
        evaluation = known(client.evaluations.get_by_id(evaluation.id), evaluation.id)
    return evaluation
