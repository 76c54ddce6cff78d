"""Traces by OpenTelemetry, with the extra `otel`: an evaluation, its slices, and each request to a model.

The slices of an evaluation run in many workers. They find the span above them without asking anybody: its
ids are made of the evaluation's id.

Names: OpenTelemetry, "Semantic conventions for generative client AI spans", version 1.37.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import orjson
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from stratix import __version__
from stratix.providers.base import Completion, Provider, ProviderError
from stratix.runner.meter import outcome_of
from stratix.runner.tracing import Tracing
from stratix.storage.database import Record

_CLOSE_SECONDS = 1.0

_REQUEST = {
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "seed": "gen_ai.request.seed",
}

_root: ContextVar[SpanContext | None] = ContextVar("root", default=None)


class _Ids(RandomIdGenerator):
    """Random ids, but for an evaluation's own span."""

    def generate_span_id(self) -> int:
        root = _root.get()
        return super().generate_span_id() if root is None else root.span_id

    def generate_trace_id(self) -> int:
        root = _root.get()
        return super().generate_trace_id() if root is None else root.trace_id


class OpenTelemetry(Tracing):
    """Sends spans to the collector that OpenTelemetry's variables name.

    Args:
        worker: this worker's name.
        content: whether spans hold prompts and answers.
    """

    def __init__(self, worker: str, *, content: bool) -> None:
        resource = Resource.create({"service.version": __version__, "service.instance.id": worker})
        if str(resource.attributes["service.name"]).startswith("unknown_service"):
            resource = resource.merge(Resource({"service.name": "stratix-worker"}))
        self._spans = TracerProvider(resource=resource, id_generator=_Ids(), shutdown_on_exit=False)
        self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._spans.get_tracer("stratix", __version__)
        self._content = content

    def traced(self, provider: Provider, key: str, address: str) -> Provider:
        """Return a provider each of whose requests is a span."""
        return _Traced(provider, key, address, self._tracer, content=self._content)

    def slice(self, evaluation: Record, start: int, stop: int) -> AbstractContextManager[object]:
        """Have a block be the span of a slice, below that of its evaluation."""
        above = trace.set_span_in_context(NonRecordingSpan(self._root(evaluation)), Context())
        attributes = {"stratix.slice.start": start, "stratix.slice.stop": stop}
        return self._tracer.start_as_current_span(
            "slice",
            above,
            attributes={"stratix.evaluation.id": evaluation.id, **attributes},
            record_exception=False,
            set_status_on_exception=False,
        )

    def ended(self, evaluation: Record) -> None:
        """Make the span of an evaluation that has ended."""
        token = _root.set(self._root(evaluation))
        try:
            span = self._tracer.start_span(
                "evaluation",
                Context(),
                attributes={
                    "stratix.evaluation.id": evaluation.id,
                    "stratix.evaluation.status": evaluation.status,
                    "stratix.evaluation.results": evaluation.done,
                    "stratix.evaluation.accuracy": evaluation.accuracy,
                    "stratix.model.key": evaluation.model_key,
                    "stratix.benchmark.key": evaluation.benchmark_key,
                },
                start_time=_nanoseconds(evaluation.started_at or evaluation.submitted_at),
            )
        finally:
            _root.reset(token)
        if evaluation.status != "success":
            span.set_status(Status(StatusCode.ERROR))
            span.set_attribute("error.type", evaluation.status)
        span.end(_nanoseconds(evaluation.finished_at))

    def _root(self, evaluation: Record) -> SpanContext:
        """Return the context of an evaluation's span; another one for each time it is taken up again."""
        trace_id = int.from_bytes(hashlib.sha256(evaluation.id.encode()).digest()[:16])
        name = f"{evaluation.id}:{evaluation.retries}"
        span_id = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
        # As it will be decided for the span itself, so that all of a trace is there or nothing.
        decision = self._spans.sampler.should_sample(None, trace_id, "evaluation").decision
        sampled = decision is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
        return SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)

    def close(self) -> None:
        """Send what is left; a collector that does not answer is not waited for."""
        closing = threading.Thread(target=self._spans.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


class _Traced(Provider):
    """A provider each of whose requests is a span."""

    def __init__(
        self, provider: Provider, key: str, address: str, tracer: trace.Tracer, *, content: bool
    ) -> None:
        self._provider = provider
        self._tracer = tracer
        self._content = content
        self.name = provider.name
        self.concurrency = provider.concurrency
        self._attributes: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": key}
        parts = urlsplit(address)
        if parts.hostname:
            port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
            self._attributes |= {"server.address": parts.hostname, "server.port": port}

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Send one request."""
        model = str(body.get("model", ""))
        with self._tracer.start_as_current_span(
            f"chat {model}",
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, "gen_ai.request.model": model},
            # A provider's words may hold a part of the prompt.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            if not span.is_recording():
                return await self._provider.complete(body)
            span.set_attributes({name: body[field] for field, name in _REQUEST.items() if field in body})
            if self._content:
                span.set_attribute("gen_ai.input.messages", orjson.dumps(_parts(body["messages"])).decode())
            try:
                answer = await self._provider.complete(body)
            except ProviderError as error:
                span.set_status(Status(StatusCode.ERROR))
                span.set_attribute("error.type", outcome_of(error))
                if error.status is not None:
                    span.set_attribute("http.response.status_code", error.status)
                raise
            self._describe(span, answer)
            return answer

    def _describe(self, span: Span, answer: Completion) -> None:
        span.set_attributes({name: value for name, value in _response(answer).items() if value is not None})
        if self._content:
            part = {"type": "text", "content": answer.text}
            message = {"role": "assistant", "parts": [part], "finish_reason": answer.finish_reason}
            span.set_attribute("gen_ai.output.messages", orjson.dumps([message]).decode())

    async def close(self) -> None:
        """Close its connections."""
        await self._provider.close()


def _response(answer: Completion) -> dict[str, Any]:
    try:
        said = orjson.loads(answer.raw)
    except orjson.JSONDecodeError:
        said = {}
    found = {name: said.get(name) for name in ("model", "id")} if isinstance(said, dict) else {}
    return {
        **{f"gen_ai.response.{name}": value for name, value in found.items() if isinstance(value, str)},
        "gen_ai.response.finish_reasons": [answer.finish_reason] if answer.finish_reason else None,
        "gen_ai.usage.input_tokens": answer.tokens_input,
        "gen_ai.usage.output_tokens": answer.tokens_output,
    }


def _parts(messages: Any) -> list[dict[str, Any]]:
    """Return messages in the form of the conventions."""
    return [
        {"role": message.get("role"), "parts": [{"type": "text", "content": message.get("content")}]}
        for message in messages
    ]


def _nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1e9)
