"""Whatever lies in `stratix/providers` keeps the contract of a provider, a new file from its first day."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import stratix.providers
from stratix.catalogue import Endpoint, providers
from stratix.providers import Provider, ProviderError, connect

NOT_PROTOCOLS = {"__init__", "base", "limits", "parsing", "local_server", "transport"}
PROTOCOLS = sorted(
    {path.stem for path in Path(stratix.providers.__file__).parent.glob("*.py")} - NOT_PROTOCOLS
)
NOWHERE = Endpoint("http://127.0.0.1:9/v1", "sk-a-secret")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_connecting_sends_nothing_and_shows_no_secret(protocol):
    provider = connect(protocol, NOWHERE, 1.0)
    assert isinstance(provider, Provider)
    assert provider.name
    assert "sk-a-secret" not in provider.name
    assert provider.concurrency is None or provider.concurrency >= 1
    await provider.close()
    await provider.close()


@pytest.mark.parametrize("protocol", [p for p in PROTOCOLS if p != "local"])
async def test_an_endpoint_that_is_not_there_is_a_provider_error(protocol):
    provider = connect(protocol, NOWHERE, 1.0)
    with pytest.raises(ProviderError) as caught:
        await provider.complete({"model": "m", "messages": [{"role": "user", "content": "q"}]})
    assert "sk-a-secret" not in caught.value.message
    await provider.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_says_what_it_is(protocol):
    assert import_module(f"stratix.providers.{protocol}").__doc__


def test_every_provider_of_the_catalogue_is_spoken_to():
    assert {provider.protocol for provider in providers().values()} <= set(PROTOCOLS)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(ValueError, match="smoke-signals"):
        connect("smoke-signals", NOWHERE, 1.0)
