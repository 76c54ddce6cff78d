"""Where the client's settings come from: arguments, the environment, the credentials file."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ._errors import StratixError

API_KEY_VARIABLE = "LAYERLENS_STRATIX_API_KEY"
BASE_URL_VARIABLE = "LAYERLENS_STRATIX_BASE_URL"
CREDENTIALS_FILE_VARIABLE = "STRATIX_CREDENTIALS_FILE"

DEFAULT_BASE_URL = "http://127.0.0.1:8000/api/v1"
DEFAULT_TIMEOUT = httpx.Timeout(600.0, connect=10.0)
DEFAULT_MAX_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Credentials:
    """What `stratix up` leaves for the clients of the same machine.

    Attributes:
        base_url: the API's base URL, `/api/v1` included.
        api_key: a key for it.
    """

    base_url: str
    api_key: str = field(repr=False)


def credentials_path() -> Path:
    """Return where the credentials file lies.

    It is `$STRATIX_CREDENTIALS_FILE`, else `stratix/credentials.json` in `$XDG_CONFIG_HOME`, else in
    `~/.config`.
    """
    if given := os.environ.get(CREDENTIALS_FILE_VARIABLE):
        return Path(given).expanduser()
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "stratix" / "credentials.json"


def read_credentials(path: Path | None = None) -> Credentials | None:
    """Read the credentials file.

    Args:
        path: where it lies; None is `credentials_path()`.

    Returns:
        The credentials, or None where there is no such file.

    Raises:
        StratixError: the file cannot be read, or is not what `stratix up` writes.
    """
    path = path or credentials_path()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(_clean_url(str(found["base_url"])), _clean_key(str(found["api_key"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StratixError(
            f"The credentials file {path} cannot be used ({error!r}): delete it and start `stratix up`, "
            f"which writes it anew, or set {API_KEY_VARIABLE} and {BASE_URL_VARIABLE}."
        ) from error


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a client.

    Attributes:
        api_key: sent with every request.
        base_url: what paths are appended to, without a slash at its end.
        timeout: how long a request may take.
        max_retries: how often a failed request is tried again.
        key_from_file: True if the key is the credentials file's, which binds it to that file's server.
    """

    api_key: str = field(repr=False)
    base_url: str
    timeout: httpx.Timeout
    max_retries: int
    key_from_file: bool = False

    @classmethod
    def resolve(
        cls,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
    ) -> Config:
        """Fill what is not given from the environment, then from the credentials file, then by default.

        Raises:
            StratixError: no API key was found, or the credentials file is broken.
            ValueError: a setting is out of range.
        """
        api_key = _clean_key(api_key or os.environ.get(API_KEY_VARIABLE, ""))
        url = base_url or os.environ.get(BASE_URL_VARIABLE)
        stored = None if api_key and url else read_credentials()
        url = _clean_url(url or (stored.base_url if stored else DEFAULT_BASE_URL))
        from_file = False
        if not api_key and stored and stored.base_url == url:
            # A key goes only to the server it was written for, never to another address.
            api_key, from_file = stored.api_key, True
        if not api_key:
            raise StratixError(
                f"No API key for {url}: start the platform on this machine with `stratix up`, "
                f"set {API_KEY_VARIABLE}, or pass api_key=."
            )
        return cls(
            api_key=api_key,
            base_url=url,
            timeout=as_timeout(timeout) or DEFAULT_TIMEOUT,
            max_retries=_check_retries(DEFAULT_MAX_RETRIES if max_retries is None else max_retries),
            key_from_file=from_file,
        )

    def changed(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
    ) -> Config:
        """Return these settings with those changed that are given.

        Raises:
            StratixError: the server is changed, but not the key that was written for the former one.
            ValueError: a setting is out of range.
        """
        url = _clean_url(base_url) if base_url else self.base_url
        if url != self.base_url and self.key_from_file and not api_key:
            raise StratixError(
                f"The API key comes from the credentials file and belongs to {self.base_url}: "
                f"pass api_key= for {url} too."
            )
        return dataclasses.replace(
            self,
            api_key=_clean_key(api_key or "") or self.api_key,
            base_url=url,
            timeout=as_timeout(timeout) or self.timeout,
            max_retries=self.max_retries if max_retries is None else _check_retries(max_retries),
            key_from_file=self.key_from_file and not api_key,
        )


def as_timeout(timeout: float | httpx.Timeout | None) -> httpx.Timeout | None:
    """Return a timeout in httpx's form, a number counting for each phase but connecting (10 s at most).

    Raises:
        ValueError: the number is not above 0.
    """
    if timeout is None or isinstance(timeout, httpx.Timeout):
        return timeout
    if timeout <= 0:
        raise ValueError(f"timeout must be above 0 seconds, not {timeout}; httpx.Timeout(None) sets no limit")
    return httpx.Timeout(timeout, connect=min(timeout, 10.0))


def _clean_key(api_key: str) -> str:
    """Take the blanks off a key's ends, which files of secrets have, and check that a header can carry it."""
    api_key = api_key.strip()
    if not (api_key.isascii() and api_key.isprintable()):
        raise ValueError("the API key holds characters that no key has: copy it again, without line breaks")
    return api_key


def _clean_url(url: str) -> str:
    """Check a base URL and take the slash off its end."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no base URL: give one such as {DEFAULT_BASE_URL!r}")
    return url.rstrip("/")


def _check_retries(max_retries: int) -> int:
    if max_retries < 0:
        raise ValueError(f"max_retries must be 0 or more, not {max_retries}")
    return max_retries
