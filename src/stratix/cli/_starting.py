"""Starting an evaluation: the options that say which, for every command that does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from layerlens import Stratix
from layerlens.models import Evaluation, EvaluationEstimate
from stratix.cli._client import find_benchmark, find_model
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._output import note
from stratix.cli._spending import budget_options

Command = TypeVar("Command", bound=Callable[..., Any])

_COUNT = click.IntRange(min=1)
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--model", required=True, help="Key or id of a model, public or custom."),
    click.option("--benchmark", required=True, help="Key or id of a benchmark, public or custom."),
    click.option("--judge", help="Key or id of a model that grades the answers, where one is wanted."),
    click.option("--limit", type=_COUNT, help="Most prompts to ask.  [default: all]"),
    click.option("--epochs", type=_COUNT, help="How often each prompt is asked.  [default: 1]"),
    click.option(
        "--reducer",
        "epochs_reducer",
        metavar="mean|majority|pass@K",
        help="How the scores of a prompt's epochs become one, such as pass@2.  [default: mean]",
    ),
    click.option(
        "--shots",
        type=click.IntRange(0, 1000),
        help="Worked examples before each question.  [default: the benchmark's own number]",
    ),
    click.option(
        "--deadline",
        "deadline_seconds",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="How long it may run before it ends as timeout.  [default: the server's]",
    ),
    click.option("--concurrency", type=_COUNT, help="Most prompts asked at a time.  [default: the server's]"),
    click.option(
        "--priority",
        type=click.IntRange(-100, 100),
        help="Of evaluations that call one endpoint the lowest number goes first.  [default: 0]",
    ),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        help="What to measure besides, such as readability; may be repeated.  "
        "[default: what the benchmark says]",
    ),
    click.option(
        "--invalid-threshold",
        type=click.FloatRange(0, 1),
        help="Share of invalid answers above which the status says so.  [default: the server's]",
    ),
    budget_options("--budget-usd", "--budget-tokens"),
    click.option("--cache", is_flag=True, help="Take answers that are there already, and keep new ones."),
)
_ESTIMATED = ("limit", "epochs", "epochs_reducer", "shots", "concurrency")


def run_options(command: Command) -> Command:
    """Give a command the options of an evaluation; together they are what `start` takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def start(client: Stratix, **wanted: Any) -> Evaluation:
    """Start an evaluation.

    Args:
        client: of the server.
        **wanted: what `run_options` pass on.

    Raises:
        Failure: there is no such model or benchmark, or the server made no evaluation.
        UsageError: an option is out of its range.
    """
    subject = _subject(client, wanted)
    options = {name: value for name, value in wanted.items() if name not in ("model", "benchmark", "judge")}
    caps = {"budget_usd": options.pop("usd"), "budget_tokens": options.pop("tokens")}
    options["metrics"] = options["metrics"] or None
    with arguments():
        evaluation = client.evaluations.create(**subject, **options, **caps)
    if evaluation is None:
        raise Failure("The server made no evaluation, and gave no reason.", ExitCode.REJECTED)
    note(f"Evaluation {evaluation.id}: {subject['model'].key} on {subject['benchmark'].key}")
    return evaluation


def estimate(client: Stratix, **wanted: Any) -> list[EvaluationEstimate]:
    """Return what an evaluation would take; see `start`."""
    subject = _subject(client, wanted)
    model, benchmark = subject.pop("model"), subject.pop("benchmark")
    options = {name: wanted[name] for name in _ESTIMATED}
    with arguments():
        return client.evaluations.estimate(
            model,
            benchmark,
            **subject,
            **options,
            metrics=wanted["metrics"] or None,
            budget_usd=wanted["usd"],
            budget_tokens=wanted["tokens"],
        )


def _subject(client: Stratix, wanted: dict[str, Any]) -> dict[str, Any]:
    judge = wanted["judge"]
    return {
        "model": find_model(client, wanted["model"]),
        "benchmark": find_benchmark(client, wanted["benchmark"]),
        "judge": find_model(client, judge) if judge is not None else None,
    }
