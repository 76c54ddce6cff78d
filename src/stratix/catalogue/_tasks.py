"""How a benchmark is put to a model and scored: the settings its catalogue entry states."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ScorerSpec(BaseModel):
    """A scorer by name with its options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class Generation(BaseModel):
    """How the model is asked to generate; everything else is the endpoint's default.

    `max_tokens` must be enough for the answer, or answers end as `truncated`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_tokens: int = Field(1024, ge=1)
    temperature: float = Field(0.0, ge=0.0, le=2.0)
    stop: tuple[str, ...] = ()


class Task(BaseModel):
    """The settings that turn a benchmark's prompts into requests and their answers into scores.

    Pinned with every installed version of a benchmark, so that an old evaluation can always say
    how its number came about.

    Attributes:
        template: text with `{input}` (and `{choices}`, `{subset}` or any metadata name) that becomes
            the user message; message lists and JSON inputs are sent as they are.
        system: the system message; "" for none.
        scorer: how answers are scored.
        subset_scorers: scorers of the subsets that need another one.
        generation: generation settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str = "{input}"
    system: str = ""
    scorer: ScorerSpec = ScorerSpec(name="exact")
    subset_scorers: dict[str, ScorerSpec] = Field(default_factory=dict)
    generation: Generation = Generation()

    def scorer_of(self, subset: str) -> ScorerSpec:
        """Return the scorer of a subset."""
        return self.subset_scorers.get(subset, self.scorer)
