"""`stratix up`: the platform on this machine."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from layerlens._config import credentials_path
from stratix.cli._errors import Failure
from stratix.cli._output import (
    Format,
    command,
    folder,
    format_option,
    make_card,
    plain,
    print_commands,
    stdout,
)
from stratix.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.  [default: 8000]"
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database, keys and downloads.  [default: your folder for user data]",
)
@click.option("--workers", type=click.IntRange(0, 256), help="Worker processes.  [default: 1]")
@click.option("--leave-with-parent", is_flag=True, hidden=True, help="Stop when standard input ends.")
@format_option
def up(output: Format, leave_with_parent: bool, **given: Any) -> None:
    """Run the platform on this machine: the API and its workers, until Ctrl-C.

    Each option can be set by a variable too, such as STRATIX_PORT; docs/server.md lists them all.

    \b
    Example:
      stratix up --port 9000 --data-dir ./stratix-data
    """
    # Slow to import, so only once it is clear that it is wanted.
    from stratix.up import CannotStart
    from stratix.up import up as run

    settings = load_settings(**given)
    if leave_with_parent:
        threading.Thread(target=_wait_for_parent, daemon=True).start()

    def ready(address: str) -> None:
        _say_where(settings, address, output)

    try:
        run(settings, ready)
    except CannotStart as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(
            f"{settings.data_dir} cannot be used: {error.strerror or error}. "
            "Choose another folder with --data-dir."
        ) from error
    except KeyboardInterrupt:
        pass  # The way to stop it.


def load_settings(**given: Any) -> Settings:
    """Return the settings: what is given, else the `STRATIX_*` variables, else the defaults.

    Raises:
        UsageError: one of them is out of range.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = (f"STRATIX_{str(p['loc'][0]).upper()}: {p['msg']}" for p in error.errors())
        raise click.UsageError("; ".join(problems)) from None


def _say_where(settings: Settings, address: str, output: Format) -> None:
    if output == "json":
        where = {
            "address": address,
            "data_dir": str(settings.data_dir.absolute()),
            "credentials_file": str(credentials_path()),
        }
        click.echo(json.dumps(where))
        return
    console = stdout()
    console.print(f"Stratix runs at {plain(address)} (Ctrl-C stops it).")
    data = folder(settings.data_dir)
    rows = [
        ("dashboard", address),
        ("API documentation", f"{address}/docs"),
        ("data", data if not settings.database_url else f"the database of STRATIX_DATABASE_URL, and {data}"),
        ("credentials", folder(credentials_path())),
    ]
    console.print(make_card(rows), soft_wrap=True)
    console.print("Type in another terminal:")
    stratix = command()
    print_commands(
        console,
        [
            f"{stratix} models list",
            f"{stratix} evaluate run --model smollm2-135m-instruct --benchmark first-steps --watch",
        ],
    )


def _wait_for_parent() -> None:
    """Stop this process when standard input ends, as it does when the parent process dies."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGINT)
