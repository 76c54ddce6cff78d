"""Whether a request comes from this very machine."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection

from stratix.settings import Settings


def is_local(connection: HTTPConnection, settings: Settings) -> bool:
    """Tell whether a request comes from this very machine, so that no key is asked for.

    The name in the request must be that of loopback too: a page elsewhere whose name was made to lead
    here must not get in.
    """
    host = connection.url.hostname or ""
    forwarded = any(name in connection.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    return _is_loopback(settings.host) and _is_loopback(host) and not forwarded and not settings.public_url


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
