"""The Python client of Stratix, the platform for evaluating AI models.

    from layerlens import Stratix

    client = Stratix()
    model = client.models.get_by_key("gpt-4o")
    benchmark = client.benchmarks.get_by_key("simpleqa")
    evaluation = client.evaluations.create(model=model, benchmark=benchmark)
    evaluation = client.evaluations.wait_for_completion(evaluation)
    print(evaluation.accuracy)

`AsyncStratix` has the same methods as coroutines; `PublicClient` and `AsyncPublicClient` read the public
catalogue. What is not found is None; what failed raises a `StratixError`.
"""

from __future__ import annotations

from ._async.client import AsyncPublicClient, AsyncStratix
from ._errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    IncompletePagesError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    StratixError,
    UnprocessableEntityError,
)
from ._sync.client import PublicClient, Stratix
from ._version import __version__

Client = Stratix
AsyncClient = AsyncStratix

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncClient",
    "AsyncPublicClient",
    "AsyncStratix",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConflictError",
    "IncompletePagesError",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "PublicClient",
    "RateLimitError",
    "Stratix",
    "StratixError",
    "UnprocessableEntityError",
    "__version__",
]
