"""`stratix ci`: let a pipeline go on, or stop it, by what an evaluation shows."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from layerlens import Stratix
from layerlens.models import Evaluation
from stratix.cli._client import connect, find_evaluation
from stratix.cli._errors import ExitCode, Failure, failure_of
from stratix.cli._gate_report import rendered, write_reports
from stratix.cli._gating import EXIT_CODES, Judged, Limits, judge
from stratix.cli._output import Format, format_option, note, show, stderr
from stratix.cli._starting import run_options, start
from stratix.cli._watch import watch

Command = TypeVar("Command", bound=Callable[..., Any])

LINE_SECONDS = 15.0
"""Shortest time between two lines of progress in a log."""

_SHARE = click.FloatRange(0, 1)
_FILE = click.Path(dir_okay=False, path_type=Path)
_GATE_OPTIONS = (
    click.option("--baseline", metavar="ID", help="The evaluation that --max-drop compares with."),
    click.option("--min-accuracy", type=_SHARE, metavar="X", help="Least accuracy, such as 0.9."),
    click.option(
        "--max-drop", type=_SHARE, metavar="D", help="Largest drop below the baseline, such as 0.02."
    ),
    click.option(
        "--max-invalid", type=_SHARE, metavar="S", help="Largest share of answers that are not valid."
    ),
    click.option(
        "--max-cost", type=click.FloatRange(min=0), metavar="C", help="Most it may cost, in US dollars."
    ),
    click.option(
        "--on-undecided",
        type=click.Choice(list(EXIT_CODES)),
        default="undecided",
        show_default=True,
        help="What too few prompts to tell come to.",
    ),
    click.option("--markdown", type=_FILE, help="Write the report to this file, as Markdown."),
    click.option("--junit", type=_FILE, help="Write it as JUnit XML."),
    click.option("--json", "json_file", type=_FILE, help="Write it as JSON."),
)


class _Verdicts(click.Group):
    """A group whose exit codes 0, 1 and 2 are verdicts, so that no error may end with 1 or 2."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Parse the group's own arguments."""
        with _no_verdict():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _no_verdict():
            return super().invoke(ctx)


@contextmanager
def _no_verdict() -> Iterator[None]:
    try:
        yield
    except click.exceptions.Exit:
        raise  # A verdict, or help that was asked for.
    except click.ClickException as error:
        if error.exit_code in EXIT_CODES.values():
            error.exit_code = ExitCode.NO_VERDICT  # type: ignore[misc]  # So do Click's own subclasses.
        raise
    except (Exception, KeyboardInterrupt) as error:
        failure = failure_of(error)
        if failure is None:
            traceback.print_exc()
            failure = Failure(
                f"No verdict, because of an error nobody expected: {error}", ExitCode.NO_VERDICT
            )
        raise failure from error


@click.group(cls=_Verdicts)
def ci() -> None:
    """Let a pipeline go on, or stop it, by what an evaluation shows.

    Exit codes: 0 go, 1 no-go, 2 undecided; anything else is an error and no verdict.

    \b
    Examples:
      stratix ci gate --evaluation ID --min-accuracy 0.9
      stratix ci gate --evaluation ID --baseline ID_OF_LAST_RELEASE --max-drop 0.02
      stratix ci run --model my-model --benchmark my-questions --min-accuracy 0.9
    """


def _gate_options(command: Command) -> Command:
    for option in reversed(_GATE_OPTIONS):
        command = option(command)
    return format_option(command)


@ci.command()
@click.option("--evaluation", "evaluation_id", required=True, metavar="ID", help="The evaluation to judge.")
@_gate_options
def gate(evaluation_id: str, output: Format, **options: Any) -> None:
    """Judge a finished evaluation.

    Each condition on accuracy is judged by its 95% interval: go if all of it is on the good side of the bar,
    no-go if all of it is on the other, and else undecided, with the number of prompts that would tell.

    \b
    Example:
      stratix ci gate --evaluation ID --baseline ID_OF_LAST_RELEASE --max-drop 0.02 --max-invalid 0.05
    """
    limits = Limits.of(options)
    with connect() as client:
        found = judge(client, find_evaluation(client, evaluation_id), limits)
    _finish(found, output, options)


@ci.command()
@run_options
@_gate_options
def run(output: Format, **options: Any) -> None:
    """Start an evaluation, follow it to its end, and judge it; see `stratix ci gate`.

    Progress is written to stderr, a line every 15 seconds. If the command is stopped, by Ctrl-C or by the
    pipeline, so is the evaluation. One that is paused at its budget ends the command without a verdict.

    \b
    Example:
      stratix ci run --model my-model --benchmark my-questions --limit 500 --min-accuracy 0.9 --budget-usd 5
    """
    limits = Limits.of(options)
    gated = {name: options.pop(name) for name in (*Limits.OPTIONS, "markdown", "junit", "json_file")}
    with connect() as client:
        limits.check_baseline(client)
        evaluation = _followed(client, start(client, **options))
        found = judge(client, evaluation, limits)
    _finish(found, output, gated)


def _followed(client: Stratix, evaluation: Evaluation) -> Evaluation:
    """Follow an evaluation to its end; who stops the command stops it too, since nobody waits for it then."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # So do pipelines end a job.
    try:
        return watch(client, evaluation, stderr(), LINE_SECONDS, stop_when_paused=True)
    except KeyboardInterrupt:
        client.evaluations.cancel(evaluation)
        note(f"Evaluation {evaluation.id} is cancelled; what was done stays.")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _finish(found: Judged, output: Format, options: dict[str, Any]) -> None:
    """Report a verdict, and leave with its exit code."""
    write_reports(found, options["markdown"], options["junit"], options["json_file"])
    show(output, found.as_json(), lambda: rendered(found))
    raise click.exceptions.Exit(found.exit_code)
