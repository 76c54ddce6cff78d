"""The errors of the client.

StratixError
├── IncompletePagesError
└── APIError                          message, request, body
    ├── APIConnectionError
    │   └── APITimeoutError
    ├── APIResponseValidationError    also response, status_code
    └── APIStatusError                also response, status_code, request_id
        ├── BadRequestError           400
        ├── AuthenticationError       401
        ├── PermissionDeniedError     403
        ├── NotFoundError             404
        ├── ConflictError             409
        ├── UnprocessableEntityError  422
        ├── RateLimitError            429
        └── InternalServerError       500 and up
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


class StratixError(Exception):
    """Something the client cannot do; the message says what to do about it."""


class IncompletePagesError(StratixError):
    """The server's pages hold fewer rows than it says there are."""


class APIError(StratixError):
    """A request that did not succeed.

    Attributes:
        message: what went wrong, in the server's words where it gave any.
        request: the request that was sent.
        body: the answer's body as parsed JSON, else as text; None without an answer.
    """

    def __init__(self, message: str, request: httpx.Request, *, body: object | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.body = body


class APIConnectionError(APIError):
    """The server could not be reached, or the connection broke."""


class APITimeoutError(APIConnectionError):
    """The server did not answer in time."""


class APIResponseValidationError(APIError):
    """The server's answer is not what the API promises.

    Attributes:
        response: the answer.
        status_code: its HTTP status.
    """

    def __init__(self, message: str, response: httpx.Response, *, body: object | None = None) -> None:
        super().__init__(message, response.request, body=body)
        self.response = response
        self.status_code = response.status_code


class APIStatusError(APIError):
    """The server answered with an error.

    Attributes:
        response: the answer.
        status_code: its HTTP status.
        request_id: the server's id of the request, for its log; None if it gave none.
    """

    def __init__(self, message: str, response: httpx.Response, *, body: object | None = None) -> None:
        super().__init__(message, response.request, body=body)
        self.response = response
        self.status_code = response.status_code
        self.request_id = response.headers.get("x-request-id")

    def __str__(self) -> str:
        request = f", request {self.request_id}" if self.request_id else ""
        return f"{self.message} (HTTP {self.status_code}{request})"


class BadRequestError(APIStatusError):
    """400: the request is malformed."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing or wrong."""


class PermissionDeniedError(APIStatusError):
    """403: the API key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such thing, or it belongs to someone else."""


class ConflictError(APIStatusError):
    """409: the request clashes with what is there."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed, but cannot be carried out."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class InternalServerError(APIStatusError):
    """500 and up: the server failed."""
