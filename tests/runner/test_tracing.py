"""Traces cost nothing where they are not configured, and hold content only where that is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from stratix.providers.base import Completion, Provider, ProviderError
from stratix.runner.otel import OpenTelemetry
from stratix.runner.tracing import Tracing, open_tracing

BODY = {"model": "gpt-4o", "max_tokens": 5, "messages": [{"role": "user", "content": "a question"}]}


class Echo(Provider):
    name = "echo"

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        if body["model"] == "broken":
            raise ProviderError("the words a question", retryable=False, status=400)
        return Completion("an answer", "", "stop", False, 3, 2, None, None, 1.0, '{"model": "gpt-4o-2024"}')


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What would be sent."""
    memory = InMemorySpanExporter()
    monkeypatch.setattr("stratix.runner.otel.OTLPSpanExporter", lambda: memory)
    monkeypatch.setattr("stratix.runner.otel.BatchSpanProcessor", SimpleSpanProcessor)
    return memory


def row(**changed: Any) -> Any:
    made = {"id": "eval_1", "retries": 0, "status": "success", "done": 3, "accuracy": 1.0, "model_key": "m"}
    times = {"submitted_at": 10.0, "started_at": 11.0, "finished_at": 12.5}
    return SimpleNamespace(**{**made, **times, "benchmark_key": "b", **changed})


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_they_are_off(environ: dict[str, str]) -> None:
    tracing = open_tracing(environ, "w", content=False)
    assert type(tracing) is Tracing
    echo = Echo()
    assert tracing.traced(echo, "custom", "") is echo


def test_nothing_is_imported_when_they_are_off() -> None:
    script = (
        "import sys, stratix.app, stratix.runner, stratix.runner.tracing as t\n"
        "t.open_tracing({}, 'w', content=False)\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'prometheus_client'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # The workflow engine imports the bare interface, where it is installed.
    assert not [
        name
        for name in json.loads(done.stdout.replace("'", '"'))
        if ".sdk" in name or ".exporter" in name or "prom" in name
    ]


async def test_content_is_held_only_where_that_is_asked_for(spans: InMemorySpanExporter) -> None:
    for content in (False, True):
        traced = OpenTelemetry("w", content=content).traced(Echo(), "openai", "https://api.example.org/v1")
        await traced.complete(BODY)
        with pytest.raises(ProviderError):
            await traced.complete({**BODY, "model": "broken"})
    without, failed, with_content, _ = spans.get_finished_spans()
    assert "question" not in without.to_json() + failed.to_json()
    assert "answer" not in without.to_json()
    assert without.attributes is not None
    assert without.attributes["gen_ai.response.model"] == "gpt-4o-2024"
    assert without.attributes["gen_ai.request.max_tokens"] == 5
    assert (without.attributes["server.address"], without.attributes["server.port"]) == (
        "api.example.org",
        443,
    )
    assert failed.attributes is not None
    assert failed.attributes["error.type"] == "400"
    assert with_content.attributes is not None
    asked = json.loads(str(with_content.attributes["gen_ai.input.messages"]))
    assert asked == [{"role": "user", "parts": [{"type": "text", "content": "a question"}]}]
    answered = json.loads(str(with_content.attributes["gen_ai.output.messages"]))
    assert answered[0]["parts"][0]["content"] == "an answer"


def test_slices_of_several_workers_are_below_one_evaluation(spans: InMemorySpanExporter) -> None:
    for worker in ("one", "two"):
        with OpenTelemetry(worker, content=False).slice(row(), 0, 250):
            pass
    OpenTelemetry("two", content=False).ended(row(status="failure"))
    first, second, root = spans.get_finished_spans()
    assert first.parent is not None
    assert second.parent is not None
    assert first.parent.span_id == second.parent.span_id == root.context.span_id
    assert first.context.trace_id == second.context.trace_id == root.context.trace_id
    assert first.context.span_id != second.context.span_id
    assert root.end_time is not None
    assert root.start_time is not None
    assert root.end_time - root.start_time == 1_500_000_000
    assert not root.status.is_ok
    OpenTelemetry("one", content=False).ended(row(retries=1))
    again = spans.get_finished_spans()[-1]
    assert again.context.trace_id == root.context.trace_id
    assert again.context.span_id != root.context.span_id


def test_what_is_not_sampled_is_not_sampled_in_any_worker(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    for number in range(40):
        with OpenTelemetry("one", content=False).slice(row(id=f"eval_{number}"), 0, 1):
            pass
        OpenTelemetry("two", content=False).ended(row(id=f"eval_{number}"))
    found = spans.get_finished_spans()
    assert 8 < len(found) < 72
    by_trace = [span.context.trace_id for span in found]
    assert all(by_trace.count(trace_id) == 2 for trace_id in by_trace)
