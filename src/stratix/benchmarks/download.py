"""Downloads: a file from an address, a wheel from the package index."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

import httpx

Progress = Callable[[int, int | None], None]
"""Called with the bytes had and the bytes wanted of the file at hand; None where that is not known."""

_ATTEMPTS = 4
_PAUSE = 0.5  # seconds before the second attempt, doubled from there
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_WHEEL_SECONDS = 1800


class SourceError(Exception):
    """One source does not give its files; the message says why."""


def download(
    address: str,
    stream: IO[bytes],
    progress: Progress | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Write what an address gives, resuming after a cut where the server can and restarting where not.

    Args:
        address: of http or https; redirects are followed.
        stream: open for writing, at its start.
        progress: told of the bytes as they come.
        headers: sent along, but not on to another host.

    Raises:
        SourceError: it gave nothing, or not all, in four attempts.
    """
    etag = ""
    # Bytes unpacked on the way could not be counted, so the transfer must not be compressed.
    plain = {"Accept-Encoding": "identity"}
    with httpx.Client(
        timeout=_TIMEOUT, follow_redirects=True, headers={**plain, **(headers or {})}
    ) as client:
        for attempt in range(1, _ATTEMPTS + 1):
            have = stream.tell()
            # Only with a validator is it certain that the rest belongs to the same file.
            resume = {"Range": f"bytes={have}-", "If-Range": etag} if have and etag else {}
            try:
                with client.stream("GET", address, headers=resume) as answer:
                    answer.raise_for_status()
                    if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                        have = stream.seek(0)
                        stream.truncate()
                    strong = answer.headers.get("ETag", "")
                    etag = "" if strong.startswith("W/") else strong
                    length = answer.headers.get("Content-Length")
                    wanted = have + int(length) if length else None
                    for chunk in answer.iter_raw():
                        have += stream.write(chunk)
                        if progress:
                            progress(have, wanted)
                return
            except httpx.HTTPError as error:
                if attempt == _ATTEMPTS or not _passes(error):
                    raise SourceError(f"{address}: {_reason(error)}") from error
                time.sleep(_PAUSE * 2 ** (attempt - 1))


def hub_address(dataset: str, revision: str, path: str) -> str:
    """Return where the Hugging Face Hub gives a file of a dataset; HF_ENDPOINT names a mirror of the Hub."""
    hub = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    return f"{hub.rstrip('/')}/datasets/{dataset}/resolve/{quote(revision, safe='')}/{quote(path)}"


def hub_headers() -> dict[str, str]:
    """Return what tells the Hub who asks: the token in HF_TOKEN, if there is one."""
    token = os.environ.get("HF_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _passes(error: httpx.HTTPError) -> bool:
    """Tell whether a failure may be over at the next attempt."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in {408, 429, 500, 502, 503, 504}
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"the server answers {error.response.status_code} {error.response.reason_phrase}".strip()
    return str(error) or type(error).__name__


def download_wheel(name: str, place: Path) -> Path:
    """Return the wheel of `package==version`, fetched by pip so that the user's index settings count.

    Raises:
        SourceError: pip is not there or gave none.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--quiet", "--disable-pip-version-check", "--dest", str(place), name]
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and the name is checked by the catalogue
            command, capture_output=True, text=True, timeout=_WHEEL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"the wheel of {name}: pip took over {_WHEEL_SECONDS} s") from error
    wheels = list(place.glob("*.whl"))
    if done.returncode or not wheels:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise SourceError(f"the wheel of {name}: {said[-1] if said else 'pip gave none'}")
    return wheels[0]
