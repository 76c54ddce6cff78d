"""The wrappers that answers travel in, and the one shape of an error."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import ConfigDict

from ._base import WireModel

T = TypeVar("T")


class DataEnvelope(WireModel, Generic[T]):
    """`{"data": ...}`."""

    data: T


class StatusEnvelope(DataEnvelope[T], Generic[T]):
    """`{"status": "success", "data": ...}`."""

    status: str = "success"


class ErrorDetail(WireModel):
    """What went wrong; may carry further fields.

    Attributes:
        message: the reason in words, and what to do about it.
    """

    model_config = ConfigDict(extra="allow")

    message: str


class ErrorEnvelope(WireModel):
    """`{"error": {"message": ...}}`, the body of every answer with a status of 400 and up."""

    error: ErrorDetail
