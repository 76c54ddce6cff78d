"""Where a worker's time goes, as traces; where OpenTelemetry is not configured, nothing of it is imported."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from stratix.providers.base import Provider
from stratix.storage.database import Record

log = logging.getLogger(__name__)

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Tracing:
    """No traces; the class that makes them is in `otel`."""

    def traced(self, provider: Provider, key: str, address: str) -> Provider:
        """Return a provider each of whose requests is a span.

        Args:
            provider: asked.
            key: the provider's key; `custom` for custom models.
            address: where it is asked; "" for within this process.
        """
        return provider

    def slice(self, evaluation: Record, start: int, stop: int) -> AbstractContextManager[object]:
        """Have a block be the span of a slice, below that of its evaluation."""
        return nullcontext()

    def ended(self, evaluation: Record) -> None:
        """Make the span of an evaluation that has ended."""

    def close(self) -> None:
        """Send what is left."""


def open_tracing(environ: Mapping[str, str], worker: str, *, content: bool) -> Tracing:
    """Return what makes traces, if OpenTelemetry's own variables say where they go.

    Args:
        environ: `OTEL_EXPORTER_OTLP_ENDPOINT` and the other variables of OpenTelemetry.
        worker: this worker's name.
        content: whether spans hold prompts and answers.
    """
    disabled = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or environ.get("OTEL_TRACES_EXPORTER") == "none" or not any(map(environ.get, _ENDPOINTS)):
        return Tracing()
    if importlib.util.find_spec("opentelemetry") is None or not _has_exporter():
        log.warning('no traces: OTEL_EXPORTER_OTLP_ENDPOINT is set; install "open-stratix[otel]"')
        return Tracing()
    # Slow to import, and most have no use for it.
    from stratix.runner.otel import OpenTelemetry

    return OpenTelemetry(worker, content=content)


def _has_exporter() -> bool:
    try:
        return importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False
