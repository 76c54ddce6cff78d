"""`stratix demo`: a newcomer's first minute."""

from __future__ import annotations

import contextlib
from contextlib import ExitStack

import click
from rich.console import Console

from layerlens import Stratix, StratixError
from layerlens.models import Evaluation
from stratix.cli._client import find_benchmark, find_model
from stratix.cli._embedded import embedded, find_running, log_of
from stratix.cli._errors import ExitCode, Failure
from stratix.cli._output import (
    Format,
    command,
    folder,
    format_option,
    note,
    print_commands,
    stderr,
    stdout,
    waiting,
    write_json,
)
from stratix.cli._report import fetch_samples, more, report
from stratix.cli._watch import watch
from stratix.cli.up import load_settings

MODEL = "smollm2-135m-instruct"
BENCHMARK = "first-steps"


@click.command()
@format_option
def demo(output: Format) -> None:
    """Evaluate a small real model on this machine and show the result.

    It needs no account. A platform that runs on this machine is used; else one is started for as long as
    this takes. The model is tiny: the number shows the machine at work.

    \b
    Example:
      stratix demo
    """
    settings = load_settings()
    with ExitStack() as stack:
        client = find_running()
        if client is not None:
            stack.enter_context(client)
            note(f"Using the platform that runs at {client.base_url}")
            data = f"with the platform at {client.base_url}"
        else:
            try:
                with waiting(
                    f"Starting the platform on this machine (messages in {folder(log_of(settings))})"
                ):
                    client = stack.enter_context(embedded(settings))
            except OSError as error:
                raise Failure(
                    f"{settings.data_dir} cannot be used: {error.strerror or error}. "
                    "Set STRATIX_DATA_DIR to another folder."
                ) from error
            data = f"in {folder(settings.data_dir)}"
        evaluation = run(client, stderr())
        if output == "json":
            write_json(evaluation)
        else:
            print_result(stdout(), client, evaluation, data)
    if not evaluation.is_success:
        raise click.exceptions.Exit(ExitCode.NOT_DONE)


def run(client: Stratix, console: Console) -> Evaluation:
    """Run the demo's evaluation to its end; Ctrl-C cancels it.

    Args:
        client: of the platform.
        console: where the progress is shown.
    """
    model, benchmark = find_model(client, MODEL), find_benchmark(client, BENCHMARK)
    console.print(f"Evaluating {model.name} on {benchmark.name} ({benchmark.prompt_count} prompts)")
    evaluation = client.evaluations.create(model, benchmark)
    if evaluation is None:
        raise Failure("The platform made no evaluation, and gave no reason.", ExitCode.REJECTED)
    try:
        return watch(client, evaluation, console)
    except KeyboardInterrupt:
        with contextlib.suppress(StratixError):
            client.evaluations.cancel(evaluation)
        raise


def print_result(console: Console, client: Stratix, evaluation: Evaluation, data: str) -> None:
    """Print what the demo ends with: the report, where the data lies, and what to type next.

    Args:
        console: where to.
        client: of the platform.
        evaluation: the finished one.
        data: where the data lies, in words.
    """
    console.print(report(evaluation, fetch_samples(client, evaluation)))
    console.print(f"data: {data}", soft_wrap=True)
    console.print("The model is tiny: the number shows the machine at work, not what good models can do.\n")
    console.print("Type next (the first one keeps the platform running for the others):")
    stratix = command()
    print_commands(
        console,
        [
            f"{stratix} up",
            *more(evaluation),
            f"{stratix} evaluate run --model {MODEL} --benchmark {BENCHMARK} --limit 20 --watch",
        ],
    )
