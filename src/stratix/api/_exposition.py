"""The platform's metrics as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from stratix.storage import counters
from stratix.storage.counters import Series
from stratix.storage.database import Database

CONTENT_TYPE = CONTENT_TYPE_LATEST

_STATUSES = ("pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled")

# The name of a counter in storage, its name for Prometheus, what it counts, and its labels.
_COUNTERS = (
    ("calls", "stratix_model_calls", "Requests to models by how they ended.", "provider outcome"),
    ("retries", "stratix_model_retries", "Requests after the first of a prompt.", "provider"),
    ("results", "stratix_results", "Results by their outcome.", "provider model outcome"),
    ("cached", "stratix_cached_results", "Results of the response cache.", "provider model"),
    ("tokens", "stratix_tokens", "Tokens used, those of judges included.", "provider model kind"),
    ("cost", "stratix_cost_usd", "US dollars spent by list prices.", "provider model"),
    ("slices", "stratix_slices", "Slices of evaluations that were worked off.", ""),
)

_GAUGES = (
    ("in_flight", "stratix_calls_in_flight", "Requests that models are answering."),
    ("waiting", "stratix_prompts_waiting", "Prompts at hand that wait for their turn at a model."),
    ("places", "stratix_limiter_places", "Requests that may be in flight at once, as found out."),
)


async def exposition(database: Database) -> bytes:
    """Return all metrics in the text format."""
    async with database.read() as connection:
        counted = await counters.counted(connection)
        workers, gauges = await counters.gauges(connection, database)
        evaluations = await counters.evaluations_by_status(connection)
        to_do = await counters.prompts_to_do(connection)
    simple = (
        _gauge("stratix_workers", "Workers that are alive.", {(): float(workers)}),
        _gauge("stratix_queue_prompts", "Answers that evaluations under way still lack.", {(): float(to_do)}),
        _gauge(
            "stratix_evaluations",
            "Evaluations by their status; those that wait are pending.",
            {(status,): float(evaluations.get(status, 0)) for status in _STATUSES},
            "status",
        ),
        *(_gauge(name, text, _of(gauges, key), "provider") for key, name, text in _GAUGES),
        *(_counter(name, text, _of(counted, key), labels) for key, name, text, labels in _COUNTERS),
        _latencies(_of(counted, "seconds"), _of(counted, "seconds_sum")),
    )
    registry = CollectorRegistry()
    registry.register(_Given(simple))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _of(values: Mapping[Series, float], name: str) -> dict[Series, float]:
    return {series[1:]: value for series, value in sorted(values.items()) if series[0] == name}


def _gauge(name: str, text: str, values: Mapping[Series, float], labels: str = "") -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels.split())
    for series, value in values.items():
        family.add_metric(series, value)
    return family


def _counter(name: str, text: str, values: Mapping[Series, float], labels: str) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels.split())
    for series, value in values.items() or ({(): 0.0}.items() if not labels else ()):
        family.add_metric(series, value)
    return family


def _latencies(counts: Mapping[Series, float], sums: Mapping[Series, float]) -> Metric:
    family = HistogramMetricFamily(
        "stratix_model_call_seconds", "How long models took for requests.", labels=["provider"]
    )
    for (provider,), total in sums.items():
        below, buckets = 0.0, []
        for bound in (*counters.LATENCY_BOUNDS, "+Inf"):
            below += counts.get((provider, bound), 0.0)
            buckets.append((bound, below))
        family.add_metric([provider], buckets, total)
    return family
