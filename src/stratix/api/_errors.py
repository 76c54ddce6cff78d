"""One shape for every error: `{"error": {"message", "type", "request_id", ...}}`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stratix.api._json import json_response
from stratix.evaluations.deleting import Gone

_TYPES = {
    400: "bad_request",
    401: "authentication_error",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "request_too_large",
    422: "validation_error",
    500: "internal_error",
    501: "not_implemented",
    503: "unavailable",
}


class ApiError(HTTPException):
    """An answer of 400 and up.

    Args:
        status_code: the HTTP status.
        message: what is wrong and what to do about it, for a person.
        details: further fields of the error object.
    """

    def __init__(self, status_code: int, message: str, **details: Any) -> None:
        super().__init__(status_code, message)
        self.details = details


def not_found(noun: str, identifier: str) -> ApiError:
    """Return the error for a thing that is not there, or not for this caller: the two look alike."""
    return ApiError(404, f"There is no {noun} with the id {identifier!r} here: check the id and the project.")


def invalid(field: str, message: str) -> ApiError:
    """Return the error for one field of a request that has the wrong value."""
    return ApiError(422, f"{field}: {message}", fields=[{"field": field, "message": message}])


def error_response(
    request_id: str,
    status_code: int,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as a response."""
    kind = _TYPES.get(status_code, "error")
    error = {"message": message, "type": kind, "request_id": request_id, **(details or {})}
    return json_response({"error": error}, status_code, headers)


def add_handlers(app: FastAPI) -> None:
    """Make an application answer every error in the one shape."""
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(Gone, _on_gone)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail
    if not isinstance(error, ApiError):
        if error.status_code == 404:
            message = f"There is nothing at {request.url.path}: see /docs for what there is."
            if not request.url.path.startswith("/api/"):
                message += " All of the API begins with /api/v1, and so a client's base URL ends with it."
        elif error.status_code == 405:
            message = f"{request.method} is not possible at {request.url.path}: see /docs for what is."
        elif message == HTTPStatus(error.status_code).phrase:
            message = f"The request could not be carried out: {message}."
    details = error.details if isinstance(error, ApiError) else None
    return error_response(request.state.request_id, error.status_code, message, details, error.headers)


async def _on_gone(request: Request, error: Exception) -> Response:
    return await _on_http(request, not_found("evaluation", str(error)))


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [{"field": _field_name(item), "message": _reason(item)} for item in error.errors()]
    # The values themselves stay out: one of them may be an API key.
    message = "; ".join(f"{field['field']}: {field['message']}" for field in fields[:5])
    if len(fields) > 5:
        message += f"; and {len(fields) - 5} more"
    return error_response(request.state.request_id, 422, message, {"fields": fields[:100]})


def _field_name(item: Mapping[str, Any]) -> str:
    """Write where a value stands as a client would: `[0].model_id`, `page_size`."""
    location: tuple[str | int, ...] = item["loc"]
    if item["type"] == "json_invalid":  # The rest of the location is a place in the text.
        return str(location[0])
    name = ""
    for part in location[1:]:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name or str(location[0])


def _reason(item: Mapping[str, Any]) -> str:
    if item["type"] == "json_invalid":
        return f"is not valid JSON ({item.get('ctx', {}).get('error', 'it cannot be read')})"
    # The field stands before it.
    return str(item["msg"]).removeprefix("Value error, ").removeprefix("Input ").partition(", unable to ")[0]
