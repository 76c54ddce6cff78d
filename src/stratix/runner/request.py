"""Build the request body for a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stratix.benchmarks.base import Generation, Prompt, Task
from stratix.benchmarks.template import render, request_fields


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What the runner must know of a model to ask it.

    Attributes:
        name: what the endpoint calls it.
        max_tokens: the most tokens it generates; None where it states no limit.
        token_parameter: the field of the request that carries the token limit.
        fixed_temperature: True if the endpoint refuses any temperature but its own.
        extra_payload: merged into every request, and wins.
    """

    name: str
    max_tokens: int | None = None
    token_parameter: str = "max_tokens"  # noqa: S105  # the name of a field, not a secret
    fixed_temperature: bool = False
    extra_payload: Mapping[str, Any] | None = None


def build(model: ModelSettings, task: Task, prompt: Prompt) -> dict[str, Any]:
    """Return the chat completions request for a prompt; see `compose`."""
    return compose(model, render(task, prompt), task.generation, request_fields(prompt))


def compose(
    model: ModelSettings,
    messages: Sequence[Mapping[str, Any]],
    generation: Generation,
    fields: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a chat completions request.

    Later settings win: our defaults, the benchmark's, the prompt's own, the model's extra payload.

    Args:
        model: what is asked.
        messages: the chat messages.
        generation: how it is asked to generate.
        fields: what the prompt sets itself.
    """
    body: dict[str, Any] = {
        "model": model.name,
        "messages": list(messages),
        model.token_parameter: generation.limit(model.token_parameter, model.max_tokens),
    }
    if not model.fixed_temperature:
        body["temperature"] = generation.temperature
    if generation.stop:
        body["stop"] = list(generation.stop)
    return merge(merge(body, fields or {}), model.extra_payload or {})


def merge(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `extra` merged in; where both have an object, these are merged in turn."""
    merged = dict(base)
    for name, value in extra.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = merge(merged[name], value) if both else value
    return merged
