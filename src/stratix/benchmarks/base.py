"""What a benchmark is made of: prompts, and the settings that turn them into requests and scores.

The settings are defined in the catalogue, whose entries state them, and are handed on from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stratix.catalogue import Generation, ScorerSpec, Task

__all__ = ["Generation", "Prompt", "PromptInput", "ScorerSpec", "Task"]

PromptInput = str | list[dict[str, Any]] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One row of a benchmark.

    Attributes:
        id: unique within the benchmark, stable from version to version.
        input: the question as text, a chat message list, or a JSON object.
        truth: the gold answer.
        subset: the part of the benchmark it belongs to; "" where there are none.
        aliases: other accepted answers.
        choices: the texts of the options for multiple choice.
        metadata: whatever the scorer or a reader needs besides.
    """

    id: str
    input: PromptInput
    truth: str
    subset: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
