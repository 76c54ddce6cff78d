"""The clients: one for a project, one for the public catalogue."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx

from layerlens import _aio
from layerlens._async._session import AsyncSession
from layerlens._async.resources.api_keys import AsyncApiKeys
from layerlens._async.resources.benchmarks import AsyncBenchmarks
from layerlens._async.resources.budgets import AsyncBudgets
from layerlens._async.resources.cache import AsyncCache
from layerlens._async.resources.comparisons import AsyncComparisons
from layerlens._async.resources.evaluations import AsyncEvaluations, AsyncPublicEvaluations
from layerlens._async.resources.leaderboards import AsyncLeaderboards, AsyncPublicLeaderboards
from layerlens._async.resources.models import AsyncModels
from layerlens._async.resources.platform import AsyncPlatform
from layerlens._async.resources.public_benchmarks import AsyncPublicBenchmarks
from layerlens._async.resources.public_models import AsyncPublicModels
from layerlens._async.resources.results import AsyncResults
from layerlens._config import Config
from layerlens.models import Organization


class _AsyncBase:
    """What both clients share."""

    is_async = _aio.IS_ASYNC

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
    ) -> None:
        self._attach(AsyncSession(Config.resolve(api_key, base_url, timeout, max_retries)))

    def _attach(self, session: AsyncSession) -> None:
        """Take a session into use; the subclass makes its resources."""
        self._session = session

    @classmethod
    def _over(cls, session: AsyncSession) -> Self:
        """Return a client over a session that is there already."""
        client = cls.__new__(cls)
        client._attach(session)
        return client

    @property
    def base_url(self) -> str:
        """The API's base URL, without a slash at its end."""
        return self._session.config.base_url

    @property
    def timeout(self) -> httpx.Timeout:
        """How long a request may take."""
        return self._session.config.timeout

    @property
    def max_retries(self) -> int:
        """How often a failed request is tried again."""
        return self._session.config.max_retries

    def copy(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
    ) -> Self:
        """Return a client with those settings changed that are given, and all others kept.

        It shares the connections, so closing one closes both; the organisation that was fetched is kept too,
        unless the server or the key is changed.

        Args:
            api_key: another API key.
            base_url: another base URL.
            timeout: seconds a request may take, or an `httpx.Timeout` to set each phase.
            max_retries: how often a failed request is tried again.

        Raises:
            StratixError: the server is changed, but not the key that was written for the former one.
            ValueError: a setting is out of range.
        """
        return self._over(
            self._session.with_config(
                self._session.config.changed(api_key, base_url, timeout, max_retries),
            )
        )

    with_options = copy

    async def aclose(self) -> None:
        """Close the connections; the client and its copies cannot be used any more."""
        await self._session.pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


class AsyncPublicClient(_AsyncBase):
    """Asynchronous client of the public catalogue: models, benchmarks, evaluations and comparisons.

    Constructing it sends nothing. What is not given is taken from the environment variables
    `LAYERLENS_STRATIX_API_KEY` and `LAYERLENS_STRATIX_BASE_URL`, then from the credentials file that
    `stratix up` writes on the same machine, then by default.

    Args:
        api_key: the API key.
        base_url: the API's base URL, such as `http://127.0.0.1:8000/api/v1`, which is the default.
        timeout: seconds a request may take (600 by default, 10 to connect), or an `httpx.Timeout`.
        max_retries: how often a request is tried again after a dropped connection or an answer with status
            429, 500, 502, 503 or 504; 2 by default.

    Attributes:
        models: the public models.
        benchmarks: the public benchmarks.
        evaluations: the public evaluations.
        comparisons: comparisons of two evaluations.
        leaderboards: models ranked by the public evaluations.
        results: the results of evaluations.

    Raises:
        StratixError: there is no API key; the message says where one comes from.
        ValueError: a setting is out of range.
    """

    models: AsyncPublicModels
    benchmarks: AsyncPublicBenchmarks
    evaluations: AsyncPublicEvaluations
    comparisons: AsyncComparisons
    leaderboards: AsyncPublicLeaderboards
    results: AsyncResults

    def _attach(self, session: AsyncSession) -> None:
        super()._attach(session)
        self.models = AsyncPublicModels(self, session)
        self.benchmarks = AsyncPublicBenchmarks(self, session)
        self.evaluations = AsyncPublicEvaluations(self, session)
        self.comparisons = AsyncComparisons(self, session)
        self.leaderboards = AsyncPublicLeaderboards(self, session)
        self.results = AsyncResults(self, session)


class AsyncStratix(_AsyncBase):
    """Asynchronous client of a Stratix platform, working in the first project of its key's organisation.

    Constructing it sends nothing; the organisation is fetched on first use, once. What is not given is taken
    from the environment variables `LAYERLENS_STRATIX_API_KEY` and `LAYERLENS_STRATIX_BASE_URL`, then from the
    credentials file that `stratix up` writes on the same machine, then by default.

    Args:
        api_key: the API key.
        base_url: the API's base URL, such as `http://127.0.0.1:8000/api/v1`, which is the default.
        timeout: seconds a request may take (600 by default, 10 to connect), or an `httpx.Timeout`.
        max_retries: how often a request is tried again after a dropped connection or an answer with status
            429, 500, 502, 503 or 504; 2 by default. A retried create never runs twice.

    Attributes:
        models: the project's models.
        benchmarks: the project's benchmarks.
        evaluations: the project's evaluations.
        leaderboards: models ranked by the project's evaluations.
        results: the results of evaluations.
        budgets: what projects and API keys may spend.
        cache: the answers that the project keeps.
        api_keys: the organisation's API keys.
        platform: what can be chosen on the server, its providers, and what it keeps.
        public: the public catalogue, with the same key and connections.

    Raises:
        StratixError: there is no API key; the message says where one comes from.
        ValueError: a setting is out of range.
    """

    models: AsyncModels
    benchmarks: AsyncBenchmarks
    evaluations: AsyncEvaluations
    leaderboards: AsyncLeaderboards
    results: AsyncResults
    budgets: AsyncBudgets
    cache: AsyncCache
    api_keys: AsyncApiKeys
    platform: AsyncPlatform
    public: AsyncPublicClient

    def _attach(self, session: AsyncSession) -> None:
        super()._attach(session)
        self.models = AsyncModels(self, session)
        self.benchmarks = AsyncBenchmarks(self, session)
        self.evaluations = AsyncEvaluations(self, session)
        self.leaderboards = AsyncLeaderboards(self, session)
        self.results = AsyncResults(self, session)
        self.budgets = AsyncBudgets(self, session)
        self.cache = AsyncCache(self, session)
        self.api_keys = AsyncApiKeys(self, session)
        self.platform = AsyncPlatform(self, session)
        self.public = AsyncPublicClient._over(session)

    async def get_organization(self) -> Organization:
        """Return the organisation of the API key, fetched on first use.

        Raises:
            AuthenticationError: the API key is wrong.
            APIError: the server could not be asked.
        """
        return await self._session.organization()

    @property
    def organization_id(self) -> str:
        """Id of the organisation."""
        return self._organization_now().id

    @property
    def organization_name(self) -> str:
        """Name of the organisation."""
        return self._organization_now().name

    @property
    def project_id(self) -> str:
        """Id of the project."""
        return self._organization_now().projects[0].id

    @property
    def project_name(self) -> str:
        """Name of the project."""
        return self._organization_now().projects[0].name

    def _organization_now(self) -> Organization:
        return _aio.at_once(self._session.known_organization, self._session.organization)
