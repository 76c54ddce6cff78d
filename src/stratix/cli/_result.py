"""One result in full, for people to read."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from layerlens.models import ResultDetail
from stratix.cli._output import make_card, plain_lines
from stratix.cli._report import outcome_text
from stratix.cli._spending import dollars


def result_card(result: ResultDetail) -> RenderableType:
    """Return all that is kept of a result; whatever it holds does nothing to a terminal."""
    measured = [
        (name, "no value" if value is None else f"{value:.3f}") for name, value in result.metrics.items()
    ]
    tokens = {"in": result.tokens_input, "out": result.tokens_output, "reasoning": result.tokens_reasoning}
    judge = {"in": result.judge_tokens_input, "out": result.judge_tokens_output}
    card = make_card(
        [
            ("result", result.result_id),
            ("outcome", outcome_text(result.outcome)),
            ("score", f"{result.score:g}"),
            ("grade", result.grade),
            ("prompt id", result.prompt_id),
            ("subset", result.subset),
            ("epoch", result.epoch),
            ("truth", result.truth),
            ("extracted", result.extracted),
            ("explanation", result.explanation),
            ("error", result.error),
            ("finish reason", result.finish_reason),
            ("tokens", _counts(tokens)),
            ("judge's tokens", _counts(judge)),
            ("cost", "" if result.cost is None else dollars(result.cost)),
            ("from the cache", "yes" if result.cached else ""),
            ("attempts", result.attempts),
            ("latency", f"{result.duration.total_seconds():.3f} s"),
            ("request id", result.provider_request_id),
            *measured,
        ]
    )
    texts = [
        ("prompt", result.prompt),
        ("answer", result.result),
        ("request, as it was sent", result.request),
        ("response, as it came", result.response),
        *[("the judge", reply) for reply in result.judge_replies or ()],
    ]
    parts: list[RenderableType] = [card]
    for heading, text in texts:
        parts += [Text(f"\n{heading}", "bold"), Text(plain_lines(text) if text else "(none)")]
    return Group(*parts)


def _counts(tokens: Mapping[str, int | None]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in tokens.items() if count is not None)
