"""From an evaluation's model to the connection, the limiter and the settings it is asked with."""

from __future__ import annotations

import os
import socket
from collections import Counter
from dataclasses import dataclass

from stratix import catalogue
from stratix.catalogue import Endpoint, MissingKey
from stratix.providers import Provider, connect
from stratix.providers.openai import OpenAIProvider
from stratix.runner.fenced import Fenced, Ready
from stratix.runner.limits import Limiter, Rate, Sharing
from stratix.runner.meter import Meter, Metered
from stratix.runner.request import ModelSettings
from stratix.runner.tracing import Tracing
from stratix.settings import Settings
from stratix.storage import custom, provider_keys
from stratix.storage.counters import Series
from stratix.storage.database import Database, Record
from stratix.storage.vault import Vault, VaultError

CUSTOM = "custom"
"""In place of a provider's key, for custom models."""


class CannotRun(Exception):
    """An evaluation cannot be run as things stand; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost by its provider's list, in US dollars each."""

    input: float
    output: float

    def of(self, tokens_input: int | None, tokens_output: int | None) -> float | None:
        """Return the price of a call; None where its endpoint did not report the tokens."""
        if tokens_input is None or tokens_output is None:
            return None
        return self.input * tokens_input + self.output * tokens_output


@dataclass(frozen=True, slots=True)
class Model:
    """A model ready to be asked; its price is None where none is known.

    Its endpoint is the provider's key and the whole address; its rate is what may be sent a minute, None for
    no limit.
    """

    provider: Provider
    limiter: Limiter
    settings: ModelSettings
    price: Price | None = None
    endpoint: str = ""
    rate: Rate | None = None

    @property
    def served_by(self) -> str:
        """The key of its provider; `custom` for custom models."""
        return self.endpoint.partition(" ")[0]


class Endpoints:
    """The connections and limiters of this process, one for each address and key.

    Args:
        database: where custom models and the projects' keys of providers are.
        vault: decrypts keys.
        settings: limits and timeouts.
        ready: awaited before each request.
        meter: counts the requests.
        tracing: makes spans of them.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        settings: Settings,
        ready: Ready,
        meter: Meter,
        tracing: Tracing,
    ) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._ready = ready
        self._meter = meter
        self._tracing = tracing
        self._open: dict[tuple[str, Endpoint], tuple[Provider, Limiter]] = {}
        self._limiters: dict[Endpoint, tuple[str, Limiter]] = {}
        self._sharing = Sharing(database)

    async def model(self, evaluation: Record) -> Model:
        """Return the model of an evaluation.

        Raises:
            CannotRun: the model is gone or its key is not configured.
        """
        if evaluation.is_custom_model:
            return await self.custom(evaluation.project_id, evaluation.model_id)
        return await self.public(evaluation.project_id, evaluation.model_id)

    async def judge(self, graded: Record, project_id: str | None = None) -> Model | None:
        """Return the model that grades answers; None where none was chosen.

        Args:
            graded: an evaluation, or a scoring of one.
            project_id: whose evaluation a scoring is of.

        Raises:
            CannotRun: the model is gone or its key is not configured.
        """
        if graded.judge_model_id is None:
            return None
        ask_for = self.custom if graded.is_custom_judge else self.public
        try:
            return await ask_for(project_id or graded.project_id, graded.judge_model_id)
        except CannotRun as error:
            raise CannotRun(f"The judge cannot be asked: {error}") from None

    async def by_key(self, project_id: str, key: str) -> Model:
        """Return the custom model of a project that has a key, or else the public one.

        Raises:
            CannotRun: there is none, or its key for the endpoint is not configured.
        """
        async with self._database.read() as connection:
            row = await custom.find_model(connection, project_id, key)
        if row is not None:
            return await self.custom(project_id, row.id)
        entry = catalogue.public_model_by_key(key)
        if entry is None:
            raise CannotRun(f"There is no model with the key {key!r}.")
        return await self.public(project_id, entry.id)

    async def custom(self, project_id: str, model_id: str) -> Model:
        """Return a custom model of a project by its id.

        Raises:
            CannotRun: it is gone, or its key cannot be read here.
        """
        async with self._database.read() as connection:
            row = await custom.get_model(connection, project_id, model_id)
        if row is None or row.disabled:
            raise CannotRun("The custom model has been deleted.")
        api_key = self._decrypted(row.api_key_encrypted)
        provider, limiter = self._connection(CUSTOM, CUSTOM, Endpoint(row.api_url, api_key))
        prices = row.cost_per_input_token, row.cost_per_output_token
        return Model(
            provider,
            limiter,
            ModelSettings(row.key, row.max_tokens, extra_payload=row.extra_payload),
            None if None in prices else Price(*map(float, prices)),
            f"{CUSTOM} {row.api_url}",
            self._rate(limiter, row.key, row.requests_per_minute, row.tokens_per_minute),
        )

    async def public(self, project_id: str, model_id: str) -> Model:
        """Return a public model by its id, to be asked with the project's key or else the environment's.

        Raises:
            CannotRun: it is gone, or its key is not configured or cannot be read here.
        """
        entry = catalogue.public_model(model_id)
        if entry is None:
            raise CannotRun("The model is not in this version's catalogue.")
        served_by = catalogue.provider(entry.provider)
        async with self._database.read() as connection:
            stored = await provider_keys.encrypted(connection, project_id, served_by.key)
        try:
            endpoint = served_by.resolve(os.environ, self._decrypted(stored))
        except MissingKey as error:
            raise CannotRun(str(error)) from None
        settings = ModelSettings(
            entry.provider_model, entry.max_tokens, entry.token_parameter, entry.fixed_temperature
        )
        prices = entry.input_price, entry.output_price
        price = None if None in prices else Price(*(float(p or 0) / 1e6 for p in prices))
        where = f"{served_by.key} {endpoint.base_url}"
        provider, limiter = self._connection(served_by.key, served_by.protocol, endpoint)
        return Model(provider, limiter, settings, price, where, self._rate(limiter, entry.key))

    def _decrypted(self, api_key: str | None) -> str | None:
        try:
            return self._vault.decrypt(api_key) if api_key else None
        except VaultError as error:
            raise CannotRun(f"On {socket.gethostname()}, {error}.") from None

    def _rate(
        self, limiter: Limiter, key: str, requests: int | None = None, tokens: int | None = None
    ) -> Rate | None:
        configured = self._settings.rate_limit(key)
        return limiter.rate(key, requests or configured[0], tokens or configured[1])

    def _connection(self, key: str, protocol: str, endpoint: Endpoint) -> tuple[Provider, Limiter]:
        found = self._open.get((protocol, endpoint))
        if found is None:
            timeout = min(self._settings.request_timeout, self._settings.prompt_timeout)
            if protocol == CUSTOM:  # Its address is that of the completions themselves.
                provider: Provider = OpenAIProvider(endpoint.base_url, endpoint.api_key, timeout)
            else:
                provider = connect(protocol, endpoint, timeout)
            provider = self._tracing.traced(Metered(provider, key, self._meter), key, endpoint.base_url)
            provider = Fenced(provider, self._ready)
            found = provider, self._limiter(key, protocol, endpoint, provider)
            self._open[protocol, endpoint] = found
        return found

    def _limiter(self, key: str, protocol: str, endpoint: Endpoint, provider: Provider) -> Limiter:
        address = f"{endpoint.base_url}/chat/completions" if protocol == "openai" else endpoint.base_url
        target = Endpoint(address, endpoint.api_key)
        if target not in self._limiters:
            most = min(self._settings.concurrency, provider.concurrency or self._settings.concurrency)
            limiter = Limiter(most, self._settings.prompt_timeout)
            self._limiters[target] = key, limiter
            if address:  # What runs within this process is nobody else's.
                self._sharing.add(target, limiter)
        return self._limiters[target][1]

    def standing(self) -> dict[Series, float]:
        """Return how things stand, by provider: requests in flight, prompts that wait, places it has."""
        found: Counter[Series] = Counter()
        for key, limiter in self._limiters.values():
            found["in_flight", key] += limiter.in_flight
            found["waiting", key] += limiter.waiting
            found["places", key] += min(limiter.share or 0, limiter.level.room)
        return dict(found)

    async def close(self) -> None:
        """Close every connection."""
        await self._sharing.close()
        for provider, _ in self._open.values():
            await provider.close()
        self._open.clear()
