"""Model endpoints: one file for each protocol, found by its name."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from stratix.catalogue import Endpoint
from stratix.providers.base import Completion, Provider, ProviderError

__all__ = ["Completion", "Provider", "ProviderError", "connect"]


def connect(protocol: str, endpoint: Endpoint, timeout: float) -> Provider:
    """Return a provider that speaks a protocol; nothing is sent yet.

    Args:
        protocol: name of a file of this folder, or of an entry point `stratix.providers` of an
            installed plugin; its function `connect(endpoint, timeout)` is called.
        endpoint: address and key.
        timeout: seconds one answer may take.

    Raises:
        LookupError: nothing speaks that protocol.
    """
    for plugin in entry_points(group="stratix.providers", name=protocol):
        return plugin.load()(endpoint, timeout)  # type: ignore[no-any-return]
    try:
        module = import_module(f"stratix.providers.{protocol}")
    except ModuleNotFoundError as error:
        raise LookupError(f"no provider speaks {protocol!r}") from error
    return module.connect(endpoint, timeout)  # type: ignore[no-any-return]
