"""Model endpoints: one file for each protocol, found by its name."""

from __future__ import annotations

from operator import attrgetter

from stratix.catalogue import Endpoint
from stratix.plugins import Plugins
from stratix.providers.base import Completion, Provider, ProviderError

__all__ = ["Completion", "Provider", "ProviderError", "connect"]


_NO_PROTOCOL = ["base", "limits", "local_server", "parsing", "transport"]
_plugins = Plugins("provider", __file__, __name__, "stratix.providers", but=_NO_PROTOCOL)


def connect(protocol: str, endpoint: Endpoint, timeout: float) -> Provider:
    """Return a provider that speaks a protocol; nothing is sent yet.

    Args:
        protocol: name of a file of this folder, or of an entry point `stratix.providers` of an
            installed plugin; its function `connect(endpoint, timeout)` is called.
        endpoint: address and key.
        timeout: seconds one answer may take.

    Raises:
        ValueError: nothing speaks that protocol; the message lists what is spoken.
    """
    provider: Provider = _plugins.load(protocol, attrgetter("connect"))(endpoint, timeout)
    return provider
