"""From rows to the JSON that clients read; `layerlens.models` defines its shape."""

from __future__ import annotations

import re
import time
from typing import Any

import orjson

from stratix.storage.database import Record
from stratix.storage.spending import Spent

Json = dict[str, Any]

_VERDICT = ("outcome", "score", "extracted", "explanation")


def prompt(row: Record) -> Json:
    """Return one prompt of a benchmark."""
    return {"id": row.prompt_id, "input": row.input, "truth": row.truth, "subset": row.subset}


def evaluation(row: Record, note: str = "") -> Json:
    """Return an evaluation, with its figures once it has ended and its progress always; see `standing`."""
    # A summary of an earlier end, before prompts were asked again, is none of this one.
    is_fresh = row.summary_generation == row.generation
    return {
        **standing(row, note),
        "summary": row.summary if is_fresh else None,
        "summary_error": row.summary_error if is_fresh else None,
        "settings": row.settings,
        "shots": _shots(row),
        "subsets": (row.aggregates or {}).get("subsets", []),
    }


def standing(row: Record, note: str = "") -> Json:
    """Return an evaluation without what is large: its settings, summary and subsets.

    Args:
        row: the evaluation.
        note: what to say of its status where the row itself says nothing.
    """
    figures = row.aggregates or _so_far(row)
    measured = figures.get("measured", {})
    return {
        "id": row.id,
        "status": row.status,
        "status_description": row.status_description or note,
        "submitted_at": int(row.submitted_at),
        "started_at": row.started_at,
        "finished_at": int(row.finished_at or 0),
        "model_id": row.model_id,
        "model_name": row.model_name,
        "model_key": row.model_key,
        "model_company": row.model_company,
        "judge_model_id": row.judge_model_id,
        "judge_model_key": row.judge_model_key,
        "dataset_id": row.benchmark_id,
        "dataset_name": row.benchmark_name,
        "benchmark_key": row.benchmark_key,
        "average_duration": row.average_duration,
        "accuracy": row.accuracy,
        "readability_score": _mean(measured, "readability"),
        "toxicity_score": _mean(measured, "toxicity"),
        "ethics_score": _mean(measured, "ethics"),
        "measured": measured,
        "failed_prompt_count": row.outcomes.get("failed", 0),
        "epochs": row.epochs,
        "epochs_reducer": row.epochs_reducer,
        "standard_error": figures.get("standard_error"),
        "deadline_seconds": row.deadline_seconds,
        "retries": row.retries,
        "shown_scoring_id": row.shown_scoring_id,
        "queue_id": 0,
        "progress": _progress(row),
        "prompt_count": (row.total or 0) // row.epochs,
        "outcomes": row.outcomes,
        "accuracy_interval": figures.get("accuracy_interval"),
        "accuracy_valid": figures.get("accuracy_valid"),
        "accuracy_low": figures.get("accuracy_low"),
        "accuracy_high": figures.get("accuracy_high"),
        "tokens": figures.get("tokens"),
        "cost": figures.get("cost"),
        "judge_cost": figures.get("judge_cost"),
        "judged": figures.get("judged"),
        "priority": row.priority,
        "budget_usd": row.budget_usd,
        "budget_tokens": row.budget_tokens,
        "cache": row.cache,
    }


def _so_far(row: Record) -> Json:
    """Return what an evaluation has taken so far; empty where nothing is counted."""
    if row.spent is None:
        return {}
    spent = Spent.load(row.spent)
    return {"tokens": spent.tokens, "cost": spent.cost, "judge_cost": spent.judge_cost}


def _shots(row: Record) -> int | None:
    """Return the worked examples before each question; None where that is not known yet."""
    pinned = (row.settings or {}).get("task", {})
    shots: int | None = pinned.get("shots", row.shots)
    return shots


def _mean(measured: Json, name: str) -> float:
    """Return the mean of a metric; 0.0, as the wire wants it, where it was not measured."""
    mean: float | None = measured.get(name, {}).get("mean")
    return mean or 0.0


def _progress(row: Record) -> Json:
    total = row.total or 0
    seconds = 0.0
    if row.started_at:
        until = row.finished_at or row.paused_at or time.time()
        seconds = until - row.started_at - row.idle_seconds
    speed = row.done / seconds if seconds > 0 else 0.0
    known = speed > 0 and row.finished_at is None and row.paused_at is None
    return {
        "total": total,
        "done": row.done,
        "per_second": round(speed, 3),
        "eta_seconds": round((total - row.done) / speed, 1) if known else None,
    }


def result_id(evaluation_id: str, epoch: int, position: int) -> str:
    """Return the id of a result: the evaluation's, then epoch and position, both from 0."""
    return f"{evaluation_id}:{epoch}:{position}"


def place_of(result_id: str) -> tuple[str, int, int] | None:
    """Return evaluation, epoch and position of a result's id; None for what is no such id."""
    found = re.fullmatch(r"([^:]+):([0-9]{1,9}):([0-9]{1,9})", result_id)
    return (found[1], int(found[2]), int(found[3])) if found else None


def result_detail(row: Record) -> Json:
    """Return one result with all that is kept of it."""
    return {
        **result(row),
        "evaluation_id": row.evaluation_id,
        "request": row.request,
        "response": row.response,
        "judge_replies": row.judge_replies,
    }


def result(row: Record) -> Json:
    """Return one result with its prompt."""
    return {
        "result_id": result_id(row.evaluation_id, row.epoch, row.position),
        "prompt_id": row.prompt_id,
        "epoch": row.epoch + 1,
        "subset": row.subset,
        "prompt": text(row.input),
        "result": row.answer,
        "truth": row.truth,
        "duration": duration(row.duration_ms),
        "score": row.score,
        "metrics": row.metrics,
        "outcome": row.outcome,
        "extracted": row.extracted,
        "explanation": row.explanation,
        "error": row.error,
        "finish_reason": row.finish_reason,
        "tokens_input": row.tokens_input,
        "tokens_output": row.tokens_output,
        "tokens_reasoning": row.tokens_reasoning,
        "attempts": row.attempts,
        "provider_request_id": row.provider_request_id,
        "grade": row.grade,
        "cost": row.cost,
        "judge_cost": row.judge_cost,
        "judge_tokens_input": row.judge_tokens_input,
        "judge_tokens_output": row.judge_tokens_output,
        "cached": row.cached,
    }


def other_answer(row: Record) -> Json:
    """Return what another evaluation made of a prompt; its answer is cut where it is very long."""
    return {
        "result_id": result_id(row.id, row.epoch, row.position),
        "evaluation_id": row.id,
        "model_id": row.model_id,
        "model_key": row.model_key,
        "model_name": row.model_name,
        "submitted_at": int(row.submitted_at),
        "epoch": row.epoch + 1,
        "outcome": row.outcome,
        "score": row.score,
        "result": row.answer[:20_000],
        "extracted": row.extracted,
        "duration": duration(row.duration_ms),
        "tokens_output": row.tokens_output,
    }


def duration(milliseconds: float) -> str:
    """Return a span of time as ISO 8601 writes it."""
    return f"PT{milliseconds / 1000:.6f}S"


def scoring(row: Record) -> Json:
    """Return a scoring, with its figures once it has ended in success and its progress always."""
    figures = row.aggregates or {}
    versions = row.versions or {}

    def pinned(scorer: Json) -> Json:
        return {**scorer, "version": versions.get(scorer["name"])}

    return {
        "id": row.id,
        "evaluation_id": row.evaluation_id,
        "status": row.status,
        "status_description": row.status_description,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "scorer": pinned(row.scorer),
        "subset_scorers": {subset: pinned(scorer) for subset, scorer in row.subset_scorers.items()},
        "judge_model_id": row.judge_model_id,
        "judge_model_key": row.judge_model_key,
        "judge_tokens_input": row.judge_tokens_input,
        "judge_tokens_output": row.judge_tokens_output,
        "judge_cost": row.judge_cost,
        "progress": {"total": row.total, "done": row.done},
        "changed": row.changed,
        "transitions": row.transitions,
        "accuracy": row.accuracy,
        "outcomes": row.outcomes or {},
        **{
            name: figures.get(name)
            for name in ("accuracy_interval", "accuracy_valid", "accuracy_low", "accuracy_high")
        },
        "subsets": figures.get("subsets", []),
    }


def changed_result(row: Record) -> Json:
    """Return a result whose verdict a scoring changes, with both verdicts."""
    return {
        "result_id": result_id(row.evaluation_id, row.epoch, row.position),
        "epoch": row.epoch + 1,
        "subset": row.subset,
        "prompt": text(row.input),
        "truth": row.truth,
        "result": row.answer,
        "old": {name: row._mapping[name] for name in _VERDICT},
        "new": {name: row._mapping[f"new_{name}"] for name in _VERDICT},
    }


def compared_result(prompt: Record, first: Record, second: Record, ids: tuple[str, str]) -> Json:
    """Return two results of the same prompt; `ids` are those of their evaluations."""
    return {
        "result_id_1": result_id(ids[0], first.epoch, first.position),
        "result_id_2": result_id(ids[1], second.epoch, second.position),
        "prompt": text(prompt.input),
        "truth": prompt.truth,
        "result1": first.answer,
        "score1": first.score,
        "result2": second.answer,
        "score2": second.score,
    }


def disagreement(prompt: Record, first: Record, second: Record, ids: tuple[str, str]) -> Json:
    """Return two results of the same prompt with all that explains why they differ."""
    return {
        **compared_result(prompt, first, second, ids),
        "prompt_id": prompt.prompt_id,
        "subset": prompt.subset,
        "epoch": first.epoch + 1,
        "verdict1": {name: first._mapping[name] for name in _VERDICT},
        "verdict2": {name: second._mapping[name] for name in _VERDICT},
    }


def text(prompt_input: Any) -> str:
    """Return a prompt's input as text: message lists and objects as their JSON."""
    return prompt_input if isinstance(prompt_input, str) else orjson.dumps(prompt_input).decode()
