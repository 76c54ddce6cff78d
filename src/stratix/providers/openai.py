"""Endpoints that speak OpenAI's chat completions, which most do."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from stratix.catalogue import Endpoint
from stratix.providers import limits, parsing
from stratix.providers.base import Completion, Provider, ProviderError
from stratix.providers.transport import BadAnswer, Client, TooLarge

_REQUEST_IDS = ("x-request-id", "request-id", "cf-ray")
_LARGEST_ANSWER = 64 * 2**20


def connect(endpoint: Endpoint, timeout: float) -> Provider:
    """Return a provider of the catalogue: `base_url` is what `/chat/completions` is appended to."""
    return OpenAIProvider(f"{endpoint.base_url}/chat/completions", endpoint.api_key, timeout)


class OpenAIProvider(Provider):
    """One chat completions endpoint.

    Args:
        url: the full address requests are posted to.
        api_key: sent as a bearer token; None for none.
        timeout: seconds one answer may take.
    """

    def __init__(self, url: str, api_key: str | None, timeout: float) -> None:
        self.name = urlsplit(url)._replace(query="", fragment="").geturl()
        self._url = url
        self._api_key = api_key
        self._timeout = timeout
        self._opened: Client | None = None

    def _client(self) -> Client:
        if self._opened is None:
            headers = {"content-type": "application/json", "accept": "application/json"}
            if self._api_key:
                headers["authorization"] = f"Bearer {self._api_key}"
            try:
                self._opened = Client(self._url, headers, self._timeout, _LARGEST_ANSWER)
            except ValueError as error:
                text = self._without_key(f"Cannot ask {self.name}: {error}.")
                raise ProviderError(text, retryable=False) from None
        return self._opened

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Post the body and read the answer; see `Provider.complete`."""
        started = time.perf_counter()
        try:
            # A redirect is an answer like others: it would carry the key to an address nobody chose.
            status, headers, raw = await self._client().post(orjson.dumps(body))
        except TimeoutError:
            text = f"No answer from {self.name} within {_since(started) / 1000:.0f} s."
            raise ProviderError(text, retryable=True, duration_ms=_since(started), overloaded=True) from None
        except TooLarge:
            text = f"{self.name} sent more than {_LARGEST_ANSWER // 2**20} MB in one answer."
            raise ProviderError(text, retryable=False, duration_ms=_since(started)) from None
        except (OSError, BadAnswer) as error:
            text = f"Could not reach {self.name}: {str(error) or type(error).__name__}"
            sent = not isinstance(error, ConnectionRefusedError | socket.gaierror)
            raise ProviderError(text, retryable=True, duration_ms=_since(started), sent=sent) from None
        request_id = next((headers[name][:256] for name in _REQUEST_IDS if name in headers), None)
        return self._parse(status, headers, raw, request_id, _since(started))

    def _parse(
        self, status: int, headers: Mapping[str, str], raw: bytes, request_id: str | None, duration_ms: float
    ) -> Completion:
        def failure(message: str, *, retryable: bool) -> ProviderError:
            return ProviderError(
                self._without_key(message),
                retryable=retryable,
                retry_after=limits.retry_after(headers),
                status=status,
                request_id=request_id,
                raw=self._without_key(parsing.clean(raw.decode("utf-8", "replace"))),
                duration_ms=duration_ms,
                overloaded=limits.is_overload(status),
                denied=limits.is_denial(status, payload),
                exhausted_for=limits.exhausted_for(headers),
            )

        payload: Any = None
        try:
            payload = parsing.load(raw)
        except parsing.BadBody as error:
            if status == 200:
                raise failure(str(error), retryable=True) from None
        if status != 200:
            words = parsing.error_message(payload, raw.decode("utf-8", "replace"))
            retryable = limits.may_pass(status, payload)
            raise failure(f"HTTP {status} from {self.name}: {words}", retryable=retryable)
        try:
            message, finish_reason = parsing.message_of(payload)
        except parsing.BadBody as error:
            if isinstance(payload, dict) and payload.get(
                "error"
            ):  # Some gateways send errors with status 200.
                words = parsing.error_message(payload, json.dumps(payload))
                raise failure(f"{self.name} answered with an error: {words}", retryable=True) from None
            raise failure(str(error), retryable=True) from None
        # An endpoint that repeats the key it was sent must not have us store it.
        text, reasoning = map(self._without_key, parsing.text_of(message))
        refusal = message.get("refusal")
        tokens = parsing.usage_of(payload)
        return Completion(
            text=text or (self._without_key(parsing.clean(refusal)) if isinstance(refusal, str) else ""),
            reasoning=reasoning,
            finish_reason=finish_reason,
            refused=bool(refusal) or finish_reason == "content_filter",
            tokens_input=tokens[0],
            tokens_output=tokens[1],
            tokens_reasoning=tokens[2],
            request_id=request_id,
            duration_ms=duration_ms,
            raw=self._without_key(parsing.clean(raw.decode("utf-8", "replace"))),
            exhausted_for=limits.exhausted_for(headers),
        )

    def _without_key(self, text: str) -> str:
        return text.replace(self._api_key, "***") if self._api_key else text

    async def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
