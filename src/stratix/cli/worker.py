"""`stratix worker`: runs evaluations on this machine for a platform whose server may be elsewhere."""

from __future__ import annotations

import logging
import secrets
import socket
from pathlib import Path

import click

from stratix.cli._errors import Failure
from stratix.cli.up import load_settings
from stratix.settings import Settings


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for downloads.  [default: your folder for user data]",
)
@click.option(
    "--drain",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the answers on their way when it is stopped.",
)
def worker(data_dir: Path | None, drain: float) -> None:
    """Run evaluations on this machine, together with all workers on the same PostgreSQL.

    It is told by the variables that the server has: STRATIX_DATABASE_URL, STRATIX_SECRET_KEY and the keys
    of model providers; docs/workers.md says more. SIGTERM or Ctrl-C stops it once the answers on their
    way are stored; a second one stops it at once.

    \b
    Example:
      STRATIX_DATABASE_URL=postgresql://stratix:secret@db/stratix stratix worker
    """
    settings = load_settings(data_dir=data_dir)
    _check(settings)
    # Slow to import, so only once it is clear that it is wanted.
    from stratix import logs
    from stratix.app import run_worker
    from stratix.storage.database import is_unavailable
    from stratix.storage.migrate import SchemaMismatch

    name = f"{socket.gethostname()[:48]}-{secrets.token_hex(4)}"
    logs.begin(settings, worker=name)
    if "log_level" not in settings.model_fields_set:
        logging.getLogger("stratix").setLevel(logging.INFO)
    try:
        run_worker(settings, name, drain)
    except (SchemaMismatch, ValueError) as error:
        raise Failure(f"{error}") from error
    except Exception as error:
        if not is_unavailable(error):
            raise
        reason = getattr(error, "orig", error)
        raise Failure(f"The database of STRATIX_DATABASE_URL cannot be reached: {reason}") from error


def _check(settings: Settings) -> None:
    """See that what a worker needs to share with others is configured.

    Raises:
        Failure: it is not.
    """
    if not settings.database_url or settings.database_url.startswith("sqlite"):
        raise Failure(
            "A worker of its own needs the PostgreSQL that server and workers share: set "
            "STRATIX_DATABASE_URL to postgresql://user:password@host/name. With SQLite, the workers are "
            "those of `stratix up --workers N`."
        )
    if not settings.secret_key.get_secret_value() and not (settings.data_dir / "secret.key").exists():
        raise Failure(
            "Set STRATIX_SECRET_KEY to that of the server (its variable, or the file secret.key in its data "
            "folder): without it, the API keys of custom models cannot be read here."
        )
