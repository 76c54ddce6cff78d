"""Providers resolve to an address and a key, or say which variable is missing."""

from __future__ import annotations

import pytest

from stratix.catalogue import MissingKey, Provider, provider, providers, public_models


def test_every_provider_serves_a_model() -> None:
    assert {model.provider for model in public_models()} == set(providers())


@pytest.mark.parametrize("entry", providers().values(), ids=lambda entry: entry.key)
def test_provider_is_complete(entry: Provider) -> None:
    if entry.protocol == "local":
        assert entry.resolve({}).api_key is None
        return
    assert entry.base_url.startswith("https://")
    assert not entry.base_url.endswith("/")
    assert entry.docs.startswith("https://")
    assert entry.base_url_variable == entry.key_variables[0].removesuffix("_API_KEY") + "_BASE_URL"


def test_key_and_default_address() -> None:
    endpoint = provider("openai").resolve({"OPENAI_API_KEY": "sk-1"})
    assert (endpoint.base_url, endpoint.api_key) == ("https://api.openai.com/v1", "sk-1")


def test_address_is_overridden_by_the_environment() -> None:
    endpoint = provider("openai").resolve(
        {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1/"}
    )
    assert endpoint.base_url == "http://127.0.0.1:9/v1"


def test_second_key_variable_serves_too() -> None:
    assert provider("google").resolve({"GOOGLE_API_KEY": "g"}).api_key == "g"
    assert provider("google").resolve({"GOOGLE_API_KEY": "g", "GEMINI_API_KEY": "first"}).api_key == "first"


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": "  "}])
def test_missing_key_names_the_variable(environ: dict[str, str]) -> None:
    with pytest.raises(MissingKey, match=r"OpenAI.*Set OPENAI_API_KEY"):
        provider("openai").resolve(environ)


def test_missing_key_names_every_choice() -> None:
    with pytest.raises(MissingKey, match="GEMINI_API_KEY or GOOGLE_API_KEY"):
        provider("google").resolve({})


def test_key_is_not_shown() -> None:
    assert "sk-1" not in repr(provider("openai").resolve({"OPENAI_API_KEY": "sk-1"}))


def test_unknown_provider_lists_the_known() -> None:
    with pytest.raises(KeyError, match=r"there is no provider 'nobody'; known: .*openai"):
        provider("nobody")
