"""The log of a process: which evaluation each line is about, as text or JSON, without secrets."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

import orjson
from pydantic import SecretStr

from stratix.settings import Settings

_SHORTEST_SECRET = 8
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_HIDDEN = "[hidden]"

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Have every line that is logged in the block, and in tasks begun in it, carry fields.

    Args:
        fields: such as `evaluation`, beside those of the blocks around; "" takes one away.
    """
    token = _about.set({name: value for name, value in {**_about.get(), **fields}.items() if value})
    try:
        yield
    finally:
        _about.reset(token)


def begin(settings: Settings, **fields: str) -> None:
    """Have this process log to standard error, as the settings say.

    Args:
        settings: of the installation.
        fields: that every line carries.
    """
    kind = JsonFormatter if settings.log_format == "json" else TextFormatter
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(kind(secrets_of(settings, os.environ), fields))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    # It would write every prompt and answer into the log.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)


def secrets_of(settings: Settings, environ: Mapping[str, str]) -> set[str]:
    """Return what must not stand in a log: the secrets of the settings and of the environment."""
    found = {value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)}
    password = urlsplit(settings.database_url).password or ""
    found |= {password, unquote(password)}
    found.update(value for name, value in environ.items() if _SECRET_NAME.search(name.upper()))
    return {secret for secret in found if len(secret) >= _SHORTEST_SECRET}


class TextFormatter(logging.Formatter):
    """A line for people, with what it is about at its end.

    Args:
        secrets: never to be shown.
        fields: that every line carries.
    """

    def __init__(self, secrets: Iterable[str], fields: Mapping[str, str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._hide = hiding(secrets)
        self._fields = fields

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # named by the standard library
        """Return the line, which an exception may follow."""
        fields = {**self._fields, **_about.get()}
        end = " ".join(f"{name}={value}" for name, value in fields.items())
        return super().formatMessage(record) + (f" [{end}]" if end else "")

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole text of a record."""
        return self._hide(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, what it is about, exception.

    Args:
        secrets: never to be shown.
        fields: that every line carries.
    """

    def __init__(self, secrets: Iterable[str], fields: Mapping[str, str]) -> None:
        super().__init__()
        self._hide = hiding(secrets)
        self._fields = fields

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        line = {
            **self._fields,
            **_about.get(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._hide(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = self._hide(self.formatException(record.exc_info))
        return orjson.dumps({name: _whole(value) for name, value in line.items()}).decode()


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return what replaces secrets in a text."""
    longest_first = sorted(secrets, key=len, reverse=True)
    if not longest_first:
        return lambda text: text
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: pattern.sub(_HIDDEN, text)


def _whole(text: str) -> str:
    """Return a text that JSON can carry: a provider's words may hold half a character."""
    return text.encode(errors="replace").decode()
