"""What a running platform shows of itself: metrics, logs and traces of one evaluation."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import Evaluation

SECRET = "sk-provider-of-the-test"
PROMPTS = 12


def script(asked: str, times: int) -> Reply:
    if asked == "prompt 0" and times == 1:
        return Reply("slow down", status=429, headers={"retry-after": "0.1"})
    if asked == "prompt 1":
        return Reply(f"no, {SECRET} is wrong", status=400)
    return Reply(asked)


@pytest.fixture(scope="module")
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider(script) as provider:
        yield provider


class Collector:
    """Takes traces by OTLP over HTTP, on a real port."""

    def __init__(self) -> None:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.bodies.append(body)
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    collector.resource = values(resource.resource.attributes)
                    collector.spans += [span for scope in resource.scope_spans for span in scope.spans]
                collector.paths.add(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.bodies: list[bytes] = []
        self.spans: list[Any] = []
        self.paths: set[str] = set()
        self.resource: dict[str, Any] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Collector:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


def values(attributes: Any) -> dict[str, Any]:
    """Return attributes as plain values."""

    def plain(value: Any) -> Any:
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(one) for one in value.array_value.values]
        return getattr(value, kind)

    return {one.key: plain(one.value) for one in attributes}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider, collector: Collector
) -> Iterator[Platform]:
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "STRATIX_LOG_FORMAT": "json",
        "STRATIX_LOG_LEVEL": "info",
        "OPENAI_API_KEY": SECRET,
    }
    with Platform(tmp_path_factory.mktemp("seen"), provider.base_url, **variables) as platform:
        yield platform


@pytest.fixture(scope="module")
def evaluation(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """An evaluation that has ended: one prompt asked twice, one without an answer."""
    file = tmp_path_factory.mktemp("prompts") / "prompts.jsonl"
    texts = [f"prompt {number}" for number in range(PROMPTS)]
    file.write_text("\n".join(json.dumps({"input": text, "truth": text}) for text in texts))
    with platform.client() as client:
        created = client.benchmarks.create_custom(name="Echo", description="echo", file_path=file)
        benchmark = client.benchmarks.get_by_id(created.benchmark_id)
        started = client.evaluations.create(client.models.get_by_key("gpt-4o-mini"), benchmark)
        found = client.evaluations.wait_for_completion(started, timeout_seconds=60)
        assert found is not None
        assert found.outcomes == {"correct": PROMPTS - 1, "failed": 1}
        return found


def metrics(platform: Platform) -> dict[str, float]:
    text = httpx.get(f"{platform.address}/metrics", trust_env=False).text
    return {
        ",".join([sample.name, *(value for _, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_add_up(platform: Platform, evaluation: Evaluation) -> None:
    deadline = time.monotonic() + 20
    while "stratix_slices_total" not in (found := metrics(platform)) or not found["stratix_slices_total"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.3)
    assert found["stratix_model_calls_total,ok,openai"] == PROMPTS - 1
    assert found["stratix_model_calls_total,429,openai"] == 1
    assert found["stratix_model_calls_total,400,openai"] == 1
    assert found["stratix_model_retries_total,openai"] == 1
    assert found["stratix_results_total,gpt-4o-mini,correct,openai"] == PROMPTS - 1
    assert found["stratix_results_total,gpt-4o-mini,failed,openai"] == 1
    assert found["stratix_tokens_total,input,gpt-4o-mini,openai"] == 10 * (PROMPTS - 1)
    assert evaluation.cost is not None
    assert found["stratix_cost_usd_total,gpt-4o-mini,openai"] == pytest.approx(evaluation.cost)
    assert found["stratix_model_call_seconds_count,openai"] == PROMPTS + 1
    assert found["stratix_evaluations,success"] == 1
    assert found["stratix_workers"] == 1
    assert found["stratix_calls_in_flight,openai"] == 0


def log_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def test_each_line_of_work_says_whose_it_is(platform: Platform, evaluation: Evaluation) -> None:
    lines = log_lines(platform.folder / "up.log")
    about = [line for line in lines if line.get("evaluation") == evaluation.id]
    assert about
    begun = next(line for line in about if line["message"] == f"prompts 0 to {PROMPTS} begin")
    assert begun["slice"] == f"0-{PROMPTS}"
    assert begun["worker"]
    assert begun["level"] == "info"
    assert {line.get("worker") for line in about} == {begun["worker"]}


def test_secrets_are_not_in_the_log(platform: Platform, evaluation: Evaluation) -> None:
    assert evaluation.is_finished
    text = platform.log()
    assert SECRET not in text
    assert platform.environment["STRATIX_API_KEY"] not in text


def test_an_evaluation_is_a_trace(
    evaluation: Evaluation, collector: Collector, provider: ScriptedProvider
) -> None:
    deadline = time.monotonic() + 20
    while not collector.named("evaluation") and time.monotonic() < deadline:
        time.sleep(0.1)
    (root,) = collector.named("evaluation")
    (piece,) = collector.named("slice")
    calls = collector.named("chat gpt-4o-mini")
    assert collector.paths == {"/v1/traces"}
    assert len(collector.spans) == len(calls) + 2
    assert len(calls) == PROMPTS + 1

    assert not root.parent_span_id
    assert piece.parent_span_id == root.span_id
    assert {call.parent_span_id for call in calls} == {piece.span_id}
    assert {span.trace_id for span in collector.spans} == {root.trace_id}
    assert len({span.span_id for span in collector.spans}) == len(collector.spans)
    assert root.start_time_unix_nano <= piece.start_time_unix_nano
    assert values(root.attributes) == {
        "stratix.evaluation.id": evaluation.id,
        "stratix.evaluation.status": "success",
        "stratix.evaluation.results": PROMPTS,
        "stratix.evaluation.accuracy": evaluation.accuracy,
        "stratix.model.key": "gpt-4o-mini",
        "stratix.benchmark.key": evaluation.benchmark_key,
    }
    assert collector.resource["service.name"] == "stratix-worker"
    assert collector.resource["service.instance.id"]

    by_error = {values(call.attributes).get("error.type"): call for call in calls}
    assert by_error.keys() == {None, "429", "400"}
    found = values(by_error[None].attributes)
    assert {name: value for name, value in found.items() if not name.startswith("gen_ai.request.")} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 2,
        "server.address": "127.0.0.1",
        "server.port": provider.port,
    }
    assert found["gen_ai.request.model"] == "gpt-4o-mini"
    assert by_error["429"].status.code == 2
    assert by_error["429"].status.message == ""


def test_traces_hold_neither_content_nor_secrets(evaluation: Evaluation, collector: Collector) -> None:
    assert evaluation.is_finished
    sent = b"".join(collector.bodies)
    for hidden in (b"prompt 1", SECRET.encode(), b"slow down"):
        assert hidden not in sent


def test_a_browser_follows_with_its_cookie(platform: Platform, evaluation: Evaluation) -> None:
    path = f"/api/v1/evaluations/{evaluation.id}/events"
    with httpx.Client(base_url=platform.address, trust_env=False, follow_redirects=True) as browser:
        assert browser.get(path).status_code == 401
        assert browser.get("/", headers={"accept": "text/html"}).status_code == 200
        told = browser.get(path)
    assert told.headers["content-type"].startswith("text/event-stream")
    assert "event: end\n" in told.text
