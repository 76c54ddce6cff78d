"""The protocol without I/O: build a request, decide on a retry, read the answer or raise."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urljoin

import httpx
from pydantic import BaseModel, ValidationError

from . import _errors as errors
from ._config import Config
from ._events import MEDIA_TYPE
from ._version import __version__

Answer = TypeVar("Answer", bound=BaseModel)
Answer_co = TypeVar("Answer_co", bound=BaseModel, covariant=True)
Body = TypeVar("Body", bound=BaseModel)

RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
BACKOFF_SECONDS = 0.5
BACKOFF_MAX_SECONDS = 8.0
RETRY_AFTER_MAX_SECONDS = 120.0
"""A server that wants more patience than this gets its error raised at once."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer_co]):
    """What a resource wants from the server.

    Attributes:
        method: HTTP method.
        path: path after the base URL, made by `path_of`.
        answer: the schema of the answer.
        query: parameters; None ones are left out, lists are joined by commas.
        body: the JSON body, made by `body_of`; None sends none.
        timeout: in place of the client's; None keeps that.
        held: seconds the server may hold the answer back, added to the time it has.
    """

    method: str
    path: str
    answer: type[Answer_co]
    query: Mapping[str, object] = field(default_factory=dict)
    body: Any = None
    timeout: httpx.Timeout | None = None
    held: float = 0.0


def path_of(*parts: str) -> str:
    """Return a path of parts, each quoted.

    Raises:
        ValueError: a part is empty or would lead elsewhere.
    """
    for part in parts:
        if not isinstance(part, str) or part in {"", ".", ".."}:
            raise ValueError(f"{part!r} is no id")
    return "/" + "/".join(quote(part, safe="") for part in parts)


def body_of(schema: type[Body], **given: Any) -> Any:
    """Return a JSON body of what is given, None ones left out.

    Raises:
        ValueError: a value breaks a rule of the schema; the message names it and says what to do.
    """
    try:
        made = schema(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise ValueError("; ".join(_in_words(problem) for problem in error.errors())) from None
    return made.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _in_words(problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"


def build(config: Config, call: Call[Any]) -> httpx.Request:
    """Build the request of a call; sending it again over retries carries the same idempotency key."""
    headers = {
        "accept": "application/json",
        "accept-encoding": "gzip, deflate",
        "user-agent": f"layerlens/{__version__}",
        "x-api-key": config.api_key,
    }
    if call.method in {"POST", "DELETE"}:
        headers["idempotency-key"] = str(uuid.uuid4())
    query = {name: _query_value(value) for name, value in call.query.items() if value is not None}
    timeout = (call.timeout or config.timeout).as_dict()
    if timeout["read"] is not None:
        timeout["read"] += call.held
    return httpx.Request(
        call.method,
        config.base_url + call.path,
        params=query or None,
        json=call.body,
        headers=headers,
        extensions={"timeout": timeout},
    )


def build_stream(config: Config, call: Call[Any]) -> httpx.Request:
    """Build the request of a call whose answer is a stream of events, as the server has them."""
    request = build(config, call)
    request.headers.update({"accept": MEDIA_TYPE, "accept-encoding": "identity"})
    return request


def is_stream(response: httpx.Response) -> bool:
    """True if an answer, of which the head alone is read, is a stream of events."""
    return response.status_code == httpx.codes.OK and MEDIA_TYPE in response.headers.get("content-type", "")


def upload_url(config: Config, url: str) -> str:
    """Return where to PUT a file; a relative address is resolved against the base URL."""
    return urljoin(config.base_url + "/", url)


def _query_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(str(item) for item in value)
    return str(value)


def retry_delay(config: Config, attempt: int, outcome: httpx.Response | httpx.RequestError) -> float | None:
    """Decide whether to send a request once more.

    Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015), unless the server
    says by `Retry-After` how long to wait.

    Args:
        config: the client's settings.
        attempt: times the request was sent before this one, from 0.
        outcome: what came of it.

    Returns:
        Seconds to wait before sending it again, or None not to.
    """
    if attempt >= config.max_retries:
        return None
    if isinstance(outcome, httpx.Response):
        if outcome.status_code not in RETRIED_STATUSES:
            return None
        asked = retry_after(outcome)
        if asked is not None:
            return asked if asked <= RETRY_AFTER_MAX_SECONDS else None
    elif not isinstance(
        outcome, httpx.NetworkError | httpx.RemoteProtocolError | httpx.ConnectTimeout | httpx.PoolTimeout
    ):
        return None
    # Jitter needs no cryptographic randomness.
    return random.uniform(0, min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2**attempt))  # noqa: S311  # no secret


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of a `Retry-After` header, a number or an HTTP date; None without one."""
    header = response.headers.get("retry-after")
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


def read(response: httpx.Response, answer: type[Answer]) -> Answer:
    """Read an answer.

    Raises:
        APIStatusError: the server answered with an error; the class tells which.
        APIResponseValidationError: the answer is not what the API promises.
    """
    raise_for_status(response)
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        problems = "; ".join(_in_words(problem) for problem in error.errors()[:3])
        raise errors.APIResponseValidationError(
            f"The answer of {response.request.method} {response.request.url.path} is not what the API "
            f"promises ({problems}): check that the base URL leads to a Stratix server of a fitting version.",
            response,
            body=_body(response),
        ) from error


_STATUS_ERRORS: dict[int, type[errors.APIStatusError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
}


def raise_for_status(response: httpx.Response) -> None:
    """Raise the typed error of an answer that is none of 200 to 299."""
    status = response.status_code
    if response.is_success:
        return
    fallback = errors.InternalServerError if status >= 500 else errors.APIStatusError
    body = _body(response)
    raise _STATUS_ERRORS.get(status, fallback)(_message(response, body), response, body=body)


def is_answer_of_api(error: errors.APIStatusError) -> bool:
    """True if an error has the API's shape, so that it is no stray page of a wrong address."""
    return isinstance(error.body, dict) and "error" in error.body


def connection_error(error: httpx.RequestError) -> errors.APIConnectionError:
    """Return the client's error for a transport's."""
    request = error.request
    where = f"{request.url.scheme}://{request.url.netloc.decode()}"
    if isinstance(error, httpx.TimeoutException):
        return errors.APITimeoutError(
            f"{where} did not answer {request.method} {request.url.path} in time: try again, or give it "
            "longer with timeout=.",
            request,
        )
    return errors.APIConnectionError(
        f"{where} could not be reached ({str(error) or type(error).__name__}): check that the platform is "
        "running (`stratix up`) and that the base URL is right.",
        request,
    )


def _body(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return response.text


def _message(response: httpx.Response, body: object) -> str:
    """Find the server's words in the body of an error."""
    found = body
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    if isinstance(found, str) and found.strip():
        return found.strip()[:2000]
    if found and not isinstance(found, str):
        return str(found)[:2000]
    if location := response.headers.get("location"):
        return f"The server redirects to {location}: set base_url to where it leads"
    return HTTPStatus(response.status_code).phrase if response.status_code in _KNOWN else "Unknown error"


_KNOWN = frozenset(HTTPStatus)
