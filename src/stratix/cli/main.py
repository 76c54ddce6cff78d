"""The command `stratix`: finds the group that is asked for and loads no other."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import Any

import click

COMMANDS = {
    "up": "Run the platform on this machine.",
    "worker": "Run evaluations on this machine for a platform elsewhere.",
    "demo": "Evaluate a small real model on this machine and show the result.",
    "models": "Look at models, and add your own.",
    "benchmarks": "Look at benchmarks, install public ones, and make your own.",
    "evaluate": "Evaluate a model on a benchmark, and follow it.",
    "budgets": "Cap what projects and API keys spend.",
    "keys": "Make API keys, and revoke them.",
    "providers": "Look at who serves the public models, and set the keys for them.",
    "storage": "Look at how much the platform keeps.",
    "cache": "Look at the answers that are kept, and clear them.",
    "results": "Read the answers of an evaluation, or export them.",
    "report": "Write evaluations as one page to hand on: figures, charts, method.",
    "compare": "Say which evaluation is better, by how much, and whether it can be chance.",
    "ci": "Let a pipeline go on, or stop it, by what an evaluation shows.",
    "leaderboard": "Rank the models of a benchmark, or of several side by side.",
    "contamination": "Look for hints that a model has seen a benchmark, and for shared prompts.",
    "rescore": "Judge the answers of an evaluation again, without asking the model again.",
    "stats": "Check the statistics, and plan how many prompts to ask.",
}
"""Each command with its line of help; it lies in the module of its name."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, the first ones first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # What an import makes stays: looking for garbage in it takes a tenth of its time.
        try:
            command: click.Command = getattr(importlib.import_module(f"stratix.cli.{cmd_name}"), cmd_name)
        finally:
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an expected error becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (Exception, KeyboardInterrupt) as error:
            # The client is slow to import, and has been already where its errors come from.
            from stratix.cli._errors import failure_of

            failure = failure_of(error)
            if failure is None:
                raise
            raise failure from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="open-stratix", prog_name="stratix")
def cli() -> None:
    """Stratix, the open platform for evaluating AI models.

    \b
    Examples:
      stratix demo
      stratix up
      stratix evaluate run --model gpt-4o --benchmark simpleqa --limit 100 --watch
    """


def main() -> None:
    """Run the command line; the entry point `stratix`."""
    # httpx has a command of its own, which imports much; it can do without, which is what this tells it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None stands for a module that is not to be had
    cli(prog_name="stratix")


if __name__ == "__main__":
    main()
