"""Errors of the command line: one red line that says what to do, and an exit code that means something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any

import click

from layerlens import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    AuthenticationError,
    IncompletePagesError,
    NotFoundError,
    PermissionDeniedError,
    StratixError,
)
from stratix.cli._output import plain


class ExitCode(IntEnum):
    """What the exit code of `stratix` means."""

    OK = 0
    NOT_DONE = 1
    """The evaluation ended in failure, timeout or cancelled, or the command could not do its work."""
    USAGE = 2
    NOT_FOUND = 3
    NO_SERVER = 4
    """The server was not reached, or refused the API key."""
    REJECTED = 5
    """The server rejected the request."""
    NO_VERDICT = 6
    """`stratix ci` could not judge, where another command ends with 1 or 2: those are verdicts there."""
    INTERRUPTED = 130


class Failure(click.ClickException):
    """An expected failure.

    Args:
        message: what went wrong and what to do about it, for a person.
        code: the exit code.
    """

    def __init__(self, message: str, code: ExitCode = ExitCode.NOT_DONE) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # So do Click's own subclasses.

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message to stderr, as one red line."""
        click.secho(f"Error: {plain(self.message)}", file=file, err=True, fg="red")


def failure_of(error: BaseException) -> Failure | None:
    """Return the failure to show for an error, or None for one that nobody expected."""
    match error:
        case KeyboardInterrupt() | click.Abort():
            return Failure("Interrupted.", ExitCode.INTERRUPTED)
        case AuthenticationError() | PermissionDeniedError():
            return Failure(
                f"{error} Start `stratix up` on this machine, or set LAYERLENS_STRATIX_API_KEY to a key of "
                "the server.",
                ExitCode.NO_SERVER,
            )
        case APIConnectionError() | APIResponseValidationError():
            return Failure(str(error), ExitCode.NO_SERVER)
        case NotFoundError():
            return Failure(str(error), ExitCode.NOT_FOUND)
        case APIError() | IncompletePagesError():
            return Failure(str(error), ExitCode.REJECTED)
        case StratixError():
            return Failure(str(error), ExitCode.NO_SERVER)
    return None


@contextmanager
def arguments() -> Iterator[None]:
    """Show what the client says about a wrong argument as wrong usage.

    Raises:
        UsageError: the block raised ValueError.
    """
    try:
        yield
    except ValueError as error:
        raise click.UsageError(plain(error), click.get_current_context(silent=True)) from None
