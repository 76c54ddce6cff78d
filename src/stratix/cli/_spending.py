"""How estimates and budgets are shown, and the options that set a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from rich.console import Group, RenderableType
from rich.text import Text

from layerlens.models import Budget, BudgetUpdated, EvaluationEstimate
from stratix.analysis.summary.wording import money
from stratix.cli._output import make_card, make_table, moment, note, plain

Command = TypeVar("Command", bound=Callable[..., Any])


def budget_options(usd: str, tokens: str) -> Callable[[Command], Command]:
    """Give a command two options for a cap, under these names, passed on as `usd` and `tokens`."""

    def add(command: Command) -> Command:
        in_dollars = click.FloatRange(min=0, min_open=True)
        command = click.option(
            tokens,
            "tokens",
            type=click.IntRange(min=1),
            help="The most to spend in tokens, read and written; paused there.",
        )(command)
        return click.option(
            usd, "usd", type=in_dollars, help="The most to spend in US dollars; paused there."
        )(command)

    return add


def dollars(amount: float | None) -> str:
    """Return an amount as people write it; "?" where not known."""
    return "?" if amount is None else money(amount)


def estimates(found: Sequence[EvaluationEstimate]) -> RenderableType:
    """Return a table of what evaluations would take, with what it goes by."""
    table = make_table(
        "model", "benchmark", "prompts", "tokens in", "tokens out", "cost", "cost at most", "time",
        numbers=["prompts", "tokens in", "tokens out", "cost", "cost at most", "time"],
    )  # fmt: skip
    lines: list[str] = []
    for one in found:
        about = "~" if one.approximate else ""
        calls = f"{about}{one.prompts:,}" + (f" x {one.epochs}" if one.epochs > 1 else "")
        table.add_row(
            plain(one.model_key),
            plain(one.benchmark_key),
            calls,
            f"{one.tokens_input + one.judge_tokens_input:,}",
            f"{one.tokens_output + one.judge_tokens_output:,}",
            dollars(one.cost),
            dollars(one.cost_most),
            time_range(one),
        )
        lines += [line for line in (one.method, *one.notes) if line not in lines]
    remarks = [Text(plain(line), "dim") for line in lines]
    return Group(table, *remarks, Text("Nothing was asked and nothing was spent."))


def duration(seconds: float | None) -> str:
    """Return a time as people say it; "?" where not known."""
    if seconds is None:
        return "?"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def time_range(found: EvaluationEstimate) -> str:
    """Return a time as expected with the range it lies in; "?" where not known."""
    if found.seconds is None or found.seconds_low is None or found.seconds_high is None:
        return f"> {duration(found.seconds_low)}" if found.seconds_low else "?"
    return f"{duration(found.seconds)} ({duration(found.seconds_low)} to {duration(found.seconds_high)})"


def budget_table(found: Sequence[Budget]) -> RenderableType:
    """Return a table of budgets."""
    table = make_table(
        "of", "name", "id", "cap", "spent", "set aside", "since",
        numbers=["cap", "spent", "set aside"], whole=["of", "id", "since"],
    )  # fmt: skip
    for budget in found:
        table.add_row(budget.kind, plain(budget.name), plain(budget.owner_id), *_amounts(budget))
    return table


def budget_card(budget: Budget) -> RenderableType:
    """Return one budget as a card."""
    cap, spent, held, since = _amounts(budget)
    assumed = f"{budget.assumed_calls:,} (no usage reported, or no answer)" if budget.assumed_calls else ""
    return make_card(
        [
            (budget.kind, budget.name or budget.owner_id),
            ("cap", cap or "none"),
            ("spent", spent),
            ("set aside", held),
            ("counted at most", assumed),
            ("since", since),
        ]
    )


def say_resumed(updated: BudgetUpdated) -> None:
    """Write to stderr which evaluations go on."""
    for evaluation_id in updated.resumed:
        note(f"Evaluation {evaluation_id} goes on.")


def _amounts(budget: Budget) -> tuple[str, str, str, str]:
    caps = [dollars(budget.usd)] if budget.usd is not None else []
    if budget.tokens is not None:
        caps.append(f"{budget.tokens:,} tokens")
    if budget.since is None:
        return ", ".join(caps), "", "", ""
    spent = f"{dollars(budget.spent_usd)}, {budget.spent_tokens:,} tokens"
    held = (
        f"{dollars(budget.reserved_usd)}, {budget.reserved_tokens:,} tokens" if budget.reserved_tokens else ""
    )
    return ", ".join(caps), spent, held, moment(budget.since)
