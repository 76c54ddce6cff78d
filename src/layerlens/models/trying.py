"""Trying a model: a few requests, its real answers, and what is odd about its endpoint."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ._base import WireModel

Severity = Literal["ok", "note", "problem"]


class ModelTryCreate(WireModel):
    """Body of `POST .../models/{id}/tries`.

    Attributes:
        prompt: what it is asked first.
    """

    prompt: str = Field("Say hello and name the capital of France.", min_length=1, max_length=4000)


class TryCall(WireModel):
    """One request of a try and what came of it.

    Attributes:
        name: what it is for.
        request: the body that was sent.
        status: HTTP status; None where there was no response.
        duration_ms: to the last byte.
        text: the answer, reasoning removed.
        reasoning: what it thought aloud.
        finish_reason: as the endpoint said it.
        tokens_input: tokens read; None where it reports none.
        tokens_output: tokens written, likewise.
        error: the endpoint's own words, or why there is no answer; "" for an answer.
        raw: the body of the response, its beginning.
    """

    name: str
    request: dict[str, Any]
    status: int | None = None
    duration_ms: float = 0.0
    text: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    tokens_input: int | None = None
    tokens_output: int | None = None
    error: str = ""
    raw: str = ""


class Quirk(WireModel):
    """Something that was found out about an endpoint.

    Attributes:
        severity: `ok`; `note`, worth knowing; or `problem`, which makes results wrong or missing.
        message: one sentence on it.
    """

    severity: Severity
    message: str


class TryReport(WireModel):
    """What a try has shown so far.

    Attributes:
        endpoint: what was asked, without secrets.
        calls: the requests, in order.
        quirks: what was found out, once it is over.
    """

    endpoint: str = ""
    calls: list[TryCall] = Field(default_factory=list)
    quirks: list[Quirk] = Field(default_factory=list)


class ModelTry(WireModel):
    """A try of a model.

    Attributes:
        id: of the try.
        model_id: of the model.
        status: `pending` until a worker takes it up.
        error: why it failed, where it did not even come to a request.
        created_at: unix seconds.
        report: what it has shown so far.
    """

    id: str
    model_id: str
    status: Literal["pending", "running", "done", "failed"]
    error: str = ""
    created_at: float
    report: TryReport = Field(default_factory=TryReport)

    @property
    def is_over(self) -> bool:
        """True once nothing more is asked."""
        return self.status in ("done", "failed")
