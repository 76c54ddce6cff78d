"""`stratix stats`: hold the statistics to their promises, and plan how many prompts to ask."""

from __future__ import annotations

import click
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from stratix.cli._errors import ExitCode
from stratix.cli._output import Format, format_option, make_card, make_table, note, show, stderr

_KINDS = {
    "covers": "interval holds the truth",
    "careful": "interval holds the truth",
    "alarms": "false alarm",
    "power": "true difference seen",
}


@click.group()
def stats() -> None:
    """Check the statistics, and plan how many prompts to ask.

    \b
    Examples:
      stratix stats selftest
      stratix stats power --difference 0.03 --discordance 0.2
    """


@stats.command()
@click.option(
    "--runs",
    type=click.IntRange(500, 1_000_000),
    default=5_000,
    show_default=True,
    help="Evaluations to simulate for each claim.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the random numbers.")
@format_option
def selftest(runs: int, seed: int, output: Format) -> None:
    """Simulate evaluations whose truth is known, and count how often the statistics are right.

    95% intervals must hold the true value in 94% to 96% of the runs, comparisons of a model with itself may
    find a difference in at most 5%. Ends with exit code 1 if a claim does not hold. No server is needed.

    \b
    Example:
      stratix stats selftest
      stratix stats selftest --runs 20000 --seed 7
    """
    # SciPy is loaded by those who want it.
    from stratix.analysis.selftest import CLAIMS, check

    findings = []
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=stderr(), transient=True
    )
    with progress:
        task = progress.add_task("", total=len(CLAIMS))
        for claim in CLAIMS:
            progress.update(task, description=f"{claim.method}: {claim.setting}")
            findings.append(check(claim, runs=runs, seed=seed))
            progress.advance(task)
    rows = list(zip(CLAIMS, findings, strict=True))

    def table() -> RenderableType:
        made = make_table("method", "setting", "event", "share", "allowed", "", numbers=["share", "allowed"])
        for claim, found in rows:
            allowed = f"{found.lowest:.1%} to {found.highest:.1%}"
            verdict = "holds" if found.kept else "BROKEN"
            event = _KINDS[claim.kind]
            made.add_row(claim.method, claim.setting, event, f"{found.share:.2%}", allowed, verdict)
        return made

    data = [
        {
            "method": claim.method,
            "setting": claim.setting,
            "kind": claim.kind,
            "share": found.share,
            "lowest": found.lowest,
            "highest": found.highest,
            "runs": found.runs,
            "kept": found.kept,
        }
        for claim, found in rows
    ]
    show(output, data, table)
    broken = sum(not found.kept for found in findings)
    note(f"{len(rows) - broken} of {len(rows)} claims hold in {runs:,} runs each")
    if broken:
        raise click.exceptions.Exit(ExitCode.NOT_DONE)


@stats.command()
@click.option(
    "--difference",
    type=click.FloatRange(0, min_open=True),
    help="A true difference to see, as a share (0.03 is 3 points): how many prompts does it take?",
)
@click.option("--prompts", type=click.IntRange(1), help="Prompts there are: which difference can they show?")
@click.option(
    "--discordance",
    type=click.FloatRange(0, 1, min_open=True),
    help="Two evaluations on the same prompts: the share that one of them alone gets right.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1),
    help="Two evaluations on prompts of their own: the accuracy of one; the prompts are those of each.",
)
@click.option(
    "--bar", type=click.FloatRange(0, 1), help="One evaluation against an accuracy that it must clear."
)
@click.option(
    "--deviation",
    type=click.FloatRange(0, min_open=True),
    help="Graded scores on the same prompts: the standard deviation of the differences.",
)
@click.option(
    "--power",
    "chance",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.8,
    show_default=True,
    help="How often the difference is to be seen.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="How often one may be seen where there is none.",
)
@format_option
def power(
    difference: float | None,
    prompts: int | None,
    discordance: float | None,
    rate: float | None,
    bar: float | None,
    deviation: float | None,
    chance: float,
    alpha: float,
    output: Format,
) -> None:
    """Say how many prompts a difference needs, or which difference so many prompts can show.

    Give either --difference or --prompts, and one of --discordance, --rate, --bar and --deviation for what
    is compared. No server is needed.

    \b
    Example:
      stratix stats power --difference 0.03 --discordance 0.2
      stratix stats power --prompts 500 --rate 0.8
    """
    from stratix.analysis.power import (
        Means,
        PairedRates,
        RateAgainst,
        UnpairedRates,
        detectable_difference,
        prompts_needed,
    )

    makers = (
        (PairedRates, discordance),
        (UnpairedRates, rate),
        (RateAgainst, bar),
        (Means, deviation),
    )
    designs = [make(value) for make, value in makers if value is not None]
    if len(designs) != 1:
        raise click.UsageError("Say what is compared by one of --discordance, --rate, --bar and --deviation.")
    if (difference is None) == (prompts is None):
        raise click.UsageError("Give either --difference or --prompts; the other is what is worked out.")
    try:
        if prompts is None:
            assert difference is not None
            prompts = prompts_needed(difference, designs[0], power=chance, alpha=alpha)
        else:
            difference = detectable_difference(prompts, designs[0], power=chance, alpha=alpha)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    data = {"prompts": prompts, "difference": difference, "power": chance, "alpha": alpha}
    seen = f"{difference:.4f}" if difference is not None else "none: so few prompts show no difference"
    rows = [("prompts", f"{prompts:,}"), ("difference", seen), ("seen in", f"{chance:.0%}"), ("alpha", alpha)]
    show(output, data, lambda: make_card(rows))
