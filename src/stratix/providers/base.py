"""What a provider is: a request body in, a completion out, or an error that says why not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A gateway says so while the model behind it may still be at work.
_GAVE_UP_WAITING = frozenset({408, 504, 524})


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of a model.

    Attributes:
        text: the answer, reasoning removed; "" when there was none.
        reasoning: what the model thought aloud, from its own field or a leading <think> block.
        finish_reason: as the endpoint said it (`stop`, `length`, `content_filter`, ...).
        refused: True if the model or its filter declined to answer.
        tokens_input: tokens of the prompt, None where the endpoint reports none; likewise:
        tokens_output: tokens generated, reasoning included.
        tokens_reasoning: of these, tokens of reasoning.
        request_id: the provider's id of the request.
        duration_ms: from sending the request to the last byte of the answer.
        raw: the response body as text.
        exhausted_for: seconds until a limit that is used up by now lets more through; None where none is.
    """

    text: str
    reasoning: str
    finish_reason: str | None
    refused: bool
    tokens_input: int | None
    tokens_output: int | None
    tokens_reasoning: int | None
    request_id: str | None
    duration_ms: float
    raw: str
    exhausted_for: float | None = None


class ProviderError(Exception):
    """The endpoint gave no answer; the message holds its own words.

    Attributes:
        message: what happened, for a person, without secrets.
        retryable: True if the same request may succeed later.
        retry_after: seconds the endpoint asks to be left alone, or None.
        status: HTTP status, or None when there was no response.
        request_id: the provider's id of the request, or None.
        raw: the response body as text, or None.
        duration_ms: how long it took to fail.
        overloaded: True if the endpoint is asked too much, or took too long; not if something broke.
        denied: True if every request with this key will be refused.
        exhausted_for: as a completion's.
        sent: False if the endpoint cannot have got the request.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        status: int | None = None,
        request_id: str | None = None,
        raw: str | None = None,
        duration_ms: float = 0.0,
        overloaded: bool = False,
        denied: bool = False,
        exhausted_for: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status
        self.request_id = request_id
        self.raw = raw
        self.duration_ms = duration_ms
        self.overloaded = overloaded
        self.denied = denied
        self.exhausted_for = exhausted_for
        self.sent = sent

    @property
    def may_be_billed(self) -> bool:
        """True unless the endpoint refused the request, or never got it: work on it may have begun."""
        return self.sent and (self.status is None or self.status < 400 or self.status in _GAVE_UP_WAITING)


class Provider(ABC):
    """A model endpoint with its connections; made once a process, shared by all evaluations.

    Attributes:
        name: what a person calls the endpoint, without secrets.
        concurrency: the most requests it should be sent at once, or None where it sets no limit.
    """

    name: str
    concurrency: int | None = None

    @abstractmethod
    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Send one request.

        Args:
            body: a chat completions request.

        Raises:
            ProviderError: there is no answer.
        """

    async def close(self) -> None:
        """Close its connections; safe to call twice."""
        return
